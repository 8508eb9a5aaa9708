// SPDX-License-Identifier: GPL-2.0
/* Counters that no two CPUs share: writers never wait, readers add up. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <xl4/stats.h>

/**
 * xl4_mib_init() - make a set of counters, all zero
 * @mib: the set
 * @counters: how many
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xl4_mib_init(struct xl4_mib *mib, unsigned int counters)
{
	mib->count = __alloc_percpu(array_size(counters, sizeof(*mib->count)),
				    __alignof__(*mib->count));
	return mib->count ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(xl4_mib_init);

/**
 * xl4_mib_exit() - free a set of counters
 * @mib: the set, in which nobody counts any more
 */
void xl4_mib_exit(struct xl4_mib *mib)
{
	free_percpu(mib->count);
	mib->count = NULL;
}
EXPORT_SYMBOL_GPL(xl4_mib_exit);

/**
 * xl4_mib_read() - the sum of a counter over all CPUs
 * @mib: the set
 * @counter: which of it
 *
 * CPUs that went offline keep what they counted. Any context.
 *
 * Return: the events counted so far; those of this instant may be missed.
 */
unsigned long xl4_mib_read(const struct xl4_mib *mib, unsigned int counter)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(&mib->count[counter], cpu);
	return sum;
}
EXPORT_SYMBOL_GPL(xl4_mib_read);
