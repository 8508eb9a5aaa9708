/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listener: connections half open, and those that wait for accept().
 *
 *	SYN --> request --(timer: ops->retry)--> ... --> gone
 *		   `--(handshake done)--> child socket --> accept queue --> accept()
 *
 * All of it is under the listener's lock. Packets for a request are the
 * listener's to process.
 */
#ifndef XL4_LISTEN_H
#define XL4_LISTEN_H

#include <linux/timer.h>
#include <xl4/space.h>

/* A half-open connection; a protocol's own starts with this, from kmalloc(). */
struct xl4_request {
	struct xl4_entry	entry;		/* first */
	struct sock		*listener;	/* a reference */
	struct list_head	link;		/* in listener->requests */
	struct timer_list	timer;
	u8			retries;	/* how often the answer was sent again */
};

struct xl4_request_ops {
	/* Time passed without the peer's last step: return when to look again, in jiffies from
	 * now, or 0 to give up. Softirq; the listener is locked.
	 */
	unsigned long (*retry)(struct sock *listener, struct xl4_request *request);
	/* Free what the request holds, but not itself. */
	void (*destroy)(struct xl4_request *request);
	/* Go to state LISTEN. Process context; the socket is locked. */
	void (*begin)(struct sock *sk);
	/* Likewise, when it hears its clients. May be missing. */
	void (*listens)(struct sock *sk);
};

struct xl4_listener {
	const struct xl4_request_ops *ops;
	struct list_head	requests;	/* readers use RCU */
	unsigned int		nr_requests;
	struct list_head	children;	/* by xl4_sock.accepting, in order */
	struct rcu_head		rcu;
};

static inline struct xl4_request *xl4_request_of(struct xl4_entry *entry)
{
	return container_of(entry, struct xl4_request, entry);
}

/* xl4_accept_full() - is the backlog of listen(2) used up? @sk: a listener, locked or not */
static inline bool xl4_accept_full(const struct sock *sk)
{
	return READ_ONCE(sk->sk_ack_backlog) > READ_ONCE(sk->sk_max_ack_backlog);
}

/* xl4_requests_full() - are as many half open as may be? @sk: a listener, locked */
static inline bool xl4_requests_full(const struct sock *sk, unsigned int most)
{
	return xl4_sk(sk)->listener->nr_requests >=
	       min(max(READ_ONCE(sk->sk_max_ack_backlog), 8U), most);
}

/* lookup.c */
struct sock *xl4_request_hold_listener(struct xl4_entry *entry);

/* clone.c */
struct sock *xl4_clone(const struct sock *sk);

/* listen.c */
int xl4_listen_start(struct sock *sk, const struct xl4_request_ops *ops);
int xl4_listen(struct socket *sock, int backlog, const struct xl4_request_ops *ops);
void xl4_listen_stop(struct sock *sk, void (*abandon)(struct sock *child));
int xl4_request_add(struct sock *sk, struct xl4_request *request, const struct xl4_tuple *tuple,
		    bool v6, unsigned long timeout);
void xl4_request_remove(struct sock *sk, struct xl4_request *request);
int xl4_accept_add(struct sock *sk, struct sock *child);
struct sock *xl4_accept(struct sock *sk, bool nonblock, int *err);

#endif
