// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: SCTP's packets. An input is a packet; its chunks are also the steps of a map of
 * TSNs.
 */
#include "wire.h"

#include "../../net/sctp/tsnmap.c"
#include "../../net/sctp/wire.c"

/* The header with its bits as a sender leaves them: checksum zero. */
static void header_again(const u8 *bytes, const struct xsctp_header *h)
{
	u8 *copy = only(bytes, XSCTP_HEADER_LEN);
	u8 *expected = only(bytes, XSCTP_HEADER_LEN);

	memset(expected + XSCTP_CRC, 0, 4);
	xsctp_write_header(copy, h);
	ALWAYS(!memcmp(copy, expected, XSCTP_HEADER_LEN));
	free(expected);
	free(copy);
}

/* What the kernel's input path relies on. */
static void check_tlv(const struct xsctp_walk *before, const struct xsctp_walk *after,
		      const struct xsctp_tlv *tlv)
{
	ALWAYS(tlv->bytes == before->bytes);
	ALWAYS(tlv->length >= XSCTP_TLV_LEN && tlv->length <= before->left);
	ALWAYS(after->left < before->left);
	ALWAYS(after->bytes + after->left == before->bytes + before->left);
	ALWAYS(before->left - after->left >= tlv->length);
	ALWAYS(before->left - after->left <= XSCTP_PAD(tlv->length));
}

/* A parameter written again is the same, but for its padding. */
static void param_again(const struct xsctp_tlv *param)
{
	u8 *copy = malloc(XSCTP_PAD(param->length));
	u8 *end = xsctp_put_tlv(copy, param->type, param->bytes + XSCTP_TLV_LEN,
				param->length - XSCTP_TLV_LEN);

	ALWAYS(end == copy + XSCTP_PAD(param->length));
	ALWAYS(!memcmp(copy, param->bytes, param->length));
	free(copy);
}

static void address_again(const struct xsctp_tlv *param)
{
	u8 bytes[XSCTP_IPV6_LEN];
	struct xl4_addr addr;

	if (xsctp_parse_address(param, &addr))
		return;
	xsctp_put_address(bytes, &addr);
	/* One that says IPv4-mapped becomes what it maps. */
	if (param->type == XSCTP_PARAM_IPV4 || !xl4_addr_is_v4(&addr))
		ALWAYS(!memcmp(bytes, param->bytes, param->length));
}

static void read_params(const struct xsctp_tlv *chunk, u32 fixed)
{
	struct xsctp_walk walk, before;
	struct xsctp_tlv param;
	int more;

	xsctp_walk_params(chunk, fixed, &walk);
	ALWAYS(walk.left <= chunk->length);
	for (before = walk; (more = xsctp_next_param(&walk, &param)) == 1; before = walk) {
		check_tlv(&before, &walk, &param);
		param_again(&param);
		address_again(&param);
	}
	ALWAYS(more == -EINVAL || !walk.left);
}

static void read_data(const struct xsctp_tlv *chunk, struct xsctp_tsnmap *map)
{
	u8 *copy = only(chunk->bytes, chunk->length);
	struct xsctp_data_header d;
	u32 cum = map->cum;

	if (!xsctp_parse_data(chunk, &d)) {
		bool new = xsctp_tsnmap_check(map, d.tsn) == XSCTP_TSN_NEW;

		copy[XSCTP_TYPE] = XSCTP_DATA;
		xsctp_write_data(copy, &d, chunk->length);
		ALWAYS(!memcmp(copy + 1, chunk->bytes + 1, chunk->length - 1));
		xsctp_tsnmap_mark(map, d.tsn);
		ALWAYS(xsctp_tsnmap_check(map, d.tsn) != XSCTP_TSN_NEW);
		ALWAYS((map->cum != cum) == (new && d.tsn == cum + 1));
	}
	free(copy);
}

static void check_gaps(const struct xsctp_tsnmap *map)
{
	struct xsctp_gap gaps[64];
	unsigned int n = xsctp_tsnmap_gaps(map, gaps, 64), last = 0;

	for (unsigned int i = 0; i < n; i++) {
		ALWAYS(gaps[i].start >= last + 2 && gaps[i].end >= gaps[i].start);
		ALWAYS(gaps[i].end <= map->highest - map->cum);
		last = gaps[i].end;
	}
	ALWAYS(map->highest - map->cum <= XSCTP_TSNMAP_BITS);
	ALWAYS((n == 0) == (map->highest == map->cum));
}

static void read_sack(const struct xsctp_tlv *chunk)
{
	struct xsctp_sack sack;
	unsigned int last = 1, i;
	u16 start, end;

	if (xsctp_parse_sack(chunk, &sack))
		return;
	for (i = 0; i < sack.nr_gaps; i++) {
		xsctp_sack_gap(&sack, i, &start, &end);
		ALWAYS(start > last && end >= start);
		last = end;
	}
	for (i = 0; i < sack.nr_dups; i++)
		xsctp_sack_dup(&sack, i);
}

static void inside(const struct xsctp_tlv *chunk, const struct xsctp_tlv *param)
{
	if (!param->bytes)
		return;
	ALWAYS(param->bytes >= chunk->bytes + XSCTP_INIT_LEN);
	ALWAYS(param->bytes + param->length <= chunk->bytes + chunk->length);
}

static void read_init(const struct xsctp_tlv *chunk)
{
	struct xsctp_init init;
	unsigned int i, j;

	if (xsctp_parse_init(chunk, &init))
		return;
	ALWAYS(init.ipv4 || init.ipv6);
	ALWAYS(init.nr_addresses <= XSCTP_MAX_ADDRESSES && init.nr_unknown <= XSCTP_MAX_UNKNOWN);
	for (i = 0; i < init.nr_addresses; i++) {
		ALWAYS(!xl4_addr_is_any(&init.address[i]));
		ALWAYS(xl4_addr_is_v4(&init.address[i]) ? init.ipv4 : init.ipv6);
		for (j = 0; j < i; j++)
			ALWAYS(!xl4_addr_equal(&init.address[i], &init.address[j]));
	}
	inside(chunk, &init.cookie);
	inside(chunk, &init.random);
	inside(chunk, &init.chunks);
	inside(chunk, &init.hmacs);
	inside(chunk, &init.hostname);
	for (i = 0; i < init.nr_unknown; i++) {
		inside(chunk, &init.unknown[i]);
		ALWAYS(init.unknown[i].type & XSCTP_UNKNOWN_REPORT << 8);
	}
}

static void read_forward(const struct xsctp_tlv *chunk, struct xsctp_tsnmap *map)
{
	u32 cum;

	if (xsctp_parse_u32(chunk, &cum) || chunk->type != XSCTP_FORWARD_TSN)
		return;
	xsctp_tsnmap_forward(map, cum);
	ALWAYS((s32)(cum - map->cum) <= 0);	/* also half the circle away, where it is neither */
}

/* Each chunk as all that it might be. */
static void read_chunk(const struct xsctp_tlv *chunk, struct xsctp_tsnmap *map)
{
	read_data(chunk, map);
	read_forward(chunk, map);
	check_gaps(map);
	read_sack(chunk);
	read_init(chunk);
	read_params(chunk, XSCTP_TLV_LEN);
	read_params(chunk, XSCTP_INIT_LEN);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct xsctp_walk walk, before;
	struct xsctp_tsnmap map;
	struct xsctp_header h;
	struct xsctp_tlv chunk;
	u8 *bytes = only(data, size);
	int more;

	if (xsctp_parse_header(bytes, size, &h)) {
		free(bytes);
		return 0;
	}
	header_again(bytes, &h);
	xsctp_tsnmap_init(&map, h.tag);
	walk.bytes = bytes + XSCTP_HEADER_LEN;
	walk.left = size - XSCTP_HEADER_LEN;
	for (before = walk; (more = xsctp_next_chunk(&walk, &chunk)) == 1; before = walk) {
		check_tlv(&before, &walk, &chunk);
		read_chunk(&chunk, &map);
	}
	ALWAYS(more == -EINVAL || !walk.left);
	free(bytes);
	return 0;
}
