// SPDX-License-Identifier: GPL-2.0
/* Namespaces that go away: with sockets, with datagrams queued and on the way. */
#include "xl4test.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "memory.h"

#define PORT	4000
#define ROUNDS	10

FIXTURE(namespace)
{
	struct veth veth;
	int fd;
};

FIXTURE_VARIANT(namespace)
{
	struct flavour flavour;
};

ALL_FLAVOURS(namespace);

static union address here_address(const struct flavour *f, int port)
{
	return address_for(f, VETH_HERE_V4, VETH_HERE_V6, port);
}

static union address there_address(const struct flavour *f, int port)
{
	return address_for(f, VETH_THERE_V4, VETH_THERE_V6, port);
}

FIXTURE_SETUP(namespace)
{
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_bound(&variant->flavour, any(&variant->flavour, PORT));
}

FIXTURE_TEARDOWN(namespace)
{
	close(self->fd);
	EXPECT_TRUE(all_given_back());
}

/* A namespace takes its devices with it, and so our end of the pair. */
static bool is_gone(const char *device)
{
	for (int i = 0; i < 100 * PATIENCE_S; i++) {
		if (!if_nametoindex(device))
			return true;
		usleep(10000);
	}
	return false;
}

/* Everything that a socket can hold when it dies. */
static void load_up(const struct flavour *f)
{
	static const char data[4000];
	struct pair p = pair_open(f);

	for (int i = 0; i < 200; i++)
		send_to(p.tx, data, sizeof(data), p.to);
	MUST(connect_to(p.tx, p.to));
	MUST(send(p.tx, data, sizeof(data), MSG_MORE));
	if (wire_family(f) == AF_INET) {
		struct ip_mreqn group = { .imr_ifindex = 1 };

		inet_pton(AF_INET, "239.1.2.3", &group.imr_multiaddr);
		if (f->family == AF_INET)
			MUST(setsockopt(p.rx, SOL_IP, IP_ADD_MEMBERSHIP,
					&group, sizeof(group)));
	}
}

static void flood(int fd, union address to)
{
	static const char data[1000];

	for (int i = 0; i < 100; i++)
		send_to(fd, data, sizeof(data), to);
}

/* The other end: its process is all that keeps its namespace alive. */
static pid_t start_other_end(const struct flavour *f, struct veth veth,
			     int ready)
{
	pid_t pid = MUST(fork());
	int fd;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	netns_switch(veth.there);
	close(veth.here);
	close(veth.there);
	load_up(f);
	fd = dgram_bound(f, any(f, PORT));
	MUST(write(ready, "", 1));
	for (;;)
		flood(fd, here_address(f, PORT));
}

static pid_t start_and_wait(const struct flavour *f, struct veth *veth)
{
	int ready[2];
	pid_t pid;
	char c;

	*veth = veth_create();
	MUST(pipe(ready));
	pid = start_other_end(f, *veth, ready[1]);
	close(veth->here);
	close(veth->there);
	MUST(read(ready[0], &c, 1) - 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

TEST_F(namespace, goes_under_traffic)
{
	const struct flavour *f = &variant->flavour;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = start_and_wait(f, &self->veth);
		struct message m;

		ASSERT_EQ(1000, receive(self->fd, &m, 0));
		flood(self->fd, there_address(f, PORT));
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, WNOHANG) == 0)
			flood(self->fd, there_address(f, PORT));
		flood(self->fd, there_address(f, PORT));
		ASSERT_TRUE(is_gone("veth0"));
		flood(self->fd, there_address(f, PORT));
		/* What came before is still there, and then no more. */
		while (receive(self->fd, &m, MSG_DONTWAIT) > 0 ||
		       errno != EAGAIN)
			;
	}
}

TEST_F(namespace, goes_with_the_last_socket_and_not_before)
{
	const struct flavour *f = &variant->flavour;
	struct message m;
	struct pair p;

	self->veth = veth_create();
	netns_switch(self->veth.there);
	p = pair_open(f);
	netns_switch(self->veth.here);
	close(self->veth.there);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(5, send_text(p.tx, "still", p.to));
		ASSERT_EQ(5, receive(p.rx, &m, 0));
	}
	EXPECT_EQ(5, send_text(self->fd, "other", there_address(f, PORT)));
	close(p.tx);
	ASSERT_NE(0, if_nametoindex("veth0"));
	close(p.rx);
	EXPECT_TRUE(is_gone("veth0"));
	close(self->veth.here);
}

/* ip netns del takes the name away; sockets go on until they are closed. */
TEST_F(namespace, outlives_its_name)
{
	const struct flavour *f = &variant->flavour;
	int here = netns_here(), there;
	char name[64], path[128];
	struct message m;
	struct pair p;

	snprintf(name, sizeof(name), "xl4test-%d", getpid());
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	run("ip netns add %s && ip -n %s link set lo up", name, name);
	run("ip link add out type veth peer name in netns %s", name);
	there = MUST(open(path, O_RDONLY | O_CLOEXEC));
	netns_switch(there);
	p = pair_open(f);
	load_up(f);
	netns_switch(here);
	close(there);
	run("ip netns del %s", name);
	EXPECT_NE(0, if_nametoindex("out"));
	ASSERT_EQ(5, send_text(p.tx, "still", p.to));
	EXPECT_EQ(5, receive(p.rx, &m, 0));
	EXPECT_TRUE(same_address(&p.from, &m.name));
	/* load_up() keeps its sockets: only the end of their owner closes all. */
	close_range(here + 1, ~0U, 0);
	EXPECT_TRUE(is_gone("out"));
}

TEST_F(namespace, goes_with_many_others)
{
	const struct flavour *f = &variant->flavour;
	int here = netns_here();

	for (int round = 0; round < 3; round++) {
		pid_t pid = fork();
		int status;

		ASSERT_GE(pid, 0);
		if (!pid) {
			for (int i = 0; i < 30; i++) {
				netns_enter();
				load_up(f);
			}
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status);
	}
	netns_switch(here);
}

TEST_HARNESS_MAIN
