// SPDX-License-Identifier: GPL-2.0
/*
 * Init Cookies (RFC 4340 section 8.1.4): what a server knows of a half-open connection, told to
 * the client, so that nobody need keep it. The client repeats it in its Ack.
 *
 * It is authentic by a key of this boot, for the connection's addresses and ports only, and for
 * some seconds. Of features it has the values in force; what else a server would have of them it
 * asks for again.
 */

#include <linux/siphash.h>

#include "dccp.h"

#define XDCCP_COOKIE_LIFE	(30 * 1000)	/* ms; a Response goes again for less than that */

/* Octets of the values of one endpoint's features. */
#define XDCCP_COOKIE_VALUES	16

struct xdccp_cookie {
	u64	mac[2];
	u64	iss;			/* and the numbers, in 48 bits each */
	u64	isr;
	u64	gsr;
	u32	made;			/* ms */
	u32	service;
	u8	values[XDCCP_PLACES][XDCCP_COOKIE_VALUES];
} __packed;

/* What the MAC is over. */
struct xdccp_cookie_sealed {
	struct xl4_tuple	tuple;
	struct xdccp_cookie	cookie;
};

static siphash_aligned_key_t xdccp_cookie_keys[2] __read_mostly;

static u32 xdccp_cookie_now(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_MSEC);
}

static void xdccp_cookie_seal(const struct xdccp_request *request, struct xdccp_cookie *cookie)
{
	struct xdccp_cookie_sealed sealed;
	unsigned int i;

	net_get_random_once(xdccp_cookie_keys, sizeof(xdccp_cookie_keys));
	memset(&sealed, 0, sizeof(sealed));
	/* Not what may be behind them. */
	sealed.tuple.local = request->tuple.local;
	sealed.tuple.remote = request->tuple.remote;
	sealed.tuple.local_port = request->tuple.local_port;
	sealed.tuple.remote_port = request->tuple.remote_port;
	sealed.cookie = *cookie;
	memset(sealed.cookie.mac, 0, sizeof(sealed.cookie.mac));
	for (i = 0; i < ARRAY_SIZE(xdccp_cookie_keys); i++)
		cookie->mac[i] = siphash(&sealed, sizeof(sealed), &xdccp_cookie_keys[i]);
}

static unsigned int xdccp_cookie_len_of(u8 number)
{
	const struct xdccp_feature_rule *rule = xdccp_feature_rule(number);

	return rule->negotiable ? 1 : rule->len;
}

static void xdccp_cookie_put_values(const struct xdccp_features *f, enum xdccp_place place, u8 *to)
{
	unsigned int i, j, len;
	u64 value;

	for (i = 0; i < XDCCP_FEATURES; i++) {
		value = f->at[place][i].value;
		len = xdccp_cookie_len_of(xdccp_feature_number_of(i));
		for (j = len; j--; value >>= 8)
			to[j] = value;
		to += len;
	}
}

static void xdccp_cookie_get_values(struct xdccp_features *f, enum xdccp_place place,
				    const u8 *from)
{
	unsigned int i, len;
	u64 value;

	for (i = 0; i < XDCCP_FEATURES; i++) {
		value = 0;
		for (len = xdccp_cookie_len_of(xdccp_feature_number_of(i)); len--; )
			value = value << 8 | *from++;
		f->at[place][i].value = value;
	}
}

/**
 * xdccp_cookie_put() - append the Init Cookie of a half-open connection to its Response
 * @request: the connection
 * @to: where the option goes
 * @room: octets there
 *
 * Return: the octets that it took; 0 if there is not enough room.
 */
int xdccp_cookie_put(const struct xdccp_request *request, u8 *to, unsigned int room)
{
	struct xdccp_cookie cookie = {
		.iss = request->iss,
		.isr = request->isr,
		.gsr = request->gsr,
		.made = xdccp_cookie_now(),
		.service = request->service,
	};
	unsigned int place;

	BUILD_BUG_ON(sizeof(cookie) + 2 > XDCCP_COOKIES_ROOM);
	if (room < sizeof(cookie) + 2)
		return 0;
	for (place = 0; place < XDCCP_PLACES; place++)
		xdccp_cookie_put_values(&request->features, place, cookie.values[place]);
	xdccp_cookie_seal(request, &cookie);
	return xdccp_put_option(to, XDCCP_OPT_INIT_COOKIE, &cookie, sizeof(cookie)) - to;
}

/**
 * xdccp_cookie_check() - is an Init Cookie ours, and not old?
 * @request: of the packet that has it, with its tuple, and with the listener's features; if so
 *	filled in: the numbers, the service and the features' values
 * @cookie: value of the option
 * @len: of @cookie
 *
 * Return: whether it is.
 */
bool xdccp_cookie_check(struct xdccp_request *request, const u8 *cookie, u8 len)
{
	struct xdccp_cookie c, right;
	unsigned int place;

	if (len != sizeof(c))
		return false;
	memcpy(&c, cookie, sizeof(c));
	right = c;
	xdccp_cookie_seal(request, &right);
	if ((c.mac[0] ^ right.mac[0]) | (c.mac[1] ^ right.mac[1]))
		return false;
	if (xdccp_cookie_now() - c.made > XDCCP_COOKIE_LIFE)
		return false;
	request->iss = c.iss;
	request->gss = c.iss;
	request->isr = c.isr;
	request->gsr = c.gsr;
	request->service = c.service;
	for (place = 0; place < XDCCP_PLACES; place++)
		xdccp_cookie_get_values(&request->features, place, c.values[place]);
	return true;
}
