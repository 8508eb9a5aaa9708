// SPDX-License-Identifier: GPL-2.0
/*
 * Feature negotiation (RFC 4340 section 6). Who is right about a server-priority feature both
 * sides find out by themselves: the first of the server's preferences that the client has too.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <string.h>
#include <xl4/userland.h>
#endif

#include "feature.h"

#define XDCCP_MAX_SEQUENCE_WINDOW	((1ULL << 46) - 1)	/* RFC 4340 section 7.5.2 */

/* RFC 4340 table 4; all but the CCID's and the lengths' are what it names. */
static const struct xdccp_feature_rule xdccp_rules[XDCCP_FEATURES] = {
	{ XDCCP_FEAT_CCID,		true,	1, 2,	0,  255 },
	{ XDCCP_FEAT_SHORT_SEQNOS,	true,	1, 0,	0,  1 },
	{ XDCCP_FEAT_SEQUENCE_WINDOW,	false,	6, 100,	32, XDCCP_MAX_SEQUENCE_WINDOW },
	{ XDCCP_FEAT_ECN_INCAPABLE,	true,	1, 0,	0,  1 },
	{ XDCCP_FEAT_ACK_RATIO,		false,	2, 2,	0,  65535 },
	{ XDCCP_FEAT_SEND_ACK_VECTOR,	true,	1, 0,	0,  1 },
	{ XDCCP_FEAT_SEND_NDP_COUNT,	true,	1, 0,	0,  1 },
	{ XDCCP_FEAT_MIN_CSUM_COVER,	true,	1, 0,	0,  15 },
	{ XDCCP_FEAT_DATA_CHECKSUM,	true,	1, 0,	0,  1 },
	{ XDCCP_FEAT_SEND_LEV_RATE,	true,	1, 0,	0,  1 },
};

/**
 * xdccp_feature_index() - where a feature is in our tables
 * @number: as on the wire
 *
 * Return: 0 to XDCCP_FEATURES - 1, or -1: we do not know it.
 */
int xdccp_feature_index(u8 number)
{
	int i;

	for (i = 0; i < XDCCP_FEATURES; i++)
		if (xdccp_rules[i].number == number)
			return i;
	return -1;
}

/**
 * xdccp_feature_number_of() - the feature at a place in our tables
 * @index: less than XDCCP_FEATURES
 *
 * Return: its number on the wire.
 */
u8 xdccp_feature_number_of(unsigned int index)
{
	return xdccp_rules[index].number;
}

/**
 * xdccp_feature_rule() - what is known of a feature
 * @number: as on the wire
 *
 * Return: it, or NULL: we do not know it.
 */
const struct xdccp_feature_rule *xdccp_feature_rule(u8 number)
{
	int i = xdccp_feature_index(number);

	return i < 0 ? NULL : &xdccp_rules[i];
}

/* What each packet asks is answered without looking at each feature: after each change of one. */
static void xdccp_feature_note(struct xdccp_features *f, unsigned int place, unsigned int i)
{
	const struct xdccp_feature *feature = &f->at[place][i];
	u16 bit = 1 << i;

	f->owed[place] &= ~bit;
	f->unsettled[place] &= ~bit;
	if (feature->due || feature->confirm)
		f->owed[place] |= bit;
	if (feature->state != XDCCP_STABLE)
		f->unsettled[place] |= bit;
}

/**
 * xdccp_features_init() - all features as a connection begins
 * @f: filled in; each is stable at its initial value, which is also all we would have
 * @server: who we are
 */
void xdccp_features_init(struct xdccp_features *f, bool server)
{
	struct xdccp_feature *feature;
	unsigned int place, i;

	memset(f, 0, sizeof(*f));
	f->server = server;
	for (place = 0; place < XDCCP_PLACES; place++) {
		for (i = 0; i < XDCCP_FEATURES; i++) {
			feature = &f->at[place][i];
			feature->value = xdccp_rules[i].initial;
			feature->wanted = feature->value;
			if (!xdccp_rules[i].negotiable)
				continue;
			feature->nr_preferences = 1;
			feature->preferences[0] = feature->value;
		}
	}
}

static void xdccp_feature_renew(struct xdccp_feature *feature, unsigned int i)
{
	const struct xdccp_feature old = *feature;

	memset(feature, 0, sizeof(*feature));
	feature->value = xdccp_rules[i].initial;
	feature->wanted = feature->value;
	if (xdccp_rules[i].negotiable) {
		feature->nr_preferences = old.nr_preferences;
		memcpy(feature->preferences, old.preferences, sizeof(feature->preferences));
		feature->mandatory = old.mandatory;
		feature->due = feature->preferences[0] != feature->value;
	} else if (xdccp_rules[i].number != XDCCP_FEAT_ACK_RATIO) {
		/* That one is the CCID's to say. */
		feature->wanted = old.wanted;
		feature->due = feature->wanted != feature->value;
	}
	feature->state = feature->due ? XDCCP_CHANGING : XDCCP_STABLE;
}

/**
 * xdccp_features_renew() - all features as a connection begins, but for what we would have
 * @f: of another connection, or of none
 */
void xdccp_features_renew(struct xdccp_features *f)
{
	unsigned int place, i;

	for (place = 0; place < XDCCP_PLACES; place++) {
		for (i = 0; i < XDCCP_FEATURES; i++) {
			xdccp_feature_renew(&f->at[place][i], i);
			xdccp_feature_note(f, place, i);
		}
	}
	f->fgsr = 0;
	f->fgss = 0;
	f->heard = false;
	f->told = false;
	f->nr_unknown = 0;
}

/**
 * xdccp_feature_value() - the value in force
 * @f: the connection's
 * @place: whose
 * @number: of a feature that we know
 *
 * Return: it.
 */
u64 xdccp_feature_value(const struct xdccp_features *f, enum xdccp_place place, u8 number)
{
	return f->at[place][xdccp_feature_index(number)].value;
}

/**
 * xdccp_feature_wanted() - what we said last of a non-negotiable feature of ours
 * @f: the connection's
 * @number: of a feature that we know
 *
 * Return: its value once the peer has confirmed it.
 */
u64 xdccp_feature_wanted(const struct xdccp_features *f, u8 number)
{
	return f->at[XDCCP_LOCAL][xdccp_feature_index(number)].wanted;
}

/* We want something else than before. */
static void xdccp_feature_want(struct xdccp_feature *feature)
{
	feature->disputed |= feature->asked;
	if (feature->state == XDCCP_STABLE) {
		feature->state = XDCCP_CHANGING;
		feature->due = true;
		feature->again = false;
	} else if (!feature->due || feature->again) {
		/* A Change is on its way already. */
		feature->state = XDCCP_UNSTABLE;
	}
}

/* Does the peer not know yet that we want something else? */
static bool xdccp_feature_untold(const struct xdccp_feature *feature)
{
	return feature->state == XDCCP_CHANGING && feature->due && !feature->again;
}

static void xdccp_feature_settle(struct xdccp_feature *feature)
{
	feature->state = XDCCP_STABLE;
	feature->due = false;
	feature->again = false;
}

/**
 * xdccp_feature_prefer() - what we would have of a server-priority feature
 * @f: the connection's
 * @place: whose feature
 * @number: which
 * @list: best first
 * @n: how many
 * @mandatory: without any of them the connection is to fail
 *
 * Where the best is in force already nothing is asked for, but the list is for the peer's
 * Changes.
 *
 * Return: 0, or -EINVAL: not such a feature, or not such values.
 */
int xdccp_feature_prefer(struct xdccp_features *f, enum xdccp_place place, u8 number,
			 const u8 *list, unsigned int n, bool mandatory)
{
	const struct xdccp_feature_rule *rule = xdccp_feature_rule(number);
	struct xdccp_feature *feature;
	unsigned int i;

	if (!rule || !rule->negotiable || !n || n > XDCCP_MAX_PREFERENCES)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (list[i] < rule->least || list[i] > rule->most)
			return -EINVAL;
	feature = &f->at[place][xdccp_feature_index(number)];
	/* What we would have already was asked for, and perhaps answered, or is not needed. */
	if (feature->nr_preferences == n && !memcmp(feature->preferences, list, n) &&
	    feature->mandatory == mandatory)
		return 0;
	memcpy(feature->preferences, list, n);
	feature->nr_preferences = n;
	feature->mandatory = mandatory;
	if (list[0] == feature->value && xdccp_feature_untold(feature))
		xdccp_feature_settle(feature);
	else if (feature->state != XDCCP_STABLE || list[0] != feature->value)
		xdccp_feature_want(feature);
	xdccp_feature_note(f, place, xdccp_feature_index(number));
	return 0;
}

/**
 * xdccp_feature_say() - tell the peer the value of a non-negotiable feature of ours
 * @f: the connection's
 * @number: which
 * @value: in force once it is confirmed
 *
 * Return: 0, or -EINVAL: not such a feature, or not such a value.
 */
int xdccp_feature_say(struct xdccp_features *f, u8 number, u64 value)
{
	const struct xdccp_feature_rule *rule = xdccp_feature_rule(number);
	struct xdccp_feature *feature;

	if (!rule || rule->negotiable || value < rule->least || value > rule->most)
		return -EINVAL;
	feature = &f->at[XDCCP_LOCAL][xdccp_feature_index(number)];
	if (feature->wanted == value)
		return 0;
	feature->wanted = value;
	xdccp_feature_want(feature);
	xdccp_feature_note(f, XDCCP_LOCAL, xdccp_feature_index(number));
	return 0;
}

/* -------------------------------------------------------------- receiving */

static u64 xdccp_feature_number(const struct xdccp_negotiation *n)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < n->len; i++)
		value = value << 8 | n->values[i];
	return value;
}

/* RFC 4340 section 6.3.1: the first of the server's that the client has too; or -1. */
static int xdccp_reconcile(const u8 *server, unsigned int nr_server, const u8 *client,
			   unsigned int nr_client)
{
	unsigned int i;

	for (i = 0; i < nr_server; i++)
		if (memchr(client, server[i], nr_client))
			return server[i];
	return -1;
}

static void xdccp_feature_set(struct xdccp_features *f, enum xdccp_place place, unsigned int i,
			      u64 value)
{
	struct xdccp_feature *feature = &f->at[place][i];

	if (feature->value == value)
		return;
	feature->value = value;
	f->changed[place] |= 1 << i;
}

/* Of what we do not know, we owe that we do not. Who asks for too much may ask again. */
static u8 xdccp_feature_unknown(struct xdccp_features *f, u8 confirm, u8 number, bool mandatory)
{
	if (mandatory)
		return XDCCP_RESET_MANDATORY_ERROR;
	if (f->nr_unknown < XDCCP_MAX_UNKNOWN) {
		f->unknown[f->nr_unknown].type = confirm;
		f->unknown[f->nr_unknown++].number = number;
	}
	return 0;
}

static u8 xdccp_change_negotiable(struct xdccp_features *f, enum xdccp_place place,
				  unsigned int i, const struct xdccp_negotiation *n,
				  bool mandatory)
{
	struct xdccp_feature *feature = &f->at[place][i];
	int value;

	if (f->server)
		value = xdccp_reconcile(feature->preferences, feature->nr_preferences, n->values,
					n->len);
	else
		value = xdccp_reconcile(n->values, n->len, feature->preferences,
					feature->nr_preferences);
	if (value < 0 && mandatory)
		return XDCCP_RESET_MANDATORY_ERROR;
	if (value >= 0)
		xdccp_feature_set(f, place, i, value);
	/* Both lists are the same if we ask: there is nothing to ask for any more. */
	if (value >= 0 && xdccp_feature_untold(feature))
		xdccp_feature_settle(feature);
	feature->disputed = true;
	feature->confirm = true;
	feature->confirm_empty = false;
	return 0;
}

/* RFC 4340 section 6.6.8: an invalid Change is answered with an empty Confirm. */
static u8 xdccp_change_fixed(struct xdccp_features *f, enum xdccp_place place, unsigned int i,
			     const struct xdccp_negotiation *n, bool mandatory)
{
	const struct xdccp_feature_rule *rule = &xdccp_rules[i];
	struct xdccp_feature *feature = &f->at[place][i];
	u64 value = xdccp_feature_number(n);
	bool bad = place == XDCCP_LOCAL || n->len > rule->len || value < rule->least ||
		   value > rule->most;

	if (bad && mandatory)
		return XDCCP_RESET_MANDATORY_ERROR;
	if (!bad)
		xdccp_feature_set(f, place, i, value);
	feature->confirm = true;
	feature->confirm_empty = bad;
	return 0;
}

static u8 xdccp_change_rcv(struct xdccp_features *f, enum xdccp_place place,
			   const struct xdccp_negotiation *n, bool mandatory)
{
	u8 confirm = place == XDCCP_LOCAL ? XDCCP_OPT_CONFIRM_L : XDCCP_OPT_CONFIRM_R;
	int i = xdccp_feature_index(n->feature);
	u8 code;

	if (i < 0)
		return xdccp_feature_unknown(f, confirm, n->feature, mandatory);
	if (xdccp_rules[i].negotiable)
		code = xdccp_change_negotiable(f, place, i, n, mandatory);
	else
		code = xdccp_change_fixed(f, place, i, n, mandatory);
	xdccp_feature_note(f, place, i);
	return code;
}

/* Is it what we asked for, or else what was in force before? */
static bool xdccp_confirm_valid(const struct xdccp_feature *feature, unsigned int i,
				const struct xdccp_negotiation *n)
{
	if (!xdccp_rules[i].negotiable)
		return n->len <= xdccp_rules[i].len && xdccp_feature_number(n) == feature->wanted;
	return (!feature->mandatory && n->values[0] == feature->value) ||
	       memchr(feature->preferences, n->values[0], feature->nr_preferences);
}

/*
 * RFC 4340 section 6.6.8 has the connection reset for a Confirm that is not what we asked for. It
 * may be of what we asked for before, though: the packets' numbers do not tell, if the one with
 * our latest Change was lost and the one after it came. Then it is not the peer's fault, and we
 * ask again. Where we took such a one for the answer, the real one comes later.
 */
static u8 xdccp_confirm_more(struct xdccp_features *f, enum xdccp_place place, unsigned int i,
			     const struct xdccp_negotiation *n)
{
	const struct xdccp_feature *feature = &f->at[place][i];

	if (feature->asked && n->len && xdccp_rules[i].negotiable &&
	    xdccp_confirm_valid(feature, i, n))
		xdccp_feature_set(f, place, i, n->values[0]);
	return 0;
}

static u8 xdccp_confirm_known(struct xdccp_features *f, enum xdccp_place place, unsigned int i,
			      const struct xdccp_negotiation *n)
{
	struct xdccp_feature *feature = &f->at[place][i];

	if (feature->state == XDCCP_STABLE)
		return xdccp_confirm_more(f, place, i, n);
	if (feature->due && !feature->again)
		return 0;
	if (feature->state == XDCCP_UNSTABLE) {
		feature->state = XDCCP_CHANGING;
		feature->due = true;
		feature->again = false;
		return 0;
	}
	if (!n->len) {
		/* The peer does not know it: it stays as it is. */
		feature->wanted = feature->value;
		xdccp_feature_settle(feature);
		return 0;
	}
	if (!xdccp_confirm_valid(feature, i, n))
		return feature->disputed ? 0 : XDCCP_RESET_OPTION_ERROR;
	xdccp_feature_set(f, place, i,
			  xdccp_rules[i].negotiable ? n->values[0] : feature->wanted);
	xdccp_feature_settle(feature);
	return 0;
}

static u8 xdccp_confirm_rcv(struct xdccp_features *f, enum xdccp_place place,
			    const struct xdccp_negotiation *n)
{
	int i = xdccp_feature_index(n->feature);
	u8 code;

	if (i < 0)
		return 0;
	code = xdccp_confirm_known(f, place, i, n);
	xdccp_feature_note(f, place, i);
	return code;
}

/* RFC 4340 section 6.6.4: what comes late tells nothing. */
static bool xdccp_features_late(const struct xdccp_features *f, bool change,
				const struct xdccp_feature_packet *packet)
{
	if (f->heard && !xdccp_seq_after(packet->seq, f->fgsr))
		return true;
	if (change)
		return false;
	return !f->told || !packet->has_ack || xdccp_seq_before(packet->ack, f->fgss);
}

/**
 * xdccp_features_rcv() - a Change or Confirm came
 * @f: the connection's
 * @option: of one of the four types
 * @packet: that it came with
 *
 * f->changed tells whose values changed. After a packet's last one: xdccp_features_rcv_end().
 *
 * Return: 0, or the code to reset the connection with.
 */
u8 xdccp_features_rcv(struct xdccp_features *f, const struct xdccp_option *option,
		      const struct xdccp_feature_packet *packet)
{
	bool change = option->type == XDCCP_OPT_CHANGE_L || option->type == XDCCP_OPT_CHANGE_R;
	bool of_sender = option->type == XDCCP_OPT_CHANGE_L ||
			 option->type == XDCCP_OPT_CONFIRM_L;
	enum xdccp_place place = of_sender ? XDCCP_REMOTE : XDCCP_LOCAL;
	struct xdccp_negotiation n;

	if (xdccp_features_late(f, change, packet))
		return 0;
	if (xdccp_parse_negotiation(option, &n))
		return option->mandatory ? XDCCP_RESET_MANDATORY_ERROR : 0;
	if (change)
		return xdccp_change_rcv(f, place, &n, option->mandatory);
	return xdccp_confirm_rcv(f, place, &n);
}

/**
 * xdccp_features_rcv_end() - a packet that had such options has no more
 * @f: the connection's
 * @packet: the packet
 */
void xdccp_features_rcv_end(struct xdccp_features *f, const struct xdccp_feature_packet *packet)
{
	if (f->heard && !xdccp_seq_after(packet->seq, f->fgsr))
		return;
	f->heard = true;
	f->fgsr = packet->seq;
}

/**
 * xdccp_features_go_round() - the peer's numbers have come to another quarter of their circle
 * @f: the connection's
 * @gsr: the greatest so far
 *
 * RFC 4340 section 6.6.4 with erratum 974: FGSR is never ahead of GSR.
 */
void xdccp_features_go_round(struct xdccp_features *f, u64 gsr)
{
	s64 since = xdccp_seq_delta(f->fgsr, gsr);

	if (since < 0 || since > (s64)XDCCP_MAX_SEQUENCE_WINDOW)
		f->fgsr = xdccp_seq_add(gsr, -(s64)XDCCP_MAX_SEQUENCE_WINDOW);
}

/* ---------------------------------------------------------------- sending */

/**
 * xdccp_features_timeout() - our Changes were not answered for long
 * @f: the connection's
 */
void xdccp_features_timeout(struct xdccp_features *f)
{
	struct xdccp_feature *feature;
	unsigned int place, i;

	for (place = 0; place < XDCCP_PLACES; place++) {
		for (i = 0; i < XDCCP_FEATURES; i++) {
			feature = &f->at[place][i];
			if (feature->state == XDCCP_STABLE || feature->due)
				continue;
			feature->due = true;
			/* What changed meanwhile is a new Change. */
			feature->again = feature->state == XDCCP_CHANGING;
			feature->state = XDCCP_CHANGING;
			xdccp_feature_note(f, place, i);
		}
	}
}

/**
 * xdccp_features_pending() - are Changes of ours not confirmed?
 * @f: the connection's
 *
 * Return: whether there are.
 */
bool xdccp_features_pending(const struct xdccp_features *f)
{
	return f->unsettled[XDCCP_LOCAL] | f->unsettled[XDCCP_REMOTE];
}

/**
 * xdccp_features_due() - is there something to send?
 * @f: the connection's
 *
 * Return: whether there is.
 */
bool xdccp_features_due(const struct xdccp_features *f)
{
	return f->owed[XDCCP_LOCAL] | f->owed[XDCCP_REMOTE] | f->nr_unknown;
}

/* What a Change or Confirm says. Returns octets. */
static unsigned int xdccp_feature_values(const struct xdccp_feature *feature, unsigned int i,
					 bool change, u8 *values)
{
	u64 number = change ? feature->wanted : feature->value;
	unsigned int n = 0, len = xdccp_rules[i].len;

	if (!change && feature->confirm_empty)
		return 0;
	if (!xdccp_rules[i].negotiable) {
		for (n = len; n--; number >>= 8)
			values[n] = number;
		return len;
	}
	if (!change)
		values[n++] = feature->value;
	memcpy(values + n, feature->preferences, feature->nr_preferences);
	return n + feature->nr_preferences;
}

/* Returns where the next goes, which is @to if there is not enough room. */
static u8 *xdccp_feature_put(const struct xdccp_feature *feature, enum xdccp_place place,
			     unsigned int i, bool change, u8 *to, u32 room)
{
	u8 type = change ? XDCCP_OPT_CHANGE_L : XDCCP_OPT_CONFIRM_L;
	u8 values[1 + XDCCP_MAX_PREFERENCES];
	unsigned int len = xdccp_feature_values(feature, i, change, values);
	bool mandatory = change && feature->mandatory;

	if (room < mandatory + 3 + len)
		return to;
	if (place == XDCCP_REMOTE)
		type += XDCCP_OPT_CHANGE_R - XDCCP_OPT_CHANGE_L;
	if (mandatory)
		to = xdccp_put_option(to, XDCCP_OPT_MANDATORY, NULL, 0);
	return xdccp_put_negotiation(to, type, xdccp_rules[i].number, values, len);
}

static u8 *xdccp_features_put_unknown(struct xdccp_features *f, u8 *to, const u8 *end)
{
	while (f->nr_unknown && end - to >= 3) {
		f->nr_unknown--;
		to = xdccp_put_negotiation(to, f->unknown[f->nr_unknown].type,
					   f->unknown[f->nr_unknown].number, NULL, 0);
	}
	return to;
}

static u8 *xdccp_features_put_confirms(struct xdccp_features *f, u8 *to, const u8 *end)
{
	struct xdccp_feature *feature;
	unsigned int place, i;
	u8 *next;

	for (place = 0; place < XDCCP_PLACES; place++) {
		for (i = 0; i < XDCCP_FEATURES; i++) {
			feature = &f->at[place][i];
			if (!feature->confirm)
				continue;
			next = xdccp_feature_put(feature, place, i, false, to, end - to);
			feature->confirm = next == to;
			xdccp_feature_note(f, place, i);
			to = next;
		}
	}
	return to;
}

static u8 *xdccp_features_put_changes(struct xdccp_features *f, u8 *to, const u8 *end, u64 seq)
{
	struct xdccp_feature *feature;
	unsigned int place, i;
	u8 *next;

	for (place = 0; place < XDCCP_PLACES; place++) {
		for (i = 0; i < XDCCP_FEATURES; i++) {
			feature = &f->at[place][i];
			if (!feature->due)
				continue;
			next = xdccp_feature_put(feature, place, i, true, to, end - to);
			if (next == to)
				continue;
			/* A Confirm of what was said before is none of this. */
			if (!feature->again || !f->told) {
				f->told = true;
				f->fgss = seq;
			}
			feature->due = false;
			feature->again = true;
			feature->asked = true;
			xdccp_feature_note(f, place, i);
			to = next;
		}
	}
	return to;
}

/**
 * xdccp_features_put() - append what is to be sent: Confirms, then Changes
 * @f: the connection's
 * @to: where; in a packet that is no Data
 * @room: octets there; what does not fit goes with another packet
 * @seq: the packet's number
 *
 * Return: where the next option goes.
 */
u8 *xdccp_features_put(struct xdccp_features *f, u8 *to, u32 room, u64 seq)
{
	const u8 *end = to + room;

	if (!xdccp_features_due(f))
		return to;
	to = xdccp_features_put_unknown(f, to, end);
	to = xdccp_features_put_confirms(f, to, end);
	return xdccp_features_put_changes(f, to, end, seq);
}
