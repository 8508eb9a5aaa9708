// SPDX-License-Identifier: GPL-2.0
/*
 * From the program's memory into the queue: sendmsg(2) (RFC 6458 sections 3.1.3, 4.1.8 and 5.3).
 *
 * A call sends one message. It is cut into DATA chunks and queued as a whole or not at all, so
 * that what sleeping programs send never mingles.
 */

#include <linux/uio.h>

#include "sctp.h"

#define XSCTP_FLAGS	(SCTP_UNORDERED | SCTP_ADDR_OVER | SCTP_ABORT | SCTP_SACK_IMMEDIATELY |	\
			 SCTP_SENDALL | SCTP_PR_SCTP_ALL | SCTP_EOF | SCTP_PR_SCTP_MASK)

#define XSCTP_LEAST_CHUNK	4	/* octets: a guard, for no path is as narrow */
#define XSCTP_LEAST_REASON	448	/* octets that SCTP_ABORT may always say */

/* What one call asks for: its control messages, and the address. */
struct xsctp_send {
	struct msghdr		*msg;
	size_t			size;
	bool			has_info;	/* SCTP_SNDRCV or SCTP_SNDINFO */
	bool			has_ttl;	/* SCTP_SNDRCV: its timetolive counts */
	bool			has_pr;		/* SCTP_PRINFO */
	bool			has_key;	/* SCTP_AUTHINFO */
	u16			key;
	struct sctp_sndrcvinfo	info;
	struct sctp_prinfo	pr;
	struct sctp_initmsg	init;
	bool			has_init;
	unsigned int		nr_peers;
	struct xl4_addr		peer[XSCTP_MAX_ADDRESSES];	/* msg_name, then SCTP_DSTADDR */
	bool			has_name;
	__be16			port;
	long			timeout;
};

/* -------------------------------------------------------------- control messages */

static int xsctp_cmsg_sndrcv(struct xsctp_send *s, const struct sctp_sndrcvinfo *info)
{
	s->info = *info;
	s->has_info = true;
	s->has_ttl = true;
	return info->sinfo_flags & ~XSCTP_FLAGS ? -EINVAL : 0;
}

static int xsctp_cmsg_sndinfo(struct xsctp_send *s, const struct sctp_sndinfo *info)
{
	s->info = (struct sctp_sndrcvinfo) {
		.sinfo_stream = info->snd_sid,
		.sinfo_flags = info->snd_flags,
		.sinfo_ppid = info->snd_ppid,
		.sinfo_context = info->snd_context,
		.sinfo_assoc_id = info->snd_assoc_id,
	};
	s->has_info = true;
	s->has_ttl = false;
	return info->snd_flags & ~(XSCTP_FLAGS & ~SCTP_PR_SCTP_MASK) ? -EINVAL : 0;
}

static int xsctp_cmsg_prinfo(struct xsctp_send *s, const struct sctp_prinfo *pr)
{
	s->pr = *pr;
	s->has_pr = true;
	return pr->pr_policy & ~SCTP_PR_SCTP_MASK ? -EINVAL : 0;
}

static int xsctp_cmsg_authinfo(struct xsctp_send *s, const struct sctp_authinfo *auth)
{
	s->key = auth->auth_keynumber;
	s->has_key = true;
	return 0;
}

static int xsctp_cmsg_init(struct xsctp_send *s, const struct sctp_initmsg *init)
{
	s->init = *init;
	s->has_init = true;
	return 0;
}

static int xsctp_add_peer(struct xsctp_send *s, struct xl4_addr addr)
{
	if (s->nr_peers == ARRAY_SIZE(s->peer))
		return -EINVAL;
	s->peer[s->nr_peers++] = addr;
	return 0;
}

static size_t xsctp_cmsg_size(int type)
{
	switch (type) {
	case SCTP_INIT:
		return sizeof(struct sctp_initmsg);
	case SCTP_SNDRCV:
		return sizeof(struct sctp_sndrcvinfo);
	case SCTP_SNDINFO:
		return sizeof(struct sctp_sndinfo);
	case SCTP_PRINFO:
		return sizeof(struct sctp_prinfo);
	case SCTP_AUTHINFO:
		return sizeof(struct sctp_authinfo);
	case SCTP_DSTADDRV4:
		return sizeof(struct in_addr);
	case SCTP_DSTADDRV6:
		return sizeof(struct in6_addr);
	default:
		return 0;
	}
}

static int xsctp_cmsg(struct xsctp_send *s, const struct cmsghdr *cmsg)
{
	const void *data = CMSG_DATA(cmsg);
	size_t size = xsctp_cmsg_size(cmsg->cmsg_type);

	if (!size || cmsg->cmsg_len != CMSG_LEN(size))
		return -EINVAL;
	switch (cmsg->cmsg_type) {
	case SCTP_INIT:
		return xsctp_cmsg_init(s, data);
	case SCTP_SNDRCV:
		return xsctp_cmsg_sndrcv(s, data);
	case SCTP_SNDINFO:
		return xsctp_cmsg_sndinfo(s, data);
	case SCTP_PRINFO:
		return xsctp_cmsg_prinfo(s, data);
	case SCTP_AUTHINFO:
		return xsctp_cmsg_authinfo(s, data);
	case SCTP_DSTADDRV4:
		return xsctp_add_peer(s, xl4_addr_v4(*(const __be32 *)data));
	default:
		return xsctp_add_peer(s, xl4_addr_v6(data));
	}
}

static int xsctp_parse_cmsgs(struct xsctp_send *s)
{
	struct cmsghdr *cmsg;
	int err;

	for_each_cmsghdr(cmsg, s->msg) {
		if (!CMSG_OK(s->msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != IPPROTO_SCTP)
			continue;
		err = xsctp_cmsg(s, cmsg);
		if (err)
			return err;
	}
	return 0;
}

static int xsctp_parse_name(struct sock *sk, struct xsctp_send *s)
{
	struct xl4_addr addr;
	int err;

	if (!s->msg->msg_name || !s->msg->msg_namelen)
		return 0;
	err = xsctp_addr_from(sk, s->msg->msg_name, s->msg->msg_namelen, &addr, &s->port);
	if (err)
		return err;
	s->has_name = true;
	return xsctp_add_peer(s, addr);
}

/* The rules of RFC 6458 section 5.3.2 on flags that do not go together. */
static int xsctp_check_flags(const struct sock *sk, const struct xsctp_send *s)
{
	u16 flags = s->info.sinfo_flags, ends = flags & (SCTP_EOF | SCTP_ABORT);

	if (s->msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & SCTP_EOF && s->size)
		return -EINVAL;
	if (!ends && !s->size)
		return -EINVAL;
	if (flags & SCTP_ADDR_OVER && !s->has_name)
		return -EINVAL;
	if (flags & SCTP_SENDALL && !xsctp_sk(sk)->one_to_many)
		return -EINVAL;
	return 0;
}

static int xsctp_parse(struct sock *sk, struct xsctp_send *s)
{
	int err = xsctp_parse_name(sk, s);

	if (!err)
		err = xsctp_parse_cmsgs(s);
	return err ? : xsctp_check_flags(sk, s);
}

/* Without SCTP_SNDRCV and SCTP_SNDINFO the association's defaults count. */
static struct sctp_sndrcvinfo xsctp_info_for(const struct xsctp_association *a,
					     const struct xsctp_send *s)
{
	if (s->has_info)
		return s->info;
	return (struct sctp_sndrcvinfo) {
		.sinfo_stream = a->default_stream,
		.sinfo_flags = a->default_flags,
		.sinfo_ppid = a->default_ppid,
		.sinfo_context = a->default_context,
		.sinfo_timetolive = a->default_timetolive,
	};
}

/* ---------------------------------------------------------------- the association */

static struct xsctp_association *xsctp_only_association(struct sock *sk)
{
	return list_first_entry_or_null(&xsctp_sk(sk)->associations, struct xsctp_association,
					link);
}

/* Which one is meant that is there; NULL: none. */
static struct xsctp_association *xsctp_find_association(struct sock *sk,
							const struct xsctp_send *s)
{
	struct xsctp_association *a = NULL;

	if (s->has_name)
		a = xsctp_association_by_addr(sk, &s->peer[0], s->port);
	if (a)
		return a;
	if (!xsctp_sk(sk)->one_to_many)
		return xsctp_only_association(sk);
	return s->has_name ? NULL : xsctp_association_by_id(sk, s->info.sinfo_assoc_id);
}

/*
 * The association to send over. One-to-many, and one-to-one before connect(), the first message
 * to an address makes one: RFC 6458 section 3.1.3.
 */
static int xsctp_get_association(struct sock *sk, const struct xsctp_send *s,
				 struct xsctp_association **a)
{
	*a = xsctp_find_association(sk, s);
	if (*a)
		return s->has_name && s->port != (*a)->peer_port ? -EADDRNOTAVAIL : 0;
	if (!s->has_name)
		return -EPIPE;
	/* There is nothing yet to end. */
	if (s->info.sinfo_flags & (SCTP_EOF | SCTP_ABORT))
		return -EINVAL;
	if (!xsctp_sk(sk)->one_to_many && sk->sk_state != TCP_CLOSE)
		return -EPIPE;
	return xsctp_connect_to(sk, s->peer, s->nr_peers, s->port,
				s->has_init ? &s->init : NULL, a);
}

/* Does the association still take messages? */
static int xsctp_check_state(const struct xsctp_association *a)
{
	if (a->dead)
		return a->err ? -a->err : -EPIPE;
	if (a->shutdown_due || !xsctp_in(a, XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) |
					    XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED) |
					    XSCTP_STATE_BIT(SCTP_ESTABLISHED)))
		return -ESHUTDOWN;
	return 0;
}

/* ------------------------------------------------------------------------ waiting */

static bool xsctp_wait_over(const struct xsctp_association *a, const struct sock *sk)
{
	return sk_stream_memory_free(sk) || READ_ONCE(a->sk) != sk || a->dead || sk->sk_err ||
	       sk->sk_shutdown & SEND_SHUTDOWN || xsctp_check_state(a);
}

/* Why not to wait on: 0, or an errno. */
static int xsctp_wait_error(const struct xsctp_association *a, struct sock *sk, long timeout)
{
	if (READ_ONCE(a->sk) != sk || sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN)
		return -EPIPE;
	if (xsctp_check_state(a))
		return xsctp_check_state(a);
	if (!timeout)
		return -EAGAIN;
	return signal_pending(current) ? sock_intr_errno(timeout) : 0;
}

/*
 * Wait for room in the send buffer. The caller has a reference on the association, which may
 * end or get another socket meanwhile: then there is an error.
 */
static int xsctp_wait_room(struct xsctp_association *a, struct sock *sk, long *timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	/* What is held back for more can make no room. */
	a->more = false;
	xsctp_flush(a);
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	add_wait_queue(sk_sleep(sk), &wait);
	while (!sk_stream_memory_free(sk) || READ_ONCE(a->sk) != sk || a->dead) {
		err = xsctp_wait_error(a, sk, *timeout);
		if (err)
			break;
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		sk_wait_event(sk, timeout, xsctp_wait_over(a, sk), &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* ----------------------------------------------------------------- one message */

/* RFC 6458 section 5.3.7, RFC 7496: how reliable a message is. */
static void xsctp_set_policy(const struct xsctp_association *a, const struct xsctp_send *s,
			     const struct sctp_sndrcvinfo *info, struct xsctp_message *m)
{
	u16 policy = SCTP_PR_POLICY(info->sinfo_flags);
	u32 value = info->sinfo_timetolive;

	if (s->has_pr) {
		policy = SCTP_PR_POLICY(s->pr.pr_policy);
		value = s->pr.pr_value;
	} else if (policy == SCTP_PR_SCTP_NONE && (!s->has_info || !s->has_ttl)) {
		policy = a->default_pr_policy;
		value = policy ? a->default_pr_value : value;
	}
	/* Before there were policies a time to live was all. */
	if (policy == SCTP_PR_SCTP_NONE && value)
		policy = SCTP_PR_SCTP_TTL;
	m->policy = policy;
	m->value = value;
	if (policy == SCTP_PR_SCTP_TTL && value) {
		m->has_expiry = true;
		m->expires = jiffies + msecs_to_jiffies(value);
	}
}

static void xsctp_describe_message(const struct xsctp_association *a, const struct xsctp_send *s,
				   const struct sctp_sndrcvinfo *info, struct xsctp_message *m)
{
	m->context = info->sinfo_context;
	xsctp_set_policy(a, s, info, m);
	if (info->sinfo_flags & SCTP_ADDR_OVER && s->has_name)
		m->to = xsctp_transport_of(a, &s->peer[0]);
	xsctp_auth_use(a, m, s->has_key ? s->key : -1);
}

static void xsctp_discard_chunks(struct sock *sk, struct list_head *chunks)
{
	struct xsctp_data *d, *next;

	list_for_each_entry_safe(d, next, chunks, link)
		xsctp_data_discard(sk, d);
}

/* Section 6.9: equal pieces but for the last, the first with B, the last with E. */
static int xsctp_cut(struct xsctp_association *a, const struct sctp_sndrcvinfo *info,
		     struct iov_iter *from, size_t size, struct list_head *chunks)
{
	u32 most = max_t(u32, a->frag_point, XSCTP_LEAST_CHUNK);
	struct xsctp_message *m = NULL;
	u8 flags = XSCTP_DATA_BEGIN;
	struct xsctp_data *d;

	if (info->sinfo_flags & SCTP_UNORDERED)
		flags |= XSCTP_DATA_UNORDERED;
	for (; size; size -= d->len) {
		d = xsctp_data_new(a->sk, m, from, min_t(size_t, size, most));
		if (IS_ERR(d))
			return PTR_ERR(d);
		m = d->message;
		d->sid = info->sinfo_stream;
		d->ppid = info->sinfo_ppid;
		d->flags = flags;
		if (d->len == size)
			d->flags |= XSCTP_DATA_END;
		if (d->len == size && info->sinfo_flags & SCTP_SACK_IMMEDIATELY)
			d->flags |= XSCTP_DATA_IMMEDIATE;
		flags &= ~XSCTP_DATA_BEGIN;
		list_add_tail(&d->link, chunks);
	}
	return 0;
}

/* Cut the message and queue it; what cannot be queued as a whole is not queued. */
static int xsctp_queue_message(struct xsctp_association *a, const struct xsctp_send *s,
			       const struct sctp_sndrcvinfo *info)
{
	struct xsctp_message *m;
	LIST_HEAD(chunks);
	int err;

	if (!xsctp_out_stream_use(a, info->sinfo_stream, a->sk->sk_allocation))
		return -ENOMEM;
	err = xsctp_cut(a, info, &s->msg->msg_iter, s->size, &chunks);
	if (err) {
		xsctp_discard_chunks(a->sk, &chunks);
		return err;
	}
	m = list_first_entry(&chunks, struct xsctp_data, link)->message;
	xsctp_describe_message(a, s, info, m);
	if (m->chunks > 1)
		xsctp_count(a->sk, XSCTP_MIB_FRAG_USR_MSGS);
	xsctp_outqueue_append(a, &chunks);
	return 0;
}

/* The largest message: no more than the send buffer holds, or may come to hold. */
static size_t xsctp_most(const struct sock *sk)
{
	int most = READ_ONCE(sk->sk_sndbuf);

	if (!(sk->sk_userlocks & SOCK_SNDBUF_LOCK))
		most = max(most, xsctp_set(sk)->wmem[2]);
	return most;
}

static int xsctp_check_message(const struct xsctp_association *a, const struct xsctp_send *s,
			       const struct sctp_sndrcvinfo *info)
{
	if (s->size > xsctp_most(a->sk))
		return -EMSGSIZE;
	if (xsctp_sk(a->sk)->disable_fragments && s->size > a->frag_point)
		return -EMSGSIZE;
	if (s->has_key && !xsctp_auth_may_send(a, s->key))
		return -EINVAL;
	return info->sinfo_stream >= a->nr_out ? -EINVAL : 0;
}

/* Make sure of room. @a has a reference of the caller's. */
static int xsctp_make_room(struct xsctp_association *a, struct sock *sk, struct xsctp_send *s,
			   const struct sctp_sndrcvinfo *info)
{
	if (sk_stream_memory_free(sk))
		return 0;
	if (s->has_pr && s->pr.pr_policy == SCTP_PR_SCTP_PRIO)
		xsctp_abandon_lesser(a, s->pr.pr_value, s->size);
	else if (SCTP_PR_PRIO_ENABLED(info->sinfo_flags))
		xsctp_abandon_lesser(a, info->sinfo_timetolive, s->size);
	return sk_stream_memory_free(sk) ? 0 : xsctp_wait_room(a, sk, &s->timeout);
}

static int xsctp_send_message(struct xsctp_association *a, struct xsctp_send *s)
{
	struct sctp_sndrcvinfo info = xsctp_info_for(a, s);
	struct sock *sk = a->sk;
	int err;

	err = xsctp_check_state(a);
	if (!err)
		err = xsctp_check_message(a, s, &info);
	if (!err)
		err = xsctp_make_room(a, sk, s, &info);
	/* While we waited the end may have begun, even since we woke; streams become fewer. */
	if (!err && sk->sk_shutdown & SEND_SHUTDOWN)
		err = -EPIPE;
	if (!err)
		err = xsctp_check_state(a);
	if (!err)
		err = xsctp_check_message(a, s, &info);
	if (!err)
		err = xsctp_queue_message(a, s, &info);
	if (err)
		return err;
	a->more = s->msg->msg_flags & MSG_MORE;
	xsctp_flush(a);
	return 0;
}

/* SCTP_ABORT: what the program sends with it is the reason. */
static int xsctp_send_abort(struct xsctp_association *a, const struct xsctp_send *s)
{
	void *reason = NULL;

	if (s->size > max_t(u32, a->frag_point, XSCTP_LEAST_REASON + 64) - 64)
		return -EMSGSIZE;
	if (s->size) {
		reason = kmalloc(s->size, GFP_KERNEL);
		if (!reason)
			return -ENOMEM;
		if (memcpy_from_msg(reason, s->msg, s->size)) {
			kfree(reason);
			return -EFAULT;
		}
	}
	xsctp_abort(a, XSCTP_CAUSE_USER_ABORT, reason, s->size);
	kfree(reason);
	return 0;
}

/* Do to one association what the call asks for. */
static int xsctp_send_to(struct xsctp_association *a, struct xsctp_send *s)
{
	u16 flags = xsctp_info_for(a, s).sinfo_flags;
	int err = 0;

	/* It may end while we wait, or by what we do. */
	refcount_inc(&a->ref);
	if (flags & SCTP_ABORT) {
		err = xsctp_send_abort(a, s);
	} else if (flags & SCTP_EOF && !s->size) {
		xsctp_primitive_shutdown(a);
		xsctp_flush(a);
	} else {
		err = xsctp_send_message(a, s);
	}
	xsctp_association_put(a);
	return err;
}

/* SCTP_SENDALL: associations may come and go while one of them makes us wait. */
static int xsctp_send_all(struct sock *sk, struct xsctp_send *s)
{
	struct iov_iter from = s->msg->msg_iter;
	struct xsctp_association *a;
	int id, err = -EPIPE;
	bool any = false;

	for (id = 0; (a = idr_get_next(&xsctp_sk(sk)->ids, &id)); id++) {
		s->msg->msg_iter = from;
		err = xsctp_send_to(a, s);
		any = any || !err;
		if (signal_pending(current))
			break;
	}
	return any ? 0 : err;
}

static int xsctp_sendmsg_locked(struct sock *sk, struct xsctp_send *s)
{
	struct xsctp_association *a;
	int err;

	err = xsctp_parse(sk, s);
	if (err)
		return err;
	if (sk->sk_shutdown & SEND_SHUTDOWN || sk->sk_state == TCP_LISTEN) {
		if (!xsctp_sk(sk)->one_to_many)
			return -EPIPE;
	}
	if (s->info.sinfo_flags & SCTP_SENDALL)
		return xsctp_send_all(sk, s);
	err = xsctp_get_association(sk, s, &a);
	return err ? : xsctp_send_to(a, s);
}

/**
 * xsctp_sendmsg() - the sendmsg of struct proto
 * @sk: not locked
 * @msg: a message, to whom, and how: RFC 6458 section 5.3
 * @size: octets
 *
 * Return: octets taken: all; or an error of send(2): -EINVAL for what does not go together, for
 * a stream that is not there and for an empty message; -EMSGSIZE; -EPIPE, with SIGPIPE unless
 * MSG_NOSIGNAL, without an association; -ESHUTDOWN if that is being shut down; -EAGAIN
 */
int xsctp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	struct xsctp_send s = { .msg = msg, .size = size };
	int err;

	lock_sock(sk);
	s.timeout = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	err = xsctp_sendmsg_locked(sk, &s);
	if (err)
		err = sk_stream_error(sk, msg->msg_flags, err);
	release_sock(sk);
	return err ? : size;
}
