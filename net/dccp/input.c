// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet does to a connection: the pseudo-code of RFC 4340 section 8.5, a function for each
 * of its steps, by their numbers. Steps 1 and 2 are in demux.c, step 3 and a server's first part
 * of step 11 in listen.c.
 *
 * Where we differ: what a peer closed is read before we answer (steps 13 and 14), and who never
 * had a connection needs no TIME-WAIT (step 9).
 */

#include <linux/slab.h>
#include <net/inet_ecn.h>

#include "dccp.h"

/**
 * xdccp_reset_errno() - what a Reset means to the program
 * @code: of the Reset
 *
 * RFC 4340 section 5.6, by the numbers that programs for Linux know.
 *
 * Return: a positive errno, or 0: an end like any other.
 */
int xdccp_reset_errno(u8 code)
{
	static const int numbers[XDCCP_RESET_CODES] = {
		[XDCCP_RESET_ABORTED]		= ECONNRESET,
		[XDCCP_RESET_NO_CONNECTION]	= ECONNREFUSED,
		[XDCCP_RESET_PACKET_ERROR]	= ENOMSG,
		[XDCCP_RESET_OPTION_ERROR]	= EILSEQ,
		[XDCCP_RESET_MANDATORY_ERROR]	= EOPNOTSUPP,
		[XDCCP_RESET_REFUSED]		= ECONNREFUSED,
		[XDCCP_RESET_BAD_SERVICE]	= EBADRQC,
		[XDCCP_RESET_TOO_BUSY]		= EUSERS,
		[XDCCP_RESET_BAD_COOKIE]	= EBADR,
		[XDCCP_RESET_AGGRESSION]	= EDQUOT,
		[XDCCP_RESET_PORT_REUSE]	= EADDRINUSE,
	};

	return code < XDCCP_RESET_CODES ? numbers[code] : ECONNRESET;
}

/* Break off; the program learns why. */
static enum xdccp_verdict xdccp_break_off(struct sock *sk, u8 code)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	dp->reset_code = code;
	xdccp_send_active_reset(sk, code);
	sk->sk_err = xdccp_reset_errno(code) ? : ECONNRESET;
	sk_error_report(sk);
	xdccp_done(sk);
	return XDCCP_DROP;
}

/**
 * xdccp_send_due() - send what a packet gave cause to
 * @sk: the socket, locked
 *
 * Data that may go now, which acknowledge; without any, an Ack. Our Changes go again if they are
 * not answered.
 */
void xdccp_send_due(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xl4_timer *timer = xdccp_timer(sk, XDCCP_TIMER_RETRANSMIT);

	if (!xdccp_in(sk, XDCCP_F(PARTOPEN) | XDCCP_F(OPEN) | XDCCP_F(PASSIVE_CLOSE) |
			  XDCCP_F(PASSIVE_CLOSEREQ)))
		return;
	if (!skb_queue_empty(&sk->sk_write_queue))
		xdccp_write_xmit(sk);
	if (dp->ack_now || xdccp_features_due(&dp->features))
		xdccp_send_ack(sk);
	if (xdccp_features_pending(&dp->features)) {
		if (!timer->armed)
			xdccp_rearm_retransmit(sk);
	} else if (sk->sk_state == XDCCP_OPEN) {
		dp->retransmits = 0;
	}
}

/* ---------------------------------------------------------------- the steps */

/*
 * RFC 5596 section 2.2.3.1: who invites us waits for our Request, and may not have got it. Once for
 * a connection, and it counts as one that went again because nobody answered.
 */
static void xdccp_triggered(struct sock *sk, const struct sk_buff *skb)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_header h;

	xdccp_count(sk, XDCCP_MIB_LISTENS_RECEIVED);
	if (dp->triggered || xdccp_parse_header(skb->data, skb_headlen(skb), &h) ||
	    h.service != dp->service)
		return;
	dp->triggered = true;
	dp->syn_sent_us = 0;
	xdccp_retransmit_skb(sk);
	xdccp_rearm_retransmit(sk);
}

/* Step 4: Prepare sequence numbers in REQUEST */
static enum xdccp_verdict xdccp_prepare_request(struct sock *sk, struct sk_buff *skb,
						struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (sk->sk_state != XDCCP_REQUESTING)
		return XDCCP_NEXT_STEP;
	if ((cb->type == XDCCP_RESPONSE || cb->type == XDCCP_RESET) &&
	    xdccp_seq_between(cb->ack, dp->awl, dp->awh)) {
		dp->isr = cb->seq;
		dp->gsr = xdccp_seq_add(cb->seq, -1);
		xdccp_update_gsr(sk, dp->gsr);
		return XDCCP_NEXT_STEP;
	}
	if (cb->type == XDCCP_LISTEN) {
		xdccp_triggered(sk, skb);
		return XDCCP_DROP;
	}
	dp->reset_code = XDCCP_RESET_PACKET_ERROR;
	memset(dp->reset_data, 0, sizeof(dp->reset_data));
	dp->reset_data[0] = cb->type;
	return XDCCP_ANSWER_RESET;
}

/* Steps 5 and 6: Prepare sequence numbers for Sync; Check sequence numbers */
static enum xdccp_verdict xdccp_check_numbers(struct sock *sk, struct sk_buff *skb,
					      struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	/* RFC 4340 section 7.6.1; and what a Listen has for a number is none. */
	if ((!cb->x && !xdccp_sk(sk)->short_seqnos[XDCCP_REMOTE]) || cb->type == XDCCP_LISTEN)
		return XDCCP_DROP;
	return xdccp_check_seq(sk, skb) ? XDCCP_NEXT_STEP : XDCCP_DROP;
}

/* S.state >= OPEN */
static bool xdccp_is_open_or_closing(const struct sock *sk)
{
	return !xdccp_in(sk, XDCCP_F(REQUESTING) | XDCCP_F(RESPOND) | XDCCP_F(PARTOPEN));
}

static bool xdccp_is_unexpected(const struct sock *sk, const struct xdccp_skb_cb *cb)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	bool again = xdccp_is_open_or_closing(sk) && !xdccp_seq_before(cb->seq, dp->osr);

	switch (cb->type) {
	case XDCCP_CLOSEREQ:
		return dp->server;
	case XDCCP_RESPONSE:
		return dp->server || again;
	case XDCCP_REQUEST:
		return !dp->server || again;
	case XDCCP_DATA:
		return sk->sk_state == XDCCP_RESPOND;
	}
	return false;
}

/* Step 7: Check for unexpected packet types */
static enum xdccp_verdict xdccp_check_type(struct sock *sk, struct sk_buff *skb,
					   struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	if (!xdccp_is_unexpected(sk, cb))
		return XDCCP_NEXT_STEP;
	if (xdccp_sync_allowed(sk, cb->type))
		xdccp_send_sync(sk, cb->seq, XDCCP_SYNC);
	else
		xdccp_count(sk, XDCCP_MIB_SYNC_LIMITED);
	return XDCCP_DROP;
}

/* The handshake was a round trip: the CCIDs, which begin with the features, would know. */
static void xdccp_time_handshake(struct xdccp_sock *dp)
{
	if (dp->syn_sent_us)
		xl4_rto_sample(&dp->rto, clamp_t(u64, xdccp_now_us() - dp->syn_sent_us, 1,
						 U32_MAX));
	dp->syn_sent_us = 0;
}

#define XDCCP_MAX_RTT	(64 * USEC_PER_SEC / XDCCP_WIRE_US)

/* RFC 4340 section 13: of a packet that went twice the time stamp tells which was answered. */
static void xdccp_time_echo(struct xdccp_sock *dp, const struct xdccp_options *opt)
{
	u32 rtt = xdccp_timestamp(xdccp_now_us()) - opt->echo - opt->elapsed;

	if (!dp->stamped)
		return;
	dp->stamped = false;
	if (rtt <= XDCCP_MAX_RTT)
		xl4_rto_sample(&dp->rto, max(rtt * XDCCP_WIRE_US, 1U));
}

/* Both half-connections' CCIDs learn of a packet. */
static void xdccp_tell_ccids(struct sock *sk, const struct sk_buff *skb,
			     const struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	const struct xdccp_sock *dp = xdccp_sk(sk);
	const struct xdccp_event event = {
		.skb = skb,
		.cb = cb,
		.options = opt,
		.now_us = xdccp_now_us(),
		.data = cb->type == XDCCP_DATA || cb->type == XDCCP_DATAACK,
	};

	if (dp->tx.ops && dp->tx.ops->tx_heard)
		dp->tx.ops->tx_heard(sk, dp->tx.priv, &event);
	if (cb->has_ack && dp->tx.ops && dp->tx.ops->tx_received)
		dp->tx.ops->tx_received(sk, dp->tx.priv, &event);
	if (dp->rx.ops && dp->rx.ops->rx_received)
		dp->rx.ops->rx_received(sk, dp->rx.priv, &event);
}

/* Step 8: Process options and mark acknowledgeable */
static enum xdccp_verdict xdccp_process_options(struct sock *sk, struct sk_buff *skb,
						struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_sock *dp = xdccp_sk(sk);
	u8 code;

	/* Whatever it says, it is the end. */
	if (cb->type == XDCCP_RESET)
		return XDCCP_NEXT_STEP;
	if (sk->sk_state == XDCCP_REQUESTING)
		xdccp_time_handshake(dp);
	code = xdccp_read_options(sk, skb, opt);
	if (code)
		return xdccp_break_off(sk, code);
	if (opt->has_echo)
		xdccp_time_echo(dp, opt);
	if (opt->has_timestamp) {
		dp->timestamp = opt->timestamp;
		dp->timestamp_us = xdccp_now_us();
		dp->echo_due = true;
	}
	if (opt->has_ndp)
		dp->ndp_received = opt->ndp;
	xdccp_heed_dropped(sk, opt);
	if (xdccp_features_activate(sk))
		return xdccp_break_off(sk, XDCCP_RESET_TOO_BUSY);
	if (dp->ackvec)
		xdccp_ackvec_received(dp->ackvec, cb->seq, INET_ECN_is_ce(cb->ecn));
	xdccp_tell_ccids(sk, skb, opt);
	return XDCCP_NEXT_STEP;
}

/* Step 9: Process Reset */
static enum xdccp_verdict xdccp_process_reset(struct sock *sk, struct sk_buff *skb,
					      struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_sock *dp = xdccp_sk(sk);
	int err = xdccp_reset_errno(cb->reset_code);

	if (cb->type != XDCCP_RESET)
		return XDCCP_NEXT_STEP;
	xdccp_count(sk, XDCCP_MIB_IN_RESETS);
	dp->reset_code = cb->reset_code;
	/* A request that was refused is never an end like any other. */
	if (sk->sk_state == XDCCP_REQUESTING && !err)
		err = ECONNREFUSED;
	if (err) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	}
	if (sk->sk_state == XDCCP_REQUESTING)
		xdccp_done(sk);
	else
		xdccp_time_wait(sk);
	return XDCCP_DROP;
}

/*
 * RFC 4340 section 8.1.4: what the server would know again. They are kept as they came; with more
 * than our headers have room for it could not be done.
 */
static int xdccp_keep_cookies(struct xdccp_sock *dp, const struct sk_buff *skb,
			      const struct xdccp_header *h)
{
	struct xdccp_option option;
	struct xdccp_walk walk;
	u8 *to;

	xdccp_walk_options(skb->data, h, &walk);
	while (xdccp_next_option(&walk, &option) == 1) {
		if (option.type != XDCCP_OPT_INIT_COOKIE)
			continue;
		if (!dp->cookies)
			dp->cookies = kmalloc(XDCCP_COOKIES_ROOM, GFP_ATOMIC);
		if (!dp->cookies || dp->cookies_len + 2 + option.len > XDCCP_COOKIES_ROOM)
			return -ENOBUFS;
		to = dp->cookies + dp->cookies_len;
		dp->cookies_len += xdccp_put_option(to, option.type, option.value, option.len) - to;
	}
	return 0;
}

/* Step 10: Process REQUEST state (second part) */
static enum xdccp_verdict xdccp_process_response(struct sock *sk, struct sk_buff *skb,
						 struct xdccp_options *opt)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_header h;

	if (sk->sk_state != XDCCP_REQUESTING)
		return XDCCP_NEXT_STEP;
	/* RFC 4340 section 8.1.3 */
	if (xdccp_parse_header(skb->data, skb_headlen(skb), &h) || h.service != dp->service)
		return xdccp_break_off(sk, XDCCP_RESET_BAD_SERVICE);
	/* If it is closed before it is OPEN: whatever comes is no older than that. */
	dp->osr = dp->isr;
	xdccp_finish_connect(sk);
	if (xdccp_keep_cookies(dp, skb, &h))
		return xdccp_break_off(sk, XDCCP_RESET_TOO_BUSY);
	return XDCCP_NEXT_STEP;
}

/* Step 11: Process RESPOND state. Requests are the listener's. */
static enum xdccp_verdict xdccp_process_respond(struct sock *sk, struct sk_buff *skb,
						struct xdccp_options *opt)
{
	if (sk->sk_state != XDCCP_RESPOND)
		return XDCCP_NEXT_STEP;
	xdccp_sk(sk)->osr = XDCCP_SKB_CB(skb)->seq;
	xdccp_set_state(sk, XDCCP_OPEN);
	return XDCCP_NEXT_STEP;
}

/* Step 12: Process PARTOPEN state */
static enum xdccp_verdict xdccp_process_partopen(struct sock *sk, struct sk_buff *skb,
						 struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (sk->sk_state != XDCCP_PARTOPEN || cb->type == XDCCP_SYNC)
		return XDCCP_NEXT_STEP;
	if (cb->type == XDCCP_RESPONSE) {
		xdccp_ack_now(sk);
		return XDCCP_NEXT_STEP;
	}
	dp->osr = cb->seq;
	xdccp_forget_unanswered(dp);
	xdccp_set_state(sk, XDCCP_OPEN);
	return XDCCP_NEXT_STEP;
}

/* Step 13: Process CloseReq */
static enum xdccp_verdict xdccp_process_closereq(struct sock *sk, struct sk_buff *skb,
						 struct xdccp_options *opt)
{
	if (XDCCP_SKB_CB(skb)->type != XDCCP_CLOSEREQ)
		return XDCCP_NEXT_STEP;
	if (sk->sk_state == XDCCP_OPEN) {
		xdccp_set_state(sk, XDCCP_PASSIVE_CLOSEREQ);
		xdccp_end_of_data(sk);
	}
	return XDCCP_DROP;
}

/* Step 14: Process Close */
static enum xdccp_verdict xdccp_process_close(struct sock *sk, struct sk_buff *skb,
					      struct xdccp_options *opt)
{
	if (XDCCP_SKB_CB(skb)->type != XDCCP_CLOSE)
		return XDCCP_NEXT_STEP;
	if (xdccp_in(sk, XDCCP_F(OPEN) | XDCCP_F(PASSIVE_CLOSEREQ))) {
		xdccp_set_state(sk, XDCCP_PASSIVE_CLOSE);
		xdccp_end_of_data(sk);
	} else if (xdccp_in(sk, XDCCP_F(ACTIVE_CLOSEREQ) | XDCCP_F(CLOSING))) {
		xdccp_send_active_reset(sk, XDCCP_RESET_CLOSED);
		xdccp_done(sk);
	}
	return XDCCP_DROP;
}

/* Step 15: Process Sync */
static enum xdccp_verdict xdccp_process_sync(struct sock *sk, struct sk_buff *skb,
					     struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	if (cb->type != XDCCP_SYNC)
		return XDCCP_NEXT_STEP;
	xdccp_count(sk, XDCCP_MIB_SYNCS_RECEIVED);
	xdccp_send_sync(sk, cb->seq, XDCCP_SYNCACK);
	return XDCCP_DROP;
}

/* RFC 4340 section 11.7: why data is dropped, or -1: it is for the program. */
static int xdccp_why_drop(struct sock *sk, const struct sk_buff *skb,
			  const struct xdccp_options *opt)
{
	if (XDCCP_SKB_CB(skb)->uncovered)
		return XDCCP_DROP_PROTOCOL;
	if (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
		return XDCCP_DROP_NOT_LISTENING;
	if (unlikely(!xdccp_data_is_whole(skb, opt))) {
		xdccp_count(sk, XDCCP_MIB_IN_DATA_CSUM_ERRORS);
		return XDCCP_DROP_CORRUPT;
	}
	return -1;
}

/* Step 16: Process data */
static enum xdccp_verdict xdccp_process_data(struct sock *sk, struct sk_buff *skb,
					     struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	int why;

	if (!xdccp_in(sk, XDCCP_F(OPEN) | XDCCP_F(PARTOPEN)))
		return XDCCP_DROP;
	/* RFC 4340 section 5.4: of no octets is a datagram like another. */
	if (cb->type != XDCCP_DATA && cb->type != XDCCP_DATAACK) {
		if (xdccp_carries_data(cb->type) && skb->len > cb->length)
			xdccp_data_dropped(sk, cb->seq, XDCCP_DROP_PROTOCOL);
		return XDCCP_DROP;
	}
	why = xdccp_why_drop(sk, skb, opt);
	if (why < 0 && xdccp_queue_rcv(sk, skb))
		return XDCCP_TAKEN;
	xdccp_data_dropped(sk, cb->seq, why < 0 ? XDCCP_DROP_BUFFER : why);
	return XDCCP_DROP;
}

/* ------------------------------------------------------------------ entries */

static enum xdccp_verdict (*const xdccp_steps[])(struct sock *sk, struct sk_buff *skb,
						  struct xdccp_options *opt) = {
	xdccp_prepare_request,		/*  4 */
	xdccp_check_numbers,		/*  5 and 6 */
	xdccp_check_type,		/*  7 */
	xdccp_process_options,		/*  8 */
	xdccp_process_reset,		/*  9 */
	xdccp_process_response,		/* 10 */
	xdccp_process_respond,		/* 11 */
	xdccp_process_partopen,		/* 12 */
	xdccp_process_closereq,		/* 13 */
	xdccp_process_close,		/* 14 */
	xdccp_process_sync,		/* 15 */
	xdccp_process_data,		/* 16 */
};

/**
 * xdccp_rcv_state_process() - a packet in any state but LISTEN
 * @sk: the socket, locked
 * @skb: data at the header
 *
 * RFC 4340 section 8.5, from step 4 on. Softirq or process context.
 *
 * Return: what becomes of @skb.
 */
enum xdccp_verdict xdccp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
{
	enum xdccp_verdict verdict = XDCCP_NEXT_STEP;
	struct xdccp_options opt;
	unsigned int i;

	if (sk->sk_state == XDCCP_CLOSED)
		return XDCCP_DROP;
	for (i = 0; verdict == XDCCP_NEXT_STEP && i < ARRAY_SIZE(xdccp_steps); i++)
		verdict = xdccp_steps[i](sk, skb, &opt);
	xdccp_send_due(sk);
	return verdict;
}

/**
 * xdccp_rcv_established() - a packet in OPEN
 * @sk: the socket, locked
 * @skb: data at the header
 *
 * The same steps; of those types that come all the time, only the ones that concern them.
 *
 * Return: what becomes of @skb.
 */
enum xdccp_verdict xdccp_rcv_established(struct sock *sk, struct sk_buff *skb)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	enum xdccp_verdict verdict;
	struct xdccp_options opt;

	if (cb->type != XDCCP_DATA && cb->type != XDCCP_ACK && cb->type != XDCCP_DATAACK)
		return xdccp_rcv_state_process(sk, skb);
	verdict = xdccp_check_numbers(sk, skb, &opt);
	if (verdict == XDCCP_NEXT_STEP)
		verdict = xdccp_process_options(sk, skb, &opt);
	/* RFC 4340 section 8.1.5: a client in PARTOPEN acknowledges until it hears of us. */
	if (verdict == XDCCP_NEXT_STEP && xdccp_sk(sk)->silent)
		xdccp_ack_now(sk);
	if (verdict == XDCCP_NEXT_STEP)
		verdict = xdccp_process_data(sk, skb, &opt);
	xdccp_send_due(sk);
	return verdict;
}
