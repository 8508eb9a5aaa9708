// SPDX-License-Identifier: GPL-2.0
/* When two sockets may not have the same port: the rules users know from UDP. */

#include <xl4/conflict.h>

/* How much of one family's addresses a claim covers. */
enum xl4_cover {
	XL4_COVER_NONE,
	XL4_COVER_ONE,
	XL4_COVER_ALL,
};

/* ::ffff:0.0.0.0, to which an IPv6 socket may bind, is all of IPv4. */
static enum xl4_cover xl4_claim_v4(const struct xl4_claim *claim)
{
	if (!claim->v4)
		return XL4_COVER_NONE;
	if (xl4_addr_is_any(&claim->addr))
		return XL4_COVER_ALL;
	if (!xl4_addr_is_v4(&claim->addr))
		return XL4_COVER_NONE;
	return claim->addr.quad[3] ? XL4_COVER_ONE : XL4_COVER_ALL;
}

static enum xl4_cover xl4_claim_v6(const struct xl4_claim *claim)
{
	if (!claim->v6 || xl4_addr_is_v4(&claim->addr))
		return XL4_COVER_NONE;
	return xl4_addr_is_any(&claim->addr) ? XL4_COVER_ALL : XL4_COVER_ONE;
}

/* Do two claims meet within one family? @same_addr: theirs are equal. */
static bool xl4_covers_meet(enum xl4_cover a, enum xl4_cover b, bool same_addr)
{
	if (a == XL4_COVER_NONE || b == XL4_COVER_NONE)
		return false;
	return a == XL4_COVER_ALL || b == XL4_COVER_ALL || same_addr;
}

/**
 * xl4_claims_overlap() - could one packet be for either of two claims?
 * @a: a claim
 * @b: another on the same port
 *
 * Return: whether some local address on some device is covered by both.
 */
bool xl4_claims_overlap(const struct xl4_claim *a, const struct xl4_claim *b)
{
	bool same_addr = xl4_addr_equal(&a->addr, &b->addr);

	if (a->device && b->device && a->device != b->device)
		return false;
	return xl4_covers_meet(xl4_claim_v4(a), xl4_claim_v4(b), same_addr) ||
	       xl4_covers_meet(xl4_claim_v6(a), xl4_claim_v6(b), same_addr);
}

/* SO_REUSEPORT is consent to share with oneself, not with other users. */
static bool xl4_claims_reuseport(const struct xl4_claim *a, const struct xl4_claim *b)
{
	return a->reuseport && b->reuseport && a->uid == b->uid;
}

/**
 * xl4_claims_conflict() - may two sockets not have one port?
 * @a: what one socket claims
 * @b: what the other claims on the same port
 *
 * Claims that overlap are tolerated if both sockets have SO_REUSEADDR set, or
 * both SO_REUSEPORT and the same owner.
 *
 * Return: whether the second to come must be refused with EADDRINUSE.
 */
bool xl4_claims_conflict(const struct xl4_claim *a, const struct xl4_claim *b)
{
	if (a->reuse && b->reuse)
		return false;
	return xl4_claims_overlap(a, b) && !xl4_claims_reuseport(a, b);
}

/**
 * xl4_claims_share_group() - do two sockets belong in one SO_REUSEPORT group?
 * @a: what one socket claims
 * @b: what the other claims on the same port
 *
 * The members of a group are interchangeable: each could have any packet that
 * is for the group. So all of them claim the very same addresses and devices.
 *
 * Return: whether packets may be balanced between the two.
 */
bool xl4_claims_share_group(const struct xl4_claim *a, const struct xl4_claim *b)
{
	return xl4_claims_reuseport(a, b) && xl4_claims_overlap(a, b) &&
	       a->device == b->device &&
	       xl4_claim_v4(a) == xl4_claim_v4(b) &&
	       xl4_claim_v6(a) == xl4_claim_v6(b);
}
