// SPDX-License-Identifier: GPL-2.0
/* What is IPv6 about UDP. */

#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/transp_v6.h>
#include <net/udp.h>
#include <net/xfrm.h>
#include <xl4/ip.h>

#include "udp.h"

/* IPV6_MTU_DISCOVER; a bit field before 6.9. */
static u8 xudp_v6_discovery(const struct sock *sk)
{
	return inet6_sk(sk)->pmtudisc;
}

/* The path's MTU, or less where the program says so by IPV6_MTU. */
static unsigned int xudp_v6_mtu(const struct sock *sk, const struct dst_entry *dst)
{
	unsigned int limit = READ_ONCE(inet6_sk(sk)->frag_size) ? : UINT_MAX;

	if (xudp_v6_discovery(sk) >= IPV6_PMTUDISC_PROBE)
		return min(limit, READ_ONCE(dst->dev->mtu));
	return min(limit, dst_mtu(dst));
}

static void xudp_v6_too_big(struct sock *sk, const struct xudp_tx *tx, unsigned int mtu)
{
	struct flowi6 fl6 = tx->flow.u.ip6;

	fl6.daddr = tx->final;
	if (tx->dont_fragment)
		xl4_v6_local_rxpmtu(sk, &fl6, mtu);
	else
		xl4_v6_local_error(sk, EMSGSIZE, &fl6, mtu);
}

/**
 * xudp_v6_pseudo() - a checksum's last step, over the pseudo-header
 * @tx: addresses of the datagram
 * @protocol: IP protocol number
 * @len: of the datagram, header included
 * @sum: of header and data, or what is covered of them
 *
 * RFC 8200 section 8.1.
 *
 * Return: the checksum, folded and complemented.
 */
__sum16 xudp_v6_pseudo(const struct xudp_tx *tx, u8 protocol, unsigned int len, __wsum sum)
{
	return csum_ipv6_magic(&tx->flow.u.ip6.saddr, &tx->final, len, protocol, sum);
}

static bool xudp_v6_autolabel(struct sock *sk)
{
	return inet6_test_bit(AUTOFLOWLABEL_SET, sk) ? inet6_test_bit(AUTOFLOWLABEL, sk) :
						       ip6_default_np_autolabel(sock_net(sk));
}

/**
 * xudp_v6_xmit() - put the IP header in front of a datagram and send it
 * @sk: the sender
 * @skb: data at the UDP header; has its route; consumed
 * @tx: addresses and options
 *
 * Return: as ip6_local_out().
 */
int xudp_v6_xmit(struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx)
{
	struct flowi6 fl6 = tx->flow.u.ip6;
	struct in6_addr daddr = tx->final;
	struct net *net = sock_net(sk);
	u8 next_header = sk->sk_protocol;
	struct ipv6hdr *hdr;
	__be32 label;

	skb->ignore_df = tx->may_fragment;
	if (unlikely(inet6_sk(sk)->frag_size) && !skb_is_gso(skb))
		IP6CB(skb)->frag_max_size = tx->mtu;
	if (tx->opt6)
		xl4_v6_options_push(skb, tx->opt6, &next_header, &daddr);
	label = ip6_make_flowlabel(net, skb, fl6.flowlabel, xudp_v6_autolabel(sk), &fl6);

	__skb_push(skb, sizeof(*hdr));
	skb_reset_network_header(skb);
	hdr = ipv6_hdr(skb);
	ip6_flow_hdr(hdr, tx->tos, label);
	hdr->hop_limit = tx->hop_limit;
	hdr->nexthdr = next_header;
	hdr->saddr = fl6.saddr;
	hdr->daddr = daddr;
	skb->protocol = htons(ETH_P_IPV6);
	return ip6_local_out(net, sk, skb);
}

static void xudp_v6_addresses(const struct xudp_tx *tx, struct xl4_addr *source,
			      struct xl4_addr *dest)
{
	*source = xl4_addr_v6(&tx->flow.u.ip6.saddr);
	*dest = xl4_addr_v6(&tx->final);
}

static const struct xudp_family xudp_v6_family = {
	.v6 = true,
	.header_len = sizeof(struct ipv6hdr),
	.too_big = xudp_v6_too_big,
	.addresses = xudp_v6_addresses,
};

/* IPV6_FLOWINFO_SEND: a label must be one that the program has leased (RFC 3697). */
static int xudp_v6_check_label(struct sock *sk, __be32 flowinfo)
{
	struct ip6_flowlabel *label;

	if (!(flowinfo & IPV6_FLOWLABEL_MASK))
		return 0;
	label = fl6_sock_lookup(sk, flowinfo);
	if (IS_ERR(label))
		return -EINVAL;
	fl6_sock_release(label);
	return 0;
}

static int xudp_v6_dest_named(struct sock *sk, const struct msghdr *msg,
			      struct xudp_dest *dest, struct flowi6 *fl6)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;

	if (msg->msg_namelen < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (sin6->sin6_family != AF_INET6)
		return -EINVAL;
	dest->v6 = sin6->sin6_addr;
	dest->port = sin6->sin6_port;
	dest->connected = false;
	if (inet6_test_bit(SNDFLOW, sk))
		fl6->flowlabel = sin6->sin6_flowinfo & IPV6_FLOWINFO_MASK;
	if (msg->msg_namelen >= sizeof(*sin6) && sin6->sin6_scope_id &&
	    __ipv6_addr_needs_scope_id(__ipv6_addr_type(&dest->v6)))
		fl6->flowi6_oif = sin6->sin6_scope_id;
	return xudp_v6_check_label(sk, fl6->flowlabel);
}

static int xudp_v6_dest_peer(const struct sock *sk, const struct msghdr *msg,
			     struct xudp_dest *dest, struct flowi6 *fl6)
{
	if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		return -EDESTADDRREQ;
	/* A connect() meanwhile may leave half of each peer: the program asked for it. */
	dest->v6 = data_race(sk->sk_v6_daddr);
	dest->port = READ_ONCE(inet_sk(sk)->inet_dport);
	/* What control messages ask for may need another route. */
	dest->connected = !msg->msg_controllen;
	fl6->flowlabel = inet6_sk(sk)->flow_label;
	return 0;
}

/* The destination that the program names, or else the peer. */
static int xudp_v6_dest(struct sock *sk, const struct msghdr *msg, struct xudp_dest *dest,
			struct flowi6 *fl6)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;
	int err;

	if (sin6 && msg->msg_namelen < sizeof(sin6->sin6_family))
		return -EINVAL;
	/* An unspecified family is no address at all. */
	if (sin6 && sin6->sin6_family != AF_UNSPEC)
		err = xudp_v6_dest_named(sk, msg, dest, fl6);
	else
		err = xudp_v6_dest_peer(sk, msg, dest, fl6);
	if (err)
		return err;
	return dest->port ? 0 : -EINVAL;
}

/* Is this for IPv4: an AF_INET address, a mapped one, or a mapped peer? */
static bool xudp_v6_dest_is_v4(const struct sock *sk, const struct msghdr *msg)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;

	if (sin6 && msg->msg_namelen < sizeof(sin6->sin6_family))
		return false;
	if (!sin6 || sin6->sin6_family == AF_UNSPEC)
		return READ_ONCE(sk->sk_state) == TCP_ESTABLISHED &&
		       ipv6_addr_v4mapped(&sk->sk_v6_daddr);
	if (sin6->sin6_family == AF_INET)
		return true;
	return sin6->sin6_family == AF_INET6 && msg->msg_namelen >= SIN6_LEN_RFC2133 &&
	       ipv6_addr_v4mapped(&sin6->sin6_addr);
}

static int xudp_v6_send_by_v4(struct sock *sk, struct msghdr *msg, size_t len)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	void *name = msg->msg_name;
	int namelen = msg->msg_namelen;
	int err;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	if (sin6 && sin6->sin6_family == AF_INET6) {
		sin.sin_port = sin6->sin6_port;
		sin.sin_addr.s_addr = sin6->sin6_addr.s6_addr32[3];
		msg->msg_name = &sin;
		msg->msg_namelen = sizeof(sin);
	} else if (sin6 && sin6->sin6_family == AF_UNSPEC) {
		msg->msg_name = NULL;
	}
	err = xudp_sendmsg(sk, msg, len);
	/* sendmmsg() looks at the name again, and io_uring sends to it when this would block. */
	msg->msg_name = name;
	msg->msg_namelen = namelen;
	return err;
}

/* The device: by the address's scope, the socket, or a multicast or unicast option. */
static void xudp_v6_choose_device(const struct sock *sk, struct flowi6 *fl6)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);

	if (!fl6->flowi6_oif)
		fl6->flowi6_oif = READ_ONCE(sk->sk_bound_dev_if);
	if (!fl6->flowi6_oif)
		fl6->flowi6_oif = np->sticky_pktinfo.ipi6_ifindex;
}

/* A connect() meanwhile may have left the route to a mapped peer. */
static struct dst_entry *xudp_v6_connected_route(struct sock *sk)
{
	struct dst_entry *dst = sk_dst_check(sk, READ_ONCE(inet6_sk(sk)->dst_cookie));

	if (dst && unlikely(dst->ops->family != AF_INET6)) {
		dst_release(dst);
		return NULL;
	}
	return dst;
}

static void xudp_v6_remember_route(struct sock *sk, struct dst_entry *dst)
{
	WRITE_ONCE(inet6_sk(sk)->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	sk_dst_set(sk, dst_clone(dst));
}

/* Find the way to @dest; addresses and route go into @tx. */
static int xudp_v6_route(struct sock *sk, struct xudp_dest *dest, struct xudp_tx *tx)
{
	struct flowi6 *fl6 = &tx->flow.u.ip6;
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct in6_addr *final;
	struct dst_entry *dst = NULL;
	struct in6_addr last;

	fl6->flowi6_proto = sk->sk_protocol;
	fl6->flowi6_mark = tx->sockc.mark;
	fl6->flowi6_uid = xl4_sock_uid(sk);
	fl6->fl6_dport = dest->port;
	fl6->fl6_sport = READ_ONCE(inet_sk(sk)->inet_sport);
	fl6->daddr = ipv6_addr_any(&dest->v6) ? in6addr_loopback : dest->v6;
	if (ipv6_addr_any(&fl6->saddr) && !ipv6_addr_any(&np->saddr))
		fl6->saddr = np->saddr;
	tx->final = fl6->daddr;
	final = xl4_v6_first_hop(fl6, tx->opt6, &last);
	if (final)
		dest->connected = false;
	if (ipv6_addr_is_multicast(&fl6->daddr)) {
		dest->connected = false;
		if (!fl6->flowi6_oif)
			fl6->flowi6_oif = READ_ONCE(np->mcast_oif);
	} else if (!fl6->flowi6_oif) {
		fl6->flowi6_oif = READ_ONCE(np->ucast_oif);
	}
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
	fl6->flowlabel = ip6_make_flowinfo(tx->tos, fl6->flowlabel);

	if (dest->connected)
		dst = xudp_v6_connected_route(sk);
	if (!dst) {
		dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		if (dest->connected)
			xudp_v6_remember_route(sk, dst);
	}
	tx->dst = dst;
	return 0;
}

/*
 * RFC 3542 section 6 and 9: options of the message replace the socket's, and
 * the first destination options header goes with a routing header only.
 */
static struct ipv6_txoptions *xudp_v6_options(struct ipv6_txoptions *space,
					      struct ipv6_txoptions *opt)
{
	if (!opt || !opt->dst0opt || opt->srcrt)
		return opt;
	if (space != opt)
		*space = *opt;
	space->opt_nflen -= ipv6_optlen(space->dst0opt);
	space->dst0opt = NULL;
	return space;
}

static int xudp_v6_send(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_dest *dest,
			struct ipcm6_cookie *ipc6, struct xudp_tx *tx)
{
	struct flowi6 *fl6 = &tx->flow.u.ip6;
	int err;

	tx->family = &xudp_v6_family;
	tx->gso_size = ipc6->gso_size;
	tx->dest_port = dest->port;
	tx->opt4 = NULL;
	tx->sockc = ipc6->sockc;
	tx->priority = xl4_ipcm6_tx_priority(sk, ipc6);
	tx->tos = ipc6->tclass < 0 ? READ_ONCE(inet6_sk(sk)->tclass) : ipc6->tclass;
	tx->dont_fragment = ipc6->dontfrag < 0 ? inet6_test_bit(DONTFRAG, sk) : ipc6->dontfrag;
	err = xudp_v6_route(sk, dest, tx);
	if (err)
		return xudp_no_room(sk, tx, err);
	tx->options_len = tx->opt6 ? tx->opt6->opt_nflen + tx->opt6->opt_flen : 0;
	tx->mtu = xudp_v6_mtu(sk, tx->dst);
	tx->may_fragment = !tx->dont_fragment && ip6_sk_ignore_df(sk);
	tx->hop_limit = ipc6->hlimit >= 0 ? ipc6->hlimit :
					    ip6_sk_dst_hoplimit(inet6_sk(sk), fl6, tx->dst);
	if (unlikely(msg->msg_flags & MSG_CONFIRM))
		dst_confirm_neigh(tx->dst, &fl6->daddr);
	if (!(msg->msg_flags & MSG_PROBE) || len)
		err = xudp_send_or_cork(sk, msg, len, tx);
	dst_release(tx->dst);
	return err;
}

static unsigned int xudp_v6_header_len(const void *header)
{
	return header ? ipv6_optlen((const struct ipv6_opt_hdr *)header) : 0;
}

/*
 * Of two headers of a kind the last counts. Some kernels leave the lengths of
 * those before it in the sums, which have 16 bits and may wrap to less than the
 * headers take.
 */
static void xudp_v6_count_options(struct ipv6_txoptions *opt)
{
	opt->opt_nflen = xudp_v6_header_len(opt->hopopt) + xudp_v6_header_len(opt->dst0opt) +
			 xudp_v6_header_len(opt->srcrt);
	opt->opt_flen = xudp_v6_header_len(opt->dst1opt);
}

static int xudp_v6_cmsg(struct sock *sk, struct msghdr *msg, struct flowi6 *fl6,
			struct ipcm6_cookie *ipc6)
{
	__be32 label = fl6->flowlabel;
	int err;

	err = xudp_cmsg_segment(msg, &ipc6->gso_size);
	if (err)
		return err;
	err = ip6_datagram_send_ctl(sock_net(sk), sk, msg, fl6, ipc6);
	if (err)
		return err;
	xudp_v6_count_options(ipc6->opt);
	return fl6->flowlabel == label ? 0 : xudp_v6_check_label(sk, fl6->flowlabel);
}

static int xudp_v6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct ipv6_txoptions *sticky = NULL;
	struct ipv6_txoptions space;
	struct ipcm6_cookie ipc6;
	struct xudp_dest dest;
	struct flowi6 *fl6;
	struct xudp_tx tx;
	int err;

	fl6 = &tx.flow.u.ip6;
	memset(fl6, 0, sizeof(*fl6));
	err = xudp_v6_dest(sk, msg, &dest, fl6);
	if (err)
		return err;
	xl4_ipcm6_init(&ipc6, sk);
	ipc6.gso_size = READ_ONCE(xudp_sk(sk)->gso_size);
	xudp_v6_choose_device(sk, fl6);
	if (msg->msg_controllen) {
		memset(&space, 0, sizeof(space));
		space.tot_len = sizeof(space);
		ipc6.opt = &space;
		err = xudp_v6_cmsg(sk, msg, fl6, &ipc6);
		if (err)
			return err;
		if (!(space.opt_nflen | space.opt_flen))
			ipc6.opt = NULL;
	}
	if (!ipc6.opt) {
		sticky = txopt_get(inet6_sk(sk));
		ipc6.opt = sticky;
	}
	tx.opt6 = xudp_v6_options(&space, ipc6.opt);
	err = xudp_v6_send(sk, msg, len, &dest, &ipc6, &tx);
	txopt_put(sticky);
	return err;
}

/**
 * xudpv6_sendmsg() - send a datagram over IPv6: the sendmsg of struct proto
 * @sk: AF_INET6, bound; not locked
 * @msg: address, control messages, data and flags of sendmsg(2)
 * @len: bytes of data
 *
 * Process context.
 *
 * Return: @len, or an error of send(2).
 */
int xudpv6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	bool pending;
	int err;

	if (len > XUDP_MAX_LEN)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = xudp_cork_continue(sk, msg, len, &pending);
	if (pending)
		return err ? : len;
	if (xudp_v6_dest_is_v4(sk, msg))
		return xudp_v6_send_by_v4(sk, msg, len);
	err = xudp_v6_sendmsg(sk, msg, len);
	return err ? : len;
}

/**
 * xudp_v6_connect() - give an AF_INET6 socket a peer: the connect of struct proto
 * @sk: bound; not locked
 * @addr: the peer's
 * @len: of @addr
 *
 * Process context.
 *
 * Return: 0 or an error of connect(2).
 */
int xudp_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
{
	return xudp_connect(sk, addr, len, __ip6_datagram_connect);
}

/**
 * xudpv6_release_cb() - look for a better route, if the socket's own is out of
 *	date: the release_cb of struct proto
 * @sk: AF_INET6; its spinlock is held
 */
void xudpv6_release_cb(struct sock *sk)
{
	if (ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		ip4_datagram_release_cb(sk);
	else
		ip6_datagram_release_cb(sk);
}

static bool xudp_v6_mcast_allow(const struct sock *sk, const struct xudp_mcast *mcast)
{
	if (!udp_hdr(mcast->skb)->check && !READ_ONCE(xudp_sk(sk)->no_check6_rx))
		return false;
	return xl4_v6_mc_allow(sk, &mcast->tuple.local.in6, &mcast->tuple.remote.in6);
}

/* RFC 4291 section 2.5.5.2: such an address stands for IPv4 and is not for the wire. */
static bool xudp_v6_mapped(const struct ipv6hdr *hdr)
{
	return ipv6_addr_v4mapped(&hdr->saddr) || ipv6_addr_v4mapped(&hdr->daddr);
}

static void xudp_v6_no_socket(struct sk_buff *skb, struct xl4_space *space, bool has_checksum)
{
	if (!xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb)) {
		xudp_discard(skb, space, true, XUDP_IN_ERRORS);
		return;
	}
	nf_reset_ct(skb);
	if (!has_checksum || xudp_csum_bad(skb)) {
		xudp_discard(skb, space, true, XUDP_IN_CSUM_ERRORS);
		return;
	}
	/* RFC 4443 section 3.1 */
	icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
	xudp_discard(skb, space, true, XUDP_NO_PORTS);
}

/* RFC 8200 section 8.1: no checksum is an error, unless the socket wants it so (RFC 6936). */
static void xudp_v6_rcv_unicast(struct sock *sk, struct sk_buff *skb, bool has_checksum)
{
	if (!has_checksum && !READ_ONCE(xudp_sk(sk)->no_check6_rx))
		xudp_discard(skb, xl4_sk(sk)->space, true, XUDP_IN_CSUM_ERRORS);
	else
		xudp_rcv_skb(sk, skb);
}

/**
 * xudpv6_rcv() - take a packet from IPv6: the handler of struct inet6_protocol
 * @skb: data at the transport header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0: the packet is dealt with.
 */
int xudpv6_rcv(struct sk_buff *skb)
{
	u8 protocol = skb_network_header(skb)[IP6CB(skb)->nhoff];
	struct xl4_space *space = xudp_space(dev_net(skb->dev), protocol);
	struct xudp_header header;
	const struct ipv6hdr *hdr;
	struct xl4_tuple tuple;
	struct sock *sk;

	if (unlikely(!space)) {
		kfree_skb(skb);
		return 0;
	}
	skb = xudp_take_header(skb, space, true, &header);
	if (!skb)
		return 0;
	hdr = ipv6_hdr(skb);
	if (xudp_v6_mapped(hdr)) {
		xudp_discard(skb, space, true, XUDP_IN_ERRORS);
		return 0;
	}
	if (!xudp_csum_known(skb, &header))
		xudp_csum_init(skb, ~csum_unfold(csum_ipv6_magic(&hdr->saddr, &hdr->daddr,
								 skb->len, protocol, 0)));
	tuple.local = xl4_addr_v6(&hdr->daddr);
	tuple.remote = xl4_addr_v6(&hdr->saddr);
	tuple.local_port = header.dest;
	tuple.remote_port = header.source;

	if (ipv6_addr_is_multicast(&hdr->daddr)) {
		struct xudp_mcast mcast = {
			.space = space,
			.family = XL4_V6,
			.tuple = tuple,
			.device = inet6_iif(skb),
			.l3_device = inet6_sdif(skb),
			.skb = skb,
			.allow = xudp_v6_mcast_allow,
		};

		xudp_mcast_deliver(&mcast);
		return 0;
	}
	sk = xl4_lookup(space, XL4_V6, &tuple, inet6_iif(skb), inet6_sdif(skb), skb,
			XUDP_HEADER_LEN);
	if (unlikely(!sk)) {
		xudp_v6_no_socket(skb, space, header.has_checksum);
		return 0;
	}
	xudp_v6_rcv_unicast(sk, skb, header.has_checksum);
	sock_put(sk);
	return 0;
}

/* The protocol behind the extension headers of the packet that an error quotes. */
static u8 xudp_v6_quoted_protocol(const struct sk_buff *skb)
{
	const struct ipv6hdr *hdr = (const struct ipv6hdr *)skb->data;
	u8 protocol = hdr->nexthdr;
	__be16 frag;

	ipv6_skip_exthdr(skb, sizeof(*hdr), &protocol, &frag);
	return protocol;
}

/* A program that trusts its device only is not told, by nobody. */
static bool xudp_v6_accepts_path_mtu(const struct sock *sk)
{
	u8 discovery = xudp_v6_discovery(sk);

	return discovery != IPV6_PMTUDISC_INTERFACE && discovery != IPV6_PMTUDISC_OMIT;
}

/* Lower the path's MTU, and let the socket's own route know (IPV6_MTU). */
static void xudp_v6_path_mtu(struct sock *sk, struct sk_buff *skb, __be32 info)
{
	ip6_update_pmtu(skb, sock_net(sk), info, sk->sk_bound_dev_if, READ_ONCE(sk->sk_mark),
			xl4_sock_uid(sk));
	bh_lock_sock(sk);
	/* An owner does the same when it releases the socket. */
	if (!sock_owned_by_user(sk))
		xudpv6_release_cb(sk);
	bh_unlock_sock(sk);
}

/**
 * xudpv6_err() - take an ICMPv6 error: the err_handler of struct inet6_protocol
 * @skb: data at the quoted IPv6 header
 * @opt: of the packet that brought the error
 * @type: the error's type
 * @code: the error's code
 * @offset: of the quoted transport header, of which 8 bytes are there
 * @info: the error's, such as the MTU
 *
 * Only what matches a socket's own addresses and ports counts (RFC 5927).
 * Softirq, under rcu_read_lock().
 *
 * Return: 0, or -ENOENT if no socket sent this.
 */
int xudpv6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
	       int offset, __be32 info)
{
	const struct udphdr *uh = (const struct udphdr *)(skb->data + offset);
	const struct ipv6hdr *sent = (const struct ipv6hdr *)skb->data;
	struct xl4_tuple tuple = xl4_v6_quoted(skb, uh);
	struct net *net = dev_net(skb->dev);
	struct xl4_space *space = xudp_space(net, xudp_v6_quoted_protocol(skb));
	struct sock *sk;
	bool hard;
	int err;

	if (!space || xudp_v6_mapped(sent))
		return -ENOENT;
	sk = xl4_lookup(space, XL4_V6, &tuple, inet6_iif(skb), inet6_sdif(skb), NULL, 0);
	if (!sk) {
		__ICMP6_INC_STATS(net, __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
		return -ENOENT;
	}
	hard = icmpv6_err_convert(type, code, &err);
	if (type == NDISC_REDIRECT) {
		ip6_redirect(skb, net, inet6_iif(skb), READ_ONCE(sk->sk_mark), xl4_sock_uid(sk));
		goto out;
	}
	if (type == ICMPV6_PKT_TOOBIG) {
		if (!xudp_v6_accepts_path_mtu(sk))
			goto out;
		xudp_v6_path_mtu(sk, skb, info);
		hard = xudp_v6_discovery(sk) != IPV6_PMTUDISC_DONT;
	}
	if (inet6_test_bit(RECVERR6, sk))
		xl4_v6_icmp_error(sk, skb, err, uh->dest, ntohl(info), (const u8 *)(uh + 1));
	else if (!hard || READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		goto out;
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
out:
	sock_put(sk);
	return 0;
}

static void xudp_v6_fill_name(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	struct sockaddr_in6 *sin6 = msg->msg_name;

	*sin6 = (struct sockaddr_in6) {
		.sin6_family = AF_INET6,
		.sin6_port = udp_hdr(skb)->source,
	};
	if (skb->protocol == htons(ETH_P_IP)) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &sin6->sin6_addr);
	} else {
		sin6->sin6_addr = ipv6_hdr(skb)->saddr;
		sin6->sin6_scope_id = ipv6_iface_scope_id(&sin6->sin6_addr, inet6_iif(skb));
	}
	msg->msg_namelen = sizeof(*sin6);
}

/**
 * xudpv6_recv_ctl() - tell the reader where a datagram came from
 * @sk: AF_INET6
 * @msg: address and control messages are filled in
 * @skb: the datagram, of either family
 */
void xudpv6_recv_ctl(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	if (msg->msg_name)
		xudp_v6_fill_name(sk, msg, skb);
	if (skb->protocol == htons(ETH_P_IP)) {
		if (inet6_sk(sk)->rxopt.all)
			xl4_v6_mapped_recv_ctl(sk, msg, skb);
		if (inet_cmsg_flags(inet_sk(sk)))
			ip_cmsg_recv_offset(msg, sk, skb, XUDP_HEADER_LEN, 0);
	} else if (inet6_sk(sk)->rxopt.all) {
		ip6_datagram_recv_ctl(sk, msg, skb);
	}
}
