/* SPDX-License-Identifier: GPL-2.0 */
/* Which packets a rule is about, and how that is said in words: pure. */
#ifndef XBRIDGE_SELECTOR_H
#define XBRIDGE_SELECTOR_H

#include <xl4/addr.h>

#define XBRIDGE_DEVICE_LEN	16	/* IFNAMSIZ */

enum xbridge_protocol {
	XBRIDGE_TCP,
	XBRIDGE_UDP,
	XBRIDGE_SCTP,
	XBRIDGE_DCCP,
	XBRIDGE_UDPLITE,
	XBRIDGE_PROTOCOLS
};

enum xbridge_family {
	XBRIDGE_ANY,
	XBRIDGE_V4,
	XBRIDGE_V6,
};

/* One side of a packet: addresses that begin alike, and ports in the machine's order. */
struct xbridge_side {
	bool		prefix;		/* one was given */
	struct xl4_addr	addr;
	u8		length;		/* of the prefix, in bits of the mapped address */
	u16		first_port;
	u16		last_port;
};

struct xbridge_selector {
	enum xbridge_protocol	protocol;
	enum xbridge_family	family;
	char			device[XBRIDGE_DEVICE_LEN];	/* filled up with zeros; "": any */
	struct xbridge_side	local;
	struct xbridge_side	remote;
};

extern const char *const xbridge_names[XBRIDGE_PROTOCOLS];

int xbridge_selector_parse(char *words, struct xbridge_selector *selector);
bool xbridge_side_has(const struct xbridge_side *side, const struct xl4_addr *addr, __be16 port);

#endif
