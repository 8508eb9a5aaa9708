/* SPDX-License-Identifier: GPL-2.0 */
/* An IP packet: where its parts are, and how they are made right again. */
#ifndef FUZZ_PACKET_H
#define FUZZ_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_PACKET	65535

struct packet {
	unsigned int len;
	uint8_t bytes[MAX_PACKET];
};

/* Where a protocol keeps what depends on the rest of the packet; -1: nowhere. */
struct sums {
	int number;		/* IP protocol */
	enum { SUM_INTERNET, SUM_CRC32C, SUM_DCCP } kind;	/* of DCCP: CsCov says of what */
	int checksum_at;
	int length_at;
	int coverage_at;
	int answers;		/* as a peer of TCP (1), SCTP (2) or DCCP (3) would */
};

struct layout {
	bool v6;
	bool later_fragment;	/* no transport header here */
	bool fragment;
	uint8_t protocol;
	unsigned int transport;	/* offset of its header */
	unsigned int end;
};

bool packet_layout(const struct packet *p, struct layout *l);
uint32_t packet_pseudo_sum(const struct packet *p, const struct layout *l, unsigned int len);
void packet_mend_ip(struct packet *p);
void packet_mend(struct packet *p, const struct sums *all, unsigned int n);

uint32_t sum16(uint32_t sum, const uint8_t *bytes, unsigned int len);
uint16_t sum16_fold(uint32_t sum);
uint32_t crc32c(const uint8_t *bytes, unsigned int len);

static inline uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* These return where the next goes. */
static inline uint8_t *add16(uint8_t *at, uint16_t value)
{
	put16(at, value);
	return at + 2;
}

static inline uint8_t *add32(uint8_t *at, uint32_t value)
{
	return add16(add16(at, value >> 16), value);
}

#endif
