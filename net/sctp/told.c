// SPDX-License-Identifier: GPL-2.0
/*
 * Which of our addresses the peer knows (RFC 5061 section 5.1).
 *
 *	bindx(), address events --> what the endpoint has now
 *					|   xsctp_asconf_sync(): the difference
 *					v
 *	ADDING, LEAVING --ASCONF, one at a time, T4--> peer --ASCONF ACK--> TOLD, FREE
 *
 * What is done is always the difference between what the endpoint has and what the peer knows, so
 * it does not matter in which order addresses came and went while an ASCONF was out.
 */

#include "asconf.h"
#include "options.h"

#define XSCTP_ID_PRIMARY	(XSCTP_MAX_TOLD + 1)	/* others: the place, from 1 on */
#define XSCTP_ASCONF_ROOM	320
#define XSCTP_DEFERRED_ADDRESSES	1	/* in xl4_sock.deferred */

/* -------------------------------------------------------------------- the places */

static struct xsctp_told *xsctp_told_find(struct xsctp_asconf *as, const struct xl4_addr *addr)
{
	unsigned int i;

	for (i = 0; i < XSCTP_MAX_TOLD; i++)
		if (as->told[i].state != XSCTP_TOLD_FREE &&
		    xl4_addr_equal(&as->told[i].addr, addr))
			return &as->told[i];
	return NULL;
}

static void xsctp_told_set(struct xsctp_told *told, enum xsctp_told_state state)
{
	told->asked = false;
	told->refused = false;
	/* Who reads it without a lock sees the address that it is of. */
	smp_store_release(&told->state, state);
}

static void xsctp_told_add(struct xsctp_asconf *as, const struct xl4_addr *addr,
			   enum xsctp_told_state state)
{
	unsigned int i;

	for (i = 0; i < XSCTP_MAX_TOLD; i++) {
		if (as->told[i].state != XSCTP_TOLD_FREE)
			continue;
		as->told[i].addr = *addr;
		xsctp_told_set(&as->told[i], state);
		return;
	}
}

/**
 * xsctp_told_leaving() - is an address one that the peer may still send to?
 * @a: under its socket's lock or rcu_read_lock()
 * @addr: one that the endpoint does not have any more, perhaps
 */
bool xsctp_told_leaving(const struct xsctp_association *a, const struct xl4_addr *addr)
{
	const struct xsctp_asconf *as = READ_ONCE(a->asconf);
	unsigned int i;

	if (!as)
		return false;
	for (i = 0; i < XSCTP_MAX_TOLD; i++) {
		/* Pairs with the store of who fills a place in. */
		if (smp_load_acquire(&as->told[i].state) == XSCTP_TOLD_LEAVING &&
		    xl4_addr_equal(&as->told[i].addr, addr))
			return true;
	}
	return false;
}

/**
 * xsctp_may_source() - may packets to the peer come from an address?
 * @t: where they go, its association locked
 * @addr: ours, perhaps
 *
 * RFC 5061 section 5.3: not before the peer knows it, unless there is no other.
 */
bool xsctp_may_source(const struct xsctp_transport *t, const struct xl4_addr *addr)
{
	struct xsctp_asconf *as = t->association->asconf;
	const struct xsctp_told *told;
	unsigned int i;

	if (!xsctp_is_local(t->association->sk, addr))
		return false;
	told = as ? xsctp_told_find(as, addr) : NULL;
	if (!told || told->state != XSCTP_TOLD_ADDING)
		return true;
	for (i = 0; i < XSCTP_MAX_TOLD; i++)
		if (as->told[i].state == XSCTP_TOLD &&
		    xl4_addr_is_v4(&as->told[i].addr) == xl4_addr_is_v4(addr))
			return false;
	return true;
}

/* ------------------------------------------------------------------ what is asked */

static bool xsctp_told_stays(const struct xsctp_asconf *as)
{
	unsigned int i;

	for (i = 0; i < XSCTP_MAX_TOLD; i++)
		if (as->told[i].state == XSCTP_TOLD ||
		    (as->told[i].state == XSCTP_TOLD_ADDING && !as->told[i].refused))
			return true;
	return false;
}

/* One that the peer finds the association by. */
static const struct xl4_addr *xsctp_told_known(const struct xsctp_asconf *as)
{
	const struct xl4_addr *leaving = NULL;
	unsigned int i;

	for (i = 0; i < XSCTP_MAX_TOLD; i++) {
		if (as->told[i].state == XSCTP_TOLD)
			return &as->told[i].addr;
		if (as->told[i].state == XSCTP_TOLD_LEAVING)
			leaving = &as->told[i].addr;
	}
	return leaving;
}

static u8 *xsctp_ask_all(struct xsctp_asconf *as, enum xsctp_told_state state, u16 type, u8 *at)
{
	unsigned int i;

	for (i = 0; i < XSCTP_MAX_TOLD && as->nr_asked < XSCTP_MAX_ASKED; i++) {
		if (as->told[i].state != state || as->told[i].refused)
			continue;
		at = xsctp_put_request(at, type, i + 1, &as->told[i].addr);
		as->told[i].asked = true;
		as->asked[as->nr_asked++] = i + 1;
	}
	return at;
}

static u8 *xsctp_ask_primary(struct xsctp_asconf *as, u8 *at)
{
	const struct xsctp_told *told = xsctp_told_find(as, &as->wish);

	if (!as->has_wish)
		return at;
	as->has_wish = false;
	if (!told || told->refused || told->state == XSCTP_TOLD_LEAVING)
		return at;
	as->asked[as->nr_asked++] = XSCTP_ID_PRIMARY;
	return xsctp_put_request(at, XSCTP_PARAM_SET_PRIMARY, XSCTP_ID_PRIMARY, &as->wish);
}

/* What there is to ask, behind the serial number. Returns its end. */
static u8 *xsctp_ask_write(struct xsctp_asconf *as, const struct xl4_addr *known, u8 *at)
{
	as->nr_asked = 0;
	at = xsctp_put_address(xsctp_put_u32(at, as->serial), known);
	at = xsctp_ask_all(as, XSCTP_TOLD_ADDING, XSCTP_PARAM_ADD_ADDRESS, at);
	at = xsctp_ask_primary(as, at);
	/* The last one stays, as the peer would say, too. */
	if (xsctp_told_stays(as))
		at = xsctp_ask_all(as, XSCTP_TOLD_LEAVING, XSCTP_PARAM_DEL_ADDRESS, at);
	return at;
}

/* It goes, for the first time or again. */
static void xsctp_asconf_out(struct xsctp_association *a)
{
	struct xsctp_asconf *as = a->asconf;
	unsigned long pause = HZ;

	if (!as->to)
		as->to = a->active;
	if (as->to)
		pause = max(usecs_to_jiffies(xl4_rto_us(&as->to->rto)), 1UL);
	xsctp_arm(a, &a->deadline[XSCTP_T4], jiffies + pause);
	xsctp_queue_chunk(a, XSCTP_ASCONF, 0, as->chunk, as->len, as->to);
}

/* RFC 5061 section 5.1 B: one at a time. */
static void xsctp_asconf_ask(struct xsctp_association *a)
{
	struct xsctp_asconf *as = a->asconf;
	const struct xl4_addr *known = xsctp_told_known(as);
	u8 *end;

	if (as->chunk || a->state != SCTP_ESTABLISHED || !known)
		return;
	as->chunk = kmalloc(XSCTP_ASCONF_ROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!as->chunk)
		return;
	end = xsctp_ask_write(as, known, as->chunk);
	if (!as->nr_asked) {
		kfree(as->chunk);
		as->chunk = NULL;
		return;
	}
	as->len = end - as->chunk;
	as->serial++;
	as->to = NULL;
	xsctp_asconf_out(a);
}

/* ------------------------------------------------------------------ the difference */

static bool xsctp_now_has(const struct xl4_addr *now, unsigned int n, const struct xl4_addr *addr)
{
	while (n--)
		if (xl4_addr_equal(&now[n], addr))
			return true;
	return false;
}

/* Paths that begin at an address that goes begin elsewhere. */
static void xsctp_told_reroute(struct xsctp_association *a, const struct xl4_addr *addr)
{
	struct xsctp_transport *t;

	list_for_each_entry(t, &a->transports, link)
		if (xl4_addr_equal(&t->local, addr))
			xsctp_transport_route(t);
}

static void xsctp_told_compare(struct xsctp_association *a, struct xsctp_told *told, bool here)
{
	if (told->asked)
		return;
	if (told->state == XSCTP_TOLD && !here) {
		xsctp_told_set(told, XSCTP_TOLD_LEAVING);
		xsctp_told_reroute(a, &told->addr);
	} else if (told->state == XSCTP_TOLD_LEAVING && here) {
		xsctp_told_set(told, XSCTP_TOLD);
	} else if (told->state == XSCTP_TOLD_ADDING && !here) {
		xsctp_told_set(told, XSCTP_TOLD_FREE);
	}
}

/**
 * xsctp_asconf_sync() - tell the peer how our addresses have changed
 * @a: locked
 *
 * The caller sees to xsctp_flush(). Any context but hard interrupts.
 */
void xsctp_asconf_sync(struct xsctp_association *a)
{
	struct xsctp_asconf *as = a->asconf;
	struct xl4_addr now[XSCTP_MAX_ADDRESSES];
	unsigned int n, i;

	if (!as || !a->primary)
		return;
	n = xsctp_announced(a->sk, &a->primary->key.peer, now, ARRAY_SIZE(now));
	for (i = 0; i < XSCTP_MAX_TOLD; i++)
		xsctp_told_compare(a, &as->told[i], xsctp_now_has(now, n, &as->told[i].addr));
	for (i = 0; i < n; i++)
		if (!xsctp_told_find(as, &now[i]))
			xsctp_told_add(as, &now[i], XSCTP_TOLD_ADDING);
	xsctp_asconf_ask(a);
}

/**
 * xsctp_asconf_sync_all() - likewise all associations of an endpoint
 * @sk: locked
 */
void xsctp_asconf_sync_all(struct sock *sk)
{
	struct xsctp_association *a, *next;

	list_for_each_entry_safe(a, next, &xsctp_sk(sk)->associations, link) {
		if (!a->asconf)
			continue;
		xsctp_asconf_sync(a);
		xsctp_flush(a);
	}
}

/* ---------------------------------------------------------------- life of it all */

/**
 * xsctp_asconf_down() - forget it
 * @a: locked
 */
void xsctp_asconf_down(struct xsctp_association *a)
{
	struct xsctp_asconf *as = a->asconf;

	if (!as)
		return;
	WRITE_ONCE(a->asconf, NULL);
	xsctp_disarm(&a->deadline[XSCTP_T4]);
	kfree(as->chunk);
	kfree(as->answer);
	kfree_rcu(as, rcu);
}

/**
 * xsctp_asconf_up() - the association is there, or has restarted
 * @a: locked, with a primary path
 *
 * The peer knows what INIT or INIT ACK told. Serial numbers begin with the initial TSNs (RFC 5061
 * section 4.1.1). Without memory addresses stay as they are.
 */
void xsctp_asconf_up(struct xsctp_association *a)
{
	struct xl4_addr now[XSCTP_MAX_ADDRESSES];
	struct xsctp_asconf *as;
	unsigned int n;

	xsctp_asconf_down(a);
	if (!a->asconf_agreed || !a->primary)
		return;
	as = kzalloc(sizeof(*as), GFP_ATOMIC);
	if (!as)
		return;
	as->serial = a->initial_tsn;
	as->peer_serial = a->peer_initial_tsn - 1;
	n = xsctp_announced(a->sk, &a->primary->key.peer, now, ARRAY_SIZE(now));
	while (n--)
		xsctp_told_add(as, &now[n], XSCTP_TOLD);
	/* Who looks without a lock sees it filled in. */
	smp_store_release(&a->asconf, as);
}

/**
 * xsctp_asconf_forget() - a path goes
 * @t: its association locked
 */
void xsctp_asconf_forget(const struct xsctp_transport *t)
{
	struct xsctp_asconf *as = t->association->asconf;

	if (as && as->to == t)
		as->to = NULL;
}

/**
 * xsctp_t4_expired() - no answer to an ASCONF
 * @a: locked; may be gone afterwards: a->dead
 *
 * The same again, by another path if there is one. RFC 5061 section 5.1.1. The caller sees to
 * xsctp_flush().
 */
void xsctp_t4_expired(struct xsctp_association *a)
{
	struct xsctp_asconf *as = a->asconf;

	if (!as || !as->chunk)
		return;
	if (as->to && xsctp_transport_strike(as->to, false)) {
		xsctp_lost(a, ETIMEDOUT, 0);
		return;
	}
	as->to = xsctp_transport_for_retransmit(a, as->to);
	xsctp_asconf_out(a);
}

/* -------------------------------------------------------------------- the answer */

/* What an ASCONF ACK says of a request: 1: done, -1: refused, 0: nothing. */
static int xsctp_ack_says(struct xsctp_walk walk, u32 id)
{
	struct xsctp_request answer;

	while (xsctp_next_request(&walk, &answer) == 1) {
		if (answer.id != id)
			continue;
		if (answer.param.type == XSCTP_PARAM_SUCCESS)
			return 1;
		if (answer.param.type == XSCTP_PARAM_ERROR_CAUSE)
			return -1;
	}
	return 0;
}

static void xsctp_told_answered(struct xsctp_told *told, bool done)
{
	told->asked = false;
	if (!done)
		told->refused = true;
	else if (told->state == XSCTP_TOLD_ADDING)
		xsctp_told_set(told, XSCTP_TOLD);
	else if (told->state == XSCTP_TOLD_LEAVING)
		xsctp_told_set(told, XSCTP_TOLD_FREE);
}

/* RFC 5061 section 5.1 D and E: behind one that was refused, what is not said is not done. */
static void xsctp_take_answers(struct xsctp_asconf *as, const struct xsctp_walk *answers)
{
	bool refused = false;
	unsigned int i;
	int says;

	for (i = 0; i < as->nr_asked; i++) {
		says = xsctp_ack_says(*answers, as->asked[i]);
		refused |= says < 0;
		if (as->asked[i] <= XSCTP_MAX_TOLD)
			xsctp_told_answered(&as->told[as->asked[i] - 1],
					    says > 0 || (!says && !refused));
	}
	as->nr_asked = 0;
}

/**
 * xsctp_do_asconf_ack() - the peer answers
 * @event: an ASCONF ACK
 *
 * RFC 5061 section 5.1 C to F.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_do_asconf_ack(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	struct xsctp_asconf *as = a->asconf;
	struct xsctp_asconf_head head;

	if (!as || xsctp_parse_asconf(&event->chunk, &head))
		return XSCTP_NEXT;
	/* It answers what was never asked. */
	if (!tsn_before(head.serial, as->serial)) {
		xsctp_abort(a, XSCTP_CAUSE_ILLEGAL_ASCONF_ACK, NULL, 0);
		return XSCTP_GONE;
	}
	if (!as->chunk || head.serial != as->serial - 1)
		return XSCTP_NEXT;
	xsctp_disarm(&a->deadline[XSCTP_T4]);
	a->error_count = 0;
	if (as->to)
		as->to->error_count = 0;
	kfree(as->chunk);
	as->chunk = NULL;
	as->to = NULL;
	xsctp_take_answers(as, &head.requests);
	xsctp_asconf_sync(a);
	return XSCTP_NEXT;
}

/* -------------------------------------------------------------- by itself, and options */

/**
 * xsctp_asconf_auto() - is an endpoint to follow the machine's addresses?
 * @sk: locked, or nobody knows it
 * @on: whether
 */
void xsctp_asconf_auto(struct sock *sk, bool on)
{
	struct xsctp_net *xn = xsctp_net(sock_net(sk));
	struct xsctp_sock *sp = xsctp_sk(sk);

	if (sp->auto_asconf == on)
		return;
	sp->auto_asconf = on;
	spin_lock_bh(&xn->address_lock);
	if (on) {
		list_add_tail(&sp->auto_link, &xn->auto_asconf);
		xn->nr_auto_asconf++;
	} else {
		list_del(&sp->auto_link);
		xn->nr_auto_asconf--;
	}
	spin_unlock_bh(&xn->address_lock);
}

/* The first in the list, with a reference, and to its end with it; NULL: there is none. */
static struct sock *xsctp_auto_next(struct xsctp_net *xn)
{
	struct xsctp_sock *sp;
	struct sock *sk = NULL;

	spin_lock_bh(&xn->address_lock);
	sp = list_first_entry_or_null(&xn->auto_asconf, struct xsctp_sock, auto_link);
	if (sp) {
		list_move_tail(&sp->auto_link, &xn->auto_asconf);
		sk = (struct sock *)sp;
		/* What is destroyed leaves the list before its last reference goes. */
		sock_hold(sk);
	}
	spin_unlock_bh(&xn->address_lock);
	return sk;
}

/**
 * xsctp_asconf_machine() - addresses of the machine came or went
 * @net: in this namespace
 *
 * Process context or softirq; no socket is locked.
 */
void xsctp_asconf_machine(struct net *net)
{
	struct xsctp_net *xn = xsctp_net(net);
	unsigned int n = READ_ONCE(xn->nr_auto_asconf);
	struct sock *sk;

	while (n-- && (sk = xsctp_auto_next(xn))) {
		local_bh_disable();
		bh_lock_sock(sk);
		if (sock_owned_by_user(sk))
			set_bit(XSCTP_DEFERRED_ADDRESSES, &xl4_sk(sk)->deferred);
		else
			xsctp_asconf_sync_all(sk);
		bh_unlock_sock(sk);
		local_bh_enable();
		sock_put(sk);
	}
}

/**
 * xsctp_asconf_release() - do what was left while a program had the socket
 * @sk: whose lock is being given away; for release_cb of struct proto
 */
void xsctp_asconf_release(struct sock *sk)
{
	if (test_and_clear_bit(XSCTP_DEFERRED_ADDRESSES, &xl4_sk(sk)->deferred))
		xsctp_asconf_sync_all(sk);
}

/* SCTP_AUTO_ASCONF, RFC 6458 section 8.1.22: of who has all addresses */
XSCTP_SETTER(auto_asconf)
{
	bool on = *(const int *)value;

	if (on && xsctp_sk(sk)->nr_addresses)
		return -EINVAL;
	xsctp_asconf_auto(sk, on);
	return 0;
}

XSCTP_GETTER(auto_asconf)
{
	*(int *)value = xsctp_sk(sk)->auto_asconf && !xsctp_sk(sk)->nr_addresses;
	*len = sizeof(int);
	return 0;
}

/* SCTP_ASCONF_SUPPORTED: what is to be offered; read, what was agreed */
XSCTP_SETTER(asconf_supported)
{
	const struct sctp_assoc_value *av = value;
	int err = xsctp_may_offer(sk, av->assoc_id);

	if (!err)
		xsctp_sk(sk)->asconf_enable = av->assoc_value;
	return err;
}

XSCTP_GETTER(asconf_supported)
{
	struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, av->assoc_id, &a);

	if (!err)
		av->assoc_value = a ? a->asconf_agreed : xsctp_sk(sk)->asconf_enable;
	*len = sizeof(*av);
	return err;
}

/* SCTP_SET_PEER_PRIMARY_ADDR, RFC 6458 section 8.1.10: where the peer shall send to */
XSCTP_SETTER(peer_primary)
{
	const struct sctp_setpeerprim *prim = value;
	struct sockaddr_storage storage = prim->sspp_addr;
	struct xsctp_association *a;
	struct xl4_addr addr;
	__be16 port;
	int err;

	err = xsctp_whom_there(sk, prim->sspp_assoc_id, &a);
	if (err)
		return err;
	if (!a->asconf_agreed)
		return -EPERM;
	if (!a->asconf || a->state != SCTP_ESTABLISHED)
		return -ENOTCONN;
	if (xsctp_addr_from(sk, &storage, sizeof(storage), &addr, &port))
		return -EINVAL;
	if (port && port != inet_sk(sk)->inet_sport)
		return -EADDRNOTAVAIL;
	if (!xsctp_is_local(sk, &addr) || !xsctp_told_find(a->asconf, &addr))
		return -EADDRNOTAVAIL;
	a->asconf->wish = addr;
	a->asconf->has_wish = true;
	xsctp_asconf_sync(a);
	xsctp_flush(a);
	return 0;
}
