// SPDX-License-Identifier: GPL-2.0
/*
 * What a hostile or broken peer sends next: a conversation of valid packets,
 * some of which are then changed, lost, doubled, cut into fragments, and sent
 * out of order; or what the machine sent comes back, as an answer or quoted in
 * an ICMP error.
 */
#include "mutate.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

static struct packet *plan_add(struct plan *plan)
{
	struct packet *p = &plan->packet[plan->count < MAX_PLAN ? plan->count++ : MAX_PLAN - 1];

	p->len = 0;
	return p;
}

static void plan_copy(struct plan *plan, const uint8_t *bytes, unsigned int len)
{
	struct packet *p = plan_add(plan);

	memcpy(p->bytes, bytes, len);
	p->len = len;
}

static void swap_packets(struct packet *a, struct packet *b)
{
	static struct packet c;

	c.len = a->len;
	memcpy(c.bytes, a->bytes, a->len);
	a->len = b->len;
	memcpy(a->bytes, b->bytes, b->len);
	b->len = c.len;
	memcpy(b->bytes, c.bytes, c.len);
}

/* One piece of a packet's IP payload, behind an IP header like the packet's. */
static void plan_fragment(struct plan *plan, const struct packet *p, const struct layout *l,
			  unsigned int from, unsigned int to, uint32_t id)
{
	unsigned int len = p->len - l->transport, more = to < len;
	struct packet *f = plan_add(plan);
	uint8_t *header = f->bytes + l->transport;

	memcpy(f->bytes, p->bytes, l->transport);
	f->len = l->transport;
	if (l->v6) {
		memset(header, 0, 8);
		header[0] = l->protocol;
		put16(header + 2, (from & ~7) | more);
		memcpy(header + 4, &id, 4);
		f->bytes[6] = IPPROTO_FRAGMENT;
		f->len += 8;
	} else {
		put16(f->bytes + 4, id);
		put16(f->bytes + 6, from / 8 | (more ? 0x2000 : 0));
	}
	memcpy(f->bytes + f->len, p->bytes + l->transport + from, to - from);
	f->len += to - from;
	packet_mend_ip(f);
}

/* Fragments that meet, now and then with a hole or an overlap. */
static void plan_fragments(struct mutator *m, const struct packet *p)
{
	unsigned int pieces = between(m->chance, 2, 5), from = 0, to, len;
	uint32_t id = roll(m->chance);
	struct layout l;

	if (!packet_layout(p, &l) || l.fragment || p->len - l.transport < 16 || p->len > 65000 ||
	    (l.v6 && l.transport != 40))
		return;
	len = p->len - l.transport;
	for (; from < len; from = to) {
		to = from + (len / pieces + 8) / 8 * 8;
		if (one_in(m->chance, 20))
			to += 8 * (pick(m->chance, 5) - 2);
		if (to <= from || to > len)
			to = len;
		plan_fragment(&m->plan, p, &l, from, to, id);
		if (one_in(m->chance, 30) && to > 8 && to < len)
			to -= 8;
	}
}

static void swap_bytes(uint8_t *a, uint8_t *b, unsigned int len)
{
	uint8_t c[16];

	memcpy(c, a, len);
	memcpy(a, b, len);
	memcpy(b, c, len);
}

/* Turn a packet round: addresses and ports change places. */
static void turn_round(struct packet *p)
{
	struct layout l;

	if (!packet_layout(p, &l))
		return;
	if (l.v6)
		swap_bytes(p->bytes + 8, p->bytes + 24, 16);
	else
		swap_bytes(p->bytes + 12, p->bytes + 16, 4);
	if (!l.later_fragment && l.transport + 4 <= p->len)
		swap_bytes(p->bytes + l.transport, p->bytes + l.transport + 2, 2);
}

/* An ICMP error about a packet that the machine sent. */
static void plan_error(struct mutator *m, const struct packet *about)
{
	static const uint8_t types4[] = { ICMP_DEST_UNREACH, ICMP_SOURCE_QUENCH, ICMP_REDIRECT,
					  ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB };
	static const uint8_t types6[] = { ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG,
					  ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB, 137 };
	unsigned int quoted = between(m->chance, 0, about->len < 1200 ? about->len : 1200);
	struct packet *p = plan_add(&m->plan);
	struct layout l;
	uint8_t *icmp;

	if (!packet_layout(about, &l))
		return;
	memset(p->bytes, 0, 40);
	p->len = l.v6 ? 40 : 20;
	icmp = p->bytes + p->len;
	if (l.v6) {
		p->bytes[0] = 0x60;
		p->bytes[6] = IPPROTO_ICMPV6;
		p->bytes[7] = 64;
		memcpy(p->bytes + 8, about->bytes + 24, 16);
		memcpy(p->bytes + 24, about->bytes + 8, 16);
	} else {
		p->bytes[0] = 0x45;
		p->bytes[8] = 64;
		p->bytes[9] = IPPROTO_ICMP;
		memcpy(p->bytes + 12, about->bytes + 16, 4);
		memcpy(p->bytes + 16, about->bytes + 12, 4);
	}
	any_bytes(m->chance, icmp, 8);
	icmp[0] = l.v6 ? PICK_FROM(m->chance, types6) : PICK_FROM(m->chance, types4);
	icmp[1] = pick(m->chance, 16);
	/* The MTU, where there is one. */
	if (!one_in(m->chance, 3))
		memset(icmp + 4, 0, 4);
	put16(icmp + 6, one_in(m->chance, 2) ? between(m->chance, 500, 1500) :
						  (uint32_t)edge(m->chance));
	memcpy(icmp + 8, about->bytes, quoted);
	p->len += 8 + quoted;
	packet_mend(p, m->seeds->sums, m->seeds->protocols);
}

static const struct packet *heard_lately(struct mutator *m)
{
	unsigned int n = m->heard_count < HEARD ? m->heard_count : HEARD;

	return n ? &m->heard[pick(m->chance, n)] : NULL;
}

/* Is it of a protocol whose packets are answered by what they say, and whose? 0: no. */
static int wants_answer(const struct mutator *m, const struct packet *p)
{
	struct layout l;

	if (!packet_layout(p, &l))
		return 0;
	for (unsigned int i = 0; i < m->seeds->protocols; i++)
		if (m->seeds->sums[i].number == l.protocol)
			return m->seeds->sums[i].answers;
	return 0;
}

/* What the machine sent comes back, as an answer or in an error. */
static void plan_answer(struct mutator *m)
{
	static void (*const answers[])(struct mutator *m, struct packet *p) = {
		NULL, answer_segment, answer_packet, answer_dccp
	};
	const struct packet *heard = heard_lately(m);
	struct packet *answer;
	int wanted;

	if (!heard)
		return;
	wanted = wants_answer(m, heard);
	if (one_in(m->chance, wanted ? 8 : 2)) {
		plan_error(m, heard);
		return;
	}
	plan_copy(&m->plan, heard->bytes, heard->len);
	answer = &m->plan.packet[m->plan.count - 1];
	turn_round(answer);
	if (answers[wanted])
		answers[wanted](m, answer);
}

/* A peer answers the machine's last segments, mostly as it should. */
static void plan_answers(struct mutator *m)
{
	for (unsigned int i = between(m->chance, 1, 6); i; i--)
		plan_answer(m);
}

static void plan_conversation(struct mutator *m)
{
	const struct conversation *c = &m->seeds->conversation[
		pick(m->chance, m->seeds->conversations)];

	for (unsigned int i = 0; i < c->count; i++) {
		if (one_in(m->chance, 16))
			continue;
		plan_copy(&m->plan, c->packet[i].bytes, c->packet[i].len);
		if (one_in(m->chance, 16))
			plan_copy(&m->plan, c->packet[i].bytes, c->packet[i].len);
	}
}

/* Decide what to send next: plan_next() has it. */
void plan_make(struct mutator *m)
{
	struct plan *plan = &m->plan;
	static struct packet whole;
	unsigned int i;

	plan->count = 0;
	plan->next = 0;
	if (one_in(m->chance, 2))
		plan_answers(m);
	else
		plan_conversation(m);
	for (i = 0; i < plan->count; i++)
		if (pick(m->chance, 10) < (wants_answer(m, &plan->packet[i]) ? 3 : 7))
			mutate_packet(m, &plan->packet[i]);
	if (plan->count && one_in(m->chance, 6)) {
		whole.len = plan->packet[0].len;
		memcpy(whole.bytes, plan->packet[0].bytes, whole.len);
		plan_fragments(m, &whole);
	}
	if (plan->count > 1 && one_in(m->chance, 4))
		for (i = plan->count - 1; i; i--)
			swap_packets(&plan->packet[i], &plan->packet[pick(m->chance, i + 1)]);
}

/* The next packet of the plan, or NULL. */
const struct packet *plan_next(struct mutator *m)
{
	return m->plan.next < m->plan.count ? &m->plan.packet[m->plan.next++] : NULL;
}

/* Where the next packet that the machine sends may be put. */
struct packet *plan_ear(struct mutator *m)
{
	return &m->heard[m->heard_count % HEARD];
}

/*
 * A packet is there: remember it if it is of a protocol under test. What else
 * the machine says is a matter of its timers, and no two rounds would be alike.
 */
void plan_hear(struct mutator *m)
{
	struct layout l;

	if (!packet_layout(plan_ear(m), &l))
		return;
	for (unsigned int i = 0; i < m->seeds->protocols; i++)
		if (m->seeds->sums[i].number == l.protocol) {
			m->heard_count++;
			return;
		}
}
