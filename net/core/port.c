// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: who may have which, and a socket's place in the tables.
 *
 * These are the get_port, rehash and unhash callbacks of struct proto. They
 * run in process context on a socket that the caller has locked, or that
 * nobody else can reach any more; the owners of a port are under that port's
 * lock, readers use RCU.
 */

#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock_reuseport.h>
#include <xl4/compat.h>
#include <xl4/protocol.h>
#include <xl4/space.h>
#include <xl4/timewait.h>

#include <trace/events/xl4.h>

#include "table.h"

/* xl4_port_lock() - the lock of a port's owners */
spinlock_t *xl4_port_lock(struct xl4_space *space, u16 number)
{
	return &space->locks[number % XL4_PORT_LOCKS];
}

/* The address a socket is bound to; an IPv4 any, mapped or not, is ::. */
static struct xl4_addr xl4_bound_addr(const struct sock *sk)
{
	if (sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
		return xl4_addr_v6(&sk->sk_v6_rcv_saddr);
	return sk->sk_rcv_saddr ? xl4_addr_v4(sk->sk_rcv_saddr) : xl4_addr_any();
}

static struct xl4_addr xl4_peer_addr(const struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		return xl4_addr_v6(&sk->sk_v6_daddr);
	return xl4_addr_v4(sk->sk_daddr);
}

/* Of a socket that is being connected, too, and of one that is being closed. */
static bool xl4_has_peer(const struct sock *sk)
{
	return (1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN);
}

/* xl4_binding_fill() - describe a socket's place at a port */
void xl4_binding_fill(struct xl4_binding *binding, struct sock *sk, u16 number)
{
	bool inet6 = sk->sk_family == AF_INET6;
	bool mapped = inet6 && ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr);
	bool any = inet6 && ipv6_addr_any(&sk->sk_v6_rcv_saddr);
	struct xl4_entry *entry = &binding->entry;

	binding->sk = sk;
	entry->kind = XL4_SOCKET;
	entry->v4 = !inet6 || mapped || (any && !ipv6_only_sock(sk));
	entry->v6 = inet6 && !mapped;
	entry->tuple.local = xl4_bound_addr(sk);
	entry->tuple.local_port = htons(number);
	if (xl4_has_peer(sk)) {
		entry->tuple.remote = xl4_peer_addr(sk);
		entry->tuple.remote_port = inet_sk(sk)->inet_dport;
	}
}

/*
 * xl4_claim_of() - what the owner of a binding claims of its port
 *
 * The addresses are the binding's, as the socket may just be getting others; its
 * options too.
 */
struct xl4_claim xl4_claim_of(const struct xl4_binding *binding)
{
	const struct sock *sk = binding->sk;

	if (!sk)
		return container_of(binding, struct xl4_timewait, binding)->claim;
	return (struct xl4_claim) {
		.addr = binding->entry.tuple.local,
		.v4 = binding->entry.v4,
		.v6 = binding->entry.v6,
		.device = READ_ONCE(sk->sk_bound_dev_if),
		/* A setsockopt() that races with bind() came before it or after. */
		.reuseport = data_race(!!sk->sk_reuseport),
		/* Likewise. Connections share a port, two listeners do not. */
		.reuse = data_race(!!sk->sk_reuse) && READ_ONCE(sk->sk_state) != TCP_LISTEN,
		.uid = __kuid_val(xl4_sock_uid(sk)),
	};
}

/*
 * xl4_claim_asked() - what a socket asks for by a place of its own
 *
 * It may be more than it grants others: who listens shares with those that do not, as it
 * consented to when it was bound.
 */
struct xl4_claim xl4_claim_asked(const struct xl4_binding *binding)
{
	struct xl4_claim claim = xl4_claim_of(binding);

	claim.reuse = !!binding->sk->sk_reuse;
	return claim;
}

/* xl4_port_get() - a port's owners, made if need be; NULL without memory */
struct xl4_port *xl4_port_get(struct xl4_space *space, u16 number)
{
	struct xl4_port *port = xa_load(&space->ports, number);

	if (port)
		return port;
	port = kzalloc(sizeof(*port), GFP_ATOMIC);
	if (!port)
		return NULL;
	port->number = number;
	if (xa_err(xa_store_bh(&space->ports, number, port, GFP_ATOMIC))) {
		kfree(port);
		return NULL;
	}
	return port;
}

/* xl4_port_put_if_free() - forget a port that nobody owns */
void xl4_port_put_if_free(struct xl4_space *space, struct xl4_port *port)
{
	if (port->count)
		return;
	xa_erase_bh(&space->ports, port->number);
	kfree_rcu(port, rcu);
}

/* xl4_port_enter() - make a binding an owner of a port */
void xl4_port_enter(struct xl4_port *port, struct xl4_binding *binding)
{
	binding->port = port;
	hlist_add_head_rcu(&binding->owner, &port->owners);
	port->count++;
	port->bound += !binding->by_connect;
}

/* xl4_port_leave() - and no more; the port may be gone afterwards */
void xl4_port_leave(struct xl4_space *space, struct xl4_binding *binding)
{
	struct xl4_port *port = binding->port;

	hlist_del_rcu(&binding->owner);
	port->count--;
	port->bound -= !binding->by_connect;
	xl4_port_put_if_free(space, port);
}

/* xl4_port_conflicts() - does a claim conflict with one of an owner but @self? */
bool xl4_port_conflicts(const struct xl4_port *port, const struct xl4_claim *claim,
			const struct sock *self)
{
	const struct xl4_binding *binding;

	hlist_for_each_entry(binding, &port->owners, owner) {
		struct xl4_claim other = xl4_claim_of(binding);

		if ((!self || binding->sk != self) && xl4_claims_conflict(claim, &other))
			return true;
	}
	return false;
}

/* Does any of a socket's places conflict with another's? Once through the owners: they are many. */
static bool xl4_places_conflict(const struct xl4_binding *first, const struct sock *sk)
{
	const struct xl4_binding *binding, *own;

	hlist_for_each_entry(binding, &first->port->owners, owner) {
		struct xl4_claim other = xl4_claim_of(binding);

		if (binding->sk == sk || (other.reuse && sk->sk_reuse))
			continue;
		for (own = first; own; own = own->more) {
			struct xl4_claim claim = xl4_claim_asked(own);

			if (xl4_claims_conflict(&claim, &other))
				return true;
		}
	}
	return false;
}

/* xl4_port_join_group() - SO_REUSEPORT: join the group of the same address, or found one */
int xl4_port_join_group(const struct xl4_port *port, struct sock *sk,
			const struct xl4_claim *claim)
{
	bool any = xl4_addr_is_any(&claim->addr);
	const struct xl4_binding *binding;

	hlist_for_each_entry(binding, &port->owners, owner) {
		struct xl4_claim other = xl4_claim_of(binding);

		/* One that is connected no longer hears what its group does. */
		if (binding->hears && !binding->further &&
		    xl4_addr_is_any(&binding->entry.tuple.remote) &&
		    xl4_claims_share_group(claim, &other))
			return reuseport_add_sock(sk, binding->sk, any);
	}
	return reuseport_alloc(sk, any);
}

/* xl4_port_leave_group() - SO_REUSEPORT: be of no group any more */
void xl4_port_leave_group(struct sock *sk)
{
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
}

/* xl4_binding_hear() - let packets find a socket by its place, for the first time or again */
int xl4_binding_hear(struct xl4_space *space, struct xl4_binding *binding)
{
	int err = binding->entry.hashed ? 0 : xl4_entry_insert(space, &binding->entry);

	if (err)
		return err;
	binding->hears = true;
	WRITE_ONCE(binding->entry.deaf, false);
	return 0;
}

/* A socket that hears from now on: in its group, in the table. Under the port's lock. */
static int xl4_port_hear(struct xl4_space *space, struct xl4_port *port, struct sock *sk,
			 struct xl4_binding *binding, const struct xl4_claim *claim)
{
	int err;

	if (claim->reuseport) {
		err = xl4_port_join_group(port, sk, claim);
		if (err)
			return err;
	}
	err = xl4_binding_hear(space, binding);
	if (err)
		xl4_port_leave_group(sk);
	return err;
}

/* Let @sk have @number by @binding. Under the port's lock. */
static int xl4_port_claim_locked(struct xl4_space *space, struct sock *sk,
				 struct xl4_binding *binding, u16 number)
{
	struct xl4_claim claim;
	struct xl4_port *port;
	int err = 0;

	xl4_binding_fill(binding, sk, number);
	claim = xl4_claim_asked(binding);
	port = xl4_port_get(space, number);
	if (!port)
		return -ENOMEM;
	if (xl4_port_conflicts(port, &claim, NULL))
		err = -EADDRINUSE;
	else if (!space->protocol->connections)
		err = xl4_port_hear(space, port, sk, binding, &claim);
	if (err)
		xl4_port_put_if_free(space, port);
	else
		xl4_port_enter(port, binding);
	return err;
}

static int xl4_port_claim(struct xl4_space *space, struct sock *sk,
			  struct xl4_binding *binding, u16 number)
{
	spinlock_t *lock = xl4_port_lock(space, number);
	int err;

	spin_lock_bh(lock);
	err = xl4_port_claim_locked(space, sk, binding, number);
	spin_unlock_bh(lock);
	return err;
}

/*
 * Choose a port of the ephemeral range: one that nobody has, else one that may
 * be shared. Each search starts at a random place (RFC 6056 section 3.3.1).
 */
static int xl4_port_claim_ephemeral(struct xl4_space *space, struct sock *sk,
				    struct xl4_binding *binding)
{
	int low, high, i, range, start, err;
	bool sharing;
	u16 number;

	inet_sk_get_local_port_range(sk, &low, &high);
	range = high - low + 1;
	start = reciprocal_scale(get_random_u32(), range);
	for (sharing = false; ; sharing = true) {
		for (i = 0; i < range; i++) {
			number = low + (start + i) % range;
			if (inet_is_local_reserved_port(space->net, number) ||
			    (!sharing && xa_load(&space->ports, number)))
				continue;
			err = xl4_port_claim(space, sk, binding, number);
			if (err != -EADDRINUSE)
				return err;
			cond_resched();
		}
		if (sharing)
			return -EADDRINUSE;
	}
}

/* xl4_binding_publish() - a socket has its place, or @err: then @binding is freed. Returns @err. */
int xl4_binding_publish(struct sock *sk, struct xl4_binding *binding, int err)
{
	trace_xl4_bind(sk, &binding->entry.tuple, err);
	if (err) {
		kfree(binding);
		return err;
	}
	inet_sk(sk)->inet_sport = binding->entry.tuple.local_port;
	/* Whoever sees the number may send at once. */
	smp_store_release(&inet_sk(sk)->inet_num, ntohs(binding->entry.tuple.local_port));
	rcu_assign_pointer(xl4_sk(sk)->binding, binding);
	return 0;
}

/**
 * xl4_get_port() - bind a socket to a port: the get_port of struct proto
 * @sk: its addresses are set; locked
 * @number: port wanted, 0 for one of the ephemeral range
 *
 * Return: 0, -EADDRINUSE, or -ENOMEM.
 */
int xl4_get_port(struct sock *sk, unsigned short number)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_binding *binding;
	int err;

	binding = kzalloc(sizeof(*binding), GFP_KERNEL);
	if (!binding)
		return -ENOMEM;
	if (number)
		err = xl4_port_claim(space, sk, binding, number);
	else
		err = xl4_port_claim_ephemeral(space, sk, binding);
	return xl4_binding_publish(sk, binding, err);
}
EXPORT_SYMBOL_GPL(xl4_get_port);

/**
 * xl4_rehash_prepare() - get the memory that xl4_rehash() needs
 *
 * Before a socket gets other addresses: then nothing can fail any more. May
 * sleep.
 *
 * Return: for xl4_rehash(), or for kfree(); NULL if there is no memory.
 */
struct xl4_binding *xl4_rehash_prepare(void)
{
	return kzalloc(sizeof(struct xl4_binding), GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(xl4_rehash_prepare);

/* Put @binding where @old is. -ENOMEM if the table is full and cannot grow at once. */
static int xl4_binding_replace(struct xl4_space *space, struct xl4_binding *old,
			       struct xl4_binding *binding)
{
	spinlock_t *lock = xl4_port_lock(space, old->port->number);
	int err = 0;

	spin_lock_bh(lock);
	/* A listener no more: its group must not choose it, and it may listen again. */
	binding->hears = !space->protocol->connections || binding->sk->sk_state != TCP_CLOSE;
	if (binding->hears)
		err = xl4_entry_insert(space, &binding->entry);
	else
		xl4_port_leave_group(binding->sk);
	if (!err) {
		hlist_replace_rcu(&old->owner, &binding->owner);
		/* Ordered: who misses the new and then the old sees that it moved. */
		smp_mb__before_atomic();
		atomic_inc(&space->moves);
		/* Likewise. */
		smp_mb__after_atomic();
		WRITE_ONCE(old->successor, binding);
		xl4_entry_remove(space, &old->entry);
	}
	spin_unlock_bh(lock);
	return err;
}

/**
 * xl4_rehash() - move a bound socket to where its addresses now belong
 * @sk: just connected, disconnected or given an address; locked
 * @binding: from xl4_rehash_prepare(); consumed
 *
 * A reader finds the socket at all times, by its old or by its new addresses; but
 * one of a protocol with connections that is closed is not found at all. Does
 * nothing for a socket without a port. May sleep.
 */
void xl4_rehash(struct sock *sk, struct xl4_binding *binding)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_binding *old;

	old = rcu_dereference_protected(xl4_sk(sk)->binding, lockdep_sock_is_held(sk));
	if (!old) {
		kfree(binding);
		return;
	}
	xl4_binding_fill(binding, sk, old->port->number);
	binding->port = old->port;
	binding->by_connect = old->by_connect;
	/* The table grows by a work of its own, which may wait for memory. */
	while (xl4_binding_replace(space, old, binding))
		flush_work(&space->entries.ht.run_work);
	rcu_assign_pointer(xl4_sk(sk)->binding, binding);
	kfree_rcu(old, entry.rcu);
}
EXPORT_SYMBOL_GPL(xl4_rehash);

/* No packet finds @sk at its places, no group chooses it. Under the port's lock. */
static void xl4_deafen(struct sock *sk, struct xl4_binding *binding)
{
	xl4_port_leave_group(sk);
	for (; binding; binding = binding->more) {
		binding->hears = false;
		WRITE_ONCE(binding->entry.deaf, true);
	}
}

/**
 * xl4_hear() - let a bound socket hear what comes to its port
 * @sk: of a protocol with connections, in state LISTEN; bound and locked
 *
 * The port was perhaps shared with others so far; with a listener it is not.
 *
 * Return: 0, -EADDRINUSE if another listens there, or -ENOMEM.
 */
int xl4_hear(struct sock *sk)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_binding *binding;
	struct xl4_claim claim;
	spinlock_t *lock;
	int err;

	binding = rcu_dereference_protected(xl4_sk(sk)->binding, lockdep_sock_is_held(sk));
	/* A listener in a connection's place would hear from itself. */
	if (WARN_ON_ONCE(!xl4_addr_is_any(&binding->entry.tuple.remote)))
		return -EADDRINUSE;
	claim = xl4_claim_asked(binding);
	lock = xl4_port_lock(space, binding->port->number);
	spin_lock_bh(lock);
	if (xl4_places_conflict(binding, sk))
		err = -EADDRINUSE;
	else
		err = xl4_more_hear(space, binding);
	if (!err)
		err = xl4_port_hear(space, binding->port, sk, binding, &claim);
	if (err)
		xl4_deafen(sk, binding);
	spin_unlock_bh(lock);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_hear);

/**
 * xl4_hear_no_more() - undo xl4_hear(): the port stays the socket's
 * @sk: no listener any more; locked
 *
 * What is in the table stays there, so that this cannot fail, and is found no more.
 */
void xl4_hear_no_more(struct sock *sk)
{
	struct xl4_binding *binding;
	spinlock_t *lock;

	binding = rcu_dereference_protected(xl4_sk(sk)->binding, lockdep_sock_is_held(sk));
	lock = xl4_port_lock(xl4_sk(sk)->space, binding->port->number);
	spin_lock_bh(lock);
	xl4_deafen(sk, binding);
	spin_unlock_bh(lock);
}
EXPORT_SYMBOL_GPL(xl4_hear_no_more);

/**
 * xl4_unhash() - take a socket out of the tables: the unhash of struct proto
 * @sk: locked, or reachable by nobody else; bound or not
 *
 * Readers that found it before may hold a reference for a moment longer.
 */
void xl4_unhash(struct sock *sk)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_binding *binding;
	spinlock_t *lock;

	binding = rcu_dereference_protected(xl4_sk(sk)->binding, true);
	if (!binding)
		return;
	xl4_more_end(sk);
	RCU_INIT_POINTER(xl4_sk(sk)->binding, NULL);
	lock = xl4_port_lock(space, binding->port->number);
	spin_lock_bh(lock);
	xl4_port_leave_group(sk);
	xl4_entry_remove(space, &binding->entry);
	xl4_port_leave(space, binding);
	spin_unlock_bh(lock);
	inet_sk(sk)->inet_num = 0;
	trace_xl4_unbind(sk, &binding->entry.tuple, 0);
	kfree_rcu(binding, entry.rcu);
}
EXPORT_SYMBOL_GPL(xl4_unhash);
