/* SPDX-License-Identifier: GPL-2.0 */
/* What passes on the wire of this namespace. */
#ifndef XL4TEST_WIRE_H
#define XL4TEST_WIRE_H

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

#include "datagram.h"
#include "flavour.h"
#include "must.h"

struct packet {
	char bytes[65536];
	size_t len;
	const char *udp;	/* the UDP header, within bytes */
};

static inline int wire_open(const struct flavour *f)
{
	bool v6 = wire_family(f) == AF_INET6;

	return MUST(socket(AF_PACKET, SOCK_DGRAM,
			   htons(v6 ? ETH_P_IPV6 : ETH_P_IP)));
}

/* The next of the flavour's protocol; the kernel has its own to say as well. */
static inline const struct packet *wire_next(int tap, const struct flavour *f)
{
	bool v6 = wire_family(f) == AF_INET6;
	static struct packet p;
	int protocol;

	do {
		MUST(wait_for(tap, POLLIN) ? 0 : -1);
		p.len = MUST(recv(tap, p.bytes, sizeof(p.bytes), 0));
		protocol = v6 ? ((struct ip6_hdr *)p.bytes)->ip6_nxt
			      : ((struct iphdr *)p.bytes)->protocol;
	} while (protocol != protocol_of(f));
	p.udp = p.bytes + (v6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr));
	return &p;
}

/* A 16-bit word of its UDP header. */
static inline int wire_word(const struct packet *p, size_t offset)
{
	uint16_t word;

	memcpy(&word, p->udp + offset, sizeof(word));
	return ntohs(word);
}

#endif
