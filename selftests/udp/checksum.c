// SPDX-License-Identifier: GPL-2.0
/* Who may send without a checksum, and who takes it. */
#include "xl4test.h"
#include "wire.h"

static struct message got;

FIXTURE(checksum)
{
	struct veth veth;
	union address peer;
	int tx, rx, tap;
};

FIXTURE_VARIANT(checksum)
{
	struct flavour flavour;
};

UDP_FLAVOURS(checksum);

/* The sender's device sums nothing, so the wire shows what the peer gets. */
FIXTURE_SETUP(checksum)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	self->veth = veth_create();
	device_sums_nothing("veth0");
	self->peer = address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
	self->tx = dgram_open(f);
	netns_switch(self->veth.there);
	self->rx = dgram_bound(f, self->peer);
	self->tap = wire_open(f);
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(checksum)
{
}

/* The checksum field of the next packet on the wire. */
static int wire_checksum(int tap, const struct flavour *f)
{
	return wire_word(wire_next(tap, f), 6);
}

static int no_check_tx(int fd, const struct flavour *f)
{
	if (wire_family(f) == AF_INET6)
		return set_int(fd, SOL_UDP, UDP_NO_CHECK6_TX, 1);
	return set_int(fd, SOL_SOCKET, SO_NO_CHECK, 1);
}

TEST_F(checksum, is_there_by_default)
{
	EXPECT_EQ(0, get_int(self->tx, SOL_SOCKET, SO_NO_CHECK));
	EXPECT_EQ(0, get_int(self->tx, SOL_UDP, UDP_NO_CHECK6_TX));
	EXPECT_EQ(0, get_int(self->tx, SOL_UDP, UDP_NO_CHECK6_RX));
	ASSERT_EQ(1, send_text(self->tx, "x", self->peer));
	EXPECT_NE(0, wire_checksum(self->tap, &variant->flavour));
	EXPECT_EQ(1, receive(self->rx, &got, 0));
}

TEST_F(checksum, options_are_kept)
{
	ASSERT_EQ(0, set_int(self->tx, SOL_SOCKET, SO_NO_CHECK, 1));
	EXPECT_EQ(1, get_int(self->tx, SOL_SOCKET, SO_NO_CHECK));
	ASSERT_EQ(0, set_int(self->tx, SOL_UDP, UDP_NO_CHECK6_TX, 1));
	EXPECT_EQ(1, get_int(self->tx, SOL_UDP, UDP_NO_CHECK6_TX));
	ASSERT_EQ(0, set_int(self->tx, SOL_UDP, UDP_NO_CHECK6_RX, 1));
	EXPECT_EQ(1, get_int(self->tx, SOL_UDP, UDP_NO_CHECK6_RX));
}

TEST_F(checksum, zero_means_none_on_the_wire)
{
	ASSERT_EQ(0, no_check_tx(self->tx, &variant->flavour));
	ASSERT_EQ(0, set_int(self->rx, SOL_UDP, UDP_NO_CHECK6_RX, 1));
	ASSERT_EQ(2, send_text(self->tx, "no", self->peer));
	EXPECT_EQ(0, wire_checksum(self->tap, &variant->flavour));
	EXPECT_EQ(2, receive(self->rx, &got, 0));
}

/* RFC 768 lets IPv4 do without; RFC 8200 wants IPv6 receivers to ask for it. */
TEST_F(checksum, zero_is_dropped_by_ipv6_unless_asked_for)
{
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	const char *first = v6 ? "good" : "none";
	int good = dgram_open(&variant->flavour);

	ASSERT_EQ(0, no_check_tx(self->tx, &variant->flavour));
	ASSERT_EQ(4, send_text(self->tx, "none", self->peer));
	ASSERT_EQ(4, send_text(good, "good", self->peer));
	ASSERT_EQ(4, receive(self->rx, &got, 0));
	EXPECT_EQ(0, memcmp(first, got.data, 4));
	netns_switch(self->veth.there);
	EXPECT_EQ(v6, counter(&variant->flavour, "InErrors"));
}

TEST_F(checksum, peek_offset_moves_on_while_it_is_unchecked)
{
	char part[9];

	ASSERT_EQ(0, set_int(self->rx, SOL_SOCKET, SO_PEEK_OFF, 0));
	ASSERT_EQ(6, send_text(self->tx, "abcdef", self->peer));
	ASSERT_EQ(2, recv(self->rx, part, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp("ab", part, 2));
	ASSERT_EQ(3, recv(self->rx, part, 3, MSG_PEEK));
	EXPECT_EQ(0, memcmp("cde", part, 3));
	ASSERT_EQ(1, recv(self->rx, part, 9, MSG_PEEK));
	EXPECT_EQ('f', part[0]);
	ASSERT_EQ(6, recv(self->rx, part, 9, 0));
	EXPECT_EQ(0, memcmp("abcdef", part, 6));
}

TEST_F(checksum, fragments_and_corks_have_one)
{
	static char big[4000];

	fill_pattern(big, sizeof(big), 1);
	ASSERT_EQ((ssize_t)sizeof(big), send_to(self->tx, big, sizeof(big),
						self->peer));
	ASSERT_EQ((ssize_t)sizeof(big), receive(self->rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, sizeof(big), 1));

	ASSERT_ERRNO(0, connect_to(self->tx, self->peer));
	for (int i = 0; i < 4; i++)
		ASSERT_EQ(999, send(self->tx, big + 999 * i, 999, MSG_MORE));
	ASSERT_EQ(0, send(self->tx, "", 0, 0));
	ASSERT_EQ(3996, receive(self->rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, 3996, 1));
	netns_switch(self->veth.there);
	EXPECT_EQ(0, counter(&variant->flavour, "InCsumErrors"));
}

/* 0 on the wire means none, so a sum of 0 goes as 0xffff. */
TEST_F(checksum, sum_of_zero_is_sent_as_its_other_form)
{
	unsigned short word = 0;

	ASSERT_ERRNO(0, connect_to(self->tx, self->peer));
	ASSERT_EQ(2, send(self->tx, &word, 2, 0));
	/* data that adds what was missing to 0xffff makes the sum 0 */
	word = htons(wire_checksum(self->tap, &variant->flavour));
	ASSERT_EQ(2, send(self->tx, &word, 2, 0));
	EXPECT_EQ(0xffff, wire_checksum(self->tap, &variant->flavour));
	EXPECT_EQ(2, receive(self->rx, &got, 0));
	EXPECT_EQ(2, receive(self->rx, &got, 0));
	netns_switch(self->veth.there);
	EXPECT_EQ(0, counter(&variant->flavour, "InErrors"));
}

TEST_HARNESS_MAIN
