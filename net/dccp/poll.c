// SPDX-License-Identifier: GPL-2.0
/* What poll(2) and ioctl(2) tell of a socket, and waking who waits to write. */

#include <asm/ioctls.h>

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
	if (xdccp_writeable(sk))
		xl4_wake_writer(sk);
}

/**
 * xdccp_wake_writers() - wake who sleeps until the queue has room
 * @sk: locked; something was taken from its queue, or that may be longer
 *
 * Their packets are charged already. xdccp_write_space(), which asks how much is, may therefore
 * have nothing to tell, and that for ever: they wait for a place, not for memory.
 */
void xdccp_wake_writers(struct sock *sk)
{
	if (xdccp_sk(sk)->writers && xdccp_qpolicy_room(sk))
		xl4_wake_writer(sk);
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
	events = xl4_poll_end(sk, state == XDCCP_CLOSED);
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		events |= EPOLLIN | EPOLLRDNORM;
	if (!((1 << state) & (XDCCP_F(REQUESTING) | XDCCP_F(RESPOND))))
		events |= xl4_poll_write(sk, xdccp_writeable);
	return events | xl4_poll_error(sk);
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
