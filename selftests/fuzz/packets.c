// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that a hostile or broken peer might send, at sockets in all states,
 * which a program uses meanwhile. All in one process, one step after the other,
 * so that a seed gives the same steps again.
 */
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "mutate.h"
#include "rounds.h"
#include "stage.h"

#define STEPS		20000
#define HEAR_AT_ONCE	8

static struct seeds seeds;
static struct mutator mutator;
static struct stage stage;

/* The packets that the machine sent, which the mutator answers. */
static void hear(struct shared *shared)
{
	struct packet *p = mutate_hear(&mutator);

	for (int i = 0; i < HEAR_AT_ONCE && stage_hear(&stage, p); i++) {
		shared->heard++;
		p = mutate_hear(&mutator);
	}
	mutator.heard_count--;
}

/* What came is the end of the packet. */
static bool same_end(const struct seed *packet, const char *data, ssize_t len)
{
	return len > 0 && len <= (ssize_t)packet->len &&
	       !memcmp(packet->bytes + packet->len - len, data, len);
}

/* A socket that nobody harmed gets a packet that nobody changed. */
static void check_alive(struct shared *shared, const struct alive *a)
{
	bool v6 = a->packet.bytes[0] >> 4 == 6;
	int port = get16(a->packet.bytes + (v6 ? 40 : 20) + 2);
	union address here = v6 ? ipv6("::", port) : ipv4("0.0.0.0", port);
	int fd = socket(here.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, a->number);
	char data[256];

	if (fd < 0) {
		round_failed(shared, "no socket any more: %s", strerror(errno));
		return;
	}
	/* Somebody may have got that port, by chance. */
	if (!bind(fd, &here.sa, address_len(&here))) {
		ring_add(&shared->ring, "alive %d", a->number);
		stage_send_plain(&stage, a->packet.bytes, a->packet.len);
		if (!same_end(&a->packet, data, recv(fd, data, sizeof(data), 0)))
			round_failed(shared, "a good packet for protocol %d does not arrive",
				     a->number);
	}
	close(fd);
}

static void step(struct program *program, struct shared *shared)
{
	struct chance *c = program->chance;

	if (one_in(c, 3)) {
		program_call(program);
	} else {
		shared->packets++;
		if (!stage_send(&stage, c, &shared->ring, mutate_next(&mutator)))
			shared->refused++;
	}
	hear(shared);
}

static void packets_round(uint64_t seed, struct shared *shared)
{
	struct chance chance = { seed };
	struct program program = { .chance = &chance, .ring = &shared->ring };

	mutator.chance = &chance;
	mutator.seeds = &seeds;
	stage_enter(&stage);
	program_start(&program);
	for (int i = 0; i < STEPS && !shared->failure[0]; i++) {
		step(&program, shared);
		if (i % 500 == 499)
			check_alive(shared, &seeds.alive[pick(&chance, seeds.alives)]);
	}
	program_end(&program);
	shared->calls += program.calls;
}

int main(int argc, char **argv)
{
	char path[512];

	/* They lie beside the program. */
	snprintf(path, sizeof(path), "%s.seeds", argv[0]);
	seeds_read(&seeds, path);
	arguments_init();
	return rounds_main("packets", packets_round);
}
