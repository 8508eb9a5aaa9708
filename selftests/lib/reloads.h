/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module that is loaded, used and unloaded many times, and leaves nothing. A test says by
 * `reloaded' which one.
 */
#ifndef XL4TEST_RELOADS_H
#define XL4TEST_RELOADS_H

#include "module.h"

#include "connection.h"

struct reloaded {
	struct module *module;
	const char *name;	/* in procfs, without the x */
	const char *slab;
	bool (*works)(const struct flavour *f, int round);
	bool (*has_no_socket)(int family);
};

static const struct reloaded reloaded;

FIXTURE(reload)
{
};

FIXTURE_SETUP(reload)
{
	MODULES_ONLY();
	modules_in();
	netns_enter();
}

FIXTURE_TEARDOWN(reload)
{
	modules_in();
}

static void expect_no_file(struct __test_metadata *_metadata, const char *folder, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s", folder, name);
	EXPECT_ERRNO(ENOENT, access(path, F_OK));
}

static void expect_nothing_left(struct __test_metadata *_metadata)
{
	char symbols[64];

	snprintf(symbols, sizeof(symbols), "[%s]", reloaded.module->name);
	EXPECT_FALSE(file_contains("/proc/kallsyms", symbols));
	EXPECT_FALSE(file_contains("/proc/slabinfo", reloaded.slab));
	EXPECT_FALSE(file_contains("/proc/net/protocols", reloaded.slab));
	expect_no_file(_metadata, "/proc/self/net/xl4/", reloaded.name);
	expect_no_file(_metadata, "/proc/sys/net/xl4/", reloaded.name);
	expect_no_file(_metadata, "/sys/module/", reloaded.module->name);
	EXPECT_TRUE(reloaded.has_no_socket(AF_INET));
	EXPECT_TRUE(reloaded.has_no_socket(AF_INET6));
}

/* Whether two ends have heard each other: a load that nobody uses proves little. */
static inline bool have_talked(int here, int there, int listener)
{
	bool well = passes(here, there, "there") && passes(there, here, "and back");

	reset(here);
	settle();
	close(there);
	close(listener);
	return well;
}

TEST_F_TIMEOUT(reload, many_times, 300)
{
	static const struct flavour flavours[] = {
		{ .family = AF_INET }, { .family = AF_INET6 },
		{ .family = AF_INET6, .mapped = true },
	};

	for (int i = 0; i < number_from("XL4_RELOADS", 1000) / 10; i++) {
		ASSERT_TRUE(reloaded.works(&flavours[i % ARRAY_SIZE(flavours)], i));
		ASSERT_ERRNO(0, module_unload(reloaded.module));
		if (!i)
			expect_nothing_left(_metadata);
		ASSERT_ERRNO(0, module_load(reloaded.module, ""));
	}
	ASSERT_ERRNO(0, module_unload(reloaded.module));
	expect_nothing_left(_metadata);
}

#endif
