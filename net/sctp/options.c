// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt(2) and getsockopt(2): which options there are, and whom they concern.
 *
 * What belongs to an extension that is not here is listed as such: a program is told that it is
 * not supported, where there is an option to ask by, and EOPNOTSUPP otherwise.
 */

#include <net/ip.h>
#include <net/ipv6.h>

#include "options.h"

#define XSCTP_MAX_KEY_OPTION	8192
#define XSCTP_MAX_PACKED	(XSCTP_MAX_ADDRESSES * sizeof(struct sockaddr_in6))

/* ------------------------------------------------------------- whom it concerns */

static struct xsctp_association *xsctp_only_association(struct sock *sk)
{
	return list_first_entry_or_null(&xsctp_sk(sk)->associations, struct xsctp_association,
					link);
}

/**
 * xsctp_whom_one() - whom an option concerns that is of one association, or of those to come
 * @sk: locked
 * @id: as the program gave it; a one-to-one socket's does not matter
 * @a: the association; NULL: those to come
 *
 * RFC 6458 section 7.1 and 8.
 *
 * Return: 0, or -EINVAL if there is no such association.
 */
int xsctp_whom_one(struct sock *sk, sctp_assoc_t id, struct xsctp_association **a)
{
	*a = NULL;
	if (!xsctp_sk(sk)->one_to_many) {
		*a = xsctp_only_association(sk);
		return 0;
	}
	if (id == SCTP_FUTURE_ASSOC)
		return 0;
	if (id > SCTP_ALL_ASSOC)
		*a = xsctp_association_by_id(sk, id);
	return *a ? 0 : -EINVAL;
}

/**
 * xsctp_whom_many() - likewise if it may concern many: SCTP_CURRENT_ASSOC, SCTP_ALL_ASSOC
 * @sk: locked
 * @id: as the program gave it
 * @whom: filled in
 *
 * Return: 0, or -EINVAL if there is no such association.
 */
int xsctp_whom_many(struct sock *sk, sctp_assoc_t id, struct xsctp_whom *whom)
{
	int err;

	*whom = (struct xsctp_whom) { };
	if (xsctp_sk(sk)->one_to_many && (id == SCTP_CURRENT_ASSOC || id == SCTP_ALL_ASSOC)) {
		whom->all = true;
		whom->endpoint = id == SCTP_ALL_ASSOC;
		return 0;
	}
	err = xsctp_whom_one(sk, id, &whom->one);
	whom->endpoint = !err && !whom->one;
	return err;
}

/**
 * xsctp_whom_there() - likewise if it concerns one that is there
 * @sk: locked
 * @id: as the program gave it
 * @a: the association
 *
 * Return: 0, or -EINVAL if there is none.
 */
int xsctp_whom_there(struct sock *sk, sctp_assoc_t id, struct xsctp_association **a)
{
	int err = xsctp_whom_one(sk, id, a);

	return err || *a ? err : -EINVAL;
}

/**
 * xsctp_may_offer() - may a program still say whether an extension is to be offered?
 * @sk: locked
 * @id: as the program gave it
 *
 * Return: 0, or -EINVAL: there is no such association, or it is too late for it.
 */
int xsctp_may_offer(struct sock *sk, sctp_assoc_t id)
{
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, id, &a);

	return !err && a && xsctp_sk(sk)->one_to_many ? -EINVAL : err;
}

/* -------------------------------------------------------------- not here yet */

static XSCTP_SETTER(unsupported)
{
	return -EOPNOTSUPP;
}

static XSCTP_GETTER(unsupported)
{
	return -EOPNOTSUPP;
}

/* An association's number: whether. Off is what it is. */
static XSCTP_SETTER(assoc_off)
{
	const struct sctp_assoc_value *av = value;
	struct xsctp_whom whom;
	int err = xsctp_whom_many(sk, av->assoc_id, &whom);

	return err ? : av->assoc_value ? -EOPNOTSUPP : 0;
}

static XSCTP_GETTER(assoc_off)
{
	struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, av->assoc_id, &a);

	av->assoc_value = 0;
	*len = sizeof(*av);
	return err;
}

static XSCTP_SETTER(udp_port)
{
	return ((const struct sctp_udpencaps *)value)->sue_port ? -EOPNOTSUPP : 0;
}

static XSCTP_GETTER(udp_port)
{
	((struct sctp_udpencaps *)value)->sue_port = 0;
	*len = sizeof(struct sctp_udpencaps);
	return 0;
}

/* SCTP_ECN_SUPPORTED (RFC 9260 appendix A): what is to be offered; read, what was agreed */
static XSCTP_SETTER(ecn)
{
	const struct sctp_assoc_value *av = value;
	int err = xsctp_may_offer(sk, av->assoc_id);

	if (!err)
		xsctp_sk(sk)->ecn = av->assoc_value;
	return err;
}

static XSCTP_GETTER(ecn)
{
	struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, av->assoc_id, &a);

	if (!err)
		av->assoc_value = a ? a->ecn : xsctp_sk(sk)->ecn;
	*len = sizeof(*av);
	return err;
}

/* ------------------------------------------------------------------ the lists */

struct xsctp_setter {
	u16	least;		/* octets */
	u16	most;
	int	(*set)(struct sock *sk, const void *value, u32 len);
};

#define XSCTP_ANY_LEN		U16_MAX
#define XSCTP_SET_INT(name)	{ sizeof(int), XSCTP_ANY_LEN, xsctp_set_##name }
#define XSCTP_SET_SIZE(name, size) { size, size, xsctp_set_##name }
#define XSCTP_SET_OF(name, type) XSCTP_SET_SIZE(name, sizeof(type))
#define XSCTP_SET_NONE		{ 0, XSCTP_ANY_LEN, xsctp_set_unsupported }

static const struct xsctp_setter xsctp_setters[] = {
	[SCTP_RTOINFO]			= XSCTP_SET_OF(rtoinfo, struct sctp_rtoinfo),
	[SCTP_ASSOCINFO]		= XSCTP_SET_OF(associnfo, struct sctp_assocparams),
	[SCTP_INITMSG]			= XSCTP_SET_OF(initmsg, struct sctp_initmsg),
	[SCTP_NODELAY]			= XSCTP_SET_INT(nodelay),
	[SCTP_AUTOCLOSE]		= XSCTP_SET_OF(autoclose, u32),
	[SCTP_SET_PEER_PRIMARY_ADDR]	= XSCTP_SET_OF(peer_primary, struct sctp_setpeerprim),
	[SCTP_PRIMARY_ADDR]		= XSCTP_SET_OF(primary, struct sctp_prim),
	[SCTP_ADAPTATION_LAYER]		= XSCTP_SET_OF(adaptation, struct sctp_setadaptation),
	[SCTP_DISABLE_FRAGMENTS]	= XSCTP_SET_INT(disable_fragments),
	[SCTP_PEER_ADDR_PARAMS]		= { 1, sizeof(struct sctp_paddrparams),
					    xsctp_set_paddrparams },
	[SCTP_DEFAULT_SEND_PARAM]	= XSCTP_SET_OF(default_send, struct sctp_sndrcvinfo),
	[SCTP_EVENTS]			= { 1, XSCTP_OPTION_MAX, xsctp_set_events },
	[SCTP_I_WANT_MAPPED_V4_ADDR]	= XSCTP_SET_INT(mapped),
	[SCTP_MAXSEG]			= { sizeof(int), sizeof(struct sctp_assoc_value),
					    xsctp_set_maxseg },
	[SCTP_DELAYED_SACK]		= { sizeof(struct sctp_assoc_value),
					    sizeof(struct sctp_sack_info),
					    xsctp_set_delayed_sack },
	[SCTP_CONTEXT]			= XSCTP_SET_OF(context, struct sctp_assoc_value),
	[SCTP_FRAGMENT_INTERLEAVE]	= XSCTP_SET_SIZE(interleave, sizeof(int)),
	[SCTP_PARTIAL_DELIVERY_POINT]	= XSCTP_SET_OF(pd_point, u32),
	[SCTP_MAX_BURST]		= { sizeof(int), sizeof(struct sctp_assoc_value),
					    xsctp_set_max_burst },
	[SCTP_AUTH_CHUNK]		= XSCTP_SET_OF(auth_chunk, struct sctp_authchunk),
	[SCTP_HMAC_IDENT]		= { sizeof(struct sctp_hmacalgo), XSCTP_OPTION_MAX,
					    xsctp_set_hmac_ident },
	[SCTP_AUTH_ACTIVE_KEY]		= XSCTP_SET_OF(auth_active_key, struct sctp_authkeyid),
	[SCTP_AUTH_DELETE_KEY]		= XSCTP_SET_OF(auth_delete_key, struct sctp_authkeyid),
	[SCTP_AUTO_ASCONF]		= XSCTP_SET_INT(auto_asconf),
	[SCTP_PEER_ADDR_THLDS]		= XSCTP_SET_OF(thresholds, struct sctp_paddrthlds),
	[SCTP_RECVRCVINFO]		= XSCTP_SET_INT(recvrcvinfo),
	[SCTP_RECVNXTINFO]		= XSCTP_SET_INT(recvnxtinfo),
	[SCTP_DEFAULT_SNDINFO]		= XSCTP_SET_OF(default_sndinfo, struct sctp_sndinfo),
	[SCTP_AUTH_DEACTIVATE_KEY]	= XSCTP_SET_OF(auth_deactivate_key, struct sctp_authkeyid),
	[SCTP_REUSE_PORT]		= XSCTP_SET_INT(reuse_port),
	[SCTP_PEER_ADDR_THLDS_V2]	= XSCTP_SET_OF(thresholds_v2, struct sctp_paddrthlds_v2),
	[SCTP_PR_SUPPORTED]		= XSCTP_SET_OF(prsctp, struct sctp_assoc_value),
	[SCTP_DEFAULT_PRINFO]		= XSCTP_SET_OF(default_prinfo, struct sctp_default_prinfo),
	[SCTP_RECONFIG_SUPPORTED]	= XSCTP_SET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_ENABLE_STREAM_RESET]	= XSCTP_SET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_RESET_STREAMS]		= XSCTP_SET_NONE,
	[SCTP_RESET_ASSOC]		= XSCTP_SET_NONE,
	[SCTP_ADD_STREAMS]		= XSCTP_SET_NONE,
	[SCTP_STREAM_SCHEDULER]		= XSCTP_SET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_STREAM_SCHEDULER_VALUE]	= XSCTP_SET_NONE,
	[SCTP_INTERLEAVING_SUPPORTED]	= XSCTP_SET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_EVENT]			= XSCTP_SET_OF(event, struct sctp_event),
	[SCTP_ASCONF_SUPPORTED]		= XSCTP_SET_OF(asconf_supported, struct sctp_assoc_value),
	[SCTP_AUTH_SUPPORTED]		= XSCTP_SET_OF(auth_supported, struct sctp_assoc_value),
	[SCTP_ECN_SUPPORTED]		= XSCTP_SET_OF(ecn, struct sctp_assoc_value),
	[SCTP_EXPOSE_POTENTIALLY_FAILED_STATE] = XSCTP_SET_OF(expose_pf, struct sctp_assoc_value),
	[SCTP_REMOTE_UDP_ENCAPS_PORT]	= XSCTP_SET_OF(udp_port, struct sctp_udpencaps),
	[SCTP_PLPMTUD_PROBE_INTERVAL]	= XSCTP_SET_NONE,
};

struct xsctp_getter {
	u16	least;		/* octets of the program's buffer */
	int	(*get)(struct sock *sk, void *value, u32 *len);
};

#define XSCTP_GET_INT(name)	{ sizeof(int), xsctp_get_##name }
#define XSCTP_GET_OF(name, type) { sizeof(type), xsctp_get_##name }
#define XSCTP_GET_NONE		{ 0, xsctp_get_unsupported }

static const struct xsctp_getter xsctp_getters[] = {
	[SCTP_RTOINFO]			= XSCTP_GET_OF(rtoinfo, struct sctp_rtoinfo),
	[SCTP_ASSOCINFO]		= XSCTP_GET_OF(associnfo, struct sctp_assocparams),
	[SCTP_INITMSG]			= XSCTP_GET_OF(initmsg, struct sctp_initmsg),
	[SCTP_NODELAY]			= XSCTP_GET_INT(nodelay),
	[SCTP_AUTOCLOSE]		= XSCTP_GET_INT(autoclose),
	[SCTP_PRIMARY_ADDR]		= XSCTP_GET_OF(primary, struct sctp_prim),
	[SCTP_ADAPTATION_LAYER]		= XSCTP_GET_OF(adaptation, struct sctp_setadaptation),
	[SCTP_DISABLE_FRAGMENTS]	= XSCTP_GET_INT(disable_fragments),
	[SCTP_PEER_ADDR_PARAMS]		= { 1, xsctp_get_paddrparams },
	[SCTP_DEFAULT_SEND_PARAM]	= XSCTP_GET_OF(default_send, struct sctp_sndrcvinfo),
	[SCTP_EVENTS]			= { 1, xsctp_get_events },
	[SCTP_I_WANT_MAPPED_V4_ADDR]	= XSCTP_GET_INT(mapped),
	[SCTP_MAXSEG]			= XSCTP_GET_INT(maxseg),
	[SCTP_STATUS]			= XSCTP_GET_OF(status, struct sctp_status),
	[SCTP_GET_PEER_ADDR_INFO]	= XSCTP_GET_OF(peer_addr_info, struct sctp_paddrinfo),
	[SCTP_DELAYED_SACK]		= XSCTP_GET_OF(delayed_sack, struct sctp_assoc_value),
	[SCTP_CONTEXT]			= XSCTP_GET_OF(context, struct sctp_assoc_value),
	[SCTP_FRAGMENT_INTERLEAVE]	= XSCTP_GET_INT(interleave),
	[SCTP_PARTIAL_DELIVERY_POINT]	= XSCTP_GET_INT(pd_point),
	[SCTP_MAX_BURST]		= XSCTP_GET_INT(max_burst),
	[SCTP_HMAC_IDENT]		= XSCTP_GET_OF(hmac_ident, struct sctp_hmacalgo),
	[SCTP_AUTH_ACTIVE_KEY]		= XSCTP_GET_OF(auth_active_key, struct sctp_authkeyid),
	[SCTP_PEER_AUTH_CHUNKS]		= XSCTP_GET_OF(peer_auth_chunks, struct sctp_authchunks),
	[SCTP_LOCAL_AUTH_CHUNKS]	= XSCTP_GET_OF(local_auth_chunks, struct sctp_authchunks),
	[SCTP_GET_ASSOC_NUMBER]		= XSCTP_GET_INT(assoc_number),
	[SCTP_AUTO_ASCONF]		= XSCTP_GET_INT(auto_asconf),
	[SCTP_PEER_ADDR_THLDS]		= XSCTP_GET_OF(thresholds, struct sctp_paddrthlds),
	[SCTP_RECVRCVINFO]		= XSCTP_GET_INT(recvrcvinfo),
	[SCTP_RECVNXTINFO]		= XSCTP_GET_INT(recvnxtinfo),
	[SCTP_DEFAULT_SNDINFO]		= XSCTP_GET_OF(default_sndinfo, struct sctp_sndinfo),
	[SCTP_REUSE_PORT]		= XSCTP_GET_INT(reuse_port),
	[SCTP_PEER_ADDR_THLDS_V2]	= XSCTP_GET_OF(thresholds_v2, struct sctp_paddrthlds_v2),
	[SCTP_GET_ASSOC_STATS]		= { sizeof(sctp_assoc_t), xsctp_get_assoc_stats },
	[SCTP_PR_SUPPORTED]		= XSCTP_GET_OF(prsctp, struct sctp_assoc_value),
	[SCTP_DEFAULT_PRINFO]		= XSCTP_GET_OF(default_prinfo, struct sctp_default_prinfo),
	[SCTP_PR_ASSOC_STATUS]		= XSCTP_GET_OF(pr_assoc_status, struct sctp_prstatus),
	[SCTP_PR_STREAM_STATUS]		= XSCTP_GET_OF(pr_stream_status, struct sctp_prstatus),
	[SCTP_RECONFIG_SUPPORTED]	= XSCTP_GET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_ENABLE_STREAM_RESET]	= XSCTP_GET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_STREAM_SCHEDULER]		= XSCTP_GET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_STREAM_SCHEDULER_VALUE]	= XSCTP_GET_NONE,
	[SCTP_INTERLEAVING_SUPPORTED]	= XSCTP_GET_OF(assoc_off, struct sctp_assoc_value),
	[SCTP_EVENT]			= XSCTP_GET_OF(event, struct sctp_event),
	[SCTP_ASCONF_SUPPORTED]		= XSCTP_GET_OF(asconf_supported, struct sctp_assoc_value),
	[SCTP_AUTH_SUPPORTED]		= XSCTP_GET_OF(auth_supported, struct sctp_assoc_value),
	[SCTP_ECN_SUPPORTED]		= XSCTP_GET_OF(ecn, struct sctp_assoc_value),
	[SCTP_EXPOSE_POTENTIALLY_FAILED_STATE] = XSCTP_GET_OF(expose_pf, struct sctp_assoc_value),
	[SCTP_REMOTE_UDP_ENCAPS_PORT]	= XSCTP_GET_OF(udp_port, struct sctp_udpencaps),
	[SCTP_PLPMTUD_PROBE_INTERVAL]	= XSCTP_GET_NONE,
};

/* ----------------------------------------------------------------------- set */

static int xsctp_set_fixed(struct sock *sk, int name, sockptr_t value, unsigned int len)
{
	const struct xsctp_setter *setter;
	u64 copy[XSCTP_OPTION_MAX / sizeof(u64)] = { };
	u32 n = min_t(unsigned int, len, sizeof(copy));
	int err;

	if (name < 0 || name >= (int)ARRAY_SIZE(xsctp_setters) || !xsctp_setters[name].set)
		return -ENOPROTOOPT;
	setter = &xsctp_setters[name];
	if (len < setter->least || (setter->most != XSCTP_ANY_LEN && len > setter->most))
		return -EINVAL;
	if (copy_from_sockptr(copy, value, n))
		return -EFAULT;
	lock_sock(sk);
	err = setter->set(sk, copy, n);
	release_sock(sk);
	return err;
}

static int xsctp_set_bindx(struct sock *sk, int name, sockptr_t value, unsigned int len)
{
	void *packed;
	int err;

	if (!len || len > XSCTP_MAX_PACKED)
		return -EINVAL;
	packed = memdup_sockptr(value, len);
	if (IS_ERR(packed))
		return PTR_ERR(packed);
	lock_sock(sk);
	err = name == SCTP_SOCKOPT_BINDX_ADD ? xsctp_bindx_add(sk, packed, len) :
					       xsctp_bindx_rem(sk, packed, len);
	release_sock(sk);
	kfree(packed);
	return err;
}

static int xsctp_set_long_key(struct sock *sk, sockptr_t value, unsigned int len)
{
	struct sctp_authkey *key;
	int err;

	if (len < sizeof(*key) || len > XSCTP_MAX_KEY_OPTION)
		return -EINVAL;
	key = memdup_sockptr(value, len);
	if (IS_ERR(key))
		return PTR_ERR(key);
	lock_sock(sk);
	err = xsctp_set_auth_key(sk, key, len);
	release_sock(sk);
	kfree_sensitive(key);
	return err;
}

/* The newer form answers with the id. */
static int xsctp_set_connectx(struct sock *sk, int name, sockptr_t value, unsigned int len)
{
	sctp_assoc_t id;
	int err;

	if (len > XSCTP_MAX_PACKED)
		return -EINVAL;
	lock_sock(sk);
	err = xsctp_connectx(sk, value, len, &id);
	release_sock(sk);
	return err || name == SCTP_SOCKOPT_CONNECTX_OLD ? err : id;
}

/**
 * xsctp_setsockopt() - the setsockopt of struct proto
 * @sk: not locked
 * @level: SOL_SCTP, or the family's
 * @name: of the option
 * @value: from the program
 * @len: of @value
 *
 * Return: 0 or an error of setsockopt(2); of SCTP_SOCKOPT_CONNECTX an association id.
 */
int xsctp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	if (level != SOL_SCTP)
		return sk->sk_family == AF_INET6 ? ipv6_setsockopt(sk, level, name, value, len) :
						   ip_setsockopt(sk, level, name, value, len);
	switch (name) {
	case SCTP_SOCKOPT_BINDX_ADD:
	case SCTP_SOCKOPT_BINDX_REM:
		return xsctp_set_bindx(sk, name, value, len);
	case SCTP_SOCKOPT_CONNECTX:
	case SCTP_SOCKOPT_CONNECTX_OLD:
		return xsctp_set_connectx(sk, name, value, len);
	case SCTP_AUTH_KEY:
		return xsctp_set_long_key(sk, value, len);
	default:
		return xsctp_set_fixed(sk, name, value, len);
	}
}

/* ----------------------------------------------------------------------- get */

static int xsctp_get_fixed(struct sock *sk, int name, char __user *value, int __user *optlen,
			   int len)
{
	u64 answer[XSCTP_OPTION_MAX / sizeof(u64)] = { };
	u32 n = min_t(int, len, sizeof(answer));
	const struct xsctp_getter *getter;
	int err;

	BUILD_BUG_ON(sizeof(struct sctp_assoc_stats) > sizeof(answer) ||
		     sizeof(struct sctp_status) > sizeof(answer));
	if (name < 0 || name >= (int)ARRAY_SIZE(xsctp_getters) || !xsctp_getters[name].get)
		return -ENOPROTOOPT;
	getter = &xsctp_getters[name];
	if (len < getter->least)
		return -EINVAL;
	if (copy_from_user(answer, value, n))
		return -EFAULT;
	lock_sock(sk);
	err = getter->get(sk, answer, &n);
	release_sock(sk);
	if (err)
		return err;
	if (copy_to_user(value, answer, n) || put_user((int)n, optlen))
		return -EFAULT;
	return 0;
}

/* With and without flags; both answer with the descriptor as well. */
static int xsctp_get_peeloff(struct sock *sk, char __user *value, int __user *optlen, int len,
			     bool has_flags)
{
	int size = has_flags ? sizeof(sctp_peeloff_flags_arg_t) : sizeof(sctp_peeloff_arg_t);
	sctp_peeloff_flags_arg_t arg = { };
	int fd;

	if (len < size)
		return -EINVAL;
	if (copy_from_user(&arg, value, size))
		return -EFAULT;
	fd = xsctp_peeloff(sk, arg.p_arg.associd, arg.flags);
	if (fd < 0)
		return fd;
	arg.p_arg.sd = fd;
	/* The descriptor is the program's already, whether it hears of it or not. */
	if (copy_to_user(value, &arg, size) || put_user(size, optlen))
		return -EFAULT;
	return fd;
}

static int xsctp_get_long(struct sock *sk, int name, char __user *value, int __user *optlen,
			  int len)
{
	int err;

	lock_sock(sk);
	switch (name) {
	case SCTP_GET_ASSOC_ID_LIST:
		err = xsctp_get_assoc_ids(sk, value, optlen, len);
		break;
	case SCTP_GET_PEER_ADDRS:
		err = xsctp_get_peer_addrs(sk, value, optlen, len);
		break;
	case SCTP_GET_LOCAL_ADDRS:
		err = xsctp_get_local_addrs(sk, value, optlen, len);
		break;
	default:
		err = xsctp_connectx3(sk, value, optlen, len);
	}
	release_sock(sk);
	return err;
}

/**
 * xsctp_getsockopt() - the getsockopt of struct proto
 * @sk: not locked
 * @level: SOL_SCTP, or the family's
 * @name: of the option
 * @value: the program's buffer; often with a question in it
 * @optlen: its length, and what was written
 *
 * Return: 0 or an error of getsockopt(2); of SCTP_SOCKOPT_PEELOFF a descriptor.
 */
int xsctp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *optlen)
{
	int len;

	if (level != SOL_SCTP)
		return sk->sk_family == AF_INET6 ? ipv6_getsockopt(sk, level, name, value, optlen) :
						   ip_getsockopt(sk, level, name, value, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (name) {
	case SCTP_SOCKOPT_PEELOFF:
		return xsctp_get_peeloff(sk, value, optlen, len, false);
	case SCTP_SOCKOPT_PEELOFF_FLAGS:
		return xsctp_get_peeloff(sk, value, optlen, len, true);
	case SCTP_GET_ASSOC_ID_LIST:
	case SCTP_GET_PEER_ADDRS:
	case SCTP_GET_LOCAL_ADDRS:
	case SCTP_SOCKOPT_CONNECTX3:
		return xsctp_get_long(sk, name, value, optlen, len);
	default:
		return xsctp_get_fixed(sk, name, value, optlen, len);
	}
}
