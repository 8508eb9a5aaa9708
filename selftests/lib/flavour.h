/* SPDX-License-Identifier: GPL-2.0 */
/* A flavour: the kind of socket that a test is run with. */
#ifndef XL4TEST_FLAVOUR_H
#define XL4TEST_FLAVOUR_H

#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOL_UDPLITE
#define SOL_UDPLITE 136
#endif
#ifndef UDPLITE_SEND_CSCOV
#define UDPLITE_SEND_CSCOV 10
#define UDPLITE_RECV_CSCOV 11
#endif

struct flavour {
	int family;	/* of the socket */
	bool mapped;	/* an IPv6 socket that speaks IPv4 */
	bool lite;
};

static inline int number_from(const char *variable, int otherwise)
{
	const char *value = getenv(variable);

	return value ? atoi(value) : otherwise;
}

static inline int udp_number(void)
{
	return number_from("XL4_UDP", 253);
}

static inline int udplite_number(void)
{
	return number_from("XL4_UDPLITE", 252);
}

/* True when the kernel's own UDP is tested, to prove the test itself. */
static inline bool is_kernel_udp(void)
{
	return udp_number() == IPPROTO_UDP;
}

static inline int protocol_of(const struct flavour *f)
{
	return f->lite ? udplite_number() : udp_number();
}

/* The family of the packets, which a v4-mapped socket does not tell. */
static inline int wire_family(const struct flavour *f)
{
	return f->mapped ? AF_INET : f->family;
}

static inline bool flavour_available(const struct flavour *f)
{
	int fd = socket(f->family, SOCK_DGRAM, protocol_of(f));

	if (fd < 0)
		return !(f->lite && is_kernel_udp());
	close(fd);
	return true;
}

#endif
