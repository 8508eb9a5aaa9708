// SPDX-License-Identifier: GPL-2.0
/* A stream socket before it has a peer: create, bind, name, share a port. */
#include "xl4test.h"
#include "stream.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define NOBODY 65534

FIXTURE(socket)
{
	int fd;
};

FIXTURE_VARIANT(socket)
{
	struct flavour flavour;
};

TCP_FLAVOURS(socket);

FIXTURE_SETUP(socket)
{
	netns_enter();
	self->fd = stream_open(&variant->flavour);
}

FIXTURE_TEARDOWN(socket)
{
	close(self->fd);
}

static int stream_sharing(const struct flavour *f, int option)
{
	int fd = stream_open(f);

	MUST(set_int(fd, SOL_SOCKET, option, 1));
	return fd;
}

/* ------------------------------------------------------------------- create */

TEST_F(socket, other_types_have_no_such_protocol)
{
	EXPECT_ERRNO(EPROTONOSUPPORT,
		     socket(variant->flavour.family, SOCK_DGRAM, tcp_number()));
}

TEST_F(socket, create_honours_the_flags)
{
	int fd = socket(variant->flavour.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			tcp_number());

	ASSERT_GE(fd, 0);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST_F(socket, create_needs_no_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_GE(socket(variant->flavour.family, SOCK_STREAM, tcp_number()), 0);
}

TEST_F(socket, is_a_socket_and_nothing_else)
{
	struct stat st;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_TRUE(S_ISSOCK(st.st_mode));
	EXPECT_ERRNO(ESPIPE, lseek(self->fd, 0, SEEK_SET));
	EXPECT_ERRNO(ENOTTY, ioctl(self->fd, 0x5413, &st));
}

TEST_F(socket, tells_what_it_is)
{
	EXPECT_EQ(SOCK_STREAM, get_int(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(tcp_number(), get_int(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(variant->flavour.family, get_int(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(STATE_CLOSE, state_of(self->fd));
}

TEST_F(socket, socketpair_is_not_supported)
{
	int fds[2];

	EXPECT_ERRNO(EOPNOTSUPP,
		     socketpair(variant->flavour.family, SOCK_STREAM, tcp_number(), fds));
}

TEST_F(socket, fresh_is_not_connected)
{
	char byte;

	EXPECT_ERRNO(ENOTCONN, recv(self->fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_RDWR));
	EXPECT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
	EXPECT_ERRNO(EINVAL, recv(self->fd, &byte, 1, MSG_OOB));
}

TEST_F(socket, fresh_send_raises_sigpipe)
{
	COUNT_SIGNAL(SIGPIPE);
	EXPECT_ERRNO(EPIPE, send(self->fd, "x", 1, 0));
	EXPECT_EQ(1, signals_seen);
	EXPECT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, signals_seen);
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

TEST_F(socket, getsockname_tells_the_true_length)
{
	union address name;
	socklen_t len = 1;

	ASSERT_EQ(0, getsockname(self->fd, &name.sa, &len));
	EXPECT_EQ(variant->flavour.family == AF_INET6 ? sizeof(name.v6) : sizeof(name.v4), len);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockname(self->fd, &name.sa, &len));
	len = sizeof(name);
	EXPECT_ERRNO(EFAULT, getsockname(self->fd, NULL, &len));
}

/* --------------------------------------------------------------------- bind */

TEST_F(socket, bind_takes_a_specific_address)
{
	union address want = loopback(&variant->flavour, 4000), got;

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

TEST_F(socket, bind_twice_is_refused)
{
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(EINVAL, bind_to(self->fd, loopback(&variant->flavour, 4001)));
}

TEST_F(socket, bind_to_a_taken_port_is_refused)
{
	int other = stream_open(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, any(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, bind_to(other, loopback(&variant->flavour, 4001)));
}

TEST_F(socket, close_frees_the_port)
{
	int other = stream_open(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(other, any(&variant->flavour, 4000)));
	close(other);
	EXPECT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 4000)));
}

TEST_F(socket, bind_to_a_foreign_address_is_refused)
{
	EXPECT_ERRNO(EADDRNOTAVAIL,
		     bind_to(self->fd, address_for(&variant->flavour, "192.0.2.1",
						   "2001:db8::1", 4000)));
}

TEST_F(socket, bind_checks_length_and_family)
{
	union address a = loopback(&variant->flavour, 4000);

	EXPECT_ERRNO(EINVAL, bind(self->fd, &a.sa, 8));
	a.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(self->fd, &a.sa, sizeof(a.v6)));
}

TEST_F(socket, bind_to_low_ports_needs_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EACCES, bind_to(self->fd, loopback(&variant->flavour, 80)));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 80)));
}

/* ------------------------------------------------------------- SO_REUSEADDR */

TEST_F(socket, reuseaddr_shares_what_nobody_listens_at)
{
	int a = stream_sharing(&variant->flavour, SO_REUSEADDR);
	int b = stream_sharing(&variant->flavour, SO_REUSEADDR);

	ASSERT_ERRNO(0, bind_to(a, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, bind_to(b, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_ERRNO(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(b, 1));
}

TEST_F(socket, reuseaddr_does_not_share_a_listener)
{
	int a = stream_sharing(&variant->flavour, SO_REUSEADDR);
	int b = stream_sharing(&variant->flavour, SO_REUSEADDR);

	ASSERT_ERRNO(0, bind_to(a, loopback(&variant->flavour, 4000)));
	ASSERT_ERRNO(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, any(&variant->flavour, 4000)));
}

/* The listener closes, its connection lives: what a server that restarts finds. */
static void leave_a_connection(const struct flavour *f, int option, struct stream *s)
{
	int listener = option ? stream_sharing(f, option) : stream_open(f);

	MUST(bind_to(listener, loopback(f, 4000)));
	MUST(listen(listener, 1));
	*s = stream_accepted(f, listener);
	close(listener);
}

TEST_F(socket, a_living_connection_keeps_the_port)
{
	struct stream s;

	leave_a_connection(&variant->flavour, 0, &s);
	EXPECT_ERRNO(EADDRINUSE, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	/* The connection's socket has not consented. */
	EXPECT_ERRNO(EADDRINUSE, bind_to(self->fd, loopback(&variant->flavour, 4000)));
}

TEST_F(socket, reuseaddr_restarts_beside_a_living_connection)
{
	struct stream s;

	leave_a_connection(&variant->flavour, SO_REUSEADDR, &s);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_ERRNO(0, listen(self->fd, 1));
	/* Both work. */
	EXPECT_EQ(1, send(s.here, "x", 1, 0));
	EXPECT_EQ(1, recv(s.there, &(char){ 0 }, 1, 0));
	stream_accepted(&variant->flavour, self->fd);
}

TEST_F(socket, reuseaddr_restarts_beside_time_wait)
{
	struct stream s;

	leave_a_connection(&variant->flavour, SO_REUSEADDR, &s);
	/* The server's side closes first, and waits. */
	close(s.there);
	close(s.here);
	settle();
	EXPECT_ERRNO(EADDRINUSE, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, listen(self->fd, 1));
}

TEST_F(socket, many_bind_and_close)
{
	for (int i = 0; i < 500; i++) {
		int fd = stream_bound(&variant->flavour, loopback(&variant->flavour, 4000));

		ASSERT_EQ(0, listen(fd, 1));
		ASSERT_EQ(0, close(fd));
	}
}

/* --------------------------------------------------------------- dual stack */

FIXTURE(dual)
{
	int v4, v6;
};

FIXTURE_SETUP(dual)
{
	netns_enter();
	self->v4 = stream_open(&(struct flavour){ .family = AF_INET });
	self->v6 = stream_open(&(struct flavour){ .family = AF_INET6 });
}

FIXTURE_TEARDOWN(dual)
{
}

TEST_F(dual, the_wildcard_of_ipv6_takes_both)
{
	ASSERT_ERRNO(0, bind_to(self->v6, ipv6("::", 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(self->v4, ipv4("0.0.0.0", 4000)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(self->v4, ipv4("127.0.0.1", 4000)));
}

TEST_F(dual, v6only_leaves_ipv4_to_others)
{
	ASSERT_EQ(0, set_int(self->v6, SOL_IPV6, IPV6_V6ONLY, 1));
	ASSERT_ERRNO(0, bind_to(self->v6, ipv6("::", 4000)));
	EXPECT_ERRNO(0, bind_to(self->v4, ipv4("0.0.0.0", 4000)));
}

TEST_F(dual, v6only_is_settled_by_bind)
{
	ASSERT_ERRNO(0, bind_to(self->v6, ipv6("::", 4000)));
	EXPECT_ERRNO(EINVAL, set_int(self->v6, SOL_IPV6, IPV6_V6ONLY, 1));
}

TEST_F(dual, v6only_refuses_mapped_addresses)
{
	ASSERT_EQ(0, set_int(self->v6, SOL_IPV6, IPV6_V6ONLY, 1));
	EXPECT_ERRNO(EINVAL, bind_to(self->v6, ipv6("::ffff:127.0.0.1", 4000)));
	EXPECT_ERRNO(ENETUNREACH, connect_to(self->v6, ipv6("::ffff:127.0.0.1", 4000)));
}

TEST_F(dual, a_listener_of_both_accepts_both)
{
	union address peer, name;
	socklen_t len = sizeof(peer);
	int there;

	ASSERT_ERRNO(0, bind_to(self->v6, ipv6("::", 4000)));
	ASSERT_ERRNO(0, listen(self->v6, 8));
	ASSERT_ERRNO(0, connect_to(self->v4, ipv4("127.0.0.1", 4000)));
	there = accept(self->v6, &peer.sa, &len);
	ASSERT_GE(there, 0);
	EXPECT_EQ(sizeof(peer.v6), len);
	EXPECT_EQ(AF_INET6, peer.sa.sa_family);
	EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&peer.v6.sin6_addr));
	name = name_of(there);
	EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&name.v6.sin6_addr));
	EXPECT_EQ(4000, port_of(&name));
	name = name_of(self->v4);
	EXPECT_EQ(port_of(&name), port_of(&peer));
	ASSERT_EQ(5, send(there, "hello", 5, 0));
	EXPECT_EQ(5, recv(self->v4, &(char[8]){ 0 }, 8, 0));
}

TEST_F(dual, a_listener_of_ipv6_refuses_ipv4)
{
	ASSERT_EQ(0, set_int(self->v6, SOL_IPV6, IPV6_V6ONLY, 1));
	ASSERT_ERRNO(0, bind_to(self->v6, ipv6("::", 4000)));
	ASSERT_ERRNO(0, listen(self->v6, 8));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->v4, ipv4("127.0.0.1", 4000)));
}

TEST_F(dual, ipv4_refuses_addresses_of_ipv6)
{
	EXPECT_ERRNO(EAFNOSUPPORT, connect_to(self->v4, ipv6("::1", 4000)));
}

TEST_F(dual, ipv6_connects_to_addresses_of_ipv4)
{
	/* An AF_INET address on an AF_INET6 socket. */
	ASSERT_ERRNO(0, bind_to(self->v4, ipv4("127.0.0.1", 4000)));
	ASSERT_ERRNO(0, listen(self->v4, 8));
	EXPECT_ERRNO(EINVAL, connect_to(self->v6, ipv4("127.0.0.1", 4000)));
	EXPECT_ERRNO(0, connect_to(self->v6, ipv6("::ffff:127.0.0.1", 4000)));
}

TEST_HARNESS_MAIN
