// SPDX-License-Identifier: GPL-2.0
/* From a packet to what it is for: RFC 4340 section 8.5, steps 1 and 2. */

#include <linux/filter.h>
#include <net/inet_ecn.h>
#include <net/xfrm.h>
#include <xl4/drop.h>

#include "dccp.h"

static enum xdccp_verdict xdccp_dispatch(struct sock *sk, struct sk_buff *skb)
{
	enum xdccp_verdict verdict;

	if (likely(sk->sk_state == XDCCP_OPEN))
		return xdccp_rcv_established(sk, skb);
	if (sk->sk_state != XDCCP_LISTENING)
		return xdccp_rcv_state_process(sk, skb);
	/* If a program's backlog brings it, children are locked like from a packet. */
	local_bh_disable();
	verdict = xdccp_listen_rcv(sk, skb);
	local_bh_enable();
	return verdict;
}

/**
 * xdccp_do_rcv() - process a packet
 * @sk: its socket, locked
 * @skb: data at the header; consumed
 *
 * Return: 0.
 */
int xdccp_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	enum xdccp_verdict verdict = xdccp_dispatch(sk, skb);

	if (verdict == XDCCP_ANSWER_RESET)
		xdccp_send_reset(xl4_sk(sk)->space, skb, dp->reset_code, dp->reset_data);
	if (verdict != XDCCP_TAKEN)
		consume_skb(skb);
	return 0;
}

/* Room for so many octets of memory may wait while a program has the socket. */
static unsigned int xdccp_backlog_limit(const struct sock *sk)
{
	return READ_ONCE(sk->sk_rcvbuf) + (READ_ONCE(sk->sk_sndbuf) >> 1) + SZ_64K;
}

static void xdccp_rcv_sock(struct sock *sk, struct sk_buff *skb)
{
	skb->dev = NULL;
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk)) {
		xdccp_do_rcv(sk, skb);
	} else if (sk_add_backlog(sk, skb, xdccp_backlog_limit(sk))) {
		xdccp_count(sk, XDCCP_MIB_BACKLOG_DROP);
		sk_drops_inc(sk);
		kfree_skb(skb);
	}
	bh_unlock_sock(sk);
}

static void xdccp_timewait_deal(struct xl4_entry *entry, struct sk_buff *skb)
{
	struct xdccp_timewait *tw = (struct xdccp_timewait *)xl4_timewait_of(entry);

	if (xdccp_timewait_rcv(tw, skb) == XDCCP_TW_RESET)
		xdccp_timewait_reset(tw, skb);
}

/* Step 2: whom a packet is for; an error pointer if it was dealt with here. */
static struct sock *xdccp_find(struct xl4_space *space, struct sk_buff *skb)
{
	enum xl4_family family = xdccp_family_of(skb)->v6 ? XL4_V6 : XL4_V4;
	int device = xdccp_device_of(skb), l3_device = xdccp_l3_device_of(skb);
	struct xl4_tuple tuple;
	struct xl4_entry *entry;
	struct sock *sk;

	xdccp_tuple_of(skb, &tuple);
	do {
		entry = xl4_lookup_connection(space, family, &tuple, device, l3_device);
		if (!entry)
			return xl4_lookup_listener(space, family, &tuple, device, l3_device, skb,
						   XDCCP_SKB_CB(skb)->length);
		if (entry->kind == XL4_SOCKET)
			return xl4_binding_of(entry)->sk;
		sk = ERR_PTR(-ETIMEDOUT);
		if (entry->kind == XL4_REQUEST)
			sk = xl4_request_hold_listener(entry);
		else
			xdccp_timewait_deal(entry, skb);
		xl4_entry_put(entry);
	} while (!sk);
	return sk;
}

/*
 * RFC 4340 section 9.2: coverage of 0 is that of all, and 1 the least. Where there is less only the
 * data is refused: the packet has not been lost.
 */
static bool xdccp_covers_enough(const struct sock *sk, const struct sk_buff *skb)
{
	u8 least = READ_ONCE(xdccp_sk(sk)->recv_cscov), cscov = XDCCP_SKB_CB(skb)->cscov;

	return !cscov || (least && cscov >= least);
}

/* RFC 6773 section 3.8: in UDP a connection is also of the UDP ports. */
static bool xdccp_same_carrier(const struct sock *sk, const struct sk_buff *skb)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	if (sk->sk_state == XDCCP_LISTENING)
		return true;
	return READ_ONCE(xdccp_sk(sk)->encap_port) == (cb->encapsulated ? cb->encap_port : 0);
}

/**
 * xdccp_rcv() - what both families do with a packet
 * @space: of the protocol, in the packet's namespace
 * @skb: data at the header, its control block filled in, checksum right; consumed
 */
void xdccp_rcv(struct xl4_space *space, struct sk_buff *skb)
{
	bool v6 = xdccp_family_of(skb)->v6;
	struct sock *sk = xdccp_find(space, skb);

	if (IS_ERR(sk)) {
		consume_skb(skb);
		return;
	}
	if (!sk) {
		xdccp_send_reset(space, skb, XDCCP_RESET_NO_CONNECTION, NULL);
		xl4_drop(space->protocol->number, skb, XL4_DROP_NO_SOCKET);
		return;
	}
	if (!xdccp_covers_enough(sk, skb)) {
		xdccp_count(sk, XDCCP_MIB_IN_CSCOV_DROPS);
		XDCCP_SKB_CB(skb)->uncovered = true;
	}
	if (!xdccp_same_carrier(sk, skb)) {
		if (XDCCP_SKB_CB(skb)->encapsulated && XDCCP_SKB_CB(skb)->type == XDCCP_REQUEST)
			xdccp_send_reset(space, skb, XDCCP_RESET_PORT_REUSE, NULL);
		xl4_drop(space->protocol->number, skb, XL4_DROP_NO_SOCKET);
	} else if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, v6 ? AF_INET6 : AF_INET)) {
		xl4_drop(space->protocol->number, skb, XL4_DROP_POLICY);
	} else if (sk_filter_trim_cap(sk, skb, XDCCP_SKB_CB(skb)->length)) {
		xl4_drop(space->protocol->number, skb, XL4_DROP_FILTER);
	} else {
		nf_reset_ct(skb);
		xdccp_rcv_sock(sk, skb);
	}
	sock_put(sk);
}

static void xdccp_fill_cb(struct sk_buff *skb, const struct xdccp_header *h, bool v6)
{
	struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	BUILD_BUG_ON(sizeof(*cb) > sizeof(skb->cb));
	cb->seq = h->seq;
	cb->ack = h->ack;
	cb->length = h->length;
	cb->encap_port = 0;
	cb->type = h->type;
	cb->ccval = h->ccval;
	cb->cscov = h->cscov;
	cb->reset_code = h->reset_code;
	cb->ecn = (v6 ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos) & INET_ECN_MASK;
	cb->x = h->x;
	cb->has_ack = h->has_ack;
	cb->has_options = h->length > h->fixed;
	cb->encapsulated = false;
	cb->header_read = false;
	cb->uncovered = false;
}

/* Step 1. What is behind the header need not be at hand. */
static int xdccp_check_header(struct sk_buff *skb, struct xdccp_header *h, u32 *covered)
{
	if (!pskb_may_pull(skb, min_t(u32, skb->len, XDCCP_MAX_FIXED_LEN)) ||
	    xdccp_parse_header(skb->data, skb_headlen(skb), h) ||
	    xdccp_coverage(h, skb->len, covered) || !pskb_may_pull(skb, h->length))
		return -EINVAL;
	return 0;
}

/**
 * xdccp_take_header() - read a packet's header, once
 * @space: of the protocol, in the packet's namespace
 * @skb: data at the header; freed if it is bad
 * @v6: its family
 * @covered: set to the octets that the checksum is over
 *
 * RFC 4340 section 8.5, step 1: what is malformed is ignored.
 *
 * Return: whether it was good.
 */
bool xdccp_take_header(struct xl4_space *space, struct sk_buff *skb, bool v6, u32 *covered)
{
	struct xdccp_header h;

	xl4_mib_inc(&space->mib[v6], XDCCP_MIB_IN_PACKETS);
	if (xdccp_check_header(skb, &h, covered)) {
		xl4_mib_inc(&space->mib[v6], XDCCP_MIB_IN_ERRORS);
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_HEADER);
		return false;
	}
	skb_reset_transport_header(skb);
	xdccp_fill_cb(skb, &h, v6);
	return true;
}

/**
 * xdccp_bad_checksum() - count and drop
 * @space: of the protocol, in the packet's namespace
 * @skb: the packet; freed
 * @v6: its family
 */
void xdccp_bad_checksum(struct xl4_space *space, struct sk_buff *skb, bool v6)
{
	xl4_mib_inc(&space->mib[v6], XDCCP_MIB_IN_CSUM_ERRORS);
	xl4_mib_inc(&space->mib[v6], XDCCP_MIB_IN_ERRORS);
	xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_CHECKSUM);
}
