/* SPDX-License-Identifier: GPL-2.0 */
/* Datagram sockets: open, bind, send and receive with control messages. */
#ifndef XL4TEST_DATAGRAM_H
#define XL4TEST_DATAGRAM_H

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "flavour.h"
#include "must.h"
#include "netns.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif
#ifndef UDP_NO_CHECK6_TX
#define UDP_NO_CHECK6_TX 101
#define UDP_NO_CHECK6_RX 102
#endif

#define UDP_HEADER	8

/* So long a test waits for what must come; it never waits for nothing. */
#define PATIENCE_S	10

static inline int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* The value of an integer option, or -1. */
static inline int get_int(int fd, int level, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	if (getsockopt(fd, level, option, &value, &len))
		return -1;
	return value;
}

static inline int dgram_open(const struct flavour *f)
{
	struct timeval limit = { .tv_sec = PATIENCE_S };
	int fd = MUST(socket(f->family, SOCK_DGRAM, protocol_of(f)));

	MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	return fd;
}

static inline int bind_to(int fd, union address a)
{
	return bind(fd, &a.sa, address_len(&a));
}

static inline int connect_to(int fd, union address a)
{
	return connect(fd, &a.sa, address_len(&a));
}

static inline int disconnect(int fd)
{
	struct sockaddr unspecified = { .sa_family = AF_UNSPEC };

	return connect(fd, &unspecified, sizeof(unspecified));
}

static inline union address name_of(int fd)
{
	union address a = { 0 };
	socklen_t len = sizeof(a);

	MUST(getsockname(fd, &a.sa, &len));
	return a;
}

static inline union address peer_of(int fd)
{
	union address a = { 0 };
	socklen_t len = sizeof(a);

	MUST(getpeername(fd, &a.sa, &len));
	return a;
}

static inline int dgram_bound(const struct flavour *f, union address a)
{
	int fd = dgram_open(f);

	MUST(bind_to(fd, a));
	return fd;
}

/* Two sockets on loopback that know each other's address. */
struct pair {
	int tx;
	int rx;
	union address from;
	union address to;
};

static inline struct pair pair_open(const struct flavour *f)
{
	struct pair p = {
		.tx = dgram_bound(f, loopback(f, 0)),
		.rx = dgram_bound(f, loopback(f, 0)),
	};

	p.from = name_of(p.tx);
	p.to = name_of(p.rx);
	return p;
}

static inline ssize_t send_to(int fd, const void *data, size_t len,
			      union address to)
{
	return sendto(fd, data, len, 0, &to.sa, address_len(&to));
}

static inline ssize_t send_text(int fd, const char *text, union address to)
{
	return send_to(fd, text, strlen(text), to);
}

/* True once one of the events is there. */
static inline bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, PATIENCE_S * 1000) == 1 && (p.revents & events);
}

/* What has come of all that was sent so far. */
static inline short events_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = ~0 };

	settle();
	MUST(poll(&p, 1, 0));
	return p.revents;
}

/* What a control message carries, as sent or as received. */
struct control {
	int level;
	int type;
	const void *data;
	size_t len;
};

struct message {
	union address name;
	socklen_t name_len;
	int flags;
	size_t control_len;
	size_t len;
	union {
		char control[2048];
		struct cmsghdr align;
	};
	char data[65536];
};

/* Returns what recvmsg() does and fills m. */
static inline ssize_t receive(int fd, struct message *m, int flags)
{
	struct iovec iov = { .iov_base = m->data, .iov_len = sizeof(m->data) };
	struct msghdr msg = {
		.msg_name = &m->name, .msg_namelen = sizeof(m->name),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = m->control, .msg_controllen = sizeof(m->control),
	};
	ssize_t len;

	memset(&m->name, 0, sizeof(m->name));
	len = recvmsg(fd, &msg, flags);
	m->len = len < 0 ? 0 : len;
	m->name_len = msg.msg_namelen;
	m->control_len = len < 0 ? 0 : msg.msg_controllen;
	m->flags = msg.msg_flags;
	return len;
}

/* The same, of what was sent so far: EAGAIN when nothing came of it. */
static inline ssize_t receive_now(int fd, struct message *m, int flags)
{
	settle();
	return receive(fd, m, flags | MSG_DONTWAIT);
}

static inline ssize_t recv_now(int fd, void *buffer, size_t len, int flags)
{
	settle();
	return recv(fd, buffer, len, flags | MSG_DONTWAIT);
}

static inline const struct cmsghdr *next_control(const struct message *m,
						 const struct cmsghdr *after)
{
	struct msghdr msg = { .msg_control = (void *)m->control,
			      .msg_controllen = m->control_len };

	if (!after)
		return CMSG_FIRSTHDR(&msg);
	return CMSG_NXTHDR(&msg, (struct cmsghdr *)after);
}

/* The control message of that level and type, or one with data NULL. */
static inline struct control find_control(const struct message *m, int level,
					  int type)
{
	const struct cmsghdr *c = NULL;

	while ((c = next_control(m, c)))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return (struct control) {
				level, type, CMSG_DATA((struct cmsghdr *)c),
				c->cmsg_len - CMSG_LEN(0) };
	return (struct control) { level, type, NULL, 0 };
}

static inline int count_controls(const struct message *m)
{
	const struct cmsghdr *c = NULL;
	int n = 0;

	while ((c = next_control(m, c)))
		n++;
	return n;
}

/* The integer of a control message; absent when there is none. */
static inline int control_int(const struct message *m, int level, int type,
			      int absent)
{
	struct control c = find_control(m, level, type);
	int value = absent;

	if (c.data && c.len >= sizeof(value))
		memcpy(&value, c.data, sizeof(value));
	return value;
}

/* Sends with up to a few control messages; to may be NULL when connected. */
static inline ssize_t send_controls(int fd, const void *data, size_t len,
				    const union address *to,
				    const struct control *list, int n,
				    int flags)
{
	union { char bytes[2048]; struct cmsghdr align; } buffer = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)to,
		.msg_namelen = to ? address_len(to) : 0,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = buffer.bytes,
		.msg_controllen = sizeof(buffer),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	size_t used = 0;

	for (int i = 0; i < n; i++, c = CMSG_NXTHDR(&msg, c)) {
		c->cmsg_level = list[i].level;
		c->cmsg_type = list[i].type;
		c->cmsg_len = CMSG_LEN(list[i].len);
		memcpy(CMSG_DATA(c), list[i].data, list[i].len);
		used += CMSG_SPACE(list[i].len);
	}
	msg.msg_controllen = used;
	return sendmsg(fd, &msg, flags);
}

static inline ssize_t send_control(int fd, const void *data, size_t len,
				   const union address *to, int level, int type,
				   const void *value, size_t value_len)
{
	struct control c = { level, type, value, value_len };

	return send_controls(fd, data, len, to, &c, 1, 0);
}

/* Bytes that are different enough to show a shift or a hole. */
static inline void fill_pattern(void *buffer, size_t len, unsigned int seed)
{
	unsigned char *bytes = buffer;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff;
}

static inline bool is_pattern(const void *buffer, size_t len, unsigned int seed)
{
	const unsigned char *bytes = buffer;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] != ((i * 31 + (i >> 8) * 7 + seed) & 0xff))
			return false;
	return true;
}

#endif
