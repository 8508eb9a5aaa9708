/* SPDX-License-Identifier: GPL-2.0 */
/* What SCTP has of its own in each network namespace. */
#ifndef XSCTP_NAMESPACE_H
#define XSCTP_NAMESPACE_H

#include <linux/rhashtable.h>
#include <xl4/protocol.h>
#include <xl4/space.h>

/* Counters: those of the kernel's /proc/net/sctp/snmp that count. */
#define XSCTP_COUNTERS_LIST(counter)				\
	counter(CURR_ESTAB,		"CurrEstab")		\
	counter(ACTIVE_ESTABS,		"ActiveEstabs")		\
	counter(PASSIVE_ESTABS,		"PassiveEstabs")	\
	counter(ABORTEDS,		"Aborteds")		\
	counter(SHUTDOWNS,		"Shutdowns")		\
	counter(OUT_OF_BLUES,		"OutOfBlues")		\
	counter(CHECKSUM_ERRORS,	"ChecksumErrors")	\
	counter(OUT_CTRL_CHUNKS,	"OutCtrlChunks")	\
	counter(OUT_ORDER_CHUNKS,	"OutOrderChunks")	\
	counter(OUT_UNORDER_CHUNKS,	"OutUnorderChunks")	\
	counter(IN_CTRL_CHUNKS,		"InCtrlChunks")		\
	counter(IN_ORDER_CHUNKS,	"InOrderChunks")	\
	counter(IN_UNORDER_CHUNKS,	"InUnorderChunks")	\
	counter(FRAG_USR_MSGS,		"FragUsrMsgs")		\
	counter(REASM_USR_MSGS,		"ReasmUsrMsgs")		\
	counter(OUT_PACKS,		"OutSCTPPacks")		\
	counter(IN_PACKS,		"InSCTPPacks")		\
	counter(T1_INIT_EXPIREDS,	"T1InitExpireds")	\
	counter(T1_COOKIE_EXPIREDS,	"T1CookieExpireds")	\
	counter(T2_SHUTDOWN_EXPIREDS,	"T2ShutdownExpireds")	\
	counter(T3_RTX_EXPIREDS,	"T3RtxExpireds")	\
	counter(T5_GUARD_EXPIREDS,	"T5ShutdownGuardExpireds") \
	counter(DELAY_SACK_EXPIREDS,	"DelaySackExpireds")	\
	counter(AUTOCLOSE_EXPIREDS,	"AutocloseExpireds")	\
	counter(T3_RETRANSMITS,		"T3Retransmits")	\
	counter(FAST_RETRANSMITS,	"FastRetransmits")	\
	counter(IN_PKT_DISCARDS,	"InPktDiscards")	\
	counter(IN_DATA_DISCARDS,	"InDataChunkDiscards")	\
	counter(BACKLOG_DROPS,		"InPktBacklogDrops")	\
	counter(BAD_COOKIES,		"InBadCookies")		\
	counter(STALE_COOKIES,		"InStaleCookies")	\
	counter(LISTEN_OVERFLOWS,	"ListenOverflows")	\
	counter(REPLIES_LIMITED,	"RepliesLimited")

#define XSCTP_COUNTER_ENUM(name, text) XSCTP_MIB_##name,
enum xsctp_counter {
	XSCTP_COUNTERS_LIST(XSCTP_COUNTER_ENUM)
	XSCTP_COUNTERS
};

/* Settings, per namespace, by the names and in the units of the kernel's own; times in ms. */
struct xsctp_settings {
	int	rto_initial;
	int	rto_min;
	int	rto_max;
	int	max_burst;
	int	valid_cookie_life;
	int	cookie_preserve_enable;
	int	sack_timeout;
	int	hb_interval;
	int	association_max_retrans;
	int	path_max_retrans;
	int	pf_enable;
	int	pf_retrans;
	int	max_init_retransmits;
	int	max_autoclose;		/* seconds */
	int	prsctp_enable;
	int	ecn_enable;
	int	auth_enable;
	int	addip_enable;
	int	addip_noauth_enable;
	int	default_auto_asconf;
	int	gso;			/* packets go through IP several at once: offload.c */
	int	max_associations;	/* of a one-to-many socket that listens */
	int	reply_limit;		/* a second: answers to packets that are for nobody */
	int	rmem[3];		/* bytes: least, default, most of sk_rcvbuf */
	int	wmem[3];		/* likewise of sk_sndbuf */
};

/* Under which IP protocol numbers there is SCTP: each has ports of its own. */
enum xsctp_service {
	XSCTP_OWN,			/* the module's parameter */
	XSCTP_IANA,			/* 132 */
	XSCTP_SERVICES
};

struct xsctp_net {
	struct xl4_space	space[XSCTP_SERVICES];
	struct xsctp_settings	set;
	struct ctl_table_header	*sysctl;
	struct rhltable		transports;	/* struct xsctp_transport by struct xsctp_key */
	spinlock_t		address_lock;
	struct list_head	addresses;	/* struct xsctp_local; readers use RCU */
	struct list_head	auto_asconf;	/* struct xsctp_sock, under address_lock */
	unsigned int		nr_auto_asconf;
	atomic_t		replies;	/* that may still go in this second */
	unsigned long		reply_second;	/* jiffies when it ends */
};

struct xsctp_net *xsctp_net(const struct net *net);
struct xl4_space *xsctp_space(const struct net *net, u8 number);

#endif
