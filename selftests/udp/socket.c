// SPDX-License-Identifier: GPL-2.0
/* The life of a socket: create, bind, connect, name, shut down, close. */
#include "xl4test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534

FIXTURE(socket)
{
	int fd;
};

FIXTURE_VARIANT(socket)
{
	struct flavour flavour;
};

ALL_FLAVOURS(socket);

FIXTURE_SETUP(socket)
{
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(socket)
{
	close(self->fd);
}

TEST_F(socket, other_types_have_no_such_protocol)
{
	int protocol = protocol_of(&variant->flavour);

	EXPECT_ERRNO(EPROTONOSUPPORT,
		     socket(variant->flavour.family, SOCK_STREAM, protocol));
}

TEST_F(socket, create_honours_the_flags)
{
	int fd = socket(variant->flavour.family,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			protocol_of(&variant->flavour));

	ASSERT_GE(fd, 0);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST_F(socket, create_needs_no_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_GE(socket(variant->flavour.family, SOCK_DGRAM,
			 protocol_of(&variant->flavour)), 0);
}

TEST_F(socket, is_a_socket_and_nothing_else)
{
	struct stat st;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_TRUE(S_ISSOCK(st.st_mode));
	EXPECT_ERRNO(ESPIPE, lseek(self->fd, 0, SEEK_SET));
	EXPECT_ERRNO(ENOTTY, ioctl(self->fd, 0x5413, &st));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
				   self->fd, 0));
	EXPECT_EQ(ENODEV, errno);
}

TEST_F(socket, socketpair_is_not_supported)
{
	int fds[2];

	EXPECT_ERRNO(EOPNOTSUPP,
		     socketpair(variant->flavour.family, SOCK_DGRAM,
				protocol_of(&variant->flavour), fds));
}

TEST_F(socket, listen_and_accept_are_not_supported)
{
	EXPECT_ERRNO(EOPNOTSUPP, listen(self->fd, 1));
	EXPECT_ERRNO(EOPNOTSUPP, accept(self->fd, NULL, NULL));
}

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
	EXPECT_EQ(variant->flavour.family == AF_INET6 ? sizeof(name.v6)
						      : sizeof(name.v4), len);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockname(self->fd, &name.sa, &len));
	len = sizeof(name);
	EXPECT_ERRNO(EFAULT, getsockname(self->fd, NULL, &len));
}

TEST_F(socket, bind_takes_a_specific_address)
{
	union address want = loopback(&variant->flavour, 4000);
	union address got;

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
	EXPECT_ERRNO(EINVAL,
		     bind_to(self->fd, loopback(&variant->flavour, 4001)));
}

TEST_F(socket, bind_to_a_taken_port_is_refused)
{
	int other = dgram_open(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_to(other, any(&variant->flavour, 4000)));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_to(other, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, bind_to(other, loopback(&variant->flavour, 4001)));
}

TEST_F(socket, bind_after_close_finds_the_port_free)
{
	int next = dgram_open(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 4000)));
	close(self->fd);
	EXPECT_ERRNO(0, bind_to(next, any(&variant->flavour, 4000)));
}

TEST_F(socket, bind_to_a_foreign_address_is_refused)
{
	union address foreign = address_for(&variant->flavour, "198.51.100.1",
					    "2001:db8:ffff::1", 4000);

	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(self->fd, foreign));
}

TEST_F(socket, bind_to_a_foreign_address_needs_freebind)
{
	union address foreign = address_for(&variant->flavour, "198.51.100.1",
					    "2001:db8:ffff::1", 4000);
	bool v6 = variant->flavour.family == AF_INET6;

	ASSERT_EQ(0, set_int(self->fd, v6 ? SOL_IPV6 : SOL_IP,
			     v6 ? IPV6_FREEBIND : IP_FREEBIND, 1));
	EXPECT_ERRNO(0, bind_to(self->fd, foreign));
}

TEST_F(socket, bind_checks_family_and_length)
{
	union address a = loopback(&variant->flavour, 4000);

	EXPECT_ERRNO(EINVAL, bind(self->fd, &a.sa, sizeof(a.sa) - 3));
	EXPECT_ERRNO(EINVAL, bind(self->fd, &a.sa, 0));
	if (a.sa.sa_family == AF_INET6)
		EXPECT_ERRNO(EINVAL, bind(self->fd, &a.sa, 23));
	a.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT,
		     bind(self->fd, &a.sa, sizeof(struct sockaddr_in6)));
	EXPECT_ERRNO(EFAULT, bind(self->fd, (void *)1, sizeof(a.v6)));
}

TEST_F(socket, bind_below_1024_needs_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EACCES, bind_to(self->fd, any(&variant->flavour, 1023)));
	EXPECT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 1024)));
}

TEST_F(socket, bind_below_1024_as_root)
{
	EXPECT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 53)));
}

TEST_F(socket, bind_to_multicast)
{
	union address group = address_for(&variant->flavour, "239.1.2.3",
					  "ff0e::1:2:3", 4000);

	EXPECT_ERRNO(0, bind_to(self->fd, group));
}

TEST_F(socket, connect_names_both_ends)
{
	union address to = loopback(&variant->flavour, 4000);
	union address peer, name;

	ASSERT_ERRNO(0, connect_to(self->fd, to));
	peer = peer_of(self->fd);
	name = name_of(self->fd);
	EXPECT_TRUE(same_address(&to, &peer));
	EXPECT_TRUE(same_host(&to, &name));
	EXPECT_NE(0, port_of(&name));
}

TEST_F(socket, connect_checks_family_and_length)
{
	union address a = loopback(&variant->flavour, 4000);

	EXPECT_ERRNO(EINVAL, connect(self->fd, &a.sa, 1));
	EXPECT_ERRNO(EINVAL, connect(self->fd, &a.sa, sizeof(a.sa) - 1));
	a.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT,
		     connect(self->fd, &a.sa, sizeof(struct sockaddr_in6)));
}

TEST_F(socket, connect_without_a_route)
{
	EXPECT_ERRNO(ENETUNREACH,
		     connect_to(self->fd, address_for(&variant->flavour,
						      "198.51.100.1",
						      "2001:db8:ffff::1", 9)));
}

TEST_F(socket, connect_to_the_wildcard_means_this_host)
{
	union address to = address_for(&variant->flavour, "0.0.0.0", "::", 9);
	union address here = loopback(&variant->flavour, 9), peer;

	ASSERT_ERRNO(0, connect_to(self->fd, to));
	peer = peer_of(self->fd);
	EXPECT_TRUE(same_address(&here, &peer));
}

TEST_F(socket, connect_again_changes_the_peer)
{
	union address second = loopback(&variant->flavour, 4001), peer;

	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_ERRNO(0, connect_to(self->fd, second));
	peer = peer_of(self->fd);
	EXPECT_TRUE(same_address(&second, &peer));
}

TEST_F(socket, connect_to_port_0_finds_the_source_but_cannot_send)
{
	union address to = loopback(&variant->flavour, 0), name;

	ASSERT_ERRNO(0, connect_to(self->fd, to));
	name = name_of(self->fd);
	EXPECT_TRUE(same_host(&to, &name));
	if (!is_kernel_udp())
		EXPECT_ERRNO(EINVAL, send(self->fd, "x", 1, 0));
}

TEST_F(socket, connected_hears_its_peer_alone)
{
	struct pair p = pair_open(&variant->flavour);
	int stranger = dgram_bound(&variant->flavour,
				   loopback(&variant->flavour, 0));
	char got;

	ASSERT_ERRNO(0, connect_to(p.rx, p.from));
	ASSERT_EQ(1, send_text(stranger, "s", p.to));
	ASSERT_EQ(1, send_text(p.tx, "p", p.to));
	ASSERT_EQ(1, recv(p.rx, &got, 1, 0));
	EXPECT_EQ('p', got);
	EXPECT_ERRNO(EAGAIN, recv_now(p.rx, &got, 1, 0));
}

TEST_F(socket, disconnected_hears_everyone_again)
{
	union address here = loopback(&variant->flavour, 4000), peer;
	socklen_t len = sizeof(peer);
	int tx = dgram_open(&variant->flavour);
	char got;

	ASSERT_ERRNO(0, bind_to(self->fd, here));
	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	ASSERT_EQ(0, disconnect(self->fd));
	EXPECT_ERRNO(ENOTCONN, getpeername(self->fd, &peer.sa, &len));
	EXPECT_ERRNO(EDESTADDRREQ, send(self->fd, "x", 1, 0));
	ASSERT_EQ(1, send_text(tx, "p", here));
	EXPECT_EQ(1, recv(self->fd, &got, 1, 0));
}

TEST_F(socket, disconnect_keeps_what_was_bound)
{
	union address bound = loopback(&variant->flavour, 4000), name;

	ASSERT_ERRNO(0, bind_to(self->fd, bound));
	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	ASSERT_EQ(0, disconnect(self->fd));
	name = name_of(self->fd);
	EXPECT_TRUE(same_address(&bound, &name));
}

TEST_F(socket, disconnect_gives_back_what_connect_chose)
{
	union address name, wildcard = any(&variant->flavour, 0);

	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	ASSERT_EQ(0, disconnect(self->fd));
	name = name_of(self->fd);
	if (!variant->flavour.mapped)
		EXPECT_TRUE(same_host(&wildcard, &name));
	EXPECT_EQ(0, port_of(&name));
}

TEST_F(socket, disconnect_of_a_fresh_socket_is_harmless)
{
	EXPECT_EQ(0, disconnect(self->fd));
}

TEST_F(socket, shutdown_unconnected_says_so)
{
	EXPECT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_RDWR));
}

TEST_F(socket, shutdown_wants_a_known_direction)
{
	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	EXPECT_ERRNO(EINVAL, shutdown(self->fd, 3));
	EXPECT_ERRNO(EINVAL, shutdown(self->fd, -1));
}

TEST_F(socket, shutdown_for_writing_breaks_the_pipe_without_a_signal)
{
	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(self->fd, "x", 1, 0));
}

TEST_F(socket, shutdown_for_reading_ends_a_blocked_recv)
{
	char byte;
	int status;
	pid_t reader;

	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	reader = fork();
	if (!reader)
		_exit(recv(self->fd, &byte, 1, 0) ? 1 : 0);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(reader, waitpid(reader, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLRDHUP,
		  events_of(self->fd) & (POLLIN | POLLRDNORM | POLLRDHUP));
	EXPECT_EQ(0, events_of(self->fd) & POLLHUP);
}

TEST_F(socket, shutdown_of_both_hangs_up)
{
	ASSERT_ERRNO(0, connect_to(self->fd, loopback(&variant->flavour, 9)));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_TRUE(events_of(self->fd) & POLLHUP);
}

TEST_F(socket, fresh_is_writable_and_not_readable)
{
	short events = events_of(self->fd);

	EXPECT_EQ(POLLOUT | POLLWRNORM, events & (POLLOUT | POLLWRNORM));
	EXPECT_EQ(0, events & (POLLIN | POLLPRI | POLLERR | POLLHUP));
}

TEST_F(socket, duplicate_keeps_it_open)
{
	struct pair p = pair_open(&variant->flavour);
	int copy = dup(p.rx);
	char got;

	close(p.rx);
	ASSERT_EQ(1, send_text(p.tx, "d", p.to));
	EXPECT_EQ(1, recv(copy, &got, 1, 0));
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

TEST_F(socket, arrival_raises_the_signal_asked_for)
{
	struct pair p = pair_open(&variant->flavour);

	ASSERT_NE(SIG_ERR, signal(SIGIO, count_signal));
	ASSERT_EQ(0, fcntl(p.rx, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(p.rx, F_SETFL, O_ASYNC));
	EXPECT_EQ(getpid(), fcntl(p.rx, F_GETOWN));
	ASSERT_EQ(1, send_text(p.tx, "s", p.to));
	ASSERT_TRUE(wait_for(p.rx, POLLIN));
	EXPECT_LE(1, signals);
}

/* What only IPv6 sockets, or only IPv4 sockets, know. */
FIXTURE(socket6)
{
	int fd;
};

FIXTURE_VARIANT(socket6)
{
	struct flavour flavour;
};

ADD_FLAVOUR(socket6, udp, .family = AF_INET6);
ADD_FLAVOUR(socket6, lite, .family = AF_INET6, .lite = true);

FIXTURE_SETUP(socket6)
{
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(socket6)
{
	close(self->fd);
}

TEST_F(socket6, v6only_refuses_mapped_addresses)
{
	struct flavour mapped = { .family = AF_INET6, .mapped = true };

	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_V6ONLY, 1));
	EXPECT_ERRNO(EINVAL, bind_to(self->fd, loopback(&mapped, 4000)));
	EXPECT_ERRNO(ENETUNREACH, connect_to(self->fd,
					     loopback(&mapped, 4000)));
	EXPECT_ERRNO(ENETUNREACH, send_text(self->fd, "x",
					    loopback(&mapped, 4000)));
}

TEST_F(socket6, v6only_cannot_change_once_bound)
{
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(EINVAL, set_int(self->fd, SOL_IPV6, IPV6_V6ONLY, 1));
}

TEST_F(socket6, v6_link_local_wants_a_scope)
{
	union address a = ipv6("fe80::1", 4000);

	EXPECT_ERRNO(EINVAL, bind_to(self->fd, a));
	EXPECT_ERRNO(EINVAL, connect_to(dgram_open(&variant->flavour), a));
	loopback_add_address("fe80::1");
	a.v6.sin6_scope_id = if_nametoindex("lo");
	EXPECT_ERRNO(0, bind_to(self->fd, a));
}

FIXTURE(socket4)
{
	int fd;
};

FIXTURE_VARIANT(socket4)
{
	struct flavour flavour;
};

ADD_FLAVOUR(socket4, udp, .family = AF_INET);
ADD_FLAVOUR(socket4, lite, .family = AF_INET, .lite = true);

FIXTURE_SETUP(socket4)
{
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(socket4)
{
	close(self->fd);
}

TEST_F(socket4, v4_bind_forgives_an_unspecified_family)
{
	union address a = ipv4("0.0.0.0", 4000);

	a.sa.sa_family = AF_UNSPEC;
	a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	EXPECT_ERRNO(EAFNOSUPPORT, bind(self->fd, &a.sa, sizeof(a.v4)));
	a.v4.sin_addr.s_addr = htonl(INADDR_ANY);
	EXPECT_EQ(0, bind(self->fd, &a.sa, sizeof(a.v4)));
}

TEST_HARNESS_MAIN
