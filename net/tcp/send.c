// SPDX-License-Identifier: GPL-2.0
/* From the program's memory into the queue: sendmsg(2) and its kin. */

#include <linux/uio.h>
#include <net/busy_poll.h>

#include "tcp.h"

/* How much data one buffer is to hold: as many full segments as the device takes at once. */
static unsigned int xtcp_size_goal(struct sock *sk, unsigned int mss)
{
	unsigned int most;

	if (!sk_can_gso(sk))
		return mss;
	most = min_t(unsigned int, sk->sk_gso_max_size, GSO_LEGACY_MAX_SIZE - 1 - XTCP_HEADROOM);
	most = min(most, max(xtcp_sk(sk)->max_window / 2, mss));
	return max(most - most % mss, mss);
}

static struct sk_buff *xtcp_new_segment(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_alloc_skb(sk, sk->sk_allocation);

	if (!skb)
		return NULL;
	if (!sk_wmem_schedule(sk, skb->truesize)) {
		skb->_skb_refdst = 0;
		skb->destructor = NULL;
		__kfree_skb(skb);
		return NULL;
	}
	XTCP_SKB_CB(skb)->seq = tp->write_seq;
	XTCP_SKB_CB(skb)->end_seq = tp->write_seq;
	XTCP_SKB_CB(skb)->flags = XTCP_ACK;
	XTCP_SKB_CB(skb)->marks = 0;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	return skb;
}

/* Nothing was written to the last segment after all. */
static void xtcp_drop_empty(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || skb->len || XTCP_SKB_CB(skb)->flags & XTCP_FIN)
		return;
	__skb_unlink(skb, &sk->sk_write_queue);
	xtcp_free_skb(sk, skb);
}

/*
 * Copy what fits from the program to the end of @skb. Returns how much; -ENOSPC
 * if @skb is full, -ENOBUFS if memory is short, -EFAULT.
 */
static int xtcp_copy_in(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, size_t want)
{
	struct page_frag *frag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	bool merge;
	int n;

	if (!sk_page_frag_refill(sk, frag))
		return -ENOBUFS;
	merge = skb_can_coalesce(skb, i, frag->page, frag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return -ENOSPC;
	n = min_t(size_t, want, frag->size - frag->offset);
	if (!sk_wmem_schedule(sk, n))
		return -ENOBUFS;
	if (copy_page_from_iter(frag->page, frag->offset, n, &msg->msg_iter) != n)
		return -EFAULT;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		get_page(frag->page);
		skb_fill_page_desc(skb, i, frag->page, frag->offset, n);
	}
	frag->offset += n;
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	WRITE_ONCE(xtcp_sk(sk)->write_seq, xtcp_sk(sk)->write_seq + n);
	XTCP_SKB_CB(skb)->end_seq += n;
	return n;
}

static void xtcp_mark_push(struct xtcp_sock *tp, struct sk_buff *skb)
{
	XTCP_SKB_CB(skb)->flags |= XTCP_PSH;
	tp->pushed_seq = tp->write_seq;
}

/* RFC 9293 section 3.8.5: the octet before snd_up is the urgent one. */
static void xtcp_mark_urgent(struct xtcp_sock *tp, int flags)
{
	if (flags & MSG_OOB)
		tp->snd_up = tp->write_seq;
}

/* What was written is whole: send it, as far as Nagle and MSG_MORE let us. */
static void xtcp_push(struct sock *sk, int flags)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct xtcp_sock *tp = xtcp_sk(sk);
	u8 nonagle = tp->nonagle;

	if (!skb)
		return;
	/* RFC 9293 section 3.9.1.2: PSH when nothing more is to be had. */
	if (!(flags & MSG_MORE) || tp->write_seq - tp->pushed_seq > tp->max_window >> 1)
		xtcp_mark_push(tp, skb);
	xtcp_mark_urgent(tp, flags);
	xtcp_push_pending(sk, flags & MSG_MORE ? XTCP_CORK : nonagle);
}

/* Wait for room, what is there being sent meanwhile. */
static int xtcp_wait_for_room(struct sock *sk, int flags, size_t copied, long *timeout)
{
	xtcp_drop_empty(sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	if (copied || xtcp_send_head(sk))
		xtcp_push(sk, flags & ~MSG_MORE);
	return sk_stream_wait_memory(sk, timeout);
}

static int xtcp_sendmsg_cmsg(struct sock *sk, struct msghdr *msg)
{
	struct sockcm_cookie cookie;

	if (!msg->msg_controllen)
		return 0;
	sockcm_init(&cookie, sk);
	return sock_cmsg_send(sk, msg, &cookie);
}

/* One step: some data goes into the last segment, or into a new one, or we wait. */
static ssize_t xtcp_send_some(struct sock *sk, struct msghdr *msg, size_t copied,
			      unsigned int goal, long *timeout)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct xtcp_sock *tp = xtcp_sk(sk);
	int n = -ENOSPC;

	if (skb && skb->len < goal)
		n = xtcp_copy_in(sk, skb, msg, min_t(size_t, goal - skb->len, msg_data_left(msg)));
	if (n == -ENOSPC) {
		if (skb) {
			xtcp_mark_push(tp, skb);
			if (skb == xtcp_send_head(sk))
				xtcp_push_one(sk);
			else if (tp->write_seq - tp->snd_nxt > tp->max_window >> 1)
				xtcp_push_pending(sk, XTCP_NODELAY);
		}
		if (!sk_stream_memory_free(sk))
			return xtcp_wait_for_room(sk, msg->msg_flags, copied, timeout);
		skb = xtcp_new_segment(sk);
		n = skb ? xtcp_copy_in(sk, skb, msg, min_t(size_t, goal, msg_data_left(msg))) :
			  -ENOBUFS;
	}
	if (n == -ENOBUFS)
		return xtcp_wait_for_room(sk, msg->msg_flags, copied, timeout);
	return n;
}

/**
 * xtcp_sendmsg_locked() - write to a connection
 * @sk: locked
 * @msg: data, flags and control messages of sendmsg(2)
 * @size: octets
 *
 * Return: octets taken, or an error of send(2).
 */
static int xtcp_sendmsg_locked(struct sock *sk, struct msghdr *msg, size_t size)
{
	long timeout = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	unsigned int mss, goal;
	size_t copied = 0;
	ssize_t n;

	if (!xtcp_in(sk, TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) {
		n = sk_stream_wait_connect(sk, &timeout);
		if (n)
			return sk_stream_error(sk, msg->msg_flags, n);
	}
	n = xtcp_sendmsg_cmsg(sk, msg);
	if (n)
		return n;
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	mss = xtcp_current_mss(sk);
	goal = xtcp_size_goal(sk, mss);
	while (msg_data_left(msg)) {
		n = -EPIPE;
		if (sk->sk_err || sk->sk_shutdown & SEND_SHUTDOWN)
			break;
		n = xtcp_send_some(sk, msg, copied, goal, &timeout);
		if (n < 0)
			break;
		copied += n;
		if (!n) {
			mss = xtcp_current_mss(sk);
			goal = xtcp_size_goal(sk, mss);
		}
	}
	xtcp_drop_empty(sk);
	if (copied)
		xtcp_push(sk, msg->msg_flags);
	if (n >= 0 || copied)
		return copied;
	n = sk_stream_error(sk, msg->msg_flags, n);
	if (n == -EAGAIN)
		sk->sk_write_space(sk);
	return n;
}

/**
 * xtcp_sendmsg() - the sendmsg of struct proto
 * @sk: not locked
 * @msg: data, flags and control messages of sendmsg(2)
 * @size: octets
 *
 * RFC 9293 section 3.10.2.
 *
 * Return: octets taken, or an error of send(2).
 */
int xtcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	int n;

	lock_sock(sk);
	n = xtcp_sendmsg_locked(sk, msg, size);
	release_sock(sk);
	return n;
}

/**
 * xtcp_splice_eof() - sendfile() reached the end of the file: no more will come
 * @sock: to which it was sent
 */
void xtcp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!xtcp_send_head(sk))
		return;
	lock_sock(sk);
	xtcp_push_pending(sk, xtcp_sk(sk)->nonagle);
	release_sock(sk);
}
