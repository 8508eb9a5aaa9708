// SPDX-License-Identifier: GPL-2.0
/* An IP packet: where its parts are, and how they are made right again. */
#include "packet.h"

#include <netinet/in.h>
#include <string.h>

#define V4_HEADER	20
#define V6_HEADER	40

/* RFC 1071, unfolded: what has been summed so far goes in. */
uint32_t sum16(uint32_t sum, const uint8_t *bytes, unsigned int len)
{
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(bytes + i);
	if (len % 2)
		sum += bytes[len - 1] << 8;
	return sum16_fold(sum);
}

uint16_t sum16_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* RFC 9260, appendix A, bit by bit. */
uint32_t crc32c(const uint8_t *bytes, unsigned int len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *bytes++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static bool layout_v4(const struct packet *p, struct layout *l)
{
	uint16_t fragment = get16(p->bytes + 6);

	l->transport = (p->bytes[0] & 15) * 4;
	l->protocol = p->bytes[9];
	l->later_fragment = fragment & 0x1fff;
	l->fragment = fragment & 0x3fff;
	return l->transport >= V4_HEADER && l->transport <= p->len;
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT;
}

static bool layout_v6(const struct packet *p, struct layout *l)
{
	const uint8_t *header;

	l->protocol = p->bytes[6];
	l->transport = V6_HEADER;
	while (is_extension(l->protocol) && !l->later_fragment) {
		header = p->bytes + l->transport;
		if (l->transport + 8 > p->len)
			return false;
		if (l->protocol == IPPROTO_FRAGMENT) {
			l->fragment = get16(header + 2) & ~6;
			l->later_fragment = get16(header + 2) & ~7;
		}
		l->transport += l->protocol == IPPROTO_FRAGMENT ? 8 : (header[1] + 1) * 8;
		l->protocol = header[0];
	}
	return l->transport <= p->len;
}

/* False if there is no transport header to be found, for one reason or another. */
bool packet_layout(const struct packet *p, struct layout *l)
{
	memset(l, 0, sizeof(*l));
	l->end = p->len;
	if (p->len < V4_HEADER)
		return false;
	l->v6 = p->bytes[0] >> 4 == 6;
	if (l->v6)
		return p->len >= V6_HEADER && layout_v6(p, l);
	return p->bytes[0] >> 4 == 4 && layout_v4(p, l);
}

uint32_t packet_pseudo_sum(const struct packet *p, const struct layout *l, unsigned int len)
{
	const uint8_t *addresses = p->bytes + (l->v6 ? 8 : 12);

	return sum16(l->protocol + (len >> 16) + (len & 0xffff), addresses, l->v6 ? 32 : 8);
}

/* The IP header's own lengths and checksum. */
void packet_mend_ip(struct packet *p)
{
	unsigned int header = (p->bytes[0] & 15) * 4;

	if (p->len >= V6_HEADER && p->bytes[0] >> 4 == 6) {
		put16(p->bytes + 4, p->len - V6_HEADER);
		return;
	}
	if (p->len < V4_HEADER)
		return;
	if (header < V4_HEADER || header > p->len) {
		header = V4_HEADER;
		p->bytes[0] = 0x45;
	}
	p->bytes[0] = 0x40 | (p->bytes[0] & 15);
	put16(p->bytes + 2, p->len);
	put16(p->bytes + 10, 0);
	put16(p->bytes + 10, ~sum16(0, p->bytes, header));
}

/* RFC 4340 section 9.2: all, or the header and so many words less one. */
static unsigned int dccp_coverage(const uint8_t *dccp, unsigned int len)
{
	unsigned int words = dccp[4] + (dccp[5] & 15) - 1;

	return dccp[5] & 15 && words * 4 < len ? words * 4 : len;
}

static void mend_transport(struct packet *p, const struct layout *l, const struct sums *s)
{
	uint8_t *start = p->bytes + l->transport, *checksum = start + s->checksum_at;
	unsigned int len = l->end - l->transport, covered = len;
	uint32_t crc, sum;

	if (s->checksum_at + (s->kind == SUM_CRC32C ? 4u : 2u) > len)
		return;
	if (s->length_at >= 0)
		put16(start + s->length_at, len);
	if (s->coverage_at >= 0 && get16(start + s->coverage_at) &&
	    get16(start + s->coverage_at) < len)
		covered = get16(start + s->coverage_at);
	if (s->kind == SUM_DCCP)
		covered = dccp_coverage(start, len);
	memset(checksum, 0, s->kind == SUM_CRC32C ? 4 : 2);
	if (s->kind == SUM_CRC32C) {
		crc = crc32c(start, len);
		for (int i = 0; i < 4; i++)
			checksum[i] = crc >> 8 * i;
		return;
	}
	/* ICMP is the one that has no pseudo-header. */
	sum = s->number == IPPROTO_ICMP ? 0 : packet_pseudo_sum(p, l, len);
	sum = (uint16_t)~sum16(sum, start, covered);
	put16(checksum, sum || s->number == IPPROTO_ICMP ? sum : 0xffff);
}

/* Make all lengths and checksums right, so that the packet gets far. */
void packet_mend(struct packet *p, const struct sums *all, unsigned int n)
{
	static const struct sums icmp[] = {
		{ IPPROTO_ICMP, SUM_INTERNET, 2, -1, -1, 0 },
		{ IPPROTO_ICMPV6, SUM_INTERNET, 2, -1, -1, 0 },
	};
	struct layout l;
	unsigned int i;

	packet_mend_ip(p);
	if (!packet_layout(p, &l) || l.fragment)
		return;
	for (i = 0; i < n; i++)
		if (all[i].number == l.protocol)
			mend_transport(p, &l, &all[i]);
	for (i = 0; i < 2; i++)
		if (icmp[i].number == l.protocol)
			mend_transport(p, &l, &icmp[i]);
}
