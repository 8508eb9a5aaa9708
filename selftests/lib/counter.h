/* SPDX-License-Identifier: GPL-2.0 */
/* The SNMP counters of this namespace, wherever the protocol keeps them. */
#ifndef XL4TEST_COUNTER_H
#define XL4TEST_COUNTER_H

#include <stdio.h>
#include <string.h>

#include "flavour.h"
#include "must.h"
#include "netns.h"

/* A pair of lines, 'Udp: names' and 'Udp: numbers', as in /proc/net/snmp. */
static inline long counter_in_columns(const char *path, const char *prefix,
				      const char *name)
{
	char names[8192], numbers[8192];
	char *n, *v, *save_n, *save_v;
	FILE *file = fopen(path, "re");

	MUST(file ? 0 : -1);
	while (fgets(names, sizeof(names), file) &&
	       fgets(numbers, sizeof(numbers), file)) {
		n = strtok_r(names, "\n ", &save_n);
		v = strtok_r(numbers, "\n ", &save_v);
		if (!n || strcmp(n, prefix))
			continue;
		while (n && v && strcmp(n, name)) {
			n = strtok_r(NULL, "\n ", &save_n);
			v = strtok_r(NULL, "\n ", &save_v);
		}
		fclose(file);
		return n && v ? atol(v) : -1;
	}
	fclose(file);
	return -1;
}

/* One 'Udp6Name number' a line, as in /proc/net/snmp6. */
static inline long counter_in_lines(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char found[128];
	long value;

	MUST(file ? 0 : -1);
	while (fscanf(file, "%127s %ld", found, &value) == 2) {
		if (!strcmp(found, name)) {
			fclose(file);
			return value;
		}
	}
	fclose(file);
	return -1;
}

/* -1 when there is no such counter. */
static inline long counter(const struct flavour *f, const char *name)
{
	bool v6 = wire_family(f) == AF_INET6;
	char full[128];

	settle();
	if (is_kernel_udp() && v6) {
		snprintf(full, sizeof(full), "%s6%s",
			 f->lite ? "UdpLite" : "Udp", name);
		return counter_in_lines("/proc/self/net/snmp6", full);
	}
	snprintf(full, sizeof(full), "%s%s:",
		 f->lite ? "UdpLite" : "Udp", v6 ? "6" : "");
	return counter_in_columns(is_kernel_udp() ? "/proc/self/net/snmp"
						  : "/proc/self/net/xl4/snmp",
				  full, name);
}

#endif
