// SPDX-License-Identifier: GPL-2.0
/*
 * probe udp=253,tcp=254: names those that this kernel has no sockets for, one
 * a line, and fails if there is one. To ask the kernel is the only sure way:
 * it also loads an installed module, and knows of other people's numbers.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "map.h"

static int refused(int type, int number)
{
	int fd = socket(AF_INET, type, number);

	if (fd < 0)
		return errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT;
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct xl4map map;
	int missing = 0;
	int i;

	if (argc != 2 || xl4map_parse(&map, argv[1])) {
		fprintf(stderr, "usage: probe udp=253,...\n");
		return 2;
	}
	for (i = 0; i < XL4MAP_NAMES; i++) {
		if (!map.number[i] || !refused(xl4map_type(i), map.number[i]))
			continue;
		printf("%s=%d\n", xl4map_name(i), map.number[i]);
		missing = 1;
	}
	return missing;
}
