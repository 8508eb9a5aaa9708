// SPDX-License-Identifier: GPL-2.0
/* close(2), shutdown(2), SO_LINGER: who is told what, and who waits (RFC 4340 section 8.3). */
#include "xl4test.h"
#include "dccp.h"

FIXTURE(close)
{
	const struct flavour *f;
	struct dccp d;
	int server, client;	/* their ports */
};

FIXTURE_VARIANT(close)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(close);

FIXTURE_SETUP(close)
{
	netns_enter();
	self->f = &variant->flavour;
	self->d = dccp_pair(self->f);
	self->server = port_of_fd(self->d.there);
	self->client = port_of_fd(self->d.here);
}

FIXTURE_TEARDOWN(close)
{
}

static bool comes_to_state(int state, int port)
{
	for (int i = 0; i < PATIENCE_S * 100 && !count_in_state(state, port); i++)
		usleep(10000);
	return count_in_state(state, port);
}

TEST_F(close, the_peer_reads_to_the_end)
{
	char got[16];

	ASSERT_EQ(3, send(self->d.here, "one", 3, 0));
	ASSERT_EQ(3, send(self->d.here, "two", 3, 0));
	close(self->d.here);
	EXPECT_EQ(3, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(3, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_EQ(0, error_of(self->d.there));
}

TEST_F(close, the_peer_cannot_write_any_more)
{
	char byte = 0;

	close(self->d.here);
	settle();
	EXPECT_ERRNO(EPIPE, send(self->d.there, &byte, 1, 0));
}

TEST_F(close, of_the_client_leaves_it_in_timewait)
{
	close(self->d.here);
	EXPECT_TRUE(comes_to_state(STATE_TIME_WAIT, self->client));
	EXPECT_EQ(0, count_in_state(STATE_TIME_WAIT, self->server));
	EXPECT_EQ(0, count_in_state(STATE_OPEN, self->server));
	EXPECT_EQ(1, dccp_counter("TW"));
}

/* The server asks the client to close, so that TIME-WAIT is the client's all the same. */
TEST_F(close, of_the_server_leaves_the_client_in_timewait)
{
	char byte;

	close(self->d.there);
	EXPECT_EQ(0, recv(self->d.here, &byte, 1, 0));
	EXPECT_TRUE(comes_to_state(STATE_TIME_WAIT, self->client));
	EXPECT_EQ(0, count_in_state(STATE_TIME_WAIT, self->server));
}

TEST_F(close, a_server_may_have_the_timewait)
{
	char byte;

	MUST(set_int(self->d.there, SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT, 1));
	close(self->d.there);
	EXPECT_EQ(0, recv(self->d.here, &byte, 1, 0));
	EXPECT_TRUE(comes_to_state(STATE_TIME_WAIT, self->server));
	EXPECT_EQ(0, count_in_state(STATE_TIME_WAIT, self->client));
}

TEST_F(close, waits_until_the_peer_has_read)
{
	char got[16];

	ASSERT_EQ(3, send(self->d.here, "one", 3, 0));
	close(self->d.here);
	EXPECT_TRUE(comes_to_state(STATE_PASSIVE_CLOSE, self->server));
	EXPECT_EQ(1, count_in_state(STATE_CLOSING, self->client));
	EXPECT_EQ(3, recv(self->d.there, got, sizeof(got), 0));
	EXPECT_TRUE(comes_to_state(STATE_TIME_WAIT, self->client));
}

TEST_F(close, both_at_once)
{
	close(self->d.here);
	close(self->d.there);
	EXPECT_TRUE(comes_to_count("CurrEstab", 0));
	EXPECT_EQ(0, count_in_state(STATE_CLOSING, self->client));
}

TEST_F(close, what_was_not_read_is_told)
{
	char byte;

	ASSERT_EQ(3, send(self->d.here, "one", 3, 0));
	settle();
	close(self->d.there);
	EXPECT_ERRNO(ECONNRESET, recv(self->d.here, &byte, 1, 0));
	EXPECT_EQ(1, dccp_counter("AbortOnData"));
}

TEST_F(close, without_lingering_is_a_reset)
{
	char byte;

	reset(self->d.here);
	EXPECT_ERRNO(ECONNRESET, recv(self->d.there, &byte, 1, 0));
	EXPECT_EQ(0, recv(self->d.there, &byte, 1, 0));
	EXPECT_EQ(0, dccp_counter("CurrEstab"));
	EXPECT_EQ(0, count_in_state(STATE_TIME_WAIT, self->client));
}

TEST_F(close, lingers_until_the_peer_answers)
{
	struct linger linger = { .l_onoff = 1, .l_linger = PATIENCE_S };

	MUST(setsockopt(self->d.here, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	close(self->d.here);
	EXPECT_EQ(1, count_in_state(STATE_TIME_WAIT, self->client));
}

TEST_F(close, of_a_client_that_was_not_accepted)
{
	int fd = dccp_to(self->f, self->d.listener);
	char byte;

	close(fd);
	settle();
	fd = dccp_accept(self->d.listener);
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd, &byte, 1, 0));
}

TEST_F(close, of_who_asks_in_vain)
{
	int fd = dccp_open(self->f);

	nonblocking(fd);
	/* The Request is lost. */
	run("tc qdisc add dev lo root netem loss 100%%");
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, name_of(self->d.listener)));
	ASSERT_EQ(0, close(fd));
	run("tc qdisc del dev lo root");
}

/* ------------------------------------------------------------------ shutdown */

TEST_F(close, shutdown_of_writing)
{
	char byte = 0;

	ASSERT_ERRNO(0, shutdown(self->d.here, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(self->d.here, &byte, 1, 0));
	/* There is no half-closed connection that the peer could be told of. */
	EXPECT_EQ(1, count_in_state(STATE_OPEN, self->client));
	EXPECT_TRUE(passes(self->d.there, self->d.here, "hello"));
}

TEST_F(close, shutdown_of_reading)
{
	char byte;

	ASSERT_ERRNO(0, shutdown(self->d.here, SHUT_RD));
	EXPECT_EQ(0, recv(self->d.here, &byte, 1, 0));
	EXPECT_TRUE(passes(self->d.here, self->d.there, "hello"));
}

TEST_F(close, shutdown_of_both_closes)
{
	char byte;

	ASSERT_ERRNO(0, shutdown(self->d.here, SHUT_RDWR));
	EXPECT_EQ(0, recv(self->d.there, &byte, 1, 0));
	EXPECT_TRUE(comes_to_state(STATE_TIME_WAIT, self->client));
	EXPECT_EQ(0, recv(self->d.here, &byte, 1, 0));
	EXPECT_ERRNO(ENOTCONN, shutdown(self->d.here, SHUT_RDWR));
}

TEST_F(close, a_reader_that_waits_is_woken)
{
	pid_t pid = MUST(fork());
	char byte;
	int status;

	if (!pid) {
		close(self->d.here);
		_exit(recv(self->d.there, &byte, 1, 0));
	}
	usleep(100000);
	close(self->d.here);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
