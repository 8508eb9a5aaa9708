// SPDX-License-Identifier: GPL-2.0
/*
 * Programs in two namespaces that a wire joins call whatever they can, with
 * arguments that make no sense now and then. They begin with the same sockets.
 *
 * With an even seed they take turns, and the round can be had again call for
 * call. With an odd one they run freely: calls wait for each other, and it is
 * for the scheduler to say which comes first.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "calls.h"
#include "netns.h"
#include "rounds.h"

#define PROGRAMS	4
#define CALLS		16000	/* of all */
#define WILD		8	/* of a hundred arguments */

/* Who has a byte in its pipe is next. */
static int turn[PROGRAMS][2];

static void give_turn(int to)
{
	MUST(write(turn[to][1], "", 1));
}

static void take_turn(int own)
{
	char byte;

	MUST(read(turn[own][0], &byte, 1) - 1);
}

static void call_in_turn(struct program *p, struct shared *shared, unsigned long end)
{
	for (;;) {
		take_turn(p->id);
		if (shared->calls >= end)
			break;
		shared->calls++;
		program_call(p);
		give_turn(pick(p->chance, PROGRAMS));
	}
	for (int i = 0; i < PROGRAMS; i++)
		give_turn(i);
}

static void call_freely(struct program *p, struct shared *shared)
{
	p->may_block = true;
	program_interrupt();
	for (int i = 0; i < CALLS / PROGRAMS; i++) {
		__atomic_fetch_add(&shared->calls, 1, __ATOMIC_RELAXED);
		program_call(p);
	}
}

static void run_program(struct program *p, int ns, uint64_t seed, struct shared *shared,
			unsigned long end)
{
	struct chance chance = { seed * PROGRAMS + p->id };

	p->chance = &chance;
	netns_switch(ns);
	if (seed % 2)
		call_freely(p, shared);
	else
		call_in_turn(p, shared, end);
	program_end(p);
	_exit(0);
}

/* All of them, unless one dies: then the others wait for it in vain. */
static void wait_for_all(struct shared *shared)
{
	int status;

	for (int i = 0; i < PROGRAMS; i++) {
		MUST(wait(&status));
		if (!status)
			continue;
		round_failed(shared, "a program ended with %#x", status);
		signal(SIGTERM, SIG_IGN);
		kill(0, SIGTERM);
		return;
	}
}

static void syscalls_round(uint64_t seed, struct shared *shared)
{
	struct chance chance = { seed };
	struct program program = { .chance = &chance, .ring = &shared->ring, .wild = WILD,
				   .may_fork = true };
	unsigned long end = shared->calls + CALLS;
	struct veth v;

	setpgid(0, 0);
	netns_enter();
	v = veth_create();
	peers_do_not_stay();
	netns_switch(v.there);
	peers_do_not_stay();
	netns_switch(v.here);
	program_start(&program);
	for (int i = 0; i < PROGRAMS; i++)
		MUST(pipe(turn[i]));
	for (program.id = 0; program.id < PROGRAMS; program.id++)
		if (!MUST(fork()))
			run_program(&program, program.id % 2 ? v.there : v.here, seed, shared, end);
	give_turn(0);
	wait_for_all(shared);
}

int main(void)
{
	arguments_init();
	return rounds_main("syscalls", syscalls_round);
}
