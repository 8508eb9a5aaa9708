// SPDX-License-Identifier: GPL-2.0
/* Which congestion control there is (RFC 4340 section 10), and who has which. */

#include <linux/slab.h>

#include "dccp.h"

static const struct xdccp_ccid_ops *const xdccp_ccids[] = {
	&xdccp_ccid2_ops,
	&xdccp_ccid3_ops,
	&xdccp_ccid4_ops,
};

/**
 * xdccp_ccid_find() - a CCID by its number
 * @id: as features have it
 *
 * Return: it, or NULL: there is none.
 */
const struct xdccp_ccid_ops *xdccp_ccid_find(u8 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xdccp_ccids); i++)
		if (xdccp_ccids[i]->id == id)
			return xdccp_ccids[i];
	return NULL;
}

/**
 * xdccp_ccid_list() - all there are: DCCP_SOCKOPT_AVAILABLE_CCIDS
 * @ids: filled in
 * @most: how many there is room for
 *
 * Return: how many.
 */
unsigned int xdccp_ccid_list(u8 *ids, unsigned int most)
{
	unsigned int i, n = min_t(unsigned int, most, ARRAY_SIZE(xdccp_ccids));

	for (i = 0; i < n; i++)
		ids[i] = xdccp_ccids[i]->id;
	return n;
}

static int xdccp_ccid_begin(struct sock *sk, const struct xdccp_ccid_ops *ops, void *priv, bool tx)
{
	int (*init)(struct sock *sk, void *priv) = tx ? ops->tx_init : ops->rx_init;

	return init ? init(sk, priv) : 0;
}

/**
 * xdccp_ccid_set() - a half-connection gets a CCID
 * @sk: the socket, locked
 * @ccid: its xdccp_sock.tx or .rx; what was there ends
 * @id: the new one's number
 * @tx: which of the two
 *
 * Any context.
 *
 * Return: 0, -ENOENT: there is none of the number, or -ENOMEM; then @ccid is as it was.
 */
int xdccp_ccid_set(struct sock *sk, struct xdccp_ccid *ccid, u8 id, bool tx)
{
	const struct xdccp_ccid_ops *ops = xdccp_ccid_find(id);
	void *priv;
	int err;

	if (!ops)
		return -ENOENT;
	if (ccid->ops == ops)
		return 0;
	priv = kzalloc(tx ? ops->tx_size : ops->rx_size, GFP_ATOMIC);
	if (!priv)
		return -ENOMEM;
	err = xdccp_ccid_begin(sk, ops, priv, tx);
	if (err) {
		kfree(priv);
		return err;
	}
	xdccp_ccid_free(sk, ccid, tx);
	ccid->ops = ops;
	ccid->priv = priv;
	return 0;
}

/**
 * xdccp_ccid_free() - a half-connection has no CCID any more
 * @sk: the socket, locked or dying
 * @ccid: its xdccp_sock.tx or .rx
 * @tx: which of the two
 */
void xdccp_ccid_free(struct sock *sk, struct xdccp_ccid *ccid, bool tx)
{
	void (*done)(struct sock *sk, void *priv);

	if (!ccid->ops)
		return;
	done = tx ? ccid->ops->tx_exit : ccid->ops->rx_exit;
	if (done)
		done(sk, ccid->priv);
	kfree(ccid->priv);
	ccid->ops = NULL;
	ccid->priv = NULL;
}
