// SPDX-License-Identifier: GPL-2.0
/*
 * Several packets to one path go through IP as one, a train, which is cut as late as possible.
 *
 * A train is an empty skb whose frag_list are the packets, each with a header and a CRC32c of its
 * own (gso_size GSO_BY_FRAGS). Cutting it gives each a copy of the headers that IP and the
 * device's have put before the empty one. Its gso_type has SKB_GSO_DODGY, which hardly any device
 * claims together with SKB_GSO_SCTP, so a train is cut before it leaves the stack. Where one that
 * does (macvlan) hands it to a neighbour, it is cut there. Over loopback it is not dodgy, and
 * arrives as it is; nobody has summed its packets then, unless it was cut on the way after all.
 */

#include <linux/netdevice.h>
#include <xl4/compat.h>
#include <xl4/drop.h>

#include "sctp.h"

/* Is it one of ours, that nobody has touched? What else there may be could not be cut. */
static bool xsctp_train_sane(const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	const struct sk_buff *packet;

	if (!(shinfo->gso_type & SKB_GSO_SCTP) || shinfo->gso_size != GSO_BY_FRAGS ||
	    shinfo->nr_frags || skb_headlen(skb) || !shinfo->frag_list)
		return false;
	skb_walk_frags(skb, packet)
		if (skb_headlen(packet) < XSCTP_HEADER_LEN)
			return false;
	return true;
}

/* The packets of a train, data where the headers begin that IP has put before it. */
static struct sk_buff *xsctp_cut(struct sk_buff *skb, netdev_features_t features)
{
	struct sk_buff *segs, *seg;

	if (!xsctp_train_sane(skb))
		return ERR_PTR(-EINVAL);
	/* The packets lie in pages. */
	segs = skb_segment(skb, (features | NETIF_F_SG | NETIF_F_HW_CSUM) & ~NETIF_F_GSO_PARTIAL);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next) {
		seg->ip_summed = CHECKSUM_NONE;
		if (features & NETIF_F_SG || !skb_linearize(seg))
			continue;
		kfree_skb_list(segs);
		return ERR_PTR(-ENOMEM);
	}
	return segs;
}

/**
 * xsctp_gso_segment() - cut a train into its packets
 * @skb: of either family, data at where the first packet's header would be
 * @features: what the device can do
 *
 * The gso_segment of struct net_offload.
 *
 * Return: the list of packets, or an error pointer.
 */
struct sk_buff *xsctp_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	unsigned int headers = skb->data - skb_mac_header(skb);
	struct sk_buff *segs = xsctp_cut(skb, features), *seg;

	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next) {
		__skb_pull(seg, headers);
		/* A sum of 0 is that of a packet for loopback; or right, and will be again. */
		if (!xsctp_summed(seg))
			xsctp_put_checksum(seg);
		__skb_push(seg, headers);
	}
	return segs;
}

/**
 * xsctp_is_train() - is a received packet several?
 * @skb: data at the SCTP header
 */
bool xsctp_is_train(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_size == GSO_BY_FRAGS &&
	       skb_shinfo(skb)->gso_type & SKB_GSO_SCTP;
}

/* Has nobody else a hand in the packets of a train, and each room for these headers? */
static bool xsctp_is_ours(const struct sk_buff *train, unsigned int headers)
{
	const struct sk_buff *packet;

	if (skb_cloned(train))
		return false;
	skb_walk_frags(train, packet)
		if (skb_shared(packet) || skb_cloned(packet) || skb_headroom(packet) < headers)
			return false;
	return true;
}

/* The packets of a train as IP would have brought them, data at the SCTP header. */
static struct sk_buff *xsctp_uncouple(struct sk_buff *train)
{
	struct sk_buff *first = skb_shinfo(train)->frag_list, *packet;
	unsigned int headers = skb_network_header_len(train);

	skb_shinfo(train)->frag_list = NULL;
	train->len -= train->data_len;
	train->data_len = 0;
	for (packet = first; packet; packet = packet->next) {
		skb_copy_header(packet, train);
		skb_gso_reset(packet);
		memcpy(skb_push(packet, headers), skb_network_header(train), headers);
		skb_reset_mac_header(packet);
		skb_reset_network_header(packet);
		__skb_pull(packet, headers);
		skb_reset_transport_header(packet);
	}
	return first;
}

/* The same where somebody else has them, too, or where the bridge has put a header in front. */
static struct sk_buff *xsctp_cut_train(struct sk_buff *train)
{
	unsigned int headers = train->data - skb_mac_header(train);
	struct sk_buff *first, *packet;

	if (skb_headlen(train) == XSCTP_HEADER_LEN)
		__skb_pull(train, XSCTP_HEADER_LEN);
	/* A queue may have left something else there: these headers are no tunnel's. */
	SKB_GSO_CB(train)->mac_offset = skb_mac_header(train) - train->head;
	SKB_GSO_CB(train)->encap_level = 0;
	first = xsctp_cut(train, NETIF_F_SG);
	if (IS_ERR_OR_NULL(first))
		return NULL;
	for (packet = first; packet; packet = packet->next)
		__skb_pull(packet, headers);
	return first;
}

/**
 * xsctp_rcv_train() - receive packets that were not cut apart on their way
 * @space: of the IP protocol number, in the packet's namespace
 * @skb: a train, data at where the first packet's header would be; consumed
 *
 * Those of the kernel's SCTP, which the bridge has renumbered, have one header for all in front.
 *
 * Softirq, under rcu_read_lock().
 */
void xsctp_rcv_train(struct xl4_space *space, struct sk_buff *skb)
{
	bool summed = skb->ip_summed != CHECKSUM_NONE;
	struct sk_buff *seg, *next;

	if (xsctp_train_sane(skb) && xsctp_is_ours(skb, skb_network_header_len(skb)))
		seg = xsctp_uncouple(skb);
	else
		seg = xsctp_cut_train(skb);
	if (!seg) {
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_HEADER);
		return;
	}
	for (; seg; seg = next) {
		next = seg->next;
		skb_mark_not_on_list(seg);
		seg->prev = NULL;
		if (summed)
			seg->ip_summed = CHECKSUM_UNNECESSARY;
		xsctp_rcv_packet(space, seg, next);
	}
	consume_skb(skb);
}

/**
 * xsctp_may_couple() - may packets to a path go as a train?
 * @sk: the association's socket, locked
 * @dst: the path's
 *
 * Not where they are transformed; and not as the kernel's own number, of which netfilter reads
 * each chunk.
 *
 * Return: whether
 */
bool xsctp_may_couple(const struct sock *sk, const struct dst_entry *dst)
{
	return READ_ONCE(xsctp_set(sk)->gso) && sk->sk_protocol != IPPROTO_SCTP &&
	       !dst_xfrm(dst);
}

/**
 * xsctp_train() - make one skb of several packets
 * @dev: where they go
 * @head: empty, with room for headers
 * @first: the packets, chained by next; nobody is charged for them
 * @n: how many
 *
 * All is @head's from now on.
 */
void xsctp_train(const struct net_device *dev, struct sk_buff *head, struct sk_buff *first,
		 unsigned int n)
{
	struct skb_shared_info *shinfo = skb_shinfo(head);
	const struct sk_buff *packet;

	for (packet = first; packet; packet = packet->next) {
		head->len += packet->len;
		head->data_len += packet->len;
		head->truesize += packet->truesize;
	}
	shinfo->frag_list = first;
	shinfo->gso_size = GSO_BY_FRAGS;
	shinfo->gso_segs = n;
	shinfo->gso_type = SKB_GSO_SCTP | (dev->flags & IFF_LOOPBACK ? 0 : SKB_GSO_DODGY);
	/* Each has its own, or needs none. */
	head->ip_summed = CHECKSUM_UNNECESSARY;
}
