// SPDX-License-Identifier: GPL-2.0
/*
 * An ICMP error quotes the start of the packet that it is about. What goes out
 * of this host quotes what came in, with xl4's number; what comes in quotes
 * what went out, with the standard one. The quotation gets the other number,
 * and the transport's sum in it, if it is long enough to have that, the value
 * that belongs to it.
 *
 * Some errors this host makes itself, after a packet has left with its new
 * number: no neighbour answers, the path is too narrow. They come in by
 * loopback, and fall under a rule for whichever device.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "bridge.h"

#define XBRIDGE_ICMP_LEN	8	/* what stands before the quotation, in both families */
#define XBRIDGE_PORTS_LEN	4

static bool xbridge_v4_quotes(u8 type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

/* RFC 4443 section 2.1 */
static bool xbridge_v6_quotes(u8 type)
{
	return !(type & ICMPV6_INFOMSG_MASK);
}

static bool xbridge_is_error(const struct sk_buff *skb, const struct xbridge_packet *icmp)
{
	const u8 *type;
	u8 buffer;

	type = skb_header_pointer(skb, icmp->transport, sizeof(buffer), &buffer);
	return type && (icmp->v6 ? xbridge_v6_quotes(*type) : xbridge_v4_quotes(*type));
}

/* A quotation of a packet that is renumbered on its own way, the opposite one. */
static bool xbridge_read_quote(const struct sk_buff *skb, const struct xbridge_packet *icmp,
			       enum xbridge_way way, struct xbridge_packet *quote)
{
	const __be16 *ports;

	quote->network = icmp->transport + XBRIDGE_ICMP_LEN;
	if (!(icmp->v6 ? xbridge_v6_dissect(skb, true, quote) :
			 xbridge_v4_dissect(skb, true, quote)) ||
	    !xbridge_protocol_of(way, quote->number, &quote->protocol))
		return false;
	ports = skb_header_pointer(skb, quote->transport, XBRIDGE_PORTS_LEN, quote->ports);
	if (!ports)
		return false;
	quote->ports[0] = ports[0];
	quote->ports[1] = ports[1];
	return true;
}

/* The place of the transport's sum is part of the quotation. */
static bool xbridge_quotes_sum(const struct sk_buff *skb, const struct xbridge_packet *quote)
{
	int at = xbridge_headers[quote->protocol].check_at;

	return at >= 0 && skb->len >= quote->transport + at + sizeof(__sum16);
}

static bool xbridge_renumber_quote(struct sk_buff *skb, const struct xbridge_packet *icmp,
				   const struct xbridge_packet *quote, u8 number)
{
	bool sum = xbridge_quotes_sum(skb, quote);
	unsigned int end = quote->transport + XBRIDGE_PORTS_LEN;
	__wsum changed, diff = 0;
	struct icmphdr *header;

	if (sum)
		end = quote->transport + xbridge_headers[quote->protocol].check_at +
		      sizeof(__sum16);
	if (skb_ensure_writable(skb, end))
		return false;
	if (quote->v6)
		diff = xbridge_v6_set_number(skb, quote, number);
	else
		xbridge_v4_set_number(skb, quote, number);
	if (sum) {
		changed = csum_sub((__force __wsum)htons(number),
				   (__force __wsum)htons(quote->number));
		changed = xbridge_transport_changed(skb, quote, changed, false);
		diff = csum_add(diff, changed);
	}
	/*
	 * The message's own sum outweighs what has changed, so that skb->csum is as it
	 * was; but if it is yet to be made, what is quoted will be in it.
	 */
	header = (struct icmphdr *)(skb->data + icmp->transport);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		header->checksum = xbridge_sum_changed(header->checksum, diff);
	return true;
}

/**
 * xbridge_icmp() - renumber what an ICMP error quotes
 * @skb: data at the IP header
 * @packet: the headers of the message
 * @way: that it takes
 * @net: the namespace
 * @dev: that it comes from or goes to
 *
 * Return: NF_ACCEPT, also for what is no such error; NF_DROP if it was to be
 * changed and there is no memory.
 */
unsigned int xbridge_icmp(struct sk_buff *skb, const struct xbridge_packet *packet,
			  enum xbridge_way way, struct net *net, const struct net_device *dev)
{
	bool own = way == XBRIDGE_IN && dev->flags & IFF_LOOPBACK;
	struct xbridge_packet quote;
	struct xbridge_rule *rule;

	if (!xbridge_is_error(skb, packet) || !xbridge_read_quote(skb, packet, way, &quote))
		return NF_ACCEPT;
	rule = xbridge_rule_find(net, &quote, own ? NULL : dev->name, way == XBRIDGE_IN);
	if (!rule)
		return NF_ACCEPT;
	if (!xbridge_renumber_quote(skb, packet, &quote,
				    xbridge_number_after(way, quote.protocol))) {
		xbridge_count(rule, XBRIDGE_COUNT_DROPS, 1);
		return NF_DROP;
	}
	xbridge_count(rule, XBRIDGE_COUNT_ERRORS, 1);
	return NF_ACCEPT;
}
