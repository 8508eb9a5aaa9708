// SPDX-License-Identifier: GPL-2.0
/*
 * The modules come and go while packets for them come in, sockets are opened,
 * namespaces are made and left, and their files are read.
 */
#include "module.h"
#include "stress.h"

#define PORT	4000

static _Atomic unsigned long loads;

/* They come and go with the modules. */
static const char * const files[] = {
	"/proc/thread-self/net/xl4/snmp", "/proc/thread-self/net/xl4/udp",
	"/proc/thread-self/net/xl4/udp6", "/proc/thread-self/net/xl4/udplite",
	"/proc/net/protocols", "/proc/sys/net/xl4/udp_rmem_default",
	"/proc/sys/net/xl4/udp_mem",
};

static const struct flavour flavours[] = {
	{ .family = AF_INET }, { .family = AF_INET6 },
	{ .family = AF_INET, .lite = true },
	{ .family = AF_INET6, .lite = true },
};

FIXTURE(traffic)
{
	struct stress stress;
};

FIXTURE_SETUP(traffic)
{
	MODULES_ONLY();
	modules_out();
	netns_enter();
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	/* A socket that cannot be had shall not wait for modprobe. */
	sysctl_write("kernel/modprobe", "\n");
}

FIXTURE_TEARDOWN(traffic)
{
	sysctl_write("kernel/modprobe", "/sbin/modprobe");
	modules_in();
	EXPECT_TRUE(all_given_back());
}

static void load(struct worker *w, struct module *m)
{
	if (module_load(m, ""))
		fail(w, "loading %s: %s", m->name, strerror(errno));
}

/* Refused as long as somebody has a socket. */
static void unload(struct worker *w, struct module *m)
{
	while (module_unload(m)) {
		if (errno != EWOULDBLOCK) {
			fail(w, "unloading %s: %s", m->name, strerror(errno));
			return;
		}
		sched_yield();
	}
}

static void come_and_go(struct worker *w)
{
	load(w, &xl4);
	load(w, &xudp);
	unload(w, &xudp);
	unload(w, &xl4);
	atomic_fetch_add(&loads, 1);
}

/* With the header that UDP and UDP-Lite would give them. */
static void send_packets(struct worker *w)
{
	const struct flavour *f = &flavours[w->done % ARRAY_SIZE(flavours)];
	int fd = MUST(socket(f->family, SOCK_RAW | SOCK_CLOEXEC,
			     protocol_of(f)));
	uint16_t header[] = { htons(PORT), htons(PORT), htons(8), 0 };
	union address to = loopback(f, 0);

	MUST(set_int(fd, SOL_SOCKET, SO_RCVBUF, 0));
	for (int i = 0; i < 100; i++)
		send_to(fd, header, sizeof(header), to);
	close(fd);
}

static void use_sockets(struct worker *w)
{
	const struct flavour *f = &flavours[pick(w, ARRAY_SIZE(flavours))];
	int fd = socket(f->family, SOCK_DGRAM, protocol_of(f));
	char data[64];

	if (fd < 0) {
		/* A module that is just being unloaded makes no sockets. */
		if (errno != EPROTONOSUPPORT && errno != ENOBUFS &&
		    errno != ENOMEM)
			fail(w, "socket: %s", strerror(errno));
		return;
	}
	if (bind_to(fd, loopback(f, PORT)) || connect_to(fd, name_of(fd)))
		fail(w, "bind or connect: %s", strerror(errno));
	/* Refused: what was sent before there was a socket came from this port. */
	else if (send(fd, "to myself", 9, pick(w, 2) ? 0 : MSG_MORE) < 0 &&
		 errno != ECONNREFUSED)
		fail(w, "send: %s", strerror(errno));
	recv(fd, data, sizeof(data), MSG_DONTWAIT);
	close(fd);
}

/* Only this thread moves; what it leaves is gone at some time later. */
static void change_namespace(struct worker *w)
{
	MUST(unshare(CLONE_NEWNET));
	device_up("lo");
	send_packets(w);
	use_sockets(w);
}

static void read_files(struct worker *w)
{
	int fd = open(files[pick(w, ARRAY_SIZE(files))], O_RDONLY | O_CLOEXEC);
	char data[256];

	if (fd < 0)
		return;
	while (read(fd, data, sizeof(data)) > 0)
		sched_yield();
	close(fd);
}

static void trace(struct worker *w)
{
	int fd = open("/sys/kernel/tracing/events/xl4/enable", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* The module left before the file was opened, or after. */
	if (write(fd, w->done % 2 ? "1" : "0", 1) < 0 && errno != ENODEV && errno != EINVAL)
		fail(w, "tracing: %s", strerror(errno));
	close(fd);
}

static void read_or_trace(struct worker *w)
{
	read_files(w);
	if (pick(w, 8) == 0)
		trace(w);
}

TEST_F_TIMEOUT(traffic, modules_come_and_go, 600)
{
	struct stress *s = &self->stress;

	module_read(&xl4);
	module_read(&xudp);
	add_worker(s, come_and_go);
	add_worker(s, send_packets);
	add_worker(s, use_sockets);
	add_worker(s, change_namespace);
	add_worker(s, read_or_trace);
	EXPECT_ALL_WELL(s, stress_seconds(0.5));
	TH_LOG("%lu loads", loads);
}

TEST_HARNESS_MAIN
