// SPDX-License-Identifier: GPL-2.0
/* connect(2): to whom, how it fails, without waiting, and how to take it back. */
#include "xl4test.h"
#include "dccp.h"

FIXTURE(connect)
{
	const struct flavour *f;
	int fd, listener;
	union address to;
};

FIXTURE_VARIANT(connect)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(connect);

FIXTURE_SETUP(connect)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = dccp_open(self->f);
	self->listener = dccp_listening(self->f, 8);
	self->to = name_of(self->listener);
}

FIXTURE_TEARDOWN(connect)
{
}

/* A port where nobody listens. */
static union address nobody(const struct flavour *f)
{
	int fd = dccp_bound(f, loopback(f, 0));
	union address a = name_of(fd);

	close(fd);
	return a;
}

TEST_F(connect, both_ends_know_each_other)
{
	union address here, there, peer;
	socklen_t len = sizeof(peer);
	int fd;

	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	fd = accept(self->listener, &peer.sa, &len);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(address_len(&self->to), len);
	here = name_of(self->fd);
	EXPECT_TRUE(same_address(&here, &peer));
	peer = peer_of(fd);
	EXPECT_TRUE(same_address(&here, &peer));
	there = name_of(fd);
	EXPECT_TRUE(same_address(&self->to, &there));
	peer = peer_of(self->fd);
	EXPECT_TRUE(same_address(&self->to, &peer));
	EXPECT_GE(port_of(&here), 32768);
	EXPECT_EQ(1, count_in_state(STATE_OPEN, port_of(&there)));
}

TEST_F(connect, data_goes_both_ways)
{
	struct dccp d = dccp_pair(self->f);

	EXPECT_TRUE(passes(d.here, d.there, "there"));
	EXPECT_TRUE(passes(d.there, d.here, "and back"));
}

/* What comes with the last packet of the handshake, or right after it. */
TEST_F(connect, data_need_not_wait_for_accept)
{
	char got[16];
	int fd;

	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	ASSERT_EQ(5, send(self->fd, "early", 5, 0));
	fd = dccp_accept(self->listener);
	EXPECT_EQ(5, recv(fd, got, sizeof(got), 0));
}

TEST_F(connect, keeps_the_address_that_was_bound)
{
	union address want = loopback(self->f, 4000), got;

	ASSERT_ERRNO(0, bind_to(self->fd, want));
	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	got = name_of(self->fd);
	EXPECT_TRUE(same_address(&want, &got));
}

TEST_F(connect, twice_is_refused)
{
	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	EXPECT_ERRNO(EISCONN, connect_to(self->fd, self->to));
	EXPECT_ERRNO(EINVAL, bind_to(self->fd, loopback(self->f, 0)));
	EXPECT_ERRNO(EINVAL, listen(self->fd, 1));
}

TEST_F(connect, a_listener_cannot)
{
	EXPECT_ERRNO(EISCONN, connect_to(self->listener, self->to));
}

TEST_F(connect, the_wildcard_is_this_host)
{
	union address a = with_port(loopback(self->f, 0), port_of(&self->to));
	union address to = self->f->mapped ? ipv6("::ffff:0.0.0.0", port_of(&self->to))
					   : any(self->f, port_of(&self->to));
	union address got;

	ASSERT_ERRNO(0, connect_to(self->fd, to));
	got = peer_of(self->fd);
	EXPECT_TRUE(same_address(&a, &got));
}

TEST_F(connect, checks_length_and_family)
{
	union address a = self->to;

	EXPECT_ERRNO(EINVAL, connect(self->fd, &a.sa, 1));
	EXPECT_ERRNO(EINVAL, connect(self->fd, &a.sa, 8));
	a.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(self->fd, &a.sa, sizeof(a.v6)));
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
}

TEST_F(connect, to_many_is_refused)
{
	EXPECT_ERRNO(ENETUNREACH,
		     connect_to(self->fd, address_for(self->f, "224.0.0.1", "ff02::1", 4000)));
}

TEST_F(connect, without_a_route_is_refused)
{
	EXPECT_ERRNO(ENETUNREACH,
		     connect_to(self->fd, address_for(self->f, "192.0.2.1", "2001:db8::1", 4000)));
}

TEST_F(connect, nobody_there_is_refused)
{
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	/* The error is told, and the socket may try again. */
	EXPECT_EQ(0, error_of(self->fd));
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
	EXPECT_TRUE(passes(self->fd, dccp_accept(self->listener), "hello"));
}

/* RFC 4340 section 8.1.2 */
TEST_F(connect, the_service_has_to_be_offered)
{
	MUST(set_service(self->fd, SERVICE + 1));
	EXPECT_ERRNO(EBADRQC, connect_to(self->fd, self->to));
	MUST(set_service(self->fd, SERVICE));
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
}

TEST_F(connect, goes_on_without_us)
{
	int fd;

	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, self->to));
	ASSERT_TRUE(wait_for(self->fd, POLLOUT));
	EXPECT_EQ(0, error_of(self->fd));
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
	fd = dccp_accept(self->listener);
	EXPECT_TRUE(passes(fd, self->fd, "hello"));
}

TEST_F(connect, tells_later_that_nobody_was_there)
{
	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, nobody(self->f)));
	ASSERT_TRUE(wait_for(self->fd, POLLOUT));
	EXPECT_EQ(ECONNREFUSED, error_of(self->fd));
}

TEST_F(connect, may_be_taken_back)
{
	int fd;
	char byte;

	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	fd = dccp_accept(self->listener);
	ASSERT_ERRNO(0, disconnect(self->fd));
	EXPECT_ERRNO(ECONNRESET, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(self->fd, &(union address){}.sa, &(socklen_t){ 1 }));
	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	fd = dccp_accept(self->listener);
	EXPECT_TRUE(passes(self->fd, fd, "again"));
	EXPECT_TRUE(passes(fd, self->fd, "and back"));
}

/* The address was connect()'s choice: it goes with the connection. */
TEST_F(connect, taken_back_it_hears_at_all_addresses)
{
	int fd = dccp_open(self->f);

	ASSERT_ERRNO(0, bind_to(self->fd, any(self->f, 4000)));
	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	ASSERT_ERRNO(0, disconnect(self->fd));
	ASSERT_ERRNO(0, listen(self->fd, 1));
	EXPECT_ERRNO(0, connect_to(fd, address_for(self->f, "127.0.0.2", "::ffff:127.0.0.1", 4000)));
}

TEST_F(connect, a_refusal_keeps_a_bound_port)
{
	union address name;

	ASSERT_ERRNO(0, bind_to(self->fd, any(self->f, 4000)));
	ASSERT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	name = peer_of(dccp_accept(self->listener));
	EXPECT_EQ(4000, port_of(&name));
}

TEST_F(connect, by_the_hundred)
{
	for (int i = 0; i < 100; i++) {
		struct dccp d = { .here = dccp_to(self->f, self->listener) };

		d.there = dccp_accept(self->listener);
		ASSERT_TRUE(passes(d.here, d.there, "hello"));
		close(d.here);
		close(d.there);
	}
	EXPECT_EQ(100, dccp_counter("PassiveOpens"));
	EXPECT_TRUE(comes_to_count("CurrEstab", 0));
}

/* Each CCID of each side with each. */
TEST_F(connect, with_each_ccid)
{
	for (uint8_t ccid = 2; ccid <= 4; ccid++) {
		struct dccp d = dccp_pair_with(self->f, ccid);

		EXPECT_EQ(ccid, get_int(d.here, SOL_DCCP, DCCP_SOCKOPT_TX_CCID));
		EXPECT_EQ(ccid, get_int(d.here, SOL_DCCP, DCCP_SOCKOPT_RX_CCID));
		EXPECT_EQ(ccid, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_TX_CCID));
		EXPECT_EQ(ccid, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_RX_CCID));
		EXPECT_TRUE(passes(d.here, d.there, "there"));
		EXPECT_TRUE(passes(d.there, d.here, "and back"));
		dccp_close(&d);
	}
}

/* RFC 4340 section 6.3.1: of what both can do, what the server likes best. */
TEST_F(connect, the_server_chooses_the_ccid)
{
	static const uint8_t likes3[] = { 3, 2 }, likes2[] = { 2, 3 };
	int client = dccp_open(self->f), server = dccp_open(self->f);
	struct dccp d;

	MUST(set_dccp(client, DCCP_SOCKOPT_CCID, likes2, sizeof(likes2)));
	MUST(set_dccp(server, DCCP_SOCKOPT_CCID, likes3, sizeof(likes3)));
	d = dccp_join(self->f, client, server);
	EXPECT_TRUE(passes(d.here, d.there, "there"));
	EXPECT_TRUE(passes(d.there, d.here, "and back"));
	EXPECT_EQ(3, get_int(d.here, SOL_DCCP, DCCP_SOCKOPT_TX_CCID));
	EXPECT_EQ(3, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_TX_CCID));
	EXPECT_EQ(3, get_int(d.here, SOL_DCCP, DCCP_SOCKOPT_RX_CCID));
}

/* What a program would have is asked for in each of its connections. */
TEST_F(connect, preferences_stay)
{
	uint8_t three = 3;

	MUST(set_ccids(self->fd, three));
	ASSERT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	for (int i = 0; i < 2; i++) {
		ASSERT_ERRNO(0, connect_to(self->fd, self->to));
		EXPECT_TRUE(passes(self->fd, dccp_accept(self->listener), "hello"));
		EXPECT_EQ(3, get_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_TX_CCID));
		ASSERT_ERRNO(0, disconnect(self->fd));
		EXPECT_EQ(2, get_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_TX_CCID));
	}
}

TEST_HARNESS_MAIN
