// SPDX-License-Identifier: GPL-2.0
/* CCID 3: TCP-friendly rate control (RFC 4342). rate.c sends, feedback.c reports. */

#include "dccp.h"
#include "rate.h"

const struct xdccp_ccid_ops xdccp_ccid3_ops = {
	.id		= 3,
	.name		= "TFRC",
	.tx_size	= sizeof(struct xdccp_rate_tx),
	.rx_size	= sizeof(struct xdccp_rate_rx),
	.tx_init	= xdccp_rate_tx_init,
	.tx_may_send	= xdccp_rate_tx_may_send,
	.tx_ccval	= xdccp_rate_tx_ccval,
	.tx_sent	= xdccp_rate_tx_sent,
	.tx_option	= xdccp_rate_tx_option,
	.tx_received	= xdccp_rate_tx_received,
	.tx_timer	= xdccp_rate_tx_timer,
	.tx_info	= xdccp_rate_tx_info,
	.rx_received	= xdccp_rate_rx_received,
	.rx_options	= xdccp_rate_rx_options,
	.rx_acked	= xdccp_rate_rx_acked,
	.rx_info	= xdccp_rate_rx_info,
};
