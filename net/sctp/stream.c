// SPDX-License-Identifier: GPL-2.0
/*
 * Order within a stream (RFC 9260 section 6.6): whole messages wait for those before them in
 * their stream, and for no others.
 */

#include "sctp.h"

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

/* Put a message that is ahead of its time among the others of its stream, most often last. */
static bool xsctp_stream_queue(struct xsctp_in_stream *s, struct sk_buff *message)
{
	u16 ssn = XSCTP_SKB_CB(message)->ssn;
	struct sk_buff *before = skb_peek(&s->ahead);

	if (before && ssn_before(ssn, XSCTP_SKB_CB(before)->ssn)) {
		__skb_queue_head(&s->ahead, message);
		return true;
	}
	skb_queue_reverse_walk(&s->ahead, before) {
		if (XSCTP_SKB_CB(before)->ssn == ssn)
			return false;
		if (ssn_before(XSCTP_SKB_CB(before)->ssn, ssn)) {
			__skb_queue_after(&s->ahead, before, message);
			return true;
		}
	}
	__skb_queue_head(&s->ahead, message);
	return true;
}

/* Deliver what waited for the next number, and for that behind it. */
static void xsctp_stream_drain(struct xsctp_association *a, struct xsctp_in_stream *s)
{
	struct sk_buff *skb;

	while ((skb = skb_peek(&s->ahead)) && XSCTP_SKB_CB(skb)->ssn == s->ssn) {
		__skb_unlink(skb, &s->ahead);
		s->ssn++;
		xsctp_deliver(a, skb);
	}
}

/**
 * xsctp_stream_receive() - a whole ordered message came
 * @a: under its socket's lock
 * @message: its stream exists; consumed
 *
 * A second message of one number is no message: it is dropped.
 */
void xsctp_stream_receive(struct xsctp_association *a, struct sk_buff *message)
{
	struct xsctp_skb_cb *cb = XSCTP_SKB_CB(message);
	struct xsctp_in_stream *s = &a->in[cb->sid];

	if (cb->ssn == s->ssn) {
		s->ssn++;
		xsctp_deliver(a, message);
		xsctp_stream_drain(a, s);
		return;
	}
	if (!ssn_before(cb->ssn, s->ssn) && xsctp_stream_queue(s, message))
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
	a->in[sid].ssn++;
	xsctp_stream_drain(a, &a->in[sid]);
}

/**
 * xsctp_stream_skip() - the peer has given up a message
 * @a: under its socket's lock
 * @sid: of its stream, less than a->nr_in
 * @ssn: its number: nothing up to it is waited for any more
 *
 * RFC 3758 section 3.6.
 */
void xsctp_stream_skip(struct xsctp_association *a, u16 sid, u16 ssn)
{
	struct xsctp_in_stream *s = &a->in[sid];
	struct sk_buff *skb;

	if (ssn_before(ssn, s->ssn))
		return;
	while ((skb = skb_peek(&s->ahead)) && !ssn_before(ssn, XSCTP_SKB_CB(skb)->ssn)) {
		__skb_unlink(skb, &s->ahead);
		xsctp_deliver(a, skb);
	}
	s->ssn = ssn + 1;
	xsctp_stream_drain(a, s);
}

/**
 * xsctp_streams_purge() - drop what waits in the streams
 * @a: under its socket's lock
 */
void xsctp_streams_purge(struct xsctp_association *a)
{
	struct sk_buff *skb;
	unsigned int i;

	if (!a->in)
		return;
	for (i = 0; i < a->nr_in; i++) {
		while ((skb = __skb_dequeue(&a->in[i].ahead))) {
			a->queued -= min(a->queued, skb->len);
			kfree_skb(skb);
		}
	}
}
