// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about DCCP. */

#include <linux/icmp.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "dccp.h"

/* ------------------------------------------------------------ family's part */

const struct xdccp_family xdccp_v4_family = {
	.v6 = false,
	.header_len = sizeof(struct iphdr),
	.route = xl4_v4_route,
	.queue_xmit = xl4_v4_queue_xmit,
	.pseudo = xl4_v4_pseudo,
	.options_len = xl4_v4_options_len,
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
	return xl4_v4_connect(sk, addr, len, &xdccp_connect_ops);
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

/* About a connection of a space's, in UDP with this port of the peer's, or in none? */
static bool xdccp_v4_err_of(struct xl4_space *space, struct sk_buff *skb, unsigned int at,
			    __be16 encap_port, u32 info)
{
	struct xdccp_header h = { };
	struct xl4_tuple tuple;
	bool plausible;
	struct sock *sk;

	/* RFC 4340 section 14.1: an error that quotes no sequence number is believed by nobody. */
	if (xdccp_icmp_quoted(skb, at, &h))
		return false;
	tuple = xl4_v4_quoted(skb, skb->data + at);
	sk = xl4_lookup_connected(space, XL4_V4, &tuple, inet_iif(skb), inet_sdif(skb));
	if (!sk)
		return false;
	bh_lock_sock(sk);
	plausible = xdccp_sk(sk)->encap_port == encap_port && xdccp_icmp_plausible(sk, h.seq, h.x);
	if (plausible)
		xdccp_v4_judge(sk, skb, skb->data + at, info);
	bh_unlock_sock(sk);
	sock_put(sk);
	return plausible;
}

/**
 * xdccp_v4_encap_err() - an ICMP error about a packet in UDP
 * @skb: data at the quoted IP header; the transport header is ICMP's
 * @at: where DCCP's quoted header is
 * @port: the peer's UDP port
 *
 * RFC 6773 section 3.6. Softirq, under rcu_read_lock().
 */
void xdccp_v4_encap_err(struct sk_buff *skb, unsigned int at, __be16 port)
{
	struct xdccp_net *xn = xdccp_net(dev_net(skb->dev));
	u32 info = ntohs(icmp_hdr(skb)->un.frag.mtu);
	unsigned int i;

	for (i = 0; i < XDCCP_SERVICES; i++)
		if (xn->space[i].net && xdccp_v4_err_of(&xn->space[i], skb, at, port, info))
			return;
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
	u8 number = ((const struct iphdr *)skb->data)->protocol;
	struct net *net = dev_net(skb->dev);
	struct xl4_space *space = xdccp_space(net, number);

	if (space && xdccp_v4_err_of(space, skb, at, 0, info))
		return 0;
	__ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
	return -ENOENT;
}
