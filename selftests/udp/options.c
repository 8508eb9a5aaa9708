// SPDX-License-Identifier: GPL-2.0
/* getsockopt and setsockopt: values, bounds and errors. */
#include "xl4test.h"

#define NOBODY 65534

static struct message got;

FIXTURE(options)
{
	int fd;
};

FIXTURE_VARIANT(options)
{
	struct flavour flavour;
};

ADD_FLAVOUR(options, udp_ipv4, .family = AF_INET);
ADD_FLAVOUR(options, udp_ipv6, .family = AF_INET6);
ADD_FLAVOUR(options, lite_ipv4, .family = AF_INET, .lite = true);
ADD_FLAVOUR(options, lite_ipv6, .family = AF_INET6, .lite = true);

FIXTURE_SETUP(options)
{
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(options)
{
}

TEST_F(options, socket_tells_what_it_is)
{
	EXPECT_EQ(SOCK_DGRAM, get_int(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(protocol_of(&variant->flavour),
		  get_int(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(variant->flavour.family,
		  get_int(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(options, what_it_is_cannot_be_set)
{
	EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, SOL_SOCKET, SO_TYPE, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, SOL_SOCKET, SO_PROTOCOL,
					  17));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, SOL_SOCKET, SO_DOMAIN, 2));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, SOL_SOCKET, SO_ERROR, 0));
}

TEST_F(options, unknown_ones_are_refused)
{
	int own = protocol_of(&variant->flavour);
	int levels[] = { SOL_SOCKET, SOL_IP, SOL_UDP, own, 99 };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		int value = 0;
		socklen_t len = sizeof(value);

		EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, levels[i], 250, 1))
			TH_LOG("level %d", levels[i]);
		EXPECT_NE(0, getsockopt(self->fd, levels[i], 250, &value,
					&len));
		EXPECT_TRUE(errno == ENOPROTOOPT || errno == EOPNOTSUPP);
	}
}

TEST_F(options, ipv6_level_is_for_ipv6)
{
	int expected = variant->flavour.family == AF_INET6 ? 0 : ENOPROTOOPT;

	EXPECT_ERRNO(expected, set_int(self->fd, SOL_IPV6, IPV6_TCLASS, 4));
}

TEST_F(options, short_values_are_refused)
{
	int levels[][2] = {
		{ SOL_UDP, UDP_CORK }, { SOL_UDP, UDP_SEGMENT },
		{ SOL_UDP, UDP_GRO }, { SOL_UDP, UDP_NO_CHECK6_TX },
		{ SOL_UDP, UDP_NO_CHECK6_RX }, { SOL_SOCKET, SO_SNDBUF },
		{ SOL_SOCKET, SO_REUSEADDR },
	};
	int value = 1;

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, levels[i][0],
						levels[i][1], &value, 3));
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, levels[i][0],
						levels[i][1], &value, 0));
	}
}

TEST_F(options, bad_memory_is_refused)
{
	int levels[][2] = { { SOL_UDP, UDP_CORK }, { SOL_SOCKET, SO_SNDBUF } };
	socklen_t len = sizeof(int);
	int value;

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		int level = levels[i][0], option = levels[i][1];

		EXPECT_ERRNO(EFAULT, setsockopt(self->fd, level, option,
						(void *)1, sizeof(int)));
		EXPECT_ERRNO(EFAULT, getsockopt(self->fd, level, option,
						(void *)1, &len));
		EXPECT_ERRNO(EFAULT, getsockopt(self->fd, level, option,
						&value, (void *)1));
	}
}

TEST_F(options, getsockopt_gives_no_more_than_there_is_room_for)
{
	unsigned char bytes[8] = { 0xaa, 0xaa, 0xaa, 0xaa, 0xaa };
	socklen_t len = 1;

	ASSERT_EQ(0, set_int(self->fd, SOL_UDP, UDP_CORK, 1));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_UDP, UDP_CORK, bytes, &len));
	EXPECT_EQ(1U, len);
	EXPECT_EQ(1, bytes[0]);
	EXPECT_EQ(0xaa, bytes[1]);
	len = sizeof(bytes);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_UDP, UDP_CORK, bytes, &len));
	EXPECT_EQ(sizeof(int), len);
	EXPECT_EQ(0xaa, bytes[4]);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->fd, SOL_UDP, UDP_CORK, bytes,
					&len));
}

TEST_F(options, switches_are_kept)
{
	static const int switches[] = {
		SO_REUSEADDR, SO_REUSEPORT, SO_BROADCAST, SO_DONTROUTE,
		SO_KEEPALIVE, SO_OOBINLINE, SO_RXQ_OVFL, SO_NO_CHECK,
		SO_SELECT_ERR_QUEUE, SO_TIMESTAMP,
	};

	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		int option = switches[i];

		EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, option))
			TH_LOG("option %d", option);
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, option, 1))
			TH_LOG("option %d", option);
		EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, option));
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, option, 0));
		EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, option));
	}
}

TEST_F(options, buffers_are_doubled_within_bounds)
{
	int options[] = { SO_SNDBUF, SO_RCVBUF };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, options[i], 20000));
		EXPECT_EQ(40000, get_int(self->fd, SOL_SOCKET, options[i]));
		/* a floor, and a ceiling of the administrator's */
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, options[i], 1));
		EXPECT_LT(1000, get_int(self->fd, SOL_SOCKET, options[i]));
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, options[i],
				     0x3fffffff));
		EXPECT_GT(0x20000000, get_int(self->fd, SOL_SOCKET,
					      options[i]));
	}
}

TEST_F(options, buffers_beyond_the_ceiling_need_privilege)
{
	int options[] = { SO_SNDBUFFORCE, SO_RCVBUFFORCE };

	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SNDBUFFORCE, 0x1000000));
	EXPECT_EQ(0x2000000, get_int(self->fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_RCVBUFFORCE, 0x1000000));
	EXPECT_EQ(0x2000000, get_int(self->fd, SOL_SOCKET, SO_RCVBUF));
	ASSERT_EQ(0, seteuid(NOBODY));
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, options[i],
					    0x1000000));
}

TEST_F(options, priority_is_kept)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_PRIORITY, 6));
	EXPECT_EQ(6, get_int(self->fd, SOL_SOCKET, SO_PRIORITY));
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_PRIORITY, 7));
}

TEST_F(options, linger_is_kept_and_close_does_not_wait)
{
	struct linger linger = { 1, 100 }, kept;
	socklen_t len = sizeof(kept);

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger)));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_LINGER, &kept, &len));
	EXPECT_EQ(1, kept.l_onoff);
	EXPECT_EQ(100, kept.l_linger);
	ASSERT_EQ(1, send_text(self->fd, "x", loopback(&variant->flavour, 9)));
	EXPECT_EQ(0, close(self->fd));
}

TEST_F(options, incoming_cpu_and_cookie_are_told)
{
	unsigned long long cookie = 0, other = 0;
	int fd = dgram_open(&variant->flavour);
	socklen_t len = sizeof(cookie);

	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_COOKIE, &cookie,
				&len));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_COOKIE, &other, &len));
	EXPECT_NE(0ULL, cookie);
	EXPECT_NE(cookie, other);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_INCOMING_CPU, 1));
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_INCOMING_CPU));
}

/*
 * SO_BINDTODEVICE: two devices with one address each, and lo.
 */
FIXTURE(device)
{
	struct veth veth;
	union address here, there;
	int fd;
};

FIXTURE_VARIANT(device)
{
	struct flavour flavour;
};

ALL_FLAVOURS(device);

FIXTURE_SETUP(device)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	self->veth = veth_create();
	self->here = address_for(f, VETH_HERE_V4, VETH_HERE_V6, 4000);
	self->there = address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
	self->fd = dgram_bound(f, any(f, 4000));
}

FIXTURE_TEARDOWN(device)
{
}

static int bind_device(int fd, const char *name)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
			  strlen(name) + 1);
}

TEST_F(device, is_kept)
{
	char name[IFNAMSIZ];
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, bind_device(self->fd, "veth0"));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, name,
				&len));
	EXPECT_STREQ("veth0", name);
	EXPECT_EQ((int)if_nametoindex("veth0"),
		  get_int(self->fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	EXPECT_ERRNO(ENODEV, bind_device(self->fd, "nosuch0"));
}

TEST_F(device, hears_its_device_alone)
{
	int local = dgram_open(&variant->flavour);
	int remote;

	ASSERT_EQ(0, bind_device(self->fd, "veth0"));
	netns_switch(self->veth.there);
	remote = dgram_open(&variant->flavour);
	netns_switch(self->veth.here);
	ASSERT_EQ(1, send_text(local, "l",
			       loopback(&variant->flavour, 4000)));
	ASSERT_EQ(1, send_text(remote, "r", self->here));
	ASSERT_EQ(1, receive(self->fd, &got, 0));
	EXPECT_EQ('r', got.data[0]);
}

TEST_F(device, sends_by_its_device_alone)
{
	int rx;

	netns_switch(self->veth.there);
	rx = dgram_bound(&variant->flavour, self->there);
	netns_switch(self->veth.here);
	ASSERT_EQ(0, bind_device(self->fd, "lo"));
	/* IPv6 has no route by lo; IPv4 takes the peer to be there, in vain */
	EXPECT_ERRNO(wire_family(&variant->flavour) == AF_INET6 ? ENETUNREACH
								: 0,
		     send_text(self->fd, "l", self->there));
	ASSERT_EQ(0, bind_device(self->fd, ""));
	ASSERT_EQ(1, send_text(self->fd, "v", self->there));
	ASSERT_EQ(1, receive(rx, &got, 0));
	EXPECT_EQ('v', got.data[0]);
}

TEST_F(device, lets_two_share_a_port)
{
	int other = dgram_open(&variant->flavour);

	ASSERT_EQ(0, bind_device(self->fd, "veth0"));
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, any(&variant->flavour, 4000)));
	ASSERT_EQ(0, bind_device(other, "lo"));
	EXPECT_ERRNO(0, bind_to(other, any(&variant->flavour, 4000)));
	ASSERT_EQ(1, send_text(dgram_open(&variant->flavour), "x",
			       loopback(&variant->flavour, 4000)));
	EXPECT_EQ(1, receive(other, &got, 0));
}

TEST_HARNESS_MAIN
