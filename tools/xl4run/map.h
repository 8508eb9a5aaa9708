/* SPDX-License-Identifier: GPL-2.0 */
/* The rule of xl4run: which standard socket becomes which protocol number. */
#ifndef XL4RUN_MAP_H
#define XL4RUN_MAP_H

#include <stddef.h>

/* How scripts/xl4run tells the library: "udp=253,udplite=252". */
#define XL4RUN_MAP_ENV	"XL4RUN_MAP"

/* The standard protocols; xl4map.number[] is indexed by them. */
enum xl4map_name {
	XL4MAP_UDP,
	XL4MAP_UDPLITE,
	XL4MAP_TCP,
	XL4MAP_SCTP,
	XL4MAP_DCCP,
	XL4MAP_NAMES
};

struct xl4map {
	int number[XL4MAP_NAMES];	/* 0: leave these sockets alone */
};

/* Reads "name=number,...". Returns 0, or -1 when the text is not of that form. */
int xl4map_parse(struct xl4map *map, const char *text);

/* The protocol to pass to socket() instead of the one the program passed. */
int xl4map_to_xl4(const struct xl4map *map, int domain, int type, int protocol);

/* The protocol a program expects SO_PROTOCOL to name. */
int xl4map_to_standard(const struct xl4map *map, int protocol);

const char *xl4map_name(enum xl4map_name name);
int xl4map_type(enum xl4map_name name);

#endif
