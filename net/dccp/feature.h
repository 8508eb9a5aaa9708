/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Features, and how two endpoints agree on them (RFC 4340 section 6). Pure.
 *
 * A feature is located at one of the endpoints: there is, say, a CCID at A and a CCID at B. We
 * ask for a change of ours with Change L, which the peer answers with Confirm R, and of the
 * peer's with Change R, answered with Confirm L.
 *
 *		+----------+   preferences: Change      +----------+
 *		|  STABLE  |--------------------------->| CHANGING |<-. timeout: Change
 *		|	   |<---------------------------|	   |--'
 *		+----------+   Confirm, or empty one    +----------+
 *		  |	 ^			    preferences |   ^ Confirm: Change
 *		  `------'				        v   |
 *		Change: Confirm				+----------+
 *							| UNSTABLE |
 *							+----------+
 *
 * A Change is answered in each of them.
 */
#ifndef XDCCP_FEATURE_H
#define XDCCP_FEATURE_H

#include "wire.h"

/* RFC 4340 section 6.4, RFC 4342 section 8.4 */
enum {
	XDCCP_FEAT_CCID			= 1,
	XDCCP_FEAT_SHORT_SEQNOS		= 2,
	XDCCP_FEAT_SEQUENCE_WINDOW	= 3,
	XDCCP_FEAT_ECN_INCAPABLE	= 4,
	XDCCP_FEAT_ACK_RATIO		= 5,
	XDCCP_FEAT_SEND_ACK_VECTOR	= 6,
	XDCCP_FEAT_SEND_NDP_COUNT	= 7,
	XDCCP_FEAT_MIN_CSUM_COVER	= 8,
	XDCCP_FEAT_DATA_CHECKSUM	= 9,
	XDCCP_FEAT_SEND_LEV_RATE	= 192,
};

enum {
	XDCCP_FEATURES	= 10,		/* that we know */
};

/* Whose feature */
enum xdccp_place {
	XDCCP_LOCAL,
	XDCCP_REMOTE,
	XDCCP_PLACES
};

enum xdccp_feature_state {
	XDCCP_STABLE,
	XDCCP_CHANGING,
	XDCCP_UNSTABLE,
};

#define XDCCP_MAX_PREFERENCES	16	/* in our lists; the peer's may be as long as they can */
#define XDCCP_MAX_UNKNOWN	8	/* features that we owe empty Confirms for */

/* What is known of a feature, by its number. */
struct xdccp_feature_rule {
	u8	number;
	bool	negotiable;		/* server-priority; else its owner just says */
	u8	len;			/* most octets of its value, if not negotiable */
	u64	initial;
	u64	least;
	u64	most;
};

struct xdccp_feature {
	u64	value;			/* in force */
	u64	wanted;			/* not negotiable: what we said in our Change */
	u8	state;			/* enum xdccp_feature_state */
	u8	nr_preferences;
	u8	preferences[XDCCP_MAX_PREFERENCES];	/* best first; or else the value only */
	bool	mandatory;		/* our Change is */
	bool	due;			/* a Change is to be sent now */
	bool	again;			/* it was sent before */
	bool	asked;			/* one was sent, ever */
	bool	disputed;		/* more than one was, by us or the peer */
	bool	confirm;		/* a Confirm is */
	bool	confirm_empty;
};

struct xdccp_features {
	struct xdccp_feature	at[XDCCP_PLACES][XDCCP_FEATURES];
	u64			fgsr;	/* highest packet with such an option that came */
	u64			fgss;	/* highest that we sent */
	bool			server;
	bool			heard;	/* fgsr is one */
	bool			told;	/* fgss is one */
	u16			changed[XDCCP_PLACES];	/* a bit for each whose value did */
	u16			owed[XDCCP_PLACES];	/* that has a Change or a Confirm to send */
	u16			unsettled[XDCCP_PLACES];	/* that is not stable */
	u8			nr_unknown;
	struct {
		u8	type;		/* of the Confirm */
		u8	number;
	} unknown[XDCCP_MAX_UNKNOWN];
};

/* Numbers of packets that options came with. */
struct xdccp_feature_packet {
	u64	seq;
	u64	ack;
	bool	has_ack;
};

const struct xdccp_feature_rule *xdccp_feature_rule(u8 number);
int xdccp_feature_index(u8 number);
u8 xdccp_feature_number_of(unsigned int index);
void xdccp_features_init(struct xdccp_features *f, bool server);
void xdccp_features_renew(struct xdccp_features *f);
u64 xdccp_feature_value(const struct xdccp_features *f, enum xdccp_place place, u8 number);
u64 xdccp_feature_wanted(const struct xdccp_features *f, u8 number);
int xdccp_feature_prefer(struct xdccp_features *f, enum xdccp_place place, u8 number,
			 const u8 *list, unsigned int n, bool mandatory);
int xdccp_feature_say(struct xdccp_features *f, u8 number, u64 value);
u8 xdccp_features_rcv(struct xdccp_features *f, const struct xdccp_option *option,
		      const struct xdccp_feature_packet *packet);
void xdccp_features_rcv_end(struct xdccp_features *f, const struct xdccp_feature_packet *packet);
void xdccp_features_go_round(struct xdccp_features *f, u64 gsr);
void xdccp_features_timeout(struct xdccp_features *f);
bool xdccp_features_pending(const struct xdccp_features *f);
bool xdccp_features_due(const struct xdccp_features *f);
u8 *xdccp_features_put(struct xdccp_features *f, u8 *to, u32 room, u64 seq);

#endif
