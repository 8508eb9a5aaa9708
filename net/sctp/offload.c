// SPDX-License-Identifier: GPL-2.0
/*
 * Several packets to one path go through IP as one, a train, which is cut as late as possible.
 *
 * A train is an empty skb whose frag_list are the packets, each with a header and a CRC32c of its
 * own (gso_size GSO_BY_FRAGS). Cutting it gives each a copy of the headers that IP and the
 * device's have put before the empty one. Its gso_type has SKB_GSO_DODGY, which hardly any device
 * claims together with SKB_GSO_SCTP, so a train is cut before it leaves the stack. Where one that
 * does (macvlan) hands it to a neighbour, it is cut there.
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
	struct sk_buff *segs, *seg;

	if (!xsctp_train_sane(skb))
		return ERR_PTR(-EINVAL);
	/* The packets lie in pages, and have their sums. */
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
 * xsctp_is_train() - is a received packet several?
 * @skb: data at the SCTP header
 */
bool xsctp_is_train(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_size == GSO_BY_FRAGS &&
	       skb_shinfo(skb)->gso_type & SKB_GSO_SCTP;
}

/**
 * xsctp_rcv_train() - receive packets that were not cut apart on their way
 * @space: of the IP protocol number, in the packet's namespace
 * @skb: a train, data at where the first packet's header would be; consumed
 *
 * Those of the kernel's SCTP, which the bridge has renumbered, have one header for all in front.
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xsctp_rcv_train(struct xl4_space *space, struct sk_buff *skb)
{
	unsigned int headers = skb->data - skb_mac_header(skb);
	bool summed = skb->ip_summed != CHECKSUM_NONE;
	struct sk_buff *seg, *next;

	if (skb_headlen(skb) == XSCTP_HEADER_LEN)
		__skb_pull(skb, XSCTP_HEADER_LEN);
	seg = xsctp_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(seg)) {
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_HEADER);
		return 0;
	}
	for (; seg; seg = next) {
		next = seg->next;
		skb_mark_not_on_list(seg);
		seg->prev = NULL;
		__skb_pull(seg, headers);
		if (summed)
			seg->ip_summed = CHECKSUM_UNNECESSARY;
		xsctp_rcv(space, seg);
	}
	consume_skb(skb);
	return 0;
}

/**
 * xsctp_may_couple() - may packets to a path go as a train?
 * @sk: the association's socket, locked
 * @dst: the path's
 *
 * Not over loopback, where they need no sums and are large enough; not where they are transformed;
 * and not as the kernel's own number, of which netfilter reads each chunk.
 *
 * Return: whether
 */
bool xsctp_may_couple(const struct sock *sk, const struct dst_entry *dst)
{
	return READ_ONCE(xsctp_set(sk)->gso) && sk->sk_protocol != IPPROTO_SCTP &&
	       !(dst->dev->flags & IFF_LOOPBACK) && !dst_xfrm(dst);
}

/**
 * xsctp_train() - make one skb of several packets
 * @head: empty, with room for headers
 * @first: the packets, chained by next; nobody is charged for them
 * @n: how many
 *
 * All is @head's from now on.
 */
void xsctp_train(struct sk_buff *head, struct sk_buff *first, unsigned int n)
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
	shinfo->gso_type = SKB_GSO_SCTP | SKB_GSO_DODGY;
	/* Each has its own. */
	head->ip_summed = CHECKSUM_UNNECESSARY;
}
