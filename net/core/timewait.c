// SPDX-License-Identifier: GPL-2.0
/* TIME-WAIT takes the place of a socket, in the table and at the port. */

#include <linux/module.h>
#include <linux/slab.h>
#include <xl4/compat.h>
#include <xl4/timewait.h>

#include "table.h"

/* Under the port's lock. Whoever removes it drops the reference of the table. */
static bool xl4_timewait_remove(struct xl4_timewait *tw)
{
	struct xl4_space *space = tw->space;

	if (tw->binding.entry.dead)
		return false;
	xl4_entry_remove(space, &tw->binding.entry);
	xl4_port_leave(space, &tw->binding);
	spin_lock(&space->timewait_lock);
	list_del(&tw->link);
	space->nr_timewaits--;
	spin_unlock(&space->timewait_lock);
	return true;
}

static bool xl4_timewait_remove_locked(struct xl4_timewait *tw)
{
	spinlock_t *lock = xl4_port_lock(tw->space, ntohs(tw->binding.entry.tuple.local_port));
	bool removed;

	spin_lock_bh(lock);
	removed = xl4_timewait_remove(tw);
	spin_unlock_bh(lock);
	return removed;
}

static void xl4_timewait_expired(struct timer_list *timer)
{
	struct xl4_timewait *tw = timer_container_of(tw, timer, timer);

	if (xl4_timewait_remove_locked(tw))
		xl4_entry_put(&tw->binding.entry);
	/* The timer's own. */
	xl4_entry_put(&tw->binding.entry);
}

/**
 * xl4_timewait_enter() - leave a TIME-WAIT in the place of a connected socket
 * @tw: allocated by kmalloc(), what follows struct xl4_timewait is filled in;
 *	the space's from here on
 * @sk: the socket, with a port and a peer; locked. It has no place and no port
 *	afterwards.
 * @duration: jiffies
 *
 * A packet finds one of the two at all times.
 *
 * Return: 0, or -ENOMEM; then nothing has changed.
 */
int xl4_timewait_enter(struct xl4_timewait *tw, struct sock *sk, unsigned long duration)
{
	struct xl4_space *space = xl4_sk(sk)->space;
	struct xl4_entry *entry = &tw->binding.entry;
	struct xl4_binding *old;
	spinlock_t *lock;
	int err;

	old = rcu_dereference_protected(xl4_sk(sk)->binding, true);
	if (!old)
		return -ENOMEM;
	memset(&tw->binding, 0, sizeof(tw->binding));
	entry->tuple = old->entry.tuple;
	entry->kind = XL4_TIMEWAIT;
	entry->device = sk->sk_bound_dev_if;
	entry->v4 = old->entry.v4;
	entry->v6 = old->entry.v6;
	/* Of the table and of the timer. */
	refcount_set(&entry->ref, 2);
	tw->binding.port = old->port;
	tw->binding.by_connect = old->by_connect;
	tw->space = space;
	tw->family = sk->sk_family;
	tw->claim = xl4_claim_of(old);
	timer_setup(&tw->timer, xl4_timewait_expired, 0);

	lock = xl4_port_lock(space, old->port->number);
	spin_lock_bh(lock);
	err = xl4_entry_insert(space, entry);
	if (!err) {
		hlist_replace_rcu(&old->owner, &tw->binding.owner);
		xl4_entry_remove(space, &old->entry);
		spin_lock(&space->timewait_lock);
		list_add(&tw->link, &space->timewaits);
		space->nr_timewaits++;
		spin_unlock(&space->timewait_lock);
		mod_timer(&tw->timer, jiffies + duration);
	}
	spin_unlock_bh(lock);
	if (err)
		return err;
	RCU_INIT_POINTER(xl4_sk(sk)->binding, NULL);
	inet_sk(sk)->inet_num = 0;
	kfree_rcu(old, entry.rcu);
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_timewait_enter);

/**
 * xl4_timewait_extend() - begin the waiting anew
 * @tw: with a reference of the caller's
 * @duration: jiffies from now
 *
 * Does nothing for one that is about to end.
 */
void xl4_timewait_extend(struct xl4_timewait *tw, unsigned long duration)
{
	mod_timer_pending(&tw->timer, jiffies + duration);
}
EXPORT_SYMBOL_GPL(xl4_timewait_extend);

/**
 * xl4_timewait_end() - end the waiting at once
 * @tw: with a reference of the caller's, which stays
 *
 * Softirq or process context.
 */
void xl4_timewait_end(struct xl4_timewait *tw)
{
	if (!xl4_timewait_remove_locked(tw))
		return;
	if (timer_delete(&tw->timer))
		xl4_entry_put(&tw->binding.entry);
	xl4_entry_put(&tw->binding.entry);
}
EXPORT_SYMBOL_GPL(xl4_timewait_end);

static struct xl4_timewait *xl4_timewait_any(struct xl4_space *space)
{
	struct xl4_timewait *tw;

	spin_lock_bh(&space->timewait_lock);
	tw = list_first_entry_or_null(&space->timewaits, struct xl4_timewait, link);
	if (tw && !refcount_inc_not_zero(&tw->binding.entry.ref))
		tw = NULL;
	spin_unlock_bh(&space->timewait_lock);
	return tw;
}

/**
 * xl4_timewait_purge() - end all waiting in a space
 * @space: which no packet reaches any more
 *
 * No timer runs any more when this returns. Process context, sleeps.
 */
void xl4_timewait_purge(struct xl4_space *space)
{
	struct xl4_timewait *tw;

	while ((tw = xl4_timewait_any(space))) {
		if (timer_delete_sync(&tw->timer))
			xl4_entry_put(&tw->binding.entry);
		if (xl4_timewait_remove_locked(tw))
			xl4_entry_put(&tw->binding.entry);
		xl4_entry_put(&tw->binding.entry);
	}
}
