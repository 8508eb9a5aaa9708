// SPDX-License-Identifier: GPL-2.0
/* From the queue to the wire: when, with which header, and under which checksum. */

#include <net/inet_ecn.h>

#include "dccp.h"

/**
 * xdccp_alloc_skb() - a buffer for a packet without data
 * @gfp: how to allocate
 *
 * Return: empty, with room for all headers and a zeroed control block; NULL without memory.
 */
struct sk_buff *xdccp_alloc_skb(gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(XDCCP_HEADROOM, gfp);

	if (!skb)
		return NULL;
	skb_reserve(skb, XDCCP_HEADROOM);
	memset(skb->cb, 0, sizeof(skb->cb));
	return skb;
}

/**
 * xdccp_sync_mps() - fit packets to the path
 * @sk: connected, locked
 * @mtu: of the path, for whole IP packets
 *
 * RFC 4340 section 14.
 *
 * Return: the most data that a packet may have.
 */
u32 xdccp_sync_mps(struct sock *sk, u32 mtu)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	u32 headers = dp->family->header_len + dp->family->options_len(sk, NULL) + dp->header_room;

	if (dp->encap_port)
		headers += sizeof(struct udphdr);
	dp->path_mtu = mtu;
	dp->mps = mtu > headers ? mtu - headers : 1;
	return dp->mps;
}

/* The number that a packet acknowledges. */
static u64 xdccp_ack_of(const struct xdccp_sock *dp, const struct xdccp_skb_cb *cb)
{
	return cb->type == XDCCP_SYNC || cb->type == XDCCP_SYNCACK ? cb->ack : dp->gsr;
}

/* RFC 4340 section 7.6.1: only where the peer allows it, and never where it forgets. */
static bool xdccp_long_numbers(const struct xdccp_sock *dp, u8 type)
{
	return !dp->short_seqnos[XDCCP_LOCAL] ||
	       (type != XDCCP_DATA && type != XDCCP_ACK && type != XDCCP_DATAACK);
}

/* RFC 4340 section 5.6: the codes whose data say more; of all others they are zero. */
static bool xdccp_reset_has_data(u8 code)
{
	return code == XDCCP_RESET_PACKET_ERROR || code == XDCCP_RESET_OPTION_ERROR ||
	       code == XDCCP_RESET_MANDATORY_ERROR;
}

/*
 * RFC 4340 section 9.2: no more may be covered than there is; section 9.2.1: nor less than the peer
 * takes, which at first, and if it did not agree, is all.
 */
static u8 xdccp_coverage_of(const struct xdccp_sock *dp, u32 len)
{
	u32 least = dp->min_cscov[XDCCP_REMOTE];

	if (!least || !dp->send_cscov)
		return 0;
	return min(max_t(u32, dp->send_cscov, least), 1 + len / 4);
}

static void xdccp_fill_header(struct sock *sk, const struct xdccp_skb_cb *cb, u64 seq, u32 len,
			      struct xdccp_header *h)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	*h = (struct xdccp_header) {
		.source = inet_sk(sk)->inet_sport,
		.dest = inet_sk(sk)->inet_dport,
		.seq = seq,
		.ack = xdccp_ack_of(dp, cb),
		.service = dp->service,
		.type = cb->type,
		.ccval = cb->ccval,
		.reset_code = cb->reset_code,
		.x = xdccp_long_numbers(dp, cb->type),
	};
	if (xdccp_reset_has_data(cb->reset_code))
		memcpy(h->reset_data, dp->reset_data, sizeof(h->reset_data));
	if (len && xdccp_carries_data(cb->type))
		h->cscov = xdccp_coverage_of(dp, len);
	h->fixed = xdccp_fixed_len(h->type, h->x);
}

/* Octets of options that a packet may have, so that it fits the path. */
static u32 xdccp_options_room(const struct sock *sk, const struct xdccp_header *h, u32 len)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	u32 used = dp->family->header_len + dp->family->options_len(sk, NULL) + h->fixed + len;

	if (dp->encap_port)
		used += sizeof(struct udphdr);
	return (dp->path_mtu > used ? min_t(u32, dp->path_mtu - used, XDCCP_OPTIONS_ROOM) : 0) & ~3;
}

/* Header and options in front of the data. 0 or -ENOMEM. */
static int xdccp_push_header(struct sock *sk, struct sk_buff *skb, struct xdccp_header *h)
{
	u8 options[XDCCP_OPTIONS_ROOM], *end;
	u32 len;

	end = xdccp_write_options(sk, skb, h->type, h->seq, options,
				  xdccp_options_room(sk, h, skb->len));
	end = xdccp_put_padding(end, end - options);
	len = end - options;
	h->length = h->fixed + len;
	if (skb_cow_head(skb, h->length + XDCCP_LOWER_HEADERS))
		return -ENOMEM;
	__skb_push(skb, h->length);
	skb_reset_transport_header(skb);
	xdccp_write_header(skb->data, h);
	memcpy(skb->data + h->fixed, options, len);
	return 0;
}

static void xdccp_checksum(struct sock *sk, struct sk_buff *skb, const struct xdccp_header *h)
{
	__sum16 *check = (__sum16 *)(skb->data + XDCCP_CHECKSUM_OFFSET);
	u32 covered;

	skb->ip_summed = CHECKSUM_NONE;
	if (xdccp_coverage(h, skb->len, &covered))
		covered = skb->len;
	*check = xdccp_sk(sk)->family->pseudo(sk, skb->len, skb_checksum(skb, 0, covered, 0));
}

/* Octets beside data that an acknowledgment with many options may want. */
#define XDCCP_ACK_ROOM	100

/* RFC 4340 section 12: data may be marked, if the peer can see the marks. */
static void xdccp_set_ecn(struct sock *sk, bool data)
{
	if (data && !xdccp_sk(sk)->ecn_incapable[XDCCP_REMOTE])
		INET_ECN_xmit(sk);
	else
		INET_ECN_dontxmit(sk);
}

/* What follows from having sent it. */
static void xdccp_note_sent(struct sock *sk, const struct xdccp_header *h)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	xdccp_update_gss(sk, h->seq);
	dp->silent = false;
	/* RFC 4340 section 7.7: a Request counts as one that has data. */
	if (xdccp_carries_data(h->type))
		dp->ndp_sent = 0;
	else
		dp->ndp_sent++;
	if (h->type == XDCCP_ACK || h->type == XDCCP_DATAACK) {
		dp->ack_now = false;
		dp->ack_delayed = false;
		dp->ack_with_data = false;
		xl4_timer_disarm(xdccp_timer(sk, XDCCP_TIMER_ACK));
		if (dp->rx.ops && dp->rx.ops->rx_acked)
			dp->rx.ops->rx_acked(sk, dp->rx.priv, h->seq);
	}
}

/**
 * xdccp_transmit_skb() - send one packet
 * @sk: the sender, locked, with a peer
 * @skb: data, and in the control block its type and what goes with that; consumed
 *
 * RFC 4340 section 7.1: each takes the next number.
 *
 * Return: 0, or a negative errno: then nothing was sent, but the number is gone.
 */
int xdccp_transmit_skb(struct sock *sk, struct sk_buff *skb)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	u64 seq = xdccp_seq_add(dp->gss, 1);
	struct xdccp_header h;
	int err;

	xdccp_fill_header(sk, XDCCP_SKB_CB(skb), seq, skb->len, &h);
	err = xdccp_push_header(sk, skb, &h);
	if (err) {
		xdccp_update_gss(sk, seq);
		kfree_skb(skb);
		return err;
	}
	xdccp_checksum(sk, skb, &h);
	xdccp_note_sent(sk, &h);
	xdccp_set_ecn(sk, h.type == XDCCP_DATA || h.type == XDCCP_DATAACK);
	if (!skb->sk)
		skb_set_owner_w(skb, sk);
	memset(skb->cb, 0, sizeof(skb->cb));
	xdccp_count(sk, XDCCP_MIB_OUT_PACKETS);
	if (dp->encap_port)
		return xdccp_encap_xmit(sk, skb);
	err = dp->family->queue_xmit(sk, skb);
	return err > 0 ? net_xmit_eval(err) : err;
}

/* RFC 4340 section 8.1.4: what does not fit beside the Init Cookies waits till they are not due. */
static bool xdccp_fits(const struct sock *sk, const struct sk_buff *skb)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	return sk->sk_state != XDCCP_PARTOPEN || !dp->cookies_len ||
	       skb->len + dp->cookies_len + XDCCP_ACK_ROOM <= dp->mps;
}

/**
 * xdccp_xmit_packet() - send the packet that is next, which its CCID lets go
 * @sk: the sender, locked, in PARTOPEN or beyond
 *
 * RFC 4340 section 8.1.5: in PARTOPEN, and if something is to be acknowledged, it is a DataAck;
 * but where data leaves no room for options, an Ack goes before it.
 *
 * Return: 0, or a negative errno of xdccp_transmit_skb().
 */
int xdccp_xmit_packet(struct sock *sk)
{
	struct sk_buff *skb = xdccp_qpolicy_pop(sk);
	struct xdccp_sock *dp = xdccp_sk(sk);
	const struct xdccp_ccid_ops *ops = dp->tx.ops;
	bool ack = dp->ack_now || dp->ack_delayed || dp->ack_with_data ||
		   sk->sk_state == XDCCP_PARTOPEN || xdccp_features_due(&dp->features);
	u32 len;
	int err;

	if (!skb)
		return 0;
	xdccp_wake_writers(sk);
	len = skb->len;
	if (ack && sk->sk_state != XDCCP_PARTOPEN && len + XDCCP_ACK_ROOM > dp->mps) {
		xdccp_send_ack(sk);
		ack = false;
	}
	memset(skb->cb, 0, sizeof(skb->cb));
	XDCCP_SKB_CB(skb)->type = ack ? XDCCP_DATAACK : XDCCP_DATA;
	if (ops && ops->tx_ccval)
		XDCCP_SKB_CB(skb)->ccval = ops->tx_ccval(sk, dp->tx.priv);
	err = xdccp_transmit_skb(sk, skb);
	/* It had a number, whatever became of it: the receiver will miss it. */
	if (ops && ops->tx_sent)
		ops->tx_sent(sk, dp->tx.priv, dp->gss, len, xdccp_qpolicy_top(sk));
	return err;
}

/**
 * xdccp_write_xmit() - send what may be sent
 * @sk: the sender, locked
 *
 * At once as long as the CCID says so; then its timer, or the next acknowledgment, goes on.
 */
void xdccp_write_xmit(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	s64 wait = XDCCP_SEND_NOW;
	struct sk_buff *skb;

	if (!xdccp_in(sk, XDCCP_F(OPEN) | XDCCP_F(PARTOPEN) | XDCCP_F(PASSIVE_CLOSEREQ) |
			  XDCCP_F(PASSIVE_CLOSE)))
		return;
	while ((skb = xdccp_qpolicy_top(sk))) {
		if (!xdccp_fits(sk, skb))
			return;
		wait = XDCCP_SEND_NOW;
		if (dp->tx.ops && dp->tx.ops->tx_may_send)
			wait = dp->tx.ops->tx_may_send(sk, dp->tx.priv, skb->len);
		if (wait != XDCCP_SEND_NOW)
			break;
		xdccp_xmit_packet(sk);
	}
	if (skb && wait > 0)
		xdccp_arm_us(sk, XDCCP_TIMER_XMIT, wait);
	xdccp_close_if_due(sk);
}
