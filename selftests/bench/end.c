// SPDX-License-Identifier: GPL-2.0
/* The ends of a flow: sockets here or at the other end of a veth pair. */
#include "bench.h"

union address end_address(const struct row *row, unsigned int end)
{
	const struct place *place = place_of(row);

	if (row->family == AF_INET6)
		return ipv6(place->v6[end], 0);
	return ipv4(place->v4[end], 0);
}

int end_socket(const struct row *row, int protocol, unsigned int end,
	       const union address *at)
{
	/* Longer than any wake-up: what does not come is lost, and the run too. */
	struct timeval limit = { .tv_sec = PATIENCE_S };
	const struct place *place = place_of(row);
	int fd;

	if (row->veth || row->narrow)
		netns_switch(place->ns[end]);
	fd = MUST(socket(row->family, row->type ? : SOCK_DGRAM, protocol));
	if (row->veth || row->narrow)
		netns_switch(veth_place.ns[0]);
	MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	if (at)
		MUST(bind_to(fd, *at));
	return fd;
}

char buffer[65536] __attribute__((aligned(4096)));

void send_one(int fd, size_t len, const union address *to)
{
	ssize_t sent = to ? sendto(fd, buffer, len, 0, &to->sa, address_len(to))
			  : send(fd, buffer, len, 0);

	MUST(sent == (ssize_t)len ? 0 : -1);
}

void receive_one(int fd, size_t expected)
{
	MUST(recv(fd, buffer, sizeof(buffer), 0) == (ssize_t)expected ? 0 : -1);
}

void answer_one(int fd)
{
	union address from;
	socklen_t len = sizeof(from);
	ssize_t got = recvfrom(fd, buffer, sizeof(buffer), 0, &from.sa, &len);

	if (got < 0 && errno == EAGAIN)
		return;
	MUST(got);
	send_one(fd, got, &from);
}

void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
}
