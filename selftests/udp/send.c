// SPDX-License-Identifier: GPL-2.0
/* Sending: what each call puts on the wire, and what it refuses. */
#include "xl4test.h"

#include <netinet/ip.h>
#include <sys/sendfile.h>

#define MAX_V4	65507	/* 65535 less the IP and the UDP header */
#define MAX_V6	65527	/* the IPv6 header does not count */

static struct message got;
static char big[70000];

FIXTURE(send)
{
	struct pair p;
};

FIXTURE_VARIANT(send)
{
	struct flavour flavour;
};

ALL_FLAVOURS(send);

FIXTURE_SETUP(send)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(send)
{
}

static size_t largest(const struct flavour *f)
{
	return wire_family(f) == AF_INET6 ? MAX_V6 : MAX_V4;
}

static union address no_route(const struct flavour *f)
{
	return address_for(f, "198.51.100.1", "2001:db8:ffff::1", 9);
}

TEST_F(send, arrives_with_the_senders_name)
{
	ASSERT_EQ(5, send_text(self->p.tx, "hello", self->p.to));
	ASSERT_EQ(5, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, memcmp("hello", got.data, 5));
	EXPECT_EQ(address_len(&self->p.from), got.name_len);
	EXPECT_TRUE(same_address(&self->p.from, &got.name));
	EXPECT_EQ(0, got.flags & (MSG_TRUNC | MSG_CTRUNC | MSG_OOB));
}

TEST_F(send, every_call_reaches_the_peer)
{
	struct iovec iov[3] = { { "a", 1 }, { NULL, 0 }, { "bc", 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };

	ASSERT_ERRNO(0, connect_to(self->p.tx, self->p.to));
	EXPECT_EQ(1, send(self->p.tx, "1", 1, 0));
	EXPECT_EQ(2, sendto(self->p.tx, "22", 2, 0, NULL, 0));
	EXPECT_EQ(3, sendmsg(self->p.tx, &msg, 0));
	EXPECT_EQ(4, write(self->p.tx, "4444", 4));
	EXPECT_EQ(3, writev(self->p.tx, iov, 3));

	EXPECT_EQ(1, recv(self->p.rx, got.data, 9, 0));
	EXPECT_EQ(2, recvfrom(self->p.rx, got.data, 9, 0, NULL, NULL));
	EXPECT_EQ(3, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0, memcmp("abc", got.data, 3));
	EXPECT_EQ(4, read(self->p.rx, got.data, 9));
	iov[0].iov_base = got.data;
	iov[2].iov_base = got.data + 1;
	EXPECT_EQ(3, readv(self->p.rx, iov, 3));
	EXPECT_EQ(0, memcmp("abc", got.data, 3));
}

TEST_F(send, unbound_gets_a_port_of_its_own)
{
	int fd = dgram_open(&variant->flavour);
	union address name;

	ASSERT_EQ(1, send_text(fd, "x", self->p.to));
	name = name_of(fd);
	EXPECT_NE(0, port_of(&name));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(port_of(&name), port_of(&got.name));
	EXPECT_TRUE(same_host(&self->p.to, &got.name));
}

TEST_F(send, connected_may_still_name_another)
{
	ASSERT_ERRNO(0, connect_to(self->p.tx, loopback(&variant->flavour, 9)));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(send, empty_datagram_is_a_datagram)
{
	ASSERT_EQ(0, send_to(self->p.tx, "", 0, self->p.to));
	ASSERT_TRUE(wait_for(self->p.rx, POLLIN));
	EXPECT_EQ(0, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(same_address(&self->p.from, &got.name));

	ASSERT_ERRNO(0, connect_to(self->p.tx, self->p.to));
	ASSERT_EQ(0, write(self->p.tx, "", 0));
	ASSERT_TRUE(wait_for(self->p.rx, POLLIN));
	EXPECT_EQ(0, read(self->p.rx, got.data, 0));
	EXPECT_TRUE(events_of(self->p.rx) & POLLIN);
	EXPECT_EQ(0, read(self->p.rx, got.data, 1));
	EXPECT_FALSE(events_of(self->p.rx) & POLLIN);
}

TEST_F(send, largest_datagram_arrives_whole)
{
	size_t max = largest(&variant->flavour);

	fill_pattern(big, max, 1);
	ASSERT_EQ((ssize_t)max, send_to(self->p.tx, big, max, self->p.to));
	ASSERT_EQ((ssize_t)max, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, max, 1));
}

TEST_F(send, larger_than_the_largest_is_refused)
{
	size_t max = largest(&variant->flavour);

	EXPECT_ERRNO(EMSGSIZE, send_to(self->p.tx, big, max + 1, self->p.to));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->p.tx, big, 65535, self->p.to));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->p.tx, big, 65536, self->p.to));
	EXPECT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(send, larger_than_the_send_buffer_is_refused)
{
	size_t buffer;

	ASSERT_EQ(0, set_int(self->p.tx, SOL_SOCKET, SO_SNDBUF, 5000));
	buffer = get_int(self->p.tx, SOL_SOCKET, SO_SNDBUF);
	EXPECT_ERRNO(is_kernel_udp() ? 0 : EMSGSIZE,
		     send_to(self->p.tx, big, buffer + 1, self->p.to));
	EXPECT_EQ(1000, send_to(self->p.tx, big, 1000, self->p.to));
}

TEST_F(send, names_are_checked)
{
	union address to = self->p.to;

	EXPECT_ERRNO(EINVAL, sendto(self->p.tx, "x", 1, 0, &to.sa, 1));
	EXPECT_ERRNO(EINVAL, sendto(self->p.tx, "x", 1, 0, &to.sa,
				    sizeof(to.sa) - 1));
	EXPECT_ERRNO(EINVAL, sendto(self->p.tx, "x", 1, 0, &to.sa, -1));
	EXPECT_ERRNO(EINVAL, sendto(self->p.tx, "x", 1, 0, &to.sa, 4096));
	EXPECT_ERRNO(EFAULT, sendto(self->p.tx, "x", 1, 0, (void *)1,
				    address_len(&to)));
}

/* A name too short to hold a family is no name of the peer either. */
TEST_F(send, short_names_are_refused_when_connected_too)
{
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = { .msg_name = &self->p.to, .msg_namelen = 1,
			      .msg_iov = &iov, .msg_iovlen = 1 };

	EXPECT_ERRNO(EINVAL, sendmsg(self->p.tx, &msg, 0));
	ASSERT_ERRNO(0, connect_to(self->p.tx, self->p.to));
	EXPECT_ERRNO(EINVAL, sendmsg(self->p.tx, &msg, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_F(send, other_families_are_refused)
{
	int error = variant->flavour.family == AF_INET ? EAFNOSUPPORT : EINVAL;
	union address to = self->p.to;

	to.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(error, sendto(self->p.tx, "x", 1, 0, &to.sa,
				   address_len(&self->p.to)));
}

TEST_F(send, port_0_is_refused)
{
	bool kernel_v6 = is_kernel_udp() &&
			 wire_family(&variant->flavour) == AF_INET6;

	if (!kernel_v6)
		EXPECT_ERRNO(EINVAL, send_text(self->p.tx, "x",
					       with_port(self->p.to, 0)));
}

TEST_F(send, somebody_must_be_named)
{
	EXPECT_ERRNO(EDESTADDRREQ, send(self->p.tx, "x", 1, 0));
	EXPECT_ERRNO(EDESTADDRREQ, write(self->p.tx, "x", 1));
}

TEST_F(send, out_of_band_data_is_refused)
{
	bool kernel_v6 = is_kernel_udp() &&
			 wire_family(&variant->flavour) == AF_INET6;

	if (!kernel_v6)
		EXPECT_ERRNO(EOPNOTSUPP,
			     sendto(self->p.tx, "x", 1, MSG_OOB,
				    &self->p.to.sa, address_len(&self->p.to)));
}

TEST_F(send, harmless_flags_do_no_harm)
{
	int flags = MSG_NOSIGNAL | MSG_EOR | MSG_DONTWAIT | MSG_CONFIRM |
		    MSG_DONTROUTE;

	EXPECT_EQ(1, sendto(self->p.tx, "x", 1, flags, &self->p.to.sa,
			    address_len(&self->p.to)));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(send, bad_memory_sends_nothing)
{
	struct iovec iov[2] = { { "good", 4 }, { (void *)1, 4 } };
	struct msghdr msg = { .msg_name = &self->p.to,
			      .msg_namelen = address_len(&self->p.to),
			      .msg_iov = iov, .msg_iovlen = 2 };

	EXPECT_ERRNO(EFAULT, send_to(self->p.tx, (void *)1, 8, self->p.to));
	EXPECT_ERRNO(EFAULT, sendmsg(self->p.tx, &msg, 0));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(send, too_many_pieces_are_refused)
{
	static struct iovec iov[UIO_MAXIOV + 1];
	struct msghdr msg = { .msg_name = &self->p.to,
			      .msg_namelen = address_len(&self->p.to),
			      .msg_iov = iov };

	for (int i = 0; i <= UIO_MAXIOV; i++)
		iov[i] = (struct iovec) { "x", 1 };
	msg.msg_iovlen = UIO_MAXIOV + 1;
	EXPECT_ERRNO(EMSGSIZE, sendmsg(self->p.tx, &msg, 0));
	msg.msg_iovlen = UIO_MAXIOV;
	ASSERT_EQ(UIO_MAXIOV, sendmsg(self->p.tx, &msg, 0));
	EXPECT_EQ(UIO_MAXIOV, receive(self->p.rx, &got, 0));
}

TEST_F(send, routes_give_their_errors)
{
	struct { const char *type; int error; } routes[] = {
		{ "unreachable", EHOSTUNREACH },
		{ "prohibit", EACCES },
		{ "blackhole", EINVAL },
	};
	bool v6 = wire_family(&variant->flavour) == AF_INET6;
	const char *net = v6 ? "2001:db8:ffff::/64" : "198.51.100.0/24";

	EXPECT_ERRNO(ENETUNREACH, send_text(dgram_open(&variant->flavour), "x",
					    no_route(&variant->flavour)));
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		run("ip %s route add %s %s", v6 ? "-6" : "", routes[i].type,
		    net);
		EXPECT_ERRNO(routes[i].error,
			     send_text(dgram_open(&variant->flavour), "x",
				       no_route(&variant->flavour)));
		run("ip %s route del %s %s", v6 ? "-6" : "", routes[i].type,
		    net);
	}
}

TEST_F(send, each_datagram_is_counted_once)
{
	long before = counter(&variant->flavour, "OutDatagrams");

	ASSERT_LE(0, before);
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->p.tx, big, 65536, self->p.to));
	EXPECT_EQ(before + 1, counter(&variant->flavour, "OutDatagrams"));
}

TEST_F(send, sendmmsg_sends_many)
{
	struct iovec iov[3] = { { "1", 1 }, { "22", 2 }, { "333", 3 } };
	struct mmsghdr all[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		all[i].msg_hdr.msg_iov = &iov[i];
		all[i].msg_hdr.msg_iovlen = 1;
		all[i].msg_hdr.msg_name = &self->p.to;
		all[i].msg_hdr.msg_namelen = address_len(&self->p.to);
	}
	ASSERT_EQ(3, sendmmsg(self->p.tx, all, 3, 0));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(i + 1U, all[i].msg_len);
		EXPECT_EQ(i + 1, receive(self->p.rx, &got, 0));
	}
}

TEST_F(send, sendmmsg_tells_how_far_it_came)
{
	struct iovec iov[2] = { { "1", 1 }, { (void *)1, 2 } };
	struct mmsghdr all[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		all[i].msg_hdr.msg_iov = &iov[i];
		all[i].msg_hdr.msg_iovlen = 1;
		all[i].msg_hdr.msg_name = &self->p.to;
		all[i].msg_hdr.msg_namelen = address_len(&self->p.to);
	}
	EXPECT_EQ(1, sendmmsg(self->p.tx, all, 2, 0));
	EXPECT_ERRNO(EFAULT, sendmmsg(self->p.tx, all + 1, 1, 0));
	EXPECT_EQ(0, sendmmsg(self->p.tx, all, 0, 0));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

static int file_with_pattern(size_t len)
{
	FILE *file = tmpfile();

	MUST(file ? 0 : -1);
	fill_pattern(big, len, 7);
	MUST(write(fileno(file), big, len));
	return fileno(file);
}

TEST_F(send, sendfile_makes_one_datagram)
{
	off_t start = 0;
	int file = file_with_pattern(10000);

	if (is_kernel_udp() && variant->flavour.family == AF_INET6)
		SKIP(return, "before 6.5 it makes several of IPv6 sockets");
	ASSERT_ERRNO(0, connect_to(self->p.tx, self->p.to));
	ASSERT_EQ(10000, sendfile(self->p.tx, file, &start, 10000));
	ASSERT_EQ(10000, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, 10000, 7));
}

TEST_F(send, splice_moves_a_pipe_into_a_datagram)
{
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	fill_pattern(big, 3000, 9);
	ASSERT_EQ(3000, write(pipes[1], big, 3000));
	ASSERT_ERRNO(0, connect_to(self->p.tx, self->p.to));
	ASSERT_EQ(3000, splice(pipes[0], NULL, self->p.tx, NULL, 3000, 0));
	ASSERT_EQ(3000, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(is_pattern(got.data, 3000, 9));
}

/*
 * The order in which udp_sendmsg() looks at its arguments: each line has two
 * faults, and the error of the first must be the one that is reported.
 */
FIXTURE(order)
{
	int fd;
};

FIXTURE_VARIANT(order)
{
	struct flavour flavour;
};

ADD_FLAVOUR(order, udp, .family = AF_INET);
ADD_FLAVOUR(order, lite, .family = AF_INET, .lite = true);

FIXTURE_SETUP(order)
{
	ENTER_NETNS(&variant->flavour);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(order)
{
}

TEST_F(order, of_the_checks)
{
	union address nowhere = no_route(&variant->flavour);
	union address port0 = with_port(nowhere, 0);
	union address unix_port0 = port0;
	union address broadcast = ipv4("127.255.255.255", 9);
	struct iovec iov = { .iov_base = big };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int pktinfo = 0;
	struct control malformed = { SOL_IP, IP_PKTINFO, &pktinfo, 4 };

	unix_port0.sa.sa_family = AF_UNIX;

	/* too long, and out of band */
	iov.iov_len = 65536;
	EXPECT_ERRNO(EMSGSIZE, sendmsg(self->fd, &msg, MSG_OOB));
	/* out of band, and a short name */
	iov.iov_len = 1;
	msg.msg_name = &unix_port0;
	msg.msg_namelen = 2;
	EXPECT_ERRNO(EOPNOTSUPP, sendmsg(self->fd, &msg, MSG_OOB));
	/* a short name, and of another family */
	EXPECT_ERRNO(EINVAL, sendmsg(self->fd, &msg, 0));
	/* another family, and port 0 */
	msg.msg_namelen = sizeof(unix_port0.v4);
	EXPECT_ERRNO(EAFNOSUPPORT, sendmsg(self->fd, &msg, 0));
	/* port 0, and no route */
	EXPECT_ERRNO(EINVAL, send_text(self->fd, "x", port0));
	/* no destination, and a malformed control message */
	EXPECT_ERRNO(EDESTADDRREQ, send_controls(self->fd, "x", 1, NULL,
						 &malformed, 1, 0));
	/* a malformed control message, and no route */
	EXPECT_ERRNO(EINVAL, send_controls(self->fd, "x", 1, &nowhere,
					   &malformed, 1, 0));
	/* no route, and bad memory */
	EXPECT_ERRNO(ENETUNREACH, send_to(self->fd, (void *)1, 8, nowhere));
	/* no permission to broadcast, and bad memory */
	EXPECT_ERRNO(EACCES, send_to(self->fd, (void *)1, 8, broadcast));
}

TEST_HARNESS_MAIN
