/* SPDX-License-Identifier: GPL-2.0 */
/* TCP's header and options: pure, bytes in and a plain struct out, and back. */
#ifndef XTCP_WIRE_H
#define XTCP_WIRE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif

#define XTCP_HEADER_LEN		20	/* of the fixed part */
#define XTCP_MAX_HEADER_LEN	60	/* with options: the offset's 4 bits, in words */
#define XTCP_MAX_OPTIONS_LEN	(XTCP_MAX_HEADER_LEN - XTCP_HEADER_LEN)
#define XTCP_TIMESTAMPS_LEN	12	/* of the option with the padding before it */
#define XTCP_MAX_WSCALE		14	/* RFC 7323 section 2.3 */
#define XTCP_MAX_SACKS		4

/* The flags, as they lie in the header's byte 13. */
enum {
	XTCP_FIN	= 0x01,
	XTCP_SYN	= 0x02,
	XTCP_RST	= 0x04,
	XTCP_PSH	= 0x08,
	XTCP_ACK	= 0x10,
	XTCP_URG	= 0x20,
	XTCP_ECE	= 0x40,
	XTCP_CWR	= 0x80,
};

/* The fixed part. Ports stay as on the wire: nobody counts with them. */
struct xtcp_header {
	__be16	source;
	__be16	dest;
	u32	seq;
	u32	ack;
	u8	length;		/* of fixed part and options */
	u8	flags;
	u16	window;
	u16	urgent;
};

/* What was received and is not yet acknowledged in order: start <= seq < end. */
struct xtcp_sack {
	u32	start;
	u32	end;
};

struct xtcp_options {
	bool	has_mss;
	bool	has_wscale;
	bool	sack_permitted;
	bool	has_timestamps;
	u16	mss;
	u8	wscale;
	u8	nr_sacks;
	u32	tsval;
	u32	tsecr;
	u16	user_timeout;	/* RFC 5482, as on the wire; 0: none */
	struct xtcp_sack sack[XTCP_MAX_SACKS];
};

int xtcp_parse(const u8 *bytes, u32 len, struct xtcp_header *h);
void xtcp_parse_options(const u8 *bytes, const struct xtcp_header *h, bool syn,
			struct xtcp_options *o);
bool xtcp_parse_timestamps(const u8 *bytes, const struct xtcp_header *h,
			   struct xtcp_options *o);
void xtcp_write(u8 *bytes, const struct xtcp_header *h);
unsigned int xtcp_options_len(const struct xtcp_options *o, bool syn);
void xtcp_write_options(u8 *bytes, const struct xtcp_options *o, bool syn);

#endif
