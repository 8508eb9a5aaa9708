/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection of whatever protocol: a client here, a server there, and a wire between them that
 * stands still unless the test moves it (tunnel.h). tcp_ends.h, sctp_ends.h and dccp_ends.h bring
 * it into the states of their protocol.
 */
#ifndef XL4TEST_ENDS_H
#define XL4TEST_ENDS_H

#include "connection.h"
#include "tunnel.h"

#define SERVER_PORT	4000
#define CLIENT_PORT	4001

struct ends {
	struct tunnel wire;
	const struct flavour *flavour;
	uint8_t ccid;			/* DCCP's */
	int client_port;		/* 0: any */
	int (*open)(const struct ends *e);	/* a socket */
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

static inline int ends_socket(const struct ends *e, union address at)
{
	int fd = e->open(e);

	MUST(bind_to(fd, at));
	nonblocking(fd);
	return fd;
}

/* @e: flavour, and how to open a socket */
static inline struct ends ends_listening(struct ends e)
{
	e.wire = tunnel_create();
	e.client_port = CLIENT_PORT;
	e.here = -1;
	e.there = -1;
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

/* What is on the wire from here arrives. */
static inline void ends_arrive(struct ends *e)
{
	tunnel_carry(e->wire.here_end, e->wire.there_end);
}

/* The next packet from here is lost. */
static inline void ends_lose(struct ends *e)
{
	static struct packet p;

	MUST(tunnel_take_now(e->wire.here_end, &p) - 1);
}

/* The first packet is on the wire. */
static inline void ends_asked(struct ends *e)
{
	e->here = ends_socket(e, ends_client(e));
	MUST(connect_to(e->here, ends_server(e)) ? 0 : -1);
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

/* A packet may have been left to another processor, which has no time. */
static inline void ends_established(struct ends *e)
{
	ends_unaccepted(e);
	for (int i = 0; i < 3000 && !ends_accept(e); i++) {
		usleep(1000);
		ends_move(e);
	}
	MUST(ends_accept(e) ? 0 : -1);
}

static inline void ends_say(int fd)
{
	MUST(send(fd, "hello", 5, 0) - 5);
}

/* As much as there is room for. */
static inline void ends_fill(struct ends *e)
{
	static const char data[30000];

	while (send(e->here, data, sizeof(data), 0) > 0)
		;
}

/* What comes later has arrived. */
static inline void ends_skip(struct ends *e)
{
	ends_say(e->here);
	ends_lose(e);
	ends_say(e->here);
	ends_say(e->here);
	ends_arrive(e);
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

/* Both reset, and the wire stands still. */
static inline void ends_reset(struct ends *e)
{
	int *fds[] = { &e->here, &e->there };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			reset(*fds[i]);
		*fds[i] = -1;
	}
}

/* Both reset, and both hear of it. */
static inline void ends_hang_up(struct ends *e)
{
	ends_reset(e);
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
