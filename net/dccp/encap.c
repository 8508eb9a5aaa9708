// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP in UDP (RFC 6773), for NATs that know of nothing else: a UDP socket of the kernel's own for
 * each family, at a port that the namespace's settings name, whose datagrams are DCCP's packets.
 *
 * UDP's checksum does for DCCP's; UDP's ports are part of a connection beside DCCP's.
 */

#include <linux/icmp.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>
#include <xl4/ip.h>

#include "dccp.h"

struct xdccp_encap {
	__be16		port;
	struct socket	*sock[XL4_FAMILIES];
};

/* -------------------------------------------------------------------- input */

static bool xdccp_encap_connected(struct xl4_space *space, const struct xl4_tuple *tuple,
				  struct sk_buff *skb)
{
	struct xl4_entry *entry;

	entry = xl4_lookup_connection(space, xdccp_family_of(skb)->v6 ? XL4_V6 : XL4_V4, tuple,
				      xdccp_device_of(skb), xdccp_l3_device_of(skb));
	if (!entry)
		return false;
	if (entry->kind == XL4_SOCKET)
		sock_put(xl4_binding_of(entry)->sk);
	else
		xl4_entry_put(entry);
	return true;
}

static bool xdccp_encap_listening(struct xl4_space *space, const struct xl4_tuple *tuple,
				  struct sk_buff *skb)
{
	struct sock *sk = xl4_lookup_listener(space, xdccp_family_of(skb)->v6 ? XL4_V6 : XL4_V4,
					      tuple, xdccp_device_of(skb), xdccp_l3_device_of(skb),
					      skb, 0);

	if (sk)
		sock_put(sk);
	return sk;
}

/*
 * In UDP there is no number to tell 33 from our own: a connection of either, else a listener;
 * where both have one, it is our own's.
 */
static struct xl4_space *xdccp_encap_space(struct net *net, struct sk_buff *skb)
{
	struct xdccp_net *xn = xdccp_net(net);
	struct xl4_space *own = &xn->space[XDCCP_OWN], *iana = &xn->space[XDCCP_IANA];
	struct xl4_tuple tuple;

	if (!iana->net)
		return own;
	xdccp_tuple_of(skb, &tuple);
	if (xdccp_encap_connected(own, &tuple, skb))
		return own;
	if (xdccp_encap_connected(iana, &tuple, skb))
		return iana;
	if (xdccp_encap_listening(own, &tuple, skb) || !xdccp_encap_listening(iana, &tuple, skb))
		return own;
	return iana;
}

/* An ICMP error about a datagram of ours: for UDP there is nothing to do. Softirq, likewise. */
static int xdccp_encap_err(struct sock *udp, struct sk_buff *skb)
{
	unsigned int at = skb_transport_offset(skb) + sizeof(struct udphdr);
	u16 transport = skb->transport_header;
	__be16 port = udp_hdr(skb)->dest;

	/* Both ICMP's headers are of eight octets, in front of what they quote. */
	skb_set_transport_header(skb, -(int)sizeof(struct icmphdr));
	if (xdccp_family_of(skb)->v6)
		xdccp_v6_encap_err(skb, at, port);
	else
		xdccp_v4_encap_err(skb, at, port);
	skb->transport_header = transport;
	return 0;
}

/* A datagram at our port. It is ours, whatever it is: 0. Softirq, under rcu_read_lock(). */
static int xdccp_encap_rcv(struct sock *udp, struct sk_buff *skb)
{
	struct xl4_space *space;
	bool v6 = xdccp_family_of(skb)->v6, summed = udp_hdr(skb)->check;
	__be16 port = udp_hdr(skb)->source;
	u32 covered;

	/* RFC 6773 section 3.3: without UDP's checksum there is none. */
	if (!summed || skb->pkt_type != PACKET_HOST ||
	    (v6 && xdccp_v6_is_from_nobody(ipv6_hdr(skb))) ||
	    !pskb_may_pull(skb, sizeof(struct udphdr) + XDCCP_MIN_HEADER_LEN)) {
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, sizeof(struct udphdr));
	skb_reset_transport_header(skb);
	space = xdccp_encap_space(sock_net(udp), skb);
	if (!xdccp_take_header(space, skb, v6, &covered))
		return 0;
	XDCCP_SKB_CB(skb)->encapsulated = true;
	XDCCP_SKB_CB(skb)->encap_port = port;
	/* It covers all. */
	XDCCP_SKB_CB(skb)->cscov = 0;
	xl4_mib_inc(&space->mib[v6], XDCCP_MIB_IN_ENCAPSULATED);
	xdccp_rcv(space, skb);
	return 0;
}

/* ------------------------------------------------------------------- output */

static void xdccp_encap_push(struct sk_buff *skb, const struct xl4_reply *reply)
{
	struct udphdr *uh;
	__wsum sum;

	uh = __skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = reply->local_port;
	uh->dest = reply->remote_port;
	uh->len = htons(skb->len);
	uh->check = 0;
	sum = skb_checksum(skb, 0, skb->len, 0);
	if (xl4_addr_is_v4(&reply->remote))
		uh->check = csum_tcpudp_magic(reply->local.quad[3], reply->remote.quad[3],
					      skb->len, IPPROTO_UDP, sum);
	else
		uh->check = csum_ipv6_magic(&reply->local.in6, &reply->remote.in6, skb->len,
					    IPPROTO_UDP, sum);
	uh->check = uh->check ? : CSUM_MANGLED_0;
	skb->ip_summed = CHECKSUM_NONE;
}

/**
 * xdccp_encap_reply() - send a packet in UDP
 * @net: the namespace
 * @sk: the socket it is charged to; NULL: none
 * @skb: data at DCCP's header, all but the checksum is written; consumed
 * @reply: addresses and what else the IP header says
 * @port: the peer's UDP port
 *
 * Return: 0 or a negative errno; -ENETUNREACH if there is no UDP any more.
 */
int xdccp_encap_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		      const struct xl4_reply *reply, __be16 port)
{
	struct xl4_reply outer = *reply;

	outer.protocol = IPPROTO_UDP;
	outer.local_port = htons(READ_ONCE(xdccp_net(net)->set.encap_port));
	outer.remote_port = port;
	if (!outer.local_port) {
		kfree_skb(skb);
		return -ENETUNREACH;
	}
	*(__sum16 *)(skb->data + XDCCP_CHECKSUM_OFFSET) = 0;
	xdccp_encap_push(skb, &outer);
	return xl4_reply(net, sk, skb, &outer);
}

static void xdccp_encap_addresses(const struct sock *sk, struct xl4_reply *reply)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (xdccp_sk(sk)->family->v6) {
		reply->local = xl4_addr_v6(&inet6_sk(sk)->saddr);
		reply->remote = xl4_addr_v6(&sk->sk_v6_daddr);
		reply->tos = inet6_sk(sk)->tclass;
		reply->hop_limit = max_t(int, inet6_sk(sk)->hop_limit, 0);
	} else {
		reply->local = xl4_addr_v4(inet->inet_saddr);
		reply->remote = xl4_addr_v4(inet->inet_daddr);
		reply->tos = inet->tos;
		reply->hop_limit = max_t(int, inet->uc_ttl, 0);
	}
}

/**
 * xdccp_encap_xmit() - send a connection's packet in UDP
 * @sk: the sender, locked
 * @skb: data at DCCP's header; consumed
 *
 * Return: 0 or a negative errno.
 */
int xdccp_encap_xmit(struct sock *sk, struct sk_buff *skb)
{
	struct xl4_reply reply = {
		.device = READ_ONCE(sk->sk_bound_dev_if),
		.mark = READ_ONCE(sk->sk_mark),
		.priority = READ_ONCE(sk->sk_priority),
		.uid = xl4_sock_uid(sk),
	};

	xdccp_encap_addresses(sk, &reply);
	xdccp_count(sk, XDCCP_MIB_OUT_ENCAPSULATED);
	return xdccp_encap_reply(sock_net(sk), sk, skb, &reply, xdccp_sk(sk)->encap_port);
}

/* ------------------------------------------------------------- UDP's sockets */

static int xdccp_encap_bind(struct socket *sock, bool v6, __be16 port)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = port };

	if (!v6)
		return kernel_bind(sock, (xl4_sockaddr_t *)&sin, sizeof(sin));
	sock->sk->sk_ipv6only = true;
	return kernel_bind(sock, (xl4_sockaddr_t *)&sin6, sizeof(sin6));
}

static int xdccp_encap_socket(struct net *net, bool v6, __be16 port, struct socket **res)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(net, v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return err;
	err = xdccp_encap_bind(sock, v6, port);
	if (err) {
		sock_release(sock);
		return err;
	}
	sock->sk->sk_allocation = GFP_ATOMIC;
	WRITE_ONCE(udp_sk(sock->sk)->encap_type, 1);
	WRITE_ONCE(udp_sk(sock->sk)->encap_rcv, xdccp_encap_rcv);
	WRITE_ONCE(udp_sk(sock->sk)->encap_err_lookup, xdccp_encap_err);
	udp_tunnel_encap_enable(sock->sk);
	*res = sock;
	return 0;
}

static void xdccp_encap_free(struct xdccp_encap *encap)
{
	unsigned int v6;

	for (v6 = 0; v6 < XL4_FAMILIES; v6++) {
		if (!encap->sock[v6])
			continue;
		kernel_sock_shutdown(encap->sock[v6], SHUT_RDWR);
		sock_release(encap->sock[v6]);
	}
	kfree(encap);
}

/**
 * xdccp_encap_close() - no more DCCP in UDP
 * @net: the namespace; nobody else opens or closes
 *
 * What was in the middle of it is over when this returns. Process context, sleeps.
 */
void xdccp_encap_close(struct net *net)
{
	struct xdccp_net *xn = xdccp_net(net);
	struct xdccp_encap *encap = rcu_dereference_protected(xn->encap, true);

	if (!encap)
		return;
	RCU_INIT_POINTER(xn->encap, NULL);
	xdccp_encap_free(encap);
	synchronize_net();
}

/**
 * xdccp_encap_open() - DCCP in UDP from now on
 * @net: the namespace; nobody else opens or closes
 * @port: of UDP; 0: none
 *
 * What there was is closed. Process context, sleeps.
 *
 * Return: 0 or a negative errno: then there is none, or what there was.
 */
int xdccp_encap_open(struct net *net, __be16 port)
{
	struct xdccp_net *xn = xdccp_net(net);
	struct xdccp_encap *encap;
	unsigned int v6;
	int err = 0;

	if (!port) {
		xdccp_encap_close(net);
		return 0;
	}
	encap = kzalloc(sizeof(*encap), GFP_KERNEL);
	if (!encap)
		return -ENOMEM;
	encap->port = port;
	for (v6 = 0; !err && v6 < XL4_FAMILIES; v6++) {
		err = xdccp_encap_socket(net, v6, port, &encap->sock[v6]);
		/* There may be no IPv6. */
		if (v6 && err == -EAFNOSUPPORT)
			err = 0;
	}
	if (err) {
		xdccp_encap_free(encap);
		return err;
	}
	xdccp_encap_close(net);
	rcu_assign_pointer(xn->encap, encap);
	return 0;
}
