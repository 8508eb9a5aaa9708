// SPDX-License-Identifier: GPL-2.0
/* Waiting: poll, select and epoll in all its modes. */
#include "xl4test.h"

#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>

#define READABLE (POLLIN | POLLRDNORM)

static struct message got;

FIXTURE(poll)
{
	struct pair p;
	int epoll;
};

FIXTURE_VARIANT(poll)
{
	struct flavour flavour;
};

ALL_FLAVOURS(poll);

FIXTURE_SETUP(poll)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
	self->epoll = MUST(epoll_create1(0));
}

FIXTURE_TEARDOWN(poll)
{
}

/* Events that are there now; 0 when there are none. */
static unsigned int epoll_now(int epoll)
{
	struct epoll_event event = { 0 };

	settle();
	return MUST(epoll_wait(epoll, &event, 1, 0)) ? event.events : 0;
}

static void epoll_watch(int epoll, int how, int fd, unsigned int events)
{
	struct epoll_event event = { .events = events };

	MUST(epoll_ctl(epoll, how, fd, &event));
}

TEST_F(poll, readable_while_something_is_queued)
{
	EXPECT_EQ(0, events_of(self->p.rx) & READABLE);
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	ASSERT_EQ(1, send_text(self->p.tx, "2", self->p.to));
	EXPECT_EQ(READABLE, events_of(self->p.rx) & READABLE);
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(READABLE, events_of(self->p.rx) & READABLE);
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, events_of(self->p.rx) & READABLE);
}

TEST_F(poll, readable_for_an_empty_datagram)
{
	ASSERT_EQ(0, send_text(self->p.tx, "", self->p.to));
	EXPECT_EQ(READABLE, events_of(self->p.rx) & READABLE);
}

TEST_F(poll, arrival_wakes_a_sleeper)
{
	int status;
	pid_t sleeper = fork();

	if (!sleeper)
		_exit(!wait_for(self->p.rx, POLLIN));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(sleeper, waitpid(sleeper, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(poll, select_sees_the_same)
{
	struct timeval now = { 0 };
	fd_set readers, writers, exceptions;

	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	settle();
	FD_ZERO(&readers);
	FD_SET(self->p.rx, &readers);
	FD_SET(self->p.tx, &readers);
	writers = readers;
	exceptions = readers;
	EXPECT_EQ(3, select(FD_SETSIZE, &readers, &writers, &exceptions, &now));
	EXPECT_TRUE(FD_ISSET(self->p.rx, &readers));
	EXPECT_FALSE(FD_ISSET(self->p.tx, &readers));
	EXPECT_TRUE(FD_ISSET(self->p.rx, &writers));
	EXPECT_TRUE(FD_ISSET(self->p.tx, &writers));
}

TEST_F(poll, epoll_level_reports_until_it_is_read)
{
	epoll_watch(self->epoll, EPOLL_CTL_ADD, self->p.rx, EPOLLIN);
	EXPECT_EQ(0U, epoll_now(self->epoll));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, epoll_edge_reports_each_arrival)
{
	epoll_watch(self->epoll, EPOLL_CTL_ADD, self->p.rx, EPOLLIN | EPOLLET);
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	ASSERT_EQ(1, send_text(self->p.tx, "2", self->p.to));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, epoll_oneshot_reports_once_until_rearmed)
{
	epoll_watch(self->epoll, EPOLL_CTL_ADD, self->p.rx,
		    EPOLLIN | EPOLLONESHOT);
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
	ASSERT_EQ(1, send_text(self->p.tx, "2", self->p.to));
	EXPECT_EQ(0U, epoll_now(self->epoll));
	epoll_watch(self->epoll, EPOLL_CTL_MOD, self->p.rx,
		    EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(EPOLLIN, epoll_now(self->epoll));
}

TEST_F(poll, epoll_wakes_a_sleeper)
{
	struct epoll_event event;
	pid_t sleeper;
	int status;

	epoll_watch(self->epoll, EPOLL_CTL_ADD, self->p.rx, EPOLLIN | EPOLLET);
	sleeper = fork();
	if (!sleeper)
		_exit(epoll_wait(self->epoll, &event, 1,
				 PATIENCE_S * 1000) != 1);
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(sleeper, waitpid(sleeper, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(poll, epoll_forgets_a_closed_socket)
{
	epoll_watch(self->epoll, EPOLL_CTL_ADD, self->p.rx, EPOLLIN);
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	close(self->p.rx);
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_F(poll, epoll_writable_edge_comes_once)
{
	epoll_watch(self->epoll, EPOLL_CTL_ADD, self->p.tx, EPOLLOUT | EPOLLET);
	EXPECT_EQ(EPOLLOUT, epoll_now(self->epoll));
	EXPECT_EQ(0U, epoll_now(self->epoll));
}

TEST_HARNESS_MAIN
