// SPDX-License-Identifier: GPL-2.0
/*
 * What is to be sent, and what was sent and is not acknowledged (RFC 9260 section 6).
 *
 *	sendmsg --> unsent --(gets a TSN)--> sent --(cumulative ack, ack.c)--> freed
 *				  |	      ^
 *				  v	      | T3 expired, or three SACKs without it:
 *			       transport <----' XSCTP_OUT_RETRANSMIT
 *
 * A chunk is in flight if it was sent and neither acknowledged nor given up. flight_size and
 * outstanding count the data of those, per transport and together.
 */

#include "sctp.h"

/* States in which DATA may be sent: section 6, and 9.2 for what is left at the end. */
#define XSCTP_SENDING	(XSCTP_STATE_BIT(SCTP_ESTABLISHED) |		\
			 XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |	\
			 XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED))

/* Chunks on their way to one transport. */
struct xsctp_batch {
	struct xsctp_association *association;
	struct xsctp_transport	*to;
	struct xsctp_data	*first;		/* chained by next; NULL: there is none yet */
	struct xsctp_data	*last;
	u32			room;		/* octets of chunks in a packet to there */
	u32			fill;		/* of the one that is not full yet */
	struct xsctp_transport	*echo;		/* where a COOKIE ECHO goes that takes data along */
	u32			echo_room;	/* octets that still fit beside it */
	unsigned int		echo_pieces;	/* and in how many pieces */
};

static void xsctp_batch_send(struct xsctp_batch *b)
{
	if (b->first)
		xsctp_send_data(b->association, b->to, b->first);
	b->first = NULL;
}

/* ---------------------------------------------------- together with a COOKIE ECHO */

/*
 * Section 5.1 C: the packet of a COOKIE ECHO may bring data, but no other packet may before COOKIE
 * ACK. Is there a COOKIE ECHO to go with, and nothing else that might go between?
 */
static bool xsctp_batch_echo(struct xsctp_batch *b)
{
	struct xsctp_association *a = b->association;
	const struct xsctp_control *c;
	u32 room;

	if (a->state != SCTP_COOKIE_ECHOED || !list_is_singular(&a->control))
		return false;
	/* What two keys sign needs two packets (RFC 4895). */
	if (a->auth_room)
		return false;
	c = list_first_entry(&a->control, struct xsctp_control, link);
	if (c->bytes[0] != XSCTP_COOKIE_ECHO || !c->transport || !xsctp_transport_dst(c->transport))
		return false;
	room = xsctp_transport_room(c->transport);
	if (c->len >= room)
		return false;
	b->echo = c->transport;
	b->echo_room = room - c->len;
	b->echo_pieces = MAX_SKB_FRAGS;
	return true;
}

static bool xsctp_batch_fits(const struct xsctp_batch *b, const struct xsctp_data *d)
{
	return !b->echo || (xsctp_on_wire(d) <= b->echo_room && d->nr_frags <= b->echo_pieces);
}

static void xsctp_batch_ride(struct xsctp_batch *b, const struct xsctp_data *d)
{
	if (!b->echo)
		return;
	b->echo_room -= xsctp_on_wire(d);
	b->echo_pieces -= d->nr_frags;
}

/**
 * xsctp_outqueue_again() - what went along with a COOKIE ECHO is to go along with the next
 * @a: under its socket's lock, in COOKIE_ECHOED
 */
void xsctp_outqueue_again(struct xsctp_association *a)
{
	struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link)
		xsctp_outqueue_requeue(t);
}

/**
 * xsctp_outqueue_guard() - T3 guards what went along with a COOKIE ECHO
 * @a: under its socket's lock, just established; so far T1 did
 */
void xsctp_outqueue_guard(struct xsctp_association *a)
{
	struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link)
		if (t->flight_size && !t->t3.armed)
			xsctp_outqueue_arm(t);
}

/* ------------------------------------------------------------------- flight */

static void xsctp_take_off(struct xsctp_association *a, struct xsctp_data *d,
			   struct xsctp_transport *t)
{
	d->transport = t;
	d->marks |= XSCTP_OUT_FLIGHT;
	t->flight_size += d->len;
	a->outstanding += d->len;
	/* Section 6.2.1 A */
	a->peer_rwnd -= min_t(u32, d->len, a->peer_rwnd);
}

/**
 * xsctp_outqueue_land() - a chunk is in flight no more
 * @a: under its socket's lock
 * @d: acknowledged, lost or abandoned; any chunk of sent
 *
 * Its round trip is not measured any more either.
 */
void xsctp_outqueue_land(struct xsctp_association *a, struct xsctp_data *d)
{
	if (d->marks & XSCTP_OUT_TIMED && d->transport)
		d->transport->rtt_pending = false;
	if (d->marks & XSCTP_OUT_FLIGHT) {
		if (d->transport)
			d->transport->flight_size -= d->len;
		a->outstanding -= d->len;
	}
	d->marks &= ~(XSCTP_OUT_FLIGHT | XSCTP_OUT_TIMED);
}

/**
 * xsctp_outqueue_mark() - a chunk is to be sent again
 * @a: under its socket's lock
 * @d: in sent, in flight
 * @marks: why: XSCTP_OUT_FAST, XSCTP_OUT_TIMED_OUT or 0
 *
 * RFC 9260 section 6.2.1 B: its octets are the peer's window's again.
 */
void xsctp_outqueue_mark(struct xsctp_association *a, struct xsctp_data *d, u8 marks)
{
	xsctp_outqueue_land(a, d);
	a->peer_rwnd += d->len;
	d->marks |= XSCTP_OUT_RETRANSMIT | marks;
	a->nr_retransmit++;
}

/**
 * xsctp_outqueue_arm() - start T3 of a transport anew
 * @t: under its association's lock
 */
void xsctp_outqueue_arm(struct xsctp_transport *t)
{
	xsctp_arm(t->association, &t->t3, jiffies + usecs_to_jiffies(xl4_rto_us(&t->rto)));
}

/* From now on the batch is for this transport. */
static void xsctp_batch_to(struct xsctp_batch *b, struct xsctp_transport *t)
{
	if (b->to == t)
		return;
	xsctp_batch_send(b);
	b->to = t;
	b->room = xsctp_transport_room(t);
	b->fill = 0;
}

/* Put a chunk into the batch, and do what sending it means. */
static void xsctp_batch_add(struct xsctp_batch *b, struct xsctp_data *d, struct xsctp_transport *t)
{
	struct xsctp_association *a = b->association;

	xsctp_batch_to(b, t);
	if (b->fill + xsctp_on_wire(d) > b->room)
		b->fill = 0;
	b->fill += xsctp_on_wire(d);
	if (b->first)
		b->last->next = d;
	else
		b->first = d;
	b->last = d;
	d->next = NULL;
	xsctp_batch_ride(b, d);

	xsctp_take_off(a, d, t);
	if (d->transmissions < U8_MAX)
		d->transmissions++;
	/* Karn's rule, and one at a time: section 6.3.1 C4, C5. */
	if (d->transmissions == 1 && !t->rtt_pending) {
		t->rtt_pending = true;
		d->marks |= XSCTP_OUT_TIMED;
		d->sent_ns = ktime_get_ns();
	}
	/* Section 6.3.2 R1; before COOKIE ACK T1 is enough. */
	if (!t->t3.armed && !b->echo)
		xsctp_outqueue_arm(t);
}

/* ------------------------------------------------------------ again: marked */

static bool xsctp_usable(const struct xsctp_transport *t)
{
	return t && t->state != SCTP_INACTIVE && t->state != SCTP_UNCONFIRMED;
}

/*
 * Where new data goes. Section 5.4: nowhere, as long as no address of the peer's has answered: it
 * may have moved to one that is somebody else's (RFC 5061).
 */
static struct xsctp_transport *xsctp_where(const struct xsctp_association *a)
{
	return a->active && a->active->state != SCTP_UNCONFIRMED ? a->active : NULL;
}

/* Where a chunk goes the next time: section 6.4.1. */
static struct xsctp_transport *xsctp_where_again(struct xsctp_association *a,
						 const struct xsctp_data *d)
{
	struct xsctp_transport *t = d->transport;

	if (t && d->marks & XSCTP_OUT_TIMED_OUT)
		t = xsctp_transport_for_retransmit(a, t);
	return xsctp_usable(t) ? t : xsctp_where(a);
}

static bool xsctp_cwnd_open(const struct xsctp_transport *t)
{
	return t->flight_size < min(t->cwnd, t->burst);
}

/* Section 6.1 A: with nothing in flight one chunk may always go. */
static bool xsctp_rwnd_open(const struct xsctp_association *a, const struct xsctp_data *d)
{
	return d->len <= a->peer_rwnd || !a->outstanding;
}

static void xsctp_count_again(struct xsctp_association *a, const struct xsctp_data *d)
{
	xsctp_count(a->sk, d->marks & XSCTP_OUT_FAST && !(d->marks & XSCTP_OUT_TIMED_OUT) ?
		    XSCTP_MIB_FAST_RETRANSMITS : XSCTP_MIB_T3_RETRANSMITS);
	a->count.rtxchunks++;
}

/* Section 7.2.4 (3): the first packet of lost chunks goes whatever cwnd says. */
static bool xsctp_fits_fast(const struct xsctp_data *d, const struct xsctp_transport *t, u32 used)
{
	if (!(d->marks & XSCTP_OUT_FAST))
		return false;
	return !used || used + xsctp_on_wire(d) <= xsctp_transport_room(t);
}

/* Send what was lost, lowest TSN first. The walk ends with the last such chunk. */
static void xsctp_push_marked(struct xsctp_batch *b)
{
	struct xsctp_association *a = b->association;
	bool fast = a->fast_packet;
	struct xsctp_transport *t;
	struct xsctp_data *d;
	u32 fast_used = 0;

	a->fast_packet = false;
	list_for_each_entry(d, &a->sent, link) {
		if (!a->nr_retransmit)
			break;
		if (!(d->marks & XSCTP_OUT_RETRANSMIT))
			continue;
		if (xsctp_spent(a, d)) {
			xsctp_abandon(a, d);
			continue;
		}
		t = b->echo ? : xsctp_where_again(a, d);
		if (!t || !xsctp_batch_fits(b, d))
			break;
		fast = fast && xsctp_fits_fast(d, t, fast_used);
		if (!fast && !xsctp_cwnd_open(t))
			break;
		if (!xsctp_rwnd_open(a, d))
			break;
		fast_used += xsctp_on_wire(d);
		xsctp_count_again(a, d);
		d->marks &= ~(XSCTP_OUT_RETRANSMIT | XSCTP_OUT_TIMED_OUT);
		d->missing = 0;
		a->nr_retransmit--;
		xsctp_batch_add(b, d, t);
	}
}

/* --------------------------------------------------------- for the first time */

/* Give a chunk its numbers: only now, so that what is given up before leaves no hole. */
static void xsctp_number(struct xsctp_association *a, struct xsctp_data *d)
{
	/* It was made when the message was queued. */
	struct xsctp_out_stream *s = xsctp_out_stream(a, d->sid);

	d->tsn = a->next_tsn++;
	if (d->flags & XSCTP_DATA_UNORDERED) {
		a->count.ouodchunks++;
		xsctp_count(a->sk, XSCTP_MIB_OUT_UNORDER_CHUNKS);
	} else {
		d->ssn = d->flags & XSCTP_DATA_BEGIN ? s->ssn++ : s->ssn - 1;
		a->count.oodchunks++;
		xsctp_count(a->sk, XSCTP_MIB_OUT_ORDER_CHUNKS);
	}
	/* RFC 7053 section 4: nobody will send more that might carry the SACK along. */
	if (a->state == SCTP_SHUTDOWN_PENDING && !a->nr_unsent)
		d->flags |= XSCTP_DATA_IMMEDIATE;
	xsctp_data_stamp(d);
}

/*
 * Nagle (section 6.1), MSG_MORE: should a small message wait for others? The end of a long one
 * should not, and nothing that still fits the packet at hand.
 */
static bool xsctp_wait_for_more(const struct xsctp_batch *b, const struct xsctp_data *d,
				const struct xsctp_transport *t)
{
	const struct xsctp_association *a = b->association;
	const u8 whole = XSCTP_DATA_BEGIN | XSCTP_DATA_END;

	if (!a->more && (a->nodelay || !a->outstanding))
		return false;
	if (a->state != SCTP_ESTABLISHED || (d->flags & whole) != whole)
		return false;
	if (b->to == t && b->fill && b->fill + xsctp_on_wire(d) <= b->room)
		return false;
	return a->unsent_bytes + a->nr_unsent * XSCTP_DATA_LEN < xsctp_transport_room(t);
}

static bool xsctp_may_send(const struct xsctp_batch *b, const struct xsctp_data *d,
			   const struct xsctp_transport *t)
{
	const struct xsctp_association *a = b->association;

	/* More than that a receiver like ours would not remember; and no walk is longer. */
	if (a->next_tsn - a->cum_tsn_acked > XSCTP_TSNMAP_BITS)
		return false;
	return xsctp_cwnd_open(t) && xsctp_rwnd_open(a, d) && !xsctp_wait_for_more(b, d, t);
}

static void xsctp_push_unsent(struct xsctp_batch *b)
{
	struct xsctp_association *a = b->association;
	struct xsctp_transport *t;
	struct xsctp_data *d;

	while (!list_empty(&a->unsent)) {
		d = list_first_entry(&a->unsent, struct xsctp_data, link);
		if (xsctp_spent(a, d)) {
			xsctp_abandon(a, d);
			continue;
		}
		t = xsctp_usable(d->message->to) ? d->message->to : xsctp_where(a);
		t = b->echo ? : t;
		if (!t || !xsctp_batch_fits(b, d) || !xsctp_may_send(b, d, t))
			break;
		a->probing = d->len > a->peer_rwnd;
		list_move_tail(&d->link, &a->sent);
		a->nr_unsent--;
		a->unsent_bytes -= d->len;
		a->nr_sent++;
		xsctp_number(a, d);
		xsctp_batch_add(b, d, t);
	}
}

/* Section 6.1 D: what one event may send at most; 7.2.1: a path that rested starts afresh. */
static void xsctp_start_bursts(struct xsctp_association *a)
{
	struct xsctp_transport *t;
	u64 most;

	list_for_each_entry(t, &a->transports, link) {
		if (!t->flight_size)
			xsctp_transport_idle(t);
		most = a->max_burst ? t->flight_size + (u64)a->max_burst * t->path_mtu : U32_MAX;
		t->burst = min_t(u64, most, U32_MAX);
	}
}

/**
 * xsctp_outqueue_append() - chunks are to be sent
 * @a: under its socket's lock
 * @chunks: a list of them, complete but for their numbers; empty afterwards
 */
void xsctp_outqueue_append(struct xsctp_association *a, struct list_head *chunks)
{
	const struct xsctp_data *d;

	list_for_each_entry(d, chunks, link) {
		a->unsent_bytes += d->len;
		a->nr_unsent++;
	}
	list_splice_tail_init(chunks, &a->unsent);
}

/**
 * xsctp_outqueue_push() - send the DATA that may be sent now
 * @a: under its socket's lock
 *
 * RFC 9260 section 6.1: what was lost before what is new, as the congestion windows, the
 * peer's window, Max.Burst and Nagle allow. Called by xsctp_flush().
 */
void xsctp_outqueue_push(struct xsctp_association *a)
{
	struct xsctp_batch batch = { .association = a };

	if (a->dead || (!a->nr_retransmit && !a->nr_unsent))
		return;
	if (!xsctp_in(a, XSCTP_SENDING) && !xsctp_batch_echo(&batch))
		return;
	xsctp_start_bursts(a);
	xsctp_push_marked(&batch);
	if (!a->nr_retransmit)
		xsctp_push_unsent(&batch);
	xsctp_batch_send(&batch);
}

/* -------------------------------------------------------------------- losses */

/* All that is in flight to @t is to be sent again. */
static void xsctp_mark_all(struct xsctp_transport *t, u8 marks)
{
	struct xsctp_association *a = t->association;
	struct xsctp_data *d;

	list_for_each_entry(d, &a->sent, link) {
		if (d->transport == t && d->marks & XSCTP_OUT_FLIGHT)
			xsctp_outqueue_mark(a, d, marks);
	}
}

/**
 * xsctp_outqueue_timeout() - T3 of a transport expired
 * @t: under its association's lock
 *
 * RFC 9260 section 6.3.3 and 7.2.3. The association may be lost by it (a->dead).
 */
void xsctp_outqueue_timeout(struct xsctp_transport *t)
{
	struct xsctp_association *a = t->association;
	bool forwarding = tsn_after(a->advanced_tsn, a->cum_tsn_acked);

	if (!t->flight_size && !forwarding)
		return;
	xsctp_count(a->sk, XSCTP_MIB_T3_RTX_EXPIREDS);
	/* E2 is within: the RTO doubles. */
	if (xsctp_transport_strike(t, false)) {
		xsctp_lost(a, ETIMEDOUT, 0);
		return;
	}
	/* E1 */
	xsctp_transport_lower(t, true);
	t->fast_recovery = false;
	/* E3. T3 starts with what goes out. */
	xsctp_mark_all(t, XSCTP_OUT_TIMED_OUT);
	/* RFC 3758 section 3.5 F4: as good as data. */
	if (forwarding) {
		xsctp_forward(a, true);
		xsctp_outqueue_arm(t);
	}
}

/**
 * xsctp_outqueue_requeue() - a transport has failed
 * @t: under its association's lock
 *
 * What was in flight to it goes again, elsewhere: RFC 9260 section 6.4.1.
 */
void xsctp_outqueue_requeue(struct xsctp_transport *t)
{
	xsctp_mark_all(t, 0);
	xsctp_disarm(&t->t3);
}

/**
 * xsctp_outqueue_forget() - a transport goes for good
 * @t: under its association's lock
 *
 * No chunk and no message refers to it afterwards.
 */
void xsctp_outqueue_forget(struct xsctp_transport *t)
{
	struct xsctp_association *a = t->association;
	struct xsctp_data *d;

	xsctp_outqueue_requeue(t);
	list_for_each_entry(d, &a->sent, link) {
		if (d->transport == t)
			d->transport = NULL;
		if (d->message->to == t)
			d->message->to = NULL;
	}
	list_for_each_entry(d, &a->unsent, link) {
		if (d->message->to == t)
			d->message->to = NULL;
	}
}

/* ---------------------------------------------------------------- the whole */

/**
 * xsctp_outqueue_limit() - the peer has granted its number of streams
 * @a: under its socket's lock; nothing was sent yet
 *
 * RFC 9260 section 5.1.1: what was for a stream that is not to be fails.
 */
void xsctp_outqueue_limit(struct xsctp_association *a)
{
	struct xsctp_data *d, *next;

	list_for_each_entry_safe(d, next, &a->unsent, link) {
		if (d->sid < a->nr_out)
			continue;
		/* All of the message goes: what follows may be of it. */
		while (!list_entry_is_head(next, &a->unsent, link) && next->message == d->message)
			next = list_next_entry(next, link);
		xsctp_abandon(a, d);
	}
}

static void xsctp_purge_list(struct xsctp_association *a, struct list_head *list, int err)
{
	struct xsctp_data *d, *next;

	list_for_each_entry_safe(d, next, list, link) {
		if (!(d->marks & (XSCTP_OUT_GAP_ACKED | XSCTP_OUT_ABANDONED)))
			xsctp_notify_send_failed(a, d, err);
		xsctp_outqueue_land(a, d);
		list_del(&d->link);
		xsctp_data_free(a, d);
	}
}

/**
 * xsctp_outqueue_purge() - the association ends: nothing more is sent
 * @a: under its socket's lock
 * @err: for SCTP_SEND_FAILED: an errno, positive, or 0
 *
 * Programs that sleep until there is room learn of it.
 */
void xsctp_outqueue_purge(struct xsctp_association *a, int err)
{
	struct sock *sk = a->sk;

	xsctp_purge_list(a, &a->sent, err);
	xsctp_purge_list(a, &a->unsent, err);
	a->nr_sent = 0;
	a->nr_unsent = 0;
	a->unsent_bytes = 0;
	a->nr_retransmit = 0;
	a->nr_gap_acked = 0;
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_write_space(sk);
	sk->sk_state_change(sk);
}

/**
 * xsctp_outqueue_move() - the association gets another socket
 * @a: under both sockets' locks; still its old socket's
 * @to: the new one, charged from now on
 */
void xsctp_outqueue_move(struct xsctp_association *a, struct sock *to)
{
	unsigned int charge = 0;
	struct xsctp_data *d;

	list_for_each_entry(d, &a->sent, link)
		charge += xsctp_data_charge(d);
	list_for_each_entry(d, &a->unsent, link)
		charge += xsctp_data_charge(d);
	sk_wmem_queued_add(a->sk, -charge);
	sk_mem_uncharge(a->sk, charge);
	/* It has the memory, whatever the limit says now. */
	if (!sk_wmem_schedule(to, charge))
		net_dbg_ratelimited("xsctp: out of socket memory\n");
	sk_wmem_queued_add(to, charge);
	sk_mem_charge(to, charge);
}

/**
 * xsctp_outqueue_empty() - is all acknowledged?
 * @a: under its socket's lock
 *
 * Return: whether a SHUTDOWN may go out (RFC 9260 section 9.2)
 */
bool xsctp_outqueue_empty(const struct xsctp_association *a)
{
	return list_empty(&a->unsent) && list_empty(&a->sent);
}
