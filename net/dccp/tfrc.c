// SPDX-License-Identifier: GPL-2.0
/*
 * TCP-friendly rate control: the sender (RFC 5348 section 4) and the equation (section 3.1).
 *
 *	X_Bps =				     s
 *		-------------------------------------------------------------------
 *		R * sqrt(2bp/3) + t_RTO * 3 * sqrt(3bp/8) * p * (1 + 32p^2)
 *
 * with b = 1 and t_RTO = 4R. By the mean loss interval I = 1/p that is s * I / (R * g(I)), where
 *
 *	g(I) = sqrt(2I/3) + sqrt(54/I) * (1 + 32/I^2)
 *
 * is between 5 and 54000 for all that I can be: easy for integers. The error is below 1/10000,
 * and one 64th of an octet per second.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "tfrc.h"

#define XDCCP_SECOND_US		1000000u
#define XDCCP_G_SHIFT		14		/* g is in these units */
#define XDCCP_H_SHIFT		24		/* I / g is in these */
#define XDCCP_ONE_PACKET	((u64)1 << XDCCP_TFRC_MEAN_SHIFT)
#define XDCCP_MAX_MEAN		((u64)U32_MAX << XDCCP_TFRC_MEAN_SHIFT)
#define XDCCP_MIN_RTT_US	10u		/* the clock on the wire has no more to tell */

/**
 * xdccp_tfrc_sqrt() - a square root
 * @n: of this
 *
 * Return: it, rounded down.
 */
u32 xdccp_tfrc_sqrt(u64 n)
{
	u64 bit = (u64)1 << 62, root = 0;

	while (bit > n)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		if (n >= root + bit) {
			n -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/* g(I), in units of 2^-XDCCP_G_SHIFT. 32/I^2 is nothing from an I of 4096 on. */
static u32 xdccp_tfrc_g(u64 mean)
{
	u64 first = xdccp_tfrc_sqrt(div_u64(mean << 21, 3));
	u64 second = xdccp_tfrc_sqrt(div64_u64((u64)54 << 36, mean));
	u64 cube = mean < 4096 * XDCCP_ONE_PACKET ? div64_u64((u64)32 << 30, mean * mean) : 0;

	return first + second + (second * cube >> XDCCP_G_SHIFT);
}

/**
 * xdccp_tfrc_x_calc() - the throughput equation
 * @s: octets of a segment, up to 65535
 * @rtt_us: R
 * @mean: 1 / p
 *
 * Return: the rate.
 */
u64 xdccp_tfrc_x_calc(u32 s, u32 rtt_us, u64 mean)
{
	u64 h, x;
	u32 g;

	mean = clamp(mean, XDCCP_ONE_PACKET, XDCCP_MAX_MEAN);
	rtt_us = max(rtt_us, XDCCP_MIN_RTT_US);
	g = xdccp_tfrc_g(mean);
	if (mean < (u64)1 << 33)
		h = div_u64(mean << 30, g);
	else
		h = div_u64(mean << 23, g) << 7;
	x = (u64)s * h;
	if (x < (u64)1 << 44)
		return div_u64(x * XDCCP_SECOND_US, rtt_us) >>
		       (XDCCP_H_SHIFT - XDCCP_TFRC_RATE_SHIFT);
	return div_u64((x >> 16) * XDCCP_SECOND_US, rtt_us) >> (8 - XDCCP_TFRC_RATE_SHIFT);
}

/**
 * xdccp_tfrc_mean_for() - which mean loss interval would lead to a rate
 * @s: octets of a segment
 * @rtt_us: R
 * @rate: the rate
 *
 * RFC 5348 section 6.3.1: the interval before the first loss event is what fits the rate then.
 *
 * Return: the largest for which xdccp_tfrc_x_calc() is no more than @rate, of whole packets; at
 * least one packet.
 */
u64 xdccp_tfrc_mean_for(u32 s, u32 rtt_us, u64 rate)
{
	u64 low = 1, high = U32_MAX;

	while (low < high) {
		u64 middle = (low + high + 1) / 2;

		if (xdccp_tfrc_x_calc(s, rtt_us, middle << XDCCP_TFRC_MEAN_SHIFT) <= rate)
			low = middle;
		else
			high = middle - 1;
	}
	return low << XDCCP_TFRC_MEAN_SHIFT;
}

/* ------------------------------------------------------------- the sender */

/* So many octets in such a time, as a rate. */
static u64 xdccp_tfrc_rate(u64 octets, u32 us)
{
	return div_u64((octets * XDCCP_SECOND_US) << XDCCP_TFRC_RATE_SHIFT, max(us, 1u));
}

/* One segment in 64 seconds: less than that it is never. */
static u64 xdccp_tfrc_least(const struct xdccp_tfrc_tx *tx)
{
	return max(((u64)tx->s << XDCCP_TFRC_RATE_SHIFT) / XDCCP_TFRC_T_MBI, (u64)1);
}

/**
 * xdccp_tfrc_initial_rate() - what a sender may begin with
 * @tx: with a round-trip time
 *
 * RFC 5348 section 4.2: W_init is 2 to 4 segments, about 4380 octets.
 *
 * Return: the rate; one segment a second without round-trip time.
 */
u64 xdccp_tfrc_initial_rate(const struct xdccp_tfrc_tx *tx)
{
	u32 window = min(4 * tx->s, max(2 * tx->s, 4380u));

	if (!tx->rtt_us)
		return (u64)tx->s << XDCCP_TFRC_RATE_SHIFT;
	return xdccp_tfrc_rate(window, tx->rtt_us);
}

/* How long two segments last at the allowed rate. */
static u64 xdccp_tfrc_two_segments_us(const struct xdccp_tfrc_tx *tx)
{
	return div64_u64(((u64)2 * tx->s * XDCCP_SECOND_US) << XDCCP_TFRC_RATE_SHIFT, tx->x);
}

/*
 * RFC 5348 section 4.3, step 2, and 4.4: max(4R, 2s/X); 2 seconds without R. On a path of
 * microseconds that would be less than a receiver may well be kept from running, and more wakeups
 * than packets: as with TCP's timer there is a least.
 */
static void xdccp_tfrc_set_rto(struct xdccp_tfrc_tx *tx)
{
	u64 rto = tx->rtt_us ? max((u64)4 * tx->rtt_us, xdccp_tfrc_two_segments_us(tx)) :
			       2 * XDCCP_SECOND_US;

	rto = max_t(u64, rto, XDCCP_TFRC_MIN_RTO_US);
	tx->rto_us = min_t(u64, rto, 2 * XDCCP_TFRC_T_MBI * XDCCP_SECOND_US);
}

/**
 * xdccp_tfrc_tx_init() - a sender that knows nothing
 * @tx: filled in
 * @s: octets of a segment
 * @now_us: the time
 */
void xdccp_tfrc_tx_init(struct xdccp_tfrc_tx *tx, u32 s, u64 now_us)
{
	memset(tx, 0, sizeof(*tx));
	tx->s = clamp(s, 1u, 65535u);
	tx->x = xdccp_tfrc_initial_rate(tx);
	tx->x_inst = tx->x;
	tx->t_ld_us = now_us;
	tx->recv[0].rate = XDCCP_TFRC_NO_LIMIT;
	tx->recv[0].at_us = now_us;
	tx->nr_recv = 1;
	xdccp_tfrc_set_rto(tx);
}

/* RFC 5348 section 4.3, step 2: 9/10 and 1/10. */
static void xdccp_tfrc_sample_rtt(struct xdccp_tfrc_tx *tx, u32 rtt_us)
{
	u32 root;

	rtt_us = clamp(rtt_us, XDCCP_MIN_RTT_US, 64 * XDCCP_SECOND_US);
	root = xdccp_tfrc_sqrt((u64)rtt_us << 8);
	if (!tx->rtt_us) {
		tx->rtt_us = rtt_us;
		tx->rtt_sqmean = root;
		return;
	}
	tx->rtt_us = div_u64((u64)9 * tx->rtt_us + rtt_us, 10);
	tx->rtt_sqmean = div_u64((u64)9 * tx->rtt_sqmean + root, 10);
}

/**
 * xdccp_tfrc_tx_rtt() - the round-trip time of the handshake
 * @tx: the sender
 * @rtt_us: the time
 * @now_us: of day
 *
 * RFC 5348 section 4.2: it may begin with the initial window instead of a segment a second.
 */
void xdccp_tfrc_tx_rtt(struct xdccp_tfrc_tx *tx, u32 rtt_us, u64 now_us)
{
	if (tx->rtt_us)
		return;
	xdccp_tfrc_sample_rtt(tx, rtt_us);
	tx->x = xdccp_tfrc_initial_rate(tx);
	tx->x_inst = tx->x;
	tx->t_ld_us = now_us;
	xdccp_tfrc_set_rto(tx);
}

static u64 xdccp_tfrc_recv_max(const struct xdccp_tfrc_tx *tx)
{
	u64 most = 0;
	unsigned int i;

	for (i = 0; i < tx->nr_recv; i++)
		most = max(most, tx->recv[i].rate);
	return most;
}

static void xdccp_tfrc_recv_only(struct xdccp_tfrc_tx *tx, u64 rate, u64 now_us)
{
	tx->recv[0].rate = rate;
	tx->recv[0].at_us = now_us;
	tx->nr_recv = 1;
}

/* RFC 5348 section 4.3, "Maximize X_recv_set()": the infinity that we began with goes. */
static void xdccp_tfrc_recv_maximize(struct xdccp_tfrc_tx *tx, u64 rate, u64 now_us)
{
	unsigned int i;

	for (i = 0; i < tx->nr_recv; i++)
		if (tx->recv[i].rate < XDCCP_TFRC_NO_LIMIT)
			rate = max(rate, tx->recv[i].rate);
	xdccp_tfrc_recv_only(tx, rate, now_us);
}

/* "Update X_recv_set()": what is older than two round trips goes. */
static void xdccp_tfrc_recv_update(struct xdccp_tfrc_tx *tx, u64 rate, u64 now_us)
{
	while (tx->nr_recv &&
	       (tx->nr_recv == XDCCP_TFRC_RECV_SET ||
		now_us - tx->recv[tx->nr_recv - 1].at_us > (u64)2 * tx->rtt_us))
		tx->nr_recv--;
	memmove(tx->recv + 1, tx->recv, tx->nr_recv * sizeof(tx->recv[0]));
	tx->recv[0].rate = rate;
	tx->recv[0].at_us = now_us;
	tx->nr_recv++;
}

/* RFC 5348 section 4.3, step 4: how much of what was received may be sent. */
static u64 xdccp_tfrc_recv_limit(struct xdccp_tfrc_tx *tx, const struct xdccp_tfrc_feedback *fb)
{
	bool worse = fb->new_loss || (fb->mean && (!tx->mean || fb->mean < tx->mean));
	unsigned int i;

	if (!fb->data_limited) {
		xdccp_tfrc_recv_update(tx, fb->x_recv, fb->now_us);
		return 2 * xdccp_tfrc_recv_max(tx);
	}
	if (!worse) {
		xdccp_tfrc_recv_maximize(tx, fb->x_recv, fb->now_us);
		return 2 * xdccp_tfrc_recv_max(tx);
	}
	for (i = 0; i < tx->nr_recv; i++)
		if (tx->recv[i].rate < XDCCP_TFRC_NO_LIMIT)
			tx->recv[i].rate /= 2;
	xdccp_tfrc_recv_maximize(tx, div_u64(fb->x_recv * 17, 20), fb->now_us);
	return xdccp_tfrc_recv_max(tx);
}

/* One packet in a round trip. */
static u64 xdccp_tfrc_packet_rate(const struct xdccp_tfrc_tx *tx)
{
	return xdccp_tfrc_rate(tx->s, tx->rtt_us ? : XDCCP_SECOND_US);
}

/* Step 4's end: by the equation, or by slow start; after that, by a packet in a round trip. */
static void xdccp_tfrc_set_x(struct xdccp_tfrc_tx *tx, u64 recv_limit, u64 now_us)
{
	u64 before = tx->x;

	if (tx->mean) {
		tx->x_calc = xdccp_tfrc_x_calc(tx->s, tx->rtt_us, tx->mean);
		tx->x = max(min(tx->x_calc, recv_limit), xdccp_tfrc_least(tx));
	} else if (now_us - tx->t_ld_us >= tx->rtt_us) {
		tx->x = tx->steady ? max(min(tx->x + xdccp_tfrc_packet_rate(tx), recv_limit),
					 xdccp_tfrc_packet_rate(tx)) :
				     max(min(2 * tx->x, recv_limit), xdccp_tfrc_initial_rate(tx));
		tx->t_ld_us = now_us;
	}
	/* RFC 4340 section 11.6 */
	if (tx->slow_us && now_us - tx->slow_us <= tx->rtt_us)
		tx->x = min(tx->x, before);
	tx->x = min(tx->x, XDCCP_TFRC_NO_LIMIT);
	tx->x_inst = tx->x;
}

/* RFC 5348 section 4.5: a queue that grows is felt before it loses. */
static void xdccp_tfrc_damp(struct xdccp_tfrc_tx *tx, u32 rtt_us)
{
	u32 root = xdccp_tfrc_sqrt((u64)max(rtt_us, XDCCP_MIN_RTT_US) << 8);
	u64 x = min(tx->x, (u64)1 << 40);

	if (!tx->damped)
		return;
	/* So much at most that a little jitter is not answered with a burst. */
	tx->x_inst = min(div_u64(x * tx->rtt_sqmean, root), 2 * x);
	tx->x_inst = max(tx->x_inst, xdccp_tfrc_least(tx));
}

/**
 * xdccp_tfrc_tx_feedback() - the receiver reported
 * @tx: the sender
 * @fb: what it said, and what we know of it
 *
 * RFC 5348 section 4.3. The no-feedback timer is to be set to tx->rto_us from now.
 */
void xdccp_tfrc_tx_feedback(struct xdccp_tfrc_tx *tx, const struct xdccp_tfrc_feedback *fb)
{
	bool first = !tx->rtt_us;
	u64 recv_limit;

	xdccp_tfrc_sample_rtt(tx, fb->rtt_us);
	if (first) {
		tx->x = xdccp_tfrc_initial_rate(tx);
		tx->t_ld_us = fb->now_us;
	}
	tx->feedback = true;
	recv_limit = xdccp_tfrc_recv_limit(tx, fb);
	tx->mean = fb->mean;
	if (!tx->mean)
		tx->x_calc = 0;
	xdccp_tfrc_set_x(tx, recv_limit, fb->now_us);
	xdccp_tfrc_damp(tx, fb->rtt_us);
	xdccp_tfrc_set_rto(tx);
}

/**
 * xdccp_tfrc_tx_warned() - the receiver had no room, or said that it is slow: slow start ends
 * @tx: the sender, before the feedback that came with it
 * @slow: it said Slow Receiver: the rate is not to rise for a round trip
 * @now_us: the time
 *
 * RFC 4340 sections 11.6 and 11.7.2.
 */
void xdccp_tfrc_tx_warned(struct xdccp_tfrc_tx *tx, bool slow, u64 now_us)
{
	tx->steady = true;
	if (slow)
		tx->slow_us = max(now_us, (u64)1);
}

/**
 * xdccp_tfrc_tx_dropped() - the receiver had no room
 * @tx: the sender, after the feedback that came with it; warned before that
 * @packets: that there was no room for
 *
 * RFC 4342 section 5.2, RFC 4340 section 11.7.2: a packet less in a round trip for each, but one
 * at least.
 */
void xdccp_tfrc_tx_dropped(struct xdccp_tfrc_tx *tx, u32 packets)
{
	u64 one = xdccp_tfrc_packet_rate(tx), less = one * packets;

	if (tx->x <= one)
		return;
	tx->x = tx->x > one + less ? tx->x - less : one;
	tx->x_inst = min(tx->x_inst, tx->x);
}

static void xdccp_tfrc_halve(struct xdccp_tfrc_tx *tx)
{
	tx->x = max(tx->x / 2, xdccp_tfrc_least(tx));
	tx->x_inst = tx->x;
}

/* RFC 5348 section 4.4, "Update_Limits()" */
static void xdccp_tfrc_update_limits(struct xdccp_tfrc_tx *tx, u64 limit, u64 now_us)
{
	limit = max(limit, xdccp_tfrc_least(tx));
	xdccp_tfrc_recv_only(tx, limit / 2, now_us);
	xdccp_tfrc_set_x(tx, limit, now_us);
}

/**
 * xdccp_tfrc_tx_timeout() - the no-feedback timer expired
 * @tx: the sender
 * @now_us: the time
 * @idle: nothing was sent since the timer was set
 *
 * RFC 5348 section 4.4. The timer is to be set to tx->rto_us from now.
 *
 * Return: false if that changed nothing, nor will the next ones until something is sent: the timer
 * may rest.
 */
bool xdccp_tfrc_tx_timeout(struct xdccp_tfrc_tx *tx, u64 now_us, bool idle)
{
	u64 recover = xdccp_tfrc_initial_rate(tx), recv = xdccp_tfrc_recv_max(tx);
	bool knows = tx->rtt_us && tx->feedback;

	/* Who had nothing to send, and asks for little, is not to be slowed down. */
	if (idle && (!knows || (tx->mean ? recv < recover : tx->x < 2 * recover))) {
		xdccp_tfrc_set_rto(tx);
		return false;
	}
	if (!knows || !tx->mean)
		xdccp_tfrc_halve(tx);
	else if (tx->x_calc > 2 * recv)
		xdccp_tfrc_update_limits(tx, recv, now_us);
	else
		xdccp_tfrc_update_limits(tx, tx->x_calc / 2, now_us);
	xdccp_tfrc_set_rto(tx);
	return true;
}

/**
 * xdccp_tfrc_interval_ns() - how long until the next packet, by the rate
 * @tx: the sender
 * @len: octets of this one
 *
 * Return: nanoseconds, up to the 64 seconds that a segment takes at the least rate.
 */
u64 xdccp_tfrc_interval_ns(const struct xdccp_tfrc_tx *tx, u32 len)
{
	u64 rate = max_t(u64, tx->x_inst, 1);
	u64 ns = div64_u64(((u64)len << XDCCP_TFRC_RATE_SHIFT) * 1000000000u, rate);

	return min(ns, (u64)XDCCP_TFRC_T_MBI * 1000000000u);
}
