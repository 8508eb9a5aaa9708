/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that call whatever can be called on a socket.
 *
 * A program does one random call after the other to a few sockets of all
 * protocols. Most arguments make sense, so that calls get deep; as many of a
 * hundred as "wild" says do not.
 *
 * A protocol joins in with a file calls_NAME.c, which holds its table:
 *
 *	static const struct protocol udp = { ... };
 *	PROTOCOL(udp);
 */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include <stdint.h>

#include "address.h"
#include "chance.h"
#include "ring.h"

#define SOCKETS		16
#define DATA		(1 << 17)

struct option;

/* Writes a value that makes sense; returns its length. */
typedef unsigned int fill_t(struct chance *c, const struct option *o, uint8_t *to);

/* A socket option, or a control message. */
struct option {
	const char *name;
	int level;
	int number;
	fill_t *fill;
	int low, high;		/* for the fill */
};

struct options {
	const struct option *list;
	unsigned int count;
};

struct protocol {
	const char *name;
	int type;		/* SOCK_DGRAM, ... */
	const char *variable;	/* of the environment: its number */
	int number;		/* if that is not set */
	struct options options;
	struct options controls;
};

#define PROTOCOL(p)	\
	static const struct protocol *const p##_entry	\
	__attribute__((used, section("protocols"))) = &(p)

#define OPTION(level, number, ...)	{ #number, level, number, __VA_ARGS__ }
#define LIST(array)			{ array, sizeof(array) / sizeof((array)[0]) }

/* options.c: of all protocols */
extern const struct options common_options, common_controls;

/* values.c */
fill_t fill_int, fill_size, fill_byte, fill_bytes, fill_device, fill_linger, fill_time, fill_filter;
fill_t fill_membership4, fill_source4, fill_filter4, fill_pktinfo4, fill_options4;
fill_t fill_membership6, fill_pktinfo6, fill_extension6, fill_routing6, fill_label6;
fill_t fill_group, fill_group_source, fill_group_filter, fill_address6;
union address some_address(struct chance *c, int family);
int some_port(struct chance *c);

struct program {
	struct chance *chance;
	struct ring *ring;
	int id;				/* for the log */
	unsigned int wild;		/* of a hundred arguments */
	bool may_fork;
	bool may_block;			/* somebody must interrupt it */
	unsigned long calls;
	int fd[SOCKETS];
	const struct protocol *protocol[SOCKETS];
	int family[SOCKETS];
	int pipe[2];
};

/* calls.c */
void program_start(struct program *p);
void program_call(struct program *p);
void program_end(struct program *p);
void program_interrupt(void);

/* arguments.c */
uint8_t *room_for(unsigned int len);
void *sound_or_wild(struct program *p, void *pointer);
unsigned int length_or_wild(struct program *p, unsigned int len);
const struct option *some_option(struct program *p, int slot);
struct msghdr *some_message(struct program *p, int slot, bool out);
void describe_message(const struct msghdr *m, char *to, size_t room);
void arguments_init(void);

#endif
