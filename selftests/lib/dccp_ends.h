/* SPDX-License-Identifier: GPL-2.0 */
/* A connection of DCCP in each of its states (ends.h). */
#ifndef XL4TEST_DCCP_ENDS_H
#define XL4TEST_DCCP_ENDS_H

#include "dccp.h"
#include "ends.h"

/* Its port may have a connection in TIME-WAIT. */
static inline int ends_open_socket(const struct ends *e)
{
	int fd = dccp_open(e->flavour);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_ccids(fd, e->ccid));
	return fd;
}

static inline struct ends ends_begin(const struct flavour *f, uint8_t ccid)
{
	return ends_listening((struct ends) { .flavour = f, .ccid = ccid,
					      .open = ends_open_socket });
}

/* The listener has a request, and its Response is on the wire. */
static inline void ends_requested(struct ends *e)
{
	ends_asked(e);
	ends_arrive(e);
}

/* The Ack of the Response is on the wire. */
static inline void ends_partopen(struct ends *e)
{
	ends_requested(e);
	tunnel_carry(e->wire.there_end, e->wire.here_end);
}

/* Open at both ends, and the server has said something, which was read. */
static inline void ends_open(struct ends *e)
{
	char word[8];

	ends_established(e);
	ends_say(e->there);
	ends_move(e);
	MUST(recv(e->here, word, sizeof(word), 0) - 5);
}

static inline void ends_unread(struct ends *e)
{
	ends_open(e);
	ends_say(e->here);
	ends_move(e);
}

/* On the wire, and in the queue until what is there is acknowledged. */
static inline void ends_unsent(struct ends *e)
{
	static const char data[1000];

	ends_open(e);
	for (int i = 0; i < 100 && send(e->here, data, sizeof(data), 0) > 0; i++)
		;
}

static inline void ends_hole(struct ends *e)
{
	ends_open(e);
	ends_skip(e);
}

/* The Close is on the wire. */
static inline void ends_closing(struct ends *e)
{
	ends_open(e);
	MUST(shutdown(e->here, SHUT_RDWR));
}

/* The CloseReq is on the wire. */
static inline void ends_closereq(struct ends *e)
{
	ends_open(e);
	MUST(shutdown(e->there, SHUT_RDWR));
}

/* There is something to read before the Close is answered. */
static inline void ends_passive_close(struct ends *e)
{
	ends_unread(e);
	MUST(shutdown(e->here, SHUT_RDWR));
	ends_move(e);
}

/* The client is in TIME-WAIT. */
static inline void ends_time_wait(struct ends *e)
{
	ends_closing(e);
	ends_move(e);
}

#endif
