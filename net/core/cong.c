// SPDX-License-Identifier: GPL-2.0
/* The algorithms of congestion control, by name. */

#include <linux/indirect_call_wrapper.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "algorithms.h"

static DEFINE_SPINLOCK(xl4_cong_lock);
static const struct xl4_cong_ops *xl4_congs[XL4_CONGS_MAX] = { &xl4_cubic, &xl4_newreno };

/* Where an algorithm is; NULL: where a free place is. Under the lock. */
static const struct xl4_cong_ops **xl4_cong_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xl4_congs); i++) {
		const struct xl4_cong_ops *ops = xl4_congs[i];

		if (name && ops ? !strcmp(ops->name, name) : !name && !ops)
			return &xl4_congs[i];
	}
	return NULL;
}

/**
 * xl4_cong_register() - offer an algorithm
 * @ops: the algorithm; acked and loss are needed
 *
 * Any context but hard interrupt.
 *
 * Return: 0; -EINVAL for one without a name or a function; -EEXIST if there is
 * one of that name; -ENOSPC if there are too many.
 */
int xl4_cong_register(const struct xl4_cong_ops *ops)
{
	const struct xl4_cong_ops **place;
	int err = 0;

	if (!ops->name[0] || !ops->acked || !ops->loss)
		return -EINVAL;
	spin_lock_bh(&xl4_cong_lock);
	place = xl4_cong_find(NULL);
	if (xl4_cong_find(ops->name))
		err = -EEXIST;
	else if (!place)
		err = -ENOSPC;
	else
		*place = ops;
	spin_unlock_bh(&xl4_cong_lock);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_cong_register);

/**
 * xl4_cong_unregister() - withdraw an algorithm
 * @ops: what was registered; nobody has a reference if its module is unloaded
 */
void xl4_cong_unregister(const struct xl4_cong_ops *ops)
{
	spin_lock_bh(&xl4_cong_lock);
	*xl4_cong_find(ops->name) = NULL;
	spin_unlock_bh(&xl4_cong_lock);
}
EXPORT_SYMBOL_GPL(xl4_cong_unregister);

/**
 * xl4_cong_get() - find an algorithm
 * @name: its name
 *
 * Any context but hard interrupt.
 *
 * Return: the algorithm with a reference on its module, NULL if there is none.
 */
const struct xl4_cong_ops *xl4_cong_get(const char *name)
{
	const struct xl4_cong_ops **place, *ops;

	spin_lock_bh(&xl4_cong_lock);
	place = xl4_cong_find(name);
	ops = place && try_module_get((*place)->owner) ? *place : NULL;
	spin_unlock_bh(&xl4_cong_lock);
	return ops;
}
EXPORT_SYMBOL_GPL(xl4_cong_get);

/**
 * xl4_cong_hold() - take another reference, for a child
 * @ops: an algorithm on which the caller has one
 *
 * Any context.
 *
 * Return: @ops.
 */
const struct xl4_cong_ops *xl4_cong_hold(const struct xl4_cong_ops *ops)
{
	__module_get(ops->owner);
	return ops;
}
EXPORT_SYMBOL_GPL(xl4_cong_hold);

/**
 * xl4_cong_put() - drop a reference
 * @ops: the algorithm
 *
 * Any context.
 */
void xl4_cong_put(const struct xl4_cong_ops *ops)
{
	module_put(ops->owner);
}
EXPORT_SYMBOL_GPL(xl4_cong_put);

/**
 * xl4_cong_names() - which algorithms there are
 * @buf: their names, with spaces between
 * @size: of @buf, not 0
 *
 * Return: the length of the text; names for which there was no room are cut.
 */
size_t xl4_cong_names(char *buf, size_t size)
{
	size_t len = 0;
	unsigned int i;

	buf[0] = '\0';
	spin_lock_bh(&xl4_cong_lock);
	for (i = 0; i < ARRAY_SIZE(xl4_congs); i++)
		if (xl4_congs[i])
			len += scnprintf(buf + len, size - len, "%s%s", len ? " " : "",
					 xl4_congs[i]->name);
	spin_unlock_bh(&xl4_cong_lock);
	return len;
}
EXPORT_SYMBOL_GPL(xl4_cong_names);

/**
 * xl4_cong_init() - begin with an algorithm, or change to another
 * @c: the path, with all set but the algorithm
 * @ops: the algorithm; @c keeps the caller's reference
 */
void xl4_cong_init(struct xl4_cong *c, const struct xl4_cong_ops *ops)
{
	c->ops = ops;
	c->pacing_rate = 0;
	memset(c->priv, 0, sizeof(c->priv));
	if (ops->init)
		ops->init(c);
}
EXPORT_SYMBOL_GPL(xl4_cong_init);

/**
 * xl4_cong_acked() - something was acknowledged: cwnd may grow
 * @c: the path, not in recovery
 * @ack: what came
 */
void xl4_cong_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack)
{
	INDIRECT_CALL_2(c->ops->acked, xl4_cubic_acked, xl4_newreno_acked, c, ack);
}
EXPORT_SYMBOL_GPL(xl4_cong_acked);
