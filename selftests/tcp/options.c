// SPDX-License-Identifier: GPL-2.0
/* getsockopt and setsockopt of a stream socket: values, bounds and errors. */
#include "xl4test.h"
#include "program.h"
#include "stream.h"

#define NOBODY		65534
#define NAME_MAX_CC	16	/* of a congestion control, with its end */

FIXTURE(options)
{
	int fd;
};

FIXTURE_VARIANT(options)
{
	struct flavour flavour;
};

ADD_FLAVOUR(options, ipv4, .family = AF_INET);
ADD_FLAVOUR(options, ipv6, .family = AF_INET6);

FIXTURE_SETUP(options)
{
	netns_enter();
	self->fd = stream_open(&variant->flavour);
}

FIXTURE_TEARDOWN(options)
{
}

/* -------------------------------------------------------------- all of SOL_TCP */

/* Integers that are told as they were set. */
static const struct range {
	const char *name;
	int option, least, most;
} ranges[] = {
	{ "TCP_NODELAY", TCP_NODELAY, 0, 1 },
	{ "TCP_CORK", TCP_CORK, 0, 1 },
	{ "TCP_MAXSEG", TCP_MAXSEG, 88, 32767 },
	{ "TCP_KEEPIDLE", TCP_KEEPIDLE, 1, 32767 },
	{ "TCP_KEEPINTVL", TCP_KEEPINTVL, 1, 32767 },
	{ "TCP_KEEPCNT", TCP_KEEPCNT, 1, 127 },
	{ "TCP_SYNCNT", TCP_SYNCNT, 1, 127 },
	{ "TCP_LINGER2", TCP_LINGER2, 1, 120 },
	{ "TCP_WINDOW_CLAMP", TCP_WINDOW_CLAMP, 4096, 1 << 30 },
	{ "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT, 0, 0x7fffffff },
	{ "TCP_NOTSENT_LOWAT", TCP_NOTSENT_LOWAT, 1, 0x7fffffff },
	{ "TCP_INQ", TCP_INQ, 0, 1 },
};

TEST_F(options, integers_are_kept)
{
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct range *r = &ranges[i];
		int values[] = { r->least, r->least + (r->most - r->least) / 2, r->most };

		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			ASSERT_ERRNO(0, set_int(self->fd, SOL_TCP, r->option, values[j]))
				TH_LOG("%s", r->name);
			EXPECT_EQ(values[j], get_int(self->fd, SOL_TCP, r->option))
				TH_LOG("%s", r->name);
		}
	}
}

TEST_F(options, can_be_set_at_any_time)
{
	struct stream s = stream_pair(&variant->flavour);
	int fds[] = { s.here, s.there, s.listener };

	/* TCP_MAXSEG of a connection tells what was agreed on instead. */
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct range *r = &ranges[i];

		for (size_t j = 0; j < ARRAY_SIZE(fds); j++) {
			EXPECT_ERRNO(0, set_int(fds[j], SOL_TCP, r->option, r->most))
				TH_LOG("%s", r->name);
			if (r->option != TCP_MAXSEG) {
				EXPECT_EQ(r->most, get_int(fds[j], SOL_TCP, r->option))
					TH_LOG("%s", r->name);
			}
		}
	}
}

/* Those that a program is told of; a value that is refused changes nothing. */
TEST_F(options, bounds_are_kept)
{
	static const int refused[][2] = {
		{ TCP_MAXSEG, 87 }, { TCP_MAXSEG, 1 }, { TCP_MAXSEG, -1 }, { TCP_MAXSEG, 32768 },
		{ TCP_KEEPIDLE, 0 }, { TCP_KEEPIDLE, -1 }, { TCP_KEEPIDLE, 32768 },
		{ TCP_KEEPINTVL, 0 }, { TCP_KEEPINTVL, -1 }, { TCP_KEEPINTVL, 32768 },
		{ TCP_KEEPCNT, 0 }, { TCP_KEEPCNT, -1 }, { TCP_KEEPCNT, 128 },
		{ TCP_SYNCNT, 0 }, { TCP_SYNCNT, -1 }, { TCP_SYNCNT, 128 },
		{ TCP_USER_TIMEOUT, -1 }, { TCP_INQ, -1 }, { TCP_INQ, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		int option = refused[i][0], before = get_int(self->fd, SOL_TCP, option);

		EXPECT_ERRNO(EINVAL, set_int(self->fd, SOL_TCP, option, refused[i][1]))
			TH_LOG("option %d: %d", option, refused[i][1]);
		EXPECT_EQ(before, get_int(self->fd, SOL_TCP, option));
	}
}

TEST_F(options, fresh_has_the_defaults_of_the_administrator)
{
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_NODELAY));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_CORK));
	EXPECT_EQ(536, get_int(self->fd, SOL_TCP, TCP_MAXSEG));
	EXPECT_EQ(7200, get_int(self->fd, SOL_TCP, TCP_KEEPIDLE));
	EXPECT_EQ(75, get_int(self->fd, SOL_TCP, TCP_KEEPINTVL));
	EXPECT_EQ(9, get_int(self->fd, SOL_TCP, TCP_KEEPCNT));
	EXPECT_EQ(6, get_int(self->fd, SOL_TCP, TCP_SYNCNT));
	EXPECT_EQ(60, get_int(self->fd, SOL_TCP, TCP_LINGER2));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_WINDOW_CLAMP));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_USER_TIMEOUT));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_INQ));
}

static void set_default(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "net/%s/tcp_%s", is_kernel_tcp() ? "ipv4" : "xl4", name);
	sysctl_write(path, value);
}

/* What no program has set follows the setting, even later. */
TEST_F(options, the_administrator_changes_the_defaults)
{
	set_default("keepalive_time", "100");
	set_default("keepalive_intvl", "10");
	set_default("keepalive_probes", "3");
	set_default("syn_retries", "2");
	EXPECT_EQ(100, get_int(self->fd, SOL_TCP, TCP_KEEPIDLE));
	EXPECT_EQ(10, get_int(self->fd, SOL_TCP, TCP_KEEPINTVL));
	EXPECT_EQ(3, get_int(self->fd, SOL_TCP, TCP_KEEPCNT));
	EXPECT_EQ(2, get_int(self->fd, SOL_TCP, TCP_SYNCNT));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_KEEPIDLE, 50));
	set_default("keepalive_time", "200");
	EXPECT_EQ(50, get_int(self->fd, SOL_TCP, TCP_KEEPIDLE));
}

TEST_F(options, short_values_are_refused)
{
	int value = 1;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_TCP, ranges[i].option, &value, 3))
			TH_LOG("%s", ranges[i].name);
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_TCP, ranges[i].option, &value, 0));
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_TCP, ranges[i].option, &value, -1));
	}
}

TEST_F(options, long_values_count_by_their_beginning)
{
	int values[] = { 1, 77 };

	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, values, sizeof(values)));
	EXPECT_EQ(1, get_int(self->fd, SOL_TCP, TCP_NODELAY));
}

TEST_F(options, bad_memory_is_refused)
{
	static const int list[] = { TCP_NODELAY, TCP_CONGESTION, TCP_INFO };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		socklen_t len = sizeof(int);
		int value;

		if (list[i] != TCP_INFO)
			EXPECT_ERRNO(EFAULT, setsockopt(self->fd, SOL_TCP, list[i], (void *)1, 4));
		EXPECT_ERRNO(EFAULT, getsockopt(self->fd, SOL_TCP, list[i], (void *)1, &len));
		EXPECT_ERRNO(EFAULT, getsockopt(self->fd, SOL_TCP, list[i], &value, (void *)1));
	}
}

TEST_F(options, getsockopt_gives_no_more_than_there_is_room_for)
{
	unsigned char bytes[8];
	socklen_t len = 1;

	memset(bytes, 0xaa, sizeof(bytes));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_NODELAY, bytes, &len));
	EXPECT_EQ(1U, len);
	EXPECT_EQ(1, bytes[0]);
	EXPECT_EQ(0xaa, bytes[1]);
	len = sizeof(bytes);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_NODELAY, bytes, &len));
	EXPECT_EQ(sizeof(int), len);
	EXPECT_EQ(0xaa, bytes[4]);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->fd, SOL_TCP, TCP_NODELAY, bytes, &len));
}

TEST_F(options, unknown_ones_are_refused)
{
	static const int levels[] = { SOL_SOCKET, SOL_IP, SOL_TCP, 99 };
	socklen_t len = sizeof(int);
	int value = 0;

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, levels[i], 250, 1))
			TH_LOG("level %d", levels[i]);
		EXPECT_NE(0, getsockopt(self->fd, levels[i], 250, &value, &len));
		EXPECT_TRUE(errno == ENOPROTOOPT || errno == EOPNOTSUPP);
	}
}

/* What xtcp does not do, it does not promise. */
TEST_F(options, what_is_not_there_is_refused)
{
	static const int list[] = {
		TCP_MD5SIG, TCP_MD5SIG_EXT, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY,
		TCP_FASTOPEN_NO_COOKIE, TCP_ULP, TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ,
		TCP_REPAIR_OPTIONS, TCP_REPAIR_WINDOW, TCP_TIMESTAMP, TCP_SAVE_SYN, TCP_SAVED_SYN,
		TCP_CC_INFO, TCP_ZEROCOPY_RECEIVE, TCP_TX_DELAY,
	};
	char value[64] = "";

	if (is_kernel_tcp())
		SKIP(return, "the kernel's TCP has some of them");
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		socklen_t len = sizeof(value);

		EXPECT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, SOL_TCP, list[i], value, len))
			TH_LOG("option %d", list[i]);
		EXPECT_ERRNO(ENOPROTOOPT, getsockopt(self->fd, SOL_TCP, list[i], value, &len))
			TH_LOG("option %d", list[i]);
	}
}

TEST_F(options, info_cannot_be_set)
{
	struct tcp_info info = { 0 };

	EXPECT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, SOL_TCP, TCP_INFO, &info, sizeof(info)));
}

/* ------------------------------------------------------------------- one by one */

TEST_F(options, switches_are_on_or_off)
{
	static const int list[] = { TCP_NODELAY, TCP_CORK };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		static const int on[] = { 5, -1, 2 };

		for (size_t j = 0; j < ARRAY_SIZE(on); j++) {
			ASSERT_EQ(0, set_int(self->fd, SOL_TCP, list[i], on[j]));
			EXPECT_EQ(1, get_int(self->fd, SOL_TCP, list[i]));
			ASSERT_EQ(0, set_int(self->fd, SOL_TCP, list[i], 0));
			EXPECT_EQ(0, get_int(self->fd, SOL_TCP, list[i]));
		}
	}
}

TEST_F(options, nodelay_and_cork_do_not_touch_each_other)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_CORK, 1));
	EXPECT_EQ(1, get_int(self->fd, SOL_TCP, TCP_NODELAY));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_NODELAY, 0));
	EXPECT_EQ(1, get_int(self->fd, SOL_TCP, TCP_CORK));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_CORK));
}

TEST_F(options, linger2_has_a_most_and_may_be_never)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_LINGER2, 1000));
	EXPECT_EQ(120, get_int(self->fd, SOL_TCP, TCP_LINGER2));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_LINGER2, -5));
	EXPECT_EQ(-1, get_int(self->fd, SOL_TCP, TCP_LINGER2));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_LINGER2, 0));
	EXPECT_EQ(60, get_int(self->fd, SOL_TCP, TCP_LINGER2));
}

/* It is kept as a number of SYN-ACKs, and told as the time that they take. */
TEST_F(options, defer_accept_is_rounded_up)
{
	static const int list[][2] = {
		{ 0, 0 }, { 1, 1 }, { 2, 3 }, { 3, 3 }, { 4, 7 }, { 7, 7 }, { 8, 15 }, { 30, 31 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT, list[i][0]));
		EXPECT_EQ(list[i][1], get_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT));
	}
	EXPECT_EQ(0, set_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT, -1));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT));
	EXPECT_EQ(0, set_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT, 0x7fffffff));
	EXPECT_LT(1000, get_int(self->fd, SOL_TCP, TCP_DEFER_ACCEPT));
}

TEST_F(options, quickack_is_told)
{
	struct stream s = stream_pair(&variant->flavour);

	ASSERT_EQ(0, set_int(s.here, SOL_TCP, TCP_QUICKACK, 1));
	EXPECT_EQ(1, get_int(s.here, SOL_TCP, TCP_QUICKACK));
	ASSERT_EQ(0, set_int(s.here, SOL_TCP, TCP_QUICKACK, 0));
	EXPECT_EQ(0, get_int(s.here, SOL_TCP, TCP_QUICKACK));
}

/* What the peer is told to send at most, and what is sent; the timestamps take 12. */
TEST_F(options, maxseg_limits_both_directions)
{
	int listener = stream_listening(&variant->flavour, 8);
	struct stream s = { .listener = listener };

	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_MAXSEG, 500));
	ASSERT_EQ(0, connect_to(self->fd, name_of(listener)));
	s.there = MUST(accept(listener, NULL, NULL));
	settle();
	EXPECT_EQ(500 - 12, get_int(s.there, SOL_TCP, TCP_MAXSEG));
	EXPECT_EQ(500 - 12, get_int(self->fd, SOL_TCP, TCP_MAXSEG));
	EXPECT_EQ(500 - 12, (int)info_of(s.there).tcpi_snd_mss);
}

TEST_F(options, maxseg_of_a_listener_is_its_connections)
{
	int listener = stream_bound(&variant->flavour, loopback(&variant->flavour, 0));
	struct stream s;

	ASSERT_EQ(0, set_int(listener, SOL_TCP, TCP_MAXSEG, 600));
	ASSERT_EQ(0, listen(listener, 8));
	EXPECT_EQ(600, get_int(listener, SOL_TCP, TCP_MAXSEG));
	s = stream_accepted(&variant->flavour, listener);
	settle();
	EXPECT_EQ(600 - 12, get_int(s.here, SOL_TCP, TCP_MAXSEG));
	EXPECT_EQ(600 - 12, get_int(s.there, SOL_TCP, TCP_MAXSEG));
}

TEST_F(options, maxseg_0_takes_the_limit_back)
{
	int listener = stream_listening(&variant->flavour, 8);

	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_MAXSEG, 500));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_MAXSEG, 0));
	EXPECT_EQ(536, get_int(self->fd, SOL_TCP, TCP_MAXSEG));
	ASSERT_EQ(0, connect_to(self->fd, name_of(listener)));
	settle();
	EXPECT_LT(20000, get_int(self->fd, SOL_TCP, TCP_MAXSEG));
}

TEST_F(options, window_clamp_has_a_least)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_WINDOW_CLAMP, 1));
	EXPECT_LT(1000, get_int(self->fd, SOL_TCP, TCP_WINDOW_CLAMP));
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_WINDOW_CLAMP, 0));
	EXPECT_EQ(0, get_int(self->fd, SOL_TCP, TCP_WINDOW_CLAMP));
}

TEST_F(options, window_clamp_cannot_be_taken_from_a_connection)
{
	struct stream s = stream_pair(&variant->flavour);

	EXPECT_ERRNO(EINVAL, set_int(s.here, SOL_TCP, TCP_WINDOW_CLAMP, 0));
	EXPECT_ERRNO(EINVAL, set_int(s.listener, SOL_TCP, TCP_WINDOW_CLAMP, 0));
	EXPECT_ERRNO(0, set_int(s.here, SOL_TCP, TCP_WINDOW_CLAMP, 5000));
}

/* Some room for the unit that the window is counted in. */
TEST_F(options, window_clamp_limits_what_is_offered)
{
	int listener = stream_listening(&variant->flavour, 8), there;

	if (is_kernel_tcp())
		SKIP(return, "the kernel's TCP offers more");
	ASSERT_EQ(0, set_int(self->fd, SOL_TCP, TCP_WINDOW_CLAMP, 5000));
	ASSERT_EQ(0, connect_to(self->fd, name_of(listener)));
	there = MUST(accept(listener, NULL, NULL));
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(1000, send(there, (char[1000]) { 0 }, 1000, 0));
		ASSERT_TRUE(recv_all(self->fd, (char[1000]) { 0 }, 1000));
		settle();
		EXPECT_GE(5000 + 128, (int)info_of(there).tcpi_snd_wnd);
	}
}

/* TCP_INQ: how much is left, with each message. */
static struct message got;

TEST_F(options, inq_tells_what_is_left)
{
	struct stream s = stream_pair(&variant->flavour);
	static const char data[1000];

	ASSERT_EQ(1000, send(s.here, data, 1000, 0));
	settle();
	ASSERT_EQ(1000, receive(s.there, &got, MSG_PEEK));
	EXPECT_EQ(NULL, find_control(&got, SOL_TCP, TCP_CM_INQ).data);
	ASSERT_EQ(0, set_int(s.there, SOL_TCP, TCP_INQ, 1));
	ASSERT_EQ(1000, receive(s.there, &got, MSG_PEEK));
	EXPECT_EQ(1000, control_int(&got, SOL_TCP, TCP_CM_INQ, -1));
	EXPECT_EQ(1, recv(s.there, &(char) { 0 }, 1, 0));
	ASSERT_EQ(999, receive(s.there, &got, MSG_PEEK));
	EXPECT_EQ(999, control_int(&got, SOL_TCP, TCP_CM_INQ, -1));
	ASSERT_EQ(999, receive(s.there, &got, 0));
	EXPECT_EQ(0, control_int(&got, SOL_TCP, TCP_CM_INQ, -1));
}

/* It is worth another read: that will tell of the end. */
TEST_F(options, inq_is_one_at_the_end)
{
	struct stream s = stream_pair(&variant->flavour);

	ASSERT_EQ(0, set_int(s.there, SOL_TCP, TCP_INQ, 1));
	ASSERT_EQ(3, send(s.here, "end", 3, 0));
	ASSERT_EQ(0, shutdown(s.here, SHUT_WR));
	settle();
	ASSERT_EQ(3, receive(s.there, &got, 0));
	EXPECT_EQ(1, control_int(&got, SOL_TCP, TCP_CM_INQ, -1));
}

/* ------------------------------------------------------------- TCP_CONGESTION */

static void congestion_of(int fd, char *name)
{
	socklen_t len = NAME_MAX_CC;

	MUST(getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len));
}

static int set_congestion(int fd, const char *name)
{
	return setsockopt(fd, SOL_TCP, TCP_CONGESTION, name, strlen(name));
}

TEST_F(options, congestion_is_kept)
{
	static const char * const names[] = { "reno", "cubic", "reno" };
	char name[NAME_MAX_CC];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_ERRNO(0, set_congestion(self->fd, names[i]));
		congestion_of(self->fd, name);
		EXPECT_STREQ(names[i], name);
	}
}

TEST_F(options, congestion_may_change_in_a_connection)
{
	struct stream s = stream_pair(&variant->flavour);
	static const char data[50000];
	char name[NAME_MAX_CC], octets[50000];

	for (int i = 0; i < 6; i++) {
		ASSERT_ERRNO(0, set_congestion(s.here, i % 2 ? "cubic" : "reno"));
		ASSERT_TRUE(send_all(s.here, data, sizeof(data)));
		ASSERT_TRUE(recv_all(s.there, octets, sizeof(octets)));
		congestion_of(s.here, name);
		EXPECT_STREQ(i % 2 ? "cubic" : "reno", name);
	}
}

TEST_F(options, congestion_that_nobody_knows_is_refused)
{
	char before[NAME_MAX_CC], after[NAME_MAX_CC];

	congestion_of(self->fd, before);
	EXPECT_ERRNO(ENOENT, set_congestion(self->fd, "nosuch"));
	/* Longer than any name: its beginning is none, either. */
	EXPECT_ERRNO(ENOENT, set_congestion(self->fd, "cubicandthensomemorethanthereisroomfor"));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_TCP, TCP_CONGESTION, "", 0));
	EXPECT_ERRNO(ENOENT, setsockopt(self->fd, SOL_TCP, TCP_CONGESTION, "", 1));
	congestion_of(self->fd, after);
	EXPECT_STREQ(before, after);
}

TEST_F(options, congestion_needs_no_end_and_heeds_one)
{
	char name[NAME_MAX_CC];

	ASSERT_ERRNO(0, setsockopt(self->fd, SOL_TCP, TCP_CONGESTION, "renoandmore", 4));
	congestion_of(self->fd, name);
	EXPECT_STREQ("reno", name);
	ASSERT_ERRNO(0, setsockopt(self->fd, SOL_TCP, TCP_CONGESTION, "cubic\0more", 10));
	congestion_of(self->fd, name);
	EXPECT_STREQ("cubic", name);
}

TEST_F(options, congestion_is_told_in_the_room_there_is)
{
	char name[64];
	socklen_t len = 3;

	memset(name, 'x', sizeof(name));
	ASSERT_ERRNO(0, set_congestion(self->fd, "reno"));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_CONGESTION, name, &len));
	EXPECT_EQ(3U, len);
	EXPECT_EQ(0, memcmp(name, "renx", 4));
	len = sizeof(name);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_CONGESTION, name, &len));
	EXPECT_EQ(NAME_MAX_CC, (int)len);
	EXPECT_STREQ("reno", name);
	EXPECT_EQ('x', name[NAME_MAX_CC]);
}

/* ---------------------------------------------------------------- SOL_SOCKET */

TEST_F(options, what_it_is_cannot_be_set)
{
	static const int list[] = { SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ERROR, SO_ACCEPTCONN };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, SOL_SOCKET, list[i], 1));
}

TEST_F(options, switches_of_sockets_are_kept)
{
	static const int switches[] = {
		SO_REUSEADDR, SO_REUSEPORT, SO_BROADCAST, SO_DONTROUTE, SO_KEEPALIVE, SO_OOBINLINE,
		SO_TIMESTAMP, SO_TIMESTAMPNS,
	};
	struct stream s = stream_pair(&variant->flavour);
	int fds[] = { self->fd, s.here, s.listener };

	for (size_t i = 0; i < ARRAY_SIZE(switches) * ARRAY_SIZE(fds); i++) {
		int option = switches[i / ARRAY_SIZE(fds)], fd = fds[i % ARRAY_SIZE(fds)];

		EXPECT_EQ(0, get_int(fd, SOL_SOCKET, option))
			TH_LOG("option %d", option);
		ASSERT_EQ(0, set_int(fd, SOL_SOCKET, option, 1))
			TH_LOG("option %d", option);
		EXPECT_EQ(1, get_int(fd, SOL_SOCKET, option));
		ASSERT_EQ(0, set_int(fd, SOL_SOCKET, option, 0));
		EXPECT_EQ(0, get_int(fd, SOL_SOCKET, option));
	}
}

TEST_F(options, buffers_are_doubled_within_bounds)
{
	int list[] = { SO_SNDBUF, SO_RCVBUF };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, list[i], 20000));
		EXPECT_EQ(40000, get_int(self->fd, SOL_SOCKET, list[i]));
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, list[i], 1));
		EXPECT_LT(1000, get_int(self->fd, SOL_SOCKET, list[i]));
		ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, list[i], 0x3fffffff));
		EXPECT_GT(0x20000000, get_int(self->fd, SOL_SOCKET, list[i]));
	}
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_RCVBUFFORCE, 0x1000000));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_SNDBUFFORCE, 0x1000000));
}

TEST_F(options, fresh_buffers_are_the_administrators)
{
	int fd;

	set_default("rmem", "5000 60000 100000");
	set_default("wmem", "5000 70000 100000");
	fd = stream_open(&variant->flavour);
	EXPECT_EQ(60000, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(70000, get_int(fd, SOL_SOCKET, SO_SNDBUF));
}

TEST_F(options, low_waters_are_kept)
{
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_RCVLOWAT, 100));
	EXPECT_EQ(100, get_int(self->fd, SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_RCVLOWAT, 0));
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_SNDLOWAT));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(self->fd, SOL_SOCKET, SO_SNDLOWAT, 1));
}

TEST_F(options, limits_of_time_are_kept)
{
	int list[] = { SO_RCVTIMEO, SO_SNDTIMEO };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct timeval set = { 7, 500000 }, bad = { 1, 1000000 }, told;
		socklen_t len = sizeof(told);

		ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, list[i], &set, sizeof(set)));
		ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, list[i], &told, &len));
		EXPECT_EQ(7, told.tv_sec);
		EXPECT_LE(500000, told.tv_usec);
		EXPECT_GE(510000, told.tv_usec);
		EXPECT_ERRNO(EDOM, setsockopt(self->fd, SOL_SOCKET, list[i], &bad, sizeof(bad)));
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SOCKET, list[i], &set, 8));
	}
}

TEST_F(options, linger_is_kept)
{
	struct linger linger = { 1, 100 }, kept;
	socklen_t len = sizeof(kept);

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_LINGER, &kept, &len));
	EXPECT_EQ(1, kept.l_onoff);
	EXPECT_EQ(100, kept.l_linger);
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger, 4));
	/* Nothing was sent: nothing to wait for. */
	EXPECT_EQ(0, close(self->fd));
}

TEST_F(options, marks_and_priorities_need_privilege)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_PRIORITY, 6));
	EXPECT_EQ(6, get_int(self->fd, SOL_SOCKET, SO_PRIORITY));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_MARK, 0x1234));
	EXPECT_EQ(0x1234, get_int(self->fd, SOL_SOCKET, SO_MARK));
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_PRIORITY, 7));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_MARK, 1));
}

TEST_F(options, cookies_are_all_different)
{
	struct stream s = stream_pair(&variant->flavour);
	int fds[] = { self->fd, s.here, s.there, s.listener };
	unsigned long long cookies[ARRAY_SIZE(fds)];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		socklen_t len = sizeof(cookies[i]);

		ASSERT_EQ(0, getsockopt(fds[i], SOL_SOCKET, SO_COOKIE, &cookies[i], &len));
		EXPECT_NE(0ULL, cookies[i]);
		for (size_t j = 0; j < i; j++)
			EXPECT_NE(cookies[j], cookies[i]);
	}
}

/* The program that a socket has decides what of the peer's it hears. */
TEST_F(options, a_filter_keeps_segments_out)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct stream s = stream_pair(&variant->flavour);
	char octet;

	ASSERT_EQ(0, program_attach(s.there, SO_ATTACH_FILTER, none, 1));
	ASSERT_EQ(1, send(s.here, "x", 1, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(s.there, &octet, 1, 0));
	ASSERT_EQ(0, set_int(s.there, SOL_SOCKET, SO_DETACH_FILTER, 0));
	/* The one that was lost comes again. */
	EXPECT_EQ(1, recv(s.there, &octet, 1, 0));
	EXPECT_ERRNO(ENOENT, set_int(s.there, SOL_SOCKET, SO_DETACH_FILTER, 0));
}

TEST_F(options, a_locked_filter_stays)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 0xffff) };

	ASSERT_EQ(0, program_attach(self->fd, SO_ATTACH_FILTER, all, 1));
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_LOCK_FILTER, 1));
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_LOCK_FILTER));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_DETACH_FILTER, 0));
	EXPECT_ERRNO(EPERM, program_attach(self->fd, SO_ATTACH_FILTER, all, 1));
	EXPECT_ERRNO(EPERM, set_int(self->fd, SOL_SOCKET, SO_LOCK_FILTER, 0));
}

TEST_F(options, a_bad_filter_is_refused)
{
	struct sock_filter no_end[] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };

	EXPECT_ERRNO(EINVAL, program_attach(self->fd, SO_ATTACH_FILTER, no_end, 1));
	EXPECT_ERRNO(EINVAL, program_attach(self->fd, SO_ATTACH_FILTER, no_end, 0));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SOCKET, SO_ATTACH_FILTER, no_end, 1));
}

static int bind_device(int fd, const char *name)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name) + 1);
}

TEST_F(options, a_device_of_ones_own)
{
	int listener = stream_listening(&variant->flavour, 8);
	struct veth veth = veth_create();

	(void)veth;
	ASSERT_EQ(0, bind_device(listener, "veth0"));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, name_of(listener)));
	ASSERT_EQ(0, bind_device(listener, ""));
	ASSERT_EQ(0, bind_device(self->fd, "lo"));
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(listener)));
	EXPECT_ERRNO(ENODEV, bind_device(self->fd, "nosuch0"));
}

/* ---------------------------------------------------------------- SOL_IP, SOL_IPV6 */

TEST_F(options, those_of_ip_are_kept)
{
	if (variant->flavour.family == AF_INET6)
		SKIP(return, "of IPv4");
	ASSERT_EQ(0, set_int(self->fd, SOL_IP, IP_TTL, 33));
	EXPECT_EQ(33, get_int(self->fd, SOL_IP, IP_TTL));
	EXPECT_ERRNO(EINVAL, set_int(self->fd, SOL_IP, IP_TTL, 0));
	EXPECT_ERRNO(EINVAL, set_int(self->fd, SOL_IP, IP_TTL, 256));
	/* ECN is TCP's own. */
	ASSERT_EQ(0, set_int(self->fd, SOL_IP, IP_TOS, 0x2b));
	EXPECT_EQ(0x28, get_int(self->fd, SOL_IP, IP_TOS));
	ASSERT_EQ(0, set_int(self->fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_EQ(IP_PMTUDISC_DO, get_int(self->fd, SOL_IP, IP_MTU_DISCOVER));
}

TEST_F(options, those_of_ipv6_are_kept)
{
	if (variant->flavour.family == AF_INET)
		SKIP(return, "of IPv6");
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_UNICAST_HOPS, 33));
	EXPECT_EQ(33, get_int(self->fd, SOL_IPV6, IPV6_UNICAST_HOPS));
	EXPECT_ERRNO(EINVAL, set_int(self->fd, SOL_IPV6, IPV6_UNICAST_HOPS, 256));
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_TCLASS, 0x28));
	EXPECT_EQ(0x28, get_int(self->fd, SOL_IPV6, IPV6_TCLASS));
	ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_V6ONLY, 1));
	EXPECT_EQ(1, get_int(self->fd, SOL_IPV6, IPV6_V6ONLY));
}

TEST_F(options, the_mtu_is_told_of_a_connection)
{
	bool v6 = variant->flavour.family == AF_INET6;
	int level = v6 ? SOL_IPV6 : SOL_IP, option = v6 ? IPV6_MTU : IP_MTU;
	struct stream s = stream_pair(&variant->flavour);
	socklen_t len = sizeof(int);
	int value;

	EXPECT_ERRNO(ENOTCONN, getsockopt(self->fd, level, option, &value, &len));
	EXPECT_LE(65535, get_int(s.here, level, option));
	EXPECT_GE(65536, get_int(s.here, level, option));
}

TEST_F(options, ipv6_level_is_for_ipv6)
{
	EXPECT_ERRNO(variant->flavour.family == AF_INET6 ? 0 : ENOPROTOOPT,
		     set_int(self->fd, SOL_IPV6, IPV6_TCLASS, 4));
}

TEST_HARNESS_MAIN
