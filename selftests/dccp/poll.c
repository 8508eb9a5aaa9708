// SPDX-License-Identifier: GPL-2.0
/* poll(2): what it tells of a socket in each of its states. */
#include "xl4test.h"
#include "dccp.h"

#define READABLE (POLLIN | POLLRDNORM)
#define WRITABLE (POLLOUT | POLLWRNORM)

FIXTURE(poll)
{
	const struct flavour *f;
	struct dccp d;
};

FIXTURE_VARIANT(poll)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(poll);

FIXTURE_SETUP(poll)
{
	netns_enter();
	self->f = &variant->flavour;
	self->d = dccp_pair(self->f);
}

FIXTURE_TEARDOWN(poll)
{
}

TEST_F(poll, new_socket)
{
	EXPECT_EQ(WRITABLE | POLLHUP, events_of(dccp_open(self->f)));
}

TEST_F(poll, connection)
{
	EXPECT_EQ(WRITABLE, events_of(self->d.here));
	EXPECT_EQ(WRITABLE, events_of(self->d.there));
}

TEST_F(poll, data_has_come)
{
	ASSERT_EQ(5, send(self->d.here, "hello", 5, 0));
	EXPECT_EQ(READABLE | WRITABLE, events_of(self->d.there));
}

TEST_F(poll, listener)
{
	int fd;

	EXPECT_EQ(0, events_of(self->d.listener));
	fd = dccp_to(self->f, self->d.listener);
	EXPECT_EQ(READABLE, events_of(self->d.listener));
	dccp_accept(self->d.listener);
	EXPECT_EQ(0, events_of(self->d.listener));
	close(fd);
}

TEST_F(poll, peer_has_closed)
{
	close(self->d.here);
	EXPECT_EQ(READABLE | WRITABLE | POLLRDHUP | POLLHUP, events_of(self->d.there));
}

TEST_F(poll, peer_has_broken_off)
{
	reset(self->d.here);
	EXPECT_EQ(READABLE | WRITABLE | POLLRDHUP | POLLHUP | POLLERR, events_of(self->d.there));
	EXPECT_EQ(ECONNRESET, error_of(self->d.there));
	EXPECT_EQ(READABLE | WRITABLE | POLLRDHUP | POLLHUP, events_of(self->d.there));
}

TEST_F(poll, shutdown_of_reading)
{
	ASSERT_ERRNO(0, shutdown(self->d.here, SHUT_RD));
	EXPECT_EQ(READABLE | WRITABLE | POLLRDHUP, events_of(self->d.here));
}

TEST_F(poll, shutdown_of_writing)
{
	ASSERT_ERRNO(0, shutdown(self->d.here, SHUT_WR));
	EXPECT_EQ(WRITABLE, events_of(self->d.here));
}

/* Each packet of several is told of until the last is read. */
TEST_F(poll, until_the_last_is_read)
{
	char byte;

	for (int i = 0; i < 3; i++)
		ASSERT_EQ(1, send(self->d.here, "x", 1, 0));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(READABLE | WRITABLE, events_of(self->d.there));
		ASSERT_EQ(1, recv(self->d.there, &byte, 1, 0));
	}
	EXPECT_EQ(WRITABLE, events_of(self->d.there));
}

TEST_F(poll, wakes_who_waits)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		usleep(100000);
		_exit(send(self->d.here, "x", 1, 0) != 1);
	}
	EXPECT_TRUE(wait_for(self->d.there, POLLIN));
	waitpid(pid, NULL, 0);
}

TEST_HARNESS_MAIN
