/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listener that is flooded with the first packet of a connection, from addresses that never
 * answer, and an honest client that gets in every time. A test says what that packet is.
 */
#ifndef XL4TEST_FLOOD_H
#define XL4TEST_FLOOD_H

#include "stress.h"

#include "connection.h"

#define FLOOD_PORT	80

/* A packet that opens a connection, to which addresses and ports are added. */
struct opening {
	unsigned char plain[32];
	size_t len;
	size_t random_at[2];	/* words that are another in each; 0: none */
	size_t sum_at;		/* the Internet checksum; 0: seal() */
	void (*seal)(unsigned char *packet, size_t len);
};

struct flood {
	const struct opening *opening;
	int number;			/* of the protocol */
	int (*open)(const struct flavour *f);
	int backlog;
	int burst;			/* packets between two of its connections */
	/* How many of the strangers are remembered, of whom there may be so many. */
	int (*remembered)(const struct flavour *f);
	int most;

	const struct flavour *flavour;
	struct veth veth;
	int listener, raw;
	uint32_t random;
};

/* Answers to the strangers have a way to go: to the other end, where nobody takes them. */
static inline void flood_begin(struct flood *flood, const struct flavour *f)
{
	union address there4 = ipv4(VETH_THERE_V4, 0), there6 = ipv6(VETH_THERE_V6, 0);

	netns_enter();
	flood->flavour = f;
	flood->veth = veth_create();
	sysctl_write("net/ipv4/conf/all/rp_filter", "0");
	sysctl_write("net/ipv4/conf/veth0/rp_filter", "0");
	route_add(ipv4("10.0.0.0", 0), 8, "veth0", &there4, RTN_UNICAST);
	route_add(ipv6("2001:db8:1::", 0), 48, "veth0", &there6, RTN_UNICAST);
	flood->listener = flood->open(f);
	MUST(bind_to(flood->listener, address_for(f, VETH_HERE_V4, VETH_HERE_V6, FLOOD_PORT)));
	MUST(listen(flood->listener, flood->backlog));
	netns_switch(flood->veth.there);
	flood->raw = MUST(socket(f->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
	netns_switch(flood->veth.here);
}

static inline void flood_end(struct flood *flood)
{
	close(flood->listener);
	close(flood->raw);
}

static inline uint32_t flood_random(struct flood *flood)
{
	flood->random = flood->random * 1664525 + 1013904223;
	return flood->random >> 8;
}

/* RFC 1071, of an even number of octets; in network order, as they lie there. */
static inline uint16_t sum16(uint32_t sum, const unsigned char *bytes, size_t len)
{
	uint16_t word;

	for (size_t i = 0; i < len; i += 2) {
		memcpy(&word, bytes + i, 2);
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* From any port; addresses: those of the pseudo header. */
static inline void flood_fill(struct flood *flood, unsigned char *packet,
			      const unsigned char *addresses, size_t addresses_len)
{
	const struct opening *o = flood->opening;
	uint32_t port = 1024 + flood_random(flood) % 60000, word;
	uint16_t sum;

	memcpy(packet, o->plain, o->len);
	packet[0] = port >> 8;
	packet[1] = port;
	packet[3] = FLOOD_PORT;
	for (size_t i = 0; i < ARRAY_SIZE(o->random_at) && o->random_at[i]; i++) {
		word = flood_random(flood) | 1;
		memcpy(packet + o->random_at[i], &word, sizeof(word));
	}
	if (!o->sum_at) {
		o->seal(packet, o->len);
		return;
	}
	sum = sum16(htons(flood->number) + htons(o->len), addresses, addresses_len);
	sum = ~sum16(sum, packet, o->len);
	memcpy(packet + o->sum_at, &sum, sizeof(sum));
}

static inline void flood_send4(struct flood *flood)
{
	unsigned char packet[20 + sizeof(flood->opening->plain)] = {
		0x45, [8] = 64, flood->number, [12] = 10
	};
	union address to = ipv4(VETH_HERE_V4, 0);
	uint32_t stranger = flood_random(flood);

	memcpy(packet + 13, &stranger, 3);
	memcpy(packet + 16, &to.v4.sin_addr, 4);
	flood_fill(flood, packet + 20, packet + 12, 8);
	MUST(sendto(flood->raw, packet, 20 + flood->opening->len, 0, &to.sa, sizeof(to.v4)));
}

static inline void flood_send6(struct flood *flood)
{
	unsigned char packet[40 + sizeof(flood->opening->plain)] = {
		0x60, [5] = flood->opening->len, flood->number, 64
	};
	union address to = ipv6(VETH_HERE_V6, 0), from = ipv6("2001:db8:1::", 0);
	uint32_t stranger = flood_random(flood);

	memcpy(packet + 8, &from.v6.sin6_addr, 16);
	memcpy(packet + 20, &stranger, 4);
	memcpy(packet + 24, &to.v6.sin6_addr, 16);
	flood_fill(flood, packet + 40, packet + 8, 32);
	MUST(sendto(flood->raw, packet, 40 + flood->opening->len, 0, &to.sa, sizeof(to.v6)));
}

static inline void flood_burst(struct flood *flood)
{
	for (int i = 0; i < flood->burst; i++) {
		if (flood->flavour->family == AF_INET)
			flood_send4(flood);
		else
			flood_send6(flood);
	}
}

/* From the other namespace: connect, be accepted, say something, hear something. */
static inline bool honest_client(const struct flood *flood)
{
	const struct flavour *f = flood->flavour;
	int client, server;
	bool well;

	netns_switch(flood->veth.there);
	client = flood->open(f);
	netns_switch(flood->veth.here);
	if (connect_to(client, address_for(f, VETH_HERE_V4, VETH_HERE_V6, FLOOD_PORT)))
		return false;
	server = accept(flood->listener, NULL, NULL);
	well = server >= 0 && passes(client, server, "x") && passes(server, client, "y");
	reset(client);
	close(server);
	return well;
}

/* The client gets in each time, and what is kept of the strangers is bounded. */
static inline void flood_rounds(struct __test_metadata *_metadata, struct flood *flood, int rounds)
{
	long before, more;

	/* What the first ones cost, which is neighbours, routes and buffers of the device. */
	flood_burst(flood);
	before = kilobytes_in_slabs();
	for (int i = 0; i < rounds; i++) {
		flood_burst(flood);
		ASSERT_TRUE(honest_client(flood))
			TH_LOG("round %d: %s", i, strerror(errno));
		EXPECT_GE(flood->most, flood->remembered(flood->flavour));
	}
	more = kilobytes_in_slabs() - before;
	TH_LOG("%d packets, %d remembered, %ld KiB more in slabs", rounds * flood->burst,
	       flood->remembered(flood->flavour), more);
	if (!keeps_what_was_freed())
		EXPECT_GT(4096, more);
}

#endif
