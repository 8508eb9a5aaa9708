// SPDX-License-Identifier: GPL-2.0
/*
 * Data Dropped (RFC 4340 section 11.7): the receiver's half, and how the sender reads it.
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

#include "drops.h"

#define XDCCP_NORMAL_RUN	128	/* most packets of a cell */
#define XDCCP_DROP_RUN		16

/* ---------------------------------------------------------------- receiver */

/**
 * xdccp_drops_add() - a packet's data was dropped
 * @d: what is to be told; zeroed at first
 * @seq: the packet's number
 * @code: XDCCP_DROP_...
 *
 * One that comes out of order is a run of its own.
 */
void xdccp_drops_add(struct xdccp_drops *d, u64 seq, u8 code)
{
	struct xdccp_drop_run *run = d->run;
	unsigned int at = 0;

	if (d->nr && !run->told && run->code == code && xdccp_seq_add(run->high, 1) == seq &&
	    run->len < XDCCP_DROP_REACH) {
		run->high = seq;
		run->len++;
		return;
	}
	while (at < d->nr && xdccp_seq_after(d->run[at].high, seq))
		at++;
	/* It came twice, and nobody had it the second time either. */
	if (at < d->nr && d->run[at].high == seq)
		return;
	if (at == XDCCP_DROP_RUNS)
		return;
	d->nr = min(d->nr + 1, XDCCP_DROP_RUNS);
	memmove(d->run + at + 1, d->run + at, (d->nr - at - 1) * sizeof(*d->run));
	d->run[at] = (struct xdccp_drop_run) { .high = seq, .len = 1, .code = code };
}

/* Octets of cells for so many packets. */
static u32 xdccp_cells(u32 packets, u32 most)
{
	return (packets + most - 1) / most;
}

static u8 *xdccp_put_cells(u8 *to, u8 flags, u32 packets, u32 most)
{
	u32 n;

	for (; packets; packets -= n) {
		n = min(packets, most);
		*to++ = flags | (n - 1);
	}
	return to;
}

/* Of runs that overlap, by packets out of order, the later one's word holds. */
static u8 *xdccp_put_run(struct xdccp_drop_run *run, u64 *next, u8 *to, const u8 *end)
{
	s64 gap = xdccp_seq_delta(run->high, *next);
	u32 need;

	if (gap < 0 || gap > XDCCP_DROP_REACH)
		return to;
	need = xdccp_cells(gap, XDCCP_NORMAL_RUN) + xdccp_cells(run->len, XDCCP_DROP_RUN);
	if ((u32)(end - to) < need)
		return to;
	to = xdccp_put_cells(to, 0, gap, XDCCP_NORMAL_RUN);
	to = xdccp_put_cells(to, 0x80 | run->code << 4, run->len, XDCCP_DROP_RUN);
	*next = xdccp_seq_add(run->high, -(s64)run->len);
	run->told++;
	return to;
}

static void xdccp_drops_forget(struct xdccp_drops *d, u64 ack)
{
	unsigned int i, left = 0;

	for (i = 0; i < d->nr; i++)
		if (d->run[i].told < XDCCP_DROP_TIMES &&
		    xdccp_seq_delta(d->run[i].high, ack) <= XDCCP_DROP_REACH)
			d->run[left++] = d->run[i];
	d->nr = left;
}

/**
 * xdccp_drops_put() - append a Data Dropped option
 * @d: what is to be told; what was told often enough is forgotten
 * @ack: the number that the packet acknowledges
 * @to: where
 * @room: octets there
 *
 * Return: where the next option goes; @to if there is nothing to tell, or no room.
 */
u8 *xdccp_drops_put(struct xdccp_drops *d, u64 ack, u8 *to, u32 room)
{
	u8 *cells = to + 2, *at = cells;
	u64 next = ack;
	unsigned int i;

	if (!d->nr || room < 3)
		return to;
	room = min_t(u32, room, XDCCP_MAX_OPTION_LEN);
	for (i = 0; i < d->nr; i++)
		at = xdccp_put_run(&d->run[i], &next, at, to + room);
	xdccp_drops_forget(d, ack);
	if (at == cells)
		return to;
	to[0] = XDCCP_OPT_DATA_DROPPED;
	to[1] = at - to;
	return at;
}

/* ------------------------------------------------------------------ sender */

static void xdccp_read_drop(struct xdccp_dropped_walk *walk, u64 low, u64 high, u8 code)
{
	/* Of what was told of before, or never sent, there is nothing new. */
	if (xdccp_seq_before(low, xdccp_seq_add(walk->latest, 1)))
		low = xdccp_seq_add(walk->latest, 1);
	if (xdccp_seq_after(low, high))
		return;
	if (code == XDCCP_DROP_BUFFER)
		walk->buffer += xdccp_seq_delta(low, high) + 1;
	if (code == XDCCP_DROP_NOT_LISTENING)
		walk->not_listening = true;
	if (xdccp_seq_after(high, walk->found))
		walk->found = high;
}

/**
 * xdccp_drops_read() - read a Data Dropped option
 * @walk: begun with the acknowledged number, and the latest that was told of before
 * @low: the lowest number that may have been sent
 * @cells: the option's value; of a packet's second option, it goes on from the first
 * @len: octets of it
 */
void xdccp_drops_read(struct xdccp_dropped_walk *walk, u64 low, const u8 *cells, u8 len)
{
	struct xdccp_dropped cell;
	u64 first;

	for (; len--; cells++) {
		xdccp_dropped(*cells, &cell);
		first = xdccp_seq_add(walk->at, 1 - (s64)cell.len);
		if (xdccp_seq_before(walk->at, low))
			return;
		if (!cell.normal)
			xdccp_read_drop(walk, xdccp_seq_before(first, low) ? low : first, walk->at,
					cell.code);
		walk->at = xdccp_seq_add(first, -1);
	}
}
