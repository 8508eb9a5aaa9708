// SPDX-License-Identifier: GPL-2.0
/*
 * A port has one owner, however many ask at once: CPUs bind the same few ports
 * by addresses that all overlap, and whoever gets one must be alone on it.
 */
#include "stress.h"

#define FIRST_PORT	4000
#define PORTS		3

struct claims {
	_Atomic int owners[PORTS];
	_Atomic unsigned long got, refused;
};

FIXTURE(rebind)
{
	struct claims claims;
	struct stress stress;
};

FIXTURE_VARIANT(rebind)
{
	bool lite;
};

FIXTURE_VARIANT_ADD(rebind, udp) { .lite = false };
FIXTURE_VARIANT_ADD(rebind, lite) { .lite = true };

static bool want_lite;

FIXTURE_SETUP(rebind)
{
	struct flavour f = { .family = AF_INET, .lite = variant->lite };

	ENTER_NETNS(&f);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	want_lite = variant->lite;
	self->stress.shared = &self->claims;
}

FIXTURE_TEARDOWN(rebind)
{
	EXPECT_TRUE(all_given_back());
}

/* Any two of these conflict on one port. */
static union address some_address(struct worker *w, struct flavour *f, int port)
{
	switch (pick(w, 5)) {
	case 0:
		*f = (struct flavour) { AF_INET, .lite = want_lite };
		return ipv4("0.0.0.0", port);
	case 1:
		*f = (struct flavour) { AF_INET, .lite = want_lite };
		return ipv4("127.0.0.1", port);
	case 2:
		*f = (struct flavour) { AF_INET6, true, want_lite };
		return ipv6("::ffff:127.0.0.1", port);
	default:
		*f = (struct flavour) { AF_INET6, .lite = want_lite };
		return ipv6("::", port);
	}
}

/* The owner hears what it says to its port, and nobody else does. */
static void use_port(struct worker *w, const struct flavour *f, int fd,
		     int port)
{
	union address to = f->family == AF_INET ? ipv4("127.0.0.1", port)
						: ipv6("::ffff:127.0.0.1", port);
	unsigned long said[2] = { (uintptr_t)w, w->done }, heard[2];

	if (send_to(fd, said, sizeof(said), to) != sizeof(said))
		fail(w, "send: %s", strerror(errno));
	else if (recv(fd, heard, sizeof(heard), 0) != sizeof(heard))
		fail(w, "recv: %s", strerror(errno));
	else if (memcmp(said, heard, sizeof(said)))
		fail(w, "heard what another owner of port %d said", port);
}

static void take_and_leave(struct worker *w)
{
	struct claims *claims = w->stress->shared;
	int which = pick(w, PORTS), fd;
	struct flavour f;
	union address a = some_address(w, &f, FIRST_PORT + which);

	fd = dgram_open(&f);
	if (!bind_to(fd, a)) {
		if (atomic_fetch_add(&claims->owners[which], 1))
			fail(w, "port %d has two owners", FIRST_PORT + which);
		use_port(w, &f, fd, FIRST_PORT + which);
		atomic_fetch_sub(&claims->owners[which], 1);
		atomic_fetch_add(&claims->got, 1);
	} else if (errno == EADDRINUSE) {
		atomic_fetch_add(&claims->refused, 1);
	} else {
		fail(w, "bind: %s", strerror(errno));
	}
	close(fd);
}

TEST_F_TIMEOUT(rebind, a_port_has_one_owner, 300)
{
	struct stress *s = &self->stress;

	for (int i = 0; i < 4; i++)
		add_worker(s, take_and_leave);
	add_worker(s, read_proc_files);
	EXPECT_ALL_WELL(s, stress_seconds(0.25));
	EXPECT_GT(self->claims.got, 0);
	EXPECT_GT(self->claims.refused, 0);
	TH_LOG("%lu times got a port, %lu times refused", self->claims.got,
	       self->claims.refused);
}

/* Ports that the kernel chooses: never one that somebody has. */
static void take_any(struct worker *w)
{
	struct flavour f = { .family = pick(w, 2) ? AF_INET : AF_INET6,
			     .lite = want_lite };
	unsigned long said = (uintptr_t)w + w->done, heard = 0;
	union address got, to;
	int fd = dgram_open(&f);

	if (bind_to(fd, any(&f, 0))) {
		if (errno != EADDRINUSE)
			fail(w, "bind: %s", strerror(errno));
	} else {
		got = name_of(fd);
		to = loopback(&f, port_of(&got));
		if (send_to(fd, &said, sizeof(said), to) != sizeof(said) ||
		    recv(fd, &heard, sizeof(heard), 0) != sizeof(heard) ||
		    said != heard)
			fail(w, "port %d is not mine: %s", port_of(&to),
			     strerror(errno));
	}
	close(fd);
}

TEST_F_TIMEOUT(rebind, chosen_ports_are_free_ones, 300)
{
	struct stress *s = &self->stress;

	/* So few that they collide all the time. */
	sysctl_write("net/ipv4/ip_local_port_range", "5000 5005");
	for (int i = 0; i < 4; i++)
		add_worker(s, take_any);
	EXPECT_ALL_WELL(s, stress_seconds(0.25));
}

TEST_HARNESS_MAIN
