// SPDX-License-Identifier: GPL-2.0
/* Urgent data: MSG_OOB, SO_OOBINLINE, SIOCATMARK, SIGURG. */
#include "xl4test.h"
#include "stream.h"

FIXTURE(urgent)
{
	struct stream s;
};

FIXTURE_VARIANT(urgent)
{
	struct flavour flavour;
};

TCP_FLAVOURS(urgent);

FIXTURE_SETUP(urgent)
{
	netns_enter();
	self->s = stream_pair(&variant->flavour);
}

FIXTURE_TEARDOWN(urgent)
{
}

static char got[100];

static int at_mark(int fd)
{
	int answer = -1;

	settle();
	MUST(ioctl(fd, SIOCATMARK, &answer));
	return answer;
}

static int queued(int fd)
{
	int answer = -1;

	settle();
	MUST(ioctl(fd, FIONREAD, &answer));
	return answer;
}

/* "ab" and the urgent "!", then "cd". */
static void tell(int fd)
{
	MUST(send(fd, "ab!", 3, MSG_OOB));
	MUST(send(fd, "cd", 2, 0));
	settle();
}

TEST_F(urgent, the_octet_is_out_of_band)
{
	tell(self->s.here);
	EXPECT_EQ(1, recv(self->s.there, got, 10, MSG_OOB));
	EXPECT_EQ('!', got[0]);
	EXPECT_ERRNO(EINVAL, recv(self->s.there, got, 10, MSG_OOB));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, memcmp(got, "ab", 2));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, memcmp(got, "cd", 2));
}

TEST_F(urgent, a_read_ends_at_the_mark)
{
	tell(self->s.here);
	EXPECT_EQ(0, at_mark(self->s.there));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(1, at_mark(self->s.there));
	EXPECT_EQ(1, recv_now(self->s.there, got, 10, MSG_OOB));
	EXPECT_EQ(1, at_mark(self->s.there));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, at_mark(self->s.there));
}

TEST_F(urgent, unread_it_is_lost_behind_the_mark)
{
	tell(self->s.here);
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, memcmp(got, "cd", 2));
	EXPECT_ERRNO(EINVAL, recv(self->s.there, got, 10, MSG_OOB));
}

TEST_F(urgent, none_is_none)
{
	EXPECT_ERRNO(EINVAL, recv(self->s.there, got, 1, MSG_OOB));
	EXPECT_EQ(0, at_mark(self->s.there));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	EXPECT_EQ(0, at_mark(self->s.there));
}

TEST_F(urgent, peek_leaves_it)
{
	tell(self->s.here);
	EXPECT_EQ(1, recv(self->s.there, got, 1, MSG_OOB | MSG_PEEK));
	EXPECT_EQ('!', got[0]);
	EXPECT_EQ(1, recv(self->s.there, got, 1, MSG_OOB));
	EXPECT_ERRNO(EINVAL, recv(self->s.there, got, 1, MSG_OOB | MSG_PEEK));
}

TEST_F(urgent, recvmsg_says_that_it_is)
{
	struct message m;

	tell(self->s.here);
	ASSERT_EQ(1, receive(self->s.there, &m, MSG_OOB));
	EXPECT_TRUE(m.flags & MSG_OOB);
	ASSERT_EQ(2, receive(self->s.there, &m, 0));
	EXPECT_FALSE(m.flags & MSG_OOB);
}

TEST_F(urgent, inline_it_is_in_the_stream)
{
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_OOBINLINE, 1));
	tell(self->s.here);
	EXPECT_ERRNO(EINVAL, recv(self->s.there, got, 10, MSG_OOB));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(1, at_mark(self->s.there));
	EXPECT_EQ(3, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, memcmp(got, "!cd", 3));
	EXPECT_EQ(0, at_mark(self->s.there));
}

TEST_F(urgent, the_last_one_wins)
{
	ASSERT_EQ(1, send(self->s.here, "1", 1, MSG_OOB));
	settle();
	ASSERT_EQ(1, send(self->s.here, "2", 1, MSG_OOB));
	settle();
	EXPECT_EQ(1, recv(self->s.there, got, 10, MSG_OOB));
	EXPECT_EQ('2', got[0]);
	/* The first one was at the mark, and is passed. */
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 10, 0));
}

TEST_F(urgent, one_ahead_of_another_is_data)
{
	ASSERT_EQ(2, send(self->s.here, "a1", 2, MSG_OOB));
	settle();
	ASSERT_EQ(2, send(self->s.here, "b2", 2, MSG_OOB));
	settle();
	EXPECT_EQ(1, recv(self->s.there, got, 10, MSG_OOB));
	EXPECT_EQ('2', got[0]);
	EXPECT_EQ(3, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, memcmp(got, "a1b", 3));
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 10, 0));
}

TEST_F(urgent, one_that_was_read_may_be_followed)
{
	for (int i = 0; i < 10; i++) {
		char octet = '0' + i;

		ASSERT_EQ(1, send(self->s.here, &octet, 1, MSG_OOB));
		settle();
		ASSERT_EQ(1, recv(self->s.there, got, 1, MSG_OOB));
		EXPECT_EQ(octet, got[0]);
	}
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 10, 0));
}

TEST_F(urgent, it_does_not_count_as_queued)
{
	tell(self->s.here);
	/* Up to the mark, which is nothing once it is reached. */
	EXPECT_EQ(2, queued(self->s.there));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, queued(self->s.there));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, queued(self->s.there));
}

TEST_F(urgent, raises_sigurg)
{
	COUNT_SIGNAL(SIGURG);
	ASSERT_EQ(0, fcntl(self->s.there, F_SETOWN, getpid()));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	settle();
	EXPECT_EQ(0, signals_seen);
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	settle();
	EXPECT_EQ(1, signals_seen);
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	settle();
	EXPECT_EQ(2, signals_seen);
}

TEST_F(urgent, raises_no_sigurg_without_an_owner)
{
	COUNT_SIGNAL(SIGURG);
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	settle();
	EXPECT_EQ(0, signals_seen);
}

TEST_F(urgent, io_raises_sigio)
{
	COUNT_SIGNAL(SIGIO);
	ASSERT_EQ(0, fcntl(self->s.there, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->s.there, F_SETFL, O_ASYNC));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	settle();
	EXPECT_EQ(1, signals_seen);
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	settle();
	EXPECT_LT(1, signals_seen);
}

/* Each time somebody would be woken, there is a signal. */
TEST_F(urgent, once_heard_it_does_not_wake_for_less_than_rcvlowat)
{
	COUNT_SIGNAL(SIGIO);
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT, 100));
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	settle();
	ASSERT_EQ(1, recv(self->s.there, got, 1, MSG_OOB));
	ASSERT_EQ(0, fcntl(self->s.there, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->s.there, F_SETFL, O_ASYNC));
	ASSERT_EQ(10, send(self->s.here, got, 10, 0));
	settle();
	EXPECT_EQ(0, signals_seen);
	ASSERT_EQ(100, send(self->s.here, got, 100, 0));
	settle();
	EXPECT_EQ(1, signals_seen);
}

TEST_F(urgent, after_the_end_there_is_none)
{
	tell(self->s.here);
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	settle();
	EXPECT_EQ(1, recv(self->s.there, got, 1, MSG_OOB));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, recv_now(self->s.there, got, 10, 0));
	EXPECT_ERRNO(EINVAL, recv(self->s.there, got, 1, MSG_OOB));
}

TEST_F(urgent, alone_it_is_all_there_is)
{
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	settle();
	EXPECT_EQ(0, recv_now(self->s.there, got, 10, 0));
}

TEST_F(urgent, waitall_stops_at_the_mark)
{
	tell(self->s.here);
	EXPECT_EQ(2, recv(self->s.there, got, 4, MSG_WAITALL));
	EXPECT_EQ(2, recv(self->s.there, got, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(got, "cd", 2));
}

TEST_F(urgent, far_beyond_what_was_read)
{
	static char much[30000];

	/* The pointer is of 16 bits, the octet behind much that comes first. */
	ASSERT_EQ((ssize_t)sizeof(much), send(self->s.here, much, sizeof(much), 0));
	ASSERT_EQ(1, send(self->s.here, "!", 1, MSG_OOB));
	settle();
	ASSERT_EQ(1, recv(self->s.there, got, 1, MSG_OOB));
	EXPECT_EQ('!', got[0]);
	EXPECT_EQ((ssize_t)sizeof(much), recv(self->s.there, much, sizeof(much), MSG_WAITALL));
	EXPECT_EQ(1, at_mark(self->s.there));
}

TEST_HARNESS_MAIN
