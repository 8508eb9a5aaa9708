// SPDX-License-Identifier: GPL-2.0
/*
 * Many hands at one receive queue: readers, one who only looks, pollers. What
 * was sent whole comes once and unharmed; what was damaged never comes.
 */
#include "stress.h"

#include <linux/sockios.h>

#define WINDOW		32	/* datagrams on the way; far below the receive buffer */
#define NUMBERS		(1 << 24)

/* Ports and what is damaged are the same in each run, and so is the sum: not 1. */
#define PORT		4000
#define WRONG_SUM	1

struct numbered {
	uint32_t number;
	uint32_t check;		/* ~number */
	unsigned char data[600];
};

FIXTURE(queue)
{
	struct stress stress;
};

FIXTURE_VARIANT(queue)
{
	struct flavour flavour;
};

ADD_FLAVOUR(queue, udp_ipv4, .family = AF_INET);
ADD_FLAVOUR(queue, udp_ipv6, .family = AF_INET6);
ADD_FLAVOUR(queue, udp_mapped, .family = AF_INET6, .mapped = true);
ADD_FLAVOUR(queue, lite_ipv4, .family = AF_INET, .lite = true);
ADD_FLAVOUR(queue, lite_ipv6, .family = AF_INET6, .lite = true);

static struct pair line;
static int forger;		/* a raw socket: its UDP headers are its own */
static _Atomic unsigned long sent, received;
static _Atomic bool came[NUMBERS];

/* To loopback, in the family of the packets. */
static union address forger_target(const struct flavour *f)
{
	return wire_family(f) == AF_INET ? ipv4("127.0.0.1", 0) : ipv6("::1", 0);
}

FIXTURE_SETUP(queue)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	line.rx = dgram_bound(f, loopback(f, PORT));
	line.tx = dgram_bound(f, loopback(f, PORT + 1));
	line.to = name_of(line.rx);
	MUST(set_int(line.rx, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24));
	forger = MUST(socket(wire_family(f), SOCK_RAW | SOCK_CLOEXEC,
			     protocol_of(f)));
	MUST(connect_to(forger, forger_target(f)));
	/* It would hear all of the protocol. */
	MUST(set_int(forger, SOL_SOCKET, SO_RCVBUF, 0));
	sent = received = 0;
	memset((void *)came, 0, sizeof(came));
}

FIXTURE_TEARDOWN(queue)
{
	close(line.tx);
	close(line.rx);
	close(forger);
	EXPECT_TRUE(all_given_back());
}

static void send_numbered(struct worker *w)
{
	struct numbered n;

	if (sent - received >= WINDOW) {
		sched_yield();
		return;
	}
	n.number = atomic_fetch_add(&sent, 1);
	n.check = ~n.number;
	fill_pattern(n.data, sizeof(n.data), n.number);
	if (n.number >= NUMBERS)
		fail(w, "out of numbers");
	else if (send_to(line.tx, &n, sizeof(n), line.to) != sizeof(n))
		fail(w, "send: %s", strerror(errno));
}

static void send_damaged(struct worker *w)
{
	struct {
		uint16_t source, dest, len, check;
		char data[8];
	} packet = {
		.source = htons(PORT + 1),
		.dest = htons(PORT),
		.len = htons(sizeof(packet)),
		.check = htons(WRONG_SUM),
		.data = "damaged",
	};

	if (send(forger, &packet, sizeof(packet), 0) < 0 && errno != ENOBUFS)
		fail(w, "forger: %s", strerror(errno));
	sched_yield();
}

static bool is_whole(struct worker *w, const struct numbered *n, ssize_t len)
{
	if (len == sizeof(*n) && n->check == ~n->number &&
	    is_pattern(n->data, sizeof(n->data), n->number))
		return true;
	fail(w, "a datagram of %zd bytes that nobody sent so", len);
	return false;
}

static void take(struct worker *w)
{
	struct numbered n;
	ssize_t len = recv(line.rx, &n, sizeof(n), MSG_DONTWAIT);

	if (len < 0) {
		if (errno != EAGAIN)
			fail(w, "recv: %s", strerror(errno));
		sched_yield();
	} else if (is_whole(w, &n, len)) {
		if (atomic_exchange(&came[n.number], true))
			fail(w, "number %u came twice", n.number);
		atomic_fetch_add(&received, 1);
	}
}

static void look(struct worker *w)
{
	struct numbered n;
	ssize_t len = recv(line.rx, &n, sizeof(n), MSG_PEEK | MSG_DONTWAIT);

	if (len >= 0)
		is_whole(w, &n, len);
	else if (errno != EAGAIN)
		fail(w, "peek: %s", strerror(errno));
}

/* Poll and SIOCINQ throw away what is damaged. */
static void ask(struct worker *w)
{
	struct pollfd p = { .fd = line.rx, .events = POLLIN };
	int bytes;

	if (poll(&p, 1, 0) < 0 || ioctl(line.rx, SIOCINQ, &bytes))
		fail(w, "ask: %s", strerror(errno));
	else if (bytes && bytes != sizeof(struct numbered))
		fail(w, "a datagram of %d bytes is next", bytes);
}

TEST_F_TIMEOUT(queue, each_comes_once_and_none_that_is_damaged, 300)
{
	struct stress *s = &self->stress;

	add_worker(s, send_numbered);
	add_worker(s, take);
	add_worker(s, take);
	add_worker(s, look);
	add_worker(s, ask);
	add_worker(s, send_damaged);
	EXPECT_ALL_WELL(s, stress_seconds(0.15));
	while (received < sent && !s->failure[0] && wait_for(line.rx, POLLIN))
		take(&s->worker[1]);
	EXPECT_EQ(sent, received);
	EXPECT_STREQ("", s->failure);
}

TEST_HARNESS_MAIN
