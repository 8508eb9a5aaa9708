// SPDX-License-Identifier: GPL-2.0
/*
 * An echo server, one-to-many: one socket for all its clients, told by SCTP's notifications of
 * each that comes and goes. What it is told it prints.
 *
 * usage: echo_many PORT [PROTOCOL]
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/sctp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef SOL_SCTP
#define SOL_SCTP 132
#endif

static void subscribe(int fd, int type)
{
	struct sctp_event event = { .se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = type, .se_on = 1 };

	if (setsockopt(fd, SOL_SCTP, SCTP_EVENT, &event, sizeof(event)))
		err(1, "SCTP_EVENT");
}

static int open_server(int port, int protocol)
{
	struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT,
				     .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_SEQPACKET, protocol), on = 1;

	if (fd < 0)
		err(1, "socket");
	subscribe(fd, SCTP_ASSOC_CHANGE);
	subscribe(fd, SCTP_SHUTDOWN_EVENT);
	if (setsockopt(fd, SOL_SCTP, SCTP_RECVRCVINFO, &on, sizeof(on)))
		err(1, "SCTP_RECVRCVINFO");
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)))
		err(1, "bind");
	if (listen(fd, 1))
		err(1, "listen");
	return fd;
}

static void tell(const union sctp_notification *n)
{
	static const char *const states[] = { "up", "lost", "restarted", "closed", "refused" };

	switch (n->sn_header.sn_type) {
	case SCTP_ASSOC_CHANGE:
		if (n->sn_assoc_change.sac_state < sizeof(states) / sizeof(*states))
			printf("association %s\n", states[n->sn_assoc_change.sac_state]);
		break;
	case SCTP_SHUTDOWN_EVENT:
		printf("association shuts down\n");
		break;
	}
	fflush(stdout);
}

/* Back by the stream it came by. */
static void echo(int fd, struct msghdr *msg, size_t n)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct sctp_rcvinfo from;
	struct sctp_sndinfo to = { 0 };

	if (!c || c->cmsg_level != SOL_SCTP || c->cmsg_type != SCTP_RCVINFO)
		errx(1, "no SCTP_RCVINFO");
	memcpy(&from, CMSG_DATA(c), sizeof(from));
	to.snd_sid = from.rcv_sid;
	to.snd_ppid = from.rcv_ppid;
	to.snd_assoc_id = from.rcv_assoc_id;
	c->cmsg_type = SCTP_SNDINFO;
	c->cmsg_len = CMSG_LEN(sizeof(to));
	memcpy(CMSG_DATA(c), &to, sizeof(to));
	msg->msg_controllen = CMSG_SPACE(sizeof(to));
	msg->msg_iov->iov_len = n;
	msg->msg_name = NULL;
	msg->msg_namelen = 0;
	if (sendmsg(fd, msg, MSG_NOSIGNAL) < 0)
		warn("sendmsg");
}

int main(int argc, char **argv)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct sctp_rcvinfo))];
		struct cmsghdr align;
	} control;
	static union {
		char bytes[65536];
		union sctp_notification notification;
	} message;
	int fd;

	if (argc < 2)
		errx(2, "usage: echo_many PORT [PROTOCOL]");
	fd = open_server(atoi(argv[1]), argc > 2 ? atoi(argv[2]) : IPPROTO_SCTP);
	for (;;) {
		struct iovec iov = { .iov_base = &message, .iov_len = sizeof(message) };
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &control, .msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(fd, &msg, 0);

		if (n < 0)
			err(1, "recvmsg");
		if (msg.msg_flags & MSG_NOTIFICATION)
			tell(&message.notification);
		else
			echo(fd, &msg, n);
	}
}
