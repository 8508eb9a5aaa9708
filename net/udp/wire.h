/* SPDX-License-Identifier: GPL-2.0 */
/* The UDP and UDP-Lite header: pure, bytes in and a plain struct out. */
#ifndef XUDP_WIRE_H
#define XUDP_WIRE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif

#define XUDP_HEADER_LEN		8
#define XUDP_MAX_LEN		0xFFFF	/* of header and data: the length field's 16 bits */

struct xudp_header {
	__be16	source;
	__be16	dest;
	u32	length;		/* of header and data */
	u32	coverage;	/* bytes under the checksum, from the header's first */
	bool	has_checksum;	/* the field is not zero */
};

int xudp_parse(const u8 *bytes, u32 len, struct xudp_header *header);
int xudplite_parse(const u8 *bytes, u32 len, struct xudp_header *header);
void xudp_write(u8 *bytes, __be16 source, __be16 dest, u32 length);
void xudplite_write(u8 *bytes, __be16 source, __be16 dest, u32 length, u32 coverage);

#endif
