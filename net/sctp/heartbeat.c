// SPDX-License-Identifier: GPL-2.0
/*
 * Is a path there (RFC 9260 sections 5.4 and 8.3)? A HEARTBEAT carries its path's address and a
 * random number that only who gets it there can send back.
 *
 *	idle --(interval)--> HEARTBEAT --+--> HEARTBEAT ACK: up, a round trip measured --> idle
 *	  ^				 |
 *	  `------ (strike) <-- (RTO) ----'	the next at once if the path is in doubt
 */

#include <linux/random.h>

#include "sctp.h"

/* What is ours in a HEARTBEAT: the peer sends it back as it is. */
struct xsctp_heartbeat {
	struct xl4_addr	peer;
	u64		nonce;
};

#define XSCTP_HEARTBEAT_STATES	(XSCTP_STATE_BIT(SCTP_ESTABLISHED) | \
				 XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) | \
				 XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED))

static unsigned long xsctp_rto_jiffies(const struct xsctp_transport *t)
{
	return max(usecs_to_jiffies(xl4_rto_us(&t->rto)), 1UL);
}

/* A path that nobody knows to be good is asked again without a pause (5.4; RFC 7829 section 3). */
static bool xsctp_in_doubt(const struct xsctp_transport *t)
{
	return t->state == SCTP_UNCONFIRMED || t->state == SCTP_PF;
}

/* RFC 9260 section 8.3: HB.interval and the RTO, of which half is up to chance, either way. */
static unsigned long xsctp_heartbeat_pause(const struct xsctp_transport *t)
{
	unsigned long rto = xsctp_rto_jiffies(t), interval = msecs_to_jiffies(t->hb_interval);

	interval = min_t(unsigned long, interval, MAX_JIFFY_OFFSET / 4);
	return interval + rto / 2 + (u32)(((u64)get_random_u32() * rto) >> 32);
}

static void xsctp_heartbeat_arm(struct xsctp_transport *t, unsigned long pause)
{
	xsctp_arm(t->association, &t->heartbeat, jiffies + pause);
}

/**
 * xsctp_heartbeat_start() - from now on a path is watched
 * @t: of an association that is established, or whose interval was changed; locked
 *
 * One that is not confirmed is asked at once (5.4).
 */
void xsctp_heartbeat_start(struct xsctp_transport *t)
{
	t->heartbeat_sent = false;
	if (xsctp_in_doubt(t))
		xsctp_heartbeat_arm(t, 0);
	else if (t->hb_interval)
		xsctp_heartbeat_arm(t, xsctp_heartbeat_pause(t));
	else
		xsctp_disarm(&t->heartbeat);
}

/**
 * xsctp_heartbeat_demand() - ask a path now, whatever the interval
 * @t: of a locked association
 *
 * SPP_HB_DEMAND of RFC 6458. The caller sees to xsctp_flush().
 *
 * Return: 0, or as xsctp_queue_chunk().
 */
int xsctp_heartbeat_demand(struct xsctp_transport *t)
{
	u8 param[XSCTP_TLV_LEN + sizeof(struct xsctp_heartbeat)];
	struct xsctp_heartbeat info = { .peer = t->key.peer };
	int err;

	t->nonce = get_random_u64();
	info.nonce = t->nonce;
	xsctp_put_tlv(param, XSCTP_PARAM_HEARTBEAT, &info, sizeof(info));
	err = xsctp_queue_chunk(t->association, XSCTP_HEARTBEAT, 0, param, sizeof(param), t);
	if (err)
		return err;
	t->heartbeat_ns = ktime_get_ns();
	t->heartbeat_sent = true;
	xsctp_heartbeat_arm(t, xsctp_rto_jiffies(t));
	return 0;
}

/* Nothing came back in time. Returns whether that was the end of the association. */
static bool xsctp_heartbeat_lost(struct xsctp_transport *t)
{
	/* An answer that is only late is still one: the nonce stays. */
	t->heartbeat_sent = false;
	if (!xsctp_transport_strike(t, true))
		return false;
	xsctp_lost(t->association, ETIMEDOUT, 0);
	return true;
}

/* How long until a path that data keep alive needs a HEARTBEAT; 0: it does now. */
static unsigned long xsctp_heartbeat_wait(const struct xsctp_transport *t)
{
	unsigned long idle = jiffies - t->last_used, interval = msecs_to_jiffies(t->hb_interval);

	if (xsctp_in_doubt(t) || !t->last_used || idle >= interval)
		return 0;
	return interval - idle;
}

/**
 * xsctp_send_heartbeat() - the time for a path's HEARTBEAT has come, or for the answer gone
 * @t: of a locked association; its heartbeat deadline is over
 *
 * The association may be gone afterwards: a->dead. RFC 9260 section 8.3.
 */
void xsctp_send_heartbeat(struct xsctp_transport *t)
{
	unsigned long wait = xsctp_rto_jiffies(t);

	if (!xsctp_in(t->association, XSCTP_HEARTBEAT_STATES))
		return;
	if (t->heartbeat_sent) {
		if (xsctp_heartbeat_lost(t))
			return;
		if (!xsctp_in_doubt(t)) {
			/* Of the pause from one to the next an RTO is over already. */
			if (t->hb_interval)
				xsctp_heartbeat_arm(t, max(xsctp_heartbeat_pause(t), wait) - wait);
			return;
		}
	}
	if (!t->hb_interval && !xsctp_in_doubt(t))
		return;
	wait = xsctp_heartbeat_wait(t);
	if (wait) {
		xsctp_heartbeat_arm(t, wait);
		return;
	}
	xsctp_transport_idle(t);
	/* An IPv6 address that was tentative when it came (RFC 4862) is none any more. */
	if (xsctp_sk(t->association->sk)->auto_asconf)
		xsctp_asconf_sync(t->association);
	if (xsctp_heartbeat_demand(t))
		xsctp_heartbeat_arm(t, xsctp_rto_jiffies(t));
}

/**
 * xsctp_do_heartbeat() - the peer asks
 * @event: a HEARTBEAT
 *
 * It gets its own words back, where they came from. RFC 9260 section 8.3.
 *
 * Return: XSCTP_NEXT.
 */
enum xsctp_verdict xsctp_do_heartbeat(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_transport *to = event->packet->transport;
	const struct xsctp_tlv *chunk = &event->chunk;
	struct xsctp_walk walk;
	struct xsctp_tlv param;

	xsctp_walk_params(chunk, XSCTP_TLV_LEN, &walk);
	if (xsctp_next_param(&walk, &param) != 1 || param.type != XSCTP_PARAM_HEARTBEAT)
		return XSCTP_NEXT;
	/* It came in a packet, so an answer fits into one; but perhaps not on the way back. */
	if (to && chunk->length > xsctp_transport_room(to))
		return XSCTP_NEXT;
	xsctp_queue_chunk(a, XSCTP_HEARTBEAT_ACK, 0, chunk->bytes + XSCTP_TLV_LEN,
			  chunk->length - XSCTP_TLV_LEN, to);
	return XSCTP_NEXT;
}

/* The path that a HEARTBEAT ACK is for; NULL: it is no answer to ours. */
static struct xsctp_transport *xsctp_heartbeat_of(const struct xsctp_event *event)
{
	struct xsctp_heartbeat info;
	struct xsctp_transport *t;
	struct xsctp_walk walk;
	struct xsctp_tlv param;

	xsctp_walk_params(&event->chunk, XSCTP_TLV_LEN, &walk);
	if (xsctp_next_param(&walk, &param) != 1 || param.type != XSCTP_PARAM_HEARTBEAT ||
	    param.length != XSCTP_TLV_LEN + sizeof(info))
		return NULL;
	memcpy(&info, param.bytes + XSCTP_TLV_LEN, sizeof(info));
	t = xsctp_transport_of(event->association, &info.peer);
	if (!t || !t->nonce || t->nonce != info.nonce)
		return NULL;
	return t;
}

/**
 * xsctp_do_heartbeat_ack() - the peer answers
 * @event: a HEARTBEAT ACK
 *
 * The path is confirmed (5.4) and up, its errors are forgotten, its round trip is known (8.3).
 *
 * Return: XSCTP_NEXT.
 */
enum xsctp_verdict xsctp_do_heartbeat_ack(struct xsctp_event *event)
{
	struct xsctp_transport *t = xsctp_heartbeat_of(event);
	u64 rtt_us;

	if (!t)
		return XSCTP_NEXT;
	rtt_us = div_u64(ktime_get_ns() - t->heartbeat_ns, NSEC_PER_USEC);
	t->nonce = 0;
	t->heartbeat_sent = false;
	xsctp_transport_rtt(t, clamp_t(u64, rtt_us, 1, U32_MAX));
	xsctp_transport_up(t);
	xsctp_heartbeat_start(t);
	return XSCTP_NEXT;
}
