// SPDX-License-Identifier: GPL-2.0
/* A connection of DCCP in each state: xdccp stays as long as it lasts, and nothing stays of it. */
#include "states.h"
#include "reloads.h"
#include "dccp_ends.h"

/* It is the first beyond TCP's states, of which Linux 6.12 has one more than 6.1. */
enum { STATE_PARTOPEN = 13, STATE_PARTOPEN_LATER = 14 };

/* Each of them with each CCID over one family. */
#define ADD_DCCP_STATE(name, one, other)				\
ADD_STATE_OVER(ipv4, AF_INET, 2, name, one, other);			\
ADD_STATE_OVER(ipv6, AF_INET6, 3, name, one, other)

ADD_DCCP_STATE(asked, STATE_REQUESTING, 0);
ADD_DCCP_STATE(requested, STATE_REQUESTING, 0);
ADD_DCCP_STATE(partopen, STATE_PARTOPEN, 0);
ADD_DCCP_STATE(unaccepted, STATE_PARTOPEN, STATE_OPEN);
ADD_DCCP_STATE(open, STATE_OPEN, STATE_OPEN);
ADD_DCCP_STATE(unread, STATE_OPEN, STATE_OPEN);
ADD_DCCP_STATE(unsent, STATE_OPEN, STATE_OPEN);
ADD_DCCP_STATE(hole, STATE_OPEN, STATE_OPEN);
ADD_DCCP_STATE(closing, STATE_CLOSING, STATE_OPEN);
ADD_DCCP_STATE(closereq, STATE_OPEN, STATE_ACTIVE_CLOSEREQ);
ADD_DCCP_STATE(passive_close, STATE_CLOSING, STATE_PASSIVE_CLOSE);
ADD_DCCP_STATE(time_wait, 0, 0);

static bool here_is(const struct ends *e, int state)
{
	(void)e;
	return count_in_state(state, CLIENT_PORT) == 1 ||
	       (state == STATE_PARTOPEN && count_in_state(STATE_PARTOPEN_LATER, CLIENT_PORT) == 1);
}

static bool there_is(const struct ends *e, int state)
{
	int n;

	netns_switch(e->wire.there);
	n = count_in_state(state, SERVER_PORT);
	netns_switch(e->wire.here);
	return n == 1;
}

/* A client's Close is answered only when a server has read what there is, or is gone. */
static const struct protocol protocol = {
	.module = &xdccp, .begin = ends_begin, .here_is = here_is, .there_is = there_is,
	.hang_up = ends_hang_up, .moves = 1000,
};

static bool works(const struct flavour *f, int round)
{
	struct dccp d = dccp_pair_with(f, 2 + round % 2);

	return have_talked(d.here, d.there, d.listener);
}

/* A kernel that has no DCCP of its own has not even the type. */
static bool has_no_socket(int family)
{
	int error = errno_of(socket(family, SOCK_DCCP, dccp_number()));

	return error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT;
}

static const struct reloaded reloaded = {
	.module = &xdccp, .name = "dccp", .slab = "xDCCP", .works = works,
	.has_no_socket = has_no_socket,
};

TEST_HARNESS_MAIN
