// SPDX-License-Identifier: GPL-2.0
/*
 * The State Cookie (RFC 9260 section 5.1.3): what a server would have to remember between
 * INIT ACK and COOKIE ECHO, signed, in the peer's keeping.
 *
 *	MAC (16 octets) | struct xsctp_cookie, as far as it has addresses | both key vectors
 *
 * Nobody but this machine reads it, so it is in this machine's byte order. The secrets are
 * drawn when the module is loaded and replaced every XSCTP_SECRET_LIFE; the last but one is
 * good for the cookies that were signed with it, which live no longer than that.
 */

#include <linux/random.h>
#include <linux/siphash.h>

#include "sctp.h"

#define XSCTP_SECRET_LIFE	(10 * 60 * HZ)
#define XSCTP_MAC_LEN		16

/* Two hashes of 64 bits, each with a key of its own. */
struct xsctp_secret {
	siphash_key_t	key[2];
};

static struct xsctp_secret xsctp_secrets[2];
static unsigned long xsctp_secret_drawn;	/* jiffies: the newer one */
static u8 xsctp_secret_newest;			/* its index is the lowest bit */
static DEFINE_SPINLOCK(xsctp_secret_lock);

/**
 * xsctp_cookie_secret_init() - draw the secrets
 *
 * Once, before the first packet.
 */
void xsctp_cookie_secret_init(void)
{
	get_random_bytes(xsctp_secrets, sizeof(xsctp_secrets));
	xsctp_secret_drawn = jiffies;
}

/* The newest; replaced if it is old. */
static u8 xsctp_secret_get(struct xsctp_secret *secret)
{
	u8 which;

	spin_lock_bh(&xsctp_secret_lock);
	if (time_after(jiffies, xsctp_secret_drawn + XSCTP_SECRET_LIFE)) {
		xsctp_secret_newest++;
		get_random_bytes(&xsctp_secrets[xsctp_secret_newest & 1], sizeof(*secret));
		xsctp_secret_drawn = jiffies;
	}
	which = xsctp_secret_newest;
	*secret = xsctp_secrets[which & 1];
	spin_unlock_bh(&xsctp_secret_lock);
	return which;
}

/* The one that a cookie names: the newest or the one before. */
static bool xsctp_secret_find(u8 which, struct xsctp_secret *secret)
{
	bool known;

	spin_lock_bh(&xsctp_secret_lock);
	known = (u8)(xsctp_secret_newest - which) < ARRAY_SIZE(xsctp_secrets);
	*secret = xsctp_secrets[which & 1];
	spin_unlock_bh(&xsctp_secret_lock);
	return known;
}

static u32 xsctp_cookie_len(const struct xsctp_cookie *c)
{
	return offsetof(struct xsctp_cookie, address) + c->nr_addresses * sizeof(c->address[0]);
}

static u8 *xsctp_pack_vector(u8 *to, const struct xsctp_vector *vector)
{
	to = xsctp_put_u16(to, vector->len);
	memcpy(to, vector->bytes, vector->len);
	return to + vector->len;
}

/* Without room that nothing is in; a multiple of four. */
static u32 xsctp_cookie_pack(const struct xsctp_cookie *c, u8 *to)
{
	u8 *at = to + xsctp_cookie_len(c);

	memcpy(to, c, at - to);
	at = xsctp_pack_vector(at, &c->mine);
	at = xsctp_pack_vector(at, &c->peer);
	while ((at - to) % 4)
		*at++ = 0;
	return at - to;
}

static const u8 *xsctp_unpack_vector(const u8 *from, const u8 *end, struct xsctp_vector *vector)
{
	if (!from || end - from < 2)
		return NULL;
	vector->len = xsctp_get_u16(from);
	from += 2;
	if (vector->len > sizeof(vector->bytes) || end - from < vector->len)
		return NULL;
	memcpy(vector->bytes, from, vector->len);
	return from + vector->len;
}

static int xsctp_cookie_unpack(const u8 *bytes, u32 len, struct xsctp_cookie *c)
{
	const u8 *at, *end = bytes + len;
	u32 fixed = offsetof(struct xsctp_cookie, address);

	if (len < fixed)
		return -EBADMSG;
	memcpy(c, bytes, fixed);
	if (!c->nr_addresses || c->nr_addresses > XSCTP_MAX_ADDRESSES || len < xsctp_cookie_len(c))
		return -EBADMSG;
	memcpy(c, bytes, xsctp_cookie_len(c));
	at = xsctp_unpack_vector(bytes + xsctp_cookie_len(c), end, &c->mine);
	at = xsctp_unpack_vector(at, end, &c->peer);
	return at && end - at < 4 ? 0 : -EBADMSG;
}

/* A namespace does not take what another one signed, nor a number what another number did. */
static void xsctp_cookie_sign(const struct xl4_space *space, struct xsctp_secret *secret,
			      const u8 *packed, u32 len, u64 mac[2])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(secret->key); i++) {
		secret->key[i].key[0] ^= space->net->net_cookie;
		secret->key[i].key[1] ^= space->protocol->number;
		mac[i] = siphash(packed, len, &secret->key[i]);
	}
	memzero_explicit(secret, sizeof(*secret));
}

/**
 * xsctp_cookie_write() - sign a cookie
 * @space: of the protocol, in the packet's namespace
 * @c: filled in but for the secret and the time of its making
 * @to: room for XSCTP_MAX_COOKIE_LEN
 *
 * Any context but hard interrupts.
 *
 * Return: its length.
 */
u16 xsctp_cookie_write(const struct xl4_space *space, struct xsctp_cookie *c, u8 *to)
{
	struct xsctp_secret secret;
	u64 mac[2];
	u32 len;

	c->secret = xsctp_secret_get(&secret);
	c->life_ms = min_t(u32, c->life_ms, jiffies_to_msecs(XSCTP_SECRET_LIFE));
	c->created_ns = ktime_get_ns();
	len = xsctp_cookie_pack(c, to + XSCTP_MAC_LEN);
	xsctp_cookie_sign(space, &secret, to + XSCTP_MAC_LEN, len, mac);
	memcpy(to, mac, XSCTP_MAC_LEN);
	return XSCTP_MAC_LEN + len;
}

/* In constant time: how far a forgery is right is nobody's business. */
static bool xsctp_mac_equal(const u8 *bytes, const u64 mac[2])
{
	u64 theirs[2];

	memcpy(theirs, bytes, sizeof(theirs));
	return !((theirs[0] ^ mac[0]) | (theirs[1] ^ mac[1]));
}

/**
 * xsctp_cookie_read() - is this a cookie of ours?
 * @space: of the protocol, in the packet's namespace
 * @bytes: what a COOKIE ECHO brought
 * @len: of @bytes
 * @c: filled in
 *
 * Whether it is still fresh is for xsctp_cookie_stale() to say. Any context but hard
 * interrupts. RFC 9260 section 5.1.5, step 1.
 *
 * Return: 0, or -EBADMSG if it is not.
 */
int xsctp_cookie_read(const struct xl4_space *space, const u8 *bytes, u32 len,
		      struct xsctp_cookie *c)
{
	struct xsctp_secret secret;
	u64 mac[2];

	memset(c, 0, sizeof(*c));
	if (len < XSCTP_MAC_LEN || len > XSCTP_MAX_COOKIE_LEN)
		return -EBADMSG;
	bytes += XSCTP_MAC_LEN;
	len -= XSCTP_MAC_LEN;
	/* It has not been proved yet: what is read here may be anything that fits. */
	if (xsctp_cookie_unpack(bytes, len, c) || !xsctp_secret_find(c->secret, &secret))
		return -EBADMSG;
	xsctp_cookie_sign(space, &secret, bytes, len, mac);
	return xsctp_mac_equal(bytes - XSCTP_MAC_LEN, mac) ? 0 : -EBADMSG;
}

/**
 * xsctp_cookie_stale() - is it too old?
 * @c: from xsctp_cookie_read()
 *
 * RFC 9260 section 5.1.5, step 3.
 *
 * Return: by how many microseconds; 0: it is fresh.
 */
u32 xsctp_cookie_stale(const struct xsctp_cookie *c)
{
	u64 age = ktime_get_ns() - c->created_ns;
	u64 life = (u64)c->life_ms * NSEC_PER_MSEC;

	if (age <= life)
		return 0;
	return clamp_t(u64, div_u64(age - life, NSEC_PER_USEC), 1, U32_MAX);
}
