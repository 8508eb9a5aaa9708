// SPDX-License-Identifier: GPL-2.0
/* What IPv6 sockets alone know: scopes, flow labels, extension headers. */
#include "xl4test.h"

#define NOBODY 65534

/* <linux/in6.h> cannot be included beside <netinet/in.h>. */
#ifndef IPV6_FLOWINFO
#define IPV6_FLOWINFO		11
#endif
#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR	32
#define IPV6_FLOWINFO_SEND	33
#endif

struct flowlabel_request {
	struct in6_addr destination;
	__be32 label;
	__u8 action;
	__u8 share;
	__u16 flags;
	__u16 expires;
	__u16 linger;
	__u32 reserved;
};

#define FLOWLABEL_GET		0
#define FLOWLABEL_CREATE	1
#define FLOWLABEL_EXCLUSIVE	1

static struct message got;

FIXTURE(ipv6)
{
	struct pair p;
};

FIXTURE_VARIANT(ipv6)
{
	struct flavour flavour;
};

ADD_FLAVOUR(ipv6, udp, .family = AF_INET6);
ADD_FLAVOUR(ipv6, lite, .family = AF_INET6, .lite = true);

FIXTURE_SETUP(ipv6)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(ipv6)
{
}

/* An extension header without options: 'data' is its one PadN. */
static const unsigned char padding[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };

struct extension {
	int type;
	int receive;
};

static const struct extension extensions[] = {
	{ IPV6_HOPOPTS, IPV6_RECVHOPOPTS },
	{ IPV6_DSTOPTS, IPV6_RECVDSTOPTS },
};

/* The header that arrived; the first byte, the next header, is the kernel's. */
static bool came_with(const struct message *m, int type)
{
	struct control c = find_control(m, SOL_IPV6, type);

	return c.len == sizeof(padding) &&
	       !memcmp((const char *)c.data + 1, padding + 1,
		       sizeof(padding) - 1);
}

TEST_F(ipv6, extension_headers_go_by_control_message)
{
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		const struct extension *e = &extensions[i];

		ASSERT_EQ(0, set_int(self->p.rx, SOL_IPV6, e->receive, 1));
		ASSERT_EQ(1, send_control(self->p.tx, "x", 1, &self->p.to,
					  SOL_IPV6, e->type, padding,
					  sizeof(padding)));
		ASSERT_EQ(1, receive(self->p.rx, &got, 0));
		EXPECT_TRUE(came_with(&got, e->type));
		ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
		ASSERT_EQ(1, receive(self->p.rx, &got, 0));
		EXPECT_FALSE(came_with(&got, e->type));
	}
}

TEST_F(ipv6, extension_headers_stay_by_option)
{
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		const struct extension *e = &extensions[i];

		ASSERT_EQ(0, set_int(self->p.rx, SOL_IPV6, e->receive, 1));
		ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IPV6, e->type, padding,
					sizeof(padding)));
	}
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		EXPECT_TRUE(came_with(&got, extensions[i].type));
}

TEST_F(ipv6, extension_headers_take_their_room)
{
	static char big[65527];

	ASSERT_EQ(0, setsockopt(self->p.tx, SOL_IPV6, IPV6_DSTOPTS, padding,
				sizeof(padding)));
	EXPECT_ERRNO(EMSGSIZE, send_to(self->p.tx, big, 65520, self->p.to));
	EXPECT_EQ(65500, send_to(self->p.tx, big, 65500, self->p.to));
}

TEST_F(ipv6, last_extension_header_of_a_kind_counts)
{
	const unsigned char longer[16] = { 0, 1, 1, 12 };
	const struct control list[] = {
		{ SOL_IPV6, IPV6_DSTOPTS, longer, sizeof(longer) },
		{ SOL_IPV6, IPV6_DSTOPTS, padding, sizeof(padding) },
	};

	ASSERT_EQ(0, set_int(self->p.rx, SOL_IPV6, IPV6_RECVDSTOPTS, 1));
	ASSERT_EQ(1, send_controls(self->p.tx, "x", 1, &self->p.to, list, 2, 0));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_TRUE(came_with(&got, IPV6_DSTOPTS));
}

/* The longest header there is; so many of them are 65536 octets. */
#define LONGEST		2048
#define LONGEST_WRAP	32

/* Full of the option for experiments (RFC 4727), which every node skips. */
static void fill_longest(unsigned char *header)
{
	const size_t longest_option = 256;
	size_t at, len;

	memset(header, 0, LONGEST);
	header[1] = LONGEST / 8 - 1;
	for (at = 2; at < LONGEST; at += len) {
		len = LONGEST - at;
		if (len > longest_option)
			len = longest_option;
		header[at] = 0x1e;
		header[at + 1] = len - 2;
	}
}

/* A short header, and then so many long ones that 16 bits count the short one alone. */
static ssize_t send_wrapping(const struct pair *p, int type, int flags)
{
	static union {
		char bytes[CMSG_SPACE(sizeof(padding)) +
			   LONGEST_WRAP * CMSG_SPACE(LONGEST)];
		struct cmsghdr align;
	} buffer;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = (void *)&p->to, .msg_namelen = address_len(&p->to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = buffer.bytes,
		.msg_controllen = sizeof(buffer.bytes),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	*c = (struct cmsghdr) { CMSG_LEN(sizeof(padding)), SOL_IPV6, type };
	memcpy(CMSG_DATA(c), padding, sizeof(padding));
	for (int i = 0; i < LONGEST_WRAP; i++) {
		c = CMSG_NXTHDR(&msg, c);
		*c = (struct cmsghdr) { CMSG_LEN(LONGEST), SOL_IPV6, type };
		fill_longest(CMSG_DATA(c));
	}
	return sendmsg(p->tx, &msg, flags);
}

/* Those for the hops of a routing header are left out where there is none. */
TEST_F(ipv6, lengths_of_extension_headers_do_not_wrap)
{
	const int types[] = { IPV6_DSTOPTS, IPV6_RTHDRDSTOPTS };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		ssize_t sent = send_wrapping(&self->p, types[i], 0);

		if (sent < 0 && errno == ENOBUFS)
			SKIP(return, "net.core.optmem_max is too small");
		ASSERT_EQ(1, sent);
		ASSERT_EQ(1, receive(self->p.rx, &got, 0));
		EXPECT_EQ('x', got.data[0]);
		ASSERT_EQ(1, send_wrapping(&self->p, types[i], MSG_MORE));
		ASSERT_EQ(1, send_text(self->p.tx, "y", self->p.to));
		ASSERT_EQ(2, receive(self->p.rx, &got, 0));
		EXPECT_EQ(0, memcmp("xy", got.data, 2));
	}
}

TEST_F(ipv6, extension_headers_are_checked)
{
	unsigned char lying[8] = { 0, 1, 1, 4 };

	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		int type = extensions[i].type;

		EXPECT_ERRNO(EINVAL,
			     send_control(self->p.tx, "x", 1, &self->p.to,
					  SOL_IPV6, type, lying,
					  sizeof(lying)));
		EXPECT_ERRNO(EINVAL,
			     send_control(self->p.tx, "x", 1, &self->p.to,
					  SOL_IPV6, type, padding, 1));
		EXPECT_ERRNO(EINVAL, setsockopt(self->p.tx, SOL_IPV6, type,
						lying, sizeof(lying)));
	}
}

TEST_F(ipv6, extension_headers_need_privilege)
{
	ASSERT_EQ(0, seteuid(NOBODY));
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		EXPECT_ERRNO(EPERM,
			     send_control(self->p.tx, "x", 1, &self->p.to,
					  SOL_IPV6, extensions[i].type,
					  padding, sizeof(padding)));
}

TEST_F(ipv6, flow_information_is_received)
{
	int class = 0x20;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_IPV6, IPV6_FLOWINFO, 1));
	ASSERT_EQ(1, send_control(self->p.tx, "x", 1, &self->p.to, SOL_IPV6,
				  IPV6_TCLASS, &class, sizeof(class)));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0x20, (ntohl(control_int(&got, SOL_IPV6, IPV6_FLOWINFO, 0)) >>
			 20) & 0xff);
}

static void lease_label(int fd, unsigned int label)
{
	struct flowlabel_request request = {
		.destination = IN6ADDR_LOOPBACK_INIT,
		.label = htonl(label),
		.action = FLOWLABEL_GET,
		.flags = FLOWLABEL_CREATE,
		.share = FLOWLABEL_EXCLUSIVE,
	};

	MUST(setsockopt(fd, SOL_IPV6, IPV6_FLOWLABEL_MGR, &request,
			sizeof(request)));
}

TEST_F(ipv6, flow_label_must_be_leased)
{
	union address to = self->p.to;

	to.v6.sin6_flowinfo = htonl(0x12345);
	ASSERT_EQ(0, set_int(self->p.tx, SOL_IPV6, IPV6_FLOWINFO_SEND, 1));
	lease_label(self->p.tx, 0x12345);
	ASSERT_EQ(0, set_int(self->p.rx, SOL_IPV6, IPV6_FLOWINFO, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_EQ(0x12345U, ntohl(control_int(&got, SOL_IPV6, IPV6_FLOWINFO,
					      0)) & 0xfffff);
	to.v6.sin6_flowinfo = htonl(0x54321);
	EXPECT_ERRNO(EINVAL, send_text(self->p.tx, "x", to));
	EXPECT_ERRNO(EINVAL, connect_to(self->p.tx, to));
}

TEST_F(ipv6, link_local_names_carry_their_scope)
{
	union address here = ipv6("fe80::1", 4000);
	int fd = dgram_open(&variant->flavour);

	loopback_add_address("fe80::1");
	here.v6.sin6_scope_id = if_nametoindex("lo");
	ASSERT_ERRNO(0, bind_to(fd, here));
	EXPECT_EQ(if_nametoindex("lo"), name_of(fd).v6.sin6_scope_id);
	ASSERT_EQ(1, send_text(fd, "x", here));
	ASSERT_EQ(1, receive(fd, &got, 0));
	EXPECT_TRUE(same_address(&here, &got.name));
	EXPECT_EQ(if_nametoindex("lo"), got.name.v6.sin6_scope_id);
}

TEST_F(ipv6, short_names_of_rfc2133_are_taken)
{
	EXPECT_EQ(1, sendto(self->p.tx, "x", 1, 0, &self->p.to.sa, 24));
	EXPECT_EQ(1, receive(self->p.rx, &got, 0));
	EXPECT_ERRNO(EINVAL, sendto(self->p.tx, "x", 1, 0, &self->p.to.sa, 23));
}

TEST_F(ipv6, ipv4_names_are_taken_too)
{
	int rx = dgram_bound(&variant->flavour, ipv6("::", 4000));
	int tx = dgram_open(&variant->flavour);

	ASSERT_EQ(1, send_text(tx, "x", ipv4("127.0.0.1", 4000)));
	ASSERT_EQ(1, receive(rx, &got, 0));
	EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&got.name.v6.sin6_addr));
}

TEST_F(ipv6, v6only_hears_no_ipv4)
{
	const struct flavour *f = &variant->flavour;
	struct flavour v4 = { .family = AF_INET, .lite = f->lite };
	int only = dgram_open(f), tx = dgram_open(&v4);

	ASSERT_EQ(0, set_int(only, SOL_IPV6, IPV6_V6ONLY, 1));
	EXPECT_EQ(1, get_int(only, SOL_IPV6, IPV6_V6ONLY));
	ASSERT_ERRNO(0, bind_to(only, ipv6("::", 4000)));
	ASSERT_EQ(1, send_text(tx, "4", ipv4("127.0.0.1", 4000)));
	ASSERT_EQ(1, send_text(self->p.tx, "6", ipv6("::1", 4000)));
	ASSERT_EQ(1, receive(only, &got, 0));
	EXPECT_EQ('6', got.data[0]);
}

TEST_HARNESS_MAIN
