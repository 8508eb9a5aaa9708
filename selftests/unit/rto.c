// SPDX-License-Identifier: GPL-2.0
/*
 * The retransmission timeout: the formulas of RFC 6298 in floating point, and
 * what must hold whatever the samples are.
 */
#include <math.h>

#include "kselftest_harness.h"

#include "../../net/core/rto.c"

#define SECOND	1000000u
#define INITIAL	SECOND
#define MIN	(SECOND / 5)
#define MAX	(120 * SECOND)

/* RFC 6298 section 2, with the minimum where the clock's granularity is. */
struct model {
	bool sampled;
	double srtt, rttvar;
};

static double model_sample(struct model *model, double rtt)
{
	if (model->sampled) {
		model->rttvar = 0.75 * model->rttvar + 0.25 * fabs(model->srtt - rtt);
		model->srtt = 0.875 * model->srtt + 0.125 * rtt;
	} else {
		model->srtt = rtt;
		model->rttvar = rtt / 2;
		model->sampled = true;
	}
	return fmin(model->srtt + fmax(MIN, 4 * model->rttvar), MAX);
}

/* Anything up to @limit, and small as likely as large. */
static u32 random_rtt(u32 limit)
{
	return ((u32)random() << 1) % limit >> random() % 20;
}

FIXTURE(rto) {
	struct xl4_rto rto;
	struct model model;
};

FIXTURE_SETUP(rto)
{
	srandom(1);
	xl4_rto_init(&self->rto, INITIAL, MIN, MAX);
}

FIXTURE_TEARDOWN(rto)
{
}

TEST_F(rto, begins_with_the_initial_one)
{
	EXPECT_EQ(INITIAL, xl4_rto_us(&self->rto));
}

TEST_F(rto, initial_one_is_within_bounds)
{
	xl4_rto_init(&self->rto, 2 * MAX, MIN, MAX);
	EXPECT_EQ(MAX, xl4_rto_us(&self->rto));
	xl4_rto_init(&self->rto, 0, MIN, MAX);
	EXPECT_EQ(1, xl4_rto_us(&self->rto));
}

TEST_F(rto, first_sample_counts_three_times)
{
	xl4_rto_sample(&self->rto, SECOND);
	EXPECT_EQ(3 * SECOND, xl4_rto_us(&self->rto));
}

TEST_F(rto, follows_the_formulas)
{
	for (int i = 0; i < 100000; i++) {
		u32 rtt = random_rtt(20 * SECOND) + 1;
		double expected = model_sample(&self->model, rtt);

		xl4_rto_sample(&self->rto, rtt);
		ASSERT_LT(fabs(expected - xl4_rto_us(&self->rto)), 16)
			TH_LOG("sample %d, %u us: %f", i, rtt, expected);
		ASSERT_LT(fabs(self->model.srtt - self->rto.srtt_us / 8.0), 2);
	}
}

TEST_F(rto, round_trip_of_no_time_is_a_sample)
{
	xl4_rto_sample(&self->rto, 0);
	EXPECT_NE(0, self->rto.srtt_us);
	EXPECT_EQ(1 + MIN, xl4_rto_us(&self->rto));
}

TEST_F(rto, steady_round_trips_leave_a_margin)
{
	for (int i = 0; i < 10000; i++)
		xl4_rto_sample(&self->rto, 300000);
	EXPECT_EQ(300000 + MIN, xl4_rto_us(&self->rto));
}

TEST_F(rto, learns_a_longer_path)
{
	for (int i = 0; i < 100; i++)
		xl4_rto_sample(&self->rto, 1000);
	xl4_rto_sample(&self->rto, SECOND);
	EXPECT_LT(SECOND, xl4_rto_us(&self->rto));
}

TEST_F(rto, bounds_hold_for_any_sample)
{
	for (int i = 0; i < 100000; i++) {
		u32 rtt = random_rtt(UINT32_MAX);

		xl4_rto_sample(&self->rto, rtt);
		ASSERT_LE(MIN, xl4_rto_us(&self->rto)) TH_LOG("after %u us", rtt);
		ASSERT_GE(MAX, xl4_rto_us(&self->rto)) TH_LOG("after %u us", rtt);
		ASSERT_NE(0, self->rto.srtt_us) TH_LOG("after %u us", rtt);
	}
}

TEST_F(rto, longest_sample_does_not_wrap)
{
	xl4_rto_init(&self->rto, INITIAL, MIN, UINT32_MAX);
	xl4_rto_sample(&self->rto, 1);
	for (int i = 0; i < 1000; i++) {
		u32 before = self->rto.srtt_us;

		xl4_rto_sample(&self->rto, UINT32_MAX);
		ASSERT_LE(before, self->rto.srtt_us);
		ASSERT_LT(self->rto.srtt_us >> 3, xl4_rto_us(&self->rto));
	}
}

TEST_F(rto, backs_off_by_doubling_up_to_the_maximum)
{
	u32 expected;

	xl4_rto_sample(&self->rto, SECOND);
	expected = xl4_rto_us(&self->rto);
	for (int i = 0; i < 1000; i++) {
		expected = min(2 * expected, MAX);
		xl4_rto_back_off(&self->rto);
		ASSERT_EQ(expected, xl4_rto_us(&self->rto)) TH_LOG("timeout %d", i);
	}
}

TEST_F(rto, backoff_of_the_least_to_the_greatest)
{
	xl4_rto_init(&self->rto, 1, 1, UINT32_MAX);
	for (int i = 0; i < 1000; i++)
		xl4_rto_back_off(&self->rto);
	EXPECT_EQ(UINT32_MAX, xl4_rto_us(&self->rto));
	EXPECT_EQ(32, self->rto.backoff);
}

TEST_F(rto, sample_ends_the_backoff)
{
	xl4_rto_sample(&self->rto, SECOND);
	xl4_rto_back_off(&self->rto);
	xl4_rto_back_off(&self->rto);
	xl4_rto_sample(&self->rto, SECOND);
	EXPECT_EQ(0, self->rto.backoff);
	EXPECT_GT(3 * SECOND, xl4_rto_us(&self->rto));
}

TEST_HARNESS_MAIN
