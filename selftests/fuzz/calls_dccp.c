// SPDX-License-Identifier: GPL-2.0
/* What programs can ask of DCCP. */
#include "calls.h"

#include <linux/dccp.h>
#include <string.h>
#include <uapi/xl4/xl4.h>

#ifndef SOL_DCCP
#define SOL_DCCP 269
#endif
#ifndef SOCK_DCCP
#define SOCK_DCCP 6
#endif

/* One that the fuzzer's peers have, mostly, or a list of them. */
static unsigned int fill_services(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int n = one_in(c, 4) ? between(c, 1, 33) : 1;

	for (unsigned int i = 0; i < n; i++) {
		memset(to + 4 * i, 0, 4);
		to[4 * i + 3] = pick(c, 3);
		if (one_in(c, 16))
			memset(to + 4 * i, 0xff, 4);
	}
	return 4 * n;
}

/* CCIDs, of which there are three. */
static unsigned int fill_ccids(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int n = between(c, 1, 4);

	for (unsigned int i = 0; i < n; i++)
		to[i] = one_in(c, 12) ? pick(c, 256) : 2 + pick(c, 3);
	return n;
}

/* Its number, then what the program would have. */
static unsigned int fill_feature(struct chance *c, const struct option *o, uint8_t *to)
{
	to[0] = one_in(c, 8) ? (uint32_t)edge(c) : one_in(c, 6) ? 192 : 1 + pick(c, 9);
	for (unsigned int i = 1; i < 8; i++)
		to[i] = one_in(c, 8) ? pick(c, 256) : pick(c, 5);
	return 1 + pick(c, 8);
}

#define FLAG	fill_int, 0, 1

static const struct option options[] = {
	OPTION(SOL_DCCP, DCCP_SOCKOPT_PACKET_SIZE, fill_int, 0, 1500),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_SERVICE, fill_services),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_CHANGE_L, fill_feature),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_CHANGE_R, fill_feature),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_GET_CUR_MPS, fill_int, 0, 1500),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT, FLAG),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV, fill_int, 0, 15),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV, fill_int, 0, 15),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_AVAILABLE_CCIDS, fill_bytes, 1, 8),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_CCID, fill_ccids),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_TX_CCID, fill_ccids),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_RX_CCID, fill_ccids),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_QPOLICY_ID, fill_int, 0, 2),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN, fill_int, 0, 20),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_CCID_RX_INFO, fill_bytes, 1, 64),
	OPTION(SOL_DCCP, DCCP_SOCKOPT_CCID_TX_INFO, fill_bytes, 1, 64),
	OPTION(SOL_DCCP, XDCCP_SOCKOPT_ENCAP, fill_int, 6511, 6512),
};

static const struct option controls[] = {
	OPTION(SOL_DCCP, DCCP_SCM_PRIORITY, fill_int, 0, 10),
};

static const struct protocol dccp = {
	.name = "DCCP",
	.type = SOCK_DCCP,
	.variable = "XL4_DCCP",
	.number = 250,
	.options = LIST(options),
	.controls = LIST(controls),
};
PROTOCOL(dccp);
