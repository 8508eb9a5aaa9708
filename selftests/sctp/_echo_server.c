// SPDX-License-Identifier: GPL-2.0
/*
 * An echo server, one-to-one: to a program SCTP in this style is TCP that keeps messages whole.
 *
 * usage: echo_server PORT [PROTOCOL]
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void echo(int fd)
{
	char message[65536];
	ssize_t n;

	while ((n = recv(fd, message, sizeof(message), 0)) > 0)
		if (send(fd, message, n, 0) != n)
			err(1, "send");
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
	int listener, fd;

	if (argc < 2)
		errx(2, "usage: echo_server PORT [PROTOCOL]");
	here.sin6_port = htons(atoi(argv[1]));
	listener = socket(AF_INET6, SOCK_STREAM, argc > 2 ? atoi(argv[2]) : IPPROTO_SCTP);
	if (listener < 0)
		err(1, "socket");
	if (bind(listener, (struct sockaddr *)&here, sizeof(here)))
		err(1, "bind");
	if (listen(listener, 8))
		err(1, "listen");
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		echo(fd);
		close(fd);
	}
	err(1, "accept");
}
