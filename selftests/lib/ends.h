/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An association between one-to-one sockets, a client here and a server there, and a wire between
 * them that stands still unless the test moves it (tunnel.h). Both are bound to one address each,
 * so that no other path asks whether it is there.
 */
#ifndef XL4TEST_ENDS_H
#define XL4TEST_ENDS_H

#include "sctp.h"
#include "tunnel.h"

#define SERVER_PORT	4000
#define CLIENT_PORT	4001

struct ends {
	struct tunnel wire;
	const struct flavour *flavour;
	int listener, here, there;	/* -1: none */
};

static inline union address ends_server(const struct ends *e)
{
	return address_for(e->flavour, VETH_THERE_V4, VETH_THERE_V6, SERVER_PORT);
}

static inline union address ends_client(const struct ends *e)
{
	return address_for(e->flavour, VETH_HERE_V4, VETH_HERE_V6, CLIENT_PORT);
}

static inline struct ends ends_begin(const struct flavour *f)
{
	struct ends e = { .wire = tunnel_create(), .flavour = f, .here = -1, .there = -1 };

	netns_switch(e.wire.there);
	e.listener = one_open(f);
	MUST(bind_to(e.listener, ends_server(&e)));
	MUST(listen(e.listener, 8));
	nonblocking(e.listener);
	netns_switch(e.wire.here);
	return e;
}

static inline void ends_move(struct ends *e)
{
	tunnel_settle(&e->wire);
}

/* The next packet from here is lost. */
static inline void ends_lose(struct ends *e)
{
	static struct packet p;

	MUST(tunnel_take_now(e->wire.here_end, &p) - 1);
}

/* The INIT is on the wire. */
static inline void ends_asked(struct ends *e)
{
	e->here = one_open(e->flavour);
	MUST(bind_to(e->here, ends_client(e)));
	MUST(set_int(e->here, SOL_SCTP, SCTP_NODELAY, 1));
	nonblocking(e->here);
	MUST(connect_to(e->here, ends_server(e)) ? 0 : -1);
}

/* The COOKIE ECHO is on the wire. */
static inline void ends_echoed(struct ends *e)
{
	ends_asked(e);
	tunnel_carry(e->wire.here_end, e->wire.there_end);
	tunnel_carry(e->wire.there_end, e->wire.here_end);
}

static inline void ends_unaccepted(struct ends *e)
{
	ends_asked(e);
	ends_move(e);
}

static inline bool ends_accept(struct ends *e)
{
	if (e->there < 0)
		e->there = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return e->there >= 0;
}

static inline void ends_established(struct ends *e)
{
	ends_unaccepted(e);
	MUST(ends_accept(e) ? 0 : -1);
}

static inline void ends_send(struct ends *e)
{
	MUST(send(e->here, "hello", 5, 0) - 5);
}

static inline void ends_unread(struct ends *e)
{
	ends_established(e);
	ends_send(e);
	ends_move(e);
}

/* On its way, and waiting to be on its way. */
static inline void ends_unsent(struct ends *e)
{
	static const char data[30000];

	ends_established(e);
	while (send(e->here, data, sizeof(data), 0) > 0)
		;
}

/* What comes later has arrived. */
static inline void ends_hole(struct ends *e)
{
	ends_established(e);
	ends_send(e);
	ends_lose(e);
	ends_send(e);
	ends_send(e);
	tunnel_carry(e->wire.here_end, e->wire.there_end);
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
	ends_send(e);
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
	tunnel_carry(e->wire.here_end, e->wire.there_end);
}

static inline void ends_shut_down(struct ends *e)
{
	ends_shutdown_sent(e);
	ends_move(e);
}

/* Both ABORT, and both hear of it. */
static inline void ends_hang_up(struct ends *e)
{
	if (e->here >= 0)
		abort_by_linger(e->here);
	if (e->there >= 0)
		abort_by_linger(e->there);
	e->here = e->there = -1;
	ends_move(e);
}

static inline void ends_close(struct ends *e)
{
	int *fds[] = { &e->here, &e->there, &e->listener };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static inline void ends_end(struct ends *e)
{
	ends_close(e);
	close(e->wire.here_end);
	close(e->wire.there_end);
	close(e->wire.here);
	close(e->wire.there);
}

#endif
