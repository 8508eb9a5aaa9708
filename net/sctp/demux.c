// SPDX-License-Identifier: GPL-2.0
/*
 * From a packet to an association, or to an endpoint that may make one, or to nobody.
 *
 * A transport is found by the peer's address and both ports, under RCU. Then the
 * socket of its association is locked, wherever that has gone meanwhile.
 */

#include <linux/filter.h>
#include <linux/jhash.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/xfrm.h>
#include <xl4/drop.h>
#include <xl4/ip.h>

#include "sctp.h"

/* --------------------------------------------------------------------- table */

/* Keyed by a random @seed, so that nobody outside can choose addresses that collide. */
static u32 xsctp_key_hash(const void *data, u32 len, u32 seed)
{
	/* What is in it is 5 words without a gap. */
	BUILD_BUG_ON(offsetofend(struct xsctp_key, local_port) != 5 * sizeof(u32));
	return jhash2(data, 5, seed);
}

static int xsctp_key_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct xsctp_transport *t = obj;
	const struct xsctp_key *key = arg->key;

	return key->peer_port != t->key.peer_port || key->local_port != t->key.local_port ||
	       !xl4_addr_equal(&key->peer, &t->key.peer);
}

static const struct rhashtable_params xsctp_table_params = {
	.key_len = sizeof(struct xsctp_key),
	.key_offset = offsetof(struct xsctp_transport, key),
	.head_offset = offsetof(struct xsctp_transport, node),
	.hashfn = xsctp_key_hash,
	.obj_cmpfn = xsctp_key_cmp,
	.automatic_shrinking = true,
};

/**
 * xsctp_table_init() - no transport is known
 * @xn: what xsctp keeps for a namespace
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_table_init(struct xsctp_net *xn)
{
	return rhltable_init(&xn->transports, &xsctp_table_params);
}

/**
 * xsctp_table_exit() - undo xsctp_table_init()
 * @xn: as above; no socket is left in the namespace
 */
void xsctp_table_exit(struct xsctp_net *xn)
{
	rhltable_destroy(&xn->transports);
}

static struct rhltable *xsctp_table_of(const struct xsctp_transport *t)
{
	return &xsctp_net(sock_net(t->association->sk))->transports;
}

/**
 * xsctp_table_insert() - let packets find a transport
 * @t: a new one, its association locked
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_table_insert(struct xsctp_transport *t)
{
	return rhltable_insert(xsctp_table_of(t), &t->node, xsctp_table_params) ? -ENOMEM : 0;
}

/**
 * xsctp_table_remove() - let no packet find a transport any more
 * @t: one that was inserted, its association locked
 */
void xsctp_table_remove(struct xsctp_transport *t)
{
	rhltable_remove(xsctp_table_of(t), &t->node, xsctp_table_params);
}

/**
 * xsctp_table_association() - an endpoint's association with a peer, in constant time
 * @sk: an endpoint, locked
 * @peer: one of the peer's addresses
 * @port: the peer's port
 *
 * Return: the association, or NULL.
 */
struct xsctp_association *xsctp_table_association(struct sock *sk, const struct xl4_addr *peer,
						  __be16 port)
{
	struct xsctp_key key = {
		.peer = *peer,
		.peer_port = port,
		.local_port = inet_sk(sk)->inet_sport,
	};
	struct xsctp_association *a = NULL;
	struct rhlist_head *list, *pos;
	struct xsctp_transport *t;

	rcu_read_lock();
	list = rhltable_lookup(&xsctp_net(sock_net(sk))->transports, &key, xsctp_table_params);
	rhl_for_each_entry_rcu(t, pos, list, node) {
		/* What is this socket's is under our lock. */
		if (READ_ONCE(t->association->sk) == sk && !READ_ONCE(t->dead)) {
			a = t->association;
			break;
		}
	}
	rcu_read_unlock();
	return a;
}

/* -------------------------------------------------------------------- lookup */

/* May a packet that came to @local by @device be for this transport's association? */
static bool xsctp_transport_hears(const struct xsctp_transport *t, const struct xl4_space *space,
				  const struct xl4_addr *local, int device, int l3_device)
{
	const struct xsctp_association *a = t->association;
	const struct sock *sk = READ_ONCE(a->sk);

	if (READ_ONCE(t->dead) || xl4_sk(sk)->space != space)
		return false;
	if (!inet_bound_dev_eq(false, READ_ONCE(sk->sk_bound_dev_if), device, l3_device))
		return false;
	/* Each link has an fe80::1 of its own. */
	if (a->device && a->device != device && a->device != l3_device &&
	    ipv6_addr_type(&t->key.peer.in6) & IPV6_ADDR_LINKLOCAL)
		return false;
	return xsctp_is_local(sk, local) || xsctp_told_leaving(a, local);
}

/**
 * xsctp_find_transport() - find what a packet of an association is for
 * @space: of the IP protocol number, in the packet's namespace
 * @tuple: the packet's addresses and ports, ours as local
 * @device: ifindex it came in on
 * @l3_device: ifindex of the slave if @device is an L3 master, else 0
 *
 * Under rcu_read_lock(). Constant time.
 *
 * Return: the transport, with a reference that the caller drops; or NULL.
 */
struct xsctp_transport *xsctp_find_transport(struct xl4_space *space,
					     const struct xl4_tuple *tuple,
					     int device, int l3_device)
{
	struct xsctp_key key = {
		.peer = tuple->remote,
		.peer_port = tuple->remote_port,
		.local_port = tuple->local_port,
	};
	struct rhlist_head *list, *pos;
	struct xsctp_transport *t;

	list = rhltable_lookup(&xsctp_net(space->net)->transports, &key, xsctp_table_params);
	rhl_for_each_entry_rcu(t, pos, list, node)
		if (xsctp_transport_hears(t, space, &tuple->local, device, l3_device) &&
		    refcount_inc_not_zero(&t->ref))
			return t;
	return NULL;
}

/*
 * RFC 9260 sections 5.1.2 and 5.2.2: an INIT or INIT ACK may come from an address that
 * we have not heard of yet, and name one that we have.
 */
static struct xsctp_transport *xsctp_find_by_params(struct xl4_space *space,
						    const struct xsctp_packet *packet)
{
	struct xl4_tuple tuple = packet->tuple;
	struct xsctp_transport *t;
	struct xsctp_walk walk;
	struct xsctp_tlv tlv;
	unsigned int n = 0;

	if (skb_linearize(packet->skb))
		return NULL;
	walk.bytes = packet->skb->data + XSCTP_HEADER_LEN;
	walk.left = packet->skb->len - XSCTP_HEADER_LEN;
	if (xsctp_next_chunk(&walk, &tlv) != 1 || tlv.length < XSCTP_INIT_LEN)
		return NULL;
	xsctp_walk_params(&tlv, XSCTP_INIT_LEN, &walk);
	while (n < XSCTP_MAX_ADDRESSES && xsctp_next_param(&walk, &tlv) == 1) {
		if (xsctp_parse_address(&tlv, &tuple.remote))
			continue;
		n++;
		t = xsctp_find_transport(space, &tuple, packet->device, packet->l3_device);
		if (t)
			return t;
	}
	return NULL;
}

/* RFC 5061 section 5.2: likewise an ASCONF by the address that it begins with. */
static struct xsctp_transport *xsctp_find_by_asconf(struct xl4_space *space,
						    const struct xsctp_packet *packet)
{
	struct xl4_tuple tuple = packet->tuple;
	struct xsctp_asconf_head head;
	struct xsctp_walk walk;
	struct xsctp_tlv chunk;

	if (skb_linearize(packet->skb))
		return NULL;
	walk.bytes = packet->skb->data + XSCTP_HEADER_LEN;
	walk.left = packet->skb->len - XSCTP_HEADER_LEN;
	if (xsctp_next_chunk(&walk, &chunk) != 1)
		return NULL;
	if (chunk.type == XSCTP_AUTH && xsctp_next_chunk(&walk, &chunk) != 1)
		return NULL;
	if (chunk.type != XSCTP_ASCONF || xsctp_parse_asconf(&chunk, &head))
		return NULL;
	tuple.remote = head.addr;
	return xsctp_find_transport(space, &tuple, packet->device, packet->l3_device);
}

/* Behind an AUTH chunk, that the packet is looked up by: RFC 4895 section 6.3. */
static u8 xsctp_first_chunk(const struct sk_buff *skb)
{
	u32 len = xsctp_get_u16(skb->data + XSCTP_HEADER_LEN + 2);
	u8 first = skb->data[XSCTP_HEADER_LEN], buffer;
	const u8 *next;

	if (first != XSCTP_AUTH)
		return first;
	next = skb_header_pointer(skb, XSCTP_HEADER_LEN + XSCTP_PAD(len), sizeof(buffer), &buffer);
	return next ? *next : first;
}

static struct xsctp_transport *xsctp_find(struct xl4_space *space, struct xsctp_packet *packet)
{
	struct xsctp_transport *t;
	u8 first;

	t = xsctp_find_transport(space, &packet->tuple, packet->device, packet->l3_device);
	packet->transport = t;
	if (t)
		return t;
	first = xsctp_first_chunk(packet->skb);
	if (first == XSCTP_INIT || first == XSCTP_INIT_ACK)
		return xsctp_find_by_params(space, packet);
	if (first == XSCTP_ASCONF)
		return xsctp_find_by_asconf(space, packet);
	return NULL;
}

/**
 * xsctp_association_lock() - lock the socket of an association, wherever it has gone
 * @a: an association with a reference, found under RCU or by a timer
 *
 * Softirq, under rcu_read_lock() or not.
 *
 * Return: the socket, its spinlock held and with a reference; NULL if the association
 * is no more.
 */
struct sock *xsctp_association_lock(struct xsctp_association *a)
{
	struct sock *sk;

	rcu_read_lock();
	while (!READ_ONCE(a->dead)) {
		sk = READ_ONCE(a->sk);
		/* Its memory stays a socket's; whether it still is this one is seen below. */
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			continue;
		bh_lock_sock(sk);
		if (!a->dead && a->sk == sk) {
			/* For sparse: the lock goes out of here. */
			__release(&sk->sk_lock.slock);
			rcu_read_unlock();
			return sk;
		}
		bh_unlock_sock(sk);
		sock_put(sk);
	}
	rcu_read_unlock();
	return NULL;
}

/**
 * xsctp_association_unlock() - undo xsctp_association_lock()
 * @sk: the socket that it returned, which may go with this
 */
void xsctp_association_unlock(struct sock *sk)
{
	__acquire(&sk->sk_lock.slock);
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* ------------------------------------------------------------------ receiving */

/* Room for so many octets of memory may wait while a program has the socket. */
static unsigned int xsctp_backlog_limit(const struct sock *sk)
{
	return READ_ONCE(sk->sk_rcvbuf) + XSCTP_RCV_SLACK + (READ_ONCE(sk->sk_sndbuf) >> 1) +
	       SZ_64K;
}

static bool xsctp_refuse(struct sock *sk, struct sk_buff *skb, enum xl4_drop_reason reason)
{
	xsctp_count(sk, XSCTP_MIB_IN_PKT_DISCARDS);
	xl4_drop(xl4_sk(sk)->space->protocol->number, skb, reason);
	return false;
}

/* May the socket have it? If not it is freed. */
static bool xsctp_admits(struct sock *sk, const struct xsctp_packet *packet)
{
	struct sk_buff *skb = packet->skb;

	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, packet->v6 ? AF_INET6 : AF_INET))
		return xsctp_refuse(sk, skb, XL4_DROP_POLICY);
	if (sk_filter_trim_cap(sk, skb, skb->len))
		return xsctp_refuse(sk, skb, XL4_DROP_FILTER);
	nf_reset_ct(skb);
	if (!packet->v6)
		xl4_v4_pktinfo_prepare(sk, skb);
	/* What of it matters is in @packet; it may be gone when a program reads. */
	skb->dev = NULL;
	return true;
}

/* A program has the socket: it will go on with the packet when it gives that back. */
static void xsctp_to_backlog(struct sock *sk, const struct xsctp_packet *packet)
{
	struct xsctp_transport *t = packet->transport;
	struct sk_buff *skb = packet->skb;

	if (t)
		refcount_inc(&t->ref);
	XSCTP_SKB_CB(skb)->transport = t;
	XSCTP_SKB_CB(skb)->more = packet->more;
	if (!sk_add_backlog(sk, skb, xsctp_backlog_limit(sk)))
		return;
	if (t)
		xsctp_transport_put(t);
	xsctp_count(sk, XSCTP_MIB_BACKLOG_DROPS);
	sk_drops_inc(sk);
	kfree_skb(skb);
}

/* The socket is locked; what the packet needs of its device is in @packet. */
static void xsctp_to_association(struct xsctp_association *a, struct xsctp_packet *packet)
{
	/* It left while we came. */
	if (packet->transport && packet->transport->dead)
		packet->transport = NULL;
	skb_dst_drop(packet->skb);
	xsctp_association_rcv(a, packet);
	kfree_skb(packet->skb);
}

/* Returns whether the association was still there, and has taken the packet. */
static bool xsctp_rcv_transport(struct xsctp_transport *t, struct xsctp_packet *packet)
{
	struct xsctp_association *a = t->association;
	struct sock *sk = xsctp_association_lock(a);

	if (!sk)
		return false;
	if (xsctp_admits(sk, packet)) {
		if (sock_owned_by_user(sk))
			xsctp_to_backlog(sk, packet);
		else
			xsctp_to_association(a, packet);
	}
	xsctp_association_unlock(sk);
	return true;
}

static void xsctp_rcv_endpoint(struct sock *sk, struct xsctp_packet *packet)
{
	if (!xsctp_admits(sk, packet))
		return;
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		xsctp_to_backlog(sk, packet);
	} else {
		skb_dst_drop(packet->skb);
		xsctp_endpoint_rcv(sk, packet);
		kfree_skb(packet->skb);
	}
	bh_unlock_sock(sk);
}

static void xsctp_rcv_nobody(struct xl4_space *space, struct xsctp_packet *packet)
{
	xsctp_rcv_ootb(space, packet);
	xl4_drop(space->protocol->number, packet->skb, XL4_DROP_NO_SOCKET);
}

static struct sock *xsctp_find_endpoint(struct xl4_space *space, const struct xsctp_packet *packet)
{
	u8 first = xsctp_first_chunk(packet->skb);
	struct sock *sk;

	if (first != XSCTP_INIT && first != XSCTP_COOKIE_ECHO)
		return NULL;
	sk = xl4_lookup_listener(space, packet->v6 ? XL4_V6 : XL4_V4, &packet->tuple,
				 packet->device, packet->l3_device, packet->skb, XSCTP_HEADER_LEN);
	if (sk && READ_ONCE(sk->sk_state) != TCP_LISTEN) {
		sock_put(sk);
		return NULL;
	}
	return sk;
}

static void xsctp_tuple_of(const struct sk_buff *skb, struct xsctp_packet *packet)
{
	if (packet->v6) {
		packet->tuple.local = xl4_addr_v6(&ipv6_hdr(skb)->daddr);
		packet->tuple.remote = xl4_addr_v6(&ipv6_hdr(skb)->saddr);
		packet->ce = INET_ECN_is_ce(ipv6_get_dsfield(ipv6_hdr(skb)));
		packet->device = inet6_iif(skb);
		packet->l3_device = inet6_sdif(skb);
	} else {
		packet->tuple.local = xl4_addr_v4(ip_hdr(skb)->daddr);
		packet->tuple.remote = xl4_addr_v4(ip_hdr(skb)->saddr);
		packet->ce = INET_ECN_is_ce(ip_hdr(skb)->tos);
		packet->device = inet_iif(skb);
		packet->l3_device = inet_sdif(skb);
	}
	packet->tuple.local_port = packet->header.dest;
	packet->tuple.remote_port = packet->header.source;
}

/* Read a packet's header. It is linear, and a chunk's header follows. */
static int xsctp_packet_init(struct xsctp_packet *packet, struct sk_buff *skb)
{
	*packet = (struct xsctp_packet) {
		.skb = skb,
		.v6 = ip_hdr(skb)->version == 6,
	};
	if (xsctp_parse_header(skb->data, skb->len, &packet->header))
		return -EINVAL;
	xsctp_tuple_of(skb, packet);
	return 0;
}

/**
 * xsctp_rcv_packet() - receive one packet, by itself or of a train
 * @space: of the IP protocol number, in the packet's namespace
 * @skb: data at the SCTP header; consumed
 * @more: another one that came with it follows at once
 *
 * Softirq, under rcu_read_lock(). RFC 9260 sections 6.8, 8.4 and 8.5.
 */
void xsctp_rcv_packet(struct xl4_space *space, struct sk_buff *skb, bool more)
{
	bool v6 = ip_hdr(skb)->version == 6;
	struct xsctp_packet packet;
	struct xsctp_transport *t;
	bool taken = false;
	struct sock *sk;

	xl4_mib_inc(&space->mib[v6], XSCTP_MIB_IN_PACKS);
	if (!pskb_may_pull(skb, XSCTP_HEADER_LEN + XSCTP_TLV_LEN)) {
		xl4_mib_inc(&space->mib[v6], XSCTP_MIB_IN_PKT_DISCARDS);
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_HEADER);
		return;
	}
	skb_reset_transport_header(skb);
	if (!xsctp_checksum_ok(skb)) {
		xl4_mib_inc(&space->mib[v6], XSCTP_MIB_CHECKSUM_ERRORS);
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_CHECKSUM);
		return;
	}
	if (xsctp_packet_init(&packet, skb)) {
		xl4_mib_inc(&space->mib[v6], XSCTP_MIB_IN_PKT_DISCARDS);
		xl4_drop(space->protocol->number, skb, XL4_DROP_BAD_HEADER);
		return;
	}
	packet.more = more;
	t = xsctp_find(space, &packet);
	if (t) {
		taken = xsctp_rcv_transport(t, &packet);
		xsctp_transport_put(t);
	}
	if (taken)
		return;
	packet.transport = NULL;
	sk = xsctp_find_endpoint(space, &packet);
	if (sk) {
		xsctp_rcv_endpoint(sk, &packet);
		sock_put(sk);
	} else {
		xsctp_rcv_nobody(space, &packet);
	}
}

/**
 * xsctp_rcv() - what both families do with what IP has for us
 * @space: of the IP protocol number, in its namespace
 * @skb: data at the SCTP header; consumed
 *
 * Softirq, under rcu_read_lock().
 *
 * Return: 0.
 */
int xsctp_rcv(struct xl4_space *space, struct sk_buff *skb)
{
	if (xsctp_is_train(skb))
		xsctp_rcv_train(space, skb);
	else
		xsctp_rcv_packet(space, skb, false);
	return 0;
}

/* It was for an association of another socket, or will be: that one moved, or was just born. */
static void xsctp_backlog_elsewhere(struct sock *sk, struct xsctp_transport *t,
				    struct xsctp_packet *packet)
{
	struct xsctp_association *a = t->association;
	struct sock *other;

	rcu_read_lock();
	other = READ_ONCE(a->sk);
	if (READ_ONCE(a->dead) || other == sk || !refcount_inc_not_zero(&other->sk_refcnt))
		other = NULL;
	rcu_read_unlock();
	if (!other) {
		kfree_skb(packet->skb);
		return;
	}
	bh_lock_sock_nested(other);
	if (a->dead || a->sk != other)
		kfree_skb(packet->skb);
	else if (sock_owned_by_user(other))
		xsctp_to_backlog(other, packet);
	else
		xsctp_to_association(a, packet);
	bh_unlock_sock(other);
	sock_put(other);
}

/* What it came from was found before; looked for again if that is no more, or was not there. */
static struct xsctp_transport *xsctp_backlog_find(struct xl4_space *space,
						  struct xsctp_packet *packet)
{
	struct xsctp_transport *t = XSCTP_SKB_CB(packet->skb)->transport;

	packet->transport = t;
	if (t && !t->dead)
		return t;
	if (t)
		xsctp_transport_put(t);
	rcu_read_lock();
	t = xsctp_find(space, packet);
	rcu_read_unlock();
	return t;
}

static void xsctp_backlog_one(struct sock *sk, struct xsctp_packet *packet)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xsctp_transport *t = xsctp_backlog_find(space, packet);
	u8 first = xsctp_first_chunk(packet->skb);

	if (t) {
		if (!t->association->dead && t->association->sk == sk)
			xsctp_to_association(t->association, packet);
		else
			xsctp_backlog_elsewhere(sk, t, packet);
		xsctp_transport_put(t);
	} else if (sk->sk_state == TCP_LISTEN &&
		   (first == XSCTP_INIT || first == XSCTP_COOKIE_ECHO)) {
		skb_dst_drop(packet->skb);
		xsctp_endpoint_rcv(sk, packet);
		kfree_skb(packet->skb);
	} else {
		rcu_read_lock();
		xsctp_rcv_nobody(space, packet);
		rcu_read_unlock();
	}
}

/**
 * xsctp_backlog_rcv() - the backlog_rcv of struct proto
 * @sk: locked by the program that gives it back now
 * @skb: from xsctp_rcv(), already checked; consumed
 *
 * Return: 0.
 */
int xsctp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct xsctp_transport *t = XSCTP_SKB_CB(skb)->transport;
	struct xsctp_packet packet;

	/* As from a packet: so that what it does to other sockets needs no care. */
	local_bh_disable();
	if (!xsctp_packet_init(&packet, skb)) {
		packet.more = XSCTP_SKB_CB(skb)->more;
		xsctp_backlog_one(sk, &packet);
	} else {
		if (t)
			xsctp_transport_put(t);
		kfree_skb(skb);
	}
	local_bh_enable();
	return 0;
}

/* --------------------------------------------------------------- ICMP errors */

/*
 * RFC 9260 section 10, ICMP5 and ICMP6: who cannot know the verification tag has not
 * seen our packet. An INIT has none, but its own Initiate Tag.
 */
static bool xsctp_quote_plausible(const struct xsctp_association *a, const u8 *quoted, u32 len)
{
	u32 tag;

	if (len < 8)
		return false;
	tag = xsctp_get_u32(quoted + 4);
	if (tag)
		return a->peer_tag == tag;
	return len >= XSCTP_HEADER_LEN + 8 && quoted[XSCTP_HEADER_LEN] == XSCTP_INIT &&
	       xsctp_get_u32(quoted + XSCTP_HEADER_LEN + XSCTP_TLV_LEN) == a->my_tag;
}

/* While an association is set up any error ends it; later none but that there is no SCTP. */
static void xsctp_icmp_judge(struct xsctp_association *a, int err, bool fatal)
{
	struct sock *sk = a->sk;

	if (fatal || (err && xsctp_in(a, XSCTP_STATE_BIT(SCTP_COOKIE_WAIT) |
				      XSCTP_STATE_BIT(SCTP_COOKIE_ECHOED)))) {
		xsctp_lost(a, err, 0);
		return;
	}
	if (err)
		WRITE_ONCE(sk->sk_err_soft, err);
}

/**
 * xsctp_icmp_deferred() - what ICMP told of while a program had the socket
 * @a: an association, locked; may be dead afterwards
 */
void xsctp_icmp_deferred(struct xsctp_association *a)
{
	int err = a->icmp_err;
	struct xsctp_transport *t;
	u32 mtu;

	if (err) {
		a->icmp_err = 0;
		xsctp_icmp_judge(a, err, err == ENOPROTOOPT);
	}
	if (a->dead)
		return;
	list_for_each_entry(t, &a->transports, link) {
		mtu = t->icmp_mtu;
		t->icmp_mtu = 0;
		if (mtu)
			xsctp_transport_pmtu(t, mtu);
		if (a->dead)
			return;
	}
}

static void xsctp_icmp_take(struct xsctp_transport *t, const struct xsctp_icmp *icmp)
{
	struct xsctp_association *a = t->association;

	if (sock_owned_by_user(a->sk)) {
		if (icmp->mtu)
			t->icmp_mtu = icmp->mtu;
		else if (!a->icmp_err || icmp->no_protocol)
			a->icmp_err = icmp->no_protocol ? ENOPROTOOPT : icmp->err;
		xsctp_defer(a);
	} else if (icmp->mtu) {
		xsctp_transport_pmtu(t, icmp->mtu);
	} else {
		xsctp_icmp_judge(a, icmp->err, icmp->no_protocol);
	}
}

/**
 * xsctp_err() - what both families do with an ICMP error
 * @space: of the IP protocol number, in the packet's namespace
 * @tuple: as the quoted packet has it, ours as local
 * @quoted: the SCTP packet that it quotes
 * @len: how much of it there is
 * @device: ifindex it came in on
 * @l3_device: of the slave
 * @icmp: what it says
 *
 * Softirq, under rcu_read_lock(). RFC 9260 section 10.
 *
 * Return: 0, or -ENOENT if no association sent this.
 */
int xsctp_err(struct xl4_space *space, const struct xl4_tuple *tuple, const u8 *quoted, u32 len,
	      int device, int l3_device, const struct xsctp_icmp *icmp)
{
	struct xsctp_transport *t = xsctp_find_transport(space, tuple, device, l3_device);
	bool plausible = false;
	struct sock *sk;

	if (!t)
		return -ENOENT;
	sk = xsctp_association_lock(t->association);
	if (sk) {
		plausible = !t->dead && xsctp_quote_plausible(t->association, quoted, len);
		if (plausible && icmp->believed)
			icmp->believed(icmp);
		if (plausible)
			xsctp_icmp_take(t, icmp);
		xsctp_association_unlock(sk);
	}
	xsctp_transport_put(t);
	return plausible ? 0 : -ENOENT;
}
