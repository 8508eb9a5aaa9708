// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438), with HyStart++ (RFC 9406) before the first loss.
 *
 * In congestion avoidance the window follows a curve over time that rises to
 * w_max, where loss was last, lingers there, and goes on to look for more:
 *
 *	W(t) = C (t - K)^3 + w_max
 *
 * with t from the beginning of the epoch, which begins with congestion
 * avoidance and ends with loss, and K such that W(0) is the window then. But
 * the window never is less than w_est, an estimate of what the plain
 * congestion control of RFC 5681 would have, which on short paths is faster.
 *
 * All is in bytes, and in ticks of 1/1024 s: fine enough for the curve, which
 * takes seconds, and their cubes are but shifts away from cubic seconds. The
 * curve is looked at once a tick. That says how many bytes have to be
 * acknowledged for each packet by which the window grows, and an ACK only adds
 * up: no division.
 *
 * Compiled for the kernel and for userland.
 */

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/math64.h>
#include <linux/module.h>
#endif

#include "algorithms.h"
#include "slow_start.h"

/*
 * The constants of RFC 9438 as fractions: C is 2/5, beta is 7/10; (1 + beta) / 2
 * is then 17/20, and alpha, 3 (1 - beta) / (1 + beta), 9/17.
 */
#define XL4_ALPHA_LOW		9
#define XL4_ALPHA_ONE		17

#define XL4_TICK_SHIFT		10
#define XL4_TICKS_MAX		(1024u * 1024)	/* 17 minutes: its cube has 60 bits */

/* A stage of congestion avoidance, named as in the RFC. */
struct xl4_cubic_epoch {
	u32	start;		/* tick */
	u32	k;		/* ticks */
	u32	w_max;		/* bytes; 0: the window at the beginning */
	u32	w_est;		/* bytes; 0: the epoch has not begun */
	u32	cwnd_prior;	/* the window before the loss */
};

struct xl4_cubic {
	struct xl4_cubic_epoch epoch;
	struct xl4_cubic_epoch before;	/* the loss, which may turn out to be none */
	u32	tick;			/* when the last ACK came */
	u32	target;			/* where the curve is a round trip from now */
	u32	quota;			/* bytes acknowledged for each packet up to there */
	u32	credit;			/* of these, how many already are */
	u64	est_acked;		/* bytes acknowledged since w_est grew, times alpha */
	bool	after_timeout;
	struct xl4_hystart hystart;
};

static_assert(sizeof(struct xl4_cubic) <= sizeof_field(struct xl4_cong, priv));

static struct xl4_cubic *xl4_cubic_of(struct xl4_cong *c)
{
	return (struct xl4_cubic *)c->priv;
}

static u32 xl4_cubic_ticks(u64 us)
{
	return div_u64(us << XL4_TICK_SHIFT, 1000000);
}

/* The largest number of ticks whose cube is at most @x. Once a loss, so a loop will do. */
static u32 xl4_cubic_root(u64 x)
{
	u64 root = 0;
	u64 bit;

	for (bit = XL4_TICKS_MAX / 2; bit; bit >>= 1)
		if ((root | bit) * (root | bit) * (root | bit) <= x)
			root |= bit;
	return root;
}

/* K: how long the curve takes for @bytes up to w_max. */
static u32 xl4_cubic_k(u32 bytes, u32 mss)
{
	/* 5/2 times the packets, in cubic ticks: a second's cube is 2^30 of them. */
	return xl4_cubic_root(div_u64((u64)bytes * 5 << (3 * XL4_TICK_SHIFT - 1), mss));
}

/* W(t) */
static u64 xl4_cubic_curve(const struct xl4_cubic_epoch *e, u32 mss, u32 t)
{
	u64 d = min(t > e->k ? t - e->k : e->k - t, XL4_TICKS_MAX);
	u64 volume = d * d * d >> (2 * XL4_TICK_SHIFT);
	u64 bytes = div_u64(volume * mss * 2, 5) >> XL4_TICK_SHIFT;

	if (t > e->k)
		return e->w_max + bytes;
	return e->w_max - min_t(u64, bytes, e->w_max);
}

/* Where to be in a round trip; nowhere in particular if here is further. */
static void xl4_cubic_aim(struct xl4_cubic *cubic, const struct xl4_cong *c, u32 rtt_us)
{
	const struct xl4_cubic_epoch *e = &cubic->epoch;
	/* Time that did not count may be more than has passed. */
	u32 t = max((s32)(cubic->tick - e->start), 0);
	u64 curve = xl4_cubic_curve(e, c->mss, t + xl4_cubic_ticks(rtt_us));
	u64 most = (u64)c->cwnd + c->cwnd / 2;

	cubic->target = min3(curve, most, (u64)c->cwnd_max_limit);
	if (cubic->target <= c->cwnd)
		return;
	cubic->quota = min_t(u64, div_u64((u64)c->cwnd * c->mss, cubic->target - c->cwnd),
			     XL4_CWND_MAX);
	cubic->credit = min(cubic->credit, cubic->quota);
}

static void xl4_cubic_begin(struct xl4_cubic *cubic, const struct xl4_cong *c)
{
	struct xl4_cubic_epoch *e = &cubic->epoch;

	e->w_max = max(e->w_max, c->cwnd);
	e->k = xl4_cubic_k(e->w_max - c->cwnd, c->mss);
	e->w_est = c->cwnd;
	e->start = cubic->tick;
	cubic->est_acked = 0;
	cubic->credit = 0;
}

/*
 * alpha packets for each window acknowledged, and from cwnd_prior on a whole
 * one: what was lost to the smaller alpha is made up for by the larger beta.
 */
static void xl4_cubic_estimate(struct xl4_cubic *cubic, const struct xl4_cong *c, u32 acked)
{
	struct xl4_cubic_epoch *e = &cubic->epoch;
	u32 alpha = e->w_est < e->cwnd_prior ? XL4_ALPHA_LOW : XL4_ALPHA_ONE;
	u64 window = (u64)XL4_ALPHA_ONE * c->cwnd;

	cubic->est_acked += (u64)alpha * acked;
	if (cubic->est_acked >= window) {
		cubic->est_acked -= window;
		e->w_est += c->mss;
	}
}

static void xl4_cubic_follow(struct xl4_cubic *cubic, struct xl4_cong *c, u32 acked)
{
	u32 packets;

	if (c->cwnd >= cubic->target)
		return;
	cubic->credit += acked;
	if (cubic->credit < cubic->quota)
		return;
	packets = cubic->credit / cubic->quota;
	cubic->credit -= packets * cubic->quota;
	xl4_cong_grow(c, min(packets * c->mss, cubic->target - c->cwnd));
}

static void xl4_cubic_init(struct xl4_cong *c)
{
	xl4_hystart_init(&xl4_cubic_of(c)->hystart);
}

/**
 * xl4_cubic_acked() - let the window grow
 * @c: the path
 * @ack: what came
 */
void xl4_cubic_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack)
{
	struct xl4_cubic *cubic = xl4_cubic_of(c);
	struct xl4_cubic_epoch *e = &cubic->epoch;
	u32 tick = xl4_cubic_ticks(ack->now_us);
	u32 passed = tick - cubic->tick;
	u32 acked = min(ack->acked, c->cwnd);

	cubic->tick = tick;
	if (c->ssthresh == U32_MAX) {
		xl4_hystart_acked(&cubic->hystart, c, ack);
		return;
	}
	/* Time in which the window could not grow does not count. */
	if (!ack->cwnd_limited || c->cwnd >= c->cwnd_max_limit) {
		e->start += passed;
		return;
	}
	if (xl4_cong_in_slow_start(c)) {
		e->w_est = 0;
		acked = xl4_slow_start(c, acked, cubic->after_timeout);
		if (!acked)
			return;
	}

	if (!e->w_est) {
		xl4_cubic_begin(cubic, c);
		xl4_cubic_aim(cubic, c, ack->rtt_us);
	} else if (passed) {
		xl4_cubic_aim(cubic, c, ack->rtt_us);
	}
	xl4_cubic_estimate(cubic, c, acked);
	xl4_cubic_follow(cubic, c, acked);
	if (c->cwnd < e->w_est)
		xl4_cong_grow(c, e->w_est - c->cwnd);
}

/*
 * w_max is where there was loss; if it comes down from there, others need the
 * room: leave them more of it ("fast convergence").
 */
static u32 xl4_cubic_loss(struct xl4_cong *c, u32 flight, u64 __always_unused now_us)
{
	struct xl4_cubic *cubic = xl4_cubic_of(c);
	struct xl4_cubic_epoch *e = &cubic->epoch;

	cubic->before = *e;
	cubic->after_timeout = false;
	e->w_max = c->cwnd < e->w_max ? div_u64((u64)c->cwnd * 17, 20) : c->cwnd;
	e->cwnd_prior = c->cwnd;
	e->w_est = 0;
	return max_t(u32, div_u64((u64)flight * 7, 10), 2 * c->mss);
}

/* What the window was means nothing any more: the curve begins where slow start ends. */
static void xl4_cubic_timeout(struct xl4_cong *c)
{
	struct xl4_cubic *cubic = xl4_cubic_of(c);

	cubic->epoch.w_max = 0;
	cubic->after_timeout = true;
}

static void xl4_cubic_undo(struct xl4_cong *c)
{
	struct xl4_cubic *cubic = xl4_cubic_of(c);

	cubic->epoch = cubic->before;
	cubic->after_timeout = false;
	/* Until the next tick. */
	cubic->target = 0;
}

static void xl4_cubic_idle(struct xl4_cong *c, u64 idle_us)
{
	struct xl4_cubic *cubic = xl4_cubic_of(c);
	u32 ticks = xl4_cubic_ticks(idle_us);

	cubic->epoch.start += ticks;
	cubic->tick += ticks;
}

const struct xl4_cong_ops xl4_cubic = {
	.name = "cubic",
	.owner = THIS_MODULE,
	.init = xl4_cubic_init,
	.acked = xl4_cubic_acked,
	.loss = xl4_cubic_loss,
	.timeout = xl4_cubic_timeout,
	.undo = xl4_cubic_undo,
	.idle = xl4_cubic_idle,
};
