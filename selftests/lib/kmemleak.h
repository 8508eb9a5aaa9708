/* SPDX-License-Identifier: GPL-2.0 */
/* What nothing points to any more and nobody has freed. */
#ifndef XL4TEST_KMEMLEAK_H
#define XL4TEST_KMEMLEAK_H

#include <fcntl.h>
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

/*
 * Prints what was found; counts what does not have that text in it, and was
 * not lost at boot.
 */
static inline int kmemleak_report(const char *except)
{
	FILE *file = fopen(KMEMLEAK, "re");
	char line[256];
	int found = 0;

	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file)) {
		printf("# %s", line);
		found += !strncmp(line, "unreferenced", 12);
		found -= strstr(line, "comm \"swapper\"") ||
			 (except && strstr(line, except));
	}
	fclose(file);
	return found;
}

/* How many objects leaked since the last call; -1 if this kernel cannot tell. */
static inline int kmemleak_count(const char *except)
{
	int found;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (access(KMEMLEAK, W_OK))
		return -1;
	sleep(KMEMLEAK_AGE_S);
	/* What changes between two scans is in use. */
	kmemleak_command("scan");
	kmemleak_command("scan");
	found = kmemleak_report(except);
	kmemleak_command("clear");
	return found;
}

/* The last words of a file of tests. */
#define TEST_THAT_NOTHING_LEAKED	TEST_THAT_NOTHING_LEAKED_BUT(NULL)

/* The first line of what the kernel itself forgets has that text in it. */
#define TEST_THAT_NOTHING_LEAKED_BUT(text)				\
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
	int found = kmemleak_count(text);				\
									\
	if (found < 0)							\
		SKIP(return, "this kernel does not look for leaks");	\
	EXPECT_EQ(0, found);						\
}

#endif
