// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* Octets from one program to another: every way to send and to receive them. */
#include "xl4test.h"
#include "stream.h"

#include <sys/mman.h>
#include <sys/time.h>

#define BIG (2 << 20)

static char sent[BIG], got[BIG];

FIXTURE(stream)
{
	struct stream s;
};

FIXTURE_VARIANT(stream)
{
	struct flavour flavour;
};

TCP_FLAVOURS(stream);

FIXTURE_SETUP(stream)
{
	netns_enter();
	self->s = stream_pair(&variant->flavour);
	fill_pattern(sent, sizeof(sent), 1);
}

FIXTURE_TEARDOWN(stream)
{
}

/* Sends from a process of its own, so that both sides may wait. */
static pid_t send_aside(int fd, size_t len)
{
	pid_t pid = fork();

	if (!pid)
		_exit(!send_all(fd, sent, len));
	return pid;
}

/* Fills the pipe to the brim; how much went in. */
static size_t fill_up(int fd)
{
	size_t total = 0;
	ssize_t n;

	do {
		n = send(fd, sent + total, sizeof(sent) - total, MSG_DONTWAIT | MSG_NOSIGNAL);
		total += n > 0 ? n : 0;
		settle();
	} while (n > 0);
	return total;
}

static void limit_buffers(struct stream *s)
{
	set_int(s->here, SOL_SOCKET, SO_SNDBUF, 16384);
	set_int(s->there, SOL_SOCKET, SO_RCVBUF, 16384);
}

/* -------------------------------------------------------------------- sizes */

TEST_F(stream, every_size_arrives)
{
	for (size_t len = 1; len < 3000; len += 1 + len / 10) {
		ASSERT_EQ((ssize_t)len, send(self->s.here, sent, len, 0));
		ASSERT_TRUE(recv_all(self->s.there, got, len));
		ASSERT_EQ(0, memcmp(sent, got, len));
	}
}

TEST_F(stream, large_sizes_arrive)
{
	static const size_t sizes[] = { 16384, 65535, 65536, 65537, 100000, 1 << 20, BIG };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		pid_t sender = send_aside(self->s.here, sizes[i]);

		memset(got, 0, sizes[i]);
		ASSERT_TRUE(recv_all(self->s.there, got, sizes[i]));
		EXPECT_EQ(0, memcmp(sent, got, sizes[i]));
		ASSERT_TRUE(ended_well(sender));
	}
}

TEST_F(stream, both_ways_at_once)
{
	pid_t a = send_aside(self->s.here, BIG), b = send_aside(self->s.there, BIG), c = fork();

	if (!c)
		_exit(!recv_all(self->s.here, got, BIG) || memcmp(sent, got, BIG));
	ASSERT_TRUE(recv_all(self->s.there, got, BIG));
	EXPECT_EQ(0, memcmp(sent, got, BIG));
	EXPECT_TRUE(ended_well(a));
	EXPECT_TRUE(ended_well(b));
	EXPECT_TRUE(ended_well(c));
}

TEST_F(stream, through_buffers_of_the_least_size)
{
	pid_t sender;

	ASSERT_EQ(0, set_int(self->s.here, SOL_SOCKET, SO_SNDBUF, 1));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVBUF, 1));
	sender = send_aside(self->s.here, 20000);
	ASSERT_TRUE(recv_all(self->s.there, got, 20000));
	EXPECT_EQ(0, memcmp(sent, got, 20000));
	EXPECT_TRUE(ended_well(sender));
}

TEST_F(stream, octet_by_octet)
{
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	for (int i = 0; i < 5000; i++)
		ASSERT_EQ(1, send(self->s.here, sent + i, 1, 0));
	for (int i = 0; i < 5000; i++)
		ASSERT_EQ(1, recv(self->s.there, got + i, 1, 0));
	EXPECT_EQ(0, memcmp(sent, got, 5000));
}

TEST_F(stream, no_boundaries)
{
	ASSERT_EQ(3, send(self->s.here, "one", 3, 0));
	ASSERT_EQ(3, send(self->s.here, "two", 3, 0));
	settle();
	EXPECT_EQ(6, recv(self->s.there, got, 100, 0));
	EXPECT_EQ(0, memcmp(got, "onetwo", 6));
}

TEST_F(stream, nothing_is_nothing)
{
	EXPECT_EQ(0, send(self->s.here, "", 0, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(self->s.there, got, 0, MSG_DONTWAIT));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	EXPECT_EQ(0, recv_now(self->s.there, got, 0, 0));
	EXPECT_EQ(1, recv_now(self->s.there, got, 1, 0));
}

TEST_F(stream, vectors_are_gathered_and_scattered)
{
	struct iovec out[] = { { "ab", 2 }, { "", 0 }, { "cdefg", 5 }, { "h", 1 } };
	struct iovec in[] = { { got, 1 }, { got + 10, 3 }, { got + 20, 100 } };

	ASSERT_EQ(8, writev(self->s.here, out, 4));
	settle();
	ASSERT_EQ(8, readv(self->s.there, in, 3));
	EXPECT_EQ(0, memcmp(got, "a", 1));
	EXPECT_EQ(0, memcmp(got + 10, "bcd", 3));
	EXPECT_EQ(0, memcmp(got + 20, "efgh", 4));
}

TEST_F(stream, read_and_write_do_the_same)
{
	ASSERT_EQ(5, write(self->s.here, "hello", 5));
	ASSERT_EQ(5, read(self->s.there, got, 100));
	EXPECT_EQ(0, memcmp(got, "hello", 5));
}

TEST_F(stream, addresses_do_not_matter)
{
	union address elsewhere = loopback(&variant->flavour, 9), from;
	socklen_t len = sizeof(from);

	/* A connection has one peer; sendto() may name any. */
	ASSERT_EQ(5, send_text(self->s.here, "hello", elsewhere));
	ASSERT_EQ(5, recvfrom(self->s.there, got, 100, 0, &from.sa, &len));
	EXPECT_EQ(0U, len);
}

TEST_F(stream, bad_memory_is_told)
{
	EXPECT_ERRNO(EFAULT, send(self->s.here, (void *)8, 1000, 0));
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	EXPECT_ERRNO(EFAULT, recv_now(self->s.there, (void *)8, 5, 0));
	/* And nothing is lost. */
	EXPECT_EQ(5, recv_now(self->s.there, got, 5, 0));
	EXPECT_EQ(0, memcmp(got, "hello", 5));
}

TEST_F(stream, memory_bad_in_the_middle)
{
	char *map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fill_pattern(map, 2 * 4096, 1);
	ASSERT_EQ(0, mprotect(map + 2 * 4096, 4096, PROT_NONE));
	/* Some of it, or none with the error; what is told to be sent comes, and no more. */
	ssize_t n = send(self->s.here, map, 3 * 4096, 0);

	ASSERT_EQ(1, send(self->s.here, "!", 1, 0));
	n = n < 0 ? 0 : n;
	ASSERT_LE(n, 2 * 4096);
	settle();
	ASSERT_EQ(n + 1, recv_now(self->s.there, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(got, map, n));
	EXPECT_EQ('!', got[n]);
}

/* -------------------------------------------------------------------- flags */

TEST_F(stream, peek_leaves_it)
{
	ASSERT_EQ(10, send(self->s.here, "0123456789", 10, 0));
	EXPECT_EQ(4, recv_now(self->s.there, got, 4, MSG_PEEK));
	EXPECT_EQ(10, recv_now(self->s.there, got, 100, MSG_PEEK));
	EXPECT_EQ(0, memcmp(got, "0123456789", 10));
	EXPECT_EQ(3, recv_now(self->s.there, got, 3, 0));
	EXPECT_EQ(7, recv_now(self->s.there, got, 100, MSG_PEEK));
	EXPECT_EQ(0, memcmp(got, "3456789", 7));
	EXPECT_EQ(7, recv_now(self->s.there, got, 100, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 1, MSG_PEEK));
}

TEST_F(stream, peek_with_an_offset)
{
	if (set_int(self->s.there, SOL_SOCKET, SO_PEEK_OFF, 0))
		SKIP(return, "no SO_PEEK_OFF before Linux 6.9");
	ASSERT_EQ(10, send(self->s.here, "0123456789", 10, 0));
	EXPECT_EQ(4, recv_now(self->s.there, got, 4, MSG_PEEK));
	EXPECT_EQ(4, recv_now(self->s.there, got, 4, MSG_PEEK));
	EXPECT_EQ(0, memcmp(got, "4567", 4));
	EXPECT_EQ(6, recv_now(self->s.there, got, 6, 0));
	EXPECT_EQ(2, get_int(self->s.there, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_EQ(2, recv_now(self->s.there, got, 10, MSG_PEEK));
	EXPECT_EQ(0, memcmp(got, "89", 2));
}

TEST_F(stream, peek_waits_for_all)
{
	pid_t sender = fork();

	if (!sender) {
		for (int i = 0; i < 10; i++) {
			usleep(2000);
			send(self->s.here, sent + i, 1, 0);
		}
		_exit(0);
	}
	EXPECT_EQ(10, recv(self->s.there, got, 10, MSG_PEEK | MSG_WAITALL));
	EXPECT_TRUE(ended_well(sender));
	EXPECT_EQ(10, recv_now(self->s.there, got, 100, 0));
}

TEST_F(stream, waitall_waits_for_all)
{
	pid_t sender = fork();

	if (!sender) {
		for (int i = 0; i < 10; i++) {
			usleep(2000);
			send(self->s.here, sent + i, 1, 0);
		}
		_exit(0);
	}
	EXPECT_EQ(10, recv(self->s.there, got, 10, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(sent, got, 10));
	EXPECT_TRUE(ended_well(sender));
}

TEST_F(stream, waitall_ends_with_the_stream)
{
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(5, recv(self->s.there, got, 10, MSG_WAITALL));
	EXPECT_EQ(0, recv(self->s.there, got, 10, MSG_WAITALL));
}

TEST_F(stream, waitall_does_not_wait_with_dontwait)
{
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	EXPECT_EQ(5, recv_now(self->s.there, got, 10, MSG_WAITALL));
}

TEST_F(stream, trunc_throws_away)
{
	memset(got, '-', 10);
	ASSERT_EQ(10, send(self->s.here, "0123456789", 10, 0));
	EXPECT_EQ(4, recv_now(self->s.there, got, 4, MSG_TRUNC));
	EXPECT_EQ('-', got[0]);
	EXPECT_EQ(6, recv_now(self->s.there, NULL, 100, MSG_TRUNC | MSG_PEEK));
	EXPECT_EQ(6, recv_now(self->s.there, got, 100, 0));
	EXPECT_EQ(0, memcmp(got, "456789", 6));
}

TEST_F(stream, more_holds_back)
{
	ASSERT_EQ(3, send(self->s.here, "one", 3, MSG_MORE));
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 10, 0));
	ASSERT_EQ(3, send(self->s.here, "two", 3, 0));
	EXPECT_EQ(6, recv_now(self->s.there, got, 10, 0));
	EXPECT_EQ(0, memcmp(got, "onetwo", 6));
}

TEST_F(stream, more_is_not_for_ever)
{
	ASSERT_EQ(3, send(self->s.here, "one", 3, MSG_MORE));
	/* A fifth of a second at most. */
	EXPECT_EQ(3, recv(self->s.there, got, 10, 0));
}

TEST_F(stream, dontwait_takes_what_fits)
{
	size_t in;

	limit_buffers(&self->s);
	in = fill_up(self->s.here);
	EXPECT_LT(0U, in);
	EXPECT_ERRNO(EAGAIN, send(self->s.here, "x", 1, MSG_DONTWAIT));
	ASSERT_TRUE(recv_all(self->s.there, got, in));
	EXPECT_EQ(0, memcmp(sent, got, in));
	EXPECT_TRUE(wait_for(self->s.here, POLLOUT));
}

TEST_F(stream, nonblocking_does_the_same)
{
	nonblocking(self->s.here);
	nonblocking(self->s.there);
	EXPECT_ERRNO(EAGAIN, recv(self->s.there, got, 1, 0));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	settle();
	EXPECT_EQ(1, recv(self->s.there, got, 1, 0));
	limit_buffers(&self->s);
	while (send(self->s.here, sent, 10000, 0) > 0)
		settle();
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(stream, the_error_queue_is_empty)
{
	EXPECT_ERRNO(EAGAIN, recv(self->s.there, got, 1, MSG_ERRQUEUE));
}

/* ------------------------------------------------------------------ waiting */

TEST_F(stream, recv_waits_no_longer_than_rcvtimeo)
{
	struct timeval brief = { .tv_usec = 20000 };

	ASSERT_EQ(0, setsockopt(self->s.there, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief)));
	EXPECT_ERRNO(EAGAIN, recv(self->s.there, got, 1, 0));
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	EXPECT_EQ(5, recv(self->s.there, got, 10, MSG_WAITALL));
}

TEST_F(stream, send_waits_no_longer_than_sndtimeo)
{
	struct timeval brief = { .tv_usec = 20000 };

	limit_buffers(&self->s);
	fill_up(self->s.here);
	ASSERT_EQ(0, setsockopt(self->s.here, SOL_SOCKET, SO_SNDTIMEO, &brief, sizeof(brief)));
	EXPECT_ERRNO(EAGAIN, send(self->s.here, "x", 1, 0));
}

TEST_F(stream, a_signal_interrupts)
{
	struct itimerval often = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 };
	struct timeval never = { 0 };

	COUNT_SIGNAL(SIGALRM);
	ASSERT_EQ(0, setsockopt(self->s.there, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof(never)));
	ASSERT_EQ(0, setsockopt(self->s.here, SOL_SOCKET, SO_SNDTIMEO, &never, sizeof(never)));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	EXPECT_ERRNO(EINTR, recv(self->s.there, got, 1, 0));
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	EXPECT_EQ(5, recv(self->s.there, got, 10, MSG_WAITALL));
	limit_buffers(&self->s);
	/* What was taken before the signal is told, then the signal. */
	EXPECT_LT(0, send(self->s.here, sent, sizeof(sent), 0));
	EXPECT_ERRNO(EINTR, send(self->s.here, sent, sizeof(sent), 0));
	often = (struct itimerval) { 0 };
	setitimer(ITIMER_REAL, &often, NULL);
}

TEST_F(stream, rcvlowat_is_the_least)
{
	pid_t sender;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT, 10));
	EXPECT_EQ(10, get_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(9, send(self->s.here, sent, 9, 0));
	EXPECT_EQ(0, events_of(self->s.there) & POLLIN);
	/* Who does not wait gets what there is. */
	EXPECT_EQ(4, recv_now(self->s.there, got, 4, 0));
	sender = fork();
	if (!sender) {
		usleep(20000);
		_exit(send(self->s.here, sent, 5, 0) != 5);
	}
	EXPECT_EQ(10, recv(self->s.there, got, 100, 0));
	EXPECT_TRUE(ended_well(sender));
	/* The end counts as enough. */
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(POLLIN, events_of(self->s.there) & POLLIN);
	EXPECT_EQ(1, recv(self->s.there, got, 100, 0));
}

TEST_F(stream, rcvlowat_larger_than_the_buffer)
{
	pid_t sender;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVLOWAT, 500000));
	sender = send_aside(self->s.here, 500000);
	EXPECT_TRUE(wait_for(self->s.there, POLLIN));
	EXPECT_EQ(500000, recv(self->s.there, got, 500000, 0));
	EXPECT_EQ(0, memcmp(sent, got, 500000));
	EXPECT_TRUE(ended_well(sender));
}

/* ---------------------------------------------------------------------- end */

TEST_F(stream, end_comes_after_the_data)
{
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	ASSERT_EQ(0, close(self->s.here));
	EXPECT_EQ(5, recv(self->s.there, got, 100, 0));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, recv(self->s.there, got, 100, 0));
	EXPECT_EQ(STATE_CLOSE_WAIT, state_of(self->s.there));
}

TEST_F(stream, half_closed_still_hears)
{
	pid_t sender;

	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
	EXPECT_TRUE(comes_to_state(self->s.here, STATE_FIN_WAIT2));
	EXPECT_ERRNO(EPIPE, send(self->s.here, "x", 1, MSG_NOSIGNAL));
	sender = send_aside(self->s.there, 1 << 20);
	ASSERT_TRUE(recv_all(self->s.here, got, 1 << 20));
	EXPECT_EQ(0, memcmp(sent, got, 1 << 20));
	EXPECT_TRUE(ended_well(sender));
	ASSERT_EQ(0, shutdown(self->s.there, SHUT_WR));
	EXPECT_EQ(0, recv(self->s.here, got, 1, 0));
	EXPECT_EQ(STATE_CLOSE, state_of(self->s.there));
}

TEST_F(stream, shutdown_sends_what_was_written)
{
	pid_t closer = fork();

	if (!closer) {
		send_all(self->s.here, sent, 1 << 20);
		_exit(!!shutdown(self->s.here, SHUT_WR));
	}
	ASSERT_TRUE(recv_all(self->s.there, got, 1 << 20));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
	EXPECT_TRUE(ended_well(closer));
}

TEST_F(stream, shut_for_reading)
{
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	settle();
	ASSERT_EQ(0, shutdown(self->s.there, SHUT_RD));
	/* What is there is still read, then the end; the peer does not notice. */
	EXPECT_EQ(5, recv(self->s.there, got, 100, 0));
	EXPECT_EQ(0, recv(self->s.there, got, 100, 0));
	EXPECT_EQ(4, send(self->s.here, "more", 4, MSG_NOSIGNAL));
	settle();
	EXPECT_EQ(4, recv(self->s.there, got, 100, 0));
	EXPECT_EQ(1, send(self->s.there, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, recv(self->s.here, got, 100, 0));
}

TEST_F(stream, shutdown_wakes_who_reads)
{
	pid_t reader = fork();

	if (!reader)
		_exit(recv(self->s.there, got, 1, 0) != 0);
	usleep(20000);
	ASSERT_EQ(0, shutdown(self->s.there, SHUT_RD));
	EXPECT_TRUE(ended_well(reader));
}

TEST_F(stream, shutdown_twice_and_beyond)
{
	EXPECT_ERRNO(EINVAL, shutdown(self->s.here, 3));
	EXPECT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(0, shutdown(self->s.there, SHUT_RDWR));
	EXPECT_EQ(STATE_CLOSE, state_of(self->s.here));
	EXPECT_ERRNO(ENOTCONN, shutdown(self->s.here, SHUT_WR));
	EXPECT_EQ(0, recv(self->s.here, got, 1, 0));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
}

TEST_F(stream, writing_to_who_left)
{
	COUNT_SIGNAL(SIGPIPE);
	ASSERT_EQ(0, close(self->s.there));
	/* The first is answered by a reset, which the next one learns of. */
	EXPECT_EQ(1, send(self->s.here, "x", 1, 0));
	settle();
	EXPECT_EQ(0, signals_seen);
	EXPECT_ERRNO(EPIPE, send(self->s.here, "x", 1, 0));
	EXPECT_EQ(1, signals_seen);
	EXPECT_ERRNO(EPIPE, send(self->s.here, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, signals_seen);
	EXPECT_EQ(0, recv(self->s.here, got, 1, 0));
}

TEST_F(stream, closing_with_unread_data_resets)
{
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	settle();
	ASSERT_EQ(0, close(self->s.there));
	EXPECT_ERRNO(ECONNRESET, recv(self->s.here, got, 1, 0));
	EXPECT_EQ(0, recv(self->s.here, got, 1, 0));
	EXPECT_ERRNO(EPIPE, send(self->s.here, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(STATE_CLOSE, state_of(self->s.here));
}

TEST_F(stream, a_reset_tells_the_writer_first)
{
	reset(self->s.there);
	settle();
	EXPECT_ERRNO(ECONNRESET, send(self->s.here, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EPIPE, send(self->s.here, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, recv(self->s.here, got, 1, 0));
}

TEST_F(stream, data_before_a_reset_is_read)
{
	ASSERT_EQ(5, send(self->s.there, "hello", 5, 0));
	settle();
	reset(self->s.there);
	settle();
	EXPECT_EQ(5, recv(self->s.here, got, 100, 0));
	EXPECT_ERRNO(ECONNRESET, recv(self->s.here, got, 100, 0));
	EXPECT_EQ(0, recv(self->s.here, got, 100, 0));
}

TEST_F(stream, a_reset_wakes_who_waits)
{
	pid_t reader = fork_without(self->s.there), writer;

	if (!reader)
		_exit(recv(self->s.here, got, 1, 0) < 0 && errno != ECONNRESET);
	limit_buffers(&self->s);
	fill_up(self->s.here);
	writer = fork_without(self->s.there);
	if (!writer)
		_exit(send(self->s.here, got, 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN ? 0 : 1);
	usleep(20000);
	reset(self->s.there);
	/* One of them gets the error, the other the end. */
	EXPECT_TRUE(ended_well(reader));
	EXPECT_TRUE(ended_well(writer));
	EXPECT_EQ(STATE_CLOSE, state_of(self->s.here));
}

/* ---------------------------------------------------------------- SO_LINGER */

static void linger_for(int fd, int seconds)
{
	struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
}

TEST_F(stream, linger_0_resets)
{
	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	linger_for(self->s.here, 0);
	ASSERT_EQ(0, close(self->s.here));
	settle();
	EXPECT_EQ(5, recv(self->s.there, got, 100, 0));
	EXPECT_ERRNO(ECONNRESET, recv(self->s.there, got, 100, 0));
}

TEST_F(stream, linger_waits_until_it_is_acknowledged)
{
	pid_t reader = fork_without(self->s.here);

	if (!reader) {
		usleep(50000);
		_exit(!recv_all(self->s.there, got, 100000) || memcmp(sent, got, 100000));
	}
	limit_buffers(&self->s);
	ASSERT_TRUE(send_all(self->s.here, sent, 100000));
	linger_for(self->s.here, 10);
	ASSERT_EQ(0, close(self->s.here));
	EXPECT_TRUE(ended_well(reader));
}

TEST_F(stream, linger_waits_no_longer_than_told)
{
	size_t in;

	limit_buffers(&self->s);
	in = fill_up(self->s.here);
	linger_for(self->s.here, 1);
	ASSERT_EQ(0, close(self->s.here));
	/* What was written is sent all the same. */
	ASSERT_TRUE(recv_all(self->s.there, got, in));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
}

TEST_F(stream, close_leaves_the_data_on_its_way)
{
	size_t in;

	limit_buffers(&self->s);
	in = fill_up(self->s.here);
	ASSERT_EQ(0, close(self->s.here));
	ASSERT_TRUE(recv_all(self->s.there, got, in));
	EXPECT_EQ(0, memcmp(sent, got, in));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
}

/* ----------------------------------------------------- two who share an end */

TEST_F(stream, many_writers_lose_nothing)
{
	size_t total = 0;
	pid_t writers[4];
	ssize_t n;

	for (int i = 0; i < 4; i++)
		writers[i] = send_aside(self->s.here, 300000);
	close(self->s.here);
	while ((n = recv(self->s.there, got, sizeof(got), 0)) > 0)
		total += n;
	EXPECT_EQ(1200000U, total);
	for (int i = 0; i < 4; i++)
		EXPECT_TRUE(ended_well(writers[i]));
}

TEST_F(stream, many_readers_share_it)
{
	int totals[2];
	ssize_t sum = 0, n;
	pid_t readers[4];

	ASSERT_EQ(0, pipe(totals));
	for (int i = 0; i < 4; i++) {
		readers[i] = fork();
		if (!readers[i]) {
			while ((n = recv(self->s.there, got, 5000, 0)) > 0)
				sum += n;
			_exit(write(totals[1], &sum, sizeof(sum)) != sizeof(sum));
		}
	}
	ASSERT_TRUE(send_all(self->s.here, sent, 1000000));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ((ssize_t)sizeof(n), read(totals[0], &n, sizeof(n)));
		sum += n;
		EXPECT_TRUE(ended_well(readers[i]));
	}
	EXPECT_EQ(1000000, sum);
}

TEST_HARNESS_MAIN
