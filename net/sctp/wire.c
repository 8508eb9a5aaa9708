// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP's packets (RFC 9260 section 3): a header and chunks,
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+-------------------------------+-------------------------------+
 *	|          source port          |       destination port        |
 *	+-------------------------------+-------------------------------+
 *	|                       verification tag                        |
 *	+---------------------------------------------------------------+
 *	|                            CRC32c                             |
 *	+---------------+---------------+-------------------------------+
 *	|  chunk type   |     flags     |        length of chunk        |
 *	+---------------+---------------+-------------------------------+
 *	|                  value, padded to four octets                 |
 *	+---------------------------------------------------------------+
 *	|                          more chunks                          |
 *	+---------------------------------------------------------------+
 *
 * and what some chunks have for a value: parameters, each of type (16 bits), length, value,
 * padding. Error causes look as parameters do.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "wire.h"

/* The packet's header */
enum {
	XSCTP_SOURCE	= 0,
	XSCTP_DEST	= 2,
	XSCTP_TAG	= 4,
	XSCTP_CRC	= 8,
};

/* A chunk's header; that of a parameter has its length at the same place. */
enum {
	XSCTP_TYPE	= 0,
	XSCTP_FLAGS	= 1,
	XSCTP_LENGTH	= 2,
};

/* DATA */
enum {
	XSCTP_DATA_TSN	= 4,
	XSCTP_DATA_SID	= 8,
	XSCTP_DATA_SSN	= 10,
	XSCTP_DATA_PPID	= 12,
};

/* SACK */
enum {
	XSCTP_SACK_CUM_TSN	= 4,
	XSCTP_SACK_RWND		= 8,
	XSCTP_SACK_NR_GAPS	= 12,
	XSCTP_SACK_NR_DUPS	= 14,
	XSCTP_SACK_ENTRY	= 4,	/* octets of a gap block, or of a duplicate */
	XSCTP_SACK_FIRST_GAP	= 2,	/* cum_tsn + 1 did not come */
};

/* INIT and INIT ACK */
enum {
	XSCTP_INIT_TAG		= 4,
	XSCTP_INIT_RWND		= 8,
	XSCTP_INIT_OUT_STREAMS	= 12,
	XSCTP_INIT_IN_STREAMS	= 14,
	XSCTP_INIT_TSN		= 16,
};

/* Of parameters, with their header. */
enum {
	XSCTP_EMPTY_LEN		= XSCTP_TLV_LEN,
	XSCTP_U32_LEN		= XSCTP_TLV_LEN + 4,
	XSCTP_IPV4_LEN		= XSCTP_TLV_LEN + 4,
	XSCTP_IPV6_LEN		= XSCTP_TLV_LEN + 16,
};

u16 xsctp_get_u16(const u8 *from)
{
	return from[0] << 8 | from[1];
}

u32 xsctp_get_u32(const u8 *from)
{
	return (u32)xsctp_get_u16(from) << 16 | xsctp_get_u16(from + 2);
}

/* Both return where the next goes. */
u8 *xsctp_put_u16(u8 *to, u16 value)
{
	to[0] = value >> 8;
	to[1] = value;
	return to + 2;
}

u8 *xsctp_put_u32(u8 *to, u32 value)
{
	return xsctp_put_u16(xsctp_put_u16(to, value >> 16), value);
}

/**
 * xsctp_parse_header() - read the header of a packet
 * @bytes: the packet, or as much of it as is at hand
 * @len: of @bytes
 * @h: filled in
 *
 * Return: 0, or -EINVAL if it is cut off.
 */
int xsctp_parse_header(const u8 *bytes, u32 len, struct xsctp_header *h)
{
	if (len < XSCTP_HEADER_LEN)
		return -EINVAL;
	memcpy(&h->source, bytes + XSCTP_SOURCE, sizeof(h->source));
	memcpy(&h->dest, bytes + XSCTP_DEST, sizeof(h->dest));
	h->tag = xsctp_get_u32(bytes + XSCTP_TAG);
	return 0;
}

/**
 * xsctp_write_header() - write the header of a packet, with a checksum of zero
 * @bytes: room for XSCTP_HEADER_LEN
 * @h: what it says
 */
void xsctp_write_header(u8 *bytes, const struct xsctp_header *h)
{
	memcpy(bytes + XSCTP_SOURCE, &h->source, sizeof(h->source));
	memcpy(bytes + XSCTP_DEST, &h->dest, sizeof(h->dest));
	xsctp_put_u32(bytes + XSCTP_TAG, h->tag);
	xsctp_put_u32(bytes + XSCTP_CRC, 0);
}

/* The padding of the last may be missing: it does not count in the length around it (3.2). */
static int xsctp_next_tlv(struct xsctp_walk *walk, struct xsctp_tlv *tlv)
{
	u32 padded;

	if (!walk->left)
		return 0;
	if (walk->left < XSCTP_TLV_LEN)
		return -EINVAL;
	tlv->bytes = walk->bytes;
	tlv->length = xsctp_get_u16(walk->bytes + XSCTP_LENGTH);
	if (tlv->length < XSCTP_TLV_LEN || tlv->length > walk->left)
		return -EINVAL;
	padded = min_t(u32, XSCTP_PAD(tlv->length), walk->left);
	walk->bytes += padded;
	walk->left -= padded;
	return 1;
}

/**
 * xsctp_next_chunk() - the next chunk of a packet
 * @walk: what is left of it; moved on
 * @chunk: filled in; @chunk->length octets from @chunk->bytes on are in the packet
 *
 * Return: 1; 0 if there is no more; -EINVAL if its length is wrong, and then nothing that
 * follows can be found.
 */
int xsctp_next_chunk(struct xsctp_walk *walk, struct xsctp_tlv *chunk)
{
	int got = xsctp_next_tlv(walk, chunk);

	if (got == 1) {
		chunk->type = chunk->bytes[XSCTP_TYPE];
		chunk->flags = chunk->bytes[XSCTP_FLAGS];
	}
	return got;
}

/**
 * xsctp_next_param() - the next parameter of a chunk, or cause of an ERROR or ABORT
 * @walk: what is left, from xsctp_walk_params(); moved on
 * @param: filled in as by xsctp_next_chunk(); flags 0
 *
 * Return: as xsctp_next_chunk().
 */
int xsctp_next_param(struct xsctp_walk *walk, struct xsctp_tlv *param)
{
	int got = xsctp_next_tlv(walk, param);

	if (got == 1) {
		param->type = xsctp_get_u16(param->bytes + XSCTP_TYPE);
		param->flags = 0;
	}
	return got;
}

/**
 * xsctp_walk_params() - begin a walk over a chunk's parameters
 * @chunk: from xsctp_next_chunk()
 * @fixed: octets before the first parameter, with the chunk's header; in a chunk that is
 *	shorter, no parameter is found
 * @walk: filled in
 */
void xsctp_walk_params(const struct xsctp_tlv *chunk, u32 fixed, struct xsctp_walk *walk)
{
	walk->bytes = chunk->bytes + min_t(u32, fixed, chunk->length);
	walk->left = chunk->length - min_t(u32, fixed, chunk->length);
}

/**
 * xsctp_parse_data() - read the header of a DATA chunk
 * @chunk: from xsctp_next_chunk(); its data are @chunk->length - XSCTP_DATA_LEN octets
 * @d: filled in
 *
 * A chunk without any data is no error here: the caller has to answer it (RFC 9260 6.2).
 *
 * Return: 0, or -EINVAL if the header is cut off.
 */
int xsctp_parse_data(const struct xsctp_tlv *chunk, struct xsctp_data_header *d)
{
	const u8 *bytes = chunk->bytes;

	if (chunk->length < XSCTP_DATA_LEN)
		return -EINVAL;
	d->tsn = xsctp_get_u32(bytes + XSCTP_DATA_TSN);
	d->sid = xsctp_get_u16(bytes + XSCTP_DATA_SID);
	d->ssn = xsctp_get_u16(bytes + XSCTP_DATA_SSN);
	memcpy(&d->ppid, bytes + XSCTP_DATA_PPID, sizeof(d->ppid));
	d->flags = chunk->flags;
	return 0;
}

/**
 * xsctp_write_data() - write the header of a DATA chunk
 * @bytes: room for XSCTP_DATA_LEN
 * @d: what it says
 * @length: of the chunk: header and data, without padding
 */
void xsctp_write_data(u8 *bytes, const struct xsctp_data_header *d, u16 length)
{
	xsctp_put_chunk(bytes, XSCTP_DATA, d->flags, length);
	xsctp_put_u32(bytes + XSCTP_DATA_TSN, d->tsn);
	xsctp_put_u16(bytes + XSCTP_DATA_SID, d->sid);
	xsctp_put_u16(bytes + XSCTP_DATA_SSN, d->ssn);
	memcpy(bytes + XSCTP_DATA_PPID, &d->ppid, sizeof(d->ppid));
}

/* Gap blocks as far as they make sense: each after the one before, and none upside down. */
static u16 xsctp_count_gaps(const struct xsctp_sack *sack, u16 most)
{
	u16 least = XSCTP_SACK_FIRST_GAP, start, end, i;

	for (i = 0; i < most; i++) {
		xsctp_sack_gap(sack, i, &start, &end);
		if (start < least || end < start)
			return i;
		if (end == 0xffff)
			return i + 1;
		least = end + 1;
	}
	return most;
}

/**
 * xsctp_parse_sack() - read a SACK
 * @chunk: from xsctp_next_chunk()
 * @sack: filled in
 *
 * Gap blocks end before the first that is out of order, so a reader may rely on this:
 * for each block 2 <= start <= end, and the next starts beyond the end of this one (next
 * to it, perhaps). It may not rely on the TSNs being any that were sent.
 *
 * Return: 0, or -EINVAL if the length is not that of the blocks and duplicates it counts.
 */
int xsctp_parse_sack(const struct xsctp_tlv *chunk, struct xsctp_sack *sack)
{
	const u8 *bytes = chunk->bytes;
	u32 gaps, dups;

	if (chunk->length < XSCTP_SACK_LEN)
		return -EINVAL;
	gaps = xsctp_get_u16(bytes + XSCTP_SACK_NR_GAPS);
	dups = xsctp_get_u16(bytes + XSCTP_SACK_NR_DUPS);
	if (chunk->length != XSCTP_SACK_LEN + (gaps + dups) * XSCTP_SACK_ENTRY)
		return -EINVAL;
	sack->cum_tsn = xsctp_get_u32(bytes + XSCTP_SACK_CUM_TSN);
	sack->rwnd = xsctp_get_u32(bytes + XSCTP_SACK_RWND);
	sack->gaps = bytes + XSCTP_SACK_LEN;
	sack->dups = sack->gaps + gaps * XSCTP_SACK_ENTRY;
	sack->nr_gaps = xsctp_count_gaps(sack, gaps);
	sack->nr_dups = dups;
	return 0;
}

/**
 * xsctp_sack_gap() - a gap block of a SACK
 * @sack: from xsctp_parse_sack()
 * @i: which, less than @sack->nr_gaps
 * @start: of what came, relative to @sack->cum_tsn
 * @end: the last of it, likewise
 */
void xsctp_sack_gap(const struct xsctp_sack *sack, unsigned int i, u16 *start, u16 *end)
{
	const u8 *gap = sack->gaps + i * XSCTP_SACK_ENTRY;

	*start = xsctp_get_u16(gap);
	*end = xsctp_get_u16(gap + 2);
}

/**
 * xsctp_sack_dup() - a TSN that came twice
 * @sack: from xsctp_parse_sack()
 * @i: which, less than @sack->nr_dups
 *
 * Return: the TSN.
 */
u32 xsctp_sack_dup(const struct xsctp_sack *sack, unsigned int i)
{
	return xsctp_get_u32(sack->dups + i * XSCTP_SACK_ENTRY);
}

/**
 * xsctp_parse_address() - read an IPv4 or IPv6 address parameter
 * @param: from xsctp_next_param()
 * @addr: filled in
 *
 * Return: 0, or -EINVAL for another type or a wrong length.
 */
int xsctp_parse_address(const struct xsctp_tlv *param, struct xl4_addr *addr)
{
	const u8 *value = param->bytes + XSCTP_TLV_LEN;
	struct in6_addr v6;
	__be32 v4;

	if (param->type == XSCTP_PARAM_IPV4 && param->length == XSCTP_IPV4_LEN) {
		memcpy(&v4, value, sizeof(v4));
		*addr = xl4_addr_v4(v4);
		return 0;
	}
	if (param->type == XSCTP_PARAM_IPV6 && param->length == XSCTP_IPV6_LEN) {
		memcpy(&v6, value, sizeof(v6));
		*addr = xl4_addr_v6(&v6);
		return 0;
	}
	return -EINVAL;
}

/**
 * xsctp_parse_u32() - read a chunk or parameter that is one number
 * @chunk: SHUTDOWN, ECNE, CWR; FORWARD TSN, which has more behind the number; a parameter
 * @value: filled in
 *
 * Return: 0, or -EINVAL for a wrong length.
 */
int xsctp_parse_u32(const struct xsctp_tlv *chunk, u32 *value)
{
	bool more = chunk->type == XSCTP_FORWARD_TSN && chunk->length % 4 == 0;

	if (chunk->length < XSCTP_U32_LEN || (chunk->length > XSCTP_U32_LEN && !more))
		return -EINVAL;
	*value = xsctp_get_u32(chunk->bytes + XSCTP_TLV_LEN);
	return 0;
}

/* Is it of the one peer, as far as that can be told without a routing table (5.1.2)? */
static bool xsctp_names_a_peer(const struct xsctp_tlv *param, const struct xl4_addr *addr)
{
	const u8 *value = param->bytes + XSCTP_TLV_LEN;

	if (param->type == XSCTP_PARAM_IPV4)
		return addr->quad[3] && addr->quad[3] != htonl(0xffffffff) &&
		       (value[0] & 0xf0) != 0xe0;
	return !xl4_addr_is_any(addr) && !xl4_addr_is_v4(addr) && value[0] != 0xff;
}

static bool xsctp_has_address(const struct xsctp_init *init, const struct xl4_addr *addr)
{
	unsigned int i;

	for (i = 0; i < init->nr_addresses; i++)
		if (xl4_addr_equal(&init->address[i], addr))
			return true;
	return false;
}

static int xsctp_init_address(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	struct xl4_addr addr;

	if (xsctp_parse_address(param, &addr))
		return -EINVAL;
	if (init->nr_addresses == XSCTP_MAX_ADDRESSES ||
	    !xsctp_names_a_peer(param, &addr) || xsctp_has_address(init, &addr))
		return 0;
	init->address[init->nr_addresses++] = addr;
	return 0;
}

/* What it does not know, it passes over. */
static int xsctp_init_families(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	u32 i, type;

	if (param->length % 2)
		return -EINVAL;
	for (i = XSCTP_TLV_LEN; i < param->length; i += 2) {
		type = xsctp_get_u16(param->bytes + i);
		init->ipv4 |= type == XSCTP_PARAM_IPV4;
		init->ipv6 |= type == XSCTP_PARAM_IPV6;
	}
	return 0;
}

/* RFC 5061 section 4.2.7; both of ASCONF and ASCONF ACK, or it cannot be spoken. */
static int xsctp_init_extensions(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	bool asconf = false, asconf_ack = false;
	u32 i;

	for (i = XSCTP_TLV_LEN; i < param->length; i++) {
		asconf |= param->bytes[i] == XSCTP_ASCONF;
		asconf_ack |= param->bytes[i] == XSCTP_ASCONF_ACK;
		init->forward_tsn |= param->bytes[i] == XSCTP_FORWARD_TSN;
		init->auth |= param->bytes[i] == XSCTP_AUTH;
	}
	init->asconf |= asconf && asconf_ack;
	return 0;
}

static int xsctp_init_flag(const struct xsctp_tlv *param, bool *flag)
{
	if (param->length != XSCTP_EMPTY_LEN)
		return -EINVAL;
	*flag = true;
	return 0;
}

/* Of a parameter said twice the first counts. */
static int xsctp_init_keep(const struct xsctp_tlv *param, struct xsctp_tlv *place)
{
	if (!place->bytes)
		*place = *param;
	return 0;
}

static int xsctp_init_hmacs(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	if (param->length % 2)
		return -EINVAL;
	return xsctp_init_keep(param, &init->hmacs);
}

static int xsctp_init_adaptation(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	init->has_adaptation = true;
	return xsctp_parse_u32(param, &init->adaptation);
}

/* Returns 1 if the walk may go on, 0 if it has to end here (3.2.1). */
static int xsctp_init_unknown(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	u8 bits = param->type >> 8;

	if (bits & XSCTP_UNKNOWN_REPORT && init->nr_unknown < XSCTP_MAX_UNKNOWN)
		init->unknown[init->nr_unknown++] = *param;
	return bits & XSCTP_UNKNOWN_SKIP ? 1 : 0;
}

/* Returns 1, 0 to end the walk, or -EINVAL. */
static int xsctp_init_param(const struct xsctp_tlv *param, struct xsctp_init *init)
{
	int err = 0;

	switch (param->type) {
	case XSCTP_PARAM_IPV4:
	case XSCTP_PARAM_IPV6:
		err = xsctp_init_address(param, init);
		break;
	case XSCTP_PARAM_COOKIE:
		err = xsctp_init_keep(param, &init->cookie);
		break;
	case XSCTP_PARAM_UNRECOGNIZED:
		break;
	case XSCTP_PARAM_PRESERVATIVE:
		err = xsctp_parse_u32(param, &init->preservative);
		break;
	case XSCTP_PARAM_HOSTNAME:
		err = xsctp_init_keep(param, &init->hostname);
		break;
	case XSCTP_PARAM_FAMILIES:
		err = xsctp_init_families(param, init);
		break;
	case XSCTP_PARAM_ECN:
		err = xsctp_init_flag(param, &init->ecn);
		break;
	case XSCTP_PARAM_RANDOM:
		err = xsctp_init_keep(param, &init->random);
		break;
	case XSCTP_PARAM_CHUNKS:
		err = xsctp_init_keep(param, &init->chunks);
		break;
	case XSCTP_PARAM_HMACS:
		err = xsctp_init_hmacs(param, init);
		break;
	case XSCTP_PARAM_EXTENSIONS:
		err = xsctp_init_extensions(param, init);
		break;
	case XSCTP_PARAM_FORWARD_TSN:
		err = xsctp_init_flag(param, &init->forward_tsn);
		break;
	case XSCTP_PARAM_ADAPTATION:
		err = xsctp_init_adaptation(param, init);
		break;
	default:
		return xsctp_init_unknown(param, init);
	}
	return err ? err : 1;
}

static void xsctp_parse_init_fixed(const u8 *bytes, struct xsctp_init *init)
{
	memset(init, 0, sizeof(*init));
	init->tag = xsctp_get_u32(bytes + XSCTP_INIT_TAG);
	init->rwnd = xsctp_get_u32(bytes + XSCTP_INIT_RWND);
	init->out_streams = xsctp_get_u16(bytes + XSCTP_INIT_OUT_STREAMS);
	init->in_streams = xsctp_get_u16(bytes + XSCTP_INIT_IN_STREAMS);
	init->tsn = xsctp_get_u32(bytes + XSCTP_INIT_TSN);
}

/* To list an address is to support its family, whatever else is said (5.1.2). */
static void xsctp_init_settle(struct xsctp_init *init)
{
	unsigned int i;

	if (!init->ipv4 && !init->ipv6) {
		init->ipv4 = true;
		init->ipv6 = true;
	}
	for (i = 0; i < init->nr_addresses; i++) {
		init->ipv4 |= xl4_addr_is_v4(&init->address[i]);
		init->ipv6 |= !xl4_addr_is_v4(&init->address[i]);
	}
}

/**
 * xsctp_parse_init() - read an INIT or INIT ACK
 * @chunk: from xsctp_next_chunk(); what is found points into it
 * @init: filled in; if it fails, in part: no use but for its tag
 *
 * Left to the caller: tag and streams of zero, a host name, a missing cookie; which of the
 * addresses may be used here (loopback, scopes, families); to add the packet's own source
 * to them and its family to @init->ipv4 or ->ipv6; to report @init->unknown.
 *
 * No address is unspecified, multicast, broadcast or an IPv4-mapped IPv6 one, and none is
 * there twice; beyond XSCTP_MAX_ADDRESSES they are passed over. Parameters that have no
 * place in an INIT are as unknown as others (RFC 9260 section 3.2.1): what their type says
 * may end the list. Of a parameter said twice the first counts if it is a list of octets,
 * the last if it is a number.
 *
 * Return: 0, or -EINVAL if the chunk is cut off or a parameter has a wrong length.
 */
int xsctp_parse_init(const struct xsctp_tlv *chunk, struct xsctp_init *init)
{
	struct xsctp_walk walk;
	struct xsctp_tlv param;
	int more;

	if (chunk->length < XSCTP_INIT_LEN)
		return -EINVAL;
	xsctp_parse_init_fixed(chunk->bytes, init);
	xsctp_walk_params(chunk, XSCTP_INIT_LEN, &walk);
	do {
		more = xsctp_next_param(&walk, &param);
		if (more == 1)
			more = xsctp_init_param(&param, init);
	} while (more == 1);
	xsctp_init_settle(init);
	return more;
}

/**
 * xsctp_put_tlv() - append a parameter or a cause, padded with zeros
 * @to: room for XSCTP_PAD(XSCTP_TLV_LEN + @len)
 * @type: of it
 * @value: @len octets; NULL if there are none
 * @len: of the value, at most 65531
 *
 * Return: where the next goes.
 */
u8 *xsctp_put_tlv(u8 *to, u16 type, const void *value, u16 len)
{
	u32 length = XSCTP_TLV_LEN + len;

	xsctp_put_u16(xsctp_put_u16(to, type), length);
	if (len)
		memcpy(to + XSCTP_TLV_LEN, value, len);
	memset(to + length, 0, XSCTP_PAD(length) - length);
	return to + XSCTP_PAD(length);
}

/**
 * xsctp_put_chunk() - append the header of a chunk
 * @to: room for XSCTP_TLV_LEN
 * @type: of the chunk
 * @flags: of the chunk
 * @length: of the chunk, with this header and without padding, which is the caller's to add
 *
 * Return: where its value goes.
 */
u8 *xsctp_put_chunk(u8 *to, u8 type, u8 flags, u16 length)
{
	to[XSCTP_TYPE] = type;
	to[XSCTP_FLAGS] = flags;
	return xsctp_put_u16(to + XSCTP_LENGTH, length);
}

/**
 * xsctp_put_address() - append an address parameter
 * @to: room for XSCTP_TLV_LEN + 16 at most
 * @addr: IPv4 or IPv6
 *
 * Return: where the next goes.
 */
u8 *xsctp_put_address(u8 *to, const struct xl4_addr *addr)
{
	if (xl4_addr_is_v4(addr))
		return xsctp_put_tlv(to, XSCTP_PARAM_IPV4, &addr->quad[3], sizeof(addr->quad[3]));
	return xsctp_put_tlv(to, XSCTP_PARAM_IPV6, &addr->in6, sizeof(addr->in6));
}
