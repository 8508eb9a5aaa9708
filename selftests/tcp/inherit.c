// SPDX-License-Identifier: GPL-2.0
/* What a connection has from the listener that accepted it. */
#include "xl4test.h"
#include "program.h"
#include "stream.h"

#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CGROUPS	"/sys/fs/cgroup"
#define CGROUP	CGROUPS "/inherit"

FIXTURE(inherit)
{
	int listener;
};

FIXTURE_VARIANT(inherit)
{
	struct flavour flavour;
};

TCP_FLAVOURS(inherit);

FIXTURE_SETUP(inherit)
{
	netns_enter();
	self->listener = stream_bound(&variant->flavour, loopback(&variant->flavour, 0));
}

FIXTURE_TEARDOWN(inherit)
{
}

/* The other end of a connection that is made now. */
static int accepted_now(const struct flavour *f, int listener)
{
	MUST(listen(listener, 8));
	return stream_accepted(f, listener).there;
}

static const struct {
	const char *name;
	int level, option, value;
} inherited[] = {
	{ "TCP_NODELAY", SOL_TCP, TCP_NODELAY, 1 },
	{ "TCP_CORK", SOL_TCP, TCP_CORK, 1 },
	{ "TCP_KEEPIDLE", SOL_TCP, TCP_KEEPIDLE, 77 },
	{ "TCP_KEEPINTVL", SOL_TCP, TCP_KEEPINTVL, 7 },
	{ "TCP_KEEPCNT", SOL_TCP, TCP_KEEPCNT, 5 },
	{ "TCP_LINGER2", SOL_TCP, TCP_LINGER2, 17 },
	{ "TCP_USER_TIMEOUT", SOL_TCP, TCP_USER_TIMEOUT, 12345 },
	{ "TCP_NOTSENT_LOWAT", SOL_TCP, TCP_NOTSENT_LOWAT, 54321 },
	{ "TCP_SYNCNT", SOL_TCP, TCP_SYNCNT, 3 },
	{ "TCP_INQ", SOL_TCP, TCP_INQ, 1 },
	{ "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ "SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE, 1 },
	{ "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, 1 },
	{ "SO_DONTROUTE", SOL_SOCKET, SO_DONTROUTE, 1 },
	{ "SO_MARK", SOL_SOCKET, SO_MARK, 0x77 },
	{ "SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT, 5 },
	{ "SO_TIMESTAMP", SOL_SOCKET, SO_TIMESTAMP, 1 },
};

TEST_F(inherit, integers)
{
	int child;

	for (size_t i = 0; i < ARRAY_SIZE(inherited); i++)
		ASSERT_ERRNO(0, set_int(self->listener, inherited[i].level, inherited[i].option,
					inherited[i].value));
	child = accepted_now(&variant->flavour, self->listener);
	for (size_t i = 0; i < ARRAY_SIZE(inherited); i++) {
		EXPECT_EQ(inherited[i].value, get_int(child, inherited[i].level,
						      inherited[i].option))
			TH_LOG("%s", inherited[i].name);
	}
}

/* From then on each goes its own way. */
TEST_F(inherit, only_at_birth)
{
	int child = accepted_now(&variant->flavour, self->listener);

	for (size_t i = 0; i < ARRAY_SIZE(inherited); i++) {
		int level = inherited[i].level, option = inherited[i].option;
		int before = get_int(child, level, option);

		ASSERT_ERRNO(0, set_int(self->listener, level, option, inherited[i].value));
		EXPECT_EQ(before, get_int(child, level, option))
			TH_LOG("%s", inherited[i].name);
	}
}

TEST_F(inherit, buffers)
{
	int child;

	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_RCVBUF, 30000));
	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_SNDBUF, 20000));
	child = accepted_now(&variant->flavour, self->listener);
	EXPECT_EQ(60000, get_int(child, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(40000, get_int(child, SOL_SOCKET, SO_SNDBUF));
}

TEST_F(inherit, window_clamp)
{
	int child;

	ASSERT_EQ(0, set_int(self->listener, SOL_TCP, TCP_WINDOW_CLAMP, 8000));
	child = accepted_now(&variant->flavour, self->listener);
	EXPECT_GE(8000, get_int(child, SOL_TCP, TCP_WINDOW_CLAMP));
	EXPECT_LT(0, get_int(child, SOL_TCP, TCP_WINDOW_CLAMP));
}

TEST_F(inherit, limits_of_time)
{
	struct timeval set = { 3, 0 }, told;
	socklen_t len = sizeof(told);
	int child;

	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_RCVTIMEO, &set, sizeof(set)));
	child = accepted_now(&variant->flavour, self->listener);
	ASSERT_EQ(0, getsockopt(child, SOL_SOCKET, SO_RCVTIMEO, &told, &len));
	EXPECT_EQ(3, told.tv_sec);
}

TEST_F(inherit, linger)
{
	struct linger set = { 1, 0 }, told;
	socklen_t len = sizeof(told);
	struct stream s;

	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_LINGER, &set, sizeof(set)));
	ASSERT_EQ(0, listen(self->listener, 8));
	s = stream_accepted(&variant->flavour, self->listener);
	ASSERT_EQ(0, getsockopt(s.there, SOL_SOCKET, SO_LINGER, &told, &len));
	EXPECT_EQ(1, told.l_onoff);
	EXPECT_EQ(0, told.l_linger);
	/* And it does what it says. */
	close(s.there);
	EXPECT_EQ(ECONNRESET, error_of(s.here));
}

TEST_F(inherit, congestion_control)
{
	static const char * const names[] = { "reno", "cubic" };
	char name[16];
	int child;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		socklen_t len = sizeof(name);

		ASSERT_EQ(0, setsockopt(self->listener, SOL_TCP, TCP_CONGESTION, names[i],
					strlen(names[i])));
		child = accepted_now(&variant->flavour, self->listener);
		ASSERT_EQ(0, getsockopt(child, SOL_TCP, TCP_CONGESTION, name, &len));
		EXPECT_STREQ(names[i], name);
	}
}

/* No more than 40 octets of a segment: its header, and the beginning of the data. */
TEST_F(inherit, filter)
{
	struct sock_filter some[] = { BPF_STMT(BPF_RET | BPF_K, 40) };
	struct stream s;
	char octets[100];
	ssize_t n;

	ASSERT_EQ(0, program_attach(self->listener, SO_ATTACH_FILTER, some, 1));
	ASSERT_EQ(0, listen(self->listener, 8));
	s = stream_accepted(&variant->flavour, self->listener);
	ASSERT_EQ(100, send(s.here, octets, 100, 0));
	n = recv_now(s.there, octets, 100, 0);
	EXPECT_LT(0, n);
	EXPECT_GT(40, n);
	EXPECT_ERRNO(0, set_int(s.there, SOL_SOCKET, SO_DETACH_FILTER, 0));
	/* What was cut off comes again, to whom nothing holds it back from. */
	EXPECT_TRUE(recv_all(s.there, octets, 100 - n));
	EXPECT_ERRNO(ENOENT, set_int(s.there, SOL_SOCKET, SO_DETACH_FILTER, 0));
	EXPECT_ERRNO(0, set_int(self->listener, SOL_SOCKET, SO_DETACH_FILTER, 0));
}

TEST_F(inherit, filters_come_and_go_with_their_sockets)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 0xffff) };
	int child = -1;

	for (int i = 0; i < 300; i++) {
		struct stream s = { .listener = self->listener };

		if (i % 3 == 0)
			ASSERT_EQ(0, program_attach(self->listener, SO_ATTACH_FILTER, all, 1));
		ASSERT_EQ(0, listen(self->listener, 8));
		s = stream_accepted(&variant->flavour, self->listener);
		if (i % 2)
			ASSERT_EQ(0, set_int(s.there, SOL_SOCKET, SO_DETACH_FILTER, 0));
		if (child >= 0)
			close(child);
		child = s.there;
		reset(s.here);
	}
}

/* A program of cgroups that lets nothing pass, or -1. */
static int nothing_passes(void)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
		.expected_attach_type = BPF_CGROUP_INET_EGRESS,
		.insns = (uintptr_t)code,
		.insn_cnt = ARRAY_SIZE(code),
		.license = (uintptr_t)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* For what the sockets of a cgroup send. */
static int cgroup_program(int command, int cgroup, int program)
{
	union bpf_attr attr = { .target_fd = cgroup, .attach_bpf_fd = program,
				.attach_type = BPF_CGROUP_INET_EGRESS };

	return syscall(SYS_bpf, command, &attr, sizeof(attr));
}

static void enter_cgroup(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);

	MUST(fd);
	MUST(write(fd, "0", 1));
	close(fd);
}

TEST_F(inherit, cgroup)
{
	int program = nothing_passes(), cgroup, listener;
	struct stream s;
	char octet;

	if (program < 0 || (mkdir(CGROUP, 0755) && errno != EEXIST))
		SKIP(return, "no cgroups with programs");
	cgroup = open(CGROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, cgroup);
	enter_cgroup(CGROUP "/cgroup.procs");
	listener = stream_bound(&variant->flavour, loopback(&variant->flavour, 0));
	enter_cgroup(CGROUPS "/cgroup.procs");
	ASSERT_EQ(0, listen(listener, 8));
	s = stream_accepted(&variant->flavour, listener);
	ASSERT_ERRNO(0, cgroup_program(BPF_PROG_ATTACH, cgroup, program));
	EXPECT_EQ(1, send(s.here, "x", 1, 0));
	EXPECT_EQ(1, recv(s.there, &octet, 1, 0));
	EXPECT_EQ(1, send(s.there, "y", 1, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(s.here, &octet, 1, 0));
	ASSERT_ERRNO(0, cgroup_program(BPF_PROG_DETACH, cgroup, program));
	/* What could not leave comes again. */
	EXPECT_EQ(1, recv(s.here, &octet, 1, 0));
	close(s.there);
	close(listener);
}

TEST_F(inherit, device)
{
	char name[16] = "";
	socklen_t len = sizeof(name);
	int child;

	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	child = accepted_now(&variant->flavour, self->listener);
	ASSERT_EQ(0, getsockopt(child, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_STREQ("lo", name);
}

TEST_F(inherit, what_ip_is_told)
{
	int child;

	if (wire_family(&variant->flavour) == AF_INET6) {
		ASSERT_EQ(0, set_int(self->listener, SOL_IPV6, IPV6_UNICAST_HOPS, 44));
		ASSERT_EQ(0, set_int(self->listener, SOL_IPV6, IPV6_TCLASS, 0x48));
		child = accepted_now(&variant->flavour, self->listener);
		EXPECT_EQ(44, get_int(child, SOL_IPV6, IPV6_UNICAST_HOPS));
		EXPECT_EQ(0x48, get_int(child, SOL_IPV6, IPV6_TCLASS));
	} else {
		ASSERT_EQ(0, set_int(self->listener, SOL_IP, IP_TTL, 44));
		ASSERT_EQ(0, set_int(self->listener, SOL_IP, IP_TOS, 0x48));
		child = accepted_now(&variant->flavour, self->listener);
		EXPECT_EQ(44, get_int(child, SOL_IP, IP_TTL));
		EXPECT_EQ(0x48, get_int(child, SOL_IP, IP_TOS));
	}
}

TEST_F(inherit, v6only)
{
	union address wildcard = ipv6("::", 4000);
	int listener, child;

	if (wire_family(&variant->flavour) == AF_INET)
		SKIP(return, "of IPv6");
	listener = stream_open(&variant->flavour);
	ASSERT_EQ(0, set_int(listener, SOL_IPV6, IPV6_V6ONLY, 1));
	ASSERT_EQ(0, bind_to(listener, wildcard));
	child = accepted_now(&variant->flavour, listener);
	EXPECT_EQ(1, get_int(child, SOL_IPV6, IPV6_V6ONLY));
}

TEST_F(inherit, what_it_is)
{
	int child = accepted_now(&variant->flavour, self->listener);

	EXPECT_EQ(SOCK_STREAM, get_int(child, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(tcp_number(), get_int(child, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(variant->flavour.family, get_int(child, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, get_int(child, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(1, get_int(self->listener, SOL_SOCKET, SO_ACCEPTCONN));
}

/* Of the file, not of the socket: accept4() says. */
TEST_F(inherit, not_nonblocking)
{
	nonblocking(self->listener);
	EXPECT_FALSE(fcntl(accepted_now(&variant->flavour, self->listener), F_GETFL) & O_NONBLOCK);
}

TEST_HARNESS_MAIN
