/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xudp: UDP (RFC 768) and UDP-Lite (RFC 3828).
 *
 *	sendmsg			recvmsg
 *	   |			   ^
 *	ipv4.c ipv6.c		queue.c		whither, and by which route
 *	   |			   ^
 *	output.c cork.c		input.c		one datagram, one socket buffer
 *	   |			   ^
 *	ipv4.c ipv6.c		ipv4.c ipv6.c	the IP layer
 */
#ifndef XUDP_H
#define XUDP_H

#include <linux/in6.h>
#include <linux/skbuff.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <xl4/compat.h>
#include <xl4/protocol.h>
#include <xl4/space.h>

#include "wire.h"

/* Counters, in the order and with the meaning of /proc/net/snmp's Udp line. */
enum xudp_counter {
	XUDP_IN_DATAGRAMS,
	XUDP_NO_PORTS,
	XUDP_IN_ERRORS,
	XUDP_OUT_DATAGRAMS,
	XUDP_RCVBUF_ERRORS,
	XUDP_SNDBUF_ERRORS,
	XUDP_IN_CSUM_ERRORS,
	XUDP_IGNORED_MULTI,
	XUDP_MEM_ERRORS,
	XUDP_COUNTERS
};

/* The numbers that xudp serves. */
enum xudp_service {
	XUDP_UDP,		/* 253 */
	XUDP_LITE,		/* 252 */
	XUDP_LITE_IANA,		/* 136, where the kernel has no UDP-Lite */
	XUDP_SERVICES
};

/* What xudp keeps for each namespace. */
struct xudp_net {
	struct xl4_space	space[XUDP_SERVICES];
	int			rmem_default;	/* bytes: sk_rcvbuf of a new socket */
	int			wmem_default;	/* bytes: sk_sndbuf of a new socket */
	struct ctl_table_header	*sysctl;
};

/* One datagram on its way out: where to, which way, and how. */
struct xudp_tx {
	const struct xudp_family *family;
	struct flowi		flow;		/* as routed: daddr is the first hop */
	struct in6_addr		final;		/* IPv6: where it goes in the end */
	__be16			dest_port;
	struct dst_entry	*dst;		/* holds a reference; the packet's when sent */
	struct sockcm_cookie	sockc;
	struct ip_options_rcu	*opt4;
	struct ipv6_txoptions	*opt6;
	u32			priority;
	unsigned int		mtu;		/* of the path, for whole IP packets */
	u16			options_len;	/* of IP options or extension headers */
	u16			gso_size;	/* UDP_SEGMENT: data bytes in each; 0: no */
	u8			hop_limit;
	u8			tos;		/* or traffic class */
	bool			may_fragment;
	bool			dont_fragment;	/* IPV6_DONTFRAG */
};

/* What differs between the families when a datagram goes out. */
struct xudp_family {
	bool			v6;
	unsigned int		header_len;	/* of the IP header without options */
	void (*too_big)(struct sock *sk, const struct xudp_tx *tx, unsigned int mtu);
	void (*addresses)(const struct xudp_tx *tx, struct xl4_addr *source,
			  struct xl4_addr *dest);
};

/* Where a program wants a datagram to go. */
struct xudp_dest {
	union {
		__be32		v4;
		struct in6_addr	v6;
	};
	__be16			port;
	bool			connected;	/* the peer, so the socket's route will do */
};

/* A datagram that UDP_CORK or MSG_MORE gathers; under the socket lock. */
struct xudp_cork {
	struct sk_buff		*skb;		/* NULL: nothing is pending */
	struct xudp_tx		tx;
};

struct xudp_sock {
	struct xl4_sock		xl4;		/* first: the kernel casts to it */

	/* Options, written under the socket lock, read anywhere. */
	u16			gso_size;	/* UDP_SEGMENT */
	u16			send_coverage;	/* UDPLITE_SEND_CSCOV; 0: all */
	u16			recv_coverage;	/* UDPLITE_RECV_CSCOV; 0: all */
	bool			recv_coverage_set;	/* else any will do */
	bool			corking;	/* UDP_CORK */
	bool			gro;		/* UDP_GRO */
	bool			no_check6_tx;	/* UDP_NO_CHECK6_TX */
	bool			no_check6_rx;	/* UDP_NO_CHECK6_RX */

	struct xudp_cork	cork;

	/* Receiving: see queue.c. */
	struct sk_buff_head	reader_queue ____cacheline_aligned_in_smp;
	unsigned int		deficit;	/* bytes read and not yet given back */
};

struct xudp6_sock {
	struct xudp_sock	udp;
	struct ipv6_pinfo	inet6;		/* last: where 6.1 looks for it */
};

/* What is known of a datagram while it waits in a socket's queue. */
struct xudp_skb_cb {
	union {
		struct inet_skb_parm	h4;
		struct inet6_skb_parm	h6;
	};
	u16			coverage_missing;	/* bytes the checksum leaves out */
};

#define XUDP_SKB_CB(skb) ((struct xudp_skb_cb *)((skb)->cb))

/* So many datagrams at most from one UDP_SEGMENT send. */
#define XUDP_MAX_SEGMENTS 128

static inline struct xudp_sock *xudp_sk(const struct sock *sk)
{
	return (struct xudp_sock *)sk;
}

/* The counters of a socket's or a packet's family. */
static inline void xudp_count(const struct xl4_space *space, bool v6, enum xudp_counter counter)
{
	xl4_mib_inc(&space->mib[v6 ? XL4_V6 : XL4_V4], counter);
}

/* A packet's family, which need not be its socket's. */
static inline bool xudp_skb_is_v6(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6);
}

/* Nothing to sum: there is no checksum, or the device or the sender vouches for it. */
static inline bool xudp_csum_known(struct sk_buff *skb, const struct xudp_header *header)
{
	if (!header->has_checksum)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return skb_csum_unnecessary(skb);
}

/* module.c */
extern struct proto xudp_prot, xudpv6_prot, xudplite_prot, xudplitev6_prot;
extern struct xl4_protocol xudp_protocols[XUDP_SERVICES];
struct xudp_net *xudp_net(const struct net *net);
struct xl4_space *xudp_space(const struct net *net, u8 number);

static inline bool xudp_is_lite(const struct xl4_space *space)
{
	return space->protocol != &xudp_protocols[XUDP_UDP];
}

/* socket.c */
int xudp_init_sock(struct sock *sk);
int xudpv6_init_sock(struct sock *sk);
void xudp_destroy_sock(struct sock *sk);
void xudp_close(struct sock *sk, long timeout);
int xudp_connect(struct sock *sk, xl4_sockaddr_t *addr, int len,
		 int (*datagram_connect)(struct sock *sk, xl4_sockaddr_t *addr, int len));
int xudp_disconnect(struct sock *sk, int flags);
int xudp_ioctl(struct sock *sk, int cmd, int *answer);
__poll_t xudp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int xudp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);

/* options.c */
int xudp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len);
int xudp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len);
int xudpv6_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len);
int xudpv6_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len);

/* queue.c */
void xudp_queue_init(struct sock *sk);
int xudp_queue_tail(struct sock *sk, struct sk_buff *skb);
struct sk_buff *xudp_queue_head(struct sock *sk, unsigned int flags, long *timeo, int *offset,
				int *err);
void xudp_queue_drop(struct sock *sk, struct sk_buff *skb, unsigned int flags);
int xudp_queue_first_len(struct sock *sk);
bool xudp_queue_empty(const struct sock *sk);
void xudp_queue_purge(struct sock *sk);

/* input.c */
void xudp_csum_init(struct sk_buff *skb, __wsum pseudo);
bool xudp_csum_bad(struct sk_buff *skb);
struct sk_buff *xudp_take_header(struct sk_buff *skb, struct xl4_space *space, bool v6,
				 struct xudp_header *header);
void xudp_rcv_skb(struct sock *sk, struct sk_buff *skb);
void xudp_discard(struct sk_buff *skb, struct xl4_space *space, bool v6,
		  enum xudp_counter counter);

/* multicast.c */
struct xudp_mcast {
	struct xl4_space	*space;
	enum xl4_family		family;
	struct xl4_tuple	tuple;
	int			device;
	int			l3_device;
	struct sk_buff		*skb;
	bool			(*allow)(const struct sock *sk, const struct xudp_mcast *mcast);
	struct sock		*waiting;	/* gets the packet itself, if it is the last */
};

void xudp_mcast_deliver(struct xudp_mcast *mcast);

/* output.c */
int xudp_send(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_tx *tx);
int xudp_send_skb(struct sock *sk, struct sk_buff *skb, struct xudp_tx *tx);
int xudp_send_or_cork(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_tx *tx);
int xudp_check_size(struct sock *sk, const struct xudp_tx *tx, size_t len);
unsigned int xudp_headroom(const struct xudp_tx *tx);
int xudp_append(struct sock *sk, struct sk_buff *skb, struct page_frag *frag,
		struct msghdr *msg, size_t len);
int xudp_no_room(const struct sock *sk, const struct xudp_tx *tx, int err);
int xudp_cmsg_segment(struct msghdr *msg, u16 *gso_size);

/* cork.c */
int xudp_cork_start(struct sock *sk, struct msghdr *msg, size_t len, struct xudp_tx *tx);
int xudp_cork_append(struct sock *sk, struct msghdr *msg, size_t len);
int xudp_cork_continue(struct sock *sk, struct msghdr *msg, size_t len, bool *pending);
int xudp_cork_push(struct sock *sk);
void xudp_cork_flush(struct sock *sk);
void xudp_splice_eof(struct socket *sock);

/* ipv4.c */
int xudp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
__sum16 xudp_v4_pseudo(const struct xudp_tx *tx, u8 protocol, unsigned int len, __wsum sum);
int xudp_v4_xmit(struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx);
int xudp_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xudp_rcv(struct sk_buff *skb);
int xudp_err(struct sk_buff *skb, u32 info);
void xudp_recv_ctl(struct sock *sk, struct msghdr *msg, struct sk_buff *skb);

/* ipv6.c */
int xudpv6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
__sum16 xudp_v6_pseudo(const struct xudp_tx *tx, u8 protocol, unsigned int len, __wsum sum);
int xudp_v6_xmit(struct sock *sk, struct sk_buff *skb, const struct xudp_tx *tx);
int xudp_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
void xudpv6_release_cb(struct sock *sk);
int xudpv6_rcv(struct sk_buff *skb);
int xudpv6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
	       int offset, __be32 info);
void xudpv6_recv_ctl(struct sock *sk, struct msghdr *msg, struct sk_buff *skb);

/* offload.c */
struct sk_buff *xudp_gso_segment(struct sk_buff *skb, netdev_features_t features);
struct sk_buff *xudp_rcv_segment(struct sk_buff *skb);

#endif
