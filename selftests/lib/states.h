/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection in each state: its module stays as long as it lasts, and nothing stays of it. A test
 * says by `protocol' what it is about, and has the states as variants.
 */
#ifndef XL4TEST_STATES_H
#define XL4TEST_STATES_H

#include "module.h"
#include "ends.h"

#include "memory.h"

struct protocol {
	struct module *module;
	struct ends (*begin)(const struct flavour *f, uint8_t ccid);
	bool (*here_is)(const struct ends *e, int state);
	bool (*there_is)(const struct ends *e, int state);
	void (*hang_up)(struct ends *e);	/* nothing goes on after that */
	int moves;				/* rounds of packets until a close is done */
	void (*lasts)(struct ends *e);		/* the state in which it takes minutes */
};

static const struct protocol protocol;

FIXTURE(states)
{
	struct ends e;
};

FIXTURE_VARIANT(states)
{
	struct flavour flavour;
	uint8_t ccid;
	void (*make)(struct ends *e);
	int here, there;	/* 0: there is no socket */
};

#define ADD_STATE_OVER(suffix, fam, number, name, one, other)		\
FIXTURE_VARIANT_ADD(states, name##_##suffix) {				\
	.flavour = { .family = fam }, .ccid = number,			\
	.make = ends_##name, .here = one, .there = other }

#define ADD_STATE(name, one, other)					\
ADD_STATE_OVER(ipv4, AF_INET, 0, name, one, other);			\
ADD_STATE_OVER(ipv6, AF_INET6, 0, name, one, other)

FIXTURE_SETUP(states)
{
	MODULES_ONLY();
	modules_in();
	netns_enter();
	self->e = protocol.begin(&variant->flavour, variant->ccid);
	variant->make(&self->e);
	if (variant->here)
		ASSERT_TRUE(protocol.here_is(&self->e, variant->here));
	if (variant->there)
		ASSERT_TRUE(protocol.there_is(&self->e, variant->there));
}

FIXTURE_TEARDOWN(states)
{
	ends_end(&self->e);
	modules_in();
}

static bool sockets_gone(const struct ends *e)
{
	const int namespaces[] = { e->wire.here, e->wire.there };
	bool gone = true;

	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		netns_switch(namespaces[i]);
		gone &= all_given_back();
	}
	netns_switch(e->wire.here);
	return gone;
}

static long sockets_of_both(const struct ends *e)
{
	long held;

	netns_switch(e->wire.there);
	held = holdings_now().sockets;
	netns_switch(e->wire.here);
	return held + holdings_now().sockets;
}

/* What is on its way arrives first, and what was lost goes again. */
static void let_close(struct ends *e)
{
	ends_close(e);
	ends_move(e);
	for (int i = 1; i < protocol.moves && sockets_of_both(e); i++) {
		usleep(10000);
		ends_move(e);
	}
}

TEST_F(states, reset_lets_go_of_all)
{
	protocol.hang_up(&self->e);
	ends_close(&self->e);
	EXPECT_TRUE(sockets_gone(&self->e));
}

TEST_F(states, close_lets_go_of_all)
{
	if (protocol.lasts && variant->make == protocol.lasts)
		SKIP(return, "nobody answers: it takes minutes");
	let_close(&self->e);
	EXPECT_TRUE(sockets_gone(&self->e));
}

/* Nobody else holds the module: not a timer, not a packet on the wire. */
TEST_F(states, unload_after_a_reset)
{
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(protocol.module));
	protocol.hang_up(&self->e);
	ends_close(&self->e);
	EXPECT_ERRNO(0, module_unload(protocol.module));
	EXPECT_FALSE(module_loaded(protocol.module));
}

#endif
