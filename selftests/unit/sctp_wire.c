// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP's packets, read and written: as they were on wires, each chunk and parameter with every
 * length, unknown ones with every type, and back again what was written.
 */
#include "sctp_page.h"

/* Packets between the kernel's SCTP and itself, and what they say. */

static const u8 sack_packet[] = {
	0x11, 0x5c, 0xc6, 0x68, 0x88, 0xe5, 0xe3, 0x76, 0x88, 0x34, 0x32, 0xdf,
	0x03, 0x00, 0x00, 0x10, 0x8a, 0x70, 0x48, 0x4a, 0x00, 0x01, 0x9f, 0xfa, 0, 0, 0, 0,
};

static const u8 cookie_ack_packet[] = {
	0x11, 0x5c, 0xdb, 0xa7, 0x08, 0xfe, 0x21, 0x32, 0x9d, 0x23, 0xaa, 0x7b,
	0x0b, 0x00, 0x00, 0x04,
};

static const u8 init_packet[] = {
	0xdb, 0xa7, 0x11, 0x5c, 0x00, 0x00, 0x00, 0x00, 0x1d, 0x06, 0x22, 0x0d,
	0x01, 0x00, 0x00, 0x34, 0x08, 0xfe, 0x21, 0x32, 0x00, 0x01, 0xa0, 0x00,
	0x00, 0x0a, 0xff, 0xff, 0xd3, 0x30, 0xd3, 0xad,
	0x00, 0x05, 0x00, 0x08, 0x7f, 0x00, 0x00, 0x01,
	0x00, 0x05, 0x00, 0x08, 0xc0, 0xa8, 0x0a, 0x04,
	0x00, 0x0c, 0x00, 0x06, 0x00, 0x05, 0x00, 0x00,
	0x80, 0x00, 0x00, 0x04, 0xc0, 0x00, 0x00, 0x04,
};

TEST_F(sctp_wire, a_sack_from_a_wire)
{
	struct xsctp_walk walk = at_the_end(self, sack_packet, sizeof(sack_packet));
	struct xsctp_header h;
	struct xsctp_tlv chunk;
	struct xsctp_sack sack;

	ASSERT_EQ(0, xsctp_parse_header(walk.bytes, walk.left, &h));
	EXPECT_EQ(4444, ntohs(h.source));
	EXPECT_EQ(50792, ntohs(h.dest));
	EXPECT_EQ(0x88e5e376, h.tag);
	walk.bytes += XSCTP_HEADER_LEN;
	walk.left -= XSCTP_HEADER_LEN;
	ASSERT_EQ(1, xsctp_next_chunk(&walk, &chunk));
	EXPECT_EQ(XSCTP_SACK, chunk.type);
	ASSERT_EQ(0, xsctp_parse_sack(&chunk, &sack));
	EXPECT_EQ(2322614346, sack.cum_tsn);
	EXPECT_EQ(106490, sack.rwnd);
	EXPECT_EQ(0, sack.nr_gaps);
	EXPECT_EQ(0, sack.nr_dups);
	EXPECT_EQ(0, xsctp_next_chunk(&walk, &chunk));
}

TEST_F(sctp_wire, a_cookie_ack_from_a_wire)
{
	struct xsctp_walk walk = at_the_end(self, cookie_ack_packet, sizeof(cookie_ack_packet));
	struct xsctp_header h;
	struct xsctp_tlv chunk;

	ASSERT_EQ(0, xsctp_parse_header(walk.bytes, walk.left, &h));
	EXPECT_EQ(0x08fe2132, h.tag);
	walk.bytes += XSCTP_HEADER_LEN;
	walk.left -= XSCTP_HEADER_LEN;
	ASSERT_EQ(1, xsctp_next_chunk(&walk, &chunk));
	EXPECT_EQ(XSCTP_COOKIE_ACK, chunk.type);
	EXPECT_EQ(4, chunk.length);
	EXPECT_EQ(0, xsctp_next_chunk(&walk, &chunk));
}

TEST_F(sctp_wire, an_init_from_a_wire)
{
	struct xsctp_walk walk = at_the_end(self, init_packet, sizeof(init_packet));
	struct xl4_addr first = xl4_addr_v4(htonl(0x7f000001));
	struct xl4_addr second = xl4_addr_v4(htonl(0xc0a80a04));
	struct xsctp_tlv chunk;
	struct xsctp_init init;

	walk.bytes += XSCTP_HEADER_LEN;
	walk.left -= XSCTP_HEADER_LEN;
	ASSERT_EQ(1, xsctp_next_chunk(&walk, &chunk));
	memset(&init, UNTOUCHED, sizeof(init));
	ASSERT_EQ(0, xsctp_parse_init(&chunk, &init));
	EXPECT_EQ(0x08fe2132, init.tag);
	EXPECT_EQ(106496, init.rwnd);
	EXPECT_EQ(10, init.out_streams);
	EXPECT_EQ(65535, init.in_streams);
	EXPECT_EQ(3543192493, init.tsn);
	ASSERT_EQ(2, init.nr_addresses);
	EXPECT_TRUE(xl4_addr_equal(&first, &init.address[0]));
	EXPECT_TRUE(xl4_addr_equal(&second, &init.address[1]));
	EXPECT_TRUE(init.ipv4);
	EXPECT_FALSE(init.ipv6);
	EXPECT_TRUE(init.ecn);
	EXPECT_TRUE(init.forward_tsn);
	EXPECT_FALSE(init.asconf || init.auth || init.has_adaptation);
	EXPECT_EQ(0, init.preservative);
	EXPECT_EQ(NULL, init.cookie.bytes);
	EXPECT_EQ(NULL, init.random.bytes);
	EXPECT_EQ(NULL, init.hostname.bytes);
	EXPECT_EQ(0, init.nr_unknown);
	EXPECT_EQ(0, xsctp_next_chunk(&walk, &chunk));
}

/* The packet's header */

TEST_F(sctp_wire, every_length_of_a_header)
{
	struct xsctp_header h;

	for (u32 len = 0; len <= sizeof(sack_packet); len++) {
		struct xsctp_walk walk = at_the_end(self, sack_packet, len);

		ASSERT_EQ(len < 12 ? -EINVAL : 0, xsctp_parse_header(walk.bytes, len, &h));
	}
}

TEST_F(sctp_wire, a_header_written_is_as_it_was_but_for_the_checksum)
{
	u8 expected[XSCTP_HEADER_LEN], *bytes = self->end - XSCTP_HEADER_LEN;
	struct xsctp_header h;

	memcpy(expected, sack_packet, sizeof(expected));
	memset(expected + 8, 0, 4);
	ASSERT_EQ(0, xsctp_parse_header(sack_packet, sizeof(sack_packet), &h));
	memset(bytes - 1, UNTOUCHED, XSCTP_HEADER_LEN + 1);
	xsctp_write_header(bytes, &h);
	EXPECT_EQ(0, memcmp(expected, bytes, sizeof(expected)));
	EXPECT_EQ(UNTOUCHED, bytes[-1]);
}

/* Chunks and parameters */

/* Every length that a chunk can claim, in every room: it lies within, or it is no chunk. */
TEST_F(sctp_wire, every_length_of_a_chunk_in_every_room)
{
	for (u32 room = 0; room <= 24; room++) {
		for (u32 length = 0; length <= 32; length++) {
			u8 bytes[24] = { 99, 0x7f, 0, length };
			struct xsctp_walk walk = at_the_end(self, bytes, room);
			bool good = room >= 4 && length >= 4 && length <= room;
			struct xsctp_tlv chunk = { 0 };

			ASSERT_EQ(good ? 1 : room ? -EINVAL : 0, xsctp_next_chunk(&walk, &chunk))
				TH_LOG("length %u in %u", length, room);
			if (!good)
				continue;
			ASSERT_EQ(99, chunk.type);
			ASSERT_EQ(0x7f, chunk.flags);
			ASSERT_EQ(length, chunk.length);
			ASSERT_EQ(self->end - room, chunk.bytes);
			ASSERT_EQ(room - min(XSCTP_PAD(length), room), walk.left);
			ASSERT_EQ(self->end - walk.left, walk.bytes);
		}
	}
}

TEST_F(sctp_wire, the_longest_chunk)
{
	static u8 bytes[65535] = { 99, 0, 0xff, 0xff };
	struct xsctp_walk walk = at_the_end(self, bytes, sizeof(bytes));
	struct xsctp_tlv chunk;

	ASSERT_EQ(1, xsctp_next_chunk(&walk, &chunk));
	EXPECT_EQ(65535, chunk.length);
	EXPECT_EQ(0, walk.left);
	walk = at_the_end(self, bytes, sizeof(bytes) - 1);
	EXPECT_EQ(-EINVAL, xsctp_next_chunk(&walk, &chunk));
}

TEST_F(sctp_wire, chunk_after_chunk)
{
	static const u8 bytes[] = { 1, 0, 0, 5, 9, 0, 0, 0, 2, 0, 0, 4, 3, 0, 0, 6, 9, 9 };
	struct xsctp_walk walk = at_the_end(self, bytes, sizeof(bytes));
	struct xsctp_tlv chunk;

	for (unsigned int type = 1; type <= 3; type++) {
		ASSERT_EQ(1, xsctp_next_chunk(&walk, &chunk));
		EXPECT_EQ(type, chunk.type);
	}
	EXPECT_EQ(0, xsctp_next_chunk(&walk, &chunk));
	EXPECT_EQ(0, xsctp_next_chunk(&walk, &chunk));
}

TEST_F(sctp_wire, parameters_of_a_chunk_that_has_no_room_for_them)
{
	static const u8 bytes[8] = { 4, 0, 0, 8, 0, 1, 0, 4 };
	struct xsctp_tlv chunk = one_chunk(self, bytes, sizeof(bytes)), param;
	struct xsctp_walk walk;

	xsctp_walk_params(&chunk, 4, &walk);
	ASSERT_EQ(1, xsctp_next_param(&walk, &param));
	EXPECT_EQ(1, param.type);
	EXPECT_EQ(0, param.flags);
	for (u32 fixed = 8; fixed < 70000; fixed = 2 * fixed + 1) {
		xsctp_walk_params(&chunk, fixed, &walk);
		EXPECT_EQ(0, walk.left);
		EXPECT_EQ(0, xsctp_next_param(&walk, &param));
	}
}

/* DATA */

TEST_F(sctp_wire, every_length_of_a_data_chunk)
{
	static const u8 bytes[20] = { XSCTP_DATA, 0x0f, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8,
				      9, 10, 11, 12, 'd', 'a', 't', 'a' };
	struct xsctp_data_header d;

	for (u32 len = 4; len <= sizeof(bytes); len++) {
		struct xsctp_tlv chunk = one_chunk(self, bytes, len);

		memset(&d, UNTOUCHED, sizeof(d));
		ASSERT_EQ(len < 16 ? -EINVAL : 0, xsctp_parse_data(&chunk, &d));
		if (len < 16)
			continue;
		ASSERT_EQ(0x01020304, d.tsn);
		ASSERT_EQ(0x0506, d.sid);
		ASSERT_EQ(0x0708, d.ssn);
		ASSERT_EQ(0, memcmp(&d.ppid, bytes + 12, 4));
		ASSERT_EQ(XSCTP_DATA_END | XSCTP_DATA_BEGIN | XSCTP_DATA_UNORDERED |
			  XSCTP_DATA_IMMEDIATE, d.flags);
	}
}

TEST_F(sctp_wire, data_written_is_read)
{
	struct xsctp_data_header again, d = {
		.tsn = 0xfedcba98, .sid = 0x1234, .ssn = 0xabcd, .ppid = 0x01020304,
		.flags = XSCTP_DATA_BEGIN,
	};
	u8 *bytes = self->end - XSCTP_DATA_LEN;
	struct xsctp_tlv chunk = { .flags = XSCTP_DATA_BEGIN, .length = 1234, .bytes = bytes };

	bytes[-1] = UNTOUCHED;
	xsctp_write_data(bytes, &d, 1234);
	EXPECT_EQ(XSCTP_DATA, bytes[0]);
	EXPECT_EQ(XSCTP_DATA_BEGIN, bytes[1]);
	EXPECT_EQ(1234, xsctp_get_u16(bytes + 2));
	ASSERT_EQ(0, xsctp_parse_data(&chunk, &again));
	EXPECT_EQ(0, memcmp(&d, &again, offsetof(struct xsctp_data_header, flags) + 1));
	EXPECT_EQ(UNTOUCHED, bytes[-1]);
}

/* SACK */

/* Each count of gaps and duplicates, in each length: only the one that fits is right. */
TEST_F(sctp_wire, every_length_of_a_sack)
{
	for (u32 counts = 0; counts < 16; counts++) {
		for (u32 len = 4; len <= 48; len++) {
			u8 bytes[48] = { XSCTP_SACK, 0, 0, len, 0, 0, 0, 1, 0, 0, 0, 2,
					 0, counts & 3, 0, counts >> 2 };
			bool good = len == 16 + 4 * ((counts & 3) + (counts >> 2));
			struct xsctp_tlv chunk;
			struct xsctp_sack sack;

			chunk = one_chunk(self, bytes, len);
			ASSERT_EQ(good ? 0 : -EINVAL, xsctp_parse_sack(&chunk, &sack))
				TH_LOG("%u gaps, %u duplicates in %u", counts & 3, counts >> 2, len);
			if (!good)
				continue;
			ASSERT_EQ(1, sack.cum_tsn);
			ASSERT_EQ(2, sack.rwnd);
			ASSERT_EQ(counts >> 2, sack.nr_dups);
		}
	}
}

/* So many that their sum overflows 16 bits. */
TEST_F(sctp_wire, a_sack_that_counts_more_than_any_chunk_holds)
{
	static const u16 many[] = { 0x3fff, 0x4000, 0x7fff, 0x8000, 0xfffc, 0xffff };
	u8 bytes[XSCTP_SACK_LEN] = { XSCTP_SACK, 0, 0, XSCTP_SACK_LEN };
	struct xsctp_sack sack;

	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		for (size_t j = 0; j < ARRAY_LEN(many); j++) {
			struct xsctp_tlv chunk;

			xsctp_put_u16(xsctp_put_u16(bytes + 12, many[i]), many[j]);
			chunk = one_chunk(self, bytes, sizeof(bytes));
			ASSERT_EQ(-EINVAL, xsctp_parse_sack(&chunk, &sack));
		}
	}
}

static const struct {
	const char *what;
	u16 gaps[4][2];
	unsigned int good;
} gaps[] = {
	{ "good ones", { { 2, 3 }, { 5, 5 }, { 9, 100 }, { 65534, 65535 } }, 4 },
	{ "next to each other", { { 2, 3 }, { 4, 4 }, { 5, 9 }, { 10, 11 } }, 4 },
	{ "the first is what did not come", { { 1, 3 }, { 5, 5 }, { 9, 9 }, { 11, 11 } }, 0 },
	{ "the first is the cumulative one", { { 0, 3 }, { 5, 5 }, { 9, 9 }, { 11, 11 } }, 0 },
	{ "the end before the start", { { 2, 3 }, { 6, 5 }, { 9, 9 }, { 11, 11 } }, 1 },
	{ "the same again", { { 2, 3 }, { 5, 6 }, { 5, 6 }, { 11, 11 } }, 2 },
	{ "overlapping", { { 2, 3 }, { 5, 9 }, { 9, 12 }, { 14, 15 } }, 2 },
	{ "backwards", { { 9, 9 }, { 5, 5 }, { 2, 2 }, { 1, 1 } }, 1 },
	{ "inside", { { 2, 2 }, { 4, 100 }, { 50, 60 }, { 200, 201 } }, 2 },
	{ "all there is", { { 2, 65535 }, { 0, 0 }, { 0, 0 }, { 0, 0 } }, 1 },
	{ "beyond all there is", { { 2, 65535 }, { 2, 65535 }, { 2, 65535 }, { 2, 65535 } }, 1 },
	{ "nothing", { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } }, 0 },
};

TEST_F(sctp_wire, gaps_as_far_as_they_make_sense)
{
	for (size_t i = 0; i < ARRAY_LEN(gaps); i++) {
		u8 bytes[XSCTP_SACK_LEN + 20] = { XSCTP_SACK, 0, 0, XSCTP_SACK_LEN + 20 };
		u8 *to = xsctp_put_u16(xsctp_put_u16(bytes + 12, 4), 1);
		struct xsctp_tlv chunk;
		struct xsctp_sack sack;
		u16 start, end;

		for (unsigned int n = 0; n < 4; n++)
			to = xsctp_put_u16(xsctp_put_u16(to, gaps[i].gaps[n][0]), gaps[i].gaps[n][1]);
		xsctp_put_u32(to, 0xdeadbeef);
		chunk = one_chunk(self, bytes, sizeof(bytes));
		ASSERT_EQ(0, xsctp_parse_sack(&chunk, &sack));
		ASSERT_EQ(gaps[i].good, sack.nr_gaps) TH_LOG("%s", gaps[i].what);
		for (unsigned int n = 0; n < sack.nr_gaps; n++) {
			xsctp_sack_gap(&sack, n, &start, &end);
			ASSERT_EQ(gaps[i].gaps[n][0], start);
			ASSERT_EQ(gaps[i].gaps[n][1], end);
		}
		ASSERT_EQ(1, sack.nr_dups);
		ASSERT_EQ(0xdeadbeef, xsctp_sack_dup(&sack, 0));
	}
}

/* Chunks that are a number */

TEST_F(sctp_wire, every_length_of_a_number)
{
	static const u8 types[] = { XSCTP_SHUTDOWN, XSCTP_ECNE, XSCTP_CWR, XSCTP_FORWARD_TSN };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (u32 len = 4; len <= 20; len++) {
			u8 bytes[20] = { types[i], 0, 0, len, 1, 2, 3, 4 };
			bool good = len == 8 ||
				    (types[i] == XSCTP_FORWARD_TSN && len > 8 && len % 4 == 0);
			struct xsctp_tlv chunk = one_chunk(self, bytes, len);
			u32 value = 0;

			ASSERT_EQ(good ? 0 : -EINVAL, xsctp_parse_u32(&chunk, &value))
				TH_LOG("type %u, length %u", types[i], len);
			ASSERT_EQ(good ? 0x01020304 : 0, value);
		}
	}
}

/* INIT */

TEST_F(sctp_wire, every_length_of_an_init_without_parameters)
{
	static const u8 bytes[XSCTP_INIT_LEN] = { XSCTP_INIT, 0, 0, 20 };
	struct xsctp_init init;

	for (u32 len = 4; len <= sizeof(bytes); len++) {
		struct xsctp_tlv chunk = one_chunk(self, bytes, len);

		ASSERT_EQ(len < 20 ? -EINVAL : 0, xsctp_parse_init(&chunk, &init));
	}
	EXPECT_TRUE(init.ipv4 && init.ipv6);
	EXPECT_EQ(0, init.nr_addresses);
	EXPECT_EQ(NULL, init.cookie.bytes);
}

/* The lengths, with the header, that a parameter may have: least, most, and of what a multiple. */
static const struct {
	const char *what;
	u16 type, least, most, step;
} lengths[] = {
	{ "IPv4 address", XSCTP_PARAM_IPV4, 8, 8, 1 },
	{ "IPv6 address", XSCTP_PARAM_IPV6, 20, 20, 1 },
	{ "cookie", XSCTP_PARAM_COOKIE, 4, 64, 1 },
	{ "unrecognized", XSCTP_PARAM_UNRECOGNIZED, 4, 64, 1 },
	{ "cookie preservative", XSCTP_PARAM_PRESERVATIVE, 8, 8, 1 },
	{ "host name", XSCTP_PARAM_HOSTNAME, 4, 64, 1 },
	{ "address types", XSCTP_PARAM_FAMILIES, 4, 64, 2 },
	{ "ECN", XSCTP_PARAM_ECN, 4, 4, 1 },
	{ "random", XSCTP_PARAM_RANDOM, 4, 64, 1 },
	{ "chunk list", XSCTP_PARAM_CHUNKS, 4, 64, 1 },
	{ "HMACs", XSCTP_PARAM_HMACS, 4, 64, 2 },
	{ "extensions", XSCTP_PARAM_EXTENSIONS, 4, 64, 1 },
	{ "forward TSN", XSCTP_PARAM_FORWARD_TSN, 4, 4, 1 },
	{ "adaptation", XSCTP_PARAM_ADAPTATION, 8, 8, 1 },
	{ "skipped", 0x8fff, 4, 64, 1 },
	{ "skipped and reported", 0xcfff, 4, 64, 1 },
};

TEST_F(sctp_wire, every_length_of_every_parameter)
{
	struct xsctp_init init;

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (u32 len = 0; len <= 64; len++) {
			bool good = len >= lengths[i].least && len <= lengths[i].most &&
				    len % lengths[i].step == 0;
			u8 params[64] = { lengths[i].type >> 8, lengths[i].type, 0, len };

			ASSERT_EQ(good ? 0 : -EINVAL, read_init(self, params, max(len, 4u), &init))
				TH_LOG("%s of %u", lengths[i].what, len);
			if (len < 5)
				continue;
			ASSERT_EQ(-EINVAL, read_init(self, params, len - 1, &init))
				TH_LOG("%s of %u, cut off", lengths[i].what, len);
		}
	}
}

/* All 65536 types, each before one that is known: read on, stopped, reported or not (3.2.1). */
TEST_F(sctp_wire, every_type_that_is_unknown)
{
	struct xsctp_init init;

	for (u32 type = 0; type < 65536; type++) {
		const u8 params[] = { type >> 8, type, 0, 4, 0xc0, 0x06, 0, 8, 1, 2, 3, 4 };
		bool known = false;

		for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
			known |= type == lengths[i].type;
		if (known && type != 0x8fff && type != 0xcfff)
			continue;
		ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
		ASSERT_EQ(!!(type & 0x8000), init.has_adaptation);
		ASSERT_EQ(!!(type & 0x4000), init.nr_unknown);
		if (init.nr_unknown) {
			ASSERT_EQ(type, init.unknown[0].type);
			ASSERT_EQ(4, init.unknown[0].length);
			ASSERT_EQ(0, memcmp(params, init.unknown[0].bytes, 4));
		}
	}
}

TEST_F(sctp_wire, more_unknown_ones_than_are_reported)
{
	u8 params[4 * 100];
	struct xsctp_init init;

	for (unsigned int i = 0; i < 100; i++)
		xsctp_put_tlv(params + 4 * i, 0xd000 + i, NULL, 0);
	ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
	ASSERT_EQ(XSCTP_MAX_UNKNOWN, init.nr_unknown);
	for (unsigned int i = 0; i < XSCTP_MAX_UNKNOWN; i++)
		ASSERT_EQ(0xd000 + i, init.unknown[i].type);
}

TEST_F(sctp_wire, what_the_parameters_say)
{
	static const u8 params[] = {
		0x00, 0x06, 0, 20, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0x00, 0x07, 0, 7, 'c', 'o', 'o', 0,
		0x00, 0x09, 0, 8, 0, 0, 0x03, 0xe8,
		0x80, 0x08, 0, 8, 0xc0, 0xc1, 0x80, 0x0f,
		0x80, 0x02, 0, 6, 1, 2, 0, 0,
		0x80, 0x03, 0, 5, 0xc1, 0, 0, 0,
		0x80, 0x04, 0, 8, 0, 3, 0, 1,
		0xc0, 0x06, 0, 8, 0xde, 0xad, 0xbe, 0xef,
	};
	struct xsctp_init init;

	ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
	ASSERT_EQ(1, init.nr_addresses);
	EXPECT_EQ(0, memcmp(&init.address[0].in6, params + 4, 16));
	EXPECT_TRUE(init.ipv4 && init.ipv6);
	EXPECT_EQ(7, init.cookie.length);
	EXPECT_EQ(0, memcmp(init.cookie.bytes, params + 20, 7));
	EXPECT_EQ(1000, init.preservative);
	EXPECT_TRUE(init.forward_tsn && init.asconf && init.auth);
	EXPECT_FALSE(init.ecn);
	EXPECT_EQ(6, init.random.length);
	EXPECT_EQ(5, init.chunks.length);
	EXPECT_EQ(8, init.hmacs.length);
	EXPECT_TRUE(init.has_adaptation);
	EXPECT_EQ(0xdeadbeef, init.adaptation);
	EXPECT_EQ(0, init.nr_unknown);
}

/* Only one half of ASCONF is none. */
TEST_F(sctp_wire, asconf_takes_both_chunks)
{
	static const u8 half[] = { 0x80, 0x08, 0, 6, 0xc1, 0xc1, 0, 0 };
	struct xsctp_init init;

	ASSERT_EQ(0, read_init(self, half, sizeof(half), &init));
	EXPECT_FALSE(init.asconf || init.auth || init.forward_tsn);
}

TEST_F(sctp_wire, parameters_said_twice)
{
	static const u8 params[] = {
		0x00, 0x05, 0, 8, 10, 0, 0, 1,		0x00, 0x05, 0, 8, 10, 0, 0, 1,
		0x00, 0x07, 0, 8, 'o', 'n', 'e', 0,	0x00, 0x07, 0, 8, 't', 'w', 'o', 0,
		0xc0, 0x06, 0, 8, 0, 0, 0, 1,		0xc0, 0x06, 0, 8, 0, 0, 0, 2,
		0x80, 0x00, 0, 4,			0x80, 0x00, 0, 4,
	};
	struct xsctp_init init;

	ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
	EXPECT_EQ(1, init.nr_addresses);
	EXPECT_EQ(0, memcmp("one", init.cookie.bytes + 4, 4));
	EXPECT_EQ(2, init.adaptation);
	EXPECT_TRUE(init.ecn);
}

TEST_F(sctp_wire, addresses_that_are_nobodys)
{
	static const u8 params[] = {
		0x00, 0x05, 0, 8, 0, 0, 0, 0,		/* unspecified */
		0x00, 0x05, 0, 8, 224, 0, 0, 1,		/* multicast */
		0x00, 0x05, 0, 8, 239, 255, 255, 255,
		0x00, 0x05, 0, 8, 255, 255, 255, 255,	/* broadcast */
		0x00, 0x06, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x00, 0x06, 0, 20, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0x00, 0x06, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1,
		0x00, 0x05, 0, 8, 10, 0, 0, 1,		/* somebody's */
	};
	struct xl4_addr somebody = xl4_addr_v4(htonl(0x0a000001));
	struct xsctp_init init;

	ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
	ASSERT_EQ(1, init.nr_addresses);
	EXPECT_TRUE(xl4_addr_equal(&somebody, &init.address[0]));
}

TEST_F(sctp_wire, more_addresses_than_are_taken)
{
	u8 params[8 * 200];
	struct xsctp_init init;

	for (unsigned int i = 0; i < 200; i++) {
		struct xl4_addr addr = xl4_addr_v4(htonl(0x0a000001 + i));

		xsctp_put_address(params + 8 * i, &addr);
	}
	ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
	ASSERT_EQ(XSCTP_MAX_ADDRESSES, init.nr_addresses);
	EXPECT_EQ(htonl(0x0a000001), init.address[0].quad[3]);
}

static const struct {
	u8 params[32];
	u8 len;
	bool ipv4, ipv6;
} families[] = {
	{ { 0 }, 0, true, true },
	{ { 0, 12, 0, 4 }, 4, true, true },
	{ { 0, 12, 0, 6, 0, 5, 0, 0 }, 8, true, false },
	{ { 0, 12, 0, 6, 0, 6, 0, 0 }, 8, false, true },
	{ { 0, 12, 0, 8, 0, 6, 0, 5 }, 8, true, true },
	{ { 0, 12, 0, 8, 0, 11, 0, 6 }, 8, false, true },
	{ { 0, 12, 0, 6, 0, 11, 0, 0 }, 8, true, true },
	/* Whoever lists an address can be spoken to there (5.1.2). */
	{ { 0, 12, 0, 6, 0, 6, 0, 0, 0, 5, 0, 8, 10, 0, 0, 1 }, 16, true, true },
};

TEST_F(sctp_wire, families_that_can_be_spoken_to)
{
	struct xsctp_init init;

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		ASSERT_EQ(0, read_init(self, families[i].params, families[i].len, &init));
		EXPECT_EQ(families[i].ipv4, init.ipv4) TH_LOG("row %zu", i);
		EXPECT_EQ(families[i].ipv6, init.ipv6) TH_LOG("row %zu", i);
	}
}

TEST_F(sctp_wire, the_last_parameter_without_its_padding)
{
	static const u8 params[] = { 0xc0, 0x06, 0, 8, 0, 0, 0, 1, 0x00, 0x07, 0, 5, 'c' };
	struct xsctp_init init;

	ASSERT_EQ(0, read_init(self, params, sizeof(params), &init));
	EXPECT_EQ(5, init.cookie.length);
	EXPECT_EQ(1, init.adaptation);
}

/* Writers */

TEST_F(sctp_wire, numbers_written_are_read)
{
	u8 *bytes = self->end - 4;

	for (unsigned int bit = 0; bit < 32; bit++) {
		ASSERT_EQ(bytes + 4, xsctp_put_u32(bytes, 1u << bit));
		ASSERT_EQ(1u << bit, xsctp_get_u32(bytes));
		ASSERT_EQ(self->end, xsctp_put_u16(bytes + 2, 3u << bit % 15));
		ASSERT_EQ((u16)(3u << bit % 15), xsctp_get_u16(bytes + 2));
	}
}

TEST_F(sctp_wire, every_padding)
{
	for (u16 len = 0; len <= 9; len++) {
		u32 padded = XSCTP_PAD(4 + len);
		u8 *bytes = self->end - padded;

		memset(bytes - 1, UNTOUCHED, padded + 1);
		ASSERT_EQ(self->end, xsctp_put_tlv(bytes, 0x8123, len ? "123456789" : NULL, len));
		ASSERT_EQ(0x8123, xsctp_get_u16(bytes));
		ASSERT_EQ(4 + len, xsctp_get_u16(bytes + 2));
		ASSERT_EQ(0, memcmp(bytes + 4, "123456789", len));
		ASSERT_EQ(0, memcmp(bytes + 4 + len, "\0\0\0", padded - 4 - len));
		ASSERT_EQ(UNTOUCHED, bytes[-1]);
	}
}

TEST_F(sctp_wire, addresses_written_are_read)
{
	struct in6_addr v6 = { .s6_addr = { 0x20, 1, [15] = 9 } };
	struct xl4_addr addr[] = { xl4_addr_v4(htonl(0x0a000001)), xl4_addr_v6(&v6) }, again;
	static const unsigned int length[] = { 8, 20 };

	for (size_t i = 0; i < ARRAY_LEN(addr); i++) {
		struct xsctp_walk walk = { .bytes = self->end - length[i], .left = length[i] };
		struct xsctp_tlv param;

		ASSERT_EQ(self->end, xsctp_put_address(self->end - length[i], &addr[i]));
		ASSERT_EQ(1, xsctp_next_param(&walk, &param));
		ASSERT_EQ(0, xsctp_parse_address(&param, &again));
		ASSERT_TRUE(xl4_addr_equal(&addr[i], &again));
		param.length--;
		ASSERT_EQ(-EINVAL, xsctp_parse_address(&param, &again));
	}
}

TEST_HARNESS_MAIN
