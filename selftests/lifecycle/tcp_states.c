// SPDX-License-Identifier: GPL-2.0
/* A connection in each state: xtcp stays as long as it lasts, and nothing stays of it. */
#include "states.h"
#include "tcp_ends.h"

EACH_STATE(ADD_STATE);

static struct ends begin(const struct flavour *f, uint8_t ccid)
{
	(void)ccid;
	return ends_begin(f);
}

static bool here_is(const struct ends *e, int state)
{
	return state_of(e->here) == state;
}

static bool there_is(const struct ends *e, int state)
{
	return state_of(e->there) == state;
}

/* The wire is dead, so that only the reset ends it. */
static const struct protocol protocol = {
	.module = &xtcp, .begin = begin, .here_is = here_is, .there_is = there_is,
	.hang_up = ends_reset, .moves = 1,
};

/* Of TIME-WAIT the next xtcp knows nothing: its port is free. */
TEST_F(states, unload_after_a_close)
{
	const struct flavour *f = &variant->flavour;

	let_close(&self->e);
	ASSERT_ERRNO(0, module_unload(&xtcp));
	modules_in();
	self->e.here = stream_open(f);
	EXPECT_ERRNO(0, bind_to(self->e.here, any(f, CLIENT_PORT)));
}

TEST_HARNESS_MAIN
