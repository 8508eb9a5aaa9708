// SPDX-License-Identifier: GPL-2.0
/*
 * DATA chunks in, messages out (RFC 9260 sections 6.2, 6.5, 6.9).
 *
 *	DATA --> whole ------------------------------------------> stream.c, or unordered:
 *	   `---> fragment --> run, by TSN --(B and E are there)-->  the program
 *				 `------(the buffer is full)------>  the program, in parts
 *
 * A run is a stretch of fragments of one message without a hole, a chain of skbs. Fragments that
 * come in order make one run longer; one that closes a hole joins two. So a fragment costs the
 * same however long its message is.
 */

#include "sctp.h"

struct xsctp_run {
	struct rb_node	node;		/* in association->fragments */
	u32		first;		/* TSN */
	u32		next;		/* TSN behind the last */
	u32		len;
	bool		begin;
	bool		end;
	struct sk_buff	*whole;		/* empty: the message will hang at it */
	struct sk_buff	*head;		/* the fragments, chained by next */
	struct sk_buff	*tail;
};

/* ---------------------------------------------------------------- skb of a chunk */

static void xsctp_describe_chunk(struct sk_buff *skb, const struct xsctp_data_header *h,
				 const struct xsctp_transport *from)
{
	struct xsctp_skb_cb *cb = XSCTP_SKB_CB(skb);

	skb->ip_summed = CHECKSUM_NONE;
	skb->next = NULL;
	cb->association = NULL;
	cb->tsn = h->tsn;
	cb->ppid = h->ppid;
	cb->sid = h->sid;
	cb->ssn = h->ssn;
	cb->path = from ? from->id : 0;
	cb->flags = h->flags;
	cb->notification = false;
}

/* ------------------------------------------------------------------------ runs */

static struct xsctp_run *xsctp_run_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct xsctp_run, node);
}

static struct xsctp_run *xsctp_first_run(struct xsctp_association *a)
{
	return xsctp_run_of(rb_first(&a->fragments));
}

/* The last run that begins before @tsn, and the first that begins behind it. */
static void xsctp_neighbours(struct xsctp_association *a, u32 tsn, struct xsctp_run **left,
			     struct xsctp_run **right)
{
	struct rb_node *node = a->fragments.rb_node;

	*left = NULL;
	*right = NULL;
	while (node) {
		struct xsctp_run *run = xsctp_run_of(node);

		if (tsn_before(run->first, tsn)) {
			*left = run;
			node = node->rb_right;
		} else {
			*right = run;
			node = node->rb_left;
		}
	}
}

static void xsctp_insert_run(struct xsctp_association *a, struct xsctp_run *run)
{
	struct rb_node **link = &a->fragments.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (tsn_before(run->first, xsctp_run_of(parent)->first))
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&run->node, parent, link);
	rb_insert_color(&run->node, &a->fragments);
}

static struct xsctp_run *xsctp_new_run(const struct sk_buff *skb)
{
	struct xsctp_run *run = kmalloc(sizeof(*run), GFP_ATOMIC);

	if (!run)
		return NULL;
	*run = (struct xsctp_run) {
		.whole = alloc_skb(0, GFP_ATOMIC),
		.first = XSCTP_SKB_CB(skb)->tsn,
		.next = XSCTP_SKB_CB(skb)->tsn,
		.begin = XSCTP_SKB_CB(skb)->flags & XSCTP_DATA_BEGIN,
	};
	if (run->whole)
		return run;
	kfree(run);
	return NULL;
}

static void xsctp_append(struct xsctp_run *run, struct sk_buff *skb)
{
	if (run->tail)
		run->tail->next = skb;
	else
		run->head = skb;
	run->tail = skb;
	run->len += skb->len;
	run->next++;
	run->end = XSCTP_SKB_CB(skb)->flags & XSCTP_DATA_END;
}

/* @right follows @left without a hole, and is freed. */
static void xsctp_join(struct xsctp_association *a, struct xsctp_run *left, struct xsctp_run *right)
{
	left->tail->next = right->head;
	left->tail = right->tail;
	left->len += right->len;
	left->next = right->next;
	left->end = right->end;
	rb_erase(&right->node, &a->fragments);
	kfree_skb(right->whole);
	kfree(right);
}

static void xsctp_drop_run(struct xsctp_association *a, struct xsctp_run *run)
{
	rb_erase(&run->node, &a->fragments);
	a->queued -= min(a->queued, run->len);
	kfree_skb_list(run->head);
	kfree_skb(run->whole);
	kfree(run);
}

/* Make one skb of a run, which is freed. */
static struct sk_buff *xsctp_run_skb(struct xsctp_association *a, struct xsctp_run *run)
{
	struct sk_buff *skb = run->head;
	u8 flags;

	rb_erase(&run->node, &a->fragments);
	flags = XSCTP_SKB_CB(skb)->flags & ~(XSCTP_DATA_BEGIN | XSCTP_DATA_END);
	flags |= (run->begin ? XSCTP_DATA_BEGIN : 0) | (run->end ? XSCTP_DATA_END : 0);
	if (run->head == run->tail) {
		kfree_skb(run->whole);
	} else {
		skb = run->whole;
		skb_shinfo(skb)->frag_list = run->head;
		skb->len = run->len;
		skb->data_len = run->len;
		skb->tstamp = run->head->tstamp;
		skb->protocol = run->head->protocol;
		memcpy(skb->cb, run->head->cb, sizeof(skb->cb));
		/* It is small, and the data in it is acknowledged: it must be. */
		sk_rmem_schedule(a->sk, skb, skb->truesize);
		xsctp_set_owner_r(skb, a);
	}
	XSCTP_SKB_CB(skb)->flags = flags;
	kfree(run);
	return skb;
}

/* ---------------------------------------------------------------- contradictions */

/* May a chunk with @h follow one with @before, next by TSN? Section 6.9. */
static bool xsctp_follows(const struct xsctp_skb_cb *before, const struct xsctp_data_header *h)
{
	if (before->flags & XSCTP_DATA_END)
		return h->flags & XSCTP_DATA_BEGIN;
	if (h->flags & XSCTP_DATA_BEGIN || before->sid != h->sid || before->ppid != h->ppid ||
	    (before->flags ^ h->flags) & XSCTP_DATA_UNORDERED)
		return false;
	return h->flags & XSCTP_DATA_UNORDERED || before->ssn == h->ssn;
}

/* Is one given up for another (RFC 3758), though no FORWARD TSN says so? By their flags. */
static bool xsctp_breaks_off(const struct xsctp_association *a, u8 before, u8 next)
{
	return a->forward_tsn && !(before & XSCTP_DATA_END) && next & XSCTP_DATA_BEGIN;
}

static bool xsctp_precedes(const struct xsctp_data_header *h, const struct xsctp_skb_cb *behind)
{
	struct xsctp_data_header next = {
		.sid = behind->sid, .ssn = behind->ssn, .ppid = behind->ppid,
		.flags = behind->flags,
	};
	struct xsctp_skb_cb before = {
		.sid = h->sid, .ssn = h->ssn, .ppid = h->ppid, .flags = h->flags,
	};

	return xsctp_follows(&before, &next);
}

/* Does a chunk fit what the program has of a message already? */
static bool xsctp_continues(const struct xsctp_association *a, const struct xsctp_data_header *h)
{
	struct xsctp_skb_cb before = {
		.sid = a->partial_sid, .ssn = a->partial_ssn, .ppid = a->partial_ppid,
		.flags = a->partial_flags,
	};

	return !a->partial_delivery || h->tsn != a->partial_tsn || xsctp_follows(&before, h) ||
	       xsctp_breaks_off(a, before.flags, h->flags);
}

static bool xsctp_fits(struct xsctp_association *a, const struct xsctp_data_header *h,
		       struct xsctp_run *left, struct xsctp_run *right)
{
	const struct xsctp_skb_cb *cb;

	cb = left && left->next == h->tsn ? XSCTP_SKB_CB(left->tail) : NULL;
	if (cb && !xsctp_follows(cb, h) && !xsctp_breaks_off(a, cb->flags, h->flags))
		return false;
	cb = right && right->first == h->tsn + 1 ? XSCTP_SKB_CB(right->head) : NULL;
	if (cb && !xsctp_precedes(h, cb) && !xsctp_breaks_off(a, h->flags, cb->flags))
		return false;
	return xsctp_continues(a, h);
}

/*
 * Is the first run one that can never be whole? All before it came, and yet its begin or its
 * end did not. Only what the peer gave up explains that (RFC 3758).
 */
static bool xsctp_is_torn(const struct xsctp_association *a, const struct xsctp_run *run)
{
	if (!run->begin && !tsn_after(run->first - 1, a->map.cum) &&
	    !(a->partial_delivery && run->first == a->partial_tsn))
		return true;
	return !run->end && !tsn_after(run->next, a->map.cum);
}

/* -------------------------------------------------------------- partial delivery */

/**
 * xsctp_partial_over() - let other messages pass again
 * @a: under its socket's lock; the last to hear of a partial delivery
 */
void xsctp_partial_over(struct xsctp_association *a)
{
	struct xsctp_sock *sp = xsctp_sk(a->sk);

	a->partial_delivery = false;
	if (sp->partial != a)
		return;
	sp->partial = NULL;
	if (skb_queue_empty(&sp->hidden))
		return;
	spin_lock_bh(&a->sk->sk_receive_queue.lock);
	skb_queue_splice_tail_init(&sp->hidden, &a->sk->sk_receive_queue);
	spin_unlock_bh(&a->sk->sk_receive_queue.lock);
	a->sk->sk_data_ready(a->sk);
}

/* The rest of a message will not come. */
static void xsctp_partial_abort(struct xsctp_association *a)
{
	struct xsctp_sock *sp = xsctp_sk(a->sk);

	if (!a->partial_delivery)
		return;
	/* Of what is hidden the event comes first. */
	if (sp->partial == a)
		sp->partial = NULL;
	xsctp_notify_partial_delivery(a, SCTP_PARTIAL_DELIVERY_ABORTED, a->partial_sid,
				      a->partial_ssn);
	sp->partial = a;
	xsctp_partial_over(a);
}

/* Deliver a run that is the next of a message in parts, or its begin. */
static void xsctp_deliver_part(struct xsctp_association *a, struct xsctp_run *run)
{
	bool end = run->end, ordered;
	u32 next = run->next;
	struct sk_buff *skb;

	skb = xsctp_run_skb(a, run);
	ordered = !(XSCTP_SKB_CB(skb)->flags & XSCTP_DATA_UNORDERED);
	a->partial_tsn = next;
	xsctp_deliver(a, skb);
	if (!end)
		return;
	xsctp_partial_over(a);
	if (ordered)
		xsctp_stream_next(a, a->partial_sid);
}

static void xsctp_partial_start(struct xsctp_association *a, struct xsctp_run *run)
{
	const struct xsctp_skb_cb *cb = XSCTP_SKB_CB(run->head);
	struct xsctp_sock *sp = xsctp_sk(a->sk);

	a->partial_delivery = true;
	a->partial_sid = cb->sid;
	a->partial_ssn = cb->ssn;
	a->partial_ppid = cb->ppid;
	a->partial_flags = cb->flags & XSCTP_DATA_UNORDERED;
	/* RFC 6458 section 8.1.20: at level 0 nothing comes between its parts. */
	if (!sp->interleave)
		sp->partial = a;
	xsctp_deliver_part(a, run);
}

/**
 * xsctp_inqueue_check() - must the program get a message in parts?
 * @a: under its socket's lock
 *
 * RFC 9260 section 6.9, RFC 6458 section 8.1.21: if what came of it has reached the partial
 * delivery point, or if the buffer is full and there is nothing else to read.
 */
void xsctp_inqueue_check(struct xsctp_association *a)
{
	struct xsctp_sock *sp = xsctp_sk(a->sk);
	struct xsctp_run *run = xsctp_first_run(a);
	const struct xsctp_skb_cb *cb;

	if (likely(!run) || a->partial_delivery || sp->partial || !run->begin ||
	    tsn_after(run->first, a->map.cum))
		return;
	cb = XSCTP_SKB_CB(run->head);
	if (!(cb->flags & XSCTP_DATA_UNORDERED) && xsctp_in_stream_ssn(a, cb->sid) != cb->ssn)
		return;
	if ((sp->pd_point && run->len >= sp->pd_point) ||
	    (skb_queue_empty(&a->sk->sk_receive_queue) && !xsctp_rwnd(a)))
		xsctp_partial_start(a, run);
}

/* ------------------------------------------------------------------------ chunks */

/* A whole message: section 6.6. */
static void xsctp_whole(struct xsctp_association *a, struct sk_buff *skb)
{
	if (XSCTP_SKB_CB(skb)->flags & XSCTP_DATA_UNORDERED)
		xsctp_deliver(a, skb);
	else
		xsctp_stream_receive(a, skb);
}

/* A run has grown: what does it give? */
static void xsctp_run_grew(struct xsctp_association *a, struct xsctp_run *run)
{
	if (run->begin && run->end) {
		xsctp_count(a->sk, XSCTP_MIB_REASM_USR_MSGS);
		xsctp_whole(a, xsctp_run_skb(a, run));
	} else if (a->partial_delivery && run->first == a->partial_tsn && !run->begin) {
		xsctp_deliver_part(a, run);
	}
}

/* Take a fragment. Returns false if there is no memory. */
static bool xsctp_fragment(struct xsctp_association *a, struct sk_buff *skb,
			   struct xsctp_run *left, struct xsctp_run *right)
{
	u32 tsn = XSCTP_SKB_CB(skb)->tsn;
	u8 flags = XSCTP_SKB_CB(skb)->flags;
	struct xsctp_run *run = left;

	if (!left || left->next != tsn || flags & XSCTP_DATA_BEGIN) {
		run = xsctp_new_run(skb);
		if (!run)
			return false;
		xsctp_insert_run(a, run);
	}
	xsctp_set_owner_r(skb, a);
	xsctp_rwnd_came(a, skb);
	xsctp_tsnmap_mark(&a->map, tsn);
	xsctp_append(run, skb);
	if (right && right->first == tsn + 1 && !(flags & XSCTP_DATA_END) && !right->begin)
		xsctp_join(a, run, right);
	xsctp_run_grew(a, run);
	return true;
}

static bool xsctp_accept_chunk(struct xsctp_association *a, struct sk_buff *skb,
			       struct xsctp_run *left, struct xsctp_run *right)
{
	const u8 whole = XSCTP_DATA_BEGIN | XSCTP_DATA_END;

	if ((XSCTP_SKB_CB(skb)->flags & whole) != whole)
		return xsctp_fragment(a, skb, left, right);
	xsctp_set_owner_r(skb, a);
	xsctp_rwnd_came(a, skb);
	xsctp_tsnmap_mark(&a->map, XSCTP_SKB_CB(skb)->tsn);
	xsctp_whole(a, skb);
	return true;
}

static enum xsctp_verdict xsctp_violation(struct xsctp_association *a)
{
	xsctp_abort(a, XSCTP_CAUSE_PROTOCOL, NULL, 0);
	return XSCTP_GONE;
}

/* All before it in its stream has come: nothing waits for it any more. */
static void xsctp_skip_message(struct xsctp_association *a, u16 sid, u16 ssn, u8 flags)
{
	if (!(flags & XSCTP_DATA_UNORDERED))
		xsctp_stream_skip(a, sid, ssn);
}

/* The cumulative TSN may have moved: look at what is left of messages below it. */
static enum xsctp_verdict xsctp_settle(struct xsctp_association *a)
{
	struct xsctp_skb_cb cb;
	struct xsctp_run *run;

	/* The TSN behind what was delivered in part has come, and was no part of it. */
	if (unlikely(a->partial_delivery) && !tsn_after(a->partial_tsn, a->map.cum)) {
		if (!a->forward_tsn)
			return xsctp_violation(a);
		xsctp_partial_abort(a);
		xsctp_skip_message(a, a->partial_sid, a->partial_ssn, a->partial_flags);
	}
	while (unlikely((run = xsctp_first_run(a))) && xsctp_is_torn(a, run)) {
		if (!a->forward_tsn)
			return xsctp_violation(a);
		cb = *XSCTP_SKB_CB(run->head);
		xsctp_drop_run(a, run);
		xsctp_skip_message(a, cb.sid, cb.ssn, cb.flags);
	}
	xsctp_inqueue_check(a);
	return XSCTP_NEXT;
}

static enum xsctp_verdict xsctp_discard(struct xsctp_association *a)
{
	xsctp_count(a->sk, XSCTP_MIB_IN_DATA_DISCARDS);
	a->sack_now = true;
	return XSCTP_NEXT;
}

/* A new TSN, of a stream that exists. */
static enum xsctp_verdict xsctp_new_data(struct xsctp_event *event,
					 const struct xsctp_data_header *h, u32 len)
{
	struct xsctp_association *a = event->association;
	struct xsctp_run *left, *right;
	struct sk_buff *skb;

	xsctp_neighbours(a, h->tsn, &left, &right);
	if (!xsctp_fits(a, h, left, right))
		return xsctp_violation(a);
	/* Before the packet's skb may be taken. */
	if (!xsctp_rwnd_takes(a, len + SKB_TRUESIZE(0), h->tsn == a->map.cum + 1))
		return xsctp_discard(a);
	if (!(h->flags & XSCTP_DATA_UNORDERED) && !xsctp_in_stream_use(a, h->sid))
		return xsctp_discard(a);
	skb = xsctp_take_chunk(event, len);
	if (!skb)
		return xsctp_discard(a);
	xsctp_describe_chunk(skb, h, event->packet->transport);
	if (!sk_rmem_schedule(a->sk, skb, skb->truesize) ||
	    !xsctp_accept_chunk(a, skb, left, right)) {
		kfree_skb(skb);
		return xsctp_discard(a);
	}
	return xsctp_settle(a);
}

static void xsctp_count_data(struct xsctp_association *a, const struct xsctp_data_header *h)
{
	if (h->flags & XSCTP_DATA_UNORDERED) {
		a->count.iuodchunks++;
		xsctp_count(a->sk, XSCTP_MIB_IN_UNORDER_CHUNKS);
	} else {
		a->count.iodchunks++;
		xsctp_count(a->sk, XSCTP_MIB_IN_ORDER_CHUNKS);
	}
	if (h->tsn != a->map.cum + 1)
		a->count.outofseqtsns++;
}

static enum xsctp_verdict xsctp_duplicate(struct xsctp_association *a, u32 tsn)
{
	a->count.idupchunks++;
	if (a->nr_dups < ARRAY_SIZE(a->dups))
		a->dups[a->nr_dups++] = tsn;
	a->sack_now = true;
	return XSCTP_NEXT;
}

/* Section 6.5: it is acknowledged, so that the peer goes on, and reported. */
static enum xsctp_verdict xsctp_no_stream(struct xsctp_association *a,
					  const struct xsctp_data_header *h)
{
	u8 info[4];

	xsctp_put_u16(xsctp_put_u16(info, h->sid), 0);
	xsctp_queue_error(a, XSCTP_CAUSE_STREAM, info, sizeof(info));
	xsctp_count(a->sk, XSCTP_MIB_IN_DATA_DISCARDS);
	xsctp_tsnmap_mark(&a->map, h->tsn);
	a->sack_now = true;
	return xsctp_settle(a);
}

/* Section 6.2: a chunk without data is a blunder to abort for. */
static enum xsctp_verdict xsctp_no_data(struct xsctp_association *a, u32 tsn)
{
	u8 info[4];

	xsctp_put_u32(info, tsn);
	xsctp_abort(a, XSCTP_CAUSE_NO_DATA, info, sizeof(info));
	return XSCTP_GONE;
}

/**
 * xsctp_do_data() - a DATA chunk came
 * @event: with its chunk, in a state that takes data
 *
 * RFC 9260 sections 6.2 and 6.9. The SACK is xsctp_sack_check()'s, at the end of the packet.
 *
 * Return: XSCTP_NEXT; or XSCTP_GONE: the association was aborted
 */
enum xsctp_verdict xsctp_do_data(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_packet *packet = event->packet;
	struct xsctp_data_header h;

	if (event->chunk.length < XSCTP_DATA_LEN)
		return xsctp_violation(a);
	if (event->chunk.length == XSCTP_DATA_LEN)
		return xsctp_no_data(a, xsctp_get_u32(event->chunk.bytes + XSCTP_TLV_LEN));
	if (xsctp_parse_data(&event->chunk, &h))
		return xsctp_violation(a);
	packet->has_data = true;
	if (packet->transport)
		a->last_data_from = packet->transport;
	a->last_data = jiffies;
	if (a->primary)
		a->peer_addr = a->primary->key.peer;
	/* RFC 7053 section 5.2 */
	if (h.flags & XSCTP_DATA_IMMEDIATE)
		a->sack_now = true;
	h.flags &= ~XSCTP_DATA_IMMEDIATE;
	switch (xsctp_tsnmap_check(&a->map, h.tsn)) {
	case XSCTP_TSN_DUPLICATE:
		return xsctp_duplicate(a, h.tsn);
	case XSCTP_TSN_TOO_FAR:
		return xsctp_discard(a);
	default:
		break;
	}
	xsctp_count_data(a, &h);
	if (h.sid >= a->nr_in)
		return xsctp_no_stream(a, &h);
	return xsctp_new_data(event, &h, event->chunk.length - XSCTP_DATA_LEN);
}

/* ------------------------------------------------------------------- FORWARD TSN */

static void xsctp_drop_runs(struct xsctp_association *a, u32 cum)
{
	struct xsctp_run *run;

	while ((run = xsctp_first_run(a)) && !tsn_after(run->first, cum))
		xsctp_drop_run(a, run);
}

/* Without memory for one of these streams the chunk is as good as lost: it will be repeated. */
static bool xsctp_may_skip(struct xsctp_association *a, const u8 *at, u32 left)
{
	for (; left >= 4; at += 4, left -= 4) {
		u16 sid = xsctp_get_u16(at);

		if (sid < a->nr_in && !xsctp_in_stream_use(a, sid))
			return false;
	}
	return true;
}

/* The streams that the peer has given up something of. */
static void xsctp_skip_streams(struct xsctp_association *a, const u8 *at, u32 left)
{
	for (; left >= 4; at += 4, left -= 4) {
		u16 sid = xsctp_get_u16(at);

		if (sid < a->nr_in)
			xsctp_stream_skip(a, sid, xsctp_get_u16(at + 2));
	}
}

/**
 * xsctp_do_forward_tsn() - the peer has given up something
 * @event: with its chunk, whose bytes are all there
 *
 * RFC 3758 section 3.6.
 *
 * Return: XSCTP_NEXT; or XSCTP_GONE: the association was aborted
 */
enum xsctp_verdict xsctp_do_forward_tsn(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	const struct xsctp_tlv *chunk = &event->chunk;
	u32 cum;

	if (!a->forward_tsn) {
		xsctp_queue_error(a, XSCTP_CAUSE_UNKNOWN_CHUNK, chunk->bytes,
				  min_t(u16, chunk->length, 64));
		return XSCTP_NEXT;
	}
	if (chunk->length < XSCTP_TLV_LEN + 4)
		return xsctp_violation(a);
	cum = xsctp_get_u32(chunk->bytes + XSCTP_TLV_LEN);
	/* One that comes late is answered too, lest the peer waits. */
	event->packet->has_data = true;
	a->sack_now = true;
	if (!tsn_after(cum, a->map.cum) ||
	    xsctp_tsnmap_check(&a->map, cum) == XSCTP_TSN_TOO_FAR ||
	    !xsctp_may_skip(a, chunk->bytes + XSCTP_TLV_LEN + 4, chunk->length - XSCTP_TLV_LEN - 4))
		return XSCTP_NEXT;
	xsctp_tsnmap_forward(&a->map, cum);
	xsctp_drop_runs(a, cum);
	if (a->partial_delivery && !tsn_after(a->partial_tsn, cum))
		xsctp_partial_abort(a);
	xsctp_skip_streams(a, chunk->bytes + XSCTP_TLV_LEN + 4,
			   chunk->length - XSCTP_TLV_LEN - 4);
	return xsctp_settle(a);
}

/* ---------------------------------------------------------------------- the whole */

/**
 * xsctp_inqueue_purge() - the association ends: no message will be whole any more
 * @a: under its socket's lock
 *
 * What is the program's already it may still read.
 */
void xsctp_inqueue_purge(struct xsctp_association *a)
{
	struct xsctp_run *run;

	while ((run = xsctp_first_run(a)))
		xsctp_drop_run(a, run);
	xsctp_partial_abort(a);
}

/**
 * xsctp_inqueue_move() - the association gets another socket
 * @a: under both sockets' locks
 * @to: charged from now on, with fragments and with what waits in streams
 */
void xsctp_inqueue_move(struct xsctp_association *a, struct sock *to)
{
	struct rb_node *node;
	struct sk_buff *skb;

	for (node = rb_first(&a->fragments); node; node = rb_next(node)) {
		for (skb = xsctp_run_of(node)->head; skb; skb = skb->next)
			xsctp_change_owner_r(skb, to);
	}
	xsctp_streams_move(a, to);
}
