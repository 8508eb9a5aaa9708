// SPDX-License-Identifier: GPL-2.0
/* What the callers of socket(2) and its kin get, but for data. */

#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>
#include <xl4/memory.h>

#include "dccp.h"

/* Of the header that data comes with: a DataAck with long numbers, and common options. */
#define XDCCP_DATA_HEADER	(24 + 28)

/* What is queued when a program closes may still go for so long. */
#define XDCCP_CLOSE_PATIENCE	(60 * HZ)

/* ------------------------------------------------------------ birth and death */

/* RFC 4340 section 6.4: before anything is agreed on. */
static void xdccp_init_features(struct xdccp_sock *dp)
{
	static const u8 numbers[] = { XDCCP_FEAT_SEQUENCE_WINDOW, XDCCP_FEAT_ACK_RATIO };
	u64 initial[ARRAY_SIZE(numbers)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		initial[i] = xdccp_feature_rule(numbers[i])->initial;
	for (i = 0; i < XDCCP_PLACES; i++) {
		dp->seq_window[i] = initial[0];
		dp->ack_ratio[i] = initial[1];
	}
}

/* A peer may put its acknowledgments off for half as long. */
#define XDCCP_MIN_RTO_US	(400 * USEC_PER_MSEC)

static void xdccp_init_common(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	INIT_LIST_HEAD(&xl4_sk(sk)->accepting);
	xdccp_init_timers(sk);
	xl4_rto_init(&dp->rto, USEC_PER_SEC, XDCCP_MIN_RTO_US, 64 * USEC_PER_SEC);
	xdccp_init_features(dp);
	dp->header_room = XDCCP_DATA_HEADER;
	dp->path_mtu = 576;
	dp->mps = 536 - XDCCP_DATA_HEADER;
	sk->sk_write_space = xdccp_write_space;
	xl4_count_socket(sk, 1);
}

static int xdccp_init_program(struct sock *sk)
{
	const struct xdccp_settings *set = xdccp_set(sk);

	xl4_sk(sk)->space = xdccp_space(sock_net(sk), sk->sk_protocol);
	xdccp_init_common(sk);
	xdccp_qpolicy_set(sk, DCCPQ_POLICY_SIMPLE);
	xdccp_sk(sk)->tx_qlen = READ_ONCE(set->tx_qlen);
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(set->wmem_default));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(set->rmem_default));
	xdccp_features_start(sk, false);
	return 0;
}

/**
 * xdccp_v4_init_sock() - set up an AF_INET socket: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xdccp_v4_init_sock(struct sock *sk)
{
	sk->sk_destruct = inet_sock_destruct;
	xdccp_sk(sk)->family = &xdccp_v4_family;
	return xdccp_init_program(sk);
}

/**
 * xdccp_v6_init_sock() - set up an AF_INET6 socket: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xdccp_v6_init_sock(struct sock *sk)
{
	sk->sk_destruct = inet6_sock_destruct;
	xdccp_sk(sk)->family = &xdccp_v6_family;
	return xdccp_init_program(sk);
}

/**
 * xdccp_clone() - the socket of a connection that a listener accepts
 * @sk: the listener, locked
 *
 * Return: in state CLOSED, without addresses and features; NULL without memory.
 */
struct sock *xdccp_clone(struct sock *sk)
{
	const struct xdccp_sock *from = xdccp_sk(sk);
	struct sock *child = xl4_clone(sk);
	struct xdccp_sock *dp = xdccp_sk(child);

	if (!child)
		return NULL;
	inet_sk_set_state(child, XDCCP_CLOSED);
	dp->family = from->family;
	xdccp_init_common(child);
	dp->qpolicy = from->qpolicy;
	dp->tx_qlen = from->tx_qlen;
	dp->send_cscov = from->send_cscov;
	dp->recv_cscov = from->recv_cscov;
	dp->data_checksum = from->data_checksum;
	dp->header_room = from->header_room;
	dp->server_timewait = from->server_timewait;
	dp->server = true;
	return child;
}

/**
 * xdccp_discard_child() - undo xdccp_clone()
 * @child: nobody knows it
 */
void xdccp_discard_child(struct sock *child)
{
	xdccp_set_state(child, XDCCP_CLOSED);
	sock_set_flag(child, SOCK_DEAD);
	xdccp_destroy(child);
}

/* All that a connection has and a socket has not. */
static void xdccp_forget(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	__skb_queue_purge(&sk->sk_write_queue);
	xdccp_forget_unanswered(dp);
	xdccp_ccid_free(sk, &dp->tx, true);
	xdccp_ccid_free(sk, &dp->rx, false);
	kfree(dp->ackvec);
	dp->ackvec = NULL;
	kfree(dp->drops);
	dp->drops = NULL;
	kfree(dp->cookies);
	dp->cookies = NULL;
	dp->cookies_len = 0;
	dp->ack_now = false;
	dp->ack_delayed = false;
	dp->ack_with_data = false;
	dp->echo_due = false;
	dp->close_due = false;
}

/**
 * xdccp_v4_destroy_sock() - the socket is closed: the destroy of struct proto
 * @sk: reachable by no program and no packet any more
 *
 * For both families.
 */
void xdccp_v4_destroy_sock(struct sock *sk)
{
	xdccp_cancel_timers(sk);
	xl4_unhash(sk);
	xdccp_forget(sk);
	skb_queue_purge(&sk->sk_receive_queue);
	kfree(xdccp_sk(sk)->services);
	xdccp_sk(sk)->services = NULL;
	kfree(xdccp_sk(sk)->invitation);
	xdccp_sk(sk)->invitation = NULL;
	xl4_count_socket(sk, -1);
}

/**
 * xdccp_destroy() - let go of a socket that is closed and an orphan
 * @sk: locked by the caller, who has a reference of its own
 */
void xdccp_destroy(struct sock *sk)
{
	WARN_ON_ONCE(sk->sk_state != XDCCP_CLOSED || !sock_flag(sk, SOCK_DEAD));
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	sock_put(sk);
}

/* ------------------------------------------------------------------- connect */

/* The program's preferences stay, but all that was agreed on is to be agreed on anew. */
static void xdccp_renew(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	skb_queue_purge(&sk->sk_receive_queue);
	xdccp_forget(sk);
	memset(&dp->short_seqnos, 0, sizeof(dp->short_seqnos));
	memset(&dp->ack_vector, 0, sizeof(dp->ack_vector));
	memset(&dp->send_ndp, 0, sizeof(dp->send_ndp));
	memset(&dp->ecn_incapable, 0, sizeof(dp->ecn_incapable));
	memset(&dp->check_data, 0, sizeof(dp->check_data));
	memset(&dp->min_cscov, 0, sizeof(dp->min_cscov));
	xdccp_init_features(dp);
	xdccp_features_again(sk);
	dp->ndp_sent = 0;
	dp->ndp_received = 0;
	dp->sync_sent = 0;
	dp->reset_sync_sent = 0;
	dp->drop_latest = 0;
	dp->stamped = false;
	dp->isr_is_past = false;
	dp->iss_is_past = false;
	dp->reset_code = 0;
	xl4_rto_init(&dp->rto, USEC_PER_SEC, dp->rto.min_us, dp->rto.max_us);
}

/*
 * RFC 4340 section 8.1.1: begin a connection to a peer whose address and port are set. On an
 * error the socket is as it was, but for its addresses.
 */
static int xdccp_connect(struct sock *sk, struct dst_entry *dst)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xl4_tuple tuple;
	int err;

	xdccp_set_state(sk, XDCCP_REQUESTING);
	err = xl4_connect_port(sk);
	if (err) {
		dst_release(dst);
		inet_sk_set_state(sk, XDCCP_CLOSED);
		return err;
	}
	/* It may have been connected before. */
	xdccp_renew(sk);
	sk_set_txhash(sk);
	sk_setup_caps(sk, dst);
	tuple = rcu_dereference_protected(xl4_sk(sk)->binding, true)->entry.tuple;
	dp->iss = xdccp_new_iss(&tuple);
	dp->server = false;
	dp->features.server = false;
	xdccp_sync_mps(sk, dst_mtu(dst));
	sk->sk_err = 0;
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	xdccp_count(sk, XDCCP_MIB_ACTIVE_OPENS);
	xdccp_send_request(sk);
	return 0;
}

static void xdccp_set_family(struct sock *sk, bool v6)
{
	xdccp_sk(sk)->family = v6 ? &xdccp_v6_family : &xdccp_v4_family;
}

/* What of connect(2) is DCCP's. */
const struct xl4_connect_ops xdccp_connect_ops = {
	.set_family = xdccp_set_family,
	.start = xdccp_connect,
};

static void xdccp_break_off(struct sock *sk)
{
	if (xdccp_in(sk, XDCCP_SYNCHRONIZED | XDCCP_F(REQUESTING) | XDCCP_F(RESPOND)))
		xdccp_send_active_reset(sk, XDCCP_RESET_ABORTED);
	if (!xdccp_in(sk, XDCCP_F(CLOSED) | XDCCP_F(LISTENING)))
		WRITE_ONCE(sk->sk_err, ECONNRESET);
}

/**
 * xdccp_disconnect() - the disconnect of struct proto: connect() to AF_UNSPEC,
 *	shutdown() of a listener, a close that lingers for no time
 * @sk: locked
 * @flags: unused
 *
 * Return: 0.
 */
int xdccp_disconnect(struct sock *sk, int flags)
{
	int old = sk->sk_state;

	xdccp_break_off(sk);
	if (xl4_keeps_port(sk, old)) {
		xl4_forget_addresses(sk);
		xdccp_set_state_bound(sk);
	} else {
		xdccp_set_state(sk, XDCCP_CLOSED);
	}
	if (old == XDCCP_LISTENING)
		xl4_listen_stop(sk, xdccp_abandon);
	xdccp_renew(sk);
	xl4_forget_peer(sk);
	sk_error_report(sk);
	return 0;
}

/* ------------------------------------------------------------- listen, accept */

/**
 * xdccp_listen() - the listen of struct proto_ops
 * @sock: bound or not
 * @backlog: connections that may wait for accept()
 *
 * Return: 0 or an error of listen(2).
 */
int xdccp_listen(struct socket *sock, int backlog)
{
	return xl4_listen(sock, backlog, &xdccp_request_ops);
}

/**
 * xdccp_abandon() - end a connection that nobody accepted: for xl4_listen_stop()
 * @child: its spinlock is held, bottom halves off; its reference is the callee's
 *
 * The peer is to know.
 */
void xdccp_abandon(struct sock *child)
{
	sock_orphan(child);
	if (child->sk_state == XDCCP_CLOSED) {
		xdccp_destroy(child);
		return;
	}
	xdccp_break_off(child);
	xdccp_done(child);
}

/* --------------------------------------------------------------------- close */

/* RFC 4340 section 8.3: the queue is empty, or its time is over. */
static void xdccp_terminate(struct sock *sk)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	xdccp_sk(sk)->close_due = false;
	__skb_queue_purge(&sk->sk_write_queue);
	xdccp_set_state(sk, dp->server && !dp->server_timewait ? XDCCP_ACTIVE_CLOSEREQ :
								  XDCCP_CLOSING);
	xdccp_send_close(sk, true);
}

/**
 * xdccp_close_if_due() - close what was to be closed when its queue was empty
 * @sk: locked; some of the queue may have been sent
 */
void xdccp_close_if_due(struct sock *sk)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	if (!dp->close_due || !xdccp_in(sk, XDCCP_F(OPEN) | XDCCP_F(PARTOPEN)))
		return;
	if (skb_queue_empty(&sk->sk_write_queue) || time_after(jiffies, dp->close_deadline))
		xdccp_terminate(sk);
}

/* The program has done with it. What it sent goes first. */
static void xdccp_begin_close(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	switch (sk->sk_state) {
	case XDCCP_REQUESTING:
	case XDCCP_RESPOND:
		xdccp_send_active_reset(sk, XDCCP_RESET_ABORTED);
		xdccp_set_state(sk, XDCCP_CLOSED);
		xdccp_count(sk, XDCCP_MIB_ATTEMPT_FAILS);
		break;
	case XDCCP_PARTOPEN:
	case XDCCP_OPEN:
		if (dp->close_due)
			break;
		dp->close_due = true;
		dp->close_deadline = jiffies + XDCCP_CLOSE_PATIENCE;
		xdccp_close_if_due(sk);
		break;
	case XDCCP_PASSIVE_CLOSE:
	case XDCCP_PASSIVE_CLOSEREQ:
		xdccp_finish_passive_close(sk);
		break;
	}
}

/**
 * xdccp_shutdown() - the shutdown of struct proto
 * @sk: locked; its sk_shutdown is set
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * RFC 4340 section 8.3 knows no half-closed connection: the peer is told nothing, until nothing
 * may be sent nor read any more.
 */
void xdccp_shutdown(struct sock *sk, int how)
{
	if (READ_ONCE(sk->sk_shutdown) == SHUTDOWN_MASK)
		xdccp_begin_close(sk);
}

/* What a close means in each state, as far as the peer is concerned. */
static void xdccp_close_peer(struct sock *sk, long timeout)
{
	bool unread = !skb_queue_empty(&sk->sk_receive_queue);

	skb_queue_purge(&sk->sk_receive_queue);
	if (sk->sk_state == XDCCP_CLOSED)
		return;
	if (unread && xdccp_in(sk, XDCCP_SYNCHRONIZED)) {
		/* Data is lost, so this is no orderly end. */
		xdccp_count(sk, XDCCP_MIB_ABORT_ON_DATA);
		xdccp_break_off(sk);
		xdccp_set_state(sk, XDCCP_CLOSED);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		xdccp_disconnect(sk, 0);
	} else {
		xdccp_begin_close(sk);
	}
	/* Until the peer has answered. */
	xl4_linger(sk, timeout, ~XDCCP_F(CLOSED));
}

/* Whatever ends an orphan later also destroys it. */
static void xdccp_orphaned(struct sock *sk, int state)
{
	if (state == XDCCP_CLOSED)
		xdccp_destroy(sk);
}

/**
 * xdccp_close() - the close of struct proto
 * @sk: not locked; its last file is gone
 * @timeout: SO_LINGER, in jiffies
 *
 * The connection goes on without a program, until it is closed in order.
 */
void xdccp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == XDCCP_LISTENING) {
		xdccp_set_state(sk, XDCCP_CLOSED);
		xl4_listen_stop(sk, xdccp_abandon);
	} else {
		xdccp_close_peer(sk, timeout);
	}
	xl4_orphan(sk, xdccp_orphaned);
}

/**
 * xdccp_release_cb() - do what was put off while a program had the socket: the
 *	release_cb of struct proto
 * @sk: its spinlock is held
 */
void xdccp_release_cb(struct sock *sk)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (unlikely(dp->mtu_reduced)) {
		dp->mtu_reduced = false;
		xdccp_mtu_reduced(sk);
	}
	xl4_timers_release(sk, dp->timers, XDCCP_TIMERS);
}
