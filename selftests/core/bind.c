// SPDX-License-Identifier: GPL-2.0
/*
 * Who may share a port: every pair of sockets is bound, in both orders, with
 * the protocol under test and with the kernel's UDP, and must end alike.
 */
#include "xl4test.h"

#define PORT	4000
#define NOBODY	65534

enum sharing { ALONE, REUSEADDR, REUSEPORT, REUSEBOTH, SHARINGS };

struct claim {
	int family;
	bool v6only;
	const char *address;
	enum sharing sharing;
	const char *device;
	bool nobody;	/* of another user */
};

static const struct {
	int family;
	bool v6only;
	const char *address;
} names[] = {
	{ AF_INET, false, "0.0.0.0" },
	{ AF_INET, false, "127.0.0.1" },
	{ AF_INET, false, "127.0.0.2" },
	{ AF_INET6, true, "::" },
	{ AF_INET6, true, "::1" },
	{ AF_INET6, false, "::" },
	{ AF_INET6, false, "::1" },
	{ AF_INET6, false, "2001:db8:1::2" },
	{ AF_INET6, false, "::ffff:0.0.0.0" },
	{ AF_INET6, false, "::ffff:127.0.0.1" },
	{ AF_INET6, false, "::ffff:127.0.0.2" },
};

static const char *const devices[] = { NULL, "lo", "veth0" };
static const char *const sharings[] = { "alone", "reuseaddr", "reuseport",
					"both" };

#define CLAIMS (ARRAY_SIZE(names) * SHARINGS * ARRAY_SIZE(devices) * 2)

static struct claim claim(size_t n)
{
	struct claim c = { .nobody = n % 2 };

	n /= 2;
	c.device = devices[n % ARRAY_SIZE(devices)];
	n /= ARRAY_SIZE(devices);
	c.sharing = n % SHARINGS;
	n /= SHARINGS;
	c.family = names[n].family;
	c.v6only = names[n].v6only;
	c.address = names[n].address;
	return c;
}

static const char *describe(const struct claim *c, char *text, size_t size)
{
	snprintf(text, size, "%s%s %s dev %s%s", c->address,
		 c->v6only ? " v6only" : "", sharings[c->sharing],
		 c->device ? c->device : "any", c->nobody ? " nobody" : "");
	return text;
}

/* A bound socket, or -1 with errno. */
static int stake(const struct claim *c, int protocol)
{
	union address a = c->family == AF_INET ? ipv4(c->address, PORT)
					       : ipv6(c->address, PORT);
	int fd, error;

	MUST(seteuid(c->nobody ? NOBODY : 0));
	fd = MUST(socket(c->family, SOCK_DGRAM, protocol));
	if (c->sharing & REUSEADDR)
		MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (c->sharing & REUSEPORT)
		MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	if (c->v6only)
		MUST(set_int(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	if (c->device)
		MUST(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, c->device,
				strlen(c->device) + 1));
	error = errno_of(bind_to(fd, a));
	MUST(seteuid(0));
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* With the first claim staked: what becomes of each possible second. */
static void outcomes(const struct claim *first, int protocol, int *errors)
{
	int holder = stake(first, protocol);

	for (size_t i = 0; i < CLAIMS; i++) {
		struct claim second = claim(i);
		int fd = stake(&second, protocol);

		errors[i] = errno_of(fd);
		if (fd >= 0)
			close(fd);
	}
	if (holder >= 0)
		close(holder);
}

FIXTURE(bind)
{
	int protocol;
};

FIXTURE_VARIANT(bind)
{
	struct flavour flavour;
};

ADD_FLAVOUR(bind, udp, .family = AF_INET);
ADD_FLAVOUR(bind, lite, .family = AF_INET, .lite = true);

FIXTURE_SETUP(bind)
{
	ENTER_NETNS(&variant->flavour);
	veth_create();
	loopback_add_address("2001:db8:1::2");
	self->protocol = protocol_of(&variant->flavour);
}

FIXTURE_TEARDOWN(bind)
{
}

/* How many pairs whose first has that address differ; says the first few. */
static int differences(int protocol, const char *address)
{
	static int ours[CLAIMS], kernels[CLAIMS];
	char a[96], b[96];
	int told = 0;

	for (size_t i = 0; i < CLAIMS; i++) {
		struct claim first = claim(i);

		/* that users differ is tried with the second */
		if (first.nobody || strcmp(first.address, address))
			continue;
		outcomes(&first, protocol, ours);
		outcomes(&first, IPPROTO_UDP, kernels);
		for (size_t k = 0; k < CLAIMS; k++) {
			struct claim second = claim(k);

			if (ours[k] == kernels[k] || told++ >= 20)
				continue;
			fprintf(stderr, "# [%s] then [%s]: %s, UDP: %s\n",
				describe(&first, a, sizeof(a)),
				describe(&second, b, sizeof(b)),
				strerror(ours[k]), strerror(kernels[k]));
		}
	}
	return told;
}

TEST_F_TIMEOUT(bind, after_ipv4_wildcard, 120)
{
	EXPECT_EQ(0, differences(self->protocol, "0.0.0.0"));
}

TEST_F_TIMEOUT(bind, after_ipv4_address, 120)
{
	EXPECT_EQ(0, differences(self->protocol, "127.0.0.1"));
	EXPECT_EQ(0, differences(self->protocol, "127.0.0.2"));
}

TEST_F_TIMEOUT(bind, after_ipv6_wildcard, 120)
{
	EXPECT_EQ(0, differences(self->protocol, "::"));
}

TEST_F_TIMEOUT(bind, after_ipv6_address, 120)
{
	EXPECT_EQ(0, differences(self->protocol, "::1"));
	EXPECT_EQ(0, differences(self->protocol, "2001:db8:1::2"));
}

TEST_F_TIMEOUT(bind, after_mapped_address, 120)
{
	EXPECT_EQ(0, differences(self->protocol, "::ffff:0.0.0.0"));
	EXPECT_EQ(0, differences(self->protocol, "::ffff:127.0.0.1"));
	EXPECT_EQ(0, differences(self->protocol, "::ffff:127.0.0.2"));
}

/* That the outcomes compared are not all one and the same. */
TEST_F(bind, pairs_differ_among_themselves)
{
	static int errors[CLAIMS];
	struct claim first = claim(0);
	int granted = 0, refused = 0;

	outcomes(&first, self->protocol, errors);
	for (size_t i = 0; i < CLAIMS; i++) {
		granted += errors[i] == 0;
		refused += errors[i] == EADDRINUSE;
	}
	EXPECT_LT(10, granted);
	EXPECT_LT(10, refused);
}

TEST_HARNESS_MAIN
