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

const struct xtcp_family xtcp_v6_family = {
	.v6 = true,
	.header_len = sizeof(struct ipv6hdr),
	.default_mss = 1220,
	.gso_type = SKB_GSO_TCPV6,
	.route = xl4_v6_route,
	.queue_xmit = xl4_v6_queue_xmit,
	.pseudo = xl4_v6_pseudo,
	.options_len = xl4_v6_options_len,
	.request_mtu = xtcp_v6_request_mtu,
};

/* ------------------------------------------------------------------ connect */

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
	return xl4_v6_connect(sk, addr, len, &xtcp_connect_ops);
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
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + offset);
	struct net *net = dev_net(skb->dev);
	struct xl4_tuple tuple = xl4_v6_quoted(skb, th);
	bool plausible = false;
	struct sock *sk;

	if (xl4_addr_is_v4(&tuple.local) || xl4_addr_is_v4(&tuple.remote))
		return -ENOENT;
	sk = xl4_lookup_connected(&xtcp_net(net)->space, XL4_V6, &tuple, inet6_iif(skb),
				  inet6_sdif(skb));
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
