/* SPDX-License-Identifier: GPL-2.0 */
/* Slow start, of which all algorithms have the same two kinds. */
#ifndef XL4_SLOW_START_H
#define XL4_SLOW_START_H

#include <xl4/cong.h>

/* HyStart++ (RFC 9406), for the first slow start of a connection. */
struct xl4_hystart {
	u32	round_left;	/* bytes to be acknowledged until the round ends */
	u32	last_min_us;	/* shortest round trip of the round before, U32_MAX: none */
	u32	min_us;		/* and of this one */
	u32	css_min_us;	/* min_us when conservative slow start began */
	u8	samples;	/* of this round, as far as they matter */
	u8	css_rounds;	/* of conservative slow start that are left; 0: not in it */
};

u32 xl4_slow_start(struct xl4_cong *c, u32 acked, bool after_timeout);
void xl4_hystart_init(struct xl4_hystart *h);
void xl4_hystart_acked(struct xl4_hystart *h, struct xl4_cong *c,
		       const struct xl4_cong_ack *ack);

#endif
