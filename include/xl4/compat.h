/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that xl4 is built for (6.1 to 7.2): the one
 * file that knows a version. All else is written for the newest kernel.
 */
#ifndef XL4_COMPAT_H
#define XL4_COMPAT_H

#include <linux/ipv6.h>
#include <linux/version.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/* Before 6.6: a socket's flags are bit fields, not the bits of one word. */
#ifndef inet_test_bit
#define inet_test_bit(flag, sk)		XL4_INET_##flag(inet_sk(sk))
#define inet6_test_bit(flag, sk)	XL4_INET6_##flag(inet6_sk(sk))

#define XL4_INET_RECVERR(inet)		((inet)->recverr)
#define XL4_INET_FREEBIND(inet)		((inet)->freebind)
#define XL4_INET_HDRINCL(inet)		((inet)->hdrincl)
#define XL4_INET_MC_LOOP(inet)		((inet)->mc_loop)
#define XL4_INET_MC_ALL(inet)		((inet)->mc_all)
#define XL4_INET_TRANSPARENT(inet)	((inet)->transparent)
#define XL4_INET_NODEFRAG(inet)		((inet)->nodefrag)

#define XL4_INET6_RECVERR6(np)		((np)->recverr)
#define XL4_INET6_MC6_LOOP(np)		((np)->mc_loop)
#define XL4_INET6_MC6_ALL(np)		((np)->mc_all)
#define XL4_INET6_DONTFRAG(np)		((np)->dontfrag)
#define XL4_INET6_SNDFLOW(np)		((np)->sndflow)
#define XL4_INET6_REPFLOW(np)		((np)->repflow)

static inline unsigned long inet_cmsg_flags(const struct inet_sock *inet)
{
	return READ_ONCE(inet->cmsg_flags);
}
#endif

/* Since 6.14 the priority of a datagram is kept with the SOL_SOCKET part of its cookie. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define xl4_ipcm_priority(ipc)		((ipc)->sockc.priority)
#else
#define xl4_ipcm_priority(ipc)		((ipc)->priority)
#endif

/* Before 6.6 a table of settings was not told its length. */
#ifndef register_net_sysctl
#define register_net_sysctl_sz(net, path, table, entries) register_net_sysctl(net, path, table)
#endif

/* Before 6.18 a socket's drops are one counter. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
static inline int sk_drops_read(const struct sock *sk)
{
	return atomic_read(&sk->sk_drops);
}
#endif

/* The owner of a socket: sock_i_uid() until 6.16, sk_uid() since then. */
static inline kuid_t xl4_sock_uid(const struct sock *sk)
{
	return READ_ONCE(sk->sk_uid);
}

#endif
