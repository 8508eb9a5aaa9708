// SPDX-License-Identifier: GPL-2.0
/* connect(2): to whom, how it fails, without waiting, and how to take it back. */
#include "xl4test.h"
#include "stream.h"

#include <sys/time.h>

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

TCP_FLAVOURS(connect);

FIXTURE_SETUP(connect)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = stream_open(self->f);
	self->listener = stream_listening(self->f, 8);
	self->to = name_of(self->listener);
}

FIXTURE_TEARDOWN(connect)
{
}

/*
 * A port where nobody listens. It stays taken: who called from there, by chance, would be connected
 * to himself.
 */
static union address nobody(const struct flavour *f)
{
	return name_of(stream_bound(f, loopback(f, 0)));
}

static int port_of_fd(int fd)
{
	union address a = name_of(fd);

	return port_of(&a);
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
	EXPECT_EQ(STATE_ESTABLISHED, state_of(fd));
	EXPECT_EQ(STATE_ESTABLISHED, state_of(self->fd));
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
}

TEST_F(connect, refused_again_and_again)
{
	union address a = nobody(self->f);

	for (int i = 0; i < 100; i++)
		ASSERT_ERRNO(ECONNREFUSED, connect_to(self->fd, a));
	EXPECT_EQ(100, tcp_counter("AttemptFails"));
	EXPECT_EQ(0, tcp_counter("CurrEstab"));
}

TEST_F(connect, to_oneself_is_one_connection)
{
	union address a = loopback(self->f, 4000);
	char byte = 0;

	ASSERT_ERRNO(0, bind_to(self->fd, a));
	ASSERT_ERRNO(0, connect_to(self->fd, a));
	EXPECT_EQ(STATE_ESTABLISHED, state_of(self->fd));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	ASSERT_EQ(1, recv(self->fd, &byte, 1, 0));
	EXPECT_EQ('x', byte);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	EXPECT_EQ(0, recv(self->fd, &byte, 1, 0));
}

TEST_F(connect, the_same_connection_twice_is_refused)
{
	int a = stream_open(self->f), b = stream_open(self->f);

	ASSERT_EQ(0, set_int(a, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, set_int(b, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(a, loopback(self->f, 4000)));
	ASSERT_ERRNO(0, bind_to(b, loopback(self->f, 4000)));
	ASSERT_ERRNO(0, connect_to(a, self->to));
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(b, self->to));
}

TEST_F(connect, ports_run_out)
{
	int other = stream_listening(self->f, 8);

	sysctl_write("net/ipv4/ip_local_port_range", "40000 40003");
	for (int i = 0; i < 4; i++)
		ASSERT_ERRNO(0, connect_to(stream_open(self->f), self->to));
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(self->fd, self->to));
	/* To another peer they are free. */
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(other)));
}

/* ------------------------------------------------------------- without waiting */

TEST_F(connect, nonblocking_tells_later)
{
	nonblocking(self->fd);
	ASSERT_ERRNO(EINPROGRESS, connect_to(self->fd, self->to));
	ASSERT_TRUE(wait_for(self->fd, POLLOUT));
	EXPECT_EQ(0, error_of(self->fd));
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
	EXPECT_ERRNO(EISCONN, connect_to(self->fd, self->to));
}

TEST_F(connect, nonblocking_tells_of_a_refusal)
{
	nonblocking(self->fd);
	ASSERT_ERRNO(EINPROGRESS, connect_to(self->fd, nobody(self->f)));
	EXPECT_EQ(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP,
		  events_of(self->fd) & (POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP));
	EXPECT_EQ(ECONNREFUSED, error_of(self->fd));
	EXPECT_EQ(0, error_of(self->fd));
	EXPECT_ERRNO(ECONNABORTED, connect_to(self->fd, self->to));
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, self->to));
}

TEST_F(connect, while_it_goes_on)
{
	int fd = stream_stuck(self->f);
	union address peer;
	socklen_t len = sizeof(peer);
	char byte;

	EXPECT_EQ(STATE_SYN_SENT, state_of(fd));
	EXPECT_EQ(0, events_of(fd));
	EXPECT_ERRNO(EALREADY, connect_to(fd, self->to));
	EXPECT_ERRNO(EAGAIN, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, &peer.sa, &len));
	EXPECT_ERRNO(EINVAL, listen(fd, 1));
	EXPECT_ERRNO(EINVAL, bind_to(fd, loopback(self->f, 0)));
	EXPECT_EQ(0, close(fd));
}

TEST_F(connect, waits_no_longer_than_sndtimeo)
{
	struct timeval brief = { .tv_usec = 20000 };
	int listener = stream_listening(self->f, 0);

	stream_to(self->f, listener);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDTIMEO, &brief, sizeof(brief)));
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, name_of(listener)));
	EXPECT_ERRNO(EALREADY, connect_to(self->fd, name_of(listener)));
}

TEST_F(connect, waits_until_a_signal)
{
	int listener = stream_listening(self->f, 0);
	struct itimerval soon = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 };
	struct timeval never = { 0 };

	stream_to(self->f, listener);
	COUNT_SIGNAL(SIGALRM);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDTIMEO, &never, sizeof(never)));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
	EXPECT_ERRNO(EINTR, connect_to(self->fd, name_of(listener)));
	soon = (struct itimerval) { 0 };
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_NE(0, signals_seen);
	EXPECT_EQ(STATE_SYN_SENT, state_of(self->fd));
}

TEST_F(connect, shutdown_ends_it)
{
	int fd = stream_stuck(self->f);

	/* Told so, the kernel's own takes a socket that connects for one that is not. */
	EXPECT_ERRNO(0, shutdown(fd, SHUT_RDWR));
	EXPECT_EQ(STATE_CLOSE, state_of(fd));
	EXPECT_EQ(0, close(fd));
}

/* ----------------------------------------------------------------- AF_UNSPEC */

TEST_F(connect, disconnect_resets_the_peer)
{
	struct stream s = stream_accepted(self->f, self->listener);
	char byte;

	ASSERT_ERRNO(0, disconnect(s.here));
	EXPECT_EQ(STATE_CLOSE, state_of(s.here));
	EXPECT_ERRNO(ENOTCONN, getpeername(s.here, NULL, &(socklen_t){ 0 }));
	EXPECT_ERRNO(ECONNRESET, recv(s.there, &byte, 1, 0));
	EXPECT_EQ(0, recv(s.there, &byte, 1, 0));
}

TEST_F(connect, disconnected_may_connect_again)
{
	struct stream s = stream_accepted(self->f, self->listener);
	union address name, wildcard = any(self->f, 0);
	char text[8];
	int there;

	ASSERT_EQ(4, send(s.there, "lost", 4, 0));
	ASSERT_ERRNO(0, disconnect(s.here));
	name = name_of(s.here);
	EXPECT_TRUE(same_host(&wildcard, &name));
	/* What was not read is gone, and the error of the end is not this one's. */
	ASSERT_EQ(0, error_of(s.here) & ~ECONNRESET);
	ASSERT_ERRNO(0, connect_to(s.here, self->to));
	there = accept(self->listener, NULL, NULL);
	ASSERT_GE(there, 0);
	ASSERT_EQ(5, send(there, "again", 5, 0));
	EXPECT_EQ(5, recv(s.here, text, sizeof(text), 0));
	EXPECT_EQ(0, memcmp(text, "again", 5));
}

/* What a socket tells of itself, but for what time changes. */
static struct tcp_info figures_of(int fd)
{
	struct tcp_info info = info_of(fd);

	info.tcpi_last_data_sent = 0;
	info.tcpi_last_data_recv = 0;
	info.tcpi_last_ack_recv = 0;
	return info;
}

TEST_F(connect, disconnected_is_as_new)
{
	struct stream s = stream_accepted(self->f, self->listener);
	struct tcp_info new, after;
	static char data[10000];

	if (is_kernel_tcp())
		SKIP(return, "the kernel's own keeps some of it");
	new = figures_of(self->fd);
	for (int i = 0; i < 20; i++) {
		ASSERT_TRUE(send_all(s.here, data, sizeof(data)));
		ASSERT_TRUE(recv_all(s.there, data, sizeof(data)));
		ASSERT_TRUE(send_all(s.there, data, sizeof(data)));
		ASSERT_TRUE(recv_all(s.here, data, sizeof(data)));
	}
	ASSERT_ERRNO(0, disconnect(s.here));
	after = figures_of(s.here);
	EXPECT_EQ(0, memcmp(&new, &after, sizeof(new)));
}

TEST_F(connect, disconnect_keeps_a_bound_port)
{
	union address want = loopback(self->f, 4000), got;

	ASSERT_ERRNO(0, bind_to(self->fd, want));
	ASSERT_ERRNO(0, connect_to(self->fd, self->to));
	ASSERT_ERRNO(0, disconnect(self->fd));
	got = name_of(self->fd);
	EXPECT_TRUE(same_address(&want, &got));
	ASSERT_EQ(0, error_of(self->fd) & ~ECONNRESET);
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
	got = name_of(self->fd);
	EXPECT_EQ(4000, port_of(&got));
}

/* The address was connect()'s choice: it goes with the connection. */
TEST_F(connect, disconnected_hears_at_all_addresses)
{
	int fd = stream_open(self->f);

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
	name = peer_of(accept(self->listener, NULL, NULL));
	EXPECT_EQ(4000, port_of(&name));
}

TEST_F(connect, a_refused_socket_may_listen_at_its_port)
{
	int fd = stream_open(self->f);

	ASSERT_ERRNO(0, bind_to(self->fd, any(self->f, 4000)));
	ASSERT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	ASSERT_ERRNO(0, listen(self->fd, 1));
	EXPECT_ERRNO(0, connect_to(fd, loopback(self->f, 4000)));
}

/* It listens where bind() said, not in the place of a connection that another has. */
TEST_F(connect, what_another_has_is_not_left_behind)
{
	int other = stream_open(self->f), fd = stream_open(self->f);

	ASSERT_ERRNO(0, set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, set_int(other, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(self->fd, any(self->f, 4000)));
	ASSERT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	ASSERT_ERRNO(0, bind_to(other, any(self->f, 4000)));
	ASSERT_ERRNO(0, connect_to(other, self->to));
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(self->fd, self->to));
	ASSERT_ERRNO(0, listen(self->fd, 1));
	ASSERT_ERRNO(0, connect_to(fd, loopback(self->f, 4000)));
	EXPECT_GE(accept(self->fd, NULL, NULL), 0);
	close(other);
	accept(self->listener, NULL, NULL);
}

TEST_F(connect, disconnect_ends_an_attempt)
{
	int fd = stream_stuck(self->f);

	ASSERT_ERRNO(0, disconnect(fd));
	EXPECT_EQ(STATE_CLOSE, state_of(fd));
	EXPECT_EQ(ECONNRESET, error_of(fd));
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, self->to));
	EXPECT_TRUE(wait_for(fd, POLLOUT));
	EXPECT_EQ(STATE_ESTABLISHED, state_of(fd));
}

TEST_F(connect, disconnect_ends_a_listener)
{
	ASSERT_ERRNO(0, disconnect(self->listener));
	EXPECT_EQ(STATE_CLOSE, state_of(self->listener));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, self->to));
	EXPECT_ERRNO(EINVAL, accept(self->listener, NULL, NULL));
	/* Its port was not bind()'s choice of a number: it gets another. */
	ASSERT_ERRNO(0, listen(self->listener, 1));
	EXPECT_ERRNO(0, connect_to(self->fd, with_port(self->to, port_of_fd(self->listener))));
}

TEST_F(connect, disconnect_wakes_all_that_wait_to_accept)
{
	time_t began = time(NULL);
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		pid[i] = MUST(fork());
		if (!pid[i])
			_exit(accept(self->listener, NULL, NULL) >= 0 || errno != EINVAL);
	}
	usleep(100000);
	ASSERT_ERRNO(0, disconnect(self->listener));
	for (int i = 0; i < 2; i++)
		EXPECT_TRUE(ended_well(pid[i]));
	/* and not only when their patience was at an end */
	EXPECT_LT(time(NULL) - began, PATIENCE_S);
}

TEST_F(connect, disconnect_of_nothing_is_nothing)
{
	EXPECT_ERRNO(0, disconnect(self->fd));
	EXPECT_ERRNO(0, disconnect(self->fd));
	EXPECT_EQ(0, error_of(self->fd));
	EXPECT_ERRNO(0, connect_to(self->fd, self->to));
}

TEST_F(connect, and_disconnect_many_times)
{
	for (int i = 0; i < 200; i++) {
		ASSERT_ERRNO(0, connect_to(self->fd, self->to));
		close(accept(self->listener, NULL, NULL));
		ASSERT_ERRNO(0, disconnect(self->fd));
		error_of(self->fd);
	}
	EXPECT_EQ(0, tcp_counter("CurrEstab"));
}

TEST_HARNESS_MAIN
