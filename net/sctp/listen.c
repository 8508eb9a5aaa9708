// SPDX-License-Identifier: GPL-2.0
/* Associations that others ask for, and that wait for accept(2). */

#include "sctp.h"

static void xsctp_listen_begin(struct sock *sk)
{
	inet_sk_set_state(sk, TCP_LISTEN);
}

/* Requests there are none: the cookie is with the peer (RFC 9260 section 5.1.3). */
static const struct xl4_request_ops xsctp_no_requests = {
	.begin = xsctp_listen_begin,
};

/**
 * xsctp_abandon_child() - end an association that nobody accepted: for xl4_listen_stop()
 * @child: locked
 */
void xsctp_abandon_child(struct sock *child)
{
	sock_orphan(child);
	xsctp_abort_all(child);
	xsctp_sk(child)->orphan = true;
	xsctp_association_gone(child);
}

/**
 * xsctp_stop_listening() - the port stays; what comes to it is out of the blue from now on
 * @sk: in state LISTEN, locked; process context
 *
 * Whoever waits in accept() is told.
 */
void xsctp_stop_listening(struct sock *sk)
{
	inet_sk_set_state(sk, TCP_CLOSE);
	xl4_hear_no_more(sk);
	xl4_listen_stop(sk, xsctp_abandon_child);
}

/**
 * xsctp_listen() - the listen of struct proto_ops
 * @sock: bound or not, of either style
 * @backlog: associations that may wait for accept(); 0: listen no more
 *
 * RFC 6458 sections 3.1.3 and 4.1.3.
 *
 * Return: 0 or an error of listen(2).
 */
int xsctp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED ||
	    (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN))
		goto out;
	if (!xsctp_sk(sk)->one_to_many && !list_empty(&xsctp_sk(sk)->associations))
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = 0;
	if (!backlog && sk->sk_state == TCP_LISTEN)
		xsctp_stop_listening(sk);
	else if (backlog && sk->sk_state == TCP_CLOSE)
		err = xl4_listen_start(sk, &xsctp_no_requests);
out:
	release_sock(sk);
	return err;
}
