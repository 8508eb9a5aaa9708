// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand associations at once, one-to-one and one-to-many. How many follows from
 * XL4_STRESS_SECONDS alone: 10,000 from 20 on.
 */
#include "stress.h"

#include <sys/resource.h>

#include "sctp.h"

#define MOST		10000
#define A_SECOND	500
#define PORT		7000

static int here[MOST], there[MOST];
static const struct flavour flavours[] = { { .family = AF_INET }, { .family = AF_INET6 } };

FIXTURE(scale)
{
	int listener[2];
	union address at[2];
	int count;
};

FIXTURE_VARIANT(scale)
{
	int type;
};

FIXTURE_VARIANT_ADD(scale, one_to_one) { .type = SOCK_STREAM };
FIXTURE_VARIANT_ADD(scale, one_to_many) { .type = SOCK_SEQPACKET };

FIXTURE_SETUP(scale)
{
	struct rlimit files = { 2 * MOST + 100, 2 * MOST + 100 };

	netns_enter();
	MUST(setrlimit(RLIMIT_NOFILE, &files));
	if (sctp_number() != IPPROTO_SCTP)
		sysctl_write("net/xl4/sctp/max_associations", "20000");
	self->count = stress_seconds(A_SECOND);
	self->count = self->count < MOST ? self->count : MOST;
	for (int i = 0; i < 2; i++) {
		self->listener[i] = listening(&flavours[i],
					      sctp_open(&flavours[i], variant->type), 64);
		self->at[i] = name_of(self->listener[i]);
	}
}

FIXTURE_TEARDOWN(scale)
{
	close(self->listener[0]);
	close(self->listener[1]);
	if (sctp_number() != IPPROTO_SCTP)
		EXPECT_TRUE(all_given_back());
}

static long free_kilobytes(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	long n = 0;

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file) && sscanf(line, "MemFree: %ld", &n) != 1)
		;
	fclose(file);
	return n;
}

/* Of both families. */
static long established(void)
{
	settle();
	return counter_in_columns("/proc/self/net/xl4/snmp", "Sctp:", "CurrEstab") +
	       counter_in_columns("/proc/self/net/xl4/snmp", "Sctp6:", "CurrEstab");
}

static bool open_one(const struct flavour *f, int type, int listener, const union address *at,
		     int *one, int *other)
{
	*one = sctp_open(f, type);
	if (connect_to(*one, *at))
		return false;
	*other = type == SOCK_STREAM ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : listener;
	return *other >= 0;
}

static bool carries(int from, int to, int number, const union address *at)
{
	int got = -1;

	return send_message(from, &(struct sending) { .to = at }, &number, sizeof(number)) ==
	       sizeof(number) && recv(to, &got, sizeof(got), 0) == sizeof(got) && got == number;
}

TEST_F_TIMEOUT(scale, all_at_once, 600)
{
	bool many = variant->type == SOCK_SEQPACKET;
	long before = free_kilobytes(), kilobytes;
	int count = self->count;

	for (int i = 0; i < count; i++) {
		ASSERT_TRUE(open_one(&flavours[i % 2], variant->type, self->listener[i % 2],
				     &self->at[i % 2], &here[i], &there[i]))
			TH_LOG("association %d: %s", i, strerror(errno));
	}
	kilobytes = before - free_kilobytes();
	TH_LOG("%d associations: %ld octets each, both ends, sockets and files", count,
	       kilobytes * 1024 / count);
	EXPECT_EQ(2 * count, established());
	if (many)
		EXPECT_EQ(count, (int)(associations_of(self->listener[0]) +
				       associations_of(self->listener[1])));
	/* Each carries what is its own, there. */
	for (int i = 0; i < count; i++) {
		ASSERT_TRUE(carries(here[i], there[i], i, many ? &self->at[i % 2] : NULL))
			TH_LOG("association %d: %s", i, strerror(errno));
	}
	for (int i = 0; i < count; i++) {
		if (!many)
			abort_by_linger(there[i]);
		abort_by_linger(here[i]);
	}
	EXPECT_EQ(0, established());
}

TEST_HARNESS_MAIN
