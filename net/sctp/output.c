// SPDX-License-Identifier: GPL-2.0
/*
 * From chunks to packets (RFC 9260 sections 6.10 and 6.8).
 *
 * A packet is one buffer: the common header and control chunks in its linear part, then
 * the pages that DATA chunks lie in, not copied. xsctp_flush() is the one way out.
 */

#include <linux/crc32c.h>
#include <net/inet_ecn.h>
#include <xl4/ip.h>

#include "sctp.h"

/* In front of a packet whose way is not known. */
#define XSCTP_HEADROOM		(MAX_HEADER + sizeof(struct ipv6hdr))
/* Linear room of a packet that has control chunks: many fit, and a SACK with its gaps. */
#define XSCTP_CONTROL_ROOM	256
/* Octets of a DATA chunk that are copied sooner than a packet refers to their page. */
#define XSCTP_INLINE		128
#define XSCTP_ECNE_LEN		(XSCTP_TLV_LEN + 4)
#define XSCTP_CHECKSUM_OFFSET	8
/* Packets that go through IP at once: with all headers they are one that IPv4 can count. */
#define XSCTP_TRAIN_PACKETS	32
#define XSCTP_TRAIN_LEN		64000

/* ------------------------------------------------------------------- checksum */

static u32 xsctp_crc(const struct sk_buff *skb, u32 crc)
{
	static const u8 zero[4];
	struct skb_seq_state state;
	unsigned int done = 0, len;
	const u8 *data;

	crc = crc32c(crc, skb->data, XSCTP_CHECKSUM_OFFSET);
	crc = crc32c(crc, zero, sizeof(zero));
	/* It is only read. */
	skb_prepare_seq_read((struct sk_buff *)skb, XSCTP_HEADER_LEN, skb->len, &state);
	while ((len = skb_seq_read(done, &data, &state))) {
		crc = crc32c(crc, data, len);
		done += len;
	}
	return crc;
}

/**
 * xsctp_checksum() - CRC32c over a packet, as if its checksum were 0
 * @skb: data at the SCTP header, which is linear
 *
 * RFC 9260 section 6.8 and appendix A.
 *
 * Return: as the header has it.
 */
__le32 xsctp_checksum(const struct sk_buff *skb)
{
	return cpu_to_le32(~xsctp_crc(skb, ~0));
}

/**
 * xsctp_checksum_ok() - is a received packet what was sent?
 * @skb: data at the SCTP header, which is linear
 *
 * What never left this machine, or a device has checked, need not be summed again.
 */
bool xsctp_checksum_ok(struct sk_buff *skb)
{
	__le32 sum;

	if (skb_csum_unnecessary(skb))
		return true;
	memcpy(&sum, skb->data + XSCTP_CHECKSUM_OFFSET, sizeof(sum));
	return sum == xsctp_checksum(skb);
}

/**
 * xsctp_summed() - is there a checksum in a packet?
 * @skb: data at the SCTP header, which is linear
 *
 * Return: whether; of a sum that is 0 it cannot be told
 */
bool xsctp_summed(const struct sk_buff *skb)
{
	return memchr_inv(skb->data + XSCTP_CHECKSUM_OFFSET, 0, sizeof(__le32));
}

/**
 * xsctp_put_checksum() - write a packet's checksum
 * @skb: data at the SCTP header, which is linear, its checksum 0 or right
 */
void xsctp_put_checksum(struct sk_buff *skb)
{
	__le32 sum = xsctp_checksum(skb);

	memcpy(skb->data + XSCTP_CHECKSUM_OFFSET, &sum, sizeof(sum));
	skb->ip_summed = CHECKSUM_NONE;
}

/* Loopback needs no sum. Devices that can do it know SCTP by its own number alone. */
static bool xsctp_device_sums(const struct sock *sk, const struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK ||
	       (sk->sk_protocol == IPPROTO_SCTP && dev->features & NETIF_F_SCTP_CRC);
}

/* Who transforms the packet (IPsec), or cuts it, would have to sum it first. */
static bool xsctp_leave_checksum(const struct sock *sk, struct sk_buff *skb,
				 const struct dst_entry *dst)
{
	if (!xsctp_device_sums(sk, dst->dev) || dst_xfrm(dst) || skb->ignore_df)
		return false;
	return xl4_leave_crc32c(skb, skb_transport_header(skb) - skb->head, XSCTP_CHECKSUM_OFFSET);
}

/* ------------------------------------------------------------------ a packet */

struct xsctp_build {
	struct xsctp_association *association;
	struct xsctp_transport	*transport;
	struct sk_buff		*skb;		/* NULL: none was begun */
	u32			tag;
	u32			auth;		/* offset of the AUTH chunk; 0: there is none */
	struct xsctp_auth_key	*key;		/* that signs it */
	u32			most;		/* octets of chunks that fit the path */
	u32			room;		/* that still do */
	bool			data;		/* there is a DATA chunk */
	bool			couple;		/* packets may go as a train (offload.c) */
	struct sk_buff		*first;		/* packets that wait to go as one, by next */
	struct sk_buff		*last;
	unsigned int		coupled;	/* how many, and their octets */
	u32			coupled_len;
};

static struct xsctp_build xsctp_build_to(struct xsctp_association *a, struct xsctp_transport *t)
{
	return (struct xsctp_build) { .association = a, .transport = t, .tag = a->peer_tag };
}

/*
 * The route of the packets; NULL if there is none. Another CPU may take it away at any time: one
 * that was begun goes by it all the same, and so do those that are to go along with it.
 */
static struct dst_entry *xsctp_build_dst(const struct xsctp_build *b)
{
	return b->skb || b->first ? b->transport->dst : xsctp_transport_dst(b->transport);
}

/* For all that comes in front: of a small packet most memory would be headroom. */
static u32 xsctp_headroom(const struct xsctp_build *b)
{
	const struct xsctp_transport *t = b->transport;

	return LL_RESERVED_SPACE(t->dst->dev) + t->dst->header_len + t->family->headroom +
	       t->family->options_len(b->association->sk);
}

static struct sk_buff *xsctp_alloc(u32 headroom, u32 len)
{
	struct sk_buff *skb = alloc_skb(headroom + len, GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	skb_reset_transport_header(skb);
	return skb;
}

/* Begin a packet with room for so many octets of control chunks. */
static bool xsctp_begin(struct xsctp_build *b, u32 linear)
{
	struct xsctp_transport *t = b->transport;

	if (!xsctp_build_dst(b))
		return false;
	b->skb = xsctp_alloc(xsctp_headroom(b),
			     XSCTP_HEADER_LEN + linear + b->association->auth_room);
	if (!b->skb)
		return false;
	skb_put(b->skb, XSCTP_HEADER_LEN);
	b->most = xsctp_transport_room(t);
	b->room = b->most;
	b->data = false;
	b->auth = 0;
	return true;
}

static void xsctp_finish_header(const struct xsctp_build *b, struct sk_buff *skb)
{
	const struct xsctp_key *key = &b->transport->key;
	struct xsctp_header h = {
		.source = key->local_port,
		.dest = key->peer_port,
		.tag = b->tag,
	};

	xsctp_write_header(skb->data, &h);
	memset(skb->data + XSCTP_CHECKSUM_OFFSET, 0, 4);
	if (!xsctp_leave_checksum(b->association->sk, skb, b->transport->dst))
		xsctp_put_checksum(skb);
}

static int xsctp_xmit(const struct xsctp_build *b, struct sk_buff *skb)
{
	struct sock *sk = b->association->sk;

	skb_set_owner_w(skb, sk);
	return b->transport->family->xmit(sk, skb, b->transport);
}

/* An empty skb to lead a train; NULL without memory. */
static struct sk_buff *xsctp_alloc_head(const struct xsctp_build *b)
{
	struct sk_buff *skb = xsctp_alloc(xsctp_headroom(b), 0);

	if (!skb)
		return NULL;
	XSCTP_SKB_CB(skb)->flags = XSCTP_SKB_CB(b->first)->flags;
	return skb;
}

/* Send the packets that wait. */
static int xsctp_depart(struct xsctp_build *b)
{
	struct sk_buff *head = b->coupled > 1 ? xsctp_alloc_head(b) : NULL;
	struct sk_buff *skb, *next;
	int err = 0;

	if (head) {
		xsctp_train(b->transport->dst->dev, head, b->first, b->coupled);
		err = xsctp_xmit(b, head);
	} else {
		for (skb = b->first; skb; skb = next) {
			next = skb->next;
			skb->next = NULL;
			err = xsctp_xmit(b, skb);
		}
	}
	b->first = NULL;
	b->last = NULL;
	b->coupled = 0;
	b->coupled_len = 0;
	return err;
}

/* Let a packet wait for others that go the same way and look alike to IP. */
static int xsctp_couple(struct xsctp_build *b, struct sk_buff *skb)
{
	int err = 0;

	if (b->first && (b->coupled == XSCTP_TRAIN_PACKETS ||
			 b->coupled_len + skb->len > XSCTP_TRAIN_LEN ||
			 XSCTP_SKB_CB(skb)->flags != XSCTP_SKB_CB(b->first)->flags))
		err = xsctp_depart(b);
	if (b->last)
		b->last->next = skb;
	else
		b->first = skb;
	b->last = skb;
	b->coupled++;
	b->coupled_len += skb->len;
	return err;
}

/* Send what was begun, if anything; or let it wait for xsctp_depart(). */
static int xsctp_finish(struct xsctp_build *b)
{
	struct xsctp_association *a = b->association;
	struct sk_buff *skb = b->skb;
	struct sock *sk = a->sk;

	if (!skb)
		return 0;
	b->skb = NULL;
	if (b->auth && xsctp_auth_sign(a, skb, b->auth, b->key)) {
		kfree_skb(skb);
		return -ENOBUFS;
	}
	/* RFC 9260 section 6.9: a chunk cannot be cut any more when the path gets narrower. */
	skb->ignore_df = skb->len > XSCTP_HEADER_LEN + a->auth_room + b->most;
	xsctp_finish_header(b, skb);
	/* RFC 3168: data is to be marked, what controls is not. */
	XSCTP_SKB_CB(skb)->flags = b->data && a->ecn && a->state != SCTP_COOKIE_ECHOED ?
				   INET_ECN_ECT_0 : 0;
	a->count.opackets++;
	xsctp_count(sk, XSCTP_MIB_OUT_PACKS);
	if (b->couple && !skb->ignore_df)
		return xsctp_couple(b, skb);
	/* What was first goes first. */
	if (b->first)
		xsctp_depart(b);
	return xsctp_xmit(b, skb);
}

/*
 * RFC 4895 section 6.2: a chunk that is to come is signed. One packet has one AUTH chunk, so what
 * another key signs goes in another packet. Its room is kept free (a->auth_room).
 */
static bool xsctp_add_auth(struct xsctp_build *b, u8 type, const struct xsctp_data *d)
{
	struct xsctp_association *a = b->association;

	if (b->auth || !xsctp_auth_signs(a, type))
		return true;
	b->key = xsctp_auth_key_of(a, d);
	if (!b->key || (u32)skb_tailroom(b->skb) < a->auth_room)
		return false;
	b->auth = xsctp_auth_put(a, b->skb, b->key);
	return true;
}

/* Would this chunk want another key than the packet that was begun has? */
static bool xsctp_other_key(const struct xsctp_build *b, u8 type, const struct xsctp_data *d)
{
	return b->auth && xsctp_auth_signs(b->association, type) &&
	       xsctp_auth_key_of(b->association, d) != b->key;
}

/* -------------------------------------------------------------- control chunks */

static void xsctp_count_control(struct xsctp_association *a)
{
	a->count.octrlchunks++;
	xsctp_count(a->sk, XSCTP_MIB_OUT_CTRL_CHUNKS);
}

/* RFC 9260 section 6.10: these are in a packet of their own. */
static bool xsctp_alone(u8 type)
{
	return type == XSCTP_INIT || type == XSCTP_INIT_ACK || type == XSCTP_SHUTDOWN_COMPLETE;
}

/* Room for so much besides an AUTH chunk, which may have to be put in front of it. */
static bool xsctp_linear_room(const struct xsctp_build *b, u32 len)
{
	return len + (b->auth ? 0 : b->association->auth_room) <= (u32)skb_tailroom(b->skb);
}

static void xsctp_add_chunk(struct xsctp_build *b, const u8 *chunk, u32 len)
{
	bool alone = xsctp_alone(chunk[0]);

	if (b->skb && (alone || len > b->room || !xsctp_linear_room(b, len) ||
		       xsctp_other_key(b, chunk[0], NULL)))
		xsctp_finish(b);
	if (!b->skb && !xsctp_begin(b, max_t(u32, len, XSCTP_CONTROL_ROOM)))
		return;
	if (!xsctp_add_auth(b, chunk[0], NULL))
		return;
	skb_put_data(b->skb, chunk, len);
	b->room -= min(b->room, len);
	xsctp_count_control(b->association);
	if (!alone)
		return;
	/* Section 8.5.1: who sends an INIT does not know the peer's tag. */
	if (chunk[0] == XSCTP_INIT)
		b->tag = 0;
	xsctp_finish(b);
	b->tag = b->association->peer_tag;
}

static struct xsctp_transport *xsctp_control_to(const struct xsctp_association *a,
						const struct xsctp_control *c)
{
	return c->transport ? : a->active;
}

/* All control chunks that go where this packet goes; the last packet stays open. */
static void xsctp_add_controls(struct xsctp_build *b)
{
	struct xsctp_association *a = b->association;
	struct xsctp_control *c, *next;

	list_for_each_entry_safe(c, next, &a->control, link) {
		if (xsctp_control_to(a, c) != b->transport)
			continue;
		xsctp_unqueue_control(a, c);
		xsctp_add_chunk(b, c->bytes, c->len);
		kfree(c);
	}
}

/* ---------------------------------------------------------------------- SACK */

static u32 xsctp_sack_least(const struct xsctp_association *a)
{
	return XSCTP_SACK_LEN + (a->ecne ? XSCTP_ECNE_LEN : 0);
}

/* Without anything missing it is short. */
static u32 xsctp_sack_room(const struct xsctp_association *a)
{
	return a->map.highest == a->map.cum && !a->nr_dups ? xsctp_sack_least(a) :
							     XSCTP_CONTROL_ROOM;
}

/* RFC 9260 section 6.4: to where the data came from, if that is still there. */
static struct xsctp_transport *xsctp_sack_to(const struct xsctp_association *a)
{
	return a->last_data_from ? : a->active;
}

/* RFC 3168 section 6.1.3, RFC 9260 appendix: until the peer says CWR. */
static void xsctp_add_ecne(struct xsctp_build *b)
{
	u8 *to = skb_put(b->skb, XSCTP_ECNE_LEN);

	xsctp_put_u32(xsctp_put_chunk(to, XSCTP_ECNE, 0, XSCTP_ECNE_LEN),
		      b->association->ecne_tsn);
	b->room -= XSCTP_ECNE_LEN;
	xsctp_count_control(b->association);
}

static void xsctp_add_sack(struct xsctp_build *b)
{
	struct xsctp_association *a = b->association;
	u32 least = xsctp_sack_least(a), room;
	u16 len;

	if (b->skb && (least > b->room || !xsctp_linear_room(b, least) ||
		       xsctp_other_key(b, XSCTP_SACK, NULL)))
		xsctp_finish(b);
	if (!b->skb && !xsctp_begin(b, xsctp_sack_room(a)))
		return;
	if ((a->ecne && !xsctp_add_auth(b, XSCTP_ECNE, NULL)) ||
	    !xsctp_add_auth(b, XSCTP_SACK, NULL))
		return;
	if (a->ecne)
		xsctp_add_ecne(b);
	/* What is kept free for an AUTH chunk stays so. */
	room = skb_tailroom(b->skb) - (b->auth ? 0 : a->auth_room);
	room = min(b->room, room);
	len = xsctp_sack_build(a, skb_tail_pointer(b->skb), min_t(u32, room, U16_MAX));
	skb_put(b->skb, len);
	b->room -= len;
	xsctp_count_control(a);
}

/* ---------------------------------------------------------------------- DATA */

/* Is this what follows the last piece of the packet in the same page? */
static bool xsctp_follows(const struct sk_buff *skb, const struct page *page, u32 offset)
{
	const skb_frag_t *last;

	if (!skb_shinfo(skb)->nr_frags)
		return false;
	last = &skb_shinfo(skb)->frags[skb_shinfo(skb)->nr_frags - 1];
	return skb_frag_page(last) == page && skb_frag_off(last) + skb_frag_size(last) == offset;
}

/* A piece of a chunk, but for so many octets in front. */
static void xsctp_add_piece(struct sk_buff *skb, const struct bio_vec *piece, u32 skip)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	u32 offset = piece->bv_offset + skip, len = piece->bv_len - skip;

	if (xsctp_follows(skb, piece->bv_page, offset)) {
		skb_frag_size_add(&info->frags[info->nr_frags - 1], len);
	} else {
		get_page(piece->bv_page);
		skb_fill_page_desc(skb, info->nr_frags, piece->bv_page, offset, len);
	}
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
}

static bool xsctp_data_fits(const struct xsctp_build *b, const struct xsctp_data *d)
{
	return xsctp_on_wire(d) <= b->room &&
	       skb_shinfo(b->skb)->nr_frags + d->nr_frags <= MAX_SKB_FRAGS;
}

/* Octets of a chunk that are copied: a little data, and of more the header. */
static u32 xsctp_inline_len(const struct xsctp_data *d)
{
	u32 len = xsctp_on_wire(d);

	return len > XSCTP_INLINE || d->nr_frags > 1 ? XSCTP_DATA_LEN : len;
}

/* Whoever reads the packet then need not look into pages. Returns how much was copied. */
static u32 xsctp_inline(struct xsctp_build *b, const struct xsctp_data *d)
{
	u32 len = xsctp_inline_len(d);

	if (skb_shinfo(b->skb)->nr_frags || !xsctp_linear_room(b, len))
		return 0;
	skb_put_data(b->skb, page_address(d->frag[0].bv_page) + d->frag[0].bv_offset, len);
	return len;
}

static int xsctp_add_data(struct xsctp_build *b, const struct xsctp_data *d)
{
	unsigned int i;
	int err = 0;
	u32 skip;

	if (b->skb && (!xsctp_data_fits(b, d) || xsctp_other_key(b, XSCTP_DATA, d)))
		err = xsctp_finish(b);
	if (!b->skb && !xsctp_begin(b, xsctp_inline_len(d)))
		return -EHOSTUNREACH;
	if (!xsctp_add_auth(b, XSCTP_DATA, d))
		return -ENOKEY;
	skip = xsctp_inline(b, d);
	for (i = 0; i < d->nr_frags && skip < d->frag[i].bv_len; i++, skip = 0)
		xsctp_add_piece(b->skb, &d->frag[i], skip);
	b->room -= min(b->room, xsctp_on_wire(d));
	b->data = true;
	return err;
}

/* Section 6.2: what we have to say to the peer goes along, if it fits beside the data. */
static bool xsctp_sack_rides(const struct xsctp_build *b, const struct xsctp_data *first)
{
	const struct xsctp_association *a = b->association;
	u32 room = b->skb ? b->room : xsctp_transport_room(b->transport);

	return (a->unacked_packets || xsctp_sack_due(a)) && xsctp_sack_to(a) == b->transport &&
	       xsctp_sack_least(a) + xsctp_on_wire(first) <= room;
}

/**
 * xsctp_send_data() - send DATA chunks over a path
 * @a: the association, locked
 * @t: the path
 * @data: chunks with their headers written, chained by next, for as many packets as they need
 *
 * Control chunks that wait for the same path go first, and a SACK along. A chunk too
 * large for the path goes in a packet that IP may cut.
 *
 * Return: 0, or the errno of the last packet that could not be sent; that is as good
 * as lost.
 */
int xsctp_send_data(struct xsctp_association *a, struct xsctp_transport *t,
		    const struct xsctp_data *data)
{
	struct xsctp_build b = xsctp_build_to(a, t);
	int err = 0;

	xsctp_add_controls(&b);
	/* Without the COOKIE ECHO it would be out of the blue: T1 will send both. */
	if (!b.skb && a->state == SCTP_COOKIE_ECHOED)
		return -ENOBUFS;
	if (xsctp_sack_rides(&b, data))
		xsctp_add_sack(&b);
	b.couple = data->next && xsctp_build_dst(&b) && xsctp_may_couple(a->sk, t->dst);
	for (; data; data = data->next)
		err = xsctp_add_data(&b, data) ? : err;
	t->last_used = jiffies;
	err = xsctp_finish(&b) ? : err;
	return xsctp_depart(&b) ? : err;
}

/* ------------------------------------------------------------------- the way out */

/* Control chunks that no data takes along. */
static void xsctp_flush_control(struct xsctp_association *a)
{
	struct xsctp_control *c;
	struct xsctp_build b;

	while ((c = list_first_entry_or_null(&a->control, struct xsctp_control, link))) {
		b = xsctp_build_to(a, xsctp_control_to(a, c));
		xsctp_add_controls(&b);
		if (xsctp_sack_due(a) && xsctp_sack_to(a) == b.transport)
			xsctp_add_sack(&b);
		xsctp_finish(&b);
	}
}

/**
 * xsctp_flush() - send all that may be sent now
 * @a: the association, locked; at the end of each event
 */
void xsctp_flush(struct xsctp_association *a)
{
	struct xsctp_build b;

	if (a->dead || !a->active)
		return;
	xsctp_outqueue_push(a);
	xsctp_abandon_finish(a);
	xsctp_flush_control(a);
	if (!xsctp_sack_due(a))
		return;
	b = xsctp_build_to(a, xsctp_sack_to(a));
	xsctp_add_sack(&b);
	xsctp_finish(&b);
}

/**
 * xsctp_send_now() - send one chunk, past all queues
 * @a: the association, locked
 * @t: the path; NULL: the active one
 * @tag: the packet's verification tag
 * @chunk: the chunk
 * @len: of it, padded
 *
 * For the last words of an association: ABORT, SHUTDOWN COMPLETE.
 */
void xsctp_send_now(struct xsctp_association *a, struct xsctp_transport *t, u32 tag,
		    const u8 *chunk, u16 len)
{
	struct xsctp_build b = xsctp_build_to(a, t ? : a->active);

	if (!b.transport || !xsctp_begin(&b, len))
		return;
	b.tag = tag;
	xsctp_add_auth(&b, chunk[0], NULL);
	skb_put_data(b.skb, chunk, len);
	xsctp_count_control(a);
	xsctp_finish(&b);
}

/**
 * xsctp_reply() - answer a packet that no association has
 * @space: of the IP protocol number
 * @packet: what is answered, to where it came from
 * @tag: the answer's verification tag
 * @chunk: the answer's only chunk
 * @len: of it, padded
 *
 * RFC 9260 sections 5.1 (INIT ACK) and 8.4. Any context but hard interrupts.
 */
void xsctp_reply(struct xl4_space *space, const struct xsctp_packet *packet, u32 tag,
		 const u8 *chunk, u16 len)
{
	struct xsctp_header h = {
		.source = packet->header.dest,
		.dest = packet->header.source,
		.tag = tag,
	};
	struct xl4_reply reply = {
		.local = packet->tuple.local,
		.remote = packet->tuple.remote,
		.local_port = h.source,
		.remote_port = h.dest,
		.scope_device = packet->device,
		.device = packet->l3_device ? packet->device : 0,
		.uid = sock_net_uid(space->net, NULL),
		.protocol = space->protocol->number,
	};
	struct sk_buff *skb = xsctp_alloc(XSCTP_HEADROOM, XSCTP_HEADER_LEN + len);

	if (!skb)
		return;
	skb_put_zero(skb, XSCTP_HEADER_LEN);
	skb_put_data(skb, chunk, len);
	xsctp_write_header(skb->data, &h);
	xsctp_put_checksum(skb);
	xl4_mib_inc(&space->mib[packet->v6], XSCTP_MIB_OUT_PACKS);
	xl4_mib_inc(&space->mib[packet->v6], XSCTP_MIB_OUT_CTRL_CHUNKS);
	if (packet->v6)
		xl4_v6_reply(space->net, NULL, skb, &reply);
	else
		xl4_v4_reply(space->net, NULL, skb, &reply);
}
