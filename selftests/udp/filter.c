// SPDX-License-Identifier: GPL-2.0
/* SO_ATTACH_FILTER: what the program returns is how much gets through. */
#include "xl4test.h"
#include "program.h"

static struct message got;

FIXTURE(filter)
{
	struct pair p;
};

FIXTURE_VARIANT(filter)
{
	struct flavour flavour;
};

ALL_FLAVOURS(filter);

FIXTURE_SETUP(filter)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(filter)
{
}

static int filter_all(int fd, unsigned int keep)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, keep) };

	return program_attach(fd, SO_ATTACH_FILTER, code, 1);
}

/* Keeps what begins with that letter; the program sees the UDP header too. */
static int filter_by_letter(int fd, char letter)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, UDP_HEADER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, letter, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return program_attach(fd, SO_ATTACH_FILTER, code, ARRAY_SIZE(code));
}

TEST_F(filter, chooses_by_content)
{
	ASSERT_EQ(0, filter_by_letter(self->p.rx, 'y'));
	ASSERT_EQ(2, send_text(self->p.tx, "no", self->p.to));
	ASSERT_EQ(3, send_text(self->p.tx, "yes", self->p.to));
	EXPECT_EQ(3, receive(self->p.rx, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_F(filter, cuts_off_the_rest)
{
	ASSERT_EQ(0, filter_all(self->p.rx, UDP_HEADER + 3));
	ASSERT_EQ(6, send_text(self->p.tx, "abcdef", self->p.to));
	ASSERT_EQ(3, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, memcmp("abc", got.data, 3));
}

TEST_F(filter, never_cuts_the_header)
{
	ASSERT_EQ(0, filter_all(self->p.rx, 1));
	ASSERT_EQ(6, send_text(self->p.tx, "abcdef", self->p.to));
	ASSERT_EQ(0, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(same_address(&self->p.from, &got.name));
}

TEST_F(filter, dropped_ones_are_counted)
{
	long before = counter(&variant->flavour, "InErrors");

	ASSERT_EQ(0, filter_all(self->p.rx, 0));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "InErrors"));
}

TEST_F(filter, can_be_removed)
{
	EXPECT_ERRNO(ENOENT, set_int(self->p.rx, SOL_SOCKET, SO_DETACH_FILTER,
				     0));
	ASSERT_EQ(0, filter_all(self->p.rx, 0));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_DETACH_FILTER, 0));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(filter, can_be_locked)
{
	ASSERT_EQ(0, filter_all(self->p.rx, 0xffff));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_LOCK_FILTER, 1));
	EXPECT_ERRNO(EPERM, filter_all(self->p.rx, 0));
	EXPECT_ERRNO(EPERM, set_int(self->p.rx, SOL_SOCKET, SO_DETACH_FILTER,
				    0));
}

TEST_F(filter, bad_programs_are_refused)
{
	struct sock_filter endless[] = { BPF_STMT(BPF_LD | BPF_IMM, 0) };

	EXPECT_ERRNO(EINVAL, program_attach(self->p.rx, SO_ATTACH_FILTER, endless, 1));
	EXPECT_ERRNO(EINVAL, program_attach(self->p.rx, SO_ATTACH_FILTER, endless, 0));
}

TEST_HARNESS_MAIN
