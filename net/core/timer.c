// SPDX-License-Identifier: GPL-2.0
/*
 * The timers of a socket: lazy, and deferred while a program has the socket.
 *
 * The kernel's timer fires without the socket lock, so it may do so while its
 * owner arms it. Nothing is lost: whether it has expired is asked only after
 * that, under the lock, or by the owner as it gives the lock away.
 */

#include <linux/export.h>
#include <linux/jiffies.h>
#include <xl4/space.h>
#include <xl4/timer.h>

/* The kernel's timer has fired: what for? Under the socket lock. */
static void xl4_timer_run(struct xl4_timer *t)
{
	if (!t->armed)
		return;
	if (time_before(jiffies, t->deadline)) {
		xl4_timer_arm(t, t->deadline);
		return;
	}
	t->armed = false;
	t->expired(t->sk);
}

static void xl4_timer_fire(struct timer_list *timer)
{
	struct xl4_timer *t = container_of(timer, struct xl4_timer, timer);
	struct sock *sk = t->sk;

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		set_bit(t->bit, &xl4_sk(sk)->deferred);
	else
		xl4_timer_run(t);
	bh_unlock_sock(sk);
	/* The reference that the pending timer had. */
	sock_put(sk);
}

/**
 * xl4_timer_init() - prepare a timer, not armed
 * @t: the timer, which is part of @sk
 * @sk: a new socket, or one just cloned
 * @bit: in xl4_sock.deferred, this timer's alone
 * @expired: called once for each time the timer was armed and not disarmed,
 *	with the socket lock (of softirq, or of the program in its
 *	release_sock()) and a reference; it may arm or cancel any timer
 */
void xl4_timer_init(struct xl4_timer *t, struct sock *sk, unsigned int bit,
		    void (*expired)(struct sock *sk))
{
	timer_setup(&t->timer, xl4_timer_fire, 0);
	t->sk = sk;
	t->expired = expired;
	t->bit = bit;
	t->armed = false;
}
EXPORT_SYMBOL_GPL(xl4_timer_init);

/**
 * xl4_timer_arm() - let a timer expire at a time, and at no other
 * @t: the timer, armed or not
 * @deadline: in jiffies; if it has passed, the timer expires soon
 *
 * Under the socket lock.
 */
void xl4_timer_arm(struct xl4_timer *t, unsigned long deadline)
{
	t->deadline = deadline;
	t->armed = true;
	if (!timer_pending(&t->timer) || time_after(t->timer.expires, deadline))
		sk_reset_timer(t->sk, &t->timer, deadline);
}
EXPORT_SYMBOL_GPL(xl4_timer_arm);

/**
 * xl4_timer_cancel() - disarm a timer, and let go of the socket
 * @t: the timer
 *
 * For a socket that is to die: a pending timer would keep it until it fires.
 * One that is firing on another CPU has a reference still, and does nothing
 * with it. Under the socket lock, and with another reference on the socket.
 */
void xl4_timer_cancel(struct xl4_timer *t)
{
	xl4_timer_disarm(t);
	sk_stop_timer(t->sk, &t->timer);
}
EXPORT_SYMBOL_GPL(xl4_timer_cancel);

/**
 * xl4_timers_release() - do what timers have left for the owner of the socket
 * @sk: the socket, whose lock is being given away
 * @timers: all timers of it
 * @n: how many
 *
 * For release_cb of struct proto.
 */
void xl4_timers_release(struct sock *sk, struct xl4_timer *timers, unsigned int n)
{
	unsigned long *deferred = &xl4_sk(sk)->deferred;
	struct xl4_timer *t;

	if (likely(!READ_ONCE(*deferred)))
		return;
	for (t = timers; t < timers + n; t++)
		if (test_and_clear_bit(t->bit, deferred))
			xl4_timer_run(t);
}
EXPORT_SYMBOL_GPL(xl4_timers_release);
