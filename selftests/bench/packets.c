// SPDX-License-Identifier: GPL-2.0
/*
 * Connections of DCCP, under CCID 2 at both ends: how many packets, how long an answer takes, how
 * fast they come and go, what memory they hold. One process has both ends, and nobody is woken.
 */
#include "bench.h"

#include <errno.h>
#include <linux/dccp.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define HELD	4000
#define BATCH	32

#ifndef SOL_DCCP
#define SOL_DCCP 269
#endif

struct packets {
	const struct row *row;
	int protocol;
	int listener;
	union address server;
	int here, there;
	size_t open;
	int fd[2 * HELD];
};

static int packets_socket(const struct row *row, int protocol, unsigned int end,
			  const union address *at)
{
	int fd = end_socket(row, protocol, end, at);

	MUST(set_int(fd, SOL_DCCP, DCCP_SOCKOPT_SERVICE, htonl(42)));
	MUST(setsockopt(fd, SOL_DCCP, DCCP_SOCKOPT_CCID, &row->ccid, 1));
	return fd;
}

/* By a Reset, so that nothing goes on without a program. */
static void reset(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
	close(fd);
}

static void *server_open(const struct row *row, int protocol, unsigned int which)
{
	struct packets *p = calloc(1, sizeof(*p));
	union address at = end_address(row, 1);

	(void)which;
	MUST(p ? 0 : -1);
	p->row = row;
	p->protocol = protocol;
	p->listener = packets_socket(row, protocol, 1, &at);
	MUST(listen(p->listener, 100));
	p->server = name_of(p->listener);
	return p;
}

static void connect_both(struct packets *p, int *client, int *server)
{
	*client = packets_socket(p->row, p->protocol, 0, NULL);
	MUST(connect_to(*client, p->server));
	*server = MUST(accept(p->listener, NULL, NULL));
}

static void *packets_open(const struct row *row, int protocol, unsigned int which)
{
	struct packets *p = server_open(row, protocol, which);

	connect_both(p, &p->here, &p->there);
	return p;
}

static void server_close(void *state)
{
	struct packets *p = state;

	close(p->listener);
	free(p);
}

static void packets_close(void *state)
{
	struct packets *p = state;

	reset(p->here);
	close(p->there);
	server_close(p);
}

/* As many as the queue takes, which says EAGAIN where another protocol would wait. */
static unsigned int send_some(const struct packets *p, unsigned int most)
{
	unsigned int n = 0;

	while (n < most && send(p->here, buffer, p->row->size, 0) == (ssize_t)p->row->size)
		n++;
	MUST(n == most || errno == EAGAIN ? 0 : -1);
	return n;
}

static void carry_many(void *state, unsigned long operations)
{
	struct packets *p = state;
	unsigned int left, n, i;

	while (operations--) {
		for (left = BATCH; left; left -= n) {
			n = send_some(p, left);
			for (i = 0; i < n; i++)
				receive_one(p->there, p->row->size);
			if (!n)
				poll(NULL, 0, 1);
		}
	}
}

static void answer(void *state, unsigned long operations)
{
	struct packets *p = state;

	while (operations--) {
		send_one(p->here, p->row->size, NULL);
		receive_one(p->there, p->row->size);
		send_one(p->there, p->row->size, NULL);
		receive_one(p->here, p->row->size);
	}
}

static void come_and_go(void *state, unsigned long operations)
{
	struct packets *p = state;

	while (operations--) {
		connect_both(p, &p->here, &p->there);
		close(p->here);
		close(p->there);
	}
}

static void hold(void *state, unsigned long operations)
{
	struct packets *p = state;

	for (; operations--; p->open += 2)
		connect_both(p, &p->fd[p->open], &p->fd[p->open + 1]);
}

static void let_go(void *state)
{
	struct packets *p = state;

	while (p->open)
		reset(p->fd[--p->open]);
}

#define ROW(label, fam, ...) {						\
	.name = "DCCP " label, .type = SOCK_DCCP, .family = fam,		\
	.ccid = 2, .gauge = "time", .cpus = 1, __VA_ARGS__ }

#define MANY(label, fam, octets, ...)					\
	ROW(label, fam, .unit = "packets/s", .units = BATCH,		\
	    .size = octets, .open = packets_open, .run = carry_many,	\
	    .close = packets_close, __VA_ARGS__)

#define ANSWER(label, fam, ...)						\
	ROW(label, fam, .unit = "round trips/s", .units = 1,		\
	    .size = 64, .open = packets_open, .run = answer,		\
	    .close = packets_close, __VA_ARGS__)

const struct row packets_rows[] = {
	MANY("64 bytes", AF_INET, 64),
	MANY("1400 bytes", AF_INET, 1400),
	MANY("64 bytes, IPv6", AF_INET6, 64),
	MANY("1400 bytes, veth", AF_INET, 1400, .veth = true),
	ANSWER("round trips", AF_INET),
	ANSWER("round trips, IPv6", AF_INET6),
	ROW("connections", AF_INET, .unit = "connections/s", .units = 1,
	    .open = server_open, .run = come_and_go, .close = server_close),
	{
		.name = "DCCP memory, connection", .type = SOCK_DCCP, .ccid = 2,
		.unit = "bytes", .gauge = "memory", .cpus = 1, .units = 1,
		.fixed = HELD, .files = 2 * HELD + 100, .keep = true,
		.family = AF_INET, .open = server_open, .run = hold,
		.undo = let_go, .close = server_close,
	},
	{ }
};
