// SPDX-License-Identifier: GPL-2.0
/* Ports of connections: of those that go out, and of those that are accepted. */

#include <linux/module.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <xl4/compat.h>

#include "table.h"

/*
 * RFC 6056 section 3.3.3: where the search for a port begins is unknown to
 * others, but goes on from one connection to the next with the same peer.
 */
static u32 xl4_port_offset(const struct sock *sk)
{
	static siphash_aligned_key_t secret;
	struct {
		struct in6_addr	local;
		struct in6_addr	remote;
		__be16		port;
	} __packed peer;

	net_get_random_once(&secret, sizeof(secret));
	memset(&peer, 0, sizeof(peer));
	peer.port = inet_sk(sk)->inet_dport;
	if (sk->sk_family == AF_INET6) {
		peer.local = sk->sk_v6_rcv_saddr;
		peer.remote = sk->sk_v6_daddr;
	} else {
		peer.local = xl4_addr_v4(sk->sk_rcv_saddr).in6;
		peer.remote = xl4_addr_v4(sk->sk_daddr).in6;
	}
	return siphash(&peer, sizeof(peer), &secret);
}

/* Let @sk have @number for this peer alone. Under the port's lock. */
static int xl4_connect_at_locked(struct xl4_space *space, struct sock *sk,
				 struct xl4_binding *binding, u16 number)
{
	struct xl4_port *port;
	int err;

	port = xa_load(&space->ports, number);
	if (port && port->bound)
		return -EADDRINUSE;
	xl4_binding_fill(binding, sk, number);
	if (port && xl4_entry_exists(space, &binding->entry.tuple, true))
		return -EADDRINUSE;
	port = xl4_port_get(space, number);
	if (!port)
		return -ENOMEM;
	err = xl4_entry_insert(space, &binding->entry);
	if (err)
		xl4_port_put_if_free(space, port);
	else
		xl4_port_enter(port, binding);
	return err;
}

static int xl4_connect_at(struct xl4_space *space, struct sock *sk, struct xl4_binding *binding,
			  u16 number)
{
	spinlock_t *lock = xl4_port_lock(space, number);
	int err;

	spin_lock_bh(lock);
	err = xl4_connect_at_locked(space, sk, binding, number);
	spin_unlock_bh(lock);
	return err;
}

static int xl4_connect_anywhere(struct xl4_space *space, struct sock *sk,
				struct xl4_binding *binding)
{
	u32 offset = xl4_port_offset(sk);
	int low, high, i, range, err;
	atomic_t *next;
	u16 number;

	next = &space->next_port[offset % XL4_PORT_LOCKS];
	inet_sk_get_local_port_range(sk, &low, &high);
	range = high - low + 1;
	offset = (offset + atomic_read(next)) % range;
	for (i = 0; i < range; i++) {
		number = low + (offset + i) % range;
		if (inet_is_local_reserved_port(space->net, number))
			continue;
		err = xl4_connect_at(space, sk, binding, number);
		if (err == -EADDRINUSE) {
			cond_resched();
			continue;
		}
		if (!err)
			atomic_add(i + 1, next);
		return err;
	}
	return -EADDRNOTAVAIL;
}

/* The port is ours already; is the connection? */
static int xl4_connect_bound(struct xl4_space *space, struct sock *sk,
			     struct xl4_binding *binding, struct xl4_binding *old)
{
	u16 number = old->port->number;
	spinlock_t *lock = xl4_port_lock(space, number);
	int err;

	xl4_binding_fill(binding, sk, number);
	binding->by_connect = old->by_connect;
	binding->port = old->port;
	spin_lock_bh(lock);
	err = -EADDRNOTAVAIL;
	if (!xl4_entry_exists(space, &binding->entry.tuple, true))
		err = xl4_entry_insert(space, &binding->entry);
	if (!err) {
		hlist_replace_rcu(&old->owner, &binding->owner);
		xl4_entry_remove(space, &old->entry);
	}
	spin_unlock_bh(lock);
	if (!err)
		kfree_rcu(old, entry.rcu);
	return err;
}

static int xl4_connect_place(struct sock *sk)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_binding *binding, *old;
	int err;

	binding = kzalloc(sizeof(*binding), GFP_KERNEL);
	if (!binding)
		return -ENOMEM;
	old = rcu_dereference_protected(xl4_sk(sk)->binding, lockdep_sock_is_held(sk));
	if (old) {
		err = xl4_connect_bound(space, sk, binding, old);
	} else {
		binding->by_connect = true;
		err = xl4_connect_anywhere(space, sk, binding);
	}
	return xl4_binding_publish(sk, binding, err);
}

/**
 * xl4_connect_port() - give a connection a port, if it has none, and its place
 * @sk: addresses and the peer's port are set, its state is that of one who
 *	connects; locked
 *
 * A port that connect() chose is shared by connections to other peers, but
 * by nobody who was bound to it. Process context.
 *
 * Return: 0; -EADDRNOTAVAIL if there is such a connection, or no port left for
 * one; -EADDRINUSE if another has the port by now that bind() chose; -ENOMEM.
 */
int xl4_connect_port(struct sock *sk)
{
	bool again = !inet_sk(sk)->inet_num && xl4_chosen_port(sk);
	int err = again ? xl4_get_port(sk, xl4_chosen_port(sk)) : 0;

	if (err)
		return err;
	err = xl4_connect_place(sk);
	/* It was claimed for this peer; nobody else is to be heard there. */
	if (err && again)
		xl4_unhash(sk);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_connect_port);

/**
 * xl4_bind_child() - give an accepted connection its place
 * @listener: locked, in state LISTEN
 * @child: has its addresses and a state with a peer; nobody else knows it
 *
 * Packets find @child before this returns. Softirq or process context.
 *
 * Return: 0, -EADDRINUSE if there is such a connection, or -ENOMEM.
 */
int xl4_bind_child(struct sock *listener, struct sock *child)
{
	struct xl4_space *space = xl4_sk(listener)->space;
	struct xl4_binding *binding, *parent;
	spinlock_t *lock;
	u16 number;
	int err;

	parent = rcu_dereference_protected(xl4_sk(listener)->binding, true);
	binding = kzalloc(sizeof(*binding), GFP_ATOMIC);
	if (!binding)
		return -ENOMEM;
	number = parent->port->number;
	xl4_binding_fill(binding, child, number);
	rcu_assign_pointer(xl4_sk(child)->binding, binding);
	lock = xl4_port_lock(space, number);
	spin_lock_bh(lock);
	/* An ACK of a cookie may have come twice, and to two listeners of a group. */
	err = -EADDRINUSE;
	if (!xl4_entry_exists(space, &binding->entry.tuple, false))
		err = xl4_entry_insert(space, &binding->entry);
	if (!err)
		xl4_port_enter(parent->port, binding);
	spin_unlock_bh(lock);
	if (err) {
		RCU_INIT_POINTER(xl4_sk(child)->binding, NULL);
		kfree(binding);
	}
	return err;
}
EXPORT_SYMBOL_GPL(xl4_bind_child);
