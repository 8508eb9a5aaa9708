/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a protocol: for each namespace, family and CPU. */
#ifndef XL4_STATS_H
#define XL4_STATS_H

#include <linux/percpu.h>

enum xl4_family {
	XL4_V4,
	XL4_V6,
	XL4_FAMILIES
};

struct xl4_mib {
	unsigned long __percpu *count;		/* indexed by the protocol's own enum */
};

/* xl4_mib_inc() - count one event; any context */
static inline void xl4_mib_inc(const struct xl4_mib *mib, unsigned int counter)
{
	this_cpu_inc(mib->count[counter]);
}

/* xl4_mib_add() - count @n events; any context */
static inline void xl4_mib_add(const struct xl4_mib *mib, unsigned int counter, unsigned long n)
{
	this_cpu_add(mib->count[counter], n);
}

int xl4_mib_init(struct xl4_mib *mib, unsigned int counters);
void xl4_mib_exit(struct xl4_mib *mib);
unsigned long xl4_mib_read(const struct xl4_mib *mib, unsigned int counter);

#endif
