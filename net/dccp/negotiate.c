// SPDX-License-Identifier: GPL-2.0
/* Features between feature.c, which agrees on them, and the socket, which does what they say. */

#include <linux/log2.h>

#include "dccp.h"

/* Packets: enough for 10 Gbit/s round the world, and not much of 48 bits for an attacker. */
#define XDCCP_LARGEST_WINDOW	BIT_ULL(20)

static void xdccp_features_need(struct xdccp_sock *dp, enum xdccp_place place, u8 number)
{
	static const u8 yes[] = { 1 };

	xdccp_feature_prefer(&dp->features, place, number, yes, sizeof(yes), false);
}

/* We can do without, but do it if we are asked to: the peer's CCID may need it. */
static void xdccp_features_may(struct xdccp_sock *dp, enum xdccp_place place, u8 number)
{
	static const u8 either[] = { 0, 1 };

	xdccp_feature_prefer(&dp->features, place, number, either, sizeof(either), false);
}

static enum xdccp_place xdccp_other_place(enum xdccp_place place)
{
	return place == XDCCP_LOCAL ? XDCCP_REMOTE : XDCCP_LOCAL;
}

/* What a CCID needs to work: RFC 4341 section 4, RFC 4342 sections 4 and 8. */
static void xdccp_features_for_ccid(struct xdccp_sock *dp, enum xdccp_place sender, u8 ccid)
{
	enum xdccp_place receiver = xdccp_other_place(sender);

	if (ccid == 2) {
		xdccp_features_need(dp, receiver, XDCCP_FEAT_SEND_ACK_VECTOR);
	} else {
		xdccp_features_need(dp, sender, XDCCP_FEAT_SEND_NDP_COUNT);
		xdccp_features_need(dp, receiver, XDCCP_FEAT_SEND_LEV_RATE);
	}
}

/* Likewise, before anything is agreed on; and what it does not need is not asked for. */
static void xdccp_features_of_ccid(struct xdccp_sock *dp, enum xdccp_place sender, u8 ccid)
{
	enum xdccp_place receiver = xdccp_other_place(sender);

	if (ccid == 2) {
		xdccp_features_may(dp, sender, XDCCP_FEAT_SEND_NDP_COUNT);
		xdccp_features_may(dp, receiver, XDCCP_FEAT_SEND_LEV_RATE);
	} else {
		xdccp_features_may(dp, receiver, XDCCP_FEAT_SEND_ACK_VECTOR);
	}
	xdccp_features_for_ccid(dp, sender, ccid);
}

/* What a program named for a CCID, best first; else the setting and whatever else there is. */
static void xdccp_features_ccids(struct xdccp_sock *dp, enum xdccp_place place, u8 first)
{
	u8 list[XDCCP_MAX_PREFERENCES], all[XDCCP_MAX_PREFERENCES];
	unsigned int n = 0, i, nr = xdccp_ccid_list(all, sizeof(all));

	list[n++] = first;
	for (i = 0; i < nr; i++)
		if (all[i] != first)
			list[n++] = all[i];
	xdccp_feature_prefer(&dp->features, place, XDCCP_FEAT_CCID, list, n, false);
}

/**
 * xdccp_features_start() - features of a new socket
 * @sk: the socket; nobody else knows of it
 * @server: who it will be; a listener is one
 *
 * The namespace's settings; what the program would have otherwise comes by socket options.
 */
void xdccp_features_start(struct sock *sk, bool server)
{
	const struct xdccp_settings *set = xdccp_set(sk);
	struct xdccp_sock *dp = xdccp_sk(sk);

	xdccp_features_init(&dp->features, server);
	/* RFC 4340 section 12.1: who cannot see marks says so, and need not be able to. */
	xdccp_features_may(dp, XDCCP_LOCAL, XDCCP_FEAT_ECN_INCAPABLE);
	xdccp_features_may(dp, XDCCP_REMOTE, XDCCP_FEAT_ECN_INCAPABLE);
	/* RFC 4340 section 9.3.1: we always look. */
	xdccp_features_may(dp, XDCCP_LOCAL, XDCCP_FEAT_DATA_CHECKSUM);
	xdccp_features_ccids(dp, XDCCP_LOCAL, READ_ONCE(set->tx_ccid));
	xdccp_features_ccids(dp, XDCCP_REMOTE, READ_ONCE(set->rx_ccid));
	xdccp_features_of_ccid(dp, XDCCP_LOCAL, READ_ONCE(set->tx_ccid));
	xdccp_features_of_ccid(dp, XDCCP_REMOTE, READ_ONCE(set->rx_ccid));
	xdccp_feature_say(&dp->features, XDCCP_FEAT_SEQUENCE_WINDOW, READ_ONCE(set->seq_window));
	dp->features.changed[XDCCP_LOCAL] = (1 << XDCCP_FEATURES) - 1;
	dp->features.changed[XDCCP_REMOTE] = (1 << XDCCP_FEATURES) - 1;
}

/**
 * xdccp_features_again() - features for another connection of the socket
 * @sk: the socket, locked
 *
 * What the program would have stays; what was agreed on is to be agreed on anew.
 */
void xdccp_features_again(struct sock *sk)
{
	struct xdccp_features *f = &xdccp_sk(sk)->features;

	xdccp_features_renew(f);
	f->changed[XDCCP_LOCAL] = (1 << XDCCP_FEATURES) - 1;
	f->changed[XDCCP_REMOTE] = (1 << XDCCP_FEATURES) - 1;
}

/**
 * xdccp_features_follow() - so many packets are on their way at once
 * @sk: the sender, locked
 * @packets: with data
 *
 * RFC 4340 section 7.5.2: a Sequence Window is about five times what is sent in a round trip, which
 * slow start doubles while the window is agreed on. It does not shrink again.
 */
void xdccp_features_follow(struct sock *sk, u32 packets)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	u64 w = min_t(u64, 8ULL * packets, XDCCP_LARGEST_WINDOW);

	if (w > dp->seq_window[XDCCP_LOCAL] &&
	    w > xdccp_feature_wanted(&dp->features, XDCCP_FEAT_SEQUENCE_WINDOW))
		xdccp_feature_say(&dp->features, XDCCP_FEAT_SEQUENCE_WINDOW,
				  roundup_pow_of_two(w));
}

/**
 * xdccp_features_inherit() - what a request agreed on is its child's
 * @sk: the child; nobody else knows of it
 * @features: the request's
 */
void xdccp_features_inherit(struct sock *sk, struct xdccp_features *features)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	dp->features = *features;
	dp->features.changed[XDCCP_LOCAL] = (1 << XDCCP_FEATURES) - 1;
	dp->features.changed[XDCCP_REMOTE] = (1 << XDCCP_FEATURES) - 1;
}

/**
 * xdccp_features_sockopt() - a program's preferences
 * @sk: the socket, locked
 * @place: whose feature
 * @number: which
 * @list: best first; of a feature that is not negotiable, its value as on the wire
 * @n: octets
 *
 * DCCP_SOCKOPT_TX_CCID and its like. Before a connection begins, or in it.
 *
 * Return: 0, or -EINVAL: no such feature or value; -ENOPROTOOPT: we cannot do this CCID.
 */
int xdccp_features_sockopt(struct sock *sk, enum xdccp_place place, u8 number, const u8 *list,
			   unsigned int n)
{
	const struct xdccp_feature_rule *rule = xdccp_feature_rule(number);
	struct xdccp_sock *dp = xdccp_sk(sk);
	/* RFC 4340 section 10: all begin with 2, and who would not have it says so. */
	bool mandatory = number == XDCCP_FEAT_CCID && !memchr(list, 2, n);
	u64 value = 0;
	unsigned int i;
	int err;

	if (!rule || !n)
		return -EINVAL;
	if (!rule->negotiable) {
		if (place == XDCCP_REMOTE || n > rule->len)
			return -EINVAL;
		for (i = 0; i < n; i++)
			value = value << 8 | list[i];
		return xdccp_feature_say(&dp->features, number, value);
	}
	for (i = 0; number == XDCCP_FEAT_CCID && i < n; i++)
		if (!xdccp_ccid_find(list[i]))
			return -ENOPROTOOPT;
	err = xdccp_feature_prefer(&dp->features, place, number, list, n, mandatory);
	if (!err && number == XDCCP_FEAT_CCID)
		xdccp_features_of_ccid(dp, place, list[0]);
	return err;
}

/* Send Ack Vector of ours: remember what came. */
static int xdccp_activate_ack_vector(struct xdccp_sock *dp, bool on)
{
	if (on && !dp->ackvec) {
		dp->ackvec = kmalloc(sizeof(*dp->ackvec), GFP_ATOMIC);
		if (!dp->ackvec)
			return -ENOMEM;
		xdccp_ackvec_init(dp->ackvec);
	} else if (!on) {
		kfree(dp->ackvec);
		dp->ackvec = NULL;
	}
	return 0;
}

/* Of what the other would have rather the CCID may need what we did not ask for at first. */
static int xdccp_activate_ccid(struct sock *sk, enum xdccp_place place, u8 id)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	bool tx = place == XDCCP_LOCAL;

	xdccp_features_for_ccid(dp, place, id);
	return xdccp_ccid_set(sk, tx ? &dp->tx : &dp->rx, id, tx);
}

static int xdccp_activate(struct sock *sk, enum xdccp_place place, u8 number, u64 value)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	switch (number) {
	case XDCCP_FEAT_CCID:
		return xdccp_activate_ccid(sk, place, value);
	case XDCCP_FEAT_SHORT_SEQNOS:
		dp->short_seqnos[place] = value;
		break;
	case XDCCP_FEAT_SEQUENCE_WINDOW:
		dp->seq_window[place] = value;
		break;
	case XDCCP_FEAT_ECN_INCAPABLE:
		dp->ecn_incapable[place] = value;
		break;
	case XDCCP_FEAT_ACK_RATIO:
		dp->ack_ratio[place] = value;
		break;
	case XDCCP_FEAT_SEND_ACK_VECTOR:
		dp->ack_vector[place] = value;
		return place == XDCCP_LOCAL ? xdccp_activate_ack_vector(dp, value) : 0;
	case XDCCP_FEAT_SEND_NDP_COUNT:
		dp->send_ndp[place] = value;
		break;
	case XDCCP_FEAT_MIN_CSUM_COVER:
		dp->min_cscov[place] = value;
		break;
	case XDCCP_FEAT_DATA_CHECKSUM:
		dp->check_data[place] = value;
		break;
	}
	return 0;
}

static int xdccp_activate_place(struct sock *sk, enum xdccp_place place)
{
	struct xdccp_features *f = &xdccp_sk(sk)->features;
	unsigned long changed = f->changed[place];
	unsigned int i;
	int err;

	f->changed[place] = 0;
	for_each_set_bit(i, &changed, XDCCP_FEATURES) {
		err = xdccp_activate(sk, place, xdccp_feature_number_of(i), f->at[place][i].value);
		if (err)
			return err;
	}
	return 0;
}

/**
 * xdccp_features_activate() - do what was agreed on
 * @sk: the socket, locked
 *
 * After a packet's options, and when a connection begins.
 *
 * Return: 0, or -ENOENT, -ENOMEM: the connection cannot go on.
 */
int xdccp_features_activate(struct sock *sk)
{
	return xdccp_activate_place(sk, XDCCP_LOCAL) ? :
	       xdccp_activate_place(sk, XDCCP_REMOTE);
}
