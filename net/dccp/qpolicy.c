// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the packets that wait goes first, and which goes away when there are too many: the
 * first, and none, so that the program waits; or by priorities, the highest, and the lowest.
 */

#include "dccp.h"

static bool xdccp_qpolicy_by_priority(const struct sock *sk)
{
	return READ_ONCE(xdccp_sk(sk)->qpolicy) == DCCPQ_POLICY_PRIO;
}

/* As many wait as may. */
static bool xdccp_qpolicy_crowded(const struct sock *sk)
{
	u32 most = READ_ONCE(xdccp_sk(sk)->tx_qlen);

	return most && skb_queue_len_lockless(&sk->sk_write_queue) >= most;
}

/* The first of the highest priority. */
static struct sk_buff *xdccp_qpolicy_best(struct sock *sk)
{
	struct sk_buff *skb, *best = NULL;

	skb_queue_walk(&sk->sk_write_queue, skb)
		if (!best || skb->priority > best->priority)
			best = skb;
	return best;
}

/* The first of the lowest: the oldest is worth least. */
static struct sk_buff *xdccp_qpolicy_worst(struct sock *sk)
{
	struct sk_buff *skb, *worst = NULL;

	skb_queue_walk(&sk->sk_write_queue, skb)
		if (!worst || skb->priority < worst->priority)
			worst = skb;
	return worst;
}

/**
 * xdccp_qpolicy_set() - DCCP_SOCKOPT_QPOLICY_ID
 * @sk: the socket, locked; what waits already stays
 * @policy: DCCPQ_POLICY_...
 *
 * Return: 0, or -EINVAL: there is no such policy.
 */
int xdccp_qpolicy_set(struct sock *sk, int policy)
{
	if (policy < 0 || policy >= DCCPQ_POLICY_MAX)
		return -EINVAL;
	WRITE_ONCE(xdccp_sk(sk)->qpolicy, policy);
	return 0;
}

/**
 * xdccp_qpolicy_param() - a control message of sendmsg() is about the packet's place
 * @sk: the socket, locked
 * @type: up to DCCP_SCM_QPOLICY_MAX
 * @value: what it says
 * @skb: the packet
 *
 * Return: 0, or -EINVAL: the policy has nothing of the kind.
 */
int xdccp_qpolicy_param(const struct sock *sk, int type, u32 value, struct sk_buff *skb)
{
	if (type != DCCP_SCM_PRIORITY || !xdccp_qpolicy_by_priority(sk))
		return -EINVAL;
	skb->priority = value;
	return 0;
}

/**
 * xdccp_qpolicy_room() - would a program have to wait with another packet?
 * @sk: the socket, locked or not
 *
 * Return: whether not.
 */
bool xdccp_qpolicy_room(const struct sock *sk)
{
	return xdccp_qpolicy_by_priority(sk) || !xdccp_qpolicy_crowded(sk);
}

/**
 * xdccp_qpolicy_push() - a packet is to wait
 * @sk: the socket, locked
 * @skb: the packet
 *
 * With priorities the least of those that wait makes room for it.
 */
void xdccp_qpolicy_push(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *worst;

	if (xdccp_qpolicy_by_priority(sk) && xdccp_qpolicy_crowded(sk)) {
		worst = xdccp_qpolicy_worst(sk);
		__skb_unlink(worst, &sk->sk_write_queue);
		kfree_skb(worst);
	}
	__skb_queue_tail(&sk->sk_write_queue, skb);
}

/**
 * xdccp_qpolicy_top() - which goes next?
 * @sk: the socket, locked
 *
 * Return: a packet that stays in the queue, or NULL.
 */
struct sk_buff *xdccp_qpolicy_top(struct sock *sk)
{
	return xdccp_qpolicy_by_priority(sk) ? xdccp_qpolicy_best(sk) :
					       skb_peek(&sk->sk_write_queue);
}

/**
 * xdccp_qpolicy_pop() - take what goes next
 * @sk: the socket, locked
 *
 * Return: a packet, or NULL.
 */
struct sk_buff *xdccp_qpolicy_pop(struct sock *sk)
{
	struct sk_buff *skb = xdccp_qpolicy_top(sk);

	if (skb)
		__skb_unlink(skb, &sk->sk_write_queue);
	return skb;
}
