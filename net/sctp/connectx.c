// SPDX-License-Identifier: GPL-2.0
/*
 * An association with a peer of several known addresses (RFC 6458 section 9.9), and how addresses
 * come from programs: one behind the other, each of its family's length.
 */

#include <linux/compat.h>

#include "options.h"

#define XSCTP_MAX_PACKED	(XSCTP_MAX_ADDRESSES * sizeof(struct sockaddr_in6))

/* The length of the first of @left octets of addresses; 0: there is no whole one. */
static int xsctp_packed_len(const void *packed, int left)
{
	const struct sockaddr *addr = packed;
	int len;

	if (left < (int)sizeof(addr->sa_family))
		return 0;
	if (addr->sa_family == AF_INET)
		len = sizeof(struct sockaddr_in);
	else if (addr->sa_family == AF_INET6)
		len = sizeof(struct sockaddr_in6);
	else
		return 0;
	return len <= left ? len : 0;
}

/* All of the same host: one port. Returns how many, or an errno. */
static int xsctp_unpack_peers(const struct sock *sk, const u8 *packed, int len,
			      struct xl4_addr *peers, __be16 *port)
{
	int n, one, err;
	__be16 its;

	for (n = 0; len; n++, packed += one, len -= one) {
		one = xsctp_packed_len(packed, len);
		if (!one || n == XSCTP_MAX_ADDRESSES)
			return -EINVAL;
		err = xsctp_addr_from(sk, packed, one, &peers[n], &its);
		if (err)
			return err;
		if (n && its != *port)
			return -EINVAL;
		*port = its;
	}
	return n;
}

/* connect(2) is not told, but shall know: inet_stream_connect() looks at this. */
static void xsctp_connectx_state(struct sock *sk, int err)
{
	if (xsctp_sk(sk)->one_to_many)
		return;
	if (!err)
		sk->sk_socket->state = SS_CONNECTED;
	else if (sk->sk_state == TCP_SYN_SENT)
		sk->sk_socket->state = SS_CONNECTING;
}

static int xsctp_connectx_peers(struct sock *sk, const struct xl4_addr *peers, int n, __be16 port,
				sctp_assoc_t *id)
{
	struct xsctp_association *a;
	struct file *file = sk->sk_socket->file;
	long timeo = sock_sndtimeo(sk, file && file->f_flags & O_NONBLOCK);
	int err;

	err = xsctp_connect_to(sk, peers, n, port, NULL, &a);
	if (err)
		return err;
	*id = a->id;
	err = xsctp_wait_connect(a, &timeo);
	xsctp_connectx_state(sk, err);
	return err;
}

/**
 * xsctp_connectx() - begin an association: SCTP_SOCKOPT_CONNECTX and its older forms
 * @sk: locked
 * @packed: addresses of one peer, from the program
 * @len: of them in octets
 * @id: the association's, if the answer is 0 or -EINPROGRESS
 *
 * Process context; waits, unless the file is O_NONBLOCK.
 *
 * Return: 0 or an error of connect(2).
 */
int xsctp_connectx(struct sock *sk, sockptr_t packed, int len, sctp_assoc_t *id)
{
	struct xl4_addr *peers;
	__be16 port = 0;
	void *copy;
	int n;

	*id = 0;
	if (len <= 0 || len > (int)XSCTP_MAX_PACKED)
		return -EINVAL;
	copy = kmalloc(len, GFP_KERNEL);
	peers = kmalloc_array(XSCTP_MAX_ADDRESSES, sizeof(*peers), GFP_KERNEL);
	if (!copy || !peers)
		n = -ENOMEM;
	else if (copy_from_sockptr(copy, packed, len))
		n = -EFAULT;
	else
		n = xsctp_unpack_peers(sk, copy, len, peers, &port);
	if (n > 0)
		n = xsctp_connectx_peers(sk, peers, n, port, id);
	kfree(peers);
	kfree(copy);
	return n;
}

/* What a program wrote into getsockopt(): where its addresses are. */
static int xsctp_connectx3_param(const char __user *value, int len, sockptr_t *packed, int *size)
{
	struct sctp_getaddrs_old param;

#ifdef CONFIG_COMPAT
	if (in_compat_syscall()) {
		struct {
			sctp_assoc_t	assoc_id;
			s32		addr_num;
			compat_uptr_t	addrs;
		} old;

		if (len < (int)sizeof(old))
			return -EINVAL;
		if (copy_from_user(&old, value, sizeof(old)))
			return -EFAULT;
		*packed = USER_SOCKPTR(compat_ptr(old.addrs));
		*size = old.addr_num;
		return 0;
	}
#endif
	if (len < (int)sizeof(param))
		return -EINVAL;
	if (copy_from_user(&param, value, sizeof(param)))
		return -EFAULT;
	*packed = USER_SOCKPTR(param.addrs);
	*size = param.addr_num;
	return 0;
}

/**
 * xsctp_connectx3() - SCTP_SOCKOPT_CONNECTX3: as a getsockopt(), it can tell the id even if the
 *	association is not there yet
 * @sk: locked
 * @value: a struct sctp_getaddrs_old; the id is written to its begin
 * @optlen: its length
 * @len: the same
 *
 * Return: 0 or an error of connect(2).
 */
int xsctp_connectx3(struct sock *sk, char __user *value, int __user *optlen, int len)
{
	sockptr_t packed;
	sctp_assoc_t id;
	int size, err;

	err = xsctp_connectx3_param(value, len, &packed, &size);
	if (err)
		return err;
	err = xsctp_connectx(sk, packed, size, &id);
	if (err && err != -EINPROGRESS)
		return err;
	if (copy_to_user(value, &id, sizeof(id)) || put_user((int)sizeof(id), optlen))
		return -EFAULT;
	return err;
}
