// SPDX-License-Identifier: GPL-2.0
/* SO_REUSEPORT: a listener that is shut down leaves its group, and may come back. */
#include "xl4test.h"
#include "stream.h"

#define PORT	4000
#define CALLERS	20

FIXTURE(regroup)
{
	int one, other;
};

FIXTURE_VARIANT(regroup)
{
	struct flavour flavour;
};

TCP_FLAVOURS(regroup);

static int member(const struct flavour *f)
{
	int fd = stream_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	MUST(bind_to(fd, any(f, PORT)));
	MUST(listen(fd, CALLERS));
	nonblocking(fd);
	return fd;
}

FIXTURE_SETUP(regroup)
{
	netns_enter();
	self->one = member(&variant->flavour);
	self->other = member(&variant->flavour);
}

FIXTURE_TEARDOWN(regroup)
{
	close(self->one);
	close(self->other);
}

/* How many of the callers a listener has. */
static int accepted(int listener)
{
	int n = 0, fd;

	settle();
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		reset(fd);
		n++;
	}
	return n;
}

static void call(struct __test_metadata *_metadata, const struct flavour *f)
{
	for (int i = 0; i < CALLERS; i++) {
		int fd = stream_open(f);

		EXPECT_ERRNO(0, connect_to(fd, loopback(f, PORT)));
		reset(fd);
	}
}

TEST_F(regroup, after_shutdown_all_calls_go_to_the_other)
{
	ASSERT_ERRNO(0, shutdown(self->one, SHUT_RD));
	call(_metadata, &variant->flavour);
	EXPECT_EQ(CALLERS, accepted(self->other));
}

TEST_F(regroup, who_listens_again_is_called_again)
{
	for (int i = 0; i < 3; i++) {
		ASSERT_ERRNO(0, shutdown(self->one, SHUT_RD));
		ASSERT_ERRNO(0, listen(self->one, CALLERS));
	}
	close(self->other);
	self->other = -1;
	call(_metadata, &variant->flavour);
	EXPECT_EQ(CALLERS, accepted(self->one));
}

TEST_F(regroup, alone_again_and_again)
{
	close(self->other);
	self->other = -1;
	for (int i = 0; i < 3; i++) {
		ASSERT_ERRNO(0, shutdown(self->one, SHUT_RD));
		ASSERT_ERRNO(0, listen(self->one, CALLERS));
	}
	call(_metadata, &variant->flavour);
	EXPECT_EQ(CALLERS, accepted(self->one));
}

TEST_HARNESS_MAIN
