// SPDX-License-Identifier: GPL-2.0
/* Numbers that nobody outside can guess: initial ones, timestamps, SYN cookies. */

#include <linux/random.h>
#include <linux/siphash.h>

#include "tcp.h"

static siphash_aligned_key_t xtcp_secret __read_mostly;

/**
 * xtcp_secret_init() - draw what the numbers depend on
 *
 * When the module is loaded: net_get_random_once() would keep it from being
 * unloaded for a moment after the first connection.
 */
void __init xtcp_secret_init(void)
{
	get_random_bytes(&xtcp_secret, sizeof(xtcp_secret));
}

static u64 xtcp_keyed(const struct xl4_tuple *tuple, u32 what, u32 more)
{
	struct {
		struct xl4_addr	local;
		struct xl4_addr	remote;
		__be16		local_port;
		__be16		remote_port;
		u32		what;
		u64		more;
	} key = {
		.local = tuple->local,
		.remote = tuple->remote,
		.local_port = tuple->local_port,
		.remote_port = tuple->remote_port,
		.what = what,
		.more = more,
	};

	return siphash(&key, sizeof(key), &xtcp_secret);
}

enum { XTCP_KEY_ISS, XTCP_KEY_TS, XTCP_KEY_COOKIE, XTCP_KEY_COOKIE_DATA };

/**
 * xtcp_new_iss() - an initial sequence number
 * @tuple: the connection
 *
 * RFC 6528: ISN = M + F(connection, secret), M here a clock of 64 ns.
 */
u32 xtcp_new_iss(const struct xl4_tuple *tuple)
{
	return (u32)xtcp_keyed(tuple, XTCP_KEY_ISS, 0) + (u32)(ktime_get_ns() >> 6);
}

/**
 * xtcp_new_ts_offset() - where a connection's timestamps begin
 * @tuple: the connection
 *
 * RFC 7323 section 5.4. The same for all connections of these addresses, so that
 * PAWS and RFC 6191 compare what can be compared.
 */
u32 xtcp_new_ts_offset(const struct xl4_tuple *tuple)
{
	struct xl4_tuple addresses = { .local = tuple->local, .remote = tuple->remote };

	return xtcp_keyed(&addresses, XTCP_KEY_TS, 0);
}

/*
 * RFC 4987 section 3.6. A SYN cookie in 32 bits, added to the peer's number:
 *
 *	minute (8) | 24 bits of a hash over the minute, + the index of the MSS
 *
 * all of it hidden by a hash over the connection. What the SYN offered beyond that
 * is in the lowest bits of our timestamp, if it had that option.
 */
static const u16 xtcp_cookie_mss[] = { 536, 1220, 1300, 1440, 1460, 4312, 8960, 32728 };

#define XTCP_COOKIE_BITS	24
#define XTCP_COOKIE_MASK	((1U << XTCP_COOKIE_BITS) - 1)
#define XTCP_COOKIE_MINUTES	2
#define XTCP_COOKIE_TS_BITS	6
#define XTCP_COOKIE_TS_MASK	((1U << XTCP_COOKIE_TS_BITS) - 1)
#define XTCP_COOKIE_TS_NO_WSCALE 0xf
#define XTCP_COOKIE_TS_SACK	0x10
#define XTCP_COOKIE_TS_ECN	0x20

static u32 xtcp_minute(void)
{
	return (u32)div_u64(ktime_get_seconds(), 60);
}

static u32 xtcp_cookie_index(u16 mss)
{
	u32 i = ARRAY_SIZE(xtcp_cookie_mss) - 1;

	while (i && xtcp_cookie_mss[i] > mss)
		i--;
	return i;
}

/**
 * xtcp_cookie_make() - an initial number that holds what else a request would
 * @request: what the SYN said; iss and ts_offset are chosen
 */
void xtcp_cookie_make(struct xtcp_request *request)
{
	const struct xl4_tuple *tuple = &request->tuple;
	u32 minute = xtcp_minute(), data, ts;

	data = xtcp_keyed(tuple, XTCP_KEY_COOKIE_DATA, minute) + xtcp_cookie_index(request->mss);
	request->iss = (u32)xtcp_keyed(tuple, XTCP_KEY_COOKIE, 0) + request->irs +
		       (minute << XTCP_COOKIE_BITS) + (data & XTCP_COOKIE_MASK);
	if (!request->has_timestamps) {
		/* There is no place for them. */
		request->has_wscale = false;
		request->sack_permitted = false;
		request->ecn = false;
		return;
	}
	ts = request->has_wscale ? request->snd_wscale : XTCP_COOKIE_TS_NO_WSCALE;
	if (request->sack_permitted)
		ts |= XTCP_COOKIE_TS_SACK;
	if (request->ecn)
		ts |= XTCP_COOKIE_TS_ECN;
	/* The time that the SYN,ACK will tell has to end in these bits. */
	request->ts_offset += (ts - (xtcp_clock_ms() + request->ts_offset)) & XTCP_COOKIE_TS_MASK;
}

/**
 * xtcp_cookie_check() - is this the ACK of a cookie of ours?
 * @request: tuple, irs and iss as the ACK tells them; the rest is filled in
 * @opt: the options of the ACK
 *
 * Return: whether it is, and not older than two minutes.
 */
bool xtcp_cookie_check(struct xtcp_request *request, const struct xtcp_options *opt)
{
	const struct xl4_tuple *tuple = &request->tuple;
	u32 rest, age, data;

	rest = request->iss - request->irs - (u32)xtcp_keyed(tuple, XTCP_KEY_COOKIE, 0);
	age = (xtcp_minute() - (rest >> XTCP_COOKIE_BITS)) & (U32_MAX >> XTCP_COOKIE_BITS);
	if (age >= XTCP_COOKIE_MINUTES)
		return false;
	data = rest - (u32)xtcp_keyed(tuple, XTCP_KEY_COOKIE_DATA, xtcp_minute() - age);
	data &= XTCP_COOKIE_MASK;
	if (data >= ARRAY_SIZE(xtcp_cookie_mss))
		return false;
	request->mss = xtcp_cookie_mss[data];
	request->has_timestamps = opt->has_timestamps;
	if (!opt->has_timestamps)
		return true;
	request->ts_recent = opt->tsval;
	request->snd_wscale = opt->tsecr & 0xf;
	request->has_wscale = request->snd_wscale <= XTCP_MAX_WSCALE;
	if (!request->has_wscale)
		request->snd_wscale = 0;
	request->sack_permitted = opt->tsecr & XTCP_COOKIE_TS_SACK;
	request->ecn = opt->tsecr & XTCP_COOKIE_TS_ECN;
	return true;
}
