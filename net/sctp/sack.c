// SPDX-License-Identifier: GPL-2.0
/* Telling the peer what came: SACK chunks, at once or a little later (RFC 9260 section 6.2). */

#include "sctp.h"

#define XSCTP_MAX_GAPS	128	/* in one SACK; what is beyond is told once these are closed */

/**
 * xsctp_sack_due() - must a SACK go out now?
 * @a: under its socket's lock
 *
 * Return: whether; one that is only delayed may ride along with DATA all the same
 */
bool xsctp_sack_due(const struct xsctp_association *a)
{
	return a->sack_now;
}

/* Not inline: nearly always nothing is missing, and its frame is large. Returns how many. */
static noinline unsigned int xsctp_put_gaps(const struct xsctp_association *a, u8 *to,
					    unsigned int most)
{
	struct xsctp_gap gap[XSCTP_MAX_GAPS];
	unsigned int i, n;

	n = xsctp_tsnmap_gaps(&a->map, gap, min_t(unsigned int, most, XSCTP_MAX_GAPS));
	for (i = 0; i < n; i++)
		to = xsctp_put_u16(xsctp_put_u16(to, gap[i].start), gap[i].end);
	return n;
}

static void xsctp_put_dups(u8 *to, const u32 *dup, unsigned int n)
{
	while (n--)
		to = xsctp_put_u32(to, *dup++);
}

/**
 * xsctp_sack_build() - write a SACK
 * @a: under its socket's lock
 * @to: where
 * @room: octets there; 16 or more
 *
 * RFC 9260 section 3.3.4. Nothing is due afterwards.
 *
 * Return: octets written; 0: there is no room
 */
u16 xsctp_sack_build(struct xsctp_association *a, u8 *to, u16 room)
{
	unsigned int gaps = 0, dups;
	u16 length;

	if (room < XSCTP_SACK_LEN)
		return 0;
	room = (room - XSCTP_SACK_LEN) / 4;
	if (a->map.highest != a->map.cum)
		gaps = xsctp_put_gaps(a, to + XSCTP_SACK_LEN, room);
	dups = min_t(unsigned int, room - gaps, a->nr_dups);
	length = XSCTP_SACK_LEN + 4 * (gaps + dups);
	a->rwnd = xsctp_rwnd(a);
	a->offered_rwnd = a->rwnd;
	to = xsctp_put_chunk(to, XSCTP_SACK, 0, length);
	to = xsctp_put_u32(to, a->map.cum);
	to = xsctp_put_u32(to, a->rwnd);
	to = xsctp_put_u16(xsctp_put_u16(to, gaps), dups);
	xsctp_put_dups(to + 4 * gaps, a->dups, dups);
	a->nr_dups = 0;
	a->unacked_packets = 0;
	a->sack_now = false;
	a->sacked = true;
	a->sack_gaps = min_t(unsigned int, gaps, U8_MAX);
	xsctp_disarm(&a->deadline[XSCTP_TIMER_SACK]);
	a->count.osacks++;
	return length;
}

/**
 * xsctp_sack_check() - a packet was worked on: when is it to be acknowledged?
 * @a: under its socket's lock
 * @packet: which had DATA in it
 *
 * RFC 9260 section 6.2 and 6.7: at once if something is missing, came twice or has filled a
 * gap, or in SHUTDOWN-SENT (9.2), or if it is the first (5.1); else every second packet, and
 * within 200 ms. What came as a train is acknowledged as a whole; by the timer, should the rest
 * of it get lost.
 */
void xsctp_sack_check(struct xsctp_association *a, const struct xsctp_packet *packet)
{
	if (!packet->has_data)
		return;
	if (a->unacked_packets < U8_MAX)
		a->unacked_packets++;
	if (a->map.highest != a->map.cum || a->sack_gaps || a->nr_dups ||
	    a->unacked_packets >= a->sack_freq || !a->sack_delay || !a->sacked ||
	    a->state == SCTP_SHUTDOWN_SENT)
		a->sack_now = true;
	if ((packet->more || !a->sack_now) && !a->deadline[XSCTP_TIMER_SACK].armed)
		xsctp_arm(a, &a->deadline[XSCTP_TIMER_SACK],
			  jiffies + msecs_to_jiffies(a->sack_delay));
}

/**
 * xsctp_sack_timeout() - a SACK was delayed long enough
 * @a: under its socket's lock; xsctp_flush() follows
 */
void xsctp_sack_timeout(struct xsctp_association *a)
{
	if (!a->unacked_packets)
		return;
	xsctp_count(a->sk, XSCTP_MIB_DELAY_SACK_EXPIREDS);
	a->sack_now = true;
}
