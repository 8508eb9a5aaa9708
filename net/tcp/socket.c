// SPDX-License-Identifier: GPL-2.0
/* What the callers of socket(2) and its kin get, but for data. */

#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/protocol.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>
#include <xl4/memory.h>

#include "tcp.h"

/* Sockets that no program has any more, of all namespaces: memory is one. */
static atomic_t xtcp_orphans;

/* ------------------------------------------------------------ birth and death */

/*
 * Make ready for a connection, the first or another: all that is a connection's own is as if there
 * had been none. The queues are empty. @cong has a reference, which is the socket's.
 */
static void xtcp_renew(struct sock *sk, const struct xl4_cong_ops *cong)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	/* poll() and /proc may look on. */
	data_race(memset_startat(tp, 0, snd_una));
	tp->sent = RB_ROOT;
	tp->ahead = RB_ROOT;
	INIT_LIST_HEAD(&tp->sent_times);
	xl4_rto_init(&tp->rto, USEC_PER_SEC, 200 * USEC_PER_MSEC, 120 * USEC_PER_SEC);
	tp->mss = 536;
	tp->peer_mss = 536;
	tp->path_mtu = 576;
	tp->rcv_mss = 536;
	tp->rcv_ratio = 128;
	tp->cong.mss = tp->mss;
	tp->cong.cwnd = 10 * tp->mss;
	tp->cong.ssthresh = U32_MAX;
	tp->cong.cwnd_max_limit = XL4_CWND_MAX;
	xl4_cong_init(&tp->cong, cong);
	tp->rack.reo_mult = 1;
	WRITE_ONCE(sk->sk_pacing_rate, READ_ONCE(sk->sk_max_pacing_rate));
	/* RFC 3168 section 6.1.1: nothing is capable before both have agreed. */
	INET_ECN_dontxmit(sk);
}

static void xtcp_init_common(struct sock *sk, const struct xl4_cong_ops *cong)
{
	INIT_LIST_HEAD(&xl4_sk(sk)->accepting);
	xtcp_init_timers(sk);
	xtcp_renew(sk, cong);
	xtcp_sk(sk)->notsent_lowat = xtcp_set(sk)->notsent_lowat;
	/* What is sent is charged to the queue; its copies in the stack wake nobody. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk->sk_write_space = xl4_stream_write_space;
	xl4_count_socket(sk, 1);
}

static const struct xl4_cong_ops *xtcp_default_congestion(const struct sock *sk)
{
	const struct xl4_cong_ops *ops = xl4_cong_get(xtcp_set(sk)->congestion);

	return ops ? : xl4_cong_get(XL4_CONG_DEFAULT);
}

static int xtcp_init_program(struct sock *sk)
{
	xl4_sk(sk)->space = &xtcp_net(sock_net(sk))->space;
	xtcp_init_common(sk, xtcp_default_congestion(sk));
	WRITE_ONCE(sk->sk_sndbuf, xtcp_set(sk)->wmem[1]);
	WRITE_ONCE(sk->sk_rcvbuf, xtcp_set(sk)->rmem[1]);
	return 0;
}

/**
 * xtcp_v4_init_sock() - set up an AF_INET socket: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xtcp_v4_init_sock(struct sock *sk)
{
	sk->sk_destruct = inet_sock_destruct;
	xtcp_sk(sk)->family = &xtcp_v4_family;
	return xtcp_init_program(sk);
}

/**
 * xtcp_v6_init_sock() - set up an AF_INET6 socket: the init of struct proto
 * @sk: new
 *
 * Return: 0.
 */
int xtcp_v6_init_sock(struct sock *sk)
{
	sk->sk_destruct = inet6_sock_destruct;
	xtcp_sk(sk)->family = &xtcp_v6_family;
	return xtcp_init_program(sk);
}

/**
 * xtcp_clone() - the socket of a connection that a listener accepts
 * @sk: the listener, locked
 *
 * Return: in state CLOSE, without addresses; NULL without memory.
 */
struct sock *xtcp_clone(struct sock *sk)
{
	const struct xtcp_sock *from = xtcp_sk(sk);
	struct sock *child = xl4_clone(sk);
	struct xtcp_sock *tp = xtcp_sk(child);

	if (!child)
		return NULL;
	inet_sk_set_state(child, TCP_CLOSE);
	xtcp_init_common(child, xl4_cong_hold(from->cong.ops));
	tp->window_clamp = from->window_clamp;
	tp->user_mss = from->user_mss;
	tp->nonagle = from->nonagle;
	tp->linger2 = from->linger2;
	tp->keepalive_time = from->keepalive_time;
	tp->keepalive_intvl = from->keepalive_intvl;
	tp->keepalive_probes = from->keepalive_probes;
	tp->syn_retries = from->syn_retries;
	tp->user_timeout = from->user_timeout;
	tp->notsent_lowat = from->notsent_lowat;
	tp->inq = from->inq;
	tp->quickack_mode = from->quickack_mode;
	return child;
}

/**
 * xtcp_discard_child() - undo xtcp_clone()
 * @child: nobody knows it
 */
void xtcp_discard_child(struct sock *child)
{
	xtcp_set_state(child, TCP_CLOSE);
	sock_set_flag(child, SOCK_DEAD);
	atomic_inc(&xtcp_orphans);
	xtcp_destroy(child);
}

/**
 * xtcp_purge_send() - throw away what was not acknowledged
 * @sk: locked
 */
void xtcp_purge_send(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		xtcp_free_skb(sk, skb);
	xtcp_sent_purge(sk);
	tp->highest_sent = NULL;
	tp->snd_una = tp->snd_nxt;
	tp->write_seq = tp->snd_nxt;
	sk_mem_reclaim(sk);
}

/**
 * xtcp_v4_destroy_sock() - the socket is closed: the destroy of struct proto
 * @sk: reachable by no program and no packet any more
 *
 * For both families.
 */
void xtcp_v4_destroy_sock(struct sock *sk)
{
	xtcp_cancel_timers(sk);
	xl4_unhash(sk);
	xtcp_purge_send(sk);
	xtcp_purge_receive(sk);
	xl4_cong_put(xtcp_sk(sk)->cong.ops);
	xtcp_sk(sk)->cong.ops = NULL;
	xl4_count_socket(sk, -1);
}

/**
 * xtcp_destroy() - let go of a socket that is closed and an orphan
 * @sk: locked by the caller, who has a reference of its own
 */
void xtcp_destroy(struct sock *sk)
{
	WARN_ON_ONCE(sk->sk_state != TCP_CLOSE || !sock_flag(sk, SOCK_DEAD));
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	atomic_dec(&xtcp_orphans);
	sock_put(sk);
}

static bool xtcp_too_many_orphans(const struct sock *sk)
{
	return atomic_read(&xtcp_orphans) > xtcp_set(sk)->max_orphans ||
	       sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2);
}

/* ------------------------------------------------------------------- connect */

/*
 * RFC 9293 section 3.10.1: begin a connection to a peer whose address and port are set. On an
 * error the socket is as it was, but for its addresses.
 */
static int xtcp_connect(struct sock *sk, struct dst_entry *dst)
{
	struct xtcp_sock *tp = xtcp_sk(sk);
	const struct xtcp_settings *set = xtcp_set(sk);
	struct xl4_tuple tuple;
	int err;

	xtcp_set_state(sk, TCP_SYN_SENT);
	err = xl4_connect_port(sk);
	if (err) {
		dst_release(dst);
		inet_sk_set_state(sk, TCP_CLOSE);
		return err;
	}
	sk_set_txhash(sk);
	sk->sk_gso_type = tp->family->gso_type | SKB_GSO_FRAGLIST;
	sk_setup_caps(sk, dst);

	tuple = rcu_dereference_protected(xl4_sk(sk)->binding, true)->entry.tuple;
	tp->iss = xtcp_new_iss(&tuple);
	tp->ts_offset = xtcp_new_ts_offset(&tuple);
	tp->snd_una = tp->iss;
	tp->snd_nxt = tp->iss;
	tp->snd_up = tp->iss;
	tp->write_seq = tp->iss;
	tp->pushed_seq = tp->iss;
	tp->small_seq = tp->iss;
	tp->has_timestamps = set->timestamps;
	tp->sack_ok = set->sack;
	tp->wscale_ok = set->window_scaling;
	tp->rcv_wnd = xtcp_init_window(sk, tp->wscale_ok, &tp->rcv_wscale);
	tp->peer_mss = tp->family->default_mss;
	xtcp_sync_mss(sk, dst_mtu(dst));
	sk->sk_err = 0;
	sock_reset_flag(sk, SOCK_DONE);
	err = xtcp_send_syn(sk);
	if (err)
		xtcp_set_state(sk, TCP_CLOSE);
	return err;
}

static void xtcp_set_family(struct sock *sk, bool v6)
{
	xtcp_sk(sk)->family = v6 ? &xtcp_v6_family : &xtcp_v4_family;
}

/* What of connect(2) is TCP's. */
const struct xl4_connect_ops xtcp_connect_ops = {
	.set_family = xtcp_set_family,
	.start = xtcp_connect,
};

/**
 * xtcp_disconnect() - the disconnect of struct proto: connect() to AF_UNSPEC,
 *	shutdown() of a listener, a close that lingers for no time
 * @sk: locked
 * @flags: unused
 *
 * RFC 9293 section 3.10.5: ABORT.
 *
 * Return: 0.
 */
int xtcp_disconnect(struct sock *sk, int flags)
{
	int old = sk->sk_state;

	if (xtcp_in(sk, XTCP_SYNCHRONIZED | TCPF_SYN_RECV)) {
		xtcp_send_active_reset(sk, gfp_any());
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	} else if (old == TCP_SYN_SENT) {
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	}
	if (xl4_keeps_port(sk, old)) {
		xl4_forget_addresses(sk);
		xtcp_set_state_bound(sk);
	} else {
		xtcp_set_state(sk, TCP_CLOSE);
	}
	if (old == TCP_LISTEN)
		xl4_listen_stop(sk, xtcp_abandon);
	xtcp_cancel_timers(sk);
	xtcp_purge_receive(sk);
	xtcp_purge_send(sk);
	xl4_forget_peer(sk);
	xtcp_renew(sk, xtcp_sk(sk)->cong.ops);
	sk_error_report(sk);
	return 0;
}

/* ------------------------------------------------------------- listen, accept */

/**
 * xtcp_listen() - the listen of struct proto_ops
 * @sock: bound or not
 * @backlog: connections that may wait for accept()
 *
 * Return: 0 or an error of listen(2).
 */
int xtcp_listen(struct socket *sock, int backlog)
{
	return xl4_listen(sock, backlog, &xtcp_request_ops);
}

/**
 * xtcp_abandon() - end a connection that nobody accepted: for xl4_listen_stop()
 * @child: its spinlock is held, bottom halves off; its reference is the callee's
 *
 * The peer is to know.
 */
void xtcp_abandon(struct sock *child)
{
	sock_orphan(child);
	atomic_inc(&xtcp_orphans);
	if (child->sk_state != TCP_CLOSE) {
		xtcp_send_active_reset(child, GFP_ATOMIC);
		xtcp_done(child);
	} else {
		xtcp_destroy(child);
	}
}

/* --------------------------------------------------------------------- close */

/* Begin to close our side. Returns whether a FIN is due. */
static bool xtcp_close_state(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_RECV:
		xtcp_set_state(sk, TCP_FIN_WAIT1);
		return true;
	case TCP_CLOSE_WAIT:
		xtcp_set_state(sk, TCP_LAST_ACK);
		return true;
	case TCP_SYN_SENT:
		xtcp_set_state(sk, TCP_CLOSE);
		return false;
	default:
		return false;
	}
}

/**
 * xtcp_shutdown() - the shutdown of struct proto
 * @sk: locked
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 */
void xtcp_shutdown(struct sock *sk, int how)
{
	if (!(how & SEND_SHUTDOWN) ||
	    !xtcp_in(sk, TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE_WAIT))
		return;
	if (xtcp_close_state(sk))
		xtcp_send_fin(sk, sk->sk_allocation);
}

static bool xtcp_unread(struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 unread = tp->rcv_nxt - tp->copied_seq;

	if (sock_flag(sk, SOCK_DONE) && unread)
		unread--;
	return unread && xtcp_in(sk, XTCP_SYNCHRONIZED);
}

/* What a close means in each state, as far as the peer is concerned. */
static void xtcp_close_peer(struct sock *sk, long timeout)
{
	bool unread = xtcp_unread(sk);

	xtcp_purge_receive(sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (unread) {
		/* RFC 2525 section 2.17: data is lost, so this is no orderly end. */
		xtcp_count(sk, XTCP_ABORT_ON_CLOSE);
		xtcp_send_active_reset(sk, sk->sk_allocation);
		xtcp_set_state(sk, TCP_CLOSE);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		xtcp_count(sk, XTCP_ABORT_ON_LINGER);
		xtcp_disconnect(sk, 0);
	} else if (xtcp_close_state(sk)) {
		xtcp_send_fin(sk, sk->sk_allocation);
	}
	/* Until what was sent is acknowledged. */
	xl4_linger(sk, timeout, TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK);
}

/**
 * xtcp_fin_wait2_orphan() - nobody will read what the peer may still send
 * @sk: an orphan in FIN-WAIT-2, locked
 */
void xtcp_fin_wait2_orphan(struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);

	if (tp->linger2 < 0) {
		xtcp_fin_wait2_expired(sk);
		return;
	}
	xl4_timer_arm(xtcp_timer(sk, XTCP_TIMER_KEEPALIVE),
		      jiffies + (tp->linger2 ? : xtcp_set(sk)->fin_timeout * HZ));
}

/**
 * xtcp_fin_wait2_expired() - the peer never sent its FIN
 * @sk: an orphan in FIN-WAIT-2, locked
 */
void xtcp_fin_wait2_expired(struct sock *sk)
{
	xtcp_send_active_reset(sk, GFP_ATOMIC);
	xtcp_done(sk);
}

static void xtcp_orphaned(struct sock *sk, int state)
{
	/* The backlog has ended it. */
	if (state != TCP_CLOSE && sk->sk_state == TCP_CLOSE)
		return;
	if (sk->sk_state == TCP_FIN_WAIT2) {
		xtcp_fin_wait2_orphan(sk);
		/* TCP_LINGER2: it is gone already. */
		if (sk->sk_state == TCP_CLOSE)
			return;
	}
	if (sk->sk_state != TCP_CLOSE && xtcp_too_many_orphans(sk)) {
		xtcp_count(sk, XTCP_ABORT_ON_MEMORY);
		xtcp_send_active_reset(sk, GFP_ATOMIC);
		xtcp_set_state(sk, TCP_CLOSE);
	}
	if (sk->sk_state == TCP_CLOSE)
		xtcp_destroy(sk);
}

/**
 * xtcp_close() - the close of struct proto
 * @sk: not locked; its last file is gone
 * @timeout: SO_LINGER, in jiffies
 *
 * RFC 9293 section 3.10.4. The connection goes on without a program.
 */
void xtcp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		xtcp_set_state(sk, TCP_CLOSE);
		xl4_listen_stop(sk, xtcp_abandon);
	} else {
		xtcp_close_peer(sk, timeout);
	}
	atomic_inc(&xtcp_orphans);
	xl4_orphan(sk, xtcp_orphaned);
}

/**
 * xtcp_release_cb() - do what was put off while a program had the socket: the
 *	release_cb of struct proto
 * @sk: its spinlock is held
 */
void xtcp_release_cb(struct sock *sk)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (unlikely(tp->mtu_reduced)) {
		tp->mtu_reduced = false;
		xtcp_mtu_reduced(sk);
	}
	xl4_timers_release(sk, tp->timers, XTCP_TIMERS);
}
