// SPDX-License-Identifier: GPL-2.0
/*
 * Stands before the C library's socket() and getsockopt() in a program that
 * scripts/xl4run starts. A program that asks for UDP gets xl4's UDP; when it
 * asks its socket for SO_PROTOCOL it hears the protocol it asked for.
 *
 * Not reached: programs that make the system call themselves (Go), and the
 * C library's own look-ups in getaddrinfo(), which go on asking the name server
 * in the protocol that the name server speaks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "map.h"

#define EXPORTED __attribute__((visibility("default")))

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct xl4map map;
static int (*next_socket)(int, int, int);
static int (*next_getsockopt)(int, int, int, void *, socklen_t *);

static void set_up(void)
{
	const char *text = getenv(XL4RUN_MAP_ENV);

	next_socket = dlsym(RTLD_NEXT, "socket");
	next_getsockopt = dlsym(RTLD_NEXT, "getsockopt");
	if (!text || xl4map_parse(&map, text))
		map = (struct xl4map){};
}

EXPORTED int socket(int domain, int type, int protocol)
{
	pthread_once(&once, set_up);
	protocol = xl4map_to_xl4(&map, domain, type, protocol);
	return next_socket(domain, type, protocol);
}

EXPORTED int getsockopt(int fd, int level, int name, void *restrict value,
			socklen_t *restrict len)
{
	int ret;

	pthread_once(&once, set_up);
	ret = next_getsockopt(fd, level, name, value, len);
	if (!ret && level == SOL_SOCKET && name == SO_PROTOCOL &&
	    *len == sizeof(int))
		*(int *)value = xl4map_to_standard(&map, *(int *)value);
	return ret;
}
