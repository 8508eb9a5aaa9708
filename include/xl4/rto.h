/* SPDX-License-Identifier: GPL-2.0 */
/* How long to wait for an acknowledgment (RFC 6298): pure, in microseconds. */
#ifndef XL4_RTO_H
#define XL4_RTO_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif

struct xl4_rto {
	u32	srtt_us;	/* smoothed round-trip time, times 8; 0 before the first sample */
	u32	rttvar_us;	/* its mean deviation, times 4 */
	u32	rto_us;		/* without backoff */
	u32	min_us;		/* the caller may change these, for the samples to come */
	u32	max_us;
	u8	backoff;	/* how often the timeout was doubled */
};

void xl4_rto_init(struct xl4_rto *r, u32 initial_us, u32 min_us, u32 max_us);
void xl4_rto_sample(struct xl4_rto *r, u32 rtt_us);
void xl4_rto_back_off(struct xl4_rto *r);
u32 xl4_rto_us(const struct xl4_rto *r);

#endif
