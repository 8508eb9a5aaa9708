/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xtcp: TCP (RFC 9293 and its companions).
 *
 *	sendmsg				recvmsg
 *	   |				   ^
 *	send.c				recv.c			between program and queue
 *	   |				   ^
 *	output.c			receive.c input.c	between queue and segment
 *	   |	    ack.c sack.c	   ^	|
 *	   |<-- recovery.c timer.c	   |	`--> listen.c timewait.c
 *	   v				   |
 *	ipv4.c ipv6.c			ipv4.c ipv6.c		the IP layer
 */
#ifndef XTCP_H
#define XTCP_H

#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/rbtree.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <xl4/compat.h>
#include <xl4/cong.h>
#include <xl4/connect.h>
#include <xl4/listen.h>
#include <xl4/poll.h>
#include <xl4/protocol.h>
#include <xl4/rto.h>
#include <xl4/space.h>
#include <xl4/timer.h>
#include <xl4/timewait.h>

#include "wire.h"

/* Counters: those of /proc/net/snmp's Tcp line that count, then our own. */
#define XTCP_COUNTERS_LIST(counter)			\
	counter(ACTIVE_OPENS,	"ActiveOpens")		\
	counter(PASSIVE_OPENS,	"PassiveOpens")		\
	counter(ATTEMPT_FAILS,	"AttemptFails")		\
	counter(ESTAB_RESETS,	"EstabResets")		\
	counter(CURR_ESTAB,	"CurrEstab")		\
	counter(IN_SEGS,	"InSegs")		\
	counter(OUT_SEGS,	"OutSegs")		\
	counter(RETRANS_SEGS,	"RetransSegs")		\
	counter(IN_ERRS,	"InErrs")		\
	counter(OUT_RSTS,	"OutRsts")		\
	counter(IN_CSUM_ERRORS,	"InCsumErrors")		\
	counter(SYN_COOKIES_SENT, "SyncookiesSent")	\
	counter(SYN_COOKIES_RECV, "SyncookiesRecv")	\
	counter(SYN_COOKIES_FAILED, "SyncookiesFailed")	\
	counter(LISTEN_OVERFLOWS, "ListenOverflows")	\
	counter(LISTEN_DROPS,	"ListenDrops")		\
	counter(TIMEWAITS,	"TW")			\
	counter(TIMEWAIT_OVERFLOW, "TCPTimeWaitOverflow") \
	counter(PAWS_DROPS,	"PAWSEstab")		\
	counter(CHALLENGE_ACKS,	"TCPChallengeACK")	\
	counter(SYN_CHALLENGES,	"TCPSYNChallenge")	\
	counter(DELAYED_ACKS,	"DelayedACKs")		\
	counter(TIMEOUTS,	"TCPTimeouts")		\
	counter(LOSS_PROBES,	"TCPLossProbes")	\
	counter(SPURIOUS_RTOS,	"TCPSpuriousRTOs")	\
	counter(FAST_RETRANS,	"TCPFastRetrans")	\
	counter(FULL_UNDO,	"TCPFullUndo")		\
	counter(DSACK_UNDO,	"TCPDSACKUndo")		\
	counter(DSACK_RECV,	"TCPDSACKRecv")		\
	counter(SACK_RENEGING,	"TCPSACKReneging")	\
	counter(OFO_QUEUE,	"TCPOFOQueue")		\
	counter(OFO_PRUNED,	"OfoPruned")		\
	counter(RCV_PRUNED,	"RcvPruned")		\
	counter(RCVQ_DROP,	"TCPRcvQDrop")		\
	counter(BACKLOG_DROP,	"TCPBacklogDrop")	\
	counter(ZERO_WINDOW_DROP, "TCPZeroWindowDrop")	\
	counter(ABORT_ON_DATA,	"TCPAbortOnData")	\
	counter(ABORT_ON_CLOSE,	"TCPAbortOnClose")	\
	counter(ABORT_ON_MEMORY, "TCPAbortOnMemory")	\
	counter(ABORT_ON_TIMEOUT, "TCPAbortOnTimeout")	\
	counter(ABORT_ON_LINGER, "TCPAbortOnLinger")	\
	counter(KEEPALIVES,	"TCPKeepAlive")		\
	counter(WINDOW_PROBES,	"TCPWinProbe")

#define XTCP_COUNTER_ENUM(name, text) XTCP_##name,
enum xtcp_counter {
	XTCP_COUNTERS_LIST(XTCP_COUNTER_ENUM)
	XTCP_COUNTERS
};

/* Settings, per namespace; times in the units that the kernel's own twins have. */
struct xtcp_settings {
	int	rmem[3];		/* bytes: least, default, most of sk_rcvbuf */
	int	wmem[3];		/* likewise of sk_sndbuf */
	int	syn_retries;
	int	synack_retries;
	int	syncookies;		/* 0: never, 1: when full, 2: always */
	int	max_syn_backlog;
	int	retries1;		/* then the route is doubted */
	int	retries2;		/* then the connection is given up */
	int	orphan_retries;
	int	max_orphans;
	int	max_tw_buckets;
	int	fin_timeout;		/* seconds in FIN-WAIT-2 with nobody to read */
	int	keepalive_time;		/* seconds */
	int	keepalive_intvl;	/* seconds */
	int	keepalive_probes;
	int	timestamps;
	int	sack;
	int	window_scaling;
	int	ecn;			/* 0: no, 1: ask and accept, 2: accept */
	int	slow_start_after_idle;
	int	moderate_rcvbuf;
	int	challenge_ack_limit;	/* a second */
	int	base_mss;		/* tried when the path swallows larger ones */
	int	mtu_probing;		/* 1: after a black hole was found */
	int	rfc1337;
	int	stdurg;
	int	abort_on_overflow;
	int	notsent_lowat;
	char	congestion[XL4_CONG_NAME_MAX];
};

struct xtcp_net {
	struct xl4_space	space;
	struct xtcp_settings	set;
	struct ctl_table_header	*sysctl;
	atomic_t		challenges;	/* sent in this second */
	unsigned long		challenge_second;	/* jiffies when it ends */
};

struct xtcp_net *xtcp_net(const struct net *net);

/* What is known of a segment, in the skb that carries it. */
struct xtcp_skb_cb {
	union {
		struct inet_skb_parm	h4;
		struct inet6_skb_parm	h6;
	};
	u32	seq;		/* of the first octet, or SYN */
	u32	end_seq;	/* of what comes after: SYN, FIN and data count */
	u32	ack;
	u16	window;		/* as on the wire */
	u16	urgent;
	u8	flags;		/* XTCP_SYN ... */
	u8	length;		/* of the header */
	u8	marks;		/* XTCP_SACKED ...: of a segment sent */
	u8	ce;		/* received with Congestion Experienced */
};

#define XTCP_SKB_CB(skb) ((struct xtcp_skb_cb *)((skb)->cb))

/* RFC 6675: what the scoreboard says of a segment. */
enum {
	XTCP_SACKED	= 0x01,		/* the peer has it, perhaps not for good */
	XTCP_LOST	= 0x02,
	XTCP_RETRANS	= 0x04,		/* sent again, and that copy is in flight */
	XTCP_EVER_RETRANS = 0x08,	/* Karn: an ACK of it tells no RTT */
};

/* RFC 793's arithmetic: the sequence space is a circle. */
static inline bool seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_after(u32 a, u32 b)
{
	return seq_before(b, a);
}

/* low <= seq <= high */
static inline bool seq_between(u32 seq, u32 low, u32 high)
{
	return high - low >= seq - low;
}

/* Left free in front of data, for the headers of all layers. */
#define XTCP_HEADROOM \
	L1_CACHE_ALIGN(XTCP_MAX_HEADER_LEN + sizeof(struct ipv6hdr) + MAX_HEADER + 32)

enum xtcp_timer {
	XTCP_TIMER_SEND,	/* see enum xtcp_send_event */
	XTCP_TIMER_DELACK,
	XTCP_TIMER_KEEPALIVE,	/* and the end of FIN-WAIT-2 */
	XTCP_TIMERS
};

/* What the send timer is for: one at a time. */
enum xtcp_send_event {
	XTCP_RETRANSMIT,	/* RFC 6298 */
	XTCP_PROBE_WINDOW,	/* RFC 9293 section 3.8.6.1: persist */
	XTCP_LOSS_PROBE,	/* RFC 8985: TLP */
	XTCP_REORDER,		/* RFC 8985: RACK's reordering window ends */
};

/* How sending stands with congestion. */
enum xtcp_congestion {
	XTCP_CA_OPEN,
	XTCP_CA_CWR,	/* told by ECN, RFC 3168 */
	XTCP_CA_RECOVERY,		/* fast recovery, RFC 6675 with RFC 6937 */
	XTCP_CA_LOSS,		/* after a retransmission timeout */
};

/* RFC 5682: was the timeout spurious? */
enum {
	XTCP_FRTO_OFF,
	XTCP_FRTO_FIRST,	/* the first ACK will tell whether to go on asking */
	XTCP_FRTO_SECOND,	/* new data went out, and nothing else: the next one tells */
};

/* What one ACK told us. */
struct xtcp_ack_info {
	u32	prior_una;
	u32	prior_flight;
	u32	acked;		/* octets newly acknowledged that were not SACKed before */
	u32	sacked;		/* octets newly SACKed */
	u32	rtt_us;		/* of a segment that was sent once; 0: no sample */
	u32	sack_rtt_us;	/* the same, of what it newly SACKs */
	u32	tsecr;		/* 0: none */
	u64	now_ns;
	bool	advanced;	/* snd_una did */
	bool	dsack;		/* something came there twice */
	bool	all_twice;	/* all that we sent again did */
	bool	ece;
	bool	again;		/* some of what it is for was sent more than once: Karn */
	bool	original;	/* it is for what was sent once, and taken for lost */
	bool	duplicate;	/* RFC 5681 section 2 */
};

struct xtcp_request;

/* What differs between the families. A socket may change it: IPv4-mapped peers. */
struct xtcp_family {
	bool	v6;
	u16	header_len;	/* of the IP header without options */
	u16	default_mss;	/* of a peer that names none: RFC 9293 section 3.7.1 */
	int	gso_type;
	int (*queue_xmit)(struct sock *sk, struct sk_buff *skb);
	__sum16 (*pseudo)(const struct sock *sk, unsigned int len, __wsum sum);
	u16 (*options_len)(const struct sock *sk, u16 *fragmentable);
	struct dst_entry *(*route)(struct sock *sk);
	unsigned int (*request_mtu)(struct sock *listener, const struct xtcp_request *request);
};

/* A half-open connection. */
struct xtcp_request {
	struct xl4_request	xl4;		/* first */
	const struct xtcp_family *family;
	struct xl4_tuple	tuple;
	u32			iss;
	u32			irs;
	u32			ts_recent;
	u32			ts_offset;
	u32			mark;
	int			device;
	u64			sent_ns;	/* our SYN,ACK, if once; else 0 */
	u16			mss;		/* the peer's */
	u16			window;		/* ours, as in the SYN,ACK */
	u8			snd_wscale;
	u8			rcv_wscale;
	u8			tos;
	bool			has_wscale;
	bool			has_timestamps;
	bool			sack_permitted;
	bool			ecn;
	bool			acked;		/* the handshake is done, but the backlog full */
};

struct xtcp_timewait {
	struct xl4_timewait	xl4;		/* first */
	u32			rcv_nxt;
	u32			snd_nxt;
	u32			rcv_wnd;
	u32			ts_recent;
	u32			ts_offset;
	unsigned long		ts_recent_stamp;	/* seconds */
	unsigned long		duration;	/* jiffies */
	unsigned long		last_ack;	/* jiffies: its replies are rationed */
	u8			tos;
	u8			rcv_wscale;
	bool			has_timestamps;
	bool			v6;
};

struct xtcp_sock {
	struct xl4_sock		xl4;		/* first: the kernel casts to it */
	const struct xtcp_family *family;
	struct xl4_timer	timers[XTCP_TIMERS];
	u32			readers;	/* asleep until anything more comes */

	/* Options of the program */
	u8			nonagle;	/* XTCP_NODELAY ... */
	u8			syn_retries;	/* TCP_SYNCNT; 0: the setting */
	u8			defer_accept;	/* retries of a SYN,ACK */
	u8			keepalive_probes;
	int			linger2;	/* jiffies; -1: no FIN-WAIT-2 */
	u32			keepalive_time;	/* jiffies; 0: the setting */
	u32			keepalive_intvl;
	u32			user_timeout;	/* ms */
	u32			notsent_lowat;
	u32			window_clamp;	/* TCP_WINDOW_CLAMP */
	u16			user_mss;	/* TCP_MAXSEG; 0: none */
	bool			quickack_mode;	/* TCP_QUICKACK */
	bool			inq;		/* TCP_INQ */
	unsigned long		cookie_sent;	/* jiffies; 0: never. Of a listener. */

	/* From here on all is the connection's, and as new when it ends: xtcp_renew(). */

	/* Sending, RFC 9293 section 3.3.1 */
	u32			snd_una;
	u32			snd_nxt;
	u32			snd_wnd;	/* scaled */
	u32			snd_wl1;
	u32			snd_up;		/* one beyond the last urgent octet */
	u32			iss;
	u32			write_seq;	/* behind the last octet that the program wrote */
	u32			pushed_seq;	/* behind the last that was written with PSH */
	u32			max_window;	/* largest snd_wnd seen */
	u16			mss;		/* data in a segment, options subtracted */
	u16			peer_mss;	/* option of the peer's SYN, or default_mss */
	u16			header_len;	/* of TCP, without SACK blocks */
	u32			path_mtu;	/* for which mss holds */
	unsigned long		mtu_changed;	/* path_mtu, in jiffies */
	u32			icmp_mtu;	/* what ICMP said last */
	bool			mtu_reduced;	/* to be seen to when the program lets go */
	u32			small_seq;	/* behind the last small segment: Minshall */
	struct rb_root		sent;		/* from snd_una to snd_nxt, by seq */
	struct list_head	sent_times;	/* of these, in order of last sending */
	struct sk_buff		*highest_sent;	/* last one of sent */
	struct xtcp_sack	sack_cache[XTCP_MAX_SACKS];	/* the last ACK's: marked already */

	/* Receiving */
	u32			rcv_nxt;
	u32			rcv_wnd;	/* offered, from rcv_wup on */
	u32			rcv_wup;	/* rcv_nxt when it was offered */
	u32			rcv_up;
	u32			irs;
	u32			copied_seq;	/* of the next octet for the program */
	u32			rcv_ratio;	/* data to memory in the queue, in 256ths */
	struct rb_root		ahead;		/* beyond rcv_nxt, by seq */
	struct sk_buff		*last_ahead;
	struct xtcp_sack	acks[XTCP_MAX_SACKS];	/* RFC 2018: latest first */
	struct xtcp_sack	dsack;		/* RFC 2883; start == end: none */
	u8			nr_acks;
	u8			urg_data;	/* the octet, if urg_state says so */
	u8			urg_state;
	bool			urg_gone;	/* SIGURG sent for rcv_up */

	/* Options agreed on */
	u8			snd_wscale;
	u8			rcv_wscale;
	bool			has_timestamps;
	bool			sack_ok;
	bool			wscale_ok;
	bool			ecn_ok;
	bool			ecn_echo;	/* RFC 3168: ECE until CWR comes */
	bool			ecn_cwr;	/* CWR goes with the next new data */
	u32			ts_recent;
	u32			ts_offset;	/* RFC 7323 section 5.4 */
	u32			ts_last_ack;	/* Last.ACK.sent */
	unsigned long		ts_recent_stamp;	/* seconds */

	/* Acknowledging */
	u16			rcv_mss;	/* guessed size of the peer's segments */
	u8			quick;		/* so many ACKs at once, delaying none */
	u8			ack_pending;	/* XTCP_ACK_... */
	u32			ack_timeout;	/* jiffies: how long to delay */
	unsigned long		last_received;	/* jiffies: data */
	unsigned long		last_sent;	/* jiffies: data */
	unsigned long		last_heard;	/* jiffies: anything that acknowledges */
	unsigned long		challenged;	/* jiffies: out-of-window reply */

	/* Loss and congestion */
	struct xl4_rto		rto;
	struct xl4_cong		cong;
	u64			departure_ns;	/* of the next segment, if it is paced */
	u8			state;		/* enum xtcp_congestion */
	u8			event;		/* enum xtcp_send_event */
	u8			retransmits;	/* timeouts in a row */
	u8			probes;		/* window probes unanswered */
	u8			keepalives;	/* likewise */
	u8			dupacks;	/* where the peer has no SACK */
	u8			frto;		/* RFC 5682: XTCP_FRTO_... */
	bool			tlp_sent;
	bool			tlp_retrans;
	bool			undo;		/* the marks below hold */
	bool			cwnd_limited;
	u32			sacked_out;	/* octets of sent marked so */
	u32			lost_out;
	u32			retrans_out;
	u32			high_seq;	/* RecoveryPoint */
	u32			tlp_high_seq;
	u32			undo_marker;	/* snd_una when it began */
	s32			undo_retrans;	/* octets retransmitted since, not yet DSACKed */
	u32			prior_cwnd;
	u32			prior_ssthresh;
	u32			prr_delivered;	/* RFC 6937 */
	u32			prr_out;
	u32			prr_flight;	/* RecoverFS */
	u32			retrans_stamp;	/* our timestamp when the first went out */
	u32			cwnd_used;	/* most in flight in this window */
	u32			cwnd_seq;	/* which ends here */
	u32			total_retrans;	/* segments */
	u64			delivered;	/* octets */
	unsigned long		retransmit_start;	/* jiffies: since when no progress */
	unsigned long		probe_start;	/* jiffies: since when the window is closed */
	unsigned long		rto_deadline;	/* jiffies: when the retransmission timer ends */

	/* RFC 8985 section 6.1 */
	struct {
		u64		xmit_ns;	/* of the latest segment delivered */
		u32		end_seq;
		u32		rtt_us;
		u32		min_rtt_us;
		u32		dsack_round;	/* snd_nxt when reo_wnd last grew */
		u32		fack;		/* highest delivered */
		u8		reo_mult;
		u8		reo_persist;
		bool		reordering;
		bool		advanced;
	} rack;

	/* Buffers that tune themselves */
	u32			rcv_rtt_us;
	u32			rcv_rtt_seq;
	u64			rcv_rtt_ns;
	u32			tune_seq;	/* copied_seq when the measuring began */
	u32			tune_space;
	u64			tune_ns;

	/* Figures for TCP_INFO */
	u64			bytes_acked;
	u64			bytes_received;
	u64			bytes_sent;
	u64			bytes_retrans;
	u32			segs_in;
	u32			segs_out;
	u32			data_segs_in;
	u32			data_segs_out;
	u32			rcv_ooopack;
	u32			dsack_dups;
	u32			reord_seen;
};

struct xtcp6_sock {
	struct xtcp_sock	tcp;
	struct ipv6_pinfo	inet6;		/* last: where 6.1 looks for it */
};

enum {
	XTCP_NODELAY	= 1,
	XTCP_CORK	= 2,
};

enum {
	XTCP_ACK_SCHED	= 1,	/* something is to be acknowledged */
	XTCP_ACK_TIMER	= 2,	/* and the timer runs for it */
	XTCP_ACK_NOW	= 4,
};

enum {
	XTCP_URG_NONE,
	XTCP_URG_NOTYET,	/* the octet has not come */
	XTCP_URG_VALID,
	XTCP_URG_READ,
};

static inline struct xtcp_sock *xtcp_sk(const struct sock *sk)
{
	return (struct xtcp_sock *)sk;
}

static inline struct xtcp_settings *xtcp_set(const struct sock *sk)
{
	return &xtcp_net(sock_net(sk))->set;
}

static inline void xtcp_count(const struct sock *sk, enum xtcp_counter counter)
{
	xl4_mib_inc(&xl4_sk(sk)->space->mib[sk->sk_family == AF_INET6], counter);
}

static inline void xtcp_count_add(const struct sock *sk, enum xtcp_counter counter, int n)
{
	xl4_mib_add(&xl4_sk(sk)->space->mib[sk->sk_family == AF_INET6], counter, n);
}

/* RFC 7323 section 5.4: milliseconds, each connection with an offset of its own. */
static inline u32 xtcp_clock_ms(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_MSEC);
}

static inline u32 xtcp_tsval(const struct xtcp_sock *tp)
{
	return xtcp_clock_ms() + tp->ts_offset;
}

/* RFC 6675: Pipe, in octets. */
static inline u32 xtcp_in_flight(const struct xtcp_sock *tp)
{
	s32 pipe = tp->snd_nxt - tp->snd_una - tp->sacked_out - tp->lost_out + tp->retrans_out;

	return max(pipe, 0);
}

/* What is left of the window that we offered. */
static inline u32 xtcp_receive_window(const struct xtcp_sock *tp)
{
	s32 left = READ_ONCE(tp->rcv_wup) + READ_ONCE(tp->rcv_wnd) - READ_ONCE(tp->rcv_nxt);

	return max(left, 0);
}

/* The peer is about to stop: the program has to read, though it waits for more (SO_RCVLOWAT). */
static inline bool xtcp_window_is_used_up(const struct xtcp_sock *tp)
{
	return xtcp_receive_window(tp) <= READ_ONCE(tp->rcv_mss);
}

static inline u32 xtcp_send_window_end(const struct xtcp_sock *tp)
{
	return tp->snd_una + tp->snd_wnd;
}

static inline struct xl4_timer *xtcp_timer(struct sock *sk, enum xtcp_timer which)
{
	return &xtcp_sk(sk)->timers[which];
}

/* The next segment that was never sent; its data was written by the program. */
static inline struct sk_buff *xtcp_send_head(const struct sock *sk)
{
	return skb_peek(&sk->sk_write_queue);
}

static inline struct sk_buff *xtcp_sent_head(const struct xtcp_sock *tp)
{
	return rb_to_skb(rb_first(&tp->sent));
}

/* State names, for the mask tests. */
#define XTCP_SYNCHRONIZED	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | \
				 TCPF_CLOSE_WAIT | TCPF_CLOSING | TCPF_LAST_ACK)

static inline bool xtcp_in(const struct sock *sk, int states)
{
	return (1 << sk->sk_state) & states;
}

/* What to do with a segment for a TIME-WAIT. */
enum xtcp_timewait_verdict {
	XTCP_TW_DROP,
	XTCP_TW_ACK,
	XTCP_TW_REOPEN,		/* a new connection: for the listener */
};

extern struct proto xtcp_prot, xtcpv6_prot;
extern const struct xtcp_family xtcp_v4_family, xtcp_v6_family;
extern const struct xl4_request_ops xtcp_request_ops;

static inline const struct xtcp_family *xtcp_family_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? &xtcp_v6_family : &xtcp_v4_family;
}

/* A segment's addresses and ports, ours as local. */
static inline void xtcp_tuple_of(const struct sk_buff *skb, struct xl4_tuple *tuple)
{
	const struct tcphdr *th = tcp_hdr(skb);

	if (skb->protocol == htons(ETH_P_IPV6)) {
		tuple->local = xl4_addr_v6(&ipv6_hdr(skb)->daddr);
		tuple->remote = xl4_addr_v6(&ipv6_hdr(skb)->saddr);
	} else {
		tuple->local = xl4_addr_v4(ip_hdr(skb)->daddr);
		tuple->remote = xl4_addr_v4(ip_hdr(skb)->saddr);
	}
	tuple->local_port = th->dest;
	tuple->remote_port = th->source;
}

static inline int xtcp_device_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? inet6_iif(skb) : inet_iif(skb);
}

static inline int xtcp_l3_device_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? inet6_sdif(skb) : inet_sdif(skb);
}

/* Was it sent to several, by broadcast or multicast? */
static inline bool xtcp_to_many(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	return skb_rtable(skb) && skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

/* socket.c */
int xtcp_v4_init_sock(struct sock *sk);
int xtcp_v6_init_sock(struct sock *sk);
struct sock *xtcp_clone(struct sock *sk);
void xtcp_discard_child(struct sock *child);
void xtcp_purge_send(struct sock *sk);
void xtcp_v4_destroy_sock(struct sock *sk);
void xtcp_destroy(struct sock *sk);
extern const struct xl4_connect_ops xtcp_connect_ops;
int xtcp_disconnect(struct sock *sk, int flags);
int xtcp_listen(struct socket *sock, int backlog);
void xtcp_abandon(struct sock *child);
void xtcp_shutdown(struct sock *sk, int how);
void xtcp_fin_wait2_orphan(struct sock *sk);
void xtcp_fin_wait2_expired(struct sock *sk);
void xtcp_close(struct sock *sk, long timeout);
void xtcp_release_cb(struct sock *sk);

/* poll.c */
bool xtcp_stream_memory_free(const struct sock *sk, int wake);
__poll_t xtcp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int xtcp_ioctl(struct sock *sk, int cmd, int *answer);

/* state.c */
void xtcp_set_state(struct sock *sk, int state);
void xtcp_set_state_bound(struct sock *sk);

/* send.c */
int xtcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
void xtcp_splice_eof(struct socket *sock);

/* recv.c */
int xtcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
ssize_t xtcp_splice_read(struct socket *sock, loff_t *pos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags);

/* options.c */
int xtcp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len);
int xtcp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len);

/* proc.c */
void xtcp_describe(const struct sock *sk, struct xl4_row *row);

/* output.c */
struct sk_buff *xtcp_alloc_skb(struct sock *sk, gfp_t gfp);
void xtcp_free_skb(struct sock *sk, struct sk_buff *skb);
void xtcp_charge(struct sock *sk, int size);
unsigned int xtcp_current_mss(struct sock *sk);
void xtcp_sync_mss(struct sock *sk, u32 mtu);
int xtcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool keep, gfp_t gfp);
int xtcp_fragment(struct sock *sk, struct sk_buff *skb, unsigned int len, gfp_t gfp);
void xtcp_trim_acked(struct sock *sk, struct sk_buff *skb);
void xtcp_update_pacing(struct sock *sk);
void xtcp_event_sent(struct sock *sk, struct sk_buff *skb);
bool xtcp_write_xmit(struct sock *sk, u8 nonagle, int limit, bool probe, gfp_t gfp);
void xtcp_push_pending(struct sock *sk, u8 nonagle);
void xtcp_push_one(struct sock *sk);
int xtcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, unsigned int max);

/* control.c */
u16 xtcp_advertised_mss(struct sock *sk);
u32 xtcp_initial_window(const struct xtcp_sock *tp);
int xtcp_send_syn(struct sock *sk);
void xtcp_send_synack(struct sock *sk);
void xtcp_send_ack(struct sock *sk);
void xtcp_send_active_reset(struct sock *sk, gfp_t gfp);
void xtcp_send_fin(struct sock *sk, gfp_t gfp);
int xtcp_send_probe(struct sock *sk, bool keepalive);

/* window.c */
u32 xtcp_space(const struct sock *sk);
void xtcp_note_ratio(struct xtcp_sock *tp, const struct sk_buff *skb);
u32 xtcp_init_window(const struct sock *sk, bool scaling, u8 *wscale);
u16 xtcp_select_window(struct sock *sk);
bool xtcp_window_grew(struct sock *sk);
void xtcp_tune_rcvbuf(struct sock *sk);
void xtcp_measure_rcv_rtt(struct xtcp_sock *tp, u32 tsecr);
void xtcp_tune_sndbuf(struct sock *sk);

/* sent.c */
void xtcp_sent_append(struct xtcp_sock *tp, struct sk_buff *skb);
void xtcp_sent_insert_after(struct xtcp_sock *tp, struct sk_buff *skb, struct sk_buff *rest);
void xtcp_sent_remove(struct xtcp_sock *tp, struct sk_buff *skb);
void xtcp_sent_purge(struct sock *sk);
struct sk_buff *xtcp_sent_find(struct xtcp_sock *tp, u32 seq);

/* demux.c */
int xtcp_do_rcv(struct sock *sk, struct sk_buff *skb);
void xtcp_rcv(struct xl4_space *space, struct sk_buff *skb);
bool xtcp_take_header(struct xl4_space *space, struct sk_buff *skb, bool v6);
void xtcp_bad_checksum(struct xl4_space *space, struct sk_buff *skb, bool v6);

/* input.c */
void xtcp_send_challenge_ack(struct sock *sk);
void xtcp_done(struct sock *sk);
void xtcp_reset(struct sock *sk);
void xtcp_fin(struct sock *sk);
void xtcp_rcv_established(struct sock *sk, struct sk_buff *skb);
void xtcp_established(struct sock *sk);
bool xtcp_rcv_state_process(struct sock *sk, struct sk_buff *skb);

/* ack.c */
int xtcp_ack(struct sock *sk, struct sk_buff *skb, const struct xtcp_options *opt);

/* sack.c */
void xtcp_unmark(struct xtcp_sock *tp, struct sk_buff *skb);
void xtcp_mark_lost(struct xtcp_sock *tp, struct sk_buff *skb);
void xtcp_delivered(struct xtcp_sock *tp, struct sk_buff *skb, u32 end,
		    struct xtcp_ack_info *ack);
void xtcp_sacktag(struct sock *sk, u32 ack_seq, const struct xtcp_options *opt,
		  struct xtcp_ack_info *ack);
void xtcp_sack_renege(struct sock *sk);

/* recovery.c */
void xtcp_enter_cwr(struct sock *sk);
void xtcp_enter_loss(struct sock *sk);
void xtcp_recover(struct sock *sk, struct xtcp_ack_info *ack);
void xtcp_retransmit_lost(struct sock *sk);
void xtcp_reorder_timer(struct sock *sk);
void xtcp_loss_probe(struct sock *sk);

/* receive.c */
void xtcp_quickack(struct xtcp_sock *tp);
void xtcp_ack_check(struct sock *sk);
void xtcp_data_ready(struct sock *sk);
int xtcp_set_rcvlowat(struct sock *sk, int octets);
void xtcp_data_queue(struct sock *sk, struct sk_buff *skb, const struct xtcp_options *opt);
void xtcp_purge_receive(struct sock *sk);

/* timer.c */
void xtcp_rearm_retransmit(struct sock *sk);
void xtcp_path_interrupted(struct sock *sk, u32 seq);
void xtcp_schedule_loss_probe(struct sock *sk);
void xtcp_check_probe_timer(struct sock *sk);
void xtcp_delay_ack(struct sock *sk);
void xtcp_arm_keepalive(struct sock *sk);
void xtcp_set_keepalive(struct sock *sk, int on);
void xtcp_init_timers(struct sock *sk);
void xtcp_cancel_timers(struct sock *sk);

/* listen.c */
bool xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb);

/* seqno.c */
void xtcp_secret_init(void);
u32 xtcp_new_iss(const struct xl4_tuple *tuple);
u32 xtcp_new_ts_offset(const struct xl4_tuple *tuple);
void xtcp_cookie_make(struct xtcp_request *request);
bool xtcp_cookie_check(struct xtcp_request *request, const struct xtcp_options *opt);

/* timewait.c */
void xtcp_time_wait(struct sock *sk);
enum xtcp_timewait_verdict xtcp_timewait_rcv(struct xtcp_timewait *tw, struct sk_buff *skb);

/* ipv4.c */
int xtcp_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xtcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);
int xtcp_v4_rcv(struct sk_buff *skb);
int xtcp_v4_err(struct sk_buff *skb, u32 info);

/* ipv6.c */
int xtcp_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xtcp_v6_do_rcv(struct sock *sk, struct sk_buff *skb);
int xtcp_v6_rcv(struct sk_buff *skb);
int xtcp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		__be32 info);

/* reply.c */
void xtcp_reply(struct net *net, u8 number, const struct sk_buff *in, struct sk_buff *skb, u8 tos,
		u32 mark);
void xtcp_send_reset(struct xl4_space *space, const struct sk_buff *skb);
void xtcp_reply_ack_timewait(const struct xtcp_timewait *tw, const struct sk_buff *skb);
void xtcp_reply_ack_request(const struct sock *sk, const struct sk_buff *skb,
			    const struct xtcp_request *request);

/* icmp.c */
void xtcp_mtu_reduced(struct sock *sk);
void xtcp_black_hole(struct sock *sk);
void xtcp_icmp_error(struct sock *sk, int err, bool asked);
bool xtcp_icmp_plausible(const struct sock *sk, u32 seq);
void xtcp_icmp_too_big(struct sock *sk, u32 mtu);

/* offload.c */
struct sk_buff *xtcp_gso_segment(struct sk_buff *skb, netdev_features_t features);

#endif
