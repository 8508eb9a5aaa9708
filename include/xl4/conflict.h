/* SPDX-License-Identifier: GPL-2.0 */
/* When two sockets may not have the same port: pure rules, no socket. */
#ifndef XL4_CONFLICT_H
#define XL4_CONFLICT_H

#include <xl4/addr.h>

/*
 * What a socket claims when it binds to a port. A claim covers a set of local
 * addresses on one device, or on all of them.
 */
struct xl4_claim {
	struct xl4_addr	addr;		/* ::, a v6 address, or a mapped v4 one */
	bool		v4;		/* hears IPv4: an AF_INET or a dual-stack socket */
	bool		v6;		/* hears IPv6 */
	int		device;		/* SO_BINDTODEVICE: ifindex, 0 for any */
	bool		reuse;		/* SO_REUSEADDR */
	bool		reuseport;	/* SO_REUSEPORT */
	u32		uid;		/* a reuseport group belongs to one user */
};

bool xl4_claims_overlap(const struct xl4_claim *a, const struct xl4_claim *b);
bool xl4_claims_conflict(const struct xl4_claim *a, const struct xl4_claim *b);
bool xl4_claims_share_group(const struct xl4_claim *a, const struct xl4_claim *b);

#endif
