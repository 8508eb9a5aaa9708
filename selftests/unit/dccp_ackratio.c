// SPDX-License-Identifier: GPL-2.0
/* Ack Ratio: congestion control of CCID 2's acknowledgments, RFC 4341 section 6.1. */
#include "kselftest_harness.h"

#include "../../net/dccp/ackratio.c"

#define LEAST	2

FIXTURE(ackratio) {
	struct xdccp_ackratio r;
	u64 seq;
};

FIXTURE_SETUP(ackratio)
{
	self->seq = XDCCP_SEQ_MASK - 5;		/* the circle closes on the way */
	xdccp_ackratio_init(&self->r);
}

FIXTURE_TEARDOWN(ackratio)
{
}

/* A packet that comes, the @missing ones before it not. */
static struct xdccp_ackratio_packet after(FIXTURE_DATA(ackratio) *self, u32 missing)
{
	self->seq = xdccp_seq_add(self->seq, missing + 1);
	return (struct xdccp_ackratio_packet) { .seq = self->seq };
}

static void comes(FIXTURE_DATA(ackratio) *self, struct xdccp_ackratio_packet packet)
{
	xdccp_ackratio_heard(&self->r, &packet);
}

static void acks_come(FIXTURE_DATA(ackratio) *self, u32 nr)
{
	while (nr--)
		comes(self, after(self, 0));
}

static void window_is_lossy(FIXTURE_DATA(ackratio) *self, u32 cwnd)
{
	comes(self, after(self, 0));
	comes(self, after(self, 1));
	acks_come(self, 2);
	xdccp_ackratio_window(&self->r, cwnd, LEAST);
}

static void window_is_clean(FIXTURE_DATA(ackratio) *self, u32 cwnd)
{
	acks_come(self, 4);
	xdccp_ackratio_window(&self->r, cwnd, LEAST);
}

TEST_F(ackratio, within_what_may_be)
{
	static const u32 right[][3] = { { 1, 9, 1 }, { 2, 9, 1 }, { 3, 9, 2 }, { 4, 1, 2 },
					{ 10, 3, 3 }, { 10, 9, 5 }, { 11, 9, 6 } };

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		EXPECT_EQ(right[i][2], xdccp_ackratio_right(&self->r, right[i][0], right[i][1]));
}

TEST_F(ackratio, three_later_packets_tell_that_one_is_lost)
{
	acks_come(self, 3);
	comes(self, after(self, 1));
	acks_come(self, 1);
	EXPECT_FALSE(self->r.congested);
	acks_come(self, 1);
	EXPECT_TRUE(self->r.congested);
}

TEST_F(ackratio, what_is_only_late_is_not_lost)
{
	u64 late;

	acks_come(self, 3);
	late = xdccp_seq_add(self->seq, 1);
	comes(self, after(self, 1));
	acks_come(self, 1);
	comes(self, (struct xdccp_ackratio_packet) { .seq = late });
	acks_come(self, 9);
	EXPECT_FALSE(self->r.congested);
}

TEST_F(ackratio, the_first_packet_shows_no_loss)
{
	comes(self, after(self, 1000));
	acks_come(self, 9);
	EXPECT_FALSE(self->r.congested);
}

TEST_F(ackratio, a_mark_is_as_good_as_a_loss)
{
	struct xdccp_ackratio_packet packet = after(self, 0);

	packet.marked = true;
	packet.data = true;
	comes(self, packet);
	EXPECT_FALSE(self->r.congested);	/* data have a congestion control of their own */
	packet = after(self, 0);
	packet.marked = true;
	comes(self, packet);
	EXPECT_TRUE(self->r.congested);
}

/* RFC 4340 section 7.7 */
TEST_F(ackratio, ndp_counts_tell_data_from_acknowledgments)
{
	static const struct { u64 ndp; bool data, lost; } cases[] = {
		{ 0, true, false }, { 0, false, false }, { 1, true, true }, { 9, false, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xdccp_ackratio_packet packet;

		xdccp_ackratio_init(&self->r);
		acks_come(self, 1);
		packet = after(self, 2);
		packet.has_ndp = true;
		packet.ndp = cases[i].ndp;
		packet.data = cases[i].data;
		comes(self, packet);
		acks_come(self, 2);
		EXPECT_EQ(cases[i].lost, self->r.congested);
	}
}

TEST_F(ackratio, without_them_what_is_missing_is_like_what_shows_it)
{
	for (int data = 0; data < 2; data++) {
		struct xdccp_ackratio_packet packet;

		xdccp_ackratio_init(&self->r);
		acks_come(self, 1);
		packet = after(self, 2);
		packet.data = data;
		comes(self, packet);
		acks_come(self, 2);
		EXPECT_EQ(!data, self->r.congested);
	}
}

TEST_F(ackratio, doubles_for_each_window_with_a_loss_up_to_half_of_it)
{
	static const u32 right[] = { 4, 8, 16, 20, 20 };

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		window_is_lossy(self, 40);
		EXPECT_EQ(right[i], xdccp_ackratio_right(&self->r, 40, LEAST));
	}
}

TEST_F(ackratio, two_losses_in_a_window_are_one)
{
	acks_come(self, 1);
	comes(self, after(self, 3));
	acks_come(self, 2);
	window_is_lossy(self, 40);
	EXPECT_EQ(4, xdccp_ackratio_right(&self->r, 40, LEAST));
}

/* One less for cwnd / (R^2 - R) windows: of 40, after 4 with a ratio of 4, after 7 with 3. */
TEST_F(ackratio, shrinks_as_slowly_as_tcp_would_grow)
{
	u32 windows[5] = { 0 };

	window_is_lossy(self, 40);
	for (u32 ratio; (ratio = xdccp_ackratio_right(&self->r, 40, LEAST)) > LEAST; windows[ratio]++)
		window_is_clean(self, 40);
	EXPECT_EQ(4, windows[4]);
	EXPECT_EQ(7, windows[3]);
}

TEST_F(ackratio, a_near_path_has_more_anyway)
{
	for (int i = 0; i < 100; i++)
		window_is_clean(self, 40);
	EXPECT_EQ(16, xdccp_ackratio_right(&self->r, 40, 16));
	EXPECT_EQ(LEAST, xdccp_ackratio_right(&self->r, 40, LEAST));
	self->r.congested = true;
	xdccp_ackratio_window(&self->r, 200, 16);
	EXPECT_EQ(32, xdccp_ackratio_right(&self->r, 200, 16));
}

TEST_HARNESS_MAIN
