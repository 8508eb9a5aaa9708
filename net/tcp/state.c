// SPDX-License-Identifier: GPL-2.0
/*
 * The states of RFC 9293 section 3.3.2, and the one door to them:
 *
 *	CLOSE -----------> LISTEN	(each child begins in SYN_RECV)
 *	  |
 *	  `--> SYN_SENT --> SYN_RECV
 *		  |            |
 *		  `-----+------'
 *			v
 *	  FIN_WAIT1 <- ESTABLISHED -> CLOSE_WAIT
 *	   |     |			 |
 *	   v     v			 v
 *  FIN_WAIT2  CLOSING		     LAST_ACK
 *	   |     |			 |
 *	   v     v			 v
 *	   TIME_WAIT --> CLOSE <---------'	(and from each one by a reset)
 *
 * TIME_WAIT is no state of a socket here: net/core/timewait.c.
 */

#include <trace/events/xl4.h>

#include "tcp.h"

/* To which states each state may lead; to CLOSE all may. */
static const u16 xtcp_next[] = {
	[TCP_CLOSE]		= TCPF_LISTEN | TCPF_SYN_SENT | TCPF_SYN_RECV,
	[TCP_LISTEN]		= 0,
	[TCP_SYN_SENT]		= TCPF_SYN_RECV | TCPF_ESTABLISHED,
	[TCP_SYN_RECV]		= TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_CLOSE_WAIT,
	[TCP_ESTABLISHED]	= TCPF_FIN_WAIT1 | TCPF_CLOSE_WAIT,
	[TCP_FIN_WAIT1]		= TCPF_FIN_WAIT2 | TCPF_CLOSING,
	[TCP_FIN_WAIT2]		= 0,
	[TCP_CLOSING]		= 0,
	[TCP_CLOSE_WAIT]	= TCPF_LAST_ACK,
	[TCP_LAST_ACK]		= 0,
};

static bool xtcp_is_established(int state)
{
	return (1 << state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT);
}

/**
 * xtcp_set_state() - change a socket's state
 * @sk: locked, or nobody else's
 * @state: the new one, TCP_...
 *
 * One that closes is found by no packet any more.
 */
void xtcp_set_state(struct sock *sk, int state)
{
	int old = sk->sk_state;

	if (old == state)
		return;
	WARN_ONCE(state != TCP_CLOSE && !(xtcp_next[old] & (1 << state)),
		  "xtcp: state %d after %d\n", state, old);
	if (xtcp_is_established(state) && !xtcp_is_established(old))
		xtcp_count(sk, XTCP_CURR_ESTAB);
	if (!xtcp_is_established(state) && xtcp_is_established(old))
		xtcp_count_add(sk, XTCP_CURR_ESTAB, -1);
	if (state == TCP_CLOSE) {
		if (xtcp_is_established(old))
			xtcp_count(sk, XTCP_ESTAB_RESETS);
		xl4_unhash(sk);
	}
	inet_sk_set_state(sk, state);
	trace_xl4_state(sk, old, state);
}

/**
 * xtcp_set_state_bound() - to CLOSE, but with the port
 * @sk: bound by the program; locked, process context
 */
void xtcp_set_state_bound(struct sock *sk)
{
	struct xl4_binding *binding = xl4_rehash_prepare();
	int old = sk->sk_state;

	if (xtcp_is_established(old)) {
		xtcp_count_add(sk, XTCP_CURR_ESTAB, -1);
		xtcp_count(sk, XTCP_ESTAB_RESETS);
	}
	inet_sk_set_state(sk, TCP_CLOSE);
	trace_xl4_state(sk, old, TCP_CLOSE);
	if (binding)
		xl4_rehash(sk, binding);
	else
		xl4_unhash(sk);
}
