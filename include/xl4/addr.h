/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One address type for both families.
 *
 * An IPv4 address is kept as its IPv4-mapped IPv6 address (RFC 4291 section
 * 2.5.5.2), so tables and rules handle one kind of address only. "Any" is ::
 * for both families; whether a socket bound to it hears IPv4, IPv6 or both is
 * a property of the socket.
 */
#ifndef XL4_ADDR_H
#define XL4_ADDR_H

#ifdef __KERNEL__
#include <asm/byteorder.h>
#include <linux/in6.h>
#include <linux/types.h>
#else
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <xl4/userland.h>
#endif

struct xl4_addr {
	union {
		u64		word[2];
		__be32		quad[4];
		struct in6_addr	in6;
	};
};

/* Which packet a socket hears, or which socket a packet is for. */
struct xl4_tuple {
	struct xl4_addr	local;
	struct xl4_addr	remote;
	__be16		local_port;
	__be16		remote_port;
};

static inline struct xl4_addr xl4_addr_v4(__be32 v4)
{
	struct xl4_addr addr = { .quad = { 0, 0, htonl(0xffff), v4 } };

	return addr;
}

static inline struct xl4_addr xl4_addr_v6(const struct in6_addr *v6)
{
	struct xl4_addr addr = { .in6 = *v6 };

	return addr;
}

static inline struct xl4_addr xl4_addr_any(void)
{
	struct xl4_addr addr = { .word = { 0, 0 } };

	return addr;
}

static inline bool xl4_addr_is_any(const struct xl4_addr *addr)
{
	return !(addr->word[0] | addr->word[1]);
}

static inline bool xl4_addr_is_v4(const struct xl4_addr *addr)
{
	return !addr->word[0] && addr->quad[2] == htonl(0xffff);
}

static inline bool xl4_addr_equal(const struct xl4_addr *a, const struct xl4_addr *b)
{
	return !((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]));
}

static inline bool xl4_tuple_equal(const struct xl4_tuple *a, const struct xl4_tuple *b)
{
	return a->local_port == b->local_port && a->remote_port == b->remote_port &&
	       xl4_addr_equal(&a->local, &b->local) && xl4_addr_equal(&a->remote, &b->remote);
}

#endif
