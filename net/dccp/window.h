/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CCID 2's sender: packets in flight, and the window for them (RFC 4341). Pure.
 *
 * A ring has what was sent with data, in order; an Ack Vector marks which of it came.
 */
#ifndef XDCCP_WINDOW_H
#define XDCCP_WINDOW_H

#include "wire.h"

#define XDCCP_WINDOW_NUMDUPACK	3	/* later packets acknowledged that make one lost */
#define XDCCP_WINDOW_ACK_RATIO	2	/* of a new connection */
#define XDCCP_WINDOW_MIN_SLOTS	64	/* powers of two */
#define XDCCP_WINDOW_MAX_SLOTS	8192

struct xdccp_window_slot {
	u64	seq;
	u32	sent_us;
	bool	acked;			/* or lost: in flight no more */
	bool	lost;
};

struct xdccp_window {
	struct xdccp_window_slot *slot;	/* a ring that its owner allocates; nr_slots of them */
	u32	nr_slots;
	u32	first;			/* the oldest is slot[first % nr_slots] */
	u32	nr;			/* in the ring */
	u32	cwnd;			/* packets, as all here */
	u32	ssthresh;
	u32	acked;			/* towards the next growth of cwnd */
	u32	pipe;			/* in flight */
	u32	used;			/* most in flight since the last acknowledgment */
	u32	ack_ratio;		/* packets to an acknowledgment; its owner's */
	u64	recover;		/* last sent when the window was halved */
	bool	recovering;		/* recover holds: one halving for a window */
	u64	last_sent;		/* highest number */
	u32	last_sent_us;
	bool	held;			/* it does not grow: a Slow Receiver */
};

/* What one acknowledgment told. */
struct xdccp_window_ack {
	u32	newly;			/* packets that came */
	u32	lost;			/* that were found lost */
	bool	congested;		/* it told of a new event, for which cwnd is halved */
	bool	has_rtt;
	u32	rtt_us;			/* of the latest that came */
};

void xdccp_window_init(struct xdccp_window *w, struct xdccp_window_slot *slot, u32 nr_slots,
		       u32 cwnd);
bool xdccp_window_full(const struct xdccp_window *w);
void xdccp_window_grow(struct xdccp_window *w, struct xdccp_window_slot *slot, u32 nr_slots);
bool xdccp_window_open(const struct xdccp_window *w);
int xdccp_window_sent(struct xdccp_window *w, u64 seq, u32 now_us);
void xdccp_window_run(struct xdccp_window *w, u64 high, u32 len, u8 state, u32 now_us,
		      struct xdccp_window_ack *ack);
void xdccp_window_acked(struct xdccp_window *w, struct xdccp_window_ack *ack);
void xdccp_window_timeout(struct xdccp_window *w);
void xdccp_window_dropped(struct xdccp_window *w, u32 packets);
void xdccp_window_idle(struct xdccp_window *w, u32 now_us, u32 rto_us);

#endif
