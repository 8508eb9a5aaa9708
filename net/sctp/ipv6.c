// SPDX-License-Identifier: GPL-2.0
/* What is IPv6 about SCTP. */

#include <linux/icmpv6.h>
#include <linux/security.h>
#include <net/addrconf.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/transp_v6.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "sctp.h"

/* ip6_xmit() copies a packet without room for a Jumbo Payload option (RFC 2675), however short. */
#define XSCTP_V6_JUMBO_LEN	8

/* --------------------------------------------------------------------- output */

/* SCTP_PEER_ADDR_PARAMS goes before the socket's own label. */
static __be32 xsctp_v6_label(const struct sock *sk, const struct xsctp_transport *t)
{
	return t->flow_label & XSCTP_FLOW_LABEL_SET ? htonl(t->flow_label & 0xfffff) :
						      inet6_sk(sk)->flow_label;
}

static struct dst_entry *xsctp_v6_find(struct sock *sk, struct xsctp_transport *t,
				       const struct xl4_addr *saddr)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	struct flowi6 *fl6 = &t->fl6;
	const struct in6_addr *final;
	struct ipv6_txoptions *opt;
	struct dst_entry *dst;
	struct in6_addr last;

	*fl6 = (struct flowi6) {
		.flowi6_proto = sk->sk_protocol,
		.flowi6_oif = READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_uid = xl4_sock_uid(sk),
		.fl6_sport = t->key.local_port,
		.fl6_dport = t->key.peer_port,
		.daddr = t->key.peer.in6,
		.saddr = saddr->in6,
		.flowlabel = ip6_make_flowinfo(xsctp_tos(t, np->tclass), xsctp_v6_label(sk, t)),
	};
	if (!fl6->flowi6_oif && rt6_need_strict(&fl6->daddr))
		fl6->flowi6_oif = t->association->device;
	opt = txopt_get(np);
	final = xl4_v6_first_hop(fl6, opt, &last);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final);
	txopt_put(opt);
	return dst;
}

/* One of those that the endpoint is bound to; that of the route itself, if it is one. */
static struct dst_entry *xsctp_v6_find_bound(struct sock *sk, struct xsctp_transport *t)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	struct xl4_addr own = xl4_addr_any();
	struct dst_entry *dst = xsctp_v6_find(sk, t, &own);
	unsigned int i;

	if (!IS_ERR(dst)) {
		own = xl4_addr_v6(&t->fl6.saddr);
		if (xsctp_may_source(t, &own))
			return dst;
		dst_release(dst);
	}
	dst = ERR_PTR(-EADDRNOTAVAIL);
	for (i = 0; i < sp->nr_addresses; i++) {
		if (xl4_addr_is_v4(&sp->address[i]) || !xsctp_may_source(t, &sp->address[i]) ||
		    !xsctp_in_scope(&sp->address[i], &t->key.peer))
			continue;
		dst = xsctp_v6_find(sk, t, &sp->address[i]);
		if (!IS_ERR(dst))
			break;
	}
	return dst;
}

static struct dst_entry *xsctp_v6_find_any(struct sock *sk, struct xsctp_transport *t)
{
	struct xl4_addr any = xl4_addr_any();
	struct dst_entry *dst;

	if (xsctp_may_answer_as_called(t)) {
		dst = xsctp_v6_find(sk, t, &t->called);
		if (!IS_ERR(dst))
			return dst;
	}
	return xsctp_sk(sk)->nr_addresses ? xsctp_v6_find_bound(sk, t) : xsctp_v6_find(sk, t, &any);
}

static int xsctp_v6_route(struct sock *sk, struct xsctp_transport *t)
{
	struct dst_entry *dst;

	if (sk->sk_family != AF_INET6)
		return -EAFNOSUPPORT;
	dst = xsctp_v6_find_any(sk, t);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	t->dst = dst;
	t->dst_cookie = rt6_get_cookie((struct rt6_info *)dst);
	t->local = xl4_addr_v6(&t->fl6.saddr);
	return 0;
}

static unsigned int xsctp_v6_options_len(const struct sock *sk)
{
	const struct ipv6_txoptions *opt;
	unsigned int len;

	if (sk->sk_family != AF_INET6 || !rcu_access_pointer(inet6_sk(sk)->opt))
		return 0;
	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	len = opt ? opt->opt_nflen + opt->opt_flen : 0;
	rcu_read_unlock();
	return len;
}

static int xsctp_v6_xmit(struct sock *sk, struct sk_buff *skb, struct xsctp_transport *t)
{
	int tclass = xsctp_tos(t, inet6_sk(sk)->tclass) |
		     (XSCTP_SKB_CB(skb)->flags & INET_ECN_MASK);
	int err;

	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	skb_dst_set(skb, dst_clone(t->dst));
	rcu_read_lock();
	err = ip6_xmit(sk, skb, &t->fl6, t->fl6.flowi6_mark, rcu_dereference(inet6_sk(sk)->opt),
		       tclass, READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return err;
}

const struct xsctp_family xsctp_v6_family = {
	.v6 = true,
	.header_len = sizeof(struct ipv6hdr),
	.headroom = sizeof(struct ipv6hdr) + XSCTP_V6_JUMBO_LEN,
	.route = xsctp_v6_route,
	.options_len = xsctp_v6_options_len,
	.xmit = xsctp_v6_xmit,
};

/* ---------------------------------------------------------------------- input */

/*
 * RFC 4291 section 2.5.5.2: a mapped address stands for IPv4 and is not for the wire;
 * section 2.5.2: nobody can be answered at ::. Nor can a group.
 */
static bool xsctp_v6_bad_addresses(const struct ipv6hdr *hdr)
{
	return ipv6_addr_v4mapped(&hdr->saddr) || ipv6_addr_v4mapped(&hdr->daddr) ||
	       ipv6_addr_any(&hdr->saddr) || ipv6_addr_is_multicast(&hdr->saddr) ||
	       ipv6_addr_is_multicast(&hdr->daddr);
}

/**
 * xsctp_v6_rcv() - the handler of struct inet6_protocol
 * @skb: data at the transport header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xsctp_v6_rcv(struct sk_buff *skb)
{
	u8 number = skb_network_header(skb)[IP6CB(skb)->nhoff];
	struct xl4_space *space = xsctp_space(dev_net(skb->dev), number);

	if (!space || skb->pkt_type != PACKET_HOST || xsctp_v6_bad_addresses(ipv6_hdr(skb))) {
		xl4_drop(number, skb, XL4_DROP_BAD_HEADER);
		return 0;
	}
	return xsctp_rcv(space, skb);
}

/* --------------------------------------------------------------- ICMP errors */

static void xsctp_v6_redirect(const struct xsctp_icmp *icmp)
{
	struct net *net = dev_net(icmp->skb->dev);

	ip6_redirect(icmp->skb, net, icmp->skb->dev->ifindex, 0, sock_net_uid(net, NULL));
}

static void xsctp_v6_update_pmtu(const struct xsctp_icmp *icmp)
{
	struct net *net = dev_net(icmp->skb->dev);

	ip6_update_pmtu(icmp->skb, net, htonl(icmp->mtu), icmp->skb->dev->ifindex, 0,
			sock_net_uid(net, NULL));
}

static void xsctp_v6_understand(u8 type, u8 code, u32 info, struct xsctp_icmp *says)
{
	switch (type) {
	case ICMPV6_PKT_TOOBIG:
		if (info < IPV6_MIN_MTU)
			return;
		says->mtu = info;
		says->believed = xsctp_v6_update_pmtu;
		return;
	case ICMPV6_PARAMPROB:
		/* RFC 9260 section 10, ICMP6: an unrecognized next header: there is no SCTP. */
		says->no_protocol = code == ICMPV6_UNK_NEXTHDR;
		says->err = says->no_protocol ? ENOPROTOOPT : EPROTO;
		return;
	case NDISC_REDIRECT:
		says->believed = xsctp_v6_redirect;
		return;
	default:
		icmpv6_err_convert(type, code, &says->err);
		return;
	}
}

/**
 * xsctp_v6_err() - the err_handler of struct inet6_protocol
 * @skb: data at the quoted IP header
 * @opt: of the packet
 * @type: of ICMPv6
 * @code: likewise
 * @offset: of the quoted transport header
 * @info: the message's 32-bit field
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no association sent this.
 */
int xsctp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		 __be32 info)
{
	const u8 *quoted = skb->data + offset;
	struct net *net = dev_net(skb->dev);
	struct xsctp_icmp says = { .skb = skb };
	struct xl4_tuple tuple = xl4_v6_quoted(skb, quoted);
	int number, err = -ENOENT;

	if (xl4_addr_is_v4(&tuple.local) || xl4_addr_is_v4(&tuple.remote))
		return -ENOENT;
	xsctp_v6_understand(type, code, ntohl(info), &says);
	/* Under which of our numbers? The quoted header says so only if nothing precedes. */
	for (number = 0; err && number < XSCTP_SERVICES; number++)
		if (xsctp_net(net)->space[number].net)
			err = xsctp_err(&xsctp_net(net)->space[number], &tuple, quoted,
					max_t(int, skb_tail_pointer(skb) - quoted, 0),
					inet6_iif(skb), inet6_sdif(skb), &says);
	if (err)
		__ICMP6_INC_STATS(net, __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
	return err;
}
