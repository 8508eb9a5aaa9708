// SPDX-License-Identifier: GPL-2.0
/* From the queue into the program's memory: recvmsg(2), a packet at a time. */

#include <net/busy_poll.h>

#include "dccp.h"

/**
 * xdccp_queue_rcv() - a packet's data is for the program
 * @sk: locked
 * @skb: data at the header
 *
 * Return: whether the skb was taken; if not there is no room.
 */
bool xdccp_queue_rcv(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) >= READ_ONCE(sk->sk_rcvbuf) ||
	    !sk_rmem_schedule(sk, skb, skb->truesize)) {
		xdccp_count(sk, XDCCP_MIB_RCVQ_DROP);
		sk_drops_inc(sk);
		return false;
	}
	__skb_pull(skb, XDCCP_SKB_CB(skb)->length);
	skb_dst_drop(skb);
	skb_set_owner_r(skb, sk);
	/* Whoever polls holds no lock. */
	skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	return true;
}

/**
 * xdccp_finish_passive_close() - answer what the peer closed
 * @sk: in PASSIVE_CLOSE or PASSIVE_CLOSEREQ, locked; may be closed afterwards, and an orphan gone
 *	but for the caller's reference
 *
 * RFC 4340 section 8.3: a Close is answered with a Reset, a CloseReq with a Close.
 */
void xdccp_finish_passive_close(struct sock *sk)
{
	if (sk->sk_state == XDCCP_PASSIVE_CLOSE) {
		xdccp_send_active_reset(sk, XDCCP_RESET_CLOSED);
		xdccp_done(sk);
	} else if (sk->sk_state == XDCCP_PASSIVE_CLOSEREQ) {
		xdccp_set_state(sk, XDCCP_CLOSING);
		xdccp_send_close(sk, false);
	}
}

static void xdccp_finish_if_read(struct sock *sk)
{
	if (xdccp_in(sk, XDCCP_F(PASSIVE_CLOSE) | XDCCP_F(PASSIVE_CLOSEREQ)) &&
	    skb_queue_empty(&sk->sk_receive_queue))
		xdccp_finish_passive_close(sk);
}

/**
 * xdccp_end_of_data() - the peer has closed: nothing more will come, nor be taken
 * @sk: in PASSIVE_CLOSE or PASSIVE_CLOSEREQ, locked; may be closed afterwards
 */
void xdccp_end_of_data(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	sock_set_flag(sk, SOCK_DONE);
	__skb_queue_purge(&sk->sk_write_queue);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	}
	xdccp_finish_if_read(sk);
}

/* ----------------------------------------------------------------------- waiting */

/* Why nothing more will come: 0 if it may, 1 at the end of data, or an errno. */
static int xdccp_no_more(struct sock *sk)
{
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_state == XDCCP_CLOSED)
		return -ENOTCONN;
	return 0;
}

/* ----------------------------------------------------------------------- reading */

static int xdccp_recvmsg_locked(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct sk_buff *skb;
	int n, err = 0;

	if (sk->sk_state == XDCCP_LISTENING)
		return -ENOTCONN;
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = xl4_first_packet(sk, flags, xdccp_no_more, &err);
	if (!skb)
		return min(err, 0);
	n = min_t(size_t, len, skb->len);
	err = skb_copy_datagram_msg(skb, 0, msg, n);
	if (err)
		return err;
	sock_recv_timestamp(msg, sk, skb);
	if (n < skb->len) {
		msg->msg_flags |= MSG_TRUNC;
		if (flags & MSG_TRUNC)
			n = skb->len;
	}
	if (flags & MSG_PEEK)
		return n;
	skb_unlink(skb, &sk->sk_receive_queue);
	consume_skb(skb);
	xdccp_finish_if_read(sk);
	return n;
}

/**
 * xdccp_recvmsg() - the recvmsg of struct proto
 * @sk: not locked
 * @msg: filled in
 * @len: room for data; what does not fit is lost, and MSG_TRUNC says so
 * @flags: of recvmsg(2)
 *
 * Return: octets, which may be none of an empty packet; 0 at the end; or an error of recv(2).
 */
int xdccp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	int n;

	if (unlikely(flags & MSG_ERRQUEUE))
		return xl4_recv_error(sk, msg, len);
	lock_sock(sk);
	n = xdccp_recvmsg_locked(sk, msg, len, flags);
	release_sock(sk);
	msg->msg_namelen = 0;
	return n;
}
