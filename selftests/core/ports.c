// SPDX-License-Identifier: GPL-2.0
/* Ports that the kernel picks, keeps back, or gives to the privileged only. */
#include "xl4test.h"

#define FIRST	40000
#define PORTS	10
#define NOBODY	65534

FIXTURE(ports)
{
	int fd;
};

FIXTURE_VARIANT(ports)
{
	struct flavour flavour;
};

ALL_FLAVOURS(ports);

FIXTURE_SETUP(ports)
{
	ENTER_NETNS(&variant->flavour);
	sysctl_write("net/ipv4/ip_local_port_range", "40000 40009");
	self->fd = dgram_open(&variant->flavour);
}

FIXTURE_TEARDOWN(ports)
{
}

static int port_taken_by(int fd)
{
	union address name = name_of(fd);

	return port_of(&name);
}

/* Binds sockets to port 0 until there is none; counts what each port got. */
static int bind_all(const struct flavour *f, int *taken)
{
	int fd = -1;

	do {
		fd = dgram_open(f);
		if (bind_to(fd, loopback(f, 0)))
			return errno;
		taken[port_taken_by(fd) - FIRST]++;
	} while (true);
}

TEST_F(ports, whole_range_is_used_and_no_more)
{
	int taken[PORTS] = { 0 };

	EXPECT_EQ(EADDRINUSE, bind_all(&variant->flavour, taken));
	for (int i = 0; i < PORTS; i++)
		EXPECT_EQ(1, taken[i]);
}

TEST_F(ports, reserved_ones_are_left_out)
{
	int taken[PORTS] = { 0 };

	sysctl_write("net/ipv4/ip_local_reserved_ports", "40003,40005-40006");
	EXPECT_EQ(EADDRINUSE, bind_all(&variant->flavour, taken));
	for (int i = 0; i < PORTS; i++)
		EXPECT_EQ(i != 3 && i != 5 && i != 6, taken[i]);
	EXPECT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 40003)));
}

TEST_F(ports, freed_one_is_found_again)
{
	int taken[PORTS] = { 0 };
	int port;

	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 0)));
	port = port_taken_by(self->fd);
	EXPECT_EQ(EADDRINUSE, bind_all(&variant->flavour, taken));
	close(self->fd);
	self->fd = dgram_open(&variant->flavour);
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 0)));
	EXPECT_EQ(port, port_taken_by(self->fd));
}

TEST_F(ports, exhausted_range_stops_connect_and_send)
{
	int taken[PORTS] = { 0 };

	EXPECT_EQ(EADDRINUSE, bind_all(&variant->flavour, taken));
	EXPECT_ERRNO(EAGAIN, connect_to(self->fd,
					loopback(&variant->flavour, 9)));
	EXPECT_ERRNO(EAGAIN, send_text(self->fd, "x",
				       loopback(&variant->flavour, 9)));
}

TEST_F(ports, another_address_has_ports_of_its_own)
{
	union address second = address_for(&variant->flavour, "127.0.0.2",
					   "2001:db8:1::2", 0);
	int taken[PORTS] = { 0 };

	loopback_add_address("2001:db8:1::2");
	EXPECT_EQ(EADDRINUSE, bind_all(&variant->flavour, taken));
	EXPECT_ERRNO(0, bind_to(self->fd, second));
}

TEST_F(ports, protocols_have_ports_of_their_own)
{
	struct flavour other = variant->flavour;
	int fd;

	other.lite = !other.lite;
	if (!flavour_available(&other))
		SKIP(return, "this kernel has no UDP-Lite");
	fd = dgram_open(&other);
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	EXPECT_ERRNO(0, bind_to(fd, loopback(&other, 4000)));
}

TEST_F(ports, namespaces_have_ports_of_their_own)
{
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 4000)));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	device_up("lo");
	EXPECT_ERRNO(0, bind_to(dgram_open(&variant->flavour),
				loopback(&variant->flavour, 4000)));
}

TEST_F(ports, privilege_begins_where_the_administrator_says)
{
	sysctl_write("net/ipv4/ip_unprivileged_port_start", "80");
	ASSERT_EQ(0, seteuid(NOBODY));
	EXPECT_ERRNO(EACCES, bind_to(self->fd,
				     loopback(&variant->flavour, 79)));
	EXPECT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 80)));
}

TEST_F(ports, bind_without_a_port_leaves_it_for_later)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	ASSERT_ERRNO(0, bind_to(self->fd, loopback(&variant->flavour, 0)));
	EXPECT_EQ(0, port_taken_by(self->fd));
	ASSERT_EQ(1, send_text(self->fd, "x", loopback(&variant->flavour, 9)));
	EXPECT_LE(FIRST, port_taken_by(self->fd));
}

TEST_F(ports, hundreds_are_told_apart)
{
	enum { MANY = 900 };
	static int fds[MANY];
	int tx = dgram_open(&variant->flavour), got;

	for (int i = 0; i < MANY; i++)
		fds[i] = dgram_bound(&variant->flavour,
				     loopback(&variant->flavour, 1024 + i));
	for (int i = 0; i < MANY; i++) {
		ASSERT_EQ((ssize_t)sizeof(i),
			  send_to(tx, &i, sizeof(i),
				  loopback(&variant->flavour, 1024 + i)));
		ASSERT_EQ((ssize_t)sizeof(i), recv(fds[i], &got, sizeof(got),
						   0));
		ASSERT_EQ(i, got);
	}
}

TEST_HARNESS_MAIN
