// SPDX-License-Identifier: GPL-2.0
/*
 * What a peer of SCTP answers: tags, cookies and TSNs that the machine accepts, so that
 * associations come to be, and get into all states. What is wrong with it, mutate.c sees to.
 */
#include "mutate.h"

#include <string.h>

#define TAG		0x11111111	/* the peer's: seeds_sctp.py says so in its INITs */
#define TSN		1000		/* and with this it begins */
#define HEADER		12
#define PAD(len)	(((len) + 3) & ~3u)

enum { DATA_CHUNK, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN, SHUTDOWN_ACK,
       ERROR, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE = 14, FORWARD_TSN = 192 };

/* What the peer remembers of a program's port. */
struct memory {
	uint32_t tag;		/* the program's */
	uint32_t next;		/* TSN of the peer, less TSN */
	uint32_t heard;		/* TSN of the program */
};

static struct memory memories[1024];

static uint8_t *add_chunk(uint8_t *at, uint8_t type, uint8_t flags, unsigned int len)
{
	at[0] = type;
	at[1] = flags;
	put16(at + 2, len);
	return at + 4;
}

static uint8_t *add_init_ack(uint8_t *at)
{
	at = add_chunk(at, INIT_ACK, 0, 32);
	at = add32(add32(at, TAG), 65536);
	at = add32(add32(at, 10 << 16 | 10), TSN);
	at = add32(at, 7 << 16 | 12);
	memcpy(at, "a cookie", 8);
	return at + 8;
}

static uint8_t *add_data(struct chance *c, uint8_t *at, struct memory *m)
{
	static const uint8_t flags[] = { 3, 3, 3, 2, 1, 0, 7, 6, 5, 11 };
	unsigned int len = between(c, 1, 200);
	uint32_t ahead = one_in(c, 6) ? pick(c, 20) : 0;

	at = add_chunk(at, DATA_CHUNK, PICK_FROM(c, flags), 16 + len);
	at = add32(at, TSN + m->next + ahead);
	at = add32(at, pick(c, 3) << 16 | pick(c, 8));
	at = add32(at, 0);
	memset(at, 'x', PAD(len));
	m->next += !ahead;
	return at + PAD(len);
}

static uint8_t *add_sack(struct chance *c, uint8_t *at, const struct memory *m)
{
	unsigned int gaps = one_in(c, 4) ? 1 + pick(c, 2) : 0, i;

	at = add_chunk(at, SACK, 0, 16 + 4 * gaps);
	at = add32(at, m->heard - (gaps ? 1 + pick(c, 8) : 0));
	at = add32(at, one_in(c, 6) ? pick(c, 3000) : 65536);
	at = add32(at, gaps << 16);
	for (i = 0; i < gaps; i++)
		at = add32(at, (2 + 3 * i) << 16 | (3 + 3 * i));
	return at;
}

static uint8_t *add_tsn(uint8_t *at, uint8_t type, uint32_t tsn)
{
	return add32(add_chunk(at, type, 0, 8), tsn);
}

/* Whatever a peer may say when it is not asked. */
static uint8_t *add_something(struct chance *c, uint8_t *at, struct memory *m)
{
	switch (pick(c, 12)) {
	case 0:
		return add_chunk(at, ABORT, 0, 4);
	case 1:
		return add_tsn(at, SHUTDOWN, m->heard);
	case 2:
		return add_tsn(at, FORWARD_TSN, TSN + m->next++);
	case 3:
		return add_chunk(at, SHUTDOWN_ACK, 0, 4);
	case 4:
		return add32(add_chunk(at, HEARTBEAT, 0, 8), 1 << 16 | 4);
	default:
		return add_data(c, at, m);
	}
}

/* The cookie of an INIT ACK comes back. Its parameters begin behind 20 octets. */
static uint8_t *add_cookie_echo(uint8_t *at, const uint8_t *chunk, unsigned int len)
{
	unsigned int i = 20, n;

	for (; i + 4 <= len; i += PAD(n)) {
		n = get16(chunk + i + 2);
		if (n < 4 || i + n > len)
			break;
		if (get16(chunk + i) != 7)
			continue;
		at = add_chunk(at, COOKIE_ECHO, 0, n);
		memcpy(at, chunk + i + 4, n - 4);
		memset(at + n - 4, 0, PAD(n) - n);
		return at + PAD(n) - 4;
	}
	return at;
}

static void learn(struct memory *m, const uint8_t *chunk, unsigned int len)
{
	if ((chunk[0] == INIT || chunk[0] == INIT_ACK) && len >= 20)
		*m = (struct memory) { .tag = get32(chunk + 4), .heard = get32(chunk + 16) - 1 };
	if (chunk[0] == DATA_CHUNK && len >= 16)
		m->heard = get32(chunk + 4);
}

/* The chunks that answer one; where they end. */
static uint8_t *answer_chunk(struct chance *c, uint8_t *at, struct memory *m,
			     const uint8_t *chunk, unsigned int len)
{
	switch (chunk[0]) {
	case INIT:
		return add_init_ack(at);
	case INIT_ACK:
		at = add_cookie_echo(at, chunk, len);
		return one_in(c, 2) ? at : add_data(c, at, m);
	case COOKIE_ECHO:
		return add_chunk(at, COOKIE_ACK, 0, 4);
	case HEARTBEAT:
		memcpy(at, chunk, PAD(len));
		at[0] = HEARTBEAT_ACK;
		return at + PAD(len);
	case SHUTDOWN:
		return add_chunk(at, SHUTDOWN_ACK, 0, 4);
	case SHUTDOWN_ACK:
		return add_chunk(at, SHUTDOWN_COMPLETE, 0, 4);
	case DATA_CHUNK:
		at = add_sack(c, at, m);
		return one_in(c, 3) ? add_something(c, at, m) : at;
	default:
		return add_something(c, at, m);
	}
}

/* Make an answer of a packet whose addresses and ports have changed places. */
void answer_packet(struct mutator *mutator, struct packet *p)
{
	static uint8_t chunk[MAX_PACKET + 4];
	uint8_t *sctp, *end;
	struct memory *m;
	unsigned int len;
	struct layout l;

	if (!packet_layout(p, &l) || l.later_fragment || l.transport + HEADER + 4 > p->len)
		return;
	sctp = p->bytes + l.transport;
	len = get16(sctp + HEADER + 2);
	if (len < 4 || len > 2000 || l.transport + HEADER + len > p->len)
		return;
	memset(chunk, 0, PAD(len));
	memcpy(chunk, sctp + HEADER, len);
	/* By now the destination: the program's. */
	m = &memories[get16(sctp + 2) % 1024];
	learn(m, chunk, len);
	add32(sctp + 4, m->tag);
	end = answer_chunk(mutator->chance, sctp + HEADER, m, chunk, len);
	p->len = end - p->bytes;
	packet_mend(p, mutator->seeds->sums, mutator->seeds->protocols);
}
