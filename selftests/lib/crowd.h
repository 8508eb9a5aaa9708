/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many connections at once, and many one after the other, to a few listeners on loopback, half of
 * them over IPv6. How many follows from XL4_STRESS_SECONDS alone.
 */
#ifndef XL4TEST_CROWD_H
#define XL4TEST_CROWD_H

#include "stress.h"

#include <sys/resource.h>

#include "connection.h"

#define CROWD_MOST	20000
#define LANES		8	/* listeners, each with an address and a port of its own */

struct lane {
	const struct flavour *flavour;
	int number, listener;
	union address at;
};

struct crowd {
	const char *what;			/* one of them */
	int (*socket)(const struct lane *lane);	/* as bare as can be */
	long (*established)(void);		/* ends, of both families */
	bool to_many;				/* the listener is the other end of all */
	long most_octets;			/* that both ends of one may take */
	struct lane lane[LANES];
};

/* The ends of all. */
static int here[CROWD_MOST], there[CROWD_MOST];

/* The children of a listener inherit what would else be a call each. */
static inline void lane_open(struct lane *lane, int number, int (*socket)(const struct lane *))
{
	static const struct flavour v4 = { .family = AF_INET }, v6 = { .family = AF_INET6 };
	char address[24];

	snprintf(address, sizeof(address), "127.0.0.%d", number + 1);
	lane->number = number;
	lane->flavour = number % 2 ? &v6 : &v4;
	lane->listener = MUST(socket(lane));
	impatient(lane->listener);
	MUST(bind_to(lane->listener, address_for(lane->flavour, address, "::1", 0)));
	MUST(listen(lane->listener, 64));
	lane->at = name_of(lane->listener);
}

/* @c: who they are; in a namespace of its own */
static inline void crowd_begin(struct crowd *c)
{
	struct rlimit files = { 2 * CROWD_MOST + 100, 2 * CROWD_MOST + 100 };

	MUST(setrlimit(RLIMIT_NOFILE, &files));
	for (int i = 0; i < LANES; i++)
		lane_open(&c->lane[i], i, c->socket);
}

static inline void crowd_end(struct crowd *c)
{
	for (int i = 0; i < LANES; i++)
		close(c->lane[i].listener);
}

static inline int scaled(int most, int a_second)
{
	int count = stress_seconds(a_second);

	return count < most ? count : most;
}

/* A number in a file of few words, or 0. */
static inline long number_in(const char *path)
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

/* What a slab has of each object, or 0. */
static inline long slab_object_size(const char *slab)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/object_size", slab);
	return number_in(path);
}

static inline bool crowd_open_one(const struct crowd *c, int number, int *one, int *other)
{
	const struct lane *lane = &c->lane[number % LANES];

	*one = c->socket(lane);
	if (*one < 0 || connect_to(*one, lane->at))
		return false;
	*other = c->to_many ? lane->listener : accept4(lane->listener, NULL, NULL, SOCK_CLOEXEC);
	return *other >= 0;
}

/* A word from one end to the other, that no other connection could have brought. */
static inline bool crowd_carries(const struct crowd *c, int number, int from, int to)
{
	const union address *at = c->to_many ? &c->lane[number % LANES].at : NULL;
	int got = -1;

	return sendto(from, &number, sizeof(number), MSG_NOSIGNAL, at ? &at->sa : NULL,
		      at ? address_len(at) : 0) == sizeof(number) &&
	       recv(to, &got, sizeof(got), 0) == sizeof(got) && got == number;
}

#define ASSERT_OPEN(crowd, number, one, other)				\
	ASSERT_TRUE(crowd_open_one(crowd, number, one, other))		\
		TH_LOG("%s %d: %s", (crowd)->what, number, strerror(errno))

#define ASSERT_CARRIES(crowd, number, from, to)				\
	ASSERT_TRUE(crowd_carries(crowd, number, from, to))		\
		TH_LOG("%s %d: %s", (crowd)->what, number, strerror(errno))

/* So many, as here[] and there[]. */
static inline void crowd_open(struct __test_metadata *_metadata, const struct crowd *c, int count)
{
	long before = meminfo("MemFree"), already = c->established(), octets;

	for (int i = 0; i < count; i++) {
		ASSERT_OPEN(c, i, &here[i], &there[i]);
	}
	octets = (before - meminfo("MemFree")) * 1024 / count;
	TH_LOG("%d times %s: %ld octets each, both ends and their files", count, c->what, octets);
	EXPECT_GE(c->most_octets * (keeps_what_was_freed() ? 4 : 1), octets);
	EXPECT_EQ(already + 2 * count, c->established());
}

/* Each brings its own, and nobody got what is another's. */
static inline void crowd_carry(struct __test_metadata *_metadata, const struct crowd *c, int count)
{
	for (int i = 0; i < count; i++) {
		ASSERT_CARRIES(c, i, here[i], there[i]);
	}
	for (int i = 0; i < count; i += 97)
		EXPECT_ERRNO(EAGAIN, recv(there[i], &(char) { 0 }, 1, MSG_DONTWAIT));
}

/* All of it; what is left of so many is in nobody's way. */
static inline void crowd_all_at_once(struct __test_metadata *_metadata, const struct crowd *c,
				     int count)
{
	long already = c->established();

	crowd_open(_metadata, c, count);
	crowd_carry(_metadata, c, count);
	for (int i = 0; i < count; i++) {
		close(here[i]);
		close(there[i]);
	}
	EXPECT_EQ(already, c->established());
	ASSERT_OPEN(c, 0, &here[0], &there[0]);
	ASSERT_CARRIES(c, 0, here[0], there[0]);
	reset(here[0]);
	close(there[0]);
}

/* One in eight of a lane ends with a TIME-WAIT, the others with a reset. */
static inline void crowd_one_after_the_other(struct __test_metadata *_metadata,
					     const struct crowd *c, int count)
{
	int one, other;

	for (int i = 0; i < count; i++) {
		ASSERT_OPEN(c, i, &one, &other);
		if (i / LANES % 8 == 0) {
			ASSERT_CARRIES(c, i, one, other);
			close(one);
		} else {
			reset(one);
		}
		close(other);
	}
	EXPECT_EQ(0, c->established());
	TH_LOG("%d times %s", count, c->what);
}

#endif
