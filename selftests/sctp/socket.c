// SPDX-License-Identifier: GPL-2.0
/* An SCTP socket of either style before it has a peer: create, bind, name, share a port. */
#include "xl4test.h"
#include "sctp.h"

#define NOBODY 65534

FIXTURE(socket)
{
	int fd;
};

FIXTURE_VARIANT(socket)
{
	struct flavour flavour;
	int type;
};

#define VARIANT(name, its_type, ...)					\
FIXTURE_VARIANT_ADD(socket, name) { .flavour = { __VA_ARGS__ }, .type = its_type }

VARIANT(one_ipv4, SOCK_STREAM, .family = AF_INET);
VARIANT(one_ipv6, SOCK_STREAM, .family = AF_INET6);
VARIANT(one_mapped, SOCK_STREAM, .family = AF_INET6, .mapped = true);
VARIANT(many_ipv4, SOCK_SEQPACKET, .family = AF_INET);
VARIANT(many_ipv6, SOCK_SEQPACKET, .family = AF_INET6);
VARIANT(many_mapped, SOCK_SEQPACKET, .family = AF_INET6, .mapped = true);

FIXTURE_SETUP(socket)
{
	netns_enter();
	self->fd = sctp_open(&variant->flavour, variant->type);
}

FIXTURE_TEARDOWN(socket)
{
	close(self->fd);
}

static int another(const FIXTURE_VARIANT(socket) *variant)
{
	return sctp_open(&variant->flavour, variant->type);
}

/* ------------------------------------------------------------------- create */

TEST_F(socket, other_types_have_no_such_protocol)
{
	EXPECT_ERRNO(EPROTONOSUPPORT,
		     socket(variant->flavour.family, SOCK_DGRAM, sctp_number()));
}

TEST_F(socket, create_honours_the_flags)
{
	int fd = socket(variant->flavour.family, variant->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			sctp_number());

	ASSERT_GE(fd, 0);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST_F(socket, create_needs_no_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_GE(socket(variant->flavour.family, variant->type, sctp_number()), 0);
}

TEST_F(socket, tells_what_it_is)
{
	EXPECT_EQ(variant->type, get_int(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(sctp_number(), get_int(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(variant->flavour.family, get_int(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(socket, listening_tells_so)
{
	listening(&variant->flavour, self->fd, 5);
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_F(socket, socketpair_is_not_supported)
{
	int fds[2];

	EXPECT_ERRNO(EOPNOTSUPP,
		     socketpair(variant->flavour.family, variant->type, sctp_number(), fds));
}

TEST_F(socket, accept_needs_a_one_to_one_listener)
{
	EXPECT_ERRNO(variant->type == SOCK_STREAM ? EINVAL : EOPNOTSUPP,
		     accept(self->fd, NULL, NULL));
}

TEST_F(socket, shutdown_needs_one_peer)
{
	EXPECT_ERRNO(variant->type == SOCK_STREAM ? ENOTCONN : EOPNOTSUPP,
		     shutdown(self->fd, SHUT_WR));
}

TEST_F(socket, nothing_to_read)
{
	char byte;

	EXPECT_ERRNO(variant->type == SOCK_STREAM ? ENOTCONN : EAGAIN,
		     recv(self->fd, &byte, 1, MSG_DONTWAIT));
}

TEST_F(socket, closes_by_the_dozen)
{
	for (int i = 0; i < 100; i++) {
		int fd = another(variant);

		ASSERT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, 0)));
		ASSERT_ERRNO(0, listen(fd, 1));
		ASSERT_EQ(0, close(fd));
	}
}

/* -------------------------------------------------------------------- names */

TEST_F(socket, fresh_has_no_name_and_no_peer)
{
	union address name = name_of(self->fd);
	union address wildcard = any(&variant->flavour, 0);
	socklen_t len = sizeof(name);

	EXPECT_TRUE(same_address(&wildcard, &name));
	EXPECT_ERRNO(ENOTCONN, getpeername(self->fd, &name.sa, &len));
}

/* --------------------------------------------------------------------- bind */

TEST_F(socket, bind_takes_a_specific_address)
{
	union address want = loopback(&variant->flavour, 4000), got;

	ASSERT_ERRNO(0, bind_to(self->fd, want));
	got = name_of(self->fd);
	EXPECT_TRUE(same_address(&want, &got));
}

TEST_F(socket, bind_to_any_keeps_any)
{
	union address want = any(&variant->flavour, 4000), got;

	ASSERT_ERRNO(0, bind_to(self->fd, want));
	got = name_of(self->fd);
	EXPECT_TRUE(same_address(&want, &got));
}

TEST_F(socket, bind_to_port_0_picks_one)
{
	union address got;

	ASSERT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 0)));
	got = name_of(self->fd);
	EXPECT_GE(port_of(&got), 32768);
}

TEST_F(socket, listen_binds)
{
	union address got;

	ASSERT_ERRNO(0, listen(self->fd, 1));
	got = name_of(self->fd);
	EXPECT_GE(port_of(&got), 32768);
}

TEST_F(socket, bind_twice_is_refused)
{
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(EINVAL, bind_to(self->fd, loopback(&variant->flavour, 4001)));
}

TEST_F(socket, bind_to_a_taken_port_is_refused)
{
	int other = another(variant);

	ASSERT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, any(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, bind_to(other, loopback(&variant->flavour, 4001)));
}

TEST_F(socket, close_frees_the_port)
{
	int other = another(variant);

	ASSERT_ERRNO(0, bind_to(other, any(&variant->flavour, 4000)));
	close(other);
	EXPECT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 4000)));
}

TEST_F(socket, bind_to_a_foreign_address_is_refused)
{
	EXPECT_ERRNO(EADDRNOTAVAIL,
		     bind_to(self->fd, address_for(&variant->flavour, "192.0.2.1",
						   "2001:db8::1", 4000)));
	EXPECT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
}

TEST_F(socket, bind_to_a_group_is_refused)
{
	EXPECT_ERRNO(EADDRNOTAVAIL,
		     bind_to(self->fd, address_for(&variant->flavour, "224.0.0.1", "ff02::1",
						   4000)));
}

TEST_F(socket, bind_checks_length_and_family)
{
	union address a = loopback(&variant->flavour, 4000);

	EXPECT_ERRNO(EINVAL, bind(self->fd, &a.sa, 8));
	a.sa.sa_family = AF_UNIX;
	EXPECT_NE(0, bind(self->fd, &a.sa, sizeof(a.v6)));
}

TEST_F(socket, bind_to_low_ports_needs_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EACCES, bind_to(self->fd, loopback(&variant->flavour, 80)));
	EXPECT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
}

TEST_F(socket, an_ipv6_socket_may_refuse_ipv4)
{
	if (variant->flavour.family != AF_INET6)
		SKIP(return, "of IPv6");
	ASSERT_EQ(0, set_int(self->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	EXPECT_NE(0, bind_to(self->fd, ipv6("::ffff:127.0.0.1", 4000)));
	EXPECT_ERRNO(0, bind_to(self->fd, ipv6("::", 4000)));
	EXPECT_ERRNO(0, bind_to(MUST(socket(AF_INET, variant->type, sctp_number())),
				ipv4("0.0.0.0", 4000)));
}

/* ------------------------------------------------------------------- sharing */

TEST_F(socket, reuse_port_is_of_one_to_one_sockets)
{
	EXPECT_ERRNO(variant->type == SOCK_STREAM ? 0 : EOPNOTSUPP,
		     set_int(self->fd, SOL_SCTP, SCTP_REUSE_PORT, 1));
}

TEST_F(socket, reuse_port_is_for_before_bind)
{
	if (variant->type != SOCK_STREAM)
		SKIP(return, "of one-to-one sockets");
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	EXPECT_NE(0, set_int(self->fd, SOL_SCTP, SCTP_REUSE_PORT, 1));
}

TEST_F(socket, reuse_port_lets_share_but_one_listens)
{
	int other = another(variant);

	if (variant->type != SOCK_STREAM)
		SKIP(return, "of one-to-one sockets");
	ASSERT_EQ(0, set_int(self->fd, SOL_SCTP, SCTP_REUSE_PORT, 1));
	ASSERT_EQ(0, set_int(other, SOL_SCTP, SCTP_REUSE_PORT, 1));
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_ERRNO(0, bind_to(other, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, listen(self->fd, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(other, 1));
}

TEST_HARNESS_MAIN
