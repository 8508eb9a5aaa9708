/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DCCP's packets: pure, bytes in and plain structs out, and back (RFC 4340 section 5).
 *
 * A packet is a header (a generic one, what its type adds, options) and data. An option is an
 * octet, or a type, a length and a value. Nothing is read past what the lengths allow.
 */
#ifndef XDCCP_WIRE_H
#define XDCCP_WIRE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif

#define XDCCP_MIN_HEADER_LEN	12	/* the generic header with a short sequence number */
#define XDCCP_LONG_HEADER_LEN	16	/* with a long one */
#define XDCCP_MAX_FIXED_LEN	28	/* that of a Response or Reset, without options */
#define XDCCP_MAX_HEADER_LEN	1020	/* Data Offset has 8 bits, and counts words */
#define XDCCP_CHECKSUM_OFFSET	6
#define XDCCP_MAX_OPTION_LEN	255	/* with type and length */
#define XDCCP_MAX_OPTION_VALUE	253
#define XDCCP_PAD(len)		(((len) + 3) & ~3u)

/* Packet types: RFC 4340 section 5.1, RFC 5596 section 2.2.1. */
enum {
	XDCCP_REQUEST	= 0,
	XDCCP_RESPONSE	= 1,
	XDCCP_DATA	= 2,
	XDCCP_ACK	= 3,
	XDCCP_DATAACK	= 4,
	XDCCP_CLOSEREQ	= 5,
	XDCCP_CLOSE	= 6,
	XDCCP_RESET	= 7,
	XDCCP_SYNC	= 8,
	XDCCP_SYNCACK	= 9,
	XDCCP_LISTEN	= 10,
	XDCCP_TYPES
};

/* Option types: RFC 4340 section 5.8, RFC 4342 section 8, RFC 5622 section 8. */
enum {
	XDCCP_OPT_PADDING	= 0,
	XDCCP_OPT_MANDATORY	= 1,
	XDCCP_OPT_SLOW_RECEIVER	= 2,
	XDCCP_OPT_FIRST_LONG	= 32,	/* below, an option is its type alone */
	XDCCP_OPT_CHANGE_L	= 32,
	XDCCP_OPT_CONFIRM_L	= 33,
	XDCCP_OPT_CHANGE_R	= 34,
	XDCCP_OPT_CONFIRM_R	= 35,
	XDCCP_OPT_INIT_COOKIE	= 36,
	XDCCP_OPT_NDP_COUNT	= 37,
	XDCCP_OPT_ACK_VECTOR_0	= 38,	/* by ECN nonce */
	XDCCP_OPT_ACK_VECTOR_1	= 39,
	XDCCP_OPT_DATA_DROPPED	= 40,
	XDCCP_OPT_TIMESTAMP	= 41,
	XDCCP_OPT_TIMESTAMP_ECHO = 42,
	XDCCP_OPT_ELAPSED_TIME	= 43,
	XDCCP_OPT_DATA_CHECKSUM	= 44,
	XDCCP_OPT_FIRST_OF_SENDER = 128,	/* of a CCID: to the half-connection's receiver */
	XDCCP_OPT_FIRST_OF_RECEIVER = 192,	/* likewise: to its sender */
	XDCCP_OPT_LOSS_EVENT_RATE = 192,
	XDCCP_OPT_LOSS_INTERVALS = 193,
	XDCCP_OPT_RECEIVE_RATE	= 194,
	XDCCP_OPT_DROPPED_PACKETS = 195,	/* CCID 4 */
};

/* Reset codes: RFC 4340 section 5.6. */
enum {
	XDCCP_RESET_UNSPECIFIED		= 0,
	XDCCP_RESET_CLOSED		= 1,
	XDCCP_RESET_ABORTED		= 2,
	XDCCP_RESET_NO_CONNECTION	= 3,
	XDCCP_RESET_PACKET_ERROR	= 4,	/* data: the packet's type */
	XDCCP_RESET_OPTION_ERROR	= 5,	/* data: the option's type, two of its value */
	XDCCP_RESET_MANDATORY_ERROR	= 6,	/* likewise */
	XDCCP_RESET_REFUSED		= 7,
	XDCCP_RESET_BAD_SERVICE		= 8,
	XDCCP_RESET_TOO_BUSY		= 9,
	XDCCP_RESET_BAD_COOKIE		= 10,
	XDCCP_RESET_AGGRESSION		= 11,
	XDCCP_RESET_PORT_REUSE		= 12,	/* RFC 6773 section 3.8 */
	XDCCP_RESET_CODES
};

/* What Data Dropped says of packets: RFC 4340 section 11.7. */
enum {
	XDCCP_DROP_PROTOCOL	= 0,	/* constraints of the protocol */
	XDCCP_DROP_NOT_LISTENING = 1,	/* the application is not */
	XDCCP_DROP_BUFFER	= 2,	/* of the receiver is full */
	XDCCP_DROP_CORRUPT	= 3,	/* by the Data Checksum option */
	XDCCP_DROP_DELIVERED_CORRUPT = 7,
};

/* Sequence numbers have 48 bits, and are a circle (RFC 4340 section 7.1). */
#define XDCCP_SEQ_BITS	48
#define XDCCP_SEQ_MASK	((1ULL << XDCCP_SEQ_BITS) - 1)
#define XDCCP_SHORT_MASK ((1u << 24) - 1)

static inline u64 xdccp_seq_add(u64 seq, s64 n)
{
	return (seq + n) & XDCCP_SEQ_MASK;
}

/* From @a to @b: negative if @b is before @a. */
static inline s64 xdccp_seq_delta(u64 a, u64 b)
{
	return (s64)((b - a) << (64 - XDCCP_SEQ_BITS)) >> (64 - XDCCP_SEQ_BITS);
}

static inline bool xdccp_seq_before(u64 a, u64 b)
{
	return xdccp_seq_delta(a, b) > 0;
}

static inline bool xdccp_seq_after(u64 a, u64 b)
{
	return xdccp_seq_before(b, a);
}

/* low <= seq <= high, on the circle */
static inline bool xdccp_seq_between(u64 seq, u64 low, u64 high)
{
	return ((seq - low) & XDCCP_SEQ_MASK) <= ((high - low) & XDCCP_SEQ_MASK);
}

struct xdccp_header {
	__be16	source;
	__be16	dest;
	u64	seq;			/* 48 bits, or if !x its lower 24 */
	u64	ack;			/* likewise, if has_ack */
	u32	service;		/* of Request, Response and Listen */
	u16	length;			/* of the header with options */
	u8	fixed;			/* of the header without */
	u8	type;
	u8	ccval;			/* 0 to 15 */
	u8	cscov;			/* 0 to 15 */
	u8	reset_code;
	u8	reset_data[3];
	bool	x;			/* the numbers are long */
	bool	has_ack;
};

/* Options that are left to read. */
struct xdccp_walk {
	const u8	*bytes;
	u32		left;
	bool		of_data;	/* of a Data packet: some options do not exist there */
};

struct xdccp_option {
	u8		type;
	u8		len;		/* of the value */
	bool		mandatory;
	const u8	*value;
};

/* A feature negotiation option: the feature and its value or values. */
struct xdccp_negotiation {
	u8		feature;
	u8		len;		/* 0: an empty Confirm */
	const u8	*values;
};

/* A run of packets in an Ack Vector, latest first. */
struct xdccp_run {
	u8	state;			/* XDCCP_RECEIVED ... */
	u8	len;			/* packets, 1 to 64 */
};

enum xdccp_packet_state {
	XDCCP_RECEIVED		= 0,
	XDCCP_RECEIVED_MARKED	= 1,	/* with Congestion Experienced */
	XDCCP_PACKET_RESERVED	= 2,
	XDCCP_NOT_RECEIVED	= 3,
};

/* A run of packets in Data Dropped, latest first. */
struct xdccp_dropped {
	bool	normal;			/* nothing to tell of them */
	u8	code;			/* XDCCP_DROP_... */
	u8	len;			/* packets, 1 to 128 */
};

/* One loss interval as CCID 3 tells it (RFC 4342 section 8.6), in packets. */
struct xdccp_loss_interval {
	u32	lossless;		/* 24 bits */
	u32	lossy;			/* 23 bits */
	u32	data;			/* 24 bits */
	u32	lost;			/* or marked: Dropped Packets (RFC 5622 section 8.7) */
	bool	ecn_echo;
};

#define XDCCP_LOSS_INTERVAL_LEN	9
#define XDCCP_MAX_LOSS_INTERVALS 28
#define XDCCP_DROP_COUNT_LEN	3

/* These return 0, or -EINVAL for bytes that are not what they should be. */
int xdccp_parse_header(const u8 *bytes, u32 len, struct xdccp_header *h);
int xdccp_parse_quoted(const u8 *bytes, u32 len, struct xdccp_header *h);
int xdccp_coverage(const struct xdccp_header *h, u32 len, u32 *covered);
int xdccp_parse_negotiation(const struct xdccp_option *option, struct xdccp_negotiation *n);
int xdccp_parse_number(const struct xdccp_option *option, u64 *number);
int xdccp_parse_elapsed(const struct xdccp_option *option, u32 *elapsed);
int xdccp_parse_echo(const struct xdccp_option *option, u32 *timestamp, u32 *elapsed);
int xdccp_parse_loss_intervals(const struct xdccp_option *option, u8 *skip, unsigned int *n);

/* 1: *option is the next; 0: no more; -EBADMSG: a Mandatory has nothing to be for. */
int xdccp_next_option(struct xdccp_walk *walk, struct xdccp_option *option);
void xdccp_walk_options(const u8 *bytes, const struct xdccp_header *h, struct xdccp_walk *walk);

void xdccp_run(u8 cell, struct xdccp_run *run);
u8 xdccp_cell(const struct xdccp_run *run);
void xdccp_dropped(u8 cell, struct xdccp_dropped *dropped);
void xdccp_loss_interval(const struct xdccp_option *option, unsigned int i,
			 struct xdccp_loss_interval *interval);

u8 xdccp_fixed_len(u8 type, bool x);
bool xdccp_carries_data(u8 type);
u64 xdccp_extend(u32 low, u64 reference);

/* Writers append to a buffer that is large enough by the caller's care. */
void xdccp_write_header(u8 *bytes, const struct xdccp_header *h);
u8 *xdccp_put_option(u8 *to, u8 type, const void *value, u8 len);
u8 *xdccp_put_number(u8 *to, u8 type, u64 number, u8 len);
u8 *xdccp_put_ndp(u8 *to, u64 count);
u8 *xdccp_put_elapsed(u8 *to, u32 elapsed);
u8 *xdccp_put_echo(u8 *to, u32 timestamp, u32 elapsed);
u8 *xdccp_put_negotiation(u8 *to, u8 type, u8 feature, const u8 *values, u8 len);
u8 *xdccp_put_loss_interval(u8 *to, const struct xdccp_loss_interval *interval);
u8 *xdccp_put_dropped_packets(u8 *to, const struct xdccp_loss_interval *interval, unsigned int n);
u8 *xdccp_put_padding(u8 *to, u32 written);

#endif
