// SPDX-License-Identifier: GPL-2.0
/* Packets that are no data: Request, Ack, CloseReq, Close, Reset. */

#include "dccp.h"

static int xdccp_send_type(struct sock *sk, u8 type)
{
	struct sk_buff *skb = xdccp_alloc_skb(GFP_ATOMIC);

	if (!skb)
		return -ENOBUFS;
	XDCCP_SKB_CB(skb)->type = type;
	return xdccp_transmit_skb(sk, skb);
}

/*
 * Sent now, and again until it is answered. Only its type is remembered, so that one for which
 * there is no memory is late, and not lost.
 */
static void xdccp_send_reliably(struct sock *sk, u8 type)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	dp->is_unanswered = true;
	dp->unanswered = type;
	dp->retransmits = 0;
	dp->retransmit_start = jiffies;
	xdccp_rearm_retransmit(sk);
	xdccp_send_type(sk, type);
}

/**
 * xdccp_retransmit_skb() - send again what was not answered
 * @sk: the sender, locked; xdccp_sock.unanswered is what to send
 *
 * With a new number, and options as they are now.
 */
void xdccp_retransmit_skb(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!dp->is_unanswered)
		return;
	dp->retransmits++;
	xdccp_count(sk, XDCCP_MIB_RETRANS_PACKETS);
	xdccp_send_type(sk, dp->unanswered);
}

/**
 * xdccp_send_request() - ask for a connection
 * @sk: the client, locked, in REQUESTING, with its first number in iss
 *
 * RFC 4340 section 8.1.1.
 *
 * It is asked again until it is answered.
 */
void xdccp_send_request(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	dp->gss = xdccp_seq_add(dp->iss, -1);
	dp->gsr = 0;
	dp->gar = dp->iss;
	dp->syn_sent_us = xdccp_now_us();
	dp->triggered = false;
	xdccp_send_reliably(sk, XDCCP_REQUEST);
}

/**
 * xdccp_send_ack() - acknowledge now
 * @sk: the socket, locked, in PARTOPEN or beyond
 */
void xdccp_send_ack(struct sock *sk)
{
	if (!xdccp_send_type(sk, XDCCP_ACK))
		return;
	/* Later, then. */
	xdccp_sk(sk)->ack_now = false;
	xdccp_sk(sk)->ack_delayed = false;
	xdccp_delay_ack(sk);
}

/**
 * xdccp_ack_now() - an acknowledgment is to go when this packet is processed
 * @sk: the socket, locked
 *
 * With data, if some goes then.
 */
void xdccp_ack_now(struct sock *sk)
{
	xdccp_sk(sk)->ack_now = true;
}

#define XDCCP_DELAYED_ACK	(HZ / 5)	/* RFC 4341 section 6.1.1: as TCP does */

/**
 * xdccp_delay_ack() - an acknowledgment is to go before long
 * @sk: the socket, locked
 */
void xdccp_delay_ack(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (dp->ack_delayed)
		return;
	dp->ack_delayed = true;
	xl4_timer_arm(xdccp_timer(sk, XDCCP_TIMER_ACK), jiffies + XDCCP_DELAYED_ACK);
}

/**
 * xdccp_send_close() - end the connection
 * @sk: the socket, locked
 * @active: it is our wish; else the peer's CloseReq is answered
 *
 * RFC 4340 section 8.3: a server that would not hold TIME-WAIT asks the client to close.
 */
void xdccp_send_close(struct sock *sk, bool active)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	bool request = active && dp->server && !dp->server_timewait;

	xdccp_send_reliably(sk, request ? XDCCP_CLOSEREQ : XDCCP_CLOSE);
}

/**
 * xdccp_send_active_reset() - break the connection off, or answer the peer's Close
 * @sk: the socket, locked, with a peer
 * @code: XDCCP_RESET_...; its data is in xdccp_sock.reset_data
 *
 * RFC 4340 section 8.1.1: to a peer that was not heard of it acknowledges 0.
 */
void xdccp_send_active_reset(struct sock *sk, u8 code)
{
	struct sk_buff *skb = xdccp_alloc_skb(GFP_ATOMIC);

	if (!skb)
		return;
	XDCCP_SKB_CB(skb)->type = XDCCP_RESET;
	XDCCP_SKB_CB(skb)->reset_code = code;
	xdccp_count(sk, XDCCP_MIB_OUT_RESETS);
	xdccp_transmit_skb(sk, skb);
}
