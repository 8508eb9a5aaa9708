// SPDX-License-Identifier: GPL-2.0
/*
 * What SCTP tells a program beside its data (RFC 6458 section 6): messages in the receive queue,
 * in order with the data, marked by MSG_NOTIFICATION.
 *
 * A peer can cause many of them, so they count against the receive buffer: a program that does
 * not read loses those beyond twice its size. All functions here want the association's socket
 * locked; any context.
 */

#include <linux/bvec.h>
#include <linux/highmem.h>

#include "sctp.h"

static u32 xsctp_event_bit(u16 type)
{
	return BIT(type - SCTP_SN_TYPE_BASE);
}

/**
 * xsctp_subscribed() - does the socket's program want this?
 * @sk: locked
 * @type: SCTP_DATA_IO_EVENT, SCTP_ASSOC_CHANGE, ...
 *
 * An association that exists may have been told otherwise, by SCTP_EVENT.
 */
bool xsctp_subscribed(const struct sock *sk, u16 type)
{
	return xsctp_sk(sk)->events & xsctp_event_bit(type);
}

static bool xsctp_wanted(const struct xsctp_association *a, u16 type)
{
	return a->events & xsctp_event_bit(type) && !sock_flag(a->sk, SOCK_DEAD);
}

/* A notification left the queue: read, or thrown away. */
static void xsctp_notification_free(struct sk_buff *skb)
{
	struct xsctp_association *a = XSCTP_SKB_CB(skb)->association;

	sock_rfree(skb);
	xsctp_association_put(a);
}

static void xsctp_notification_charge(struct sk_buff *skb, struct sock *sk)
{
	skb->sk = sk;
	skb->destructor = xsctp_notification_free;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, skb->truesize);
}

/**
 * xsctp_notification_move() - a notification goes with its association to another socket
 * @skb: out of its queue
 * @to: locked, as is the other
 *
 * Return: false if there is no memory: then @skb is gone.
 */
bool xsctp_notification_move(struct sk_buff *skb, struct sock *to)
{
	sock_rfree(skb);
	skb->destructor = NULL;
	skb->sk = NULL;
	if (!sk_rmem_schedule(to, skb, skb->truesize)) {
		xsctp_association_put(XSCTP_SKB_CB(skb)->association);
		sk_drops_inc(to);
		kfree_skb(skb);
		return false;
	}
	xsctp_notification_charge(skb, to);
	return true;
}

/* Room for a notification of @len octets, the header filled in; NULL: it is lost. */
static struct sk_buff *xsctp_notification_new(struct xsctp_association *a, u16 type, u16 flags,
					      u32 len)
{
	struct sock *sk = a->sk;
	union sctp_notification *note;
	struct sk_buff *skb = NULL;

	if (atomic_read(&sk->sk_rmem_alloc) <= 2 * READ_ONCE(sk->sk_rcvbuf))
		skb = alloc_skb(max_t(u32, len, sizeof(note->sn_header)), GFP_ATOMIC);
	if (!skb || !sk_rmem_schedule(sk, skb, skb->truesize)) {
		sk_drops_inc(sk);
		kfree_skb(skb);
		return NULL;
	}
	note = skb_put_zero(skb, len);
	note->sn_header.sn_type = type;
	note->sn_header.sn_flags = flags;
	note->sn_header.sn_length = len;
	return skb;
}

static void xsctp_notification_queue(struct xsctp_association *a, struct sk_buff *skb)
{
	struct xsctp_skb_cb *cb = XSCTP_SKB_CB(skb);
	struct sock *sk = a->sk;

	memset(cb, 0, sizeof(*cb));
	cb->notification = true;
	cb->flags = XSCTP_DATA_BEGIN | XSCTP_DATA_END;
	cb->association = a;
	refcount_inc(&a->ref);
	xsctp_notification_charge(skb, sk);
	xsctp_queue_rcv(sk, skb);
}

/**
 * xsctp_notify_assoc_change() - SCTP_ASSOC_CHANGE (section 6.1.1)
 * @a: that began or ended
 * @state: SCTP_COMM_UP, SCTP_COMM_LOST, SCTP_RESTART, SCTP_SHUTDOWN_COMP, SCTP_CANT_STR_ASSOC
 * @error: a cause of RFC 9260 section 3.3.10, or 0
 * @abort: the ABORT chunk that the peer sent; NULL: none
 */
void xsctp_notify_assoc_change(struct xsctp_association *a, u16 state, u16 error,
			       const struct xsctp_tlv *abort)
{
	u16 info = abort ? abort->length : 0;
	struct sctp_assoc_change *sac;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_ASSOC_CHANGE))
		return;
	skb = xsctp_notification_new(a, SCTP_ASSOC_CHANGE, 0, sizeof(*sac) + info);
	if (!skb)
		return;
	sac = (struct sctp_assoc_change *)skb->data;
	sac->sac_state = state;
	sac->sac_error = error;
	sac->sac_outbound_streams = a->nr_out;
	sac->sac_inbound_streams = a->nr_in;
	sac->sac_assoc_id = a->id;
	if (info)
		memcpy(sac->sac_info, abort->bytes, info);
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_peer_addr() - SCTP_PEER_ADDR_CHANGE (section 6.1.2)
 * @t: the path whose state changed
 * @state: SCTP_ADDR_AVAILABLE and its like; SCTP_ADDR_POTENTIALLY_FAILED only goes to who asked
 *	for it (RFC 7829 section 7.3)
 * @error: an errno, positive, or 0
 */
void xsctp_notify_peer_addr(struct xsctp_transport *t, int state, int error)
{
	struct xsctp_association *a = t->association;
	struct sctp_paddr_change *spc;
	struct sockaddr_storage addr;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_PEER_ADDR_CHANGE))
		return;
	if (state == SCTP_ADDR_POTENTIALLY_FAILED && !a->pf_expose)
		return;
	skb = xsctp_notification_new(a, SCTP_PEER_ADDR_CHANGE, 0, sizeof(*spc));
	if (!skb)
		return;
	memset(&addr, 0, sizeof(addr));
	xsctp_addr_to(a->sk, &t->key.peer, a->peer_port, &addr);
	spc = (struct sctp_paddr_change *)skb->data;
	spc->spc_aaddr = addr;
	spc->spc_state = state;
	spc->spc_error = error;
	spc->spc_assoc_id = a->id;
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_remote_error() - SCTP_REMOTE_ERROR (section 6.1.3)
 * @a: whose peer sent an ERROR chunk
 * @error: one of the causes in it
 */
void xsctp_notify_remote_error(struct xsctp_association *a, const struct xsctp_tlv *error)
{
	struct sctp_remote_error *sre;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_REMOTE_ERROR))
		return;
	skb = xsctp_notification_new(a, SCTP_REMOTE_ERROR, 0, sizeof(*sre) + error->length);
	if (!skb)
		return;
	sre = (struct sctp_remote_error *)skb->data;
	sre->sre_error = htons(error->type);
	sre->sre_assoc_id = a->id;
	memcpy(sre->sre_data, error->bytes, error->length);
	xsctp_notification_queue(a, skb);
}

/* Copy octets that lie in one or more pages, behind each other. Returns what is behind @to. */
static u8 *xsctp_copy_pages(u8 *to, const struct bio_vec *piece, u32 skip, u32 len)
{
	u32 at = piece->bv_offset + skip, n;

	for (; len; len -= n, at += n, to += n) {
		n = min_t(u32, len, PAGE_SIZE - offset_in_page(at));
		memcpy_from_page(to, piece->bv_page + (at >> PAGE_SHIFT), offset_in_page(at), n);
	}
	return to;
}

/* Copy the data of a chunk out of its pages; in front of it there is the chunk's header. */
static void xsctp_copy_data(const struct xsctp_data *d, u8 *to)
{
	u32 skip = XSCTP_DATA_LEN, left = d->len, cut, n;
	unsigned int i;

	for (i = 0; i < d->nr_frags && left; i++) {
		cut = min(skip, d->frag[i].bv_len);
		n = min(d->frag[i].bv_len - cut, left);
		to = xsctp_copy_pages(to, &d->frag[i], cut, n);
		skip -= cut;
		left -= n;
	}
}

/* SCTP_SEND_FAILED, deprecated (section 6.1.4) */
static void xsctp_notify_send_failed_old(struct xsctp_association *a, const struct xsctp_data *d,
					 u16 flags, u32 error)
{
	struct sctp_send_failed *ssf;
	struct sk_buff *skb;

	skb = xsctp_notification_new(a, SCTP_SEND_FAILED, flags, sizeof(*ssf) + d->len);
	if (!skb)
		return;
	ssf = (struct sctp_send_failed *)skb->data;
	ssf->ssf_error = error;
	ssf->ssf_info.sinfo_stream = d->sid;
	ssf->ssf_info.sinfo_ssn = d->ssn;
	ssf->ssf_info.sinfo_flags = d->flags;
	ssf->ssf_info.sinfo_ppid = d->ppid;
	ssf->ssf_info.sinfo_context = d->message->context;
	ssf->ssf_info.sinfo_tsn = d->tsn;
	ssf->ssf_info.sinfo_cumtsn = a->cum_tsn_acked;
	ssf->ssf_info.sinfo_assoc_id = a->id;
	ssf->ssf_assoc_id = a->id;
	xsctp_copy_data(d, ssf->ssf_data);
	xsctp_notification_queue(a, skb);
}

/* SCTP_SEND_FAILED_EVENT (section 6.1.11) */
static void xsctp_notify_send_failed_event(struct xsctp_association *a, const struct xsctp_data *d,
					   u16 flags, u32 error)
{
	struct sctp_send_failed_event *ssf;
	struct sk_buff *skb;

	skb = xsctp_notification_new(a, SCTP_SEND_FAILED_EVENT, flags, sizeof(*ssf) + d->len);
	if (!skb)
		return;
	ssf = (struct sctp_send_failed_event *)skb->data;
	ssf->ssf_error = error;
	ssf->ssfe_info.snd_sid = d->sid;
	ssf->ssfe_info.snd_flags = d->flags;
	ssf->ssfe_info.snd_ppid = d->ppid;
	ssf->ssfe_info.snd_context = d->message->context;
	ssf->ssfe_info.snd_assoc_id = a->id;
	ssf->ssf_assoc_id = a->id;
	xsctp_copy_data(d, ssf->ssf_data);
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_send_failed() - a chunk's data was not, or perhaps not, delivered
 * @a: the association
 * @d: the chunk, out of all queues
 * @error: why: a cause of RFC 9260 section 3.3.10, or 0
 *
 * One notification for each chunk: all that begin and end a message are that message.
 */
void xsctp_notify_send_failed(struct xsctp_association *a, const struct xsctp_data *d, u32 error)
{
	u16 flags = d->transmissions ? SCTP_DATA_SENT : SCTP_DATA_UNSENT;

	if (xsctp_wanted(a, SCTP_SEND_FAILED))
		xsctp_notify_send_failed_old(a, d, flags, error);
	if (xsctp_wanted(a, SCTP_SEND_FAILED_EVENT))
		xsctp_notify_send_failed_event(a, d, flags, error);
}

/**
 * xsctp_notify_shutdown() - SCTP_SHUTDOWN_EVENT (section 6.1.5)
 * @a: whose peer wants no more data
 */
void xsctp_notify_shutdown(struct xsctp_association *a)
{
	struct sctp_shutdown_event *sse;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_SHUTDOWN_EVENT))
		return;
	skb = xsctp_notification_new(a, SCTP_SHUTDOWN_EVENT, 0, sizeof(*sse));
	if (!skb)
		return;
	sse = (struct sctp_shutdown_event *)skb->data;
	sse->sse_assoc_id = a->id;
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_partial_delivery() - SCTP_PARTIAL_DELIVERY_EVENT (section 6.1.7)
 * @a: whose message was partly delivered and will not be whole
 * @indication: SCTP_PARTIAL_DELIVERY_ABORTED
 * @sid: the message's stream
 * @ssn: its number in it
 */
void xsctp_notify_partial_delivery(struct xsctp_association *a, u32 indication, u16 sid, u16 ssn)
{
	struct sctp_pdapi_event *pdapi;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_PARTIAL_DELIVERY_EVENT))
		return;
	skb = xsctp_notification_new(a, SCTP_PARTIAL_DELIVERY_EVENT, 0, sizeof(*pdapi));
	if (!skb)
		return;
	pdapi = (struct sctp_pdapi_event *)skb->data;
	pdapi->pdapi_indication = indication;
	pdapi->pdapi_assoc_id = a->id;
	pdapi->pdapi_stream = sid;
	pdapi->pdapi_seq = ssn;
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_adaptation() - SCTP_ADAPTATION_INDICATION (section 6.1.6)
 * @a: whose peer announced an adaptation layer (RFC 5061 section 4.2.6)
 */
void xsctp_notify_adaptation(struct xsctp_association *a)
{
	struct sctp_adaptation_event *sai;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_ADAPTATION_INDICATION))
		return;
	skb = xsctp_notification_new(a, SCTP_ADAPTATION_INDICATION, 0, sizeof(*sai));
	if (!skb)
		return;
	sai = (struct sctp_adaptation_event *)skb->data;
	sai->sai_adaptation_ind = a->peer_adaptation;
	sai->sai_assoc_id = a->id;
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_auth() - SCTP_AUTHENTICATION_EVENT (section 6.1.8)
 * @a: the association
 * @indication: SCTP_AUTH_NEW_KEY, SCTP_AUTH_FREE_KEY, SCTP_AUTH_NO_AUTH
 * @key: which key
 * @other: which one was before
 */
void xsctp_notify_auth(struct xsctp_association *a, u32 indication, u16 key, u16 other)
{
	struct sctp_authkey_event *auth;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_AUTHENTICATION_EVENT))
		return;
	skb = xsctp_notification_new(a, SCTP_AUTHENTICATION_EVENT, 0, sizeof(*auth));
	if (!skb)
		return;
	auth = (struct sctp_authkey_event *)skb->data;
	auth->auth_keynumber = key;
	auth->auth_altkeynumber = other;
	auth->auth_indication = indication;
	auth->auth_assoc_id = a->id;
	xsctp_notification_queue(a, skb);
}

/**
 * xsctp_notify_sender_dry() - SCTP_SENDER_DRY_EVENT (section 6.1.9)
 * @a: all that it was given is sent and acknowledged
 */
void xsctp_notify_sender_dry(struct xsctp_association *a)
{
	struct sctp_sender_dry_event *dry;
	struct sk_buff *skb;

	if (!xsctp_wanted(a, SCTP_SENDER_DRY_EVENT))
		return;
	skb = xsctp_notification_new(a, SCTP_SENDER_DRY_EVENT, 0, sizeof(*dry));
	if (!skb)
		return;
	dry = (struct sctp_sender_dry_event *)skb->data;
	dry->sender_dry_assoc_id = a->id;
	xsctp_notification_queue(a, skb);
}
