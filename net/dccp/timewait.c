// SPDX-License-Identifier: GPL-2.0
/* TIME-WAIT (RFC 4340 section 8.3): at who sent the last Close. */

#include <linux/slab.h>

#include "dccp.h"

/* 2 MSL (RFC 4340 section 3.4); as everybody has it, the MSL is half a minute. */
#define XDCCP_TIMEWAIT	(60 * HZ)

/**
 * xdccp_time_wait() - the connection is over, but its last packets are about
 * @sk: our Close was answered with a Reset; locked. Closed afterwards.
 */
void xdccp_time_wait(struct sock *sk)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_timewait *tw = NULL;

	if (READ_ONCE(xl4_sk(sk)->space->nr_timewaits) < xdccp_set(sk)->max_tw_buckets)
		tw = kmalloc(sizeof(*tw), GFP_ATOMIC | __GFP_NOWARN);
	if (tw) {
		tw->last_reset = jiffies - HZ;
		tw->encap_port = dp->encap_port;
		tw->tos = inet_sk(sk)->tos;
		tw->v6 = dp->family->v6;
	}
	if (tw && !xl4_timewait_enter(&tw->xl4, sk, XDCCP_TIMEWAIT))
		xdccp_count(sk, XDCCP_MIB_TIMEWAITS);
	else
		kfree(tw);
	xdccp_done(sk);
}

/**
 * xdccp_timewait_rcv() - a packet for a connection in TIME-WAIT
 * @tw: with a reference of the caller's
 * @skb: data at the header; stays the caller's
 *
 * RFC 4340 section 8.5, step 2: whatever it is, there is no connection; but not more than ten
 * times a second. Softirq.
 *
 * Return: what to do with the packet.
 */
enum xdccp_timewait_verdict xdccp_timewait_rcv(struct xdccp_timewait *tw, struct sk_buff *skb)
{
	if (XDCCP_SKB_CB(skb)->type == XDCCP_RESET)
		return XDCCP_TW_DROP;
	if (time_before(jiffies, READ_ONCE(tw->last_reset) + HZ / 10))
		return XDCCP_TW_DROP;
	WRITE_ONCE(tw->last_reset, jiffies);
	return XDCCP_TW_RESET;
}
