// SPDX-License-Identifier: GPL-2.0
/*
 * What a peer of DCCP answers: numbers within the windows, features that are agreed to, and
 * acknowledgments that the machine's CCIDs can use, so that connections come to be, and get into
 * all states. What is wrong with it, mutate.c sees to.
 */
#include "mutate.h"

#include <string.h>

#define SHORT_HEADER	12
#define LONG_HEADER	16
#define MAX_OPTIONS	240

enum { DCCP_REQUEST, DCCP_RESPONSE, DCCP_DATA, DCCP_ACK, DCCP_DATAACK, DCCP_CLOSEREQ, DCCP_CLOSE,
       DCCP_RESET, DCCP_SYNC, DCCP_SYNCACK, DCCP_LISTEN };
enum { CHANGE_L = 32, CONFIRM_L, CHANGE_R, CONFIRM_R, COOKIE, NDP_COUNT, VECTOR, NONCE_VECTOR,
       DROPPED, TIMESTAMP, ECHO_OF_IT, ELAPSED, LOSS_RATE = 192, INTERVALS, RECEIVE_RATE };
enum { SEQUENCE_WINDOW = 3, ACK_RATIO = 5 };

/* A packet that came, and what the peer remembers of its connection. */
struct heard {
	uint8_t type;
	bool has_ack;
	uint64_t seq, ack;
	uint32_t service;
	const uint8_t *options, *end;
};

struct dccp_memory {
	uint64_t sent, heard;
};

static struct dccp_memory dccp_memories[1024];

static uint64_t get48(const uint8_t *at)
{
	return (uint64_t)get16(at) << 32 | get32(at + 2);
}

static uint8_t *add48(uint8_t *at, uint64_t value)
{
	return add32(add16(at, value >> 32), value);
}

/* --------------------------------------------------------------- what was heard */

static bool read_numbers(struct heard *h, const struct dccp_memory *m, const uint8_t *dccp, bool x)
{
	uint64_t known = m->heard & ~0xffffffull;

	h->seq = x ? get48(dccp + 10) : known | (get32(dccp + 8) & 0xffffff);
	known = m->sent & ~0xffffffull;
	if (h->has_ack)
		h->ack = x ? get48(dccp + 18) : known | (get32(dccp + 12) & 0xffffff);
	return true;
}

static bool read_packet(struct heard *h, const struct dccp_memory *m, const uint8_t *dccp,
			unsigned int len)
{
	unsigned int at, header;
	bool x;

	if (len < SHORT_HEADER)
		return false;
	header = dccp[4] * 4;
	h->type = dccp[8] >> 1 & 15;
	x = dccp[8] & 1;
	h->has_ack = h->type != DCCP_REQUEST && h->type != DCCP_DATA && h->type != DCCP_LISTEN;
	at = (x ? LONG_HEADER : SHORT_HEADER) + (h->has_ack ? x ? 8 : 4 : 0);
	if (h->type == DCCP_REQUEST || h->type == DCCP_RESPONSE || h->type == DCCP_RESET ||
	    h->type == DCCP_LISTEN)
		at += 4;
	if (at > header || header > len)
		return false;
	h->service = get32(dccp + at - 4);
	h->options = dccp + at;
	h->end = dccp + header;
	return read_numbers(h, m, dccp, x);
}

/* ------------------------------------------------------------------- options */

/* To what a Change asks for, the peer says yes: the first of a list, or the number. */
static uint8_t *add_confirm(uint8_t *to, const uint8_t *change, unsigned int len)
{
	bool number = change[2] == SEQUENCE_WINDOW || change[2] == ACK_RATIO;

	to[0] = change[0] == CHANGE_L ? CONFIRM_R : CONFIRM_L;
	to[2] = change[2];
	if (number) {
		memcpy(to + 3, change + 3, len - 3);
		to[1] = len;
	} else {
		to[3] = change[3];
		memcpy(to + 4, change + 3, len - 3);
		to[1] = len + 1;
	}
	return to + to[1];
}

/* The options that answer those of a packet. */
static uint8_t *add_replies(struct chance *c, uint8_t *to, const uint8_t *limit,
			    const struct heard *h)
{
	const uint8_t *at = h->options;
	unsigned int len;

	for (; at < h->end && limit - to > 64; at += len) {
		len = at[0] < CHANGE_L ? 1 : at + 1 < h->end ? at[1] : 0;
		if (!len || at + len > h->end || (at[0] >= CHANGE_L && len < 2))
			break;
		if ((at[0] == CHANGE_L || at[0] == CHANGE_R) && len > 3 && len < 32)
			to = one_in(c, 12) ? to : add_confirm(to, at, len);
		if (at[0] == COOKIE && len <= 60) {
			memcpy(to, at, len);
			to += len;
		}
		if (at[0] == TIMESTAMP && len == 6) {
			*to++ = ECHO_OF_IT;
			*to++ = 6;
			memcpy(to, at + 2, 4);
			to += 4;
		}
	}
	return to;
}

static uint8_t *add_vector(struct chance *c, uint8_t *to)
{
	unsigned int cells = between(c, 1, one_in(c, 8) ? 60 : 6);

	*to++ = one_in(c, 2) ? VECTOR : NONCE_VECTOR;
	*to++ = 2 + cells;
	while (cells--)
		*to++ = one_in(c, 4) ? 0xc0 | pick(c, 4) : one_in(c, 6) ? 0x40 : pick(c, 8);
	return to;
}

/* RFC 4342 section 8.6: skip length, then loss interval by loss interval. */
static uint8_t *add_intervals(struct chance *c, uint8_t *to)
{
	unsigned int n = between(c, 1, 9);

	*to++ = INTERVALS;
	*to++ = 3 + 9 * n;
	*to++ = pick(c, 4);
	while (n--) {
		to = add32(to, pick(c, 200));
		to = add32(to, pick(c, 10));
		*to++ = pick(c, 60);
	}
	return to;
}

static uint8_t *add_feature(struct chance *c, uint8_t *to)
{
	static const uint8_t kinds[] = { CHANGE_L, CHANGE_R, CONFIRM_L, CONFIRM_R };
	uint8_t number = one_in(c, 8) ? (uint32_t)edge(c) : one_in(c, 6) ? 192 : 1 + pick(c, 9);
	unsigned int n = number == SEQUENCE_WINDOW ? 6 : number == ACK_RATIO ? 2 : pick(c, 4);

	if (one_in(c, 8))
		*to++ = 1;	/* Mandatory */
	*to++ = PICK_FROM(c, kinds);
	*to++ = 3 + n;
	*to++ = number;
	if (number == SEQUENCE_WINDOW)
		return add48(to, 32 + pick(c, 10000));
	while (n--)
		*to++ = pick(c, 5);
	return to;
}

static uint8_t *add_number(struct chance *c, uint8_t *to)
{
	static const uint8_t kinds[] = { NDP_COUNT, DROPPED, TIMESTAMP, ECHO_OF_IT, ELAPSED,
					 LOSS_RATE, RECEIVE_RATE, RECEIVE_RATE, 44, 195 };

	*to++ = PICK_FROM(c, kinds);
	*to++ = 6;
	return add32(to, one_in(c, 3) ? (uint32_t)edge(c) : pick(c, 100000));
}

/* What a peer may say beside. */
static uint8_t *add_options(struct chance *c, uint8_t *to)
{
	for (unsigned int i = pick(c, 4); i; i--)
		switch (pick(c, 6)) {
		case 0:
		case 1:
			to = add_vector(c, to);
			break;
		case 2:
			to = add_intervals(c, to);
			break;
		case 3:
			to = add_feature(c, to);
			break;
		default:
			to = add_number(c, to);
		}
	return to;
}

/* ------------------------------------------------------------------- packets */

static uint8_t some_type(struct chance *c)
{
	static const uint8_t types[] = {
		DCCP_ACK, DCCP_ACK, DCCP_ACK, DCCP_DATA, DCCP_DATA, DCCP_DATA, DCCP_DATAACK,
		DCCP_DATAACK, DCCP_DATAACK, DCCP_SYNC, DCCP_SYNCACK, DCCP_CLOSE, DCCP_CLOSEREQ,
		DCCP_RESET, DCCP_REQUEST, DCCP_RESPONSE, DCCP_LISTEN,
	};

	return PICK_FROM(c, types);
}

static uint8_t type_of_answer(struct chance *c, uint8_t heard)
{
	if (one_in(c, 8))
		return some_type(c);
	switch (heard) {
	case DCCP_REQUEST:
		return DCCP_RESPONSE;
	case DCCP_RESPONSE:
		return one_in(c, 2) ? DCCP_ACK : DCCP_DATAACK;
	case DCCP_CLOSEREQ:
		return DCCP_CLOSE;
	case DCCP_CLOSE:
		return DCCP_RESET;
	case DCCP_SYNC:
		return DCCP_SYNCACK;
	case DCCP_DATA:
	case DCCP_DATAACK:
		return one_in(c, 3) ? DCCP_DATAACK : DCCP_ACK;
	default:
		return some_type(c);
	}
}

/* Behind what was acknowledged last, and now and then behind a hole. */
static uint64_t next_number(struct chance *c, struct dccp_memory *m, const struct heard *h)
{
	if (h->has_ack && h->ack - m->sent > 1000)
		m->sent = h->ack;
	if (h->type == DCCP_REQUEST)
		m->sent = roll(c) >> 16;
	m->sent += 1 + (one_in(c, 6) ? pick(c, 30) : 0);
	return m->sent & 0xffffffffffffull;
}

static uint8_t *add_payload(struct chance *c, uint8_t *at, uint8_t type)
{
	bool carries = type == DCCP_DATA || type == DCCP_DATAACK;
	unsigned int len = carries ? between(c, 1, 1400) : one_in(c, 8) ? pick(c, 100) : 0;

	memset(at, 'x', len);
	return at + len;
}

/* The header from its type on, and options; the lengths are behind it. */
static uint8_t *write_packet(struct chance *c, uint8_t *dccp, uint8_t type, struct dccp_memory *m,
			     const struct heard *h)
{
	uint8_t *at = dccp + 8, *limit = dccp + MAX_OPTIONS;
	bool x = type < DCCP_DATA || type > DCCP_DATAACK || !one_in(c, 16);
	uint64_t seq = next_number(c, m, h), ack = m->heard - (one_in(c, 6) ? pick(c, 20) : 0);

	*at++ = type << 1 | x;
	at = x ? add48(at + 1, seq) : add32(at - 1, (uint32_t)type << 25 | (seq & 0xffffff));
	if (type != DCCP_REQUEST && type != DCCP_DATA && type != DCCP_LISTEN)
		at = x ? add48(add16(at, 0), ack) : add32(at, ack & 0xffffff);
	if (type == DCCP_RESET)
		at = add32(at, one_in(c, 2) ? 1 << 24 : pick(c, 13) << 24);
	else if (type == DCCP_REQUEST || type == DCCP_RESPONSE || type == DCCP_LISTEN)
		at = add32(at, h->type <= DCCP_RESPONSE ? h->service : 0);
	at = add_replies(c, at, limit, h);
	if (at < limit && one_in(c, 2))
		at = add_options(c, at);
	while ((at - dccp) % 4)
		*at++ = 0;
	dccp[4] = (at - dccp) / 4;
	dccp[5] = pick(c, 16) << 4 | (one_in(c, 8) ? pick(c, 16) : 0);
	return add_payload(c, at, type);
}

/* Make an answer of a packet whose addresses and ports have changed places. */
void answer_dccp(struct mutator *mutator, struct packet *p)
{
	static uint8_t copy[MAX_PACKET];
	struct chance *c = mutator->chance;
	struct heard h = { 0 };
	struct dccp_memory *m;
	struct layout l;
	unsigned int len;
	uint8_t *dccp;

	if (!packet_layout(p, &l) || l.later_fragment || l.transport + SHORT_HEADER > p->len)
		return;
	dccp = p->bytes + l.transport;
	len = p->len - l.transport;
	memcpy(copy, dccp, len);
	/* By now the destination: the program's. */
	m = &dccp_memories[(get16(dccp + 2) * 31 + get16(dccp)) % 1024];
	if (!read_packet(&h, m, copy, len))
		return;
	m->heard = h.seq;
	p->len = write_packet(c, dccp, type_of_answer(c, h.type), m, &h) - p->bytes;
	packet_mend(p, mutator->seeds->sums, mutator->seeds->protocols);
}
