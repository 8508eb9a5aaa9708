// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for what programs send. They are filled as page fragments: of the task, or of the socket.
 *
 *	fragment --(full)--> ring of this CPU --(oldest)--> fragment: filled again, if nobody else
 *							    refers to it any more
 *
 * What was in a page is acknowledged soon, and read if the peer is on this machine. To give it
 * back then and to ask for another costs as much as to fill it: kernels zero what they hand out.
 */

#include <linux/percpu.h>

#include "sctp.h"

#define XSCTP_RING	16	/* pages of 32K as a rule: more than a window of default size */

struct xsctp_ring {
	struct page_frag	full[XSCTP_RING];
	unsigned int		oldest;
};

static DEFINE_PER_CPU(struct xsctp_ring, xsctp_ring);

/* Put a fragment into the ring for its oldest, or for none. What room it has left is forgotten. */
static void xsctp_page_exchange(struct page_frag *frag)
{
	struct xsctp_ring *ring = get_cpu_ptr(&xsctp_ring);

	frag->offset = frag->size;
	swap(*frag, ring->full[ring->oldest]);
	ring->oldest = (ring->oldest + 1) % XSCTP_RING;
	put_cpu_ptr(&xsctp_ring);
}

/**
 * xsctp_page_frag() - where to put what a program sends
 * @sk: locked, in process context
 * @least: octets that are wanted in one piece, no more than a page
 *
 * Return: a fragment with so much room, aligned to 4 octets; NULL without memory
 */
struct page_frag *xsctp_page_frag(struct sock *sk, u32 least)
{
	struct page_frag *frag = sk_page_frag(sk);

	/* It may have served others. */
	frag->offset = ALIGN(frag->offset, 4);
	if (frag->page && frag->offset + least > frag->size && page_ref_count(frag->page) > 1)
		xsctp_page_exchange(frag);
	if (skb_page_frag_refill(least, frag, sk->sk_allocation))
		return frag;
	sk_stream_moderate_sndbuf(sk);
	return NULL;
}

/**
 * xsctp_pages_exit() - give back what is kept
 *
 * Nobody sends any more.
 */
void xsctp_pages_exit(void)
{
	struct xsctp_ring *ring;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(&xsctp_ring, cpu);
		for (i = 0; i < XSCTP_RING; i++)
			if (ring->full[i].page)
				put_page(ring->full[i].page);
	}
}
