// SPDX-License-Identifier: GPL-2.0
/*
 * A transport: one address of the peer, the way there, whether it works and how much
 * it bears (RFC 9260 sections 5.4, 6.3, 7.2 and 8; RFC 7829).
 */

#include "sctp.h"

/* A path may claim to be narrower; we do not believe it. */
#define XSCTP_MIN_MTU_V4	512
/* Octets of chunks, though the IP layer's options leave none: then no packet fits the path. */
#define XSCTP_MIN_ROOM		(XSCTP_DATA_LEN + 64)

/* --------------------------------------------------------------- life of it */

static void xsctp_transport_timeouts(struct xsctp_transport *t)
{
	const struct sctp_rtoinfo *info = &t->association->rtoinfo;

	xl4_rto_init(&t->rto, info->srto_initial * USEC_PER_MSEC, info->srto_min * USEC_PER_MSEC,
		     info->srto_max * USEC_PER_MSEC);
}

/* PMDCS of RFC 9260 section 1.3: the data of one chunk that fills a packet. */
static u32 xsctp_transport_unit(const struct xsctp_transport *t)
{
	return (xsctp_transport_room(t) & ~3u) - XSCTP_DATA_LEN;
}

/* RFC 9260 section 7.2.1 */
static u32 xsctp_initial_cwnd(const struct xsctp_transport *t)
{
	u32 unit = xsctp_transport_unit(t);

	return min(4 * unit, max_t(u32, 2 * unit, 4404));
}

static void xsctp_transport_congestion(struct xsctp_transport *t)
{
	t->cwnd = xsctp_initial_cwnd(t);
	t->ssthresh = U32_MAX;
	t->partial_bytes_acked = 0;
	t->fast_recovery = false;
	t->cwr_tsn = t->association->next_tsn - 1;
}

/**
 * xsctp_transport_reset() - forget what was learnt of a path
 * @t: a transport, locked; nothing of it is in flight any more
 *
 * The peer has restarted (RFC 9260 section 5.2.4.1).
 */
void xsctp_transport_reset(struct xsctp_transport *t)
{
	xsctp_disarm(&t->t3);
	xsctp_transport_timeouts(t);
	xsctp_transport_congestion(t);
	t->flight_size = 0;
	t->error_count = 0;
	t->rtt_pending = false;
	t->heartbeat_sent = false;
}

static void xsctp_transport_init(struct xsctp_transport *t, struct xsctp_association *a,
				 const struct xl4_addr *peer)
{
	const struct sctp_paddrparams *params = &a->paddrparams;

	refcount_set(&t->ref, 1);
	t->key.peer = *peer;
	t->key.peer_port = a->peer_port;
	t->key.local_port = inet_sk(a->sk)->inet_sport;
	t->association = a;
	t->family = xsctp_family_of(peer);
	t->path_mtu = t->family->v6 ? IPV6_MIN_MTU : 1500;
	if (params->spp_flags & SPP_PMTUD_DISABLE && params->spp_pathmtu) {
		t->path_mtu = params->spp_pathmtu;
		t->fixed_mtu = true;
	}
	if (params->spp_flags & SPP_IPV6_FLOWLABEL)
		t->flow_label = params->spp_ipv6_flowlabel;
	if (params->spp_flags & SPP_DSCP)
		t->dscp = params->spp_dscp;
	t->state = list_empty(&a->transports) ? SCTP_ACTIVE : SCTP_UNCONFIRMED;
	t->max_retrans = params->spp_pathmaxrxt;
	t->pf_retrans = a->pf_retrans;
	t->hb_interval = params->spp_flags & SPP_HB_DISABLE ? 0 : params->spp_hbinterval;
	t->last_used = jiffies;
	xsctp_transport_timeouts(t);
}

/* With this path the association can be reached; the first one is the primary. */
static int xsctp_transport_enter(struct xsctp_association *a, struct xsctp_transport *t)
{
	int err = xsctp_table_insert(t);

	if (err)
		return err;
	refcount_inc(&a->ref);
	list_add_tail(&t->link, &a->transports);
	a->nr_transports++;
	if (!a->primary)
		a->primary = t;
	if (!a->active)
		a->active = t;
	return 0;
}

/**
 * xsctp_transport_add() - the peer has an address
 * @a: an association, locked, whose socket is bound
 * @peer: the address: one host's
 * @gfp: how to allocate
 *
 * The first one is the primary, and active; others must prove themselves (RFC 9260
 * section 5.4). Packets find the association by it when this returns. That no route
 * leads there is no error: there may be one later. Any context but hard interrupts.
 *
 * Return: the transport, which may have been there before; NULL without memory, or if
 * there are XSCTP_MAX_ADDRESSES already.
 */
struct xsctp_transport *xsctp_transport_add(struct xsctp_association *a,
					    const struct xl4_addr *peer, gfp_t gfp)
{
	struct xsctp_transport *t = xsctp_transport_of(a, peer);

	if (t)
		return t;
	if (a->nr_transports >= XSCTP_MAX_ADDRESSES)
		return NULL;
	t = kzalloc(sizeof(*t), gfp);
	if (!t)
		return NULL;
	xsctp_transport_init(t, a, peer);
	t->id = ++a->last_path ? : ++a->last_path;
	if (xsctp_transport_enter(a, t)) {
		kfree(t);
		return NULL;
	}
	xsctp_transport_route(t);
	xsctp_transport_congestion(t);
	xsctp_association_sync_mtu(a);
	return t;
}

/* The best one but @t; NULL if there is no other. */
static struct xsctp_transport *xsctp_transport_other(struct xsctp_association *a,
						     struct xsctp_transport *t)
{
	struct xsctp_transport *other = xsctp_transport_for_retransmit(a, t);

	if (other && other != t)
		return other;
	list_for_each_entry(other, &a->transports, link)
		if (other != t)
			return other;
	return NULL;
}

static void xsctp_control_forget(struct xsctp_association *a, const struct xsctp_transport *t)
{
	struct xsctp_control *c;

	list_for_each_entry(c, &a->control, link)
		if (c->transport == t)
			c->transport = NULL;
}

/**
 * xsctp_transport_remove() - the peer does not have an address any more
 * @t: a transport, its association locked
 *
 * What was in flight there goes another way.
 */
void xsctp_transport_remove(struct xsctp_transport *t)
{
	struct xsctp_association *a = t->association;

	if (t->dead)
		return;
	WRITE_ONCE(t->dead, true);
	xsctp_table_remove(t);
	xsctp_disarm(&t->t3);
	xsctp_disarm(&t->heartbeat);
	xsctp_outqueue_forget(t);
	xsctp_control_forget(a, t);
	if (a->primary == t)
		a->primary = xsctp_transport_other(a, t);
	if (a->active == t)
		a->active = xsctp_transport_other(a, t);
	if (a->last_data_from == t)
		a->last_data_from = NULL;
	if (a->asked == t)
		a->asked = NULL;
	xsctp_asconf_forget(t);
	list_del(&t->link);
	a->nr_transports--;
	if (!a->dead)
		xsctp_association_sync_mtu(a);
	xsctp_transport_put(t);
}

/**
 * xsctp_transport_put() - drop a reference
 * @t: a transport; any context
 */
void xsctp_transport_put(struct xsctp_transport *t)
{
	if (!refcount_dec_and_test(&t->ref))
		return;
	dst_release(t->dst);
	xsctp_association_put(t->association);
	kfree_rcu(t, rcu);
}

/* ------------------------------------------------------------------ choosing */

/**
 * xsctp_transport_of() - the transport with an address
 * @a: an association, locked
 * @peer: one of the peer's addresses, perhaps
 *
 * Return: the transport, or NULL.
 */
struct xsctp_transport *xsctp_transport_of(const struct xsctp_association *a,
					   const struct xl4_addr *peer)
{
	struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link)
		if (xl4_addr_equal(&t->key.peer, peer))
			return t;
	return NULL;
}

/* How much to prefer a transport; less is better. */
static unsigned int xsctp_transport_rank(const struct xsctp_transport *t)
{
	switch (t->state) {
	case SCTP_ACTIVE:
		return 0;
	case SCTP_PF:
		return 1;
	case SCTP_INACTIVE:
		return 2;
	default:
		return 3;
	}
}

/* RFC 7829 section 4.2: if all have failed perhaps, the one with the fewest errors. */
static bool xsctp_transport_better(const struct xsctp_transport *t,
				   const struct xsctp_transport *than)
{
	unsigned int rank = xsctp_transport_rank(t), other = xsctp_transport_rank(than);

	return rank < other || (rank == other && t->error_count < than->error_count);
}

/**
 * xsctp_transport_for_retransmit() - where to send what was lost
 * @a: an association, locked
 * @not_this: where it was lost; NULL: anywhere
 *
 * RFC 9260 section 6.4.1: over another path, if another is there that works as well as
 * it did.
 *
 * Return: a transport; @not_this if there is no other; NULL if there is none at all.
 */
struct xsctp_transport *xsctp_transport_for_retransmit(struct xsctp_association *a,
						       struct xsctp_transport *not_this)
{
	struct xsctp_transport *t, *best = NULL;

	list_for_each_entry(t, &a->transports, link) {
		if (t == not_this || t->state == SCTP_UNCONFIRMED)
			continue;
		if (!best || xsctp_transport_better(t, best))
			best = t;
	}
	if (!best || (not_this && !not_this->dead && xsctp_transport_better(not_this, best) &&
		      xsctp_transport_rank(best) > 1))
		return not_this;
	return best;
}

/* Where new data goes: the primary while it works, then the best. */
static void xsctp_choose_active(struct xsctp_association *a)
{
	struct xsctp_transport *best;

	if (a->primary && a->primary->state == SCTP_ACTIVE) {
		a->active = a->primary;
		return;
	}
	best = xsctp_transport_for_retransmit(a, a->active);
	if (best && (!a->active || xsctp_transport_better(best, a->active)))
		a->active = best;
}

/* ------------------------------------------------------------------- the way */

/**
 * xsctp_transport_room() - octets of chunks that a packet on this path may have
 * @t: a transport, its association locked
 */
u32 xsctp_transport_room(const struct xsctp_transport *t)
{
	u32 headers = t->family->header_len + t->family->options_len(t->association->sk) +
		      XSCTP_HEADER_LEN + t->association->auth_room;

	return max_t(u32, min_t(u32, t->path_mtu, IP_MAX_MTU), headers + XSCTP_MIN_ROOM) - headers;
}

static void xsctp_transport_set_mtu(struct xsctp_transport *t, u32 mtu)
{
	mtu = max_t(u32, mtu, t->family->v6 ? IPV6_MIN_MTU : XSCTP_MIN_MTU_V4);
	if (mtu == t->path_mtu)
		return;
	t->path_mtu = mtu;
	xsctp_association_sync_mtu(t->association);
}

/**
 * xsctp_transport_route() - find the way anew
 * @t: a transport, its association locked
 *
 * Return: 0, or the errno of who found no way; then there is none.
 */
int xsctp_transport_route(struct xsctp_transport *t)
{
	int err;

	dst_release(t->dst);
	t->dst = NULL;
	err = t->family->route(t->association->sk, t);
	if (!err && !t->fixed_mtu)
		xsctp_transport_set_mtu(t, dst_mtu(t->dst));
	return err;
}

/**
 * xsctp_transport_called() - the peer set the association up
 * @t: from where, its association locked
 * @local: our address that it called: what goes there comes from it, as long as it is ours
 */
void xsctp_transport_called(struct xsctp_transport *t, const struct xl4_addr *local)
{
	t->called = *local;
	if (!xl4_addr_equal(&t->local, local))
		xsctp_transport_route(t);
}

/**
 * xsctp_transport_dst() - the way, which may have changed since it was found
 * @t: a transport, its association locked
 *
 * Return: the transport's route; NULL if there is none.
 */
struct dst_entry *xsctp_transport_dst(struct xsctp_transport *t)
{
	struct dst_entry *dst = t->dst;

	if (dst && dst->obsolete && !dst->ops->check(dst, t->dst_cookie))
		dst = NULL;
	if (!dst)
		return xsctp_transport_route(t) ? NULL : t->dst;
	if (!t->fixed_mtu)
		xsctp_transport_set_mtu(t, dst_mtu(dst));
	return dst;
}

/**
 * xsctp_transport_pmtu() - ICMP says that a packet was too large
 * @t: a transport, its association locked
 * @mtu: of the path
 *
 * RFC 9260 sections 7.3 and 10: what was too large goes again at once.
 */
void xsctp_transport_pmtu(struct xsctp_transport *t, u32 mtu)
{
	u32 before = t->path_mtu;

	if (t->fixed_mtu)
		return;
	/* The route knows it too, if it is true. */
	if (xsctp_transport_dst(t))
		mtu = min(mtu, dst_mtu(t->dst));
	if (mtu >= before && t->path_mtu >= before)
		return;
	xsctp_transport_set_mtu(t, min(mtu, t->path_mtu));
	xsctp_outqueue_requeue(t);
	xsctp_flush(t->association);
}

/* ----------------------------------------------------------- does it work? */

/**
 * xsctp_transport_up() - something that only the peer can know came by this path
 * @t: a transport, its association locked: a HEARTBEAT was answered, or data sent
 *	there acknowledged
 *
 * RFC 9260 sections 8.1 and 8.2: the counts of errors begin anew.
 */
void xsctp_transport_up(struct xsctp_transport *t)
{
	struct xsctp_association *a = t->association;
	enum sctp_spinfo_state before = t->state;

	t->error_count = 0;
	a->error_count = 0;
	if (before == SCTP_ACTIVE)
		return;
	t->state = SCTP_ACTIVE;
	xsctp_choose_active(a);
	xsctp_notify_peer_addr(t, before == SCTP_UNCONFIRMED ? SCTP_ADDR_CONFIRMED :
							       SCTP_ADDR_AVAILABLE, 0);
}

/* RFC 9260 section 8.2, RFC 7829 section 4.2 */
static void xsctp_transport_judge(struct xsctp_transport *t)
{
	struct xsctp_association *a = t->association;
	bool pf = xsctp_set(a->sk)->pf_enable && t->pf_retrans < t->max_retrans;

	if (t->error_count > t->max_retrans && t->state != SCTP_INACTIVE) {
		/* One that was never confirmed stays so: there is nothing to lose. */
		if (t->state == SCTP_UNCONFIRMED)
			return;
		t->state = SCTP_INACTIVE;
		xsctp_choose_active(a);
		xsctp_notify_peer_addr(t, SCTP_ADDR_UNREACHABLE, 0);
	} else if (pf && t->error_count > t->pf_retrans && t->state == SCTP_ACTIVE) {
		t->state = SCTP_PF;
		xsctp_choose_active(a);
		/* RFC 7829 section 4.2 (3): it is asked at once; where there is another path. */
		if (a->nr_transports > 1 && !t->heartbeat_sent)
			xsctp_heartbeat_start(t);
		if (a->pf_expose == XSCTP_PF_EXPOSED)
			xsctp_notify_peer_addr(t, SCTP_ADDR_POTENTIALLY_FAILED, 0);
	}
}

/**
 * xsctp_transport_strike() - no answer came in time
 * @t: a transport, its association locked
 * @heartbeat: to a HEARTBEAT; else to data, or to a chunk of setup or shutdown
 *
 * The next timeout is twice as long (RFC 9260 sections 6.3.3 and 8.3). An unanswered
 * HEARTBEAT speaks against the peer as a whole only on the path that data takes (8.1).
 *
 * Return: whether the peer is unreachable: then the association is to be ended.
 */
bool xsctp_transport_strike(struct xsctp_transport *t, bool heartbeat)
{
	struct xsctp_association *a = t->association;

	xl4_rto_back_off(&t->rto);
	a->count.max_rto = max_t(u64, a->count.max_rto, xl4_rto_us(&t->rto) / USEC_PER_MSEC);
	t->error_count++;
	if (!heartbeat || t == a->active)
		a->error_count++;
	xsctp_transport_judge(t);
	return a->error_count > a->max_retrans;
}

/**
 * xsctp_transport_rtt() - a round trip was measured
 * @t: a transport, its association locked
 * @rtt_us: how long it took, of something that was sent once (Karn's algorithm)
 */
void xsctp_transport_rtt(struct xsctp_transport *t, u32 rtt_us)
{
	struct xsctp_association *a = t->association;

	xl4_rto_sample(&t->rto, rtt_us);
	t->rtt_pending = false;
	a->count.max_rto = max_t(u64, a->count.max_rto, xl4_rto_us(&t->rto) / USEC_PER_MSEC);
}

/* ------------------------------------------------------------- how much it bears */

/**
 * xsctp_transport_acked() - data that was in flight on a path has arrived
 * @t: a transport, its association locked; flight_size is what is left in flight
 * @bytes: newly acknowledged
 * @cum_advanced: the Cumulative TSN Ack Point moved with it
 *
 * RFC 9260 sections 7.2.1 and 7.2.2: cwnd grows if it was used up.
 */
void xsctp_transport_acked(struct xsctp_transport *t, u32 bytes, bool cum_advanced)
{
	bool used_up = t->flight_size + bytes >= t->cwnd;
	u32 unit = xsctp_transport_unit(t);

	if (!cum_advanced)
		return;
	if (t->cwnd <= t->ssthresh) {
		if (used_up && !t->fast_recovery)
			t->cwnd += min(bytes, unit);
	} else {
		t->partial_bytes_acked += bytes;
		if (t->partial_bytes_acked >= t->cwnd && used_up) {
			t->partial_bytes_acked -= t->cwnd;
			t->cwnd += unit;
		} else {
			t->partial_bytes_acked = min(t->partial_bytes_acked, t->cwnd);
		}
	}
	if (!t->flight_size)
		t->partial_bytes_acked = 0;
}

/**
 * xsctp_transport_lower() - a loss, or a mark, says that a path is congested
 * @t: a transport, its association locked
 * @timeout: T3 has expired; else SACKs or ECNE tell of it
 *
 * RFC 9260 section 7.2.3.
 */
void xsctp_transport_lower(struct xsctp_transport *t, bool timeout)
{
	u32 unit = xsctp_transport_unit(t);

	t->ssthresh = max(t->cwnd / 2, 4 * unit);
	t->cwnd = timeout ? unit : t->ssthresh;
	t->partial_bytes_acked = 0;
	if (timeout)
		t->fast_recovery = false;
}

/**
 * xsctp_transport_idle() - nothing was sent on a path for a while: how long?
 * @t: a transport, its association locked, about to be used
 *
 * RFC 9260 section 7.2.1: who does not use cwnd may not rely on it; half for each RTO.
 */
void xsctp_transport_idle(struct xsctp_transport *t)
{
	unsigned long rto;
	u32 least;

	if (t->flight_size || !time_after(jiffies, t->last_used))
		return;
	rto = usecs_to_jiffies(xl4_rto_us(&t->rto));
	least = 4 * xsctp_transport_unit(t);
	while (t->cwnd > least && time_after(jiffies, t->last_used + rto)) {
		t->cwnd = max(t->cwnd / 2, least);
		t->last_used += rto;
	}
}
