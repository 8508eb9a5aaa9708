/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP-friendly rate control (RFC 5348), as CCID 3 and 4 have it. Pure.
 *
 * Times are in microseconds of any clock, rates in 64ths of an octet per second, mean loss
 * intervals in 256ths of a packet: a loss event rate p is 1 over one.
 */
#ifndef XDCCP_TFRC_H
#define XDCCP_TFRC_H

#include "wire.h"

#define XDCCP_TFRC_INTERVALS	8		/* n of RFC 5348 section 5.4; and the open one */
#define XDCCP_TFRC_NDUPACK	3		/* later packets that make one lost (5.1) */
#define XDCCP_TFRC_RATE_SHIFT	6
#define XDCCP_TFRC_MEAN_SHIFT	8
#define XDCCP_TFRC_NO_LIMIT	((u64)1 << 60)	/* of a rate: "infinity" */
#define XDCCP_TFRC_SHORT	8u		/* quarters of a round trip (RFC 4828, 4.4) */
#define XDCCP_TFRC_MIN_RTO_US	100000u		/* of the no-feedback timer */
#define XDCCP_TFRC_T_MBI	64		/* seconds: the longest between two packets */

/* The sender */
#define XDCCP_TFRC_RECV_SET	3		/* X_recv of the last two round trips */

struct xdccp_tfrc_sample {
	u64	rate;
	u64	at_us;
};

struct xdccp_tfrc_tx {
	u64	x;			/* allowed sending rate */
	u64	x_inst;			/* with oscillation prevention (4.5) */
	u64	x_calc;			/* of the throughput equation; 0: p is */
	u64	mean;			/* 1 / p; 0: p is 0 */
	u64	t_ld_us;		/* when x was doubled last (4.3) */
	u32	rtt_us;			/* 0: no sample yet */
	u32	rtt_sqmean;		/* of square roots of RTT samples, times 16 */
	u32	s;			/* octets of a segment */
	u32	rto_us;			/* the no-feedback timer's */
	bool	feedback;		/* some came */
	bool	damped;			/* oscillation prevention is on */
	bool	steady;			/* slow start ended without a loss: the receiver is slow */
	u64	slow_us;		/* no growth for a round trip from here; 0: none */
	u8	nr_recv;
	struct xdccp_tfrc_sample recv[XDCCP_TFRC_RECV_SET];	/* X_recv_set, latest first */
};

struct xdccp_tfrc_feedback {
	u64	now_us;
	u32	rtt_us;			/* R_sample */
	u64	x_recv;
	u64	mean;			/* 1 / p; 0: p is 0 */
	bool	new_loss;		/* a loss event that was not told before */
	bool	data_limited;		/* all of the interval that this covers was (4.3) */
};

/* The receiver */
struct xdccp_tfrc_packet {
	u64	seq;
	u64	ndp;			/* packets without data right before it */
	u8	window;			/* CCVal: quarters of a round trip (RFC 4342 section 8.1) */
	bool	data;
	bool	marked;			/* Congestion Experienced */
};

/* One loss interval: a lossy part of up to a round trip, then a lossless one. */
struct xdccp_tfrc_interval {
	u64	first;			/* sequence number of the loss event's first packet */
	u64	last_lost;		/* of its last one */
	u32	window;			/* quarters of round trips until its first */
	u32	non_data;		/* packets without data in it: they do not count */
	u32	lost;			/* or marked, in all of it */
};

struct xdccp_tfrc_rx {
	u64	settled;		/* up to here it is known what was lost */
	u32	window;			/* quarters of a round trip until then */
	u8	last_window;		/* their last four bits, of the data settled last */
	bool	has_window;		/* there was data */
	u8	nr_waiting;
	bool	small;			/* RFC 4828: TFRC for small packets */
	bool	begun;
	u32	seeded;			/* first interval by X_recv, in packets; 0: not yet */
	u64	begin;			/* first packet of all */
	u8	nr_intervals;
	struct xdccp_tfrc_packet waiting[XDCCP_TFRC_NDUPACK];	/* behind a hole, in order */
	struct xdccp_tfrc_interval interval[XDCCP_TFRC_INTERVALS + 1];	/* latest (open) first */
};

u32 xdccp_tfrc_sqrt(u64 n);
u64 xdccp_tfrc_x_calc(u32 s, u32 rtt_us, u64 mean);
u64 xdccp_tfrc_mean_for(u32 s, u32 rtt_us, u64 rate);

void xdccp_tfrc_tx_init(struct xdccp_tfrc_tx *tx, u32 s, u64 now_us);
void xdccp_tfrc_tx_rtt(struct xdccp_tfrc_tx *tx, u32 rtt_us, u64 now_us);
void xdccp_tfrc_tx_feedback(struct xdccp_tfrc_tx *tx, const struct xdccp_tfrc_feedback *fb);
void xdccp_tfrc_tx_warned(struct xdccp_tfrc_tx *tx, bool slow, u64 now_us);
void xdccp_tfrc_tx_dropped(struct xdccp_tfrc_tx *tx, u32 packets);
bool xdccp_tfrc_tx_timeout(struct xdccp_tfrc_tx *tx, u64 now_us, bool idle);
u64 xdccp_tfrc_interval_ns(const struct xdccp_tfrc_tx *tx, u32 len);
u64 xdccp_tfrc_initial_rate(const struct xdccp_tfrc_tx *tx);

void xdccp_tfrc_rx_init(struct xdccp_tfrc_rx *rx);
bool xdccp_tfrc_rx_packet(struct xdccp_tfrc_rx *rx, const struct xdccp_tfrc_packet *packet);
u64 xdccp_tfrc_mean(const u32 *data, unsigned int n);
u64 xdccp_tfrc_rx_mean(const struct xdccp_tfrc_rx *rx);
void xdccp_tfrc_rx_seed(struct xdccp_tfrc_rx *rx, u32 packets);
unsigned int xdccp_tfrc_rx_intervals(const struct xdccp_tfrc_rx *rx,
				     struct xdccp_loss_interval *out, unsigned int most);

#endif
