// SPDX-License-Identifier: GPL-2.0
/* Data Dropped: what is written, what is read of it, and each by the other. */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../../net/dccp/drops.c"
#include "../../net/dccp/wire.c"

FIXTURE(drops) {
	struct xdccp_drops d;
	uint8_t bytes[256];
};

FIXTURE_SETUP(drops)
{
	memset(self, 0, sizeof(*self));
}

FIXTURE_TEARDOWN(drops)
{
}

#define WRITES(_ack, ...) do {							\
	const uint8_t _want[] = { __VA_ARGS__ };				\
	uint8_t *_end = xdccp_drops_put(&self->d, _ack, self->bytes, 255);	\
	ASSERT_EQ(sizeof(_want), (size_t)(_end - self->bytes));			\
	ASSERT_EQ(0, memcmp(_want, self->bytes, sizeof(_want)));		\
} while (0)

#define WRITES_NOTHING(_ack) \
	ASSERT_EQ(self->bytes + 0, xdccp_drops_put(&self->d, _ack, self->bytes, 255))

TEST_F(drops, nothing)
{
	WRITES_NOTHING(100);
}

TEST_F(drops, one_that_is_acknowledged_is_told_four_times)
{
	int i;

	xdccp_drops_add(&self->d, 100, XDCCP_DROP_BUFFER);
	for (i = 0; i < XDCCP_DROP_TIMES; i++)
		WRITES(100, 40, 3, 0xa0);
	WRITES_NOTHING(100);
}

TEST_F(drops, runs_and_what_is_between)
{
	int i;

	for (i = 0; i < 18; i++)
		xdccp_drops_add(&self->d, 100 + i, XDCCP_DROP_NOT_LISTENING);
	xdccp_drops_add(&self->d, 250, XDCCP_DROP_CORRUPT);
	/* 251 to 253; 250; 118 to 249; 102 to 117, 100 and 101 */
	WRITES(253, 40, 8, 0x02, 0xb0, 0x7f, 0x03, 0x9f, 0x91);
}

TEST_F(drops, round_the_circle)
{
	xdccp_drops_add(&self->d, XDCCP_SEQ_MASK, XDCCP_DROP_PROTOCOL);
	xdccp_drops_add(&self->d, 0, XDCCP_DROP_PROTOCOL);
	WRITES(1, 40, 4, 0x00, 0x81);
}

TEST_F(drops, late_and_twice)
{
	xdccp_drops_add(&self->d, 10, XDCCP_DROP_BUFFER);
	xdccp_drops_add(&self->d, 8, XDCCP_DROP_BUFFER);
	xdccp_drops_add(&self->d, 8, XDCCP_DROP_BUFFER);
	WRITES(10, 40, 5, 0xa0, 0x00, 0xa0);
}

TEST_F(drops, too_many_and_too_old)
{
	int i;

	for (i = 0; i < 40; i++)
		xdccp_drops_add(&self->d, 2 * i, XDCCP_DROP_BUFFER);
	ASSERT_EQ(XDCCP_DROP_RUNS, self->d.nr);
	ASSERT_EQ(78, self->d.run[0].high);
	WRITES_NOTHING(78 + XDCCP_DROP_REACH + 1);
}

TEST_F(drops, no_room)
{
	xdccp_drops_add(&self->d, 10, XDCCP_DROP_BUFFER);
	ASSERT_EQ(self->bytes + 0, xdccp_drops_put(&self->d, 10, self->bytes, 2));
	ASSERT_EQ(self->bytes + 0, xdccp_drops_put(&self->d, 10 + 129, self->bytes, 3));
	WRITES(10, 40, 3, 0xa0);
}

TEST_F(drops, each_is_news_once)
{
	struct xdccp_dropped_walk walk = { .at = 20, .latest = 9 };
	const uint8_t cells[] = { 0x01, 0xa3, 0x00, 0x91, 0xaf };

	/* 19 and 20; 15 to 18; 14; 12 and 13; 11 and before, of which 10 is the oldest news */
	xdccp_drops_read(&walk, 5, cells, sizeof(cells));
	ASSERT_EQ(4 + 2, walk.buffer);
	ASSERT_TRUE(walk.not_listening);
	ASSERT_EQ(18, walk.found);
	walk = (struct xdccp_dropped_walk) { .at = 20, .latest = 18 };
	xdccp_drops_read(&walk, 5, cells, sizeof(cells));
	ASSERT_EQ(0, walk.buffer);
	ASSERT_FALSE(walk.not_listening);
}

TEST_F(drops, what_was_never_sent_was_not_dropped)
{
	struct xdccp_dropped_walk walk = { .at = 20, .latest = 3 };
	const uint8_t cells[] = { 0xaf, 0xaf, 0xaf };

	xdccp_drops_read(&walk, 18, cells, sizeof(cells));
	ASSERT_EQ(3, walk.buffer);
}

/* Whatever the order, what is written reads as what was dropped, or not at all. */
TEST_F(drops, read_as_written)
{
	int round, i;

	srand(11);
	for (round = 0; round < 20000; round++) {
		uint64_t base = (rand() & 1) ? XDCCP_SEQ_MASK - 20 : 1000;
		struct xdccp_dropped_walk walk = { .latest = xdccp_seq_add(base, -1) };
		unsigned int room = rand() % 40;
		bool dropped[64] = { };
		uint32_t n = 0;
		uint8_t *end;

		memset(&self->d, 0, sizeof(self->d));
		for (i = 0; i < 10; i++) {
			int at = rand() % 64;

			xdccp_drops_add(&self->d, xdccp_seq_add(base, at), XDCCP_DROP_BUFFER);
			n += !dropped[at];
			dropped[at] = true;
		}
		walk.at = xdccp_seq_add(base, 63 + rand() % 300);
		end = xdccp_drops_put(&self->d, walk.at, self->bytes, room);
		ASSERT_TRUE(end - self->bytes <= room);
		if (end > self->bytes)
			xdccp_drops_read(&walk, base, self->bytes + 2, self->bytes[1] - 2);
		ASSERT_TRUE(walk.buffer <= n);
		if (room == 39 && xdccp_seq_delta(base, walk.at) < 128)
			ASSERT_EQ(n, walk.buffer);
	}
}

TEST_HARNESS_MAIN
