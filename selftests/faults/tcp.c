// SPDX-License-Identifier: GPL-2.0
// time: virtual
/*
 * No memory for a connection: the program is told, or what is lost goes again. The
 * wire is the test's (situation.h), so that what comes in is handled by its thread.
 */
#include "xl4test.h"

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"
#include "situation.h"

#define SIZE	20000

/* Retransmissions take their time; it costs nothing here. */
#define PATIENCE	6000

static char data[SIZE], got[SIZE];
static struct packet one;

FIXTURE(tcp)
{
	struct situation s;
};

FIXTURE_VARIANT(tcp)
{
	struct flavour flavour;
};

ADD_FLAVOUR(tcp, ipv4, .family = AF_INET);
ADD_FLAVOUR(tcp, ipv6, .family = AF_INET6);

FIXTURE_SETUP(tcp)
{
	FAULTS_ONLY();
	netns_enter();
	self->s = situation_begin(&variant->flavour);
	fill_pattern(data, sizeof(data), 3);
}

FIXTURE_TEARDOWN(tcp)
{
	situation_reset(&self->s);
	EXPECT_TRUE(all_given_back());
	netns_switch(self->s.wire.there);
	EXPECT_TRUE(all_given_back());
	situation_end(&self->s);
}

/* Nothing is left of the connection, at either end. */
static void hang_up(struct situation *s)
{
	if (s->here >= 0)
		reset(s->here);
	if (s->there >= 0)
		reset(s->there);
	s->here = s->there = -1;
	situation_move(s);
}

/* The next packet from one end is given to the other. An error is the wire's. */
static int give_with_faults(struct faults *f, int from, int to)
{
	int error;

	MUST(tunnel_take_now(from, &one) - 1);
	faults_arm(f);
	error = errno_of(tunnel_give(to, &one));
	faults_disarm(f);
	return error;
}

/* Until the listener has a connection. */
static bool becomes_established(struct situation *s)
{
	for (int i = 0; i < PATIENCE && s->there < 0; i++) {
		situation_move(s);
		s->there = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		usleep(10000);
	}
	return s->there >= 0;
}

/* Until so much of data has come out, and no more. */
static bool arrives(struct situation *s, size_t from, size_t len)
{
	size_t sum = 0;
	ssize_t n;

	for (int i = 0; i < PATIENCE && sum < len; i++) {
		situation_move(s);
		while ((n = recv(s->there, got + sum, len - sum, 0)) > 0)
			sum += n;
		usleep(sum < len ? 10000 : 0);
	}
	return sum == len && !memcmp(got, data + from, len);
}

/* All of data that is not sent yet. */
static bool send_rest(struct situation *s, size_t sent)
{
	ssize_t n;

	for (int i = 0; i < PATIENCE && sent < SIZE; i++) {
		n = send(s->here, data + sent, SIZE - sent, 0);
		if (n < 0 && errno != EAGAIN)
			return false;
		sent += n > 0 ? n : 0;
		situation_move(s);
		usleep(sent < SIZE ? 10000 : 0);
	}
	return sent == SIZE;
}

static bool works(struct situation *s)
{
	MUST(send(s->here, data, 100, 0) - 100);
	return arrives(s, 0, 100);
}

TEST_F_TIMEOUT(tcp, socket, 3000)
{
	struct faults faults = faults_in("socket()");
	long sockets = holdings_now().sockets;

	while (faults_next(&faults)) {
		int fd;

		faults_arm(&faults);
		fd = socket(variant->flavour.family, SOCK_STREAM, tcp_number());
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(fd), ENFILE);
		EXPECT_EQ(sockets + (fd >= 0), holdings_now().sockets);
		if (fd >= 0)
			close(fd);
	}
}

TEST_F_TIMEOUT(tcp, bind_and_listen, 3000)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("bind() and listen()");

	while (faults_next(&faults)) {
		int fd = stream_open(f), error;

		faults_arm(&faults);
		error = errno_of(bind_to(fd, any(f, 5000)));
		if (!error)
			error = errno_of(listen(fd, 8));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		if (error)
			bind_to(fd, any(f, 5000));
		EXPECT_ERRNO(0, listen(fd, 8));
		close(fd);
	}
}

TEST_F_TIMEOUT(tcp, connect, 3000)
{
	const struct flavour *f = &variant->flavour;
	union address to = address_for(f, VETH_THERE_V4, VETH_THERE_V6, SERVER_PORT);
	struct faults faults = faults_in("connect()");
	struct situation *s = &self->s;

	while (faults_next(&faults)) {
		int error;

		s->here = stream_open(f);
		nonblocking(s->here);
		faults_arm(&faults);
		error = errno_of(connect_to(s->here, to));
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, error == EINPROGRESS ? 0 : error, EAGAIN);
		if (error != EINPROGRESS) {
			EXPECT_ERRNO(EINPROGRESS, connect_to(s->here, to));
		}
		ASSERT_TRUE(becomes_established(s));
		EXPECT_TRUE(works(s));
		hang_up(s);
	}
}

/* Each of the three packets of the handshake. */
static void sweep_handshake(struct __test_metadata *_metadata, struct situation *s,
			    const char *what, int packet)
{
	struct faults faults = faults_in(what);
	int ends[] = { s->wire.here_end, s->wire.there_end };

	while (faults_next(&faults)) {
		int error;

		situation_syn_sent(s);
		for (int i = 0; i < packet; i++)
			tunnel_carry(ends[i % 2], ends[!(i % 2)]);
		error = give_with_faults(&faults, ends[packet % 2], ends[!(packet % 2)]);
		EXPECT_TOLD(&faults, error);
		ASSERT_TRUE(becomes_established(s)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		EXPECT_TRUE(works(s));
		hang_up(s);
	}
}

TEST_F_TIMEOUT(tcp, syn, 3000)
{
	sweep_handshake(_metadata, &self->s, "a SYN", 0);
}

TEST_F_TIMEOUT(tcp, syn_ack, 3000)
{
	sweep_handshake(_metadata, &self->s, "a SYN,ACK", 1);
}

TEST_F_TIMEOUT(tcp, last_ack_of_three, 3000)
{
	sweep_handshake(_metadata, &self->s, "the ACK of a SYN,ACK", 2);
}

TEST_F_TIMEOUT(tcp, accept, 3000)
{
	struct faults faults = faults_in("accept()");
	struct situation *s = &self->s;

	while (faults_next(&faults)) {
		situation_unaccepted(s);
		faults_arm(&faults);
		s->there = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(s->there), ENFILE);
		ASSERT_TRUE(becomes_established(s));
		EXPECT_TRUE(works(s));
		hang_up(s);
	}
}

TEST_F_TIMEOUT(tcp, send, 3000)
{
	struct faults faults = faults_in("send()");
	struct situation *s = &self->s;

	while (faults_next(&faults)) {
		ssize_t sent;

		situation_established(s);
		faults_arm(&faults);
		sent = send(s->here, data, 4000, 0);
		faults_disarm(&faults);
		/* Who does not wait for memory is told to come again. */
		EXPECT_TOLD_OR(&faults, errno_of(sent), EAGAIN);
		EXPECT_TRUE(send_rest(s, sent > 0 ? sent : 0));
		EXPECT_TRUE(arrives(s, 0, SIZE)) {
			TH_LOG("way %d, point %d, %zd sent", faults.way, faults.point, sent);
		}
		hang_up(s);
	}
}

/* A segment of data in order, or behind a hole; its ACK. */
static void sweep_data(struct __test_metadata *_metadata, struct situation *s, const char *what,
		       int lost, bool ack)
{
	struct faults faults = faults_in(what);
	int here = s->wire.here_end, there = s->wire.there_end;

	while (faults_next(&faults)) {
		situation_established(s);
		MUST(send(s->here, data, 9000, 0) - 9000);
		for (int i = 0; i < lost; i++)
			situation_lose(s);
		if (ack)
			tunnel_carry(here, there);
		EXPECT_TOLD(&faults, give_with_faults(&faults, ack ? there : here,
						      ack ? here : there));
		EXPECT_TRUE(send_rest(s, 9000));
		EXPECT_TRUE(arrives(s, 0, SIZE)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		hang_up(s);
	}
}

TEST_F_TIMEOUT(tcp, segment, 3000)
{
	sweep_data(_metadata, &self->s, "a segment", 0, false);
}

TEST_F_TIMEOUT(tcp, segment_behind_a_hole, 3000)
{
	sweep_data(_metadata, &self->s, "a segment behind a hole", 1, false);
}

TEST_F_TIMEOUT(tcp, ack, 3000)
{
	sweep_data(_metadata, &self->s, "an ACK", 0, true);
}

TEST_F_TIMEOUT(tcp, ack_of_what_was_behind_a_hole, 3000)
{
	sweep_data(_metadata, &self->s, "a duplicate ACK", 1, true);
}

/* What could not be copied is not lost. */
TEST_F_TIMEOUT(tcp, receive, 3000)
{
	struct faults faults = faults_in("recv()");
	struct situation *s = &self->s;

	while (faults_next(&faults)) {
		ssize_t n;

		situation_established(s);
		MUST(send(s->here, data, 4000, 0) - 4000);
		situation_move(s);
		faults_arm(&faults);
		n = recv(s->there, got, sizeof(got), 0);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, errno_of(n));
		n = n > 0 ? n : 0;
		EXPECT_EQ(0, memcmp(got, data, n));
		EXPECT_TRUE(arrives(s, n, 4000 - n));
		hang_up(s);
	}
}

TEST_F_TIMEOUT(tcp, close, 3000)
{
	struct faults faults = faults_in("close()");
	struct situation *s = &self->s;

	while (faults_next(&faults)) {
		int error;

		situation_established(s);
		MUST(send(s->here, data, 9000, 0) - 9000);
		faults_arm(&faults);
		error = errno_of(close(s->here));
		faults_disarm(&faults);
		s->here = -1;
		EXPECT_EQ(0, error);
		/* All of it, and the end. */
		EXPECT_TRUE(arrives(s, 0, 9000));
		for (int i = 0; i < PATIENCE && recv(s->there, got, 1, 0); i++) {
			situation_move(s);
			usleep(10000);
		}
		EXPECT_EQ(0, recv(s->there, got, 1, 0)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		hang_up(s);
	}
}

static void sweep_fin(struct __test_metadata *_metadata, struct situation *s)
{
	struct faults faults = faults_in("a FIN");

	while (faults_next(&faults)) {
		situation_fin_wait1(s);
		EXPECT_TOLD(&faults, give_with_faults(&faults, s->wire.here_end, s->wire.there_end));
		for (int i = 0; i < PATIENCE && state_of(s->here) != STATE_FIN_WAIT2; i++) {
			situation_move(s);
			usleep(10000);
		}
		EXPECT_EQ(0, recv(s->there, got, 1, 0));
		hang_up(s);
	}
}

TEST_F_TIMEOUT(tcp, fin, 3000)
{
	sweep_fin(_metadata, &self->s);
}

TEST_F_TIMEOUT(tcp, options, 3000)
{
	static const struct { int name, value; } options[] = {
		{ TCP_NODELAY, 1 }, { TCP_CORK, 1 }, { TCP_MAXSEG, 500 }, { TCP_KEEPIDLE, 5 },
		{ TCP_QUICKACK, 1 }, { TCP_USER_TIMEOUT, 5000 },
	};
	struct faults faults = faults_in("options");
	struct tcp_info info;

	situation_established(&self->s);
	while (faults_next(&faults)) {
		socklen_t len = sizeof(info);
		int error = 0;

		faults_arm(&faults);
		for (size_t i = 0; i < ARRAY_SIZE(options) && !error; i++)
			error = errno_of(set_int(self->s.here, SOL_TCP, options[i].name,
						 options[i].value));
		if (!error)
			error = errno_of(setsockopt(self->s.here, SOL_TCP, TCP_CONGESTION,
						    "reno", 4));
		if (!error)
			error = errno_of(getsockopt(self->s.here, SOL_TCP, TCP_INFO, &info, &len));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
	}
	set_int(self->s.here, SOL_TCP, TCP_CORK, 0);
	EXPECT_TRUE(works(&self->s));
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
