// SPDX-License-Identifier: GPL-2.0
/*
 * The error queue of a socket (IP_RECVERR, IPV6_RECVERR): what the network or
 * this host had to say about a datagram that was sent.
 *
 * A queued error is a packet. Its network header is that of the ICMP message
 * (its source is the offender) or a blank one; SKB_EXT_ERR() tells how far
 * behind it the destination of the failed datagram stands; its data is what
 * is left of that datagram's payload.
 */

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <xl4/compat.h>
#include <xl4/ip.h>

/* Hand @skb over to the socket's error queue, or to the bin if that is full. */
static void error_queue(struct sock *sk, struct sk_buff *skb,
			const struct sock_extended_err *ee, u16 addr_offset, __be16 port)
{
	struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);

	serr->ee = *ee;
	serr->addr_offset = addr_offset;
	serr->port = port;
	serr->opt_stats = 0;
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* Queue a copy of the ICMP message @skb; @daddr stands in the packet it quotes. */
static void icmp_error_queue(struct sock *sk, struct sk_buff *skb,
			     const struct sock_extended_err *ee, const void *daddr,
			     __be16 port, const u8 *payload)
{
	u16 addr_offset = (const u8 *)daddr - skb_network_header(skb);
	unsigned int headers = payload - skb->data;
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (!copy)
		return;
	if (!skb_pull(copy, headers)) {
		kfree_skb(copy);
		return;
	}
	error_queue(sk, copy, ee, addr_offset, port);
}

/* A packet without data behind a blank network header. */
static struct sk_buff *blank_packet(unsigned int header_len, __be16 protocol)
{
	struct sk_buff *skb = alloc_skb(header_len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	skb_put_zero(skb, header_len);
	__skb_pull(skb, header_len);
	skb->protocol = protocol;
	return skb;
}

/**
 * xl4_v4_icmp_error() - queue an ICMP error on a socket
 * @sk: the socket whose datagram failed, of either family
 * @skb: the ICMP message as the protocol's err_handler gets it: network header
 *	at its IPv4 header, transport header at the ICMP header, data at the
 *	quoted IPv4 header; not changed
 * @err: what it means, a positive errno
 * @port: destination port of the quoted packet
 * @info: for EMSGSIZE the path MTU in octets, else 0
 * @payload: behind the quoted transport header, within the linear part of @skb
 *
 * Does nothing unless the socket set IP_RECVERR. The error is charged to the
 * socket's receive buffer and dropped when that is full; the reader is woken.
 * inet_recv_error() gives it to the program as ip(7) says: ee_origin
 * SO_EE_ORIGIN_ICMP, type and code of the message, its sender as the offender.
 *
 * Context: softirq or process context; any socket lock or none.
 */
void xl4_v4_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		       u32 info, const u8 *payload)
{
	const struct iphdr *quoted = (const struct iphdr *)skb->data;
	const struct sock_extended_err ee = {
		.ee_errno	= err,
		.ee_origin	= SO_EE_ORIGIN_ICMP,
		.ee_type	= icmp_hdr(skb)->type,
		.ee_code	= icmp_hdr(skb)->code,
		.ee_info	= info,
	};

	if (inet_test_bit(RECVERR, sk))
		icmp_error_queue(sk, skb, &ee, &quoted->daddr, port, payload);
}
EXPORT_SYMBOL_GPL(xl4_v4_icmp_error);

/**
 * xl4_v6_icmp_error() - queue an ICMPv6 error on a socket
 * @sk: the socket whose datagram failed
 * @skb: the ICMPv6 message as the protocol's err_handler gets it: network
 *	header at its IPv6 header, transport header at the ICMPv6 header, data at
 *	the quoted IPv6 header; not changed
 * @err: what it means, a positive errno
 * @port: destination port of the quoted packet
 * @info: the message's 32-bit field in host order: for EMSGSIZE the path MTU
 * @payload: behind the quoted transport header, within the linear part of @skb
 *
 * As xl4_v4_icmp_error(), for IPV6_RECVERR and with SO_EE_ORIGIN_ICMP6;
 * ipv6_recv_error() reads it.
 *
 * Context: softirq or process context; any socket lock or none.
 */
void xl4_v6_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		       u32 info, const u8 *payload)
{
	const struct ipv6hdr *quoted = (const struct ipv6hdr *)skb->data;
	const struct sock_extended_err ee = {
		.ee_errno	= err,
		.ee_origin	= SO_EE_ORIGIN_ICMP6,
		.ee_type	= icmp6_hdr(skb)->icmp6_type,
		.ee_code	= icmp6_hdr(skb)->icmp6_code,
		.ee_info	= info,
	};

	if (inet6_test_bit(RECVERR6, sk))
		icmp_error_queue(sk, skb, &ee, &quoted->daddr, port, payload);
}
EXPORT_SYMBOL_GPL(xl4_v6_icmp_error);

/**
 * xl4_v4_local_error() - queue an error that this host itself found
 * @sk: the socket whose datagram failed, of either family
 * @err: a positive errno, EMSGSIZE for example
 * @daddr: where the datagram should have gone
 * @port: and to which port
 * @info: for EMSGSIZE the path MTU in octets, else 0
 *
 * Does nothing unless the socket set IP_RECVERR. ee_origin is
 * SO_EE_ORIGIN_LOCAL, there is no offender and no payload (ip(7)).
 *
 * Context: any; allocates atomically. Without memory the error is lost.
 */
void xl4_v4_local_error(struct sock *sk, int err, __be32 daddr, __be16 port, u32 info)
{
	const struct sock_extended_err ee = {
		.ee_errno	= err,
		.ee_origin	= SO_EE_ORIGIN_LOCAL,
		.ee_info	= info,
	};
	struct sk_buff *skb;

	if (!inet_test_bit(RECVERR, sk))
		return;
	skb = blank_packet(sizeof(struct iphdr), htons(ETH_P_IP));
	if (!skb)
		return;
	ip_hdr(skb)->daddr = daddr;
	error_queue(sk, skb, &ee, offsetof(struct iphdr, daddr), port);
}
EXPORT_SYMBOL_GPL(xl4_v4_local_error);

/**
 * xl4_v6_local_error() - queue an error that this host itself found
 * @sk: the socket whose datagram failed
 * @err: a positive errno, EMSGSIZE for example
 * @fl6: the datagram's flow: its final destination, port and device
 * @info: for EMSGSIZE the path MTU in octets, else 0
 *
 * As xl4_v4_local_error(), for IPV6_RECVERR.
 *
 * Context: any; allocates atomically. Without memory the error is lost.
 */
void xl4_v6_local_error(struct sock *sk, int err, const struct flowi6 *fl6, u32 info)
{
	const struct sock_extended_err ee = {
		.ee_errno	= err,
		.ee_origin	= SO_EE_ORIGIN_LOCAL,
		.ee_info	= info,
	};
	struct sk_buff *skb;

	if (!inet6_test_bit(RECVERR6, sk))
		return;
	skb = blank_packet(sizeof(struct ipv6hdr), htons(ETH_P_IPV6));
	if (!skb)
		return;
	ipv6_hdr(skb)->daddr = fl6->daddr;
	/* For the scope of a link-local destination. */
	IP6CB(skb)->iif = fl6->flowi6_oif;
	error_queue(sk, skb, &ee, offsetof(struct ipv6hdr, daddr), fl6->fl6_dport);
}
EXPORT_SYMBOL_GPL(xl4_v6_local_error);

/**
 * xl4_v6_local_rxpmtu() - tell a socket the path MTU that its datagram exceeds
 * @sk: the sending socket
 * @fl6: the datagram's flow: its final destination and device
 * @mtu: the path MTU in octets
 *
 * RFC 3542 section 11.3: if the socket set IPV6_RECVPATHMTU, its next receive
 * returns no data but an IPV6_PATHMTU control message: see
 * xl4_v6_recv_rxpmtu(). Of several only the last is kept.
 *
 * Context: any; allocates atomically. Without memory the news is lost.
 */
void xl4_v6_local_rxpmtu(struct sock *sk, const struct flowi6 *fl6, u32 mtu)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct sk_buff *skb;

	if (!np->rxopt.bits.rxpmtu)
		return;
	skb = blank_packet(sizeof(struct ipv6hdr), htons(ETH_P_IPV6));
	if (!skb)
		return;
	*IP6CBMTU(skb) = (struct ip6_mtuinfo) {
		.ip6m_addr.sin6_family	 = AF_INET6,
		.ip6m_addr.sin6_addr	 = fl6->daddr,
		.ip6m_addr.sin6_scope_id = ipv6_iface_scope_id(&fl6->daddr, fl6->flowi6_oif),
		.ip6m_mtu		 = mtu,
	};
	/* Whoever takes a packet out of the place owns it: no lock is needed. */
	consume_skb(xchg(&np->rxpmtu, skb));
}
EXPORT_SYMBOL_GPL(xl4_v6_local_rxpmtu);

/**
 * xl4_v6_recv_rxpmtu() - receive what xl4_v6_local_rxpmtu() left
 * @sk: the receiving socket, IPv6
 * @msg: the message that recvmsg() fills: its name, if it wants one, becomes the
 *	destination; its control data gets IPV6_PATHMTU, a struct ip6_mtuinfo
 *
 * For the start of recvmsg(), which is over, without data, when there was news.
 * RFC 3542 section 11.3.
 *
 * Context: process context. Needs no lock.
 * Return: true if there was news and the socket wants it.
 */
bool xl4_v6_recv_rxpmtu(struct sock *sk, struct msghdr *msg)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct ip6_mtuinfo info;
	struct sk_buff *skb;

	if (!READ_ONCE(np->rxpmtu) || !np->rxopt.bits.rxpmtu)
		return false;
	skb = xchg(&np->rxpmtu, NULL);
	if (!skb)
		return false;
	info = *IP6CBMTU(skb);
	consume_skb(skb);

	if (msg->msg_name) {
		memcpy(msg->msg_name, &info.ip6m_addr, sizeof(info.ip6m_addr));
		msg->msg_namelen = sizeof(info.ip6m_addr);
	}
	put_cmsg(msg, SOL_IPV6, IPV6_PATHMTU, sizeof(info), &info);
	return true;
}
EXPORT_SYMBOL_GPL(xl4_v6_recv_rxpmtu);
