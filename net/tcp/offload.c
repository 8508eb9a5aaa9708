// SPDX-License-Identifier: GPL-2.0
/*
 * Data of many segments goes through the stack as one packet, which is cut as
 * late as possible.
 *
 * Such a packet has gso_type SKB_GSO_TCPV4 or SKB_GSO_TCPV6, and
 * SKB_GSO_FRAGLIST. No hardware claims the latter, so a card that segments TCP,
 * but looks for it at number 6, never gets one of ours: the stack calls us
 * before it. Loopback and veth claim both and pass the packet on whole.
 */

#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <xl4/compat.h>

#include "tcp.h"

/* What is left of the smallest segment that anyone sends, 48 bytes, by all options. */
#define XTCP_GSO_MIN_SIZE	(48 - XTCP_MAX_OPTIONS_LEN)

/* The packet may come from a guest, and lie. */
static bool xtcp_gso_sane(struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int headers;

	if (!(shinfo->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) ||
	    shinfo->gso_size < XTCP_GSO_MIN_SIZE)
		return false;
	if (skb->ip_summed != CHECKSUM_PARTIAL || skb_checksum_start_offset(skb) ||
	    skb->csum_offset != offsetof(struct tcphdr, check))
		return false;
	if (!pskb_may_pull(skb, XTCP_HEADER_LEN))
		return false;
	headers = tcp_hdr(skb)->doff * 4;
	if (headers < XTCP_HEADER_LEN || skb->len <= headers + shinfo->gso_size ||
	    !pskb_may_pull(skb, headers))
		return false;
	return !tcp_hdr(skb)->syn && !tcp_hdr(skb)->rst;
}

/*
 * The urgent pointer counts from the segment's own first byte; behind what is
 * urgent there is none.
 */
static void xtcp_segment_urgent(struct tcphdr *th, unsigned int offset)
{
	if (!th->urg)
		return;
	th->urg = ntohs(th->urg_ptr) > offset;
	th->urg_ptr = th->urg ? htons(ntohs(th->urg_ptr) - offset) : 0;
}

/* What the whole packet says in its first segment only, or in its last. */
static void xtcp_segment_flags(struct tcphdr *th, bool first, bool last)
{
	th->cwr &= first;	/* RFC 3168 section 6.1.2: a reduction is told once */
	th->psh &= last;
	th->fin &= last;
}

/* @pseudo is the sum of the pseudo-header without the length. */
static void xtcp_segment_checksum(struct sk_buff *seg, __wsum pseudo)
{
	unsigned int len = seg->len - skb_transport_offset(seg);
	struct tcphdr *th = tcp_hdr(seg);

	th->check = ~csum_fold(csum_add(pseudo, (__force __wsum)htonl(len)));
	if (seg->ip_summed != CHECKSUM_PARTIAL)
		th->check = gso_make_checksum(seg, ~csum_unfold(th->check));
}

static void xtcp_segments_finish(struct sk_buff *segs, unsigned int size, __wsum pseudo)
{
	u32 seq = ntohl(tcp_hdr(segs)->seq);
	unsigned int offset = 0;
	struct sk_buff *seg;

	for (seg = segs; seg; seg = seg->next, offset += size) {
		struct tcphdr *th = tcp_hdr(seg);

		th->seq = htonl(seq + offset);
		xtcp_segment_urgent(th, offset);
		xtcp_segment_flags(th, seg == segs, !seg->next);
		xtcp_segment_checksum(seg, pseudo);
	}
}

/**
 * xtcp_gso_segment() - cut a packet of many segments for a device that cannot
 * @skb: of either family, data at the TCP header
 * @features: what the device can do
 *
 * The gso_segment of struct net_offload.
 *
 * Return: the list of segments, or an error pointer.
 */
struct sk_buff *xtcp_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	struct sk_buff *segs;
	__wsum pseudo;

	if (!xtcp_gso_sane(skb))
		return ERR_PTR(-EINVAL);
	/* Only a device that sums any protocol knows how to sum ours; none can finish cutting. */
	features &= ~(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_GSO_PARTIAL);
	pseudo = csum_sub(csum_unfold(tcp_hdr(skb)->check), (__force __wsum)htonl(skb->len));

	__skb_pull(skb, tcp_hdr(skb)->doff * 4);
	segs = skb_segment(skb, features);
	if (!IS_ERR_OR_NULL(segs))
		xtcp_segments_finish(segs, size, pseudo);
	return segs;
}
