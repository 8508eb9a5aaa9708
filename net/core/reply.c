// SPDX-License-Identifier: GPL-2.0
/* Sending without a connected socket: answers to a packet, and to a request. */

#include <linux/module.h>
#include <linux/pci.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <xl4/compat.h>
#include <xl4/ip.h>

/**
 * xl4_device_sums() - may the sum over a packet of ours be left to a device?
 * @dev: where it goes out
 *
 * Loopback needs none. A card does it if it sums whatever protocol there is. Not so
 * a virtual device: behind it may be a card that sums TCP and UDP only, and
 * looks for their numbers.
 */
bool xl4_device_sums(const struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK ||
	       (dev->features & NETIF_F_HW_CSUM && dev->dev.parent && dev_is_pci(dev->dev.parent));
}
EXPORT_SYMBOL_GPL(xl4_device_sums);

/**
 * xl4_v4_reply() - put an IP header in front of a packet and send it
 * @net: the namespace
 * @sk: the socket it is charged to; NULL: none
 * @skb: data at the transport header, with room in front; consumed
 * @reply: addresses and what else the header says
 *
 * Any context but hard interrupts, under rcu_read_lock() or not.
 *
 * Return: 0 or a negative errno, -EACCES if the address is not one host's.
 */
int xl4_v4_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct xl4_reply *reply)
{
	struct flowi4 fl4;
	struct rtable *rt;
	struct iphdr *iph;
	int err;

	flowi4_init_output(&fl4, reply->device, reply->mark, reply->tos & INET_DSCP_MASK,
			   RT_SCOPE_UNIVERSE, reply->protocol,
			   reply->transparent ? FLOWI_FLAG_ANYSRC : 0,
			   reply->remote.quad[3], reply->local.quad[3], reply->remote_port,
			   reply->local_port, reply->uid);
	rt = ip_route_output_flow(net, &fl4, sk);
	if (IS_ERR(rt)) {
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	skb_dst_set(skb, &rt->dst);
	/* RFC 1122 section 3.2.2: nobody answers to many. */
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		kfree_skb(skb);
		return -EACCES;
	}
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	__skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = reply->tos;
	iph->frag_off = htons(IP_DF);
	iph->ttl = reply->hop_limit ? : ip4_dst_hoplimit(&rt->dst);
	iph->protocol = reply->protocol;
	iph->saddr = reply->local.quad[3];
	iph->daddr = reply->remote.quad[3];
	ip_select_ident_segs(net, skb, sk, 1);
	skb->protocol = htons(ETH_P_IP);
	skb->mark = reply->mark;
	skb->priority = reply->priority;
	err = ip_local_out(net, sk, skb);
	return net_xmit_eval(err);
}
EXPORT_SYMBOL_GPL(xl4_v4_reply);

/**
 * xl4_v6_reply() - xl4_v4_reply() for IPv6
 * @net: the namespace
 * @sk: the socket it is charged to; NULL: none
 * @skb: data at the transport header, with room in front; consumed
 * @reply: addresses and what else the header says
 *
 * Return: 0 or a negative errno.
 */
int xl4_v6_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct xl4_reply *reply)
{
	struct flowi6 fl6 = {
		.saddr = reply->local.in6,
		.daddr = reply->remote.in6,
		.flowi6_oif = reply->device,
		.flowi6_mark = reply->mark,
		.flowi6_proto = reply->protocol,
		.flowi6_uid = reply->uid,
		.fl6_sport = reply->local_port,
		.fl6_dport = reply->remote_port,
		.flowlabel = ip6_make_flowinfo(reply->tos, 0),
	};
	struct dst_entry *dst;
	struct ipv6hdr *hdr;
	int err;

	/* Such an address is no good without its device. */
	if (!fl6.flowi6_oif && reply->scope_device && rt6_need_strict(&fl6.daddr))
		fl6.flowi6_oif = reply->scope_device;
	dst = ip6_dst_lookup_flow(net, sk, &fl6, NULL);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb_dst_set(skb, dst);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	__skb_push(skb, sizeof(*hdr));
	skb_reset_network_header(skb);
	hdr = ipv6_hdr(skb);
	ip6_flow_hdr(hdr, reply->tos, reply->flow_label);
	hdr->payload_len = htons(skb->len - sizeof(*hdr));
	hdr->hop_limit = reply->hop_limit ? : ip6_dst_hoplimit(dst);
	hdr->nexthdr = reply->protocol;
	hdr->saddr = reply->local.in6;
	hdr->daddr = reply->remote.in6;
	skb->protocol = htons(ETH_P_IPV6);
	skb->mark = reply->mark;
	skb->priority = reply->priority;
	err = ip6_local_out(net, sk, skb);
	return net_xmit_eval(err);
}
EXPORT_SYMBOL_GPL(xl4_v6_reply);

/**
 * xl4_reply() - xl4_v4_reply() or xl4_v6_reply(), as the addresses are
 * @net: the namespace
 * @sk: the socket it is charged to; NULL: none
 * @skb: data at the transport header, with room in front; consumed
 * @reply: addresses and what else the header says
 *
 * Return: 0 or a negative errno.
 */
int xl4_reply(struct net *net, struct sock *sk, struct sk_buff *skb, const struct xl4_reply *reply)
{
	return xl4_addr_is_v4(&reply->remote) ? xl4_v4_reply(net, sk, skb, reply) :
						xl4_v6_reply(net, sk, skb, reply);
}
EXPORT_SYMBOL_GPL(xl4_reply);

/**
 * xl4_reply_sum() - the checksum of an answer, with the pseudo header
 * @skb: linear, data at the transport header, in which the checksum is 0
 * @reply: addresses and protocol
 *
 * Return: as it is to stand in the packet.
 */
__sum16 xl4_reply_sum(const struct sk_buff *skb, const struct xl4_reply *reply)
{
	__wsum sum = csum_partial(skb->data, skb->len, 0);

	if (xl4_addr_is_v4(&reply->remote))
		return csum_tcpudp_magic(reply->local.quad[3], reply->remote.quad[3], skb->len,
					 reply->protocol, sum);
	return csum_ipv6_magic(&reply->local.in6, &reply->remote.in6, skb->len, reply->protocol,
			       sum);
}
EXPORT_SYMBOL_GPL(xl4_reply_sum);

/**
 * xl4_request_reply() - addresses and header of a listener's answer to a request
 * @sk: the listener
 * @tuple: of the request
 * @device: where it came in
 * @mark: of the answer
 *
 * Any context. The type of service, or traffic class, is all that was set for the socket.
 */
struct xl4_reply xl4_request_reply(const struct sock *sk, const struct xl4_tuple *tuple,
				   int device, u32 mark)
{
	struct xl4_reply reply = {
		.local = tuple->local,
		.remote = tuple->remote,
		.local_port = tuple->local_port,
		.remote_port = tuple->remote_port,
		.device = READ_ONCE(sk->sk_bound_dev_if),
		.mark = mark,
		.priority = READ_ONCE(sk->sk_priority),
		.uid = xl4_sock_uid(sk),
		.protocol = sk->sk_protocol,
	};

	if (xl4_addr_is_v4(&tuple->remote)) {
		reply.tos = inet_sk(sk)->tos;
		reply.hop_limit = max_t(int, inet_sk(sk)->uc_ttl, 0);
		reply.transparent = inet_sk_flowi_flags(sk) & FLOWI_FLAG_ANYSRC;
	} else {
		reply.scope_device = device;
		reply.tos = inet6_sk(sk)->tclass;
		reply.hop_limit = max_t(int, inet6_sk(sk)->hop_limit, 0);
	}
	return reply;
}
EXPORT_SYMBOL_GPL(xl4_request_reply);
