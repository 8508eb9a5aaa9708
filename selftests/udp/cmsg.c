// SPDX-License-Identifier: GPL-2.0
/* Control messages both ways: addresses, TTL, class, marks; bad ones. */
#include "xl4test.h"

#define NOBODY 65534

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif
#ifndef SCM_TXTIME
#define SCM_TXTIME 61
#endif

#ifndef SOL_TCP
#define SOL_TCP 6
#endif

static struct message got;

FIXTURE(cmsg)
{
	struct pair p;
	const struct names *ip;
};

FIXTURE_VARIANT(cmsg)
{
	struct flavour flavour;
};

ALL_FLAVOURS(cmsg);

/* The same thing has another name in each family. */
struct names {
	int level;
	int ttl, recv_ttl;
	int tos, recv_tos;
	int origdst, recv_origdst;
	int pktinfo, recv_pktinfo;
};

static const struct names names_v4 = {
	SOL_IP, IP_TTL, IP_RECVTTL, IP_TOS, IP_RECVTOS,
	IP_ORIGDSTADDR, IP_RECVORIGDSTADDR, IP_PKTINFO, IP_PKTINFO,
};

static const struct names names_v6 = {
	SOL_IPV6, IPV6_HOPLIMIT, IPV6_RECVHOPLIMIT, IPV6_TCLASS,
	IPV6_RECVTCLASS, IPV6_ORIGDSTADDR, IPV6_RECVORIGDSTADDR,
	IPV6_PKTINFO, IPV6_RECVPKTINFO,
};

FIXTURE_SETUP(cmsg)
{
	ENTER_NETNS(&variant->flavour);
	loopback_add_address("2001:db8::1");
	self->p = pair_open(&variant->flavour);
	self->ip = wire_family(&variant->flavour) == AF_INET6 ? &names_v6
							      : &names_v4;
}

FIXTURE_TEARDOWN(cmsg)
{
}

/* An IP_TOS control message is one byte, all others are integers. */
static int small_int(const struct message *m, int level, int type)
{
	struct control c = find_control(m, level, type);

	if (c.data && c.len == 1)
		return *(const unsigned char *)c.data;
	return control_int(m, level, type, -1);
}

/* Sends 'x' with one integer as a control message. */
static ssize_t send_int(const struct pair *p, int level, int type, int value)
{
	return send_control(p->tx, "x", 1, &p->to, level, type, &value,
			    sizeof(value));
}

static union address origdst(const struct message *m, const struct names *ip)
{
	struct control c = find_control(m, ip->level, ip->origdst);
	union address a = { 0 };

	if (c.data)
		memcpy(&a, c.data, c.len);
	return a;
}

TEST_F(cmsg, none_unless_asked_for)
{
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0U, got.control_len);
}

TEST_F(cmsg, ttl_is_received)
{
	const struct names *ip = self->ip;

	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_ttl, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(64, control_int(&got, ip->level, ip->ttl, -1));
}

TEST_F(cmsg, ttl_is_sent)
{
	const struct names *ip = self->ip;

	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_ttl, 1));
	ASSERT_EQ(1, send_int(&self->p, ip->level, ip->ttl, 7));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(7, control_int(&got, ip->level, ip->ttl, -1));
	/* for that datagram alone */
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(64, control_int(&got, ip->level, ip->ttl, -1));
	EXPECT_ERRNO(EINVAL, send_int(&self->p, ip->level, ip->ttl, 256));
	EXPECT_ERRNO(EINVAL, send_int(&self->p, ip->level, ip->ttl, -2));
}

TEST_F(cmsg, ttl_can_stay)
{
	const struct names *ip = self->ip;
	int option = ip == &names_v6 ? IPV6_UNICAST_HOPS : IP_TTL;

	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_ttl, 1));
	ASSERT_EQ(0, set_int(self->p.tx, ip->level, option, 9));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(9, control_int(&got, ip->level, ip->ttl, -1));
}

TEST_F(cmsg, class_is_sent_and_received)
{
	const struct names *ip = self->ip;

	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_tos, 1));
	ASSERT_EQ(1, send_int(&self->p, ip->level, ip->tos, 0xb8));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0xb8, small_int(&got, ip->level, ip->tos));
	ASSERT_EQ(0, set_int(self->p.tx, ip->level, ip->tos, 0x28));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0x28, small_int(&got, ip->level, ip->tos));
	EXPECT_ERRNO(EINVAL, send_int(&self->p, ip->level, ip->tos, 256));
}

TEST_F(cmsg, original_destination_has_the_port)
{
	const struct names *ip = self->ip;
	union address want, told;

	want = ip == &names_v6 ? self->p.to
			       : ipv4("127.0.0.1", port_of(&self->p.to));
	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_origdst, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	told = origdst(&got, ip);
	EXPECT_TRUE(same_address(&want, &told));
}

TEST_F(cmsg, several_come_together)
{
	const struct names *ip = self->ip;

	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_ttl, 1));
	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_tos, 1));
	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_origdst, 1));
	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_pktinfo, 1));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, MSG_PEEK));
	EXPECT_EQ(5, count_controls(&got));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(5, count_controls(&got));
}

TEST_F(cmsg, too_little_room_is_told)
{
	char small[CMSG_LEN(1)];
	struct msghdr msg = { .msg_control = small,
			      .msg_controllen = sizeof(small) };

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_TIMESTAMP, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(0, recvmsg(self->p.rx, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_CTRUNC);
}

TEST_F(cmsg, foreign_levels_are_passed_over)
{
	EXPECT_EQ(1, send_int(&self->p, SOL_TCP, 1, 1));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(cmsg, unknown_types_are_refused)
{
	EXPECT_ERRNO(EINVAL, send_int(&self->p, self->ip->level, 250, 1));
	EXPECT_ERRNO(EINVAL, send_int(&self->p, SOL_SOCKET, 250, 1));
	EXPECT_ERRNO(EINVAL, send_int(&self->p, SOL_UDP, 250, 1));
}

static int send_with_length(const struct pair *p, int level, int type,
			    size_t cmsg_len, size_t room)
{
	union { char bytes[64]; struct cmsghdr head; } c = {
		.head = { cmsg_len, level, type } };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = (void *)&p->to, .msg_namelen = address_len(&p->to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = room,
	};

	return errno_of(sendmsg(p->tx, &msg, 0));
}

TEST_F(cmsg, malformed_lengths_are_refused)
{
	const struct names *ip = self->ip;
	size_t header = sizeof(struct cmsghdr);

	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->ttl,
					   header - 1, 64));
	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->ttl, 0, 64));
	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->ttl,
					   65, 64));
	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->ttl,
					   (size_t)-1, 64));
	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->ttl,
					   CMSG_LEN(2), 64));
	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->tos,
					   CMSG_LEN(3), 64));
	EXPECT_EQ(EINVAL, send_with_length(&self->p, ip->level, ip->pktinfo,
					   CMSG_LEN(4), 64));
	/* too short for a header: there is none */
	EXPECT_EQ(0, send_with_length(&self->p, ip->level, ip->ttl,
				      CMSG_LEN(4), header - 1));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.rx, &got, 0));
}

TEST_F(cmsg, control_data_is_limited_by_optmem_max)
{
	size_t size = 64 << 20;
	struct cmsghdr *huge = calloc(1, size);
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &self->p.to,
		.msg_namelen = address_len(&self->p.to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = huge, .msg_controllen = size,
	};

	ASSERT_NE(NULL, huge);
	huge->cmsg_level = SOL_TCP;
	huge->cmsg_len = size;
	EXPECT_ERRNO(ENOBUFS, sendmsg(self->p.tx, &msg, 0));
	huge->cmsg_len = 4096;
	msg.msg_controllen = huge->cmsg_len;
	EXPECT_EQ(1, sendmsg(self->p.tx, &msg, 0));
	free(huge);
}

TEST_F(cmsg, mark_is_sent_and_received)
{
	if (set_int(self->p.rx, SOL_SOCKET, SO_RCVMARK, 1))
		SKIP(return, "this kernel has no SO_RCVMARK");
	ASSERT_EQ(1, send_int(&self->p, SOL_SOCKET, SO_MARK, 42));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(42, control_int(&got, SOL_SOCKET, SO_MARK, -1));
	ASSERT_EQ(0, set_int(self->p.tx, SOL_SOCKET, SO_MARK, 43));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(43, control_int(&got, SOL_SOCKET, SO_MARK, -1));
}

TEST_F(cmsg, mark_needs_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EPERM, send_int(&self->p, SOL_SOCKET, SO_MARK, 42));
	EXPECT_ERRNO(EPERM, set_int(self->p.tx, SOL_SOCKET, SO_MARK, 42));
}

TEST_F(cmsg, txtime_needs_its_option_and_harms_nothing)
{
	struct { int clock; unsigned int flags; } txtime = {
		.clock = CLOCK_MONOTONIC };
	unsigned long long now = 1;

	EXPECT_ERRNO(EINVAL, send_control(self->p.tx, "x", 1, &self->p.to,
					  SOL_SOCKET, SCM_TXTIME, &now,
					  sizeof(now)));
	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_SOCKET, SO_TXTIME, &txtime,
				sizeof(txtime)));
	EXPECT_EQ(1, send_control(self->p.tx, "x", 1, &self->p.to, SOL_SOCKET,
				  SCM_TXTIME, &now, sizeof(now)));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(cmsg, rights_and_credentials_mean_nothing_here)
{
	EXPECT_EQ(1, send_int(&self->p, SOL_SOCKET, SCM_RIGHTS, self->p.tx));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0U, got.control_len);
}

TEST_F(cmsg, overflow_count_is_received)
{
	static char data[1000];
	unsigned int lost = 0;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RXQ_OVFL, 1));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RCVBUF, 4000));
	for (int i = 0; i < 100; i++)
		ASSERT_LT(0, send_to(self->p.tx, data, 1000, self->p.to));
	settle();
	while (receive(self->p.rx, &got, MSG_DONTWAIT) > 0)
		lost++;
	EXPECT_GT(50U, lost);
	lost = 100 - lost;
	/* each datagram carries the count of those lost before it */
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ((int)lost, control_int(&got, SOL_SOCKET, SO_RXQ_OVFL, -1));
}

/*
 * Packet information: where it came in, and from where it shall go out.
 */
static ssize_t send_pktinfo4(const struct pair *p, const char *source,
			     unsigned int device)
{
	struct in_pktinfo info = { .ipi_ifindex = device };

	inet_pton(AF_INET, source, &info.ipi_spec_dst);
	return send_control(p->tx, "x", 1, &p->to, SOL_IP, IP_PKTINFO, &info,
			    sizeof(info));
}

static ssize_t send_pktinfo6(const struct pair *p, const char *source,
			     unsigned int device)
{
	struct in6_pktinfo info = { .ipi6_ifindex = device };

	inet_pton(AF_INET6, source, &info.ipi6_addr);
	return send_control(p->tx, "x", 1, &p->to, SOL_IPV6, IPV6_PKTINFO,
			    &info, sizeof(info));
}

static ssize_t send_pktinfo(const struct pair *p, const struct names *ip,
			    const char *v4, const char *v6, unsigned int device)
{
	return ip == &names_v6 ? send_pktinfo6(p, v6, device)
			       : send_pktinfo4(p, v4, device);
}

TEST_F(cmsg, pktinfo_tells_address_and_device)
{
	const struct names *ip = self->ip;
	struct control c;

	ASSERT_EQ(0, set_int(self->p.rx, ip->level, ip->recv_pktinfo, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	c = find_control(&got, ip->level, ip->pktinfo);
	ASSERT_NE(NULL, c.data);
	if (ip == &names_v6) {
		const struct in6_pktinfo *info = c.data;

		EXPECT_EQ(if_nametoindex("lo"), info->ipi6_ifindex);
		EXPECT_EQ(0, memcmp(&self->p.to.v6.sin6_addr, &info->ipi6_addr,
				    sizeof(info->ipi6_addr)));
	} else {
		const struct in_pktinfo *info = c.data;

		EXPECT_EQ((int)if_nametoindex("lo"), info->ipi_ifindex);
		EXPECT_EQ(htonl(INADDR_LOOPBACK), info->ipi_addr.s_addr);
		EXPECT_EQ(htonl(INADDR_LOOPBACK), info->ipi_spec_dst.s_addr);
	}
}

TEST_F(cmsg, pktinfo_of_a_mapped_address_in_ipv6_terms)
{
	struct control c;

	if (!variant->flavour.mapped)
		return;
	ASSERT_EQ(0, set_int(self->p.rx, SOL_IPV6, IPV6_RECVPKTINFO, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	c = find_control(&got, SOL_IPV6, IPV6_PKTINFO);
	ASSERT_NE(NULL, c.data);
	EXPECT_EQ(0, memcmp(&self->p.to.v6.sin6_addr, c.data, 16));
}

TEST_F(cmsg, pktinfo_chooses_the_source)
{
	union address want = address_for(&variant->flavour, "127.0.0.7",
					 "2001:db8::1", 0);

	self->p.tx = dgram_open(&variant->flavour);
	ASSERT_EQ(1, send_pktinfo(&self->p, self->ip, "127.0.0.7",
				  "2001:db8::1", 0));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(same_host(&want, &got.name));
	if (!variant->flavour.mapped)
		return;
	ASSERT_EQ(1, send_pktinfo6(&self->p, "::ffff:127.0.0.7", 0));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(same_host(&want, &got.name));
}

TEST_F(cmsg, pktinfo_chooses_the_device)
{
	unsigned int lo = if_nametoindex("lo");

	EXPECT_EQ(1, send_pktinfo(&self->p, self->ip, "0.0.0.0", "::", lo));
	EXPECT_ERRNO(ENODEV, send_pktinfo(&self->p, self->ip, "0.0.0.0", "::",
					  12345));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
}

TEST_F(cmsg, pktinfo_with_a_foreign_source_is_refused)
{
	int error = errno_of(send_pktinfo(&self->p, self->ip, "198.51.100.1",
					  "2001:db8:ffff::1", 0));

	/* the IPv4 routing table says either, after the kernel's version */
	EXPECT_TRUE(error == EINVAL ||
		    (self->ip == &names_v4 && error == ENETUNREACH));
}

TEST_HARNESS_MAIN
