/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Socket options of SOL_SCTP (RFC 6458 section 8): what options.c lists and others do.
 *
 * A setter gets the program's value in the kernel's memory, zeros behind it; a getter the same and
 * answers in its place, *len octets. The socket is locked.
 */
#ifndef XSCTP_OPTIONS_H
#define XSCTP_OPTIONS_H

#include "sctp.h"

#define XSCTP_OPTION_MAX	320	/* octets of the largest fixed one */

/* Whom an option concerns, by its association id. */
struct xsctp_whom {
	bool				endpoint;	/* associations to come */
	bool				all;		/* those that are there */
	struct xsctp_association	*one;		/* this one alone; NULL: none */
};

static inline bool xsctp_whom_has(const struct xsctp_whom *whom,
				  const struct xsctp_association *a)
{
	return whom->all || whom->one == a;
}

#define xsctp_for_each_whom(a, sk, whom)					\
	list_for_each_entry(a, &xsctp_sk(sk)->associations, link)		\
		if (xsctp_whom_has(whom, a))

/* options.c */
int xsctp_whom_one(struct sock *sk, sctp_assoc_t id, struct xsctp_association **a);
int xsctp_whom_many(struct sock *sk, sctp_assoc_t id, struct xsctp_whom *whom);
int xsctp_whom_there(struct sock *sk, sctp_assoc_t id, struct xsctp_association **a);
int xsctp_may_offer(struct sock *sk, sctp_assoc_t id);

#define XSCTP_SETTER(name) int xsctp_set_##name(struct sock *sk, const void *value, u32 len)
#define XSCTP_GETTER(name) int xsctp_get_##name(struct sock *sk, void *value, u32 *len)

/* params.c: of associations and of the endpoint */
XSCTP_SETTER(rtoinfo);
XSCTP_GETTER(rtoinfo);
XSCTP_SETTER(associnfo);
XSCTP_GETTER(associnfo);
XSCTP_SETTER(initmsg);
XSCTP_GETTER(initmsg);
XSCTP_SETTER(nodelay);
XSCTP_GETTER(nodelay);
XSCTP_SETTER(autoclose);
XSCTP_GETTER(autoclose);
XSCTP_SETTER(adaptation);
XSCTP_GETTER(adaptation);
XSCTP_SETTER(disable_fragments);
XSCTP_GETTER(disable_fragments);
XSCTP_SETTER(mapped);
XSCTP_GETTER(mapped);
XSCTP_SETTER(maxseg);
XSCTP_GETTER(maxseg);
XSCTP_SETTER(delayed_sack);
XSCTP_GETTER(delayed_sack);
XSCTP_SETTER(context);
XSCTP_GETTER(context);
XSCTP_SETTER(interleave);
XSCTP_GETTER(interleave);
XSCTP_SETTER(pd_point);
XSCTP_GETTER(pd_point);
XSCTP_SETTER(max_burst);
XSCTP_GETTER(max_burst);
XSCTP_SETTER(reuse_port);
XSCTP_GETTER(reuse_port);
XSCTP_SETTER(recvrcvinfo);
XSCTP_GETTER(recvrcvinfo);
XSCTP_SETTER(recvnxtinfo);
XSCTP_GETTER(recvnxtinfo);

/* message.c: how messages are sent and what is told of them */
XSCTP_SETTER(default_send);
XSCTP_GETTER(default_send);
XSCTP_SETTER(default_sndinfo);
XSCTP_GETTER(default_sndinfo);
XSCTP_SETTER(default_prinfo);
XSCTP_GETTER(default_prinfo);
XSCTP_SETTER(prsctp);
XSCTP_GETTER(prsctp);
XSCTP_SETTER(events);
XSCTP_GETTER(events);
XSCTP_SETTER(event);
XSCTP_GETTER(event);

/* path.c: of the peer's addresses */
XSCTP_SETTER(primary);
XSCTP_GETTER(primary);
XSCTP_SETTER(paddrparams);
XSCTP_GETTER(paddrparams);
XSCTP_SETTER(thresholds);
XSCTP_GETTER(thresholds);
XSCTP_SETTER(thresholds_v2);
XSCTP_GETTER(thresholds_v2);
XSCTP_SETTER(expose_pf);
XSCTP_GETTER(expose_pf);
int xsctp_find_path(struct sock *sk, sctp_assoc_t id, const struct sockaddr_storage *addr,
		    struct xsctp_transport **t);

/* info.c: what is only to be read */
XSCTP_GETTER(status);
XSCTP_GETTER(peer_addr_info);
XSCTP_GETTER(assoc_number);
XSCTP_GETTER(assoc_stats);
XSCTP_GETTER(pr_assoc_status);
XSCTP_GETTER(pr_stream_status);
int xsctp_get_assoc_ids(struct sock *sk, char __user *value, int __user *optlen, int len);
int xsctp_get_peer_addrs(struct sock *sk, char __user *value, int __user *optlen, int len);
int xsctp_get_local_addrs(struct sock *sk, char __user *value, int __user *optlen, int len);

/* authopt.c */
XSCTP_SETTER(auth_supported);
XSCTP_GETTER(auth_supported);
XSCTP_SETTER(auth_chunk);
XSCTP_SETTER(hmac_ident);
XSCTP_GETTER(hmac_ident);
XSCTP_SETTER(auth_active_key);
XSCTP_GETTER(auth_active_key);
XSCTP_SETTER(auth_delete_key);
XSCTP_SETTER(auth_deactivate_key);
XSCTP_GETTER(peer_auth_chunks);
XSCTP_GETTER(local_auth_chunks);
int xsctp_set_auth_key(struct sock *sk, const struct sctp_authkey *key, u32 len);

/* told.c */
XSCTP_SETTER(auto_asconf);
XSCTP_GETTER(auto_asconf);
XSCTP_SETTER(asconf_supported);
XSCTP_GETTER(asconf_supported);
XSCTP_SETTER(peer_primary);

/* connectx.c */
int xsctp_connectx(struct sock *sk, sockptr_t packed, int len, sctp_assoc_t *id);
int xsctp_connectx3(struct sock *sk, char __user *value, int __user *optlen, int len);

#endif
