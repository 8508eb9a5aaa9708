// SPDX-License-Identifier: GPL-2.0
/* The states of a socket (dccp.h shows them), and the one door to them. */

#include <trace/events/xl4.h>

#include "dccp.h"

/* To which states each state may lead; to CLOSED all may. TIME-WAIT is no state of a socket. */
static const u16 xdccp_next[XDCCP_STATES] = {
	[XDCCP_CLOSED]		 = XDCCP_F(LISTENING) | XDCCP_F(REQUESTING) | XDCCP_F(RESPOND),
	[XDCCP_REQUESTING]	 = XDCCP_F(PARTOPEN),
	[XDCCP_RESPOND]		 = XDCCP_F(OPEN),
	[XDCCP_PARTOPEN]	 = XDCCP_F(OPEN) | XDCCP_F(CLOSING) | XDCCP_F(PASSIVE_CLOSE) |
				   XDCCP_F(PASSIVE_CLOSEREQ),
	[XDCCP_OPEN]		 = XDCCP_F(ACTIVE_CLOSEREQ) | XDCCP_F(CLOSING) |
				   XDCCP_F(PASSIVE_CLOSE) | XDCCP_F(PASSIVE_CLOSEREQ),
	[XDCCP_PASSIVE_CLOSEREQ] = XDCCP_F(CLOSING) | XDCCP_F(PASSIVE_CLOSE),
	[XDCCP_ACTIVE_CLOSEREQ]	 = XDCCP_F(CLOSING) | XDCCP_F(PASSIVE_CLOSE),
};

static bool xdccp_is_open(int state)
{
	return (1 << state) & (XDCCP_F(OPEN) | XDCCP_F(PARTOPEN) | XDCCP_F(PASSIVE_CLOSE) |
			       XDCCP_F(PASSIVE_CLOSEREQ));
}

/**
 * xdccp_set_state() - change a socket's state
 * @sk: locked, or nobody else's
 * @state: the new one, XDCCP_...
 *
 * One that closes is found by no packet any more, and time does nothing to it.
 */
void xdccp_set_state(struct sock *sk, int state)
{
	int old = sk->sk_state;

	BUILD_BUG_ON(XDCCP_STATES > 16);
	if (old == state)
		return;
	WARN_ONCE(state != XDCCP_CLOSED && !(xdccp_next[old] & (1 << state)),
		  "xdccp: state %d after %d\n", state, old);
	if (xdccp_is_open(state) && !xdccp_is_open(old))
		xdccp_count(sk, XDCCP_MIB_CURR_ESTAB);
	if (!xdccp_is_open(state) && xdccp_is_open(old))
		xdccp_count_add(sk, XDCCP_MIB_CURR_ESTAB, -1);
	if (state == XDCCP_CLOSED) {
		if ((1 << old) & (XDCCP_F(OPEN) | XDCCP_F(PARTOPEN)))
			xdccp_count(sk, XDCCP_MIB_ESTAB_RESETS);
		xl4_unhash(sk);
		xdccp_cancel_timers(sk);
	}
	inet_sk_set_state(sk, state);
	trace_xl4_state(sk, old, state);
}

/**
 * xdccp_set_state_bound() - to CLOSED, but with the port
 * @sk: bound by the program; locked, process context
 */
void xdccp_set_state_bound(struct sock *sk)
{
	struct xl4_binding *binding = xl4_rehash_prepare();
	int old = sk->sk_state;

	if (xdccp_is_open(old)) {
		xdccp_count_add(sk, XDCCP_MIB_CURR_ESTAB, -1);
		xdccp_count(sk, XDCCP_MIB_ESTAB_RESETS);
	}
	xdccp_cancel_timers(sk);
	inet_sk_set_state(sk, XDCCP_CLOSED);
	trace_xl4_state(sk, old, XDCCP_CLOSED);
	if (binding)
		xl4_rehash(sk, binding);
	else
		xl4_unhash(sk);
}

/**
 * xdccp_forget_unanswered() - nothing waits for an answer any more
 * @dp: the socket, locked
 */
void xdccp_forget_unanswered(struct xdccp_sock *dp)
{
	dp->is_unanswered = false;
	kfree(dp->cookies);
	dp->cookies = NULL;
	dp->cookies_len = 0;
	dp->retransmits = 0;
}

/**
 * xdccp_finish_connect() - a client got its Response
 * @sk: locked, in REQUESTING; the numbers are known, the features agreed on
 *
 * RFC 4340 section 8.1.5: the Ack is the caller's to send, and goes again until the server was
 * heard of again.
 */
void xdccp_finish_connect(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	u64 now_us = xdccp_now_us();

	if (dp->syn_sent_us)
		xl4_rto_sample(&dp->rto, clamp_t(u64, now_us - dp->syn_sent_us, 1, U32_MAX));
	xdccp_forget_unanswered(dp);
	xdccp_set_state(sk, XDCCP_PARTOPEN);
	dp->retransmit_start = jiffies;
	xdccp_rearm_retransmit(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
}

/**
 * xdccp_done() - the connection is over
 * @sk: locked; an orphan is gone afterwards but for the caller's reference
 */
void xdccp_done(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (xdccp_in(sk, XDCCP_F(REQUESTING) | XDCCP_F(RESPOND)))
		xdccp_count(sk, XDCCP_MIB_ATTEMPT_FAILS);
	xdccp_set_state(sk, XDCCP_CLOSED);
	xdccp_forget_unanswered(dp);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		xdccp_destroy(sk);
}
