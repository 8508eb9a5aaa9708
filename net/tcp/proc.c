// SPDX-License-Identifier: GPL-2.0
/* What /proc/net/xl4/tcp tells of a connection. */

#include "tcp.h"

static bool xtcp_row_timer(const struct xl4_timer *timer, struct xl4_row *row,
			   enum xl4_row_timer which)
{
	if (!READ_ONCE(timer->armed))
		return false;
	row->timer = which;
	row->expires = READ_ONCE(timer->deadline);
	return true;
}

/**
 * xtcp_describe() - the describe of struct xl4_protocol
 * @sk: not locked, so that the figures may be of different moments
 * @row: filled in
 */
void xtcp_describe(const struct sock *sk, struct xl4_row *row)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	const struct xl4_timer *send = &tp->timers[XTCP_TIMER_SEND];

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN) {
		row->rx_queue = READ_ONCE(sk->sk_ack_backlog);
		return;
	}
	row->tx_queue = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una);
	/* The reader may just have passed rcv_nxt as we saw it. */
	row->rx_queue = max_t(s32, READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq), 0);
	row->retransmits = READ_ONCE(tp->retransmits);
	row->probes = READ_ONCE(tp->probes);
	if (!xtcp_row_timer(send, row, READ_ONCE(tp->event) == XTCP_PROBE_WINDOW ?
				       XL4_ROW_PROBE : XL4_ROW_RETRANSMIT))
		xtcp_row_timer(&tp->timers[XTCP_TIMER_KEEPALIVE], row, XL4_ROW_KEEPALIVE);
}
