// SPDX-License-Identifier: GPL-2.0
/* What poll(2) and ioctl(2) tell of a socket. */

#include <asm/ioctls.h>

#include "tcp.h"

/**
 * xtcp_stream_memory_free() - the stream_memory_free of struct proto
 * @sk: any
 * @wake: who waits is to be woken only for more
 *
 * TCP_NOTSENT_LOWAT; 0 means the setting.
 */
bool xtcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 unsent = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);
	u32 most = READ_ONCE(tp->notsent_lowat) ? : xtcp_set(sk)->notsent_lowat;

	return unsent << wake < most;
}

static bool xtcp_readable(const struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	int target = sock_rcvlowat(sk, 0, INT_MAX);
	s32 queued = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

	if (tp->urg_state == XTCP_URG_VALID && READ_ONCE(tp->rcv_up) == READ_ONCE(tp->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE))
		target++;
	return queued >= target ||
	       (queued > 0 && (xtcp_window_is_used_up(tp) ||
			       atomic_read(&sk->sk_rmem_alloc) > sk->sk_rcvbuf / 2));
}

static __poll_t xtcp_poll_connected(struct sock *sk)
{
	__poll_t events = xl4_poll_write(sk, sk_stream_is_writeable);

	if (xtcp_readable(sk))
		events |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(xtcp_sk(sk)->urg_state) == XTCP_URG_VALID)
		events |= EPOLLPRI;
	return events;
}

/**
 * xtcp_poll() - the poll of struct proto_ops
 * @file: of the socket
 * @sock: the socket
 * @wait: where to wait
 *
 * Return: the events.
 */
__poll_t xtcp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t events;
	int state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN)
		return READ_ONCE(sk->sk_ack_backlog) ? EPOLLIN | EPOLLRDNORM : 0;
	events = xl4_poll_end(sk, state == TCP_CLOSE);
	if (!((1 << state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)))
		events |= xtcp_poll_connected(sk);
	return events | xl4_poll_error(sk);
}

static int xtcp_inq(struct sock *sk)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	u32 answer = tp->rcv_nxt - tp->copied_seq;

	if (xtcp_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	/* Up to the mark, if that comes first. */
	if (!sock_flag(sk, SOCK_URGINLINE) && tp->urg_state != XTCP_URG_NONE &&
	    !seq_after(tp->copied_seq, tp->rcv_up) && seq_before(tp->rcv_up, tp->rcv_nxt))
		return tp->rcv_up - tp->copied_seq;
	if (answer && sock_flag(sk, SOCK_DONE))
		answer--;
	return answer;
}

/**
 * xtcp_ioctl() - the ioctl of struct proto
 * @sk: not locked
 * @cmd: SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD
 * @answer: filled in
 *
 * Return: 0, -EINVAL for a listener, or -ENOIOCTLCMD for what is not ours.
 */
int xtcp_ioctl(struct sock *sk, int cmd, int *answer)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);
	int err = 0;

	lock_sock(sk);
	switch (cmd) {
	case SIOCATMARK:
		*answer = tp->urg_state != XTCP_URG_NONE && tp->rcv_up == tp->copied_seq;
		break;
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
		if (sk->sk_state == TCP_LISTEN)
			err = -EINVAL;
		else if (cmd == SIOCINQ)
			*answer = xtcp_inq(sk);
		else if (xtcp_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV))
			*answer = 0;
		else
			*answer = tp->write_seq - (cmd == SIOCOUTQ ? tp->snd_una : tp->snd_nxt);
		break;
	default:
		err = -ENOIOCTLCMD;
	}
	release_sock(sk);
	return err;
}
