/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How seldom CCID 2's receiver is to acknowledge (RFC 4341 section 6.1): its acknowledgments have a
 * congestion control of their own, and its sender does it. Pure.
 */
#ifndef XDCCP_ACKRATIO_H
#define XDCCP_ACKRATIO_H

#include "wire.h"

struct xdccp_ackratio {
	u32	ratio;			/* what the way back bears */
	u32	clean;			/* windows of data in a row that lost no acknowledgment */
	bool	congested;		/* this one did, or one was marked */
	bool	begun;			/* highest holds */
	u8	later;			/* packets since the first of those that are missing */
	u64	highest;		/* number from the peer */
	u64	missing;		/* acknowledgments below it */
};

/* A packet from the peer. */
struct xdccp_ackratio_packet {
	u64	seq;
	u64	ndp;			/* its NDP Count */
	bool	has_ndp;		/* the peer sends NDP Counts; without one it is 0 */
	bool	data;			/* it has some */
	bool	marked;			/* ECN: Congestion Experienced */
};

void xdccp_ackratio_init(struct xdccp_ackratio *r);
void xdccp_ackratio_heard(struct xdccp_ackratio *r, const struct xdccp_ackratio_packet *packet);
void xdccp_ackratio_window(struct xdccp_ackratio *r, u32 cwnd, u32 least);
u32 xdccp_ackratio_right(const struct xdccp_ackratio *r, u32 cwnd, u32 least);

#endif
