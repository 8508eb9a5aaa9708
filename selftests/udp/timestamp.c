// SPDX-License-Identifier: GPL-2.0
/* Time stamps by control message, of what came and of what was sent. */
#include "xl4test.h"

#include <linux/net_tstamp.h>

static struct message got;

FIXTURE(timestamp)
{
	struct pair p;
};

FIXTURE_VARIANT(timestamp)
{
	struct flavour flavour;
};

ALL_FLAVOURS(timestamp);

FIXTURE_SETUP(timestamp)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(timestamp)
{
}

/* time() lags behind the clock of the stamps by a tick. */
static time_t now(void)
{
	struct timespec t;

	MUST(clock_gettime(CLOCK_REALTIME, &t));
	return t.tv_sec;
}

static bool is_between(time_t before, time_t seconds)
{
	return before <= seconds && seconds <= now();
}

TEST_F(timestamp, microseconds)
{
	time_t before = now();
	struct timeval stamp;
	struct control c;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_TIMESTAMP, 1));
	EXPECT_EQ(1, get_int(self->p.rx, SOL_SOCKET, SO_TIMESTAMP));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	c = find_control(&got, SOL_SOCKET, SCM_TIMESTAMP);
	ASSERT_EQ(sizeof(stamp), c.len);
	memcpy(&stamp, c.data, c.len);
	EXPECT_TRUE(is_between(before, stamp.tv_sec));
	EXPECT_GT(1000000, stamp.tv_usec);
}

TEST_F(timestamp, nanoseconds)
{
	time_t before = now();
	struct timespec stamp;
	struct control c;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_TIMESTAMPNS, 1));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	ASSERT_EQ(1, receive(self->p.rx, &got, 0));
	c = find_control(&got, SOL_SOCKET, SCM_TIMESTAMPNS);
	ASSERT_EQ(sizeof(stamp), c.len);
	memcpy(&stamp, c.data, c.len);
	EXPECT_TRUE(is_between(before, stamp.tv_sec));
	EXPECT_GT(1000000000, stamp.tv_nsec);
}

TEST_F(timestamp, software_receive)
{
	time_t before = now();
	struct scm_timestamping stamps;
	struct control c;

	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_TIMESTAMPING,
			     SOF_TIMESTAMPING_RX_SOFTWARE |
			     SOF_TIMESTAMPING_SOFTWARE));
	/* the first who asks only sets a thread to work to turn them on */
	do {
		ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
		ASSERT_EQ(1, receive(self->p.rx, &got, 0));
		c = find_control(&got, SOL_SOCKET, SCM_TIMESTAMPING);
	} while (!c.data);
	ASSERT_EQ(sizeof(stamps), c.len);
	memcpy(&stamps, c.data, c.len);
	EXPECT_TRUE(is_between(before, stamps.ts[0].tv_sec));
	EXPECT_EQ(0, stamps.ts[2].tv_sec);
}

TEST_F(timestamp, software_transmit)
{
	struct report report;

	ASSERT_EQ(0, set_int(self->p.tx, SOL_SOCKET, SO_TIMESTAMPING,
			     SOF_TIMESTAMPING_TX_SOFTWARE |
			     SOF_TIMESTAMPING_SOFTWARE |
			     SOF_TIMESTAMPING_OPT_TSONLY |
			     SOF_TIMESTAMPING_OPT_ID));
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
		ASSERT_TRUE(read_report(self->p.tx, &variant->flavour, &got,
					&report));
		EXPECT_EQ(ENOMSG, (int)report.error.ee_errno);
		EXPECT_EQ(SO_EE_ORIGIN_TIMESTAMPING, report.error.ee_origin);
		EXPECT_EQ(SCM_TSTAMP_SND, (int)report.error.ee_info);
		EXPECT_EQ(i, report.error.ee_data);
		EXPECT_EQ(0U, got.len);
		EXPECT_NE(NULL, find_control(&got, SOL_SOCKET,
					     SCM_TIMESTAMPING).data);
	}
}

TEST_F(timestamp, software_transmit_gives_the_datagram_back)
{
	struct report report;

	ASSERT_EQ(0, set_int(self->p.tx, SOL_SOCKET, SO_TIMESTAMPING,
			     SOF_TIMESTAMPING_TX_SOFTWARE |
			     SOF_TIMESTAMPING_SOFTWARE));
	ASSERT_EQ(5, send_text(self->p.tx, "stamp", self->p.to));
	ASSERT_TRUE(read_report(self->p.tx, &variant->flavour, &got, &report));
	/* with all its headers, the device's too */
	ASSERT_LE(5U, got.len);
	EXPECT_EQ(0, memcmp("stamp", got.data + got.len - 5, 5));
}

TEST_F(timestamp, transmit_can_be_asked_for_one_datagram)
{
	unsigned int flags = SOF_TIMESTAMPING_TX_SCHED;
	struct report report;

	ASSERT_EQ(0, set_int(self->p.tx, SOL_SOCKET, SO_TIMESTAMPING,
			     SOF_TIMESTAMPING_SOFTWARE |
			     SOF_TIMESTAMPING_OPT_TSONLY));
	ASSERT_EQ(1, send_text(self->p.tx, "x", self->p.to));
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.tx, &got, MSG_ERRQUEUE));
	ASSERT_EQ(1, send_control(self->p.tx, "x", 1, &self->p.to, SOL_SOCKET,
				  SO_TIMESTAMPING, &flags, sizeof(flags)));
	ASSERT_TRUE(read_report(self->p.tx, &variant->flavour, &got, &report));
	EXPECT_EQ(SCM_TSTAMP_SCHED, (int)report.error.ee_info);
	EXPECT_ERRNO(EAGAIN, receive_now(self->p.tx, &got, MSG_ERRQUEUE));
}

TEST_HARNESS_MAIN
