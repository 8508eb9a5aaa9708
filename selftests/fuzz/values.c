// SPDX-License-Identifier: GPL-2.0
/* Values that make sense, for addresses, options and control messages. */
#include "calls.h"

#include <linux/filter.h>
#include <linux/in6.h>
#include <linux/time_types.h>
#include <net/if.h>
#include <string.h>

/* What a mutated packet may go to: mutate.c and seed.py know them, too. */
#define FIRST_PORT	4000
#define PORTS		4
#define DEVICES		5

int some_port(struct chance *c)
{
	return one_in(c, 12) ? (int)pick(c, 65536) : one_in(c, 8) ? 0 :
	       (int)(FIRST_PORT + pick(c, PORTS));
}

static const char *some_host4(struct chance *c)
{
	static const char *const hosts[] = {
		"0.0.0.0", "0.0.0.0", "0.0.0.0", "127.0.0.1", "127.0.0.1", "192.0.2.1",
		"192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.2", "192.0.2.255",
		"255.255.255.255", "224.0.0.1", "239.1.2.3", "198.51.100.1", "240.0.0.1",
	};

	return PICK_FROM(c, hosts);
}

static const char *some_host6(struct chance *c)
{
	static const char *const hosts[] = {
		"::", "::", "::", "::1", "::1", "2001:db8::1", "2001:db8::1", "2001:db8::2",
		"2001:db8::2", "2001:db8::2",
		"fe80::1", "ff02::1", "ff02::1234", "::ffff:127.0.0.1", "::ffff:192.0.2.1",
		"::ffff:192.0.2.2", "::ffff:239.1.2.3", "::ffff:0.0.0.0", "2001:db8:ffff::1",
	};

	return PICK_FROM(c, hosts);
}

static int some_device(struct chance *c)
{
	return one_in(c, 8) ? edge(c) : (int)pick(c, DEVICES);
}

/* Of the family, but now and then of the other, or of none. */
union address some_address(struct chance *c, int family)
{
	union address a;

	if (one_in(c, 12))
		family = family == AF_INET ? AF_INET6 : AF_INET;
	a = family == AF_INET ? ipv4(some_host4(c), some_port(c)) :
				ipv6(some_host6(c), some_port(c));
	if (family == AF_INET6 && one_in(c, 3))
		a.v6.sin6_scope_id = some_device(c);
	if (family == AF_INET6 && one_in(c, 16))
		a.v6.sin6_flowinfo = htonl(roll(c) & 0xfffffff);
	if (one_in(c, 24))
		a.sa.sa_family = one_in(c, 2) ? AF_UNSPEC : pick(c, 50);
	return a;
}

static struct in_addr some_group4(struct chance *c)
{
	return ipv4(one_in(c, 4) ? some_host4(c) : "239.1.2.3", 0).v4.sin_addr;
}

static struct in6_addr some_group6(struct chance *c)
{
	return ipv6(one_in(c, 4) ? some_host6(c) : "ff02::1234", 0).v6.sin6_addr;
}

static unsigned int put(uint8_t *to, const void *value, unsigned int len)
{
	memcpy(to, value, len);
	return len;
}

#define PUT(to, value)	put(to, &(value), sizeof(value))

/* An int from low to high, or about a power of two. */
unsigned int fill_int(struct chance *c, const struct option *o, uint8_t *to)
{
	int value = one_in(c, 8) ? edge(c) : (int)between(c, o->low, o->high);

	return PUT(to, value);
}

/* Of memory: not so much that nothing is left for others. */
unsigned int fill_size(struct chance *c, const struct option *o, uint8_t *to)
{
	int value = one_in(c, 8) ? edge(c) % (1 << 20) : (int)between(c, o->low, o->high);

	return PUT(to, value);
}

unsigned int fill_byte(struct chance *c, const struct option *o, uint8_t *to)
{
	if (one_in(c, 2))
		return fill_int(c, o, to);
	*to = between(c, o->low, o->high);
	return 1;
}

/* Any bytes: high is how many at most. */
unsigned int fill_bytes(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int len = between(c, o->low, o->high);

	any_bytes(c, to, len);
	return len;
}

unsigned int fill_device(struct chance *c, const struct option *o, uint8_t *to)
{
	static const char *const names[] = { "lo", "tun", "tap", "veth0", "none", "" };
	const char *name = PICK_FROM(c, names);

	return put(to, name, strlen(name) + pick(c, 2));
}

unsigned int fill_linger(struct chance *c, const struct option *o, uint8_t *to)
{
	struct linger linger = { .l_onoff = pick(c, 2), .l_linger = pick(c, 2) };

	return PUT(to, linger);
}

/* Short, so that nobody waits for long. */
unsigned int fill_time(struct chance *c, const struct option *o, uint8_t *to)
{
	struct __kernel_sock_timeval time = { .tv_usec = 1 + pick(c, 1000) };

	if (one_in(c, 16))
		time.tv_usec = edge(c);
	return PUT(to, time);
}

/* A classic filter, which the kernel keeps: the pointer is to what is static. */
unsigned int fill_filter(struct chance *c, const struct option *o, uint8_t *to)
{
	static struct sock_filter code[4];
	static const struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 4),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, SKF_NET_OFF),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	for (int i = 0; i < 3; i++)
		code[i] = PICK_FROM(c, instructions);
	code[3] = one_in(c, 3) ? (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0) :
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, one_in(c, 4) ? pick(c, 20) : 65535);
	if (one_in(c, 10))
		any_bytes(c, code, sizeof(code));
	return PUT(to, program);
}

unsigned int fill_membership4(struct chance *c, const struct option *o, uint8_t *to)
{
	struct ip_mreqn m = { .imr_multiaddr = some_group4(c), .imr_ifindex = some_device(c) };

	if (one_in(c, 4))
		m.imr_address = ipv4(some_host4(c), 0).v4.sin_addr;
	PUT(to, m);
	return one_in(c, 3) ? sizeof(struct ip_mreq) : sizeof(m);
}

unsigned int fill_source4(struct chance *c, const struct option *o, uint8_t *to)
{
	struct ip_mreq_source m = { .imr_multiaddr = some_group4(c),
				    .imr_interface = ipv4(some_host4(c), 0).v4.sin_addr,
				    .imr_sourceaddr = ipv4(some_host4(c), 0).v4.sin_addr };

	return PUT(to, m);
}

unsigned int fill_filter4(struct chance *c, const struct option *o, uint8_t *to)
{
	uint32_t words[8] = { some_group4(c).s_addr, 0, pick(c, 3), pick(c, 4) };

	for (int i = 4; i < 8; i++)
		words[i] = ipv4(some_host4(c), 0).v4.sin_addr.s_addr;
	put(to, words, sizeof(words));
	return 16 + 4 * pick(c, 5);
}

unsigned int fill_pktinfo4(struct chance *c, const struct option *o, uint8_t *to)
{
	struct in_pktinfo info = { .ipi_ifindex = some_device(c) };

	if (one_in(c, 2))
		info.ipi_spec_dst = ipv4(some_host4(c), 0).v4.sin_addr;
	return PUT(to, info);
}

/* Options of an IPv4 header: one that is known, and noise. */
unsigned int fill_options4(struct chance *c, const struct option *o, uint8_t *to)
{
	static const uint8_t kinds[] = { 0, 1, 7, 68, 131, 137, 148 };
	unsigned int len = 4 * pick(c, 12);

	memset(to, 1, len + 3);
	if (one_in(c, 4))
		any_bytes(c, to, len);
	to[0] = PICK_FROM(c, kinds);
	to[1] = one_in(c, 4) ? pick(c, 44) : len;
	to[2] = 4 * pick(c, 3);
	return len;
}

unsigned int fill_membership6(struct chance *c, const struct option *o, uint8_t *to)
{
	struct ipv6_mreq m = { .ipv6mr_multiaddr = some_group6(c),
			       .ipv6mr_interface = some_device(c) };

	return PUT(to, m);
}

unsigned int fill_address6(struct chance *c, const struct option *o, uint8_t *to)
{
	union address a = some_address(c, AF_INET6);

	return PUT(to, a.v6);
}

unsigned int fill_pktinfo6(struct chance *c, const struct option *o, uint8_t *to)
{
	struct in6_pktinfo info = { .ipi6_ifindex = some_device(c) };

	if (one_in(c, 2))
		info.ipi6_addr = ipv6(some_host6(c), 0).v6.sin6_addr;
	return PUT(to, info);
}

/* A header of options, each of which is padding, unless it is not. */
unsigned int fill_extension6(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int units = between(c, 1, one_in(c, 8) ? 40 : 3), len = 8 * units;

	if (one_in(c, 8))
		return 0;
	memset(to, 0, len);
	to[1] = units - 1;
	to[2] = 1;
	to[3] = len - 4;
	if (one_in(c, 4))
		to[pick(c, len)] = roll(c);
	return len;
}

unsigned int fill_routing6(struct chance *c, const struct option *o, uint8_t *to)
{
	static const uint8_t types[] = { 0, 2, 2, 2, 3, 4, 4, 255 };
	unsigned int segments = between(c, 1, 3), len = 8 + 16 * segments;
	struct in6_addr hop;

	if (one_in(c, 8))
		return 0;
	memset(to, 0, len);
	to[1] = 2 * segments;
	to[2] = PICK_FROM(c, types);
	to[3] = to[2] == 4 ? segments - 1 : one_in(c, 4) ? pick(c, 256) : segments;
	to[4] = to[2] == 4 ? segments - 1 : 0;
	for (unsigned int i = 0; i < segments; i++) {
		hop = ipv6(some_host6(c), 0).v6.sin6_addr;
		put(to + 8 + 16 * i, &hop, sizeof(hop));
	}
	return len;
}

unsigned int fill_label6(struct chance *c, const struct option *o, uint8_t *to)
{
	struct in6_flowlabel_req r = { .flr_label = htonl(pick(c, 4)), .flr_action = pick(c, 3),
				       .flr_share = pick(c, 5), .flr_flags = pick(c, 8),
				       .flr_expires = pick(c, 3), .flr_linger = pick(c, 3) };
	struct in6_addr dst = ipv6(some_host6(c), 0).v6.sin6_addr;

	memcpy(&r.flr_dst, &dst, sizeof(dst));
	return PUT(to, r);
}

static struct sockaddr_storage some_group(struct chance *c)
{
	union address a = { 0 };

	if (one_in(c, 2)) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_addr = some_group4(c);
	} else {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_addr = some_group6(c);
	}
	return a.storage;
}

unsigned int fill_group(struct chance *c, const struct option *o, uint8_t *to)
{
	struct group_req r = { .gr_interface = some_device(c), .gr_group = some_group(c) };

	return PUT(to, r);
}

unsigned int fill_group_source(struct chance *c, const struct option *o, uint8_t *to)
{
	struct group_source_req r = { .gsr_interface = some_device(c), .gsr_group = some_group(c) };

	r.gsr_source = some_address(c, r.gsr_group.ss_family).storage;
	return PUT(to, r);
}

unsigned int fill_group_filter(struct chance *c, const struct option *o, uint8_t *to)
{
	struct group_filter f = { .gf_interface = some_device(c), .gf_group = some_group(c),
				  .gf_fmode = pick(c, 3), .gf_numsrc = pick(c, 3) };
	unsigned int len = put(to, &f, offsetof(struct group_filter, gf_slist));
	struct sockaddr_storage source;

	for (unsigned int i = 0; i < f.gf_numsrc; i++) {
		source = some_address(c, f.gf_group.ss_family).storage;
		len += PUT(to + len, source);
	}
	return len;
}
