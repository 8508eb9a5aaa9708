// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand connections of DCCP at once, and as many one after the other, half of them with
 * CCID 2 and half with CCID 3: all of them where XL4_STRESS_SECONDS is 10 or more, and 50,000 that
 * come and go from 40 on.
 */
#include "crowd.h"

#include "dccp.h"

#define MOST_OPEN	10000
#define MOST_AT_ALL	50000

FIXTURE(scale)
{
	struct crowd crowd;
};

static int dccp_socket(const struct lane *lane)
{
	int fd = socket(lane->flavour->family, SOCK_DCCP | SOCK_CLOEXEC, dccp_number());

	if (fd >= 0) {
		MUST(set_service(fd, SERVICE));
		MUST(set_ccids(fd, 2 + lane->number / 2 % 2));
	}
	return fd;
}

static long established(void)
{
	return dccp_counter("CurrEstab");
}

FIXTURE_SETUP(scale)
{
	netns_enter();
	self->crowd = (struct crowd) {
		.what = "a connection", .socket = dccp_socket, .established = established,
		.most_octets = 32768,
	};
	crowd_begin(&self->crowd);
}

FIXTURE_TEARDOWN(scale)
{
	crowd_end(&self->crowd);
	if (dccp_number() != IPPROTO_DCCP)
		EXPECT_TRUE(all_given_back());
}

TEST_F_TIMEOUT(scale, all_at_once, 300)
{
	TH_LOG("a socket: xDCCP %ld, xDCCPv6 %ld octets", slab_object_size("xDCCP"),
	       slab_object_size("xDCCPv6"));
	crowd_all_at_once(_metadata, &self->crowd, scaled(MOST_OPEN, 1000));
}

TEST_F_TIMEOUT(scale, one_after_the_other, 300)
{
	crowd_one_after_the_other(_metadata, &self->crowd, scaled(MOST_AT_ALL, 1250));
}

TEST_HARNESS_MAIN
