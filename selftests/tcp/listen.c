// SPDX-License-Identifier: GPL-2.0
/* listen(2) and accept(2): the queue, who waits for it, and its end. */
#include "xl4test.h"
#include "stream.h"

#include <sys/time.h>

FIXTURE(listen)
{
	const struct flavour *f;
	int fd;
	union address to;
};

FIXTURE_VARIANT(listen)
{
	struct flavour flavour;
};

TCP_FLAVOURS(listen);

FIXTURE_SETUP(listen)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = stream_listening(self->f, 8);
	self->to = name_of(self->fd);
}

FIXTURE_TEARDOWN(listen)
{
}

/* How many may connect until a SYN gets no answer. */
static int connects_until_full(const struct flavour *f, union address to, int most)
{
	int n, fd;

	for (n = 0; n < most; n++) {
		fd = stream_open(f);
		nonblocking(fd);
		connect_to(fd, to);
		if (state_of(fd) != STATE_ESTABLISHED)
			break;
	}
	return n;
}

TEST_F(listen, is_what_it_says)
{
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(STATE_LISTEN, state_of(self->fd));
}

TEST_F(listen, without_a_port_gets_one)
{
	int fd = stream_open(self->f);
	union address name, wildcard = any(self->f, 0);

	ASSERT_ERRNO(0, listen(fd, 1));
	name = name_of(fd);
	EXPECT_TRUE(same_host(&wildcard, &name));
	EXPECT_GE(port_of(&name), 32768);
	EXPECT_ERRNO(0, connect_to(stream_open(self->f),
				   with_port(loopback(self->f, 0), port_of(&name))));
}

TEST_F(listen, carries_no_data)
{
	char byte;

	EXPECT_ERRNO(ENOTCONN, recv(self->fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, FIONREAD, &(int){ 0 }));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, SIOCOUTQ, &(int){ 0 }));
	EXPECT_ERRNO(ENOTCONN, getpeername(self->fd, &self->to.sa, &(socklen_t){ sizeof(self->to) }));
}

TEST_F(listen, again_changes_the_backlog)
{
	int fd = stream_listening(self->f, 8);

	ASSERT_ERRNO(0, listen(fd, 2));
	EXPECT_EQ(3, connects_until_full(self->f, name_of(fd), 10));
}

TEST_F(listen, the_backlog_is_so_many_and_one)
{
	for (int backlog = 0; backlog < 6; backlog += 5) {
		int fd = stream_listening(self->f, backlog);

		EXPECT_EQ(backlog + 1, connects_until_full(self->f, name_of(fd), 20));
		/* Who is accepted makes room. */
		ASSERT_LE(0, accept(fd, NULL, NULL));
		EXPECT_EQ(1, connects_until_full(self->f, name_of(fd), 20));
	}
}

TEST_F(listen, somaxconn_is_the_most)
{
	int fd;

	sysctl_write("net/core/somaxconn", "3");
	fd = stream_listening(self->f, 1000);
	EXPECT_EQ(4, connects_until_full(self->f, name_of(fd), 20));
	close(fd);
	fd = stream_listening(self->f, -1);
	EXPECT_EQ(4, connects_until_full(self->f, name_of(fd), 20));
}

TEST_F(listen, what_finds_no_room_is_counted)
{
	stream_stuck(self->f);
	EXPECT_EQ(1, tcp_counter("ListenOverflows"));
	EXPECT_EQ(1, tcp_counter("ListenDrops"));
}

TEST_F(listen, who_is_stuck_gets_in_when_there_is_room)
{
	int listener = stream_listening(self->f, 0);
	int first = stream_to(self->f, listener), second = stream_open(self->f);

	nonblocking(second);
	ASSERT_ERRNO(EINPROGRESS, connect_to(second, name_of(listener)));
	ASSERT_EQ(STATE_SYN_SENT, state_of(second));
	ASSERT_LE(0, accept(listener, NULL, NULL));
	/* Its SYN comes again after a second. */
	ASSERT_TRUE(wait_for(second, POLLOUT));
	EXPECT_EQ(STATE_ESTABLISHED, state_of(second));
	close(first);
}

TEST_F(listen, the_queue_is_in_order)
{
	union address names[8], peer;
	socklen_t len;

	for (int i = 0; i < 8; i++)
		names[i] = name_of(stream_to(self->f, self->fd));
	for (int i = 0; i < 8; i++) {
		len = sizeof(peer);
		ASSERT_LE(0, accept(self->fd, &peer.sa, &len));
		EXPECT_TRUE(same_address(&names[i], &peer));
	}
	EXPECT_ERRNO(EAGAIN, (nonblocking(self->fd), accept(self->fd, NULL, NULL)));
}

TEST_F(listen, data_before_accept_is_kept)
{
	int here = stream_to(self->f, self->fd), there;
	char text[8];

	ASSERT_EQ(5, send(here, "early", 5, 0));
	there = accept(self->fd, NULL, NULL);
	ASSERT_LE(0, there);
	EXPECT_EQ(5, recv(there, text, sizeof(text), 0));
}

TEST_F(listen, who_hung_up_is_accepted_and_read)
{
	int here = stream_to(self->f, self->fd), there;
	char text[8];

	ASSERT_EQ(3, send(here, "bye", 3, 0));
	close(here);
	there = accept(self->fd, NULL, NULL);
	ASSERT_LE(0, there);
	EXPECT_EQ(3, recv(there, text, sizeof(text), 0));
	EXPECT_EQ(0, recv(there, text, sizeof(text), 0));
}

TEST_F(listen, who_reset_is_accepted_with_the_error)
{
	int here = stream_to(self->f, self->fd), there;
	char byte;

	reset(here);
	settle();
	there = accept(self->fd, NULL, NULL);
	ASSERT_LE(0, there);
	EXPECT_ERRNO(ECONNRESET, recv(there, &byte, 1, 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(there, &self->to.sa, &(socklen_t){ sizeof(self->to) }));
}

TEST_F(listen, accept4_sets_the_flags)
{
	int fd;

	stream_to(self->f, self->fd);
	stream_to(self->f, self->fd);
	fd = accept4(self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	nonblocking(self->fd);
	fd = accept4(self->fd, NULL, NULL, 0);
	ASSERT_LE(0, fd);
	EXPECT_FALSE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_FALSE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_ERRNO(EINVAL, accept4(self->fd, NULL, NULL, 1));
}

/* ------------------------------------------------------------------- waiting */

TEST_F(listen, accept_waits_no_longer_than_rcvtimeo)
{
	struct timeval brief = { .tv_usec = 20000 };

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief)));
	EXPECT_ERRNO(EAGAIN, accept(self->fd, NULL, NULL));
}

TEST_F(listen, accept_waits_until_a_signal)
{
	struct itimerval soon = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 };

	COUNT_SIGNAL(SIGALRM);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
	EXPECT_ERRNO(EINTR, accept(self->fd, NULL, NULL));
	EXPECT_NE(0, signals_seen);
}

TEST_F(listen, each_connection_wakes_one_of_many)
{
	pid_t sleepers[4];
	int status;

	for (int i = 0; i < 4; i++) {
		sleepers[i] = fork();
		if (!sleepers[i])
			_exit(accept(self->fd, NULL, NULL) < 0);
	}
	for (int i = 0; i < 4; i++)
		stream_to(self->f, self->fd);
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(sleepers[i], waitpid(sleepers[i], &status, 0));
		EXPECT_EQ(0, status);
	}
}

TEST_F(listen, shutdown_wakes_who_waits)
{
	pid_t sleeper = fork();
	int status;

	if (!sleeper)
		_exit(accept(self->fd, NULL, NULL) < 0 ? errno : 0);
	/* Not before it sleeps, or it would find no listener at all: the same answer. */
	usleep(20000);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(sleeper, waitpid(sleeper, &status, 0));
	EXPECT_EQ(EINVAL, WEXITSTATUS(status));
}

/* ----------------------------------------------------------------------- end */

TEST_F(listen, shutdown_ends_it)
{
	int here = stream_to(self->f, self->fd);
	char byte;

	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	EXPECT_EQ(STATE_LISTEN, state_of(self->fd));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	EXPECT_EQ(STATE_CLOSE, state_of(self->fd));
	EXPECT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
	EXPECT_ERRNO(ECONNRESET, recv(here, &byte, 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(stream_open(self->f), self->to));
}

TEST_F(listen, shutdown_keeps_a_bound_port)
{
	int fd = stream_bound(self->f, loopback(self->f, 4000));

	ASSERT_ERRNO(0, listen(fd, 1));
	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_ERRNO(EADDRINUSE, bind_to(stream_open(self->f), loopback(self->f, 4000)));
	ASSERT_ERRNO(0, listen(fd, 1));
	EXPECT_ERRNO(0, connect_to(stream_open(self->f), loopback(self->f, 4000)));
}

TEST_F(listen, close_resets_who_was_not_accepted)
{
	int fds[5];
	char byte;

	for (int i = 0; i < 5; i++)
		fds[i] = stream_to(self->f, self->fd);
	close(self->fd);
	for (int i = 0; i < 5; i++)
		EXPECT_ERRNO(ECONNRESET, recv(fds[i], &byte, 1, 0));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(stream_open(self->f), self->to));
	EXPECT_EQ(0, tcp_counter("CurrEstab"));
}

TEST_F(listen, close_leaves_who_was_accepted)
{
	struct stream s = stream_accepted(self->f, self->fd);
	char byte;

	close(self->fd);
	ASSERT_EQ(1, send(s.here, "x", 1, 0));
	EXPECT_EQ(1, recv(s.there, &byte, 1, 0));
	ASSERT_EQ(1, send(s.there, "y", 1, 0));
	EXPECT_EQ(1, recv(s.here, &byte, 1, 0));
}

TEST_F(listen, thousands_come_and_go)
{
	for (int i = 0; i < 1000; i++) {
		struct stream s = stream_accepted(self->f, self->fd);

		ASSERT_EQ(1, send(s.here, "x", 1, 0));
		ASSERT_EQ(1, recv(s.there, &(char){ 0 }, 1, 0));
		ASSERT_EQ(0, close(i & 1 ? s.here : s.there));
		ASSERT_EQ(0, close(i & 1 ? s.there : s.here));
	}
	EXPECT_EQ(0, tcp_counter("CurrEstab"));
	EXPECT_EQ(1000, tcp_counter("ActiveOpens"));
	EXPECT_EQ(1000, tcp_counter("PassiveOpens"));
}

/* ------------------------------------------------------------ TCP_DEFER_ACCEPT */

TEST_F(listen, defer_accept_waits_for_data)
{
	int here, there;
	char byte;

	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT, 10));
	nonblocking(self->fd);
	here = stream_to(self->f, self->fd);
	EXPECT_EQ(STATE_ESTABLISHED, state_of(here));
	EXPECT_ERRNO(EAGAIN, accept(self->fd, NULL, NULL));
	EXPECT_EQ(0, events_of(self->fd));
	ASSERT_EQ(1, send(here, "x", 1, 0));
	EXPECT_EQ(POLLIN | POLLRDNORM, events_of(self->fd));
	there = accept(self->fd, NULL, NULL);
	ASSERT_LE(0, there);
	EXPECT_EQ(1, recv(there, &byte, 1, 0));
}

TEST_HARNESS_MAIN
