// SPDX-License-Identifier: GPL-2.0
/* Socket options at SOL_TCP, and TCP_INFO. */

#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tcp.h"

#define XTCP_MAX_KEEPALIVE	32767	/* seconds */
#define XTCP_MAX_PROBES		127
#define XTCP_MAX_SYN_RETRIES	127

static int xtcp_set_nodelay(struct sock *sk, u8 bit, bool on)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (on)
		tp->nonagle |= bit;
	else
		tp->nonagle &= ~bit;
	/* What waited for more need not any longer. */
	if (bit == XTCP_NODELAY ? on : !on)
		xtcp_push_pending(sk, tp->nonagle | XTCP_NODELAY);
	return 0;
}

static int xtcp_set_quickack(struct sock *sk, int value)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	tp->quickack_mode = value & 1;
	if (!tp->quickack_mode) {
		tp->quick = 0;
		return 0;
	}
	if (xtcp_in(sk, TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) && tp->ack_pending & XTCP_ACK_SCHED)
		xtcp_send_ack(sk);
	return 0;
}

static int xtcp_set_congestion(struct sock *sk, const char *name)
{
	const struct xl4_cong_ops *ops = xl4_cong_get(name);
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!ops)
		return -ENOENT;
	xl4_cong_put(tp->cong.ops);
	xl4_cong_init(&tp->cong, ops);
	return 0;
}

/* In seconds, as long as a retransmission that often would take. */
static u8 xtcp_seconds_to_retries(int seconds)
{
	int retries = 0, period = 1;

	for (; seconds > period && retries < U8_MAX - 1; retries++) {
		seconds -= period;
		period = min(period * 2, 120);
	}
	return seconds > 0 ? retries + 1 : retries;
}

static int xtcp_retries_to_seconds(u8 retries)
{
	int seconds = 0, period = 1;

	for (; retries; retries--) {
		seconds += period;
		period = min(period * 2, 120);
	}
	return seconds;
}

static int xtcp_set_seconds(u32 *field, int value, int most)
{
	if (value < 1 || value > most)
		return -EINVAL;
	*field = value * HZ;
	return 0;
}

static int xtcp_set_keepidle(struct sock *sk, int value)
{
	int err = xtcp_set_seconds(&xtcp_sk(sk)->keepalive_time, value, XTCP_MAX_KEEPALIVE);

	if (!err && sock_flag(sk, SOCK_KEEPOPEN) && xtcp_in(sk, XTCP_SYNCHRONIZED))
		xtcp_arm_keepalive(sk);
	return err;
}

static int xtcp_set_small(u8 *field, int value, int least, int most)
{
	if (value < least || value > most)
		return -EINVAL;
	*field = value;
	return 0;
}

static int xtcp_set_linger2(struct xtcp_sock *tp, int value)
{
	if (value < 0)
		tp->linger2 = -1;
	else
		tp->linger2 = min(value, 120) * HZ;
	return 0;
}

static int xtcp_set_maxseg(struct xtcp_sock *tp, int value)
{
	if (value && (value < 88 || value > 32767))
		return -EINVAL;
	tp->user_mss = value;
	return 0;
}

static int xtcp_set_window_clamp(struct sock *sk, int value)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	if (!value) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
		tp->window_clamp = 0;
	} else {
		tp->window_clamp = max_t(u32, value, SOCK_MIN_RCVBUF / 2);
	}
	return 0;
}

static int xtcp_set_int(struct sock *sk, int name, int value)
{
	struct xtcp_sock *tp = xtcp_sk(sk);

	switch (name) {
	case TCP_NODELAY:
		return xtcp_set_nodelay(sk, XTCP_NODELAY, value);
	case TCP_CORK:
		return xtcp_set_nodelay(sk, XTCP_CORK, value);
	case TCP_QUICKACK:
		return xtcp_set_quickack(sk, value);
	case TCP_MAXSEG:
		return xtcp_set_maxseg(tp, value);
	case TCP_KEEPIDLE:
		return xtcp_set_keepidle(sk, value);
	case TCP_KEEPINTVL:
		return xtcp_set_seconds(&tp->keepalive_intvl, value, XTCP_MAX_KEEPALIVE);
	case TCP_KEEPCNT:
		return xtcp_set_small(&tp->keepalive_probes, value, 1, XTCP_MAX_PROBES);
	case TCP_SYNCNT:
		return xtcp_set_small(&tp->syn_retries, value, 1, XTCP_MAX_SYN_RETRIES);
	case TCP_LINGER2:
		return xtcp_set_linger2(tp, value);
	case TCP_DEFER_ACCEPT:
		tp->defer_accept = xtcp_seconds_to_retries(value);
		return 0;
	case TCP_WINDOW_CLAMP:
		return xtcp_set_window_clamp(sk, value);
	case TCP_USER_TIMEOUT:
		if (value < 0)
			return -EINVAL;
		tp->user_timeout = value;
		return 0;
	case TCP_NOTSENT_LOWAT:
		tp->notsent_lowat = value;
		xl4_check_space(sk);
		return 0;
	case TCP_INQ:
		if (value < 0 || value > 1)
			return -EINVAL;
		tp->inq = value;
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
	case TCP_THIN_DUPACK:
		/* RFC 8985 has made both superfluous; programs that set them mean no harm. */
		return value < 0 || value > 1 ? -EINVAL : 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int xtcp_set_by_name(struct sock *sk, sockptr_t value, unsigned int len)
{
	char name[XL4_CONG_NAME_MAX];
	long n;
	int err;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, value, min_t(long, XL4_CONG_NAME_MAX - 1, len));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	lock_sock(sk);
	err = xtcp_set_congestion(sk, name);
	release_sock(sk);
	return err;
}

static int xtcp_set_of_ip(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	int err = sk->sk_family == AF_INET6 ? ipv6_setsockopt(sk, level, name, value, len) :
					      ip_setsockopt(sk, level, name, value, len);

	if (err)
		return err;
	/* What IP is to put into each packet there is less room for in segments. */
	lock_sock(sk);
	if (xtcp_in(sk, XTCP_SYNCHRONIZED))
		xtcp_sync_mss(sk, xtcp_sk(sk)->path_mtu);
	release_sock(sk);
	return 0;
}

/**
 * xtcp_setsockopt() - the setsockopt of struct proto
 * @sk: not locked
 * @level: SOL_TCP, or the family's
 * @name: of the option
 * @value: from the program
 * @len: of @value
 *
 * Return: 0 or an error of setsockopt(2).
 */
int xtcp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	int number, err;

	if (level != SOL_TCP)
		return xtcp_set_of_ip(sk, level, name, value, len);
	if (name == TCP_CONGESTION)
		return xtcp_set_by_name(sk, value, len);
	if (len < sizeof(number))
		return -EINVAL;
	if (copy_from_sockptr(&number, value, sizeof(number)))
		return -EFAULT;
	lock_sock(sk);
	err = xtcp_set_int(sk, name, number);
	release_sock(sk);
	return err;
}

/* ------------------------------------------------------------------ TCP_INFO */

static u32 xtcp_segments(const struct xtcp_sock *tp, u32 octets)
{
	return DIV_ROUND_UP(octets, max_t(u32, tp->mss, 1));
}

static u8 xtcp_info_state(const struct xtcp_sock *tp)
{
	static const u8 as_linux[] = {
		[XTCP_CA_OPEN]	= TCP_CA_Open,
		[XTCP_CA_CWR]	= TCP_CA_CWR,
		[XTCP_CA_RECOVERY]	= TCP_CA_Recovery,
		[XTCP_CA_LOSS]	= TCP_CA_Loss,
	};

	if (tp->state == XTCP_CA_OPEN && tp->sacked_out)
		return TCP_CA_Disorder;
	return as_linux[tp->state];
}

/* No limit is said in as many bits as the answer has. */
static u64 xtcp_info_rate(unsigned long rate)
{
	return rate == ~0UL ? ~0ULL : rate;
}

static void xtcp_fill_info(struct sock *sk, struct tcp_info *info)
{
	const struct xtcp_sock *tp = xtcp_sk(sk);

	memset(info, 0, sizeof(*info));
	info->tcpi_state = sk->sk_state;
	if (sk->sk_state == TCP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	info->tcpi_ca_state = xtcp_info_state(tp);
	info->tcpi_retransmits = tp->retransmits;
	info->tcpi_probes = tp->probes;
	info->tcpi_backoff = tp->rto.backoff;
	if (tp->has_timestamps)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tp->sack_ok)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (tp->wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = tp->snd_wscale;
		info->tcpi_rcv_wscale = tp->rcv_wscale;
	}
	if (tp->ecn_ok)
		info->tcpi_options |= TCPI_OPT_ECN;
	info->tcpi_rto = xl4_rto_us(&tp->rto);
	info->tcpi_ato = 40 * USEC_PER_MSEC;
	info->tcpi_snd_mss = tp->mss;
	info->tcpi_rcv_mss = tp->rcv_mss;
	info->tcpi_unacked = xtcp_segments(tp, tp->snd_nxt - tp->snd_una);
	info->tcpi_sacked = xtcp_segments(tp, tp->sacked_out);
	info->tcpi_lost = xtcp_segments(tp, tp->lost_out);
	info->tcpi_retrans = xtcp_segments(tp, tp->retrans_out);
	info->tcpi_last_data_sent = jiffies_to_msecs(jiffies - tp->last_sent);
	info->tcpi_last_data_recv = jiffies_to_msecs(jiffies - tp->last_received);
	info->tcpi_last_ack_recv = jiffies_to_msecs(jiffies - tp->last_heard);
	info->tcpi_pmtu = tp->path_mtu;
	info->tcpi_rcv_ssthresh = tp->rcv_wnd;
	info->tcpi_rtt = tp->rto.srtt_us >> 3;
	info->tcpi_rttvar = tp->rto.rttvar_us >> 2;
	info->tcpi_min_rtt = tp->rack.min_rtt_us;
	info->tcpi_snd_ssthresh = tp->cong.ssthresh == U32_MAX ? INT_MAX :
				  xtcp_segments(tp, tp->cong.ssthresh);
	info->tcpi_snd_cwnd = xtcp_segments(tp, tp->cong.cwnd);
	info->tcpi_advmss = xtcp_advertised_mss(sk);
	info->tcpi_reordering = 3;
	info->tcpi_rcv_rtt = tp->rcv_rtt_us >> 3;
	info->tcpi_rcv_space = tp->tune_space;
	info->tcpi_segs_out = tp->segs_out;
	info->tcpi_data_segs_out = tp->data_segs_out;
	info->tcpi_bytes_sent = tp->bytes_sent;
	info->tcpi_bytes_retrans = tp->bytes_retrans;
	info->tcpi_total_retrans = tp->total_retrans;
	info->tcpi_notsent_bytes = tp->write_seq - tp->snd_nxt;
	info->tcpi_segs_in = tp->segs_in;
	info->tcpi_data_segs_in = tp->data_segs_in;
	info->tcpi_bytes_received = tp->bytes_received;
	info->tcpi_rcv_ooopack = tp->rcv_ooopack;
	info->tcpi_snd_wnd = tp->snd_wnd;
	info->tcpi_bytes_acked = tp->bytes_acked;
	info->tcpi_delivered = xtcp_segments(tp, min_t(u64, tp->delivered, U32_MAX));
	info->tcpi_dsack_dups = tp->dsack_dups;
	info->tcpi_reord_seen = tp->reord_seen;
	info->tcpi_pacing_rate = xtcp_info_rate(READ_ONCE(sk->sk_pacing_rate));
	info->tcpi_max_pacing_rate = xtcp_info_rate(READ_ONCE(sk->sk_max_pacing_rate));
	xl4_tcp_info_rcv_wnd(info, tp->rcv_wnd);
}

static int xtcp_get_int(struct sock *sk, int name, int *value)
{
	const struct xtcp_settings *set = xtcp_set(sk);
	const struct xtcp_sock *tp = xtcp_sk(sk);

	switch (name) {
	case TCP_NODELAY:
		*value = !!(tp->nonagle & XTCP_NODELAY);
		return 0;
	case TCP_CORK:
		*value = !!(tp->nonagle & XTCP_CORK);
		return 0;
	case TCP_QUICKACK:
		*value = tp->quickack_mode || tp->quick;
		return 0;
	case TCP_MAXSEG:
		*value = xtcp_in(sk, TCPF_CLOSE | TCPF_LISTEN) && tp->user_mss ?
			 tp->user_mss : tp->mss;
		return 0;
	case TCP_KEEPIDLE:
		*value = tp->keepalive_time ? tp->keepalive_time / HZ : set->keepalive_time;
		return 0;
	case TCP_KEEPINTVL:
		*value = tp->keepalive_intvl ? tp->keepalive_intvl / HZ : set->keepalive_intvl;
		return 0;
	case TCP_KEEPCNT:
		*value = tp->keepalive_probes ? : set->keepalive_probes;
		return 0;
	case TCP_SYNCNT:
		*value = tp->syn_retries ? : set->syn_retries;
		return 0;
	case TCP_LINGER2:
		*value = tp->linger2 < 0 ? -1 : tp->linger2 ? tp->linger2 / HZ : set->fin_timeout;
		return 0;
	case TCP_DEFER_ACCEPT:
		*value = xtcp_retries_to_seconds(tp->defer_accept);
		return 0;
	case TCP_WINDOW_CLAMP:
		*value = tp->window_clamp;
		return 0;
	case TCP_USER_TIMEOUT:
		*value = tp->user_timeout;
		return 0;
	case TCP_NOTSENT_LOWAT:
		*value = tp->notsent_lowat;
		return 0;
	case TCP_INQ:
		*value = tp->inq;
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
	case TCP_THIN_DUPACK:
		*value = 0;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int xtcp_answer(char __user *value, int __user *len, const void *from, int size)
{
	int room;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	room = min(room, size);
	if (put_user(room, len) || copy_to_user(value, from, room))
		return -EFAULT;
	return 0;
}

/**
 * xtcp_getsockopt() - the getsockopt of struct proto
 * @sk: not locked
 * @level: SOL_TCP, or the family's
 * @name: of the option
 * @value: the program's
 * @len: of @value
 *
 * Return: 0 or an error of getsockopt(2).
 */
int xtcp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len)
{
	char congestion[XL4_CONG_NAME_MAX] = "";
	struct tcp_info info;
	int number, err;

	if (level != SOL_TCP)
		return sk->sk_family == AF_INET6 ? ipv6_getsockopt(sk, level, name, value, len) :
						   ip_getsockopt(sk, level, name, value, len);
	switch (name) {
	case TCP_INFO:
		lock_sock(sk);
		xtcp_fill_info(sk, &info);
		release_sock(sk);
		return xtcp_answer(value, len, &info, sizeof(info));
	case TCP_CONGESTION:
		lock_sock(sk);
		strscpy(congestion, xtcp_sk(sk)->cong.ops->name, sizeof(congestion));
		release_sock(sk);
		return xtcp_answer(value, len, congestion, sizeof(congestion));
	default:
		lock_sock(sk);
		err = xtcp_get_int(sk, name, &number);
		release_sock(sk);
		return err ? : xtcp_answer(value, len, &number, sizeof(number));
	}
}
