// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that gather datagrams on one socket: pieces may end up in any
 * datagram, but each exactly once, and never a part of one.
 */
#include "stress.h"

#define WINDOW	64	/* pieces on the way; far below the receive buffer */

struct piece {
	uint32_t worker;
	uint32_t number;
};

FIXTURE(cork)
{
	struct stress stress;
};

FIXTURE_VARIANT(cork)
{
	struct flavour flavour;
};

ALL_FLAVOURS(cork);

static struct pair corked;
static _Atomic unsigned long sent, received;
static bool came[2][1 << 24];

FIXTURE_SETUP(cork)
{
	ENTER_NETNS(&variant->flavour);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	corked = pair_open(&variant->flavour);
	MUST(connect_to(corked.tx, corked.to));
	sent = received = 0;
	memset(came, 0, sizeof(came));
}

FIXTURE_TEARDOWN(cork)
{
	close(corked.tx);
	close(corked.rx);
	EXPECT_TRUE(all_given_back());
}

static void uncork(struct worker *w)
{
	if (set_int(corked.tx, SOL_UDP, UDP_CORK, 0))
		fail(w, "UDP_CORK: %s", strerror(errno));
}

/*
 * EINVAL: another thread has just begun a datagram on this socket. Linux's own
 * UDP may take a v4-mapped address for a real one then, and finds no route.
 */
static bool another_was_first(void)
{
	return errno == EINVAL || (is_kernel_udp() && errno == ENETUNREACH);
}

static void send_piece(struct worker *w)
{
	struct piece p = { w - w->stress->worker, w->done };
	int flags = pick(w, 4) ? MSG_MORE : 0;

	while (sent - received > WINDOW && !stopped(w)) {
		uncork(w);
		sched_yield();
	}
	if (pick(w, 8) == 0)
		set_int(corked.tx, SOL_UDP, UDP_CORK, 1);
	atomic_fetch_add(&sent, 1);
	while (send(corked.tx, &p, sizeof(p), flags) != sizeof(p)) {
		if (another_was_first())
			continue;
		fail(w, "send: %s", strerror(errno));
		break;
	}
	if (pick(w, 8) == 0)
		uncork(w);
}

/* The two CPUs' datagrams may overtake each other. */
static void check_piece(struct worker *w, const struct piece *p)
{
	if (p->worker >= ARRAY_SIZE(came) || p->number >= ARRAY_SIZE(came[0]))
		fail(w, "a piece that nobody sent");
	else if (came[p->worker][p->number])
		fail(w, "piece %u of worker %u came twice", p->number,
		     p->worker);
	else
		came[p->worker][p->number] = true;
}

static void receive_pieces(struct worker *w, int flags)
{
	struct piece pieces[8192];
	ssize_t len = recv(corked.rx, pieces, sizeof(pieces), flags);

	if (len < 0) {
		if (errno != EAGAIN)
			fail(w, "recv: %s", strerror(errno));
		return;
	}
	if (len % sizeof(struct piece))
		fail(w, "a datagram of %zd bytes has part of a piece", len);
	for (size_t i = 0; i < len / sizeof(struct piece); i++)
		check_piece(w, &pieces[i]);
	atomic_fetch_add(&received, len / sizeof(struct piece));
}

static void receive_some(struct worker *w)
{
	receive_pieces(w, MSG_DONTWAIT);
	sched_yield();
}

TEST_F_TIMEOUT(cork, each_piece_comes_once, 300)
{
	struct stress *s = &self->stress;

	add_worker(s, send_piece);
	add_worker(s, send_piece);
	add_worker(s, receive_some);
	EXPECT_ALL_WELL(s, stress_seconds(0.15));
	MUST(set_int(corked.tx, SOL_UDP, UDP_CORK, 0));
	while (received < sent && !s->failure[0] && wait_for(corked.rx, POLLIN))
		receive_pieces(&s->worker[2], 0);
	EXPECT_EQ(sent, received);
	EXPECT_STREQ("", s->failure);
}

TEST_HARNESS_MAIN
