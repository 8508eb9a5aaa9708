// SPDX-License-Identifier: GPL-2.0
/*
 * What the peer asks: its addresses come and go (RFC 5061 sections 5.2 and 5.3).
 *
 * Each ASCONF has a number, one more than the one before. The answer to the last is kept: who
 * did not get it asks again.
 */

#include <linux/inetdevice.h>

#include "asconf.h"

#define XSCTP_MAX_REQUESTS	20	/* of one ASCONF */
#define XSCTP_MAX_TOLD_BACK	32	/* octets of a request that was refused */
#define XSCTP_ANSWER_ROOM	(4 + XSCTP_MAX_REQUESTS * \
				 (XSCTP_REQUEST_LEN + XSCTP_TLV_LEN + XSCTP_MAX_TOLD_BACK))

static bool xsctp_asks_source(const struct xl4_addr *addr)
{
	return xl4_addr_is_any(addr) || (xl4_addr_is_v4(addr) && !addr->quad[3]);
}

/* One host's, of a family that the socket speaks, and not one of this link or machine alone. */
static bool xsctp_may_add(const struct sock *sk, const struct xl4_addr *from,
			  const struct xl4_addr *addr)
{
	if (xl4_addr_is_v4(addr))
		return !(sk->sk_family == AF_INET6 && sk->sk_ipv6only) &&
		       !ipv4_is_multicast(addr->quad[3]) && !ipv4_is_lbcast(addr->quad[3]) &&
		       !ipv4_is_zeronet(addr->quad[3]) && xsctp_in_scope(addr, from);
	return sk->sk_family == AF_INET6 && !ipv6_addr_is_multicast(&addr->in6) &&
	       xsctp_in_scope(addr, from);
}

/* What comes from there is another association's already, perhaps of another socket. */
static bool xsctp_is_anothers(const struct xsctp_association *a, const struct xsctp_packet *packet,
			      const struct xl4_addr *addr)
{
	struct xl4_tuple tuple = packet->tuple;
	struct xsctp_transport *t;

	tuple.remote = *addr;
	rcu_read_lock();
	t = xsctp_find_transport(xl4_sk(a->sk)->space, &tuple, packet->device, packet->l3_device);
	rcu_read_unlock();
	if (!t)
		return false;
	xsctp_transport_put(t);
	return true;
}

/* Each returns 0, or the cause of a refusal. */
static u16 xsctp_peer_adds(struct xsctp_association *a, const struct xsctp_packet *packet,
			   const struct xl4_addr *addr)
{
	struct xsctp_transport *t;

	if (xsctp_transport_of(a, addr))
		return 0;
	if (!xsctp_may_add(a->sk, &packet->tuple.remote, addr) ||
	    xsctp_is_anothers(a, packet, addr))
		return XSCTP_CAUSE_NO_AUTHORIZATION;
	t = xsctp_transport_add(a, addr, GFP_ATOMIC);
	if (!t)
		return XSCTP_CAUSE_SHORTAGE;
	xsctp_notify_peer_addr(t, SCTP_ADDR_ADDED, 0);
	/* RFC 9260 section 5.4: it has to prove itself, at once. */
	xsctp_heartbeat_start(t);
	return 0;
}

static void xsctp_peer_loses(struct xsctp_transport *t)
{
	struct xsctp_association *a = t->association;
	bool primary = a->primary == t;

	xsctp_notify_peer_addr(t, SCTP_ADDR_REMOVED, 0);
	xsctp_transport_remove(t);
	if (primary && !xsctp_sk(a->sk)->one_to_many)
		xsctp_follow_primary(a);
}

/* Of :: and 0.0.0.0: all but where this came from. */
static u16 xsctp_peer_drops_others(struct xsctp_association *a, const struct xl4_addr *from)
{
	struct xsctp_transport *t, *next, *keep = xsctp_transport_of(a, from);

	if (!keep)
		return XSCTP_CAUSE_LAST_ADDRESS;
	list_for_each_entry_safe(t, next, &a->transports, link)
		if (t != keep)
			xsctp_peer_loses(t);
	return 0;
}

static u16 xsctp_peer_drops(struct xsctp_association *a, const struct xl4_addr *from,
			    const struct xl4_addr *addr)
{
	struct xsctp_transport *t = xsctp_transport_of(a, addr);

	if (t && a->nr_transports == 1)
		return XSCTP_CAUSE_LAST_ADDRESS;
	if (xl4_addr_equal(addr, from))
		return XSCTP_CAUSE_SOURCE_ADDRESS;
	if (t)
		xsctp_peer_loses(t);
	return 0;
}

/* Nothing goes there before it has proved itself: the path is chosen then. */
static u16 xsctp_peer_prefers(struct xsctp_association *a, const struct xl4_addr *addr)
{
	struct xsctp_transport *t = xsctp_transport_of(a, addr);

	if (!t)
		return XSCTP_CAUSE_UNRESOLVABLE;
	if (a->primary == t)
		return 0;
	a->primary = t;
	if (t->state == SCTP_ACTIVE)
		a->active = t;
	if (!xsctp_sk(a->sk)->one_to_many)
		xsctp_follow_primary(a);
	xsctp_notify_peer_addr(t, SCTP_ADDR_MADE_PRIM, 0);
	return 0;
}

static u16 xsctp_do_request(struct xsctp_event *event, const struct xsctp_request *request)
{
	const struct xl4_addr *from = &event->packet->tuple.remote;
	struct xsctp_association *a = event->association;
	bool source = xsctp_asks_source(&request->addr);
	const struct xl4_addr *addr = source ? from : &request->addr;

	switch (request->param.type) {
	case XSCTP_PARAM_ADD_ADDRESS:
		return xsctp_peer_adds(a, event->packet, addr);
	case XSCTP_PARAM_DEL_ADDRESS:
		return source ? xsctp_peer_drops_others(a, from) : xsctp_peer_drops(a, from, addr);
	default:
		return xsctp_peer_prefers(a, addr);
	}
}

/* ---------------------------------------------------------------------- answers */

struct xsctp_answer {
	u8		*at;
	unsigned int	n;
};

static void xsctp_refuse(struct xsctp_answer *answer, const struct xsctp_request *request,
			 u16 cause)
{
	struct xsctp_tlv told = request->param;

	told.length = min_t(u16, told.length, XSCTP_MAX_TOLD_BACK);
	answer->at = xsctp_put_refusal(answer->at, request->id, cause, &told);
}

/* RFC 5061 section 5.2 with RFC 9260 section 3.2.1: its high bits say what is to become of it. */
static bool xsctp_answer_unknown(struct xsctp_answer *answer, const struct xsctp_request *request)
{
	u8 bits = request->param.type >> 8;

	if (bits & XSCTP_UNKNOWN_REPORT)
		xsctp_refuse(answer, request, XSCTP_CAUSE_UNKNOWN_PARAM);
	return bits & XSCTP_UNKNOWN_SKIP;
}

/* Returns whether the next may be looked at. */
static bool xsctp_answer_one(struct xsctp_event *event, struct xsctp_answer *answer,
			     const struct xsctp_request *request)
{
	u16 cause;

	if (++answer->n == XSCTP_MAX_REQUESTS) {
		xsctp_refuse(answer, request, XSCTP_CAUSE_SHORTAGE);
		return false;
	}
	if (!request->has_addr)
		return xsctp_answer_unknown(answer, request);
	cause = xsctp_do_request(event, request);
	if (cause)
		xsctp_refuse(answer, request, cause);
	else
		answer->at = xsctp_put_request(answer->at, XSCTP_PARAM_SUCCESS, request->id, NULL);
	return true;
}

static void xsctp_answer_all(struct xsctp_event *event, struct xsctp_answer *answer,
			     struct xsctp_walk *walk)
{
	struct xsctp_request request = { .id = 0 };
	int got;

	do {
		request.param.length = 0;
		got = xsctp_next_request(walk, &request);
	} while (got == 1 && xsctp_answer_one(event, answer, &request));
	/* Its number can be read, but not what it is about. */
	if (got < 0 && request.param.length >= XSCTP_REQUEST_LEN &&
	    request.param.length <= XSCTP_MAX_TOLD_BACK && request.param.bytes == walk->bytes -
	    XSCTP_PAD((u32)request.param.length))
		xsctp_refuse(answer, &request, XSCTP_CAUSE_INVALID_PARAM);
}

/* The answer is longer than what asks: many copies of that in one packet get it once. */
static bool xsctp_answer_waits(const struct xsctp_association *a)
{
	const struct xsctp_control *c;

	list_for_each_entry(c, &a->control, link)
		if (c->bytes[0] == XSCTP_ASCONF_ACK &&
		    !memcmp(c->bytes + XSCTP_TLV_LEN, a->asconf->answer, 4))
			return true;
	return false;
}

/* Where it came from, if that is an address of the peer's by now. */
static void xsctp_send_answer(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_asconf *as = a->asconf;

	if (xsctp_answer_waits(a))
		return;
	xsctp_queue_chunk(a, XSCTP_ASCONF_ACK, 0, as->answer, as->answer_len,
			  xsctp_transport_of(a, &event->packet->tuple.remote));
}

/**
 * xsctp_do_asconf() - the peer's addresses change
 * @event: an ASCONF, authenticated unless addip_noauth_enable
 *
 * RFC 5061 section 5.2.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_do_asconf(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_asconf *as = a->asconf;
	struct xsctp_asconf_head head;
	struct xsctp_answer answer = { .n = 0 };
	u8 *room;

	if (!as || xsctp_parse_asconf(&event->chunk, &head))
		return XSCTP_NEXT;
	if (head.serial == as->peer_serial && as->answer)
		xsctp_send_answer(event);
	if (head.serial != as->peer_serial + 1)
		return XSCTP_NEXT;
	room = kmalloc(XSCTP_ANSWER_ROOM, GFP_ATOMIC | __GFP_NOWARN);
	/* It will come again. */
	if (!room)
		return XSCTP_NEXT;
	as->peer_serial = head.serial;
	answer.at = xsctp_put_u32(room, head.serial);
	xsctp_answer_all(event, &answer, &head.requests);
	kfree(as->answer);
	as->answer = room;
	as->answer_len = answer.at - room;
	xsctp_send_answer(event);
	return XSCTP_NEXT;
}
