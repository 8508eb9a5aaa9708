// SPDX-License-Identifier: GPL-2.0
/* The numbers that xudp, xtcp, xsctp and xdccp register, and what becomes of a load that fails. */
#include "module.h"

#define OTHER		200
#define OTHER_LITE	201

static void leave_only_xl4(void)
{
	modules_in();
	protocols_out();
	netns_enter();
}

static void load_defaults(void)
{
	protocols_out();
	modules_in();
}

/* The kernel's log, from now on. */
static int open_log(void)
{
	int log = MUST(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));

	MUST(lseek(log, 0, SEEK_END));
	return log;
}

/* True when one of its lines contains both texts. */
static bool logged(int log, const char *one, const char *other)
{
	char line[4096];
	ssize_t len;

	while ((len = read(log, line, sizeof(line) - 1)) > 0) {
		line[len] = '\0';
		if (strstr(line, one) && strstr(line, other))
			return true;
	}
	return false;
}

static int socket_error(int family, int protocol)
{
	int fd = socket(family, SOCK_DGRAM, protocol);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void expect_numbers(struct __test_metadata *_metadata, int number,
			   int error)
{
	EXPECT_EQ(error, socket_error(AF_INET, number)) {
		TH_LOG("protocol %d", number);
	}
	EXPECT_EQ(error, socket_error(AF_INET6, number)) {
		TH_LOG("protocol %d", number);
	}
}

static void expect_not_loaded(struct __test_metadata *_metadata)
{
	EXPECT_FALSE(module_loaded(&xudp));
	EXPECT_EQ(0, module_users(&xl4));
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xudp]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xUDP"));
	EXPECT_FALSE(file_contains("/proc/net/protocols", "xUDP"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/udp", F_OK));
	expect_numbers(_metadata, 253, EPROTONOSUPPORT);
	expect_numbers(_metadata, 252, EPROTONOSUPPORT);
	EXPECT_FALSE(module_loaded(&xtcp));
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xtcp]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xTCP"));
	EXPECT_FALSE(file_contains("/proc/net/protocols", "xTCP"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/tcp", F_OK));
	EXPECT_FALSE(module_loaded(&xsctp));
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xsctp]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xSCTP"));
	EXPECT_FALSE(file_contains("/proc/net/protocols", "xSCTP"));
	EXPECT_FALSE(module_loaded(&xdccp));
	EXPECT_FALSE(file_contains("/proc/kallsyms", "[xdccp]"));
	EXPECT_FALSE(file_contains("/proc/slabinfo", "xDCCP"));
	EXPECT_FALSE(file_contains("/proc/net/protocols", "xDCCP"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/sctp", F_OK));
}

FIXTURE(parameters)
{
};

FIXTURE_SETUP(parameters)
{
	MODULES_ONLY();
	leave_only_xl4();
}

FIXTURE_TEARDOWN(parameters)
{
	load_defaults();
}

TEST_F(parameters, defaults)
{
	ASSERT_ERRNO(0, module_load(&xudp, ""));
	expect_numbers(_metadata, 253, 0);
	expect_numbers(_metadata, 252, 0);
	EXPECT_TRUE(file_contains("/sys/module/xudp/parameters/udp", "253"));
	EXPECT_TRUE(file_contains("/sys/module/xudp/parameters/udplite", "252"));
}

TEST_F(parameters, other_numbers)
{
	ASSERT_ERRNO(0, module_load(&xudp, "udp=200 udplite=201"));
	expect_numbers(_metadata, OTHER, 0);
	expect_numbers(_metadata, OTHER_LITE, 0);
	expect_numbers(_metadata, 253, EPROTONOSUPPORT);
	expect_numbers(_metadata, 252, EPROTONOSUPPORT);
}

/* The number is what is on the wire: a raw socket for it hears the datagram. */
TEST_F(parameters, the_other_number_is_on_the_wire)
{
	union address to = ipv4("127.0.0.1", 9);
	struct timeval limit = { .tv_sec = PATIENCE_S };
	char packet[64];
	int raw, fd;

	ASSERT_ERRNO(0, module_load(&xudp, "udp=200"));
	raw = socket(AF_INET, SOCK_RAW, OTHER);
	ASSERT_GE(raw, 0);
	MUST(setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	fd = socket(AF_INET, SOCK_DGRAM, OTHER);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(5, send_text(fd, "hello", to));
	EXPECT_EQ(20 + UDP_HEADER + 5, recv(raw, packet, sizeof(packet), 0));
	EXPECT_EQ(OTHER, packet[9] & 0xff);
	close(fd);
	close(raw);
}

TEST_F(parameters, without_udplite)
{
	ASSERT_ERRNO(0, module_load(&xudp, "udplite=0 udplite_iana=0"));
	expect_numbers(_metadata, 253, 0);
	expect_numbers(_metadata, 252, EPROTONOSUPPORT);
	EXPECT_EQ(0, access("/proc/self/net/xl4/udp", R_OK));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/udplite", F_OK));
}

TEST_F(parameters, without_udp)
{
	ASSERT_ERRNO(0, module_load(&xudp, "udp=0"));
	expect_numbers(_metadata, 253, EPROTONOSUPPORT);
	expect_numbers(_metadata, 252, 0);
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/udp", F_OK));
	EXPECT_EQ(0, access("/proc/self/net/xl4/udplite", R_OK));
}

TEST_F(parameters, another_number_of_tcp)
{
	ASSERT_ERRNO(0, module_load(&xtcp, "tcp=202"));
	EXPECT_TRUE(file_contains("/sys/module/xtcp/parameters/tcp", "202"));
	for (size_t i = 0; i < 2; i++) {
		int family = i ? AF_INET6 : AF_INET, fd = socket(family, SOCK_STREAM, 202);

		EXPECT_LE(0, fd);
		close(fd);
		EXPECT_ERRNO(EPROTONOSUPPORT, socket(family, SOCK_STREAM, 254));
	}
	EXPECT_ERRNO(0, module_unload(&xtcp));
}

TEST_F(parameters, another_number_of_sctp)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };

	ASSERT_ERRNO(0, module_load(&xsctp, "sctp=203 sctp_iana=0"));
	EXPECT_TRUE(file_contains("/sys/module/xsctp/parameters/sctp", "203"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/sctp_iana", F_OK));
	for (size_t i = 0; i < 4; i++) {
		int family = i / 2 ? AF_INET6 : AF_INET, fd = socket(family, types[i % 2], 203);

		EXPECT_LE(0, fd);
		close(fd);
		EXPECT_ERRNO(EPROTONOSUPPORT, socket(family, types[i % 2], 251));
	}
	EXPECT_ERRNO(0, module_unload(&xsctp));
}

TEST_F(parameters, another_number_of_dccp)
{
	static const int families[] = { AF_INET, AF_INET6 };

	ASSERT_ERRNO(0, module_load(&xdccp, "dccp=204 dccp_iana=0"));
	EXPECT_TRUE(file_contains("/sys/module/xdccp/parameters/dccp", "204"));
	EXPECT_ERRNO(ENOENT, access("/proc/self/net/xl4/dccp_iana", F_OK));
	for (size_t i = 0; i < 2; i++) {
		int fd = socket(families[i], SOCK_DCCP, 204);

		EXPECT_LE(0, fd);
		close(fd);
		EXPECT_ERRNO(EPROTONOSUPPORT, socket(families[i], SOCK_DCCP, 250));
	}
	EXPECT_ERRNO(0, module_unload(&xdccp));
}

/* A load that must fail, and of which nothing may be left. */
FIXTURE(refused)
{
	int log;
};

FIXTURE_VARIANT(refused)
{
	struct module *module;
	const char *parameters;
	const char *number;	/* what the log tells, besides the holder */
	const char *holder;
};

#define REFUSED(variant, what, text, num, who)				\
FIXTURE_VARIANT_ADD(refused, variant) {					\
	.module = what, .parameters = text, .number = num, .holder = who }

REFUSED(udp_17, &xudp, "udp=17", "17", "by udp");
REFUSED(udplite_17, &xudp, "udplite=17", "17", "by udp");
REFUSED(udp_6, &xudp, "udp=6", "6", "by tcp");
REFUSED(udp_1, &xudp, "udp=1", "1", "by icmp");
REFUSED(udplite_58, &xudp, "udplite=58", "58", "by icmpv6");
REFUSED(same_number_twice, &xudp, "udp=253 udplite=253", "253", "xudp");
REFUSED(too_big, &xudp, "udp=256", "256", "");
REFUSED(not_a_number, &xudp, "udp=x", "udp", "");
REFUSED(tcp_6, &xtcp, "tcp=6", "6", "by tcp");
REFUSED(tcp_17, &xtcp, "tcp=17", "17", "by udp");
REFUSED(tcp_0, &xtcp, "tcp=0", "tcp=0", "");
REFUSED(tcp_too_big, &xtcp, "tcp=256", "256", "");
REFUSED(sctp_6, &xsctp, "sctp=6", "6", "by tcp");
REFUSED(sctp_17, &xsctp, "sctp=17", "17", "by udp");
REFUSED(sctp_0, &xsctp, "sctp=0", "sctp=0", "");
REFUSED(sctp_too_big, &xsctp, "sctp=256", "256", "");
REFUSED(dccp_6, &xdccp, "dccp=6", "6", "by tcp");
REFUSED(dccp_0, &xdccp, "dccp=0", "dccp=0", "");
REFUSED(dccp_too_big, &xdccp, "dccp=256", "256", "");

FIXTURE_SETUP(refused)
{
	MODULES_ONLY();
	leave_only_xl4();
	self->log = open_log();
}

FIXTURE_TEARDOWN(refused)
{
	load_defaults();
	close(self->log);
}

TEST_F(refused, is_not_loaded_and_says_why)
{
	EXPECT_EQ(-1, module_load(variant->module, variant->parameters));
	EXPECT_TRUE(logged(self->log, variant->number, variant->holder));
	expect_not_loaded(_metadata);
}

TEST_F(refused, leaves_nothing_in_the_way)
{
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(-1, module_load(variant->module, variant->parameters));
	ASSERT_ERRNO(0, module_load(variant->module, ""));
	if (variant->module == &xudp) {
		expect_numbers(_metadata, 253, 0);
		expect_numbers(_metadata, 252, 0);
	}
	EXPECT_ERRNO(0, module_unload(variant->module));
	expect_not_loaded(_metadata);
}

TEST_HARNESS_MAIN
