/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two namespaces with the addresses of a veth pair, and between them a wire
 * whose packets this program carries: what it writes to an end is delivered
 * there and then, by the program's own thread.
 */
#ifndef XL4TEST_TUNNEL_H
#define XL4TEST_TUNNEL_H

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <sys/ioctl.h>

#include "datagram.h"
#include "netns.h"
#include "wire.h"

#define TUN		"tun0"
#define TUN_PATH	"/dev/net/tun"

struct tunnel {
	int here, there;		/* the namespaces */
	int here_end, there_end;	/* what the wire has at each */
};

static inline int tunnel_end(const char *v4, const char *v6)
{
	struct ifreq request = { .ifr_name = TUN,
				 .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	if (access(TUN_PATH, F_OK))
		run("modprobe tun");
	fd = MUST(open(TUN_PATH, O_RDWR | O_CLOEXEC));
	MUST(ioctl(fd, TUNSETIFF, &request));
	link_add_address(TUN, ipv4(v4, 0), 24);
	link_add_address(TUN, ipv6(v6, 0), 64);
	device_up(TUN);
	device_wait_for_groups(TUN);
	device_wait_for_address(TUN, v6);
	return fd;
}

static inline struct tunnel tunnel_create(void)
{
	struct tunnel t = { .here = netns_here() };

	t.here_end = tunnel_end(VETH_HERE_V4, VETH_HERE_V6);
	MUST(unshare(CLONE_NEWNET));
	t.there = netns_here();
	device_up("lo");
	t.there_end = tunnel_end(VETH_THERE_V4, VETH_THERE_V6);
	netns_switch(t.here);
	return t;
}

static inline int packet_protocol(const struct packet *p)
{
	const struct ip6_hdr *v6 = (const void *)p->bytes;
	const struct iphdr *v4 = (const void *)p->bytes;

	return v4->version == 4 ? v4->protocol : v6->ip6_nxt;
}

/* Not what a host says of its own accord: of groups and neighbours. */
static inline bool packet_is_chatter(const struct packet *p)
{
	const struct ip6_hdr *v6 = (const void *)p->bytes;
	const struct icmp6_hdr *icmp = (const void *)(v6 + 1);

	return packet_protocol(p) == IPPROTO_ICMPV6 &&
	       icmp->icmp6_type & ICMP6_INFOMSG_MASK;
}

/* The next packet of that protocol that comes out of an end. */
static inline void tunnel_take(int end, int protocol, struct packet *p)
{
	do {
		MUST(wait_for(end, POLLIN) ? 0 : -1);
		p->len = MUST(read(end, p->bytes, sizeof(p->bytes)));
	} while (packet_protocol(p) != protocol || packet_is_chatter(p));
}

/* The packet that has come out of an end, if there is one. */
static inline bool tunnel_take_now(int end, struct packet *p)
{
	struct pollfd poll_in = { .fd = end, .events = POLLIN };

	if (!MUST(poll(&poll_in, 1, 0)))
		return false;
	p->len = MUST(read(end, p->bytes, sizeof(p->bytes)));
	return true;
}

/* Returns what write() does. */
static inline ssize_t tunnel_give(int end, const struct packet *p)
{
	return write(end, p->bytes, p->len);
}

/* Carries what has come out of one end to the other; how much that was. */
static inline int tunnel_carry(int from, int to)
{
	static struct packet p;
	int n = 0;

	for (; tunnel_take_now(from, &p); n++)
		MUST(tunnel_give(to, &p));
	return n;
}

/* Carries packets both ways until none comes out any more. */
static inline void tunnel_settle(const struct tunnel *t)
{
	while (tunnel_carry(t->here_end, t->there_end) +
	       tunnel_carry(t->there_end, t->here_end))
		;
}

#endif
