// SPDX-License-Identifier: GPL-2.0
/* A socket that inherits from its listener. */

#include <linux/cgroup.h>
#include <linux/filter.h>
#include <linux/module.h>
#include <linux/security.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <xl4/compat.h>
#include <xl4/listen.h>

/* SOL_SOCKET: what a program sets on a listener for its connections. */
static void xl4_clone_sock(struct sock *child, const struct sock *sk)
{
	child->sk_type = sk->sk_type;
	child->sk_protocol = sk->sk_protocol;
	child->sk_destruct = sk->sk_destruct;
	child->sk_backlog_rcv = sk->sk_backlog_rcv;
	child->sk_write_space = sk->sk_write_space;
	child->sk_reuse = sk->sk_reuse;
	child->sk_reuseport = sk->sk_reuseport;
	child->sk_ipv6only = sk->sk_ipv6only;
	child->sk_bound_dev_if = sk->sk_bound_dev_if;
	child->sk_uid = sk->sk_uid;
	child->sk_rcvbuf = READ_ONCE(sk->sk_rcvbuf);
	child->sk_sndbuf = READ_ONCE(sk->sk_sndbuf);
	child->sk_rcvlowat = READ_ONCE(sk->sk_rcvlowat);
	child->sk_rcvtimeo = READ_ONCE(sk->sk_rcvtimeo);
	child->sk_sndtimeo = READ_ONCE(sk->sk_sndtimeo);
	child->sk_lingertime = sk->sk_lingertime;
	child->sk_userlocks = sk->sk_userlocks & ~SOCK_BINDPORT_LOCK;
	child->sk_priority = READ_ONCE(sk->sk_priority);
	child->sk_mark = READ_ONCE(sk->sk_mark);
	child->sk_max_pacing_rate = sk->sk_max_pacing_rate;
	child->sk_txrehash = sk->sk_txrehash;
	child->sk_tsflags = sk->sk_tsflags;
#ifdef CONFIG_NET_RX_BUSY_POLL
	child->sk_ll_usec = READ_ONCE(sk->sk_ll_usec);
#endif
	child->sk_flags = sk->sk_flags & ~(BIT(SOCK_DEAD) | BIT(SOCK_DONE) | BIT(SOCK_RCU_FREE));
	if (child->sk_flags & SK_FLAGS_TIMESTAMP)
		net_enable_timestamp();
}

/* SO_ATTACH_FILTER: one program for all; each socket counts it among its options' memory. */
static void xl4_clone_filter(struct sock *child, const struct sock *sk)
{
	struct sk_filter *filter;

	rcu_read_lock();
	filter = rcu_dereference(sk->sk_filter);
	if (filter && refcount_inc_not_zero(&filter->refcnt)) {
		atomic_add(bpf_prog_size(filter->prog->len), &child->sk_omem_alloc);
		RCU_INIT_POINTER(child->sk_filter, filter);
	}
	rcu_read_unlock();
}

/*
 * A connection is of its listener's cgroup, whose programs and rules are for it. What
 * sk_alloc() has chosen in softirq is the root; sk_free() gives back what is there then.
 */
static void xl4_clone_cgroup(struct sock *child, const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct cgroup *chosen = sock_cgroup_ptr(&child->sk_cgrp_data);
	struct cgroup *cgroup;

	child->sk_cgrp_data = sk->sk_cgrp_data;
	cgroup = sock_cgroup_ptr(&child->sk_cgrp_data);
	cgroup_get(cgroup);
	cgroup_bpf_get(cgroup);
	cgroup_bpf_put(chosen);
	cgroup_put(chosen);
#endif
}

/* IPPROTO_IP: the addresses are still the listener's. What is pointed at is not inherited. */
static void xl4_clone_inet(struct sock *child, const struct sock *sk)
{
	struct inet_sock *inet = inet_sk(child);

	memcpy((void *)inet + sizeof(struct sock), (const void *)sk + sizeof(struct sock),
	       sizeof(struct inet_sock) - sizeof(struct sock));
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	RCU_INIT_POINTER(inet->mc_list, NULL);
	memset(&inet->cork, 0, sizeof(inet->cork));
}

/* IPPROTO_IPV6 */
static void xl4_clone_inet6(struct sock *child, const struct sock *sk)
{
	const struct ipv6_pinfo *from = inet6_sk(sk);
	struct ipv6_pinfo *to = (void *)child + ((const void *)from - (const void *)sk);

	memcpy(to, from, sizeof(*to));
	inet_sk(child)->pinet6 = to;
	RCU_INIT_POINTER(to->opt, NULL);
	RCU_INIT_POINTER(*xl4_flow_labels(child), NULL);
	to->ipv6_mc_list = NULL;
	to->ipv6_ac_list = NULL;
	to->pktoptions = NULL;
	to->rxpmtu = NULL;
}

/**
 * xl4_clone() - a new socket with the options of a listener
 * @sk: the listener, locked
 *
 * Any context but hard interrupts. What the protocol's own part of the socket
 * holds is zero; of the addresses only those of the listener are set.
 *
 * Return: the socket, with one reference; NULL without memory.
 */
struct sock *xl4_clone(const struct sock *sk)
{
	struct sock *child = sk_alloc(sock_net(sk), sk->sk_family, GFP_ATOMIC, sk->sk_prot, 0);

	if (!child)
		return NULL;
	sock_init_data(NULL, child);
	xl4_clone_sock(child, sk);
	xl4_clone_filter(child, sk);
	xl4_clone_cgroup(child, sk);
	xl4_clone_inet(child, sk);
	if (sk->sk_family == AF_INET6)
		xl4_clone_inet6(child, sk);
	xl4_sk(child)->space = xl4_sk(sk)->space;
	INIT_LIST_HEAD(&xl4_sk(child)->accepting);
	security_sk_clone(sk, child);
	return child;
}
EXPORT_SYMBOL_GPL(xl4_clone);
