// SPDX-License-Identifier: GPL-2.0
/* Memory: bounded for each socket and for all, and given back. */
#include "xl4test.h"

#include <linux/sock_diag.h>

#define FLOOD	200
#define BYTES	1000

static struct message got;
static char data[BYTES];

FIXTURE(memory)
{
	struct pair p;
	int origin;	/* the namespace that has the limits of all */
	char limits[64];
};

FIXTURE_VARIANT(memory)
{
	struct flavour flavour;
};

ALL_FLAVOURS(memory);

FIXTURE_SETUP(memory)
{
	self->origin = netns_here();
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(memory)
{
	netns_switch(self->origin);
	if (self->limits[0])
		sysctl_write("net/xl4/udp_mem", self->limits);
}

/* Each datagram begins with its number. */
static void flood(const struct pair *p)
{
	for (int i = 0; i < FLOOD; i++) {
		memcpy(data, &i, sizeof(i));
		MUST(send_to(p->tx, data, sizeof(data), p->to));
	}
	settle();
}

/* How many are there; -1 when one is not the next in order. */
static int drain(int fd)
{
	int n = 0, number;

	while (receive(fd, &got, MSG_DONTWAIT) >= 0) {
		memcpy(&number, got.data, sizeof(number));
		if (got.len != BYTES || number != n++)
			return -1;
	}
	return n;
}

static unsigned int charged(int fd)
{
	unsigned int info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	MUST(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len));
	return info[SK_MEMINFO_RMEM_ALLOC];
}

TEST_F(memory, receive_queue_is_charged_and_given_back)
{
	EXPECT_EQ(0U, charged(self->p.rx));
	ASSERT_EQ(BYTES, send_to(self->p.tx, data, BYTES, self->p.to));
	ASSERT_TRUE(wait_for(self->p.rx, POLLIN));
	EXPECT_LE((unsigned int)BYTES, charged(self->p.rx));
	ASSERT_EQ(BYTES, receive(self->p.rx, &got, 0));
	/* the kernel's UDP gives back in larger pieces */
	EXPECT_GE(get_int(self->p.rx, SOL_SOCKET, SO_RCVBUF) / 2,
		  (int)charged(self->p.rx));
}

TEST_F(memory, flood_is_bounded_and_what_was_accepted_is_kept)
{
	long dropped = counter(&variant->flavour, "RcvbufErrors");
	long errors = counter(&variant->flavour, "InErrors");
	int accepted, bound;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RCVBUF, 10000));
	bound = get_int(self->p.rx, SOL_SOCKET, SO_RCVBUF);
	flood(&self->p);
	/* one more than fits may be let in */
	EXPECT_GE(bound + 4096, (int)charged(self->p.rx));
	accepted = drain(self->p.rx);
	EXPECT_LT(1, accepted);
	EXPECT_GE(bound / BYTES + 1, accepted);
	EXPECT_EQ(dropped + FLOOD - accepted,
		  counter(&variant->flavour, "RcvbufErrors"));
	EXPECT_EQ(errors + FLOOD - accepted,
		  counter(&variant->flavour, "InErrors"));
}

TEST_F(memory, empty_datagrams_cost_something_too)
{
	int accepted = 0;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RCVBUF, 10000));
	for (int i = 0; i < FLOOD; i++)
		ASSERT_EQ(0, send_to(self->p.tx, "", 0, self->p.to));
	settle();
	while (receive(self->p.rx, &got, MSG_DONTWAIT) >= 0)
		accepted++;
	EXPECT_LT(1, accepted);
	EXPECT_GT(FLOOD, accepted);
}

TEST_F(memory, drained_queue_takes_more)
{
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RCVBUF, 10000));
	for (int i = 0; i < 3; i++) {
		flood(&self->p);
		EXPECT_LT(1, drain(self->p.rx));
	}
}

TEST_F(memory, full_socket_does_not_hinder_another)
{
	int other = dgram_bound(&variant->flavour,
				loopback(&variant->flavour, 0));

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RCVBUF, 5000));
	flood(&self->p);
	ASSERT_EQ(1, send_text(self->p.tx, "x", name_of(other)));
	EXPECT_EQ(1, receive(other, &got, 0));
}

/* The sockets and pages of the protocols under test. */
struct usage {
	int sockets;
	long pages;
};

static struct usage usage_now(void)
{
	const char *module = is_kernel_udp() ? "kernel" : "xudp";
	FILE *file = fopen("/proc/self/net/protocols", "re");
	char line[256], name[32], owner[32];
	struct usage sum = { 0 };
	int sockets;
	long pages;

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s %*d %d %ld %*s %*s %*s %31s", name,
			   &sockets, &pages, owner) != 4 ||
		    strcmp(owner, module) ||
		    (is_kernel_udp() && strncmp(name, "UDP", 3)))
			continue;
		sum.sockets += sockets;
		sum.pages += pages;
	}
	fclose(file);
	return sum;
}

TEST_F(memory, sockets_are_counted_while_bound)
{
	struct usage before = usage_now();
	int fd = dgram_bound(&variant->flavour,
			     loopback(&variant->flavour, 0));

	EXPECT_EQ(before.sockets + 1, usage_now().sockets);
	close(fd);
	EXPECT_EQ(before.sockets, usage_now().sockets);
}

/*
 * Each CPU keeps up to a MiB in hand, so the sum is only right to that; what
 * were lost with each of these sockets would be many times more.
 */
TEST_F(memory, close_gives_all_back)
{
	const long in_hand = 512 * sysconf(_SC_NPROCESSORS_CONF);
	long before = usage_now().pages;
	long queued = 0;

	if (is_kernel_udp())
		SKIP(return, "others use the kernel's UDP meanwhile");
	for (int i = 0; i < 200; i++) {
		close(self->p.rx);
		self->p.rx = dgram_bound(&variant->flavour, self->p.to);
		flood(&self->p);
		queued += charged(self->p.rx) / sysconf(_SC_PAGESIZE);
	}
	EXPECT_LT(4 * in_hand, queued);
	close(self->p.rx);
	EXPECT_GE(before + in_hand, usage_now().pages);
}

/*
 * Many sockets: what one CPU keeps in hand would hide a few from the limit.
 */
#define CROWD 40

struct crowd {
	int rx[CROWD];
	int tx;
};

static struct crowd crowd_open(const struct flavour *f)
{
	struct crowd c = { .tx = dgram_open(f) };

	for (int i = 0; i < CROWD; i++)
		c.rx[i] = dgram_bound(f, loopback(f, 0));
	return c;
}

/* Fills all queues; how many datagrams were accepted. */
static int crowd_fill(const struct crowd *c)
{
	int accepted = 0;

	for (int i = 0; i < CROWD; i++)
		flood(&(struct pair) { .tx = c->tx, .to = name_of(c->rx[i]) });
	for (int i = 0; i < CROWD; i++) {
		int n = drain(c->rx[i]);

		if (n < 0)
			return n;
		accepted += n;
	}
	return accepted;
}

static void crowd_close(struct crowd *c)
{
	for (int i = 0; i < CROWD; i++)
		close(c->rx[i]);
	close(c->tx);
}

/* In a namespace of its own again, with that limit for all of them. */
static void limit_all(int origin, const char *limits)
{
	netns_switch(origin);
	sysctl_write("net/xl4/udp_mem", limits);
	MUST(unshare(CLONE_NEWNET));
	device_up("lo");
}

/* How many of as many are accepted without a limit, and with that one. */
static void crowd_measure(const struct flavour *f, int origin,
			  const char *limits, int *unlimited, int *accepted)
{
	struct crowd c = crowd_open(f);

	*unlimited = crowd_fill(&c);
	crowd_close(&c);
	limit_all(origin, limits);
	c = crowd_open(f);
	*accepted = crowd_fill(&c);
	crowd_close(&c);
}

/* Beyond the third value nobody gets more, but nothing breaks. */
TEST_F_TIMEOUT(memory, limit_of_all_sockets_bites, 60)
{
	int accepted, unlimited;
	struct crowd c;

	if (is_kernel_udp())
		SKIP(return, "the limits of the kernel's UDP are not ours");
	ASSERT_TRUE(sysctl_read("net/xl4/udp_mem", self->limits,
				sizeof(self->limits)));
	crowd_measure(&variant->flavour, self->origin, "0 0 0", &unlimited,
		      &accepted);
	EXPECT_LE(0, accepted);
	EXPECT_GT(unlimited, accepted);
	EXPECT_LT(0, counter(&variant->flavour, "MemErrors"));
	EXPECT_EQ(CROWD * FLOOD - accepted,
		  counter(&variant->flavour, "MemErrors") +
		  counter(&variant->flavour, "RcvbufErrors"));
	EXPECT_EQ(CROWD * FLOOD - accepted,
		  counter(&variant->flavour, "InErrors"));

	/* sending and gathering with queues full */
	c = crowd_open(&variant->flavour);
	for (int i = 0; i < CROWD; i++)
		flood(&(struct pair) { .tx = c.tx, .to = name_of(c.rx[i]) });
	ASSERT_ERRNO(0, connect_to(c.tx, name_of(c.rx[0])));
	EXPECT_EQ(BYTES, send(c.tx, data, BYTES, MSG_MORE));
	EXPECT_EQ(BYTES, send(c.tx, data, BYTES, 0));
	crowd_close(&c);

	limit_all(self->origin, self->limits);
	c = crowd_open(&variant->flavour);
	EXPECT_EQ(unlimited, crowd_fill(&c));
	crowd_close(&c);
}

/* Between the first and the third each gets udp_rmem_min. */
TEST_F_TIMEOUT(memory, pressure_leaves_each_its_minimum, 60)
{
	int accepted, unlimited;

	if (is_kernel_udp())
		SKIP(return, "the limits of the kernel's UDP are not ours");
	ASSERT_TRUE(sysctl_read("net/xl4/udp_mem", self->limits,
				sizeof(self->limits)));
	crowd_measure(&variant->flavour, self->origin, "0 0 1000000",
		      &unlimited, &accepted);
	EXPECT_LE(CROWD, accepted);
	EXPECT_GT(unlimited, accepted);
}

TEST_HARNESS_MAIN
