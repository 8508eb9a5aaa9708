// SPDX-License-Identifier: GPL-2.0
/* The way to a socket's one peer: its route, and what IP puts in front of a packet. */

#include <linux/module.h>
#include <linux/security.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <xl4/compat.h>
#include <xl4/connect.h>
#include <xl4/ip.h>

#include "route.h"

/* --------------------------------------------------------------------- IPv4 */

/**
 * xl4_v4_find_route() - look up the route to a peer
 * @sk: its ports and options are set; locked
 * @daddr: the peer's
 * @saddr: ours; 0: the route says
 *
 * Fills in xl4_v4_flow(). With a source route the way is to its first hop.
 *
 * Return: the route, with a reference, or an error of connect(2).
 */
struct dst_entry *xl4_v4_find_route(struct sock *sk, __be32 daddr, __be32 saddr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = xl4_v4_flow(sk);
	struct ip_options_rcu *opt;
	struct rtable *rt;

	rcu_read_lock();
	opt = rcu_dereference(inet->inet_opt);
	if (opt && opt->opt.srr)
		daddr = opt->opt.faddr;
	rcu_read_unlock();
	flowi4_init_output(fl4, READ_ONCE(sk->sk_bound_dev_if), READ_ONCE(sk->sk_mark),
			   inet->tos & INET_DSCP_MASK, ip_sock_rt_scope(sk), sk->sk_protocol,
			   inet_sk_flowi_flags(sk), daddr, saddr, inet->inet_dport,
			   inet->inet_sport, xl4_sock_uid(sk));
	security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	rt = ip_route_output_flow(sock_net(sk), fl4, sk);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/**
 * xl4_v4_route() - the route to the peer, looked up anew if it is out of date
 * @sk: with an IPv4 peer; locked
 *
 * Return: the route, whose reference is the socket's; or an error.
 */
struct dst_entry *xl4_v4_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (dst)
		return dst;
	dst = xl4_v4_find_route(sk, inet_sk(sk)->inet_daddr, inet_sk(sk)->inet_saddr);
	if (!IS_ERR(dst))
		sk_setup_caps(sk, dst);
	return dst;
}
EXPORT_SYMBOL_GPL(xl4_v4_route);

/**
 * xl4_v4_queue_xmit() - send a packet to the peer
 * @sk: with an IPv4 peer; locked
 * @skb: data at the transport header, whose checksum is written; consumed
 *
 * Return: 0 or a negative errno.
 */
int xl4_v4_queue_xmit(struct sock *sk, struct sk_buff *skb)
{
	return ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl);
}
EXPORT_SYMBOL_GPL(xl4_v4_queue_xmit);

/**
 * xl4_v4_pseudo() - a checksum with that of the pseudo header
 * @sk: with an IPv4 peer
 * @len: of the transport header and what follows
 * @sum: over these, or 0
 *
 * RFC 9293 section 3.1, RFC 4340 section 9.1.
 *
 * Return: as it stands in the packet.
 */
__sum16 xl4_v4_pseudo(const struct sock *sk, unsigned int len, __wsum sum)
{
	return csum_tcpudp_magic(inet_sk(sk)->inet_saddr, inet_sk(sk)->inet_daddr, len,
				 sk->sk_protocol, sum);
}
EXPORT_SYMBOL_GPL(xl4_v4_pseudo);

/**
 * xl4_v4_options_len() - octets of the socket's IP options
 * @sk: with an IPv4 peer
 * @fragmentable: how many of these only the first fragment of a packet has; may be NULL
 *
 * Return: all of them.
 */
u16 xl4_v4_options_len(const struct sock *sk, u16 *fragmentable)
{
	const struct ip_options_rcu *opt;
	u16 len;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	len = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	if (fragmentable)
		*fragmentable = 0;
	return len;
}
EXPORT_SYMBOL_GPL(xl4_v4_options_len);

/* --------------------------------------------------------------------- IPv6 */

/**
 * xl4_v6_find_route() - xl4_v4_find_route() for IPv6
 * @sk: the peer's address and its ports and options are set; locked
 * @fl6: filled in; may name our address and the device
 *
 * Return: the route, with a reference, or an error of connect(2).
 */
struct dst_entry *xl4_v6_find_route(struct sock *sk, struct flowi6 *fl6)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct in6_addr *final;
	struct ipv6_txoptions *opt;
	struct dst_entry *dst;
	struct in6_addr last;

	fl6->flowi6_proto = sk->sk_protocol;
	fl6->daddr = sk->sk_v6_daddr;
	if (!ipv6_addr_any(&np->saddr))
		fl6->saddr = np->saddr;
	fl6->flowlabel = ip6_make_flowinfo(np->tclass, np->flow_label);
	if (!fl6->flowi6_oif)
		fl6->flowi6_oif = READ_ONCE(sk->sk_bound_dev_if);
	fl6->flowi6_mark = READ_ONCE(sk->sk_mark);
	fl6->flowi6_uid = xl4_sock_uid(sk);
	fl6->fl6_sport = inet_sk(sk)->inet_sport;
	fl6->fl6_dport = inet_sk(sk)->inet_dport;
	opt = txopt_get(np);
	final = xl4_v6_first_hop(fl6, opt, &last);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final);
	txopt_put(opt);
	return dst;
}

/**
 * xl4_v6_set_route() - the route is the socket's from here on
 * @sk: locked
 * @dst: with a reference
 */
void xl4_v6_set_route(struct sock *sk, struct dst_entry *dst)
{
	WRITE_ONCE(inet6_sk(sk)->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	sk_setup_caps(sk, dst);
}

/**
 * xl4_v6_route() - xl4_v4_route() for IPv6
 * @sk: with an IPv6 peer; locked
 *
 * Return: the route, whose reference is the socket's; or an error.
 */
struct dst_entry *xl4_v6_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, inet6_sk(sk)->dst_cookie);
	struct flowi6 fl6 = { };

	if (dst)
		return dst;
	dst = xl4_v6_find_route(sk, &fl6);
	if (!IS_ERR(dst))
		xl4_v6_set_route(sk, dst);
	return dst;
}
EXPORT_SYMBOL_GPL(xl4_v6_route);

/**
 * xl4_v6_queue_xmit() - xl4_v4_queue_xmit() for IPv6
 * @sk: with an IPv6 peer; locked
 * @skb: data at the transport header, whose checksum is written; consumed
 *
 * Return: 0 or a negative errno.
 */
int xl4_v6_queue_xmit(struct sock *sk, struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.flowi6_proto = sk->sk_protocol,
		.flowi6_oif = READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_uid = xl4_sock_uid(sk),
		.fl6_sport = inet_sk(sk)->inet_sport,
		.fl6_dport = inet_sk(sk)->inet_dport,
		.saddr = inet6_sk(sk)->saddr,
		.daddr = sk->sk_v6_daddr,
		.flowlabel = ip6_make_flowinfo(inet6_sk(sk)->tclass, inet6_sk(sk)->flow_label),
	};
	struct dst_entry *dst = xl4_v6_route(sk);
	int err;

	if (IS_ERR(dst)) {
		sk->sk_err_soft = -PTR_ERR(dst);
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	rcu_read_lock();
	skb_dst_set_noref(skb, dst);
	err = ip6_xmit(sk, skb, &fl6, fl6.flowi6_mark, rcu_dereference(inet6_sk(sk)->opt),
		       inet6_sk(sk)->tclass, READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(xl4_v6_queue_xmit);

/**
 * xl4_v6_pseudo() - xl4_v4_pseudo() for IPv6
 * @sk: with an IPv6 peer
 * @len: of the transport header and what follows
 * @sum: over these, or 0
 *
 * RFC 8200 section 8.1.
 *
 * Return: as it stands in the packet.
 */
__sum16 xl4_v6_pseudo(const struct sock *sk, unsigned int len, __wsum sum)
{
	return csum_ipv6_magic(&inet6_sk(sk)->saddr, &sk->sk_v6_daddr, len, sk->sk_protocol, sum);
}
EXPORT_SYMBOL_GPL(xl4_v6_pseudo);

/**
 * xl4_v6_options_len() - octets of the socket's extension headers
 * @sk: with an IPv6 peer
 * @fragmentable: how many of these only the first fragment of a packet has; may be NULL
 *
 * Return: all of them.
 */
u16 xl4_v6_options_len(const struct sock *sk, u16 *fragmentable)
{
	const struct ipv6_txoptions *opt;
	u16 all, first;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	first = opt ? opt->opt_flen : 0;
	all = opt ? opt->opt_nflen + first : 0;
	rcu_read_unlock();
	if (fragmentable)
		*fragmentable = first;
	return all;
}
EXPORT_SYMBOL_GPL(xl4_v6_options_len);
