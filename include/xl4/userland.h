/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure files (wire parsing, conflict rules) need when they are
 * compiled for userland, to be unit tested and fuzzed at native speed.
 */
#ifndef XL4_USERLAND_H
#define XL4_USERLAND_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define EXPORT_SYMBOL_GPL(name)

#endif
