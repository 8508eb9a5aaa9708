/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzzer of the live modules works in rounds. Each is a process of its own
 * that begins with nothing but a number, the seed, so that its round can be
 * had again: XL4_FUZZ_SEED=number begins with that one.
 */
#ifndef FUZZ_ROUNDS_H
#define FUZZ_ROUNDS_H

#include <stdint.h>

#include "ring.h"

/* What all rounds add up, and the log; all processes share it. */
struct shared {
	struct ring ring;
	unsigned long packets, refused, heard, calls;
	char failure[256];	/* the first; empty when all is well */
};

typedef void round_t(uint64_t seed, struct shared *shared);

/* In this namespace: who is left alone when a round is over gives up soon. */
void peers_do_not_stay(void);

int rounds_main(const char *name, round_t *round);

__attribute__((format(printf, 2, 3)))
void round_failed(struct shared *shared, const char *format, ...);

#endif
