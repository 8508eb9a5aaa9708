// SPDX-License-Identifier: GPL-2.0
/* What poll(2) and ioctl(2) tell of a socket. */

#include <asm/ioctls.h>

#include "sctp.h"

/**
 * xsctp_poll() - the poll of struct proto_ops
 * @file: of the socket
 * @sock: the socket
 * @wait: where to wait
 *
 * RFC 6458 sections 3.1 and 4.1.
 *
 * Return: the events.
 */
__poll_t xsctp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	bool many = xsctp_sk(sk)->one_to_many;
	__poll_t events;
	int state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN && !many)
		return READ_ONCE(sk->sk_ack_backlog) ? EPOLLIN | EPOLLRDNORM : 0;
	events = xl4_poll_end(sk, state == TCP_CLOSE && !many);
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		events |= EPOLLIN | EPOLLRDNORM;
	if (many || state != TCP_SYN_SENT)
		events |= xl4_poll_write(sk, sk_stream_is_writeable);
	return events | xl4_poll_error(sk);
}

/* Octets of the next message: more than that one call does not read. */
static int xsctp_inq(struct sock *sk)
{
	const struct sk_buff *skb;
	int answer;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb = skb_peek(&sk->sk_receive_queue);
	answer = skb ? skb->len : 0;
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return answer;
}

/* In flight, or lost and to be sent again: RFC 9260 section 6.3.3 E3. */
static u64 xsctp_unacknowledged(const struct xsctp_association *a)
{
	const struct xsctp_data *d;
	u64 octets = a->outstanding;

	if (!a->nr_retransmit)
		return octets;
	list_for_each_entry(d, &a->sent, link)
		if (d->marks & XSCTP_OUT_RETRANSMIT)
			octets += d->len;
	return octets;
}

static int xsctp_outq(const struct sock *sk, bool unsent)
{
	const struct xsctp_association *a;
	u64 answer = 0;

	list_for_each_entry(a, &xsctp_sk(sk)->associations, link)
		answer += a->unsent_bytes + (unsent ? 0 : xsctp_unacknowledged(a));
	return min_t(u64, answer, INT_MAX);
}

/**
 * xsctp_ioctl() - the ioctl of struct proto
 * @sk: not locked
 * @cmd: SIOCINQ, SIOCOUTQ, SIOCOUTQNSD
 * @answer: filled in
 *
 * Return: 0, -EINVAL for a one-to-one listener, or -ENOIOCTLCMD for what is not ours.
 */
int xsctp_ioctl(struct sock *sk, int cmd, int *answer)
{
	int err = 0;

	lock_sock(sk);
	switch (cmd) {
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
		if (sk->sk_state == TCP_LISTEN && !xsctp_sk(sk)->one_to_many)
			err = -EINVAL;
		else if (cmd == SIOCINQ)
			*answer = xsctp_inq(sk);
		else
			*answer = xsctp_outq(sk, cmd == SIOCOUTQNSD);
		break;
	default:
		err = -ENOIOCTLCMD;
	}
	release_sock(sk);
	return err;
}
