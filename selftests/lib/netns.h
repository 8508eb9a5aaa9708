/* SPDX-License-Identifier: GPL-2.0 */
/* Network namespaces, devices and sysctls of one test. */
#ifndef XL4TEST_NETNS_H
#define XL4TEST_NETNS_H

#include <fcntl.h>
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

#include "must.h"

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
	char packet[64];

	MUST(connect(fd, (struct sockaddr *)&here, sizeof(here)));
	for (int i = 0; i < answers_to_answers; i++) {
		MUST(send(fd, "", 1, 0));
		MUST(recv(fd, packet, sizeof(packet), 0));
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

/*
 * The kernel learns of a carrier some time after the device came up; until
 * then IPv6 takes no multicast from it, and nobody sends to it.
 */
static inline void device_wait_for_ipv6(const char *device)
{
	char line[256], group[33], name[IFNAMSIZ];
	bool ready = false;

	while (!ready) {
		FILE *routes = fopen("/proc/self/net/ipv6_route", "re");

		MUST(routes ? 0 : -1);
		while (!ready && fgets(line, sizeof(line), routes))
			ready = sscanf(line, "%32s 08 %*s %*s %*s %*s %*s %*s %*s %15s",
				       group, name) == 2 &&
				!strncmp(group, "ff0", 3) &&
				!strcmp(name, device);
		fclose(routes);
		if (!ready)
			usleep(1000);
	}
}

#define VETH_HERE_V4	"192.0.2.1"
#define VETH_THERE_V4	"192.0.2.2"
#define VETH_HERE_V6	"2001:db8::1"
#define VETH_THERE_V6	"2001:db8::2"

static inline struct veth veth_create(void)
{
	struct veth v = { .here = netns_here() };

	MUST(unshare(CLONE_NEWNET));
	v.there = netns_here();
	device_up("lo");
	netns_switch(v.here);
	/* with one index at both ends the kernel sees no haste in a carrier */
	run("ip link add veth0 index 10 address 02:00:00:00:00:01 type veth "
	    "peer name veth0 index 11 address 02:00:00:00:00:02 "
	    "netns /proc/%d/fd/%d",
	    getpid(), v.there);
	run("ip -b - <<-END\n"
	    "addr add " VETH_HERE_V4 "/24 dev veth0\n"
	    "addr add " VETH_HERE_V6 "/64 dev veth0 nodad\n"
	    "link set veth0 up\n"
	    "neigh add " VETH_THERE_V4 " lladdr 02:00:00:00:00:02 dev veth0\n"
	    "neigh add " VETH_THERE_V6 " lladdr 02:00:00:00:00:02 dev veth0\n"
	    "END\n");
	netns_switch(v.there);
	run("ip -b - <<-END\n"
	    "addr add " VETH_THERE_V4 "/24 dev veth0\n"
	    "addr add " VETH_THERE_V6 "/64 dev veth0 nodad\n"
	    "link set veth0 up\n"
	    "neigh add " VETH_HERE_V4 " lladdr 02:00:00:00:00:01 dev veth0\n"
	    "neigh add " VETH_HERE_V6 " lladdr 02:00:00:00:00:01 dev veth0\n"
	    "END\n");
	device_wait_for_ipv6("veth0");
	netns_switch(v.here);
	device_wait_for_ipv6("veth0");
	return v;
}

#endif
