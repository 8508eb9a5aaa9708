// SPDX-License-Identifier: GPL-2.0
/*
 * The header of TCP (RFC 9293 section 3.1):
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+-------------------------------+-------------------------------+
 *	|          source port          |       destination port        |
 *	+-------------------------------+-------------------------------+
 *	|                        sequence number                        |
 *	+---------------------------------------------------------------+
 *	|                     acknowledgment number                     |
 *	+-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *	| offset|reservd|C|E|U|A|P|R|S|F|            window             |
 *	+-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *	|           checksum            |        urgent pointer         |
 *	+-------------------------------+-------------------------------+
 *	|               options, up to the offset's words               |
 *	+---------------------------------------------------------------+
 *
 * and its options: maximum segment size (RFC 9293), window scale and
 * timestamps (RFC 7323), SACK (RFC 2018), user timeout (RFC 5482).
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

enum {
	XTCP_SOURCE	= 0,
	XTCP_DEST	= 2,
	XTCP_SEQ	= 4,
	XTCP_ACK_SEQ	= 8,
	XTCP_OFFSET	= 12,
	XTCP_FLAGS	= 13,
	XTCP_WINDOW	= 14,
	XTCP_CHECKSUM	= 16,
	XTCP_URGENT	= 18,
};

/* An option is its kind, its length with these two bytes, and its value. */
enum {
	XTCPOPT_END		= 0,
	XTCPOPT_NOP		= 1,
	XTCPOPT_MSS		= 2,
	XTCPOPT_WSCALE		= 3,
	XTCPOPT_SACK_PERMITTED	= 4,
	XTCPOPT_SACK		= 5,
	XTCPOPT_TIMESTAMPS	= 8,
	XTCPOPT_USER_TIMEOUT	= 28,
};

enum {
	XTCPOLEN_KIND		= 2,	/* of kind and length alone */
	XTCPOLEN_MSS		= 4,
	XTCPOLEN_WSCALE		= 3,
	XTCPOLEN_SACK_PERMITTED	= 2,
	XTCPOLEN_SACK_BLOCK	= 8,
	XTCPOLEN_TIMESTAMPS	= 10,
	XTCPOLEN_USER_TIMEOUT	= 4,
};

#define XTCP_USER_TIMEOUT_VALUE	0x7fff	/* without the bit that says minutes */

static u16 xtcp_get16(const u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

static u32 xtcp_get32(const u8 *bytes)
{
	return (u32)xtcp_get16(bytes) << 16 | xtcp_get16(bytes + 2);
}

static u8 *xtcp_put16(u8 *bytes, u16 value)
{
	bytes[0] = value >> 8;
	bytes[1] = value;
	return bytes + 2;
}

static u8 *xtcp_put32(u8 *bytes, u32 value)
{
	return xtcp_put16(xtcp_put16(bytes, value >> 16), value);
}

/**
 * xtcp_parse() - read the fixed part of a header
 * @bytes: the first bytes of the segment, at least XTCP_HEADER_LEN unless
 *	@len is less
 * @len: length of the whole segment
 * @h: filled in
 *
 * The reserved bits are ignored (RFC 9293 section 3.1).
 *
 * Return: 0, or -EINVAL if the header is cut off or its length is a lie.
 */
int xtcp_parse(const u8 *bytes, u32 len, struct xtcp_header *h)
{
	if (len < XTCP_HEADER_LEN)
		return -EINVAL;
	h->length = (bytes[XTCP_OFFSET] >> 4) * 4;
	if (h->length < XTCP_HEADER_LEN || h->length > len)
		return -EINVAL;
	memcpy(&h->source, bytes + XTCP_SOURCE, sizeof(h->source));
	memcpy(&h->dest, bytes + XTCP_DEST, sizeof(h->dest));
	h->seq = xtcp_get32(bytes + XTCP_SEQ);
	h->ack = xtcp_get32(bytes + XTCP_ACK_SEQ);
	h->flags = bytes[XTCP_FLAGS];
	h->window = xtcp_get16(bytes + XTCP_WINDOW);
	h->urgent = xtcp_get16(bytes + XTCP_URGENT);
	return 0;
}

static void xtcp_get_timestamps(const u8 *value, struct xtcp_options *o)
{
	o->has_timestamps = true;
	o->tsval = xtcp_get32(value);
	o->tsecr = xtcp_get32(value + 4);
}

static void xtcp_get_sacks(const u8 *value, unsigned int len, struct xtcp_options *o)
{
	unsigned int i, nr = len / XTCPOLEN_SACK_BLOCK;

	for (i = 0; i < nr; i++, value += XTCPOLEN_SACK_BLOCK) {
		o->sack[i].start = xtcp_get32(value);
		o->sack[i].end = xtcp_get32(value + 4);
	}
	o->nr_sacks = nr;
}

/* What only a SYN may say; elsewhere it is ignored. */
static void xtcp_parse_syn_option(const u8 *option, struct xtcp_options *o)
{
	u8 kind = option[0], len = option[1];
	const u8 *value = option + XTCPOLEN_KIND;

	if (kind == XTCPOPT_MSS && len == XTCPOLEN_MSS) {
		o->mss = xtcp_get16(value);
		o->has_mss = o->mss;	/* no segment is made of nothing */
	} else if (kind == XTCPOPT_WSCALE && len == XTCPOLEN_WSCALE) {
		o->has_wscale = true;
		o->wscale = *value < XTCP_MAX_WSCALE ? *value : XTCP_MAX_WSCALE;
	} else if (kind == XTCPOPT_SACK_PERMITTED && len == XTCPOLEN_SACK_PERMITTED) {
		o->sack_permitted = true;
	}
}

/* What no SYN may say: it has nothing to acknowledge. */
static void xtcp_parse_sack(const u8 *option, struct xtcp_options *o)
{
	unsigned int len = option[1] - XTCPOLEN_KIND;

	if (option[0] == XTCPOPT_SACK && len && !(len % XTCPOLEN_SACK_BLOCK))
		xtcp_get_sacks(option + XTCPOLEN_KIND, len, o);
}

/* @option is whole: its length has been checked against the header's. */
static void xtcp_parse_option(const u8 *option, bool syn, struct xtcp_options *o)
{
	u8 kind = option[0], len = option[1];
	const u8 *value = option + XTCPOLEN_KIND;

	if (kind == XTCPOPT_TIMESTAMPS && len == XTCPOLEN_TIMESTAMPS) {
		xtcp_get_timestamps(value, o);
	} else if (kind == XTCPOPT_USER_TIMEOUT && len == XTCPOLEN_USER_TIMEOUT) {
		if (xtcp_get16(value) & XTCP_USER_TIMEOUT_VALUE)
			o->user_timeout = xtcp_get16(value);
	} else if (syn) {
		xtcp_parse_syn_option(option, o);
	} else {
		xtcp_parse_sack(option, o);
	}
}

/**
 * xtcp_parse_options() - read a header's options
 * @bytes: the segment, at least @h->length bytes
 * @h: its fixed part, from xtcp_parse()
 * @syn: it is a SYN
 * @o: filled in
 *
 * An option that is unknown, has not its kind's length, or has no place in this
 * segment is passed over (RFC 9293 MUST-6). A length that leads nowhere (0, 1,
 * or beyond the header) ends the options; what came before it holds (MUST-7).
 * Of an option said twice the last word counts. A window scale above 14 is
 * taken for 14 (RFC 7323 section 2.3), an MSS or a user timeout of zero for
 * none. SACK blocks are not checked: that takes a connection.
 */
void xtcp_parse_options(const u8 *bytes, const struct xtcp_header *h, bool syn,
			struct xtcp_options *o)
{
	const u8 *option = bytes + XTCP_HEADER_LEN, *end = bytes + h->length;

	memset(o, 0, sizeof(*o));
	while (option < end && *option != XTCPOPT_END) {
		if (*option == XTCPOPT_NOP) {
			option++;
			continue;
		}
		if (end - option < XTCPOLEN_KIND || option[1] < XTCPOLEN_KIND ||
		    option[1] > end - option)
			return;
		xtcp_parse_option(option, syn, o);
		option += option[1];
	}
}

static const u8 xtcp_timestamps_start[] = {
	XTCPOPT_NOP, XTCPOPT_NOP, XTCPOPT_TIMESTAMPS, XTCPOLEN_TIMESTAMPS,
};

/**
 * xtcp_parse_timestamps() - read the options that nearly every segment has
 * @bytes: the segment, at least @h->length bytes
 * @h: its fixed part, from xtcp_parse()
 * @o: filled in as xtcp_parse_options() would, if they are those
 *
 * Return: whether the options are timestamps alone, laid out as RFC 7323
 * appendix A recommends.
 */
bool xtcp_parse_timestamps(const u8 *bytes, const struct xtcp_header *h,
			   struct xtcp_options *o)
{
	const u8 *option = bytes + XTCP_HEADER_LEN;

	if (h->length != XTCP_HEADER_LEN + XTCP_TIMESTAMPS_LEN ||
	    memcmp(option, xtcp_timestamps_start, sizeof(xtcp_timestamps_start)))
		return false;
	memset(o, 0, sizeof(*o));
	xtcp_get_timestamps(option + sizeof(xtcp_timestamps_start), o);
	return true;
}

/**
 * xtcp_write() - write the fixed part of a header, with a checksum of zero
 * @bytes: room for XTCP_HEADER_LEN
 * @h: what it says; its length is a multiple of 4
 */
void xtcp_write(u8 *bytes, const struct xtcp_header *h)
{
	memcpy(bytes + XTCP_SOURCE, &h->source, sizeof(h->source));
	memcpy(bytes + XTCP_DEST, &h->dest, sizeof(h->dest));
	xtcp_put32(bytes + XTCP_SEQ, h->seq);
	xtcp_put32(bytes + XTCP_ACK_SEQ, h->ack);
	bytes[XTCP_OFFSET] = h->length / 4 << 4;
	bytes[XTCP_FLAGS] = h->flags;
	xtcp_put16(bytes + XTCP_WINDOW, h->window);
	xtcp_put16(bytes + XTCP_CHECKSUM, 0);
	xtcp_put16(bytes + XTCP_URGENT, h->urgent);
}

/*
 * Every option begins, or with padding before it ends, at a word's border; SACK
 * comes last and has as many blocks as there is room for.
 */
#define XTCP_WORD	4

static unsigned int xtcp_options_len_but_sacks(const struct xtcp_options *o, bool syn)
{
	unsigned int len = 0;

	if (o->has_timestamps)
		len += XTCP_TIMESTAMPS_LEN;
	if (o->user_timeout)
		len += XTCPOLEN_USER_TIMEOUT;
	if (!syn)
		return len;
	if (o->has_mss)
		len += XTCPOLEN_MSS;
	if (o->sack_permitted && !o->has_timestamps)
		len += XTCP_WORD;	/* else it is the timestamps' padding */
	if (o->has_wscale)
		len += XTCP_WORD;
	return len;
}

static unsigned int xtcp_nr_sacks(const struct xtcp_options *o, bool syn)
{
	unsigned int room, fit;

	if (syn || !o->nr_sacks)
		return 0;
	room = XTCP_MAX_OPTIONS_LEN - xtcp_options_len_but_sacks(o, syn);
	fit = (room - XTCP_WORD) / XTCPOLEN_SACK_BLOCK;
	return o->nr_sacks < fit ? o->nr_sacks : fit;
}

/**
 * xtcp_options_len() - how many bytes xtcp_write_options() writes
 * @o: what they shall say
 * @syn: for a SYN
 *
 * Return: a multiple of 4, at most XTCP_MAX_OPTIONS_LEN.
 */
unsigned int xtcp_options_len(const struct xtcp_options *o, bool syn)
{
	unsigned int len = xtcp_options_len_but_sacks(o, syn);
	unsigned int nr = xtcp_nr_sacks(o, syn);

	return nr ? len + XTCP_WORD + nr * XTCPOLEN_SACK_BLOCK : len;
}

/* The first two bytes of a word, and what the last two begin. */
static u8 *xtcp_put_option(u8 *bytes, u8 first, u8 second, u8 kind, u8 len)
{
	bytes[0] = first;
	bytes[1] = second;
	bytes[2] = kind;
	bytes[3] = len;
	return bytes + XTCP_WORD;
}

static u8 *xtcp_put_timestamps(u8 *bytes, const struct xtcp_options *o, bool syn)
{
	if (syn && o->sack_permitted)
		bytes = xtcp_put_option(bytes, XTCPOPT_SACK_PERMITTED, XTCPOLEN_SACK_PERMITTED,
					XTCPOPT_TIMESTAMPS, XTCPOLEN_TIMESTAMPS);
	else
		bytes = xtcp_put_option(bytes, XTCPOPT_NOP, XTCPOPT_NOP,
					XTCPOPT_TIMESTAMPS, XTCPOLEN_TIMESTAMPS);
	return xtcp_put32(xtcp_put32(bytes, o->tsval), o->tsecr);
}

static u8 *xtcp_put_value16(u8 *bytes, u8 kind, u16 value)
{
	bytes[0] = kind;
	bytes[1] = XTCPOLEN_KIND + sizeof(value);
	return xtcp_put16(bytes + XTCPOLEN_KIND, value);
}

static void xtcp_put_sacks(u8 *bytes, const struct xtcp_options *o, unsigned int nr)
{
	unsigned int i;

	bytes = xtcp_put_option(bytes, XTCPOPT_NOP, XTCPOPT_NOP, XTCPOPT_SACK,
				XTCPOLEN_KIND + nr * XTCPOLEN_SACK_BLOCK);
	for (i = 0; i < nr; i++)
		bytes = xtcp_put32(xtcp_put32(bytes, o->sack[i].start), o->sack[i].end);
}

/**
 * xtcp_write_options() - write a header's options
 * @bytes: room for xtcp_options_len(), behind the fixed part
 * @o: what they say; SYN-only options are left out of other segments, SACK
 *	blocks out of a SYN and where there is no room
 * @syn: for a SYN
 */
void xtcp_write_options(u8 *bytes, const struct xtcp_options *o, bool syn)
{
	unsigned int nr = xtcp_nr_sacks(o, syn);

	if (syn && o->has_mss)
		bytes = xtcp_put_value16(bytes, XTCPOPT_MSS, o->mss);
	if (o->has_timestamps)
		bytes = xtcp_put_timestamps(bytes, o, syn);
	else if (syn && o->sack_permitted)
		bytes = xtcp_put_option(bytes, XTCPOPT_NOP, XTCPOPT_NOP,
					XTCPOPT_SACK_PERMITTED, XTCPOLEN_SACK_PERMITTED);
	if (syn && o->has_wscale) {
		/* Its value is the word's last byte. */
		xtcp_put_option(bytes, XTCPOPT_NOP, XTCPOPT_WSCALE, XTCPOLEN_WSCALE, o->wscale);
		bytes += XTCP_WORD;
	}
	if (o->user_timeout)
		bytes = xtcp_put_value16(bytes, XTCPOPT_USER_TIMEOUT, o->user_timeout);
	if (nr)
		xtcp_put_sacks(bytes, o, nr);
}
