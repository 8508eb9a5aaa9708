// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of who may have one port together: what users know from UDP, case
 * by case; then all claims of a small world against a model of it. In the
 * model a claim is no rule but a set: the packets it hears, one by one.
 */
#include "kselftest_harness.h"

#include "../../net/core/conflict.c"

/* A socket that is bound: what a program would have to say to get there. */
struct bound {
	const char *addr;
	bool v4, v6;
	int device;
	bool reuse, reuseport;
	u32 uid;
};

static struct xl4_claim claim_of(const struct bound *bound)
{
	struct in6_addr in6;

	if (inet_pton(AF_INET6, bound->addr, &in6) != 1)
		abort();
	return (struct xl4_claim) {
		.addr = xl4_addr_v6(&in6),
		.v4 = bound->v4,
		.v6 = bound->v6,
		.device = bound->device,
		.reuse = bound->reuse,
		.reuseport = bound->reuseport,
		.uid = bound->uid,
	};
}

#define INET(address, ...)	{ .addr = "::ffff:" address, .v4 = true, ##__VA_ARGS__ }
#define INET_ANY(...)		{ .addr = "::", .v4 = true, ##__VA_ARGS__ }
#define INET6(address, ...)	{ .addr = address, .v6 = true, ##__VA_ARGS__ }
#define DUAL(address, ...)	{ .addr = address, .v4 = true, .v6 = true, ##__VA_ARGS__ }

#define REUSE		.reuse = true
#define REUSEPORT	.reuseport = true

struct pair {
	const char *what;
	struct bound a, b;
	bool overlap, conflict, share_group;
};

static const struct pair pairs[] = {
	{ "one address twice",
	  INET("10.0.0.1"), INET("10.0.0.1"), true, true, false },
	{ "two addresses",
	  INET("10.0.0.1"), INET("10.0.0.2"), false, false, false },
	{ "IPv4 any, and one of its addresses",
	  INET_ANY(), INET("10.0.0.1"), true, true, false },
	{ "IPv4 any in its two spellings",
	  INET_ANY(), INET("0.0.0.0"), true, true, false },
	{ "IPv4 any as mapped, and one of its addresses",
	  INET("0.0.0.0"), INET("10.0.0.1"), true, true, false },
	{ "IPv4 any, and IPv6 any that is v6only",
	  INET_ANY(), INET6("::"), false, false, false },
	{ "IPv4 any, and dual-stack any",
	  INET_ANY(), DUAL("::"), true, true, false },
	{ "IPv4 any as mapped, and dual-stack any",
	  INET("0.0.0.0"), DUAL("::"), true, true, false },
	{ "IPv4 any as mapped, and IPv6 any that is v6only",
	  INET("0.0.0.0"), INET6("::"), false, false, false },
	{ "one IPv4 address, and dual-stack any",
	  INET("10.0.0.1"), DUAL("::"), true, true, false },
	{ "IPv4 any, and one IPv6 address",
	  INET_ANY(), DUAL("fd00::1"), false, false, false },
	{ "one IPv6 address, and dual-stack any",
	  INET6("fd00::1"), DUAL("::"), true, true, false },
	{ "one IPv6 address, and v6only any",
	  INET6("fd00::1"), INET6("::"), true, true, false },
	{ "one IPv6 address, v6only or not",
	  INET6("fd00::1"), DUAL("fd00::1"), true, true, false },
	{ "two IPv6 addresses",
	  INET6("fd00::1"), INET6("fd00::2"), false, false, false },

	{ "two devices",
	  INET_ANY(.device = 1), INET_ANY(.device = 2), false, false, false },
	{ "one device twice",
	  INET_ANY(.device = 1), INET_ANY(.device = 1), true, true, false },
	{ "one device, and all of them",
	  INET_ANY(.device = 1), INET_ANY(), true, true, false },

	{ "SO_REUSEADDR on both",
	  INET_ANY(REUSE), INET_ANY(REUSE), true, false, false },
	{ "SO_REUSEADDR on one",
	  INET_ANY(REUSE), INET_ANY(), true, true, false },
	{ "SO_REUSEADDR on both, of two users",
	  INET_ANY(REUSE, .uid = 1), INET_ANY(REUSE, .uid = 2), true, false, false },
	{ "SO_REUSEPORT on both",
	  INET_ANY(REUSEPORT), INET_ANY(REUSEPORT), true, false, true },
	{ "SO_REUSEPORT on one",
	  INET_ANY(REUSEPORT), INET_ANY(), true, true, false },
	{ "SO_REUSEPORT on both, of two users",
	  INET_ANY(REUSEPORT, .uid = 1), INET_ANY(REUSEPORT, .uid = 2), true, true, false },
	{ "SO_REUSEADDR on one, SO_REUSEPORT on the other",
	  INET_ANY(REUSE), INET_ANY(REUSEPORT), true, true, false },
	{ "both options on both, of two users",
	  INET_ANY(REUSE, REUSEPORT, .uid = 1), INET_ANY(REUSE, REUSEPORT, .uid = 2),
	  true, false, false },

	{ "no group of any and one address",
	  INET_ANY(REUSEPORT), INET("10.0.0.1", REUSEPORT), true, false, false },
	{ "no group of one device and all",
	  INET_ANY(REUSEPORT, .device = 1), INET_ANY(REUSEPORT), true, false, false },
	{ "no group of IPv4 and dual-stack",
	  INET_ANY(REUSEPORT), DUAL("::", REUSEPORT), true, false, false },
	{ "no group of v6only and dual-stack",
	  INET6("::", REUSEPORT), DUAL("::", REUSEPORT), true, false, false },
	{ "no group of two addresses",
	  INET("10.0.0.1", REUSEPORT), INET("10.0.0.2", REUSEPORT), false, false, false },
	{ "a group on one device",
	  DUAL("::", REUSEPORT, .device = 1), DUAL("::", REUSEPORT, .device = 1),
	  true, false, true },
	{ "a group at one IPv6 address, v6only or not",
	  INET6("fd00::1", REUSEPORT), DUAL("fd00::1", REUSEPORT), true, false, true },
	{ "a group at IPv4 any in its two spellings",
	  INET_ANY(REUSEPORT), INET("0.0.0.0", REUSEPORT), true, false, true },
};

TEST(known_rules)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct pair *pair = &pairs[i];
		struct xl4_claim a = claim_of(&pair->a), b = claim_of(&pair->b);

		EXPECT_EQ(pair->overlap, xl4_claims_overlap(&a, &b))
			TH_LOG("%s", pair->what);
		EXPECT_EQ(pair->conflict, xl4_claims_conflict(&a, &b))
			TH_LOG("%s", pair->what);
		EXPECT_EQ(pair->share_group, xl4_claims_share_group(&a, &b))
			TH_LOG("%s", pair->what);
	}
}

/* ---------------------------------------------------------- a small world */

/* The third of each kind is nobody's own, but any hears it. */
static const char *const places[] = {
	"::ffff:10.0.0.1", "::ffff:10.0.0.2", "::ffff:10.0.0.3",
	"fd00::1", "fd00::2", "fd00::3",
};

static const char *const addrs[] = {
	"::", "::ffff:0.0.0.0", "::ffff:10.0.0.1", "::ffff:10.0.0.2", "fd00::1", "fd00::2",
};

#define PLACES	(sizeof(places) / sizeof(places[0]))
#define ADDRS	(sizeof(addrs) / sizeof(addrs[0]))
#define DEVICES	3		/* of which sockets are bound to 0 (all), 1 or 2 */
#define FLAGS	(1 << 5)	/* v4, v6, reuse, reuseport, one of two users */
#define WORLD	(ADDRS * DEVICES * FLAGS)

static struct bound inhabitant(unsigned int i)
{
	unsigned int flags = i % FLAGS;

	return (struct bound) {
		.addr = addrs[i / FLAGS % ADDRS],
		.device = i / FLAGS / ADDRS,
		.v4 = flags & 1,
		.v6 = flags & 2,
		.reuse = flags & 4,
		.reuseport = flags & 8,
		.uid = flags & 16 ? 1000 : 0,
	};
}

/* Would this socket get a packet that is for @place and came in on @device? */
static bool hears(const struct bound *bound, const char *place, int device)
{
	bool v4 = strstr(place, "ffff:");

	if (bound->device && bound->device != device)
		return false;
	if (v4 ? !bound->v4 : !bound->v6)
		return false;
	if (!strcmp(bound->addr, "::"))
		return true;
	if (!strcmp(bound->addr, "::ffff:0.0.0.0"))
		return v4;
	return !strcmp(bound->addr, place);
}

/* The packets a socket hears: a bit for each place on each device. */
static unsigned int heard(const struct bound *bound)
{
	unsigned int set = 0;

	for (unsigned int place = 0; place < PLACES; place++)
		for (int device = 1; device <= DEVICES; device++)
			if (hears(bound, places[place], device))
				set |= 1u << (place * DEVICES + device - 1);
	return set;
}

FIXTURE(world) {
	struct bound bound[WORLD];
	struct xl4_claim claim[WORLD];
	unsigned int heard[WORLD];
};

FIXTURE_SETUP(world)
{
	for (unsigned int i = 0; i < WORLD; i++) {
		self->bound[i] = inhabitant(i);
		self->claim[i] = claim_of(&self->bound[i]);
		self->heard[i] = heard(&self->bound[i]);
	}
}

FIXTURE_TEARDOWN(world)
{
}

#define FOR_EACH_PAIR(i, j)					\
	for (unsigned int i = 0; i < WORLD; i++)		\
		for (unsigned int j = 0; j < WORLD; j++)

/* How a claim is told in a failure: address/device/families/options/user. */
#define BOUND_FORMAT		"%s/%d/%d%d/%d%d/%u"
#define BOUND_ARGS(bound)	(bound).addr, (bound).device, (bound).v4, (bound).v6, \
				(bound).reuse, (bound).reuseport, (bound).uid

#define EXPECT_OF_PAIR(expected, rule) do {					\
	ASSERT_EQ(expected, rule(&self->claim[i], &self->claim[j]))		\
		TH_LOG(#rule " of " BOUND_FORMAT " and " BOUND_FORMAT,		\
		       BOUND_ARGS(self->bound[i]), BOUND_ARGS(self->bound[j]));	\
} while (0)

static bool both_reuseport(const struct bound *x, const struct bound *y)
{
	return x->reuseport && y->reuseport && x->uid == y->uid;
}

TEST_F(world, overlap_is_a_packet_both_hear)
{
	FOR_EACH_PAIR(i, j)
		EXPECT_OF_PAIR((self->heard[i] & self->heard[j]) != 0, xl4_claims_overlap);
}

TEST_F(world, conflict_is_overlap_without_consent)
{
	FOR_EACH_PAIR(i, j) {
		const struct bound *x = &self->bound[i], *y = &self->bound[j];
		bool consent = (x->reuse && y->reuse) || both_reuseport(x, y);

		EXPECT_OF_PAIR((self->heard[i] & self->heard[j]) && !consent,
			       xl4_claims_conflict);
	}
}

TEST_F(world, group_hears_the_same)
{
	FOR_EACH_PAIR(i, j)
		EXPECT_OF_PAIR(self->heard[i] && self->heard[i] == self->heard[j] &&
			       both_reuseport(&self->bound[i], &self->bound[j]),
			       xl4_claims_share_group);
}

TEST_F(world, rules_are_symmetric)
{
	FOR_EACH_PAIR(i, j) {
		const struct xl4_claim *a = &self->claim[i], *b = &self->claim[j];

		EXPECT_OF_PAIR(xl4_claims_overlap(b, a), xl4_claims_overlap);
		EXPECT_OF_PAIR(xl4_claims_conflict(b, a), xl4_claims_conflict);
		EXPECT_OF_PAIR(xl4_claims_share_group(b, a), xl4_claims_share_group);
	}
}

/* A socket and its exact twin. One that hears nothing meets nobody. */
TEST_F(world, rules_of_a_twin)
{
	for (unsigned int i = 0, j = 0; i < WORLD; j = ++i) {
		const struct bound *x = &self->bound[i];
		bool hears_any = self->heard[i] != 0;

		EXPECT_OF_PAIR(hears_any, xl4_claims_overlap);
		EXPECT_OF_PAIR(hears_any && !x->reuse && !x->reuseport, xl4_claims_conflict);
		EXPECT_OF_PAIR(hears_any && x->reuseport, xl4_claims_share_group);
	}
}

/* Who is in one group never is in another too: sharing is an equivalence. */
TEST_F(world, groups_are_disjoint)
{
	FOR_EACH_PAIR(i, j) {
		if (!xl4_claims_share_group(&self->claim[i], &self->claim[j]))
			continue;
		for (unsigned int k = 0; k < WORLD; k++)
			ASSERT_EQ(xl4_claims_share_group(&self->claim[i], &self->claim[k]),
				  xl4_claims_share_group(&self->claim[j], &self->claim[k]));
	}
}

TEST_HARNESS_MAIN
