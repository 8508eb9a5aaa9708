// SPDX-License-Identifier: GPL-2.0
/*
 * What the callers of socket(2) and its kin get, but for data: the primitives of
 * RFC 9260 section 11 as RFC 6458 lays them under the socket calls, its section 3 for the
 * one-to-many and its section 4 for the one-to-one style.
 */

#include <linux/sched/signal.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/inet_hashtables.h>
#include <net/protocol.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>

#include "sctp.h"

#define XSCTP_SETTING_UP \
	(XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) | XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED))

#define XSCTP_OUT_STREAMS	10	/* of a new association, if nobody says otherwise */
#define XSCTP_IN_STREAMS	65535

/* ------------------------------------------------------------ birth and death */

static void xsctp_init_common(struct sock *sk)
{
	struct xsctp_sock *xs = xsctp_sk(sk);

	xs->one_to_many = sk->sk_type == SOCK_SEQPACKET;
	INIT_LIST_HEAD(&xs->associations);
	INIT_LIST_HEAD(&xs->deferred);
	INIT_LIST_HEAD(&xs->xl4.accepting);
	spin_lock_init(&xs->deferred_lock);
	idr_init_base(&xs->ids, SCTP_ALL_ASSOC + 1);
	skb_queue_head_init(&xs->hidden);
	xsctp_auth_init_sock(sk);
	/* What is sent is charged to the queue; its copies in the stack wake nobody. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk->sk_write_space = xl4_stream_write_space;
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
}

static void xsctp_init_paths(struct xsctp_sock *xs, const struct xsctp_settings *set)
{
	xs->paddrparams = (struct sctp_paddrparams) {
		.spp_hbinterval = set->hb_interval,
		.spp_pathmaxrxt = set->path_max_retrans,
		.spp_sackdelay = set->sack_timeout,
		.spp_flags = SPP_HB_ENABLE | SPP_PMTUD_ENABLE | SPP_SACKDELAY_ENABLE,
	};
	xs->pf_retrans = set->pf_retrans;
	xs->sack_delay = set->sack_timeout;
	xs->sack_freq = 2;
}

static void xsctp_init_options(struct xsctp_sock *xs, const struct xsctp_settings *set)
{
	xs->initmsg = (struct sctp_initmsg) {
		.sinit_num_ostreams = XSCTP_OUT_STREAMS,
		.sinit_max_instreams = XSCTP_IN_STREAMS,
		.sinit_max_attempts = set->max_init_retransmits,
		.sinit_max_init_timeo = min(set->rto_max, (int)U16_MAX),
	};
	xs->rtoinfo = (struct sctp_rtoinfo) {
		.srto_initial = set->rto_initial,
		.srto_min = set->rto_min,
		.srto_max = set->rto_max,
	};
	xs->assocparams = (struct sctp_assocparams) {
		.sasoc_asocmaxrxt = set->association_max_retrans,
		.sasoc_cookie_life = set->valid_cookie_life,
	};
	xsctp_init_paths(xs, set);
	xs->max_burst = set->max_burst;
	xs->v4mapped = true;
	xs->prsctp = set->prsctp_enable;
	xs->ecn = set->ecn_enable;
}

/**
 * xsctp_init_sock() - set up a socket of either family: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xsctp_init_sock(struct sock *sk)
{
	const struct xsctp_settings *set = xsctp_set(sk);

	sk->sk_destruct = sk->sk_family == AF_INET6 ? inet6_sock_destruct : inet_sock_destruct;
	xl4_sk(sk)->space = xsctp_space(sock_net(sk), sk->sk_protocol);
	xsctp_init_common(sk);
	xsctp_init_options(xsctp_sk(sk), set);
	WRITE_ONCE(sk->sk_sndbuf, set->wmem[1]);
	WRITE_ONCE(sk->sk_rcvbuf, set->rmem[1]);
	xsctp_sk(sk)->pd_point = set->rmem[1] / 2;
	return 0;
}

/**
 * xsctp_inherit() - give a socket the options of another, and its local addresses
 * @to: new; nobody else knows it
 * @from: locked
 */
void xsctp_inherit(struct sock *to, const struct sock *from)
{
	const struct xsctp_sock *old = xsctp_sk(from);
	struct xsctp_sock *xs = xsctp_sk(to);

	xs->nr_addresses = old->nr_addresses;
	memcpy(xs->address, old->address, sizeof(xs->address));
	xs->initmsg = old->initmsg;
	xs->rtoinfo = old->rtoinfo;
	xs->assocparams = old->assocparams;
	xs->paddrparams = old->paddrparams;
	xs->pf_retrans = old->pf_retrans;
	xs->pf_expose = old->pf_expose;
	xs->sack_delay = old->sack_delay;
	xs->sack_freq = old->sack_freq;
	xs->max_burst = old->max_burst;
	xs->user_frag = old->user_frag;
	xs->adaptation = old->adaptation;
	xs->has_adaptation = old->has_adaptation;
	xs->context = old->context;
	xs->pd_point = old->pd_point;
	xs->default_ppid = old->default_ppid;
	xs->default_context = old->default_context;
	xs->default_timetolive = old->default_timetolive;
	xs->default_stream = old->default_stream;
	xs->default_flags = old->default_flags;
	xs->default_pr_policy = old->default_pr_policy;
	xs->default_pr_value = old->default_pr_value;
	xs->interleave = old->interleave;
	xs->nodelay = old->nodelay;
	xs->disable_fragments = old->disable_fragments;
	xs->v4mapped = old->v4mapped;
	xs->recv_rcvinfo = old->recv_rcvinfo;
	xs->recv_nxtinfo = old->recv_nxtinfo;
	xs->prsctp = old->prsctp;
	xs->ecn = old->ecn;
	xs->events = old->events;
}

/**
 * xsctp_clone() - the socket of an association that a one-to-one listener accepts
 * @listener: locked
 *
 * Any context but hard interrupts.
 *
 * Return: in state CLOSE, without an association; NULL without memory.
 */
struct sock *xsctp_clone(struct sock *listener)
{
	struct sock *child = xl4_clone(listener);

	if (!child)
		return NULL;
	inet_sk_set_state(child, TCP_CLOSE);
	/* What is not in the part that was cloned; without a number send() would choose a port. */
	inet_sk(child)->inet_num = inet_sk(listener)->inet_num;
	inet_sk(child)->inet_rcv_saddr = inet_sk(listener)->inet_rcv_saddr;
	if (child->sk_family == AF_INET6)
		child->sk_v6_rcv_saddr = listener->sk_v6_rcv_saddr;
	xsctp_init_common(child);
	xsctp_inherit(child, listener);
	if (xsctp_auth_inherit(child, listener)) {
		xsctp_discard_child(child);
		return NULL;
	}
	return child;
}

/* Let go of a socket that has neither a program nor an association; locked, and held. */
static void xsctp_destroy(struct sock *sk)
{
	inet_sk_set_state(sk, TCP_CLOSE);
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	sock_put(sk);
}

/**
 * xsctp_discard_child() - undo xsctp_clone()
 * @child: nobody knows it; not locked. Its associations are forgotten without a word.
 */
void xsctp_discard_child(struct sock *child)
{
	struct xsctp_sock *xs = xsctp_sk(child);

	sock_hold(child);
	while (!list_empty(&xs->associations))
		xsctp_association_free(list_first_entry(&xs->associations,
							struct xsctp_association, link));
	sock_set_flag(child, SOCK_DEAD);
	xsctp_destroy(child);
	sock_put(child);
}

/**
 * xsctp_association_gone() - an association has left the list of its socket
 * @sk: locked; the caller has a reference of its own
 *
 * An orphan without associations ends. xsctp_association_free() does this last.
 */
void xsctp_association_gone(struct sock *sk)
{
	struct xsctp_sock *xs = xsctp_sk(sk);

	if (!xs->orphan || !list_empty(&xs->associations))
		return;
	xs->orphan = false;
	xsctp_destroy(sk);
}

/**
 * xsctp_destroy_sock() - the socket is closed: the destroy of struct proto
 * @sk: reachable by no program and no packet any more
 */
void xsctp_destroy_sock(struct sock *sk)
{
	struct xsctp_sock *xs = xsctp_sk(sk);

	xl4_unhash(sk);
	xsctp_auth_destroy_sock(sk);
	skb_queue_purge(&xs->hidden);
	skb_queue_purge(&sk->sk_receive_queue);
	idr_destroy(&xs->ids);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

/* ---------------------------------------------------------------------- bind */

static bool xsctp_unspecified(const struct xl4_addr *addr)
{
	return xl4_addr_is_any(addr) || (xl4_addr_is_v4(addr) && !addr->quad[3]);
}

static bool xsctp_unicast(const struct sock *sk, const struct xl4_addr *addr)
{
	if (xsctp_unspecified(addr))
		return false;
	if (!xl4_addr_is_v4(addr))
		return !ipv6_addr_is_multicast(&addr->in6);
	return !ipv4_is_multicast(addr->quad[3]) && !ipv4_is_lbcast(addr->quad[3]) &&
	       inet_addr_type(sock_net(sk), addr->quad[3]) != RTN_BROADCAST;
}

/* May a socket be bound there? */
static bool xsctp_bindable(struct sock *sk, const struct xl4_addr *addr)
{
	struct net *net = sock_net(sk);
	bool here;

	if (xsctp_unspecified(addr))
		return true;
	if (!xsctp_unicast(sk, addr))
		return false;
	if (xl4_addr_is_v4(addr))
		return inet_addr_type(net, addr->quad[3]) == RTN_LOCAL ||
		       inet_can_nonlocal_bind(net, inet_sk(sk));
	rcu_read_lock();
	here = ipv6_chk_addr(net, &addr->in6, sk->sk_bound_dev_if ?
			     dev_get_by_index_rcu(net, sk->sk_bound_dev_if) : NULL, 0);
	rcu_read_unlock();
	return here || ipv6_can_nonlocal_bind(net, inet_sk(sk));
}

static void xsctp_set_local(struct sock *sk, const struct xl4_addr *addr)
{
	struct xsctp_sock *xs = xsctp_sk(sk);

	if (sk->sk_family == AF_INET6) {
		sk->sk_v6_rcv_saddr = addr->in6;
		inet6_sk(sk)->saddr = addr->in6;
	}
	inet_sk(sk)->inet_rcv_saddr = xl4_addr_is_v4(addr) ? addr->quad[3] : 0;
	inet_sk(sk)->inet_saddr = inet_sk(sk)->inet_rcv_saddr;
	xs->nr_addresses = 0;
	if (xsctp_unspecified(addr))
		return;
	xs->address[0] = *addr;
	xs->nr_addresses = 1;
	sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
}

static void xsctp_unset_local(struct sock *sk)
{
	inet_reset_saddr(sk);
	xsctp_sk(sk)->nr_addresses = 0;
	sk->sk_userlocks &= ~SOCK_BINDADDR_LOCK;
}

/**
 * xsctp_bind_to() - bind a socket without a port to one address
 * @sk: locked
 * @addr: one of the machine's, or any
 * @port: or 0 for one of the ephemeral range
 *
 * Return: 0; -EINVAL if it is bound already, -EADDRNOTAVAIL, -EACCES for a port below 1024
 * without the privilege, -EADDRINUSE, -ENOMEM.
 */
int xsctp_bind_to(struct sock *sk, const struct xl4_addr *addr, __be16 port)
{
	struct net *net = sock_net(sk);
	int err;

	if (inet_sk(sk)->inet_num || sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	if (!xsctp_bindable(sk, addr))
		return -EADDRNOTAVAIL;
	if (port && inet_port_requires_bind_service(net, ntohs(port)) &&
	    !ns_capable(net->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	xsctp_set_local(sk, addr);
	err = xl4_get_port(sk, ntohs(port));
	if (err) {
		xsctp_unset_local(sk);
		return err;
	}
	if (port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	return 0;
}

/* RFC 6458 sections 3.1.2 and 4.1.2: who does not bind has all addresses and a port of its own. */
static int xsctp_autobind(struct sock *sk)
{
	if (inet_sk(sk)->inet_num)
		return 0;
	return xl4_get_port(sk, 0) ? -EAGAIN : 0;
}

/* A link-local address is one of a device. */
static int xsctp_scope(struct sock *sk, const void *sockaddr, int len)
{
	const struct sockaddr_in6 *sin6 = sockaddr;

	if (sk->sk_family != AF_INET6 || sin6->sin6_family != AF_INET6 ||
	    len < SIN6_LEN_RFC2133 || ipv6_addr_is_multicast(&sin6->sin6_addr))
		return 0;
	return xl4_v6_scope(sk, sin6, len);
}

/**
 * xsctp_bind() - the bind of struct proto
 * @sk: not locked
 * @addr: from the program
 * @len: of @addr
 *
 * RFC 6458 sections 3.1.2 and 4.1.2.
 *
 * Return: 0 or an error of bind(2).
 */
int xsctp_bind(struct sock *sk, xl4_sockaddr_t *addr, int len)
{
	struct xl4_addr local;
	__be16 port;
	int err;

	lock_sock(sk);
	err = xsctp_addr_from(sk, addr, len, &local, &port);
	if (!err)
		err = xsctp_scope(sk, addr, len);
	if (!err)
		err = xsctp_bind_to(sk, &local, port);
	release_sock(sk);
	return err;
}

/* ------------------------------------------------------------------- connect */

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

static void xsctp_abort_all(struct sock *sk)
{
	struct xsctp_association *a, *next;

	list_for_each_entry_safe(a, next, &xsctp_sk(sk)->associations, link)
		xsctp_abort(a, XSCTP_CAUSE_USER_ABORT, NULL, 0);
}

/* ------------------------------------------------------------- listen, accept */

/* Requests there are none: the cookie is with the peer (RFC 9260 section 5.1.3). */
static const struct xl4_request_ops xsctp_no_requests;

/* End an association that nobody accepted: for xl4_listen_stop(). */
static void xsctp_abandon_child(struct sock *child)
{
	sock_orphan(child);
	xsctp_abort_all(child);
	xsctp_sk(child)->orphan = true;
	xsctp_association_gone(child);
}

/* The port stays; what comes to it is out of the blue from now on. */
static int xsctp_stop_listening(struct sock *sk)
{
	struct xl4_binding *binding = xl4_rehash_prepare();

	if (!binding)
		return -ENOMEM;
	inet_sk_set_state(sk, TCP_CLOSE);
	xl4_rehash(sk, binding);
	xl4_listen_stop(sk, xsctp_abandon_child);
	return 0;
}

static int xsctp_start_listening(struct sock *sk)
{
	int err = 0;

	if (!inet_sk(sk)->inet_num)
		err = xl4_get_port(sk, 0) ? -EADDRINUSE : 0;
	if (err)
		return err;
	inet_sk_set_state(sk, TCP_LISTEN);
	err = xl4_listen_start(sk, &xsctp_no_requests);
	if (err)
		inet_sk_set_state(sk, TCP_CLOSE);
	return err;
}

/**
 * xsctp_listen() - the listen of struct proto_ops
 * @sock: bound or not, of either style
 * @backlog: associations that may wait for accept(); 0: listen no more
 *
 * RFC 6458 sections 3.1.3 and 4.1.3.
 *
 * Return: 0 or an error of listen(2).
 */
int xsctp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED ||
	    (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN))
		goto out;
	if (!xsctp_sk(sk)->one_to_many && !list_empty(&xsctp_sk(sk)->associations))
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = 0;
	if (!backlog && sk->sk_state == TCP_LISTEN)
		err = xsctp_stop_listening(sk);
	else if (backlog && sk->sk_state == TCP_CLOSE)
		err = xsctp_start_listening(sk);
out:
	release_sock(sk);
	return err;
}

/**
 * xsctp_disconnect() - the disconnect of struct proto: connect() to AF_UNSPEC, shutdown() of a
 *	listener, a connect() that failed; all of one-to-one sockets
 * @sk: locked
 * @flags: unused
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_disconnect(struct sock *sk, int flags)
{
	if (sk->sk_state == TCP_LISTEN)
		return xsctp_stop_listening(sk);
	xsctp_abort_all(sk);
	inet_sk_set_state(sk, TCP_CLOSE);
	skb_queue_purge(&sk->sk_receive_queue);
	inet_sk(sk)->inet_dport = 0;
	inet_sk(sk)->inet_daddr = 0;
	if (sk->sk_family == AF_INET6)
		sk->sk_v6_daddr = in6addr_any;
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	sk_error_report(sk);
	return 0;
}

/* --------------------------------------------------------------------- close */

/**
 * xsctp_shutdown() - the shutdown of struct proto
 * @sk: one-to-one, locked
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * RFC 6458 section 4.1.7: who sends no more shuts the association down, gracefully: there is no
 * half-closed state in SCTP, but what the peer sent before is still received.
 */
void xsctp_shutdown(struct sock *sk, int how)
{
	struct xsctp_association *a, *next;

	if (!(how & SEND_SHUTDOWN) || xsctp_sk(sk)->one_to_many)
		return;
	list_for_each_entry_safe(a, next, &xsctp_sk(sk)->associations, link)
		xsctp_primitive_shutdown(a);
}

/*
 * Data that nobody read makes an orderly end a lie: the peer is to know that it was lost. So does
 * SO_LINGER with no time (RFC 6458 section 8.1.4).
 */
static void xsctp_close_association(struct xsctp_association *a)
{
	const struct sock *sk = a->sk;

	if (a->queued || (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime))
		xsctp_abort(a, XSCTP_CAUSE_USER_ABORT, NULL, 0);
	else
		xsctp_primitive_shutdown(a);
}

/* Without a program an association shuts down in bounded time (RFC 9260 section 9.2). */
static void xsctp_guard(struct xsctp_association *a)
{
	struct xsctp_deadline *guard = &a->deadline[XSCTP_T5];
	unsigned long at = jiffies + xsctp_guard_time(a);

	/* One that is armed already may have been so for a program that liked to wait. */
	if (!guard->armed || time_after(guard->at, at))
		xsctp_arm(a, guard, at);
}

static void xsctp_close_associations(struct sock *sk)
{
	struct xsctp_association *a, *next;

	list_for_each_entry_safe(a, next, &xsctp_sk(sk)->associations, link)
		xsctp_close_association(a);
	list_for_each_entry(a, &xsctp_sk(sk)->associations, link)
		xsctp_guard(a);
}

/* SO_LINGER: wait until all is shut down. */
static void xsctp_linger(struct sock *sk, long timeout)
{
	const struct list_head *associations = &xsctp_sk(sk)->associations;
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && !list_empty(associations) && !signal_pending(current))
		sk_wait_event(sk, &timeout, list_empty(associations), &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * xsctp_close() - the close of struct proto
 * @sk: not locked; its last file is gone
 * @timeout: SO_LINGER, in jiffies
 *
 * RFC 6458 sections 3.1.5 and 4.1.6. Associations that shut down go on without a program.
 */
void xsctp_close(struct sock *sk, long timeout)
{
	struct xsctp_sock *xs = xsctp_sk(sk);

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		inet_sk_set_state(sk, TCP_CLOSE);
		xl4_listen_stop(sk, xsctp_abandon_child);
	}
	xsctp_close_associations(sk);
	skb_queue_purge(&xs->hidden);
	skb_queue_purge(&sk->sk_receive_queue);
	xsctp_linger(sk, timeout);
	sock_hold(sk);
	sock_orphan(sk);
	/* The backlog may well end what is left. */
	release_sock(sk);
	local_bh_disable();
	bh_lock_sock(sk);
	xs->orphan = true;
	xsctp_association_gone(sk);
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

/**
 * xsctp_release_cb() - do what was put off while a program had the socket: the release_cb of
 *	struct proto
 * @sk: its spinlock is held
 */
void xsctp_release_cb(struct sock *sk)
{
	if (unlikely(READ_ONCE(xl4_sk(sk)->deferred))) {
		xsctp_timers_release(sk);
		xsctp_asconf_release(sk);
	}
}
