// SPDX-License-Identifier: GPL-2.0
/*
 * The window that we offer, and the buffers that tune themselves.
 *
 * rcvbuf counts memory, the window counts data. What of the memory is data
 * depends on how the peer cuts its segments: rcv_ratio, in 256ths, follows
 * what is seen. A window once offered is never taken back.
 */

#include <linux/tcp.h>

#include "tcp.h"

static u32 xtcp_data_in(const struct xtcp_sock *tp, int memory)
{
	return memory > 0 ? (u64)memory * tp->rcv_ratio >> 8 : 0;
}

/**
 * xtcp_space() - how much data the receive buffer has room for
 * @sk: locked
 */
u32 xtcp_space(const struct sock *sk)
{
	return xtcp_data_in(xtcp_sk(sk), READ_ONCE(sk->sk_rcvbuf) - READ_ONCE(sk->sk_backlog.len) -
					 atomic_read(&sk->sk_rmem_alloc));
}

static u32 xtcp_full_space(const struct sock *sk)
{
	return xtcp_data_in(xtcp_sk(sk), READ_ONCE(sk->sk_rcvbuf));
}

/**
 * xtcp_note_ratio() - learn how much of its memory a segment's data takes
 * @tp: the receiver, locked
 * @skb: a segment with data
 */
void xtcp_note_ratio(struct xtcp_sock *tp, const struct sk_buff *skb)
{
	u32 ratio = clamp_t(u32, ((u64)skb->len << 8) / skb->truesize, 8, 240);

	/* Small ones are coalesced when they pile up: no reason to offer less. */
	if (skb->len < tp->rcv_mss)
		return;
	tp->rcv_ratio += ((s32)ratio - (s32)tp->rcv_ratio) / 8;
}

/**
 * xtcp_init_window() - choose the first window and its scale
 * @sk: about to send a SYN or SYN,ACK
 * @scaling: whether the window may be scaled
 * @wscale: filled in, RFC 7323: enough for the largest buffer this may become
 *
 * Return: octets, at most 65535: the window of a SYN is not scaled.
 */
u32 xtcp_init_window(const struct sock *sk, bool scaling, u8 *wscale)
{
	u32 most = max_t(u32, xtcp_set(sk)->rmem[2], READ_ONCE(sk->sk_rcvbuf));
	const struct xtcp_sock *tp = xtcp_sk(sk);

	*wscale = 0;
	if (tp->window_clamp)
		most = min(most, tp->window_clamp);
	for (; scaling && most > 65535 && *wscale < XTCP_MAX_WSCALE; most >>= 1)
		++*wscale;
	most = min(xtcp_space(sk), 65535U);
	return tp->window_clamp ? min(most, tp->window_clamp) : most;
}

/*
 * RFC 9293 section 3.8.6.2.2: the receiver avoids the silly window. It says more
 * only if that is a segment or a good part of the buffer.
 */
static u32 xtcp_new_window(struct sock *sk, u32 offered)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 space = xtcp_space(sk), full = xtcp_full_space(sk);
	u32 step = min_t(u32, tp->rcv_mss, full / 2);

	if (tp->window_clamp)
		space = min(space, tp->window_clamp);
	if (space < step)
		return 0;
	if (space < offered + step && space >= offered)
		return offered;
	/* Down to what can be said. */
	return space & ~((1U << tp->rcv_wscale) - 1);
}

/**
 * xtcp_select_window() - the window for the segment that is about to be sent
 * @sk: connected, locked
 *
 * RFC 9293 section 3.8.6. The right edge never moves to the left.
 *
 * Return: as it stands in the header, scaled down.
 */
u16 xtcp_select_window(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 offered = xtcp_receive_window(tp);
	u32 window = max(xtcp_new_window(sk, offered), offered);
	u32 unit = 1U << tp->rcv_wscale;

	/* What is rounded is rounded up: the edge may not move back. */
	window = min((window + unit - 1) >> tp->rcv_wscale, 65535U);
	tp->rcv_wnd = window << tp->rcv_wscale;
	tp->rcv_wup = tp->rcv_nxt;
	return window;
}

/**
 * xtcp_window_grew() - would an ACK now tell the peer of much more room?
 * @sk: connected, locked; the program has just read
 *
 * Return: whether it is worth a segment of its own: twice what the peer knows.
 */
bool xtcp_window_grew(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 offered = xtcp_receive_window(tp), window;

	if (2 * offered > xtcp_full_space(sk))
		return false;
	window = xtcp_new_window(sk, offered);
	return window && window >= 2 * offered;
}

/**
 * xtcp_tune_rcvbuf() - make the buffer as large as the program's pace is worth
 * @sk: connected, locked; the program has just read
 *
 * Dynamic right-sizing: in one round trip the program took so much. A sender whose
 * cwnd doubles has sent twice that since, and will send four times as much when
 * it hears of the window.
 */
void xtcp_tune_rcvbuf(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u64 now = ktime_get_ns();
	u32 copied, rcvbuf;

	if (!tp->rcv_rtt_us || now - tp->tune_ns < (u64)(tp->rcv_rtt_us >> 3) * NSEC_PER_USEC)
		return;
	copied = tp->copied_seq - tp->tune_seq;
	if (copied > tp->tune_space && xtcp_set(sk)->moderate_rcvbuf &&
	    !(sk->sk_userlocks & SOCK_RCVBUF_LOCK)) {
		u64 want = (u64)copied * 4 + 16 * tp->rcv_mss;

		want = div_u64(want << 8, tp->rcv_ratio);
		rcvbuf = min_t(u64, want, xtcp_set(sk)->rmem[2]);
		if (rcvbuf > sk->sk_rcvbuf)
			WRITE_ONCE(sk->sk_rcvbuf, rcvbuf);
	}
	if (copied > tp->tune_space)
		tp->tune_space = copied;
	tp->tune_seq = tp->copied_seq;
	tp->tune_ns = now;
}

static void xtcp_note_rcv_rtt(struct xtcp_sock *tp, u32 us, bool upper_bound)
{
	u32 sample = max(us, 1U) << 3;

	if (!tp->rcv_rtt_us)
		tp->rcv_rtt_us = sample;
	else if (!upper_bound)
		tp->rcv_rtt_us += (s32)(sample - tp->rcv_rtt_us) / 8;
	else if (sample < tp->rcv_rtt_us)
		tp->rcv_rtt_us = sample;
}

/**
 * xtcp_measure_rcv_rtt() - learn the round trip from what is received
 * @tp: the receiver, locked
 * @tsecr: the peer's echo of our timestamp, with data; 0: none
 *
 * By the echo; or by the time that a whole window takes, an upper bound.
 */
void xtcp_measure_rcv_rtt(struct xtcp_sock *tp, u32 tsecr)
{
	u64 now = ktime_get_ns();

	if (tp->rcv_rtt_ns && seq_before(tp->rcv_nxt, tp->rcv_rtt_seq))
		return;
	if (tsecr)
		xtcp_note_rcv_rtt(tp, (xtcp_tsval(tp) - tsecr) * USEC_PER_MSEC, false);
	else if (tp->rcv_rtt_ns)
		xtcp_note_rcv_rtt(tp, div_u64(now - tp->rcv_rtt_ns, NSEC_PER_USEC), true);
	tp->rcv_rtt_seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_ns = now;
}

/**
 * xtcp_tune_sndbuf() - make the send buffer hold twice what is in flight
 * @sk: connected, locked; cwnd may have grown
 */
void xtcp_tune_sndbuf(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	int want;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK || sk_under_memory_pressure(sk))
		return;
	/* cwnd in memory: full pages of data, and the head of each buffer. */
	want = min_t(u64, 2 * ((u64)tp->cong.cwnd + tp->cong.cwnd / 4 + SZ_4K),
		     xtcp_set(sk)->wmem[2]);
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}
