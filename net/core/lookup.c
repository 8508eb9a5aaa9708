// SPDX-License-Identifier: GPL-2.0
/* From a packet's addresses to the socket that shall have it. */

#include <linux/module.h>
#include <net/inet_sock.h>
#include <net/sock_reuseport.h>
#include <xl4/listen.h>
#include <xl4/space.h>

#include "table.h"

/* Which member of a SO_REUSEPORT group a flow goes to is not to be guessed. */
u32 xl4_flow_secret __read_mostly;

/*
 * Take a reference on an entry's socket. The socket's memory may have become
 * another socket since the entry was read, but an entry that is alive has a
 * reference: if it still is once we hold one, we hold the right one.
 */
static struct sock *xl4_hold_sock_of(const struct xl4_entry *entry, struct sock *sk)
{
	if (!sk || !refcount_inc_not_zero(&sk->sk_refcnt))
		return NULL;
	/* Pairs with the full barrier of the last reference being dropped. */
	smp_mb__after_atomic();
	/* Whoever is told that it is dead may ask for its successor. */
	if (smp_load_acquire(&entry->dead)) {
		sock_put(sk);
		return NULL;
	}
	return sk;
}

static struct sock *xl4_binding_hold(const struct xl4_binding *binding)
{
	return xl4_hold_sock_of(&binding->entry, binding->sk);
}

/**
 * xl4_request_hold_listener() - whose half-open connection is it?
 * @entry: of a request, from xl4_lookup_connection(), under the same rcu_read_lock()
 *
 * Return: the listener, not locked, with a reference; NULL if the request is over. Who looks
 * again finds what it has become.
 */
struct sock *xl4_request_hold_listener(struct xl4_entry *entry)
{
	return xl4_hold_sock_of(entry, xl4_request_of(entry)->listener);
}
EXPORT_SYMBOL_GPL(xl4_request_hold_listener);

/*
 * As xl4_binding_hold(), but a socket that has just moved is followed to its
 * new binding: that stands where the reader has been, not where it goes.
 */
static struct sock *xl4_binding_follow(const struct xl4_binding **binding)
{
	struct sock *sk = xl4_binding_hold(*binding);

	while (!sk && READ_ONCE((*binding)->successor)) {
		*binding = (*binding)->successor;
		sk = xl4_binding_hold(*binding);
	}
	return sk;
}

static bool xl4_entry_hold(struct xl4_entry *entry)
{
	if (likely(entry->kind == XL4_SOCKET))
		return xl4_binding_hold(xl4_binding_of(entry));
	return refcount_inc_not_zero(&entry->ref);
}

/*
 * How well what has matching addresses and ports fits: 0 is not at all. What is
 * on the packet's device goes before what is on any device, one of the packet's
 * own family before one of the other, one of this CPU before others.
 */
static int xl4_entry_score(struct xl4_entry *entry, enum xl4_family family, int device,
			   int l3_device)
{
	const struct sock *sk = NULL;
	int bound = entry->device;
	int score = 1;

	if (READ_ONCE(entry->dead) || READ_ONCE(entry->deaf) ||
	    !(family == XL4_V4 ? entry->v4 : entry->v6))
		return 0;
	if (likely(entry->kind == XL4_SOCKET)) {
		sk = xl4_binding_of(entry)->sk;
		bound = READ_ONCE(sk->sk_bound_dev_if);
	}
	if (!inet_bound_dev_eq(false, bound, device, l3_device))
		return 0;
	if (bound)
		score += 4;
	if (!sk)
		return score;
	if (family == XL4_V6 || sk->sk_family == AF_INET)
		score += 2;
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score += 1;
	return score;
}

/*
 * Let the SO_REUSEPORT group of a socket, if any, choose one of its members by flow. A group
 * is one of the first address of each; others need not have the further ones.
 */
static struct sock *xl4_select_in_group(const struct xl4_binding *binding,
					const struct xl4_tuple *flow,
					struct sk_buff *skb, int header_len)
{
	struct sock *sk = binding->sk, *chosen;
	void *group = rcu_access_pointer(sk->sk_reuseport_cb);

	if (!group || READ_ONCE(sk->sk_state) == TCP_ESTABLISHED ||
	    rcu_access_pointer(xl4_sk(sk)->binding) != binding)
		return sk;
	chosen = reuseport_select_sock(sk, xl4_tuple_hash(flow, xl4_flow_secret), skb, header_len);
	if (IS_ERR_OR_NULL(chosen) || chosen == sk)
		return sk;
	if (!refcount_inc_not_zero(&chosen->sk_refcnt))
		return sk;
	/* As in xl4_binding_hold(): a member that left was perhaps reused. */
	smp_mb__after_atomic();
	/* A program may name a member that has a peer, and so hears nobody else. */
	if (rcu_access_pointer(chosen->sk_reuseport_cb) != group ||
	    READ_ONCE(chosen->sk_state) == TCP_ESTABLISHED) {
		sock_put(chosen);
		return sk;
	}
	sock_put(sk);
	return chosen;
}

/* The best entry of exactly @key, with a reference. */
static struct xl4_entry *xl4_find(struct xl4_space *space, enum xl4_family family,
				  const struct xl4_tuple *key, int device, int l3_device)
{
	struct xl4_entry *entry, *best;
	struct rhlist_head *list, *pos;
	int score, best_score;

	do {
		best = NULL;
		best_score = 0;
		list = rhltable_lookup(&space->entries, key, xl4_entry_params);
		rhl_for_each_entry_rcu(entry, pos, list, node) {
			score = xl4_entry_score(entry, family, device, l3_device);
			if (score > best_score) {
				best_score = score;
				best = entry;
			}
		}
		if (!best)
			return NULL;
	} while (unlikely(!xl4_entry_hold(best)));
	return best;
}

/**
 * xl4_lookup_connection() - find what a packet of a connection is for
 * @space: the protocol's space in the packet's namespace
 * @family: of the packet; its addresses do not tell, as an IPv6 packet may
 *	bear IPv4-mapped ones
 * @tuple: the packet's addresses and ports, ours as local
 * @device: ifindex it came in on
 * @l3_device: ifindex of the slave if @device is an L3 master, else 0
 *
 * Call under rcu_read_lock(). Constant time.
 *
 * Return: the entry of a socket, of a request or of a TIME-WAIT, with a
 * reference on it (for a socket: on the socket) that the caller drops; or NULL.
 */
struct xl4_entry *xl4_lookup_connection(struct xl4_space *space, enum xl4_family family,
					const struct xl4_tuple *tuple, int device, int l3_device)
{
	return atomic_read(&space->connected) ?
	       xl4_find(space, family, tuple, device, l3_device) : NULL;
}
EXPORT_SYMBOL_GPL(xl4_lookup_connection);

/**
 * xl4_lookup_connected() - find the socket of a connection, such as an ICMP error may be about
 * @space: as for xl4_lookup_connection(), as all that follow
 * @family: of the packet
 * @tuple: of the packet, or as a quoted one has it, ours as local
 * @device: ifindex it came in on
 * @l3_device: of the slave
 *
 * Call under rcu_read_lock().
 *
 * Return: the socket, not locked, with a reference; NULL if there is none, or none any more.
 */
struct sock *xl4_lookup_connected(struct xl4_space *space, enum xl4_family family,
				  const struct xl4_tuple *tuple, int device, int l3_device)
{
	struct xl4_entry *entry = xl4_lookup_connection(space, family, tuple, device, l3_device);

	if (!entry)
		return NULL;
	if (entry->kind == XL4_SOCKET)
		return xl4_binding_of(entry)->sk;
	xl4_entry_put(entry);
	return NULL;
}
EXPORT_SYMBOL_GPL(xl4_lookup_connected);

/**
 * xl4_lookup_listener() - find the socket without a peer that hears a packet
 * @space: as for xl4_lookup_connection()
 * @family: likewise
 * @tuple: likewise
 * @device: likewise
 * @l3_device: likewise
 * @skb: for the program of a SO_REUSEPORT group; NULL to choose by flow only
 * @header_len: of the transport header in @skb
 *
 * One that is bound to the address goes before one that is bound to any. Call
 * under rcu_read_lock(). Constant time, unless many are bound to the very same
 * address and port.
 *
 * Return: the socket, with a reference that the caller drops; or NULL.
 */
struct sock *xl4_lookup_listener(struct xl4_space *space, enum xl4_family family,
				 const struct xl4_tuple *tuple, int device, int l3_device,
				 struct sk_buff *skb, int header_len)
{
	struct xl4_tuple key = { .local = tuple->local, .local_port = tuple->local_port };
	struct xl4_entry *entry = NULL;

	if (atomic_read(&space->specific))
		entry = xl4_find(space, family, &key, device, l3_device);
	if (!entry) {
		key.local = xl4_addr_any();
		entry = xl4_find(space, family, &key, device, l3_device);
	}
	if (!entry)
		return NULL;
	return xl4_select_in_group(xl4_binding_of(entry), tuple, skb, header_len);
}
EXPORT_SYMBOL_GPL(xl4_lookup_listener);

static struct sock *xl4_lookup_once(struct xl4_space *space, enum xl4_family family,
				    const struct xl4_tuple *tuple, int device, int l3_device,
				    struct sk_buff *skb, int header_len)
{
	struct xl4_entry *entry;

	entry = xl4_lookup_connection(space, family, tuple, device, l3_device);
	if (entry)
		return xl4_binding_of(entry)->sk;
	return xl4_lookup_listener(space, family, tuple, device, l3_device, skb, header_len);
}

/**
 * xl4_lookup() - find the socket for a datagram
 * @space: as for xl4_lookup_connection()
 * @family: likewise
 * @tuple: likewise
 * @device: likewise
 * @l3_device: likewise
 * @skb: as for xl4_lookup_listener()
 * @header_len: likewise
 *
 * For a protocol that has sockets only, which may get a peer and lose it. The
 * closest match wins: connected to the peer, then bound to the address, then
 * bound to any; among these by device and family. Call under rcu_read_lock().
 *
 * Return: the socket, with a reference that the caller drops; or NULL.
 */
struct sock *xl4_lookup(struct xl4_space *space, enum xl4_family family,
			const struct xl4_tuple *tuple, int device, int l3_device,
			struct sk_buff *skb, int header_len)
{
	struct sock *sk;
	int moves;

	/* A socket that moved meanwhile was perhaps looked for in its new place, then its old. */
	do {
		moves = atomic_read_acquire(&space->moves);
		sk = xl4_lookup_once(space, family, tuple, device, l3_device, skb, header_len);
	} while (unlikely(!sk) && moves != atomic_read(&space->moves));
	return sk;
}
EXPORT_SYMBOL_GPL(xl4_lookup);

/**
 * xl4_each_on_port() - visit every socket that is bound to a port
 * @space: the protocol's space in the namespace
 * @port: local port
 * @visit: called for each socket, which is referenced meanwhile, and its binding
 * @arg: handed to @visit
 *
 * For multicast and broadcast, which every matching socket gets. Call under
 * rcu_read_lock(); @visit must not sleep.
 */
void xl4_each_on_port(struct xl4_space *space, __be16 port,
		      void (*visit)(struct sock *sk, const struct xl4_binding *binding, void *arg),
		      void *arg)
{
	const struct xl4_binding *binding;
	struct xl4_binding *entry;
	struct xl4_port *owned;
	struct sock *sk;

	owned = xa_load(&space->ports, ntohs(port));
	if (!owned)
		return;
	hlist_for_each_entry_rcu(entry, &owned->owners, owner) {
		binding = entry;
		sk = xl4_binding_follow(&binding);
		if (!sk)
			continue;
		visit(sk, binding, arg);
		sock_put(sk);
	}
}
EXPORT_SYMBOL_GPL(xl4_each_on_port);
