// SPDX-License-Identifier: GPL-2.0
/* Socket options at SOL_DCCP, at the numbers of linux/dccp.h. */

#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <uapi/xl4/xl4.h>

#include "dccp.h"

/* What a program hands over is a number of octets, or an int, or service codes. */
#define XDCCP_MAX_VALUE		(DCCP_SERVICE_LIST_MAX_LEN * sizeof(__be32))

/* -------------------------------------------------------------- service codes */

/**
 * xdccp_service_offered() - does a listener have it?
 * @listener: locked
 * @service: code of a Request
 *
 * RFC 4340 section 8.1.2.
 *
 * Return: whether it does.
 */
bool xdccp_service_offered(const struct sock *listener, u32 service)
{
	const struct xdccp_sock *dp = xdccp_sk(listener);
	unsigned int i;

	if (service == dp->service)
		return true;
	for (i = 0; dp->services && i < dp->services->nr; i++)
		if (service == dp->services->code[i])
			return true;
	return false;
}

/* The first is the one that a client asks for. */
static int xdccp_set_services(struct sock *sk, const __be32 *codes, unsigned int n)
{
	struct xdccp_sock *dp = xdccp_sk(sk);
	struct xdccp_services *services = NULL;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (codes[i] == htonl(U32_MAX))
			return -EINVAL;
	if (!xdccp_in(sk, XDCCP_F(CLOSED)))
		return -EISCONN;
	if (n > 1) {
		services = kmalloc(struct_size(services, code, n - 1), GFP_KERNEL);
		if (!services)
			return -ENOMEM;
		services->nr = n - 1;
		for (i = 1; i < n; i++)
			services->code[i - 1] = ntohl(codes[i]);
	}
	kfree(dp->services);
	dp->services = services;
	dp->service = ntohl(codes[0]);
	return 0;
}

/* ------------------------------------------------------------------- features */

/* In a connection the peer is asked now. */
static void xdccp_negotiate(struct sock *sk)
{
	if (!xdccp_in(sk, XDCCP_F(OPEN)))
		return;
	local_bh_disable();
	xdccp_send_due(sk);
	local_bh_enable();
}

static int xdccp_set_feature(struct sock *sk, enum xdccp_place place, u8 number, const u8 *list,
			     unsigned int n)
{
	int err;

	/* What is in flight is one CCID's affair. */
	if (number == XDCCP_FEAT_CCID && !xdccp_in(sk, XDCCP_F(CLOSED)))
		return -EISCONN;
	err = xdccp_features_sockopt(sk, place, number, list, n);
	if (!err)
		xdccp_negotiate(sk);
	return err;
}

static int xdccp_set_ccids(struct sock *sk, int name, const u8 *list, unsigned int n)
{
	int err = 0;

	if (name != DCCP_SOCKOPT_RX_CCID)
		err = xdccp_set_feature(sk, XDCCP_LOCAL, XDCCP_FEAT_CCID, list, n);
	if (!err && name != DCCP_SOCKOPT_TX_CCID)
		err = xdccp_set_feature(sk, XDCCP_REMOTE, XDCCP_FEAT_CCID, list, n);
	return err;
}

/* RFC 4340 section 9.2.1: what we take is told the peer; of what we send we ask for it. */
static int xdccp_set_cscov(struct sock *sk, bool receive, int value)
{
	enum xdccp_place place = receive ? XDCCP_LOCAL : XDCCP_REMOTE;
	struct xdccp_sock *dp = xdccp_sk(sk);
	u8 list[XDCCP_MAX_PREFERENCES];
	unsigned int n = 0;
	int i;

	if (value < 0 || value > 15)
		return -EINVAL;
	for (i = value; i <= 15 && value; i++)
		list[n++] = i;
	if (!n)
		list[n++] = 0;
	WRITE_ONCE(*(receive ? &dp->recv_cscov : &dp->send_cscov), value);
	return xdccp_set_feature(sk, place, XDCCP_FEAT_MIN_CSUM_COVER, list, n);
}

/* ----------------------------------------------------------------- setsockopt */

/* RFC 6773: the peer's UDP port, before there is a connection. */
static int xdccp_set_encap(struct sock *sk, int port)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (port < 0 || port > U16_MAX)
		return -EINVAL;
	if (!xdccp_in(sk, XDCCP_F(CLOSED)))
		return -EISCONN;
	if (port && !READ_ONCE(xdccp_set(sk)->encap_port))
		return -EADDRNOTAVAIL;
	dp->encap_port = htons(port);
	dp->encap = port;
	return 0;
}

#define XDCCP_DATA_CHECKSUM_ROOM	8	/* with padding */

/* RFC 4340 section 9.3.1: the peer is to look, whom we ask; it may without, too. */
static int xdccp_set_data_checksum(struct sock *sk, int value)
{
	static const u8 on[] = { 1, 0 }, off[] = { 0, 1 };
	struct xdccp_sock *dp = xdccp_sk(sk);

	if (value != 0 && value != 1)
		return -EINVAL;
	if (value && !dp->data_checksum)
		dp->header_room += XDCCP_DATA_CHECKSUM_ROOM;
	else if (!value && dp->data_checksum)
		dp->header_room -= XDCCP_DATA_CHECKSUM_ROOM;
	dp->data_checksum = value;
	if (xdccp_in(sk, XDCCP_SYNCHRONIZED))
		xdccp_sync_mps(sk, dp->path_mtu);
	return xdccp_set_feature(sk, XDCCP_REMOTE, XDCCP_FEAT_DATA_CHECKSUM, value ? on : off,
				 sizeof(on));
}

static int xdccp_set_int(struct sock *sk, int name, int value)
{
	struct xdccp_sock *dp = xdccp_sk(sk);

	switch (name) {
	case DCCP_SOCKOPT_PACKET_SIZE:
		return 0;
	case DCCP_SOCKOPT_SERVER_TIMEWAIT:
		dp->server_timewait = value;
		return 0;
	case DCCP_SOCKOPT_SEND_CSCOV:
	case DCCP_SOCKOPT_RECV_CSCOV:
		return xdccp_set_cscov(sk, name == DCCP_SOCKOPT_RECV_CSCOV, value);
	case DCCP_SOCKOPT_QPOLICY_ID:
		if (!xdccp_in(sk, XDCCP_F(CLOSED)))
			return -EISCONN;
		return xdccp_qpolicy_set(sk, value);
	case DCCP_SOCKOPT_QPOLICY_TXQLEN:
		if (value < 0)
			return -EINVAL;
		WRITE_ONCE(dp->tx_qlen, value);
		sk->sk_write_space(sk);
		xdccp_wake_writers(sk);
		return 0;
	case XDCCP_SOCKOPT_ENCAP:
		return xdccp_set_encap(sk, value);
	case XDCCP_SOCKOPT_DATA_CHECKSUM:
		return xdccp_set_data_checksum(sk, value);
	default:
		return -ENOPROTOOPT;
	}
}

static int xdccp_set_octets(struct sock *sk, int name, const u8 *octets, unsigned int len)
{
	int number;

	switch (name) {
	case DCCP_SOCKOPT_SERVICE:
		if (!len || len % sizeof(__be32))
			return -EINVAL;
		return xdccp_set_services(sk, (const __be32 *)octets, len / sizeof(__be32));
	case DCCP_SOCKOPT_CCID:
	case DCCP_SOCKOPT_TX_CCID:
	case DCCP_SOCKOPT_RX_CCID:
		return xdccp_set_ccids(sk, name, octets, len);
	case DCCP_SOCKOPT_CHANGE_L:
	case DCCP_SOCKOPT_CHANGE_R:
		/* The feature's number, and then what we would have. */
		if (len < 2)
			return -EINVAL;
		return xdccp_set_feature(sk, name == DCCP_SOCKOPT_CHANGE_L ? XDCCP_LOCAL :
					 XDCCP_REMOTE, octets[0], octets + 1, len - 1);
	case XDCCP_SOCKOPT_INVITE:
		return xdccp_set_invite(sk, octets, len);
	default:
		if (len < sizeof(number))
			return -EINVAL;
		memcpy(&number, octets, sizeof(number));
		return xdccp_set_int(sk, name, number);
	}
}

/* What IP is to put into each packet there is less room for in packets. */
static int xdccp_set_of_ip(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	int err = sk->sk_family == AF_INET6 ? ipv6_setsockopt(sk, level, name, value, len) :
					      ip_setsockopt(sk, level, name, value, len);

	if (err)
		return err;
	lock_sock(sk);
	if (xdccp_in(sk, XDCCP_SYNCHRONIZED))
		xdccp_sync_mps(sk, xdccp_sk(sk)->path_mtu);
	release_sock(sk);
	return 0;
}

/**
 * xdccp_setsockopt() - the setsockopt of struct proto
 * @sk: not locked
 * @level: SOL_DCCP, or the family's
 * @name: of the option
 * @value: from the program
 * @len: of @value
 *
 * Return: 0 or an error of setsockopt(2).
 */
int xdccp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	u8 octets[XDCCP_MAX_VALUE] __aligned(4);
	int err;

	if (level != SOL_DCCP)
		return xdccp_set_of_ip(sk, level, name, value, len);
	if (len > sizeof(octets))
		return -EINVAL;
	if (copy_from_sockptr(octets, value, len))
		return -EFAULT;
	lock_sock(sk);
	err = xdccp_set_octets(sk, name, octets, len);
	release_sock(sk);
	return err;
}

/* ----------------------------------------------------------------- getsockopt */

static int xdccp_answer(char __user *value, int __user *len, const void *from, int size)
{
	int room;

	if (get_user(room, len))
		return -EFAULT;
	if (room < size)
		return -EINVAL;
	if (put_user(size, len) || copy_to_user(value, from, size))
		return -EFAULT;
	return 0;
}

static int xdccp_get_int(struct sock *sk, int name, int *value)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);

	switch (name) {
	case DCCP_SOCKOPT_PACKET_SIZE:
		*value = 0;
		break;
	case DCCP_SOCKOPT_GET_CUR_MPS:
		*value = dp->mps;
		break;
	case DCCP_SOCKOPT_SERVER_TIMEWAIT:
		*value = dp->server_timewait;
		break;
	case DCCP_SOCKOPT_SEND_CSCOV:
		*value = dp->send_cscov;
		break;
	case DCCP_SOCKOPT_RECV_CSCOV:
		*value = dp->recv_cscov;
		break;
	case DCCP_SOCKOPT_TX_CCID:
	case DCCP_SOCKOPT_RX_CCID:
		*value = xdccp_feature_value(&dp->features, name == DCCP_SOCKOPT_TX_CCID ?
					     XDCCP_LOCAL : XDCCP_REMOTE, XDCCP_FEAT_CCID);
		break;
	case DCCP_SOCKOPT_QPOLICY_ID:
		*value = dp->qpolicy;
		break;
	case DCCP_SOCKOPT_QPOLICY_TXQLEN:
		*value = dp->tx_qlen;
		break;
	case XDCCP_SOCKOPT_ENCAP:
		*value = ntohs(dp->encap_port);
		break;
	case XDCCP_SOCKOPT_DATA_CHECKSUM:
		*value = dp->data_checksum;
		break;
	case XDCCP_SOCKOPT_INVITE:
		*value = xdccp_get_invite(sk);
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

/* Of a listener all that it offers. Returns octets. */
static int xdccp_get_services(struct sock *sk, __be32 *codes)
{
	const struct xdccp_sock *dp = xdccp_sk(sk);
	unsigned int i, n = 0;

	codes[n++] = htonl(dp->service);
	for (i = 0; dp->services && i < dp->services->nr; i++)
		codes[n++] = htonl(dp->services->code[i]);
	return n * sizeof(*codes);
}

static int xdccp_get_ccid_info(struct sock *sk, bool tx, void *info, unsigned int size)
{
	const struct xdccp_ccid *ccid = tx ? &xdccp_sk(sk)->tx : &xdccp_sk(sk)->rx;

	if (!ccid->ops)
		return -ENOTCONN;
	if (tx)
		return ccid->ops->tx_info ? ccid->ops->tx_info(sk, ccid->priv, info, size) :
					    -ENOPROTOOPT;
	return ccid->ops->rx_info ? ccid->ops->rx_info(sk, ccid->priv, info, size) : -ENOPROTOOPT;
}

/* Puts the answer at @to, which has room for @room octets. Returns how many, or an errno. */
static int xdccp_get_octets(struct sock *sk, int name, void *to, unsigned int room)
{
	int number, err;

	switch (name) {
	case DCCP_SOCKOPT_SERVICE:
		return xdccp_get_services(sk, to);
	case DCCP_SOCKOPT_AVAILABLE_CCIDS:
		return xdccp_ccid_list(to, room);
	case DCCP_SOCKOPT_CCID_RX_INFO:
	case DCCP_SOCKOPT_CCID_TX_INFO:
		return xdccp_get_ccid_info(sk, name == DCCP_SOCKOPT_CCID_TX_INFO, to, room);
	}
	err = xdccp_get_int(sk, name, &number);
	if (err)
		return err;
	memcpy(to, &number, sizeof(number));
	return sizeof(number);
}

/**
 * xdccp_getsockopt() - the getsockopt of struct proto
 * @sk: not locked
 * @level: SOL_DCCP, or the family's
 * @name: of the option
 * @value: the program's
 * @len: of @value
 *
 * Return: 0 or an error of getsockopt(2); -EINVAL if there is not room for all.
 */
int xdccp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len)
{
	u8 octets[XDCCP_MAX_VALUE] __aligned(8);
	int n;

	if (level != SOL_DCCP)
		return sk->sk_family == AF_INET6 ? ipv6_getsockopt(sk, level, name, value, len) :
						   ip_getsockopt(sk, level, name, value, len);
	lock_sock(sk);
	n = xdccp_get_octets(sk, name, octets, sizeof(octets));
	release_sock(sk);
	return n < 0 ? n : xdccp_answer(value, len, octets, n);
}
