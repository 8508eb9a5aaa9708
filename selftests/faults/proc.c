// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory to read or write a file of xl4's: an error, or less of it. */
#include "xl4test.h"

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"

#define SOCKETS 200

static const char *const readable[] = {
	"/proc/self/net/xl4/snmp",
	"/proc/self/net/xl4/udp",
	"/proc/self/net/xl4/udp6",
	"/proc/self/net/xl4/tcp",
	"/proc/self/net/protocols",
	"/proc/sys/net/xl4/tcp_congestion_control",
	"/proc/sys/net/xl4/tcp_available_congestion_control",
	"/proc/sys/net/xl4/udp_mem",
	"/proc/sys/net/xl4/udp_rmem_default",
};

FIXTURE(proc)
{
	int fd[SOCKETS];
};

/* The tables are longer than a page. */
FIXTURE_SETUP(proc)
{
	const struct flavour f = { .family = AF_INET };

	FAULTS_ONLY();
	netns_enter();
	for (int i = 0; i < SOCKETS; i++)
		self->fd[i] = dgram_bound(&f, loopback(&f, 0));
}

FIXTURE_TEARDOWN(proc)
{
	for (int i = 0; i < SOCKETS; i++)
		close(self->fd[i]);
	EXPECT_TRUE(all_given_back());
}

/* Reads all; returns how much, or -1. */
static long read_file(const char *path)
{
	static char buffer[65536];
	long sum = 0, len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
		sum += len;
	len = len < 0 ? errno : 0;
	close(fd);
	errno = len;
	return len ? -1 : sum;
}

TEST_F_TIMEOUT(proc, read, 240)
{
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		struct faults faults = faults_in(readable[i]);
		long whole = read_file(readable[i]);

		while (faults_next(&faults)) {
			long len;

			faults_arm(&faults);
			len = read_file(readable[i]);
			faults_disarm(&faults);
			EXPECT_TOLD(&faults, errno_of(len));
			EXPECT_TRUE(len < 0 || len == whole) {
				TH_LOG("%s: %ld of %ld bytes", readable[i], len,
				       whole);
			}
		}
	}
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

TEST_F_TIMEOUT(proc, write_a_setting, 120)
{
	struct faults faults = faults_in("writing udp_rmem_default");
	const char *path = "/proc/sys/net/xl4/udp_rmem_default";
	char before[32], after[32];
	int error;

	while (faults_next(&faults)) {
		EXPECT_EQ(0, write_file(path, "100000"));
		MUST(sysctl_read("net/xl4/udp_rmem_default", before,
				 sizeof(before)) - 1);
		faults_arm(&faults);
		error = write_file(path, "200000");
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		MUST(sysctl_read("net/xl4/udp_rmem_default", after,
				 sizeof(after)) - 1);
		EXPECT_STREQ(error ? before : "200000\n", after);
	}
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
