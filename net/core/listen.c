// SPDX-License-Identifier: GPL-2.0
/* Listeners: requests, and the queue that accept() takes from. */

#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <xl4/compat.h>
#include <xl4/listen.h>

#include "table.h"

static int xl4_listener_attach(struct sock *sk, const struct xl4_request_ops *ops)
{
	struct xl4_listener *listener;
	int err;

	listener = kzalloc(sizeof(*listener), GFP_KERNEL);
	if (!listener)
		return -ENOMEM;
	listener->ops = ops;
	INIT_LIST_HEAD(&listener->requests);
	INIT_LIST_HEAD(&listener->children);
	WRITE_ONCE(sk->sk_ack_backlog, 0);
	/* Pairs with the address dependency of who reads the requests. */
	smp_store_release(&xl4_sk(sk)->listener, listener);
	err = xl4_hear(sk);
	if (err) {
		WRITE_ONCE(xl4_sk(sk)->listener, NULL);
		kfree_rcu(listener, rcu);
	}
	return err;
}

/**
 * xl4_listen_start() - make a socket a listener
 * @sk: in state CLOSE, locked; gets a port if it has none
 * @ops: how its requests are handled
 *
 * Process context.
 *
 * Return: 0, -EADDRINUSE or -ENOMEM; then it is none.
 */
int xl4_listen_start(struct sock *sk, const struct xl4_request_ops *ops)
{
	int err;

	if (!inet_sk(sk)->inet_num) {
		err = xl4_get_port(sk, xl4_chosen_port(sk));
		if (err)
			return err;
	}
	ops->begin(sk);
	err = xl4_listener_attach(sk, ops);
	if (err)
		inet_sk_set_state(sk, TCP_CLOSE);
	else if (ops->listens)
		ops->listens(sk);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_listen_start);

/**
 * xl4_listen() - the listen of struct proto_ops, where a socket has one connection
 * @sock: bound or not
 * @backlog: connections that may wait for accept()
 * @ops: how its requests are handled
 *
 * Process context.
 *
 * Return: 0 or an error of listen(2).
 */
int xl4_listen(struct socket *sock, int backlog, const struct xl4_request_ops *ops)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED ||
	    (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN))
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = sk->sk_state == TCP_CLOSE ? xl4_listen_start(sk, ops) : 0;
out:
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_listen);

/**
 * xl4_listen_stop() - a listener is one no more
 * @sk: locked; no packet finds it any more
 * @abandon: ends a connection that nobody accepted; gets it locked, with bottom
 *	halves off, and drops the reference that the queue had
 *
 * Wakes all that wait in accept(). Process context.
 */
void xl4_listen_stop(struct sock *sk, void (*abandon)(struct sock *child))
{
	struct xl4_listener *listener = xl4_sk(sk)->listener;
	struct xl4_request *request, *next_request;
	struct xl4_sock *child, *next_child;
	struct sock *one;

	list_for_each_entry_safe(request, next_request, &listener->requests, link)
		xl4_request_remove(sk, request);
	list_for_each_entry_safe(child, next_child, &listener->children, accepting) {
		list_del_init(&child->accepting);
		sk_acceptq_removed(sk);
		one = (struct sock *)child;
		sock_hold(one);
		local_bh_disable();
		bh_lock_sock(one);
		abandon(one);
		bh_unlock_sock(one);
		local_bh_enable();
		sock_put(one);
		cond_resched();
	}
	WRITE_ONCE(xl4_sk(sk)->listener, NULL);
	kfree_rcu(listener, rcu);
	sk->sk_state_change(sk);
}
EXPORT_SYMBOL_GPL(xl4_listen_stop);

static void xl4_request_expired(struct timer_list *timer)
{
	struct xl4_request *request = timer_container_of(request, timer, timer);
	struct sock *sk = request->listener;
	unsigned long again = 0;

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		again = 1;
	else if (!request->entry.dead)
		again = xl4_sk(sk)->listener->ops->retry(sk, request);
	if (again)
		mod_timer(&request->timer, jiffies + again);
	else if (!request->entry.dead)
		xl4_request_remove(sk, request);
	bh_unlock_sock(sk);
	if (!again) {
		/* The timer's own. */
		sock_put(sk);
		xl4_entry_put(&request->entry);
	}
}

/**
 * xl4_request_add() - remember a half-open connection
 * @sk: the listener, locked
 * @request: from kmalloc(), what follows struct xl4_request is filled in
 * @tuple: its addresses and ports
 * @v6: its family
 * @timeout: jiffies until ops->retry is asked
 *
 * Any context but hard interrupts. Packets find it when this returns.
 *
 * Return: 0 or -ENOMEM; then @request is still the caller's.
 */
int xl4_request_add(struct sock *sk, struct xl4_request *request, const struct xl4_tuple *tuple,
		    bool v6, unsigned long timeout)
{
	struct xl4_listener *listener = xl4_sk(sk)->listener;
	struct xl4_entry *entry = &request->entry;
	int err;

	memset(entry, 0, sizeof(*entry));
	entry->tuple = *tuple;
	entry->kind = XL4_REQUEST;
	entry->device = sk->sk_bound_dev_if;
	entry->v4 = !v6;
	entry->v6 = v6;
	/* Of the table and of the timer. */
	refcount_set(&entry->ref, 2);
	request->listener = sk;
	request->retries = 0;
	timer_setup(&request->timer, xl4_request_expired, 0);
	err = xl4_entry_insert(xl4_sk(sk)->space, entry);
	if (err)
		return err;
	sock_hold(sk);
	list_add_tail_rcu(&request->link, &listener->requests);
	listener->nr_requests++;
	mod_timer(&request->timer, jiffies + timeout);
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_request_add);

/**
 * xl4_request_remove() - forget a half-open connection
 * @sk: the listener, locked
 * @request: one of its
 *
 * Any context but hard interrupts. @request may be gone afterwards.
 */
void xl4_request_remove(struct sock *sk, struct xl4_request *request)
{
	struct xl4_listener *listener = xl4_sk(sk)->listener;

	xl4_entry_remove(xl4_sk(sk)->space, &request->entry);
	list_del_rcu(&request->link);
	listener->nr_requests--;
	listener->ops->destroy(request);
	if (timer_delete(&request->timer)) {
		sock_put(sk);
		xl4_entry_put(&request->entry);
	}
	xl4_entry_put(&request->entry);
}
EXPORT_SYMBOL_GPL(xl4_request_remove);

/**
 * xl4_accept_add() - queue a connection for accept()
 * @sk: the listener, locked
 * @child: established, with a reference that goes with it
 *
 * Any context but hard interrupts. Wakes who waits.
 *
 * Return: 0, or -ENOBUFS if the queue is full.
 */
int xl4_accept_add(struct sock *sk, struct sock *child)
{
	struct xl4_listener *listener = xl4_sk(sk)->listener;

	if (xl4_accept_full(sk))
		return -ENOBUFS;
	list_add_tail(&xl4_sk(child)->accepting, &listener->children);
	sk_acceptq_added(sk);
	sk->sk_data_ready(sk);
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_accept_add);

/* Wait for a connection, the lock let go meanwhile. */
static int xl4_accept_wait(struct sock *sk, long *timeout)
{
	DEFINE_WAIT(wait);

	prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	release_sock(sk);
	if (!READ_ONCE(sk->sk_ack_backlog))
		*timeout = schedule_timeout(*timeout);
	lock_sock(sk);
	finish_wait(sk_sleep(sk), &wait);
	if (sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	if (sk->sk_ack_backlog)
		return 0;
	if (signal_pending(current))
		return sock_intr_errno(*timeout);
	return *timeout ? 0 : -EAGAIN;
}

/**
 * xl4_accept() - take a connection, or wait for one
 * @sk: not locked
 * @nonblock: do not wait
 * @err: of accept(2), if there is none
 *
 * Process context.
 *
 * Return: the connection, with a reference; or NULL.
 */
struct sock *xl4_accept(struct sock *sk, bool nonblock, int *err)
{
	struct xl4_sock *child = NULL;
	long timeout;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	timeout = sock_rcvtimeo(sk, nonblock);
	*err = timeout ? 0 : -EAGAIN;
	while (!*err && !sk->sk_ack_backlog)
		*err = xl4_accept_wait(sk, &timeout);
	if (!sk->sk_ack_backlog || sk->sk_state != TCP_LISTEN)
		goto out;
	child = list_first_entry(&xl4_sk(sk)->listener->children, struct xl4_sock, accepting);
	list_del_init(&child->accepting);
	sk_acceptq_removed(sk);
	*err = 0;
out:
	release_sock(sk);
	return (struct sock *)child;
}
EXPORT_SYMBOL_GPL(xl4_accept);
