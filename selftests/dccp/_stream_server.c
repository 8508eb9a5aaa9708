// SPDX-License-Identifier: GPL-2.0
/*
 * A stream over DCCP, its receiver: waits for one sender, reads until it ends, and says how much
 * has come.
 *
 * usage: stream_server ADDRESS PORT [PROTOCOL [CCID]]
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/dccp.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVICE		42
#define SOCK_DCCP_	6	/* which not every C library has a name for */
#define SOL_DCCP_	269

static int listen_at(const char *host, const char *port, int protocol, uint8_t ccid)
{
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM }, *at;
	uint32_t service = htonl(SERVICE);
	int fd;

	if (getaddrinfo(host, port, &hint, &at))
		errx(1, "%s: no address", host);
	fd = socket(at->ai_family, SOCK_DCCP_, protocol);
	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_DCCP_, DCCP_SOCKOPT_SERVICE, &service, sizeof(service)) ||
	    setsockopt(fd, SOL_DCCP_, DCCP_SOCKOPT_CCID, &ccid, 1))
		err(1, "setsockopt");
	if (bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, 1))
		err(1, "listen");
	freeaddrinfo(at);
	return fd;
}

int main(int argc, char **argv)
{
	unsigned int packets = 0, late = 0;
	uint32_t number, next = 0;
	char packet[65536];
	int listener, fd;
	ssize_t n;

	if (argc < 3)
		errx(2, "usage: stream_server ADDRESS PORT [PROTOCOL [CCID]]");
	listener = listen_at(argv[1], argv[2], argc > 3 ? atoi(argv[3]) : 33,
			     argc > 4 ? atoi(argv[4]) : 3);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	while ((n = recv(fd, packet, sizeof(packet), 0)) > 0) {
		memcpy(&number, packet, sizeof(number));
		number = ntohl(number);
		late += number < next;
		next = number + 1;
		packets++;
	}
	if (n < 0)
		err(1, "recv");
	close(fd);
	close(listener);
	printf("%u packets, %u late\n", packets, late);
	return 0;
}
