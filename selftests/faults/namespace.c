// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory for a network namespace: there is none, and none is left. */
#include "xl4test.h"

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"

/* Of all protocols: what each namespace shows of them. */
static const char *const shown[] = {
	"/proc/self/net/xl4/snmp",
	"/proc/self/net/xl4/udp",
	"/proc/self/net/xl4/udp6",
	"/proc/self/net/xl4/udplite6",
	"/proc/sys/net/xl4/udp_rmem_default",
	"/proc/self/net/xl4/tcp",
	"/proc/self/net/xl4/tcp6",
	"/proc/sys/net/xl4/tcp_rmem",
};

FIXTURE(namespace)
{
	int origin;
};

FIXTURE_SETUP(namespace)
{
	FAULTS_ONLY();
	netns_enter();
	self->origin = netns_here();
}

FIXTURE_TEARDOWN(namespace)
{
	EXPECT_TRUE(all_given_back());
}

TEST_F_TIMEOUT(namespace, unshare, 600)
{
	struct faults faults = faults_in("unshare(CLONE_NEWNET)");

	while (faults_next(&faults)) {
		int error;

		faults_arm(&faults);
		error = errno_of(unshare(CLONE_NEWNET));
		faults_disarm(&faults);
		/* Not all that the kernel does there tells of memory. */
		EXPECT_TRUE(faults.failed || !error);
		for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
			EXPECT_EQ(0, access(shown[i], R_OK));
		netns_switch(self->origin);
	}
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
