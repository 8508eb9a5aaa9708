// SPDX-License-Identifier: GPL-2.0
/*
 * One way: a batch is sent, then received, by one process on one CPU. Nothing
 * sleeps and nobody is woken, so this is the cost of the protocol alone.
 */
#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

/* Far below the default receive buffer, even with 1,400 bytes in each. */
#define BATCH	32

struct oneway {
	int sender, receiver;
	union address to;
	bool connected;
	size_t size;
};

static void *oneway_open(const struct row *row, int protocol,
			 unsigned int which)
{
	union address here = end_address(row, 0), there = end_address(row, 1);
	struct oneway *o = calloc(1, sizeof(*o));

	(void)which;
	MUST(o ? 0 : -1);
	o->size = row->size;
	o->receiver = end_socket(row, protocol, 1, &there);
	o->sender = end_socket(row, protocol, 0, &here);
	o->to = name_of(o->receiver);
	o->connected = row->connected;
	if (o->connected)
		MUST(connect_to(o->sender, o->to));
	return o;
}

static void oneway_run(void *state, unsigned long operations)
{
	struct oneway *o = state;
	unsigned long batch, i;

	for (; operations; operations -= batch) {
		batch = operations < BATCH ? operations : BATCH;
		for (i = 0; i < batch; i++)
			send_one(o->sender, o->size, o->connected ? NULL : &o->to);
		for (i = 0; i < batch; i++)
			receive_one(o->receiver, o->size);
	}
}

static void oneway_close(void *state)
{
	struct oneway *o = state;

	close(o->sender);
	close(o->receiver);
	free(o);
}

#define ONEWAY(label, ...) {						\
	.name = label, .unit = "datagrams/s", .gauge = "time",		\
	.cpus = 1, .units = 1, .open = oneway_open, .run = oneway_run,	\
	.close = oneway_close, __VA_ARGS__ }

const struct row oneway_rows[] = {
	ONEWAY("one way, 64 bytes", .family = AF_INET, .size = 64,
	       .connected = true),
	ONEWAY("one way, 1400 bytes", .family = AF_INET, .size = 1400,
	       .connected = true),
	ONEWAY("one way, 64 bytes, sendto", .family = AF_INET, .size = 64),
	ONEWAY("one way, 64 bytes, IPv6", .family = AF_INET6, .size = 64,
	       .connected = true),
	ONEWAY("one way, 1400 bytes, IPv6", .family = AF_INET6, .size = 1400,
	       .connected = true),
	ONEWAY("one way, 64 bytes, veth", .family = AF_INET, .size = 64,
	       .connected = true, .veth = true),
	ONEWAY("one way, 1400 bytes, veth", .family = AF_INET, .size = 1400,
	       .connected = true, .veth = true),
	{ }
};
