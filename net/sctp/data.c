// SPDX-License-Identifier: GPL-2.0
/* A DATA chunk to send: header, data and padding lie in pages, for packets to refer to. */

#include <linux/uio.h>

#include "sctp.h"

/* As many pieces as a packet may have: a chunk of any length fits one packet. */
#define XSCTP_MAX_PIECES	MAX_SKB_FRAGS
/* Octets that are in one piece, and the least that the first of several pieces has. */
#define XSCTP_WHOLE		128

/* ---------------------------------------------------------------------- its memory */

/* Any page but the first is a new one. */
static unsigned int xsctp_most_pieces(u32 size)
{
	return size <= XSCTP_WHOLE ? 1 : min_t(u32, 2 + size / PAGE_SIZE, XSCTP_MAX_PIECES);
}

/* A chunk with room for so many pieces: of the message @m, or the first of a new one, of all 0. */
static struct xsctp_data *xsctp_data_alloc(struct xsctp_message *m, unsigned int pieces, gfp_t gfp)
{
	struct xsctp_data *d;

	if (m) {
		d = kzalloc(struct_size(d, frag, pieces), gfp);
	} else {
		m = kzalloc(struct_size(m, first.frag, pieces), gfp);
		d = m ? &m->first : NULL;
	}
	if (!d)
		return NULL;
	d->message = m;
	m->chunks++;
	return d;
}

static void xsctp_data_release(struct xsctp_data *d)
{
	struct xsctp_message *m = d->message;

	while (d->nr_frags)
		put_page(d->frag[--d->nr_frags].bv_page);
	if (d != &m->first)
		kfree(d);
	if (--m->chunks)
		return;
	xsctp_auth_unuse(m);
	kfree(m);
}

/* Let the chunk have @left octets of page fragments. Returns 0 or -ENOBUFS. */
static int xsctp_take_pages(struct sock *sk, struct xsctp_data *d, u32 left)
{
	unsigned int most = xsctp_most_pieces(left);
	u32 least = min_t(u32, left, XSCTP_WHOLE);
	struct bio_vec *piece = d->frag;
	struct page_frag *frag;

	for (; left; left -= piece++->bv_len) {
		frag = xsctp_page_frag(sk, least);
		if (d->nr_frags == most || !frag)
			return -ENOBUFS;
		*piece = (struct bio_vec) {
			.bv_page = frag->page,
			.bv_offset = frag->offset,
			.bv_len = min(left, frag->size - frag->offset),
		};
		get_page(frag->page);
		frag->offset += piece->bv_len;
		d->nr_frags++;
		least = 1;
	}
	return 0;
}

/* Copy the data behind the header, and zeros behind them. */
static int xsctp_fill_pages(const struct xsctp_data *d, struct iov_iter *from)
{
	u32 skip = XSCTP_DATA_LEN, len = d->len, here;
	const struct bio_vec *piece;

	for (piece = d->frag; piece < d->frag + d->nr_frags; piece++) {
		here = min(len, piece->bv_len - skip);
		if (here && copy_page_from_iter(piece->bv_page, piece->bv_offset + skip, here,
						from) != here)
			return -EFAULT;
		len -= here;
		if (skip + here < piece->bv_len)
			memset(page_address(piece->bv_page) + piece->bv_offset + skip + here, 0,
			       piece->bv_len - skip - here);
		skip = 0;
	}
	return 0;
}

/* ------------------------------------------------------------------------ its life */

/**
 * xsctp_data_charge() - what a chunk costs its socket's send buffer
 * @d: the chunk
 *
 * Return: octets of memory
 */
unsigned int xsctp_data_charge(const struct xsctp_data *d)
{
	return struct_size(d, frag, d->nr_frags) + xsctp_on_wire(d);
}

/**
 * xsctp_data_new() - make a DATA chunk of what a program sends
 * @sk: locked; charged with the memory
 * @m: the message that it is of; NULL: it is the first of a new one
 * @from: the data
 * @len: octets of it, 1 or more
 *
 * Return: the chunk, its stream and all that the caller knows still to be set, with its message,
 * which is all 0 if it is new; or an ERR_PTR: -EFAULT, -ENOBUFS
 */
struct xsctp_data *xsctp_data_new(struct sock *sk, struct xsctp_message *m, struct iov_iter *from,
				  u16 len)
{
	u32 size = XSCTP_DATA_LEN + XSCTP_PAD((u32)len);
	struct xsctp_data *d;
	int err;

	d = xsctp_data_alloc(m, xsctp_most_pieces(size), sk->sk_allocation);
	if (!d)
		return ERR_PTR(-ENOBUFS);
	d->len = len;
	err = xsctp_take_pages(sk, d, size);
	if (!err)
		err = xsctp_fill_pages(d, from);
	if (!err && !sk_wmem_schedule(sk, xsctp_data_charge(d)))
		err = -ENOBUFS;
	if (err) {
		xsctp_data_release(d);
		return ERR_PTR(err);
	}
	sk_wmem_queued_add(sk, xsctp_data_charge(d));
	sk_mem_charge(sk, xsctp_data_charge(d));
	return d;
}

/**
 * xsctp_data_discard() - free a chunk, and with the last its message
 * @sk: which was charged for it, locked
 * @d: in no list
 */
void xsctp_data_discard(struct sock *sk, struct xsctp_data *d)
{
	unsigned int charge = xsctp_data_charge(d);

	xsctp_data_release(d);
	sk_wmem_queued_add(sk, -charge);
	sk_mem_uncharge(sk, charge);
}

/**
 * xsctp_data_free() - free a chunk of an association
 * @a: under its socket's lock
 * @d: in no list
 */
void xsctp_data_free(struct xsctp_association *a, struct xsctp_data *d)
{
	xsctp_data_discard(a->sk, d);
}

/**
 * xsctp_data_stamp() - write a chunk's header
 * @d: with TSN, stream and flags; what follows never changes (RFC 9260 section 3.3.1)
 */
void xsctp_data_stamp(struct xsctp_data *d)
{
	struct xsctp_data_header header = {
		.tsn = d->tsn,
		.sid = d->sid,
		.ssn = d->flags & XSCTP_DATA_UNORDERED ? 0 : d->ssn,
		.ppid = d->ppid,
		.flags = d->flags,
	};

	/* Its 16 octets are in one piece: see xsctp_take_pages(). */
	xsctp_write_data(page_address(d->frag[0].bv_page) + d->frag[0].bv_offset, &header,
			 XSCTP_DATA_LEN + d->len);
}
