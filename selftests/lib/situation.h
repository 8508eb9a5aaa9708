/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection in each of its states: a client here, a server there, and a wire
 * between them that stands still unless the test moves it (tunnel.h).
 */
#ifndef XL4TEST_SITUATION_H
#define XL4TEST_SITUATION_H

#include "stream.h"
#include "tunnel.h"

#define SERVER_PORT	4000
#define CLIENT_PORT	4001

struct situation {
	struct tunnel wire;
	const struct flavour *flavour;
	int listener, here, there;	/* -1: none */
};

static inline struct situation situation_begin(const struct flavour *f)
{
	struct situation s = { .wire = tunnel_create(), .flavour = f, .here = -1, .there = -1 };

	netns_switch(s.wire.there);
	s.listener = stream_bound(f, any(f, SERVER_PORT));
	MUST(listen(s.listener, 8));
	nonblocking(s.listener);
	netns_switch(s.wire.here);
	return s;
}

static inline void situation_move(struct situation *s)
{
	tunnel_settle(&s->wire);
}

/* The next packet from here is lost. */
static inline void situation_lose(struct situation *s)
{
	static struct packet p;

	MUST(tunnel_take_now(s->wire.here_end, &p) - 1);
}

static inline void situation_syn_sent(struct situation *s)
{
	s->here = stream_bound(s->flavour, any(s->flavour, CLIENT_PORT));
	nonblocking(s->here);
	MUST(connect_to(s->here, address_for(s->flavour, VETH_THERE_V4, VETH_THERE_V6,
					     SERVER_PORT)) ? 0 : -1);
}

/* The SYN has arrived, its answer has not. */
static inline void situation_requested(struct situation *s)
{
	situation_syn_sent(s);
	tunnel_carry(s->wire.here_end, s->wire.there_end);
}

static inline void situation_unaccepted(struct situation *s)
{
	situation_syn_sent(s);
	situation_move(s);
}

static inline void situation_established(struct situation *s)
{
	situation_unaccepted(s);
	s->there = MUST(accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static inline void situation_send(struct situation *s, int flags)
{
	MUST(send(s->here, "hello", 5, flags) - 5);
}

static inline void situation_unread(struct situation *s)
{
	situation_established(s);
	situation_send(s, 0);
	situation_move(s);
}

static inline void situation_urgent(struct situation *s)
{
	situation_established(s);
	situation_send(s, MSG_OOB);
	situation_move(s);
}

static inline void situation_fill(struct situation *s)
{
	static const char data[30000];

	while (send(s->here, data, sizeof(data), 0) > 0)
		;
}

/* On its way, and waiting to be on its way. */
static inline void situation_unsent(struct situation *s)
{
	situation_established(s);
	situation_fill(s);
}

/* The receiver has closed its window. */
static inline void situation_window_closed(struct situation *s)
{
	situation_established(s);
	for (int i = 0; i < 30; i++) {
		situation_fill(s);
		situation_move(s);
	}
}

/* What comes later has arrived. */
static inline void situation_hole(struct situation *s)
{
	situation_established(s);
	situation_send(s, 0);
	situation_lose(s);
	situation_send(s, 0);
	situation_send(s, 0);
	tunnel_carry(s->wire.here_end, s->wire.there_end);
}

static inline void situation_fin_wait1(struct situation *s)
{
	situation_established(s);
	MUST(shutdown(s->here, SHUT_WR));
}

static inline void situation_fin_wait2(struct situation *s)
{
	situation_fin_wait1(s);
	situation_move(s);
}

/* The FINs cross. */
static inline void situation_closing(struct situation *s)
{
	static struct packet mine, yours;

	situation_fin_wait1(s);
	MUST(shutdown(s->there, SHUT_WR));
	MUST(tunnel_take_now(s->wire.here_end, &mine) - 1);
	MUST(tunnel_take_now(s->wire.there_end, &yours) - 1);
	MUST(tunnel_give(s->wire.there_end, &mine));
	MUST(tunnel_give(s->wire.here_end, &yours));
}

static inline void situation_last_ack(struct situation *s)
{
	situation_fin_wait2(s);
	MUST(shutdown(s->there, SHUT_WR));
}

static inline void situation_time_wait(struct situation *s)
{
	situation_last_ack(s);
	situation_move(s);
}

static inline void situation_was_reset(struct situation *s)
{
	situation_established(s);
	reset(s->there);
	s->there = -1;
	situation_move(s);
}

static inline void situation_close(struct situation *s)
{
	int *fds[] = { &s->here, &s->there, &s->listener };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* Nothing goes on afterwards but what waits for its time to pass. */
static inline void situation_reset(struct situation *s)
{
	int *fds[] = { &s->here, &s->there };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			reset(*fds[i]);
		*fds[i] = -1;
	}
	situation_close(s);
}

static inline void situation_end(struct situation *s)
{
	situation_close(s);
	close(s->wire.here_end);
	close(s->wire.there_end);
	close(s->wire.here);
	close(s->wire.there);
}

/* All of them, with the states of both ends; 0 where there is no socket. */
#define SITUATIONS(add, ...)						\
add(syn_sent, STATE_SYN_SENT, 0, ##__VA_ARGS__);			\
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
