/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a fuzz target of a wire.c needs. wire_NAME.c includes net/NAME/wire.c
 * whole, and defines LLVMFuzzerTestOneInput(). What is parsed lies in a block
 * of just its size, so that the sanitizer sees each byte that is read too much.
 */
#ifndef FUZZ_WIRE_H
#define FUZZ_WIRE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xl4/userland.h>

/* A property of the code under test, which holds for every input. */
#define ALWAYS(condition) do {						\
	if (!(condition)) {						\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
			__LINE__, #condition);				\
		abort();						\
	}								\
} while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* The first bytes in a block of their own; to be freed. */
static inline u8 *only(const u8 *data, size_t size)
{
	u8 *bytes = malloc(size ? size : 1);

	if (size)
		memcpy(bytes, data, size);
	return bytes;
}

#endif
