// SPDX-License-Identifier: GPL-2.0
/* Multicast and broadcast: every matching socket gets its copy. */

#include <net/inet_sock.h>

#include "udp.h"

static bool xudp_mcast_addr_matches(const struct sock *sk, const struct xl4_tuple *tuple)
{
	bool v4 = xl4_addr_is_v4(&tuple->local);
	struct xl4_addr local, remote;

	if (sk->sk_family == AF_INET) {
		if (!v4)
			return false;
		return (!sk->sk_rcv_saddr || sk->sk_rcv_saddr == tuple->local.quad[3]) &&
		       (!sk->sk_daddr || sk->sk_daddr == tuple->remote.quad[3]);
	}
	if (v4 && ipv6_only_sock(sk))
		return false;
	local = xl4_addr_v6(&sk->sk_v6_rcv_saddr);
	remote = xl4_addr_v6(&sk->sk_v6_daddr);
	return (xl4_addr_is_any(&local) || xl4_addr_equal(&local, &tuple->local)) &&
	       (xl4_addr_is_any(&remote) || xl4_addr_equal(&remote, &tuple->remote));
}

static bool xudp_mcast_matches(const struct sock *sk, const struct xudp_mcast *mcast)
{
	__be16 peer_port = inet_sk(sk)->inet_dport;

	if (peer_port && peer_port != mcast->tuple.remote_port)
		return false;
	if (!inet_bound_dev_eq(false, READ_ONCE(sk->sk_bound_dev_if), mcast->device,
			       mcast->l3_device))
		return false;
	return xudp_mcast_addr_matches(sk, &mcast->tuple) && mcast->allow(sk, mcast);
}

static void xudp_mcast_copy(struct sock *sk, struct xudp_mcast *mcast)
{
	struct sk_buff *copy = skb_clone(mcast->skb, GFP_ATOMIC);
	bool v6 = xudp_skb_is_v6(mcast->skb);

	if (copy) {
		xudp_rcv_skb(sk, copy);
		return;
	}
	sk_drops_inc(sk);
	xudp_count(mcast->space, v6, XUDP_RCVBUF_ERRORS);
	xudp_count(mcast->space, v6, XUDP_IN_ERRORS);
}

/* One socket always waits, so that the last gets the packet and not a copy. */
static void xudp_mcast_visit(struct sock *sk, void *arg)
{
	struct xudp_mcast *mcast = arg;

	if (!xudp_mcast_matches(sk, mcast))
		return;
	if (mcast->waiting) {
		xudp_mcast_copy(mcast->waiting, mcast);
		sock_put(mcast->waiting);
	}
	sock_hold(sk);
	mcast->waiting = sk;
}

/**
 * xudp_mcast_deliver() - give a packet to every socket that matches
 * @mcast: the packet, consumed, and where it came from
 *
 * RFC 1122 section 3.3.6, 3.3.7. Softirq, under rcu_read_lock(). If nobody
 * wants it the packet is counted as ignored; no ICMP error answers it.
 */
void xudp_mcast_deliver(struct xudp_mcast *mcast)
{
	bool v6 = !xl4_addr_is_v4(&mcast->tuple.local);

	/* Once for all copies. */
	if (xudp_csum_bad(mcast->skb)) {
		xudp_discard(mcast->skb, mcast->space, v6, XUDP_IN_CSUM_ERRORS);
		return;
	}
	xl4_each_on_port(mcast->space, mcast->tuple.local_port, xudp_mcast_visit, mcast);
	if (!mcast->waiting) {
		xudp_discard(mcast->skb, mcast->space, v6, XUDP_IGNORED_MULTI);
		return;
	}
	xudp_rcv_skb(mcast->waiting, mcast->skb);
	sock_put(mcast->waiting);
}
