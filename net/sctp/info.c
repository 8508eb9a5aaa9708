// SPDX-License-Identifier: GPL-2.0
/* Options that only tell: of associations, paths, addresses and counts (RFC 6458 section 8.2). */

#include "options.h"

static void xsctp_fill_path(struct sctp_paddrinfo *info, const struct xsctp_transport *t)
{
	const struct xsctp_association *a = t->association;
	struct sockaddr_storage addr = { };

	xsctp_addr_to(a->sk, &t->key.peer, a->peer_port, &addr);
	info->spinfo_assoc_id = a->id;
	info->spinfo_address = addr;
	/* RFC 7829 section 7.3: who did not ask for it is told as if it were not there. */
	info->spinfo_state = t->state == SCTP_PF && !a->pf_expose ? SCTP_ACTIVE : t->state;
	info->spinfo_cwnd = t->cwnd;
	info->spinfo_srtt = (t->rto.srtt_us >> 3) / USEC_PER_MSEC;
	info->spinfo_rto = xl4_rto_us(&t->rto) / USEC_PER_MSEC;
	info->spinfo_mtu = t->path_mtu;
}

static u16 xsctp_u16(u32 value)
{
	return min_t(u32, value, U16_MAX);
}

/* SCTP_STATUS, section 8.2.1 */
XSCTP_GETTER(status)
{
	struct sctp_status *status = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_there(sk, status->sstat_assoc_id, &a);
	if (err)
		return err;
	memset(status, 0, sizeof(*status));
	status->sstat_assoc_id = a->id;
	status->sstat_state = a->state;
	status->sstat_rwnd = a->peer_rwnd;
	status->sstat_unackdata = xsctp_u16(a->nr_sent);
	status->sstat_penddata = xsctp_u16(skb_queue_len(&sk->sk_receive_queue));
	status->sstat_instrms = a->nr_in;
	status->sstat_outstrms = a->nr_out;
	status->sstat_fragmentation_point = a->frag_point;
	if (a->primary)
		xsctp_fill_path(&status->sstat_primary, a->primary);
	*len = sizeof(*status);
	return 0;
}

/* SCTP_GET_PEER_ADDR_INFO, section 8.2.2 */
XSCTP_GETTER(peer_addr_info)
{
	struct sctp_paddrinfo *info = value;
	struct sockaddr_storage addr = info->spinfo_address;
	struct xsctp_transport *t;
	int err;

	err = xsctp_find_path(sk, info->spinfo_assoc_id, &addr, &t);
	if (err)
		return err;
	xsctp_fill_path(info, t);
	*len = sizeof(*info);
	return 0;
}

/* SCTP_GET_ASSOC_NUMBER, section 8.2.5 */
XSCTP_GETTER(assoc_number)
{
	if (!xsctp_sk(sk)->one_to_many)
		return -EOPNOTSUPP;
	*(u32 *)value = xsctp_sk(sk)->nr_associations;
	*len = sizeof(u32);
	return 0;
}

/* SCTP_GET_ASSOC_STATS; the longest RTO is that since the last time. */
XSCTP_GETTER(assoc_stats)
{
	struct sctp_assoc_stats *stats = value;
	struct sockaddr_storage addr = { };
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_there(sk, stats->sas_assoc_id, &a);
	if (err)
		return err;
	if (a->primary)
		xsctp_addr_to(sk, &a->primary->key.peer, a->peer_port, &addr);
	/* There is padding in it, which an initializer may leave as it is. */
	memset(stats, 0, sizeof(*stats));
	stats->sas_assoc_id = a->id;
	stats->sas_obs_rto_ipaddr = addr;
	stats->sas_maxrto = a->count.max_rto;
	stats->sas_isacks = a->count.isacks;
	stats->sas_osacks = a->count.osacks;
	stats->sas_opackets = a->count.opackets;
	stats->sas_ipackets = a->count.ipackets;
	stats->sas_rtxchunks = a->count.rtxchunks;
	stats->sas_outofseqtsns = a->count.outofseqtsns;
	stats->sas_idupchunks = a->count.idupchunks;
	stats->sas_gapcnt = a->count.gapcnt;
	stats->sas_ouodchunks = a->count.ouodchunks;
	stats->sas_iuodchunks = a->count.iuodchunks;
	stats->sas_oodchunks = a->count.oodchunks;
	stats->sas_iodchunks = a->count.iodchunks;
	stats->sas_octrlchunks = a->count.octrlchunks;
	stats->sas_ictrlchunks = a->count.ictrlchunks;
	a->count.max_rto = 0;
	*len = min_t(u32, *len, sizeof(*stats));
	return 0;
}

/* ------------------------------------------------------- partial reliability */

static bool xsctp_policy_known(u16 policy)
{
	return policy && !(policy & ~(SCTP_PR_SCTP_MASK | SCTP_PR_SCTP_ALL));
}

/* RFC 7496 section 4.3 */
XSCTP_GETTER(pr_assoc_status)
{
	struct sctp_prstatus *pr = value;
	struct xsctp_association *a;
	unsigned int i;
	int err;

	if (!xsctp_policy_known(pr->sprstat_policy))
		return -EINVAL;
	err = xsctp_whom_there(sk, pr->sprstat_assoc_id, &a);
	if (err)
		return err;
	pr->sprstat_abandoned_unsent = 0;
	pr->sprstat_abandoned_sent = 0;
	for (i = 0; i < ARRAY_SIZE(a->abandoned); i++) {
		if (!(pr->sprstat_policy & SCTP_PR_SCTP_ALL) &&
		    i != __SCTP_PR_INDEX(SCTP_PR_POLICY(pr->sprstat_policy)))
			continue;
		pr->sprstat_abandoned_unsent += a->abandoned[i].unsent;
		pr->sprstat_abandoned_sent += a->abandoned[i].sent;
	}
	*len = sizeof(*pr);
	return 0;
}

/* RFC 7496 section 4.4 */
XSCTP_GETTER(pr_stream_status)
{
	struct sctp_prstatus *pr = value;
	const struct xsctp_out_stream *out;
	struct xsctp_association *a;
	unsigned int i;
	int err;

	if (!xsctp_policy_known(pr->sprstat_policy))
		return -EINVAL;
	err = xsctp_whom_there(sk, pr->sprstat_assoc_id, &a);
	if (err)
		return err;
	if (pr->sprstat_sid >= a->nr_out)
		return -EINVAL;
	out = xsctp_out_stream(a, pr->sprstat_sid);
	pr->sprstat_abandoned_unsent = 0;
	pr->sprstat_abandoned_sent = 0;
	for (i = 0; out && i < ARRAY_SIZE(out->abandoned); i++) {
		if (!(pr->sprstat_policy & SCTP_PR_SCTP_ALL) &&
		    i != __SCTP_PR_INDEX(SCTP_PR_POLICY(pr->sprstat_policy)))
			continue;
		pr->sprstat_abandoned_unsent += out->abandoned[i].unsent;
		pr->sprstat_abandoned_sent += out->abandoned[i].sent;
	}
	*len = sizeof(*pr);
	return 0;
}

/* ---------------------------------------------------------- of any length */

static int xsctp_put_answer(char __user *value, int __user *optlen, const void *answer, int len)
{
	if (copy_to_user(value, answer, len) || put_user(len, optlen))
		return -EFAULT;
	return 0;
}

/**
 * xsctp_get_assoc_ids() - SCTP_GET_ASSOC_ID_LIST (section 8.2.6)
 * @sk: locked
 * @value: for a struct sctp_assoc_ids
 * @optlen: its length
 * @len: the same
 *
 * Return: 0, -EOPNOTSUPP on a one-to-one socket, -EINVAL if they do not fit, -ENOMEM, -EFAULT.
 */
int xsctp_get_assoc_ids(struct sock *sk, char __user *value, int __user *optlen, int len)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	const struct xsctp_association *a;
	struct sctp_assoc_ids *ids;
	int need, err;
	u32 n = 0;

	if (!xs->one_to_many)
		return -EOPNOTSUPP;
	need = struct_size(ids, gaids_assoc_id, xs->nr_associations);
	if (len < need)
		return -EINVAL;
	ids = kvmalloc(need, GFP_KERNEL);
	if (!ids)
		return -ENOMEM;
	list_for_each_entry(a, &xs->associations, link)
		if (n < xs->nr_associations)
			ids->gaids_assoc_id[n++] = a->id;
	ids->gaids_number_of_ids = n;
	err = xsctp_put_answer(value, optlen, ids, struct_size(ids, gaids_assoc_id, n));
	kvfree(ids);
	return err;
}

/* Addresses on their way to a program, one behind the other. */
struct xsctp_packed {
	const struct sock	*sk;
	__be16			port;
	u8			*to;
	u8			*end;
	u32			n;
};

static int xsctp_pack(struct xsctp_packed *packed, const struct xl4_addr *addr)
{
	struct sockaddr_storage one = { };
	int n = xsctp_addr_to(packed->sk, addr, packed->port, &one);

	if (packed->end - packed->to < n)
		return -ENOMEM;
	memcpy(packed->to, &one, n);
	packed->to += n;
	packed->n++;
	return 0;
}

/* The room is the program's, but more than all addresses need is not of use. */
static int xsctp_packed_open(struct xsctp_packed *packed, struct sctp_getaddrs **answer, int len)
{
	int room = sizeof(**answer) + XSCTP_MAX_ADDRESSES * sizeof(struct sockaddr_in6);

	if (len < (int)sizeof(**answer))
		return -EINVAL;
	room = min(room, len);
	*answer = kzalloc(room, GFP_KERNEL);
	if (!*answer)
		return -ENOMEM;
	packed->to = (*answer)->addrs;
	packed->end = (u8 *)*answer + room;
	return 0;
}

static int xsctp_packed_close(const struct xsctp_packed *packed, struct sctp_getaddrs *answer,
			      sctp_assoc_t id, char __user *value, int __user *optlen)
{
	answer->assoc_id = id;
	answer->addr_num = packed->n;
	return xsctp_put_answer(value, optlen, answer, packed->to - (u8 *)answer);
}

static int xsctp_get_id(const char __user *value, int len, sctp_assoc_t *id)
{
	if (len < (int)sizeof(*id))
		return -EINVAL;
	return copy_from_user(id, value, sizeof(*id)) ? -EFAULT : 0;
}

/**
 * xsctp_get_peer_addrs() - SCTP_GET_PEER_ADDRS, for sctp_getpaddrs() (section 9.3)
 * @sk: locked
 * @value: for a struct sctp_getaddrs
 * @optlen: its length
 * @len: the same
 *
 * Return: 0, -EINVAL for no such association, -ENOMEM if they do not fit, -EFAULT.
 */
int xsctp_get_peer_addrs(struct sock *sk, char __user *value, int __user *optlen, int len)
{
	struct xsctp_packed packed = { .sk = sk };
	const struct xsctp_transport *t;
	struct xsctp_association *a;
	struct sctp_getaddrs *answer;
	sctp_assoc_t id;
	int err;

	err = xsctp_get_id(value, len, &id);
	if (!err)
		err = xsctp_whom_there(sk, id, &a);
	if (!err)
		err = xsctp_packed_open(&packed, &answer, len);
	if (err)
		return err;
	packed.port = a->peer_port;
	list_for_each_entry(t, &a->transports, link)
		err = err ? : xsctp_pack(&packed, &t->key.peer);
	if (!err)
		err = xsctp_packed_close(&packed, answer, id, value, optlen);
	kfree(answer);
	return err;
}

/* Of an association what was told to its peer; else of the endpoint. */
static int xsctp_pack_local(struct sock *sk, const struct xsctp_association *a,
			    struct xsctp_packed *packed)
{
	struct xl4_addr *addr;
	unsigned int n, i;
	int err = 0;

	if (!inet_sk(sk)->inet_num)
		return 0;
	addr = kmalloc_array(XSCTP_MAX_ADDRESSES, sizeof(*addr), GFP_KERNEL);
	if (!addr)
		return -ENOMEM;
	packed->port = htons(inet_sk(sk)->inet_num);
	n = xsctp_announced(sk, a && a->primary ? &a->primary->key.peer : NULL, addr,
			    XSCTP_MAX_ADDRESSES);
	for (i = 0; i < n && !err; i++)
		err = xsctp_pack(packed, &addr[i]);
	/* A lone address that goes without saying is not announced. */
	if (!n && a && a->primary)
		err = xsctp_pack(packed, &a->primary->local);
	kfree(addr);
	return err;
}

/**
 * xsctp_get_local_addrs() - SCTP_GET_LOCAL_ADDRS, for sctp_getladdrs() (section 9.5)
 * @sk: locked
 * @value: for a struct sctp_getaddrs
 * @optlen: its length
 * @len: the same
 *
 * Return: 0, -EINVAL for no such association, -ENOMEM if they do not fit, -EFAULT.
 */
int xsctp_get_local_addrs(struct sock *sk, char __user *value, int __user *optlen, int len)
{
	struct xsctp_packed packed = { .sk = sk };
	struct xsctp_association *a = NULL;
	struct sctp_getaddrs *answer;
	sctp_assoc_t id;
	int err;

	err = xsctp_get_id(value, len, &id);
	if (!err && id != SCTP_FUTURE_ASSOC)
		err = xsctp_whom_there(sk, id, &a);
	if (!err)
		err = xsctp_packed_open(&packed, &answer, len);
	if (err)
		return err;
	err = xsctp_pack_local(sk, a, &packed);
	if (!err)
		err = xsctp_packed_close(&packed, answer, id, value, optlen);
	kfree(answer);
	return err;
}
