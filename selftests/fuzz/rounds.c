// SPDX-License-Identifier: GPL-2.0
/* Rounds for so many seconds (XL4_FUZZ_SECONDS), or until something is wrong. */
#include "rounds.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "memory.h"
#include "netns.h"

void round_failed(struct shared *shared, const char *format, ...)
{
	va_list args;

	if (shared->failure[0])
		return;
	va_start(args, format);
	vsnprintf(shared->failure, sizeof(shared->failure), format, args);
	va_end(args);
}

/* XL4_OUT/fuzz/NAME.KIND: what is known should the machine not live to tell. */
static int open_out(const char *name, const char *kind)
{
	const char *out = getenv("XL4_OUT");
	char path[512];

	if (!out)
		return -1;
	snprintf(path, sizeof(path), "%s/fuzz", out);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/fuzz/%s.%s", out, name, kind);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
}

static void write_seed(const char *name, uint64_t seed)
{
	int fd = open_out(name, "seed");

	if (fd < 0)
		return;
	dprintf(fd, "%lu\n", seed);
	close(fd);
}

static uint64_t first_seed(void)
{
	const char *wanted = getenv("XL4_FUZZ_SEED");
	uint32_t seed;

	if (wanted && *wanted)
		return strtoull(wanted, NULL, 0);
	MUST(getrandom(&seed, sizeof(seed), 0));
	return seed;
}

/* What the kernel says from now on. */
static int listen_to_kernel(void)
{
	int fd = MUST(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));

	lseek(fd, 0, SEEK_END);
	return fd;
}

/* Most of it is a panic at once; what remains is the lock checker's. */
static void check_kernel(int kmsg, struct shared *shared)
{
	char record[8192];
	ssize_t len;

	while ((len = read(kmsg, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		record[len > 0 ? len : 0] = '\0';
		if (strstr(record, "WARNING: ") || strstr(record, "BUG: ") ||
		    strstr(record, "INFO: "))
			round_failed(shared, "the kernel says %s", strchr(record, ';') + 1);
	}
}

/* What the tracepoints do is under test, too; a kernel need not have them. */
static void trace_events(void)
{
	int fd = open("/sys/kernel/tracing/events/xl4/enable", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	MUST(write(fd, "1", 1));
	close(fd);
}

void peers_do_not_stay(void)
{
	if (!access("/proc/sys/net/xl4/tcp_orphan_retries", W_OK))
		sysctl_write("net/xl4/tcp_orphan_retries", "1");
	if (!access("/proc/sys/net/xl4/sctp/rto_max", W_OK)) {
		sysctl_write("net/xl4/sctp/association_max_retrans", "1");
		/* RFC 9260 section 9.2: the guard of a shutdown has five times as long. */
		sysctl_write("net/xl4/sctp/rto_max", "3000");
	}
	if (!access("/proc/sys/net/xl4/dccp/retries2", W_OK)) {
		sysctl_write("net/xl4/dccp/request_retries", "1");
		sysctl_write("net/xl4/dccp/retries1", "1");
		sysctl_write("net/xl4/dccp/retries2", "1");
	}
}

static void run_round(round_t *round, uint64_t seed, struct shared *shared)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = MUST(fork());
	if (pid == 0) {
		round(seed, shared);
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0));
	if (status)
		round_failed(shared, "the fuzzer itself ended with %#x", status);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void result(int number, bool ok, const char *what)
{
	printf("%sok %d %s\n", ok ? "" : "not ", number, what);
}

/* A connection whose program and whose peer are gone is given up after some minutes. */
static bool all_given_back_at_last(void)
{
	for (int i = 0; i < 25; i++)
		if (all_given_back())
			return true;
	return false;
}

static bool report(uint64_t first, uint64_t last, double seconds, const struct shared *s)
{
	bool ok = !s->failure[0], clean = all_given_back_at_last();

	printf("# seeds %lu to %lu, %.0f seconds\n", first, last, seconds);
	printf("# %lu packets (%.0f a minute), %lu not taken; %lu came out\n", s->packets,
	       60 * s->packets / seconds, s->refused, s->heard);
	printf("# %lu calls (%.0f a minute)\n", s->calls, 60 * s->calls / seconds);
	if (!ok)
		printf("# seed %lu: %s\n", last, s->failure);
	result(1, ok, "nothing is harmed");
	result(2, clean, "all memory is given back");
	return ok && clean;
}

int rounds_main(const char *name, round_t *round)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int kmsg = listen_to_kernel(), limit = number_from("XL4_FUZZ_SECONDS", 60);
	uint64_t first = first_seed(), seed = first;
	double start = now();

	MUST(shared == MAP_FAILED ? -1 : 0);
	printf("TAP version 13\n1..2\n");
	sysctl_write("kernel/panic_on_warn", "1");
	sysctl_write("kernel/panic_on_oops", "1");
	trace_events();
	signal(SIGIO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;; seed++) {
		write_seed(name, seed);
		shared->ring = (struct ring) { .fd = open_out(name, "ring") };
		run_round(round, seed, shared);
		close(shared->ring.fd);
		check_kernel(kmsg, shared);
		if (shared->failure[0] || now() - start >= limit)
			break;
	}
	return report(first, seed, now() - start, shared) ? 0 : 1;
}
