// SPDX-License-Identifier: GPL-2.0
/* poll(2) and epoll(7) at every stage of a connection. */
#include "xl4test.h"
#include "stream.h"

#include <sys/epoll.h>
#include <sys/select.h>

#define IN	(EPOLLIN | EPOLLRDNORM)
#define OUT	(EPOLLOUT | EPOLLWRNORM)
#define WANTED	(IN | OUT | EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

static char data[1 << 20];

FIXTURE(poll)
{
	const struct flavour *f;
	struct stream s;
	int epoll;
};

FIXTURE_VARIANT(poll)
{
	struct flavour flavour;
};

TCP_FLAVOURS(poll);

FIXTURE_SETUP(poll)
{
	netns_enter();
	self->f = &variant->flavour;
	self->s = stream_pair(self->f);
	self->epoll = MUST(epoll_create1(0));
}

FIXTURE_TEARDOWN(poll)
{
}

static unsigned int ready(int fd)
{
	return events_of(fd) & WANTED;
}

static void watch(int epoll, int how, int fd, unsigned int events)
{
	struct epoll_event event = { .events = events };

	MUST(epoll_ctl(epoll, how, fd, &event));
}

/* Events that are there now; 0 when there are none. */
static unsigned int epoll_now(int epoll)
{
	struct epoll_event event = { 0 };

	settle();
	return MUST(epoll_wait(epoll, &event, 1, 0)) ? event.events : 0;
}

static void fill_up(int fd)
{
	set_int(fd, SOL_SOCKET, SO_SNDBUF, 16384);
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		settle();
}

static void drain(int fd)
{
	settle();
	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		settle();
}

/* ----------------------------------------------------------------- each stage */

TEST_F(poll, fresh)
{
	int fd = stream_open(self->f);

	EXPECT_EQ(OUT | EPOLLHUP, ready(fd));
	ASSERT_EQ(0, bind_to(fd, loopback(self->f, 0)));
	EXPECT_EQ(OUT | EPOLLHUP, ready(fd));
}

TEST_F(poll, listening)
{
	int here;

	EXPECT_EQ(0U, ready(self->s.listener));
	here = stream_to(self->f, self->s.listener);
	EXPECT_EQ((unsigned int)IN, ready(self->s.listener));
	close(accept(self->s.listener, NULL, NULL));
	EXPECT_EQ(0U, ready(self->s.listener));
	ASSERT_EQ(0, shutdown(self->s.listener, SHUT_RD));
	EXPECT_EQ(OUT | EPOLLHUP, ready(self->s.listener));
	close(here);
}

TEST_F(poll, connecting)
{
	EXPECT_EQ(0U, ready(stream_stuck(self->f)));
}

TEST_F(poll, refused)
{
	int fd = stream_open(self->f), gone = stream_bound(self->f, loopback(self->f, 0));
	union address a = name_of(gone);

	close(gone);
	nonblocking(fd);
	ASSERT_ERRNO(EINPROGRESS, connect_to(fd, a));
	EXPECT_EQ(IN | OUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP, ready(fd));
	ASSERT_EQ(ECONNREFUSED, error_of(fd));
	EXPECT_EQ(IN | OUT | EPOLLHUP | EPOLLRDHUP, ready(fd));
}

TEST_F(poll, established)
{
	EXPECT_EQ((unsigned int)OUT, ready(self->s.here));
	EXPECT_EQ((unsigned int)OUT, ready(self->s.there));
}

TEST_F(poll, with_data)
{
	ASSERT_EQ(2, send(self->s.here, "xy", 2, 0));
	EXPECT_EQ((unsigned int)(IN | OUT), ready(self->s.there));
	ASSERT_EQ(1, recv(self->s.there, data, 1, 0));
	EXPECT_EQ((unsigned int)(IN | OUT), ready(self->s.there));
	ASSERT_EQ(1, recv(self->s.there, data, 1, 0));
	EXPECT_EQ((unsigned int)OUT, ready(self->s.there));
}

TEST_F(poll, full)
{
	fill_up(self->s.here);
	EXPECT_EQ(0U, ready(self->s.here));
	drain(self->s.there);
	EXPECT_TRUE(wait_for(self->s.here, POLLOUT));
}

TEST_F(poll, writable_is_a_third_of_the_buffer)
{
	/* It does not grow: what is read is all that makes room. */
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVBUF, 1 << 16));
	fill_up(self->s.here);
	/* Some room is not enough for a wake-up. */
	ASSERT_EQ(1, recv(self->s.there, data, 1, 0));
	EXPECT_EQ(0U, ready(self->s.here));
}

TEST_F(poll, the_peer_has_sent_all)
{
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP, ready(self->s.there));
	EXPECT_EQ((unsigned int)OUT, ready(self->s.here));
	ASSERT_EQ(0, recv(self->s.there, data, 1, 0));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP, ready(self->s.there));
}

TEST_F(poll, both_have_sent_all)
{
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->s.there, SHUT_WR));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP | EPOLLHUP, ready(self->s.here));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP | EPOLLHUP, ready(self->s.there));
}

TEST_F(poll, shut_for_reading)
{
	ASSERT_EQ(0, shutdown(self->s.there, SHUT_RD));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP, ready(self->s.there));
	EXPECT_EQ((unsigned int)OUT, ready(self->s.here));
}

TEST_F(poll, closed_by_the_peer)
{
	ASSERT_EQ(0, close(self->s.here));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP, ready(self->s.there));
}

TEST_F(poll, reset_by_the_peer)
{
	reset(self->s.here);
	EXPECT_EQ(IN | OUT | EPOLLERR | EPOLLRDHUP | EPOLLHUP, ready(self->s.there));
	ASSERT_ERRNO(ECONNRESET, recv(self->s.there, data, 1, 0));
	EXPECT_EQ(IN | OUT | EPOLLRDHUP | EPOLLHUP, ready(self->s.there));
}

TEST_F(poll, disconnected)
{
	ASSERT_EQ(0, disconnect(self->s.here));
	EXPECT_EQ(OUT | EPOLLHUP | EPOLLERR, ready(self->s.here));
	ASSERT_EQ(ECONNRESET, error_of(self->s.here));
	EXPECT_EQ(OUT | EPOLLHUP, ready(self->s.here));
}

TEST_F(poll, urgent)
{
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	EXPECT_EQ(OUT | EPOLLPRI, ready(self->s.there));
	ASSERT_EQ(1, recv(self->s.there, data, 1, MSG_OOB));
	EXPECT_EQ(0U, ready(self->s.there) & EPOLLPRI);
}

TEST_F(poll, with_less_than_rcvlowat)
{
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT, 3));
	ASSERT_EQ(2, send(self->s.here, "xy", 2, 0));
	EXPECT_EQ((unsigned int)OUT, ready(self->s.there));
	ASSERT_EQ(1, send(self->s.here, "z", 1, 0));
	EXPECT_EQ((unsigned int)(IN | OUT), ready(self->s.there));
}

TEST_F(poll, notsent_lowat_keeps_what_waits_short)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NOTSENT_LOWAT, 1000));
	ASSERT_EQ(0, set_int(self->s.here, SOL_SOCKET, SO_SNDBUF, 1 << 20));
	while (send(self->s.here, data, 1000, MSG_DONTWAIT) > 0)
		settle();
	EXPECT_EQ(0U, ready(self->s.here));
	/* The last buffer is filled up, which is nothing like the 2 MB that would fit. */
	EXPECT_GT(1U << 17, info_of(self->s.here).tcpi_notsent_bytes);
	drain(self->s.there);
	EXPECT_TRUE(wait_for(self->s.here, POLLOUT));
}

TEST_F(poll, notsent_lowat_of_0_is_the_setting)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NOTSENT_LOWAT, 0));
	EXPECT_EQ(0, get_int(self->s.here, SOL_TCP, TCP_NOTSENT_LOWAT));
	EXPECT_EQ((unsigned int)OUT, ready(self->s.here));
	EXPECT_EQ(1, send(self->s.here, "x", 1, MSG_DONTWAIT));
}

/* --------------------------------------------------------------------- select */

TEST_F(poll, select_sees_the_same)
{
	struct timeval now = { 0 };
	fd_set readers, writers, exceptions;

	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	ASSERT_EQ(1, send(self->s.there, "!", 1, MSG_OOB));
	settle();
	FD_ZERO(&readers);
	FD_SET(self->s.here, &readers);
	FD_SET(self->s.there, &readers);
	writers = readers;
	exceptions = readers;
	EXPECT_EQ(4, select(FD_SETSIZE, &readers, &writers, &exceptions, &now));
	EXPECT_TRUE(FD_ISSET(self->s.there, &readers));
	EXPECT_TRUE(FD_ISSET(self->s.here, &exceptions));
	EXPECT_FALSE(FD_ISSET(self->s.here, &readers));
	EXPECT_FALSE(FD_ISSET(self->s.there, &exceptions));
}

/* ---------------------------------------------------------------------- epoll */

TEST_F(poll, level_reports_until_it_is_read)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN);
	EXPECT_EQ(0U, epoll_now(self->epoll));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	ASSERT_EQ(1, recv(self->s.there, data, 1, 0));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, less_than_rcvlowat_is_reported_when_that_sinks)
{
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT, 3));
	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN);
	ASSERT_EQ(2, send(self->s.here, "xy", 2, 0));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT, 2));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
}

TEST_F(poll, edge_reports_each_arrival)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN | EPOLLET);
	ASSERT_EQ(1, send(self->s.here, "1", 1, 0));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	ASSERT_EQ(1, send(self->s.here, "2", 1, 0));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	ASSERT_EQ(2, recv(self->s.there, data, 2, 0));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, oneshot_reports_once_until_rearmed)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN | EPOLLONESHOT);
	ASSERT_EQ(1, send(self->s.here, "1", 1, 0));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	ASSERT_EQ(1, send(self->s.here, "2", 1, 0));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	watch(self->epoll, EPOLL_CTL_MOD, self->s.there, EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
}

TEST_F(poll, edge_of_room_comes_when_there_is_some)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.here, EPOLLOUT | EPOLLET);
	EXPECT_EQ(EPOLLOUT, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	fill_up(self->s.here);
	epoll_now(self->epoll);
	EXPECT_EQ(0U, epoll_now(self->epoll));
	drain(self->s.there);
	ASSERT_TRUE(wait_for(self->epoll, POLLIN));
	EXPECT_EQ(EPOLLOUT, epoll_now(self->epoll));
}

TEST_F(poll, edges_of_the_end)
{
	unsigned int events = EPOLLIN | EPOLLRDHUP | EPOLLET;

	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, events);
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	ASSERT_EQ(0, shutdown(self->s.there, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP | EPOLLHUP, epoll_now(self->epoll));
}

TEST_F(poll, edges_of_a_reset)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN | EPOLLET);
	reset(self->s.here);
	EXPECT_EQ(EPOLLIN | EPOLLERR | EPOLLHUP, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, edges_of_a_connection)
{
	int fd = stream_open(self->f);

	nonblocking(fd);
	watch(self->epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET);
	EXPECT_EQ(EPOLLOUT | EPOLLHUP, epoll_now(self->epoll));
	ASSERT_ERRNO(EINPROGRESS, connect_to(fd, name_of(self->s.listener)));
	EXPECT_EQ(EPOLLOUT, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, edges_of_a_listener)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.listener, EPOLLIN | EPOLLET);
	EXPECT_EQ(0U, epoll_now(self->epoll));
	stream_to(self->f, self->s.listener);
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	stream_to(self->f, self->s.listener);
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
}

TEST_F(poll, wakes_a_sleeper)
{
	struct epoll_event event;
	pid_t sleeper;

	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN | EPOLLET);
	sleeper = fork();
	if (!sleeper)
		_exit(epoll_wait(self->epoll, &event, 1, PATIENCE_S * 1000) != 1);
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	EXPECT_TRUE(ended_well(sleeper));
}

TEST_F(poll, forgets_a_closed_socket)
{
	watch(self->epoll, EPOLL_CTL_ADD, self->s.there, EPOLLIN);
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	close(self->s.there);
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_HARNESS_MAIN
