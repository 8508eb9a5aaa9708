// SPDX-License-Identifier: GPL-2.0
/*
 * An association of a one-to-many socket gets a socket of its own, one-to-one (RFC 6458
 * section 9.2), with what it received and nobody read.
 */

#include <linux/file.h>
#include <linux/net.h>

#include "sctp.h"

/* SOL_SOCKET, IPPROTO_IP and IPPROTO_IPV6, as far as they shape the packets or the waiting. */
static void xsctp_peel_options(struct sock *to, const struct sock *from)
{
	to->sk_bound_dev_if = READ_ONCE(from->sk_bound_dev_if);
	to->sk_reuse = from->sk_reuse;
	to->sk_reuseport = from->sk_reuseport;
	to->sk_ipv6only = from->sk_ipv6only;
	to->sk_priority = READ_ONCE(from->sk_priority);
	to->sk_mark = READ_ONCE(from->sk_mark);
	to->sk_rcvbuf = READ_ONCE(from->sk_rcvbuf);
	to->sk_sndbuf = READ_ONCE(from->sk_sndbuf);
	to->sk_rcvlowat = READ_ONCE(from->sk_rcvlowat);
	to->sk_rcvtimeo = READ_ONCE(from->sk_rcvtimeo);
	to->sk_sndtimeo = READ_ONCE(from->sk_sndtimeo);
	to->sk_lingertime = from->sk_lingertime;
	if (sock_flag(from, SOCK_LINGER))
		sock_set_flag(to, SOCK_LINGER);
	to->sk_userlocks = from->sk_userlocks & ~SOCK_BINDPORT_LOCK;
	inet_sk(to)->tos = inet_sk(from)->tos;
	inet_sk(to)->uc_ttl = inet_sk(from)->uc_ttl;
	if (from->sk_family == AF_INET6) {
		inet6_sk(to)->tclass = inet6_sk(from)->tclass;
		inet6_sk(to)->hop_limit = inet6_sk(from)->hop_limit;
	}
}

static void xsctp_peel_addresses(struct sock *to, const struct sock *from)
{
	inet_sk(to)->inet_rcv_saddr = inet_sk(from)->inet_rcv_saddr;
	inet_sk(to)->inet_saddr = inet_sk(from)->inet_saddr;
	inet_sk(to)->inet_sport = inet_sk(from)->inet_sport;
	inet_sk(to)->inet_num = inet_sk(from)->inet_num;
	if (from->sk_family == AF_INET6) {
		to->sk_v6_rcv_saddr = from->sk_v6_rcv_saddr;
		inet6_sk(to)->saddr = inet6_sk(from)->saddr;
	}
}

static int xsctp_peeled_state(const struct xsctp_association *a)
{
	switch (a->state) {
	case SCTP_ESTABLISHED:
		return TCP_ESTABLISHED;
	case SCTP_SHUTDOWN_RECEIVED:
	case SCTP_SHUTDOWN_ACK_SENT:
		return TCP_CLOSE_WAIT;
	default:
		return TCP_CLOSING;
	}
}

static void xsctp_move_skb(struct sk_buff *skb, struct sk_buff_head *queue, struct sock *to)
{
	if (XSCTP_SKB_CB(skb)->notification) {
		if (!xsctp_notification_move(skb, to))
			return;
	} else {
		xsctp_change_owner_r(skb, to);
	}
	skb_queue_tail(queue, skb);
}

static void xsctp_move_queue(struct xsctp_association *a, struct sk_buff_head *from,
			     struct sk_buff_head *queue, struct sock *to)
{
	struct sk_buff *skb, *next;

	skb_queue_walk_safe(from, skb, next) {
		if (XSCTP_SKB_CB(skb)->association != a)
			continue;
		skb_unlink(skb, from);
		xsctp_move_skb(skb, queue, to);
	}
}

/* The others need not wait any longer for the rest of a message of @a. */
static void xsctp_move_partial(struct xsctp_association *a, struct sock *from, struct sock *to)
{
	xsctp_sk(to)->partial = a;
	xsctp_sk(from)->partial = NULL;
	if (skb_queue_empty(&xsctp_sk(from)->hidden))
		return;
	spin_lock_bh(&from->sk_receive_queue.lock);
	skb_queue_splice_tail_init(&xsctp_sk(from)->hidden, &from->sk_receive_queue);
	spin_unlock_bh(&from->sk_receive_queue.lock);
	from->sk_data_ready(from);
}

/**
 * xsctp_move_received() - what a program did not read of an association goes with it
 * @a: the association
 * @from: its socket, locked
 * @to: the one that it will have, locked
 */
void xsctp_move_received(struct xsctp_association *a, struct sock *from, struct sock *to)
{
	const struct sk_buff *first = skb_peek(&from->sk_receive_queue);
	struct xsctp_sock *old = xsctp_sk(from), *xs = xsctp_sk(to);
	bool partial = old->partial == a;

	if (first && XSCTP_SKB_CB(first)->association == a) {
		xs->read_offset = old->read_offset;
		old->read_offset = 0;
	}
	xsctp_move_queue(a, &from->sk_receive_queue, &to->sk_receive_queue, to);
	xsctp_move_queue(a, &old->hidden, partial ? &xs->hidden : &to->sk_receive_queue, to);
	if (partial)
		xsctp_move_partial(a, from, to);
	xsctp_inqueue_move(a, to);
}

/*
 * Packets and timers look at a->sk under its spinlock, whoever owns the socket, and leave behind in
 * its lists what they cannot do now. So it must not change beneath them.
 */
static void xsctp_move_locked(struct xsctp_association *a, struct sock *from, struct sock *to)
{
	local_bh_disable();
	bh_lock_sock(from);
	bh_lock_sock_nested(to);
	xsctp_association_move(a, to);
	bh_unlock_sock(to);
	bh_unlock_sock(from);
	local_bh_enable();
}

/* Give @a to @to, both locked. */
static int xsctp_peel(struct xsctp_association *a, struct sock *from, struct sock *to)
{
	int err;

	xsctp_peel_options(to, from);
	xsctp_inherit(to, from);
	err = xsctp_auth_inherit(to, from);
	if (err)
		return err;
	xsctp_peel_addresses(to, from);
	err = xl4_share_port(from, to);
	if (err) {
		inet_sk(to)->inet_num = 0;
		return err;
	}
	xsctp_show_peer(to, a);
	inet_sk_set_state(to, xsctp_peeled_state(a));
	xsctp_move_received(a, from, to);
	xsctp_move_locked(a, from, to);
	to->sk_socket->state = SS_CONNECTED;
	if (xsctp_in(a, XSCTP_STATE_BIT(SCTP_SHUTDOWN_RECEIVED) |
			XSCTP_STATE_BIT(SCTP_SHUTDOWN_ACK_SENT)))
		to->sk_shutdown |= RCV_SHUTDOWN;
	/* Who waits there for it waits in vain; and what it took of the buffer is free. */
	from->sk_state_change(from);
	from->sk_write_space(from);
	return 0;
}

static int xsctp_peel_by_id(struct sock *sk, sctp_assoc_t id, struct sock *to)
{
	struct xsctp_association *a;
	int err = -EINVAL;

	lock_sock(sk);
	a = id > SCTP_ALL_ASSOC ? xsctp_association_by_id(sk, id) : NULL;
	if (!a)
		goto out;
	err = -ENOTCONN;
	if (a->state < SCTP_ESTABLISHED)
		goto out;
	lock_sock_nested(to, SINGLE_DEPTH_NESTING);
	err = xsctp_peel(a, sk, to);
	release_sock(to);
out:
	release_sock(sk);
	return err;
}

/* A one-to-one socket like @sk that nobody has yet, and its file. */
static struct file *xsctp_peel_file(struct sock *sk, int flags)
{
	struct socket *sock;
	int err;

	err = __sock_create(sock_net(sk), sk->sk_family, SOCK_STREAM, sk->sk_protocol, &sock, 0);
	if (err)
		return ERR_PTR(err);
	return sock_alloc_file(sock, flags, NULL);
}

/**
 * xsctp_peeloff() - branch an association off: SCTP_SOCKOPT_PEELOFF and its twin with flags
 * @sk: one-to-many, not locked
 * @id: of the association
 * @flags: SOCK_NONBLOCK, SOCK_CLOEXEC
 *
 * Process context.
 *
 * Return: a file descriptor; -EOPNOTSUPP on a one-to-one socket, -EINVAL for no such association
 * or flag, -ENOTCONN for one that is not established yet, or why there is no socket or file.
 */
int xsctp_peeloff(struct sock *sk, sctp_assoc_t id, int flags)
{
	struct file *file;
	int fd, err;

	if (!xsctp_sk(sk)->one_to_many)
		return -EOPNOTSUPP;
	if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	fd = get_unused_fd_flags(flags & SOCK_CLOEXEC ? O_CLOEXEC : 0);
	if (fd < 0)
		return fd;
	file = xsctp_peel_file(sk, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	err = xsctp_peel_by_id(sk, id, sock_from_file(file)->sk);
	if (err) {
		fput(file);
		put_unused_fd(fd);
		return err;
	}
	fd_install(fd, file);
	return fd;
}
