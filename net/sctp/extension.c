// SPDX-License-Identifier: GPL-2.0
/*
 * Chunks and parameters of AUTH (RFC 4895) and of ASCONF (RFC 5061): bytes in and plain structs
 * out, and back, as in wire.c.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "wire.h"

#define XSCTP_LENGTH_AT	2	/* in the header of a chunk or parameter */

/* ------------------------------------------------------------------ RFC 4895 */

/**
 * xsctp_parse_auth() - read an AUTH chunk
 * @chunk: from xsctp_next_chunk()
 * @auth: filled in; its MAC is 0 to XSCTP_MAX_MAC octets of the chunk
 *
 * Whether the MAC is as long as those of its algorithm are is for the caller to see.
 *
 * Return: 0, or -EINVAL for a length that none has (RFC 4895 section 4.1).
 */
int xsctp_parse_auth(const struct xsctp_tlv *chunk, struct xsctp_auth_chunk *auth)
{
	if (chunk->length < XSCTP_AUTH_LEN || chunk->length > XSCTP_AUTH_LEN + XSCTP_MAX_MAC)
		return -EINVAL;
	auth->key = xsctp_get_u16(chunk->bytes + XSCTP_TLV_LEN);
	auth->hmac = xsctp_get_u16(chunk->bytes + XSCTP_TLV_LEN + 2);
	auth->mac_len = chunk->length - XSCTP_AUTH_LEN;
	auth->mac = chunk->bytes + XSCTP_AUTH_LEN;
	return 0;
}

/**
 * xsctp_put_auth() - append an AUTH chunk whose MAC is zero
 * @to: room for XSCTP_AUTH_LEN + XSCTP_PAD(@mac_len)
 * @key: shared key identifier
 * @hmac: XSCTP_HMAC_...
 * @mac_len: octets, at most XSCTP_MAX_MAC
 *
 * Return: where the next goes.
 */
u8 *xsctp_put_auth(u8 *to, u16 key, u16 hmac, u16 mac_len)
{
	to = xsctp_put_chunk(to, XSCTP_AUTH, 0, XSCTP_AUTH_LEN + mac_len);
	to = xsctp_put_u16(xsctp_put_u16(to, key), hmac);
	memset(to, 0, XSCTP_PAD((u32)mac_len));
	return to + XSCTP_PAD((u32)mac_len);
}

/**
 * xsctp_vector_add() - append a parameter to a key vector
 * @vector: ours, in the making
 * @type: XSCTP_PARAM_RANDOM, _CHUNKS or _HMACS, in this order
 * @value: @len octets
 * @len: so much that all fit into XSCTP_MAX_VECTOR
 */
void xsctp_vector_add(struct xsctp_vector *vector, u16 type, const void *value, u16 len)
{
	u8 *to = vector->bytes + vector->len;

	to = xsctp_put_u16(xsctp_put_u16(to, type), XSCTP_TLV_LEN + len);
	memcpy(to, value, len);
	vector->len += XSCTP_TLV_LEN + len;
}

static void xsctp_vector_copy(struct xsctp_vector *vector, const struct xsctp_tlv *param)
{
	xsctp_vector_add(vector, param->type, param->bytes + XSCTP_TLV_LEN,
			 param->length - XSCTP_TLV_LEN);
}

static bool xsctp_lists_hmac(const struct xsctp_tlv *hmacs, u16 id)
{
	u32 i;

	for (i = XSCTP_TLV_LEN; i + 1 < hmacs->length; i += 2)
		if (xsctp_get_u16(hmacs->bytes + i) == id)
			return true;
	return false;
}

/**
 * xsctp_vector_of() - the key vector that an INIT or INIT ACK tells
 * @init: from xsctp_parse_init()
 * @vector: filled in; its length is 0 if the peer cannot do AUTH
 *
 * A list of chunks or HMACs that is longer than any that makes sense is as good as none, and
 * so is one without SHA-1, which all must have.
 *
 * Return: 0, or -EINVAL if RANDOM is not as long as it must be (RFC 4895 section 6.1).
 */
int xsctp_vector_of(const struct xsctp_init *init, struct xsctp_vector *vector)
{
	vector->len = 0;
	if (!init->random.bytes || !init->hmacs.bytes)
		return 0;
	if (init->random.length != XSCTP_TLV_LEN + XSCTP_RANDOM_LEN)
		return -EINVAL;
	if (init->hmacs.length > XSCTP_TLV_LEN + 2 * XSCTP_MAX_HMACS ||
	    !xsctp_lists_hmac(&init->hmacs, XSCTP_HMAC_SHA1) ||
	    (init->chunks.bytes && init->chunks.length > XSCTP_TLV_LEN + 256))
		return 0;
	xsctp_vector_copy(vector, &init->random);
	if (init->chunks.bytes)
		xsctp_vector_copy(vector, &init->chunks);
	xsctp_vector_copy(vector, &init->hmacs);
	return 0;
}

/* The parameter at *@at, which is moved behind it. Returns whether there is one. */
static bool xsctp_vector_next(const struct xsctp_vector *vector, u32 *at, struct xsctp_tlv *part)
{
	u32 left = vector->len - *at;

	if (*at >= vector->len || left < XSCTP_TLV_LEN)
		return false;
	part->bytes = vector->bytes + *at;
	part->type = xsctp_get_u16(part->bytes);
	part->length = xsctp_get_u16(part->bytes + XSCTP_LENGTH_AT);
	part->flags = 0;
	if (part->length < XSCTP_TLV_LEN || part->length > left)
		return false;
	*at += part->length;
	return true;
}

/**
 * xsctp_vector_part() - a parameter of a key vector
 * @vector: ours, or from xsctp_vector_of()
 * @type: XSCTP_PARAM_...
 * @part: filled in
 *
 * Return: 0, or -EINVAL if it is not there.
 */
int xsctp_vector_part(const struct xsctp_vector *vector, u16 type, struct xsctp_tlv *part)
{
	u32 at = 0;

	while (xsctp_vector_next(vector, &at, part))
		if (part->type == type)
			return 0;
	return -EINVAL;
}

/**
 * xsctp_put_vector() - append the parameters of a key vector
 * @to: room for all, and their padding
 * @vector: ours
 * @padding: set to how many octets the last one was padded with
 *
 * Return: where the next goes.
 */
u8 *xsctp_put_vector(u8 *to, const struct xsctp_vector *vector, u8 *padding)
{
	struct xsctp_tlv part;
	u32 at = 0;

	while (xsctp_vector_next(vector, &at, &part)) {
		to = xsctp_put_tlv(to, part.type, part.bytes + XSCTP_TLV_LEN,
				   part.length - XSCTP_TLV_LEN);
		*padding = XSCTP_PAD((u32)part.length) - part.length;
	}
	return to;
}

/* ------------------------------------------------------------------ RFC 5061 */

/**
 * xsctp_parse_asconf() - read an ASCONF or an ASCONF ACK
 * @chunk: from xsctp_next_chunk()
 * @head: filled in
 *
 * Return: 0, or -EINVAL if it is cut off, or an ASCONF does not begin with an address.
 */
int xsctp_parse_asconf(const struct xsctp_tlv *chunk, struct xsctp_asconf_head *head)
{
	struct xsctp_tlv param;

	if (chunk->length < XSCTP_ASCONF_LEN)
		return -EINVAL;
	head->serial = xsctp_get_u32(chunk->bytes + XSCTP_TLV_LEN);
	xsctp_walk_params(chunk, XSCTP_ASCONF_LEN, &head->requests);
	if (chunk->type != XSCTP_ASCONF)
		return 0;
	if (xsctp_next_param(&head->requests, &param) != 1)
		return -EINVAL;
	return xsctp_parse_address(&param, &head->addr);
}

static bool xsctp_is_request(u16 type)
{
	return type == XSCTP_PARAM_ADD_ADDRESS || type == XSCTP_PARAM_DEL_ADDRESS ||
	       type == XSCTP_PARAM_SET_PRIMARY;
}

/* An IPv4 address is a parameter of its own; it has no place in an IPv6 one. */
static int xsctp_request_address(struct xsctp_request *request)
{
	struct xsctp_tlv address;
	struct xsctp_walk walk;

	xsctp_walk_params(&request->param, XSCTP_REQUEST_LEN, &walk);
	if (xsctp_next_param(&walk, &address) != 1 ||
	    xsctp_parse_address(&address, &request->addr))
		return -EINVAL;
	if (address.type == XSCTP_PARAM_IPV6 && xl4_addr_is_v4(&request->addr))
		return -EINVAL;
	request->has_addr = true;
	return 0;
}

/**
 * xsctp_next_request() - the next request of an ASCONF, or answer of an ASCONF ACK
 * @walk: what is left, from xsctp_parse_asconf(); moved on
 * @request: filled in; of one that is unknown, the address is not
 *
 * Return: 1; 0 if there is no more; -EINVAL if a length is wrong, or there is no address where
 * one has to be.
 */
int xsctp_next_request(struct xsctp_walk *walk, struct xsctp_request *request)
{
	int got = xsctp_next_param(walk, &request->param);

	if (got != 1)
		return got;
	if (request->param.length < XSCTP_REQUEST_LEN)
		return -EINVAL;
	request->id = xsctp_get_u32(request->param.bytes + XSCTP_TLV_LEN);
	request->has_addr = false;
	if (xsctp_is_request(request->param.type) && xsctp_request_address(request))
		return -EINVAL;
	return 1;
}

/**
 * xsctp_put_request() - append a request of an ASCONF, or a Success Indication
 * @to: room for XSCTP_REQUEST_LEN + XSCTP_TLV_LEN + 16 at most
 * @type: XSCTP_PARAM_...
 * @id: correlation
 * @addr: whose address; NULL: none
 *
 * Return: where the next goes.
 */
u8 *xsctp_put_request(u8 *to, u16 type, u32 id, const struct xl4_addr *addr)
{
	u8 *end = xsctp_put_u32(to + XSCTP_TLV_LEN, id);

	if (addr)
		end = xsctp_put_address(end, addr);
	xsctp_put_u16(xsctp_put_u16(to, type), end - to);
	return end;
}

/**
 * xsctp_put_refusal() - append an Error Cause Indication
 * @to: room for XSCTP_REQUEST_LEN + XSCTP_TLV_LEN and the request, padded
 * @id: correlation
 * @cause: XSCTP_CAUSE_...
 * @request: what is refused, told in the cause
 *
 * Return: where the next goes.
 */
u8 *xsctp_put_refusal(u8 *to, u32 id, u16 cause, const struct xsctp_tlv *request)
{
	u8 *end = xsctp_put_u32(to + XSCTP_TLV_LEN, id);

	end = xsctp_put_tlv(end, cause, request->bytes, request->length);
	xsctp_put_u16(to, XSCTP_PARAM_ERROR_CAUSE);
	/* Padding of the cause is not counted: nothing but it is in there. */
	xsctp_put_u16(to + XSCTP_LENGTH_AT, XSCTP_REQUEST_LEN + XSCTP_TLV_LEN + request->length);
	return end;
}
