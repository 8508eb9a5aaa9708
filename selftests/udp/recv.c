// SPDX-License-Identifier: GPL-2.0
/* Receiving: what each call and flag gives, and what stays in the queue. */
#include "xl4test.h"

#include <linux/sockios.h>
#include <signal.h>
#include <sys/wait.h>

static struct message got;
static char data[70000];

FIXTURE(recv)
{
	struct pair p;
};

FIXTURE_VARIANT(recv)
{
	struct flavour flavour;
};

ALL_FLAVOURS(recv);

FIXTURE_SETUP(recv)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(recv)
{
}

TEST_F(recv, empty_queue_would_block)
{
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
	ASSERT_EQ(0, fcntl(self->p.rx, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, receive(self->p.rx, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, MSG_ERRQUEUE));
}

TEST_F(recv, unbound_socket_would_block)
{
	int fd = dgram_open(&variant->flavour);

	EXPECT_ERRNO(EAGAIN, receive_now(fd, &got, 0));
}

TEST_F(recv, datagrams_keep_their_order_and_bounds)
{
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	ASSERT_EQ(0, send_text(self->p.tx, "", self->p.to));
	ASSERT_EQ(3, send_text(self->p.tx, "333", self->p.to));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, receive(self->p.rx, &got, 0));
	EXPECT_EQ(3, receive(self->p.rx, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_F(recv, peek_leaves_it_there)
{
	ASSERT_EQ(4, send_text(self->p.tx, "peek", self->p.to));
	EXPECT_EQ(4, receive(self->p.rx, &got, MSG_PEEK));
	EXPECT_TRUE(same_address(&self->p.from, &got.name));
	EXPECT_EQ(2, recv(self->p.rx, data, 2, MSG_PEEK));
	EXPECT_EQ(4, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, memcmp("peek", got.data, 4));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_F(recv, short_buffer_loses_the_rest)
{
	struct iovec iov = { .iov_base = data, .iov_len = 3 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_EQ(6, send_text(self->p.tx, "abcdef", self->p.to));
	ASSERT_EQ(1, send_text(self->p.tx, "g", self->p.to));
	ASSERT_EQ(3, recvmsg(self->p.rx, &msg, 0));
	EXPECT_EQ(0, memcmp("abc", data, 3));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	ASSERT_EQ(1, recvmsg(self->p.rx, &msg, 0));
	EXPECT_FALSE(msg.msg_flags & MSG_TRUNC);
	EXPECT_EQ('g', data[0]);
}

TEST_F(recv, trunc_asks_for_the_true_length)
{
	ASSERT_EQ(6, send_text(self->p.tx, "abcdef", self->p.to));
	EXPECT_EQ(6, recv(self->p.rx, NULL, 0, MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ(2, recv(self->p.rx, data, 2, MSG_PEEK));
	EXPECT_EQ(6, recv(self->p.rx, data, 2, MSG_TRUNC));
	EXPECT_ERRNO(EAGAIN, recv_now(self->p.rx, data, 2, 0));
}

TEST_F(recv, waitall_does_not_join_datagrams)
{
	ASSERT_EQ(2, send_text(self->p.tx, "ab", self->p.to));
	ASSERT_EQ(2, send_text(self->p.tx, "cd", self->p.to));
	EXPECT_EQ(2, recv(self->p.rx, data, 4, MSG_WAITALL));
	EXPECT_EQ(2, recv(self->p.rx, data, 4, MSG_WAITALL));
}

TEST_F(recv, peek_offset_moves_on)
{
	EXPECT_EQ(-1, get_int(self->p.rx, SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_PEEK_OFF, 0));
	ASSERT_EQ(6, send_text(self->p.tx, "abcdef", self->p.to));
	ASSERT_EQ(2, recv(self->p.rx, data, 2, MSG_PEEK));
	ASSERT_EQ(3, recv(self->p.rx, data, 3, MSG_PEEK));
	EXPECT_EQ(0, memcmp("cde", data, 3));
	EXPECT_EQ(5, get_int(self->p.rx, SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(1, recv(self->p.rx, data, 9, MSG_PEEK));
	EXPECT_EQ('f', data[0]);
	/* reading takes it from the front, and the offset goes back */
	ASSERT_EQ(6, recv(self->p.rx, data, 9, 0));
	EXPECT_EQ('a', data[0]);
	EXPECT_EQ(0, get_int(self->p.rx, SOL_SOCKET, SO_PEEK_OFF));
}

TEST_F(recv, peek_offset_reaches_the_next_datagram)
{
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_PEEK_OFF, 0));
	ASSERT_EQ(2, send_text(self->p.tx, "ab", self->p.to));
	ASSERT_EQ(2, send_text(self->p.tx, "cd", self->p.to));
	ASSERT_EQ(2, recv(self->p.rx, data, 9, MSG_PEEK));
	ASSERT_EQ(2, recv(self->p.rx, data, 9, MSG_PEEK));
	EXPECT_EQ(0, memcmp("cd", data, 2));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_PEEK_OFF, -1));
	ASSERT_EQ(2, recv(self->p.rx, data, 9, MSG_PEEK));
	EXPECT_EQ(0, memcmp("ab", data, 2));
}

TEST_F(recv, timeout_ends_the_wait)
{
	struct timeval limit = { .tv_usec = 1000 };

	ASSERT_EQ(0, setsockopt(self->p.rx, SOL_SOCKET, SO_RCVTIMEO, &limit,
				sizeof(limit)));
	EXPECT_ERRNO(EAGAIN, receive(self->p.rx, &got, 0));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
	limit.tv_usec = 1000000;
	EXPECT_ERRNO(EDOM, setsockopt(self->p.rx, SOL_SOCKET, SO_RCVTIMEO,
				      &limit, sizeof(limit)));
}

static void do_nothing(int number)
{
	(void)number;
}

static void signals_begin(void)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct itimerval soon = { .it_value = { .tv_usec = 1000 },
				  .it_interval = { .tv_usec = 1000 } };

	MUST(sigaction(SIGALRM, &action, NULL));
	MUST(setitimer(ITIMER_REAL, &soon, NULL));
}

TEST_F(recv, signal_interrupts_the_wait)
{
	signals_begin();
	EXPECT_ERRNO(EINTR, receive(self->p.rx, &got, 0));
}

/* What is queued has been looked at: 'text', and then there is no more. */
static void look_behind(const struct pair *p, const char *text)
{
	int len = strlen(text);

	MUST(set_int(p->rx, SOL_SOCKET, SO_PEEK_OFF, 0));
	MUST(send_text(p->tx, text, p->to));
	MUST(recv(p->rx, data, 9, MSG_PEEK) == len ? 0 : -1);
}

TEST_F(recv, peek_behind_the_last_gives_up_in_time)
{
	struct timeval limit = { .tv_usec = 1000 };

	ASSERT_EQ(0, setsockopt(self->p.rx, SOL_SOCKET, SO_RCVTIMEO, &limit,
				sizeof(limit)));
	look_behind(&self->p, "abcd");
	EXPECT_ERRNO(EAGAIN, recv(self->p.rx, data, 9, MSG_PEEK));
	EXPECT_ERRNO(EAGAIN, recv_now(self->p.rx, data, 9, MSG_PEEK));
	EXPECT_EQ(4, recv(self->p.rx, data, 9, 0));
}

TEST_F(recv, peek_behind_an_empty_one_gives_up_in_time)
{
	struct timeval limit = { .tv_usec = 1000 };

	ASSERT_EQ(0, setsockopt(self->p.rx, SOL_SOCKET, SO_RCVTIMEO, &limit,
				sizeof(limit)));
	look_behind(&self->p, "");
	EXPECT_ERRNO(EAGAIN, recv(self->p.rx, data, 9, MSG_PEEK));
	EXPECT_EQ(0, recv(self->p.rx, data, 9, 0));
}

TEST_F(recv, peek_behind_the_last_is_interrupted)
{
	look_behind(&self->p, "abcd");
	signals_begin();
	EXPECT_ERRNO(EINTR, recv(self->p.rx, data, 9, MSG_PEEK));
}

TEST_F(recv, peek_behind_the_last_ends_with_a_shutdown)
{
	look_behind(&self->p, "abcd");
	/* it works all the same */
	EXPECT_ERRNO(ENOTCONN, shutdown(self->p.rx, SHUT_RD));
	EXPECT_EQ(0, recv(self->p.rx, data, 9, MSG_PEEK));
}

TEST_F(recv, peek_behind_the_last_is_woken)
{
	int status;
	pid_t reader;

	look_behind(&self->p, "abcd");
	reader = fork();
	if (!reader) {
		alarm(10);
		_exit(recv(self->p.rx, data, 9, MSG_PEEK) != 2 || memcmp("ef", data, 2));
	}
	usleep(10000);
	ASSERT_EQ(2, send_text(self->p.tx, "ef", self->p.to));
	ASSERT_EQ(reader, waitpid(reader, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(recv, waiting_reader_is_woken)
{
	int status;
	pid_t reader = fork();

	if (!reader)
		_exit(recv(self->p.rx, data, sizeof(data), 0) != 5);
	ASSERT_EQ(5, send_text(self->p.tx, "awake", self->p.to));
	ASSERT_EQ(reader, waitpid(reader, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(recv, bad_memory_costs_the_datagram_and_is_counted)
{
	long before = counter(&variant->flavour, "InErrors");

	ASSERT_EQ(3, send_text(self->p.tx, "bad", self->p.to));
	ASSERT_EQ(4, send_text(self->p.tx, "good", self->p.to));
	EXPECT_ERRNO(EFAULT, recv(self->p.rx, (void *)1, 3, 0));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "InErrors"));
	EXPECT_EQ(4, receive(self->p.rx, &got, 0));
}

TEST_F(recv, names_are_cut_to_the_room_given)
{
	socklen_t full = address_len(&self->p.from), len = 4;
	union address name = { 0 };

	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	ASSERT_EQ(1, send_text(self->p.tx, "2", self->p.to));
	ASSERT_EQ(1, recvfrom(self->p.rx, data, 1, 0, &name.sa, &len));
	EXPECT_EQ(full, len);
	EXPECT_EQ(port_of(&self->p.from), port_of(&name));
	EXPECT_EQ(0U, name.v4.sin_addr.s_addr);
	len = -1;
	EXPECT_ERRNO(EINVAL, recvfrom(self->p.rx, data, 1, 0, &name.sa, &len));
}

TEST_F(recv, is_counted_when_read_and_not_when_peeked)
{
	long before = counter(&variant->flavour, "InDatagrams");

	ASSERT_LE(0, before);
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, MSG_PEEK));
	EXPECT_EQ(before, counter(&variant->flavour, "InDatagrams"));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "InDatagrams"));
}

static int readable_bytes(int fd)
{
	int bytes = -1;

	settle();
	MUST(ioctl(fd, SIOCINQ, &bytes));
	return bytes;
}

TEST_F(recv, inq_tells_the_size_of_the_next)
{
	EXPECT_EQ(0, readable_bytes(self->p.rx));
	ASSERT_EQ(3, send_text(self->p.tx, "333", self->p.to));
	ASSERT_EQ(0, send_text(self->p.tx, "", self->p.to));
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	EXPECT_EQ(3, readable_bytes(self->p.rx));
	EXPECT_EQ(3, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, readable_bytes(self->p.rx));
	EXPECT_EQ(0, receive(self->p.rx, &got, 0));
	EXPECT_EQ(1, readable_bytes(self->p.rx));
	EXPECT_ERRNO(EFAULT, ioctl(self->p.rx, SIOCINQ, NULL));
}

TEST_F(recv, stamp_tells_when_the_last_one_came)
{
	struct timeval stamp = { 0 };
	struct timespec fine = { 0 };

	EXPECT_ERRNO(ENOENT, ioctl(self->p.rx, SIOCGSTAMP_OLD, &stamp));
	EXPECT_ERRNO(ENOENT, ioctl(self->p.rx, SIOCGSTAMPNS_OLD, &fine));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, ioctl(self->p.rx, SIOCGSTAMP_OLD, &stamp));
	EXPECT_EQ(0, ioctl(self->p.rx, SIOCGSTAMPNS_OLD, &fine));
	EXPECT_LT(0, stamp.tv_sec);
	EXPECT_EQ(stamp.tv_sec, fine.tv_sec);
	EXPECT_EQ(stamp.tv_usec, fine.tv_nsec / 1000);
}

TEST_F(recv, splice_moves_a_datagram_into_a_pipe)
{
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	fill_pattern(data, 3000, 3);
	ASSERT_EQ(3000, send_to(self->p.tx, data, 3000, self->p.to));
	ASSERT_EQ(3000, splice(self->p.rx, NULL, pipes[1], NULL, 3000, 0));
	ASSERT_EQ(3000, read(pipes[0], got.data, 4000));
	EXPECT_TRUE(is_pattern(got.data, 3000, 3));
	/* SPLICE_F_NONBLOCK is for the pipe */
	ASSERT_EQ(0, fcntl(self->p.rx, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, splice(self->p.rx, NULL, pipes[1], NULL, 3000, 0));
}

#define MANY 4

struct many {
	struct mmsghdr all[MANY];
	struct iovec iov[MANY];
	char bytes[MANY][16];
};

static void many_prepare(struct many *m)
{
	memset(m, 0, sizeof(*m));
	for (int i = 0; i < MANY; i++) {
		m->iov[i] = (struct iovec) { m->bytes[i], sizeof(m->bytes[i]) };
		m->all[i].msg_hdr.msg_iov = &m->iov[i];
		m->all[i].msg_hdr.msg_iovlen = 1;
	}
}

TEST_F(recv, recvmmsg_takes_what_is_there)
{
	struct many m;

	many_prepare(&m);
	EXPECT_ERRNO(EAGAIN, recvmmsg(self->p.rx, m.all, MANY, MSG_DONTWAIT,
				      NULL));
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	ASSERT_EQ(2, send_text(self->p.tx, "22", self->p.to));
	settle();
	ASSERT_EQ(2, recvmmsg(self->p.rx, m.all, MANY, MSG_DONTWAIT, NULL));
	EXPECT_EQ(1U, m.all[0].msg_len);
	EXPECT_EQ(2U, m.all[1].msg_len);
	EXPECT_EQ(0, memcmp("22", m.bytes[1], 2));
}

TEST_F(recv, recvmmsg_waits_for_one_only)
{
	struct many m;

	many_prepare(&m);
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	EXPECT_EQ(1, recvmmsg(self->p.rx, m.all, MANY, MSG_WAITFORONE, NULL));
}

TEST_F(recv, recvmmsg_gives_up_in_time)
{
	struct timespec limit = { .tv_nsec = 1 };
	struct many m;

	many_prepare(&m);
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	ASSERT_EQ(1, send_text(self->p.tx, "2", self->p.to));
	/* the limit is looked at after each datagram */
	EXPECT_EQ(1, recvmmsg(self->p.rx, m.all, MANY, 0, &limit));
	limit.tv_nsec = 1000000000;
	EXPECT_ERRNO(EINVAL, recvmmsg(self->p.rx, m.all, MANY, 0, &limit));
}

TEST_F(recv, recvmmsg_keeps_what_came_before_a_fault)
{
	struct many m;

	many_prepare(&m);
	m.iov[1].iov_base = (void *)1;
	ASSERT_EQ(1, send_text(self->p.tx, "1", self->p.to));
	ASSERT_EQ(1, send_text(self->p.tx, "2", self->p.to));
	settle();
	EXPECT_EQ(1, recvmmsg(self->p.rx, m.all, MANY, MSG_DONTWAIT, NULL));
	/* the next call reports it */
	EXPECT_ERRNO(EFAULT, recvmmsg(self->p.rx, m.all, MANY, MSG_DONTWAIT,
				      NULL));
}

TEST_F(recv, busy_poll_changes_nothing)
{
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_BUSY_POLL, 50));
	EXPECT_EQ(50, get_int(self->p.rx, SOL_SOCKET, SO_BUSY_POLL));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_TRUE(wait_for(self->p.rx, POLLIN));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_HARNESS_MAIN
