// SPDX-License-Identifier: GPL-2.0
/*
 * CCID 2's sender (RFC 4341 section 5): TCP's congestion control in packets. Nothing is sent
 * again; what was lost just ceases to be in flight.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "window.h"

#define XDCCP_RESTART_WINDOW	4u	/* packets: RFC 4341 section 5, RFC 3390 */

static struct xdccp_window_slot *xdccp_slot(const struct xdccp_window *w, u32 i)
{
	return &w->slot[(w->first + i) & (w->nr_slots - 1)];
}

/**
 * xdccp_window_init() - nothing was sent yet
 * @w: filled in
 * @slot: memory of the caller's
 * @nr_slots: how many there are; a power of two
 * @cwnd: packets that may be in flight at first
 */
void xdccp_window_init(struct xdccp_window *w, struct xdccp_window_slot *slot, u32 nr_slots,
		       u32 cwnd)
{
	memset(w, 0, sizeof(*w));
	w->slot = slot;
	w->nr_slots = nr_slots;
	w->cwnd = max(cwnd, 1u);
	w->ssthresh = U32_MAX;
	w->ack_ratio = XDCCP_WINDOW_ACK_RATIO;
}

/**
 * xdccp_window_full() - is there no slot for another packet?
 * @w: the window
 *
 * Return: whether xdccp_window_grow() must come first.
 */
bool xdccp_window_full(const struct xdccp_window *w)
{
	return w->nr == w->nr_slots;
}

/**
 * xdccp_window_grow() - a larger ring
 * @w: the window
 * @slot: new memory, to which the contents move; the old is the caller's again
 * @nr_slots: more than before; a power of two
 */
void xdccp_window_grow(struct xdccp_window *w, struct xdccp_window_slot *slot, u32 nr_slots)
{
	u32 i;

	for (i = 0; i < w->nr; i++)
		slot[i] = *xdccp_slot(w, i);
	w->slot = slot;
	w->nr_slots = nr_slots;
	w->first = 0;
}

/**
 * xdccp_window_open() - may another packet go?
 * @w: the window
 *
 * Return: whether it may.
 */
bool xdccp_window_open(const struct xdccp_window *w)
{
	return w->pipe < w->cwnd;
}

/**
 * xdccp_window_sent() - a packet with data went out
 * @w: the window
 * @seq: its number, after all others
 * @now_us: when
 *
 * Return: 0, or -ENOSPC: it is full, and does not know of the packet.
 */
int xdccp_window_sent(struct xdccp_window *w, u64 seq, u32 now_us)
{
	if (xdccp_window_full(w))
		return -ENOSPC;
	*xdccp_slot(w, w->nr++) = (struct xdccp_window_slot) { .seq = seq, .sent_us = now_us };
	w->pipe++;
	w->used = max(w->used, w->pipe);
	w->last_sent = seq;
	w->last_sent_us = now_us;
	return 0;
}

/* How many slots are of packets up to this one. */
static u32 xdccp_window_find(const struct xdccp_window *w, u64 seq)
{
	u32 low = 0, high = w->nr, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (xdccp_seq_after(xdccp_slot(w, middle)->seq, seq))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Congestion told by a packet that was sent since we last gave way is news. */
static void xdccp_window_congested(const struct xdccp_window *w, u64 seq,
				   struct xdccp_window_ack *ack)
{
	if (!w->recovering || xdccp_seq_after(seq, w->recover))
		ack->congested = true;
}

static void xdccp_window_take(struct xdccp_window *w, struct xdccp_window_slot *slot, u8 state,
			      u32 now_us, struct xdccp_window_ack *ack)
{
	if (slot->acked)
		return;
	if (state == XDCCP_RECEIVED_MARKED)
		xdccp_window_congested(w, slot->seq, ack);
	else if (!slot->lost)
		ack->newly++;
	if (!slot->lost)
		w->pipe--;
	slot->acked = true;
	if (!ack->has_rtt) {
		ack->has_rtt = true;
		ack->rtt_us = now_us - slot->sent_us;
	}
}

/**
 * xdccp_window_run() - a run of an Ack Vector
 * @w: the window
 * @high: number of its first (latest) packet
 * @len: packets
 * @state: XDCCP_RECEIVED ...
 * @now_us: the time
 * @ack: adds up what the acknowledgment tells; zeroed before its first run
 *
 * From the latest run on, so that the round trip is that of the latest packet.
 */
void xdccp_window_run(struct xdccp_window *w, u64 high, u32 len, u8 state, u32 now_us,
		      struct xdccp_window_ack *ack)
{
	u64 low = xdccp_seq_add(high, -(s64)len);
	struct xdccp_window_slot *slot;
	u32 i;

	if (state != XDCCP_RECEIVED && state != XDCCP_RECEIVED_MARKED)
		return;
	for (i = xdccp_window_find(w, high); i--; ) {
		slot = xdccp_slot(w, i);
		if (!xdccp_seq_after(slot->seq, low))
			break;
		xdccp_window_take(w, slot, state, now_us, ack);
	}
}

/* RFC 4341 section 5: lost is what three later ones were acknowledged before. */
static void xdccp_window_find_lost(struct xdccp_window *w, struct xdccp_window_ack *ack)
{
	struct xdccp_window_slot *slot;
	u32 later = 0, i;

	for (i = w->nr; i--; ) {
		slot = xdccp_slot(w, i);
		if (slot->acked) {
			later++;
		} else if (later >= XDCCP_WINDOW_NUMDUPACK && !slot->lost) {
			slot->lost = true;
			w->pipe--;
			ack->lost++;
			xdccp_window_congested(w, slot->seq, ack);
		}
	}
}

/* What is decided at the old end needs no slot. */
static void xdccp_window_forget(struct xdccp_window *w)
{
	while (w->nr && (xdccp_slot(w, 0)->acked || xdccp_slot(w, 0)->lost)) {
		w->first = (w->first + 1) & (w->nr_slots - 1);
		w->nr--;
	}
}

/*
 * One for two in slow start, but of those that an acknowledgment tells more than it is to be of
 * none counts; else one for a window. And only if the window was in the way.
 */
static void xdccp_window_more(struct xdccp_window *w, u32 newly, bool limited)
{
	u32 need = w->cwnd < w->ssthresh ? 2 : w->cwnd;

	if (!limited)
		return;
	w->acked += w->cwnd < w->ssthresh ? min(newly, max(w->ack_ratio, 2u)) : newly;
	while (w->acked >= need && w->cwnd < XDCCP_WINDOW_MAX_SLOTS) {
		w->acked -= need;
		w->cwnd++;
		need = w->cwnd < w->ssthresh ? 2 : w->cwnd;
	}
	w->acked = min(w->acked, need);
}

/*
 * Was the window in the way? In slow start half of it will do (RFC 7661 section 4.2): where
 * acknowledgments come for half a window there may never be more in flight.
 */
static bool xdccp_window_limited(const struct xdccp_window *w)
{
	return (w->cwnd < w->ssthresh ? 2 * w->used : w->used) >= w->cwnd;
}

/**
 * xdccp_window_acked() - all runs of an acknowledgment were told
 * @w: the window
 * @ack: what they added up to; what is lost is added
 *
 * RFC 4341 section 5: cwnd grows, or is halved, once for a window of losses and marks.
 */
void xdccp_window_acked(struct xdccp_window *w, struct xdccp_window_ack *ack)
{
	bool limited = xdccp_window_limited(w) && !w->held;

	xdccp_window_find_lost(w, ack);
	if (ack->congested) {
		w->cwnd = max(w->cwnd / 2, 1u);
		w->ssthresh = max(w->cwnd, 2u);
		w->acked = 0;
		w->recovering = true;
		w->recover = w->last_sent;
	} else if (!ack->lost) {
		xdccp_window_more(w, ack->newly, limited);
	}
	if (ack->newly || ack->lost || ack->congested)
		w->used = w->pipe;
	xdccp_window_forget(w);
}

/**
 * xdccp_window_timeout() - nothing was acknowledged for long
 * @w: the window
 *
 * All that is in flight is taken for lost, and one packet may go.
 */
void xdccp_window_timeout(struct xdccp_window *w)
{
	w->ssthresh = max(w->cwnd / 2, 2u);
	w->cwnd = 1;
	w->acked = 0;
	w->pipe = 0;
	w->used = 0;
	w->nr = 0;
	w->recovering = true;
	w->recover = w->last_sent;
}

/**
 * xdccp_window_dropped() - the receiver had no room
 * @w: the window
 * @packets: that it said so of; may be none, if it is slow
 *
 * RFC 4341 section 5.2: one less for each, and slow start ends. No more is made of it: it is not
 * the network.
 */
void xdccp_window_dropped(struct xdccp_window *w, u32 packets)
{
	w->cwnd = packets < w->cwnd ? w->cwnd - packets : 1;
	w->ssthresh = min(w->ssthresh, w->cwnd);
	w->acked = 0;
}

/**
 * xdccp_window_idle() - before a packet goes out: was there nothing to send?
 * @w: the window
 * @now_us: the time
 * @rto_us: how long is long
 *
 * RFC 2861 section 3.1, which RFC 4341 section 5 asks for: a window that was not used is not known
 * to be right.
 */
void xdccp_window_idle(struct xdccp_window *w, u32 now_us, u32 rto_us)
{
	u32 times = (now_us - w->last_sent_us) / max(rto_us, 1u);

	if (!times || w->pipe || !w->last_sent_us)
		return;
	w->ssthresh = max(w->ssthresh, w->cwnd / 4 * 3);
	w->cwnd = max(w->cwnd >> min(times, 31u), min(w->cwnd, XDCCP_RESTART_WINDOW));
	w->last_sent_us = now_us;
	w->used = 0;
}
