// SPDX-License-Identifier: GPL-2.0
/*
 * A socket that stays hears every datagram, while thousands of others around it
 * come and go and the tables that it is found in grow and shrink.
 */
#include "stress.h"

#define STEADY_PORT	4000
#define GROUP_V4	"239.1.2.3"
#define GROUP_V6	"ff02::1234"
#define CROWD		1000

FIXTURE(steady)
{
	struct stress stress;
};

FIXTURE_VARIANT(steady)
{
	struct flavour flavour;
};

ALL_FLAVOURS(steady);

/* What the workers are to use; set before they start. */
static struct flavour flavour;
static struct pair steady;

FIXTURE_SETUP(steady)
{
	ENTER_NETNS(&variant->flavour);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	flavour = variant->flavour;
	steady.tx = dgram_open(&flavour);
	steady.rx = dgram_open(&flavour);
}

FIXTURE_TEARDOWN(steady)
{
	close(steady.tx);
	close(steady.rx);
	EXPECT_TRUE(all_given_back());
}

static int reusable(void)
{
	int fd = dgram_open(&flavour);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	return fd;
}

/* Each datagram is sent alone and must come. */
static void say_and_hear(struct worker *w)
{
	unsigned long heard = 0;

	if (send_to(steady.tx, &w->done, sizeof(w->done), steady.to) < 0)
		fail(w, "send %lu: %s", w->done, strerror(errno));
	else if (recv(steady.rx, &heard, sizeof(heard), 0) < 0)
		fail(w, "datagram %lu was lost: %s", w->done, strerror(errno));
	else if (heard != w->done)
		fail(w, "heard %lu, not %lu", heard, w->done);
}

/* A crowd binds, each to a port of its own, and leaves again. */
static void come_and_go(struct worker *w)
{
	int fd[CROWD];
	size_t i, n = 1 + pick(w, CROWD);

	for (i = 0; i < n; i++) {
		fd[i] = dgram_open(&flavour);
		if (bind_to(fd[i], i % 2 ? any(&flavour, 0)
					 : loopback(&flavour, 0)))
			fail(w, "bind: %s", strerror(errno));
		if (i % 3 == 0 && connect_to(fd[i], steady.to))
			fail(w, "connect: %s", strerror(errno));
	}
	for (i = 0; i < n; i++)
		close(fd[i]);
}

static void bind_steady(void)
{
	MUST(bind_to(steady.rx, loopback(&flavour, STEADY_PORT)));
	steady.to = name_of(steady.rx);
}

TEST_F_TIMEOUT(steady, hears_all_amid_a_crowd, 300)
{
	bind_steady();
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, come_and_go);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

/* It is found by its peer, which the others with its port are not. */
static void share_the_port(struct worker *w)
{
	int fd = reusable();

	if (bind_to(fd, pick(w, 2) ? any(&flavour, STEADY_PORT)
				   : loopback(&flavour, STEADY_PORT)))
		fail(w, "bind: %s", strerror(errno));
	if (pick(w, 2) && connect_to(fd, loopback(&flavour, 1 + pick(w, 9))))
		fail(w, "connect: %s", strerror(errno));
	close(fd);
}

TEST_F_TIMEOUT(steady, connected_hears_all_beside_others_on_its_port, 300)
{
	if (is_kernel_udp() && flavour.lite)
		SKIP(return, "the kernel's UDP-Lite gives some to another");
	MUST(bind_to(steady.tx, loopback(&flavour, 0)));
	MUST(set_int(steady.rx, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_int(steady.rx, SOL_SOCKET, SO_REUSEPORT, 1));
	bind_steady();
	MUST(connect_to(steady.rx, name_of(steady.tx)));
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, share_the_port);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

/* Now it is found by its peer and now without: never by neither. */
static void connect_and_disconnect(struct worker *w)
{
	if (connect_to(steady.rx, steady.from))
		fail(w, "connect: %s", strerror(errno));
	if (disconnect(steady.rx))
		fail(w, "disconnect: %s", strerror(errno));
}

TEST_F_TIMEOUT(steady, hears_all_while_it_connects, 300)
{
	MUST(bind_to(steady.tx, loopback(&flavour, 0)));
	steady.from = name_of(steady.tx);
	bind_steady();
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, connect_and_disconnect);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

static bool group_is_v4(void)
{
	return wire_family(&flavour) == AF_INET;
}

static union address group_address(int port)
{
	return address_for(&flavour, GROUP_V4, GROUP_V6, port);
}

static void join(int fd)
{
	struct group_req group = { .gr_interface = if_nametoindex("veth0") };
	union address a = group_is_v4() ? ipv4(GROUP_V4, 0) : ipv6(GROUP_V6, 0);

	memcpy(&group.gr_group, &a, address_len(&a));
	MUST(setsockopt(fd, group_is_v4() ? SOL_IP : SOL_IPV6,
			MCAST_JOIN_GROUP, &group, sizeof(group)));
}

static void join_and_leave(struct worker *w)
{
	int fd = reusable();

	if (bind_to(fd, any(&flavour, STEADY_PORT)))
		fail(w, "bind: %s", strerror(errno));
	join(fd);
	close(fd);
}

TEST_F_TIMEOUT(steady, member_hears_all_beside_others_of_its_group, 300)
{
	veth_create();
	MUST(set_int(steady.tx, SOL_SOCKET, SO_BINDTOIFINDEX,
		     if_nametoindex("veth0")));
	MUST(set_int(steady.rx, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_int(steady.rx, SOL_SOCKET, SO_REUSEPORT, 1));
	MUST(bind_to(steady.rx, any(&flavour, STEADY_PORT)));
	join(steady.rx);
	steady.to = group_address(STEADY_PORT);
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, join_and_leave);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

/* Bound to the group, as a connect gives another socket an address of ours. */
TEST_F_TIMEOUT(steady, member_hears_all_while_it_connects, 300)
{
	union address group = group_address(STEADY_PORT);

	if (flavour.mapped)
		SKIP(return, "bound to a mapped group it cannot connect");
	veth_create();
	MUST(set_int(steady.tx, SOL_SOCKET, SO_BINDTOIFINDEX,
		     if_nametoindex("veth0")));
	MUST(set_int(steady.rx, SOL_SOCKET, SO_BINDTOIFINDEX,
		     if_nametoindex("veth0")));
	MUST(bind_to(steady.tx, address_for(&flavour, VETH_HERE_V4,
					    VETH_HERE_V6, 0)));
	steady.from = name_of(steady.tx);
	MUST(bind_to(steady.rx, group));
	join(steady.rx);
	steady.to = group;
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, connect_and_disconnect);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

/* Its list of sources grows and shrinks, but never has ours. */
static void block_and_unblock(struct worker *w)
{
	struct group_source_req source = { .gsr_interface = if_nametoindex("veth0") };
	int level = group_is_v4() ? SOL_IP : SOL_IPV6, i;
	union address group = group_is_v4() ? ipv4(GROUP_V4, 0) : ipv6(GROUP_V6, 0);
	union address other;
	char text[32];

	memcpy(&source.gsr_group, &group, address_len(&group));
	for (i = 0; i < 16; i++) {
		snprintf(text, sizeof(text), group_is_v4() ? "198.51.100.%d" : "2001:db8::bad:%d",
			 1 + i % 8);
		other = group_is_v4() ? ipv4(text, 0) : ipv6(text, 0);
		memcpy(&source.gsr_source, &other, address_len(&other));
		if (setsockopt(steady.rx, level, i < 8 ? MCAST_BLOCK_SOURCE : MCAST_UNBLOCK_SOURCE,
			       &source, sizeof(source)))
			fail(w, "source %s: %s", text, strerror(errno));
	}
}

TEST_F_TIMEOUT(steady, member_hears_all_while_it_blocks_others, 300)
{
	veth_create();
	MUST(set_int(steady.tx, SOL_SOCKET, SO_BINDTOIFINDEX,
		     if_nametoindex("veth0")));
	MUST(bind_to(steady.rx, any(&flavour, STEADY_PORT)));
	join(steady.rx);
	steady.to = group_address(STEADY_PORT);
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, block_and_unblock);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.1));
}

/*
 * A group that always has a member never refuses: whoever leaves takes its
 * unread datagrams along, but no sender is told that the port is closed.
 */
static void say_to_group(struct worker *w)
{
	char data[64];

	if (send_to(steady.tx, "to one of you", 13, steady.to) < 0)
		fail(w, "send: %s", strerror(errno));
	while (recv(steady.rx, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
}

static void enter_and_leave_group(struct worker *w)
{
	int fd[4];

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = reusable();
		if (bind_to(fd[i], loopback(&flavour, STEADY_PORT)))
			fail(w, "bind: %s", strerror(errno));
	}
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}

TEST_F_TIMEOUT(steady, group_with_a_member_never_refuses, 300)
{
	MUST(set_int(steady.rx, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_int(steady.rx, SOL_SOCKET, SO_REUSEPORT, 1));
	bind_steady();
	MUST(connect_to(steady.tx, steady.to));
	add_worker(&self->stress, say_to_group);
	add_worker(&self->stress, enter_and_leave_group);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

TEST_HARNESS_MAIN
