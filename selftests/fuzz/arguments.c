// SPDX-License-Identifier: GPL-2.0
/* The arguments of a call: sound, unless the program is wild just now. */
#include "calls.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define PAGE		4096u
#define CONTROL		4096u
#define VECTORS		4
#define CONTROLS	5

/* Nothing is mapped behind data, so that reading on from there must fail. */
static uint8_t *data, *read_only;

void arguments_init(void)
{
	data = mmap(NULL, DATA + 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	MUST(data == MAP_FAILED ? -1 : 0);
	MUST(munmap(data + DATA, PAGE));
	read_only = data + DATA + PAGE;
	MUST(mprotect(read_only, PAGE, PROT_READ));
}

/* Room that ends where nothing is mapped: what is longer than it said overwrites nothing. */
uint8_t *room_for(unsigned int len)
{
	return data + DATA - len;
}

static bool wild(struct program *p)
{
	return p->wild && pick(p->chance, 100) < p->wild;
}

/* Nowhere, in the kernel (of UML, too), or where too little is left. */
static void *wild_pointer(struct program *p)
{
	switch (pick(p->chance, 7)) {
	case 0:
		return NULL;
	case 1:
		return (void *)1;
	case 2:
		return (void *)-PAGE;
	case 3:
		return (void *)0xffff888000000000;
	case 4:
		return (void *)0x60400000;
	case 5:
		return read_only;
	default:
		return data + DATA - pick(p->chance, 32);
	}
}

void *sound_or_wild(struct program *p, void *pointer)
{
	return wild(p) ? wild_pointer(p) : pointer;
}

unsigned int length_or_wild(struct program *p, unsigned int len)
{
	if (!wild(p))
		return len;
	return one_in(p->chance, 2) ? (unsigned int)edge(p->chance) : pick(p->chance, 2 * len + 2);
}

static const struct option *one_of(struct chance *c, const struct options *common,
				   const struct options *own)
{
	/* The protocol's own are few, and what matters most. */
	if (own->count && one_in(c, 4))
		return &own->list[pick(c, own->count)];
	return &common->list[pick(c, common->count)];
}

/* One that a socket of that slot has, though now and then another family's. */
const struct option *some_option(struct program *p, int slot)
{
	const struct option *o;
	bool v6 = p->family[slot] == AF_INET6;

	do
		o = one_of(p->chance, &common_options, &p->protocol[slot]->options);
	while (o->level == SOL_IPV6 && !v6 && !one_in(p->chance, 8));
	return o;
}

static const struct option *some_control(struct program *p, int slot)
{
	int other = p->family[slot] == AF_INET6 ? SOL_IP : SOL_IPV6;
	const struct option *o;

	do
		o = one_of(p->chance, &common_controls, &p->protocol[slot]->controls);
	while (o->level == other && !one_in(p->chance, 8));
	return o;
}

static unsigned int some_controls(struct program *p, int slot, uint8_t *to)
{
	static const unsigned int counts[] = { 0, 0, 0, 1, 1, 2, CONTROLS };
	unsigned int used = 0, n = PICK_FROM(p->chance, counts), len;
	const struct option *o;
	struct cmsghdr *c;

	for (; n && used + 1024 < CONTROL; n--) {
		c = (struct cmsghdr *)(to + used);
		o = some_control(p, slot);
		len = o->fill(p->chance, o, CMSG_DATA(c));
		c->cmsg_level = o->level;
		c->cmsg_type = o->number;
		c->cmsg_len = CMSG_LEN(wild(p) ? length_or_wild(p, len) : len);
		used += CMSG_SPACE(len);
	}
	return used;
}

/* Mostly what a packet holds, sometimes much or nothing. */
static unsigned int some_length(struct chance *c)
{
	static const unsigned int lengths[] = { 0, 1, 8, 100, 100, 1000, 1472, 1473, 3000, 9000,
						65507, 65508, DATA };

	return one_in(c, 3) ? pick(c, 2000) : PICK_FROM(c, lengths);
}

static uint8_t control[CONTROL] __attribute__((aligned(16)));
static union address name;

/* What a message from some_message() says; its pointers need not lead there. */
void describe_message(const struct msghdr *m, char *to, size_t room)
{
	char hex[1200];
	int used;

	used = snprintf(to, room, "vectors %zu name %s %s len %u control %s len %zu ",
			m->msg_iovlen, m->msg_name == &name ? "" : "elsewhere",
			ring_hex(hex, sizeof(hex), &name, sizeof(name.v6)), m->msg_namelen,
			m->msg_control == control ? "" : "elsewhere", m->msg_controllen);
	ring_hex(to + used, room - used < sizeof(hex) ? room - used : sizeof(hex), control,
		 m->msg_controllen < CONTROL ? m->msg_controllen : CONTROL);
}

/* To send, or to receive into; lasts until the next. */
struct msghdr *some_message(struct program *p, int slot, bool out)
{
	static struct iovec vectors[VECTORS];
	static struct msghdr m;
	unsigned int i, len = some_length(p->chance);

	memset(&m, 0, sizeof(m));
	m.msg_iovlen = pick(p->chance, VECTORS + 1);
	for (i = 0; i < m.msg_iovlen; i++)
		vectors[i] = (struct iovec) {
			.iov_base = sound_or_wild(p, data),
			.iov_len = wild(p) ? length_or_wild(p, len) : len / m.msg_iovlen };
	m.msg_iov = sound_or_wild(p, vectors);
	m.msg_control = sound_or_wild(p, control);
	if (!out) {
		m.msg_name = sound_or_wild(p, &name);
		m.msg_namelen = length_or_wild(p, sizeof(name));
		m.msg_controllen = one_in(p->chance, 4) ? pick(p->chance, 100) : CONTROL;
		return &m;
	}
	if (!one_in(p->chance, 3)) {
		name = some_address(p->chance, p->family[slot]);
		m.msg_name = sound_or_wild(p, &name);
		m.msg_namelen = length_or_wild(p, address_len(&name));
	}
	m.msg_controllen = length_or_wild(p, some_controls(p, slot, control));
	return &m;
}
