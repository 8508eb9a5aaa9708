// SPDX-License-Identifier: GPL-2.0
/*
 * A listener that is flooded with INITs from addresses that never answer: nothing is kept of them,
 * and an honest client gets in every time.
 */
#include "flood.h"

#include "sctp.h"

FIXTURE(initflood)
{
	struct flood flood;
};

FIXTURE_VARIANT(initflood)
{
	struct flavour flavour;
};

ADD_FLAVOUR(initflood, ipv4, .family = AF_INET);
ADD_FLAVOUR(initflood, ipv6, .family = AF_INET6);

/* RFC 9260 appendix A */
static uint32_t crc32c(const unsigned char *bytes, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void seal_init(unsigned char *packet, size_t len)
{
	uint32_t crc = crc32c(packet, len);

	for (int i = 0; i < 4; i++)
		packet[8 + i] = crc >> 8 * i;
}

/* Of ten streams, with any tag and TSN. */
static const struct opening init = {
	.plain = { [12] = 1, [15] = 20, [21] = 1, [25] = 10, [27] = 10 }, .len = 32,
	.random_at = { 16, 28 }, .seal = seal_init,
};

static long sctp_counter(const struct flavour *f, const char *name)
{
	settle();
	return counter_in_columns("/proc/self/net/xl4/snmp",
				  f->family == AF_INET ? "Sctp:" : "Sctp6:", name);
}

static int associations(const struct flavour *f)
{
	return sctp_counter(f, "CurrEstab");
}

FIXTURE_SETUP(initflood)
{
	self->flood = (struct flood) {
		.opening = &init, .number = sctp_number(), .open = one_open,
		.backlog = 8, .burst = 500, .remembered = associations,
	};
	flood_begin(&self->flood, &variant->flavour);
}

FIXTURE_TEARDOWN(initflood)
{
	flood_end(&self->flood);
	if (sctp_number() != IPPROTO_SCTP)
		EXPECT_TRUE(all_given_back());
}

TEST_F_TIMEOUT(initflood, an_honest_client_always_gets_in, 300)
{
	const struct flavour *f = &variant->flavour;
	int rounds = stress_seconds(5);

	flood_rounds(_metadata, &self->flood, rounds);
	EXPECT_EQ(rounds, sctp_counter(f, "PassiveEstabs"));
	/* Each was answered. */
	EXPECT_LE((rounds + 1) * self->flood.burst, sctp_counter(f, "OutCtrlChunks"));
}

TEST_HARNESS_MAIN
