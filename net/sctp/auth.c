// SPDX-License-Identifier: GPL-2.0
/*
 * AUTH (RFC 4895): what both sides agreed on, and the AUTH chunk.
 *
 *	| header | AUTH: key, algorithm, MAC | a chunk that must be signed | another | ...
 *				      ^-------- is over all this and the AUTH chunk, MAC zero
 *
 * A packet of ours has one AUTH chunk at most, before the first chunk that has to be signed. Who
 * gets such a chunk without an AUTH chunk that is right before it passes it over.
 */

#include <crypto/algapi.h>
#include <linux/random.h>

#include "auth.h"

/* AUTH chunks of a packet. Each is a hash of all that follows, and there is room for thousands. */
#define XSCTP_MAX_AUTHS	4

/* ----------------------------------------------------------------- what was agreed */

/**
 * xsctp_auth_may_list() - may a chunk of this type have to be signed?
 * @type: of a chunk
 *
 * RFC 4895 section 3.2: there is no key yet for INIT and INIT ACK, none any more for SHUTDOWN
 * COMPLETE, and AUTH signs itself.
 */
bool xsctp_auth_may_list(u8 type)
{
	return type != XSCTP_INIT && type != XSCTP_INIT_ACK && type != XSCTP_SHUTDOWN_COMPLETE &&
	       type != XSCTP_AUTH;
}

static void xsctp_auth_list(const struct xsctp_vector *vector, unsigned long *types)
{
	struct xsctp_tlv chunks;
	u32 i;

	memset(types, 0, BITS_TO_LONGS(256) * sizeof(*types));
	if (xsctp_vector_part(vector, XSCTP_PARAM_CHUNKS, &chunks))
		return;
	for (i = XSCTP_TLV_LEN; i < chunks.length; i++)
		if (xsctp_auth_may_list(chunks.bytes[i]))
			__set_bit(chunks.bytes[i], types);
}

static bool xsctp_vector_has_hmac(const struct xsctp_vector *vector, u16 id)
{
	struct xsctp_tlv hmacs;
	u32 i;

	if (xsctp_vector_part(vector, XSCTP_PARAM_HMACS, &hmacs))
		return false;
	for (i = XSCTP_TLV_LEN; i + 1 < hmacs.length; i += 2)
		if (xsctp_get_u16(hmacs.bytes + i) == id)
			return true;
	return false;
}

/* RFC 4895 section 6.2: the first of the peer's list that we have. SHA-1 is always there. */
static u16 xsctp_auth_choose(const struct xsctp_auth *auth)
{
	struct xsctp_tlv hmacs;
	u16 id;
	u32 i;

	if (xsctp_vector_part(&auth->peer, XSCTP_PARAM_HMACS, &hmacs))
		return XSCTP_HMAC_SHA1;
	for (i = XSCTP_TLV_LEN; i + 1 < hmacs.length; i += 2) {
		id = xsctp_get_u16(hmacs.bytes + i);
		if (xsctp_mac_len(id) && xsctp_vector_has_hmac(&auth->mine, id))
			return id;
	}
	return XSCTP_HMAC_SHA1;
}

/**
 * xsctp_auth_possible() - can this machine do AUTH at all?
 */
bool xsctp_auth_possible(void)
{
	return xsctp_mac_len(XSCTP_HMAC_SHA1);
}

/**
 * xsctp_auth_init_sock() - an endpoint's lists and keys as they are at first
 * @sk: new
 */
void xsctp_auth_init_sock(struct sock *sk)
{
	struct xsctp_sock *sp = xsctp_sk(sk);

	xsctp_keys_init(&sp->keys);
	sp->auth_enable = xsctp_set(sk)->auth_enable && xsctp_auth_possible();
	sp->asconf_enable = xsctp_set(sk)->addip_enable;
	xsctp_asconf_auto(sk, xsctp_set(sk)->default_auto_asconf);
	sp->nr_hmacs = 0;
	if (xsctp_mac_len(XSCTP_HMAC_SHA256))
		sp->hmacs[sp->nr_hmacs++] = XSCTP_HMAC_SHA256;
	sp->hmacs[sp->nr_hmacs++] = XSCTP_HMAC_SHA1;
}

/**
 * xsctp_auth_inherit() - an endpoint has the lists and keys of another
 * @to: new
 * @from: locked
 *
 * Any context but hard interrupts.
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_auth_inherit(struct sock *to, const struct sock *from)
{
	const struct xsctp_sock *old = xsctp_sk(from);
	struct xsctp_sock *sp = xsctp_sk(to);

	sp->auth_enable = old->auth_enable;
	sp->asconf_enable = old->asconf_enable;
	sp->nr_hmacs = old->nr_hmacs;
	memcpy(sp->hmacs, old->hmacs, sizeof(sp->hmacs));
	memcpy(sp->auth_chunks, old->auth_chunks, sizeof(sp->auth_chunks));
	xsctp_asconf_auto(to, old->auto_asconf);
	return xsctp_keys_copy(&sp->keys, &old->keys, NULL, GFP_ATOMIC);
}

/**
 * xsctp_auth_destroy_sock() - an endpoint ends
 * @sk: reachable by nobody
 */
void xsctp_auth_destroy_sock(struct sock *sk)
{
	xsctp_asconf_auto(sk, false);
	xsctp_keys_purge(&xsctp_sk(sk)->keys);
}

/**
 * xsctp_auth_demands_of() - which chunks an endpoint wants signed
 * @sk: locked
 * @list: filled in: 256 octets
 *
 * RFC 5061 section 4.2.7 adds ASCONF and ASCONF ACK.
 *
 * Return: how many.
 */
u16 xsctp_auth_demands_of(const struct sock *sk, u8 *list)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	unsigned int type;
	u16 n = 0;

	for (type = 0; type < 256; type++)
		if (test_bit(type, sp->auth_chunks) ||
		    (sp->asconf_enable && (type == XSCTP_ASCONF || type == XSCTP_ASCONF_ACK)))
			list[n++] = type;
	return n;
}

/**
 * xsctp_auth_offer() - draw what is ours of the keys
 * @sk: locked
 * @vector: filled in, for an INIT or INIT ACK; its length is 0 if there is to be no AUTH
 *
 * RFC 4895 section 6.1.
 */
void xsctp_auth_offer(const struct sock *sk, struct xsctp_vector *vector)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	u8 random[XSCTP_RANDOM_LEN], list[256], ids[2 * ARRAY_SIZE(sp->hmacs)], *at = ids;
	u16 n, i;

	vector->len = 0;
	if (!sp->auth_enable)
		return;
	get_random_bytes(random, sizeof(random));
	xsctp_vector_add(vector, XSCTP_PARAM_RANDOM, random, sizeof(random));
	n = xsctp_auth_demands_of(sk, list);
	if (n)
		xsctp_vector_add(vector, XSCTP_PARAM_CHUNKS, list, n);
	for (i = 0; i < sp->nr_hmacs; i++)
		at = xsctp_put_u16(at, sp->hmacs[i]);
	xsctp_vector_add(vector, XSCTP_PARAM_HMACS, ids, at - ids);
}

/**
 * xsctp_auth_new() - an association may come to use AUTH
 * @a: new, of an endpoint whose keys it gets
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_auth_new(struct xsctp_association *a, gfp_t gfp)
{
	struct xsctp_auth *auth = kzalloc(sizeof(*auth), gfp);

	if (!auth)
		return -ENOMEM;
	xsctp_keys_init(&auth->keys);
	if (xsctp_keys_copy(&auth->keys, &xsctp_sk(a->sk)->keys, a, gfp)) {
		xsctp_keys_purge(&auth->keys);
		kfree_sensitive(auth);
		return -ENOMEM;
	}
	xsctp_auth_offer(a->sk, &auth->mine);
	xsctp_auth_list(&auth->mine, auth->demands);
	a->auth = auth;
	return 0;
}

/**
 * xsctp_auth_vector() - what an association told the peer of its keys, or is about to
 * @a: locked
 *
 * Return: NULL if there is no AUTH.
 */
const struct xsctp_vector *xsctp_auth_vector(const struct xsctp_association *a)
{
	return a->auth ? &a->auth->mine : NULL;
}

/**
 * xsctp_auth_is_on() - did both sides of an association agree on AUTH?
 * @a: locked
 */
bool xsctp_auth_is_on(const struct xsctp_association *a)
{
	return a->auth && a->auth->on;
}

/**
 * xsctp_auth_answer() - what is ours, and what both sides have, in an answer or of one
 * @sk: the endpoint, locked
 * @asking: an association whose INIT has told what is ours; NULL: it is to be told now
 * @c: with what is the peer's
 *
 * Without AUTH there is no ASCONF (RFC 5061 section 4.2.7), unless addip_noauth_enable.
 */
void xsctp_auth_answer(const struct sock *sk, const struct xsctp_association *asking,
		       struct xsctp_cookie *c)
{
	c->mine.len = 0;
	if (c->peer.len && !asking)
		xsctp_auth_offer(sk, &c->mine);
	else if (c->peer.len && asking->auth)
		c->mine = asking->auth->mine;
	if (!c->mine.len)
		c->peer.len = 0;
	if (!c->peer.len && !xsctp_set(sk)->addip_noauth_enable)
		c->flags &= ~XSCTP_COOKIE_ASCONF;
}

/**
 * xsctp_auth_begin() - an association is to offer AUTH if its endpoint wants that
 * @a: new, of its endpoint
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_auth_begin(struct xsctp_association *a, gfp_t gfp)
{
	return xsctp_sk(a->sk)->auth_enable ? xsctp_auth_new(a, gfp) : 0;
}

/**
 * xsctp_auth_free() - forget an association's keys
 * @a: with nothing to be sent any more
 */
void xsctp_auth_free(struct xsctp_association *a)
{
	if (!a->auth)
		return;
	xsctp_keys_purge(&a->auth->keys);
	kfree_sensitive(a->auth);
	a->auth = NULL;
	a->auth_room = 0;
}

static bool xsctp_auth_wanted(const struct xsctp_cookie *c)
{
	return c->mine.len && c->peer.len;
}

/* So much of a packet is to be kept free for an AUTH chunk. */
static u16 xsctp_auth_reserve(const struct xsctp_association *a)
{
	const struct xsctp_auth *auth = a->auth;

	if (!auth->on || (!a->asconf_agreed && !bitmap_weight(auth->signs, 256)))
		return 0;
	return XSCTP_AUTH_LEN + XSCTP_PAD((u32)xsctp_mac_len(auth->hmac));
}

/**
 * xsctp_auth_adopt() - both sides have told what is theirs
 * @a: locked
 * @c: a cookie that was checked, or an INIT ACK in its words
 *
 * Also when the peer has restarted: the keys are others then. Any context but hard interrupts.
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_auth_adopt(struct xsctp_association *a, const struct xsctp_cookie *c)
{
	struct xsctp_auth *auth;

	a->asconf_agreed = c->flags & XSCTP_COOKIE_ASCONF;
	if (!xsctp_auth_wanted(c)) {
		if (a->auth)
			a->auth->on = false;
		a->auth_room = 0;
		return 0;
	}
	if (!a->auth && xsctp_auth_new(a, GFP_ATOMIC))
		return -ENOMEM;
	auth = a->auth;
	auth->mine = c->mine;
	auth->peer = c->peer;
	auth->peer_key = 0;
	if (xsctp_keys_derive(auth, GFP_ATOMIC))
		return -ENOMEM;
	xsctp_auth_list(&auth->mine, auth->demands);
	xsctp_auth_list(&auth->peer, auth->signs);
	auth->hmac = xsctp_auth_choose(auth);
	auth->on = true;
	a->auth_room = xsctp_auth_reserve(a);
	xsctp_association_sync_mtu(a);
	return 0;
}

/**
 * xsctp_auth_up() - the association is there: is AUTH, as the program wished?
 * @a: locked
 */
void xsctp_auth_up(struct xsctp_association *a)
{
	if (a->auth && !a->auth->on)
		xsctp_notify_auth(a, SCTP_AUTH_NO_AUTH, 0, 0);
}

/* -------------------------------------------------------------------------- sending */

/* RFC 5061 section 4.1: these always, whatever the peer lists. */
static bool xsctp_always_signed(u8 type)
{
	return type == XSCTP_ASCONF || type == XSCTP_ASCONF_ACK;
}

/**
 * xsctp_auth_signs() - has a chunk to be signed that is to be sent?
 * @a: locked
 * @type: of the chunk
 */
bool xsctp_auth_signs(const struct xsctp_association *a, u8 type)
{
	return a->auth && a->auth->on &&
	       (test_bit(type, a->auth->signs) || xsctp_always_signed(type));
}

/**
 * xsctp_auth_key_of() - the key that a chunk is signed with
 * @a: locked
 * @d: the DATA chunk; NULL: another
 *
 * Return: the key; NULL if the one that it was to be is not there.
 */
struct xsctp_auth_key *xsctp_auth_key_of(const struct xsctp_association *a,
					 const struct xsctp_data *d)
{
	if (d && d->message->key)
		return d->message->key;
	return xsctp_key_find(&a->auth->keys, a->auth->keys.active);
}

/**
 * xsctp_auth_put() - append an AUTH chunk to a packet, to be filled in by xsctp_auth_sign()
 * @a: locked
 * @skb: with room for it
 * @key: that signs
 *
 * Return: its offset in @skb.
 */
u32 xsctp_auth_put(const struct xsctp_association *a, struct sk_buff *skb,
		   const struct xsctp_auth_key *key)
{
	u16 len = xsctp_mac_len(a->auth->hmac);
	u32 at = skb->len;

	xsctp_put_auth(skb_put(skb, XSCTP_AUTH_LEN + XSCTP_PAD((u32)len)), key->id, a->auth->hmac,
		       len);
	return at;
}

/**
 * xsctp_auth_sign() - sign a packet
 * @a: locked
 * @skb: complete but for its checksum
 * @at: from xsctp_auth_put()
 * @key: as there
 *
 * Return: 0 or an errno; then it is not worth sending.
 */
int xsctp_auth_sign(const struct xsctp_association *a, struct sk_buff *skb, u32 at,
		    const struct xsctp_auth_key *key)
{
	u32 len = XSCTP_AUTH_LEN + xsctp_mac_len(a->auth->hmac);

	return xsctp_hash(a->auth->hmac, key->bytes, key->len, skb->data + at, len, skb,
			  at + XSCTP_PAD(len), skb->data + at + XSCTP_AUTH_LEN);
}

/**
 * xsctp_auth_may_send() - may a program have a message signed with this key?
 * @a: locked
 * @id: shared key identifier
 *
 * RFC 6458 section 5.3.8.
 */
bool xsctp_auth_may_send(const struct xsctp_association *a, u16 id)
{
	const struct xsctp_auth_key *k = a->auth ? xsctp_key_find(&a->auth->keys, id) : NULL;

	return k && !k->deactivated;
}

/**
 * xsctp_auth_use() - a message is to be signed with the key that is active now, or another
 * @a: locked
 * @m: the message, queued with this
 * @id: shared key identifier; -1: the active one
 */
void xsctp_auth_use(const struct xsctp_association *a, struct xsctp_message *m, int id)
{
	if (!a->auth)
		return;
	m->key = xsctp_key_find(&a->auth->keys, id < 0 ? a->auth->keys.active : id);
	if (m->key)
		m->key->users++;
}

/* RFC 6458 section 8.3.4: a key that was deactivated serves nobody any more. */
static void xsctp_auth_unused(struct xsctp_auth_key *k)
{
	if (k->association && k->deactivated)
		xsctp_notify_auth(k->association, SCTP_AUTH_FREE_KEY, k->id, 0);
}

/**
 * xsctp_auth_unuse() - a message is not to be sent any more
 * @m: the message, which is about to be freed
 */
void xsctp_auth_unuse(struct xsctp_message *m)
{
	struct xsctp_auth_key *k = m->key;

	m->key = NULL;
	if (!k || --k->users)
		return;
	if (k->gone)
		xsctp_key_free(k);
	else
		xsctp_auth_unused(k);
}

/**
 * xsctp_auth_deactivate() - no new message is signed with a key
 * @k: of an association
 */
void xsctp_auth_deactivate(struct xsctp_auth_key *k)
{
	k->deactivated = true;
	if (!k->users)
		xsctp_auth_unused(k);
}

/* ------------------------------------------------------------------------ receiving */

/* Is the MAC of the AUTH chunk at @offset that of what follows it? */
static bool xsctp_auth_right(const struct sk_buff *skb, u32 offset, const u8 *key, u32 key_len)
{
	u8 chunk[XSCTP_AUTH_LEN + XSCTP_MAX_MAC], theirs[XSCTP_MAX_MAC], ours[XSCTP_MAX_MAC];
	struct xsctp_tlv tlv = { .type = XSCTP_AUTH, .bytes = chunk };
	struct xsctp_auth_chunk auth;
	u16 len;

	if (skb_copy_bits(skb, offset, chunk, XSCTP_TLV_LEN))
		return false;
	tlv.length = xsctp_get_u16(chunk + 2);
	if (tlv.length > sizeof(chunk) || skb_copy_bits(skb, offset, chunk, tlv.length) ||
	    xsctp_parse_auth(&tlv, &auth))
		return false;
	len = xsctp_mac_len(auth.hmac);
	if (!len || auth.mac_len != len)
		return false;
	memcpy(theirs, auth.mac, len);
	memset(chunk + XSCTP_AUTH_LEN, 0, len);
	if (xsctp_hash(auth.hmac, key, key_len, chunk, tlv.length, skb,
		       min_t(u32, offset + XSCTP_PAD((u32)tlv.length), skb->len), ours))
		return false;
	return !crypto_memneq(ours, theirs, len);
}

/* RFC 6458 section 6.1.8: from now on the peer signs with another key. */
static void xsctp_auth_note_key(struct xsctp_association *a, u16 id)
{
	struct xsctp_auth *auth = a->auth;

	if (auth->peer_key != id)
		xsctp_notify_auth(a, SCTP_AUTH_NEW_KEY, id, auth->peer_key);
	auth->peer_key = id;
}

/* RFC 4895 section 6.3: of an algorithm that is not ours the peer is told, but nobody else. */
static bool xsctp_auth_refuses(const struct xsctp_event *event, u16 hmac)
{
	struct xsctp_association *a = event->association;
	u8 info[2];

	if (xsctp_mac_len(hmac) && xsctp_vector_has_hmac(&a->auth->mine, hmac))
		return false;
	/* In front of a COOKIE ECHO any tag will do: it is compared to the cookie's. */
	if (event->packet->header.tag != a->my_tag)
		return true;
	xsctp_put_u16(info, hmac);
	xsctp_queue_error(a, XSCTP_CAUSE_UNSUPPORTED_HMAC, info, sizeof(info));
	return true;
}

static bool xsctp_auth_check(struct xsctp_event *event)
{
	struct xsctp_association *a = event->association;
	const struct xsctp_auth_key *key;
	struct xsctp_auth_chunk auth;

	if (!a->auth || !a->auth->on || xsctp_parse_auth(&event->chunk, &auth) ||
	    xsctp_auth_refuses(event, auth.hmac))
		return false;
	key = xsctp_key_find(&a->auth->keys, auth.key);
	if (!key || !xsctp_auth_right(event->packet->skb, event->offset, key->bytes, key->len))
		return false;
	xsctp_auth_note_key(a, auth.key);
	return true;
}

/**
 * xsctp_do_auth() - an AUTH chunk
 * @event: of an association, or of none yet
 * @cookie: a COOKIE ECHO follows
 *
 * If that is so, the keys may be those of the cookie: whether it is right is seen then. RFC 4895
 * section 6.3. Of very many the last are as good as wrong.
 *
 * Return: what becomes of the rest of the packet.
 */
enum xsctp_verdict xsctp_do_auth(struct xsctp_event *event, bool cookie)
{
	if (event->auths++ == XSCTP_MAX_AUTHS)
		return XSCTP_STOP;
	event->auth_offset = event->offset;
	event->cookie_offset = cookie ? event->offset + XSCTP_PAD((u32)event->chunk.length) : 0;
	event->auth_key = 0;
	if (event->chunk.length >= XSCTP_AUTH_LEN)
		event->auth_key = xsctp_get_u16(event->chunk.bytes + XSCTP_TLV_LEN);
	event->authenticated = false;
	if (event->association)
		event->authenticated = xsctp_auth_check(event);
	event->auth_pending = !event->authenticated && cookie;
	return event->authenticated || event->auth_pending ? XSCTP_NEXT : XSCTP_STOP;
}

/**
 * xsctp_auth_missing() - is a chunk to be passed over that nobody signed?
 * @event: a chunk of an association
 *
 * Of a COOKIE ECHO xsctp_auth_cookie_ok() tells. RFC 4895 section 6.3, RFC 5061 section 4.1.
 */
bool xsctp_auth_missing(const struct xsctp_event *event)
{
	const struct xsctp_association *a = event->association;
	u8 type = event->chunk.type;

	if (event->authenticated || type == XSCTP_COOKIE_ECHO)
		return false;
	if (a->asconf_agreed && xsctp_always_signed(type) &&
	    !xsctp_set(a->sk)->addip_noauth_enable)
		return true;
	return a->auth && a->auth->on && test_bit(type, a->auth->demands);
}

static bool xsctp_auth_cookie_right(const struct sock *sk, const struct xsctp_event *event,
				    const struct xsctp_cookie *c)
{
	const struct xsctp_association *a = event->association;
	const struct xsctp_keys *keys = a && a->auth ? &a->auth->keys : &xsctp_sk(sk)->keys;
	const struct xsctp_auth_key *k = xsctp_key_find(keys, event->auth_key);
	bool right;
	u8 *bytes;
	u32 len;

	if (!xsctp_auth_wanted(c) || !xsctp_keys_have(keys, event->auth_key))
		return false;
	if (xsctp_key_concat(k ? k->bytes : NULL, k ? k->pair_len : 0, &c->mine, &c->peer,
			     GFP_ATOMIC, &bytes, &len))
		return false;
	right = xsctp_auth_right(event->packet->skb, event->auth_offset, bytes, len);
	kfree_sensitive(bytes);
	return right;
}

/**
 * xsctp_auth_cookie_ok() - is a COOKIE ECHO signed as it has to be?
 * @sk: the endpoint, locked
 * @event: the COOKIE ECHO; what follows it in the packet may be authenticated by this
 * @c: the cookie, which is ours
 *
 * RFC 4895 section 6.3: all that is needed to tell is in the cookie. But who wants this chunk
 * signed wants it still when the peer restarts, also if it cannot sign any more: it might be
 * another.
 */
bool xsctp_auth_cookie_ok(const struct sock *sk, struct xsctp_event *event,
			  const struct xsctp_cookie *c)
{
	const struct xsctp_association *a = event->association;
	DECLARE_BITMAP(demands, 256);

	if (event->auth_pending) {
		event->auth_pending = false;
		event->authenticated = xsctp_auth_cookie_right(sk, event, c);
		return event->authenticated;
	}
	if (event->authenticated)
		return true;
	if (a && xsctp_auth_is_on(a) && test_bit(XSCTP_COOKIE_ECHO, a->auth->demands))
		return false;
	if (!xsctp_auth_wanted(c))
		return true;
	xsctp_auth_list(&c->mine, demands);
	return !test_bit(XSCTP_COOKIE_ECHO, demands);
}
