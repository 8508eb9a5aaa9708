/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading and unloading, by system call: insmod's and rmmod's own retries,
 * waits and messages would hide what is tested.
 */
#ifndef XL4TEST_MODULE_H
#define XL4TEST_MODULE_H

#include "xl4test.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* An image read once, so that a thousand loads do not read a file each. */
struct module {
	const char *name;
	const char *path;	/* from XL4_MODULES */
	void *image;
	size_t size;
};

static struct module xl4 = { .name = "xl4", .path = "net/core/xl4.ko" };
static struct module xudp = { .name = "xudp", .path = "net/udp/xudp.ko" };
static struct module xtcp = { .name = "xtcp", .path = "net/tcp/xtcp.ko" };
static struct module xsctp = { .name = "xsctp", .path = "net/sctp/xsctp.ko" };
static struct module xdccp = { .name = "xdccp", .path = "net/dccp/xdccp.ko" };

/* Those that need xl4. */
static struct module *const protocols[] = { &xudp, &xtcp, &xsctp, &xdccp };

/* Without what debuggers want, nine tenths of it, which every load would copy. */
static inline int module_open(const struct module *m)
{
	const char *folder = getenv("XL4_MODULES");
	char path[] = "/tmp/xl4test-XXXXXX";
	int fd = MUST(mkstemp(path));

	run("objcopy --strip-debug %s/%s %s", folder ? folder : ".", m->path,
	    path);
	close(fd);
	fd = MUST(open(path, O_RDONLY | O_CLOEXEC));
	unlink(path);
	return fd;
}

static inline void module_read(struct module *m)
{
	struct stat st;
	int fd;

	if (m->image)
		return;
	fd = module_open(m);
	MUST(fstat(fd, &st));
	m->size = st.st_size;
	m->image = mmap(NULL, m->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE,
			fd, 0);
	MUST(m->image == MAP_FAILED ? -1 : 0);
	close(fd);
}

static inline int module_load(struct module *m, const char *parameters)
{
	module_read(m);
	return syscall(SYS_init_module, m->image, m->size, parameters);
}

/* One attempt, which does not wait. */
static inline int module_unload(const struct module *m)
{
	return syscall(SYS_delete_module, m->name, O_NONBLOCK);
}

static inline bool file_contains(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	bool found = false;
	char line[4096];

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, text);
	fclose(file);
	return found;
}

static inline bool module_loaded(const struct module *m)
{
	char start[64];

	snprintf(start, sizeof(start), "%s ", m->name);
	return file_contains("/proc/modules", start);
}

static inline int module_users(const struct module *m)
{
	char path[128];
	FILE *file;
	int users;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", m->name);
	file = fopen(path, "re");
	MUST(file ? 0 : -1);
	MUST(fscanf(file, "%d", &users) - 1);
	fclose(file);
	return users;
}

static inline void module_in(struct module *m)
{
	if (!module_loaded(m))
		MUST(module_load(m, ""));
}

static inline void module_out(const struct module *m)
{
	if (module_loaded(m))
		MUST(module_unload(m));
}

/* Whatever a test before this one left, all are in with their defaults. */
static inline void modules_in(void)
{
	module_in(&xl4);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		module_in(protocols[i]);
}

static inline void protocols_out(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		module_out(protocols[i]);
}

static inline void modules_out(void)
{
	protocols_out();
	module_out(&xl4);
}

#define MODULES_ONLY() do {						\
	if (is_kernel_udp())						\
		SKIP_ALL("the kernel's UDP is no module");		\
} while (0)

#endif
