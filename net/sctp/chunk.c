// SPDX-License-Identifier: GPL-2.0
/* Control chunks: made here, then queued until a packet takes them. */

#include "sctp.h"

/* Of a cause's information: more than this tells the peer nothing new. */
#define XSCTP_MAX_INFO	512

/**
 * xsctp_control_new() - room for a control chunk
 * @len: of the chunk with its header, without padding
 * @gfp: GFP_ATOMIC in softirq
 *
 * The padding, at the end, is zero already.
 *
 * Return: the chunk, with len padded; NULL without memory.
 */
struct xsctp_control *xsctp_control_new(u16 len, gfp_t gfp)
{
	u32 padded = XSCTP_PAD((u32)len);
	struct xsctp_control *c;

	if (padded > XSCTP_MAX_CHUNK_LEN)
		return NULL;
	c = kmalloc(struct_size(c, bytes, padded), gfp | __GFP_NOWARN);
	if (!c)
		return NULL;
	INIT_LIST_HEAD(&c->link);
	c->transport = NULL;
	c->len = padded;
	memset(c->bytes + len, 0, padded - len);
	return c;
}

/*
 * Answers to a peer, which may ask faster than its packets leave this machine: then these are not
 * worth the memory. Whoever asked in earnest asks again.
 */
static bool xsctp_can_wait(const struct xsctp_association *a, u8 type)
{
	if (type != XSCTP_HEARTBEAT_ACK && type != XSCTP_ERROR)
		return true;
	return sk_wmem_alloc_get(a->sk) <= READ_ONCE(a->sk->sk_sndbuf);
}

/**
 * xsctp_queue_control() - let a chunk go with one of the next packets
 * @a: locked
 * @c: from xsctp_control_new(), filled in; consumed
 * @to: where to; NULL: the active transport
 *
 * A peer that asks more often than it lets us answer gets no answer: the queue is bounded, by
 * number and by memory, and so is what devices hold of it. The caller sees to xsctp_flush().
 *
 * Return: 0, or -ENOBUFS; then the chunk is freed.
 */
int xsctp_queue_control(struct xsctp_association *a, struct xsctp_control *c,
			struct xsctp_transport *to)
{
	if (a->nr_control >= XSCTP_MAX_CONTROL ||
	    a->control_octets + c->len > XSCTP_MAX_CONTROL_OCTETS ||
	    !xsctp_can_wait(a, c->bytes[0])) {
		kfree(c);
		return -ENOBUFS;
	}
	c->transport = to;
	/* These have to be first in their packet (5.1). */
	if (c->bytes[0] == XSCTP_COOKIE_ECHO || c->bytes[0] == XSCTP_COOKIE_ACK)
		list_add(&c->link, &a->control);
	else
		list_add_tail(&c->link, &a->control);
	a->nr_control++;
	a->control_octets += c->len;
	return 0;
}

/**
 * xsctp_unqueue_control() - take a chunk out of the queue
 * @a: locked
 * @c: queued; the caller's from now on
 */
void xsctp_unqueue_control(struct xsctp_association *a, struct xsctp_control *c)
{
	list_del(&c->link);
	a->nr_control--;
	a->control_octets -= c->len;
}

/**
 * xsctp_queue_chunk() - make a control chunk and queue it
 * @a: locked
 * @type: of the chunk, XSCTP_...
 * @flags: of the chunk
 * @value: what follows its header, @len octets; NULL if there are none
 * @len: of @value
 * @to: where to; NULL: the active transport
 *
 * Return: 0, -ENOMEM, or -ENOBUFS if too many wait.
 */
int xsctp_queue_chunk(struct xsctp_association *a, u8 type, u8 flags, const void *value, u16 len,
		      struct xsctp_transport *to)
{
	struct xsctp_control *c;
	u8 *at;

	if (len > XSCTP_MAX_CHUNK_LEN - XSCTP_TLV_LEN - 3)
		return -EMSGSIZE;
	c = xsctp_control_new(XSCTP_TLV_LEN + len, GFP_ATOMIC);
	if (!c)
		return -ENOMEM;
	at = xsctp_put_chunk(c->bytes, type, flags, XSCTP_TLV_LEN + len);
	if (len)
		memcpy(at, value, len);
	return xsctp_queue_control(a, c, to);
}

/**
 * xsctp_put_causes() - write an ERROR or ABORT with one cause
 * @to: room for XSCTP_CAUSES_LEN
 * @type: XSCTP_ERROR or XSCTP_ABORT
 * @flags: of the chunk
 * @cause: XSCTP_CAUSE_...; 0: none
 * @info: of the cause, @len octets
 * @len: of @info; more than XSCTP_MAX_INFO are cut off
 *
 * Return: the padded length of the chunk.
 */
u16 xsctp_put_causes(u8 *to, u8 type, u8 flags, u16 cause, const void *info, u16 len)
{
	u16 length = XSCTP_TLV_LEN;

	len = min_t(u16, len, XSCTP_MAX_INFO);
	if (cause) {
		xsctp_put_tlv(to + XSCTP_TLV_LEN, cause, info, len);
		length += XSCTP_TLV_LEN + len;
	}
	xsctp_put_chunk(to, type, flags, length);
	return XSCTP_PAD(length);
}

/**
 * xsctp_queue_error() - tell the peer of an error that ends nothing
 * @a: locked
 * @cause: XSCTP_CAUSE_...
 * @info: of the cause, @len octets
 * @len: of @info; more than XSCTP_MAX_INFO are cut off
 *
 * RFC 9260 section 3.3.10.
 *
 * Return: as xsctp_queue_chunk().
 */
int xsctp_queue_error(struct xsctp_association *a, u16 cause, const void *info, u16 len)
{
	struct xsctp_control *c;

	len = min_t(u16, len, XSCTP_MAX_INFO);
	c = xsctp_control_new(2 * XSCTP_TLV_LEN + len, GFP_ATOMIC);
	if (!c)
		return -ENOMEM;
	xsctp_put_causes(c->bytes, XSCTP_ERROR, 0, cause, info, len);
	return xsctp_queue_control(a, c, NULL);
}

/**
 * xsctp_purge_control() - say nothing of what was to be said
 * @a: locked
 */
void xsctp_purge_control(struct xsctp_association *a)
{
	struct xsctp_control *c, *next;

	list_for_each_entry_safe(c, next, &a->control, link) {
		xsctp_unqueue_control(a, c);
		kfree(c);
	}
}
