// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: the header of UDP and UDP-Lite. An input is an IP payload. */
#include "wire.h"

#include "../../net/udp/wire.c"

/* What the kernel's input path relies on. */
static void check_ranges(const u8 *bytes, u32 len, const struct xudp_header *h)
{
	ALWAYS(len >= XUDP_HEADER_LEN);
	ALWAYS(h->length >= XUDP_HEADER_LEN && h->length <= len);
	ALWAYS(h->coverage >= XUDP_HEADER_LEN && h->coverage <= h->length);
	ALWAYS(!memcmp(&h->source, bytes, 2) && !memcmp(&h->dest, bytes + 2, 2));
	ALWAYS(h->has_checksum == (bytes[6] || bytes[7]));
}

/* Reading what was written gives the same again, whatever was there before. */
static void udp_again(const u8 *bytes, u32 len, const struct xudp_header *h)
{
	u8 *copy = only(bytes, XUDP_HEADER_LEN);
	struct xudp_header again;

	xudp_write(copy, h->source, h->dest, h->length);
	ALWAYS(!memcmp(copy, bytes, 6) && !copy[6] && !copy[7]);
	ALWAYS(!xudp_parse(copy, len, &again));
	ALWAYS(again.length == h->length && !again.has_checksum);
	free(copy);
}

static void udplite_again(const u8 *bytes, u32 len, const struct xudp_header *h)
{
	u8 *copy = only(bytes, XUDP_HEADER_LEN);
	struct xudp_header again;

	xudplite_write(copy, h->source, h->dest, h->length, h->coverage);
	ALWAYS(!memcmp(copy, bytes, 4) && !copy[6] && !copy[7]);
	ALWAYS(xudplite_parse(copy, len, &again));
	copy[7] = 1;
	ALWAYS(!xudplite_parse(copy, len, &again));
	ALWAYS(again.length == h->length && again.coverage == h->coverage);
	free(copy);
}

static void read_all(const u8 *bytes, u32 len)
{
	struct xudp_header header;

	if (!xudp_parse(bytes, len, &header)) {
		check_ranges(bytes, len, &header);
		if (header.length <= XUDP_MAX_LEN)	/* a jumbogram cannot be written */
			udp_again(bytes, len, &header);
	}
	if (!xudplite_parse(bytes, len, &header)) {
		ALWAYS(header.has_checksum && header.length == len);
		check_ranges(bytes, len, &header);
		udplite_again(bytes, len, &header);
	}
}

/* Any length that a caller may say, when only the header is at hand. */
static u32 claimed_length(const u8 *data, size_t size)
{
	u32 claimed;

	memcpy(&claimed, data + size - sizeof(claimed), sizeof(claimed));
	return claimed < XUDP_HEADER_LEN ? XUDP_HEADER_LEN : claimed;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *header;

	read_all(data, size);
	if (size < XUDP_HEADER_LEN + sizeof(u32))
		return 0;
	header = only(data, XUDP_HEADER_LEN);
	read_all(header, claimed_length(data, size));
	free(header);
	return 0;
}
