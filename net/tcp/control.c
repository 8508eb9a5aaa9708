// SPDX-License-Identifier: GPL-2.0
/* Segments that carry no new data: SYN, ACK, FIN, RST and probes. */

#include <linux/tcp.h>
#include <net/dst.h>

#include "tcp.h"

/**
 * xtcp_advertised_mss() - what our SYN says
 * @sk: with a route; locked
 *
 * RFC 9293 section 3.7.1: what we can take, not what the path is thought to.
 */
u16 xtcp_advertised_mss(struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);
	unsigned int mss = dst ? dst_metric_advmss(dst) : 536;

	if (tp->user_mss)
		mss = min_t(unsigned int, mss, tp->user_mss);
	return mss;
}

/**
 * xtcp_initial_window() - what may be sent before the first ACK
 * @tp: with its mss set
 *
 * RFC 6928: ten segments, but not much beyond 14,600 octets.
 *
 * Return: octets.
 */
u32 xtcp_initial_window(const struct xtcp_sock *tp)
{
	return min(10U * tp->mss, max(2U * tp->mss, 14600U));
}

/* A segment without data that is kept until it is acknowledged: SYN or FIN. */
static struct sk_buff *xtcp_control_skb(struct sock *sk, u32 seq, u8 flags, gfp_t gfp)
{
	struct sk_buff *skb = xtcp_alloc_skb(sk, gfp);

	if (!skb)
		return NULL;
	XTCP_SKB_CB(skb)->seq = seq;
	XTCP_SKB_CB(skb)->end_seq = seq + 1;
	XTCP_SKB_CB(skb)->flags = flags;
	XTCP_SKB_CB(skb)->marks = 0;
	xtcp_charge(sk, skb->truesize);
	return skb;
}

static void xtcp_sent_control(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	xtcp_sent_append(tp, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->sent_times);
	tp->snd_nxt = XTCP_SKB_CB(skb)->end_seq;
	tp->write_seq = tp->snd_nxt;
	xtcp_rearm_retransmit(sk);
}

/**
 * xtcp_send_syn() - begin a connection
 * @sk: in state SYN-SENT, with route, port and iss; locked
 *
 * Return: 0 or a negative errno.
 */
int xtcp_send_syn(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb;

	skb = xtcp_control_skb(sk, tp->iss, XTCP_SYN, sk->sk_allocation);
	if (!skb)
		return -ENOBUFS;
	if (xtcp_set(sk)->ecn == 1)
		XTCP_SKB_CB(skb)->flags |= XTCP_ECE | XTCP_CWR;
	tp->retransmit_start = jiffies;
	/* A lost first SYN is sent again like any other. */
	xtcp_transmit_skb(sk, skb, true, sk->sk_allocation);
	xtcp_sent_control(sk, skb);
	xtcp_count(sk, XTCP_ACTIVE_OPENS);
	return 0;
}

/**
 * xtcp_send_synack() - answer a SYN that came while ours is on its way
 * @sk: in state SYN-RECEIVED after SYN-SENT; locked
 *
 * RFC 9293 section 3.5, figure 8: simultaneous open.
 */
void xtcp_send_synack(struct sock *sk)
{
	struct sk_buff *skb = xtcp_sent_head(xtcp_sk(sk));

	if (!skb || !(XTCP_SKB_CB(skb)->flags & XTCP_SYN))
		return;
	XTCP_SKB_CB(skb)->flags = XTCP_SYN | XTCP_ACK | (xtcp_sk(sk)->ecn_ok ? XTCP_ECE : 0);
	xtcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
}

static struct sk_buff *xtcp_bare_skb(u32 seq, u8 flags, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(XTCP_HEADROOM, gfp);

	if (!skb)
		return NULL;
	skb_reserve(skb, XTCP_HEADROOM);
	XTCP_SKB_CB(skb)->seq = seq;
	XTCP_SKB_CB(skb)->end_seq = seq;
	XTCP_SKB_CB(skb)->flags = flags;
	return skb;
}

/* The number of a segment without data: within what the peer accepts. */
static u32 xtcp_acceptable_seq(const struct xtcp_sock *tp)
{
	return seq_before(xtcp_send_window_end(tp), tp->snd_nxt) && tp->snd_wnd ?
	       xtcp_send_window_end(tp) : tp->snd_nxt;
}

/**
 * xtcp_send_ack() - acknowledge at once
 * @sk: connected, locked
 *
 * Without memory the ACK is delayed instead.
 */
void xtcp_send_ack(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb;

	if (sk->sk_state == TCP_CLOSE)
		return;
	skb = xtcp_bare_skb(xtcp_acceptable_seq(tp), XTCP_ACK, GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!skb)) {
		tp->ack_pending |= XTCP_ACK_SCHED;
		xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_DELACK), jiffies + HZ / 5);
		return;
	}
	xtcp_transmit_skb(sk, skb, false, GFP_ATOMIC);
}

/**
 * xtcp_send_active_reset() - tell the peer that the connection is no more
 * @sk: in a synchronized state, locked
 * @gfp: how to allocate
 */
void xtcp_send_active_reset(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb;

	skb = xtcp_bare_skb(xtcp_acceptable_seq(xtcp_sk(sk)), XTCP_RST | XTCP_ACK, gfp);
	if (!skb)
		return;
	xtcp_transmit_skb(sk, skb, false, gfp);
	xtcp_count(sk, XTCP_OUT_RSTS);
}

static void xtcp_abort_on_memory(struct sock *sk, gfp_t gfp)
{
	xtcp_count(sk, XTCP_ABORT_ON_MEMORY);
	xtcp_send_active_reset(sk, gfp);
	WRITE_ONCE(sk->sk_err, ENOBUFS);
	sk_error_report(sk);
	xtcp_done(sk);
}

/**
 * xtcp_send_fin() - queue our FIN behind all data
 * @sk: in a state that sends one, locked
 * @gfp: how to allocate
 *
 * A connection cannot be left without its end: without memory this waits, and where it must not
 * sleep, the connection is reset.
 */
void xtcp_send_fin(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (skb) {
		XTCP_SKB_CB(skb)->flags |= XTCP_FIN | XTCP_PSH;
		XTCP_SKB_CB(skb)->end_seq++;
		tp->write_seq++;
	} else {
		/* The allocator keeps this promise only to who can sleep. */
		if (gfpflags_allow_blocking(gfp))
			gfp |= __GFP_NOFAIL;
		skb = xtcp_control_skb(sk, tp->write_seq, XTCP_ACK | XTCP_FIN,
				       sk_gfp_mask(sk, gfp));
		if (unlikely(!skb)) {
			xtcp_abort_on_memory(sk, gfp);
			return;
		}
		__skb_queue_tail(&sk->sk_write_queue, skb);
		tp->write_seq++;
	}
	xtcp_push_pending(sk, XTCP_NODELAY);
}

/**
 * xtcp_send_probe() - make the peer answer
 * @sk: connected, locked
 * @keepalive: only to see whether it is alive; else for its window
 *
 * RFC 9293 section 3.8.6.1: the first octet that the window does not take, if
 * there is one; section 3.8.4: an old number, which has to be acknowledged.
 *
 * Return: 0 or a negative errno.
 */
int xtcp_send_probe(struct sock *sk, bool keepalive)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_send_head(sk);
	unsigned int room, mss;
	int err;

	if (!keepalive && skb && skb->len) {
		mss = xtcp_current_mss(sk);
		room = seq_before(XTCP_SKB_CB(skb)->seq, xtcp_send_window_end(tp)) ?
		       xtcp_send_window_end(tp) - XTCP_SKB_CB(skb)->seq : 1;
		room = clamp(room, 1U, mss);
		if (skb->len > room && xtcp_fragment(sk, skb, room, GFP_ATOMIC))
			return -ENOMEM;
		XTCP_SKB_CB(skb)->flags |= XTCP_PSH;
		skb_shinfo(skb)->gso_size = 0;
		skb_shinfo(skb)->gso_segs = 1;
		err = xtcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
		if (!err)
			xtcp_event_sent(sk, skb);
		return err;
	}
	skb = xtcp_bare_skb(tp->snd_una - 1, XTCP_ACK, GFP_ATOMIC);
	if (!skb)
		return -ENOBUFS;
	return xtcp_transmit_skb(sk, skb, false, GFP_ATOMIC);
}
