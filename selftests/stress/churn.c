// SPDX-License-Identifier: GPL-2.0
/*
 * Two CPUs do whatever a program can do to sockets, to the same sockets: open,
 * bind, connect, send, receive, set options, close, while others read procfs.
 * Every call must succeed or fail with an error that it may fail with.
 */
#include "stress.h"

#include <linux/sockios.h>

#define SOCKETS		24
#define FIRST_PORT	4000
#define PORTS		6
#define GROUP_V4	"239.1.2.3"
#define GROUP_V6	"ff02::1234"

/* Descriptors that all workers use, and may close under each other's feet. */
struct crowd {
	_Atomic int fd[SOCKETS];
	_Atomic unsigned long sent, received, refused;
};

/* Another worker may have closed it, or got its number for something else. */
#define ANY_TIME	EBADF, ENOTSOCK, ENOTTY, EAFNOSUPPORT, EAGAIN,	\
			ECONNREFUSED, ENOPROTOOPT, EOPNOTSUPP

static bool may_fail_with(const int *errors, size_t n, int error)
{
	for (size_t i = 0; i < n; i++)
		if (errors[i] == error)
			return true;
	return false;
}

/* True when the call succeeded. */
#define DO(w, call, ...) ({						\
	static const int errors_[] = { ANY_TIME, __VA_ARGS__ };		\
	bool ok_ = (call) >= 0;						\
	int error_ = errno;						\
									\
	if (!ok_ && !may_fail_with(errors_, ARRAY_SIZE(errors_), error_)) \
		fail(w, "%s: %s", #call, strerror(error_));		\
	ok_; })

static struct crowd *crowd_of(struct worker *w)
{
	return w->stress->shared;
}

static int some_socket(struct worker *w)
{
	return crowd_of(w)->fd[pick(w, SOCKETS)];
}

static const struct flavour *some_flavour(struct worker *w)
{
	static const struct flavour flavours[] = {
		{ .family = AF_INET }, { .family = AF_INET },
		{ .family = AF_INET6 }, { .family = AF_INET6 },
		{ .family = AF_INET, .lite = true },
		{ .family = AF_INET6, .lite = true },
	};

	return &flavours[pick(w, ARRAY_SIZE(flavours))];
}

static union address some_address(struct worker *w)
{
	int port = FIRST_PORT + pick(w, PORTS);

	switch (pick(w, 8)) {
	case 0:
		return ipv4("0.0.0.0", port);
	case 1:
		return ipv6("::", port);
	case 2:
		return ipv6("::1", port);
	case 3:
		return ipv6("::ffff:127.0.0.1", port);
	case 4:
		return ipv4(GROUP_V4, port);
	case 5:
		return ipv4("127.0.0.2", 0);
	default:
		return ipv4("127.0.0.1", port);
	}
}

static void replace(struct worker *w)
{
	const struct flavour *f = some_flavour(w);
	int fd = socket(f->family, SOCK_DGRAM | SOCK_NONBLOCK, protocol_of(f));

	if (fd < 0) {
		fail(w, "socket: %s", strerror(errno));
		return;
	}
	if (pick(w, 2)) {
		set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		set_int(fd, SOL_SOCKET, SO_REUSEPORT, pick(w, 2));
	}
	fd = atomic_exchange(&crowd_of(w)->fd[pick(w, SOCKETS)], fd);
	DO(w, close(fd));
}

static void do_bind(struct worker *w)
{
	if (!DO(w, bind_to(some_socket(w), some_address(w)), EADDRINUSE,
		EINVAL, EADDRNOTAVAIL))
		crowd_of(w)->refused++;
}

static void do_connect(struct worker *w)
{
	DO(w, connect_to(some_socket(w), some_address(w)), EINVAL, EADDRINUSE,
	   ENETUNREACH, EACCES);
}

static void do_disconnect(struct worker *w)
{
	DO(w, disconnect(some_socket(w)), EINVAL, EADDRINUSE);
}

static void do_send(struct worker *w)
{
	static const char data[20000];
	static const int flags[] = { 0, 0, 0, MSG_MORE, MSG_CONFIRM };
	union address to = some_address(w);

	if (DO(w, sendto(some_socket(w), data, pick(w, sizeof(data)),
			 flags[pick(w, ARRAY_SIZE(flags))], &to.sa,
			 address_len(&to)),
	       EINVAL, EMSGSIZE, ENETUNREACH, EACCES, ENOBUFS, EISCONN, EPIPE,
	       EDESTADDRREQ, EIO))
		crowd_of(w)->sent++;
}

static void do_send_connected(struct worker *w)
{
	static const char data[3000];

	if (DO(w, send(some_socket(w), data, pick(w, sizeof(data)),
		       MSG_NOSIGNAL), EINVAL, EMSGSIZE, ENETUNREACH, EACCES,
	       ENOBUFS, EDESTADDRREQ, EPIPE, EIO))
		crowd_of(w)->sent++;
}

static void do_receive(struct worker *w)
{
	static const int flags[] = { 0, 0, 0, 0, MSG_PEEK, MSG_TRUNC,
				     MSG_ERRQUEUE };
	static __thread struct message m;

	if (DO(w, receive(some_socket(w), &m, MSG_DONTWAIT |
			  flags[pick(w, ARRAY_SIZE(flags))]), EMSGSIZE))
		crowd_of(w)->received++;
}

static void do_option(struct worker *w)
{
	static const struct {
		int level, name, range;
	} options[] = {
		{ SOL_UDP, UDP_CORK, 2 }, { SOL_UDP, UDP_CORK, 1 },
		{ SOL_UDP, UDP_GRO, 2 }, { SOL_UDP, UDP_SEGMENT, 1200 },
		{ SOL_SOCKET, SO_RCVBUF, 100000 },
		{ SOL_SOCKET, SO_SNDBUF, 100000 },
		{ SOL_SOCKET, SO_REUSEADDR, 2 },
		{ SOL_SOCKET, SO_REUSEPORT, 2 },
		{ SOL_SOCKET, SO_BROADCAST, 2 },
		{ SOL_SOCKET, SO_TIMESTAMP, 2 },
		{ SOL_SOCKET, SO_NO_CHECK, 2 },
		{ SOL_SOCKET, SO_BINDTOIFINDEX, 2 },
		{ SOL_IP, IP_RECVERR, 2 }, { SOL_IP, IP_PKTINFO, 2 },
		{ SOL_IP, IP_MTU_DISCOVER, 4 }, { SOL_IP, IP_TTL, 255 },
		{ SOL_IPV6, IPV6_RECVERR, 2 }, { SOL_IPV6, IPV6_V6ONLY, 2 },
		{ SOL_IPV6, IPV6_RECVPKTINFO, 2 },
		{ SOL_UDPLITE, UDPLITE_SEND_CSCOV, 100 },
		{ SOL_UDPLITE, UDPLITE_RECV_CSCOV, 100 },
	};
	uint32_t n = pick(w, ARRAY_SIZE(options));

	/* To let go of a cork is to send, and may fail as a send does. */
	DO(w, set_int(some_socket(w), options[n].level, options[n].name,
		      pick(w, options[n].range)), EINVAL, EIO, EMSGSIZE,
	   ENETUNREACH, EACCES, ENOBUFS);
	DO(w, get_int(some_socket(w), options[n].level, options[n].name),
	   ENOTCONN);
}

static void do_group(struct worker *w)
{
	bool v4 = pick(w, 2);
	union address a = v4 ? ipv4(GROUP_V4, 0) : ipv6(GROUP_V6, 0);
	struct group_req group = { .gr_interface = 1 };

	memcpy(&group.gr_group, &a, address_len(&a));
	DO(w, setsockopt(some_socket(w), v4 ? SOL_IP : SOL_IPV6,
			 pick(w, 3) ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP,
			 &group, sizeof(group)), EADDRINUSE, EADDRNOTAVAIL,
	   EINVAL, ENOBUFS);
}

static void do_look(struct worker *w)
{
	int fd = some_socket(w), value;
	union address a;
	socklen_t len = sizeof(a);
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	DO(w, getsockname(fd, &a.sa, &len));
	len = sizeof(a);
	DO(w, getpeername(fd, &a.sa, &len), ENOTCONN);
	DO(w, ioctl(fd, SIOCINQ, &value));
	DO(w, ioctl(fd, SIOCOUTQ, &value));
	DO(w, poll(&p, 1, 0));
}

static void do_shutdown(struct worker *w)
{
	if (pick(w, 16) == 0)
		DO(w, shutdown(some_socket(w), pick(w, 3)), ENOTCONN);
}

static void do_anything(struct worker *w)
{
	static work_t * const things[] = {
		replace, do_bind, do_bind, do_connect, do_disconnect, do_send,
		do_send, do_send, do_send_connected, do_receive, do_receive,
		do_receive, do_option, do_option, do_group, do_look,
		do_shutdown,
	};

	things[pick(w, ARRAY_SIZE(things))](w);
}

FIXTURE(churn)
{
	struct crowd crowd;
	struct stress stress;
};

FIXTURE_SETUP(churn)
{
	struct flavour f = { .family = AF_INET };

	ENTER_NETNS(&f);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	self->stress.shared = &self->crowd;
	for (int i = 0; i < SOCKETS; i++)
		self->crowd.fd[i] = dgram_open(&f);
}

FIXTURE_TEARDOWN(churn)
{
	EXPECT_TRUE(all_given_back());
}

/* Nobody is left on any port, and no entry in any table. */
static void expect_ports_free(struct __test_metadata *_metadata)
{
	const struct flavour v6 = { .family = AF_INET6 };
	int fd[PORTS];

	for (int i = 0; i < PORTS; i++) {
		fd[i] = dgram_open(&v6);
		EXPECT_ERRNO(0, bind_to(fd[i], any(&v6, FIRST_PORT + i)));
	}
	for (int i = 0; i < PORTS; i++)
		close(fd[i]);
}

TEST_F_TIMEOUT(churn, no_call_fails_in_an_unknown_way, 400)
{
	struct stress *s = &self->stress;

	for (int i = 0; i < 4; i++)
		add_worker(s, do_anything);
	add_worker(s, read_proc_files);
	EXPECT_ALL_WELL(s, stress_seconds(1));
	for (int i = 0; i < SOCKETS; i++)
		close(self->crowd.fd[i]);
	expect_ports_free(_metadata);
	EXPECT_GT(self->crowd.sent, 0);
	EXPECT_GT(self->crowd.received, 0);
	EXPECT_GT(self->crowd.refused, 0);
	TH_LOG("%lu sent, %lu received", self->crowd.sent,
	       self->crowd.received);
}

TEST_HARNESS_MAIN
