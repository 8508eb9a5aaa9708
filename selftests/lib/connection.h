/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets of whatever protocol has connections. */
#ifndef XL4TEST_CONNECTION_H
#define XL4TEST_CONNECTION_H

#include <errno.h>
#include <fcntl.h>

#include "datagram.h"

/* What blocks for ever would block the test: it fails after PATIENCE_S. */
static inline void impatient(int fd)
{
	struct timeval limit = { .tv_sec = PATIENCE_S };

	MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
}

static inline void nonblocking(int fd)
{
	MUST(fcntl(fd, F_SETFL, MUST(fcntl(fd, F_GETFL)) | O_NONBLOCK));
}

/* SO_LINGER for no time: close() resets. */
static inline void reset(int fd)
{
	struct linger none = { .l_onoff = 1 };

	MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)));
	MUST(close(fd));
}

/* The pending error, which is forgotten when it is told. */
static inline int error_of(int fd)
{
	settle();
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

/* Does the next message say just this? */
static inline bool receives(int fd, const char *text)
{
	char got[256];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	return n == (ssize_t)strlen(text) && !memcmp(got, text, n);
}

static inline bool passes(int from, int to, const char *text)
{
	ssize_t len = strlen(text);

	return send(from, text, len, 0) == len && wait_for(to, POLLIN) && receives(to, text);
}

#endif
