// SPDX-License-Identifier: GPL-2.0
/* What poll(2) and ioctl(2) tell of a socket, and waking who waits to write. */

#include <asm/ioctls.h>
#include <linux/poll.h>

#include "dccp.h"

/* Is there room for another packet: of memory, and in the queue? */
static bool xdccp_writeable(const struct sock *sk)
{
	return sock_writeable(sk) && xdccp_qpolicy_room(sk);
}

/**
 * xdccp_write_space() - the sk_write_space of a socket
 * @sk: there may be room for a writer; locked or not
 */
void xdccp_write_space(struct sock *sk)
{
	struct socket_wq *queue;

	if (!xdccp_writeable(sk))
		return;
	rcu_read_lock();
	queue = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(queue))
		wake_up_interruptible_sync_poll(&queue->wait,
						EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	rcu_read_unlock();
	if (!(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN))
		sk_wake_async(sk, SOCK_WAKE_SPACE, POLL_OUT);
}

static __poll_t xdccp_poll_write(struct sock *sk)
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN || xdccp_writeable(sk))
		return EPOLLOUT | EPOLLWRNORM;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/* Whoever made room before has not seen the bit: look again. */
	smp_mb__after_atomic();
	return xdccp_writeable(sk) ? EPOLLOUT | EPOLLWRNORM : 0;
}

/* What ended, and in which direction. */
static __poll_t xdccp_poll_end(int state, u8 shutdown)
{
	__poll_t events = 0;

	if (shutdown & RCV_SHUTDOWN)
		events |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state == XDCCP_CLOSED || shutdown == SHUTDOWN_MASK)
		events |= EPOLLHUP;
	return events;
}

/**
 * xdccp_poll() - the poll of struct proto_ops
 * @file: of the socket
 * @sock: the socket
 * @wait: where to wait
 *
 * Return: the events.
 */
__poll_t xdccp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t events;
	int state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	if (state == XDCCP_LISTENING)
		return READ_ONCE(sk->sk_ack_backlog) ? EPOLLIN | EPOLLRDNORM : 0;
	events = xdccp_poll_end(state, READ_ONCE(sk->sk_shutdown));
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		events |= EPOLLIN | EPOLLRDNORM;
	if (!((1 << state) & (XDCCP_F(REQUESTING) | XDCCP_F(RESPOND))))
		events |= xdccp_poll_write(sk);
	/* Pairs with the order in which an end sets state and error. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		events |= EPOLLERR;
	return events;
}

/* Octets of the next packet: more than that one call does not read. */
static int xdccp_inq(struct sock *sk)
{
	const struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

	return skb ? skb->len : 0;
}

/* Octets that wait to be sent. */
static int xdccp_outq(struct sock *sk)
{
	const struct sk_buff *skb;
	u64 answer = 0;

	skb_queue_walk(&sk->sk_write_queue, skb)
		answer += skb->len;
	return min_t(u64, answer, INT_MAX);
}

/**
 * xdccp_ioctl() - the ioctl of struct proto
 * @sk: not locked
 * @cmd: SIOCINQ, SIOCOUTQ
 * @answer: filled in
 *
 * Return: 0, -ENOTCONN for a listener, or -ENOIOCTLCMD for what is not ours.
 */
int xdccp_ioctl(struct sock *sk, int cmd, int *answer)
{
	int err = 0;

	lock_sock(sk);
	switch (cmd) {
	case SIOCINQ:
	case SIOCOUTQ:
		if (sk->sk_state == XDCCP_LISTENING)
			err = -ENOTCONN;
		else
			*answer = cmd == SIOCINQ ? xdccp_inq(sk) : xdccp_outq(sk);
		break;
	default:
		err = -ENOIOCTLCMD;
	}
	release_sock(sk);
	return err;
}
