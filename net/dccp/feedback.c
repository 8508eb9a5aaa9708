// SPDX-License-Identifier: GPL-2.0
/*
 * What CCID 3 and CCID 4 have in common, as receivers: what came, what of it was lost, and when to
 * tell (RFC 4342 section 6 and 10, RFC 5348 section 6).
 */

#include <net/inet_ecn.h>

#include "dccp.h"
#include "rate.h"

#define XDCCP_FEEDBACK_QUARTERS	4u	/* of a round trip, between reports */
#define XDCCP_FEEDBACK_ROOM	18	/* Elapsed Time, Receive Rate, Loss Event Rate */

/*
 * RFC 4342 section 8.1: how long the window counter takes for four steps is a round trip. What it
 * takes for a few more says so too; more than that, the sender was idle.
 */
static void xdccp_feedback_rtt(struct xdccp_rate_rx *rx, u64 now_us)
{
	u32 steps = rx->quarters - rx->quarter, rtt_us;

	if (steps < 4)
		return;
	if (steps <= 8 && now_us > rx->quarter_us) {
		rtt_us = min_t(u64, div_u64((now_us - rx->quarter_us) * 4, steps), U32_MAX / 16);
		rx->rtt_us = rx->rtt_us ? (9 * rx->rtt_us + rtt_us) / 10 : rtt_us;
	}
	rx->quarter = rx->quarters;
	rx->quarter_us = now_us;
}

static void xdccp_feedback_count(struct xdccp_rate_rx *rx, u8 window, u32 len, u64 now_us)
{
	u8 steps = (window - rx->last_window) & 15;

	if (!rx->begun) {
		rx->begun = true;
		rx->last_window = window;
		rx->quarter_us = now_us;
		rx->feedback_us = now_us;
		rx->s = max(len, 1U);
		return;
	}
	rx->octets += len;
	rx->s = len ? max((9 * rx->s + len + 5) / 10, 1U) : rx->s;
	/* One that was overtaken counts back: it tells nothing. */
	if (steps > 8)
		return;
	rx->last_window = window;
	rx->quarters += steps;
	xdccp_feedback_rtt(rx, now_us);
}

/* RFC 5348 section 6.2: octets per second since the last report, or in a round trip if longer. */
static u32 xdccp_feedback_x_recv(const struct xdccp_rate_rx *rx, u64 now_us)
{
	u64 us = now_us - rx->feedback_us, octets = min_t(u64, rx->octets, (u64)1 << 40);

	if (rx->rtt_us && us < rx->rtt_us)
		return rx->x_recv ? : rx->s;
	return min_t(u64, div64_u64(octets * USEC_PER_SEC, max_t(u64, us, 1)), U32_MAX);
}

/*
 * RFC 5348 section 6.3.1: the interval before the first loss is what fits the rate until then; with
 * small packets in the terms of RFC 4828, as the sender will reckon.
 */
static void xdccp_feedback_first_loss(struct xdccp_rate_rx *rx, u64 now_us)
{
	u64 rate = max(xdccp_feedback_x_recv(rx, now_us), rx->s);
	u32 rtt_us = rx->rtt_us ? : USEC_PER_SEC / 5, s = rx->s;
	u64 mean;

	if (rx->tfrc.small) {
		rate += div_u64(rate * XDCCP_SMALL_HEADER, s);
		s = XDCCP_SMALL_SEGMENT;
	}
	mean = xdccp_tfrc_mean_for(s, rtt_us, rate << XDCCP_TFRC_RATE_SHIFT);

	xdccp_tfrc_rx_seed(&rx->tfrc, mean >> XDCCP_TFRC_MEAN_SHIFT);
}

/**
 * xdccp_rate_rx_received() - a packet came
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_rx
 * @event: the packet, inside the sequence window
 *
 * RFC 4342 section 6: feedback is due for the first packet with data, for a new loss event, and
 * once for a round trip.
 */
void xdccp_rate_rx_received(struct sock *sk, void *priv, const struct xdccp_event *event)
{
	struct xdccp_tfrc_packet packet = {
		.seq = event->cb->seq,
		.ndp = event->options->has_ndp ? event->options->ndp : 0,
		.window = event->cb->ccval,
		.data = event->data,
		.marked = INET_ECN_is_ce(event->cb->ecn),
	};
	struct xdccp_rate_rx *rx = priv;
	bool due = false, loss;

	loss = xdccp_tfrc_rx_packet(&rx->tfrc, &packet);
	if (event->data) {
		due = !rx->begun;
		rx->last_us = event->now_us;
		xdccp_feedback_count(rx, packet.window, event->skb->len - event->cb->length,
				     event->now_us);
		due |= rx->quarters - rx->feedback_quarters >= XDCCP_FEEDBACK_QUARTERS;
	}
	if (!rx->begun)
		return;
	if (loss && !rx->tfrc.seeded)
		xdccp_feedback_first_loss(rx, event->now_us);
	if (due || loss) {
		rx->due = true;
		xdccp_ack_now(sk);
	}
}

static u8 *xdccp_feedback_intervals(const struct sock *sk, const struct xdccp_rate_rx *rx, u8 *to,
				    unsigned int room)
{
	struct xdccp_loss_interval intervals[XDCCP_TFRC_INTERVALS + 1];
	unsigned int head = 3, each = XDCCP_LOSS_INTERVAL_LEN, n, i, most;
	u64 skip;

	if (rx->tfrc.small) {
		head += 2;
		each += XDCCP_DROP_COUNT_LEN;
	}
	if (room < head + each)
		return to;
	most = min_t(unsigned int, (room - head) / each, ARRAY_SIZE(intervals));
	n = xdccp_tfrc_rx_intervals(&rx->tfrc, intervals, most);
	if (!n)
		return to;
	/* RFC 4342 section 8.6: not when there is a hole of which more is not certain. */
	skip = max_t(s64, xdccp_seq_delta(rx->tfrc.settled, xdccp_sk(sk)->gsr), 0);
	if (skip > XDCCP_TFRC_NDUPACK)
		return to;
	*to++ = XDCCP_OPT_LOSS_INTERVALS;
	*to++ = 3 + n * XDCCP_LOSS_INTERVAL_LEN;
	*to++ = skip;
	for (i = 0; i < n; i++)
		to = xdccp_put_loss_interval(to, &intervals[i]);
	return rx->tfrc.small ? xdccp_put_dropped_packets(to, intervals, n) : to;
}

/**
 * xdccp_rate_rx_options() - the options of a report
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_rx
 * @to: where
 * @room: octets there
 *
 * RFC 4342 section 6: Elapsed Time, Receive Rate, Loss Event Rate where it was agreed on, and Loss
 * Intervals as far as there is room; with these, CCID 4 has Dropped Packets. p is 0 where the rate
 * is all ones.
 *
 * Return: where the next option goes; @to if there is nothing to report.
 */
u8 *xdccp_rate_rx_options(struct sock *sk, void *priv, u8 *to, unsigned int room)
{
	struct xdccp_rate_rx *rx = priv;
	u64 now_us = xdccp_now_us(), mean = xdccp_tfrc_rx_mean(&rx->tfrc);
	const u8 *end = to + room;
	u32 inverse = U32_MAX;

	rx->written = rx->due && room >= XDCCP_FEEDBACK_ROOM;
	if (!rx->written)
		return to;
	rx->x_recv = xdccp_feedback_x_recv(rx, now_us);
	to = xdccp_put_elapsed(to, xdccp_elapsed(rx->last_us, now_us));
	to = xdccp_put_number(to, XDCCP_OPT_RECEIVE_RATE, rx->x_recv, 4);
	if (mean)	/* rounded up: RFC 4342 section 8.5 */
		inverse = min_t(u64, (mean + (1 << XDCCP_TFRC_MEAN_SHIFT) - 1) >>
				XDCCP_TFRC_MEAN_SHIFT, U32_MAX - 1);
	to = xdccp_put_number(to, XDCCP_OPT_LOSS_EVENT_RATE, inverse, 4);
	return xdccp_feedback_intervals(sk, rx, to, end - to);
}

/**
 * xdccp_rate_rx_acked() - an acknowledgment went out, with the options above
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_rx
 * @seq: the packet's number
 */
void xdccp_rate_rx_acked(struct sock *sk, void *priv, u64 seq)
{
	struct xdccp_rate_rx *rx = priv;

	if (!rx->written)
		return;
	rx->written = false;
	rx->due = false;
	rx->octets = 0;
	rx->feedback_us = xdccp_now_us();
	rx->feedback_quarters = rx->quarters;
}

/**
 * xdccp_rate_rx_info() - DCCP_SOCKOPT_CCID_RX_INFO
 * @sk: the socket, locked
 * @priv: its struct xdccp_rate_rx
 * @info: filled in
 * @size: what there is room for
 *
 * Return: octets, or -EINVAL: there is not enough room.
 */
int xdccp_rate_rx_info(struct sock *sk, const void *priv, void *info, unsigned int size)
{
	const struct xdccp_rate_rx *rx = priv;
	struct xdccp_tfrc_rx_info out = {
		.tfrcrx_x_recv = rx->x_recv,
		.tfrcrx_rtt = rx->rtt_us,
		.tfrcrx_p = xdccp_rate_p(xdccp_tfrc_rx_mean(&rx->tfrc)),
	};

	if (size < sizeof(out))
		return -EINVAL;
	memcpy(info, &out, sizeof(out));
	return sizeof(out);
}
