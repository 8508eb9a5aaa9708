/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An association (RFC 9260 section 14): what it sends, the addresses of its peer, its streams, and
 * what it knows. All of it is under the lock of its socket.
 */
#ifndef XSCTP_ASSOCIATION_H
#define XSCTP_ASSOCIATION_H

#include <linux/bvec.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/xarray.h>
#include <net/flow.h>
#include <uapi/linux/sctp.h>
#include <xl4/addr.h>
#include <xl4/rto.h>

#include "tsnmap.h"
#include "wire.h"

struct xsctp_association;
struct xsctp_transport;
struct xsctp_family;
struct xsctp_auth_key;
struct xsctp_auth;
struct xsctp_asconf;

/* Sequence numbers of both kinds are circles. */
static inline bool tsn_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool tsn_after(u32 a, u32 b)
{
	return tsn_before(b, a);
}

static inline bool ssn_before(u16 a, u16 b)
{
	return (s16)(a - b) < 0;
}

/* What a transport is found by: the peer's address and both ports. */
struct xsctp_key {
	struct xl4_addr	peer;
	__be16		peer_port;
	__be16		local_port;
};

/* Shared keys, of an endpoint or an association: keys.c. */
struct xsctp_keys {
	struct list_head	list;		/* struct xsctp_auth_key */
	struct list_head	old;		/* likewise: gone, but messages wait with them */
	unsigned int		nr;
	u16			active;
	bool			no_null;	/* the empty key was deleted */
};

/*
 * A DATA chunk to send. Its header, its data and its padding lie in pages, so that a packet
 * only refers to them: a packet is a header and the pages of its chunks.
 */
struct xsctp_data {
	struct list_head	link;		/* in association->unsent or ->sent */
	struct xsctp_data	*next;		/* that is sent along with it */
	struct xsctp_message	*message;
	struct xsctp_transport	*transport;	/* last sent to */
	u32			tsn;		/* once it was sent */
	u32			ppid;
	u16			sid;
	u16			ssn;
	u16			len;		/* of the data alone */
	u8			flags;		/* XSCTP_DATA_... */
	u8			marks;		/* XSCTP_OUT_... */
	u8			missing;	/* how often a SACK left it out (7.2.4) */
	u8			transmissions;
	u8			nr_frags;
	u64			sent_ns;	/* if its round trip is measured */
	struct bio_vec		frag[];
};

/* xsctp_on_wire() - octets of a packet that @d takes: its header, its data, its padding */
static inline u32 xsctp_on_wire(const struct xsctp_data *d)
{
	return XSCTP_DATA_LEN + XSCTP_PAD(d->len);
}

/*
 * What a program sent by one call; its DATA chunks share it. The first of them comes in one piece
 * of memory with it, which goes when all of them have gone.
 */
struct xsctp_message {
	unsigned int		chunks;		/* that refer to it */
	u32			context;
	u16			policy;		/* SCTP_PR_SCTP_... */
	bool			has_expiry;
	u32			value;		/* of the policy: ms, transmissions, or priority */
	unsigned long		expires;	/* jiffies; by PR-SCTP or sinfo_timetolive */
	struct xsctp_transport	*to;		/* SCTP_ADDR_OVER; NULL: the primary */
	struct xsctp_auth_key	*key;		/* to sign with; NULL: none, or the active one */
	struct xsctp_data	first;
};

enum {
	XSCTP_OUT_FLIGHT	= 0x01,	/* counts in flight_size */
	XSCTP_OUT_GAP_ACKED	= 0x02,	/* the peer has it, perhaps not for good */
	XSCTP_OUT_RETRANSMIT	= 0x04,	/* is to be sent again */
	XSCTP_OUT_FAST		= 0x08,	/* was sent again fast: once in its life */
	XSCTP_OUT_ABANDONED	= 0x10,	/* RFC 3758 */
	XSCTP_OUT_TIMED		= 0x20,	/* its round trip is measured, for its transport */
	XSCTP_OUT_TIMED_OUT	= 0x40,	/* T3 expired on it: it goes to another address (6.4.1) */
};

/* A control chunk to send. */
struct xsctp_control {
	struct list_head	link;
	struct xsctp_transport	*transport;	/* NULL: the active one */
	u16			len;		/* padded */
	u8			bytes[];	/* the chunk */
};

/* What time does to an association or to a transport: deadlines that one timer serves. */
struct xsctp_deadline {
	unsigned long	at;		/* jiffies */
	bool		armed;
};

/* RFC 9260 section 16; those of a transport are T3 and the heartbeat. */
enum xsctp_timer {
	XSCTP_T1,			/* INIT or COOKIE ECHO, by the state */
	XSCTP_T2,			/* SHUTDOWN or SHUTDOWN ACK */
	XSCTP_T5,			/* shutdown guard */
	XSCTP_T4,			/* ASCONF: RFC 5061 section 5.1 */
	XSCTP_TIMER_SACK,
	XSCTP_TIMER_AUTOCLOSE,
	XSCTP_TIMERS
};

#define XSCTP_FLOW_LABEL_SET	0x80000000
#define XSCTP_DSCP_SET		0x01

/* An address of the peer. */
struct xsctp_transport {
	struct xsctp_key	key;
	struct rhlist_head	node;		/* in xsctp_net.transports */
	struct list_head	link;		/* in association->transports */
	struct xsctp_association *association;
	refcount_t		ref;
	struct rcu_head		rcu;
	bool			dead;		/* set before it leaves the table */
	u16			id;		/* in its association; not 0 */
	u32			icmp_mtu;	/* by ICMP, while a program had the socket */
	const struct xsctp_family *family;

	/* The way there */
	struct xl4_addr		local;		/* our address, as routing chose it */
	struct xl4_addr		called;		/* that the peer called; any: it did not */
	struct dst_entry	*dst;
	u32			dst_cookie;
	union {
		struct flowi4	fl4;
		struct flowi6	fl6;
	};
	u32			path_mtu;

	/* RFC 9260 section 5.4 and 8.2: is it there? */
	enum sctp_spinfo_state	state;		/* SCTP_ACTIVE ... */
	u32			error_count;
	u32			max_retrans;	/* Path.Max.Retrans */
	u32			pf_retrans;	/* RFC 7829 */
	u64			nonce;		/* of the HEARTBEAT that is out */
	u64			heartbeat_ns;	/* when it was sent */
	bool			heartbeat_sent;	/* and not answered */
	u32			hb_interval;	/* ms; 0: never */
	u32			flow_label;	/* 20 bits | XSCTP_FLOW_LABEL_SET */
	u8			dscp;		/* with its two low bits | XSCTP_DSCP_SET */
	bool			fixed_mtu;	/* SPP_PMTUD_DISABLE: the program's word */
	unsigned long		last_used;	/* jiffies */

	/* Timeouts, section 6.3 */
	struct xl4_rto		rto;
	bool			rtt_pending;	/* a chunk's round trip is being measured */
	struct xsctp_deadline	t3;
	struct xsctp_deadline	heartbeat;

	/* Congestion, section 7.2; in octets */
	u32			cwnd;
	u32			ssthresh;
	u32			partial_bytes_acked;
	u32			flight_size;
	u32			recovery_tsn;	/* fast recovery ends when this is acknowledged */
	bool			fast_recovery;
	u32			cwr_tsn;	/* highest sent when ECNE last shrank cwnd */
	u32			burst;		/* flight_size that this event may reach */

	/* Of the SACK that is worked on (ack.c) */
	struct {
		u32	acked;		/* octets */
		u32	htna;		/* Highest TSN Newly Acknowledged */
		bool	any;		/* something was newly acknowledged */
		bool	hole;		/* something earlier is not */
		bool	earliest;	/* the earliest outstanding TSN was: rule R3 */
		bool	sure;		/* something that was sent here and nowhere else */
	} sack;
};

/*
 * State of streams lies in blocks, and a block is made when the first of its streams is used: the
 * 65535 streams that two peers may agree on cost nothing.
 */
#define XSCTP_IN_BLOCK	128
#define XSCTP_OUT_BLOCK	16

struct xsctp_in_block {
	u16			ssn[XSCTP_IN_BLOCK];	/* of the next ordered message */
};

struct xsctp_out_stream {
	u16			ssn;		/* of the next ordered message */
	struct {
		u32	unsent;			/* as of the association */
		u32	sent;
	} abandoned[SCTP_PR_SCTP_MAX >> 4];
};

struct xsctp_out_block {
	struct xsctp_out_stream	stream[XSCTP_OUT_BLOCK];
};

#define XSCTP_MAX_CONTROL	64	/* control chunks that wait for an association */
#define XSCTP_MAX_CONTROL_OCTETS SZ_128K	/* and their memory */

struct xsctp_association {
	struct sock		*sk;		/* changes by peeloff, under both locks */
	refcount_t		ref;
	struct rcu_head		rcu;
	struct list_head	link;		/* in xsctp_sock.associations */
	sctp_assoc_t		id;
	bool			dead;		/* freed: only the memory is left */
	int			device;		/* of a link-local peer; 0: any */
	int			icmp_err;	/* by ICMP, while a program had the socket */
	enum sctp_sstat_state	state;		/* SCTP_CLOSED ... : one door, xsctp_set_state() */

	/* The peer */
	struct list_head	transports;
	unsigned int		nr_transports;
	u16			last_path;	/* xsctp_transport->id */
	struct xsctp_transport	*primary;
	struct xsctp_transport	*active;	/* where new data goes */
	struct xsctp_transport	*last_data_from;	/* where SACKs go */
	__be16			peer_port;
	u32			my_tag;		/* RFC 9260 section 14.2 */
	u32			peer_tag;
	u32			my_tie_tag;	/* of the association that was restarted (5.2.2) */
	u32			peer_tie_tag;
	u32			initial_tsn;	/* ours */
	u32			peer_initial_tsn;
	bool			peer_ipv4;
	bool			peer_ipv6;
	bool			ecn;		/* both sides: */
	bool			forward_tsn;
	u32			peer_adaptation;
	bool			has_peer_adaptation;

	/* Setting up */
	u8			*cookie;	/* to echo: the whole chunk */
	u16			cookie_len;
	u32			init_attempts;
	u32			max_init_attempts;
	u32			max_init_timeout;	/* ms */
	u32			cookie_life;		/* ms */
	u32			preservative;		/* ms to ask for */
	u64			t1_sent_ns;	/* INIT or COOKIE ECHO; 0: sent twice */
	struct xsctp_transport	*asked;		/* T1 or T2 waits for its answer; or NULL */
	u32			guard_tsn;	/* cum_tsn_acked when T5 began */
	bool			shutdown_due;	/* asked for, to be done once it is established */
	unsigned long		last_data;	/* jiffies: DATA came. Sent: transport->last_used */
	u16			want_in_streams;	/* MIS */

	/* AUTH (RFC 4895) and ASCONF (RFC 5061) */
	struct xsctp_auth	*auth;		/* NULL: not asked for */
	struct xsctp_asconf	*asconf;	/* NULL: not agreed on, or not established yet */
	bool			asconf_agreed;
	u16			auth_room;	/* octets of a packet that are for AUTH */

	/* Sending */
	struct xarray		out;			/* struct xsctp_out_block */
	u16			nr_out;
	u32			next_tsn;
	u32			cum_tsn_acked;		/* Cumulative TSN Ack Point */
	u32			highest_sacked;
	u32			advanced_tsn;		/* Advanced.Peer.Ack.Point, RFC 3758 */
	u32			peer_rwnd;
	u32			outstanding;		/* octets in flight, over all transports */
	struct list_head	unsent;			/* struct xsctp_data, in order */
	struct list_head	sent;			/* by TSN, from cum_tsn_acked on */
	u32			unsent_bytes;
	unsigned int		nr_unsent;
	unsigned int		nr_sent;
	struct list_head	control;		/* struct xsctp_control */
	unsigned int		nr_control;		/* bounded: XSCTP_MAX_CONTROL */
	u32			control_octets;		/* bounded: XSCTP_MAX_CONTROL_OCTETS */
	u32			error_count;		/* Overall Error Count, 8.1 */
	u32			max_retrans;		/* Association.Max.Retrans */
	u32			frag_point;		/* data in a chunk */
	u32			user_frag;		/* SCTP_MAXSEG; 0: none */
	u32			max_burst;
	bool			nodelay;
	bool			probing;		/* a_rwnd is 0: one chunk is out */
	bool			more;			/* MSG_MORE: wait for a full packet */
	bool			fast_packet;		/* one packet, whatever cwnd says */
	bool			gave_up;		/* of unsent, since the last flush */
	unsigned int		nr_gap_acked;		/* of sent */
	unsigned int		nr_retransmit;		/* likewise */
	u32			forwarded_tsn;		/* of the last FORWARD TSN */

	/* Receiving */
	struct xarray		in;			/* struct xsctp_in_block */
	u16			nr_in;
	struct xsctp_tsnmap	map;			/* which TSNs came */
	u32			dups[16];		/* TSNs that came twice */
	u8			nr_dups;
	struct rb_root		fragments;		/* struct xsctp_run, by TSN */
	struct rb_root		ahead;			/* whole messages, by stream and SSN */
	u32			rwnd;			/* octets that we would take now */
	u32			offered_rwnd;		/* a_rwnd of the last SACK */
	u32			queued;			/* octets received and not read */
	u8			unacked_packets;	/* with data since the last SACK */
	bool			sack_now;
	bool			sacked;			/* ever, since it began */
	u8			sack_gaps;		/* in the last SACK: gap blocks */
	struct xl4_addr		peer_addr;		/* primary; outlives transports */
	u32			sack_delay;		/* ms */
	u32			sack_freq;		/* packets */
	bool			ecne;			/* ECNE until CWR comes */
	u32			ecne_tsn;
	bool			partial_delivery;	/* of a message begun: */
	u32			partial_tsn;		/* its next fragment */
	u32			partial_ppid;
	u16			partial_sid;
	u16			partial_ssn;
	u8			partial_flags;		/* XSCTP_DATA_UNORDERED */

	/* How much room there is and how much there should be (window.c) */
	u32			rcv_ratio;		/* data of its memory, in 256ths */
	u32			rcv_octets;		/* that came, ever */
	u32			read_octets;		/* that were read, ever */
	u32			rcv_rtt_us;		/* times 8 */
	u32			rcv_rtt_octets;		/* rcv_octets at the end of this round */
	u64			rcv_rtt_ns;
	u64			tune_ns;
	u32			tune_octets;		/* read_octets at the last look */
	u32			tune_space;		/* most that was read in a round trip */

	/* Time: one timer for all deadlines; holds a reference while pending. */
	struct timer_list	timer;
	struct xsctp_deadline	deadline[XSCTP_TIMERS];
	struct list_head	deferred;	/* in xsctp_sock.deferred: expired while owned */
	u32			autoclose;	/* seconds; 0: none */

	/* Defaults of the program, as its socket's were */
	u16			default_stream;
	u16			default_flags;
	u32			default_ppid;
	u32			default_context;
	u32			default_timetolive;
	u16			default_pr_policy;	/* SCTP_PR_SCTP_... */
	u32			default_pr_value;
	u32			rcv_context;
	u32			events;		/* a bit for each notification type subscribed */
	u8			pf_expose;	/* RFC 7829 section 7.3 */
	bool			prsctp;		/* offered, or to be */
	struct sctp_rtoinfo	rtoinfo;	/* ms; of transports to come */
	struct sctp_paddrparams	paddrparams;
	u32			pf_retrans;
	int			err;		/* why it ended: an errno for who waits, positive */
	struct {
		u64	unsent;			/* messages abandoned (RFC 7496 4.3) */
		u64	sent;
	} abandoned[SCTP_PR_SCTP_MAX >> 4];	/* by SCTP_PR_INDEX() */
	struct sctp_assoc_stats	*stats;		/* NULL until somebody asks */

	/* SCTP_GET_ASSOC_STATS */
	struct {
		u64	osacks, isacks, opackets, ipackets, rtxchunks, outofseqtsns, idupchunks;
		u64	gapcnt, ouodchunks, iuodchunks, oodchunks, iodchunks;
		u64	octrlchunks, ictrlchunks;
		u64	max_rto;
	} count;
};

/* The traffic class of a path's packets: SCTP_PEER_ADDR_PARAMS goes before the socket's @tos. */
static inline u8 xsctp_tos(const struct xsctp_transport *t, u8 tos)
{
	return (t->dscp & XSCTP_DSCP_SET ? t->dscp & 0xfc : tos) & ~3;
}

static inline struct xsctp_transport *xsctp_first_transport(struct xsctp_association *a)
{
	return list_first_entry_or_null(&a->transports, struct xsctp_transport, link);
}

#define XSCTP_STATE_BIT(state)	(1u << (state))

static inline bool xsctp_in(const struct xsctp_association *a, unsigned int states)
{
	return XSCTP_STATE_BIT(a->state) & states;
}

#endif /* XSCTP_ASSOCIATION_H */
