// SPDX-License-Identifier: GPL-2.0
/*
 * TFRC: the throughput equation against floating point over all that can be asked of it, the
 * sender's rules, and loss intervals against a model that knows each packet's fate.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../../net/dccp/losses.c"
#include "../../net/dccp/tfrc.c"
#include "../../net/dccp/wire.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define RATE(octets)	((u64)(octets) << XDCCP_TFRC_RATE_SHIFT)
#define MEAN(packets)	((u64)(packets) << XDCCP_TFRC_MEAN_SHIFT)
#define MS		1000ull
#define SECOND		1000000ull
#define S		1460

FIXTURE(tfrc) {
	struct xdccp_tfrc_tx tx;
	struct xdccp_tfrc_rx rx;
	u64 now;
};

FIXTURE_SETUP(tfrc)
{
	srandom(1);
	self->now = 77 * SECOND;
	xdccp_tfrc_tx_init(&self->tx, S, self->now);
	xdccp_tfrc_rx_init(&self->rx);
}

FIXTURE_TEARDOWN(tfrc)
{
}

/* The equation */

TEST_F(tfrc, square_roots)
{
	static const u64 special[] = { 0, 1, 2, 3, 4, UINT32_MAX, 1ull << 62, UINT64_MAX };

	for (u64 i = 0; i < 300000; i++) {
		u64 n = i < ARRAY_LEN(special) ? special[i] :
			((u64)random() << 33 ^ (u64)random() << 10 ^ random()) >> random() % 64;
		u64 root = xdccp_tfrc_sqrt(n);

		ASSERT_TRUE(root * root <= n);
		ASSERT_TRUE(root == UINT32_MAX || (root + 1) * (root + 1) > n);
	}
}

/* RFC 5348 section 3.1, letter by letter, in octets per second. */
static double x_bps(double s, double r, double p)
{
	double b = 1, rto = 4 * r;

	return s / (r * sqrt(2 * b * p / 3) +
		    rto * (3 * sqrt(3 * b * p / 8) * p * (1 + 32 * p * p)));
}

/* What is wrong with it, in ten thousandths, where one 64th of an octet per second is nothing. */
static double error(u32 s, u32 rtt_us, u64 mean)
{
	double right = 64 * x_bps(s, rtt_us / 1e6, 256.0 / mean);
	double wrong = fabs(xdccp_tfrc_x_calc(s, rtt_us, mean) - right);

	return wrong <= 1 ? 0 : (wrong - 1) / right * 1e4;
}

TEST_F(tfrc, the_equation_over_the_whole_range)
{
	static const u32 sizes[] = { 1, 40, 256, 536, 1460, 9000, 65535 };
	static const u32 rtts[] = { 10, 50, 1000, 12345, 100000, 1000000, 64000000 };
	double worst = 0;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t j = 0; j < ARRAY_LEN(rtts); j++)
			for (double mean = 256; mean < 1099511627520.0; mean *= 1.003)
				worst = fmax(worst, error(sizes[i], rtts[j], mean));
	for (int i = 0; i < 1000000; i++) {
		u64 mean = MEAN(1) + ((((u64)random() << 9 ^ random()) & 0xffffffffff) >> random() % 32);

		worst = fmax(worst, error(1 + random() % 65535, 10 + (random() >> random() % 22) %
					  64000000, mean));
	}
	TH_LOG("off by %.3f/10000 at most", worst);
	EXPECT_TRUE(worst < 1);
}

TEST_F(tfrc, the_equation_beyond_its_range)
{
	EXPECT_EQ(xdccp_tfrc_x_calc(S, 1000, MEAN(1)), xdccp_tfrc_x_calc(S, 1000, 0));
	EXPECT_EQ(xdccp_tfrc_x_calc(S, 10, MEAN(UINT32_MAX)), xdccp_tfrc_x_calc(S, 0, UINT64_MAX));
}

TEST_F(tfrc, less_loss_is_never_slower)
{
	u64 last = 0;

	for (u64 mean = MEAN(1); mean < MEAN(100000); mean += 1 + mean / 5000) {
		u64 x = xdccp_tfrc_x_calc(S, 50000, mean);

		ASSERT_TRUE(x >= last) TH_LOG("at %llu", (unsigned long long)mean);
		last = x;
	}
}

TEST_F(tfrc, the_interval_for_a_rate)
{
	for (int i = 0; i < 2000; i++) {
		u32 s = 40 + random() % 9000, rtt = 100 + random() % 500000;
		u64 mean = MEAN(1 + (random() >> random() % 30));
		u64 found = xdccp_tfrc_mean_for(s, rtt, xdccp_tfrc_x_calc(s, rtt, mean));

		/* As good as the equation is. */
		ASSERT_TRUE(found + found / 1000 >= mean);
		ASSERT_TRUE(found <= mean + mean / 1000 + MEAN(1));
	}
	EXPECT_EQ(MEAN(1), xdccp_tfrc_mean_for(S, SECOND, 0));
}

/* The sender */

static void feedback(FIXTURE_DATA(tfrc) *self, u32 rtt_us, u64 x_recv, u64 mean, bool loss,
		     bool limited)
{
	struct xdccp_tfrc_feedback fb = {
		.now_us = self->now, .rtt_us = rtt_us, .x_recv = x_recv, .mean = mean,
		.new_loss = loss, .data_limited = limited,
	};

	xdccp_tfrc_tx_feedback(&self->tx, &fb);
}

TEST_F(tfrc, a_segment_a_second_before_anything_is_known)
{
	EXPECT_EQ(RATE(S), self->tx.x);
	EXPECT_EQ(2 * SECOND, self->tx.rto_us);
	EXPECT_EQ(1000000000, xdccp_tfrc_interval_ns(&self->tx, S));
}

/* RFC 5348 section 4.2: min(4s, max(2s, 4380)) in a round trip. */
TEST_F(tfrc, the_initial_window)
{
	static const u32 windows[][2] = { { 500, 2000 }, { 1460, 4380 }, { 9000, 18000 },
					  { 1095, 4380 } };

	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		xdccp_tfrc_tx_init(&self->tx, windows[i][0], self->now);
		xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
		EXPECT_EQ(RATE(10 * windows[i][1]), self->tx.x);
	}
}

TEST_F(tfrc, twice_as_much_each_round_trip_but_no_more_than_twice_what_arrives)
{
	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
	self->now += 100 * MS;
	/* For two round trips there is no limit. */
	feedback(self, 100 * MS, RATE(40000), 0, false, false);
	EXPECT_EQ(RATE(87600), self->tx.x);
	self->now += 50 * MS;
	feedback(self, 100 * MS, RATE(80000), 0, false, false);
	EXPECT_EQ(RATE(87600), self->tx.x);
	self->now += 200 * MS;
	feedback(self, 100 * MS, RATE(60000), 0, false, false);
	EXPECT_EQ(RATE(160000), self->tx.x);
	EXPECT_EQ(400 * MS, self->tx.rto_us);
}

TEST_F(tfrc, the_equation_rules_once_there_is_loss)
{
	u64 x = xdccp_tfrc_x_calc(S, 100 * MS, MEAN(100));

	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
	self->now += 100 * MS;
	feedback(self, 100 * MS, RATE(10000000), MEAN(100), true, false);
	EXPECT_EQ(x, self->tx.x);
	self->now += 300 * MS;
	feedback(self, 100 * MS, x / 4, MEAN(100), false, false);
	EXPECT_EQ(x / 4 * 2, self->tx.x);
	self->now += 300 * MS;
	feedback(self, 100 * MS, 0, MEAN(1), true, false);
	EXPECT_EQ(RATE(S) / 64, self->tx.x);
}

/* RFC 5348 section 4.3: who sends little is not punished for what arrives. */
TEST_F(tfrc, data_limited)
{
	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
	self->now += 100 * MS;
	feedback(self, 100 * MS, RATE(200000), MEAN(10000), true, false);
	self->now += 500 * MS;
	feedback(self, 100 * MS, RATE(1000), MEAN(10000), false, true);
	EXPECT_EQ(RATE(400000), self->tx.x);
	self->now += 100 * MS;
	/* With a loss it is. */
	feedback(self, 100 * MS, RATE(1000), MEAN(9000), true, true);
	EXPECT_EQ(RATE(100000), self->tx.x);
	self->now += 100 * MS;
	feedback(self, 100 * MS, RATE(100000), MEAN(9000), true, true);
	EXPECT_EQ(RATE(85000), self->tx.x);
}

TEST_F(tfrc, round_trips_are_smoothed)
{
	feedback(self, 100 * MS, RATE(S), 0, false, false);
	EXPECT_EQ(100 * MS, self->tx.rtt_us);
	feedback(self, 200 * MS, RATE(S), 0, false, false);
	EXPECT_EQ(110 * MS, self->tx.rtt_us);
}

/* RFC 5348 section 4.5 */
TEST_F(tfrc, oscillations_are_damped)
{
	self->tx.damped = true;
	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
	self->now += 100 * MS;
	feedback(self, 100 * MS, RATE(10000000), MEAN(100), true, false);
	ASSERT_EQ(self->tx.x, self->tx.x_inst);
	self->now += 100 * MS;
	feedback(self, 400 * MS, RATE(10000000), MEAN(100), false, false);
	/* sqmean is 9/10 sqrt(.1) + 1/10 sqrt(.4) = 1.1 sqrt(.1); by sqrt(.4): 0.55. */
	EXPECT_TRUE(fabs((double)self->tx.x_inst / self->tx.x - 0.55) < 0.001);
	self->now += 100 * MS;
	feedback(self, 10, RATE(10000000), MEAN(100), false, false);
	EXPECT_EQ(2 * self->tx.x, self->tx.x_inst);
}

/* RFC 5348 section 4.4, case by case. */
TEST_F(tfrc, no_feedback_before_a_round_trip_is_known)
{
	EXPECT_FALSE(xdccp_tfrc_tx_timeout(&self->tx, self->now, true));
	EXPECT_EQ(RATE(S), self->tx.x);
	EXPECT_TRUE(xdccp_tfrc_tx_timeout(&self->tx, self->now, false));
	EXPECT_EQ(RATE(S) / 2, self->tx.x);
	for (int i = 0; i < 20; i++)
		xdccp_tfrc_tx_timeout(&self->tx, self->now, false);
	EXPECT_EQ(RATE(S) / 64, self->tx.x);
	EXPECT_EQ(64000000000, xdccp_tfrc_interval_ns(&self->tx, S));
}

TEST_F(tfrc, no_feedback_in_slow_start)
{
	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
	self->now += 100 * MS;
	feedback(self, 100 * MS, RATE(200000), 0, false, false);
	ASSERT_EQ(RATE(87600), self->tx.x);
	EXPECT_TRUE(xdccp_tfrc_tx_timeout(&self->tx, self->now, true));
	EXPECT_EQ(RATE(43800), self->tx.x);
	EXPECT_FALSE(xdccp_tfrc_tx_timeout(&self->tx, self->now, true));
	EXPECT_EQ(RATE(43800), self->tx.x);
	xdccp_tfrc_tx_timeout(&self->tx, self->now, false);
	EXPECT_EQ(RATE(21900), self->tx.x);
	EXPECT_EQ(400 * MS, self->tx.rto_us);
}

TEST_F(tfrc, no_feedback_with_loss)
{
	u64 x = xdccp_tfrc_x_calc(S, 100 * MS, MEAN(100));

	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, self->now);
	self->now += 100 * MS;
	feedback(self, 100 * MS, RATE(10000000), MEAN(100), true, false);
	xdccp_tfrc_tx_timeout(&self->tx, self->now, false);
	EXPECT_EQ(x / 2, self->tx.x);
	/* X_recv_set is a quarter now: x_calc is more than twice that. */
	xdccp_tfrc_tx_timeout(&self->tx, self->now, false);
	EXPECT_EQ(x / 4, self->tx.x);
	for (int i = 0; i < 30; i++)
		xdccp_tfrc_tx_timeout(&self->tx, self->now, false);
	EXPECT_EQ(RATE(S) / 64, self->tx.x);
	/* Feedback lets it come back. */
	self->now += SECOND;
	feedback(self, 100 * MS, x, MEAN(100), false, false);
	EXPECT_EQ(x, self->tx.x);
}

/* Whatever it is told: within the bounds, and the timer is one. */
TEST_F(tfrc, anything_that_peers_say)
{
	self->tx.damped = true;
	for (int i = 0; i < 500000; i++) {
		u64 rate = RATE(UINT32_MAX >> random() % 32);
		u64 mean = random() % 2 ? MEAN(UINT32_MAX >> random() % 32) : 0;

		self->now += random() >> random() % 31;
		if (random() % 4)
			feedback(self, random() % 3 ? random() >> random() % 31 : 0, rate, mean,
				 random() % 2, random() % 2);
		else
			xdccp_tfrc_tx_timeout(&self->tx, self->now, random() % 2);
		ASSERT_TRUE(self->tx.x >= RATE(S) / 64 && self->tx.x <= XDCCP_TFRC_NO_LIMIT);
		ASSERT_TRUE(self->tx.x_inst >= RATE(S) / 64);
		ASSERT_TRUE(self->tx.rto_us && self->tx.rto_us <= 256 * SECOND);
		ASSERT_TRUE(self->tx.nr_recv >= 1 && self->tx.nr_recv <= XDCCP_TFRC_RECV_SET);
	}
}

/* The receiver */

static bool comes(FIXTURE_DATA(tfrc) *self, u64 seq, u32 window)
{
	struct xdccp_tfrc_packet packet = { .seq = seq & XDCCP_SEQ_MASK, .window = window & 15,
					    .data = true };

	return xdccp_tfrc_rx_packet(&self->rx, &packet);
}

TEST_F(tfrc, no_loss_is_no_interval)
{
	for (u64 seq = XDCCP_SEQ_MASK - 50; seq != XDCCP_SEQ_MASK + 50; seq++)
		EXPECT_FALSE(comes(self, seq, seq / 8));
	EXPECT_EQ(0, xdccp_tfrc_rx_mean(&self->rx));
	EXPECT_EQ(0, self->rx.nr_waiting);
}

TEST_F(tfrc, three_later_ones_make_it_lost)
{
	comes(self, 1, 0);
	EXPECT_FALSE(comes(self, 3, 0));
	EXPECT_FALSE(comes(self, 4, 0));
	EXPECT_FALSE(comes(self, 4, 0));
	EXPECT_TRUE(comes(self, 5, 0));
	EXPECT_EQ(2, self->rx.interval[0].first);
	EXPECT_EQ(5, self->rx.settled);
	EXPECT_FALSE(comes(self, 2, 0));
}

TEST_F(tfrc, reordering_is_no_loss)
{
	static const u64 order[] = { 1, 3, 2, 6, 5, 4, 8, 9, 7, 10 };

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		EXPECT_FALSE(comes(self, order[i], 0));
	EXPECT_EQ(10, self->rx.settled);
}

/* Losses within a round trip are one event; five quarters on it is another. */
TEST_F(tfrc, a_round_trip_is_one_event)
{
	for (u32 seq = 1; seq <= 60; seq++) {
		if (seq == 10 || seq == 15 || seq == 49 || seq == 50)
			continue;
		comes(self, seq, seq / 8);
	}
	EXPECT_EQ(2, self->rx.nr_intervals);
	EXPECT_EQ(10, self->rx.interval[1].first);
	EXPECT_EQ(15, self->rx.interval[1].last_lost);
	EXPECT_EQ(49, self->rx.interval[0].first);
	EXPECT_EQ(50, self->rx.interval[0].last_lost);
}

/* RFC 4828 section 4.4: of small packets each lost one counts in up to two round trips. */
TEST_F(tfrc, small_packets_count_each_loss)
{
	for (int small = 0; small < 2; small++) {
		xdccp_tfrc_rx_init(&self->rx);
		self->rx.small = small;
		for (u32 seq = 1; seq <= 60; seq++)
			if (seq != 10 && seq != 15 && seq != 16 && seq != 49)
				comes(self, seq, seq / 8);
		xdccp_tfrc_rx_seed(&self->rx, 100);
		ASSERT_EQ(2, self->rx.nr_intervals);
		EXPECT_EQ(3, self->rx.interval[1].lost);
		EXPECT_EQ(1, self->rx.interval[0].lost);
		/* 39 packets, or a third of them, and the first interval. */
		EXPECT_EQ(MEAN(small ? 13 + 100 : 39 + 100) / 2, xdccp_tfrc_rx_mean(&self->rx));
	}
	/* A hole is as many as it has packets, in each of its events. */
	xdccp_tfrc_rx_init(&self->rx);
	comes(self, 1, 0);
	for (u32 seq = 152; seq <= 154; seq++)
		comes(self, seq, 15);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(50, self->rx.interval[i].lost);
}

TEST_F(tfrc, a_hole_of_several_round_trips_is_several_events)
{
	comes(self, 1, 0);
	for (u32 seq = 152; seq <= 154; seq++)
		comes(self, seq, 15);
	EXPECT_EQ(3, self->rx.nr_intervals);
	EXPECT_EQ(2, self->rx.interval[2].first);
	EXPECT_EQ(52, self->rx.interval[1].first);
	EXPECT_EQ(51, self->rx.interval[2].last_lost);
	EXPECT_EQ(151, self->rx.interval[0].last_lost);
}

TEST_F(tfrc, packets_without_data_are_not_missed)
{
	struct xdccp_tfrc_packet packet = { .seq = 1, .data = true };

	xdccp_tfrc_rx_packet(&self->rx, &packet);
	packet.seq = 4;
	packet.ndp = 2;
	xdccp_tfrc_rx_packet(&self->rx, &packet);
	packet.ndp = 0;
	for (packet.seq = 5; packet.seq < 20; packet.seq++)
		EXPECT_FALSE(xdccp_tfrc_rx_packet(&self->rx, &packet));
	EXPECT_EQ(19, self->rx.settled);
	EXPECT_EQ(0, self->rx.nr_intervals);
}

/* RFC 4342 section 8.1: only packets with data have a window counter. */
TEST_F(tfrc, packets_without_data_tell_no_time)
{
	struct xdccp_tfrc_packet ack = { .data = false };

	for (ack.seq = 1; ack.seq < 4; ack.seq++)
		xdccp_tfrc_rx_packet(&self->rx, &ack);
	for (u32 seq = 4; seq <= 60; seq++) {
		if (seq == 10 || seq == 14 || seq == 20)
			continue;
		ack.seq = seq;
		if (seq % 3)
			comes(self, seq, 7);
		else
			xdccp_tfrc_rx_packet(&self->rx, &ack);
	}
	EXPECT_EQ(1, self->rx.nr_intervals);
	EXPECT_EQ(10, self->rx.interval[0].first);
	EXPECT_EQ(20, self->rx.interval[0].last_lost);
	EXPECT_EQ(0, self->rx.window);
}

TEST_F(tfrc, a_mark_is_a_loss)
{
	struct xdccp_tfrc_packet packet = { .seq = 1, .data = true, .marked = true };

	EXPECT_TRUE(xdccp_tfrc_rx_packet(&self->rx, &packet));
	EXPECT_EQ(1, self->rx.interval[0].first);
}

/* RFC 5348 section 5.4, in floating point. */
static double mean_of(const double *length, unsigned int closed)
{
	static const double w[] = { 1, 1, 1, 1, .8, .6, .4, .2 };
	double tot0 = 0, tot1 = 0, weights = 0;

	for (unsigned int i = 0; i < closed; i++) {
		tot0 += length[i] * w[i];
		tot1 += length[i + 1] * w[i];
		weights += w[i];
	}
	return fmax(tot0, tot1) / weights;
}

/* Losses far apart, so that each is an event: the model knows all lengths. */
TEST_F(tfrc, the_mean_of_intervals)
{
	struct xdccp_loss_interval told[XDCCP_MAX_LOSS_INTERVALS];
	double length[40] = { 0 };
	u64 seq = 0, first = 0;
	unsigned int events = 0;

	while (events < 30) {
		u32 run = 3 + random() % 1000;

		for (u32 i = 0; i < run; i++) {
			if (comes(self, seq++, 0) && ++events == 1)
				xdccp_tfrc_rx_seed(&self->rx, 123);
			/* Until three came, the loss is not known. */
			if (!events || i < 2)
				continue;
			length[events] = 123;
			length[0] = seq - first;
			ASSERT_TRUE(fabs(xdccp_tfrc_rx_mean(&self->rx) / 256.0 -
					 mean_of(length, min(events, 8u))) < 0.01)
				TH_LOG("event %u", events);
		}
		/* One is lost, a round trip later. */
		self->rx.window += 100;
		memmove(length + 1, length, 38 * sizeof(length[0]));
		length[1] = seq - first;
		first = seq++;
		if (!events)
			length[1] = 123;
		length[0] = 0;
	}
	EXPECT_EQ(9, xdccp_tfrc_rx_intervals(&self->rx, told, XDCCP_MAX_LOSS_INTERVALS));
	EXPECT_EQ(4, xdccp_tfrc_rx_intervals(&self->rx, told, 4));
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(1, told[i].lossy);
		EXPECT_EQ(told[i].lossless + 1, told[i].data);
	}
}

/* Nothing that a peer sends leads anywhere else. */
TEST_F(tfrc, anything_that_comes)
{
	u64 seq = 0;

	for (int i = 0; i < 1000000; i++) {
		struct xdccp_tfrc_packet packet = {
			.window = random() & 15, .data = random() & 1, .marked = !(random() % 20),
			.ndp = random() % 3 ? 0 : (u64)random() >> random() % 31,
		};
		struct xdccp_loss_interval told[9];
		unsigned int n;

		seq = xdccp_seq_add(seq, random() % 50 ? random() % 4 : random() << random() % 16);
		packet.seq = seq;
		if (xdccp_tfrc_rx_packet(&self->rx, &packet) && self->rx.nr_intervals == 1)
			xdccp_tfrc_rx_seed(&self->rx, random());
		ASSERT_TRUE(self->rx.nr_intervals <= 9 && self->rx.nr_waiting < 3);
		ASSERT_TRUE(!self->rx.nr_intervals || xdccp_tfrc_rx_mean(&self->rx) >= MEAN(1));
		n = xdccp_tfrc_rx_intervals(&self->rx, told, 9);
		for (unsigned int j = 0; j < n; j++)
			ASSERT_TRUE(told[j].data >= 1);
	}
}

/* A packet less in a round trip for each, one at least; and then a packet more in each. */
TEST_F(tfrc, a_receiver_without_room)
{
	struct xdccp_tfrc_feedback fb = { .now_us = SECOND, .rtt_us = 100 * MS };
	uint64_t one, x;

	xdccp_tfrc_tx_rtt(&self->tx, 100 * MS, 0);
	one = ((uint64_t)self->tx.s << XDCCP_TFRC_RATE_SHIFT) * 10;
	x = self->tx.x;
	ASSERT_TRUE(x >= 2 * one);
	xdccp_tfrc_tx_warned(&self->tx, false, SECOND);
	xdccp_tfrc_tx_dropped(&self->tx, 1);
	ASSERT_EQ(x - one, self->tx.x);
	fb.x_recv = 100 * x;
	fb.now_us = 3 * SECOND;
	xdccp_tfrc_tx_feedback(&self->tx, &fb);
	ASSERT_EQ(x, self->tx.x);
	xdccp_tfrc_tx_warned(&self->tx, true, 3 * SECOND);
	fb.now_us += 50 * MS;
	xdccp_tfrc_tx_feedback(&self->tx, &fb);
	ASSERT_EQ(x, self->tx.x);
	xdccp_tfrc_tx_dropped(&self->tx, 1000);
	ASSERT_EQ(one, self->tx.x);
}

/* On a path of microseconds the receiver has a tenth of a second nevertheless. */
TEST_F(tfrc, the_least_timer)
{
	xdccp_tfrc_tx_rtt(&self->tx, 50, 0);
	ASSERT_EQ(XDCCP_TFRC_MIN_RTO_US, self->tx.rto_us);
}

TEST_HARNESS_MAIN
