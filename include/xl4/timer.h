/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A timer of a socket.
 *
 * What it does when it expires needs the socket lock. If a program has that,
 * the work is left to the program's release_sock(): a bit in xl4_sock.deferred
 * says so.
 *
 * A connection moves its timers with every packet, nearly always to a later
 * time, and they hardly ever expire. So they are lazy: the kernel's timer is
 * touched only if it has to fire earlier. If it fires too early, it is set to
 * the deadline as that is by then; if it was not to fire at all, that is all.
 */
#ifndef XL4_TIMER_H
#define XL4_TIMER_H

#include <linux/timer.h>
#include <net/sock.h>

struct xl4_timer {
	struct timer_list	timer;		/* while pending, has a reference on the socket */
	struct sock		*sk;
	void			(*expired)(struct sock *sk);
	unsigned long		deadline;	/* in jiffies, while armed */
	u8			bit;		/* in xl4_sock.deferred */
	bool			armed;
};

void xl4_timer_init(struct xl4_timer *t, struct sock *sk, unsigned int bit,
		    void (*expired)(struct sock *sk));
void xl4_timer_arm(struct xl4_timer *t, unsigned long deadline);
void xl4_timer_cancel(struct xl4_timer *t);
void xl4_timers_release(struct sock *sk, struct xl4_timer *timers, unsigned int n);

/* xl4_timer_disarm() - the timer is not to expire; under the socket lock */
static inline void xl4_timer_disarm(struct xl4_timer *t)
{
	t->armed = false;
}

#endif
