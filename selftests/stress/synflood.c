// SPDX-License-Identifier: GPL-2.0
/*
 * A listener that is flooded with SYNs from addresses that never answer, and an
 * honest client that gets in every time: by a cookie when there is no room to
 * remember it.
 */
#include "flood.h"

#include "stream.h"

#define BACKLOG	64

FIXTURE(synflood)
{
	struct flood flood;
};

FIXTURE_VARIANT(synflood)
{
	struct flavour flavour;
};

ADD_FLAVOUR(synflood, ipv4, .family = AF_INET);
ADD_FLAVOUR(synflood, ipv6, .family = AF_INET6);

/* With an MSS, as most have, and any sequence number. */
static const struct opening syn = {
	.plain = { [12] = 6 << 4, 0x02, 0xff, 0xff, [20] = 2, 4, 5, 0xb4 }, .len = 24,
	.random_at = { 4 }, .sum_at = 16,
};

/* How many are half open, as procfs tells. */
static int half_open(const struct flavour *f)
{
	char path[64], line[512];
	int state, n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%stcp%s", is_kernel_tcp() ? "" : "xl4/",
		 f->family == AF_INET6 ? "6" : "");
	file = fopen(path, "re");
	MUST(file ? 0 : -1);
	while (fgets(line, sizeof(line), file))
		n += sscanf(line, "%*s %*s %*s %x", &state) == 1 && state == STATE_SYN_RECV;
	fclose(file);
	return n;
}

/* A flood costs no more than the backlog; the kernel remembers one more than we. */
FIXTURE_SETUP(synflood)
{
	self->flood = (struct flood) {
		.opening = &syn, .number = tcp_number(), .open = stream_open,
		.backlog = BACKLOG, .burst = 200, .remembered = half_open, .most = BACKLOG + 1,
	};
	flood_begin(&self->flood, &variant->flavour);
}

FIXTURE_TEARDOWN(synflood)
{
	flood_end(&self->flood);
}

TEST_F_TIMEOUT(synflood, an_honest_client_always_gets_in, 300)
{
	const struct flavour *f = &variant->flavour;
	int rounds = stress_seconds(10);

	flood_rounds(_metadata, &self->flood, rounds);
	EXPECT_LT(BACKLOG / 2, half_open(f));
	EXPECT_LE(rounds * self->flood.burst - 2 * BACKLOG, tcp_counter("SyncookiesSent"));
	/* The first may have found room. */
	EXPECT_LE(rounds - 1, tcp_counter("SyncookiesRecv"));
	EXPECT_EQ(0, tcp_counter("SyncookiesFailed"));
}

/* Who may have none is not let in, but the flood is no worse. */
TEST_F_TIMEOUT(synflood, without_cookies_it_costs_no_more, 300)
{
	const struct flavour *f = &variant->flavour;

	sysctl_write(is_kernel_tcp() ? "net/ipv4/tcp_syncookies" : "net/xl4/tcp_syncookies", "0");
	for (int i = 0; i < 10; i++)
		flood_burst(&self->flood);
	settle();
	EXPECT_GE(BACKLOG + 1, half_open(f));
	EXPECT_LT(0, half_open(f));
	EXPECT_EQ(0, tcp_counter("SyncookiesSent"));
}

TEST_HARNESS_MAIN
