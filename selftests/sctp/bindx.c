// SPDX-License-Identifier: GPL-2.0
/* Several addresses at one port: sctp_bindx(), RFC 6458 section 9.1. */
#include "xl4test.h"
#include "netns.h"
#include "sctp.h"

FIXTURE(bindx)
{
	const struct flavour *f;
	union address first;
	union address second;
	int fd;
};

FIXTURE_VARIANT(bindx)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(bindx);

FIXTURE_SETUP(bindx)
{
	netns_enter();
	link_add_address("lo", ipv4("192.0.2.2", 0), 32);
	self->f = &variant->flavour;
	self->first = loopback(self->f, 4000);
	/* One of each family, if it can be. */
	self->second = address_for(self->f, "192.0.2.2", "::ffff:192.0.2.2", 4000);
	self->fd = one_open(self->f);
}

FIXTURE_TEARDOWN(bindx)
{
}

static int add(int fd, union address a)
{
	return set_option(fd, SCTP_SOCKOPT_BINDX_ADD, &a, address_len(&a));
}

static int rem(int fd, union address a)
{
	return set_option(fd, SCTP_SOCKOPT_BINDX_REM, &a, address_len(&a));
}

static int has_both(FIXTURE_DATA(bindx) *self)
{
	MUST(bind_to(self->fd, self->first));
	return add(self->fd, self->second);
}

static bool hears_at(FIXTURE_DATA(bindx) *self, union address a)
{
	int fd = one_open(self->f), err = connect_to(fd, a);

	if (err && errno != ECONNREFUSED)
		printf("# connect(): %s\n", strerror(errno));
	close(fd);
	return !err;
}

/* Nobody has either of the two any more. */
static bool both_are_free(FIXTURE_DATA(bindx) *self)
{
	int fd = one_open(self->f), err;

	err = bind_to(fd, self->first) || add(fd, self->second);
	close(fd);
	return !err;
}

TEST_F(bindx, hears_at_both)
{
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	EXPECT_TRUE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
	ASSERT_ERRNO(0, rem(self->fd, self->first));
	EXPECT_FALSE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
}

TEST_F(bindx, the_first_goes_and_comes_again)
{
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, rem(self->fd, self->first));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	ASSERT_ERRNO(0, listen(self->fd, 0));
	ASSERT_ERRNO(0, add(self->fd, self->first));
	EXPECT_ERRNO(EINVAL, add(self->fd, self->first));
	close(self->fd);
	EXPECT_TRUE(both_are_free(self));
}

TEST_F(bindx, what_went_does_not_come_with_the_next_listen)
{
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	ASSERT_ERRNO(0, rem(self->fd, self->first));
	ASSERT_ERRNO(0, listen(self->fd, 0));
	EXPECT_FALSE(hears_at(self, self->second));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	EXPECT_FALSE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
}

TEST_F(bindx, the_second_alone_listens_again)
{
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	ASSERT_ERRNO(0, listen(self->fd, 0));
	ASSERT_ERRNO(0, rem(self->fd, self->first));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	EXPECT_FALSE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
	ASSERT_ERRNO(0, listen(self->fd, 0));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	EXPECT_TRUE(hears_at(self, self->second));
}

TEST_F(bindx, who_listens_no_more_is_in_nobodys_way)
{
	int other = one_open(self->f);

	ASSERT_ERRNO(0, set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, set_int(other, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(other, any(self->f, 4000)));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	EXPECT_ERRNO(EADDRINUSE, listen(other, 4));
	ASSERT_ERRNO(0, listen(self->fd, 0));
	ASSERT_ERRNO(0, listen(other, 4));
	EXPECT_TRUE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
	/* By its second address, after the first was entered. */
	EXPECT_ERRNO(EADDRINUSE, listen(self->fd, 4));
	EXPECT_TRUE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
}

TEST_F(bindx, the_accepted_have_both)
{
	struct one o = { .listener = self->fd, .here = one_open(self->f) };

	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	ASSERT_ERRNO(0, connect_to(o.here, self->second));
	o.there = MUST(accept(self->fd, NULL, NULL));
	close(self->fd);
	EXPECT_FALSE(both_are_free(self));
	ASSERT_ERRNO(0, rem(o.there, self->first));
	EXPECT_FALSE(hears_at(self, self->second));
	ASSERT_ERRNO(0, add(o.there, self->first));
	ASSERT_ERRNO(0, disconnect(o.there));
	ASSERT_ERRNO(0, listen(o.there, 4));
	EXPECT_TRUE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
	close(o.there);
	close(o.here);
	EXPECT_TRUE(both_are_free(self));
}

/* A group is one of the first address: its others lack the further ones. */
TEST_F(bindx, a_group_does_not_give_away_what_one_of_it_has_alone)
{
	int other = one_open(self->f);

	ASSERT_ERRNO(0, set_int(self->fd, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, set_int(other, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, bind_to(other, self->first));
	ASSERT_ERRNO(0, listen(self->fd, 64));
	ASSERT_ERRNO(0, listen(other, 64));
	for (int i = 0; i < 16; i++)
		ASSERT_TRUE(hears_at(self, self->second));
	nonblocking(other);
	EXPECT_ERRNO(EAGAIN, accept(other, NULL, NULL));
	ASSERT_ERRNO(0, rem(self->fd, self->first));
	close(other);
	EXPECT_FALSE(hears_at(self, self->first));
	EXPECT_TRUE(hears_at(self, self->second));
}

TEST_F(bindx, a_group_is_joined_by_the_first_address_alone)
{
	int other = one_open(self->f);

	ASSERT_ERRNO(0, set_int(self->fd, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, set_int(other, SOL_SOCKET, SO_REUSEPORT, 1));
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, bind_to(other, self->second));
	ASSERT_ERRNO(0, listen(self->fd, 64));
	ASSERT_ERRNO(0, listen(other, 64));
	for (int i = 0; i < 16; i++) {
		ASSERT_TRUE(hears_at(self, self->first));
		ASSERT_TRUE(hears_at(self, self->second));
	}
	/* What was the second is the first now, and they may be one. */
	ASSERT_ERRNO(0, rem(self->fd, self->first));
	ASSERT_ERRNO(0, listen(other, 0));
	ASSERT_ERRNO(0, listen(other, 64));
	for (int i = 0; i < 16; i++)
		ASSERT_TRUE(hears_at(self, self->second));
	EXPECT_GE(accept(other, NULL, NULL), 0);
	EXPECT_GE(accept(self->fd, NULL, NULL), 0);
}

TEST_F(bindx, an_address_comes_again_where_an_accepted_socket_has_it)
{
	struct one o = { .listener = self->fd, .here = one_open(self->f) };

	ASSERT_ERRNO(0, set_int(self->fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, has_both(self));
	ASSERT_ERRNO(0, listen(self->fd, 4));
	ASSERT_ERRNO(0, connect_to(o.here, self->first));
	o.there = MUST(accept(self->fd, NULL, NULL));
	ASSERT_ERRNO(0, rem(self->fd, self->second));
	ASSERT_ERRNO(0, add(self->fd, self->second));
	EXPECT_TRUE(hears_at(self, self->second));
}

/*
 * Closed with an association that cannot end, as its peer reads nothing. @option: what it shares
 * its port by.
 */
static void leave_one_closing(FIXTURE_DATA(bindx) *self, int option)
{
	int fd = many_open(self->f), peer = listening(self->f, many_open(self->f), 4);
	union address to = name_of(peer);
	char text[1000] = "";

	MUST(set_int(peer, SOL_SOCKET, SO_RCVBUF, 4096));
	MUST(set_int(fd, SOL_SOCKET, option, 1));
	MUST(bind_to(fd, self->first));
	MUST(listen(fd, 4));
	MUST(connect_to(fd, to));
	while (send_message(fd, &(struct sending) { .to = &to, .flags = MSG_DONTWAIT }, text,
			    sizeof(text)) > 0)
		;
	close(fd);
}

TEST_F(bindx, what_ends_yet_is_in_nobodys_way)
{
	int other = many_open(self->f);

	leave_one_closing(self, SO_REUSEADDR);
	ASSERT_ERRNO(0, set_int(other, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_ERRNO(0, bind_to(other, any(self->f, 4000)));
	ASSERT_ERRNO(0, listen(other, 4));
	EXPECT_TRUE(hears_at(self, self->first));
}

TEST_F(bindx, what_ends_yet_is_in_no_group)
{
	int other = many_open(self->f);

	ASSERT_ERRNO(0, set_int(other, SOL_SOCKET, SO_REUSEPORT, 1));
	leave_one_closing(self, SO_REUSEPORT);
	ASSERT_ERRNO(0, bind_to(other, self->first));
	ASSERT_ERRNO(0, listen(other, 64));
	for (int i = 0; i < 16; i++)
		ASSERT_TRUE(hears_at(self, self->first));
}

TEST_HARNESS_MAIN
