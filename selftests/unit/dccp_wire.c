// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP's packets, read and written: each type with either kind of number, each length, each
 * coverage, options with every length and in every place, and back again what was written. The
 * bytes lie at the very end of a page that nothing follows, so that reading one too many is the
 * last thing the test does.
 */
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "../../net/dccp/wire.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED	0xa5

FIXTURE(dccp_wire) {
	size_t page;
	u8 *pages, *end;
};

FIXTURE_SETUP(dccp_wire)
{
	self->page = 4096;
	self->pages = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	self->end = self->pages + self->page;
	ASSERT_EQ(0, mprotect(self->end, self->page, PROT_NONE));
}

FIXTURE_TEARDOWN(dccp_wire)
{
	munmap(self->pages, 2 * self->page);
}

/* These bytes with nothing behind them. */
static u8 *at_the_end(const FIXTURE_DATA(dccp_wire) *self, const void *bytes, u32 len)
{
	return memmove(self->end - len, bytes, len);
}

static struct xdccp_walk walk_over(const FIXTURE_DATA(dccp_wire) *self, const void *bytes, u32 len)
{
	struct xdccp_walk walk = { .bytes = at_the_end(self, bytes, len), .left = len };

	return walk;
}

/* An option whose value has nothing behind it. */
static struct xdccp_option option_of(const FIXTURE_DATA(dccp_wire) *self, u8 type,
				     const void *value, u8 len)
{
	struct xdccp_option option = { .type = type, .len = len,
				       .value = at_the_end(self, value, len) };

	return option;
}

/* RFC 4340 sections 5.1 to 5.7, and RFC 5596: octets of each header, long and short. */
static const u8 fixed[XDCCP_TYPES][2] = {
	[XDCCP_REQUEST] = { 20 }, [XDCCP_RESPONSE] = { 28 }, [XDCCP_DATA] = { 16, 12 },
	[XDCCP_ACK] = { 24, 16 }, [XDCCP_DATAACK] = { 24, 16 }, [XDCCP_CLOSEREQ] = { 24 },
	[XDCCP_CLOSE] = { 24 }, [XDCCP_RESET] = { 28 }, [XDCCP_SYNC] = { 24 },
	[XDCCP_SYNCACK] = { 24 }, [XDCCP_LISTEN] = { 20 },
};

/* The header */

TEST_F(dccp_wire, a_request_octet_by_octet)
{
	static const u8 bytes[] = {
		0x13, 0x89, 0x13, 0x8a, 0x06, 0x31, 0xbe, 0xef, 0x01, 0x00, 0x12, 0x34,
		0x56, 0x78, 0x9a, 0xbc, 'd', 'i', 's', 'c', 0, 0, 0, 0,
	};
	struct xdccp_header h;

	ASSERT_EQ(0, xdccp_parse_header(at_the_end(self, bytes, sizeof(bytes)), sizeof(bytes), &h));
	EXPECT_EQ(5001, ntohs(h.source));
	EXPECT_EQ(5002, ntohs(h.dest));
	EXPECT_EQ(XDCCP_REQUEST, h.type);
	EXPECT_TRUE(h.x);
	EXPECT_FALSE(h.has_ack);
	EXPECT_EQ(24, h.length);
	EXPECT_EQ(20, h.fixed);
	EXPECT_EQ(3, h.ccval);
	EXPECT_EQ(1, h.cscov);
	EXPECT_EQ(0x123456789abc, h.seq);
	EXPECT_EQ(0x64697363, h.service);
}

TEST_F(dccp_wire, a_reset_octet_by_octet)
{
	static const u8 bytes[] = {
		0, 1, 0, 2, 0x07, 0, 0, 0, 0x0f, 0, 0, 0, 0, 0, 0, 9,
		0, 0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, XDCCP_RESET_OPTION_ERROR, 32, 1, 2,
	};
	struct xdccp_header h;

	ASSERT_EQ(0, xdccp_parse_header(at_the_end(self, bytes, sizeof(bytes)), sizeof(bytes), &h));
	EXPECT_EQ(XDCCP_RESET, h.type);
	EXPECT_EQ(9, h.seq);
	EXPECT_TRUE(h.has_ack);
	EXPECT_EQ(0xfffefdfcfbfa, h.ack);
	EXPECT_EQ(XDCCP_RESET_OPTION_ERROR, h.reset_code);
	EXPECT_EQ(0, memcmp(h.reset_data, bytes + 25, 3));
}

TEST_F(dccp_wire, an_ack_with_short_numbers)
{
	static const u8 bytes[] = {
		0, 1, 0, 2, 0x04, 0, 0, 0, 0xe6, 0xab, 0xcd, 0xef, 0xff, 0x12, 0x34, 0x56,
	};
	struct xdccp_header h;

	ASSERT_EQ(0, xdccp_parse_header(at_the_end(self, bytes, sizeof(bytes)), sizeof(bytes), &h));
	EXPECT_EQ(XDCCP_ACK, h.type);
	EXPECT_FALSE(h.x);
	EXPECT_EQ(0xabcdef, h.seq);
	EXPECT_EQ(0x123456, h.ack);
}

/* Each type, long and short, in each room, with each offset. */
TEST_F(dccp_wire, every_type_length_and_offset)
{
	for (unsigned int type = 0; type < 16; type++) {
		for (unsigned int x = 0; x < 2; x++) {
			u8 need = type < XDCCP_TYPES ? fixed[type][!x] : 0;

			for (u32 len = 0; len <= 36; len++) {
				for (u32 offset = 0; offset <= 9; offset++) {
					u8 bytes[36] = { [4] = offset, [8] = type << 1 | x };
					bool good = need && len >= need && 4 * offset >= need;
					struct xdccp_header h;

					ASSERT_EQ(good ? 0 : -EINVAL, xdccp_parse_header(
						  at_the_end(self, bytes, len), len, &h))
						TH_LOG("type %u x %u len %u", type, x, len);
					if (!good)
						continue;
					ASSERT_EQ(need, h.fixed);
					ASSERT_EQ(4 * offset, h.length);
				}
			}
		}
	}
}

TEST_F(dccp_wire, a_header_written_is_read)
{
	for (unsigned int type = 0; type < XDCCP_TYPES; type++) {
		for (unsigned int x = !fixed[type][1]; x < 2; x++) {
			u64 mask = x ? XDCCP_SEQ_MASK : XDCCP_SHORT_MASK;
			struct xdccp_header again, h = {
				.source = htons(0x1234), .dest = htons(0xfedc),
				.seq = 0xf1e2d3c4b5a6 & mask, .ack = 0x8192a3b4c5d6 & mask,
				.service = 0xdeadbeef, .length = 40, .type = type, .ccval = 13,
				.cscov = 6, .reset_code = 200, .reset_data = { 1, 2, 255 }, .x = x,
			};
			u8 len = fixed[type][!x], *bytes = self->end - len;

			memset(bytes - 1, UNTOUCHED, len + 1);
			xdccp_write_header(bytes, &h);
			ASSERT_EQ(UNTOUCHED, bytes[-1]);
			ASSERT_EQ(0, bytes[6] | bytes[7]);
			ASSERT_EQ(0, xdccp_parse_header(bytes, len, &again));
			ASSERT_EQ(h.source, again.source);
			ASSERT_EQ(h.dest, again.dest);
			ASSERT_EQ(h.seq, again.seq);
			ASSERT_EQ(type == XDCCP_REQUEST || type == XDCCP_DATA ||
				  type == XDCCP_LISTEN ? 0 : h.ack, again.ack);
			ASSERT_EQ(type <= XDCCP_RESPONSE || type == XDCCP_LISTEN ? h.service : 0,
				  again.service);
			ASSERT_EQ(type == XDCCP_RESET ? 200 : 0, again.reset_code);
			ASSERT_EQ(40, again.length);
			ASSERT_EQ(13, again.ccval);
			ASSERT_EQ(6, again.cscov);
			ASSERT_EQ(x, again.x);
		}
	}
}

/* RFC 4340 section 9.2 */
TEST_F(dccp_wire, every_coverage_of_every_length)
{
	for (unsigned int cscov = 0; cscov < 16; cscov++) {
		for (u32 len = 0; len < 100; len++) {
			struct xdccp_header h = { .length = 20, .cscov = cscov };
			u32 need = cscov ? 20 + 4 * (cscov - 1) : 20, covered = 0;

			ASSERT_EQ(len < need ? -EINVAL : 0, xdccp_coverage(&h, len, &covered));
			if (len >= need)
				ASSERT_EQ(cscov ? need : len, covered);
		}
	}
}

/* Numbers */

TEST_F(dccp_wire, numbers_are_a_circle)
{
	u64 top = XDCCP_SEQ_MASK;

	EXPECT_EQ(0, xdccp_seq_add(top, 1));
	EXPECT_EQ(top, xdccp_seq_add(0, -1));
	EXPECT_EQ(5, xdccp_seq_delta(top - 1, 3));
	EXPECT_EQ(-5, xdccp_seq_delta(3, top - 1));
	EXPECT_TRUE(xdccp_seq_before(top, 0));
	EXPECT_FALSE(xdccp_seq_before(0, top));
	EXPECT_FALSE(xdccp_seq_before(7, 7));
	EXPECT_TRUE(xdccp_seq_after(0, top));
	EXPECT_TRUE(xdccp_seq_between(0, top, 1));
	EXPECT_TRUE(xdccp_seq_between(top, top, 1));
	EXPECT_FALSE(xdccp_seq_between(2, top, 1));
	EXPECT_FALSE(xdccp_seq_between(top - 1, top, 1));
}

TEST_F(dccp_wire, a_short_number_is_the_nearest_long_one)
{
	static const s32 distances[] = { 0, 1, -1, 1000, -1000, 0x7fffff, -0x7fffff };
	static const u64 references[] = { 0, 1, 0xffffff, 0x1000000, 0x123456789abc,
					  XDCCP_SEQ_MASK, XDCCP_SEQ_MASK - 0xffffff };

	for (size_t i = 0; i < ARRAY_LEN(references); i++) {
		for (size_t j = 0; j < ARRAY_LEN(distances); j++) {
			u64 seq = xdccp_seq_add(references[i], distances[j]);

			ASSERT_EQ(seq, xdccp_extend(seq & XDCCP_SHORT_MASK, references[i]));
		}
	}
}

/* Options */

/* Each type, with every length it may claim, in every room. */
TEST_F(dccp_wire, every_length_of_an_option_in_every_room)
{
	for (unsigned int type = 0; type < 256; type++) {
		for (u32 room = 1; room <= 6; room++) {
			for (u32 length = 0; length <= 8; length++) {
				u8 bytes[6] = { type, length };
				struct xdccp_walk walk = walk_over(self, bytes, room);
				bool good = room >= 2 && length >= 2 && length <= room;
				struct xdccp_option option;

				if (type < 32)
					continue;
				ASSERT_EQ(good, xdccp_next_option(&walk, &option));
				if (!good) {
					ASSERT_EQ(0, xdccp_next_option(&walk, &option));
					continue;
				}
				ASSERT_EQ(type, option.type);
				ASSERT_EQ(length - 2, option.len);
				ASSERT_EQ(self->end - room + 2, option.value);
				ASSERT_EQ(room - length, walk.left);
				ASSERT_FALSE(option.mandatory);
			}
		}
	}
}

TEST_F(dccp_wire, short_options_one_after_the_other)
{
	static const u8 bytes[] = { 0, 2, 0, 31, 37, 3, 9, 2 };
	struct xdccp_walk walk = walk_over(self, bytes, sizeof(bytes));
	static const u8 types[] = { 2, 31, 37, 2 };
	struct xdccp_option option;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(types[i], option.type);
	}
	EXPECT_EQ(0, xdccp_next_option(&walk, &option));
}

/* RFC 4340 section 5.8: what follows a length without sense is nothing. */
TEST_F(dccp_wire, nothing_after_a_bad_length)
{
	static const u8 bytes[] = { 37, 3, 9, 41, 1, 37, 3, 9 };
	struct xdccp_walk walk = walk_over(self, bytes, sizeof(bytes));
	struct xdccp_option option;

	ASSERT_EQ(1, xdccp_next_option(&walk, &option));
	EXPECT_EQ(0, xdccp_next_option(&walk, &option));
	EXPECT_EQ(0, xdccp_next_option(&walk, &option));
}

/* RFC 4340 section 5.8.2 */
TEST_F(dccp_wire, mandatory_is_for_the_next)
{
	static const u8 bytes[] = { 1, 37, 3, 9, 37, 3, 9, 1, 0, 2, 1, 2 };
	static const bool mandatory[] = { true, false, false, true };
	struct xdccp_walk walk = walk_over(self, bytes, sizeof(bytes));
	struct xdccp_option option;

	for (size_t i = 0; i < ARRAY_LEN(mandatory); i++) {
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(mandatory[i], option.mandatory);
	}
	EXPECT_EQ(0, xdccp_next_option(&walk, &option));
}

TEST_F(dccp_wire, mandatory_for_nothing)
{
	static const u8 last[] = { 2, 1 }, twice[] = { 1, 1, 2 }, cut[] = { 1, 37, 9 };
	struct xdccp_option option;
	struct xdccp_walk walk;

	walk = walk_over(self, last, sizeof(last));
	ASSERT_EQ(1, xdccp_next_option(&walk, &option));
	EXPECT_EQ(-EBADMSG, xdccp_next_option(&walk, &option));
	walk = walk_over(self, twice, sizeof(twice));
	EXPECT_EQ(-EBADMSG, xdccp_next_option(&walk, &option));
	walk = walk_over(self, cut, sizeof(cut));
	EXPECT_EQ(-EBADMSG, xdccp_next_option(&walk, &option));
}

/* Table 3: Data packets have neither negotiation nor acknowledgments. */
TEST_F(dccp_wire, what_a_data_packet_cannot_have)
{
	static const u8 never[] = { 32, 33, 34, 35, 36, 38, 39, 40, 43 };
	static const u8 may[] = { 37, 41, 42, 44, 128, 192, 255 };
	struct xdccp_option option;
	struct xdccp_walk walk;

	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		u8 bytes[] = { 1, never[i], 4, 0, 0, 2 };

		walk = walk_over(self, bytes, sizeof(bytes));
		walk.of_data = true;
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(2, option.type);
		ASSERT_FALSE(option.mandatory);
	}
	for (size_t i = 0; i < ARRAY_LEN(may); i++) {
		u8 bytes[] = { may[i], 4, 0, 0 };

		walk = walk_over(self, bytes, sizeof(bytes));
		walk.of_data = true;
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(may[i], option.type);
	}
}

TEST_F(dccp_wire, options_lie_between_header_and_data)
{
	struct xdccp_header h = { .type = XDCCP_DATA, .fixed = 12, .length = 20 };
	u8 bytes[24] = { 0 };
	struct xdccp_walk walk;

	xdccp_walk_options(bytes, &h, &walk);
	EXPECT_EQ(bytes + 12, walk.bytes);
	EXPECT_EQ(8, walk.left);
	EXPECT_TRUE(walk.of_data);
}

/* Values */

TEST_F(dccp_wire, every_length_of_a_number)
{
	static const u8 value[] = { 1, 2, 3, 4, 5, 6, 7 };
	static const u8 of_four[] = { 41, 44, 192, 194 };
	u64 number = 0;

	for (u8 len = 0; len <= 7; len++) {
		struct xdccp_option ndp = option_of(self, XDCCP_OPT_NDP_COUNT, value, len);

		ASSERT_EQ(len < 1 || len > 6 ? -EINVAL : 0, xdccp_parse_number(&ndp, &number));
		if (len == 6)
			ASSERT_EQ(0x010203040506, number);
		for (size_t i = 0; i < ARRAY_LEN(of_four); i++) {
			struct xdccp_option option = option_of(self, of_four[i], value, len);

			ASSERT_EQ(len == 4 ? 0 : -EINVAL, xdccp_parse_number(&option, &number));
		}
	}
}

TEST_F(dccp_wire, every_length_of_a_time)
{
	static const u8 value[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	u32 timestamp, elapsed;

	for (u8 len = 0; len <= 9; len++) {
		struct xdccp_option option = option_of(self, XDCCP_OPT_ELAPSED_TIME, value, len);

		ASSERT_EQ(len == 2 || len == 4 ? 0 : -EINVAL, xdccp_parse_elapsed(&option, &elapsed));
		if (len == 2 || len == 4)
			ASSERT_EQ(len == 2 ? 0x0102 : 0x01020304, elapsed);
		option.type = XDCCP_OPT_TIMESTAMP_ECHO;
		ASSERT_EQ(len == 4 || len == 6 || len == 8 ? 0 : -EINVAL,
			  xdccp_parse_echo(&option, &timestamp, &elapsed));
		if (len != 4 && len != 6 && len != 8)
			continue;
		ASSERT_EQ(0x01020304, timestamp);
		ASSERT_EQ(len == 4 ? 0 : len == 6 ? 0x0506 : 0x05060708, elapsed);
	}
}

TEST_F(dccp_wire, every_length_of_a_negotiation)
{
	static const u8 value[] = { 1, 3, 2 };
	struct xdccp_negotiation n;

	for (u8 type = 32; type <= 35; type++) {
		for (u8 len = 0; len <= 3; len++) {
			struct xdccp_option option = option_of(self, type, value, len);
			u8 least = type == 32 || type == 34 ? 2 : 1;

			ASSERT_EQ(len < least ? -EINVAL : 0, xdccp_parse_negotiation(&option, &n));
			if (len < least)
				continue;
			ASSERT_EQ(1, n.feature);
			ASSERT_EQ(len - 1, n.len);
			ASSERT_EQ(self->end - len + 1, n.values);
		}
	}
}

TEST_F(dccp_wire, every_length_of_loss_intervals)
{
	u8 value[XDCCP_MAX_OPTION_VALUE] = { 7 }, skip;
	struct xdccp_loss_interval interval;
	unsigned int n, i;

	for (unsigned int len = 0; len <= XDCCP_MAX_OPTION_VALUE; len++) {
		struct xdccp_option option = option_of(self, 193, value, len);
		bool good = len % 9 == 1;

		ASSERT_EQ(good ? 0 : -EINVAL, xdccp_parse_loss_intervals(&option, &skip, &n));
		if (!good)
			continue;
		ASSERT_EQ(7, skip);
		ASSERT_EQ(len / 9, n);
		for (i = 0; i < n; i++)
			xdccp_loss_interval(&option, i, &interval);
	}
	EXPECT_EQ(XDCCP_MAX_LOSS_INTERVALS, n);
}

TEST_F(dccp_wire, a_loss_interval_written_is_read)
{
	static const struct xdccp_loss_interval intervals[] = {
		{ 1, 2, 3, 4, false }, { 0xffffff, 0x7fffff, 0xffffff, 0xffffffff, true },
		{ 0, 0, 0, 0, true }, { 0x123456, 0x654321, 0xabcdef, 0x13579b, false },
	};
	static const u8 dropped[] = {
		195, 14, 0, 0, 4, 0xff, 0xff, 0xff, 0, 0, 0, 0x13, 0x57, 0x9b,
	};
	u8 counts[sizeof(dropped)];
	struct xdccp_loss_interval again;
	u8 value[1 + 4 * XDCCP_LOSS_INTERVAL_LEN] = { 0 }, *to = value + 1;
	struct xdccp_option option;

	for (size_t i = 0; i < 4; i++)
		to = xdccp_put_loss_interval(to, &intervals[i]);
	ASSERT_EQ(value + sizeof(value), to);
	option = option_of(self, 193, value, sizeof(value));
	for (size_t i = 0; i < 4; i++) {
		xdccp_loss_interval(&option, i, &again);
		EXPECT_EQ(intervals[i].lossless, again.lossless);
		EXPECT_EQ(intervals[i].lossy, again.lossy);
		EXPECT_EQ(intervals[i].data, again.data);
		EXPECT_EQ(intervals[i].ecn_echo, again.ecn_echo);
	}
	ASSERT_EQ(counts + sizeof(counts), xdccp_put_dropped_packets(counts, intervals, 4));
	EXPECT_EQ(0, memcmp(dropped, counts, sizeof(counts)));
}

TEST_F(dccp_wire, every_cell_of_an_ack_vector)
{
	for (unsigned int cell = 0; cell < 256; cell++) {
		struct xdccp_run run;

		xdccp_run(cell, &run);
		ASSERT_TRUE(run.len >= 1 && run.len <= 64 && run.state <= 3);
		ASSERT_EQ(cell, xdccp_cell(&run));
	}
}

TEST_F(dccp_wire, every_cell_of_data_dropped)
{
	struct xdccp_dropped d;

	for (unsigned int cell = 0; cell < 256; cell++) {
		xdccp_dropped(cell, &d);
		ASSERT_EQ(cell < 128, d.normal);
		ASSERT_EQ(cell < 128 ? 0 : cell >> 4 & 7, d.code);
		ASSERT_EQ(cell < 128 ? cell + 1 : (cell & 15) + 1, d.len);
	}
}

/* Writers: as short as can be, no octet more, and what was written is read. */

TEST_F(dccp_wire, an_ndp_count_is_as_short_as_it_can_be)
{
	static const u64 counts[] = { 0, 1, 255, 256, 65535, 65536, 1ull << 24, 1ull << 32,
				      1ull << 40, XDCCP_SEQ_MASK, 1ull << 50 };
	static const u8 lens[] = { 1, 1, 1, 2, 2, 3, 4, 5, 6, 6, 6 };

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		u8 bytes[9], *end;
		struct xdccp_walk walk = { .bytes = bytes, .left = lens[i] + 2 };
		struct xdccp_option option;
		u64 count;

		memset(bytes, UNTOUCHED, sizeof(bytes));
		end = xdccp_put_ndp(bytes, counts[i]);
		ASSERT_EQ(lens[i] + 2, end - bytes);
		ASSERT_EQ(UNTOUCHED, *end);
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(0, xdccp_parse_number(&option, &count));
		ASSERT_EQ(min(counts[i], XDCCP_SEQ_MASK), count);
	}
}

TEST_F(dccp_wire, times_written_are_read)
{
	static const u32 times[] = { 0, 1, 65535, 65536, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		u32 timestamp, elapsed;
		struct xdccp_option option;
		struct xdccp_walk walk;
		u8 bytes[32], *end;

		end = xdccp_put_echo(xdccp_put_elapsed(bytes, times[i]), 0xfedcba98, times[i]);
		end = xdccp_put_option(end, XDCCP_OPT_SLOW_RECEIVER, NULL, 0);
		end = xdccp_put_padding(end, end - bytes);
		ASSERT_EQ(0, (end - bytes) % 4);
		walk = walk_over(self, bytes, end - bytes);
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(XDCCP_OPT_ELAPSED_TIME, option.type);
		ASSERT_EQ(0, xdccp_parse_elapsed(&option, &elapsed));
		ASSERT_EQ(times[i], elapsed);
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(0, xdccp_parse_echo(&option, &timestamp, &elapsed));
		ASSERT_EQ(0xfedcba98, timestamp);
		ASSERT_EQ(times[i], elapsed);
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(XDCCP_OPT_SLOW_RECEIVER, option.type);
		ASSERT_EQ(0, xdccp_next_option(&walk, &option));
	}
}

TEST_F(dccp_wire, a_negotiation_written_is_read)
{
	static const u8 values[] = { 3, 2, 4 };

	for (u8 len = 1; len <= sizeof(values); len++) {
		struct xdccp_option option;
		struct xdccp_negotiation n;
		struct xdccp_walk walk;
		u8 bytes[8], *end;

		end = xdccp_put_negotiation(bytes, XDCCP_OPT_CHANGE_R, 1, values, len);
		ASSERT_EQ(len + 3, end - bytes);
		walk = walk_over(self, bytes, end - bytes);
		ASSERT_EQ(1, xdccp_next_option(&walk, &option));
		ASSERT_EQ(XDCCP_OPT_CHANGE_R, option.type);
		ASSERT_EQ(0, xdccp_parse_negotiation(&option, &n));
		ASSERT_EQ(1, n.feature);
		ASSERT_EQ(len, n.len);
		ASSERT_EQ(0, memcmp(values, n.values, len));
	}
}

TEST_HARNESS_MAIN
