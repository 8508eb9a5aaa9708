// SPDX-License-Identifier: GPL-2.0
/* Gathering one datagram from many calls: UDP_CORK and MSG_MORE. */
#include "xl4test.h"

#include <sys/mman.h>
#include <sys/sendfile.h>

#define LARGEST_V4	65507
#define LARGEST_V6	65527

static struct message got;
static char data[70000];

FIXTURE(cork)
{
	struct pair p;
	union address stranger;
};

FIXTURE_VARIANT(cork)
{
	struct flavour flavour;
};

ALL_FLAVOURS(cork);

FIXTURE_SETUP(cork)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
	MUST(connect_to(self->p.tx, self->p.to));
	self->stranger = loopback(&variant->flavour, 9);
	fill_pattern(data, sizeof(data), 1);
}

FIXTURE_TEARDOWN(cork)
{
}

static int largest(const struct flavour *f)
{
	return wire_family(f) == AF_INET6 ? LARGEST_V6 : LARGEST_V4;
}

static int set_cork(int fd, int value)
{
	return set_int(fd, SOL_UDP, UDP_CORK, value);
}

static bool nothing_came(int fd)
{
	return recv_now(fd, got.data, 1, 0) < 0 && errno == EAGAIN;
}

static bool came(int fd, const char *text)
{
	return receive(fd, &got, 0) == (ssize_t)strlen(text) &&
	       !memcmp(got.data, text, strlen(text));
}

TEST_F(cork, option_is_kept)
{
	EXPECT_EQ(0, get_int(self->p.tx, SOL_UDP, UDP_CORK));
	ASSERT_EQ(0, set_cork(self->p.tx, 1));
	EXPECT_EQ(1, get_int(self->p.tx, SOL_UDP, UDP_CORK));
	ASSERT_EQ(0, set_cork(self->p.tx, 0));
	EXPECT_EQ(0, get_int(self->p.tx, SOL_UDP, UDP_CORK));
}

TEST_F(cork, pulling_it_out_with_nothing_inside_sends_nothing)
{
	ASSERT_EQ(0, set_cork(self->p.tx, 1));
	ASSERT_EQ(0, set_cork(self->p.tx, 0));
	EXPECT_TRUE(nothing_came(self->p.rx));
}

TEST_F(cork, gathers_until_it_is_pulled_out)
{
	long before = counter(&variant->flavour, "OutDatagrams");

	ASSERT_EQ(0, set_cork(self->p.tx, 1));
	ASSERT_EQ(2, send(self->p.tx, "ab", 2, 0));
	ASSERT_EQ(1, write(self->p.tx, "c", 1));
	EXPECT_TRUE(nothing_came(self->p.rx));
	EXPECT_EQ(before, counter(&variant->flavour, "OutDatagrams"));
	ASSERT_EQ(0, set_cork(self->p.tx, 0));
	EXPECT_TRUE(came(self->p.rx, "abc"));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "OutDatagrams"));
	ASSERT_EQ(1, send(self->p.tx, "d", 1, 0));
	EXPECT_TRUE(came(self->p.rx, "d"));
}

TEST_F(cork, more_gathers_until_a_call_without_it)
{
	ASSERT_EQ(2, send(self->p.tx, "ab", 2, MSG_MORE));
	ASSERT_EQ(1, send(self->p.tx, "c", 1, MSG_MORE));
	EXPECT_TRUE(nothing_came(self->p.rx));
	ASSERT_EQ(1, send(self->p.tx, "d", 1, 0));
	EXPECT_TRUE(came(self->p.rx, "abcd"));
}

TEST_F(cork, more_can_end_with_nothing)
{
	ASSERT_EQ(2, send(self->p.tx, "ab", 2, MSG_MORE));
	ASSERT_EQ(0, send(self->p.tx, "", 0, 0));
	EXPECT_TRUE(came(self->p.rx, "ab"));
}

TEST_F(cork, more_within_cork_waits_for_both)
{
	ASSERT_EQ(0, set_cork(self->p.tx, 1));
	ASSERT_EQ(1, send(self->p.tx, "a", 1, MSG_MORE));
	ASSERT_EQ(1, send(self->p.tx, "b", 1, 0));
	EXPECT_TRUE(nothing_came(self->p.rx));
	ASSERT_EQ(0, set_cork(self->p.tx, 0));
	EXPECT_TRUE(came(self->p.rx, "ab"));
}

TEST_F(cork, first_call_names_the_peer)
{
	union address to = self->p.to;
	int tx = dgram_open(&variant->flavour);

	ASSERT_EQ(1, sendto(tx, "a", 1, MSG_MORE, &to.sa, address_len(&to)));
	/* once something waits the next need not name it, nor can change it */
	ASSERT_EQ(1, send(tx, "b", 1, MSG_MORE));
	ASSERT_EQ(1, sendto(tx, "c", 1, 0, &self->stranger.sa,
			    address_len(&self->stranger)));
	EXPECT_TRUE(came(self->p.rx, "abc"));
	EXPECT_ERRNO(EDESTADDRREQ, send(tx, "d", 1, 0));
}

TEST_F(cork, first_call_sets_what_control_messages_say)
{
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	int level = v6 ? SOL_IPV6 : SOL_IP, ttl = 7;
	int type = v6 ? IPV6_HOPLIMIT : IP_TTL;
	struct control c = { level, type, &ttl, sizeof(ttl) };

	ASSERT_EQ(0, set_int(self->p.rx, level,
			     v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1));
	ASSERT_EQ(1, send_controls(self->p.tx, "a", 1, NULL, &c, 1, MSG_MORE));
	ASSERT_EQ(1, send(self->p.tx, "b", 1, 0));
	ASSERT_TRUE(came(self->p.rx, "ab"));
	EXPECT_EQ(7, control_int(&got, level, type, -1));
}

TEST_F(cork, fills_the_largest_datagram)
{
	int max = largest(&variant->flavour), sent = 0;

	for (int part = 1000; sent < max; sent += part) {
		if (part > max - sent)
			part = max - sent;
		ASSERT_EQ(part, send(self->p.tx, data + sent, part, MSG_MORE));
	}
	ASSERT_EQ(0, send(self->p.tx, "", 0, 0));
	ASSERT_EQ(max, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, max, 1));
}

TEST_F(cork, one_byte_too_many_throws_all_away)
{
	int max = largest(&variant->flavour);
	long before = counter(&variant->flavour, "OutDatagrams");

	ASSERT_EQ(60000, send(self->p.tx, data, 60000, MSG_MORE));
	EXPECT_ERRNO(EMSGSIZE, send(self->p.tx, data, max - 60000 + 1,
				    MSG_MORE));
	EXPECT_EQ(before, counter(&variant->flavour, "OutDatagrams"));
	ASSERT_EQ(3, send(self->p.tx, "new", 3, 0));
	EXPECT_TRUE(came(self->p.rx, "new"));
	EXPECT_TRUE(nothing_came(self->p.rx));
}

TEST_F(cork, bad_memory_throws_all_away)
{
	ASSERT_EQ(3, send(self->p.tx, "old", 3, MSG_MORE));
	EXPECT_ERRNO(EFAULT, send(self->p.tx, (void *)1, 3, MSG_MORE));
	ASSERT_EQ(3, send(self->p.tx, "new", 3, 0));
	EXPECT_TRUE(came(self->p.rx, "new"));
}

TEST_F(cork, shutdown_refuses_the_rest)
{
	if (is_kernel_udp())
		SKIP(return, "the kernel's UDP looks at it for a first call");
	ASSERT_EQ(3, send(self->p.tx, "old", 3, MSG_MORE));
	ASSERT_EQ(0, shutdown(self->p.tx, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(self->p.tx, "x", 1, 0));
	EXPECT_TRUE(nothing_came(self->p.rx));
}

TEST_F(cork, close_throws_away_what_waits)
{
	ASSERT_EQ(3, send(self->p.tx, "old", 3, MSG_MORE));
	close(self->p.tx);
	EXPECT_TRUE(nothing_came(self->p.rx));
}

TEST_F(cork, disconnect_does_not_lose_the_peer_of_what_waits)
{
	ASSERT_EQ(1, send(self->p.tx, "a", 1, MSG_MORE));
	ASSERT_EQ(0, disconnect(self->p.tx));
	ASSERT_EQ(1, send(self->p.tx, "b", 1, 0));
	EXPECT_TRUE(came(self->p.rx, "ab"));
}

TEST_F(cork, each_way_of_writing_can_add)
{
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(2, write(pipes[1], "cd", 2));
	ASSERT_EQ(2, send(self->p.tx, "ab", 2, MSG_MORE));
	ASSERT_EQ(2, splice(pipes[0], NULL, self->p.tx, NULL, 2,
			    SPLICE_F_MORE));
	EXPECT_TRUE(nothing_came(self->p.rx));
	ASSERT_EQ(1, write(self->p.tx, "e", 1));
	EXPECT_TRUE(came(self->p.rx, "abcde"));
}

/* A file of four octets, of which sendfile() may take more. */
static int short_file(void)
{
	int fd = MUST(memfd_create("short", MFD_CLOEXEC));

	MUST(pwrite(fd, "file", 4, 0) - 4);
	return fd;
}

TEST_F(cork, end_of_a_file_sends_what_waits)
{
	ASSERT_EQ(4, sendfile(self->p.tx, short_file(), NULL, 100));
	EXPECT_TRUE(came(self->p.rx, "file"));
	ASSERT_EQ(2, send(self->p.tx, "a ", 2, MSG_MORE));
	ASSERT_EQ(4, sendfile(self->p.tx, short_file(), NULL, 100));
	EXPECT_TRUE(came(self->p.rx, "a file"));
	EXPECT_TRUE(nothing_came(self->p.rx));
}

TEST_F(cork, end_of_a_file_does_not_pull_it_out)
{
	ASSERT_EQ(0, set_cork(self->p.tx, 1));
	ASSERT_EQ(4, sendfile(self->p.tx, short_file(), NULL, 100));
	EXPECT_TRUE(nothing_came(self->p.rx));
	ASSERT_EQ(4, sendfile(self->p.tx, short_file(), NULL, 100));
	EXPECT_TRUE(nothing_came(self->p.rx));
	ASSERT_EQ(0, set_cork(self->p.tx, 0));
	EXPECT_TRUE(came(self->p.rx, "filefile"));
}

TEST_HARNESS_MAIN
