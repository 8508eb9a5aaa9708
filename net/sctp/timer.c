// SPDX-License-Identifier: GPL-2.0
/*
 * Time: one timer of the kernel for all deadlines of an association and of its
 * transports (RFC 9260 section 16).
 *
 * A deadline is moved with nearly every packet and hardly ever met, so the kernel's
 * timer is lazy: it is touched only if it has to fire earlier than it would. When
 * it fires it asks which deadlines have passed and is set to the next one.
 *
 * If a program has the socket at that moment, the association is put into the list
 * `deferred' of its socket, and the program does the work in its release_sock().
 */

#include "sctp.h"

/* In xl4_sock.deferred */
#define XSCTP_DEFERRED_TIMERS	0

/* --------------------------------------------------------------- deadlines */

static bool xsctp_due(const struct xsctp_deadline *d, unsigned long now)
{
	return d->armed && time_before_eq(d->at, now);
}

/**
 * xsctp_arm() - something is to happen at a time, and at no other
 * @a: the association, locked
 * @d: its deadline or one of its transports', armed or not
 * @at: in jiffies; if that has passed, it happens soon
 */
void xsctp_arm(struct xsctp_association *a, struct xsctp_deadline *d, unsigned long at)
{
	if (a->dead)
		return;
	if (time_before_eq(at, jiffies))
		at = jiffies + 1;
	d->at = at;
	d->armed = true;
	if (timer_pending(&a->timer) && time_before_eq(a->timer.expires, at))
		return;
	refcount_inc(&a->ref);
	if (mod_timer(&a->timer, at))
		xsctp_association_put(a);
}

/**
 * xsctp_disarm() - it is not to happen
 * @d: a deadline, armed or not; its association is locked
 */
void xsctp_disarm(struct xsctp_deadline *d)
{
	d->armed = false;
}

/* ------------------------------------------------------------------ firing */

/* Do one thing whose time has come. Returns whether there was any. */
static bool xsctp_run_own(struct xsctp_association *a, unsigned long now)
{
	int which;

	for (which = 0; which < XSCTP_TIMERS; which++) {
		if (!xsctp_due(&a->deadline[which], now))
			continue;
		xsctp_disarm(&a->deadline[which]);
		xsctp_timer_event(a, which);
		return true;
	}
	return false;
}

static bool xsctp_run_transport(struct xsctp_association *a, unsigned long now)
{
	struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link) {
		if (xsctp_due(&t->t3, now)) {
			xsctp_disarm(&t->t3);
			xsctp_outqueue_timeout(t);
			return true;
		}
		if (xsctp_due(&t->heartbeat, now)) {
			xsctp_disarm(&t->heartbeat);
			xsctp_send_heartbeat(t);
			return true;
		}
	}
	return false;
}

static void xsctp_earliest(struct xsctp_deadline *d, struct xsctp_deadline **first)
{
	if (d->armed && (!*first || time_before(d->at, (*first)->at)))
		*first = d;
}

/* Set the kernel's timer to the next deadline. */
static void xsctp_rearm(struct xsctp_association *a)
{
	struct xsctp_deadline *first = NULL;
	struct xsctp_transport *t;
	int which;

	for (which = 0; which < XSCTP_TIMERS; which++)
		xsctp_earliest(&a->deadline[which], &first);
	list_for_each_entry(t, &a->transports, link) {
		xsctp_earliest(&t->t3, &first);
		xsctp_earliest(&t->heartbeat, &first);
	}
	if (first)
		xsctp_arm(a, first, first->at);
}

/*
 * Do what is due. What one event does may end the association and its transports,
 * so each search begins anew; what it arms is later than @now.
 */
static void xsctp_timers_run(struct xsctp_association *a)
{
	unsigned long now = jiffies;
	bool any = false;

	if (a->dead)
		return;
	xsctp_icmp_deferred(a);
	while (!a->dead && (xsctp_run_own(a, now) || (!a->dead && xsctp_run_transport(a, now))))
		any = true;
	if (any && !a->dead)
		xsctp_flush(a);
	if (!a->dead)
		xsctp_rearm(a);
}

/**
 * xsctp_defer() - let the program that has the socket look after an association
 * @a: an association; its socket's spinlock is held, and a program owns the socket
 *
 * xsctp_timers_release() does what is due.
 */
void xsctp_defer(struct xsctp_association *a)
{
	struct xsctp_sock *sp = xsctp_sk(a->sk);

	spin_lock_bh(&sp->deferred_lock);
	if (list_empty(&a->deferred)) {
		refcount_inc(&a->ref);
		list_add_tail(&a->deferred, &sp->deferred);
	}
	spin_unlock_bh(&sp->deferred_lock);
	set_bit(XSCTP_DEFERRED_TIMERS, &sp->xl4.deferred);
}

static void xsctp_timer_fire(struct timer_list *timer)
{
	struct xsctp_association *a = timer_container_of(a, timer, timer);
	struct sock *sk = xsctp_association_lock(a);

	if (sk) {
		if (sock_owned_by_user(sk))
			xsctp_defer(a);
		else
			xsctp_timers_run(a);
		xsctp_association_unlock(sk);
	}
	/* The reference that the pending timer had. */
	xsctp_association_put(a);
}

static struct xsctp_association *xsctp_deferred_next(struct xsctp_sock *sp)
{
	struct xsctp_association *a;

	spin_lock_bh(&sp->deferred_lock);
	a = list_first_entry_or_null(&sp->deferred, struct xsctp_association, deferred);
	if (a)
		list_del_init(&a->deferred);
	spin_unlock_bh(&sp->deferred_lock);
	return a;
}

/**
 * xsctp_timers_release() - do what timers and ICMP have left for the socket's owner
 * @sk: whose lock is being given away; for release_cb of struct proto
 */
void xsctp_timers_release(struct sock *sk)
{
	struct xsctp_sock *sp = xsctp_sk(sk);
	struct xsctp_association *a;

	if (likely(!test_and_clear_bit(XSCTP_DEFERRED_TIMERS, &sp->xl4.deferred)))
		return;
	while ((a = xsctp_deferred_next(sp))) {
		xsctp_timers_run(a);
		xsctp_association_put(a);
	}
}

/* ------------------------------------------------------------ life of it all */

/**
 * xsctp_timers_init() - no deadline, no timer
 * @a: a new association, zeroed
 */
void xsctp_timers_init(struct xsctp_association *a)
{
	timer_setup(&a->timer, xsctp_timer_fire, 0);
	INIT_LIST_HEAD(&a->deferred);
}

/* Forget that an association was put off. Returns whether it was: then there is a reference. */
static bool xsctp_undefer(struct xsctp_association *a)
{
	struct xsctp_sock *sp = xsctp_sk(a->sk);
	bool was;

	spin_lock_bh(&sp->deferred_lock);
	was = !list_empty(&a->deferred);
	list_del_init(&a->deferred);
	spin_unlock_bh(&sp->deferred_lock);
	return was;
}

/**
 * xsctp_timers_stop() - nothing is to happen to an association any more
 * @a: locked and marked dead; the caller has another reference
 *
 * A timer that fires on another CPU finds it dead.
 */
void xsctp_timers_stop(struct xsctp_association *a)
{
	int which;

	for (which = 0; which < XSCTP_TIMERS; which++)
		xsctp_disarm(&a->deadline[which]);
	if (timer_delete(&a->timer))
		xsctp_association_put(a);
	if (xsctp_undefer(a))
		xsctp_association_put(a);
}

/**
 * xsctp_timers_move() - what was put off is to be done by the owner of another socket
 * @a: an association that moves there; both sockets are locked
 * @to: the other socket; a->sk is still the old one
 */
void xsctp_timers_move(struct xsctp_association *a, struct sock *to)
{
	struct xsctp_sock *sp = xsctp_sk(to);

	if (!xsctp_undefer(a))
		return;
	spin_lock_bh(&sp->deferred_lock);
	list_add_tail(&a->deferred, &sp->deferred);
	spin_unlock_bh(&sp->deferred_lock);
	set_bit(XSCTP_DEFERRED_TIMERS, &sp->xl4.deferred);
}
