// SPDX-License-Identifier: GPL-2.0
/*
 * A listener that is flooded with INITs from addresses that never answer: nothing is kept of them,
 * and an honest client gets in every time.
 */
#include "stress.h"

#include "sctp.h"

#define PORT	80
#define BURST	500	/* INITs between two of the honest client's associations */

FIXTURE(initflood)
{
	struct veth veth;
	int listener, raw;
	uint32_t random;
};

FIXTURE_VARIANT(initflood)
{
	struct flavour flavour;
};

ADD_FLAVOUR(initflood, ipv4, .family = AF_INET);
ADD_FLAVOUR(initflood, ipv6, .family = AF_INET6);

/* Answers to the strangers have a way to go: to the other end, where nobody takes them. */
FIXTURE_SETUP(initflood)
{
	union address there4 = ipv4(VETH_THERE_V4, 0), there6 = ipv6(VETH_THERE_V6, 0);
	const struct flavour *f = &variant->flavour;

	netns_enter();
	self->veth = veth_create();
	sysctl_write("net/ipv4/conf/all/rp_filter", "0");
	sysctl_write("net/ipv4/conf/veth0/rp_filter", "0");
	route_add(ipv4("10.0.0.0", 0), 8, "veth0", &there4, RTN_UNICAST);
	route_add(ipv6("2001:db8:1::", 0), 48, "veth0", &there6, RTN_UNICAST);
	self->listener = one_open(f);
	MUST(bind_to(self->listener, address_for(f, VETH_HERE_V4, VETH_HERE_V6, PORT)));
	MUST(listen(self->listener, 8));
	netns_switch(self->veth.there);
	self->raw = MUST(socket(f->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(initflood)
{
	close(self->listener);
	close(self->raw);
	if (sctp_number() != IPPROTO_SCTP)
		EXPECT_TRUE(all_given_back());
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* RFC 9260 appendix A */
static uint32_t crc32c(const unsigned char *bytes, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* An INIT of ten streams, from any port, with any tag and TSN. */
static void fill_init(unsigned char *packet, uint32_t *random)
{
	static const unsigned char plain[32] = {
		[2] = PORT >> 8, PORT & 0xff, [12] = 1, [15] = 20, [21] = 1, [25] = 10, [27] = 10,
	};
	uint32_t port = 1024 + next_random(random) % 60000, crc;
	uint32_t tag = next_random(random) | 1, tsn = next_random(random);

	memcpy(packet, plain, sizeof(plain));
	packet[0] = port >> 8;
	packet[1] = port;
	memcpy(packet + 16, &tag, sizeof(tag));
	memcpy(packet + 28, &tsn, sizeof(tsn));
	crc = crc32c(packet, sizeof(plain));
	for (int i = 0; i < 4; i++)
		packet[8 + i] = crc >> 8 * i;
}

static void send_init4(int raw, uint32_t *random)
{
	unsigned char packet[52] = { 0x45, [8] = 64, sctp_number(), [12] = 10 };
	union address to = ipv4(VETH_HERE_V4, 0);
	uint32_t stranger = next_random(random);

	memcpy(packet + 13, &stranger, 3);
	memcpy(packet + 16, &to.v4.sin_addr, 4);
	fill_init(packet + 20, random);
	MUST(sendto(raw, packet, sizeof(packet), 0, &to.sa, sizeof(to.v4)));
}

static void send_init6(int raw, uint32_t *random)
{
	unsigned char packet[72] = { 0x60, [5] = 32, sctp_number(), 64 };
	union address to = ipv6(VETH_HERE_V6, 0), from = ipv6("2001:db8:1::", 0);
	uint32_t stranger = next_random(random);

	memcpy(packet + 8, &from.v6.sin6_addr, 16);
	memcpy(packet + 20, &stranger, 4);
	memcpy(packet + 24, &to.v6.sin6_addr, 16);
	fill_init(packet + 40, random);
	MUST(sendto(raw, packet, sizeof(packet), 0, &to.sa, sizeof(to.v6)));
}

static void flood(const struct flavour *f, int raw, uint32_t *random)
{
	for (int i = 0; i < BURST; i++) {
		if (f->family == AF_INET)
			send_init4(raw, random);
		else
			send_init6(raw, random);
	}
}

/* From the other namespace: connect, be accepted, say something, hear something. */
static bool honest_client(const struct flavour *f, const struct veth *veth, int listener)
{
	int client, server;
	bool well;

	netns_switch(veth->there);
	client = one_open(f);
	netns_switch(veth->here);
	if (connect_to(client, address_for(f, VETH_HERE_V4, VETH_HERE_V6, PORT)))
		return false;
	server = accept(listener, NULL, NULL);
	well = server >= 0 && send(client, "x", 1, 0) == 1 && receives(server, "x") &&
	       send(server, "y", 1, 0) == 1 && receives(client, "y");
	abort_by_linger(client);
	close(server);
	return well;
}

static long sctp_counter(const struct flavour *f, const char *name)
{
	settle();
	return counter_in_columns("/proc/self/net/xl4/snmp",
				  f->family == AF_INET ? "Sctp:" : "Sctp6:", name);
}

TEST_F_TIMEOUT(initflood, an_honest_client_always_gets_in, 300)
{
	const struct flavour *f = &variant->flavour;
	int rounds = stress_seconds(5);
	long before, more;

	/* What the first ones cost, which is neighbours, routes and buffers of the device. */
	flood(f, self->raw, &self->random);
	before = kilobytes_in_slabs();
	for (int i = 0; i < rounds; i++) {
		flood(f, self->raw, &self->random);
		ASSERT_TRUE(honest_client(f, &self->veth, self->listener))
			TH_LOG("round %d: %s", i, strerror(errno));
	}
	more = kilobytes_in_slabs() - before;
	TH_LOG("%d INITs, %ld KiB more in slabs", rounds * BURST, more);
	if (!keeps_what_was_freed())
		EXPECT_GT(4096, more);
	EXPECT_EQ(rounds, sctp_counter(f, "PassiveEstabs"));
	EXPECT_EQ(0, sctp_counter(f, "CurrEstab"));
	/* Each was answered. */
	EXPECT_LE((rounds + 1) * BURST, sctp_counter(f, "OutCtrlChunks"));
}

TEST_HARNESS_MAIN
