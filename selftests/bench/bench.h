/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A row of the table: one kind of work, done over two protocols in turn.
 *
 * bench.c opens the row once for each protocol, then runs equal shares of
 * work in the order A B B A, so that what slows the machine for a while slows
 * both. A row says how to do so many operations; what they cost is read from
 * its gauge before and after.
 */
#ifndef XL4_BENCH_H
#define XL4_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "datagram.h"
#include "must.h"
#include "netns.h"

struct row {
	const char *name;
	const char *unit;	/* what is counted, for a person to read */
	const char *gauge;	/* what a unit costs: "time" or "memory" */
	unsigned int cpus;	/* needed, as is a limit of so many ... */
	unsigned int files;
	unsigned int units;	/* in one operation */
	unsigned long fixed;	/* so many operations, however long */
	bool keep;		/* too expensive to open for every block */

	/* The parameters that rows of one kind differ in. */
	int type;		/* 0: SOCK_DGRAM */
	int family;
	size_t size;
	size_t sockets;
	int buffers;		/* octets, of each socket; 0: as they come */
	bool connected;
	bool veth;		/* between two namespaces, */
	bool narrow;		/* or by a loopback of 1500 octets a packet */
	bool option;
	bool sctp;
	unsigned char ccid;	/* of DCCP */

	/* 'which' is 0 or 1 and keeps the two protocols' addresses apart. */
	void *(*open)(const struct row *row, int protocol, unsigned int which);
	void (*run)(void *state, unsigned long operations);
	void (*undo)(void *state);	/* outside of what is measured */
	void (*close)(void *state);
};

extern const struct row oneway_rows[];
extern const struct row roundtrip_rows[];
extern const struct row crossing_rows[];
extern const struct row fanout_rows[];
extern const struct row bound_rows[];
extern const struct row bulk_rows[];
extern const struct row lifetime_rows[];
extern const struct row stream_rows[];
extern const struct row association_rows[];
extern const struct row packets_rows[];

/* The two ends of the veth pair, or twice the same namespace and a loopback. */
struct place {
	int ns[2];
	const char *v4[2];
	const char *v6[2];
};

extern struct place loopback_place, veth_place, narrow_place;

/* Leaves this process in a namespace of its own, with the pair in it. */
void make_places(void);

static inline const struct place *place_of(const struct row *row)
{
	if (row->narrow)
		return &narrow_place;
	return row->veth ? &veth_place : &loopback_place;
}

/* The address of one end: the port is free, the kernel is to choose it. */
union address end_address(const struct row *row, unsigned int end);

/* A socket in the namespace of that end, bound unless 'at' is NULL. */
int end_socket(const struct row *row, int protocol, unsigned int end,
	       const union address *at);

/* One for all: where it lies matters to an emulated memory. */
extern char buffer[65536];

void send_one(int fd, size_t len, const union address *to);
void receive_one(int fd, size_t expected);

/* Sends back what comes, if anything; as a server that is not connected. */
void answer_one(int fd);

void pin_to_cpu(int cpu);

#endif
