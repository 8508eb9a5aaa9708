// SPDX-License-Identifier: GPL-2.0
/* An association: what two endpoints know of each other, from the first INIT to the end. */

#include <linux/random.h>

#include "sctp.h"

#define XSCTP_FIRST_ID		(SCTP_ALL_ASSOC + 1)

/* What a program set on the socket before, as RFC 6458 has it for associations to come. */
static void xsctp_association_inherit(struct xsctp_association *a, const struct xsctp_sock *sp)
{
	a->max_retrans = sp->assocparams.sasoc_asocmaxrxt;
	a->cookie_life = sp->assocparams.sasoc_cookie_life;
	a->want_in_streams = sp->initmsg.sinit_max_instreams;
	a->max_init_attempts = sp->initmsg.sinit_max_attempts;
	a->max_init_timeout = sp->initmsg.sinit_max_init_timeo;
	a->rtoinfo = sp->rtoinfo;
	a->paddrparams = sp->paddrparams;
	a->pf_retrans = sp->pf_retrans;
	a->pf_expose = sp->pf_expose;
	a->prsctp = sp->prsctp;
	a->events = sp->events;
	a->max_burst = sp->max_burst;
	a->user_frag = sp->user_frag;
	a->nodelay = sp->nodelay;
	a->sack_delay = sp->sack_delay;
	a->sack_freq = sp->sack_freq;
	a->autoclose = sp->autoclose;
	a->rcv_context = sp->context;
	a->default_stream = sp->default_stream;
	a->default_flags = sp->default_flags;
	a->default_ppid = sp->default_ppid;
	a->default_context = sp->default_context;
	a->default_timetolive = sp->default_timetolive;
	a->default_pr_policy = sp->default_pr_policy;
	a->default_pr_value = sp->default_pr_value;
}

/* RFC 9260 section 5.3.1: the tag is not 0; both cannot be guessed. */
static void xsctp_association_numbers(struct xsctp_association *a)
{
	do {
		a->my_tag = get_random_u32();
	} while (!a->my_tag);
	a->initial_tsn = get_random_u32();
	a->next_tsn = a->initial_tsn;
	a->cum_tsn_acked = a->initial_tsn - 1;
	a->highest_sacked = a->initial_tsn - 1;
	a->advanced_tsn = a->initial_tsn - 1;
	a->forwarded_tsn = a->initial_tsn - 1;
}

/* Let programs know it by a number. */
static int xsctp_association_enter(struct xsctp_association *a, struct sock *sk, gfp_t gfp)
{
	struct xsctp_sock *sp = xsctp_sk(sk);
	int id = idr_alloc_cyclic(&sp->ids, a, XSCTP_FIRST_ID, INT_MAX, gfp);

	if (id < 0)
		return id;
	a->id = id;
	a->sk = sk;
	list_add_tail(&a->link, &sp->associations);
	sp->nr_associations++;
	return 0;
}

static void xsctp_association_leave(struct xsctp_association *a)
{
	struct xsctp_sock *sp = xsctp_sk(a->sk);

	idr_remove(&sp->ids, a->id);
	list_del_init(&a->link);
	sp->nr_associations--;
}

/**
 * xsctp_association_new() - an association of an endpoint, in state CLOSED
 * @sk: the endpoint, bound and locked
 * @peer_port: the peer's port; its addresses follow by xsctp_transport_add()
 * @gfp: how to allocate
 *
 * It has our verification tag and initial TSN, the socket's options, and as many
 * outgoing streams as those ask for. Any context but hard interrupts.
 *
 * Return: the association, whose reference is the socket's; NULL without memory.
 */
struct xsctp_association *xsctp_association_new(struct sock *sk, __be16 peer_port, gfp_t gfp)
{
	struct xsctp_association *a = kzalloc(sizeof(*a), gfp);

	if (!a)
		return NULL;
	refcount_set(&a->ref, 1);
	a->state = SCTP_CLOSED;
	a->peer_port = peer_port;
	INIT_LIST_HEAD(&a->transports);
	INIT_LIST_HEAD(&a->unsent);
	INIT_LIST_HEAD(&a->sent);
	INIT_LIST_HEAD(&a->control);
	a->fragments = RB_ROOT;
	xsctp_timers_init(a);
	xsctp_association_inherit(a, xsctp_sk(sk));
	xsctp_association_numbers(a);
	xsctp_streams_init(a);
	xsctp_streams_set(a, xsctp_sk(sk)->initmsg.sinit_num_ostreams, 0);
	if (xsctp_association_enter(a, sk, gfp)) {
		kfree(a);
		return NULL;
	}
	if (xsctp_auth_begin(a, gfp)) {
		xsctp_association_leave(a);
		kfree(a);
		return NULL;
	}
	xsctp_association_sync_mtu(a);
	return a;
}

/**
 * xsctp_association_put() - drop a reference
 * @a: an association; any context
 */
void xsctp_association_put(struct xsctp_association *a)
{
	if (!refcount_dec_and_test(&a->ref))
		return;
	kfree(a->stats);
	kfree_rcu(a, rcu);
}

static void xsctp_association_empty(struct xsctp_association *a)
{
	struct xsctp_transport *t, *next_t;

	xsctp_outqueue_purge(a, a->err);
	xsctp_purge_control(a);
	list_for_each_entry_safe(t, next_t, &a->transports, link)
		xsctp_transport_remove(t);
	xsctp_inqueue_purge(a);
	xsctp_streams_free(a);
	xsctp_asconf_down(a);
	xsctp_auth_free(a);
	kfree(a->cookie);
	a->cookie = NULL;
}

/* A one-to-one socket without association has no peer (RFC 6458 section 4.1.5). */
static void xsctp_association_left(struct sock *sk)
{
	if (xsctp_sk(sk)->one_to_many || sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN)
		return;
	inet_sk_set_state(sk, TCP_CLOSE);
	sk->sk_state_change(sk);
}

/**
 * xsctp_association_free() - end an association, whatever its state
 * @a: its socket is locked and held by the caller
 *
 * Nothing is sent and nobody is told: xsctp_lost() and xsctp_abort() do that before.
 * No packet and no timer finds it any more. Its memory is there as long as received
 * messages refer to it, marked dead. Any context but hard interrupts. An orphan
 * socket may end with it.
 */
void xsctp_association_free(struct xsctp_association *a)
{
	struct sock *sk = a->sk;

	if (a->dead)
		return;
	if (a->state != SCTP_CLOSED)
		xsctp_set_state(a, SCTP_CLOSED);
	WRITE_ONCE(a->dead, true);
	xsctp_timers_stop(a);
	xsctp_association_empty(a);
	xsctp_association_leave(a);
	xsctp_association_left(sk);
	/* That of the socket's list. */
	xsctp_association_put(a);
	xsctp_association_gone(sk);
}

/**
 * xsctp_association_by_id() - the association that a program means
 * @sk: an endpoint, locked
 * @id: its number; of no account for a one-to-one socket (RFC 6458 section 1.2)
 *
 * Return: the association, or NULL.
 */
struct xsctp_association *xsctp_association_by_id(struct sock *sk, sctp_assoc_t id)
{
	struct xsctp_sock *sp = xsctp_sk(sk);

	if (!sp->one_to_many)
		return list_first_entry_or_null(&sp->associations, struct xsctp_association, link);
	return id >= XSCTP_FIRST_ID ? idr_find(&sp->ids, id) : NULL;
}

/**
 * xsctp_association_by_addr() - an endpoint's association with a peer
 * @sk: an endpoint, locked
 * @peer: one of the peer's addresses
 * @port: the peer's port
 *
 * Return: the association, or NULL.
 */
struct xsctp_association *xsctp_association_by_addr(struct sock *sk, const struct xl4_addr *peer,
						    __be16 port)
{
	struct xsctp_association *a;

	/* Of the hash table's list those with this very peer are few, but of any endpoint. */
	if (xsctp_sk(sk)->nr_associations > 8)
		return xsctp_table_association(sk, peer, port);
	list_for_each_entry(a, &xsctp_sk(sk)->associations, link)
		if (a->peer_port == port && xsctp_transport_of(a, peer))
			return a;
	return NULL;
}

/**
 * xsctp_association_move() - an association goes to another socket
 * @a: an association
 * @to: a socket of the same type of addresses and the same port, without associations;
 *	both sockets are locked, and their spinlocks are held, too
 *
 * For peeloff (RFC 6458 section 9.2). What waits to be sent is charged to @to from now
 * on; what was received is the caller's to move, before. It keeps its number.
 */
void xsctp_association_move(struct xsctp_association *a, struct sock *to)
{
	struct xsctp_sock *sp = xsctp_sk(to);
	int id;

	id = idr_alloc(&sp->ids, a, a->id, a->id + 1, GFP_ATOMIC);
	if (id < 0)
		id = idr_alloc_cyclic(&sp->ids, a, XSCTP_FIRST_ID, INT_MAX, GFP_ATOMIC);
	xsctp_outqueue_move(a, to);
	xsctp_timers_move(a, to);
	xsctp_association_leave(a);
	a->id = max(id, 0);
	list_add_tail(&a->link, &sp->associations);
	sp->nr_associations++;
	WRITE_ONCE(a->sk, to);
}

/**
 * xsctp_association_sync_mtu() - so much data goes into a chunk now
 * @a: an association, locked, one of whose path MTUs or whose SCTP_MAXSEG has changed
 *
 * What is cut fits each path, as a chunk may have to be sent over another (RFC 9260
 * section 6.9).
 */
void xsctp_association_sync_mtu(struct xsctp_association *a)
{
	u32 room = XSCTP_MAX_CHUNK_LEN;
	struct xsctp_transport *t;

	if (list_empty(&a->transports))
		room = IPV6_MIN_MTU - sizeof(struct ipv6hdr) - XSCTP_HEADER_LEN;
	list_for_each_entry(t, &a->transports, link)
		room = min(room, xsctp_transport_room(t));
	room = (room & ~3u) - XSCTP_DATA_LEN;
	if (a->user_frag)
		room = min(room, a->user_frag);
	WRITE_ONCE(a->frag_point, room);
}
