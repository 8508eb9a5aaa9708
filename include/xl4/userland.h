/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure files (wire parsing, conflict rules, congestion control) need
 * when they are compiled for userland, to be unit tested and fuzzed at native
 * speed.
 */
#ifndef XL4_USERLAND_H
#define XL4_USERLAND_H

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t s32;
typedef int64_t s64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U32_MAX		UINT32_MAX

#define min(a, b) ({ __auto_type _a = (a); __auto_type _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ __auto_type _a = (a); __auto_type _b = (b); _a > _b ? _a : _b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define min3(a, b, c)		min(min(a, b), c)
#define clamp(value, low, high)	min(max(value, low), high)
#define clamp_t(type, value, low, high)	clamp((type)(value), (type)(low), (type)(high))

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif
#define sizeof_field(type, field)	sizeof(((type *)NULL)->field)

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

/* The lowest bit that is set; one is. */
static inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

#define __always_unused	__attribute_maybe_unused__
#define THIS_MODULE		NULL
#define EXPORT_SYMBOL_GPL(name)

#endif
