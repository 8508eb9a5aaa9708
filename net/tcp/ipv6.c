// SPDX-License-Identifier: GPL-2.0
/* What is IPv6 about TCP. */

#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/transp_v6.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "tcp.h"

/* ------------------------------------------------------------ family's part */

static struct dst_entry *xtcp_v6_lookup_route(struct sock *sk, struct flowi6 *fl6)
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
static void xtcp_v6_set_route(struct sock *sk, struct dst_entry *dst)
{
	WRITE_ONCE(inet6_sk(sk)->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	sk_setup_caps(sk, dst);
}

static struct dst_entry *xtcp_v6_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, inet6_sk(sk)->dst_cookie);
	struct flowi6 fl6 = { };

	if (dst)
		return dst;
	dst = xtcp_v6_lookup_route(sk, &fl6);
	if (!IS_ERR(dst))
		xtcp_v6_set_route(sk, dst);
	return dst;
}

static int xtcp_v6_queue_xmit(struct sock *sk, struct sk_buff *skb)
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
	struct dst_entry *dst = xtcp_v6_route(sk);
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

static __sum16 xtcp_v6_pseudo(const struct sock *sk, unsigned int len, __wsum sum)
{
	return csum_ipv6_magic(&inet6_sk(sk)->saddr, &sk->sk_v6_daddr, len, sk->sk_protocol, sum);
}

static void xtcp_v6_options_len(const struct sock *sk, u16 *flat, u16 *fragmentable)
{
	const struct ipv6_txoptions *opt;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	*flat = opt ? opt->opt_nflen : 0;
	*fragmentable = opt ? opt->opt_flen : 0;
	rcu_read_unlock();
}

static int xtcp_v6_send_request(struct sock *sk, struct xtcp_request *request, struct sk_buff *skb)
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
		.tos = np->tclass,
		.hop_limit = np->hop_limit < 0 ? 0 : np->hop_limit,
	};

	tcp_hdr(skb)->check = csum_ipv6_magic(&reply.local.in6, &reply.remote.in6, skb->len,
					      reply.protocol, csum_partial(skb->data, skb->len, 0));
	return xl4_v6_reply(sock_net(sk), sk, skb, &reply);
}

static unsigned int xtcp_v6_request_mtu(struct sock *sk, const struct xtcp_request *request)
{
	struct flowi6 fl6 = {
		.flowi6_proto = sk->sk_protocol,
		.flowi6_oif = READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_mark = request->mark,
		.flowi6_uid = xl4_sock_uid(sk),
		.saddr = request->tuple.local.in6,
		.daddr = request->tuple.remote.in6,
	};
	struct dst_entry *dst;
	unsigned int mtu;

	if (!fl6.flowi6_oif && rt6_need_strict(&fl6.daddr))
		fl6.flowi6_oif = request->device;
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, NULL);
	if (IS_ERR(dst))
		return IPV6_MIN_MTU;
	mtu = dst_metric_advmss(dst) + sizeof(struct ipv6hdr) + XTCP_HEADER_LEN;
	dst_release(dst);
	return mtu;
}

static int xtcp_v6_adopt(struct sock *sk, struct sock *child, struct xtcp_request *request)
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
	dst = xtcp_v6_lookup_route(child, &fl6);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_set_txhash(child);
	child->sk_gso_type = xtcp_v6_family.gso_type | SKB_GSO_FRAGLIST;
	xtcp_v6_set_route(child, dst);
	xtcp_sync_mss(child, dst_mtu(dst));
	return 0;
}

const struct xtcp_family xtcp_v6_family = {
	.v6 = true,
	.header_len = sizeof(struct ipv6hdr),
	.default_mss = 1220,
	.gso_type = SKB_GSO_TCPV6,
	.route = xtcp_v6_route,
	.queue_xmit = xtcp_v6_queue_xmit,
	.pseudo = xtcp_v6_pseudo,
	.options_len = xtcp_v6_options_len,
	.send_request = xtcp_v6_send_request,
	.adopt = xtcp_v6_adopt,
	.request_mtu = xtcp_v6_request_mtu,
};

/* ------------------------------------------------------------------ connect */

/* To an IPv4 host by way of its mapped address (RFC 4291 section 2.5.5.2). */
static int xtcp_v6_connect_mapped(struct sock *sk, const struct sockaddr_in6 *sin6)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = sin6->sin6_port,
		.sin_addr.s_addr = sin6->sin6_addr.s6_addr32[3],
	};
	int err;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	tp->family = &xtcp_v4_family;
	err = xtcp_v4_connect(sk, (xl4_sockaddr_t *)&sin, sizeof(sin));
	if (err)
		tp->family = &xtcp_v6_family;
	else
		inet6_sk(sk)->saddr = sk->sk_v6_rcv_saddr;
	return err;
}

/* The device that a link-local peer is on. */
static int xtcp_v6_scope(struct sock *sk, const struct sockaddr_in6 *sin6, int len)
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
 * xtcp_v6_connect() - the connect of struct proto
 * @sk: AF_INET6; locked
 * @addr: the peer's
 * @len: of @addr
 *
 * Return: 0 or an error of connect(2).
 */
int xtcp_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
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
		return xtcp_v6_connect_mapped(sk, &sin6);
	/* BSD has it so: to any is to oneself. */
	if (ipv6_addr_any(&sin6.sin6_addr))
		sin6.sin6_addr = ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr) ?
				 (struct in6_addr) IN6ADDR_LOOPBACK_INIT : in6addr_loopback;
	if (ipv6_addr_is_multicast(&sin6.sin6_addr))
		return -ENETUNREACH;
	err = xtcp_v6_scope(sk, &sin6, len);
	if (err)
		return err;
	xtcp_sk(sk)->family = &xtcp_v6_family;
	sk->sk_v6_daddr = sin6.sin6_addr;
	inet->inet_dport = sin6.sin6_port;
	if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		fl6.saddr = sk->sk_v6_rcv_saddr;
	dst = xtcp_v6_lookup_route(sk, &fl6);
	if (IS_ERR(dst)) {
		err = PTR_ERR(dst);
		goto err_peer;
	}
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		sk->sk_v6_rcv_saddr = fl6.saddr;
	np->saddr = fl6.saddr;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	WRITE_ONCE(np->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	err = xtcp_connect(sk, dst);
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
 * xtcp_v6_do_rcv() - the backlog_rcv of struct proto: xtcp_do_rcv() by its family's
 *	name
 * @sk: locked
 * @skb: consumed
 *
 * Return: 0.
 */
int xtcp_v6_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	return xtcp_do_rcv(sk, skb);
}

/**
 * xtcp_v6_rcv() - the handler of struct inet6_protocol
 * @skb: data at the transport header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xtcp_v6_rcv(struct sk_buff *skb)
{
	struct xl4_space *space = &xtcp_net(dev_net(skb->dev))->space;
	const struct ipv6hdr *hdr = ipv6_hdr(skb);
	u8 number = skb_network_header(skb)[IP6CB(skb)->nhoff];

	if (skb->pkt_type != PACKET_HOST) {
		kfree_skb(skb);
		return 0;
	}
	if (!xtcp_take_header(space, skb, true))
		return 0;
	/*
	 * RFC 4291 section 2.5.5.2: such an address stands for IPv4 and is not for the wire;
	 * section 2.5.2: nobody can be answered there.
	 */
	hdr = ipv6_hdr(skb);
	if (ipv6_addr_v4mapped(&hdr->saddr) || ipv6_addr_v4mapped(&hdr->daddr) ||
	    ipv6_addr_any(&hdr->saddr)) {
		xl4_mib_inc(&space->mib[XL4_V6], XTCP_IN_ERRS);
		xl4_drop(number, skb, XL4_DROP_BAD_HEADER);
		return 0;
	}
	if (skb_checksum_init(skb, number, ip6_compute_pseudo) || skb_checksum_complete(skb))
		xtcp_bad_checksum(space, skb, true);
	else
		xtcp_rcv(space, skb);
	return 0;
}

/* --------------------------------------------------------------- ICMP errors */

static void xtcp_v6_judge(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th, u8 type,
			  u8 code, __be32 info)
{
	struct net *net = sock_net(sk);
	int err;

	if (type == NDISC_REDIRECT) {
		ip6_redirect(skb, net, skb->dev->ifindex, 0, xl4_sock_uid(sk));
	} else if (type == ICMPV6_PKT_TOOBIG) {
		ip6_update_pmtu(skb, net, info, skb->dev->ifindex, 0, xl4_sock_uid(sk));
		if (ntohl(info) >= IPV6_MIN_MTU)
			xtcp_icmp_too_big(sk, ntohl(info));
	} else {
		if (type == ICMPV6_DEST_UNREACH &&
		    (code == ICMPV6_NOROUTE || code == ICMPV6_ADDR_UNREACH))
			xtcp_path_interrupted(sk, ntohl(th->seq));
		icmpv6_err_convert(type, code, &err);
		xl4_v6_icmp_error(sk, skb, err, th->dest, ntohl(info), (const u8 *)th);
		xtcp_icmp_error(sk, err, inet6_test_bit(RECVERR6, sk));
	}
}

/**
 * xtcp_v6_err() - the err_handler of struct inet6_protocol
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
int xtcp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		__be32 info)
{
	const struct ipv6hdr *hdr = (const struct ipv6hdr *)skb->data;
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + offset);
	struct net *net = dev_net(skb->dev);
	struct xl4_tuple tuple = {
		.local = xl4_addr_v6(&hdr->saddr),
		.remote = xl4_addr_v6(&hdr->daddr),
		.local_port = th->source,
		.remote_port = th->dest,
	};
	bool plausible = false;
	struct sock *sk;

	if (ipv6_addr_v4mapped(&hdr->saddr) || ipv6_addr_v4mapped(&hdr->daddr))
		return -ENOENT;
	sk = xtcp_icmp_sock(&xtcp_net(net)->space, true, &tuple, inet6_iif(skb), inet6_sdif(skb));
	if (sk) {
		bh_lock_sock(sk);
		plausible = xtcp_icmp_plausible(sk, ntohl(th->seq));
		if (plausible)
			xtcp_v6_judge(sk, skb, th, type, code, info);
		bh_unlock_sock(sk);
		sock_put(sk);
	}
	if (plausible)
		return 0;
	__ICMP6_INC_STATS(net, __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
	return -ENOENT;
}
