// SPDX-License-Identifier: GPL-2.0
/* The socket table in /proc/net, in the columns that tools know. */
#include "xl4test.h"

#include <sys/stat.h>

#define NOBODY 65534

static struct message got;

FIXTURE(proc)
{
	struct pair p;
};

FIXTURE_VARIANT(proc)
{
	struct flavour flavour;
};

ALL_FLAVOURS(proc);

FIXTURE_SETUP(proc)
{
	ENTER_NETNS(&variant->flavour);
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(proc)
{
}

struct row {
	char local[48], remote[48];
	unsigned int state, tx_queue, rx_queue, uid, drops;
	unsigned long inode;
};

static FILE *table_open(const struct flavour *f)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/net/%sudp%s%s",
		 is_kernel_udp() ? "" : "xl4/", f->lite ? "lite" : "",
		 f->family == AF_INET6 ? "6" : "");
	file = fopen(path, "re");
	MUST(file ? 0 : -1);
	return file;
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
		found = sscanf(line, "%*d: %47s %47s %X %X:%X %*X:%*X %*X %u "
			       "%*d %lu %*d %*s %u", r->local, r->remote,
			       &r->state, &r->tx_queue, &r->rx_queue, &r->uid,
			       &r->inode, &r->drops) == 8 &&
			r->inode == st.st_ino;
	fclose(table);
	return found;
}

TEST_F(proc, has_the_known_columns)
{
	static const char *const columns[] = {
		"sl", "local_address", "st", "tx_queue", "rx_queue", "tr",
		"tm->when", "retrnsmt", "uid", "timeout", "inode", "ref",
		"pointer", "drops",
	};
	FILE *table = table_open(&variant->flavour);
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

TEST_F(proc, unbound_is_not_there)
{
	struct row r;

	EXPECT_FALSE(find_row(dgram_open(&variant->flavour),
			      &variant->flavour, &r));
}

TEST_F(proc, bound_is_there)
{
	char local[48], remote[48];
	union address nobody = any(&variant->flavour, 0);
	struct row r;

	ASSERT_TRUE(find_row(self->p.rx, &variant->flavour, &r));
	address_text(&self->p.to, local, sizeof(local));
	address_text(&nobody, remote, sizeof(remote));
	EXPECT_STREQ(local, r.local);
	EXPECT_STREQ(remote, r.remote);
	EXPECT_EQ(7U, r.state);
	EXPECT_EQ(0U, r.rx_queue);
	EXPECT_EQ(0U, r.uid);
}

TEST_F(proc, connected_tells_its_peer)
{
	char remote[48];
	struct row r;

	ASSERT_ERRNO(0, connect_to(self->p.rx, self->p.from));
	ASSERT_TRUE(find_row(self->p.rx, &variant->flavour, &r));
	address_text(&self->p.from, remote, sizeof(remote));
	EXPECT_STREQ(remote, r.remote);
	EXPECT_EQ(1U, r.state);
	ASSERT_EQ(0, disconnect(self->p.rx));
}

TEST_F(proc, queue_and_drops_are_told)
{
	struct row r;

	ASSERT_EQ(4, send_text(self->p.tx, "wait", self->p.to));
	ASSERT_TRUE(find_row(self->p.rx, &variant->flavour, &r));
	EXPECT_LT(0U, r.rx_queue);
	ASSERT_EQ(4, receive(self->p.rx, &got, 0));
	ASSERT_EQ(0, set_int(self->p.rx, SOL_SOCKET, SO_RCVBUF, 1));
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(4, send_text(self->p.tx, "drop", self->p.to));
	ASSERT_TRUE(find_row(self->p.rx, &variant->flavour, &r));
	EXPECT_LT(0U, r.drops);
}

TEST_F(proc, owner_is_told)
{
	struct row r;
	int fd;

	ASSERT_EQ(0, seteuid(NOBODY));
	fd = dgram_bound(&variant->flavour, loopback(&variant->flavour, 0));
	ASSERT_EQ(0, seteuid(0));
	ASSERT_TRUE(find_row(fd, &variant->flavour, &r));
	EXPECT_EQ((unsigned int)NOBODY, r.uid);
}

TEST_F(proc, hundreds_are_each_there_once)
{
	static unsigned char seen[65536];
	FILE *table;
	int fds[700], rows = 0;
	unsigned int port;
	char line[512];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = dgram_bound(&variant->flavour,
				     loopback(&variant->flavour, 0));
	table = table_open(&variant->flavour);
	while (fgets(line, sizeof(line), table))
		if (sscanf(line, "%*d: %*[^:]:%X", &port) == 1) {
			EXPECT_EQ(0, seen[port]);
			seen[port] = 1;
			rows++;
		}
	fclose(table);
	/* and the pair of the fixture */
	EXPECT_EQ((int)ARRAY_SIZE(fds) + 2, rows);
}

TEST_F(proc, other_namespaces_are_not_there)
{
	char line[512];
	int rows = -1;
	FILE *table;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	table = table_open(&variant->flavour);
	while (fgets(line, sizeof(line), table))
		rows++;
	fclose(table);
	EXPECT_EQ(0, rows);
}

TEST_HARNESS_MAIN
