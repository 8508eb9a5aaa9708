// SPDX-License-Identifier: GPL-2.0
/* A program lets go of its connection, which may go on without it. */

#include <linux/module.h>
#include <linux/sched/signal.h>
#include <net/inet_sock.h>
#include <xl4/connect.h>

/**
 * xl4_linger() - wait while a connection is being closed: SO_LINGER
 * @sk: locked; let go meanwhile
 * @timeout: for so long at most, in jiffies; 0: not at all
 * @states: a bit each; in these the wait goes on
 *
 * Process context.
 */
void xl4_linger(struct sock *sk, long timeout, int states)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && !signal_pending(current))
		if (sk_wait_event(sk, &timeout, !((1 << sk->sk_state) & states), &wait))
			break;
	remove_wait_queue(sk_sleep(sk), &wait);
}
EXPORT_SYMBOL_GPL(xl4_linger);

/**
 * xl4_orphan() - no program has the socket any more: the end of close() of struct proto
 * @sk: locked; let go of here
 * @orphaned: what becomes of it. Its spinlock is held, bottom halves are off; @state is what it
 *	was before its backlog, which may well have ended the connection
 *
 * Process context.
 */
void xl4_orphan(struct sock *sk, void (*orphaned)(struct sock *sk, int state))
{
	int state = sk->sk_state;

	sock_hold(sk);
	sock_orphan(sk);
	release_sock(sk);
	local_bh_disable();
	bh_lock_sock(sk);
	orphaned(sk, state);
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}
EXPORT_SYMBOL_GPL(xl4_orphan);

/**
 * xl4_keeps_port() - does a socket that is disconnected keep the port that bind() chose?
 * @sk: locked
 * @old: its state until now
 */
bool xl4_keeps_port(const struct sock *sk, int old)
{
	return sk->sk_userlocks & SOCK_BINDPORT_LOCK && old != TCP_CLOSE && in_task() &&
	       !sock_flag(sk, SOCK_DEAD);
}
EXPORT_SYMBOL_GPL(xl4_keeps_port);

/**
 * xl4_forget_addresses() - let those go that only the connection had
 * @sk: locked
 */
void xl4_forget_addresses(struct sock *sk)
{
	inet_sk(sk)->inet_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
}
EXPORT_SYMBOL_GPL(xl4_forget_addresses);

/**
 * xl4_forget_peer() - make ready for another connection: the end of disconnect() of struct proto
 * @sk: closed and locked
 */
void xl4_forget_peer(struct sock *sk)
{
	xl4_forget_addresses(sk);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	sk_dst_reset(sk);
	WRITE_ONCE(sk->sk_err_soft, 0);
}
EXPORT_SYMBOL_GPL(xl4_forget_peer);
