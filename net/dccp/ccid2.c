// SPDX-License-Identifier: GPL-2.0
/*
 * CCID 2: TCP-like congestion control (RFC 4341). What is arithmetic about its sender is in
 * window.c and, for the acknowledgments that it asks for, in ackratio.c; what its receiver tells,
 * in ackvec.c.
 */

#include <linux/slab.h>
#include <net/inet_ecn.h>

#include "ackratio.h"
#include "dccp.h"

struct xdccp_ccid2_tx {
	struct xdccp_window	window;
	struct xdccp_ackratio	ackratio;
	struct xdccp_window_ack	ack;		/* the acknowledgment that is being read */
	u64			next;		/* packet that its next run begins with */
	u32			unconfirmed;	/* acknowledged since we confirmed it */
	u64			slow_us;	/* when the receiver said last that it is slow */
	bool			reading;
};

struct xdccp_ccid2_rx {
	u32			unacked;	/* packets with data */
	u64			latest_us;	/* when that came which we acknowledge */
};

/* RFC 3390, in packets: four small ones, two large ones, or three. */
static u32 xdccp_ccid2_initial(const struct sock *sk)
{
	u32 mps = max(xdccp_sk(sk)->mps, 1U);

	return clamp(4380U / mps, 2U, 4U);
}

static int xdccp_ccid2_tx_init(struct sock *sk, void *priv)
{
	struct xdccp_ccid2_tx *tx = priv;
	struct xdccp_window_slot *slot;

	slot = kmalloc_array(XDCCP_WINDOW_MIN_SLOTS, sizeof(*slot), GFP_ATOMIC);
	if (!slot)
		return -ENOMEM;
	xdccp_window_init(&tx->window, slot, XDCCP_WINDOW_MIN_SLOTS, xdccp_ccid2_initial(sk));
	xdccp_ackratio_init(&tx->ackratio);
	return 0;
}

static void xdccp_ccid2_tx_exit(struct sock *sk, void *priv)
{
	struct xdccp_ccid2_tx *tx = priv;

	kfree(tx->window.slot);
}

/* Without memory the window stays as it is, and so is what may be in flight. */
static void xdccp_ccid2_grow(struct xdccp_window *w)
{
	struct xdccp_window_slot *old = w->slot, *slot;

	if (w->nr_slots >= XDCCP_WINDOW_MAX_SLOTS)
		return;
	slot = kmalloc_array(2 * w->nr_slots, sizeof(*slot), GFP_ATOMIC | __GFP_NOWARN);
	if (!slot)
		return;
	xdccp_window_grow(w, slot, 2 * w->nr_slots);
	kfree(old);
}

static s64 xdccp_ccid2_tx_may_send(struct sock *sk, void *priv, unsigned int len)
{
	struct xdccp_ccid2_tx *tx = priv;

	xdccp_window_idle(&tx->window, xdccp_now_us(), xl4_rto_us(&xdccp_sk(sk)->rto));
	if (xdccp_window_full(&tx->window))
		xdccp_ccid2_grow(&tx->window);
	if (xdccp_window_full(&tx->window) || !xdccp_window_open(&tx->window) ||
	    tx->window.pipe >= xdccp_most_on_the_way(sk))
		return XDCCP_SEND_LATER;
	return XDCCP_SEND_NOW;
}

static void xdccp_ccid2_arm(struct sock *sk)
{
	xdccp_arm_us(sk, XDCCP_TIMER_TX, xl4_rto_us(&xdccp_sk(sk)->rto));
}

static void xdccp_ccid2_tx_sent(struct sock *sk, void *priv, u64 seq, unsigned int len, bool more)
{
	struct xdccp_ccid2_tx *tx = priv;

	xdccp_window_sent(&tx->window, seq, xdccp_now_us());
	if (!xdccp_timer(sk, XDCCP_TIMER_TX)->armed)
		xdccp_ccid2_arm(sk);
}

/* Ack Vectors of one packet go on where the one before them ended. */
static void xdccp_ccid2_tx_vector(struct sock *sk, void *priv, u64 ack, const u8 *vector, u8 len)
{
	struct xdccp_ccid2_tx *tx = priv;
	u32 now_us = xdccp_now_us();
	struct xdccp_run run;

	if (!tx->reading) {
		memset(&tx->ack, 0, sizeof(tx->ack));
		tx->reading = true;
		tx->next = ack;
	}
	for (; len--; vector++) {
		xdccp_run(*vector, &run);
		xdccp_window_run(&tx->window, tx->next, run.len, run.state, now_us, &tx->ack);
		tx->next = xdccp_seq_add(tx->next, -(s64)run.len);
	}
}

/* How long the peer kept the packet before it acknowledged it does not count. */
static void xdccp_ccid2_rtt(struct sock *sk, const struct xdccp_window_ack *ack,
			    const struct xdccp_options *opt)
{
	u64 elapsed_us = opt->has_elapsed ? (u64)opt->elapsed * XDCCP_WIRE_US : 0;

	if (ack->has_rtt)
		xl4_rto_sample(&xdccp_sk(sk)->rto,
			       ack->rtt_us > elapsed_us ? ack->rtt_us - elapsed_us : ack->rtt_us);
}

/* Where the path is that short, half a window at once is a burst for nobody. */
#define XDCCP_NEAR_US		1000
#define XDCCP_NEAR_RATIO	16

/* RFC 4341 section 6.1.2: what the way back bears; section 6.2: our acknowledgments in return. */
static void xdccp_ccid2_acks(struct sock *sk, struct xdccp_ccid2_tx *tx)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	bool near = dp->rto.srtt_us >> 3 < XDCCP_NEAR_US;
	u32 least = near ? XDCCP_NEAR_RATIO : XDCCP_WINDOW_ACK_RATIO;
	u32 right;

	tx->unconfirmed += tx->ack.newly;
	if (tx->unconfirmed >= tx->window.cwnd) {
		tx->unconfirmed = 0;
		dp->ack_with_data = true;
		xdccp_ackratio_window(&tx->ackratio, tx->window.cwnd, least);
	}
	right = xdccp_ackratio_right(&tx->ackratio, tx->window.cwnd, least);
	if (right != dp->ack_ratio[XDCCP_LOCAL])
		xdccp_feature_say(&dp->features, XDCCP_FEAT_ACK_RATIO, right);
	xdccp_features_follow(sk, tx->window.cwnd);
}

/* RFC 4341 section 5.2, RFC 4340 section 11.6: no growth for a round trip. */
static void xdccp_ccid2_receiver(struct sock *sk, struct xdccp_ccid2_tx *tx,
				 const struct xdccp_event *event)
{
	const struct xdccp_options *opt = event->options;

	if (opt->slow_receiver)
		tx->slow_us = event->now_us;
	if (opt->slow_receiver || opt->dropped.buffer)
		xdccp_window_dropped(&tx->window, opt->dropped.buffer);
	tx->window.held = tx->slow_us &&
			  event->now_us - tx->slow_us <= xdccp_sk(sk)->rto.srtt_us >> 3;
}

static void xdccp_ccid2_tx_heard(struct sock *sk, void *priv, const struct xdccp_event *event)
{
	const struct xdccp_ackratio_packet packet = {
		.seq = event->cb->seq,
		.ndp = event->options->has_ndp ? event->options->ndp : 0,
		.has_ndp = xdccp_sk(sk)->send_ndp[XDCCP_REMOTE],
		.data = event->data,
		.marked = INET_ECN_is_ce(event->cb->ecn),
	};
	struct xdccp_ccid2_tx *tx = priv;

	xdccp_ackratio_heard(&tx->ackratio, &packet);
}

static void xdccp_ccid2_tx_received(struct sock *sk, void *priv, const struct xdccp_event *event)
{
	struct xdccp_ccid2_tx *tx = priv;

	xdccp_ccid2_receiver(sk, tx, event);
	if (!tx->reading)
		return;
	tx->reading = false;
	/* The peer may go by what it has not confirmed yet. */
	tx->window.ack_ratio = max_t(u32, xdccp_sk(sk)->ack_ratio[XDCCP_LOCAL],
				     xdccp_feature_wanted(&xdccp_sk(sk)->features,
							  XDCCP_FEAT_ACK_RATIO));
	xdccp_window_acked(&tx->window, &tx->ack);
	xdccp_ccid2_rtt(sk, &tx->ack, event->options);
	if (tx->ack.congested)
		xdccp_count(sk, XDCCP_MIB_LOSS_EVENTS);
	xdccp_ccid2_acks(sk, tx);
	if (!tx->window.pipe)
		xl4_timer_disarm(xdccp_timer(sk, XDCCP_TIMER_TX));
	else if (tx->ack.newly)
		xdccp_ccid2_arm(sk);
}

static void xdccp_ccid2_tx_timer(struct sock *sk, void *priv)
{
	struct xdccp_ccid2_tx *tx = priv;

	if (!tx->window.pipe)
		return;
	xdccp_count(sk, XDCCP_MIB_TIMEOUTS);
	xdccp_window_timeout(&tx->window);
	xl4_rto_back_off(&xdccp_sk(sk)->rto);
	xdccp_write_xmit(sk);
}

/* RFC 4341 section 6.1: an acknowledgment for each Ack Ratio packets, and none waits long. */
static void xdccp_ccid2_rx_received(struct sock *sk, void *priv, const struct xdccp_event *event)
{
	u32 ratio = max_t(u32, xdccp_sk(sk)->ack_ratio[XDCCP_REMOTE], 1);
	struct xdccp_ccid2_rx *rx = priv;

	if (event->cb->seq == xdccp_sk(sk)->gsr)
		rx->latest_us = event->now_us;
	if (!event->data)
		return;
	if (++rx->unacked >= ratio)
		xdccp_ack_now(sk);
	else
		xdccp_delay_ack(sk);
}

#define XDCCP_ELAPSED_LEN	6	/* at most */
#define XDCCP_AT_ONCE		10	/* 100 us: less is not worth telling */

/* RFC 4340 section 13.2: an acknowledgment that waited is not to be taken for a long path. */
static u8 *xdccp_ccid2_rx_options(struct sock *sk, void *priv, u8 *to, unsigned int room)
{
	const struct xdccp_ccid2_rx *rx = priv;
	u32 elapsed;

	if (!rx->latest_us || room < XDCCP_ELAPSED_LEN)
		return to;
	elapsed = xdccp_elapsed(rx->latest_us, xdccp_now_us());
	return elapsed < XDCCP_AT_ONCE ? to : xdccp_put_elapsed(to, elapsed);
}

static void xdccp_ccid2_rx_acked(struct sock *sk, void *priv, u64 seq)
{
	struct xdccp_ccid2_rx *rx = priv;

	rx->unacked = 0;
}

const struct xdccp_ccid_ops xdccp_ccid2_ops = {
	.id		= 2,
	.name		= "TCP-like",
	.tx_size	= sizeof(struct xdccp_ccid2_tx),
	.rx_size	= sizeof(struct xdccp_ccid2_rx),
	.tx_init	= xdccp_ccid2_tx_init,
	.tx_exit	= xdccp_ccid2_tx_exit,
	.tx_may_send	= xdccp_ccid2_tx_may_send,
	.tx_sent	= xdccp_ccid2_tx_sent,
	.tx_vector	= xdccp_ccid2_tx_vector,
	.tx_heard	= xdccp_ccid2_tx_heard,
	.tx_received	= xdccp_ccid2_tx_received,
	.tx_timer	= xdccp_ccid2_tx_timer,
	.rx_received	= xdccp_ccid2_rx_received,
	.rx_options	= xdccp_ccid2_rx_options,
	.rx_acked	= xdccp_ccid2_rx_acked,
};
