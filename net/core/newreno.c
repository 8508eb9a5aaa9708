// SPDX-License-Identifier: GPL-2.0
/*
 * The congestion control of RFC 5681, counting bytes (RFC 3465): slow start,
 * then one packet more for each window acknowledged; half of it upon loss.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/module.h>
#endif

#include "algorithms.h"
#include "slow_start.h"

struct xl4_newreno {
	u32	acked;		/* of the window, bytes that are acknowledged */
	bool	after_timeout;
};

static_assert(sizeof(struct xl4_newreno) <= sizeof_field(struct xl4_cong, priv));

static struct xl4_newreno *xl4_newreno_of(struct xl4_cong *c)
{
	return (struct xl4_newreno *)c->priv;
}

/**
 * xl4_newreno_acked() - let the window grow
 * @c: the path
 * @ack: what came
 */
void xl4_newreno_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack)
{
	struct xl4_newreno *reno = xl4_newreno_of(c);
	u32 acked = ack->acked;

	if (!ack->cwnd_limited)
		return;
	if (xl4_cong_in_slow_start(c))
		acked = xl4_slow_start(c, acked, reno->after_timeout);
	if (!acked)
		return;

	/* However much one ACK says, it is worth one packet. */
	reno->acked += min(acked, c->cwnd);
	if (reno->acked >= c->cwnd) {
		reno->acked -= c->cwnd;
		xl4_cong_grow(c, c->mss);
	}
}

static u32 xl4_newreno_loss(struct xl4_cong *c, u32 flight, u64 __always_unused now_us)
{
	*xl4_newreno_of(c) = (struct xl4_newreno) { 0 };
	return max(flight / 2, 2 * c->mss);
}

static void xl4_newreno_timeout(struct xl4_cong *c)
{
	xl4_newreno_of(c)->after_timeout = true;
}

static void xl4_newreno_undo(struct xl4_cong *c)
{
	xl4_newreno_of(c)->after_timeout = false;
}

const struct xl4_cong_ops xl4_newreno = {
	/* As programs know it. */
	.name = "reno",
	.owner = THIS_MODULE,
	.acked = xl4_newreno_acked,
	.loss = xl4_newreno_loss,
	.timeout = xl4_newreno_timeout,
	.undo = xl4_newreno_undo,
};
