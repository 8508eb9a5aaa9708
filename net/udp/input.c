// SPDX-License-Identifier: GPL-2.0
/* A datagram that came in: is it sound, and may this socket have it. */

#include <linux/filter.h>
#include <linux/netfilter.h>
#include <net/xfrm.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "udp.h"

/**
 * xudp_discard() - count a datagram as lost and free it
 * @skb: the datagram
 * @space: whose counters
 * @v6: which family's
 * @counter: what went wrong; counted besides XUDP_IN_ERRORS if another
 */
void xudp_discard(struct sk_buff *skb, struct xl4_space *space, bool v6,
		  enum xudp_counter counter)
{
	static const enum xl4_drop_reason reasons[XUDP_COUNTERS] = {
		[XUDP_IN_ERRORS] = XL4_DROP_BAD_HEADER,
		[XUDP_IN_CSUM_ERRORS] = XL4_DROP_BAD_CHECKSUM,
		[XUDP_RCVBUF_ERRORS] = XL4_DROP_RECEIVE_BUFFER,
		[XUDP_MEM_ERRORS] = XL4_DROP_MEMORY_LIMIT,
		[XUDP_IGNORED_MULTI] = XL4_DROP_NO_SOCKET,
		[XUDP_NO_PORTS] = XL4_DROP_NO_SOCKET,
	};

	xudp_count(space, v6, counter);
	if (counter == XUDP_IN_CSUM_ERRORS || counter == XUDP_RCVBUF_ERRORS ||
	    counter == XUDP_MEM_ERRORS)
		xudp_count(space, v6, XUDP_IN_ERRORS);
	xl4_drop(space->protocol->number, skb, reasons[counter]);
}

/**
 * xudp_take_header() - check the header of a datagram
 * @skb: the packet, data at the transport header; consumed on failure
 * @space: whose counters
 * @v6: which family's
 * @header: filled in
 *
 * RFC 768; RFC 3828 section 3.1. What follows a UDP datagram in the packet is
 * cut off.
 *
 * Return: the packet, or NULL if it was bad and has been counted and freed.
 */
struct sk_buff *xudp_take_header(struct sk_buff *skb, struct xl4_space *space, bool v6,
				 struct xudp_header *header)
{
	int err;

	if (!pskb_may_pull(skb, XUDP_HEADER_LEN))
		goto bad;
	err = xudp_is_lite(space) ? xudplite_parse(skb->data, skb->len, header) :
				    xudp_parse(skb->data, skb->len, header);
	if (err || !header->dest)
		goto bad;
	if (header->length < skb->len && pskb_trim_rcsum(skb, header->length))
		goto bad;
	XUDP_SKB_CB(skb)->coverage_missing = header->length - header->coverage;
	return skb;

bad:
	xudp_discard(skb, space, v6, XUDP_IN_ERRORS);
	return NULL;
}

/**
 * xudp_csum_init() - begin to check a datagram's checksum
 * @skb: the datagram, data at its header, with nothing known about its sum
 * @pseudo: sum of the family's pseudo-header
 *
 * If the device has summed the packet that settles it. Otherwise what remains
 * to be summed is left for the copy to the user, or xudp_csum_bad().
 */
void xudp_csum_init(struct sk_buff *skb, __wsum pseudo)
{
	/* A device's sum is of no use where the checksum covers less. */
	if (skb->ip_summed == CHECKSUM_COMPLETE && !XUDP_SKB_CB(skb)->coverage_missing &&
	    !csum_fold(csum_add(pseudo, skb->csum))) {
		skb->csum_valid = 1;
		return;
	}
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum = pseudo;
}

/**
 * xudp_csum_bad() - check a datagram's checksum, if that was not done yet
 * @skb: the datagram, after xudp_csum_init()
 *
 * Return: true if it is damaged.
 */
bool xudp_csum_bad(struct sk_buff *skb)
{
	unsigned int coverage;

	if (skb_csum_unnecessary(skb))
		return false;
	if (!XUDP_SKB_CB(skb)->coverage_missing)
		return __skb_checksum_complete(skb);
	coverage = skb->len - XUDP_SKB_CB(skb)->coverage_missing;
	if (csum_fold(skb_checksum(skb, 0, coverage, skb->csum)))
		return true;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return false;
}

/*
 * RFC 3828 section 3.3: a receiver's minimum coverage. A datagram that is
 * covered whole passes any; one that is not passes only a minimum that is no
 * more than its own, and 0 stands for all.
 */
static bool xudp_coverage_too_low(const struct sock *sk, const struct sk_buff *skb)
{
	unsigned int missing = XUDP_SKB_CB(skb)->coverage_missing;
	u16 minimum = READ_ONCE(xudp_sk(sk)->recv_coverage);

	if (!missing || !READ_ONCE(xudp_sk(sk)->recv_coverage_set))
		return false;
	return !minimum || skb->len - missing < minimum;
}

static bool xudp_policy_ok(struct sock *sk, struct sk_buff *skb, bool v6)
{
	return v6 ? xfrm6_policy_check(sk, XFRM_POLICY_IN, skb) :
		    xfrm4_policy_check(sk, XFRM_POLICY_IN, skb);
}

/* Leave the data only; what is still to be summed does not forget the header. */
static void xudp_pull_header(struct sk_buff *skb)
{
	if (skb_csum_unnecessary(skb))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	else
		skb->csum = csum_partial(skb->data, XUDP_HEADER_LEN, skb->csum);
	__skb_pull(skb, XUDP_HEADER_LEN);
}

/* Leave with the datagram only what recvmsg() may ask for. */
static void xudp_strip(struct sock *sk, struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		xl4_v4_pktinfo_prepare(sk, skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	skb->dev = NULL;
}

/* The socket will not have it: count why, and free it. */
static void xudp_refuse(struct sock *sk, struct sk_buff *skb, enum xl4_drop_reason reason)
{
	const struct xl4_space *space = xl4_sk(sk)->space;

	sk_drops_inc(sk);
	xudp_count(space, xudp_skb_is_v6(skb), XUDP_IN_ERRORS);
	xl4_drop(space->protocol->number, skb, reason);
}

/*
 * Must the checksum be right before the datagram is queued? That of UDP-Lite
 * covers less than the copy to the user, which could check it, would sum; and
 * a filter is not to judge what is damaged.
 */
static bool xudp_must_sum(const struct sock *sk)
{
	return xudp_is_lite(xl4_sk(sk)->space) || rcu_access_pointer(sk->sk_filter);
}

/* Give one datagram to a socket; it is the socket's or gone afterwards. */
static void xudp_queue_rcv_one(struct sock *sk, struct sk_buff *skb)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	bool v6 = xudp_skb_is_v6(skb);
	int err;

	if (!xudp_policy_ok(sk, skb, v6)) {
		xudp_refuse(sk, skb, XL4_DROP_POLICY);
		return;
	}
	if (xudp_coverage_too_low(sk, skb)) {
		xudp_refuse(sk, skb, XL4_DROP_COVERAGE);
		return;
	}
	if (xudp_must_sum(sk) && xudp_csum_bad(skb)) {
		sk_drops_inc(sk);
		xudp_discard(skb, space, v6, XUDP_IN_CSUM_ERRORS);
		return;
	}
	if (sk_filter_trim_cap(sk, skb, XUDP_HEADER_LEN)) {
		xudp_refuse(sk, skb, XL4_DROP_FILTER);
		return;
	}

	skb_orphan(skb);
	xudp_pull_header(skb);
	xudp_strip(sk, skb);
	err = xudp_queue_tail(sk, skb);
	if (unlikely(err))
		xudp_discard(skb, space, v6,
			     err == -ENOMEM ? XUDP_RCVBUF_ERRORS : XUDP_MEM_ERRORS);
}

/**
 * xudp_rcv_skb() - give a packet to a socket
 * @sk: the receiver, referenced
 * @skb: the packet, data at the UDP header, checksum noted; consumed
 *
 * A packet that carries many datagrams (UDP_SEGMENT) is handed over whole to a
 * socket that asked for UDP_GRO, and cut up for one that did not. Softirq.
 */
void xudp_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *next;

	if (likely(!skb_is_gso(skb)) || READ_ONCE(xudp_sk(sk)->gro)) {
		xudp_queue_rcv_one(sk, skb);
		return;
	}
	next = xudp_rcv_segment(skb);
	if (unlikely(!next)) {
		sk_drops_inc(sk);
		xudp_discard(skb, xl4_sk(sk)->space, xudp_skb_is_v6(skb), XUDP_IN_ERRORS);
		return;
	}
	consume_skb(skb);
	for (skb = next; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		xudp_queue_rcv_one(sk, skb);
	}
}
