// SPDX-License-Identifier: GPL-2.0
/*
 * The header of UDP (RFC 768) and of UDP-Lite (RFC 3828):
 *
 *	 0      7 8     15 16    23 24    31
 *	+--------+--------+--------+--------+
 *	|   source port   | destination port|
 *	+--------+--------+--------+--------+
 *	|    length or    |                 |
 *	|checksum coverage|    checksum     |
 *	+--------+--------+--------+--------+
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "wire.h"

enum {
	XUDP_SOURCE	= 0,
	XUDP_DEST	= 2,
	XUDP_LENGTH	= 4,
	XUDP_COVERAGE	= 4,
	XUDP_CHECKSUM	= 6,
};

static u16 xudp_field(const u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

static void xudp_parse_common(const u8 *bytes, struct xudp_header *header)
{
	memcpy(&header->source, bytes + XUDP_SOURCE, sizeof(header->source));
	memcpy(&header->dest, bytes + XUDP_DEST, sizeof(header->dest));
	header->has_checksum = xudp_field(bytes + XUDP_CHECKSUM);
}

/**
 * xudp_parse() - read the header of a UDP datagram
 * @bytes: the first bytes of the IP payload, at least XUDP_HEADER_LEN unless
 *	@len is less
 * @len: length of the whole IP payload
 * @header: filled in
 *
 * What follows the datagram in the IP payload is not part of it (RFC 768); a
 * length of zero means the whole payload if that is more than the field can
 * say (RFC 2675 section 4).
 *
 * Return: 0, or -EINVAL if the header is cut off or its length is a lie.
 */
int xudp_parse(const u8 *bytes, u32 len, struct xudp_header *header)
{
	u32 length;

	if (len < XUDP_HEADER_LEN)
		return -EINVAL;
	length = xudp_field(bytes + XUDP_LENGTH);
	if (!length && len > XUDP_MAX_LEN)
		length = len;
	if (length < XUDP_HEADER_LEN || length > len)
		return -EINVAL;
	xudp_parse_common(bytes, header);
	header->length = length;
	header->coverage = length;
	return 0;
}

/**
 * xudplite_parse() - read the header of a UDP-Lite datagram
 * @bytes: the first bytes of the IP payload, at least XUDP_HEADER_LEN unless
 *	@len is less
 * @len: length of the whole IP payload, which is the datagram's
 * @header: filled in
 *
 * RFC 3828 section 3.1: a coverage of zero is the whole datagram; one that
 * leaves out part of the header or exceeds the datagram is illegal, and so is
 * a checksum of zero.
 *
 * Return: 0, or -EINVAL if the datagram has to be discarded.
 */
int xudplite_parse(const u8 *bytes, u32 len, struct xudp_header *header)
{
	u32 coverage;

	if (len < XUDP_HEADER_LEN)
		return -EINVAL;
	coverage = xudp_field(bytes + XUDP_COVERAGE);
	if (!coverage)
		coverage = len;
	if (coverage < XUDP_HEADER_LEN || coverage > len)
		return -EINVAL;
	xudp_parse_common(bytes, header);
	if (!header->has_checksum)
		return -EINVAL;
	header->length = len;
	header->coverage = coverage;
	return 0;
}

static void xudp_write_common(u8 *bytes, __be16 source, __be16 dest, u32 third)
{
	__be16 field = htons((u16)third);

	memcpy(bytes + XUDP_SOURCE, &source, sizeof(source));
	memcpy(bytes + XUDP_DEST, &dest, sizeof(dest));
	memcpy(bytes + XUDP_LENGTH, &field, sizeof(field));
	memset(bytes + XUDP_CHECKSUM, 0, 2);
}

/**
 * xudp_write() - write a UDP header with a checksum of zero
 * @bytes: room for XUDP_HEADER_LEN
 * @source: port, or 0 for none
 * @dest: port
 * @length: of header and data, at most XUDP_MAX_LEN
 */
void xudp_write(u8 *bytes, __be16 source, __be16 dest, u32 length)
{
	xudp_write_common(bytes, source, dest, length);
}

/**
 * xudplite_write() - write a UDP-Lite header with a checksum of zero
 * @bytes: room for XUDP_HEADER_LEN
 * @source: port
 * @dest: port
 * @length: of header and data
 * @coverage: of the checksum, XUDP_HEADER_LEN to @length; the whole datagram
 *	is written as zero, which can be said of any length
 */
void xudplite_write(u8 *bytes, __be16 source, __be16 dest, u32 length, u32 coverage)
{
	xudp_write_common(bytes, source, dest, coverage == length ? 0 : coverage);
}
