// SPDX-License-Identifier: GPL-2.0
/* CCID 2's sender: the rules of RFC 4341 one by one, then anything that peers may say. */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../../net/dccp/window.c"
#include "../../net/dccp/wire.c"

#define SLOTS	64
#define RTT	50000u

FIXTURE(window) {
	struct xdccp_window w;
	struct xdccp_window_slot slot[SLOTS], more[4 * SLOTS];
	struct xdccp_window_ack ack;
	u64 seq;
	u32 now;
};

FIXTURE_SETUP(window)
{
	srandom(1);
	self->seq = XDCCP_SEQ_MASK - 20;	/* the circle closes on the way */
	self->now = UINT32_MAX - 3 * RTT;	/* and so does the clock */
	xdccp_window_init(&self->w, self->slot, SLOTS, 4);
}

FIXTURE_TEARDOWN(window)
{
}

static u64 sends(FIXTURE_DATA(window) *self)
{
	self->seq = xdccp_seq_add(self->seq, 1);
	xdccp_window_sent(&self->w, self->seq, self->now);
	return self->seq;
}

static u32 fills(FIXTURE_DATA(window) *self)
{
	u32 n = 0;

	for (; xdccp_window_open(&self->w); n++)
		sends(self);
	return n;
}

/* One acknowledgment of one run. */
static void told(FIXTURE_DATA(window) *self, u64 high, u32 len, u8 state)
{
	memset(&self->ack, 0, sizeof(self->ack));
	xdccp_window_run(&self->w, high, len, state, self->now, &self->ack);
	xdccp_window_acked(&self->w, &self->ack);
}

TEST_F(window, as_many_as_it_says)
{
	EXPECT_EQ(4, fills(self));
	EXPECT_EQ(4, self->w.pipe);
	self->now += RTT;
	told(self, self->seq, 2, XDCCP_RECEIVED);
	EXPECT_EQ(2, self->ack.newly);
	EXPECT_TRUE(self->ack.has_rtt);
	EXPECT_EQ(RTT, self->ack.rtt_us);
	EXPECT_EQ(2, self->w.pipe);
}

/* RFC 4341 section 5: one for every two acknowledged, then one for a window. */
TEST_F(window, how_it_grows)
{
	u64 two = xdccp_seq_add(self->seq, 2);

	for (u32 cwnd = 4; cwnd < 30; cwnd++, two = xdccp_seq_add(two, 2)) {
		ASSERT_EQ(cwnd, self->w.cwnd);
		fills(self);
		told(self, two, 2, XDCCP_RECEIVED);
	}
	/* Of what an acknowledgment tells, half of Ack Ratio counts: also if others were lost. */
	self->w.ack_ratio = 10;
	fills(self);
	told(self, self->seq, 64, XDCCP_RECEIVED);
	ASSERT_EQ(35, self->w.cwnd);
	self->w.ssthresh = 10;
	self->w.cwnd = 10;
	self->w.acked = 0;
	for (u32 cwnd = 10; cwnd < 20; cwnd++) {
		ASSERT_EQ(cwnd, self->w.cwnd);
		fills(self);
		told(self, self->seq, 64, XDCCP_RECEIVED);
	}
}

/* What was not used proves nothing. */
TEST_F(window, it_grows_only_if_it_was_in_the_way)
{
	for (int i = 0; i < 20; i++) {
		sends(self);
		told(self, self->seq, 1, XDCCP_RECEIVED);
	}
	EXPECT_EQ(4, self->w.cwnd);
}

TEST_F(window, three_later_ones_make_it_lost)
{
	u64 lost;

	self->w.cwnd = 10;
	lost = sends(self);
	fills(self);
	told(self, lost + 2, 2, XDCCP_RECEIVED);
	EXPECT_EQ(0, self->ack.lost);
	told(self, xdccp_seq_add(lost, 3), 1, XDCCP_RECEIVED);
	EXPECT_EQ(1, self->ack.lost);
	EXPECT_TRUE(self->ack.congested);
	EXPECT_EQ(5, self->w.cwnd);
	EXPECT_EQ(5, self->w.ssthresh);
	EXPECT_EQ(6, self->w.pipe);
	/* It came after all: it is not in flight twice. */
	told(self, lost, 1, XDCCP_RECEIVED);
	EXPECT_EQ(0, self->ack.newly);
	EXPECT_EQ(6, self->w.pipe);
}

TEST_F(window, once_for_a_window)
{
	self->w.cwnd = 20;
	fills(self);
	told(self, xdccp_seq_add(self->seq, -10), 1, XDCCP_RECEIVED_MARKED);
	EXPECT_EQ(10, self->w.cwnd);
	told(self, self->seq, 3, XDCCP_RECEIVED);
	EXPECT_EQ(16, self->ack.lost);
	EXPECT_EQ(10, self->w.cwnd);
	fills(self);
	told(self, self->seq, 1, XDCCP_RECEIVED_MARKED);
	EXPECT_EQ(5, self->w.cwnd);
}

TEST_F(window, nothing_came_back)
{
	self->w.cwnd = 20;
	fills(self);
	xdccp_window_timeout(&self->w);
	EXPECT_EQ(1, self->w.cwnd);
	EXPECT_EQ(10, self->w.ssthresh);
	EXPECT_EQ(0, self->w.pipe);
	EXPECT_EQ(1, fills(self));
	told(self, xdccp_seq_add(self->seq, -1), 5, XDCCP_RECEIVED);
	EXPECT_EQ(0, self->ack.newly);
	EXPECT_EQ(1, self->w.pipe);
}

TEST_F(window, nothing_to_send)
{
	self->w.cwnd = 32;
	sends(self);
	told(self, self->seq, 1, XDCCP_RECEIVED);
	self->now += 2 * RTT;
	xdccp_window_idle(&self->w, self->now, 4 * RTT);
	EXPECT_EQ(32, self->w.cwnd);
	self->now += 7 * RTT;
	xdccp_window_idle(&self->w, self->now, 4 * RTT);
	EXPECT_EQ(8, self->w.cwnd);
	self->now += 1000 * RTT;
	xdccp_window_idle(&self->w, self->now, 4 * RTT);
	EXPECT_EQ(4, self->w.cwnd);
}

TEST_F(window, more_slots)
{
	self->w.cwnd = 1000;
	for (u32 i = 0; i < SLOTS; i++)
		sends(self);
	ASSERT_TRUE(xdccp_window_full(&self->w));
	EXPECT_EQ(-ENOSPC, xdccp_window_sent(&self->w, self->seq + 1, self->now));
	told(self, xdccp_seq_add(self->seq, -SLOTS + 10), 10, XDCCP_RECEIVED);
	for (u32 i = 0; i < 10; i++)
		sends(self);
	xdccp_window_grow(&self->w, self->more, 4 * SLOTS);
	ASSERT_FALSE(xdccp_window_full(&self->w));
	sends(self);
	told(self, self->seq, SLOTS + 1, XDCCP_RECEIVED);
	EXPECT_EQ(SLOTS + 1, self->ack.newly);
	EXPECT_EQ(0, self->w.pipe);
	EXPECT_EQ(0, self->w.nr);
}

/* In flight is what is neither acknowledged nor lost, whatever the peer says. */
TEST_F(window, anything_that_peers_say)
{
	for (int i = 0; i < 300000; i++) {
		u32 flight = 0;

		self->now += random() % RTT;
		if (random() % 3)
			fills(self);
		told(self, xdccp_seq_add(self->seq, random() % 90 - 80), random() % 64, random() % 4);
		if (!(random() % 100))
			xdccp_window_timeout(&self->w);
		if (!(random() % 10))
			xdccp_window_idle(&self->w, self->now, RTT);
		for (u32 j = 0; j < self->w.nr; j++)
			flight += !xdccp_slot(&self->w, j)->acked && !xdccp_slot(&self->w, j)->lost;
		ASSERT_EQ(flight, self->w.pipe);
		ASSERT_TRUE(self->w.cwnd >= 1 && self->w.nr <= SLOTS);
		self->w.cwnd = min(self->w.cwnd, 40u);
		while (self->w.nr > 20)
			told(self, self->seq, 64, XDCCP_RECEIVED);
	}
}

TEST_F(window, a_receiver_without_room)
{
	unsigned int cwnd = self->w.cwnd;

	xdccp_window_dropped(&self->w, 1);
	ASSERT_EQ(cwnd - 1, self->w.cwnd);
	ASSERT_EQ(cwnd - 1, self->w.ssthresh);
	xdccp_window_dropped(&self->w, 0);
	ASSERT_EQ(cwnd - 1, self->w.cwnd);
	xdccp_window_dropped(&self->w, 1000);
	ASSERT_EQ(1, self->w.cwnd);
}

TEST_HARNESS_MAIN
