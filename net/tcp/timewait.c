// SPDX-License-Identifier: GPL-2.0
/* TIME-WAIT (RFC 9293 section 3.10.7.4), RFC 6191 and RFC 1337. */

#include <linux/slab.h>

#include "tcp.h"

/* 2 MSL; as everybody has it, the MSL is half a minute. */
#define XTCP_TIMEWAIT	(60 * HZ)

/**
 * xtcp_time_wait() - the connection is over, but its last packets are about
 * @sk: both FINs are acknowledged; locked. Closed afterwards.
 */
void xtcp_time_wait(struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	struct xtcp_timewait *tw = NULL;

	if (READ_ONCE(xl4_sk(sk)->space->nr_timewaits) < xtcp_set(sk)->max_tw_buckets)
		tw = kmalloc(sizeof(*tw), GFP_ATOMIC | __GFP_NOWARN);
	if (tw) {
		tw->rcv_nxt = tp->rcv_nxt;
		tw->snd_nxt = tp->snd_nxt;
		tw->rcv_wnd = xtcp_receive_window(tp);
		tw->rcv_wscale = tp->rcv_wscale;
		tw->has_timestamps = tp->has_timestamps;
		tw->ts_recent = tp->ts_recent;
		tw->ts_recent_stamp = tp->ts_recent_stamp;
		tw->ts_offset = tp->ts_offset;
		tw->tos = inet_sk(sk)->tos;
		tw->v6 = tp->family->v6;
		tw->last_ack = jiffies - HZ;
		tw->duration = XTCP_TIMEWAIT;
	}
	if (tw && !xl4_timewait_enter(&tw->xl4, sk, XTCP_TIMEWAIT)) {
		xtcp_count(sk, XTCP_TIMEWAITS);
	} else {
		kfree(tw);
		xtcp_count(sk, XTCP_TIMEWAIT_OVERFLOW);
	}
	xtcp_done(sk);
}

static bool xtcp_timewait_in_window(const struct xtcp_timewait *tw, const struct xtcp_skb_cb *cb)
{
	if (cb->seq == tw->rcv_nxt)
		return true;
	return seq_after(cb->end_seq, tw->rcv_nxt) &&
	       seq_before(cb->seq, tw->rcv_nxt + tw->rcv_wnd);
}

/* RFC 6191: may this SYN begin the connection anew? */
static bool xtcp_timewait_reopens(const struct xtcp_timewait *tw, const struct xtcp_skb_cb *cb,
				  const struct xtcp_options *opt)
{
	if ((cb->flags & (XTCP_SYN | XTCP_RST | XTCP_ACK)) != XTCP_SYN)
		return false;
	if (tw->has_timestamps && opt->has_timestamps && opt->tsval != tw->ts_recent)
		return seq_after(opt->tsval, tw->ts_recent);
	return seq_after(cb->seq, tw->rcv_nxt);
}

/**
 * xtcp_timewait_rcv() - a segment for a connection in TIME-WAIT
 * @tw: with a reference of the caller's
 * @skb: data at the header; stays the caller's
 *
 * Softirq.
 *
 * Return: what to do with the segment.
 */
enum xtcp_timewait_verdict xtcp_timewait_rcv(struct xtcp_timewait *tw, struct sk_buff *skb)
{
	const struct xtcp_settings *set = &xtcp_net(tw->xl4.space->net)->set;
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	struct xtcp_header h = { .length = cb->length, .flags = cb->flags };
	struct xtcp_options opt;
	bool paws;

	xtcp_parse_options(skb->data, &h, cb->flags & XTCP_SYN, &opt);
	if (xtcp_timewait_reopens(tw, cb, &opt))
		return XTCP_TW_REOPEN;
	paws = tw->has_timestamps && opt.has_timestamps && seq_before(opt.tsval, tw->ts_recent);
	if (cb->flags & XTCP_RST) {
		/* RFC 1337: assassination; where not asked to, do as everybody. */
		if (!paws && cb->seq == tw->rcv_nxt && !set->rfc1337)
			xl4_timewait_end(&tw->xl4);
		return XTCP_TW_DROP;
	}
	if (!paws && xtcp_timewait_in_window(tw, cb) && tw->has_timestamps && opt.has_timestamps) {
		tw->ts_recent = opt.tsval;
		tw->ts_recent_stamp = ktime_get_seconds();
	}
	/* A mere ACK of what we know: nothing to say. */
	if (cb->seq == cb->end_seq && cb->seq == tw->rcv_nxt && !(cb->flags & XTCP_SYN))
		return XTCP_TW_DROP;
	/* The peer's FIN again: our ACK of it was lost. */
	if (cb->flags & XTCP_FIN && cb->end_seq == tw->rcv_nxt)
		xl4_timewait_extend(&tw->xl4, tw->duration);
	if (time_before(jiffies, tw->last_ack + HZ / 10))
		return XTCP_TW_DROP;
	tw->last_ack = jiffies;
	return XTCP_TW_ACK;
}
