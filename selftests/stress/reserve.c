// SPDX-License-Identifier: GPL-2.0
/*
 * SO_RESERVE_MEM changes a socket's account under the socket's lock; datagrams
 * that come in are charged to it under another. It must not be granted, as both
 * at once lose count of memory for good.
 */
#include "stress.h"

#include <sys/stat.h>

#ifndef SO_RESERVE_MEM
#define SO_RESERVE_MEM	73
#endif

#define CGROUPS		"/sys/fs/cgroup"
#define RESERVE		(1 << 20)

FIXTURE(reserve)
{
	struct stress stress;
};

FIXTURE_VARIANT(reserve)
{
	struct flavour flavour;
};

ALL_FLAVOURS(reserve);

static struct pair reserving;

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Memory is reserved only for who is in a group that memory is counted for. */
static bool enter_cgroup(void)
{
	if (!write_text(CGROUPS "/cgroup.subtree_control", "+memory"))
		return false;
	if (mkdir(CGROUPS "/reserve", 0755) && errno != EEXIST)
		return false;
	return write_text(CGROUPS "/reserve/cgroup.procs", "0");
}

FIXTURE_SETUP(reserve)
{
	if (!enter_cgroup())
		SKIP_ALL("no cgroups that count memory");
	ENTER_NETNS(&variant->flavour);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	reserving = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(reserve)
{
	close(reserving.tx);
	close(reserving.rx);
	EXPECT_TRUE(all_given_back());
}

static void say_and_hear(struct worker *w)
{
	char data[2000] = { 0 };

	if (send_to(reserving.tx, data, sizeof(data), reserving.to) < 0 ||
	    recv(reserving.rx, data, sizeof(data), 0) < 0)
		fail(w, "a datagram was lost: %s", strerror(errno));
}

static void reserve_and_give_back(struct worker *w)
{
	if (set_int(reserving.rx, SOL_SOCKET, SO_RESERVE_MEM, RESERVE) &&
	    errno != EOPNOTSUPP && errno != ENOMEM)
		fail(w, "SO_RESERVE_MEM: %s", strerror(errno));
	set_int(reserving.rx, SOL_SOCKET, SO_RESERVE_MEM, 0);
}

TEST_F_TIMEOUT(reserve, account_stays_right, 300)
{
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, reserve_and_give_back);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.1));
}

TEST_HARNESS_MAIN
