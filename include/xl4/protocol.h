/* SPDX-License-Identifier: GPL-2.0 */
/* Registration of a protocol with the kernel's socket and IP layers. */
#ifndef XL4_PROTOCOL_H
#define XL4_PROTOCOL_H

#include <net/protocol.h>
#include <net/sock.h>
#include <xl4/stats.h>

/*
 * One IP protocol number and all that hangs on it. The protocol module fills
 * it in; xl4_protocol_register() enters it everywhere or nowhere.
 */
struct xl4_protocol {
	const char		*name;		/* of its files in /proc/net/xl4, and in the log */
	unsigned int		number;		/* IP protocol number, 1 to 255 */
	bool			connections;	/* a socket hears only once it listens or connects */

	const char		*mib_prefix;	/* of its lines in /proc/net/xl4/snmp */
	const char *const	*counters;	/* their names */
	unsigned int		nr_counters;

	struct inet_protosw	sw[XL4_FAMILIES];	/* type, prot and ops are the caller's */
	struct net_protocol	v4;
	struct inet6_protocol	v6;
	struct net_offload	offload[XL4_FAMILIES];

	unsigned int		stage;		/* how far registration went */
};

int xl4_protocol_register(struct xl4_protocol *protocol);
int xl4_protocol_open(struct xl4_protocol *protocol);
void xl4_protocol_unregister(struct xl4_protocol *protocol);

int xl4_prots_register(struct proto *const *prots, unsigned int n);
void xl4_prots_unregister(struct proto *const *prots, unsigned int n);

#endif
