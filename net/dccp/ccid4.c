// SPDX-License-Identifier: GPL-2.0
/*
 * CCID 4: TCP-friendly rate control for small packets (RFC 5622, RFC 4828). It gets the octets a
 * second, headers counted, of a TCP with full segments, but no more than 100 packets a second.
 */

#include "dccp.h"
#include "rate.h"

static int xdccp_ccid4_tx_init(struct sock *sk, void *priv)
{
	u32 rtt_us = xdccp_sk(sk)->rto.srtt_us >> 3;
	struct xdccp_rate_tx *tx = priv;
	u64 now_us = xdccp_now_us();

	tx->small = true;
	xdccp_tfrc_tx_init(&tx->tfrc, XDCCP_SMALL_SEGMENT, now_us);
	tx->tfrc.damped = xdccp_set(sk)->oscillation_prevention;
	if (rtt_us)
		xdccp_tfrc_tx_rtt(&tx->tfrc, rtt_us, now_us);
	return 0;
}

static int xdccp_ccid4_rx_init(struct sock *sk, void *priv)
{
	struct xdccp_rate_rx *rx = priv;

	rx->tfrc.small = true;
	return 0;
}

const struct xdccp_ccid_ops xdccp_ccid4_ops = {
	.id		= 4,
	.name		= "TFRC-SP",
	.tx_size	= sizeof(struct xdccp_rate_tx),
	.rx_size	= sizeof(struct xdccp_rate_rx),
	.tx_init	= xdccp_ccid4_tx_init,
	.tx_may_send	= xdccp_rate_tx_may_send,
	.tx_ccval	= xdccp_rate_tx_ccval,
	.tx_sent	= xdccp_rate_tx_sent,
	.tx_option	= xdccp_rate_tx_option,
	.tx_received	= xdccp_rate_tx_received,
	.tx_timer	= xdccp_rate_tx_timer,
	.tx_info	= xdccp_rate_tx_info,
	.rx_init	= xdccp_ccid4_rx_init,
	.rx_received	= xdccp_rate_rx_received,
	.rx_options	= xdccp_rate_rx_options,
	.rx_acked	= xdccp_rate_rx_acked,
	.rx_info	= xdccp_rate_rx_info,
};
