/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xl4_bridge.ko: xl4 protocols speak with the world under its own numbers.
 *
 * A rule says which packets. Those that leave this host with xl4's number get
 * the standard one; those that come for this host with the standard number get
 * xl4's. Nothing else about a packet changes but the sums that have the number
 * in them.
 */
#ifndef XBRIDGE_H
#define XBRIDGE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "selector.h"

/* A packet is compared with each rule in turn, so there cannot be many. */
#define XBRIDGE_MAX_RULES	64

/* What of a transport's header the bridge has to know. */
struct xbridge_header {
	u8	standard;	/* IP protocol number, as IANA says */
	u8	length;		/* the least there is */
	s8	check_at;	/* where a sum over a pseudo-header is; -1: none */
	bool	zero_is_none;	/* a sum of 0 means that there is none */
};

/* The way a packet takes through this host. */
enum xbridge_way {
	XBRIDGE_IN,
	XBRIDGE_OUT,
};

enum xbridge_counter {
	XBRIDGE_COUNT_IN,	/* packets renumbered; XBRIDGE_COUNT_IN is XBRIDGE_IN */
	XBRIDGE_COUNT_OUT,
	XBRIDGE_COUNT_ERRORS,	/* ICMP errors, whose quotation was renumbered */
	XBRIDGE_COUNT_DROPS,	/* could not be renumbered, and are gone */
	XBRIDGE_COUNTERS
};

struct xbridge_counts {
	unsigned long	count[XBRIDGE_COUNTERS];
};

struct xbridge_rule {
	struct xbridge_selector		selector;
	struct xbridge_counts __percpu	*counts;
	struct list_head		link;
	struct rcu_head			rcu;
};

/* The rules of a namespace. */
struct xbridge_net {
	struct mutex		lock;		/* of writers */
	struct list_head	rules;		/* read under RCU */
	unsigned int		nr_rules;
};

/*
 * The headers of a packet, or of one that an ICMP error quotes. All places are
 * offsets from skb->data.
 */
struct xbridge_packet {
	bool			v6;
	u8			number;		/* IP protocol */
	enum xbridge_protocol	protocol;	/* the one that has this number */
	unsigned int		network;	/* where the IP header is */
	unsigned int		number_at;	/* where the number is */
	unsigned int		transport;	/* where its header is */
	struct xl4_addr		source;
	struct xl4_addr		destination;
	__be16			ports[2];	/* source and destination */
};

/* module.c */
struct xbridge_net *xbridge_net(const struct net *net);

/* number.c */
extern const struct xbridge_header xbridge_headers[XBRIDGE_PROTOCOLS];
int xbridge_numbers_init(void);
bool xbridge_protocol_of(enum xbridge_way way, u8 number, enum xbridge_protocol *protocol);
u8 xbridge_number_after(enum xbridge_way way, enum xbridge_protocol protocol);

/* rule.c */
int xbridge_rule_add(struct net *net, const struct xbridge_selector *selector);
int xbridge_rule_remove(struct net *net, const struct xbridge_selector *selector);
void xbridge_rules_flush(struct net *net);
struct xbridge_rule *xbridge_rule_find(const struct net *net, const struct xbridge_packet *packet,
				       const char *device, bool sent_by_us);
unsigned long xbridge_rule_count(const struct xbridge_rule *rule, enum xbridge_counter counter);

/* xbridge_count() - count @n packets of a rule; any context */
static inline void xbridge_count(struct xbridge_rule *rule, enum xbridge_counter counter,
				 unsigned int n)
{
	this_cpu_add(rule->counts->count[counter], n);
}

/* hook.c */
int xbridge_hooks_register(struct net *net);
void xbridge_hooks_unregister(struct net *net);

/* ipv4.c, ipv6.c */
bool xbridge_v4_dissect(const struct sk_buff *skb, bool quoted, struct xbridge_packet *packet);
bool xbridge_v6_dissect(const struct sk_buff *skb, bool quoted, struct xbridge_packet *packet);
void xbridge_v4_set_number(struct sk_buff *skb, const struct xbridge_packet *packet, u8 number);
__wsum xbridge_v6_set_number(struct sk_buff *skb, const struct xbridge_packet *packet, u8 number);

/* checksum.c */
__wsum xbridge_set_octet(struct sk_buff *skb, unsigned int at, u8 value);
__wsum xbridge_set_sum(struct sk_buff *skb, unsigned int at, __sum16 value);
__sum16 xbridge_sum_changed(__sum16 sum, __wsum diff);
void xbridge_complete_changed(struct sk_buff *skb, __wsum diff);
__wsum xbridge_transport_changed(struct sk_buff *skb, const struct xbridge_packet *packet,
				 __wsum diff, bool unfinished);
bool xbridge_sum_is_unfinished(const struct sk_buff *skb, const struct xbridge_packet *packet);

/* offload.c */
bool xbridge_prepare_segments(struct sk_buff *skb, const struct xbridge_packet *packet,
			      enum xbridge_way way);
bool xbridge_must_cut(const struct sk_buff *skb, const struct xbridge_packet *packet,
		      enum xbridge_way way);
bool xbridge_cut(struct sk_buff *skb, bool v6, struct net *net, struct sock *sk);

/* icmp.c */
unsigned int xbridge_icmp(struct sk_buff *skb, const struct xbridge_packet *packet,
			  enum xbridge_way way, struct net *net, const struct net_device *dev);

/* proc.c */
int xbridge_proc_init(struct net *net);
void xbridge_proc_exit(struct net *net);

#endif
