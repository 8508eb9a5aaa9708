// SPDX-License-Identifier: GPL-2.0
/*
 * What a peer of TCP answers: numbers that the machine accepts, so that connections
 * come to be, and get into all states. What is wrong with it, mutate.c sees to.
 */
#include "mutate.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* A timestamp is echoed: what was its value is its echo. */
static void turn_timestamps(uint8_t *options, unsigned int len)
{
	uint8_t value[4];

	for (unsigned int i = 0; i + 1 < len; i += options[i] == 1 ? 1 : options[i + 1]) {
		if (options[i] == 0 || (options[i] != 1 && options[i + 1] < 2))
			return;
		if (options[i] != 8 || i + 10 > len)
			continue;
		memcpy(value, options + i + 2, 4);
		memcpy(options + i + 2, options + i + 6, 4);
		memcpy(options + i + 6, value, 4);
		/* Time goes on, as far as PAWS is concerned. */
		put32(options + i + 2, get32(options + i + 2) + (value[3] & 3));
		return;
	}
}

static uint8_t answer_flags(struct chance *c, uint8_t heard)
{
	static const uint8_t flags[] = { ACK, ACK, ACK, ACK, ACK | PSH, ACK | PSH, ACK | FIN,
					 ACK | PSH | URG, ACK | FIN | PSH, RST, RST | ACK };

	if ((heard & (SYN | ACK)) == SYN)
		return one_in(c, 8) ? SYN : SYN | ACK;
	return PICK_FROM(c, flags);
}

/* Make an answer of a segment whose addresses and ports have changed places. */
void answer_segment(struct mutator *m, struct packet *p)
{
	struct chance *c = m->chance;
	uint32_t seq, ack, taken;
	unsigned int header, data;
	struct layout l;
	uint8_t *tcp;

	if (!packet_layout(p, &l) || l.later_fragment || l.transport + 20 > p->len)
		return;
	tcp = p->bytes + l.transport;
	header = tcp[12] >> 4 << 2;
	if (header < 20 || l.transport + header > p->len)
		return;
	seq = get32(tcp + 4);
	ack = get32(tcp + 8);
	data = p->len - l.transport - header;
	taken = data + !!(tcp[13] & SYN) + !!(tcp[13] & FIN);
	turn_timestamps(tcp + 20, header - 20);
	put32(tcp + 4, tcp[13] & ACK ? ack : roll(c));
	put32(tcp + 8, seq + (one_in(c, 6) ? pick(c, taken + 1) : taken));
	tcp[13] = answer_flags(c, tcp[13]);
	put16(tcp + 14, one_in(c, 6) ? pick(c, 3000) : 65535);
	put16(tcp + 18, tcp[13] & URG ? 1 + pick(c, 10) : 0);
	data = one_in(c, 2) ? 0 : between(c, 1, 1400);
	memset(tcp + header, 'x', data);
	p->len = l.transport + header + data;
	packet_mend(p, m->seeds->sums, m->seeds->protocols);
}
