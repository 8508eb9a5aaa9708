// SPDX-License-Identifier: GPL-2.0
/* Path MTU: the modes of discovery, what is refused and what is fragmented. */
#include "xl4test.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>

#define DEVICE_MTU	1500
#define PATH_MTU	1300

static struct message got;
static char data[4000];

FIXTURE(mtu)
{
	struct veth veth;
	union address there;	/* at the other end of the wire */
	union address beyond;	/* behind a narrower link */
	int level, discover, mtu;
	int fd, rx;
};

FIXTURE_VARIANT(mtu)
{
	struct flavour flavour;
};

ALL_FLAVOURS(mtu);

FIXTURE_SETUP(mtu)
{
	const struct flavour *f = &variant->flavour;
	bool v6 = wire_family(f) == AF_INET6;

	ENTER_NETNS(f);
	self->veth = veth_create();
	self->there = address_for(f, VETH_THERE_V4, VETH_THERE_V6, 4000);
	self->beyond = address_for(f, "198.51.100.1", "2001:db8:ffff::1", 9);
	self->level = v6 ? SOL_IPV6 : SOL_IP;
	self->discover = v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
	self->mtu = v6 ? IPV6_MTU : IP_MTU;
	self->fd = dgram_open(f);
	netns_switch(self->veth.there);
	self->rx = dgram_bound(f, self->there);
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(mtu)
{
}

static int headers(const struct flavour *f)
{
	return UDP_HEADER + (wire_family(f) == AF_INET6 ? sizeof(struct ip6_hdr)
							: sizeof(struct ip));
}

/* A link behind the other namespace that takes PATH_MTU bytes, no more. */
static void narrow_link(const struct veth *v)
{
	const struct end near = { "veth1", 20, v->there, PATH_MTU,
				  { 2, 0, 0, 0, 0, 3 } };
	const struct end far = { "veth2", 21, v->there, PATH_MTU,
				 { 2, 0, 0, 0, 0, 4 } };
	union address router_v4 = ipv4(VETH_THERE_V4, 0);
	union address router_v6 = ipv6(VETH_THERE_V6, 0);
	union address v4 = ipv4("198.51.100.0", 0);
	union address v6 = ipv6("2001:db8:ffff::", 0);

	netns_switch(v->there);
	sysctl_write("net/ipv4/ip_forward", "1");
	sysctl_write("net/ipv6/conf/all/forwarding", "1");
	link_veth(&near, &far);
	device_up("veth1");
	device_up("veth2");
	device_wait_for_groups("veth1");
	route_add(v4, 24, "veth1", NULL, RTN_UNICAST);
	route_add(v6, 64, "veth1", NULL, RTN_UNICAST);
	netns_switch(v->here);
	route_add(v4, 24, NULL, &router_v4, RTN_UNICAST);
	route_add(v6, 64, NULL, &router_v6, RTN_UNICAST);
}

/* What each mode says to a datagram larger than the device or the path. */
static const struct mode {
	const char *name;
	int mode;
	int over_device;
	int over_path;
} modes[] = {
	{ "dont", IP_PMTUDISC_DONT, 0, 0 },
	{ "want", IP_PMTUDISC_WANT, 0, 0 },
	{ "do", IP_PMTUDISC_DO, EMSGSIZE, EMSGSIZE },
	{ "probe", IP_PMTUDISC_PROBE, EMSGSIZE, 0 },
	{ "interface", IP_PMTUDISC_INTERFACE, EMSGSIZE, 0 },
	{ "omit", IP_PMTUDISC_OMIT, 0, 0 },
};

TEST_F(mtu, modes_are_kept_and_checked)
{
	EXPECT_EQ(IP_PMTUDISC_WANT, get_int(self->fd, self->level,
					    self->discover));
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		ASSERT_EQ(0, set_int(self->fd, self->level, self->discover,
				     modes[i].mode));
		EXPECT_EQ(modes[i].mode, get_int(self->fd, self->level,
						 self->discover));
	}
	EXPECT_ERRNO(EINVAL, set_int(self->fd, self->level, self->discover,
				     -1));
	EXPECT_ERRNO(EINVAL, set_int(self->fd, self->level, self->discover,
				     IP_PMTUDISC_OMIT + 1));
}

TEST_F(mtu, known_only_when_connected)
{
	EXPECT_ERRNO(ENOTCONN, get_int(self->fd, self->level, self->mtu));
	ASSERT_ERRNO(0, connect_to(self->fd, self->there));
	EXPECT_EQ(DEVICE_MTU, get_int(self->fd, self->level, self->mtu));
}

TEST_F(mtu, device_limits_each_mode)
{
	size_t fits = DEVICE_MTU - headers(&variant->flavour);

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		ASSERT_EQ(0, set_int(self->fd, self->level, self->discover,
				     modes[i].mode));
		EXPECT_ERRNO(0, send_to(self->fd, data, fits, self->there));
		EXPECT_EQ((ssize_t)fits, receive(self->rx, &got, 0));
		EXPECT_ERRNO(modes[i].over_device,
			     send_to(self->fd, data, fits + 1, self->there))
			TH_LOG("mode %s", modes[i].name);
		if (!modes[i].over_device)
			EXPECT_EQ((ssize_t)fits + 1, receive(self->rx, &got,
							     0));
	}
}

TEST_F(mtu, refusal_is_reported_with_the_mtu)
{
	struct report r;

	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(0, set_int(self->fd, self->level, self->discover,
			     IP_PMTUDISC_DO));
	ASSERT_ERRNO(0, connect_to(self->fd, self->there));
	EXPECT_ERRNO(EMSGSIZE, send(self->fd, data, 2000, 0));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(EMSGSIZE, (int)r.error.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, r.error.ee_origin);
	EXPECT_EQ((unsigned int)DEVICE_MTU, r.error.ee_info);
	EXPECT_EQ(0U, got.len);
	EXPECT_TRUE(same_address(&self->there, &got.name));
}

/* Learns of the narrow link by losing one datagram to it. */
static void learn_path(const struct flavour *f, union address beyond)
{
	int fd = dgram_open(f);

	MUST(connect_to(fd, beyond));
	MUST(send(fd, data, DEVICE_MTU - headers(f), 0));
	MUST(wait_for(fd, POLLERR) ? 0 : -1);
	close(fd);
}

TEST_F(mtu, connected_learns_of_the_path)
{
	narrow_link(&self->veth);
	ASSERT_ERRNO(0, connect_to(self->fd, self->beyond));
	EXPECT_EQ(DEVICE_MTU, get_int(self->fd, self->level, self->mtu));
	ASSERT_EQ(0, set_int(self->fd, self->level, self->discover,
			     IP_PMTUDISC_DO));
	ASSERT_EQ(1400, send(self->fd, data, 1400, 0));
	ASSERT_TRUE(wait_for(self->fd, POLLERR));
	EXPECT_EQ(EMSGSIZE, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(PATH_MTU, get_int(self->fd, self->level, self->mtu));
	EXPECT_ERRNO(EMSGSIZE, send(self->fd, data, 1400, 0));
	EXPECT_EQ(1200, send(self->fd, data, 1200, 0));
}

TEST_F(mtu, report_of_the_path_has_its_mtu)
{
	struct report r;

	narrow_link(&self->veth);
	ask_for_reports(self->fd, &variant->flavour);
	ASSERT_EQ(1400, send_to(self->fd, data, 1400, self->beyond));
	ASSERT_TRUE(read_report(self->fd, &variant->flavour, &got, &r));
	EXPECT_EQ(EMSGSIZE, (int)r.error.ee_errno);
	EXPECT_EQ((unsigned int)PATH_MTU, r.error.ee_info);
	EXPECT_TRUE(same_address(&self->beyond, &got.name));
}

TEST_F(mtu, path_limits_each_mode)
{
	narrow_link(&self->veth);
	learn_path(&variant->flavour, self->beyond);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd = dgram_open(&variant->flavour);

		ASSERT_EQ(0, set_int(fd, self->level, self->discover,
				     modes[i].mode));
		EXPECT_ERRNO(modes[i].over_path,
			     send_to(fd, data, 1400, self->beyond))
			TH_LOG("mode %s", modes[i].name);
		close(fd);
	}
}

TEST_F(mtu, want_cuts_to_the_path)
{
	run("ip route change 192.0.2.0/24 dev veth0 mtu %d", PATH_MTU);
	run("ip route add 2001:db8::/64 dev veth0 metric 1 mtu %d", PATH_MTU);
	ASSERT_EQ(1400, send_to(self->fd, data, 1400, self->there));
	EXPECT_EQ(1400, receive(self->rx, &got, 0));
}

/* RFC 3542: fragmentation forbidden, and the path MTU told beside the data. */
FIXTURE(pathmtu)
{
	struct veth veth;
	union address beyond;
	int fd;
};

FIXTURE_VARIANT(pathmtu)
{
	struct flavour flavour;
};

ADD_FLAVOUR(pathmtu, udp, .family = AF_INET6);
ADD_FLAVOUR(pathmtu, lite, .family = AF_INET6, .lite = true);

FIXTURE_SETUP(pathmtu)
{
	ENTER_NETNS(&variant->flavour);
	if (is_kernel_udp() && variant->flavour.lite)
		SKIP_ALL("the kernel's UDP-Lite does not know IPV6_DONTFRAG");
	self->veth = veth_create();
	narrow_link(&self->veth);
	self->beyond = ipv6("2001:db8:ffff::1", 9);
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(pathmtu)
{
}

static unsigned int told_mtu(int fd)
{
	struct ip6_mtuinfo info = { .ip6m_mtu = 0 };
	struct control c;

	if (receive_now(fd, &got, 0))
		return 0;
	c = find_control(&got, SOL_IPV6, IPV6_PATHMTU);
	if (c.len == sizeof(info))
		memcpy(&info, c.data, c.len);
	return info.ip6m_mtu;
}

TEST_F(pathmtu, dontfrag_refuses)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_DONTFRAG, 1));
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_RECVPATHMTU, 1));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->fd, data, 2000, self->beyond));
	EXPECT_EQ((unsigned int)DEVICE_MTU, told_mtu(self->fd));
}

TEST_F(pathmtu, dontfrag_for_one_datagram)
{
	int one = 1;

	EXPECT_ERRNO(EMSGSIZE, send_control(self->fd, data, 2000,
					    &self->beyond, SOL_IPV6,
					    IPV6_DONTFRAG, &one, sizeof(one)));
	EXPECT_EQ(2000, send_to(self->fd, data, 2000, self->beyond));
}

TEST_F(pathmtu, option_tells_the_mtu_of_the_peer)
{
	struct ip6_mtuinfo info;
	socklen_t len = sizeof(info);

	EXPECT_ERRNO(ENOTCONN, getsockopt(self->fd, SOL_IPV6, IPV6_PATHMTU,
					  &info, &len));
	ASSERT_ERRNO(0, connect_to(self->fd, self->beyond));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_IPV6, IPV6_PATHMTU, &info, &len));
	EXPECT_EQ((unsigned int)DEVICE_MTU, info.ip6m_mtu);
}

TEST_F(pathmtu, sticky_mtu_cuts)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_DONTFRAG, 1));
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_MTU, 1280));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->fd, data, 1400, self->beyond));
	EXPECT_ERRNO(EINVAL, set_int(self->fd, SOL_IPV6, IPV6_MTU, 1000));
}

TEST_HARNESS_MAIN
