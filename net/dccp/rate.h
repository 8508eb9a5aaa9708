/* SPDX-License-Identifier: GPL-2.0 */
/* What CCID 3 and 4 keep: TFRC, and when what was sent. */
#ifndef XDCCP_RATE_H
#define XDCCP_RATE_H

#include "tfrc.h"

#define XDCCP_RATE_SENT		256	/* a power of two */
#define XDCCP_SMALL_SEGMENT	1460	/* RFC 4828 section 4.2: what small packets compete with */
#define XDCCP_SMALL_HEADER	36	/* likewise: what each costs the path beside its data */
#define XDCCP_SMALL_GAP_US	10000	/* likewise: no two are nearer */

struct xdccp_rate_sent {
	u64	seq;
	u64	at_us;
};

struct xdccp_rate_tx {
	struct xdccp_tfrc_tx	tfrc;
	u64			next_ns;	/* when the next may go; CLOCK_MONOTONIC */
	u64			window_us;	/* when CCVal was raised */
	u8			window;		/* CCVal */
	u32			len;		/* of a packet's data, on average */
	u32			unreported;	/* packets since the last that feedback was about */
	bool			small;		/* CCID 4 */
	bool			sent_any;	/* since the no-feedback timer was set */
	bool			started;
	bool			timer_rests;	/* that of no feedback, until something is sent */

	/* Options of the packet that is being read */
	u64			x_recv;		/* octets per second */
	u64			mean;
	u64			intervals_mean;	/* by Loss Intervals, if there is no rate */
	bool			has_x_recv;
	bool			has_rate;
	bool			has_intervals;

	/* RFC 5348 section 8.2.1: when we sent all that we might */
	u64			not_limited[2];
	u64			t_new;
	u64			t_next;

	/* When packets were sent: some, as there are many */
	u32			first;
	u32			nr;
	struct xdccp_rate_sent	sent[XDCCP_RATE_SENT];
};

struct xdccp_rate_rx {
	struct xdccp_tfrc_rx	tfrc;
	u64			octets;		/* since the last feedback */
	u64			feedback_us;	/* when that was */
	u64			last_us;	/* when the last packet came */
	u64			quarter_us;	/* when the packet came that quarter is of */
	u32			quarters;	/* window counter, all of its bits */
	u32			quarter;
	u32			feedback_quarters;
	u32			rtt_us;
	u32			s;		/* octets of a packet, on average */
	u32			x_recv;		/* octets per second */
	u8			last_window;
	bool			begun;
	bool			due;		/* feedback is */
	bool			written;	/* in the packet that is being built */
};

/* What programs get for DCCP_SOCKOPT_CCID_TX_INFO and _RX_INFO: as linux/tfrc.h had it. */
struct xdccp_tfrc_tx_info {
	__u64	tfrctx_x;		/* 64ths of octets per second */
	__u64	tfrctx_x_recv;
	__u32	tfrctx_x_calc;		/* octets per second */
	__u32	tfrctx_rtt;		/* us */
	__u32	tfrctx_p;		/* millionths */
	__u32	tfrctx_rto;		/* us */
	__u32	tfrctx_ipi;		/* us */
};

struct xdccp_tfrc_rx_info {
	__u32	tfrcrx_x_recv;		/* octets per second */
	__u32	tfrcrx_rtt;		/* us */
	__u32	tfrcrx_p;		/* millionths */
};

/* p, in millionths */
static inline u32 xdccp_rate_p(u64 mean)
{
	return mean ? div64_u64((u64)1000000 << XDCCP_TFRC_MEAN_SHIFT, mean) : 0;
}

#endif
