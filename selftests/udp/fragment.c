// SPDX-License-Identifier: GPL-2.0
/* Datagrams larger than the wire takes arrive whole, or not at all. */
#include "xl4test.h"

static struct message got;
static char data[65536];

FIXTURE(fragment)
{
	struct veth veth;
	union address peer;
	int tx, rx;
};

FIXTURE_VARIANT(fragment)
{
	struct flavour flavour;
};

ALL_FLAVOURS(fragment);

FIXTURE_SETUP(fragment)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	self->veth = veth_create();
	self->peer = address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
	self->tx = dgram_open(f);
	netns_switch(self->veth.there);
	self->rx = dgram_bound(f, self->peer);
	netns_switch(self->veth.here);
	fill_pattern(data, sizeof(data), 11);
}

FIXTURE_TEARDOWN(fragment)
{
}

static bool arrives_whole(int tx, int rx, union address to, ssize_t len)
{
	return send_to(tx, data, len, to) == len &&
	       receive(rx, &got, 0) == len && is_pattern(got.data, len, 11);
}

static size_t largest(const struct flavour *f)
{
	return wire_family(f) == AF_INET6 ? 65527 : 65507;
}

TEST_F(fragment, largest_arrives_whole)
{
	EXPECT_TRUE(arrives_whole(self->tx, self->rx, self->peer,
				  largest(&variant->flavour)));
}

TEST_F(fragment, every_size_around_the_mtu_arrives_whole)
{
	for (int len = 1440; len <= 3000; len += len == 1500 ? 1430 : 1) {
		EXPECT_TRUE(arrives_whole(self->tx, self->rx, self->peer, len))
			TH_LOG("%d bytes", len);
	}
}

TEST_F(fragment, arrives_whole_without_help_of_the_device)
{
	run("ethtool -K veth0 tx off sg off gso off >/dev/null 2>&1");
	EXPECT_TRUE(arrives_whole(self->tx, self->rx, self->peer,
				  largest(&variant->flavour)));
	EXPECT_TRUE(arrives_whole(self->tx, self->rx, self->peer, 3001));
}

TEST_F(fragment, connected_and_gathered_arrives_whole)
{
	int max = largest(&variant->flavour);

	ASSERT_ERRNO(0, connect_to(self->tx, self->peer));
	for (int at = 0; at < max; at += 7001) {
		int len = max - at < 7001 ? max - at : 7001;

		ASSERT_EQ(len, send(self->tx, data + at, len,
				    at + len < max ? MSG_MORE : 0));
	}
	ASSERT_EQ(max, receive(self->rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, max, 11));
}

TEST_F(fragment, many_in_a_row_arrive_whole)
{
	for (int i = 0; i < 20; i++)
		EXPECT_TRUE(arrives_whole(self->tx, self->rx, self->peer,
					  30000 + i));
}

TEST_F(fragment, with_a_large_loopback_as_well)
{
	struct pair p = pair_open(&variant->flavour);

	EXPECT_TRUE(arrives_whole(p.tx, p.rx, p.to,
				  largest(&variant->flavour)));
}

TEST_HARNESS_MAIN
