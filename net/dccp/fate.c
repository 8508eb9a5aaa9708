// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of data that came, as far as the two ends tell each other: Data Dropped (RFC 4340
 * section 11.7) and Data Checksum (section 9.3).
 */

#include <linux/crc32c.h>
#include <linux/slab.h>

#include "dccp.h"

/**
 * xdccp_data_dropped() - a packet came, but its data is lost
 * @sk: the socket, locked
 * @seq: the packet's number
 * @code: XDCCP_DROP_...
 *
 * The next acknowledgments say so. Without memory they do not.
 */
void xdccp_data_dropped(struct sock *sk, u64 seq, u8 code)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!dp->drops)
		dp->drops = kzalloc(sizeof(*dp->drops), GFP_ATOMIC | __GFP_NOWARN);
	if (dp->drops)
		xdccp_drops_add(dp->drops, seq, code);
}

/**
 * xdccp_read_dropped() - a Data Dropped of the peer's
 * @sk: the socket, locked
 * @cb: of the packet
 * @option: the option
 * @opt: opt->dropped is filled in, or added to
 *
 * Return: 0, or -EINVAL: it cannot be where it is.
 */
int xdccp_read_dropped(struct sock *sk, const struct xdccp_skb_cb *cb,
		       const struct xdccp_option *option, struct xdccp_options *opt)
{
	struct xdccp_dropped_walk *walk = &opt->dropped;
	const struct xdccp_sock *dp = xdccp_sk(sk);
	u64 before = xdccp_seq_add(dp->awl, -1);

	if (!cb->has_ack)
		return -EINVAL;
	if (!walk->begun) {
		walk->begun = true;
		walk->at = cb->ack;
		walk->latest = xdccp_seq_between(dp->drop_latest, before, dp->gss) ?
			       dp->drop_latest : before;
		walk->found = walk->latest;
	}
	xdccp_drops_read(walk, dp->awl, option->value, option->len);
	return 0;
}

/**
 * xdccp_heed_dropped() - a packet's options were all read
 * @sk: the socket, locked
 * @opt: they
 *
 * RFC 4340 section 11.7.2: to a program that does not listen nothing more is to be sent. What there
 * was no buffer for is the CCID's affair.
 */
void xdccp_heed_dropped(struct sock *sk, const struct xdccp_options *opt)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!opt->dropped.begun)
		return;
	dp->drop_latest = opt->dropped.found;
	if (!opt->dropped.not_listening || READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	__skb_queue_purge(&sk->sk_write_queue);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
}

/* ------------------------------------------------------------------ checksum */

/* CRC-32c of what is behind so many octets, as the option has it: like SCTP's. */
static u32 xdccp_data_crc(const struct sk_buff *skb, unsigned int from)
{
	struct skb_seq_state state;
	unsigned int done = 0, len;
	const u8 *data;
	u32 crc = ~0;

	if (from >= skb->len)
		return 0;
	/* It is only read. */
	skb_prepare_seq_read((struct sk_buff *)skb, from, skb->len, &state);
	while ((len = skb_seq_read(done, &data, &state))) {
		crc = crc32c(crc, data, len);
		done += len;
	}
	return ~crc;
}

/**
 * xdccp_put_data_checksum() - append a Data Checksum
 * @skb: the packet's data, without header
 * @to: where; six octets
 *
 * RFC 4340 section 9.3: the CRC as SCTP has it, least significant octet first.
 *
 * Return: where the next option goes.
 */
u8 *xdccp_put_data_checksum(const struct sk_buff *skb, u8 *to)
{
	__le32 value = cpu_to_le32(xdccp_data_crc(skb, 0));

	return xdccp_put_option(to, XDCCP_OPT_DATA_CHECKSUM, &value, sizeof(value));
}

/**
 * xdccp_data_is_whole() - is a packet's data what its Data Checksum says?
 * @skb: data at the header
 * @opt: its options
 *
 * Return: whether it is; always, if it has none.
 */
bool xdccp_data_is_whole(const struct sk_buff *skb, const struct xdccp_options *opt)
{
	if (!opt->has_data_checksum)
		return true;
	return swab32(opt->data_checksum) == xdccp_data_crc(skb, XDCCP_SKB_CB(skb)->length);
}
