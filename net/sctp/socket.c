// SPDX-License-Identifier: GPL-2.0
/*
 * What socket(2), bind(2), shutdown(2) and close(2) do: the primitives of RFC 9260 section 11 as
 * RFC 6458 lays them under the socket calls, its section 3 for the one-to-many and its section 4
 * for the one-to-one style.
 */

#include <linux/sched/signal.h>
#include <net/addrconf.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>
#include <xl4/memory.h>

#include "sctp.h"

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
	xl4_count_socket(sk, 1);
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
	xs->reuse_port = old->reuse_port;
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
	xl4_count_socket(sk, -1);
}

/* ---------------------------------------------------------------------- bind */

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

/**
 * xsctp_autobind() - who does not bind has all addresses and a port of its own
 * @sk: locked
 *
 * RFC 6458 sections 3.1.2 and 4.1.2.
 *
 * Return: 0, or -EAGAIN without a port.
 */
int xsctp_autobind(struct sock *sk)
{
	if (inet_sk(sk)->inet_num)
		return 0;
	return xl4_get_port(sk, 0) ? -EAGAIN : 0;
}

/**
 * xsctp_scope() - a link-local address is one of a device
 * @sk: locked; is bound to the device, if the address says which
 * @sockaddr: from a program
 * @len: of @sockaddr
 *
 * Return: 0, or -EINVAL: of no device, or of another than the socket's.
 */
int xsctp_scope(struct sock *sk, const void *sockaddr, int len)
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

/* ---------------------------------------------------------------- disconnect */

/**
 * xsctp_abort_all() - end all associations of a socket without more ado
 * @sk: locked
 */
void xsctp_abort_all(struct sock *sk)
{
	struct xsctp_association *a, *next;

	list_for_each_entry_safe(a, next, &xsctp_sk(sk)->associations, link)
		xsctp_abort(a, XSCTP_CAUSE_USER_ABORT, NULL, 0);
}

/**
 * xsctp_disconnect() - the disconnect of struct proto: connect() to AF_UNSPEC, shutdown() of a
 *	listener, a connect() that failed; all of one-to-one sockets
 * @sk: locked
 * @flags: unused
 *
 * Return: 0.
 */
int xsctp_disconnect(struct sock *sk, int flags)
{
	if (sk->sk_state == TCP_LISTEN) {
		xsctp_stop_listening(sk);
		return 0;
	}
	xsctp_abort_all(sk);
	inet_sk_set_state(sk, TCP_CLOSE);
	skb_queue_purge(&sk->sk_receive_queue);
	xsctp_sk(sk)->read_offset = 0;
	inet_sk(sk)->inet_dport = 0;
	inet_sk(sk)->inet_daddr = 0;
	if (sk->sk_family == AF_INET6)
		sk->sk_v6_daddr = in6addr_any;
	WRITE_ONCE(sk->sk_shutdown, 0);
	xsctp_sk(sk)->reads_no_more = false;
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

	if (how & RCV_SHUTDOWN)
		xsctp_sk(sk)->reads_no_more = true;
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

/*
 * Without a program an association shuts down in bounded time (RFC 9260 section 9.2); also one with
 * data to send that is not established yet, however often the program wanted to ask.
 */
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

/* The backlog may well have ended what was left: for xl4_orphan(). */
static void xsctp_orphaned(struct sock *sk, int state)
{
	xsctp_sk(sk)->orphan = true;
	xsctp_association_gone(sk);
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
	if (sk->sk_state == TCP_LISTEN)
		xsctp_stop_listening(sk);
	xsctp_close_associations(sk);
	skb_queue_purge(&xs->hidden);
	skb_queue_purge(&sk->sk_receive_queue);
	xsctp_linger(sk, timeout);
	xl4_orphan(sk, xsctp_orphaned);
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
