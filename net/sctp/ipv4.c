// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about SCTP. */

#include <linux/icmp.h>
#include <linux/security.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "sctp.h"

/* --------------------------------------------------------------------- output */

/* With IP options a source route may lead elsewhere first. */
static __be32 xsctp_v4_first_hop(const struct sock *sk, __be32 daddr)
{
	const struct ip_options_rcu *opt;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt && opt->opt.srr)
		daddr = opt->opt.faddr;
	rcu_read_unlock();
	return daddr;
}

static struct rtable *xsctp_v4_find(struct sock *sk, struct xsctp_transport *t, __be32 saddr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &t->fl4;
	struct rtable *rt;

	flowi4_init_output(fl4, READ_ONCE(sk->sk_bound_dev_if), READ_ONCE(sk->sk_mark),
			   xsctp_tos(t, inet->tos) & INET_DSCP_MASK, ip_sock_rt_scope(sk),
			   sk->sk_protocol, inet_sk_flowi_flags(sk),
			   xsctp_v4_first_hop(sk, t->key.peer.quad[3]), saddr,
			   t->key.peer_port, t->key.local_port, xl4_sock_uid(sk));
	security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	rt = ip_route_output_flow(sock_net(sk), fl4, sk);
	if (IS_ERR(rt))
		return rt;
	/* RFC 9260 section 5.1.2: an address is one host's. */
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	return rt;
}

/* One of those that the endpoint is bound to; that of the route itself, if it is one. */
static struct rtable *xsctp_v4_find_bound(struct sock *sk, struct xsctp_transport *t)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	struct rtable *rt = xsctp_v4_find(sk, t, 0);
	struct xl4_addr own;
	unsigned int i;

	if (!IS_ERR(rt)) {
		own = xl4_addr_v4(t->fl4.saddr);
		if (xsctp_may_source(t, &own))
			return rt;
		ip_rt_put(rt);
	}
	rt = ERR_PTR(-EADDRNOTAVAIL);
	for (i = 0; i < sp->nr_addresses; i++) {
		if (!xl4_addr_is_v4(&sp->address[i]) || !xsctp_may_source(t, &sp->address[i]) ||
		    !xsctp_in_scope(&sp->address[i], &t->key.peer))
			continue;
		rt = xsctp_v4_find(sk, t, sp->address[i].quad[3]);
		if (!IS_ERR(rt))
			break;
	}
	return rt;
}

static struct rtable *xsctp_v4_find_any(struct sock *sk, struct xsctp_transport *t)
{
	struct rtable *rt;

	if (xsctp_may_answer_as_called(t)) {
		rt = xsctp_v4_find(sk, t, t->called.quad[3]);
		if (!IS_ERR(rt))
			return rt;
	}
	return xsctp_sk(sk)->nr_addresses ? xsctp_v4_find_bound(sk, t) : xsctp_v4_find(sk, t, 0);
}

static int xsctp_v4_route(struct sock *sk, struct xsctp_transport *t)
{
	struct rtable *rt = xsctp_v4_find_any(sk, t);

	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return PTR_ERR(rt);
	}
	t->dst = &rt->dst;
	t->dst_cookie = 0;
	t->local = xl4_addr_v4(t->fl4.saddr);
	return 0;
}

static unsigned int xsctp_v4_options_len(const struct sock *sk)
{
	const struct ip_options_rcu *opt;
	unsigned int len;

	if (likely(!rcu_access_pointer(inet_sk(sk)->inet_opt)))
		return 0;
	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	len = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	return len;
}

static int xsctp_v4_xmit(struct sock *sk, struct sk_buff *skb, struct xsctp_transport *t)
{
	u8 tos = xsctp_tos(t, inet_sk(sk)->tos) | (XSCTP_SKB_CB(skb)->flags & INET_ECN_MASK);

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_dst_set(skb, dst_clone(t->dst));
	return __ip_queue_xmit(sk, skb, flowi4_to_flowi(&t->fl4), tos);
}

const struct xsctp_family xsctp_v4_family = {
	.v6 = false,
	.header_len = sizeof(struct iphdr),
	.headroom = sizeof(struct iphdr),
	.route = xsctp_v4_route,
	.options_len = xsctp_v4_options_len,
	.xmit = xsctp_v4_xmit,
};

/* ---------------------------------------------------------------------- input */

/* RFC 9260 sections 5.1.2 and 8.4, rule 1: what is not from one host to one host is dropped. */
static bool xsctp_v4_to_many(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct rtable *rt = skb_rtable(skb);

	return skb->pkt_type != PACKET_HOST ||
	       (rt && rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) ||
	       ipv4_is_multicast(iph->saddr) || ipv4_is_lbcast(iph->saddr) ||
	       ipv4_is_zeronet(iph->saddr);
}

/**
 * xsctp_v4_rcv() - the handler of struct net_protocol
 * @skb: data at the transport header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xsctp_v4_rcv(struct sk_buff *skb)
{
	u8 number = ip_hdr(skb)->protocol;
	struct xl4_space *space = xsctp_space(dev_net(skb->dev), number);

	if (!space || xsctp_v4_to_many(skb)) {
		xl4_drop(number, skb, XL4_DROP_BAD_HEADER);
		return 0;
	}
	return xsctp_rcv(space, skb);
}

/* --------------------------------------------------------------- ICMP errors */

static void xsctp_v4_redirect(const struct xsctp_icmp *icmp)
{
	const struct iphdr *iph = (const struct iphdr *)icmp->skb->data;

	ipv4_redirect(icmp->skb, dev_net(icmp->skb->dev), 0, iph->protocol);
}

static void xsctp_v4_update_pmtu(const struct xsctp_icmp *icmp)
{
	const struct iphdr *iph = (const struct iphdr *)icmp->skb->data;

	ipv4_update_pmtu(icmp->skb, dev_net(icmp->skb->dev), icmp->mtu, 0, iph->protocol);
}

static void xsctp_v4_understand(const struct net *net, const struct icmphdr *icmp, u32 info,
				struct xsctp_icmp *says)
{
	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		if (icmp->code == ICMP_FRAG_NEEDED) {
			/* Whoever claims less would have us send a packet for each few octets. */
			if (info < IPV4_MIN_MTU)
				return;
			says->mtu = max_t(u32, info, net->ipv4.ip_rt_min_pmtu);
			says->believed = xsctp_v4_update_pmtu;
		} else if (icmp->code <= NR_ICMP_UNREACH) {
			says->err = icmp_err_convert[icmp->code].errno;
			says->no_protocol = icmp->code == ICMP_PROT_UNREACH;
		}
		return;
	case ICMP_PARAMETERPROB:
		says->err = EPROTO;
		return;
	case ICMP_TIME_EXCEEDED:
		/* RFC 9260 section 10, ICMP4 */
		says->err = EHOSTUNREACH;
		return;
	case ICMP_REDIRECT:
		says->believed = xsctp_v4_redirect;
		return;
	}
}

/**
 * xsctp_v4_err() - the err_handler of struct net_protocol
 * @skb: data at the quoted IP header, of which and 8 bytes more are there
 * @info: the error's, such as the MTU
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no association sent this.
 */
int xsctp_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const u8 *quoted = skb->data + iph->ihl * 4;
	struct net *net = dev_net(skb->dev);
	struct xl4_space *space = xsctp_space(net, iph->protocol);
	struct xsctp_icmp says = { .skb = skb };
	struct xl4_tuple tuple = xl4_v4_quoted(skb, quoted);
	int err = -ENOENT;

	xsctp_v4_understand(net, icmp_hdr(skb), info, &says);
	if (space)
		err = xsctp_err(space, &tuple, quoted, skb_tail_pointer(skb) - quoted,
				inet_iif(skb), inet_sdif(skb), &says);
	if (err)
		__ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
	return err;
}
