// SPDX-License-Identifier: GPL-2.0
/*
 * Associations under many hands: threads do whatever comes to their minds with the same few
 * sockets, one-to-one and one-to-many, and others carry messages over a link that loses, doubles
 * and reorders.
 */
#include "stress.h"

#include "sctp.h"

#define SLOTS		12
#define FIRST_PORT	4000
#define PORTS		3
#define BLOCK		(32 * 1024)
#define MESSAGES	12
#define STREAMS		4

static const struct flavour flavours[] = {
	{ .family = AF_INET }, { .family = AF_INET6 },
	{ .family = AF_INET6, .mapped = true },
};

struct hands {
	_Atomic int slot[SLOTS];	/* a socket plus one, 0: none */
	_Atomic unsigned long connected, accepted, peeled, bytes;
};

FIXTURE(associations)
{
	struct hands hands;
	struct stress stress;
};

FIXTURE_SETUP(associations)
{
	netns_enter();
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	signal(SIGPIPE, SIG_IGN);
	/* Those without a program end soon. */
	if (!access("/proc/sys/net/xl4/sctp/rto_min", W_OK)) {
		sysctl_write("net/xl4/sctp/rto_min", "20");
		sysctl_write("net/xl4/sctp/rto_initial", "100");
		sysctl_write("net/xl4/sctp/rto_max", "500");
	}
	self->stress.shared = &self->hands;
}

FIXTURE_TEARDOWN(associations)
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
	int type = pick(w, 2) ? SOCK_STREAM : SOCK_SEQPACKET;
	int fd = MUST(socket(f->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, sctp_number()));

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (pick(w, 3) == 0)
		bind_to(fd, loopback(f, FIRST_PORT + pick(w, PORTS)));
	place(w, fd);
}

static void connect_one(struct worker *w, int fd)
{
	struct hands *hands = w->stress->shared;
	const struct flavour *f = &flavours[pick(w, ARRAY_SIZE(flavours))];

	if (!connect_to(fd, loopback(f, FIRST_PORT + pick(w, PORTS))) || errno == EINPROGRESS)
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

/* Any of its first associations, while others use it. */
static void peel_one(struct worker *w, int fd)
{
	struct hands *hands = w->stress->shared;
	sctp_peeloff_arg_t arg = { .associd = 3 + pick(w, 20) };
	socklen_t len = sizeof(arg);

	if (getsockopt(fd, SOL_SCTP, SCTP_SOCKOPT_PEELOFF, &arg, &len) < 0)
		return;
	nonblocking(arg.sd);
	atomic_fetch_add(&hands->peeled, 1);
	place(w, arg.sd);
}

static void send_some(struct worker *w, int fd)
{
	static const uint16_t flags[] = { 0, 0, 0, SCTP_UNORDERED, SCTP_EOF, SCTP_ABORT,
					  SCTP_SENDALL, SCTP_ADDR_OVER };
	const struct flavour *f = &flavours[pick(w, ARRAY_SIZE(flavours))];
	union address to = loopback(f, FIRST_PORT + pick(w, PORTS));
	static char data[BLOCK];
	struct sending s = {
		.to = pick(w, 2) ? &to : NULL,
		.info.snd_sid = pick(w, STREAMS),
		.info.snd_flags = flags[pick(w, ARRAY_SIZE(flags))],
		.info.snd_assoc_id = pick(w, 2) ? 3 + pick(w, 20) : 0,
	};

	send_message(fd, &s, data, s.info.snd_flags == SCTP_EOF ? 0 : 1 + pick(w, BLOCK));
}

static void receive_some(struct worker *w, int fd)
{
	static _Thread_local char data[BLOCK];
	union address from;
	socklen_t len = sizeof(from);

	recvfrom(fd, data, 1 + pick(w, BLOCK), pick(w, 4) ? 0 : MSG_PEEK, &from.sa, &len);
}

static void set_something(struct worker *w, int fd)
{
	struct linger linger = { .l_onoff = pick(w, 2) };
	struct sctp_paddrparams params = {
		.spp_hbinterval = 10, .spp_flags = pick(w, 2) ? SPP_HB_ENABLE : SPP_HB_DEMAND,
	};

	switch (pick(w, 6)) {
	case 0:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		break;
	case 1:
		set_int(fd, SOL_SCTP, SCTP_NODELAY, pick(w, 2));
		break;
	case 2:
		set_int(fd, SOL_SOCKET, SO_RCVBUF, pick(w, 100000));
		break;
	case 3:
		set_int(fd, SOL_SCTP, SCTP_AUTOCLOSE, pick(w, 2));
		break;
	case 4:
		set_option(fd, SCTP_PEER_ADDR_PARAMS, &params, sizeof(params));
		break;
	default:
		subscribe(fd, SCTP_SN_TYPE_BASE + 1 + pick(w, 8), pick(w, 2));
	}
}

/* Whether it works does not matter: the kernel and all memory must survive. */
static void do_something(struct worker *w)
{
	struct hands *hands = w->stress->shared;
	int fd = atomic_load(&hands->slot[pick(w, SLOTS)]) - 1;

	switch (fd < 0 ? 0 : pick(w, 17)) {
	case 0:
		open_one(w);
		break;
	case 1: case 2:
		listen(fd, pick(w, 4));
		break;
	case 3: case 4: case 5:
		connect_one(w, fd);
		break;
	case 6: case 7:
		accept_one(w, fd);
		break;
	case 8:
		peel_one(w, fd);
		break;
	case 9: case 10: case 11:
		send_some(w, fd);
		break;
	case 12: case 13: case 14:
		receive_some(w, fd);
		break;
	case 15:
		shutdown(fd, pick(w, 3));
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

TEST_F_TIMEOUT(associations, anything_goes, 300)
{
	struct stress *s = &self->stress;

	for (int i = 0; i < 4; i++)
		add_worker(s, do_something);
	add_worker(s, read_proc_files);
	EXPECT_ALL_WELL(s, stress_seconds(0.5));
	close_all(&self->hands);
	EXPECT_GT(self->hands.connected, 0);
	EXPECT_GT(self->hands.accepted, 0);
	TH_LOG("%lu connected, %lu accepted, %lu peeled off", self->hands.connected,
	       self->hands.accepted, self->hands.peeled);
}

/* What every octet of message @n is. */
static void fill(unsigned char *block, unsigned int n)
{
	for (size_t i = 0; i < BLOCK; i++)
		block[i] = (((unsigned long)n * BLOCK + i) * 2654435761u) >> 24;
}

/* A whole message, which may come in parts; its stream, or -1. */
static int receive_whole(int fd, unsigned char *got)
{
	static _Thread_local struct message m;
	size_t sum = 0;
	ssize_t n;

	do {
		n = receive(fd, &m, 0);
		if (n <= 0 || sum + n > BLOCK)
			return -1;
		memcpy(got + sum, m.data, n);
		sum += n;
	} while (!(m.flags & MSG_EOR));
	return sum == BLOCK ? rcvinfo_of(&m).rcv_sid : -1;
}

/* Messages of a stream come in its order, each of them once, and then the end. NULL if so. */
static void *reader(void *arg)
{
	static _Thread_local unsigned char got[BLOCK], want[BLOCK];
	unsigned int next[STREAMS];
	struct one *o = arg;

	for (unsigned int i = 0; i < STREAMS; i++)
		next[i] = i;
	for (unsigned int n = 0; n < MESSAGES; n++) {
		int stream = receive_whole(o->there, got);

		if (stream < 0 || stream >= STREAMS)
			return (void *)(errno == EAGAIN ? "nothing came for long" : "no message came");
		fill(want, next[stream]);
		next[stream] += STREAMS;
		if (memcmp(got, want, BLOCK))
			return (void *)"a message is another one, or not as it was sent";
	}
	if (!recv(o->there, got, 1, 0))
		return NULL;
	return (void *)(errno == ECONNRESET ? "an ABORT came, not the end" : "no end came");
}

static void carry_data(struct worker *w)
{
	static _Thread_local unsigned char block[BLOCK];
	struct hands *hands = w->stress->shared;
	struct one o = one_pair(&flavours[pick(w, ARRAY_SIZE(flavours))]);
	bool sent = true;
	pthread_t thread;
	void *wrong;

	want_rcvinfo(o.there);
	MUST(-pthread_create(&thread, NULL, reader, &o));
	for (unsigned int n = 0; n < MESSAGES; n++) {
		struct sending s = { .info.snd_sid = n % STREAMS };

		fill(block, n);
		sent &= send_message(o.here, &s, block, BLOCK) == BLOCK;
	}
	shutdown(o.here, SHUT_WR);
	pthread_join(thread, &wrong);
	if (!sent || wrong)
		fail(w, "%s", wrong ? (char *)wrong : "a message could not be sent");
	atomic_fetch_add(&hands->bytes, MESSAGES * BLOCK);
	one_close(&o);
}

TEST_F_TIMEOUT(associations, messages_stay_whole, 300)
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
