// SPDX-License-Identifier: GPL-2.0
/* From a packet to what it is for: a connection, a request, a listener, or nobody. */

#include <linux/filter.h>
#include <linux/tcp.h>
#include <net/inet_ecn.h>
#include <net/xfrm.h>
#include <xl4/drop.h>

#include "tcp.h"

/**
 * xtcp_do_rcv() - process a segment
 * @sk: its socket, locked
 * @skb: data at the header; consumed
 *
 * Return: 0.
 */
int xtcp_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	bool reset;

	if (likely(sk->sk_state == TCP_ESTABLISHED)) {
		xtcp_rcv_established(sk, skb);
		return 0;
	}
	if (sk->sk_state == TCP_LISTEN) {
		/* If a program's backlog brings it, children are locked like from a packet. */
		local_bh_disable();
		reset = xtcp_listen_rcv(sk, skb);
		local_bh_enable();
	} else {
		reset = xtcp_rcv_state_process(sk, skb);
	}
	if (reset) {
		xtcp_send_reset(xl4_sk(sk)->space, skb);
		__kfree_skb(skb);
	}
	return 0;
}

/* Room for so many octets of memory may wait while a program has the socket. */
static unsigned int xtcp_backlog_limit(const struct sock *sk)
{
	return READ_ONCE(sk->sk_rcvbuf) + (READ_ONCE(sk->sk_sndbuf) >> 1) + SZ_64K;
}

static void xtcp_rcv_sock(struct sock *sk, struct sk_buff *skb)
{
	skb->dev = NULL;
	bh_lock_sock(sk);
	xtcp_sk(sk)->segs_in += max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	if (!sock_owned_by_user(sk)) {
		xtcp_do_rcv(sk, skb);
	} else if (sk_add_backlog(sk, skb, xtcp_backlog_limit(sk))) {
		xtcp_count(sk, XTCP_BACKLOG_DROP);
		sk_drops_inc(sk);
		kfree_skb(skb);
	}
	bh_unlock_sock(sk);
}

static struct sock *xtcp_find_listener(struct xl4_space *space, struct sk_buff *skb,
				       const struct xl4_tuple *tuple)
{
	return xl4_lookup_listener(space, xtcp_family_of(skb)->v6 ? XL4_V6 : XL4_V4, tuple,
				   xtcp_device_of(skb), xtcp_l3_device_of(skb), skb,
				   XTCP_SKB_CB(skb)->length);
}

/* A segment for a TIME-WAIT: for the listener, or dealt with here: then an error pointer. */
static struct sock *xtcp_timewait_deal(struct xl4_space *space, struct xl4_entry *entry,
				       struct sk_buff *skb, const struct xl4_tuple *tuple)
{
	struct xtcp_timewait *tw = (struct xtcp_timewait *)xl4_timewait_of(entry);
	struct sock *sk;

	switch (xtcp_timewait_rcv(tw, skb)) {
	case XTCP_TW_REOPEN:
		sk = xtcp_find_listener(space, skb, tuple);
		if (sk) {
			xl4_timewait_end(&tw->xl4);
			return sk;
		}
		fallthrough;
	case XTCP_TW_ACK:
		xtcp_reply_ack_timewait(tw, skb);
		break;
	case XTCP_TW_DROP:
		break;
	}
	return ERR_PTR(-ETIMEDOUT);
}

/* Whom a segment is for; it may have to be dealt with here. */
static struct sock *xtcp_find(struct xl4_space *space, struct sk_buff *skb,
			      const struct xl4_tuple *tuple)
{
	enum xl4_family family = xtcp_family_of(skb)->v6 ? XL4_V6 : XL4_V4;
	struct xl4_entry *entry;
	struct sock *sk;

	do {
		entry = xl4_lookup_connection(space, family, tuple, xtcp_device_of(skb),
					      xtcp_l3_device_of(skb));
		if (!entry)
			return xtcp_find_listener(space, skb, tuple);
		if (entry->kind == XL4_SOCKET)
			return xl4_binding_of(entry)->sk;
		if (entry->kind == XL4_TIMEWAIT)
			sk = xtcp_timewait_deal(space, entry, skb, tuple);
		else
			sk = xl4_request_hold_listener(entry);
		xl4_entry_put(entry);
	} while (!sk);
	return sk;
}

static void xtcp_set_end(struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

	cb->end_seq = cb->seq + skb->len - cb->length + !!(cb->flags & XTCP_SYN) +
		      !!(cb->flags & XTCP_FIN);
}

/**
 * xtcp_rcv() - what both families do with a segment
 * @space: of the protocol, in the segment's namespace
 * @skb: data at the header, its control block filled in, checksum right;
 *	consumed
 */
void xtcp_rcv(struct xl4_space *space, struct sk_buff *skb)
{
	bool v6 = xtcp_family_of(skb)->v6;
	struct xl4_tuple tuple;
	struct sock *sk;

	xtcp_tuple_of(skb, &tuple);
	sk = xtcp_find(space, skb, &tuple);
	if (IS_ERR(sk)) {
		consume_skb(skb);
		return;
	}
	if (!sk) {
		xtcp_send_reset(space, skb);
		xl4_drop(space->protocol->number, skb, XL4_DROP_NO_SOCKET);
		return;
	}
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, v6 ? AF_INET6 : AF_INET)) {
		xl4_drop(space->protocol->number, skb, XL4_DROP_POLICY);
	} else if (sk_filter_trim_cap(sk, skb, XTCP_SKB_CB(skb)->length)) {
		xl4_drop(space->protocol->number, skb, XL4_DROP_FILTER);
	} else {
		nf_reset_ct(skb);
		/* The filter may have cut off some of the data. */
		xtcp_set_end(skb);
		xtcp_rcv_sock(sk, skb);
	}
	sock_put(sk);
}

/**
 * xtcp_take_header() - read a segment's header, once
 * @space: of the protocol, in the segment's namespace
 * @skb: data at the header; freed if it is bad
 * @v6: its family
 *
 * Return: whether it was good.
 */
bool xtcp_take_header(struct xl4_space *space, struct sk_buff *skb, bool v6)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_header h;

	xl4_mib_add(&space->mib[v6], XTCP_IN_SEGS, max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	if (!pskb_may_pull(skb, XTCP_HEADER_LEN) || xtcp_parse(skb->data, skb->len, &h) ||
	    !pskb_may_pull(skb, h.length)) {
		xl4_mib_inc(&space->mib[v6], XTCP_IN_ERRS);
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_HEADER);
		return false;
	}
	skb_reset_transport_header(skb);
	cb->seq = h.seq;
	cb->ack = h.ack;
	cb->window = h.window;
	cb->urgent = h.urgent;
	cb->flags = h.flags;
	cb->length = h.length;
	cb->marks = 0;
	xtcp_set_end(skb);
	cb->ce = v6 ? INET_ECN_is_ce(ipv6_get_dsfield(ipv6_hdr(skb))) :
		      INET_ECN_is_ce(ip_hdr(skb)->tos);
	return true;
}

/**
 * xtcp_bad_checksum() - count and drop
 * @space: of the protocol, in the segment's namespace
 * @skb: the segment; freed
 * @v6: its family
 */
void xtcp_bad_checksum(struct xl4_space *space, struct sk_buff *skb, bool v6)
{
	xl4_mib_inc(&space->mib[v6], XTCP_IN_CSUM_ERRORS);
	xl4_mib_inc(&space->mib[v6], XTCP_IN_ERRS);
	xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_CHECKSUM);
}
