/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ASCONF (RFC 5061): addresses come and go while an association lives.
 *
 *	told.c		which of our addresses the peer knows, and what it is asked
 *	asconf.c	what the peer asks
 *
 * All of it under the socket's lock, but xsctp_told_leaving().
 */
#ifndef XSCTP_ASCONF_H
#define XSCTP_ASCONF_H

#include "sctp.h"

#define XSCTP_MAX_TOLD	(2 * XSCTP_MAX_ADDRESSES)
#define XSCTP_MAX_ASKED	8	/* requests of one ASCONF for addresses */

enum xsctp_told_state {
	XSCTP_TOLD_FREE,	/* this place is */
	XSCTP_TOLD,		/* the peer knows the address */
	XSCTP_TOLD_ADDING,	/* not yet: no packet comes from it, if that can be helped */
	XSCTP_TOLD_LEAVING,	/* still: what it sends there is taken */
};

/* An address of ours. It keeps its place as long as it is here: readers hold no lock. */
struct xsctp_told {
	struct xl4_addr	addr;
	u8		state;
	bool		asked;		/* of the peer, in the ASCONF that is out */
	bool		refused;
};

struct xsctp_asconf {
	struct rcu_head		rcu;
	struct xsctp_told	told[XSCTP_MAX_TOLD];
	u32			serial;		/* of the next ASCONF */
	u8			*chunk;		/* that is out, without its header; NULL: none is */
	u16			len;
	struct xsctp_transport	*to;		/* where it went last */
	u8			nr_asked;
	u8			asked[XSCTP_MAX_ASKED + 1];	/* correlation ids, in order */
	bool			has_wish;	/* for the peer's primary path: */
	struct xl4_addr		wish;
	u32			peer_serial;	/* of the peer's last ASCONF */
	u8			*answer;	/* to it, without its header; NULL: none yet */
	u16			answer_len;
};

#endif
