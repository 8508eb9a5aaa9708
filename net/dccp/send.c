// SPDX-License-Identifier: GPL-2.0
/* From the program's memory into the queue: sendmsg(2), a packet at a time. */

#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "dccp.h"

/* What is to become of a packet: DCCP_SCM_... */
static int xdccp_sendmsg_cmsg(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	struct sockcm_cookie cookie;
	struct cmsghdr *cmsg;
	int err;

	if (!msg->msg_controllen)
		return 0;
	sockcm_init(&cookie, sk);
	err = sock_cmsg_send(sk, msg, &cookie);
	if (err)
		return err;
	for_each_cmsghdr(cmsg, msg) {
		/* sock_cmsg_send() has seen that they are whole. */
		if (cmsg->cmsg_level != SOL_DCCP)
			continue;
		if (cmsg->cmsg_len != CMSG_LEN(sizeof(u32)))
			return -EINVAL;
		err = xdccp_qpolicy_param(sk, cmsg->cmsg_type, *(u32 *)CMSG_DATA(cmsg), skb);
		if (err)
			return err;
	}
	return 0;
}

/* The program's data; nothing is locked. */
static struct sk_buff *xdccp_new_packet(struct sock *sk, struct msghdr *msg, size_t size, int *err)
{
	struct sk_buff *skb;

	skb = sock_alloc_send_skb(sk, XDCCP_DATA_HEADROOM + size, msg->msg_flags & MSG_DONTWAIT,
				  err);
	if (!skb)
		return NULL;
	skb_reserve(skb, XDCCP_DATA_HEADROOM);
	skb->priority = 0;
	*err = memcpy_from_msg(skb_put(skb, size), msg, size);
	if (!*err)
		*err = xdccp_sendmsg_cmsg(sk, msg, skb);
	if (!*err)
		return skb;
	kfree_skb(skb);
	return NULL;
}

static bool xdccp_send_ready(const struct sock *sk)
{
	return sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN ||
	       !xdccp_in(sk, XDCCP_F(REQUESTING) | XDCCP_F(RESPOND));
}

static bool xdccp_send_room(const struct sock *sk)
{
	return sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN || xdccp_qpolicy_room(sk);
}

/* Wait until @ready. 0 or an errno. */
static int xdccp_send_wait(struct sock *sk, long *timeout, bool (*ready)(const struct sock *sk))
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	while (!err && !ready(sk)) {
		if (!*timeout)
			err = -EAGAIN;
		else if (signal_pending(current))
			err = sock_intr_errno(*timeout);
		else
			sk_wait_event(sk, timeout, ready(sk), &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* 0: there is a connection, and it takes data. */
static int xdccp_may_write(struct sock *sk)
{
	if (sk->sk_shutdown & SEND_SHUTDOWN || !xdccp_in(sk, XDCCP_F(OPEN) | XDCCP_F(PARTOPEN)))
		return sk->sk_err ? sock_error(sk) : -EPIPE;
	return 0;
}

/* Wait for the handshake. What is seen without the lock is looked at again with it. */
static int xdccp_send_begin(struct sock *sk, size_t size, long *timeout)
{
	int err;

	if (READ_ONCE(sk->sk_state) == XDCCP_OPEN && size <= READ_ONCE(xdccp_sk(sk)->mps))
		return 0;
	lock_sock(sk);
	err = xdccp_send_wait(sk, timeout, xdccp_send_ready);
	if (!err)
		err = xdccp_may_write(sk);
	if (!err && size > xdccp_sk(sk)->mps)
		err = -EMSGSIZE;
	release_sock(sk);
	return err;
}

/* Wait until the queue has room for a packet that there is already. 0 or an errno. */
static int xdccp_wait_for_room(struct sock *sk, long *timeout)
{
	int err;

	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	xdccp_sk(sk)->writers++;
	err = xdccp_send_wait(sk, timeout, xdccp_send_room);
	xdccp_sk(sk)->writers--;
	return err;
}

/* The packet goes into the queue, when that has room, and out, when its CCID likes. */
static int xdccp_send_packet(struct sock *sk, struct sk_buff *skb, long *timeout)
{
	int err = 0;

	if (!xdccp_qpolicy_room(sk))
		err = xdccp_wait_for_room(sk, timeout);
	if (!err)
		err = xdccp_may_write(sk);
	/* The path may have become narrower meanwhile. */
	if (!err && skb->len > xdccp_sk(sk)->mps)
		err = -EMSGSIZE;
	if (err)
		return err;
	xdccp_qpolicy_push(sk, skb);
	xdccp_write_xmit(sk);
	return 0;
}

/**
 * xdccp_sendmsg() - the sendmsg of struct proto
 * @sk: not locked
 * @msg: data, flags and control messages of sendmsg(2)
 * @size: octets: one packet
 *
 * Return: octets taken, or an error of send(2).
 */
int xdccp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	long timeout = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct sk_buff *skb;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = xdccp_send_begin(sk, size, &timeout);
	if (err)
		return err;
	skb = xdccp_new_packet(sk, msg, size, &err);
	if (!skb)
		return err;
	lock_sock(sk);
	err = xdccp_send_packet(sk, skb, &timeout);
	release_sock(sk);
	if (err)
		kfree_skb(skb);
	return err ? : size;
}
