// SPDX-License-Identifier: GPL-2.0
/* Where the ends of a flow live: one namespace, or two joined by veth. */
#include "bench.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct place loopback_place = {
	.v4 = { "127.0.0.1", "127.0.0.1" },
	.v6 = { "::1", "::1" },
};

struct place veth_place = {
	.v4 = { VETH_HERE_V4, VETH_THERE_V4 },
	.v6 = { VETH_HERE_V6, VETH_THERE_V6 },
};

/* Loopback with packets as small as most networks have them, but none of what a device does. */
struct place narrow_place = {
	.v4 = { "127.0.0.1", "127.0.0.1" },
	.v6 = { "::1", "::1" },
};

static void narrow_loopback(int ns)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_mtu = 1500 };
	int fd;

	netns_switch(ns);
	fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(ioctl(fd, SIOCSIFMTU, &lo));
	MUST(ioctl(fd, SIOCGIFFLAGS, &lo));
	lo.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

void make_places(void)
{
	struct veth veth;

	netns_enter();
	veth = veth_create();
	veth_place.ns[0] = veth.here;
	veth_place.ns[1] = veth.there;
	narrow_place.ns[0] = veth.there;
	narrow_place.ns[1] = veth.there;
	narrow_loopback(veth.there);
	netns_switch(veth.here);
}
