/* SPDX-License-Identifier: GPL-2.0 */
/* The hash table of bindings: its parameters, for port.c and lookup.c. */
#ifndef XL4_TABLE_H
#define XL4_TABLE_H

#include <linux/jhash.h>
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

static inline u32 xl4_binding_hash(const void *key, u32 len, u32 seed)
{
	return xl4_tuple_hash(key, seed);
}

static inline int xl4_binding_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct xl4_binding *binding = obj;

	return !xl4_tuple_equal(arg->key, &binding->tuple);
}

static const struct rhashtable_params xl4_binding_params = {
	.key_len = sizeof(struct xl4_tuple),
	.key_offset = offsetof(struct xl4_binding, tuple),
	.head_offset = offsetof(struct xl4_binding, node),
	.hashfn = xl4_binding_hash,
	.obj_cmpfn = xl4_binding_cmp,
	.automatic_shrinking = true,
};

#endif
