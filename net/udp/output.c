// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram goes out: from the program's memory into one socket buffer, with
 * header and checksum, to the family's xmit. Nothing here takes the socket
 * lock.
 */

#include <linux/netdevice.h>
#include <linux/uio.h>
#include <net/sock.h>
#include <trace/events/xl4.h>
#include <xl4/ip.h>

#include "udp.h"

/**
 * xudp_headroom() - bytes to leave free in front of the data
 * @tx: route and options of the datagram
 */
unsigned int xudp_headroom(const struct xudp_tx *tx)
{
	return LL_RESERVED_SPACE(tx->dst->dev) + tx->dst->header_len + tx->family->header_len +
	       tx->options_len + XUDP_HEADER_LEN;
}

/**
 * xudp_check_size() - may a datagram of this size be sent
 * @sk: the sender
 * @tx: route and options
 * @len: bytes of data
 *
 * Return: 0; -EMSGSIZE if it exceeds what IP can carry, the send buffer, or,
 * where the socket forbids fragments, the path's MTU, which the socket's error
 * queue is then told; -EINVAL if a UDP_SEGMENT cannot be done.
 */
int xudp_check_size(struct sock *sk, const struct xudp_tx *tx, size_t len)
{
	unsigned int headers = tx->family->header_len + tx->options_len + XUDP_HEADER_LEN;
	/* IPv4 counts its own header in its length field, IPv6 does not. */
	size_t max = 0xFFFF - tx->options_len - XUDP_HEADER_LEN;

	if (!tx->family->v6)
		max -= sizeof(struct iphdr);
	if (len > max || len > READ_ONCE(sk->sk_sndbuf))
		return -EMSGSIZE;
	if (tx->gso_size && len > tx->gso_size) {
		if (headers + tx->gso_size > tx->mtu ||
		    len > (size_t)tx->gso_size * XUDP_MAX_SEGMENTS)
			return -EINVAL;
		return 0;
	}
	if (headers + len > tx->mtu && !tx->may_fragment) {
		tx->family->too_big(sk, tx, tx->mtu - tx->options_len);
		return -EMSGSIZE;
	}
	return 0;
}

/**
 * xudp_cmsg_segment() - find the size in a UDP_SEGMENT control message
 * @msg: from sendmsg()
 * @gso_size: bytes of data in each datagram; left alone if there is no such
 *	message
 *
 * Return: 0 or -EINVAL.
 */
int xudp_cmsg_segment(struct msghdr *msg, u16 *gso_size)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_UDP)
			continue;
		if (cmsg->cmsg_type != UDP_SEGMENT || cmsg->cmsg_len != CMSG_LEN(sizeof(u16)))
			return -EINVAL;
		memcpy(gso_size, CMSG_DATA(cmsg), sizeof(u16));
	}
	return 0;
}

/* A checksum of zero says that there is none: RFC 768, RFC 6935. */
static bool xudp_no_checksum(const struct sock *sk, const struct xudp_tx *tx)
{
	return tx->family->v6 ? READ_ONCE(xudp_sk(sk)->no_check6_tx) : sk->sk_no_check_tx;
}

/* By name and not by pointer, which costs more in each datagram. */
static __sum16 xudp_pseudo(const struct xudp_tx *tx, u8 protocol, unsigned int len, __wsum sum)
{
	return tx->family->v6 ? xudp_v6_pseudo(tx, protocol, len, sum) :
				xudp_v4_pseudo(tx, protocol, len, sum);
}

/* Leave the sum to the device, or to the segmentation on the way to it. */
static void xudp_csum_partial(const struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx)
{
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	udp_hdr(skb)->check = ~xudp_pseudo(tx, sk->sk_protocol, skb->len, 0);
}

static void xudp_csum_now(const struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx,
			  unsigned int coverage)
{
	__wsum sum = skb_checksum(skb, 0, coverage, 0);
	__sum16 check = xudp_pseudo(tx, sk->sk_protocol, skb->len, sum);

	skb->ip_summed = CHECKSUM_NONE;
	udp_hdr(skb)->check = check ? : CSUM_MANGLED_0;
}

/* RFC 3828 section 3.1: at least the header, at most all. */
static unsigned int xudp_coverage(const struct sock *sk, unsigned int len)
{
	unsigned int coverage = READ_ONCE(xudp_sk(sk)->send_coverage);

	return coverage ? min(coverage, len) : len;
}

static void xudp_set_segments(struct sk_buff *skb, unsigned int size)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	shinfo->gso_type = SKB_GSO_UDP_L4 | SKB_GSO_FRAGLIST;
	shinfo->gso_size = size;
	shinfo->gso_segs = DIV_ROUND_UP(skb->len - XUDP_HEADER_LEN, size);
}

/* Write the header in front of the data. Returns 0, or an error for UDP_SEGMENT. */
static int xudp_push_header(struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx)
{
	__be16 source = READ_ONCE(inet_sk(sk)->inet_sport);
	bool lite = xudp_is_lite(xl4_sk(sk)->space);
	bool segment = tx->gso_size && skb->len > tx->gso_size;
	unsigned int coverage;

	if (segment && lite)
		return -EIO;
	if (segment && xudp_no_checksum(sk, tx))
		return -EINVAL;
	__skb_push(skb, XUDP_HEADER_LEN);
	skb_reset_transport_header(skb);

	coverage = lite ? xudp_coverage(sk, skb->len) : skb->len;
	if (lite)
		xudplite_write(skb->data, source, tx->dest_port, skb->len, coverage);
	else
		xudp_write(skb->data, source, tx->dest_port, skb->len);

	if (segment)
		xudp_set_segments(skb, tx->gso_size);
	if (!lite && xudp_no_checksum(sk, tx))
		skb->ip_summed = CHECKSUM_NONE;
	else if (segment || (coverage == skb->len && xl4_device_sums(tx->dst->dev)))
		xudp_csum_partial(sk, skb, tx);
	else
		xudp_csum_now(sk, skb, tx, coverage);
	return 0;
}

static void xudp_trace_send(const struct sock *sk, const struct xudp_tx *tx, int result)
{
	struct xl4_tuple tuple = {
		.local_port = READ_ONCE(inet_sk(sk)->inet_sport),
		.remote_port = tx->dest_port,
	};

	tx->family->addresses(tx, &tuple.local, &tuple.remote);
	trace_xl4_send(sk, &tuple, result);
}

/**
 * xudp_no_room() - count a datagram that could not be sent for want of memory
 * @sk: the sender
 * @tx: its family
 * @err: why it is not sent; -EAGAIN: the send buffer is full
 *
 * Return: @err.
 */
int xudp_no_room(const struct sock *sk, const struct xudp_tx *tx, int err)
{
	if (err == -ENOBUFS || err == -ENOMEM || err == -EAGAIN)
		xudp_count(xl4_sk(sk)->space, tx->family->v6, XUDP_SNDBUF_ERRORS);
	return err;
}

/**
 * xudp_send_skb() - send a datagram that is whole
 * @sk: the sender
 * @skb: the data, with xudp_headroom() in front, owned by @sk; consumed
 * @tx: route and options; the reference on the route goes with the packet
 *
 * Return: 0, -ENOBUFS if the device's queue is full, or what the IP layer
 * says.
 */
int xudp_send_skb(struct sock *sk, struct sk_buff *skb, struct xudp_tx *tx)
{
	unsigned int len = skb->len;
	int err;

	err = xudp_push_header(sk, skb, tx);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	skb->priority = tx->priority;
	skb->mark = tx->sockc.mark;
	xl4_set_transmit_time(skb, sk, tx->sockc.transmit_time);
	xl4_setup_tx_timestamp(skb, &tx->sockc);
	skb_dst_set(skb, tx->dst);
	tx->dst = NULL;

	err = tx->family->v6 ? xudp_v6_xmit(sk, skb, tx) : xudp_v4_xmit(sk, skb, tx);
	if (err > 0)
		err = net_xmit_errno(err);
	if (!err)
		xudp_count(xl4_sk(sk)->space, tx->family->v6, XUDP_OUT_DATAGRAMS);
	else
		xudp_no_room(sk, tx, err);
	if (trace_xl4_send_enabled())
		xudp_trace_send(sk, tx, err ? : len);
	return err;
}

/* Room for up to @want bytes at the buffer's end. Returns how many, or an error. */
static int xudp_grow(const struct sock *sk, struct sk_buff *skb, struct page_frag *frag,
		     size_t want)
{
	int i = skb_shinfo(skb)->nr_frags;

	if (!skb_page_frag_refill(32, frag, sk->sk_allocation))
		return -ENOBUFS;
	if (i == MAX_SKB_FRAGS && !skb_can_coalesce(skb, i, frag->page, frag->offset))
		return -ENOBUFS;
	return min_t(size_t, want, frag->size - frag->offset);
}

/* Count @n bytes just written behind @frag as the buffer's. */
static void xudp_extend(struct sock *sk, struct sk_buff *skb, struct page_frag *frag, int n)
{
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, frag->page, frag->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		get_page(frag->page);
		skb_fill_page_desc(skb, i, frag->page, frag->offset, n);
	}
	frag->offset += n;
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	refcount_add(n, &sk->sk_wmem_alloc);
}

/**
 * xudp_append() - append the program's data to a buffer, in pages
 * @sk: the sender
 * @skb: owned by @sk
 * @frag: where the pages come from; the caller's alone
 * @msg: the data
 * @len: how much
 *
 * Process context.
 *
 * Return: 0, -EFAULT or -ENOBUFS; then @skb has some of the data.
 */
int xudp_append(struct sock *sk, struct sk_buff *skb, struct page_frag *frag,
		struct msghdr *msg, size_t len)
{
	int room;

	for (; len; len -= room) {
		room = xudp_grow(sk, skb, frag, len);
		if (room < 0)
			return room;
		if (copy_page_from_iter(frag->page, frag->offset, room, &msg->msg_iter) != room)
			return -EFAULT;
		xudp_extend(sk, skb, frag, room);
	}
	return 0;
}

/* A buffer with @len bytes of the program's data: linear, or in pages if large. */
static struct sk_buff *xudp_copy_in(struct sock *sk, struct msghdr *msg, size_t len,
				    unsigned int headroom, int *err)
{
	size_t linear = headroom + len > SKB_MAX_ALLOC ? 0 : len;
	struct sk_buff *skb;

	skb = sock_alloc_send_skb(sk, headroom + linear, msg->msg_flags & MSG_DONTWAIT, err);
	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	if (!linear)
		/* The task's pages, as nobody holds the socket's lock here. */
		*err = xudp_append(sk, skb, &current->task_frag, msg, len);
	else
		*err = copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter) ? 0 : -EFAULT;
	if (*err) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/**
 * xudp_send() - send one datagram from the program's memory
 * @sk: the sender; its lock is not needed
 * @msg: data and flags
 * @len: bytes of data
 * @tx: route and options; the reference on the route goes with the packet
 *
 * Process context; waits for room in the send buffer unless MSG_DONTWAIT.
 *
 * Return: 0 or an error of send(2).
 */
int xudp_send(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_tx *tx)
{
	struct sk_buff *skb;
	int err;

	err = xudp_check_size(sk, tx, len);
	if (err)
		return err;
	skb = xudp_copy_in(sk, msg, len, xudp_headroom(tx), &err);
	if (!skb)
		return xudp_no_room(sk, tx, err);
	return xudp_send_skb(sk, skb, tx);
}

/**
 * xudp_send_or_cork() - send a datagram, or begin to gather one
 * @sk: the sender, not locked
 * @msg: data and flags; MSG_MORE gathers
 * @len: bytes of data
 * @tx: route and options
 *
 * Only a datagram that is gathered costs the socket lock. Process context.
 *
 * Return: 0 or an error of send(2).
 */
int xudp_send_or_cork(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_tx *tx)
{
	int err = -EINVAL;

	if (!READ_ONCE(xudp_sk(sk)->corking) && !(msg->msg_flags & MSG_MORE))
		return xudp_send(sk, msg, len, tx);
	lock_sock(sk);
	/* Another thread may have begun one: then this is not its continuation. */
	if (!xudp_sk(sk)->cork.skb)
		err = xudp_cork_start(sk, msg, len, tx);
	release_sock(sk);
	return err;
}
