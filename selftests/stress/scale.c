// SPDX-License-Identifier: GPL-2.0
/*
 * Tens of thousands of connections at once, and as many one after the other. How
 * many follows from XL4_STRESS_SECONDS alone: 20,000 from 10 on, and 100,000 that
 * come and go from 40 on.
 */
#include "stress.h"

#include <sys/resource.h>

#include "stream.h"

#define MOST_OPEN	20000
#define MOST_AT_ALL	100000
#define LANES		8	/* listeners, each with an address and a port of its own */

static const struct flavour v4 = { .family = AF_INET }, v6 = { .family = AF_INET6 };
static int here[MOST_OPEN], there[MOST_OPEN];

struct lane {
	const struct flavour *flavour;
	union address at;
	int listener;
};

FIXTURE(scale)
{
	struct lane lane[LANES];
};

/* The children of a listener inherit what would else be a call each. */
static void open_lane(struct lane *lane, int number)
{
	struct timeval limit = { .tv_sec = PATIENCE_S };
	char address[16];

	snprintf(address, sizeof(address), "127.0.0.%d", number + 1);
	lane->flavour = number % 2 ? &v6 : &v4;
	lane->listener = stream_bound(lane->flavour, address_for(lane->flavour, address, "::1", 0));
	MUST(setsockopt(lane->listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	MUST(listen(lane->listener, 8));
	lane->at = name_of(lane->listener);
}

FIXTURE_SETUP(scale)
{
	struct rlimit files = { 2 * MOST_OPEN + 100, 2 * MOST_OPEN + 100 };

	netns_enter();
	MUST(setrlimit(RLIMIT_NOFILE, &files));
	for (int i = 0; i < LANES; i++)
		open_lane(&self->lane[i], i);
}

FIXTURE_TEARDOWN(scale)
{
	for (int i = 0; i < LANES; i++)
		close(self->lane[i].listener);
	if (!is_kernel_tcp())
		EXPECT_TRUE(all_given_back());
}

static bool open_one(const struct lane *lane, int *one, int *other)
{
	*one = socket(lane->flavour->family, SOCK_STREAM | SOCK_CLOEXEC, tcp_number());
	if (*one < 0 || connect_to(*one, lane->at))
		return false;
	*other = accept4(lane->listener, NULL, NULL, SOCK_CLOEXEC);
	return *other >= 0;
}

/* An octet from one end to the other, that no other connection could have brought. */
static bool carries(int from, int to, int number)
{
	char octet = number % 251, got = -1;

	return send(from, &octet, 1, MSG_NOSIGNAL) == 1 && recv(to, &got, 1, 0) == 1 && got == octet;
}

/* A number in a file of few words, or 0. */
static long number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

static long slab_number(const char *slab, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", slab, file);
	return number_in(path);
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

static int scaled(int most, int a_second)
{
	int count = stress_seconds(a_second);

	return count < most ? count : most;
}

static void tell_sizes(struct __test_metadata *_metadata, long kilobytes, int count)
{
	TH_LOG("%d connections: %ld octets each, both ends and their files", count,
	       kilobytes * 1024 / count);
	TH_LOG("a socket: xTCP %ld, xTCPv6 %ld; TCP %ld, TCPv6 %ld octets",
	       slab_number("xTCP", "object_size"), slab_number("xTCPv6", "object_size"),
	       slab_number("TCP", "object_size"), slab_number("TCPv6", "object_size"));
}

static long established(void)
{
	return tcp_counter("CurrEstab");
}

TEST_F_TIMEOUT(scale, all_at_once, 300)
{
	long before = free_kilobytes(), already = established(), after;
	int count = scaled(MOST_OPEN, 2000);

	for (int i = 0; i < count; i++) {
		ASSERT_TRUE(open_one(&self->lane[i % LANES], &here[i], &there[i]))
			TH_LOG("connection %d: %s", i, strerror(errno));
	}
	after = free_kilobytes();
	tell_sizes(_metadata, before - after, count);
	EXPECT_EQ(already + 2 * count, established());
	for (int i = 0; i < count; i++) {
		ASSERT_TRUE(carries(here[i], there[i], i))
			TH_LOG("connection %d: %s", i, strerror(errno));
	}
	/* Nobody got what is another's. */
	for (int i = 0; i < count; i += 97)
		EXPECT_ERRNO(EAGAIN, recv(there[i], &(char) { 0 }, 1, MSG_DONTWAIT));
	for (int i = 0; i < count; i++) {
		close(here[i]);
		close(there[i]);
	}
	EXPECT_EQ(already, established());
	/* What is left of them is in nobody's way. */
	ASSERT_TRUE(open_one(&self->lane[0], &here[0], &there[0]));
	EXPECT_TRUE(carries(here[0], there[0], 1));
	reset(here[0]);
	close(there[0]);
}

/* One in eight ends with a TIME-WAIT, the others with a reset. */
TEST_F_TIMEOUT(scale, one_after_the_other, 300)
{
	int count = scaled(MOST_AT_ALL, 2500);

	for (int i = 0; i < count; i++) {
		int one, other;

		ASSERT_TRUE(open_one(&self->lane[i % LANES], &one, &other))
			TH_LOG("connection %d of %d: %s", i, count, strerror(errno));
		if (i % 8 == 0) {
			ASSERT_TRUE(carries(one, other, i));
			close(one);
		} else {
			reset(one);
		}
		close(other);
	}
	EXPECT_EQ(0, established());
	TH_LOG("%d connections", count);
}

TEST_HARNESS_MAIN
