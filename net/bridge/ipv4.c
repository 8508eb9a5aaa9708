// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about the bridge: where a packet says its number. */

#include <linux/ip.h>
#include <net/ip.h>

#include "bridge.h"

/**
 * xbridge_v4_dissect() - find the headers of an IPv4 packet
 * @skb: data at its IP header
 * @quoted: it is in an ICMP error, and may be cut short behind the ports
 * @packet: its network is where to look; all but protocol and ports is set
 *
 * Return: false if it has no transport header: broken, or a part of a datagram.
 */
bool xbridge_v4_dissect(const struct sk_buff *skb, bool quoted, struct xbridge_packet *packet)
{
	const struct iphdr *iph;
	struct iphdr buffer;

	iph = skb_header_pointer(skb, packet->network, sizeof(buffer), &buffer);
	if (!iph || iph->version != 4 || iph->ihl < 5)
		return false;
	/*
	 * What comes in was put together before. Of what goes out only a raw
	 * socket sends parts, and those behind the first have no ports.
	 */
	if (iph->frag_off & htons(quoted ? IP_OFFSET : IP_OFFSET | IP_MF))
		return false;
	packet->v6 = false;
	packet->number = iph->protocol;
	packet->number_at = packet->network + offsetof(struct iphdr, protocol);
	packet->transport = packet->network + iph->ihl * 4;
	packet->source = xl4_addr_v4(iph->saddr);
	packet->destination = xl4_addr_v4(iph->daddr);
	return true;
}

/**
 * xbridge_v4_set_number() - change what an IPv4 header says
 * @skb: writable up to the transport header
 * @packet: its headers
 * @number: the new one
 *
 * The header's own sum goes with it, so that no sum over the header changes.
 */
void xbridge_v4_set_number(struct sk_buff *skb, const struct xbridge_packet *packet, u8 number)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + packet->network);
	__wsum diff = xbridge_set_octet(skb, packet->number_at, number);

	iph->check = xbridge_sum_changed(iph->check, diff);
}
