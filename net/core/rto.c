// SPDX-License-Identifier: GPL-2.0
/*
 * The retransmission timeout of RFC 6298:
 *
 *	RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|
 *	SRTT   = 7/8 SRTT   + 1/8 R
 *	RTO    = SRTT + max(min, 4 RTTVAR)
 *
 * SRTT is kept times 8 and RTTVAR times 4, so both are exact to a fraction of
 * a microsecond, and 4 RTTVAR is just there.
 *
 * The RFC would have the minimum be one of the RTO as a whole. Here it is one
 * of the variance, for the sake of large windows: all their acknowledgments
 * are samples, many in one round trip, and all alike. RTTVAR forgets in a few
 * samples what happened a round trip ago and tends to nothing, whereupon the
 * RTO of a path longer than the minimum would be the round-trip time itself: a
 * timeout for every delayed acknowledgment. RFC 7323 appendix G would divide
 * the weight of a sample by the number expected. With the minimum as a margin
 * over SRTT there is no need: it is as good as a variance that never vanishes,
 * and that SRTT is followed faster does no harm.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/export.h>
#include <linux/minmax.h>
#endif

#include <xl4/rto.h>

#define XL4_RTT_MAX_US	(256 * 1000000u)	/* four minutes: times 8 still 32 bits */

/**
 * xl4_rto_init() - before the first sample
 * @r: filled in
 * @initial_us: the timeout until there is a sample
 * @min_us: by how much at least the timeout exceeds the round-trip time
 * @max_us: the longest timeout
 */
void xl4_rto_init(struct xl4_rto *r, u32 initial_us, u32 min_us, u32 max_us)
{
	*r = (struct xl4_rto) {
		.rto_us = clamp(initial_us, 1u, max_us),
		.min_us = min_us,
		.max_us = max_us,
	};
}
EXPORT_SYMBOL_GPL(xl4_rto_init);

static void xl4_rto_first(struct xl4_rto *r, u32 rtt_us)
{
	r->srtt_us = rtt_us << 3;
	r->rttvar_us = rtt_us << 1;
}

static void xl4_rto_next(struct xl4_rto *r, u32 rtt_us)
{
	u32 srtt_us = r->srtt_us >> 3;
	u32 deviation = rtt_us > srtt_us ? rtt_us - srtt_us : srtt_us - rtt_us;

	r->rttvar_us += deviation - (r->rttvar_us >> 2);
	r->srtt_us += rtt_us - srtt_us;
}

/**
 * xl4_rto_sample() - learn from a round trip
 * @r: the estimator
 * @rtt_us: how long it took; not of anything that was sent twice, unless time
 *	stamps tell which one was acknowledged (Karn's algorithm)
 *
 * As many samples as there are: all of a window may be told. Ends the backoff.
 */
void xl4_rto_sample(struct xl4_rto *r, u32 rtt_us)
{
	u64 rto_us;

	rtt_us = clamp(rtt_us, 1u, XL4_RTT_MAX_US);
	if (r->srtt_us)
		xl4_rto_next(r, rtt_us);
	else
		xl4_rto_first(r, rtt_us);
	rto_us = (u64)(r->srtt_us >> 3) + max(r->rttvar_us, r->min_us);
	r->rto_us = min_t(u64, rto_us, r->max_us);
	r->backoff = 0;
}
EXPORT_SYMBOL_GPL(xl4_rto_sample);

/**
 * xl4_rto_back_off() - the timeout has passed: wait twice as long for the next
 * @r: the estimator
 */
void xl4_rto_back_off(struct xl4_rto *r)
{
	if (xl4_rto_us(r) < r->max_us)
		r->backoff++;
}
EXPORT_SYMBOL_GPL(xl4_rto_back_off);

/**
 * xl4_rto_us() - how long to wait now
 * @r: the estimator
 *
 * Return: the timeout in microseconds, with backoff.
 */
u32 xl4_rto_us(const struct xl4_rto *r)
{
	return min_t(u64, (u64)r->rto_us << r->backoff, r->max_us);
}
EXPORT_SYMBOL_GPL(xl4_rto_us);
