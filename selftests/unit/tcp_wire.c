// SPDX-License-Identifier: GPL-2.0
/*
 * The header of TCP and its options, read and written: segments as they are on
 * wires, each option with every length and at every place, any three bytes at
 * all, and back again what was written. The bytes lie at the very end of a page
 * that nothing follows, so that reading one too many is the last thing the test
 * does.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "../../net/tcp/wire.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define MSS		XTCPOPT_MSS
#define WSCALE		XTCPOPT_WSCALE
#define SACK_OK		XTCPOPT_SACK_PERMITTED
#define SACK		XTCPOPT_SACK
#define TS		XTCPOPT_TIMESTAMPS
#define UTO		XTCPOPT_USER_TIMEOUT
#define NOP		XTCPOPT_NOP
#define END		XTCPOPT_END
#define UNKNOWN		253	/* RFC 4727: for experiments, also those of others */

/* Options as bytes, and what they say in a SYN and in any other segment. */
struct known {
	const char *what;
	u8 bytes[XTCP_MAX_OPTIONS_LEN];
	struct xtcp_options syn, other;
};

#define SAYS_MSS(n)	.has_mss = true, .mss = n
#define SAYS_WSCALE(n)	.has_wscale = true, .wscale = n
#define SAYS_SACK_OK	.sack_permitted = true
#define SAYS_TS		.has_timestamps = true, .tsval = 0x01020304, .tsecr = 0x05060708
#define SAYS_UTO(n)	.user_timeout = n
#define SAYS_SACK	.nr_sacks = 1, .sack = { { 0x11121314, 0x15161718 } }

#define TIMES		1, 2, 3, 4, 5, 6, 7, 8
#define BLOCK		0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18
#define SAYS_NOTHING	.syn = { 0 }
#define IN_BOTH(...)	.syn = { __VA_ARGS__ }, .other = { __VA_ARGS__ }

/* What is not said is zero, and zero ends the options. */
static const struct known known[] = {
	{ "nothing", { END }, SAYS_NOTHING },
	{ "nothing, with padding", { NOP, NOP, NOP, NOP }, SAYS_NOTHING },
	{ "a SYN of Linux",
	  { MSS, 4, 5, 0xb4, SACK_OK, 2, TS, 10, TIMES, NOP, WSCALE, 3, 7 },
	  .syn = { SAYS_MSS(1460), SAYS_SACK_OK, SAYS_TS, SAYS_WSCALE(7) },
	  .other = { SAYS_TS } },
	{ "a SYN of Windows",
	  { MSS, 4, 5, 0xb4, NOP, WSCALE, 3, 8, NOP, NOP, SACK_OK, 2 },
	  .syn = { SAYS_MSS(1460), SAYS_WSCALE(8), SAYS_SACK_OK } },
	{ "a SYN of the BSDs",
	  { MSS, 4, 5, 0xb4, NOP, WSCALE, 3, 6, NOP, NOP, TS, 10, TIMES, SACK_OK, 2, END, END },
	  .syn = { SAYS_MSS(1460), SAYS_WSCALE(6), SAYS_TS, SAYS_SACK_OK },
	  .other = { SAYS_TS } },
	{ "an ACK with a hole", { NOP, NOP, TS, 10, TIMES, NOP, NOP, SACK, 10, BLOCK },
	  .syn = { SAYS_TS }, .other = { SAYS_TS, SAYS_SACK } },
	{ "no alignment at all", { NOP, TS, 10, TIMES, SACK, 10, BLOCK, MSS, 4, 1, 2 },
	  .syn = { SAYS_TS, SAYS_MSS(0x102) }, .other = { SAYS_TS, SAYS_SACK } },
	{ "an unknown option first", { UNKNOWN, 5, MSS, 4, 9, MSS, 4, 1, 2 },
	  .syn = { SAYS_MSS(0x102) } },
	{ "an unknown option without value", { UNKNOWN, 2, MSS, 4, 1, 2 },
	  .syn = { SAYS_MSS(0x102) } },
	{ "options behind the end", { MSS, 4, 1, 2, END, 2, WSCALE, 3, 7 },
	  .syn = { SAYS_MSS(0x102) } },
	{ "a length of zero", { MSS, 4, 1, 2, UNKNOWN, 0, WSCALE, 3, 7 },
	  .syn = { SAYS_MSS(0x102) } },
	{ "a length of one", { MSS, 4, 1, 2, UNKNOWN, 1, WSCALE, 3, 7 },
	  .syn = { SAYS_MSS(0x102) } },
	{ "a length beyond the header", { MSS, 4, 1, 2, UNKNOWN, 37, WSCALE, 3, 7 },
	  .syn = { SAYS_MSS(0x102) } },
	{ "the last word counts", { MSS, 4, 5, 0xb4, MSS, 4, 1, 2, WSCALE, 3, 1, WSCALE, 3, 2 },
	  .syn = { SAYS_MSS(0x102), SAYS_WSCALE(2) } },
	{ "the last SACK counts", { SACK, 18, TIMES, TIMES, SACK, 10, BLOCK },
	  .other = { SAYS_SACK } },
	{ "a SACK of no block after one", { SACK, 10, BLOCK, SACK, 2 }, .other = { SAYS_SACK } },
	{ "an MSS of nothing", { MSS, 4, 0, 0 }, SAYS_NOTHING },
	{ "an MSS of one", { MSS, 4, 0, 1 }, .syn = { SAYS_MSS(1) } },
	{ "the largest MSS", { MSS, 4, 0xff, 0xff }, .syn = { SAYS_MSS(0xffff) } },
	{ "no scaling, but scaling the peer", { WSCALE, 3, 0 }, .syn = { SAYS_WSCALE(0) } },
	{ "the largest scale", { WSCALE, 3, 14 }, .syn = { SAYS_WSCALE(14) } },
	{ "a larger scale (RFC 7323 2.3)", { WSCALE, 3, 15 }, .syn = { SAYS_WSCALE(14) } },
	{ "a scale beyond reason", { WSCALE, 3, 255 }, .syn = { SAYS_WSCALE(14) } },
	{ "a SACK of no block", { SACK, 2, TS, 10, TIMES }, IN_BOTH(SAYS_TS) },
	{ "a SACK of half a block", { SACK, 6, 1, 2, 3, 4, TS, 10, TIMES }, IN_BOTH(SAYS_TS) },
	{ "a user timeout of seconds", { UTO, 4, 0, 30 }, IN_BOTH(SAYS_UTO(30)) },
	{ "a user timeout of minutes", { UTO, 4, 0x80, 30 }, IN_BOTH(SAYS_UTO(0x801e)) },
	{ "a user timeout of nothing", { UTO, 4, 0, 0 }, SAYS_NOTHING },
	{ "a user timeout of no minutes", { UTO, 4, 0x80, 0 }, SAYS_NOTHING },
};

/* Each option as it should be, with what it says in @syn. */
static const struct {
	u8 bytes[XTCP_MAX_OPTIONS_LEN];
	bool syn;
	struct xtcp_options says;
} single[] = {
	{ { MSS, 4, 5, 0xb4 }, true, { SAYS_MSS(1460) } },
	{ { WSCALE, 3, 7 }, true, { SAYS_WSCALE(7) } },
	{ { SACK_OK, 2 }, true, { SAYS_SACK_OK } },
	{ { TS, 10, TIMES }, true, { SAYS_TS } },
	{ { TS, 10, TIMES }, false, { SAYS_TS } },
	{ { SACK, 10, BLOCK }, false, { SAYS_SACK } },
	{ { UTO, 4, 0, 30 }, true, { SAYS_UTO(30) } },
	{ { UTO, 4, 0, 30 }, false, { SAYS_UTO(30) } },
};

static bool same(const struct xtcp_options *a, const struct xtcp_options *b)
{
	if (a->nr_sacks != b->nr_sacks ||
	    memcmp(a->sack, b->sack, a->nr_sacks * sizeof(a->sack[0])))
		return false;
	return a->has_mss == b->has_mss && a->mss == b->mss &&
	       a->has_wscale == b->has_wscale && a->wscale == b->wscale &&
	       a->sack_permitted == b->sack_permitted &&
	       a->has_timestamps == b->has_timestamps &&
	       a->tsval == b->tsval && a->tsecr == b->tsecr &&
	       a->user_timeout == b->user_timeout;
}

static const struct xtcp_options nothing;

FIXTURE(tcp_wire) {
	size_t page;
	u8 *pages, *end;
};

FIXTURE_SETUP(tcp_wire)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->pages = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	self->end = self->pages + self->page;
	ASSERT_EQ(0, mprotect(self->end, self->page, PROT_NONE));
}

FIXTURE_TEARDOWN(tcp_wire)
{
	munmap(self->pages, 2 * self->page);
}

/* Parses @len bytes of options with nothing behind them, over what was there. */
static struct xtcp_options parsed(const FIXTURE_DATA(tcp_wire) *self, const u8 *options,
				  unsigned int len, bool syn)
{
	struct xtcp_header h = { .length = XTCP_HEADER_LEN + len };
	struct xtcp_options o;

	memset(&o, 0xff, sizeof(o));
	memcpy(self->end - len, options, len);
	xtcp_parse_options(self->end - h.length, &h, syn, &o);
	return o;
}

/* A segment in Wireshark: from port 51234 to 443, with every field its own. */
static const u8 segment[XTCP_HEADER_LEN] = {
	0xc8, 0x22, 0x01, 0xbb, 0xde, 0xad, 0xbe, 0xef, 0x8a, 0xce, 0x13, 0x57,
	0x50, 0x18, 0xfa, 0xf0, 0xab, 0xcd, 0x43, 0x21,
};

TEST_F(tcp_wire, known_header)
{
	struct xtcp_header h;

	memset(&h, 0xff, sizeof(h));
	ASSERT_EQ(0, xtcp_parse(memcpy(self->end - 20, segment, 20), 20, &h));
	EXPECT_EQ(51234, ntohs(h.source));
	EXPECT_EQ(443, ntohs(h.dest));
	EXPECT_EQ(0xdeadbeef, h.seq);
	EXPECT_EQ(0x8ace1357, h.ack);
	EXPECT_EQ(20, h.length);
	EXPECT_EQ(XTCP_PSH | XTCP_ACK, h.flags);
	EXPECT_EQ(0xfaf0, h.window);
	EXPECT_EQ(0x4321, h.urgent);
}

/* All 16 offsets in segments of every length: only 5 words and up, all there. */
TEST_F(tcp_wire, every_offset)
{
	for (u32 len = 0; len <= 80; len++) {
		for (unsigned int offset = 0; offset < 16; offset++) {
			u32 there = len < XTCP_HEADER_LEN ? len : XTCP_HEADER_LEN;
			bool good = offset >= 5 && offset * 4 <= len;
			u8 header[XTCP_HEADER_LEN];
			struct xtcp_header h;

			memcpy(header, segment, sizeof(header));
			header[12] = offset << 4;
			memcpy(self->end - there, header, there);
			ASSERT_EQ(good ? 0 : -EINVAL, xtcp_parse(self->end - there, len, &h))
				TH_LOG("offset %u of %u bytes", offset, len);
			if (good)
				ASSERT_EQ(offset * 4, h.length);
		}
	}
}

/* MUST ignore the reserved bits, and take the flags as they come. */
TEST_F(tcp_wire, every_flag_and_reserved_bit)
{
	u8 *bytes = memcpy(self->end - 20, segment, 20);

	for (unsigned int reserved = 0; reserved < 16; reserved++) {
		for (unsigned int flags = 0; flags < 256; flags++) {
			struct xtcp_header h;

			bytes[12] = 0x50 | reserved;
			bytes[13] = flags;
			ASSERT_EQ(0, xtcp_parse(bytes, 20, &h));
			ASSERT_EQ(20, h.length);
			ASSERT_EQ(flags, h.flags);
		}
	}
}

TEST_F(tcp_wire, written_as_the_rfc_draws_it)
{
	struct xtcp_header h = {
		.source = htons(51234), .dest = htons(443), .seq = 0xdeadbeef,
		.ack = 0x8ace1357, .length = 20, .flags = XTCP_PSH | XTCP_ACK,
		.window = 0xfaf0, .urgent = 0x4321,
	};
	u8 *bytes = self->end - 20;
	u8 expected[XTCP_HEADER_LEN];

	memcpy(expected, segment, sizeof(expected));
	expected[16] = expected[17] = 0;
	memset(bytes - 1, 0xff, 21);
	xtcp_write(bytes, &h);
	EXPECT_EQ(0, memcmp(expected, bytes, sizeof(expected)));
	EXPECT_EQ(0xff, bytes[-1]);
}

TEST_F(tcp_wire, what_is_written_is_read)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		struct xtcp_header again, h = {
			.source = htons(1u << (bit % 16)), .dest = htons(3u << (bit % 15)),
			.seq = 1u << bit, .ack = ~(1u << bit), .length = 20 + bit % 11 * 4,
			.flags = 1u << (bit % 8), .window = 5u << (bit % 14),
			.urgent = 0xffff >> (bit % 16),
		};
		u8 *bytes = self->end - h.length;

		memset(bytes, 0xff, h.length);
		xtcp_write(bytes, &h);
		ASSERT_EQ(0, xtcp_parse(bytes, h.length, &again));
		ASSERT_EQ(h.source, again.source);
		ASSERT_EQ(h.dest, again.dest);
		ASSERT_EQ(h.seq, again.seq);
		ASSERT_EQ(h.ack, again.ack);
		ASSERT_EQ(h.length, again.length);
		ASSERT_EQ(h.flags, again.flags);
		ASSERT_EQ(h.window, again.window);
		ASSERT_EQ(h.urgent, again.urgent);
	}
}

TEST_F(tcp_wire, known_options)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct known *k = &known[i];
		struct xtcp_options syn = parsed(self, k->bytes, sizeof(k->bytes), true);
		struct xtcp_options other = parsed(self, k->bytes, sizeof(k->bytes), false);

		EXPECT_TRUE(same(&k->syn, &syn)) TH_LOG("in a SYN: %s", k->what);
		EXPECT_TRUE(same(&k->other, &other)) TH_LOG("%s", k->what);
	}
}

/* An option that has not the length of its kind says nothing, but what follows does. */
TEST_F(tcp_wire, every_length_of_every_option)
{
	static const u8 sentinel[] = { UTO, 4, 0x12, 0x34 };
	static const struct xtcp_options only_sentinel = { SAYS_UTO(0x1234) };

	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		for (unsigned int len = 0; len < 256; len++) {
			bool right = len == single[i].bytes[1];
			bool leads_on = len >= 2 && len <= 36;
			const struct xtcp_options *expected =
				leads_on ? &only_sentinel : &nothing;
			u8 options[256] = { 0 };
			struct xtcp_options o;

			if (right || (single[i].bytes[0] == SACK && len % 8 == 2))
				continue;
			memcpy(options, single[i].bytes, sizeof(single[i].bytes));
			options[1] = len;
			if (leads_on)
				memcpy(options + len, sentinel, sizeof(sentinel));
			o = parsed(self, options, XTCP_MAX_OPTIONS_LEN, single[i].syn);
			ASSERT_TRUE(same(expected, &o))
				TH_LOG("kind %u with length %u", options[0], len);
		}
	}
}

/* Cut off anywhere by the header's end, an option says nothing. */
TEST_F(tcp_wire, every_option_cut_off)
{
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		for (unsigned int left = 0; left < single[i].bytes[1]; left++) {
			u8 options[XTCP_MAX_OPTIONS_LEN];
			unsigned int pad = -left % 4;
			struct xtcp_options o;

			memset(options, NOP, sizeof(options));
			memcpy(options + pad, single[i].bytes, left);
			o = parsed(self, options, pad + left, single[i].syn);
			ASSERT_TRUE(same(&nothing, &o))
				TH_LOG("%u bytes of kind %u", left, single[i].bytes[0]);
		}
	}
}

/* Options need not begin at a word (MUST-64). */
TEST_F(tcp_wire, every_option_at_every_place)
{
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		unsigned int len = single[i].bytes[1];

		for (unsigned int at = 0; at + len <= XTCP_MAX_OPTIONS_LEN; at++) {
			u8 options[XTCP_MAX_OPTIONS_LEN];
			struct xtcp_options o;

			memset(options, NOP, sizeof(options));
			memcpy(options + at, single[i].bytes, len);
			o = parsed(self, options, sizeof(options), single[i].syn);
			ASSERT_TRUE(same(&single[i].says, &o))
				TH_LOG("kind %u at %u", single[i].bytes[0], at);
		}
	}
}

/* What has no place in a SYN, or outside of one, is not heard there. */
TEST_F(tcp_wire, out_of_place)
{
	static const u8 in_syn[] = { MSS, 4, 1, 2, WSCALE, 3, 7, SACK_OK, 2, END, END, END };
	static const u8 not_in_syn[] = { NOP, NOP, SACK, 10, BLOCK };
	struct xtcp_options o;

	o = parsed(self, in_syn, sizeof(in_syn), false);
	EXPECT_TRUE(same(&nothing, &o));
	o = parsed(self, not_in_syn, sizeof(not_in_syn), true);
	EXPECT_TRUE(same(&nothing, &o));
}

/* All kinds with all lengths in the only word: only a whole one is heard. */
TEST_F(tcp_wire, any_three_bytes)
{
	for (u32 any = 0; any < 1u << 24; any++) {
		const u8 word[] = { any >> 16, any >> 8, any, 0x42 };
		struct xtcp_options o = parsed(self, word, sizeof(word), any & 1);

		ASSERT_FALSE(o.has_timestamps || o.nr_sacks);
		ASSERT_TRUE(o.wscale <= XTCP_MAX_WSCALE);
		ASSERT_TRUE(!o.has_mss || (word[0] == MSS && word[1] == 4 && o.mss));
		ASSERT_TRUE(!o.has_wscale || word[0] == WSCALE || word[1] == WSCALE);
		ASSERT_TRUE(!o.user_timeout || (word[0] == UTO && word[1] == 4));
	}
}

TEST_F(tcp_wire, one_to_four_blocks)
{
	u8 options[XTCP_MAX_OPTIONS_LEN];

	for (unsigned int i = 0; i < sizeof(options); i++)
		options[i] = i;
	for (unsigned int nr = 1; nr <= 4; nr++) {
		struct xtcp_options o;

		options[0] = options[1] = NOP;
		options[2] = SACK;
		options[3] = 2 + 8 * nr;
		o = parsed(self, options, 4 + 8 * nr, false);
		ASSERT_EQ(nr, o.nr_sacks);
		for (unsigned int i = 0; i < nr; i++) {
			u32 first = 4 + 8 * i;

			ASSERT_EQ(0x00010203 + first * 0x01010101, o.sack[i].start);
			ASSERT_EQ(0x04050607 + first * 0x01010101, o.sack[i].end);
		}
	}
}

/* The fast way agrees with the slow one, and takes nothing else. */
TEST_F(tcp_wire, timestamps_alone)
{
	static const u8 usual[] = { NOP, NOP, TS, 10, TIMES };
	struct xtcp_header h = { .length = 32 };
	u8 *options = self->end - sizeof(usual);
	struct xtcp_options fast, slow;

	memset(&fast, 0xff, sizeof(fast));
	slow = parsed(self, usual, sizeof(usual), false);
	ASSERT_TRUE(xtcp_parse_timestamps(self->end - 32, &h, &fast));
	EXPECT_TRUE(same(&slow, &fast));
	EXPECT_TRUE(fast.has_timestamps);

	for (unsigned int i = 0; i < 4; i++) {
		options[i] ^= 0x40;
		EXPECT_FALSE(xtcp_parse_timestamps(self->end - 32, &h, &fast));
		options[i] ^= 0x40;
	}
	for (h.length = 20; h.length <= 60; h.length += 4)
		EXPECT_EQ(h.length == 32, xtcp_parse_timestamps(self->end - 32, &h, &fast));
}

/* One segment's options as they have to be on the wire. */
struct written {
	const char *what;
	bool syn;
	struct xtcp_options says;
	unsigned int len;
	u8 bytes[XTCP_MAX_OPTIONS_LEN];
};

static const struct written written[] = {
	{ "nothing", true, { 0 }, 0, { 0 } },
	{ "a full SYN", true,
	  { SAYS_MSS(1460), SAYS_WSCALE(7), SAYS_SACK_OK, SAYS_TS }, 20,
	  { MSS, 4, 5, 0xb4, SACK_OK, 2, TS, 10, TIMES, NOP, WSCALE, 3, 7 } },
	{ "a SYN without timestamps", true,
	  { SAYS_MSS(1460), SAYS_WSCALE(7), SAYS_SACK_OK }, 12,
	  { MSS, 4, 5, 0xb4, NOP, NOP, SACK_OK, 2, NOP, WSCALE, 3, 7 } },
	{ "a SYN without SACK", true,
	  { SAYS_MSS(1460), SAYS_TS }, 16, { MSS, 4, 5, 0xb4, NOP, NOP, TS, 10, TIMES } },
	{ "a scale of 0 is said", true, { SAYS_WSCALE(0) }, 4, { NOP, WSCALE, 3, 0 } },
	{ "what only a SYN says", false,
	  { SAYS_MSS(1460), SAYS_WSCALE(7), SAYS_SACK_OK }, 0, { 0 } },
	{ "data, and what only a SYN says", false,
	  { SAYS_TS, SAYS_SACK_OK }, 12, { NOP, NOP, TS, 10, TIMES } },
	{ "what no SYN says", true, { SAYS_SACK }, 0, { 0 } },
	{ "data", false, { SAYS_TS }, 12, { NOP, NOP, TS, 10, TIMES } },
	{ "a hole", false, { SAYS_TS, SAYS_SACK }, 24,
	  { NOP, NOP, TS, 10, TIMES, NOP, NOP, SACK, 10, BLOCK } },
	{ "a user timeout", false, { SAYS_UTO(0x801e) }, 4, { UTO, 4, 0x80, 30 } },
};

TEST_F(tcp_wire, written_options)
{
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		const struct written *w = &written[i];
		u8 *bytes = self->end - w->len;

		bytes[-1] = 0x5a;
		ASSERT_EQ(w->len, xtcp_options_len(&w->says, w->syn)) TH_LOG("%s", w->what);
		xtcp_write_options(bytes, &w->says, w->syn);
		EXPECT_EQ(0, memcmp(w->bytes, bytes, w->len)) TH_LOG("%s", w->what);
		EXPECT_EQ(0x5a, bytes[-1]) TH_LOG("%s", w->what);
	}
}

/* How many blocks fit: 4 alone, 3 with timestamps (RFC 2018 section 3). */
static unsigned int blocks_that_fit(const struct xtcp_options *o)
{
	unsigned int room = 36 - (o->has_timestamps ? 12 : 0) - (o->user_timeout ? 4 : 0);

	return o->nr_sacks < room / 8 ? o->nr_sacks : room / 8;
}

/* What a peer hears of them. */
static struct xtcp_options heard(struct xtcp_options o, bool syn)
{
	o.nr_sacks = syn ? 0 : blocks_that_fit(&o);
	if (!syn) {
		o.has_mss = o.has_wscale = o.sack_permitted = false;
		o.mss = o.wscale = 0;
	}
	return o;
}

/* Options of every combination: one bit of @which for each, three for the blocks. */
static struct xtcp_options combination(unsigned int which)
{
	struct xtcp_options o = { .nr_sacks = which >> 5 };

	if (which & 1)
		o = (struct xtcp_options){ .nr_sacks = o.nr_sacks, SAYS_TS };
	o.has_mss = which & 2;
	o.mss = o.has_mss ? 1460 : 0;
	o.has_wscale = which & 4;
	o.wscale = o.has_wscale ? 9 : 0;
	o.sack_permitted = which & 8;
	o.user_timeout = which & 16 ? 0x8123 : 0;
	for (unsigned int i = 0; i < XTCP_MAX_SACKS; i++)
		o.sack[i] = (struct xtcp_sack){ 0xfffffff0 + i * 7, i * 1000003 };
	return o;
}

TEST_F(tcp_wire, every_combination_is_read_again)
{
	for (unsigned int which = 0; which < 5 << 5; which++) {
		for (int syn = 0; syn < 2; syn++) {
			struct xtcp_options o = combination(which), again;
			struct xtcp_options expected = heard(o, syn);
			unsigned int len = xtcp_options_len(&o, syn);
			struct xtcp_header h = { .length = XTCP_HEADER_LEN + len };

			ASSERT_TRUE(len <= XTCP_MAX_OPTIONS_LEN && len % 4 == 0);
			memset(self->end - len, 0xff, len);
			xtcp_write_options(self->end - len, &o, syn);
			xtcp_parse_options(self->end - h.length, &h, syn, &again);
			ASSERT_TRUE(same(&expected, &again))
				TH_LOG("combination %u, SYN %d", which, syn);
		}
	}
}

TEST_HARNESS_MAIN
