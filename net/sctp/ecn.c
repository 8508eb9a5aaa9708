// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion that routers tell of (RFC 9260 appendix A): who gets a marked packet says so with
 * each SACK (ECNE), until the sender of the data says that it slowed down (CWR).
 */

#include "sctp.h"

/**
 * xsctp_ecn_marked() - a packet with data came through congestion
 * @a: locked; both sides do ECN
 * @tsn: the lowest in the packet
 */
void xsctp_ecn_marked(struct xsctp_association *a, u32 tsn)
{
	a->ecne = true;
	a->ecne_tsn = tsn;
}

/* Where a TSN went that is not acknowledged; else where new data go. */
static struct xsctp_transport *xsctp_path_of(const struct xsctp_association *a, u32 tsn)
{
	const struct xsctp_data *d;

	list_for_each_entry(d, &a->sent, link) {
		if (d->tsn == tsn)
			return d->transport ? : a->active;
		if (tsn_after(d->tsn, tsn))
			break;
	}
	return a->active;
}

/**
 * xsctp_do_ecne() - our data met congestion
 * @event: an ECNE
 *
 * The window shrinks once for what was in flight; CWR is said each time, as it may be lost. Of a
 * packet one counts: each costs a walk over what was sent.
 *
 * Return: XSCTP_NEXT.
 */
enum xsctp_verdict xsctp_do_ecne(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_transport *t;
	u8 value[4];
	u32 tsn;

	if (!a->ecn || event->heard_ecne || xsctp_parse_u32(&event->chunk, &tsn) ||
	    !tsn_before(tsn, a->next_tsn))
		return XSCTP_NEXT;
	event->heard_ecne = true;
	t = xsctp_path_of(a, tsn);
	if (!t)
		return XSCTP_NEXT;
	if (tsn_after(tsn, t->cwr_tsn)) {
		xsctp_transport_lower(t, false);
		t->cwr_tsn = a->next_tsn - 1;
	}
	xsctp_put_u32(value, t->cwr_tsn);
	xsctp_queue_chunk(a, XSCTP_CWR, 0, value, sizeof(value), NULL);
	return XSCTP_NEXT;
}

/**
 * xsctp_do_cwr() - the peer slowed down
 * @event: a CWR
 *
 * Return: XSCTP_NEXT.
 */
enum xsctp_verdict xsctp_do_cwr(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	u32 tsn;

	if (a->ecne && !xsctp_parse_u32(&event->chunk, &tsn) && !tsn_before(tsn, a->ecne_tsn))
		a->ecne = false;
	return XSCTP_NEXT;
}
