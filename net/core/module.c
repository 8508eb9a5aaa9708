// SPDX-License-Identifier: GPL-2.0
/* xl4.ko: what all xl4 protocols share. */

#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <xl4/proc.h>

static unsigned int xl4_net_id __read_mostly;

/**
 * xl4_net() - what xl4 keeps for a namespace
 * @net: the namespace
 *
 * Return: never NULL while the module is loaded.
 */
struct xl4_net *xl4_net(const struct net *net)
{
	return net_generic(net, xl4_net_id);
}
EXPORT_SYMBOL_GPL(xl4_net);

static int __net_init xl4_net_init(struct net *net)
{
	struct xl4_net *xn = xl4_net(net);

	mutex_init(&xn->lock);
	INIT_LIST_HEAD(&xn->spaces);
	return xl4_proc_init(net);
}

static void __net_exit xl4_net_exit(struct net *net)
{
	xl4_proc_exit(net);
}

static struct pernet_operations xl4_net_ops = {
	.init = xl4_net_init,
	.exit = xl4_net_exit,
	.id = &xl4_net_id,
	.size = sizeof(struct xl4_net),
};

static int __init xl4_init(void)
{
	return register_pernet_subsys(&xl4_net_ops);
}

static void __exit xl4_exit(void)
{
	unregister_pernet_subsys(&xl4_net_ops);
	/* Ports and bindings that were just let go are freed by RCU. */
	rcu_barrier();
}

module_init(xl4_init);
module_exit(xl4_exit);

MODULE_DESCRIPTION("xl4: what all xl4 transport protocols share");
MODULE_LICENSE("GPL");
