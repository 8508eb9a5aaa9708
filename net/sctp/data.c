// SPDX-License-Identifier: GPL-2.0
/* A DATA chunk to send: header, data and padding lie in pages, for packets to refer to. */

#include <linux/uio.h>

#include "sctp.h"

/* As many pieces as a packet may have: a chunk of any length fits one packet. */
#define XSCTP_MAX_PIECES	MAX_SKB_FRAGS

/* Take @left octets of page fragments. Returns how many pieces, or -ENOBUFS. */
static int xsctp_take_pages(struct sock *sk, struct bio_vec *piece, u32 left)
{
	struct page_frag *frag = sk_page_frag(sk);
	int n = 0;

	while (left) {
		if (n == XSCTP_MAX_PIECES || !sk_page_frag_refill(sk, frag))
			goto fail;
		/* The socket's fragment may have served others: 32 octets are there, 29 aligned. */
		if (!n)
			frag->offset = ALIGN(frag->offset, 4);
		piece[n] = (struct bio_vec) {
			.bv_page = frag->page,
			.bv_offset = frag->offset,
			.bv_len = min(left, frag->size - frag->offset),
		};
		get_page(frag->page);
		frag->offset += piece[n].bv_len;
		left -= piece[n++].bv_len;
	}
	return n;
fail:
	while (n--)
		put_page(piece[n].bv_page);
	return -ENOBUFS;
}

/* Copy @len octets behind the header, and zeros behind them. */
static int xsctp_fill_pages(const struct bio_vec *piece, int n, struct iov_iter *from, u32 len)
{
	u32 skip = XSCTP_DATA_LEN, here;
	int i;

	for (i = 0; i < n; i++) {
		here = min(len, piece[i].bv_len - skip);
		if (here && copy_page_from_iter(piece[i].bv_page, piece[i].bv_offset + skip, here,
						from) != here)
			return -EFAULT;
		len -= here;
		if (skip + here < piece[i].bv_len)
			memset(page_address(piece[i].bv_page) + piece[i].bv_offset + skip + here, 0,
			       piece[i].bv_len - skip - here);
		skip = 0;
	}
	return 0;
}

static void xsctp_put_pages(const struct bio_vec *piece, unsigned int n)
{
	while (n--)
		put_page(piece[n].bv_page);
}

/**
 * xsctp_data_charge() - what a chunk costs its socket's send buffer
 * @d: the chunk
 *
 * Return: octets of memory
 */
unsigned int xsctp_data_charge(const struct xsctp_data *d)
{
	return struct_size(d, frag, d->nr_frags) + XSCTP_DATA_LEN + XSCTP_PAD(d->len);
}

/**
 * xsctp_data_new() - make a DATA chunk of what a program sends
 * @sk: locked; charged with the memory
 * @from: the data
 * @len: octets of it, 1 or more
 * @gfp: how to get memory
 *
 * Return: the chunk, its stream and all that the caller knows still to be set; or an
 * ERR_PTR: -EFAULT, -ENOBUFS
 */
struct xsctp_data *xsctp_data_new(struct sock *sk, struct iov_iter *from, u16 len, gfp_t gfp)
{
	struct bio_vec piece[XSCTP_MAX_PIECES];
	struct xsctp_data *d;
	int n, err;

	n = xsctp_take_pages(sk, piece, XSCTP_DATA_LEN + XSCTP_PAD(len));
	if (n < 0)
		return ERR_PTR(n);
	err = xsctp_fill_pages(piece, n, from, len);
	if (err)
		goto fail;
	err = -ENOBUFS;
	d = kmalloc(struct_size(d, frag, n), gfp);
	if (!d)
		goto fail;
	memset(d, 0, sizeof(*d));
	d->len = len;
	d->nr_frags = n;
	memcpy(d->frag, piece, n * sizeof(*piece));
	if (!sk_wmem_schedule(sk, xsctp_data_charge(d))) {
		kfree(d);
		goto fail;
	}
	sk_wmem_queued_add(sk, xsctp_data_charge(d));
	sk_mem_charge(sk, xsctp_data_charge(d));
	return d;
fail:
	xsctp_put_pages(piece, n);
	return ERR_PTR(err);
}

/**
 * xsctp_data_discard() - free a chunk
 * @sk: which was charged for it, locked
 * @d: in no list
 */
void xsctp_data_discard(struct sock *sk, struct xsctp_data *d)
{
	unsigned int charge = xsctp_data_charge(d);

	xsctp_put_pages(d->frag, d->nr_frags);
	if (d->message && !--d->message->chunks) {
		xsctp_auth_unuse(d->message);
		kfree(d->message);
	}
	kfree(d);
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

	/* Its 16 octets are in one piece: a page fragment has 29 at least. */
	xsctp_write_data(page_address(d->frag[0].bv_page) + d->frag[0].bv_offset, &header,
			 XSCTP_DATA_LEN + d->len);
}
