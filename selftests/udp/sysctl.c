// SPDX-License-Identifier: GPL-2.0
/* Settings under net.xl4, and the counters that tools read. */
#include "xl4test.h"

FIXTURE(sysctl)
{
	int fd;
};

FIXTURE_VARIANT(sysctl)
{
	struct flavour flavour;
};

ADD_FLAVOUR(sysctl, udp_ipv4, .family = AF_INET);
ADD_FLAVOUR(sysctl, udp_ipv6, .family = AF_INET6);
ADD_FLAVOUR(sysctl, lite_ipv4, .family = AF_INET, .lite = true);
ADD_FLAVOUR(sysctl, lite_ipv6, .family = AF_INET6, .lite = true);

FIXTURE_SETUP(sysctl)
{
	ENTER_NETNS(&variant->flavour);
	if (is_kernel_udp())
		SKIP_ALL("the kernel's UDP has other settings");
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(sysctl)
{
}

static const struct {
	const char *setting;
	int option;
} buffers[] = {
	{ "net/xl4/udp_rmem_default", SO_RCVBUF },
	{ "net/xl4/udp_wmem_default", SO_SNDBUF },
};

static int setting(const char *name)
{
	char value[32];

	MUST(sysctl_read(name, value, sizeof(value)) ? 0 : -1);
	return atoi(value);
}

/* errno of an attempt to set it. */
static int attempt(const char *name, const char *value)
{
	char path[256];
	int fd, error;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = errno_of(write(fd, value, strlen(value)));
	close(fd);
	return error;
}

TEST_F(sysctl, new_sockets_take_the_default)
{
	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
		int before = get_int(self->fd, SOL_SOCKET, buffers[i].option);
		int fd;

		EXPECT_EQ(before, setting(buffers[i].setting));
		ASSERT_EQ(0, attempt(buffers[i].setting, "54321"));
		fd = dgram_open(&variant->flavour);
		EXPECT_EQ(54321, get_int(fd, SOL_SOCKET, buffers[i].option));
		EXPECT_EQ(before, get_int(self->fd, SOL_SOCKET,
					  buffers[i].option));
	}
}

TEST_F(sysctl, namespaces_have_their_own)
{
	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
		int before = setting(buffers[i].setting);

		ASSERT_EQ(0, attempt(buffers[i].setting, "54321"));
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		EXPECT_EQ(before, setting(buffers[i].setting));
	}
}

TEST_F(sysctl, nonsense_is_refused)
{
	static const char *const nonsense[] = { "-1", "0", "1", "many" };

	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
		int before = setting(buffers[i].setting);

		for (size_t k = 0; k < ARRAY_SIZE(nonsense); k++)
			EXPECT_EQ(EINVAL, attempt(buffers[i].setting,
						  nonsense[k]));
		EXPECT_EQ(before, setting(buffers[i].setting));
	}
}

TEST_F(sysctl, limit_of_all_is_the_first_namespaces)
{
	char limits[64];

	EXPECT_TRUE(sysctl_read("net/xl4/udp_mem", limits, sizeof(limits)));
	EXPECT_NE(0, attempt("net/xl4/udp_mem", limits));
}

TEST_F(sysctl, every_counter_is_there_and_zero)
{
	static const char *const names[] = {
		"InDatagrams", "NoPorts", "InErrors", "OutDatagrams",
		"RcvbufErrors", "SndbufErrors", "InCsumErrors",
		"IgnoredMulti", "MemErrors",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(0, counter(&variant->flavour, names[i]))
			TH_LOG("%s", names[i]);
	}
}

/* nstat and netstat want pairs of lines with as many words in each. */
TEST_F(sysctl, counters_stand_in_pairs_of_lines)
{
	FILE *file = fopen("/proc/self/net/xl4/snmp", "re");
	char names[2048], numbers[2048];
	int pairs = 0;

	ASSERT_NE(NULL, file);
	while (fgets(names, sizeof(names), file)) {
		int words[2] = { 0 };
		char *both[2] = { names, numbers }, *save;

		ASSERT_NE(NULL, fgets(numbers, sizeof(numbers), file));
		EXPECT_EQ(0, strncmp(names, numbers,
				     strcspn(names, ":") + 1));
		for (int i = 0; i < 2; i++)
			for (char *w = strtok_r(both[i], "\n ", &save); w;
			     w = strtok_r(NULL, "\n ", &save))
				words[i]++;
		EXPECT_EQ(words[0], words[1]);
		pairs++;
	}
	EXPECT_LE(4, pairs);
	fclose(file);
}

TEST_HARNESS_MAIN
