// SPDX-License-Identifier: GPL-2.0
/*
 * The receive queue: datagrams on their way from softirq to recvmsg().
 *
 * There are two queues. Softirq appends to sk_receive_queue; the reader takes
 * from reader_queue, and when that is empty moves all of sk_receive_queue
 * there at once. So the two contend for a lock once for many datagrams.
 *
 * Memory: sk_rmem_alloc is what both queues hold, bounded by sk_rcvbuf;
 * sk_forward_alloc is what was reserved of net.xl4.udp_mem beyond it. Both are
 * charged under sk_receive_queue.lock. The reader gives back what it read when
 * its queue runs empty, or earlier if it is much: until then it is a deficit.
 *
 * Locks: reader_queue.lock, and inside it sk_receive_queue.lock.
 */

#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include <trace/events/xl4.h>

#include "udp.h"

static struct lock_class_key xudp_reader_key;

/**
 * xudp_queue_init() - prepare an empty receive queue
 * @sk: a new socket
 */
void xudp_queue_init(struct sock *sk)
{
	skb_queue_head_init_class(&xudp_sk(sk)->reader_queue, &xudp_reader_key);
}

/* Under sk_receive_queue.lock. */
static bool xudp_charge(struct sock *sk, unsigned int size)
{
	int missing = size - sk->sk_forward_alloc;

	if (missing > 0 && !__sk_mem_schedule(sk, missing, SK_MEM_RECV))
		return false;
	sk->sk_forward_alloc -= size;
	atomic_add(size, &sk->sk_rmem_alloc);
	return true;
}

/*
 * Give back @size, and what is reserved beyond a page: that one waits for the
 * next datagram. Under sk_receive_queue.lock.
 */
static void xudp_uncharge(struct sock *sk, unsigned int size)
{
	int pages;

	sk->sk_forward_alloc += size;
	pages = (sk->sk_forward_alloc - 1) & PAGE_MASK;
	if (pages > 0)
		__sk_mem_reclaim(sk, pages);
	atomic_sub(size, &sk->sk_rmem_alloc);
}

/**
 * xudp_queue_tail() - append a datagram
 * @sk: the receiver, referenced
 * @skb: the datagram; the queue's on success, still the caller's on failure
 *
 * Softirq, or with BH disabled.
 *
 * Return: 0; -ENOMEM if the receive buffer is full; -ENOBUFS if all sockets
 * together have too much (net.xl4.udp_mem).
 */
int xudp_queue_tail(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	/* Unsigned: the largest SO_RCVBUFFORCE is the largest int, which the sum may exceed. */
	unsigned int held = atomic_read(&sk->sk_rmem_alloc);

	if (held > (unsigned int)READ_ONCE(sk->sk_rcvbuf)) {
		sk_drops_inc(sk);
		return -ENOMEM;
	}
	spin_lock(&queue->lock);
	if (unlikely(!xudp_charge(sk, skb->truesize))) {
		spin_unlock(&queue->lock);
		sk_drops_inc(sk);
		return -ENOBUFS;
	}
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(queue, skb);
	trace_xl4_queue(sk, skb);
	spin_unlock(&queue->lock);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	return 0;
}

/* Give the deficit back if it is worth a lock. Under reader_queue.lock. */
static void xudp_settle(struct sock *sk)
{
	struct xudp_sock *up = xudp_sk(sk);

	if (!up->deficit ||
	    (!skb_queue_empty(&up->reader_queue) && up->deficit < READ_ONCE(sk->sk_rcvbuf) >> 2))
		return;
	spin_lock(&sk->sk_receive_queue.lock);
	xudp_uncharge(sk, up->deficit);
	spin_unlock(&sk->sk_receive_queue.lock);
	up->deficit = 0;
}

/* Move to the reader's queue what softirq has queued. Under its lock. */
static void xudp_refill(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;

	if (skb_queue_empty_lockless(queue))
		return;
	spin_lock(&queue->lock);
	skb_queue_splice_tail_init(queue, &xudp_sk(sk)->reader_queue);
	spin_unlock(&queue->lock);
}

/* Account a datagram that has left the reader's queue. Under its lock. */
static void xudp_account_read(struct sock *sk, struct sk_buff *skb)
{
	xudp_sk(sk)->deficit += skb->truesize;
	xudp_settle(sk);
}

/*
 * The reader's queue is empty: take the first that softirq has queued and move
 * the others. If it is the only one, settle its charge while the lock is held.
 * Under reader_queue.lock.
 */
static struct sk_buff *xudp_take_fresh(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct xudp_sock *up = xudp_sk(sk);
	struct sk_buff *skb;

	if (skb_queue_empty_lockless(queue))
		return NULL;
	spin_lock(&queue->lock);
	skb = __skb_dequeue(queue);
	if (skb)
		up->deficit += skb->truesize;
	if (skb_queue_empty(queue)) {
		xudp_uncharge(sk, up->deficit);
		up->deficit = 0;
	} else {
		skb_queue_splice_tail_init(queue, &up->reader_queue);
	}
	spin_unlock(&queue->lock);
	return skb;
}

static struct sk_buff *xudp_take(struct sock *sk)
{
	struct sk_buff_head *reader = &xudp_sk(sk)->reader_queue;
	struct sk_buff *skb;

	spin_lock_bh(&reader->lock);
	skb = __skb_dequeue(reader);
	if (skb)
		xudp_account_read(sk, skb);
	else
		skb = xudp_take_fresh(sk);
	spin_unlock_bh(&reader->lock);
	return skb;
}

/* @last will be the end of what was looked at: the last datagram, or the reader's queue itself. */
static struct sk_buff *xudp_look(struct sock *sk, unsigned int flags, int *offset, int *err,
				 struct sk_buff **last)
{
	struct sk_buff_head *reader = &xudp_sk(sk)->reader_queue;

	spin_lock_bh(&reader->lock);
	xudp_refill(sk);
	spin_unlock_bh(&reader->lock);
	return __skb_try_recv_datagram(sk, reader, flags, offset, err, last);
}

/* A reader sleeps on when there is only room to send. */
static int xudp_wake_reader(struct wait_queue_entry *reader, unsigned int how, int sync,
			    void *key)
{
	__poll_t news = key ? key_to_poll(key) : EPOLLIN;

	if (news & (EPOLLIN | EPOLLERR))
		return autoremove_wake_function(reader, how, sync, key);
	return 0;
}

/*
 * Is there something behind @last, which is the end of what was looked at? Both
 * queues count: another reader may just have moved all of one to the other.
 */
static bool xudp_news(const struct sock *sk, const struct sk_buff *last)
{
	return !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
	       READ_ONCE(xudp_sk(sk)->reader_queue.prev) != last;
}

/*
 * Sleep until there may be something to read. What SO_PEEK_OFF skips stays in
 * the queue: it must not keep its reader awake. Returns 0 to look again, else
 * why not; 1 for a socket that was shut down.
 */
static int xudp_wait(struct sock *sk, const struct sk_buff *last, long *timeo)
{
	int why = 0;

	DEFINE_WAIT_FUNC(reader, xudp_wake_reader);

	prepare_to_wait_exclusive(sk_sleep(sk), &reader, TASK_INTERRUPTIBLE);
	if (xudp_news(sk, last) || READ_ONCE(sk->sk_err))
		goto out;
	if (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
		why = 1;
	else if (signal_pending(current))
		why = sock_intr_errno(*timeo);
	else
		*timeo = schedule_timeout(*timeo);
out:
	finish_wait(sk_sleep(sk), &reader);
	return why;
}

/**
 * xudp_queue_head() - take the next datagram, or look at it
 * @sk: the reader's socket
 * @flags: MSG_PEEK
 * @timeo: jiffies to wait; what is left of them
 * @offset: for MSG_PEEK, bytes to skip (SO_PEEK_OFF); what is left of them in
 *	the datagram found
 * @err: set if there is none
 *
 * A pending socket error comes first. Process context, no lock held.
 *
 * Return: the datagram with a reference, or NULL with -EAGAIN, -EINTR, a
 * pending error, or 0 if the socket was shut down.
 */
struct sk_buff *xudp_queue_head(struct sock *sk, unsigned int flags, long *timeo, int *offset,
				int *err)
{
	struct sk_buff *last = (struct sk_buff *)&xudp_sk(sk)->reader_queue;
	struct sk_buff *skb;

	for (;;) {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		if (flags & MSG_PEEK)
			skb = xudp_look(sk, flags, offset, err, &last);
		else
			skb = xudp_take(sk);
		if (skb)
			return skb;
		if (*err && *err != -EAGAIN)
			return NULL;
		*err = -EAGAIN;
		if (!*timeo)
			return NULL;
		*err = xudp_wait(sk, last, timeo);
		if (*err) {
			*err = min(*err, 0);
			return NULL;
		}
	}
}

/**
 * xudp_queue_drop() - throw away a datagram from xudp_queue_head() as damaged
 * @sk: the reader's socket
 * @skb: the datagram; the caller's reference stays
 * @flags: as given to xudp_queue_head(): with MSG_PEEK it still is queued
 */
void xudp_queue_drop(struct sock *sk, struct sk_buff *skb, unsigned int flags)
{
	__sk_queue_drop_skb(sk, &xudp_sk(sk)->reader_queue, skb, flags, xudp_account_read);
}

/* Throw away damaged datagrams at the head of the reader's queue. Under its lock. */
static struct sk_buff *xudp_first_sound(struct sock *sk)
{
	struct sk_buff_head *reader = &xudp_sk(sk)->reader_queue;
	struct sk_buff *skb;

	while ((skb = skb_peek(reader)) && xudp_csum_bad(skb)) {
		__skb_unlink(skb, reader);
		xudp_account_read(sk, skb);
		sk_drops_inc(sk);
		xudp_discard(skb, xl4_sk(sk)->space, xudp_skb_is_v6(skb), XUDP_IN_CSUM_ERRORS);
	}
	return skb;
}

/**
 * xudp_queue_first_len() - how long is the next datagram
 * @sk: the socket
 *
 * Damaged ones at the head are thrown away first, so that poll() promises only
 * what recvmsg() will deliver. Any context but hard interrupt.
 *
 * Return: bytes of data, or -1 if there is none.
 */
int xudp_queue_first_len(struct sock *sk)
{
	struct sk_buff_head *reader = &xudp_sk(sk)->reader_queue;
	struct sk_buff *skb;
	int len = -1;

	spin_lock_bh(&reader->lock);
	skb = xudp_first_sound(sk);
	if (!skb) {
		/* Once: a flood of damaged ones must not keep the CPU. Others wake the caller. */
		xudp_refill(sk);
		skb = xudp_first_sound(sk);
	}
	if (skb)
		len = skb->len;
	spin_unlock_bh(&reader->lock);
	return len;
}

/**
 * xudp_queue_empty() - is there nothing to read
 * @sk: the socket
 *
 * Any context; a hint, as softirq may append at any time.
 */
bool xudp_queue_empty(const struct sock *sk)
{
	return skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	       skb_queue_empty_lockless(&xudp_sk(sk)->reader_queue);
}

/**
 * xudp_queue_purge() - free all that is queued and give back all memory
 * @sk: a dying socket that nobody else can reach
 */
void xudp_queue_purge(struct sock *sk)
{
	struct sk_buff_head *reader = &xudp_sk(sk)->reader_queue;
	struct sk_buff *skb;

	spin_lock_bh(&reader->lock);
	xudp_refill(sk);
	while ((skb = __skb_dequeue(reader))) {
		xudp_account_read(sk, skb);
		kfree_skb(skb);
	}
	xudp_settle(sk);
	spin_unlock_bh(&reader->lock);
}
