// SPDX-License-Identifier: GPL-2.0
/* What is IPv6 about the bridge: the number stands in the last of a chain of headers. */

#include <linux/ipv6.h>
#include <net/ipv6.h>

#include "bridge.h"

/* More extension headers than any honest packet has. */
#define XBRIDGE_V6_HEADERS	8

/* An extension header that stands between: its length, 0 if nothing behind it may change. */
static unsigned int xbridge_v6_extension(const struct sk_buff *skb, unsigned int at, u8 kind,
					 bool quoted)
{
	const struct ipv6_opt_hdr *ext;
	const struct ipv6_rt_hdr *route;
	const struct frag_hdr *fragment;
	u8 buffer[sizeof(struct frag_hdr)] __aligned(4);

	/* Each kind has 8 octets at least. */
	ext = skb_header_pointer(skb, at, sizeof(buffer), buffer);
	if (!ext)
		return 0;
	switch (kind) {
	case NEXTHDR_ROUTING:
		/* Not yet at its last destination: it is not ours, nor do we know whose. */
		route = (const struct ipv6_rt_hdr *)ext;
		if (route->segments_left)
			return 0;
		fallthrough;
	case NEXTHDR_HOP:
	case NEXTHDR_DEST:
		return ipv6_optlen(ext);
	case NEXTHDR_FRAGMENT:
		/* As in IPv4. One that is whole may have such a header too (RFC 6946). */
		fragment = (const struct frag_hdr *)ext;
		if (fragment->frag_off & htons(quoted ? IP6_OFFSET : IP6_OFFSET | IP6_MF))
			return 0;
		return sizeof(*fragment);
	}
	/* An authentication header signs the number. */
	return 0;
}

static bool xbridge_v6_is_extension(u8 number)
{
	return number == NEXTHDR_HOP || number == NEXTHDR_ROUTING || number == NEXTHDR_FRAGMENT ||
	       number == NEXTHDR_DEST || number == NEXTHDR_AUTH;
}

/**
 * xbridge_v6_dissect() - find the headers of an IPv6 packet
 * @skb: data at its IPv6 header
 * @quoted: it is in an ICMP error, and may be cut short behind the ports
 * @packet: its network is where to look; all but protocol and ports is set
 *
 * Return: false if it has no transport header that could be changed.
 */
bool xbridge_v6_dissect(const struct sk_buff *skb, bool quoted, struct xbridge_packet *packet)
{
	unsigned int at = packet->network, length, i;
	const struct ipv6hdr *iph;
	struct ipv6hdr buffer;

	iph = skb_header_pointer(skb, at, sizeof(buffer), &buffer);
	if (!iph || iph->version != 6)
		return false;
	packet->v6 = true;
	packet->source = xl4_addr_v6(&iph->saddr);
	packet->destination = xl4_addr_v6(&iph->daddr);
	packet->number = iph->nexthdr;
	packet->number_at = at + offsetof(struct ipv6hdr, nexthdr);
	at += sizeof(*iph);
	for (i = 0; xbridge_v6_is_extension(packet->number); i++) {
		const u8 *next;
		u8 octet;

		length = i < XBRIDGE_V6_HEADERS ?
			 xbridge_v6_extension(skb, at, packet->number, quoted) : 0;
		next = length ? skb_header_pointer(skb, at, sizeof(octet), &octet) : NULL;
		if (!next)
			return false;
		packet->number = *next;
		packet->number_at = at;
		at += length;
	}
	packet->transport = at;
	return true;
}

/**
 * xbridge_v6_set_number() - change what the last header before the transport's says
 * @skb: writable up to the transport header
 * @packet: its headers
 * @number: the new one
 *
 * Return: by how much the sum over the headers changed.
 */
__wsum xbridge_v6_set_number(struct sk_buff *skb, const struct xbridge_packet *packet, u8 number)
{
	return xbridge_set_octet(skb, packet->number_at, number);
}
