// SPDX-License-Identifier: GPL-2.0
/*
 * One packet is changed. Most get right lengths and checksums again: what IP
 * throws away at once is only now and then worth sending.
 */
#include "mutate.h"

#include <netinet/in.h>
#include <string.h>

/* Ports that sockets have: seed.py and values.c know them, too. */
#define FIRST_PORT	4000
#define PORTS		4

typedef void mutation(struct mutator *m, struct packet *p);

/* An offset at which room bytes lie, more often in the headers than in the data. */
static unsigned int place(struct mutator *m, const struct packet *p, unsigned int room)
{
	unsigned int end = p->len > room ? p->len - room : 0;
	struct layout l;

	if (!one_in(m->chance, 4) && packet_layout(p, &l) && end > l.transport + 20)
		end = l.transport + 20;
	return pick(m->chance, end + 1);
}

static void flip(struct mutator *m, struct packet *p)
{
	p->bytes[place(m, p, 1)] ^= 1 << pick(m->chance, 8);
}

static void edge_byte(struct mutator *m, struct packet *p)
{
	p->bytes[place(m, p, 1)] = edge(m->chance);
}

static void edge_short(struct mutator *m, struct packet *p)
{
	put16(p->bytes + place(m, p, 2), edge(m->chance));
}

static void noise(struct mutator *m, struct packet *p)
{
	any_bytes(m->chance, p->bytes + place(m, p, 4), 4);
}

/* A 16-bit field of the transport header says something about the length. */
static void lie(struct mutator *m, struct packet *p)
{
	unsigned int at, len;
	struct layout l;

	if (!packet_layout(p, &l) || l.transport + 8 > p->len)
		return;
	len = p->len - l.transport;
	at = l.transport + 2 * pick(m->chance, 4);
	put16(p->bytes + at, len + pick(m->chance, 5) - 2);
}

static void cut(struct mutator *m, struct packet *p)
{
	p->len = one_in(m->chance, 2) ? place(m, p, 0) : pick(m->chance, p->len + 1);
}

static void grow(struct mutator *m, struct packet *p)
{
	static const unsigned int by[] = { 1, 2, 7, 8, 100, 1500, 4096, 65535 };
	unsigned int len = PICK_FROM(m->chance, by);

	if (len > MAX_PACKET - p->len)
		len = MAX_PACKET - p->len;
	memset(p->bytes + p->len, roll(m->chance), len);
	p->len += len;
}

static const struct seed *any_seed(struct mutator *m)
{
	const struct conversation *c = &m->seeds->conversation[
		pick(m->chance, m->seeds->conversations)];

	return &c->packet[pick(m->chance, c->count)];
}

/* The end of another packet. */
static void splice(struct mutator *m, struct packet *p)
{
	const struct seed *other = any_seed(m);
	unsigned int at = place(m, p, 0);

	if (at >= other->len)
		return;
	memcpy(p->bytes + at, other->bytes + at, other->len - at);
	p->len = other->len;
}

static void port(struct mutator *m, struct packet *p)
{
	struct layout l;

	if (packet_layout(p, &l) && l.transport + 4 <= p->len)
		put16(p->bytes + l.transport + 2 * pick(m->chance, 2),
		      FIRST_PORT + pick(m->chance, PORTS));
}

static void address(struct mutator *m, struct packet *p)
{
	static const uint8_t v4[][4] = {
		{ 192, 0, 2, 1 }, { 192, 0, 2, 2 }, { 192, 0, 2, 3 }, { 192, 0, 2, 255 },
		{ 127, 0, 0, 1 }, { 224, 0, 0, 1 }, { 239, 1, 2, 3 }, { 0, 0, 0, 0 },
		{ 255, 255, 255, 255 }, { 198, 51, 100, 1 },
	};
	static const uint8_t v6[][16] = {
		{ 0x20, 1, 0xd, 0xb8, [15] = 1 }, { 0x20, 1, 0xd, 0xb8, [15] = 2 },
		{ 0x20, 1, 0xd, 0xb8, [15] = 3 }, { [15] = 1 }, { 0 },
		{ 0xff, 2, [15] = 1 }, { 0xff, 2, [14] = 0x12, 0x34 },
		{ 0xfe, 0x80, [15] = 1 }, { [10] = 0xff, 0xff, 192, 0, 2, 2 },
		{ [10] = 0xff, 0xff, 192, 0, 2, 1 },
	};
	struct layout l;

	if (!packet_layout(p, &l))
		return;
	if (l.v6)
		memcpy(p->bytes + 8 + 16 * pick(m->chance, 2), PICK_FROM(m->chance, v6), 16);
	else
		memcpy(p->bytes + 12 + 4 * pick(m->chance, 2), PICK_FROM(m->chance, v4), 4);
}

/* Another protocol of ours gets the packet. */
static void protocol(struct mutator *m, struct packet *p)
{
	int number = m->seeds->sums[pick(m->chance, m->seeds->protocols)].number;
	struct layout l;

	if (packet_layout(p, &l))
		p->bytes[l.v6 ? 6 : 9] = number;
}

/* Make room of len bytes at an offset. */
static bool insert(struct packet *p, unsigned int at, unsigned int len)
{
	if (at > p->len || len > MAX_PACKET - p->len)
		return false;
	memmove(p->bytes + at + len, p->bytes + at, p->len - at);
	p->len += len;
	return true;
}

static void v4_options(struct mutator *m, struct packet *p)
{
	static const uint8_t kinds[] = { 0, 1, 7, 68, 130, 131, 136, 137, 148 };
	unsigned int len = 4 * between(m->chance, 1, 10);
	unsigned int header = (p->bytes[0] & 15) * 4;

	if (header + len > 60 || !insert(p, 20, len))
		return;
	any_bytes(m->chance, p->bytes + 20, len);
	p->bytes[20] = PICK_FROM(m->chance, kinds);
	p->bytes[21] = len - pick(m->chance, 3);
	p->bytes[22] = 4 * between(m->chance, 1, 3);
	p->bytes[0] = 0x40 | (header + len) / 4;
}

static void v6_extension(struct mutator *m, struct packet *p)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					 IPPROTO_FRAGMENT };
	uint8_t kind = PICK_FROM(m->chance, kinds), *header = p->bytes + 40;
	unsigned int units = between(m->chance, 1, 4), len = 8 * units;

	if (!insert(p, 40, len))
		return;
	memset(header, 0, len);
	header[0] = p->bytes[6];
	if (kind == IPPROTO_FRAGMENT) {
		any_bytes(m->chance, header + 2, one_in(m->chance, 2) ? 2 : 0);
	} else {
		header[1] = units - 1;
		header[2] = kind == IPPROTO_ROUTING ? pick(m->chance, 5) : 1;
		header[3] = kind == IPPROTO_ROUTING ? pick(m->chance, 3) : len - 4;
	}
	p->bytes[6] = kind;
}

/* IP's own options, good or bad. */
static void options(struct mutator *m, struct packet *p)
{
	struct layout l;

	if (!packet_layout(p, &l))
		return;
	if (l.v6)
		v6_extension(m, p);
	else
		v4_options(m, p);
}

/* Change a packet in one way, or in a few. */
void mutate_packet(struct mutator *m, struct packet *p)
{
	static mutation *const mutations[] = {
		flip, flip, edge_byte, edge_short, noise, lie, lie, cut, grow, splice,
		port, port, address, protocol, options,
	};
	static const int times[] = { 1, 1, 1, 1, 2, 3, 8 };

	for (int i = PICK_FROM(m->chance, times); i && p->len; i--)
		PICK_FROM(m->chance, mutations)(m, p);
	if (!one_in(m->chance, 6))
		packet_mend(p, m->seeds->sums, m->seeds->protocols);
	else if (!one_in(m->chance, 3))
		packet_mend_ip(p);	/* only the transport's checksum is wrong */
}
