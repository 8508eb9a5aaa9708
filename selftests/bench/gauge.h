/* SPDX-License-Identifier: GPL-2.0 */
/* What a row's work is measured with: read before and after, then subtracted. */
#ifndef XL4_BENCH_GAUGE_H
#define XL4_BENCH_GAUGE_H

#include <stdint.h>

typedef uint64_t gauge_t(void);

gauge_t read_nanoseconds;
gauge_t read_tsc;	/* QEMU's -icount shift=0 makes a tick an instruction */
gauge_t read_memory;	/* bytes that the kernel's own objects occupy */

#endif
