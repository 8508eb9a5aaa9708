// SPDX-License-Identifier: GPL-2.0
/* poll(2), epoll(7) and ioctl(2) at every stage of an association. */
#include "xl4test.h"
#include "sctp.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#define IN	(EPOLLIN | EPOLLRDNORM)
#define OUT	(EPOLLOUT | EPOLLWRNORM)
#define WANTED	(IN | OUT | EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

static char data[20000];

FIXTURE(poll)
{
	const struct flavour *f;
	struct one o;
};

FIXTURE_VARIANT(poll)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(poll);

FIXTURE_SETUP(poll)
{
	netns_enter();
	self->f = &variant->flavour;
	self->o = one_pair(self->f);
}

FIXTURE_TEARDOWN(poll)
{
}

static unsigned int ready(int fd)
{
	return events_of(fd) & WANTED;
}

static int number(int fd, int request)
{
	int n = -1;

	settle();
	return ioctl(fd, request, &n) < 0 ? -errno : n;
}

TEST_F(poll, fresh)
{
	EXPECT_EQ(OUT | EPOLLHUP, ready(one_open(self->f)));
	EXPECT_EQ(OUT, ready(many_open(self->f)));
}

TEST_F(poll, listener)
{
	int fd = listening(self->f, one_open(self->f), 1);

	EXPECT_EQ(0, ready(fd));
	MUST(connect_to(one_open(self->f), name_of(fd)));
	EXPECT_EQ(IN, ready(fd));
	MUST(accept(fd, NULL, NULL));
	EXPECT_EQ(0, ready(fd));
	EXPECT_EQ(OUT, ready(listening(self->f, many_open(self->f), 1)));
}

TEST_F(poll, established)
{
	EXPECT_EQ(OUT, ready(self->o.here));
	EXPECT_EQ(OUT, ready(self->o.there));
}

TEST_F(poll, message)
{
	ASSERT_EQ(1, send(self->o.here, "x", 1, 0));
	EXPECT_EQ(IN | OUT, ready(self->o.there));
	EXPECT_TRUE(receives(self->o.there, "x"));
	EXPECT_EQ(OUT, ready(self->o.there));
}

TEST_F(poll, shut_down_by_the_peer)
{
	ASSERT_EQ(0, shutdown(self->o.here, SHUT_WR));
	EXPECT_EQ(IN | EPOLLRDHUP, ready(self->o.there) & (IN | EPOLLRDHUP));
	EXPECT_TRUE(comes_to_state(self->o.here, 0, -1));
	EXPECT_EQ(EPOLLHUP, ready(self->o.here) & EPOLLHUP);
	EXPECT_EQ(0, ready(self->o.here) & EPOLLERR);
}

TEST_F(poll, aborted_by_the_peer)
{
	abort_by_linger(self->o.here);
	EXPECT_EQ(EPOLLERR | EPOLLHUP, ready(self->o.there) & (EPOLLERR | EPOLLHUP));
	EXPECT_EQ(ECONNRESET, error_of(self->o.there));
}

TEST_F(poll, full)
{
	int n = 0;

	ASSERT_EQ(0, set_int(self->o.here, SOL_SOCKET, SO_SNDBUF, 16384));
	while (n < 10000 && send(self->o.here, data, 1000, MSG_DONTWAIT) > 0)
		n++, settle();
	ASSERT_LT(n, 10000);
	EXPECT_EQ(0, ready(self->o.here) & OUT);
	while (recv_now(self->o.there, data, sizeof(data), 0) > 0)
		;
	EXPECT_TRUE(wait_for(self->o.here, POLLOUT));
}

TEST_F(poll, full_wakes_who_waits)
{
	int n = 0;

	nonblocking(self->o.here);
	while (n < 100000 && send(self->o.here, data, 1000, 0) > 0)
		n++;
	ASSERT_LT(n, 100000);
	if (!MUST(fork())) {
		usleep(50000);
		while (recv(self->o.there, data, sizeof(data), 0) > 0)
			;
		_exit(0);
	}
	EXPECT_TRUE(wait_for(self->o.here, POLLOUT));
}

TEST_F(poll, notifications_are_to_be_read)
{
	int fd = many_open(self->f);

	ASSERT_EQ(0, subscribe(fd, SCTP_ASSOC_CHANGE, true));
	ASSERT_ERRNO(0, connect_to(fd, name_of(self->o.listener)));
	EXPECT_EQ(IN | OUT, ready(fd));
}

TEST_F(poll, epoll_edge_tells_each_message)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = MUST(epoll_create1(0));

	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, self->o.there, &event));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(1, send(self->o.here, "x", 1, 0));
		settle();
		EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 1000));
		EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	}
}

TEST_F(poll, siocinq_is_the_next_message)
{
	EXPECT_EQ(0, number(self->o.there, SIOCINQ));
	ASSERT_EQ(10, send(self->o.here, data, 10, 0));
	ASSERT_EQ(20, send(self->o.here, data, 20, 0));
	EXPECT_EQ(10, number(self->o.there, SIOCINQ));
	ASSERT_EQ(10, recv(self->o.there, data, sizeof(data), 0));
	EXPECT_EQ(20, number(self->o.there, SIOCINQ));
	EXPECT_EQ(-EINVAL, number(self->o.listener, SIOCINQ));
}

/* <linux/sockios.h>: not sent and not acknowledged; not sent. */
TEST_F(poll, siocoutq_is_what_is_not_acknowledged)
{
	int n = 0, unsent;

	EXPECT_EQ(0, number(self->o.here, SIOCOUTQ));
	EXPECT_EQ(0, number(self->o.here, SIOCOUTQNSD));
	EXPECT_EQ(-EINVAL, number(self->o.listener, SIOCOUTQ));
	EXPECT_EQ(-EINVAL, number(self->o.listener, SIOCOUTQNSD));
	while (n < 10000 && send(self->o.here, data, 1000, MSG_DONTWAIT) > 0)
		n++, settle();
	ASSERT_LT(n, 10000);
	unsent = number(self->o.here, SIOCOUTQNSD);
	EXPECT_GT(unsent, 0);
	EXPECT_GE(number(self->o.here, SIOCOUTQ), unsent);
	EXPECT_LT(number(self->o.here, SIOCOUTQ), n * 1000);
	while (n && recv(self->o.there, data, sizeof(data), 0) == 1000)
		n--;
	ASSERT_EQ(0, n);
	for (int i = 0; i < PATIENCE_S * 1000 && number(self->o.here, SIOCOUTQ); i++)
		usleep(1000);
	EXPECT_EQ(0, number(self->o.here, SIOCOUTQ));
	EXPECT_EQ(0, number(self->o.here, SIOCOUTQNSD));
}

TEST_F(poll, others_are_not_ours)
{
	EXPECT_EQ(-ENOTTY, number(self->o.here, 0x5413));
}

TEST_HARNESS_MAIN
