// SPDX-License-Identifier: GPL-2.0
/*
 * Finding out what is lost, and getting it there.
 *
 *	       loss found		       RTO
 *	OPEN -------------> RECOVERY -----------------> LOSS
 *	  |  \			|			 |
 *	  |   `--ECE--> CWR ----+			 |
 *	  |			v			 v
 *	  `<----- high_seq acknowledged, or it was no loss at all: undo
 *
 * RACK (RFC 8985) tells by time: what was sent well before something that was
 * delivered is lost. PRR (RFC 6937) paces what is sent meanwhile. A peer without
 * SACK gets NewReno (RFC 6582). Recoveries that were in vain are found out by
 * the echo of a timestamp (RFC 3522), by D-SACK (RFC 3708), or by F-RTO (RFC 5682).
 */

#include "tcp.h"

#define XTCP_DUPTHRESH 3

static u64 xtcp_now_us(const struct xtcp_ack_info *ack)
{
	return div_u64(ack->now_ns, NSEC_PER_USEC);
}

/* ------------------------------------------------------------------- RACK */

/* RFC 8985 section 6.2, step 4: how long reordering may take, in us. */
static u32 xtcp_reo_window(const struct xtcp_sock *tp)
{
	u32 srtt = tp->rto.srtt_us >> 3;

	if (!tp->rack.reordering &&
	    (tp->state >= XTCP_CA_RECOVERY || tp->sacked_out >= XTCP_DUPTHRESH * tp->mss))
		return 0;
	return min_t(u64, (u64)max_t(u32, tp->rack.reo_mult, 1) * (tp->rack.min_rtt_us / 4), srtt);
}

/* RFC 8985 section 6.2, step 4: D-SACK says that the window is too short. */
static void xtcp_adapt_reo_window(struct xtcp_sock *tp, const struct xtcp_ack_info *ack)
{
	if (!ack->dsack || seq_before(tp->snd_una, tp->rack.dsack_round))
		return;
	tp->rack.reo_mult = min(tp->rack.reo_mult + 1, 255);
	tp->rack.reo_persist = 16;
	tp->rack.dsack_round = tp->snd_nxt;
	tp->rack.reordering = true;
}

/* RFC 8985 section 6.2, step 5. Returns in how many us something may be found lost. */
static u32 xtcp_rack_detect(struct sock *sk, u64 now_ns)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 window = xtcp_reo_window(tp), timeout = 0;
	struct sk_buff *skb, *next;

	list_for_each_entry_safe(skb, next, &tp->sent_times, tcp_tsorted_anchor) {
		struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
		s64 left;

		if ((cb->marks & (XTCP_LOST | XTCP_RETRANS)) == XTCP_LOST)
			continue;
		if (skb->skb_mstamp_ns > tp->rack.xmit_ns ||
		    (skb->skb_mstamp_ns == tp->rack.xmit_ns &&
		     !seq_before(cb->end_seq, tp->rack.end_seq)))
			break;
		left = (s64)(skb->skb_mstamp_ns +
			     (u64)(tp->rack.rtt_us + window) * NSEC_PER_USEC - now_ns);
		if (left <= 0)
			xtcp_mark_lost(tp, skb);
		else
			timeout = max_t(u32, timeout, div_u64(left, NSEC_PER_USEC) + 1);
	}
	return timeout;
}

static void xtcp_rack_update(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 timeout;

	xtcp_adapt_reo_window(tp, ack);
	if (!tp->rack.advanced)
		return;
	tp->rack.advanced = false;
	timeout = xtcp_rack_detect(sk, ack->now_ns);
	if (timeout) {
		tp->event = XTCP_REORDER;
		xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_SEND), jiffies + usecs_to_jiffies(timeout));
	}
}

/* ------------------------------------------------------------------- undo */

static void xtcp_save_for_undo(struct xtcp_sock *tp)
{
	tp->undo = true;
	tp->undo_marker = tp->snd_una;
	tp->undo_retrans = 0;
	tp->retrans_stamp = 0;
	tp->prior_cwnd = tp->cong.cwnd;
	tp->prior_ssthresh = tp->cong.ssthresh;
}

/*
 * RFC 3522 section 3.2, (4): what acknowledges a retransmission echoes a time before it.
 * A duplicate ACK does so always, and tells nothing. RFC 3708: all came twice.
 */
static bool xtcp_may_undo(const struct xtcp_sock *tp, const struct xtcp_ack_info *ack)
{
	if (!tp->undo)
		return false;
	if (ack->advanced && ack->again && tp->retrans_stamp && ack->tsecr &&
	    seq_before(ack->tsecr, tp->retrans_stamp))
		return true;
	return ack->all_twice;
}

static void xtcp_unmark_all_lost(struct xtcp_sock *tp)
{
	struct sk_buff *skb;

	for (skb = xtcp_sent_head(tp); skb; skb = skb_rb_next(skb))
		XTCP_SKB_CB(skb)->marks &= ~(XTCP_LOST | XTCP_RETRANS);
	tp->lost_out = 0;
	tp->retrans_out = 0;
}

static void xtcp_undo(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->cong.cwnd = max(tp->cong.cwnd, tp->prior_cwnd);
	tp->cong.ssthresh = max(tp->cong.ssthresh, tp->prior_ssthresh);
	xl4_cong_undo(&tp->cong);
	xtcp_unmark_all_lost(tp);
	tp->undo = false;
	tp->retransmits = 0;
	tp->rto.backoff = 0;
	tp->frto = XTCP_FRTO_OFF;
	tp->state = XTCP_CA_OPEN;
}

static bool xtcp_try_undo(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!xtcp_may_undo(tp, ack))
		return false;
	xtcp_count(sk, ack->all_twice ? XTCP_DSACK_UNDO : XTCP_FULL_UNDO);
	xtcp_undo(sk);
	return true;
}

/* -------------------------------------------------------------------- PRR */

static void xtcp_prr_begin(struct xtcp_sock *tp)
{
	tp->prr_delivered = 0;
	tp->prr_out = 0;
	tp->prr_flight = max(tp->snd_nxt - tp->snd_una, 1U);
	tp->high_seq = tp->snd_nxt;
}

/* RFC 6937 section 3, with the slow start reduction bound. */
static void xtcp_prr_update(struct xtcp_sock *tp, u32 delivered)
{
	u32 pipe = xtcp_in_flight(tp), ssthresh = tp->cong.ssthresh;
	u32 mss = tp->mss;
	s64 send;

	tp->prr_delivered += delivered;
	if (pipe > ssthresh) {
		send = (s64)div_u64((u64)tp->prr_delivered * ssthresh + tp->prr_flight - 1,
				    tp->prr_flight) - tp->prr_out;
	} else {
		send = max_t(s64, (s64)tp->prr_delivered - tp->prr_out, delivered) + mss;
		send = min_t(s64, (s64)ssthresh - pipe, send);
	}
	/* The first retransmission is always allowed. */
	send = max_t(s64, send, tp->prr_out ? 0 : mss);
	tp->cong.cwnd = max_t(u32, pipe + send, mss);
}

/* ----------------------------------------------------------------- states */

/* RFC 5681 section 3.1: FlightSize, without what limited transmit has added. */
static u32 xtcp_flight_size(const struct xtcp_sock *tp, const struct xtcp_ack_info *ack)
{
	return min(tp->snd_nxt - ack->prior_una, tp->cong.cwnd);
}

static void xtcp_reduce(struct sock *sk, u32 flight)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->state != XTCP_CA_OPEN || !xtcp_in(sk, XTCP_SYNCHRONIZED))
		return;
	tp->undo = false;
	tp->cong.ssthresh = xl4_cong_loss(&tp->cong, flight,
					  div_u64(ktime_get_ns(), NSEC_PER_USEC));
	xtcp_prr_begin(tp);
	tp->state = XTCP_CA_CWR;
	tp->ecn_cwr = tp->ecn_ok;
}

/**
 * xtcp_enter_cwr() - the network or this host is congested, but nothing is lost
 * @sk: the sender, locked
 *
 * RFC 3168 section 6.1.2: once in a window.
 */
void xtcp_enter_cwr(struct sock *sk)
{
	xtcp_reduce(sk, xtcp_sk(sk)->snd_nxt - xtcp_sk(sk)->snd_una);
}

static void xtcp_enter_recovery(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	xtcp_save_for_undo(tp);
	if (tp->state == XTCP_CA_OPEN) {
		tp->cong.ssthresh = xl4_cong_loss(&tp->cong, xtcp_flight_size(tp, ack),
						  xtcp_now_us(ack));
		tp->ecn_cwr = tp->ecn_ok;
		xtcp_prr_begin(tp);
	} else {
		/* CWR has reduced it already. */
		tp->high_seq = tp->snd_nxt;
	}
	tp->state = XTCP_CA_RECOVERY;
	xtcp_count(sk, XTCP_FAST_RETRANS);
}

/**
 * xtcp_enter_loss() - a retransmission timed out: all that is out is lost
 * @sk: the sender, locked
 *
 * RFC 5681 section 3.1, RFC 6675 section 5.1, RFC 5682 section 3.2 step 1.
 */
void xtcp_enter_loss(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u64 now = div_u64(ktime_get_ns(), NSEC_PER_USEC);
	struct sk_buff *skb;

	/* Of several timeouts of the same data only the first reduces ssthresh. */
	if (tp->state != XTCP_CA_LOSS || !seq_before(tp->snd_una, tp->high_seq)) {
		xtcp_save_for_undo(tp);
		tp->cong.ssthresh = xl4_cong_loss(&tp->cong, tp->snd_nxt - tp->snd_una, now);
		tp->frto = !tp->sacked_out && !tp->retransmits ? XTCP_FRTO_FIRST : XTCP_FRTO_OFF;
	} else {
		tp->frto = XTCP_FRTO_OFF;
	}
	xl4_cong_timeout(&tp->cong);
	xtcp_sack_renege(sk);
	/* Without SACK a number of duplicate ACKs, which says nothing any more. */
	if (!tp->sack_ok)
		tp->sacked_out = 0;
	for (skb = xtcp_sent_head(tp); skb; skb = skb_rb_next(skb))
		xtcp_mark_lost(tp, skb);
	tp->cong.cwnd = tp->mss;
	tp->cwnd_used = 0;
	tp->high_seq = tp->snd_nxt;
	tp->state = XTCP_CA_LOSS;
	tp->ecn_cwr = tp->ecn_ok;
	tp->dupacks = 0;
	tp->tlp_high_seq = 0;
	tp->tlp_sent = false;
	tp->rack.reo_persist = 0;
	tp->rack.reo_mult = 1;
}

static void xtcp_finish(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->state != XTCP_CA_LOSS)
		tp->cong.cwnd = max(tp->cong.ssthresh, tp->mss * 2U);
	if (tp->rack.reo_persist && !--tp->rack.reo_persist)
		tp->rack.reo_mult = 1;
	tp->state = XTCP_CA_OPEN;
	tp->frto = XTCP_FRTO_OFF;
	tp->dupacks = 0;
	tp->retrans_stamp = 0;
}

/* Of a buffer with many segments the first is missing; of the others nothing is known. */
static void xtcp_mark_first_lost(struct sock *sk, struct sk_buff *skb)
{
	xtcp_trim_acked(sk, skb);
	if (!skb_is_gso(skb) || !xtcp_fragment(sk, skb, skb_shinfo(skb)->gso_size, GFP_ATOMIC))
		xtcp_mark_lost(xtcp_sk(sk), skb);
}

/* RFC 6582 and RFC 5681 section 3.2, for a peer without SACK. */
static void xtcp_newreno(struct sock *sk, struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_head(tp);
	u32 out;

	if (ack->advanced) {
		tp->dupacks = 0;
		tp->sacked_out = 0;
		/* So that it is never half the circle away. */
		if (tp->state == XTCP_CA_OPEN && seq_after(tp->snd_una, tp->high_seq))
			tp->high_seq = tp->snd_una - 1;
		/* A partial ACK: the next one is missing, too. */
		if (tp->state == XTCP_CA_RECOVERY && skb && seq_before(tp->snd_una, tp->high_seq))
			xtcp_mark_first_lost(sk, skb);
		return;
	}
	if (!ack->duplicate || !skb)
		return;
	tp->dupacks += tp->dupacks < 255;
	/* Some segment has left the network, we know not which. */
	out = tp->snd_nxt - tp->snd_una - tp->lost_out;
	if (tp->sacked_out + 2 * tp->mss <= out) {
		tp->sacked_out += tp->mss;
		ack->sacked += tp->mss;
	}
	/* RFC 6582 section 3.2, step 2: what a timeout's retransmissions cause means nothing. */
	if (tp->dupacks == XTCP_DUPTHRESH && tp->state == XTCP_CA_OPEN &&
	    seq_after(tp->snd_una, tp->high_seq))
		xtcp_mark_first_lost(sk, skb);
}

/* What the probe of RFC 8985 section 7.4 has brought. */
static void xtcp_tlp_acked(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!tp->tlp_high_seq || seq_before(tp->snd_una, tp->tlp_high_seq))
		return;
	if (tp->tlp_retrans && !ack->dsack) {
		/* Whether it came there twice the next ACK will tell. */
		if (tp->snd_una == tp->tlp_high_seq && (ack->advanced || ack->sacked))
			return;
		/* It repaired a loss, which has to cost what a loss costs. */
		if (seq_after(tp->snd_una, tp->tlp_high_seq))
			xtcp_reduce(sk, xtcp_flight_size(tp, ack));
	}
	tp->tlp_high_seq = 0;
}

/* RFC 9438, 5681: cwnd grows only if it was what held us back. */
static void xtcp_grow(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	const struct xl4_cong_ack info = {
		.acked = ack->acked + ack->sacked,
		.flight = ack->prior_flight,
		.sample_us = ack->rtt_us,
		.rtt_us = tp->rto.srtt_us >> 3,
		.min_rtt_us = tp->rack.min_rtt_us,
		.now_us = xtcp_now_us(ack),
		/* In slow start half used is used (RFC 7661). */
		.cwnd_limited = tp->cwnd_limited || tp->state == XTCP_CA_LOSS ||
				(xl4_cong_in_slow_start(&tp->cong) &&
				 tp->cwnd_used > tp->cong.cwnd / 2),
	};

	/* RFC 3042: not by what is sent on duplicate ACKs. */
	if (info.acked && ack->advanced)
		xl4_cong_acked(&tp->cong, &info);
}

/*
 * RFC 5682 section 2.1, steps 2 and 3: after the first ACK send new data rather than
 * what is taken for lost. If that was not lost, the next ACK is for what was sent once.
 */
static void xtcp_frto_step(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 before = tp->snd_nxt;

	if (tp->frto == XTCP_FRTO_FIRST && ack->advanced)
		xtcp_write_xmit(sk, tp->nonagle, 2, false, GFP_ATOMIC);
	tp->frto = tp->snd_nxt != before ? XTCP_FRTO_SECOND : XTCP_FRTO_OFF;
}

static void xtcp_in_loss(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	/* RFC 5682 section 2.1, step 3: what was never sent again arrives all the same. */
	if (xtcp_try_undo(sk, ack) ||
	    (tp->frto == XTCP_FRTO_SECOND && ack->original && tp->undo)) {
		if (tp->state != XTCP_CA_OPEN)
			xtcp_undo(sk);
		xtcp_count(sk, XTCP_SPURIOUS_RTOS);
		return;
	}
	xtcp_grow(sk, ack);
	if (ack->advanced && !seq_before(tp->snd_una, tp->high_seq))
		xtcp_finish(sk);
	if (tp->frto)
		xtcp_frto_step(sk, ack);
}

static void xtcp_in_recovery(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (xtcp_try_undo(sk, ack))
		return;
	if (!seq_before(tp->snd_una, tp->high_seq))
		xtcp_finish(sk);
	else
		xtcp_prr_update(tp, ack->acked + ack->sacked);
}

static void xtcp_in_cwr(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->lost_out) {
		xtcp_enter_recovery(sk, ack);
		xtcp_prr_update(tp, ack->acked + ack->sacked);
	} else if (seq_after(tp->snd_una, tp->high_seq) || tp->snd_una == tp->snd_nxt) {
		xtcp_finish(sk);
	} else {
		xtcp_prr_update(tp, ack->acked + ack->sacked);
	}
}

static void xtcp_in_open(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	/* An undo may come late, with the D-SACK for the last retransmission. */
	xtcp_try_undo(sk, ack);
	if (tp->lost_out) {
		xtcp_enter_recovery(sk, ack);
		xtcp_prr_update(tp, ack->acked + ack->sacked);
		return;
	}
	if (ack->ece)
		xtcp_reduce(sk, xtcp_flight_size(tp, ack));
	else
		xtcp_grow(sk, ack);
}

/**
 * xtcp_recover() - draw the conclusions from an ACK
 * @sk: the sender, locked; the scoreboard and snd_una are up to date
 * @ack: what it told
 */
void xtcp_recover(struct sock *sk, struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	xtcp_tlp_acked(sk, ack);
	if (tp->sack_ok)
		xtcp_rack_update(sk, ack);
	else
		xtcp_newreno(sk, ack);

	switch (tp->state) {
	case XTCP_CA_OPEN:
		xtcp_in_open(sk, ack);
		break;
	case XTCP_CA_CWR:
		xtcp_in_cwr(sk, ack);
		break;
	case XTCP_CA_RECOVERY:
		xtcp_in_recovery(sk, ack);
		break;
	case XTCP_CA_LOSS:
		xtcp_in_loss(sk, ack);
		break;
	}
	if (tp->frto != XTCP_FRTO_SECOND)
		xtcp_retransmit_lost(sk);
}

/**
 * xtcp_retransmit_lost() - send again what is lost, as far as cwnd allows
 * @sk: the sender, locked
 *
 * RFC 6675 section 4: NextSeg(), rule 1.
 */
void xtcp_retransmit_lost(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb;
	u32 flight, len;

	if (tp->lost_out <= tp->retrans_out)
		return;
	for (skb = xtcp_sent_head(tp); skb; skb = skb_rb_next(skb)) {
		if ((XTCP_SKB_CB(skb)->marks & (XTCP_LOST | XTCP_RETRANS)) != XTCP_LOST)
			continue;
		flight = xtcp_in_flight(tp);
		if (flight >= tp->cong.cwnd && flight)
			return;
		if (xtcp_retransmit_skb(sk, skb, max(tp->cong.cwnd, flight) - flight))
			return;
		len = XTCP_SKB_CB(skb)->end_seq - XTCP_SKB_CB(skb)->seq;
		if (tp->state == XTCP_CA_RECOVERY || tp->state == XTCP_CA_CWR)
			tp->prr_out += len;
		if (skb == xtcp_sent_head(tp))
			xtcp_rearm_retransmit(sk);
		if (tp->lost_out <= tp->retrans_out)
			return;
	}
}

/**
 * xtcp_reorder_timer() - time is up for what might only have been reordered
 * @sk: the sender, locked
 *
 * RFC 8985 section 6.3.
 */
void xtcp_reorder_timer(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_ack_info ack = {
		.prior_una = tp->snd_una,
		.prior_flight = xtcp_in_flight(tp),
		.now_ns = ktime_get_ns(),
	};
	u32 timeout = xtcp_rack_detect(sk, ack.now_ns);

	if (tp->lost_out && tp->state < XTCP_CA_RECOVERY) {
		xtcp_enter_recovery(sk, &ack);
		xtcp_prr_update(tp, 0);
	}
	xtcp_retransmit_lost(sk);
	if (timeout) {
		tp->event = XTCP_REORDER;
		xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_SEND), jiffies + usecs_to_jiffies(timeout));
	} else {
		xtcp_rearm_retransmit(sk);
	}
}

/**
 * xtcp_loss_probe() - nothing was heard for two round trips: ask
 * @sk: the sender, locked
 *
 * RFC 8985 section 7.3: by new data, else by the last segment once more.
 */
void xtcp_loss_probe(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 before = tp->snd_nxt;
	struct sk_buff *skb;
	unsigned int mss;

	tp->tlp_retrans = false;
	xtcp_write_xmit(sk, XTCP_NODELAY, 1, true, GFP_ATOMIC);
	if (tp->snd_nxt == before && !tp->tlp_high_seq) {
		skb = tp->highest_sent;
		/* The peer may have told of the last one since the probe was planned. */
		while (skb && XTCP_SKB_CB(skb)->marks & XTCP_SACKED)
			skb = skb_rb_prev(skb);
		mss = xtcp_current_mss(sk);
		if (skb && skb->len > mss) {
			u32 tail = (skb->len - 1) / mss * mss;

			if (!xtcp_fragment(sk, skb, tail, GFP_ATOMIC))
				skb = skb_rb_next(skb);
		}
		if (skb && !xtcp_retransmit_skb(sk, skb, mss))
			tp->tlp_retrans = true;
	}
	if (tp->snd_nxt != before || tp->tlp_retrans) {
		tp->tlp_high_seq = tp->snd_nxt;
		xtcp_count(sk, XTCP_LOSS_PROBES);
	}
	tp->tlp_sent = true;
	xtcp_rearm_retransmit(sk);
}
