// SPDX-License-Identifier: GPL-2.0
/* The connections in /proc/net, in the columns that tools know. */
#include "xl4test.h"
#include "stream.h"

#include <sys/stat.h>

#define NOBODY 65534

static char data[1 << 20];

FIXTURE(proc)
{
	const struct flavour *f;
	struct stream s;
};

FIXTURE_VARIANT(proc)
{
	struct flavour flavour;
};

TCP_FLAVOURS(proc);

FIXTURE_SETUP(proc)
{
	netns_enter();
	self->f = &variant->flavour;
	self->s = stream_pair(self->f);
}

FIXTURE_TEARDOWN(proc)
{
}

struct row {
	char local[48], remote[48];
	unsigned int state, tx_queue, rx_queue, timer, retransmits, uid;
	unsigned long when, inode;
};

static FILE *table_open(const struct flavour *f)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/net/%stcp%s", is_kernel_tcp() ? "" : "xl4/",
		 f->family == AF_INET6 ? "6" : "");
	file = fopen(path, "re");
	MUST(file ? 0 : -1);
	return file;
}

static bool parse_row(const char *line, struct row *r)
{
	return sscanf(line, "%*d: %47s %47s %X %X:%X %X:%lX %X %u %*d %lu", r->local, r->remote,
		      &r->state, &r->tx_queue, &r->rx_queue, &r->timer, &r->when,
		      &r->retransmits, &r->uid, &r->inode) == 10;
}

/* How a socket's address stands there: hex of each word, a colon, the port. */
static void address_text(const union address *a, char *text, size_t size)
{
	const unsigned char *bytes = a->sa.sa_family == AF_INET6 ?
		(const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr;
	size_t len = a->sa.sa_family == AF_INET6 ? 16 : 4, at = 0;
	uint32_t word;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		at += snprintf(text + at, size - at, "%08X", word);
	}
	snprintf(text + at, size - at, ":%04X", port_of(a));
}

/* The first row that is as asked for; -1 and NULL: any. Returns how many there are. */
static int find_rows(const struct flavour *f, int state, const char *local, struct row *found)
{
	FILE *table = table_open(f);
	char line[512];
	struct row r;
	int n = 0;

	while (fgets(line, sizeof(line), table)) {
		if (!parse_row(line, &r) || (state >= 0 && r.state != (unsigned int)state) ||
		    (local && strcmp(local, r.local)))
			continue;
		if (!n++ && found)
			*found = r;
	}
	fclose(table);
	return n;
}

/* The socket's row, found by its inode. */
static bool find_row(int fd, const struct flavour *f, struct row *r)
{
	FILE *table = table_open(f);
	bool found = false;
	char line[512];
	struct stat st;

	MUST(fstat(fd, &st));
	settle();
	while (!found && fgets(line, sizeof(line), table))
		found = parse_row(line, r) && r->inode == st.st_ino;
	fclose(table);
	return found;
}

TEST_F(proc, has_the_known_columns)
{
	static const char *const columns[] = {
		"sl", "local_address", "st", "tx_queue", "rx_queue", "tr",
		"tm->when", "retrnsmt", "uid", "timeout", "inode",
	};
	FILE *table = table_open(self->f);
	char head[512];
	char *at = head;

	ASSERT_NE(NULL, fgets(head, sizeof(head), table));
	for (size_t i = 0; at && i < ARRAY_SIZE(columns); i++) {
		at = strstr(at, columns[i]);
		EXPECT_NE(NULL, at)
			TH_LOG("no column %s", columns[i]);
	}
	fclose(table);
}

TEST_F(proc, established_is_there)
{
	union address name = name_of(self->s.here), peer = peer_of(self->s.here);
	char local[48], remote[48];
	struct row r;

	ASSERT_TRUE(find_row(self->s.here, self->f, &r));
	address_text(&name, local, sizeof(local));
	address_text(&peer, remote, sizeof(remote));
	EXPECT_STREQ(local, r.local);
	EXPECT_STREQ(remote, r.remote);
	EXPECT_EQ(STATE_ESTABLISHED, r.state);
	EXPECT_EQ(0U, r.tx_queue);
	EXPECT_EQ(0U, r.rx_queue);
	EXPECT_EQ(0U, r.retransmits);
	EXPECT_EQ(0U, r.uid);
	EXPECT_TRUE(find_row(self->s.there, self->f, &r));
	EXPECT_STREQ(remote, r.local);
}

TEST_F(proc, listener_tells_who_waits)
{
	union address nobody = any(self->f, 0);
	char remote[48];
	struct row r;

	/* A v4-mapped listener has no peer either. */
	address_text(&nobody, remote, sizeof(remote));
	ASSERT_TRUE(find_row(self->s.listener, self->f, &r));
	EXPECT_EQ(STATE_LISTEN, r.state);
	EXPECT_STREQ(remote, r.remote);
	EXPECT_EQ(0U, r.tx_queue);
	EXPECT_EQ(0U, r.rx_queue);
	stream_to(self->f, self->s.listener);
	stream_to(self->f, self->s.listener);
	ASSERT_TRUE(find_row(self->s.listener, self->f, &r));
	EXPECT_EQ(2U, r.rx_queue);
}

TEST_F(proc, bound_only_is_not_there)
{
	struct row r;

	EXPECT_FALSE(find_row(stream_bound(self->f, loopback(self->f, 0)), self->f, &r));
	EXPECT_FALSE(find_row(stream_open(self->f), self->f, &r));
}

TEST_F(proc, what_is_not_accepted_yet_has_no_inode)
{
	int here = stream_to(self->f, self->s.listener);
	union address name = peer_of(here), peer = name_of(here);
	char local[48], remote[48];
	char line[512];
	FILE *table;
	struct row r;
	bool found = false;

	address_text(&name, local, sizeof(local));
	address_text(&peer, remote, sizeof(remote));
	table = table_open(self->f);
	while (!found && fgets(line, sizeof(line), table))
		found = parse_row(line, &r) && !strcmp(r.local, local) &&
			!strcmp(r.remote, remote);
	fclose(table);
	ASSERT_TRUE(found);
	EXPECT_EQ(STATE_ESTABLISHED, r.state);
	EXPECT_EQ(0U, r.inode);
}

TEST_F(proc, queues_are_octets)
{
	struct row r;

	ASSERT_EQ(5, send(self->s.here, "hello", 5, 0));
	ASSERT_TRUE(find_row(self->s.there, self->f, &r));
	EXPECT_EQ(5U, r.rx_queue);
	ASSERT_EQ(3, send(self->s.here, "???", 3, MSG_MORE));
	ASSERT_TRUE(find_row(self->s.here, self->f, &r));
	EXPECT_LE(3U, r.tx_queue);
	EXPECT_GE(8U, r.tx_queue);
	ASSERT_EQ(5, recv(self->s.there, data, 5, 0));
	ASSERT_TRUE(find_row(self->s.there, self->f, &r));
	EXPECT_EQ(0U, r.rx_queue);
}

TEST_F(proc, states_of_the_end)
{
	struct row r;

	ASSERT_EQ(0, shutdown(self->s.here, SHUT_WR));
	ASSERT_TRUE(comes_to_state(self->s.here, STATE_FIN_WAIT2));
	ASSERT_TRUE(find_row(self->s.here, self->f, &r));
	EXPECT_EQ(STATE_FIN_WAIT2, r.state);
	ASSERT_TRUE(find_row(self->s.there, self->f, &r));
	EXPECT_EQ(STATE_CLOSE_WAIT, r.state);
	/* The FIN counts as an octet until it is acknowledged, which it is. */
	EXPECT_GE(1U, r.rx_queue);
	EXPECT_EQ(0U, r.tx_queue);
}

TEST_F(proc, time_wait_is_there)
{
	union address name = name_of(self->s.here);
	char local[48];
	struct row r;

	address_text(&name, local, sizeof(local));
	close(self->s.here);
	close(self->s.there);
	settle();
	ASSERT_EQ(1, find_rows(self->f, STATE_TIME_WAIT, local, &r));
	EXPECT_EQ(3U, r.timer);
	EXPECT_LT(0UL, r.when);
	EXPECT_GE(6000UL, r.when);
	EXPECT_EQ(0UL, r.inode);
	EXPECT_EQ(0U, r.tx_queue);
	EXPECT_EQ(0, find_rows(self->f, STATE_ESTABLISHED, NULL, NULL));
}

TEST_F(proc, connecting_waits_for_an_answer)
{
	struct row r;
	int fd = stream_stuck(self->f);

	ASSERT_TRUE(find_row(fd, self->f, &r));
	EXPECT_EQ(STATE_SYN_SENT, r.state);
	EXPECT_EQ(1U, r.timer);
	EXPECT_LT(0UL, r.when);
	EXPECT_GE(100UL, r.when);
	EXPECT_EQ(1U, r.tx_queue);
}

TEST_F(proc, half_open_is_there)
{
	int listener = stream_listening(self->f, 8), here;
	union address name = name_of(listener);
	char local[48];
	struct row r;

	address_text(&name, local, sizeof(local));
	ASSERT_EQ(0, set_int(listener, SOL_TCP, TCP_DEFER_ACCEPT, 10));
	here = stream_to(self->f, listener);
	settle();
	ASSERT_EQ(1, find_rows(self->f, STATE_SYN_RECV, local, &r));
	EXPECT_EQ(1U, r.timer);
	EXPECT_LT(0UL, r.when);
	EXPECT_EQ(0UL, r.inode);
	ASSERT_EQ(1, send(here, "x", 1, 0));
	settle();
	EXPECT_EQ(0, find_rows(self->f, STATE_SYN_RECV, NULL, NULL));
}

TEST_F(proc, keepalive_is_a_timer)
{
	struct row r;

	ASSERT_EQ(0, set_int(self->s.here, SOL_TCP, TCP_KEEPIDLE, 100));
	ASSERT_EQ(0, set_int(self->s.here, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_TRUE(find_row(self->s.here, self->f, &r));
	EXPECT_EQ(2U, r.timer);
	EXPECT_LT(9000UL, r.when);
	EXPECT_GE(10000UL, r.when);
}

TEST_F(proc, a_closed_window_is_probed)
{
	struct row r;

	while (send(self->s.here, data, sizeof(data), MSG_DONTWAIT) > 0)
		settle();
	for (int i = 0; i < PATIENCE_S * 100; i++) {
		ASSERT_TRUE(find_row(self->s.here, self->f, &r));
		if (r.timer == 4)
			break;
		usleep(10000);
	}
	EXPECT_EQ(4U, r.timer);
	EXPECT_LT(0U, r.tx_queue);
}

TEST_F(proc, owner_is_told)
{
	struct row r;
	int fd;

	ASSERT_EQ(0, seteuid(NOBODY));
	fd = stream_listening(self->f, 1);
	ASSERT_EQ(0, seteuid(0));
	ASSERT_TRUE(find_row(fd, self->f, &r));
	EXPECT_EQ((unsigned int)NOBODY, r.uid);
}

TEST_F(proc, hundreds_are_each_there_once)
{
	static unsigned char seen[65536];
	union address name;
	FILE *table;
	int rows = 0;
	unsigned int port;
	char line[512];

	for (int i = 0; i < 300; i++)
		stream_accepted(self->f, self->s.listener);
	name = name_of(self->s.listener);
	table = table_open(self->f);
	while (fgets(line, sizeof(line), table))
		if (sscanf(line, "%*d: %*s %*[^:]:%X", &port) == 1 && port &&
		    port != (unsigned int)port_of(&name)) {
			EXPECT_EQ(0, seen[port]);
			seen[port] = 1;
			rows++;
		}
	fclose(table);
	/* Those that were accepted, and the fixture's. */
	EXPECT_EQ(301, rows);
}

TEST_F(proc, other_namespaces_are_not_there)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_EQ(0, find_rows(self->f, -1, NULL, NULL));
}

TEST_HARNESS_MAIN
