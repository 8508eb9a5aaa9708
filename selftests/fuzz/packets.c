// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that a hostile or broken peer might send, at sockets in all states,
 * which a program uses meanwhile. All in one process, one step after the other,
 * so that a seed gives the same steps again. A round has many turns. Chance
 * begins anew with each: should the kernel's own chance make a difference to
 * one turn, it makes none to the next.
 */
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "mutate.h"
#include "rounds.h"
#include "stage.h"

#define TURNS		2500
#define TURNS_TO_ALIVE	60
#define HEAR_AT_ONCE	8

static struct seeds seeds;
static struct mutator mutator;
static struct stage stage;

/* The packets that the machine sent, which the mutator answers. */
static void hear(struct shared *shared)
{
	for (int i = 0; i < HEAR_AT_ONCE && stage_hear(&stage, plan_ear(&mutator)); i++) {
		shared->heard++;
		plan_hear(&mutator);
	}
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

static void turn(struct program *program, struct shared *shared)
{
	const struct packet *p;

	plan_make(&mutator);
	while ((p = plan_next(&mutator))) {
		shared->packets++;
		if (!stage_send(&stage, mutator.chance, &shared->ring, p))
			shared->refused++;
		hear(shared);
		if (one_in(program->chance, 2))
			program_call(program);
		hear(shared);
	}
}

static void packets_round(uint64_t seed, struct shared *shared)
{
	struct chance packets = { seed }, calls = { ~seed };
	struct program program = { .chance = &calls, .ring = &shared->ring };

	mutator.chance = &packets;
	mutator.seeds = &seeds;
	stage_enter(&stage);
	program_start(&program);
	for (uint64_t i = 0; i < TURNS && !shared->failure[0]; i++) {
		packets.state = seed << 32 | i << 1;
		calls.state = packets.state | 1;
		turn(&program, shared);
		if (i % TURNS_TO_ALIVE == 0)
			check_alive(shared, &seeds.alive[pick(&calls, seeds.alives)]);
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
