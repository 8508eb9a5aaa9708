// SPDX-License-Identifier: GPL-2.0
/*
 * DCCP-Listen (RFC 5596): a server that knows its client tells it so, and so whatever middlebox
 * is on the path lets the client's Request in.
 *
 *	listen()				       a Request of this client
 *	   |	    .-- 200 ms, twice --.		  ^
 *	   v	    v			|		  |
 *	DCCP-Listen --> INVITED --------+---> LISTEN1 ----'
 *
 * Both states are a listener's, XDCCP_LISTENING.
 */

#include <linux/slab.h>
#include <uapi/xl4/xl4.h>

#include "dccp.h"

#define XDCCP_LISTEN_INTERVAL	(HZ / 5)	/* RFC 5596 section 2.2.2 */
#define XDCCP_LISTENS		3		/* two of them repetitions */

/* ------------------------------------------------------------------- whom */

/* The client's address and port. 0, or an errno. */
static int xdccp_invite_remote(const struct sock *sk, const void *value, unsigned int len,
			       struct xdccp_request *invitation)
{
	const struct sockaddr_in6 *sin6 = value;
	const struct sockaddr_in *sin = value;

	if (len >= sizeof(*sin6) && sin6->sin6_family == AF_INET6 && sk->sk_family == AF_INET6) {
		invitation->tuple.remote = xl4_addr_v6(&sin6->sin6_addr);
		invitation->tuple.remote_port = sin6->sin6_port;
		invitation->device = sin6->sin6_scope_id;
	} else if (len >= sizeof(*sin) && sin->sin_family == AF_INET && sk->sk_family == AF_INET) {
		invitation->tuple.remote = xl4_addr_v4(sin->sin_addr.s_addr);
		invitation->tuple.remote_port = sin->sin_port;
	} else {
		return len < sizeof(*sin) ? -EINVAL : -EAFNOSUPPORT;
	}
	return invitation->tuple.remote_port ? 0 : -EINVAL;
}

/* RFC 5596 section 2.2.2: it has to be fully specified. 0, or an errno. */
static int xdccp_invite_local(const struct sock *sk, struct xdccp_request *invitation)
{
	const struct inet_sock *inet = inet_sk(sk);
	bool v6 = sk->sk_family == AF_INET6;

	if (!inet->inet_num || (v6 ? ipv6_addr_any(&sk->sk_v6_rcv_saddr) : !inet->inet_rcv_saddr))
		return -EADDRNOTAVAIL;
	invitation->tuple.local = v6 ? xl4_addr_v6(&sk->sk_v6_rcv_saddr) :
				       xl4_addr_v4(inet->inet_rcv_saddr);
	invitation->tuple.local_port = htons(inet->inet_num);
	return xl4_addr_is_v4(&invitation->tuple.local) ==
	       xl4_addr_is_v4(&invitation->tuple.remote) ? 0 : -EAFNOSUPPORT;
}

/**
 * xdccp_set_invite() - XDCCP_SOCKOPT_INVITE
 * @sk: locked; closed or listening
 * @value: a struct sockaddr_in or sockaddr_in6, the client's; aligned
 * @len: of @value; 0: whoever comes is welcome
 *
 * Return: 0 or an error of setsockopt(2).
 */
int xdccp_set_invite(struct sock *sk, const void *value, unsigned int len)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_request *invitation = NULL;
	int err = 0;

	if (!xdccp_in(sk, XDCCP_F(CLOSED) | XDCCP_F(LISTENING)))
		return -EISCONN;
	if (len) {
		invitation = kzalloc(sizeof(*invitation), GFP_KERNEL);
		if (!invitation)
			return -ENOMEM;
		err = xdccp_invite_remote(sk, value, len, invitation) ? :
		      xdccp_invite_local(sk, invitation);
	}
	if (err) {
		kfree(invitation);
		return err;
	}
	xl4_timer_disarm(xdccp_timer(sk, XDCCP_TIMER_RETRANSMIT));
	kfree(dp->invitation);
	dp->invitation = invitation;
	if (sk->sk_state == XDCCP_LISTENING)
		xdccp_invite(sk);
	return 0;
}

/**
 * xdccp_get_invite() - how far an invitation is
 * @sk: locked
 *
 * Return: XDCCP_INVITE_...
 */
int xdccp_get_invite(const struct sock *sk)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	if (!dp->invitation)
		return XDCCP_INVITE_NONE;
	return sk->sk_state == XDCCP_LISTENING && !dp->listens_left ? XDCCP_INVITE_LISTEN1 :
								      XDCCP_INVITE_INVITED;
}

/* ------------------------------------------------------------------- when */

/* RFC 5596 section 2.2.1: numbers, options and data mean nothing, and are none. */
static struct sk_buff *xdccp_make_listen(const struct sock *sk, const struct xl4_tuple *tuple)
{
	struct xdccp_header h = {
		.source = tuple->local_port,
		.dest = tuple->remote_port,
		.service = xdccp_sk(sk)->service,
		.length = xdccp_fixed_len(XDCCP_LISTEN, true),
		.type = XDCCP_LISTEN,
		.x = true,
	};
	struct sk_buff *skb = xdccp_alloc_skb(GFP_ATOMIC);

	if (!skb)
		return NULL;
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xdccp_write_header(skb->data, &h);
	return skb;
}

static void xdccp_send_listen(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_request *invitation = dp->invitation;

	xl4_timer_arm(xdccp_timer(sk, XDCCP_TIMER_RETRANSMIT), jiffies + XDCCP_LISTEN_INTERVAL);
	invitation->mark = READ_ONCE(sk->sk_mark);
	invitation->encap_port = dp->encap_port;
	xdccp_count(sk, XDCCP_MIB_LISTENS_SENT);
	xdccp_send_of_request(sk, invitation, xdccp_make_listen(sk, &invitation->tuple));
}

/**
 * xdccp_invite() - a listener begins: tell its client, if it is for one
 * @sk: in LISTENING, locked
 */
void xdccp_invite(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	dp->listens_left = 0;
	if (!dp->invitation)
		return;
	dp->listens_left = XDCCP_LISTENS;
	xdccp_send_listen(sk);
}

/**
 * xdccp_invite_expired() - the client did not come yet
 * @sk: in LISTENING, locked
 *
 * RFC 5596 section 2.3.1: the third time the state is LISTEN1.
 */
void xdccp_invite_expired(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (dp->listens_left && --dp->listens_left && dp->invitation)
		xdccp_send_listen(sk);
}

/**
 * xdccp_invited() - is a Request of the client that a listener is for?
 * @sk: in LISTENING, locked
 * @tuple: of the packet
 *
 * RFC 5596 section 2.2.2, step 2a: if so, nobody is told any more. To others it is not there.
 *
 * Return: whether it is; always, if the listener is for whoever comes.
 */
bool xdccp_invited(struct sock *sk, const struct xl4_tuple *tuple)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	const struct xdccp_request *invitation = dp->invitation;

	if (!invitation)
		return true;
	if (tuple->remote_port != invitation->tuple.remote_port ||
	    !xl4_addr_equal(&tuple->remote, &invitation->tuple.remote))
		return false;
	dp->listens_left = 0;
	xl4_timer_disarm(xdccp_timer(sk, XDCCP_TIMER_RETRANSMIT));
	return true;
}
