/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AUTH (RFC 4895): chunks that only who knows the keys can have sent.
 *
 *	hash.c		MACs, by the kernel's crypto
 *	keys.c		endpoint pair shared keys; with key vectors, association shared keys
 *	auth.c		what was agreed on; the AUTH chunk, sent and received
 *	authopt.c	the options
 *
 * All of it under the socket's lock.
 */
#ifndef XSCTP_AUTH_H
#define XSCTP_AUTH_H

#include "sctp.h"

/* A shared key, of an endpoint or of an association. */
struct xsctp_auth_key {
	struct list_head		link;
	struct xsctp_association	*association;	/* NULL: an endpoint's */
	unsigned int			users;		/* messages */
	u16				id;
	u16				pair_len;	/* of what the program gave */
	bool				deactivated;
	bool				gone;		/* goes with its last user */
	u32				len;
	u8				*bytes;		/* that, then perhaps vectors */
};

/* What an association has of AUTH, from its INIT on. */
struct xsctp_auth {
	struct xsctp_keys	keys;
	bool			on;		/* both sides can */
	u16			hmac;		/* that we sign with */
	u16			peer_key;	/* that the peer signed with last */
	struct xsctp_vector	mine;
	struct xsctp_vector	peer;
	DECLARE_BITMAP(signs, 256);		/* chunks that the peer wants signed */
	DECLARE_BITMAP(demands, 256);		/* chunks that we want signed */
};

#define XSCTP_MAX_KEYS		32	/* of an endpoint or an association */
#define XSCTP_MAX_KEY_LEN	4096	/* octets */

/* hash.c */
u16 xsctp_mac_len(u16 hmac);
int xsctp_hash(u16 hmac, const u8 *key, u32 key_len, const u8 *head, u32 head_len,
	       const struct sk_buff *skb, u32 offset, u8 *mac);

/* keys.c */
void xsctp_keys_init(struct xsctp_keys *keys);
void xsctp_keys_purge(struct xsctp_keys *keys);
int xsctp_keys_copy(struct xsctp_keys *to, const struct xsctp_keys *from,
		    struct xsctp_association *a, gfp_t gfp);
int xsctp_key_derive(struct xsctp_auth *auth, struct xsctp_auth_key *k, gfp_t gfp);
int xsctp_keys_derive(struct xsctp_auth *auth, gfp_t gfp);
struct xsctp_auth_key *xsctp_key_find(const struct xsctp_keys *keys, u16 id);
int xsctp_key_set(struct xsctp_keys *keys, struct xsctp_association *a, u16 id, const u8 *pair,
		  u16 len, gfp_t gfp);
void xsctp_key_remove(struct xsctp_keys *keys, struct xsctp_auth_key *k);
void xsctp_key_free(struct xsctp_auth_key *k);
int xsctp_key_concat(const u8 *pair, u16 pair_len, const struct xsctp_vector *one,
		     const struct xsctp_vector *other, gfp_t gfp, u8 **bytes, u32 *len);
bool xsctp_keys_have(const struct xsctp_keys *keys, u16 id);

/* auth.c */
int xsctp_auth_new(struct xsctp_association *a, gfp_t gfp);
bool xsctp_auth_may_list(u8 type);

#endif
