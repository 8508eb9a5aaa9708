/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control of one path, in bytes; of any protocol.
 *
 * The protocol finds out what was acknowledged and what was lost. It tells the
 * algorithm, which answers how much may be in flight. In recovery the protocol
 * is on its own: the algorithm names the ssthresh at its beginning and hears
 * of acknowledgments again at its end. All is called under the socket lock.
 */
#ifndef XL4_CONG_H
#define XL4_CONG_H

#ifdef __KERNEL__
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/types.h>
#else
#include <xl4/userland.h>
#endif

struct module;
struct xl4_cong_ops;

#define XL4_CONG_NAME_MAX	16
#define XL4_CONGS_MAX		16	/* algorithms at once */
#define XL4_CONG_NAMES_MAX	(XL4_CONGS_MAX * XL4_CONG_NAME_MAX)
#define XL4_CONG_DEFAULT	"cubic"
#define XL4_CWND_MAX		(1u << 30)	/* as much as TCP can say (RFC 7323) */

struct xl4_cong {
	const struct xl4_cong_ops *ops;
	u32	mss;			/* bytes of data in a full packet, not 0 */
	u32	cwnd;
	u32	ssthresh;		/* U32_MAX: none yet */
	u32	cwnd_max_limit;		/* cwnd grows up to this; at most XL4_CWND_MAX */
	u64	pacing_rate;		/* bytes a second; 0: what cwnd and the round trip make */
	bool	paced;			/* bursts are spread: slow start need not limit them */
	u64	priv[12];		/* the algorithm's own */
};

struct xl4_cong_ack {
	u32	acked;			/* bytes newly acknowledged or SACKed */
	u32	flight;			/* bytes in flight before this ACK */
	u32	sample_us;		/* the round trip of this ACK, 0: no sample */
	u32	rtt_us;			/* smoothed, 0: unknown */
	u32	min_rtt_us;		/* of the path, 0: unknown */
	u64	now_us;
	bool	cwnd_limited;		/* cwnd is what keeps the sender from sending more */
};

struct xl4_cong_ops {
	char		name[XL4_CONG_NAME_MAX];
	struct module	*owner;

	/* An ACK outside of recovery, and after a timeout: cwnd may grow. */
	void		(*acked)(struct xl4_cong *c, const struct xl4_cong_ack *ack);

	/*
	 * Loss or ECN, once a window; before the caller changes cwnd. @flight
	 * is what was sent and not acknowledged. Returns the new ssthresh.
	 */
	u32		(*loss)(struct xl4_cong *c, u32 flight, u64 now_us);

	/* Each of these may be NULL. */

	/* At the beginning; cwnd, ssthresh, mss are set, priv is zeroed. */
	void		(*init)(struct xl4_cong *c);

	/* The event that loss() was just told was a timeout. */
	void		(*timeout)(struct xl4_cong *c);

	/* The latest event was none: forget it. The caller restores cwnd and ssthresh. */
	void		(*undo)(struct xl4_cong *c);

	/* For so long there was nothing to send. */
	void		(*idle)(struct xl4_cong *c, u64 idle_us);
};

/* cong.c */
int xl4_cong_register(const struct xl4_cong_ops *ops);
void xl4_cong_unregister(const struct xl4_cong_ops *ops);
const struct xl4_cong_ops *xl4_cong_get(const char *name);
const struct xl4_cong_ops *xl4_cong_hold(const struct xl4_cong_ops *ops);
void xl4_cong_put(const struct xl4_cong_ops *ops);
size_t xl4_cong_names(char *buf, size_t size);
void xl4_cong_init(struct xl4_cong *c, const struct xl4_cong_ops *ops);
void xl4_cong_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack);

/* xl4_cong_loss() - loss or ECN: returns the new ssthresh, see struct xl4_cong_ops */
static inline u32 xl4_cong_loss(struct xl4_cong *c, u32 flight, u64 now_us)
{
	return c->ops->loss(c, flight, now_us);
}

/* xl4_cong_timeout() - after xl4_cong_loss(): it was a timeout */
static inline void xl4_cong_timeout(struct xl4_cong *c)
{
	if (c->ops->timeout)
		c->ops->timeout(c);
}

/* xl4_cong_undo() - there was no loss; the caller restores cwnd and ssthresh */
static inline void xl4_cong_undo(struct xl4_cong *c)
{
	if (c->ops->undo)
		c->ops->undo(c);
}

/* xl4_cong_idle() - there was nothing to send for @idle_us */
static inline void xl4_cong_idle(struct xl4_cong *c, u64 idle_us)
{
	if (c->ops->idle)
		c->ops->idle(c, idle_us);
}

static inline bool xl4_cong_in_slow_start(const struct xl4_cong *c)
{
	return c->cwnd < c->ssthresh;
}

/* xl4_cong_grow() - for algorithms: a larger window, within its limit */
static inline void xl4_cong_grow(struct xl4_cong *c, u32 bytes)
{
	if (c->cwnd < c->cwnd_max_limit)
		c->cwnd += min(bytes, c->cwnd_max_limit - c->cwnd);
}

#endif
