/* SPDX-License-Identifier: GPL-2.0 */
/* What waits to be sent, to be acknowledged, and to be read. Of sctp.h. */
#ifndef XSCTP_QUEUE_H
#define XSCTP_QUEUE_H

/* data.c: a DATA chunk to send, in pages */
struct xsctp_data *xsctp_data_new(struct sock *sk, struct xsctp_message *m, struct iov_iter *from,
				  u16 len);
void xsctp_data_discard(struct sock *sk, struct xsctp_data *d);
void xsctp_data_free(struct xsctp_association *a, struct xsctp_data *d);
void xsctp_data_stamp(struct xsctp_data *d);
unsigned int xsctp_data_charge(const struct xsctp_data *d);

/* pages.c: where its data is put */
struct page_frag *xsctp_page_frag(struct sock *sk, u32 least);
void xsctp_pages_exit(void);

/* outqueue.c: what is to be sent, and what was and is not acknowledged (section 6) */
void xsctp_outqueue_land(struct xsctp_association *a, struct xsctp_data *d);
void xsctp_outqueue_mark(struct xsctp_association *a, struct xsctp_data *d, u8 marks);
void xsctp_outqueue_arm(struct xsctp_transport *t);
void xsctp_outqueue_append(struct xsctp_association *a, struct list_head *chunks);
void xsctp_outqueue_push(struct xsctp_association *a);
void xsctp_outqueue_again(struct xsctp_association *a);
void xsctp_outqueue_guard(struct xsctp_association *a);
/* ack.c. Both return XSCTP_GONE if the peer acknowledged what was never sent: it was aborted. */
enum xsctp_verdict xsctp_outqueue_sack(struct xsctp_association *a, const struct xsctp_sack *sack,
				       struct xsctp_transport *from);
enum xsctp_verdict xsctp_outqueue_cum_ack(struct xsctp_association *a, u32 cum_tsn);
void xsctp_outqueue_timeout(struct xsctp_transport *t);
void xsctp_outqueue_requeue(struct xsctp_transport *t);
void xsctp_outqueue_purge(struct xsctp_association *a, int err);
/* After INIT ACK the streams may be fewer than were used: fail the unsent beyond nr_out. */
void xsctp_outqueue_limit(struct xsctp_association *a);
bool xsctp_outqueue_empty(const struct xsctp_association *a);
/* Charge all that is queued to send to another, locked socket. Before a->sk changes. */
void xsctp_outqueue_move(struct xsctp_association *a, struct sock *to);
/* A transport goes: no chunk and no message may refer to it any more; what was in flight on it goes
 * again (XSCTP_OUT_RETRANSMIT), d->transport and message->to become NULL.
 */
void xsctp_outqueue_forget(struct xsctp_transport *t);

/* abandon.c: partial reliability, RFC 3758 and 7496 */
bool xsctp_spent(const struct xsctp_association *a, const struct xsctp_data *d);
void xsctp_abandon(struct xsctp_association *a, struct xsctp_data *d);
void xsctp_abandon_lesser(struct xsctp_association *a, u32 priority, unsigned int want);
void xsctp_forward(struct xsctp_association *a, bool again);
void xsctp_abandon_finish(struct xsctp_association *a);

/* sack.c: telling the peer what came */
u16 xsctp_sack_build(struct xsctp_association *a, u8 *to, u16 room);
void xsctp_sack_check(struct xsctp_association *a, const struct xsctp_packet *packet);
void xsctp_sack_timeout(struct xsctp_association *a);
bool xsctp_sack_due(const struct xsctp_association *a);

/* share.c: what is kept of a packet */
struct sk_buff *xsctp_take_chunk(struct xsctp_event *event, u32 len);

/* inqueue.c: DATA chunks in, messages out */
enum xsctp_verdict xsctp_do_data(struct xsctp_event *event);
enum xsctp_verdict xsctp_do_forward_tsn(struct xsctp_event *event);
void xsctp_inqueue_purge(struct xsctp_association *a);
void xsctp_inqueue_check(struct xsctp_association *a);
/* Charge fragments and messages that wait in their streams to another, locked socket. */
void xsctp_inqueue_move(struct xsctp_association *a, struct sock *to);
/* The receive queue of @sk may take other messages than those of a partial delivery again. */
void xsctp_partial_over(struct xsctp_association *a);

/* window.c: how much we take, and buffers that tune themselves */
void xsctp_rwnd_came(struct xsctp_association *a, const struct sk_buff *skb);
void xsctp_rwnd_read(struct xsctp_association *a, u32 len);
u32 xsctp_rwnd(const struct xsctp_association *a);
bool xsctp_rwnd_takes(const struct xsctp_association *a, unsigned int truesize, bool in_order);
void xsctp_tune_sndbuf(struct xsctp_association *a);

/* stream.c: streams, and order within one */
void xsctp_streams_init(struct xsctp_association *a);
void xsctp_streams_free(struct xsctp_association *a);
void xsctp_streams_set(struct xsctp_association *a, u16 out, u16 in);
void xsctp_streams_restart(struct xsctp_association *a);
void xsctp_streams_move(struct xsctp_association *a, struct sock *to);
struct xsctp_out_stream *xsctp_out_stream(struct xsctp_association *a, u16 sid);
bool xsctp_out_stream_use(struct xsctp_association *a, u16 sid, gfp_t gfp);
bool xsctp_in_stream_use(struct xsctp_association *a, u16 sid);
u16 xsctp_in_stream_ssn(struct xsctp_association *a, u16 sid);
void xsctp_stream_receive(struct xsctp_association *a, struct sk_buff *message);
void xsctp_stream_skip(struct xsctp_association *a, u16 sid, u16 ssn);
void xsctp_streams_purge(struct xsctp_association *a);
void xsctp_stream_next(struct xsctp_association *a, u16 sid);
void xsctp_deliver(struct xsctp_association *a, struct sk_buff *message);

#endif
