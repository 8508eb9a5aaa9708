// SPDX-License-Identifier: GPL-2.0
/* A thousand loads and unloads leave the kernel as it was. */
#include "module.h"
#include "memory.h"
#include "stream.h"

#include <dirent.h>

static const struct flavour flavours[] = {
	{ .family = AF_INET }, { .family = AF_INET6 },
	{ .family = AF_INET, .lite = true },
	{ .family = AF_INET6, .lite = true },
};

static const int families[] = { AF_INET, AF_INET6 };

static int cycles(void)
{
	return number_from("XL4_RELOADS", 1000);
}

/* A datagram to itself: a load that nobody uses proves little. */
static bool works(const struct flavour *f)
{
	int fd = dgram_open(f);
	char data[8];
	bool ok;

	MUST(bind_to(fd, loopback(f, 0)));
	MUST(connect_to(fd, name_of(fd)));
	ok = send(fd, "there", 5, 0) == 5 &&
	     recv(fd, data, sizeof(data), 0) == 5 && !memcmp(data, "there", 5);
	close(fd);
	return ok;
}

/* The same of TCP; it leaves TIME-WAIT behind. */
static bool tcp_works(int family)
{
	const struct flavour f = { .family = family };
	struct stream s = stream_pair(&f);
	char buffer[8];
	bool ok = send(s.here, "there", 5, 0) == 5 && recv_all(s.there, buffer, 5) &&
		  !memcmp(buffer, "there", 5);

	stream_close(&s);
	settle();
	return ok;
}

/* The first words of the lines of a file, sorted: what is registered. */
static char *names_in(const char *path)
{
	char command[256], *names = calloc(1, 1 << 16);
	FILE *pipe;

	MUST(names ? 0 : -1);
	snprintf(command, sizeof(command), "cut -d' ' -f1 %s | sort", path);
	pipe = popen(command, "re");
	MUST(pipe ? 0 : -1);
	fread(names, 1, (1 << 16) - 1, pipe);
	pclose(pipe);
	return names;
}

FIXTURE(reload)
{
	char *protocols;
};

FIXTURE_SETUP(reload)
{
	MODULES_ONLY();
	modules_out();
	self->protocols = names_in("/proc/net/protocols");
	netns_enter();
}

FIXTURE_TEARDOWN(reload)
{
	modules_in();
}

static void expect_nothing_left(struct __test_metadata *_metadata,
				FIXTURE_DATA(reload) *self)
{
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xudp]"));
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xtcp]"));
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xl4]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xUDP"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xTCP"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xl4"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4", F_OK));
	EXPECT_ERRNO(ENOENT, access("/proc/sys/net/xl4", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/module/xl4", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/module/xudp", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/module/xtcp", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/kernel/tracing/events/xl4", F_OK));
	EXPECT_ERRNO(ENOENT, access("/sys/kernel/tracing/events/xudp", F_OK));
	EXPECT_STREQ(self->protocols, names_in("/proc/net/protocols"));
	for (size_t i = 0; i < ARRAY_SIZE(flavours); i++)
		EXPECT_ERRNO(EPROTONOSUPPORT,
			     socket(flavours[i].family, SOCK_DGRAM,
				    protocol_of(&flavours[i])));
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		EXPECT_ERRNO(EPROTONOSUPPORT, socket(families[i], SOCK_STREAM, tcp_number()));
}

TEST_F(reload, shows_up_and_leaves_nothing)
{
	modules_in();
	EXPECT_TRUE(file_contains("/proc/slabinfo", "xUDP"));
	EXPECT_EQ(0, access("/proc/self/net/xl4/snmp", R_OK));
	EXPECT_EQ(0, access("/proc/sys/net/xl4", X_OK));
	for (size_t i = 0; i < ARRAY_SIZE(flavours); i++)
		EXPECT_TRUE(works(&flavours[i]));
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		EXPECT_TRUE(tcp_works(families[i]));
	modules_out();
	expect_nothing_left(_metadata, self);
}

/*
 * Loads and unloads mostly wait for RCU; a thousand of them need not take long.
 * A kernel for one CPU does not wait, and has none of these.
 */
static void hurry_rcu(void)
{
	if (access("/sys/kernel/rcu_expedited", W_OK))
		return;
	run("echo 1 >/sys/kernel/rcu_expedited");
	run("echo 0 >/sys/module/rcutree/parameters/jiffies_till_first_fqs");
}

TEST_F_TIMEOUT(reload, a_thousand_times, 800)
{
	long before = meminfo("MemFree");

	hurry_rcu();

	for (int i = 0; i < cycles(); i++) {
		ASSERT_ERRNO(0, module_load(&xl4, ""));
		ASSERT_ERRNO(0, module_load(&xudp, ""));
		ASSERT_ERRNO(0, module_load(&xtcp, ""));
		ASSERT_TRUE(works(&flavours[i % ARRAY_SIZE(flavours)]));
		ASSERT_TRUE(tcp_works(families[i % ARRAY_SIZE(families)]));
		ASSERT_ERRNO(0, module_unload(&xudp));
		ASSERT_ERRNO(0, module_unload(&xtcp));
		ASSERT_ERRNO(0, module_unload(&xl4));
	}
	expect_nothing_left(_metadata, self);
	TH_LOG("%d loads; MemFree went from %ld to %ld kB", cycles(), before,
	       meminfo("MemFree"));
}

/* Namespaces that were there at the load, or come while it is loaded. */
TEST_F(reload, with_namespaces_around)
{
	int ns[20];

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		if (i == ARRAY_SIZE(ns) / 2)
			modules_in();
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		ns[i] = netns_here();
	}
	for (size_t i = 0; i < ARRAY_SIZE(ns); i += 2) {
		netns_switch(ns[i]);
		device_up("lo");
		EXPECT_TRUE(works(&flavours[i % ARRAY_SIZE(flavours)]));
		EXPECT_TRUE(tcp_works(families[i / 2 % ARRAY_SIZE(families)]));
	}
	modules_out();
	expect_nothing_left(_metadata, self);
}

TEST_HARNESS_MAIN
