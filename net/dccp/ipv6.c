// SPDX-License-Identifier: GPL-2.0
/* What is IPv6 about DCCP. */

#include <linux/icmpv6.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/transp_v6.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "dccp.h"

/* ------------------------------------------------------------ family's part */

static struct dst_entry *xdccp_v6_lookup_route(struct sock *sk, struct flowi6 *fl6)
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

/* The route is the socket's from here on. */
static void xdccp_v6_set_route(struct sock *sk, struct dst_entry *dst)
{
	WRITE_ONCE(inet6_sk(sk)->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	sk_setup_caps(sk, dst);
}

static struct dst_entry *xdccp_v6_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, inet6_sk(sk)->dst_cookie);
	struct flowi6 fl6 = { };

	if (dst)
		return dst;
	dst = xdccp_v6_lookup_route(sk, &fl6);
	if (!IS_ERR(dst))
		xdccp_v6_set_route(sk, dst);
	return dst;
}

static int xdccp_v6_queue_xmit(struct sock *sk, struct sk_buff *skb)
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
	struct dst_entry *dst = xdccp_v6_route(sk);
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

static __sum16 xdccp_v6_pseudo(const struct sock *sk, unsigned int len, __wsum sum)
{
	return csum_ipv6_magic(&inet6_sk(sk)->saddr, &sk->sk_v6_daddr, len, sk->sk_protocol, sum);
}

static u16 xdccp_v6_options_len(const struct sock *sk)
{
	const struct ipv6_txoptions *opt;
	u16 len;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	len = opt ? opt->opt_nflen + opt->opt_flen : 0;
	rcu_read_unlock();
	return len;
}

static int xdccp_v6_send_request(struct sock *sk, struct xdccp_request *request, struct sk_buff *skb)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	struct xl4_reply reply = {
		.local = request->tuple.local,
		.remote = request->tuple.remote,
		.local_port = request->tuple.local_port,
		.remote_port = request->tuple.remote_port,
		.device = READ_ONCE(sk->sk_bound_dev_if),
		.scope_device = request->device,
		.mark = request->mark,
		.priority = READ_ONCE(sk->sk_priority),
		.uid = xl4_sock_uid(sk),
		.protocol = sk->sk_protocol,
		.tos = np->tclass & ~INET_ECN_MASK,
		.hop_limit = np->hop_limit < 0 ? 0 : np->hop_limit,
	};

	return xdccp_reply(sock_net(sk), sk, skb, &reply, request->encap_port);
}

static int xdccp_v6_adopt(struct sock *sk, struct sock *child, struct xdccp_request *request)
{
	struct flowi6 fl6 = { };
	struct inet_sock *inet = inet_sk(child);
	struct ipv6_txoptions *opt;
	struct dst_entry *dst;

	child->sk_v6_daddr = request->tuple.remote.in6;
	child->sk_v6_rcv_saddr = request->tuple.local.in6;
	inet6_sk(child)->saddr = request->tuple.local.in6;
	inet->inet_sport = request->tuple.local_port;
	inet->inet_dport = request->tuple.remote_port;
	inet->inet_num = ntohs(request->tuple.local_port);
	inet->inet_saddr = LOOPBACK4_IPV6;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	inet->inet_daddr = LOOPBACK4_IPV6;
	if (ipv6_addr_type(&child->sk_v6_daddr) & IPV6_ADDR_LINKLOCAL)
		child->sk_bound_dev_if = request->device;
	opt = txopt_get(inet6_sk(sk));
	if (opt) {
		RCU_INIT_POINTER(inet6_sk(child)->opt, ipv6_dup_options(child, opt));
		txopt_put(opt);
	}
	dst = xdccp_v6_lookup_route(child, &fl6);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_set_txhash(child);
	xdccp_v6_set_route(child, dst);
	xdccp_sync_mps(child, dst_mtu(dst));
	return 0;
}

const struct xdccp_family xdccp_v6_family = {
	.v6 = true,
	.header_len = sizeof(struct ipv6hdr),
	.route = xdccp_v6_route,
	.queue_xmit = xdccp_v6_queue_xmit,
	.pseudo = xdccp_v6_pseudo,
	.options_len = xdccp_v6_options_len,
	.send_request = xdccp_v6_send_request,
	.adopt = xdccp_v6_adopt,
};

/* ------------------------------------------------------------------ connect */

/* To an IPv4 host by way of its mapped address (RFC 4291 section 2.5.5.2). */
static int xdccp_v6_connect_mapped(struct sock *sk, const struct sockaddr_in6 *sin6)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = sin6->sin6_port,
		.sin_addr.s_addr = sin6->sin6_addr.s6_addr32[3],
	};
	int err;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	dp->family = &xdccp_v4_family;
	err = xdccp_v4_connect(sk, (xl4_sockaddr_t *)&sin, sizeof(sin));
	if (err)
		dp->family = &xdccp_v6_family;
	else
		inet6_sk(sk)->saddr = sk->sk_v6_rcv_saddr;
	return err;
}

/* The device that a link-local peer is on. */
static int xdccp_v6_scope(struct sock *sk, const struct sockaddr_in6 *sin6, int len)
{
	if (!(ipv6_addr_type(&sin6->sin6_addr) & IPV6_ADDR_LINKLOCAL))
		return 0;
	if (len >= (int)sizeof(*sin6) && sin6->sin6_scope_id) {
		if (sk->sk_bound_dev_if && sk->sk_bound_dev_if != sin6->sin6_scope_id)
			return -EINVAL;
		sk->sk_bound_dev_if = sin6->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

/**
 * xdccp_v6_connect() - the connect of struct proto
 * @sk: AF_INET6; locked
 * @addr: the peer's
 * @len: of @addr
 *
 * Return: 0 or an error of connect(2).
 */
int xdccp_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
{
	struct sockaddr_in6 sin6 = { };
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	struct flowi6 fl6 = { };
	struct dst_entry *dst;
	int err;

	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	memcpy(&sin6, addr, min_t(size_t, len, sizeof(sin6)));
	if (sin6.sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (ipv6_addr_v4mapped(&sin6.sin6_addr))
		return xdccp_v6_connect_mapped(sk, &sin6);
	/* BSD has it so: to any is to oneself. */
	if (ipv6_addr_any(&sin6.sin6_addr))
		sin6.sin6_addr = ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr) ?
				 (struct in6_addr) IN6ADDR_LOOPBACK_INIT : in6addr_loopback;
	if (ipv6_addr_is_multicast(&sin6.sin6_addr))
		return -ENETUNREACH;
	err = xdccp_v6_scope(sk, &sin6, len);
	if (err)
		return err;
	xdccp_sk(sk)->family = &xdccp_v6_family;
	sk->sk_v6_daddr = sin6.sin6_addr;
	inet->inet_dport = sin6.sin6_port;
	if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		fl6.saddr = sk->sk_v6_rcv_saddr;
	dst = xdccp_v6_lookup_route(sk, &fl6);
	if (IS_ERR(dst)) {
		err = PTR_ERR(dst);
		goto err_peer;
	}
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		sk->sk_v6_rcv_saddr = fl6.saddr;
	np->saddr = fl6.saddr;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	WRITE_ONCE(np->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	err = xdccp_connect(sk, dst);
	if (!err)
		return 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
err_peer:
	inet->inet_dport = 0;
	sk->sk_route_caps = 0;
	return err;
}

/* -------------------------------------------------------------------- input */

/**
 * xdccp_v6_do_rcv() - the backlog_rcv of struct proto: xdccp_do_rcv() by its family's
 *	name
 * @sk: locked
 * @skb: consumed
 *
 * Return: 0.
 */
int xdccp_v6_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	return xdccp_do_rcv(sk, skb);
}

/* RFC 4340 section 9.1 */
static bool xdccp_v6_sum_is_right(const struct sk_buff *skb, u8 number, u32 covered)
{
	const struct ipv6hdr *hdr = ipv6_hdr(skb);

	return !csum_ipv6_magic(&hdr->saddr, &hdr->daddr, skb->len, number,
				skb_checksum(skb, 0, covered, 0));
}

/*
 * RFC 4291 section 2.5.5.2: such an address stands for IPv4 and is not for the wire; section
 * 2.5.2: nobody can be answered there.
 */
static bool xdccp_v6_is_from_nobody(const struct ipv6hdr *hdr)
{
	return ipv6_addr_v4mapped(&hdr->saddr) || ipv6_addr_v4mapped(&hdr->daddr) ||
	       ipv6_addr_any(&hdr->saddr);
}

/**
 * xdccp_v6_rcv() - the handler of struct inet6_protocol
 * @skb: data at the transport header; consumed
 *
 * RFC 4340 section 8.5, step 1. Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xdccp_v6_rcv(struct sk_buff *skb)
{
	u8 number = skb_network_header(skb)[IP6CB(skb)->nhoff];
	struct xl4_space *space = xdccp_space(dev_net(skb->dev), number);
	u32 covered;

	if (!space || skb->pkt_type != PACKET_HOST || xdccp_to_many(skb)) {
		kfree_skb(skb);
		return 0;
	}
	if (!xdccp_take_header(space, skb, true, &covered))
		return 0;
	if (xdccp_v6_is_from_nobody(ipv6_hdr(skb))) {
		xl4_mib_inc(&space->mib[XL4_V6], XDCCP_MIB_IN_ERRORS);
		xl4_drop(number, skb, XL4_DROP_BAD_HEADER);
	} else if (xdccp_v6_sum_is_right(skb, number, covered)) {
		xdccp_rcv(space, skb);
	} else {
		xdccp_bad_checksum(space, skb, true);
	}
	return 0;
}

/* --------------------------------------------------------------- ICMP errors */

static void xdccp_v6_judge(struct sock *sk, struct sk_buff *skb, const u8 *quoted, u8 type,
			   u8 code, __be32 info)
{
	struct net *net = sock_net(sk);
	int err;

	if (type == NDISC_REDIRECT) {
		ip6_redirect(skb, net, skb->dev->ifindex, 0, xl4_sock_uid(sk));
	} else if (type == ICMPV6_PKT_TOOBIG) {
		ip6_update_pmtu(skb, net, info, skb->dev->ifindex, 0, xl4_sock_uid(sk));
		if (ntohl(info) >= IPV6_MIN_MTU)
			xdccp_icmp_too_big(sk, ntohl(info));
	} else {
		icmpv6_err_convert(type, code, &err);
		xl4_v6_icmp_error(sk, skb, err, inet_sk(sk)->inet_dport, ntohl(info), quoted);
		xdccp_icmp_error(sk, err, inet6_test_bit(RECVERR6, sk));
	}
}

/* Under which of our numbers? The quoted header says so only if nothing precedes. */
static struct sock *xdccp_v6_err_sock(struct sk_buff *skb, const struct xl4_tuple *tuple)
{
	struct xdccp_net *xn = xdccp_net(dev_net(skb->dev));
	struct sock *sk = NULL;
	unsigned int i;

	for (i = 0; !sk && i < XDCCP_SERVICES; i++)
		if (xn->space[i].net)
			sk = xdccp_icmp_sock(&xn->space[i], true, tuple, inet6_iif(skb),
					     inet6_sdif(skb));
	return sk;
}

/**
 * xdccp_v6_err() - the err_handler of struct inet6_protocol
 * @skb: data at the quoted IP header
 * @opt: of the packet
 * @type: of ICMPv6
 * @code: likewise
 * @offset: of the quoted transport header
 * @info: the message's 32-bit field
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no connection sent this.
 */
int xdccp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		 __be32 info)
{
	struct net *net = dev_net(skb->dev);
	struct xdccp_header h = { };
	const struct ipv6hdr *hdr;
	struct xl4_tuple tuple;
	bool plausible = false;
	struct sock *sk = NULL;

	/* RFC 4340 section 14.1: an error that quotes no sequence number is believed by nobody. */
	if (!xdccp_icmp_quoted(skb, offset, &h)) {
		hdr = (const struct ipv6hdr *)skb->data;
		tuple = (struct xl4_tuple) {
			.local = xl4_addr_v6(&hdr->saddr),
			.remote = xl4_addr_v6(&hdr->daddr),
			.local_port = h.source,
			.remote_port = h.dest,
		};
		sk = xdccp_v6_err_sock(skb, &tuple);
	}
	if (sk) {
		bh_lock_sock(sk);
		plausible = xdccp_icmp_plausible(sk, h.seq, h.x);
		if (plausible)
			xdccp_v6_judge(sk, skb, skb->data + offset, type, code, info);
		bh_unlock_sock(sk);
		sock_put(sk);
	}
	if (plausible)
		return 0;
	__ICMP6_INC_STATS(net, __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
	return -ENOENT;
}
