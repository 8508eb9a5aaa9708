// SPDX-License-Identifier: GPL-2.0
/* What a transport needs of IPv4: control messages, options, group filters. */

#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/route.h>
#include <xl4/compat.h>
#include <xl4/ip.h>

/* RFC 791 section 3.1: a header has 15 words at most, 5 of them fixed. */
#define V4_OPTIONS_MAX	40

static size_t cmsg_size(const struct cmsghdr *cmsg)
{
	return cmsg->cmsg_len - CMSG_LEN(0);
}

/* A byte or an int in the range of a header's octet; -EINVAL if it is neither. */
static int cmsg_octet(struct cmsghdr *cmsg, bool byte_allowed)
{
	int value;

	if (cmsg_size(cmsg) == sizeof(int))
		value = *(int *)CMSG_DATA(cmsg);
	else if (byte_allowed && cmsg_size(cmsg) == sizeof(u8))
		value = *(u8 *)CMSG_DATA(cmsg);
	else
		return -EINVAL;
	return value >= 0 && value <= U8_MAX ? value : -EINVAL;
}

static void use_source(struct ipcm_cookie *ipc, int device, __be32 addr)
{
	if (device)
		ipc->oif = device;
	ipc->addr = addr;
}

static int cmsg_pktinfo(struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	const struct in_pktinfo *info = CMSG_DATA(cmsg);

	if (cmsg_size(cmsg) != sizeof(*info))
		return -EINVAL;
	use_source(ipc, info->ipi_ifindex, info->ipi_spec_dst.s_addr);
	return 0;
}

static int cmsg_mapped_pktinfo(struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	const struct in6_pktinfo *info = CMSG_DATA(cmsg);

	if (cmsg_size(cmsg) < sizeof(*info) || !ipv6_addr_v4mapped(&info->ipi6_addr))
		return -EINVAL;
	use_source(ipc, info->ipi6_ifindex, info->ipi6_addr.s6_addr32[3]);
	return 0;
}

static int cmsg_ttl(struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	int ttl = cmsg_octet(cmsg, false);

	if (ttl <= 0)
		return -EINVAL;
	ipc->ttl = ttl;
	return 0;
}

static int cmsg_tos(struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	int tos = cmsg_octet(cmsg, true);

	if (tos < 0)
		return tos;
	ipc->tos = tos;
	xl4_ipcm_priority(ipc) = rt_tos2priority(tos);
	return 0;
}

static int cmsg_options(struct net *net, struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	size_t size = cmsg_size(cmsg), padded = round_up(size, 4);
	struct ip_options_rcu *options;
	int err;

	if (size > V4_OPTIONS_MAX)
		return -EINVAL;
	/* Zeroed: an octet of padding is an end of option list. */
	options = kzalloc(sizeof(*options) + V4_OPTIONS_MAX, GFP_KERNEL);
	if (!options)
		return -ENOMEM;
	options->opt.optlen = padded;
	memcpy(options->opt.__data, CMSG_DATA(cmsg), size);

	err = padded ? ip_options_compile(net, &options->opt, NULL) : 0;
	if (err) {
		kfree(options);
		return err;
	}
	kfree(ipc->opt);
	ipc->opt = options;
	return 0;
}

static int cmsg_ip(struct net *net, struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	switch (cmsg->cmsg_type) {
	case IP_PKTINFO:
		return cmsg_pktinfo(cmsg, ipc);
	case IP_TTL:
		return cmsg_ttl(cmsg, ipc);
	case IP_TOS:
		return cmsg_tos(cmsg, ipc);
	case IP_RETOPTS:
		return cmsg_options(net, cmsg, ipc);
	default:
		return -EINVAL;
	}
}

static int cmsg_each(struct net *net, struct msghdr *msg, struct ipcm_cookie *ipc,
		     bool allow_mapped)
{
	struct cmsghdr *cmsg;
	int err = 0;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level == SOL_IP)
			err = cmsg_ip(net, cmsg, ipc);
		else if (allow_mapped && cmsg->cmsg_level == SOL_IPV6 &&
			 cmsg->cmsg_type == IPV6_PKTINFO)
			err = cmsg_mapped_pktinfo(cmsg, ipc);
		if (err)
			return err;
	}
	return 0;
}

/**
 * xl4_v4_cmsg_send() - take in the control messages of a datagram to IPv4
 * @sk: the sending socket
 * @msg: the message, its control data in kernel memory
 * @ipc: where to note what they ask for; filled in by ipcm_init_sk() before,
 *	with @ipc->opt %NULL
 * @allow_mapped: take IPV6_PKTINFO with an IPv4-mapped address as well, for an
 *	IPv6 socket that sends to a mapped address (RFC 3542 section 6)
 *
 * Understands IP_PKTINFO, IP_TTL (1 to 255), IP_TOS (a byte or an int, which
 * sets the priority as well) and IP_RETOPTS as in ip(7), and SOL_SOCKET's as
 * sock_cmsg_send() does. SOL_SOCKET's are taken first, so IP_TOS goes before
 * SO_PRIORITY; otherwise the last of several wins. Other levels are ignored.
 *
 * Context: process context; may sleep. Needs no lock.
 * Return: 0 and the options, if any, in @ipc->opt, for the caller to kfree();
 * or an error, and @ipc->opt is %NULL: -EINVAL for a message that is malformed,
 * out of range or unknown to SOL_IP (IP_PROTOCOL is one: the protocol of these
 * sockets is fixed), -EPERM for what a capability is missing for, -ENOMEM.
 */
int xl4_v4_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		     bool allow_mapped)
{
	int err = sock_cmsg_send(sk, msg, &ipc->sockc);

	if (!err)
		err = cmsg_each(sock_net(sk), msg, ipc, allow_mapped);
	if (err) {
		kfree(ipc->opt);
		ipc->opt = NULL;
	}
	return err;
}
EXPORT_SYMBOL_GPL(xl4_v4_cmsg_send);

static void put_word(u8 *slot, __be32 word)
{
	memcpy(slot, &word, sizeof(word));
}

/*
 * Octet 1 of an option is its length, octet 2 counts from 1 to the next free
 * slot. ip_options_compile() has moved it on already, past what is to be
 * written here: so the slots lie before it.
 */
static u8 *slot_before_pointer(u8 *option, unsigned int words)
{
	return option + option[2] - 1 - words * sizeof(__be32);
}

static u8 *last_slot(u8 *option)
{
	return option + option[1] - sizeof(__be32);
}

/* RFC 791 section 3.1, Internet Timestamp: milliseconds since midnight UT. */
static __be32 time_of_day(void)
{
	struct timespec64 now;
	u32 second;

	ktime_get_real_ts64(&now);
	div_u64_rem(now.tv_sec, 24 * 60 * 60, &second);
	return htonl(second * MSEC_PER_SEC + now.tv_nsec / NSEC_PER_MSEC);
}

/**
 * xl4_v4_options_build() - write IPv4 options into a packet's header
 * @skb: the packet; its network header stands at an IPv4 header with room for
 *	@opt->optlen octets behind its 20, and the ihl of that length
 * @opt: the options as ip_options_compile() left them without a packet: its
 *	offsets count from the start of the IPv4 header
 * @final: the destination behind all hops of a source route
 * @source: the address recorded for this host
 *
 * A source route is closed with @final (its first hop, @opt->faddr, is the
 * header's destination and the caller's affair); a record route and a
 * timestamp option get @source and the time of day where they ask for it. The
 * packet's control block gets the options too, for who fragments it later.
 *
 * RFC 791 section 3.1, RFC 1122 section 3.2.1.8.
 *
 * Context: any.
 */
void xl4_v4_options_build(struct sk_buff *skb, const struct ip_options *opt,
			  __be32 final, __be32 source)
{
	u8 *header = skb_network_header(skb);
	u8 *timestamp = header + opt->ts;

	IPCB(skb)->opt = *opt;
	memcpy(header + sizeof(struct iphdr), opt->__data, opt->optlen);

	if (opt->srr)
		put_word(last_slot(header + opt->srr), final);
	if (opt->rr_needaddr)
		put_word(slot_before_pointer(header + opt->rr, 1), source);
	if (opt->ts_needaddr)
		put_word(slot_before_pointer(timestamp, 2), source);
	if (opt->ts_needtime)
		put_word(slot_before_pointer(timestamp, 1), time_of_day());
}
EXPORT_SYMBOL_GPL(xl4_v4_options_build);

static bool wants_pktinfo(const struct sock *sk)
{
	const struct ipv6_pinfo *np;

	if (inet_cmsg_flags(inet_sk(sk)) & IP_CMSG_PKTINFO)
		return true;
	if (sk->sk_family != AF_INET6)
		return false;
	np = inet6_sk(sk);
	return np->rxopt.bits.rxinfo || np->rxopt.bits.rxoinfo;
}

/*
 * The device as a program knows it. Behind a VRF and over loopback the packet's
 * own device says little, but the route of a local packet knows where it went.
 */
static int arrival_device(const struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	int device = IPCB(skb)->iif;

	if (!rt || !rt->rt_iif)
		return device;
	if (device == LOOPBACK_IFINDEX || ipv4_l3mdev_skb(IPCB(skb)->flags))
		return rt->rt_iif;
	return device;
}

/* The address to answer from; that of a group or a broadcast address cannot be one. */
static __be32 answering_address(const struct sk_buff *skb)
{
	const unsigned int kinds = RTCF_LOCAL | RTCF_BROADCAST | RTCF_MULTICAST;
	const struct rtable *arrived = skb_rtable(skb);
	const struct iphdr *ip = ip_hdr(skb);
	struct flowi4 answer = {
		.daddr		= ip->saddr,
		.flowi4_oif	= l3mdev_master_ifindex_rcu(skb->dev),
	};
	struct rtable *rt;

	if (arrived && (arrived->rt_flags & kinds) == RTCF_LOCAL)
		return ip->daddr;

	/* The sender may have no address yet, or one that no route leads to. */
	rt = ip->saddr ? ip_route_output_key(dev_net(skb->dev), &answer) : NULL;
	if (IS_ERR_OR_NULL(rt))
		return inet_select_addr(skb->dev, ip->saddr, RT_SCOPE_LINK);
	ip_rt_put(rt);
	return answer.saddr;
}

/**
 * xl4_v4_pktinfo_prepare() - keep what IP_PKTINFO will tell about a packet
 * @sk: the receiving socket, of either family
 * @skb: an IPv4 packet on its way to the socket's receive queue, its route,
 *	device and IPCB() still in place
 *
 * Fills PKTINFO_SKB_CB() with the device and the local address, if the socket
 * asked for IP_PKTINFO, IPV6_RECVPKTINFO or IPV6_2292PKTINFO. The local address
 * of a packet to a group or a broadcast address is the one to answer from (RFC
 * 1122 section 3.2.1.3 forbids the other as a source). The block overlays the
 * start of IPCB(): of that only the device and the first hop of a source route
 * are lost. ip_cmsg_recv_offset() and xl4_v6_mapped_recv_ctl() read it.
 *
 * Context: softirq or RCU read side; before the route is dropped.
 */
void xl4_v4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb)
{
	if (!wants_pktinfo(sk))
		return;
	PKTINFO_SKB_CB(skb)->ipi_ifindex = arrival_device(skb);
	PKTINFO_SKB_CB(skb)->ipi_spec_dst.s_addr = answering_address(skb);
}
EXPORT_SYMBOL_GPL(xl4_v4_pktinfo_prepare);

/* RFC 3376 section 3.1: INCLUDE wants a listed source, EXCLUDE one that is not. */
static bool filter_admits(const struct ip_mc_socklist *member, __be32 source)
{
	const struct ip_sf_socklist *list = rcu_dereference(member->sflist);
	unsigned int count = list ? READ_ONCE(list->sl_count) : 0;
	unsigned int i;

	for (i = 0; i < count && list->sl_addr[i] != source; i++)
		;
	return (i < count) == (member->sfmode == MCAST_INCLUDE);
}

static bool joined_on(const struct ip_mc_socklist *member, int device, int l3_device)
{
	int joined = member->multi.imr_ifindex;

	return joined == device || (l3_device && joined == l3_device);
}

/**
 * xl4_v4_mc_allow() - may a socket hear a datagram to an IPv4 group?
 * @sk: a socket that is bound to the datagram's port
 * @group: its destination; any address but a group's is allowed at once
 * @source: its source
 * @device: index of the device it came in on
 * @l3_device: index of that device's VRF, or 0
 *
 * A member of the group on that device hears what its source filter admits; who
 * is no member hears it if IP_MULTICAST_ALL is set, as by default.
 *
 * RFC 3376 section 3, RFC 3678, ip(7).
 *
 * Context: any; takes the RCU read side itself.
 * Return: true if it is to be delivered to @sk.
 */
bool xl4_v4_mc_allow(const struct sock *sk, __be32 group, __be32 source,
		     int device, int l3_device)
{
	const struct ip_mc_socklist *member;
	bool allow = inet_test_bit(MC_ALL, sk);

	if (!ipv4_is_multicast(group))
		return true;

	rcu_read_lock();
	for (member = rcu_dereference(inet_sk(sk)->mc_list); member;
	     member = rcu_dereference(member->next_rcu)) {
		if (member->multi.imr_multiaddr.s_addr == group &&
		    joined_on(member, device, l3_device)) {
			allow = filter_admits(member, source);
			break;
		}
	}
	rcu_read_unlock();
	return allow;
}
EXPORT_SYMBOL_GPL(xl4_v4_mc_allow);
