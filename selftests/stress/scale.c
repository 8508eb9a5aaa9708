// SPDX-License-Identifier: GPL-2.0
/*
 * Tens of thousands of connections at once, and as many one after the other: 20,000 where
 * XL4_STRESS_SECONDS is 10 or more, and 100,000 that come and go from 40 on.
 */
#include "crowd.h"

#include "stream.h"

#define MOST_OPEN	20000
#define MOST_AT_ALL	100000

FIXTURE(scale)
{
	struct crowd crowd;
};

static int tcp_socket(const struct lane *lane)
{
	return socket(lane->flavour->family, SOCK_STREAM | SOCK_CLOEXEC, tcp_number());
}

static long established(void)
{
	return tcp_counter("CurrEstab");
}

FIXTURE_SETUP(scale)
{
	netns_enter();
	self->crowd = (struct crowd) {
		.what = "a connection", .socket = tcp_socket, .established = established,
		.most_octets = 16384,
	};
	crowd_begin(&self->crowd);
}

FIXTURE_TEARDOWN(scale)
{
	crowd_end(&self->crowd);
	if (!is_kernel_tcp())
		EXPECT_TRUE(all_given_back());
}

TEST_F_TIMEOUT(scale, all_at_once, 300)
{
	TH_LOG("a socket: xTCP %ld, xTCPv6 %ld; TCP %ld, TCPv6 %ld octets",
	       slab_object_size("xTCP"), slab_object_size("xTCPv6"),
	       slab_object_size("TCP"), slab_object_size("TCPv6"));
	crowd_all_at_once(_metadata, &self->crowd, scaled(MOST_OPEN, 2000));
}

TEST_F_TIMEOUT(scale, one_after_the_other, 300)
{
	crowd_one_after_the_other(_metadata, &self->crowd, scaled(MOST_AT_ALL, 2500));
}

TEST_HARNESS_MAIN
