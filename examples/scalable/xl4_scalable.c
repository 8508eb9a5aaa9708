// SPDX-License-Identifier: GPL-2.0
/*
 * An algorithm of one's own, in a module of one's own: Scalable TCP, as Tom Kelly
 * proposed it in 2003. The window grows by a share of itself, so that a loss costs
 * the same time to make good on any path, however fast it is.
 *
 * All is in bytes. xl4_cong_acked() comes outside of recovery, xl4_cong_loss() once
 * in a window that lost something.
 */

#include <linux/module.h>
#include <xl4/cong.h>

/* Of the window, in each round trip: a hundredth more; an eighth less upon loss. */
#define GROWTH		100
#define REDUCTION	8

static void scalable_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack)
{
	/* A window that was not used says nothing of the path. */
	if (!ack->cwnd_limited)
		return;
	if (xl4_cong_in_slow_start(c))
		xl4_cong_grow(c, min(ack->acked, c->ssthresh - c->cwnd));
	else
		xl4_cong_grow(c, max(ack->acked / GROWTH, 1U));
}

static u32 scalable_loss(struct xl4_cong *c, u32 flight, u64 now_us)
{
	return max(flight - flight / REDUCTION, 2 * c->mss);
}

static const struct xl4_cong_ops scalable = {
	.name = "scalable",
	.owner = THIS_MODULE,
	.acked = scalable_acked,
	.loss = scalable_loss,
};

static int __init scalable_init(void)
{
	return xl4_cong_register(&scalable);
}

static void __exit scalable_exit(void)
{
	xl4_cong_unregister(&scalable);
}

module_init(scalable_init);
module_exit(scalable_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Scalable TCP for xl4");
