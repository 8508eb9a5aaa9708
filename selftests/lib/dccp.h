/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DCCP sockets: listen, connect, pairs of them on loopback, and their options.
 *
 * XL4_DCCP in the environment chooses the protocol: 33 is IANA's number, which may be the kernel's
 * own, to prove the tests themselves.
 */
#ifndef XL4TEST_DCCP_H
#define XL4TEST_DCCP_H

#include <linux/dccp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <uapi/xl4/xl4.h>

#include "connection.h"

#ifndef SOL_DCCP
#define SOL_DCCP 269
#endif

#define SERVICE 42

static inline int dccp_number(void)
{
	return number_from("XL4_DCCP", 250);
}

#define DCCP_FLAVOURS(fixture)						\
ADD_FLAVOUR(fixture, ipv4, .family = AF_INET);				\
ADD_FLAVOUR(fixture, ipv6, .family = AF_INET6);				\
ADD_FLAVOUR(fixture, mapped, .family = AF_INET6, .mapped = true)

/* ------------------------------------------------------------------- options */

static inline int set_dccp(int fd, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, SOL_DCCP, name, value, len);
}

static inline int get_dccp(int fd, int name, void *value, socklen_t len)
{
	return getsockopt(fd, SOL_DCCP, name, value, &len) < 0 ? -1 : (int)len;
}

static inline int set_service(int fd, uint32_t service)
{
	uint32_t code = htonl(service);

	return set_dccp(fd, DCCP_SOCKOPT_SERVICE, &code, sizeof(code));
}

static inline int set_ccids(int fd, uint8_t ccid)
{
	return set_dccp(fd, DCCP_SOCKOPT_CCID, &ccid, 1);
}

static inline int mps_of(int fd)
{
	return get_int(fd, SOL_DCCP, DCCP_SOCKOPT_GET_CUR_MPS);
}

/* ------------------------------------------------------------------- sockets */

static inline int dccp_open(const struct flavour *f)
{
	int fd = MUST(socket(f->family, SOCK_DCCP | SOCK_CLOEXEC, dccp_number()));

	impatient(fd);
	MUST(set_service(fd, SERVICE));
	return fd;
}

static inline int dccp_bound(const struct flavour *f, union address a)
{
	int fd = dccp_open(f);

	MUST(bind_to(fd, a));
	return fd;
}

static inline int listening(const struct flavour *f, int fd, int backlog)
{
	MUST(bind_to(fd, loopback(f, 0)));
	MUST(listen(fd, backlog));
	return fd;
}

static inline int dccp_listening(const struct flavour *f, int backlog)
{
	return listening(f, dccp_open(f), backlog);
}

/* A socket connected to the listener. */
static inline int dccp_to(const struct flavour *f, int listener)
{
	int fd = dccp_open(f);

	MUST(connect_to(fd, name_of(listener)));
	return fd;
}

/* The two ends of a connection, and who accepted it. */
struct dccp {
	int here;
	int there;
	int listener;
};

static inline int dccp_accept(int listener)
{
	int fd = MUST(accept4(listener, NULL, NULL, SOCK_CLOEXEC));

	impatient(fd);
	return fd;
}

/* Between sockets that have their options already. */
static inline struct dccp dccp_join(const struct flavour *f, int client, int server)
{
	struct dccp d = { .here = client, .listener = listening(f, server, 8) };

	MUST(connect_to(d.here, name_of(d.listener)));
	d.there = dccp_accept(d.listener);
	return d;
}

static inline struct dccp dccp_pair(const struct flavour *f)
{
	return dccp_join(f, dccp_open(f), dccp_open(f));
}

static inline struct dccp dccp_pair_with(const struct flavour *f, uint8_t ccid)
{
	int client = dccp_open(f), server = dccp_open(f);

	MUST(set_ccids(client, ccid));
	MUST(set_ccids(server, ccid));
	return dccp_join(f, client, server);
}

static inline void dccp_close(struct dccp *d)
{
	close(d->here);
	close(d->there);
	close(d->listener);
}

/* -------------------------------------------------------------------- states */

/* In the kernel's numbers. */
enum {
	STATE_OPEN = 1, STATE_REQUESTING = 2, STATE_RESPOND = 3, STATE_ACTIVE_CLOSEREQ = 4,
	STATE_TIME_WAIT = 6, STATE_PASSIVE_CLOSE = 8, STATE_LISTEN = 10, STATE_CLOSING = 11,
};

/* How many lines of the socket tables are of connections in a state from this port. */
static inline int count_in_state(int state, int port)
{
	static const char *const paths[] = {
		"/proc/self/net/xl4/dccp", "/proc/self/net/xl4/dccp6",
	};
	unsigned int line_state, line_port;
	char line[512];
	int n = 0;

	settle();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		FILE *file = fopen(paths[i], "re");

		MUST(file ? 0 : -1);
		while (fgets(line, sizeof(line), file))
			if (sscanf(line, " %u: %*s %*s %x", &line_port, &line_state) == 2 &&
			    (int)line_state == state && (int)line_port == port)
				n++;
		fclose(file);
	}
	return n;
}

static inline int port_of_fd(int fd)
{
	union address a = name_of(fd);

	return port_of(&a);
}

/* The counter of both families. */
static inline long dccp_counter(const char *name)
{
	long value;

	settle();
	value = counter_in_columns("/proc/self/net/xl4/snmp", "Dccp:", name);
	return value < 0 ? value :
	       value + counter_in_columns("/proc/self/net/xl4/snmp", "Dccp6:", name);
}

static inline bool comes_to_count(const char *name, long value)
{
	for (int i = 0; i < PATIENCE_S * 100 && dccp_counter(name) != value; i++)
		usleep(10000);
	return dccp_counter(name) == value;
}

#endif
