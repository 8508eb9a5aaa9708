/* SPDX-License-Identifier: GPL-2.0 */
/* Looking up the route of a socket that has none yet: between files of the core. */
#ifndef XL4_ROUTE_H
#define XL4_ROUTE_H

#include <net/inet_sock.h>
#include <net/ipv6.h>

/* Where ip_queue_xmit() finds the addresses of the connection. */
static inline struct flowi4 *xl4_v4_flow(struct sock *sk)
{
	return &inet_sk(sk)->cork.fl.u.ip4;
}

struct dst_entry *xl4_v4_find_route(struct sock *sk, __be32 daddr, __be32 saddr);
struct dst_entry *xl4_v6_find_route(struct sock *sk, struct flowi6 *fl6);
void xl4_v6_set_route(struct sock *sk, struct dst_entry *dst);

#endif
