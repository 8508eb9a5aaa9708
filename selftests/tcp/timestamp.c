// SPDX-License-Identifier: GPL-2.0
/* Time stamps by control message, of what was received. */
#include "xl4test.h"
#include "stream.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/time_types.h>

static struct message got;

FIXTURE(timestamp)
{
	struct stream s;
};

FIXTURE_VARIANT(timestamp)
{
	struct flavour flavour;
};

TCP_FLAVOURS(timestamp);

FIXTURE_SETUP(timestamp)
{
	netns_enter();
	self->s = stream_pair(&variant->flavour);
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

/*
 * The control message that comes with an octet. The first who asks only sets a
 * thread to work to turn the stamps on.
 */
static struct control next_stamp(struct stream *s, int type)
{
	struct control c = { 0 };

	while (!c.data) {
		MUST(send(s->here, "x", 1, 0));
		MUST(receive(s->there, &got, 0) - 1);
		c = find_control(&got, SOL_SOCKET, type);
	}
	return c;
}

static bool is_now(long long seconds, time_t before, long long fraction, long long fractions)
{
	return before <= seconds && seconds <= now() && fraction >= 0 && fraction < fractions;
}

TEST_F(timestamp, none_unless_asked_for)
{
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	ASSERT_EQ(1, receive(self->s.there, &got, 0));
	EXPECT_EQ(0, count_controls(&got));
}

TEST_F(timestamp, microseconds)
{
	time_t before = now();
	struct timeval stamp;
	struct control c;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMP_OLD, 1));
	c = next_stamp(&self->s, SO_TIMESTAMP_OLD);
	ASSERT_EQ(sizeof(stamp), c.len);
	memcpy(&stamp, c.data, c.len);
	EXPECT_TRUE(is_now(stamp.tv_sec, before, stamp.tv_usec, 1000000));
	EXPECT_EQ(1, count_controls(&got));
}

TEST_F(timestamp, microseconds_of_64_bits)
{
	struct __kernel_sock_timeval stamp;
	time_t before = now();
	struct control c;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMP_NEW, 1));
	c = next_stamp(&self->s, SO_TIMESTAMP_NEW);
	ASSERT_EQ(sizeof(stamp), c.len);
	memcpy(&stamp, c.data, c.len);
	EXPECT_TRUE(is_now(stamp.tv_sec, before, stamp.tv_usec, 1000000));
	EXPECT_EQ(1, count_controls(&got));
}

TEST_F(timestamp, nanoseconds)
{
	time_t before = now();
	struct timespec stamp;
	struct control c;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPNS_OLD, 1));
	c = next_stamp(&self->s, SO_TIMESTAMPNS_OLD);
	ASSERT_EQ(sizeof(stamp), c.len);
	memcpy(&stamp, c.data, c.len);
	EXPECT_TRUE(is_now(stamp.tv_sec, before, stamp.tv_nsec, 1000000000));
	EXPECT_EQ(1, count_controls(&got));
}

TEST_F(timestamp, nanoseconds_of_64_bits)
{
	struct __kernel_timespec stamp;
	time_t before = now();
	struct control c;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1));
	c = next_stamp(&self->s, SO_TIMESTAMPNS_NEW);
	ASSERT_EQ(sizeof(stamp), c.len);
	memcpy(&stamp, c.data, c.len);
	EXPECT_TRUE(is_now(stamp.tv_sec, before, stamp.tv_nsec, 1000000000));
}

/* The first of three; the others are of devices that have a clock. */
static bool is_of_software(const struct timespec *stamps, time_t before)
{
	return is_now(stamps[0].tv_sec, before, stamps[0].tv_nsec, 1000000000) &&
	       !stamps[1].tv_sec && !stamps[2].tv_sec;
}

#define SOFTWARE (SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE)

TEST_F(timestamp, timestamping)
{
	struct scm_timestamping stamps;
	time_t before = now();
	struct control c;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPING_OLD, SOFTWARE));
	c = next_stamp(&self->s, SO_TIMESTAMPING_OLD);
	ASSERT_EQ(sizeof(stamps), c.len);
	memcpy(&stamps, c.data, c.len);
	EXPECT_TRUE(is_of_software(stamps.ts, before));
	EXPECT_EQ(1, count_controls(&got));
}

TEST_F(timestamp, timestamping_of_64_bits)
{
	struct scm_timestamping stamps;	/* the same where a long has 64 bits */
	time_t before = now();
	struct control c;

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPING_NEW, SOFTWARE));
	c = next_stamp(&self->s, SO_TIMESTAMPING_NEW);
	ASSERT_EQ(sizeof(stamps), c.len);
	memcpy(&stamps, c.data, c.len);
	EXPECT_TRUE(is_of_software(stamps.ts, before));
}

/* Made, but nobody wants to hear of them. */
TEST_F(timestamp, timestamping_that_is_not_told)
{
	struct stream other = stream_pair(&variant->flavour);

	ASSERT_EQ(0, set_int(other.there, SOL_SOCKET, SO_TIMESTAMP_OLD, 1));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPING_OLD,
			     SOF_TIMESTAMPING_RX_SOFTWARE));
	next_stamp(&other, SO_TIMESTAMP_OLD);
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	ASSERT_EQ(1, receive(self->s.there, &got, 0));
	EXPECT_EQ(0, count_controls(&got));
}

TEST_F(timestamp, both_kinds_at_once)
{
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPNS_OLD, 1));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPING_OLD, SOFTWARE));
	next_stamp(&self->s, SO_TIMESTAMPING_OLD);
	EXPECT_NE(NULL, find_control(&got, SOL_SOCKET, SO_TIMESTAMPNS_OLD).data);
	EXPECT_EQ(2, count_controls(&got));
}

TEST_F(timestamp, who_turns_it_off_hears_no_more)
{
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMP_OLD, 1));
	next_stamp(&self->s, SO_TIMESTAMP_OLD);
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMP_OLD, 0));
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	ASSERT_EQ(1, receive(self->s.there, &got, 0));
	EXPECT_EQ(0, count_controls(&got));
}

static struct timespec timespec_of(struct control c)
{
	struct timespec stamp = { 0 };

	memcpy(&stamp, c.data, c.len);
	return stamp;
}

/* Of segments that one read takes together, the last. */
TEST_F(timestamp, is_that_of_the_last_segment)
{
	struct timespec first, both, peeked;
	struct control c;

	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMPNS_OLD, 1));
	next_stamp(&self->s, SO_TIMESTAMPNS_OLD);
	ASSERT_EQ(1, send(self->s.here, "a", 1, 0));
	settle();
	ASSERT_EQ(1, receive(self->s.there, &got, MSG_PEEK));
	c = find_control(&got, SOL_SOCKET, SO_TIMESTAMPNS_OLD);
	ASSERT_NE(NULL, c.data);
	first = timespec_of(c);
	ASSERT_EQ(1, send(self->s.here, "b", 1, 0));
	settle();
	ASSERT_EQ(2, receive(self->s.there, &got, MSG_PEEK));
	peeked = timespec_of(find_control(&got, SOL_SOCKET, SO_TIMESTAMPNS_OLD));
	ASSERT_EQ(2, receive(self->s.there, &got, 0));
	both = timespec_of(find_control(&got, SOL_SOCKET, SO_TIMESTAMPNS_OLD));
	EXPECT_EQ(0, memcmp(&peeked, &both, sizeof(both)));
	EXPECT_NE(0, memcmp(&first, &both, sizeof(both)));
	EXPECT_TRUE(first.tv_sec < both.tv_sec ||
		    (first.tv_sec == both.tv_sec && first.tv_nsec <= both.tv_nsec));
}

/* The end is no data. */
TEST_F(timestamp, none_with_the_end)
{
	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMP_OLD, 1));
	next_stamp(&self->s, SO_TIMESTAMP_OLD);
	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	ASSERT_EQ(0, receive(self->s.there, &got, 0));
	EXPECT_EQ(0, count_controls(&got));
}

TEST_F(timestamp, little_room_is_told)
{
	char control[CMSG_SPACE(4)], octet;
	struct iovec iov = { &octet, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	ASSERT_EQ(0, set_int(self->s.there, SOL_SOCKET, SO_TIMESTAMP_OLD, 1));
	next_stamp(&self->s, SO_TIMESTAMP_OLD);
	ASSERT_EQ(1, send(self->s.here, "x", 1, 0));
	ASSERT_EQ(1, recvmsg(self->s.there, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_CTRUNC);
}

TEST_HARNESS_MAIN
