// SPDX-License-Identifier: GPL-2.0
/* A socket gets its one peer: by connect(2), or because its listener heard from it. */

#include <linux/in6.h>
#include <linux/module.h>
#include <net/inet_common.h>
#include <net/inet_hashtables.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/transp_v6.h>
#include <xl4/connect.h>

#include "route.h"

/* ------------------------------------------------------------------ connect */

/* There is no connection after all: the next connect() begins where this one did. */
static void xl4_connect_undo(struct sock *sk)
{
	xl4_forget_addresses(sk);
	sk->sk_route_caps = 0;
}

/* The route to one host. */
static struct dst_entry *xl4_v4_connect_route(struct sock *sk, __be32 daddr)
{
	struct dst_entry *dst = xl4_v4_find_route(sk, daddr, inet_sk(sk)->inet_saddr);

	if (IS_ERR(dst)) {
		if (PTR_ERR(dst) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
	} else if (dst_rtable(dst)->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		dst_release(dst);
		dst = ERR_PTR(-ENETUNREACH);
	}
	return dst;
}

/**
 * xl4_v4_connect() - the connect of struct proto, of a protocol with connections
 * @sk: AF_INET, or AF_INET6 with a mapped peer; locked
 * @addr: the peer's
 * @len: of @addr
 * @ops: the protocol's part
 *
 * To one host: not to a group, nor to all. Process context.
 *
 * Return: 0 or an error of connect(2).
 */
int xl4_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len,
		   const struct xl4_connect_ops *ops)
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
	dst = xl4_v4_connect_route(sk, sin->sin_addr.s_addr);
	if (IS_ERR(dst)) {
		inet->inet_dport = 0;
		return PTR_ERR(dst);
	}
	if (!inet->inet_saddr)
		inet->inet_saddr = xl4_v4_flow(sk)->saddr;
	sk_rcv_saddr_set(sk, inet->inet_saddr);
	sk_daddr_set(sk, sin->sin_addr.s_addr ? : xl4_v4_flow(sk)->daddr);
	err = ops->start(sk, dst);
	if (err)
		xl4_connect_undo(sk);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_v4_connect);

/* To an IPv4 host by way of its mapped address (RFC 4291 section 2.5.5.2). */
static int xl4_v6_connect_mapped(struct sock *sk, const struct sockaddr_in6 *sin6,
				 const struct xl4_connect_ops *ops)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = sin6->sin6_port,
		.sin_addr.s_addr = sin6->sin6_addr.s6_addr32[3],
	};
	int err;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	ops->set_family(sk, false);
	err = xl4_v4_connect(sk, (xl4_sockaddr_t *)&sin, sizeof(sin), ops);
	if (err)
		ops->set_family(sk, true);
	else
		inet6_sk(sk)->saddr = sk->sk_v6_rcv_saddr;
	return err;
}

/**
 * xl4_v6_scope() - the device that a link-local address is on
 * @sk: locked; bound to that device, if the address names one
 * @sin6: not of a multicast group
 * @len: octets of it, from SIN6_LEN_RFC2133 on
 *
 * Return: 0, or -EINVAL: it is on another device than the socket, or nobody says on which.
 */
int xl4_v6_scope(struct sock *sk, const struct sockaddr_in6 *sin6, int len)
{
	if (!(ipv6_addr_type(&sin6->sin6_addr) & IPV6_ADDR_LINKLOCAL))
		return 0;
	if (len >= (int)sizeof(*sin6) && sin6->sin6_scope_id) {
		if (sk->sk_bound_dev_if && sk->sk_bound_dev_if != sin6->sin6_scope_id)
			return -EINVAL;
		sk->sk_bound_dev_if = sin6->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}
EXPORT_SYMBOL_GPL(xl4_v6_scope);

/* To an IPv6 host, whose address and port are set. */
static int xl4_v6_connect_native(struct sock *sk, const struct xl4_connect_ops *ops)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct flowi6 fl6 = { };
	struct dst_entry *dst;
	int err;

	if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		fl6.saddr = sk->sk_v6_rcv_saddr;
	dst = xl4_v6_find_route(sk, &fl6);
	if (IS_ERR(dst)) {
		inet_sk(sk)->inet_dport = 0;
		sk->sk_route_caps = 0;
		return PTR_ERR(dst);
	}
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		sk->sk_v6_rcv_saddr = fl6.saddr;
	np->saddr = fl6.saddr;
	inet_sk(sk)->inet_rcv_saddr = LOOPBACK4_IPV6;
	WRITE_ONCE(np->dst_cookie, rt6_get_cookie((struct rt6_info *)dst));
	err = ops->start(sk, dst);
	if (err)
		xl4_connect_undo(sk);
	return err;
}

/**
 * xl4_v6_connect() - xl4_v4_connect() for IPv6
 * @sk: AF_INET6; locked
 * @addr: the peer's, which may be a mapped one
 * @len: of @addr
 * @ops: the protocol's part
 *
 * Return: 0 or an error of connect(2).
 */
int xl4_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len,
		   const struct xl4_connect_ops *ops)
{
	struct sockaddr_in6 sin6 = { };
	int err;

	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	memcpy(&sin6, addr, min_t(size_t, len, sizeof(sin6)));
	if (sin6.sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (ipv6_addr_v4mapped(&sin6.sin6_addr))
		return xl4_v6_connect_mapped(sk, &sin6, ops);
	/* BSD has it so: to any is to oneself. */
	if (ipv6_addr_any(&sin6.sin6_addr))
		sin6.sin6_addr = in6addr_loopback;
	if (ipv6_addr_is_multicast(&sin6.sin6_addr))
		return -ENETUNREACH;
	err = xl4_v6_scope(sk, &sin6, len);
	if (err)
		return err;
	ops->set_family(sk, true);
	sk->sk_v6_daddr = sin6.sin6_addr;
	inet_sk(sk)->inet_dport = sin6.sin6_port;
	return xl4_v6_connect_native(sk, ops);
}
EXPORT_SYMBOL_GPL(xl4_v6_connect);

/* ------------------------------------------------------------------- accept */

static struct dst_entry *xl4_v4_adopt(struct sock *child, const struct xl4_tuple *tuple)
{
	__be32 local = tuple->local.quad[3], remote = tuple->remote.quad[3];
	struct inet_sock *inet = inet_sk(child);
	struct dst_entry *dst;

	inet->inet_saddr = local;
	inet->inet_rcv_saddr = local;
	inet->inet_daddr = remote;
	if (child->sk_family == AF_INET6) {
		ipv6_addr_set_v4mapped(local, &child->sk_v6_rcv_saddr);
		ipv6_addr_set_v4mapped(remote, &child->sk_v6_daddr);
		inet6_sk(child)->saddr = child->sk_v6_rcv_saddr;
	}
	dst = xl4_v4_find_route(child, remote, local);
	if (!IS_ERR(dst))
		sk_setup_caps(child, dst);
	return dst;
}

static struct dst_entry *xl4_v6_adopt(struct sock *listener, struct sock *child,
				      const struct xl4_tuple *tuple, int device)
{
	struct inet_sock *inet = inet_sk(child);
	struct ipv6_txoptions *opt;
	struct flowi6 fl6 = { };
	struct dst_entry *dst;

	child->sk_v6_daddr = tuple->remote.in6;
	child->sk_v6_rcv_saddr = tuple->local.in6;
	inet6_sk(child)->saddr = tuple->local.in6;
	inet->inet_saddr = LOOPBACK4_IPV6;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	inet->inet_daddr = LOOPBACK4_IPV6;
	if (ipv6_addr_type(&child->sk_v6_daddr) & IPV6_ADDR_LINKLOCAL)
		child->sk_bound_dev_if = device;
	opt = txopt_get(inet6_sk(listener));
	if (opt) {
		RCU_INIT_POINTER(inet6_sk(child)->opt, ipv6_dup_options(child, opt));
		txopt_put(opt);
	}
	dst = xl4_v6_find_route(child, &fl6);
	if (!IS_ERR(dst))
		xl4_v6_set_route(child, dst);
	return dst;
}

/**
 * xl4_adopt() - give a listener's child its peer
 * @listener: locked
 * @child: from xl4_clone(), its sk_gso_type is set; nobody else knows it
 * @tuple: addresses and ports
 * @device: where the peer was heard
 *
 * Any context but hard interrupts.
 *
 * Return: the route, whose reference is the child's; or an error, and then the
 * child is to be thrown away.
 */
struct dst_entry *xl4_adopt(struct sock *listener, struct sock *child,
			    const struct xl4_tuple *tuple, int device)
{
	struct inet_sock *inet = inet_sk(child);

	inet->inet_sport = tuple->local_port;
	inet->inet_dport = tuple->remote_port;
	inet->inet_num = ntohs(tuple->local_port);
	sk_set_txhash(child);
	return xl4_addr_is_v4(&tuple->remote) ? xl4_v4_adopt(child, tuple) :
						xl4_v6_adopt(listener, child, tuple, device);
}
EXPORT_SYMBOL_GPL(xl4_adopt);
