// SPDX-License-Identifier: GPL-2.0
/* What programs can ask of UDP and UDP-Lite. */
#include "calls.h"
#include "datagram.h"

static const struct option options[] = {
	OPTION(SOL_UDP, UDP_CORK, fill_int, 0, 1),
	OPTION(SOL_UDP, UDP_CORK, fill_int, 0, 1),
	OPTION(SOL_UDP, UDP_ENCAP, fill_int, 0, 6),
	OPTION(SOL_UDP, UDP_NO_CHECK6_TX, fill_int, 0, 1),
	OPTION(SOL_UDP, UDP_NO_CHECK6_RX, fill_int, 0, 1),
	OPTION(SOL_UDP, UDP_SEGMENT, fill_int, 0, 1500),
	OPTION(SOL_UDP, UDP_GRO, fill_int, 0, 1),
	OPTION(SOL_UDPLITE, UDPLITE_SEND_CSCOV, fill_int, 0, 100),
	OPTION(SOL_UDPLITE, UDPLITE_RECV_CSCOV, fill_int, 0, 100),
};

static unsigned int fill_segment(struct chance *c, const struct option *o, uint8_t *to)
{
	uint16_t size = one_in(c, 8) ? edge(c) : (int)between(c, o->low, o->high);

	memcpy(to, &size, sizeof(size));
	return sizeof(size);
}

static const struct option controls[] = {
	OPTION(SOL_UDP, UDP_SEGMENT, fill_segment, 1, 1500),
	OPTION(SOL_UDP, UDP_GRO, fill_int, 0, 1500),
};

static const struct protocol udp = {
	.name = "UDP",
	.type = SOCK_DGRAM,
	.variable = "XL4_UDP",
	.number = 253,
	.options = LIST(options),
	.controls = LIST(controls),
};
PROTOCOL(udp);

static const struct protocol udplite = {
	.name = "UDP-Lite",
	.type = SOCK_DGRAM,
	.variable = "XL4_UDPLITE",
	.number = 252,
	.options = LIST(options),
	.controls = LIST(controls),
};
PROTOCOL(udplite);
