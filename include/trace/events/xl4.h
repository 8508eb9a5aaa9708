/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be watched of every xl4 protocol, by `perf trace -e xl4:*` or
 * under /sys/kernel/tracing/events/xl4. Addresses are printed as IPv6 ones,
 * those of IPv4 as ::ffff:a.b.c.d.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xl4

#if !defined(XL4_TRACE_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define XL4_TRACE_EVENTS_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <net/inet_sock.h>
#include <xl4/addr.h>
#include <xl4/cong.h>
#include <xl4/drop.h>

/* The names behind the numbers, for tools that read the raw events. */
#define XL4_DROP_REASON_EXPORT(name, text) TRACE_DEFINE_ENUM(XL4_DROP_##name);
XL4_DROP_REASONS(XL4_DROP_REASON_EXPORT, XL4_DROP_REASON_EXPORT)
#undef XL4_DROP_REASON_EXPORT

#undef XL4_DROP_REASON_SYMBOL
#define XL4_DROP_REASON_SYMBOL(name, text) { XL4_DROP_##name, text },
#undef XL4_DROP_REASON_LAST
#define XL4_DROP_REASON_LAST(name, text) { XL4_DROP_##name, text }

/* A socket, and the addresses it has or sends to. */
DECLARE_EVENT_CLASS(xl4_endpoint,
	TP_PROTO(const struct sock *sk, const struct xl4_tuple *tuple, int result),
	TP_ARGS(sk, tuple, result),

	TP_STRUCT__entry(
		__field(const void *,	sk)
		__field(u16,		protocol)
		__field(u16,		family)
		__field(u16,		local_port)
		__field(u16,		remote_port)
		__array(u8,		local, 16)
		__array(u8,		remote, 16)
		__field(int,		result)
	),

	TP_fast_assign(
		__entry->sk = sk;
		__entry->protocol = sk->sk_protocol;
		__entry->family = sk->sk_family;
		__entry->local_port = ntohs(tuple->local_port);
		__entry->remote_port = ntohs(tuple->remote_port);
		memcpy(__entry->local, &tuple->local, sizeof(__entry->local));
		memcpy(__entry->remote, &tuple->remote, sizeof(__entry->remote));
		__entry->result = result;
	),

	TP_printk("sk=%p protocol=%u family=%u local=[%pI6c]:%u remote=[%pI6c]:%u result=%d",
		  __entry->sk, __entry->protocol, __entry->family,
		  __entry->local, __entry->local_port,
		  __entry->remote, __entry->remote_port, __entry->result)
);

/* A socket asked for a port. @result: 0, or the error it got. */
DEFINE_EVENT(xl4_endpoint, xl4_bind,
	TP_PROTO(const struct sock *sk, const struct xl4_tuple *tuple, int result),
	TP_ARGS(sk, tuple, result)
);

/* A socket gave its port back. @result: 0. */
DEFINE_EVENT(xl4_endpoint, xl4_unbind,
	TP_PROTO(const struct sock *sk, const struct xl4_tuple *tuple, int result),
	TP_ARGS(sk, tuple, result)
);

/* A packet was handed to IP. @result: bytes of payload, or the error. */
DEFINE_EVENT(xl4_endpoint, xl4_send,
	TP_PROTO(const struct sock *sk, const struct xl4_tuple *tuple, int result),
	TP_ARGS(sk, tuple, result)
);

/* A connection's state changed; the numbers are those of the kernel's TCP_... */
TRACE_EVENT(xl4_state,
	TP_PROTO(const struct sock *sk, int old, int state),
	TP_ARGS(sk, old, state),

	TP_STRUCT__entry(
		__field(const void *,	sk)
		__field(u16,		protocol)
		__field(u16,		family)
		__field(u16,		local_port)
		__field(u16,		remote_port)
		__field(int,		old)
		__field(int,		state)
	),

	TP_fast_assign(
		__entry->sk = sk;
		__entry->protocol = sk->sk_protocol;
		__entry->family = sk->sk_family;
		__entry->local_port = ntohs(inet_sk(sk)->inet_sport);
		__entry->remote_port = ntohs(inet_sk(sk)->inet_dport);
		__entry->old = old;
		__entry->state = state;
	),

	TP_printk("sk=%p protocol=%u family=%u local=%u remote=%u old=%d state=%d",
		  __entry->sk, __entry->protocol, __entry->family, __entry->local_port,
		  __entry->remote_port, __entry->old, __entry->state)
);

/*
 * An acknowledgment came: how much may be in flight now, for the network (cwnd,
 * ssthresh) and for the peer (window), and how much is; in bytes. srtt_us is smoothed.
 */
TRACE_EVENT(xl4_ack,
	TP_PROTO(const struct sock *sk, const struct xl4_cong *cong, u32 flight, u32 window,
		 u32 srtt_us),
	TP_ARGS(sk, cong, flight, window, srtt_us),

	TP_STRUCT__entry(
		__field(const void *,	sk)
		__field(u16,		protocol)
		__field(u16,		family)
		__field(u16,		local_port)
		__field(u16,		remote_port)
		__field(u32,		cwnd)
		__field(u32,		ssthresh)
		__field(u32,		flight)
		__field(u32,		window)
		__field(u32,		srtt_us)
	),

	TP_fast_assign(
		__entry->sk = sk;
		__entry->protocol = sk->sk_protocol;
		__entry->family = sk->sk_family;
		__entry->local_port = ntohs(inet_sk(sk)->inet_sport);
		__entry->remote_port = ntohs(inet_sk(sk)->inet_dport);
		__entry->cwnd = cong->cwnd;
		__entry->ssthresh = cong->ssthresh;
		__entry->flight = flight;
		__entry->window = window;
		__entry->srtt_us = srtt_us;
	),

	TP_printk("sk=%p protocol=%u family=%u local=%u remote=%u cwnd=%u ssthresh=%u flight=%u window=%u srtt_us=%u",
		  __entry->sk, __entry->protocol, __entry->family, __entry->local_port,
		  __entry->remote_port, __entry->cwnd, __entry->ssthresh, __entry->flight,
		  __entry->window, __entry->srtt_us)
);

/* A packet is in a socket's receive queue. */
TRACE_EVENT(xl4_queue,
	TP_PROTO(const struct sock *sk, const struct sk_buff *skb),
	TP_ARGS(sk, skb),

	TP_STRUCT__entry(
		__field(const void *,	sk)
		__field(const void *,	skb)
		__field(u16,		protocol)
		__field(unsigned int,	len)
		__field(int,		rmem)
		__field(int,		rcvbuf)
	),

	TP_fast_assign(
		__entry->sk = sk;
		__entry->skb = skb;
		__entry->protocol = sk->sk_protocol;
		__entry->len = skb->len;
		__entry->rmem = atomic_read(&sk->sk_rmem_alloc);
		__entry->rcvbuf = READ_ONCE(sk->sk_rcvbuf);
	),

	TP_printk("sk=%p skb=%p protocol=%u len=%u rmem=%d rcvbuf=%d",
		  __entry->sk, __entry->skb, __entry->protocol, __entry->len,
		  __entry->rmem, __entry->rcvbuf)
);

/* A packet was thrown away; @location is where in the code. */
TRACE_EVENT(xl4_drop,
	TP_PROTO(unsigned int number, const struct sk_buff *skb, void *location,
		 enum xl4_drop_reason reason),
	TP_ARGS(number, skb, location, reason),

	TP_STRUCT__entry(
		__field(const void *,	skb)
		__field(void *,		location)
		__field(u16,		protocol)
		__field(unsigned int,	len)
		__field(int,		ifindex)
		__field(int,		reason)
	),

	TP_fast_assign(
		__entry->skb = skb;
		__entry->location = location;
		__entry->protocol = number;
		__entry->len = skb->len;
		__entry->ifindex = skb->skb_iif;
		__entry->reason = reason;
	),

	TP_printk("skb=%p protocol=%u len=%u ifindex=%d location=%pS reason=%s",
		  __entry->skb, __entry->protocol, __entry->len, __entry->ifindex,
		  __entry->location,
		  __print_symbolic(__entry->reason,
				   XL4_DROP_REASONS(XL4_DROP_REASON_SYMBOL,
						    XL4_DROP_REASON_LAST)))
);

#endif

#include <trace/define_trace.h>
