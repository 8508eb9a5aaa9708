// SPDX-License-Identifier: GPL-2.0
/* What programs can ask of TCP. */
#include "calls.h"

#include <linux/tcp.h>
#include <string.h>

/* The name of a congestion control, or what looks like one. */
static unsigned int fill_congestion(struct chance *c, const struct option *o, uint8_t *to)
{
	static const char *const names[] = { "cubic", "reno", "none", "" };
	const char *name = PICK_FROM(c, names);

	memcpy(to, name, strlen(name) + 1);
	return strlen(name) + pick(c, 2);
}

static const struct option options[] = {
	OPTION(IPPROTO_TCP, TCP_NODELAY, fill_int, 0, 1),
	OPTION(IPPROTO_TCP, TCP_CORK, fill_int, 0, 1),
	OPTION(IPPROTO_TCP, TCP_MAXSEG, fill_int, 0, 1500),
	OPTION(IPPROTO_TCP, TCP_KEEPIDLE, fill_int, 1, 10),
	OPTION(IPPROTO_TCP, TCP_KEEPINTVL, fill_int, 1, 10),
	OPTION(IPPROTO_TCP, TCP_KEEPCNT, fill_int, 1, 10),
	OPTION(SOL_SOCKET, SO_KEEPALIVE, fill_int, 0, 1),
	OPTION(IPPROTO_TCP, TCP_SYNCNT, fill_int, 1, 10),
	OPTION(IPPROTO_TCP, TCP_LINGER2, fill_int, -1, 10),
	OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT, fill_int, 0, 10),
	OPTION(IPPROTO_TCP, TCP_WINDOW_CLAMP, fill_int, 0, 100000),
	OPTION(IPPROTO_TCP, TCP_QUICKACK, fill_int, 0, 1),
	OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT, fill_int, 0, 10000),
	OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT, fill_int, 0, 100000),
	OPTION(IPPROTO_TCP, TCP_INQ, fill_int, 0, 1),
	OPTION(IPPROTO_TCP, TCP_CONGESTION, fill_congestion),
	OPTION(IPPROTO_TCP, TCP_INFO, fill_int, 0, 1),
};

static const struct protocol tcp = {
	.name = "TCP",
	.type = SOCK_STREAM,
	.variable = "XL4_TCP",
	.number = 254,
	.options = LIST(options),
};
PROTOCOL(tcp);
