// SPDX-License-Identifier: GPL-2.0
/*
 * Which TSNs came: beside a model that remembers each of them, in all orders, and everywhere on
 * the circle, across its end above all.
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../../net/sctp/tsnmap.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Where an association may begin. */
static const u32 starts[] = { 0, 1, 63, 64, 4095, 4096, 0x7fffffff, 0x80000000, 0xffffffff,
			      0xfffffffe, 0xfffff000, 0xffffffc0, 3543192493 };

static bool gaps_are(const struct xsctp_tsnmap *map, unsigned int n, const struct xsctp_gap *gaps)
{
	struct xsctp_gap found[64];

	return xsctp_tsnmap_gaps(map, found, ARRAY_LEN(found)) == n &&
	       !memcmp(gaps, found, n * sizeof(*gaps));
}

TEST(nothing_came)
{
	struct xsctp_tsnmap map;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		memset(&map, 0xff, sizeof(map));
		xsctp_tsnmap_init(&map, starts[i]);
		EXPECT_EQ(starts[i] - 1, map.cum);
		EXPECT_EQ(map.cum, map.highest);
		EXPECT_TRUE(gaps_are(&map, 0, NULL));
		EXPECT_EQ(XSCTP_TSN_NEW, xsctp_tsnmap_check(&map, starts[i]));
		EXPECT_EQ(XSCTP_TSN_DUPLICATE, xsctp_tsnmap_check(&map, starts[i] - 1));
		EXPECT_EQ(XSCTP_TSN_DUPLICATE, xsctp_tsnmap_check(&map, starts[i] - 0x80000000));
	}
}

TEST(in_order)
{
	struct xsctp_tsnmap map;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		xsctp_tsnmap_init(&map, starts[i]);
		for (u32 tsn = starts[i]; tsn != starts[i] + 10000; tsn++) {
			ASSERT_EQ(XSCTP_TSN_NEW, xsctp_tsnmap_check(&map, tsn));
			xsctp_tsnmap_mark(&map, tsn);
			ASSERT_EQ(XSCTP_TSN_DUPLICATE, xsctp_tsnmap_check(&map, tsn));
			ASSERT_EQ(tsn, map.cum);
			ASSERT_EQ(tsn, map.highest);
		}
	}
}

TEST(how_far_it_reaches)
{
	struct xsctp_tsnmap map;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		u32 last = starts[i] - 1 + XSCTP_TSNMAP_BITS;
		struct xsctp_gap gap = { XSCTP_TSNMAP_BITS, XSCTP_TSNMAP_BITS };

		xsctp_tsnmap_init(&map, starts[i]);
		EXPECT_EQ(XSCTP_TSN_NEW, xsctp_tsnmap_check(&map, last));
		EXPECT_EQ(XSCTP_TSN_TOO_FAR, xsctp_tsnmap_check(&map, last + 1));
		EXPECT_EQ(XSCTP_TSN_TOO_FAR, xsctp_tsnmap_check(&map, map.cum + 0x7fffffff));
		xsctp_tsnmap_mark(&map, last + 1);
		EXPECT_TRUE(gaps_are(&map, 0, NULL));
		xsctp_tsnmap_mark(&map, last);
		EXPECT_TRUE(gaps_are(&map, 1, &gap));
		EXPECT_EQ(starts[i] - 1, map.cum);
	}
}

TEST(backwards_and_then_the_first)
{
	struct xsctp_tsnmap map;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		xsctp_tsnmap_init(&map, starts[i]);
		for (u32 offset = XSCTP_TSNMAP_BITS; offset > 1; offset--) {
			struct xsctp_gap gap = { offset, XSCTP_TSNMAP_BITS };

			xsctp_tsnmap_mark(&map, starts[i] - 1 + offset);
			ASSERT_TRUE(gaps_are(&map, 1, &gap));
		}
		xsctp_tsnmap_mark(&map, starts[i]);
		EXPECT_EQ(starts[i] - 1 + XSCTP_TSNMAP_BITS, map.cum);
		EXPECT_EQ(map.cum, map.highest);
		EXPECT_TRUE(gaps_are(&map, 0, NULL));
		EXPECT_EQ(XSCTP_TSN_NEW, xsctp_tsnmap_check(&map, map.cum + 1));
		EXPECT_EQ(XSCTP_TSN_NEW, xsctp_tsnmap_check(&map, map.cum + XSCTP_TSNMAP_BITS));
	}
}

TEST(every_other_one)
{
	struct xsctp_gap found[XSCTP_TSNMAP_BITS];
	struct xsctp_tsnmap map;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		xsctp_tsnmap_init(&map, starts[i]);
		for (u32 offset = 2; offset <= XSCTP_TSNMAP_BITS; offset += 2)
			xsctp_tsnmap_mark(&map, map.cum + offset);
		ASSERT_EQ(XSCTP_TSNMAP_BITS / 2,
			  xsctp_tsnmap_gaps(&map, found, ARRAY_LEN(found)));
		for (u32 n = 0; n < XSCTP_TSNMAP_BITS / 2; n++) {
			ASSERT_EQ(2 * n + 2, found[n].start);
			ASSERT_EQ(2 * n + 2, found[n].end);
		}
		/* No more than there is room for, and these are the first. */
		memset(found, 0, sizeof(found));
		ASSERT_EQ(3, xsctp_tsnmap_gaps(&map, found, 3));
		ASSERT_EQ(6, found[2].end);
		ASSERT_EQ(0, found[3].start);
		ASSERT_EQ(0, xsctp_tsnmap_gaps(&map, found, 0));
	}
}

TEST(forward)
{
	static const struct xsctp_gap before[] = { { 3, 4 }, { 6, 6 } }, after[] = { { 2, 2 } };
	struct xsctp_tsnmap map;

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		u32 cum = starts[i] - 1;

		xsctp_tsnmap_init(&map, starts[i]);
		xsctp_tsnmap_mark(&map, cum + 3);
		xsctp_tsnmap_mark(&map, cum + 4);
		xsctp_tsnmap_mark(&map, cum + 6);
		ASSERT_TRUE(gaps_are(&map, 2, before));
		xsctp_tsnmap_forward(&map, cum);
		xsctp_tsnmap_forward(&map, cum - 1);
		xsctp_tsnmap_forward(&map, cum - 0x70000000);
		ASSERT_TRUE(gaps_are(&map, 2, before));
		/* Over what did not come, and on over what did. */
		xsctp_tsnmap_forward(&map, cum + 2);
		EXPECT_EQ(cum + 4, map.cum);
		ASSERT_TRUE(gaps_are(&map, 1, after));
		/* Into the middle of nothing, then beyond all. */
		xsctp_tsnmap_forward(&map, cum + 5);
		EXPECT_EQ(cum + 6, map.cum);
		xsctp_tsnmap_mark(&map, cum + 10);
		xsctp_tsnmap_forward(&map, cum + 10);
		EXPECT_EQ(cum + 10, map.cum);
		xsctp_tsnmap_mark(&map, cum + 12);
		xsctp_tsnmap_forward(&map, cum + 0x70000000);
		EXPECT_EQ(cum + 0x70000000, map.cum);
		EXPECT_EQ(map.cum, map.highest);
		EXPECT_TRUE(gaps_are(&map, 0, NULL));
		EXPECT_EQ(XSCTP_TSN_NEW, xsctp_tsnmap_check(&map, map.cum + 12));
	}
}

/* The model: a bool for each TSN beyond the start. */
#define MODEL	20000

struct model {
	bool came[MODEL + XSCTP_TSNMAP_BITS + 2];
	u32 cum;		/* an index; 0 is the one before the first */
};

static void model_mark(struct model *m, u32 at)
{
	m->came[at] = true;
	while (m->came[m->cum + 1])
		m->cum++;
}

static unsigned int model_gaps(const struct model *m, struct xsctp_gap *found)
{
	unsigned int n = 0;

	for (u32 at = m->cum + 1; at <= m->cum + XSCTP_TSNMAP_BITS; at++) {
		if (!m->came[at])
			continue;
		if (m->came[at - 1] && at - 1 != m->cum) {
			found[n - 1].end = at - m->cum;
		} else {
			found[n].start = at - m->cum;
			found[n++].end = at - m->cum;
		}
	}
	return n;
}

TEST(any_order_as_a_model_has_it)
{
	static struct xsctp_gap expected[XSCTP_TSNMAP_BITS], found[XSCTP_TSNMAP_BITS];
	static struct model m;
	struct xsctp_tsnmap map;

	srandom(1);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		unsigned int reach = 1u << (i % 13), steps = 0;

		memset(&m, 0, sizeof(m));
		m.came[0] = true;
		xsctp_tsnmap_init(&map, starts[i]);
		while (m.cum < MODEL - 1 && steps++ < 30000) {
			u32 at = m.cum + random() % (reach + 1), tsn = starts[i] - 1 + at, n;

			if (at > m.cum + XSCTP_TSNMAP_BITS)
				continue;
			if (random() % 4 == 0)
				at = m.cum + 1, tsn = starts[i] - 1 + at;
			ASSERT_EQ(m.came[at] ? XSCTP_TSN_DUPLICATE : XSCTP_TSN_NEW,
				  xsctp_tsnmap_check(&map, tsn));
			xsctp_tsnmap_mark(&map, tsn);
			model_mark(&m, at);
			ASSERT_EQ(starts[i] - 1 + m.cum, map.cum);
			if (steps % 16)
				continue;
			n = model_gaps(&m, expected);
			ASSERT_EQ(n, xsctp_tsnmap_gaps(&map, found, ARRAY_LEN(found)));
			ASSERT_EQ(0, memcmp(expected, found, n * sizeof(*found)));
		}
	}
}

TEST_HARNESS_MAIN
