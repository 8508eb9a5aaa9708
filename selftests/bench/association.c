// SPDX-License-Identifier: GPL-2.0
/*
 * Associations of SCTP, one-to-one: what they carry, over packets of 65536 octets and of 1500 (by
 * loopback), and over veth, where the kernel's own needs neither CRC32c nor packets; how many
 * small messages, how long an answer takes, how fast they come and go, what memory they hold.
 * Unless a row says '2 CPUs' one process has both ends, and nobody is woken.
 */
#include "bench.h"

#include <linux/sctp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD	4000
#define BATCH	32
/* Octets of a message among many. With 64K ones, or more, the kernel's own may stall for ever. */
#define PIECE	16384

#ifndef SOL_SCTP
#define SOL_SCTP 132
#endif

struct association {
	const struct row *row;
	int protocol;
	int listener;
	union address server;
	int here, there;
	pid_t peer;
	size_t open;
	int fd[2 * HELD];
};

static int association_socket(const struct row *row, int protocol, unsigned int end,
			      const union address *at)
{
	int fd = end_socket(row, protocol, end, at);

	if (row->buffers) {
		MUST(set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, row->buffers));
		MUST(set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, row->buffers));
	}
	return fd;
}

static struct association *start_server(const struct row *row, int protocol)
{
	struct association *m = calloc(1, sizeof(*m));
	union address at = end_address(row, 1);

	MUST(m ? 0 : -1);
	m->row = row;
	m->protocol = protocol;
	m->listener = association_socket(row, protocol, 1, &at);
	MUST(listen(m->listener, 100));
	m->server = name_of(m->listener);
	return m;
}

static void connect_both(struct association *m, int *client, int *server)
{
	*client = association_socket(m->row, m->protocol, 0, NULL);
	MUST(connect_to(*client, m->server));
	*server = MUST(accept(m->listener, NULL, NULL));
}

static void *association_open(const struct row *row, int protocol, unsigned int which)
{
	struct association *m = start_server(row, protocol);

	(void)which;
	connect_both(m, &m->here, &m->there);
	MUST(set_int(m->here, SOL_SCTP, SCTP_NODELAY, 1));
	MUST(set_int(m->there, SOL_SCTP, SCTP_NODELAY, 1));
	return m;
}

static void association_close(void *state)
{
	struct association *m = state;

	if (m->peer) {
		kill(m->peer, SIGKILL);
		waitpid(m->peer, NULL, 0);
	}
	close(m->here);
	close(m->there);
	close(m->listener);
	free(m);
}

static void send_message(int fd, size_t size)
{
	MUST(send(fd, buffer, size, 0) == (ssize_t)size ? 0 : -1);
}

/* It may come in parts. */
static void receive_message(int fd, size_t size)
{
	size_t got = 0;
	ssize_t n;

	for (; got < size; got += n) {
		n = MUST(recv(fd, buffer, sizeof(buffer), 0));
		MUST(n ? 0 : -1);
	}
}

static void carry(void *state, unsigned long operations)
{
	struct association *m = state;

	while (operations--) {
		send_message(m->here, m->row->size);
		receive_message(m->there, m->row->size);
	}
}

static void carry_many(void *state, unsigned long operations)
{
	struct association *m = state;
	int i;

	while (operations--) {
		for (i = 0; i < BATCH; i++)
			send_message(m->here, m->row->size);
		for (i = 0; i < BATCH; i++)
			receive_message(m->there, m->row->size);
	}
}

static void answer(void *state, unsigned long operations)
{
	struct association *m = state;

	while (operations--) {
		send_message(m->here, 1);
		receive_message(m->there, 1);
		send_message(m->there, 1);
		receive_message(m->here, 1);
	}
}

/* Reads for ever; says so when it has read what an operation sends. */
static void sink(struct association *m)
{
	size_t got = 0;

	for (;;) {
		got += MUST(recv(m->there, buffer, sizeof(buffer), 0));
		for (; got >= m->row->size; got -= m->row->size)
			send_message(m->there, 1);
	}
}

static void *crossing_open(const struct row *row, int protocol, unsigned int which)
{
	struct association *m = association_open(row, protocol, which);

	m->peer = MUST(fork());
	if (m->peer)
		return m;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_to_cpu(1);
	sink(m);
	_exit(1);
}

/* A megabyte, and the word that it is there. */
static void cross(void *state, unsigned long operations)
{
	struct association *m = state;

	while (operations--) {
		for (size_t n = 0; n < m->row->size; n += PIECE)
			send_message(m->here, PIECE);
		receive_message(m->here, 1);
	}
}

static void *server_open(const struct row *row, int protocol, unsigned int which)
{
	(void)which;
	return start_server(row, protocol);
}

static void server_close(void *state)
{
	struct association *m = state;

	close(m->listener);
	free(m);
}

static void come_and_go(void *state, unsigned long operations)
{
	struct association *m = state;

	while (operations--) {
		connect_both(m, &m->here, &m->there);
		close(m->there);
		close(m->here);
	}
}

static void hold(void *state, unsigned long operations)
{
	struct association *m = state;

	for (; operations--; m->open += 2)
		connect_both(m, &m->fd[m->open], &m->fd[m->open + 1]);
}

/* By an ABORT, so that nothing goes on without a program. */
static void let_go(void *state)
{
	struct linger at_once = { .l_onoff = 1 };
	struct association *m = state;
	int fd;

	while (m->open) {
		fd = m->fd[--m->open];
		MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
		close(fd);
	}
}

#define MESSAGE(label, fam, ...) {					\
	.name = "SCTP " label, .type = SOCK_STREAM, .sctp = true,	\
	.family = fam, .gauge = "time", __VA_ARGS__ }

#define BULK(label, fam, ...)						\
	MESSAGE("bulk" label, fam, .unit = "KiB/s", .cpus = 1,		\
		.units = 16, .size = 16384, .open = association_open,	\
		.run = carry, .close = association_close, __VA_ARGS__)

#define SMALL(label, fam, ...)						\
	MESSAGE("100 bytes" label, fam, .unit = "messages/s",		\
		.cpus = 1, .units = BATCH, .size = 100,			\
		.open = association_open, .run = carry_many,		\
		.close = association_close, __VA_ARGS__)

#define CROSSING(label, ...)						\
	MESSAGE("bulk" label ", 2 CPUs", AF_INET, .unit = "KiB/s",	\
		.cpus = 2, .units = 1024, .size = 1 << 20,		\
		.open = crossing_open, .run = cross,			\
		.close = association_close, __VA_ARGS__)

#define ANSWER(label, fam)						\
	MESSAGE("round trips" label, fam, .unit = "round trips/s",	\
		.cpus = 1, .units = 1, .open = association_open,		\
		.run = answer, .close = association_close)

const struct row association_rows[] = {
	BULK(", 65536", AF_INET),
	BULK(", 65536, IPv6", AF_INET6),
	BULK(", 1500", AF_INET, .narrow = true),
	BULK(", veth", AF_INET, .veth = true),
	CROSSING(", 65536"),
	CROSSING(", 1500", .narrow = true),
	CROSSING(", veth", .veth = true),
	CROSSING(", 65536, 512K buffers", .buffers = 512 << 10),
	CROSSING(", 1500, 512K buffers", .narrow = true, .buffers = 512 << 10),
	SMALL("", AF_INET),
	SMALL(", IPv6", AF_INET6),
	SMALL(", veth", AF_INET, .veth = true),
	ANSWER("", AF_INET),
	ANSWER(", IPv6", AF_INET6),
	MESSAGE("associations", AF_INET, .unit = "associations/s", .cpus = 1,
		.units = 1, .open = server_open, .run = come_and_go,
		.close = server_close),
	{
		.name = "SCTP memory, association", .type = SOCK_STREAM, .sctp = true,
		.unit = "bytes", .gauge = "memory", .cpus = 1, .units = 1,
		.fixed = HELD, .files = 2 * HELD + 100, .keep = true,
		.family = AF_INET, .open = server_open, .run = hold,
		.undo = let_go, .close = server_close,
	},
	{ }
};
