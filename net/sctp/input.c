// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's chunks, one by one.
 *
 *	xsctp_association_rcv()	    its transport was found: the tag has to be right (8.5)
 *	xsctp_endpoint_rcv()	    for who listens: INIT and COOKIE ECHO (5.1)
 *	xsctp_rcv_ootb()	    for nobody: out of the blue (8.4)
 *
 * A packet may lie in pages. Of a DATA chunk only the header is read here, into the event;
 * what else lies in pages is copied, for control chunks are short. So nothing in the packet
 * moves, and whoever keeps a part of it may rely on that.
 */

#include <linux/random.h>

#include "sctp.h"

/* Chunks of unknown type that one packet may have us report. */
#define XSCTP_MAX_REPORTS	4

/* ---------------------------------------------------------------------- walk */

/* What of the chunk has to be at hand. */
static int xsctp_chunk_fetch(struct sk_buff *skb, u32 offset, struct xsctp_event *event)
{
	struct xsctp_tlv *chunk = &event->chunk;
	u32 need = chunk->length;

	if (chunk->type == XSCTP_DATA) {
		need = min_t(u32, need, XSCTP_DATA_LEN);
		chunk->bytes = event->header;
		return skb_copy_bits(skb, offset, event->header, need);
	}
	if (offset + need <= skb_headlen(skb)) {
		chunk->bytes = skb->data + offset;
		return 0;
	}
	event->copy = kmalloc(need, GFP_ATOMIC | __GFP_NOWARN);
	if (!event->copy)
		return -ENOMEM;
	chunk->bytes = event->copy;
	return skb_copy_bits(skb, offset, event->copy, need);
}

static void xsctp_chunk_done(struct xsctp_event *event)
{
	kfree(event->copy);
	event->copy = NULL;
}

/*
 * The chunk at *@offset of the packet, which is moved behind it. Returns 1; 0 if there is no
 * more; or -EINVAL, -ENOMEM, -EFAULT: nothing that follows can be read.
 */
static int xsctp_chunk_next(struct xsctp_event *event, u32 *offset)
{
	struct sk_buff *skb = event->packet->skb;
	struct xsctp_tlv *chunk = &event->chunk;
	u8 buffer[XSCTP_TLV_LEN];
	const u8 *bytes;
	int err;

	xsctp_chunk_done(event);
	if (!skb || *offset >= skb->len)
		return 0;
	bytes = skb_header_pointer(skb, *offset, sizeof(buffer), buffer);
	if (!bytes)
		return -EINVAL;
	chunk->type = bytes[0];
	chunk->flags = bytes[1];
	chunk->length = xsctp_get_u16(bytes + 2);
	if (chunk->length < XSCTP_TLV_LEN || chunk->length > skb->len - *offset)
		return -EINVAL;
	err = xsctp_chunk_fetch(skb, *offset, event);
	if (err)
		return err;
	event->offset = *offset;
	*offset += min_t(u32, XSCTP_PAD((u32)chunk->length), skb->len - *offset);
	event->last = *offset >= skb->len;
	return 1;
}

/* --------------------------------------------------------------- association */

/* Who was reflected to tells its own tag; 8.5.1 B and C. */
static bool xsctp_tag_reflects(const struct xsctp_association *a, const struct xsctp_event *event)
{
	u32 tag = event->packet->header.tag;

	if (event->chunk.flags & XSCTP_TAG_REFLECTED)
		return a->peer_tag && tag == a->peer_tag;
	return tag == a->my_tag;
}

/* RFC 4895 section 6.3: an AUTH chunk may be in front of a COOKIE ECHO, and is then the first. */
static bool xsctp_cookie_follows(const struct xsctp_event *event)
{
	u32 next = event->offset + XSCTP_PAD((u32)event->chunk.length);
	u8 buffer;
	const u8 *type;

	if (event->chunk.type != XSCTP_AUTH || event->offset != XSCTP_HEADER_LEN)
		return false;
	type = skb_header_pointer(event->packet->skb, next, sizeof(buffer), &buffer);
	return type && *type == XSCTP_COOKIE_ECHO;
}

/* Is the packet that begins with this chunk the peer's (8.5), and may others follow (6.10)? */
static bool xsctp_packet_ok(const struct xsctp_association *a, const struct xsctp_event *event)
{
	u32 tag = event->packet->header.tag;

	switch (event->chunk.type) {
	case XSCTP_INIT:
		return !tag && event->last;
	case XSCTP_INIT_ACK:
		return tag == a->my_tag && event->last;
	case XSCTP_ABORT:
		return xsctp_tag_reflects(a, event);
	case XSCTP_SHUTDOWN_COMPLETE:
		return xsctp_tag_reflects(a, event) && event->last;
	case XSCTP_SHUTDOWN_ACK:
		/* E: the peer may be of an association of old. */
		return tag == a->my_tag ||
		       xsctp_in(a, XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) |
				   XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED));
	case XSCTP_COOKIE_ECHO:
		/* D: the tag is compared to the cookie's. */
		return true;
	case XSCTP_AUTH:
		return tag == a->my_tag || xsctp_cookie_follows(event);
	default:
		return tag == a->my_tag;
	}
}

/* May this chunk come behind another one? */
static bool xsctp_may_follow(const struct xsctp_association *a, const struct xsctp_event *event)
{
	switch (event->chunk.type) {
	case XSCTP_INIT:
	case XSCTP_INIT_ACK:
	case XSCTP_SHUTDOWN_COMPLETE:
		return false;
	case XSCTP_COOKIE_ECHO:
		return event->offset == event->cookie_offset;
	case XSCTP_ABORT:
		return xsctp_tag_reflects(a, event);
	default:
		return event->packet->header.tag == a->my_tag;
	}
}

static bool xsctp_chunk_known(const struct xsctp_association *a, u8 type)
{
	if (type == XSCTP_FORWARD_TSN)
		return a->forward_tsn;
	if (type == XSCTP_ASCONF || type == XSCTP_ASCONF_ACK)
		return a->asconf_agreed;
	return type <= XSCTP_SHUTDOWN_COMPLETE;
}

/* RFC 9260 section 3.2: its high bits say what is to become of it. */
static enum xsctp_verdict xsctp_unknown_chunk(struct xsctp_event *event, unsigned int *reports)
{
	const struct xsctp_tlv *chunk = &event->chunk;
	struct xsctp_association *a = event->association;

	if (chunk->type & XSCTP_UNKNOWN_REPORT && a->peer_tag && *reports < XSCTP_MAX_REPORTS) {
		(*reports)++;
		xsctp_queue_error(a, XSCTP_CAUSE_UNKNOWN_CHUNK, chunk->bytes, chunk->length);
	}
	return chunk->type & XSCTP_UNKNOWN_SKIP ? XSCTP_NEXT : XSCTP_STOP;
}

/* Appendix A: which of the packet's TSNs is named is the lowest, and that comes first. */
static void xsctp_note_data(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_data_header d;

	if (event->packet->has_data || !event->packet->ce || !a->ecn)
		return;
	if (!xsctp_parse_data(&event->chunk, &d))
		xsctp_ecn_marked(a, d.tsn);
}

static enum xsctp_verdict xsctp_one_chunk(struct xsctp_event *event, unsigned int *reports)
{
	struct xsctp_association *a = event->association;
	enum xsctp_verdict verdict;

	if (xsctp_auth_missing(event))
		return XSCTP_NEXT;
	if (event->chunk.type == XSCTP_DATA) {
		xsctp_note_data(event);
	} else {
		xsctp_count(a->sk, XSCTP_MIB_IN_CTRL_CHUNKS);
		a->count.ictrlchunks++;
	}
	if (event->chunk.type == XSCTP_AUTH &&
	    (xsctp_auth_is_on(a) || xsctp_cookie_follows(event)))
		return xsctp_do_auth(event, xsctp_cookie_follows(event));
	if (!xsctp_chunk_known(a, event->chunk.type))
		return xsctp_unknown_chunk(event, reports);
	verdict = xsctp_chunk_event(event);
	if (a->dead)
		return XSCTP_GONE;
	return verdict;
}

/* What is left of a packet, from @offset on. */
static void xsctp_chunks_rcv(struct xsctp_event *event, u32 offset, bool first)
{
	struct xsctp_association *a = event->association;
	unsigned int reports = 0;

	while (xsctp_chunk_next(event, &offset) == 1) {
		if (first ? !xsctp_packet_ok(a, event) : !xsctp_may_follow(a, event)) {
			xsctp_count(a->sk, XSCTP_MIB_IN_PKT_DISCARDS);
			break;
		}
		first = false;
		if (xsctp_one_chunk(event, &reports) != XSCTP_NEXT)
			break;
	}
	xsctp_chunk_done(event);
}

/* The packet was read: what is to be said now? */
static void xsctp_packet_done(struct xsctp_association *a, struct xsctp_packet *packet)
{
	if (a->dead)
		return;
	if (packet->has_data) {
		a->last_data = jiffies;
		xsctp_sack_check(a, packet);
		/* 9.2: each packet with data is answered so; otherwise one SACK is for a train. */
		if (a->state == SCTP_SHUTDOWN_SENT)
			xsctp_send_shutdown(a);
		else if (packet->more)
			return;
	}
	xsctp_flush(a);
}

/**
 * xsctp_association_rcv() - a packet for an association
 * @a: locked, its socket and @a held by the caller; may be gone afterwards: a->dead
 * @packet: from one of its transports, which the caller holds; the skb is still the caller's,
 *	unless it is NULL afterwards
 *
 * Softirq, or process context with bottom halves off. RFC 9260 sections 6.10 and 8.5.
 */
void xsctp_association_rcv(struct xsctp_association *a, struct xsctp_packet *packet)
{
	struct xsctp_event event = {
		.association = a,
		.packet = packet,
	};

	xsctp_chunks_rcv(&event, XSCTP_HEADER_LEN, true);
	xsctp_packet_done(a, packet);
}

/* ------------------------------------------------------------------ endpoint */

/* The association was born while this packet waited for the endpoint. */
static bool xsctp_born_meanwhile(struct sock *sk, struct xsctp_packet *packet)
{
	struct xsctp_transport *t;

	rcu_read_lock();
	t = xsctp_find_transport(xl4_sk(sk)->space, &packet->tuple, packet->device,
				 packet->l3_device);
	rcu_read_unlock();
	if (!t)
		return false;
	/* One that has a socket of its own answered this cookie already. */
	if (t->association->sk == sk && !t->dead) {
		packet->transport = t;
		xsctp_association_rcv(t->association, packet);
		packet->transport = NULL;
	}
	xsctp_transport_put(t);
	return true;
}

/* A COOKIE ECHO made an association: the rest of the packet is for that. */
static void xsctp_born_rcv(struct xsctp_event *event, u32 offset)
{
	struct xsctp_association *a = event->association;
	struct xsctp_packet *packet = event->packet;
	struct xsctp_transport *t = xsctp_transport_of(a, &packet->tuple.remote);

	/* Both may go while their packet is read. */
	refcount_inc(&a->ref);
	refcount_inc(&t->ref);
	packet->transport = t;
	a->count.ipackets++;
	xsctp_chunks_rcv(event, offset, false);
	xsctp_packet_done(a, packet);
	packet->transport = NULL;
	xsctp_transport_put(t);
	xsctp_association_put(a);
}

static void xsctp_endpoint_cookie(struct sock *sk, struct xsctp_event *event, u32 offset)
{
	struct sock *child;

	if (xsctp_born_meanwhile(sk, event->packet))
		return;
	if (xsctp_do_cookie_echo(sk, event) != XSCTP_NEXT || !event->association)
		return;
	child = event->association->sk;
	xsctp_born_rcv(event, offset);
	if (child != sk)
		xsctp_child_ready(sk, child);
}

/* In front of a COOKIE ECHO, whose cookie tells whether it is right. */
static void xsctp_endpoint_auth(struct sock *sk, struct xsctp_event *event, u32 offset)
{
	if (!xsctp_cookie_follows(event)) {
		xsctp_rcv_ootb(xl4_sk(sk)->space, event->packet);
		return;
	}
	xsctp_do_auth(event, true);
	if (xsctp_chunk_next(event, &offset) == 1)
		xsctp_endpoint_cookie(sk, event, offset);
}

/**
 * xsctp_endpoint_rcv() - a packet for who listens
 * @sk: locked, by bh_lock_sock() or with bottom halves off; held by the caller
 * @packet: of no transport; the skb as in xsctp_association_rcv()
 *
 * RFC 9260 sections 5.1 and 8.4, rules 3 and 4.
 */
void xsctp_endpoint_rcv(struct sock *sk, struct xsctp_packet *packet)
{
	struct xsctp_event event = { .packet = packet };
	u32 offset = XSCTP_HEADER_LEN;

	/* It may have been closed while we came. */
	if (sk->sk_state != TCP_LISTEN) {
		xsctp_rcv_ootb(xl4_sk(sk)->space, packet);
		return;
	}
	if (xsctp_chunk_next(&event, &offset) != 1)
		goto out;
	switch (event.chunk.type) {
	case XSCTP_INIT:
		xsctp_count(sk, XSCTP_MIB_IN_CTRL_CHUNKS);
		if (!packet->header.tag && event.last)
			xsctp_answer_init(sk, NULL, packet, &event.chunk);
		else
			xsctp_count(sk, XSCTP_MIB_IN_PKT_DISCARDS);
		break;
	case XSCTP_COOKIE_ECHO:
		xsctp_count(sk, XSCTP_MIB_IN_CTRL_CHUNKS);
		xsctp_endpoint_cookie(sk, &event, offset);
		break;
	case XSCTP_AUTH:
		xsctp_endpoint_auth(sk, &event, offset);
		break;
	default:
		xsctp_rcv_ootb(xl4_sk(sk)->space, packet);
		break;
	}
out:
	xsctp_chunk_done(&event);
}

/* ----------------------------------------------------------- out of the blue */

enum xsctp_ootb {
	XSCTP_OOTB_ABORT,		/* 8.4, rule 8: what is left when nothing else holds */
	XSCTP_OOTB_SILENCE,	/* rules 1, 2, 6, 7; 4: a cookie that nobody made; no packet */
	XSCTP_OOTB_REFUSE,		/* rule 3: an INIT, and nobody to take it */
	XSCTP_OOTB_COMPLETE,		/* rule 5 */
};

static bool xsctp_is_unicast(const struct xl4_addr *addr)
{
	if (xl4_addr_is_v4(addr))
		return !ipv4_is_multicast(addr->quad[3]) && !ipv4_is_lbcast(addr->quad[3]) &&
		       !ipv4_is_zeronet(addr->quad[3]);
	return !ipv6_addr_is_multicast(&addr->in6) && !xl4_addr_is_any(addr);
}

static bool xsctp_is_stale_error(const struct xsctp_tlv *chunk)
{
	struct xsctp_walk walk;
	struct xsctp_tlv cause;

	if (chunk->type != XSCTP_ERROR)
		return false;
	xsctp_walk_params(chunk, XSCTP_TLV_LEN, &walk);
	while (xsctp_next_param(&walk, &cause) == 1)
		if (cause.type == XSCTP_CAUSE_STALE_COOKIE)
			return true;
	return false;
}

/* What one chunk asks for; XSCTP_OOTB_ABORT: nothing in particular. */
static enum xsctp_ootb xsctp_ootb_chunk(const struct xsctp_event *event, bool first)
{
	switch (event->chunk.type) {
	case XSCTP_ABORT:
	case XSCTP_SHUTDOWN_COMPLETE:
	case XSCTP_COOKIE_ACK:
	case XSCTP_COOKIE_ECHO:
		return XSCTP_OOTB_SILENCE;
	case XSCTP_INIT:
		return !event->packet->header.tag && first && event->last &&
		       event->chunk.length >= XSCTP_INIT_LEN &&
		       xsctp_get_u32(event->chunk.bytes + XSCTP_TLV_LEN) ?
		       XSCTP_OOTB_REFUSE : XSCTP_OOTB_SILENCE;
	case XSCTP_SHUTDOWN_ACK:
		return XSCTP_OOTB_COMPLETE;
	case XSCTP_ERROR:
		return xsctp_is_stale_error(&event->chunk) ? XSCTP_OOTB_SILENCE : XSCTP_OOTB_ABORT;
	default:
		return XSCTP_OOTB_ABORT;
	}
}

/* *@tag: of the answer. */
static enum xsctp_ootb xsctp_ootb_packet(struct xsctp_packet *packet, u32 *tag)
{
	struct xsctp_event event = { .packet = packet };
	enum xsctp_ootb what = XSCTP_OOTB_SILENCE, one;
	u32 offset = XSCTP_HEADER_LEN;
	bool first = true;
	int got;

	*tag = packet->header.tag;
	while ((got = xsctp_chunk_next(&event, &offset)) == 1) {
		one = xsctp_ootb_chunk(&event, first);
		if (one == XSCTP_OOTB_REFUSE)
			*tag = xsctp_get_u32(event.chunk.bytes + XSCTP_TLV_LEN);
		/* An ABORT counts wherever it is; else what comes first. */
		if (first || one == XSCTP_OOTB_SILENCE)
			what = one;
		if (what != XSCTP_OOTB_ABORT && what != XSCTP_OOTB_COMPLETE)
			break;
		first = false;
	}
	xsctp_chunk_done(&event);
	return got < 0 ? XSCTP_OOTB_SILENCE : what;
}

/**
 * xsctp_may_reply() - may a packet that is for nobody be answered now?
 * @space: of the protocol, in the packet's namespace
 * @packet: that is for nobody, or an INIT or a cookie that is not good
 *
 * Anybody can send such packets, and in another's name. So the answers are rationed, as ICMP's
 * are: net.xl4.sctp.reply_limit a second in a namespace, half of it at random, which tells nobody
 * how many others got (as with RFC 5961's challenges). INIT ACKs are not: they are the service.
 *
 * Return: whether; an answer is counted as sent
 */
bool xsctp_may_reply(struct xl4_space *space, const struct xsctp_packet *packet)
{
	struct xsctp_net *xn = xsctp_net(space->net);
	int limit = READ_ONCE(xn->set.reply_limit), half = limit / 2 + limit % 2;
	unsigned long now = jiffies;

	if (!time_before(now, READ_ONCE(xn->reply_second))) {
		WRITE_ONCE(xn->reply_second, now + HZ);
		atomic_set(&xn->replies, half + get_random_u32() % max(half, 1));
	}
	if (atomic_dec_if_positive(&xn->replies) >= 0)
		return true;
	xl4_mib_inc(&space->mib[packet->v6], XSCTP_MIB_REPLIES_LIMITED);
	return false;
}

/**
 * xsctp_rcv_ootb() - a packet that is for nobody
 * @space: of the protocol, in the packet's namespace
 * @packet: its checksum is right; the skb stays the caller's
 *
 * RFC 9260 section 8.4. Softirq, or process context with bottom halves off.
 */
void xsctp_rcv_ootb(struct xl4_space *space, struct xsctp_packet *packet)
{
	u8 chunk[XSCTP_TLV_LEN];
	enum xsctp_ootb what;
	u32 tag;

	xl4_mib_inc(&space->mib[packet->v6], XSCTP_MIB_OUT_OF_BLUES);
	if (!packet->skb || packet->skb->pkt_type != PACKET_HOST ||
	    !xsctp_is_unicast(&packet->tuple.remote) || !xsctp_is_unicast(&packet->tuple.local))
		return;
	what = xsctp_ootb_packet(packet, &tag);
	if (what == XSCTP_OOTB_SILENCE || !xsctp_may_reply(space, packet))
		return;
	switch (what) {
	case XSCTP_OOTB_SILENCE:
		return;
	case XSCTP_OOTB_COMPLETE:
		xsctp_put_chunk(chunk, XSCTP_SHUTDOWN_COMPLETE, XSCTP_TAG_REFLECTED, sizeof(chunk));
		break;
	case XSCTP_OOTB_REFUSE:
		xsctp_put_chunk(chunk, XSCTP_ABORT, 0, sizeof(chunk));
		break;
	case XSCTP_OOTB_ABORT:
		xsctp_put_chunk(chunk, XSCTP_ABORT, XSCTP_TAG_REFLECTED, sizeof(chunk));
		break;
	}
	xsctp_reply(space, packet, tag, chunk, sizeof(chunk));
}
