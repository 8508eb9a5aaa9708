// SPDX-License-Identifier: GPL-2.0
/* Settings under net.xl4: each namespace has a copy of a protocol's table. */

#include <linux/module.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <xl4/compat.h>
#include <xl4/sysctl.h>

/**
 * xl4_sysctl_register() - offer a protocol's settings in a namespace
 * @net: the namespace
 * @table: description of the settings
 * @entries: in @table
 * @template: the struct whose fields @table describes
 * @settings: where @net has a struct like @template, set up
 * @size: of that struct
 *
 * What all namespaces share may be read in each of them, but is changed in the
 * first only. Process context, may sleep.
 *
 * Return: for xl4_sysctl_unregister(); NULL if there is no memory.
 */
struct ctl_table_header *xl4_sysctl_register(struct net *net, const struct ctl_table *table,
					     unsigned int entries, const void *template,
					     void *settings, size_t size)
{
	struct ctl_table_header *header;
	struct ctl_table *copy;
	unsigned int i;
	size_t offset;

	/* Before 6.11 an empty entry has to end the table. */
	copy = kcalloc(entries + 1, sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return NULL;
	for (i = 0; i < entries; i++) {
		copy[i] = table[i];
		offset = (uintptr_t)table[i].data - (uintptr_t)template;
		if (offset < size)
			copy[i].data = settings + offset;
		else if (!net_eq(net, &init_net))
			copy[i].mode &= ~0222;
	}

	header = register_net_sysctl_sz(net, "net/xl4", copy, entries);
	if (!header)
		kfree(copy);
	return header;
}
EXPORT_SYMBOL_GPL(xl4_sysctl_register);

/**
 * xl4_sysctl_unregister() - take back what xl4_sysctl_register() offered
 * @header: what it returned
 *
 * Nobody reads or writes the settings any more when this returns. Process
 * context, sleeps.
 */
void xl4_sysctl_unregister(struct ctl_table_header *header)
{
	const struct ctl_table *table = header->ctl_table_arg;

	unregister_net_sysctl_table(header);
	kfree(table);
}
EXPORT_SYMBOL_GPL(xl4_sysctl_unregister);
