/* SPDX-License-Identifier: GPL-2.0 */
/* A connection of TCP in each of its states (ends.h). */
#ifndef XL4TEST_TCP_ENDS_H
#define XL4TEST_TCP_ENDS_H

#include "ends.h"
#include "stream.h"

static inline int ends_open_socket(const struct ends *e)
{
	return stream_open(e->flavour);
}

static inline struct ends ends_begin(const struct flavour *f)
{
	return ends_listening((struct ends) { .flavour = f, .open = ends_open_socket });
}

/* The SYN has arrived, its answer has not. */
static inline void ends_requested(struct ends *e)
{
	ends_asked(e);
	ends_arrive(e);
}

static inline void ends_send(struct ends *e, int flags)
{
	MUST(send(e->here, "hello", 5, flags) - 5);
}

static inline void ends_unread(struct ends *e)
{
	ends_established(e);
	ends_send(e, 0);
	ends_move(e);
}

static inline void ends_urgent(struct ends *e)
{
	ends_established(e);
	ends_send(e, MSG_OOB);
	ends_move(e);
}

/* On its way, and waiting to be on its way. */
static inline void ends_unsent(struct ends *e)
{
	ends_established(e);
	ends_fill(e);
}

/* The receiver has closed its window. */
static inline void ends_window_closed(struct ends *e)
{
	ends_established(e);
	for (int i = 0; i < 30; i++) {
		ends_fill(e);
		ends_move(e);
	}
}

static inline void ends_hole(struct ends *e)
{
	ends_established(e);
	ends_skip(e);
}

static inline void ends_fin_wait1(struct ends *e)
{
	ends_established(e);
	MUST(shutdown(e->here, SHUT_WR));
}

static inline void ends_fin_wait2(struct ends *e)
{
	ends_fin_wait1(e);
	ends_move(e);
}

/* The FINs cross. */
static inline void ends_closing(struct ends *e)
{
	static struct packet mine, yours;

	ends_fin_wait1(e);
	MUST(shutdown(e->there, SHUT_WR));
	MUST(tunnel_take_now(e->wire.here_end, &mine) - 1);
	MUST(tunnel_take_now(e->wire.there_end, &yours) - 1);
	MUST(tunnel_give(e->wire.there_end, &mine));
	MUST(tunnel_give(e->wire.here_end, &yours));
}

static inline void ends_last_ack(struct ends *e)
{
	ends_fin_wait2(e);
	MUST(shutdown(e->there, SHUT_WR));
}

static inline void ends_time_wait(struct ends *e)
{
	ends_last_ack(e);
	ends_move(e);
}

static inline void ends_was_reset(struct ends *e)
{
	ends_established(e);
	reset(e->there);
	e->there = -1;
	ends_move(e);
}

/* All of them, with the states of both ends; 0 where there is no socket. */
#define EACH_STATE(add, ...)						\
add(asked, STATE_SYN_SENT, 0, ##__VA_ARGS__);			\
add(requested, STATE_SYN_SENT, 0, ##__VA_ARGS__);			\
add(unaccepted, STATE_ESTABLISHED, 0, ##__VA_ARGS__);			\
add(established, STATE_ESTABLISHED, STATE_ESTABLISHED, ##__VA_ARGS__);	\
add(unread, STATE_ESTABLISHED, STATE_ESTABLISHED, ##__VA_ARGS__);	\
add(urgent, STATE_ESTABLISHED, STATE_ESTABLISHED, ##__VA_ARGS__);	\
add(unsent, STATE_ESTABLISHED, STATE_ESTABLISHED, ##__VA_ARGS__);	\
add(window_closed, STATE_ESTABLISHED, STATE_ESTABLISHED, ##__VA_ARGS__); \
add(hole, STATE_ESTABLISHED, STATE_ESTABLISHED, ##__VA_ARGS__);		\
add(fin_wait1, STATE_FIN_WAIT1, STATE_ESTABLISHED, ##__VA_ARGS__);	\
add(fin_wait2, STATE_FIN_WAIT2, STATE_CLOSE_WAIT, ##__VA_ARGS__);	\
add(closing, STATE_CLOSING, STATE_CLOSING, ##__VA_ARGS__);		\
add(last_ack, STATE_FIN_WAIT2, STATE_LAST_ACK, ##__VA_ARGS__);		\
add(time_wait, STATE_CLOSE, STATE_CLOSE, ##__VA_ARGS__);		\
add(was_reset, STATE_CLOSE, 0, ##__VA_ARGS__)

#endif
