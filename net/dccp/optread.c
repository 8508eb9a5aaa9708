// SPDX-License-Identifier: GPL-2.0
/*
 * The options of a packet that came (RFC 4340 section 5.8), each to whom it concerns: features,
 * the CCIDs, the connection.
 */

#include "dccp.h"

/* What a Reset tells of an option: its type and the first two octets of its value. */
static u8 xdccp_blame(u8 data[3], const struct xdccp_option *option, u8 code)
{
	data[0] = option->type;
	data[1] = option->len > 0 ? option->value[0] : 0;
	data[2] = option->len > 1 ? option->value[1] : 0;
	return code;
}

static int xdccp_read_number(const struct xdccp_option *option, u32 *value)
{
	u64 number;

	if (xdccp_parse_number(option, &number))
		return -EINVAL;
	*value = number;
	return 0;
}

/* 0, -EINVAL: it is not as it should be, or -ENOENT: it is none of these. */
static int xdccp_read_plain(const struct xdccp_option *option, struct xdccp_options *opt)
{
	int err = 0;

	switch (option->type) {
	case XDCCP_OPT_SLOW_RECEIVER:
		opt->slow_receiver = true;
		break;
	case XDCCP_OPT_INIT_COOKIE:
		opt->cookie = option->value;
		opt->cookie_len = option->len;
		break;
	case XDCCP_OPT_NDP_COUNT:
		err = xdccp_parse_number(option, &opt->ndp);
		opt->has_ndp = !err;
		break;
	case XDCCP_OPT_TIMESTAMP:
		err = xdccp_read_number(option, &opt->timestamp);
		opt->has_timestamp = !err;
		break;
	case XDCCP_OPT_TIMESTAMP_ECHO:
		err = xdccp_parse_echo(option, &opt->echo, &opt->elapsed);
		opt->has_echo = !err;
		break;
	case XDCCP_OPT_ELAPSED_TIME:
		err = xdccp_parse_elapsed(option, &opt->elapsed);
		opt->has_elapsed = !err;
		break;
	case XDCCP_OPT_DATA_CHECKSUM:
		err = xdccp_read_number(option, &opt->data_checksum);
		opt->has_data_checksum = !err;
		break;
	default:
		err = -ENOENT;
	}
	return err;
}

/* Options of the half-connections' CCIDs: RFC 4340 section 10.3. */
static int xdccp_read_ccid(struct sock *sk, const struct xdccp_skb_cb *cb,
			   const struct xdccp_option *option)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (option->type < XDCCP_OPT_FIRST_OF_SENDER)
		return -ENOENT;
	if (option->type < XDCCP_OPT_FIRST_OF_RECEIVER)
		return dp->rx.ops && dp->rx.ops->rx_option ?
		       dp->rx.ops->rx_option(sk, dp->rx.priv, option) : -ENOENT;
	/* RFC 4342 section 8: on Data a receiver's are ignored. */
	return cb->has_ack && dp->tx.ops && dp->tx.ops->tx_option ?
	       dp->tx.ops->tx_option(sk, dp->tx.priv, option) : -ENOENT;
}

/* What of our packets came; and with them what we told of the peer's. */
static int xdccp_read_vector(struct sock *sk, const struct xdccp_skb_cb *cb,
			     const struct xdccp_option *option)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (!cb->has_ack || !option->len)
		return -EINVAL;
	if (dp->tx.ops && dp->tx.ops->tx_vector)
		dp->tx.ops->tx_vector(sk, dp->tx.priv, cb->ack, option->value, option->len);
	return 0;
}

static bool xdccp_is_negotiation(u8 type)
{
	return type >= XDCCP_OPT_CHANGE_L && type <= XDCCP_OPT_CONFIRM_R;
}

static int xdccp_read_other(struct sock *sk, const struct xdccp_skb_cb *cb,
			    const struct xdccp_option *option, struct xdccp_options *opt)
{
	if (option->type == XDCCP_OPT_ACK_VECTOR_0 || option->type == XDCCP_OPT_ACK_VECTOR_1)
		return xdccp_read_vector(sk, cb, option);
	if (option->type == XDCCP_OPT_DATA_DROPPED)
		return xdccp_read_dropped(sk, cb, option, opt);
	if (option->type >= XDCCP_OPT_FIRST_OF_SENDER)
		return xdccp_read_ccid(sk, cb, option);
	return xdccp_read_plain(option, opt);
}

/* What is unknown or wrong is ignored, but for those that are Mandatory: section 5.8.2. */
static u8 xdccp_read_option(struct sock *sk, const struct xdccp_skb_cb *cb,
			    const struct xdccp_option *option, struct xdccp_options *opt,
			    const struct xdccp_feature_packet *packet, bool *negotiated)
{
	if (xdccp_is_negotiation(option->type)) {
		*negotiated = true;
		return xdccp_features_rcv(&xdccp_sk(sk)->features, option, packet);
	}
	if (xdccp_read_other(sk, cb, option, opt) && option->mandatory)
		return XDCCP_RESET_MANDATORY_ERROR;
	return 0;
}

/* One after the other. Returns what xdccp_read_options() does. */
static u8 xdccp_read_each(struct sock *sk, struct sk_buff *skb, struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	const struct xdccp_feature_packet packet = {
		.seq = cb->seq, .ack = cb->ack, .has_ack = cb->has_ack,
	};
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_option option;
	bool negotiated = false;
	struct xdccp_walk walk;
	struct xdccp_header h;
	int more;
	u8 code;

	if (xdccp_parse_header(skb->data, skb_headlen(skb), &h) || h.length > skb_headlen(skb))
		return XDCCP_RESET_PACKET_ERROR;
	xdccp_walk_options(skb->data, &h, &walk);
	while ((more = xdccp_next_option(&walk, &option)) == 1) {
		code = xdccp_read_option(sk, cb, &option, opt, &packet, &negotiated);
		if (code) {
			xdccp_count(sk, code == XDCCP_RESET_OPTION_ERROR ?
				    XDCCP_MIB_OPTION_ERRORS : XDCCP_MIB_MANDATORY_ERRORS);
			return xdccp_blame(dp->reset_data, &option, code);
		}
	}
	if (more < 0) {
		memset(dp->reset_data, 0, sizeof(dp->reset_data));
		dp->reset_data[0] = XDCCP_OPT_MANDATORY;
		xdccp_count(sk, XDCCP_MIB_OPTION_ERRORS);
		return XDCCP_RESET_OPTION_ERROR;
	}
	if (negotiated)
		xdccp_features_rcv_end(&dp->features, &packet);
	return 0;
}

/**
 * xdccp_read_options() - read the options of a valid packet
 * @sk: the socket, locked
 * @skb: data at the header, which is at hand whole; the numbers are long
 * @opt: filled in
 *
 * RFC 4340 section 8.5, step 8.
 *
 * Return: 0, or the code to reset the connection with; its data is in xdccp_sock.reset_data.
 */
u8 xdccp_read_options(struct sock *sk, struct sk_buff *skb, struct xdccp_options *opt)
{
	const struct xdccp_skb_cb *cb = XDCCP_SKB_CB(skb);
	struct xdccp_sock *dp = xdccp_sk(sk);
	u8 code;

	memset(opt, 0, sizeof(*opt));
	code = cb->has_options ? xdccp_read_each(sk, skb, opt) : 0;
	/* RFC 4340 section 7.4: what a Sync acknowledges came, but was perhaps not read. */
	if (!code && cb->has_ack && dp->ackvec && cb->type != XDCCP_SYNC &&
	    cb->type != XDCCP_SYNCACK)
		xdccp_ackvec_acked(dp->ackvec, cb->ack);
	return code;
}
