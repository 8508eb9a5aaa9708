// SPDX-License-Identifier: GPL-2.0
/*
 * A socket with several local addresses at one port, as multihomed protocols have them: a
 * binding for each address. The first hangs at the socket, the others at the first; all
 * are owners of the port and claim their address like any other socket's.
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <net/inet_sock.h>

#include "table.h"

/* What a socket claims and hears by @addr and @port; in no table yet. NULL without memory. */
static struct xl4_binding *xl4_more_new(struct sock *sk, const struct xl4_addr *addr, __be16 port,
					gfp_t gfp)
{
	struct xl4_binding *binding = kzalloc(sizeof(*binding), gfp);
	struct xl4_entry *entry;

	if (!binding)
		return NULL;
	binding->sk = sk;
	entry = &binding->entry;
	entry->kind = XL4_SOCKET;
	entry->v4 = xl4_addr_is_v4(addr);
	entry->v6 = !entry->v4;
	entry->tuple.local = *addr;
	entry->tuple.local_port = port;
	return binding;
}

static int xl4_more_enter(struct xl4_space *space, struct xl4_binding *first,
			  struct xl4_binding *binding)
{
	struct xl4_claim claim = xl4_claim_asked(binding);
	int err = 0;

	if (xl4_port_conflicts(first->port, &claim, binding->sk))
		return -EADDRINUSE;
	if (first->hears)
		err = xl4_binding_hear(space, binding);
	if (!err)
		xl4_port_enter(first->port, binding);
	return err;
}

/**
 * xl4_bind_more() - give a socket one more address at its port
 * @sk: bound to a port and to an address; locked
 * @addr: another address
 *
 * Who listens is found by it when this returns. Process context.
 *
 * Return: 0, -EADDRINUSE if another socket has that address and port, or -ENOMEM.
 */
int xl4_bind_more(struct sock *sk, const struct xl4_addr *addr)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_binding *first, *binding;
	spinlock_t *lock;
	int err;

	first = rcu_dereference_protected(xl4_sk(sk)->binding, lockdep_sock_is_held(sk));
	binding = xl4_more_new(sk, addr, first->entry.tuple.local_port, GFP_KERNEL);
	if (!binding)
		return -ENOMEM;
	binding->further = true;
	lock = xl4_port_lock(space, first->port->number);
	spin_lock_bh(lock);
	err = xl4_more_enter(space, first, binding);
	spin_unlock_bh(lock);
	if (err) {
		kfree(binding);
		return err;
	}
	binding->more = first->more;
	first->more = binding;
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_bind_more);

/* A socket does without a place of its own, that is no more in its list. */
static void xl4_more_leave(struct sock *sk, struct xl4_binding *binding)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	spinlock_t *lock = xl4_port_lock(space, binding->port->number);

	spin_lock_bh(lock);
	xl4_entry_remove(space, &binding->entry);
	xl4_port_leave(space, binding);
	spin_unlock_bh(lock);
	kfree_rcu(binding, entry.rcu);
}

/* The second address comes to the front. A group is one of the first. */
static void xl4_more_next_first(struct sock *sk, struct xl4_binding *first)
{
	spinlock_t *lock = xl4_port_lock(xl4_sk(sk)->space, first->port->number);

	spin_lock_bh(lock);
	xl4_port_leave_group(sk);
	first->further = true;
	first->more->further = false;
	spin_unlock_bh(lock);
	rcu_assign_pointer(xl4_sk(sk)->binding, first->more);
}

/* Take the binding of @addr out of the socket's list; NULL: there is none, or no other. */
static struct xl4_binding *xl4_more_take(struct sock *sk, const struct xl4_addr *addr)
{
	struct xl4_binding *first, *binding, **at;

	first = rcu_dereference_protected(xl4_sk(sk)->binding, true);
	if (xl4_addr_equal(&first->entry.tuple.local, addr)) {
		if (!first->more)
			return NULL;
		xl4_more_next_first(sk, first);
		return first;
	}
	for (at = &first->more; *at; at = &(*at)->more) {
		binding = *at;
		if (xl4_addr_equal(&binding->entry.tuple.local, addr)) {
			*at = binding->more;
			return binding;
		}
	}
	return NULL;
}

/**
 * xl4_bind_less() - take an address from a socket
 * @sk: has several at its port; locked, or reachable by nobody else
 * @addr: one of them
 *
 * Does nothing if it is the last one.
 */
void xl4_bind_less(struct sock *sk, const struct xl4_addr *addr)
{
	struct xl4_binding *binding = xl4_more_take(sk, addr);

	if (binding)
		xl4_more_leave(sk, binding);
}
EXPORT_SYMBOL_GPL(xl4_bind_less);

/* xl4_more_end() - take all addresses but the first from a socket that is bound */
void xl4_more_end(struct sock *sk)
{
	struct xl4_binding *first, *binding;

	first = rcu_dereference_protected(xl4_sk(sk)->binding, true);
	while ((binding = first->more)) {
		first->more = binding->more;
		xl4_more_leave(sk, binding);
	}
}

/* A place like @of, for another socket; in no table yet. NULL without memory. */
static struct xl4_binding *xl4_more_copy(const struct xl4_binding *of, struct sock *sk)
{
	const struct xl4_tuple *tuple = &of->entry.tuple;
	struct xl4_binding *binding;

	binding = xl4_more_new(sk, &tuple->local, tuple->local_port, GFP_ATOMIC);
	if (!binding)
		return NULL;
	/* Of IPv6's any address both may be true. */
	binding->entry.v4 = of->entry.v4;
	binding->entry.v6 = of->entry.v6;
	return binding;
}

static void xl4_more_free(struct xl4_binding *binding)
{
	struct xl4_binding *more;

	for (; binding; binding = more) {
		more = binding->more;
		kfree(binding);
	}
}

/* Places like all those of @of, in its order; NULL without memory. */
static struct xl4_binding *xl4_more_copies(const struct xl4_binding *of, struct sock *sk)
{
	struct xl4_binding *first = NULL, **at = &first;

	for (; of; of = of->more, at = &(*at)->more) {
		*at = xl4_more_copy(of, sk);
		if (!*at) {
			xl4_more_free(first);
			return NULL;
		}
		(*at)->further = of->further;
	}
	return first;
}

/**
 * xl4_share_port() - let another socket have a port and its addresses, too
 * @owner: bound, without a peer; locked
 * @sk: nobody else knows it
 *
 * For a protocol that finds its connections by a table of its own: @sk is found by none of
 * these until it listens, and then like one that bind() gave the port. Softirq or process
 * context.
 *
 * Return: 0 or -ENOMEM.
 */
int xl4_share_port(struct sock *owner, struct sock *sk)
{
	struct xl4_binding *binding, *first;
	struct xl4_port *port;
	spinlock_t *lock;

	first = rcu_dereference_protected(xl4_sk(owner)->binding, true);
	port = first->port;
	binding = xl4_more_copies(first, sk);
	if (!binding)
		return -ENOMEM;
	rcu_assign_pointer(xl4_sk(sk)->binding, binding);
	lock = xl4_port_lock(xl4_sk(owner)->space, port->number);
	spin_lock_bh(lock);
	for (; binding; binding = binding->more)
		xl4_port_enter(port, binding);
	spin_unlock_bh(lock);
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_share_port);

/**
 * xl4_more_hear() - let a socket hear by all its addresses but the first
 * @space: of the protocol
 * @first: its first binding
 *
 * Return: 0 or -ENOMEM.
 */
int xl4_more_hear(struct xl4_space *space, struct xl4_binding *first)
{
	struct xl4_binding *binding;
	int err = 0;

	for (binding = first->more; binding && !err; binding = binding->more)
		err = xl4_binding_hear(space, binding);
	return err;
}
