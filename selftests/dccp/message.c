// SPDX-License-Identifier: GPL-2.0
/* Data: packets keep their bounds; their size, their order, and who waits for room. */
#include "xl4test.h"
#include "dccp.h"

FIXTURE(message)
{
	const struct flavour *f;
	struct dccp d;
};

FIXTURE_VARIANT(message)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(message);

FIXTURE_SETUP(message)
{
	netns_enter();
	self->f = &variant->flavour;
	self->d = dccp_pair(self->f);
}

FIXTURE_TEARDOWN(message)
{
	dccp_close(&self->d);
}

TEST_F(message, bounds_are_kept)
{
	char got[64];

	ASSERT_EQ(3, send(self->d.here, "one", 3, 0));
	ASSERT_EQ(5, send(self->d.here, "three", 5, 0));
	EXPECT_EQ(3, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(5, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(got, "three", 5));
}

TEST_F(message, what_does_not_fit_is_lost)
{
	char got[64];
	struct iovec iov = { .iov_base = got, .iov_len = 4 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_EQ(10, send(self->d.here, "0123456789", 10, 0));
	ASSERT_EQ(3, send(self->d.here, "abc", 3, 0));
	EXPECT_EQ(4, recvmsg(self->d.there, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	EXPECT_EQ(3, recvmsg(self->d.there, &msg, 0));
	EXPECT_FALSE(msg.msg_flags & MSG_TRUNC);
	EXPECT_EQ(0, memcmp(got, "abc", 3));
}

TEST_F(message, trunc_tells_the_length)
{
	char got[4];

	ASSERT_EQ(10, send(self->d.here, "0123456789", 10, 0));
	EXPECT_EQ(10, recv(self->d.there, got, sizeof(got), MSG_TRUNC | MSG_PEEK));
	EXPECT_EQ(10, recv(self->d.there, got, sizeof(got), MSG_TRUNC));
	EXPECT_ERRNO(EAGAIN, recv(self->d.there, got, sizeof(got), MSG_DONTWAIT));
}

TEST_F(message, peek_leaves_it)
{
	char got[16];

	ASSERT_EQ(5, send(self->d.here, "hello", 5, 0));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(5, recv(self->d.there, got, sizeof(got), MSG_PEEK));
	EXPECT_EQ(5, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_ERRNO(EAGAIN, recv(self->d.there, got, sizeof(got), MSG_DONTWAIT));
}

TEST_F(message, the_next_length_by_ioctl)
{
	int n = -1;

	ASSERT_EQ(0, ioctl(self->d.there, FIONREAD, &n));
	EXPECT_EQ(0, n);
	ASSERT_EQ(5, send(self->d.here, "hello", 5, 0));
	ASSERT_EQ(3, send(self->d.here, "abc", 3, 0));
	settle();
	ASSERT_EQ(0, ioctl(self->d.there, FIONREAD, &n));
	EXPECT_EQ(5, n);
}

/* RFC 4340 section 14 */
TEST_F(message, as_long_as_the_path_allows)
{
	int mps = mps_of(self->d.here);
	char *data = calloc(1, 1 << 17), *got = calloc(1, 1 << 17);

	ASSERT_GT(mps, 60000);
	fill_pattern(data, mps + 1, 1);
	EXPECT_ERRNO(EMSGSIZE, send(self->d.here, data, mps + 1, 0));
	ASSERT_EQ(mps, send(self->d.here, data, mps, 0));
	ASSERT_EQ(mps, recv(self->d.there, got, 1 << 17, 0));
	EXPECT_EQ(0, memcmp(data, got, mps));
}

TEST_F(message, of_each_length)
{
	char data[1400], got[1500];

	for (size_t len = 1; len <= sizeof(data); len += 7) {
		fill_pattern(data, len, len);
		ASSERT_EQ((ssize_t)len, send(self->d.here, data, len, 0));
		ASSERT_EQ((ssize_t)len, recv(self->d.there, got, sizeof(got), 0));
		ASSERT_TRUE(is_pattern(got, len, len));
	}
}

TEST_F(message, urgent_data_there_is_not)
{
	char byte = 0;

	EXPECT_ERRNO(EOPNOTSUPP, send(self->d.here, &byte, 1, MSG_OOB));
	EXPECT_ERRNO(EOPNOTSUPP, recv(self->d.here, &byte, 1, MSG_OOB));
}

TEST_F(message, recvfrom_tells_no_name)
{
	union address a;
	socklen_t len = sizeof(a);
	char got[16];

	ASSERT_EQ(5, send(self->d.here, "hello", 5, 0));
	EXPECT_EQ(5, recvfrom(self->d.there, got, sizeof(got), 0, &a.sa, &len));
	EXPECT_EQ(0U, len);
}

TEST_F(message, waits_for_data_as_long_as_it_may)
{
	struct timeval limit = { .tv_usec = 100000 };
	char byte;

	MUST(setsockopt(self->d.there, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	EXPECT_ERRNO(EAGAIN, recv(self->d.there, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(self->d.there, &byte, 1, MSG_DONTWAIT));
}

TEST_F(message, timestamps)
{
	struct message m;

	MUST(set_int(self->d.there, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_EQ(5, send(self->d.here, "hello", 5, 0));
	EXPECT_EQ(5, receive(self->d.there, &m, 0));
	EXPECT_EQ(1, count_controls(&m));
}

/* Many, in both directions, and all of them come: nothing is lost on loopback. */
static void exchange(struct __test_metadata *_metadata, struct dccp *d, int n)
{
	char data[1000], got[1500];

	for (int i = 0; i < n; i++) {
		fill_pattern(data, sizeof(data), i);
		ASSERT_EQ((ssize_t)sizeof(data), send(d->here, data, sizeof(data), 0));
		ASSERT_EQ((ssize_t)sizeof(data), recv(d->there, got, sizeof(got), 0));
		ASSERT_TRUE(is_pattern(got, sizeof(data), i));
		ASSERT_EQ((ssize_t)sizeof(data), send(d->there, data, sizeof(data), 0));
		ASSERT_EQ((ssize_t)sizeof(data), recv(d->here, got, sizeof(got), 0));
		ASSERT_TRUE(is_pattern(got, sizeof(data), i));
	}
}

TEST_F(message, to_and_fro)
{
	exchange(_metadata, &self->d, 2000);
}

TEST_F(message, to_and_fro_under_ccid_3)
{
	struct dccp d = dccp_pair_with(self->f, 3);

	exchange(_metadata, &d, 200);
}

/* A stream of packets faster than the window: the sender waits, and none is lost. */
TEST_F(message, the_sender_waits_for_the_window)
{
	char data[100], got[200];
	pid_t pid;
	int status;

	/* DCCP does not care how fast the reader is. */
	MUST(set_int(self->d.there, SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20));
	pid = MUST(fork());
	if (!pid) {
		for (int i = 0; i < 5000; i++) {
			fill_pattern(data, sizeof(data), i);
			MUST(send(self->d.here, data, sizeof(data), 0));
		}
		/* What is in the queue goes after the end of the process. */
		_exit(0);
	}
	close(self->d.here);
	for (int i = 0; i < 5000; i++) {
		ASSERT_EQ((ssize_t)sizeof(data), recv(self->d.there, got, sizeof(got), 0));
		ASSERT_TRUE(is_pattern(got, sizeof(data), i));
	}
	EXPECT_EQ(0, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Who does not read loses what came last. */
TEST_F(message, the_reader_has_a_limit)
{
	char got[2000], data[1000] = "";
	int n = 0;

	MUST(set_int(self->d.there, SOL_SOCKET, SO_RCVBUF, 10000));
	for (int i = 0; i < 100; i++)
		ASSERT_EQ((ssize_t)sizeof(data), send(self->d.here, data, sizeof(data), 0));
	settle();
	while (recv(self->d.there, got, sizeof(got), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_GE(n, 5);
	EXPECT_LE(n, 30);
	EXPECT_GE(dccp_counter("RcvQDrop"), 50);
}

/* Nothing is acknowledged any more, so that the window closes. */
static void lose_all(void)
{
	run("ip link set lo down");
}

static void lose_nothing(void)
{
	run("ip link set lo up");
}

TEST_F(message, the_queue_has_an_end)
{
	struct pollfd p = { .fd = self->d.here, .events = POLLOUT };
	char data[100] = "";
	int n = 0, octets = 0;

	nonblocking(self->d.here);
	lose_all();
	while (send(self->d.here, data, sizeof(data), 0) > 0 && n < 100)
		n++;
	EXPECT_ERRNO(EAGAIN, send(self->d.here, data, sizeof(data), 0));
	EXPECT_GE(n, 5);
	EXPECT_LE(n, 9);
	ASSERT_EQ(0, ioctl(self->d.here, TIOCOUTQ, &octets));
	EXPECT_EQ(5 * (int)sizeof(data), octets);
	EXPECT_EQ(0, poll(&p, 1, 0));
	lose_nothing();
	ASSERT_TRUE(wait_for(self->d.here, POLLOUT));
}

TEST_F(message, who_may_wait_waits_for_room)
{
	struct timeval limit = { .tv_usec = 100000 };
	char data[100] = "";
	int n = 0;

	MUST(setsockopt(self->d.here, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	lose_all();
	while (send(self->d.here, data, sizeof(data), 0) > 0 && n < 100)
		n++;
	EXPECT_EQ(EAGAIN, errno);
	limit.tv_sec = PATIENCE_S;
	MUST(setsockopt(self->d.here, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	lose_nothing();
	EXPECT_EQ((ssize_t)sizeof(data), send(self->d.here, data, sizeof(data), 0));
}

/* ------------------------------------------------------------------ priority */

static ssize_t send_with(int fd, const char *text, uint32_t priority)
{
	return send_control(fd, text, strlen(text), NULL, SOL_DCCP, DCCP_SCM_PRIORITY, &priority,
			    sizeof(priority));
}

TEST_F(message, a_priority_needs_a_policy)
{
	EXPECT_ERRNO(EINVAL, send_with(self->d.here, "hello", 1));
}

TEST_F(message, a_control_message_has_to_be_whole)
{
	uint8_t priority = 1;
	uint32_t whole = 1;
	int client = dccp_open(self->f);
	struct dccp d;

	MUST(set_int(client, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_ID, DCCPQ_POLICY_PRIO));
	d = dccp_join(self->f, client, dccp_open(self->f));
	EXPECT_ERRNO(EINVAL, send_control(d.here, "x", 1, NULL, SOL_DCCP, DCCP_SCM_PRIORITY,
					  &priority, 1));
	EXPECT_ERRNO(EINVAL, send_control(d.here, "x", 1, NULL, SOL_DCCP, 17, &whole,
					  sizeof(whole)));
	EXPECT_EQ(5, send_with(d.here, "hello", 1));
}

/* What matters most goes first, and what matters least is dropped when the queue is full. */
TEST_F(message, the_policy_of_priorities)
{
	const char *engine = getenv("XL4_ENGINE");
	char data[100] = "", got[1500];
	int client = dccp_open(self->f);
	struct dccp d;

	if (engine && !strcmp(engine, "qemu"))
		SKIP(return, "emulated, a retransmission is due before the line is mended");
	MUST(set_int(client, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_ID, DCCPQ_POLICY_PRIO));
	MUST(set_int(client, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN, 3));
	d = dccp_join(self->f, client, dccp_open(self->f));
	nonblocking(d.here);
	lose_all();
	for (int i = 0; i < 20; i++)
		ASSERT_EQ((ssize_t)sizeof(data), send(d.here, data, sizeof(data), 0));
	EXPECT_EQ(3, send_with(d.here, "low", 1));
	EXPECT_EQ(6, send_with(d.here, "middle", 2));
	EXPECT_EQ(4, send_with(d.here, "high", 3));
	lose_nothing();
	ASSERT_EQ(4, recv(d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(got, "high", 4));
	ASSERT_EQ(6, recv(d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(got, "middle", 6));
	ASSERT_EQ(3, recv(d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(got, "low", 3));
}

TEST_HARNESS_MAIN
