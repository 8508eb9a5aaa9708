// SPDX-License-Identifier: GPL-2.0
/*
 * Which of two sockets gets a datagram: for every pair of bound or connected
 * sockets and every way to send to them, as with the kernel's UDP.
 */
#include "xl4test.h"

#define PORT	4000
#define PEER	5000

struct claim {
	int family;
	bool v6only;
	const char *address;
	const char *device;
	const char *peer;	/* connected to it, or NULL */
};

static const struct {
	int family;
	bool v6only;
	const char *address;
	const char *peer;
} names[] = {
	{ AF_INET, false, "0.0.0.0", "127.0.0.1" },
	{ AF_INET, false, "127.0.0.1", "127.0.0.1" },
	{ AF_INET, false, "127.0.0.2", "127.0.0.1" },
	{ AF_INET6, true, "::", "::1" },
	{ AF_INET6, false, "::", "::1" },
	{ AF_INET6, false, "::", "::ffff:127.0.0.1" },
	{ AF_INET6, false, "::1", "::1" },
	{ AF_INET6, false, "::ffff:127.0.0.1", "::ffff:127.0.0.1" },
};

static const char *const devices[] = { NULL, "lo", "veth0" };

#define CLAIMS (ARRAY_SIZE(names) * ARRAY_SIZE(devices) * 2)

static struct claim claim(size_t n)
{
	bool connected = n % 2;
	struct claim c;

	n /= 2;
	c.device = devices[n % ARRAY_SIZE(devices)];
	n /= ARRAY_SIZE(devices);
	c.family = names[n].family;
	c.v6only = names[n].v6only;
	c.address = names[n].address;
	c.peer = connected ? names[n].peer : NULL;
	return c;
}

static const char *describe(const struct claim *c, char *text, size_t size)
{
	snprintf(text, size, "%s%s dev %s peer %s", c->address,
		 c->v6only ? " v6only" : "", c->device ? c->device : "any",
		 c->peer ? c->peer : "none");
	return text;
}

static union address parse(int family, const char *text, int port)
{
	return family == AF_INET ? ipv4(text, port) : ipv6(text, port);
}

/* The socket as claimed, or -1 where that cannot be. */
static int stake(const struct claim *c, int protocol)
{
	int fd = MUST(socket(c->family, SOCK_DGRAM, protocol));

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (c->v6only)
		MUST(set_int(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	if (c->device)
		MUST(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, c->device,
				strlen(c->device) + 1));
	if (!bind_to(fd, parse(c->family, c->address, PORT)) &&
	    (!c->peer || !connect_to(fd, parse(c->family, c->peer, PEER))))
		return fd;
	close(fd);
	return -1;
}

/* Ways to send: from the peer or from a stranger, to each address. */
static const struct {
	int family;
	const char *to;
} targets[] = {
	{ AF_INET, "127.0.0.1" },
	{ AF_INET, "127.0.0.2" },
	{ AF_INET, "192.0.2.1" },
	{ AF_INET6, "::1" },
	{ AF_INET6, "2001:db8::1" },
};

struct senders {
	int peer[2], stranger[2];	/* by family: IPv4, IPv6 */
};

static struct senders senders_open(int protocol)
{
	struct senders s;

	for (int v6 = 0; v6 < 2; v6++) {
		int family = v6 ? AF_INET6 : AF_INET;

		s.peer[v6] = MUST(socket(family, SOCK_DGRAM, protocol));
		s.stranger[v6] = MUST(socket(family, SOCK_DGRAM, protocol));
		if (v6)
			MUST(set_int(s.peer[v6], SOL_IPV6, IPV6_V6ONLY, 1));
		MUST(bind_to(s.peer[v6], parse(family, v6 ? "::" : "0.0.0.0",
					       PEER)));
	}
	return s;
}

/* Sends one datagram each way, numbered. */
static void send_all(const struct senders *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		bool v6 = targets[i].family == AF_INET6;
		union address to = parse(targets[i].family, targets[i].to,
					 PORT);
		char number = 2 * i;

		send_to(s->peer[v6], &number, 1, to);
		number++;
		send_to(s->stranger[v6], &number, 1, to);
	}
	settle();
}

/* The numbers of the datagrams that arrived, as bits. */
static unsigned int arrived(int fd)
{
	unsigned int bits = 0;
	char number;

	while (fd >= 0 && recv(fd, &number, 1, MSG_DONTWAIT) == 1)
		bits |= 1U << number;
	return bits;
}

/*
 * Two sockets connected to one peer: since 6.13 the kernel looks them up by both
 * addresses and ports alone, so that the device no longer counts.
 */
static bool is_ambiguous(const struct claim *a, const struct claim *b)
{
	const char *mapped = "::ffff:127.0.0.1";

	if (!a->peer || !b->peer)
		return false;
	return !strcmp(strcmp(a->peer, mapped) ? a->peer : "127.0.0.1",
		       strcmp(b->peer, mapped) ? b->peer : "127.0.0.1");
}

struct outcome {
	bool first_there, second_there;
	unsigned int first, second;
};

static void outcomes(const struct claim *first, int protocol,
		     const struct senders *s, struct outcome *all)
{
	for (size_t i = 0; i < CLAIMS; i++) {
		struct claim other = claim(i);
		int a = stake(first, protocol), b = stake(&other, protocol);

		send_all(s);
		all[i] = (struct outcome) { a >= 0, b >= 0, arrived(a),
					    arrived(b) };
		close(a);
		close(b);
	}
}

FIXTURE(match)
{
	int protocol;
	struct senders ours, kernels;
};

FIXTURE_VARIANT(match)
{
	struct flavour flavour;
};

ADD_FLAVOUR(match, udp, .family = AF_INET);
ADD_FLAVOUR(match, lite, .family = AF_INET, .lite = true);

FIXTURE_SETUP(match)
{
	ENTER_NETNS(&variant->flavour);
	veth_create();
	self->protocol = protocol_of(&variant->flavour);
	self->kernels = senders_open(IPPROTO_UDP);
	self->ours = self->kernels;
	if (self->protocol != IPPROTO_UDP)
		self->ours = senders_open(self->protocol);
}

FIXTURE_TEARDOWN(match)
{
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->first_there == b->first_there &&
	       a->second_there == b->second_there && a->first == b->first &&
	       a->second == b->second;
}

/* Pairs whose first is of that family and differ; says the first few. */
static int differences(int protocol, const struct senders *ours,
		       const struct senders *kernels, int family)
{
	static struct outcome mine[CLAIMS], theirs[CLAIMS];
	char a[96], b[96];
	int told = 0;

	for (size_t i = 0; i < CLAIMS; i++) {
		struct claim first = claim(i);

		if (first.family != family)
			continue;
		outcomes(&first, protocol, ours, mine);
		outcomes(&first, IPPROTO_UDP, kernels, theirs);
		for (size_t k = 0; k < CLAIMS; k++) {
			struct claim second = claim(k);

			if (is_ambiguous(&first, &second) ||
			    same(&mine[k], &theirs[k]) || told++ >= 20)
				continue;
			fprintf(stderr,
				"# [%s] and [%s]: %x and %x, UDP: %x and %x\n",
				describe(&first, a, sizeof(a)),
				describe(&second, b, sizeof(b)),
				mine[k].first, mine[k].second,
				theirs[k].first, theirs[k].second);
		}
	}
	return told;
}

TEST_F_TIMEOUT(match, after_ipv4, 600)
{
	EXPECT_EQ(0, differences(self->protocol, &self->ours, &self->kernels,
				 AF_INET));
}

TEST_F_TIMEOUT(match, after_ipv6, 600)
{
	EXPECT_EQ(0, differences(self->protocol, &self->ours, &self->kernels,
				 AF_INET6));
}

/* The promises of the chapter, spelled out: the best match is the narrowest. */
TEST_F(match, narrowest_wins)
{
	static const struct claim wild = { AF_INET, false, "0.0.0.0", NULL,
					   NULL };
	static const struct claim narrower[] = {
		{ AF_INET, false, "127.0.0.1", NULL, NULL },
		{ AF_INET, false, "0.0.0.0", "lo", NULL },
		{ AF_INET, false, "127.0.0.1", NULL, "127.0.0.1" },
	};
	const unsigned int from_peer = 1, from_stranger = 2;

	for (size_t i = 0; i < ARRAY_SIZE(narrower); i++) {
		int a = stake(&wild, self->protocol);
		int b = stake(&narrower[i], self->protocol);
		unsigned int mine = narrower[i].peer ? from_peer :
				    from_peer | from_stranger;

		send_all(&self->ours);
		EXPECT_EQ(mine, arrived(b) & (from_peer | from_stranger));
		EXPECT_EQ(3 & ~mine, arrived(a) & 3);
		close(a);
		close(b);
	}
}

TEST_HARNESS_MAIN
