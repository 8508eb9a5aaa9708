/* SPDX-License-Identifier: GPL-2.0 */
/* Network namespaces, devices and sysctls of one test. */
#ifndef XL4TEST_NETNS_H
#define XL4TEST_NETNS_H

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "must.h"
#include "netlink.h"

static inline void device_up(const char *name)
{
	struct ifreq request = { 0 };
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	MUST(ioctl(fd, SIOCGIFFLAGS, &request));
	request.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

static inline void device_set_mtu(const char *name, int mtu)
{
	struct ifreq request = { .ifr_mtu = mtu };
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	MUST(ioctl(fd, SIOCSIFMTU, &request));
	close(fd);
}

/* What this device sends is summed before. */
static inline void device_sums_nothing(const char *name)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM };
	struct ifreq request = { .ifr_data = (void *)&off };
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	MUST(ioctl(fd, SIOCETHTOOL, &request));
	close(fd);
}

/*
 * Packets that one CPU sends over lo or veth arrive in order, so a test that
 * stays on one can prove with a later datagram that an earlier one was lost.
 */
static inline void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
}

static inline void netns_enter(void)
{
	stay_on_this_cpu();
	MUST(unshare(CLONE_NEWNET));
	device_up("lo");
}

static inline int netns_here(void)
{
	return MUST(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

static inline void netns_switch(int ns)
{
	MUST(setns(ns, CLONE_NEWNET));
}

__attribute__((format(printf, 1, 2)))
static inline void run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command)) {
		fprintf(stderr, "# failed: %s\n", command);
		abort();
	}
}

static inline void sysctl_write(const char *name, const char *value)
{
	char path[256] = "/proc/sys/";
	int fd;

	strncat(path, name, sizeof(path) - strlen(path) - 1);
	fd = MUST(open(path, O_WRONLY | O_CLOEXEC));
	MUST(write(fd, value, strlen(value)));
	close(fd);
}

static inline bool sysctl_read(const char *name, char *value, size_t size)
{
	char path[256] = "/proc/sys/";
	ssize_t len;
	int fd;

	strncat(path, name, sizeof(path) - strlen(path) - 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = MUST(read(fd, value, size - 1));
	value[len] = '\0';
	close(fd);
	return true;
}

/*
 * Waits until what this CPU sent over lo and veth has arrived, and what was
 * sent in answer: they share one queue, and what is sent now comes after them.
 * It is no UDP, so that it counts nowhere.
 */
static inline void settle(void)
{
	const int answers_to_answers = 4;
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = MUST(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 61));
	struct timeval a_while = { .tv_usec = 100000 };
	char packet[64];

	MUST(connect(fd, (struct sockaddr *)&here, sizeof(here)));
	MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &a_while, sizeof(a_while)));
	for (int i = 0; i < answers_to_answers; i++) {
		/* A queue that is full (net.core.netdev_max_backlog) drops this, too. */
		do
			MUST(send(fd, "", 1, 0));
		while (recv(fd, packet, sizeof(packet), 0) < 0 && errno == EAGAIN);
	}
	close(fd);
}

/*
 * A second namespace at the other end of a veth pair:
 *   here  veth0 192.0.2.1/24 2001:db8::1/64
 *   there veth0 192.0.2.2/24 2001:db8::2/64
 * The neighbours are entered by hand: no datagram waits for ARP.
 */
struct veth {
	int here;
	int there;
};

/* True when IPv6 has a route to that, in hex without colons, by the device. */
static inline bool has_route6(const char *device, const char *prefix)
{
	FILE *routes = fopen("/proc/self/net/ipv6_route", "re");
	char line[256], to[33], name[IFNAMSIZ];
	bool found = false;

	MUST(routes ? 0 : -1);
	while (!found && fgets(line, sizeof(line), routes))
		found = sscanf(line, "%32s %*s %*s %*s %*s %*s %*s %*s %*s %15s",
			       to, name) == 2 &&
			!strncmp(to, prefix, strlen(prefix)) &&
			!strcmp(name, device);
	fclose(routes);
	return found;
}

/*
 * An address is there for programs before it is there for packets, and a
 * group's packets come once the kernel has heard of the carrier: both are left
 * to a kernel thread, and nobody can be asked to tell.
 */
static inline void device_wait_for(const char *device, const char *prefix)
{
	while (!has_route6(device, prefix))
		usleep(1000);
}

static inline void device_wait_for_groups(const char *device)
{
	device_wait_for(device, "ff000000");
}

static inline void device_wait_for_address(const char *device, const char *text)
{
	union address a = ipv6(text, 0);
	char prefix[33];

	for (int i = 0; i < 16; i++)
		sprintf(prefix + 2 * i, "%02x", a.v6.sin6_addr.s6_addr[i]);
	device_wait_for(device, prefix);
}

/* An address more on lo, for either end of a conversation. */
static inline void loopback_add_address(const char *v6)
{
	link_add_address("lo", ipv6(v6, 0), 64);
	device_wait_for_address("lo", v6);
}

#define VETH_HERE_V4	"192.0.2.1"
#define VETH_THERE_V4	"192.0.2.2"
#define VETH_HERE_V6	"2001:db8::1"
#define VETH_THERE_V6	"2001:db8::2"

/* One end: its addresses, and the neighbour at the other. */
static inline void veth_configure(const struct end *here, const char *v4,
				  const char *v6, const struct end *there,
				  const char *neighbour_v4,
				  const char *neighbour_v6)
{
	netns_switch(here->netns);
	link_add_address(here->name, ipv4(v4, 0), 24);
	link_add_address(here->name, ipv6(v6, 0), 64);
	device_up(here->name);
	link_add_neighbour(here->name, ipv4(neighbour_v4, 0), there->mac);
	link_add_neighbour(here->name, ipv6(neighbour_v6, 0), there->mac);
}

static inline struct veth veth_create(void)
{
	struct veth v = { .here = netns_here() };
	struct end here, there;

	MUST(unshare(CLONE_NEWNET));
	v.there = netns_here();
	device_up("lo");
	netns_switch(v.here);
	here = (struct end) { "veth0", 10, v.here, 1500, { 2, 0, 0, 0, 0, 1 } };
	there = (struct end) { "veth0", 11, v.there, 1500,
			       { 2, 0, 0, 0, 0, 2 } };
	link_veth(&here, &there);
	veth_configure(&here, VETH_HERE_V4, VETH_HERE_V6, &there,
		       VETH_THERE_V4, VETH_THERE_V6);
	veth_configure(&there, VETH_THERE_V4, VETH_THERE_V6, &here,
		       VETH_HERE_V4, VETH_HERE_V6);
	device_wait_for_groups("veth0");
	device_wait_for_address("veth0", VETH_THERE_V6);
	netns_switch(v.here);
	device_wait_for_groups("veth0");
	device_wait_for_address("veth0", VETH_HERE_V6);
	return v;
}

#endif
