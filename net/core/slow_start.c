// SPDX-License-Identifier: GPL-2.0
/*
 * Slow start: the plain one of RFC 5681, and HyStart++ of RFC 9406, which
 * leaves it before the path's queue overflows.
 *
 * Both count bytes (RFC 3465), so that nothing is gained by acknowledging one
 * packet many times, and limit what one ACK is worth, so that no burst follows
 * one that acknowledges very much. If the caller paces there is no burst.
 *
 * RFC 3465 section 2.2 has a limit of 2 packets, RFC 9406 section 4.3 one of 8: they
 * count on an ACK for every second packet. Segmentation offload sends and receives
 * up to 64 KB as one, and one ACK answers it: what may follow is not more than what
 * the path has just carried in one piece.
 *
 * Compiled for the kernel and for userland.
 */

#include "slow_start.h"

/* What one ACK is worth, in packets. */
enum {
	XL4_LIMIT		= 44,	/* of 1,460 bytes: 64 KB */
	XL4_LIMIT_TIMEOUT	= 1,	/* RFC 3465 section 2.3 */
};

static u32 xl4_slow_start_limit(const struct xl4_cong *c)
{
	return c->paced ? U32_MAX : XL4_LIMIT * c->mss;
}

/**
 * xl4_slow_start() - plain slow start, up to ssthresh
 * @c: a path with cwnd less than ssthresh
 * @acked: bytes
 * @after_timeout: nothing was known of what is in flight: even less bursts
 *
 * Return: of @acked, the bytes that were left when cwnd reached ssthresh.
 */
u32 xl4_slow_start(struct xl4_cong *c, u32 acked, bool after_timeout)
{
	u32 limit = after_timeout ? XL4_LIMIT_TIMEOUT * c->mss :
				    xl4_slow_start_limit(c);
	u32 room = c->ssthresh - c->cwnd;
	u32 growth = min(acked, limit);

	if (growth < room) {
		xl4_cong_grow(c, growth);
		return 0;
	}
	xl4_cong_grow(c, room);
	return acked - room;
}

/* The constants of RFC 9406 section 4.3. */
#define XL4_MIN_RTT_THRESH_US	4000u
#define XL4_MAX_RTT_THRESH_US	16000u
#define XL4_MIN_RTT_SHIFT	3	/* MIN_RTT_DIVISOR 8 */
#define XL4_RTT_SAMPLES		8
#define XL4_CSS_GROWTH_SHIFT	2	/* CSS_GROWTH_DIVISOR 4 */
#define XL4_CSS_ROUNDS		5

/**
 * xl4_hystart_init() - before the first ACK
 * @h: filled in
 */
void xl4_hystart_init(struct xl4_hystart *h)
{
	*h = (struct xl4_hystart) {
		.last_min_us = U32_MAX,
		.min_us = U32_MAX,
	};
}

/* Has the round trip become longer, by more than jitter? */
static bool xl4_hystart_longer(const struct xl4_hystart *h)
{
	u32 margin = clamp(h->last_min_us >> XL4_MIN_RTT_SHIFT,
			   XL4_MIN_RTT_THRESH_US, XL4_MAX_RTT_THRESH_US);

	return h->min_us >= (u64)h->last_min_us + margin;
}

/* A longer round trip is a queue, unless it soon is shorter again. */
static void xl4_hystart_sample(struct xl4_hystart *h, u32 sample_us)
{
	h->min_us = min(h->min_us, sample_us);
	if (h->samples < XL4_RTT_SAMPLES)
		h->samples++;
	if (h->samples < XL4_RTT_SAMPLES)
		return;
	if (h->css_rounds) {
		if (h->min_us < h->css_min_us)
			h->css_rounds = 0;
	} else if (xl4_hystart_longer(h)) {
		h->css_min_us = h->min_us;
		h->css_rounds = XL4_CSS_ROUNDS;
	}
}

/*
 * A round ends when all is acknowledged that was in flight at its beginning.
 * Returns whether that was the last of conservative slow start.
 */
static bool xl4_hystart_round(struct xl4_hystart *h, const struct xl4_cong_ack *ack)
{
	if (ack->acked < h->round_left) {
		h->round_left -= ack->acked;
		return false;
	}
	h->round_left = ack->flight - min(ack->acked, ack->flight);
	h->last_min_us = h->min_us;
	h->min_us = U32_MAX;
	h->samples = 0;
	return h->css_rounds && !--h->css_rounds;
}

/**
 * xl4_hystart_acked() - slow start that looks out for a queue
 * @h: its state
 * @c: a path that has no ssthresh yet; gets one when slow start is over
 * @ack: what came
 */
void xl4_hystart_acked(struct xl4_hystart *h, struct xl4_cong *c,
		       const struct xl4_cong_ack *ack)
{
	u32 growth = min(ack->acked, xl4_slow_start_limit(c));

	if (ack->sample_us)
		xl4_hystart_sample(h, ack->sample_us);
	if (h->css_rounds)
		growth >>= XL4_CSS_GROWTH_SHIFT;
	if (ack->cwnd_limited)
		xl4_cong_grow(c, growth);
	if (xl4_hystart_round(h, ack))
		c->ssthresh = c->cwnd;
}
