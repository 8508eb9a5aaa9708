/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCTP sockets of both styles: pairs of them on loopback, messages with their control data,
 * notifications. By RFC 6458 and <linux/sctp.h>, without libsctp.
 *
 * XL4_SCTP in the environment chooses the protocol: 132 is the kernel's own, to prove the tests
 * themselves.
 */
#ifndef XL4TEST_SCTP_H
#define XL4TEST_SCTP_H

#include <linux/sctp.h>
#include <signal.h>
#include <sys/wait.h>

#include "connection.h"

#ifndef SOL_SCTP
#define SOL_SCTP 132
#endif

static inline int sctp_number(void)
{
	return number_from("XL4_SCTP", 251);
}

#define SCTP_FLAVOURS(fixture)						\
ADD_FLAVOUR(fixture, ipv4, .family = AF_INET);				\
ADD_FLAVOUR(fixture, ipv6, .family = AF_INET6);				\
ADD_FLAVOUR(fixture, mapped, .family = AF_INET6, .mapped = true)

/* ------------------------------------------------------------------- sockets */

static inline int sctp_open(const struct flavour *f, int type)
{
	int fd = MUST(socket(f->family, type | SOCK_CLOEXEC, sctp_number()));

	impatient(fd);
	return fd;
}

static inline int one_open(const struct flavour *f)
{
	return sctp_open(f, SOCK_STREAM);
}

static inline int many_open(const struct flavour *f)
{
	return sctp_open(f, SOCK_SEQPACKET);
}

static inline int listening(const struct flavour *f, int fd, int backlog)
{
	MUST(bind_to(fd, loopback(f, 0)));
	MUST(listen(fd, backlog));
	return fd;
}

/* The two ends of an association between one-to-one sockets, and who accepted it. */
struct one {
	int here;
	int there;
	int listener;
};

static inline struct one one_to_listener(const struct flavour *f, int listener)
{
	struct one o = { .listener = listener, .here = one_open(f) };

	MUST(connect_to(o.here, name_of(listener)));
	o.there = MUST(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return o;
}

static inline struct one one_pair(const struct flavour *f)
{
	return one_to_listener(f, listening(f, one_open(f), 8));
}

static inline void one_close(struct one *o)
{
	close(o->here);
	close(o->there);
	close(o->listener);
}

/* SO_LINGER for no time: close() aborts. */
static inline void abort_by_linger(int fd)
{
	reset(fd);
}

/* ------------------------------------------------------------------- options */

static inline int set_option(int fd, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, SOL_SCTP, name, value, len);
}

/* Whether all of it was filled in. */
static inline int get_option(int fd, int name, void *value, socklen_t size)
{
	socklen_t len = size;
	int err = getsockopt(fd, SOL_SCTP, name, value, &len);

	return err < 0 || len == size ? err : -1;
}

static inline int set_assoc_value(int fd, int name, sctp_assoc_t id, uint32_t value)
{
	struct sctp_assoc_value av = { .assoc_id = id, .assoc_value = value };

	return set_option(fd, name, &av, sizeof(av));
}

/* The value, or -1. */
static inline long get_assoc_value(int fd, int name, sctp_assoc_t id)
{
	struct sctp_assoc_value av = { .assoc_id = id };

	return get_option(fd, name, &av, sizeof(av)) < 0 ? -1 : (long)av.assoc_value;
}

static inline struct sctp_status status_of(int fd, sctp_assoc_t id)
{
	struct sctp_status status = { .sstat_assoc_id = id };

	settle();
	MUST(get_option(fd, SCTP_STATUS, &status, sizeof(status)));
	return status;
}

/* The state, or -1 when there is no association. */
static inline int state_of(int fd, sctp_assoc_t id)
{
	struct sctp_status status = { .sstat_assoc_id = id };

	settle();
	return get_option(fd, SCTP_STATUS, &status, sizeof(status)) < 0 ? -1 : status.sstat_state;
}

/* A SACK may be delayed, and with it the change of a state. */
static inline bool comes_to_state(int fd, sctp_assoc_t id, int state)
{
	for (int i = 0; i < PATIENCE_S * 1000 && state_of(fd, id) != state; i++)
		usleep(1000);
	return state_of(fd, id) == state;
}

static inline unsigned int associations_of(int fd)
{
	uint32_t n = ~0u;

	settle();
	MUST(get_option(fd, SCTP_GET_ASSOC_NUMBER, &n, sizeof(n)));
	return n;
}

static inline bool comes_to_associations(int fd, unsigned int n)
{
	for (int i = 0; i < PATIENCE_S * 1000 && associations_of(fd) != n; i++)
		usleep(1000);
	return associations_of(fd) == n;
}

/* ------------------------------------------------------------------ messages */

struct sending {
	const union address *to;	/* NULL: whom the socket is with */
	struct sctp_sndinfo info;
	int flags;
};

static inline ssize_t send_message(int fd, const struct sending *s, const void *data, size_t len)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct sctp_sndinfo))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)s->to, .msg_namelen = s->to ? address_len(s->to) : 0,
		.msg_iov = &iov, .msg_iovlen = len ? 1 : 0,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SCTP;
	c->cmsg_type = SCTP_SNDINFO;
	c->cmsg_len = CMSG_LEN(sizeof(s->info));
	memcpy(CMSG_DATA(c), &s->info, sizeof(s->info));
	return sendmsg(fd, &msg, s->flags | MSG_NOSIGNAL);
}

/* Of what receive() got: SCTP_RCVINFO, if the socket asked for it. */
static inline struct sctp_rcvinfo rcvinfo_of(const struct message *m)
{
	struct control c = find_control(m, SOL_SCTP, SCTP_RCVINFO);
	struct sctp_rcvinfo info = { .rcv_assoc_id = -1 };

	if (c.data && c.len >= sizeof(info))
		memcpy(&info, c.data, sizeof(info));
	return info;
}

static inline void want_rcvinfo(int fd)
{
	MUST(set_int(fd, SOL_SCTP, SCTP_RECVRCVINFO, 1));
}

/* ------------------------------------------------------------- notifications */

static inline int subscribe(int fd, int type, bool on)
{
	struct sctp_event event = { .se_assoc_id = SCTP_ALL_ASSOC, .se_type = type, .se_on = on };

	return set_option(fd, SCTP_EVENT, &event, sizeof(event));
}

union notification {
	union sctp_notification n;
	char bytes[4096];
};

/* Waits for the next message, which must be a notification: its type, or -1. */
static inline int notified(int fd, union notification *to)
{
	struct iovec iov = { .iov_base = to, .iov_len = sizeof(*to) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	memset(to, 0, sizeof(*to));
	n = recvmsg(fd, &msg, 0);
	if (n < (ssize_t)sizeof(to->n.sn_header) || !(msg.msg_flags & MSG_NOTIFICATION) ||
	    !(msg.msg_flags & MSG_EOR) || to->n.sn_header.sn_length != n)
		return -1;
	return to->n.sn_header.sn_type;
}

/* The next notification is SCTP_ASSOC_CHANGE: its association, or -1 for another or state. */
static inline sctp_assoc_t association_comes(int fd, int state)
{
	union notification n;

	if (notified(fd, &n) != SCTP_ASSOC_CHANGE || n.n.sn_assoc_change.sac_state != state)
		return -1;
	return n.n.sn_assoc_change.sac_assoc_id;
}

/* Two one-to-many sockets with an association that each has under a number of its own. */
struct many {
	int here;
	int there;
	sctp_assoc_t here_id;
	sctp_assoc_t there_id;
};

static inline struct many many_pair(const struct flavour *f)
{
	struct many m = { .here = many_open(f), .there = listening(f, many_open(f), 8) };

	MUST(subscribe(m.here, SCTP_ASSOC_CHANGE, true));
	MUST(subscribe(m.there, SCTP_ASSOC_CHANGE, true));
	MUST(connect_to(m.here, name_of(m.there)));
	m.here_id = association_comes(m.here, SCTP_COMM_UP);
	m.there_id = association_comes(m.there, SCTP_COMM_UP);
	MUST(m.here_id);
	MUST(m.there_id);
	return m;
}

#endif
