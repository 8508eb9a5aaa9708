// SPDX-License-Identifier: GPL-2.0
/*
 * bench [-a number] [-b number] [-r blocks] [-t ms] [-i] [-l] [row...]
 *
 * Does each row's work over two protocols, in the order A B B A, and prints
 * one JSON object a row: what an operation of each round cost. -i: the time
 * stamp counter counts instructions. A row is a shell pattern of names.
 */
#include "bench.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gauge.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))
#define MAX_BLOCKS	1000

static const struct row * const kinds[] = {
	oneway_rows, crossing_rows, roundtrip_rows, fanout_rows, bound_rows,
	bulk_rows, lifetime_rows, stream_rows, association_rows,
	packets_rows,
};

static struct {
	int protocol[2];		/* 0: that of the row's kind */
	unsigned int blocks;
	unsigned int milliseconds;	/* about as long is a round */
	gauge_t *clock;
} setting = {
	.blocks = 20,
	.milliseconds = 20,
	.clock = read_nanoseconds,
};

/* Two rounds of each protocol: A B B A. */
struct block {
	double cost[2][2];
};

/* xl4's and the kernel's own, or what the user wants. */
static int protocol_of_row(const struct row *row, unsigned int which)
{
	static const int datagrams[] = { 253, IPPROTO_UDP };
	static const int streams[] = { 254, IPPROTO_TCP };
	static const int messages[] = { 251, IPPROTO_SCTP };
	static const int packets[] = { 250, IPPROTO_DCCP };

	if (setting.protocol[which])
		return setting.protocol[which];
	if (row->sctp)
		return messages[which];
	if (row->ccid)
		return packets[which];
	return row->type == SOCK_STREAM ? streams[which] : datagrams[which];
}

static gauge_t *gauge_of(const struct row *row)
{
	return strcmp(row->gauge, "memory") ? setting.clock : read_memory;
}

/* The cost of one unit, in what the row's gauge counts. */
static double run_round(const struct row *row, void *state,
			unsigned long operations)
{
	gauge_t *gauge = gauge_of(row);
	uint64_t before = gauge();
	double cost;

	row->run(state, operations);
	cost = (double)(gauge() - before) / operations / row->units;
	if (row->undo)
		row->undo(state);
	return cost;
}

/* The first operations start processes, fault pages in, fill caches. */
static void warm_up(const struct row *row, void *state)
{
	if (!row->fixed)
		row->run(state, 10);
}

/* As many operations as keep this protocol busy for a round. */
static unsigned long calibrate(const struct row *row, void *state)
{
	double wanted = setting.milliseconds * 1e6, per_round = 0;
	unsigned long operations = 1;

	if (row->fixed)
		return row->fixed;
	for (;;) {
		per_round = run_round(row, state, operations) * operations *
			    row->units;
		if (per_round > wanted / 2)
			break;
		operations *= 2;
	}
	operations *= wanted / per_round;
	return operations ? operations : 1;
}

static void open_one(const struct row *row, void *state[2], unsigned int which)
{
	state[which] = row->open(row, protocol_of_row(row, which), which);
	warm_up(row, state[which]);
}

/*
 * Sockets are opened anew, in the other order, for each block: where they
 * happen to lie in memory then makes noise, which the median removes, and no
 * bias.
 */
static void open_both(const struct row *row, void *state[2], unsigned int first)
{
	open_one(row, state, first);
	open_one(row, state, !first);
}

static void close_both(const struct row *row, void *state[2])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		row->close(state[i]);
}

static void run_block(const struct row *row, void *state[2],
		      unsigned long operations, struct block *block)
{
	static const unsigned int order[] = { 0, 1, 1, 0 };
	unsigned int i;

	for (i = 0; i < LENGTH(order); i++)
		block->cost[order[i]][i / 2] =
			run_round(row, state[order[i]], operations);
}

static bool may_open(unsigned int files)
{
	struct rlimit limit;

	MUST(getrlimit(RLIMIT_NOFILE, &limit));
	if (limit.rlim_cur >= files)
		return true;
	limit.rlim_cur = files;
	if (limit.rlim_max < files)
		limit.rlim_max = files;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

/* A kernel may have no SCTP, and no DCCP, of its own. */
static bool has_protocol(const struct row *row, unsigned int which)
{
	int fd = socket(row->family, row->type ? : SOCK_DGRAM, protocol_of_row(row, which));

	if (fd >= 0) {
		close(fd);
		return true;
	}
	fprintf(stderr, "# left out: %s: no protocol %d\n", row->name,
		protocol_of_row(row, which));
	return false;
}

static bool possible(const struct row *row)
{
	if ((row->sctp || row->ccid) && !(has_protocol(row, 0) && has_protocol(row, 1)))
		return false;
	if (row->cpus <= sysconf(_SC_NPROCESSORS_ONLN) && may_open(row->files))
		return true;
	fprintf(stderr, "# left out: %s: needs %u CPUs, %u open files\n",
		row->name, row->cpus, row->files);
	return false;
}

/* Rounds of a fixed size are long, and memory scatters little. */
static unsigned int blocks_of(const struct row *row)
{
	return row->fixed ? (setting.blocks + 9) / 10 : setting.blocks;
}

static void print_costs(const struct row *row, const char *name,
			const struct block *blocks, unsigned int which)
{
	unsigned int i;

	printf(", \"%s\": [", name);
	for (i = 0; i < blocks_of(row); i++)
		printf("%s%.2f, %.2f", i ? ", " : "", blocks[i].cost[which][0],
		       blocks[i].cost[which][1]);
	printf("]");
}

static void print_row(const struct row *row, unsigned long operations,
		      const struct block *blocks)
{
	bool instructions = gauge_of(row) == read_tsc;

	printf("{\"row\": \"%s\", \"unit\": \"%s\", \"gauge\": \"%s\", "
	       "\"operations\": %lu, \"protocols\": [%d, %d]", row->name,
	       row->unit, instructions ? "instructions" : row->gauge,
	       operations, protocol_of_row(row, 0), protocol_of_row(row, 1));
	print_costs(row, "a", blocks, 0);
	print_costs(row, "b", blocks, 1);
	printf("}\n");
	fflush(stdout);
}

/* As much work for both as the slower one does in a round. */
static unsigned long share_of_work(const struct row *row, void *state[2])
{
	unsigned long a = calibrate(row, state[0]);
	unsigned long b = calibrate(row, state[1]);

	return a < b ? a : b;
}

static void measure(const struct row *row)
{
	static struct block blocks[MAX_BLOCKS];
	unsigned long operations;
	void *state[2];
	unsigned int i;

	if (!possible(row))
		return;
	open_both(row, state, 0);
	operations = share_of_work(row, state);
	for (i = 0; i < blocks_of(row); i++) {
		if (i && !row->keep) {
			close_both(row, state);
			open_both(row, state, i % 2);
		}
		run_block(row, state, operations, &blocks[i]);
	}
	close_both(row, state);
	print_row(row, operations, blocks);
}

static bool chosen(const struct row *row, char *names[])
{
	bool any = !names[0];

	for (; *names; names++)
		any |= !fnmatch(*names, row->name, 0);
	return any;
}

static void for_each_row(char *names[], void (*action)(const struct row *))
{
	const struct row *row;
	size_t i;

	for (i = 0; i < LENGTH(kinds); i++)
		for (row = kinds[i]; row->name; row++)
			if (chosen(row, names))
				action(row);
}

static void list(const struct row *row)
{
	printf("%s\n", row->name);
}

static void usage(void)
{
	fprintf(stderr, "usage: bench [-a number] [-b number] [-r blocks] "
			"[-t ms] [-i] [-l] [row...]\n");
	exit(2);
}

static bool parse(int argc, char *argv[])
{
	bool only_list = false;
	int option;

	while ((option = getopt(argc, argv, "a:b:r:t:il")) != -1) {
		switch (option) {
		case 'a':
			setting.protocol[0] = atoi(optarg);
			break;
		case 'b':
			setting.protocol[1] = atoi(optarg);
			break;
		case 'r':
			setting.blocks = atoi(optarg);
			break;
		case 't':
			setting.milliseconds = atoi(optarg);
			break;
		case 'i':
			setting.clock = read_tsc;
			break;
		case 'l':
			only_list = true;
			break;
		default:
			usage();
		}
	}
	if (!setting.blocks || setting.blocks > MAX_BLOCKS)
		usage();
	return only_list;
}

int main(int argc, char *argv[])
{
	if (parse(argc, argv)) {
		for_each_row(argv + optind, list);
		return 0;
	}
	make_places();
	pin_to_cpu(0);
	for_each_row(argv + optind, measure);
	return 0;
}
