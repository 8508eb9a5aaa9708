// SPDX-License-Identifier: GPL-2.0
/* An association in each state: xsctp stays as long as it lasts, and nothing stays of it. */
#include "module.h"
#include "ends.h"

#include "memory.h"

FIXTURE(states)
{
	struct ends e;
};

FIXTURE_VARIANT(states)
{
	struct flavour flavour;
	void (*make)(struct ends *e);
	int here, there;	/* 0: there is no socket */
};

#define NONE	-1		/* a socket without association */

#define ADD_STATE(name, one, other)					\
FIXTURE_VARIANT_ADD(states, name##_ipv4) {				\
	.flavour = { .family = AF_INET }, .make = ends_##name,		\
	.here = one, .there = other };					\
FIXTURE_VARIANT_ADD(states, name##_ipv6) {				\
	.flavour = { .family = AF_INET6 }, .make = ends_##name,		\
	.here = one, .there = other }

ADD_STATE(asked, SCTP_COOKIE_WAIT, 0);
ADD_STATE(echoed, SCTP_COOKIE_ECHOED, 0);
ADD_STATE(unaccepted, SCTP_ESTABLISHED, 0);
ADD_STATE(established, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(unread, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(unsent, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(hole, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(fragment, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(shutdown_pending, SCTP_SHUTDOWN_PENDING, SCTP_ESTABLISHED);
ADD_STATE(shutdown_sent, SCTP_SHUTDOWN_SENT, SCTP_ESTABLISHED);
ADD_STATE(shutdown_ack_sent, SCTP_SHUTDOWN_SENT, SCTP_SHUTDOWN_ACK_SENT);
ADD_STATE(shut_down, NONE, NONE);

FIXTURE_SETUP(states)
{
	MODULES_ONLY();
	modules_in();
	netns_enter();
	self->e = ends_begin(&variant->flavour);
	variant->make(&self->e);
	if (variant->here)
		ASSERT_EQ(variant->here, state_of(self->e.here, 0));
	if (variant->there)
		ASSERT_EQ(variant->there, state_of(self->e.there, 0));
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

TEST_F(states, abort_lets_go_of_all)
{
	ends_hang_up(&self->e);
	ends_close(&self->e);
	EXPECT_TRUE(sockets_gone(&self->e));
}

/* What is on its way arrives first, and what was lost goes again. */
static void settle_end(struct ends *e)
{
	long held = 1;

	for (int i = 0; i < 1000 && held; i++) {
		ends_move(e);
		usleep(10000);
		netns_switch(e->wire.there);
		held = holdings_now().sockets;
		netns_switch(e->wire.here);
		held += holdings_now().sockets;
	}
}

TEST_F(states, close_lets_go_of_all)
{
	if (variant->make == ends_echoed)
		SKIP(return, "nobody answers a cookie that nobody wants: it takes minutes");
	ends_close(&self->e);
	settle_end(&self->e);
	EXPECT_TRUE(sockets_gone(&self->e));
}

/* Nobody else holds the module: not a timer, not a packet on the wire. */
TEST_F(states, unload_after_an_abort)
{
	EXPECT_ERRNO(EWOULDBLOCK, module_unload(&xsctp));
	ends_hang_up(&self->e);
	ends_close(&self->e);
	EXPECT_ERRNO(0, module_unload(&xsctp));
	EXPECT_FALSE(module_loaded(&xsctp));
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
static bool works(const struct flavour *f)
{
	struct one o = one_pair(f);
	bool ok = send(o.here, "there", 5, 0) == 5 && receives(o.there, "there");

	abort_by_linger(o.here);
	settle();
	close(o.there);
	close(o.listener);
	return ok;
}

/* Where nobody has a protocol of a type, not even the kernel, socket() says that instead. */
static bool no_protocol(int family, int type)
{
	int err = errno_of(socket(family, type, sctp_number()));

	return err == EPROTONOSUPPORT || (type == SOCK_SEQPACKET && err == ESOCKTNOSUPPORT);
}

static void expect_nothing_left(struct __test_metadata *_metadata)
{
	static const int families[] = { AF_INET, AF_INET6 };

	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xsctp]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xSCTP"));
	EXPECT_FALSE(file_contains("/proc/net/protocols", "xSCTP"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/sctp", F_OK));
	EXPECT_ERRNO(ENOENT, access("/proc/sys/net/xl4/sctp", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/module/xsctp", F_OK));
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		EXPECT_TRUE(no_protocol(families[i], SOCK_STREAM));
		EXPECT_TRUE(no_protocol(families[i], SOCK_SEQPACKET));
	}
}

TEST_F_TIMEOUT(reload, many_times, 300)
{
	static const struct flavour flavours[] = {
		{ .family = AF_INET }, { .family = AF_INET6 },
		{ .family = AF_INET6, .mapped = true },
	};

	for (int i = 0; i < number_from("XL4_RELOADS", 1000) / 10; i++) {
		ASSERT_TRUE(works(&flavours[i % ARRAY_SIZE(flavours)]));
		ASSERT_ERRNO(0, module_unload(&xsctp));
		if (!i)
			expect_nothing_left(_metadata);
		ASSERT_ERRNO(0, module_load(&xsctp, ""));
	}
	ASSERT_ERRNO(0, module_unload(&xsctp));
	expect_nothing_left(_metadata);
}

TEST_HARNESS_MAIN
