// SPDX-License-Identifier: GPL-2.0
/* The options of a packet that goes out (RFC 4340 section 5.8). */

#include "dccp.h"

#define XDCCP_NDP_LEN	8	/* at most */
#define XDCCP_ECHO_LEN	10
#define XDCCP_TIMESTAMP_LEN 6
#define XDCCP_CHECKSUM_LEN 6

/* RFC 4340 section 7.7 */
static u8 *xdccp_write_ndp(const struct xdccp_sock *dp, u8 *to, const u8 *end)
{
	if (!dp->send_ndp[XDCCP_LOCAL] || !dp->ndp_sent || end - to < XDCCP_NDP_LEN)
		return to;
	return xdccp_put_ndp(to, dp->ndp_sent);
}

/* RFC 4340 section 13.3 */
static u8 *xdccp_write_echo(struct xdccp_sock *dp, u8 *to, const u8 *end)
{
	if (!dp->echo_due || end - to < XDCCP_ECHO_LEN)
		return to;
	dp->echo_due = false;
	return xdccp_put_echo(to, dp->timestamp, xdccp_elapsed(dp->timestamp_us, xdccp_now_us()));
}

/* RFC 4340 section 13.1: of a Request that goes again, or no round trip would be known. */
static u8 *xdccp_write_timestamp(struct xdccp_sock *dp, u8 *to, const u8 *end)
{
	if (!dp->retransmits || end - to < XDCCP_TIMESTAMP_LEN)
		return to;
	dp->stamped = true;
	return xdccp_put_number(to, XDCCP_OPT_TIMESTAMP, xdccp_timestamp(xdccp_now_us()), 4);
}

static u8 *xdccp_write_ack_vector(struct xdccp_sock *dp, u64 seq, u8 *to, const u8 *end)
{
	u32 room = (end - to) * 3 / 4;		/* the others want some, too */
	u8 *next;

	/* It has to begin with the packet that is acknowledged. */
	if (!dp->ackvec || dp->ackvec->latest != dp->gsr)
		return to;
	next = xdccp_ackvec_put(dp->ackvec, to, room);
	if (next != to)
		xdccp_ackvec_sent(dp->ackvec, seq);
	return next;
}

/*
 * RFC 4340 section 8.1.5: all of them, in their order, in every packet until the server was heard
 * of again.
 */
static u8 *xdccp_write_cookies(const struct sock *sk, u8 *to, const u8 *end)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	if (sk->sk_state != XDCCP_PARTOPEN || end - to < dp->cookies_len)
		return to;
	memcpy(to, dp->cookies, dp->cookies_len);
	return to + dp->cookies_len;
}

static u8 *xdccp_write_acks(struct sock *sk, u64 seq, u8 *to, const u8 *end)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	to = xdccp_write_ack_vector(dp, seq, to, end);
	if (unlikely(dp->drops))
		to = xdccp_drops_put(dp->drops, dp->gsr, to, end - to);
	if (dp->rx.ops && dp->rx.ops->rx_options)
		to = dp->rx.ops->rx_options(sk, dp->rx.priv, to, end - to);
	return to;
}

/**
 * xdccp_write_options() - all options of a connection's packet
 * @sk: the sender, locked
 * @skb: the packet's data
 * @type: of the packet
 * @seq: its number
 * @to: where
 * @room: octets there
 *
 * What matters most goes first; what has no room goes with a later packet.
 *
 * Return: where they end.
 */
u8 *xdccp_write_options(struct sock *sk, const struct sk_buff *skb, u8 type, u64 seq, u8 *to,
			u32 room)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	const u8 *end = to + room;

	if (dp->data_checksum && (type == XDCCP_DATA || type == XDCCP_DATAACK) &&
	    room >= XDCCP_CHECKSUM_LEN)
		to = xdccp_put_data_checksum(skb, to);
	to = xdccp_write_ndp(dp, to, end);
	if (type == XDCCP_REQUEST)
		to = xdccp_write_timestamp(dp, to, end);
	if (type == XDCCP_DATA)
		return xdccp_write_echo(dp, to, end);
	to = xdccp_write_cookies(sk, to, end);
	if (type == XDCCP_RESET || type == XDCCP_LISTEN)
		return to;
	to = xdccp_features_put(&dp->features, to, end - to, seq);
	if (type == XDCCP_ACK || type == XDCCP_DATAACK)
		to = xdccp_write_acks(sk, seq, to, end);
	return xdccp_write_echo(dp, to, end);
}
