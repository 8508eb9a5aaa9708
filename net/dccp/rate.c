// SPDX-License-Identifier: GPL-2.0
/*
 * What CCID 3 and CCID 4 have in common, as senders: TFRC's rate becomes times to send at, and
 * what the receiver reports becomes a rate (RFC 4342).
 */

#include "dccp.h"
#include "rate.h"

#define XDCCP_MAX_STEPS		5u	/* of the window counter at once: RFC 4342 section 8.1 */

/**
 * xdccp_rate_tx_init() - a sender begins
 * @sk: the socket
 * @priv: its struct xdccp_rate_tx, zeroed
 *
 * Return: 0.
 */
int xdccp_rate_tx_init(struct sock *sk, void *priv)
{
	u32 rtt_us = xdccp_sk(sk)->rto.srtt_us >> 3;
	struct xdccp_rate_tx *tx = priv;
	u64 now_us = xdccp_now_us();

	xdccp_tfrc_tx_init(&tx->tfrc, max(xdccp_sk(sk)->mps, 1U), now_us);
	tx->tfrc.damped = xdccp_set(sk)->oscillation_prevention;
	/* The handshake was a round trip. */
	if (rtt_us)
		xdccp_tfrc_tx_rtt(&tx->tfrc, rtt_us, now_us);
	return 0;
}

/* RFC 5348 section 8.2.1: what was sent at this moment was all that might be. */
static void xdccp_rate_not_limited(struct xdccp_rate_tx *tx, u64 now_us)
{
	if (tx->not_limited[0] <= tx->t_new)
		tx->not_limited[0] = now_us;
	else if (tx->not_limited[1] <= tx->t_next)
		tx->not_limited[1] = now_us;
}

/* Likewise: was the sender, in all of the interval that feedback is about, limited by its data? */
static bool xdccp_rate_data_limited(struct xdccp_rate_tx *tx, u64 now_us)
{
	u64 old = tx->t_new;
	bool limited;

	tx->t_new = tx->t_next;
	tx->t_next = now_us;
	limited = !(old < tx->not_limited[0] && tx->not_limited[0] <= tx->t_new) &&
		  !(old < tx->not_limited[1] && tx->not_limited[1] <= tx->t_new);
	if (tx->not_limited[0] <= tx->t_new && tx->not_limited[1] > tx->t_new)
		tx->not_limited[0] = tx->not_limited[1];
	return limited;
}

/**
 * xdccp_rate_tx_may_send() - when may a packet go?
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 * @len: octets of data
 *
 * RFC 5348 section 4.6: a timer's tick may pass unused and be made up for.
 *
 * Return: XDCCP_SEND_NOW, in how many microseconds, or XDCCP_SEND_LATER.
 */
s64 xdccp_rate_tx_may_send(struct sock *sk, void *priv, unsigned int len)
{
	struct xdccp_rate_tx *tx = priv;
	u64 now_ns = ktime_get_ns(), slack_ns = TICK_NSEC / 2;
	/* So it is when a path of microseconds becomes one of milliseconds. */
	bool too_many = tx->unreported >= xdccp_most_on_the_way(sk);

	if (now_ns + slack_ns >= tx->next_ns && !too_many)
		return XDCCP_SEND_NOW;
	xdccp_rate_not_limited(tx, div_u64(now_ns, NSEC_PER_USEC));
	if (too_many)
		return XDCCP_SEND_LATER;
	return div_u64(tx->next_ns - now_ns, NSEC_PER_USEC) + 1;
}

/**
 * xdccp_rate_tx_ccval() - the window counter for a packet that goes now
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 *
 * RFC 4342 section 8.1: quarters of a round trip.
 *
 * Return: 0 to 15.
 */
u8 xdccp_rate_tx_ccval(struct sock *sk, void *priv)
{
	struct xdccp_rate_tx *tx = priv;
	u64 now_us = xdccp_now_us(), quarters;

	if (!tx->tfrc.rtt_us || !tx->started)
		return tx->window;
	quarters = div_u64((now_us - tx->window_us) * 4, tx->tfrc.rtt_us);
	if (quarters) {
		tx->window = (tx->window + min_t(u64, quarters, XDCCP_MAX_STEPS)) & 15;
		tx->window_us = now_us;
	}
	return tx->window;
}

/* Not each one: 256 are to reach back for some round trips. */
static void xdccp_rate_remember(struct xdccp_rate_tx *tx, u64 seq, u64 now_us)
{
	const struct xdccp_rate_sent *last = &tx->sent[(tx->first + tx->nr - 1) % XDCCP_RATE_SENT];

	if (tx->nr && now_us - last->at_us < tx->tfrc.rtt_us / 32)
		return;
	if (tx->nr == XDCCP_RATE_SENT) {
		tx->first = (tx->first + 1) % XDCCP_RATE_SENT;
		tx->nr--;
	}
	tx->sent[(tx->first + tx->nr++) % XDCCP_RATE_SENT] = (struct xdccp_rate_sent) {
		.seq = seq,
		.at_us = now_us,
	};
}

/* When packet @seq was sent, or about when; those before it are forgotten. 0: long ago. */
static u64 xdccp_rate_recall(struct xdccp_rate_tx *tx, u64 seq)
{
	const struct xdccp_rate_sent *a, *b;
	s64 all, part;

	if (!tx->nr || xdccp_seq_after(tx->sent[tx->first].seq, seq))
		return 0;
	for (; tx->nr > 1; tx->nr--, tx->first = (tx->first + 1) % XDCCP_RATE_SENT) {
		a = &tx->sent[tx->first];
		b = &tx->sent[(tx->first + 1) % XDCCP_RATE_SENT];
		if (!xdccp_seq_after(b->seq, seq))
			continue;
		all = xdccp_seq_delta(a->seq, b->seq);
		part = xdccp_seq_delta(a->seq, seq);
		return a->at_us + div64_u64((b->at_us - a->at_us) * part, all);
	}
	return tx->sent[tx->first].at_us;
}

/* The average of what was sent is what the equation is about; but not with small packets. */
static void xdccp_rate_average(struct xdccp_rate_tx *tx, unsigned int len)
{
	if (!len)
		return;
	tx->len = tx->started ? (9 * tx->len + len + 5) / 10 : len;
	if (!tx->small)
		tx->tfrc.s = tx->len;
}

static u64 xdccp_rate_gap_ns(const struct xdccp_rate_tx *tx, unsigned int len)
{
	u64 gap;

	if (!tx->small)
		return xdccp_tfrc_interval_ns(&tx->tfrc, len);
	gap = xdccp_tfrc_interval_ns(&tx->tfrc, len + XDCCP_SMALL_HEADER);
	return max_t(u64, gap, XDCCP_SMALL_GAP_US * NSEC_PER_USEC);
}

static void xdccp_rate_arm(struct sock *sk, struct xdccp_rate_tx *tx)
{
	tx->timer_rests = false;
	xdccp_arm_us(sk, XDCCP_TIMER_TX, tx->tfrc.rto_us);
}

/**
 * xdccp_rate_tx_sent() - a packet with data went out
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 * @seq: the packet's number
 * @len: octets of data
 * @more: others wait
 */
void xdccp_rate_tx_sent(struct sock *sk, void *priv, u64 seq, unsigned int len, bool more)
{
	struct xdccp_rate_tx *tx = priv;
	u64 now_ns = ktime_get_ns(), late_ns = (u64)tx->tfrc.rtt_us * NSEC_PER_USEC;
	u64 now_us = div_u64(now_ns, NSEC_PER_USEC);

	xdccp_rate_remember(tx, seq, now_us);
	xdccp_rate_average(tx, len);
	/* RFC 5348 section 4.6: what was not used is kept for a round trip at most. */
	late_ns = max_t(u64, late_ns, TICK_NSEC);
	if (tx->next_ns + late_ns < now_ns)
		tx->next_ns = now_ns - (tx->started && more ? late_ns : 0);
	tx->next_ns += xdccp_rate_gap_ns(tx, len);
	tx->sent_any = true;
	xdccp_features_follow(sk, ++tx->unreported);
	if (!tx->started)
		tx->window_us = now_us;
	if (!tx->started || tx->timer_rests)
		xdccp_rate_arm(sk, tx);
	tx->started = true;
}

/*
 * RFC 4342 section 8.6: the first interval of all is without loss, but none other. 0, or -EINVAL.
 */
static int xdccp_rate_intervals(struct xdccp_rate_tx *tx, const struct xdccp_option *option)
{
	u32 data[XDCCP_TFRC_INTERVALS + 1];
	struct xdccp_loss_interval interval;
	unsigned int i, n;
	u8 skip;

	if (xdccp_parse_loss_intervals(option, &skip, &n))
		return -EINVAL;
	n = min_t(unsigned int, n, ARRAY_SIZE(data));
	tx->has_intervals = true;
	tx->intervals_mean = 0;
	for (i = 0; i < n; i++) {
		xdccp_loss_interval(option, i, &interval);
		data[i] = interval.data;
		if (!i && !interval.lossy)
			return 0;
	}
	if (n)
		tx->intervals_mean = xdccp_tfrc_mean(data, n);
	return 0;
}

/**
 * xdccp_rate_tx_option() - an option of the receiver's
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 * @option: of type 192 to 255
 *
 * RFC 4342 section 8. Loss Intervals tell how the rate came about; we believe the rate, if it is
 * there: section 8.4 leaves that to the receiver.
 *
 * Return: 0, or -EINVAL if its length is wrong.
 */
int xdccp_rate_tx_option(struct sock *sk, void *priv, const struct xdccp_option *option)
{
	struct xdccp_rate_tx *tx = priv;
	u64 number;

	if (option->type == XDCCP_OPT_LOSS_INTERVALS)
		return xdccp_rate_intervals(tx, option);
	if (option->type != XDCCP_OPT_LOSS_EVENT_RATE && option->type != XDCCP_OPT_RECEIVE_RATE)
		return 0;
	if (xdccp_parse_number(option, &number))
		return -EINVAL;
	if (option->type == XDCCP_OPT_RECEIVE_RATE) {
		tx->x_recv = number;
		tx->has_x_recv = true;
		return 0;
	}
	/* The inverse of p; all ones: p is 0. */
	tx->mean = number == U32_MAX ? 0 : max_t(u64, number, 1) << XDCCP_TFRC_MEAN_SHIFT;
	tx->has_rate = true;
	return 0;
}

/*
 * RFC 4828 section 4.2: with small packets the rate that is allowed has their headers in it, and so
 * must what arrived, to which it is compared.
 */
static u64 xdccp_rate_received(const struct xdccp_rate_tx *tx)
{
	u64 headers = tx->small ? div_u64(tx->x_recv * XDCCP_SMALL_HEADER, max(tx->len, 1U)) : 0;

	return tx->x_recv + headers;
}

/* It is feedback if it has both rates and acknowledges something that we know of. */
static void xdccp_rate_feedback(struct sock *sk, struct xdccp_rate_tx *tx,
				const struct xdccp_event *event)
{
	u64 mean = tx->has_rate ? tx->mean : tx->intervals_mean;
	struct xdccp_tfrc_feedback fb = {
		.now_us = event->now_us,
		.x_recv = xdccp_rate_received(tx) << XDCCP_TFRC_RATE_SHIFT,
		.mean = mean,
		.new_loss = mean && (!tx->tfrc.mean || mean < tx->tfrc.mean),
	};
	bool complete = tx->has_x_recv && (tx->has_rate || tx->has_intervals);
	u64 sent_us, elapsed_us;

	tx->has_x_recv = false;
	tx->has_rate = false;
	tx->has_intervals = false;
	if (!complete)
		return;
	sent_us = xdccp_rate_recall(tx, event->cb->ack);
	if (!sent_us)
		return;
	elapsed_us = event->options->has_elapsed ? (u64)event->options->elapsed * XDCCP_WIRE_US : 0;
	fb.rtt_us = min_t(u64, event->now_us - sent_us, U32_MAX);
	if (fb.rtt_us > elapsed_us)
		fb.rtt_us -= elapsed_us;
	fb.data_limited = xdccp_rate_data_limited(tx, event->now_us);
	xdccp_tfrc_tx_feedback(&tx->tfrc, &fb);
	xl4_rto_sample(&xdccp_sk(sk)->rto, max(fb.rtt_us, 1U));
	if (fb.new_loss)
		xdccp_count(sk, XDCCP_MIB_LOSS_EVENTS);
	tx->sent_any = false;
	tx->unreported = min_t(u64, tx->unreported,
			       xdccp_seq_delta(event->cb->ack, xdccp_sk(sk)->gss));
	xdccp_rate_arm(sk, tx);
}

/**
 * xdccp_rate_tx_received() - a packet's options were all told
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 * @event: the packet
 */
void xdccp_rate_tx_received(struct sock *sk, void *priv, const struct xdccp_event *event)
{
	const struct xdccp_options *opt = event->options;
	struct xdccp_rate_tx *tx = priv;

	/* RFC 4340 sections 11.6, 11.7.2: the report that comes with it raises nothing, either. */
	if (opt->slow_receiver || opt->dropped.buffer)
		xdccp_tfrc_tx_warned(&tx->tfrc, opt->slow_receiver, event->now_us);
	xdccp_rate_feedback(sk, tx, event);
	if (opt->dropped.buffer)
		xdccp_tfrc_tx_dropped(&tx->tfrc, opt->dropped.buffer);
}

/**
 * xdccp_rate_tx_timer() - the no-feedback timer
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 */
void xdccp_rate_tx_timer(struct sock *sk, void *priv)
{
	struct xdccp_rate_tx *tx = priv;

	/* One may find out what became of the others. */
	tx->unreported = min(tx->unreported, xdccp_most_on_the_way(sk) - 1);
	if (xdccp_tfrc_tx_timeout(&tx->tfrc, xdccp_now_us(), !tx->sent_any)) {
		xdccp_count(sk, XDCCP_MIB_NO_FEEDBACK);
		xdccp_rate_arm(sk, tx);
	} else {
		tx->timer_rests = true;
	}
	tx->sent_any = false;
	xdccp_write_xmit(sk);
}

/**
 * xdccp_rate_tx_info() - DCCP_SOCKOPT_CCID_TX_INFO
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_tx
 * @info: filled in
 * @size: what there is room for
 *
 * Return: octets, or -EINVAL: there is not enough room.
 */
int xdccp_rate_tx_info(struct sock *sk, const void *priv, void *info, unsigned int size)
{
	const struct xdccp_rate_tx *tx = priv;
	const struct xdccp_tfrc_tx *tfrc = &tx->tfrc;
	struct xdccp_tfrc_tx_info out = {
		.tfrctx_x = tfrc->x_inst,
		.tfrctx_x_recv = min(tfrc->recv[0].rate, XDCCP_TFRC_NO_LIMIT),
		.tfrctx_x_calc = min_t(u64, tfrc->x_calc >> XDCCP_TFRC_RATE_SHIFT, U32_MAX),
		.tfrctx_rtt = tfrc->rtt_us,
		.tfrctx_p = xdccp_rate_p(tfrc->mean),
		.tfrctx_rto = tfrc->rto_us,
		.tfrctx_ipi = div_u64(xdccp_rate_gap_ns(tx, tfrc->s), NSEC_PER_USEC),
	};

	if (size < sizeof(out))
		return -EINVAL;
	memcpy(info, &out, sizeof(out));
	return sizeof(out);
}
