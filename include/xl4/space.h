/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A space: the ports, bindings and counters of one IP protocol number in one
 * network namespace.
 *
 *   space --ports (xarray)------> port ---owners---> binding, binding, ...
 *         `-bindings (rhltable)--------------------> binding ---sk---> socket
 *
 * A binding is a socket's place in both tables. It is freed by RCU and dies
 * before its socket does; the socket's memory is SLAB_TYPESAFE_BY_RCU. So a
 * reader finds a binding under RCU, takes a reference on its socket, and looks
 * whether the binding was still alive: if so the reference is on the right
 * socket. Nothing waits for a grace period when a socket is closed.
 */
#ifndef XL4_SPACE_H
#define XL4_SPACE_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/inet_sock.h>
#include <xl4/addr.h>
#include <xl4/stats.h>

struct proc_dir_entry;
struct seq_file;
struct xl4_protocol;

#define XL4_PORT_LOCKS 64

struct xl4_space {
	struct net		*net;
	const struct xl4_protocol *protocol;
	struct xarray		ports;			/* struct xl4_port by number */
	struct rhltable		bindings;		/* struct xl4_binding by tuple */
	spinlock_t		locks[XL4_PORT_LOCKS];	/* owners of a port, by port */
	atomic_t		specific;		/* bindings to one local address */
	atomic_t		connected;		/* bindings with a peer */
	atomic_t		moves;			/* how often a binding was replaced */
	struct xl4_mib		mib[XL4_FAMILIES];
	struct list_head	link;			/* in the namespace's list */
};

/* All sockets bound to one port; freed by RCU when the last one leaves. */
struct xl4_port {
	u16			number;
	unsigned int		count;			/* under the port's lock */
	struct hlist_head	owners;
	struct rcu_head		rcu;
};

struct xl4_binding {
	struct xl4_tuple	tuple;
	struct rhlist_head	node;			/* in space->bindings */
	struct hlist_node	owner;			/* in port->owners */
	struct xl4_port		*port;
	struct sock		*sk;
	bool			v4;			/* hears IPv4 */
	bool			v6;			/* hears IPv6 */
	bool			dead;			/* set before the socket may go */
	struct xl4_binding	*successor;		/* if dead because the socket moved */
	struct rcu_head		rcu;
};

/* Every socket of every xl4 protocol starts with this. */
struct xl4_sock {
	struct inet_sock	inet;			/* first: the kernel casts to it */
	struct xl4_space	*space;			/* set by the protocol's init */
	struct xl4_binding __rcu *binding;		/* under the socket lock */
};

static inline struct xl4_sock *xl4_sk(const struct sock *sk)
{
	return (struct xl4_sock *)sk;
}

int xl4_space_init(struct xl4_space *space, struct net *net,
		   const struct xl4_protocol *protocol);
void xl4_space_exit(struct xl4_space *space);

/* port.c: the callbacks of struct proto */
int xl4_get_port(struct sock *sk, unsigned short port);
struct xl4_binding *xl4_rehash_prepare(void);
void xl4_rehash(struct sock *sk, struct xl4_binding *binding);
void xl4_unhash(struct sock *sk);

/* lookup.c */
struct sock *xl4_lookup(struct xl4_space *space, enum xl4_family family,
			const struct xl4_tuple *tuple, int device, int l3_device,
			struct sk_buff *skb, int header_len);
void xl4_each_on_port(struct xl4_space *space, __be16 port,
		      void (*visit)(struct sock *sk, const struct xl4_binding *binding, void *arg),
		      void *arg);

#endif
