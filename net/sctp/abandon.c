// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that are given up: partial reliability (RFC 3758, 7496).
 *
 * A message is given up as a whole. Chunks of it that have no TSN yet are forgotten; the others
 * stay in sent until the peer's cumulative ack has passed them, which FORWARD TSN bids it to. If
 * a part of it has TSNs its end gets one, too, or the peer would take what follows for its rest.
 */

#include "sctp.h"

#define XSCTP_SKIPS	64	/* streams that one FORWARD TSN tells of */

/**
 * xsctp_spent() - is a chunk to be given up rather than sent?
 * @a: under its socket's lock
 * @d: about to be sent, or sent again
 *
 * To a peer without FORWARD TSN nothing is given up of which a part went out.
 *
 * Return: whether
 */
bool xsctp_spent(const struct xsctp_association *a, const struct xsctp_data *d)
{
	const struct xsctp_message *m = d->message;

	if (!a->forward_tsn && (d->transmissions || !(d->flags & XSCTP_DATA_BEGIN)))
		return false;
	if (m->has_expiry && time_after(jiffies, m->expires))
		return true;
	/* RFC 7496 section 3.1: so many retransmissions, and no more. */
	return m->policy == SCTP_PR_SCTP_RTX && d->transmissions > m->value;
}

/* RFC 7496 section 4.3: by message, and whether any of it was sent. */
static void xsctp_count_abandoned(struct xsctp_association *a, const struct xsctp_data *d,
				  bool sent)
{
	struct xsctp_out_stream *s = xsctp_out_stream(a, d->sid);
	unsigned int i = (d->message->policy >> 4) - 1;

	if (i >= ARRAY_SIZE(a->abandoned) || d->sid >= a->nr_out || !s)
		return;
	if (sent) {
		a->abandoned[i].sent++;
		s->abandoned[i].sent++;
	} else {
		a->abandoned[i].unsent++;
		s->abandoned[i].unsent++;
	}
}

static void xsctp_abandon_sent(struct xsctp_association *a, struct xsctp_data *d)
{
	if (d->marks & XSCTP_OUT_ABANDONED)
		return;
	if (d->marks & XSCTP_OUT_RETRANSMIT) {
		d->marks &= ~(XSCTP_OUT_RETRANSMIT | XSCTP_OUT_TIMED_OUT);
		a->nr_retransmit--;
	}
	/* The peer's window has room for what it need not take. */
	if (d->marks & XSCTP_OUT_FLIGHT)
		a->peer_rwnd += d->len;
	xsctp_outqueue_land(a, d);
	d->marks |= XSCTP_OUT_ABANDONED;
	if (!(d->marks & XSCTP_OUT_GAP_ACKED))
		xsctp_notify_send_failed(a, d, 0);
}

/* The chunks of @m in sent: they are neighbours, and @d is one of them. */
static void xsctp_abandon_in_sent(struct xsctp_association *a, const struct xsctp_message *m,
				  struct xsctp_data *d)
{
	while (!list_is_first(&d->link, &a->sent) && list_prev_entry(d, link)->message == m)
		d = list_prev_entry(d, link);
	list_for_each_entry_from(d, &a->sent, link) {
		if (d->message != m)
			break;
		xsctp_abandon_sent(a, d);
	}
}

/* The chunks of @m in unsent from @d on. */
static void xsctp_abandon_unsent(struct xsctp_association *a, const struct xsctp_message *m,
				 struct xsctp_data *d)
{
	struct xsctp_data *next;

	list_for_each_entry_safe_from(d, next, &a->unsent, link) {
		bool last = d->message->chunks == 1;

		if (d->message != m)
			break;
		xsctp_notify_send_failed(a, d, 0);
		list_del(&d->link);
		a->nr_unsent--;
		a->unsent_bytes -= d->len;
		xsctp_data_free(a, d);
		a->gave_up = true;
		/* The message went with its last chunk. */
		if (last)
			break;
	}
}

/* Its end, or what will do for that: it has a TSN, but is never sent. */
static void xsctp_abandon_end(struct xsctp_association *a, struct xsctp_data *d)
{
	const struct xsctp_out_stream *s = xsctp_out_stream(a, d->sid);

	d->tsn = a->next_tsn++;
	d->ssn = d->flags & XSCTP_DATA_UNORDERED ? 0 : s->ssn - 1;
	/* Whose T3 guards the FORWARD TSN. */
	d->transport = a->active;
	list_move_tail(&d->link, &a->sent);
	a->nr_unsent--;
	a->unsent_bytes -= d->len;
	a->nr_sent++;
}

/**
 * xsctp_abandon() - give up the message of a chunk
 * @a: under its socket's lock
 * @d: in sent, where it stays, or the first of its message in unsent, where it is freed
 */
void xsctp_abandon(struct xsctp_association *a, struct xsctp_data *d)
{
	const struct xsctp_message *m = d->message;
	struct xsctp_data *sent = NULL, *unsent;

	if (d->transmissions)
		sent = d;
	else if (!list_empty(&a->sent))
		sent = list_last_entry(&a->sent, struct xsctp_data, link);
	if (sent && sent->message != m)
		sent = NULL;
	unsent = list_first_entry_or_null(&a->unsent, struct xsctp_data, link);
	if (!d->transmissions)
		unsent = d;
	if (unsent && unsent->message == m && !(unsent->flags & XSCTP_DATA_BEGIN)) {
		sent = unsent;
		xsctp_abandon_end(a, sent);
		unsent = list_first_entry_or_null(&a->unsent, struct xsctp_data, link);
	}
	xsctp_count_abandoned(a, d, sent);
	if (sent)
		xsctp_abandon_in_sent(a, m, sent);
	if (unsent && unsent->message == m)
		xsctp_abandon_unsent(a, m, unsent);
	if (sent)
		xsctp_forward(a, false);
}

/* What the message of @d costs from @d on, which is in sent. */
static unsigned int xsctp_cost_of_sent(const struct xsctp_association *a,
				       const struct xsctp_data *d)
{
	const struct xsctp_message *m = d->message;
	unsigned int cost = 0;

	list_for_each_entry_from(d, &a->sent, link) {
		if (d->message != m)
			break;
		cost += xsctp_data_charge(d);
	}
	return cost;
}

/**
 * xsctp_abandon_lesser() - make room for a message of more weight
 * @a: under its socket's lock
 * @priority: of the new message; a larger value weighs less
 * @want: octets of memory
 *
 * RFC 7496 section 3.2: messages under SCTP_PR_SCTP_PRIO that weigh less are given up, the
 * earliest first, those not yet sent before those that were.
 */
void xsctp_abandon_lesser(struct xsctp_association *a, u32 priority, unsigned int want)
{
	int until = a->sk->sk_wmem_queued - (int)min_t(unsigned int, want, INT_MAX);
	struct xsctp_data *d, *next;

	list_for_each_entry_safe(d, next, &a->unsent, link) {
		if (a->sk->sk_wmem_queued <= until)
			return;
		if (!(d->flags & XSCTP_DATA_BEGIN) || d->message->policy != SCTP_PR_SCTP_PRIO ||
		    d->message->value <= priority)
			continue;
		/* All of the message goes: what follows may be of it. */
		while (!list_entry_is_head(next, &a->unsent, link) && next->message == d->message)
			next = list_next_entry(next, link);
		xsctp_abandon(a, d);
	}
	if (!a->forward_tsn)
		return;
	list_for_each_entry(d, &a->sent, link) {
		if (a->sk->sk_wmem_queued <= until)
			return;
		if (d->marks & (XSCTP_OUT_ABANDONED | XSCTP_OUT_GAP_ACKED) ||
		    d->message->policy != SCTP_PR_SCTP_PRIO || d->message->value <= priority)
			continue;
		xsctp_abandon(a, d);
		/* That much goes as soon as the peer has passed it. */
		until += xsctp_cost_of_sent(a, d);
	}
}

/* Note that @d's stream goes on behind it; false: the chunk has no room for it. */
static bool xsctp_note_skip(u8 *skips, unsigned int *n, const struct xsctp_data *d)
{
	u8 *entry = skips + 4 * (*n ? *n - 1 : 0);

	if (d->flags & XSCTP_DATA_UNORDERED)
		return true;
	if (!*n || xsctp_get_u16(entry) != d->sid) {
		if (*n == XSCTP_SKIPS)
			return false;
		entry = skips + 4 * (*n)++;
	}
	xsctp_put_u16(xsctp_put_u16(entry, d->sid), d->ssn);
	return true;
}

/* Not inline: nearly always nothing was given up, and its frame is large. */
static noinline void xsctp_queue_forward(struct xsctp_association *a, bool again)
{
	u8 chunk[4 + 4 * XSCTP_SKIPS];
	unsigned int skips = 0;
	struct xsctp_data *d;

	list_for_each_entry(d, &a->sent, link) {
		if (!(d->marks & XSCTP_OUT_ABANDONED) || !xsctp_note_skip(chunk + 4, &skips, d))
			break;
		a->advanced_tsn = d->tsn;
	}
	if (a->advanced_tsn == a->forwarded_tsn && !again)
		return;
	xsctp_put_u32(chunk, a->advanced_tsn);
	if (xsctp_queue_chunk(a, XSCTP_FORWARD_TSN, 0, chunk, 4 + 4 * skips, NULL))
		return;
	a->forwarded_tsn = a->advanced_tsn;
	if (a->active && !a->active->t3.armed)
		xsctp_outqueue_arm(a->active);
}

/**
 * xsctp_forward() - bid the peer to pass what was given up
 * @a: under its socket's lock
 * @again: even if it was told before: T3 expired
 *
 * RFC 3758 section 3.5 C1 to C5: Advanced.Peer.Ack.Point passes all given up chunks that are
 * next to the cumulative ack; if that is news a FORWARD TSN is queued, and T3 runs.
 */
void xsctp_forward(struct xsctp_association *a, bool again)
{
	const struct xsctp_data *first;

	if (!a->forward_tsn)
		return;
	a->advanced_tsn = a->cum_tsn_acked;
	first = list_first_entry_or_null(&a->sent, struct xsctp_data, link);
	if (first && first->marks & XSCTP_OUT_ABANDONED)
		xsctp_queue_forward(a, again);
}

/**
 * xsctp_abandon_finish() - what follows where messages were given up before they were sent
 * @a: under its socket's lock
 *
 * As if the peer had acknowledged them: there is room for who waits, and perhaps nothing more to
 * send. Most expire as they are about to go, so this is called by xsctp_flush().
 */
void xsctp_abandon_finish(struct xsctp_association *a)
{
	struct sock *sk = a->sk;

	if (likely(!a->gave_up))
		return;
	a->gave_up = false;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_write_space(sk);
	if (xsctp_outqueue_empty(a))
		xsctp_notify_sender_dry(a);
	xsctp_check_drained(a);
}
