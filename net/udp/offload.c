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

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <xl4/compat.h>

#include "udp.h"

/* Finish one segment's header: its own length and checksum. */
static void xudp_segment_finish(struct sk_buff *seg, __sum16 pseudo)
{
	struct udphdr *uh = udp_hdr(seg);

	uh->len = htons(seg->len - skb_transport_offset(seg));
	uh->check = ~pseudo;
	if (seg->ip_summed != CHECKSUM_PARTIAL)
		uh->check = gso_make_checksum(seg, csum_unfold(pseudo)) ? : CSUM_MANGLED_0;
}

static struct sk_buff *xudp_gso_segment(struct sk_buff *skb, netdev_features_t features,
					__sum16 (*pseudo)(const struct sk_buff *seg))
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	struct sk_buff *segs, *seg;

	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) || !size ||
	    skb->ip_summed != CHECKSUM_PARTIAL)
		return ERR_PTR(-EINVAL);
	if (!pskb_may_pull(skb, XUDP_HEADER_LEN) || skb->len <= XUDP_HEADER_LEN)
		return ERR_PTR(-EINVAL);
	/* Only a device that sums any protocol knows how to sum ours. */
	features &= ~(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM);

	__skb_pull(skb, XUDP_HEADER_LEN);
	segs = skb_segment(skb, features);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next)
		xudp_segment_finish(seg, pseudo(seg));
	return segs;
}

static __sum16 xudp_segment_pseudo_v4(const struct sk_buff *seg)
{
	const struct iphdr *iph = ip_hdr(seg);

	return csum_tcpudp_magic(iph->saddr, iph->daddr,
				 seg->len - skb_transport_offset(seg), iph->protocol, 0);
}

static __sum16 xudp_segment_pseudo_v6(const struct sk_buff *seg)
{
	const struct ipv6hdr *hdr = ipv6_hdr(seg);
	u8 protocol = hdr->nexthdr;
	__be16 frag;

	ipv6_skip_exthdr(seg, skb_network_offset(seg) + sizeof(*hdr), &protocol, &frag);
	return csum_ipv6_magic(&hdr->saddr, &hdr->daddr,
			       seg->len - skb_transport_offset(seg), protocol, 0);
}

/**
 * xudp_gso_segment_v4() - cut a UDP_SEGMENT packet for an IPv4 device
 * @skb: data at the UDP header
 * @features: what the device can do
 *
 * The gso_segment of struct net_offload.
 *
 * Return: the list of segments, or an error pointer.
 */
struct sk_buff *xudp_gso_segment_v4(struct sk_buff *skb, netdev_features_t features)
{
	return xudp_gso_segment(skb, features, xudp_segment_pseudo_v4);
}

/**
 * xudp_gso_segment_v6() - cut a UDP_SEGMENT packet for an IPv6 device
 * @skb: data at the UDP header
 * @features: what the device can do
 *
 * The gso_segment of struct net_offload.
 *
 * Return: the list of segments, or an error pointer.
 */
struct sk_buff *xudp_gso_segment_v6(struct sk_buff *skb, netdev_features_t features)
{
	return xudp_gso_segment(skb, features, xudp_segment_pseudo_v6);
}

/**
 * xudp_rcv_segment() - cut up a packet for a socket that did not ask for UDP_GRO
 * @skb: received whole, data at the UDP header; consumed
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
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	for (seg = segs; seg; seg = seg->next) {
		__skb_pull(seg, skb_transport_offset(seg));
		*XUDP_SKB_CB(seg) = cb;
	}
	return segs;
}
