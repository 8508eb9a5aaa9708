// SPDX-License-Identifier: GPL-2.0
/* Answers that no connection gives. */

#include <net/inet_ecn.h>
#include <xl4/ip.h>

#include "dccp.h"

#define XDCCP_RESETS_AT_ONCE	100	/* in a tenth of a second, of a namespace and family */

/* Without connection a Reset is for whoever asks: there is an end to it. */
static bool xdccp_reset_allowed(struct net *net, bool v6)
{
	struct xdccp_net *xn = xdccp_net(net);
	unsigned long since = READ_ONCE(xn->replied[v6]);

	if (time_after_eq(jiffies, since + HZ / 10) || !since) {
		WRITE_ONCE(xn->replied[v6], jiffies ? : 1);
		atomic_set(&xn->replies[v6], 0);
	}
	return atomic_inc_return(&xn->replies[v6]) <= XDCCP_RESETS_AT_ONCE;
}

/*
 * RFC 4340 section 8.3.1: there are no numbers but those of the packet that is answered; of short
 * ones the upper half is zero.
 */
static struct sk_buff *xdccp_make_reset(const struct sk_buff *in, u8 code, const u8 data[3])
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(in);
	struct xdccp_header h = {
		.source = xdccp_ports(in)->dccph_dport,
		.dest = xdccp_ports(in)->dccph_sport,
		.type = XDCCP_RESET,
		.x = true,
		.seq = cb->has_ack ? xdccp_seq_add(cb->ack, 1) : 0,
		.ack = cb->seq,
		.length = xdccp_fixed_len(XDCCP_RESET, true),
		.reset_code = code,
	};
	struct sk_buff *skb = xdccp_alloc_skb(GFP_ATOMIC);

	if (!skb)
		return NULL;
	if (!cb->x)
		h.seq &= XDCCP_SHORT_MASK;
	if (data)
		memcpy(h.reset_data, data, sizeof(h.reset_data));
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xdccp_write_header(skb->data, &h);
	return skb;
}

/**
 * xdccp_reply() - send a packet that has no connection
 * @net: the namespace
 * @sk: the socket it is charged to; NULL: none
 * @skb: data at the header, all but the checksum is written; consumed
 * @reply: addresses and what else the IP header says
 * @encap_port: the peer's UDP port; 0: there is no UDP
 *
 * Return: 0 or a negative errno.
 */
int xdccp_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		const struct xl4_reply *reply, __be16 encap_port)
{
	__sum16 *check = (__sum16 *)(skb->data + XDCCP_CHECKSUM_OFFSET);

	if (encap_port)
		return xdccp_encap_reply(net, sk, skb, reply, encap_port);
	*check = xl4_reply_sum(skb, reply);
	return xl4_reply(net, sk, skb, reply);
}

/* Back to where a packet came from. */
static void xdccp_answer(struct xl4_space *space, const struct sk_buff *in, struct sk_buff *skb,
			 u8 tos)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(in);
	bool v6 = xdccp_family_of(in)->v6;
	struct xl4_reply reply = {
		.device = xdccp_l3_device_of(in) ? xdccp_device_of(in) : 0,
		.scope_device = xdccp_device_of(in),
		.uid = sock_net_uid(space->net, NULL),
		.protocol = space->protocol->number,
		.tos = tos & ~INET_ECN_MASK,
	};
	struct xl4_tuple tuple;

	xdccp_tuple_of(in, &tuple);
	reply.local = tuple.local;
	reply.remote = tuple.remote;
	reply.local_port = tuple.local_port;
	reply.remote_port = tuple.remote_port;
	xdccp_reply(space->net, NULL, skb, &reply, cb->encapsulated ? cb->encap_port : 0);
	xl4_mib_inc(&space->mib[v6], XDCCP_MIB_OUT_RESETS);
	xl4_mib_inc(&space->mib[v6], XDCCP_MIB_OUT_PACKETS);
}

/**
 * xdccp_send_reset() - answer a packet with a Reset
 * @space: of the protocol, in the packet's namespace
 * @skb: the packet; stays the caller's
 * @code: XDCCP_RESET_...
 * @data: of the Reset; NULL: zero
 *
 * No Reset is answered, nor what was sent to many.
 */
void xdccp_send_reset(struct xl4_space *space, const struct sk_buff *skb, u8 code,
		      const u8 data[3])
{
	struct sk_buff *reset;

	if (XDCCP_SKB_CB(skb)->type == XDCCP_RESET || xdccp_to_many(skb) ||
	    !xdccp_reset_allowed(space->net, xdccp_family_of(skb)->v6))
		return;
	reset = xdccp_make_reset(skb, code, data);
	if (reset)
		xdccp_answer(space, skb, reset, 0);
}

/**
 * xdccp_timewait_reset() - likewise, from a TIME-WAIT
 * @tw: the connection
 * @skb: what the peer sent; no Reset
 */
void xdccp_timewait_reset(const struct xdccp_timewait *tw, const struct sk_buff *skb)
{
	struct sk_buff *reset = xdccp_make_reset(skb, XDCCP_RESET_NO_CONNECTION, NULL);

	if (reset)
		xdccp_answer(tw->xl4.space, skb, reset, tw->tos);
}
