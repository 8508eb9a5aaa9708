// SPDX-License-Identifier: GPL-2.0
/*
 * Streams, and order within one (RFC 9260 section 6.6): whole messages wait for those before them
 * in their stream, and for no others.
 *
 * There may be 65535 streams each way. What is known of one is the number of its next message, in
 * a block that is made when it is first used; what waits is in one tree for all of them. So a
 * stream that nobody uses costs nothing, and one that is used two octets.
 */

#include "sctp.h"

/* ---------------------------------------------------------------- blocks of streams */

/* The block @index of @blocks, made if it is not there; NULL without memory. */
static void *xsctp_block(struct xarray *blocks, unsigned int index, size_t size, gfp_t gfp)
{
	void *block = xa_load(blocks, index);

	if (likely(block))
		return block;
	block = kzalloc(size, gfp | __GFP_NOWARN);
	if (!block)
		return NULL;
	if (!xa_err(xa_store_bh(blocks, index, block, gfp | __GFP_NOWARN)))
		return block;
	kfree(block);
	return NULL;
}

static void xsctp_free_blocks(struct xarray *blocks)
{
	unsigned long index;
	void *block;

	xa_for_each(blocks, index, block)
		kfree(block);
	xa_destroy(blocks);
}

/**
 * xsctp_out_stream() - what is known of an outgoing stream
 * @a: under its socket's lock
 * @sid: of the stream
 *
 * Return: the stream; NULL: nothing was sent by it or by those beside it
 */
struct xsctp_out_stream *xsctp_out_stream(struct xsctp_association *a, u16 sid)
{
	struct xsctp_out_block *block = xa_load(&a->out, sid / XSCTP_OUT_BLOCK);

	return block ? &block->stream[sid % XSCTP_OUT_BLOCK] : NULL;
}

/**
 * xsctp_out_stream_use() - a message is to be sent by a stream
 * @a: under its socket's lock
 * @sid: of the stream
 * @gfp: how to get memory
 *
 * Return: whether there is memory; then xsctp_out_stream() finds it as long as @a lives
 */
bool xsctp_out_stream_use(struct xsctp_association *a, u16 sid, gfp_t gfp)
{
	return xsctp_block(&a->out, sid / XSCTP_OUT_BLOCK, sizeof(struct xsctp_out_block), gfp);
}

/* NULL: nothing in order came by it. */
static u16 *xsctp_in_stream(struct xsctp_association *a, u16 sid)
{
	struct xsctp_in_block *block = xa_load(&a->in, sid / XSCTP_IN_BLOCK);

	return block ? &block->ssn[sid % XSCTP_IN_BLOCK] : NULL;
}

/**
 * xsctp_in_stream_use() - something in order comes by a stream
 * @a: under its socket's lock
 * @sid: of the stream, less than a->nr_in
 *
 * Any context but hard interrupts. Whatever is to be put in order needs this before it is
 * acknowledged.
 *
 * Return: whether there is memory
 */
bool xsctp_in_stream_use(struct xsctp_association *a, u16 sid)
{
	return xsctp_block(&a->in, sid / XSCTP_IN_BLOCK, sizeof(struct xsctp_in_block), GFP_ATOMIC);
}

/**
 * xsctp_in_stream_ssn() - the number of the next message of a stream
 * @a: under its socket's lock
 * @sid: of the stream
 *
 * Return: the SSN
 */
u16 xsctp_in_stream_ssn(struct xsctp_association *a, u16 sid)
{
	const u16 *ssn = xsctp_in_stream(a, sid);

	return ssn ? *ssn : 0;
}

/**
 * xsctp_streams_init() - no stream yet
 * @a: a new association
 */
void xsctp_streams_init(struct xsctp_association *a)
{
	/* The socket's lock serves; but it is held with bottom halves on and off. */
	xa_init_flags(&a->out, XA_FLAGS_LOCK_BH);
	xa_init_flags(&a->in, XA_FLAGS_LOCK_BH);
	a->ahead = RB_ROOT;
}

/**
 * xsctp_streams_free() - forget all streams
 * @a: under its socket's lock; nothing waits to be sent any more
 */
void xsctp_streams_free(struct xsctp_association *a)
{
	xsctp_streams_purge(a);
	xsctp_free_blocks(&a->out);
	xsctp_free_blocks(&a->in);
	a->nr_out = 0;
	a->nr_in = 0;
}

/**
 * xsctp_streams_set() - so many streams there are, as both sides agreed
 * @a: under its socket's lock
 * @out: ours; the numbers of messages that wait already stay as they are
 * @in: the peer's
 *
 * RFC 9260 section 5.1.1.
 */
void xsctp_streams_set(struct xsctp_association *a, u16 out, u16 in)
{
	/* What waits, if anything, belongs to a peer that was restarted. */
	xsctp_streams_purge(a);
	a->nr_out = out;
	a->nr_in = in;
}

/**
 * xsctp_streams_restart() - all streams begin anew, both ways
 * @a: under its socket's lock; what waited was dropped
 *
 * RFC 9260 section 5.2.4, action A.
 */
void xsctp_streams_restart(struct xsctp_association *a)
{
	struct xsctp_out_block *out;
	struct xsctp_in_block *in;
	unsigned long index;
	unsigned int i;

	xa_for_each(&a->out, index, out) {
		for (i = 0; i < XSCTP_OUT_BLOCK; i++)
			out->stream[i].ssn = 0;
	}
	xa_for_each(&a->in, index, in)
		memset(in, 0, sizeof(*in));
}

/* -------------------------------------------------------------------- order */

/**
 * xsctp_deliver() - a message is the program's
 * @a: under its socket's lock
 * @message: owned by the socket; consumed
 */
void xsctp_deliver(struct xsctp_association *a, struct sk_buff *message)
{
	struct sock *sk = a->sk;

	/* Nobody will read it. */
	if (sk->sk_shutdown & RCV_SHUTDOWN) {
		a->queued -= min(a->queued, message->len);
		kfree_skb(message);
		return;
	}
	refcount_inc(&a->ref);
	XSCTP_SKB_CB(message)->association = a;
	xsctp_queue_rcv(sk, message);
}

/* Does a message come before that of @sid and @ssn? Those of one stream are near each other. */
static bool xsctp_is_before(const struct sk_buff *skb, u16 sid, u16 ssn)
{
	const struct xsctp_skb_cb *cb = XSCTP_SKB_CB(skb);

	return cb->sid != sid ? cb->sid < sid : ssn_before(cb->ssn, ssn);
}

/* Put a message that is ahead of its time among the others; false: there is one of its number. */
static bool xsctp_stream_queue(struct xsctp_association *a, struct sk_buff *message)
{
	struct rb_node **link = &a->ahead.rb_node, *parent = NULL;
	const struct xsctp_skb_cb *cb = XSCTP_SKB_CB(message);

	while (*link) {
		struct sk_buff *skb = rb_to_skb(*link);

		parent = *link;
		if (XSCTP_SKB_CB(skb)->sid == cb->sid && XSCTP_SKB_CB(skb)->ssn == cb->ssn)
			return false;
		link = xsctp_is_before(skb, cb->sid, cb->ssn) ? &parent->rb_right :
								&parent->rb_left;
	}
	rb_link_node(&message->rbnode, parent, link);
	rb_insert_color(&message->rbnode, &a->ahead);
	return true;
}

static void xsctp_stream_unlink(struct xsctp_association *a, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, &a->ahead);
	/* The node lies over these. */
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

/* The message of a stream with the lowest number that waits; NULL: none does. */
static struct sk_buff *xsctp_stream_first(const struct xsctp_association *a, u16 sid, u16 ssn)
{
	struct rb_node *node = a->ahead.rb_node;
	struct sk_buff *first = NULL;

	while (node) {
		struct sk_buff *skb = rb_to_skb(node);

		if (xsctp_is_before(skb, sid, ssn)) {
			node = node->rb_right;
		} else {
			first = skb;
			node = node->rb_left;
		}
	}
	return first && XSCTP_SKB_CB(first)->sid == sid ? first : NULL;
}

/* Deliver what waited for the next number, and for that behind it. */
static void xsctp_stream_drain(struct xsctp_association *a, u16 sid, u16 *ssn)
{
	struct sk_buff *skb;

	while ((skb = xsctp_stream_first(a, sid, *ssn)) && XSCTP_SKB_CB(skb)->ssn == *ssn) {
		xsctp_stream_unlink(a, skb);
		++*ssn;
		xsctp_deliver(a, skb);
	}
}

/**
 * xsctp_stream_receive() - a whole ordered message came
 * @a: under its socket's lock
 * @message: its stream exists, and had xsctp_in_stream_use(); consumed
 *
 * A second message of one number is no message: it is dropped.
 */
void xsctp_stream_receive(struct xsctp_association *a, struct sk_buff *message)
{
	struct xsctp_skb_cb *cb = XSCTP_SKB_CB(message);
	u16 sid = cb->sid, *ssn = xsctp_in_stream(a, sid);

	if (ssn && cb->ssn == *ssn) {
		++*ssn;
		xsctp_deliver(a, message);
		xsctp_stream_drain(a, sid, ssn);
		return;
	}
	if (ssn && !ssn_before(cb->ssn, *ssn) && xsctp_stream_queue(a, message))
		return;
	a->queued -= min(a->queued, message->len);
	kfree_skb(message);
}

/**
 * xsctp_stream_next() - the program has the next message of a stream: by partial delivery
 * @a: under its socket's lock
 * @sid: of the stream
 */
void xsctp_stream_next(struct xsctp_association *a, u16 sid)
{
	u16 *ssn = xsctp_in_stream(a, sid);

	if (!ssn)
		return;
	++*ssn;
	xsctp_stream_drain(a, sid, ssn);
}

/**
 * xsctp_stream_skip() - the peer has given up a message
 * @a: under its socket's lock
 * @sid: of its stream, less than a->nr_in, that had xsctp_in_stream_use()
 * @ssn: its number: nothing up to it is waited for any more
 *
 * RFC 3758 section 3.6.
 */
void xsctp_stream_skip(struct xsctp_association *a, u16 sid, u16 ssn)
{
	u16 *next = xsctp_in_stream(a, sid);
	struct sk_buff *skb;

	if (!next || ssn_before(ssn, *next))
		return;
	while ((skb = xsctp_stream_first(a, sid, *next)) &&
	       !ssn_before(ssn, XSCTP_SKB_CB(skb)->ssn)) {
		xsctp_stream_unlink(a, skb);
		xsctp_deliver(a, skb);
	}
	*next = ssn + 1;
	xsctp_stream_drain(a, sid, next);
}

/**
 * xsctp_streams_move() - what waits in the streams is another socket's
 * @a: under both sockets' locks
 * @to: charged from now on
 */
void xsctp_streams_move(struct xsctp_association *a, struct sock *to)
{
	struct rb_node *node;

	for (node = rb_first(&a->ahead); node; node = rb_next(node))
		xsctp_change_owner_r(rb_to_skb(node), to);
}

/**
 * xsctp_streams_purge() - drop what waits in the streams
 * @a: under its socket's lock
 */
void xsctp_streams_purge(struct xsctp_association *a)
{
	struct rb_node *node;
	struct sk_buff *skb;

	while ((node = rb_first(&a->ahead))) {
		skb = rb_to_skb(node);
		xsctp_stream_unlink(a, skb);
		a->queued -= min(a->queued, skb->len);
		kfree_skb(skb);
	}
}
