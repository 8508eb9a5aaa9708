/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket with one peer: how it gets that, by connect(2) or from its listener,
 * and how its packets find their way.
 */
#ifndef XL4_CONNECT_H
#define XL4_CONNECT_H

#include <net/sock.h>
#include <xl4/addr.h>
#include <xl4/compat.h>

/* What of connect(2) is the protocol's. The socket is locked. */
struct xl4_connect_ops {
	/* The peer is of this family, which may be another than the socket's. */
	void (*set_family)(struct sock *sk, bool v6);
	/* Addresses and the peer's port are set: choose a port and send the first packet.
	 * Return 0 or an error of connect(2). The reference on @dst is the callee's.
	 */
	int (*start)(struct sock *sk, struct dst_entry *dst);
};

/* connect.c */
int xl4_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len,
		   const struct xl4_connect_ops *ops);
int xl4_v6_scope(struct sock *sk, const struct sockaddr_in6 *sin6, int len);
int xl4_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len,
		   const struct xl4_connect_ops *ops);
struct dst_entry *xl4_adopt(struct sock *listener, struct sock *child,
			    const struct xl4_tuple *tuple, int device);

/* wait.c */
struct sk_buff *xl4_first_packet(struct sock *sk, int flags, int (*no_more)(struct sock *sk),
				 int *err);

/* close.c */
void xl4_linger(struct sock *sk, long timeout, int states);
void xl4_orphan(struct sock *sk, void (*orphaned)(struct sock *sk, int state));
bool xl4_keeps_port(const struct sock *sk, int old);
void xl4_forget_addresses(struct sock *sk);
void xl4_forget_peer(struct sock *sk);

/* route.c */
struct dst_entry *xl4_v4_route(struct sock *sk);
struct dst_entry *xl4_v6_route(struct sock *sk);
int xl4_v4_queue_xmit(struct sock *sk, struct sk_buff *skb);
int xl4_v6_queue_xmit(struct sock *sk, struct sk_buff *skb);
__sum16 xl4_v4_pseudo(const struct sock *sk, unsigned int len, __wsum sum);
__sum16 xl4_v6_pseudo(const struct sock *sk, unsigned int len, __wsum sum);
u16 xl4_v4_options_len(const struct sock *sk, u16 *fragmentable);
u16 xl4_v6_options_len(const struct sock *sk, u16 *fragmentable);

#endif
