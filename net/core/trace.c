// SPDX-License-Identifier: GPL-2.0
/* The tracepoints live here; protocols use them too. */

#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include <xl4/trace.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_bind);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_unbind);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_send);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_queue);
EXPORT_TRACEPOINT_SYMBOL_GPL(xl4_drop);
