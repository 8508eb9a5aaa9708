// SPDX-License-Identifier: GPL-2.0
/*
 * Ack Vectors (RFC 4340 section 11.4 and appendix A).
 *
 *	latest				       oldest
 *	   |					  |
 *	   v					  v
 *	[ received 3 ][ not received 1 ][ received 64 ][ received 12 ]
 *	   ^						    ^
 *	   a packet came: longer, or one more in front	    the peer knows it: forgotten
 *
 * A packet that comes late splits the run that says it did not. It is said to have come even if
 * the peer was told before that it had not, as long as it is remembered at all.
 *
 * Of a large window very many Ack Vectors are on their way before the peer acknowledges one. They
 * are remembered by stretches, which become longer as there are more: what is forgotten is a
 * little less than what might be.
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

#include "ackvec.h"

#define XDCCP_MAX_RUN	64
#define XDCCP_MAX_STRETCH	65536u	/* more are never on their way */

static u8 *xdccp_ackvec_at(struct xdccp_ackvec *v, unsigned int i)
{
	return &v->cell[(v->first + i) % XDCCP_ACKVEC_CELLS];
}

static void xdccp_ackvec_get(const struct xdccp_ackvec *v, unsigned int i, struct xdccp_run *run)
{
	xdccp_run(v->cell[(v->first + i) % XDCCP_ACKVEC_CELLS], run);
}

static void xdccp_ackvec_set(struct xdccp_ackvec *v, unsigned int i, u8 state, unsigned int len)
{
	struct xdccp_run run = { .state = state, .len = len };

	*xdccp_ackvec_at(v, i) = xdccp_cell(&run);
}

/* Nobody hears of the oldest run any more. */
static void xdccp_ackvec_age(struct xdccp_ackvec *v)
{
	struct xdccp_run run;

	xdccp_ackvec_get(v, v->cells - 1, &run);
	v->packets -= run.len;
	v->cells--;
}

/**
 * xdccp_ackvec_init() - nothing came yet
 * @v: filled in
 */
void xdccp_ackvec_init(struct xdccp_ackvec *v)
{
	memset(v, 0, sizeof(*v));
	v->stretch = 1;
}

/* So many packets of one state, later than all. */
static void xdccp_ackvec_prepend(struct xdccp_ackvec *v, u8 state, unsigned int n)
{
	struct xdccp_run run = { .state = XDCCP_PACKET_RESERVED, .len = XDCCP_MAX_RUN };
	unsigned int more;

	if (v->cells)
		xdccp_ackvec_get(v, 0, &run);
	if (run.state == state && run.len < XDCCP_MAX_RUN) {
		more = min_t(unsigned int, n, XDCCP_MAX_RUN - run.len);
		xdccp_ackvec_set(v, 0, state, run.len + more);
		v->packets += more;
		n -= more;
	}
	for (; n; n -= more) {
		if (v->cells == XDCCP_ACKVEC_CELLS)
			xdccp_ackvec_age(v);
		more = min_t(unsigned int, n, XDCCP_MAX_RUN);
		v->first = (v->first + XDCCP_ACKVEC_CELLS - 1) % XDCCP_ACKVEC_CELLS;
		v->cells++;
		xdccp_ackvec_set(v, 0, state, more);
		v->packets += more;
	}
}

/* Those between it and the latest so far did not come, or not yet. */
static void xdccp_ackvec_later(struct xdccp_ackvec *v, u64 seq, u8 state)
{
	s64 missing = xdccp_seq_delta(v->latest, seq) - 1;

	if (!v->cells || missing >= XDCCP_ACKVEC_CELLS * XDCCP_MAX_RUN) {
		v->cells = 0;
		v->packets = 0;
		missing = 0;
	}
	xdccp_ackvec_prepend(v, XDCCP_NOT_RECEIVED, missing);
	xdccp_ackvec_prepend(v, state, 1);
	v->latest = seq;
}

/* Room for @extra cells behind cell @i, which may age away itself: then it is false. */
static bool xdccp_ackvec_open(struct xdccp_ackvec *v, unsigned int i, unsigned int extra)
{
	unsigned int j;

	while (v->cells + extra > XDCCP_ACKVEC_CELLS)
		xdccp_ackvec_age(v);
	if (i >= v->cells)
		return false;
	for (j = v->cells - 1; j > i; j--)
		*xdccp_ackvec_at(v, j + extra) = *xdccp_ackvec_at(v, j);
	v->cells += extra;
	return true;
}

static void xdccp_ackvec_remove(struct xdccp_ackvec *v, unsigned int i)
{
	for (; i + 1 < v->cells; i++)
		*xdccp_ackvec_at(v, i) = *xdccp_ackvec_at(v, i + 1);
	v->cells--;
}

/* An outermost packet of missing run @i goes to its neighbour @to, if that is of the state. */
static bool xdccp_ackvec_lend(struct xdccp_ackvec *v, unsigned int i, unsigned int to, u8 state)
{
	struct xdccp_run run, neighbour;

	if (to >= v->cells)
		return false;
	xdccp_ackvec_get(v, i, &run);
	xdccp_ackvec_get(v, to, &neighbour);
	if (neighbour.state != state || neighbour.len == XDCCP_MAX_RUN)
		return false;
	xdccp_ackvec_set(v, to, state, neighbour.len + 1);
	if (run.len > 1)
		xdccp_ackvec_set(v, i, run.state, run.len - 1);
	else
		xdccp_ackvec_remove(v, i);
	return true;
}

/* Packet @at (0: the latest) of missing run @i came after all. */
static void xdccp_ackvec_split(struct xdccp_ackvec *v, unsigned int i, unsigned int at, u8 state)
{
	struct xdccp_run run;
	unsigned int older;

	xdccp_ackvec_get(v, i, &run);
	older = run.len - at - 1;
	if (!at && i && xdccp_ackvec_lend(v, i, i - 1, state))
		return;
	if (!older && xdccp_ackvec_lend(v, i, i + 1, state))
		return;
	if (!xdccp_ackvec_open(v, i, !!at + !!older))
		return;
	if (at)
		xdccp_ackvec_set(v, i++, XDCCP_NOT_RECEIVED, at);
	xdccp_ackvec_set(v, i++, state, 1);
	if (older)
		xdccp_ackvec_set(v, i, XDCCP_NOT_RECEIVED, older);
}

/* Which run tells of a packet; *at is its place in that. v->cells: none. */
static unsigned int xdccp_ackvec_find(const struct xdccp_ackvec *v, u64 seq, unsigned int *at)
{
	s64 back = xdccp_seq_delta(seq, v->latest);
	struct xdccp_run run;
	unsigned int i;

	if (back < 0 || (u64)back >= v->packets)
		return v->cells;
	for (i = 0; i < v->cells; i++) {
		xdccp_ackvec_get(v, i, &run);
		if (back < run.len)
			break;
		back -= run.len;
	}
	*at = back;
	return i;
}

/**
 * xdccp_ackvec_received() - a packet came
 * @v: what came before
 * @seq: its number, inside the sequence window
 * @marked: with Congestion Experienced
 *
 * What came twice, or is too old to be told of, changes nothing.
 */
void xdccp_ackvec_received(struct xdccp_ackvec *v, u64 seq, bool marked)
{
	u8 state = marked ? XDCCP_RECEIVED_MARKED : XDCCP_RECEIVED;
	struct xdccp_run run;
	unsigned int i, at;

	if (!v->cells || xdccp_seq_after(seq, v->latest)) {
		xdccp_ackvec_later(v, seq, state);
		return;
	}
	i = xdccp_ackvec_find(v, seq, &at);
	if (i == v->cells)
		return;
	xdccp_ackvec_get(v, i, &run);
	if (run.state == XDCCP_NOT_RECEIVED)
		xdccp_ackvec_split(v, i, at, state);
}

/**
 * xdccp_ackvec_state() - what is known of a packet
 * @v: what came
 * @seq: its number
 *
 * Return: XDCCP_RECEIVED ..., or -1 if nothing is.
 */
int xdccp_ackvec_state(const struct xdccp_ackvec *v, u64 seq)
{
	struct xdccp_run run;
	unsigned int i, at;

	i = xdccp_ackvec_find(v, seq, &at);
	if (i == v->cells)
		return -1;
	xdccp_ackvec_get(v, i, &run);
	return run.state;
}

/**
 * xdccp_ackvec_put() - append the Ack Vector to a packet that acknowledges v->latest
 * @v: what came
 * @to: where
 * @room: octets there; what does not fit is the oldest
 *
 * The nonce is always 0: RFC 8311 section 4.1 did away with it.
 *
 * Return: where the next option goes; @to if there is nothing to tell, or no room.
 */
u8 *xdccp_ackvec_put(const struct xdccp_ackvec *v, u8 *to, u32 room)
{
	const u8 *end = to + room;
	unsigned int i = 0, n;

	while (i < v->cells && end - to > 2) {
		n = min_t(unsigned int, v->cells - i, XDCCP_MAX_OPTION_VALUE);
		n = min_t(unsigned int, n, end - to - 2);
		*to++ = XDCCP_OPT_ACK_VECTOR_0;
		*to++ = n + 2;
		for (; n--; i++)
			*to++ = v->cell[(v->first + i) % XDCCP_ACKVEC_CELLS];
	}
	return to;
}

static struct xdccp_ackvec_sent *xdccp_sent_at(struct xdccp_ackvec *v, unsigned int i)
{
	return &v->sent[(v->sent_first + i) % XDCCP_ACKVEC_SENT];
}

static bool xdccp_sent_follows(const struct xdccp_ackvec_sent *sent, u64 seq)
{
	return xdccp_seq_add(sent->seq, sent->packets) == seq;
}

/* Room for another: stretches that belong together become one, or else each second one goes. */
static void xdccp_ackvec_condense(struct xdccp_ackvec *v)
{
	struct xdccp_ackvec_sent *last, *next;
	unsigned int i, left = 0;

	for (i = 0; i < v->nr_sent; i++) {
		next = xdccp_sent_at(v, i);
		last = left ? xdccp_sent_at(v, left - 1) : NULL;
		if (last && last->packets <= v->stretch && xdccp_sent_follows(last, next->seq))
			last->packets += next->packets;
		else
			*xdccp_sent_at(v, left++) = *next;
	}
	if (left == v->nr_sent)
		for (left = 0; 2 * left < v->nr_sent; left++)
			*xdccp_sent_at(v, left) = *xdccp_sent_at(v, 2 * left);
	v->nr_sent = left;
	v->stretch = min(2 * v->stretch, XDCCP_MAX_STRETCH);
}

/**
 * xdccp_ackvec_sent() - the Ack Vector went out
 * @v: what came
 * @seq: the number of the packet that has it
 */
void xdccp_ackvec_sent(struct xdccp_ackvec *v, u64 seq)
{
	struct xdccp_ackvec_sent *last = v->nr_sent ? xdccp_sent_at(v, v->nr_sent - 1) : NULL;

	if (last && last->packets < v->stretch && xdccp_sent_follows(last, seq)) {
		last->packets++;
		return;
	}
	if (v->nr_sent == XDCCP_ACKVEC_SENT)
		xdccp_ackvec_condense(v);
	*xdccp_sent_at(v, v->nr_sent++) = (struct xdccp_ackvec_sent) {
		.seq = seq,
		.ack = v->latest,
		.packets = 1,
	};
}

/* Forget all but the latest so many packets. */
static void xdccp_ackvec_keep(struct xdccp_ackvec *v, u64 keep)
{
	struct xdccp_run run;

	while (v->packets > keep) {
		xdccp_ackvec_get(v, v->cells - 1, &run);
		if (v->packets - run.len < keep) {
			run.len -= v->packets - keep;
			*xdccp_ackvec_at(v, v->cells - 1) = xdccp_cell(&run);
			v->packets = keep;
		} else {
			xdccp_ackvec_age(v);
		}
	}
}

/**
 * xdccp_ackvec_acked() - the peer has a packet of ours
 * @v: what came
 * @seq: the packet's number
 *
 * If that carried an Ack Vector, what it told is known and is forgotten (RFC 4340 section
 * 11.4.2); but for the latest packet, from which the next missing ones are counted.
 */
void xdccp_ackvec_acked(struct xdccp_ackvec *v, u64 seq)
{
	const struct xdccp_ackvec_sent *sent;
	unsigned int i = v->nr_sent;

	while (i && xdccp_seq_after(xdccp_sent_at(v, i - 1)->seq, seq))
		i--;
	if (!i)
		return;
	sent = xdccp_sent_at(v, i - 1);
	if (xdccp_seq_delta(sent->seq, seq) >= sent->packets)
		return;
	xdccp_ackvec_keep(v, max_t(s64, xdccp_seq_delta(sent->ack, v->latest), 1));
	v->sent_first = (v->sent_first + i) % XDCCP_ACKVEC_SENT;
	v->nr_sent -= i;
	v->stretch = 1;
}
