// SPDX-License-Identifier: GPL-2.0
/* SO_REUSEPORT: who may share a port, and who of them gets what. */
#include "xl4test.h"

#include "program.h"

#define PORT	4000
#define GROUP	4
#define NOBODY	65534

static struct message got;

FIXTURE(reuseport)
{
	int member[GROUP];
};

FIXTURE_VARIANT(reuseport)
{
	struct flavour flavour;
};

ALL_FLAVOURS(reuseport);

static int sharer(const struct flavour *f)
{
	int fd = dgram_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	return fd;
}

FIXTURE_SETUP(reuseport)
{
	const struct flavour *f = &variant->flavour;

	ENTER_NETNS(f);
	for (int i = 0; i < GROUP; i++) {
		self->member[i] = sharer(f);
		MUST(bind_to(self->member[i], loopback(f, PORT)));
	}
}

FIXTURE_TEARDOWN(reuseport)
{
}

/* The member that has a datagram, and takes it; -1 when none has. */
static int who_got_it(const int *member)
{
	int who = -1;

	settle();
	for (int i = 0; i < GROUP; i++)
		if (receive(member[i], &got, MSG_DONTWAIT) >= 0)
			who = who < 0 ? i : GROUP;
	return who;
}

TEST_F(reuseport, all_must_have_asked)
{
	int fd = dgram_open(&variant->flavour);

	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(&variant->flavour,
						      PORT)));
}

TEST_F(reuseport, all_must_be_of_one_user)
{
	int fd;

	ASSERT_EQ(0, seteuid(NOBODY));
	fd = sharer(&variant->flavour);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(&variant->flavour,
						      PORT)));
}

/* 60 flows: a fair coin leaves one of two without any once in 10^17 runs. */
TEST_F(reuseport, asking_after_bind_is_not_too_late)
{
	union address to = loopback(&variant->flavour, PORT + 1);
	int first = dgram_bound(&variant->flavour, to);
	int second = sharer(&variant->flavour);
	int pair[GROUP] = { first, second, self->member[0], self->member[1] };
	int share[GROUP + 1] = { 0 };

	ASSERT_ERRNO(EADDRINUSE, bind_to(second, to));
	ASSERT_EQ(0, set_int(first, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, bind_to(second, to));
	for (int i = 0; i < 60; i++) {
		int tx = dgram_open(&variant->flavour), who;

		ASSERT_EQ(1, send_text(tx, "x", to));
		who = who_got_it(pair);
		ASSERT_LE(0, who);
		share[who]++;
		close(tx);
	}
	EXPECT_EQ(60, share[0] + share[1]);
	EXPECT_NE(0, share[0]);
	EXPECT_NE(0, share[1]);
}

TEST_F(reuseport, one_flow_stays_with_one_member)
{
	int tx = dgram_bound(&variant->flavour, loopback(&variant->flavour, 0));
	union address to = loopback(&variant->flavour, PORT);
	int first;

	ASSERT_EQ(1, send_text(tx, "x", to));
	first = who_got_it(self->member);
	ASSERT_LE(0, first);
	ASSERT_GT(GROUP, first);
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(1, send_text(tx, "x", to));
		EXPECT_EQ(first, who_got_it(self->member));
	}
}

/* 400 flows: a fair coin leaves one of four below 40 once in 10^12 runs. */
TEST_F(reuseport, flows_are_spread)
{
	union address to = loopback(&variant->flavour, PORT);
	int share[GROUP + 1] = { 0 };

	for (int i = 0; i < 400; i++) {
		int tx = dgram_open(&variant->flavour), who;

		ASSERT_EQ(1, send_text(tx, "x", to));
		who = who_got_it(self->member);
		ASSERT_LE(0, who);
		share[who]++;
		close(tx);
	}
	EXPECT_EQ(0, share[GROUP]);
	for (int i = 0; i < GROUP; i++)
		EXPECT_LE(40, share[i]);
}

TEST_F(reuseport, who_leaves_leaves_nothing_unheard)
{
	union address to = loopback(&variant->flavour, PORT);

	for (int i = 1; i < GROUP; i++) {
		close(self->member[i]);
		self->member[i] = -1;
	}
	for (int i = 0; i < 50; i++) {
		int tx = dgram_open(&variant->flavour);

		ASSERT_EQ(1, send_text(tx, "x", to));
		EXPECT_EQ(1, receive(self->member[0], &got, 0));
		close(tx);
	}
}

TEST_F(reuseport, connected_member_gets_its_peers)
{
	union address to = loopback(&variant->flavour, PORT);
	int peer = dgram_bound(&variant->flavour,
			       loopback(&variant->flavour, 0));

	ASSERT_ERRNO(0, connect_to(self->member[2], name_of(peer)));
	for (int i = 0; i < 20; i++) {
		int stranger = dgram_open(&variant->flavour);

		ASSERT_EQ(1, send_text(peer, "p", to));
		EXPECT_EQ(2, who_got_it(self->member));
		ASSERT_EQ(1, send_text(stranger, "s", to));
		EXPECT_NE(2, who_got_it(self->member));
		close(stranger);
	}
}

/* The program answers with the first byte of the data, a digit. */
TEST_F(reuseport, program_chooses_the_member)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, '0'),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	union address to = loopback(&variant->flavour, PORT);
	int tx = dgram_open(&variant->flavour);

	ASSERT_EQ(0, program_attach(self->member[0], SO_ATTACH_REUSEPORT_CBPF,
				    code, ARRAY_SIZE(code)));
	for (int i = 0; i < 2 * GROUP; i++) {
		char digit[2] = { '0' + i % GROUP };

		ASSERT_EQ(1, send_text(tx, digit, to));
		EXPECT_EQ(i % GROUP, who_got_it(self->member));
	}
}

TEST_F(reuseport, program_that_names_nobody_is_passed_over)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, GROUP) };
	union address to = loopback(&variant->flavour, PORT);

	ASSERT_EQ(0, program_attach(self->member[0], SO_ATTACH_REUSEPORT_CBPF,
				    code, ARRAY_SIZE(code)));
	ASSERT_EQ(1, send_text(dgram_open(&variant->flavour), "x", to));
	EXPECT_LE(0, who_got_it(self->member));
}

TEST_F(reuseport, program_cannot_name_one_with_a_peer)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 2) };
	union address to = loopback(&variant->flavour, PORT);
	int peer = dgram_bound(&variant->flavour,
			       loopback(&variant->flavour, 0));
	int stranger = dgram_open(&variant->flavour);

	ASSERT_EQ(0, program_attach(self->member[0], SO_ATTACH_REUSEPORT_CBPF,
				    code, ARRAY_SIZE(code)));
	ASSERT_EQ(1, send_text(stranger, "s", to));
	EXPECT_EQ(2, who_got_it(self->member));
	ASSERT_ERRNO(0, connect_to(self->member[2], name_of(peer)));
	for (int i = 0; i < 20; i++) {
		int who;

		ASSERT_EQ(1, send_text(peer, "p", to));
		EXPECT_EQ(2, who_got_it(self->member));
		ASSERT_EQ(1, send_text(stranger, "s", to));
		who = who_got_it(self->member);
		EXPECT_LE(0, who);
		EXPECT_GT(GROUP, who);
		EXPECT_NE(2, who);
	}
}

TEST_F(reuseport, program_needs_a_group)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	int fd = dgram_open(&variant->flavour);

	EXPECT_ERRNO(EINVAL, program_attach(fd, SO_ATTACH_REUSEPORT_CBPF, code, 1));
	EXPECT_ERRNO(ENOENT, set_int(self->member[0], SOL_SOCKET,
				     SO_DETACH_REUSEPORT_BPF, 0));
}

TEST_F(reuseport, wildcard_and_address_are_two_groups)
{
	union address to = loopback(&variant->flavour, PORT);
	int wild = sharer(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(wild, any(&variant->flavour, PORT)));
	for (int i = 0; i < 20; i++) {
		int tx = dgram_open(&variant->flavour);

		ASSERT_EQ(1, send_text(tx, "x", to));
		EXPECT_LE(0, who_got_it(self->member));
		close(tx);
	}
	EXPECT_ERRNO(EAGAIN, receive_now(wild, &got, 0));
}

TEST_HARNESS_MAIN
