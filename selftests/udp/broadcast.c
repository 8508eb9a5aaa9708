// SPDX-License-Identifier: GPL-2.0
/* Broadcast: who may send it, and that everybody bound there hears it. */
#include "xl4test.h"

#define PORT 4000

static struct message got;

FIXTURE(broadcast)
{
	struct veth veth;
	int tx;
};

FIXTURE_VARIANT(broadcast)
{
	struct flavour flavour;
};

ADD_FLAVOUR(broadcast, udp, .family = AF_INET);
ADD_FLAVOUR(broadcast, mapped, .family = AF_INET6, .mapped = true);
ADD_FLAVOUR(broadcast, lite, .family = AF_INET, .lite = true);

FIXTURE_SETUP(broadcast)
{
	ENTER_NETNS(&variant->flavour);
	self->veth = veth_create();
	route_add(ipv4("0.0.0.0", 0), 0, "veth0", NULL, RTN_UNICAST);
	self->tx = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(broadcast)
{
}

static union address limited(const struct flavour *f)
{
	return address_for(f, "255.255.255.255", "::", PORT);
}

static union address directed(const struct flavour *f)
{
	return address_for(f, "192.0.2.255", "::", PORT);
}

static int allow(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
}

static int listener(const struct flavour *f)
{
	int fd = dgram_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(bind_to(fd, any(f, PORT)));
	return fd;
}

TEST_F(broadcast, needs_permission)
{
	EXPECT_ERRNO(EACCES, send_text(self->tx, "x",
				       limited(&variant->flavour)));
	EXPECT_ERRNO(EACCES, send_text(self->tx, "x",
				       directed(&variant->flavour)));
	EXPECT_ERRNO(EACCES, connect_to(self->tx,
					directed(&variant->flavour)));
	ASSERT_EQ(0, allow(self->tx));
	EXPECT_ERRNO(0, send_text(self->tx, "x", limited(&variant->flavour)));
	EXPECT_ERRNO(0, send_text(self->tx, "x", directed(&variant->flavour)));
	EXPECT_ERRNO(0, connect_to(self->tx, directed(&variant->flavour)));
	EXPECT_EQ(1, send(self->tx, "x", 1, 0));
}

TEST_F(broadcast, permission_can_be_taken_back)
{
	ASSERT_EQ(0, allow(self->tx));
	ASSERT_ERRNO(0, connect_to(self->tx, directed(&variant->flavour)));
	ASSERT_EQ(0, set_int(self->tx, SOL_SOCKET, SO_BROADCAST, 0));
	EXPECT_ERRNO(EACCES, send_text(self->tx, "x",
				       limited(&variant->flavour)));
}

/* Here it is looped back; at the other end of the wire it arrives. */
TEST_F(broadcast, everybody_hears_it)
{
	union address (*ways[])(const struct flavour *f) = {
		limited, directed };
	int heard[5];

	for (size_t i = 0; i < ARRAY_SIZE(heard); i++) {
		if (i == 3)
			netns_switch(self->veth.there);
		heard[i] = listener(&variant->flavour);
	}
	netns_switch(self->veth.here);
	ASSERT_EQ(0, allow(self->tx));
	for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
		ASSERT_EQ(1, send_text(self->tx, "x",
				       ways[way](&variant->flavour)));
		for (size_t i = 0; i < ARRAY_SIZE(heard); i++) {
			EXPECT_EQ(1, receive(heard[i], &got, 0));
			EXPECT_ERRNO(EAGAIN, receive_now(heard[i], &got, 0));
		}
	}
}

TEST_F(broadcast, bound_to_a_host_address_does_not_hear_it)
{
	int bound = dgram_open(&variant->flavour);
	int wild = listener(&variant->flavour);

	ASSERT_EQ(0, set_int(bound, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(bound, address_for(&variant->flavour,
						   VETH_HERE_V4, "::", PORT)));
	ASSERT_EQ(0, allow(self->tx));
	ASSERT_EQ(1, send_text(self->tx, "x", directed(&variant->flavour)));
	EXPECT_EQ(1, receive(wild, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(bound, &got, 0));
}

TEST_F(broadcast, bound_to_the_broadcast_address_hears_it)
{
	int bound = dgram_bound(&variant->flavour,
				directed(&variant->flavour));

	ASSERT_EQ(0, allow(self->tx));
	ASSERT_EQ(1, send_text(self->tx, "x", directed(&variant->flavour)));
	EXPECT_EQ(1, receive(bound, &got, 0));
}

TEST_F(broadcast, unheard_draws_no_error)
{
	long before;

	netns_switch(self->veth.there);
	before = counter(&variant->flavour, "NoPorts");
	netns_switch(self->veth.here);
	ASSERT_EQ(0, allow(self->tx));
	ask_for_reports(self->tx, &variant->flavour);
	ASSERT_EQ(1, send_text(self->tx, "x",
			       with_port(directed(&variant->flavour), 9)));
	EXPECT_EQ(0, events_of(self->tx) & POLLERR);
	netns_switch(self->veth.there);
	EXPECT_EQ(before, counter(&variant->flavour, "NoPorts"));
}

TEST_HARNESS_MAIN
