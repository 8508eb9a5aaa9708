// SPDX-License-Identifier: GPL-2.0
/* Settings under net.xl4: each namespace has a copy of a protocol's table. */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <xl4/compat.h>
#include <xl4/sysctl.h>

/*
 * Make an entry that was copied from the description speak of @net. What all
 * namespaces share may be read in each, but changed in the first only.
 */
static void xl4_sysctl_adopt(struct ctl_table *entry, const struct net *net,
			     const struct xl4_sysctl *sysctl, void *settings)
{
	size_t offset = (uintptr_t)entry->data - (uintptr_t)sysctl->base;

	if (offset < sysctl->size)
		entry->data = settings + offset;
	else if (!net_eq(net, &init_net))
		entry->mode &= ~0222;
}

/**
 * xl4_sysctl_register() - offer a protocol's settings in a namespace
 * @net: the namespace
 * @sysctl: their description
 * @settings: where @net keeps them: a struct like the template, set up
 *
 * Process context, may sleep.
 *
 * Return: for xl4_sysctl_unregister(); NULL if there is no memory.
 */
struct ctl_table_header *xl4_sysctl_register(struct net *net, const struct xl4_sysctl *sysctl,
					     void *settings)
{
	struct ctl_table_header *header;
	struct ctl_table *table;
	unsigned int i;

	/* Before 6.11 an empty entry has to end the table. */
	table = kcalloc(sysctl->entries + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return NULL;
	memcpy(table, sysctl->table, sysctl->entries * sizeof(*table));
	for (i = 0; i < sysctl->entries; i++)
		xl4_sysctl_adopt(&table[i], net, sysctl, settings);

	header = register_net_sysctl_sz(net, sysctl->path ? : "net/xl4", table, sysctl->entries);
	if (!header)
		kfree(table);
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
