// SPDX-License-Identifier: GPL-2.0
/* There and back, by one process on one CPU: again nobody is woken. */
#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

struct roundtrip {
	int client, server;
	size_t size;
};

static void *roundtrip_open(const struct row *row, int protocol,
			    unsigned int which)
{
	union address here = end_address(row, 0), there = end_address(row, 1);
	struct roundtrip *r = calloc(1, sizeof(*r));

	(void)which;
	MUST(r ? 0 : -1);
	r->size = row->size;
	r->server = end_socket(row, protocol, 1, &there);
	r->client = end_socket(row, protocol, 0, &here);
	MUST(connect_to(r->client, name_of(r->server)));
	return r;
}

static void roundtrip_run(void *state, unsigned long operations)
{
	struct roundtrip *r = state;

	while (operations--) {
		send_one(r->client, r->size, NULL);
		answer_one(r->server);
		receive_one(r->client, r->size);
	}
}

static void roundtrip_close(void *state)
{
	struct roundtrip *r = state;

	close(r->client);
	close(r->server);
	free(r);
}

#define ROUNDTRIP(label, ...) {						\
	.name = label, .unit = "round trips/s", .gauge = "time",	\
	.cpus = 1, .units = 1, .open = roundtrip_open,			\
	.run = roundtrip_run, .close = roundtrip_close,			\
	.size = 64, __VA_ARGS__ }

const struct row roundtrip_rows[] = {
	ROUNDTRIP("round trips", .family = AF_INET),
	ROUNDTRIP("round trips, IPv6", .family = AF_INET6),
	ROUNDTRIP("round trips, veth", .family = AF_INET, .veth = true),
	{ }
};
