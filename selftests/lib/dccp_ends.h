/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection of DCCP, a client here and a server there, and a wire between them that stands still
 * unless the test moves it (tunnel.h).
 */
#ifndef XL4TEST_DCCP_ENDS_H
#define XL4TEST_DCCP_ENDS_H

#include "dccp.h"
#include "tunnel.h"

#define SERVER_PORT	4000
#define CLIENT_PORT	4001

struct ends {
	struct tunnel wire;
	const struct flavour *flavour;
	uint8_t ccid;
	int client_port;		/* 0: any */
	int listener, here, there;	/* -1: none */
};

static inline union address ends_server(const struct ends *e)
{
	return address_for(e->flavour, VETH_THERE_V4, VETH_THERE_V6, SERVER_PORT);
}

static inline union address ends_client(const struct ends *e)
{
	return address_for(e->flavour, VETH_HERE_V4, VETH_HERE_V6, e->client_port);
}

/* Bound to its port, which may have a connection in TIME-WAIT. */
static inline int ends_socket(const struct ends *e, union address at)
{
	int fd = dccp_open(e->flavour);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set_ccids(fd, e->ccid));
	MUST(bind_to(fd, at));
	nonblocking(fd);
	return fd;
}

static inline struct ends ends_begin(const struct flavour *f, uint8_t ccid)
{
	struct ends e = { .wire = tunnel_create(), .flavour = f, .ccid = ccid,
			  .client_port = CLIENT_PORT, .here = -1, .there = -1 };

	netns_switch(e.wire.there);
	e.listener = ends_socket(&e, ends_server(&e));
	MUST(listen(e.listener, 8));
	netns_switch(e.wire.here);
	return e;
}

static inline void ends_move(struct ends *e)
{
	tunnel_settle(&e->wire);
}

/* The Request is on the wire. */
static inline void ends_requesting(struct ends *e)
{
	e->here = ends_socket(e, ends_client(e));
	MUST(connect_to(e->here, ends_server(e)) ? 0 : -1);
}

/* The listener has a request, and its Response is on the wire. */
static inline void ends_requested(struct ends *e)
{
	ends_requesting(e);
	tunnel_carry(e->wire.here_end, e->wire.there_end);
}

/* The Ack of the Response is on the wire. */
static inline void ends_partopen(struct ends *e)
{
	ends_requested(e);
	tunnel_carry(e->wire.there_end, e->wire.here_end);
}

/* The server has said nothing: the client does not know that it was heard. */
static inline void ends_unaccepted(struct ends *e)
{
	ends_partopen(e);
	ends_move(e);
}

static inline bool ends_accept(struct ends *e)
{
	if (e->there < 0)
		e->there = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return e->there >= 0;
}

static inline void ends_say(int fd)
{
	MUST(send(fd, "hello", 5, 0) - 5);
}

/* Open at both ends, and the server has said something, which was read. */
static inline void ends_open(struct ends *e)
{
	char word[8];

	ends_unaccepted(e);
	MUST(ends_accept(e) ? 0 : -1);
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

/* What comes later has arrived. */
static inline void ends_hole(struct ends *e)
{
	static struct packet lost;

	ends_open(e);
	ends_say(e->here);
	MUST(tunnel_take_now(e->wire.here_end, &lost) - 1);
	ends_say(e->here);
	tunnel_carry(e->wire.here_end, e->wire.there_end);
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

static inline void ends_close(struct ends *e)
{
	int *fds[] = { &e->here, &e->there, &e->listener };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* Both reset, and both hear of it. */
static inline void ends_hang_up(struct ends *e)
{
	if (e->here >= 0)
		reset(e->here);
	if (e->there >= 0)
		reset(e->there);
	e->here = e->there = -1;
	ends_move(e);
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
