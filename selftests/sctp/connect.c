// SPDX-License-Identifier: GPL-2.0
/* connect(2), shutdown(2) and close(2) of one-to-one sockets: RFC 6458 section 4. */
#include "xl4test.h"
#include "sctp.h"

FIXTURE(connect)
{
	const struct flavour *f;
	int fd;
};

FIXTURE_VARIANT(connect)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(connect);

FIXTURE_SETUP(connect)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = one_open(self->f);
}

FIXTURE_TEARDOWN(connect)
{
}

static union address nobody(const struct flavour *f)
{
	return loopback(f, 4999);
}

/* Waits for so long until an unanswered INIT is given up. */
static void be_impatient(int fd)
{
	struct sctp_rtoinfo rto = { .srto_initial = 50, .srto_min = 50, .srto_max = 50 };
	struct sctp_initmsg init = { .sinit_max_attempts = 2, .sinit_max_init_timeo = 50 };

	MUST(set_option(fd, SCTP_RTOINFO, &rto, sizeof(rto)));
	MUST(set_option(fd, SCTP_INITMSG, &init, sizeof(init)));
}

/* A host that answers nothing: packets for it come to one that has another address. */
static union address silence(const struct flavour *f)
{
	struct veth v = veth_create();

	netns_switch(v.there);
	run("ip addr flush dev veth0");
	netns_switch(v.here);
	return address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
}

/* ------------------------------------------------------------------- connect */

TEST_F(connect, works)
{
	struct one o = one_pair(self->f);

	EXPECT_EQ(SCTP_ESTABLISHED, state_of(o.here, 0));
	EXPECT_EQ(SCTP_ESTABLISHED, state_of(o.there, 0));
}

TEST_F(connect, both_ends_have_names)
{
	struct one o = one_pair(self->f);
	union address here = name_of(o.here), there = name_of(o.there);
	union address peer_here = peer_of(o.here), peer_there = peer_of(o.there);
	union address listener = name_of(o.listener);

	EXPECT_TRUE(same_address(&peer_here, &listener));
	EXPECT_TRUE(same_address(&there, &listener));
	EXPECT_EQ(port_of(&peer_there), port_of(&here));
	EXPECT_TRUE(same_host(&peer_there, &here));
}

TEST_F(connect, accept_tells_the_peer)
{
	int listener = listening(self->f, one_open(self->f), 1);
	union address peer = { 0 }, here;
	socklen_t len = sizeof(peer);

	ASSERT_ERRNO(0, connect_to(self->fd, name_of(listener)));
	ASSERT_GE(accept(listener, &peer.sa, &len), 0);
	here = name_of(self->fd);
	EXPECT_TRUE(same_address(&here, &peer));
	EXPECT_EQ(address_len(&here), len);
}

TEST_F(connect, from_a_bound_port)
{
	int listener = listening(self->f, one_open(self->f), 1);
	union address peer;

	ASSERT_ERRNO(0, bind_to(self->fd, loopback(self->f, 4001)));
	ASSERT_ERRNO(0, connect_to(self->fd, name_of(listener)));
	peer = peer_of(MUST(accept(listener, NULL, NULL)));
	EXPECT_EQ(4001, port_of(&peer));
}

TEST_F(connect, carries_messages_both_ways)
{
	struct one o = one_pair(self->f);

	EXPECT_EQ(5, send(o.here, "hello", 5, 0));
	EXPECT_EQ(5, send(o.here, "again", 5, 0));
	EXPECT_TRUE(receives(o.there, "hello"));
	EXPECT_TRUE(receives(o.there, "again"));
	EXPECT_EQ(2, send(o.there, "ok", 2, 0));
	EXPECT_TRUE(receives(o.here, "ok"));
}

TEST_F(connect, nobody_there_refuses)
{
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	EXPECT_EQ(0, error_of(self->fd));
}

TEST_F(connect, refused_may_try_again)
{
	int listener = listening(self->f, one_open(self->f), 1);

	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(listener)));
}

TEST_F(connect, a_bound_socket_does_not_answer)
{
	int bound = one_open(self->f);

	ASSERT_ERRNO(0, bind_to(bound, nobody(self->f)));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, nobody(self->f)));
}

TEST_F(connect, twice_is_refused)
{
	struct one o = one_pair(self->f);

	EXPECT_ERRNO(EISCONN, connect_to(o.here, name_of(o.listener)));
	EXPECT_ERRNO(EISCONN, connect_to(o.there, name_of(o.listener)));
	EXPECT_ERRNO(EISCONN, connect_to(o.listener, name_of(o.listener)));
}

TEST_F(connect, checks_its_address)
{
	union address a = nobody(self->f);

	EXPECT_ERRNO(EINVAL, connect(self->fd, &a.sa, 8));
	EXPECT_ERRNO(EINVAL, connect_to(self->fd, with_port(a, 0)));
	EXPECT_NE(0, connect_to(self->fd, address_for(self->f, "224.0.0.1", "ff0e::1", 4000)));
}

TEST_F(connect, no_way_there)
{
	EXPECT_ERRNO(ENETUNREACH,
		     connect_to(self->fd, address_for(self->f, "192.0.2.1", "2001:db8::1", 4000)));
}

TEST_F(connect, gives_up_in_the_end)
{
	union address to = silence(self->f);
	int fd = one_open(self->f);

	be_impatient(fd);
	EXPECT_ERRNO(ETIMEDOUT, connect_to(fd, to));
}

/* --------------------------------------------------------------- non-blocking */

TEST_F(connect, nonblocking_is_in_progress)
{
	int listener = listening(self->f, one_open(self->f), 1);

	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, name_of(listener)));
	EXPECT_TRUE(wait_for(self->fd, POLLOUT));
	EXPECT_EQ(0, error_of(self->fd));
	EXPECT_GE(accept(listener, NULL, NULL), 0);
}

TEST_F(connect, nonblocking_is_refused_later)
{
	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, nobody(self->f)));
	EXPECT_TRUE(wait_for(self->fd, POLLERR | POLLHUP));
	EXPECT_EQ(ECONNREFUSED, error_of(self->fd));
}

TEST_F(connect, nonblocking_twice_is_already)
{
	union address to = silence(self->f);
	int fd = one_open(self->f);

	nonblocking(fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, to));
	EXPECT_ERRNO(EALREADY, connect_to(fd, to));
	EXPECT_EQ(SCTP_COOKIE_WAIT, state_of(fd, 0));
}

/* ------------------------------------------------------------------ shutdown */

TEST_F(connect, shutdown_delivers_what_was_sent)
{
	struct one o = one_pair(self->f);
	char byte;

	ASSERT_EQ(4, send(o.here, "last", 4, 0));
	ASSERT_EQ(0, shutdown(o.here, SHUT_WR));
	EXPECT_TRUE(receives(o.there, "last"));
	EXPECT_EQ(0, recv(o.there, &byte, 1, 0));
	EXPECT_EQ(0, recv(o.here, &byte, 1, 0));
}

TEST_F(connect, shutdown_ends_both_directions)
{
	struct one o = one_pair(self->f);
	char byte;

	ASSERT_EQ(0, shutdown(o.here, SHUT_WR));
	EXPECT_EQ(0, recv(o.there, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(o.here, "x", 1, MSG_NOSIGNAL));
	EXPECT_NE(1, send(o.there, "x", 1, MSG_NOSIGNAL));
	EXPECT_TRUE(comes_to_state(o.here, 0, -1));
	EXPECT_TRUE(comes_to_state(o.there, 0, -1));
}

TEST_F(connect, shutdown_for_reading_says_nothing)
{
	struct one o = one_pair(self->f);
	char byte;

	ASSERT_EQ(0, shutdown(o.here, SHUT_RD));
	EXPECT_EQ(0, recv(o.here, &byte, 1, 0));
	EXPECT_EQ(SCTP_ESTABLISHED, state_of(o.there, 0));
	EXPECT_EQ(1, send(o.here, "x", 1, 0));
	EXPECT_TRUE(receives(o.there, "x"));
}

/* --------------------------------------------------------------------- close */

TEST_F(connect, close_is_the_end_of_the_other)
{
	struct one o = one_pair(self->f);
	char byte;

	ASSERT_EQ(3, send(o.here, "bye", 3, 0));
	close(o.here);
	EXPECT_TRUE(receives(o.there, "bye"));
	EXPECT_EQ(0, recv(o.there, &byte, 1, 0));
	EXPECT_EQ(0, error_of(o.there));
}

TEST_F(connect, close_with_unread_data_aborts)
{
	struct one o = one_pair(self->f);
	char byte;

	ASSERT_EQ(4, send(o.there, "lost", 4, 0));
	settle();
	close(o.here);
	EXPECT_ERRNO(ECONNRESET, recv(o.there, &byte, 1, 0));
}

TEST_F(connect, close_that_does_not_linger_aborts)
{
	struct one o = one_pair(self->f);
	char byte;

	abort_by_linger(o.here);
	EXPECT_ERRNO(ECONNRESET, recv(o.there, &byte, 1, 0));
	EXPECT_EQ(-1, state_of(o.there, 0));
}

TEST_F(connect, close_that_lingers_waits_for_the_peer)
{
	struct linger some = { .l_onoff = 1, .l_linger = PATIENCE_S };
	struct one o = one_pair(self->f);

	ASSERT_EQ(0, setsockopt(o.here, SOL_SOCKET, SO_LINGER, &some, sizeof(some)));
	ASSERT_EQ(3, send(o.here, "bye", 3, 0));
	ASSERT_EQ(0, close(o.here));
	EXPECT_EQ(-1, state_of(o.there, 0));
	EXPECT_TRUE(receives(o.there, "bye"));
}

TEST_F(connect, close_of_a_half_open_one_is_silent)
{
	int listener = listening(self->f, one_open(self->f), 1);

	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, name_of(listener)));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, close(listener));
}

TEST_F(connect, ports_are_free_after_the_end)
{
	union address here;
	struct one o = one_pair(self->f);

	here = name_of(o.here);
	one_close(&o);
	settle();
	EXPECT_ERRNO(0, bind_to(self->fd, here));
}

/* ------------------------------------------------------------ large, and many */

TEST_F(connect, again_reads_from_the_beginning)
{
	struct one o = one_pair(self->f);
	char data[200] = "the beginning", got[200];

	ASSERT_EQ(200, send(o.there, data, 200, 0));
	ASSERT_EQ(100, recv(o.here, got, 100, 0));
	ASSERT_EQ(0, disconnect(o.here));
	close(o.there);
	ASSERT_EQ(0, connect_to(o.here, name_of(o.listener)));
	o.there = MUST(accept4(o.listener, NULL, NULL, SOCK_CLOEXEC));
	ASSERT_EQ(50, send(o.there, data, 50, 0));
	EXPECT_EQ(50, recv(o.here, got, sizeof(got), 0));
	EXPECT_STREQ(data, got);
	one_close(&o);
}

/* sctp_connectx() asks no socket whether it was connected before. */
TEST_F(connect, by_connectx_after_an_end)
{
	struct one o = one_pair(self->f);
	union address to = name_of(o.listener);

	close(o.there);
	settle();
	ASSERT_GE(set_option(o.here, SCTP_SOCKOPT_CONNECTX, &to, address_len(&to)), 0);
	o.there = MUST(accept(o.listener, NULL, NULL));
	ASSERT_EQ(5, send(o.here, "again", 5, MSG_NOSIGNAL));
	EXPECT_TRUE(receives(o.there, "again"));
	ASSERT_EQ(5, send(o.there, "hello", 5, MSG_NOSIGNAL));
	EXPECT_TRUE(receives(o.here, "hello"));
	one_close(&o);
}

/* Who waits for the old one does not undo what the socket has become. */
TEST_F(connect, a_connectx_that_was_taken_back_leaves_the_listener_alone)
{
	struct sched_param first = { .sched_priority = 1 };
	int full = one_open(self->f), status;
	union address to = name_of(listening(self->f, full, 1));
	pid_t pid;

	MUST(connect_to(one_open(self->f), to));
	MUST(connect_to(one_open(self->f), to));
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(self->f, 0)));
	pid = MUST(fork());
	if (!pid)
		_exit(set_option(self->fd, SCTP_SOCKOPT_CONNECTX, &to, address_len(&to)) >= 0);
	usleep(100000);
	/* It is not to run between these two. */
	MUST(sched_setscheduler(0, SCHED_FIFO, &first));
	ASSERT_ERRNO(0, disconnect(self->fd));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	close(full);
	EXPECT_ERRNO(0, connect_to(one_open(self->f), name_of(self->fd)));
	EXPECT_GE(accept(self->fd, NULL, NULL), 0);
}

TEST_F(connect, a_large_message_arrives_whole)
{
	static char out[200000], in[sizeof(out) + 1];
	struct one o = one_pair(self->f);
	struct iovec iov = { .iov_base = in, .iov_len = sizeof(in) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 >> 3;
	pid = MUST(fork());
	if (!pid)
		_exit(send(o.here, out, sizeof(out), 0) != sizeof(out));
	do {
		iov.iov_base = in + got;
		iov.iov_len = sizeof(in) - got;
		n = recvmsg(o.there, &msg, 0);
		ASSERT_GT(n, 0);
		got += n;
	} while (!(msg.msg_flags & MSG_EOR));
	EXPECT_EQ(sizeof(out), got);
	EXPECT_EQ(0, memcmp(out, in, sizeof(out)));
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(connect, a_thousand_messages_arrive_in_order)
{
	struct one o = one_pair(self->f);
	unsigned int got;

	if (!MUST(fork())) {
		for (unsigned int i = 0; i < 1000; i++)
			MUST(send(o.here, &i, sizeof(i), 0));
		_exit(0);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		ASSERT_EQ(sizeof(got), recv(o.there, &got, sizeof(got), 0));
		ASSERT_EQ(i, got);
	}
}

TEST_HARNESS_MAIN
