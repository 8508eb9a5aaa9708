// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of a received packet: the data of its DATA chunks, each an skb. A little is copied.
 * More is a share in the packet's memory; and the last chunk's data may be the packet itself.
 */

#include "sctp.h"

#define XSCTP_COPY	256	/* octets, below which a chunk is copied rather than referred to */

static bool xsctp_wants_headers(const struct sock *sk)
{
	if (inet_cmsg_flags(inet_sk(sk)))
		return true;
	return sk->sk_family == AF_INET6 && inet6_sk(sk)->rxopt.all;
}

static struct sk_buff *xsctp_copy_chunk(const struct sk_buff *from, u32 offset, u32 len)
{
	struct sk_buff *skb = alloc_skb(len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	if (skb_copy_bits(from, offset, skb_put(skb, len), len)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->tstamp = from->tstamp;
	skb->protocol = from->protocol;
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
	u64 cost;

	if (offset + len > skb->len)
		return NULL;
	if (xsctp_worth_taking(event, len)) {
		if (!pskb_pull(skb, offset) || pskb_trim(skb, len))
			return NULL;
		event->packet->skb = NULL;
		return skb;
	}
	if (len <= XSCTP_COPY && !headers)
		return xsctp_copy_chunk(skb, offset, len);
	share = xsctp_share_chunk(skb, offset, len, headers);
	/* What it costs is what it has of the packet. */
	cost = (u64)len * skb->truesize / skb->len;
	if (share)
		share->truesize = SKB_TRUESIZE(0) + min_t(u64, skb->truesize, cost);
	return share;
}
