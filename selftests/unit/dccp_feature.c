// SPDX-License-Identifier: GPL-2.0
/*
 * Feature negotiation: the rules one by one; then two endpoints over a path that loses, delays
 * and repeats packets, which must agree in the end, on what RFC 4340 section 6.3 says.
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../../net/dccp/feature.c"
#include "../../net/dccp/wire.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

FIXTURE(feature) {
	struct xdccp_features f;
	struct xdccp_feature_packet packet;
};

FIXTURE_SETUP(feature)
{
	srandom(1);
	xdccp_features_init(&self->f, true);
	self->packet = (struct xdccp_feature_packet){ .seq = 100, .ack = 1000, .has_ack = true };
}

FIXTURE_TEARDOWN(feature)
{
}

/* An option came, in a packet of its own. */
static u8 comes(FIXTURE_DATA(feature) *self, u8 type, bool mandatory, const u8 *value, u8 len)
{
	struct xdccp_option option = { .type = type, .len = len, .mandatory = mandatory,
				       .value = value };
	u8 code = xdccp_features_rcv(&self->f, &option, &self->packet);

	xdccp_features_rcv_end(&self->f, &self->packet);
	self->packet.seq++;
	return code;
}

#define COMES(type, mandatory, ...) ({					\
	static const u8 _value[] = { __VA_ARGS__ };			\
	comes(self, type, mandatory, _value, sizeof(_value));		\
})

/* These and no other options go out. */
#define GO(...) do {							\
	static const u8 _expected[] = { __VA_ARGS__ };			\
	u8 _bytes[256];							\
	u8 *_end = xdccp_features_put(&self->f, _bytes, sizeof(_bytes), 1000);	\
	ASSERT_EQ(sizeof(_expected), _end - _bytes);			\
	ASSERT_EQ(0, memcmp(_expected, _bytes, sizeof(_expected)));	\
	ASSERT_FALSE(xdccp_features_due(&self->f));			\
} while (0)

#define GO_NONE() ASSERT_FALSE(xdccp_features_due(&self->f))

static const u8 ccids[] = { 3, 2 };

TEST_F(feature, the_initial_values)
{
	static const u64 initial[][2] = { { 1, 2 }, { 2, 0 }, { 3, 100 }, { 4, 0 }, { 5, 2 },
					  { 6, 0 }, { 7, 0 }, { 8, 0 }, { 9, 0 }, { 192, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(initial); i++)
		for (int place = 0; place < XDCCP_PLACES; place++)
			EXPECT_EQ(initial[i][1],
				  xdccp_feature_value(&self->f, place, initial[i][0]));
	EXPECT_FALSE(xdccp_features_pending(&self->f));
	GO_NONE();
}

TEST_F(feature, what_we_prefer_is_asked_for)
{
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, false));
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_REMOTE, 1, ccids, 2, true));
	GO(32, 5, 1, 3, 2, 1, 34, 5, 1, 3, 2);
	EXPECT_TRUE(xdccp_features_pending(&self->f));
	EXPECT_EQ(0, COMES(35, false, 1, 3, 3, 2));
	EXPECT_EQ(0, COMES(33, false, 1, 2, 2));
	EXPECT_EQ(3, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_REMOTE, 1));
	EXPECT_EQ(1, self->f.changed[XDCCP_LOCAL]);
	EXPECT_EQ(0, self->f.changed[XDCCP_REMOTE]);
	EXPECT_FALSE(xdccp_features_pending(&self->f));
}

TEST_F(feature, what_is_in_force_is_not_asked_for)
{
	static const u8 list[] = { 2, 3 };

	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, list, 2, false));
	GO_NONE();
	EXPECT_EQ(0, COMES(34, false, 1, 3));
	GO(33, 6, 1, 3, 2, 3);
}

TEST_F(feature, what_is_no_preference)
{
	static const u8 bad[] = { 0, 2 }, long_list[XDCCP_MAX_PREFERENCES + 1] = { 0 };

	EXPECT_EQ(-EINVAL, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 2, bad, 2, false));
	EXPECT_EQ(-EINVAL, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 3, bad, 1, false));
	EXPECT_EQ(-EINVAL, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 77, bad, 1, false));
	EXPECT_EQ(-EINVAL, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, bad, 0, false));
	EXPECT_EQ(-EINVAL, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, long_list,
						sizeof(long_list), false));
	EXPECT_EQ(-EINVAL, xdccp_feature_say(&self->f, 1, 2));
	EXPECT_EQ(-EINVAL, xdccp_feature_say(&self->f, 3, 31));
	EXPECT_EQ(-EINVAL, xdccp_feature_say(&self->f, 3, 1ull << 46));
	EXPECT_EQ(-EINVAL, xdccp_feature_say(&self->f, 5, 65536));
	EXPECT_EQ(-EINVAL, xdccp_feature_say(&self->f, 99, 1));
	GO_NONE();
}

/* RFC 4340 section 6.3.1, as server and as client. */
TEST_F(feature, the_server_decides)
{
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, false));
	GO(32, 5, 1, 3, 2);
	EXPECT_EQ(0, COMES(34, false, 1, 2, 3));
	EXPECT_EQ(3, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	GO(33, 6, 1, 3, 3, 2);
	self->f.server = false;
	EXPECT_EQ(0, COMES(34, false, 1, 2, 3));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	GO(33, 6, 1, 2, 3, 2);
}

TEST_F(feature, nothing_in_common_changes_nothing)
{
	EXPECT_EQ(0, COMES(34, false, 1, 4, 248));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	GO(33, 5, 1, 2, 2);
	EXPECT_EQ(XDCCP_RESET_MANDATORY_ERROR, COMES(34, true, 1, 4, 248));
}

TEST_F(feature, what_we_do_not_know)
{
	EXPECT_EQ(0, COMES(32, false, 77, 1));
	EXPECT_EQ(0, COMES(34, false, 78, 1));
	GO(33, 3, 78, 35, 3, 77);
	EXPECT_EQ(XDCCP_RESET_MANDATORY_ERROR, COMES(32, true, 77, 1));
	EXPECT_EQ(0, COMES(33, false, 77, 1));
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(0, COMES(32, false, 77, 1));
	EXPECT_EQ(XDCCP_MAX_UNKNOWN, self->f.nr_unknown);
}

TEST_F(feature, the_peer_says_a_number)
{
	EXPECT_EQ(0, COMES(32, false, 3, 0, 0, 0, 1, 0, 0));
	EXPECT_EQ(65536, xdccp_feature_value(&self->f, XDCCP_REMOTE, 3));
	EXPECT_EQ(100, xdccp_feature_value(&self->f, XDCCP_LOCAL, 3));
	EXPECT_EQ(4, self->f.changed[XDCCP_REMOTE]);
	GO(35, 9, 3, 0, 0, 0, 1, 0, 0);
	EXPECT_EQ(0, COMES(32, false, 3, 200));
	EXPECT_EQ(200, xdccp_feature_value(&self->f, XDCCP_REMOTE, 3));
	EXPECT_EQ(0, COMES(32, false, 5, 0, 9));
	EXPECT_EQ(9, xdccp_feature_value(&self->f, XDCCP_REMOTE, 5));
}

/* RFC 4340 section 6.6.8 */
TEST_F(feature, a_number_that_is_none)
{
	EXPECT_EQ(0, COMES(32, false, 3, 31));
	GO(35, 3, 3);
	EXPECT_EQ(0, COMES(32, false, 3, 0x40, 0, 0, 0, 0, 0));
	GO(35, 3, 3);
	EXPECT_EQ(0, COMES(32, false, 3, 0, 0, 0, 0, 0, 0, 100));
	GO(35, 3, 3);
	EXPECT_EQ(0, COMES(34, false, 3, 100));
	GO(33, 3, 3);
	EXPECT_EQ(100, xdccp_feature_value(&self->f, XDCCP_REMOTE, 3));
	EXPECT_EQ(XDCCP_RESET_MANDATORY_ERROR, COMES(32, true, 3, 31));
}

TEST_F(feature, we_say_a_number)
{
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 300));
	GO(32, 5, 5, 1, 44);
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 5));
	EXPECT_EQ(0, COMES(35, false, 5, 1, 44));
	EXPECT_EQ(300, xdccp_feature_value(&self->f, XDCCP_LOCAL, 5));
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 300));
	GO_NONE();
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 7));
	GO(32, 5, 5, 0, 7);
	/* It may be of something that we said before. */
	EXPECT_EQ(0, COMES(35, false, 5, 0, 8));
	EXPECT_EQ(300, xdccp_feature_value(&self->f, XDCCP_LOCAL, 5));
	EXPECT_EQ(0, COMES(35, false, 5, 0, 7));
	EXPECT_EQ(7, xdccp_feature_value(&self->f, XDCCP_LOCAL, 5));
}

TEST_F(feature, a_number_that_we_did_not_say)
{
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 7));
	GO(32, 5, 5, 0, 7);
	EXPECT_EQ(XDCCP_RESET_OPTION_ERROR, COMES(35, false, 5, 0, 8));
}

TEST_F(feature, an_empty_confirm_leaves_it)
{
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, false));
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 7));
	GO(32, 5, 1, 3, 2, 32, 5, 5, 0, 7);
	EXPECT_EQ(0, COMES(35, false, 1));
	EXPECT_EQ(0, COMES(35, false, 5));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 5));
	EXPECT_FALSE(xdccp_features_pending(&self->f));
}

TEST_F(feature, a_confirm_of_what_nobody_asked_for)
{
	EXPECT_EQ(0, COMES(35, false, 1, 3));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, false));
	EXPECT_EQ(0, COMES(35, false, 1, 3));	/* before it went out */
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	GO(32, 5, 1, 3, 2);
	EXPECT_EQ(XDCCP_RESET_OPTION_ERROR, COMES(35, false, 1, 4));
}

/* RFC 4340 section 6.6.4 */
TEST_F(feature, late_options_tell_nothing)
{
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, false));
	GO(32, 5, 1, 3, 2);
	self->packet.ack = 999;
	EXPECT_EQ(0, COMES(35, false, 1, 3));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	self->packet.has_ack = false;
	EXPECT_EQ(0, COMES(35, false, 1, 3));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	EXPECT_EQ(0, COMES(32, false, 5, 0, 9));
	self->packet.seq -= 2;
	EXPECT_EQ(0, COMES(32, false, 5, 0, 8));
	EXPECT_EQ(9, xdccp_feature_value(&self->f, XDCCP_REMOTE, 5));
}

/* RFC 4340 section 6.6.2: UNSTABLE */
TEST_F(feature, other_preferences_while_the_peer_is_asked)
{
	static const u8 other[] = { 4, 2 };

	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, false));
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 1, false));
	GO(32, 4, 1, 3);
	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, other, 2, false));
	GO_NONE();
	EXPECT_EQ(0, COMES(35, false, 1, 3));
	EXPECT_EQ(2, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
	GO(32, 5, 1, 4, 2);
	EXPECT_EQ(0, COMES(35, false, 1, 4));
	EXPECT_EQ(4, xdccp_feature_value(&self->f, XDCCP_LOCAL, 1));
}

TEST_F(feature, asked_again_after_a_time)
{
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 7));
	GO(32, 5, 5, 0, 7);
	xdccp_features_timeout(&self->f);
	GO(32, 5, 5, 0, 7);
	EXPECT_EQ(0, COMES(35, false, 5, 0, 7));
	xdccp_features_timeout(&self->f);
	GO_NONE();
}

TEST_F(feature, as_much_as_there_is_room_for)
{
	u8 bytes[16], *end;

	ASSERT_EQ(0, xdccp_feature_prefer(&self->f, XDCCP_LOCAL, 1, ccids, 2, true));
	ASSERT_EQ(0, xdccp_feature_say(&self->f, 5, 7));
	EXPECT_EQ(0, COMES(34, false, 2, 1));
	EXPECT_EQ(0, COMES(34, false, 99, 1));
	for (u32 room = 0; room < 3; room++)
		ASSERT_EQ(&bytes[0], xdccp_features_put(&self->f, bytes, room, 1));
	end = xdccp_features_put(&self->f, bytes, 7, 1);
	EXPECT_EQ(3, end - bytes);			/* the empty Confirm */
	end = xdccp_features_put(&self->f, bytes, 10, 2);
	EXPECT_EQ(10, end - bytes);			/* a Confirm and a Change */
	end = xdccp_features_put(&self->f, bytes, 5, 3);
	EXPECT_EQ(0, end - bytes);			/* Mandatory is not torn off */
	end = xdccp_features_put(&self->f, bytes, 6, 4);
	EXPECT_EQ(6, end - bytes);
	EXPECT_EQ(XDCCP_OPT_MANDATORY, bytes[0]);
}

/* Two endpoints */

#define FLYING	8

struct packet {
	u64 seq, ack;
	u8 len, bytes[255];
};

struct endpoint {
	struct xdccp_features f;
	u64 seq, gsr;
	struct packet flying[FLYING];	/* to the other */
	unsigned int nr;
};

static void transmit(struct endpoint *e)
{
	struct packet *p = &e->flying[e->nr == FLYING ? random() % FLYING : e->nr];

	e->nr = min(e->nr + 1, (unsigned int)FLYING);
	p->seq = e->seq = xdccp_seq_add(e->seq, 1);
	p->ack = e->gsr;
	p->len = xdccp_features_put(&e->f, p->bytes, 20 + random() % 200, p->seq) - p->bytes;
}

static u8 receive(struct endpoint *e, const struct packet *p)
{
	struct xdccp_feature_packet packet = { .seq = p->seq, .ack = p->ack, .has_ack = true };
	struct xdccp_walk walk = { .bytes = p->bytes, .left = p->len };
	struct xdccp_option option;
	u8 code = 0;

	if (xdccp_seq_after(p->seq, e->gsr))
		e->gsr = p->seq;
	while (!code && xdccp_next_option(&walk, &option) == 1)
		code = xdccp_features_rcv(&e->f, &option, &packet);
	if (p->len)
		xdccp_features_rcv_end(&e->f, &packet);
	return code;
}

/* There is always something in common: else values are left, and by whom first is by chance. */
static unsigned int random_list(u8 *list)
{
	unsigned int n = random() % 4;

	for (unsigned int i = 0; i < n; i++)
		list[i] = 2 + random() % 4;
	list[n] = 2;
	return n + 1;
}

static void random_wish(struct endpoint *e)
{
	static const u8 bits[] = { 2, 4, 6, 7, 9, 192 };
	enum xdccp_place place = random() % 2;
	u8 bit = random() % 2, list[4] = { bit, !bit };

	switch (random() % 4) {
	case 0:
		xdccp_feature_prefer(&e->f, place, bits[random() % sizeof(bits)], list,
				     2, false);
		break;
	case 1:
		xdccp_feature_say(&e->f, 3, 32 + random() % 1000);
		break;
	case 2:
		xdccp_feature_say(&e->f, 5, random() % 100);
		break;
	case 3:
		xdccp_feature_prefer(&e->f, place, 1, list, random_list(list), false);
		break;
	}
}

/* Some of what flies arrives, in some order; some of it twice, some never. */
static u8 fly(struct endpoint *from, struct endpoint *to, bool calm)
{
	unsigned int i = calm ? 0 : random() % FLYING;
	struct packet p;
	u8 code = 0;

	if (i >= from->nr)
		return 0;
	p = from->flying[i];
	if (calm || random() % 4)
		code = receive(to, &p);
	if (calm || random() % 4)
		memmove(&from->flying[i], &from->flying[i + 1],
			(--from->nr - i) * sizeof(from->flying[0]));
	return code;
}

TEST_F(feature, two_endpoints_agree_whatever_the_path_does)
{
	for (int round = 0; round < 2000; round++) {
		static struct endpoint e[2];

		memset(e, 0, sizeof(e));
		for (int i = 0; i < 2; i++) {
			xdccp_features_init(&e[i].f, i);
			e[i].seq = e[!i].gsr = random();
		}
		for (int step = 0; step < 100; step++) {
			int i = random() % 2;

			if (step < 50 && !(random() % 4))
				random_wish(&e[i]);
			if (!(random() % 8))
				xdccp_features_timeout(&e[i].f);
			if (xdccp_features_due(&e[i].f) || !(random() % 4))
				transmit(&e[i]);
			ASSERT_EQ(0, fly(&e[i], &e[!i], false)) TH_LOG("round %d", round);
		}
		for (int step = 0; step < 400; step++) {
			int i = step % 2;

			if (step % 40 < 2)
				xdccp_features_timeout(&e[i].f);
			transmit(&e[i]);
			while (e[i].nr)
				ASSERT_EQ(0, fly(&e[i], &e[!i], true)) TH_LOG("round %d", round);
		}
		for (int i = 0; i < 2; i++) {
			ASSERT_FALSE(xdccp_features_pending(&e[i].f));
			ASSERT_FALSE(xdccp_features_due(&e[i].f));
			for (int k = 0; k < XDCCP_FEATURES; k++)
				ASSERT_EQ(e[i].f.at[XDCCP_LOCAL][k].value,
					  e[!i].f.at[XDCCP_REMOTE][k].value)
					TH_LOG("round %d, feature of %d", round, i);
		}
	}
}

TEST_HARNESS_MAIN
