// SPDX-License-Identifier: GPL-2.0
/* From the queue into the program's memory: recvmsg(2), splice(2), MSG_OOB. */

#include <linux/net.h>
#include <linux/splice.h>
#include <net/busy_poll.h>

#include "tcp.h"

/* ------------------------------------------------------------- out of band */

/* MSG_OOB: the one urgent octet, if it is not in the stream. */
static int xtcp_recv_urgent(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u8 octet = tp->urg_data;

	if (sock_flag(sk, SOCK_URGINLINE) || tp->urg_state == XTCP_URG_NONE ||
	    tp->urg_state == XTCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->urg_state != XTCP_URG_VALID)
		return sk->sk_shutdown & RCV_SHUTDOWN ? 0 : -EAGAIN;
	if (!(flags & MSG_PEEK))
		tp->urg_state = XTCP_URG_READ;
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &octet, 1))
		return -EFAULT;
	return 1;
}

/*
 * What the urgent octet means for reading on at @seq: how many octets up to it
 * may be read at most, or whether it is to be skipped.
 */
static u32 xtcp_until_urgent(const struct sock *sk, u32 seq, u32 used, bool *skip, bool *stop,
			     bool copied)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 ahead = tp->rcv_up - seq;

	*skip = false;
	*stop = false;
	if (likely(tp->urg_state == XTCP_URG_NONE) || ahead >= used)
		return used;
	if (ahead)
		return ahead;
	/* A read ends at the mark and the next one begins behind it. */
	if (copied)
		*stop = true;
	else if (!sock_flag(sk, SOCK_URGINLINE))
		*skip = true;
	return used;
}

/* ------------------------------------------------------------------ reading */

/* The segment that holds @seq and where in it; NULL: nothing there yet. */
static struct sk_buff *xtcp_find_segment(struct sock *sk, u32 seq, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = seq - XTCP_SKB_CB(skb)->seq;
		if (*offset < skb->len ||
		    (*offset == skb->len && XTCP_SKB_CB(skb)->flags & XTCP_FIN))
			return skb;
	}
	return NULL;
}

/* The mark was passed: what was urgent is so no more. */
static void xtcp_pass_mark(struct xtcp_sock *tp)
{
	if (unlikely(tp->urg_state != XTCP_URG_NONE) && seq_after(tp->copied_seq, tp->rcv_up))
		tp->urg_state = XTCP_URG_NONE;
}

static void xtcp_eat(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	__kfree_skb(skb);
}

/* The program has read: forget what it has, and tell the peer of the room. */
static void xtcp_cleanup_rbuf(struct sock *sk, int copied)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (copied > 0)
		xtcp_tune_rcvbuf(sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	/* Whoever reads all that there is will answer or not: delay no more than two segments. */
	if (tp->ack_pending & XTCP_ACK_SCHED &&
	    (tp->rcv_nxt - tp->rcv_wup > tp->rcv_mss || tp->quickack_mode)) {
		xtcp_send_ack(sk);
		return;
	}
	if (copied > 0 && !(sk->sk_shutdown & RCV_SHUTDOWN) && xtcp_window_grew(sk))
		xtcp_send_ack(sk);
}

/* Why there is nothing to wait for: 0 if there is, 1 at the end of data, or an errno. */
static int xtcp_no_more(struct sock *sk, bool copied, long timeout)
{
	if (copied) {
		if (!timeout || sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    sk->sk_shutdown & RCV_SHUTDOWN || signal_pending(current))
			return 1;
		return 0;
	}
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (xtcp_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return -ENOTCONN;
	if (!timeout)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(timeout);
	return 0;
}

/*
 * Wait until more is there than now: what was peeked at is still in the queue, and
 * its last segment may grow. Returns 0 or an errno.
 */
static int xtcp_wait_data(struct sock *sk, long *timeout)
{
	u32 seen = xtcp_sk(sk)->rcv_nxt;
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err;

	add_wait_queue(sk_sleep(sk), &wait);
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	xtcp_sk(sk)->readers++;
	err = sk_wait_event(sk, timeout, READ_ONCE(xtcp_sk(sk)->rcv_nxt) != seen, &wait);
	xtcp_sk(sk)->readers--;
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return min(err, 0);
}

/* One recvmsg(2) on its way. */
struct xtcp_read {
	struct msghdr	*msg;
	size_t		left;		/* room */
	int		copied;
	int		flags;
	u32		*seq;		/* of the next octet: the socket's; when peeking, ours */
	bool		stop;
	ktime_t		stamp;		/* when the last segment came; 0: unknown */
	ktime_t		hardware_stamp;
};

static void xtcp_note_stamps(struct xtcp_read *r, struct sk_buff *skb)
{
	ktime_t hardware = skb_hwtstamps(skb)->hwtstamp;

	if (!skb->tstamp && !hardware)
		return;
	r->stamp = skb->tstamp;
	r->hardware_stamp = hardware;
}

/* Read from one segment. Returns 0, or an errno if nothing could be copied. */
static int xtcp_read_segment(struct sock *sk, struct xtcp_read *r, struct sk_buff *skb, u32 offset)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	u32 used = min_t(u32, skb->len - offset, r->left);
	bool skip;
	int err;

	if (skb->len > offset) {
		used = xtcp_until_urgent(sk, *r->seq, used, &skip, &r->stop, r->copied);
		if (r->stop)
			return 0;
		if (skip) {
			++*r->seq;
			offset++;
			used = 0;
		}
		if (used && !(r->flags & MSG_TRUNC)) {
			err = skb_copy_datagram_msg(skb, offset, r->msg, used);
			if (err)
				return err;
		}
		if (used)
			xtcp_note_stamps(r, skb);
		WRITE_ONCE(*r->seq, *r->seq + used);
		r->copied += used;
		r->left -= used;
		offset += used;
		xtcp_pass_mark(xtcp_sk(sk));
	}
	if (offset < skb->len)
		return 0;
	if (cb->flags & XTCP_FIN) {
		++*r->seq;
		r->stop = true;
	}
	if (!(r->flags & MSG_PEEK))
		xtcp_eat(sk, skb);
	return 0;
}

/* SO_TIMESTAMPNS */
static void xtcp_put_timespec(struct sock *sk, struct msghdr *msg, struct timespec64 ts)
{
	struct __kernel_timespec stamp = { ts.tv_sec, ts.tv_nsec };
	struct __kernel_old_timespec old = { ts.tv_sec, ts.tv_nsec };

	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(stamp), &stamp);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(old), &old);
}

/* SO_TIMESTAMP */
static void xtcp_put_timeval(struct sock *sk, struct msghdr *msg, struct timespec64 ts)
{
	struct __kernel_sock_timeval stamp = { ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC };
	struct __kernel_old_timeval old = { ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC };

	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(stamp), &stamp);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(old), &old);
}

/* SO_TIMESTAMPING: the first is the software's, the third the device's. */
static void xtcp_put_timestamping(struct sock *sk, struct xtcp_read *r)
{
	struct scm_timestamping_internal stamps = {};
	u32 flags = READ_ONCE(sk->sk_tsflags);
	ktime_t software = flags & SOF_TIMESTAMPING_SOFTWARE ? r->stamp : 0;
	ktime_t hardware = flags & SOF_TIMESTAMPING_RAW_HARDWARE ? r->hardware_stamp : 0;

	if (!software && !hardware)
		return;
	xl4_stamp(&stamps.ts[0], software);
	xl4_stamp(&stamps.ts[2], hardware);
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(r->msg, &stamps);
	else
		put_cmsg_scm_timestamping(r->msg, &stamps);
}

/* TCP_INQ: what is left. The end of all data is worth another read: it counts as 1. */
static int xtcp_inq_hint(const struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	int left = tp->rcv_nxt - tp->copied_seq;

	if (!sock_flag(sk, SOCK_DONE))
		return left;
	/* The FIN has a number too, which is passed with the last octet. */
	return left > 1 ? left - 1 : 1;
}

static void xtcp_recv_cmsg(struct sock *sk, struct xtcp_read *r)
{
	int inq;

	if (r->stamp && sock_flag(sk, SOCK_RCVTSTAMP)) {
		if (sock_flag(sk, SOCK_RCVTSTAMPNS))
			xtcp_put_timespec(sk, r->msg, ktime_to_timespec64(r->stamp));
		else
			xtcp_put_timeval(sk, r->msg, ktime_to_timespec64(r->stamp));
	}
	if (r->stamp || r->hardware_stamp)
		xtcp_put_timestamping(sk, r);
	if (xtcp_sk(sk)->inq) {
		inq = xtcp_inq_hint(sk);
		put_cmsg(r->msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
	}
}

static int xtcp_recvmsg_locked(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 peek_seq = tp->copied_seq;
	struct xtcp_read r = {
		.msg = msg,
		.left = len,
		.flags = flags,
		.seq = flags & MSG_PEEK ? &peek_seq : &tp->copied_seq,
	};
	long timeout = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	struct sk_buff *skb;
	u32 offset;
	int err = 0;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (flags & MSG_OOB)
		return xtcp_recv_urgent(sk, msg, len, flags);
	if (flags & MSG_PEEK) {
		int skip = sk_peek_offset(sk, flags);

		peek_seq += max(skip, 0);
	}

	do {
		skb = xtcp_find_segment(sk, *r.seq, &offset);
		if (skb) {
			err = xtcp_read_segment(sk, &r, skb, offset);
			if (err)
				break;
			continue;
		}
		/* A signal at the mark is to be seen before what comes after it. */
		if (r.copied >= target && !READ_ONCE(sk->sk_backlog.tail))
			break;
		if (r.copied < target || !READ_ONCE(sk->sk_backlog.tail)) {
			err = xtcp_no_more(sk, r.copied, timeout);
			if (err) {
				err = min(err, 0);
				break;
			}
		}
		xtcp_cleanup_rbuf(sk, r.copied);
		if (r.copied >= target) {
			/* What waits in the backlog costs no waiting. */
			release_sock(sk);
			lock_sock(sk);
		} else {
			err = xtcp_wait_data(sk, &timeout);
			if (err)
				break;
		}
		/* Another may have read meanwhile what we peek at. */
		if (seq_before(*r.seq, tp->copied_seq))
			*r.seq = tp->copied_seq;
	} while (r.left && !r.stop);
	if (r.copied > 0 && flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, r.copied);
	else if (r.copied > 0)
		sk_peek_offset_bwd(sk, r.copied);
	xtcp_cleanup_rbuf(sk, flags & MSG_PEEK ? 0 : r.copied);
	if (r.copied > 0 || !err)
		xtcp_recv_cmsg(sk, &r);
	return r.copied ? : err;
}

/**
 * xtcp_recvmsg() - the recvmsg of struct proto
 * @sk: not locked
 * @msg: filled in
 * @len: room for data
 * @flags: of recvmsg(2)
 *
 * RFC 9293 section 3.10.3.
 *
 * Return: octets; 0 at the end; or an error of recv(2).
 */
int xtcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	int n;

	if (unlikely(flags & MSG_ERRQUEUE))
		return xl4_recv_error(sk, msg, len);
	lock_sock(sk);
	n = xtcp_recvmsg_locked(sk, msg, len, flags);
	release_sock(sk);
	msg->msg_namelen = 0;
	return n;
}

/* ------------------------------------------------------------------- splice */

/*
 * Move what one segment has into the pipe. A pipe knows no mark: the urgent octet
 * is left out. Returns octets, or an errno.
 */
static int xtcp_splice_segment(struct sock *sk, struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	bool skip = false, stop;
	struct sk_buff *skb;
	u32 offset;
	int n = 0;

	skb = xtcp_find_segment(sk, tp->copied_seq, &offset);
	if (!skb)
		return 0;
	if (offset < skb->len) {
		u32 most = min_t(size_t, skb->len - offset, len);

		most = xtcp_until_urgent(sk, tp->copied_seq, most, &skip, &stop, false);
		n = skip ? 0 : skb_splice_bits(skb, sk, offset, pipe, most, flags);
		if (n < 0 || (!n && !skip))
			return n;
		WRITE_ONCE(tp->copied_seq, tp->copied_seq + n + skip);
		offset += n + skip;
		xtcp_pass_mark(tp);
	}
	if (offset >= skb->len) {
		if (XTCP_SKB_CB(skb)->flags & XTCP_FIN)
			tp->copied_seq++;
		xtcp_eat(sk, skb);
	}
	return skip ? xtcp_splice_segment(sk, pipe, len, flags) : n;
}

/**
 * xtcp_splice_read() - the splice_read of struct proto_ops
 * @sock: from which
 * @pos: unused
 * @pipe: into which
 * @len: octets
 * @flags: of splice(2)
 *
 * Return: octets; 0 at the end; or an error of splice(2).
 */
ssize_t xtcp_splice_read(struct socket *sock, loff_t *pos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags)
{
	struct sock *sk = sock->sk;
	size_t spliced = 0;
	long timeout;
	int n = 0;

	lock_sock(sk);
	timeout = sock_rcvtimeo(sk, flags & SPLICE_F_NONBLOCK || sock->file->f_flags & O_NONBLOCK);
	while (spliced < len) {
		n = xtcp_splice_segment(sk, pipe, len - spliced, flags);
		if (n < 0)
			break;
		spliced += n;
		if (n)
			continue;
		n = xtcp_no_more(sk, spliced, spliced ? 0 : timeout);
		if (n) {
			n = min(n, 0);
			break;
		}
		n = xtcp_wait_data(sk, &timeout);
		if (n)
			break;
	}
	xtcp_cleanup_rbuf(sk, spliced);
	release_sock(sk);
	return spliced ? : n;
}
