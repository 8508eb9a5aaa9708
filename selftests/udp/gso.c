// SPDX-License-Identifier: GPL-2.0
/* One call for many datagrams: UDP_SEGMENT to send and UDP_GRO to receive. */
#include "xl4test.h"
#include "wire.h"

#define MSS 1000

static struct message got;
static char data[70000];

FIXTURE(gso)
{
	struct veth veth;
	union address peer;
	int tx, rx;
};

FIXTURE_VARIANT(gso)
{
	struct flavour flavour;
};

UDP_FLAVOURS(gso);

/* rx is at the other end of a wire of 1500 bytes. */
FIXTURE_SETUP(gso)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	self->veth = veth_create();
	self->peer = address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
	self->tx = dgram_open(f);
	netns_switch(self->veth.there);
	self->rx = dgram_bound(f, self->peer);
	netns_switch(self->veth.here);
	fill_pattern(data, sizeof(data), 5);
}

FIXTURE_TEARDOWN(gso)
{
}

static int set_segment(int fd, int size)
{
	return set_int(fd, SOL_UDP, UDP_SEGMENT, size);
}

static ssize_t send_segments(int fd, size_t len, union address to,
			     unsigned short size)
{
	return send_control(fd, data, len, &to, SOL_UDP, UDP_SEGMENT, &size,
			    sizeof(size));
}

/* True when the next datagram is data from there on, so long. */
static bool came(int fd, size_t from, size_t len)
{
	return receive(fd, &got, 0) == (ssize_t)len &&
	       !memcmp(got.data, data + from, len);
}

/* True when len bytes come as segments, the last as short as need be. */
static bool came_in_segments(int fd, size_t len, size_t size)
{
	for (size_t at = 0; at < len; at += size)
		if (!came(fd, at, len - at < size ? len - at : size))
			return false;
	return recv_now(fd, got.data, 1, 0) < 0;
}

TEST_F(gso, option_is_kept_and_checked)
{
	EXPECT_EQ(0, get_int(self->tx, SOL_UDP, UDP_SEGMENT));
	ASSERT_EQ(0, set_segment(self->tx, MSS));
	EXPECT_EQ(MSS, get_int(self->tx, SOL_UDP, UDP_SEGMENT));
	EXPECT_ERRNO(EINVAL, set_segment(self->tx, -1));
	EXPECT_ERRNO(EINVAL, set_segment(self->tx, 65536));
	ASSERT_EQ(0, set_segment(self->tx, 0));
	EXPECT_EQ(0, get_int(self->tx, SOL_UDP, UDP_SEGMENT));
}

TEST_F(gso, socket_option_cuts_every_send)
{
	ASSERT_EQ(0, set_segment(self->tx, MSS));
	ASSERT_EQ(3000, send_to(self->tx, data, 3000, self->peer));
	EXPECT_TRUE(came_in_segments(self->rx, 3000, MSS));
	ASSERT_EQ(2001, send_to(self->tx, data, 2001, self->peer));
	EXPECT_TRUE(came_in_segments(self->rx, 2001, MSS));
	ASSERT_EQ(MSS, send_to(self->tx, data, MSS, self->peer));
	EXPECT_TRUE(came_in_segments(self->rx, MSS, MSS));
	ASSERT_EQ(10, send_to(self->tx, data, 10, self->peer));
	EXPECT_TRUE(came_in_segments(self->rx, 10, MSS));
	ASSERT_EQ(0, send_to(self->tx, data, 0, self->peer));
	EXPECT_EQ(0, receive(self->rx, &got, 0));
}

TEST_F(gso, control_message_cuts_one_send)
{
	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
	EXPECT_TRUE(came_in_segments(self->rx, 2500, MSS));
	ASSERT_EQ(2500, send_to(self->tx, data, 2500, self->peer));
	EXPECT_TRUE(came(self->rx, 0, 2500));
	/* and overrules the socket's option */
	ASSERT_EQ(0, set_segment(self->tx, MSS));
	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, 500));
	EXPECT_TRUE(came_in_segments(self->rx, 2500, 500));
	ASSERT_EQ(1400, send_segments(self->tx, 1400, self->peer, 0));
	EXPECT_TRUE(came(self->rx, 0, 1400));
}

TEST_F(gso, connected_socket_cuts_too)
{
	ASSERT_ERRNO(0, connect_to(self->tx, self->peer));
	ASSERT_EQ(0, set_segment(self->tx, MSS));
	ASSERT_EQ(2500, send(self->tx, data, 2500, 0));
	EXPECT_TRUE(came_in_segments(self->rx, 2500, MSS));
}

TEST_F(gso, cut_by_the_byte)
{
	ASSERT_EQ(50, send_segments(self->tx, 50, self->peer, 1));
	EXPECT_TRUE(came_in_segments(self->rx, 50, 1));
}

TEST_F(gso, largest_send_is_cut_whole)
{
	ASSERT_EQ(0, set_segment(self->tx, 1400));
	ASSERT_EQ(60000, send_to(self->tx, data, 60000, self->peer));
	EXPECT_TRUE(came_in_segments(self->rx, 60000, 1400));
}

TEST_F(gso, lengths_of_control_messages_are_checked)
{
	unsigned int size = MSS;

	EXPECT_ERRNO(EINVAL, send_control(self->tx, data, 2000, &self->peer,
					  SOL_UDP, UDP_SEGMENT, &size,
					  sizeof(size)));
	EXPECT_ERRNO(EINVAL, send_control(self->tx, data, 2000, &self->peer,
					  SOL_UDP, UDP_SEGMENT, &size, 1));
}

TEST_F(gso, too_many_segments_are_refused)
{
	EXPECT_ERRNO(EINVAL, send_segments(self->tx, 1290, self->peer, 10));
	EXPECT_ERRNO(0, send_segments(self->tx, 640, self->peer, 10));
	EXPECT_TRUE(came_in_segments(self->rx, 640, 10));
}

TEST_F(gso, segments_must_fit_the_device)
{
	int room = 1500 - UDP_HEADER -
		   (wire_family(&variant->flavour) == AF_INET6 ? 40 : 20);
	int error = errno_of(send_segments(self->tx, 3000, self->peer,
					   room + 1));

	/* later kernels than 6.1 say EMSGSIZE */
	EXPECT_TRUE(error == EINVAL || error == EMSGSIZE);
	EXPECT_ERRNO(0, send_segments(self->tx, 3000, self->peer, room));
	EXPECT_TRUE(came_in_segments(self->rx, 3000, room));
}

TEST_F(gso, larger_than_a_datagram_is_refused)
{
	ASSERT_EQ(0, set_segment(self->tx, 1400));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->tx, data, 65536, self->peer));
}

TEST_F(gso, segments_leave_with_the_cork)
{
	ASSERT_ERRNO(0, connect_to(self->tx, self->peer));
	ASSERT_EQ(0, set_int(self->tx, SOL_UDP, UDP_CORK, 1));
	ASSERT_EQ(0, set_segment(self->tx, 100));
	ASSERT_EQ(150, send(self->tx, data, 150, 0));
	ASSERT_EQ(100, send(self->tx, data + 150, 100, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(self->rx, got.data, 1, 0));
	ASSERT_EQ(0, set_int(self->tx, SOL_UDP, UDP_CORK, 0));
	EXPECT_TRUE(came_in_segments(self->rx, 250, 100));
}

/* Before 6.11 the kernel's UDP wanted a device that sums. */
static bool device_must_sum(int fd, union address to)
{
	if (!is_kernel_udp())
		return false;
	device_sums_nothing("veth0");
	return send_segments(fd, 2, to, 1) < 0 && errno == EIO;
}

TEST_F(gso, every_device_gets_it_right)
{
	static const char *const settings[] = {
		"tx off", "gso off", "sg off", "tx-udp-segmentation off",
	};

	if (device_must_sum(self->tx, with_port(self->peer, 9)))
		SKIP(return, "this kernel's UDP wants a device that sums");
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		run("ethtool -K veth0 %s >/dev/null 2>&1", settings[i]);
		ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
		EXPECT_TRUE(came_in_segments(self->rx, 2500, MSS))
			TH_LOG("after ethtool -K veth0 %s", settings[i]);
	}
	EXPECT_EQ(-1, recv_now(self->rx, got.data, 1, 0));
}

/* Someone who listens to the wire sees datagrams, each with its own header. */
TEST_F(gso, what_is_on_the_wire_are_datagrams)
{
	int tap;

	if (device_must_sum(self->tx, with_port(self->peer, 9)))
		SKIP(return, "this kernel's UDP wants a device that sums");
	run("ethtool -K veth0 tx off gso off >/dev/null 2>&1");
	netns_switch(self->veth.there);
	tap = wire_open(&variant->flavour);
	netns_switch(self->veth.here);
	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
	for (size_t at = 0; at < 2500; at += MSS) {
		const struct packet *p = wire_next(tap, &variant->flavour);
		size_t len = 2500 - at < MSS ? 2500 - at : MSS;
		size_t headers = p->udp - p->bytes + UDP_HEADER;

		ASSERT_EQ(headers + len, p->len);
		EXPECT_EQ((int)(UDP_HEADER + len), wire_word(p, 4));
		EXPECT_NE(0, wire_word(p, 6));
		EXPECT_EQ(0, memcmp(p->bytes + headers, data + at, len));
	}
}

TEST_F(gso, control_messages_go_to_all_segments)
{
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	int level = v6 ? SOL_IPV6 : SOL_IP, ttl = 7;
	int type = v6 ? IPV6_HOPLIMIT : IP_TTL;
	unsigned short size = 100;
	struct control list[] = {
		{ SOL_UDP, UDP_SEGMENT, &size, sizeof(size) },
		{ level, type, &ttl, sizeof(ttl) },
	};

	ASSERT_EQ(0, set_int(self->rx, level,
			     v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1));
	ASSERT_EQ(300, send_controls(self->tx, data, 300, &self->peer, list,
				     2, 0));
	for (int i = 0; i < 3; i++) {
		ASSERT_TRUE(came(self->rx, 100 * i, 100));
		EXPECT_EQ(7, control_int(&got, level, type, -1));
	}
}

/*
 * UDP_GRO: who asks gets the segments in one piece, with their size.
 */
static int came_whole(int fd, size_t len)
{
	if (!came(fd, 0, len))
		return -1;
	return control_int(&got, SOL_UDP, UDP_GRO, 0);
}

TEST_F(gso, gro_is_kept)
{
	EXPECT_EQ(0, get_int(self->rx, SOL_UDP, UDP_GRO));
	ASSERT_EQ(0, set_int(self->rx, SOL_UDP, UDP_GRO, 1));
	EXPECT_EQ(1, get_int(self->rx, SOL_UDP, UDP_GRO));
}

TEST_F(gso, gro_receives_in_one_piece)
{
	ASSERT_EQ(0, set_int(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
	EXPECT_EQ(MSS, came_whole(self->rx, 2500));
	EXPECT_ERRNO(EAGAIN, receive_now(self->rx, &got, 0));
	/* a plain datagram has no size to tell */
	ASSERT_EQ(500, send_to(self->tx, data, 500, self->peer));
	EXPECT_EQ(0, came_whole(self->rx, 500));
}

TEST_F(gso, gro_is_one_datagram_to_peek_and_truncate)
{
	ASSERT_EQ(0, set_int(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
	ASSERT_TRUE(wait_for(self->rx, POLLIN));
	EXPECT_EQ(2500, recv(self->rx, got.data, 10, MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ(10, recv(self->rx, got.data, 10, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->rx, &got, 0));
}

TEST_F(gso, gro_can_be_turned_off_again)
{
	ASSERT_EQ(0, set_int(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(0, set_int(self->rx, SOL_UDP, UDP_GRO, 0));
	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
	EXPECT_TRUE(came_in_segments(self->rx, 2500, MSS));
}

TEST_F(gso, loopback_carries_segments_too)
{
	struct pair p = pair_open(&variant->flavour);

	ASSERT_EQ(2500, send_segments(p.tx, 2500, p.to, MSS));
	EXPECT_TRUE(came_in_segments(p.rx, 2500, MSS));
	ASSERT_EQ(0, set_int(p.rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(2500, send_segments(p.tx, 2500, p.to, MSS));
	EXPECT_EQ(MSS, came_whole(p.rx, 2500));
}

/* Two members of a group: each gets the packet as it wants it. */
TEST_F(gso, group_members_get_it_each_their_way)
{
	const struct flavour *f = &variant->flavour;
	union address group = address_for(f, "239.1.2.3", "ff0e::1:2:3", 4001);
	struct group_req request = { .gr_interface = if_nametoindex("veth0"),
				     .gr_group = group.storage };
	int member[2];

	if (f->mapped)
		return;
	route_add(ipv4("239.0.0.0", 0), 8, "veth0", NULL, RTN_UNICAST);
	for (int i = 0; i < 2; i++) {
		member[i] = dgram_open(f);
		ASSERT_EQ(0, set_int(member[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_ERRNO(0, bind_to(member[i], any(f, 4001)));
		ASSERT_EQ(0, setsockopt(member[i], f->family == AF_INET6 ?
					SOL_IPV6 : SOL_IP, MCAST_JOIN_GROUP,
					&request, sizeof(request)));
	}
	ASSERT_EQ(0, set_int(member[0], SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(2500, send_segments(self->tx, 2500, group, MSS));
	EXPECT_EQ(MSS, came_whole(member[0], 2500));
	EXPECT_TRUE(came_in_segments(member[1], 2500, MSS));
}

TEST_F(gso, one_send_counts_as_one)
{
	long before = counter(&variant->flavour, "OutDatagrams");

	ASSERT_EQ(2500, send_segments(self->tx, 2500, self->peer, MSS));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "OutDatagrams"));
}

/* UDP-Lite does not take part. */
FIXTURE(gso_lite)
{
	struct pair p;
};

FIXTURE_VARIANT(gso_lite)
{
	struct flavour flavour;
};

LITE_FLAVOURS(gso_lite);

FIXTURE_SETUP(gso_lite)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(gso_lite)
{
}

TEST_F(gso_lite, segments_are_refused)
{
	int error = errno_of(send_segments(self->p.tx, 2500, self->p.to, MSS));

	EXPECT_TRUE(error == EINVAL || error == EIO);
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_HARNESS_MAIN
