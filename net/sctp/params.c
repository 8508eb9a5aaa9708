// SPDX-License-Identifier: GPL-2.0
/*
 * Options that shape associations: those that are there, those to come, or both (RFC 6458
 * section 8.1). Values of 0 mostly mean: as it is.
 */

#include "options.h"

#define XSCTP_MAX_SACK_DELAY	500	/* ms: RFC 9260 section 6.2 */
#define XSCTP_MIN_MAXSEG	64	/* a message shall not be a thousand packets */

/* ------------------------------------------------------------------- switches */

static int xsctp_answer_int(void *value, u32 *len, int answer)
{
	*(int *)value = answer;
	*len = sizeof(int);
	return 0;
}

#define XSCTP_SWITCH(name, field)						\
XSCTP_SETTER(name)								\
{										\
	xsctp_sk(sk)->field = !!*(const int *)value;				\
	return 0;								\
}										\
										\
XSCTP_GETTER(name)								\
{										\
	return xsctp_answer_int(value, len, xsctp_sk(sk)->field);		\
}

XSCTP_SWITCH(disable_fragments, disable_fragments)	/* section 8.1.11 */
XSCTP_SWITCH(mapped, v4mapped)				/* section 8.1.15 */
XSCTP_SWITCH(recvrcvinfo, recv_rcvinfo)			/* section 8.1.29 */
XSCTP_SWITCH(recvnxtinfo, recv_nxtinfo)			/* section 8.1.30 */

/* SCTP_NODELAY, section 8.1.5: what waited for company goes. */
XSCTP_SETTER(nodelay)
{
	struct xsctp_association *a, *next;
	bool on = *(const int *)value;

	xsctp_sk(sk)->nodelay = on;
	list_for_each_entry_safe(a, next, &xsctp_sk(sk)->associations, link) {
		a->nodelay = on;
		if (on)
			xsctp_flush(a);
	}
	return 0;
}

XSCTP_GETTER(nodelay)
{
	return xsctp_answer_int(value, len, xsctp_sk(sk)->nodelay);
}

/* SCTP_REUSE_PORT, section 8.1.27: before bind(), one-to-one. */
XSCTP_SETTER(reuse_port)
{
	struct xsctp_sock *xs = xsctp_sk(sk);

	if (xs->one_to_many)
		return -EOPNOTSUPP;
	if (inet_sk(sk)->inet_num)
		return -EINVAL;
	xs->reuse_port = *(const int *)value;
	sk->sk_reuse = xs->reuse_port ? SK_CAN_REUSE : SK_NO_REUSE;
	return 0;
}

XSCTP_GETTER(reuse_port)
{
	return xsctp_answer_int(value, len, xsctp_sk(sk)->reuse_port);
}

/* ------------------------------------------------------ timeouts and attempts */

static void xsctp_merge_rtoinfo(struct sctp_rtoinfo *to, const struct sctp_rtoinfo *from)
{
	if (from->srto_initial)
		to->srto_initial = from->srto_initial;
	if (from->srto_min)
		to->srto_min = from->srto_min;
	if (from->srto_max)
		to->srto_max = from->srto_max;
}

/* A path that was measured keeps what was measured. */
static void xsctp_rto_changed(struct xsctp_transport *t, const struct sctp_rtoinfo *rto)
{
	t->rto.min_us = rto->srto_min * USEC_PER_MSEC;
	t->rto.max_us = rto->srto_max * USEC_PER_MSEC;
	if (!t->rto.srtt_us)
		t->rto.rto_us = rto->srto_initial * USEC_PER_MSEC;
	t->rto.rto_us = clamp(t->rto.rto_us, min(t->rto.min_us, t->rto.max_us), t->rto.max_us);
}

/* Microseconds in 32 bits hold so many milliseconds. */
static bool xsctp_rto_sane(const struct sctp_rtoinfo *rto)
{
	return rto->srto_min <= rto->srto_max && rto->srto_max <= U32_MAX / USEC_PER_MSEC &&
	       rto->srto_initial <= U32_MAX / USEC_PER_MSEC;
}

/* SCTP_RTOINFO, section 8.1.1 */
XSCTP_SETTER(rtoinfo)
{
	const struct sctp_rtoinfo *new = value;
	struct xsctp_association *a;
	struct xsctp_transport *t;
	struct sctp_rtoinfo *old, rto;
	int err;

	err = xsctp_whom_one(sk, new->srto_assoc_id, &a);
	if (err)
		return err;
	old = a ? &a->rtoinfo : &xsctp_sk(sk)->rtoinfo;
	rto = *old;
	xsctp_merge_rtoinfo(&rto, new);
	if (!xsctp_rto_sane(&rto))
		return -EINVAL;
	*old = rto;
	if (a)
		list_for_each_entry(t, &a->transports, link)
			xsctp_rto_changed(t, &rto);
	return 0;
}

XSCTP_GETTER(rtoinfo)
{
	struct sctp_rtoinfo *rto = value;
	sctp_assoc_t id = rto->srto_assoc_id;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, id, &a);
	if (err)
		return err;
	*rto = a ? a->rtoinfo : xsctp_sk(sk)->rtoinfo;
	rto->srto_assoc_id = id;
	*len = sizeof(*rto);
	return 0;
}

/* More attempts than all paths together make are no attempts. */
static bool xsctp_maxrxt_sane(const struct xsctp_association *a, u16 most)
{
	const struct xsctp_transport *t;
	u32 sum = 0;

	if (a->nr_transports < 2)
		return true;
	list_for_each_entry(t, &a->transports, link)
		sum += t->max_retrans;
	return most <= sum;
}

/* SCTP_ASSOCINFO, section 8.1.2 */
XSCTP_SETTER(associnfo)
{
	const struct sctp_assocparams *new = value;
	struct sctp_assocparams *params = &xsctp_sk(sk)->assocparams;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, new->sasoc_assoc_id, &a);
	if (err)
		return err;
	if (!a) {
		params->sasoc_asocmaxrxt = new->sasoc_asocmaxrxt ? : params->sasoc_asocmaxrxt;
		params->sasoc_cookie_life = new->sasoc_cookie_life ? : params->sasoc_cookie_life;
		return 0;
	}
	if (new->sasoc_asocmaxrxt && !xsctp_maxrxt_sane(a, new->sasoc_asocmaxrxt))
		return -EINVAL;
	a->max_retrans = new->sasoc_asocmaxrxt ? : a->max_retrans;
	a->cookie_life = new->sasoc_cookie_life ? : a->cookie_life;
	return 0;
}

XSCTP_GETTER(associnfo)
{
	struct sctp_assocparams *params = value;
	sctp_assoc_t id = params->sasoc_assoc_id;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, id, &a);
	if (err)
		return err;
	*params = xsctp_sk(sk)->assocparams;
	params->sasoc_assoc_id = id;
	*len = sizeof(*params);
	if (!a)
		return 0;
	params->sasoc_asocmaxrxt = a->max_retrans;
	params->sasoc_number_peer_destinations = a->nr_transports;
	params->sasoc_peer_rwnd = a->peer_rwnd;
	params->sasoc_local_rwnd = xsctp_rwnd(a);
	params->sasoc_cookie_life = a->cookie_life;
	return 0;
}

/* SCTP_INITMSG, section 8.1.3 */
XSCTP_SETTER(initmsg)
{
	struct sctp_initmsg *init = &xsctp_sk(sk)->initmsg;
	const struct sctp_initmsg *new = value;

	if (new->sinit_num_ostreams)
		init->sinit_num_ostreams = new->sinit_num_ostreams;
	if (new->sinit_max_instreams)
		init->sinit_max_instreams = new->sinit_max_instreams;
	if (new->sinit_max_attempts)
		init->sinit_max_attempts = new->sinit_max_attempts;
	if (new->sinit_max_init_timeo)
		init->sinit_max_init_timeo = new->sinit_max_init_timeo;
	return 0;
}

XSCTP_GETTER(initmsg)
{
	*(struct sctp_initmsg *)value = xsctp_sk(sk)->initmsg;
	*len = sizeof(struct sctp_initmsg);
	return 0;
}

static void xsctp_autoclose_changed(struct xsctp_association *a, u32 seconds)
{
	struct xsctp_deadline *d = &a->deadline[XSCTP_TIMER_AUTOCLOSE];

	a->autoclose = seconds;
	if (!seconds)
		xsctp_disarm(d);
	else if (a->state == SCTP_ESTABLISHED)
		xsctp_arm(a, d, jiffies + seconds * HZ);
}

/* SCTP_AUTOCLOSE, section 8.1.8: one-to-many */
XSCTP_SETTER(autoclose)
{
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;

	if (!xs->one_to_many)
		return -EOPNOTSUPP;
	xs->autoclose = min_t(u32, *(const u32 *)value, xsctp_set(sk)->max_autoclose);
	list_for_each_entry(a, &xs->associations, link)
		xsctp_autoclose_changed(a, xs->autoclose);
	return 0;
}

XSCTP_GETTER(autoclose)
{
	if (!xsctp_sk(sk)->one_to_many)
		return -EOPNOTSUPP;
	return xsctp_answer_int(value, len, xsctp_sk(sk)->autoclose);
}

/* SCTP_ADAPTATION_LAYER, section 8.1.10 */
XSCTP_SETTER(adaptation)
{
	const struct sctp_setadaptation *new = value;

	xsctp_sk(sk)->adaptation = new->ssb_adaptation_ind;
	xsctp_sk(sk)->has_adaptation = true;
	return 0;
}

XSCTP_GETTER(adaptation)
{
	struct sctp_setadaptation *answer = value;

	answer->ssb_adaptation_ind = xsctp_sk(sk)->adaptation;
	*len = sizeof(*answer);
	return 0;
}

/* --------------------------------------------- a number, of whom its id says */

/* Of old these were an int of the endpoint. */
static void xsctp_assoc_value(const void *value, u32 len, struct sctp_assoc_value *av)
{
	if (len >= sizeof(*av)) {
		*av = *(const struct sctp_assoc_value *)value;
	} else {
		av->assoc_id = SCTP_FUTURE_ASSOC;
		av->assoc_value = *(const u32 *)value;
	}
}

static int xsctp_answer_value(void *value, u32 *len, u32 answer)
{
	struct sctp_assoc_value *av = value;

	if (*len < sizeof(*av))
		return xsctp_answer_int(value, len, answer);
	av->assoc_value = answer;
	*len = sizeof(*av);
	return 0;
}

/* SCTP_MAXSEG, section 8.1.16 */
XSCTP_SETTER(maxseg)
{
	struct xsctp_association *a;
	struct sctp_assoc_value av;
	int err;

	xsctp_assoc_value(value, len, &av);
	if (av.assoc_value && (av.assoc_value < XSCTP_MIN_MAXSEG ||
			       av.assoc_value > XSCTP_MAX_CHUNK_LEN - XSCTP_DATA_LEN))
		return -EINVAL;
	err = xsctp_whom_one(sk, av.assoc_id, &a);
	if (err)
		return err;
	if (!a) {
		xsctp_sk(sk)->user_frag = av.assoc_value;
		return 0;
	}
	a->user_frag = av.assoc_value;
	xsctp_association_sync_mtu(a);
	return 0;
}

XSCTP_GETTER(maxseg)
{
	struct xsctp_association *a;
	struct sctp_assoc_value av;
	int err;

	xsctp_assoc_value(value, *len, &av);
	err = xsctp_whom_one(sk, av.assoc_id, &a);
	if (err)
		return err;
	return xsctp_answer_value(value, len, a ? a->frag_point : xsctp_sk(sk)->user_frag);
}

/* SCTP_CONTEXT, section 8.1.25 */
XSCTP_SETTER(context)
{
	const struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	struct xsctp_whom whom;
	int err;

	err = xsctp_whom_many(sk, av->assoc_id, &whom);
	if (err)
		return err;
	if (whom.endpoint)
		xsctp_sk(sk)->context = av->assoc_value;
	xsctp_for_each_whom(a, sk, &whom)
		a->rcv_context = av->assoc_value;
	return 0;
}

XSCTP_GETTER(context)
{
	const struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, av->assoc_id, &a);
	if (err)
		return err;
	return xsctp_answer_value(value, len, a ? a->rcv_context : xsctp_sk(sk)->context);
}

/* SCTP_MAX_BURST, section 8.1.24 */
XSCTP_SETTER(max_burst)
{
	struct xsctp_association *a;
	struct sctp_assoc_value av;
	struct xsctp_whom whom;
	int err;

	xsctp_assoc_value(value, len, &av);
	err = xsctp_whom_many(sk, av.assoc_id, &whom);
	if (err)
		return err;
	if (whom.endpoint)
		xsctp_sk(sk)->max_burst = av.assoc_value;
	xsctp_for_each_whom(a, sk, &whom)
		a->max_burst = av.assoc_value;
	return 0;
}

XSCTP_GETTER(max_burst)
{
	struct xsctp_association *a;
	struct sctp_assoc_value av;
	int err;

	xsctp_assoc_value(value, *len, &av);
	err = xsctp_whom_one(sk, av.assoc_id, &a);
	if (err)
		return err;
	return xsctp_answer_value(value, len, a ? a->max_burst : xsctp_sk(sk)->max_burst);
}

/* ---------------------------------------------------------- acknowledgements */

/* Of old there was a delay only: 0 meant none at all. */
static void xsctp_sack_info(const void *value, u32 len, struct sctp_sack_info *info)
{
	const struct sctp_assoc_value *av = value;

	if (len >= sizeof(*info)) {
		*info = *(const struct sctp_sack_info *)value;
		return;
	}
	info->sack_assoc_id = av->assoc_id;
	info->sack_delay = av->assoc_value;
	info->sack_freq = av->assoc_value ? 2 : 1;
}

/* SCTP_DELAYED_SACK, section 8.1.19 */
XSCTP_SETTER(delayed_sack)
{
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct sctp_sack_info info;
	struct xsctp_whom whom;
	int err;

	xsctp_sack_info(value, len, &info);
	if (info.sack_delay > XSCTP_MAX_SACK_DELAY)
		return -EINVAL;
	err = xsctp_whom_many(sk, info.sack_assoc_id, &whom);
	if (err)
		return err;
	if (whom.endpoint) {
		xs->sack_delay = info.sack_delay ? : xs->sack_delay;
		xs->sack_freq = info.sack_freq ? : xs->sack_freq;
	}
	xsctp_for_each_whom(a, sk, &whom) {
		a->sack_delay = info.sack_delay ? : a->sack_delay;
		a->sack_freq = info.sack_freq ? : a->sack_freq;
	}
	return 0;
}

XSCTP_GETTER(delayed_sack)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	struct sctp_sack_info info;
	struct xsctp_association *a;
	int err;

	xsctp_sack_info(value, *len, &info);
	err = xsctp_whom_one(sk, info.sack_assoc_id, &a);
	if (err)
		return err;
	info.sack_freq = a ? a->sack_freq : xs->sack_freq;
	info.sack_delay = a ? a->sack_delay : xs->sack_delay;
	if (info.sack_freq == 1)
		info.sack_delay = 0;
	if (*len < sizeof(info))
		return xsctp_answer_value(value, len, info.sack_delay);
	*(struct sctp_sack_info *)value = info;
	*len = sizeof(info);
	return 0;
}

/* ---------------------------------------------------------- partial delivery */

/* SCTP_FRAGMENT_INTERLEAVE, section 8.1.20 */
XSCTP_SETTER(interleave)
{
	int level = *(const int *)value;

	if (level < 0 || level > 2)
		return -EINVAL;
	xsctp_sk(sk)->interleave = level;
	return 0;
}

XSCTP_GETTER(interleave)
{
	return xsctp_answer_int(value, len, xsctp_sk(sk)->interleave);
}

/* SCTP_PARTIAL_DELIVERY_POINT, section 8.1.21: what does not fit is not to be waited for. */
XSCTP_SETTER(pd_point)
{
	u32 octets = *(const u32 *)value;

	if (octets > READ_ONCE(sk->sk_rcvbuf))
		return -EINVAL;
	xsctp_sk(sk)->pd_point = octets;
	return 0;
}

XSCTP_GETTER(pd_point)
{
	return xsctp_answer_int(value, len, xsctp_sk(sk)->pd_point);
}
