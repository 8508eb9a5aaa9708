// SPDX-License-Identifier: GPL-2.0
/*
 * One end of an association by usrsctp, an SCTP of its own in user space: it says again what it
 * hears, in the same stream, and tells what becomes of the association. Some words are commands.
 *
 *   bye     it shuts the association down
 *   abort   it aborts it
 *   peers   it answers with how many addresses the peer has
 *
 * usage: usrsctp listen|connect ADDRESS PORT [OWN-PORT]
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usrsctp.h>

#define ROOM	(2 << 20)	/* octets that a message may have, and that may wait */
#define STREAMS	10

static char buffer[ROOM];

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void tell(const char *what)
{
	puts(what);
	fflush(stdout);
}

static socklen_t parse(union address *to, const char *host, unsigned short port)
{
	if (inet_pton(AF_INET, host, &to->v4.sin_addr) == 1) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(port);
		return sizeof(to->v4);
	}
	if (inet_pton(AF_INET6, host, &to->v6.sin6_addr) != 1)
		errx(2, "%s is no address", host);
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons(port);
	return sizeof(to->v6);
}

static struct socket *open_socket(int family)
{
	struct sctp_initmsg streams = { .sinit_num_ostreams = STREAMS, .sinit_max_instreams = STREAMS };
	struct sctp_event event = { .se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = SCTP_ASSOC_CHANGE,
				    .se_on = 1 };
	struct socket *s = usrsctp_socket(family, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
	int on = 1;

	if (!s)
		err(1, "usrsctp_socket");
	if (usrsctp_setsockopt(s, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof(streams)) ||
	    usrsctp_setsockopt(s, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof(event)) ||
	    usrsctp_setsockopt(s, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof(on)) ||
	    usrsctp_setsockopt(s, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on)))
		err(1, "usrsctp_setsockopt");
	return s;
}

static struct socket *accept_from(const char *host, unsigned short port)
{
	union address own = { 0 };
	socklen_t length = parse(&own, host, port);
	struct socket *s = open_socket(own.any.sa_family), *one;

	if (usrsctp_bind(s, &own.any, length) || usrsctp_listen(s, 1))
		err(1, "usrsctp_listen");
	tell("listening");
	one = usrsctp_accept(s, NULL, NULL);
	if (!one)
		err(1, "usrsctp_accept");
	usrsctp_close(s);
	return one;
}

static struct socket *connect_to(const char *host, unsigned short port, unsigned short own_port)
{
	union address to = { 0 }, own = { 0 };
	socklen_t length = parse(&to, host, port);
	struct socket *s = open_socket(to.any.sa_family);

	own.any.sa_family = to.any.sa_family;
	own.v4.sin_port = htons(own_port);	/* in the same place in both families */
	if (usrsctp_bind(s, &own.any, length))
		err(1, "usrsctp_bind");
	if (usrsctp_connect(s, &to.any, length))
		err(1, "usrsctp_connect");
	return s;
}

static void notified(const union sctp_notification *told)
{
	static const char *const states[] = {
		[SCTP_COMM_UP] = "up", [SCTP_COMM_LOST] = "lost", [SCTP_RESTART] = "restarted",
		[SCTP_SHUTDOWN_COMP] = "shut down", [SCTP_CANT_STR_ASSOC] = "refused",
	};

	if (told->sn_header.sn_type == SCTP_ASSOC_CHANGE)
		tell(states[told->sn_assoc_change.sac_state]);
}

static void say(struct socket *s, const void *data, size_t length, const struct sctp_rcvinfo *like)
{
	struct sctp_sndinfo info = {
		.snd_sid = like->rcv_sid, .snd_ppid = like->rcv_ppid,
		.snd_flags = like->rcv_flags & SCTP_UNORDERED,
	};

	if (usrsctp_sendv(s, data, length, NULL, 0, &info, sizeof(info), SCTP_SENDV_SNDINFO, 0) < 0)
		err(1, "usrsctp_sendv of %zu octets", length);
}

static void say_peers(struct socket *s, const struct sctp_rcvinfo *like)
{
	struct sockaddr *addresses;
	char answer[20];
	int n = usrsctp_getpaddrs(s, like->rcv_assoc_id, &addresses);

	if (n > 0)
		usrsctp_freepaddrs(addresses);
	say(s, answer, snprintf(answer, sizeof(answer), "%d", n), like);
}

static bool is(const char *word, size_t length)
{
	return length == strlen(word) && !memcmp(buffer, word, length);
}

/* Whether there is still something to be heard. */
static bool answer(struct socket *s, size_t length, const struct sctp_rcvinfo *info)
{
	struct linger none = { .l_onoff = 1 };

	if (is("abort", length)) {
		usrsctp_setsockopt(s, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		return false;
	}
	if (is("bye", length))
		usrsctp_shutdown(s, SHUT_WR);
	else if (is("peers", length))
		say_peers(s, info);
	else
		say(s, buffer, length, info);
	return true;
}

static void converse(struct socket *s)
{
	size_t length = 0;
	bool more = true;

	while (more) {
		struct sctp_rcvinfo info = { 0 };
		socklen_t from_length = 0, info_length = sizeof(info);
		unsigned int type;
		int flags = 0;
		ssize_t n = usrsctp_recvv(s, buffer + length, ROOM - length, NULL, &from_length, &info,
					  &info_length, &type, &flags);

		if (n < 0)
			warn("usrsctp_recvv");
		if (n <= 0)
			break;
		if (flags & MSG_NOTIFICATION) {
			notified((void *)(buffer + length));
			continue;
		}
		length += n;
		if (!(flags & MSG_EOR))
			continue;
		more = answer(s, length, &info);
		length = 0;
	}
}

int main(int argc, char **argv)
{
	struct socket *s;
	int tries = 30;

	if (argc < 4)
		errx(2, "usage: usrsctp listen|connect ADDRESS PORT [OWN-PORT]");
	usrsctp_init(0, NULL, NULL);
	usrsctp_sysctl_set_sctp_sendspace(ROOM);
	usrsctp_sysctl_set_sctp_recvspace(ROOM);
	if (!strcmp(argv[1], "listen"))
		s = accept_from(argv[2], atoi(argv[3]));
	else
		s = connect_to(argv[2], atoi(argv[3]), argc > 4 ? atoi(argv[4]) : 0);
	converse(s);
	usrsctp_close(s);
	tell("end");
	/* What is still to be said to the peer: it fails as long as there is an association. */
	while (usrsctp_finish() && tries--)
		usleep(100000);
	return 0;
}
