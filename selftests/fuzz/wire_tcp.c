// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: the header of TCP and its options. An input is a segment. */
#include "wire.h"

#include "../../net/tcp/wire.c"

/* What the kernel's input path relies on. */
static void check_header(u32 len, const struct xtcp_header *h)
{
	ALWAYS(h->length >= XTCP_HEADER_LEN && h->length <= XTCP_MAX_HEADER_LEN);
	ALWAYS(h->length <= len && h->length % 4 == 0);
}

static void check_options(const struct xtcp_options *o, bool syn)
{
	ALWAYS(syn || !(o->has_mss || o->has_wscale || o->sack_permitted));
	ALWAYS(!o->has_mss || o->mss);
	ALWAYS(o->wscale <= (o->has_wscale ? XTCP_MAX_WSCALE : 0));
	ALWAYS(o->nr_sacks <= (syn ? 0 : XTCP_MAX_SACKS));
	ALWAYS(o->has_timestamps || !(o->tsval || o->tsecr));
}

static bool same_but_sacks(const struct xtcp_options *a, const struct xtcp_options *b)
{
	return a->has_mss == b->has_mss && (!a->has_mss || a->mss == b->mss) &&
	       a->has_wscale == b->has_wscale && a->wscale == b->wscale &&
	       a->sack_permitted == b->sack_permitted &&
	       a->has_timestamps == b->has_timestamps &&
	       a->tsval == b->tsval && a->tsecr == b->tsecr &&
	       a->user_timeout == b->user_timeout;
}

/* Where SACK blocks came without padding, the last may find no room any more. */
static void check_sacks(const struct xtcp_options *o, const struct xtcp_options *again)
{
	ALWAYS(again->nr_sacks == o->nr_sacks || again->nr_sacks + 1 == o->nr_sacks);
	ALWAYS(!memcmp(o->sack, again->sack, again->nr_sacks * sizeof(o->sack[0])));
}

/* The header with its bits as a sender leaves them: reserved and checksum zero. */
static void header_again(const u8 *bytes, const struct xtcp_header *h)
{
	u8 *copy = only(bytes, XTCP_HEADER_LEN);
	u8 *expected = only(bytes, XTCP_HEADER_LEN);

	expected[12] &= 0xf0;
	expected[16] = 0;
	expected[17] = 0;
	xtcp_write(copy, h);
	ALWAYS(!memcmp(copy, expected, XTCP_HEADER_LEN));
	free(expected);
	free(copy);
}

/* Reading what was written gives the same again, whatever was there before. */
static void options_again(const u8 *bytes, const struct xtcp_options *o, bool syn)
{
	unsigned int len = xtcp_options_len(o, syn);
	struct xtcp_header h = { .length = XTCP_HEADER_LEN + len };
	struct xtcp_options again;
	u8 *copy;

	ALWAYS(len <= XTCP_MAX_OPTIONS_LEN && len % 4 == 0);
	copy = malloc(h.length);
	memcpy(copy, bytes, XTCP_HEADER_LEN);
	xtcp_write_options(copy + XTCP_HEADER_LEN, o, syn);
	xtcp_parse_options(copy, &h, syn, &again);
	ALWAYS(same_but_sacks(o, &again));
	check_sacks(o, &again);
	free(copy);
}

static void fast_as_slow(const u8 *bytes, const struct xtcp_header *h,
			 const struct xtcp_options *slow)
{
	struct xtcp_options fast;

	if (!xtcp_parse_timestamps(bytes, h, &fast))
		return;
	ALWAYS(same_but_sacks(slow, &fast) && !fast.nr_sacks && !slow->nr_sacks);
}

static void read_options(const u8 *bytes, const struct xtcp_header *h, bool syn)
{
	struct xtcp_options o;

	xtcp_parse_options(bytes, h, syn, &o);
	check_options(&o, syn);
	fast_as_slow(bytes, h, &o);
	options_again(bytes, &o, syn);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct xtcp_header h;
	u8 *header;

	if (xtcp_parse(data, size, &h))
		return 0;
	check_header(size, &h);
	header_again(data, &h);
	header = only(data, h.length);
	read_options(header, &h, true);
	read_options(header, &h, false);
	free(header);
	return 0;
}
