// SPDX-License-Identifier: GPL-2.0
/*
 * A listener: Request, Response, Ack, and a child is born (RFC 4340 section 8.1; of section 8.5,
 * step 3 and what is about RESPOND).
 *
 * A request is all that a Request costs us; when there are too many of them, not even that: an
 * Init Cookie. A Response goes again only when the Request does.
 */

#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <xl4/ip.h>

#include "dccp.h"

/* RFC 4340 section 8.1.3: 4 MSL, of two minutes each. */
#define XDCCP_RESPOND_LIFE	(8 * 60 * HZ)

/* ------------------------------------------------------------------ Response */

static u8 *xdccp_response_options(const struct xdccp_request *request, bool cookie, u8 *to,
				  unsigned int room)
{
	static const u8 dropped = 0x80 | XDCCP_DROP_PROTOCOL << 4;
	const u8 *end = to + room;

	memcpy(to, request->options, request->options_len);
	to += request->options_len;
	if (request->has_timestamp)
		to = xdccp_put_echo(to, request->timestamp,
				    xdccp_elapsed(request->timestamp_us, xdccp_now_us()));
	if (request->dropped)
		to = xdccp_put_option(to, XDCCP_OPT_DATA_DROPPED, &dropped, 1);
	if (request->stamped)
		to = xdccp_put_number(to, XDCCP_OPT_TIMESTAMP, xdccp_timestamp(xdccp_now_us()), 4);
	if (cookie)
		to += xdccp_cookie_put(request, to, end - to);
	return to;
}

static struct sk_buff *xdccp_make_packet(const struct xdccp_request *request, u8 type, u64 ack,
					 const u8 *options, unsigned int len)
{
	struct xdccp_header h = {
		.source = request->tuple.local_port,
		.dest = request->tuple.remote_port,
		.seq = request->gss,
		.ack = ack,
		.service = request->service,
		.fixed = xdccp_fixed_len(type, true),
		.type = type,
		.reset_code = XDCCP_RESET_ABORTED,	/* of a Reset: there is no other */
		.x = true,
		.has_ack = true,
	};
	struct sk_buff *skb = xdccp_alloc_skb(GFP_ATOMIC);

	if (!skb)
		return NULL;
	h.length = h.fixed + len;
	__skb_push(skb, h.length);
	skb_reset_transport_header(skb);
	xdccp_write_header(skb->data, &h);
	memcpy(skb->data + h.fixed, options, len);
	return skb;
}

/**
 * xdccp_send_of_request() - a packet of a listener to one client
 * @sk: the listener, locked
 * @request: of the client, or an invitation to it
 * @skb: from the header on, without a sum; NULL: there was no memory
 */
void xdccp_send_of_request(struct sock *sk, struct xdccp_request *request, struct sk_buff *skb)
{
	struct xl4_reply reply;

	if (!skb)
		return;
	xdccp_count(sk, XDCCP_MIB_OUT_PACKETS);
	if (request->encap_port)
		xdccp_count(sk, XDCCP_MIB_OUT_ENCAPSULATED);
	reply = xl4_request_reply(sk, &request->tuple, request->device, request->mark);
	reply.tos &= ~INET_ECN_MASK;
	xdccp_reply(sock_net(sk), sk, skb, &reply, request->encap_port);
}

static void xdccp_send_response(struct sock *sk, struct xdccp_request *request, bool cookie)
{
	u8 options[XDCCP_OPTIONS_ROOM], *end;

	end = xdccp_response_options(request, cookie, options, sizeof(options) - 4);
	end = xdccp_put_padding(end, end - options);
	xdccp_send_of_request(sk, request, xdccp_make_packet(request, XDCCP_RESPONSE, request->gsr,
							     options, end - options));
}

/*
 * RFC 4340 section 8.5, step 6: what is not valid is asked about, as in a connection, and not more
 * often. A client that lost its state, or had none, answers with a Reset that ends the request.
 */
static void xdccp_request_sync(struct sock *sk, struct xdccp_request *request,
			       const struct xdccp_skb_cb *cb)
{
	unsigned long gap = msecs_to_jiffies(READ_ONCE(xdccp_set(sk)->sync_ratelimit));
	u64 about = cb->type == XDCCP_RESET ? request->gsr : cb->seq;

	if (!cb->x || cb->type == XDCCP_SYNC || cb->type == XDCCP_SYNCACK ||
	    cb->type == XDCCP_LISTEN)
		return;
	if (request->synced && time_before(jiffies, request->synced + gap)) {
		xdccp_count(sk, XDCCP_MIB_SYNC_LIMITED);
		return;
	}
	request->synced = jiffies ? : 1;
	request->gss = xdccp_seq_add(request->gss, 1);
	xdccp_count(sk, XDCCP_MIB_SYNCS_SENT);
	xdccp_send_of_request(sk, request, xdccp_make_packet(request, XDCCP_SYNC, about, NULL, 0));
}

/* The client never came back. RFC 4340 section 8.1.3: if it is there, it may give up, too. */
static unsigned long xdccp_request_retry(struct sock *sk, struct xl4_request *xl4)
{
	struct xdccp_request *request = container_of(xl4, struct xdccp_request, xl4);

	request->gss = xdccp_seq_add(request->gss, 1);
	xdccp_count(sk, XDCCP_MIB_OUT_RESETS);
	xdccp_send_of_request(sk, request, xdccp_make_packet(request, XDCCP_RESET, request->gsr,
							     NULL, 0));
	xdccp_count(sk, XDCCP_MIB_ATTEMPT_FAILS);
	return 0;
}

static void xdccp_request_destroy(struct xl4_request *request)
{
}

static void xdccp_listen_begin(struct sock *sk)
{
	xdccp_set_state(sk, XDCCP_LISTENING);
	xdccp_sk(sk)->server = true;
	xdccp_sk(sk)->features.server = true;
}

const struct xl4_request_ops xdccp_request_ops = {
	.retry = xdccp_request_retry,
	.destroy = xdccp_request_destroy,
	.begin = xdccp_listen_begin,
	.listens = xdccp_invite,
};

/* ------------------------------------------------------------------- Request */

static enum xdccp_verdict xdccp_refuse(struct sock *sk, u8 code, const u8 data[3])
{
	static const u8 none[3];
	struct xdccp_sock *dp = xdccp_sk(sk);

	dp->reset_code = code;
	memcpy(dp->reset_data, data ? : none, sizeof(dp->reset_data));
	return XDCCP_ANSWER_RESET;
}

/* What a Request may well have, and what is none of our business. */
static bool xdccp_request_knows(u8 type)
{
	return type == XDCCP_OPT_PADDING || type == XDCCP_OPT_SLOW_RECEIVER ||
	       type == XDCCP_OPT_INIT_COOKIE || type == XDCCP_OPT_NDP_COUNT ||
	       type == XDCCP_OPT_DATA_DROPPED || type == XDCCP_OPT_TIMESTAMP ||
	       type == XDCCP_OPT_DATA_CHECKSUM;
}

static int xdccp_request_stamp(struct xdccp_request *request, const struct xdccp_option *option)
{
	u64 number;

	if (option->type != XDCCP_OPT_TIMESTAMP)
		return 0;
	if (xdccp_parse_number(option, &number))
		return -EINVAL;
	request->has_timestamp = true;
	request->timestamp = number;
	request->timestamp_us = xdccp_now_us();
	return 0;
}

/* Returns 0 or the code of a Reset. */
static u8 xdccp_request_option(struct xdccp_request *request, const struct xdccp_option *option,
			       const struct xdccp_feature_packet *packet)
{
	if (option->type >= XDCCP_OPT_CHANGE_L && option->type <= XDCCP_OPT_CONFIRM_R)
		return xdccp_features_rcv(&request->features, option, packet);
	/* RFC 4340 section 5.8.2: its type is unknown, or its data wrong. */
	if ((xdccp_request_stamp(request, option) || !xdccp_request_knows(option->type)) &&
	    option->mandatory)
		return XDCCP_RESET_MANDATORY_ERROR;
	return 0;
}

/* Returns 0, or the code of a Reset with its data. */
static u8 xdccp_request_options(struct xdccp_request *request, const struct sk_buff *skb,
				const struct xdccp_header *h, u8 data[3])
{
	const struct xdccp_feature_packet packet = { .seq = h->seq };
	struct xdccp_option option;
	struct xdccp_walk walk;
	int more;
	u8 code;

	memset(data, 0, 3);
	xdccp_walk_options(skb->data, h, &walk);
	while ((more = xdccp_next_option(&walk, &option)) == 1) {
		code = xdccp_request_option(request, &option, &packet);
		if (code) {
			data[0] = option.type;
			memcpy(data + 1, option.value, min_t(u8, option.len, 2));
			return code;
		}
	}
	if (more < 0) {
		data[0] = XDCCP_OPT_MANDATORY;
		return XDCCP_RESET_OPTION_ERROR;
	}
	xdccp_features_rcv_end(&request->features, &packet);
	return 0;
}

static struct xdccp_request *xdccp_new_request(const struct sock *sk, const struct sk_buff *skb,
					       const struct xl4_tuple *tuple)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_request *request = kzalloc(sizeof(*request), GFP_ATOMIC | __GFP_NOWARN);

	if (!request)
		return NULL;
	request->family = xdccp_family_of(skb);
	request->tuple = *tuple;
	request->features = xdccp_sk(sk)->features;
	request->device = skb->dev ? skb->dev->ifindex : skb->skb_iif;
	request->mark = READ_ONCE(sk->sk_mark);
	request->encap_port = cb->encapsulated ? cb->encap_port : 0;
	return request;
}

/* Answer, but remember nothing. */
static void xdccp_send_cookie(struct sock *sk, struct xdccp_request *request)
{
	xdccp_send_response(sk, request, true);
	xdccp_count(sk, XDCCP_MIB_COOKIES_SENT);
	kfree(request);
}

static void xdccp_request_begin(struct sock *sk, struct xdccp_request *request,
				const struct xdccp_header *h)
{
	u8 *end;

	request->service = h->service;
	request->isr = h->seq;
	request->gsr = h->seq;
	request->iss = xdccp_new_iss(&request->tuple);
	request->gss = request->iss;
	request->sent_us = xdccp_now_us();
	end = xdccp_features_put(&request->features, request->options, sizeof(request->options),
				 request->iss);
	request->options_len = end - request->options;
}

static enum xdccp_verdict xdccp_conn_request(struct sock *sk, struct sk_buff *skb,
					     const struct xl4_tuple *tuple)
{
	int cookies = READ_ONCE(xdccp_set(sk)->init_cookies);
	bool full = xl4_requests_full(sk, READ_ONCE(xdccp_set(sk)->max_requests));
	struct xdccp_request *request;
	struct xdccp_header h;
	u8 data[3], code;

	if (skb->pkt_type != PACKET_HOST || xdccp_to_many(skb) ||
	    xdccp_parse_header(skb->data, skb_headlen(skb), &h))
		return XDCCP_DROP;
	if (!xdccp_service_offered(sk, h.service))
		return xdccp_refuse(sk, XDCCP_RESET_BAD_SERVICE, NULL);
	if (xl4_accept_full(sk)) {
		xdccp_count(sk, XDCCP_MIB_LISTEN_OVERFLOWS);
		return xdccp_refuse(sk, XDCCP_RESET_TOO_BUSY, NULL);
	}
	request = full && !cookies ? NULL : xdccp_new_request(sk, skb, tuple);
	if (!request)
		goto drop;
	code = xdccp_request_options(request, skb, &h, data);
	if (code) {
		xdccp_count(sk, code == XDCCP_RESET_OPTION_ERROR ? XDCCP_MIB_OPTION_ERRORS :
								   XDCCP_MIB_MANDATORY_ERRORS);
		kfree(request);
		return xdccp_refuse(sk, code, data);
	}
	xdccp_request_begin(sk, request, &h);
	/* RFC 4340 section 8.1.1 */
	request->dropped = skb->len > h.length;
	if (full || cookies == 2) {
		xdccp_send_cookie(sk, request);
		return XDCCP_DROP;
	}
	if (xl4_request_add(sk, &request->xl4, tuple, request->family->v6, XDCCP_RESPOND_LIFE)) {
		kfree(request);
		goto drop;
	}
	xdccp_send_response(sk, request, false);
	return XDCCP_DROP;

drop:
	xdccp_count(sk, XDCCP_MIB_LISTEN_DROPS);
	return XDCCP_DROP;
}

/* --------------------------------------------------------------------- child */

/* What the request knows, for the socket that it becomes. */
static void xdccp_child_learn(struct sock *child, struct xdccp_request *request)
{
	struct xdccp_sock *dp = xdccp_sk(child);

	dp->family = request->family;
	dp->service = request->service;
	dp->encap_port = request->encap_port;
	dp->encap = request->encap_port;
	dp->iss = request->iss;
	dp->gar = request->iss;
	dp->isr = request->isr;
	dp->gsr = request->gsr;
	dp->silent = true;
	dp->stamped = request->stamped;
	child->sk_mark = request->mark;
	xdccp_features_inherit(child, &request->features);
}

/* The child gets the request's addresses, ports and route, and its sizes. */
static int xdccp_adopt(struct sock *sk, struct sock *child, const struct xdccp_request *request)
{
	struct dst_entry *dst = xl4_adopt(sk, child, &request->tuple, request->device);

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	xdccp_sync_mps(child, dst_mtu(dst));
	return 0;
}

/* Returns the child, in RESPOND, unlocked and known to packets; or NULL. */
static struct sock *xdccp_create_child(struct sock *sk, struct xdccp_request *request)
{
	struct sock *child = xdccp_clone(sk);
	struct xdccp_sock *dp = xdccp_sk(child);

	if (!child)
		return NULL;
	xdccp_child_learn(child, request);
	if (request->sent_us)
		xl4_rto_sample(&dp->rto, clamp_t(u64, xdccp_now_us() - request->sent_us, 1,
						 U32_MAX));
	if (xdccp_adopt(sk, child, request) || xdccp_features_activate(child))
		goto err;
	xdccp_update_gsr(child, request->gsr);
	xdccp_update_gss(child, request->gss);
	xdccp_set_state(child, XDCCP_RESPOND);
	if (xl4_bind_child(sk, child))
		goto err;
	return child;

err:
	xdccp_discard_child(child);
	return NULL;
}

/* The child takes the packet that made it, with what data that has. */
static enum xdccp_verdict xdccp_child_process(struct sock *sk, struct sock *child,
					      struct sk_buff *skb)
{
	const struct xdccp_sock *dp = xdccp_sk(child);
	enum xdccp_verdict verdict;

	bh_lock_sock_nested(child);
	verdict = xdccp_rcv_state_process(child, skb);
	if (verdict == XDCCP_ANSWER_RESET)
		verdict = xdccp_refuse(sk, dp->reset_code, dp->reset_data);
	bh_unlock_sock(child);
	return verdict;
}

/* The handshake is done. */
static enum xdccp_verdict xdccp_request_done(struct sock *sk, struct xdccp_request *request,
					     struct sk_buff *skb, bool cookie)
{
	enum xdccp_verdict verdict;
	struct sock *child;

	if (xl4_accept_full(sk)) {
		xdccp_count(sk, XDCCP_MIB_LISTEN_OVERFLOWS);
		return XDCCP_DROP;
	}
	child = xdccp_create_child(sk, request);
	if (!child) {
		xdccp_count(sk, XDCCP_MIB_LISTEN_DROPS);
		return XDCCP_DROP;
	}
	xdccp_count(sk, XDCCP_MIB_PASSIVE_OPENS);
	sock_hold(child);
	verdict = xdccp_child_process(sk, child, skb);
	/* The queue's reference; it cannot be full, we looked. */
	xl4_accept_add(sk, child);
	sock_put(child);
	if (!cookie)
		xl4_request_remove(sk, &request->xl4);
	return verdict;
}

/*
 * What may be acknowledged of our Responses: as in the child that comes of it, which must not
 * refuse the packet that made it.
 */
static bool xdccp_request_ack_valid(const struct xdccp_request *request, u64 ack)
{
	u64 w = xdccp_feature_value(&request->features, XDCCP_LOCAL, XDCCP_FEAT_SEQUENCE_WINDOW);
	u64 low = xdccp_seq_add(request->gss, 1 - (s64)w);

	if (xdccp_seq_before(low, request->iss))
		low = request->iss;
	return xdccp_seq_between(ack, low, request->gss);
}

/* RFC 4340 sections 7.5.1 and 7.5.3, of a connection that is half open */
static bool xdccp_request_valid(const struct xdccp_request *request, const struct xdccp_skb_cb *cb)
{
	u64 w = xdccp_feature_value(&request->features, XDCCP_REMOTE, XDCCP_FEAT_SEQUENCE_WINDOW);
	u64 low = xdccp_seq_add(request->gsr, 1 - (s64)(w / 4));
	u64 high = xdccp_seq_add(request->gsr, (3 * w + 3) / 4);

	if (!cb->x)
		return false;
	if (xdccp_seq_before(low, request->isr))
		low = request->isr;
	if (cb->type == XDCCP_CLOSE || cb->type == XDCCP_CLOSEREQ || cb->type == XDCCP_RESET)
		low = xdccp_seq_add(request->gsr, 1);
	if ((cb->type == XDCCP_SYNC || cb->type == XDCCP_SYNCACK) &&
	    xdccp_seq_after(cb->seq, high))
		high = cb->seq;
	if (!xdccp_seq_between(cb->seq, low, high))
		return false;
	return !cb->has_ack || xdccp_request_ack_valid(request, cb->ack);
}

/* It asks for nothing else than the first, but has a time and data of its own. */
static void xdccp_request_reread(struct xdccp_request *request, const struct sk_buff *skb)
{
	struct xdccp_option option;
	struct xdccp_walk walk;
	struct xdccp_header h;

	request->has_timestamp = false;
	request->dropped = false;
	if (xdccp_parse_header(skb->data, skb_headlen(skb), &h))
		return;
	request->dropped = skb->len > h.length;
	xdccp_walk_options(skb->data, &h, &walk);
	while (xdccp_next_option(&walk, &option) == 1)
		xdccp_request_stamp(request, &option);
}

/* RFC 4340 section 8.1.3: it is answered each time, with another number. */
static void xdccp_request_again(struct sock *sk, struct xdccp_request *request,
				const struct sk_buff *skb)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	if (xdccp_seq_after(cb->seq, request->gsr))
		request->gsr = cb->seq;
	request->gss = xdccp_seq_add(request->gss, 1);
	request->sent_us = 0;
	/* Which of them is answered a time stamp tells: RFC 4340 section 13. */
	request->stamped = true;
	xdccp_request_reread(request, skb);
	xdccp_count(sk, XDCCP_MIB_RETRANS_PACKETS);
	xdccp_send_response(sk, request, false);
}

/* Agreed on in the Request already, they may be short in the Ack. */
static void xdccp_request_extend(const struct xdccp_request *request, struct xdccp_skb_cb *cb)
{
	if (cb->x || !xdccp_feature_value(&request->features, XDCCP_REMOTE,
					  XDCCP_FEAT_SHORT_SEQNOS))
		return;
	cb->seq = xdccp_extend(cb->seq, request->gsr);
	cb->ack = cb->has_ack ? xdccp_extend(cb->ack, request->gss) : 0;
	cb->x = true;
}

/* A packet for a request: whatever acknowledges our Response opens the connection. */
static enum xdccp_verdict xdccp_request_rcv(struct sock *sk, struct xdccp_request *request,
					    struct sk_buff *skb)
{
	struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);

	/* RFC 6773 section 3.8 */
	if (request->encap_port != (cb->encapsulated ? cb->encap_port : 0))
		return cb->encapsulated && cb->type == XDCCP_REQUEST ?
		       xdccp_refuse(sk, XDCCP_RESET_PORT_REUSE, NULL) : XDCCP_DROP;
	xdccp_request_extend(request, cb);
	if (!xdccp_request_valid(request, cb)) {
		xdccp_count(sk, XDCCP_MIB_OUT_OF_WINDOW);
		xdccp_request_sync(sk, request, cb);
		return XDCCP_DROP;
	}
	switch (cb->type) {
	case XDCCP_REQUEST:
		xdccp_request_again(sk, request, skb);
		return XDCCP_DROP;
	case XDCCP_RESET:
		xdccp_count(sk, XDCCP_MIB_IN_RESETS);
		xdccp_count(sk, XDCCP_MIB_ATTEMPT_FAILS);
		xl4_request_remove(sk, &request->xl4);
		return XDCCP_DROP;
	case XDCCP_ACK:
	case XDCCP_DATAACK:
	case XDCCP_CLOSE:
	case XDCCP_SYNC:
	case XDCCP_SYNCACK:
		return xdccp_request_done(sk, request, skb, false);
	}
	/* RFC 4340 section 8.5, step 7: such as Data, which does not acknowledge our Response. */
	if (xdccp_seq_after(cb->seq, request->gsr))
		request->gsr = cb->seq;
	xdccp_request_sync(sk, request, cb);
	return XDCCP_DROP;
}

/* -------------------------------------------------------------- Init Cookies */

static bool xdccp_find_cookie(const struct sk_buff *skb, struct xdccp_option *option)
{
	struct xdccp_walk walk;
	struct xdccp_header h;

	if (xdccp_parse_header(skb->data, skb_headlen(skb), &h))
		return false;
	xdccp_walk_options(skb->data, &h, &walk);
	while (xdccp_next_option(&walk, option) == 1)
		if (option->type == XDCCP_OPT_INIT_COOKIE)
			return true;
	return false;
}

/* RFC 4340 section 8.5, step 3: it is a request's again, if the cookie is good. */
static enum xdccp_verdict xdccp_cookie_rcv(struct sock *sk, struct sk_buff *skb,
					   const struct xl4_tuple *tuple,
					   const struct xdccp_option *cookie)
{
	struct xdccp_request *request = xdccp_new_request(sk, skb, tuple);
	enum xdccp_verdict verdict;

	if (!request)
		return XDCCP_DROP;
	if (!xdccp_cookie_check(request, cookie->value, cookie->len)) {
		xdccp_count(sk, XDCCP_MIB_COOKIES_FAILED);
		verdict = xdccp_refuse(sk, XDCCP_RESET_BAD_COOKIE, NULL);
	} else if (!xdccp_request_valid(request, XDCCP_SKB_CB(skb))) {
		xdccp_count(sk, XDCCP_MIB_OUT_OF_WINDOW);
		verdict = XDCCP_DROP;
	} else {
		xdccp_count(sk, XDCCP_MIB_COOKIES_RECEIVED);
		verdict = xdccp_request_done(sk, request, skb, true);
	}
	kfree(request);
	return verdict;
}

/* ----------------------------------------------------------------- the entry */

#define XDCCP_CHILD_BACKLOG	SZ_64K

/* The child was born while this packet waited for the listener. */
static void xdccp_pass_on(struct sock *child, struct sk_buff *skb)
{
	bh_lock_sock_nested(child);
	if (!sock_owned_by_user(child)) {
		xdccp_do_rcv(child, skb);
	} else if (sk_add_backlog(child, skb, READ_ONCE(child->sk_rcvbuf) + XDCCP_CHILD_BACKLOG)) {
		xdccp_count(child, XDCCP_MIB_BACKLOG_DROP);
		kfree_skb(skb);
	}
	bh_unlock_sock(child);
	sock_put(child);
}

/* For nobody yet. RFC 5596 section 2.2.2: a server ignores a Listen. */
static enum xdccp_verdict xdccp_stranger_rcv(struct sock *sk, struct sk_buff *skb,
					     const struct xl4_tuple *tuple)
{
	struct xdccp_option cookie;

	switch (XDCCP_SKB_CB(skb)->type) {
	case XDCCP_REQUEST:
		if (!xdccp_invited(sk, tuple))
			break;
		return xdccp_conn_request(sk, skb, tuple);
	case XDCCP_LISTEN:
		xdccp_count(sk, XDCCP_MIB_LISTENS_RECEIVED);
		return XDCCP_DROP;
	case XDCCP_RESET:
		return XDCCP_DROP;
	case XDCCP_ACK:
	case XDCCP_DATAACK:
	case XDCCP_CLOSE:
	case XDCCP_SYNC:
	case XDCCP_SYNCACK:
		if (xdccp_find_cookie(skb, &cookie))
			return xdccp_cookie_rcv(sk, skb, tuple, &cookie);
		break;
	}
	return xdccp_refuse(sk, XDCCP_RESET_NO_CONNECTION, NULL);
}

/**
 * xdccp_listen_rcv() - a packet for a listener
 * @sk: in state LISTEN, locked
 * @skb: data at the header
 *
 * Return: what becomes of @skb.
 */
enum xdccp_verdict xdccp_listen_rcv(struct sock *sk, struct sk_buff *skb)
{
	enum xdccp_verdict verdict;
	struct sock *child = NULL;
	struct xl4_entry *entry;
	struct xl4_tuple tuple;

	xdccp_tuple_of(skb, &tuple);
	rcu_read_lock();
	entry = xl4_lookup_connection(xl4_sk(sk)->space,
				      xdccp_family_of(skb)->v6 ? XL4_V6 : XL4_V4, &tuple,
				      xdccp_device_of(skb), xdccp_l3_device_of(skb));
	/* The reference is on the socket: its entry may go. */
	if (entry && entry->kind == XL4_SOCKET)
		child = xl4_binding_of(entry)->sk;
	rcu_read_unlock();
	if (child) {
		xdccp_pass_on(child, skb);
		return XDCCP_TAKEN;
	}
	if (entry && entry->kind == XL4_REQUEST && xl4_request_of(entry)->listener == sk &&
	    !entry->dead) {
		verdict = xdccp_request_rcv(sk, (struct xdccp_request *)xl4_request_of(entry), skb);
		xl4_entry_put(entry);
		return verdict;
	}
	if (entry)
		xl4_entry_put(entry);
	return xdccp_stranger_rcv(sk, skb, &tuple);
}
