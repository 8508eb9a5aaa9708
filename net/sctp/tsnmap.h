/* SPDX-License-Identifier: GPL-2.0 */
/* Which TSNs came: the Cumulative TSN Ack Point and a bit for each one beyond. Pure. */
#ifndef XSCTP_TSNMAP_H
#define XSCTP_TSNMAP_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif

#define XSCTP_TSNMAP_BITS	4096	/* TSNs beyond the cumulative one that are taken */

struct xsctp_tsnmap {
	u32		cum;		/* all up to here came */
	u32		highest;	/* the highest that came; cum if none beyond it did */
	unsigned long	bits[XSCTP_TSNMAP_BITS / (8 * sizeof(unsigned long))];	/* a ring */
};

struct xsctp_gap {
	u16	start;			/* relative to cum, as in a SACK */
	u16	end;
};

/* What xsctp_tsnmap_check() says of a TSN. */
enum xsctp_tsn_verdict {
	XSCTP_TSN_NEW,
	XSCTP_TSN_DUPLICATE,
	XSCTP_TSN_TOO_FAR,
};

void xsctp_tsnmap_init(struct xsctp_tsnmap *map, u32 initial_tsn);
enum xsctp_tsn_verdict xsctp_tsnmap_check(const struct xsctp_tsnmap *map, u32 tsn);
void xsctp_tsnmap_mark(struct xsctp_tsnmap *map, u32 tsn);
void xsctp_tsnmap_forward(struct xsctp_tsnmap *map, u32 cum);
unsigned int xsctp_tsnmap_gaps(const struct xsctp_tsnmap *map, struct xsctp_gap *gaps,
			       unsigned int most);

#endif
