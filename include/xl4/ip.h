/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a transport needs of the IP layer and the kernel does not lend to
 * modules: control messages, header options, group filters, error queues.
 */
#ifndef XL4_IP_H
#define XL4_IP_H

#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>

/* ip.c */
int xl4_v4_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		     bool allow_mapped);
void xl4_v4_options_build(struct sk_buff *skb, const struct ip_options *opt,
			  __be32 final, __be32 source);
void xl4_v4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb);
bool xl4_v4_mc_allow(const struct sock *sk, __be32 group, __be32 source,
		     int device, int l3_device);

/* ipv6.c */
void xl4_v6_options_push(struct sk_buff *skb, const struct ipv6_txoptions *opt,
			 u8 *next_header, struct in6_addr *daddr);
const struct in6_addr *xl4_v6_first_hop(struct flowi6 *fl6, const struct ipv6_txoptions *opt,
					struct in6_addr *final);
void xl4_v6_mapped_recv_ctl(struct sock *sk, struct msghdr *msg, struct sk_buff *skb);
bool xl4_v6_mc_allow(const struct sock *sk, const struct in6_addr *group,
		     const struct in6_addr *source);

/* error.c */
void xl4_v4_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		       u32 info, const u8 *payload);
void xl4_v6_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		       u32 info, const u8 *payload);
void xl4_v4_local_error(struct sock *sk, int err, __be32 daddr, __be16 port, u32 info);
void xl4_v6_local_error(struct sock *sk, int err, const struct flowi6 *fl6, u32 info);
void xl4_v6_local_rxpmtu(struct sock *sk, const struct flowi6 *fl6, u32 mtu);
bool xl4_v6_recv_rxpmtu(struct sock *sk, struct msghdr *msg);

#endif
