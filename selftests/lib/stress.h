/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads on all CPUs that do something for a while, until one of them sees
 * what must not be. XL4_STRESS_SECONDS says how long the whole of a test takes.
 */
#ifndef XL4TEST_STRESS_H
#define XL4TEST_STRESS_H

#include "xl4test.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include "memory.h"

#define MAX_WORKERS	8

struct worker;
typedef void work_t(struct worker *w);

struct stress {
	_Atomic bool stop;
	pthread_mutex_t lock;
	char failure[256];	/* the first; empty when all went well */
	void *shared;		/* between the workers */
	size_t workers;
	struct worker {
		struct stress *stress;
		pthread_t thread;
		work_t *work;
		uint32_t random;
		unsigned long done;
	} worker[MAX_WORKERS];
};

static inline double stress_seconds(double share)
{
	return share * number_from("XL4_STRESS_SECONDS", 10);
}

static inline bool stopped(struct worker *w)
{
	return atomic_load_explicit(&w->stress->stop, memory_order_relaxed);
}

__attribute__((format(printf, 2, 3)))
static inline void fail(struct worker *w, const char *format, ...)
{
	struct stress *s = w->stress;
	va_list args;

	pthread_mutex_lock(&s->lock);
	va_start(args, format);
	if (!s->failure[0])
		vsnprintf(s->failure, sizeof(s->failure), format, args);
	va_end(args);
	pthread_mutex_unlock(&s->lock);
	atomic_store(&s->stop, true);
}

/* One of n; each worker has a sequence of its own, the same in each run. */
static inline uint32_t pick(struct worker *w, uint32_t n)
{
	w->random = w->random * 1664525 + 1013904223;
	return ((uint64_t)w->random * n) >> 32;
}

static inline void *worker_main(void *arg)
{
	struct worker *w = arg;
	size_t number = w - w->stress->worker;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
	while (!stopped(w)) {
		w->work(w);
		w->done++;
	}
	return NULL;
}

static inline void add_worker(struct stress *s, work_t *work)
{
	size_t number = s->workers++;

	MUST(number < MAX_WORKERS ? 0 : -1);
	s->worker[number] = (struct worker) {
		.stress = s, .work = work, .random = number + 1 };
}

/*
 * A socket that wants time stamps. The first and the last one make the kernel
 * patch its own code, and where QEMU emulates the CPUs another of them may run
 * into the breakpoint that the kernel takes for gone already ("Oops: int3").
 */
static inline int time_stamps_on(void)
{
	int fd = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	MUST(set_int(fd, SOL_SOCKET, SO_TIMESTAMP, 1));
	return fd;
}

/* Runs all workers for so long; NULL, or what went wrong. */
static inline const char *run_workers(struct stress *s, double seconds)
{
	struct timespec tick = { .tv_nsec = 50 * 1000 * 1000 };
	int stamps = time_stamps_on();
	size_t i;

	pthread_mutex_init(&s->lock, NULL);
	for (i = 0; i < s->workers; i++)
		MUST(-pthread_create(&s->worker[i].thread, NULL, worker_main,
				     &s->worker[i]));
	for (; seconds > 0 && !atomic_load(&s->stop); seconds -= 0.05)
		nanosleep(&tick, NULL);
	atomic_store(&s->stop, true);
	for (i = 0; i < s->workers; i++)
		pthread_join(s->worker[i].thread, NULL);
	close(stamps);
	return s->failure[0] ? s->failure : NULL;
}

#define EXPECT_ALL_WELL(stress, seconds) do {				\
	const char *failure_ = run_workers(stress, seconds);		\
									\
	EXPECT_EQ(NULL, failure_) {					\
		TH_LOG("%s", failure_);					\
	}								\
	for (size_t i_ = 0; i_ < (stress)->workers; i_++)		\
		EXPECT_GT((stress)->worker[i_].done, 0);		\
} while (0)

/* A stress test's own work: reads all that procfs tells of the protocols. */
static inline void read_proc_files(struct worker *w)
{
	static const char * const mine[] = {
		"xl4/snmp", "xl4/udp", "xl4/udp6", "xl4/udplite",
		"xl4/udplite6", "xl4/sctp", "xl4/sctp6", "protocols" };
	static const char * const kernels[] = {
		"snmp", "udp", "udp6", "protocols" };
	bool kernel = is_kernel_udp();
	const char *file = kernel ? kernels[pick(w, ARRAY_SIZE(kernels))]
				  : mine[pick(w, ARRAY_SIZE(mine))];
	char path[64], data[4096];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fail(w, "open %s: %s", path, strerror(errno));
		return;
	}
	/* Odd portions, so that it stops in the midst of a table. */
	while ((len = read(fd, data, 1 + pick(w, sizeof(data) - 1))) > 0)
		;
	if (len < 0)
		fail(w, "read %s: %s", path, strerror(errno));
	close(fd);
}

#endif
