// SPDX-License-Identifier: GPL-2.0
/*
 * How an association begins (RFC 9260 section 5.1): the client's half.
 *
 *	client						server
 *	xsctp_send_init()	    INIT -->		xsctp_answer_init(), answer.c
 *	xsctp_do_init_ack()	<-- INIT ACK, cookie	   (keeps nothing)
 *	   keeps the cookie	COOKIE ECHO -->		xsctp_do_cookie_echo(), answer.c
 *	xsctp_do_cookie_ack()	<-- COOKIE ACK		   established
 *	   established
 *
 * T1 sends INIT or COOKIE ECHO again until there is an answer.
 */

#include "sctp.h"

#define XSCTP_LEAST_RWND	1500	/* 3.3.2: less is no offer */

/* -------------------------------------------------------------------- offers */

/* Appends parameters. The length of a chunk does not count the last one's padding (3.2). */
struct xsctp_writer {
	u8	*at;
	u8	padding;
};

static void xsctp_write_param(struct xsctp_writer *w, u16 type, const void *value, u16 len)
{
	w->at = xsctp_put_tlv(w->at, type, value, len);
	w->padding = XSCTP_PAD((u32)len) - len;
}

static void xsctp_write_u32(struct xsctp_writer *w, u16 type, u32 number)
{
	u8 value[4];

	xsctp_put_u32(value, number);
	xsctp_write_param(w, type, value, sizeof(value));
}

/* Those families that a packet to us may be of: an IPv6 socket hears both. */
static void xsctp_write_families(struct xsctp_writer *w, const struct sock *sk)
{
	u8 value[4], *at = value;

	if (sk->sk_family == AF_INET || !sk->sk_ipv6only)
		at = xsctp_put_u16(at, XSCTP_PARAM_IPV4);
	if (sk->sk_family == AF_INET6)
		at = xsctp_put_u16(at, XSCTP_PARAM_IPV6);
	xsctp_write_param(w, XSCTP_PARAM_FAMILIES, value, at - value);
}

/* If there is but one it is the packet's own, which need not be listed. */
static void xsctp_write_addresses(struct xsctp_writer *w, const struct sock *sk,
				  const struct xl4_addr *peer)
{
	struct xl4_addr addr[XSCTP_MAX_ADDRESSES];
	unsigned int n = xsctp_announced(sk, peer, addr, ARRAY_SIZE(addr)), i;

	if (n < 2)
		return;
	for (i = 0; i < n; i++)
		w->at = xsctp_put_address(w->at, &addr[i]);
	w->padding = 0;
}

/* RFC 5061 section 4.2.7 */
static u16 xsctp_list_extensions(const struct xsctp_offer *offer, u8 *list)
{
	u16 n = 0;

	if (offer->forward_tsn)
		list[n++] = XSCTP_FORWARD_TSN;
	if (offer->vector && offer->vector->len)
		list[n++] = XSCTP_AUTH;
	if (offer->asconf) {
		list[n++] = XSCTP_ASCONF;
		list[n++] = XSCTP_ASCONF_ACK;
	}
	return n;
}

/**
 * xsctp_put_offer() - write an INIT or INIT ACK
 * @sk: the endpoint, locked
 * @offer: what it says
 * @to: room for XSCTP_MAX_INIT_LEN, of which some is left for more parameters
 *
 * The chunk's length is filled in; who appends to it has to correct that. What is there is a
 * multiple of 4 long, but perhaps not by the chunk's own length.
 *
 * Return: where it ends.
 */
u8 *xsctp_put_offer(const struct sock *sk, const struct xsctp_offer *offer, u8 *to)
{
	u8 extensions[4];
	const struct xsctp_sock *sp = xsctp_sk(sk);
	struct xsctp_writer w = { .at = to + XSCTP_TLV_LEN };
	u16 n;

	w.at = xsctp_put_u32(w.at, offer->tag);
	w.at = xsctp_put_u32(w.at, offer->rwnd);
	w.at = xsctp_put_u16(w.at, offer->out_streams);
	w.at = xsctp_put_u16(w.at, offer->in_streams);
	w.at = xsctp_put_u32(w.at, offer->tsn);
	xsctp_write_addresses(&w, sk, offer->peer);
	xsctp_write_families(&w, sk);
	if (offer->preservative)
		xsctp_write_u32(&w, XSCTP_PARAM_PRESERVATIVE, offer->preservative);
	n = xsctp_list_extensions(offer, extensions);
	if (n)
		xsctp_write_param(&w, XSCTP_PARAM_EXTENSIONS, extensions, n);
	if (offer->ecn)
		xsctp_write_param(&w, XSCTP_PARAM_ECN, NULL, 0);
	if (offer->forward_tsn)
		xsctp_write_param(&w, XSCTP_PARAM_FORWARD_TSN, NULL, 0);
	if (sp->has_adaptation)
		xsctp_write_u32(&w, XSCTP_PARAM_ADAPTATION, sp->adaptation);
	if (offer->vector)
		w.at = xsctp_put_vector(w.at, offer->vector, &w.padding);
	xsctp_put_chunk(to, offer->type, 0, w.at - to - w.padding);
	return w.at;
}

/**
 * xsctp_refuse_init() - answer an INIT or INIT ACK with an ABORT
 * @sk: the endpoint
 * @packet: that brought it
 * @tag: its Initiate Tag; 0: there can be no answer
 * @cause: XSCTP_CAUSE_...
 * @info: of the cause, @len octets
 * @len: of @info
 *
 * No association is changed. RFC 9260 section 3.3.2.
 */
void xsctp_refuse_init(const struct sock *sk, const struct xsctp_packet *packet, u32 tag,
		       u16 cause, const void *info, u16 len)
{
	u8 *chunk;

	if (!tag || !xsctp_may_reply(xl4_sk(sk)->space, packet))
		return;
	chunk = kmalloc(XSCTP_CAUSES_LEN, GFP_ATOMIC | __GFP_NOWARN);
	if (!chunk)
		return;
	len = xsctp_put_causes(chunk, XSCTP_ABORT, 0, cause, info, len);
	xsctp_reply(xl4_sk(sk)->space, packet, tag, chunk, len);
	kfree(chunk);
}

/**
 * xsctp_init_fault() - may an INIT or INIT ACK be taken?
 * @init: from xsctp_parse_init(), its tag not 0
 * @info: set to what the cause says
 * @len: of @info
 *
 * RFC 9260 sections 3.3.2 and 3.3.3.
 *
 * Return: 0, or XSCTP_CAUSE_... of the ABORT that is the answer.
 */
u16 xsctp_init_fault(const struct xsctp_init *init, const void **info, u16 *len)
{
	struct xsctp_vector vector;

	*info = NULL;
	*len = 0;
	/* RFC 4895 section 6.1 */
	if (xsctp_vector_of(init, &vector))
		return XSCTP_CAUSE_PROTOCOL;
	if (init->hostname.bytes) {
		*info = init->hostname.bytes;
		*len = init->hostname.length;
		return XSCTP_CAUSE_UNRESOLVABLE;
	}
	if (!init->out_streams || !init->in_streams || init->rwnd < XSCTP_LEAST_RWND)
		return XSCTP_CAUSE_INVALID_PARAM;
	return 0;
}

/* --------------------------------------------------------------- the peer is */

/* Can a packet from this socket go there, seen from where the peer wrote from? */
static bool xsctp_usable(const struct sock *sk, const struct xl4_addr *from,
			 const struct xl4_addr *addr)
{
	bool v4 = xl4_addr_is_v4(addr);

	if (v4 ? sk->sk_family == AF_INET6 && sk->sk_ipv6only : sk->sk_family != AF_INET6)
		return false;
	return xsctp_in_scope(addr, from);
}

static void xsctp_describe_address(struct xsctp_cookie *c, const struct xl4_addr *addr)
{
	unsigned int i;

	for (i = 0; i < c->nr_addresses; i++)
		if (xl4_addr_equal(&c->address[i], addr))
			return;
	if (c->nr_addresses < XSCTP_MAX_ADDRESSES)
		c->address[c->nr_addresses++] = *addr;
}

/**
 * xsctp_describe_peer() - put an INIT or INIT ACK into the words of a cookie
 * @sk: the endpoint
 * @packet: that brought it
 * @init: from xsctp_parse_init()
 * @c: all zero; what is the peer's is filled in, but for the streams
 *
 * Of the extensions those count that both sides have.
 */
void xsctp_describe_peer(const struct sock *sk, const struct xsctp_packet *packet,
			 const struct xsctp_init *init, struct xsctp_cookie *c)
{
	const struct xl4_addr *from = &packet->tuple.remote;
	unsigned int i;

	c->peer_tag = init->tag;
	c->peer_tsn = init->tsn;
	c->peer_rwnd = init->rwnd;
	c->adaptation = init->adaptation;
	c->local_port = packet->header.dest;
	c->peer_port = packet->header.source;
	if (init->ecn && xsctp_sk(sk)->ecn)
		c->flags |= XSCTP_COOKIE_ECN;
	if (init->forward_tsn && xsctp_sk(sk)->prsctp)
		c->flags |= XSCTP_COOKIE_FORWARD_TSN;
	if (init->has_adaptation)
		c->flags |= XSCTP_COOKIE_ADAPTATION;
	if (xsctp_sk(sk)->auth_enable)
		xsctp_vector_of(init, &c->peer);
	if (init->asconf && xsctp_sk(sk)->asconf_enable)
		c->flags |= XSCTP_COOKIE_ASCONF;
	if (init->ipv4 || xl4_addr_is_v4(from))
		c->flags |= XSCTP_COOKIE_IPV4;
	if (init->ipv6 || !xl4_addr_is_v4(from))
		c->flags |= XSCTP_COOKIE_IPV6;
	xsctp_describe_address(c, from);
	for (i = 0; i < init->nr_addresses; i++)
		if (xsctp_usable(sk, from, &init->address[i]))
			xsctp_describe_address(c, &init->address[i]);
}

/* One that another association has already is not this one's, too. */
static bool xsctp_taken(const struct xsctp_association *a, const struct xl4_addr *addr)
{
	const struct xsctp_association *other;

	other = xsctp_table_association(a->sk, addr, a->peer_port);
	return other && other != a;
}

/**
 * xsctp_adopt() - what a cookie says of the peer holds for an association
 * @a: locked
 * @c: a cookie that was checked, or an INIT ACK in its words
 *
 * Streams, TSNs, window, extensions, addresses. Any context but hard interrupts.
 *
 * Return: 0; -ENOMEM: then nothing was changed.
 */
int xsctp_adopt(struct xsctp_association *a, const struct xsctp_cookie *c)
{
	unsigned int i;

	if (xsctp_auth_adopt(a, c))
		return -ENOMEM;
	xsctp_streams_set(a, c->out_streams, c->in_streams);
	a->peer_tag = c->peer_tag;
	a->peer_initial_tsn = c->peer_tsn;
	xsctp_tsnmap_init(&a->map, c->peer_tsn);
	a->peer_rwnd = c->peer_rwnd;
	a->ecn = c->flags & XSCTP_COOKIE_ECN;
	a->forward_tsn = c->flags & XSCTP_COOKIE_FORWARD_TSN;
	a->peer_ipv4 = c->flags & XSCTP_COOKIE_IPV4;
	a->peer_ipv6 = c->flags & XSCTP_COOKIE_IPV6;
	a->has_peer_adaptation = c->flags & XSCTP_COOKIE_ADAPTATION;
	a->peer_adaptation = c->adaptation;
	for (i = 0; i < c->nr_addresses; i++)
		if (!xsctp_taken(a, &c->address[i]))
			xsctp_transport_add(a, &c->address[i], GFP_ATOMIC);
	return 0;
}

/* ------------------------------------------------------------------------ T1 */

/* Section 4, T1: doubled each time; RFC 6458 section 8.1.3 has a limit of its own. */
static void xsctp_t1_start(struct xsctp_association *a)
{
	u64 ms = (u64)max(a->rtoinfo.srto_initial, 1U) << min(a->init_attempts, 16U);
	u32 most = a->max_init_timeout ? : a->rtoinfo.srto_max;

	ms = min_t(u64, ms, max(most, 1U));
	xsctp_arm(a, &a->deadline[XSCTP_T1],
		  jiffies + min_t(unsigned long, msecs_to_jiffies(ms), MAX_JIFFY_OFFSET / 2));
	a->t1_sent_ns = a->init_attempts ? 0 : ktime_get_ns();
}

/* INIT or COOKIE ECHO was answered. */
static void xsctp_t1_answered(struct xsctp_association *a, struct xsctp_transport *t)
{
	u64 us;

	xsctp_disarm(&a->deadline[XSCTP_T1]);
	if (!t || t != a->asked || !a->t1_sent_ns)
		return;
	us = div_u64(ktime_get_ns() - a->t1_sent_ns, NSEC_PER_USEC);
	xsctp_transport_rtt(t, clamp_t(u64, us, 1, U32_MAX));
}

/**
 * xsctp_send_init() - say INIT, for the first time or again
 * @a: in CLOSED or COOKIE_WAIT, with a transport; locked
 *
 * From CLOSED it goes to COOKIE_WAIT. T1 begins anew. RFC 9260 section 5.1 A. Any context
 * but hard interrupts.
 *
 * Return: 0, -EHOSTUNREACH or -ENOMEM; then the state is as it was.
 */
int xsctp_send_init(struct xsctp_association *a)
{
	struct xsctp_transport *t = a->asked ? : a->active;
	struct sock *sk = a->sk;
	struct xsctp_offer offer = {
		.type = XSCTP_INIT,
		.tag = a->my_tag,
		.rwnd = xsctp_rwnd(a),
		.tsn = a->initial_tsn,
		.out_streams = a->nr_out,
		.in_streams = a->want_in_streams,
		.ecn = xsctp_sk(sk)->ecn,
		.forward_tsn = a->prsctp,
		.preservative = a->preservative,
		.asconf = xsctp_sk(sk)->asconf_enable,
		.vector = xsctp_auth_vector(a),
	};
	u8 *chunk, *end;

	if (!t)
		return -EHOSTUNREACH;
	chunk = kmalloc(XSCTP_MAX_INIT_LEN, GFP_ATOMIC | __GFP_NOWARN);
	if (!chunk)
		return -ENOMEM;
	offer.peer = &t->key.peer;
	end = xsctp_put_offer(sk, &offer, chunk);
	a->asked = t;
	xsctp_set_state(a, SCTP_COOKIE_WAIT);
	xsctp_t1_start(a);
	xsctp_send_now(a, t, 0, chunk, end - chunk);
	kfree(chunk);
	return 0;
}

/* Where the INIT ACK came from; T1 begins anew. The caller sees to xsctp_flush(). */
static void xsctp_send_cookie(struct xsctp_association *a)
{
	xsctp_queue_chunk(a, XSCTP_COOKIE_ECHO, 0, a->cookie, a->cookie_len, a->asked);
	xsctp_t1_start(a);
}

/**
 * xsctp_t1_expired() - no answer to INIT or COOKIE ECHO
 * @a: in COOKIE_WAIT or COOKIE_ECHOED, locked; may be gone afterwards: a->dead
 *
 * Max.Init.Retransmits times again, each by another path if there is one. RFC 9260
 * section 5.1.6. The caller sees to xsctp_flush().
 */
void xsctp_t1_expired(struct xsctp_association *a)
{
	bool init = a->state == SCTP_COOKIE_WAIT;

	xsctp_count(a->sk, init ? XSCTP_MIB_T1_INIT_EXPIREDS : XSCTP_MIB_T1_COOKIE_EXPIREDS);
	if (a->init_attempts >= a->max_init_attempts) {
		xsctp_lost(a, ETIMEDOUT, 0);
		return;
	}
	a->init_attempts++;
	a->asked = xsctp_transport_for_retransmit(a, a->asked) ? : a->asked;
	if (!init) {
		xsctp_outqueue_again(a);
		xsctp_send_cookie(a);
	} else if (xsctp_send_init(a)) {
		xsctp_t1_start(a);
	}
}

/* ------------------------------------------------------------------ INIT ACK */

/* There will be no association with a peer that answers so. */
static enum xsctp_verdict xsctp_reject_init_ack(struct xsctp_event *event, u32 tag, u16 cause,
						const void *info, u16 len)
{
	struct xsctp_association *a = event->association;

	xsctp_refuse_init(a->sk, event->packet, tag, cause, info, len);
	xsctp_lost(a, ECONNREFUSED, cause);
	return XSCTP_GONE;
}

/* Section 3.3.10.8: the parameters as they came, one behind the other. */
static void xsctp_report_unknown(struct xsctp_association *a, const struct xsctp_init *init)
{
	u8 info[XSCTP_CAUSES_LEN - 2 * XSCTP_TLV_LEN];
	const struct xsctp_tlv *param;
	unsigned int i, len = 0;

	for (i = 0; i < init->nr_unknown; i++) {
		param = &init->unknown[i];
		if (len + XSCTP_PAD((u32)param->length) > sizeof(info))
			continue;
		memset(info + len, 0, XSCTP_PAD((u32)param->length));
		memcpy(info + len, param->bytes, param->length);
		len += XSCTP_PAD((u32)param->length);
	}
	if (len)
		xsctp_queue_error(a, XSCTP_CAUSE_UNKNOWN_PARAM, info, len);
}

static int xsctp_keep_cookie(struct xsctp_association *a, const struct xsctp_tlv *cookie)
{
	u16 len = cookie->length - XSCTP_TLV_LEN;
	u8 *copy = kmemdup(cookie->bytes + XSCTP_TLV_LEN, len, GFP_ATOMIC | __GFP_NOWARN);

	if (!copy)
		return -ENOMEM;
	kfree(a->cookie);
	a->cookie = copy;
	a->cookie_len = len;
	return 0;
}

/* What the INIT ACK says of the peer, in the form of a cookie (too large for the stack). */
static int xsctp_adopt_init_ack(struct xsctp_event *event, const struct xsctp_init *init)
{
	struct xsctp_association *a = event->association;
	struct xsctp_cookie *c = kzalloc(sizeof(*c), GFP_ATOMIC | __GFP_NOWARN);
	int err;

	if (!c)
		return -ENOMEM;
	c->out_streams = min(a->nr_out, init->in_streams);
	c->in_streams = min(a->want_in_streams, init->out_streams);
	xsctp_describe_peer(a->sk, event->packet, init, c);
	if (!a->prsctp)
		c->flags &= ~XSCTP_COOKIE_FORWARD_TSN;
	xsctp_auth_answer(a->sk, a, c);
	err = xsctp_adopt(a, c);
	kfree(c);
	return err;
}

/* Everything is as it should be. Returns -ENOMEM to wait for another one. */
static int xsctp_accept_init_ack(struct xsctp_event *event, const struct xsctp_init *init)
{
	struct xsctp_association *a = event->association;
	struct xsctp_transport *from;

	if (xsctp_keep_cookie(a, &init->cookie))
		return -ENOMEM;
	if (xsctp_adopt_init_ack(event, init))
		return -ENOMEM;
	from = xsctp_transport_of(a, &event->packet->tuple.remote);
	xsctp_t1_answered(a, from);
	a->asked = from ? : a->active;
	a->init_attempts = 0;
	xsctp_set_state(a, SCTP_COOKIE_ECHOED);
	xsctp_send_cookie(a);
	xsctp_report_unknown(a, init);
	xsctp_outqueue_limit(a);
	return 0;
}

static enum xsctp_verdict xsctp_read_init_ack(struct xsctp_event *event, struct xsctp_init *init)
{
	static const u8 no_cookie[] = { 0, 0, 0, 1, 0, XSCTP_PARAM_COOKIE };
	const void *info;
	u16 cause, len;

	if (xsctp_parse_init(&event->chunk, init))
		return xsctp_reject_init_ack(event, init->tag, XSCTP_CAUSE_PROTOCOL, NULL, 0);
	cause = xsctp_init_fault(init, &info, &len);
	if (!init->tag || cause)
		return xsctp_reject_init_ack(event, init->tag, cause, info, len);
	if (!init->cookie.bytes || init->cookie.length == XSCTP_TLV_LEN)
		return xsctp_reject_init_ack(event, init->tag, XSCTP_CAUSE_MISSING, no_cookie,
					     sizeof(no_cookie));
	xsctp_accept_init_ack(event, init);
	return event->association->dead ? XSCTP_GONE : XSCTP_STOP;
}

/**
 * xsctp_do_init_ack() - the server answered, and remembers nothing
 * @event: an INIT ACK, in COOKIE_WAIT
 *
 * RFC 9260 sections 3.3.3 and 5.1 C. Without memory it is as if lost: the INIT goes out again.
 *
 * Return: what becomes of the rest of the packet: there is none.
 */
enum xsctp_verdict xsctp_do_init_ack(struct xsctp_event *event)
{
	/* Too large for the stack. */
	struct xsctp_init *init = kzalloc(sizeof(*init), GFP_ATOMIC | __GFP_NOWARN);
	enum xsctp_verdict verdict = XSCTP_STOP;

	if (init)
		verdict = xsctp_read_init_ack(event, init);
	kfree(init);
	return verdict;
}

/* ------------------------------------------------------- COOKIE ACK, or ERROR */

/**
 * xsctp_do_cookie_ack() - the server remembers us now
 * @event: a COOKIE ACK, in COOKIE_ECHOED
 *
 * RFC 9260 section 5.1 E.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_do_cookie_ack(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;

	xsctp_t1_answered(a, event->packet->transport);
	xsctp_count(a->sk, XSCTP_MIB_ACTIVE_ESTABS);
	xsctp_established(a);
	return a->dead ? XSCTP_GONE : XSCTP_NEXT;
}

/* How late it was, or how long it and its answer were on their way; and a second (5.2.6). */
static u32 xsctp_cookie_wish(const struct xsctp_association *a, u32 late_us)
{
	u64 ms = late_us / USEC_PER_MSEC;

	if (a->t1_sent_ns)
		ms = max(ms, div_u64(ktime_get_ns() - a->t1_sent_ns, NSEC_PER_MSEC));
	return min_t(u64, ms + MSEC_PER_SEC, 60 * MSEC_PER_SEC);
}

/**
 * xsctp_stale_cookie() - our COOKIE ECHO took longer than the cookie lived
 * @a: in COOKIE_ECHOED, locked
 * @cause: the ERROR's
 *
 * Once we try again, and ask for a cookie that lives longer. RFC 9260 section 5.2.6.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_stale_cookie(struct xsctp_association *a, const struct xsctp_tlv *cause)
{
	u32 late_us;

	if (xsctp_parse_u32(cause, &late_us))
		return XSCTP_NEXT;
	if (a->preservative) {
		xsctp_lost(a, ETIMEDOUT, XSCTP_CAUSE_STALE_COOKIE);
		return XSCTP_GONE;
	}
	a->preservative = xsctp_cookie_wish(a, late_us);
	kfree(a->cookie);
	a->cookie = NULL;
	a->cookie_len = 0;
	a->peer_tag = 0;
	a->init_attempts = 0;
	xsctp_purge_control(a);
	xsctp_outqueue_again(a);
	if (xsctp_send_init(a)) {
		xsctp_lost(a, ENOMEM, XSCTP_CAUSE_STALE_COOKIE);
		return XSCTP_GONE;
	}
	return XSCTP_STOP;
}
