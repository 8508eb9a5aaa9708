/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was done last, in a file that outlives the machine: each deed is
 * written before it is done, over the oldest. A line begins with its number,
 * so that tr -d '\0' | sort -n makes a log of it.
 */
#ifndef FUZZ_RING_H
#define FUZZ_RING_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RING_LINES	2048
#define RING_LINE	2048

struct ring {
	int fd;			/* -1: nobody wants to know */
	unsigned long next;	/* processes may share it */
};

__attribute__((format(printf, 2, 3)))
static inline void ring_add(struct ring *r, const char *format, ...)
{
	unsigned long number = __atomic_fetch_add(&r->next, 1, __ATOMIC_RELAXED);
	char line[RING_LINE] = { 0 };
	va_list args;
	int used;

	if (r->fd < 0)
		return;
	used = sprintf(line, "%lu ", number);
	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - 1 - used, format, args);
	va_end(args);
	line[strlen(line)] = '\n';
	if (pwrite(r->fd, line, sizeof(line), number % RING_LINES * RING_LINE) < 0)
		r->fd = -1;
}

/* As much as a line has room for, in hex; to is the caller's. */
static inline const char *ring_hex(char *to, size_t room, const void *data,
				   size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < len && 2 * i + 5 < room; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
	strcpy(to + 2 * i, i < len ? "..." : "");
	return to;
}

#endif
