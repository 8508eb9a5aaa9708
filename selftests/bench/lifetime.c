// SPDX-License-Identifier: GPL-2.0
/* The life of a socket: how fast it comes and goes, what memory it holds. */
#include "bench.h"

#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HELD	10000

struct lifetime {
	const struct row *row;
	int protocol;
	size_t open;
	int fd[HELD];
};

static void *lifetime_open(const struct row *row, int protocol,
			   unsigned int which)
{
	struct lifetime *l = calloc(1, sizeof(*l));

	(void)which;
	MUST(l ? 0 : -1);
	l->row = row;
	l->protocol = protocol;
	return l;
}

/* No SO_RCVTIMEO here: only what is named is to be measured. */
static int bound_socket(struct lifetime *l)
{
	union address at = end_address(l->row, 0);
	int fd = MUST(socket(l->row->family, SOCK_DGRAM, l->protocol));

	MUST(bind_to(fd, at));
	return fd;
}

static void come_and_go(void *state, unsigned long operations)
{
	while (operations--)
		close(bound_socket(state));
}

static void hold(void *state, unsigned long operations)
{
	struct lifetime *l = state;

	while (operations--)
		l->fd[l->open++] = bound_socket(l);
}

/* Sockets are freed by RCU; a barrier waits until that has begun for all. */
static void let_go(void *state)
{
	struct lifetime *l = state;

	while (l->open)
		close(l->fd[--l->open]);
	MUST(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
}

const struct row lifetime_rows[] = {
	{
		.name = "socket, bind, close", .unit = "sockets/s",
		.gauge = "time", .cpus = 1, .units = 1, .family = AF_INET,
		.open = lifetime_open, .run = come_and_go, .close = free,
	}, {
		.name = "memory, bound socket", .unit = "bytes",
		.gauge = "memory", .cpus = 1, .units = 1, .fixed = HELD,
		.files = HELD + 100, .keep = true, .family = AF_INET, .open = lifetime_open,
		.run = hold, .undo = let_go, .close = free,
	},
	{ }
};
