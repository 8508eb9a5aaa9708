// SPDX-License-Identifier: GPL-2.0
/* What ICMP tells of a connection, and how far it is believed (RFC 5927). */

#include "tcp.h"

/**
 * xtcp_mtu_reduced() - the path has become narrower
 * @sk: locked; what ICMP said is in path_mtu's place since
 */
void xtcp_mtu_reduced(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct dst_entry *dst;
	struct sk_buff *skb;
	u32 mtu;

	if (xtcp_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return;
	dst = tp->family->route(sk);
	if (IS_ERR_OR_NULL(dst))
		return;
	mtu = min(dst_mtu(dst), tp->icmp_mtu);
	if (mtu >= tp->path_mtu)
		return;
	xtcp_sync_mss(sk, mtu);
	/* RFC 8201 section 4: what was too large goes again at once, no sign of congestion. */
	for (skb = xtcp_sent_head(tp); skb; skb = skb_rb_next(skb))
		if ((skb_shinfo(skb)->gso_size ? : skb->len) > tp->mss)
			xtcp_mark_lost(tp, skb);
	tp->cong.cwnd = max_t(u32, tp->cong.cwnd, tp->mss);
	if (tp->lost_out && tp->state == XTCP_CA_OPEN) {
		tp->state = XTCP_CA_LOSS;
		tp->high_seq = tp->snd_nxt;
		tp->undo = false;
		tp->frto = XTCP_FRTO_OFF;
	}
	xtcp_retransmit_lost(sk);
}

/**
 * xtcp_black_hole() - nothing gets through: perhaps what is large does not
 * @sk: locked; retransmissions time out
 *
 * RFC 4821's cure, without its search: smaller segments.
 */
void xtcp_black_hole(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	u32 base = xtcp_set(sk)->base_mss + tp->family->header_len + XTCP_HEADER_LEN;

	if (!xtcp_set(sk)->mtu_probing || tp->path_mtu <= base)
		return;
	xtcp_sync_mss(sk, max(tp->path_mtu / 2, base));
}

/**
 * xtcp_icmp_error() - what an ICMP error means to a connection
 * @sk: locked, or owned by a program
 * @err: a positive errno
 * @asked: by IP_RECVERR or IPV6_RECVERR: to be told of all of them
 *
 * RFC 5927 section 5.2: no ICMP error ends a connection that was established. An
 * attempt is ended by any, even by one that may pass (RFC 5461 section 4.1): a
 * program with another address to try, or a user, would rather know.
 */
void xtcp_icmp_error(struct sock *sk, int err, bool asked)
{
	if (xtcp_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV) && !sock_owned_by_user(sk)) {
		sk->sk_err = err;
		xtcp_purge_send(sk);
		xtcp_done(sk);
		sk_error_report(sk);
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
 * xtcp_icmp_plausible() - can what an ICMP error quotes have come from a socket?
 * @sk: locked, or owned by a program
 * @seq: as quoted
 *
 * RFC 5927 section 4.1: it must be in flight.
 */
bool xtcp_icmp_plausible(const struct sock *sk, u32 seq)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);

	return sk->sk_state != TCP_CLOSE && seq - tp->snd_una < tp->snd_nxt - tp->snd_una;
}

/**
 * xtcp_icmp_too_big() - a packet was too large for the path
 * @sk: locked, or owned by a program: then it learns later
 * @mtu: of the path
 */
void xtcp_icmp_too_big(struct sock *sk, u32 mtu)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->icmp_mtu = mtu;
	if (sock_owned_by_user(sk))
		tp->mtu_reduced = true;
	else
		xtcp_mtu_reduced(sk);
}
