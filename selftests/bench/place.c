// SPDX-License-Identifier: GPL-2.0
/* Where the ends of a flow live: one namespace, or two joined by veth. */
#include "bench.h"

struct place loopback_place = {
	.v4 = { "127.0.0.1", "127.0.0.1" },
	.v6 = { "::1", "::1" },
};

struct place veth_place = {
	.v4 = { VETH_HERE_V4, VETH_THERE_V4 },
	.v6 = { VETH_HERE_V6, VETH_THERE_V6 },
};

void make_places(void)
{
	struct veth veth;

	netns_enter();
	veth = veth_create();
	veth_place.ns[0] = veth.here;
	veth_place.ns[1] = veth.there;
}
