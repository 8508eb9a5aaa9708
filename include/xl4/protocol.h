/* SPDX-License-Identifier: GPL-2.0 */
/* Registration of a protocol with the kernel's socket and IP layers. */
#ifndef XL4_PROTOCOL_H
#define XL4_PROTOCOL_H

#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/sock.h>
#include <xl4/stats.h>

/* Which timer /proc tells of, in the numbers of /proc/net/tcp. */
enum xl4_row_timer {
	XL4_ROW_NO_TIMER,
	XL4_ROW_RETRANSMIT,
	XL4_ROW_KEEPALIVE,
	XL4_ROW_TIMEWAIT,
	XL4_ROW_PROBE,
};

/* What /proc tells of a socket beside its place and its owner. */
struct xl4_row {
	u32			tx_queue;
	u32			rx_queue;
	enum xl4_row_timer	timer;
	unsigned long		expires;	/* jiffies */
	unsigned int		retransmits;
	unsigned int		probes;		/* unanswered */
};

/*
 * One IP protocol number and all that hangs on it. The protocol module fills
 * it in; xl4_protocol_register() enters it everywhere or nowhere.
 */
struct xl4_protocol {
	const char		*name;		/* of its files in /proc/net/xl4, and in the log */
	unsigned int		number;		/* IP protocol number, 1 to 255 */
	bool			connections;	/* a socket hears only once it listens or connects */

	/* Fill in a row, which is all zero. Without lock. NULL: the queues' memory. */
	void			(*describe)(const struct sock *sk, struct xl4_row *row);

	const char		*mib_prefix;	/* of its lines in /proc/net/xl4/snmp */
	const char *const	*counters;	/* their names */
	unsigned int		nr_counters;

	struct inet_protosw	sw[XL4_FAMILIES];	/* type, prot and ops are the caller's */
	struct inet_protosw	sw2[XL4_FAMILIES];	/* of a second type; ops NULL: there is none */
	struct net_protocol	v4;
	struct inet6_protocol	v6;
	struct net_offload	offload[XL4_FAMILIES];

	unsigned int		stage;		/* how far registration went */
};

/* All that a protocol module registers, in the order in which it does. */
struct xl4_registration {
	/* Each with a slab; sockets_allocated of the first, if there is one, is of them all. */
	struct proto *const		*prots;
	unsigned int			nr_prots;
	struct pernet_operations	*net_ops;
	struct xl4_protocol		*protocols;	/* of number 0: left out */
	unsigned int			nr_protocols;
};

int xl4_register(const struct xl4_registration *registration);
void xl4_unregister(const struct xl4_registration *registration);
bool xl4_number_is_free(unsigned int number);

int xl4_protocol_register(struct xl4_protocol *protocol);
int xl4_protocol_open(struct xl4_protocol *protocol);
void xl4_protocol_unregister(struct xl4_protocol *protocol);

int xl4_prots_register(struct proto *const *prots, unsigned int n);
void xl4_prots_unregister(struct proto *const *prots, unsigned int n);

/* What struct proto_ops has in common: of IPv4, of IPv6, of every protocol. */
#define XL4_OPS_V4							\
	.family			= PF_INET,				\
	.release		= inet_release,				\
	.bind			= inet_bind,				\
	.getname		= inet_getname,				\
	.ioctl			= inet_ioctl

#ifdef CONFIG_COMPAT
#define XL4_OPS_V6_COMPAT	.compat_ioctl = inet6_compat_ioctl,
#else
#define XL4_OPS_V6_COMPAT
#endif

#define XL4_OPS_V6							\
	.family			= PF_INET6,				\
	.release		= inet6_release,			\
	.bind			= inet6_bind,				\
	.getname		= inet6_getname,			\
	XL4_OPS_V6_COMPAT						\
	.ioctl			= inet6_ioctl

#define XL4_OPS_COMMON							\
	.owner			= THIS_MODULE,				\
	.socketpair		= sock_no_socketpair,			\
	.gettstamp		= sock_gettstamp,			\
	.shutdown		= inet_shutdown,			\
	.setsockopt		= sock_common_setsockopt,		\
	.getsockopt		= sock_common_getsockopt,		\
	.mmap			= sock_no_mmap

#endif
