/* SPDX-License-Identifier: GPL-2.0 */
/* One type for the addresses of both families. */
#ifndef XL4TEST_ADDRESS_H
#define XL4TEST_ADDRESS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "flavour.h"
#include "must.h"

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

static inline socklen_t address_len(const union address *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

static inline union address ipv4(const char *text, int port)
{
	union address a = { .v4 = { .sin_family = AF_INET,
				    .sin_port = htons(port) } };

	MUST(inet_pton(AF_INET, text, &a.v4.sin_addr) - 1);
	return a;
}

static inline union address ipv6(const char *text, int port)
{
	union address a = { .v6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) } };

	MUST(inet_pton(AF_INET6, text, &a.v6.sin6_addr) - 1);
	return a;
}

/* The address that suits the flavour; the IPv4 one is mapped if it must be. */
static inline union address address_for(const struct flavour *f,
					const char *v4, const char *v6,
					int port)
{
	char mapped[64];

	if (f->family == AF_INET)
		return ipv4(v4, port);
	if (!f->mapped)
		return ipv6(v6, port);
	snprintf(mapped, sizeof(mapped), "::ffff:%s", v4);
	return ipv6(mapped, port);
}

static inline union address loopback(const struct flavour *f, int port)
{
	return address_for(f, "127.0.0.1", "::1", port);
}

/* The wildcard; a dual-stack socket takes IPv4 through :: as well. */
static inline union address any(const struct flavour *f, int port)
{
	return f->family == AF_INET ? ipv4("0.0.0.0", port) : ipv6("::", port);
}

static inline int port_of(const union address *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->v6.sin6_port
						  : a->v4.sin_port);
}

static inline union address with_port(union address a, int port)
{
	if (a.sa.sa_family == AF_INET6)
		a.v6.sin6_port = htons(port);
	else
		a.v4.sin_port = htons(port);
	return a;
}

static inline bool same_host(const union address *a, const union address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET6)
		return !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr,
			       sizeof(a->v6.sin6_addr));
	return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

static inline bool same_address(const union address *a, const union address *b)
{
	return same_host(a, b) && port_of(a) == port_of(b);
}

#endif
