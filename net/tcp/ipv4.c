// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about TCP. */

#include <linux/icmp.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "tcp.h"

/* ------------------------------------------------------------ family's part */

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

const struct xtcp_family xtcp_v4_family = {
	.v6 = false,
	.header_len = sizeof(struct iphdr),
	.default_mss = 536,
	.gso_type = SKB_GSO_TCPV4,
	.route = xl4_v4_route,
	.queue_xmit = xl4_v4_queue_xmit,
	.pseudo = xl4_v4_pseudo,
	.options_len = xl4_v4_options_len,
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
	return xl4_v4_connect(sk, addr, len, &xtcp_connect_ops);
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
			if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT ||
			    info < IPV4_MIN_MTU)
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
	struct xl4_tuple tuple = xl4_v4_quoted(skb, th);
	struct net *net = dev_net(skb->dev);
	bool plausible = false;
	struct sock *sk;

	sk = xl4_lookup_connected(&xtcp_net(net)->space, XL4_V4, &tuple, inet_iif(skb),
				  inet_sdif(skb));
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
