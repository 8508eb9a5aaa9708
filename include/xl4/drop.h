/* SPDX-License-Identifier: GPL-2.0 */
/* Why a packet was thrown away, told to the tracepoint xl4:xl4_drop. */
#ifndef XL4_DROP_H
#define XL4_DROP_H

struct sk_buff;

#define XL4_DROP_REASONS(reason, last)					\
	reason(BAD_HEADER,	"bad header")				\
	reason(BAD_CHECKSUM,	"bad checksum")				\
	reason(COVERAGE,	"checksum covers too little")		\
	reason(NO_SOCKET,	"no socket")				\
	reason(RECEIVE_BUFFER,	"receive buffer full")			\
	reason(MEMORY_LIMIT,	"memory limit")				\
	reason(FILTER,		"socket filter")			\
	last(POLICY,		"security policy")

#define XL4_DROP_REASON_ENUM(name, text) XL4_DROP_##name,
enum xl4_drop_reason {
	XL4_DROP_REASONS(XL4_DROP_REASON_ENUM, XL4_DROP_REASON_ENUM)
};

void xl4_drop(unsigned int number, struct sk_buff *skb, enum xl4_drop_reason reason);

#endif
