// SPDX-License-Identifier: GPL-2.0
/* A path that changes under an association. */
#include "xl4test.h"
#include "sctp.h"

#define SIZE	30000

FIXTURE(path)
{
	struct one o;
};

FIXTURE_VARIANT(path)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(path);

FIXTURE_SETUP(path)
{
	netns_enter();
	self->o = one_pair(&variant->flavour);
}

FIXTURE_TEARDOWN(path)
{
	one_close(&self->o);
}

/* As much as there is room for: messages, each in one chunk. */
static int fill(int fd)
{
	static const char data[SIZE];
	int n = 0;

	while (send(fd, data, SIZE, MSG_DONTWAIT) == SIZE)
		n++;
	return n;
}

static int whole_messages(int fd, int n)
{
	static char data[SIZE + 1];
	int i = 0;

	while (i < n && recv(fd, data, sizeof(data), 0) == SIZE)
		i++;
	return i;
}

/* RFC 9260 section 6.9: IP cuts what is too large now, and there is a CRC32c to be seen. */
TEST_F(path, becomes_narrow_for_chunks_that_were_cut)
{
	int n = fill(self->o.here);

	ASSERT_GT(n, 2);
	device_set_mtu("lo", 1500);
	EXPECT_EQ(n, whole_messages(self->o.there, n));
}

TEST_HARNESS_MAIN
