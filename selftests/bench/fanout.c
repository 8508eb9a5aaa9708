// SPDX-License-Identifier: GPL-2.0
/* One sender to many sockets: to each in turn, or to all with one multicast. */
#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

#define GROUP	"239.1.2.3"

struct fanout {
	int sender;
	size_t size, sockets;
	struct {
		int fd;
		union address at;
	} receiver[];
};

static struct fanout *fanout_new(const struct row *row, int protocol)
{
	struct fanout *f = calloc(1, sizeof(*f) + row->sockets *
					     sizeof(f->receiver[0]));

	MUST(f ? 0 : -1);
	f->size = row->size;
	f->sockets = row->sockets;
	f->sender = end_socket(row, protocol, 0, NULL);
	return f;
}

static void *each_open(const struct row *row, int protocol, unsigned int which)
{
	struct fanout *f = fanout_new(row, protocol);
	union address at = end_address(row, 1);
	size_t i;

	(void)which;
	for (i = 0; i < f->sockets; i++) {
		f->receiver[i].fd = end_socket(row, protocol, 1, &at);
		f->receiver[i].at = name_of(f->receiver[i].fd);
	}
	return f;
}

static void receive_all(struct fanout *f)
{
	size_t i;

	for (i = 0; i < f->sockets; i++)
		receive_one(f->receiver[i].fd, f->size);
}

static void each_run(void *state, unsigned long operations)
{
	struct fanout *f = state;
	size_t i;

	while (operations--) {
		for (i = 0; i < f->sockets; i++)
			send_one(f->sender, f->size, &f->receiver[i].at);
		receive_all(f);
	}
}

static int member_socket(const struct row *row, int protocol, int port)
{
	union address at = ipv4(GROUP, port);
	struct ip_mreqn group = { .imr_multiaddr = at.v4.sin_addr,
				  .imr_ifindex = if_nametoindex("lo") };
	int fd = end_socket(row, protocol, 1, NULL);
	int on = 1;

	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	MUST(bind_to(fd, at));
	MUST(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
			sizeof(group)));
	return fd;
}

static void *group_open(const struct row *row, int protocol,
			unsigned int which)
{
	struct fanout *f = fanout_new(row, protocol);
	struct ip_mreqn out = { .imr_ifindex = if_nametoindex("lo") };
	int port = 5000 + which;
	size_t i;

	MUST(setsockopt(f->sender, IPPROTO_IP, IP_MULTICAST_IF, &out,
			sizeof(out)));
	MUST(connect_to(f->sender, ipv4(GROUP, port)));
	for (i = 0; i < f->sockets; i++)
		f->receiver[i].fd = member_socket(row, protocol, port);
	return f;
}

static void group_run(void *state, unsigned long operations)
{
	struct fanout *f = state;

	while (operations--) {
		send_one(f->sender, f->size, NULL);
		receive_all(f);
	}
}

static void fanout_close(void *state)
{
	struct fanout *f = state;
	size_t i;

	for (i = 0; i < f->sockets; i++)
		close(f->receiver[i].fd);
	close(f->sender);
	free(f);
}

#define SOCKETS	100

#define FANOUT(label, ...) {						\
	.name = label, .unit = "datagrams/s", .gauge = "time",		\
	.cpus = 1, .units = SOCKETS, .sockets = SOCKETS,		\
	.family = AF_INET, .size = 64, .close = fanout_close, __VA_ARGS__ }

const struct row fanout_rows[] = {
	FANOUT("one sender to 100 sockets",
	       .open = each_open, .run = each_run),
	FANOUT("multicast to 100 sockets",
	       .open = group_open, .run = group_run),
	{ }
};
