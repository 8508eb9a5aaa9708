/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCTP's packets: pure, bytes in and plain structs out, and back (RFC 9260 section 3).
 *
 * A packet is a header and chunks; a chunk is a header, a fixed part and, for some,
 * parameters; an ERROR or ABORT has causes instead. Chunks, parameters and causes are
 * alike: type, length, value, padding to four octets. So one struct and one iterator, the
 * TLV, serve all three.
 */
#ifndef XSCTP_WIRE_H
#define XSCTP_WIRE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif
#include <xl4/addr.h>

#define XSCTP_HEADER_LEN	12	/* ports, verification tag, CRC32c */
#define XSCTP_TLV_LEN		4
#define XSCTP_DATA_LEN		16	/* header of a DATA chunk */
#define XSCTP_INIT_LEN		20	/* header and fixed part of an INIT or INIT ACK */
#define XSCTP_SACK_LEN		16	/* without gap blocks and duplicates */
#define XSCTP_MAX_CHUNK_LEN	65535
#define XSCTP_PAD(len)		(((len) + 3) & ~3u)

/* Chunk types: RFC 9260 section 3.2, RFC 4895, 5061, 3758. */
enum {
	XSCTP_DATA		= 0,
	XSCTP_INIT		= 1,
	XSCTP_INIT_ACK		= 2,
	XSCTP_SACK		= 3,
	XSCTP_HEARTBEAT		= 4,
	XSCTP_HEARTBEAT_ACK	= 5,
	XSCTP_ABORT		= 6,
	XSCTP_SHUTDOWN		= 7,
	XSCTP_SHUTDOWN_ACK	= 8,
	XSCTP_ERROR		= 9,
	XSCTP_COOKIE_ECHO	= 10,
	XSCTP_COOKIE_ACK	= 11,
	XSCTP_ECNE		= 12,
	XSCTP_CWR		= 13,
	XSCTP_SHUTDOWN_COMPLETE	= 14,
	XSCTP_AUTH		= 0x0f,
	XSCTP_ASCONF_ACK	= 0x80,
	XSCTP_FORWARD_TSN	= 0xc0,
	XSCTP_ASCONF		= 0xc1,
};

/* What the two high bits of an unknown chunk's type ask for, and of a parameter's (3.2). */
enum {
	XSCTP_UNKNOWN_SKIP	= 0x80,	/* go on with the next; else stop and drop the packet */
	XSCTP_UNKNOWN_REPORT	= 0x40,
};

/* Chunk flags */
enum {
	XSCTP_DATA_END		= 0x01,
	XSCTP_DATA_BEGIN	= 0x02,
	XSCTP_DATA_UNORDERED	= 0x04,
	XSCTP_DATA_IMMEDIATE	= 0x08,	/* RFC 7053 */
	XSCTP_TAG_REFLECTED	= 0x01,	/* the T bit of ABORT and SHUTDOWN COMPLETE */
};

/* Parameter types: RFC 9260 section 3.3.2, RFC 3758, 4895, 5061. */
enum {
	XSCTP_PARAM_HEARTBEAT	= 1,
	XSCTP_PARAM_IPV4	= 5,
	XSCTP_PARAM_IPV6	= 6,
	XSCTP_PARAM_COOKIE	= 7,
	XSCTP_PARAM_UNRECOGNIZED = 8,
	XSCTP_PARAM_PRESERVATIVE = 9,
	XSCTP_PARAM_HOSTNAME	= 11,
	XSCTP_PARAM_FAMILIES	= 12,
	XSCTP_PARAM_ECN		= 0x8000,
	XSCTP_PARAM_RANDOM	= 0x8002,
	XSCTP_PARAM_CHUNKS	= 0x8003,
	XSCTP_PARAM_HMACS	= 0x8004,
	XSCTP_PARAM_EXTENSIONS	= 0x8008,
	XSCTP_PARAM_FORWARD_TSN	= 0xc000,
	XSCTP_PARAM_ADD_ADDRESS	= 0xc001,
	XSCTP_PARAM_DEL_ADDRESS	= 0xc002,
	XSCTP_PARAM_ERROR_CAUSE	= 0xc003,
	XSCTP_PARAM_SET_PRIMARY	= 0xc004,
	XSCTP_PARAM_SUCCESS	= 0xc005,
	XSCTP_PARAM_ADAPTATION	= 0xc006,
};

/* Error causes: RFC 9260 section 3.3.10. */
enum {
	XSCTP_CAUSE_STREAM		= 1,
	XSCTP_CAUSE_MISSING		= 2,
	XSCTP_CAUSE_STALE_COOKIE	= 3,
	XSCTP_CAUSE_RESOURCES		= 4,
	XSCTP_CAUSE_UNRESOLVABLE	= 5,
	XSCTP_CAUSE_UNKNOWN_CHUNK	= 6,
	XSCTP_CAUSE_INVALID_PARAM	= 7,
	XSCTP_CAUSE_UNKNOWN_PARAM	= 8,
	XSCTP_CAUSE_NO_DATA		= 9,
	XSCTP_CAUSE_COOKIE_SHUTDOWN	= 10,
	XSCTP_CAUSE_RESTART		= 11,
	XSCTP_CAUSE_USER_ABORT		= 12,
	XSCTP_CAUSE_PROTOCOL		= 13,
	/* RFC 5061 section 4.3 */
	XSCTP_CAUSE_LAST_ADDRESS	= 0xa0,
	XSCTP_CAUSE_SHORTAGE		= 0xa1,
	XSCTP_CAUSE_SOURCE_ADDRESS	= 0xa2,
	XSCTP_CAUSE_ILLEGAL_ASCONF_ACK	= 0xa3,
	XSCTP_CAUSE_NO_AUTHORIZATION	= 0xa4,
	/* RFC 4895 section 4 */
	XSCTP_CAUSE_UNSUPPORTED_HMAC	= 0x105,
};

struct xsctp_header {
	__be16	source;
	__be16	dest;
	u32	tag;
};

/* A chunk, a parameter or a cause, as it lies in a buffer. */
struct xsctp_tlv {
	u16		type;		/* of a chunk, its octet */
	u8		flags;		/* of a chunk */
	u16		length;		/* with its header, without padding; 4 or more */
	const u8	*bytes;		/* of the header */
};

/* What is left to walk over. */
struct xsctp_walk {
	const u8	*bytes;
	u32		left;
};

struct xsctp_data_header {
	u32	tsn;
	u16	sid;
	u16	ssn;
	u32	ppid;		/* as the program gave it: in its own byte order */
	u8	flags;		/* XSCTP_DATA_... */
};

struct xsctp_sack {
	u32		cum_tsn;
	u32		rwnd;
	u16		nr_gaps;
	u16		nr_dups;
	const u8	*gaps;		/* each a start and an end, relative to cum_tsn */
	const u8	*dups;
};

#define XSCTP_MAX_ADDRESSES	16	/* that we take from one INIT, or announce */
#define XSCTP_MAX_UNKNOWN	8	/* parameters that we report */

/* INIT or INIT ACK */
struct xsctp_init {
	u32		tag;
	u32		rwnd;
	u16		out_streams;
	u16		in_streams;
	u32		tsn;
	unsigned int	nr_addresses;
	struct xl4_addr	address[XSCTP_MAX_ADDRESSES];
	bool		ipv4;		/* it can be spoken to by these; both if it does not say */
	bool		ipv6;
	bool		ecn;
	bool		forward_tsn;
	bool		asconf;
	bool		auth;
	bool		has_adaptation;
	u32		adaptation;
	u32		preservative;	/* ms asked for; 0: none */
	struct xsctp_tlv cookie;	/* bytes NULL: none; else the whole parameter */
	struct xsctp_tlv random;	/* RFC 4895; bytes NULL: none */
	struct xsctp_tlv chunks;
	struct xsctp_tlv hmacs;
	struct xsctp_tlv hostname;	/* an address that we cannot use: RFC 9260 3.3.2.4 */
	unsigned int	nr_unknown;
	struct xsctp_tlv unknown[XSCTP_MAX_UNKNOWN];	/* to be reported */
};

/* RFC 4895 */
#define XSCTP_AUTH_LEN		8	/* header, key and HMAC identifiers */
#define XSCTP_RANDOM_LEN	32	/* that RANDOM has to have (6.1) */
#define XSCTP_MAX_MAC		32
#define XSCTP_MAX_HMACS		8	/* identifiers that a peer may list */
#define XSCTP_MAX_VECTOR	(3 * XSCTP_TLV_LEN + XSCTP_RANDOM_LEN + 256 + 2 * XSCTP_MAX_HMACS)

enum {
	XSCTP_HMAC_SHA1		= 1,
	XSCTP_HMAC_SHA256	= 3,
};

/* A key vector: RANDOM, CHUNKS if there is one and HMAC-ALGO, without padding (6.1). */
struct xsctp_vector {
	u16		len;		/* 0: no AUTH */
	u8		bytes[XSCTP_MAX_VECTOR];
};

struct xsctp_auth_chunk {
	u16		key;
	u16		hmac;
	u16		mac_len;
	const u8	*mac;
};

/* RFC 5061 section 4.1: behind the serial number there is an address, then requests. */
#define XSCTP_ASCONF_LEN	8	/* header and serial number */
#define XSCTP_REQUEST_LEN	8	/* of a request or its answer: header and correlation id */

struct xsctp_asconf_head {
	u32			serial;
	struct xl4_addr		addr;	/* of an ASCONF: the association may be found by it */
	struct xsctp_walk	requests;	/* or, of an ASCONF ACK, the answers */
};

struct xsctp_request {
	struct xsctp_tlv	param;
	u32			id;	/* correlation */
	bool			has_addr;
	struct xl4_addr		addr;	/* 0.0.0.0 and :: may stand for the packet's source */
};

/* All return 0, or -EINVAL for bytes that are not what they should be. */
int xsctp_parse_header(const u8 *bytes, u32 len, struct xsctp_header *h);
void xsctp_write_header(u8 *bytes, const struct xsctp_header *h);

/* 1: *tlv is the next; 0: no more; -EINVAL: its length is wrong. */
int xsctp_next_chunk(struct xsctp_walk *walk, struct xsctp_tlv *chunk);
int xsctp_next_param(struct xsctp_walk *walk, struct xsctp_tlv *param);
void xsctp_walk_params(const struct xsctp_tlv *chunk, u32 fixed, struct xsctp_walk *walk);

int xsctp_parse_data(const struct xsctp_tlv *chunk, struct xsctp_data_header *d);
void xsctp_write_data(u8 *bytes, const struct xsctp_data_header *d, u16 length);
int xsctp_parse_sack(const struct xsctp_tlv *chunk, struct xsctp_sack *sack);
void xsctp_sack_gap(const struct xsctp_sack *sack, unsigned int i, u16 *start, u16 *end);
u32 xsctp_sack_dup(const struct xsctp_sack *sack, unsigned int i);
int xsctp_parse_init(const struct xsctp_tlv *chunk, struct xsctp_init *init);
int xsctp_parse_address(const struct xsctp_tlv *param, struct xl4_addr *addr);
int xsctp_parse_u32(const struct xsctp_tlv *chunk, u32 *value);
int xsctp_parse_auth(const struct xsctp_tlv *chunk, struct xsctp_auth_chunk *auth);
int xsctp_vector_of(const struct xsctp_init *init, struct xsctp_vector *vector);
int xsctp_vector_part(const struct xsctp_vector *vector, u16 type, struct xsctp_tlv *part);
int xsctp_parse_asconf(const struct xsctp_tlv *chunk, struct xsctp_asconf_head *head);
/* 1: *request is the next; 0: no more; -EINVAL. */
int xsctp_next_request(struct xsctp_walk *walk, struct xsctp_request *request);

/* Writers append to a buffer that is large enough by the caller's care; they pad with zeros. */
u8 *xsctp_put_tlv(u8 *to, u16 type, const void *value, u16 len);
u8 *xsctp_put_chunk(u8 *to, u8 type, u8 flags, u16 length);
u8 *xsctp_put_u16(u8 *to, u16 value);
u8 *xsctp_put_u32(u8 *to, u32 value);
u8 *xsctp_put_address(u8 *to, const struct xl4_addr *addr);
u8 *xsctp_put_auth(u8 *to, u16 key, u16 hmac, u16 mac_len);
u8 *xsctp_put_vector(u8 *to, const struct xsctp_vector *vector, u8 *padding);
void xsctp_vector_add(struct xsctp_vector *vector, u16 type, const void *value, u16 len);
u8 *xsctp_put_request(u8 *to, u16 type, u32 id, const struct xl4_addr *addr);
u8 *xsctp_put_refusal(u8 *to, u32 id, u16 cause, const struct xsctp_tlv *request);
u16 xsctp_get_u16(const u8 *from);
u32 xsctp_get_u32(const u8 *from);

#endif
