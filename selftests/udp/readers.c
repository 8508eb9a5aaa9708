// SPDX-License-Identifier: GPL-2.0
/* Threads that read one socket: none sleeps while there is data for it. */
#include "xl4test.h"

#include <pthread.h>
#include <stdatomic.h>

#define READERS		2
#define ROUNDS		500

static struct pair pair;
static _Atomic int round_now;		/* the burst that may be read */
static _Atomic int read_so_far, wrong;

FIXTURE(readers)
{
	pthread_t thread[READERS];
};

FIXTURE_VARIANT(readers)
{
	struct flavour flavour;
};

ALL_FLAVOURS(readers);

static void run_on_cpu(unsigned int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number % sysconf(_SC_NPROCESSORS_ONLN), &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
}

/* No sleep: the readers shall come to the socket just when the burst does. */
static void wait_until(_Atomic int *value, int least)
{
	while (atomic_load(value) < least)
		sched_yield();
}

/* Takes one datagram of each burst, and so leaves the other for the other. */
static void *reader(void *arg)
{
	char byte;

	run_on_cpu((size_t)arg);
	for (int i = 1; i <= ROUNDS; i++) {
		wait_until(&round_now, i);
		if (recv(pair.rx, &byte, 1, 0) != 1 || byte != (char)i)
			atomic_fetch_add(&wrong, 1);
		atomic_fetch_add(&read_so_far, 1);
	}
	return NULL;
}

/* The readers wait for ever: if a timeout woke them, nobody saw them sleep. */
FIXTURE_SETUP(readers)
{
	struct timeval never = { 0 };

	ENTER_NETNS(&variant->flavour);
	pair = pair_open(&variant->flavour);
	MUST(setsockopt(pair.rx, SOL_SOCKET, SO_RCVTIMEO, &never,
			sizeof(never)));
	for (size_t i = 0; i < READERS; i++)
		MUST(-pthread_create(&self->thread[i], NULL, reader,
				     (void *)i));
}

FIXTURE_TEARDOWN(readers)
{
}

static bool all_read(int datagrams)
{
	time_t limit = time(NULL) + PATIENCE_S;

	while (atomic_load(&read_so_far) < datagrams && time(NULL) < limit)
		sched_yield();
	return atomic_load(&read_so_far) == datagrams;
}

/* From no time at all to about as long as falling asleep takes. */
static void hesitate(int i)
{
	for (volatile int n = 0; n < (i % 50) * 40; n++)
		;
}

TEST_F(readers, each_gets_its_share_of_a_burst)
{
	for (int i = 1; i <= ROUNDS; i++) {
		char byte = i;

		atomic_store(&round_now, i);
		hesitate(i);
		for (int n = 0; n < READERS; n++)
			ASSERT_EQ(1, send_to(pair.tx, &byte, 1, pair.to));
		ASSERT_TRUE(all_read(i * READERS)) {
			TH_LOG("burst %d: %d datagrams read", i,
			       atomic_load(&read_so_far));
		}
	}
	for (int i = 0; i < READERS; i++)
		ASSERT_EQ(0, pthread_join(self->thread[i], NULL));
	EXPECT_EQ(0, atomic_load(&wrong));
	EXPECT_ERRNO(EAGAIN, recv_now(pair.rx, &(char){ 0 }, 1, 0));
}

TEST_HARNESS_MAIN
