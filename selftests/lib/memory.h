/* SPDX-License-Identifier: GPL-2.0 */
/* What the protocols under test hold: sockets, pages, objects of their slabs. */
#ifndef XL4TEST_MEMORY_H
#define XL4TEST_MEMORY_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "datagram.h"
#include "flavour.h"
#include "must.h"

struct holdings {
	long sockets;	/* of this namespace */
	long pages;	/* of the whole machine */
	long objects;	/* sockets of the whole machine, in slabs; 0 if unknown */
};

/* A CPU may keep so many pages to itself before it tells the others. */
#define PAGES_PER_CPU	256

static inline bool is_protocol_under_test(const char *name)
{
	if (is_kernel_udp())
		return !strncmp(name, "UDP", 3);
	return !strncmp(name, "xUDP", 4) || !strncmp(name, "xTCP", 4) ||
	       !strncmp(name, "xSCTP", 5) || !strncmp(name, "xDCCP", 5);
}

/*
 * Objects in use once empty slabs are gone; a CPU's own slab counts as full.
 * The kernel's own slabs serve the rest of the machine too.
 */
static inline long slab_objects(const char *name)
{
	char path[128];
	long objects = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", name);
	file = fopen(path, "we");
	if (!file || is_kernel_udp())
		return 0;
	fputs("1\n", file);
	fclose(file);
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", name);
	file = fopen(path, "re");
	MUST(file ? 0 : -1);
	MUST(fscanf(file, "%ld", &objects) - 1);
	fclose(file);
	return objects;
}

static inline struct holdings holdings_now(void)
{
	FILE *file = fopen("/proc/self/net/protocols", "re");
	struct holdings sum = { 0 };
	long size, sockets, pages;
	char line[256], name[64];

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %ld %ld %ld", name, &size, &sockets,
			   &pages) != 4 || !is_protocol_under_test(name))
			continue;
		sum.sockets += sockets;
		if (pages > sum.pages)	/* protocols may share one count */
			sum.pages = pages;
		sum.objects += slab_objects(name);
	}
	fclose(file);
	return sum;
}

static inline bool holds_nothing(const struct holdings *h)
{
	long kept = PAGES_PER_CPU * sysconf(_SC_NPROCESSORS_CONF);

	return !h->sockets && !h->objects && h->pages <= kept;
}

/*
 * True once all was given back, which RCU does some time after the close. Says
 * what is held when it is not.
 */
static inline bool all_given_back(void)
{
	struct holdings h;

	for (int i = 0; i < PATIENCE_S * 100; i++) {
		h = holdings_now();
		if (holds_nothing(&h))
			return true;
		usleep(10000);
	}
	fprintf(stderr, "# still held: %ld sockets, %ld pages, %ld objects\n",
		h.sockets, h.pages, h.objects);
	return false;
}

/* Kilobytes. */
static inline long meminfo(const char *field)
{
	FILE *file = fopen("/proc/meminfo", "re");
	size_t len = strlen(field);
	char line[128];
	long n = 0;

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, len) && line[len] == ':')
			n = atol(line + len + 1);
	fclose(file);
	return n;
}

/* All that the kernel has allocated and not given back. */
static inline long kilobytes_in_slabs(void)
{
	return meminfo("SUnreclaim");
}

/* KASAN does, for a while, up to a thirty-second of the machine's memory. See scripts/kernels/. */
static inline bool keeps_what_was_freed(void)
{
	const char *engine = getenv("XL4_ENGINE");
	struct utsname kernel;

	return (engine && !strcmp(engine, "uml")) ||
	       (!uname(&kernel) && strstr(kernel.release, "-smp"));
}

#endif
