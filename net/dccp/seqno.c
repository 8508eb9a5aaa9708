// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence numbers: where they begin, and which are valid (RFC 4340 section 7.5).
 *
 *	 SWL		 GSR		       SWH
 *	  |<---- W/4 ---->|<------- 3W/4 ------>|		W: the peer's Sequence Window
 *
 *	 AWL				       GSS = AWH
 *	  |<-------------- W' ----------------->|		W': ours
 */

#include <linux/siphash.h>

#include "dccp.h"

static siphash_aligned_key_t xdccp_iss_key __read_mostly;

/**
 * xdccp_secret_init() - when the module is loaded: numbers that nobody can guess
 */
void xdccp_secret_init(void)
{
	get_random_bytes(&xdccp_iss_key, sizeof(xdccp_iss_key));
}

/**
 * xdccp_new_iss() - the first number of a connection
 * @tuple: its addresses and ports
 *
 * RFC 4340 section 7.2: as RFC 6528 has it for TCP, so that an older connection's packets are not
 * in the window; with 48 bits the clock may tick every 64 ns.
 *
 * Return: 48 bits.
 */
u64 xdccp_new_iss(const struct xl4_tuple *tuple)
{
	u64 hash = siphash(tuple, sizeof(*tuple), &xdccp_iss_key);

	return (hash + (ktime_get_real_ns() >> 6)) & XDCCP_SEQ_MASK;
}

/* A quarter of the circle of numbers, and the largest Sequence Window. */
#define XDCCP_QUARTER_BITS	(XDCCP_SEQ_BITS - 2)

static bool xdccp_is_another_quarter(u64 seq, u64 other)
{
	return unlikely((seq ^ other) >> XDCCP_QUARTER_BITS);
}

/* So far from a number that on the other side of the circle it would seem to be ahead. */
static bool xdccp_is_far_from(u64 first, u64 seq)
{
	s64 since = xdccp_seq_delta(first, seq);

	return since < 0 || since >> XDCCP_QUARTER_BITS;
}

static void xdccp_set_sequence_window(struct xdccp_sock *dp)
{
	u64 w = dp->seq_window[XDCCP_REMOTE];

	dp->swl = xdccp_seq_add(dp->gsr, 1 - (s64)(w / 4));
	dp->swh = xdccp_seq_add(dp->gsr, (3 * w + 3) / 4);
	/* RFC 4340 section 7.5.1: nothing from before the connection, while that is young. */
	if (!dp->isr_is_past && xdccp_seq_before(dp->swl, dp->isr))
		dp->swl = dp->isr;
}

static void xdccp_set_ack_window(struct xdccp_sock *dp)
{
	dp->awh = dp->gss;
	dp->awl = xdccp_seq_add(dp->gss, 1 - (s64)dp->seq_window[XDCCP_LOCAL]);
	if (!dp->iss_is_past && xdccp_seq_before(dp->awl, dp->iss))
		dp->awl = dp->iss;
}

/**
 * xdccp_update_gsr() - a packet with this number came, and was valid
 * @sk: the socket, locked
 * @seq: the number; the window follows it if it is the highest so far
 */
void xdccp_update_gsr(struct sock *sk, u64 seq)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	bool far = xdccp_is_another_quarter(seq, dp->gsr);

	if (xdccp_seq_after(seq, dp->gsr))
		dp->gsr = seq;
	if (far) {
		dp->isr_is_past |= xdccp_is_far_from(dp->isr, dp->gsr);
		xdccp_features_go_round(&dp->features, dp->gsr);
	}
	xdccp_set_sequence_window(dp);
}

/**
 * xdccp_update_gss() - a packet with this number goes out
 * @sk: the socket, locked
 * @seq: the number, the highest so far
 */
void xdccp_update_gss(struct sock *sk, u64 seq)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (xdccp_is_another_quarter(seq, dp->gss))
		dp->iss_is_past |= xdccp_is_far_from(dp->iss, seq);
	dp->gss = seq;
	xdccp_set_ack_window(dp);
}

/**
 * xdccp_most_on_the_way() - how many packets with data may be
 * @sk: the sender, locked
 *
 * RFC 4340 section 7.5.1: three quarters of the peer's window are ahead of what it has got, but
 * what the path brings late is valid in the quarter behind only; and acknowledgments take
 * numbers, too.
 *
 * Return: packets that the peer has not told of.
 */
u32 xdccp_most_on_the_way(const struct sock *sk)
{
	return clamp_t(u64, xdccp_sk(sk)->seq_window[XDCCP_LOCAL] / 4, 1, U32_MAX);
}

/* RFC 4340 section 7.5.3: the windows by the type of the packet. */
static bool xdccp_seq_valid(const struct xdccp_sock *dp, const struct xdccp_skb_cb *cb)
{
	u64 low = dp->swl, ack_low = dp->awl;

	switch (cb->type) {
	case XDCCP_CLOSEREQ:
	case XDCCP_CLOSE:
	case XDCCP_RESET:
		/* What closes is not behind what came, nor does it acknowledge less. */
		low = xdccp_seq_add(dp->gsr, 1);
		ack_low = dp->gar;
		break;
	case XDCCP_SYNC:
	case XDCCP_SYNCACK:
		/* Their purpose is to be ahead of the window. */
		return !xdccp_seq_before(cb->seq, dp->swl) &&
		       xdccp_seq_between(cb->ack, dp->awl, dp->awh);
	}
	if (!xdccp_seq_between(cb->seq, low, dp->swh))
		return false;
	return !cb->has_ack || xdccp_seq_between(cb->ack, ack_low, dp->awh);
}

/* What a Sync acknowledges: the packet that was not valid; of a Reset, the last valid one. */
static void xdccp_answer_invalid(struct sock *sk, const struct xdccp_skb_cb *cb)
{
	if (cb->type == XDCCP_SYNC || cb->type == XDCCP_SYNCACK)
		return;
	if (!xdccp_sync_allowed(sk, cb->type)) {
		xdccp_count(sk, XDCCP_MIB_SYNC_LIMITED);
		return;
	}
	xdccp_send_sync(sk, cb->type == XDCCP_RESET ? xdccp_sk(sk)->gsr : cb->seq, XDCCP_SYNC);
}

/**
 * xdccp_check_seq() - is a packet of this connection, and of now?
 * @sk: the socket, locked; beyond REQUESTING
 * @skb: the packet; its short numbers become long ones
 *
 * RFC 4340 section 8.5, steps 5 and 6. If not, a Sync asks the peer where it is. If so, GSR and
 * GAR follow, as far as the type allows.
 *
 * Return: whether it is.
 */
bool xdccp_check_seq(struct sock *sk, struct sk_buff *skb)
{
	struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!cb->x) {
		cb->seq = xdccp_extend(cb->seq, dp->gsr);
		cb->ack = cb->has_ack ? xdccp_extend(cb->ack, dp->gss) : 0;
		cb->x = true;
	}
	if (!xdccp_seq_valid(dp, cb)) {
		xdccp_count(sk, XDCCP_MIB_OUT_OF_WINDOW);
		xdccp_answer_invalid(sk, cb);
		return false;
	}
	xdccp_update_gsr(sk, cb->seq);
	if (cb->has_ack && cb->type != XDCCP_SYNC && xdccp_seq_after(cb->ack, dp->gar))
		dp->gar = cb->ack;
	return true;
}
