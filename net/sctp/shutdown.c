// SPDX-License-Identifier: GPL-2.0
/*
 * The end that both sides want (RFC 9260 section 9.2):
 *
 *	one side				the other
 *	ESTABLISHED				ESTABLISHED
 *	   | shutdown(), close()
 *	SHUTDOWN_PENDING	rest of the data -->
 *	   | all acknowledged
 *	SHUTDOWN_SENT		SHUTDOWN -->	SHUTDOWN_RECEIVED
 *	   |				<-- rest of the data
 *	   |						| all acknowledged
 *	   |		    <-- SHUTDOWN ACK	SHUTDOWN_ACK_SENT
 *	CLOSED		SHUTDOWN COMPLETE -->	CLOSED
 *
 * Both may begin at once: who gets SHUTDOWN in SHUTDOWN_SENT answers SHUTDOWN ACK, and so
 * does the other; the first SHUTDOWN ACK that arrives ends it. T2 sends again what waits for
 * an answer; T5 ends what takes too long.
 */

#include "sctp.h"

/* The cause that a guard's ABORT names is the RFC's "user initiated": nobody broke a rule. */
static const char xsctp_guard_text[] = "shutdown takes too long";

/* 9.2: five times RTO.Max */
static void xsctp_guard_start(struct xsctp_association *a)
{
	a->guard_tsn = a->cum_tsn_acked;
	xsctp_arm(a, &a->deadline[XSCTP_T5], jiffies + xsctp_guard_time(a));
}

/* Where to ask: where nothing is known to be wrong. T2 waits for the answer. */
static struct xsctp_transport *xsctp_ask(struct xsctp_association *a)
{
	struct xsctp_transport *t = a->asked ? : a->active;

	a->asked = t;
	if (t)
		xsctp_arm(a, &a->deadline[XSCTP_T2],
			  jiffies + max(usecs_to_jiffies(xl4_rto_us(&t->rto)), 1UL));
	return t;
}

/**
 * xsctp_send_shutdown() - say SHUTDOWN, for the first time or again
 * @a: in SHUTDOWN_SENT or drained in SHUTDOWN_PENDING; locked
 *
 * T2 begins anew. The caller sees to xsctp_flush(). RFC 9260 section 9.2.
 */
void xsctp_send_shutdown(struct xsctp_association *a)
{
	struct xsctp_transport *to;
	u8 cum[4];

	if (a->state != SCTP_SHUTDOWN_SENT) {
		xsctp_set_state(a, SCTP_SHUTDOWN_SENT);
		a->asked = NULL;
		xsctp_guard_start(a);
	}
	to = xsctp_ask(a);
	xsctp_put_u32(cum, a->map.cum);
	xsctp_queue_chunk(a, XSCTP_SHUTDOWN, 0, cum, sizeof(cum), to);
}

/**
 * xsctp_send_shutdown_ack() - say SHUTDOWN ACK, for the first time or again
 * @a: in SHUTDOWN_ACK_SENT or SHUTDOWN_SENT, or drained in SHUTDOWN_RECEIVED; locked
 *
 * T2 begins anew. The caller sees to xsctp_flush(). RFC 9260 section 9.2.
 */
void xsctp_send_shutdown_ack(struct xsctp_association *a)
{
	if (a->state != SCTP_SHUTDOWN_ACK_SENT) {
		xsctp_set_state(a, SCTP_SHUTDOWN_ACK_SENT);
		a->asked = NULL;
	}
	xsctp_queue_chunk(a, XSCTP_SHUTDOWN_ACK, 0, NULL, 0, xsctp_ask(a));
}

/**
 * xsctp_check_drained() - has all been acknowledged that a shutdown waits for?
 * @a: locked, in any state
 *
 * To be called whenever something was acknowledged or abandoned. The caller sees to
 * xsctp_flush().
 */
void xsctp_check_drained(struct xsctp_association *a)
{
	if (!xsctp_in(a, XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |
			 XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED)) || !xsctp_outqueue_empty(a))
		return;
	if (a->state == SCTP_SHUTDOWN_PENDING)
		xsctp_send_shutdown(a);
	else
		xsctp_send_shutdown_ack(a);
}

/**
 * xsctp_primitive_shutdown() - a program wants to end what it has with the peer
 * @a: locked; may be gone afterwards: a->dead
 *
 * What was sent is delivered first. Before the association is established, with nothing to
 * deliver, it is forgotten at once. Process or softirq context; flushes.
 */
void xsctp_primitive_shutdown(struct xsctp_association *a)
{
	switch (a->state) {
	case SCTP_COOKIE_WAIT:
	case SCTP_COOKIE_ECHOED:
		if (xsctp_outqueue_empty(a)) {
			xsctp_abort(a, XSCTP_CAUSE_USER_ABORT, NULL, 0);
			return;
		}
		a->shutdown_due = true;
		return;
	case SCTP_ESTABLISHED:
		xsctp_set_state(a, SCTP_SHUTDOWN_PENDING);
		xsctp_guard_start(a);
		xsctp_check_drained(a);
		xsctp_flush(a);
		return;
	case SCTP_SHUTDOWN_RECEIVED:
		/* It is on its way already (9.2), unless the peer restarts. */
		a->shutdown_due = true;
		return;
	default:
		return;
	}
}

/**
 * xsctp_do_shutdown() - the peer sends nothing more
 * @event: a SHUTDOWN, from ESTABLISHED on
 *
 * RFC 9260 section 9.2.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_do_shutdown(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	u32 cum;

	if (xsctp_parse_u32(&event->chunk, &cum))
		return XSCTP_NEXT;
	if (xsctp_outqueue_cum_ack(a, cum) == XSCTP_GONE || a->dead)
		return XSCTP_GONE;
	switch (a->state) {
	case SCTP_ESTABLISHED:
	case SCTP_SHUTDOWN_PENDING:
		xsctp_set_state(a, SCTP_SHUTDOWN_RECEIVED);
		xsctp_disarm(&a->deadline[XSCTP_TIMER_AUTOCLOSE]);
		xsctp_notify_shutdown(a);
		xsctp_check_drained(a);
		break;
	case SCTP_SHUTDOWN_RECEIVED:
		xsctp_check_drained(a);
		break;
	default:
		/* Both began at once, or our answer was lost. */
		xsctp_send_shutdown_ack(a);
		break;
	}
	return XSCTP_NEXT;
}

/* No other chunk goes with it (6.10), and no association is left to queue it. */
static void xsctp_send_shutdown_complete(struct xsctp_association *a, struct xsctp_transport *to)
{
	u8 chunk[XSCTP_TLV_LEN];

	xsctp_put_chunk(chunk, XSCTP_SHUTDOWN_COMPLETE, 0, sizeof(chunk));
	xsctp_send_now(a, to, a->peer_tag, chunk, sizeof(chunk));
}

/**
 * xsctp_do_shutdown_ack() - the peer is done, too
 * @event: a SHUTDOWN ACK, in SHUTDOWN_SENT or SHUTDOWN_ACK_SENT
 *
 * RFC 9260 section 9.2.
 *
 * Return: XSCTP_GONE.
 */
enum xsctp_verdict xsctp_do_shutdown_ack(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_transport *to = event->packet->transport ? : a->active;

	if (to)
		xsctp_send_shutdown_complete(a, to);
	xsctp_completed(a);
	return XSCTP_GONE;
}

/**
 * xsctp_do_shutdown_complete() - the peer knows that all is over
 * @event: a SHUTDOWN COMPLETE, in SHUTDOWN_ACK_SENT
 *
 * Return: XSCTP_GONE.
 */
enum xsctp_verdict xsctp_do_shutdown_complete(struct xsctp_event *event)
{
	xsctp_completed(event->association);
	return XSCTP_GONE;
}

/**
 * xsctp_t2_expired() - no answer to SHUTDOWN or SHUTDOWN ACK
 * @a: locked; may be gone afterwards: a->dead
 *
 * Again, by another path if there is one. RFC 9260 section 9.2.
 */
void xsctp_t2_expired(struct xsctp_association *a)
{
	struct xsctp_transport *t = a->asked ? : a->active;

	xsctp_count(a->sk, XSCTP_MIB_T2_SHUTDOWN_EXPIREDS);
	if (t && xsctp_transport_strike(t, false)) {
		xsctp_lost(a, ETIMEDOUT, 0);
		return;
	}
	a->asked = xsctp_transport_for_retransmit(a, t);
	if (a->state == SCTP_SHUTDOWN_SENT)
		xsctp_send_shutdown(a);
	else
		xsctp_send_shutdown_ack(a);
}

/**
 * xsctp_t5_expired() - the shutdown takes too long
 * @a: locked; may be gone afterwards: a->dead
 *
 * RFC 9260 section 9.2; but as long as data are on their way, and get there, it goes on.
 */
void xsctp_t5_expired(struct xsctp_association *a)
{
	xsctp_count(a->sk, XSCTP_MIB_T5_GUARD_EXPIREDS);
	if (xsctp_in(a, XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |
			XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED)) &&
	    a->guard_tsn != a->cum_tsn_acked) {
		xsctp_guard_start(a);
		return;
	}
	xsctp_abort(a, XSCTP_CAUSE_USER_ABORT, xsctp_guard_text, sizeof(xsctp_guard_text) - 1);
}
