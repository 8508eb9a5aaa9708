// SPDX-License-Identifier: GPL-2.0
/*
 * A client of an echo server, one-to-one: sends each line of its input as a message and prints
 * what comes back.
 *
 * usage: echo_client ADDRESS PORT [PROTOCOL]
 */
#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port, int protocol)
{
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM }, *to;
	int fd;

	if (getaddrinfo(host, port, &hint, &to))
		errx(1, "%s: no address", host);
	fd = socket(to->ai_family, SOCK_STREAM, protocol);
	if (fd < 0)
		err(1, "socket");
	if (connect(fd, to->ai_addr, to->ai_addrlen))
		err(1, "connect");
	freeaddrinfo(to);
	return fd;
}

int main(int argc, char **argv)
{
	char line[65536], answer[65536];
	ssize_t n;
	int fd;

	if (argc < 3)
		errx(2, "usage: echo_client ADDRESS PORT [PROTOCOL]");
	fd = connect_to(argv[1], argv[2], argc > 3 ? atoi(argv[3]) : IPPROTO_SCTP);
	while (fgets(line, sizeof(line), stdin)) {
		if (send(fd, line, strlen(line), 0) < 0)
			err(1, "send");
		n = recv(fd, answer, sizeof(answer), 0);
		if (n <= 0)
			err(1, "recv");
		fwrite(answer, 1, n, stdout);
	}
	/* No half of an association is left open: this waits for the other side, too. */
	shutdown(fd, SHUT_WR);
	while (recv(fd, answer, sizeof(answer), 0) > 0)
		;
	close(fd);
	return 0;
}
