// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand associations at once, one-to-one and one-to-many: all of them where
 * XL4_STRESS_SECONDS is 20 or more.
 */
#include "crowd.h"

#include "sctp.h"

#define MOST_OPEN	10000

FIXTURE(scale)
{
	struct crowd crowd;
};

FIXTURE_VARIANT(scale)
{
	bool to_many;
};

FIXTURE_VARIANT_ADD(scale, one_to_one) { .to_many = false };
FIXTURE_VARIANT_ADD(scale, one_to_many) { .to_many = true };

static int one_to_one(const struct lane *lane)
{
	return socket(lane->flavour->family, SOCK_STREAM | SOCK_CLOEXEC, sctp_number());
}

static int one_to_many(const struct lane *lane)
{
	return socket(lane->flavour->family, SOCK_SEQPACKET | SOCK_CLOEXEC, sctp_number());
}

static long established(void)
{
	settle();
	return counter_in_columns("/proc/self/net/xl4/snmp", "Sctp:", "CurrEstab") +
	       counter_in_columns("/proc/self/net/xl4/snmp", "Sctp6:", "CurrEstab");
}

FIXTURE_SETUP(scale)
{
	netns_enter();
	if (sctp_number() != IPPROTO_SCTP)
		sysctl_write("net/xl4/sctp/max_associations", "20000");
	self->crowd = (struct crowd) {
		.what = "an association", .socket = variant->to_many ? one_to_many : one_to_one,
		.established = established, .to_many = variant->to_many, .most_octets = 32768,
	};
	crowd_begin(&self->crowd);
}

FIXTURE_TEARDOWN(scale)
{
	crowd_end(&self->crowd);
	if (sctp_number() != IPPROTO_SCTP)
		EXPECT_TRUE(all_given_back());
}

static int associations_of_listeners(const struct crowd *s)
{
	int sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += associations_of(s->lane[i].listener);
	return sum;
}

TEST_F_TIMEOUT(scale, all_at_once, 600)
{
	int count = scaled(MOST_OPEN, 500);

	crowd_open(_metadata, &self->crowd, count);
	if (variant->to_many)
		EXPECT_EQ(count, associations_of_listeners(&self->crowd));
	crowd_carry(_metadata, &self->crowd, count);
	for (int i = 0; i < count; i++) {
		if (!variant->to_many)
			abort_by_linger(there[i]);
		abort_by_linger(here[i]);
	}
	EXPECT_EQ(0, established());
}

TEST_HARNESS_MAIN
