// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule says, in words:
 *
 *   PROTOCOL [dev NAME] [local [PREFIX] [port PORTS]] [remote [PREFIX] [port PORTS]]
 *
 * PROTOCOL is tcp, udp, sctp, dccp or udplite; PREFIX is ADDRESS or
 * ADDRESS/LENGTH, PORTS is PORT or FIRST-LAST. Each part at most once, and in
 * any order.
 */

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <xl4/userland.h>
#endif

#include "selector.h"

const char *const xbridge_names[XBRIDGE_PROTOCOLS] = {
	[XBRIDGE_TCP]		= "tcp",
	[XBRIDGE_UDP]		= "udp",
	[XBRIDGE_SCTP]		= "sctp",
	[XBRIDGE_DCCP]		= "dccp",
	[XBRIDGE_UDPLITE]	= "udplite",
};

/* What is left to read, and what was read of a rule. */
struct xbridge_reader {
	char				*rest;
	struct xbridge_selector		*selector;
	bool				device, local, remote;	/* were said */
};

static bool xbridge_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word, which ends with a zero then; NULL: there is none. */
static char *xbridge_next(struct xbridge_reader *r)
{
	char *word;

	while (xbridge_blank(*r->rest))
		r->rest++;
	if (!*r->rest)
		return NULL;
	word = r->rest;
	while (*r->rest && !xbridge_blank(*r->rest))
		r->rest++;
	if (*r->rest)
		*r->rest++ = '\0';
	return word;
}

/* Whether @word comes next; it is read then. */
static bool xbridge_accept(struct xbridge_reader *r, const char *word)
{
	size_t len = strlen(word);

	while (xbridge_blank(*r->rest))
		r->rest++;
	if (strncmp(r->rest, word, len) || (r->rest[len] && !xbridge_blank(r->rest[len])))
		return false;
	r->rest += len;
	return true;
}

/* Digits only, no more than @max: no sign, no blank, nothing behind but @end. */
static int xbridge_number(const char **text, unsigned int max, char end, unsigned int *value)
{
	const char *at = *text;

	if (*at < '0' || *at > '9')
		return -EINVAL;
	for (*value = 0; *at >= '0' && *at <= '9'; at++) {
		*value = *value * 10 + (*at - '0');
		if (*value > max)
			return -EINVAL;
	}
	if (*at != end && *at)
		return -EINVAL;
	*text = at;
	return 0;
}

static int xbridge_parse_ports(const char *text, struct xbridge_side *side)
{
	unsigned int first, last;

	if (!text || xbridge_number(&text, U16_MAX, '-', &first))
		return -EINVAL;
	last = first;
	if (*text++ == '-' && xbridge_number(&text, U16_MAX, '\0', &last))
		return -EINVAL;
	/* No packet has port 0. */
	if (!first || last < first)
		return -EINVAL;
	side->first_port = first;
	side->last_port = last;
	return 0;
}

/* Bits behind the prefix are no part of it: 10.0.0.1/8 is 10.0.0.0/8. */
static void xbridge_mask(struct xbridge_side *side)
{
	unsigned int bit;

	for (bit = side->length; bit < 128; bit++)
		side->addr.in6.s6_addr[bit / 8] &= ~(0x80 >> bit % 8);
}

/* The two sides of a packet have one family. */
static int xbridge_set_family(struct xbridge_selector *selector, enum xbridge_family family)
{
	if (selector->family != XBRIDGE_ANY && selector->family != family)
		return -EINVAL;
	selector->family = family;
	return 0;
}

static int xbridge_parse_prefix(char *text, struct xbridge_selector *selector,
				struct xbridge_side *side)
{
	unsigned int mapped = 0, length;
	char *slash = strchr(text, '/');
	const char *digits;
	__be32 v4;

	if (slash)
		*slash = '\0';
	if (in4_pton(text, -1, (u8 *)&v4, '\0', NULL)) {
		side->addr = xl4_addr_v4(v4);
		mapped = 96;
	} else if (!in6_pton(text, -1, side->addr.in6.s6_addr, '\0', NULL) ||
		   xl4_addr_is_v4(&side->addr)) {
		return -EINVAL;
	}
	length = 128 - mapped;
	if (slash) {
		digits = slash + 1;
		if (xbridge_number(&digits, length, '\0', &length))
			return -EINVAL;
	}
	side->prefix = true;
	side->length = mapped + length;
	xbridge_mask(side);
	return xbridge_set_family(selector, mapped ? XBRIDGE_V4 : XBRIDGE_V6);
}

static bool xbridge_keyword_next(struct xbridge_reader *r)
{
	static const char *const keywords[] = { "dev", "local", "remote", "port" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keywords); i++) {
		char *rest = r->rest;
		bool next = xbridge_accept(r, keywords[i]);

		r->rest = rest;
		if (next)
			return true;
	}
	return false;
}

/* local or remote: at least one of its two parts. */
static int xbridge_parse_side(struct xbridge_reader *r, struct xbridge_side *side, bool *said)
{
	char *word;
	int err;

	if (*said)
		return -EINVAL;
	*said = true;
	if (!xbridge_keyword_next(r)) {
		word = xbridge_next(r);
		err = word ? xbridge_parse_prefix(word, r->selector, side) : -EINVAL;
		if (err || !xbridge_accept(r, "port"))
			return err;
	} else if (!xbridge_accept(r, "port")) {
		return -EINVAL;
	}
	return xbridge_parse_ports(xbridge_next(r), side);
}

/* What a device may be called; the device itself may come later. */
static int xbridge_parse_device(struct xbridge_reader *r)
{
	const char *name = xbridge_next(r), *c;
	char *device = r->selector->device;

	if (r->device || !name || strlen(name) >= XBRIDGE_DEVICE_LEN || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return -EINVAL;
	for (c = name; *c; c++)
		if (*c == '/' || *c == ':' || *c <= ' ' || *c == 0x7f)
			return -EINVAL;
	r->device = true;
	memcpy(device, name, strlen(name));
	return 0;
}

static int xbridge_parse_protocol(struct xbridge_reader *r)
{
	unsigned int i;

	for (i = 0; i < XBRIDGE_PROTOCOLS; i++) {
		if (xbridge_accept(r, xbridge_names[i])) {
			r->selector->protocol = i;
			return 0;
		}
	}
	return -EINVAL;
}

/**
 * xbridge_selector_parse() - read which packets a rule is about
 * @words: one line without its end; is changed
 * @selector: what it says
 *
 * Return: 0 or -EINVAL.
 */
int xbridge_selector_parse(char *words, struct xbridge_selector *selector)
{
	struct xbridge_reader r = { .rest = words, .selector = selector };
	int err;

	memset(selector, 0, sizeof(*selector));
	selector->local.last_port = U16_MAX;
	selector->remote.last_port = U16_MAX;
	err = xbridge_parse_protocol(&r);
	while (!err) {
		if (xbridge_accept(&r, "dev"))
			err = xbridge_parse_device(&r);
		else if (xbridge_accept(&r, "local"))
			err = xbridge_parse_side(&r, &selector->local, &r.local);
		else if (xbridge_accept(&r, "remote"))
			err = xbridge_parse_side(&r, &selector->remote, &r.remote);
		else
			return *r.rest ? -EINVAL : 0;
	}
	return err;
}

static bool xbridge_prefix_has(const struct xbridge_side *side, const struct xl4_addr *addr)
{
	unsigned int bits = side->length, i;

	for (i = 0; bits >= 32; i++, bits -= 32)
		if (side->addr.quad[i] != addr->quad[i])
			return false;
	return !bits || !((side->addr.quad[i] ^ addr->quad[i]) & htonl(~0U << (32 - bits)));
}

/**
 * xbridge_side_has() - does one side of a packet fit?
 * @side: of a rule
 * @addr: of the packet
 * @port: of the packet
 *
 * The family is the caller's: a side without prefix has addresses of both.
 */
bool xbridge_side_has(const struct xbridge_side *side, const struct xl4_addr *addr, __be16 port)
{
	return ntohs(port) >= side->first_port && ntohs(port) <= side->last_port &&
	       xbridge_prefix_has(side, addr);
}
