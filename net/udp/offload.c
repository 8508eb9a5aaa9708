// SPDX-License-Identifier: GPL-2.0
/*
 * UDP_SEGMENT: one packet through the stack that is cut into datagrams as late
 * as possible.
 *
 * Such a packet has gso_type SKB_GSO_UDP_L4 | SKB_GSO_FRAGLIST. No hardware
 * claims the latter, so a card that segments UDP, but looks for it at number
 * 17, never gets one of ours: the stack calls us before it. Loopback and veth
 * claim both and pass the packet on whole.
 */

#include <linux/netdevice.h>
#include <net/checksum.h>
#include <xl4/compat.h>

#include "udp.h"

/*
 * Finish one segment's header: its own length and checksum. @partial is the sum
 * of the pseudo-header for the whole packet of length @whole.
 */
static void xudp_segment_finish(struct sk_buff *seg, __sum16 partial, __be16 whole)
{
	struct udphdr *uh = udp_hdr(seg);

	uh->len = htons(seg->len - skb_transport_offset(seg));
	uh->check = csum16_add(csum16_sub(partial, whole), uh->len);
	if (seg->ip_summed != CHECKSUM_PARTIAL)
		uh->check = gso_make_checksum(seg, ~csum_unfold(uh->check)) ? : CSUM_MANGLED_0;
}

/**
 * xudp_gso_segment() - cut a UDP_SEGMENT packet for a device that cannot
 * @skb: of either family, data at the UDP header
 * @features: what the device can do
 *
 * The gso_segment of struct net_offload. The packet may come from a guest, and
 * lie.
 *
 * Return: the list of segments, or an error pointer.
 */
struct sk_buff *xudp_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	struct sk_buff *segs, *seg;
	__sum16 partial;
	__be16 whole;

	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) || !size ||
	    skb->ip_summed != CHECKSUM_PARTIAL)
		return ERR_PTR(-EINVAL);
	if (!pskb_may_pull(skb, XUDP_HEADER_LEN) || skb->len <= XUDP_HEADER_LEN ||
	    skb->len - XUDP_HEADER_LEN > size * XUDP_MAX_SEGMENTS)
		return ERR_PTR(-EINVAL);
	/* Only a device that sums any protocol knows how to sum ours. */
	features &= ~(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM);
	partial = udp_hdr(skb)->check;
	whole = htons(skb->len);

	__skb_pull(skb, XUDP_HEADER_LEN);
	segs = skb_segment(skb, features);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next)
		xudp_segment_finish(seg, partial, whole);
	return segs;
}

/**
 * xudp_rcv_segment() - cut up a packet for a socket that did not ask for UDP_GRO
 * @skb: received whole, data at the UDP header; stays the caller's
 *
 * It never was on a wire, so the segments need no checksum. Softirq.
 *
 * Return: the list of datagrams, data at the UDP header; NULL if the packet
 * was bad or there was no memory.
 */
struct sk_buff *xudp_rcv_segment(struct sk_buff *skb)
{
	struct xudp_skb_cb cb = *XUDP_SKB_CB(skb);
	struct sk_buff *segs, *seg;

	__skb_push(skb, -skb_mac_offset(skb));
	segs = __skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM, false);
	if (IS_ERR_OR_NULL(segs))
		return NULL;
	for (seg = segs; seg; seg = seg->next) {
		__skb_pull(seg, skb_transport_offset(seg));
		*XUDP_SKB_CB(seg) = cb;
	}
	return segs;
}
