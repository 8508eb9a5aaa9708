// SPDX-License-Identifier: GPL-2.0
/* What poll(2) tells of a connection, and waking who waits to write. */

#include <linux/module.h>
#include <xl4/poll.h>

/**
 * xl4_wake_writer() - wake who waits to write
 * @sk: has room for a writer
 *
 * Any context.
 */
void xl4_wake_writer(struct sock *sk)
{
	struct socket_wq *queue;

	rcu_read_lock();
	queue = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(queue))
		wake_up_interruptible_poll(&queue->wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	rcu_read_unlock();
	if (!(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN))
		sk_wake_async(sk, SOCK_WAKE_SPACE, POLL_OUT);
}
EXPORT_SYMBOL_GPL(xl4_wake_writer);

/**
 * xl4_stream_write_space() - the sk_write_space of a socket with a stream's send buffer
 * @sk: there may be room for a writer
 *
 * Any context. Nobody is woken for less room than poll() would report.
 */
void xl4_stream_write_space(struct sock *sk)
{
	if (!sk->sk_socket || !sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	xl4_wake_writer(sk);
}
EXPORT_SYMBOL_GPL(xl4_stream_write_space);

/**
 * xl4_check_space() - wake the writer if it waits and there is room
 * @sk: locked
 */
void xl4_check_space(struct sock *sk)
{
	/* Pairs with the barrier of who sets SOCK_NOSPACE. */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}
EXPORT_SYMBOL_GPL(xl4_check_space);

/**
 * xl4_poll_write() - what poll() says to a writer
 * @sk: not locked, with a socket
 * @writeable: is there room for more?
 *
 * Return: EPOLLOUT and its kin, or 0: then whoever makes room wakes the caller's wait queue.
 */
__poll_t xl4_poll_write(struct sock *sk, bool (*writeable)(const struct sock *sk))
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN || writeable(sk))
		return EPOLLOUT | EPOLLWRNORM;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/* Whoever made room before has not seen the bit: look again. */
	smp_mb__after_atomic();
	return writeable(sk) ? EPOLLOUT | EPOLLWRNORM : 0;
}
EXPORT_SYMBOL_GPL(xl4_poll_write);

/**
 * xl4_poll_end() - what poll() says of a connection's end, and of which direction's
 * @sk: not locked
 * @closed: there is no connection
 *
 * Return: EPOLLRDHUP and its kin, EPOLLHUP, or 0.
 */
__poll_t xl4_poll_end(const struct sock *sk, bool closed)
{
	u8 shutdown = READ_ONCE(sk->sk_shutdown);
	__poll_t events = 0;

	if (shutdown & RCV_SHUTDOWN)
		events |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (closed || shutdown == SHUTDOWN_MASK)
		events |= EPOLLHUP;
	return events;
}
EXPORT_SYMBOL_GPL(xl4_poll_end);

/**
 * xl4_poll_error() - what poll() says of errors: to be asked last
 * @sk: not locked; who ends its connection sets the error before the state
 *
 * Return: EPOLLERR or 0.
 */
__poll_t xl4_poll_error(const struct sock *sk)
{
	/* A state that was seen above had its error before. */
	smp_rmb();
	return READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue) ?
	       EPOLLERR : 0;
}
EXPORT_SYMBOL_GPL(xl4_poll_error);
