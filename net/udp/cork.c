// SPDX-License-Identifier: GPL-2.0
/*
 * UDP_CORK and MSG_MORE: many sends, one datagram.
 *
 * What is gathered lies in one socket buffer, the data in pages that grow at
 * the end. Address, route and options are those of the first send. An error
 * throws the whole datagram away. All under the socket lock.
 */

#include <linux/uio.h>
#include <net/sock.h>

#include "udp.h"

/* Copy one extension header to @to, if there is one. Returns where the next may go. */
static u8 *xudp_cork_dup_header(const void *header, void *copy, u8 *to)
{
	unsigned int len;

	if (!header)
		return to;
	len = ipv6_optlen((const struct ipv6_opt_hdr *)header);
	memcpy(to, header, len);
	memcpy(copy, &to, sizeof(to));
	return to + len;
}

/*
 * Copy options together with their headers, which may lie in a control message
 * that is soon gone. Charged to the socket as the kernel does its own.
 */
static struct ipv6_txoptions *xudp_cork_dup_options(struct sock *sk,
						    const struct ipv6_txoptions *opt)
{
	unsigned int size = sizeof(*opt) + opt->opt_nflen + opt->opt_flen;
	struct ipv6_txoptions *copy = sock_kmalloc(sk, size, sk->sk_allocation);
	u8 *to = (u8 *)(copy + 1);

	if (!copy)
		return NULL;
	memset(copy, 0, sizeof(*copy));
	refcount_set(&copy->refcnt, 1);
	copy->tot_len = size;
	copy->opt_nflen = opt->opt_nflen;
	copy->opt_flen = opt->opt_flen;
	to = xudp_cork_dup_header(opt->hopopt, &copy->hopopt, to);
	to = xudp_cork_dup_header(opt->dst0opt, &copy->dst0opt, to);
	to = xudp_cork_dup_header(opt->srcrt, &copy->srcrt, to);
	xudp_cork_dup_header(opt->dst1opt, &copy->dst1opt, to);
	return copy;
}

static int xudp_cork_take_tx(struct sock *sk, struct xudp_cork *cork, const struct xudp_tx *tx)
{
	cork->tx = *tx;
	cork->tx.opt4 = NULL;
	cork->tx.opt6 = NULL;
	dst_hold(tx->dst);
	if (tx->opt4) {
		cork->tx.opt4 = kmemdup(tx->opt4, sizeof(*tx->opt4) + tx->opt4->opt.optlen,
					sk->sk_allocation);
		if (!cork->tx.opt4)
			return -ENOBUFS;
	}
	if (tx->opt6) {
		cork->tx.opt6 = xudp_cork_dup_options(sk, tx->opt6);
		if (!cork->tx.opt6)
			return -ENOBUFS;
	}
	return 0;
}

static void xudp_cork_drop_tx(struct sock *sk, struct xudp_cork *cork)
{
	dst_release(cork->tx.dst);
	kfree(cork->tx.opt4);
	if (cork->tx.opt6) {
		atomic_sub(cork->tx.opt6->tot_len, &sk->sk_omem_alloc);
		txopt_put(cork->tx.opt6);
	}
	memset(&cork->tx, 0, sizeof(cork->tx));
}

/**
 * xudp_cork_start() - begin to gather a datagram
 * @sk: locked, with nothing pending
 * @msg: the first data
 * @len: its length
 * @tx: address, route and options, which are copied
 *
 * Return: 0, or an error of send(2), and then nothing is pending.
 */
int xudp_cork_start(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_tx *tx)
{
	struct xudp_cork *cork = &xudp_sk(sk)->cork;
	int err;

	err = xudp_cork_take_tx(sk, cork, tx);
	if (err)
		goto err_tx;
	cork->skb = sock_alloc_send_skb(sk, xudp_headroom(tx), msg->msg_flags & MSG_DONTWAIT,
					&err);
	if (!cork->skb)
		goto err_tx;
	skb_reserve(cork->skb, xudp_headroom(tx));
	return xudp_cork_append(sk, msg, len);

err_tx:
	xudp_cork_drop_tx(sk, cork);
	return xudp_no_room(sk, tx, err);
}

/**
 * xudp_cork_append() - add to the datagram that is pending, and send it if this
 *	is the end
 * @sk: locked, with a datagram pending
 * @msg: more data; without MSG_MORE, and the socket not corked, the last
 * @len: its length
 *
 * Return: 0, or an error of send(2), and then the whole datagram is gone.
 */
int xudp_cork_append(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct xudp_cork *cork = &xudp_sk(sk)->cork;
	int err = -EPIPE;

	if (!(sk->sk_shutdown & SEND_SHUTDOWN))
		err = xudp_check_size(sk, &cork->tx, cork->skb->len + len);
	if (!err)
		err = xudp_append(sk, cork->skb, &sk->sk_frag, msg, len);
	if (err) {
		xudp_no_room(sk, &cork->tx, err);
		xudp_cork_flush(sk);
		return err;
	}
	if (xudp_sk(sk)->corking || msg->msg_flags & MSG_MORE)
		return 0;
	return xudp_cork_push(sk);
}

/**
 * xudp_cork_continue() - add to the datagram that is pending, if one is
 * @sk: not locked
 * @msg: more data
 * @len: its length
 * @pending: set if there was one
 *
 * Return: 0, or an error of send(2).
 */
int xudp_cork_continue(struct sock *sk, struct msghdr *msg, size_t len, bool *pending)
{
	int err = 0;

	*pending = false;
	if (likely(!READ_ONCE(xudp_sk(sk)->cork.skb)))
		return 0;
	lock_sock(sk);
	if (xudp_sk(sk)->cork.skb) {
		*pending = true;
		err = xudp_cork_append(sk, msg, len);
	}
	release_sock(sk);
	return err;
}

/**
 * xudp_cork_push() - send the datagram that is pending, if any
 * @sk: locked
 *
 * Return: 0 or an error of send(2).
 */
int xudp_cork_push(struct sock *sk)
{
	struct xudp_cork *cork = &xudp_sk(sk)->cork;
	struct sk_buff *skb = cork->skb;
	int err;

	if (!skb)
		return 0;
	WRITE_ONCE(cork->skb, NULL);
	err = xudp_send_skb(sk, skb, &cork->tx);
	xudp_cork_drop_tx(sk, cork);
	return err;
}

/**
 * xudp_cork_flush() - throw away the datagram that is pending, if any
 * @sk: locked, or reachable by nobody else
 */
void xudp_cork_flush(struct sock *sk)
{
	struct xudp_cork *cork = &xudp_sk(sk)->cork;

	if (!cork->skb)
		return;
	kfree_skb(cork->skb);
	WRITE_ONCE(cork->skb, NULL);
	xudp_cork_drop_tx(sk, cork);
}

/**
 * xudp_splice_eof() - sendfile() or splice() has no more: the splice_eof of
 *	struct proto_ops
 * @sock: what it fed may wait for more, which will not come
 */
void xudp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!READ_ONCE(xudp_sk(sk)->cork.skb) || READ_ONCE(xudp_sk(sk)->corking))
		return;
	lock_sock(sk);
	if (!xudp_sk(sk)->corking)
		xudp_cork_push(sk);
	release_sock(sk);
}
