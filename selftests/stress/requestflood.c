// SPDX-License-Identifier: GPL-2.0
/*
 * A listener that is flooded with Requests from addresses that never answer: what is kept of them
 * is bounded, cookies do for the rest, and an honest client gets in every time.
 */
#include "flood.h"

#include "dccp.h"

#define BACKLOG	8

FIXTURE(requestflood)
{
	struct flood flood;
};

FIXTURE_VARIANT(requestflood)
{
	struct flavour flavour;
};

ADD_FLAVOUR(requestflood, ipv4, .family = AF_INET);
ADD_FLAVOUR(requestflood, ipv6, .family = AF_INET6);

/* Of the service, with any sequence number. */
static const struct opening request = {
	.plain = { [4] = 5, [8] = 1, [19] = SERVICE }, .len = 20,
	.random_at = { 12 }, .sum_at = 6,
};

static int requests(const struct flavour *f)
{
	(void)f;
	return count_in_state(STATE_RESPOND, FLOOD_PORT);
}

FIXTURE_SETUP(requestflood)
{
	self->flood = (struct flood) {
		.opening = &request, .number = dccp_number(), .open = dccp_open,
		.backlog = BACKLOG, .burst = 500, .remembered = requests, .most = BACKLOG,
	};
	flood_begin(&self->flood, &variant->flavour);
}

FIXTURE_TEARDOWN(requestflood)
{
	flood_end(&self->flood);
	if (dccp_number() != IPPROTO_DCCP)
		EXPECT_TRUE(all_given_back());
}

TEST_F_TIMEOUT(requestflood, an_honest_client_always_gets_in, 300)
{
	int rounds = stress_seconds(5);

	flood_rounds(_metadata, &self->flood, rounds);
	EXPECT_EQ(rounds, dccp_counter("PassiveOpens"));
	EXPECT_LE((long)rounds * self->flood.burst, dccp_counter("InitCookiesSent"));
}

TEST_HARNESS_MAIN
