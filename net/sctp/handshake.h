/* SPDX-License-Identifier: GPL-2.0 */
/* How an association begins, and the cookie that remembers it meanwhile. Of sctp.h. */
#ifndef XSCTP_HANDSHAKE_H
#define XSCTP_HANDSHAKE_H

struct xsctp_cookie;

/* setup.c: the four-way handshake, RFC 9260 section 5 */
int xsctp_send_init(struct xsctp_association *a);
void xsctp_t1_expired(struct xsctp_association *a);
enum xsctp_verdict xsctp_stale_cookie(struct xsctp_association *a, const struct xsctp_tlv *cause);
/* An INIT or INIT ACK, in the making. */
struct xsctp_offer {
	u8			type;
	u32			tag;
	u32			rwnd;
	u32			tsn;
	u16			out_streams;
	u16			in_streams;
	bool			ecn;
	bool			forward_tsn;
	bool			asconf;
	u32			preservative;	/* ms; 0: none */
	const struct xsctp_vector *vector;	/* of AUTH; NULL or empty: none */
	const struct xl4_addr	*peer;
};

#define XSCTP_MAX_INIT_LEN	2048	/* of ours, with the cookie and what was not known */
u8 *xsctp_put_offer(const struct sock *sk, const struct xsctp_offer *offer, u8 *to);
void xsctp_refuse_init(const struct sock *sk, const struct xsctp_packet *packet, u32 tag,
		       u16 cause, const void *info, u16 len);
/* What is wrong with an INIT or INIT ACK: a cause, and what that says; 0: nothing is. */
u16 xsctp_init_fault(const struct xsctp_init *init, const void **info, u16 *len);
/* An INIT or INIT ACK in the words of a cookie. */
void xsctp_describe_peer(const struct sock *sk, const struct xsctp_packet *packet,
			 const struct xsctp_init *init, struct xsctp_cookie *c);
/* And these as the association's. 0 or -ENOMEM: then nothing was changed. */
int xsctp_adopt(struct xsctp_association *a, const struct xsctp_cookie *c);
/* answer.c: the server's half of it, and section 5.2 */
void xsctp_answer_init(struct sock *sk, struct xsctp_association *a, struct xsctp_packet *packet,
		       const struct xsctp_tlv *chunk);
enum xsctp_verdict xsctp_do_init_ack(struct xsctp_event *event);
void xsctp_child_ready(struct sock *listener, struct sock *child);
enum xsctp_verdict xsctp_do_cookie_echo(struct sock *sk, struct xsctp_event *event);
enum xsctp_verdict xsctp_do_cookie_ack(struct xsctp_event *event);

/*
 * cookie.c: what we give away instead of remembering, signed (5.1.3)
 *
 * "Ours" and "the peer's" are as in the association that it is to become. No holes: all of
 * it is signed.
 */
struct xsctp_cookie {
	u64		created_ns;
	u32		life_ms;
	u32		my_tag;
	u32		peer_tag;
	u32		my_tie_tag;	/* both 0: there was no association */
	u32		peer_tie_tag;
	u32		my_tsn;
	u32		peer_tsn;
	u32		peer_rwnd;
	u32		adaptation;
	u16		out_streams;	/* as agreed */
	u16		in_streams;
	__be16		local_port;
	__be16		peer_port;
	u8		flags;		/* XSCTP_COOKIE_... */
	u8		secret;		/* that it is signed with */
	u8		zero;
	u8		nr_addresses;	/* the first one is where the INIT came from */
	struct xl4_addr	address[XSCTP_MAX_ADDRESSES];
	struct xsctp_vector mine;	/* RFC 4895; both or none */
	struct xsctp_vector peer;
};

enum {
	XSCTP_COOKIE_ECN		= 0x01,
	XSCTP_COOKIE_FORWARD_TSN	= 0x02,
	XSCTP_COOKIE_ADAPTATION		= 0x04,
	XSCTP_COOKIE_IPV4		= 0x08,
	XSCTP_COOKIE_IPV6		= 0x10,
	XSCTP_COOKIE_ASCONF		= 0x20,
};

#define XSCTP_MAX_COOKIE_LEN	(16 + sizeof(struct xsctp_cookie))

void xsctp_cookie_secret_init(void);
u16 xsctp_cookie_write(const struct xl4_space *space, struct xsctp_cookie *c, u8 *to);
int xsctp_cookie_read(const struct xl4_space *space, const u8 *bytes, u32 len,
		      struct xsctp_cookie *c);
u32 xsctp_cookie_stale(const struct xsctp_cookie *c);

#endif
