// SPDX-License-Identifier: GPL-2.0
/* The segments between snd_una and snd_nxt, by sequence number. */

#include "tcp.h"

/**
 * xtcp_sent_append() - add the segment that comes after all others
 * @tp: the sender, locked
 * @skb: in no queue
 */
void xtcp_sent_append(struct xtcp_sock *tp, struct sk_buff *skb)
{
	if (tp->highest_sent)
		rb_link_node(&skb->rbnode, &tp->highest_sent->rbnode,
			     &tp->highest_sent->rbnode.rb_right);
	else
		rb_link_node(&skb->rbnode, NULL, &tp->sent.rb_node);
	rb_insert_color(&skb->rbnode, &tp->sent);
	tp->highest_sent = skb;
}

/**
 * xtcp_sent_insert_after() - add a segment behind another
 * @tp: the sender, locked
 * @skb: one of those sent
 * @rest: what came behind it, cut off
 */
void xtcp_sent_insert_after(struct xtcp_sock *tp, struct sk_buff *skb, struct sk_buff *rest)
{
	struct rb_node *parent = &skb->rbnode, **link = &parent->rb_right;

	while (*link) {
		parent = *link;
		link = &parent->rb_left;
	}
	rb_link_node(&rest->rbnode, parent, link);
	rb_insert_color(&rest->rbnode, &tp->sent);
	if (tp->highest_sent == skb)
		tp->highest_sent = rest;
}

/**
 * xtcp_sent_remove() - take a segment out that was acknowledged
 * @tp: the sender, locked
 * @skb: one of those sent; the caller's afterwards
 */
void xtcp_sent_remove(struct xtcp_sock *tp, struct sk_buff *skb)
{
	if (tp->highest_sent == skb)
		tp->highest_sent = skb_rb_prev(skb);
	rb_erase(&skb->rbnode, &tp->sent);
	RB_CLEAR_NODE(&skb->rbnode);
	list_del(&skb->tcp_tsorted_anchor);
}

/**
 * xtcp_sent_purge() - forget all that was sent
 * @sk: the sender, locked
 */
void xtcp_sent_purge(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = xtcp_sent_head(tp))) {
		xtcp_sent_remove(tp, skb);
		xtcp_free_skb(sk, skb);
	}
	tp->sacked_out = 0;
	tp->lost_out = 0;
	tp->retrans_out = 0;
}

/**
 * xtcp_sent_find() - the segment that a sequence number is in
 * @tp: the sender, locked
 * @seq: the number
 *
 * Return: that segment, else the first one behind it; NULL if there is none.
 */
struct sk_buff *xtcp_sent_find(struct xtcp_sock *tp, u32 seq)
{
	struct rb_node *node = tp->sent.rb_node;
	struct sk_buff *skb, *behind = NULL;

	while (node) {
		skb = rb_to_skb(node);
		if (seq_before(seq, XTCP_SKB_CB(skb)->end_seq)) {
			behind = skb;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return behind;
}
