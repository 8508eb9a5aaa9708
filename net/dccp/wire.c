// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP's packets (RFC 4340 section 5): the generic header, with X set
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+-------------------------------+-------------------------------+
 *	|          source port          |       destination port        |
 *	+---------------+-------+-------+-------------------------------+
 *	|  data offset  | CCVal | CsCov |           checksum            |
 *	+-----+-------+-+-------+-------+-------------------------------+
 *	| Res | type  |1|   reserved    |   sequence number (high bits) |
 *	+-----+-------+-+---------------+-------------------------------+
 *	|                  sequence number (low bits)                   |
 *	+---------------------------------------------------------------+
 *
 * and with X not set
 *
 *	+-----+-------+-+-----------------------------------------------+
 *	| Res | type  |0|           sequence number (24 bits)           |
 *	+-----+-------+-+-----------------------------------------------+
 *
 * for its last two words; then an acknowledgment number laid out alike, if the type has one; a
 * service code, or a reset's code and data; options; and data.
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

/* The generic header */
enum {
	XDCCP_AT_SOURCE		= 0,
	XDCCP_AT_DEST		= 2,
	XDCCP_AT_OFFSET		= 4,
	XDCCP_AT_COVERAGE	= 5,
	XDCCP_AT_CHECKSUM	= XDCCP_CHECKSUM_OFFSET,
	XDCCP_AT_TYPE		= 8,
	XDCCP_AT_SHORT_SEQ	= 9,
	XDCCP_AT_LONG_SEQ	= 10,
	XDCCP_AT_SERVICE	= 16,	/* of Request and Listen */
};

/* Relative to the end of the generic header */
enum {
	XDCCP_AT_SHORT_ACK	= 1,
	XDCCP_AT_LONG_ACK	= 2,
	XDCCP_SHORT_ACK_LEN	= 4,
	XDCCP_LONG_ACK_LEN	= 8,
	XDCCP_AT_AFTER_ACK	= 8,	/* the service code of a Response; a reset's code */
};

#define XDCCP_X_BIT	0x01

static u64 xdccp_get(const u8 *from, unsigned int len)
{
	u64 value = 0;

	while (len--)
		value = value << 8 | *from++;
	return value;
}

static u8 *xdccp_put(u8 *to, u64 value, unsigned int len)
{
	unsigned int i;

	for (i = len; i--; value >>= 8)
		to[i] = value;
	return to + len;
}

static bool xdccp_type_has_ack(u8 type)
{
	return type != XDCCP_REQUEST && type != XDCCP_DATA && type != XDCCP_LISTEN;
}

/* RFC 4340 section 5.1: only these may have short numbers. */
static bool xdccp_type_may_be_short(u8 type)
{
	return type == XDCCP_DATA || type == XDCCP_ACK || type == XDCCP_DATAACK;
}

/**
 * xdccp_fixed_len() - the length of a header without options
 * @type: of the packet, less than XDCCP_TYPES
 * @x: whether its numbers are long
 *
 * Return: octets.
 */
u8 xdccp_fixed_len(u8 type, bool x)
{
	u8 len = x ? XDCCP_LONG_HEADER_LEN : XDCCP_MIN_HEADER_LEN;

	if (xdccp_type_has_ack(type))
		len += x ? XDCCP_LONG_ACK_LEN : XDCCP_SHORT_ACK_LEN;
	if (type == XDCCP_REQUEST || type == XDCCP_RESPONSE || type == XDCCP_LISTEN ||
	    type == XDCCP_RESET)
		len += 4;
	return len;
}

/**
 * xdccp_carries_data() - is what follows the header of such a packet for the application?
 * @type: of the packet
 *
 * RFC 4340 sections 5.1 to 5.7: in others it is padding, or a diagnostic message.
 *
 * Return: whether it is.
 */
bool xdccp_carries_data(u8 type)
{
	return type == XDCCP_REQUEST || type == XDCCP_RESPONSE || type == XDCCP_DATA ||
	       type == XDCCP_DATAACK;
}

static void xdccp_read_numbers(const u8 *bytes, struct xdccp_header *h)
{
	const u8 *after = bytes + (h->x ? XDCCP_LONG_HEADER_LEN : XDCCP_MIN_HEADER_LEN);

	if (h->x)
		h->seq = xdccp_get(bytes + XDCCP_AT_LONG_SEQ, 6);
	else
		h->seq = xdccp_get(bytes + XDCCP_AT_SHORT_SEQ, 3);
	if (h->has_ack && h->x)
		h->ack = xdccp_get(after + XDCCP_AT_LONG_ACK, 6);
	else if (h->has_ack)
		h->ack = xdccp_get(after + XDCCP_AT_SHORT_ACK, 3);
}

static void xdccp_read_specific(const u8 *bytes, struct xdccp_header *h)
{
	const u8 *after_ack = bytes + XDCCP_LONG_HEADER_LEN + XDCCP_AT_AFTER_ACK;

	switch (h->type) {
	case XDCCP_REQUEST:
	case XDCCP_LISTEN:
		h->service = xdccp_get(bytes + XDCCP_AT_SERVICE, 4);
		break;
	case XDCCP_RESPONSE:
		h->service = xdccp_get(after_ack, 4);
		break;
	case XDCCP_RESET:
		h->reset_code = after_ack[0];
		memcpy(h->reset_data, after_ack + 1, sizeof(h->reset_data));
		break;
	}
}

/**
 * xdccp_parse_header() - read the header of a packet
 * @bytes: the packet, or as much of it as is at hand
 * @len: of @bytes; h->length may be more than this, if only a part is at hand
 * @h: filled in; what the type does not have is zero
 *
 * RFC 4340 section 8.5, step 1, but for the checksum. Whether the options are at hand, and the
 * packet as long as its header, is for the caller to see.
 *
 * Return: 0, or -EINVAL: cut off, of a type that there is not, with an offset too small, or with
 * short numbers where they must be long.
 */
int xdccp_parse_header(const u8 *bytes, u32 len, struct xdccp_header *h)
{
	if (len < XDCCP_MIN_HEADER_LEN)
		return -EINVAL;
	memset(h, 0, sizeof(*h));
	memcpy(&h->source, bytes + XDCCP_AT_SOURCE, sizeof(h->source));
	memcpy(&h->dest, bytes + XDCCP_AT_DEST, sizeof(h->dest));
	h->length = bytes[XDCCP_AT_OFFSET] * 4;
	h->ccval = bytes[XDCCP_AT_COVERAGE] >> 4;
	h->cscov = bytes[XDCCP_AT_COVERAGE] & 15;
	h->type = bytes[XDCCP_AT_TYPE] >> 1 & 15;
	h->x = bytes[XDCCP_AT_TYPE] & XDCCP_X_BIT;
	if (h->type >= XDCCP_TYPES || (!h->x && !xdccp_type_may_be_short(h->type)))
		return -EINVAL;
	h->has_ack = xdccp_type_has_ack(h->type);
	h->fixed = xdccp_fixed_len(h->type, h->x);
	if (len < h->fixed || h->length < h->fixed)
		return -EINVAL;
	xdccp_read_numbers(bytes, h);
	xdccp_read_specific(bytes, h);
	return 0;
}

/**
 * xdccp_parse_quoted() - read the beginning of a packet that an ICMP error quotes
 * @bytes: the packet's
 * @len: of them; there may be no more
 * @h: filled in: ports, type, x and seq; all else is zero
 *
 * Return: 0, or -EINVAL: the sequence number is not whole.
 */
int xdccp_parse_quoted(const u8 *bytes, u32 len, struct xdccp_header *h)
{
	memset(h, 0, sizeof(*h));
	if (len < XDCCP_MIN_HEADER_LEN)
		return -EINVAL;
	memcpy(&h->source, bytes + XDCCP_AT_SOURCE, sizeof(h->source));
	memcpy(&h->dest, bytes + XDCCP_AT_DEST, sizeof(h->dest));
	h->type = bytes[XDCCP_AT_TYPE] >> 1 & 15;
	h->x = bytes[XDCCP_AT_TYPE] & XDCCP_X_BIT;
	if (h->x && len < XDCCP_LONG_HEADER_LEN)
		return -EINVAL;
	xdccp_read_numbers(bytes, h);
	return 0;
}

/**
 * xdccp_coverage() - how much of a packet is under its checksum
 * @h: the header
 * @len: of the whole packet
 * @covered: set to the octets from the beginning that are, if all is well; the pseudo-header
 *	comes on top
 *
 * RFC 4340 section 9.2.
 *
 * Return: 0, or -EINVAL if the packet is shorter than its header, or than what is to be covered.
 */
int xdccp_coverage(const struct xdccp_header *h, u32 len, u32 *covered)
{
	u32 partial = h->length + (h->cscov - 1) * 4;

	if (len < h->length)
		return -EINVAL;
	if (h->cscov && partial > len)
		return -EINVAL;
	*covered = h->cscov ? partial : len;
	return 0;
}

/**
 * xdccp_extend() - the long sequence number that a short one stands for
 * @low: the 24 bits of the packet
 * @reference: a long one that it must be near to
 *
 * RFC 4340 section 7.6.
 *
 * Return: the nearest that ends in @low.
 */
u64 xdccp_extend(u32 low, u64 reference)
{
	s32 distance = (s32)((low - (u32)reference) << 8) >> 8;

	return xdccp_seq_add(reference, distance);
}

/* ------------------------------------------------------------------ options */

/* RFC 4340 table 3: these are ignored on Data packets. Those of CCIDs are the CCIDs' to judge. */
static bool xdccp_option_of_data(u8 type)
{
	switch (type) {
	case XDCCP_OPT_MANDATORY:
	case XDCCP_OPT_CHANGE_L:
	case XDCCP_OPT_CONFIRM_L:
	case XDCCP_OPT_CHANGE_R:
	case XDCCP_OPT_CONFIRM_R:
	case XDCCP_OPT_INIT_COOKIE:
	case XDCCP_OPT_ACK_VECTOR_0:
	case XDCCP_OPT_ACK_VECTOR_1:
	case XDCCP_OPT_DATA_DROPPED:
	case XDCCP_OPT_ELAPSED_TIME:
		return false;
	}
	return true;
}

/**
 * xdccp_walk_options() - begin to read the options of a packet
 * @bytes: the packet, at least its header as long as that says
 * @h: the header
 * @walk: for xdccp_next_option()
 */
void xdccp_walk_options(const u8 *bytes, const struct xdccp_header *h, struct xdccp_walk *walk)
{
	walk->bytes = bytes + h->fixed;
	walk->left = h->length - h->fixed;
	walk->of_data = h->type == XDCCP_DATA;
}

/* A length that makes no sense ends the options: RFC 4340 section 5.8. */
static bool xdccp_take_option(struct xdccp_walk *walk, struct xdccp_option *option)
{
	u32 len = 1;

	if (!walk->left)
		return false;
	option->type = walk->bytes[0];
	option->value = walk->bytes + 1;
	option->len = 0;
	if (option->type >= XDCCP_OPT_FIRST_LONG) {
		len = walk->left > 1 ? walk->bytes[1] : 0;
		if (len < 2 || len > walk->left) {
			walk->left = 0;
			return false;
		}
		option->value = walk->bytes + 2;
		option->len = len - 2;
	}
	walk->bytes += len;
	walk->left -= len;
	return true;
}

/**
 * xdccp_next_option() - read the next option
 * @walk: what is left; from xdccp_walk_options()
 * @option: filled in; no Padding and no Mandatory, but whether that came before it
 *
 * RFC 4340 section 5.8 and 5.8.2. What a Data packet cannot have is skipped.
 *
 * Return: 1; 0: there are no more; -EBADMSG: a Mandatory is the last, or comes before another:
 * the connection is to be reset with "Option Error".
 */
int xdccp_next_option(struct xdccp_walk *walk, struct xdccp_option *option)
{
	bool mandatory = false;

	while (xdccp_take_option(walk, option)) {
		if (walk->of_data && !xdccp_option_of_data(option->type))
			continue;
		if (option->type == XDCCP_OPT_MANDATORY) {
			if (mandatory)
				return -EBADMSG;
			mandatory = true;
			continue;
		}
		if (option->type == XDCCP_OPT_PADDING) {
			/* "Mandatory, Padding" is two paddings. */
			mandatory = false;
			continue;
		}
		option->mandatory = mandatory;
		return 1;
	}
	return mandatory ? -EBADMSG : 0;
}

/**
 * xdccp_parse_negotiation() - read a Change or Confirm
 * @option: of one of these types
 * @n: filled in; points into the packet
 *
 * RFC 4340 section 6.1 and 6.2.
 *
 * Return: 0, or -EINVAL: it names no feature, or is a Change to nothing.
 */
int xdccp_parse_negotiation(const struct xdccp_option *option, struct xdccp_negotiation *n)
{
	bool change = option->type == XDCCP_OPT_CHANGE_L || option->type == XDCCP_OPT_CHANGE_R;

	if (option->len < (change ? 2 : 1))
		return -EINVAL;
	n->feature = option->value[0];
	n->len = option->len - 1;
	n->values = option->value + 1;
	return 0;
}

/**
 * xdccp_parse_number() - read an option that is a number
 * @option: NDP Count (RFC 4340 section 7.7), Timestamp (13.1), Data Checksum (9.3), or one of the
 *	CCIDs' rates (RFC 4342 sections 8.3 and 8.5)
 * @number: set
 *
 * Return: 0, or -EINVAL if it is not as long as it has to be.
 */
int xdccp_parse_number(const struct xdccp_option *option, u64 *number)
{
	u8 low = 4, high = 4;

	if (option->type == XDCCP_OPT_NDP_COUNT) {
		low = 1;
		high = 6;
	}
	if (option->len < low || option->len > high)
		return -EINVAL;
	*number = xdccp_get(option->value, option->len);
	return 0;
}

/**
 * xdccp_parse_elapsed() - read Elapsed Time
 * @option: of this type
 * @elapsed: set, in units of 10 us
 *
 * RFC 4340 section 13.2.
 *
 * Return: 0, or -EINVAL if it has neither two nor four octets.
 */
int xdccp_parse_elapsed(const struct xdccp_option *option, u32 *elapsed)
{
	if (option->len != 2 && option->len != 4)
		return -EINVAL;
	*elapsed = xdccp_get(option->value, option->len);
	return 0;
}

/**
 * xdccp_parse_echo() - read Timestamp Echo
 * @option: of this type
 * @timestamp: set to ours that comes back
 * @elapsed: set to how long the peer had it, in units of 10 us; 0 if it does not say
 *
 * RFC 4340 section 13.3.
 *
 * Return: 0, or -EINVAL if its length is wrong.
 */
int xdccp_parse_echo(const struct xdccp_option *option, u32 *timestamp, u32 *elapsed)
{
	if (option->len != 4 && option->len != 6 && option->len != 8)
		return -EINVAL;
	*timestamp = xdccp_get(option->value, 4);
	*elapsed = xdccp_get(option->value + 4, option->len - 4);
	return 0;
}

/**
 * xdccp_parse_loss_intervals() - read the beginning of Loss Intervals
 * @option: of this type
 * @skip: set to the packets, the acknowledged one first, that are in no interval yet
 * @n: set to the number of intervals, for xdccp_loss_interval()
 *
 * RFC 4342 section 8.6.
 *
 * Return: 0, or -EINVAL if its length is wrong.
 */
int xdccp_parse_loss_intervals(const struct xdccp_option *option, u8 *skip, unsigned int *n)
{
	if (!option->len || (option->len - 1) % XDCCP_LOSS_INTERVAL_LEN)
		return -EINVAL;
	*skip = option->value[0];
	*n = (option->len - 1) / XDCCP_LOSS_INTERVAL_LEN;
	return 0;
}

/**
 * xdccp_loss_interval() - one of the Loss Intervals
 * @option: that xdccp_parse_loss_intervals() liked
 * @i: which, less than their number; 0 is the latest
 * @interval: filled in
 */
void xdccp_loss_interval(const struct xdccp_option *option, unsigned int i,
			 struct xdccp_loss_interval *interval)
{
	const u8 *at = option->value + 1 + i * XDCCP_LOSS_INTERVAL_LEN;

	interval->lossless = xdccp_get(at, 3);
	interval->ecn_echo = at[3] & 0x80;
	interval->lossy = xdccp_get(at + 3, 3) & 0x7fffff;
	interval->data = xdccp_get(at + 6, 3);
}

/**
 * xdccp_run() - read an octet of an Ack Vector
 * @cell: the octet
 * @run: filled in
 *
 * RFC 4340 section 11.4.
 */
void xdccp_run(u8 cell, struct xdccp_run *run)
{
	run->state = cell >> 6;
	run->len = (cell & 63) + 1;
}

/**
 * xdccp_cell() - an octet of an Ack Vector
 * @run: what it says, of 1 to 64 packets
 *
 * Return: the octet.
 */
u8 xdccp_cell(const struct xdccp_run *run)
{
	return run->state << 6 | (run->len - 1);
}

/**
 * xdccp_dropped() - read an octet of Data Dropped
 * @cell: the octet
 * @dropped: filled in
 *
 * RFC 4340 section 11.7.
 */
void xdccp_dropped(u8 cell, struct xdccp_dropped *dropped)
{
	dropped->normal = !(cell & 0x80);
	dropped->code = dropped->normal ? 0 : cell >> 4 & 7;
	dropped->len = (cell & (dropped->normal ? 127 : 15)) + 1;
}

/* ------------------------------------------------------------------ writing */

/**
 * xdccp_write_header() - write a header up to its options, with a checksum of zero
 * @bytes: room for xdccp_fixed_len()
 * @h: what it says; h->length with the options, a multiple of four up to XDCCP_MAX_HEADER_LEN.
 *	has_ack and fixed follow from the type.
 */
void xdccp_write_header(u8 *bytes, const struct xdccp_header *h)
{
	u8 *to = bytes + (h->x ? XDCCP_LONG_HEADER_LEN : XDCCP_MIN_HEADER_LEN);

	memset(bytes, 0, xdccp_fixed_len(h->type, h->x));
	memcpy(bytes + XDCCP_AT_SOURCE, &h->source, sizeof(h->source));
	memcpy(bytes + XDCCP_AT_DEST, &h->dest, sizeof(h->dest));
	bytes[XDCCP_AT_OFFSET] = h->length / 4;
	bytes[XDCCP_AT_COVERAGE] = h->ccval << 4 | h->cscov;
	bytes[XDCCP_AT_TYPE] = h->type << 1 | (h->x ? XDCCP_X_BIT : 0);
	if (h->x)
		xdccp_put(bytes + XDCCP_AT_LONG_SEQ, h->seq, 6);
	else
		xdccp_put(bytes + XDCCP_AT_SHORT_SEQ, h->seq, 3);
	if (xdccp_type_has_ack(h->type) && h->x)
		to = xdccp_put(to + XDCCP_AT_LONG_ACK, h->ack, 6);
	else if (xdccp_type_has_ack(h->type))
		to = xdccp_put(to + XDCCP_AT_SHORT_ACK, h->ack, 3);
	if (h->type == XDCCP_RESET) {
		*to = h->reset_code;
		memcpy(to + 1, h->reset_data, sizeof(h->reset_data));
	} else if (h->type == XDCCP_REQUEST || h->type == XDCCP_RESPONSE ||
		   h->type == XDCCP_LISTEN) {
		xdccp_put(to, h->service, 4);
	}
}

/**
 * xdccp_put_option() - append an option
 * @to: where
 * @type: of the option
 * @value: of the option, @len octets; nothing if the type has none
 * @len: up to XDCCP_MAX_OPTION_VALUE
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_option(u8 *to, u8 type, const void *value, u8 len)
{
	*to++ = type;
	if (type < XDCCP_OPT_FIRST_LONG)
		return to;
	*to++ = len + 2;
	if (len)
		memcpy(to, value, len);
	return to + len;
}

/**
 * xdccp_put_number() - append an option that is a number
 * @to: where
 * @type: of the option
 * @number: its value
 * @len: octets of the number
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_number(u8 *to, u8 type, u64 number, u8 len)
{
	*to++ = type;
	*to++ = len + 2;
	return xdccp_put(to, number, len);
}

/**
 * xdccp_put_ndp() - append an NDP Count, as short as it can be
 * @to: where; up to eight octets
 * @count: packets without data since the last with; what is too much is cut
 *
 * RFC 4340 section 7.7.
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_ndp(u8 *to, u64 count)
{
	u8 len = 1;

	count = min_t(u64, count, XDCCP_SEQ_MASK);
	while (len < 6 && count >> (8 * len))
		len++;
	return xdccp_put_number(to, XDCCP_OPT_NDP_COUNT, count, len);
}

/**
 * xdccp_put_elapsed() - append an Elapsed Time, as short as it can be
 * @to: where; up to six octets
 * @elapsed: in units of 10 us
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_elapsed(u8 *to, u32 elapsed)
{
	return xdccp_put_number(to, XDCCP_OPT_ELAPSED_TIME, elapsed, elapsed > 0xffff ? 4 : 2);
}

/**
 * xdccp_put_echo() - append a Timestamp Echo, as short as it can be
 * @to: where; up to ten octets
 * @timestamp: of the peer
 * @elapsed: since it came, in units of 10 us
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_echo(u8 *to, u32 timestamp, u32 elapsed)
{
	u8 len = !elapsed ? 0 : elapsed > 0xffff ? 4 : 2;

	*to++ = XDCCP_OPT_TIMESTAMP_ECHO;
	*to++ = 2 + 4 + len;
	return xdccp_put(xdccp_put(to, timestamp, 4), elapsed, len);
}

/**
 * xdccp_put_negotiation() - append a Change or Confirm
 * @to: where
 * @type: which of the four
 * @feature: its number
 * @values: a value, or a value and a preference list, or nothing; as on the wire
 * @len: of @values, less than XDCCP_MAX_OPTION_VALUE
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_negotiation(u8 *to, u8 type, u8 feature, const u8 *values, u8 len)
{
	*to++ = type;
	*to++ = len + 3;
	*to++ = feature;
	if (len)
		memcpy(to, values, len);
	return to + len;
}

/**
 * xdccp_put_loss_interval() - append an interval to the value of Loss Intervals
 * @to: where; XDCCP_LOSS_INTERVAL_LEN octets
 * @interval: what is too large for its bits is cut
 *
 * Return: where the next goes.
 */
u8 *xdccp_put_loss_interval(u8 *to, const struct xdccp_loss_interval *interval)
{
	to = xdccp_put(to, min_t(u32, interval->lossless, 0xffffff), 3);
	xdccp_put(to, min_t(u32, interval->lossy, 0x7fffff), 3);
	if (interval->ecn_echo)
		*to |= 0x80;
	return xdccp_put(to + 3, min_t(u32, interval->data, 0xffffff), 3);
}

/**
 * xdccp_put_dropped_packets() - append a Dropped Packets for a Loss Intervals
 * @to: where
 * @interval: the same intervals; of each, what is too large for 24 bits is cut
 * @n: how many
 *
 * RFC 5622 section 8.7.
 *
 * Return: where the next option goes.
 */
u8 *xdccp_put_dropped_packets(u8 *to, const struct xdccp_loss_interval *interval, unsigned int n)
{
	*to++ = XDCCP_OPT_DROPPED_PACKETS;
	*to++ = 2 + n * XDCCP_DROP_COUNT_LEN;
	for (; n--; interval++)
		to = xdccp_put(to, min_t(u32, interval->lost, 0xffffff), XDCCP_DROP_COUNT_LEN);
	return to;
}

/**
 * xdccp_put_padding() - end the options on a word
 * @to: where they ended
 * @written: octets of the header up to there
 *
 * Return: where data goes.
 */
u8 *xdccp_put_padding(u8 *to, u32 written)
{
	for (; written % 4; written++)
		*to++ = XDCCP_OPT_PADDING;
	return to;
}
