// SPDX-License-Identifier: GPL-2.0
/* Multicast and broadcast: every matching socket gets its copy. */

#include <net/inet_sock.h>

#include "udp.h"

static bool xudp_mcast_matches(const struct sock *sk, const struct xl4_binding *binding,
			       const struct xudp_mcast *mcast)
{
	const struct xl4_tuple *want = &binding->entry.tuple, *has = &mcast->tuple;

	if (!(mcast->family == XL4_V4 ? binding->entry.v4 : binding->entry.v6))
		return false;
	if (!xl4_addr_is_any(&want->local) && !xl4_addr_equal(&want->local, &has->local))
		return false;
	if (!xl4_addr_is_any(&want->remote) &&
	    (want->remote_port != has->remote_port || !xl4_addr_equal(&want->remote, &has->remote)))
		return false;
	return inet_bound_dev_eq(false, READ_ONCE(sk->sk_bound_dev_if), mcast->device,
				 mcast->l3_device) &&
	       mcast->allow(sk, mcast);
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
static void xudp_mcast_visit(struct sock *sk, const struct xl4_binding *binding, void *arg)
{
	struct xudp_mcast *mcast = arg;

	if (!xudp_mcast_matches(sk, binding, mcast))
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
	bool v6 = mcast->family == XL4_V6;

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
