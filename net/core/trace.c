// SPDX-License-Identifier: GPL-2.0
/* The tracepoints live here; protocols use them too. */

#include <linux/module.h>
#include <linux/skbuff.h>
#include <xl4/drop.h>

#define CREATE_TRACE_POINTS
#include <trace/events/xl4.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_bind);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_unbind);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_send);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_state);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_ack);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_queue);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_drop);

/**
 * xl4_drop() - throw a packet away, and tell who watches why
 * @number: IP protocol number
 * @skb: the packet; the caller's reference to it is gone afterwards
 * @reason: what was wrong
 *
 * Counting it is up to the caller. Any context.
 */
noinline void xl4_drop(unsigned int number, struct sk_buff *skb, enum xl4_drop_reason reason)
{
	trace_xl4_drop(number, skb, __builtin_return_address(0), reason);
	kfree_skb(skb);
}
EXPORT_SYMBOL_GPL(xl4_drop);
