// SPDX-License-Identifier: GPL-2.0
/* xl4_bridge.ko: xl4 protocols speak with the world under its own numbers. */

#include <linux/module.h>
#include <net/netns/generic.h>

#include "bridge.h"

static unsigned int xbridge_net_id __read_mostly;

/**
 * xbridge_net() - the rules of a namespace
 * @net: the namespace
 *
 * Return: never NULL while the module is loaded.
 */
struct xbridge_net *xbridge_net(const struct net *net)
{
	return net_generic(net, xbridge_net_id);
}

static int __net_init xbridge_net_init(struct net *net)
{
	struct xbridge_net *xn = xbridge_net(net);

	mutex_init(&xn->lock);
	INIT_LIST_HEAD(&xn->rules);
	return xbridge_proc_init(net);
}

/*
 * A grace period passes between this and the end of what xbridge_net() gives,
 * and so the last packet that is looked at.
 */
static void __net_exit xbridge_net_pre_exit(struct net *net)
{
	xbridge_proc_exit(net);
	xbridge_rules_flush(net);
}

static struct pernet_operations xbridge_net_ops = {
	.init = xbridge_net_init,
	.pre_exit = xbridge_net_pre_exit,
	.id = &xbridge_net_id,
	.size = sizeof(struct xbridge_net),
};

static int __init xbridge_init(void)
{
	int err = xbridge_numbers_init();

	return err ? : register_pernet_subsys(&xbridge_net_ops);
}

static void __exit xbridge_exit(void)
{
	unregister_pernet_subsys(&xbridge_net_ops);
	/* Rules that were just removed are freed by RCU. */
	rcu_barrier();
}

module_init(xbridge_init);
module_exit(xbridge_exit);

MODULE_DESCRIPTION("xl4 protocols speak with the world under its own numbers");
MODULE_LICENSE("GPL");
