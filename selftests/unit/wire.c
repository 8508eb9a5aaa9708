// SPDX-License-Identifier: GPL-2.0
/*
 * The header of UDP and UDP-Lite, read and written: known datagrams, then
 * every value of the field that can lie, against what the RFCs say of it. The
 * bytes lie at the very end of a page that nothing follows, so that reading
 * one too many is the last thing the test does.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "../../net/udp/wire.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef int (*parser)(const u8 *bytes, u32 len, struct xudp_header *header);

struct known {
	const char *what;
	parser parse;
	u8 bytes[XUDP_HEADER_LEN];
	u32 len;			/* of the IP payload */
	int ret;
	u32 length, coverage;
	bool has_checksum;
};

#define GOOD(length, coverage, has_checksum)	0, length, coverage, has_checksum
#define BAD					-EINVAL, 0, 0, false

/* No two bytes of them are alike. */
#define PORTS	0x12, 0x34, 0x56, 0x78

static const struct known known[] = {
	{ "a DNS query", xudp_parse, { 0xc3, 0x51, 0x00, 0x35, 0x00, 0x25, 0xbe, 0xef }, 37,
	  GOOD(37, 37, true) },
	{ "no data", xudp_parse, { PORTS, 0, 8, 0xab, 0xcd }, 8,
	  GOOD(8, 8, true) },
	{ "no checksum", xudp_parse, { PORTS, 0, 9, 0, 0 }, 9,
	  GOOD(9, 9, false) },
	{ "half a checksum is one", xudp_parse, { PORTS, 0, 9, 1, 0 }, 9,
	  GOOD(9, 9, true) },
	{ "the other half", xudp_parse, { PORTS, 0, 9, 0, 1 }, 9,
	  GOOD(9, 9, true) },
	{ "padding behind it", xudp_parse, { PORTS, 0, 9, 0, 1 }, 26,
	  GOOD(9, 9, true) },
	{ "the largest", xudp_parse, { PORTS, 0xff, 0xff, 0, 1 }, 65535,
	  GOOD(65535, 65535, true) },
	{ "a jumbogram", xudp_parse, { PORTS, 0, 0, 0, 1 }, 65536,
	  GOOD(65536, 65536, true) },
	{ "zero length, but no jumbogram", xudp_parse, { PORTS, 0, 0, 0, 1 }, 65535, BAD },
	{ "less than a header", xudp_parse, { PORTS, 0, 7, 0, 1 }, 20, BAD },
	{ "more than there is", xudp_parse, { PORTS, 0, 21, 0, 1 }, 20, BAD },
	{ "a byte is missing", xudp_parse, { PORTS, 0, 8, 0, 1 }, 7, BAD },
	{ "nothing at all", xudp_parse, { PORTS, 0, 8, 0, 1 }, 0, BAD },

	{ "Lite, header only", xudplite_parse, { PORTS, 0, 8, 0, 1 }, 100,
	  GOOD(100, 8, true) },
	{ "Lite, in part", xudplite_parse, { PORTS, 0, 20, 0, 1 }, 100,
	  GOOD(100, 20, true) },
	{ "Lite, all of it", xudplite_parse, { PORTS, 0, 100, 0, 1 }, 100,
	  GOOD(100, 100, true) },
	{ "Lite, all of it said by zero", xudplite_parse, { PORTS, 0, 0, 0, 1 }, 100,
	  GOOD(100, 100, true) },
	{ "Lite, half the header", xudplite_parse, { PORTS, 0, 7, 0, 1 }, 100, BAD },
	{ "Lite, more than there is", xudplite_parse, { PORTS, 0, 101, 0, 1 }, 100, BAD },
	{ "Lite without checksum", xudplite_parse, { PORTS, 0, 8, 0, 0 }, 100, BAD },
	{ "Lite, a byte is missing", xudplite_parse, { PORTS, 0, 0, 0, 1 }, 7, BAD },
};

/* Lengths of the IP payload around everything that matters. */
static const u32 lengths[] = {
	0, 1, 7, 8, 9, 20, 100, 255, 256, 257, 1480, 65507, 65515, 65534, 65535,
	65536, 65544, 70000, 0x10000000, 0xffffffff,
};

FIXTURE(wire) {
	size_t page;
	u8 *pages;
};

FIXTURE_SETUP(wire)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->pages = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	ASSERT_EQ(0, mprotect(self->pages + self->page, self->page, PROT_NONE));
}

FIXTURE_TEARDOWN(wire)
{
	munmap(self->pages, 2 * self->page);
}

/* The last @len bytes before nothing: those of a header, as far as there are. */
static u8 *last_bytes(const FIXTURE_DATA(wire) *self, u32 len)
{
	return self->pages + self->page - (len < XUDP_HEADER_LEN ? len : XUDP_HEADER_LEN);
}

TEST_F(wire, known_datagrams)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct known *k = &known[i];
		u8 *bytes = last_bytes(self, k->len);
		struct xudp_header header;

		memcpy(bytes, k->bytes, self->pages + self->page - bytes);
		ASSERT_EQ(k->ret, k->parse(bytes, k->len, &header))
			TH_LOG("%s", k->what);
		if (k->ret)
			continue;
		EXPECT_EQ(0, memcmp(&header.source, k->bytes, 2))
			TH_LOG("%s", k->what);
		EXPECT_EQ(0, memcmp(&header.dest, k->bytes + 2, 2))
			TH_LOG("%s", k->what);
		EXPECT_EQ(k->length, header.length)
			TH_LOG("%s", k->what);
		EXPECT_EQ(k->coverage, header.coverage)
			TH_LOG("%s", k->what);
		EXPECT_EQ(k->has_checksum, header.has_checksum)
			TH_LOG("%s", k->what);
	}
}

/* A header whose third field says @field, before a payload of @len bytes. */
static u8 *lying_header(const FIXTURE_DATA(wire) *self, u32 field, u32 len)
{
	const u8 header[] = { PORTS, field >> 8, field & 0xff, 0xab, 0xcd };
	u8 *bytes = last_bytes(self, len);

	memcpy(bytes, header, self->pages + self->page - bytes);
	return bytes;
}

TEST_F(wire, every_length)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (u32 field = 0; field <= 0xffff; field++) {
			u32 len = lengths[i];
			u8 *bytes = lying_header(self, field, len);
			bool jumbo = field == 0 && len >= 65536;
			bool good = jumbo || (field >= 8 && field <= len);
			struct xudp_header header;

			ASSERT_EQ(good ? 0 : -EINVAL, xudp_parse(bytes, len, &header))
				TH_LOG("length %u of %u", field, len);
			if (!good)
				continue;
			ASSERT_EQ(jumbo ? len : field, header.length);
			ASSERT_EQ(header.length, header.coverage);
		}
	}
}

TEST_F(wire, every_coverage)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (u32 field = 0; field <= 0xffff; field++) {
			u32 len = lengths[i];
			u8 *bytes = lying_header(self, field, len);
			bool good = len >= 8 && (field == 0 || (field >= 8 && field <= len));
			struct xudp_header header;

			ASSERT_EQ(good ? 0 : -EINVAL, xudplite_parse(bytes, len, &header))
				TH_LOG("coverage %u of %u", field, len);
			if (!good)
				continue;
			ASSERT_EQ(len, header.length);
			ASSERT_EQ(field ?: len, header.coverage);
		}
	}
}

TEST_F(wire, every_checksum)
{
	for (u32 sum = 0; sum <= 0xffff; sum++) {
		u8 *bytes = lying_header(self, 8, 8);
		struct xudp_header header;

		bytes[6] = sum >> 8;
		bytes[7] = sum & 0xff;
		ASSERT_EQ(0, xudp_parse(bytes, 8, &header));
		ASSERT_EQ(sum != 0, header.has_checksum);
		ASSERT_EQ(sum ? 0 : -EINVAL, xudplite_parse(bytes, 8, &header));
	}
}

TEST_F(wire, written_as_the_rfc_draws_it)
{
	static const u8 udp[] = { PORTS, 0xfe, 0xdc, 0, 0 };
	static const u8 lite[] = { PORTS, 0x00, 0x14, 0, 0 };
	static const u8 whole[] = { PORTS, 0, 0, 0, 0 };
	u8 *bytes = last_bytes(self, XUDP_HEADER_LEN);
	u8 before = bytes[-1] = 0x5a;

	memset(bytes, 0xff, XUDP_HEADER_LEN);
	xudp_write(bytes, htons(0x1234), htons(0x5678), 0xfedc);
	EXPECT_EQ(0, memcmp(udp, bytes, sizeof(udp)));

	memset(bytes, 0xff, XUDP_HEADER_LEN);
	xudplite_write(bytes, htons(0x1234), htons(0x5678), 0xfedc, 20);
	EXPECT_EQ(0, memcmp(lite, bytes, sizeof(lite)));

	memset(bytes, 0xff, XUDP_HEADER_LEN);
	xudplite_write(bytes, htons(0x1234), htons(0x5678), 0xfedc, 0xfedc);
	EXPECT_EQ(0, memcmp(whole, bytes, sizeof(whole)));
	EXPECT_EQ(before, bytes[-1]);
}

TEST_F(wire, what_is_written_is_read)
{
	for (u32 n = XUDP_HEADER_LEN; n <= XUDP_MAX_LEN; n++) {
		u8 *bytes = last_bytes(self, XUDP_HEADER_LEN);
		__be16 source = htons(n), dest = htons(~n);
		struct xudp_header header;

		xudp_write(bytes, source, dest, n);
		ASSERT_EQ(0, xudp_parse(bytes, n, &header));
		ASSERT_EQ(source, header.source);
		ASSERT_EQ(dest, header.dest);
		ASSERT_EQ(n, header.length);
		ASSERT_EQ(false, header.has_checksum);

		xudplite_write(bytes, source, dest, XUDP_MAX_LEN, n);
		bytes[7] = 1;
		ASSERT_EQ(0, xudplite_parse(bytes, XUDP_MAX_LEN, &header));
		ASSERT_EQ(source, header.source);
		ASSERT_EQ(dest, header.dest);
		ASSERT_EQ(n, header.coverage);
		ASSERT_EQ(XUDP_MAX_LEN, header.length);
	}
}

TEST_HARNESS_MAIN
