// SPDX-License-Identifier: GPL-2.0
/* rmmod: refused as long as a socket is open, done at once when none is. */
#include "module.h"

#include <signal.h>
#include <sys/un.h>
#include <sys/wait.h>

FIXTURE(unload)
{
	int fd;
};

FIXTURE_VARIANT(unload)
{
	struct flavour flavour;
};

ALL_FLAVOURS(unload);

FIXTURE_SETUP(unload)
{
	MODULES_ONLY();
	modules_in();
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(unload)
{
	modules_in();
}

static void refused_then_done(struct __test_metadata *_metadata, int fd)
{
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xudp));
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xl4));
	close(fd);
	EXPECT_ERRNO(0, module_unload(&xudp));
	EXPECT_FALSE(module_loaded(&xudp));
}

TEST_F(unload, of_an_open_socket)
{
	refused_then_done(_metadata, self->fd);
}

TEST_F(unload, of_a_bound_socket)
{
	ASSERT_ERRNO(0, bind_to(self->fd, any(&variant->flavour, 0)));
	refused_then_done(_metadata, self->fd);
}

static void connect_to_self(int fd, const struct flavour *f)
{
	MUST(bind_to(fd, loopback(f, 0)));
	MUST(connect_to(fd, name_of(fd)));
}

TEST_F(unload, of_a_connected_socket)
{
	connect_to_self(self->fd, &variant->flavour);
	refused_then_done(_metadata, self->fd);
}

TEST_F(unload, with_datagrams_unread)
{
	connect_to_self(self->fd, &variant->flavour);
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(5, send(self->fd, "never", 5, 0));
	ASSERT_TRUE(wait_for(self->fd, POLLIN));
	refused_then_done(_metadata, self->fd);
}

TEST_F(unload, with_a_datagram_half_written)
{
	connect_to_self(self->fd, &variant->flavour);
	ASSERT_EQ(5, send(self->fd, "never", 5, MSG_MORE));
	refused_then_done(_metadata, self->fd);
}

TEST_F(unload, with_an_error_queued)
{
	bool v6 = variant->flavour.family == AF_INET6;
	int fd = dgram_open(&variant->flavour);
	union address gone;

	ASSERT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, 0)));
	gone = name_of(fd);
	close(fd);
	if (v6)
		MUST(set_int(self->fd, SOL_IPV6, IPV6_RECVERR, 1));
	if (wire_family(&variant->flavour) == AF_INET)
		MUST(set_int(self->fd, SOL_IP, IP_RECVERR, 1));
	ASSERT_ERRNO(0, connect_to(self->fd, gone));
	ASSERT_EQ(1, send(self->fd, "?", 1, 0));
	ASSERT_TRUE(wait_for(self->fd, POLLERR));
	refused_then_done(_metadata, self->fd);
}

TEST_F(unload, of_a_socket_in_another_namespace)
{
	int here = netns_here();

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	close(self->fd);
	self->fd = dgram_open(&variant->flavour);
	netns_switch(here);
	refused_then_done(_metadata, self->fd);
}

TEST_F(unload, of_a_socket_that_only_a_message_holds)
{
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr c; } u = {
		.c = { .cmsg_len = CMSG_LEN(sizeof(int)),
		       .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = u.bytes,
			      .msg_controllen = sizeof(u.bytes) };
	int unix_fd[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, unix_fd));
	memcpy(CMSG_DATA(&u.c), &self->fd, sizeof(int));
	ASSERT_EQ(1, sendmsg(unix_fd[0], &msg, 0));
	close(self->fd);
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xudp));
	close(unix_fd[0]);
	close(unix_fd[1]);
	EXPECT_ERRNO(0, module_unload(&xudp));
}

TEST_F(unload, after_the_owner_was_killed)
{
	pid_t owner = fork();

	ASSERT_GE(owner, 0);
	if (!owner) {
		recv(self->fd, self, 1, 0);
		_exit(1);
	}
	close(self->fd);
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xudp));
	kill(owner, SIGKILL);
	ASSERT_EQ(owner, waitpid(owner, NULL, 0));
	EXPECT_ERRNO(0, module_unload(&xudp));
}

/*
 * The first attempt, right after the close, many times: a reference that only
 * a grace period or a timer gives back would show up here.
 */
TEST_F(unload, right_after_the_close)
{
	close(self->fd);
	for (int i = 0; i < 20; i++) {
		int fd;

		modules_in();
		fd = dgram_open(&variant->flavour);
		connect_to_self(fd, &variant->flavour);
		ASSERT_EQ(1, send(fd, "x", 1, 0));
		ASSERT_TRUE(wait_for(fd, POLLIN));
		close(fd);
		ASSERT_ERRNO(0, module_unload(&xudp));
	}
}

TEST_HARNESS_MAIN
