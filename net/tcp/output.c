// SPDX-License-Identifier: GPL-2.0
/* From the queue to the wire: when to send, how much, and with which header. */

#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <xl4/ip.h>

#include "tcp.h"

/**
 * xtcp_alloc_skb() - a buffer for a segment to be kept until it is acknowledged
 * @sk: the sender, locked
 * @gfp: how to allocate
 *
 * Return: empty, with room for all headers; NULL without memory.
 */
struct sk_buff *xtcp_alloc_skb(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb_fclone(XTCP_HEADROOM, gfp);

	if (!skb)
		return NULL;
	skb_reserve(skb, XTCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	INIT_LIST_HEAD(&skb->tcp_tsorted_anchor);
	return skb;
}

/**
 * xtcp_free_skb() - free a segment that was in one of the sender's queues
 * @sk: the sender, locked; @skb is charged to it
 * @skb: in no queue any more
 */
void xtcp_free_skb(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	/* What the list had there, the stack takes for a route and a destructor. */
	skb->_skb_refdst = 0;
	skb->destructor = NULL;
	__kfree_skb(skb);
}

/**
 * xtcp_charge() - a segment that is kept takes more memory
 * @sk: the sender, locked
 * @size: octets; less than 0: less memory
 *
 * It is asked for like all memory that sockets share, but is in use already. What there should not
 * be, beyond the limit of all, becomes a debt, which the next to be asked for includes.
 */
void xtcp_charge(struct sock *sk, int size)
{
	sk_wmem_schedule(sk, size);
	sk_wmem_queued_add(sk, size);
	sk_mem_charge(sk, size);
}

/* Room that SACK blocks take in the next segment. */
static unsigned int xtcp_sack_len(const struct xtcp_sock *tp)
{
	unsigned int blocks = tp->nr_acks + (tp->dsack.start != tp->dsack.end);
	unsigned int room = XTCP_MAX_OPTIONS_LEN - (tp->has_timestamps ? XTCP_TIMESTAMPS_LEN : 0);

	if (!blocks)
		return 0;
	return 4 + 8 * min(blocks, (room - 4) / 8);
}

/* For so long a path is taken to be as narrow as it was found. */
#define XTCP_MTU_AGE	(10 * 60 * HZ)

/**
 * xtcp_current_mss() - how much data the next segment may carry
 * @sk: connected, locked
 *
 * Return: octets, what options take subtracted (RFC 6691).
 */
unsigned int xtcp_current_mss(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);
	u32 mtu = dst ? dst_mtu(dst) : tp->path_mtu;

	/* RFC 8201 section 4, RFC 4821 section 7.7: not too soon to a larger one. */
	if (unlikely(mtu < tp->path_mtu ||
		     (mtu > tp->path_mtu && time_after(jiffies, tp->mtu_changed + XTCP_MTU_AGE))))
		xtcp_sync_mss(sk, mtu);
	return max(tp->mss - xtcp_sack_len(tp), 1U);
}

/**
 * xtcp_sync_mss() - fit segments to the path
 * @sk: with its options agreed on or assumed; locked
 * @mtu: of the path, for whole IP packets
 *
 * RFC 9293 section 3.7.1: what the peer takes, and the path.
 */
void xtcp_sync_mss(struct sock *sk, u32 mtu)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u16 options, fragmentable;
	int mss;

	options = tp->family->options_len(sk, &fragmentable);
	mss = mtu - tp->family->header_len - XTCP_HEADER_LEN - (options - fragmentable);
	mss = min_t(int, mss, tp->peer_mss);
	if (tp->user_mss)
		mss = min_t(int, mss, tp->user_mss);
	mss -= fragmentable + (tp->has_timestamps ? XTCP_TIMESTAMPS_LEN : 0);
	/* A path that tells less would cost us more than it carries (RFC 791). */
	tp->mss = max(mss, 48 - XTCP_TIMESTAMPS_LEN);
	/* Half of the peer's buffer at most, so that a loss can be noticed. */
	if (tp->max_window && tp->max_window < 2U * tp->mss)
		tp->mss = max_t(u32, tp->max_window / 2, 48 - XTCP_TIMESTAMPS_LEN);
	if (tp->path_mtu != mtu)
		tp->mtu_changed = jiffies;
	tp->path_mtu = mtu;
	tp->cong.mss = tp->mss;
}

static void xtcp_fill_sacks(struct xtcp_sock *tp, struct xtcp_options *opt)
{
	unsigned int max = (xtcp_sack_len(tp) - 4) / 8, i;

	/* RFC 2883 section 4: what came twice goes first. */
	if (tp->dsack.start != tp->dsack.end) {
		opt->sack[opt->nr_sacks++] = tp->dsack;
		tp->dsack.end = tp->dsack.start;
	}
	for (i = 0; i < tp->nr_acks && opt->nr_sacks < max; i++)
		opt->sack[opt->nr_sacks++] = tp->acks[i];
}

static void xtcp_syn_options(struct sock *sk, struct xtcp_options *opt)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	opt->has_mss = true;
	opt->mss = xtcp_advertised_mss(sk);
	opt->has_timestamps = tp->has_timestamps;
	opt->sack_permitted = tp->sack_ok;
	opt->has_wscale = tp->wscale_ok;
	opt->wscale = tp->rcv_wscale;
}

/* ECN, RFC 3168 section 6.1: the bits of the header; the IP header is the socket's. */
static u8 xtcp_ecn_flags(struct sock *sk, struct sk_buff *skb, u8 flags, bool fresh)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!tp->ecn_ok || flags & (XTCP_SYN | XTCP_RST))
		return flags;
	if (tp->ecn_echo)
		flags |= XTCP_ECE;
	if (fresh) {
		INET_ECN_xmit(sk);
		if (tp->ecn_cwr) {
			tp->ecn_cwr = false;
			flags |= XTCP_CWR;
		}
	} else {
		/* Neither what is sent again nor a mere ACK is capable of ECN. */
		INET_ECN_dontxmit(sk);
	}
	return flags;
}

/* The header's checksum: the device's work, or ours, now. */
static void xtcp_checksum(struct sock *sk, struct sk_buff *skb)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcphdr *th = tcp_hdr(skb);

	if (skb_is_gso(skb) || (dst && xl4_device_sums(dst->dev))) {
		th->check = ~xtcp_sk(sk)->family->pseudo(sk, skb->len, 0);
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct tcphdr, check);
	} else {
		skb->ip_summed = CHECKSUM_NONE;
		th->check = xtcp_sk(sk)->family->pseudo(sk, skb->len,
							skb_checksum(skb, 0, skb->len, 0));
	}
}

/* Several segments in one buffer are cut apart as late as possible. */
static void xtcp_set_segments(const struct xtcp_sock *tp, struct sk_buff *skb, unsigned int mss)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (skb->len <= mss) {
		shinfo->gso_size = 0;
		shinfo->gso_segs = 1;
		shinfo->gso_type = 0;
	} else {
		shinfo->gso_size = mss;
		shinfo->gso_segs = DIV_ROUND_UP(skb->len, mss);
		shinfo->gso_type = tp->family->gso_type | SKB_GSO_FRAGLIST;
	}
}

/* A copy for the stack to consume. The list that @skb is in is none of its business. */
static struct sk_buff *xtcp_copy_for_stack(struct sk_buff *skb, gfp_t gfp)
{
	unsigned long prev = skb->_skb_refdst;
	void (*next)(struct sk_buff *) = skb->destructor;
	struct sk_buff *copy;

	skb->_skb_refdst = 0;
	skb->destructor = NULL;
	/* An earlier one may still be waiting in a device, with its header. */
	copy = skb_cloned(skb) ? pskb_copy(skb, gfp) : skb_clone(skb, gfp);
	skb->_skb_refdst = prev;
	skb->destructor = next;
	return copy;
}

static void xtcp_push_header(struct sock *sk, struct sk_buff *skb, bool fresh)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_options opt = { };
	bool syn = cb->flags & XTCP_SYN;
	struct xtcp_header h = {
		.source = inet_sk(sk)->inet_sport,
		.dest = inet_sk(sk)->inet_dport,
		.seq = cb->seq,
		.flags = xtcp_ecn_flags(sk, skb, cb->flags, fresh),
	};

	if (h.flags & XTCP_ACK)
		h.ack = tp->rcv_nxt;
	if (syn) {
		xtcp_syn_options(sk, &opt);
		/* RFC 7323 section 2.2: the window of a SYN is not scaled. */
		h.window = min(tp->rcv_wnd, 65535U);
	} else {
		opt.has_timestamps = tp->has_timestamps;
		if (tp->nr_acks || tp->dsack.start != tp->dsack.end)
			xtcp_fill_sacks(tp, &opt);
		h.window = xtcp_select_window(sk);
	}
	if (opt.has_timestamps) {
		opt.tsval = xtcp_tsval(tp);
		opt.tsecr = h.flags & XTCP_ACK ? tp->ts_recent : 0;
	}
	/* RFC 9293 section 3.8.5: urgent data goes on until snd_up. A probe's number is older. */
	if (seq_before(tp->snd_una, tp->snd_up) && seq_before(cb->seq, tp->snd_up) && !syn) {
		h.urgent = min(tp->snd_up - cb->seq, 65535U);
		h.flags |= XTCP_URG;
	}
	h.length = XTCP_HEADER_LEN + xtcp_options_len(&opt, syn);
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xtcp_write(skb->data, &h);
	xtcp_write_options(skb->data + XTCP_HEADER_LEN, &opt, syn);
}

static void xtcp_sent_ack(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->ts_last_ack = tp->rcv_nxt;
	tp->ack_pending = 0;
	if (tp->quick)
		tp->quick--;
	xl4_timer_disarm(xtcp_timer(sk, XTCP_TIMER_DELACK));
}

/*
 * When a segment of so many octets is to leave, by fq's clock, so that it follows the
 * one before it at the rate that xtcp_update_pacing() named. 0: at once. Rate 0 is what
 * SO_MAX_PACING_RATE leaves there until the next ACK, if a program asks for nothing.
 */
static u64 xtcp_departure(struct sock *sk, unsigned int len)
{
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);
	struct xtcp_sock *tp = xtcp_sk(sk);
	u64 departure;

	if (likely(!tp->cong.paced) || !len || !rate || rate == ~0UL)
		return 0;
	departure = max(tp->departure_ns, ktime_get_ns());
	tp->departure_ns = departure + div64_ul((u64)len * NSEC_PER_SEC, rate);
	return departure;
}

/**
 * xtcp_transmit_skb() - send one segment, or several that stay together
 * @sk: the sender, locked
 * @skb: data, and what its control block says of it
 * @keep: the caller keeps @skb and a copy is sent; else it is consumed
 * @gfp: how to allocate
 *
 * RFC 9293 section 3.10.
 *
 * Return: 0, or a negative errno: then nothing was sent.
 */
int xtcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool keep, gfp_t gfp)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	unsigned int len = skb->len;
	/* What a closed window does not take is a probe: RFC 3168 section 6.1.6. */
	bool fresh = len && cb->seq == tp->snd_nxt &&
		     seq_before(cb->seq, xtcp_send_window_end(tp));
	u64 departure = xtcp_departure(sk, len);
	int segs, err;

	if (keep) {
		skb->skb_mstamp_ns = departure ? : ktime_get_ns();
		skb = xtcp_copy_for_stack(skb, gfp);
		if (unlikely(!skb))
			return -ENOBUFS;
		skb->dev = NULL;
	}
	segs = max_t(int, skb_shinfo(skb)->gso_segs, 1);
	xtcp_push_header(sk, skb, fresh);
	xtcp_checksum(sk, skb);
	if (cb->flags & XTCP_ACK)
		xtcp_sent_ack(sk);

	skb_orphan(skb);
	skb_set_owner_w(skb, sk);
	xl4_set_departure(skb, departure);
	memset(skb->cb, 0, sizeof(struct inet6_skb_parm));
	tp->segs_out += segs;
	xtcp_count_add(sk, XTCP_OUT_SEGS, segs);
	if (len) {
		tp->data_segs_out += segs;
		tp->bytes_sent += len;
		tp->last_sent = jiffies;
	}
	err = tp->family->queue_xmit(sk, skb);
	if (unlikely(err > 0)) {
		/* The device's queue is full: this host is congested (RFC 9293 does not say). */
		xtcp_enter_cwr(sk);
		err = net_xmit_eval(err);
	}
	return err;
}

/* What a copy on its way has in common with @skb is its alone from now on. 0 or -ENOMEM. */
static int xtcp_unshare(struct sock *sk, struct sk_buff *skb, gfp_t gfp)
{
	int size = skb->truesize;

	if (skb_unclone(skb, gfp))
		return -ENOMEM;
	xtcp_charge(sk, skb->truesize - size);
	return 0;
}

/*
 * A peer that acknowledges every second octet must not cost more than the data. But the first may
 * be cut: what is sent again and again until it is acknowledged. Pressure on memory makes sk_sndbuf
 * small, and only an acknowledgment makes it larger.
 */
static bool xtcp_cut_too_often(const struct sock *sk, const struct sk_buff *skb)
{
	return READ_ONCE(sk->sk_wmem_queued) > 2 * sk->sk_sndbuf + (int)SZ_256K &&
	       skb != xtcp_sent_head(xtcp_sk(sk));
}

/**
 * xtcp_fragment() - cut a segment in two
 * @sk: the sender, locked
 * @skb: in the queue of what is to be sent, or in that of what was
 * @len: octets that remain in @skb, less than it has
 * @gfp: how to allocate
 *
 * Return: 0; -ENOMEM, or if the peer made us cut too often -EAGAIN.
 */
int xtcp_fragment(struct sock *sk, struct sk_buff *skb, unsigned int len, gfp_t gfp)
{
	bool sent = seq_before(XTCP_SKB_CB(skb)->seq, xtcp_sk(sk)->snd_nxt);
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb), *rest_cb;
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *rest;
	int size;

	if (sent && xtcp_cut_too_often(sk, skb))
		return -EAGAIN;
	if (xtcp_unshare(sk, skb, gfp))
		return -ENOMEM;
	rest = xtcp_alloc_skb(sk, gfp);
	if (!rest)
		return -ENOMEM;
	xtcp_charge(sk, rest->truesize);

	size = skb->len - len;
	rest->truesize += size;
	skb->truesize -= size;
	rest_cb = XTCP_SKB_CB(rest);
	*rest_cb = *cb;
	rest_cb->seq = cb->seq + len;
	cb->end_seq = rest_cb->seq;
	cb->flags &= ~(XTCP_FIN | XTCP_PSH);
	skb_split(skb, rest, len);
	rest->skb_mstamp_ns = skb->skb_mstamp_ns;
	/* Each part may have to be cut again. */
	if (skb_is_gso(skb)) {
		xtcp_set_segments(tp, rest, skb_shinfo(skb)->gso_size);
		xtcp_set_segments(tp, skb, skb_shinfo(skb)->gso_size);
	}
	if (sent) {
		xtcp_sent_insert_after(tp, skb, rest);
		/* What was SACKed is in that list no more. */
		if (!list_empty(&skb->tcp_tsorted_anchor))
			list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	} else {
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
	}
	return 0;
}

static void xtcp_trim_frags(struct sk_buff *skb, unsigned int len)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int left = len, i, n = 0;

	for (i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t *frag = &shinfo->frags[i];
		unsigned int cut = min_t(unsigned int, left, skb_frag_size(frag));

		left -= cut;
		if (cut == skb_frag_size(frag)) {
			put_page(skb_frag_page(frag));
			continue;
		}
		skb_frag_off_add(frag, cut);
		skb_frag_size_sub(frag, cut);
		shinfo->frags[n++] = *frag;
	}
	shinfo->nr_frags = n;
	skb->len -= len;
	skb->data_len -= len;
	skb->truesize -= len;
}

/**
 * xtcp_trim_acked() - cut off what is acknowledged of a segment
 * @sk: the sender, locked
 * @skb: the first of those sent, or any other; without marks
 *
 * Only what is to be sent again need be cut: most never is.
 */
void xtcp_trim_acked(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 len = tp->snd_una - cb->seq;

	if (!seq_before(cb->seq, tp->snd_una) || len >= skb->len || skb_headlen(skb) ||
	    cb->marks & (XTCP_SACKED | XTCP_LOST | XTCP_RETRANS) ||
	    xtcp_unshare(sk, skb, GFP_ATOMIC))
		return;
	xtcp_trim_frags(skb, len);
	cb->seq = tp->snd_una;
	sk_wmem_queued_add(sk, -(int)len);
	sk_mem_uncharge(sk, len);
	if (skb_is_gso(skb))
		xtcp_set_segments(tp, skb, skb_shinfo(skb)->gso_size);
}

/*
 * May the last segment of @skb, which is not full, go now? Nagle's algorithm
 * with Minshall's change: only a small segment holds back another.
 */
static bool xtcp_nagle_allows(const struct xtcp_sock *tp, const struct sk_buff *skb,
			      unsigned int mss, u8 nonagle)
{
	if (!(skb->len % mss) || XTCP_SKB_CB(skb)->flags & XTCP_FIN ||
	    seq_before(XTCP_SKB_CB(skb)->seq, tp->snd_up))
		return true;
	if (nonagle & XTCP_CORK)
		return false;
	return nonagle & XTCP_NODELAY || !seq_after(tp->small_seq, tp->snd_una);
}

/**
 * xtcp_update_pacing() - say how fast segments may leave, to the fq queueing discipline
 * @sk: the sender, locked; cwnd or the round trip time has changed
 *
 * Somewhat faster than a window in each round trip, so that cwnd stays what limits;
 * twice that in slow start, which doubles cwnd meanwhile. Without fq nothing is paced.
 */
void xtcp_update_pacing(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 srtt_us = tp->rto.srtt_us >> 3, percent = 120;
	u64 rate = tp->cong.pacing_rate;

	/* Pairs with the release of the queueing discipline fq. */
	tp->cong.paced = smp_load_acquire(&sk->sk_pacing_status) == SK_PACING_FQ;
	if (likely(!tp->cong.paced) || !srtt_us)
		return;
	if (xl4_cong_in_slow_start(&tp->cong))
		percent = 200;
	if (!rate)
		rate = div_u64((u64)tp->cong.cwnd * percent * (USEC_PER_SEC / 100), srtt_us);
	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, max_t(u64, rate, tp->mss), READ_ONCE(sk->sk_max_pacing_rate)) ? : 1);
}

/* What may go as one: a device's worth; if paced, a millisecond's, but two segments. */
static u32 xtcp_burst(const struct sock *sk, u32 mss)
{
	u32 max = min_t(u32, sk->sk_gso_max_size - XTCP_HEADROOM, sk->sk_gso_max_segs * mss);

	max = max(max, mss);
	if (likely(!xtcp_sk(sk)->cong.paced))
		return max;
	return min_t(u64, max, max_t(u64, READ_ONCE(sk->sk_pacing_rate) / MSEC_PER_SEC, 2 * mss));
}

/*
 * How much of @skb may go now: as many full segments as congestion and the
 * peer's window allow, or all of it. 0: nothing.
 */
static unsigned int xtcp_allowance(struct sock *sk, const struct sk_buff *skb, unsigned int mss,
				   bool probe)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 flight = xtcp_in_flight(tp);
	u32 window, quota, max;
	s32 room;

	quota = tp->cong.cwnd > flight ? tp->cong.cwnd - flight : 0;
	if (probe)
		quota = max(quota, mss);
	room = xtcp_send_window_end(tp) - XTCP_SKB_CB(skb)->seq;
	window = max(room, 0);
	if (!skb->len)
		return quota || !flight ? 1 : 0;	/* a FIN alone: any window will do */
	max = min3(window, max(quota, flight ? 0 : mss), xtcp_burst(sk, mss));
	if (skb->len <= max)
		return skb->len;
	return max - max % mss;
}

/*
 * Rather wait for the ACK that opens cwnd than send a part of what could be sent
 * as one: fewer packets for all of the stack. Never when nothing is in flight.
 */
static bool xtcp_defer(const struct sock *sk, const struct sk_buff *skb, unsigned int mss,
		       unsigned int allowed)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 flight = xtcp_in_flight(tp);

	/* RFC 3042: limited transmit, one segment each. */
	if (tp->state >= XTCP_CA_RECOVERY || tp->sacked_out || XTCP_SKB_CB(skb)->flags & XTCP_FIN)
		return false;
	if (allowed >= skb->len || allowed >= xtcp_burst(sk, mss) / 2)
		return false;
	/* A third of the window at least, so that ACKs keep coming. */
	return flight && allowed < min(tp->snd_wnd, tp->cong.cwnd) / 3;
}

/**
 * xtcp_event_sent() - a segment was sent for the first time
 * @sk: the sender, locked
 * @skb: first of those to be sent; of those sent afterwards
 */
void xtcp_event_sent(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_sock *tp = xtcp_sk(sk);
	bool first = tp->snd_una == tp->snd_nxt;

	__skb_unlink(skb, &sk->sk_write_queue);
	xtcp_sent_append(tp, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->sent_times);
	tp->snd_nxt = cb->end_seq;
	if (first)
		tp->retransmit_start = jiffies;
	/* RFC 6298 section 5.1; what else the timer is for stays as it is. */
	if (first || tp->event == XTCP_PROBE_WINDOW || !xtcp_timer(sk, XTCP_TIMER_SEND)->armed)
		xtcp_rearm_retransmit(sk);
}

/* RFC 9293 section 3.7.4: a segment smaller than full is the last for now. */
static void xtcp_note_small(struct xtcp_sock *tp, const struct sk_buff *skb, unsigned int mss)
{
	if (skb->len < mss)
		tp->small_seq = XTCP_SKB_CB(skb)->end_seq;
}

/* For how many jiffies nothing has been in flight; 0 if for no longer than a timeout takes. */
static u32 xtcp_idle_time(const struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 idle = jiffies - tp->last_sent;

	if (tp->snd_una != tp->snd_nxt || !tp->last_sent ||
	    idle <= usecs_to_jiffies(xl4_rto_us(&tp->rto)))
		return 0;
	return idle;
}

/* RFC 5681 section 4.1: after an idle time the old cwnd is no guide. */
static void xtcp_restart_after_idle(struct sock *sk, u32 idle)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 restart = min(tp->cong.cwnd, xtcp_initial_window(tp));

	if (!idle || !xtcp_set(sk)->slow_start_after_idle)
		return;
	tp->cong.ssthresh = max(tp->cong.ssthresh, tp->cong.cwnd / 4 * 3);
	while ((idle -= min_t(u32, idle, usecs_to_jiffies(tp->rto.rto_us))) &&
	       tp->cong.cwnd > restart)
		tp->cong.cwnd /= 2;
	tp->cong.cwnd = max(tp->cong.cwnd, restart);
	tp->cwnd_used = 0;
}

/* The most that was in flight since what was last so was acknowledged. */
static void xtcp_note_flight(struct xtcp_sock *tp)
{
	u32 flight = xtcp_in_flight(tp);

	if (flight <= tp->cwnd_used && seq_before(tp->snd_una, tp->cwnd_seq))
		return;
	tp->cwnd_used = flight;
	tp->cwnd_seq = tp->snd_nxt;
}

/**
 * xtcp_write_xmit() - send what may be sent
 * @sk: connected, locked
 * @nonagle: XTCP_NODELAY and XTCP_CORK, for the last of it
 * @limit: segments at most; 0: any number. 1 with @probe: even against cwnd.
 * @probe: RFC 8985 section 7.3: a loss probe
 * @gfp: how to allocate
 *
 * Return: whether there is data left that only an ACK or a window will let go,
 * while nothing in flight will bring one.
 */
bool xtcp_write_xmit(struct sock *sk, u8 nonagle, int limit, bool probe, gfp_t gfp)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	unsigned int mss = xtcp_current_mss(sk), allowed;
	struct sk_buff *skb;
	u32 before = tp->snd_nxt, idle = xtcp_idle_time(sk), deferred = 0;
	int sent = 0;

	if (xtcp_send_head(sk))
		xtcp_restart_after_idle(sk, idle);
	while ((skb = xtcp_send_head(sk))) {
		allowed = xtcp_allowance(sk, skb, mss, probe);
		if (!allowed)
			break;
		if (allowed < skb->len) {
			if (!limit && xtcp_defer(sk, skb, mss, allowed)) {
				deferred = allowed;
				break;
			}
		} else if (skb_queue_is_last(&sk->sk_write_queue, skb) &&
			   !xtcp_nagle_allows(tp, skb, mss, nonagle)) {
			allowed -= allowed % mss;
			if (!allowed)
				break;
		}
		if (skb->len > allowed && xtcp_fragment(sk, skb, allowed, gfp))
			break;
		xtcp_set_segments(tp, skb, mss);
		if (xtcp_transmit_skb(sk, skb, true, gfp))
			break;
		xtcp_event_sent(sk, skb);
		xtcp_note_small(tp, skb, mss);
		sent++;
		if (limit && sent == limit)
			break;
	}
	if (tp->state >= XTCP_CA_CWR)
		tp->prr_out += tp->snd_nxt - before;
	/* Also by just so much as was written, and by what waits to go as one piece. */
	tp->cwnd_limited = xtcp_in_flight(tp) + deferred + (skb ? mss : 1) > tp->cong.cwnd;
	if (sent)
		xtcp_note_flight(tp);
	/* RFC 9438 section 5.8: to the algorithm it did not pass; what is sent ends it. */
	if (sent && idle)
		xl4_cong_idle(&tp->cong, (u64)idle * (USEC_PER_SEC / HZ));
	if (sent && !probe)
		xtcp_schedule_loss_probe(sk);
	return skb && tp->snd_una == tp->snd_nxt;
}

/**
 * xtcp_push_pending() - send what may be sent, or see to it that it will be
 * @sk: connected, locked
 * @nonagle: XTCP_NODELAY and XTCP_CORK
 */
void xtcp_push_pending(struct sock *sk, u8 nonagle)
{
	if (sk->sk_state == TCP_CLOSE || !xtcp_send_head(sk))
		return;
	if (xtcp_write_xmit(sk, nonagle, 0, false, sk_gfp_mask(sk, GFP_ATOMIC)))
		xtcp_check_probe_timer(sk);
}

/**
 * xtcp_push_one() - send one segment of what was written
 * @sk: connected, locked; process context
 */
void xtcp_push_one(struct sock *sk)
{
	xtcp_write_xmit(sk, XTCP_NODELAY, 1, false, sk->sk_allocation);
}

/* xtcp_set_segments(), of what was sent: a device may just be reading how the copy is cut. */
static int xtcp_set_segments_again(struct sock *sk, struct sk_buff *skb, unsigned int mss)
{
	if (skb_shinfo(skb)->gso_size == (skb->len > mss ? mss : 0))
		return 0;
	if (xtcp_unshare(sk, skb, GFP_ATOMIC))
		return -ENOMEM;
	xtcp_set_segments(xtcp_sk(sk), skb, mss);
	return 0;
}

/**
 * xtcp_retransmit_skb() - send a segment again
 * @sk: the sender, locked
 * @skb: one of those sent
 * @max: octets at most; one segment in any case
 *
 * Return: 0, or a negative errno: -EINVAL if the peer has told that it has @skb.
 */
int xtcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, unsigned int max)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	unsigned int mss = xtcp_current_mss(sk);
	struct xtcp_sock *tp = xtcp_sk(sk);
	unsigned int segs;
	int err;

	/* RFC 2018 section 5: it is skipped. sent_times has it no more, nor do the counts. */
	if (cb->marks & XTCP_SACKED)
		return -EINVAL;
	/* RFC 9293 section 3.8.6: the window may have shrunk; then one segment is the probe. */
	if (!seq_before(cb->seq, xtcp_send_window_end(tp)) && cb->seq != tp->snd_una)
		return -EAGAIN;
	xtcp_trim_acked(sk, skb);
	max = max(max - max % mss, mss);
	if (skb->len > max && xtcp_fragment(sk, skb, max, GFP_ATOMIC))
		return -ENOMEM;
	if (skb->len && xtcp_set_segments_again(sk, skb, mss))
		return -ENOMEM;
	/* RFC 3168 section 6.1.1.1: perhaps somebody on the way drops what asks for ECN. */
	if ((cb->flags & (XTCP_SYN | XTCP_ACK)) == XTCP_SYN)
		cb->flags &= ~(XTCP_ECE | XTCP_CWR);
	err = xtcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
	if (err)
		return err;
	segs = max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
	if (!tp->retrans_stamp)
		tp->retrans_stamp = xtcp_tsval(tp);
	if (!(cb->marks & XTCP_RETRANS))
		tp->retrans_out += cb->end_seq - cb->seq;
	cb->marks |= XTCP_RETRANS | XTCP_EVER_RETRANS;
	list_move_tail(&skb->tcp_tsorted_anchor, &tp->sent_times);
	tp->undo_retrans += cb->end_seq - cb->seq;
	tp->total_retrans += segs;
	tp->bytes_retrans += skb->len;
	xtcp_count_add(sk, XTCP_RETRANS_SEGS, segs);
	return 0;
}
