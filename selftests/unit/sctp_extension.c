// SPDX-License-Identifier: GPL-2.0
/*
 * What SCTP's extensions have on the wire, read and written: chunks that are signed (AUTH) and
 * addresses that come and go (ASCONF).
 */
#include "sctp_page.h"

/* AUTH, RFC 4895 */

TEST_F(sctp_wire, every_length_of_an_auth_chunk)
{
	u8 bytes[64] = { XSCTP_AUTH, 0, 0, 0, 0x12, 0x34, 0, XSCTP_HMAC_SHA256 };
	struct xsctp_auth_chunk auth;

	for (u32 len = 4; len <= sizeof(bytes); len++) {
		struct xsctp_tlv chunk = one_chunk(self, bytes, len);
		bool good = len >= 8 && len <= 8 + XSCTP_MAX_MAC;

		ASSERT_EQ(good ? 0 : -EINVAL, xsctp_parse_auth(&chunk, &auth)) TH_LOG("%u", len);
		if (!good)
			continue;
		ASSERT_EQ(0x1234, auth.key);
		ASSERT_EQ(XSCTP_HMAC_SHA256, auth.hmac);
		ASSERT_EQ(len - 8, auth.mac_len);
		ASSERT_EQ(chunk.bytes + 8, auth.mac);
	}
}

TEST_F(sctp_wire, an_auth_chunk_written_is_read)
{
	static const u16 lengths[] = { 20, 32 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		u32 len = XSCTP_AUTH_LEN + lengths[i];
		u8 *bytes = self->end - len;
		struct xsctp_walk walk = { .bytes = bytes, .left = len };
		struct xsctp_auth_chunk auth;
		struct xsctp_tlv chunk;

		memset(bytes - 1, UNTOUCHED, len + 1);
		ASSERT_EQ(self->end, xsctp_put_auth(bytes, 7, XSCTP_HMAC_SHA1, lengths[i]));
		ASSERT_EQ(1, xsctp_next_chunk(&walk, &chunk));
		ASSERT_EQ(XSCTP_AUTH, chunk.type);
		ASSERT_EQ(0, xsctp_parse_auth(&chunk, &auth));
		ASSERT_EQ(7, auth.key);
		ASSERT_EQ(XSCTP_HMAC_SHA1, auth.hmac);
		for (u16 n = 0; n < auth.mac_len; n++)
			ASSERT_EQ(0, auth.mac[n]);
		ASSERT_EQ(UNTOUCHED, bytes[-1]);
	}
}

/* An INIT with RANDOM, CHUNKS and HMAC-ALGO of such lengths; of 0 there is none. */
static int vector_of(const FIXTURE_DATA(sctp_wire) *self, u16 random, u16 chunks, u16 hmacs,
		     struct xsctp_vector *vector)
{
	static u8 params[1024], value[600];
	struct xsctp_init init;
	u8 *at = params;

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = i & 1;		/* of HMACs: all are SHA-1 */
	if (random)
		at = xsctp_put_tlv(at, XSCTP_PARAM_RANDOM, value, random);
	if (hmacs)
		at = xsctp_put_tlv(at, XSCTP_PARAM_HMACS, value, hmacs);
	if (chunks)
		at = xsctp_put_tlv(at, XSCTP_PARAM_CHUNKS, value, chunks);
	if (read_init(self, params, at - params, &init))
		return 1;
	memset(vector, UNTOUCHED, sizeof(*vector));
	return xsctp_vector_of(&init, vector);
}

TEST_F(sctp_wire, every_length_of_what_makes_a_key_vector)
{
	struct xsctp_vector vector;

	for (u16 len = 1; len < 80; len++)
		ASSERT_EQ(len == 32 ? 0 : -EINVAL, vector_of(self, len, 0, 2, &vector));
	ASSERT_EQ(0, vector_of(self, 0, 1, 2, &vector));
	EXPECT_EQ(0, vector.len);
	ASSERT_EQ(0, vector_of(self, 32, 1, 0, &vector));
	EXPECT_EQ(0, vector.len);
	for (u16 chunks = 0; chunks < 300; chunks++) {
		for (u16 hmacs = 2; hmacs < 40; hmacs += 2) {
			u16 len = 36 + (chunks ? 4 + chunks : 0) + 4 + hmacs;

			ASSERT_EQ(0, vector_of(self, 32, chunks, hmacs, &vector));
			ASSERT_EQ(chunks <= 256 && hmacs <= 16 ? len : 0, vector.len);
			ASSERT_LE(vector.len, sizeof(vector.bytes));
		}
	}
}

/* In the order of RFC 4895 section 6.1, whatever that of the INIT; without padding. */
TEST_F(sctp_wire, a_key_vector_and_its_parts)
{
	struct xsctp_vector vector;
	struct xsctp_tlv part;

	ASSERT_EQ(0, vector_of(self, 32, 3, 2, &vector));
	ASSERT_EQ(36 + 7 + 6, vector.len);
	EXPECT_EQ(XSCTP_PARAM_RANDOM, xsctp_get_u16(vector.bytes));
	EXPECT_EQ(XSCTP_PARAM_CHUNKS, xsctp_get_u16(vector.bytes + 36));
	EXPECT_EQ(XSCTP_PARAM_HMACS, xsctp_get_u16(vector.bytes + 36 + 7));
	ASSERT_EQ(0, xsctp_vector_part(&vector, XSCTP_PARAM_CHUNKS, &part));
	EXPECT_EQ(7, part.length);
	ASSERT_EQ(0, xsctp_vector_part(&vector, XSCTP_PARAM_HMACS, &part));
	EXPECT_EQ(6, part.length);
	EXPECT_EQ(-EINVAL, xsctp_vector_part(&vector, XSCTP_PARAM_COOKIE, &part));
	vector.len = 36 + 6;
	EXPECT_EQ(-EINVAL, xsctp_vector_part(&vector, XSCTP_PARAM_CHUNKS, &part));
}

TEST_F(sctp_wire, a_list_of_hmacs_without_sha1)
{
	u8 params[64], hmacs[] = { 0, XSCTP_HMAC_SHA256 }, random[32] = { 0 };
	struct xsctp_vector vector;
	struct xsctp_init init;
	u8 *at;

	at = xsctp_put_tlv(params, XSCTP_PARAM_RANDOM, random, sizeof(random));
	at = xsctp_put_tlv(at, XSCTP_PARAM_HMACS, hmacs, sizeof(hmacs));
	ASSERT_EQ(0, read_init(self, params, at - params, &init));
	ASSERT_EQ(0, xsctp_vector_of(&init, &vector));
	EXPECT_EQ(0, vector.len);
}

TEST_F(sctp_wire, a_key_vector_written_is_read)
{
	struct xsctp_vector vector = { 0 }, again;
	static const u8 random[32] = { 1, 2, 3 }, chunks[] = { 0xc1, 0x80, 0 }, hmacs[] = { 0, 3, 0, 1 };
	u8 params[128], padding = UNTOUCHED, *end;
	struct xsctp_init init;

	xsctp_vector_add(&vector, XSCTP_PARAM_RANDOM, random, sizeof(random));
	xsctp_vector_add(&vector, XSCTP_PARAM_CHUNKS, chunks, sizeof(chunks));
	xsctp_vector_add(&vector, XSCTP_PARAM_HMACS, hmacs, sizeof(hmacs));
	end = xsctp_put_vector(params, &vector, &padding);
	EXPECT_EQ(params + 36 + 8 + 8, end);
	EXPECT_EQ(0, padding);
	ASSERT_EQ(0, read_init(self, params, end - params, &init));
	ASSERT_EQ(0, xsctp_vector_of(&init, &again));
	ASSERT_EQ(vector.len, again.len);
	EXPECT_EQ(0, memcmp(vector.bytes, again.bytes, vector.len));
}

/* ASCONF, RFC 5061 */

static const u8 asconf[] = {
	XSCTP_ASCONF, 0, 0, 48, 0xfe, 0xdc, 0xba, 0x98,
	0, 5, 0, 8, 10, 0, 0, 1,
	0xc0, 1, 0, 16, 0, 0, 0, 1, 0, 5, 0, 8, 10, 0, 0, 2,
	0xc0, 2, 0, 16, 0, 0, 0, 2, 0, 5, 0, 8, 10, 0, 0, 3,
};

TEST_F(sctp_wire, an_asconf_and_its_requests)
{
	struct xsctp_tlv chunk = one_chunk(self, asconf, sizeof(asconf));
	struct xl4_addr first = xl4_addr_v4(htonl(0x0a000001)), added = xl4_addr_v4(htonl(0x0a000002));
	struct xsctp_asconf_head head;
	struct xsctp_request request;

	ASSERT_EQ(0, xsctp_parse_asconf(&chunk, &head));
	EXPECT_EQ(0xfedcba98, head.serial);
	EXPECT_TRUE(xl4_addr_equal(&first, &head.addr));
	ASSERT_EQ(1, xsctp_next_request(&head.requests, &request));
	EXPECT_EQ(XSCTP_PARAM_ADD_ADDRESS, request.param.type);
	EXPECT_EQ(1, request.id);
	EXPECT_TRUE(request.has_addr && xl4_addr_equal(&added, &request.addr));
	ASSERT_EQ(1, xsctp_next_request(&head.requests, &request));
	EXPECT_EQ(XSCTP_PARAM_DEL_ADDRESS, request.param.type);
	EXPECT_EQ(0, xsctp_next_request(&head.requests, &request));
}

/* Cut off anywhere it is read as far as it goes, and no further. */
TEST_F(sctp_wire, every_length_of_an_asconf)
{
	for (u32 len = 4; len < sizeof(asconf); len++) {
		struct xsctp_tlv chunk = one_chunk(self, asconf, len);
		struct xsctp_asconf_head head;
		struct xsctp_request request;
		int got;

		ASSERT_EQ(len < 16 ? -EINVAL : 0, xsctp_parse_asconf(&chunk, &head));
		if (len < 16)
			continue;
		got = xsctp_next_request(&head.requests, &request);
		ASSERT_EQ(len == 16 ? 0 : len < 32 ? -EINVAL : 1, got) TH_LOG("length %u", len);
		if (got == 1)
			ASSERT_EQ(len == 32 ? 0 : -EINVAL,
				  xsctp_next_request(&head.requests, &request));
	}
}

TEST_F(sctp_wire, requests_with_addresses_that_are_none)
{
	static const u8 bad[][24] = {
		{ 0xc0, 1, 0, 8, 0, 0, 0, 1 },					/* no address */
		{ 0xc0, 4, 0, 12, 0, 0, 0, 1, 0, 5, 0, 4 },
		{ 0xc0, 2, 0, 16, 0, 0, 0, 1, 0, 5, 0, 12, 10, 0, 0, 1 },
		{ 0xc0, 1, 0, 16, 0, 0, 0, 1, 0, 6, 0, 8, 10, 0, 0, 1 },
		{ 0xc0, 1, 0, 16, 0, 0, 0, 1, 0, 11, 0, 8, 'h', 'o', 's', 0 },	/* a name */
	};
	static const u8 mapped[] = { 0xc0, 1, 0, 28, 0, 0, 0, 1, 0, 6, 0, 20, 0, 0, 0, 0, 0, 0,
				     0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1 };
	struct xsctp_request request;
	struct xsctp_walk walk;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		walk = at_the_end(self, bad[i], bad[i][3]);
		ASSERT_EQ(-EINVAL, xsctp_next_request(&walk, &request)) TH_LOG("row %zu", i);
	}
	walk = at_the_end(self, mapped, sizeof(mapped));
	EXPECT_EQ(-EINVAL, xsctp_next_request(&walk, &request));
}

/* What is unknown, and answers, have no address that one would look for. */
TEST_F(sctp_wire, requests_of_other_types)
{
	static const u16 types[] = { XSCTP_PARAM_SUCCESS, XSCTP_PARAM_ERROR_CAUSE, 0x1234, 0xc0ff };
	struct xsctp_request request;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (u32 len = 4; len < 24; len++) {
			u8 bytes[24] = { types[i] >> 8, types[i], 0, len, 0, 0, 0, 9 };
			struct xsctp_walk walk = at_the_end(self, bytes, len);

			ASSERT_EQ(len < 8 ? -EINVAL : 1, xsctp_next_request(&walk, &request));
			if (len >= 8)
				ASSERT_TRUE(!request.has_addr && request.id == 9);
		}
	}
}

TEST_F(sctp_wire, requests_and_refusals_written_are_read)
{
	struct in6_addr v6 = { .s6_addr = { 0x20, 1, [15] = 9 } };
	struct xl4_addr addr = xl4_addr_v6(&v6);
	struct xsctp_request request, refusal;
	struct xsctp_walk walk, causes;
	struct xsctp_tlv cause;
	u8 bytes[28], answer[48], *end;

	ASSERT_EQ(bytes + 28, xsctp_put_request(bytes, XSCTP_PARAM_ADD_ADDRESS, 5, &addr));
	walk = at_the_end(self, bytes, sizeof(bytes));
	ASSERT_EQ(1, xsctp_next_request(&walk, &request));
	EXPECT_TRUE(xl4_addr_equal(&addr, &request.addr));
	end = xsctp_put_refusal(answer, 5, XSCTP_CAUSE_SHORTAGE, &request.param);
	ASSERT_EQ(answer + 40, end);
	walk = (struct xsctp_walk) { .bytes = answer, .left = end - answer };
	ASSERT_EQ(1, xsctp_next_request(&walk, &refusal));
	EXPECT_EQ(XSCTP_PARAM_ERROR_CAUSE, refusal.param.type);
	EXPECT_EQ(5, refusal.id);
	xsctp_walk_params(&refusal.param, XSCTP_REQUEST_LEN, &causes);
	ASSERT_EQ(1, xsctp_next_param(&causes, &cause));
	EXPECT_EQ(XSCTP_CAUSE_SHORTAGE, cause.type);
	EXPECT_EQ(0, memcmp(cause.bytes + 4, bytes, 28));
	end = xsctp_put_request(bytes, XSCTP_PARAM_SUCCESS, 6, NULL);
	EXPECT_EQ(bytes + 8, end);
	EXPECT_EQ(8, xsctp_get_u16(bytes + 2));
}

TEST_HARNESS_MAIN
