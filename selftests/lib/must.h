/* SPDX-License-Identifier: GPL-2.0 */
/* MUST(call): a step of the set-up, not the thing under test. */
#ifndef XL4TEST_MUST_H
#define XL4TEST_MUST_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline long must(long ret, const char *call, const char *file, int line)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "# %s:%d: %s: %s\n", file, line, call, strerror(errno));
	abort();
}

#define MUST(call)	must(call, #call, __FILE__, __LINE__)

#endif
