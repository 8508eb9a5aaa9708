// SPDX-License-Identifier: GPL-2.0
/* listen(2) and accept(2) of one-to-one sockets: RFC 6458 sections 4.1.3 and 4.1.4. */
#include "xl4test.h"
#include "sctp.h"

FIXTURE(listen)
{
	const struct flavour *f;
	int fd;
};

FIXTURE_VARIANT(listen)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(listen);

FIXTURE_SETUP(listen)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = one_open(self->f);
}

FIXTURE_TEARDOWN(listen)
{
}

static int to(const struct flavour *f, int listener)
{
	int fd = one_open(f);

	MUST(connect_to(fd, name_of(listener)));
	return fd;
}

TEST_F(listen, backlog_0_listens_no_more)
{
	int late = one_open(self->f);

	listening(self->f, self->fd, 4);
	ASSERT_ERRNO(0, listen(self->fd, 0));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(late, name_of(self->fd)));
	EXPECT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	EXPECT_ERRNO(0, connect_to(late, name_of(self->fd)));
}

TEST_F(listen, again_changes_the_backlog)
{
	listening(self->f, self->fd, 4);
	EXPECT_ERRNO(0, listen(self->fd, 1));
	EXPECT_GE(to(self->f, self->fd), 0);
}

TEST_F(listen, not_when_connected)
{
	struct one o = one_pair(self->f);

	EXPECT_ERRNO(EINVAL, listen(o.here, 1));
	EXPECT_ERRNO(EINVAL, listen(o.there, 1));
}

/* It has a place in the table already, its connection's, and is to have but one. */
TEST_F(listen, an_accepted_socket_at_its_port_when_all_is_over)
{
	struct one o = one_pair(self->f);

	ASSERT_ERRNO(0, disconnect(o.there));
	EXPECT_ERRNO(EADDRINUSE, listen(o.there, 1));
	close(o.listener);
	ASSERT_ERRNO(0, listen(o.there, 1));
	EXPECT_ERRNO(0, connect_to(one_open(self->f), name_of(o.there)));
	close(o.there);
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(listening(self->f, one_open(self->f), 1))));
}

/* A program may take its time to close what is over; its peer has the same port again. */
TEST_F(listen, a_peer_again_whose_socket_is_still_open)
{
	struct one o = one_pair(self->f);
	union address peer = name_of(o.here);

	abort_by_linger(o.here);
	settle();
	ASSERT_ERRNO(0, bind_to(self->fd, peer));
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(o.listener)));
	EXPECT_GE(accept(o.listener, NULL, NULL), 0);
	one_close(&o);
}

TEST_F(listen, two_cannot)
{
	int other = one_open(self->f);

	listening(self->f, self->fd, 1);
	EXPECT_ERRNO(EADDRINUSE, bind_to(other, name_of(self->fd)));
}

TEST_F(listen, any_hears_all_addresses)
{
	ASSERT_ERRNO(0, bind_to(self->fd, any(self->f, 4000)));
	ASSERT_ERRNO(0, listen(self->fd, 2));
	EXPECT_ERRNO(0, connect_to(one_open(self->f), loopback(self->f, 4000)));
	if (self->f->family == AF_INET6) {
		struct flavour v4 = { .family = AF_INET };

		EXPECT_ERRNO(0, connect_to(one_open(&v4), loopback(&v4, 4000)));
	}
}

TEST_F(listen, refuses_another_address)
{
	listening(self->f, self->fd, 1);
	if (self->f->family == AF_INET6 && !self->f->mapped)
		SKIP(return, "::1 is alone");
	EXPECT_ERRNO(ECONNREFUSED,
		     connect_to(one_open(self->f),
				address_for(self->f, "127.0.0.2", "::1",
					    ({ union address a = name_of(self->fd);
					       port_of(&a); }))));
}

TEST_F(listen, accept_takes_in_order)
{
	int first, second, got;

	listening(self->f, self->fd, 4);
	first = to(self->f, self->fd);
	second = to(self->f, self->fd);
	ASSERT_EQ(1, send(first, "1", 1, 0));
	ASSERT_EQ(1, send(second, "2", 1, 0));
	got = MUST(accept(self->fd, NULL, NULL));
	EXPECT_TRUE(receives(got, "1"));
	got = MUST(accept(self->fd, NULL, NULL));
	EXPECT_TRUE(receives(got, "2"));
}

TEST_F(listen, accept_does_not_wait_if_it_shall_not)
{
	listening(self->f, self->fd, 4);
	nonblocking(self->fd);
	EXPECT_ERRNO(EAGAIN, accept(self->fd, NULL, NULL));
}

TEST_F(listen, accept_waits)
{
	listening(self->f, self->fd, 4);
	if (!MUST(fork())) {
		usleep(100000);
		to(self->f, self->fd);
		pause();
	}
	EXPECT_GE(accept(self->fd, NULL, NULL), 0);
}

TEST_F(listen, accept_ends_when_nobody_listens_any_more)
{
	time_t began = time(NULL);

	listening(self->f, self->fd, 4);
	for (int i = 0; i < 2; i++) {
		if (!MUST(fork())) {
			usleep(100000);
			_exit(i ? disconnect(self->fd) : listen(self->fd, 0));
		}
		EXPECT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
		ASSERT_ERRNO(0, listen(self->fd, 4));
	}
	/* and not only when its patience was at an end */
	EXPECT_LT(time(NULL) - began, PATIENCE_S);
}

TEST_F(listen, accept_gives_up_by_its_timeout)
{
	struct timeval limit = { .tv_usec = 50000 };

	listening(self->f, self->fd, 4);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	EXPECT_ERRNO(EAGAIN, accept(self->fd, NULL, NULL));
}

TEST_F(listen, what_ended_before_accept_is_accepted)
{
	int fd, got;
	char byte;

	listening(self->f, self->fd, 4);
	fd = to(self->f, self->fd);
	ASSERT_EQ(5, send(fd, "early", 5, 0));
	close(fd);
	settle();
	got = accept(self->fd, NULL, NULL);
	ASSERT_GE(got, 0);
	EXPECT_TRUE(receives(got, "early"));
	EXPECT_EQ(0, recv(got, &byte, 1, 0));
}

TEST_F(listen, what_was_shut_down_before_accept_is_accepted)
{
	int fd, got;
	char byte;

	listening(self->f, self->fd, 4);
	fd = to(self->f, self->fd);
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	settle();
	got = accept(self->fd, NULL, NULL);
	ASSERT_GE(got, 0);
	EXPECT_EQ(0, recv(got, &byte, 1, 0));
}

TEST_F(listen, what_was_aborted_before_accept_is_accepted)
{
	int fd, got;
	char byte;

	listening(self->f, self->fd, 4);
	fd = to(self->f, self->fd);
	abort_by_linger(fd);
	settle();
	got = accept(self->fd, NULL, NULL);
	ASSERT_GE(got, 0);
	EXPECT_ERRNO(ECONNRESET, recv(got, &byte, 1, 0));
}

TEST_F(listen, close_aborts_what_nobody_accepted)
{
	char byte;
	int fd;

	listening(self->f, self->fd, 4);
	fd = to(self->f, self->fd);
	close(self->fd);
	EXPECT_ERRNO(ECONNRESET, recv(fd, &byte, 1, 0));
}

TEST_F(listen, shutdown_listens_no_more)
{
	listening(self->f, self->fd, 4);
	ASSERT_ERRNO(0, shutdown(self->fd, SHUT_RD));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(one_open(self->f), name_of(self->fd)));
}

TEST_F(listen, the_accepted_inherit)
{
	struct one o;

	listening(self->f, self->fd, 4);
	ASSERT_EQ(0, set_int(self->fd, SOL_SCTP, SCTP_NODELAY, 1));
	ASSERT_EQ(0, set_int(self->fd, SOL_SCTP, SCTP_RECVRCVINFO, 1));
	ASSERT_EQ(0, set_assoc_value(self->fd, SCTP_CONTEXT, 0, 77));
	o = one_to_listener(self->f, self->fd);
	EXPECT_EQ(1, get_int(o.there, SOL_SCTP, SCTP_NODELAY));
	EXPECT_EQ(1, get_int(o.there, SOL_SCTP, SCTP_RECVRCVINFO));
	EXPECT_EQ(77, get_assoc_value(o.there, SCTP_CONTEXT, 0));
	EXPECT_EQ(SOCK_STREAM, get_int(o.there, SOL_SOCKET, SO_TYPE));
}

TEST_F(listen, the_accepted_live_without_the_listener)
{
	struct one o = one_pair(self->f);

	close(o.listener);
	EXPECT_EQ(1, send(o.here, "x", 1, 0));
	EXPECT_TRUE(receives(o.there, "x"));
}

TEST_F(listen, a_hundred_come)
{
	listening(self->f, self->fd, 128);
	for (int i = 0; i < 100; i++) {
		int fd = to(self->f, self->fd), got;

		ASSERT_EQ(sizeof(i), send(fd, &i, sizeof(i), 0));
		got = MUST(accept(self->fd, NULL, NULL));
		ASSERT_EQ(sizeof(i), recv(got, &(int){ 0 }, sizeof(i), 0));
		close(fd);
		close(got);
	}
}

TEST_F(listen, a_full_backlog_lets_nobody_else_be_established)
{
	int fd;

	listening(self->f, self->fd, 1);
	to(self->f, self->fd);
	to(self->f, self->fd);
	settle();
	fd = one_open(self->f);
	nonblocking(fd);
	connect_to(fd, name_of(self->fd));
	EXPECT_NE(SCTP_ESTABLISHED, state_of(fd, 0));
}

TEST_HARNESS_MAIN
