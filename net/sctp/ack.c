// SPDX-License-Identifier: GPL-2.0
/*
 * What the peer says it has: SACK chunks (RFC 9260 sections 6.2.1, 6.3.2, 7.2.4).
 *
 * sent is in the order of TSNs and so are gap blocks: a SACK costs one walk over both, and one
 * more if it leaves something out and brings something new. Without gaps it costs what it
 * acknowledges.
 */

#include "sctp.h"

#define XSCTP_MISSING	3	/* reports, after which a chunk is lost */

/* ------------------------------------------------------------- one chunk */

static void xsctp_measure(struct xsctp_transport *t, const struct xsctp_data *d)
{
	if (d->marks & XSCTP_OUT_TIMED)
		xsctp_transport_rtt(t, div_u64(ktime_get_ns() - d->sent_ns, NSEC_PER_USEC));
}

/* The peer has @d: it says so for the first time. */
static void xsctp_newly_acked(struct xsctp_association *a, struct xsctp_data *d)
{
	struct xsctp_transport *t = d->transport;

	if (t) {
		xsctp_measure(t, d);
		t->sack.any = true;
		t->sack.htna = d->tsn;
		/* Of what was given up only the peer knows whether it was worth anything. */
		if (!(d->marks & XSCTP_OUT_ABANDONED))
			t->sack.acked += d->len;
		if (!t->sack.hole)
			t->sack.earliest = true;
		/* Sent twice it may have come by another address: section 8.2. */
		if (d->transmissions == 1 || a->nr_transports == 1)
			t->sack.sure = true;
	}
	if (d->marks & XSCTP_OUT_RETRANSMIT) {
		d->marks &= ~(XSCTP_OUT_RETRANSMIT | XSCTP_OUT_TIMED_OUT);
		a->nr_retransmit--;
	}
	xsctp_outqueue_land(a, d);
}

/* Section 6.2.1 D iii: the peer had it, and has it no more. */
static void xsctp_reneged(struct xsctp_association *a, struct xsctp_data *d)
{
	struct xsctp_transport *t = d->transport;

	d->marks &= ~XSCTP_OUT_GAP_ACKED;
	a->nr_gap_acked--;
	if (d->marks & XSCTP_OUT_ABANDONED)
		return;
	if (!t) {
		xsctp_outqueue_mark(a, d, 0);
		return;
	}
	d->marks |= XSCTP_OUT_FLIGHT;
	t->flight_size += d->len;
	a->outstanding += d->len;
	/* Section 6.3.2 R4 */
	if (!t->t3.armed)
		xsctp_outqueue_arm(t);
}

/* ------------------------------------------------------------ the two walks */

static void xsctp_ack_cumulative(struct xsctp_association *a, u32 cum_tsn)
{
	struct xsctp_data *d, *next;

	list_for_each_entry_safe(d, next, &a->sent, link) {
		if (tsn_after(d->tsn, cum_tsn))
			break;
		if (d->marks & XSCTP_OUT_GAP_ACKED)
			a->nr_gap_acked--;
		else
			xsctp_newly_acked(a, d);
		list_del(&d->link);
		a->nr_sent--;
		xsctp_data_free(a, d);
	}
	a->cum_tsn_acked = cum_tsn;
}

/*
 * How many gap blocks may be believed: they ascend, do not overlap and tell of nothing that was
 * never sent. What comes behind a wrong one is ignored.
 */
static unsigned int xsctp_sane_gaps(const struct xsctp_association *a,
				    const struct xsctp_sack *sack)
{
	u32 most = a->next_tsn - 1 - sack->cum_tsn;
	u16 start, end, before = 0;
	unsigned int i;

	for (i = 0; i < sack->nr_gaps; i++) {
		xsctp_sack_gap(sack, i, &start, &end);
		if (start <= before || end < start || end > most)
			break;
		before = end;
	}
	return i;
}

/* The first walk: what is in a gap block, newly or as before, and what is there no more. */
static void xsctp_ack_gaps(struct xsctp_association *a, const struct xsctp_sack *sack,
			   unsigned int gaps)
{
	u16 start = 0, end = 0;
	struct xsctp_data *d;
	unsigned int i = 0;
	bool has;

	list_for_each_entry(d, &a->sent, link) {
		u32 offset = d->tsn - sack->cum_tsn;

		while (offset > end && i < gaps)
			xsctp_sack_gap(sack, i++, &start, &end);
		/* Beyond the last block only what was in one before is of interest. */
		if (offset > end && !a->nr_gap_acked)
			break;
		has = offset >= start && offset <= end;
		if (has && !(d->marks & XSCTP_OUT_GAP_ACKED)) {
			xsctp_newly_acked(a, d);
			d->marks |= XSCTP_OUT_GAP_ACKED;
			a->nr_gap_acked++;
		} else if (!has && d->marks & XSCTP_OUT_GAP_ACKED) {
			xsctp_reneged(a, d);
		}
		if (!has && d->transport && d->marks & XSCTP_OUT_FLIGHT)
			d->transport->sack.hole = true;
		if (i == gaps && offset >= end && !a->nr_gap_acked)
			break;
	}
}

/* Does a SACK that leaves out @d count? Section 7.2.4: by HTNA, of what went the same way. */
static bool xsctp_is_missing(const struct xsctp_data *d, bool advanced)
{
	const struct xsctp_transport *t = d->transport;

	if (t->fast_recovery && advanced)
		return true;
	return t->sack.any && tsn_before(d->tsn, t->sack.htna);
}

/* Section 7.2.4 (1) to (5) */
static void xsctp_lost_chunk(struct xsctp_association *a, struct xsctp_data *d)
{
	struct xsctp_transport *t = d->transport;

	if (!t->fast_recovery) {
		xsctp_transport_lower(t, false);
		t->fast_recovery = true;
		t->recovery_tsn = a->next_tsn - 1;
	}
	xsctp_outqueue_mark(a, d, XSCTP_OUT_FAST);
	a->fast_packet = true;
	if (!t->sack.hole)
		t->sack.earliest = true;
}

/* Has it something to say of what it leaves out? */
static bool xsctp_tells_missing(const struct xsctp_association *a, bool advanced)
{
	const struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link)
		if (t->sack.any || (t->fast_recovery && advanced))
			return true;
	return false;
}

/* The second walk: what was left out below the last gap block. */
static void xsctp_count_missing(struct xsctp_association *a, const struct xsctp_sack *sack,
				unsigned int gaps, bool advanced)
{
	struct xsctp_transport *t;
	struct xsctp_data *d;
	u16 start, end;

	list_for_each_entry(t, &a->transports, link)
		t->sack.hole = false;
	xsctp_sack_gap(sack, gaps - 1, &start, &end);
	list_for_each_entry(d, &a->sent, link) {
		if (!tsn_before(d->tsn, sack->cum_tsn + start))
			break;
		if (!(d->marks & XSCTP_OUT_FLIGHT) || !d->transport)
			continue;
		if (!(d->marks & XSCTP_OUT_FAST) && xsctp_is_missing(d, advanced) &&
		    ++d->missing >= XSCTP_MISSING)
			xsctp_lost_chunk(a, d);
		else
			d->transport->sack.hole = true;
	}
}

/* ------------------------------------------------------ what follows from it */

static void xsctp_ack_start(struct xsctp_association *a)
{
	struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link)
		memset(&t->sack, 0, sizeof(t->sack));
}

/* Section 6.3.2 R2, R3. A FORWARD TSN that is out is guarded by T3 as data is. */
static void xsctp_ack_t3(struct xsctp_association *a, struct xsctp_transport *t)
{
	if (t->flight_size) {
		if (t->sack.earliest)
			xsctp_outqueue_arm(t);
	} else if (t != a->active || !tsn_after(a->advanced_tsn, a->cum_tsn_acked)) {
		xsctp_disarm(&t->t3);
	}
}

static void xsctp_ack_transport(struct xsctp_association *a, struct xsctp_transport *t,
				bool advanced)
{
	if (t->sack.any)
		xsctp_transport_acked(t, t->sack.acked, advanced);
	if (t->fast_recovery && !tsn_before(a->cum_tsn_acked, t->recovery_tsn))
		t->fast_recovery = false;
	if (t->sack.any || t->sack.earliest)
		xsctp_ack_t3(a, t);
	if (t->sack.sure) {
		a->error_count = 0;
		xsctp_transport_up(t);
	}
}

/* @held: what sent and unsent had before */
static void xsctp_ack_finish(struct xsctp_association *a, bool advanced, unsigned int held)
{
	struct xsctp_transport *t;
	struct sock *sk = a->sk;

	list_for_each_entry(t, &a->transports, link)
		xsctp_ack_transport(a, t, advanced);
	xsctp_forward(a, false);
	if (!advanced)
		return;
	xsctp_tune_sndbuf(a);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_write_space(sk);
	if (held && xsctp_outqueue_empty(a))
		xsctp_notify_sender_dry(a);
}

/* Does @cum_tsn acknowledge what was never sent? Then the peer is no good: section 6.2.1. */
static bool xsctp_ack_is_absurd(struct xsctp_association *a, u32 cum_tsn)
{
	if (!tsn_after(cum_tsn, a->next_tsn - 1))
		return false;
	xsctp_abort(a, XSCTP_CAUSE_PROTOCOL, NULL, 0);
	return true;
}

/**
 * xsctp_outqueue_sack() - a SACK came
 * @a: under its socket's lock
 * @sack: parsed
 * @from: where it came from; unused: what counts is where the data went
 *
 * RFC 9260 section 6.2.1.
 *
 * Return: XSCTP_NEXT; or XSCTP_GONE: the association was aborted
 */
enum xsctp_verdict xsctp_outqueue_sack(struct xsctp_association *a, const struct xsctp_sack *sack,
				       struct xsctp_transport *from)
{
	bool advanced = tsn_after(sack->cum_tsn, a->cum_tsn_acked);
	unsigned int held = a->nr_sent + a->nr_unsent;
	unsigned int gaps;

	a->count.gapcnt += sack->nr_gaps;
	/* D i: an old one, overtaken by a newer. */
	if (tsn_before(sack->cum_tsn, a->cum_tsn_acked))
		return XSCTP_NEXT;
	if (xsctp_ack_is_absurd(a, sack->cum_tsn))
		return XSCTP_GONE;
	xsctp_ack_start(a);
	xsctp_ack_cumulative(a, sack->cum_tsn);
	gaps = xsctp_sane_gaps(a, sack);
	if (gaps || a->nr_gap_acked)
		xsctp_ack_gaps(a, sack, gaps);
	if (gaps && xsctp_tells_missing(a, advanced))
		xsctp_count_missing(a, sack, gaps, advanced);
	/* D ii */
	a->peer_rwnd = sack->rwnd - min(a->outstanding, sack->rwnd);
	/* Section 6.1 A: who answers is there, however long its program does not read. */
	if (a->probing && from) {
		a->error_count = 0;
		from->error_count = 0;
	}
	xsctp_ack_finish(a, advanced, held);
	return XSCTP_NEXT;
}

/**
 * xsctp_outqueue_cum_ack() - a SHUTDOWN came: it acknowledges too
 * @a: under its socket's lock
 * @cum_tsn: Cumulative TSN Ack in it
 *
 * RFC 9260 section 9.2. It says nothing of gaps.
 *
 * Return: XSCTP_NEXT; or XSCTP_GONE: the association was aborted
 */
enum xsctp_verdict xsctp_outqueue_cum_ack(struct xsctp_association *a, u32 cum_tsn)
{
	unsigned int held = a->nr_sent + a->nr_unsent;

	if (!tsn_after(cum_tsn, a->cum_tsn_acked))
		return XSCTP_NEXT;
	if (xsctp_ack_is_absurd(a, cum_tsn))
		return XSCTP_GONE;
	xsctp_ack_start(a);
	xsctp_ack_cumulative(a, cum_tsn);
	xsctp_ack_finish(a, true, held);
	return XSCTP_NEXT;
}
