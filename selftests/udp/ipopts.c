// SPDX-License-Identifier: GPL-2.0
/* IP options: set, sent by control message, received raw and reversed. */
#include "xl4test.h"

#include <netinet/ip.h>

static struct message got;

FIXTURE(ipopts)
{
	struct pair p;
};

FIXTURE_VARIANT(ipopts)
{
	struct flavour flavour;
};

ADD_FLAVOUR(ipopts, udp, .family = AF_INET);
ADD_FLAVOUR(ipopts, udp_mapped, .family = AF_INET6, .mapped = true);
ADD_FLAVOUR(ipopts, lite, .family = AF_INET, .lite = true);

FIXTURE_SETUP(ipopts)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(ipopts)
{
}

/* Record route with room for three hops, and an end to fill the word. */
static const unsigned char record_route[16] = { IPOPT_RR, 15, 4 };

static bool recorded(const struct message *m, int type)
{
	struct control c = find_control(m, SOL_IP, type);
	const unsigned char *option = c.data;

	return c.len >= sizeof(record_route) && option[0] == IPOPT_RR &&
	       option[1] == 15 && option[2] > 4;
}

TEST_F(ipopts, options_are_kept_and_given_back)
{
	unsigned char kept[40];
	socklen_t len = sizeof(kept);

	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, record_route,
				sizeof(record_route)));
	ASSERT_EQ(0, getsockopt(self->p.tx, SOL_IP, IP_OPTIONS, kept, &len));
	EXPECT_EQ(sizeof(record_route), len);
	EXPECT_EQ(0, memcmp(record_route, kept, 3));
	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, NULL, 0));
	len = sizeof(kept);
	ASSERT_EQ(0, getsockopt(self->p.tx, SOL_IP, IP_OPTIONS, kept, &len));
	EXPECT_EQ(0U, len);
}

TEST_F(ipopts, options_set_on_the_socket_are_sent)
{
	ASSERT_EQ(0, set_int(self->p.rx, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, record_route,
				sizeof(record_route)));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(recorded(&got, IP_RECVOPTS));
	EXPECT_EQ('x', got.data[0]);
}

TEST_F(ipopts, options_of_one_datagram)
{
	ASSERT_EQ(0, set_int(self->p.rx, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(1, send_control(self->p.tx, "x", 1, &self->p.to, SOL_IP,
				  IP_RETOPTS, record_route,
				  sizeof(record_route)));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(recorded(&got, IP_RECVOPTS));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, count_controls(&got));
}

TEST_F(ipopts, options_come_back_ready_for_a_reply)
{
	struct control c;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_IP, IP_RETOPTS, 1));
	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, record_route,
				sizeof(record_route)));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	c = find_control(&got, SOL_IP, IP_RETOPTS);
	ASSERT_NE(NULL, c.data);
	ASSERT_EQ(0, set_int(self->p.tx, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(1, send_control(self->p.rx, "y", 1, &self->p.from, SOL_IP,
				  IP_RETOPTS, c.data, c.len));
	ASSERT_EQ(1, receive(self->p.tx, &got, 0));
	EXPECT_TRUE(recorded(&got, IP_RECVOPTS));
}

TEST_F(ipopts, connected_socket_sends_them_too)
{
	ASSERT_EQ(0, set_int(self->p.rx, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_ERRNO(0, connect_to(self->p.tx, self->p.to));
	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, record_route,
				sizeof(record_route)));
	ASSERT_EQ(1, send(self->p.tx, "x", 1, 0));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(recorded(&got, IP_RECVOPTS));
}

TEST_F(ipopts, source_route_leads_by_its_first_hop)
{
	/* type, length, pointer, the way, and an end to fill the word */
	unsigned char route[8] = { IPOPT_SSRR, 7, 4, 127, 0, 0, 1 };
	union address beyond = address_for(&variant->flavour, "203.0.113.1",
					   "::", 9);

	EXPECT_ERRNO(ENETUNREACH, send_text(self->p.tx, "x", beyond));
	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, route,
				sizeof(route)));
	EXPECT_ERRNO(0, send_text(self->p.tx, "x", beyond));
}

TEST_F(ipopts, bad_options_are_refused)
{
	unsigned char lying[4] = { IPOPT_RR, 40, 4, 0 };
	unsigned char many[44] = { IPOPT_NOP };
	struct pair *p = &self->p;

	EXPECT_ERRNO(EINVAL, setsockopt(p->tx, SOL_IP, IP_OPTIONS, lying, 4));
	EXPECT_ERRNO(EINVAL, setsockopt(p->tx, SOL_IP, IP_OPTIONS, many, 44));
	EXPECT_ERRNO(EINVAL, send_control(p->tx, "x", 1, &p->to, SOL_IP,
					  IP_RETOPTS, lying, sizeof(lying)));
	EXPECT_EQ(1, send_text(p->tx, "x", p->to));
	EXPECT_EQ(1, receive(p->rx, &got, 0));
}

TEST_F(ipopts, options_take_their_room)
{
	static char big[65507];

	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IP, IP_OPTIONS, record_route,
				sizeof(record_route)));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->p.tx, big, 65507 - 15,
				       self->p.to));
	ASSERT_EQ(65507 - 16, send_to(self->p.tx, big, 65507 - 16,
				      self->p.to));
	EXPECT_EQ(65507 - 16, receive(self->p.rx, &got, 0));
}

TEST_HARNESS_MAIN
