/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A space: the ports, bindings and counters of one IP protocol number in one
 * network namespace.
 *
 *   space --ports (xarray)------> port ---owners---> binding, binding, ...
 *         `-entries (rhltable)---> entry: of a binding ---sk---> socket
 *                                         or a request, or a TIME-WAIT
 *
 * A binding is a socket's place in both tables. It is freed by RCU and dies
 * before its socket does; the socket's memory is SLAB_TYPESAFE_BY_RCU. So a
 * reader finds a binding under RCU, takes a reference on its socket, and looks
 * whether the binding was still alive: if so the reference is on the right
 * socket. Nothing waits for a grace period when a socket is closed.
 *
 * A request, half open, is no owner of its listener's port. A TIME-WAIT owns
 * its port by a binding that has no socket.
 */
#ifndef XL4_SPACE_H
#define XL4_SPACE_H

#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/inet_sock.h>
#include <xl4/addr.h>
#include <xl4/stats.h>

struct proc_dir_entry;
struct xl4_listener;
struct seq_file;
struct xl4_protocol;

#define XL4_PORT_LOCKS 64

struct xl4_space {
	struct net		*net;
	const struct xl4_protocol *protocol;
	struct xarray		ports;			/* struct xl4_port by number */
	struct rhltable		entries;		/* struct xl4_entry by tuple */
	spinlock_t		locks[XL4_PORT_LOCKS];	/* owners of a port, by port */
	atomic_t		specific;		/* entries with a local address */
	atomic_t		connected;		/* entries with a peer */
	atomic_t		moves;			/* how often a binding was replaced */
	atomic_t		next_port[XL4_PORT_LOCKS];	/* where connect() looks next */
	struct list_head	timewaits;		/* struct xl4_timewait, newest first */
	unsigned int		nr_timewaits;
	spinlock_t		timewait_lock;		/* of these two; within a port's lock */
	struct xl4_mib		mib[XL4_FAMILIES];
	struct list_head	link;			/* in the namespace's list */
};

/* All sockets bound to one port; freed by RCU when the last one leaves. */
struct xl4_port {
	u16			number;
	unsigned int		count;			/* under the port's lock */
	unsigned int		bound;			/* of these not by connect() */
	struct hlist_head	owners;
	struct rcu_head		rcu;
};

/* What a packet finds. */
enum xl4_kind {
	XL4_SOCKET,		/* a struct xl4_binding */
	XL4_REQUEST,		/* a struct xl4_request */
	XL4_TIMEWAIT,		/* a struct xl4_timewait */
};

struct xl4_entry {
	struct xl4_tuple	tuple;
	struct rhlist_head	node;			/* in space->entries */
	enum xl4_kind		kind;
	int			device;			/* ifindex, 0 for any; a socket's is in the socket */
	refcount_t		ref;			/* but of a socket, which has its own */
	bool			v4;			/* hears IPv4 */
	bool			v6;			/* hears IPv6 */
	bool			hashed;			/* is in the table */
	bool			deaf;			/* is there, but no packet finds it for now */
	bool			dead;			/* set before what it is of may go */
	struct rcu_head		rcu;
};

struct xl4_binding {
	struct xl4_entry	entry;			/* first: see xl4_binding_of() */
	struct hlist_node	owner;			/* in port->owners */
	struct xl4_port		*port;
	struct sock		*sk;			/* NULL: a TIME-WAIT */
	struct xl4_binding	*successor;		/* if dead because the socket moved */
	struct xl4_binding	*more;			/* of the same socket: another address */
	bool			further;		/* not its first. Under the port's lock */
	bool			by_connect;		/* connect() chose the port */
	bool			hears;			/* packets find it. Under the port's lock */
};

static inline struct xl4_binding *xl4_binding_of(struct xl4_entry *entry)
{
	return container_of(entry, struct xl4_binding, entry);
}

/* Every socket of every xl4 protocol starts with this. */
struct xl4_sock {
	struct inet_sock	inet;			/* first: the kernel casts to it */
	struct xl4_space	*space;			/* set by the protocol's init */
	struct xl4_binding __rcu *binding;		/* under the socket lock */
	struct xl4_listener	*listener;		/* in state LISTEN; under the socket lock */
	struct list_head	accepting;		/* in listener->children, until accepted */
	unsigned long		deferred;		/* work for release_cb, a bit each */
};

static inline struct xl4_sock *xl4_sk(const struct sock *sk)
{
	return (struct xl4_sock *)sk;
}

/* xl4_entry_put() - drop a reference on a request or a TIME-WAIT */
static inline void xl4_entry_put(struct xl4_entry *entry)
{
	if (refcount_dec_and_test(&entry->ref))
		kfree_rcu(entry, rcu);
}

int xl4_space_init(struct xl4_space *space, struct net *net,
		   const struct xl4_protocol *protocol);
void xl4_space_exit(struct xl4_space *space);
int xl4_spaces_init(struct xl4_space *spaces, struct net *net,
		    const struct xl4_protocol *protocols, unsigned int n);
void xl4_spaces_exit(struct xl4_space *spaces, unsigned int n);

/* port.c: the callbacks of struct proto */
int xl4_get_port(struct sock *sk, unsigned short port);
struct xl4_binding *xl4_rehash_prepare(void);
void xl4_rehash(struct sock *sk, struct xl4_binding *binding);
void xl4_unhash(struct sock *sk);
int xl4_hear(struct sock *sk);
void xl4_hear_no_more(struct sock *sk);

/* more.c: several addresses at one port */
int xl4_share_port(struct sock *owner, struct sock *sk);
int xl4_bind_more(struct sock *sk, const struct xl4_addr *addr);
void xl4_bind_less(struct sock *sk, const struct xl4_addr *addr);

/* connection.c: ports and places of sockets with a peer */
int xl4_connect_port(struct sock *sk);
int xl4_bind_child(struct sock *listener, struct sock *child);

/* lookup.c */
struct sock *xl4_lookup_connected(struct xl4_space *space, enum xl4_family family,
				  const struct xl4_tuple *tuple, int device, int l3_device);
struct xl4_entry *xl4_lookup_connection(struct xl4_space *space, enum xl4_family family,
					const struct xl4_tuple *tuple, int device, int l3_device);
struct sock *xl4_lookup_listener(struct xl4_space *space, enum xl4_family family,
				 const struct xl4_tuple *tuple, int device, int l3_device,
				 struct sk_buff *skb, int header_len);
struct sock *xl4_lookup(struct xl4_space *space, enum xl4_family family,
			const struct xl4_tuple *tuple, int device, int l3_device,
			struct sk_buff *skb, int header_len);
void xl4_each_on_port(struct xl4_space *space, __be16 port,
		      void (*visit)(struct sock *sk, const struct xl4_binding *binding, void *arg),
		      void *arg);

#endif
