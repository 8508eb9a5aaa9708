// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of data that came, as far as the two ends tell each other: Data Dropped (RFC 4340
 * section 11.7).
 */

#include <linux/slab.h>

#include "dccp.h"

/**
 * xdccp_data_dropped() - a packet came, but its data is lost
 * @sk: the socket, locked
 * @seq: the packet's number
 * @code: XDCCP_DROP_...
 *
 * The next acknowledgments say so. Without memory they do not.
 */
void xdccp_data_dropped(struct sock *sk, u64 seq, u8 code)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!dp->drops)
		dp->drops = kzalloc(sizeof(*dp->drops), GFP_ATOMIC | __GFP_NOWARN);
	if (dp->drops)
		xdccp_drops_add(dp->drops, seq, code);
}

/**
 * xdccp_read_dropped() - a Data Dropped of the peer's
 * @sk: the socket, locked
 * @cb: of the packet
 * @option: the option
 * @opt: opt->dropped is filled in, or added to
 *
 * Return: 0, or -EINVAL: it cannot be where it is.
 */
int xdccp_read_dropped(struct sock *sk, const struct xdccp_skb_cb *cb,
		       const struct xdccp_option *option, struct xdccp_options *opt)
{
	struct xdccp_dropped_walk *walk = &opt->dropped;
	const struct xdccp_sock *dp = xdccp_sk(sk);
	u64 before = xdccp_seq_add(dp->awl, -1);

	if (!cb->has_ack)
		return -EINVAL;
	if (!walk->begun) {
		walk->begun = true;
		walk->at = cb->ack;
		walk->latest = xdccp_seq_between(dp->drop_latest, before, dp->gss) ?
			       dp->drop_latest : before;
		walk->found = walk->latest;
	}
	xdccp_drops_read(walk, dp->awl, option->value, option->len);
	return 0;
}

/**
 * xdccp_heed_dropped() - a packet's options were all read
 * @sk: the socket, locked
 * @opt: they
 *
 * RFC 4340 section 11.7.2: to a program that does not listen nothing more is to be sent. What there
 * was no buffer for is the CCID's affair.
 */
void xdccp_heed_dropped(struct sock *sk, const struct xdccp_options *opt)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!opt->dropped.begun)
		return;
	dp->drop_latest = opt->dropped.found;
	if (!opt->dropped.not_listening || READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	__skb_queue_purge(&sk->sk_write_queue);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
}
