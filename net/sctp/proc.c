// SPDX-License-Identifier: GPL-2.0
/* What /proc/net/xl4/sctp tells of an endpoint. */

#include "sctp.h"

/**
 * xsctp_describe() - the describe of struct xl4_protocol
 * @sk: not locked, so that the figures may be of different moments; its associations are
 *	not to be looked at
 * @row: filled in
 */
void xsctp_describe(const struct sock *sk, struct xl4_row *row)
{
	if (READ_ONCE(sk->sk_state) == TCP_LISTEN && !xsctp_sk(sk)->one_to_many) {
		row->rx_queue = READ_ONCE(sk->sk_ack_backlog);
		return;
	}
	row->tx_queue = READ_ONCE(sk->sk_wmem_queued);
	row->rx_queue = sk_rmem_alloc_get(sk);
}
