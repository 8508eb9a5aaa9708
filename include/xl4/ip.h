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
#include <xl4/addr.h>

/* reply.c */
struct xl4_reply {
	struct xl4_addr	local;
	struct xl4_addr	remote;
	__be16		local_port;
	__be16		remote_port;
	int		device;		/* ifindex, 0: any */
	int		scope_device;	/* where the packet came in that is answered; 0: none */
	u32		mark;
	u32		priority;
	kuid_t		uid;
	__be32		flow_label;
	u8		protocol;
	u8		tos;		/* or traffic class */
	u8		hop_limit;	/* 0: that of the route */
	bool		transparent;	/* the local address need not be ours */
};

bool xl4_device_sums(const struct net_device *dev);
int xl4_v4_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct xl4_reply *reply);
int xl4_v6_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct xl4_reply *reply);
int xl4_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
	      const struct xl4_reply *reply);
__sum16 xl4_reply_sum(const struct sk_buff *skb, const struct xl4_reply *reply);
struct xl4_reply xl4_request_reply(const struct sock *sk, const struct xl4_tuple *tuple,
				   int device, u32 mark);

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
/**
 * xl4_v4_quoted() - whose packet an ICMP message quotes
 * @skb: data at the quoted IPv4 header
 * @transport: the quoted transport header, which begins with the ports; its first four octets are
 *	there
 *
 * Return: who sent the packet as local, who was to have it as remote.
 */
static inline struct xl4_tuple xl4_v4_quoted(const struct sk_buff *skb, const void *transport)
{
	const struct iphdr *sent = (const struct iphdr *)skb->data;
	const __be16 *ports = transport;

	return (struct xl4_tuple) {
		.local		= xl4_addr_v4(sent->saddr),
		.remote		= xl4_addr_v4(sent->daddr),
		.local_port	= ports[0],
		.remote_port	= ports[1],
	};
}

/**
 * xl4_v6_quoted() - xl4_v4_quoted() for ICMPv6
 * @skb: data at the quoted IPv6 header
 * @transport: as there
 *
 * Return: as there.
 */
static inline struct xl4_tuple xl4_v6_quoted(const struct sk_buff *skb, const void *transport)
{
	const struct ipv6hdr *sent = (const struct ipv6hdr *)skb->data;
	const __be16 *ports = transport;

	return (struct xl4_tuple) {
		.local		= xl4_addr_v6(&sent->saddr),
		.remote		= xl4_addr_v6(&sent->daddr),
		.local_port	= ports[0],
		.remote_port	= ports[1],
	};
}

void xl4_v4_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		       u32 info, const u8 *payload);
void xl4_v6_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		       u32 info, const u8 *payload);
void xl4_v4_local_error(struct sock *sk, int err, __be32 daddr, __be16 port, u32 info);
void xl4_v6_local_error(struct sock *sk, int err, const struct flowi6 *fl6, u32 info);
void xl4_v6_local_rxpmtu(struct sock *sk, const struct flowi6 *fl6, u32 mtu);
bool xl4_v6_recv_rxpmtu(struct sock *sk, struct msghdr *msg);

#endif
