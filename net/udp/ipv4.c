// SPDX-License-Identifier: GPL-2.0
/* What is IPv4 about UDP. */

#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_dscp.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/xfrm.h>
#include <xl4/ip.h>

#include "udp.h"

static void xudp_v4_too_big(struct sock *sk, const struct xudp_tx *tx, unsigned int mtu)
{
	xl4_v4_local_error(sk, EMSGSIZE, tx->flow.u.ip4.daddr, tx->dest_port, mtu);
}

/**
 * xudp_v4_pseudo() - a checksum's last step, over the pseudo-header
 * @tx: addresses of the datagram
 * @protocol: IP protocol number
 * @len: of the datagram, header included
 * @sum: of header and data, or what is covered of them
 *
 * RFC 768.
 *
 * Return: the checksum, folded and complemented.
 */
__sum16 xudp_v4_pseudo(const struct xudp_tx *tx, u8 protocol, unsigned int len, __wsum sum)
{
	return csum_tcpudp_magic(tx->flow.u.ip4.saddr, tx->flow.u.ip4.daddr, len, protocol, sum);
}

/* RFC 1191 section 6: fragments only where the path is not to be probed. */
static __be16 xudp_v4_df(struct sock *sk, const struct sk_buff *skb, unsigned int headers)
{
	const struct dst_entry *dst = skb_dst(skb);
	u8 discovery = READ_ONCE(inet_sk(sk)->pmtudisc);
	bool fits = skb_is_gso(skb) || skb->len + headers <= dst_mtu(dst);

	if (discovery == IP_PMTUDISC_DO || discovery == IP_PMTUDISC_PROBE ||
	    (fits && ip_dont_fragment(sk, dst)))
		return htons(IP_DF);
	return 0;
}

/**
 * xudp_v4_xmit() - put the IP header in front of a datagram and send it
 * @sk: the sender
 * @skb: data at the UDP header; has its route; consumed
 * @tx: addresses and options
 *
 * Return: as ip_local_out().
 */
int xudp_v4_xmit(struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx)
{
	unsigned int headers = sizeof(struct iphdr) + tx->options_len;
	const struct flowi4 *fl4 = &tx->flow.u.ip4;
	struct net *net = sock_net(sk);
	struct iphdr *iph;
	__be16 df;

	df = xudp_v4_df(sk, skb, headers);
	skb->ignore_df = tx->may_fragment;
	__skb_push(skb, headers);
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	iph->version = 4;
	iph->ihl = headers / 4;
	iph->tos = tx->tos;
	iph->frag_off = df;
	iph->ttl = tx->hop_limit;
	iph->protocol = sk->sk_protocol;
	iph->saddr = fl4->saddr;
	iph->daddr = fl4->daddr;
	if (tx->opt4) {
		iph->daddr = tx->opt4->opt.srr ? tx->opt4->opt.faddr : fl4->daddr;
		xl4_v4_options_build(skb, &tx->opt4->opt, fl4->daddr, fl4->saddr);
	}
	ip_select_ident_segs(net, skb, sk, skb_shinfo(skb)->gso_segs ?: 1);
	return ip_local_out(net, sk, skb);
}

static void xudp_v4_addresses(const struct xudp_tx *tx, struct xl4_addr *source,
			      struct xl4_addr *dest)
{
	*source = xl4_addr_v4(tx->flow.u.ip4.saddr);
	*dest = xl4_addr_v4(tx->flow.u.ip4.daddr);
}

static const struct xudp_family xudp_v4_family = {
	.v6 = false,
	.header_len = sizeof(struct iphdr),
	.too_big = xudp_v4_too_big,
	.addresses = xudp_v4_addresses,
};

/* The destination that the program names, or else the peer. */
static int xudp_v4_dest(const struct sock *sk, const struct msghdr *msg, struct xudp_dest *dest)
{
	const struct sockaddr_in *sin = msg->msg_name;

	if (sin) {
		if (msg->msg_namelen < sizeof(*sin))
			return -EINVAL;
		if (sin->sin_family != AF_INET && sin->sin_family != AF_UNSPEC)
			return -EAFNOSUPPORT;
		dest->v4 = sin->sin_addr.s_addr;
		dest->port = sin->sin_port;
		dest->connected = false;
	} else {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		dest->v4 = READ_ONCE(inet_sk(sk)->inet_daddr);
		dest->port = READ_ONCE(inet_sk(sk)->inet_dport);
		/* What control messages ask for may need another route. */
		dest->connected = !msg->msg_controllen;
	}
	return dest->port ? 0 : -EINVAL;
}

/* Options are at most 40 bytes (RFC 791). */
#define XUDP_V4_OPTIONS_SIZE (sizeof(struct ip_options_rcu) + 40)

/* IP_OPTIONS of the socket, unless the message brought its own. */
static void xudp_v4_sticky_options(const struct sock *sk, struct ip_options_rcu *copy,
				   struct ipcm_cookie *ipc)
{
	const struct ip_options_rcu *opt;

	if (ipc->opt || !rcu_access_pointer(inet_sk(sk)->inet_opt))
		return;
	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt) {
		memcpy(copy, opt, sizeof(*opt) + opt->opt.optlen);
		ipc->opt = copy;
	}
	rcu_read_unlock();
}

/* IP_MULTICAST_IF and IP_UNICAST_IF, where nothing else names a device. */
static void xudp_v4_choose_device(const struct sock *sk, struct ipcm_cookie *ipc, __be32 daddr)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (ipv4_is_multicast(daddr)) {
		if (!ipc->oif)
			ipc->oif = READ_ONCE(inet->mc_index);
		if (!ipc->addr)
			ipc->addr = READ_ONCE(inet->mc_addr);
	} else if (!ipc->oif) {
		ipc->oif = READ_ONCE(inet->uc_index);
	}
}

static struct rtable *xudp_v4_lookup_route(struct sock *sk, struct flowi4 *fl4)
{
	struct rtable *rt;

	security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	rt = ip_route_output_flow(sock_net(sk), fl4, sk);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return rt;
	}
	if (rt->rt_flags & RTCF_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	return rt;
}

/* Of an AF_INET6 socket it may be that to an IPv6 peer, which it got meanwhile or has lost. */
static struct rtable *xudp_v4_connected_route(struct sock *sk)
{
	struct dst_entry *dst = sk_dst_check(sk, 0);

	if (dst && unlikely(dst->ops->family != AF_INET)) {
		dst_release(dst);
		return NULL;
	}
	return dst_rtable(dst);
}

/* Find the way to @dest; addresses and route go into @tx. */
static int xudp_v4_route(struct sock *sk, const struct msghdr *msg, struct xudp_dest *dest,
			 struct ipcm_cookie *ipc, struct xudp_tx *tx)
{
	struct flowi4 *fl4 = &tx->flow.u.ip4;
	u8 scope = ip_sock_rt_scope(sk);
	struct rtable *rt = NULL;
	__be32 hop = dest->v4;

	if (ipc->opt && ipc->opt->opt.srr) {
		if (!hop)
			return -EINVAL;
		hop = ipc->opt->opt.faddr;
		dest->connected = false;
	}
	if (msg->msg_flags & MSG_DONTROUTE || (ipc->opt && ipc->opt->opt.is_strictroute))
		scope = RT_SCOPE_LINK;
	if (ipv4_is_multicast(hop) || scope == RT_SCOPE_LINK)
		dest->connected = false;
	xudp_v4_choose_device(sk, ipc, hop);

	flowi4_init_output(fl4, ipc->oif, ipc->sockc.mark, tx->tos & INET_DSCP_MASK, scope,
			   sk->sk_protocol, inet_sk_flowi_flags(sk), hop, ipc->addr,
			   dest->port, READ_ONCE(inet_sk(sk)->inet_sport), xl4_sock_uid(sk));
	if (dest->connected)
		rt = xudp_v4_connected_route(sk);
	if (!rt) {
		rt = xudp_v4_lookup_route(sk, fl4);
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		if (dest->connected)
			sk_dst_set(sk, dst_clone(&rt->dst));
	}
	/* The options carry the rest of a source route, the header its end. */
	if (hop != dest->v4)
		fl4->daddr = dest->v4;
	tx->dst = &rt->dst;
	return 0;
}

static u8 xudp_v4_ttl(const struct sock *sk, const struct ipcm_cookie *ipc,
		      const struct dst_entry *dst)
{
	const struct inet_sock *inet = inet_sk(sk);
	int ttl;

	if (ipc->ttl)
		return ipc->ttl;
	if (dst_rtable(dst)->rt_type == RTN_MULTICAST)
		return READ_ONCE(inet->mc_ttl);
	ttl = READ_ONCE(inet->uc_ttl);
	return ttl < 0 ? ip4_dst_hoplimit(dst) : ttl;
}

static int xudp_v4_send(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_dest *dest,
			struct ipcm_cookie *ipc)
{
	struct xudp_tx tx;
	int err;

	tx.family = &xudp_v4_family;
	tx.gso_size = ipc->gso_size;
	tx.dest_port = dest->port;
	tx.opt4 = ipc->opt;
	tx.opt6 = NULL;
	tx.tos = ipc->tos == -1 ? READ_ONCE(inet_sk(sk)->tos) : ipc->tos;
	err = xudp_v4_route(sk, msg, dest, ipc, &tx);
	if (err)
		return xudp_no_room(sk, &tx, err);
	tx.sockc = ipc->sockc;
	tx.priority = xl4_ipcm_tx_priority(sk, ipc);
	tx.options_len = ipc->opt ? ipc->opt->opt.optlen : 0;
	tx.mtu = ip_sk_use_pmtu(sk) ? dst_mtu(tx.dst) : READ_ONCE(tx.dst->dev->mtu);
	tx.may_fragment = ip_sk_ignore_df(sk);
	tx.hop_limit = xudp_v4_ttl(sk, ipc, tx.dst);

	if (unlikely(msg->msg_flags & MSG_CONFIRM))
		dst_confirm_neigh(tx.dst, &tx.flow.u.ip4.daddr);
	if (!(msg->msg_flags & MSG_PROBE) || len)
		err = xudp_send_or_cork(sk, msg, len, &tx);
	dst_release(tx.dst);
	return err;
}

/**
 * xudp_sendmsg() - send a datagram over IPv4: the sendmsg of struct proto
 * @sk: the sender, bound; not locked
 * @msg: address, control messages, data and flags of sendmsg(2)
 * @len: bytes of data
 *
 * Also for an AF_INET6 socket that sends to an IPv4-mapped address. Process
 * context.
 *
 * Return: @len, or an error of send(2).
 */
int xudp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct ip_options_rcu *own_options = NULL;
	u8 sticky[XUDP_V4_OPTIONS_SIZE] __aligned(__alignof__(struct ip_options_rcu));
	struct ipcm_cookie ipc;
	struct xudp_dest dest;
	bool pending;
	int err;

	if (len > XUDP_MAX_LEN)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = xudp_cork_continue(sk, msg, len, &pending);
	if (pending)
		return err ? : len;
	err = xudp_v4_dest(sk, msg, &dest);
	if (err)
		return err;

	ipcm_init_sk(&ipc, inet_sk(sk));
	ipc.gso_size = READ_ONCE(xudp_sk(sk)->gso_size);
	if (msg->msg_controllen) {
		err = xudp_cmsg_segment(msg, &ipc.gso_size);
		if (!err)
			err = xl4_v4_cmsg_send(sk, msg, &ipc, sk->sk_family == AF_INET6);
		own_options = ipc.opt;
	}
	if (!err) {
		xudp_v4_sticky_options(sk, (struct ip_options_rcu *)sticky, &ipc);
		err = xudp_v4_send(sk, msg, len, &dest, &ipc);
	}
	kfree(own_options);
	return err ? : len;
}

/**
 * xudp_v4_connect() - give an AF_INET socket a peer: the connect of struct proto
 * @sk: bound; not locked
 * @addr: the peer's
 * @len: of @addr
 *
 * Process context.
 *
 * Return: 0 or an error of connect(2).
 */
int xudp_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
{
	return xudp_connect(sk, addr, len, __ip4_datagram_connect);
}

static bool xudp_v4_mcast_allow(const struct sock *sk, const struct xudp_mcast *mcast)
{
	return xl4_v4_mc_allow(sk, mcast->tuple.local.quad[3], mcast->tuple.remote.quad[3],
			       mcast->device, mcast->l3_device);
}

static void xudp_v4_no_socket(struct sk_buff *skb, struct xl4_space *space)
{
	if (!xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb)) {
		xudp_discard(skb, space, false, XUDP_IN_ERRORS);
		return;
	}
	nf_reset_ct(skb);
	if (xudp_csum_bad(skb)) {
		xudp_discard(skb, space, false, XUDP_IN_CSUM_ERRORS);
		return;
	}
	/* RFC 1122 section 4.1.3.1 */
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	xudp_discard(skb, space, false, XUDP_NO_PORTS);
}

/**
 * xudp_rcv() - take a packet from IPv4: the handler of struct net_protocol
 * @skb: data at the transport header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0: the packet is dealt with.
 */
int xudp_rcv(struct sk_buff *skb)
{
	struct xl4_space *space = xudp_space(dev_net(skb->dev), ip_hdr(skb)->protocol);
	struct xudp_header header;
	struct xl4_tuple tuple;
	const struct iphdr *iph;
	struct sock *sk;

	if (unlikely(!space)) {
		kfree_skb(skb);
		return 0;
	}
	skb = xudp_take_header(skb, space, false, &header);
	if (!skb)
		return 0;
	iph = ip_hdr(skb);
	if (!xudp_csum_known(skb, &header))
		xudp_csum_init(skb, csum_tcpudp_nofold(iph->saddr, iph->daddr, skb->len,
						       iph->protocol, 0));
	tuple.local = xl4_addr_v4(iph->daddr);
	tuple.remote = xl4_addr_v4(iph->saddr);
	tuple.local_port = header.dest;
	tuple.remote_port = header.source;

	if (skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		struct xudp_mcast mcast = {
			.space = space,
			.family = XL4_V4,
			.tuple = tuple,
			.device = inet_iif(skb),
			.l3_device = inet_sdif(skb),
			.skb = skb,
			.allow = xudp_v4_mcast_allow,
		};

		xudp_mcast_deliver(&mcast);
		return 0;
	}
	sk = xl4_lookup(space, XL4_V4, &tuple, inet_iif(skb), inet_sdif(skb), skb,
			XUDP_HEADER_LEN);
	if (unlikely(!sk)) {
		xudp_v4_no_socket(skb, space);
		return 0;
	}
	xudp_rcv_skb(sk, skb);
	sock_put(sk);
	return 0;
}

/* What an ICMP error means for a socket: RFC 1122 section 4.1.3.3, ip(7). */
struct xudp_verdict {
	int	err;
	bool	hard;	/* a connected socket is told without asking */
	bool	ignore;
};

/* Lower the path's MTU, and let the socket's own route know (IP_MTU). */
static void xudp_v4_path_mtu(struct sock *sk, struct sk_buff *skb, u32 mtu)
{
	ipv4_update_pmtu(skb, sock_net(sk), mtu, READ_ONCE(sk->sk_bound_dev_if), sk->sk_protocol);
	bh_lock_sock(sk);
	/* An owner does the same when it releases the socket. */
	if (!sock_owned_by_user(sk))
		sk->sk_prot->release_cb(sk);
	bh_unlock_sock(sk);
}

static struct xudp_verdict xudp_v4_unreachable(struct sock *sk, struct sk_buff *skb, u8 code,
					       u32 info)
{
	struct xudp_verdict verdict = { .err = EHOSTUNREACH };

	if (code == ICMP_FRAG_NEEDED) {
		xudp_v4_path_mtu(sk, skb, info);
		verdict.err = EMSGSIZE;
		verdict.hard = true;
		verdict.ignore = READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT;
	} else if (code <= NR_ICMP_UNREACH) {
		verdict.err = icmp_err_convert[code].errno;
		verdict.hard = icmp_err_convert[code].fatal;
	}
	return verdict;
}

static struct xudp_verdict xudp_v4_judge(struct sock *sk, struct sk_buff *skb, u32 info)
{
	const struct icmphdr *icmp = icmp_hdr(skb);

	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		return xudp_v4_unreachable(sk, skb, icmp->code, info);
	case ICMP_PARAMETERPROB:
		return (struct xudp_verdict) { .err = EPROTO, .hard = true };
	case ICMP_REDIRECT:
		ipv4_redirect(skb, sock_net(sk), READ_ONCE(sk->sk_bound_dev_if), sk->sk_protocol);
		return (struct xudp_verdict) { .ignore = true };
	case ICMP_SOURCE_QUENCH:
		/* RFC 6633 */
		return (struct xudp_verdict) { .ignore = true };
	default:
		return (struct xudp_verdict) { .err = EHOSTUNREACH };
	}
}

/**
 * xudp_err() - take an ICMP error: the err_handler of struct net_protocol
 * @skb: data at the quoted IP header, of which and 8 bytes more are there
 * @info: the error's, such as the MTU
 *
 * Only what matches a socket's own addresses and ports counts (RFC 5927).
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no socket sent this.
 */
int xudp_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	const struct udphdr *uh = (const struct udphdr *)(skb->data + iph->ihl * 4);
	struct xl4_tuple tuple = xl4_v4_quoted(skb, uh);
	struct xl4_space *space = xudp_space(net, iph->protocol);
	struct xudp_verdict verdict;
	struct sock *sk;

	if (!space)
		return -ENOENT;
	sk = xl4_lookup(space, XL4_V4, &tuple, inet_iif(skb), inet_sdif(skb), NULL, 0);
	if (!sk) {
		__ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	verdict = xudp_v4_judge(sk, skb, info);
	if (verdict.ignore)
		goto out;
	if (inet_test_bit(RECVERR, sk))
		xl4_v4_icmp_error(sk, skb, verdict.err, uh->dest, info, (const u8 *)(uh + 1));
	else if (!verdict.hard || READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		goto out;
	WRITE_ONCE(sk->sk_err, verdict.err);
	sk_error_report(sk);
out:
	sock_put(sk);
	return 0;
}

/**
 * xudp_recv_ctl() - tell the reader where a datagram came from
 * @sk: AF_INET
 * @msg: address and control messages are filled in
 * @skb: the datagram
 */
void xudp_recv_ctl(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	struct sockaddr_in *sin = msg->msg_name;

	if (sin) {
		*sin = (struct sockaddr_in) {
			.sin_family = AF_INET,
			.sin_port = udp_hdr(skb)->source,
			.sin_addr.s_addr = ip_hdr(skb)->saddr,
		};
		msg->msg_namelen = sizeof(*sin);
	}
	if (inet_cmsg_flags(inet_sk(sk)))
		ip_cmsg_recv_offset(msg, sk, skb, XUDP_HEADER_LEN, 0);
}
