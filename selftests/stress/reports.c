// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors meet sockets that connect elsewhere, read their reports, change
 * their mind about them, and close. A report is never of what was not sent.
 */
#include "stress.h"

#define CLOSED_PORT	4000	/* and the next */
#define PORTS		4
#define CALLERS		4

FIXTURE(reports)
{
	struct stress stress;
};

FIXTURE_VARIANT(reports)
{
	struct flavour flavour;
};

ALL_FLAVOURS(reports);

static struct flavour flavour;
static _Atomic int callers[CALLERS];
static _Atomic unsigned long reported;

static int open_caller(void)
{
	int fd = dgram_open(&flavour);

	ask_for_reports(fd, &flavour);
	return fd;
}

FIXTURE_SETUP(reports)
{
	flavour = variant->flavour;
	ENTER_NETNS(&flavour);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	/* The kernel would send few. */
	sysctl_write("net/ipv4/icmp_ratelimit", "0");
	sysctl_write("net/ipv6/icmp/ratelimit", "0");
	for (int i = 0; i < CALLERS; i++)
		callers[i] = open_caller();
	reported = 0;
}

FIXTURE_TEARDOWN(reports)
{
	for (int i = 0; i < CALLERS; i++)
		close(callers[i]);
	EXPECT_TRUE(all_given_back());
}

/* Another worker may close it at any time, and its number be another's then. */
static int some_caller(struct worker *w)
{
	return callers[pick(w, CALLERS)];
}

static union address closed_port(struct worker *w)
{
	return loopback(&flavour, CLOSED_PORT + pick(w, PORTS));
}

static void call(struct worker *w)
{
	int fd = some_caller(w);

	connect_to(fd, closed_port(w));
	for (int i = 0; i < 8; i++)
		send(fd, "anybody?", 8, MSG_DONTWAIT);
	if (pick(w, 4) == 0)
		disconnect(fd);
	send_to(fd, "anybody?", 8, closed_port(w));
}

static void check_report(struct worker *w, const struct message *m)
{
	bool v6 = flavour.family == AF_INET6;
	struct control c = find_control(m, v6 ? SOL_IPV6 : SOL_IP,
					v6 ? IPV6_RECVERR : IP_RECVERR);
	struct report r = { 0 };
	int port = port_of(&m->name);

	if (!c.data)
		return;
	memcpy(&r, c.data, c.len < sizeof(r) ? c.len : sizeof(r));
	if (r.error.ee_errno != ECONNREFUSED)
		fail(w, "reported: %s", strerror(r.error.ee_errno));
	if (port < CLOSED_PORT || port >= CLOSED_PORT + PORTS)
		fail(w, "reported of port %d", port);
	if (m->len != 8 || memcmp(m->data, "anybody?", 8))
		fail(w, "reported of %zu bytes that nobody sent", m->len);
	atomic_fetch_add(&reported, 1);
}

static void read_reports(struct worker *w)
{
	static __thread struct message m;
	int fd = some_caller(w);

	while (!stopped(w) && receive(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		check_report(w, &m);
	get_int(fd, SOL_SOCKET, SO_ERROR);
}

static void change_or_replace(struct worker *w)
{
	int fd = some_caller(w);

	if (pick(w, 4)) {
		set_int(fd, SOL_IP, IP_RECVERR, pick(w, 2));
		set_int(fd, SOL_IPV6, IPV6_RECVERR, pick(w, 2));
		return;
	}
	close(atomic_exchange(&callers[pick(w, CALLERS)], open_caller()));
}

TEST_F_TIMEOUT(reports, only_of_what_was_sent, 300)
{
	struct stress *s = &self->stress;

	add_worker(s, call);
	add_worker(s, call);
	add_worker(s, read_reports);
	add_worker(s, change_or_replace);
	EXPECT_ALL_WELL(s, stress_seconds(0.15));
	EXPECT_GT(reported, 0);
	TH_LOG("%lu reports", reported);
}

TEST_HARNESS_MAIN
