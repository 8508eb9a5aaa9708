// SPDX-License-Identifier: GPL-2.0
/*
 * Which TSNs came (RFC 9260 section 6.2): all up to the Cumulative TSN Ack Point, and of the
 * XSCTP_TSNMAP_BITS beyond it those whose bit is set. The bits are a ring by TSN, so that the
 * point moves without moving them:
 *
 *	TSN	   cum   +1   +2   +3   +4   +5   +6
 *	bit	    0	  0    1    1    0    1    0	0 of cum and beyond highest
 *			       '--.-'	    '- highest
 *				  a gap block: 2-3
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "tsnmap.h"

#define XSCTP_WORD_BITS	((u32)(8 * sizeof(unsigned long)))

static unsigned long *xsctp_word(struct xsctp_tsnmap *map, u32 tsn)
{
	return &map->bits[tsn % XSCTP_TSNMAP_BITS / XSCTP_WORD_BITS];
}

static unsigned long xsctp_bit(u32 tsn)
{
	return 1UL << tsn % XSCTP_WORD_BITS;
}

static bool xsctp_came(const struct xsctp_tsnmap *map, u32 tsn)
{
	return map->bits[tsn % XSCTP_TSNMAP_BITS / XSCTP_WORD_BITS] & xsctp_bit(tsn);
}

/*
 * How many TSNs beyond cum, from @offset on, it takes to one that came (or, not @came, to
 * one that did not); more than all if there is none. The highest came, so the search for one
 * that came does not see the bits of low TSNs that may share its word.
 */
static u32 xsctp_find(const struct xsctp_tsnmap *map, u32 offset, bool came)
{
	u32 all = map->highest - map->cum, tsn, shift;
	unsigned long word;

	while (offset <= all) {
		tsn = map->cum + offset;
		shift = tsn % XSCTP_WORD_BITS;
		word = map->bits[tsn % XSCTP_TSNMAP_BITS / XSCTP_WORD_BITS];
		word = (came ? word : ~word) >> shift;
		if (word)
			return offset + __ffs(word);
		offset += XSCTP_WORD_BITS - shift;
	}
	return offset;
}

/* The point moves on over what came already. */
static void xsctp_catch_up(struct xsctp_tsnmap *map)
{
	while (map->cum != map->highest && xsctp_came(map, map->cum + 1)) {
		map->cum++;
		*xsctp_word(map, map->cum) &= ~xsctp_bit(map->cum);
	}
}

/**
 * xsctp_tsnmap_init() - nothing came yet
 * @map: to be initialized
 * @initial_tsn: of the peer; the first that it will send
 */
void xsctp_tsnmap_init(struct xsctp_tsnmap *map, u32 initial_tsn)
{
	memset(map, 0, sizeof(*map));
	map->cum = initial_tsn - 1;
	map->highest = map->cum;
}

/**
 * xsctp_tsnmap_check() - what is a TSN to us?
 * @map: what came
 * @tsn: any
 *
 * Return: XSCTP_TSN_NEW if it may be marked; XSCTP_TSN_DUPLICATE if it came before;
 * XSCTP_TSN_TOO_FAR if it lies beyond what the map can hold.
 */
enum xsctp_tsn_verdict xsctp_tsnmap_check(const struct xsctp_tsnmap *map, u32 tsn)
{
	u32 offset = tsn - map->cum;

	if ((s32)offset <= 0)
		return XSCTP_TSN_DUPLICATE;
	if (offset > XSCTP_TSNMAP_BITS)
		return XSCTP_TSN_TOO_FAR;
	return xsctp_came(map, tsn) ? XSCTP_TSN_DUPLICATE : XSCTP_TSN_NEW;
}

/**
 * xsctp_tsnmap_mark() - a TSN came
 * @map: what came before
 * @tsn: any; nothing happens unless it is XSCTP_TSN_NEW
 */
void xsctp_tsnmap_mark(struct xsctp_tsnmap *map, u32 tsn)
{
	if (xsctp_tsnmap_check(map, tsn) != XSCTP_TSN_NEW)
		return;
	*xsctp_word(map, tsn) |= xsctp_bit(tsn);
	if ((s32)(tsn - map->highest) > 0)
		map->highest = tsn;
	xsctp_catch_up(map);
}

/**
 * xsctp_tsnmap_forward() - the peer will not send what is missing (RFC 3758 section 3.6)
 * @map: what came
 * @cum: the New Cumulative TSN: all up to it is as if it had come. Not after map->cum, it
 *	changes nothing; how far it may leap is the caller's to say.
 */
void xsctp_tsnmap_forward(struct xsctp_tsnmap *map, u32 cum)
{
	if ((s32)(cum - map->cum) <= 0)
		return;
	if ((s32)(cum - map->highest) >= 0) {
		xsctp_tsnmap_init(map, cum + 1);
		return;
	}
	while (map->cum != cum) {
		map->cum++;
		*xsctp_word(map, map->cum) &= ~xsctp_bit(map->cum);
	}
	xsctp_catch_up(map);
}

/**
 * xsctp_tsnmap_gaps() - what came beyond the Cumulative TSN Ack Point, for a SACK
 * @map: what came
 * @gaps: room for @most; filled from the lowest on, isolated from each other
 * @most: how many there may be
 *
 * Return: how many there are in @gaps.
 */
unsigned int xsctp_tsnmap_gaps(const struct xsctp_tsnmap *map, struct xsctp_gap *gaps,
			       unsigned int most)
{
	u32 all = map->highest - map->cum, start, end = 0;
	unsigned int n;

	for (n = 0; n < most; n++) {
		start = xsctp_find(map, end + 1, true);
		if (start > all)
			break;
		end = min(xsctp_find(map, start + 1, false), all + 1);
		gaps[n].start = start;
		gaps[n].end = end - 1;
	}
	return n;
}
