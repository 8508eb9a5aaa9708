// SPDX-License-Identifier: GPL-2.0
/* An association in each state: xsctp stays as long as it lasts, and nothing stays of it. */
#include "states.h"
#include "reloads.h"
#include "sctp_ends.h"

#define NONE	-1		/* a socket without association */

ADD_STATE(asked, SCTP_COOKIE_WAIT, 0);
ADD_STATE(echoed, SCTP_COOKIE_ECHOED, 0);
ADD_STATE(unaccepted, SCTP_ESTABLISHED, 0);
ADD_STATE(established, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(unread, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(unsent, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(hole, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(fragment, SCTP_ESTABLISHED, SCTP_ESTABLISHED);
ADD_STATE(shutdown_pending, SCTP_SHUTDOWN_PENDING, SCTP_ESTABLISHED);
ADD_STATE(shutdown_sent, SCTP_SHUTDOWN_SENT, SCTP_ESTABLISHED);
ADD_STATE(shutdown_ack_sent, SCTP_SHUTDOWN_SENT, SCTP_SHUTDOWN_ACK_SENT);
ADD_STATE(shut_down, NONE, NONE);

static struct ends begin(const struct flavour *f, uint8_t ccid)
{
	(void)ccid;
	return ends_begin(f);
}

static bool here_is(const struct ends *e, int state)
{
	return state_of(e->here, 0) == state;
}

static bool there_is(const struct ends *e, int state)
{
	return state_of(e->there, 0) == state;
}

/* Nobody answers a cookie that nobody wants. */
static const struct protocol protocol = {
	.module = &xsctp, .begin = begin, .here_is = here_is, .there_is = there_is,
	.hang_up = ends_hang_up, .moves = 1000, .lasts = ends_echoed,
};

static bool works(const struct flavour *f, int round)
{
	struct one o = one_pair(f);

	(void)round;
	return have_talked(o.here, o.there, o.listener);
}

/* Where nobody has a protocol of a type, not even the kernel, socket() says that instead. */
static bool no_protocol(int family, int type)
{
	int err = errno_of(socket(family, type, sctp_number()));

	return err == EPROTONOSUPPORT || (type == SOCK_SEQPACKET && err == ESOCKTNOSUPPORT);
}

static bool has_no_socket(int family)
{
	return no_protocol(family, SOCK_STREAM) && no_protocol(family, SOCK_SEQPACKET);
}

static const struct reloaded reloaded = {
	.module = &xsctp, .name = "sctp", .slab = "xSCTP", .works = works,
	.has_no_socket = has_no_socket,
};

TEST_HARNESS_MAIN
