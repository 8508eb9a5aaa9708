// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets are renumbered.
 *
 * Out: the first thing that happens to a packet of this host; in: the last one,
 * before the protocol gets it. So all that is between, which is conntrack, NAT
 * and every rule of a firewall, sees standard packets, and does with them what
 * it always does. Nothing that is only forwarded is touched.
 *
 *   xtcp -> LOCAL_OUT: 254 becomes 6 -> conntrack, NAT, filter -> device
 *   xtcp <- 6 becomes 254: LOCAL_IN <- filter, NAT, conntrack <- device
 *
 * IPv4 puts fragments together before LOCAL_IN, and cuts behind LOCAL_OUT, so
 * here all datagrams are whole. IPv6 puts together behind LOCAL_IN; so a
 * namespace with rules has them put together early, as conntrack does.
 */

#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "bridge.h"

static bool xbridge_dissect(const struct sk_buff *skb, u8 family, struct xbridge_packet *packet)
{
	packet->network = skb_network_offset(skb);
	return family == NFPROTO_IPV6 ? xbridge_v6_dissect(skb, false, packet) :
					xbridge_v4_dissect(skb, false, packet);
}

/* The header of a packet that may be one of ours, all of it. */
static bool xbridge_read_ports(const struct sk_buff *skb, struct xbridge_packet *packet)
{
	unsigned int length = xbridge_headers[packet->protocol].length;
	const __be16 *ports;

	if (skb->len < packet->transport + length)
		return false;
	ports = skb_header_pointer(skb, packet->transport, sizeof(packet->ports), packet->ports);
	if (!ports)
		return false;
	packet->ports[0] = ports[0];
	packet->ports[1] = ports[1];
	return true;
}

static void xbridge_renumber(struct sk_buff *skb, const struct xbridge_packet *packet,
			     enum xbridge_way way)
{
	u8 number = xbridge_number_after(way, packet->protocol);
	__wsum changed, diff = 0;

	if (packet->v6)
		diff = xbridge_v6_set_number(skb, packet, number);
	else
		xbridge_v4_set_number(skb, packet, number);
	changed = csum_sub((__force __wsum)htons(number), (__force __wsum)htons(packet->number));
	changed = xbridge_transport_changed(skb, packet, changed,
					    xbridge_sum_is_unfinished(skb, packet));
	diff = csum_add(diff, changed);
	xbridge_complete_changed(skb, diff);
}

static unsigned int xbridge_drop(struct xbridge_rule *rule, unsigned int segs)
{
	xbridge_count(rule, XBRIDGE_COUNT_DROPS, segs);
	return NF_DROP;
}

static unsigned int xbridge_transport(struct sk_buff *skb, struct xbridge_packet *packet,
				      enum xbridge_way way, const struct nf_hook_state *state,
				      const struct net_device *dev)
{
	unsigned int segs = max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
	struct xbridge_rule *rule;

	if (!xbridge_read_ports(skb, packet))
		return NF_ACCEPT;
	rule = xbridge_rule_find(state->net, packet, dev->name, way == XBRIDGE_OUT);
	if (!rule)
		return NF_ACCEPT;
	if (xbridge_must_cut(skb, packet, way))
		return xbridge_cut(skb, packet->v6, state->net, state->sk) ?
		       NF_STOLEN : xbridge_drop(rule, segs);
	if (skb_ensure_writable(skb, packet->transport + xbridge_headers[packet->protocol].length))
		return xbridge_drop(rule, segs);
	if (!xbridge_prepare_segments(skb, packet, way))
		return xbridge_drop(rule, segs);
	xbridge_renumber(skb, packet, way);
	/* The kernel may have found a socket of its own for this number. */
	if (way == XBRIDGE_IN)
		skb_orphan(skb);
	xbridge_count(rule, way == XBRIDGE_IN ? XBRIDGE_COUNT_IN : XBRIDGE_COUNT_OUT, segs);
	return NF_ACCEPT;
}

static unsigned int xbridge_hook(struct sk_buff *skb, const struct nf_hook_state *state,
				 enum xbridge_way way)
{
	const struct net_device *dev = way == XBRIDGE_IN ? state->in : state->out;
	struct xbridge_packet packet;

	if (!dev || !xbridge_dissect(skb, state->pf, &packet))
		return NF_ACCEPT;
	if (packet.number == (packet.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return xbridge_icmp(skb, &packet, way, state->net, dev);
	if (!xbridge_protocol_of(way, packet.number, &packet.protocol))
		return NF_ACCEPT;
	return xbridge_transport(skb, &packet, way, state, dev);
}

static unsigned int xbridge_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return xbridge_hook(skb, state, XBRIDGE_IN);
}

static unsigned int xbridge_out(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return xbridge_hook(skb, state, XBRIDGE_OUT);
}

static const struct nf_hook_ops xbridge_hooks[] = {
	{
		.hook		= xbridge_out,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_FIRST,
	}, {
		.hook		= xbridge_in,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_LAST,
	}, {
		.hook		= xbridge_out,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP6_PRI_FIRST,
	}, {
		.hook		= xbridge_in,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP6_PRI_LAST,
	},
};

/**
 * xbridge_hooks_register() - look at the packets of a namespace
 * @net: the namespace
 *
 * Process context, sleeps.
 *
 * Return: 0 or a negative errno.
 */
int xbridge_hooks_register(struct net *net)
{
	int err = nf_defrag_ipv6_enable(net);

	if (err)
		return err;
	err = nf_register_net_hooks(net, xbridge_hooks, ARRAY_SIZE(xbridge_hooks));
	if (err)
		nf_defrag_ipv6_disable(net);
	return err;
}

/**
 * xbridge_hooks_unregister() - undo xbridge_hooks_register()
 * @net: the namespace
 *
 * Packets that are looked at now are so until the end of an RCU grace period.
 */
void xbridge_hooks_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, xbridge_hooks, ARRAY_SIZE(xbridge_hooks));
	nf_defrag_ipv6_disable(net);
}
