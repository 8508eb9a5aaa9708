// SPDX-License-Identifier: GPL-2.0
/* Bulk: one send carries many datagrams, with and without UDP_GRO at the peer. */
#include "bench.h"

#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#define SEGMENT		1400
#define SEGMENTS	46	/* as many as one send of 64 KiB holds */

struct bulk {
	int sender, receiver;
	bool gro;
};

static void *bulk_open(const struct row *row, int protocol, unsigned int which)
{
	union address here = end_address(row, 0), there = end_address(row, 1);
	struct bulk *b = calloc(1, sizeof(*b));
	int segment = SEGMENT, on = 1;

	(void)which;
	MUST(b ? 0 : -1);
	b->gro = row->option;
	b->receiver = end_socket(row, protocol, 1, &there);
	b->sender = end_socket(row, protocol, 0, &here);
	MUST(setsockopt(b->sender, IPPROTO_UDP, UDP_SEGMENT, &segment,
			sizeof(segment)));
	if (b->gro)
		MUST(setsockopt(b->receiver, IPPROTO_UDP, UDP_GRO, &on,
				sizeof(on)));
	MUST(connect_to(b->sender, name_of(b->receiver)));
	return b;
}

static void bulk_run(void *state, unsigned long operations)
{
	struct bulk *b = state;
	size_t all = SEGMENT * SEGMENTS, part = b->gro ? all : SEGMENT;
	size_t left;

	while (operations--) {
		send_one(b->sender, all, NULL);
		for (left = all; left; left -= part)
			receive_one(b->receiver, part);
	}
}

static void bulk_close(void *state)
{
	struct bulk *b = state;

	close(b->sender);
	close(b->receiver);
	free(b);
}

#define BULK(label, ...) {						\
	.name = label, .unit = "datagrams/s", .gauge = "time",		\
	.cpus = 1, .units = SEGMENTS, .family = AF_INET,		\
	.open = bulk_open, .run = bulk_run, .close = bulk_close,	\
	__VA_ARGS__ }

const struct row bulk_rows[] = {
	BULK("UDP_SEGMENT to UDP_GRO", .option = true),
	BULK("UDP_SEGMENT to a plain socket"),
	BULK("UDP_SEGMENT to UDP_GRO, veth", .option = true, .veth = true),
	{ }
};
