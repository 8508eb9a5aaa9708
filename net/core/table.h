/* SPDX-License-Identifier: GPL-2.0 */
/* The hash table of a space, for the files that enter, find and remove there. */
#ifndef XL4_TABLE_H
#define XL4_TABLE_H

#include <linux/jhash.h>
#include <xl4/conflict.h>
#include <xl4/space.h>

extern u32 xl4_flow_secret;

/*
 * Keyed by a random @seed, so that nobody outside can choose addresses and
 * ports that collide: each table has its own, and another when it grows.
 */
static inline u32 xl4_tuple_hash(const struct xl4_tuple *t, u32 seed)
{
	u32 ports = (__force u32)t->local_port << 16 | (__force u32)t->remote_port;

	if (xl4_addr_is_v4(&t->local) || xl4_addr_is_any(&t->local))
		return jhash_3words((__force u32)t->local.quad[3], (__force u32)t->remote.quad[3],
				    ports, seed);
	return jhash2((const u32 *)t, offsetofend(struct xl4_tuple, remote_port) / sizeof(u32),
		      seed);
}

static inline u32 xl4_entry_hash(const void *key, u32 len, u32 seed)
{
	return xl4_tuple_hash(key, seed);
}

static inline int xl4_entry_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct xl4_entry *entry = obj;

	return !xl4_tuple_equal(arg->key, &entry->tuple);
}

static const struct rhashtable_params xl4_entry_params = {
	.key_len = sizeof(struct xl4_tuple),
	.key_offset = offsetof(struct xl4_entry, tuple),
	.head_offset = offsetof(struct xl4_entry, node),
	.hashfn = xl4_entry_hash,
	.obj_cmpfn = xl4_entry_cmp,
	.automatic_shrinking = true,
};

/* entry.c */
int xl4_entry_insert(struct xl4_space *space, struct xl4_entry *entry);
void xl4_entry_remove(struct xl4_space *space, struct xl4_entry *entry);
bool xl4_entry_exists(struct xl4_space *space, const struct xl4_tuple *tuple, bool half);

/* more.c: the former takes the port's lock, the latter is under it */
void xl4_more_end(struct sock *sk);
int xl4_more_hear(struct xl4_space *space, struct xl4_binding *first);

/*
 * xl4_chosen_port() - the port that bind() named; 0: none
 *
 * A connection that ended of itself let it go. It is the program's all the same.
 */
static inline u16 xl4_chosen_port(const struct sock *sk)
{
	return sk->sk_userlocks & SOCK_BINDPORT_LOCK ? ntohs(inet_sk(sk)->inet_sport) : 0;
}

/* port.c: all of these under the port's lock */
spinlock_t *xl4_port_lock(struct xl4_space *space, u16 number);
struct xl4_port *xl4_port_get(struct xl4_space *space, u16 number);
void xl4_port_put_if_free(struct xl4_space *space, struct xl4_port *port);
void xl4_port_enter(struct xl4_port *port, struct xl4_binding *binding);
void xl4_port_leave(struct xl4_space *space, struct xl4_binding *binding);
bool xl4_port_conflicts(const struct xl4_port *port, const struct xl4_claim *claim,
			const struct sock *self);
int xl4_port_join_group(const struct xl4_port *port, struct sock *sk,
			const struct xl4_claim *claim);
struct xl4_claim xl4_claim_of(const struct xl4_binding *binding);
struct xl4_claim xl4_claim_asked(const struct xl4_binding *binding);
int xl4_binding_hear(struct xl4_space *space, struct xl4_binding *binding);
void xl4_port_leave_group(struct sock *sk);
void xl4_binding_fill(struct xl4_binding *binding, struct sock *sk, u16 number);
int xl4_binding_publish(struct sock *sk, struct xl4_binding *binding, int err);

#endif
