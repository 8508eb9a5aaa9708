// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory to send: a datagram goes out whole, or the program is told. */
#include "xl4test.h"

#include <netinet/ip.h>
#include <sys/sendfile.h>

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"
#include "tunnel.h"

#define LARGE	60000

static struct message got;
static char data[LARGE];

FIXTURE(udp_send)
{
	struct pair p;
};

FIXTURE_VARIANT(udp_send)
{
	struct flavour flavour;
};

FAULT_FLAVOURS(udp_send);

/* The receiver is on this host, and gets what comes by a softirq. */
FIXTURE_SETUP(udp_send)
{
	FAULTS_ONLY();
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
	fill_pattern(data, sizeof(data), 3);
}

FIXTURE_TEARDOWN(udp_send)
{
	close(self->p.tx);
	close(self->p.rx);
	EXPECT_TRUE(all_given_back());
}

/* A way to send so much of data; returns what the last call did. */
typedef ssize_t (*sender_t)(const struct pair *p, const struct flavour *f,
			    size_t len);

/* In pieces of that size, if the sender cuts it up. */
static size_t arrived(int rx, size_t piece)
{
	size_t sum = 0;
	ssize_t len;

	while ((len = receive_now(rx, &got, 0)) >= 0) {
		if (memcmp(got.data, data + sum, len) || len > (ssize_t)piece)
			return -1;
		sum += len;
	}
	return sum;
}

struct sending {
	const char *what;
	sender_t sender;
	size_t len;
	size_t piece;
	bool controls;
};

/*
 * Is one datagram counted as not sent where it has to be? Not where there was
 * no memory for its control messages.
 */
static bool counted(const struct sending *s, int error, long times)
{
	if (error != ENOBUFS && error != ENOMEM)
		return !times;
	return times == 1 || (!times && s->controls);
}

static void sweep_send(struct __test_metadata *_metadata, const struct pair *p,
		       const struct flavour *f, const struct sending *s)
{
	struct faults faults = faults_in(s->what);

	while (faults_next(&faults)) {
		long out = counter(f, "OutDatagrams");
		long errors = counter(f, "SndbufErrors");
		int error;

		faults_arm(&faults);
		error = errno_of(s->sender(p, f, s->len));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		EXPECT_EQ(error ? 0 : s->len, arrived(p->rx, s->piece)) {
			TH_LOG("%s: way %d, point %d: %s", s->what, faults.way,
			       faults.point, strerror(error));
		}
		EXPECT_EQ(out + !error, counter(f, "OutDatagrams"));
		EXPECT_TRUE(counted(s, error,
				    counter(f, "SndbufErrors") - errors));

		EXPECT_LE(0, s->sender(p, f, s->len));
		EXPECT_EQ(s->len, arrived(p->rx, s->piece));
	}
}

static ssize_t send_once(const struct pair *p, const struct flavour *f,
			 size_t len)
{
	(void)f;
	return send_to(p->tx, data, len, p->to);
}

TEST_F_TIMEOUT(udp_send, small, 120)
{
	const struct sending s = {
		.what = "sendto(), small",
		.sender = send_once,
		.len = 100, .piece = 100,
	};

	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

TEST_F_TIMEOUT(udp_send, empty, 120)
{
	const struct sending s = {
		.what = "sendto(), empty",
		.sender = send_once,
		.len = 0, .piece = 0,
	};

	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

TEST_F_TIMEOUT(udp_send, large, 120)
{
	const struct sending s = {
		.what = "sendto(), large",
		.sender = send_once,
		.len = LARGE, .piece = LARGE,
	};

	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

/* What is only a part of a datagram waits for the rest, in bounded memory. */
static void give_room_for_fragments(void)
{
	sysctl_write("net/ipv4/ipfrag_high_thresh", "100000000");
	sysctl_write("net/ipv6/ip6frag_high_thresh", "100000000");
}

TEST_F_TIMEOUT(udp_send, fragmented, 120)
{
	const struct sending s = {
		.what = "sendto(), fragmented",
		.sender = send_once,
		.len = 6000, .piece = 6000,
	};

	give_room_for_fragments();
	device_set_mtu("lo", 1500);
	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

TEST_F_TIMEOUT(udp_send, large_and_fragmented, 240)
{
	const struct sending s = {
		.what = "sendto(), large, fragmented",
		.sender = send_once,
		.len = LARGE, .piece = LARGE,
	};

	give_room_for_fragments();
	device_set_mtu("lo", 9000);
	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

static ssize_t send_connected(const struct pair *p, const struct flavour *f,
			      size_t len)
{
	(void)f;
	return send(p->tx, data, len, 0);
}

TEST_F_TIMEOUT(udp_send, connected, 120)
{
	const struct sending s = {
		.what = "send()",
		.sender = send_connected,
		.len = 100, .piece = 100,
	};

	MUST(connect_to(self->p.tx, self->p.to));
	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

static const unsigned char record_route[16] = { IPOPT_RR, 15, 4 };

/* A hop-by-hop or destination options header of nothing but padding. */
static const unsigned char padding[8] = { 0, 0, 1, 4 };

static ssize_t send_with_controls(const struct pair *p, const struct flavour *f,
				  size_t len)
{
	const struct control v4[] = {
		{ SOL_IP, IP_RETOPTS, record_route, sizeof(record_route) },
		{ SOL_IP, IP_TTL, &(int) { 5 }, sizeof(int) },
	};
	const struct control v6[] = {
		{ SOL_IPV6, IPV6_HOPOPTS, padding, sizeof(padding) },
		{ SOL_IPV6, IPV6_DSTOPTS, padding, sizeof(padding) },
		{ SOL_IPV6, IPV6_HOPLIMIT, &(int) { 5 }, sizeof(int) },
	};

	if (wire_family(f) == AF_INET6)
		return send_controls(p->tx, data, len, &p->to, v6,
				     ARRAY_SIZE(v6), 0);
	return send_controls(p->tx, data, len, &p->to, v4, ARRAY_SIZE(v4), 0);
}

TEST_F_TIMEOUT(udp_send, with_control_messages, 120)
{
	const struct sending s = {
		.what = "sendmsg() with options",
		.sender = send_with_controls,
		.len = 100, .piece = 100,
		.controls = true,
	};

	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

static void set_options(int fd, const struct flavour *f)
{
	if (wire_family(f) == AF_INET6)
		MUST(setsockopt(fd, SOL_IPV6, IPV6_DSTOPTS, padding,
				sizeof(padding)));
	else
		MUST(setsockopt(fd, SOL_IP, IP_OPTIONS, record_route,
				sizeof(record_route)));
}

/* Gathered from three calls; what one of them cannot have spoils all. */
static ssize_t send_in_parts(const struct pair *p, const struct flavour *f,
			     size_t len)
{
	size_t part = len / 3;

	(void)f;
	if (sendto(p->tx, data, part, MSG_MORE, &p->to.sa,
		   address_len(&p->to)) < 0 ||
	    send(p->tx, data + part, part, MSG_MORE) < 0)
		return -1;
	return send(p->tx, data + 2 * part, len - 2 * part, 0);
}

TEST_F_TIMEOUT(udp_send, in_parts, 120)
{
	const struct sending s = {
		.what = "send() with MSG_MORE",
		.sender = send_in_parts,
		.len = 9000, .piece = 9000,
	};

	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

TEST_F_TIMEOUT(udp_send, in_parts_with_options, 120)
{
	const struct sending s = {
		.what = "send() with MSG_MORE and options",
		.sender = send_in_parts,
		.len = 9000, .piece = 9000,
	};

	set_options(self->p.tx, &variant->flavour);
	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

/* The options of the first call are copied for the later ones. */
static ssize_t send_in_parts_with_controls(const struct pair *p,
					   const struct flavour *f, size_t len)
{
	bool v6 = wire_family(f) == AF_INET6;
	const struct control options = {
		v6 ? SOL_IPV6 : SOL_IP,
		v6 ? IPV6_DSTOPTS : IP_RETOPTS,
		v6 ? padding : record_route,
		v6 ? sizeof(padding) : sizeof(record_route),
	};

	if (send_controls(p->tx, data, 100, &p->to, &options, 1, MSG_MORE) < 0)
		return -1;
	return send(p->tx, data + 100, len - 100, 0);
}

TEST_F_TIMEOUT(udp_send, in_parts_with_control_messages, 120)
{
	const struct sending s = {
		.what = "sendmsg() with MSG_MORE and options",
		.sender = send_in_parts_with_controls,
		.len = 9000, .piece = 9000,
		.controls = true,
	};

	sweep_send(_metadata, &self->p, &variant->flavour, &s);
}

TEST_F_TIMEOUT(udp_send, segments, 120)
{
	const struct flavour *f = &variant->flavour;
	const struct sending s = {
		.what = "send() with UDP_SEGMENT",
		.sender = send_once,
		.len = 10000, .piece = 1000,
	};

	if (f->lite)
		SKIP(return, "UDP-Lite has no segments");
	MUST(set_int(self->p.tx, SOL_UDP, UDP_SEGMENT, 1000));
	sweep_send(_metadata, &self->p, f, &s);
}

/* A device that cannot cut them up: it is done on the way there. */
TEST_F_TIMEOUT(udp_send, segments_cut_here, 120)
{
	const struct flavour *f = &variant->flavour;
	const struct sending s = {
		.what = "UDP_SEGMENT, cut up",
		.sender = send_once,
		.len = 10000, .piece = 1000,
	};

	if (f->lite)
		SKIP(return, "UDP-Lite has no segments");
	run("ethtool -K lo tx-udp-segmentation off");
	MUST(set_int(self->p.tx, SOL_UDP, UDP_SEGMENT, 1000));
	sweep_send(_metadata, &self->p, f, &s);
}

/*
 * Pages of a pipe. A splice() that fails on its way may have sent a part, as
 * with the kernel's own UDP.
 */
TEST_F_TIMEOUT(udp_send, spliced, 120)
{
	struct faults faults = faults_in("splice()");
	int pipes[2];

	MUST(connect_to(self->p.tx, self->p.to));
	while (faults_next(&faults)) {
		int error;

		MUST(pipe(pipes));
		MUST(write(pipes[1], data, 9000));
		faults_arm(&faults);
		error = errno_of(splice(pipes[0], NULL, self->p.tx, NULL, 9000,
					0));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		close(pipes[0]);
		close(pipes[1]);
		EXPECT_EQ(error ? 0U : 9000U, arrived(self->p.rx, 9000));
		EXPECT_EQ(100, send(self->p.tx, data, 100, 0));
		EXPECT_EQ(100U, arrived(self->p.rx, 100));
	}
}

/* What is too big is told to the error queue; without memory, by errno only. */
TEST_F_TIMEOUT(udp_send, too_big, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("sendto(), too big");
	bool v6 = wire_family(f) == AF_INET6;

	device_set_mtu("lo", 1500);
	ask_for_reports(self->p.tx, f);
	MUST(set_int(self->p.tx, v6 ? SOL_IPV6 : SOL_IP,
		     v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
		     v6 ? IPV6_PMTUDISC_DO : IP_PMTUDISC_DO));
	while (faults_next(&faults)) {
		int error;

		faults_arm(&faults);
		error = errno_of(send_to(self->p.tx, data, 6000, self->p.to));
		faults_disarm(&faults);
		EXPECT_TRUE(error == EMSGSIZE ||
			    (error && fault_told(&faults, error, 0))) {
			TH_LOG("way %d, point %d: %s", faults.way,
			       faults.point, strerror(error));
		}
		receive(self->p.tx, &got, MSG_ERRQUEUE | MSG_DONTWAIT);
		/* sk_err of the report */
		get_int(self->p.tx, SOL_SOCKET, SO_ERROR);
	}
	EXPECT_EQ(100, send_to(self->p.tx, data, 100, self->p.to));
	EXPECT_EQ(100U, arrived(self->p.rx, 100));
}

/* Without a port: the kernel chooses one. */
TEST_F_TIMEOUT(udp_send, unbound, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("sendto(), unbound");

	while (faults_next(&faults)) {
		int fd = dgram_open(f), error;

		faults_arm(&faults);
		error = errno_of(send_to(fd, data, 100, self->p.to));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		EXPECT_EQ(error ? 0U : 100U, arrived(self->p.rx, 100));
		EXPECT_EQ(100, send_to(fd, data, 100, self->p.to));
		EXPECT_EQ(100U, arrived(self->p.rx, 100));
		close(fd);
	}
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
