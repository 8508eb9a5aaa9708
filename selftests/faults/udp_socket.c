// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory to make a socket, bind, connect or close it. */
#include "xl4test.h"

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"

FIXTURE(udp_socket)
{
	int tx;
};

FIXTURE_VARIANT(udp_socket)
{
	struct flavour flavour;
};

FAULT_FLAVOURS(udp_socket);
ADD_FLAVOUR(udp_socket, udp_mapped, .family = AF_INET6, .mapped = true);

FIXTURE_SETUP(udp_socket)
{
	FAULTS_ONLY();
	ENTER_NETNS(&variant->flavour);
	self->tx = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(udp_socket)
{
	close(self->tx);
	EXPECT_TRUE(all_given_back());
}

static int own_port(int fd)
{
	union address name = name_of(fd);

	return port_of(&name);
}

/* A datagram to it arrives, though it be bound to no address. */
static bool hears(int rx, int tx, const struct flavour *f)
{
	static struct message got;
	union address to = loopback(f, own_port(rx));

	return send_text(tx, "hello", to) == 5 &&
	       receive_now(rx, &got, 0) == 5 && !memcmp(got.data, "hello", 5);
}

TEST_F(udp_socket, socket)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("socket()");
	long sockets = holdings_now().sockets;

	while (faults_next(&faults)) {
		int fd;

		faults_arm(&faults);
		fd = socket(f->family, SOCK_DGRAM, protocol_of(f));
		faults_disarm(&faults);
		/* So says the kernel of all protocols. */
		EXPECT_TOLD_OR(&faults, errno_of(fd), ENFILE);
		EXPECT_EQ(sockets + (fd >= 0), holdings_now().sockets);
		if (fd >= 0)
			close(fd);
	}
}

/* A socket that did not get the port may ask again. */
static void sweep_bind(struct __test_metadata *_metadata,
		       const struct flavour *f, int tx, const char *what,
		       int option, int port)
{
	struct faults faults = faults_in(what);

	while (faults_next(&faults)) {
		int fd = dgram_open(f), error;

		MUST(option ? set_int(fd, SOL_SOCKET, option, 1) : 0);
		faults_arm(&faults);
		error = errno_of(bind_to(fd, any(f, port)));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		if (error) {
			EXPECT_EQ(0, own_port(fd));
			EXPECT_ERRNO(0, bind_to(fd, any(f, port)));
		}
		EXPECT_TRUE(hears(fd, tx, f));
		close(fd);
	}
}

TEST_F_TIMEOUT(udp_socket, bind, 120)
{
	sweep_bind(_metadata, &variant->flavour, self->tx, "bind() to a port",
		   0, 4000);
}

TEST_F_TIMEOUT(udp_socket, bind_to_any_port, 120)
{
	sweep_bind(_metadata, &variant->flavour, self->tx, "bind() to port 0",
		   0, 0);
}

TEST_F_TIMEOUT(udp_socket, bind_in_a_group, 120)
{
	sweep_bind(_metadata, &variant->flavour, self->tx,
		   "bind() with SO_REUSEPORT", SO_REUSEPORT, 4000);
}

/* The second and later members join what the first has made. */
TEST_F_TIMEOUT(udp_socket, bind_into_a_group, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("bind() into a group");
	int first = dgram_open(f);

	MUST(set_int(first, SOL_SOCKET, SO_REUSEPORT, 1));
	MUST(bind_to(first, any(f, 4000)));
	while (faults_next(&faults)) {
		int fd = dgram_open(f), error;

		MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
		faults_arm(&faults);
		error = errno_of(bind_to(fd, any(f, 4000)));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		close(fd);
		EXPECT_TRUE(hears(first, self->tx, f));
	}
	close(first);
}

/* More than a new table has room for, so that it grows on the way. */
TEST_F_TIMEOUT(udp_socket, bind_many, 240)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("bind() of 70 sockets");
	static int many[70];

	if (f->family != AF_INET || f->lite)
		SKIP(return, "the table is the same for all");
	while (faults_next(&faults)) {
		int error = 0;

		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			many[i] = dgram_open(f);
		faults_arm(&faults);
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			error = bind_to(many[i], any(f, 4000 + i)) ? errno
								   : error;
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			close(many[i]);
	}
	many[0] = dgram_bound(f, any(f, 4000));
	EXPECT_TRUE(hears(many[0], self->tx, f));
	close(many[0]);
}

static bool is_connected(int fd)
{
	union address peer;
	socklen_t len = sizeof(peer);

	return !getpeername(fd, &peer.sa, &len);
}

static bool exchanges(int a, int b)
{
	static struct message got;

	return send(a, "there", 5, 0) == 5 && receive_now(b, &got, 0) == 5 &&
	       send_text(b, "back", got.name) == 4 &&
	       receive_now(a, &got, 0) == 4;
}

/*
 * Without a port connect() has to find one, and says EAGAIN if it cannot,
 * whatever the reason.
 */
TEST_F_TIMEOUT(udp_socket, connect_unbound, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("connect(), unbound");
	int peer = dgram_bound(f, loopback(f, 0));
	union address to = name_of(peer);

	while (faults_next(&faults)) {
		int fd = dgram_open(f), error;

		faults_arm(&faults);
		error = errno_of(connect_to(fd, to));
		faults_disarm(&faults);
		EXPECT_TOLD_OR(&faults, error, EAGAIN);
		EXPECT_EQ(!error, is_connected(fd));
		if (error) {
			EXPECT_ERRNO(0, connect_to(fd, to));
		}
		EXPECT_TRUE(exchanges(fd, peer));
		close(fd);
	}
	close(peer);
}

/* One that fails leaves the socket as it was: bound to port and device. */
TEST_F_TIMEOUT(udp_socket, connect_bound, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("connect(), bound");
	int peer = dgram_bound(f, loopback(f, 0));
	union address to = name_of(peer);

	while (faults_next(&faults)) {
		int fd = dgram_open(f), error;
		char device[IFNAMSIZ] = "";
		socklen_t len = sizeof(device);

		MUST(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
		MUST(bind_to(fd, any(f, 4000)));
		faults_arm(&faults);
		error = errno_of(connect_to(fd, to));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		EXPECT_EQ(!error, is_connected(fd));
		MUST(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &len));
		EXPECT_STREQ("lo", device);
		EXPECT_EQ(4000, own_port(fd));
		if (error) {
			EXPECT_TRUE(hears(fd, self->tx, f));
			EXPECT_ERRNO(0, connect_to(fd, to));
		}
		EXPECT_TRUE(exchanges(fd, peer));
		close(fd);
	}
	close(peer);
}

/* The old peer or the new one, but never half of each. */
TEST_F_TIMEOUT(udp_socket, connect_to_another, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("connect() to another");
	int old = dgram_bound(f, loopback(f, 0));
	int new = dgram_bound(f, loopback(f, 0));
	union address to = name_of(new);

	while (faults_next(&faults)) {
		int fd = dgram_open(f), error;

		MUST(connect_to(fd, name_of(old)));
		faults_arm(&faults);
		error = errno_of(connect_to(fd, to));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		EXPECT_TRUE(exchanges(fd, error ? old : new));
		close(fd);
	}
	close(old);
	close(new);
}

TEST_F_TIMEOUT(udp_socket, disconnect, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("connect() to nobody");
	int peer = dgram_bound(f, loopback(f, 0));

	while (faults_next(&faults)) {
		int fd = dgram_bound(f, any(f, 4000)), error;

		MUST(connect_to(fd, name_of(peer)));
		faults_arm(&faults);
		error = errno_of(disconnect(fd));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		EXPECT_EQ(!!error, is_connected(fd));
		EXPECT_TRUE(error ? exchanges(fd, peer)
				  : hears(fd, self->tx, f));
		close(fd);
	}
	close(peer);
}

/* With all that a socket may hold: nothing of it is left behind. */
TEST_F_TIMEOUT(udp_socket, close, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("close()");
	static char data[4000];

	while (faults_next(&faults)) {
		int fd = dgram_bound(f, loopback(f, 4000)), error;
		union address self_address = name_of(fd);

		MUST(connect_to(fd, self_address));
		MUST(send(fd, data, sizeof(data), 0));
		MUST(send(fd, data, sizeof(data), MSG_MORE));
		faults_arm(&faults);
		error = errno_of(close(fd));
		faults_disarm(&faults);
		EXPECT_EQ(0, error);
	}
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
