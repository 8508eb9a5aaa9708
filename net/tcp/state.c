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

/**
 * xtcp_forget() - make a socket that was connected ready for another connection
 * @tp: closed and locked; its queues are empty
 *
 * The program's options stay.
 */
void xtcp_forget(struct xtcp_sock *tp)
{
	tp->snd_wnd = 0;
	tp->max_window = 0;
	tp->rcv_wup = 0;
	tp->rcv_wnd = 0;
	tp->rcv_nxt = 0;
	tp->copied_seq = 0;
	tp->urg_state = XTCP_URG_NONE;
	tp->ack_pending = 0;
	tp->quick = 0;
	tp->dsack.end = tp->dsack.start;
	tp->ecn_ok = false;
	tp->ecn_echo = false;
	tp->ecn_cwr = false;
	tp->state = XTCP_CA_OPEN;
	tp->frto = XTCP_FRTO_OFF;
	tp->dupacks = 0;
	tp->retransmits = 0;
	tp->probes = 0;
	tp->keepalives = 0;
	tp->undo = false;
	tp->retrans_stamp = 0;
	tp->total_retrans = 0;
	tp->tlp_high_seq = 0;
	tp->tlp_retrans = false;
	tp->departure_ns = 0;
	tp->last_received = 0;
	tp->data_segs_in = 0;
	tp->bytes_acked = 0;
	tp->rcv_rtt_us = 0;
	tp->rcv_rtt_ns = 0;
	memset(&tp->rack, 0, sizeof(tp->rack));
	tp->rack.reo_mult = 1;
	memset(tp->sack_cache, 0, sizeof(tp->sack_cache));
	xl4_rto_init(&tp->rto, USEC_PER_SEC, tp->rto.min_us, tp->rto.max_us);
	tp->cong.cwnd = 10U * tp->mss;
	tp->cong.ssthresh = U32_MAX;
}
