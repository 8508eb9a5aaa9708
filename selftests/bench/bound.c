// SPDX-License-Identifier: GPL-2.0
/*
 * Lookup among many bound sockets: each datagram goes to one of them, picked
 * at random. The same with a single socket tells whether lookups stay flat.
 */
#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

#define PORTS_EACH	20000	/* sockets on one address */
#define FIRST_PORT	1024

struct bound {
	const struct row *row;
	unsigned int which;
	int sender;
	uint32_t random;
	int receiver[];
};

static union address nth_address(unsigned int which, size_t n)
{
	union address a = ipv4("127.0.0.1", FIRST_PORT + n % PORTS_EACH);

	a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (which << 16) +
				     n / PORTS_EACH);
	return a;
}

static void *bound_open(const struct row *row, int protocol,
			unsigned int which)
{
	struct bound *b = calloc(1, sizeof(*b) +
				    row->sockets * sizeof(b->receiver[0]));
	union address at;
	size_t i;

	MUST(b ? 0 : -1);
	b->row = row;
	b->which = which;
	b->random = 1;
	b->sender = end_socket(row, protocol, 0, NULL);
	for (i = 0; i < row->sockets; i++) {
		at = nth_address(which, i);
		b->receiver[i] = end_socket(row, protocol, 1, &at);
	}
	return b;
}

/* Not rand(): the same sequence for both protocols, and next to no cost. */
static size_t pick(struct bound *b)
{
	b->random = b->random * 1664525 + 1013904223;
	return ((uint64_t)b->random * b->row->sockets) >> 32;
}

static void bound_run(void *state, unsigned long operations)
{
	struct bound *b = state;
	union address to;
	size_t n;

	while (operations--) {
		n = pick(b);
		to = nth_address(b->which, n);
		send_one(b->sender, b->row->size, &to);
		receive_one(b->receiver[n], b->row->size);
	}
}

static void bound_close(void *state)
{
	struct bound *b = state;
	size_t i;

	for (i = 0; i < b->row->sockets; i++)
		close(b->receiver[i]);
	close(b->sender);
	free(b);
}

#define BOUND(label, ...) {						\
	.name = label, .unit = "datagrams/s", .gauge = "time",		\
	.cpus = 1, .units = 1, .family = AF_INET, .size = 64,		\
	.open = bound_open, .run = bound_run, .close = bound_close,	\
	__VA_ARGS__ }

const struct row bound_rows[] = {
	BOUND("1 bound socket", .sockets = 1),
	BOUND("100000 bound sockets", .sockets = 100000, .files = 200100,
	      .keep = true),
	{ }
};
