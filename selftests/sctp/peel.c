// SPDX-License-Identifier: GPL-2.0
/* An association gets a socket of its own: RFC 6458 section 9.2. */
#include "xl4test.h"
#include "sctp.h"

FIXTURE(peel)
{
	const struct flavour *f;
	struct many m;
};

FIXTURE_VARIANT(peel)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(peel);

FIXTURE_SETUP(peel)
{
	netns_enter();
	self->f = &variant->flavour;
	self->m = many_pair(self->f);
}

FIXTURE_TEARDOWN(peel)
{
}

static int peel_off(int fd, sctp_assoc_t id, unsigned int flags)
{
	sctp_peeloff_flags_arg_t arg = { .p_arg.associd = id, .flags = flags };
	socklen_t len = sizeof(arg);

	if (getsockopt(fd, SOL_SCTP, SCTP_SOCKOPT_PEELOFF_FLAGS, &arg, &len) < 0)
		return -1;
	return arg.p_arg.sd;
}

static ssize_t say(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static ssize_t say_to(int fd, sctp_assoc_t id, const char *text)
{
	struct sending s = { .info.snd_assoc_id = id };

	return send_message(fd, &s, text, strlen(text));
}

/* Room for it is another socket's from then on. */
TEST_F(peel, wakes_who_waits_to_send)
{
	time_t began = time(NULL);
	char text[1000] = "";
	int status;
	pid_t pid;

	memset(text, 'x', sizeof(text) - 1);
	nonblocking(self->m.there);
	while (say_to(self->m.there, self->m.there_id, text) >= 0)
		;
	MUST(fcntl(self->m.there, F_SETFL, 0));
	pid = MUST(fork());
	if (!pid)
		_exit(say_to(self->m.there, self->m.there_id, text) < 0 && errno == EAGAIN);
	usleep(100000);
	EXPECT_GE(peel_off(self->m.there, self->m.there_id, 0), 0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_LT(time(NULL) - began, PATIENCE_S);
}

TEST_F(peel, is_a_one_to_one_socket)
{
	int fd = peel_off(self->m.there, self->m.there_id, 0);
	union address here = name_of(self->m.here), peer, name, listener = name_of(self->m.there);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(sctp_number(), get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	peer = peer_of(fd);
	name = name_of(fd);
	EXPECT_EQ(port_of(&here), port_of(&peer));
	EXPECT_EQ(port_of(&listener), port_of(&name));
	EXPECT_EQ(SCTP_ESTABLISHED, state_of(fd, 0));
	EXPECT_EQ(0, associations_of(self->m.there));
	EXPECT_FALSE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_FALSE(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST_F(peel, the_old_option_does_it_too)
{
	sctp_peeloff_arg_t arg = { .associd = self->m.there_id };
	socklen_t len = sizeof(arg);

	ASSERT_GE(getsockopt(self->m.there, SOL_SCTP, SCTP_SOCKOPT_PEELOFF, &arg, &len), 0);
	ASSERT_GT(arg.sd, 2);
	EXPECT_EQ(2, say(arg.sd, "hi"));
	EXPECT_TRUE(receives(self->m.here, "hi"));
}

TEST_F(peel, honours_the_flags)
{
	int fd = peel_off(self->m.there, self->m.there_id, SOCK_NONBLOCK | SOCK_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST_F(peel, messages_go_both_ways)
{
	int fd = peel_off(self->m.there, self->m.there_id, 0);

	ASSERT_EQ(4, say_to(self->m.here, self->m.here_id, "ping"));
	EXPECT_TRUE(receives(fd, "ping"));
	ASSERT_EQ(4, say(fd, "pong"));
	EXPECT_TRUE(receives(self->m.here, "pong"));
}

TEST_F(peel, takes_along_what_nobody_read)
{
	int other = many_open(self->f), fd;
	union address to = name_of(self->m.there);

	ASSERT_EQ(5, say_to(self->m.here, self->m.here_id, "first"));
	ASSERT_EQ(5, sendto(other, "other", 5, 0, &to.sa, address_len(&to)));
	ASSERT_EQ(6, say_to(self->m.here, self->m.here_id, "second"));
	settle();
	fd = peel_off(self->m.there, self->m.there_id, 0);
	EXPECT_TRUE(receives(fd, "first"));
	EXPECT_TRUE(receives(fd, "second"));
	EXPECT_GT(association_comes(self->m.there, SCTP_COMM_UP), 0);
	EXPECT_TRUE(receives(self->m.there, "other"));
}

/* The number of the association that a one-to-many socket has, whatever it was told. */
static sctp_assoc_t only_association(int fd)
{
	struct { uint32_t n; sctp_assoc_t id; } list = { 0 };

	settle();
	MUST(get_option(fd, SCTP_GET_ASSOC_ID_LIST, &list, sizeof(list)));
	return list.id;
}

static bool nothing_to_read(int fd)
{
	char byte;

	return recv_now(fd, &byte, 1, 0) < 0 && errno == EAGAIN;
}

TEST_F(peel, takes_along_notifications_that_nobody_read)
{
	int client = many_open(self->f), server = many_open(self->f), fd;
	sctp_assoc_t id;

	ASSERT_EQ(0, subscribe(server, SCTP_ASSOC_CHANGE, true));
	listening(self->f, server, 8);
	ASSERT_ERRNO(0, connect_to(client, name_of(server)));
	id = only_association(server);
	ASSERT_EQ(4, say_to(client, only_association(client), "data"));
	settle();
	fd = peel_off(server, id, 0);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(nothing_to_read(server));
	EXPECT_EQ(id, association_comes(fd, SCTP_COMM_UP));
	EXPECT_TRUE(receives(fd, "data"));
	EXPECT_TRUE(nothing_to_read(fd));
}

TEST_F(peel, leaves_the_notifications_of_others)
{
	int other = many_open(self->f), fd;

	ASSERT_ERRNO(0, connect_to(other, name_of(self->m.there)));
	settle();
	fd = peel_off(self->m.there, self->m.there_id, 0);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(nothing_to_read(fd));
	EXPECT_EQ(only_association(self->m.there),
		  association_comes(self->m.there, SCTP_COMM_UP));
}

#define LONG	60000

/* Reads the message to its end: how long that is, or -1 if an octet is not what it was. */
static ssize_t read_on(int fd, size_t from, const char *text)
{
	char part[1000];
	struct iovec iov = { .iov_base = part, .iov_len = sizeof(part) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	size_t at = from;

	do {
		ssize_t n = recvmsg(fd, &msg, 0);

		if (n <= 0 || at + n > LONG || memcmp(part, text + at, n))
			return -1;
		at += n;
	} while (!(msg.msg_flags & MSG_EOR));
	return at;
}

/*
 * RFC 6458 sections 8.1.20 and 9.2: a message that does not fit the buffer is read in parts, and
 * no other one comes between them. Its rest goes to the new socket; the others wait no longer.
 */
TEST_F(peel, takes_along_a_message_that_is_half_read)
{
	int server = many_open(self->f), client = many_open(self->f), other = many_open(self->f), fd;
	static char text[LONG], part[500];
	struct sending s = { 0 };
	sctp_assoc_t id;

	for (int i = 0; i < LONG; i++)
		text[i] = i * 7 + i / 256;
	ASSERT_EQ(0, set_int(server, SOL_SOCKET, SO_RCVBUF, 16384));
	ASSERT_EQ(0, set_int(client, SOL_SOCKET, SO_SNDBUF, 4 * LONG));
	ASSERT_EQ(0, set_assoc_value(client, SCTP_MAXSEG, 0, 1000));
	listening(self->f, server, 8);
	ASSERT_ERRNO(0, connect_to(client, name_of(server)));
	id = only_association(server);
	ASSERT_ERRNO(0, connect_to(other, name_of(server)));
	s.info.snd_assoc_id = only_association(client);
	ASSERT_EQ(LONG, send_message(client, &s, text, LONG));
	ASSERT_EQ(sizeof(part), recv(server, part, sizeof(part), 0));
	ASSERT_EQ(0, memcmp(part, text, sizeof(part)));
	ASSERT_EQ(5, say_to(other, only_association(other), "other"));
	settle();
	fd = peel_off(server, id, 0);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(receives(server, "other"));
	EXPECT_EQ(LONG, read_on(fd, sizeof(part), text));
	ASSERT_EQ(4, say_to(client, only_association(client), "next"));
	EXPECT_TRUE(receives(fd, "next"));
	ASSERT_EQ(4, say_to(other, only_association(other), "more"));
	EXPECT_TRUE(receives(server, "more"));
}

TEST_F(peel, takes_along_its_notifications)
{
	int fd;

	ASSERT_EQ(0, subscribe(self->m.there, SCTP_SHUTDOWN_EVENT, true));
	ASSERT_EQ(4, say_to(self->m.here, self->m.here_id, "data"));
	settle();
	fd = peel_off(self->m.there, self->m.there_id, 0);
	ASSERT_GE(fd, 0);
	close(self->m.here);
	EXPECT_TRUE(receives(fd, "data"));
	EXPECT_EQ(SCTP_SHUTDOWN_EVENT, notified(fd, &(union notification){ }));
	EXPECT_GT(association_comes(fd, SCTP_SHUTDOWN_COMP), 0);
}

TEST_F(peel, outlives_its_parent)
{
	int fd = peel_off(self->m.there, self->m.there_id, 0);

	close(self->m.there);
	ASSERT_EQ(2, say(fd, "hi"));
	EXPECT_TRUE(receives(self->m.here, "hi"));
}

TEST_F(peel, shares_the_port_as_its_parent_did)
{
	ASSERT_ERRNO(0, set_int(self->m.there, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_GE(peel_off(self->m.there, self->m.there_id, 0), 0);
	ASSERT_ERRNO(0, listen(self->m.there, 0));
	EXPECT_ERRNO(0, listen(self->m.there, 4));
}

TEST_F(peel, the_parent_goes_on)
{
	int fd = peel_off(self->m.there, self->m.there_id, 0);
	int other = many_open(self->f);

	close(fd);
	EXPECT_EQ(self->m.here_id, association_comes(self->m.here, SCTP_SHUTDOWN_COMP));
	ASSERT_ERRNO(0, connect_to(other, name_of(self->m.there)));
	EXPECT_EQ(1, associations_of(self->m.there));
	/* The same peer may come back. */
	ASSERT_ERRNO(0, connect_to(self->m.here, name_of(self->m.there)));
	EXPECT_EQ(2, associations_of(self->m.there));
}

TEST_F(peel, the_client_can_as_well)
{
	int fd = peel_off(self->m.here, self->m.here_id, 0);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(2, say(fd, "hi"));
	EXPECT_TRUE(receives(self->m.there, "hi"));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(self->m.there_id, association_comes(self->m.there, SCTP_SHUTDOWN_COMP));
}

TEST_F(peel, both_sides_and_all_closed)
{
	int a = peel_off(self->m.here, self->m.here_id, 0);
	int b = peel_off(self->m.there, self->m.there_id, 0);

	close(self->m.here);
	close(self->m.there);
	ASSERT_EQ(2, say(a, "hi"));
	EXPECT_TRUE(receives(b, "hi"));
	close(a);
	EXPECT_GT(association_comes(b, SCTP_SHUTDOWN_COMP), 0);
	EXPECT_EQ(0, recv(b, &(char){ 0 }, 1, 0));
}

TEST_F(peel, needs_an_association)
{
	EXPECT_ERRNO(EINVAL, peel_off(self->m.there, self->m.there_id + 1, 0));
	EXPECT_ERRNO(EINVAL, peel_off(self->m.there, 0, 0));
	EXPECT_ERRNO(EINVAL, peel_off(self->m.there, -5, 0));
	ASSERT_GE(peel_off(self->m.there, self->m.there_id, 0), 0);
	EXPECT_ERRNO(EINVAL, peel_off(self->m.there, self->m.there_id, 0));
}

TEST_F(peel, needs_known_flags)
{
	EXPECT_ERRNO(EINVAL, peel_off(self->m.there, self->m.there_id, 1));
}

TEST_F(peel, not_from_one_to_one)
{
	struct one o = one_pair(self->f);

	EXPECT_NE(0, errno_of(peel_off(o.here, 0, 0)));
}

TEST_F(peel, no_descriptor_is_lost)
{
	int before = MUST(dup(0)), after;

	close(before);
	for (int i = 0; i < 100; i++)
		peel_off(self->m.there, 12345, 0);
	after = MUST(dup(0));
	EXPECT_EQ(before, after);
}

TEST_HARNESS_MAIN
