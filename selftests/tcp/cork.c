// SPDX-License-Identifier: GPL-2.0
/*
 * What is held back and what is not: Nagle, TCP_NODELAY, TCP_CORK, MSG_MORE. The
 * peer's count of segments tells, and nothing here waits for the time that a part
 * of a segment may be held back.
 */
#include "xl4test.h"
#include "tcp_ends.h"
#include "stream.h"

#include <linux/sockios.h>
#include <sys/sendfile.h>

static char data[200000];

/* ------------------------------------------------------- what the peer sees at once */

FIXTURE(cork)
{
	struct stream s;
};

FIXTURE_VARIANT(cork)
{
	struct flavour flavour;
};

TCP_FLAVOURS(cork);

FIXTURE_SETUP(cork)
{
	netns_enter();
	self->s = stream_pair(&variant->flavour);
}

FIXTURE_TEARDOWN(cork)
{
}

static unsigned int segments(int fd)
{
	settle();
	return info_of(fd).tcpi_data_segs_in;
}

static unsigned int octets(int fd)
{
	settle();
	return info_of(fd).tcpi_bytes_received;
}

TEST_F(cork, alone_a_small_segment_goes_at_once)
{
	ASSERT_EQ(5, send(self->s.here, data, 5, 0));
	EXPECT_EQ(1U, segments(self->s.there));
	EXPECT_EQ(5U, octets(self->s.there));
}

TEST_F(cork, corked_nothing_small_goes)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	for (int i = 0; i < 20; i++)
		ASSERT_EQ(50, send(self->s.here, data, 50, 0));
	EXPECT_EQ(0U, segments(self->s.there));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(1U, segments(self->s.there));
	EXPECT_EQ(1000U, octets(self->s.there));
}

TEST_F(cork, corked_whole_segments_go)
{
	unsigned int mss = info_of(self->s.here).tcpi_snd_mss;

	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	ASSERT_TRUE(send_all(self->s.here, data, mss + 100));
	EXPECT_EQ(mss, octets(self->s.there));
	EXPECT_EQ(1U, segments(self->s.there));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(mss + 100, octets(self->s.there));
}

TEST_F(cork, nodelay_does_not_draw_the_cork)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(50, send(self->s.here, data, 50, 0));
	EXPECT_EQ(0U, segments(self->s.there));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(1U, segments(self->s.there));
}

TEST_F(cork, the_cork_stays_after_it_was_drawn_and_put_back)
{
	for (unsigned int i = 1; i < 5; i++) {
		ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
		ASSERT_EQ(50, send(self->s.here, data, 50, 0));
		EXPECT_EQ(i - 1, segments(self->s.there));
		ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 0));
		EXPECT_EQ(i, segments(self->s.there));
		ASSERT_TRUE(recv_all(self->s.there, data, 50));
	}
}

TEST_F(cork, the_end_draws_it)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(50, send(self->s.here, data, 50, 0));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(50, recv_now(self->s.there, data, 100, 0));
	EXPECT_EQ(0, recv_now(self->s.there, data, 100, 0));
	EXPECT_EQ(1U, segments(self->s.there));
}

TEST_F(cork, close_draws_it)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(50, send(self->s.here, data, 50, 0));
	close(self->s.here);
	EXPECT_EQ(50, recv_now(self->s.there, data, 100, 0));
	EXPECT_EQ(0, recv_now(self->s.there, data, 100, 0));
}

TEST_F(cork, corked_before_it_was_connected)
{
	int fd = stream_open(&variant->flavour), there;

	ASSERT_EQ(0, set_int(fd, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(0, connect_to(fd, name_of(self->s.listener)));
	there = MUST(accept(self->s.listener, NULL, NULL));
	ASSERT_EQ(50, send(fd, data, 50, 0));
	EXPECT_EQ(0U, segments(there));
	ASSERT_EQ(0, set_int(fd, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(1U, segments(there));
}

TEST_F(cork, more_is_a_cork_for_one_call)
{
	ASSERT_EQ(10, send(self->s.here, data, 10, MSG_MORE));
	ASSERT_EQ(10, send(self->s.here, data, 10, MSG_MORE));
	EXPECT_EQ(0U, segments(self->s.there));
	ASSERT_EQ(10, send(self->s.here, data, 10, 0));
	EXPECT_EQ(1U, segments(self->s.there));
	EXPECT_EQ(30U, octets(self->s.there));
}

TEST_F(cork, more_with_nodelay)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(10, send(self->s.here, data, 10, MSG_MORE));
	EXPECT_EQ(0U, segments(self->s.there));
	ASSERT_EQ(10, send(self->s.here, data, 10, 0));
	EXPECT_EQ(1U, segments(self->s.there));
}

TEST_F(cork, nodelay_sends_what_more_held_back)
{
	ASSERT_EQ(10, send(self->s.here, data, 10, MSG_MORE));
	EXPECT_EQ(0U, segments(self->s.there));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	EXPECT_EQ(1U, segments(self->s.there));
}

TEST_F(cork, sendmmsg_sends_each)
{
	struct iovec iov = { data, 10 };
	struct mmsghdr list[5];

	memset(list, 0, sizeof(list));
	for (int i = 0; i < 5; i++)
		list[i].msg_hdr = (struct msghdr) { .msg_iov = &iov, .msg_iovlen = 1 };
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(5, sendmmsg(self->s.here, list, 5, 0));
	EXPECT_EQ(5U, segments(self->s.there));
}

TEST_F(cork, vectors_go_together)
{
	struct iovec iov[20];

	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	for (int i = 0; i < 20; i++)
		iov[i] = (struct iovec) { data, 10 };
	ASSERT_EQ(200, writev(self->s.here, iov, 20));
	EXPECT_EQ(1U, segments(self->s.there));
}

/* A file is sent in pages, and its end is not held back. */
TEST_F(cork, a_file_goes_together)
{
	char path[] = "/tmp/cork-XXXXXX";
	int file = MUST(mkstemp(path));

	unlink(path);
	ASSERT_EQ(10000, write(file, data, 10000));
	ASSERT_EQ(10000, sendfile(self->s.here, file, &(off_t) { 0 }, 10000));
	EXPECT_EQ(10000U, octets(self->s.there));
	EXPECT_EQ(1U, segments(self->s.there));
}

TEST_F(cork, a_header_before_a_file)
{
	char path[] = "/tmp/cork-XXXXXX";
	int file = MUST(mkstemp(path));

	unlink(path);
	ASSERT_EQ(3000, write(file, data, 3000));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(100, send(self->s.here, data, 100, 0));
	ASSERT_EQ(3000, sendfile(self->s.here, file, &(off_t) { 0 }, 3000));
	EXPECT_EQ(0U, segments(self->s.there));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(1U, segments(self->s.there));
	EXPECT_EQ(3100U, octets(self->s.there));
}

/* Nobody could put anything more into it. */
TEST_F(cork, a_full_buffer_does_not_get_stuck)
{
	int fd = self->s.here;
	ssize_t n, total = 0;

	ASSERT_EQ(0, set_int(fd, SOL_TCP, TCP_CORK, 1));
	while ((n = send(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		total += n;
	ASSERT_LT(0, total);
	ASSERT_EQ(0, set_int(fd, SOL_TCP, TCP_CORK, 0));
	for (; total > 0; total -= n) {
		n = recv(self->s.there, data, sizeof(data), 0);
		ASSERT_LT(0, n);
	}
}

/* ----------------------------------------------------- what waits for an ACK: Nagle */

FIXTURE(nagle)
{
	struct ends s;
};

FIXTURE_VARIANT(nagle)
{
	struct flavour flavour;
};

TCP_FLAVOURS(nagle);

FIXTURE_SETUP(nagle)
{
	netns_enter();
	self->s = ends_begin(&variant->flavour);
	ends_established(&self->s);
}

FIXTURE_TEARDOWN(nagle)
{
	/* Nobody goes on trying. */
	ends_reset(&self->s);
	ends_end(&self->s);
}

static unsigned int segments_out(int fd)
{
	return info_of(fd).tcpi_data_segs_out;
}

TEST_F(nagle, one_small_segment_in_flight)
{
	for (int i = 0; i < 10; i++)
		ends_send(&self->s, 0);
	EXPECT_EQ(1U, segments_out(self->s.here));
	EXPECT_EQ(45U, info_of(self->s.here).tcpi_notsent_bytes);
	/* The ACK lets the rest go, all at once. */
	ends_move(&self->s);
	EXPECT_EQ(2U, segments_out(self->s.here));
	EXPECT_EQ(2U, info_of(self->s.there).tcpi_data_segs_in);
	EXPECT_EQ(50ULL, info_of(self->s.there).tcpi_bytes_received);
}

TEST_F(nagle, nodelay_waits_for_nobody)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	for (int i = 0; i < 10; i++)
		ends_send(&self->s, 0);
	EXPECT_EQ(10U, segments_out(self->s.here));
}

TEST_F(nagle, nodelay_lets_go_what_waits)
{
	for (int i = 0; i < 10; i++)
		ends_send(&self->s, 0);
	EXPECT_EQ(1U, segments_out(self->s.here));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	EXPECT_EQ(2U, segments_out(self->s.here));
	EXPECT_EQ(0U, info_of(self->s.here).tcpi_notsent_bytes);
}

/* RFC 9293 section 3.7.4: a segment of full size is not held back. */
TEST_F(nagle, whole_segments_wait_for_nobody)
{
	unsigned int mss = info_of(self->s.here).tcpi_snd_mss;

	ends_send(&self->s, 0);
	ASSERT_TRUE(send_all(self->s.here, data, mss));
	EXPECT_EQ(2U, segments_out(self->s.here));
	EXPECT_EQ(0U, info_of(self->s.here).tcpi_notsent_bytes);
	ASSERT_TRUE(send_all(self->s.here, data, mss + 7));
	EXPECT_EQ(3U, segments_out(self->s.here));
	EXPECT_EQ(7U, info_of(self->s.here).tcpi_notsent_bytes);
}

TEST_F(nagle, more_lets_whole_segments_go)
{
	unsigned int mss = info_of(self->s.here).tcpi_snd_mss;

	ASSERT_EQ((ssize_t)mss + 1, send(self->s.here, data, mss + 1, MSG_MORE));
	EXPECT_EQ(1U, segments_out(self->s.here));
	EXPECT_EQ(1U, info_of(self->s.here).tcpi_notsent_bytes);
}

/* The small end of what is large waits only for another small one: Minshall's. */
TEST_F(nagle, the_end_of_a_large_write_goes)
{
	unsigned int mss = info_of(self->s.here).tcpi_snd_mss;

	ASSERT_TRUE(send_all(self->s.here, data, 2 * mss + 7));
	EXPECT_EQ(3U, segments_out(self->s.here));
	EXPECT_EQ(0U, info_of(self->s.here).tcpi_notsent_bytes);
}

TEST_F(nagle, corked_an_ack_lets_nothing_go)
{
	ends_send(&self->s, 0);
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 1));
	ends_send(&self->s, 0);
	ends_move(&self->s);
	EXPECT_EQ(1U, segments_out(self->s.here));
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(2U, segments_out(self->s.here));
}

TEST_F(nagle, the_end_waits_for_nobody)
{
	ends_send(&self->s, 0);
	ends_send(&self->s, 0);
	EXPECT_EQ(1U, segments_out(self->s.here));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(2U, segments_out(self->s.here));
}

TEST_F(nagle, urgent_is_not_held_back)
{
	ends_send(&self->s, 0);
	ends_send(&self->s, MSG_OOB);
	EXPECT_EQ(2U, segments_out(self->s.here));
}

TEST_HARNESS_MAIN
