// SPDX-License-Identifier: GPL-2.0
// time: virtual
/*
 * No memory for a connection: the program is told, or what is lost goes again. The
 * wire is the test's (tcp_ends.h), so that what comes in is handled by its thread.
 */
#include "xl4test.h"

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"
#include "tcp_ends.h"

#define SIZE	20000

/* Retransmissions take their time; it costs nothing here. */
#define PATIENCE	6000

static char data[SIZE], got[SIZE];
static struct packet one;

FIXTURE(tcp)
{
	struct ends e;
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
	self->e = ends_begin(&variant->flavour);
	fill_pattern(data, sizeof(data), 3);
}

FIXTURE_TEARDOWN(tcp)
{
	ends_reset(&self->e);
	ends_close(&self->e);
	EXPECT_TRUE(all_given_back());
	netns_switch(self->e.wire.there);
	EXPECT_TRUE(all_given_back());
	ends_end(&self->e);
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
static bool becomes_established(struct ends *e)
{
	for (int i = 0; i < PATIENCE && e->there < 0; i++) {
		ends_move(e);
		e->there = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		usleep(10000);
	}
	return e->there >= 0;
}

/* Until so much of data has come out, and no more. */
static bool arrives(struct ends *e, size_t from, size_t len)
{
	size_t sum = 0;
	ssize_t n;

	for (int i = 0; i < PATIENCE && sum < len; i++) {
		ends_move(e);
		while ((n = recv(e->there, got + sum, len - sum, 0)) > 0)
			sum += n;
		usleep(sum < len ? 10000 : 0);
	}
	return sum == len && !memcmp(got, data + from, len);
}

/* All of data that is not sent yet. */
static bool send_rest(struct ends *e, size_t sent)
{
	ssize_t n;

	for (int i = 0; i < PATIENCE && sent < SIZE; i++) {
		n = send(e->here, data + sent, SIZE - sent, 0);
		if (n < 0 && errno != EAGAIN)
			return false;
		sent += n > 0 ? n : 0;
		ends_move(e);
		usleep(sent < SIZE ? 10000 : 0);
	}
	return sent == SIZE;
}

static bool works(struct ends *e)
{
	MUST(send(e->here, data, 100, 0) - 100);
	return arrives(e, 0, 100);
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
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		int error;

		e->here = stream_open(f);
		nonblocking(e->here);
		faults_arm(&faults);
		error = errno_of(connect_to(e->here, to));
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, error == EINPROGRESS ? 0 : error, EAGAIN);
		if (error != EINPROGRESS) {
			EXPECT_ERRNO(EINPROGRESS, connect_to(e->here, to));
		}
		ASSERT_TRUE(becomes_established(e));
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

/* Each of the three packets of the handshake. */
static void sweep_handshake(struct __test_metadata *_metadata, struct ends *e,
			    const char *what, int packet)
{
	struct faults faults = faults_in(what);
	int ends[] = { e->wire.here_end, e->wire.there_end };

	while (faults_next(&faults)) {
		int error;

		ends_asked(e);
		for (int i = 0; i < packet; i++)
			tunnel_carry(ends[i % 2], ends[!(i % 2)]);
		error = give_with_faults(&faults, ends[packet % 2], ends[!(packet % 2)]);
		EXPECT_TOLD(&faults, error);
		ASSERT_TRUE(becomes_established(e)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(tcp, syn, 3000)
{
	sweep_handshake(_metadata, &self->e, "a SYN", 0);
}

TEST_F_TIMEOUT(tcp, syn_ack, 3000)
{
	sweep_handshake(_metadata, &self->e, "a SYN,ACK", 1);
}

TEST_F_TIMEOUT(tcp, last_ack_of_three, 3000)
{
	sweep_handshake(_metadata, &self->e, "the ACK of a SYN,ACK", 2);
}

TEST_F_TIMEOUT(tcp, accept, 3000)
{
	struct faults faults = faults_in("accept()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ends_unaccepted(e);
		faults_arm(&faults);
		e->there = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(e->there), ENFILE);
		ASSERT_TRUE(becomes_established(e));
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(tcp, send, 3000)
{
	struct faults faults = faults_in("send()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ssize_t sent;

		ends_established(e);
		faults_arm(&faults);
		sent = send(e->here, data, 4000, 0);
		faults_disarm(&faults);
		/* Who does not wait for memory is told to come again. */
		EXPECT_TOLD_OR(&faults, errno_of(sent), EAGAIN);
		EXPECT_TRUE(send_rest(e, sent > 0 ? sent : 0));
		EXPECT_TRUE(arrives(e, 0, SIZE)) {
			TH_LOG("way %d, point %d, %zd sent", faults.way, faults.point, sent);
		}
		ends_hang_up(e);
	}
}

/* A segment of data in order, or behind a hole; its ACK. */
static void sweep_data(struct __test_metadata *_metadata, struct ends *e, const char *what,
		       int lost, bool ack)
{
	struct faults faults = faults_in(what);
	int here = e->wire.here_end, there = e->wire.there_end;

	while (faults_next(&faults)) {
		ends_established(e);
		MUST(send(e->here, data, 9000, 0) - 9000);
		for (int i = 0; i < lost; i++)
			ends_lose(e);
		if (ack)
			tunnel_carry(here, there);
		EXPECT_TOLD(&faults, give_with_faults(&faults, ack ? there : here,
						      ack ? here : there));
		EXPECT_TRUE(send_rest(e, 9000));
		EXPECT_TRUE(arrives(e, 0, SIZE)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(tcp, segment, 3000)
{
	sweep_data(_metadata, &self->e, "a segment", 0, false);
}

TEST_F_TIMEOUT(tcp, segment_behind_a_hole, 3000)
{
	sweep_data(_metadata, &self->e, "a segment behind a hole", 1, false);
}

TEST_F_TIMEOUT(tcp, ack, 3000)
{
	sweep_data(_metadata, &self->e, "an ACK", 0, true);
}

TEST_F_TIMEOUT(tcp, ack_of_what_was_behind_a_hole, 3000)
{
	sweep_data(_metadata, &self->e, "a duplicate ACK", 1, true);
}

/* What could not be copied is not lost. */
TEST_F_TIMEOUT(tcp, receive, 3000)
{
	struct faults faults = faults_in("recv()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ssize_t n;

		ends_established(e);
		MUST(send(e->here, data, 4000, 0) - 4000);
		ends_move(e);
		faults_arm(&faults);
		n = recv(e->there, got, sizeof(got), 0);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, errno_of(n));
		n = n > 0 ? n : 0;
		EXPECT_EQ(0, memcmp(got, data, n));
		EXPECT_TRUE(arrives(e, n, 4000 - n));
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(tcp, close, 3000)
{
	struct faults faults = faults_in("close()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		int error;

		ends_established(e);
		MUST(send(e->here, data, 9000, 0) - 9000);
		faults_arm(&faults);
		error = errno_of(close(e->here));
		faults_disarm(&faults);
		e->here = -1;
		EXPECT_EQ(0, error);
		/* All of it, and the end. */
		EXPECT_TRUE(arrives(e, 0, 9000));
		for (int i = 0; i < PATIENCE && recv(e->there, got, 1, 0); i++) {
			ends_move(e);
			usleep(10000);
		}
		EXPECT_EQ(0, recv(e->there, got, 1, 0)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

static void sweep_fin(struct __test_metadata *_metadata, struct ends *e)
{
	struct faults faults = faults_in("a FIN");

	while (faults_next(&faults)) {
		ends_fin_wait1(e);
		EXPECT_TOLD(&faults, give_with_faults(&faults, e->wire.here_end, e->wire.there_end));
		for (int i = 0; i < PATIENCE && state_of(e->here) != STATE_FIN_WAIT2; i++) {
			ends_move(e);
			usleep(10000);
		}
		EXPECT_EQ(0, recv(e->there, got, 1, 0));
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(tcp, fin, 3000)
{
	sweep_fin(_metadata, &self->e);
}

TEST_F_TIMEOUT(tcp, options, 3000)
{
	static const struct { int name, value; } options[] = {
		{ TCP_NODELAY, 1 }, { TCP_CORK, 1 }, { TCP_MAXSEG, 500 }, { TCP_KEEPIDLE, 5 },
		{ TCP_QUICKACK, 1 }, { TCP_USER_TIMEOUT, 5000 },
	};
	struct faults faults = faults_in("options");
	struct tcp_info info;

	ends_established(&self->e);
	while (faults_next(&faults)) {
		socklen_t len = sizeof(info);
		int error = 0;

		faults_arm(&faults);
		for (size_t i = 0; i < ARRAY_SIZE(options) && !error; i++)
			error = errno_of(set_int(self->e.here, SOL_TCP, options[i].name,
						 options[i].value));
		if (!error)
			error = errno_of(setsockopt(self->e.here, SOL_TCP, TCP_CONGESTION,
						    "reno", 4));
		if (!error)
			error = errno_of(getsockopt(self->e.here, SOL_TCP, TCP_INFO, &info, &len));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
	}
	set_int(self->e.here, SOL_TCP, TCP_CORK, 0);
	EXPECT_TRUE(works(&self->e));
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
