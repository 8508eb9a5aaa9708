// SPDX-License-Identifier: GPL-2.0
/* A connection of DCCP in each state: xdccp stays as long as it lasts, and nothing stays of it. */
#include "module.h"
#include "dccp_ends.h"

#include "memory.h"

/* It is the first beyond TCP's states, of which Linux 6.12 has one more than 6.1. */
enum { STATE_PARTOPEN = 13, STATE_PARTOPEN_LATER = 14 };

FIXTURE(states)
{
	struct ends e;
};

FIXTURE_VARIANT(states)
{
	struct flavour flavour;
	uint8_t ccid;
	void (*make)(struct ends *e);
	int here, there;	/* 0: there is none */
};

#define ADD_VARIANT(name, suffix, fam, number, one, other)		\
FIXTURE_VARIANT_ADD(states, name##_##suffix) {				\
	.flavour = { .family = fam }, .ccid = number,			\
	.make = ends_##name, .here = one, .there = other }

#define ADD_STATE(name, one, other)					\
ADD_VARIANT(name, ipv4, AF_INET, 2, one, other);			\
ADD_VARIANT(name, ipv6, AF_INET6, 3, one, other)

ADD_STATE(requesting, STATE_REQUESTING, 0);
ADD_STATE(requested, STATE_REQUESTING, 0);
ADD_STATE(partopen, STATE_PARTOPEN, 0);
ADD_STATE(unaccepted, STATE_PARTOPEN, STATE_OPEN);
ADD_STATE(open, STATE_OPEN, STATE_OPEN);
ADD_STATE(unread, STATE_OPEN, STATE_OPEN);
ADD_STATE(unsent, STATE_OPEN, STATE_OPEN);
ADD_STATE(hole, STATE_OPEN, STATE_OPEN);
ADD_STATE(closing, STATE_CLOSING, STATE_OPEN);
ADD_STATE(closereq, STATE_OPEN, STATE_ACTIVE_CLOSEREQ);
ADD_STATE(passive_close, STATE_CLOSING, STATE_PASSIVE_CLOSE);
ADD_STATE(time_wait, 0, 0);

static int count_here(int state)
{
	return count_in_state(state, CLIENT_PORT) +
	       (state == STATE_PARTOPEN ? count_in_state(STATE_PARTOPEN_LATER, CLIENT_PORT) : 0);
}

static int count_there(const struct ends *e, int state)
{
	int n;

	netns_switch(e->wire.there);
	n = count_in_state(state, SERVER_PORT);
	netns_switch(e->wire.here);
	return n;
}

FIXTURE_SETUP(states)
{
	MODULES_ONLY();
	modules_in();
	netns_enter();
	self->e = ends_begin(&variant->flavour, variant->ccid);
	variant->make(&self->e);
	if (variant->here)
		ASSERT_EQ(1, count_here(variant->here));
	if (variant->there)
		ASSERT_EQ(1, count_there(&self->e, variant->there));
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
	return gone;
}

TEST_F(states, reset_lets_go_of_all)
{
	ends_hang_up(&self->e);
	ends_close(&self->e);
	EXPECT_TRUE(sockets_gone(&self->e));
}

/* A client's Close is answered only when a server has read what there is, or is gone. */
TEST_F(states, close_lets_go_of_all)
{
	ends_close(&self->e);
	for (int i = 0; i < 1000; i++) {
		ends_move(&self->e);
		usleep(10000);
		if (!holdings_now().sockets)
			break;
	}
	EXPECT_TRUE(sockets_gone(&self->e));
}

/* Nobody else holds the module: not a timer, not a packet on the wire. */
TEST_F(states, unload_after_a_reset)
{
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xdccp));
	ends_hang_up(&self->e);
	ends_close(&self->e);
	EXPECT_ERRNO(0, module_unload(&xdccp));
	EXPECT_FALSE(module_loaded(&xdccp));
}

FIXTURE(reload)
{
};

FIXTURE_SETUP(reload)
{
	MODULES_ONLY();
	modules_in();
	netns_enter();
}

FIXTURE_TEARDOWN(reload)
{
	modules_in();
}

/* A load that nobody uses proves little. */
static bool works(const struct flavour *f, uint8_t ccid)
{
	struct dccp d = dccp_pair_with(f, ccid);
	bool ok = passes(d.here, d.there, "there") && passes(d.there, d.here, "and back");

	reset(d.here);
	settle();
	close(d.there);
	close(d.listener);
	return ok;
}

static void expect_nothing_left(struct __test_metadata *_metadata)
{
	static const int families[] = { AF_INET, AF_INET6 };

	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xdccp]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xDCCP"));
	EXPECT_FALSE(file_contains("/proc/net/protocols", "xDCCP"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/dccp", F_OK));
	EXPECT_ERRNO(ENOENT, access("/proc/sys/net/xl4/dccp", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/module/xdccp", F_OK));
	/* A kernel that has no DCCP of its own has not even the type. */
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int error = errno_of(socket(families[i], SOCK_DCCP, dccp_number()));

		EXPECT_TRUE(error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT);
	}
}

TEST_F_TIMEOUT(reload, many_times, 300)
{
	static const struct flavour flavours[] = {
		{ .family = AF_INET }, { .family = AF_INET6 },
		{ .family = AF_INET6, .mapped = true },
	};

	for (int i = 0; i < number_from("XL4_RELOADS", 1000) / 10; i++) {
		ASSERT_TRUE(works(&flavours[i % ARRAY_SIZE(flavours)], 2 + i % 2));
		ASSERT_ERRNO(0, module_unload(&xdccp));
		if (!i)
			expect_nothing_left(_metadata);
		ASSERT_ERRNO(0, module_load(&xdccp, ""));
	}
	ASSERT_ERRNO(0, module_unload(&xdccp));
	expect_nothing_left(_metadata);
}

TEST_HARNESS_MAIN
