// SPDX-License-Identifier: GPL-2.0
/*
 * Ack Ratio (RFC 4341 section 6.1): where acknowledgments are lost there are to be fewer of them.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "ackratio.h"
#include "window.h"

/**
 * xdccp_ackratio_init() - nothing came yet
 * @r: filled in
 */
void xdccp_ackratio_init(struct xdccp_ackratio *r)
{
	memset(r, 0, sizeof(*r));
	r->ratio = XDCCP_WINDOW_ACK_RATIO;
}

/*
 * How many of the numbers before a packet, all missing, were acknowledgments. If the peer does not
 * count them, they were such as the packet that shows their loss.
 */
static u64 xdccp_ackratio_lost(const struct xdccp_ackratio_packet *packet, u64 gap)
{
	if (packet->has_ndp)
		return min(packet->ndp, gap);
	return packet->data ? 0 : gap;
}

/**
 * xdccp_ackratio_heard() - was an acknowledgment lost or marked?
 * @r: what is known
 * @packet: with a valid number
 *
 * RFC 4341 section 6.1.1. What is late may only have been overtaken: it is lost when three later
 * packets came.
 */
void xdccp_ackratio_heard(struct xdccp_ackratio *r, const struct xdccp_ackratio_packet *packet)
{
	s64 ahead = xdccp_seq_delta(r->highest, packet->seq);

	r->congested |= packet->marked && !packet->data;
	if (r->begun && ahead <= 0) {
		if (r->missing && !packet->data)
			r->missing--;
		return;
	}
	if (r->begun)
		r->missing += xdccp_ackratio_lost(packet, ahead - 1);
	r->begun = true;
	r->highest = packet->seq;
	r->later = r->missing ? r->later + 1 : 0;
	if (r->later < XDCCP_WINDOW_NUMDUPACK)
		return;
	r->congested = true;
	r->missing = 0;
	r->later = 0;
}

/**
 * xdccp_ackratio_window() - a window of data was acknowledged
 * @r: what is known
 * @cwnd: the window, in packets
 * @least: packets for an acknowledgment where none is lost
 *
 * RFC 4341 section 6.1.2: twice as many packets for one, or one packet less after as many windows
 * as TCP would take for it.
 */
void xdccp_ackratio_window(struct xdccp_ackratio *r, u32 cwnd, u32 least)
{
	u32 ratio = xdccp_ackratio_right(r, cwnd, r->congested ? least : 0);

	r->clean++;
	if (r->congested) {
		r->ratio = 2 * ratio;
		r->clean = 0;
	} else if (ratio > XDCCP_WINDOW_ACK_RATIO && r->clean * ratio * (ratio - 1) >= cwnd) {
		r->ratio = ratio - 1;
		r->clean = 0;
	}
	r->congested = false;
}

/**
 * xdccp_ackratio_right() - the Ack Ratio that is right
 * @r: what is known
 * @cwnd: the window, in packets
 * @least: packets for an acknowledgment where none is lost
 *
 * RFC 4341 section 6.1.2: half of cwnd at most, rounded up; two at least from a cwnd of four on.
 *
 * Return: packets for an acknowledgment.
 */
u32 xdccp_ackratio_right(const struct xdccp_ackratio *r, u32 cwnd, u32 least)
{
	return clamp(max(r->ratio, least), cwnd >= 4 ? 2u : 1u, (cwnd + 1) / 2);
}
