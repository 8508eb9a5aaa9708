// SPDX-License-Identifier: GPL-2.0
/* A space comes and goes with its namespace. */

#include <linux/module.h>
#include <linux/net.h>
#include <xl4/proc.h>
#include <xl4/protocol.h>
#include <xl4/space.h>
#include <xl4/timewait.h>

#include "table.h"

static int xl4_space_mibs_init(struct xl4_space *space)
{
	unsigned int n = space->protocol->nr_counters;
	int err;

	err = xl4_mib_init(&space->mib[XL4_V4], n);
	if (err)
		return err;
	err = xl4_mib_init(&space->mib[XL4_V6], n);
	if (err)
		xl4_mib_exit(&space->mib[XL4_V4]);
	return err;
}

static void xl4_space_mibs_exit(struct xl4_space *space)
{
	xl4_mib_exit(&space->mib[XL4_V6]);
	xl4_mib_exit(&space->mib[XL4_V4]);
}

/**
 * xl4_space_init() - give a protocol its ports and counters in a namespace
 * @space: to be set up; zeroed
 * @net: the namespace
 * @protocol: whose space this is
 *
 * Call from the protocol's pernet init. Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xl4_space_init(struct xl4_space *space, struct net *net,
		   const struct xl4_protocol *protocol)
{
	unsigned int i;
	int err;

	net_get_random_once(&xl4_flow_secret, sizeof(xl4_flow_secret));
	space->net = net;
	space->protocol = protocol;
	xa_init_flags(&space->ports, XA_FLAGS_LOCK_BH);
	for (i = 0; i < XL4_PORT_LOCKS; i++)
		spin_lock_init(&space->locks[i]);
	INIT_LIST_HEAD(&space->timewaits);
	spin_lock_init(&space->timewait_lock);

	err = rhltable_init(&space->entries, &xl4_entry_params);
	if (err)
		return err;
	err = xl4_space_mibs_init(space);
	if (err)
		goto err_entries;
	err = xl4_proc_add(space);
	if (err)
		goto err_mibs;
	return 0;

err_mibs:
	xl4_space_mibs_exit(space);
err_entries:
	rhltable_destroy(&space->entries);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_space_init);

/**
 * xl4_space_exit() - undo xl4_space_init()
 * @space: no socket of which exists any more
 *
 * Call from the protocol's pernet exit. Process context, sleeps.
 */
void xl4_space_exit(struct xl4_space *space)
{
	unsigned long number = 0;

	xl4_timewait_purge(space);
	xl4_proc_remove(space);
	xl4_space_mibs_exit(space);
	rhltable_destroy(&space->entries);
	/* A port that there was no memory for may have left nodes without one. */
	WARN_ON_ONCE(xa_find(&space->ports, &number, U16_MAX, XA_PRESENT));
	xa_destroy(&space->ports);
}
EXPORT_SYMBOL_GPL(xl4_space_exit);

/**
 * xl4_spaces_exit() - undo xl4_spaces_init()
 * @spaces: of a module's protocols
 * @n: how many
 *
 * Process context, sleeps.
 */
void xl4_spaces_exit(struct xl4_space *spaces, unsigned int n)
{
	while (n--)
		if (spaces[n].protocol)
			xl4_space_exit(&spaces[n]);
}
EXPORT_SYMBOL_GPL(xl4_spaces_exit);

/**
 * xl4_spaces_init() - xl4_space_init() for each protocol of a module
 * @spaces: to be set up; zeroed
 * @net: the namespace
 * @protocols: whose they are; one without a number has none
 * @n: how many
 *
 * Return: 0 or -ENOMEM; then none is set up.
 */
int xl4_spaces_init(struct xl4_space *spaces, struct net *net,
		    const struct xl4_protocol *protocols, unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		if (!protocols[i].number)
			continue;
		err = xl4_space_init(&spaces[i], net, &protocols[i]);
		if (err) {
			xl4_spaces_exit(spaces, i);
			return err;
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_spaces_init);
