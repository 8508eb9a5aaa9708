// SPDX-License-Identifier: GPL-2.0
/* SO_REUSEPORT of listeners: who may share a port, and who of them is called. */
#include "xl4test.h"
#include "program.h"
#include "stream.h"

#define PORT	4000
#define GROUP	4
#define CALLS	200
#define NOBODY	65534

FIXTURE(reuseport)
{
	int member[GROUP];
};

FIXTURE_VARIANT(reuseport)
{
	struct flavour flavour;
};

TCP_FLAVOURS(reuseport);

static int sharer(const struct flavour *f)
{
	int fd = stream_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	return fd;
}

static int member(const struct flavour *f)
{
	int fd = sharer(f);

	MUST(bind_to(fd, loopback(f, PORT)));
	MUST(listen(fd, CALLS));
	nonblocking(fd);
	return fd;
}

FIXTURE_SETUP(reuseport)
{
	netns_enter();
	for (int i = 0; i < GROUP; i++)
		self->member[i] = member(&variant->flavour);
}

FIXTURE_TEARDOWN(reuseport)
{
}

/* A connection that leaves nothing behind. */
static void call(const struct flavour *f, union address from)
{
	int fd = stream_bound(f, from);

	MUST(connect_to(fd, loopback(f, PORT)));
	settle();
	reset(fd);
}

/* The member that was called, and takes it; -1 when none was, GROUP when several were. */
static int who_was_called(const int *members)
{
	int who = -1, fd;

	settle();
	for (int i = 0; i < GROUP; i++) {
		while (members[i] >= 0 && (fd = accept(members[i], NULL, NULL)) >= 0) {
			close(fd);
			who = who < 0 || who == i ? i : GROUP;
		}
	}
	return who;
}

/* So many calls, each from a port of its own; who got how many. */
static void call_often(const struct flavour *f, const int *members, int *share)
{
	for (int i = 0; i < CALLS; i++) {
		int who;

		call(f, loopback(f, 0));
		who = who_was_called(members);
		share[who < 0 ? GROUP : who]++;
	}
}

/* ------------------------------------------------------------ who may share */

TEST_F(reuseport, all_must_have_asked)
{
	int fd = stream_open(&variant->flavour);

	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(&variant->flavour, PORT)));
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, any(&variant->flavour, PORT)));
	EXPECT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, PORT + 1)));
}

TEST_F(reuseport, reuseaddr_is_another_question)
{
	int fd = stream_open(&variant->flavour);

	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(&variant->flavour, PORT)));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, PORT)));
	EXPECT_ERRNO(0, listen(fd, 1));
}

TEST_F(reuseport, all_must_be_of_one_user)
{
	int fd;

	ASSERT_EQ(0, seteuid(NOBODY));
	fd = sharer(&variant->flavour);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(&variant->flavour, PORT)));
}

/* Both have consented to be one of many, but not to be each other's. */
TEST_F(reuseport, who_did_not_ask_when_bound)
{
	union address to = loopback(&variant->flavour, PORT + 1);
	int first = stream_bound(&variant->flavour, to), second = sharer(&variant->flavour);

	ASSERT_ERRNO(EADDRINUSE, bind_to(second, to));
	ASSERT_EQ(0, set_int(first, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, bind_to(second, to));
	EXPECT_ERRNO(0, listen(first, 1));
	EXPECT_ERRNO(0, listen(second, 1));
}

TEST_F(reuseport, one_that_only_bound_shares_as_well)
{
	int fd = sharer(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, PORT)));
	/* But is not called before it listens. */
	for (int i = 0; i < 30; i++) {
		call(&variant->flavour, loopback(&variant->flavour, 0));
		EXPECT_LE(0, who_was_called(self->member));
	}
	EXPECT_ERRNO(0, listen(fd, 1));
}

TEST_F(reuseport, the_port_is_free_when_the_last_has_left)
{
	int fd = stream_open(&variant->flavour);

	for (int i = 0; i < GROUP; i++) {
		EXPECT_ERRNO(EADDRINUSE, bind_to(fd, loopback(&variant->flavour, PORT)));
		close(self->member[i]);
	}
	EXPECT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, PORT)));
}

TEST_F(reuseport, a_port_of_choice_is_nobody_elses)
{
	union address first, second;
	int a = sharer(&variant->flavour), b = sharer(&variant->flavour);

	ASSERT_ERRNO(0, bind_to(a, loopback(&variant->flavour, 0)));
	ASSERT_ERRNO(0, bind_to(b, loopback(&variant->flavour, 0)));
	first = name_of(a);
	second = name_of(b);
	EXPECT_NE(port_of(&first), port_of(&second));
}

/* --------------------------------------------------------------- who is called */

/* A fair coin leaves one of four below 15 of 200 once in 10^10 runs. */
TEST_F(reuseport, calls_are_spread)
{
	int share[GROUP + 1] = { 0 };

	call_often(&variant->flavour, self->member, share);
	EXPECT_EQ(0, share[GROUP]);
	for (int i = 0; i < GROUP; i++) {
		EXPECT_LE(15, share[i])
			TH_LOG("member %d: %d", i, share[i]);
	}
}

/* The whole handshake, and all that comes after, is with one. */
TEST_F(reuseport, one_caller_stays_with_one_member)
{
	union address from = loopback(&variant->flavour, 5000);
	int first;

	call(&variant->flavour, from);
	first = who_was_called(self->member);
	ASSERT_LE(0, first);
	ASSERT_GT(GROUP, first);
	for (int i = 0; i < 20; i++) {
		call(&variant->flavour, from);
		EXPECT_EQ(first, who_was_called(self->member));
	}
}

TEST_F(reuseport, who_has_closed_is_not_called)
{
	int share[GROUP + 1] = { 0 };

	close(self->member[1]);
	close(self->member[3]);
	self->member[1] = self->member[3] = -1;
	call_often(&variant->flavour, self->member, share);
	EXPECT_EQ(0, share[GROUP]);
	EXPECT_EQ(CALLS, share[0] + share[2]);
	EXPECT_LE(15, share[0]);
	EXPECT_LE(15, share[2]);
}

TEST_F(reuseport, who_comes_later_is_called_too)
{
	int share[GROUP + 1] = { 0 };

	close(self->member[2]);
	self->member[2] = member(&variant->flavour);
	call_often(&variant->flavour, self->member, share);
	EXPECT_EQ(0, share[GROUP]);
	EXPECT_LE(15, share[2]);
}

/* The connections that a listener has do not go with it. */
TEST_F(reuseport, a_connection_outlives_its_listener)
{
	int here = stream_open(&variant->flavour), there = -1;

	ASSERT_ERRNO(0, connect_to(here, loopback(&variant->flavour, PORT)));
	settle();
	for (int i = 0; i < GROUP; i++) {
		if (there < 0)
			there = accept(self->member[i], NULL, NULL);
		close(self->member[i]);
	}
	ASSERT_LE(0, there);
	ASSERT_EQ(1, send(here, "x", 1, 0));
	EXPECT_EQ(1, recv_now(there, &(char) { 0 }, 1, 0));
}

TEST_F(reuseport, the_exact_address_is_called_before_the_wildcard)
{
	int wild = sharer(&variant->flavour), share[GROUP + 1] = { 0 };

	ASSERT_ERRNO(0, bind_to(wild, any(&variant->flavour, PORT)));
	ASSERT_ERRNO(0, listen(wild, CALLS));
	nonblocking(wild);
	call_often(&variant->flavour, self->member, share);
	EXPECT_EQ(0, share[GROUP]);
	EXPECT_ERRNO(EAGAIN, accept(wild, NULL, NULL));
}

/* ------------------------------------------------------------- a program chooses */

/*
 * The number of the member is the last digit of the caller's port. What a program
 * sees begins behind TCP's header.
 */
TEST_F(reuseport, program_chooses_the_member)
{
	int port = SKF_NET_OFF + (wire_family(&variant->flavour) == AF_INET6 ? 40 : 20);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, port),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 10),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};

	ASSERT_EQ(0, program_attach(self->member[0], SO_ATTACH_REUSEPORT_CBPF, code,
				    ARRAY_SIZE(code)));
	for (int i = 0; i < 3 * GROUP; i++) {
		call(&variant->flavour, loopback(&variant->flavour, 5000 + 10 * i + i % GROUP));
		EXPECT_EQ(i % GROUP, who_was_called(self->member));
	}
}

TEST_F(reuseport, program_that_names_nobody_is_passed_over)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, GROUP) };
	int share[GROUP + 1] = { 0 };

	ASSERT_EQ(0, program_attach(self->member[0], SO_ATTACH_REUSEPORT_CBPF, code, 1));
	call_often(&variant->flavour, self->member, share);
	EXPECT_EQ(0, share[GROUP]);
	EXPECT_GT(CALLS, share[0]);
}

TEST_F(reuseport, program_goes_when_it_is_told_to)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
	int share[GROUP + 1] = { 0 };

	ASSERT_EQ(0, program_attach(self->member[0], SO_ATTACH_REUSEPORT_CBPF, code, 1));
	call_often(&variant->flavour, self->member, share);
	EXPECT_EQ(CALLS, share[1]);
	ASSERT_EQ(0, set_int(self->member[2], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0));
	call_often(&variant->flavour, self->member, share);
	EXPECT_GT(2 * CALLS, share[1]);
	EXPECT_EQ(0, share[GROUP]);
}

/* A program makes a group of one, which must not be joined to itself. */
TEST_F(reuseport, program_may_come_before_listen)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	union address to = loopback(&variant->flavour, PORT + 1);

	for (int i = 0; i < 3; i++) {
		int fd = stream_open(&variant->flavour);

		ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
		ASSERT_EQ(0, program_attach(fd, SO_ATTACH_REUSEPORT_CBPF, code, 1));
		ASSERT_ERRNO(0, bind_to(fd, to));
		ASSERT_ERRNO(0, listen(fd, 1));
		settle();
		close(fd);
	}
}

TEST_F(reuseport, program_needs_a_group)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	int fd = stream_open(&variant->flavour);

	EXPECT_ERRNO(EINVAL, program_attach(fd, SO_ATTACH_REUSEPORT_CBPF, code, 1));
	EXPECT_ERRNO(ENOENT, set_int(self->member[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0));
}

/* --------------------------------------------------------------------- TIME-WAIT */

/*
 * Both connections of that port are over; the side that closed first waits. It is
 * ours if the caller was told of the end.
 */
static void leave_a_time_wait(const struct flavour *f, union address from, union address to,
			      int listener)
{
	int here = stream_open(f), there;

	MUST(set_int(here, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(bind_to(here, from));
	MUST(connect_to(here, to));
	settle();
	there = MUST(accept(listener, NULL, NULL));
	close(here);
	settle();
	close(there);
	settle();
}

FIXTURE(waiting)
{
	int listener;
	union address from, to;
};

FIXTURE_VARIANT(waiting)
{
	struct flavour flavour;
};

TCP_FLAVOURS(waiting);

FIXTURE_SETUP(waiting)
{
	netns_enter();
	self->listener = stream_listening(&variant->flavour, 8);
	self->to = name_of(self->listener);
	self->from = loopback(&variant->flavour, 5000);
	leave_a_time_wait(&variant->flavour, self->from, self->to, self->listener);
}

FIXTURE_TEARDOWN(waiting)
{
}

TEST_F(waiting, keeps_the_port_from_who_did_not_ask)
{
	int fd = stream_open(&variant->flavour);

	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, self->from));
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, any(&variant->flavour, 5000)));
	EXPECT_ERRNO(0, bind_to(fd, loopback(&variant->flavour, 5001)));
}

TEST_F(waiting, gives_the_port_to_who_asked)
{
	int fd = stream_open(&variant->flavour);

	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(fd, self->from));
	EXPECT_ERRNO(0, listen(fd, 1));
	EXPECT_EQ(0, close(fd));
}

TEST_F(waiting, wants_the_same_consent_as_the_one_who_waits)
{
	int fd = sharer(&variant->flavour);

	/* That one had asked for SO_REUSEADDR, not for this. */
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, self->from));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_ERRNO(0, bind_to(fd, self->from));
}

/* From the same port to another: nothing of the old connection can meet it. */
TEST_F(waiting, the_port_may_call_others)
{
	int other = stream_listening(&variant->flavour, 8), fd = stream_open(&variant->flavour);

	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(fd, self->from));
	ASSERT_ERRNO(0, connect_to(fd, name_of(other)));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(1, recv_now(MUST(accept(other, NULL, NULL)), &(char) { 0 }, 1, 0));
}

/* Many come and go by one port; each leaves the same address waiting. */
TEST_F(waiting, to_many_from_one_port)
{
	for (int i = 0; i < 50; i++) {
		int other = stream_bound(&variant->flavour, loopback(&variant->flavour, 6000 + i));

		ASSERT_ERRNO(0, listen(other, 8));
		leave_a_time_wait(&variant->flavour, self->from, name_of(other), other);
		close(other);
	}
	EXPECT_ERRNO(EADDRINUSE, bind_to(stream_open(&variant->flavour), self->from));
}

TEST_HARNESS_MAIN
