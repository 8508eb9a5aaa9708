// SPDX-License-Identifier: GPL-2.0
/*
 * The State Cookie (RFC 9260 section 5.1.3): what a server would have to remember between
 * INIT ACK and COOKIE ECHO, signed, in the peer's keeping.
 *
 *	MAC (16 octets) | struct xsctp_cookie, as far as it has addresses
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

/* A namespace does not take what another one signed, nor a number what another number did. */
static void xsctp_cookie_sign(const struct xl4_space *space, struct xsctp_secret *secret,
			      const struct xsctp_cookie *c, u64 mac[2])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(secret->key); i++) {
		secret->key[i].key[0] ^= space->net->net_cookie;
		secret->key[i].key[1] ^= space->protocol->number;
		mac[i] = siphash(c, xsctp_cookie_len(c), &secret->key[i]);
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

	c->secret = xsctp_secret_get(&secret);
	c->life_ms = min_t(u32, c->life_ms, jiffies_to_msecs(XSCTP_SECRET_LIFE));
	c->created_ns = ktime_get_ns();
	xsctp_cookie_sign(space, &secret, c, mac);
	memcpy(to, mac, XSCTP_MAC_LEN);
	memcpy(to + XSCTP_MAC_LEN, c, xsctp_cookie_len(c));
	return XSCTP_MAC_LEN + xsctp_cookie_len(c);
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
	if (len < XSCTP_MAC_LEN + offsetof(struct xsctp_cookie, address) ||
	    len > XSCTP_MAC_LEN + sizeof(*c))
		return -EBADMSG;
	memcpy(c, bytes + XSCTP_MAC_LEN, len - XSCTP_MAC_LEN);
	/* It has not been proved yet: no more than a guess of where the hash ends. */
	if (!c->nr_addresses || c->nr_addresses > XSCTP_MAX_ADDRESSES ||
	    xsctp_cookie_len(c) != len - XSCTP_MAC_LEN || !xsctp_secret_find(c->secret, &secret))
		return -EBADMSG;
	xsctp_cookie_sign(space, &secret, c, mac);
	return xsctp_mac_equal(bytes, mac) ? 0 : -EBADMSG;
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
