/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that xl4 is built for (6.1 to 7.2): the one
 * file that knows a version. All else is written for the newest kernel.
 */
#ifndef XL4_COMPAT_H
#define XL4_COMPAT_H

#include <linux/bvec.h>
#include <linux/ipv6.h>
#include <linux/netdev_features.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/* Since 6.9 a header of its own */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <net/rps.h>
#endif

/* Since 6.5 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* Since 6.11 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#include <net/proto_memory.h>
#endif

/* Since 6.2 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define xl4_tcp_info_rcv_wnd(info, value) ((info)->tcpi_rcv_wnd = (value))
#else
#define xl4_tcp_info_rcv_wnd(info, value) do { } while (0)
#endif

/* Before 6.6: a socket's flags are bit fields, not the bits of one word. */
#ifndef inet_test_bit
#define inet_test_bit(flag, sk)		XL4_INET_##flag(inet_sk(sk))

#define XL4_INET_RECVERR(inet)		((inet)->recverr)
#define XL4_INET_MC_ALL(inet)		((inet)->mc_all)

static inline unsigned long inet_cmsg_flags(const struct inet_sock *inet)
{
	return READ_ONCE(inet->cmsg_flags);
}
#endif

/* Before 6.7 those of IPv6 too. */
#ifndef inet6_test_bit
#define inet6_test_bit(flag, sk)	XL4_INET6_##flag(inet6_sk(sk))

#define XL4_INET6_RECVERR6(np)		((np)->recverr)
#define XL4_INET6_MC6_ALL(np)		((np)->mc_all)
#define XL4_INET6_DONTFRAG(np)		((np)->dontfrag)
#define XL4_INET6_SNDFLOW(np)		((np)->sndflow)
#define XL4_INET6_AUTOFLOWLABEL(np)	((np)->autoflowlabel)
#define XL4_INET6_AUTOFLOWLABEL_SET(np)	((np)->autoflowlabel_set)
#endif

/* Since 6.14 the priority of a datagram is kept with the SOL_SOCKET part of its cookie. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define xl4_ipcm_priority(ipc)		((ipc)->sockc.priority)
#define xl4_ipcm_tx_priority(sk, ipc)	((ipc)->sockc.priority)
#define xl4_ipcm6_tx_priority(sk, ipc6)	((ipc6)->sockc.priority)
#else
#define xl4_ipcm_priority(ipc)		((ipc)->priority)
#define xl4_ipcm_tx_priority(sk, ipc) \
	((ipc)->tos == -1 ? READ_ONCE((sk)->sk_priority) : (ipc)->priority)
#define xl4_ipcm6_tx_priority(sk, ipc6)	READ_ONCE((sk)->sk_priority)
#endif

/* The cookie of IPv6, with all that comes from the socket; not in one call before 6.15. */
static inline void xl4_ipcm6_init(struct ipcm6_cookie *ipc6, const struct sock *sk)
{
	*ipc6 = (struct ipcm6_cookie) { .hlimit = -1, .tclass = -1, .dontfrag = -1 };
	sockcm_init(&ipc6->sockc, sk);
	ipc6->sockc.mark = READ_ONCE(sk->sk_mark);
}

/* Since 6.13 a datagram's time stamp flags come with the whole cookie. */
static inline void xl4_setup_tx_timestamp(struct sk_buff *skb, const struct sockcm_cookie *sockc)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	skb_setup_tx_timestamp(skb, sockc);
#else
	skb_setup_tx_timestamp(skb, sockc->tsflags);
#endif
}

/* SO_TXTIME. Since 6.11 the packet also says by which clock. */
static inline void xl4_set_transmit_time(struct sk_buff *skb, const struct sock *sk, u64 time)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	skb_set_delivery_type_by_clockid(skb, time, READ_ONCE(sk->sk_clockid));
#else
	skb->tstamp = time;
#endif
}

/* A time in struct scm_timestamping_internal was once a timespec64. */
static inline void xl4_stamp_ktime(ktime_t *to, ktime_t time)
{
	*to = time;
}

static inline void xl4_stamp_timespec64(struct timespec64 *to, ktime_t time)
{
	*to = ktime_to_timespec64(time);
}

#define xl4_stamp(to, time)						\
	_Generic((to), struct timespec64 *: xl4_stamp_timespec64,	\
		 default: xl4_stamp_ktime)(to, time)

/* When a packet is to leave, by CLOCK_MONOTONIC; 0: now. Since 6.11 the clock has a name. */
static inline void xl4_set_departure(struct sk_buff *skb, u64 ns)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	skb_set_delivery_time(skb, ns, SKB_CLOCK_MONOTONIC);
#else
	skb_set_delivery_time(skb, ns, true);
#endif
}

/* Since 6.11 the handler of a setting cannot change its description. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
typedef const struct ctl_table xl4_ctl_table_t;
#else
typedef struct ctl_table xl4_ctl_table_t;
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

static inline void sk_drops_inc(struct sock *sk)
{
	atomic_inc(&sk->sk_drops);
}
#endif

/* Before 6.16 under another name. */
#ifndef timer_container_of
#define timer_container_of(var, timer, field) container_of(timer, typeof(*(var)), field)
#endif

/* Before 6.15 no packet of many segments says that its CWR is part of a counter (RFC 9768). */
#ifdef NETIF_F_GSO_ACCECN
#define XL4_GSO_TCP_ACCECN	SKB_GSO_TCP_ACCECN
#else
#define XL4_GSO_TCP_ACCECN	0
#endif

/*
 * Where a socket's flow labels hang: with its IPv6 part no more since 6.17, and in some 6.12, so that
 * Kbuild has to look.
 */
#ifdef XL4_FLOW_LABELS_ARE_INETS
#define xl4_flow_labels(sk)	(&inet_sk(sk)->ipv6_fl_list)
#else
#define xl4_flow_labels(sk)	(&inet6_sk(sk)->ipv6_fl_list)
#endif

/* Before 6.10 */
#ifndef dst_rtable
#define dst_rtable(dst)		((struct rtable *)(dst))
#endif

/* Since 6.19 an address from a program has a type of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
typedef struct sockaddr_unsized xl4_sockaddr_t;
#else
typedef struct sockaddr xl4_sockaddr_t;
#endif

/* Where in a socket its IPv6 part is: until 6.5 that is its end. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define XL4_IPV6_PINFO_OFFSET(type, member) .ipv6_pinfo_offset = offsetof(type, member)
#else
#define XL4_IPV6_PINFO_OFFSET(type, member)
#endif

/*
 * fn##_entry is the recvmsg of struct proto for @fn, which writes the length
 * of the address it found into msg_namelen. Since 7.1 that is all there is.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0)
#define XL4_PROTO_RECVMSG(fn)							\
static int fn##_entry(struct sock *sk, struct msghdr *msg, size_t len, int flags) \
{										\
	return fn(sk, msg, len, flags);						\
}

static inline int xl4_recv_error(struct sock *sk, struct msghdr *msg, int len)
{
	return inet_recv_error(sk, msg, len);
}
#else
#define XL4_PROTO_RECVMSG(fn)							\
static int fn##_entry(struct sock *sk, struct msghdr *msg, size_t len, int flags, \
		      int *addr_len)						\
{										\
	int err = fn(sk, msg, len, flags);					\
										\
	*addr_len = msg->msg_namelen;						\
	return err;								\
}

static inline int xl4_recv_error(struct sock *sk, struct msghdr *msg, int len)
{
	int addr_len = 0;
	int err = inet_recv_error(sk, msg, len, &addr_len);

	msg->msg_namelen = addr_len;
	return err;
}
#endif

/* fn##_entry is the ioctl of struct proto for @fn. Before 6.5 it writes to the program itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define XL4_PROTO_IOCTL(fn)							\
static int fn##_entry(struct sock *sk, int cmd, int *answer)			\
{										\
	return fn(sk, cmd, answer);						\
}
#else
#define XL4_PROTO_IOCTL(fn)							\
static int fn##_entry(struct sock *sk, int cmd, unsigned long arg)		\
{										\
	int answer;								\
	int err = fn(sk, cmd, &answer);						\
										\
	return err ? : put_user(answer, (int __user *)arg);			\
}
#endif

/* fn##_entry is the accept of struct proto for @fn. Since 6.10 its arguments are a struct. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define XL4_PROTO_ACCEPT(fn)							\
static struct sock *fn##_entry(struct sock *sk, struct proto_accept_arg *arg)	\
{										\
	return fn(sk, arg->flags & O_NONBLOCK, &arg->err);			\
}
#else
#define XL4_PROTO_ACCEPT(fn)							\
static struct sock *fn##_entry(struct sock *sk, int flags, int *err, bool kern)	\
{										\
	return fn(sk, flags & O_NONBLOCK, err);					\
}
#endif

/*
 * Let a device, or nobody, sum a packet by CRC32c (SCTP's). Since 6.4 a kernel without SCTP
 * of its own cannot say so. Returns whether it could.
 */
static inline bool xl4_leave_crc32c(struct sk_buff *skb, u16 start, u16 offset)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0) || IS_ENABLED(CONFIG_IP_SCTP)
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_not_inet = 1;
	skb->csum_start = start;
	skb->csum_offset = offset;
	return true;
#else
	return false;
#endif
}

/* The owner of a socket: sock_i_uid() until 6.16, sk_uid() since then. */
static inline kuid_t xl4_sock_uid(const struct sock *sk)
{
	return READ_ONCE(sk->sk_uid);
}

/*
 * Before 6.5 sendfile() and splice() hand over one page at a time; since then
 * all of them, by the sendmsg of struct proto_ops.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define XL4_OPS_SENDPAGE .sendpage = xl4_sendpage,

static inline ssize_t xl4_sendpage(struct socket *sock, struct page *page, int offset,
				   size_t size, int flags)
{
	struct bio_vec piece = { .bv_page = page, .bv_len = size, .bv_offset = offset };
	struct msghdr msg = { .msg_flags = flags };

	if (flags & MSG_SENDPAGE_NOTLAST)
		msg.msg_flags |= MSG_MORE;
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &piece, 1, size);
	return sock_sendmsg(sock, &msg);
}
#else
#define XL4_OPS_SENDPAGE
#endif

/* Since 6.5, and in Debian's 6.1, the end of a file is told as well. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 180) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0))
#define XL4_OPS_SPLICE_EOF(fn) .splice_eof = fn,
#else
#define XL4_OPS_SPLICE_EOF(fn)
#endif

#endif
