// SPDX-License-Identifier: GPL-2.0
/* A program waits for the next packet. */

#include <linux/module.h>
#include <linux/sched/signal.h>
#include <xl4/connect.h>

static bool xl4_has_news(const struct sock *sk, int state)
{
	return !skb_queue_empty(&sk->sk_receive_queue) || sk->sk_err ||
	       sk->sk_shutdown & RCV_SHUTDOWN || sk->sk_state != state;
}

static void xl4_wait_news(struct sock *sk, long *timeout)
{
	int state = sk->sk_state;
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	sk_wait_event(sk, timeout, xl4_has_news(sk, state), &wait);
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * xl4_first_packet() - the first of what a program has yet to read, waiting for it
 * @sk: locked; let go meanwhile. Each skb of its receive queue is a packet, or a message
 * @flags: of recvmsg(2)
 * @no_more: why none will come: 0 if one may, 1 at the end of data, or an errno of recv(2)
 * @err: what @no_more said, -EAGAIN, or an error of a signal; set if there is no packet
 *
 * Process context.
 *
 * Return: the packet, still in the queue; or NULL.
 */
struct sk_buff *xl4_first_packet(struct sock *sk, int flags, int (*no_more)(struct sock *sk),
				 int *err)
{
	long timeout = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb;

	while (!(skb = skb_peek(&sk->sk_receive_queue))) {
		*err = no_more(sk);
		if (!*err && !timeout)
			*err = -EAGAIN;
		if (!*err && signal_pending(current))
			*err = sock_intr_errno(timeout);
		if (*err)
			return NULL;
		xl4_wait_news(sk, &timeout);
	}
	return skb;
}
EXPORT_SYMBOL_GPL(xl4_first_packet);
