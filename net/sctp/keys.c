// SPDX-License-Identifier: GPL-2.0
/*
 * Shared keys (RFC 4895 sections 6.1 and 5; RFC 6458 section 8.3).
 *
 * What a program gives is an endpoint pair shared key. What signs is that and the key vectors of
 * both sides behind it: an association shared key. Key 0 is there from the start, and empty.
 */

#include <linux/string.h>

#include "auth.h"

/**
 * xsctp_key_free() - a key has left its set, and nothing waits to be signed with it
 * @k: of the list of those that are there, or were
 */
void xsctp_key_free(struct xsctp_auth_key *k)
{
	list_del(&k->link);
	kfree_sensitive(k->bytes);
	kfree(k);
}

/**
 * xsctp_keys_init() - no keys but the empty one, which is active
 * @keys: of an endpoint or of an association
 */
void xsctp_keys_init(struct xsctp_keys *keys)
{
	INIT_LIST_HEAD(&keys->list);
	INIT_LIST_HEAD(&keys->old);
	keys->active = 0;
	keys->nr = 0;
	keys->no_null = false;
}

/**
 * xsctp_key_find() - a key by its number
 * @keys: a set
 * @id: shared key identifier
 *
 * Return: the key; NULL if there is none, or if it is an endpoint's empty one.
 */
struct xsctp_auth_key *xsctp_key_find(const struct xsctp_keys *keys, u16 id)
{
	struct xsctp_auth_key *k;

	list_for_each_entry(k, &keys->list, link)
		if (k->id == id)
			return k;
	return NULL;
}

/**
 * xsctp_keys_have() - is there a key of this number?
 * @keys: a set
 * @id: shared key identifier
 */
bool xsctp_keys_have(const struct xsctp_keys *keys, u16 id)
{
	return xsctp_key_find(keys, id) || (!id && !keys->no_null);
}

/**
 * xsctp_key_remove() - take a key out of its set
 * @keys: the set
 * @k: from xsctp_key_find()
 *
 * As long as messages are to be sent with it, it stays.
 */
void xsctp_key_remove(struct xsctp_keys *keys, struct xsctp_auth_key *k)
{
	k->gone = true;
	k->association = NULL;
	if (k->users)
		list_move(&k->link, &keys->old);
	else
		xsctp_key_free(k);
}

/**
 * xsctp_keys_purge() - forget all
 * @keys: a set; as good as new, and without the empty key. No message waits with one of them.
 */
void xsctp_keys_purge(struct xsctp_keys *keys)
{
	struct xsctp_auth_key *k, *next;

	list_for_each_entry_safe(k, next, &keys->list, link)
		xsctp_key_remove(keys, k);
	keys->nr = 0;
	keys->no_null = true;
}

/**
 * xsctp_key_set() - give a set a key, or another key of a number that it has
 * @keys: the set
 * @a: whose it is; NULL: an endpoint's
 * @id: shared key identifier
 * @pair: @len octets
 * @len: XSCTP_MAX_KEY_LEN at most
 * @gfp: how to allocate
 *
 * An association's signs nothing before xsctp_keys_derive().
 *
 * Return: 0, -ENOMEM, or -ENOBUFS if there are too many.
 */
int xsctp_key_set(struct xsctp_keys *keys, struct xsctp_association *a, u16 id, const u8 *pair,
		  u16 len, gfp_t gfp)
{
	struct xsctp_auth_key *k, *old = xsctp_key_find(keys, id);

	if (!old && keys->nr >= XSCTP_MAX_KEYS)
		return -ENOBUFS;
	k = kzalloc(sizeof(*k), gfp);
	if (!k)
		return -ENOMEM;
	k->bytes = kmalloc(max_t(u16, len, 1), gfp);
	if (!k->bytes) {
		kfree(k);
		return -ENOMEM;
	}
	if (len)
		memcpy(k->bytes, pair, len);
	k->association = a;
	k->id = id;
	k->pair_len = len;
	k->len = len;
	if (old)
		xsctp_key_remove(keys, old);
	else
		keys->nr++;
	list_add_tail(&k->link, &keys->list);
	return 0;
}

/**
 * xsctp_keys_copy() - the same keys for another
 * @to: empty
 * @from: an endpoint's
 * @a: whose @to is, which gets the empty key in so many words; NULL: an endpoint's
 * @gfp: how to allocate
 *
 * Return: 0; -ENOMEM: then @to has some of them.
 */
int xsctp_keys_copy(struct xsctp_keys *to, const struct xsctp_keys *from,
		    struct xsctp_association *a, gfp_t gfp)
{
	struct xsctp_auth_key *k, *copy;
	int err;

	to->active = from->active;
	to->no_null = from->no_null;
	if (a && !from->no_null && !xsctp_key_find(from, 0)) {
		err = xsctp_key_set(to, a, 0, NULL, 0, gfp);
		if (err)
			return err;
	}
	list_for_each_entry(k, &from->list, link) {
		err = xsctp_key_set(to, a, k->id, k->bytes, k->pair_len, gfp);
		if (err)
			return err;
		copy = xsctp_key_find(to, k->id);
		copy->deactivated = k->deactivated;
	}
	return 0;
}

/* As numbers, that begin with 0x80: a longer one is larger. */
static bool xsctp_vector_before(const struct xsctp_vector *one, const struct xsctp_vector *other)
{
	if (one->len != other->len)
		return one->len < other->len;
	return memcmp(one->bytes, other->bytes, one->len) < 0;
}

/**
 * xsctp_key_concat() - an association shared key
 * @pair: the endpoint pair shared key, @pair_len octets; NULL: the empty one
 * @pair_len: of @pair
 * @one: one side's vector
 * @other: the other side's
 * @gfp: how to allocate
 * @bytes: set to the key, for kfree_sensitive()
 * @len: of it
 *
 * RFC 4895 section 6.1.
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_key_concat(const u8 *pair, u16 pair_len, const struct xsctp_vector *one,
		     const struct xsctp_vector *other, gfp_t gfp, u8 **bytes, u32 *len)
{
	u8 *at;

	if (xsctp_vector_before(other, one))
		swap(one, other);
	*len = pair_len + one->len + other->len;
	*bytes = kmalloc(max_t(u32, *len, 1), gfp | __GFP_NOWARN);
	if (!*bytes)
		return -ENOMEM;
	at = *bytes;
	if (pair_len)
		memcpy(at, pair, pair_len);
	at += pair_len;
	memcpy(at, one->bytes, one->len);
	memcpy(at + one->len, other->bytes, other->len);
	return 0;
}

/**
 * xsctp_key_derive() - likewise of one key
 * @auth: of the association
 * @k: one of its keys
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_key_derive(struct xsctp_auth *auth, struct xsctp_auth_key *k, gfp_t gfp)
{
	u8 *bytes;
	u32 len;

	if (xsctp_key_concat(k->bytes, k->pair_len, &auth->mine, &auth->peer, gfp, &bytes, &len))
		return -ENOMEM;
	kfree_sensitive(k->bytes);
	k->bytes = bytes;
	k->len = len;
	return 0;
}

/**
 * xsctp_keys_derive() - an association's keys, from both vectors as they are now
 * @auth: of the association
 * @gfp: how to allocate
 *
 * Return: 0; -ENOMEM: then some are as they were.
 */
int xsctp_keys_derive(struct xsctp_auth *auth, gfp_t gfp)
{
	struct xsctp_auth_key *k;

	list_for_each_entry(k, &auth->keys.list, link)
		if (xsctp_key_derive(auth, k, gfp))
			return -ENOMEM;
	/* What waited while there were no vectors is signed by them, too. */
	list_for_each_entry(k, &auth->keys.old, link)
		if (xsctp_key_derive(auth, k, gfp))
			return -ENOMEM;
	return 0;
}
