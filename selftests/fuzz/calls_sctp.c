// SPDX-License-Identifier: GPL-2.0
/* What programs can ask of SCTP, one-to-one and one-to-many. */
#include "calls.h"

#include <linux/sctp.h>
#include <string.h>

#ifndef SOL_SCTP
#define SOL_SCTP 132
#endif

/* Associations are numbered from 3 on. */
static int32_t some_id(struct chance *c)
{
	return one_in(c, 8) ? (int32_t)edge(c) : (int32_t)pick(c, 8);
}

static unsigned int put(uint8_t *to, const void *value, unsigned int len)
{
	memcpy(to, value, len);
	return len;
}

/* What begins with an association's number, and goes on with small ones: high octets in all. */
static unsigned int fill_of_id(struct chance *c, const struct option *o, uint8_t *to)
{
	int32_t id = some_id(c);
	uint32_t word;
	int at = put(to, &id, sizeof(id));

	for (; at + 4 <= o->high; at += 4) {
		word = one_in(c, 8) ? (uint32_t)edge(c) : pick(c, 3000);
		memcpy(to + at, &word, 4);
	}
	return o->high;
}

/* Likewise, but an address follows the number. */
static unsigned int fill_of_address(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int len = fill_of_id(c, o, to);
	union address a = some_address(c, one_in(c, 2) ? AF_INET : AF_INET6);

	memcpy(to + 4, &a, sizeof(a.v6));
	return len;
}

/* As sctp_bindx() and sctp_connectx() have them: one behind the other. */
static unsigned int fill_addresses(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int n = between(c, o->low, o->high), at = 0;
	union address a;

	for (; n; n--) {
		a = some_address(c, one_in(c, 2) ? AF_INET : AF_INET6);
		at += put(to + at, &a, a.sa.sa_family == AF_INET ? sizeof(a.v4) : sizeof(a.v6));
	}
	return at;
}

/* All events, some, or none. */
static unsigned int fill_events(struct chance *c, const struct option *o, uint8_t *to)
{
	unsigned int len = between(c, 1, o->high);

	for (unsigned int i = 0; i < len; i++)
		to[i] = one_in(c, 2);
	return len;
}

static unsigned int fill_event(struct chance *c, const struct option *o, uint8_t *to)
{
	struct sctp_event e = {
		.se_assoc_id = some_id(c),
		.se_type = SCTP_SN_TYPE_BASE + pick(c, 14),
		.se_on = one_in(c, 2),
	};

	return put(to, &e, sizeof(e));
}

static unsigned int fill_initmsg(struct chance *c, const struct option *o, uint8_t *to)
{
	struct sctp_initmsg init = {
		.sinit_num_ostreams = one_in(c, 4) ? edge(c) : (int)pick(c, 20),
		.sinit_max_instreams = one_in(c, 4) ? edge(c) : (int)pick(c, 20),
		.sinit_max_attempts = pick(c, 4),
		.sinit_max_init_timeo = pick(c, 1000),
	};

	return put(to, &init, sizeof(init));
}

/* Flags that go together, mostly. */
static unsigned int some_flags(struct chance *c)
{
	static const unsigned int flags[] = { 0, 0, 0, 0, SCTP_UNORDERED, SCTP_UNORDERED,
					      SCTP_ADDR_OVER, SCTP_ABORT, SCTP_EOF, SCTP_SENDALL,
					      SCTP_SACK_IMMEDIATELY, SCTP_PR_SCTP_TTL,
					      SCTP_PR_SCTP_RTX, SCTP_PR_SCTP_PRIO };

	return one_in(c, 8) ? (unsigned int)edge(c) : PICK_FROM(c, flags);
}

static unsigned int fill_sndrcv(struct chance *c, const struct option *o, uint8_t *to)
{
	struct sctp_sndrcvinfo info = {
		.sinfo_stream = one_in(c, 8) ? edge(c) : (int)pick(c, 12),
		.sinfo_flags = some_flags(c),
		.sinfo_ppid = roll(c),
		.sinfo_timetolive = pick(c, 100),
		.sinfo_assoc_id = some_id(c),
	};

	return put(to, &info, sizeof(info));
}

static unsigned int fill_sndinfo(struct chance *c, const struct option *o, uint8_t *to)
{
	struct sctp_sndinfo info = {
		.snd_sid = one_in(c, 8) ? edge(c) : (int)pick(c, 12),
		.snd_flags = some_flags(c),
		.snd_ppid = roll(c),
		.snd_assoc_id = some_id(c),
	};

	return put(to, &info, sizeof(info));
}

static unsigned int fill_prinfo(struct chance *c, const struct option *o, uint8_t *to)
{
	static const uint16_t policies[] = { SCTP_PR_SCTP_NONE, SCTP_PR_SCTP_TTL, SCTP_PR_SCTP_RTX,
					     SCTP_PR_SCTP_PRIO };
	struct sctp_prinfo info = {
		.pr_policy = one_in(c, 8) ? (uint16_t)edge(c) : PICK_FROM(c, policies),
		.pr_value = pick(c, 100),
	};

	return put(to, &info, sizeof(info));
}

static unsigned int fill_address4(struct chance *c, const struct option *o, uint8_t *to)
{
	union address a = some_address(c, AF_INET);

	return put(to, &a.v4.sin_addr, sizeof(a.v4.sin_addr));
}

#define FLAG	fill_int, 0, 1
#define ID(s)	fill_of_id, 0, sizeof(s)
#define ADDRESS(s) fill_of_address, 0, sizeof(s)

static const struct option options[] = {
	OPTION(SOL_SCTP, SCTP_RTOINFO, ID(struct sctp_rtoinfo)),
	OPTION(SOL_SCTP, SCTP_ASSOCINFO, ID(struct sctp_assocparams)),
	OPTION(SOL_SCTP, SCTP_INITMSG, fill_initmsg),
	OPTION(SOL_SCTP, SCTP_NODELAY, FLAG),
	OPTION(SOL_SCTP, SCTP_AUTOCLOSE, fill_int, 0, 2),
	OPTION(SOL_SCTP, SCTP_SET_PEER_PRIMARY_ADDR, ADDRESS(struct sctp_setpeerprim)),
	OPTION(SOL_SCTP, SCTP_PRIMARY_ADDR, ADDRESS(struct sctp_prim)),
	OPTION(SOL_SCTP, SCTP_ADAPTATION_LAYER, fill_int, 0, 100),
	OPTION(SOL_SCTP, SCTP_DISABLE_FRAGMENTS, FLAG),
	OPTION(SOL_SCTP, SCTP_PEER_ADDR_PARAMS, ADDRESS(struct sctp_paddrparams)),
	OPTION(SOL_SCTP, SCTP_DEFAULT_SEND_PARAM, fill_sndrcv),
	OPTION(SOL_SCTP, SCTP_DEFAULT_SNDINFO, fill_sndinfo),
	OPTION(SOL_SCTP, SCTP_DEFAULT_PRINFO, ID(struct sctp_default_prinfo)),
	OPTION(SOL_SCTP, SCTP_EVENTS, fill_events, 0, sizeof(struct sctp_event_subscribe)),
	OPTION(SOL_SCTP, SCTP_EVENT, fill_event),
	OPTION(SOL_SCTP, SCTP_I_WANT_MAPPED_V4_ADDR, FLAG),
	OPTION(SOL_SCTP, SCTP_MAXSEG, ID(struct sctp_assoc_value)),
	OPTION(SOL_SCTP, SCTP_STATUS, ID(struct sctp_status)),
	OPTION(SOL_SCTP, SCTP_GET_PEER_ADDR_INFO, ADDRESS(struct sctp_paddrinfo)),
	OPTION(SOL_SCTP, SCTP_DELAYED_SACK, ID(struct sctp_sack_info)),
	OPTION(SOL_SCTP, SCTP_CONTEXT, ID(struct sctp_assoc_value)),
	OPTION(SOL_SCTP, SCTP_FRAGMENT_INTERLEAVE, fill_int, 0, 2),
	OPTION(SOL_SCTP, SCTP_PARTIAL_DELIVERY_POINT, fill_int, 0, 10000),
	OPTION(SOL_SCTP, SCTP_MAX_BURST, ID(struct sctp_assoc_value)),
	OPTION(SOL_SCTP, SCTP_AUTH_CHUNK, fill_byte, 0, 255),
	OPTION(SOL_SCTP, SCTP_HMAC_IDENT, fill_bytes, 0, 16),
	OPTION(SOL_SCTP, SCTP_AUTH_KEY, ID(char[40])),
	OPTION(SOL_SCTP, SCTP_AUTH_ACTIVE_KEY, ID(struct sctp_authkeyid)),
	OPTION(SOL_SCTP, SCTP_AUTH_DELETE_KEY, ID(struct sctp_authkeyid)),
	OPTION(SOL_SCTP, SCTP_AUTO_ASCONF, FLAG),
	OPTION(SOL_SCTP, SCTP_GET_ASSOC_NUMBER, FLAG),
	OPTION(SOL_SCTP, SCTP_GET_ASSOC_ID_LIST, fill_bytes, 0, 100),
	OPTION(SOL_SCTP, SCTP_GET_ASSOC_STATS, ID(struct sctp_assoc_stats)),
	OPTION(SOL_SCTP, SCTP_RECVRCVINFO, FLAG),
	OPTION(SOL_SCTP, SCTP_RECVNXTINFO, FLAG),
	OPTION(SOL_SCTP, SCTP_PEER_ADDR_THLDS, ADDRESS(struct sctp_paddrthlds)),
	OPTION(SOL_SCTP, SCTP_PR_SUPPORTED, ID(struct sctp_assoc_value)),
	OPTION(SOL_SCTP, SCTP_PR_ASSOC_STATUS, ID(struct sctp_prstatus)),
	OPTION(SOL_SCTP, SCTP_PR_STREAM_STATUS, ID(struct sctp_prstatus)),
	OPTION(SOL_SCTP, SCTP_REUSE_PORT, FLAG),
	OPTION(SOL_SCTP, SCTP_SOCKOPT_BINDX_ADD, fill_addresses, 1, 3),
	OPTION(SOL_SCTP, SCTP_SOCKOPT_BINDX_REM, fill_addresses, 1, 3),
	OPTION(SOL_SCTP, SCTP_SOCKOPT_CONNECTX, fill_addresses, 1, 3),
	OPTION(SOL_SCTP, SCTP_SOCKOPT_CONNECTX_OLD, fill_addresses, 1, 3),
	OPTION(SOL_SCTP, SCTP_GET_PEER_ADDRS, ID(char[300])),
	OPTION(SOL_SCTP, SCTP_GET_LOCAL_ADDRS, ID(char[300])),
};

static const struct option controls[] = {
	OPTION(SOL_SCTP, SCTP_INIT, fill_initmsg),
	OPTION(SOL_SCTP, SCTP_SNDRCV, fill_sndrcv),
	OPTION(SOL_SCTP, SCTP_SNDINFO, fill_sndinfo),
	OPTION(SOL_SCTP, SCTP_PRINFO, fill_prinfo),
	OPTION(SOL_SCTP, SCTP_AUTHINFO, fill_bytes, 2, 2),
	OPTION(SOL_SCTP, SCTP_DSTADDRV4, fill_address4),
	OPTION(SOL_SCTP, SCTP_DSTADDRV6, fill_address6),
};

/* SCTP_SOCKOPT_PEELOFF is left out: what it opens nobody would close. */
static const struct protocol sctp = {
	.name = "SCTP",
	.type = SOCK_STREAM,
	.variable = "XL4_SCTP",
	.number = 251,
	.options = LIST(options),
	.controls = LIST(controls),
};
PROTOCOL(sctp);

static const struct protocol sctp_many = {
	.name = "SCTP, one-to-many",
	.type = SOCK_SEQPACKET,
	.variable = "XL4_SCTP",
	.number = 251,
	.options = LIST(options),
	.controls = LIST(controls),
};
PROTOCOL(sctp_many);
