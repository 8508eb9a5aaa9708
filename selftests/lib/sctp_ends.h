/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An association between one-to-one sockets in each of its states (ends.h). Both are bound to one
 * address each, so that no other path asks whether it is there.
 */
#ifndef XL4TEST_SCTP_ENDS_H
#define XL4TEST_SCTP_ENDS_H

#include "ends.h"
#include "sctp.h"

static inline int ends_open_socket(const struct ends *e)
{
	int fd = one_open(e->flavour);

	MUST(set_int(fd, SOL_SCTP, SCTP_NODELAY, 1));
	return fd;
}

static inline struct ends ends_begin(const struct flavour *f)
{
	return ends_listening((struct ends) { .flavour = f, .open = ends_open_socket });
}

/* The COOKIE ECHO is on the wire. */
static inline void ends_echoed(struct ends *e)
{
	ends_asked(e);
	ends_arrive(e);
	tunnel_carry(e->wire.there_end, e->wire.here_end);
}

static inline void ends_unread(struct ends *e)
{
	ends_established(e);
	ends_say(e->here);
	ends_move(e);
}

/* On its way, and waiting to be on its way. */
static inline void ends_unsent(struct ends *e)
{
	ends_established(e);
	ends_fill(e);
}

static inline void ends_hole(struct ends *e)
{
	ends_established(e);
	ends_skip(e);
}

/* A fragment of a message has come, and the next one not. */
static inline void ends_fragment(struct ends *e)
{
	static const char data[4000];
	static struct packet p;

	ends_established(e);
	MUST(send(e->here, data, sizeof(data), 0) - (int)sizeof(data));
	MUST(tunnel_take_now(e->wire.here_end, &p) - 1);
	MUST(tunnel_give(e->wire.there_end, &p));
	while (tunnel_take_now(e->wire.here_end, &p))
		;
}

/* The SHUTDOWN waits for data to be acknowledged. */
static inline void ends_shutdown_pending(struct ends *e)
{
	ends_established(e);
	ends_say(e->here);
	MUST(shutdown(e->here, SHUT_WR));
}

/* The SHUTDOWN is on the wire. */
static inline void ends_shutdown_sent(struct ends *e)
{
	ends_established(e);
	MUST(shutdown(e->here, SHUT_WR));
}

/* The SHUTDOWN ACK is on the wire. */
static inline void ends_shutdown_ack_sent(struct ends *e)
{
	ends_shutdown_sent(e);
	ends_arrive(e);
}

static inline void ends_shut_down(struct ends *e)
{
	ends_shutdown_sent(e);
	ends_move(e);
}

#endif
