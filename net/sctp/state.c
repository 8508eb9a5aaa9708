// SPDX-License-Identifier: GPL-2.0
/*
 * The states of RFC 9260 section 4, and the one door to them:
 *
 *			     CLOSED
 *			     |	  |
 *	  [ASSOCIATE], INIT  |	  |  a valid COOKIE ECHO: nothing was kept for the INIT
 *			     v	  |
 *		   COOKIE_WAIT	  |
 *	  INIT ACK, COOKIE ECHO |	  |
 *			     v	  |
 *		 COOKIE_ECHOED	  |
 *		  COOKIE ACK |	  |  COOKIE ACK goes
 *			     v	  v
 *			    ESTABLISHED
 *	      [SHUTDOWN]     |	  |  SHUTDOWN
 *			     v	  v
 *	   SHUTDOWN_PENDING	  SHUTDOWN_RECEIVED
 *    all acknowledged, SHUTDOWN |	|  all acknowledged, SHUTDOWN ACK
 *			     v	  v
 *	      SHUTDOWN_SENT ----> SHUTDOWN_ACK_SENT
 *		  |	 SHUTDOWN	  |
 *     SHUTDOWN ACK |			  |  SHUTDOWN COMPLETE, or SHUTDOWN ACK
 *		  `------> CLOSED <-------'	(and from each one by ABORT or too many timeouts)
 *
 * And what is not in the RFC's figure, but in its text: COOKIE_WAIT leads to ESTABLISHED where
 * both sides begin at once (5.2.4 B); COOKIE_ECHOED back to COOKIE_WAIT where the cookie was
 * stale (5.2.6); SHUTDOWN_PENDING to SHUTDOWN_RECEIVED where both end at once; and all but
 * SHUTDOWN_ACK_SENT to ESTABLISHED where the peer has restarted (5.2.4 A).
 */

#include <trace/events/xl4.h>

#include "sctp.h"

#define XSCTP_STATES	(SCTP_SHUTDOWN_ACK_SENT + 1)

typedef enum xsctp_verdict (*xsctp_chunk_action)(struct xsctp_event *event);
typedef void (*xsctp_timer_action)(struct xsctp_association *a);

/* ------------------------------------------------------------------- actions */

static enum xsctp_verdict xsctp_do_nop(struct xsctp_event *event)
{
	return XSCTP_NEXT;
}

static enum xsctp_verdict xsctp_do_init(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;

	xsctp_answer_init(a->sk, a, event->packet, &event->chunk);
	return a->dead ? XSCTP_GONE : XSCTP_STOP;
}

static enum xsctp_verdict xsctp_do_cookie(struct xsctp_event *event)
{
	return xsctp_do_cookie_echo(event->association->sk, event);
}

/* Each costs a walk over all that was sent, and nobody has two to send at once. */
static enum xsctp_verdict xsctp_do_sack(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_sack sack;

	if (event->heard_sack || xsctp_parse_sack(&event->chunk, &sack))
		return XSCTP_NEXT;
	event->heard_sack = true;
	a->count.isacks++;
	if (xsctp_outqueue_sack(a, &sack, event->packet->transport) == XSCTP_GONE || a->dead)
		return XSCTP_GONE;
	xsctp_check_drained(a);
	return XSCTP_NEXT;
}

/* Section 8.4 holds as if there were no association: the peer ends one that we do not know. */
static enum xsctp_verdict xsctp_do_ootb(struct xsctp_event *event)
{
	xsctp_rcv_ootb(xl4_sk(event->association->sk)->space, event->packet);
	return XSCTP_STOP;
}

/*
 * With SHUTDOWN ACK sent both sides have everything: who has our SHUTDOWN ACK and is gone answers
 * so what comes late (section 8.4), and for the program it is an end like any other.
 */
static int xsctp_abort_errno(const struct xsctp_association *a)
{
	if (a->state == SCTP_SHUTDOWN_ACK_SENT)
		return 0;
	return a->state == SCTP_COOKIE_WAIT || a->state == SCTP_COOKIE_ECHOED ? ECONNREFUSED :
									       ECONNRESET;
}

static enum xsctp_verdict xsctp_do_abort(struct xsctp_event *event)
{
	xsctp_aborted(event->association, xsctp_abort_errno(event->association), &event->chunk);
	return XSCTP_GONE;
}

/* Section 3.3.10: each cause is told to who asked for it; one concerns us. */
static enum xsctp_verdict xsctp_do_error(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	enum xsctp_verdict verdict;
	struct xsctp_walk walk;
	struct xsctp_tlv cause;

	xsctp_walk_params(&event->chunk, XSCTP_TLV_LEN, &walk);
	while (xsctp_next_param(&walk, &cause) == 1) {
		if (cause.type == XSCTP_CAUSE_STALE_COOKIE && a->state == SCTP_COOKIE_ECHOED) {
			verdict = xsctp_stale_cookie(a, &cause);
			if (verdict != XSCTP_NEXT)
				return verdict;
			continue;
		}
		xsctp_notify_remote_error(a, &cause);
	}
	return XSCTP_NEXT;
}

static void xsctp_autoclose_expired(struct xsctp_association *a)
{
	unsigned long newest = a->last_data, most = (unsigned long)a->autoclose * HZ;
	struct xsctp_transport *t;

	if (!a->autoclose)
		return;
	list_for_each_entry(t, &a->transports, link)
		if (time_after(t->last_used, newest))
			newest = t->last_used;
	newest += most;
	if (!time_before(jiffies, newest) && !xsctp_outqueue_empty(a))
		newest = jiffies + HZ;
	if (time_before(jiffies, newest)) {
		xsctp_arm(a, &a->deadline[XSCTP_TIMER_AUTOCLOSE], newest);
		return;
	}
	xsctp_count(a->sk, XSCTP_MIB_AUTOCLOSE_EXPIREDS);
	xsctp_primitive_shutdown(a);
}

/* -------------------------------------------------------------------- tables */

/* What a name in a row stands for. Columns are the states from CLOSED on. */
#define XSCTP_CHUNK(type, cl, cw, ce, es, sp, ss, sr, sa)		\
	[type] = {							\
		[SCTP_CLOSED]			= xsctp_do_##cl,	\
		[SCTP_COOKIE_WAIT]		= xsctp_do_##cw,	\
		[SCTP_COOKIE_ECHOED]		= xsctp_do_##ce,	\
		[SCTP_ESTABLISHED]		= xsctp_do_##es,	\
		[SCTP_SHUTDOWN_PENDING]		= xsctp_do_##sp,	\
		[SCTP_SHUTDOWN_SENT]		= xsctp_do_##ss,	\
		[SCTP_SHUTDOWN_RECEIVED]	= xsctp_do_##sr,	\
		[SCTP_SHUTDOWN_ACK_SENT]	= xsctp_do_##sa,	\
	}

/* For those that no chunk of the RFC's own numbers is. */
#define XSCTP_ROW_FORWARD_TSN	(XSCTP_SHUTDOWN_COMPLETE + 1)
#define XSCTP_ROW_ASCONF	(XSCTP_SHUTDOWN_COMPLETE + 2)
#define XSCTP_ROW_ASCONF_ACK	(XSCTP_SHUTDOWN_COMPLETE + 3)
#define XSCTP_ROWS		(XSCTP_SHUTDOWN_COMPLETE + 4)

/*
 * Which DATA and SACK count is told by section 6; INIT and COOKIE ECHO by 5.2; INIT ACK by
 * 5.2.3; COOKIE ACK by 5.2.5; HEARTBEAT by 8.3; SHUTDOWN and its answers by 9.2 and 8.5.1.
 */
static const xsctp_chunk_action xsctp_chunk_table[XSCTP_ROWS][XSCTP_STATES] = {
	/*	    CLOSED   COOKIE_    COOKIE_ ESTAB-  SHUTDOWN_ SHUTDOWN_ SHUTDOWN_ SHUTDOWN_
	 *		     WAIT	ECHOED  LISHED  PENDING   SENT	    RECEIVED  ACK_SENT
	 */
	XSCTP_CHUNK(XSCTP_DATA,
		    nop,     nop,	nop,	data,	data,	  data,     nop,      nop),
	XSCTP_CHUNK(XSCTP_INIT,
		    nop,     init,	init,	init,	init,	  init,     init,     init),
	XSCTP_CHUNK(XSCTP_INIT_ACK,
		    nop,     init_ack,	nop,	nop,	nop,	  nop,	    nop,      nop),
	XSCTP_CHUNK(XSCTP_SACK,
		    nop,     nop,	nop,	sack,	sack,	  nop,	    sack,     nop),
	XSCTP_CHUNK(XSCTP_HEARTBEAT,
		    nop,     nop,	heartbeat, heartbeat, heartbeat, heartbeat, heartbeat,
		    heartbeat),
	XSCTP_CHUNK(XSCTP_HEARTBEAT_ACK,
		    nop,     nop,	nop,	heartbeat_ack, heartbeat_ack, heartbeat_ack,
		    heartbeat_ack, heartbeat_ack),
	XSCTP_CHUNK(XSCTP_ABORT,
		    nop,     abort,	abort,	abort,	abort,	  abort,    abort,    abort),
	XSCTP_CHUNK(XSCTP_SHUTDOWN,
		    nop,     nop,	nop,	shutdown, shutdown, shutdown, shutdown, shutdown),
	XSCTP_CHUNK(XSCTP_SHUTDOWN_ACK,
		    nop,     ootb,	ootb,	nop,	nop,	  shutdown_ack, nop, shutdown_ack),
	XSCTP_CHUNK(XSCTP_ERROR,
		    nop,     nop,	error,	error,	error,	  error,    error,    error),
	XSCTP_CHUNK(XSCTP_COOKIE_ECHO,
		    nop,     cookie,	cookie,	cookie,	cookie,	  cookie,   cookie,   cookie),
	XSCTP_CHUNK(XSCTP_COOKIE_ACK,
		    nop,     nop,	cookie_ack, nop, nop,	  nop,	    nop,      nop),
	XSCTP_CHUNK(XSCTP_ECNE,
		    nop,     nop,	nop,	ecne,	ecne,	  nop,	    ecne,     nop),
	XSCTP_CHUNK(XSCTP_CWR,
		    nop,     nop,	nop,	cwr,	cwr,	  cwr,	    nop,      nop),
	XSCTP_CHUNK(XSCTP_SHUTDOWN_COMPLETE,
		    nop,     nop,	nop,	nop,	nop,	  nop,	    nop,
		    shutdown_complete),
	XSCTP_CHUNK(XSCTP_ROW_FORWARD_TSN,
		    nop,     nop,	nop,	forward_tsn, forward_tsn, forward_tsn, nop, nop),
	XSCTP_CHUNK(XSCTP_ROW_ASCONF,
		    nop,     nop,	nop,	asconf,	asconf,	  nop,	    asconf,   nop),
	XSCTP_CHUNK(XSCTP_ROW_ASCONF_ACK,
		    nop,     nop,	nop,	asconf_ack, asconf_ack, nop, asconf_ack, nop),
};

/* NULL: it does not run in that state. What is left of it is nothing to worry about. */
static const xsctp_timer_action xsctp_timer_table[XSCTP_TIMERS][XSCTP_STATES] = {
	[XSCTP_T1] = {
		[SCTP_COOKIE_WAIT]		= xsctp_t1_expired,
		[SCTP_COOKIE_ECHOED]		= xsctp_t1_expired,
	},
	[XSCTP_T2] = {
		[SCTP_SHUTDOWN_SENT]		= xsctp_t2_expired,
		[SCTP_SHUTDOWN_ACK_SENT]	= xsctp_t2_expired,
	},
	/* Before ESTABLISHED it runs for what was closed: xsctp_guard(). */
	[XSCTP_T5] = {
		[SCTP_COOKIE_WAIT]		= xsctp_t5_expired,
		[SCTP_COOKIE_ECHOED]		= xsctp_t5_expired,
		[SCTP_SHUTDOWN_PENDING]		= xsctp_t5_expired,
		[SCTP_SHUTDOWN_SENT]		= xsctp_t5_expired,
		[SCTP_SHUTDOWN_RECEIVED]	= xsctp_t5_expired,
		[SCTP_SHUTDOWN_ACK_SENT]	= xsctp_t5_expired,
	},
	[XSCTP_T4] = {
		[SCTP_ESTABLISHED]		= xsctp_t4_expired,
		[SCTP_SHUTDOWN_PENDING]		= xsctp_t4_expired,
		[SCTP_SHUTDOWN_RECEIVED]	= xsctp_t4_expired,
	},
	[XSCTP_TIMER_SACK] = {
		[SCTP_ESTABLISHED]		= xsctp_sack_timeout,
		[SCTP_SHUTDOWN_PENDING]		= xsctp_sack_timeout,
		[SCTP_SHUTDOWN_SENT]		= xsctp_sack_timeout,
	},
	[XSCTP_TIMER_AUTOCLOSE] = {
		[SCTP_ESTABLISHED]		= xsctp_autoclose_expired,
	},
};

/* To which states each state may lead; to CLOSED all may. */
static const u16 xsctp_next_states[XSCTP_STATES] = {
	[SCTP_CLOSED]		 = XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) |
				   XSCTP_STATE_BIT(SCTP_ESTABLISHED),
	[SCTP_COOKIE_WAIT]	 = XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED) |
				   XSCTP_STATE_BIT(SCTP_ESTABLISHED),
	[SCTP_COOKIE_ECHOED]	 = XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) |
				   XSCTP_STATE_BIT(SCTP_ESTABLISHED),
	[SCTP_ESTABLISHED]	 = XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |
				   XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED),
	[SCTP_SHUTDOWN_PENDING]	 = XSCTP_STATE_BIT(SCTP_SHUTDOWN_SENT) |
				   XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED) |
				   XSCTP_STATE_BIT(SCTP_ESTABLISHED),
	[SCTP_SHUTDOWN_SENT]	 = XSCTP_STATE_BIT(SCTP_SHUTDOWN_ACK_SENT) |
				   XSCTP_STATE_BIT(SCTP_ESTABLISHED),
	[SCTP_SHUTDOWN_RECEIVED] = XSCTP_STATE_BIT(SCTP_SHUTDOWN_ACK_SENT) |
				   XSCTP_STATE_BIT(SCTP_ESTABLISHED),
	[SCTP_SHUTDOWN_ACK_SENT] = 0,
};

/* sk_state of a one-to-one socket. */
static const u8 xsctp_socket_states[XSCTP_STATES] = {
	[SCTP_CLOSED]		 = TCP_CLOSE,
	[SCTP_COOKIE_WAIT]	 = TCP_SYN_SENT,
	[SCTP_COOKIE_ECHOED]	 = TCP_SYN_SENT,
	[SCTP_ESTABLISHED]	 = TCP_ESTABLISHED,
	[SCTP_SHUTDOWN_PENDING]	 = TCP_CLOSING,
	[SCTP_SHUTDOWN_SENT]	 = TCP_CLOSING,
	[SCTP_SHUTDOWN_RECEIVED] = TCP_CLOSE_WAIT,
	[SCTP_SHUTDOWN_ACK_SENT] = TCP_CLOSE_WAIT,
};

/**
 * xsctp_chunk_event() - do what the tables say of a chunk
 * @event: association, packet and chunk are set; the association is locked
 *
 * Its type is one of RFC 9260's, FORWARD TSN, ASCONF or ASCONF ACK.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_chunk_event(struct xsctp_event *event)
{
	unsigned int row = event->chunk.type;

	if (row == XSCTP_FORWARD_TSN)
		row = XSCTP_ROW_FORWARD_TSN;
	else if (row == XSCTP_ASCONF)
		row = XSCTP_ROW_ASCONF;
	else if (row == XSCTP_ASCONF_ACK)
		row = XSCTP_ROW_ASCONF_ACK;
	else if (row > XSCTP_SHUTDOWN_COMPLETE)
		return XSCTP_STOP;
	return xsctp_chunk_table[row][event->association->state](event);
}

/**
 * xsctp_timer_event() - do what the tables say of a timer that expired
 * @a: locked; may be gone afterwards: a->dead
 * @which: the timer
 *
 * The caller sees to xsctp_flush().
 */
void xsctp_timer_event(struct xsctp_association *a, enum xsctp_timer which)
{
	xsctp_timer_action action = xsctp_timer_table[which][a->state];

	if (action)
		action(a);
}

/* ---------------------------------------------------------------------- door */

/* Those that sctpCurrEstab counts (RFC 3873). */
static bool xsctp_is_established(enum sctp_sstat_state state)
{
	return XSCTP_STATE_BIT(state) & (XSCTP_STATE_BIT(SCTP_ESTABLISHED) |
					 XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |
					 XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED));
}

static void xsctp_count_established(const struct sock *sk, int n)
{
	xl4_mib_add(&xl4_sk(sk)->space->mib[sk->sk_family == AF_INET6], XSCTP_MIB_CURR_ESTAB, n);
}

/* A one-to-one socket's own state follows, and what poll() and read() go by. */
static void xsctp_socket_follow(struct sock *sk, enum sctp_sstat_state old,
				enum sctp_sstat_state state)
{
	int follows = xsctp_socket_states[state];

	if (sk->sk_state != follows)
		inet_sk_set_state(sk, follows);
	if (state == SCTP_SHUTDOWN_RECEIVED || state == SCTP_SHUTDOWN_ACK_SENT)
		sk->sk_shutdown |= RCV_SHUTDOWN;
	if (state == SCTP_CLOSED && old >= SCTP_ESTABLISHED)
		sk->sk_shutdown = SHUTDOWN_MASK;
}

static void xsctp_wake(struct sock *sk, enum sctp_sstat_state state)
{
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (state == SCTP_CLOSED)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else if (state == SCTP_SHUTDOWN_RECEIVED)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	else if (state == SCTP_ESTABLISHED)
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/**
 * xsctp_set_state() - change an association's state
 * @a: locked
 * @state: the new one
 *
 * Counts it, lets a one-to-one socket follow, and wakes who waits. Any context but hard
 * interrupts.
 */
void xsctp_set_state(struct xsctp_association *a, enum sctp_sstat_state state)
{
	enum sctp_sstat_state old = a->state;
	struct sock *sk = a->sk;

	if (old == state)
		return;
	WARN_ONCE(state != SCTP_CLOSED && !(xsctp_next_states[old] & XSCTP_STATE_BIT(state)),
		  "xsctp: state %d after %d\n", state, old);
	if (xsctp_is_established(state) != xsctp_is_established(old))
		xsctp_count_established(sk, xsctp_is_established(state) ? 1 : -1);
	a->state = state;
	if (!xsctp_sk(sk)->one_to_many)
		xsctp_socket_follow(sk, old, state);
	trace_xl4_state(sk, old, state);
	xsctp_wake(sk, state);
}

/* T1 is over: of what it took, nothing is needed any more. */
static void xsctp_setup_done(struct xsctp_association *a)
{
	xsctp_disarm(&a->deadline[XSCTP_T1]);
	a->asked = NULL;
	kfree(a->cookie);
	a->cookie = NULL;
	a->cookie_len = 0;
	a->init_attempts = 0;
	a->error_count = 0;
}

static void xsctp_up(struct xsctp_association *a, u16 change)
{
	struct xsctp_transport *t;

	xsctp_setup_done(a);
	xsctp_set_state(a, SCTP_ESTABLISHED);
	list_for_each_entry(t, &a->transports, link) {
		t->cwr_tsn = a->next_tsn - 1;
		xsctp_heartbeat_start(t);
	}
	a->last_data = jiffies;
	if (a->autoclose)
		xsctp_arm(a, &a->deadline[XSCTP_TIMER_AUTOCLOSE],
			  jiffies + (unsigned long)a->autoclose * HZ);
	if (!xsctp_sk(a->sk)->one_to_many)
		xsctp_follow_primary(a);
	xsctp_notify_assoc_change(a, change, 0, NULL);
	xsctp_auth_up(a);
	xsctp_asconf_up(a);
	if (a->has_peer_adaptation)
		xsctp_notify_adaptation(a);
	xsctp_outqueue_guard(a);
	if (a->shutdown_due)
		xsctp_primitive_shutdown(a);
}

/**
 * xsctp_established() - the association is there
 * @a: with all that is known of the peer; locked
 *
 * Counting who began is up to the caller, and so is xsctp_flush().
 */
void xsctp_established(struct xsctp_association *a)
{
	xsctp_up(a, SCTP_COMM_UP);
}

/**
 * xsctp_restarted() - the peer has begun anew, and so have we
 * @a: likewise
 *
 * RFC 9260 section 5.2.4, action A. The caller sees to xsctp_flush().
 */
void xsctp_restarted(struct xsctp_association *a)
{
	xsctp_up(a, SCTP_RESTART);
}

/* ----------------------------------------------------------------------- end */

/* SCTP_COMM_LOST, or what that is called before there was communication. */
static u16 xsctp_loss_of(const struct xsctp_association *a)
{
	return a->state < SCTP_ESTABLISHED ? SCTP_CANT_STR_ASSOC : SCTP_COMM_LOST;
}

/* @err: positive; 0: it ended as it should. @cause: for the notification. */
static void xsctp_end(struct xsctp_association *a, u16 change, int err, u16 cause,
		      const struct xsctp_tlv *abort)
{
	struct sock *sk = a->sk;

	if (a->dead)
		return;
	a->err = err;
	if (err && !xsctp_sk(sk)->one_to_many)
		WRITE_ONCE(sk->sk_err, err);
	xsctp_notify_assoc_change(a, change, cause, abort);
	xsctp_count(sk, err ? XSCTP_MIB_ABORTEDS : XSCTP_MIB_SHUTDOWNS);
	xsctp_set_state(a, SCTP_CLOSED);
	if (err && !xsctp_sk(sk)->one_to_many && !sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
	xsctp_association_free(a);
}

/**
 * xsctp_lost() - the association ends by nobody's will
 * @a: locked, the socket held by the caller; gone afterwards: a->dead
 * @err: what the program gets, positive: ETIMEDOUT ...
 * @cause: XSCTP_CAUSE_... for the notification; 0: none
 *
 * The peer is told nothing.
 */
void xsctp_lost(struct xsctp_association *a, int err, u16 cause)
{
	xsctp_end(a, xsctp_loss_of(a), err, cause, NULL);
}

/**
 * xsctp_aborted() - the peer ended the association
 * @a: locked, the socket held by the caller; gone afterwards: a->dead
 * @err: what the program gets, positive
 * @abort: the ABORT
 */
void xsctp_aborted(struct xsctp_association *a, int err, const struct xsctp_tlv *abort)
{
	struct xsctp_tlv cause = { .type = 0 };
	struct xsctp_walk walk;

	xsctp_walk_params(abort, XSCTP_TLV_LEN, &walk);
	if (xsctp_next_param(&walk, &cause) != 1)
		cause.type = 0;
	xsctp_end(a, xsctp_loss_of(a), err, cause.type, abort);
}

/**
 * xsctp_abort() - end the association, and tell the peer why
 * @a: locked, the socket held by the caller; gone afterwards: a->dead
 * @cause: XSCTP_CAUSE_...; 0: none is named
 * @info: of the cause, @len octets
 * @len: of @info; a long one is cut off
 *
 * Any context but hard interrupts. RFC 9260 section 9.1. In COOKIE_WAIT there is nobody to
 * tell: the peer kept nothing, and its tag is unknown.
 */
void xsctp_abort(struct xsctp_association *a, u16 cause, const void *info, u16 len)
{
	struct xsctp_transport *to = a->active ? : xsctp_first_transport(a);
	u8 *chunk;

	if (a->dead)
		return;
	if (a->state > SCTP_COOKIE_WAIT && to) {
		chunk = kmalloc(XSCTP_CAUSES_LEN, GFP_ATOMIC | __GFP_NOWARN);
		if (chunk) {
			len = xsctp_put_causes(chunk, XSCTP_ABORT, 0, cause, info, len);
			xsctp_send_now(a, to, a->peer_tag, chunk, len);
			kfree(chunk);
		}
	}
	xsctp_end(a, xsctp_loss_of(a), ECONNABORTED, cause, NULL);
}

/**
 * xsctp_completed() - the association ends as both sides want it
 * @a: locked, the socket held by the caller; gone afterwards: a->dead
 */
void xsctp_completed(struct xsctp_association *a)
{
	xsctp_end(a, SCTP_SHUTDOWN_COMP, 0, 0, NULL);
}
