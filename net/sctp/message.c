// SPDX-License-Identifier: GPL-2.0
/* Options of how messages are sent by default, and of what a program is told (RFC 6458 8.1). */

#include "options.h"

/* ------------------------------------------------------------------- defaults */

#define XSCTP_SEND_FLAGS	(SCTP_UNORDERED | SCTP_ADDR_OVER | SCTP_ABORT | SCTP_EOF | \
				 SCTP_SACK_IMMEDIATELY | SCTP_PR_SCTP_MASK)

static int xsctp_default_flags_check(u16 flags)
{
	return flags & ~XSCTP_SEND_FLAGS ? -EINVAL : 0;
}

/* SCTP_DEFAULT_SEND_PARAM, section 8.1.13; deprecated */
XSCTP_SETTER(default_send)
{
	const struct sctp_sndrcvinfo *info = value;
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_whom whom;
	int err;

	err = xsctp_default_flags_check(info->sinfo_flags);
	if (!err)
		err = xsctp_whom_many(sk, info->sinfo_assoc_id, &whom);
	if (err)
		return err;
	if (whom.endpoint) {
		xs->default_stream = info->sinfo_stream;
		xs->default_flags = info->sinfo_flags;
		xs->default_ppid = info->sinfo_ppid;
		xs->default_context = info->sinfo_context;
		xs->default_timetolive = info->sinfo_timetolive;
	}
	xsctp_for_each_whom(a, sk, &whom) {
		a->default_stream = info->sinfo_stream;
		a->default_flags = info->sinfo_flags;
		a->default_ppid = info->sinfo_ppid;
		a->default_context = info->sinfo_context;
		a->default_timetolive = info->sinfo_timetolive;
	}
	return 0;
}

XSCTP_GETTER(default_send)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	struct sctp_sndrcvinfo *info = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, info->sinfo_assoc_id, &a);
	if (err)
		return err;
	info->sinfo_stream = a ? a->default_stream : xs->default_stream;
	info->sinfo_flags = a ? a->default_flags : xs->default_flags;
	info->sinfo_ppid = a ? a->default_ppid : xs->default_ppid;
	info->sinfo_context = a ? a->default_context : xs->default_context;
	info->sinfo_timetolive = a ? a->default_timetolive : xs->default_timetolive;
	*len = sizeof(*info);
	return 0;
}

/* SCTP_DEFAULT_SNDINFO, section 8.1.31 */
XSCTP_SETTER(default_sndinfo)
{
	const struct sctp_sndinfo *info = value;
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_whom whom;
	int err;

	err = xsctp_default_flags_check(info->snd_flags);
	if (!err)
		err = xsctp_whom_many(sk, info->snd_assoc_id, &whom);
	if (err)
		return err;
	if (whom.endpoint) {
		xs->default_stream = info->snd_sid;
		xs->default_flags = info->snd_flags;
		xs->default_ppid = info->snd_ppid;
		xs->default_context = info->snd_context;
	}
	xsctp_for_each_whom(a, sk, &whom) {
		a->default_stream = info->snd_sid;
		a->default_flags = info->snd_flags;
		a->default_ppid = info->snd_ppid;
		a->default_context = info->snd_context;
	}
	return 0;
}

XSCTP_GETTER(default_sndinfo)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	struct sctp_sndinfo *info = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, info->snd_assoc_id, &a);
	if (err)
		return err;
	info->snd_sid = a ? a->default_stream : xs->default_stream;
	info->snd_flags = a ? a->default_flags : xs->default_flags;
	info->snd_ppid = a ? a->default_ppid : xs->default_ppid;
	info->snd_context = a ? a->default_context : xs->default_context;
	*len = sizeof(*info);
	return 0;
}

/* SCTP_DEFAULT_PRINFO, section 8.1.32 */
XSCTP_SETTER(default_prinfo)
{
	const struct sctp_default_prinfo *info = value;
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_whom whom;
	u32 number;
	int err;

	if (info->pr_policy & ~SCTP_PR_SCTP_MASK)
		return -EINVAL;
	err = xsctp_whom_many(sk, info->pr_assoc_id, &whom);
	if (err)
		return err;
	number = info->pr_policy == SCTP_PR_SCTP_NONE ? 0 : info->pr_value;
	if (whom.endpoint) {
		xs->default_pr_policy = info->pr_policy;
		xs->default_pr_value = number;
	}
	xsctp_for_each_whom(a, sk, &whom) {
		a->default_pr_policy = info->pr_policy;
		a->default_pr_value = number;
	}
	return 0;
}

XSCTP_GETTER(default_prinfo)
{
	const struct xsctp_sock *xs = xsctp_sk(sk);
	struct sctp_default_prinfo *info = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, info->pr_assoc_id, &a);
	if (err)
		return err;
	info->pr_policy = a ? a->default_pr_policy : xs->default_pr_policy;
	info->pr_value = a ? a->default_pr_value : xs->default_pr_value;
	*len = sizeof(*info);
	return 0;
}

/* SCTP_PR_SUPPORTED, RFC 7496 section 4.5: what is to be offered; read, what was agreed. */
XSCTP_SETTER(prsctp)
{
	const struct sctp_assoc_value *av = value;
	int err = xsctp_may_offer(sk, av->assoc_id);

	if (!err)
		xsctp_sk(sk)->prsctp = av->assoc_value;
	return err;
}

XSCTP_GETTER(prsctp)
{
	struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, av->assoc_id, &a);

	if (!err)
		av->assoc_value = a ? a->forward_tsn : xsctp_sk(sk)->prsctp;
	*len = sizeof(*av);
	return err;
}

/* ------------------------------------------------------------- notifications */

/* Section 6.1.9: who asks for it while there is nothing to send is told at once. */
static void xsctp_subscribe(struct xsctp_association *a, u32 events)
{
	u32 dry = BIT(SCTP_SENDER_DRY_EVENT - SCTP_SN_TYPE_BASE);
	bool asked = events & ~a->events & dry;

	a->events = events;
	if (asked && a->state >= SCTP_ESTABLISHED && xsctp_outqueue_empty(a))
		xsctp_notify_sender_dry(a);
}

/* SCTP_EVENTS, section 8.1.14; deprecated. An octet each; old programs know fewer. */
XSCTP_SETTER(events)
{
	const u8 *on = value;
	struct xsctp_association *a;
	u32 events = 0, i;

	if (len > sizeof(struct sctp_event_subscribe))
		return -EINVAL;
	for (i = 0; i < len; i++)
		events |= on[i] ? BIT(i) : 0;
	xsctp_sk(sk)->events = events;
	list_for_each_entry(a, &xsctp_sk(sk)->associations, link)
		xsctp_subscribe(a, events);
	return 0;
}

XSCTP_GETTER(events)
{
	u8 *on = value;
	u32 i;

	if (!*len)
		return -EINVAL;
	*len = min_t(u32, *len, sizeof(struct sctp_event_subscribe));
	for (i = 0; i < *len; i++)
		on[i] = !!(xsctp_sk(sk)->events & BIT(i));
	return 0;
}

static bool xsctp_event_known(u16 type)
{
	return type >= SCTP_SN_TYPE_BASE && type <= SCTP_SN_TYPE_MAX;
}

/* SCTP_EVENT, section 6.2.2 */
XSCTP_SETTER(event)
{
	const struct sctp_event *event = value;
	struct xsctp_sock *xs = xsctp_sk(sk);
	struct xsctp_association *a;
	struct xsctp_whom whom;
	u32 bit;
	int err;

	if (!xsctp_event_known(event->se_type))
		return -EINVAL;
	err = xsctp_whom_many(sk, event->se_assoc_id, &whom);
	if (err)
		return err;
	bit = BIT(event->se_type - SCTP_SN_TYPE_BASE);
	/* What comes with data is a matter of the socket. */
	if (whom.endpoint || !xs->one_to_many)
		xs->events = event->se_on ? xs->events | bit : xs->events & ~bit;
	xsctp_for_each_whom(a, sk, &whom)
		xsctp_subscribe(a, event->se_on ? a->events | bit : a->events & ~bit);
	return 0;
}

XSCTP_GETTER(event)
{
	struct sctp_event *event = value;
	struct xsctp_association *a;
	u32 events;
	int err;

	if (!xsctp_event_known(event->se_type))
		return -EINVAL;
	err = xsctp_whom_one(sk, event->se_assoc_id, &a);
	if (err)
		return err;
	events = a ? a->events : xsctp_sk(sk)->events;
	event->se_on = !!(events & BIT(event->se_type - SCTP_SN_TYPE_BASE));
	*len = sizeof(*event);
	return 0;
}
