// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard: what the peer has beyond snd_una (RFC 2018, 2883, 6675).
 *
 * Segments are marked, and the marked octets counted. Buffers that hold many
 * segments are cut where the peer's blocks begin and end, but only between
 * segments as we sent them: nobody makes us keep shreds.
 */

#include "tcp.h"

static u32 xtcp_skb_octets(const struct sk_buff *skb)
{
	return XTCP_SKB_CB(skb)->end_seq - XTCP_SKB_CB(skb)->seq;
}

/**
 * xtcp_unmark() - a segment is delivered: take it out of the counts of the lost
 *	and of the retransmitted
 * @tp: the sender, locked
 * @skb: one of those sent
 */
void xtcp_unmark(struct xtcp_sock *tp, struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

	if (cb->marks & XTCP_LOST)
		tp->lost_out -= xtcp_skb_octets(skb);
	if (cb->marks & XTCP_RETRANS)
		tp->retrans_out -= xtcp_skb_octets(skb);
	cb->marks &= ~(XTCP_LOST | XTCP_RETRANS);
}

/**
 * xtcp_mark_lost() - a segment is taken for lost
 * @tp: the sender, locked
 * @skb: one of those sent
 *
 * One that was sent again is lost again: then it is to be sent once more.
 */
void xtcp_mark_lost(struct xtcp_sock *tp, struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

	if (cb->marks & XTCP_SACKED)
		return;
	if (cb->marks & XTCP_RETRANS) {
		tp->retrans_out -= xtcp_skb_octets(skb);
		cb->marks &= ~XTCP_RETRANS;
	}
	xtcp_trim_acked((struct sock *)tp, skb);
	if (!(cb->marks & XTCP_LOST)) {
		tp->lost_out += xtcp_skb_octets(skb);
		cb->marks |= XTCP_LOST;
	}
}

/**
 * xtcp_delivered() - learn from a segment that the peer has got
 * @tp: the sender, locked
 * @skb: one of those sent, its marks still as they were
 * @end: of what was delivered, perhaps before that of @skb
 * @ack: by which ACK
 *
 * RTT by Karn's rule; RFC 8985 section 6.2, steps 1 to 3.
 */
void xtcp_delivered(struct xtcp_sock *tp, struct sk_buff *skb, u32 end,
		    struct xtcp_ack_info *ack)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	u64 sent = skb->skb_mstamp_ns;
	/* A paced segment may be acknowledged before it leaves, by who cannot have it. */
	u32 rtt = sent < ack->now_ns ? div_u64(ack->now_ns - sent, NSEC_PER_USEC) : 0;
	bool again = cb->marks & XTCP_EVER_RETRANS;

	ack->again |= again;
	if (!again) {
		ack->rtt_us = max(ack->rtt_us ? min(ack->rtt_us, rtt) : rtt, 1U);
		if (cb->marks & XTCP_LOST)
			ack->original = true;
		if (tp->rack.xmit_ns && seq_before(end, tp->rack.fack) &&
		    !tp->rack.reordering) {
			tp->rack.reordering = true;
			tp->reord_seen++;
		}
	} else if (rtt < tp->rack.min_rtt_us) {
		/* Too early to be for the copy. */
		return;
	}
	if (seq_after(end, tp->rack.fack) || !tp->rack.xmit_ns)
		tp->rack.fack = end;
	if (sent > tp->rack.xmit_ns ||
	    (sent == tp->rack.xmit_ns && seq_after(end, tp->rack.end_seq))) {
		tp->rack.xmit_ns = sent;
		tp->rack.end_seq = end;
		tp->rack.rtt_us = rtt;
		tp->rack.advanced = true;
	}
}

static void xtcp_mark_sacked(struct xtcp_sock *tp, struct sk_buff *skb, struct xtcp_ack_info *ack)
{
	xtcp_delivered(tp, skb, XTCP_SKB_CB(skb)->end_seq, ack);
	xtcp_unmark(tp, skb);
	/* Nobody looks there for what is delivered. */
	list_del_init(&skb->tcp_tsorted_anchor);
	XTCP_SKB_CB(skb)->marks |= XTCP_SACKED;
	tp->sacked_out += xtcp_skb_octets(skb);
	ack->sacked += xtcp_skb_octets(skb);
}

/*
 * Cut @skb so that what it holds from @seq on is a buffer of its own. Upwards to
 * a segment's end, or downwards. Returns whether something is left in @skb.
 */
static bool xtcp_cut_at(struct sock *sk, struct sk_buff *skb, u32 seq, bool upwards)
{
	unsigned int mss = max(skb_shinfo(skb)->gso_size, (u16)1);
	u32 len = seq - XTCP_SKB_CB(skb)->seq;

	if (!skb_is_gso(skb))
		return false;
	len = upwards ? roundup(len, mss) : rounddown(len, mss);
	return len && len < skb->len && !xtcp_fragment(sk, skb, len, GFP_ATOMIC);
}

static void xtcp_sack_block(struct sock *sk, u32 start, u32 end, struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb;

	for (skb = xtcp_sent_find(tp, start); skb; skb = skb_rb_next(skb)) {
		struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

		if (!seq_before(cb->seq, end))
			break;
		if (cb->marks & XTCP_SACKED)
			continue;
		if (seq_before(cb->seq, start)) {
			xtcp_cut_at(sk, skb, start, true);
			continue;
		}
		if (seq_after(cb->end_seq, end) && !xtcp_cut_at(sk, skb, end, false))
			continue;
		xtcp_mark_sacked(tp, skb, ack);
	}
}

/* RFC 2883 section 4: what came twice is in the first block. */
static bool xtcp_is_dsack(const struct xtcp_options *opt, u32 ack_seq)
{
	const struct xtcp_sack *first = &opt->sack[0], *second = &opt->sack[1];

	if (!seq_after(first->end, ack_seq))
		return true;
	return opt->nr_sacks > 1 && !seq_before(first->start, second->start) &&
	       !seq_after(first->end, second->end);
}

static void xtcp_got_dsack(struct sock *sk, const struct xtcp_sack *block,
			   struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	/* One about what we never sent, or long ago, proves nothing. */
	if (!seq_before(block->start, block->end) || seq_after(block->end, tp->snd_nxt) ||
	    seq_before(block->start,
		       tp->snd_una - (u32)min_t(u64, tp->max_window, tp->bytes_acked)))
		return;
	xtcp_count(sk, XTCP_DSACK_RECV);
	ack->dsack = true;
	tp->dsack_dups++;
	if (tp->undo && tp->undo_retrans > 0 && !seq_before(block->start, tp->undo_marker)) {
		tp->undo_retrans -= min_t(u32, tp->undo_retrans, block->end - block->start);
		ack->all_twice = !tp->undo_retrans;
	}
}

/* What of a block the last ACK told already need not be walked over again. */
static u32 xtcp_sack_news(const struct xtcp_sock *tp, u32 start)
{
	unsigned int i;

	for (i = 0; i < XTCP_MAX_SACKS; i++) {
		const struct xtcp_sack *old = &tp->sack_cache[i];

		if (old->start == old->end || seq_before(start, old->start) ||
		    !seq_before(start, old->end))
			continue;
		if (seq_after(old->end - tp->mss, start))
			start = old->end - tp->mss;
	}
	return start;
}

/*
 * The blocks of an ACK by number. Their order is that of arrival (RFC 2018 section 4),
 * which would look like reordering. Returns how many there are.
 */
static unsigned int xtcp_sort_blocks(const struct xtcp_options *opt, unsigned int first,
				     struct xtcp_sack *blocks)
{
	unsigned int i, at, n = 0;

	for (i = first; i < opt->nr_sacks; i++) {
		for (at = n++; at && seq_after(blocks[at - 1].start, opt->sack[i].start); at--)
			blocks[at] = blocks[at - 1];
		blocks[at] = opt->sack[i];
	}
	return n;
}

/**
 * xtcp_sacktag() - mark what the peer says it has
 * @sk: the sender, locked
 * @ack_seq: the number acknowledged
 * @opt: the options of that segment
 * @ack: what was told is added here
 *
 * RFC 2018 section 4, RFC 6675 section 4: Update().
 */
void xtcp_sacktag(struct sock *sk, u32 ack_seq, const struct xtcp_options *opt,
		  struct xtcp_ack_info *ack)
{
	bool dsack = xtcp_is_dsack(opt, ack_seq);
	struct xtcp_sack blocks[XTCP_MAX_SACKS];
	struct xtcp_sock *tp = xtcp_sk(sk);
	unsigned int i, n;

	if (dsack)
		xtcp_got_dsack(sk, &opt->sack[0], ack);
	n = xtcp_sort_blocks(opt, dsack, blocks);
	for (i = 0; i < n; i++) {
		const struct xtcp_sack *block = &blocks[i];

		/* What begins at snd_una would be acknowledged: RFC 2018 section 3. */
		if (!seq_before(block->start, block->end) ||
		    !seq_after(block->start, tp->snd_una) || seq_after(block->end, tp->snd_nxt))
			continue;
		xtcp_sack_block(sk, xtcp_sack_news(tp, block->start), block->end, ack);
	}
	memset(tp->sack_cache, 0, sizeof(tp->sack_cache));
	memcpy(tp->sack_cache, opt->sack, opt->nr_sacks * sizeof(opt->sack[0]));
}

/**
 * xtcp_sack_renege() - the peer may have thrown away what it had SACKed
 * @sk: the sender, locked; the first segment is to be sent again
 *
 * RFC 2018 section 8: if that one is SACKed, believe nothing of it any more.
 */
void xtcp_sack_renege(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_head(tp);

	if (!skb || !(XTCP_SKB_CB(skb)->marks & XTCP_SACKED))
		return;
	xtcp_count(sk, XTCP_SACK_RENEGING);
	for (; skb; skb = skb_rb_next(skb)) {
		if (XTCP_SKB_CB(skb)->marks & XTCP_SACKED)
			list_move_tail(&skb->tcp_tsorted_anchor, &tp->sent_times);
		XTCP_SKB_CB(skb)->marks &= ~XTCP_SACKED;
	}
	tp->sacked_out = 0;
	memset(tp->sack_cache, 0, sizeof(tp->sack_cache));
}
