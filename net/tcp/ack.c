// SPDX-License-Identifier: GPL-2.0
/* What the peer acknowledges (RFC 9293 section 3.10.7.4, fifth). */

#include <trace/events/xl4.h>

#include "tcp.h"

/*
 * What this ACK tells of the round trip, in microseconds, or 0. It is of the segment that
 * made the peer send it, or of none: ACKs get lost, and then one tells of what came long
 * before. What came twice (D-SACK) is not what was acknowledged now. What came out of order
 * is what was SACKed now, and then the echo is of an older one (RFC 7323 section 4.3).
 */
static u32 xtcp_rtt_of(const struct xtcp_sock *tp, const struct xtcp_ack_info *ack)
{
	u32 delta;

	if (ack->dsack)
		return 0;
	if (ack->sacked)
		return ack->sack_rtt_us;
	/* What filled a hole tells nothing of when the rest of it came. */
	if (!ack->again && ack->rtt_us)
		return ack->rtt_us;
	if (!ack->tsecr || !ack->advanced)
		return 0;
	delta = xtcp_tsval(tp) - ack->tsecr;
	if (delta >= INT_MAX / USEC_PER_MSEC)
		return 0;
	return max_t(u32, delta * USEC_PER_MSEC, USEC_PER_MSEC / 2);
}

static void xtcp_measure_rtt(struct sock *sk, struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	ack->rtt_us = xtcp_rtt_of(tp, ack);
	if (!ack->rtt_us)
		return;
	if (!tp->rack.min_rtt_us || ack->rtt_us < tp->rack.min_rtt_us)
		tp->rack.min_rtt_us = ack->rtt_us;
	xl4_rto_sample(&tp->rto, ack->rtt_us);
}

/* A part of @skb is acknowledged. It is cut off if it is marked, so that counts hold. */
static bool xtcp_cut_acked(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

	if (!(cb->marks & (XTCP_SACKED | XTCP_LOST | XTCP_RETRANS)))
		return false;
	return !xtcp_fragment(sk, skb, xtcp_sk(sk)->snd_una - cb->seq, GFP_ATOMIC);
}

/* Forget what is acknowledged. */
static void xtcp_clean_sent(struct sock *sk, struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb, *next;

	for (skb = xtcp_sent_head(tp); skb; skb = next) {
		struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

		if (!seq_before(cb->seq, tp->snd_una))
			break;
		if (seq_after(cb->end_seq, tp->snd_una) && !xtcp_cut_acked(sk, skb)) {
			/* Sent once, as a whole: its time tells for this part, too. */
			if (!(cb->marks & XTCP_EVER_RETRANS))
				xtcp_delivered(tp, skb, tp->snd_una, ack);
			break;
		}
		if (cb->marks & XTCP_SACKED) {
			tp->sacked_out -= cb->end_seq - cb->seq;
			ack->acked -= min(ack->acked, cb->end_seq - cb->seq);
		} else {
			xtcp_delivered(tp, skb, cb->end_seq, ack);
			xtcp_unmark(tp, skb);
		}
		next = skb_rb_next(skb);
		xtcp_sent_remove(tp, skb);
		xtcp_free_skb(sk, skb);
	}
}

/*
 * SND.WND follows the newest segment: no older number than SND.WL1. Its ACK is
 * none older than SND.WL2, which would be old altogether.
 */
static void xtcp_update_window(struct sock *sk, const struct xtcp_skb_cb *cb)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 window = cb->window;

	if (!(cb->flags & XTCP_SYN))
		window <<= tp->snd_wscale;
	if (seq_before(cb->seq, tp->snd_wl1))
		return;
	tp->snd_wl1 = cb->seq;
	tp->snd_wnd = window;
	if (window > tp->max_window) {
		tp->max_window = window;
		xtcp_sync_mss(sk, tp->path_mtu);
	}
}

/* RFC 5681 section 2: it asks for nothing but repeats itself; not to refuse a window probe. */
static bool xtcp_is_duplicate(const struct xtcp_sock *tp, const struct sk_buff *skb, u32 old_window)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

	return cb->end_seq == cb->seq && cb->ack == tp->snd_una && tp->snd_wnd &&
	       tp->snd_wnd == old_window && tp->snd_una != tp->snd_nxt;
}

static void xtcp_set_timer_after_ack(struct sock *sk, const struct xtcp_ack_info *ack)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	bool probing = tp->event == XTCP_PROBE_WINDOW;

	if (tp->snd_una == tp->snd_nxt) {
		if (!probing || tp->snd_wnd)
			xl4_timer_disarm(xtcp_timer(sk, XTCP_TIMER_SEND));
		return;
	}
	if (tp->event == XTCP_REORDER && xtcp_timer(sk, XTCP_TIMER_SEND)->armed)
		return;
	/* RFC 6298 section 5.3; or the window has opened or closed. */
	if (ack->advanced || probing != !tp->snd_wnd)
		xtcp_rearm_retransmit(sk);
	/* Whatever else comes says nothing of what is out, and must not put it off. */
	if (ack->advanced || ack->sacked)
		xtcp_schedule_loss_probe(sk);
}

/**
 * xtcp_ack() - process the acknowledgment of a segment
 * @sk: in a synchronized state or SYN-RECEIVED, locked
 * @skb: the segment, acceptable
 * @opt: its options
 *
 * Return: 0; -EINVAL if it acknowledges what was not sent yet, -EALREADY if
 * what was so long ago that it is suspect (RFC 5961 section 5.2).
 */
int xtcp_ack(struct sock *sk, struct sk_buff *skb, const struct xtcp_options *opt)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_ack_info ack = {
		.prior_una = tp->snd_una,
		.prior_flight = xtcp_in_flight(tp),
		.tsecr = opt->has_timestamps ? opt->tsecr : 0,
		.ece = tp->ecn_ok && cb->flags & XTCP_ECE,
	};
	u32 window = tp->snd_wnd;

	if (seq_after(cb->ack, tp->snd_nxt))
		return -EINVAL;
	if (seq_before(cb->ack, tp->snd_una - min_t(u64, tp->max_window, tp->bytes_acked)))
		return -EALREADY;
	ack.now_ns = ktime_get_ns();
	tp->last_heard = jiffies;
	tp->keepalives = 0;
	tp->probes = 0;
	if (seq_before(cb->ack, tp->snd_una)) {
		/* Late; but what it SACKs may be news. */
		if (opt->nr_sacks && tp->sack_ok && tp->snd_una != tp->snd_nxt) {
			xtcp_sacktag(sk, cb->ack, opt, &ack);
			xtcp_recover(sk, &ack);
		}
		return 0;
	}

	xtcp_update_window(sk, cb);
	ack.duplicate = xtcp_is_duplicate(tp, skb, window);
	if (cb->ack != tp->snd_una) {
		ack.advanced = true;
		ack.acked = cb->ack - tp->snd_una;
		tp->bytes_acked += ack.acked;
		tp->snd_una = cb->ack;
		tp->retransmits = 0;
		tp->retransmit_start = jiffies;
		WRITE_ONCE(sk->sk_err_soft, 0);
		if (seq_before(tp->small_seq, tp->snd_una))
			tp->small_seq = tp->snd_una;
		if (seq_before(tp->snd_up, tp->snd_una))
			tp->snd_up = tp->snd_una;
	}
	if (opt->nr_sacks && tp->sack_ok)
		xtcp_sacktag(sk, cb->ack, opt, &ack);
	ack.sack_rtt_us = ack.rtt_us;
	if (!window && tp->snd_wnd && !ack.advanced && xtcp_sent_head(tp)) {
		/* What found the window closed goes again. It was not lost: no congestion. */
		tp->rto.backoff = 0;
		xtcp_sack_renege(sk);
		xtcp_retransmit_skb(sk, xtcp_sent_head(tp), tp->mss);
	}
	if (ack.advanced)
		xtcp_clean_sent(sk, &ack);
	tp->delivered += ack.acked + ack.sacked;
	if (ack.advanced || ack.sacked)
		xtcp_measure_rtt(sk, &ack);
	if (ack.prior_una != tp->snd_nxt || ack.dsack || tp->tlp_high_seq)
		xtcp_recover(sk, &ack);
	xtcp_set_timer_after_ack(sk, &ack);
	if (ack.advanced) {
		xtcp_tune_sndbuf(sk);
		xtcp_update_pacing(sk);
		sk_dst_confirm(sk);
	}
	if (xtcp_send_head(sk) && tp->snd_una == tp->snd_nxt)
		xtcp_check_probe_timer(sk);
	trace_xl4_ack(sk, &tp->cong, xtcp_in_flight(tp), tp->snd_wnd, tp->rto.srtt_us >> 3);
	return 0;
}
