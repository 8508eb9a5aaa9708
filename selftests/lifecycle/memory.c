// SPDX-License-Identifier: GPL-2.0
/* Memory is back where it was once sockets are closed, however they were used. */
#include "xl4test.h"

#include "memory.h"

#define SOCKETS		50

FIXTURE(memory)
{
	int fd[SOCKETS];
};

FIXTURE_VARIANT(memory)
{
	struct flavour flavour;
};

ALL_FLAVOURS(memory);

FIXTURE_SETUP(memory)
{
	ENTER_NETNS(&variant->flavour);
	ASSERT_TRUE(all_given_back());
	for (int i = 0; i < SOCKETS; i++)
		self->fd[i] = dgram_bound(&variant->flavour,
					  loopback(&variant->flavour, 0));
}

static void close_all(const int *fd)
{
	for (int i = 0; i < SOCKETS; i++)
		close(fd[i]);
}

FIXTURE_TEARDOWN(memory)
{
	close_all(self->fd);
	EXPECT_TRUE(all_given_back());
}

/* More than any receive queue takes. */
static void overfill(int to, int from)
{
	static const char data[4000];
	union address at = name_of(to);

	for (int i = 0; i < 200; i++)
		MUST(send_to(from, data, sizeof(data), at));
}

TEST_F(memory, of_open_sockets)
{
	struct holdings h = holdings_now();

	EXPECT_EQ(SOCKETS, h.sockets);
	if (!is_kernel_udp())
		EXPECT_GE(h.objects, SOCKETS);
}

TEST_F(memory, of_many_sockets)
{
	static int many[900];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			many[i] = dgram_bound(&variant->flavour,
					      any(&variant->flavour, 0));
		EXPECT_EQ(SOCKETS + (long)ARRAY_SIZE(many),
			  holdings_now().sockets);
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			close(many[i]);
	}
}

TEST_F(memory, of_full_queues)
{
	for (int i = 1; i < SOCKETS; i++)
		overfill(self->fd[i], self->fd[0]);
	EXPECT_GT(holdings_now().pages, 0);
}

TEST_F(memory, of_queues_that_were_drained)
{
	static char data[4000];
	int received = 0;

	for (int i = 1; i < SOCKETS; i++) {
		overfill(self->fd[i], self->fd[0]);
		while (recv(self->fd[i], data, sizeof(data), MSG_DONTWAIT) > 0)
			received++;
	}
	EXPECT_GT(received, SOCKETS);
}

TEST_F(memory, of_queues_cut_by_shutdown)
{
	for (int i = 1; i < SOCKETS; i++) {
		overfill(self->fd[i], self->fd[0]);
		EXPECT_ERRNO(ENOTCONN, shutdown(self->fd[i], SHUT_RDWR));
	}
}

TEST_F(memory, of_peeked_datagrams)
{
	char c;

	for (int i = 1; i < SOCKETS; i++) {
		overfill(self->fd[i], self->fd[0]);
		EXPECT_EQ(1, recv(self->fd[i], &c, 1, MSG_PEEK));
	}
}

TEST_F(memory, of_datagrams_half_written)
{
	static const char data[9000];

	for (int i = 0; i < SOCKETS; i++) {
		MUST(connect_to(self->fd[i], name_of(self->fd[0])));
		for (int part = 0; part < 3; part++)
			EXPECT_EQ((ssize_t)sizeof(data),
				  send(self->fd[i], data, sizeof(data),
				       MSG_MORE));
	}
}

TEST_F(memory, of_errors_queued)
{
	union address gone = name_of(self->fd[0]);
	bool v4 = wire_family(&variant->flavour) == AF_INET;

	close(self->fd[0]);
	for (int i = 1; i < SOCKETS; i++) {
		if (v4)
			MUST(set_int(self->fd[i], SOL_IP, IP_RECVERR, 1));
		else
			MUST(set_int(self->fd[i], SOL_IPV6, IPV6_RECVERR, 1));
		send_to(self->fd[i], "?", 1, gone);
		EXPECT_TRUE(wait_for(self->fd[i], POLLERR));
	}
	self->fd[0] = dgram_open(&variant->flavour);
}

TEST_F(memory, of_segments_in_one_send)
{
	static const char data[64000];

	for (int i = 1; i < SOCKETS; i++) {
		MUST(set_int(self->fd[i], SOL_UDP, UDP_GRO, i % 2));
		MUST(connect_to(self->fd[i], name_of(self->fd[i])));
		MUST(set_int(self->fd[i], SOL_UDP, UDP_SEGMENT, 1000));
		for (int n = 0; n < 5; n++)
			send(self->fd[i], data, sizeof(data), 0);
	}
}

TEST_HARNESS_MAIN
