// SPDX-License-Identifier: GPL-2.0
/* A segment arrives at a socket: RFC 9293 section 3.10.7. */

#include <net/inet_ecn.h>
#include <xl4/drop.h>

#include "tcp.h"

/* ------------------------------------------------------ validity of segments */

/* RFC 9293 section 3.10.7.4, first: does any of it lie in the window? */
static bool xtcp_acceptable(const struct xtcp_sock *tp, const struct xtcp_skb_cb *cb)
{
	return !seq_before(cb->end_seq, tp->rcv_wup) &&
	       !seq_after(cb->seq, tp->rcv_nxt + xtcp_receive_window(tp));
}

/* RFC 7323 section 5.3: protection against wrapped sequence numbers. */
static bool xtcp_paws_rejects(const struct xtcp_sock *tp, const struct xtcp_options *opt)
{
	if (!opt->has_timestamps || !seq_before(opt->tsval, tp->ts_recent))
		return false;
	/* After 24 days the old one is no measure any more: section 5.5. */
	return ktime_get_seconds() - tp->ts_recent_stamp < 24 * 24 * 3600;
}

/* An old duplicate ACK is no reason to answer: section 5.3, R1 with RFC 5961's care. */
static bool xtcp_paws_harmless(const struct xtcp_sock *tp, const struct xtcp_skb_cb *cb)
{
	return cb->seq == cb->end_seq && cb->seq == tp->rcv_nxt && cb->ack == tp->snd_una &&
	       !(cb->flags & (XTCP_SYN | XTCP_RST));
}

/* RFC 7323 section 4.3, (2) */
static void xtcp_update_ts_recent(struct xtcp_sock *tp, const struct xtcp_skb_cb *cb,
				  const struct xtcp_options *opt)
{
	if (!opt->has_timestamps || seq_after(cb->seq, tp->ts_last_ack))
		return;
	if (seq_before(opt->tsval, tp->ts_recent) &&
	    ktime_get_seconds() - tp->ts_recent_stamp < 24 * 24 * 3600)
		return;
	tp->ts_recent = opt->tsval;
	tp->ts_recent_stamp = ktime_get_seconds();
}

/**
 * xtcp_send_challenge_ack() - let the peer prove that it is the peer
 * @sk: in a synchronized state, locked
 *
 * RFC 5961: with a limit for all connections, which does not tell an attacker
 * what others get (its section 7 with CVE-2016-5696: half of it at random), and
 * one for each.
 */
void xtcp_send_challenge_ack(struct sock *sk)
{
	struct xtcp_net *xn = xtcp_net(sock_net(sk));
	struct xtcp_sock *tp = xtcp_sk(sk);
	unsigned long now = jiffies;
	u32 limit = xn->set.challenge_ack_limit;
	u32 half = limit / 2 + limit % 2;

	if (tp->challenged && time_before(now, tp->challenged + HZ / 2))
		return;
	tp->challenged = now;
	if (!time_before(now, READ_ONCE(xn->challenge_second))) {
		WRITE_ONCE(xn->challenge_second, now + HZ);
		atomic_set(&xn->challenges, half + get_random_u32() % max(half, 1U));
	}
	if (atomic_dec_if_positive(&xn->challenges) < 0)
		return;
	xtcp_count(sk, XTCP_CHALLENGE_ACKS);
	xtcp_send_ack(sk);
}

/* Answer what is not acceptable, but not each of a storm (RFC 9293 does; ACK loops). */
static void xtcp_reject(struct sock *sk, const struct sk_buff *skb)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

	if (cb->flags & XTCP_RST)
		return;
	if (cb->seq == cb->end_seq) {
		if (tp->challenged && time_before(jiffies, tp->challenged + HZ / 2))
			return;
		tp->challenged = jiffies;
	} else if (tp->sack_ok && seq_before(cb->seq, tp->rcv_nxt)) {
		/* RFC 2883: all of it came before. */
		tp->dsack.start = cb->seq;
		tp->dsack.end = seq_after(cb->end_seq, tp->rcv_nxt) ? tp->rcv_nxt : cb->end_seq;
	}
	xtcp_quickack(tp);
	xtcp_send_ack(sk);
}

/* RFC 5961 section 3.2: only exactly the next number resets at once. */
static bool xtcp_reset_is_exact(const struct xtcp_sock *tp, const struct xtcp_skb_cb *cb)
{
	unsigned int i;

	if (cb->seq == tp->rcv_nxt)
		return true;
	/* What was sent after data that was lost: the end of what was SACKed. */
	for (i = 0; i < tp->nr_acks; i++)
		if (cb->seq == tp->acks[i].end)
			return true;
	return false;
}

/* First to fourth of section 3.10.7.4. Returns whether the segment is to be processed. */
static bool xtcp_validate(struct sock *sk, struct sk_buff *skb, const struct xtcp_options *opt)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (xtcp_paws_rejects(tp, opt) && !(cb->flags & XTCP_RST) && !xtcp_paws_harmless(tp, cb)) {
		xtcp_count(sk, XTCP_PAWS_DROPS);
		xtcp_reject(sk, skb);
		return false;
	}
	if (!xtcp_acceptable(tp, cb)) {
		/* RFC 5961 section 4: a SYN gets its challenge wherever it lies. */
		if (cb->flags & XTCP_SYN && !(cb->flags & XTCP_RST))
			goto challenge;
		xtcp_reject(sk, skb);
		return false;
	}
	if (cb->flags & XTCP_RST) {
		if (xtcp_reset_is_exact(tp, cb))
			xtcp_reset(sk);
		else
			xtcp_send_challenge_ack(sk);
		return false;
	}
	if (cb->flags & XTCP_SYN) {
		/* Simultaneous open: the SYN,ACK repeats what began it. */
		if (sk->sk_state == TCP_SYN_RECV && cb->flags & XTCP_ACK &&
		    cb->seq + 1 == tp->rcv_nxt && cb->ack == tp->snd_nxt)
			return true;
		goto challenge;
	}
	return cb->flags & XTCP_ACK;

challenge:
	xtcp_count(sk, XTCP_SYN_CHALLENGES);
	xtcp_send_challenge_ack(sk);
	return false;
}

/* ------------------------------------------------------------ end of a state */

/**
 * xtcp_done() - the connection is over
 * @sk: locked; an orphan is gone afterwards but for the caller's reference
 */
void xtcp_done(struct sock *sk)
{
	if (xtcp_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV))
		xtcp_count(sk, XTCP_ATTEMPT_FAILS);
	xtcp_set_state(sk, TCP_CLOSE);
	xtcp_cancel_timers(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		xtcp_destroy(sk);
}

/**
 * xtcp_reset() - the peer reset the connection
 * @sk: locked
 */
void xtcp_reset(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_CLOSE:
		return;
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		/* The latter after a simultaneous open: RFC 9293 section 3.10.7.4, second. */
		sk->sk_err = ECONNREFUSED;
		break;
	case TCP_CLOSE_WAIT:
		sk->sk_err = EPIPE;
		break;
	default:
		sk->sk_err = ECONNRESET;
	}
	/* Who polls sees the error with the state. */
	smp_wmb();
	xtcp_purge_send(sk);
	xtcp_done(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/* What the peer's FIN makes of a state; nothing of those that have seen it. */
static const u8 xtcp_after_fin[] = {
	[TCP_SYN_RECV]		= TCP_CLOSE_WAIT,
	[TCP_ESTABLISHED]	= TCP_CLOSE_WAIT,
	[TCP_FIN_WAIT1]		= TCP_CLOSING,
	[TCP_FIN_WAIT2]		= TCP_TIME_WAIT,
	[TCP_CLOSING]		= 0,	/* has the highest number */
};

static void xtcp_tell_end(struct sock *sk)
{
	bool over = sk->sk_state == TCP_CLOSE || sk->sk_shutdown == SHUTDOWN_MASK;

	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_WAITD, over ? POLL_HUP : POLL_IN);
}

/**
 * xtcp_fin() - the peer has sent all: eighth of section 3.10.7.4
 * @sk: in a synchronized state, locked; rcv_nxt is behind the FIN
 */
void xtcp_fin(struct sock *sk)
{
	u8 next = xtcp_after_fin[sk->sk_state];

	xtcp_sk(sk)->ack_pending |= XTCP_ACK_SCHED | XTCP_ACK_NOW;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	if (!next)
		return;
	/* The ACK cannot wait for the segment's end: these have perhaps none any more. */
	if (next != TCP_CLOSE_WAIT)
		xtcp_send_ack(sk);
	if (next == TCP_TIME_WAIT)
		xtcp_time_wait(sk);
	else
		xtcp_set_state(sk, next);
	xtcp_tell_end(sk);
}

/* --------------------------------------------------------------- urgent data */

static void xtcp_signal_urgent(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->urg_gone)
		return;
	tp->urg_gone = true;
	sk_send_sigurg(sk);
}

/* The reader has come to a mark, and another follows: the first one's octet is no data. */
static void xtcp_leave_mark(struct sock *sk)
{
	struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->urg_state == XTCP_URG_NONE || sock_flag(sk, SOCK_URGINLINE) ||
	    tp->rcv_up != tp->copied_seq || tp->copied_seq == tp->rcv_nxt || !skb)
		return;
	WRITE_ONCE(tp->copied_seq, tp->copied_seq + 1);
	if (tp->copied_seq == XTCP_SKB_CB(skb)->end_seq) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		__kfree_skb(skb);
	}
}

/* A new urgent pointer. Sixth of section 3.10.7.4; TCP_STDURG says what it points at. */
static void xtcp_note_urgent(struct sock *sk, const struct xtcp_skb_cb *cb)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 octet = cb->seq + cb->urgent;

	/* As everybody has it since BSD: one behind the octet. */
	if (cb->urgent && !xtcp_set(sk)->stdurg)
		octet--;
	if (seq_before(octet, tp->rcv_nxt) || seq_after(tp->copied_seq, octet))
		return;
	if (tp->urg_state != XTCP_URG_NONE && !seq_after(octet, tp->rcv_up))
		return;
	xtcp_leave_mark(sk);
	tp->rcv_up = octet;
	tp->urg_state = XTCP_URG_NOTYET;
	tp->urg_gone = false;
	xtcp_signal_urgent(sk);
}

static void xtcp_urgent(struct sock *sk, const struct sk_buff *skb)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 offset;

	if (cb->flags & XTCP_URG)
		xtcp_note_urgent(sk, cb);
	if (tp->urg_state != XTCP_URG_NOTYET)
		return;
	offset = tp->rcv_up - cb->seq + cb->length;
	if (seq_before(tp->rcv_up, cb->seq) || offset >= skb->len)
		return;
	if (skb_copy_bits(skb, offset, &tp->urg_data, 1))
		return;
	tp->urg_state = XTCP_URG_VALID;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/* ------------------------------------------------------------------- segments */

/* Something was acknowledged, or the window moved: send on, and tell the writer. */
static void xtcp_data_snd_check(struct sock *sk)
{
	xtcp_push_pending(sk, xtcp_sk(sk)->nonagle);
	xl4_check_space(sk);
}

static void xtcp_parse_for(const struct sock *sk, const struct sk_buff *skb,
			   struct xtcp_options *opt)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	const struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_header h = { .length = cb->length, .flags = cb->flags };

	if (cb->length == XTCP_HEADER_LEN) {
		opt->has_timestamps = false;
		opt->nr_sacks = 0;
		return;
	}
	if (!xtcp_parse_timestamps(skb->data, &h, opt))
		xtcp_parse_options(skb->data, &h, cb->flags & XTCP_SYN, opt);
	opt->has_timestamps &= tp->has_timestamps;
}

/* The next segment in order, with nothing about it that needs thought. */
static bool xtcp_predicted(const struct xtcp_sock *tp, const struct xtcp_skb_cb *cb,
			   const struct xtcp_options *opt)
{
	return (cb->flags & ~XTCP_PSH) == XTCP_ACK && cb->seq == tp->rcv_nxt &&
	       !seq_after(cb->end_seq, tp->rcv_nxt + xtcp_receive_window(tp)) &&
	       seq_between(cb->ack, tp->snd_una, tp->snd_nxt) &&
	       !(opt->has_timestamps && seq_before(opt->tsval, tp->ts_recent)) &&
	       tp->urg_state != XTCP_URG_NOTYET;
}

/* RFC 9293 section 3.10.7.4, fifth. Returns whether to go on with the segment. */
static bool xtcp_process_ack(struct sock *sk, struct sk_buff *skb, const struct xtcp_options *opt)
{
	if (likely(!xtcp_ack(sk, skb, opt)))
		return true;
	/* RFC 5961 section 5: blind data injection. */
	xtcp_send_challenge_ack(sk);
	return false;
}

/**
 * xtcp_rcv_established() - a segment for a socket in state ESTABLISHED
 * @sk: locked
 * @skb: data at the header; consumed
 *
 * Header prediction: the segment that is expected goes through without the
 * checks that it would pass.
 */
void xtcp_rcv_established(struct sock *sk, struct sk_buff *skb)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_options opt;

	xtcp_parse_for(sk, skb, &opt);
	if (likely(xtcp_predicted(tp, cb, &opt))) {
		if (opt.has_timestamps && !seq_after(cb->seq, tp->ts_last_ack)) {
			tp->ts_recent = opt.tsval;
			tp->ts_recent_stamp = ktime_get_seconds();
		}
	} else {
		if (!xtcp_validate(sk, skb, &opt))
			goto drop;
		xtcp_update_ts_recent(tp, cb, &opt);
	}
	if (!xtcp_process_ack(sk, skb, &opt))
		goto drop;
	if (cb->flags & XTCP_URG || tp->urg_state == XTCP_URG_NOTYET)
		xtcp_urgent(sk, skb);
	xtcp_data_queue(sk, skb, &opt);
	xtcp_data_snd_check(sk);
	xtcp_ack_check(sk);
	return;

drop:
	__kfree_skb(skb);
}

/* What both sides agreed on: only what both offered. */
static void xtcp_agree(struct xtcp_sock *tp, const struct xtcp_options *opt)
{
	tp->has_timestamps &= opt->has_timestamps;
	tp->sack_ok &= opt->sack_permitted;
	tp->wscale_ok &= opt->has_wscale;
	tp->snd_wscale = tp->wscale_ok ? opt->wscale : 0;
	if (!tp->wscale_ok)
		tp->rcv_wscale = 0;
	if (opt->has_mss)
		tp->peer_mss = max_t(u16, opt->mss, 48);
	if (tp->has_timestamps) {
		tp->ts_recent = opt->tsval;
		tp->ts_recent_stamp = ktime_get_seconds();
	}
}

/* The peer's SYN. */
static void xtcp_learn_syn(struct sock *sk, const struct xtcp_skb_cb *cb,
			   const struct xtcp_options *opt)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->irs = cb->seq;
	tp->rcv_nxt = cb->seq + 1;
	tp->rcv_wup = tp->rcv_nxt;
	tp->copied_seq = tp->rcv_nxt;
	tp->tune_seq = tp->rcv_nxt;
	tp->snd_wnd = cb->window;
	tp->snd_wl1 = cb->seq;
	tp->max_window = tp->snd_wnd;
	xtcp_agree(tp, opt);
	xtcp_sync_mss(sk, tp->path_mtu);
}

/**
 * xtcp_established() - the handshake is done
 * @sk: in SYN-SENT or SYN-RECEIVED, locked
 */
void xtcp_established(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	bool lost = tp->retrans_stamp || tp->total_retrans;

	xtcp_set_state(sk, TCP_ESTABLISHED);
	tp->snd_wl1 = tp->rcv_nxt - 1;
	/* RFC 6928 section 2, RFC 6298 section 5.7: the SYN was lost. */
	tp->cong.cwnd = lost ? tp->mss : xtcp_initial_window(tp);
	if (lost && !tp->rto.srtt_us)
		xl4_rto_init(&tp->rto, 3 * USEC_PER_SEC, tp->rto.min_us, tp->rto.max_us);
	tp->retrans_stamp = 0;
	/* Room for all that may go out before the first ACK. */
	xtcp_tune_sndbuf(sk);
	tp->undo = false;
	tp->state = XTCP_CA_OPEN;
	tp->high_seq = tp->iss;
	tp->cwnd_seq = tp->snd_una;
	tp->rack.fack = tp->snd_una;
	tp->rack.dsack_round = tp->snd_una;
	tp->retransmits = 0;
	tp->tune_ns = ktime_get_ns();
	tp->last_sent = jiffies;
	tp->last_received = jiffies;
	tp->last_heard = jiffies;
	if (sock_flag(sk, SOCK_KEEPOPEN))
		xtcp_arm_keepalive(sk);
}

static bool xtcp_asked_for_ecn(const struct xtcp_sock *tp)
{
	struct sk_buff *syn = xtcp_sent_head(tp);

	return syn && XTCP_SKB_CB(syn)->flags & XTCP_CWR;
}

/* RFC 9293 section 3.10.7.3. Returns whether to answer with a reset. */
static bool xtcp_rcv_synsent(struct sock *sk, struct sk_buff *skb)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_header h = { .length = cb->length, .flags = cb->flags };
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_options opt;

	if (cb->flags & XTCP_ACK && !(seq_after(cb->ack, tp->snd_una) &&
				      !seq_after(cb->ack, tp->snd_nxt)))
		return !(cb->flags & XTCP_RST);
	if (cb->flags & XTCP_RST) {
		if (cb->flags & XTCP_ACK)
			xtcp_reset(sk);
		return false;
	}
	if (!(cb->flags & XTCP_SYN))
		return false;
	xtcp_parse_options(skb->data, &h, true, &opt);
	if (cb->flags & XTCP_ACK && tp->has_timestamps && opt.has_timestamps && opt.tsecr &&
	    !seq_between(opt.tsecr, xtcp_tsval(tp) - 10 * 60 * MSEC_PER_SEC, xtcp_tsval(tp)))
		return true;
	xtcp_learn_syn(sk, cb, &opt);

	if (!(cb->flags & XTCP_ACK)) {
		/* Figure 8: both began at once. */
		xtcp_set_state(sk, TCP_SYN_RECV);
		tp->ecn_ok = xtcp_set(sk)->ecn && cb->flags & XTCP_ECE && cb->flags & XTCP_CWR;
		xtcp_send_synack(sk);
		return false;
	}
	/* RFC 3168 section 6.1.1: ECE without CWR is the answer of who can, if our SYN asked. */
	tp->ecn_ok = xtcp_asked_for_ecn(tp) && (cb->flags & (XTCP_ECE | XTCP_CWR)) == XTCP_ECE;
	/* A SYN is data to nobody's window: what is acknowledged is its number. */
	xtcp_ack(sk, skb, &opt);
	xtcp_established(sk);
	tp->snd_wl1 = cb->seq;
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	xtcp_send_ack(sk);
	xtcp_data_snd_check(sk);
	return false;
}

/* The ACK of our SYN,ACK in a simultaneous open, or of a child's. */
static bool xtcp_synrecv_acked(struct sock *sk, const struct xtcp_skb_cb *cb)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!seq_after(cb->ack, tp->iss) || seq_after(cb->ack, tp->snd_nxt))
		return false;
	xtcp_established(sk);
	tp->snd_wnd = cb->window << (cb->flags & XTCP_SYN ? 0 : tp->snd_wscale);
	if (sk->sk_shutdown & SEND_SHUTDOWN) {
		xtcp_set_state(sk, TCP_FIN_WAIT1);
		xtcp_send_fin(sk, GFP_ATOMIC);
	}
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	return true;
}

/* Our FIN is acknowledged: what that means for the state. */
static void xtcp_fin_acked(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_FIN_WAIT1:
		xtcp_set_state(sk, TCP_FIN_WAIT2);
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
		sk_dst_confirm(sk);
		if (sock_flag(sk, SOCK_DEAD))
			xtcp_fin_wait2_orphan(sk);
		else
			sk->sk_state_change(sk);
		break;
	case TCP_CLOSING:
		xtcp_time_wait(sk);
		break;
	case TCP_LAST_ACK:
		xtcp_done(sk);
		break;
	}
}

/* Data for a socket that nobody reads any more is lost: the peer is to know (RFC 2525). */
static bool xtcp_is_for_nobody(const struct sock *sk, const struct xtcp_skb_cb *cb)
{
	return sk->sk_shutdown & RCV_SHUTDOWN && sock_flag(sk, SOCK_DEAD) &&
	       seq_after(cb->end_seq - !!(cb->flags & XTCP_FIN), xtcp_sk(sk)->rcv_nxt) &&
	       xtcp_in(sk, TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2);
}

/**
 * xtcp_rcv_state_process() - a segment for a socket in any state but LISTEN
 * @sk: locked
 * @skb: data at the header; consumed, unless it is to be answered with a reset
 *
 * Return: true if a reset is the answer.
 */
bool xtcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_options opt;
	bool reset = false;

	if (sk->sk_state == TCP_CLOSE) {
		reset = !(cb->flags & XTCP_RST);
		goto drop;
	}
	if (sk->sk_state == TCP_SYN_SENT) {
		reset = xtcp_rcv_synsent(sk, skb);
		goto drop;
	}
	xtcp_parse_for(sk, skb, &opt);
	if (!xtcp_validate(sk, skb, &opt))
		goto drop;
	if (sk->sk_state == TCP_SYN_RECV && !xtcp_synrecv_acked(sk, cb)) {
		reset = true;
		goto drop;
	}
	/* There was no memory for the FIN that it is to begin with. */
	if (unlikely(sk->sk_state == TCP_CLOSE))
		goto drop;
	xtcp_update_ts_recent(tp, cb, &opt);
	if (!xtcp_process_ack(sk, skb, &opt))
		goto drop;
	if (cb->flags & XTCP_SYN) {
		/* Of a simultaneous open; its number was taken before. */
		cb->flags &= ~XTCP_SYN;
		cb->seq++;
	}
	if (xtcp_in(sk, TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK) &&
	    tp->snd_una == tp->write_seq) {
		xtcp_fin_acked(sk);
		if (sk->sk_state == TCP_CLOSE)
			goto drop;
	}
	if (xtcp_is_for_nobody(sk, cb)) {
		xtcp_count(sk, XTCP_ABORT_ON_DATA);
		xtcp_done(sk);
		reset = true;
		goto drop;
	}
	if (!xtcp_in(sk, TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2)) {
		/* The peer has sent its FIN: there cannot be more. */
		if (seq_before(cb->seq, cb->end_seq))
			xtcp_send_ack(sk);
		__kfree_skb(skb);
	} else {
		xtcp_urgent(sk, skb);
		xtcp_data_queue(sk, skb, &opt);
	}
	if (sk->sk_state == TCP_CLOSE)
		return false;
	xtcp_data_snd_check(sk);
	xtcp_ack_check(sk);
	return false;

drop:
	if (!reset)
		__kfree_skb(skb);
	return reset;
}
