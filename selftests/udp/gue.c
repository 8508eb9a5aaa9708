// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that come wrapped in the kernel's UDP (GUE) and are handed on without
 * an IP header of their own: that one says UDP. They are dropped.
 */
#include "xl4test.h"

#define GUE_PORT	5555

FIXTURE(gue)
{
	struct pair p;
};

FIXTURE_VARIANT(gue)
{
	struct flavour flavour;
};

ADD_FLAVOUR(gue, udp_ipv4, .family = AF_INET);
ADD_FLAVOUR(gue, udp_ipv6, .family = AF_INET6);
ADD_FLAVOUR(gue, lite_ipv4, .family = AF_INET, .lite = true);
ADD_FLAVOUR(gue, lite_ipv6, .family = AF_INET6, .lite = true);

FIXTURE_SETUP(gue)
{
	bool v6 = variant->flavour.family == AF_INET6;

	if (is_kernel_udp())
		SKIP_ALL("the kernel's own UDP may be wrapped");
	ENTER_NETNS(&variant->flavour);
	if (system(v6 ? "modprobe -q fou6" : "modprobe -q fou"))
		SKIP_ALL("this kernel has no GUE");
	run("ip %s fou add port %d gue", v6 ? "-6" : "", GUE_PORT);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(gue)
{
}

/* A GUE header without options, then a datagram of the protocol under test. */
TEST_F(gue, is_dropped)
{
	const struct flavour *f = &variant->flavour;
	int outer = MUST(socket(f->family, SOCK_DGRAM, 0));
	unsigned char packet[4 + UDP_HEADER + 5] = { 0, protocol_of(f) };
	uint16_t header[4] = { htons(9), htons(port_of(&self->p.to)),
			       htons(UDP_HEADER + 5), htons(1) };
	struct message got;

	memcpy(packet + 4, header, sizeof(header));
	ASSERT_EQ((ssize_t)sizeof(packet),
		  send_to(outer, packet, sizeof(packet),
			  loopback(f, GUE_PORT)));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
	EXPECT_EQ(5, send_text(self->p.tx, "hello", self->p.to));
	EXPECT_EQ(5, receive_now(self->p.rx, &got, 0));
	close(outer);
}

TEST_HARNESS_MAIN
