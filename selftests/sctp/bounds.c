// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* What there may be many of: associations of a listener, streams; and where a message came from. */
#include "xl4test.h"
#include "sctp.h"

#define MOST	"net/xl4/sctp/max_associations"
#define LAST	65534

FIXTURE(bounds)
{
	const struct flavour *f;
};

FIXTURE_VARIANT(bounds)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(bounds);

FIXTURE_SETUP(bounds)
{
	netns_enter();
	self->f = &variant->flavour;
}

FIXTURE_TEARDOWN(bounds)
{
}

/* The backlog of listen() is no bound for a one-to-many socket; the setting is. */
TEST_F(bounds, associations_of_a_listener)
{
	int server = listening(self->f, many_open(self->f), 1), fd[4];

	if (access("/proc/sys/" MOST, W_OK))
		SKIP(return, "another SCTP");
	sysctl_write(MOST, "3");
	for (int i = 0; i < 4; i++) {
		fd[i] = one_open(self->f);
		nonblocking(fd[i]);
		EXPECT_ERRNO(EINPROGRESS, connect_to(fd[i], name_of(server)));
		settle();
	}
	EXPECT_EQ(3, associations_of(server));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(SCTP_ESTABLISHED, state_of(fd[i], 0));
	EXPECT_EQ(SCTP_COOKIE_WAIT, state_of(fd[3], 0));
	/* It asks again, and by then there is room. */
	abort_by_linger(fd[0]);
	EXPECT_TRUE(comes_to_state(fd[3], 0, SCTP_ESTABLISHED));
}

static int of_streams(int fd, uint16_t out)
{
	struct sctp_initmsg init = { .sinit_num_ostreams = out, .sinit_max_instreams = 65535 };

	MUST(set_option(fd, SCTP_INITMSG, &init, sizeof(init)));
	return fd;
}

/* Messages of any of 65535 streams arrive, in the order of each. */
TEST_F(bounds, streams)
{
	static const uint16_t sids[] = { 0, 1, 127, 128, 4096, LAST, 0, LAST };
	int listener = of_streams(one_open(self->f), 65535);
	struct message *m = calloc(1, sizeof(*m));
	struct one o;

	listening(self->f, listener, 8);
	o = (struct one) { .listener = listener,
			   .here = of_streams(one_open(self->f), 65535) };
	ASSERT_ERRNO(0, connect_to(o.here, name_of(listener)));
	o.there = MUST(accept(listener, NULL, NULL));
	want_rcvinfo(o.there);
	for (size_t i = 0; i < ARRAY_SIZE(sids); i++) {
		struct sending s = { .info.snd_sid = sids[i] };

		ASSERT_EQ(4, send_message(o.here, &s, "this", 4));
		ASSERT_EQ(4, receive(o.there, m, 0));
		EXPECT_EQ(sids[i], rcvinfo_of(m).rcv_sid);
		EXPECT_EQ(i < 6 ? 0 : 1, rcvinfo_of(m).rcv_ssn);
	}
	one_close(&o);
}

/* RFC 6458 section 3.1.4, and what the IP layer has to say. */
TEST_F(bounds, a_message_tells_where_it_came_from)
{
	int server = listening(self->f, many_open(self->f), 8), fd = many_open(self->f);
	bool v6 = self->f->family == AF_INET6;
	struct message *m = calloc(1, sizeof(*m));
	union address here, to = name_of(server);
	struct control info;

	if (v6)
		MUST(set_int(server, SOL_IPV6, IPV6_RECVPKTINFO, 1));
	else
		MUST(set_int(server, SOL_IP, IP_PKTINFO, 1));
	MUST(bind_to(fd, loopback(self->f, 0)));
	here = name_of(fd);
	ASSERT_EQ(2, sendto(fd, "hi", 2, 0, &to.sa, address_len(&to)));
	ASSERT_EQ(2, receive(server, m, 0));
	EXPECT_TRUE(same_address(&here, &m->name));
	info = find_control(m, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_PKTINFO : IP_PKTINFO);
	ASSERT_NE(NULL, info.data);
	if (v6) {
		const struct in6_pktinfo *told = info.data;

		EXPECT_EQ(0, memcmp(&told->ipi6_addr, &to.v6.sin6_addr, sizeof(told->ipi6_addr)));
		EXPECT_EQ(if_nametoindex("lo"), told->ipi6_ifindex);
	} else {
		const struct in_pktinfo *told = info.data;

		EXPECT_EQ(to.v4.sin_addr.s_addr, told->ipi_addr.s_addr);
		EXPECT_EQ(to.v4.sin_addr.s_addr, told->ipi_spec_dst.s_addr);
		EXPECT_EQ(if_nametoindex("lo"), (unsigned int)told->ipi_ifindex);
	}
}

TEST_HARNESS_MAIN
