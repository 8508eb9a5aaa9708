// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: what a stream carries, how long an answer takes, how fast they
 * come and go, what memory they hold. Unless a row says '2 CPUs' one process
 * has both ends, and nobody is woken.
 */
#include "bench.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD	4000

struct stream {
	const struct row *row;
	int protocol;
	int listener;
	union address server;
	int here, there;
	pid_t peer;
	size_t open;
	int fd[2 * HELD];
};

static struct stream *start_server(const struct row *row, int protocol)
{
	struct stream *s = calloc(1, sizeof(*s));
	union address at = end_address(row, 1);

	MUST(s ? 0 : -1);
	s->row = row;
	s->protocol = protocol;
	s->listener = end_socket(row, protocol, 1, &at);
	MUST(listen(s->listener, 100));
	s->server = name_of(s->listener);
	return s;
}

static void connect_both(struct stream *s, int *client, int *server)
{
	*client = end_socket(s->row, s->protocol, 0, NULL);
	MUST(connect_to(*client, s->server));
	*server = MUST(accept(s->listener, NULL, NULL));
}

static void *stream_open(const struct row *row, int protocol,
			 unsigned int which)
{
	struct stream *s = start_server(row, protocol);

	(void)which;
	connect_both(s, &s->here, &s->there);
	MUST(set_int(s->here, IPPROTO_TCP, TCP_NODELAY, 1));
	MUST(set_int(s->there, IPPROTO_TCP, TCP_NODELAY, 1));
	return s;
}

static void stream_close(void *state)
{
	struct stream *s = state;

	if (s->peer) {
		kill(s->peer, SIGKILL);
		waitpid(s->peer, NULL, 0);
	}
	close(s->here);
	close(s->there);
	close(s->listener);
	free(s);
}

static void send_all(int fd, size_t size)
{
	MUST(send(fd, buffer, size, 0) == (ssize_t)size ? 0 : -1);
}

static void receive_all(int fd, size_t size)
{
	MUST(recv(fd, buffer, size, MSG_WAITALL) == (ssize_t)size ? 0 : -1);
}

static void carry(void *state, unsigned long operations)
{
	struct stream *s = state;

	while (operations--) {
		send_all(s->here, s->row->size);
		receive_all(s->there, s->row->size);
	}
}

static void answer(void *state, unsigned long operations)
{
	struct stream *s = state;

	while (operations--) {
		send_all(s->here, 1);
		receive_all(s->there, 1);
		send_all(s->there, 1);
		receive_all(s->here, 1);
	}
}

/* Reads for ever; says so when it has read what an operation sends. */
static void sink(struct stream *s)
{
	size_t got = 0;

	for (;;) {
		got += MUST(recv(s->there, buffer, sizeof(buffer), 0));
		for (; got >= s->row->size; got -= s->row->size)
			send_all(s->there, 1);
	}
}

static void *crossing_open(const struct row *row, int protocol,
			   unsigned int which)
{
	struct stream *s = stream_open(row, protocol, which);

	s->peer = MUST(fork());
	if (s->peer)
		return s;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_to_cpu(1);
	sink(s);
	_exit(1);
}

/* A megabyte, and the word that it is there. */
static void cross(void *state, unsigned long operations)
{
	struct stream *s = state;

	while (operations--) {
		for (size_t n = 0; n < s->row->size; n += sizeof(buffer))
			send_all(s->here, sizeof(buffer));
		receive_all(s->here, 1);
	}
}

static void *server_open(const struct row *row, int protocol,
			 unsigned int which)
{
	(void)which;
	return start_server(row, protocol);
}

static void server_close(void *state)
{
	struct stream *s = state;

	close(s->listener);
	free(s);
}

/* The server closes first: TIME-WAIT takes no port from the client. */
static void come_and_go(void *state, unsigned long operations)
{
	struct stream *s = state;

	while (operations--) {
		connect_both(s, &s->here, &s->there);
		close(s->there);
		close(s->here);
	}
}

static void hold(void *state, unsigned long operations)
{
	struct stream *s = state;

	for (; operations--; s->open += 2)
		connect_both(s, &s->fd[s->open], &s->fd[s->open + 1]);
}

/* By a reset, so that no TIME-WAIT is counted. */
static void let_go(void *state)
{
	struct linger at_once = { .l_onoff = 1 };
	struct stream *s = state;
	int fd;

	while (s->open) {
		fd = s->fd[--s->open];
		MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
				sizeof(at_once)));
		close(fd);
	}
}

#define STREAM(label, fam, ...) {					\
	.name = "TCP " label, .type = SOCK_STREAM, .family = fam,	\
	.gauge = "time", __VA_ARGS__ }

#define BULK(label, fam, ...)						\
	STREAM("bulk" label, fam, .unit = "KiB/s", .cpus = 1,		\
	       .units = 16, .size = 16384, .open = stream_open,	\
	       .run = carry, .close = stream_close, __VA_ARGS__)

#define CROSSING(label, ...)						\
	STREAM("bulk" label ", 2 CPUs", AF_INET, .unit = "KiB/s",	\
	       .cpus = 2, .units = 1024, .size = 1 << 20,		\
	       .open = crossing_open, .run = cross,			\
	       .close = stream_close, __VA_ARGS__)

#define ANSWER(label, fam)						\
	STREAM("round trips" label, fam, .unit = "round trips/s",	\
	       .cpus = 1, .units = 1, .open = stream_open,		\
	       .run = answer, .close = stream_close)

const struct row stream_rows[] = {
	BULK("", AF_INET),
	BULK(", IPv6", AF_INET6),
	BULK(", veth", AF_INET, .veth = true),
	CROSSING(""),
	CROSSING(", veth", .veth = true),
	ANSWER("", AF_INET),
	ANSWER(", IPv6", AF_INET6),
	STREAM("connections", AF_INET, .unit = "connections/s", .cpus = 1,
	       .units = 1, .open = server_open, .run = come_and_go,
	       .close = server_close),
	{
		.name = "TCP memory, connection", .type = SOCK_STREAM,
		.unit = "bytes", .gauge = "memory", .cpus = 1, .units = 1,
		.fixed = HELD, .files = 2 * HELD + 100, .keep = true,
		.family = AF_INET, .open = server_open, .run = hold,
		.undo = let_go, .close = server_close,
	},
	{ }
};
