// SPDX-License-Identifier: GPL-2.0
/* Errors that come back from the network, and the error queue. */
#include "xl4test.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>

static struct message got;

FIXTURE(error)
{
	union address closed;
	int fd;
};

FIXTURE_VARIANT(error)
{
	struct flavour flavour;
};

ALL_FLAVOURS(error);

FIXTURE_SETUP(error)
{
	ENTER_NETNS(&variant->flavour);
	self->closed = loopback(&variant->flavour, 9);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(error)
{
}

static int so_error(int fd)
{
	settle();
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

TEST_F(error, closed_port_refuses_the_connected)
{
	ASSERT_ERRNO(0, connect_to(self->fd, self->closed));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	settle();
	EXPECT_ERRNO(ECONNREFUSED, send(self->fd, "x", 1, 0));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, receive(self->fd, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->fd, &got, 0));
}

TEST_F(error, so_error_tells_once)
{
	ASSERT_ERRNO(0, connect_to(self->fd, self->closed));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	EXPECT_TRUE(events_of(self->fd) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(self->fd));
	EXPECT_EQ(0, so_error(self->fd));
	EXPECT_FALSE(events_of(self->fd) & POLLERR);
}

TEST_F(error, waiting_reader_is_told)
{
	ASSERT_ERRNO(0, connect_to(self->fd, self->closed));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, receive(self->fd, &got, 0));
}

TEST_F(error, unconnected_is_not_told)
{
	ASSERT_EQ(1, send_text(self->fd, "x", self->closed));
	EXPECT_EQ(0, events_of(self->fd) & POLLERR);
	EXPECT_EQ(0, so_error(self->fd));
	EXPECT_EQ(1, send_text(self->fd, "x", self->closed));
}

TEST_F(error, closed_port_is_counted)
{
	long before = counter(&variant->flavour, "NoPorts");

	ASSERT_LE(0, before);
	ASSERT_EQ(1, send_text(self->fd, "x", self->closed));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "NoPorts"));
}

TEST_F(error, datagram_for_another_peer_is_refused_too)
{
	union address here = loopback(&variant->flavour, 4000);
	int rx = dgram_bound(&variant->flavour, here);

	ASSERT_ERRNO(0, connect_to(rx, self->closed));
	ASSERT_ERRNO(0, connect_to(self->fd, here));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, receive(self->fd, &got, 0));
}

TEST_F(error, error_goes_to_the_socket_that_sent)
{
	int other = dgram_open(&variant->flavour);

	ASSERT_ERRNO(0, connect_to(other, self->closed));
	ASSERT_ERRNO(0, connect_to(self->fd, self->closed));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	EXPECT_EQ(0, so_error(other));
	EXPECT_EQ(ECONNREFUSED, so_error(self->fd));
}

TEST_F(error, queue_is_empty_and_does_not_wait)
{
	ask_for_reports(self->fd, &variant->flavour);
	EXPECT_ERRNO(EAGAIN, receive_now(self->fd, &got, MSG_ERRQUEUE));
}

TEST_F(error, report_tells_the_whole_story)
{
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	union address here = loopback(&variant->flavour, 0);
	struct report r;

	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(5, send_text(self->fd, "story", self->closed));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(ECONNREFUSED, (int)r.error.ee_errno);
	EXPECT_EQ(v6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP,
		  r.error.ee_origin);
	EXPECT_EQ(v6 ? ICMPV6_DEST_UNREACH : ICMP_DEST_UNREACH,
		  r.error.ee_type);
	EXPECT_EQ(v6 ? ICMPV6_PORT_UNREACH : ICMP_PORT_UNREACH,
		  r.error.ee_code);
	EXPECT_EQ(0U, r.error.ee_info);
	EXPECT_TRUE(same_host(&here, &r.offender));
	EXPECT_EQ(0, port_of(&r.offender));
	/* the name is where it was sent, the data what was sent */
	EXPECT_TRUE(same_address(&self->closed, &got.name));
	ASSERT_EQ(5U, got.len);
	EXPECT_EQ(0, memcmp("story", got.data, 5));
	EXPECT_TRUE(got.flags & MSG_ERRQUEUE);
}

TEST_F(error, report_clears_the_pending_error)
{
	struct report r;

	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1, send_text(self->fd, "x", self->closed));
	EXPECT_TRUE(events_of(self->fd) & POLLERR);
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_FALSE(events_of(self->fd) & POLLERR);
	EXPECT_EQ(0, so_error(self->fd));
	EXPECT_EQ(1, send_text(self->fd, "x", self->closed));
}

TEST_F(error, reports_can_count_as_urgent)
{
	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1, send_text(self->fd, "x", self->closed));
	EXPECT_FALSE(events_of(self->fd) & POLLPRI);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1));
	EXPECT_TRUE(events_of(self->fd) & POLLPRI);
}

TEST_F(error, reports_keep_their_order)
{
	struct report r;

	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1, send_text(self->fd, "1", self->closed));
	EXPECT_EQ(ECONNREFUSED, so_error(self->fd));
	ASSERT_EQ(2, send_text(self->fd, "22", self->closed));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(1U, got.len);
	/* what remains is still an error */
	EXPECT_TRUE(events_of(self->fd) & POLLERR);
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(2U, got.len);
	EXPECT_ERRNO(EAGAIN, receive_now(self->fd, &got, MSG_ERRQUEUE));
}

TEST_F(error, reports_are_thrown_away_when_no_longer_wanted)
{
	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1, send_text(self->fd, "x", self->closed));
	if (variant->flavour.family == AF_INET6)
		ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_RECVERR, 0));
	if (variant->flavour.family == AF_INET)
		ASSERT_EQ(0, set_int(self->fd, SOL_IP, IP_RECVERR, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->fd, &got, MSG_ERRQUEUE));
}

TEST_F(error, reports_do_not_mix_with_data)
{
	union address here = loopback(&variant->flavour, 4000);
	struct report r;

	ASSERT_ERRNO(0, bind_to(self->fd, here));
	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1, send_text(self->fd, "e", self->closed));
	ASSERT_EQ(2, send_text(dgram_open(&variant->flavour), "ok", here));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ('e', got.data[0]);
	EXPECT_EQ(2, receive(self->fd, &got, 0));
}

enum host { UNREACHABLE = 1, PROHIBITED = 2, FAR_AWAY = 3 };

static union address behind(const struct flavour *f, enum host host)
{
	char v4[32], v6[64];

	snprintf(v4, sizeof(v4), "198.51.100.%d", host);
	snprintf(v6, sizeof(v6), "2001:db8:ffff::%d", host);
	return address_for(f, v4, v6, 9);
}

/*
 * A router behind a wire that answers: each route of it refuses in its way.
 */
static void router_create(void)
{
	static const struct flavour families[] = { { .family = AF_INET },
						   { .family = AF_INET6 } };
	struct veth v = veth_create();

	netns_switch(v.there);
	sysctl_write("net/ipv4/ip_forward", "1");
	sysctl_write("net/ipv4/icmp_ratemask", "0");
	sysctl_write("net/ipv6/conf/all/forwarding", "1");
	sysctl_write("net/ipv6/icmp/ratelimit", "0");
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct flavour *f = &families[i];
		union address router = address_for(f, VETH_THERE_V4,
						   VETH_THERE_V6, 0);
		int whole = f->family == AF_INET ? 32 : 128;

		netns_switch(v.there);
		route_add(behind(f, UNREACHABLE), whole, NULL, NULL,
			  RTN_UNREACHABLE);
		route_add(behind(f, PROHIBITED), whole, NULL, NULL,
			  RTN_PROHIBIT);
		route_add(behind(f, FAR_AWAY), whole, "veth0", NULL,
			  RTN_UNICAST);
		netns_switch(v.here);
		route_add(address_for(f, "198.51.100.0", "2001:db8:ffff::", 0),
			  f->family == AF_INET ? 24 : 64, NULL, &router,
			  RTN_UNICAST);
	}
}

TEST_F(error, prohibited_is_told_to_the_connected)
{
	bool v6 = wire_family(&variant->flavour) == AF_INET6;

	router_create();
	ASSERT_ERRNO(0, connect_to(self->fd,
				   behind(&variant->flavour, PROHIBITED)));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	ASSERT_TRUE(wait_for(self->fd, POLLERR));
	EXPECT_EQ(v6 ? EACCES : EHOSTUNREACH, so_error(self->fd));
}

/* It may pass, so only who asked for reports hears of it. */
TEST_F(error, unreachable_host_is_a_soft_error)
{
	union address router = address_for(&variant->flavour, VETH_THERE_V4,
					   VETH_THERE_V6, 0);
	union address target = behind(&variant->flavour, UNREACHABLE);
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	struct report r;
	int deaf = self->fd;

	self->fd = dgram_open(&variant->flavour);
	router_create();
	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_ERRNO(0, connect_to(deaf, target));
	ASSERT_EQ(1, send(deaf, "x", 1, 0));
	ASSERT_EQ(1, send_text(self->fd, "x", target));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(v6 ? ENETUNREACH : EHOSTUNREACH, (int)r.error.ee_errno);
	EXPECT_TRUE(same_host(&router, &r.offender));
	EXPECT_TRUE(same_address(&target, &got.name));
	EXPECT_EQ(0, so_error(deaf));
}

TEST_F(error, last_hop_is_reported)
{
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	union address target = behind(&variant->flavour, FAR_AWAY);
	struct report r;
	int one = 1;

	router_create();
	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1, send_control(self->fd, "x", 1, &target,
				  v6 ? SOL_IPV6 : SOL_IP,
				  v6 ? IPV6_HOPLIMIT : IP_TTL,
				  &one, sizeof(one)));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(EHOSTUNREACH, (int)r.error.ee_errno);
	EXPECT_EQ(v6 ? ICMPV6_TIME_EXCEED : ICMP_TIME_EXCEEDED,
		  r.error.ee_type);
}

TEST_HARNESS_MAIN
