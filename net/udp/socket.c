// SPDX-License-Identifier: GPL-2.0
/* What the callers of socket(2) and its kin get. */

#include <asm/ioctls.h>
#include <linux/poll.h>
#include <net/inet_common.h>
#include <net/protocol.h>
#include <net/transp_v6.h>
#include <net/udp.h>
#include <xl4/ip.h>

#include "udp.h"

/* The last reference is gone: nobody reads, sends or delivers any more. */
static void xudp_destruct(struct sock *sk)
{
	xudp_queue_purge(sk);
	inet_sock_destruct(sk);
}

static void xudpv6_destruct(struct sock *sk)
{
	xudp_queue_purge(sk);
	inet6_sock_destruct(sk);
}

static int xudp_init_common(struct sock *sk)
{
	struct xudp_net *xn = xudp_net(sock_net(sk));

	xl4_sk(sk)->space = xudp_space(sock_net(sk), sk->sk_protocol);
	xudp_queue_init(sk);
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(xn->rmem_default));
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(xn->wmem_default));
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return 0;
}

/**
 * xudp_init_sock() - set up an AF_INET socket: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xudp_init_sock(struct sock *sk)
{
	sk->sk_destruct = xudp_destruct;
	return xudp_init_common(sk);
}

/**
 * xudpv6_init_sock() - set up an AF_INET6 socket: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xudpv6_init_sock(struct sock *sk)
{
	sk->sk_destruct = xudpv6_destruct;
	return xudp_init_common(sk);
}

/**
 * xudp_destroy_sock() - the socket is closed: the destroy of struct proto
 * @sk: reachable by no program any more
 */
void xudp_destroy_sock(struct sock *sk)
{
	lock_sock(sk);
	sock_set_flag(sk, SOCK_DEAD);
	xudp_cork_flush(sk);
	release_sock(sk);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

/**
 * xudp_close() - the close of struct proto
 * @sk: the socket
 * @timeout: unused, there is nothing to wait for
 */
void xudp_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

/**
 * xudp_connect() - give a socket a peer
 * @sk: bound; not locked
 * @addr: the peer's
 * @len: of @addr
 * @datagram_connect: the family's, called with @sk locked
 *
 * Process context.
 *
 * Return: 0 or an error of connect(2).
 */
int xudp_connect(struct sock *sk, xl4_sockaddr_t *addr, int len,
		 int (*datagram_connect)(struct sock *sk, xl4_sockaddr_t *addr, int len))
{
	struct xl4_binding *binding = xl4_rehash_prepare();
	int err;

	if (!binding)
		return -ENOMEM;
	lock_sock(sk);
	err = datagram_connect(sk, addr, len);
	if (err)
		kfree(binding);
	else
		xl4_rehash(sk, binding);
	release_sock(sk);
	return err;
}

/**
 * xudp_disconnect() - forget the peer: connect() to AF_UNSPEC
 * @sk: not locked
 * @flags: unused
 *
 * Return: 0 or -ENOMEM.
 */
int xudp_disconnect(struct sock *sk, int flags)
{
	struct xl4_binding *binding = xl4_rehash_prepare();

	if (!binding)
		return -ENOMEM;
	lock_sock(sk);
	__udp_disconnect(sk, flags);
	xl4_rehash(sk, binding);
	release_sock(sk);
	return 0;
}

/**
 * xudp_ioctl() - the ioctl of struct proto
 * @sk: not locked
 * @cmd: SIOCINQ: bytes in the next datagram; SIOCOUTQ: bytes not yet sent
 * @answer: filled in
 *
 * Return: 0, or -ENOIOCTLCMD for what is not ours.
 */
int xudp_ioctl(struct sock *sk, int cmd, int *answer)
{
	switch (cmd) {
	case SIOCINQ:
		*answer = max(0, xudp_queue_first_len(sk));
		return 0;
	case SIOCOUTQ:
		*answer = sk_wmem_alloc_get(sk);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

/**
 * xudp_poll() - the poll of struct proto_ops
 * @file: of the socket
 * @sock: the socket
 * @wait: where to wait
 *
 * A blocking reader is not woken for a datagram that is damaged, as its
 * recvmsg() would block.
 *
 * Return: the events.
 */
__poll_t xudp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	__poll_t events = datagram_poll(file, sock, wait);
	struct sock *sk = sock->sk;

	if (!xudp_queue_empty(sk))
		events |= EPOLLIN | EPOLLRDNORM;
	if ((events & EPOLLRDNORM) && !(file->f_flags & O_NONBLOCK) &&
	    !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) && xudp_queue_first_len(sk) == -1)
		events &= ~(EPOLLIN | EPOLLRDNORM);
	return events;
}

static void xudp_recv_gro(const struct sock *sk, struct msghdr *msg, const struct sk_buff *skb)
{
	int size = skb_shinfo(skb)->gso_size;

	if (READ_ONCE(xudp_sk(sk)->gro) && skb_is_gso(skb))
		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(size), &size);
}

/*
 * Copy what the program has room for, and check the sum on the way if that is
 * still to be done and all of the datagram is copied. What is peeked at has two
 * holders, so that a sum which is found right is noted nowhere.
 */
static int xudp_copy_out(struct sk_buff *skb, struct msghdr *msg, int offset, int copied,
			 bool whole)
{
	if (whole && skb->len && !skb_csum_unnecessary(skb))
		return skb_copy_and_csum_datagram_msg(skb, 0, msg);
	if (xudp_csum_bad(skb))
		return -EINVAL;
	return skb_copy_datagram_msg(skb, offset, msg, copied);
}

static void xudp_recv_damaged(struct sock *sk, struct sk_buff *skb, int flags)
{
	xudp_queue_drop(sk, skb, flags);
	xudp_discard(skb, xl4_sk(sk)->space, xudp_skb_is_v6(skb), XUDP_IN_CSUM_ERRORS);
	/* A flood of damaged datagrams must not keep the CPU. */
	cond_resched();
}

static void xudp_recv_details(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	sock_recv_cmsgs(msg, sk, skb);
	if (sk->sk_family == AF_INET)
		xudp_recv_ctl(sk, msg, skb);
	else
		xudpv6_recv_ctl(sk, msg, skb);
	xudp_recv_gro(sk, msg, skb);
}

/* What a datagram has for the reader, and how it is counted. */
static int xudp_recv_one(struct sock *sk, struct msghdr *msg, size_t len, int flags,
			 struct sk_buff *skb, int offset)
{
	int rest = skb->len - offset;
	int copied = min_t(size_t, len, rest);
	int err;

	err = xudp_copy_out(skb, msg, offset, copied,
			    copied == rest && !offset && !(flags & MSG_PEEK));
	if (unlikely(err)) {
		if (err == -EFAULT && !(flags & MSG_PEEK)) {
			sk_drops_inc(sk);
			xudp_count(xl4_sk(sk)->space, xudp_skb_is_v6(skb), XUDP_IN_ERRORS);
		}
		return err;
	}
	if (copied < rest)
		msg->msg_flags |= MSG_TRUNC;
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, copied);
	else
		xudp_count(xl4_sk(sk)->space, xudp_skb_is_v6(skb), XUDP_IN_DATAGRAMS);
	xudp_recv_details(sk, msg, skb);
	return flags & MSG_TRUNC ? rest : copied;
}

/**
 * xudp_recvmsg() - receive a datagram: the recvmsg of struct proto
 * @sk: of either family; not locked
 * @msg: filled in
 * @len: room for data
 * @flags: of recvmsg(2)
 *
 * Process context.
 *
 * Return: bytes of data, or an error of recv(2).
 */
int xudp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb;
	int offset, err;

	if (unlikely(flags & MSG_ERRQUEUE))
		return xl4_recv_error(sk, msg, len);
	if (sk->sk_family == AF_INET6 && unlikely(READ_ONCE(inet6_sk(sk)->rxpmtu)) &&
	    xl4_v6_recv_rxpmtu(sk, msg))
		return 0;

	for (;;) {
		offset = sk_peek_offset(sk, flags);
		skb = xudp_queue_head(sk, flags, &timeo, &offset, &err);
		if (!skb)
			return err;
		err = xudp_recv_one(sk, msg, len, flags, skb, offset);
		if (likely(err >= 0) || err == -EFAULT)
			break;
		/* This must not prolong the wait either. */
		xudp_recv_damaged(sk, skb, flags);
		msg->msg_flags &= ~MSG_TRUNC;
	}
	if (!(flags & MSG_PEEK))
		sk_peek_offset_bwd(sk, skb->len);
	consume_skb(skb);
	return err;
}
