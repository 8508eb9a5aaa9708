/* SPDX-License-Identifier: GPL-2.0 */
/* The valid packets that seeds.py made. */
#ifndef FUZZ_SEEDS_H
#define FUZZ_SEEDS_H

#include "packet.h"

#define MAX_PROTOCOLS		16
#define MAX_CONVERSATIONS	1024
#define MAX_CONVERSATION	32

struct seed {
	unsigned int len;
	uint8_t *bytes;
};

struct conversation {
	unsigned int count;
	struct seed packet[MAX_CONVERSATION];
};

struct alive {			/* a packet that must reach its socket */
	int number;		/* IP protocol */
	struct seed packet;
};

struct seeds {
	unsigned int protocols;
	struct sums sums[MAX_PROTOCOLS];
	unsigned int alives;
	struct alive alive[2 * MAX_PROTOCOLS];
	unsigned int conversations;
	struct conversation conversation[MAX_CONVERSATIONS];
};

void seeds_read(struct seeds *s, const char *path);

#endif
