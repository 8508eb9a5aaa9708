// SPDX-License-Identifier: GPL-2.0
/*
 * Data from segments into the queue that the program reads.
 *
 * What comes in order is appended; what comes ahead of that waits in a tree
 * until the hole before it is filled. Both are charged to the socket.
 */

#include "tcp.h"

/* ------------------------------------------------------------------- ACKs */

/* So many ACKs at once, before they are delayed: the sender is in slow start. */
#define XTCP_QUICK_ACKS 16

/**
 * xtcp_quickack() - delay no ACKs for a while
 * @tp: the receiver, locked
 */
void xtcp_quickack(struct xtcp_sock *tp)
{
	u32 acks = xtcp_receive_window(tp) / (2U * max_t(u16, tp->rcv_mss, 1));

	tp->quick = max_t(u32, tp->quick, clamp_t(u32, acks, 2, XTCP_QUICK_ACKS));
}

/* Data came: guess the peer's segment size, and whether it is in a hurry. */
static void xtcp_event_data(struct sock *sk, const struct sk_buff *skb,
			    const struct xtcp_options *opt)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	unsigned int len = skb_shinfo(skb)->gso_size ? : skb->len;

	tp->ack_pending |= XTCP_ACK_SCHED;
	if (len >= tp->rcv_mss)
		tp->rcv_mss = min_t(unsigned int, len, U16_MAX);
	else if (XTCP_SKB_CB(skb)->flags & XTCP_PSH && len > 88 && tp->rcv_mss > 536)
		tp->rcv_mss = max_t(unsigned int, len, 536);
	if (!tp->data_segs_in)
		xtcp_quickack(tp);
	tp->last_received = jiffies;
	tp->data_segs_in += max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	xtcp_note_ratio(tp, skb);
	xtcp_measure_rcv_rtt(tp, opt->has_timestamps && skb->len >= tp->rcv_mss ? opt->tsecr : 0);
}

/*
 * RFC 3168 section 6.1.3: what routers tell, by data that lie in the window. Others
 * may be anybody's: section 6.1.5.
 */
static void xtcp_note_congestion(struct xtcp_sock *tp, const struct xtcp_skb_cb *cb)
{
	if (!tp->ecn_ok)
		return;
	if (cb->flags & XTCP_CWR)
		tp->ecn_echo = false;
	if (cb->ce && !tp->ecn_echo) {
		tp->ecn_echo = true;
		tp->ack_pending |= XTCP_ACK_NOW;
	}
}

/**
 * xtcp_ack_check() - acknowledge what came: now or later
 * @sk: connected, locked; a segment was processed
 *
 * RFC 9293 section 3.8.6.3: at least every second full segment, not later than
 * half a second. RFC 5681 section 4.2: at once, while there are holes.
 */
void xtcp_ack_check(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!(tp->ack_pending & XTCP_ACK_SCHED) || sk->sk_state == TCP_CLOSE)
		return;
	if (tp->rcv_nxt - tp->rcv_wup > tp->rcv_mss || tp->quick || tp->quickack_mode ||
	    tp->ack_pending & XTCP_ACK_NOW || !RB_EMPTY_ROOT(&tp->ahead))
		xtcp_send_ack(sk);
	else
		xtcp_delay_ack(sk);
}

static void xtcp_set_dsack(struct xtcp_sock *tp, u32 start, u32 end)
{
	if (!tp->sack_ok)
		return;
	tp->dsack.start = start;
	tp->dsack.end = end;
}

/* RFC 2883: all of this came before. */
static void xtcp_duplicate_data(struct sock *sk, u32 start, u32 end)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	xtcp_set_dsack(tp, start, seq_after(end, tp->rcv_nxt) ? tp->rcv_nxt : end);
	xtcp_quickack(tp);
	tp->ack_pending |= XTCP_ACK_SCHED | XTCP_ACK_NOW;
}

/* ------------------------------------------------------------ SACK blocks */

/* RFC 2018 section 4: the block with the latest segment goes first. */
static void xtcp_add_ack_block(struct xtcp_sock *tp, u32 start, u32 end)
{
	struct xtcp_sack block = { start, end };
	unsigned int i, n = 0;
	struct xtcp_sack rest[XTCP_MAX_SACKS];

	for (i = 0; i < tp->nr_acks; i++) {
		const struct xtcp_sack *old = &tp->acks[i];

		if (seq_after(old->start, block.end) || seq_before(old->end, block.start)) {
			rest[n++] = *old;
			continue;
		}
		if (seq_before(old->start, block.start))
			block.start = old->start;
		if (seq_after(old->end, block.end))
			block.end = old->end;
	}
	tp->acks[0] = block;
	n = min_t(unsigned int, n, XTCP_MAX_SACKS - 1);
	memcpy(&tp->acks[1], rest, n * sizeof(rest[0]));
	tp->nr_acks = n + 1;
}

/* rcv_nxt has moved on: what it passed is acknowledged by itself. */
static void xtcp_drop_ack_blocks(struct xtcp_sock *tp)
{
	unsigned int i, n = 0;

	if (RB_EMPTY_ROOT(&tp->ahead)) {
		tp->nr_acks = 0;
		return;
	}
	for (i = 0; i < tp->nr_acks; i++)
		if (seq_after(tp->acks[i].start, tp->rcv_nxt))
			tp->acks[n++] = tp->acks[i];
	tp->nr_acks = n;
}

/* ----------------------------------------------------------------- memory */

/* Append @skb's data to @to's, if that saves memory. @skb is gone then. */
static bool xtcp_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *skb, bool *stolen)
{
	int delta;

	if (!to || XTCP_SKB_CB(to)->end_seq != XTCP_SKB_CB(skb)->seq ||
	    XTCP_SKB_CB(to)->flags & XTCP_FIN || skb_cmp_decrypted(to, skb))
		return false;
	if (!skb_try_coalesce(to, skb, stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	XTCP_SKB_CB(to)->end_seq = XTCP_SKB_CB(skb)->end_seq;
	XTCP_SKB_CB(to)->flags |= XTCP_SKB_CB(skb)->flags;
	if (skb->tstamp)
		to->tstamp = skb->tstamp;
	return true;
}

static void xtcp_drop(struct sock *sk, struct sk_buff *skb)
{
	sk_drops_inc(sk);
	__kfree_skb(skb);
}

/* Room has to be made: the farthest ahead goes; the peer still has it (RFC 2018 section 8). */
static bool xtcp_prune_ahead(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	int goal = sk->sk_rcvbuf >> 3;
	struct sk_buff *skb;

	if (RB_EMPTY_ROOT(&tp->ahead))
		return false;
	while (goal > 0 && (skb = tp->last_ahead)) {
		tp->last_ahead = skb_rb_prev(skb);
		rb_erase(&skb->rbnode, &tp->ahead);
		goal -= skb->truesize;
		xtcp_drop(sk, skb);
	}
	xtcp_count(sk, XTCP_OFO_PRUNED);
	/* What we told of it is no longer true. */
	tp->nr_acks = 0;
	return true;
}

/* Move a segment's data to the end of @to's. It may begin with octets that @to has already. */
static void xtcp_move_data(struct sock *sk, struct sk_buff *to, struct sk_buff *skb)
{
	u32 twice = XTCP_SKB_CB(to)->end_seq - XTCP_SKB_CB(skb)->seq;
	unsigned int len = skb->len - twice;

	skb_copy_bits(skb, twice, skb_put(to, len), len);
	XTCP_SKB_CB(to)->end_seq = XTCP_SKB_CB(skb)->end_seq;
	XTCP_SKB_CB(to)->flags |= XTCP_SKB_CB(skb)->flags;
	if (skb->tstamp)
		to->tstamp = skb->tstamp;
	__skb_unlink(skb, &sk->sk_receive_queue);
	__kfree_skb(skb);
}

/*
 * Room has to be made: small segments take much more memory than data. Their data
 * is moved together, a page at a time; what is packed well, and the FIN, stays.
 */
static void xtcp_collapse(struct sock *sk)
{
	const unsigned int size = SKB_MAX_ORDER(0, 0);
	struct sk_buff *skb, *next, *to = NULL;

	skb_queue_walk_safe(&sk->sk_receive_queue, skb, next) {
		if (skb->truesize <= 2 * skb->len || skb->len > size ||
		    XTCP_SKB_CB(skb)->flags & XTCP_FIN) {
			to = NULL;
			continue;
		}
		if (!to || skb_tailroom(to) < skb->len) {
			to = alloc_skb(size, GFP_ATOMIC | __GFP_NOWARN);
			if (!to)
				return;
			*XTCP_SKB_CB(to) = *XTCP_SKB_CB(skb);
			XTCP_SKB_CB(to)->end_seq = XTCP_SKB_CB(to)->seq;
			__skb_queue_before(&sk->sk_receive_queue, skb, to);
			skb_set_owner_r(to, sk);
		}
		xtcp_move_data(sk, to, skb);
	}
}

/* Charge a segment to the socket. Returns whether there is room. */
static bool xtcp_rmem_schedule(struct sock *sk, struct sk_buff *skb, bool in_order)
{
	if (in_order && atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf)
		xtcp_collapse(sk);
	while (atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf ||
	       !sk_rmem_schedule(sk, skb, skb->truesize)) {
		xtcp_count(sk, XTCP_RCV_PRUNED);
		/* A reader with an empty queue must get something, or waits for ever. */
		if (in_order && skb_queue_empty(&sk->sk_receive_queue) &&
		    atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf) {
			/*
			 * Beyond the limit of all sockets, within that of this one. It is charged
			 * like the rest and leaves a debt, which reading or the next segment pays.
			 */
			return true;
		}
		if (!in_order || !xtcp_prune_ahead(sk))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ queue */

static void xtcp_queue_in_order(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 end = XTCP_SKB_CB(skb)->end_seq;
	bool stolen;

	tp->bytes_received += end - tp->rcv_nxt;
	if (xtcp_coalesce(sk, tail, skb, &stolen)) {
		kfree_skb_partial(skb, stolen);
	} else {
		__skb_queue_tail(&sk->sk_receive_queue, skb);
		skb_set_owner_r(skb, sk);
	}
	tp->rcv_nxt = end;
}

/* The hole is filled: what comes next is not ahead any more. */
static void xtcp_take_ahead(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct rb_node *node;

	while ((node = rb_first(&tp->ahead))) {
		struct sk_buff *skb = rb_to_skb(node);
		bool fin = XTCP_SKB_CB(skb)->flags & XTCP_FIN;

		if (seq_after(XTCP_SKB_CB(skb)->seq, tp->rcv_nxt))
			break;
		rb_erase(node, &tp->ahead);
		if (skb == tp->last_ahead)
			tp->last_ahead = NULL;
		if (!seq_after(XTCP_SKB_CB(skb)->end_seq, tp->rcv_nxt)) {
			xtcp_drop(sk, skb);
			continue;
		}
		/* It is charged already. */
		skb_orphan(skb);
		xtcp_queue_in_order(sk, skb);
		if (fin) {
			xtcp_fin(sk);
			break;
		}
	}
}

/* Drop from the tree what @skb, just entered, covers. */
static void xtcp_drop_covered(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *next;

	while ((next = skb_rb_next(skb)) &&
	       !seq_after(XTCP_SKB_CB(next)->end_seq, XTCP_SKB_CB(skb)->end_seq)) {
		xtcp_set_dsack(tp, XTCP_SKB_CB(next)->seq, XTCP_SKB_CB(next)->end_seq);
		rb_erase(&next->rbnode, &tp->ahead);
		if (next == tp->last_ahead)
			tp->last_ahead = skb;
		xtcp_drop(sk, next);
	}
}

/* RFC 2883 section 4.1: the lowest of what a segment and those that wait have in common. */
static void xtcp_partly_before(struct xtcp_sock *tp, const struct xtcp_skb_cb *cb,
			       const struct xtcp_skb_cb *has)
{
	u32 start = seq_before(cb->seq, has->seq) ? has->seq : cb->seq;
	u32 end = seq_after(cb->end_seq, has->end_seq) ? has->end_seq : cb->end_seq;

	if (seq_before(start, end) &&
	    (tp->dsack.start == tp->dsack.end || seq_before(start, tp->dsack.start)))
		xtcp_set_dsack(tp, start, end);
}

/* Enter @skb in the tree. Returns whether it brought anything. */
static bool xtcp_insert_ahead(struct sock *sk, struct sk_buff *skb)
{
	struct rb_node **link, *parent = NULL;
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	bool stolen;

	/* Most come behind the last. */
	if (tp->last_ahead && !seq_before(cb->seq, XTCP_SKB_CB(tp->last_ahead)->end_seq)) {
		if (xtcp_coalesce(sk, tp->last_ahead, skb, &stolen)) {
			kfree_skb_partial(skb, stolen);
			return true;
		}
		parent = &tp->last_ahead->rbnode;
		link = &parent->rb_right;
		goto enter;
	}
	link = &tp->ahead.rb_node;
	while (*link) {
		struct sk_buff *other = rb_to_skb(*link);
		const struct xtcp_skb_cb *has = XTCP_SKB_CB(other);

		parent = *link;
		if (!seq_before(cb->seq, has->seq) && !seq_after(cb->end_seq, has->end_seq)) {
			xtcp_set_dsack(tp, cb->seq, cb->end_seq);
			xtcp_drop(sk, skb);
			return false;
		}
		xtcp_partly_before(tp, cb, has);
		if (xtcp_coalesce(sk, other, skb, &stolen)) {
			kfree_skb_partial(skb, stolen);
			xtcp_drop_covered(sk, other);
			return true;
		}
		if (seq_before(cb->seq, has->seq) || cb->seq == has->seq)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
enter:
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &tp->ahead);
	skb_set_owner_r(skb, sk);
	if (!tp->last_ahead || !skb_rb_next(skb))
		tp->last_ahead = skb;
	xtcp_drop_covered(sk, skb);
	return true;
}

static void xtcp_queue_ahead(struct sock *sk, struct sk_buff *skb)
{
	u32 start = XTCP_SKB_CB(skb)->seq, end = XTCP_SKB_CB(skb)->end_seq;
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->ack_pending |= XTCP_ACK_NOW;
	if (!xtcp_rmem_schedule(sk, skb, false)) {
		xtcp_count(sk, XTCP_RCVQ_DROP);
		xtcp_drop(sk, skb);
		return;
	}
	tp->rcv_ooopack += max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	xtcp_count(sk, XTCP_OFO_QUEUE);
	if (xtcp_insert_ahead(sk, skb) && tp->sack_ok)
		xtcp_add_ack_block(tp, start, end);
}

/**
 * xtcp_data_ready() - wake the program if there is as much as it waits for
 * @sk: connected, locked
 *
 * A reader is woken by anything: it has a part already, and lacks less than SO_RCVLOWAT. Of urgent
 * data xtcp_urgent() tells.
 */
void xtcp_data_ready(struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->rcv_nxt - tp->copied_seq < READ_ONCE(sk->sk_rcvlowat) &&
	    !sock_flag(sk, SOCK_DONE) && !tp->readers &&
	    !xtcp_window_is_used_up(tp) &&
	    atomic_read(&sk->sk_rmem_alloc) < sk->sk_rcvbuf - (sk->sk_rcvbuf >> 3))
		return;
	sk->sk_data_ready(sk);
}

/**
 * xtcp_set_rcvlowat() - the set_rcvlowat of struct proto_ops
 * @sk: locked
 * @octets: so many are to be there before the program is told; 0 is 1
 *
 * What is there already may be enough now.
 *
 * Return: 0.
 */
int xtcp_set_rcvlowat(struct sock *sk, int octets)
{
	WRITE_ONCE(sk->sk_rcvlowat, octets ? : 1);
	if (xtcp_in(sk, XTCP_SYNCHRONIZED))
		xtcp_data_ready(sk);
	return 0;
}

/*
 * RFC 9293 section 3.10.7.4: what lies right of the window is cut off. A FIN that
 * follows the last octet of it takes no room.
 */
static void xtcp_cut_right(const struct xtcp_sock *tp, struct sk_buff *skb)
{
	u32 edge = tp->rcv_nxt + xtcp_receive_window(tp);
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	u32 data_end = cb->seq + skb->len;

	if (!seq_after(data_end, edge) || pskb_trim(skb, edge - cb->seq))
		return;
	cb->flags &= ~XTCP_FIN;
	cb->end_seq = edge;
}

/**
 * xtcp_data_queue() - process the text and the FIN of a segment
 * @sk: in a state that receives, locked
 * @skb: acceptable, data at its header; consumed
 * @opt: its options
 *
 * RFC 9293 section 3.10.7.4, seventh and eighth.
 */
void xtcp_data_queue(struct sock *sk, struct sk_buff *skb, const struct xtcp_options *opt)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	bool fin;

	if (cb->seq == cb->end_seq) {
		__kfree_skb(skb);
		return;
	}
	skb_dst_drop(skb);
	__skb_pull(skb, cb->length);
	xtcp_event_data(sk, skb, opt);

	if (!seq_after(cb->end_seq, tp->rcv_nxt)) {
		xtcp_duplicate_data(sk, cb->seq, cb->end_seq);
		xtcp_drop(sk, skb);
		return;
	}
	if (!seq_before(cb->seq, tp->rcv_nxt + xtcp_receive_window(tp)) &&
	    !(cb->seq == tp->rcv_nxt && !skb->len)) {
		/* A probe of a closed window, perhaps. */
		xtcp_count(sk, XTCP_ZERO_WINDOW_DROP);
		tp->ack_pending |= XTCP_ACK_NOW;
		xtcp_drop(sk, skb);
		return;
	}
	xtcp_note_congestion(tp, cb);
	xtcp_cut_right(tp, skb);
	if (seq_after(cb->seq, tp->rcv_nxt)) {
		xtcp_queue_ahead(sk, skb);
		return;
	}
	if (seq_before(cb->seq, tp->rcv_nxt))
		xtcp_duplicate_data(sk, cb->seq, tp->rcv_nxt);
	if (!xtcp_rmem_schedule(sk, skb, true)) {
		xtcp_count(sk, XTCP_RCVQ_DROP);
		tp->ack_pending |= XTCP_ACK_NOW;
		xtcp_drop(sk, skb);
		return;
	}
	fin = cb->flags & XTCP_FIN;
	xtcp_queue_in_order(sk, skb);
	if (fin)
		xtcp_fin(sk);
	if (!RB_EMPTY_ROOT(&tp->ahead)) {
		xtcp_take_ahead(sk);
		/* RFC 5681 section 4.2: a hole was filled. */
		if (RB_EMPTY_ROOT(&tp->ahead))
			tp->ack_pending |= XTCP_ACK_NOW;
	}
	if (tp->nr_acks)
		xtcp_drop_ack_blocks(tp);
	if (!sock_flag(sk, SOCK_DEAD))
		xtcp_data_ready(sk);
}

/**
 * xtcp_purge_receive() - throw away all that was received
 * @sk: locked, or nobody else's
 */
void xtcp_purge_receive(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct rb_node *node;

	__skb_queue_purge(&sk->sk_receive_queue);
	while ((node = rb_first(&tp->ahead))) {
		rb_erase(node, &tp->ahead);
		__kfree_skb(rb_to_skb(node));
	}
	tp->last_ahead = NULL;
	tp->nr_acks = 0;
}
