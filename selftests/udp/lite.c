// SPDX-License-Identifier: GPL-2.0
/* UDP-Lite, RFC 3828: how much of a datagram the checksum covers. */
#include "xl4test.h"
#include "wire.h"

static struct message got;

FIXTURE(lite)
{
	struct veth veth;
	union address peer;
	int tx, rx, tap;
};

FIXTURE_VARIANT(lite)
{
	struct flavour flavour;
};

LITE_FLAVOURS(lite);

FIXTURE_SETUP(lite)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	self->veth = veth_create();
	self->peer = address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
	self->tx = dgram_open(f);
	netns_switch(self->veth.there);
	self->rx = dgram_bound(f, self->peer);
	self->tap = wire_open(f);
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(lite)
{
}

static int send_coverage(int fd, int coverage)
{
	return set_int(fd, SOL_UDPLITE, UDPLITE_SEND_CSCOV, coverage);
}

static int recv_coverage(int fd, int coverage)
{
	return set_int(fd, SOL_UDPLITE, UDPLITE_RECV_CSCOV, coverage);
}

/* The coverage field, where UDP has the length, of the next on the wire. */
static int wire_coverage(int tap, const struct flavour *f)
{
	return wire_word(wire_next(tap, f), 4);
}

TEST_F(lite, covers_all_by_default)
{
	EXPECT_EQ(0, get_int(self->tx, SOL_UDPLITE, UDPLITE_SEND_CSCOV));
	EXPECT_EQ(0, get_int(self->tx, SOL_UDPLITE, UDPLITE_RECV_CSCOV));
	ASSERT_EQ(4, send_text(self->tx, "lite", self->peer));
	/* RFC 3828: 0 is all, and so is the whole length */
	EXPECT_EQ(UDP_HEADER + 4,
		  wire_coverage(self->tap, &variant->flavour) ?: 12);
	EXPECT_EQ(4, receive(self->rx, &got, 0));
}

TEST_F(lite, coverage_is_kept_within_bounds)
{
	static const struct { int set, get; } values[] = {
		{ 0, 0 }, { 1, 8 }, { 7, 8 }, { 8, 8 }, { 20, 20 },
		{ 65535, 65535 }, { 65536, 65535 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, send_coverage(self->tx, values[i].set));
		EXPECT_EQ(values[i].get, get_int(self->tx, SOL_UDPLITE,
						 UDPLITE_SEND_CSCOV));
		ASSERT_EQ(0, recv_coverage(self->tx, values[i].set));
		EXPECT_EQ(values[i].get, get_int(self->tx, SOL_UDPLITE,
						 UDPLITE_RECV_CSCOV));
	}
}

TEST_F(lite, level_of_udp_serves_too)
{
	ASSERT_EQ(0, set_int(self->tx, SOL_UDP, UDPLITE_SEND_CSCOV, 8));
	EXPECT_EQ(8, get_int(self->tx, SOL_UDP, UDPLITE_SEND_CSCOV));
	EXPECT_EQ(8, get_int(self->tx, SOL_UDPLITE, UDPLITE_SEND_CSCOV));
}

TEST_F(lite, is_for_udplite_alone)
{
	struct flavour udp = { .family = variant->flavour.family };
	int fd = dgram_open(&udp);

	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_UDP, UDPLITE_SEND_CSCOV, 8));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_UDP, UDPLITE_RECV_CSCOV, 8));
}

TEST_F(lite, coverage_is_on_the_wire)
{
	for (int coverage = 8; coverage <= 12; coverage++) {
		ASSERT_EQ(0, send_coverage(self->tx, coverage));
		ASSERT_EQ(8, send_text(self->tx, "coverage", self->peer));
		EXPECT_EQ(coverage, wire_coverage(self->tap,
						  &variant->flavour));
		EXPECT_EQ(8, receive(self->rx, &got, 0));
	}
}

TEST_F(lite, coverage_of_the_whole_or_more_covers_the_whole)
{
	int whole = UDP_HEADER + 4, told;

	for (int coverage = whole; coverage < whole + 3; coverage++) {
		ASSERT_EQ(0, send_coverage(self->tx, coverage));
		ASSERT_EQ(4, send_text(self->tx, "lite", self->peer));
		told = wire_coverage(self->tap, &variant->flavour);
		EXPECT_TRUE(told == whole || told == 0);
		EXPECT_EQ(4, receive(self->rx, &got, 0));
	}
}

TEST_F(lite, coverage_goes_by_each_datagrams_length)
{
	static char big[3000];

	fill_pattern(big, sizeof(big), 2);
	ASSERT_EQ(0, send_coverage(self->tx, 20));
	ASSERT_EQ(0, send_text(self->tx, "", self->peer));
	ASSERT_EQ(0, receive(self->rx, &got, 0));
	/* in fragments, with the covered part in the first */
	ASSERT_EQ((ssize_t)sizeof(big), send_to(self->tx, big, sizeof(big),
						self->peer));
	ASSERT_EQ((ssize_t)sizeof(big), receive(self->rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, sizeof(big), 2));
}

TEST_F(lite, coverage_into_the_second_fragment)
{
	static char big[3000];

	fill_pattern(big, sizeof(big), 3);
	ASSERT_EQ(0, send_coverage(self->tx, 2000));
	ASSERT_EQ((ssize_t)sizeof(big), send_to(self->tx, big, sizeof(big),
						self->peer));
	ASSERT_EQ((ssize_t)sizeof(big), receive(self->rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, sizeof(big), 3));
}

TEST_F(lite, coverage_holds_for_corked_datagrams)
{
	ASSERT_ERRNO(0, connect_to(self->tx, self->peer));
	ASSERT_EQ(0, send_coverage(self->tx, 10));
	ASSERT_EQ(3, send(self->tx, "abc", 3, MSG_MORE));
	ASSERT_EQ(3, send(self->tx, "def", 3, 0));
	EXPECT_EQ(10, wire_coverage(self->tap, &variant->flavour));
	ASSERT_EQ(6, receive(self->rx, &got, 0));
	EXPECT_EQ(0, memcmp("abcdef", got.data, 6));
}

TEST_F(lite, receiver_refuses_less_than_it_asked_for)
{
	ASSERT_EQ(0, recv_coverage(self->rx, 20));
	ASSERT_EQ(0, send_coverage(self->tx, 19));
	ASSERT_EQ(16, send_text(self->tx, "less than wanted", self->peer));
	ASSERT_EQ(0, send_coverage(self->tx, 20));
	ASSERT_EQ(14, send_text(self->tx, "what is wanted", self->peer));
	ASSERT_EQ(14, receive(self->rx, &got, 0));
	netns_switch(self->veth.there);
	EXPECT_EQ(1, counter(&variant->flavour, "InErrors"));
}

TEST_F(lite, receiver_takes_full_coverage_of_a_short_one)
{
	ASSERT_EQ(0, recv_coverage(self->rx, 8));
	ASSERT_EQ(1, send_text(self->tx, "x", self->peer));
	EXPECT_EQ(1, receive(self->rx, &got, 0));
}

TEST_F(lite, receiver_that_asks_for_all_refuses_partial_coverage)
{
	ASSERT_EQ(0, recv_coverage(self->rx, 0));
	ASSERT_EQ(0, send_coverage(self->tx, 8));
	ASSERT_EQ(7, send_text(self->tx, "partial", self->peer));
	ASSERT_EQ(0, send_coverage(self->tx, 0));
	ASSERT_EQ(4, send_text(self->tx, "full", self->peer));
	EXPECT_EQ(4, receive(self->rx, &got, 0));
}

TEST_F(lite, receiver_that_asked_for_nothing_takes_partial_coverage)
{
	ASSERT_EQ(0, send_coverage(self->tx, 8));
	ASSERT_EQ(7, send_text(self->tx, "partial", self->peer));
	EXPECT_EQ(7, receive(self->rx, &got, 0));
}

TEST_F(lite, checksum_cannot_be_left_out)
{
	ASSERT_EQ(0, set_int(self->tx, SOL_SOCKET, SO_NO_CHECK, 1));
	ASSERT_EQ(4, send_text(self->tx, "lite", self->peer));
	EXPECT_EQ(4, receive(self->rx, &got, 0));
}

TEST_F(lite, has_ports_of_its_own)
{
	struct flavour udp = { .family = variant->flavour.family };
	int port = port_of(&self->peer), other;

	netns_switch(self->veth.there);
	other = dgram_open(&udp);
	EXPECT_ERRNO(0, bind_to(other, self->peer));
	netns_switch(self->veth.here);
	ASSERT_EQ(4, send_text(self->tx, "lite", with_port(self->peer, port)));
	EXPECT_EQ(4, receive(self->rx, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(other, &got, 0));
}

TEST_HARNESS_MAIN
