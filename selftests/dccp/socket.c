// SPDX-License-Identifier: GPL-2.0
/* A DCCP socket before it has a peer: create, bind, name, share a port. */
#include "xl4test.h"
#include "dccp.h"

#define NOBODY 65534

FIXTURE(socket)
{
	const struct flavour *f;
	int fd;
};

FIXTURE_VARIANT(socket)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(socket);

FIXTURE_SETUP(socket)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = dccp_open(self->f);
}

FIXTURE_TEARDOWN(socket)
{
	close(self->fd);
}

/* ------------------------------------------------------------------- create */

TEST_F(socket, other_types_have_no_such_protocol)
{
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->f->family, SOCK_DGRAM, dccp_number()));
	EXPECT_ERRNO(EPROTONOSUPPORT, socket(self->f->family, SOCK_STREAM, dccp_number()));
}

TEST_F(socket, create_honours_the_flags)
{
	int fd = socket(self->f->family, SOCK_DCCP | SOCK_NONBLOCK | SOCK_CLOEXEC, dccp_number());

	ASSERT_GE(fd, 0);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST_F(socket, create_needs_no_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_GE(socket(self->f->family, SOCK_DCCP, dccp_number()), 0);
}

TEST_F(socket, is_there_at_the_number_of_iana)
{
	EXPECT_GE(socket(self->f->family, SOCK_DCCP, IPPROTO_DCCP), 0);
}

TEST_F(socket, tells_what_it_is)
{
	EXPECT_EQ(SOCK_DCCP, get_int(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(dccp_number(), get_int(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(self->f->family, get_int(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(socket, listening_tells_so)
{
	listening(self->f, self->fd, 5);
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_F(socket, socketpair_is_not_supported)
{
	int fds[2];

	EXPECT_ERRNO(EOPNOTSUPP, socketpair(self->f->family, SOCK_DCCP, dccp_number(), fds));
}

TEST_F(socket, accept_needs_a_listener)
{
	EXPECT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
}

TEST_F(socket, shutdown_needs_a_peer)
{
	EXPECT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_WR));
}

TEST_F(socket, has_no_peer)
{
	union address a;
	socklen_t len = sizeof(a);

	EXPECT_ERRNO(ENOTCONN, getpeername(self->fd, &a.sa, &len));
}

TEST_F(socket, nothing_to_read_and_nobody_to_write_to)
{
	char byte = 0;

	EXPECT_ERRNO(ENOTCONN, recv(self->fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(self->fd, &byte, 1, 0));
}

TEST_F(socket, a_listener_neither_reads_nor_writes)
{
	char byte = 0;

	listening(self->f, self->fd, 5);
	EXPECT_ERRNO(ENOTCONN, recv(self->fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(self->fd, &byte, 1, 0));
}

TEST_F(socket, closes_by_the_dozen)
{
	for (int i = 0; i < 100; i++) {
		int fd = dccp_open(self->f);

		ASSERT_ERRNO(0, bind_to(fd, loopback(self->f, 0)));
		ASSERT_ERRNO(0, listen(fd, 1));
		ASSERT_EQ(0, close(fd));
	}
}

/* --------------------------------------------------------------------- bind */

TEST_F(socket, bind_gives_a_name)
{
	union address want = loopback(self->f, 4000), got;

	ASSERT_ERRNO(0, bind_to(self->fd, want));
	got = name_of(self->fd);
	EXPECT_TRUE(same_address(&want, &got));
	EXPECT_ERRNO(EINVAL, bind_to(self->fd, want));
}

TEST_F(socket, bind_chooses_a_port)
{
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(self->f, 0)));
	EXPECT_GE(port_of_fd(self->fd), 32768);
}

TEST_F(socket, a_port_has_one_owner)
{
	int fd = dccp_open(self->f);

	ASSERT_ERRNO(0, bind_to(self->fd, loopback(self->f, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(self->f, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, any(self->f, 4000)));
	close(self->fd);
	EXPECT_ERRNO(0, bind_to(fd, loopback(self->f, 4000)));
}

TEST_F(socket, each_number_has_ports_of_its_own)
{
	int fd = MUST(socket(self->f->family, SOCK_DCCP,
			     dccp_number() == IPPROTO_DCCP ? 250 : IPPROTO_DCCP));

	ASSERT_ERRNO(0, bind_to(self->fd, loopback(self->f, 4000)));
	EXPECT_ERRNO(0, bind_to(fd, loopback(self->f, 4000)));
}

TEST_F(socket, listen_binds_if_nobody_did)
{
	ASSERT_ERRNO(0, listen(self->fd, 5));
	EXPECT_NE(0, port_of_fd(self->fd));
}

TEST_F(socket, two_may_share_a_port_that_neither_listens_at)
{
	int fd = dccp_open(self->f);

	MUST(set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(self->f, 4000)));
	ASSERT_ERRNO(0, bind_to(fd, loopback(self->f, 4000)));
	ASSERT_ERRNO(0, listen(fd, 5));
	EXPECT_ERRNO(EADDRINUSE, listen(self->fd, 5));
}

/* -------------------------------------------------------------------- ioctl */

TEST_F(socket, ioctl_of_a_listener)
{
	int n;

	listening(self->f, self->fd, 5);
	EXPECT_ERRNO(ENOTCONN, ioctl(self->fd, FIONREAD, &n));
}

TEST_F(socket, ioctl_that_nobody_knows)
{
	int n;

	EXPECT_ERRNO(ENOTTY, ioctl(self->fd, 0x1234, &n));
}

TEST_HARNESS_MAIN
