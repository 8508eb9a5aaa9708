// SPDX-License-Identifier: GPL-2.0
/*
 * Connections under many hands: threads do whatever comes to their minds with
 * the same few sockets, and others carry data over a link that loses, doubles
 * and reorders.
 */
#include "stress.h"

#include "stream.h"

#define SLOTS		12
#define FIRST_PORT	4000
#define PORTS		3
#define BLOCK		(64 * 1024)

static const struct flavour flavours[] = {
	{ .family = AF_INET }, { .family = AF_INET6 },
	{ .family = AF_INET6, .mapped = true },
};

struct hands {
	_Atomic int slot[SLOTS];	/* a socket plus one, 0: none */
	_Atomic unsigned long connected, accepted, bytes;
};

FIXTURE(connections)
{
	struct hands hands;
	struct stress stress;
};

FIXTURE_SETUP(connections)
{
	ENTER_NETNS(&flavours[0]);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	signal(SIGPIPE, SIG_IGN);
	self->stress.shared = &self->hands;
}

FIXTURE_TEARDOWN(connections)
{
	EXPECT_TRUE(all_given_back());
}

/* Puts a socket where another may be in use, which is closed. */
static void place(struct worker *w, int fd)
{
	struct hands *hands = w->stress->shared;
	int old = atomic_exchange(&hands->slot[pick(w, SLOTS)], fd + 1);

	if (old)
		close(old - 1);
}

static void open_one(struct worker *w)
{
	const struct flavour *f = &flavours[pick(w, ARRAY_SIZE(flavours))];
	int fd = MUST(socket(f->family,
			     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     tcp_number()));

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (pick(w, 4) == 0)
		MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	if (pick(w, 3) == 0)
		bind_to(fd, loopback(f, FIRST_PORT + pick(w, PORTS)));
	place(w, fd);
}

static void connect_one(struct worker *w, int fd)
{
	struct hands *hands = w->stress->shared;
	const struct flavour *f = &flavours[pick(w, ARRAY_SIZE(flavours))];

	if (!connect_to(fd, loopback(f, FIRST_PORT + pick(w, PORTS))) ||
	    errno == EINPROGRESS)
		atomic_fetch_add(&hands->connected, 1);
}

static void accept_one(struct worker *w, int fd)
{
	struct hands *hands = w->stress->shared;
	int child = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (child < 0)
		return;
	atomic_fetch_add(&hands->accepted, 1);
	place(w, child);
}

static void disconnect_one(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(fd, &none, sizeof(none));
}

static void set_something(struct worker *w, int fd)
{
	struct linger linger = { .l_onoff = pick(w, 2) };

	switch (pick(w, 5)) {
	case 0:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		break;
	case 1:
		set_int(fd, SOL_SOCKET, SO_KEEPALIVE, pick(w, 2));
		break;
	case 2:
		set_int(fd, SOL_TCP, TCP_NODELAY, pick(w, 2));
		break;
	case 3:
		set_int(fd, SOL_TCP, TCP_CORK, pick(w, 2));
		break;
	default:
		set_int(fd, SOL_SOCKET, SO_RCVBUF, pick(w, 100000));
	}
}

/* Whether it works does not matter: the kernel and all memory must survive. */
static void do_something(struct worker *w)
{
	struct hands *hands = w->stress->shared;
	int fd = atomic_load(&hands->slot[pick(w, SLOTS)]) - 1;
	static char data[BLOCK];

	switch (fd < 0 ? 0 : pick(w, 16)) {
	case 0:
		open_one(w);
		break;
	case 1: case 2:
		listen(fd, pick(w, 4));
		break;
	case 3: case 4: case 5:
		connect_one(w, fd);
		break;
	case 6: case 7: case 8:
		accept_one(w, fd);
		break;
	case 9: case 10:
		send(fd, data, 1 + pick(w, BLOCK), pick(w, 8) ? 0 : MSG_OOB);
		break;
	case 11: case 12:
		recv(fd, data, 1 + pick(w, BLOCK), pick(w, 4) ? 0 : MSG_PEEK);
		break;
	case 13:
		shutdown(fd, pick(w, 3));
		break;
	case 14:
		disconnect_one(fd);
		break;
	default:
		set_something(w, fd);
	}
}

static void close_all(struct hands *hands)
{
	struct linger none = { .l_onoff = 1 };

	for (size_t i = 0; i < SLOTS; i++) {
		int fd = atomic_load(&hands->slot[i]) - 1;

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		close(fd);
	}
}

TEST_F_TIMEOUT(connections, anything_goes, 300)
{
	struct stress *s = &self->stress;

	for (int i = 0; i < 4; i++)
		add_worker(s, do_something);
	add_worker(s, read_proc_files);
	EXPECT_ALL_WELL(s, stress_seconds(0.5));
	close_all(&self->hands);
	EXPECT_GT(self->hands.connected, 0);
	EXPECT_GT(self->hands.accepted, 0);
	TH_LOG("%lu connected, %lu accepted", self->hands.connected,
	       self->hands.accepted);
}

/* What every octet of a stream is. */
static void fill(unsigned char *block, unsigned long from)
{
	for (size_t i = 0; i < BLOCK; i++)
		block[i] = ((from + i) * 2654435761u) >> 24;
}

static void *reader(void *arg)
{
	static _Thread_local unsigned char got[BLOCK], want[BLOCK];
	struct stream *s = arg;

	for (int n = 0; n < 4; n++) {
		fill(want, (unsigned long)n * BLOCK);
		if (!recv_all(s->there, got, BLOCK) || memcmp(got, want, BLOCK))
			return (void *)1;
	}
	return recv(s->there, got, 1, 0) ? (void *)1 : NULL;
}

static void carry_data(struct worker *w)
{
	static _Thread_local unsigned char block[BLOCK];
	struct hands *hands = w->stress->shared;
	struct stream s = stream_pair(&flavours[pick(w, ARRAY_SIZE(flavours))]);
	bool sent = true;
	pthread_t thread;
	void *wrong;

	MUST(-pthread_create(&thread, NULL, reader, &s));
	for (int n = 0; n < 4; n++) {
		fill(block, (unsigned long)n * BLOCK);
		sent &= send_all(s.here, block, BLOCK);
	}
	shutdown(s.here, SHUT_WR);
	pthread_join(thread, &wrong);
	if (!sent || wrong)
		fail(w, "a stream broke, or came out otherwise");
	atomic_fetch_add(&hands->bytes, 4 * BLOCK);
	stream_close(&s);
}

TEST_F_TIMEOUT(connections, streams_stay_whole, 300)
{
	struct stress *s = &self->stress;

	run("tc qdisc add dev lo root netem delay 1ms 1ms loss 1%% "
	    "duplicate 1%% reorder 5%%");
	for (int i = 0; i < 4; i++)
		add_worker(s, carry_data);
	EXPECT_ALL_WELL(s, stress_seconds(0.5));
	run("tc qdisc del dev lo root");
	TH_LOG("%lu bytes", self->hands.bytes);
}

TEST_HARNESS_MAIN
