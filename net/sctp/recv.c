// SPDX-License-Identifier: GPL-2.0
/*
 * From the queue into the program's memory: recvmsg(2), a message at a time (RFC 6458 sections
 * 3.1.4 and 5.3).
 *
 * A message in the receive queue is one skb, whose fragments hang at its frag_list; or, under
 * partial delivery, several skbs, of which the first has the B bit and the last the E bit.
 */

#include <net/sock.h>
#include <net/transp_v6.h>
#include <xl4/ip.h>

#include "sctp.h"

/* -------------------------------------------------------------- whose memory it is */

static void xsctp_rfree(struct sk_buff *skb)
{
	struct xsctp_association *a = XSCTP_SKB_CB(skb)->association;
	struct sock *sk = skb->sk;

	atomic_sub(skb->truesize, &sk->sk_rmem_alloc);
	sk_mem_uncharge(sk, skb->truesize);
	if (a)
		xsctp_association_put(a);
}

/**
 * xsctp_set_owner_r() - charge received data to the socket of its association
 * @skb: nobody's; its cb says of no association, which holds a reference only once the skb is in
 *	the receive queue
 * @a: under its socket's lock
 */
void xsctp_set_owner_r(struct sk_buff *skb, struct xsctp_association *a)
{
	skb_orphan(skb);
	XSCTP_SKB_CB(skb)->association = NULL;
	skb->sk = a->sk;
	skb->destructor = xsctp_rfree;
	atomic_add(skb->truesize, &a->sk->sk_rmem_alloc);
	sk_mem_charge(a->sk, skb->truesize);
}

static void xsctp_change_owner_one(struct sk_buff *skb, struct sock *to)
{
	atomic_sub(skb->truesize, &skb->sk->sk_rmem_alloc);
	sk_mem_uncharge(skb->sk, skb->truesize);
	/* It has the memory, whatever the limit says now. */
	if (!sk_rmem_schedule(to, skb, skb->truesize))
		net_dbg_ratelimited("xsctp: out of socket memory\n");
	skb->sk = to;
	atomic_add(skb->truesize, &to->sk_rmem_alloc);
	sk_mem_charge(to, skb->truesize);
}

/**
 * xsctp_change_owner_r() - charge received data to another socket
 * @skb: had xsctp_set_owner_r(); so had what hangs at it
 * @to: the new socket; it and the old one are locked
 */
void xsctp_change_owner_r(struct sk_buff *skb, struct sock *to)
{
	struct sk_buff *fragment;

	xsctp_change_owner_one(skb, to);
	skb_walk_frags(skb, fragment) {
		/* Those of the IP layer, of a packet that came in pieces, are not ours. */
		if (fragment->destructor == xsctp_rfree)
			xsctp_change_owner_one(fragment, to);
	}
}

/* Is it a part of a message that is delivered in parts, to the one that others wait for? */
static bool xsctp_is_awaited(const struct xsctp_sock *sp, const struct xsctp_skb_cb *cb)
{
	const u8 whole = XSCTP_DATA_BEGIN | XSCTP_DATA_END;

	return !cb->notification && cb->association == sp->partial && (cb->flags & whole) != whole;
}

/**
 * xsctp_queue_rcv() - a message or a notification is for the program
 * @sk: locked
 * @skb: its cb is set, it has a destructor; consumed
 *
 * RFC 6458 section 8.1.20: while a message is delivered in parts others may have to wait.
 */
void xsctp_queue_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct xsctp_sock *sp = xsctp_sk(sk);

	if (sp->partial && !xsctp_is_awaited(sp, XSCTP_SKB_CB(skb))) {
		__skb_queue_tail(&sp->hidden, skb);
		return;
	}
	/* Whoever asks how much there is holds only the queue's lock. */
	skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/* ----------------------------------------------------------------------- waiting */

/* Why nothing more will come: 0 if it may, 1 at the end of data, or an errno. */
static int xsctp_no_more(struct sock *sk)
{
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (!xsctp_sk(sk)->one_to_many && (sk->sk_state == TCP_LISTEN ||
					   (sk->sk_state == TCP_CLOSE &&
					    !xsctp_sk(sk)->nr_associations)))
		return -ENOTCONN;
	return 0;
}

/* -------------------------------------------------------------- control messages */

static u16 xsctp_rcv_flags(const struct xsctp_skb_cb *cb)
{
	return cb->flags & XSCTP_DATA_UNORDERED ? SCTP_UNORDERED : 0;
}

/* RFC 6458 section 5.3.2 */
static void xsctp_put_sndrcv(struct msghdr *msg, const struct xsctp_skb_cb *cb)
{
	const struct xsctp_association *a = cb->association;
	struct sctp_sndrcvinfo info;

	/* There is padding in it, which an initializer may leave as it is. */
	memset(&info, 0, sizeof(info));
	info.sinfo_stream = cb->sid;
	info.sinfo_ssn = cb->ssn;
	info.sinfo_flags = xsctp_rcv_flags(cb);
	info.sinfo_ppid = cb->ppid;
	info.sinfo_context = a->rcv_context;
	info.sinfo_tsn = cb->tsn;
	info.sinfo_cumtsn = a->map.cum;
	info.sinfo_assoc_id = a->id;
	put_cmsg(msg, IPPROTO_SCTP, SCTP_SNDRCV, sizeof(info), &info);
}

/* RFC 6458 section 5.3.5 */
static void xsctp_put_rcvinfo(struct msghdr *msg, const struct xsctp_skb_cb *cb)
{
	const struct xsctp_association *a = cb->association;
	struct sctp_rcvinfo info;

	/* There may be padding in it. */
	memset(&info, 0, sizeof(info));
	info.rcv_sid = cb->sid;
	info.rcv_ssn = cb->ssn;
	info.rcv_flags = xsctp_rcv_flags(cb);
	info.rcv_ppid = cb->ppid;
	info.rcv_tsn = cb->tsn;
	info.rcv_cumtsn = a->map.cum;
	info.rcv_context = a->rcv_context;
	info.rcv_assoc_id = a->id;
	put_cmsg(msg, IPPROTO_SCTP, SCTP_RCVINFO, sizeof(info), &info);
}

/* RFC 6458 section 5.3.6: of the message behind this one, if it is there. */
static void xsctp_put_nxtinfo(struct msghdr *msg, const struct sk_buff *next)
{
	const struct xsctp_skb_cb *cb = XSCTP_SKB_CB(next);
	struct sctp_nxtinfo info;

	memset(&info, 0, sizeof(info));
	info.nxt_sid = cb->sid;
	info.nxt_flags = cb->notification ? SCTP_NOTIFICATION : xsctp_rcv_flags(cb);
	info.nxt_ppid = cb->ppid;
	info.nxt_length = next->len;
	info.nxt_assoc_id = cb->association ? cb->association->id : 0;
	put_cmsg(msg, IPPROTO_SCTP, SCTP_NXTINFO, sizeof(info), &info);
}

/* What the IP layer has to say of a packet, as far as its header is still there. */
static void xsctp_put_ip(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);

	if (skb_has_frag_list(skb) && !skb_headlen(skb))
		skb = skb_shinfo(skb)->frag_list;
	if (!skb->network_header || skb_network_header(skb) < skb->head ||
	    skb_network_header(skb) + (v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) >
	    skb->data)
		return;
	if (v4 && inet_cmsg_flags(inet_sk(sk)))
		ip_cmsg_recv_offset(msg, sk, skb, XSCTP_HEADER_LEN, 0);
	if (sk->sk_family != AF_INET6 || !inet6_sk(sk)->rxopt.all)
		return;
	if (v4)
		xl4_v6_mapped_recv_ctl(sk, msg, skb);
	else
		ip6_datagram_recv_ctl(sk, msg, skb);
}

/* The address that a message came from; if it is the peer's no more, or not known, the primary. */
static struct xl4_addr xsctp_source(const struct xsctp_association *a,
				    const struct xsctp_skb_cb *cb)
{
	const struct xsctp_transport *t;

	if (a->dead)
		return a->peer_addr;
	list_for_each_entry(t, &a->transports, link)
		if (t->id == cb->path && !cb->notification)
			return t->key.peer;
	return a->primary ? a->primary->key.peer : a->peer_addr;
}

/* RFC 6458 section 3.1.4. Of a notification: the primary address. */
static void xsctp_put_name(struct sock *sk, struct msghdr *msg, const struct xsctp_association *a,
			   const struct xsctp_skb_cb *cb)
{
	struct xl4_addr addr;

	if (!msg->msg_name)
		return;
	msg->msg_namelen = 0;
	if (!a)
		return;
	addr = xsctp_source(a, cb);
	if (!xl4_addr_is_any(&addr))
		msg->msg_namelen = xsctp_addr_to(sk, &addr, a->peer_port, msg->msg_name);
}

static void xsctp_put_infos(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	const struct xsctp_skb_cb *cb = XSCTP_SKB_CB(skb);

	if (cb->notification) {
		msg->msg_flags |= MSG_NOTIFICATION;
		return;
	}
	if (xsctp_sk(sk)->recv_nxtinfo && !skb_queue_is_last(&sk->sk_receive_queue, skb))
		xsctp_put_nxtinfo(msg, skb_queue_next(&sk->sk_receive_queue, skb));
	if (xsctp_sk(sk)->recv_rcvinfo)
		xsctp_put_rcvinfo(msg, cb);
	if (xsctp_subscribed(sk, SCTP_DATA_IO_EVENT))
		xsctp_put_sndrcv(msg, cb);
	xsctp_put_ip(sk, msg, skb);
	sock_recv_timestamp(msg, sk, skb);
}

/* ----------------------------------------------------------------------- reading */

/* One recvmsg(2) on its way. */
struct xsctp_read {
	struct msghdr	*msg;
	size_t		left;		/* room */
	int		copied;
	bool		peek;
	bool		done;		/* the message has ended, or the room */
};

/*
 * Forget the fragments of a message that were read: another read need not pass them. Those of a
 * packet that came in pieces stay as long as somebody else has them, too: a raw socket, say.
 */
static void xsctp_eat(struct sk_buff *skb, u32 *offset)
{
	struct sk_buff *fragment;

	if (skb_headlen(skb) || skb_shinfo(skb)->nr_frags || skb_cloned(skb))
		return;
	while ((fragment = skb_shinfo(skb)->frag_list) && *offset >= fragment->len &&
	       fragment->len < skb->len && !skb_shared(fragment)) {
		skb_shinfo(skb)->frag_list = fragment->next;
		skb->len -= fragment->len;
		skb->data_len -= fragment->len;
		*offset -= fragment->len;
		fragment->next = NULL;
		consume_skb(fragment);
	}
}

/* Read of one skb, from *@offset on. Returns 0 or an errno. */
static int xsctp_read_skb(struct xsctp_read *r, struct sk_buff *skb, u32 *offset)
{
	u32 n = min_t(size_t, r->left, skb->len - *offset);
	int err = skb_copy_datagram_msg(skb, *offset, r->msg, n);

	if (err)
		return err;
	*offset += n;
	r->left -= n;
	r->copied += n;
	if (*offset < skb->len) {
		r->done = true;
		return 0;
	}
	if (XSCTP_SKB_CB(skb)->notification || XSCTP_SKB_CB(skb)->flags & XSCTP_DATA_END) {
		r->msg->msg_flags |= MSG_EOR;
		r->done = true;
	}
	return 0;
}

/* Is the skb behind @skb the next part of the same message? */
static struct sk_buff *xsctp_next_part(struct sock *sk, struct sk_buff *skb)
{
	const struct xsctp_skb_cb *cb = XSCTP_SKB_CB(skb), *next_cb;
	struct sk_buff *next;

	if (skb_queue_is_last(&sk->sk_receive_queue, skb))
		return NULL;
	next = skb_queue_next(&sk->sk_receive_queue, skb);
	next_cb = XSCTP_SKB_CB(next);
	if (next_cb->notification || next_cb->association != cb->association ||
	    next_cb->flags & XSCTP_DATA_BEGIN || next_cb->sid != cb->sid)
		return NULL;
	return next;
}

/* Read a message, or a part of it. Returns 0 or an errno, if nothing was read. */
static int xsctp_read_message(struct sock *sk, struct xsctp_read *r, struct sk_buff *skb)
{
	u32 *kept = &xsctp_sk(sk)->read_offset;
	u32 offset = *kept;
	struct sk_buff *next;
	int err;

	for (; skb; skb = next) {
		err = xsctp_read_skb(r, skb, &offset);
		if (err)
			return r->copied ? 0 : err;
		next = r->done || !r->left ? NULL : xsctp_next_part(sk, skb);
		if (r->peek) {
			offset = 0;
			continue;
		}
		if (offset < skb->len) {
			xsctp_eat(skb, &offset);
			*kept = offset;
			return 0;
		}
		skb_unlink(skb, &sk->sk_receive_queue);
		*kept = 0;
		offset = 0;
		consume_skb(skb);
	}
	return 0;
}

static int xsctp_recvmsg_locked(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct xsctp_read r = { .msg = msg, .left = len, .peek = flags & MSG_PEEK };
	struct xsctp_association *a;
	struct sk_buff *skb;
	bool notification;
	int err = 0;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = xl4_first_packet(sk, flags, xsctp_no_more, &err);
	if (!skb) {
		msg->msg_namelen = 0;
		return min(err, 0);
	}
	/* Its reference goes with the skb. */
	a = XSCTP_SKB_CB(skb)->association;
	notification = XSCTP_SKB_CB(skb)->notification;
	if (a)
		refcount_inc(&a->ref);
	xsctp_put_name(sk, msg, a, XSCTP_SKB_CB(skb));
	xsctp_put_infos(sk, msg, skb);
	err = xsctp_read_message(sk, &r, skb);
	if (!err && !r.peek && !notification && a)
		xsctp_rwnd_read(a, r.copied);
	if (a)
		xsctp_association_put(a);
	return err ? : r.copied;
}

/**
 * xsctp_recvmsg() - the recvmsg of struct proto
 * @sk: not locked
 * @msg: filled in: the peer's address, MSG_EOR at the end of a message, MSG_NOTIFICATION
 * @len: room for data; what does not fit stays for the next call
 * @flags: of recvmsg(2)
 *
 * RFC 6458 section 3.1.4.
 *
 * Return: octets; 0 when the peer has shut down (one-to-one); or an error of recv(2)
 */
int xsctp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	int n;

	if (unlikely(flags & MSG_ERRQUEUE))
		return xl4_recv_error(sk, msg, len);
	lock_sock(sk);
	n = xsctp_recvmsg_locked(sk, msg, len, flags);
	release_sock(sk);
	return n;
}
