/* SPDX-License-Identifier: GPL-2.0 */
/* TIME-WAIT: what is left of a connection so that its old packets do no harm. */
#ifndef XL4_TIMEWAIT_H
#define XL4_TIMEWAIT_H

#include <linux/timer.h>
#include <xl4/conflict.h>
#include <xl4/space.h>

/* A protocol's own starts with this; it is allocated by kmalloc(). */
struct xl4_timewait {
	struct xl4_binding	binding;	/* first; has no socket */
	struct xl4_space	*space;
	u16			family;		/* of its socket */
	struct xl4_claim	claim;		/* what its socket claimed of the port */
	struct list_head	link;		/* in space->timewaits */
	struct timer_list	timer;
};

static inline struct xl4_timewait *xl4_timewait_of(struct xl4_entry *entry)
{
	return container_of(entry, struct xl4_timewait, binding.entry);
}

int xl4_timewait_enter(struct xl4_timewait *tw, struct sock *sk, unsigned long duration);
void xl4_timewait_extend(struct xl4_timewait *tw, unsigned long duration);
void xl4_timewait_end(struct xl4_timewait *tw);
void xl4_timewait_purge(struct xl4_space *space);

#endif
