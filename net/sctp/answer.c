// SPDX-License-Identifier: GPL-2.0
/*
 * How an association begins (RFC 9260 section 5.1): the server's half; and what INIT and COOKIE
 * ECHO mean where there is an association (5.2).
 *
 * An INIT changes nothing here. Its answer has all in a cookie, and when that comes back:
 *
 *	no association:		there is one now
 *	there is one: the cookie's tags beside the association's own (M: the same, X: not)
 *
 *	ours	peer's	tie-tags
 *	 X	 X	 M	A  the peer has restarted		xsctp_cookie_restart()
 *	 M	 X	any	B  both sides began at once		xsctp_cookie_collision()
 *	 X	 M	none	C  ours came late, the peer's won	nothing
 *	 M	 M	any	D  the COOKIE ACK was lost		xsctp_cookie_again()
 *	else			   nothing
 */

#include <linux/random.h>

#include "sctp.h"

/* ---------------------------------------------------------------------- INIT */

/* Those states in which we asked, too (5.2.1). */
static bool xsctp_is_asking(const struct xsctp_association *a)
{
	return xsctp_in(a, XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) | XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED));
}

static u32 xsctp_new_tag(u32 not_this)
{
	u32 tag;

	do {
		tag = get_random_u32();
	} while (!tag || tag == not_this);
	return tag;
}

/* Section 5.2.2: numbers that stand for the tags, so that a cookie does not tell these. */
static void xsctp_tie(struct xsctp_association *a, struct xsctp_cookie *c)
{
	if (!a->my_tie_tag) {
		a->my_tie_tag = xsctp_new_tag(0);
		a->peer_tie_tag = xsctp_new_tag(0);
	}
	c->my_tie_tag = a->my_tie_tag;
	c->peer_tie_tag = a->peer_tie_tag;
}

/* What is ours in the answer, from the endpoint or from an association that is there. */
static void xsctp_describe_us(const struct sock *sk, struct xsctp_association *a,
			      struct xsctp_cookie *c)
{
	c->life_ms = a ? a->cookie_life : xsctp_sk(sk)->assocparams.sasoc_cookie_life;
	if (a && xsctp_is_asking(a)) {
		c->my_tag = a->my_tag;
		c->my_tsn = a->initial_tsn;
		if (a->state == SCTP_COOKIE_ECHOED)
			xsctp_tie(a, c);
		return;
	}
	c->my_tag = xsctp_new_tag(a ? a->my_tag : 0);
	c->my_tsn = get_random_u32();
	if (a)
		xsctp_tie(a, c);
}

/* Section 3.3.2.1: a peer may ask for time, but not for ever. */
static void xsctp_preserve(const struct sock *sk, const struct xsctp_init *init,
			   struct xsctp_cookie *c)
{
	if (xsctp_set(sk)->cookie_preserve_enable)
		c->life_ms += min(init->preservative, c->life_ms);
}

/* 3.2.2: those that fit, each as the parameter that says so. */
static u8 *xsctp_put_unknown(u8 *at, const u8 *end, const struct xsctp_init *init)
{
	const struct xsctp_tlv *param;
	unsigned int i;

	for (i = 0; i < init->nr_unknown; i++) {
		param = &init->unknown[i];
		if (XSCTP_TLV_LEN + XSCTP_PAD((u32)param->length) <= end - at)
			at = xsctp_put_tlv(at, XSCTP_PARAM_UNRECOGNIZED, param->bytes,
					   param->length);
	}
	return at;
}

/* The cookie is the last, and a multiple of four long. */
static u16 xsctp_put_init_ack(const struct sock *sk, const struct xsctp_offer *offer,
			      const struct xsctp_init *init, struct xsctp_cookie *c, u8 *to)
{
	u8 *at = xsctp_put_offer(sk, offer, to);
	u16 len;

	at = xsctp_put_unknown(at, to + XSCTP_MAX_INIT_LEN - XSCTP_TLV_LEN - XSCTP_MAX_COOKIE_LEN,
			       init);
	len = xsctp_cookie_write(xl4_sk(sk)->space, c, at + XSCTP_TLV_LEN);
	xsctp_put_u16(xsctp_put_u16(at, XSCTP_PARAM_COOKIE), XSCTP_TLV_LEN + len);
	at += XSCTP_TLV_LEN + len;
	xsctp_put_chunk(to, XSCTP_INIT_ACK, 0, at - to);
	return at - to;
}

/* What an endpoint would take now; its association tells more exactly. */
static u32 xsctp_first_rwnd(const struct sock *sk)
{
	return max(READ_ONCE(sk->sk_rcvbuf) / 2, 1500);
}

/*
 * 5.2.1: where only we have asked, and the program knows no other address than those that it
 * called, the answer, with our tag in it, is for one of those that the INIT reports. Returns
 * whether there is one; in @to it is as if the packet had come from there.
 */
static bool xsctp_answer_to(const struct xsctp_association *a, const struct xsctp_packet *packet,
			    const struct xsctp_init *init, struct xsctp_packet *to)
{
	const struct xl4_addr *from = &packet->tuple.remote;
	unsigned int i;

	*to = *packet;
	if (!a || a->state != SCTP_COOKIE_WAIT || xsctp_transport_of(a, from))
		return true;
	for (i = 0; i < init->nr_addresses; i++) {
		to->tuple.remote = init->address[i];
		if (xl4_addr_is_v4(&init->address[i]) == xl4_addr_is_v4(from) &&
		    xsctp_transport_of(a, &init->address[i]))
			return true;
	}
	return false;
}

static void xsctp_send_init_ack(const struct sock *sk, struct xsctp_association *a,
				const struct xsctp_packet *packet, const struct xsctp_init *init)
{
	const struct sctp_initmsg *wish = &xsctp_sk(sk)->initmsg;
	struct {
		struct xsctp_cookie cookie;
		u8 chunk[XSCTP_MAX_INIT_LEN];
	} *room = kzalloc(sizeof(*room), GFP_ATOMIC | __GFP_NOWARN);
	struct xsctp_cookie *c;
	struct xsctp_offer offer = {
		.type = XSCTP_INIT_ACK,
		.rwnd = a ? xsctp_rwnd(a) : xsctp_first_rwnd(sk),
		.in_streams = a ? a->want_in_streams : wish->sinit_max_instreams,
		.peer = &packet->tuple.remote,
	};
	struct xsctp_packet to;
	u16 len;

	if (!room)
		return;
	if (!xsctp_answer_to(a, packet, init, &to)) {
		kfree(room);
		return;
	}
	c = &room->cookie;
	xsctp_describe_peer(sk, packet, init, c);
	xsctp_describe_us(sk, a, c);
	xsctp_auth_answer(sk, a && xsctp_is_asking(a) ? a : NULL, c);
	xsctp_preserve(sk, init, c);
	c->out_streams = min_t(u16, a ? a->nr_out : wish->sinit_num_ostreams, init->in_streams);
	c->in_streams = min(offer.in_streams, init->out_streams);
	offer.tag = c->my_tag;
	offer.tsn = c->my_tsn;
	offer.out_streams = c->out_streams;
	offer.ecn = c->flags & XSCTP_COOKIE_ECN;
	offer.forward_tsn = c->flags & XSCTP_COOKIE_FORWARD_TSN;
	offer.asconf = c->flags & XSCTP_COOKIE_ASCONF;
	offer.vector = &c->mine;
	len = xsctp_put_init_ack(sk, &offer, init, c, room->chunk);
	xsctp_reply(xl4_sk(sk)->space, &to, init->tag, room->chunk, len);
	kfree(room);
}

/* An address of the peer that the association does not have; NULL: none. */
static const struct xl4_addr *xsctp_new_address(const struct xsctp_association *a,
						const struct xsctp_cookie *c)
{
	unsigned int i;

	for (i = 0; i < c->nr_addresses; i++)
		if (!xsctp_transport_of(a, &c->address[i]))
			return &c->address[i];
	return NULL;
}

/*
 * 5.2.1 and 5.2.2: who restarts brings no new address, or anybody might take over an
 * association. Where only we have asked, nothing is known of the peer yet.
 */
static bool xsctp_refuse_new_address(struct sock *sk, const struct xsctp_association *a,
				     const struct xsctp_packet *packet,
				     const struct xsctp_init *init)
{
	struct xsctp_cookie *c;
	const struct xl4_addr *addr;
	u8 info[XSCTP_TLV_LEN + sizeof(struct in6_addr)];
	bool refused;

	if (a->state == SCTP_COOKIE_WAIT)
		return false;
	c = kzalloc(sizeof(*c), GFP_ATOMIC | __GFP_NOWARN);
	/* Who is in doubt does not get in. */
	if (!c)
		return true;
	xsctp_describe_peer(sk, packet, init, c);
	addr = xsctp_new_address(a, c);
	refused = addr;
	if (refused)
		xsctp_refuse_init(sk, packet, init->tag, XSCTP_CAUSE_RESTART, info,
				  xsctp_put_address(info, addr) - info);
	kfree(c);
	return refused;
}

/**
 * xsctp_answer_init() - answer an INIT
 * @sk: the endpoint, locked
 * @a: its association with the peer; NULL if there is none
 * @packet: that brought the chunk, alone and with a tag of 0
 * @chunk: the INIT
 *
 * Nothing is kept but, in an association, a pair of tie-tags. RFC 9260 sections 5.1 B, 5.2.1
 * and 5.2.2.
 */
void xsctp_answer_init(struct sock *sk, struct xsctp_association *a, struct xsctp_packet *packet,
		       const struct xsctp_tlv *chunk)
{
	struct xsctp_init init = { .tag = 0 };
	const void *info;
	u16 cause, len;
	int err;

	err = xsctp_parse_init(chunk, &init);
	/* Without a tag there can be no answer (3.3.2). */
	if (!init.tag)
		return;
	if (err) {
		xsctp_refuse_init(sk, packet, init.tag, XSCTP_CAUSE_PROTOCOL, NULL, 0);
		return;
	}
	cause = xsctp_init_fault(&init, &info, &len);
	if (cause) {
		xsctp_refuse_init(sk, packet, init.tag, cause, info, len);
		return;
	}
	if (!a) {
		if (xsctp_endpoint_full(sk))
			xsctp_count(sk, XSCTP_MIB_LISTEN_OVERFLOWS);
		else
			xsctp_send_init_ack(sk, NULL, packet, &init);
		return;
	}
	/* 9.2: the peer has not heard that it may forget us. */
	if (a->state == SCTP_SHUTDOWN_ACK_SENT) {
		xsctp_send_shutdown_ack(a);
		return;
	}
	if (!xsctp_refuse_new_address(sk, a, packet, &init))
		xsctp_send_init_ack(sk, a, packet, &init);
}

/* --------------------------------------------------- COOKIE ECHO, the first */

/* Our numbers are those of the cookie. */
static void xsctp_take_numbers(struct xsctp_association *a, const struct xsctp_cookie *c)
{
	a->my_tag = c->my_tag;
	a->initial_tsn = c->my_tsn;
	a->next_tsn = c->my_tsn;
	a->cum_tsn_acked = c->my_tsn - 1;
	a->highest_sacked = c->my_tsn - 1;
	a->advanced_tsn = c->my_tsn - 1;
	a->forwarded_tsn = c->my_tsn - 1;
}

/* A packet is for one association only. */
static bool xsctp_cookie_conflicts(struct sock *sk, const struct xsctp_packet *packet,
				   const struct xsctp_cookie *c)
{
	struct xl4_tuple tuple = packet->tuple;
	struct xsctp_transport *t = NULL;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < c->nr_addresses && !t; i++) {
		tuple.remote = c->address[i];
		t = xsctp_find_transport(xl4_sk(sk)->space, &tuple, packet->device,
					 packet->l3_device);
	}
	rcu_read_unlock();
	if (t)
		xsctp_transport_put(t);
	return t;
}

/* @sk has it from now on; NULL without memory. */
static struct xsctp_association *xsctp_cookie_association(struct sock *sk,
							  const struct xsctp_packet *packet,
							  const struct xsctp_cookie *c)
{
	struct xsctp_association *a = xsctp_association_new(sk, c->peer_port, GFP_ATOMIC);

	if (!a)
		return NULL;
	if (ipv6_addr_type(&packet->tuple.remote.in6) & IPV6_ADDR_LINKLOCAL)
		a->device = packet->device;
	if (!c->out_streams || !c->in_streams)
		goto err;
	xsctp_take_numbers(a, c);
	if (xsctp_adopt(a, c) || !xsctp_transport_of(a, &packet->tuple.remote))
		goto err;
	return a;

err:
	xsctp_association_free(a);
	return NULL;
}

/* From where the cookie came to, to where it came from. */
static void xsctp_send_cookie_ack(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	const struct xl4_tuple *tuple = &event->packet->tuple;
	struct xsctp_transport *t = xsctp_transport_of(a, &tuple->remote);

	if (t)
		xsctp_transport_called(t, &tuple->local);
	xsctp_queue_chunk(a, XSCTP_COOKIE_ACK, 0, NULL, 0, t);
}

/* A socket for the association that is to come, locked and held. */
static struct sock *xsctp_new_child(struct sock *sk)
{
	struct sock *child;

	child = xsctp_clone(sk);
	if (!child)
		return NULL;
	sock_hold(child);
	bh_lock_sock_nested(child);
	/* For sparse, that does not look beyond a function. */
	__release(&child->sk_lock.slock);
	return child;
}

static void xsctp_drop_child(struct sock *child)
{
	__acquire(&child->sk_lock.slock);
	bh_unlock_sock(child);
	xsctp_discard_child(child);
	sock_put(child);
}

/**
 * xsctp_child_ready() - accept() may have a socket
 * @listener: locked
 * @child: made for a COOKIE ECHO, locked and held: neither afterwards
 */
void xsctp_child_ready(struct sock *listener, struct sock *child)
{
	__acquire(&child->sk_lock.slock);
	bh_unlock_sock(child);
	/* The queue's reference; it cannot be full, we looked. */
	xl4_accept_add(listener, child);
	sock_put(child);
}

/* The port is the child's, too, as long as it lives. */
static int xsctp_seat_child(struct sock *sk, struct sock *child)
{
	int err = xl4_share_port(sk, child);

	if (err)
		return err;
	inet_sk_set_state(child, TCP_ESTABLISHED);
	return 0;
}

/*
 * 5.1.5: there is an association. If the socket is not @sk but a child, it stays locked and
 * held until xsctp_child_ready().
 */
static enum xsctp_verdict xsctp_cookie_first(struct sock *sk, struct xsctp_event *event,
					     const struct xsctp_cookie *c)
{
	struct sock *child = sk;
	struct xsctp_association *a;

	if (xsctp_cookie_conflicts(sk, event->packet, c))
		return XSCTP_STOP;
	if (xsctp_endpoint_full(sk)) {
		xsctp_count(sk, XSCTP_MIB_LISTEN_OVERFLOWS);
		return XSCTP_STOP;
	}
	if (!xsctp_sk(sk)->one_to_many) {
		child = xsctp_new_child(sk);
		if (!child)
			return XSCTP_STOP;
	}
	a = xsctp_cookie_association(child, event->packet, c);
	if (!a)
		goto err;
	if (child != sk && xsctp_seat_child(sk, child)) {
		xsctp_association_free(a);
		goto err;
	}
	event->association = a;
	xsctp_count(child, XSCTP_MIB_PASSIVE_ESTABS);
	xsctp_send_cookie_ack(event);
	xsctp_follow_primary(a);
	xsctp_established(a);
	return XSCTP_NEXT;

err:
	if (child != sk)
		xsctp_drop_child(child);
	return XSCTP_STOP;
}

/* ---------------------------------------------- COOKIE ECHO, and there is one */

static enum xsctp_verdict xsctp_gone_or_next(const struct xsctp_association *a)
{
	return a->dead ? XSCTP_GONE : XSCTP_NEXT;
}

/* 9.2 and 5.2.4 A: no new association while the old one ends. */
static enum xsctp_verdict xsctp_cookie_in_shutdown(struct xsctp_association *a)
{
	xsctp_send_shutdown_ack(a);
	xsctp_queue_error(a, XSCTP_CAUSE_COOKIE_SHUTDOWN, NULL, 0);
	return XSCTP_STOP;
}

/* Nothing of what was under way arrives any more. */
static void xsctp_forget_all(struct xsctp_association *a, const struct xsctp_cookie *c)
{
	struct xsctp_transport *t, *next;
	unsigned int i;

	xsctp_outqueue_purge(a, ECONNRESET);
	xsctp_inqueue_purge(a);
	xsctp_streams_purge(a);
	xsctp_purge_control(a);
	for (i = 0; i < ARRAY_SIZE(a->deadline); i++)
		xsctp_disarm(&a->deadline[i]);
	a->asked = NULL;
	list_for_each_entry_safe(t, next, &a->transports, link) {
		for (i = 0; i < c->nr_addresses; i++)
			if (xl4_addr_equal(&t->key.peer, &c->address[i]))
				break;
		if (i == c->nr_addresses)
			xsctp_transport_remove(t);
	}
}

/* The old numbers of streams hold no more, either. */
static void xsctp_begin_anew(struct xsctp_association *a)
{
	struct xsctp_transport *t;

	xsctp_streams_restart(a);
	a->my_tie_tag = 0;
	a->peer_tie_tag = 0;
	a->outstanding = 0;
	a->nr_dups = 0;
	a->unacked_packets = 0;
	a->sack_now = false;
	a->sacked = false;
	a->ecne = false;
	a->probing = false;
	list_for_each_entry(t, &a->transports, link)
		xsctp_transport_reset(t);
}

/*
 * If the program wanted an end, that is still what it wants, and by then: a peer that restarts
 * again and again must not keep what nobody has any more.
 */
static void xsctp_restart_ending(struct xsctp_association *a, const struct xsctp_deadline *guard)
{
	xsctp_primitive_shutdown(a);
	if (guard->armed && !a->dead)
		xsctp_arm(a, &a->deadline[XSCTP_T5], guard->at);
}

/* A peer that had ended says more now; but not to who wants to hear no more. */
static void xsctp_restart_going_on(struct xsctp_association *a)
{
	const struct xsctp_sock *sp = xsctp_sk(a->sk);

	if (!sp->one_to_many && !sp->reads_no_more)
		WRITE_ONCE(a->sk->sk_shutdown, a->sk->sk_shutdown & ~RCV_SHUTDOWN);
}

/* A: as an ABORT and a new COOKIE ECHO, but the program keeps what it has. */
static enum xsctp_verdict xsctp_cookie_restart(struct xsctp_event *event,
					       const struct xsctp_cookie *c)
{
	struct xsctp_association *a = event->association;
	struct xsctp_deadline guard = a->deadline[XSCTP_T5];
	bool ending = xsctp_in(a, XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |
				  XSCTP_STATE_BIT(SCTP_SHUTDOWN_SENT)) ||
		      a->shutdown_due || a->sk->sk_shutdown & SEND_SHUTDOWN;

	if (a->state == SCTP_SHUTDOWN_ACK_SENT)
		return xsctp_cookie_in_shutdown(a);
	if (xsctp_new_address(a, c))
		return XSCTP_STOP;
	xsctp_forget_all(a, c);
	if (xsctp_adopt(a, c)) {
		xsctp_abort(a, XSCTP_CAUSE_RESOURCES, NULL, 0);
		return XSCTP_GONE;
	}
	xsctp_take_numbers(a, c);
	xsctp_begin_anew(a);
	xsctp_send_cookie_ack(event);
	if (!ending)
		xsctp_restart_going_on(a);
	xsctp_restarted(a);
	if (ending && !a->dead)
		xsctp_restart_ending(a, &guard);
	return xsctp_gone_or_next(a);
}

/* Nothing came by the peer's old numbers. */
static bool xsctp_nothing_came(const struct xsctp_association *a)
{
	return a->map.cum == a->peer_initial_tsn - 1 && a->map.highest == a->map.cum;
}

/* B: our INIT and the peer's met; what the peer said last holds. */
static enum xsctp_verdict xsctp_cookie_collision(struct xsctp_event *event,
						 const struct xsctp_cookie *c)
{
	struct xsctp_association *a = event->association;

	if (!xsctp_is_asking(a)) {
		a->peer_tag = c->peer_tag;
		if (xsctp_nothing_came(a)) {
			a->peer_initial_tsn = c->peer_tsn;
			xsctp_tsnmap_init(&a->map, c->peer_tsn);
		}
		xsctp_send_cookie_ack(event);
		return XSCTP_NEXT;
	}
	if (xsctp_adopt(a, c))
		return XSCTP_STOP;
	xsctp_purge_control(a);
	xsctp_outqueue_limit(a);
	xsctp_send_cookie_ack(event);
	xsctp_count(a->sk, XSCTP_MIB_ACTIVE_ESTABS);
	xsctp_established(a);
	return xsctp_gone_or_next(a);
}

/* D: the peer did not hear that it is established; perhaps we did not know either. */
static enum xsctp_verdict xsctp_cookie_again(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;

	if (a->state == SCTP_COOKIE_ECHOED)
		xsctp_purge_control(a);
	xsctp_send_cookie_ack(event);
	if (a->state != SCTP_COOKIE_ECHOED)
		return XSCTP_NEXT;
	xsctp_count(a->sk, XSCTP_MIB_ACTIVE_ESTABS);
	xsctp_established(a);
	return xsctp_gone_or_next(a);
}

/* The action table of 5.2.4, as at the top of this file. */
static enum xsctp_verdict xsctp_cookie_second(struct xsctp_event *event,
					      const struct xsctp_cookie *c)
{
	struct xsctp_association *a = event->association;
	bool ours = c->my_tag == a->my_tag;
	bool peers = c->peer_tag == a->peer_tag;
	bool untied = !c->my_tie_tag && !c->peer_tie_tag;
	bool tied = !untied && c->my_tie_tag == a->my_tie_tag &&
		    c->peer_tie_tag == a->peer_tie_tag;

	if (ours)
		return peers ? xsctp_cookie_again(event) : xsctp_cookie_collision(event, c);
	if (!peers && tied)
		return xsctp_cookie_restart(event, c);
	/* C, and what is in no row */
	return XSCTP_STOP;
}

/* --------------------------------------------------------------------- check */

/* 5.1.5, step 2; and the peer wrote from one of the addresses that it gave. */
static bool xsctp_cookie_fits(const struct xsctp_packet *packet, const struct xsctp_cookie *c)
{
	unsigned int i;

	if (packet->header.tag != c->my_tag || packet->header.dest != c->local_port ||
	    packet->header.source != c->peer_port)
		return false;
	for (i = 0; i < c->nr_addresses; i++)
		if (xl4_addr_equal(&c->address[i], &packet->tuple.remote))
			return true;
	return false;
}

/* 3.3.10.3 and 5.1.5, step 3 */
static void xsctp_tell_stale(const struct sock *sk, const struct xsctp_packet *packet,
			     const struct xsctp_cookie *c)
{
	u8 chunk[3 * XSCTP_TLV_LEN], info[4];
	u16 len;

	xsctp_put_u32(info, xsctp_cookie_stale(c));
	len = xsctp_put_causes(chunk, XSCTP_ERROR, 0, XSCTP_CAUSE_STALE_COOKIE, info, sizeof(info));
	xsctp_count(sk, XSCTP_MIB_STALE_COOKIES);
	if (!xsctp_may_reply(xl4_sk(sk)->space, packet))
		return;
	xsctp_reply(xl4_sk(sk)->space, packet, c->peer_tag, chunk, len);
}

/* 5.2.4, step 2: one that an association came of is good for ever. */
static bool xsctp_cookie_is_of(const struct xsctp_association *a, const struct xsctp_cookie *c)
{
	return a && c->my_tag == a->my_tag && c->peer_tag == a->peer_tag;
}

static enum xsctp_verdict xsctp_cookie_back(struct sock *sk, struct xsctp_event *event,
					    struct xsctp_cookie *c)
{
	struct xsctp_association *a = event->association;

	if (xsctp_cookie_read(xl4_sk(sk)->space, event->chunk.bytes + XSCTP_TLV_LEN,
			      event->chunk.length - XSCTP_TLV_LEN, c) ||
	    !xsctp_cookie_fits(event->packet, c)) {
		xsctp_count(sk, XSCTP_MIB_BAD_COOKIES);
		return XSCTP_STOP;
	}
	if (xsctp_cookie_stale(c) && !xsctp_cookie_is_of(a, c)) {
		xsctp_tell_stale(sk, event->packet, c);
		return XSCTP_STOP;
	}
	if (!xsctp_auth_cookie_ok(sk, event, c))
		return XSCTP_STOP;
	return a ? xsctp_cookie_second(event, c) : xsctp_cookie_first(sk, event, c);
}

/**
 * xsctp_do_cookie_echo() - our cookie comes back
 * @sk: the endpoint, locked
 * @event: a COOKIE ECHO; its association is NULL if there is none, and may be a new one
 *	afterwards. A new one's socket may not be @sk, but a child: then that is locked and held
 *	until xsctp_child_ready().
 *
 * RFC 9260 sections 5.1 D, 5.1.5 and 5.2.4.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_do_cookie_echo(struct sock *sk, struct xsctp_event *event)
{
	/* Too large for the stack. */
	struct xsctp_cookie *c = kmalloc(sizeof(*c), GFP_ATOMIC | __GFP_NOWARN);
	enum xsctp_verdict verdict = XSCTP_STOP;

	if (c)
		verdict = xsctp_cookie_back(sk, event, c);
	kfree(c);
	return verdict;
}
