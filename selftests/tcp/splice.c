// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* sendfile(2), splice(2), vmsplice(2) and tee(2): octets that no program touches. */
#include "xl4test.h"
#include "stream.h"

#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#define BIG	(1 << 20)
#define PAGE	4096

static char sent[BIG], got[BIG];

FIXTURE(splice)
{
	struct stream s;
	int in, out;	/* of a pipe */
	int file;
};

FIXTURE_VARIANT(splice)
{
	struct flavour flavour;
};

TCP_FLAVOURS(splice);

FIXTURE_SETUP(splice)
{
	char path[] = "/tmp/splice-XXXXXX";
	int ends[2];

	netns_enter();
	self->s = stream_pair(&variant->flavour);
	MUST(pipe(ends));
	self->out = ends[0];
	self->in = ends[1];
	self->file = MUST(mkstemp(path));
	unlink(path);
	fill_pattern(sent, sizeof(sent), 1);
}

FIXTURE_TEARDOWN(splice)
{
}

/* Whether those octets of what was sent come. */
static bool comes(int fd, size_t from, size_t len)
{
	memset(got, 0, len);
	return recv_all(fd, got, len) && !memcmp(got, sent + from, len);
}

/* The same from a pipe. */
static bool comes_out(int pipe, size_t from, size_t len)
{
	size_t n = 0;

	memset(got, 0, len);
	while (n < len) {
		ssize_t more = read(pipe, got + n, len - n);

		if (more <= 0)
			return false;
		n += more;
	}
	return !memcmp(got, sent + from, len);
}

static ssize_t take(int fd, int pipe, size_t len, unsigned int flags)
{
	return splice(fd, NULL, pipe, NULL, len, flags);
}

static int queued_in(int pipe)
{
	int n;

	MUST(ioctl(pipe, FIONREAD, &n));
	return n;
}

/* ------------------------------------------------------------------ sendfile */

TEST_F(splice, sendfile_of_every_size)
{
	static const size_t sizes[] = { 1, 2, 100, 4095, 4096, 4097, 8192, 65535, 65537, 200000 };

	ASSERT_EQ(BIG, write(self->file, sent, BIG));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		off_t from = 3 * i;

		ASSERT_EQ((ssize_t)sizes[i], sendfile(self->s.here, self->file, &from, sizes[i]));
		EXPECT_EQ((off_t)(3 * i + sizes[i]), from);
		ASSERT_TRUE(comes(self->s.there, 3 * i, sizes[i]));
	}
}

TEST_F(splice, sendfile_ends_with_the_file)
{
	off_t from = 900;

	ASSERT_EQ(1000, write(self->file, sent, 1000));
	EXPECT_EQ(100, sendfile(self->s.here, self->file, &from, 5000));
	EXPECT_EQ(0, sendfile(self->s.here, self->file, &from, 5000));
	EXPECT_TRUE(comes(self->s.there, 900, 100));
}

TEST_F(splice, sendfile_waits_until_all_is_gone)
{
	pid_t sender;

	ASSERT_EQ(BIG, write(self->file, sent, BIG));
	ASSERT_EQ(0, set_int(self->s.here, SOL_SOCKET, SO_SNDBUF, 20000));
	sender = MUST(fork());
	if (!sender)
		_exit(sendfile(self->s.here, self->file, &(off_t) { 0 }, BIG) != BIG);
	EXPECT_TRUE(comes(self->s.there, 0, BIG));
	EXPECT_TRUE(ended_well(sender));
}

TEST_F(splice, sendfile_without_waiting)
{
	off_t from = 0;
	ssize_t n;

	ASSERT_EQ(BIG, write(self->file, sent, BIG));
	ASSERT_EQ(0, set_int(self->s.here, SOL_SOCKET, SO_SNDBUF, 20000));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVBUF, 20000));
	nonblocking(self->s.here);
	do {
		n = sendfile(self->s.here, self->file, &from, BIG - from);
		settle();
	} while (n > 0);
	EXPECT_ERRNO(EAGAIN, n);
	ASSERT_GT(BIG, from);
	/* What was told to be sent comes, and no more. */
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_TRUE(comes(self->s.there, 0, from));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
}

/* The pages are not copied: what the file has when they are sent is sent. */
TEST_F(splice, sendfile_then_truncated)
{
	ASSERT_EQ(50000, write(self->file, sent, 50000));
	ASSERT_EQ(50000, sendfile(self->s.here, self->file, &(off_t) { 0 }, 50000));
	ASSERT_EQ(0, ftruncate(self->file, 0));
	ASSERT_TRUE(recv_all(self->s.there, got, 50000));
}

TEST_F(splice, sendfile_to_who_left)
{
	ASSERT_EQ(50000, write(self->file, sent, 50000));
	reset(self->s.there);
	settle();
	EXPECT_ERRNO(ECONNRESET, sendfile(self->s.here, self->file, &(off_t) { 0 }, 50000));
	COUNT_SIGNAL(SIGPIPE);
	EXPECT_ERRNO(EPIPE, sendfile(self->s.here, self->file, &(off_t) { 0 }, 50000));
	EXPECT_EQ(1, signals_seen);
}

TEST_F(splice, sendfile_without_a_connection)
{
	COUNT_SIGNAL(SIGPIPE);
	ASSERT_EQ(100, write(self->file, sent, 100));
	EXPECT_ERRNO(EPIPE, sendfile(self->s.listener, self->file, &(off_t) { 0 }, 100));
}

/* ------------------------------------------------------------ into the socket */

TEST_F(splice, from_a_pipe)
{
	for (size_t len = 1; len < 60000; len += 1 + len / 3) {
		ASSERT_EQ((ssize_t)len, write(self->in, sent, len));
		ASSERT_EQ((ssize_t)len, splice(self->out, NULL, self->s.here, NULL, len, 0));
		ASSERT_TRUE(comes(self->s.there, 0, len));
	}
}

TEST_F(splice, from_a_pipe_no_more_than_it_has)
{
	ASSERT_EQ(1000, write(self->in, sent, 1000));
	EXPECT_EQ(1000, splice(self->out, NULL, self->s.here, NULL, BIG, 0));
	EXPECT_ERRNO(EAGAIN, splice(self->out, NULL, self->s.here, NULL, BIG, SPLICE_F_NONBLOCK));
	ASSERT_TRUE(comes(self->s.there, 0, 1000));
	close(self->in);
	EXPECT_EQ(0, splice(self->out, NULL, self->s.here, NULL, BIG, 0));
}

TEST_F(splice, from_a_pipe_into_a_full_socket)
{
	size_t total = 0;
	ssize_t n;

	ASSERT_EQ(0, set_int(self->s.here, SOL_SOCKET, SO_SNDBUF, 10000));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVBUF, 10000));
	nonblocking(self->s.here);
	do {
		if (!queued_in(self->out))
			ASSERT_EQ(8192, write(self->in, sent + total, 8192));
		n = splice(self->out, NULL, self->s.here, NULL, 8192, SPLICE_F_NONBLOCK);
		total += n > 0 ? n : 0;
		settle();
	} while (n > 0 && total < BIG - 8192);
	EXPECT_ERRNO(EAGAIN, n);
	/* The rest is still in the pipe. */
	EXPECT_LT(0, queued_in(self->out));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	EXPECT_TRUE(comes(self->s.there, 0, total));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
}

/* SPLICE_F_MORE is MSG_MORE. */
TEST_F(splice, more_holds_back)
{
	ASSERT_EQ(100, write(self->in, sent, 100));
	ASSERT_EQ(50, splice(self->out, NULL, self->s.here, NULL, 50, SPLICE_F_MORE));
	EXPECT_ERRNO(EAGAIN, recv_now(self->s.there, got, 100, 0));
	ASSERT_EQ(50, splice(self->out, NULL, self->s.here, NULL, 50, 0));
	settle();
	EXPECT_EQ(100, recv_now(self->s.there, got, 100, 0));
}

/* The program's own pages. */
TEST_F(splice, vmspliced_pages)
{
	struct iovec iov[] = { { sent + 17, 5000 }, { sent + 9000, 1 }, { sent + 20480, 8192 } };
	char *want = malloc(13193);

	memcpy(want, sent + 17, 5000);
	memcpy(want + 5000, sent + 9000, 1);
	memcpy(want + 5001, sent + 20480, 8192);
	ASSERT_EQ(13193, vmsplice(self->in, iov, 3, 0));
	ASSERT_EQ(13193, splice(self->out, NULL, self->s.here, NULL, 13193, 0));
	ASSERT_TRUE(recv_all(self->s.there, got, 13193));
	EXPECT_EQ(0, memcmp(got, want, 13193));
	free(want);
}

TEST_F(splice, gifts)
{
	char *map = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov = { map, 8 * PAGE };

	memcpy(map, sent, 8 * PAGE);
	ASSERT_EQ(8 * PAGE, vmsplice(self->in, &iov, 1, SPLICE_F_GIFT));
	ASSERT_EQ(8 * PAGE, splice(self->out, NULL, self->s.here, NULL, 8 * PAGE, SPLICE_F_MOVE));
	ASSERT_EQ(0, munmap(map, 8 * PAGE));
	EXPECT_TRUE(comes(self->s.there, 0, 8 * PAGE));
}

/* One pipe's pages to two connections. */
TEST_F(splice, tee_doubles)
{
	struct stream other = stream_accepted(&variant->flavour, self->s.listener);
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	ASSERT_EQ(20000, write(self->in, sent, 20000));
	ASSERT_EQ(20000, tee(self->out, ends[1], 20000, 0));
	ASSERT_EQ(20000, splice(self->out, NULL, self->s.here, NULL, 20000, 0));
	ASSERT_EQ(20000, splice(ends[0], NULL, other.here, NULL, 20000, 0));
	EXPECT_TRUE(comes(self->s.there, 0, 20000));
	EXPECT_TRUE(comes(other.there, 0, 20000));
}

TEST_F(splice, between_what_was_written)
{
	ASSERT_EQ(2000, write(self->in, sent + 1000, 2000));
	ASSERT_EQ(1000, send(self->s.here, sent, 1000, MSG_MORE));
	ASSERT_EQ(2000, splice(self->out, NULL, self->s.here, NULL, 2000, SPLICE_F_MORE));
	ASSERT_EQ(1000, send(self->s.here, sent + 3000, 1000, 0));
	EXPECT_TRUE(comes(self->s.there, 0, 4000));
}

/* -------------------------------------------------------------- out of the socket */

TEST_F(splice, into_a_pipe)
{
	for (size_t len = 1; len < 30000; len += 1 + len / 3) {
		size_t n = 0;

		ASSERT_TRUE(send_all(self->s.here, sent, len));
		while (n < len) {
			ssize_t more = take(self->s.there, self->in, len - n, 0);

			ASSERT_LT(0, more);
			ASSERT_TRUE(comes_out(self->out, n, more));
			n += more;
		}
	}
}

TEST_F(splice, in_small_parts)
{
	ASSERT_TRUE(send_all(self->s.here, sent, 10000));
	settle();
	for (int n = 0; n < 10000; n += 100) {
		ASSERT_EQ(100, take(self->s.there, self->in, 100, 0));
		ASSERT_TRUE(comes_out(self->out, n, 100));
	}
	EXPECT_ERRNO(EAGAIN, take(self->s.there, self->in, 100, SPLICE_F_NONBLOCK));
}

TEST_F(splice, mixed_with_reading)
{
	ASSERT_TRUE(send_all(self->s.here, sent, 3000));
	settle();
	ASSERT_TRUE(comes(self->s.there, 0, 1000));
	ASSERT_EQ(1000, take(self->s.there, self->in, 1000, 0));
	ASSERT_TRUE(comes_out(self->out, 1000, 1000));
	ASSERT_TRUE(comes(self->s.there, 2000, 1000));
}

TEST_F(splice, does_not_wait_when_told_so)
{
	EXPECT_ERRNO(EAGAIN, take(self->s.there, self->in, 100, SPLICE_F_NONBLOCK));
	nonblocking(self->s.there);
	EXPECT_ERRNO(EAGAIN, take(self->s.there, self->in, 100, 0));
	ASSERT_EQ(5, send(self->s.here, sent, 5, 0));
	settle();
	EXPECT_EQ(5, take(self->s.there, self->in, 100, 0));
}

TEST_F(splice, waits_for_the_first_octet)
{
	pid_t sender = MUST(fork());

	if (!sender) {
		usleep(1000);
		_exit(send(self->s.here, sent, 5, 0) != 5);
	}
	EXPECT_EQ(5, take(self->s.there, self->in, 100, 0));
	EXPECT_TRUE(comes_out(self->out, 0, 5));
	EXPECT_TRUE(ended_well(sender));
}

TEST_F(splice, waits_no_longer_than_rcvtimeo)
{
	struct timeval limit = { .tv_usec = 10000 };

	ASSERT_EQ(0, setsockopt(self->s.there, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	EXPECT_ERRNO(EAGAIN, take(self->s.there, self->in, 100, 0));
}

/* What does not fit into the pipe stays in the socket. */
TEST_F(splice, a_full_pipe)
{
	ssize_t n;
	size_t total = 0;

	ASSERT_EQ(PAGE, fcntl(self->in, F_SETPIPE_SZ, PAGE));
	ASSERT_TRUE(send_all(self->s.here, sent, 100000));
	settle();
	while ((n = take(self->s.there, self->in, 100000, SPLICE_F_NONBLOCK)) > 0)
		total += n;
	EXPECT_ERRNO(EAGAIN, n);
	ASSERT_LT(0U, total);
	ASSERT_GT(100000U, total);
	ASSERT_TRUE(comes_out(self->out, 0, total));
	EXPECT_TRUE(comes(self->s.there, total, 100000 - total));
}

TEST_F(splice, the_end_is_nothing)
{
	ASSERT_EQ(5, send(self->s.here, sent, 5, 0));
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	settle();
	EXPECT_EQ(5, take(self->s.there, self->in, 100, 0));
	EXPECT_EQ(0, take(self->s.there, self->in, 100, 0));
	EXPECT_EQ(0, take(self->s.there, self->in, 100, SPLICE_F_NONBLOCK));
	EXPECT_EQ(0, recv(self->s.there, got, 1, 0));
	/* The other direction is open. */
	EXPECT_EQ(3, send(self->s.there, sent, 3, 0));
	EXPECT_EQ(3, take(self->s.here, self->in, 100, 0));
}

TEST_F(splice, a_reset_is_told)
{
	reset(self->s.here);
	settle();
	EXPECT_ERRNO(ECONNRESET, take(self->s.there, self->in, 100, 0));
	EXPECT_EQ(0, take(self->s.there, self->in, 100, 0));
}

TEST_F(splice, without_a_connection)
{
	EXPECT_ERRNO(ENOTCONN, take(self->s.listener, self->in, 100, 0));
	EXPECT_ERRNO(ENOTCONN, take(stream_open(&variant->flavour), self->in, 100, 0));
}

TEST_F(splice, nothing_is_nothing)
{
	EXPECT_EQ(0, take(self->s.there, self->in, 0, 0));
	EXPECT_EQ(0, splice(self->out, NULL, self->s.here, NULL, 0, 0));
}

/* A socket has no place to begin at, and two sockets no pipe between them. */
TEST_F(splice, bad_calls_are_refused)
{
	loff_t from = 0;

	EXPECT_ERRNO(EINVAL, splice(self->s.there, &from, self->in, NULL, 1, 0));
	EXPECT_ERRNO(EINVAL, splice(self->out, NULL, self->s.here, &from, 1, 0));
	EXPECT_ERRNO(EINVAL, splice(self->s.there, NULL, self->s.here, NULL, 1, 0));
	EXPECT_ERRNO(EINVAL, take(self->s.there, self->in, 1, ~0U));
}

/* The window opens as the pipe takes it. */
TEST_F(splice, much_through_little)
{
	const size_t much = BIG / 8;
	int to = self->file;
	size_t n = 0;
	pid_t sender;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_RCVBUF, 20000));
	sender = MUST(fork());
	if (!sender)
		_exit(!send_all(self->s.here, sent, much));
	while (n < much) {
		ssize_t more = take(self->s.there, self->in, much - n, SPLICE_F_MOVE);

		ASSERT_LT(0, more);
		for (n += more; more; more -= MUST(splice(self->out, NULL, to, NULL, more, 0)))
			;
	}
	EXPECT_TRUE(ended_well(sender));
	ASSERT_EQ(much, pread(to, got, much, 0));
	EXPECT_EQ(0, memcmp(got, sent, much));
}

/* From one connection to the next, as a proxy does. */
TEST_F(splice, through_three_connections)
{
	struct stream next = stream_accepted(&variant->flavour, self->s.listener);
	pid_t sender = MUST(fork()), proxy;

	if (!sender)
		_exit(!send_all(self->s.here, sent, BIG) || shutdown(self->s.here, SHUT_WR));
	proxy = MUST(fork());
	if (!proxy) {
		ssize_t n;

		while ((n = take(self->s.there, self->in, 65536, 0)) > 0)
			for (; n; n -= MUST(splice(self->out, NULL, next.here, NULL, n, 0)))
				;
		_exit(n || shutdown(next.here, SHUT_WR));
	}
	EXPECT_TRUE(comes(next.there, 0, BIG));
	EXPECT_EQ(0, recv(next.there, got, 1, 0));
	EXPECT_TRUE(ended_well(sender));
	EXPECT_TRUE(ended_well(proxy));
}

/* What is in the pipe outlives the connection it came by. */
TEST_F(splice, what_was_taken_stays)
{
	ASSERT_TRUE(send_all(self->s.here, sent, 5000));
	settle();
	ASSERT_EQ(5000, take(self->s.there, self->in, 5000, 0));
	stream_close(&self->s);
	EXPECT_TRUE(comes_out(self->out, 0, 5000));
}

/* ----------------------------------------------------------------- the mark */

/* The urgent octet is no part of what a pipe gets. */
TEST_F(splice, the_urgent_octet_is_left_out)
{
	size_t n = 0;

	if (is_kernel_tcp())
		SKIP(return, "the kernel's TCP goes no further than to the mark");
	ASSERT_EQ(101, send(self->s.here, sent, 101, MSG_OOB));
	ASSERT_EQ(100, send(self->s.here, sent + 101, 100, 0));
	settle();
	while (n < 200) {
		ssize_t more = take(self->s.there, self->in, 1000, SPLICE_F_NONBLOCK);

		if (more <= 0)
			break;
		n += more;
	}
	EXPECT_EQ(200U, n);
	EXPECT_TRUE(comes_out(self->out, 0, 100));
	EXPECT_TRUE(comes_out(self->out, 101, 100));
}

TEST_HARNESS_MAIN
