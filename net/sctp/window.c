// SPDX-License-Identifier: GPL-2.0
/*
 * How much we take, and the buffers that tune themselves.
 *
 * rcvbuf counts memory, a_rwnd counts data. What of the memory is data depends on how the peer
 * cuts its messages: rcv_ratio, in 256ths, follows what is seen.
 */

#include "sctp.h"

/* States in which the peer may send: RFC 9260 sections 6 and 9.2. */
#define XSCTP_HEARING	(XSCTP_STATE_BIT(SCTP_ESTABLISHED) |		\
			 XSCTP_STATE_BIT(SCTP_SHUTDOWN_PENDING) |	\
			 XSCTP_STATE_BIT(SCTP_SHUTDOWN_SENT))

#define XSCTP_FIRST_RATIO	128
#define XSCTP_LEAST_RWND	1500	/* RFC 9260 section 3.3.2: of an INIT */

static u32 xsctp_ratio(const struct xsctp_association *a)
{
	return a->rcv_ratio ? : XSCTP_FIRST_RATIO;
}

static u32 xsctp_data_in(const struct xsctp_association *a, int memory)
{
	return memory > 0 ? (u64)memory * xsctp_ratio(a) >> 8 : 0;
}

static u32 xsctp_full_window(const struct xsctp_association *a)
{
	return xsctp_data_in(a, READ_ONCE(a->sk->sk_rcvbuf));
}

/**
 * xsctp_rwnd() - the a_rwnd that may be offered now
 * @a: under its socket's lock
 *
 * RFC 9260 section 6.2: nothing rather than little, lest the peer sends crumbs.
 *
 * Return: octets of data
 */
u32 xsctp_rwnd(const struct xsctp_association *a)
{
	const struct sock *sk = a->sk;
	u32 space = xsctp_data_in(a, READ_ONCE(sk->sk_rcvbuf) - READ_ONCE(sk->sk_backlog.len) -
				     atomic_read(&sk->sk_rmem_alloc));

	if (!a->queued)
		return max_t(u32, space, XSCTP_LEAST_RWND);
	return space < min(a->frag_point, xsctp_full_window(a) / 4) ? 0 : space;
}

/**
 * xsctp_rwnd_takes() - is there room for a chunk?
 * @a: under its socket's lock
 * @truesize: of its skb
 * @in_order: nothing before it is missing
 *
 * What is beyond the buffer is dropped. But what closes a hole lets the program read, and so
 * makes room; and a peer that turns to small messages fills more memory than its window, of
 * octets, was meant for: what is in order is taken a little beyond.
 *
 * Return: whether
 */
bool xsctp_rwnd_takes(const struct xsctp_association *a, unsigned int truesize, bool in_order)
{
	unsigned int used = atomic_read(&a->sk->sk_rmem_alloc);
	unsigned int most = READ_ONCE(a->sk->sk_rcvbuf);
	/* Nobody may ever read what nobody has accepted. */
	bool more = in_order && READ_ONCE(a->sk->sk_socket);

	return !used || used + truesize <= (more ? (u64)most + XSCTP_RCV_SLACK : most);
}

/* The time that a whole window takes is an upper bound of the round trip. */
static void xsctp_measure_round(struct xsctp_association *a)
{
	u64 now;
	u32 us;

	if (a->rcv_rtt_ns && (s32)(a->rcv_octets - a->rcv_rtt_octets) < 0)
		return;
	now = ktime_get_ns();
	if (a->rcv_rtt_ns) {
		us = min_t(u64, div_u64(now - a->rcv_rtt_ns, NSEC_PER_USEC), U32_MAX >> 3);
		if (!a->rcv_rtt_us || us << 3 < a->rcv_rtt_us)
			a->rcv_rtt_us = max(us, 1U) << 3;
	}
	a->rcv_rtt_octets = a->rcv_octets + max_t(u32, a->rwnd, XSCTP_LEAST_RWND);
	a->rcv_rtt_ns = now;
}

/**
 * xsctp_rwnd_came() - a chunk was taken
 * @a: under its socket's lock
 * @skb: its data
 */
void xsctp_rwnd_came(struct xsctp_association *a, const struct sk_buff *skb)
{
	u32 ratio = clamp_t(u32, ((u64)skb->len << 8) / skb->truesize, 8, 240);

	a->rcv_ratio = xsctp_ratio(a) + ((s32)ratio - (s32)xsctp_ratio(a)) / 8;
	a->queued += skb->len;
	a->rcv_octets += skb->len;
	a->offered_rwnd -= min(a->offered_rwnd, skb->len);
	xsctp_measure_round(a);
}

/*
 * Dynamic right-sizing: in one round trip the program took so much; twice that is the least
 * that does not hold back a sender whose cwnd doubles.
 */
static void xsctp_tune_rcvbuf(struct xsctp_association *a)
{
	struct sock *sk = a->sk;
	u64 now, want;
	u32 copied;

	if (!a->rcv_rtt_us)
		return;
	now = ktime_get_ns();
	if (now - a->tune_ns < (u64)(a->rcv_rtt_us >> 3) * NSEC_PER_USEC)
		return;
	copied = a->read_octets - a->tune_octets;
	a->tune_octets = a->read_octets;
	a->tune_ns = now;
	if (copied <= a->tune_space)
		return;
	a->tune_space = copied;
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		return;
	want = div_u64(((u64)copied * 2 + 16 * a->frag_point) << 8, xsctp_ratio(a));
	want = min_t(u64, want, xsctp_set(sk)->rmem[2]);
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/* Would a SACK tell of much more room than the peer knows of? Twice as much is worth one. */
static bool xsctp_rwnd_grew(const struct xsctp_association *a)
{
	u32 now;

	if (a->offered_rwnd > xsctp_full_window(a) / 2)
		return false;
	now = xsctp_rwnd(a);
	return now && now >= 2 * a->offered_rwnd;
}

/**
 * xsctp_rwnd_read() - the program has read of an association
 * @a: under its socket's lock; may be dead
 * @len: octets, whose memory is free by now
 */
void xsctp_rwnd_read(struct xsctp_association *a, u32 len)
{
	a->queued -= min(a->queued, len);
	a->read_octets += len;
	if (a->dead)
		return;
	xsctp_tune_rcvbuf(a);
	xsctp_inqueue_check(a);
	if (!xsctp_in(a, XSCTP_HEARING) || !xsctp_rwnd_grew(a))
		return;
	a->sack_now = true;
	xsctp_flush(a);
}

/**
 * xsctp_tune_sndbuf() - make the send buffer hold twice what may be in flight
 * @a: under its socket's lock; a cwnd may have grown
 */
void xsctp_tune_sndbuf(struct xsctp_association *a)
{
	u32 octets = a->outstanding + a->unsent_bytes;
	const struct xsctp_transport *t;
	struct sock *sk = a->sk;
	u64 want = 0;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK || sk_under_memory_pressure(sk))
		return;
	list_for_each_entry(t, &a->transports, link)
		want += t->state == SCTP_ACTIVE ? t->cwnd : 0;
	want = 2 * (want + want / 4 + SZ_4K);
	/* Small messages take more memory than data. */
	if (octets && sk->sk_wmem_queued > octets)
		want = div_u64(want * sk->sk_wmem_queued, octets);
	want = min_t(u64, want, xsctp_set(sk)->wmem[2]);
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}
