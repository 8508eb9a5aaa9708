/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that runs out: an operation is repeated, and each time another of its
 * allocations fails.
 *
 *	struct faults f = faults_in("bind()");
 *
 *	while (faults_next(&f)) {
 *		int fd = dgram_open(flavour), error;
 *
 *		faults_arm(&f);
 *		error = errno_of(bind_to(fd, to));
 *		faults_disarm(&f);
 *		EXPECT_TOLD(&f, error);
 *		...the socket works, nothing is left behind...
 *	}
 *
 * Nothing but the operation is to stand between arm and disarm. There also are
 * rounds in which nothing fails.
 *
 * faults_in() has two ways to fail what this thread asks for. First each
 * allocation alone, by /proc/thread-self/fail-nth: of memory, small and in
 * pages, and each copy from and to the program. What tries twice survives
 * this; so then all small allocations from a point on, counted in bytes, as
 * failslab can only count those. faults_elsewhere() is for what others do for
 * us, softirqs and kernel threads: one small allocation from such a point on,
 * whoever wants it.
 */
#ifndef XL4TEST_FAULT_H
#define XL4TEST_FAULT_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "must.h"

/* What is not all the same code. */
#define FAULT_FLAVOURS(fixture)						\
ADD_FLAVOUR(fixture, udp_ipv4, .family = AF_INET);			\
ADD_FLAVOUR(fixture, udp_ipv6, .family = AF_INET6);			\
ADD_FLAVOUR(fixture, lite_ipv4, .family = AF_INET, .lite = true)

#define FAULT_NTH	"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug"
#define FAILSLAB	DEBUGFS "/failslab"

/* So many points in bytes are tried, at most. */
#define FAULT_POINTS	30

/* No operation allocates so often: one that does would never end. */
#define FAULT_ROUNDS	20000

enum fault_way {
	FAULT_ALONE,
	FAULT_ONWARD,
	FAULT_ELSEWHERE,
	FAULT_OVER
};

/* What an operation asks for. */
struct fault_sum {
	int allocations;
	int bytes;	/* of the small ones */
};

struct faults {
	const char *operation;
	enum fault_way way;
	bool begun;
	bool counting;	/* nothing fails */
	struct fault_sum first;	/* so much is not to fail */
	struct fault_sum all;
	int point;	/* which fails, or the bytes before the first that does */
	int step;	/* to the next; 0 until all bytes are counted */
	int failed;	/* how many allocations did in this round */
	int rounds[FAULT_OVER];	/* in which something failed */
};

/* Open all the while, as opening allocates too. */
static struct {
	int nth, probability, times, space, task_filter;
} fault_knobs = { .nth = -1 };

static inline int fault_open(const char *path)
{
	return MUST(open(path, O_RDWR | O_CLOEXEC));
}

static inline void fault_set(int knob, int value)
{
	char text[16];

	MUST(write(knob, text, sprintf(text, "%d", value)));
}

static inline void fault_write(const char *path, int value)
{
	int knob = fault_open(path);

	fault_set(knob, value);
	close(knob);
}

static inline int fault_read(const char *path)
{
	char text[16] = "";
	int knob = fault_open(path);

	MUST(read(knob, text, sizeof(text) - 1));
	close(knob);
	return atoi(text);
}

/* Can this kernel do it? */
static inline bool faults_possible(void)
{
	return !access(FAULT_NTH, W_OK);
}

#define FAULTS_ONLY() do {						\
	if (!faults_possible())						\
		SKIP_ALL("this kernel cannot make allocations fail");	\
} while (0)

/* All allocations may fail, even those that may wait, and without a word. */
static inline void faults_allow_all(void)
{
	fault_write(FAILSLAB "/ignore-gfp-wait", 0);
	fault_write(FAILSLAB "/verbose", 0);
	fault_write(DEBUGFS "/fail_page_alloc/ignore-gfp-wait", 0);
	fault_write(DEBUGFS "/fail_page_alloc/ignore-gfp-highmem", 0);
	fault_write(DEBUGFS "/fail_page_alloc/min-order", 0);
	fault_write(DEBUGFS "/fail_page_alloc/verbose", 0);
	if (!access(DEBUGFS "/fail_usercopy", F_OK))
		fault_write(DEBUGFS "/fail_usercopy/verbose", 0);
}

/* Once for each process. The program itself is not to ask for memory later. */
static inline void faults_prepare(void)
{
	if (fault_knobs.nth >= 0)
		return;
	mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	faults_allow_all();
	fault_knobs.nth = fault_open(FAULT_NTH);
	fault_knobs.probability = fault_open(FAILSLAB "/probability");
	fault_knobs.times = fault_open(FAILSLAB "/times");
	fault_knobs.space = fault_open(FAILSLAB "/space");
	fault_knobs.task_filter = fault_open(FAILSLAB "/task-filter");
	fault_set(fault_knobs.probability, 0);
	fault_write("/proc/thread-self/make-it-fail", 1);
	MUST(mlockall(MCL_CURRENT | MCL_FUTURE));
}

static inline struct faults faults_in(const char *operation)
{
	faults_prepare();
	return (struct faults) { .operation = operation };
}

/* The same, without what comes first and is known to be others' affair. */
static inline struct faults faults_behind(const char *operation,
					  struct fault_sum first)
{
	faults_prepare();
	return (struct faults) { .operation = operation, .first = first,
				 .point = first.allocations };
}

/* Nothing fails, but afterwards .all is what the operation asks for. */
static inline struct faults faults_counting(void)
{
	faults_prepare();
	return (struct faults) { .counting = true, .point = INT_MAX };
}

static inline struct faults faults_elsewhere(const char *operation)
{
	faults_prepare();
	return (struct faults) { .operation = operation,
				 .way = FAULT_ELSEWHERE,
				 .point = INT_MAX };
}

static inline void fault_arm_bytes(const struct faults *f)
{
	fault_set(fault_knobs.task_filter, f->way == FAULT_ONWARD);
	fault_set(fault_knobs.times, f->way == FAULT_ONWARD ? INT_MAX : 1);
	fault_set(fault_knobs.space, f->point);
	fault_set(fault_knobs.probability, 100);
}

static inline int fault_disarm_bytes(struct faults *f)
{
	int times = f->way == FAULT_ONWARD ? INT_MAX : 1;

	fault_set(fault_knobs.probability, 0);
	if (f->point == INT_MAX)
		f->all.bytes = INT_MAX - fault_read(FAILSLAB "/space");
	return times - fault_read(FAILSLAB "/times");
}

static inline void faults_arm(const struct faults *f)
{
	if (f->way == FAULT_ALONE)
		fault_set(fault_knobs.nth, f->point);
	else
		fault_arm_bytes(f);
}

/* Asking and stopping are copies from and to the program too, and may fail. */
static inline int fault_disarm_nth(struct faults *f)
{
	char to_come[16] = "1";

	pread(fault_knobs.nth, to_come, sizeof(to_come) - 1, 0);
	while (write(fault_knobs.nth, "0", 1) < 0)
		;
	f->all.allocations = f->point - atoi(to_come);
	return !atoi(to_come);
}

/* Leaves errno as the operation left it. */
static inline void faults_disarm(struct faults *f)
{
	int saved = errno;

	if (f->way == FAULT_ALONE)
		f->failed = fault_disarm_nth(f);
	else
		f->failed = fault_disarm_bytes(f);
	f->rounds[f->way] += f->failed > 0;
	errno = saved;
}

static inline bool fault_next_byte(struct faults *f)
{
	int bytes = f->all.bytes - f->first.bytes;

	if (f->step) {
		f->point += f->step;
	} else {
		f->step = bytes / FAULT_POINTS > 16 ? bytes / FAULT_POINTS : 16;
		f->point = f->first.bytes;
	}
	return f->point <= f->all.bytes;
}

/* A sweep in which nothing failed tests nothing. */
static inline void fault_report(const struct faults *f)
{
	int hits = f->rounds[FAULT_ALONE] + f->rounds[FAULT_ONWARD] +
		   f->rounds[FAULT_ELSEWHERE];

	printf("# %s: failed %d times alone, %d onward, %d elsewhere\n",
	       f->operation, f->rounds[FAULT_ALONE], f->rounds[FAULT_ONWARD],
	       f->rounds[FAULT_ELSEWHERE]);
	fflush(stdout);
	if (!hits)
		abort();
}

/* One round for allocations, one for bytes. */
static inline bool fault_next_count(struct faults *f, bool begun)
{
	if (begun)
		f->way++;
	return f->way <= FAULT_ONWARD;
}

/* On to the next round; false when all are done. */
static inline bool faults_next(struct faults *f)
{
	bool begun = f->begun;

	f->begun = true;
	if (f->counting)
		return fault_next_count(f, begun);
	if (f->way == FAULT_ALONE && (!begun || f->failed)) {
		if (f->point++ >= FAULT_ROUNDS)
			abort();
		return true;
	}
	if (f->way == FAULT_ALONE) {
		f->way = FAULT_ONWARD;
		f->point = INT_MAX;
		begun = false;
	}
	/* The first round of these counts the bytes. */
	if (!begun || fault_next_byte(f))
		return true;
	fault_report(f);
	return false;
}

/* IPv6 takes no memory for a route for no route: ENETUNREACH. */
static inline bool fault_told(const struct faults *f, int error, int also)
{
	if (!error)
		return true;
	return f->failed && (error == ENOMEM || error == ENOBUFS ||
			     error == EFAULT || error == ENETUNREACH ||
			     error == also);
}

/*
 * The operation went well, or memory ran out and it says so: with ENOMEM,
 * ENOBUFS, or, where a copy to or from the program failed, EFAULT.
 */
#define EXPECT_TOLD(f, error)	EXPECT_TOLD_OR(f, error, 0)

#define EXPECT_TOLD_OR(f, error, also)					\
	EXPECT_TRUE(fault_told(f, error, also)) {			\
		TH_LOG("%s: %s, way %d, point %d", (f)->operation,	\
		       strerror(error), (f)->way, (f)->point);		\
	}

#endif
