// SPDX-License-Identifier: GPL-2.0
/*
 * TFRC's receiver: loss events and the intervals between them (RFC 5348 section 5, RFC 4342
 * section 10).
 *
 *	settled: its fate	   |  a hole: it is
 *	and all before is known	   |  not known yet	    waiting
 *	  ... x x x x x x x x x x x|. .  x  .  x
 *
 * A packet is lost when three later ones came. What was lost within a round trip is one loss
 * event. The sender's window counter (CCVal) tells of round trips: it counts their quarters, so
 * that five steps are more than one; between the packets that came around a hole we interpolate.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "tfrc.h"

#define XDCCP_ROUND_TRIP	5	/* steps of the window counter that are more than one */

/* RFC 5348 section 5.4, times 5. */
static const u8 xdccp_weights[XDCCP_TFRC_INTERVALS] = { 5, 5, 5, 5, 4, 3, 2, 1 };

/**
 * xdccp_tfrc_rx_init() - nothing came yet
 * @rx: filled in
 */
void xdccp_tfrc_rx_init(struct xdccp_tfrc_rx *rx)
{
	memset(rx, 0, sizeof(*rx));
}

static void xdccp_loss_event(struct xdccp_tfrc_rx *rx, u64 seq, u32 window)
{
	struct xdccp_tfrc_interval *interval = rx->interval;

	memmove(interval + 1, interval, XDCCP_TFRC_INTERVALS * sizeof(*interval));
	interval->first = seq;
	interval->last_lost = seq;
	interval->window = window;
	interval->non_data = 0;
	interval->lost = 0;
	rx->nr_intervals = min(rx->nr_intervals + 1, XDCCP_TFRC_INTERVALS + 1);
}

/* Is what was lost at this window counter more than a round trip after the event's beginning? */
static bool xdccp_new_event(const struct xdccp_tfrc_rx *rx, u32 window)
{
	return !rx->nr_intervals || window - rx->interval[0].window >= XDCCP_ROUND_TRIP;
}

/* A packet before the last one settled lost, or marked: returns whether an event began. */
static bool xdccp_lose(struct xdccp_tfrc_rx *rx, u64 seq, u32 window)
{
	bool event = xdccp_new_event(rx, window);

	if (event)
		xdccp_loss_event(rx, seq, window);
	rx->interval[0].last_lost = seq;
	rx->interval[0].lost++;
	return event;
}

/* So many more right behind its last one are of the latest event. */
static void xdccp_lose_more(struct xdccp_tfrc_rx *rx, u64 more)
{
	struct xdccp_tfrc_interval *interval = rx->interval;

	interval->last_lost = xdccp_seq_add(interval->last_lost, more);
	interval->lost += min_t(u64, more, U32_MAX / 2);
}

/*
 * So many right behind rx->settled were lost, and the window counter made so many steps (15 at
 * most) until the packet after them: a few events at most.
 */
static bool xdccp_lose_hole(struct xdccp_tfrc_rx *rx, u64 missing, u32 steps)
{
	u64 i = 1, past = 0;
	bool event = false;
	u32 target;

	while (i <= missing) {
		event |= xdccp_lose(rx, xdccp_seq_add(rx->settled, i),
				    rx->window + div64_u64(i * steps, missing + 1));
		/* The first of the hole that would be a new event. */
		target = rx->interval[0].window + XDCCP_ROUND_TRIP - rx->window;
		if (target > steps)
			break;
		past = div64_u64(target * (missing + 1) + steps - 1, steps);
		if (past > missing)
			break;
		xdccp_lose_more(rx, past - 1 - i);
		i = past;
	}
	xdccp_lose_more(rx, missing - i);
	return event;
}

/* How far the window counter went: RFC 4342 section 8.1 has it in packets with data alone. */
static u32 xdccp_window_steps(struct xdccp_tfrc_rx *rx, const struct xdccp_tfrc_packet *packet)
{
	u32 steps = rx->has_window ? (packet->window - rx->last_window) & 15 : 0;

	if (!packet->data)
		return 0;
	rx->has_window = true;
	rx->last_window = packet->window;
	return steps;
}

/* The fate of a packet and of the hole before it is known. */
static bool xdccp_settle(struct xdccp_tfrc_rx *rx, const struct xdccp_tfrc_packet *packet)
{
	u64 missing = xdccp_seq_delta(rx->settled, packet->seq) - 1;
	u32 steps = xdccp_window_steps(rx, packet);
	u64 non_data = min(packet->ndp, missing) + !packet->data;
	bool event = false;

	/* RFC 4342 section 6.1: a hole without data is no loss. */
	if (missing && packet->ndp < missing)
		event = xdccp_lose_hole(rx, missing, steps);
	rx->window += steps;
	rx->settled = packet->seq;
	if (packet->marked)
		event |= xdccp_lose(rx, packet->seq, rx->window);
	if (rx->nr_intervals)
		rx->interval[0].non_data += min_t(u64, non_data, U32_MAX / 2);
	return event;
}

/* In order; false: it was there already. There is room for one more. */
static bool xdccp_wait(struct xdccp_tfrc_rx *rx, const struct xdccp_tfrc_packet *packet)
{
	unsigned int i = rx->nr_waiting;

	while (i && xdccp_seq_before(packet->seq, rx->waiting[i - 1].seq))
		i--;
	if (i && rx->waiting[i - 1].seq == packet->seq)
		return false;
	memmove(&rx->waiting[i + 1], &rx->waiting[i], (rx->nr_waiting - i) * sizeof(*packet));
	rx->waiting[i] = *packet;
	rx->nr_waiting++;
	return true;
}

static void xdccp_begin(struct xdccp_tfrc_rx *rx, const struct xdccp_tfrc_packet *packet)
{
	rx->begun = true;
	rx->begin = packet->seq;
	rx->settled = xdccp_seq_add(packet->seq, -1);
}

/**
 * xdccp_tfrc_rx_packet() - a packet came
 * @rx: what came before
 * @packet: the packet
 *
 * Return: whether a loss event was found to have begun. If it is the first, the caller is to name
 * the interval before it, by xdccp_tfrc_rx_seed().
 */
bool xdccp_tfrc_rx_packet(struct xdccp_tfrc_rx *rx, const struct xdccp_tfrc_packet *packet)
{
	struct xdccp_tfrc_packet next;
	bool event = false;

	if (!rx->begun)
		xdccp_begin(rx, packet);
	if (!xdccp_seq_after(packet->seq, rx->settled) || !xdccp_wait(rx, packet))
		return false;
	while (rx->nr_waiting &&
	       (rx->nr_waiting == XDCCP_TFRC_NDUPACK ||
		rx->waiting[0].seq == xdccp_seq_add(rx->settled, 1))) {
		next = rx->waiting[0];
		rx->nr_waiting--;
		memmove(&rx->waiting[0], &rx->waiting[1], rx->nr_waiting * sizeof(next));
		event |= xdccp_settle(rx, &next);
	}
	return event;
}

/**
 * xdccp_tfrc_rx_seed() - the interval before the first loss event
 * @rx: what came
 * @packets: how long it is to be taken to have been (RFC 5348 section 6.3.1)
 */
void xdccp_tfrc_rx_seed(struct xdccp_tfrc_rx *rx, u32 packets)
{
	rx->seeded = max(packets, 1u);
}

/* Where interval @i ends: before the next one, or at what is settled. */
static u64 xdccp_interval_end(const struct xdccp_tfrc_rx *rx, unsigned int i)
{
	return i ? xdccp_seq_add(rx->interval[i - 1].first, -1) : rx->settled;
}

/* Packets with data in interval @i; the one behind the last is the seeded one. */
static u32 xdccp_interval_data(const struct xdccp_tfrc_rx *rx, unsigned int i)
{
	const struct xdccp_tfrc_interval *interval = &rx->interval[i];
	s64 packets;

	if (i == rx->nr_intervals)
		return rx->seeded;
	packets = xdccp_seq_delta(interval->first, xdccp_interval_end(rx, i)) + 1;
	return clamp_t(s64, packets - interval->non_data, 1, U32_MAX);
}

/*
 * What an interval counts for. RFC 4828 section 4.4: with small packets each that was lost counts
 * in a short one, as there may be many more of them in a round trip than a TCP has.
 */
static u32 xdccp_interval_size(const struct xdccp_tfrc_rx *rx, unsigned int i)
{
	const struct xdccp_tfrc_interval *interval = &rx->interval[i];
	u32 data = xdccp_interval_data(rx, i), end;

	if (!rx->small || i == rx->nr_intervals)
		return data;
	end = i ? rx->interval[i - 1].window : rx->window;
	return end - interval->window > XDCCP_TFRC_SHORT ? data :
	       max(data / max(interval->lost, 1u), 1u);
}

/* The closed ones that count: the seeded one is among them if there is room. */
static unsigned int xdccp_nr_closed(const struct xdccp_tfrc_rx *rx)
{
	unsigned int n = rx->nr_intervals - 1 + !!rx->seeded;

	return min_t(unsigned int, n, XDCCP_TFRC_INTERVALS);
}

/**
 * xdccp_tfrc_mean() - the mean loss interval
 * @data: packets with data in each interval, the open one first
 * @n: how many; one at least
 *
 * RFC 5348 section 5.4; the open interval counts if that makes it longer.
 *
 * Return: 1/p.
 */
u64 xdccp_tfrc_mean(const u32 *data, unsigned int n)
{
	u64 with_open = 0, without = 0;
	u32 weights = 0;
	unsigned int i;

	if (n == 1)
		return (u64)max(data[0], 1u) << XDCCP_TFRC_MEAN_SHIFT;
	n = min_t(unsigned int, n - 1, XDCCP_TFRC_INTERVALS);
	for (i = 0; i < n; i++) {
		with_open += (u64)data[i] * xdccp_weights[i];
		without += (u64)data[i + 1] * xdccp_weights[i];
		weights += xdccp_weights[i];
	}
	with_open = max(with_open, without) << XDCCP_TFRC_MEAN_SHIFT;
	return max_t(u64, div_u64(with_open, weights), 1 << XDCCP_TFRC_MEAN_SHIFT);
}

/**
 * xdccp_tfrc_rx_mean() - the mean loss interval
 * @rx: what came
 *
 * Return: 1/p; 0 if there was no loss event.
 */
u64 xdccp_tfrc_rx_mean(const struct xdccp_tfrc_rx *rx)
{
	u32 data[XDCCP_TFRC_INTERVALS + 1];
	unsigned int i, n;

	if (!rx->nr_intervals)
		return 0;
	n = xdccp_nr_closed(rx) + 1;
	for (i = 0; i < n; i++)
		data[i] = xdccp_interval_size(rx, i);
	return xdccp_tfrc_mean(data, n);
}

/**
 * xdccp_tfrc_rx_intervals() - all intervals, for the option Loss Intervals
 * @rx: what came
 * @out: filled in, the open one first
 * @most: how many there is room for
 *
 * RFC 4342 section 8.6. What came after rx->settled is in none.
 *
 * Return: how many.
 */
unsigned int xdccp_tfrc_rx_intervals(const struct xdccp_tfrc_rx *rx,
				     struct xdccp_loss_interval *out, unsigned int most)
{
	unsigned int i, n = min_t(unsigned int, rx->nr_intervals, most);

	for (i = 0; i < n; i++) {
		const struct xdccp_tfrc_interval *interval = &rx->interval[i];
		s64 lossy = xdccp_seq_delta(interval->first, interval->last_lost) + 1;
		s64 rest = xdccp_seq_delta(interval->last_lost, xdccp_interval_end(rx, i));

		out[i] = (struct xdccp_loss_interval) {
			.lossy = min_t(s64, lossy, U32_MAX),
			.lossless = min_t(s64, rest, U32_MAX),
			.data = xdccp_interval_data(rx, i),
			.lost = interval->lost,
		};
	}
	if (n < most && n && n <= XDCCP_TFRC_INTERVALS && rx->seeded)
		out[n++] = (struct xdccp_loss_interval) {
			.lossless = rx->seeded,
			.data = rx->seeded,
		};
	return n;
}
