// SPDX-License-Identifier: GPL-2.0
/* A space's table: what packets find by their addresses and ports. */

#include "table.h"

/* Which of the space's tallies an entry is in; lookups skip what is zero. */
static atomic_t *xl4_entry_tally(struct xl4_space *space, const struct xl4_entry *entry)
{
	if (!xl4_addr_is_any(&entry->tuple.remote))
		return &space->connected;
	if (!xl4_addr_is_any(&entry->tuple.local))
		return &space->specific;
	return NULL;
}

/**
 * xl4_entry_insert() - let packets find an entry
 * @space: in whose table
 * @entry: filled in
 *
 * Any context but hard interrupts; allocates atomically when the table grows.
 *
 * Return: 0 or -ENOMEM; -EEXIST for an entry that is there already, which is a mistake.
 */
int xl4_entry_insert(struct xl4_space *space, struct xl4_entry *entry)
{
	atomic_t *tally = xl4_entry_tally(space, entry);
	int err;

	if (WARN_ON_ONCE(entry->hashed))
		return -EEXIST;
	err = rhltable_insert(&space->entries, &entry->node, xl4_entry_params);
	if (err)
		return err;
	entry->hashed = true;
	if (tally)
		atomic_inc(tally);
	return 0;
}

/**
 * xl4_entry_remove() - let no packet find an entry any more
 * @space: in whose table it is, or not
 * @entry: the caller's alone to remove
 *
 * From here on no reader takes a new reference by this entry; it is to be
 * freed by RCU.
 */
void xl4_entry_remove(struct xl4_space *space, struct xl4_entry *entry)
{
	atomic_t *tally = xl4_entry_tally(space, entry);

	/* Whoever finds it dead sees what was done before, such as a successor. */
	smp_store_release(&entry->dead, true);
	if (!entry->hashed)
		return;
	rhltable_remove(&space->entries, &entry->node, xl4_entry_params);
	entry->hashed = false;
	if (tally)
		atomic_dec(tally);
}

/**
 * xl4_entry_exists() - is there a connection of exactly these addresses and ports?
 * @space: in whose table
 * @tuple: with a peer
 * @half: also one that is only half open
 *
 * No device, no family: they tell connections apart no more than RFC 9293 does.
 */
bool xl4_entry_exists(struct xl4_space *space, const struct xl4_tuple *tuple, bool half)
{
	struct rhlist_head *list, *pos;
	struct xl4_entry *entry;
	bool found = false;

	rcu_read_lock();
	list = rhltable_lookup(&space->entries, tuple, xl4_entry_params);
	rhl_for_each_entry_rcu(entry, pos, list, node)
		found |= !READ_ONCE(entry->dead) && (half || entry->kind != XL4_REQUEST);
	rcu_read_unlock();
	return found;
}
