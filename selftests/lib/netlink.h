/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to rtnetlink: links, addresses, neighbours. A test sets up devices
 * by the hundred, and in a VM each run of ip(8) takes as long as a whole test.
 */
#ifndef XL4TEST_NETLINK_H
#define XL4TEST_NETLINK_H

#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "must.h"

struct request {
	struct nlmsghdr head;
	char body[1024];
};

static inline void *request_tail(struct request *r)
{
	return (char *)r + NLMSG_ALIGN(r->head.nlmsg_len);
}

/* The fixed part of the message; zeroed. */
static inline void *request_begin(struct request *r, int type, int flags,
				  size_t len)
{
	memset(r, 0, sizeof(*r));
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	r->head.nlmsg_len = NLMSG_LENGTH(len);
	return NLMSG_DATA(&r->head);
}

static inline struct rtattr *request_put(struct request *r, int type,
					 const void *data, size_t len)
{
	struct rtattr *attribute = request_tail(r);

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attribute), data, len);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_SPACE(len);
	return attribute;
}

static inline void request_put_int(struct request *r, int type, int value)
{
	request_put(r, type, &value, sizeof(value));
}

static inline void request_put_text(struct request *r, int type,
				    const char *text)
{
	request_put(r, type, text, strlen(text) + 1);
}

/* Ends what request_put() without data began: all since then is inside. */
static inline void request_end(struct request *r, struct rtattr *outer)
{
	outer->rta_len = (char *)request_tail(r) - (char *)outer;
}

/* 0, or -1 and errno as the kernel answers. */
static inline int request_send(struct request *r)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[1024];
	} answer;
	int fd = MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			     NETLINK_ROUTE));

	MUST(send(fd, r, r->head.nlmsg_len, 0));
	MUST(recv(fd, &answer, sizeof(answer), 0));
	close(fd);
	errno = -answer.error.error;
	return answer.error.error ? -1 : 0;
}

/* One end of a veth pair. */
struct end {
	const char *name;
	int index;
	int netns;
	int mtu;
	unsigned char mac[6];
};

static inline void request_put_end(struct request *r, const struct end *e)
{
	request_put_text(r, IFLA_IFNAME, e->name);
	request_put(r, IFLA_ADDRESS, e->mac, sizeof(e->mac));
	request_put_int(r, IFLA_NET_NS_FD, e->netns);
	request_put_int(r, IFLA_MTU, e->mtu);
}

/*
 * The ends must differ in their index: the kernel takes a device whose peer
 * has the same for a lower one, and lets a second pass until it tells anybody
 * of the carrier.
 */
static inline void link_veth(const struct end *a, const struct end *b)
{
	struct ifinfomsg peer = { .ifi_index = b->index };
	struct rtattr *info, *data, *other;
	struct ifinfomsg *head;
	struct request r;

	head = request_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
			     sizeof(*head));
	head->ifi_index = a->index;
	request_put_end(&r, a);
	info = request_put(&r, IFLA_LINKINFO, NULL, 0);
	request_put_text(&r, IFLA_INFO_KIND, "veth");
	data = request_put(&r, IFLA_INFO_DATA, NULL, 0);
	other = request_put(&r, VETH_INFO_PEER, NULL, 0);
	memcpy(request_tail(&r), &peer, sizeof(peer));
	r.head.nlmsg_len += NLMSG_ALIGN(sizeof(peer));
	request_put_end(&r, b);
	request_end(&r, other);
	request_end(&r, data);
	request_end(&r, info);
	MUST(request_send(&r));
}

static inline const void *host_part(const union address *a, size_t *len)
{
	bool v6 = a->sa.sa_family == AF_INET6;

	*len = v6 ? sizeof(a->v6.sin6_addr) : sizeof(a->v4.sin_addr);
	return v6 ? (const void *)&a->v6.sin6_addr
		  : (const void *)&a->v4.sin_addr;
}

/* At once, without a search for duplicates. */
static inline void link_add_address(const char *device, union address a,
				    int prefix)
{
	struct ifaddrmsg *head;
	struct request r;
	const void *host;
	size_t len;

	head = request_begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
			     sizeof(*head));
	head->ifa_family = a.sa.sa_family;
	head->ifa_prefixlen = prefix;
	head->ifa_flags = a.sa.sa_family == AF_INET6 ? IFA_F_NODAD : 0;
	head->ifa_index = if_nametoindex(device);
	host = host_part(&a, &len);
	request_put(&r, IFA_LOCAL, host, len);
	request_put(&r, IFA_ADDRESS, host, len);
	if (a.sa.sa_family == AF_INET && prefix < 31)
		request_put_int(&r, IFA_BROADCAST, a.v4.sin_addr.s_addr |
				htonl(0xffffffff >> prefix));
	MUST(request_send(&r));
}

static inline void link_add_neighbour(const char *device, union address a,
				      const unsigned char *mac)
{
	struct ndmsg *head;
	struct request r;
	const void *host;
	size_t len;

	head = request_begin(&r, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
			     sizeof(*head));
	head->ndm_family = a.sa.sa_family;
	head->ndm_ifindex = if_nametoindex(device);
	head->ndm_state = NUD_PERMANENT;
	host = host_part(&a, &len);
	request_put(&r, NDA_DST, host, len);
	request_put(&r, NDA_LLADDR, mac, 6);
	MUST(request_send(&r));
}

/* The device may be NULL: any, or none. */
static inline struct rtmsg *request_begin_route(struct request *r, int type, int flags,
						union address to, int prefix,
						const char *device)
{
	struct rtmsg *head = request_begin(r, type, flags, sizeof(*head));
	const void *host;
	size_t len;

	head->rtm_family = to.sa.sa_family;
	head->rtm_dst_len = prefix;
	head->rtm_table = RT_TABLE_MAIN;
	host = host_part(&to, &len);
	request_put(r, RTA_DST, host, len);
	if (device)
		request_put_int(r, RTA_OIF, if_nametoindex(device));
	return head;
}

/* To a host by way of a device, a gateway (or NULL), or into the void. */
static inline void route_add(union address to, int prefix, const char *device,
			     const union address *gateway, int type)
{
	struct request r;
	struct rtmsg *head = request_begin_route(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
						 to, prefix, device);
	const void *host;
	size_t len;

	head->rtm_protocol = RTPROT_STATIC;
	head->rtm_scope = gateway || type != RTN_UNICAST ? RT_SCOPE_UNIVERSE
							 : RT_SCOPE_LINK;
	head->rtm_type = type;
	if (gateway) {
		host = host_part(gateway, &len);
		request_put(&r, RTA_GATEWAY, host, len);
	}
	MUST(request_send(&r));
}

/* Whoever made it. */
static inline void route_delete(union address to, int prefix, const char *device)
{
	struct request r;
	struct rtmsg *head = request_begin_route(&r, RTM_DELROUTE, 0, to, prefix, device);

	head->rtm_scope = RT_SCOPE_NOWHERE;
	MUST(request_send(&r));
}

#endif
