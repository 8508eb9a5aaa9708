/* SPDX-License-Identifier: GPL-2.0 */
/* What nothing points to any more and nobody has freed. */
#ifndef XL4TEST_KMEMLEAK_H
#define XL4TEST_KMEMLEAK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "must.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"

/* Younger objects may be on their way somewhere and are not reported. */
#define KMEMLEAK_AGE_S 6

static inline void kmemleak_command(const char *command)
{
	int fd = MUST(open(KMEMLEAK, O_WRONLY | O_CLOEXEC));

	MUST(write(fd, command, strlen(command)));
	close(fd);
}

/* What the kernel itself lost: at boot, or as it could not make the files of a slab. */
static inline bool kmemleak_is_the_kernels(const char *line)
{
	return strstr(line, "comm \"swapper\"") || strstr(line, "sysfs_slab_add");
}

/* Prints what was found; counts what is not the kernel's own. */
static inline int kmemleak_report(void)
{
	FILE *file = fopen(KMEMLEAK, "re");
	bool counted = false;
	char line[256];
	int found = 0;

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file)) {
		printf("# %s", line);
		if (!strncmp(line, "unreferenced", 12)) {
			counted = true;
			found++;
		} else if (counted && kmemleak_is_the_kernels(line)) {
			counted = false;
			found--;
		}
	}
	fclose(file);
	return found;
}

/* How many objects leaked since the last call; -1 if this kernel cannot tell. */
static inline int kmemleak_count(void)
{
	int found;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (access(KMEMLEAK, W_OK))
		return -1;
	sleep(KMEMLEAK_AGE_S);
	/* What changes between two scans is in use. */
	kmemleak_command("scan");
	kmemleak_command("scan");
	found = kmemleak_report();
	kmemleak_command("clear");
	return found;
}

/* The last words of a file of tests. */
#define TEST_THAT_NOTHING_LEAKED					\
FIXTURE(leaks)								\
{									\
};									\
									\
FIXTURE_SETUP(leaks)							\
{									\
}									\
									\
FIXTURE_TEARDOWN(leaks)							\
{									\
}									\
									\
TEST_F_TIMEOUT(leaks, none, 120)					\
{									\
	int found = kmemleak_count();				\
									\
	if (found < 0)							\
		SKIP(return, "this kernel does not look for leaks");	\
	EXPECT_EQ(0, found);						\
}

#endif
