// SPDX-License-Identifier: GPL-2.0
/* What ICMP tells of a connection, and how far it is believed (RFC 4340 section 14.1). */

#include "dccp.h"

/**
 * xdccp_mtu_reduced() - the path has become narrower
 * @sk: locked; the route knows of it
 *
 * RFC 4340 section 14. What waits already and is too large now is lost like on the path.
 */
void xdccp_mtu_reduced(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct dst_entry *dst;
	u32 mtu;

	dp->mtu_reduced = false;
	if (xdccp_in(sk, XDCCP_F(CLOSED) | XDCCP_F(LISTENING)))
		return;
	dst = dp->family->route(sk);
	if (IS_ERR_OR_NULL(dst))
		return;
	mtu = dst_mtu(dst);
	if (mtu < dp->path_mtu)
		xdccp_sync_mps(sk, mtu);
}

/**
 * xdccp_icmp_too_big() - a packet was too large for the path
 * @sk: locked, or owned by a program: then it learns later
 * @mtu: of the path; the route knows it too
 */
void xdccp_icmp_too_big(struct sock *sk, u32 mtu)
{
	if (sock_owned_by_user(sk))
		xdccp_sk(sk)->mtu_reduced = true;
	else if (mtu < xdccp_sk(sk)->path_mtu)
		xdccp_mtu_reduced(sk);
}

/**
 * xdccp_icmp_error() - what an ICMP error means to a connection
 * @sk: locked, or owned by a program
 * @err: a positive errno
 * @asked: by IP_RECVERR or IPV6_RECVERR: to be told of all of them
 *
 * It ends an attempt, but no connection: that is for timers to find (RFC 5927 section 5.2).
 */
void xdccp_icmp_error(struct sock *sk, int err, bool asked)
{
	if (sk->sk_state == XDCCP_REQUESTING && !sock_owned_by_user(sk)) {
		sk->sk_err = err;
		sk_error_report(sk);
		xdccp_done(sk);
		return;
	}
	if (asked && !sock_owned_by_user(sk)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, err);
	}
}

/**
 * xdccp_icmp_quoted() - read the header that an ICMP error quotes
 * @skb: data at the quoted IP header; pointers into it may change
 * @at: where the quoted header is
 * @h: filled in: ports and the sequence number
 *
 * Return: 0, or -EINVAL: there is too little of it.
 */
int xdccp_icmp_quoted(struct sk_buff *skb, unsigned int at, struct xdccp_header *h)
{
	unsigned int len;

	if (skb->len < at + XDCCP_MIN_HEADER_LEN)
		return -EINVAL;
	len = min_t(unsigned int, skb->len - at, XDCCP_LONG_HEADER_LEN);
	if (!pskb_may_pull(skb, at + len))
		return -EINVAL;
	return xdccp_parse_quoted(skb->data + at, len, h);
}

/**
 * xdccp_icmp_plausible() - can what an ICMP error quotes have come from a socket?
 * @sk: locked, or owned by a program
 * @seq: as quoted
 * @x: it has 48 bits; else 24
 *
 * RFC 4340 section 14.1: it must be one of those that may still be acknowledged.
 *
 * Return: whether it can.
 */
bool xdccp_icmp_plausible(const struct sock *sk, u64 seq, bool x)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	if (xdccp_in(sk, XDCCP_F(CLOSED) | XDCCP_F(LISTENING)))
		return false;
	if (!x)
		seq = xdccp_extend(seq, dp->gss);
	return xdccp_seq_between(seq, dp->awl, dp->awh);
}
