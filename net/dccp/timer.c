// SPDX-License-Identifier: GPL-2.0
/*
 * What time does to a connection.
 *
 *	RETRANSMIT	a Request, Close or CloseReq was not answered, or in PARTOPEN the Ack, or
 *			our Changes: it goes again, twice as late each time, up to 64 seconds; until
 *			the settings give it up. A listener's DCCP-Listen: RFC 5596
 *	ACK		an acknowledgment was put off for long enough
 *	XMIT		the CCID's rate lets the next packet go
 *	TX, RX		the CCIDs' own: a timeout, or no feedback
 *
 * All run under the socket lock; if a program has that, when it lets go (xl4/timer.h).
 */

#include "dccp.h"

#define XDCCP_MAX_BACKOFF	(64 * HZ)	/* RFC 4340 section 8.1.1 */

/*
 * RFC 4340 section 8.1.1 begins with a second; PARTOPEN's Ack with less (8.1.5). Section 8.3 has
 * two round trips for a Close; but on a short path, where its program may have something to read
 * yet, the peer has a second, too.
 */
static unsigned long xdccp_first_timeout(const struct sock *sk)
{
	unsigned long two_round_trips = usecs_to_jiffies(xdccp_sk(sk)->rto.srtt_us >> 2);

	if (sk->sk_state == XDCCP_PARTOPEN)
		return HZ / 5;
	return max_t(unsigned long, HZ, two_round_trips);
}

/**
 * xdccp_rearm_retransmit() - what was just sent is to be answered
 * @sk: the socket, locked
 */
void xdccp_rearm_retransmit(struct sock *sk)
{
	unsigned int times = min_t(unsigned int, xdccp_sk(sk)->retransmits, 10);
	unsigned long wait = min(xdccp_first_timeout(sk) << times,
				 (unsigned long)XDCCP_MAX_BACKOFF);

	xl4_timer_arm(xdccp_timer(sk, XDCCP_TIMER_RETRANSMIT), jiffies + wait);
}

/**
 * xdccp_arm_us() - arm a timer in so many microseconds
 * @sk: the socket, locked
 * @which: the timer
 * @us: rounded to the nearest tick, and one at least
 */
void xdccp_arm_us(struct sock *sk, enum xdccp_timer which, u64 us)
{
	u64 ticks = div_u64(us * HZ + USEC_PER_SEC / 2, USEC_PER_SEC);

	xl4_timer_arm(xdccp_timer(sk, which), jiffies + clamp_t(u64, ticks, 1, 600 * HZ));
}

/* Of an orphan nobody waits for the end. */
static int xdccp_retries(const struct sock *sk)
{
	const struct xdccp_settings *set = xdccp_set(sk);
	int retries = READ_ONCE(set->retries2);

	if (sk->sk_state == XDCCP_REQUESTING)
		return READ_ONCE(set->request_retries);
	return sock_flag(sk, SOCK_DEAD) ? min(retries, READ_ONCE(set->orphan_retries)) : retries;
}

/* RFC 4340 section 8.1.5: a server that has nothing to say may let us wait for 4 MSL. */
#define XDCCP_PARTOPEN_LIFE	(8 * 60 * HZ)

static bool xdccp_is_hopeless(const struct sock *sk)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	if (sk->sk_state == XDCCP_PARTOPEN)
		return time_after(jiffies, dp->retransmit_start + XDCCP_PARTOPEN_LIFE);
	/* A peer that is there only did not get our Change, or we not its Confirm. */
	if (sk->sk_state == XDCCP_OPEN && dp->gsr != dp->retransmit_gsr)
		return false;
	return dp->retransmits >= xdccp_retries(sk);
}

/* The peer is gone, or never was. */
static void xdccp_give_up(struct sock *sk)
{
	xdccp_count(sk, XDCCP_MIB_ABORT_ON_TIMEOUT);
	/* RFC 4340 sections 8.1.1 and 8.1.5: something of ours may have arrived. */
	xdccp_send_active_reset(sk, XDCCP_RESET_ABORTED);
	sk->sk_err = READ_ONCE(sk->sk_err_soft) ? : ETIMEDOUT;
	xdccp_done(sk);
}

static void xdccp_retransmit_expired(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	bool changes = xdccp_features_pending(&dp->features);

	if (sk->sk_state == XDCCP_LISTENING) {
		xdccp_invite_expired(sk);
		return;
	}
	if (!dp->is_unanswered && !changes && sk->sk_state != XDCCP_PARTOPEN)
		return;
	if (xdccp_is_hopeless(sk)) {
		xdccp_give_up(sk);
		return;
	}
	if (dp->retransmits == READ_ONCE(xdccp_set(sk)->retries1))
		sk_dst_reset(sk);
	dp->retransmit_gsr = dp->gsr;
	if (changes)
		xdccp_features_timeout(&dp->features);
	if (dp->is_unanswered) {
		dp->syn_sent_us = 0;
		xdccp_retransmit_skb(sk);
	} else {
		dp->retransmits++;
		xdccp_send_ack(sk);
	}
	xdccp_rearm_retransmit(sk);
}

static void xdccp_ack_expired(struct sock *sk)
{
	if (xdccp_sk(sk)->ack_delayed && xdccp_in(sk, XDCCP_F(PARTOPEN) | XDCCP_F(OPEN)))
		xdccp_send_ack(sk);
}

static void xdccp_tx_expired(struct sock *sk)
{
	const struct xdccp_ccid *ccid = &xdccp_sk(sk)->tx;

	if (ccid->ops && ccid->ops->tx_timer)
		ccid->ops->tx_timer(sk, ccid->priv);
}

/**
 * xdccp_init_timers() - the timers of a new socket
 * @sk: the socket; nobody else knows of it
 */
void xdccp_init_timers(struct sock *sk)
{
	static void (*const expired[XDCCP_TIMERS])(struct sock *sk) = {
		[XDCCP_TIMER_RETRANSMIT] = xdccp_retransmit_expired,
		[XDCCP_TIMER_ACK] = xdccp_ack_expired,
		[XDCCP_TIMER_XMIT] = xdccp_write_xmit,
		[XDCCP_TIMER_TX] = xdccp_tx_expired,
	};
	unsigned int which;

	for (which = 0; which < XDCCP_TIMERS; which++)
		xl4_timer_init(xdccp_timer(sk, which), sk, which, expired[which]);
}

/**
 * xdccp_cancel_timers() - time does nothing to this socket any more
 * @sk: the socket, locked, with another reference
 */
void xdccp_cancel_timers(struct sock *sk)
{
	unsigned int which;

	for (which = 0; which < XDCCP_TIMERS; which++)
		xl4_timer_cancel(xdccp_timer(sk, which));
}
