// SPDX-License-Identifier: GPL-2.0
/*
 * What time does to a connection.
 *
 * One timer sees to sending. It is for one of these at a time:
 *
 *   retransmit  data is out and was not acknowledged within the RTO (RFC 6298):
 *		 the first segment goes again, the RTO doubles. After retries1 the
 *		 route is doubted, after retries2 the connection is given up.
 *   persist	 the window is closed: an octet beyond it goes out, so that the peer
 *		 tells when it opens; the pause doubles. No end, while it answers.
 *   loss probe  two round trips without an ACK: ask before the RTO (RFC 8985)
 *   reorder	 what looked only reordered is lost now (RFC 8985)
 *
 * A second one delays ACKs: at most 40 ms, RFC 1122 allows half a second. A third
 * is for long silence: keepalive probes on an idle connection; FIN-WAIT-2 of a
 * socket that no program has any more. The answer to a SYN has one in its
 * request, and TIME-WAIT has one of its own.
 *
 * net/core/timer.c sees to locks and references.
 */

#include "tcp.h"

#define XTCP_DELACK	(HZ / 25)

static u32 xtcp_rto_jiffies(const struct xtcp_sock *tp)
{
	return max_t(u32, usecs_to_jiffies(xl4_rto_us(&tp->rto)), 1);
}

/* RFC 5482: what the program wants to know after so long, it hears then. */
static u32 xtcp_until_user_timeout(const struct xtcp_sock *tp, unsigned long start, u32 delay)
{
	unsigned long limit = msecs_to_jiffies(tp->user_timeout), gone = jiffies - start;

	if (!tp->user_timeout)
		return delay;
	return min_t(unsigned long, delay, gone < limit ? limit - gone : 1);
}

static void xtcp_arm_send_timer(struct sock *sk, enum xtcp_send_event event, u32 delay)
{
	xtcp_sk(sk)->event = event;
	xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_SEND), jiffies + delay);
}

static void xtcp_arm_probe(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	xtcp_arm_send_timer(sk, XTCP_PROBE_WINDOW,
			    xtcp_until_user_timeout(tp, tp->probe_start, xtcp_rto_jiffies(tp)));
}

/**
 * xtcp_rearm_retransmit() - wait for an RTO from now, if something is out
 * @sk: the sender, locked
 */
void xtcp_rearm_retransmit(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 delay;

	if (tp->snd_una == tp->snd_nxt) {
		xl4_timer_disarm(xtcp_timer(sk, XTCP_TIMER_SEND));
	} else if (!tp->snd_wnd && xtcp_in(sk, XTCP_SYNCHRONIZED)) {
		/* What is out the peer has no room for: no sign of congestion. */
		if (tp->event != XTCP_PROBE_WINDOW)
			tp->probe_start = jiffies;
		xtcp_arm_probe(sk);
	} else {
		delay = xtcp_until_user_timeout(tp, tp->retransmit_start, xtcp_rto_jiffies(tp));
		tp->rto_deadline = jiffies + delay;
		xtcp_arm_send_timer(sk, XTCP_RETRANSMIT, delay);
	}
}

/* RFC 9293 section 3.8.3: R2 is at least as long. */
#define XTCP_LEAST_R2	(100 * HZ)

/**
 * xtcp_path_interrupted() - a router has no way for a segment that was sent again
 * @sk: locked, or owned by a program: then the error is passed over
 * @seq: of the segment
 *
 * RFC 6069: so no congestion has kept it from arriving, and the doubled timeout is
 * halved again. Not for longer than the shortest R2: who has waited so long gives
 * up some day, whatever routers say.
 */
void xtcp_path_interrupted(struct sock *sk, u32 seq)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_head(tp);
	u32 gone, rto;

	if (sock_owned_by_user(sk) || !xtcp_in(sk, XTCP_SYNCHRONIZED) || !skb ||
	    seq != tp->snd_una || tp->event != XTCP_RETRANSMIT || !tp->retransmits ||
	    !tp->rto.backoff || time_after(jiffies, tp->retransmit_start + XTCP_LEAST_R2))
		return;
	tp->retransmits--;
	tp->rto.backoff--;
	rto = xtcp_rto_jiffies(tp);
	gone = nsecs_to_jiffies(ktime_get_ns() - skb->skb_mstamp_ns);
	xtcp_arm_send_timer(sk, XTCP_RETRANSMIT,
			    xtcp_until_user_timeout(tp, tp->retransmit_start,
						    gone < rto ? rto - gone : 1));
}

/**
 * xtcp_schedule_loss_probe() - probe the tail before the RTO would
 * @sk: the sender, locked; the retransmission timer runs
 *
 * RFC 8985 section 7.2: not in recovery, not with holes, not twice.
 */
void xtcp_schedule_loss_probe(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 timeout;

	if (tp->event > XTCP_LOSS_PROBE || tp->event == XTCP_PROBE_WINDOW)
		return;
	if (!tp->sack_ok || tp->state >= XTCP_CA_RECOVERY || tp->sacked_out || tp->tlp_high_seq ||
	    !tp->rto.srtt_us || tp->snd_una == tp->snd_nxt || !xtcp_in(sk, XTCP_SYNCHRONIZED))
		return;
	timeout = usecs_to_jiffies(tp->rto.srtt_us >> 2);
	/* A lone segment may be waiting for its ACK to be delayed. */
	if (tp->snd_nxt - tp->snd_una <= tp->mss)
		timeout += HZ / 5;
	else
		timeout += 2;
	/* However much is sent meanwhile, the RTO counts from the first of it. */
	if (time_before(jiffies + timeout, tp->rto_deadline))
		xtcp_arm_send_timer(sk, XTCP_LOSS_PROBE, timeout);
	else if (tp->event == XTCP_LOSS_PROBE)
		xtcp_arm_send_timer(sk, XTCP_RETRANSMIT,
				    max_t(long, tp->rto_deadline - jiffies, 1));
}

/**
 * xtcp_check_probe_timer() - probe the window if nothing else will open it
 * @sk: the sender, locked; there is data to be sent and nothing out
 */
void xtcp_check_probe_timer(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->snd_una != tp->snd_nxt ||
	    (tp->event == XTCP_PROBE_WINDOW && xtcp_timer(sk, XTCP_TIMER_SEND)->armed))
		return;
	if (!tp->probes)
		tp->probe_start = jiffies;
	tp->rto.backoff = 0;
	xtcp_arm_probe(sk);
}

/* Give up: the program learns why, if ICMP told. */
static void xtcp_write_error(struct sock *sk)
{
	sk->sk_err = READ_ONCE(sk->sk_err_soft) ? : ETIMEDOUT;
	sk_error_report(sk);
	xtcp_count(sk, XTCP_ABORT_ON_TIMEOUT);
	xtcp_done(sk);
}

/* Of a socket that nobody has any more: how often to try. */
static int xtcp_orphan_retries(const struct sock *sk, bool alive)
{
	int retries = xtcp_set(sk)->orphan_retries;

	if (READ_ONCE(sk->sk_err_soft) && !alive)
		return 0;
	return retries ? : 8;
}

static bool xtcp_user_timeout(const struct xtcp_sock *tp, unsigned long start)
{
	return tp->user_timeout && jiffies_to_msecs(jiffies - start) >= tp->user_timeout;
}

/* RFC 9293 section 3.8.3: R1 and R2. Returns whether the connection is gone. */
static bool xtcp_write_timeout(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	int limit;

	if (xtcp_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		limit = tp->syn_retries ? : xtcp_set(sk)->syn_retries;
	} else {
		limit = xtcp_set(sk)->retries2;
		if (tp->retransmits == xtcp_set(sk)->retries1) {
			xtcp_black_hole(sk);
			sk_rethink_txhash(sk);
			sk_dst_reset(sk);
		}
		if (sock_flag(sk, SOCK_DEAD))
			limit = xtcp_orphan_retries(sk, xl4_rto_us(&tp->rto) < tp->rto.max_us);
	}
	if (tp->user_timeout ? !xtcp_user_timeout(tp, tp->retransmit_start) :
			       tp->retransmits < limit)
		return false;
	xtcp_write_error(sk);
	return true;
}

static void xtcp_retransmit_timer(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_head(tp);

	if (!skb)
		return;
	if (xtcp_write_timeout(sk))
		return;
	xtcp_count(sk, XTCP_TIMEOUTS);
	xtcp_enter_loss(sk);
	tp->retransmits += tp->retransmits < 255;
	/* RFC 6298 section 5.4 to 5.6 */
	skb = xtcp_sent_head(tp);
	if (skb)
		xtcp_retransmit_skb(sk, skb, tp->mss);
	xl4_rto_back_off(&tp->rto);
	xtcp_rearm_retransmit(sk);
}

/* What waits though there is room for it. Returns whether something is out now. */
static bool xtcp_send_held_back(struct sock *sk)
{
	/* A probe has no place for a FIN alone. */
	if (xtcp_send_head(sk)->len)
		xtcp_send_probe(sk, false);
	else
		xtcp_write_xmit(sk, XTCP_NODELAY, 1, false, GFP_ATOMIC);
	return xtcp_sk(sk)->snd_una != xtcp_sk(sk)->snd_nxt;
}

/* RFC 9293 section 3.8.6.1: for as long as the peer answers. */
static void xtcp_probe_timer(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_head(tp);
	int limit = xtcp_set(sk)->retries2;

	if (!skb && !xtcp_send_head(sk)) {
		tp->probes = 0;
		return;
	}
	/* No window but corking has held it back, for long enough, or a full device: no probe. */
	if (!skb && tp->snd_wnd && xtcp_send_held_back(sk))
		return;
	if (sock_flag(sk, SOCK_DEAD)) {
		limit = xtcp_orphan_retries(sk, true);
		/* A peer that answers for ever must not keep for ever what nobody has. */
		if (xl4_rto_us(&tp->rto) >= tp->rto.max_us)
			limit = 0;
	}
	if (tp->probes >= limit || xtcp_user_timeout(tp, tp->probe_start)) {
		xtcp_write_error(sk);
		return;
	}
	tp->probes++;
	xtcp_count(sk, XTCP_WINDOW_PROBES);
	if (skb) {
		xtcp_sack_renege(sk);
		xtcp_retransmit_skb(sk, skb, 1);
	} else {
		xtcp_send_probe(sk, false);
	}
	xl4_rto_back_off(&tp->rto);
	xtcp_arm_probe(sk);
}

static void xtcp_send_timer(struct sock *sk)
{
	if (xtcp_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return;
	switch (xtcp_sk(sk)->event) {
	case XTCP_RETRANSMIT:
		xtcp_retransmit_timer(sk);
		break;
	case XTCP_PROBE_WINDOW:
		xtcp_probe_timer(sk);
		break;
	case XTCP_LOSS_PROBE:
		xtcp_loss_probe(sk);
		break;
	case XTCP_REORDER:
		xtcp_reorder_timer(sk);
		break;
	}
}

/**
 * xtcp_delay_ack() - acknowledge soon, together with an answer if there is one
 * @sk: connected, locked; something is to be acknowledged
 */
void xtcp_delay_ack(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->ack_pending |= XTCP_ACK_SCHED;
	if (!xtcp_timer(sk, XTCP_TIMER_DELACK)->armed)
		xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_DELACK), jiffies + XTCP_DELACK);
}

static void xtcp_delack_timer(struct sock *sk)
{
	if (xtcp_in(sk, TCPF_CLOSE | TCPF_LISTEN) ||
	    !(xtcp_sk(sk)->ack_pending & XTCP_ACK_SCHED))
		return;
	/* The program answers late: it gains nothing from a delay. */
	xtcp_send_ack(sk);
	xtcp_count(sk, XTCP_DELAYED_ACKS);
}

static u32 xtcp_keepalive_time(const struct sock *sk)
{
	return xtcp_sk(sk)->keepalive_time ? : xtcp_set(sk)->keepalive_time * HZ;
}

static u32 xtcp_keepalive_intvl(const struct sock *sk)
{
	return xtcp_sk(sk)->keepalive_intvl ? : xtcp_set(sk)->keepalive_intvl * HZ;
}

/**
 * xtcp_arm_keepalive() - begin to watch for silence
 * @sk: connected, with SO_KEEPALIVE; locked
 */
void xtcp_arm_keepalive(struct sock *sk)
{
	xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_KEEPALIVE), jiffies + xtcp_keepalive_time(sk));
}

/**
 * xtcp_set_keepalive() - SO_KEEPALIVE: the keepalive of struct proto
 * @sk: locked
 * @on: or off
 */
void xtcp_set_keepalive(struct sock *sk, int on)
{
	if (xtcp_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return;
	if (on && !sock_flag(sk, SOCK_KEEPOPEN))
		xtcp_arm_keepalive(sk);
	else if (!on)
		xl4_timer_disarm(xtcp_timer(sk, XTCP_TIMER_KEEPALIVE));
}

/* Has the peer been silent for so long, or to so many probes, that it is gone? */
static bool xtcp_keepalive_over(const struct sock *sk, u32 idle)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->user_timeout)
		return tp->keepalives && jiffies_to_msecs(idle) >= tp->user_timeout;
	return tp->keepalives >= (tp->keepalive_probes ? : xtcp_set(sk)->keepalive_probes);
}

/* RFC 9293 section 3.8.4. Returns in how many jiffies to look again, 0: never. */
static u32 xtcp_keepalive(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 idle = jiffies - tp->last_heard;
	u32 time = xtcp_keepalive_time(sk);

	/* What is out has a timer of its own. */
	if (tp->snd_una != tp->snd_nxt || xtcp_send_head(sk))
		return time;
	if (idle < time && !tp->keepalives)
		return time - idle;
	if (xtcp_keepalive_over(sk, idle)) {
		xtcp_send_active_reset(sk, GFP_ATOMIC);
		xtcp_write_error(sk);
		return 0;
	}
	if (xtcp_send_probe(sk, true))
		return HZ / 2;
	tp->keepalives++;
	xtcp_count(sk, XTCP_KEEPALIVES);
	return xtcp_keepalive_intvl(sk);
}

static void xtcp_keepalive_timer(struct sock *sk)
{
	u32 again;

	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
		xtcp_fin_wait2_expired(sk);
		return;
	}
	if (!sock_flag(sk, SOCK_KEEPOPEN) || !xtcp_in(sk, XTCP_SYNCHRONIZED))
		return;
	again = xtcp_keepalive(sk);
	if (again)
		xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_KEEPALIVE), jiffies + again);
}

/**
 * xtcp_init_timers() - set up a new socket's timers
 * @sk: new
 */
void xtcp_init_timers(struct sock *sk)
{
	static void (*const expired[XTCP_TIMERS])(struct sock *sk) = {
		[XTCP_TIMER_SEND]	= xtcp_send_timer,
		[XTCP_TIMER_DELACK]	= xtcp_delack_timer,
		[XTCP_TIMER_KEEPALIVE]	= xtcp_keepalive_timer,
	};
	int i;

	for (i = 0; i < XTCP_TIMERS; i++)
		xl4_timer_init(&xtcp_sk(sk)->timers[i], sk, i, expired[i]);
}

/**
 * xtcp_cancel_timers() - no timer fires any more, and none holds a reference
 * @sk: locked
 */
void xtcp_cancel_timers(struct sock *sk)
{
	int i;

	for (i = 0; i < XTCP_TIMERS; i++)
		xl4_timer_cancel(&xtcp_sk(sk)->timers[i]);
}
