/* SPDX-License-Identifier: GPL-2.0 */
/* Chance that can be had again: everything follows from one number. */
#ifndef FUZZ_CHANCE_H
#define FUZZ_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

/* splitmix64: near numbers give sequences that have nothing in common. */
static inline uint64_t roll(struct chance *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* 0 to n - 1; 0 also when n is 0. */
static inline uint32_t pick(struct chance *c, uint32_t n)
{
	return ((roll(c) >> 32) * n) >> 32;
}

static inline uint32_t between(struct chance *c, uint32_t low, uint32_t high)
{
	return low + pick(c, high - low + 1);
}

static inline bool one_in(struct chance *c, uint32_t n)
{
	return pick(c, n) == 0;
}

static inline void any_bytes(struct chance *c, void *to, size_t len)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < len; i++)
		bytes[i] = roll(c);
}

/* A number where mistakes are made: about a power of two. */
static inline int32_t edge(struct chance *c)
{
	uint32_t value = (1ull << pick(c, 33)) + pick(c, 5) - 2;

	return one_in(c, 4) ? -value : value;
}

#define PICK_FROM(c, array)	\
	((array)[pick(c, sizeof(array) / sizeof((array)[0]))])

#endif
