// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of many segments: one that is renumbered is to be cut as those of its
 * new number are.
 *
 * xl4's own bear SKB_GSO_FRAGLIST, so that no card which cuts TCP or UDP takes
 * them for such. That is what has to come and go: with the standard number the
 * packet is like any other, and a card or the kernel's TCP may cut it.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include <xl4/compat.h>

#include "bridge.h"

#define XBRIDGE_GSO_TYPES	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_UDP_L4 | SKB_GSO_SCTP | \
				 SKB_GSO_TCP_ECN | XL4_GSO_TCP_ACCECN | SKB_GSO_TCP_FIXEDID | \
				 SKB_GSO_DODGY | SKB_GSO_FRAGLIST)

/* The first packet of several says whether data is urgent. */
static bool xbridge_urgent(const struct sk_buff *skb, const struct xbridge_packet *packet)
{
	const struct tcphdr *th;
	struct tcphdr room;

	th = skb_header_pointer(skb, packet->transport, sizeof(room), &room);
	return th && th->urg;
}

static const struct tcphdr *xbridge_tcp(const struct sk_buff *skb,
					const struct xbridge_packet *packet)
{
	return (const struct tcphdr *)(skb->data + packet->transport);
}

/*
 * The stack may gather segments in a list of whole packets, whose sums it has
 * looked at, whether a device knew them or not: what a device has summed is the
 * first segment only. Taken as one packet that has but one header, and so one
 * sum, which is to be made when it is cut.
 */
static void xbridge_unlist(struct sk_buff *skb, const struct xbridge_packet *packet)
{
	unsigned int len = skb->len - packet->transport;
	int check_at = xbridge_headers[packet->protocol].check_at;
	__sum16 sum;

	if (packet->v6) {
		const struct ipv6hdr *iph = (const struct ipv6hdr *)skb->data;

		sum = ~csum_ipv6_magic(&iph->saddr, &iph->daddr, len, packet->number, 0);
	} else {
		const struct iphdr *iph = (const struct iphdr *)skb->data;

		sum = ~csum_tcpudp_magic(iph->saddr, iph->daddr, len, packet->number, 0);
	}
	*(__sum16 *)(skb->data + packet->transport + check_at) = sum;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + packet->transport;
	skb->csum_offset = check_at;
}

/**
 * xbridge_prepare_segments() - have a packet cut as those of its new number are
 * @skb: data at the IP header
 * @packet: its headers, still with the old number
 * @way: that it takes
 *
 * May move the packet's headers in memory.
 *
 * Return: false if nobody could cut it, or there is no memory.
 */
bool xbridge_prepare_segments(struct sk_buff *skb, const struct xbridge_packet *packet,
			      enum xbridge_way way)
{
	struct skb_shared_info *shinfo;

	if (!skb_is_gso(skb))
		return true;
	if (skb_shinfo(skb)->gso_type & ~XBRIDGE_GSO_TYPES)
		return false;
	/* A clone has this in common with the sender's own copy, which will be sent again. */
	if (skb_unclone(skb, GFP_ATOMIC))
		return false;
	if (packet->protocol == XBRIDGE_SCTP)
		return true;
	shinfo = skb_shinfo(skb);
	if (way == XBRIDGE_IN) {
		if (shinfo->gso_type & SKB_GSO_FRAGLIST && skb->ip_summed != CHECKSUM_PARTIAL)
			xbridge_unlist(skb, packet);
		shinfo->gso_type |= SKB_GSO_FRAGLIST;
		return true;
	}
	shinfo->gso_type &= ~SKB_GSO_FRAGLIST;
	/* RFC 3168 section 6.1.2: in the first segment only. Not every card knows. */
	if (packet->protocol == XBRIDGE_TCP && xbridge_tcp(skb, packet)->cwr)
		shinfo->gso_type |= SKB_GSO_TCP_ECN;
	return true;
}

/**
 * xbridge_must_cut() - would others cut this packet wrongly?
 * @skb: data at the IP header
 * @packet: its headers, still with the old number
 * @way: that it takes
 *
 * The urgent pointer counts from each segment's own start. xtcp knows; cards,
 * and the kernel's TCP, give all segments the same. The packets of xsctp have a
 * header each; those of the kernel's SCTP one for all, and none in pages.
 */
bool xbridge_must_cut(const struct sk_buff *skb, const struct xbridge_packet *packet,
		      enum xbridge_way way)
{
	if (way != XBRIDGE_OUT || !skb_is_gso(skb))
		return false;
	return packet->protocol == XBRIDGE_SCTP ||
	       (packet->protocol == XBRIDGE_TCP && xbridge_urgent(skb, packet));
}

/**
 * xbridge_cut() - have a packet cut by who made it, and send the segments
 * @skb: it, with the old number; consumed if so
 * @v6: its family
 * @net: the namespace
 * @sk: that of the hook
 *
 * Each of them comes to the hook by itself.
 *
 * Return: whether it was cut.
 */
bool xbridge_cut(struct sk_buff *skb, bool v6, struct net *net, struct sock *sk)
{
	struct sk_buff *segs = skb_gso_segment(skb, 0), *seg, *next;

	if (IS_ERR_OR_NULL(segs))
		return false;
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		if (v6)
			ip6_local_out(net, sk, seg);
		else
			ip_local_out(net, sk, seg);
	}
	return true;
}
