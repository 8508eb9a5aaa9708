/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stream sockets: listen, connect, and pairs of them on loopback.
 *
 * XL4_TCP in the environment chooses the protocol: 6 is the kernel's own TCP, to
 * prove the tests themselves.
 */
#ifndef XL4TEST_STREAM_H
#define XL4TEST_STREAM_H

#include <linux/tcp.h>
#include <signal.h>
#include <sys/wait.h>

#include "connection.h"

/* <netinet/tcp.h>, which has it, cannot be included beside <linux/tcp.h>. */
#ifndef SOL_TCP
#define SOL_TCP IPPROTO_TCP
#endif

static inline int tcp_number(void)
{
	return number_from("XL4_TCP", 254);
}

static inline bool is_kernel_tcp(void)
{
	return tcp_number() == IPPROTO_TCP;
}

#define TCP_FLAVOURS(fixture)						\
ADD_FLAVOUR(fixture, ipv4, .family = AF_INET);				\
ADD_FLAVOUR(fixture, ipv6, .family = AF_INET6);				\
ADD_FLAVOUR(fixture, mapped, .family = AF_INET6, .mapped = true)

static inline int stream_open(const struct flavour *f)
{
	int fd = MUST(socket(f->family, SOCK_STREAM | SOCK_CLOEXEC, tcp_number()));

	impatient(fd);
	return fd;
}

static inline int stream_bound(const struct flavour *f, union address a)
{
	int fd = stream_open(f);

	MUST(bind_to(fd, a));
	return fd;
}

static inline int stream_listening(const struct flavour *f, int backlog)
{
	int fd = stream_bound(f, loopback(f, 0));

	MUST(listen(fd, backlog));
	return fd;
}

/* A socket connected to the listener. */
static inline int stream_to(const struct flavour *f, int listener)
{
	int fd = stream_open(f);

	MUST(connect_to(fd, name_of(listener)));
	return fd;
}

/* The two ends of a connection, and who accepted it. */
struct stream {
	int here;
	int there;
	int listener;
};

static inline struct stream stream_accepted(const struct flavour *f, int listener)
{
	struct stream s = { .listener = listener, .here = stream_to(f, listener) };

	s.there = MUST(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return s;
}

static inline struct stream stream_pair(const struct flavour *f)
{
	return stream_accepted(f, stream_listening(f, 8));
}

static inline void stream_close(struct stream *s)
{
	close(s->here);
	close(s->there);
	close(s->listener);
}

static inline struct tcp_info info_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	MUST(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info;
}

/* Of RFC 9293, in the kernel's numbers. */
enum {
	STATE_ESTABLISHED = 1, STATE_SYN_SENT, STATE_SYN_RECV, STATE_FIN_WAIT1,
	STATE_FIN_WAIT2, STATE_TIME_WAIT, STATE_CLOSE, STATE_CLOSE_WAIT,
	STATE_LAST_ACK, STATE_LISTEN, STATE_CLOSING,
};

static inline int state_of(int fd)
{
	settle();
	return info_of(fd).tcpi_state;
}

/*
 * A socket that stays in SYN-SENT: the listener's queue is full, and SYNs to it
 * are dropped. The connections that fill it are the test's to forget.
 */
static inline int stream_stuck(const struct flavour *f)
{
	int listener = stream_listening(f, 0), fd;

	stream_to(f, listener);
	settle();
	fd = stream_open(f);
	nonblocking(fd);
	MUST(connect_to(fd, name_of(listener)) ? 0 : -1);
	return fd;
}

/* The counter of TCP, wherever the protocol keeps it: XTCP's own or TcpExt. */
static inline long tcp_counter(const char *name)
{
	long value;

	settle();
	if (is_kernel_tcp()) {
		value = counter_in_columns("/proc/self/net/snmp", "Tcp:", name);
		return value < 0 ? counter_in_columns("/proc/self/net/netstat", "TcpExt:", name)
				 : value;
	}
	value = counter_in_columns("/proc/self/net/xl4/snmp", "Tcp:", name);
	return value < 0 ? value :
	       value + counter_in_columns("/proc/self/net/xl4/snmp", "Tcp6:", name);
}

/* All of it, as a reader that knows how much there is. */
static inline bool recv_all(int fd, void *buffer, size_t len)
{
	return recv(fd, buffer, len, MSG_WAITALL) == (ssize_t)len;
}

static inline bool send_all(int fd, const void *buffer, size_t len)
{
	const char *at = buffer;
	ssize_t n;

	for (; len; at += n, len -= n) {
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
	}
	return true;
}

/* A process that does not have @fd: when this returns, closing it here is the end of it. */
static inline pid_t fork_without(int fd)
{
	int closed[2];
	pid_t pid;
	char byte;

	MUST(pipe(closed));
	pid = MUST(fork());
	if (!pid)
		close(fd);
	close(closed[1]);
	if (pid)
		MUST(read(closed[0], &byte, 1));
	close(closed[0]);
	return pid;
}

static inline bool ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && !status;
}

/* An ACK may be delayed, and with it the change of a state. */
static inline bool comes_to_state(int fd, int state)
{
	for (int i = 0; i < PATIENCE_S * 1000 && state_of(fd) != state; i++)
		usleep(1000);
	return state_of(fd) == state;
}

/* How often a signal came since the counting began. */
static volatile sig_atomic_t signals_seen;

__attribute__((unused)) static void count_signal(int number)
{
	(void)number;
	signals_seen++;
}

#define COUNT_SIGNAL(number) do {					\
	struct sigaction action_ = { .sa_handler = count_signal };	\
	signals_seen = 0;						\
	MUST(sigaction(number, &action_, NULL));			\
} while (0)

#endif
