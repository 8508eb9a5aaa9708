// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of a received packet: the data of its DATA chunks, each an skb. A little is copied.
 * More is a share in the packet's memory; and the last chunk's data may be the packet itself.
 *
 * A share may keep much more than its data: all of the packet's head, all of a page. As programs
 * are charged by the chunk, a peer could have them keep what nobody counts. So what is small in
 * its packet is copied, too, and a share costs a fair part of what it keeps.
 */

#include "sctp.h"

#define XSCTP_COPY	256	/* octets, below which a chunk is copied rather than referred to */
/* A share keeps at most so many times the memory that it is charged for. */
#define XSCTP_FAIR	4
/* Octets that may be copied to be fair: with all that is beside them, a page. */
#define XSCTP_COPY_MOST	(SKB_WITH_OVERHEAD(SZ_4K) - 256)
/* In front of copied headers: if their offset were 0, there would be none. */
#define XSCTP_COPY_PAD	8

static bool xsctp_wants_headers(const struct sock *sk)
{
	if (inet_cmsg_flags(inet_sk(sk)))
		return true;
	return sk->sk_family == AF_INET6 && inet6_sk(sk)->rxopt.all;
}

/* Of the IP layer and of SCTP, @len octets: in front of a copy, for recvmsg() to tell of. */
static void xsctp_copy_headers(struct sk_buff *skb, const struct sk_buff *from, u32 len)
{
	memcpy(skb->data - len, from->data + XSCTP_HEADER_LEN - len, len);
	skb_set_network_header(skb, -(int)len);
	skb_set_transport_header(skb, -XSCTP_HEADER_LEN);
	memcpy(skb->cb, from->cb, sizeof(skb->cb));
}

/* What programs may ask for of the packet, besides its headers. */
static void xsctp_copy_marks(struct sk_buff *skb, struct sk_buff *from)
{
	skb->tstamp = from->tstamp;
	skb->protocol = from->protocol;
	skb->skb_iif = from->skb_iif;
	skb_copy_secmark(skb, from);
	*skb_hwtstamps(skb) = *skb_hwtstamps(from);
	skb_shinfo(skb)->tx_flags |= skb_shinfo(from)->tx_flags & SKBTX_HW_TSTAMP_NETDEV;
}

static struct sk_buff *xsctp_copy_chunk(struct sk_buff *from, u32 offset, u32 len, bool headers)
{
	u32 front = headers ? XSCTP_HEADER_LEN - skb_network_offset(from) : 0;
	u32 room = headers ? XSCTP_COPY_PAD + front : 0;
	struct sk_buff *skb = alloc_skb(room + len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	if (skb_copy_bits(from, offset, skb_put(skb, len), len)) {
		kfree_skb(skb);
		return NULL;
	}
	if (headers)
		xsctp_copy_headers(skb, from, front);
	xsctp_copy_marks(skb, from);
	return skb;
}

/* A share in the packet's skb, or in its pages. */
static struct sk_buff *xsctp_share_chunk(struct sk_buff *from, u32 offset, u32 len, bool headers)
{
	struct sk_buff *skb;

	if (offset >= skb_headlen(from) && !headers)
		return pskb_extract(from, offset, len, GFP_ATOMIC);
	skb = skb_clone(from, GFP_ATOMIC);
	if (!skb)
		return NULL;
	if (pskb_pull(skb, offset) && !pskb_trim(skb, len))
		return skb;
	kfree_skb(skb);
	return NULL;
}

/* The octets of the pages that a part of a packet lies in, and of the packets in its frag_list. */
static u32 xsctp_pages_of(const struct sk_buff *skb, u32 offset, u32 len)
{
	u32 at = skb_headlen(skb), pages = 0, size;
	const struct sk_buff *fragment;
	unsigned int i;

	for (i = 0; i < skb_shinfo(skb)->nr_frags && at < offset + len; i++) {
		size = skb_frag_size(&skb_shinfo(skb)->frags[i]);
		pages += at + size > offset ? size : 0;
		at += size;
	}
	skb_walk_frags(skb, fragment) {
		if (at >= offset + len)
			break;
		pages += at + fragment->len > offset ? fragment->truesize : 0;
		at += fragment->len;
	}
	return pages;
}

/* Would a share keep much more than the chunk? With headers it has all before it in its head. */
static bool xsctp_worth_copying(const struct sk_buff *skb, u32 offset, u32 len, bool headers)
{
	if (len <= XSCTP_COPY)
		return true;
	if (len > XSCTP_COPY_MOST)
		return false;
	return (headers && offset >= skb_headlen(skb)) ||
	       len < (skb_end_offset(skb) + xsctp_pages_of(skb, offset, len)) / XSCTP_FAIR;
}

/* What a share has of the packet, if that is a fair part of what it keeps. */
static u32 xsctp_share_cost(const struct sk_buff *share, const struct sk_buff *skb, u32 offset,
			    u32 len)
{
	u64 part = min_t(u64, (u64)len * skb->truesize / skb->len, skb->truesize);
	u32 kept = skb_end_offset(share) + xsctp_pages_of(skb, offset, len);

	return SKB_TRUESIZE(0) + max_t(u32, part, kept / XSCTP_FAIR);
}

/* Is the packet with all its memory as good as a copy of the chunk? */
static bool xsctp_worth_taking(const struct xsctp_event *event, u32 len)
{
	const struct sk_buff *skb = event->packet->skb;

	return event->last && !skb_shared(skb) &&
	       (len > XSCTP_COPY || skb->truesize <= 2 * SKB_TRUESIZE(len));
}

/**
 * xsctp_take_chunk() - take the data of a DATA chunk out of its packet
 * @event: the chunk, of an association; if it is its packet's last, packet->skb may be NULL
 *	afterwards
 * @len: of the data
 *
 * Return: an skb of its own, charged to nobody; NULL without memory
 */
struct sk_buff *xsctp_take_chunk(struct xsctp_event *event, u32 len)
{
	struct sk_buff *skb = event->packet->skb;
	u32 offset = event->offset + XSCTP_DATA_LEN;
	bool headers = xsctp_wants_headers(event->association->sk);
	struct sk_buff *share;

	if (offset + len > skb->len)
		return NULL;
	if (xsctp_worth_taking(event, len)) {
		if (!pskb_pull(skb, offset) || pskb_trim(skb, len))
			return NULL;
		event->packet->skb = NULL;
		return skb;
	}
	if (xsctp_worth_copying(skb, offset, len, headers))
		return xsctp_copy_chunk(skb, offset, len, headers);
	share = xsctp_share_chunk(skb, offset, len, headers);
	if (share)
		share->truesize = xsctp_share_cost(share, skb, offset, len);
	return share;
}
