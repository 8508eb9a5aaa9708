// SPDX-License-Identifier: GPL-2.0
/*
 * A stream over DCCP, its sender: a packet every five milliseconds, as a camera or a telephone
 * has them, each with its number in front. What the connection has no room for now is not sent.
 *
 * usage: stream_client ADDRESS PORT [PROTOCOL [CCID [PACKETS]]]
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/dccp.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SERVICE		42
#define SIZE		500
#define SOCK_DCCP_	6	/* which not every C library has a name for */
#define SOL_DCCP_	269

static int connect_to(const char *host, const char *port, int protocol, uint8_t ccid)
{
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM }, *to;
	uint32_t service = htonl(SERVICE);
	int fd;

	if (getaddrinfo(host, port, &hint, &to))
		errx(1, "%s: no address", host);
	fd = socket(to->ai_family, SOCK_DCCP_, protocol);
	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_DCCP_, DCCP_SOCKOPT_SERVICE, &service, sizeof(service)) ||
	    setsockopt(fd, SOL_DCCP_, DCCP_SOCKOPT_CCID, &ccid, 1))
		err(1, "setsockopt");
	if (connect(fd, to->ai_addr, to->ai_addrlen))
		err(1, "connect");
	freeaddrinfo(to);
	return fd;
}

int main(int argc, char **argv)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	int fd, packets, sent = 0;
	char packet[SIZE];
	uint32_t number;

	if (argc < 3)
		errx(2, "usage: stream_client ADDRESS PORT [PROTOCOL [CCID [PACKETS]]]");
	fd = connect_to(argv[1], argv[2], argc > 3 ? atoi(argv[3]) : 33, argc > 4 ? atoi(argv[4]) : 3);
	packets = argc > 5 ? atoi(argv[5]) : 200;
	memset(packet, 'x', sizeof(packet));
	for (int i = 0; i < packets; i++) {
		number = htonl(i);
		memcpy(packet, &number, sizeof(number));
		if (send(fd, packet, sizeof(packet), MSG_DONTWAIT) == sizeof(packet))
			sent++;
		else if (errno != EAGAIN)
			err(1, "send");
		nanosleep(&pause, NULL);
	}
	close(fd);
	printf("%d packets\n", sent);
	return 0;
}
