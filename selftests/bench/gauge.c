// SPDX-License-Identifier: GPL-2.0
#include "gauge.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

uint64_t read_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

uint64_t read_tsc(void)
{
	return __builtin_ia32_rdtsc();
}

static uint64_t memory_now(void)
{
	static const char * const counted[] = { "Slab:", "VmallocUsed:",
						"Percpu:" };
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long kilobytes, sum = 0;
	char line[128], name[64];
	size_t i;

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu", name, &kilobytes) != 2)
			continue;
		for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
			if (!strcmp(name, counted[i]))
				sum += kilobytes;
	}
	fclose(file);
	return sum * 1024;
}

/* RCU frees objects in portions, some time after they were given up. */
uint64_t read_memory(void)
{
	uint64_t before, now = memory_now();
	int stable = 0;

	while (stable < 5) {
		usleep(20000);
		before = now;
		now = memory_now();
		stable = now < before ? 0 : stable + 1;
	}
	return now;
}
