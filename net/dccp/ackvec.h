/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the peer's packets came: what an Ack Vector says (RFC 4340 section 11.4). Pure.
 *
 * Runs of packets with one state, as on the wire, latest first; a ring of octets. What the peer
 * knows that we told it is forgotten, and so is the oldest when there is no room.
 */
#ifndef XDCCP_ACKVEC_H
#define XDCCP_ACKVEC_H

#include "wire.h"

#define XDCCP_ACKVEC_CELLS	(2 * XDCCP_MAX_OPTION_VALUE)	/* two options take them all */
#define XDCCP_ACKVEC_SENT	64	/* stretches whose acknowledgment we would know */

/* Packets with an Ack Vector each, one number after the other. */
struct xdccp_ackvec_sent {
	u64	seq;			/* of the first */
	u64	ack;			/* its acknowledgment number: it told of all up to there */
	u32	packets;
};

struct xdccp_ackvec {
	u64	latest;			/* the highest that came; of the first run's first packet */
	u64	packets;		/* that the runs tell of */
	u16	first;			/* cell of the latest run */
	u16	cells;			/* in use */
	u16	sent_first;
	u16	nr_sent;
	u32	stretch;		/* packets of one, at most */
	struct xdccp_ackvec_sent sent[XDCCP_ACKVEC_SENT];	/* a ring, oldest first */
	u8	cell[XDCCP_ACKVEC_CELLS];
};

void xdccp_ackvec_init(struct xdccp_ackvec *v);
void xdccp_ackvec_received(struct xdccp_ackvec *v, u64 seq, bool marked);
int xdccp_ackvec_state(const struct xdccp_ackvec *v, u64 seq);
u8 *xdccp_ackvec_put(const struct xdccp_ackvec *v, u8 *to, u32 room);
void xdccp_ackvec_sent(struct xdccp_ackvec *v, u64 seq);
void xdccp_ackvec_acked(struct xdccp_ackvec *v, u64 seq);

#endif
