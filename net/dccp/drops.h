/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that came, but whose data did not reach the program: Data Dropped (RFC 4340 section
 * 11.7). Pure.
 */
#ifndef XDCCP_DROPS_H
#define XDCCP_DROPS_H

#include "wire.h"

#define XDCCP_DROP_RUNS		16	/* remembered; what is older is told no more */
#define XDCCP_DROP_TIMES	4	/* how often each is told: acknowledgments are lost, too */
#define XDCCP_DROP_REACH	1024	/* packets that an acknowledgment looks back */

/* Packets one after another with the same fate. */
struct xdccp_drop_run {
	u64	high;			/* the latest */
	u32	len;
	u8	code;			/* XDCCP_DROP_... */
	u8	told;
};

struct xdccp_drops {
	struct xdccp_drop_run run[XDCCP_DROP_RUNS];	/* latest first */
	u8	nr;
};

/* What the peer told of ours; of each packet once. */
struct xdccp_dropped_walk {
	u64	at;			/* the next cell's first packet, going back */
	u64	latest;			/* the latest that was told of before, of all */
	u64	found;			/* likewise, by this packet */
	bool	begun;
	u32	buffer;			/* packets that are news, with XDCCP_DROP_BUFFER */
	bool	not_listening;
};

void xdccp_drops_add(struct xdccp_drops *d, u64 seq, u8 code);
u8 *xdccp_drops_put(struct xdccp_drops *d, u64 ack, u8 *to, u32 room);
void xdccp_drops_read(struct xdccp_dropped_walk *walk, u64 low, const u8 *cells, u8 len);

#endif
