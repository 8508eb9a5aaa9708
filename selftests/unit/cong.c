// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control on a path that exists in numbers only: what every
 * algorithm owes, then what is special to each; the curves against the
 * formulas of the RFCs in floating point.
 */
#include <math.h>

#include "kselftest_harness.h"

#include "../../net/core/slow_start.c"
#include "../../net/core/newreno.c"
#include "../../net/core/cubic.c"

#define MSS		1000u
#define MS		1000u		/* in microseconds */
#define SECOND		(1000 * MS)
#define HOUR		(3600ull * SECOND)

struct path {
	struct xl4_cong cong;
	u64 now_us;
	u32 rtt_us;
	u32 per_ack;		/* packets that one ACK acknowledges */
	bool app_limited;
};

static void path_init(struct path *path, const struct xl4_cong_ops *ops)
{
	*path = (struct path) {
		.cong = {
			.ops = ops,
			.mss = MSS,
			.cwnd = 10 * MSS,
			.ssthresh = U32_MAX,
			.cwnd_max_limit = XL4_CWND_MAX,
		},
		.now_us = 12345 * SECOND,
		.rtt_us = 100 * MS,
		.per_ack = 1,
	};
	if (ops->init)
		ops->init(&path->cong);
}

static void path_ack(struct path *path, u32 bytes)
{
	struct xl4_cong_ack ack = {
		.acked = bytes,
		.flight = path->cong.cwnd,
		.sample_us = path->rtt_us,
		.rtt_us = path->rtt_us,
		.min_rtt_us = path->rtt_us,
		.now_us = path->now_us,
		.cwnd_limited = !path->app_limited,
	};

	path->cong.ops->acked(&path->cong, &ack);
}

/* All that is in flight is acknowledged, evenly over a round trip. */
static void path_round(struct path *path)
{
	u64 begin = path->now_us;
	u32 flight = path->cong.cwnd;
	u32 each = path->per_ack * path->cong.mss;

	for (u32 done = 0; done < flight; done += each) {
		path->now_us = begin + (u64)path->rtt_us * done / flight;
		path_ack(path, min(each, flight - done));
	}
	path->now_us = begin + path->rtt_us;
}

static void path_rounds(struct path *path, unsigned int n)
{
	while (n--)
		path_round(path);
}

/* What the protocol does about loss, the recovery being over at once. */
static void path_loss(struct path *path)
{
	struct xl4_cong *c = &path->cong;

	c->ssthresh = xl4_cong_loss(c, c->cwnd, path->now_us);
	c->cwnd = c->ssthresh;
}

static void path_timeout(struct path *path)
{
	path_loss(path);
	xl4_cong_timeout(&path->cong);
	path->cong.cwnd = MSS;
}

/* In congestion avoidance with this window, right after a loss at another. */
static void path_after_loss_at(struct path *path, u32 packets)
{
	path->cong.cwnd = packets * MSS;
	path_loss(path);
}

static double packets(const struct path *path)
{
	return (double)path->cong.cwnd / MSS;
}

/* ------------------------------------------------- what every algorithm owes */

FIXTURE(any) {
	struct path path;
};

FIXTURE_VARIANT(any) {
	const struct xl4_cong_ops *ops;
};

FIXTURE_VARIANT_ADD(any, newreno) { &xl4_newreno };
FIXTURE_VARIANT_ADD(any, cubic) { &xl4_cubic };

FIXTURE_SETUP(any)
{
	srandom(1);
	path_init(&self->path, variant->ops);
}

FIXTURE_TEARDOWN(any)
{
}

TEST_F(any, slow_start_doubles)
{
	for (u32 expected = 20 * MSS; expected < XL4_CWND_MAX; expected *= 2) {
		path_round(&self->path);
		ASSERT_EQ(expected, self->path.cong.cwnd);
	}
}

TEST_F(any, slow_start_counts_bytes_not_acks)
{
	for (int i = 0; i < 100; i++)
		path_ack(&self->path, MSS / 100);
	EXPECT_EQ(11 * MSS, self->path.cong.cwnd);
}

TEST_F(any, slow_start_limits_bursts)
{
	self->path.cong.cwnd = 100 * MSS;
	path_ack(&self->path, 100 * MSS);
	EXPECT_EQ((100 + XL4_LIMIT) * MSS, self->path.cong.cwnd);
}

TEST_F(any, slow_start_limits_none_if_paced)
{
	self->path.cong.paced = true;
	self->path.cong.cwnd = 100 * MSS;
	path_ack(&self->path, 100 * MSS);
	EXPECT_EQ(200 * MSS, self->path.cong.cwnd);
}

TEST_F(any, slow_start_after_a_timeout_limits_more)
{
	self->path.cong.paced = true;
	self->path.cong.cwnd = 100 * MSS;
	path_timeout(&self->path);
	path_ack(&self->path, MSS);
	path_ack(&self->path, 10 * MSS);
	EXPECT_EQ(3 * MSS, self->path.cong.cwnd);
}

/* A slow start in the middle of a connection, as after idle time. */
TEST_F(any, slow_start_long_after_a_timeout_does_not)
{
	path_timeout(&self->path);
	path_loss(&self->path);
	self->path.cong.ssthresh = 100 * MSS;
	self->path.cong.cwnd = 10 * MSS;
	path_ack(&self->path, 10 * MSS);
	EXPECT_EQ(20 * MSS, self->path.cong.cwnd);
}

TEST_F(any, slow_start_after_a_timeout_that_was_none_does_not)
{
	path_timeout(&self->path);
	xl4_cong_undo(&self->path.cong);
	self->path.cong.ssthresh = 100 * MSS;
	self->path.cong.cwnd = 10 * MSS;
	path_ack(&self->path, 10 * MSS);
	EXPECT_EQ(20 * MSS, self->path.cong.cwnd);
}

TEST_F(any, slow_start_ends_at_ssthresh)
{
	self->path.cong.ssthresh = 10 * MSS + 1;
	path_ack(&self->path, MSS);
	EXPECT_EQ(10 * MSS + 1, self->path.cong.cwnd);
}

TEST_F(any, avoidance_is_slow)
{
	path_after_loss_at(&self->path, 1000);
	for (u32 before; self->path.cong.cwnd < 1000 * MSS;) {
		before = self->path.cong.cwnd;
		path_round(&self->path);
		ASSERT_LE(before, self->path.cong.cwnd);
		ASSERT_GT(before + before / 10, self->path.cong.cwnd);
	}
}

TEST_F(any, avoidance_counts_bytes_not_acks)
{
	struct path other = self->path;

	path_after_loss_at(&self->path, 100);
	path_after_loss_at(&other, 100);
	other.per_ack = 4;
	path_rounds(&self->path, 50);
	path_rounds(&other, 50);
	EXPECT_LE(fabs(packets(&self->path) - packets(&other)), 2);
}

TEST_F(any, avoidance_begins_anew_after_loss)
{
	struct path *path = &self->path;

	path->rtt_us = MS;
	path_after_loss_at(path, 20);
	path_ack(path, path->cong.cwnd / 10 * 9);
	path_loss(path);
	path_ack(path, path->cong.cwnd / 10 * 9);
	EXPECT_EQ(path->cong.ssthresh, path->cong.cwnd);
}

TEST_F(any, avoidance_begins_anew_after_slow_start)
{
	struct path *path = &self->path;

	path_after_loss_at(path, 1000);
	path_rounds(path, 100);
	path->cong.cwnd = 10 * MSS;
	path->cong.ssthresh = 320 * MSS;
	while (xl4_cong_in_slow_start(&path->cong))
		path_round(path);
	path_round(path);
	EXPECT_GT(350, packets(path));
}

TEST_F(any, one_ack_is_worth_a_window_at_most)
{
	struct path *path = &self->path;
	u32 before;

	path->rtt_us = MS;
	path_after_loss_at(path, 20);
	before = path->cong.cwnd;
	path_ack(path, 1000 * before);
	for (int i = 0; i < 10; i++)
		path_ack(path, 1);
	EXPECT_GE(before + MSS, path->cong.cwnd);
}

TEST_F(any, grows_only_if_it_is_the_limit)
{
	self->path.app_limited = true;
	path_rounds(&self->path, 100);
	EXPECT_EQ(10 * MSS, self->path.cong.cwnd);
	path_loss(&self->path);
	path_rounds(&self->path, 100);
	EXPECT_EQ(self->path.cong.ssthresh, self->path.cong.cwnd);
}

TEST_F(any, grows_up_to_the_maximum)
{
	self->path.cong.cwnd_max_limit = 77777;
	path_rounds(&self->path, 10);
	EXPECT_EQ(77777, self->path.cong.cwnd);
	path_loss(&self->path);
	path_rounds(&self->path, 1000);
	EXPECT_EQ(77777, self->path.cong.cwnd);
}

TEST_F(any, time_at_the_maximum_gains_nothing)
{
	struct path *path = &self->path;

	path_after_loss_at(path, 100);
	path->cong.cwnd_max_limit = 100 * MSS;
	path_rounds(path, 1000);
	ASSERT_EQ(100, packets(path));
	path->cong.cwnd_max_limit = XL4_CWND_MAX;
	path_round(path);
	EXPECT_GT(110, packets(path));
}

TEST_F(any, maximum_below_the_window_only_ends_growth)
{
	self->path.cong.cwnd_max_limit = 5 * MSS;
	path_round(&self->path);
	EXPECT_EQ(10 * MSS, self->path.cong.cwnd);
}

TEST_F(any, loss_leaves_two_packets)
{
	for (u32 flight = 0; flight < 2 * MSS; flight += 100)
		EXPECT_EQ(2 * MSS, xl4_cong_loss(&self->path.cong, flight, self->path.now_us));
}

TEST_F(any, spurious_loss_changes_nothing)
{
	struct path *path = &self->path, other;
	struct xl4_cong before;

	path_after_loss_at(path, 1000);
	path_rounds(path, 20);
	other = *path;
	before = path->cong;
	path_timeout(path);
	xl4_cong_undo(&path->cong);
	path->cong.cwnd = before.cwnd;
	path->cong.ssthresh = before.ssthresh;
	for (int i = 0; i < 100; i++) {
		path_round(path);
		path_round(&other);
		ASSERT_LE(fabs(packets(path) - packets(&other)), 1) TH_LOG("round %d", i);
	}
}

static u32 random_u32(void)
{
	return (u32)random() << 1 >> random() % 32;
}

static void random_ack(struct path *path)
{
	struct xl4_cong_ack ack = {
		.acked = random_u32() % XL4_CWND_MAX + 1,
		.flight = random_u32() % XL4_CWND_MAX,
		.sample_us = random_u32(),
		.rtt_us = random_u32(),
		.now_us = path->now_us += random_u32(),
		.cwnd_limited = random() % 8,
	};

	path->cong.ops->acked(&path->cong, &ack);
}

static void random_path(struct path *path, const struct xl4_cong_ops *ops)
{
	path_init(path, ops);
	path->cong.mss = random_u32() % 65535 + 1;
	path->cong.cwnd = 2 * path->cong.mss;
	path->cong.cwnd_max_limit = XL4_CWND_MAX >> random() % 10;
	path->cong.paced = random() % 2;
}

/* Whatever happens: an ACK never costs, and is never worth much more than it says. */
TEST_F(any, window_never_runs_away)
{
	struct xl4_cong *c = &self->path.cong;

	for (int i = 0; i < 1000000; i++) {
		u32 before = c->cwnd;
		u32 flight = random_u32() % XL4_CWND_MAX;

		if (i % 1000 == 0)
			random_path(&self->path, variant->ops);
		switch (random() % 64) {
		case 0:
			c->ssthresh = xl4_cong_loss(c, flight, self->path.now_us);
			c->cwnd = c->ssthresh;
			ASSERT_LE(2 * c->mss, c->ssthresh);
			ASSERT_GE(max(flight, 2 * c->mss), c->ssthresh);
			break;
		case 1:
			c->ssthresh = xl4_cong_loss(c, flight, self->path.now_us);
			xl4_cong_timeout(c);
			c->cwnd = c->mss;
			break;
		case 2:
			xl4_cong_undo(c);
			break;
		case 3:
			xl4_cong_idle(c, random_u32());
			break;
		default:
			before = c->cwnd;
			random_ack(&self->path);
			ASSERT_LE(before, c->cwnd) TH_LOG("step %d", i);
			ASSERT_GE(max(before, c->cwnd_max_limit), c->cwnd) TH_LOG("step %d", i);
		}
	}
}

/* -------------------------------------------------------------------- NewReno */

FIXTURE(newreno) {
	struct path path;
};

FIXTURE_SETUP(newreno)
{
	path_init(&self->path, &xl4_newreno);
}

FIXTURE_TEARDOWN(newreno)
{
}

TEST_F(newreno, one_packet_a_window)
{
	path_after_loss_at(&self->path, 20);
	ASSERT_EQ(10 * MSS, self->path.cong.cwnd);
	for (u32 expected = 11; expected < 1000; expected++) {
		path_round(&self->path);
		ASSERT_EQ(expected * MSS, self->path.cong.cwnd);
	}
}

TEST_F(newreno, what_is_beyond_a_window_counts_for_the_next)
{
	path_after_loss_at(&self->path, 20);
	path_ack(&self->path, 6 * MSS);
	path_ack(&self->path, 6 * MSS);
	ASSERT_EQ(11 * MSS, self->path.cong.cwnd);
	path_ack(&self->path, 9 * MSS);
	EXPECT_EQ(12 * MSS, self->path.cong.cwnd);
}

TEST_F(newreno, what_is_beyond_ssthresh_counts_for_avoidance)
{
	self->path.cong.ssthresh = 11 * MSS;
	path_ack(&self->path, 12 * MSS);
	EXPECT_EQ(12 * MSS, self->path.cong.cwnd);
}

TEST_F(newreno, half_upon_loss)
{
	EXPECT_EQ(500 * MSS, xl4_cong_loss(&self->path.cong, 1000 * MSS, 0));
}

TEST_F(newreno, one_packet_an_ack_at_most)
{
	path_after_loss_at(&self->path, 20);
	path_ack(&self->path, 1000 * MSS);
	EXPECT_EQ(11 * MSS, self->path.cong.cwnd);
}

/* ---------------------------------------------------------------------- CUBIC */

#define BETA	0.7
#define C	0.4
#define ALPHA	(3 * (1 - BETA) / (1 + BETA))

FIXTURE(cubic) {
	struct path path;
};

FIXTURE_SETUP(cubic)
{
	srandom(1);
	path_init(&self->path, &xl4_cubic);
}

FIXTURE_TEARDOWN(cubic)
{
}

TEST_F(cubic, root)
{
	for (int i = 0; i < 100000; i++) {
		u64 x = (u64)random_u32() << 28 | random_u32();
		u64 root = xl4_cubic_root(x);

		ASSERT_LE(root * root * root, x);
		ASSERT_GT((root + 1) * (root + 1) * (root + 1), x);
	}
}

TEST_F(cubic, seven_tenths_upon_loss)
{
	EXPECT_EQ(700 * MSS, xl4_cong_loss(&self->path.cong, 1000 * MSS, 0));
}

static double curve(double w_max, double k, double t)
{
	return C * pow(t - k, 3) + w_max;
}

/* From loss to where it was, and on to twice that. */
TEST_F(cubic, follows_the_curve)
{
	static const u32 losses[] = { 1000, 10000, 100000 };
	static const u32 rtts[] = { 100 * MS, 300 * MS };

	for (int i = 0; i < 6; i++) {
		struct path *path = &self->path;
		double w_max = losses[i / 2];
		double k = cbrt(w_max * (1 - BETA) / C);
		u64 begin;

		path_init(path, &xl4_cubic);
		path->rtt_us = rtts[i % 2];
		path_after_loss_at(path, losses[i / 2]);
		begin = path->now_us;
		while (packets(path) < 2 * w_max) {
			double t = (double)(path->now_us - begin) / SECOND;
			double expected = curve(w_max, k, t);

			ASSERT_LT(fabs(packets(path) - expected), 0.01 * expected)
				TH_LOG("%.0f, %u us: %.1f s, %.0f packets, not %.0f", w_max,
				       path->rtt_us, t, packets(path), expected);
			path_round(path);
		}
	}
}

/* On a short path the curve is slower than plain congestion control. */
TEST_F(cubic, is_friendly)
{
	struct path *path = &self->path;

	for (int per_ack = 1; per_ack < 70; per_ack += 20) {
		double estimate = 70;

		path_init(path, &xl4_cubic);
		path->rtt_us = 5 * MS;
		path->per_ack = per_ack;
		path_after_loss_at(path, 100);
		while (packets(path) < 150) {
			estimate += estimate < 100 ? ALPHA : 1;
			path_round(path);
			ASSERT_LT(fabs(packets(path) - estimate), 2);
		}
	}
}

TEST_F(cubic, round_trips_shorter_than_a_tick_do_not_overshoot)
{
	struct path *path = &self->path;
	u64 begin;

	path->rtt_us = 20;
	path_after_loss_at(path, 1000);
	begin = path->now_us;
	path_rounds(path, 25);
	ASSERT_GT(MS, path->now_us - begin);
	/* Friendly: 25 round trips are 25 alpha packets. */
	EXPECT_LT(packets(path), 700 + 25 * ALPHA + 1);
}

/* The curve is far away: half a window in a round trip is as fast as it gets. */
TEST_F(cubic, stays_below_its_target)
{
	struct path *path = &self->path;

	path_after_loss_at(path, 1000);
	path_ack(path, MSS);
	path->now_us += 60 * SECOND;
	for (int i = 0; i < 10; i++)
		path_ack(path, 600 * MSS);
	EXPECT_EQ(1050, packets(path));
}

/* 2^22 ticks after K, whose cube has no bit among its lower 64. */
TEST_F(cubic, time_does_not_wrap)
{
	struct path *path = &self->path;
	u64 ticks;

	path_after_loss_at(path, 1000);
	path->rtt_us = 0;
	path_ack(path, MSS);
	ticks = (1 << 22) + xl4_cubic_of(&path->cong)->epoch.k;
	path->now_us += (ticks * SECOND + 1023) / 1024;
	for (int i = 0; i < 10; i++)
		path_ack(path, 600 * MSS);
	EXPECT_EQ(1050, packets(path));
}

/* What was acknowledged while the curve was flat is not made up for at once. */
TEST_F(cubic, steeper_curve_brings_no_jump)
{
	struct path *path = &self->path;
	u32 before;

	path_after_loss_at(path, 1000);
	path_rounds(path, 91);
	before = path->cong.cwnd;
	path->now_us += 60 * SECOND;
	path_ack(path, 2 * MSS);
	EXPECT_GE(before + 2 * MSS, path->cong.cwnd);
}

TEST_F(cubic, larger_packets_bring_no_jump)
{
	struct path *path = &self->path;

	path_after_loss_at(path, 1000);
	path_ack(path, MSS);
	path->cong.mss = 9 * MSS;
	path_rounds(path, 1);
	EXPECT_GE(710, packets(path));
}

TEST_F(cubic, fast_convergence)
{
	struct path *path = &self->path;
	double w_max = 700 * (1 + BETA) / 2;
	double k = cbrt((w_max - 700 * BETA) / C);

	path_after_loss_at(path, 1000);
	path_ack(path, MSS);
	path_loss(path);
	path_rounds(path, lround(k * SECOND / path->rtt_us));
	EXPECT_LT(fabs(packets(path) - w_max), 3);
}

TEST_F(cubic, after_a_timeout_the_curve_begins_where_slow_start_ends)
{
	struct path *path = &self->path;
	u64 begin;

	path->cong.cwnd = 1000 * MSS;
	path_timeout(path);
	while (xl4_cong_in_slow_start(&path->cong))
		path_round(path);
	begin = path->now_us;
	path_rounds(path, 150);
	EXPECT_LT(fabs(packets(path) -
		       curve(700, 0, (double)(path->now_us - begin) / SECOND)), 20);
}

/* A curve that went on in the meantime would be half a window further. */
TEST_F(cubic, time_without_need_does_not_count)
{
	struct path *path = &self->path;
	struct path other;

	path_after_loss_at(path, 1000);
	path_rounds(path, 20);
	other = *path;
	path->app_limited = true;
	for (int i = 0; i < 600; i++) {
		path->now_us += MS * 123;
		path_ack(path, MSS);
	}
	path->app_limited = false;
	path_rounds(path, 50);
	path_rounds(&other, 50);
	EXPECT_LE(fabs(packets(path) - packets(&other)), 1);
}

TEST_F(cubic, idle_time_does_not_count)
{
	struct path *path = &self->path;
	struct path other;

	path_after_loss_at(path, 1000);
	path_rounds(path, 20);
	other = *path;
	path->now_us += HOUR;
	xl4_cong_idle(&path->cong, HOUR);
	path->app_limited = true;
	path_ack(path, MSS);
	path->app_limited = false;
	path_rounds(path, 50);
	path_rounds(&other, 50);
	EXPECT_LE(fabs(packets(path) - packets(&other)), 1);
}

TEST_F(cubic, more_idle_than_time_passed_does_no_harm)
{
	path_after_loss_at(&self->path, 1000);
	path_round(&self->path);
	xl4_cong_idle(&self->path.cong, HOUR);
	path_rounds(&self->path, 10);
	/* Where the curve is a round trip after its beginning. */
	EXPECT_GE(710, packets(&self->path));
}

/* ------------------------------------------------------------------ HyStart++ */

FIXTURE(hystart) {
	struct path path;
};

FIXTURE_SETUP(hystart)
{
	path_init(&self->path, &xl4_cubic);
	path_rounds(&self->path, 2);
}

FIXTURE_TEARDOWN(hystart)
{
}

static bool is_over(const struct path *path)
{
	return path->cong.ssthresh != U32_MAX;
}

TEST_F(hystart, longer_round_trips_end_slow_start_gently)
{
	struct path *path = &self->path;

	path->rtt_us += 16 * MS;
	/* The round that has begun has short ones, too. */
	path_rounds(path, 2);
	for (int round = 0; round < 3; round++) {
		u32 before = path->cong.cwnd;

		ASSERT_FALSE(is_over(path));
		path_round(path);
		ASSERT_EQ(before + before / 4, path->cong.cwnd);
	}
	path_rounds(path, 1);
	EXPECT_TRUE(is_over(path));
	EXPECT_LE(path->cong.ssthresh, path->cong.cwnd);
}

TEST_F(hystart, margin_is_an_eighth_within_bounds)
{
	static const struct {
		u32 rtt_us, margin_us;
	} cases[] = {
		{ 1 * MS, 4 * MS }, { 32 * MS, 4 * MS }, { 80 * MS, 10 * MS },
		{ 128 * MS, 16 * MS }, { 1000 * MS, 16 * MS },
	};

	for (int i = 0; i < 10; i++) {
		bool enough = i % 2;

		path_init(&self->path, &xl4_cubic);
		self->path.rtt_us = cases[i / 2].rtt_us;
		path_rounds(&self->path, 2);
		self->path.rtt_us += cases[i / 2].margin_us - !enough;
		path_rounds(&self->path, 7);
		EXPECT_EQ(enough, is_over(&self->path))
			TH_LOG("%u us, and %u more", cases[i / 2].rtt_us, cases[i / 2].margin_us);
	}
}

TEST_F(hystart, shorter_round_trips_were_a_false_alarm)
{
	struct path *path = &self->path;
	u32 before;

	path->rtt_us += 16 * MS;
	path_rounds(path, 3);
	path->rtt_us -= 16 * MS;
	path_rounds(path, 1);
	before = path->cong.cwnd;
	path_rounds(path, 1);
	EXPECT_EQ(2 * before, path->cong.cwnd);
	path_rounds(path, 6);
	EXPECT_FALSE(is_over(path));
}

TEST_F(hystart, few_samples_say_nothing)
{
	struct path *path = &self->path;

	path->cong.cwnd = 7 * MSS;
	path->cong.cwnd_max_limit = 7 * MSS;
	for (int round = 0; round < 100; round++) {
		path->rtt_us += 16 * MS;
		path_round(path);
	}
	EXPECT_FALSE(is_over(path));
}

TEST_F(hystart, nothing_is_longer_than_nothing)
{
	struct path *path = &self->path;

	path_init(path, &xl4_cubic);
	path->rtt_us = 0;
	path_ack(path, MSS);
	path->rtt_us = 100 * MS;
	for (int i = 0; i < 9; i++)
		path_ack(path, MSS);
	EXPECT_EQ(20, packets(path));
}

TEST_F(hystart, is_for_the_first_slow_start_only)
{
	struct path *path = &self->path;

	path->cong.cwnd = 1000 * MSS;
	path_timeout(path);
	path_rounds(path, 5);
	path->rtt_us += 100 * MS;
	path_rounds(path, 4);
	EXPECT_EQ(512 * MSS, path->cong.cwnd);
}

TEST_HARNESS_MAIN
