// SPDX-License-Identifier: GPL-2.0
/* What is IPv6 about DCCP. */

#include <linux/icmpv6.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/transp_v6.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "dccp.h"

/* ------------------------------------------------------------ family's part */

const struct xdccp_family xdccp_v6_family = {
	.v6 = true,
	.header_len = sizeof(struct ipv6hdr),
	.route = xl4_v6_route,
	.queue_xmit = xl4_v6_queue_xmit,
	.pseudo = xl4_v6_pseudo,
	.options_len = xl4_v6_options_len,
};

/* ------------------------------------------------------------------ connect */

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
	return xl4_v6_connect(sk, addr, len, &xdccp_connect_ops);
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

/* Under which of our numbers? The quoted header says so only if nothing precedes; in UDP none. */
static struct sock *xdccp_v6_err_sock(struct sk_buff *skb, const struct xl4_tuple *tuple)
{
	struct xdccp_net *xn = xdccp_net(dev_net(skb->dev));
	struct sock *sk = NULL;
	unsigned int i;

	for (i = 0; !sk && i < XDCCP_SERVICES; i++)
		if (xn->space[i].net)
			sk = xl4_lookup_connected(&xn->space[i], XL4_V6, tuple, inet6_iif(skb),
						  inet6_sdif(skb));
	return sk;
}

/* About one of our connections, in UDP with this port of the peer's, or in none? */
static bool xdccp_v6_err_of(struct sk_buff *skb, unsigned int at, __be16 encap_port, u8 type,
			    u8 code, __be32 info)
{
	struct xdccp_header h = { };
	struct xl4_tuple tuple;
	bool plausible;
	struct sock *sk;

	/* RFC 4340 section 14.1: an error that quotes no sequence number is believed by nobody. */
	if (xdccp_icmp_quoted(skb, at, &h))
		return false;
	tuple = xl4_v6_quoted(skb, skb->data + at);
	sk = xdccp_v6_err_sock(skb, &tuple);
	if (!sk)
		return false;
	bh_lock_sock(sk);
	plausible = xdccp_sk(sk)->encap_port == encap_port && xdccp_icmp_plausible(sk, h.seq, h.x);
	if (plausible)
		xdccp_v6_judge(sk, skb, skb->data + at, type, code, info);
	bh_unlock_sock(sk);
	sock_put(sk);
	return plausible;
}

/**
 * xdccp_v6_encap_err() - xdccp_v4_encap_err() for IPv6
 * @skb: data at the quoted IP header; the transport header is ICMPv6's
 * @at: where DCCP's quoted header is
 * @port: the peer's UDP port
 */
void xdccp_v6_encap_err(struct sk_buff *skb, unsigned int at, __be16 port)
{
	const struct icmp6hdr *icmp = icmp6_hdr(skb);
	u8 type = icmp->icmp6_type, code = icmp->icmp6_code;

	/* Of a Redirect, which is UDP's to follow, the option stands there that quotes (RFC 4861
	 * section 4.6.3). It has the type of Parameter Problem.
	 */
	if (type == ICMPV6_PARAMPROB)
		return;
	xdccp_v6_err_of(skb, at, port, type, code, icmp->icmp6_dataun.un_data32[0]);
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

	if (xdccp_v6_err_of(skb, offset, 0, type, code, info))
		return 0;
	__ICMP6_INC_STATS(net, __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
	return -ENOENT;
}
