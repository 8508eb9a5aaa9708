// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about DCCP. */

#include <linux/icmp.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/route.h>
#include <net/xfrm.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "dccp.h"

/* ------------------------------------------------------------ family's part */

/* Where ip_queue_xmit() finds the addresses of the connection. */
static struct flowi4 *xdccp_v4_flow(struct sock *sk)
{
	return &inet_sk(sk)->cork.fl.u.ip4;
}

static struct dst_entry *xdccp_v4_lookup_route(struct sock *sk, __be32 daddr, __be32 saddr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = xdccp_v4_flow(sk);
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

static struct dst_entry *xdccp_v4_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (dst)
		return dst;
	dst = xdccp_v4_lookup_route(sk, inet_sk(sk)->inet_daddr, inet_sk(sk)->inet_saddr);
	if (!IS_ERR(dst))
		sk_setup_caps(sk, dst);
	return dst;
}

static int xdccp_v4_queue_xmit(struct sock *sk, struct sk_buff *skb)
{
	return ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl);
}

static __sum16 xdccp_v4_pseudo(const struct sock *sk, unsigned int len, __wsum sum)
{
	return csum_tcpudp_magic(inet_sk(sk)->inet_saddr, inet_sk(sk)->inet_daddr, len,
				 sk->sk_protocol, sum);
}

static u16 xdccp_v4_options_len(const struct sock *sk)
{
	const struct ip_options_rcu *opt;
	u16 len;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	len = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	return len;
}

static int xdccp_v4_send_request(struct sock *sk, struct xdccp_request *request,
				 struct sk_buff *skb)
{
	struct xl4_reply reply = {
		.local = request->tuple.local,
		.remote = request->tuple.remote,
		.local_port = request->tuple.local_port,
		.remote_port = request->tuple.remote_port,
		.device = READ_ONCE(sk->sk_bound_dev_if),
		.mark = request->mark,
		.priority = READ_ONCE(sk->sk_priority),
		.uid = xl4_sock_uid(sk),
		.protocol = sk->sk_protocol,
		.tos = inet_sk(sk)->tos & ~INET_ECN_MASK,
		.hop_limit = inet_sk(sk)->uc_ttl < 0 ? 0 : inet_sk(sk)->uc_ttl,
		.transparent = inet_sk_flowi_flags(sk) & FLOWI_FLAG_ANYSRC,
	};

	return xdccp_reply(sock_net(sk), sk, skb, &reply, request->encap_port);
}

static int xdccp_v4_adopt(struct sock *sk, struct sock *child, struct xdccp_request *request)
{
	__be32 local = request->tuple.local.quad[3], remote = request->tuple.remote.quad[3];
	struct inet_sock *inet = inet_sk(child);
	struct dst_entry *dst;

	inet->inet_saddr = local;
	inet->inet_rcv_saddr = local;
	inet->inet_daddr = remote;
	inet->inet_sport = request->tuple.local_port;
	inet->inet_dport = request->tuple.remote_port;
	inet->inet_num = ntohs(request->tuple.local_port);
	if (child->sk_family == AF_INET6) {
		ipv6_addr_set_v4mapped(local, &child->sk_v6_rcv_saddr);
		ipv6_addr_set_v4mapped(remote, &child->sk_v6_daddr);
		inet6_sk(child)->saddr = child->sk_v6_rcv_saddr;
	}
	dst = xdccp_v4_lookup_route(child, remote, local);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_set_txhash(child);
	sk_setup_caps(child, dst);
	xdccp_sync_mps(child, dst_mtu(dst));
	return 0;
}

const struct xdccp_family xdccp_v4_family = {
	.v6 = false,
	.header_len = sizeof(struct iphdr),
	.route = xdccp_v4_route,
	.queue_xmit = xdccp_v4_queue_xmit,
	.pseudo = xdccp_v4_pseudo,
	.options_len = xdccp_v4_options_len,
	.send_request = xdccp_v4_send_request,
	.adopt = xdccp_v4_adopt,
};

/* ------------------------------------------------------------------ connect */

/**
 * xdccp_v4_connect() - the connect of struct proto
 * @sk: locked; AF_INET, or AF_INET6 with a mapped peer
 * @addr: the peer's
 * @len: of @addr
 *
 * Return: 0 or an error of connect(2).
 */
int xdccp_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)addr;
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst;
	int err;

	if (len < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	inet->inet_dport = sin->sin_port;
	dst = xdccp_v4_lookup_route(sk, sin->sin_addr.s_addr, inet->inet_saddr);
	if (IS_ERR(dst)) {
		if (PTR_ERR(dst) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		inet->inet_dport = 0;
		return PTR_ERR(dst);
	}
	if (dst_rtable(dst)->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		dst_release(dst);
		inet->inet_dport = 0;
		return -ENETUNREACH;
	}
	if (!inet->inet_saddr)
		inet->inet_saddr = xdccp_v4_flow(sk)->saddr;
	sk_rcv_saddr_set(sk, inet->inet_saddr);
	sk_daddr_set(sk, sin->sin_addr.s_addr ? sin->sin_addr.s_addr : xdccp_v4_flow(sk)->daddr);
	err = xdccp_connect(sk, dst);
	if (err) {
		inet->inet_dport = 0;
		sk->sk_route_caps = 0;
		if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
			inet_reset_saddr(sk);
	}
	return err;
}

/* -------------------------------------------------------------------- input */

/**
 * xdccp_v4_do_rcv() - the backlog_rcv of struct proto: xdccp_do_rcv() by its family's name
 * @sk: locked
 * @skb: consumed
 *
 * Return: 0.
 */
int xdccp_v4_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	return xdccp_do_rcv(sk, skb);
}

/* RFC 4340 section 9.1 */
static bool xdccp_v4_sum_is_right(const struct sk_buff *skb, u8 number, u32 covered)
{
	const struct iphdr *iph = ip_hdr(skb);

	return !csum_tcpudp_magic(iph->saddr, iph->daddr, skb->len, number,
				  skb_checksum(skb, 0, covered, 0));
}

/**
 * xdccp_v4_rcv() - the handler of struct net_protocol
 * @skb: data at the transport header; consumed
 *
 * RFC 4340 section 8.5, step 1. Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xdccp_v4_rcv(struct sk_buff *skb)
{
	u8 number = ip_hdr(skb)->protocol;
	struct xl4_space *space = xdccp_space(dev_net(skb->dev), number);
	u32 covered;

	if (!space || skb->pkt_type != PACKET_HOST || xdccp_to_many(skb)) {
		kfree_skb(skb);
		return 0;
	}
	if (!xdccp_take_header(space, skb, false, &covered))
		return 0;
	if (xdccp_v4_sum_is_right(skb, number, covered))
		xdccp_rcv(space, skb);
	else
		xdccp_bad_checksum(space, skb, false);
	return 0;
}

/* --------------------------------------------------------------- ICMP errors */

static void xdccp_v4_error(struct sock *sk, struct sk_buff *skb, const u8 *quoted, int err)
{
	xl4_v4_icmp_error(sk, skb, err, inet_sk(sk)->inet_dport, 0, quoted);
	xdccp_icmp_error(sk, err, inet_test_bit(RECVERR, sk));
}

static void xdccp_v4_judge(struct sock *sk, struct sk_buff *skb, const u8 *quoted, u32 info)
{
	const struct icmphdr *icmp = icmp_hdr(skb);
	const struct net *net = sock_net(sk);

	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		if (icmp->code == ICMP_FRAG_NEEDED) {
			if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT ||
			    info < IPV4_MIN_MTU)
				return;
			ipv4_update_pmtu(skb, sock_net(sk), info, sk->sk_bound_dev_if,
					 sk->sk_protocol);
			xdccp_icmp_too_big(sk, max_t(u32, info, net->ipv4.ip_rt_min_pmtu));
		} else if (icmp->code <= NR_ICMP_UNREACH) {
			xdccp_v4_error(sk, skb, quoted, icmp_err_convert[icmp->code].errno);
		}
		return;
	case ICMP_PARAMETERPROB:
		xdccp_v4_error(sk, skb, quoted, EPROTO);
		return;
	case ICMP_TIME_EXCEEDED:
		xdccp_v4_error(sk, skb, quoted, EHOSTUNREACH);
		return;
	case ICMP_REDIRECT:
		ipv4_redirect(skb, sock_net(sk), sk->sk_bound_dev_if, sk->sk_protocol);
		return;
	}
}

/**
 * xdccp_v4_err() - the err_handler of struct net_protocol
 * @skb: data at the quoted IP header, of which and 8 bytes more are there
 * @info: the error's, such as the MTU
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no connection sent this.
 */
int xdccp_v4_err(struct sk_buff *skb, u32 info)
{
	unsigned int at = ((const struct iphdr *)skb->data)->ihl * 4;
	struct net *net = dev_net(skb->dev);
	struct xdccp_header h = { };
	const struct iphdr *iph;
	struct xl4_space *space;
	struct xl4_tuple tuple;
	bool plausible = false;
	struct sock *sk = NULL;

	/* RFC 4340 section 14.1: an error that quotes no sequence number is believed by nobody. */
	if (!xdccp_icmp_quoted(skb, at, &h)) {
		iph = (const struct iphdr *)skb->data;
		tuple = (struct xl4_tuple) {
			.local = xl4_addr_v4(iph->saddr),
			.remote = xl4_addr_v4(iph->daddr),
			.local_port = h.source,
			.remote_port = h.dest,
		};
		space = xdccp_space(net, iph->protocol);
		if (space)
			sk = xdccp_icmp_sock(space, false, &tuple, inet_iif(skb), inet_sdif(skb));
	}
	if (sk) {
		bh_lock_sock(sk);
		plausible = xdccp_icmp_plausible(sk, h.seq, h.x);
		if (plausible)
			xdccp_v4_judge(sk, skb, skb->data + at, info);
		bh_unlock_sock(sk);
		sock_put(sk);
	}
	if (plausible)
		return 0;
	__ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
	return -ENOENT;
}
