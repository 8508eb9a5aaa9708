// SPDX-License-Identifier: GPL-2.0
/* What a transport needs of IPv6: extension headers, group filters, control messages. */

#include <linux/seg6.h>
#include <net/if_inet6.h>
#include <xl4/compat.h>
#include <xl4/ip.h>

/* RFC 8200 section 4: all these headers count their length in 8 octets, less 1. */
static void *header_push(struct sk_buff *skb, const void *header, u8 kind, u8 *next_header)
{
	const struct ipv6_opt_hdr *from = header;
	unsigned int length = ipv6_optlen(from);
	struct ipv6_opt_hdr *to = skb_push(skb, length);

	memcpy(to, from, length);
	to->nexthdr = *next_header;
	*next_header = kind;
	return to;
}

/*
 * Where a packet to @final goes first. Programs hand in a routing header whose
 * last address is open: that is the place of the final destination.
 */
static const struct in6_addr *first_hop(const struct ipv6_rt_hdr *routing,
					const struct in6_addr *final)
{
	const struct ipv6_sr_hdr *segments = (const void *)routing;
	const struct rt2_hdr *mobile = (const void *)routing;

	if (routing->type == IPV6_SRCRT_TYPE_2)
		return &mobile->addr;
	/* The list runs backwards: its first entry is the last segment. */
	if (routing->type == IPV6_SRCRT_TYPE_4 && segments->segments_left)
		return &segments->segments[segments->segments_left];
	return final;
}

static void routing_push(struct sk_buff *skb, const struct ipv6_rt_hdr *routing,
			 u8 *next_header, struct in6_addr *daddr)
{
	void *pushed = header_push(skb, routing, NEXTHDR_ROUTING, next_header);
	struct ipv6_sr_hdr *segments = pushed;
	struct rt2_hdr *mobile = pushed;

	if (routing->type == IPV6_SRCRT_TYPE_2)
		mobile->addr = *daddr;
	else if (routing->type == IPV6_SRCRT_TYPE_4)
		segments->segments[0] = *daddr;
	*daddr = *first_hop(routing, daddr);
}

/**
 * xl4_v6_options_push() - put a socket's extension headers in front of a packet
 * @skb: the packet, its data at the transport header, with @opt->opt_nflen +
 *	@opt->opt_flen octets of headroom and those of the IPv6 header
 * @opt: the headers, as setsockopt() or control messages gave them
 * @next_header: in: number of the transport protocol; out: of the first header
 * @daddr: in: the final destination; out: the first hop of a routing header, or
 *	what it was
 *
 * The order is that of RFC 8200 section 4.1: hop-by-hop, destination options
 * for the hops, routing, destination options for the destination. Those for
 * the hops are left out without a routing header (RFC 3542 section 9).
 * Routing headers are of type 2 (RFC 6275 section 6.4) or 4 (RFC 8754; an HMAC
 * in it is sent as it was given).
 *
 * Context: any. @opt must stay: under RCU, or by a reference.
 */
void xl4_v6_options_push(struct sk_buff *skb, const struct ipv6_txoptions *opt,
			 u8 *next_header, struct in6_addr *daddr)
{
	if (opt->dst1opt)
		header_push(skb, opt->dst1opt, NEXTHDR_DEST, next_header);
	if (opt->srcrt) {
		routing_push(skb, opt->srcrt, next_header, daddr);
		if (opt->dst0opt)
			header_push(skb, opt->dst0opt, NEXTHDR_DEST, next_header);
	}
	if (opt->hopopt)
		header_push(skb, opt->hopopt, NEXTHDR_HOP, next_header);
}
EXPORT_SYMBOL_GPL(xl4_v6_options_push);

/**
 * xl4_v6_first_hop() - aim a flow at the first hop of its routing header
 * @fl6: the flow to be looked up; its destination is replaced
 * @opt: the socket's extension headers, or %NULL
 * @final: where to keep the final destination
 *
 * RFC 3542 section 7: the route is that to the first address visited, while
 * checksum and security policy concern the final one.
 *
 * Context: any. @opt must stay: under RCU, or by a reference.
 * Return: @final if there is a routing header, else %NULL; just what
 * ip6_dst_lookup_flow() takes.
 */
const struct in6_addr *xl4_v6_first_hop(struct flowi6 *fl6, const struct ipv6_txoptions *opt,
					struct in6_addr *final)
{
	if (!opt || !opt->srcrt)
		return NULL;
	*final = fl6->daddr;
	fl6->daddr = *first_hop(opt->srcrt, final);
	return final;
}
EXPORT_SYMBOL_GPL(xl4_v6_first_hop);

/**
 * xl4_v6_mapped_recv_ctl() - IPv6 control messages about an IPv4 packet
 * @sk: the IPv6 socket that received it
 * @msg: the message that recvmsg() fills
 * @skb: the packet; xl4_v4_pktinfo_prepare() had it
 *
 * Puts IPV6_PKTINFO and IPV6_2292PKTINFO, as far as the socket asked for them,
 * with the packet's destination as an IPv4-mapped address (RFC 3542 section
 * 6.1). The options of SOL_IP are ip_cmsg_recv_offset()'s part.
 *
 * Context: process context. A message without room gets MSG_CTRUNC.
 */
void xl4_v6_mapped_recv_ctl(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	struct in6_pktinfo info = { .ipi6_ifindex = PKTINFO_SKB_CB(skb)->ipi_ifindex };

	ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &info.ipi6_addr);
	if (np->rxopt.bits.rxinfo)
		put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info), &info);
	if (np->rxopt.bits.rxoinfo)
		put_cmsg(msg, SOL_IPV6, IPV6_2292PKTINFO, sizeof(info), &info);
}
EXPORT_SYMBOL_GPL(xl4_v6_mapped_recv_ctl);

/* RFC 3810 section 3: INCLUDE wants a listed source, EXCLUDE one that is not. */
static bool filter_admits(const struct ipv6_mc_socklist *member, const struct in6_addr *source)
{
	const struct ip6_sf_socklist *list = rcu_dereference(member->sflist);
	unsigned int count = list ? READ_ONCE(list->sl_count) : 0;
	unsigned int i;

	for (i = 0; i < count && !ipv6_addr_equal(&list->sl_addr[i], source); i++)
		;
	return (i < count) == (member->sfmode == MCAST_INCLUDE);
}

/**
 * xl4_v6_mc_allow() - may a socket hear a datagram to an IPv6 group?
 * @sk: an IPv6 socket that is bound to the datagram's port
 * @group: its destination, a multicast address
 * @source: its source
 *
 * A member of the group hears what its source filter admits, whichever device
 * it joined on; who is no member hears it if IPV6_MULTICAST_ALL is set, as by
 * default.
 *
 * RFC 3810 section 3, RFC 3678, ipv6(7).
 *
 * Context: any; takes the RCU read side itself.
 * Return: true if it is to be delivered to @sk.
 */
bool xl4_v6_mc_allow(const struct sock *sk, const struct in6_addr *group,
		     const struct in6_addr *source)
{
	const struct ipv6_mc_socklist *member;
	bool allow = inet6_test_bit(MC6_ALL, sk);

	rcu_read_lock();
	for (member = rcu_dereference(inet6_sk(sk)->ipv6_mc_list); member;
	     member = rcu_dereference(member->next)) {
		if (ipv6_addr_equal(&member->addr, group)) {
			allow = filter_admits(member, source);
			break;
		}
	}
	rcu_read_unlock();
	return allow;
}
EXPORT_SYMBOL_GPL(xl4_v6_mc_allow);
