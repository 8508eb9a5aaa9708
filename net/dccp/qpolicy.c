// SPDX-License-Identifier: GPL-2.0
/* Which of the packets that wait goes first, and which goes away when there are too many. */

#include "dccp.h"

struct xdccp_qpolicy {
	void		(*push)(struct sock *sk, struct sk_buff *skb);
	bool		(*full)(struct sock *sk);
	struct sk_buff	*(*top)(struct sock *sk);
	bool		priorities;	/* packets may have one */
};

static void xdccp_qpolicy_free(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_write_queue);
	kfree_skb(skb);
}

static void xdccp_qpolicy_simple_push(struct sock *sk, struct sk_buff *skb)
{
	__skb_queue_tail(&sk->sk_write_queue, skb);
}

static bool xdccp_qpolicy_simple_full(struct sock *sk)
{
	u32 most = xdccp_sk(sk)->tx_qlen;

	return most && skb_queue_len(&sk->sk_write_queue) >= most;
}

static struct sk_buff *xdccp_qpolicy_simple_top(struct sock *sk)
{
	return skb_peek(&sk->sk_write_queue);
}

/* The first of the highest priority. */
static struct sk_buff *xdccp_qpolicy_prio_top(struct sock *sk)
{
	struct sk_buff *skb, *best = NULL;

	skb_queue_walk(&sk->sk_write_queue, skb)
		if (!best || skb->priority > best->priority)
			best = skb;
	return best;
}

/* The first of the lowest: the oldest is worth least. */
static struct sk_buff *xdccp_qpolicy_prio_worst(struct sock *sk)
{
	struct sk_buff *skb, *worst = NULL;

	skb_queue_walk(&sk->sk_write_queue, skb)
		if (!worst || skb->priority < worst->priority)
			worst = skb;
	return worst;
}

static bool xdccp_qpolicy_prio_full(struct sock *sk)
{
	struct sk_buff *worst;

	if (xdccp_qpolicy_simple_full(sk)) {
		worst = xdccp_qpolicy_prio_worst(sk);
		if (worst)
			xdccp_qpolicy_free(sk, worst);
	}
	return false;
}

static const struct xdccp_qpolicy xdccp_qpolicies[DCCPQ_POLICY_MAX] = {
	[DCCPQ_POLICY_SIMPLE] = {
		.push = xdccp_qpolicy_simple_push,
		.full = xdccp_qpolicy_simple_full,
		.top = xdccp_qpolicy_simple_top,
	},
	[DCCPQ_POLICY_PRIO] = {
		.push = xdccp_qpolicy_simple_push,
		.full = xdccp_qpolicy_prio_full,
		.top = xdccp_qpolicy_prio_top,
		.priorities = true,
	},
};

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
	xdccp_sk(sk)->qpolicy = &xdccp_qpolicies[policy];
	return 0;
}

/**
 * xdccp_qpolicy_id() - likewise, to be read
 * @sk: the socket, locked
 *
 * Return: DCCPQ_POLICY_...
 */
int xdccp_qpolicy_id(const struct sock *sk)
{
	return xdccp_sk(sk)->qpolicy - xdccp_qpolicies;
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
	if (type != DCCP_SCM_PRIORITY || !xdccp_sk(sk)->qpolicy->priorities)
		return -EINVAL;
	skb->priority = value;
	return 0;
}

/**
 * xdccp_qpolicy_full() - is there no room for another packet?
 * @sk: the socket, locked
 *
 * Where the policy makes room, the least of those that wait is dropped.
 *
 * Return: whether the program has to wait.
 */
bool xdccp_qpolicy_full(struct sock *sk)
{
	return xdccp_sk(sk)->qpolicy->full(sk);
}

/**
 * xdccp_qpolicy_room() - would a program have to wait with another packet?
 * @sk: the socket, locked or not
 *
 * Return: whether not.
 */
bool xdccp_qpolicy_room(const struct sock *sk)
{
	u32 most = READ_ONCE(xdccp_sk(sk)->tx_qlen);

	return READ_ONCE(xdccp_sk(sk)->qpolicy)->priorities || !most ||
	       skb_queue_len_lockless(&sk->sk_write_queue) < most;
}

/**
 * xdccp_qpolicy_push() - a packet is to wait
 * @sk: the socket, locked
 * @skb: the packet
 */
void xdccp_qpolicy_push(struct sock *sk, struct sk_buff *skb)
{
	xdccp_sk(sk)->qpolicy->push(sk, skb);
}

/**
 * xdccp_qpolicy_top() - which goes next?
 * @sk: the socket, locked
 *
 * Return: a packet that stays in the queue, or NULL.
 */
struct sk_buff *xdccp_qpolicy_top(struct sock *sk)
{
	return xdccp_sk(sk)->qpolicy->top(sk);
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
