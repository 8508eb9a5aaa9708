/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xsctp: SCTP (RFC 9260 and its extensions).
 *
 *	sendmsg				      recvmsg
 *	   |					 ^
 *	send.c					recv.c		between program and queue
 *	   |					 ^
 *	outqueue.c	sack.c		     inqueue.c stream.c	between queue and DATA chunk
 *	   |	   <-- transport.c timer.c	 ^
 *	   v					 |
 *	output.c	chunk.c		input.c -+-> state.c	packets; the table of states
 *	   |		   ^		  ^	       |	and events
 *	   |		   |		  |	       `-> setup.c shutdown.c heartbeat.c
 *	   v		   |		  |
 *	ipv4.c ipv6.c			ipv4.c ipv6.c		the IP layer
 *
 * A socket is an endpoint. It has associations: one at most if it is one-to-one (SOCK_STREAM),
 * any number if it is one-to-many (SOCK_SEQPACKET). An association has a transport for each
 * address of its peer. All of it is under the socket's lock; packets find a transport under
 * RCU (demux.c).
 */
#ifndef XSCTP_H
#define XSCTP_H

#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <uapi/linux/sctp.h>
#include <xl4/compat.h>
#include <xl4/connect.h>
#include <xl4/listen.h>
#include <xl4/poll.h>
#include <xl4/protocol.h>
#include <xl4/space.h>

#include "association.h"
#include "namespace.h"
#include "wire.h"

/* A received packet, while it is worked on: beside its skb. */
struct xsctp_packet {
	struct sk_buff		*skb;		/* data at the SCTP header */
	struct xsctp_header	header;
	struct xl4_tuple	tuple;		/* ours as local */
	struct xsctp_transport	*transport;	/* that it came from; NULL: not known, or new */
	int			device;
	int			l3_device;
	bool			v6;
	bool			ce;		/* Congestion Experienced */
	bool			has_data;	/* a DATA chunk was seen: SACK it at the end */
	bool			more;		/* of the same train follows (offload.c) */
};

/* What is known of received data, in the skb that carries it. */
struct xsctp_skb_cb {
	union {
		struct inet_skb_parm	h4;
		struct inet6_skb_parm	h6;
	};
	union {		/* a reference: */
		struct xsctp_association *association;	/* of what is in sk_receive_queue */
		struct xsctp_transport *transport;	/* of what is in the backlog; or NULL */
	};
	u32	tsn;
	u32	ppid;
	u16	sid;
	u16	ssn;
	u16	path;		/* xsctp_transport->id of where it came from; 0: not known */
	u8	flags;		/* XSCTP_DATA_... */
	union {
		bool	notification;
		bool	more;		/* of what is in the backlog: of its train follows */
	};
};

#define XSCTP_SKB_CB(skb) ((struct xsctp_skb_cb *)((skb)->cb))

/* An endpoint. */
struct xsctp_sock {
	struct xl4_sock		xl4;		/* first: the kernel casts to it */
	bool			one_to_many;
	struct list_head	associations;
	unsigned int		nr_associations;
	struct idr		ids;		/* struct xsctp_association by id; from 3 on */
	spinlock_t		deferred_lock;
	struct list_head	deferred;	/* associations that wait for its owner */

	/* Local addresses; none: all of the machine */
	unsigned int		nr_addresses;
	struct xl4_addr		address[XSCTP_MAX_ADDRESSES];

	/* RFC 4895 and RFC 5061, for associations to come */
	struct xsctp_keys	keys;
	DECLARE_BITMAP(auth_chunks, 256);	/* that are to come signed */
	u16			hmacs[2];	/* identifiers, the best first */
	u8			nr_hmacs;
	bool			auth_enable;
	bool			asconf_enable;
	bool			auto_asconf;
	struct list_head	auto_link;	/* in xsctp_net.auto_asconf */

	/* Options, by the names of RFC 6458; those of an association start as these. */
	struct sctp_initmsg	initmsg;
	struct sctp_rtoinfo	rtoinfo;	/* ms */
	struct sctp_assocparams	assocparams;
	struct sctp_paddrparams	paddrparams;
	u32			pf_retrans;
	u32			sack_delay;
	u32			sack_freq;
	u32			max_burst;
	u32			user_frag;
	u32			autoclose;
	u32			adaptation;
	u32			context;	/* SCTP_CONTEXT */
	u32			pd_point;	/* SCTP_PARTIAL_DELIVERY_POINT */
	u32			default_ppid;
	u32			default_context;
	u32			default_timetolive;
	u16			default_stream;
	u16			default_flags;
	u8			interleave;	/* SCTP_FRAGMENT_INTERLEAVE */
	bool			nodelay;
	bool			disable_fragments;
	bool			v4mapped;
	bool			recv_rcvinfo;
	bool			recv_nxtinfo;
	bool			has_adaptation;
	bool			prsctp;
	bool			ecn;
	u32			events;		/* a bit for each notification type subscribed */
	u16			default_pr_policy;
	u32			default_pr_value;
	u8			pf_expose;
	bool			reuse_port;	/* SCTP_REUSE_PORT */
	bool			orphan;		/* no program has it: ends with its associations */
	bool			reads_no_more;	/* by its own word: SHUT_RD */
	struct sk_buff_head	hidden;		/* waits for the end of partial delivery */
	struct xsctp_association *partial;	/* which one that is */
	u32			read_offset;	/* what was read of the first in sk_receive_queue */
};

struct xsctp6_sock {
	struct xsctp_sock	sctp;
	struct ipv6_pinfo	inet6;		/* last: where 6.1 looks for it */
};

/* An address of the machine: addresses.c follows the kernel's notifiers. */
struct xsctp_local {
	struct list_head	link;
	struct xl4_addr		addr;
	int			device;
	struct rcu_head		rcu;
};

/* What an ICMP error says, in terms of neither family. */
struct xsctp_icmp {
	int	err;		/* a positive errno; 0: nothing to tell */
	u32	mtu;		/* a packet was too large for a path of this; 0: none was */
	bool	no_protocol;	/* protocol unreachable: the peer has no SCTP */
	struct sk_buff *skb;	/* the message; data at the packet that it quotes */
	/* It is believed: tell the routes. NULL: nothing to tell */
	void	(*believed)(const struct xsctp_icmp *icmp);
};

/* What differs between the families. A v6 endpoint may use both. */
struct xsctp_family {
	bool	v6;
	u16	header_len;	/* of the IP header without options */
	u16	headroom;	/* for it, and what IP may put behind it */
	/* Find the way to transport->key.peer: dst, local, path_mtu. Returns 0 or an errno. */
	int	(*route)(struct sock *sk, struct xsctp_transport *transport);
	/* Octets that the socket's options (or extension headers) add to header_len. */
	unsigned int (*options_len)(const struct sock *sk);
	/* Send a packet, data at the SCTP header; consumed. */
	int	(*xmit)(struct sock *sk, struct sk_buff *skb, struct xsctp_transport *transport);
};

/* An event for the table of state.c: a chunk that came, a timer, a call of the program. */
struct xsctp_event {
	struct xsctp_association *association;
	struct xsctp_packet	*packet;	/* of a chunk */
	/* Of a DATA chunk only the header's 16 octets are in chunk.bytes: data may lie in pages,
	 * at offset + 16 of packet->skb. Who takes the skb itself sets packet->skb = NULL.
	 */
	struct xsctp_tlv	chunk;
	u8			header[XSCTP_DATA_LEN];	/* of a DATA chunk */
	u8			*copy;		/* if it lies in pages; input.c frees it */
	u32			offset;		/* of the chunk, in packet->skb */
	bool			last;		/* nothing follows it in the packet */
	bool			authenticated;	/* an AUTH chunk was right: so is the rest */
	bool			auth_pending;	/* the cookie will tell whether it was */
	u8			auths;		/* AUTH chunks so far */
	bool			heard_sack;	/* another one is not heard */
	bool			heard_ecne;	/* likewise */
	u16			auth_key;	/* of that AUTH chunk */
	u32			auth_offset;	/* likewise, in packet->skb */
	u32			cookie_offset;	/* of the COOKIE ECHO behind it; 0: none */
	int			err;		/* out: what a program's call returns */
};

/* What becomes of the rest of a packet, after a chunk. */
enum xsctp_verdict {
	XSCTP_NEXT,		/* go on */
	XSCTP_STOP,		/* drop the rest */
	XSCTP_GONE,		/* and the association is freed: touch it no more */
};

#define XSCTP_PF_EXPOSED	2	/* of pf_expose: programs are told of that state */
#define XSCTP_RCV_SLACK		SZ_1M	/* memory beyond sk_rcvbuf, for what comes in order */
static inline struct xsctp_sock *xsctp_sk(const struct sock *sk)
{
	return (struct xsctp_sock *)sk;
}

static inline struct xsctp_settings *xsctp_set(const struct sock *sk)
{
	return &xsctp_net(sock_net(sk))->set;
}

static inline void xsctp_count(const struct sock *sk, enum xsctp_counter counter)
{
	xl4_mib_inc(&xl4_sk(sk)->space->mib[sk->sk_family == AF_INET6], counter);
}

/*
 * T5 in jiffies, RFC 9260 section 9.2: five times RTO.Max. A program may wait as long as it likes,
 * but not longer than it lives: then the machine's counts, if it is less.
 */
static inline unsigned long xsctp_guard_time(const struct xsctp_association *a)
{
	u32 ms = a->rtoinfo.srto_max;

	if (a->sk->sk_shutdown == SHUTDOWN_MASK)
		ms = min_t(u32, ms, READ_ONCE(xsctp_set(a->sk)->rto_max));
	return 5 * min_t(unsigned long, msecs_to_jiffies(ms), MAX_JIFFY_OFFSET / 8);
}

/* May a socket that listens have no more associations? Locked or not. */
static inline bool xsctp_endpoint_full(const struct sock *sk)
{
	if (!xsctp_sk(sk)->one_to_many)
		return xl4_accept_full(sk);
	return READ_ONCE(xsctp_sk(sk)->nr_associations) >=
	       (unsigned int)READ_ONCE(xsctp_set(sk)->max_associations);
}

extern struct proto xsctp_prot, xsctpv6_prot;
extern const struct xsctp_family xsctp_v4_family, xsctp_v6_family;

static inline const struct xsctp_family *xsctp_family_of(const struct xl4_addr *addr)
{
	return xl4_addr_is_v4(addr) ? &xsctp_v4_family : &xsctp_v6_family;
}

/* module.c is parameters, registration, settings, init and exit. */

/* socket.c: what socket(2), bind(2), shutdown(2), close(2) do */
int xsctp_init_sock(struct sock *sk);
void xsctp_destroy_sock(struct sock *sk);
int xsctp_bind(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xsctp_autobind(struct sock *sk);
int xsctp_scope(struct sock *sk, const void *sockaddr, int len);
void xsctp_abort_all(struct sock *sk);
int xsctp_disconnect(struct sock *sk, int flags);
void xsctp_shutdown(struct sock *sk, int how);
void xsctp_close(struct sock *sk, long timeout);
void xsctp_release_cb(struct sock *sk);
/* Bind a socket without a port to one address (or any) and a port (or 0); locked. 0 or an errno. */
int xsctp_bind_to(struct sock *sk, const struct xl4_addr *addr, __be16 port);
/* The child of a one-to-one listener: options copied, state CLOSE, no association; and its undoing
 * while nobody knows it (its associations are aborted). Softirq too.
 */
struct sock *xsctp_clone(struct sock *listener);
void xsctp_discard_child(struct sock *child);
void xsctp_inherit(struct sock *to, const struct sock *from);
/* An association has left the list of @sk, which is locked and held by the caller: an orphan
 * without associations ends. The last thing that xsctp_association_free() does.
 */
void xsctp_association_gone(struct sock *sk);

/* connect.c: an association that a program asks for */
int xsctp_connect(struct sock *sk, xl4_sockaddr_t *addr, int len);
int xsctp_inet_connect(struct socket *sock, xl4_sockaddr_t *addr, int len, int flags);
int xsctp_connect_to(struct sock *sk, const struct xl4_addr *peers, unsigned int n, __be16 port,
		     const struct sctp_initmsg *init, struct xsctp_association **made);
int xsctp_wait_connect(struct xsctp_association *a, long *timeo);
/* Let the addresses of a one-to-one socket be those of its association's primary path. */
void xsctp_follow_primary(struct xsctp_association *a);
void xsctp_show_peer(struct sock *sk, const struct xsctp_association *a);

/* listen.c: associations that others ask for */
int xsctp_listen(struct socket *sock, int backlog);
void xsctp_stop_listening(struct sock *sk);
void xsctp_abandon_child(struct sock *child);

/* poll.c */
__poll_t xsctp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);
int xsctp_ioctl(struct sock *sk, int cmd, int *answer);

/* address.c: of the machine, of an endpoint, and how programs write them */
int xsctp_addresses_init(struct net *net);
void xsctp_addresses_exit(struct net *net);
int xsctp_notifiers_register(void);
void xsctp_notifiers_unregister(void);
int xsctp_inetaddr_event(struct notifier_block *block, unsigned long event, void *data);
int xsctp_inet6addr_event(struct notifier_block *block, unsigned long event, void *data);
bool xsctp_unspecified(const struct xl4_addr *addr);
bool xsctp_unicast(const struct sock *sk, const struct xl4_addr *addr);
int xsctp_addr_from(const struct sock *sk, const void *sockaddr, int len, struct xl4_addr *addr,
		    __be16 *port);
int xsctp_addr_to(const struct sock *sk, const struct xl4_addr *addr, __be16 port, void *sockaddr);
unsigned int xsctp_announced(const struct sock *sk, const struct xl4_addr *peer,
			     struct xl4_addr *to, unsigned int most);
bool xsctp_is_local(const struct sock *sk, const struct xl4_addr *addr);
bool xsctp_in_scope(const struct xl4_addr *local, const struct xl4_addr *peer);
bool xsctp_may_answer_as_called(const struct xsctp_transport *t);
int xsctp_bindx_add(struct sock *sk, const void *packed, int len);
int xsctp_bindx_rem(struct sock *sk, const void *packed, int len);

/* association.c */
struct xsctp_association *xsctp_association_new(struct sock *sk, __be16 peer_port, gfp_t gfp);
void xsctp_association_free(struct xsctp_association *a);
void xsctp_association_put(struct xsctp_association *a);
struct xsctp_association *xsctp_association_by_id(struct sock *sk, sctp_assoc_t id);
struct xsctp_association *xsctp_association_by_addr(struct sock *sk, const struct xl4_addr *peer,
						    __be16 port);
void xsctp_association_move(struct xsctp_association *a, struct sock *to);
void xsctp_association_sync_mtu(struct xsctp_association *a);

/* transport.c */
struct xsctp_transport *xsctp_transport_add(struct xsctp_association *a,
					    const struct xl4_addr *peer, gfp_t gfp);
void xsctp_transport_remove(struct xsctp_transport *t);
void xsctp_transport_put(struct xsctp_transport *t);
struct xsctp_transport *xsctp_transport_of(const struct xsctp_association *a,
					   const struct xl4_addr *peer);
struct xsctp_transport *xsctp_transport_for_retransmit(struct xsctp_association *a,
						       struct xsctp_transport *not_this);
int xsctp_transport_route(struct xsctp_transport *t);
void xsctp_transport_called(struct xsctp_transport *t, const struct xl4_addr *local);
void xsctp_transport_pmtu(struct xsctp_transport *t, u32 mtu);
void xsctp_transport_up(struct xsctp_transport *t);
bool xsctp_transport_strike(struct xsctp_transport *t, bool heartbeat);
void xsctp_transport_rtt(struct xsctp_transport *t, u32 rtt_us);
void xsctp_transport_acked(struct xsctp_transport *t, u32 bytes, bool cum_advanced);
void xsctp_transport_lower(struct xsctp_transport *t, bool timeout);
void xsctp_transport_idle(struct xsctp_transport *t);
void xsctp_transport_reset(struct xsctp_transport *t);
struct dst_entry *xsctp_transport_dst(struct xsctp_transport *t);
u32 xsctp_transport_room(const struct xsctp_transport *t);

/* demux.c: from a packet to a transport or an endpoint */
int xsctp_table_init(struct xsctp_net *net);
void xsctp_table_exit(struct xsctp_net *net);
int xsctp_table_insert(struct xsctp_transport *t);
void xsctp_table_remove(struct xsctp_transport *t);
struct xsctp_association *xsctp_table_association(struct sock *sk, const struct xl4_addr *peer,
						  __be16 port);
struct xsctp_transport *xsctp_find_transport(struct xl4_space *space,
					     const struct xl4_tuple *tuple,
					     int device, int l3_device);
struct sock *xsctp_association_lock(struct xsctp_association *a);
void xsctp_association_unlock(struct sock *sk);
int xsctp_rcv(struct xl4_space *space, struct sk_buff *skb);
void xsctp_rcv_packet(struct xl4_space *space, struct sk_buff *skb, bool more);
int xsctp_backlog_rcv(struct sock *sk, struct sk_buff *skb);
int xsctp_err(struct xl4_space *space, const struct xl4_tuple *tuple, const u8 *quoted, u32 len,
	      int device, int l3_device, const struct xsctp_icmp *icmp);
void xsctp_icmp_deferred(struct xsctp_association *a);

/* input.c: a packet's chunks, one by one */
void xsctp_association_rcv(struct xsctp_association *a, struct xsctp_packet *packet);
void xsctp_endpoint_rcv(struct sock *sk, struct xsctp_packet *packet);
void xsctp_rcv_ootb(struct xl4_space *space, struct xsctp_packet *packet);
bool xsctp_may_reply(struct xl4_space *space, const struct xsctp_packet *packet);

/* state.c: the table of states and events, and the one door */
void xsctp_set_state(struct xsctp_association *a, enum sctp_sstat_state state);
enum xsctp_verdict xsctp_chunk_event(struct xsctp_event *event);
void xsctp_timer_event(struct xsctp_association *a, enum xsctp_timer which);
void xsctp_established(struct xsctp_association *a);
void xsctp_restarted(struct xsctp_association *a);
void xsctp_lost(struct xsctp_association *a, int err, u16 cause);
void xsctp_abort(struct xsctp_association *a, u16 cause, const void *info, u16 len);
void xsctp_primitive_shutdown(struct xsctp_association *a);

/* The end, by the peer's ABORT: its causes are @abort. */
void xsctp_aborted(struct xsctp_association *a, int err, const struct xsctp_tlv *abort);
/* The end as both sides wanted it (section 9.2). */
void xsctp_completed(struct xsctp_association *a);

/* shutdown.c: section 9 */
void xsctp_send_shutdown(struct xsctp_association *a);
void xsctp_send_shutdown_ack(struct xsctp_association *a);
enum xsctp_verdict xsctp_do_shutdown(struct xsctp_event *event);
enum xsctp_verdict xsctp_do_shutdown_ack(struct xsctp_event *event);
enum xsctp_verdict xsctp_do_shutdown_complete(struct xsctp_event *event);
void xsctp_t2_expired(struct xsctp_association *a);
void xsctp_t5_expired(struct xsctp_association *a);
void xsctp_check_drained(struct xsctp_association *a);

/* ecn.c: appendix A */
void xsctp_ecn_marked(struct xsctp_association *a, u32 tsn);
enum xsctp_verdict xsctp_do_ecne(struct xsctp_event *event);
enum xsctp_verdict xsctp_do_cwr(struct xsctp_event *event);

/* heartbeat.c: sections 5.4 and 8.3 */
void xsctp_heartbeat_start(struct xsctp_transport *t);
int xsctp_heartbeat_demand(struct xsctp_transport *t);
void xsctp_send_heartbeat(struct xsctp_transport *t);
enum xsctp_verdict xsctp_do_heartbeat(struct xsctp_event *event);
enum xsctp_verdict xsctp_do_heartbeat_ack(struct xsctp_event *event);

/* timer.c: one timer for the deadlines of an association and its transports */
void xsctp_timers_init(struct xsctp_association *a);
void xsctp_arm(struct xsctp_association *a, struct xsctp_deadline *d, unsigned long at);
void xsctp_disarm(struct xsctp_deadline *d);
void xsctp_timers_stop(struct xsctp_association *a);
void xsctp_timers_release(struct sock *sk);
void xsctp_defer(struct xsctp_association *a);
void xsctp_timers_move(struct xsctp_association *a, struct sock *to);

/* chunk.c: control chunks, made and queued */
struct xsctp_control *xsctp_control_new(u16 len, gfp_t gfp);
int xsctp_queue_control(struct xsctp_association *a, struct xsctp_control *c,
			struct xsctp_transport *to);
int xsctp_queue_chunk(struct xsctp_association *a, u8 type, u8 flags, const void *value, u16 len,
		      struct xsctp_transport *to);
void xsctp_purge_control(struct xsctp_association *a);
void xsctp_unqueue_control(struct xsctp_association *a, struct xsctp_control *c);
int xsctp_queue_error(struct xsctp_association *a, u16 cause, const void *info, u16 len);
#define XSCTP_CAUSES_LEN	(2 * XSCTP_TLV_LEN + 512)	/* most of a cause's information */
u16 xsctp_put_causes(u8 *to, u8 type, u8 flags, u16 cause, const void *info, u16 len);

/* output.c: packets, from chunks */
void xsctp_flush(struct xsctp_association *a);
void xsctp_send_now(struct xsctp_association *a, struct xsctp_transport *t, u32 tag,
		    const u8 *chunk, u16 len);
int xsctp_send_data(struct xsctp_association *a, struct xsctp_transport *t,
		    const struct xsctp_data *data);
void xsctp_reply(struct xl4_space *space, const struct xsctp_packet *packet, u32 tag,
		 const u8 *chunk, u16 len);
__le32 xsctp_checksum(const struct sk_buff *skb);
bool xsctp_summed(const struct sk_buff *skb);
void xsctp_put_checksum(struct sk_buff *skb);
bool xsctp_checksum_ok(struct sk_buff *skb);

/* offload.c: several packets at once */
struct sk_buff *xsctp_gso_segment(struct sk_buff *skb, netdev_features_t features);
bool xsctp_may_couple(const struct sock *sk, const struct dst_entry *dst);
bool xsctp_is_train(const struct sk_buff *skb);
void xsctp_rcv_train(struct xl4_space *space, struct sk_buff *skb);
void xsctp_train(const struct net_device *dev, struct sk_buff *head, struct sk_buff *first,
		 unsigned int n);

/* send.c */
int xsctp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);

/* recv.c */
int xsctp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
void xsctp_set_owner_r(struct sk_buff *skb, struct xsctp_association *a);
/* Queue a message or a notification, owned, behind all others: to hidden, if those must wait. */
void xsctp_queue_rcv(struct sock *sk, struct sk_buff *skb);
/* Charge a received skb to another socket, without a word to the association; both are locked. */
void xsctp_change_owner_r(struct sk_buff *skb, struct sock *to);

/* notification.c: RFC 6458 section 6 */
bool xsctp_subscribed(const struct sock *sk, u16 type);
void xsctp_notify_assoc_change(struct xsctp_association *a, u16 state, u16 error,
			       const struct xsctp_tlv *abort);
void xsctp_notify_peer_addr(struct xsctp_transport *t, int state, int error);
void xsctp_notify_remote_error(struct xsctp_association *a, const struct xsctp_tlv *error);
void xsctp_notify_send_failed(struct xsctp_association *a, const struct xsctp_data *d, u32 error);
void xsctp_notify_shutdown(struct xsctp_association *a);
void xsctp_notify_partial_delivery(struct xsctp_association *a, u32 indication, u16 sid, u16 ssn);
void xsctp_notify_adaptation(struct xsctp_association *a);
void xsctp_notify_sender_dry(struct xsctp_association *a);
void xsctp_notify_auth(struct xsctp_association *a, u32 indication, u16 key, u16 other);
bool xsctp_notification_move(struct sk_buff *skb, struct sock *to);

/* options.c, info.c: setsockopt and getsockopt */
int xsctp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len);
int xsctp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len);

/* peel.c: an association gets a socket of its own */
int xsctp_peeloff(struct sock *sk, sctp_assoc_t id, int flags);
struct sock *xsctp_accept_association(struct sock *listener, struct xsctp_association *a);
/* What a program did not read of an association goes to another socket with it; both locked. */
void xsctp_move_received(struct xsctp_association *a, struct sock *from, struct sock *to);

/* proc.c */
void xsctp_describe(const struct sock *sk, struct xl4_row *row);

/* ipv4.c */
int xsctp_v4_rcv(struct sk_buff *skb);
int xsctp_v4_err(struct sk_buff *skb, u32 info);

/* ipv6.c */
int xsctp_v6_rcv(struct sk_buff *skb);
int xsctp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		 __be32 info);

#include "handshake.h"
#include "extension.h"
#include "queue.h"

#endif
