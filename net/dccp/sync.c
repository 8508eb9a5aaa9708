// SPDX-License-Identifier: GPL-2.0
/*
 * Sync and SyncAck: to find each other again after more losses than a window has (RFC 4340
 * sections 5.7 and 7.5.4).
 */

#include "dccp.h"

/**
 * xdccp_sync_allowed() - may a packet that was not valid be answered?
 * @sk: the socket, locked
 * @type: of the packet
 *
 * RFC 4340 section 7.5.4: a rate limit, so that who knows only the ports makes no storm. Resets
 * have one of their own: one that answers our Sync has no valid number if the peer lost its state,
 * and only another Sync brings one that has (section 8.5, step 6).
 *
 * Return: whether it may; then it counts as answered.
 */
bool xdccp_sync_allowed(struct sock *sk, u8 type)
{
	unsigned long gap = msecs_to_jiffies(READ_ONCE(xdccp_set(sk)->sync_ratelimit));
	struct xdccp_sock *dp = xdccp_sk(sk);
	unsigned long *sent = type == XDCCP_RESET ? &dp->reset_sync_sent : &dp->sync_sent;

	if (*sent && time_before(jiffies, *sent + gap))
		return false;
	*sent = jiffies ? : 1;
	return true;
}

/**
 * xdccp_send_sync() - send a Sync or a SyncAck
 * @sk: the socket, locked; not in REQUESTING, nor without connection
 * @ack: the number that it acknowledges: of what it is about, which need not be valid
 * @type: XDCCP_SYNC or XDCCP_SYNCACK
 */
void xdccp_send_sync(struct sock *sk, u64 ack, u8 type)
{
	struct sk_buff *skb = xdccp_alloc_skb(GFP_ATOMIC);

	if (!skb)
		return;
	XDCCP_SKB_CB(skb)->type = type;
	XDCCP_SKB_CB(skb)->ack = ack;
	xdccp_count(sk, XDCCP_MIB_SYNCS_SENT);
	xdccp_transmit_skb(sk, skb);
}
