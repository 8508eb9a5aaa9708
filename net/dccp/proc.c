// SPDX-License-Identifier: GPL-2.0
/* What /proc/net/xl4/dccp tells of a connection. */

#include "dccp.h"

/**
 * xdccp_describe() - the describe of struct xl4_protocol
 * @sk: not locked, so that the figures may be of different moments
 * @row: filled in: octets that wait, as the kernel's own tables count them
 */
void xdccp_describe(const struct sock *sk, struct xl4_row *row)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	const struct xl4_timer *timer = &dp->timers[XDCCP_TIMER_RETRANSMIT];

	if (READ_ONCE(sk->sk_state) == XDCCP_LISTENING) {
		row->rx_queue = READ_ONCE(sk->sk_ack_backlog);
		return;
	}
	row->tx_queue = sk_wmem_alloc_get(sk);
	row->rx_queue = sk_rmem_alloc_get(sk);
	row->retransmits = READ_ONCE(dp->retransmits);
	if (READ_ONCE(timer->armed)) {
		row->timer = XL4_ROW_RETRANSMIT;
		row->expires = READ_ONCE(timer->deadline);
	}
}
