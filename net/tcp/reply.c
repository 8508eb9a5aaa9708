// SPDX-License-Identifier: GPL-2.0
/* Answers that no connection gives. */

#include <linux/tcp.h>
#include <xl4/ip.h>

#include "tcp.h"

/*
 * RFC 9293 section 3.10.7.1: what belongs to no connection is reset; with the
 * number that the sender of @skb must take for right.
 */
static struct sk_buff *xtcp_make_reset(const struct sk_buff *in)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(in);
	struct xtcp_header h = {
		.source = tcp_hdr(in)->dest,
		.dest = tcp_hdr(in)->source,
		.length = XTCP_HEADER_LEN,
		.flags = XTCP_RST,
	};
	struct sk_buff *skb = alloc_skb(XTCP_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return NULL;
	if (cb->flags & XTCP_ACK) {
		h.seq = cb->ack;
	} else {
		h.flags |= XTCP_ACK;
		h.ack = cb->end_seq;
	}
	skb_reserve(skb, XTCP_HEADROOM);
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xtcp_write(skb->data, &h);
	return skb;
}

/**
 * xtcp_reply() - answer a segment without a socket
 * @net: the namespace
 * @number: IP protocol number
 * @in: the segment that is answered
 * @skb: the answer, data at its header; consumed
 * @tos: of the answer
 * @mark: likewise
 *
 * The checksum is filled in. Softirq.
 */
void xtcp_reply(struct net *net, u8 number, const struct sk_buff *in, struct sk_buff *skb, u8 tos,
		u32 mark)
{
	struct xl4_reply reply = {
		.local_port = tcp_hdr(skb)->source,
		.remote_port = tcp_hdr(skb)->dest,
		.device = xtcp_l3_device_of(in) ? xtcp_device_of(in) : 0,
		.scope_device = xtcp_device_of(in),
		.mark = mark,
		.uid = sock_net_uid(net, NULL),
		.protocol = number,
		.tos = tos,
	};

	if (in->protocol == htons(ETH_P_IPV6)) {
		reply.local = xl4_addr_v6(&ipv6_hdr(in)->daddr);
		reply.remote = xl4_addr_v6(&ipv6_hdr(in)->saddr);
	} else {
		reply.local = xl4_addr_v4(ip_hdr(in)->daddr);
		reply.remote = xl4_addr_v4(ip_hdr(in)->saddr);
	}
	tcp_hdr(skb)->check = xl4_reply_sum(skb, &reply);
	xl4_reply(net, NULL, skb, &reply);
}

/**
 * xtcp_send_reset() - answer a segment with a reset
 * @space: of the protocol, in the segment's namespace
 * @skb: the segment; stays the caller's
 */
void xtcp_send_reset(struct xl4_space *space, const struct sk_buff *skb)
{
	struct sk_buff *reset;

	if (XTCP_SKB_CB(skb)->flags & XTCP_RST || xtcp_to_many(skb))
		return;
	reset = xtcp_make_reset(skb);
	if (!reset)
		return;
	xtcp_reply(space->net, space->protocol->number, skb, reset, 0, 0);
	xl4_mib_inc(&space->mib[xtcp_family_of(skb)->v6], XTCP_OUT_RSTS);
	xl4_mib_inc(&space->mib[xtcp_family_of(skb)->v6], XTCP_OUT_SEGS);
}

/* An ACK with a window and timestamps, for who has no socket. */
static void xtcp_reply_ack(struct net *net, u8 number, const struct sk_buff *in, u32 seq, u32 ack,
			   u16 window, bool timestamps, u32 tsval, u32 tsecr, u8 tos, u32 mark)
{
	struct xtcp_options opt = {
		.has_timestamps = timestamps,
		.tsval = tsval,
		.tsecr = tsecr,
	};
	struct xtcp_header h = {
		.source = tcp_hdr(in)->dest,
		.dest = tcp_hdr(in)->source,
		.seq = seq,
		.ack = ack,
		.flags = XTCP_ACK,
		.window = window,
		.length = XTCP_HEADER_LEN + xtcp_options_len(&opt, false),
	};
	struct sk_buff *skb = alloc_skb(XTCP_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return;
	skb_reserve(skb, XTCP_HEADROOM);
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xtcp_write(skb->data, &h);
	xtcp_write_options(skb->data + XTCP_HEADER_LEN, &opt, false);
	xtcp_reply(net, number, in, skb, tos, mark);
}

/**
 * xtcp_reply_ack_timewait() - tell the peer where the connection ended
 * @tw: the connection
 * @skb: what the peer sent
 */
void xtcp_reply_ack_timewait(const struct xtcp_timewait *tw, const struct sk_buff *skb)
{
	const struct xl4_space *space = tw->xl4.space;

	xtcp_reply_ack(space->net, space->protocol->number, skb, tw->snd_nxt, tw->rcv_nxt,
		       min(tw->rcv_wnd >> tw->rcv_wscale, 65535U), tw->has_timestamps,
		       xtcp_clock_ms() + tw->ts_offset, tw->ts_recent, tw->tos, 0);
}

/**
 * xtcp_reply_ack_request() - tell the peer what a request expects
 * @sk: the listener
 * @skb: what the peer sent
 * @request: the half-open connection
 */
void xtcp_reply_ack_request(const struct sock *sk, const struct sk_buff *skb,
			    const struct xtcp_request *request)
{
	xtcp_reply_ack(sock_net(sk), sk->sk_protocol, skb, request->iss + 1, request->irs + 1,
		       request->window >> (request->has_wscale ? request->rcv_wscale : 0),
		       request->has_timestamps, xtcp_clock_ms() + request->ts_offset,
		       request->ts_recent, inet_sk(sk)->tos, request->mark);
}
