// SPDX-License-Identifier: GPL-2.0
/*
 * What the packet fuzzer makes right in a mutated packet, against packets that
 * scapy made; and that mutations stay within a packet and follow from the seed.
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "../fuzz/answer.c"
#include "../fuzz/answer_dccp.c"
#include "../fuzz/answer_sctp.c"
#include "../fuzz/mutate.c"
#include "../fuzz/packet.c"
#include "../fuzz/plan.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define V4(rest)	"c0000202c0000201" rest
#define V6(rest)	"20010db8000000000000000000000002" \
			"20010db8000000000000000000000001" rest

static const struct known {
	const char *what, *hex;
	unsigned int length_at, checksum_at;	/* 0: it has none */
} known[] = {
	{ "UDP over IPv4", "4500001f0001000040fdf5dd" V4("0fa10fa0000b88426f6464"), 24, 26 },
	{ "UDP-Lite over IPv6, part of it covered",
	  "600000000010fc40" V6("0fa10fa0000a20c4636f76657265643f"), 0, 46 },
	{ "UDP behind destination options",
	  "6000000000113c40" V6("fd000104000000000fa10fa000090c3a78"), 52, 54 },
	{ "ICMP", "4500001f000100004001f6d9" V4("0800339c00000001616263"), 0, 22 },
	{ "ICMPv6", "60000000000b3a40" V6("80005fe100000001616263"), 0, 42 },
	{ "TCP", "45000028000100004006f6cb" V4("00010002000000000000000050022000"
						"0bdc0000"), 0, 36 },
	{ "SCTP", "45000034000100004084f641" V4("000100020000000098f7db4a01000014"
						 "00000005000000000000000000000000"), 0, 28 },
	{ "DCCP over IPv6, its header covered",
	  "6000000000152140" V6("0001000204019b500500000000000000756e636f76"), 0, 46 },
};

static const struct sums sums[] = {
	{ 253, SUM_INTERNET, 6, 4, -1, 0 },
	{ 252, SUM_INTERNET, 6, -1, 4, 0 },
	{ 6, SUM_INTERNET, 16, -1, -1, 0 },
	{ 132, SUM_CRC32C, 8, -1, -1, 0 },
	{ 33, SUM_DCCP, 6, -1, -1, 0 },
};

static unsigned int from_hex(const char *hex, uint8_t *to)
{
	unsigned int len = strlen(hex) / 2;

	for (unsigned int i = 0; i < len; i++)
		sscanf(hex + 2 * i, "%2hhx", &to[i]);
	return len;
}

TEST(what_was_spoiled_is_mended)
{
	static struct packet good, spoiled;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		bool v6 = known[i].hex[0] == '6';

		good.len = spoiled.len = from_hex(known[i].hex, good.bytes);
		memcpy(spoiled.bytes, good.bytes, good.len);
		spoiled.bytes[v6 ? 5 : 3] ^= 1;		/* IP's length */
		if (!v6)
			spoiled.bytes[10] ^= 1;		/* IP's checksum */
		spoiled.bytes[known[i].length_at] ^= known[i].length_at ? 1 : 0;
		spoiled.bytes[known[i].checksum_at] ^= 1;
		ASSERT_NE(0, memcmp(good.bytes, spoiled.bytes, good.len));
		packet_mend(&spoiled, sums, ARRAY_LEN(sums));
		EXPECT_EQ(0, memcmp(good.bytes, spoiled.bytes, good.len))
			TH_LOG("%s", known[i].what);
	}
}

FIXTURE(mutations)
{
	struct seeds *seeds;
};

FIXTURE_SETUP(mutations)
{
	self->seeds = calloc(1, sizeof(*self->seeds));
	ASSERT_NE(NULL, self->seeds);
	memcpy(self->seeds->sums, sums, sizeof(sums));
	self->seeds->protocols = ARRAY_LEN(sums);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct conversation *c = &self->seeds->conversation[i / 3];
		struct seed *s = &c->packet[c->count++];

		s->bytes = malloc(strlen(known[i].hex) / 2);
		s->len = from_hex(known[i].hex, s->bytes);
		self->seeds->conversations = i / 3 + 1;
	}
}

FIXTURE_TEARDOWN(mutations)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		free(self->seeds->conversation[i / 3].packet[i % 3].bytes);
	free(self->seeds);
}

/* A sum over all that 10,000 plans give, of some of which the mutator hears. */
static uint32_t sum_of_mutations(const struct seeds *seeds, uint64_t seed, unsigned int *largest)
{
	struct mutator *m = calloc(1, sizeof(*m));
	struct chance chance = { seed };
	const struct packet *p;
	uint32_t sum = 0;

	m->chance = &chance;
	m->seeds = seeds;
	for (int i = 0; i < 10000; i++) {
		plan_make(m);
		while ((p = plan_next(m))) {
			if (p->len > *largest)
				*largest = p->len;
			sum = sum * 31 + crc32c(p->bytes, p->len < 200 ? p->len : 200) + p->len;
			memcpy(plan_ear(m), p, offsetof(struct packet, bytes) + p->len);
		}
		plan_hear(m);
	}
	free(m);
	return sum;
}

TEST_F(mutations, follow_from_the_seed)
{
	unsigned int largest = 0;
	uint32_t one = sum_of_mutations(self->seeds, 1, &largest);

	EXPECT_EQ(one, sum_of_mutations(self->seeds, 1, &largest));
	EXPECT_NE(one, sum_of_mutations(self->seeds, 2, &largest));
	EXPECT_EQ(MAX_PACKET, largest);
}

TEST_HARNESS_MAIN
