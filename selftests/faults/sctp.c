// SPDX-License-Identifier: GPL-2.0
// time: virtual
/*
 * No memory for an association: the program is told, or what is lost goes again. The
 * wire is the test's (tunnel.h), so that what comes in is handled by its thread.
 */
#include "xl4test.h"

#include "sctp_ends.h"
#include "fault.h"
#include "kmemleak.h"
#include "memory.h"

#define SIZE		20000
#define MESSAGE		4000

/* Retransmissions take their time; it costs nothing here. */
#define PATIENCE	12000

static char data[SIZE], got[SIZE];
static struct packet one;

FIXTURE(sctp)
{
	struct ends e;
};

FIXTURE_VARIANT(sctp)
{
	struct flavour flavour;
};

ADD_FLAVOUR(sctp, ipv4, .family = AF_INET);
ADD_FLAVOUR(sctp, ipv6, .family = AF_INET6);

FIXTURE_SETUP(sctp)
{
	FAULTS_ONLY();
	netns_enter();
	self->e = ends_begin(&variant->flavour);
	fill_pattern(data, sizeof(data), 3);
}

FIXTURE_TEARDOWN(sctp)
{
	struct ends *e = &self->e;

	ends_hang_up(e);
	close(e->listener);
	e->listener = -1;
	EXPECT_TRUE(all_given_back());
	netns_switch(e->wire.there);
	EXPECT_TRUE(all_given_back());
	ends_end(e);
}

/* Until the listener has an association. */
static bool becomes_established(struct ends *e)
{
	for (int i = 0; i < PATIENCE && !ends_accept(e); i++) {
		ends_move(e);
		usleep(10000);
	}
	return e->there >= 0;
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

/* Until so much of data has come out, and no more. */
static bool arrives(struct ends *e, size_t from, size_t len)
{
	size_t sum = 0;
	ssize_t n;

	for (int i = 0; i < PATIENCE && sum < len; i++) {
		ends_move(e);
		while (sum < len && (n = recv(e->there, got + sum, len - sum, 0)) > 0)
			sum += n;
		usleep(sum < len ? 10000 : 0);
	}
	return sum == len && !memcmp(got, data + from, len);
}

/* All of data that is not sent yet, message by message. */
static bool send_rest(struct ends *e, size_t sent)
{
	ssize_t n;

	for (int i = 0; i < PATIENCE && sent < SIZE; i++) {
		n = send(e->here, data + sent, SIZE - sent < MESSAGE ? SIZE - sent : MESSAGE, 0);
		if (n < 0 && errno != EAGAIN)
			return false;
		sent += n > 0 ? n : 0;
		ends_move(e);
		usleep(n > 0 ? 0 : 10000);
	}
	return sent == SIZE;
}

static bool works(struct ends *e)
{
	MUST(send(e->here, data, 100, 0) - 100);
	return arrives(e, 0, 100);
}

TEST_F_TIMEOUT(sctp, socket, 3000)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	long sockets = holdings_now().sockets;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct faults faults = faults_in("socket()");

		while (faults_next(&faults)) {
			int fd;

			faults_arm(&faults);
			fd = socket(variant->flavour.family, types[i], sctp_number());
			faults_disarm(&faults);
			EXPECT_TOLD_OR(&faults, errno_of(fd), ENFILE);
			EXPECT_EQ(sockets + (fd >= 0), holdings_now().sockets);
			if (fd >= 0)
				close(fd);
		}
	}
}

TEST_F_TIMEOUT(sctp, bind_and_listen, 3000)
{
	struct faults faults = faults_in("bind() and listen()");
	union address at = ends_client(&self->e);

	while (faults_next(&faults)) {
		int fd = one_open(&variant->flavour), error;

		faults_arm(&faults);
		error = errno_of(bind_to(fd, at));
		if (!error)
			error = errno_of(listen(fd, 8));
		faults_disarm(&faults);
		/* A port that there is no memory to remember is told as one in use. */
		EXPECT_TOLD_OR(&faults, error, EADDRINUSE);
		if (error)
			bind_to(fd, at);
		EXPECT_ERRNO(0, listen(fd, 8));
		close(fd);
	}
}

TEST_F_TIMEOUT(sctp, connect, 3000)
{
	struct faults faults = faults_in("connect()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		int error;

		e->here = one_open(e->flavour);
		nonblocking(e->here);
		MUST(bind_to(e->here, ends_client(e)));
		faults_arm(&faults);
		error = errno_of(connect_to(e->here, ends_server(e)));
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, error == EINPROGRESS ? 0 : error, EAGAIN);
		if (error != EINPROGRESS) {
			EXPECT_ERRNO(EINPROGRESS, connect_to(e->here, ends_server(e)));
		}
		ASSERT_TRUE(becomes_established(e)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

/* Each of the four packets of the handshake. */
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
			TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
		}
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(sctp, init, 3000)
{
	sweep_handshake(_metadata, &self->e, "an INIT", 0);
}

TEST_F_TIMEOUT(sctp, init_ack, 3000)
{
	sweep_handshake(_metadata, &self->e, "an INIT ACK", 1);
}

TEST_F_TIMEOUT(sctp, cookie_echo, 3000)
{
	sweep_handshake(_metadata, &self->e, "a COOKIE ECHO", 2);
}

TEST_F_TIMEOUT(sctp, cookie_ack, 3000)
{
	sweep_handshake(_metadata, &self->e, "a COOKIE ACK", 3);
}

TEST_F_TIMEOUT(sctp, accept, 3000)
{
	struct faults faults = faults_in("accept()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ends_asked(e);
		ends_move(e);
		faults_arm(&faults);
		e->there = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(e->there), ENFILE);
		ASSERT_TRUE(becomes_established(e));
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

/* All of a message is taken, or nothing. */
TEST_F_TIMEOUT(sctp, send, 3000)
{
	struct faults faults = faults_in("send()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ssize_t sent;

		ends_established(e);
		faults_arm(&faults);
		sent = send(e->here, data, MESSAGE, 0);
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(sent), EAGAIN);
		EXPECT_TRUE(sent < 0 || sent == MESSAGE);
		EXPECT_TRUE(send_rest(e, sent > 0 ? sent : 0));
		EXPECT_TRUE(arrives(e, 0, SIZE)) {
			TH_LOG("way %d, point %d, %zd sent", faults.way, faults.point, sent);
		}
		ends_hang_up(e);
	}
}

/* A packet of data in order, or behind a hole; its SACK. */
static void sweep_data(struct __test_metadata *_metadata, struct ends *e, const char *what,
		       int lost, bool sack)
{
	struct faults faults = faults_in(what);
	int here = e->wire.here_end, there = e->wire.there_end;

	while (faults_next(&faults)) {
		ends_established(e);
		MUST(send(e->here, data, MESSAGE, 0) - MESSAGE);
		for (int i = 0; i < lost; i++)
			MUST(tunnel_take_now(here, &one) - 1);
		if (sack)
			tunnel_carry(here, there);
		EXPECT_TOLD(&faults, give_with_faults(&faults, sack ? there : here,
						      sack ? here : there));
		EXPECT_TRUE(send_rest(e, MESSAGE));
		EXPECT_TRUE(arrives(e, 0, SIZE)) {
			TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(sctp, data_in_order, 3000)
{
	sweep_data(_metadata, &self->e, "a DATA chunk", 0, false);
}

TEST_F_TIMEOUT(sctp, data_behind_a_hole, 3000)
{
	sweep_data(_metadata, &self->e, "a DATA chunk behind a hole", 1, false);
}

TEST_F_TIMEOUT(sctp, sack, 3000)
{
	sweep_data(_metadata, &self->e, "a SACK", 0, true);
}

TEST_F_TIMEOUT(sctp, sack_with_a_gap, 3000)
{
	sweep_data(_metadata, &self->e, "a SACK with a gap", 1, true);
}

/* What could not be copied is not lost. */
TEST_F_TIMEOUT(sctp, receive, 3000)
{
	struct faults faults = faults_in("recv()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ssize_t n;

		ends_established(e);
		MUST(send(e->here, data, MESSAGE, 0) - MESSAGE);
		ends_move(e);
		faults_arm(&faults);
		n = recv(e->there, got, sizeof(got), 0);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, errno_of(n));
		n = n > 0 ? n : 0;
		EXPECT_EQ(0, memcmp(got, data, n));
		EXPECT_TRUE(arrives(e, n, MESSAGE - n));
		ends_hang_up(e);
	}
}

static bool hears_the_end(struct ends *e)
{
	for (int i = 0; i < PATIENCE && recv(e->there, got, 1, 0); i++) {
		ends_move(e);
		usleep(10000);
	}
	return !recv(e->there, got, 1, 0);
}

TEST_F_TIMEOUT(sctp, close, 3000)
{
	struct faults faults = faults_in("close()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		int error;

		ends_established(e);
		MUST(send(e->here, data, MESSAGE, 0) - MESSAGE);
		faults_arm(&faults);
		error = errno_of(close(e->here));
		faults_disarm(&faults);
		e->here = -1;
		EXPECT_EQ(0, error);
		/* All of it, and the end. */
		EXPECT_TRUE(arrives(e, 0, MESSAGE));
		EXPECT_TRUE(hears_the_end(e)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

/* Each of the three packets of the end. */
static void sweep_end(struct __test_metadata *_metadata, struct ends *e, const char *what,
		      int packet)
{
	struct faults faults = faults_in(what);
	int ends[] = { e->wire.here_end, e->wire.there_end };

	while (faults_next(&faults)) {
		ends_established(e);
		ends_move(e);
		MUST(shutdown(e->here, SHUT_WR));
		for (int i = 0; i < packet; i++)
			tunnel_carry(ends[i % 2], ends[!(i % 2)]);
		EXPECT_TOLD(&faults, give_with_faults(&faults, ends[packet % 2],
						      ends[!(packet % 2)]));
		EXPECT_TRUE(hears_the_end(e)) {
			TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(sctp, shutdown, 3000)
{
	sweep_end(_metadata, &self->e, "a SHUTDOWN", 0);
}

TEST_F_TIMEOUT(sctp, shutdown_ack, 3000)
{
	sweep_end(_metadata, &self->e, "a SHUTDOWN ACK", 1);
}

TEST_F_TIMEOUT(sctp, shutdown_complete, 3000)
{
	sweep_end(_metadata, &self->e, "a SHUTDOWN COMPLETE", 2);
}

/* It stays where it was, or it has moved. */
TEST_F_TIMEOUT(sctp, peel_off, 3000)
{
	struct faults faults = faults_in("peeling off");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		sctp_peeloff_arg_t arg = { .associd = 3 };
		socklen_t len = sizeof(arg);
		int many, next, error;
		bool moved;

		many = many_open(e->flavour);
		MUST(bind_to(many, ends_client(e)));
		nonblocking(many);
		MUST(connect_to(many, ends_server(e)) ? 0 : -1);
		ASSERT_TRUE(becomes_established(e));
		next = MUST(dup(many));
		close(next);
		faults_arm(&faults);
		error = errno_of(getsockopt(many, SOL_SCTP, SCTP_SOCKOPT_PEELOFF, &arg, &len));
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, error, ENFILE);
		moved = !associations_of(many);
		/* Where it could not be told of its file the program has it all the same. */
		EXPECT_TRUE(moved == !error || error == EFAULT);
		e->here = moved ? next : -1;
		if (moved) {
			EXPECT_TRUE(works(e));
		}
		abort_by_linger(many);
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(sctp, options, 3000)
{
	static const struct { int name, value; } options[] = {
		{ SCTP_NODELAY, 1 }, { SCTP_RECVRCVINFO, 1 }, { SCTP_RECVNXTINFO, 1 },
		{ SCTP_FRAGMENT_INTERLEAVE, 1 }, { SCTP_MAXSEG, 500 },
	};
	struct faults faults = faults_in("options");
	struct sctp_status status;

	ends_established(&self->e);
	while (faults_next(&faults)) {
		socklen_t len = sizeof(status);
		int error = 0;

		memset(&status, 0, sizeof(status));
		faults_arm(&faults);
		for (size_t i = 0; i < ARRAY_SIZE(options) && !error; i++)
			error = errno_of(set_int(self->e.here, SOL_SCTP, options[i].name,
						 options[i].value));
		if (!error)
			error = errno_of(subscribe(self->e.here, SCTP_SENDER_DRY_EVENT, false));
		if (!error)
			error = errno_of(getsockopt(self->e.here, SOL_SCTP, SCTP_STATUS, &status,
						    &len));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
	}
	EXPECT_TRUE(works(&self->e));
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
