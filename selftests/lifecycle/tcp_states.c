// SPDX-License-Identifier: GPL-2.0
/* A connection in each state: xtcp stays as long as it lasts, and nothing stays of it. */
#include "module.h"
#include "situation.h"

#include "memory.h"

FIXTURE(states)
{
	struct situation s;
};

FIXTURE_VARIANT(states)
{
	struct flavour flavour;
	void (*make)(struct situation *s);
	int here, there;
};

#define ADD_STATE(name, one, other)					\
FIXTURE_VARIANT_ADD(states, name##_ipv4) {				\
	.flavour = { .family = AF_INET }, .make = situation_##name,	\
	.here = one, .there = other };					\
FIXTURE_VARIANT_ADD(states, name##_ipv6) {				\
	.flavour = { .family = AF_INET6 }, .make = situation_##name,	\
	.here = one, .there = other }

SITUATIONS(ADD_STATE);

FIXTURE_SETUP(states)
{
	MODULES_ONLY();
	modules_in();
	netns_enter();
	self->s = situation_begin(&variant->flavour);
	variant->make(&self->s);
	if (variant->here)
		ASSERT_EQ(variant->here, state_of(self->s.here));
	if (variant->there)
		ASSERT_EQ(variant->there, state_of(self->s.there));
}

FIXTURE_TEARDOWN(states)
{
	situation_end(&self->s);
	modules_in();
}

static bool sockets_gone(const struct situation *s)
{
	const int namespaces[] = { s->wire.here, s->wire.there };
	bool gone = true;

	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		netns_switch(namespaces[i]);
		gone &= all_given_back();
	}
	return gone;
}

TEST_F(states, reset_lets_go_of_all)
{
	situation_reset(&self->s);
	EXPECT_TRUE(sockets_gone(&self->s));
}

TEST_F(states, close_lets_go_of_all)
{
	situation_close(&self->s);
	situation_move(&self->s);
	EXPECT_TRUE(sockets_gone(&self->s));
}

/* The wire is dead, so that only the reset ends it. */
TEST_F(states, unload_after_a_reset)
{
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xtcp));
	situation_reset(&self->s);
	EXPECT_ERRNO(0, module_unload(&xtcp));
	EXPECT_FALSE(module_loaded(&xtcp));
}

/* Of TIME-WAIT the next xtcp knows nothing: its port is free. */
TEST_F(states, unload_after_a_close)
{
	const struct flavour *f = &variant->flavour;

	situation_close(&self->s);
	situation_move(&self->s);
	ASSERT_ERRNO(0, module_unload(&xtcp));
	modules_in();
	self->s.here = stream_open(f);
	EXPECT_ERRNO(0, bind_to(self->s.here, any(f, CLIENT_PORT)));
}

TEST_HARNESS_MAIN
