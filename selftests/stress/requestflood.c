// SPDX-License-Identifier: GPL-2.0
/*
 * A listener that is flooded with Requests from addresses that never answer: what is kept of them
 * is bounded, cookies do for the rest, and an honest client gets in every time.
 */
#include "stress.h"

#include "dccp.h"

#define PORT	80
#define BURST	500	/* Requests between two of the honest client's connections */

FIXTURE(requestflood)
{
	struct veth veth;
	int listener, raw;
	uint32_t random;
};

FIXTURE_VARIANT(requestflood)
{
	struct flavour flavour;
};

ADD_FLAVOUR(requestflood, ipv4, .family = AF_INET);
ADD_FLAVOUR(requestflood, ipv6, .family = AF_INET6);

/* Answers to the strangers have a way to go: to the other end, where nobody takes them. */
FIXTURE_SETUP(requestflood)
{
	union address there4 = ipv4(VETH_THERE_V4, 0), there6 = ipv6(VETH_THERE_V6, 0);
	const struct flavour *f = &variant->flavour;

	netns_enter();
	self->veth = veth_create();
	sysctl_write("net/ipv4/conf/all/rp_filter", "0");
	sysctl_write("net/ipv4/conf/veth0/rp_filter", "0");
	route_add(ipv4("10.0.0.0", 0), 8, "veth0", &there4, RTN_UNICAST);
	route_add(ipv6("2001:db8:1::", 0), 48, "veth0", &there6, RTN_UNICAST);
	self->listener = dccp_bound(f, address_for(f, VETH_HERE_V4, VETH_HERE_V6, PORT));
	MUST(listen(self->listener, 8));
	netns_switch(self->veth.there);
	self->raw = MUST(socket(f->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(requestflood)
{
	close(self->listener);
	close(self->raw);
	if (dccp_number() != IPPROTO_DCCP)
		EXPECT_TRUE(all_given_back());
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* RFC 1071, of an even number of octets; in network order, as they lie there. */
static uint16_t sum16(uint32_t sum, const unsigned char *bytes, size_t len)
{
	uint16_t word;

	for (size_t i = 0; i < len; i += 2) {
		memcpy(&word, bytes + i, 2);
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* A Request of the service, from any port, with any number; addresses: what the sum begins with. */
static void fill_request(unsigned char *packet, uint32_t *random, const unsigned char *addresses,
			 size_t len)
{
	static const unsigned char plain[20] = {
		[2] = PORT >> 8, PORT & 0xff, 5, [8] = 1, [19] = SERVICE,
	};
	uint32_t port = 1024 + next_random(random) % 60000, seq = next_random(random);
	uint16_t sum;

	memcpy(packet, plain, sizeof(plain));
	packet[0] = port >> 8;
	packet[1] = port;
	memcpy(packet + 12, &seq, sizeof(seq));
	sum = sum16(htons(dccp_number()) + htons(sizeof(plain)), addresses, len);
	sum = ~sum16(sum, packet, sizeof(plain));
	memcpy(packet + 6, &sum, sizeof(sum));
}

static void send_request4(int raw, uint32_t *random)
{
	unsigned char packet[40] = { 0x45, [8] = 64, dccp_number(), [12] = 10 };
	union address to = ipv4(VETH_HERE_V4, 0);
	uint32_t stranger = next_random(random);

	memcpy(packet + 13, &stranger, 3);
	memcpy(packet + 16, &to.v4.sin_addr, 4);
	fill_request(packet + 20, random, packet + 12, 8);
	MUST(sendto(raw, packet, sizeof(packet), 0, &to.sa, sizeof(to.v4)));
}

static void send_request6(int raw, uint32_t *random)
{
	unsigned char packet[60] = { 0x60, [5] = 20, dccp_number(), 64 };
	union address to = ipv6(VETH_HERE_V6, 0), from = ipv6("2001:db8:1::", 0);
	uint32_t stranger = next_random(random);

	memcpy(packet + 8, &from.v6.sin6_addr, 16);
	memcpy(packet + 20, &stranger, 4);
	memcpy(packet + 24, &to.v6.sin6_addr, 16);
	fill_request(packet + 40, random, packet + 8, 32);
	MUST(sendto(raw, packet, sizeof(packet), 0, &to.sa, sizeof(to.v6)));
}

static void flood(const struct flavour *f, int raw, uint32_t *random)
{
	for (int i = 0; i < BURST; i++) {
		if (f->family == AF_INET)
			send_request4(raw, random);
		else
			send_request6(raw, random);
	}
}

/* From the other namespace: connect, be accepted, say something, hear something. */
static bool honest_client(const struct flavour *f, const struct veth *veth, int listener)
{
	int client, server;
	bool well;

	netns_switch(veth->there);
	client = dccp_open(f);
	netns_switch(veth->here);
	if (connect_to(client, address_for(f, VETH_HERE_V4, VETH_HERE_V6, PORT)))
		return false;
	server = accept(listener, NULL, NULL);
	well = server >= 0 && passes(client, server, "x") && passes(server, client, "y");
	reset(client);
	close(server);
	return well;
}

TEST_F_TIMEOUT(requestflood, an_honest_client_always_gets_in, 300)
{
	const struct flavour *f = &variant->flavour;
	int rounds = stress_seconds(5);
	long before, more, requests;

	/* What the first ones cost, which is neighbours, routes and buffers of the device. */
	flood(f, self->raw, &self->random);
	before = kilobytes_in_slabs();
	for (int i = 0; i < rounds; i++) {
		flood(f, self->raw, &self->random);
		ASSERT_TRUE(honest_client(f, &self->veth, self->listener))
			TH_LOG("round %d: %s", i, strerror(errno));
	}
	more = kilobytes_in_slabs() - before;
	requests = count_in_state(STATE_RESPOND, PORT);
	TH_LOG("%d Requests, %ld of them kept, %ld KiB more in slabs", rounds * BURST, requests,
	       more);
	if (!keeps_what_was_freed())
		EXPECT_GT(4096, more);
	/* As many as the backlog, and no more. */
	EXPECT_GE(8, requests);
	EXPECT_EQ(rounds, dccp_counter("PassiveOpens"));
	EXPECT_LE((long)rounds * BURST, dccp_counter("InitCookiesSent"));
}

TEST_HARNESS_MAIN
