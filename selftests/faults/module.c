// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory to load a module: it is not there, nor is anything of it. */
#include "module.h"

#include "fault.h"
#include "kmemleak.h"

FIXTURE(module)
{
};

FIXTURE_SETUP(module)
{
	FAULTS_ONLY();
	MODULES_ONLY();
	/* Each module sets up every namespace: here is one more. */
	netns_enter();
}

FIXTURE_TEARDOWN(module)
{
	modules_in();
}

/* What is only there while the module is. */
struct trace {
	const char *path;
	const char *text;	/* in that file; NULL: the file itself */
};

static const struct trace of_xl4[] = {
	{ "/proc/self/net/xl4", NULL },
	{ "/sys/module/xl4", NULL },
	{ "/proc/modules", "xl4 " },
};

static const struct trace of_xudp[] = {
	{ "/proc/self/net/xl4/udp", NULL },
	{ "/proc/self/net/xl4/udplite6", NULL },
	{ "/proc/sys/net/xl4/udp_mem", NULL },
	{ "/proc/net/protocols", "xUDP" },
	{ "/proc/slabinfo", "xUDP" },
	{ "/sys/module/xudp", NULL },
	{ "/proc/modules", "xudp " },
};

static const struct trace of_xtcp[] = {
	{ "/proc/self/net/xl4/tcp", NULL },
	{ "/proc/self/net/xl4/tcp6", NULL },
	{ "/proc/sys/net/xl4/tcp_mem", NULL },
	{ "/proc/net/protocols", "xTCP" },
	{ "/proc/slabinfo", "xTCP" },
	{ "/sys/module/xtcp", NULL },
	{ "/proc/modules", "xtcp " },
};

static bool is_there(const struct trace *t)
{
	if (t->text)
		return file_contains(t->path, t->text);
	return !access(t->path, F_OK);
}

/*
 * What the kernel asks for before the module has its say is the kernel's
 * affair; some of it ends in warnings.
 */
static struct fault_sum count_load(struct module *m, const char *parameters)
{
	struct faults faults = faults_counting();

	module_read(m);
	while (faults_next(&faults)) {
		int error;

		faults_arm(&faults);
		error = module_load(m, parameters);
		faults_disarm(&faults);
		if (!error)
			MUST(module_unload(m));
	}
	return faults.all;
}

static void sweep_load(struct __test_metadata *_metadata, struct module *m,
		       struct fault_sum first, const struct trace *traces,
		       size_t n)
{
	struct faults faults = faults_behind(m->path, first);

	while (faults_next(&faults)) {
		int error;

		faults_arm(&faults);
		error = errno_of(module_load(m, ""));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		for (size_t i = 0; i < n; i++) {
			EXPECT_EQ(!error, is_there(&traces[i])) {
				TH_LOG("way %d, point %d: %s %s", faults.way,
				       faults.point, traces[i].path,
				       traces[i].text ? : "");
			}
		}
		if (!error)
			MUST(module_unload(m));
	}
	EXPECT_ERRNO(0, module_load(m, ""));
}

/* Its own part is small, and the last. */
TEST_F_TIMEOUT(module, xl4, 600)
{
	struct fault_sum first;

	modules_out();
	first = count_load(&xl4, "");
	first.allocations -= 60;
	sweep_load(_metadata, &xl4, first, of_xl4, ARRAY_SIZE(of_xl4));
}

/* It refuses such a number first of all. */
TEST_F_TIMEOUT(module, xudp, 600)
{
	struct fault_sum first;

	modules_in();
	protocols_out();
	first = count_load(&xudp, "udp=256");
	sweep_load(_metadata, &xudp, first, of_xudp, ARRAY_SIZE(of_xudp));
	EXPECT_EQ(1, module_users(&xl4));
}

TEST_F_TIMEOUT(module, xtcp, 600)
{
	struct fault_sum first;

	modules_in();
	protocols_out();
	first = count_load(&xtcp, "tcp=256");
	sweep_load(_metadata, &xtcp, first, of_xtcp, ARRAY_SIZE(of_xtcp));
	EXPECT_EQ(1, module_users(&xl4));
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
