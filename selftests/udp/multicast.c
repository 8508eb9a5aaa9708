// SPDX-License-Identifier: GPL-2.0
/* Groups and broadcast: who joins, who hears, how far it goes. */
#include "xl4test.h"

#define PORT 4000

#define GROUP_V4 "239.1.2.3"
#define GROUP_V6 "ff0e::1:2:3"

static struct message got;

FIXTURE(multicast)
{
	struct flavour flavour;
	struct veth veth;
	union address group;
	int tx;
};

FIXTURE_VARIANT(multicast)
{
	struct flavour flavour;
};

ADD_FLAVOUR(multicast, udp_ipv4, .family = AF_INET);
ADD_FLAVOUR(multicast, udp_ipv6, .family = AF_INET6);
ADD_FLAVOUR(multicast, lite_ipv4, .family = AF_INET, .lite = true);
ADD_FLAVOUR(multicast, lite_ipv6, .family = AF_INET6, .lite = true);

/* One device with an address; what is sent there is looped back to here. */
FIXTURE_SETUP(multicast)
{
	ENTER_NETNS(&variant->flavour);
	self->veth = veth_create();
	route_add(ipv4("224.0.0.0", 0), 4, "veth0", NULL, RTN_UNICAST);
	self->flavour = variant->flavour;
	self->group = address_for(&variant->flavour, GROUP_V4, GROUP_V6, PORT);
	self->tx = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(multicast)
{
}

static int level_of(const union address *group)
{
	return group->sa.sa_family == AF_INET6 ? SOL_IPV6 : SOL_IP;
}

static int group_request(int fd, int option, union address group, int device)
{
	struct group_req request = { .gr_interface = device,
				     .gr_group = group.storage };

	return setsockopt(fd, level_of(&group), option, &request,
			  sizeof(request));
}

static int join(int fd, union address group)
{
	return group_request(fd, MCAST_JOIN_GROUP, group,
			     if_nametoindex("veth0"));
}

static int leave(int fd, union address group)
{
	return group_request(fd, MCAST_LEAVE_GROUP, group,
			     if_nametoindex("veth0"));
}

static int source_request(int fd, int option, union address group,
			  union address source)
{
	struct group_source_req request = {
		.gsr_interface = if_nametoindex("veth0"),
		.gsr_group = group.storage,
		.gsr_source = source.storage,
	};

	return setsockopt(fd, level_of(&group), option, &request,
			  sizeof(request));
}

/* A member of the group that shares the port with others. */
static int listener(const struct flavour *f)
{
	int fd = dgram_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(bind_to(fd, any(f, PORT)));
	return fd;
}

static int member(const struct flavour *f, union address group)
{
	int fd = listener(f);

	MUST(join(fd, group));
	return fd;
}

/* True when the next datagram is that text. */
static bool hears(int fd, const char *text)
{
	return receive(fd, &got, 0) == (ssize_t)strlen(text) &&
	       !memcmp(got.data, text, strlen(text));
}

static bool hears_nothing(int fd)
{
	return receive_now(fd, &got, 0) < 0 && errno == EAGAIN;
}

/* This host, or the one at the other end of the wire. */
static union address source(const struct flavour *f, bool here)
{
	return address_for(f, here ? VETH_HERE_V4 : VETH_THERE_V4,
			   here ? VETH_HERE_V6 : VETH_THERE_V6, 0);
}

/* Hears from now on only the groups it joined itself. */
static bool all_off(int fd, const struct flavour *f)
{
	bool v6 = f->family == AF_INET6;

	return !set_int(fd, v6 ? SOL_IPV6 : SOL_IP,
			v6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, 0);
}

TEST_F(multicast, every_member_gets_its_copy)
{
	int members[5];

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		members[i] = member(&self->flavour, self->group);
	ASSERT_EQ(2, send_text(self->tx, "hi", self->group));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		EXPECT_TRUE(hears(members[i], "hi"));
		EXPECT_TRUE(hears_nothing(members[i]));
	}
}

/* More sockets than one scan holds back: the last must hear it too. */
TEST_F(multicast, hundreds_of_members_get_their_copies)
{
	static int members[600];

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		members[i] = member(&self->flavour, self->group);
	ASSERT_EQ(2, send_text(self->tx, "hi", self->group));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		EXPECT_TRUE(hears(members[i], "hi"));
		EXPECT_TRUE(hears_nothing(members[i]));
	}
}

TEST_F(multicast, copies_are_independent)
{
	int a = member(&self->flavour, self->group);
	int b = member(&self->flavour, self->group);
	char bytes[2];

	ASSERT_EQ(4, send_text(self->tx, "copy", self->group));
	ASSERT_EQ(2, recv(a, bytes, 2, 0));
	EXPECT_TRUE(hears(b, "copy"));
}

TEST_F(multicast, ports_and_bound_addresses_still_choose)
{
	int heard = member(&self->flavour, self->group);
	int elsewhere = dgram_bound(&self->flavour, any(&self->flavour, 4001));
	int unicast = dgram_open(&self->flavour);
	int by_group = dgram_open(&self->flavour);

	ASSERT_EQ(0, join(elsewhere, self->group));
	ASSERT_EQ(0, set_int(unicast, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(unicast, loopback(&self->flavour, PORT)));
	ASSERT_EQ(0, join(unicast, self->group));
	ASSERT_EQ(0, set_int(by_group, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(by_group, self->group));
	ASSERT_EQ(0, join(by_group, self->group));
	ASSERT_EQ(1, send_text(self->tx, "m", self->group));
	EXPECT_TRUE(hears(heard, "m"));
	EXPECT_TRUE(hears(by_group, "m"));
	EXPECT_TRUE(hears_nothing(elsewhere));
	EXPECT_TRUE(hears_nothing(unicast));
}

TEST_F(multicast, connected_members_hear_their_peer_alone)
{
	union address here = with_port(source(&self->flavour, true), 4001);
	int stranger = dgram_open(&self->flavour);
	int fd = dgram_bound(&self->flavour, self->group);

	ASSERT_EQ(0, join(fd, self->group));
	ASSERT_ERRNO(0, bind_to(self->tx, here));
	ASSERT_ERRNO(0, connect_to(fd, here));
	ASSERT_EQ(1, send_text(stranger, "s", self->group));
	ASSERT_EQ(1, send_text(self->tx, "p", self->group));
	EXPECT_TRUE(hears(fd, "p"));
}

TEST_F(multicast, disconnected_members_hear_all_again)
{
	union address peer = with_port(source(&self->flavour, false), 4001);
	int fd = member(&self->flavour, self->group);

	if (is_kernel_udp() && self->flavour.family == AF_INET6)
		SKIP(return, "the kernel's own still hears its old peer alone");
	ASSERT_TRUE(all_off(fd, &self->flavour));
	ASSERT_ERRNO(0, connect_to(fd, peer));
	ASSERT_EQ(1, send_text(self->tx, "1", self->group));
	EXPECT_TRUE(hears_nothing(fd));
	ASSERT_ERRNO(0, disconnect(fd));
	ASSERT_EQ(1, send_text(self->tx, "2", self->group));
	EXPECT_TRUE(hears(fd, "2"));
}

TEST_F(multicast, who_left_hears_no_more)
{
	int stays = member(&self->flavour, self->group);
	int goes = dgram_bound(&self->flavour, any(&self->flavour, 4001));

	ASSERT_EQ(0, join(goes, self->group));
	ASSERT_EQ(0, leave(goes, self->group));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(goes, self->group));
	ASSERT_EQ(1, send_text(self->tx, "x",
			       with_port(self->group, 4001)));
	ASSERT_EQ(1, send_text(self->tx, "y", self->group));
	EXPECT_TRUE(hears(stays, "y"));
}

TEST_F(multicast, joining_twice_is_refused)
{
	int fd = member(&self->flavour, self->group);

	EXPECT_ERRNO(EADDRINUSE, join(fd, self->group));
}

TEST_F(multicast, joining_what_is_no_group_is_refused)
{
	int fd = listener(&self->flavour);

	EXPECT_ERRNO(EINVAL, join(fd, loopback(&self->flavour, 0)));
	EXPECT_ERRNO(ENODEV, group_request(fd, MCAST_JOIN_GROUP, self->group,
					   12345));
}

/*
 * A socket that joined no group hears those that others joined, unless it
 * turns IP_MULTICAST_ALL off.
 */
TEST_F(multicast, all_means_groups_of_others_too)
{
	int joined = member(&self->flavour, self->group);
	int not_joined = listener(&self->flavour);
	bool v6 = self->flavour.family == AF_INET6;

	ASSERT_EQ(1, send_text(self->tx, "1", self->group));
	EXPECT_TRUE(hears(joined, "1"));
	EXPECT_TRUE(hears(not_joined, "1"));
	ASSERT_EQ(0, set_int(not_joined, v6 ? SOL_IPV6 : SOL_IP,
			     v6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, 0));
	ASSERT_EQ(1, send_text(self->tx, "2", self->group));
	EXPECT_TRUE(hears(joined, "2"));
	EXPECT_TRUE(hears_nothing(not_joined));
}

TEST_F(multicast, source_filter_lets_in_who_was_named)
{
	const struct flavour *f = &self->flavour;
	int wants_here = listener(f), wants_there = listener(f);

	ASSERT_TRUE(all_off(wants_here, f) && all_off(wants_there, f));
	ASSERT_EQ(0, source_request(wants_here, MCAST_JOIN_SOURCE_GROUP,
				    self->group, source(f, true)));
	ASSERT_EQ(0, source_request(wants_there, MCAST_JOIN_SOURCE_GROUP,
				    self->group, source(f, false)));
	ASSERT_ERRNO(0, bind_to(self->tx, source(f, true)));
	ASSERT_EQ(1, send_text(self->tx, "x", self->group));
	EXPECT_TRUE(hears(wants_here, "x"));
	EXPECT_TRUE(hears_nothing(wants_there));
}

TEST_F(multicast, source_filter_keeps_out_who_was_blocked)
{
	const struct flavour *f = &self->flavour;
	int open = member(f, self->group), blocks = member(f, self->group);

	ASSERT_EQ(0, source_request(blocks, MCAST_BLOCK_SOURCE, self->group,
				    source(f, true)));
	ASSERT_ERRNO(0, bind_to(self->tx, source(f, true)));
	ASSERT_EQ(1, send_text(self->tx, "1", self->group));
	EXPECT_TRUE(hears(open, "1"));
	EXPECT_TRUE(hears_nothing(blocks));
	ASSERT_EQ(0, source_request(blocks, MCAST_UNBLOCK_SOURCE, self->group,
				    source(f, true)));
	ASSERT_EQ(1, send_text(self->tx, "2", self->group));
	EXPECT_TRUE(hears(blocks, "2"));
}

TEST_F(multicast, loop_can_be_turned_off)
{
	int fd = member(&self->flavour, self->group);
	bool v6 = self->flavour.family == AF_INET6;
	int option = v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP;

	EXPECT_EQ(1, get_int(self->tx, v6 ? SOL_IPV6 : SOL_IP, option));
	ASSERT_EQ(0, set_int(self->tx, v6 ? SOL_IPV6 : SOL_IP, option, 0));
	ASSERT_EQ(1, send_text(self->tx, "x", self->group));
	EXPECT_TRUE(hears_nothing(fd));
}

TEST_F(multicast, goes_one_hop_unless_told)
{
	int fd = member(&self->flavour, self->group);
	bool v6 = self->flavour.family == AF_INET6;
	int level = v6 ? SOL_IPV6 : SOL_IP;
	int option = v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL;
	int type = v6 ? IPV6_HOPLIMIT : IP_TTL;

	ASSERT_EQ(0, set_int(fd, level, v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL,
			     1));
	ASSERT_EQ(1, send_text(self->tx, "x", self->group));
	ASSERT_TRUE(hears(fd, "x"));
	EXPECT_EQ(1, control_int(&got, level, type, -1));
	ASSERT_EQ(0, set_int(self->tx, level, option, 5));
	ASSERT_EQ(1, send_text(self->tx, "y", self->group));
	ASSERT_TRUE(hears(fd, "y"));
	EXPECT_EQ(5, control_int(&got, level, type, -1));
	EXPECT_ERRNO(EINVAL, set_int(self->tx, level, option, 256));
}

/* Without a route the device that was chosen decides. */
TEST_F(multicast, interface_can_be_chosen)
{
	int fd = member(&self->flavour, self->group);
	bool v6 = self->flavour.family == AF_INET6;
	int device = if_nametoindex("veth0");
	struct ip_mreqn v4 = { .imr_ifindex = device };

	run("ip route del 224.0.0.0/4 dev veth0");
	if (v6)
		ASSERT_EQ(0, set_int(self->tx, SOL_IPV6, IPV6_MULTICAST_IF,
				     device));
	if (!v6)
		ASSERT_EQ(0, setsockopt(self->tx, SOL_IP, IP_MULTICAST_IF, &v4,
					sizeof(v4)));
	ASSERT_EQ(1, send_text(self->tx, "x", self->group));
	EXPECT_TRUE(hears(fd, "x"));
}

TEST_F(multicast, interface_must_exist)
{
	bool v6 = self->flavour.family == AF_INET6;
	struct ip_mreqn v4 = { .imr_ifindex = 12345 };

	if (v6)
		EXPECT_ERRNO(ENODEV, set_int(self->tx, SOL_IPV6,
					     IPV6_MULTICAST_IF, 12345));
	if (!v6)
		EXPECT_ERRNO(EADDRNOTAVAIL,
			     setsockopt(self->tx, SOL_IP, IP_MULTICAST_IF, &v4,
					sizeof(v4)));
}

TEST_F(multicast, close_leaves_the_group)
{
	int stays = listener(&self->flavour);

	close(member(&self->flavour, self->group));
	ASSERT_EQ(1, send_text(self->tx, "x", self->group));
	EXPECT_TRUE(hears_nothing(stays));
}

TEST_F(multicast, reaches_the_other_end_of_the_wire)
{
	int fd;

	netns_switch(self->veth.there);
	fd = member(&self->flavour, self->group);
	netns_switch(self->veth.here);
	ASSERT_EQ(1, send_text(self->tx, "x", self->group));
	ASSERT_TRUE(wait_for(fd, POLLIN));
	EXPECT_TRUE(hears(fd, "x"));
}

/* The older names of the same requests. */
TEST_F(multicast, old_requests_do_the_same)
{
	int fd = listener(&self->flavour);
	bool v6 = self->flavour.family == AF_INET6;
	struct ip_mreq v4 = { .imr_interface = ipv4(VETH_HERE_V4, 0).v4.sin_addr,
			      .imr_multiaddr = self->group.v4.sin_addr };
	struct ipv6_mreq request = { .ipv6mr_multiaddr = self->group.v6.sin6_addr,
				     .ipv6mr_interface = if_nametoindex("veth0") };

	ASSERT_TRUE(all_off(fd, &self->flavour));
	ASSERT_EQ(1, send_text(self->tx, "1", self->group));
	EXPECT_TRUE(hears_nothing(fd));
	if (v6)
		ASSERT_EQ(0, setsockopt(fd, SOL_IPV6, IPV6_JOIN_GROUP, &request,
					sizeof(request)));
	if (!v6)
		ASSERT_EQ(0, setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &v4,
					sizeof(v4)));
	ASSERT_EQ(1, send_text(self->tx, "2", self->group));
	EXPECT_TRUE(hears(fd, "2"));
	if (v6)
		ASSERT_EQ(0, setsockopt(fd, SOL_IPV6, IPV6_LEAVE_GROUP,
					&request, sizeof(request)));
	if (!v6)
		ASSERT_EQ(0, setsockopt(fd, SOL_IP, IP_DROP_MEMBERSHIP, &v4,
					sizeof(v4)));
	ASSERT_EQ(1, send_text(self->tx, "3", self->group));
	EXPECT_TRUE(hears_nothing(fd));
}

TEST_F(multicast, datagram_of_no_member_draws_no_error)
{
	long before = counter(&self->flavour, "NoPorts");

	ASSERT_EQ(0, set_int(self->tx, level_of(&self->group),
			     self->flavour.family == AF_INET6 ? IPV6_RECVERR
							      : IP_RECVERR, 1));
	close(member(&self->flavour, with_port(self->group, 1)));
	member(&self->flavour, self->group);
	ASSERT_EQ(1, send_text(self->tx, "x", with_port(self->group, 9)));
	EXPECT_TRUE(hears_nothing(self->tx));
	EXPECT_EQ(before, counter(&self->flavour, "NoPorts"));
	/* the kernel's UDP-Lite over IPv6 has no such counter */
	EXPECT_NE(0, counter(&self->flavour, "IgnoredMulti"));
}

FIXTURE(multicast_mapped)
{
	struct flavour v4;
	union address group;
	int tx;
};

FIXTURE_VARIANT(multicast_mapped)
{
	struct flavour flavour;
};

ADD_FLAVOUR(multicast_mapped, udp, .family = AF_INET6, .mapped = true);
ADD_FLAVOUR(multicast_mapped, lite, .family = AF_INET6, .mapped = true,
	    .lite = true);

FIXTURE_SETUP(multicast_mapped)
{
	ENTER_NETNS(&variant->flavour);
	veth_create();
	route_add(ipv4("224.0.0.0", 0), 4, "veth0", NULL, RTN_UNICAST);
	self->v4 = (struct flavour) { .family = AF_INET,
				      .lite = variant->flavour.lite };
	self->group = ipv4(GROUP_V4, PORT);
	self->tx = dgram_open(&self->v4);
}

FIXTURE_TEARDOWN(multicast_mapped)
{
}

/* An IPv6 socket that is bound to this and joined the IPv4 group. */
static int member_v6(const struct flavour *f, const char *bound_to,
		     union address group)
{
	int fd = dgram_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_int(fd, SOL_IP, IP_MULTICAST_ALL, 0));
	MUST(bind_to(fd, ipv6(bound_to, PORT)));
	MUST(join(fd, group));
	return fd;
}

TEST_F(multicast_mapped, any_of_ipv4_hears_it_as_any_does)
{
	int any4 = member_v6(&variant->flavour, "::ffff:0.0.0.0", self->group);
	int any6 = member_v6(&variant->flavour, "::", self->group);
	int by_group = member_v6(&variant->flavour, "::ffff:" GROUP_V4,
				 self->group);
	int by_host = member_v6(&variant->flavour, "::ffff:" VETH_HERE_V4,
				self->group);

	ASSERT_EQ(1, send_text(self->tx, "m", self->group));
	EXPECT_TRUE(hears(any4, "m"));
	EXPECT_TRUE(hears(any6, "m"));
	EXPECT_TRUE(hears(by_group, "m"));
	EXPECT_TRUE(hears_nothing(by_host));
}

TEST_F(multicast_mapped, disconnected_members_hear_all_again)
{
	int fd = member_v6(&variant->flavour, "::", self->group);

	ASSERT_ERRNO(0, connect_to(fd, ipv6("::ffff:" VETH_THERE_V4, 4001)));
	ASSERT_EQ(1, send_text(self->tx, "1", self->group));
	EXPECT_TRUE(hears_nothing(fd));
	ASSERT_ERRNO(0, disconnect(fd));
	ASSERT_EQ(1, send_text(self->tx, "2", self->group));
	EXPECT_TRUE(hears(fd, "2"));
}

TEST_HARNESS_MAIN
