/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdccp: DCCP (RFC 4340) with CCID 2 (RFC 4341), 3 (RFC 4342, 5348) and 4 (RFC 5622).
 *
 *	sendmsg					recvmsg
 *	   |					   ^
 *	send.c -- qpolicy.c			recv.c		between program and queue
 *	   |					   ^
 *	   |<-- ccid2.c ccid3.c ccid4.c		   |		may it go? what came?
 *	   |	  rate.c feedback.c		   |
 *	   v	  window.c  tfrc.c losses.c	   |
 *	output.c -- optwrite.c		input.c -- optread.c	packets; the state machine
 *	   |	    feature.c negotiate.c   ^  |
 *	   |	    ackvec.c sync.c	    |  `--> listen.c timewait.c
 *	   |				    |
 *	   |				demux.c			whom a packet is for
 *	   v				    |
 *	ipv4.c ipv6.c encap.c		ipv4.c ipv6.c encap.c	the IP layer; UDP around it
 *
 * A connection is two half-connections: data that we send, with the acknowledgments of it that
 * come back, is under our sender's CCID (tx); data that we receive under our receiver's (rx).
 * Both directions share one sequence of numbers, which each packet takes one of.
 *
 * Pure, and tested in userland: wire.c, feature.c, ackvec.c, drops.c, tfrc.c, losses.c, window.c.
 */
#ifndef XDCCP_H
#define XDCCP_H

#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <uapi/linux/dccp.h>
#include <xl4/compat.h>
#include <xl4/connect.h>
#include <xl4/listen.h>
#include <xl4/poll.h>
#include <xl4/protocol.h>
#include <xl4/rto.h>
#include <xl4/space.h>
#include <xl4/timer.h>
#include <xl4/timewait.h>

#include "ackvec.h"
#include "drops.h"
#include "feature.h"
#include "tfrc.h"
#include "window.h"
#include "wire.h"

/* Counters */
#define XDCCP_COUNTERS_LIST(counter)				\
	counter(ACTIVE_OPENS,		"ActiveOpens")		\
	counter(PASSIVE_OPENS,		"PassiveOpens")		\
	counter(ATTEMPT_FAILS,		"AttemptFails")		\
	counter(ESTAB_RESETS,		"EstabResets")		\
	counter(CURR_ESTAB,		"CurrEstab")		\
	counter(IN_PACKETS,		"InPackets")		\
	counter(OUT_PACKETS,		"OutPackets")		\
	counter(RETRANS_PACKETS,	"RetransPackets")	\
	counter(IN_ERRORS,		"InErrors")		\
	counter(IN_CSUM_ERRORS,		"InCsumErrors")		\
	counter(IN_CSCOV_DROPS,		"InCsCovDrops")		\
	counter(IN_DATA_CSUM_ERRORS,	"InDataCsumErrors")	\
	counter(OUT_RESETS,		"OutResets")		\
	counter(IN_RESETS,		"InResets")		\
	counter(SYNCS_SENT,		"SyncsSent")		\
	counter(SYNCS_RECEIVED,		"SyncsReceived")	\
	counter(SYNC_LIMITED,		"SyncLimited")		\
	counter(OUT_OF_WINDOW,		"OutOfWindow")		\
	counter(OPTION_ERRORS,		"OptionErrors")		\
	counter(MANDATORY_ERRORS,	"MandatoryErrors")	\
	counter(NEGOTIATIONS_FAILED,	"NegotiationsFailed")	\
	counter(COOKIES_SENT,		"InitCookiesSent")	\
	counter(COOKIES_RECEIVED,	"InitCookiesReceived")	\
	counter(COOKIES_FAILED,		"InitCookiesFailed")	\
	counter(LISTENS_SENT,		"ListensSent")		\
	counter(LISTENS_RECEIVED,	"ListensReceived")	\
	counter(LISTEN_OVERFLOWS,	"ListenOverflows")	\
	counter(LISTEN_DROPS,		"ListenDrops")		\
	counter(BACKLOG_DROP,		"BacklogDrop")		\
	counter(RCVQ_DROP,		"RcvQDrop")		\
	counter(TIMEWAITS,		"TW")			\
	counter(TIMEOUTS,		"Timeouts")		\
	counter(ABORT_ON_TIMEOUT,	"AbortOnTimeout")	\
	counter(ABORT_ON_DATA,		"AbortOnData")		\
	counter(LOSS_EVENTS,		"LossEvents")		\
	counter(NO_FEEDBACK,		"NoFeedback")		\
	counter(IN_ENCAPSULATED,	"InEncapsulated")	\
	counter(OUT_ENCAPSULATED,	"OutEncapsulated")

#define XDCCP_COUNTER_ENUM(name, text) XDCCP_MIB_##name,
enum xdccp_counter {
	XDCCP_COUNTERS_LIST(XDCCP_COUNTER_ENUM)
	XDCCP_COUNTERS
};

/*
 * The states of RFC 4340 section 8, at the numbers that programs know from linux/dccp.h:
 *
 *   client						server
 *			   +---------+
 *	   connect	   | CLOSED  |	  listen
 *	.------------------+---------+------------.
 *	v					  v
 *	REQUESTING				LISTEN
 *	| Response				  | Request
 *	v					  v
 *	PARTOPEN				RESPOND: a request, no socket
 *	| any but Response, Reset or Sync	  | Ack or DataAck
 *	v					  v
 *	`------------> OPEN <---------------------'
 *			 |			  |
 *	Close or close() |			  | close(), and the client is to wait
 *			 v			  v
 *		       CLOSING <-- CloseReq -- ACTIVE_CLOSEREQ
 *			 | Reset		  | Close
 *			 v			  v
 *		      TIME-WAIT			CLOSED
 *
 * The two passive ones are ours: what the peer closed is read before we answer.
 */
enum xdccp_state {
	XDCCP_OPEN		= TCP_ESTABLISHED,
	XDCCP_REQUESTING	= TCP_SYN_SENT,
	XDCCP_RESPOND		= TCP_SYN_RECV,
	XDCCP_ACTIVE_CLOSEREQ	= TCP_FIN_WAIT1,
	XDCCP_TIME_WAIT		= TCP_TIME_WAIT,
	XDCCP_CLOSED		= TCP_CLOSE,
	XDCCP_PASSIVE_CLOSE	= TCP_CLOSE_WAIT,
	XDCCP_LISTENING		= TCP_LISTEN,
	XDCCP_CLOSING		= TCP_CLOSING,
	XDCCP_PARTOPEN		= TCP_MAX_STATES,
	XDCCP_PASSIVE_CLOSEREQ,
	XDCCP_STATES
};

#define XDCCP_F(state)		(1 << XDCCP_##state)

/* With a peer that we heard of */
#define XDCCP_SYNCHRONIZED	(XDCCP_F(PARTOPEN) | XDCCP_F(OPEN) | XDCCP_F(ACTIVE_CLOSEREQ) | \
				 XDCCP_F(PASSIVE_CLOSE) | XDCCP_F(PASSIVE_CLOSEREQ) | \
				 XDCCP_F(CLOSING))

static inline bool xdccp_in(const struct sock *sk, int states)
{
	return (1 << sk->sk_state) & states;
}

/* Settings, per namespace, under net.xl4.dccp by the kernel's own names. */
struct xdccp_settings {
	unsigned long	seq_window;	/* packets: Sequence Window */
	int	rx_ccid;
	int	tx_ccid;
	int	request_retries;
	int	retries1;		/* until there may be another route */
	int	retries2;		/* of a Change, Close or CloseReq */
	int	orphan_retries;		/* likewise, when no program has the socket any more */
	int	tx_qlen;		/* packets that may wait; 0: what sk_sndbuf has room for */
	int	sync_ratelimit;		/* ms from one Sync or Reset to the next */
	int	init_cookies;		/* 0: never, 1: when full, 2: always */
	int	max_requests;		/* half open, of a listener */
	int	max_tw_buckets;
	int	rmem_default;
	int	wmem_default;
	int	oscillation_prevention;	/* RFC 5348 section 4.5 */
	int	encap_port;		/* UDP: RFC 6773 section 6; 0: none */
};

/* Under which IP protocol numbers there is DCCP: each has ports of its own. */
enum xdccp_service {
	XDCCP_OWN,			/* the module's parameter */
	XDCCP_IANA,			/* 33 */
	XDCCP_SERVICES
};

struct xdccp_encap;

struct xdccp_net {
	struct xl4_space	space[XDCCP_SERVICES];
	struct xdccp_settings	set;
	struct ctl_table_header	*sysctl;
	struct xdccp_encap __rcu *encap;	/* the UDP sockets of RFC 6773 */
	unsigned long		replied[XL4_FAMILIES];	/* jiffies of the last without socket */
	atomic_t		replies[XL4_FAMILIES];	/* in that moment */
};

/* module.c */
extern struct xl4_protocol xdccp_protocols[XDCCP_SERVICES];
struct xdccp_net *xdccp_net(const struct net *net);
struct xl4_space *xdccp_space(const struct net *net, u8 number);

/* What is known of a packet, in the skb that carries it. */
struct xdccp_skb_cb {
	union {
		struct inet_skb_parm	h4;
		struct inet6_skb_parm	h6;
	};
	u64	seq;			/* received: extended, once a connection has it */
	u64	ack;
	u16	length;			/* of the header */
	__be16	encap_port;		/* the peer's, if encapsulated */
	u8	type;
	u8	ccval : 4;
	u8	cscov : 4;		/* received */
	u8	reset_code;
	u8	ecn : 2;		/* of the IP header */
	bool	x : 1;
	bool	has_ack : 1;
	bool	encapsulated : 1;	/* in UDP */
	bool	uncovered : 1;		/* the checksum is not of as much data as it is to be */
	bool	has_options : 1;	/* or padding, behind the fixed part */
	bool	header_read : 1;	/* data is at what comes behind the header */
};

#define XDCCP_SKB_CB(skb) ((struct xdccp_skb_cb *)((skb)->cb))

/*
 * Left free in front of data, for the headers of all layers. Data seldom has many options, and 1400
 * octets of it are to fit into half a page.
 */
#define XDCCP_OPTIONS_ROOM	256
#define XDCCP_FEW_OPTIONS	64
#define XDCCP_COOKIES_ROOM	200	/* of them, for what a server would know again */
#define XDCCP_LOWER_HEADERS	(sizeof(struct udphdr) + sizeof(struct ipv6hdr) + MAX_HEADER)
#define XDCCP_HEADROOM		L1_CACHE_ALIGN(XDCCP_MAX_FIXED_LEN + XDCCP_OPTIONS_ROOM + \
					       XDCCP_LOWER_HEADERS)
#define XDCCP_DATA_HEADROOM	L1_CACHE_ALIGN(XDCCP_MAX_FIXED_LEN + XDCCP_FEW_OPTIONS + \
					       XDCCP_LOWER_HEADERS)

/* What a packet's options told that is not a CCID's nor a feature's: RFC 4340 section 5.8. */
struct xdccp_options {
	u64	ndp;
	u32	timestamp;
	u32	echo;			/* a timestamp of ours */
	u32	elapsed;		/* 10 us: with the echo, or by Elapsed Time */
	u32	data_checksum;
	struct xdccp_dropped_walk dropped;
	const u8 *cookie;		/* in the packet */
	u8	cookie_len;
	bool	has_ndp : 1;
	bool	has_timestamp : 1;
	bool	has_echo : 1;
	bool	has_elapsed : 1;
	bool	has_data_checksum : 1;
	bool	slow_receiver : 1;
};

/* ------------------------------------------------------------------ CCIDs */

/* A packet that came, for a CCID. */
struct xdccp_event {
	const struct sk_buff		*skb;	/* data at the header */
	const struct xdccp_skb_cb	*cb;
	const struct xdccp_options	*options;
	u64				now_us;
	bool				data;	/* it has some, or would have */
};

/* May a packet be sent now? */
#define XDCCP_SEND_NOW		0
#define XDCCP_SEND_LATER	(-1)	/* tx_received() or a timer of the CCID's will tell */

/*
 * Congestion control of a half-connection (RFC 4340 section 10). A socket has one for what it
 * sends (tx) and one for what it receives (rx), each with memory of its own. All is called under
 * the socket lock. What is NULL is nothing to do.
 */
struct xdccp_ccid_ops {
	u8		id;
	const char	*name;
	unsigned int	tx_size;
	unsigned int	rx_size;

	/* 0 or -ENOMEM. The memory is zeroed. */
	int	(*tx_init)(struct sock *sk, void *tx);
	void	(*tx_exit)(struct sock *sk, void *tx);
	/* XDCCP_SEND_NOW, XDCCP_SEND_LATER, or how many microseconds to wait. */
	s64	(*tx_may_send)(struct sock *sk, void *tx, unsigned int len);
	/* Before a packet is built: its CCVal. */
	u8	(*tx_ccval)(struct sock *sk, void *tx);
	/* Data went out, @len octets, with this number; @more waits in the queue. */
	void	(*tx_sent)(struct sock *sk, void *tx, u64 seq, unsigned int len, bool more);
	/* An option of the receiver's: 192 to 255. 0, or -EINVAL: it is not as it should be. */
	int	(*tx_option)(struct sock *sk, void *tx, const struct xdccp_option *option);
	/* An Ack Vector's runs, from @ack on; @vector is several options' values one by one. */
	void	(*tx_vector)(struct sock *sk, void *tx, u64 ack, const u8 *vector, u8 len);
	/* A packet came, in the window, be it an acknowledgment or not. */
	void	(*tx_heard)(struct sock *sk, void *tx, const struct xdccp_event *event);
	/* All options of an acknowledgment were told. */
	void	(*tx_received)(struct sock *sk, void *tx, const struct xdccp_event *event);
	void	(*tx_timer)(struct sock *sk, void *tx);
	/* How many octets of CCID_TX_INFO were put at @info, which has room for @size; or errno. */
	int	(*tx_info)(struct sock *sk, const void *tx, void *info, unsigned int size);

	int	(*rx_init)(struct sock *sk, void *rx);
	void	(*rx_exit)(struct sock *sk, void *rx);
	int	(*rx_option)(struct sock *sk, void *rx, const struct xdccp_option *option);
	/* A packet came, in the window; may ask for an acknowledgment by xdccp_ack_now(). */
	void	(*rx_received)(struct sock *sk, void *rx, const struct xdccp_event *event);
	/* Options for an acknowledgment: at most @room octets at @to. Where the next goes. */
	u8	*(*rx_options)(struct sock *sk, void *rx, u8 *to, unsigned int room);
	/* The acknowledgment with them went out. */
	void	(*rx_acked)(struct sock *sk, void *rx, u64 seq);
	int	(*rx_info)(struct sock *sk, const void *rx, void *info, unsigned int size);
};

struct xdccp_ccid {
	const struct xdccp_ccid_ops	*ops;	/* NULL: none yet */
	void				*priv;
};

extern const struct xdccp_ccid_ops xdccp_ccid2_ops, xdccp_ccid3_ops, xdccp_ccid4_ops;

/* ---------------------------------------------------------------- sockets */

enum xdccp_timer {
	XDCCP_TIMER_RETRANSMIT,	/* Request, Ack in PARTOPEN, CloseReq, Close; negotiations */
	XDCCP_TIMER_ACK,	/* a delayed acknowledgment */
	XDCCP_TIMER_XMIT,	/* the sender's CCID lets the next packet go */
	XDCCP_TIMER_TX,		/* of the sender's CCID: timeout, or no feedback */
	XDCCP_TIMERS
};

struct xdccp_request;

/* What differs between the families. A socket may change it: IPv4-mapped peers. */
struct xdccp_family {
	bool	v6;
	u16	header_len;	/* of the IP header without options */
	int (*queue_xmit)(struct sock *sk, struct sk_buff *skb);
	__sum16 (*pseudo)(const struct sock *sk, unsigned int len, __wsum sum);
	u16 (*options_len)(const struct sock *sk, u16 *fragmentable);
	struct dst_entry *(*route)(struct sock *sk);
};

/* Octets of features that a Response may have; what has no room goes later. */
#define XDCCP_RESPONSE_OPTIONS	96

/* A half-open connection, in RESPOND. */
struct xdccp_request {
	struct xl4_request	xl4;		/* first */
	const struct xdccp_family *family;
	struct xl4_tuple	tuple;
	struct xdccp_features	features;
	u64			iss;		/* of our first Response */
	u64			gss;		/* of our last */
	u64			isr;		/* of the Request */
	u64			gsr;
	u32			service;
	u32			timestamp;	/* the peer's, to be echoed */
	u64			timestamp_us;	/* when it came */
	u64			sent_us;	/* our Response, if once; else 0 */
	u8			options[XDCCP_RESPONSE_OPTIONS]; /* features: all the same */
	u8			options_len;
	u32			mark;
	int			device;
	__be16			encap_port;	/* the peer's UDP port; 0: there is no UDP */
	u8			tos;
	bool			has_timestamp;
	bool			dropped;	/* the Request had data, which nobody gets */
	bool			stamped;	/* our Response had a time stamp */
	unsigned long		synced;		/* jiffies of our last Sync; 0: none */
};

struct xdccp_timewait {
	struct xl4_timewait	xl4;		/* first */
	unsigned long		last_reset;	/* jiffies: its replies are rationed */
	__be16			encap_port;
	u8			tos;
	bool			v6;
};

/* The service codes of a listener beside the first (RFC 4340 section 8.1.2). */
struct xdccp_services {
	unsigned int	nr;
	u32		code[];
};

struct xdccp_sock {
	struct xl4_sock		xl4;		/* first: the kernel casts to it */
	const struct xdccp_family *family;
	u8			qpolicy;	/* which packets wait, and how: DCCPQ_POLICY_... */

	/* Numbers: RFC 4340 section 7.1 and 7.5.1. Windows follow from them. */
	u64			iss;
	u64			gss;		/* greatest sent */
	u64			gar;		/* greatest acknowledgment received */
	u64			isr;
	u64			gsr;		/* greatest received */
	u64			osr;		/* first one in OPEN: a Request before it is old */
	u64			swl;		/* sequence window: valid numbers received */
	u64			swh;
	u64			awl;		/* acknowledgment window */
	u64			awh;
	bool			isr_is_past;	/* ISR is no bound of the window any more */
	bool			iss_is_past;
	u64			ndp_sent;	/* packets without data since then */
	u64			ndp_received;

	/* Agreed on: copies of what features says, in force */
	struct xdccp_features	features;
	u64			seq_window[XDCCP_PLACES];	/* W' is the other's */
	u16			ack_ratio[XDCCP_PLACES];
	u8			min_cscov[XDCCP_PLACES];
	bool			short_seqnos[XDCCP_PLACES];
	bool			ack_vector[XDCCP_PLACES];	/* whoever's it is sends them */
	bool			send_ndp[XDCCP_PLACES];
	bool			ecn_incapable[XDCCP_PLACES];
	bool			check_data[XDCCP_PLACES];

	struct xdccp_ccid	tx;		/* what we send */
	struct xdccp_ccid	rx;		/* what we receive */
	struct xdccp_ackvec	*ackvec;	/* of what came; NULL: not agreed on */
	struct xdccp_drops	*drops;		/* whose data reached no program; NULL: none */
	u64			drop_latest;	/* of ours that we were told so of */

	/* Connection */
	u8			*cookies;	/* Init Cookies as options, repeated in PARTOPEN */
	u16			cookies_len;
	u32			service;	/* DCCP_SOCKOPT_SERVICE */
	struct xdccp_services	*services;	/* of a listener; NULL: only the one above */
	bool			server;
	bool			silent;		/* nothing was sent since the Response */
	bool			server_timewait;	/* DCCP_SOCKOPT_SERVER_TIMEWAIT */
	struct xdccp_request	*invitation;	/* RFC 5596: the one client; NULL: any */
	u8			listens_left;	/* DCCP-Listens until LISTEN1; 0: it is LISTEN1 */
	bool			triggered;	/* a DCCP-Listen had us send the Request again */
	u8			retransmits;
	u8			reset_code;	/* in or out, to be told at the end */
	u8			reset_data[3];
	unsigned long		retransmit_start;	/* jiffies */
	u64			retransmit_gsr;	/* GSR when it went last */
	unsigned long		sync_sent;	/* jiffies: rate limit of 7.5.4 */
	unsigned long		reset_sync_sent; /* jiffies: likewise, of those about a Reset */
	u8			unanswered;	/* type of what is sent again until answered, */
	bool			is_unanswered;	/* if there is such */

	/* Options */
	u32			timestamp;	/* the peer's, to be echoed */
	u64			timestamp_us;
	bool			echo_due;
	bool			stamped;	/* we sent a time stamp, which was not echoed yet */
	struct xl4_rto		rto;
	u64			syn_sent_us;	/* Request or Response, if once; else 0 */

	/* Sizes */
	u32			path_mtu;
	u32			mps;		/* most data: DCCP_SOCKOPT_GET_CUR_MPS */
	u16			header_room;	/* of the largest header that data may come with */
	u8			send_cscov;	/* DCCP_SOCKOPT_SEND_CSCOV */
	u8			recv_cscov;	/* DCCP_SOCKOPT_RECV_CSCOV */
	bool			data_checksum;	/* XDCCP_SOCKOPT_DATA_CHECKSUM */
	bool			mtu_reduced;	/* to be seen to when the program lets go */

	/* Acknowledging */
	bool			ack_now;
	bool			ack_delayed;	/* the timer runs for it */
	bool			ack_with_data;	/* no hurry: with the next that goes anyway */

	/* Queue */
	bool			close_due;	/* when it is empty, or at the deadline */
	unsigned long		close_deadline;	/* jiffies */
	u32			tx_qlen;	/* DCCP_SOCKOPT_QPOLICY_TXQLEN */
	u32			writers;	/* asleep, each with a packet, until it has room */
	u64			xmit_us;	/* when the next may go */

	/* RFC 6773 */
	__be16			encap_port;	/* the peer's; 0: no UDP */
	bool			encap;		/* connect() is to use it */

	struct xl4_timer	timers[XDCCP_TIMERS];
};

struct xdccp6_sock {
	struct xdccp_sock	dccp;
	struct ipv6_pinfo	inet6;		/* last: where 6.1 looks for it */
};

static inline struct xdccp_sock *xdccp_sk(const struct sock *sk)
{
	return (struct xdccp_sock *)sk;
}

static inline struct xdccp_settings *xdccp_set(const struct sock *sk)
{
	return &xdccp_net(sock_net(sk))->set;
}

static inline void xdccp_count(const struct sock *sk, enum xdccp_counter counter)
{
	xl4_mib_inc(&xl4_sk(sk)->space->mib[xdccp_sk(sk)->family->v6], counter);
}

static inline void xdccp_count_add(const struct sock *sk, enum xdccp_counter counter, long n)
{
	xl4_mib_add(&xl4_sk(sk)->space->mib[xdccp_sk(sk)->family->v6], counter, n);
}

static inline struct xl4_timer *xdccp_timer(struct sock *sk, enum xdccp_timer which)
{
	return &xdccp_sk(sk)->timers[which];
}

/* DCCP's clock: microseconds, and on the wire tens of them. */
static inline u64 xdccp_now_us(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_USEC);
}

#define XDCCP_WIRE_US	10

static inline u32 xdccp_timestamp(u64 now_us)
{
	return div_u64(now_us, XDCCP_WIRE_US);
}

static inline u32 xdccp_elapsed(u64 since_us, u64 now_us)
{
	return min_t(u64, div_u64(now_us - since_us, XDCCP_WIRE_US), U32_MAX);
}

extern struct proto xdccp_prot, xdccpv6_prot;
extern const struct xdccp_family xdccp_v4_family, xdccp_v6_family;
extern const struct xl4_request_ops xdccp_request_ops;

static inline const struct xdccp_family *xdccp_family_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? &xdccp_v6_family : &xdccp_v4_family;
}

static inline const struct dccp_hdr *xdccp_ports(const struct sk_buff *skb)
{
	return (const struct dccp_hdr *)skb_transport_header(skb);
}

/* A packet's addresses and ports, ours as local. */
static inline void xdccp_tuple_of(const struct sk_buff *skb, struct xl4_tuple *tuple)
{
	if (skb->protocol == htons(ETH_P_IPV6)) {
		tuple->local = xl4_addr_v6(&ipv6_hdr(skb)->daddr);
		tuple->remote = xl4_addr_v6(&ipv6_hdr(skb)->saddr);
	} else {
		tuple->local = xl4_addr_v4(ip_hdr(skb)->daddr);
		tuple->remote = xl4_addr_v4(ip_hdr(skb)->saddr);
	}
	tuple->local_port = xdccp_ports(skb)->dccph_dport;
	tuple->remote_port = xdccp_ports(skb)->dccph_sport;
}

static inline int xdccp_device_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? inet6_iif(skb) : inet_iif(skb);
}

static inline int xdccp_l3_device_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? inet6_sdif(skb) : inet_sdif(skb);
}

/* Was it sent to several, by broadcast or multicast? */
static inline bool xdccp_to_many(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	return skb_rtable(skb) && skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

/*
 * RFC 4291 section 2.5.5.2: such an address stands for IPv4 and is not for the wire; section
 * 2.5.2: nobody can be answered there.
 */
static inline bool xdccp_v6_is_from_nobody(const struct ipv6hdr *hdr)
{
	return ipv6_addr_v4mapped(&hdr->saddr) || ipv6_addr_v4mapped(&hdr->daddr) ||
	       ipv6_addr_any(&hdr->saddr);
}

/* What to do with a packet for a TIME-WAIT. */
enum xdccp_timewait_verdict {
	XDCCP_TW_DROP,
	XDCCP_TW_RESET,
};

/*
 * What becomes of a packet: RFC 4340 section 8.5. The caller of who says so frees it, unless it
 * is taken.
 */
enum xdccp_verdict {
	XDCCP_TAKEN,		/* the skb is somebody else's now */
	XDCCP_DROP,
	XDCCP_ANSWER_RESET,	/* with the code and data in xdccp_sock.reset_code, reset_data */
	XDCCP_NEXT_STEP,	/* within input.c: it goes on */
};

/* socket.c */
int xdccp_v4_init_sock(struct sock *sk);
int xdccp_v6_init_sock(struct sock *sk);
struct sock *xdccp_clone(struct sock *sk);
void xdccp_discard_child(struct sock *child);
void xdccp_destroy(struct sock *sk);
void xdccp_v4_destroy_sock(struct sock *sk);
extern const struct xl4_connect_ops xdccp_connect_ops;
int xdccp_disconnect(struct sock *sk, int flags);
int xdccp_listen(struct socket *sock, int backlog);
void xdccp_abandon(struct sock *child);
void xdccp_shutdown(struct sock *sk, int how);
void xdccp_close_if_due(struct sock *sk);
void xdccp_close(struct sock *sk, long timeout);
void xdccp_release_cb(struct sock *sk);

/* poll.c */
void xdccp_write_space(struct sock *sk);
void xdccp_wake_writers(struct sock *sk);
__poll_t xdccp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int xdccp_ioctl(struct sock *sk, int cmd, int *answer);

/* state.c */
void xdccp_set_state(struct sock *sk, int state);
void xdccp_set_state_bound(struct sock *sk);
void xdccp_forget_unanswered(struct xdccp_sock *dp);
void xdccp_done(struct sock *sk);
void xdccp_finish_connect(struct sock *sk);

/* send.c, qpolicy.c */
int xdccp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int xdccp_qpolicy_set(struct sock *sk, int policy);
int xdccp_qpolicy_param(const struct sock *sk, int type, u32 value, struct sk_buff *skb);
bool xdccp_qpolicy_room(const struct sock *sk);
void xdccp_qpolicy_push(struct sock *sk, struct sk_buff *skb);
struct sk_buff *xdccp_qpolicy_top(struct sock *sk);
struct sk_buff *xdccp_qpolicy_pop(struct sock *sk);

/*
 * recv.c. Of a packet with data, header and all, xdccp_queue_rcv() takes the skb or returns false:
 * there is no room. After a Close or CloseReq, in PASSIVE_CLOSE or PASSIVE_CLOSEREQ,
 * xdccp_end_of_data() answers at once if the program has read all; else when it has. Then the
 * socket may be closed.
 */
int xdccp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
bool xdccp_queue_rcv(struct sock *sk, struct sk_buff *skb);
void xdccp_end_of_data(struct sock *sk);
void xdccp_finish_passive_close(struct sock *sk);

/* options.c: setsockopt and getsockopt */
int xdccp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len);
int xdccp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len);
bool xdccp_service_offered(const struct sock *listener, u32 service);

/* optread.c */
u8 xdccp_read_options(struct sock *sk, struct sk_buff *skb, struct xdccp_options *opt);

/* optwrite.c */
u8 *xdccp_write_options(struct sock *sk, const struct sk_buff *skb, u8 type, u64 seq, u8 *to,
			u32 room);

/* fate.c: RFC 4340 sections 9.3 and 11.7 */
void xdccp_data_dropped(struct sock *sk, u64 seq, u8 code);
int xdccp_read_dropped(struct sock *sk, const struct xdccp_skb_cb *cb,
		       const struct xdccp_option *option, struct xdccp_options *opt);
void xdccp_heed_dropped(struct sock *sk, const struct xdccp_options *opt);
u8 *xdccp_put_data_checksum(const struct sk_buff *skb, u8 *to);
bool xdccp_data_is_whole(const struct sk_buff *skb, const struct xdccp_options *opt);

/* output.c */
struct sk_buff *xdccp_alloc_skb(gfp_t gfp);
u32 xdccp_sync_mps(struct sock *sk, u32 mtu);
int xdccp_transmit_skb(struct sock *sk, struct sk_buff *skb);
int xdccp_xmit_packet(struct sock *sk);
void xdccp_write_xmit(struct sock *sk);

/* control.c */
void xdccp_send_request(struct sock *sk);
void xdccp_retransmit_skb(struct sock *sk);
void xdccp_send_ack(struct sock *sk);
void xdccp_ack_now(struct sock *sk);
void xdccp_delay_ack(struct sock *sk);
void xdccp_send_close(struct sock *sk, bool active);
void xdccp_send_active_reset(struct sock *sk, u8 code);

/* sync.c: RFC 4340 section 7.5.4 */
void xdccp_send_sync(struct sock *sk, u64 ack, u8 type);
bool xdccp_sync_allowed(struct sock *sk, u8 type);

/* seqno.c: RFC 4340 section 7.5 */
u64 xdccp_new_iss(const struct xl4_tuple *tuple);
void xdccp_update_gsr(struct sock *sk, u64 seq);
void xdccp_update_gss(struct sock *sk, u64 seq);
u32 xdccp_most_on_the_way(const struct sock *sk);
bool xdccp_check_seq(struct sock *sk, struct sk_buff *skb);
void xdccp_secret_init(void);

/* demux.c */
int xdccp_do_rcv(struct sock *sk, struct sk_buff *skb);
void xdccp_rcv(struct xl4_space *space, struct sk_buff *skb);
bool xdccp_take_header(struct xl4_space *space, struct sk_buff *skb, bool v6, u32 *covered);
void xdccp_bad_checksum(struct xl4_space *space, struct sk_buff *skb, bool v6);

/* input.c */
enum xdccp_verdict xdccp_rcv_established(struct sock *sk, struct sk_buff *skb);
enum xdccp_verdict xdccp_rcv_state_process(struct sock *sk, struct sk_buff *skb);
int xdccp_reset_errno(u8 code);
void xdccp_send_due(struct sock *sk);

/*
 * listen.c, cookie.c. A listener's packets, its requests' too. A child gets the packet that made
 * it, in RESPOND, by xdccp_rcv_state_process(): its features are the request's, in force, and what
 * the packet's options say of them is not read yet.
 */
enum xdccp_verdict xdccp_listen_rcv(struct sock *sk, struct sk_buff *skb);
int xdccp_cookie_put(const struct xdccp_request *request, u8 *to, unsigned int room);
bool xdccp_cookie_check(struct xdccp_request *request, const u8 *cookie, u8 len);
void xdccp_send_of_request(struct sock *sk, struct xdccp_request *request, struct sk_buff *skb);

/* invite.c: RFC 5596 */
int xdccp_set_invite(struct sock *sk, const void *value, unsigned int len);
int xdccp_get_invite(const struct sock *sk);
void xdccp_invite(struct sock *sk);
void xdccp_invite_expired(struct sock *sk);
bool xdccp_invited(struct sock *sk, const struct xl4_tuple *tuple);

/* timewait.c */
void xdccp_time_wait(struct sock *sk);
enum xdccp_timewait_verdict xdccp_timewait_rcv(struct xdccp_timewait *tw, struct sk_buff *skb);

/* timer.c */
void xdccp_init_timers(struct sock *sk);
void xdccp_cancel_timers(struct sock *sk);
void xdccp_rearm_retransmit(struct sock *sk);
void xdccp_arm_us(struct sock *sk, enum xdccp_timer which, u64 us);

/* negotiate.c: between feature.c and the socket */
void xdccp_features_start(struct sock *sk, bool server);
void xdccp_features_again(struct sock *sk);
void xdccp_features_follow(struct sock *sk, u32 packets);
void xdccp_features_inherit(struct sock *sk, struct xdccp_features *features);
int xdccp_features_sockopt(struct sock *sk, enum xdccp_place place, u8 number, const u8 *list,
			   unsigned int n);
int xdccp_features_activate(struct sock *sk);

/* ccid.c: which there are */
const struct xdccp_ccid_ops *xdccp_ccid_find(u8 id);
unsigned int xdccp_ccid_list(u8 *ids, unsigned int most);
int xdccp_ccid_set(struct sock *sk, struct xdccp_ccid *ccid, u8 id, bool tx);
void xdccp_ccid_free(struct sock *sk, struct xdccp_ccid *ccid, bool tx);

/* rate.c, feedback.c: what CCID 3 and 4 share, as senders and as receivers */
int xdccp_rate_tx_init(struct sock *sk, void *tx);
s64 xdccp_rate_tx_may_send(struct sock *sk, void *tx, unsigned int len);
u8 xdccp_rate_tx_ccval(struct sock *sk, void *tx);
void xdccp_rate_tx_sent(struct sock *sk, void *tx, u64 seq, unsigned int len, bool more);
int xdccp_rate_tx_option(struct sock *sk, void *tx, const struct xdccp_option *option);
void xdccp_rate_tx_received(struct sock *sk, void *tx, const struct xdccp_event *event);
void xdccp_rate_tx_timer(struct sock *sk, void *tx);
int xdccp_rate_tx_info(struct sock *sk, const void *tx, void *info, unsigned int size);
void xdccp_rate_rx_received(struct sock *sk, void *rx, const struct xdccp_event *event);
u8 *xdccp_rate_rx_options(struct sock *sk, void *rx, u8 *to, unsigned int room);
void xdccp_rate_rx_acked(struct sock *sk, void *rx, u64 seq);
int xdccp_rate_rx_info(struct sock *sk, const void *rx, void *info, unsigned int size);

/* ipv4.c */
int xdccp_v4_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xdccp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);
int xdccp_v4_rcv(struct sk_buff *skb);
int xdccp_v4_err(struct sk_buff *skb, u32 info);
void xdccp_v4_encap_err(struct sk_buff *skb, unsigned int at, __be16 port);

/* ipv6.c */
int xdccp_v6_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xdccp_v6_do_rcv(struct sock *sk, struct sk_buff *skb);
int xdccp_v6_rcv(struct sk_buff *skb);
int xdccp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		 __be32 info);
void xdccp_v6_encap_err(struct sk_buff *skb, unsigned int at, __be16 port);

/* reply.c */
struct xl4_reply;
int xdccp_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		const struct xl4_reply *reply, __be16 encap_port);
void xdccp_send_reset(struct xl4_space *space, const struct sk_buff *skb, u8 code,
		      const u8 data[3]);
void xdccp_timewait_reset(const struct xdccp_timewait *tw, const struct sk_buff *skb);

/* icmp.c */
void xdccp_mtu_reduced(struct sock *sk);
void xdccp_icmp_too_big(struct sock *sk, u32 mtu);
void xdccp_icmp_error(struct sock *sk, int err, bool asked);
int xdccp_icmp_quoted(struct sk_buff *skb, unsigned int at, struct xdccp_header *h);
bool xdccp_icmp_plausible(const struct sock *sk, u64 seq, bool x);

/*
 * encap.c: DCCP in UDP (RFC 6773). Opened when the setting encap_port says so (0: closed), and
 * closed before the namespace goes.
 */
int xdccp_encap_open(struct net *net, __be16 port);
void xdccp_encap_close(struct net *net);
int xdccp_encap_xmit(struct sock *sk, struct sk_buff *skb);
int xdccp_encap_reply(struct net *net, struct sock *sk, struct sk_buff *skb,
		      const struct xl4_reply *reply, __be16 port);

/* proc.c */
void xdccp_describe(const struct sock *sk, struct xl4_row *row);

#endif
