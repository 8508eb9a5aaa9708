// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO: what it tells after what is known to have happened. */
#include "xl4test.h"
#include "tcp_ends.h"
#include "stream.h"

#include <linux/sockios.h>
#include <stddef.h>
#include <sys/param.h>

static char data[1 << 20];

FIXTURE(info)
{
	struct stream s;
};

FIXTURE_VARIANT(info)
{
	struct flavour flavour;
};

TCP_FLAVOURS(info);

FIXTURE_SETUP(info)
{
	netns_enter();
	self->s = stream_pair(&variant->flavour);
}

FIXTURE_TEARDOWN(info)
{
}

/* ------------------------------------------------------------------ the call */

TEST_F(info, as_much_as_there_is_room_for)
{
	unsigned char bytes[sizeof(struct tcp_info)];
	struct tcp_info whole = info_of(self->s.here);

	for (socklen_t room = 0; room < 120; room += 7) {
		socklen_t len = room;

		memset(bytes, 0xaa, sizeof(bytes));
		ASSERT_EQ(0, getsockopt(self->s.here, SOL_TCP, TCP_INFO, bytes, &len));
		EXPECT_EQ(room, len);
		EXPECT_EQ(0xaa, bytes[room]);
		/* Up to what time changes. */
		EXPECT_EQ(0, memcmp(&whole, bytes, room < 44 ? room : 44));
	}
}

TEST_F(info, no_more_than_there_is)
{
	unsigned char bytes[2048];
	socklen_t len = sizeof(bytes);

	memset(bytes, 0xaa, sizeof(bytes));
	ASSERT_EQ(0, getsockopt(self->s.here, SOL_TCP, TCP_INFO, bytes, &len));
	EXPECT_GT(sizeof(bytes), len);
	/* All that the oldest kernel tells. */
	EXPECT_LE(offsetof(struct tcp_info, tcpi_snd_wnd) + 4, len);
	EXPECT_EQ(0xaa, bytes[len]);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->s.here, SOL_TCP, TCP_INFO, bytes, &len));
}

/* -------------------------------------------------------------- the handshake */

TEST_F(info, fresh_and_listening)
{
	int fd = stream_open(&variant->flavour);

	EXPECT_EQ(STATE_CLOSE, info_of(fd).tcpi_state);
	EXPECT_EQ(0U, info_of(fd).tcpi_unacked);
	EXPECT_EQ(0ULL, info_of(fd).tcpi_bytes_acked);
	EXPECT_EQ(STATE_LISTEN, info_of(self->s.listener).tcpi_state);
	/* Of a listener: how many wait, and how many may. */
	EXPECT_EQ(0U, info_of(self->s.listener).tcpi_unacked);
	EXPECT_EQ(8U, info_of(self->s.listener).tcpi_sacked);
	stream_to(&variant->flavour, self->s.listener);
	stream_to(&variant->flavour, self->s.listener);
	settle();
	EXPECT_EQ(2U, info_of(self->s.listener).tcpi_unacked);
}

TEST_F(info, what_was_agreed_on)
{
	const int ends[] = { self->s.here, self->s.there };
	const unsigned int wanted = TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE;
	struct tcp_info info[2];

	for (int i = 0; i < 2; i++) {
		info[i] = info_of(ends[i]);
		EXPECT_EQ(STATE_ESTABLISHED, info[i].tcpi_state);
		EXPECT_EQ(TCP_CA_Open, (int)info[i].tcpi_ca_state);
		EXPECT_EQ(wanted, info[i].tcpi_options & wanted);
		EXPECT_LT(0, (int)info[i].tcpi_rcv_wscale);
		EXPECT_EQ(get_int(ends[i], SOL_TCP, TCP_MAXSEG), (int)info[i].tcpi_snd_mss);
		EXPECT_LT(20000U, info[i].tcpi_snd_mss);
		EXPECT_LE(65535U, info[i].tcpi_pmtu);
		EXPECT_GE(65536U, info[i].tcpi_pmtu);
		/* RFC 6928: ten, but two are enough where they are large. */
		EXPECT_LE(2U, info[i].tcpi_snd_cwnd);
		EXPECT_GE(10U, info[i].tcpi_snd_cwnd);
		/* It was measured with the handshake. */
		EXPECT_LT(0U, info[i].tcpi_rtt);
		EXPECT_LE(200000U, info[i].tcpi_rto);
		EXPECT_GE(120000000U, info[i].tcpi_rto);
		EXPECT_EQ(0U, info[i].tcpi_unacked);
		EXPECT_EQ(0U, info[i].tcpi_notsent_bytes);
		EXPECT_EQ(0, info[i].tcpi_retransmits + info[i].tcpi_probes + info[i].tcpi_backoff);
		EXPECT_EQ(0U, info[i].tcpi_total_retrans);
	}
	EXPECT_TRUE(info[0].tcpi_snd_wscale == info[1].tcpi_rcv_wscale);
	EXPECT_TRUE(info[1].tcpi_snd_wscale == info[0].tcpi_rcv_wscale);
}

/* What is not offered is not agreed on. */
TEST_F(info, what_was_not_agreed_on)
{
	static const struct {
		const char *setting;
		unsigned int option;
	} list[] = {
		{ "timestamps", TCPI_OPT_TIMESTAMPS }, { "sack", TCPI_OPT_SACK },
		{ "window_scaling", TCPI_OPT_WSCALE },
	};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct stream s;

		snprintf(path, sizeof(path), "net/%s/tcp_%s", is_kernel_tcp() ? "ipv4" : "xl4",
			 list[i].setting);
		sysctl_write(path, "0");
		s = stream_pair(&variant->flavour);
		EXPECT_FALSE(info_of(s.here).tcpi_options & list[i].option)
			TH_LOG("%s", list[i].setting);
		EXPECT_FALSE(info_of(s.there).tcpi_options & list[i].option);
		sysctl_write(path, "1");
	}
}

/* ----------------------------------------------------------------- an exchange */

/* What one end has done since before. */
#define MORE(after, before, field) ((after).tcpi_##field - (before).tcpi_##field)

TEST_F(info, octets_are_counted)
{
	struct tcp_info here = info_of(self->s.here), there = info_of(self->s.there), a, b;

	ASSERT_TRUE(send_all(self->s.here, data, 50000));
	ASSERT_TRUE(recv_all(self->s.there, data, 50000));
	ASSERT_TRUE(send_all(self->s.there, data, 777));
	ASSERT_TRUE(recv_all(self->s.here, data, 777));
	/* The last ACK may be delayed: it comes with the next octet. */
	ASSERT_TRUE(send_all(self->s.here, data, 1));
	ASSERT_TRUE(recv_all(self->s.there, data, 1));
	settle();
	a = info_of(self->s.here);
	b = info_of(self->s.there);
	EXPECT_EQ(50001ULL, MORE(a, here, bytes_sent));
	EXPECT_EQ(777ULL, MORE(a, here, bytes_received));
	EXPECT_EQ(50001ULL, MORE(b, there, bytes_received));
	EXPECT_EQ(777ULL, MORE(b, there, bytes_sent));
	EXPECT_LE(50000ULL, MORE(a, here, bytes_acked));
	EXPECT_GE(50001ULL, MORE(a, here, bytes_acked));
	EXPECT_EQ(777ULL, MORE(b, there, bytes_acked));
	EXPECT_EQ(0ULL, a.tcpi_bytes_retrans + b.tcpi_bytes_retrans);
}

TEST_F(info, segments_are_counted_alike_at_both_ends)
{
	struct tcp_info here = info_of(self->s.here), there = info_of(self->s.there), a, b;

	for (int i = 0; i < 20; i++) {
		ASSERT_TRUE(send_all(self->s.here, data, 100000));
		ASSERT_TRUE(recv_all(self->s.there, data, 100000));
		ASSERT_TRUE(send_all(self->s.there, data, 10));
		ASSERT_TRUE(recv_all(self->s.here, data, 10));
	}
	settle();
	a = info_of(self->s.here);
	b = info_of(self->s.there);
	EXPECT_LE(40U, MORE(a, here, data_segs_out));
	EXPECT_EQ(20U, MORE(b, there, data_segs_out));
	EXPECT_EQ(MORE(a, here, data_segs_out), MORE(b, there, data_segs_in));
	EXPECT_EQ(MORE(b, there, data_segs_out), MORE(a, here, data_segs_in));
	EXPECT_EQ(MORE(a, here, segs_out), MORE(b, there, segs_in));
	EXPECT_EQ(MORE(b, there, segs_out), MORE(a, here, segs_in));
	EXPECT_LE(MORE(a, here, data_segs_out), MORE(a, here, segs_out));
	EXPECT_LE(20U, MORE(a, here, delivered));
}

static unsigned int cwnd_of(int fd)
{
	struct tcp_info info = info_of(fd);

	return info.tcpi_snd_cwnd * info.tcpi_snd_mss;
}

/* At its largest: a machine that is held up for a while sees a timeout. */
TEST_F(info, cwnd_grows_with_what_is_acknowledged)
{
	unsigned int before = cwnd_of(self->s.here), largest = 0;
	pid_t sender = MUST(fork());

	if (!sender) {
		for (int i = 0; i < 10; i++)
			if (!send_all(self->s.here, data, sizeof(data)))
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 10; i++) {
		ASSERT_TRUE(recv_all(self->s.there, data, sizeof(data)));
		largest = MAX(largest, cwnd_of(self->s.here));
	}
	ASSERT_TRUE(ended_well(sender));
	EXPECT_LT(before, largest);
}

/* -------------------------------------------------------------- on the way */

/* Nobody reads: some was sent, some waits, and the ioctls say the same. */
TEST_F(info, what_waits_is_told)
{
	struct tcp_info info;
	int waiting, unsent;

	while (send(self->s.here, data, sizeof(data), MSG_DONTWAIT) > 0)
		settle();
	info = info_of(self->s.here);
	ASSERT_EQ(0, ioctl(self->s.here, SIOCOUTQ, &waiting));
	ASSERT_EQ(0, ioctl(self->s.here, SIOCOUTQNSD, &unsent));
	EXPECT_LT(0, unsent);
	EXPECT_EQ((unsigned int)unsent, info.tcpi_notsent_bytes);
	EXPECT_LE(unsent, waiting);
}

/* A wire on which nothing moves by itself. */
FIXTURE(wire)
{
	struct ends s;
};

FIXTURE_VARIANT(wire)
{
	struct flavour flavour;
};

TCP_FLAVOURS(wire);

FIXTURE_SETUP(wire)
{
	netns_enter();
	self->s = ends_begin(&variant->flavour);
}

FIXTURE_TEARDOWN(wire)
{
	/* Nobody goes on trying. */
	ends_reset(&self->s);
	ends_end(&self->s);
}

TEST_F(wire, connecting)
{
	ends_asked(&self->s);
	EXPECT_EQ(STATE_SYN_SENT, info_of(self->s.here).tcpi_state);
	EXPECT_EQ(1U, info_of(self->s.here).tcpi_unacked);
	EXPECT_EQ(0U, info_of(self->s.here).tcpi_rtt);
}

TEST_F(wire, unacknowledged)
{
	ends_established(&self->s);
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	for (unsigned int i = 1; i <= 3; i++) {
		ends_send(&self->s, 0);
		EXPECT_EQ(i, info_of(self->s.here).tcpi_data_segs_out);
		EXPECT_EQ(5ULL * i, info_of(self->s.here).tcpi_bytes_sent);
		EXPECT_LT(0U, info_of(self->s.here).tcpi_unacked);
	}
	EXPECT_EQ(0U, info_of(self->s.there).tcpi_data_segs_in);
	tunnel_carry(self->s.wire.here_end, self->s.wire.there_end);
	EXPECT_EQ(3U, info_of(self->s.there).tcpi_data_segs_in);
	EXPECT_EQ(15ULL, info_of(self->s.there).tcpi_bytes_received);
	ends_move(&self->s);
	EXPECT_EQ(0U, info_of(self->s.here).tcpi_unacked);
}

TEST_F(wire, ahead_of_a_hole)
{
	ends_established(&self->s);
	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	ends_send(&self->s, 0);
	ends_lose(&self->s);
	for (int i = 0; i < 4; i++)
		ends_send(&self->s, 0);
	tunnel_carry(self->s.wire.here_end, self->s.wire.there_end);
	EXPECT_EQ(0ULL, info_of(self->s.there).tcpi_bytes_received);
	EXPECT_LT(0U, info_of(self->s.there).tcpi_rcv_ooopack);
	/* That it is lost is seen after a time: RFC 8985's reordering window. */
	for (int i = 0; i < 2000 && info_of(self->s.there).tcpi_bytes_received < 25; i++) {
		usleep(5000);
		ends_move(&self->s);
	}
	/* It was lost, it was seen to be so, and it came. */
	EXPECT_LT(0U, info_of(self->s.here).tcpi_total_retrans);
	EXPECT_LE(5ULL, info_of(self->s.here).tcpi_bytes_retrans);
	EXPECT_EQ(25ULL, info_of(self->s.there).tcpi_bytes_received);
}

TEST_HARNESS_MAIN
