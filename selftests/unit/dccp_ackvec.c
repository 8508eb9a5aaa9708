// SPDX-License-Identifier: GPL-2.0
/*
 * Ack Vectors against a model that remembers each packet by itself, through everything that
 * paths do to packets.
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../../net/dccp/ackvec.c"
#include "../../net/dccp/wire.c"

#define NR	200000
#define NEVER	0xff

FIXTURE(ackvec) {
	struct xdccp_ackvec v;
	u64 base;			/* number of packet 0 */
	u32 latest;			/* packet */
	u8 *state;			/* of each */
};

FIXTURE_SETUP(ackvec)
{
	srandom(1);
	xdccp_ackvec_init(&self->v);
	self->base = XDCCP_SEQ_MASK - 500;	/* the circle closes on the way */
	self->latest = 0;
	self->state = malloc(NR);
	memset(self->state, XDCCP_NOT_RECEIVED, NR);
}

FIXTURE_TEARDOWN(ackvec)
{
	free(self->state);
}

static u64 number(const FIXTURE_DATA(ackvec) *self, u32 packet)
{
	return xdccp_seq_add(self->base, packet);
}

static void arrives(FIXTURE_DATA(ackvec) *self, u32 packet, bool marked)
{
	bool known = xdccp_ackvec_state(&self->v, number(self, packet)) >= 0;

	if (!self->v.cells || packet > self->latest || known) {
		if (self->state[packet] == XDCCP_NOT_RECEIVED)
			self->state[packet] = marked ? XDCCP_RECEIVED_MARKED : XDCCP_RECEIVED;
		self->latest = max(self->latest, packet);
	}
	xdccp_ackvec_received(&self->v, number(self, packet), marked);
}

/* What a peer reads of the options is what the model says; returns how many packets it is. */
static u32 told(struct __test_metadata *_metadata, const FIXTURE_DATA(ackvec) *self)
{
	u8 bytes[XDCCP_ACKVEC_CELLS + 5], *end = xdccp_ackvec_put(&self->v, bytes, sizeof(bytes));
	struct xdccp_walk walk = { .bytes = bytes, .left = end - bytes };
	struct xdccp_option option;
	struct xdccp_run run;
	u32 packets = 0;

	ASSERT_EQ(number(self, self->latest), self->v.latest);
	while (xdccp_next_option(&walk, &option) == 1) {
		ASSERT_EQ(XDCCP_OPT_ACK_VECTOR_0, option.type);
		for (unsigned int i = 0; i < option.len; i++) {
			xdccp_run(option.value[i], &run);
			for (unsigned int j = 0; j < run.len; j++, packets++)
				ASSERT_EQ(self->state[self->latest - packets], run.state)
					TH_LOG("packet %u", self->latest - packets);
		}
	}
	ASSERT_EQ(0, walk.left);
	ASSERT_EQ(self->v.packets, packets);
	return packets;
}

TEST_F(ackvec, nothing_came)
{
	u8 bytes[10];

	EXPECT_TRUE(bytes == xdccp_ackvec_put(&self->v, bytes, sizeof(bytes)));
	EXPECT_EQ(-1, xdccp_ackvec_state(&self->v, 0));
}

TEST_F(ackvec, in_order_it_is_one_run_after_the_other)
{
	for (u32 i = 0; i < 640; i++)
		arrives(self, i, false);
	EXPECT_EQ(640, told(_metadata, self));
	EXPECT_EQ(10, self->v.cells);
}

/* Each loss, and each mark, is a run of its own. */
TEST_F(ackvec, a_loss_is_a_run)
{
	arrives(self, 0, false);
	arrives(self, 3, false);
	arrives(self, 4, true);
	EXPECT_EQ(5, told(_metadata, self));
	EXPECT_EQ(4, self->v.cells);
	EXPECT_EQ(XDCCP_RECEIVED_MARKED, xdccp_ackvec_state(&self->v, number(self, 4)));
	EXPECT_EQ(XDCCP_NOT_RECEIVED, xdccp_ackvec_state(&self->v, number(self, 2)));
	EXPECT_EQ(-1, xdccp_ackvec_state(&self->v, number(self, 5)));
}

/* Each place in runs missing of each length is filled, one by one in random order. */
TEST_F(ackvec, late_ones_fill_holes)
{
	for (u32 hole = 1; hole <= 130; hole++) {
		u32 first = self->latest + (self->v.cells ? 1 : 0), order[130];

		arrives(self, first, false);
		arrives(self, first + hole + 1, hole & 1);
		for (u32 i = 0; i < hole; i++) {
			u32 j = random() % (i + 1);

			order[i] = order[j];
			order[j] = first + 1 + i;
		}
		for (u32 i = 0; i < hole; i++) {
			arrives(self, order[i], random() & 1);
			told(_metadata, self);
		}
	}
}

TEST_F(ackvec, twice_changes_nothing)
{
	struct xdccp_ackvec before;

	for (u32 i = 0; i < 100; i += 1 + i % 3)
		arrives(self, i, i & 1);
	before = self->v;
	for (u32 i = 0; i < 100; i += 1 + i % 3)
		arrives(self, i, !(i & 1));
	EXPECT_EQ(0, memcmp(&before, &self->v, sizeof(before)));
}

TEST_F(ackvec, the_oldest_goes_when_there_is_no_room)
{
	for (u32 i = 0; i < 10000; i += 2)
		arrives(self, i, false);
	EXPECT_EQ(XDCCP_ACKVEC_CELLS, self->v.cells);
	EXPECT_EQ(XDCCP_ACKVEC_CELLS, told(_metadata, self));
	/* Also if a late one needs cells for itself. */
	for (u32 i = 0; i < 5000; i++)
		arrives(self, self->latest + 1 + random() % 4, random() & 1);
	arrives(self, self->latest + 64, false);
	arrives(self, self->latest - 30, false);
	told(_metadata, self);
	EXPECT_TRUE(self->v.cells <= XDCCP_ACKVEC_CELLS);
}

TEST_F(ackvec, a_hole_larger_than_all)
{
	arrives(self, 0, false);
	arrives(self, XDCCP_ACKVEC_CELLS * 64 + 1, false);
	EXPECT_EQ(1, told(_metadata, self));
	arrives(self, self->latest + XDCCP_ACKVEC_CELLS * 64, false);
	told(_metadata, self);
	EXPECT_TRUE(self->v.cells <= XDCCP_ACKVEC_CELLS);
}

TEST_F(ackvec, what_the_peer_knows_is_forgotten)
{
	for (u32 i = 0; i < 50; i++)
		arrives(self, i, false);
	xdccp_ackvec_sent(&self->v, 7);
	for (u32 i = 52; i < 60; i++)
		arrives(self, i, false);
	xdccp_ackvec_sent(&self->v, 9);
	xdccp_ackvec_acked(&self->v, 8);
	EXPECT_EQ(60, told(_metadata, self));
	xdccp_ackvec_acked(&self->v, 7);
	EXPECT_EQ(10, told(_metadata, self));
	xdccp_ackvec_acked(&self->v, 7);
	EXPECT_EQ(10, told(_metadata, self));
	xdccp_ackvec_acked(&self->v, 9);
	EXPECT_EQ(1, told(_metadata, self));
	EXPECT_EQ(0, self->v.nr_sent);
	/* What is missing next is still noticed. */
	arrives(self, 62, false);
	EXPECT_EQ(4, told(_metadata, self));
}

/* What there is no room for is the oldest. */
TEST_F(ackvec, as_much_as_there_is_room_for)
{
	u8 bytes[XDCCP_ACKVEC_CELLS + 5];

	for (u32 i = 0; i < 1000; i += 2)
		arrives(self, i, false);
	for (u32 room = 0; room < sizeof(bytes); room++) {
		u32 len = xdccp_ackvec_put(&self->v, bytes, room) - bytes;

		ASSERT_TRUE(len <= room);
		ASSERT_TRUE(len == room || len + 2 >= room);
		ASSERT_TRUE(!len || bytes[1] == min(len, 255u));
		ASSERT_TRUE(!len || bytes[2] == XDCCP_RECEIVED << 6);
		ASSERT_TRUE(room < 3 || len);
	}
}

/* A window of many thousands: the peer's acknowledgment comes when as many have been sent behind. */
TEST_F(ackvec, more_are_on_their_way_than_are_remembered)
{
	for (u32 flight = 10; flight < 20000; flight *= 3) {
		u64 seq = 0;

		xdccp_ackvec_init(&self->v);
		for (u32 i = 0; i < 4 * flight; i++) {
			arrives(self, self->latest + 1, false);
			xdccp_ackvec_sent(&self->v, seq++);
			if (i % flight == flight - 1 && seq > flight)
				xdccp_ackvec_acked(&self->v, seq - flight);
			self->latest %= NR / 2;
			if (self->latest + 1 == NR / 2)
				break;
		}
		/* What is on its way, and what a stretch adds. */
		EXPECT_TRUE(self->v.packets <= 2 * flight) TH_LOG("%u: %llu", flight,
								  (unsigned long long)self->v.packets);
	}
}

/* Where others go between them it is each second one that is remembered, and so on. */
TEST_F(ackvec, others_go_between_them)
{
	for (u32 i = 0; i < 1000; i++) {
		arrives(self, i, false);
		xdccp_ackvec_sent(&self->v, 2 * i);
	}
	for (u32 i = 1; i < 2000; i += 2)
		xdccp_ackvec_acked(&self->v, i);
	EXPECT_EQ(1000, told(_metadata, self));
	for (u32 i = 0; i < 1800; i++)
		xdccp_ackvec_acked(&self->v, i);
	EXPECT_TRUE(told(_metadata, self) < 150);
}

/* Everything at once, for as long as the model remembers. */
TEST_F(ackvec, a_path_that_loses_marks_and_reorders)
{
	u64 seq = 0;

	while (self->latest < NR - 200) {
		u32 what = random() % 100, back = random() % 80;

		if (what < 50 || !self->v.cells)
			arrives(self, self->latest + 1, !(random() % 50));
		else if (what < 60)
			arrives(self, self->latest + 1 + random() % 100, false);
		else if (what < 80)
			arrives(self, self->latest - min(back, self->latest), !(random() % 10));
		else if (what < 90)
			xdccp_ackvec_sent(&self->v, ++seq);
		else
			xdccp_ackvec_acked(&self->v, seq - min((u64)random() % 70, seq));
		if (what % 16 == 0)
			told(_metadata, self);
		ASSERT_TRUE(self->v.cells <= XDCCP_ACKVEC_CELLS);
		ASSERT_TRUE(self->v.nr_sent <= XDCCP_ACKVEC_SENT);
	}
}

TEST_HARNESS_MAIN
