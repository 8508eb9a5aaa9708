// SPDX-License-Identifier: GPL-2.0
/* An association that a program asks for: connect(2), and the first message of a sendmsg(2). */

#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>
#include <net/transp_v6.h>

#include "sctp.h"

#define XSCTP_SETTING_UP \
	(XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) | XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED))

/**
 * xsctp_show_peer() - show the primary path as the address of a socket
 * @sk: one-to-one, locked
 * @a: its association, or soon to be
 */
void xsctp_show_peer(struct sock *sk, const struct xsctp_association *a)
{
	const struct xsctp_transport *t = a->primary;
	const struct xl4_addr *peer = &t->key.peer;

	inet_sk(sk)->inet_dport = a->peer_port;
	if (xl4_addr_is_v4(peer)) {
		sk_daddr_set(sk, peer->quad[3]);
	} else {
		inet_sk(sk)->inet_daddr = LOOPBACK4_IPV6;
		sk->sk_v6_daddr = peer->in6;
	}
	/* The address that packets come to stays: it may be any. */
	if (!xsctp_unspecified(&t->local)) {
		inet_sk(sk)->inet_saddr = xl4_addr_is_v4(&t->local) ? t->local.quad[3] :
								      LOOPBACK4_IPV6;
		if (sk->sk_family == AF_INET6)
			inet6_sk(sk)->saddr = t->local.in6;
	}
}

/**
 * xsctp_follow_primary() - show the primary path of an association, if its socket is one-to-one
 * @a: its socket is locked
 */
void xsctp_follow_primary(struct xsctp_association *a)
{
	if (!xsctp_sk(a->sk)->one_to_many && a->primary)
		xsctp_show_peer(a->sk, a);
}

static int xsctp_connected_already(const struct xsctp_association *a)
{
	return xsctp_in(a, XSCTP_SETTING_UP) ? -EALREADY : -EISCONN;
}

/* Is each of them one that a new association may be with? */
static int xsctp_check_peers(struct sock *sk, const struct xl4_addr *peers, unsigned int n,
			     __be16 port)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	const struct xsctp_association *a;
	unsigned int i;

	if (!port || !n || n > XSCTP_MAX_ADDRESSES)
		return -EINVAL;
	if (!xs->one_to_many && sk->sk_state == TCP_LISTEN)
		return -EISCONN;
	if (!xs->one_to_many && !list_empty(&xs->associations))
		return xsctp_connected_already(list_first_entry(&xs->associations,
							       struct xsctp_association, link));
	for (i = 0; i < n; i++) {
		if (!xsctp_unicast(sk, &peers[i]))
			return -EINVAL;
		a = xsctp_association_by_addr(sk, &peers[i], port);
		if (a)
			return xsctp_connected_already(a);
	}
	return 0;
}

/* The addresses that the program gave are confirmed thereby (RFC 9260 section 5.4). */
static int xsctp_add_peers(struct xsctp_association *a, const struct xl4_addr *peers,
			   unsigned int n)
{
	int err = -EADDRNOTAVAIL;
	bool reachable = false;
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct xsctp_transport *t;
		int no_route;

		if (xsctp_transport_of(a, &peers[i]))
			continue;
		t = xsctp_transport_add(a, &peers[i], GFP_KERNEL);
		if (!t)
			return -ENOMEM;
		t->state = SCTP_ACTIVE;
		no_route = xsctp_transport_route(t);
		if (no_route && !i)
			err = no_route;
		if (!no_route && !reachable) {
			a->primary = t;
			a->active = t;
			reachable = true;
		}
	}
	return reachable ? 0 : err;
}

/* SCTP_INIT of sendmsg(): what is 0 is as SCTP_INITMSG says (RFC 6458 section 5.3.1). */
static int xsctp_apply_init(struct xsctp_association *a, const struct sctp_initmsg *init)
{
	if (!init)
		return 0;
	if (init->sinit_max_instreams)
		a->want_in_streams = init->sinit_max_instreams;
	if (init->sinit_max_attempts)
		a->max_init_attempts = init->sinit_max_attempts;
	if (init->sinit_max_init_timeo)
		a->max_init_timeout = init->sinit_max_init_timeo;
	if (init->sinit_num_ostreams)
		xsctp_streams_set(a, init->sinit_num_ostreams, a->nr_in);
	return 0;
}

static int xsctp_begin(struct xsctp_association *a, const struct xl4_addr *peers,
		       unsigned int n, const struct sctp_initmsg *init)
{
	int err = xsctp_add_peers(a, peers, n);

	if (!err)
		err = xsctp_apply_init(a, init);
	if (!err)
		err = xsctp_send_init(a);
	return err;
}

/**
 * xsctp_connect_to() - begin an association: the ASSOCIATE primitive
 * @sk: locked
 * @peers: addresses of one peer, the first to be the primary if there is a way to it
 * @n: how many, 1 to XSCTP_MAX_ADDRESSES
 * @port: of the peer
 * @init: what is to differ from SCTP_INITMSG; NULL: nothing
 * @made: the association, in COOKIE-WAIT
 *
 * Process context. Binds a socket that is not bound.
 *
 * Return: 0; -EINVAL for what is no address of a host, or port 0; -EISCONN or -EALREADY if there
 * is such an association, or is one at all on a one-to-one socket; -EAGAIN without a port;
 * -ENOMEM; or what routing says.
 */
int xsctp_connect_to(struct sock *sk, const struct xl4_addr *peers, unsigned int n, __be16 port,
		     const struct sctp_initmsg *init, struct xsctp_association **made)
{
	struct xsctp_association *a;
	int err;

	err = xsctp_check_peers(sk, peers, n, port);
	if (!err)
		err = xsctp_autobind(sk);
	if (err)
		return err;
	a = xsctp_association_new(sk, port, GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->device = sk->sk_bound_dev_if;
	err = xsctp_begin(a, peers, n, init);
	if (err) {
		xsctp_association_free(a);
		return err;
	}
	if (!xsctp_sk(sk)->one_to_many) {
		sk->sk_err = 0;
		/* What the last one ended with. */
		WRITE_ONCE(sk->sk_shutdown, 0);
		xsctp_sk(sk)->reads_no_more = false;
		inet_sk_set_state(sk, TCP_SYN_SENT);
		xsctp_follow_primary(a);
	}
	*made = a;
	return 0;
}

/* Returns whether the setup is over; *err is its outcome. */
static bool xsctp_setup_over(const struct xsctp_association *a, const struct sock *sk, int *err)
{
	*err = 0;
	/* Peeled off meanwhile: by then it was there. */
	if (READ_ONCE(a->sk) != sk)
		return true;
	if (xsctp_in(a, XSCTP_SETTING_UP))
		return false;
	if (a->state == SCTP_CLOSED || a->state == SCTP_EMPTY)
		*err = a->err ? -a->err : -ECONNABORTED;
	return true;
}

/**
 * xsctp_wait_connect() - wait until an association is established
 * @a: its socket is locked; the lock is let go meanwhile
 * @timeo: jiffies to wait; what is left
 *
 * Return: 0; -EINPROGRESS when the time is over; an error of a signal; or why it failed. Then, and
 * if the caller has no reference of its own, @a may be gone.
 */
int xsctp_wait_connect(struct xsctp_association *a, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = a->sk;
	int err = 0;

	refcount_inc(&a->ref);
	add_wait_queue(sk_sleep(sk), &wait);
	while (!xsctp_setup_over(a, sk, &err)) {
		if (!*timeo) {
			err = -EINPROGRESS;
			break;
		}
		if (signal_pending(current)) {
			err = sock_intr_errno(*timeo);
			break;
		}
		sk_wait_event(sk, timeo, xsctp_setup_over(a, sk, &err), &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	xsctp_association_put(a);
	return err;
}

static int xsctp_connect_one(struct sock *sk, xl4_sockaddr_t *addr, int len,
			     struct xsctp_association **made)
{
	struct xl4_addr peer;
	__be16 port;
	int err;

	err = xsctp_addr_from(sk, addr, len, &peer, &port);
	if (!err)
		err = xsctp_scope(sk, addr, len);
	if (!err)
		err = xsctp_connect_to(sk, &peer, 1, port, NULL, made);
	return err;
}

/**
 * xsctp_connect() - the connect of struct proto, for inet_stream_connect(), which waits
 * @sk: one-to-one, locked
 * @addr: the peer's
 * @len: of @addr
 *
 * Return: 0 or an error of connect(2).
 */
int xsctp_connect(struct sock *sk, xl4_sockaddr_t *addr, int len)
{
	struct xsctp_association *a;

	return xsctp_connect_one(sk, addr, len, &a);
}

/**
 * xsctp_inet_connect() - the connect of struct proto_ops
 * @sock: of either style
 * @addr: the peer's
 * @len: of @addr
 * @flags: O_NONBLOCK
 *
 * RFC 6458 sections 3.1.6 and 4.1.5.
 *
 * Return: 0 or an error of connect(2).
 */
int xsctp_inet_connect(struct socket *sock, xl4_sockaddr_t *addr, int len, int flags)
{
	struct sock *sk = sock->sk;
	struct xsctp_association *a;
	long timeo;
	int err;

	if (!xsctp_sk(sk)->one_to_many)
		return inet_stream_connect(sock, addr, len, flags);
	if (len < (int)sizeof(sa_family_t))
		return -EINVAL;
	/* There is no one peer to part from. */
	if (((struct sockaddr *)addr)->sa_family == AF_UNSPEC)
		return -EOPNOTSUPP;
	lock_sock(sk);
	err = xsctp_connect_one(sk, addr, len, &a);
	timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	if (!err)
		err = xsctp_wait_connect(a, &timeo);
	release_sock(sk);
	return err;
}
