// SPDX-License-Identifier: GPL-2.0
// time: virtual
/*
 * No memory for a connection of DCCP: the program is told, or a packet is lost, as packets are. The
 * wire is the test's (tunnel.h), so that what comes in is handled by its thread.
 */
#include "xl4test.h"

#include "dccp_ends.h"
#include "fault.h"
#include "kmemleak.h"
#include "memory.h"

#define SIZE		1000

/* Retransmissions take their time; it costs nothing here. */
#define PATIENCE	12000

static char data[SIZE], got[2 * SIZE];
static struct packet one;

FIXTURE(starved)
{
	struct ends e;
};

FIXTURE_VARIANT(starved)
{
	struct flavour flavour;
	uint8_t ccid;
};

FIXTURE_VARIANT_ADD(starved, ccid2_ipv4) { .flavour = { .family = AF_INET }, .ccid = 2 };
FIXTURE_VARIANT_ADD(starved, ccid3_ipv6) { .flavour = { .family = AF_INET6 }, .ccid = 3 };

FIXTURE_SETUP(starved)
{
	FAULTS_ONLY();
	netns_enter();
	self->e = ends_begin(&variant->flavour, variant->ccid);
	self->e.client_port = 0;
	fill_pattern(data, sizeof(data), 3);
}

FIXTURE_TEARDOWN(starved)
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

/* Until the listener has a connection, or the client is told that there is none. */
static bool becomes_open(struct ends *e)
{
	for (int i = 0; i < PATIENCE && !ends_accept(e); i++) {
		ends_move(e);
		if (events_of(e->here) & POLLERR)
			break;
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

/* What comes is whole, or there is nothing. */
static bool takes_whole(int fd)
{
	ssize_t n = recv(fd, got, sizeof(got), 0);

	if (n < 0)
		return errno == EAGAIN;
	return n == SIZE && !memcmp(got, data, SIZE);
}

/* Packets go through, at the latest when the CCID has come to know of those that were lost. */
static bool passes_on(struct ends *e, int from, int to)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (send(from, data, SIZE, 0) < 0 && errno != EAGAIN)
			return false;
		ends_move(e);
		if (recv(to, got, sizeof(got), 0) == SIZE)
			return !memcmp(got, data, SIZE);
		usleep(10000);
	}
	return false;
}

static bool works(struct ends *e)
{
	return passes_on(e, e->here, e->there) && passes_on(e, e->there, e->here);
}

TEST_F_TIMEOUT(starved, socket, 3000)
{
	struct faults faults = faults_in("socket()");
	long sockets = holdings_now().sockets;

	while (faults_next(&faults)) {
		int fd;

		faults_arm(&faults);
		fd = socket(variant->flavour.family, SOCK_DCCP, dccp_number());
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(fd), ENFILE);
		EXPECT_EQ(sockets + (fd >= 0), holdings_now().sockets);
		if (fd >= 0)
			close(fd);
	}
}

TEST_F_TIMEOUT(starved, bind_and_listen, 3000)
{
	struct faults faults = faults_in("bind() and listen()");
	union address at = ends_client(&self->e);

	while (faults_next(&faults)) {
		int fd = dccp_open(&variant->flavour), error;

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

TEST_F_TIMEOUT(starved, connect, 3000)
{
	struct faults faults = faults_in("connect()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		int error;

		e->here = ends_socket(e, ends_client(e));
		faults_arm(&faults);
		error = errno_of(connect_to(e->here, ends_server(e)));
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, error == EINPROGRESS ? 0 : error, EAGAIN);
		if (error != EINPROGRESS) {
			EXPECT_ERRNO(EINPROGRESS, connect_to(e->here, ends_server(e)));
		}
		ASSERT_TRUE(becomes_open(e)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

/* Each of the three packets of the handshake. */
static void sweep_handshake(struct __test_metadata *_metadata, struct ends *e, const char *what,
			    int packet)
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
		if (becomes_open(e)) {
			EXPECT_TRUE(works(e)) {
				TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
			}
		} else {
			/* Who has no memory for what was agreed on says Too Busy, and the program hears. */
			EXPECT_TRUE(faults.failed);
			EXPECT_EQ(EUSERS, error_of(e->here)) {
				TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
			}
		}
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(starved, request, 3000)
{
	sweep_handshake(_metadata, &self->e, "a Request", 0);
}

TEST_F_TIMEOUT(starved, response, 3000)
{
	sweep_handshake(_metadata, &self->e, "a Response", 1);
}

TEST_F_TIMEOUT(starved, ack_of_a_response, 3000)
{
	sweep_handshake(_metadata, &self->e, "the Ack of a Response", 2);
}

/* And with a cookie, of which the listener remembers nothing. */
TEST_F_TIMEOUT(starved, cookie, 3000)
{
	netns_switch(self->e.wire.there);
	sysctl_write("net/xl4/dccp/init_cookies", "2");
	netns_switch(self->e.wire.here);
	sweep_handshake(_metadata, &self->e, "a Request, answered by a cookie", 0);
	sweep_handshake(_metadata, &self->e, "a Response with a cookie", 1);
	sweep_handshake(_metadata, &self->e, "an Ack with a cookie", 2);
}

TEST_F_TIMEOUT(starved, accept, 3000)
{
	struct faults faults = faults_in("accept()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ends_unaccepted(e);
		faults_arm(&faults);
		e->there = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(e->there), ENFILE);
		ASSERT_TRUE(becomes_open(e));
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

/* All of a packet is taken, or nothing. */
TEST_F_TIMEOUT(starved, send, 3000)
{
	struct faults faults = faults_in("send()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ssize_t sent;

		ends_open(e);
		faults_arm(&faults);
		sent = send(e->here, data, SIZE, 0);
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, errno_of(sent), EAGAIN);
		EXPECT_TRUE(sent < 0 || sent == SIZE);
		ends_move(e);
		EXPECT_TRUE(takes_whole(e->there));
		EXPECT_TRUE(works(e)) {
			TH_LOG("way %d, point %d, %zd sent", faults.way, faults.point, sent);
		}
		ends_hang_up(e);
	}
}

/* A packet of data in order, or behind a hole; what acknowledges it. */
static void sweep_data(struct __test_metadata *_metadata, struct ends *e, const char *what,
		       int lost, bool ack)
{
	struct faults faults = faults_in(what);
	int here = e->wire.here_end, there = e->wire.there_end;

	while (faults_next(&faults)) {
		ends_open(e);
		for (int i = 0; i <= lost + ack; i++)
			MUST(send(e->here, data, SIZE, 0) - SIZE);
		for (int i = 0; i < lost; i++)
			MUST(tunnel_take_now(here, &one) - 1);
		if (ack) {
			tunnel_carry(here, there);
			/* CCID 3 says something at once, or once in a round trip time. */
			MUST(wait_for(there, POLLIN) ? 0 : -1);
		}
		EXPECT_TOLD(&faults, give_with_faults(&faults, ack ? there : here,
						      ack ? here : there));
		EXPECT_TRUE(takes_whole(e->there));
		EXPECT_TRUE(works(e)) {
			TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(starved, data_in_order, 3000)
{
	sweep_data(_metadata, &self->e, "a packet of data", 0, false);
}

TEST_F_TIMEOUT(starved, data_behind_a_hole, 3000)
{
	sweep_data(_metadata, &self->e, "a packet of data behind a hole", 1, false);
}

TEST_F_TIMEOUT(starved, ack, 3000)
{
	sweep_data(_metadata, &self->e, "an Ack", 0, true);
}

/* A packet that could not be copied is lost, or is there for the next to read. */
TEST_F_TIMEOUT(starved, receive, 3000)
{
	struct faults faults = faults_in("recv()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		ssize_t n;

		ends_open(e);
		MUST(send(e->here, data, SIZE, 0) - SIZE);
		ends_move(e);
		faults_arm(&faults);
		n = recv(e->there, got, sizeof(got), 0);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, errno_of(n));
		EXPECT_TRUE(n < 0 || (n == SIZE && !memcmp(got, data, SIZE)));
		EXPECT_TRUE(works(e));
		ends_hang_up(e);
	}
}

static bool hears_the_end(struct ends *e, int fd)
{
	ssize_t n = 1;

	for (int i = 0; i < PATIENCE && n; i++) {
		ends_move(e);
		n = recv(fd, got, sizeof(got), 0);
		usleep(n > 0 ? 0 : 10000);
	}
	return !n;
}

TEST_F_TIMEOUT(starved, close, 3000)
{
	struct faults faults = faults_in("close()");
	struct ends *e = &self->e;

	while (faults_next(&faults)) {
		int error;

		ends_open(e);
		MUST(send(e->here, data, SIZE, 0) - SIZE);
		faults_arm(&faults);
		error = errno_of(close(e->here));
		faults_disarm(&faults);
		e->here = -1;
		EXPECT_EQ(0, error);
		EXPECT_TRUE(hears_the_end(e, e->there)) {
			TH_LOG("way %d, point %d", faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

/* Each of the packets of the end: Close and Reset, or CloseReq, Close and Reset. */
static void sweep_end(struct __test_metadata *_metadata, struct ends *e, const char *what,
		      bool server, int packet)
{
	int ends[] = { server ? e->wire.there_end : e->wire.here_end,
		       server ? e->wire.here_end : e->wire.there_end };
	struct faults faults = faults_in(what);

	while (faults_next(&faults)) {
		ends_open(e);
		MUST(shutdown(server ? e->there : e->here, SHUT_RDWR));
		for (int i = 0; i < packet; i++)
			tunnel_carry(ends[i % 2], ends[!(i % 2)]);
		EXPECT_TOLD(&faults, give_with_faults(&faults, ends[packet % 2],
						      ends[!(packet % 2)]));
		EXPECT_TRUE(hears_the_end(e, server ? e->here : e->there)) {
			TH_LOG("%s: way %d, point %d", what, faults.way, faults.point);
		}
		ends_hang_up(e);
	}
}

TEST_F_TIMEOUT(starved, end_of_a_client, 3000)
{
	sweep_end(_metadata, &self->e, "a Close", false, 0);
	sweep_end(_metadata, &self->e, "a Reset", false, 1);
}

TEST_F_TIMEOUT(starved, end_of_a_server, 3000)
{
	sweep_end(_metadata, &self->e, "a CloseReq", true, 0);
	sweep_end(_metadata, &self->e, "a Close that was asked for", true, 1);
	sweep_end(_metadata, &self->e, "a Reset that was asked for", true, 2);
}

/* Of the next socket: it has them, or not. */
TEST_F_TIMEOUT(starved, options, 3000)
{
	struct faults faults = faults_in("options");

	while (faults_next(&faults)) {
		uint32_t services[] = { htonl(1), htonl(2), htonl(3) };
		uint8_t ndp[] = { 7, 1 }, ccids[8];
		int fd = dccp_open(&variant->flavour), error;

		faults_arm(&faults);
		error = errno_of(set_dccp(fd, DCCP_SOCKOPT_SERVICE, services, sizeof(services)));
		if (!error)
			error = errno_of(set_ccids(fd, 3));
		if (!error)
			error = errno_of(set_dccp(fd, DCCP_SOCKOPT_CHANGE_R, ndp, sizeof(ndp)));
		if (!error)
			error = errno_of(get_dccp(fd, DCCP_SOCKOPT_AVAILABLE_CCIDS, ccids,
						  sizeof(ccids)));
		if (!error)
			error = errno_of(set_int(fd, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_ID,
						 DCCPQ_POLICY_PRIO));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		close(fd);
	}
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
