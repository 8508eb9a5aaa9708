// SPDX-License-Identifier: GPL-2.0
/* Options that concern the addresses of a peer (RFC 6458 section 8.1, RFC 7829 section 7). */

#include "options.h"

#define XSCTP_MIN_MTU		512	/* least that a program may ask for */
#define XSCTP_MAX_MTU		65535u
#define XSCTP_MAX_SACK_DELAY	500	/* ms */

static bool xsctp_no_address(const struct sockaddr_storage *addr)
{
	switch (addr->ss_family) {
	case AF_INET:
		return !((const struct sockaddr_in *)addr)->sin_addr.s_addr;
	case AF_INET6:
		return ipv6_addr_any(&((const struct sockaddr_in6 *)addr)->sin6_addr);
	default:
		return !addr->ss_family;
	}
}

/**
 * xsctp_find_path() - the path that a program means
 * @sk: locked
 * @id: of the association; may be SCTP_FUTURE_ASSOC if the address and port tell it
 * @addr: of the peer
 * @t: the path
 *
 * Return: 0 or -EINVAL if there is none.
 */
int xsctp_find_path(struct sock *sk, sctp_assoc_t id, const struct sockaddr_storage *addr,
		    struct xsctp_transport **t)
{
	struct xsctp_association *a;
	struct xl4_addr peer;
	__be16 port;

	if (xsctp_addr_from(sk, addr, sizeof(*addr), &peer, &port))
		return -EINVAL;
	if (xsctp_sk(sk)->one_to_many && id == SCTP_FUTURE_ASSOC)
		a = xsctp_association_by_addr(sk, &peer, port);
	else if (xsctp_whom_there(sk, id, &a))
		a = NULL;
	*t = a ? xsctp_transport_of(a, &peer) : NULL;
	return *t ? 0 : -EINVAL;
}

/* ---------------------------------------------------------- SCTP_PRIMARY_ADDR */

/* Section 8.1.9 */
XSCTP_SETTER(primary)
{
	const struct sctp_prim *prim = value;
	struct sockaddr_storage addr = prim->ssp_addr;
	struct xsctp_association *a;
	struct xsctp_transport *t;
	int err;

	err = xsctp_find_path(sk, prim->ssp_assoc_id, &addr, &t);
	if (err)
		return err;
	/* RFC 9260 section 5.4: nothing goes where nobody may be. */
	if (t->state == SCTP_UNCONFIRMED)
		return -EINVAL;
	a = t->association;
	if (a->primary == t)
		return 0;
	a->primary = t;
	if (t->state == SCTP_ACTIVE)
		a->active = t;
	xsctp_follow_primary(a);
	xsctp_notify_peer_addr(t, SCTP_ADDR_MADE_PRIM, 0);
	return 0;
}

XSCTP_GETTER(primary)
{
	struct sctp_prim *prim = value;
	struct sockaddr_storage addr = { };
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_there(sk, prim->ssp_assoc_id, &a);
	if (err)
		return err;
	if (!a->primary)
		return -ENOTCONN;
	xsctp_addr_to(sk, &a->primary->key.peer, a->peer_port, &addr);
	prim->ssp_addr = addr;
	*len = sizeof(*prim);
	return 0;
}

/* ------------------------------------------------------ SCTP_PEER_ADDR_PARAMS */

/* Programs built with old headers know neither flow label nor DSCP. */
#define XSCTP_OLD_PADDRPARAMS	ALIGN(offsetof(struct sctp_paddrparams, spp_ipv6_flowlabel), 4)

static bool xsctp_both(u32 flags, u32 pair)
{
	return (flags & pair) == pair;
}

static bool xsctp_paddrparams_sane(const struct sctp_paddrparams *p)
{
	u32 flags = p->spp_flags;

	return !xsctp_both(flags, SPP_HB) && !xsctp_both(flags, SPP_PMTUD) &&
	       !xsctp_both(flags, SPP_SACKDELAY) && p->spp_sackdelay <= XSCTP_MAX_SACK_DELAY &&
	       (!p->spp_pathmtu || p->spp_pathmtu >= XSCTP_MIN_MTU) &&
	       p->spp_ipv6_flowlabel <= 0xfffff;
}

/* What a path is to be from now on, in the words of the option. */
static void xsctp_paddrparams_merge(struct sctp_paddrparams *to, const struct sctp_paddrparams *p)
{
	if (p->spp_flags & SPP_HB_TIME_IS_ZERO)
		to->spp_hbinterval = 1;
	else if (p->spp_flags & SPP_HB_ENABLE && p->spp_hbinterval)
		to->spp_hbinterval = p->spp_hbinterval;
	if (p->spp_flags & SPP_HB)
		to->spp_flags = (to->spp_flags & ~SPP_HB) | (p->spp_flags & SPP_HB);
	if (p->spp_flags & SPP_PMTUD)
		to->spp_flags = (to->spp_flags & ~SPP_PMTUD) | (p->spp_flags & SPP_PMTUD);
	if (p->spp_flags & SPP_PMTUD_DISABLE && p->spp_pathmtu)
		to->spp_pathmtu = min(p->spp_pathmtu, XSCTP_MAX_MTU);
	if (p->spp_pathmaxrxt)
		to->spp_pathmaxrxt = p->spp_pathmaxrxt;
	if (p->spp_flags & SPP_IPV6_FLOWLABEL) {
		to->spp_flags |= SPP_IPV6_FLOWLABEL;
		to->spp_ipv6_flowlabel = p->spp_ipv6_flowlabel | XSCTP_FLOW_LABEL_SET;
	}
	if (p->spp_flags & SPP_DSCP) {
		to->spp_flags |= SPP_DSCP;
		to->spp_dscp = (p->spp_dscp & 0xfc) | XSCTP_DSCP_SET;
	}
}

static void xsctp_path_heartbeat(struct xsctp_transport *t, const struct sctp_paddrparams *p)
{
	struct xsctp_association *a = t->association;

	if (p->spp_flags & SPP_HB_DISABLE) {
		t->hb_interval = 0;
		xsctp_disarm(&t->heartbeat);
	} else if (p->spp_flags & SPP_HB_ENABLE) {
		if (p->spp_flags & SPP_HB_TIME_IS_ZERO)
			t->hb_interval = 1;
		else if (p->spp_hbinterval)
			t->hb_interval = p->spp_hbinterval;
		else if (!t->hb_interval)
			t->hb_interval = a->paddrparams.spp_hbinterval;
		if (a->state >= SCTP_ESTABLISHED)
			xsctp_heartbeat_start(t);
	}
	if (p->spp_flags & SPP_HB_DEMAND)
		xsctp_heartbeat_demand(t);
}

static void xsctp_path_mtu(struct xsctp_transport *t, const struct sctp_paddrparams *p)
{
	if (p->spp_flags & SPP_PMTUD_DISABLE) {
		t->fixed_mtu = true;
		if (p->spp_pathmtu)
			t->path_mtu = min(p->spp_pathmtu, XSCTP_MAX_MTU);
	} else if (p->spp_flags & SPP_PMTUD_ENABLE && t->fixed_mtu) {
		t->fixed_mtu = false;
		xsctp_transport_route(t);
	}
	if (p->spp_flags & SPP_PMTUD)
		xsctp_association_sync_mtu(t->association);
}

static void xsctp_path_apply(struct xsctp_transport *t, const struct sctp_paddrparams *p)
{
	xsctp_path_heartbeat(t, p);
	xsctp_path_mtu(t, p);
	if (p->spp_pathmaxrxt)
		t->max_retrans = p->spp_pathmaxrxt;
	if (p->spp_flags & SPP_IPV6_FLOWLABEL)
		t->flow_label = p->spp_ipv6_flowlabel | XSCTP_FLOW_LABEL_SET;
	if (p->spp_flags & SPP_DSCP)
		t->dscp = (p->spp_dscp & 0xfc) | XSCTP_DSCP_SET;
	if (p->spp_flags & (SPP_IPV6_FLOWLABEL | SPP_DSCP))
		xsctp_transport_route(t);
}

static void xsctp_sackdelay_merge(u32 *delay, u32 *freq, const struct sctp_paddrparams *p)
{
	if (p->spp_flags & SPP_SACKDELAY_DISABLE) {
		*freq = 1;
	} else if (p->spp_flags & SPP_SACKDELAY_ENABLE) {
		*freq = max(*freq, 2u);
		*delay = p->spp_sackdelay ? : *delay;
	}
}

static void xsctp_association_paths(struct xsctp_association *a, const struct sctp_paddrparams *p)
{
	struct xsctp_transport *t;

	xsctp_paddrparams_merge(&a->paddrparams, p);
	xsctp_sackdelay_merge(&a->sack_delay, &a->sack_freq, p);
	list_for_each_entry(t, &a->transports, link)
		xsctp_path_apply(t, p);
}

/* Section 8.1.12 */
XSCTP_SETTER(paddrparams)
{
	struct sctp_paddrparams p = *(const struct sctp_paddrparams *)value;
	struct sockaddr_storage addr = p.spp_address;
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_transport *t;
	int err;

	if (len == XSCTP_OLD_PADDRPARAMS)
		p.spp_flags &= ~(SPP_IPV6_FLOWLABEL | SPP_DSCP);
	else if (len != sizeof(p))
		return -EINVAL;
	if (!xsctp_paddrparams_sane(&p))
		return -EINVAL;
	if (!xsctp_no_address(&addr)) {
		err = xsctp_find_path(sk, p.spp_assoc_id, &addr, &t);
		if (err)
			return err;
		a = t->association;
		xsctp_sackdelay_merge(&a->sack_delay, &a->sack_freq, &p);
		xsctp_path_apply(t, &p);
		xsctp_flush(a);
		return 0;
	}
	err = xsctp_whom_one(sk, p.spp_assoc_id, &a);
	if (err)
		return err;
	if (a) {
		xsctp_association_paths(a, &p);
		xsctp_flush(a);
		return 0;
	}
	/* There is nobody yet to ask. */
	if (p.spp_flags & SPP_HB_DEMAND)
		return -EINVAL;
	xsctp_paddrparams_merge(&xs->paddrparams, &p);
	xsctp_sackdelay_merge(&xs->sack_delay, &xs->sack_freq, &p);
	return 0;
}

static void xsctp_describe_path(struct sctp_paddrparams *p, const struct xsctp_transport *t)
{
	p->spp_hbinterval = t->hb_interval ? : t->association->paddrparams.spp_hbinterval;
	p->spp_pathmaxrxt = t->max_retrans;
	p->spp_pathmtu = t->path_mtu;
	p->spp_flags = (t->hb_interval ? SPP_HB_ENABLE : SPP_HB_DISABLE) |
		       (t->fixed_mtu ? SPP_PMTUD_DISABLE : SPP_PMTUD_ENABLE);
	if (t->flow_label & XSCTP_FLOW_LABEL_SET)
		p->spp_flags |= SPP_IPV6_FLOWLABEL;
	if (t->dscp & XSCTP_DSCP_SET)
		p->spp_flags |= SPP_DSCP;
	p->spp_ipv6_flowlabel = t->flow_label;
	p->spp_dscp = t->dscp;
}

static void xsctp_describe_paths(struct sctp_paddrparams *p, const struct sctp_paddrparams *from)
{
	p->spp_hbinterval = from->spp_hbinterval;
	p->spp_pathmaxrxt = from->spp_pathmaxrxt;
	p->spp_pathmtu = from->spp_pathmtu;
	p->spp_flags = from->spp_flags & ~SPP_SACKDELAY;
	p->spp_ipv6_flowlabel = from->spp_ipv6_flowlabel;
	p->spp_dscp = from->spp_dscp;
}

static void xsctp_describe_sackdelay(struct sctp_paddrparams *p, u32 delay, u32 freq)
{
	p->spp_sackdelay = freq == 1 ? 0 : delay;
	p->spp_flags |= freq == 1 ? SPP_SACKDELAY_DISABLE : SPP_SACKDELAY_ENABLE;
	p->spp_ipv6_flowlabel &= ~XSCTP_FLOW_LABEL_SET;
	p->spp_dscp &= 0xfc;
	if (p->spp_hbinterval == 1) {
		p->spp_hbinterval = 0;
		p->spp_flags |= SPP_HB_TIME_IS_ZERO;
	}
}

XSCTP_GETTER(paddrparams)
{
	struct sctp_paddrparams *p = value;
	struct sockaddr_storage addr = p->spp_address;
	const struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_transport *t;
	int err;

	if (*len < XSCTP_OLD_PADDRPARAMS)
		return -EINVAL;
	*len = *len >= sizeof(*p) ? sizeof(*p) : XSCTP_OLD_PADDRPARAMS;
	if (!xsctp_no_address(&addr)) {
		err = xsctp_find_path(sk, p->spp_assoc_id, &addr, &t);
		if (err)
			return err;
		a = t->association;
		xsctp_describe_path(p, t);
	} else {
		err = xsctp_whom_one(sk, p->spp_assoc_id, &a);
		if (err)
			return err;
		xsctp_describe_paths(p, a ? &a->paddrparams : &xs->paddrparams);
	}
	xsctp_describe_sackdelay(p, a ? a->sack_delay : xs->sack_delay,
				 a ? a->sack_freq : xs->sack_freq);
	return 0;
}

/* ------------------------------------------------------- SCTP_PEER_ADDR_THLDS */

#define XSCTP_NO_SWITCHOVER	0xffff	/* RFC 7829 section 5: which is optional */

static void xsctp_path_thresholds(struct xsctp_transport *t, const struct sctp_paddrthlds_v2 *th)
{
	if (th->spt_pathmaxrxt)
		t->max_retrans = th->spt_pathmaxrxt;
	t->pf_retrans = th->spt_pathpfthld;
}

static int xsctp_set_thresholds_of(struct sock *sk, const struct sctp_paddrthlds_v2 *th)
{
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_transport *t;
	int err;

	if (!xsctp_no_address(&th->spt_address)) {
		err = xsctp_find_path(sk, th->spt_assoc_id, &th->spt_address, &t);
		if (!err)
			xsctp_path_thresholds(t, th);
		return err;
	}
	err = xsctp_whom_one(sk, th->spt_assoc_id, &a);
	if (err)
		return err;
	if (!a) {
		if (th->spt_pathmaxrxt)
			xs->paddrparams.spp_pathmaxrxt = th->spt_pathmaxrxt;
		xs->pf_retrans = th->spt_pathpfthld;
		return 0;
	}
	if (th->spt_pathmaxrxt)
		a->paddrparams.spp_pathmaxrxt = th->spt_pathmaxrxt;
	a->pf_retrans = th->spt_pathpfthld;
	list_for_each_entry(t, &a->transports, link)
		xsctp_path_thresholds(t, th);
	return 0;
}

/* RFC 7829 section 7.2 */
XSCTP_SETTER(thresholds_v2)
{
	const struct sctp_paddrthlds_v2 *th = value;

	if (th->spt_pathpfthld > th->spt_pathcpthld)
		return -EINVAL;
	if (th->spt_pathcpthld != XSCTP_NO_SWITCHOVER)
		return -EOPNOTSUPP;
	return xsctp_set_thresholds_of(sk, th);
}

/* As it was before the switchover had a place in it. */
XSCTP_SETTER(thresholds)
{
	const struct sctp_paddrthlds *old = value;
	struct sctp_paddrthlds_v2 th = {
		.spt_assoc_id = old->spt_assoc_id,
		.spt_address = old->spt_address,
		.spt_pathmaxrxt = old->spt_pathmaxrxt,
		.spt_pathpfthld = old->spt_pathpfthld,
	};

	return xsctp_set_thresholds_of(sk, &th);
}

static int xsctp_thresholds_of(struct sock *sk, sctp_assoc_t id,
			       const struct sockaddr_storage *addr, u16 *most, u16 *pf)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_transport *t;
	int err;

	if (!xsctp_no_address(addr)) {
		err = xsctp_find_path(sk, id, addr, &t);
		if (err)
			return err;
		*most = t->max_retrans;
		*pf = t->pf_retrans;
		return 0;
	}
	err = xsctp_whom_one(sk, id, &a);
	if (err)
		return err;
	*most = a ? a->paddrparams.spp_pathmaxrxt : xs->paddrparams.spp_pathmaxrxt;
	*pf = a ? a->pf_retrans : xs->pf_retrans;
	return 0;
}

XSCTP_GETTER(thresholds_v2)
{
	struct sctp_paddrthlds_v2 *th = value;

	th->spt_pathcpthld = XSCTP_NO_SWITCHOVER;
	*len = sizeof(*th);
	return xsctp_thresholds_of(sk, th->spt_assoc_id, &th->spt_address, &th->spt_pathmaxrxt,
				   &th->spt_pathpfthld);
}

XSCTP_GETTER(thresholds)
{
	struct sctp_paddrthlds *th = value;

	*len = sizeof(*th);
	return xsctp_thresholds_of(sk, th->spt_assoc_id, &th->spt_address, &th->spt_pathmaxrxt,
				   &th->spt_pathpfthld);
}

/* SCTP_EXPOSE_POTENTIALLY_FAILED_STATE, RFC 7829 section 7.3 */
XSCTP_SETTER(expose_pf)
{
	const struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	struct xsctp_whom whom;
	int err;

	err = xsctp_whom_many(sk, av->assoc_id, &whom);
	if (err)
		return err;
	if (whom.endpoint)
		xsctp_sk(sk)->pf_expose = !!av->assoc_value;
	xsctp_for_each_whom(a, sk, &whom)
		a->pf_expose = !!av->assoc_value;
	return 0;
}

XSCTP_GETTER(expose_pf)
{
	struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, av->assoc_id, &a);

	if (!err)
		av->assoc_value = a ? a->pf_expose : xsctp_sk(sk)->pf_expose;
	*len = sizeof(*av);
	return err;
}
