// SPDX-License-Identifier: GPL-2.0
/* listen(2) and accept(2): who waits, for how many, and what a child has of its listener. */
#include "xl4test.h"
#include "dccp.h"

#include <pthread.h>

FIXTURE(listen)
{
	const struct flavour *f;
	int fd;
};

FIXTURE_VARIANT(listen)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(listen);

FIXTURE_SETUP(listen)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = dccp_open(self->f);
}

FIXTURE_TEARDOWN(listen)
{
}

TEST_F(listen, nobody_waits)
{
	listening(self->f, self->fd, 5);
	nonblocking(self->fd);
	EXPECT_ERRNO(EAGAIN, accept(self->fd, NULL, NULL));
}

TEST_F(listen, gives_up_in_time)
{
	struct timeval limit = { .tv_usec = 100000 };

	listening(self->f, self->fd, 5);
	MUST(setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	EXPECT_ERRNO(EAGAIN, accept(self->fd, NULL, NULL));
}

static void *connect_later(void *arg)
{
	usleep(100000);
	return (void *)(intptr_t)connect_to(((int *)arg)[0], name_of(((int *)arg)[1]));
}

TEST_F(listen, accept_waits)
{
	int fds[] = { dccp_open(self->f), listening(self->f, self->fd, 5) };
	pthread_t thread;
	void *result;

	MUST(-pthread_create(&thread, NULL, connect_later, fds));
	EXPECT_GE(accept(self->fd, NULL, NULL), 0);
	pthread_join(thread, &result);
	EXPECT_EQ(NULL, result);
}

TEST_F(listen, accepts_in_order)
{
	union address here, peer;
	int fd[4];

	listening(self->f, self->fd, 5);
	for (int i = 0; i < 4; i++)
		fd[i] = dccp_to(self->f, self->fd);
	for (int i = 0; i < 4; i++) {
		here = name_of(fd[i]);
		peer = peer_of(dccp_accept(self->fd));
		EXPECT_TRUE(same_address(&here, &peer));
	}
}

TEST_F(listen, accept_sets_flags)
{
	int fd;

	listening(self->f, self->fd, 5);
	dccp_to(self->f, self->fd);
	fd = accept4(self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

/* RFC 4340 section 5.6: Too Busy */
TEST_F(listen, a_full_queue_refuses)
{
	int fd = dccp_open(self->f);

	listening(self->f, self->fd, 1);
	dccp_to(self->f, self->fd);
	dccp_to(self->f, self->fd);
	EXPECT_ERRNO(EUSERS, connect_to(fd, name_of(self->fd)));
	EXPECT_EQ(1, dccp_counter("ListenOverflows"));
	dccp_accept(self->fd);
	EXPECT_ERRNO(0, connect_to(fd, name_of(self->fd)));
}

TEST_F(listen, the_backlog_may_be_changed)
{
	listening(self->f, self->fd, 0);
	dccp_to(self->f, self->fd);
	EXPECT_ERRNO(EUSERS, connect_to(dccp_open(self->f), name_of(self->fd)));
	ASSERT_ERRNO(0, listen(self->fd, 5));
	EXPECT_ERRNO(0, connect_to(dccp_open(self->f), name_of(self->fd)));
}

TEST_F(listen, who_was_not_accepted_is_told)
{
	char byte;
	int fd;

	listening(self->f, self->fd, 5);
	fd = dccp_to(self->f, self->fd);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	close(self->fd);
	EXPECT_ERRNO(ECONNRESET, recv(fd, &byte, 1, 0));
}

TEST_F(listen, may_end_by_shutdown)
{
	listening(self->f, self->fd, 5);
	ASSERT_ERRNO(0, shutdown(self->fd, SHUT_RD));
	EXPECT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
	ASSERT_ERRNO(0, listen(self->fd, 5));
	EXPECT_ERRNO(0, connect_to(dccp_open(self->f), name_of(self->fd)));
}

TEST_F(listen, a_child_outlives_its_listener)
{
	struct dccp d = dccp_pair(self->f);

	close(d.listener);
	EXPECT_TRUE(passes(d.here, d.there, "there"));
	EXPECT_TRUE(passes(d.there, d.here, "and back"));
}

/* RFC 4340 section 8.1.2 */
TEST_F(listen, several_services_at_one_port)
{
	uint32_t codes[] = { htonl(1), htonl(2), htonl(3) }, got[3] = { 0 };
	int fd, child;

	MUST(set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, sizeof(codes)));
	ASSERT_EQ((int)sizeof(got), get_dccp(self->fd, DCCP_SOCKOPT_SERVICE, got, sizeof(got)));
	EXPECT_EQ(0, memcmp(codes, got, sizeof(got)));
	listening(self->f, self->fd, 5);
	for (uint32_t service = 1; service <= 3; service++) {
		fd = dccp_open(self->f);
		MUST(set_service(fd, service));
		ASSERT_ERRNO(0, connect_to(fd, name_of(self->fd)));
		child = dccp_accept(self->fd);
		ASSERT_EQ(4, get_dccp(child, DCCP_SOCKOPT_SERVICE, got, sizeof(got)));
		EXPECT_EQ(service, ntohl(got[0]));
	}
	fd = dccp_open(self->f);
	MUST(set_service(fd, 4));
	EXPECT_ERRNO(EBADRQC, connect_to(fd, name_of(self->fd)));
}

TEST_F(listen, a_child_inherits)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 3 }, got;
	socklen_t len = sizeof(got);
	struct dccp d;

	MUST(set_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV, 3));
	MUST(set_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV, 4));
	MUST(set_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN, 7));
	MUST(set_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_ID, DCCPQ_POLICY_PRIO));
	MUST(set_int(self->fd, SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT, 1));
	MUST(set_int(self->fd, SOL_SOCKET, SO_RCVBUF, 50000));
	MUST(setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger, len));
	d = dccp_join(self->f, dccp_open(self->f), self->fd);
	EXPECT_EQ(3, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV));
	EXPECT_EQ(4, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV));
	EXPECT_EQ(7, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN));
	EXPECT_EQ(DCCPQ_POLICY_PRIO, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_ID));
	EXPECT_EQ(1, get_int(d.there, SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT));
	EXPECT_EQ(100000, get_int(d.there, SOL_SOCKET, SO_RCVBUF));
	MUST(getsockopt(d.there, SOL_SOCKET, SO_LINGER, &got, &len));
	EXPECT_EQ(3, got.l_linger);
}

/* RFC 4340 section 8.1.4: nothing is kept for who has not come back. */
TEST_F(listen, with_cookies)
{
	char got[16];
	int fd, child;

	sysctl_write("net/xl4/dccp/init_cookies", "2");
	listening(self->f, self->fd, 5);
	for (int i = 0; i < 4; i++) {
		fd = dccp_to(self->f, self->fd);
		ASSERT_EQ(5, send(fd, "hello", 5, 0));
		child = dccp_accept(self->fd);
		EXPECT_EQ(5, recv(child, got, sizeof(got), 0));
		EXPECT_TRUE(passes(child, fd, "and back"));
		EXPECT_TRUE(passes(fd, child, "and again"));
	}
	EXPECT_EQ(4, dccp_counter("InitCookiesSent"));
	EXPECT_EQ(4, dccp_counter("InitCookiesReceived"));
	EXPECT_EQ(0, dccp_counter("InitCookiesFailed"));
}

TEST_HARNESS_MAIN
