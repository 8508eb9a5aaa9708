// SPDX-License-Identifier: GPL-2.0
/*
 * A listener that is flooded with SYNs from addresses that never answer, and an
 * honest client that gets in every time: by a cookie when there is no room to
 * remember it.
 */
#include "stress.h"

#include "stream.h"

#define PORT	80
#define BACKLOG	64
#define BURST	200	/* SYNs between two of the honest client's */

FIXTURE(synflood)
{
	struct veth veth;
	int listener, raw;
	uint32_t random;
};

FIXTURE_VARIANT(synflood)
{
	struct flavour flavour;
};

ADD_FLAVOUR(synflood, ipv4, .family = AF_INET);
ADD_FLAVOUR(synflood, ipv6, .family = AF_INET6);

/* Answers to the strangers have a way to go: to the other end, where nobody takes them. */
FIXTURE_SETUP(synflood)
{
	union address there4 = ipv4(VETH_THERE_V4, 0), there6 = ipv6(VETH_THERE_V6, 0);
	const struct flavour *f = &variant->flavour;

	netns_enter();
	self->veth = veth_create();
	sysctl_write("net/ipv4/conf/all/rp_filter", "0");
	sysctl_write("net/ipv4/conf/veth0/rp_filter", "0");
	route_add(ipv4("10.0.0.0", 0), 8, "veth0", &there4, RTN_UNICAST);
	route_add(ipv6("2001:db8:1::", 0), 48, "veth0", &there6, RTN_UNICAST);
	self->listener = stream_bound(f, any(f, PORT));
	MUST(listen(self->listener, BACKLOG));
	netns_switch(self->veth.there);
	self->raw = MUST(socket(f->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(synflood)
{
	close(self->listener);
	close(self->raw);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* RFC 1071 */
static uint32_t add_words(const void *data, size_t len, uint32_t sum)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* A SYN with an MSS, as most have, from any port. */
static void fill_syn(unsigned char *syn, uint32_t addresses, uint32_t *random)
{
	static const unsigned char plain[24] = {
		[2] = PORT >> 8, PORT & 0xff, [12] = 6 << 4, 0x02, 0xff, 0xff, [20] = 2, 4, 5, 0xb4,
	};
	uint32_t port = 1024 + next_random(random) % 60000, seq = next_random(random) << 8;
	uint16_t sum;

	memcpy(syn, plain, sizeof(plain));
	syn[0] = port >> 8;
	syn[1] = port;
	seq = htonl(seq);
	memcpy(syn + 4, &seq, sizeof(seq));
	sum = fold(add_words(syn, sizeof(plain), addresses + tcp_number() + sizeof(plain)));
	syn[16] = sum >> 8;
	syn[17] = sum;
}

static void send_syn4(int raw, uint32_t *random)
{
	unsigned char packet[44] = { 0x45, [8] = 64, tcp_number(), [12] = 10 };
	union address to = ipv4(VETH_HERE_V4, 0);
	uint32_t stranger = next_random(random);

	memcpy(packet + 13, &stranger, 3);
	memcpy(packet + 16, &to.v4.sin_addr, 4);
	fill_syn(packet + 20, add_words(packet + 12, 8, 0), random);
	MUST(sendto(raw, packet, sizeof(packet), 0, &to.sa, sizeof(to.v4)));
}

static void send_syn6(int raw, uint32_t *random)
{
	unsigned char packet[64] = { 0x60, [5] = 24, tcp_number(), 64 };
	union address to = ipv6(VETH_HERE_V6, 0), from = ipv6("2001:db8:1::", 0);
	uint32_t stranger = next_random(random);

	memcpy(packet + 8, &from.v6.sin6_addr, 16);
	memcpy(packet + 20, &stranger, 4);
	memcpy(packet + 24, &to.v6.sin6_addr, 16);
	fill_syn(packet + 40, add_words(packet + 8, 32, 0), random);
	MUST(sendto(raw, packet, sizeof(packet), 0, &to.sa, sizeof(to.v6)));
}

/* How many are half open, as procfs tells. */
static int half_open(const struct flavour *f)
{
	char path[64], line[512];
	int state, n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%stcp%s", is_kernel_tcp() ? "" : "xl4/",
		 f->family == AF_INET6 ? "6" : "");
	file = fopen(path, "re");
	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file))
		n += sscanf(line, "%*s %*s %*s %x", &state) == 1 && state == STATE_SYN_RECV;
	fclose(file);
	return n;
}

/* From the other namespace: connect, be accepted, say something, hear something. */
static bool honest_client(const struct flavour *f, const struct veth *veth, int listener)
{
	int client, server;
	char octet = 0;
	bool well;

	netns_switch(veth->there);
	client = stream_open(f);
	netns_switch(veth->here);
	if (connect_to(client, address_for(f, VETH_HERE_V4, VETH_HERE_V6, PORT)))
		return false;
	server = accept(listener, NULL, NULL);
	well = server >= 0 && send(client, "x", 1, 0) == 1 && recv(server, &octet, 1, 0) == 1 &&
	       octet == 'x' && send(server, "y", 1, 0) == 1 && recv(client, &octet, 1, 0) == 1 &&
	       octet == 'y';
	reset(client);
	close(server);
	return well;
}

TEST_F_TIMEOUT(synflood, an_honest_client_always_gets_in, 300)
{
	const struct flavour *f = &variant->flavour;
	int rounds = stress_seconds(10);

	for (int i = 0; i < rounds; i++) {
		for (int j = 0; j < BURST; j++) {
			if (f->family == AF_INET)
				send_syn4(self->raw, &self->random);
			else
				send_syn6(self->raw, &self->random);
		}
		ASSERT_TRUE(honest_client(f, &self->veth, self->listener))
			TH_LOG("round %d: %s", i, strerror(errno));
		/* A flood costs no more than this; the kernel remembers one more than we. */
		EXPECT_GE(BACKLOG + 1, half_open(f));
	}
	EXPECT_LT(BACKLOG / 2, half_open(f));
	EXPECT_LE(rounds * BURST - 2 * BACKLOG, tcp_counter("SyncookiesSent"));
	/* The first may have found room. */
	EXPECT_LE(rounds - 1, tcp_counter("SyncookiesRecv"));
	EXPECT_EQ(0, tcp_counter("SyncookiesFailed"));
}

/* Who may have none is not let in, but the flood is no worse. */
TEST_F_TIMEOUT(synflood, without_cookies_it_costs_no_more, 300)
{
	const struct flavour *f = &variant->flavour;

	sysctl_write(is_kernel_tcp() ? "net/ipv4/tcp_syncookies" : "net/xl4/tcp_syncookies", "0");
	for (int j = 0; j < 10 * BURST; j++) {
		if (f->family == AF_INET)
			send_syn4(self->raw, &self->random);
		else
			send_syn6(self->raw, &self->random);
	}
	settle();
	EXPECT_GE(BACKLOG + 1, half_open(f));
	EXPECT_LT(0, half_open(f));
	EXPECT_EQ(0, tcp_counter("SyncookiesSent"));
}

TEST_HARNESS_MAIN
