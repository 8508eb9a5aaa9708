// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about TCP. */

#include <linux/icmp.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_hashtables.h>
#include <net/route.h>
#include <net/xfrm.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "tcp.h"

/* ------------------------------------------------------------ family's part */

/* Where ip_queue_xmit() finds the addresses of the connection. */
static struct flowi4 *xtcp_v4_flow(struct sock *sk)
{
	return &inet_sk(sk)->cork.fl.u.ip4;
}

static struct dst_entry *xtcp_v4_lookup_route(struct sock *sk, __be32 daddr, __be32 saddr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = xtcp_v4_flow(sk);
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

static struct dst_entry *xtcp_v4_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (dst)
		return dst;
	dst = xtcp_v4_lookup_route(sk, inet_sk(sk)->inet_daddr, inet_sk(sk)->inet_saddr);
	if (!IS_ERR(dst))
		sk_setup_caps(sk, dst);
	return dst;
}

static int xtcp_v4_queue_xmit(struct sock *sk, struct sk_buff *skb)
{
	return ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl);
}

static __sum16 xtcp_v4_pseudo(const struct sock *sk, unsigned int len, __wsum sum)
{
	return csum_tcpudp_magic(inet_sk(sk)->inet_saddr, inet_sk(sk)->inet_daddr, len,
				 sk->sk_protocol, sum);
}

static void xtcp_v4_options_len(const struct sock *sk, u16 *flat, u16 *fragmentable)
{
	const struct ip_options_rcu *opt;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	*flat = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	*fragmentable = 0;
}

static void xtcp_v4_request_reply(const struct sock *sk, const struct xtcp_request *request,
				  struct xl4_reply *reply)
{
	*reply = (struct xl4_reply) {
		.local = request->tuple.local,
		.remote = request->tuple.remote,
		.local_port = request->tuple.local_port,
		.remote_port = request->tuple.remote_port,
		.device = READ_ONCE(sk->sk_bound_dev_if),
		.mark = request->mark,
		.priority = READ_ONCE(sk->sk_priority),
		.uid = xl4_sock_uid(sk),
		.protocol = sk->sk_protocol,
		.tos = inet_sk(sk)->tos,
		.hop_limit = inet_sk(sk)->uc_ttl < 0 ? 0 : inet_sk(sk)->uc_ttl,
		.transparent = inet_sk_flowi_flags(sk) & FLOWI_FLAG_ANYSRC,
	};
}

static int xtcp_v4_send_request(struct sock *sk, struct xtcp_request *request, struct sk_buff *skb)
{
	struct xl4_reply reply;

	xtcp_v4_request_reply(sk, request, &reply);
	tcp_hdr(skb)->check = csum_tcpudp_magic(reply.local.quad[3], reply.remote.quad[3], skb->len,
						reply.protocol,
						csum_partial(skb->data, skb->len, 0));
	return xl4_v4_reply(sock_net(sk), sk, skb, &reply);
}

static unsigned int xtcp_v4_request_mtu(struct sock *sk, const struct xtcp_request *request)
{
	struct flowi4 fl4;
	struct rtable *rt;
	unsigned int mtu;

	flowi4_init_output(&fl4, READ_ONCE(sk->sk_bound_dev_if), request->mark, 0,
			   RT_SCOPE_UNIVERSE, sk->sk_protocol, inet_sk_flowi_flags(sk),
			   request->tuple.remote.quad[3], request->tuple.local.quad[3],
			   request->tuple.remote_port, request->tuple.local_port, xl4_sock_uid(sk));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return IPV4_MIN_MTU;
	mtu = dst_metric_advmss(&rt->dst) + sizeof(struct iphdr) + XTCP_HEADER_LEN;
	ip_rt_put(rt);
	return mtu;
}

static int xtcp_v4_adopt(struct sock *sk, struct sock *child, struct xtcp_request *request)
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
	dst = xtcp_v4_lookup_route(child, remote, local);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_set_txhash(child);
	child->sk_gso_type = xtcp_v4_family.gso_type | SKB_GSO_FRAGLIST;
	sk_setup_caps(child, dst);
	xtcp_sync_mss(child, dst_mtu(dst));
	return 0;
}

const struct xtcp_family xtcp_v4_family = {
	.v6 = false,
	.header_len = sizeof(struct iphdr),
	.default_mss = 536,
	.gso_type = SKB_GSO_TCPV4,
	.route = xtcp_v4_route,
	.queue_xmit = xtcp_v4_queue_xmit,
	.pseudo = xtcp_v4_pseudo,
	.options_len = xtcp_v4_options_len,
	.send_request = xtcp_v4_send_request,
	.adopt = xtcp_v4_adopt,
	.request_mtu = xtcp_v4_request_mtu,
};

/* ------------------------------------------------------------------ connect */

/**
 * xtcp_v4_connect() - the connect of struct proto
 * @sk: locked; AF_INET, or AF_INET6 with a mapped peer
 * @addr: the peer's
 * @len: of @addr
 *
 * Return: 0 or an error of connect(2).
 */
int xtcp_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
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
	dst = xtcp_v4_lookup_route(sk, sin->sin_addr.s_addr, inet->inet_saddr);
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
		inet->inet_saddr = xtcp_v4_flow(sk)->saddr;
	sk_rcv_saddr_set(sk, inet->inet_saddr);
	sk_daddr_set(sk, sin->sin_addr.s_addr ? sin->sin_addr.s_addr :
							      xtcp_v4_flow(sk)->daddr);
	err = xtcp_connect(sk, dst);
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
 * xtcp_v4_do_rcv() - the backlog_rcv of struct proto: xtcp_do_rcv() by its family's
 *	name
 * @sk: locked
 * @skb: consumed
 *
 * Return: 0.
 */
int xtcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	return xtcp_do_rcv(sk, skb);
}

/**
 * xtcp_v4_rcv() - the handler of struct net_protocol
 * @skb: data at the transport header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xtcp_v4_rcv(struct sk_buff *skb)
{
	struct xl4_space *space = &xtcp_net(dev_net(skb->dev))->space;
	u8 number = ip_hdr(skb)->protocol;

	if (skb->pkt_type != PACKET_HOST) {
		kfree_skb(skb);
		return 0;
	}
	if (!xtcp_take_header(space, skb, false))
		return 0;
	if (skb_checksum_init(skb, number, inet_compute_pseudo) || skb_checksum_complete(skb))
		xtcp_bad_checksum(space, skb, false);
	else
		xtcp_rcv(space, skb);
	return 0;
}

/* --------------------------------------------------------------- ICMP errors */

static void xtcp_v4_error(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th, int err)
{
	xl4_v4_icmp_error(sk, skb, err, th->dest, 0, (const u8 *)th);
	xtcp_icmp_error(sk, err, inet_test_bit(RECVERR, sk));
}

static void xtcp_v4_judge(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th, u32 info)
{
	const struct icmphdr *icmp = icmp_hdr(skb);
	const struct net *net = sock_net(sk);

	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		if (icmp->code == ICMP_FRAG_NEEDED) {
			if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT || info < IPV4_MIN_MTU)
				return;
			ipv4_update_pmtu(skb, sock_net(sk), info, sk->sk_bound_dev_if,
					 sk->sk_protocol);
			/* Whoever claims less would have us send a packet for each few octets. */
			xtcp_icmp_too_big(sk, max_t(u32, info, net->ipv4.ip_rt_min_pmtu));
		} else if (icmp->code <= NR_ICMP_UNREACH) {
			if (icmp->code == ICMP_NET_UNREACH || icmp->code == ICMP_HOST_UNREACH)
				xtcp_path_interrupted(sk, ntohl(th->seq));
			xtcp_v4_error(sk, skb, th, icmp_err_convert[icmp->code].errno);
		}
		return;
	case ICMP_PARAMETERPROB:
		xtcp_v4_error(sk, skb, th, EPROTO);
		return;
	case ICMP_TIME_EXCEEDED:
		xtcp_v4_error(sk, skb, th, EHOSTUNREACH);
		return;
	case ICMP_REDIRECT:
		ipv4_redirect(skb, sock_net(sk), sk->sk_bound_dev_if, sk->sk_protocol);
		return;
	}
}

/**
 * xtcp_v4_err() - the err_handler of struct net_protocol
 * @skb: data at the quoted IP header, of which and 8 bytes more are there
 * @info: the error's, such as the MTU
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no connection sent this.
 */
int xtcp_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + iph->ihl * 4);
	struct xl4_tuple tuple = {
		.local = xl4_addr_v4(iph->saddr),
		.remote = xl4_addr_v4(iph->daddr),
		.local_port = th->source,
		.remote_port = th->dest,
	};
	struct net *net = dev_net(skb->dev);
	bool plausible = false;
	struct sock *sk;

	sk = xtcp_icmp_sock(&xtcp_net(net)->space, false, &tuple, inet_iif(skb), inet_sdif(skb));
	if (sk) {
		bh_lock_sock(sk);
		plausible = xtcp_icmp_plausible(sk, ntohl(th->seq));
		if (plausible)
			xtcp_v4_judge(sk, skb, th, info);
		bh_unlock_sock(sk);
		sock_put(sk);
	}
	if (plausible)
		return 0;
	__ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
	return -ENOENT;
}
