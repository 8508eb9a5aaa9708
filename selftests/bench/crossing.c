// SPDX-License-Identifier: GPL-2.0
/*
 * Two processes on two CPUs, with the wake-ups of real life in between. The
 * sender keeps a window, so that every datagram is received and none of the
 * time goes into drops.
 */
#include "bench.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WINDOW	64

struct crossing {
	int here, there;
	pid_t peer;
	size_t size;
	unsigned long sent;
	_Atomic unsigned long received;		/* by the peer */
};

static void sink(struct crossing *c)
{
	for (;;) {
		if (recv(c->there, buffer, sizeof(buffer), 0) > 0)
			atomic_fetch_add(&c->received, 1);
		else if (errno != EAGAIN)
			break;
	}
}

static void echo(struct crossing *c)
{
	for (;;)
		answer_one(c->there);
}

static pid_t start_peer(struct crossing *c, bool echoes)
{
	pid_t peer = MUST(fork());

	if (peer)
		return peer;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_to_cpu(1);
	if (echoes)
		echo(c);
	else
		sink(c);
	_exit(1);
}

static void *crossing_open(const struct row *row, int protocol,
			   unsigned int which)
{
	union address here = end_address(row, 0), there = end_address(row, 1);
	struct crossing *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)which;
	MUST(c == MAP_FAILED ? -1 : 0);
	c->size = row->size;
	c->there = end_socket(row, protocol, 1, &there);
	c->here = end_socket(row, protocol, 0, &here);
	MUST(connect_to(c->here, name_of(c->there)));
	c->peer = start_peer(c, row->option);
	return c;
}

/* A loss would keep it waiting for ever, until the VM's own limit. */
static void wait_until_received(struct crossing *c, unsigned long all_but)
{
	while (c->sent - atomic_load(&c->received) > all_but)
		__builtin_ia32_pause();
}

static void oneway_run(void *state, unsigned long operations)
{
	struct crossing *c = state;

	while (operations--) {
		wait_until_received(c, WINDOW - 1);
		send_one(c->here, c->size, NULL);
		c->sent++;
	}
	wait_until_received(c, 0);
}

static void roundtrip_run(void *state, unsigned long operations)
{
	struct crossing *c = state;

	while (operations--) {
		send_one(c->here, c->size, NULL);
		receive_one(c->here, c->size);
	}
}

static void crossing_close(void *state)
{
	struct crossing *c = state;

	kill(c->peer, SIGKILL);
	waitpid(c->peer, NULL, 0);
	close(c->here);
	close(c->there);
	munmap(c, sizeof(*c));
}

#define CROSSING(label, ...) {						\
	.name = label, .gauge = "time", .cpus = 2, .units = 1,		\
	.family = AF_INET, .open = crossing_open, .close = crossing_close,	\
	__VA_ARGS__ }

const struct row crossing_rows[] = {
	CROSSING("one way, 64 bytes, 2 CPUs", .unit = "datagrams/s",
	     .size = 64, .run = oneway_run),
	CROSSING("one way, 1400 bytes, 2 CPUs", .unit = "datagrams/s",
	     .size = 1400, .run = oneway_run),
	CROSSING("round trips, 2 CPUs", .unit = "round trips/s",
	     .size = 64, .run = roundtrip_run, .option = true),
	{ }
};
