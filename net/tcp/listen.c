// SPDX-License-Identifier: GPL-2.0
/*
 * A listener: SYN, SYN,ACK, ACK, and a child is born (RFC 9293 section 3.10.7.2).
 *
 * A request is all that a SYN costs us; when there are too many of them, not even
 * that: a cookie.
 */

#include <linux/security.h>
#include <net/inet_ecn.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "tcp.h"

/* ------------------------------------------------------------------- SYN,ACK */

static struct sk_buff *xtcp_make_synack(struct sock *sk, const struct xtcp_request *request)
{
	unsigned int mtu = request->family->request_mtu(sk, request);
	unsigned int own = mtu - request->family->header_len - XTCP_HEADER_LEN;
	struct xtcp_options opt = {
		.has_mss = true,
		.mss = min_t(unsigned int, own, xtcp_sk(sk)->user_mss ? : U16_MAX),
		.has_wscale = request->has_wscale,
		.wscale = request->rcv_wscale,
		.sack_permitted = request->sack_permitted,
		.has_timestamps = request->has_timestamps,
		.tsval = xtcp_clock_ms() + request->ts_offset,
		.tsecr = request->ts_recent,
	};
	struct xtcp_header h = {
		.source = request->tuple.local_port,
		.dest = request->tuple.remote_port,
		.seq = request->iss,
		.ack = request->irs + 1,
		.flags = XTCP_SYN | XTCP_ACK | (request->ecn ? XTCP_ECE : 0),
		.window = request->window,
		.length = XTCP_HEADER_LEN + xtcp_options_len(&opt, true),
	};
	struct sk_buff *skb = alloc_skb(XTCP_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, XTCP_HEADROOM);
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xtcp_write(skb->data, &h);
	xtcp_write_options(skb->data + XTCP_HEADER_LEN, &opt, true);
	return skb;
}

static int xtcp_send_request(struct sock *sk, struct xtcp_request *request)
{
	struct sk_buff *skb = xtcp_make_synack(sk, request);
	struct xl4_reply reply;

	if (!skb)
		return -ENOMEM;
	xtcp_count(sk, XTCP_OUT_SEGS);
	reply = xl4_request_reply(sk, &request->tuple, request->device, request->mark);
	tcp_hdr(skb)->check = xl4_reply_sum(skb, &reply);
	return xl4_reply(sock_net(sk), sk, skb, &reply);
}

/* A second, then two, then four ..., as often as TCP_DEFER_ACCEPT may ask for. */
static unsigned long xtcp_request_retry(struct sock *sk, struct xl4_request *xl4)
{
	struct xtcp_request *request = (struct xtcp_request *)xl4;
	int limit = xtcp_sk(sk)->syn_retries ? : xtcp_set(sk)->synack_retries;

	if (xl4->retries >= max_t(int, limit, xtcp_sk(sk)->defer_accept))
		return 0;
	xl4->retries++;
	/* The handshake was done, but there was no place, or no data yet. */
	if (!request->acked || xl4->retries >= xtcp_sk(sk)->defer_accept) {
		request->sent_ns = 0;
		xtcp_send_request(sk, request);
		xtcp_count(sk, XTCP_RETRANS_SEGS);
	}
	return min(HZ << min_t(u8, xl4->retries, 7), 120 * HZ);
}

static void xtcp_request_destroy(struct xl4_request *request)
{
}

static void xtcp_listen_begin(struct sock *sk)
{
	xtcp_set_state(sk, TCP_LISTEN);
}

const struct xl4_request_ops xtcp_request_ops = {
	.retry = xtcp_request_retry,
	.destroy = xtcp_request_destroy,
	.begin = xtcp_listen_begin,
};

/* ----------------------------------------------------------------------- SYN */

static void xtcp_request_learn(struct sock *sk, struct xtcp_request *request, struct sk_buff *skb)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	const struct xtcp_settings *set = xtcp_set(sk);
	struct xtcp_header h = { .length = cb->length, .flags = cb->flags };
	struct xtcp_options opt;

	xtcp_parse_options(skb->data, &h, true, &opt);
	request->irs = cb->seq;
	/* Less than 48 is a trick. */
	request->mss = opt.has_mss ? max_t(u16, opt.mss, 48) : request->family->default_mss;
	request->has_timestamps = opt.has_timestamps && set->timestamps;
	request->ts_recent = opt.tsval;
	request->sack_permitted = opt.sack_permitted && set->sack;
	request->has_wscale = opt.has_wscale && set->window_scaling;
	request->snd_wscale = opt.wscale;
	request->window = xtcp_init_window(sk, request->has_wscale, &request->rcv_wscale);
	request->ecn = set->ecn && cb->flags & XTCP_ECE && cb->flags & XTCP_CWR;
	request->iss = xtcp_new_iss(&request->tuple);
	request->ts_offset = xtcp_new_ts_offset(&request->tuple);
	request->device = skb->dev ? skb->dev->ifindex : skb->skb_iif;
	request->mark = READ_ONCE(sk->sk_mark);
	request->sent_ns = ktime_get_ns();
	request->acked = false;
}

/* Answer, but remember nothing. */
static void xtcp_send_cookie(struct sock *sk, struct xtcp_request *request)
{
	xtcp_cookie_make(request);
	xtcp_sk(sk)->cookie_sent = jiffies ? : 1;
	xtcp_send_request(sk, request);
	xtcp_count(sk, XTCP_SYN_COOKIES_SENT);
	kfree(request);
}

static void xtcp_conn_request(struct sock *sk, struct sk_buff *skb, const struct xl4_tuple *tuple,
			      const struct xtcp_family *family)
{
	int cookies = xtcp_set(sk)->syncookies;
	bool full = xl4_requests_full(sk, xtcp_set(sk)->max_syn_backlog);
	struct xtcp_request *request;

	if (xl4_accept_full(sk)) {
		xtcp_count(sk, XTCP_LISTEN_OVERFLOWS);
		goto drop;
	}
	if (full && !cookies)
		goto drop;
	request = kmalloc(sizeof(*request), GFP_ATOMIC | __GFP_NOWARN);
	if (!request)
		goto drop;
	request->family = family;
	request->tuple = *tuple;
	xtcp_request_learn(sk, request, skb);
	if (full || cookies == 2) {
		xtcp_send_cookie(sk, request);
		return;
	}
	if (xl4_request_add(sk, &request->xl4, tuple, family->v6, HZ)) {
		kfree(request);
		goto drop;
	}
	xtcp_send_request(sk, request);
	return;

drop:
	xtcp_count(sk, XTCP_LISTEN_DROPS);
}

/* --------------------------------------------------------------------- child */

/* What the request knows, for the socket that it becomes. */
static void xtcp_child_learn(struct sock *child, const struct xtcp_request *request)
{
	struct xtcp_sock *tp = xtcp_sk(child);

	tp->family = request->family;
	tp->iss = request->iss;
	tp->snd_una = request->iss;
	tp->snd_nxt = request->iss + 1;
	tp->snd_up = tp->snd_nxt;
	tp->write_seq = tp->snd_nxt;
	tp->pushed_seq = tp->snd_nxt;
	tp->small_seq = tp->snd_nxt;
	tp->irs = request->irs;
	tp->rcv_nxt = request->irs + 1;
	tp->rcv_wup = tp->rcv_nxt;
	tp->copied_seq = tp->rcv_nxt;
	tp->tune_seq = tp->rcv_nxt;
	tp->rcv_wnd = request->window;
	tp->peer_mss = request->mss;
	tp->has_timestamps = request->has_timestamps;
	tp->ts_recent = request->ts_recent;
	tp->ts_recent_stamp = ktime_get_seconds();
	tp->ts_last_ack = tp->rcv_nxt;
	tp->ts_offset = request->ts_offset;
	tp->sack_ok = request->sack_permitted;
	tp->wscale_ok = request->has_wscale;
	tp->snd_wscale = request->has_wscale ? request->snd_wscale : 0;
	tp->rcv_wscale = request->has_wscale ? request->rcv_wscale : 0;
	tp->ecn_ok = request->ecn;
	tp->snd_wl1 = request->irs;
	child->sk_mark = request->mark;
}

/* The child gets the request's addresses, ports and route, and its sizes. */
static int xtcp_adopt(struct sock *sk, struct sock *child, const struct xtcp_request *request)
{
	struct dst_entry *dst;

	child->sk_gso_type = request->family->gso_type | SKB_GSO_FRAGLIST;
	dst = xl4_adopt(sk, child, &request->tuple, request->device);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	xtcp_sync_mss(child, dst_mtu(dst));
	return 0;
}

/* Returns the child, in SYN-RECEIVED, unlocked and known to packets; or NULL. */
static struct sock *xtcp_create_child(struct sock *sk, struct xtcp_request *request)
{
	struct sock *child = xtcp_clone(sk);
	u32 rtt;

	if (!child)
		return NULL;
	xtcp_child_learn(child, request);
	if (xtcp_adopt(sk, child, request))
		goto err;
	xtcp_set_state(child, TCP_SYN_RECV);
	if (request->sent_ns) {
		rtt = div_u64(ktime_get_ns() - request->sent_ns, NSEC_PER_USEC);
		xl4_rto_sample(&xtcp_sk(child)->rto, max(rtt, 1U));
		xtcp_sk(child)->rack.min_rtt_us = max(rtt, 1U);
	} else {
		/* The SYN,ACK was lost: RFC 6298 section 5.7. */
		xtcp_sk(child)->retrans_stamp = 1;
	}
	if (xl4_bind_child(sk, child))
		goto err;
	return child;

err:
	xtcp_discard_child(child);
	return NULL;
}

/* The child takes the segment that made it, with what data that has. */
static void xtcp_child_process(struct sock *sk, struct sock *child, struct sk_buff *skb)
{
	bh_lock_sock_nested(child);
	if (xtcp_rcv_state_process(child, skb))
		__kfree_skb(skb);
	bh_unlock_sock(child);
}

/* The handshake is done. Returns whether a reset is the answer. */
static bool xtcp_request_done(struct sock *sk, struct xtcp_request *request, struct sk_buff *skb,
			      bool cookie)
{
	struct sock *child;

	if (xl4_accept_full(sk)) {
		xtcp_count(sk, XTCP_LISTEN_OVERFLOWS);
		request->acked = true;
		if (!cookie && xtcp_set(sk)->abort_on_overflow) {
			xl4_request_remove(sk, &request->xl4);
			return true;
		}
		__kfree_skb(skb);
		return false;
	}
	child = xtcp_create_child(sk, request);
	if (!child) {
		xtcp_count(sk, XTCP_LISTEN_DROPS);
		__kfree_skb(skb);
		return false;
	}
	xtcp_count(sk, XTCP_PASSIVE_OPENS);
	sock_hold(child);
	xtcp_child_process(sk, child, skb);
	/* The queue's reference; it cannot be full, we looked. */
	xl4_accept_add(sk, child);
	sock_put(child);
	if (!cookie)
		xl4_request_remove(sk, &request->xl4);
	return false;
}

/* A segment for a request. Returns whether a reset is the answer. */
static bool xtcp_request_rcv(struct sock *sk, struct xtcp_request *request, struct sk_buff *skb)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_header h = { .length = cb->length, .flags = cb->flags };
	struct xtcp_options opt;
	u32 expected = request->irs + 1;

	xtcp_parse_options(skb->data, &h, cb->flags & XTCP_SYN, &opt);
	if ((cb->flags & (XTCP_SYN | XTCP_RST | XTCP_ACK)) == XTCP_SYN && cb->seq == request->irs) {
		/* Our answer was lost. */
		if (request->has_timestamps && opt.has_timestamps)
			request->ts_recent = opt.tsval;
		request->sent_ns = 0;
		xtcp_send_request(sk, request);
		goto drop;
	}
	/* RFC 7323 section 5.3, then RFC 9293 section 3.10.7.4, first */
	if ((request->has_timestamps && opt.has_timestamps && !(cb->flags & XTCP_RST) &&
	     seq_before(opt.tsval, request->ts_recent)) ||
	    seq_before(cb->end_seq, expected) || seq_after(cb->seq, expected + request->window)) {
		if (!(cb->flags & XTCP_RST))
			xtcp_reply_ack_request(sk, skb, request);
		goto drop;
	}
	if (cb->flags & XTCP_RST) {
		/* RFC 5961 section 3.2 */
		if (cb->seq == expected) {
			xtcp_count(sk, XTCP_ATTEMPT_FAILS);
			xl4_request_remove(sk, &request->xl4);
		}
		goto drop;
	}
	if (cb->flags & XTCP_SYN) {
		xtcp_reply_ack_request(sk, skb, request);
		goto drop;
	}
	if (!(cb->flags & XTCP_ACK))
		goto drop;
	if (cb->ack != request->iss + 1)
		return true;
	/* TCP_DEFER_ACCEPT: the program wants data, not a connection. */
	if (xtcp_sk(sk)->defer_accept > request->xl4.retries && cb->end_seq == expected) {
		request->acked = true;
		goto drop;
	}
	return xtcp_request_done(sk, request, skb, false);

drop:
	__kfree_skb(skb);
	return false;
}

/* Where none was sent that may still be answered, nobody need be let guess. */
static bool xtcp_cookie_expected(const struct sock *sk)
{
	unsigned long sent = xtcp_sk(sk)->cookie_sent;

	return sent && time_before(jiffies, sent + 3 * 60 * HZ);
}

/* An ACK for no request: of a cookie? Returns whether a reset is the answer. */
static bool xtcp_cookie_rcv(struct sock *sk, struct sk_buff *skb, const struct xl4_tuple *tuple,
			    const struct xtcp_family *family)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_header h = { .length = cb->length, .flags = cb->flags };
	struct xtcp_request request = {
		.family = family,
		.tuple = *tuple,
		.iss = cb->ack - 1,
		.irs = cb->seq - 1,
		.device = skb->dev ? skb->dev->ifindex : skb->skb_iif,
		.mark = READ_ONCE(sk->sk_mark),
	};
	struct xtcp_options opt;

	if (!xtcp_set(sk)->syncookies || !xtcp_cookie_expected(sk))
		return true;
	xtcp_parse_options(skb->data, &h, false, &opt);
	if (!xtcp_cookie_check(&request, &opt)) {
		xtcp_count(sk, XTCP_SYN_COOKIES_FAILED);
		return true;
	}
	xtcp_count(sk, XTCP_SYN_COOKIES_RECV);
	request.window = xtcp_init_window(sk, request.has_wscale, &request.rcv_wscale);
	if (opt.has_timestamps)
		request.ts_offset = opt.tsecr - xtcp_clock_ms();
	return xtcp_request_done(sk, &request, skb, true);
}

/* The child was born while this segment waited for the listener. */
static void xtcp_pass_on(struct sock *child, struct sk_buff *skb)
{
	bh_lock_sock_nested(child);
	if (sock_owned_by_user(child)) {
		if (sk_add_backlog(child, skb, READ_ONCE(child->sk_rcvbuf))) {
			xtcp_count(child, XTCP_BACKLOG_DROP);
			__kfree_skb(skb);
		}
	} else {
		xtcp_do_rcv(child, skb);
	}
	bh_unlock_sock(child);
	sock_put(child);
}

/**
 * xtcp_listen_rcv() - a segment for a listener
 * @sk: in state LISTEN, locked
 * @skb: data at the header; consumed, unless it is to be answered with a reset
 *
 * Return: true if a reset is the answer.
 */
bool xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	const struct xtcp_family *family = xtcp_family_of(skb);
	struct sock *child = NULL;
	struct xl4_entry *entry;
	struct xl4_tuple tuple;
	bool reset = false;

	xtcp_tuple_of(skb, &tuple);
	rcu_read_lock();
	entry = xl4_lookup_connection(xl4_sk(sk)->space, family->v6 ? XL4_V6 : XL4_V4, &tuple,
				      xtcp_device_of(skb), xtcp_l3_device_of(skb));
	/* The reference is on the socket: its entry may go. */
	if (entry && entry->kind == XL4_SOCKET)
		child = xl4_binding_of(entry)->sk;
	rcu_read_unlock();
	if (child) {
		xtcp_pass_on(child, skb);
		return false;
	}
	if (entry && entry->kind == XL4_REQUEST && xl4_request_of(entry)->listener == sk &&
	    !entry->dead) {
		reset = xtcp_request_rcv(sk, (struct xtcp_request *)xl4_request_of(entry), skb);
		xl4_entry_put(entry);
		return reset;
	}
	if (entry)
		xl4_entry_put(entry);
	if (cb->flags & XTCP_RST)
		goto drop;
	if (cb->flags & XTCP_ACK) {
		if (cb->flags & XTCP_SYN)
			return true;
		return xtcp_cookie_rcv(sk, skb, &tuple, family);
	}
	/* Whatever else a SYN carries will come again: RFC 1025's lamp test. */
	if (cb->flags & XTCP_SYN && skb->pkt_type == PACKET_HOST && !xtcp_to_many(skb))
		xtcp_conn_request(sk, skb, &tuple, family);
drop:
	__kfree_skb(skb);
	return false;
}
