// SPDX-License-Identifier: GPL-2.0
/* The options of udp(7) and udplite(7); all others are IP's. */

#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>
#include <net/udp.h>
#include <uapi/xl4/xl4.h>

#include "udp.h"

static bool xudp_owns_level(int level)
{
	return level == SOL_UDP || level == SOL_UDPLITE;
}

static int xudp_set_cork(struct sock *sk, bool on)
{
	lock_sock(sk);
	WRITE_ONCE(xudp_sk(sk)->corking, on);
	/* The option is set, whatever becomes of the datagram. */
	if (!on)
		xudp_cork_push(sk);
	release_sock(sk);
	return 0;
}

/* RFC 3828 section 3.1: a coverage of less than the header is of no use. */
static int xudp_set_coverage(struct sock *sk, u16 *coverage, int value)
{
	if (!xudp_is_lite(xl4_sk(sk)->space))
		return -ENOPROTOOPT;
	if (value)
		value = clamp(value, XUDP_HEADER_LEN, XUDP_MAX_LEN);
	WRITE_ONCE(*coverage, value);
	return 0;
}

static int xudp_set_option(struct sock *sk, int name, int value)
{
	struct xudp_sock *up = xudp_sk(sk);

	switch (name) {
	case UDP_CORK:
		return xudp_set_cork(sk, value);
	case UDP_SEGMENT:
		if (value < 0 || value > U16_MAX)
			return -EINVAL;
		WRITE_ONCE(up->gso_size, value);
		return 0;
	case UDP_GRO:
		WRITE_ONCE(up->gro, value);
		return 0;
	case UDP_NO_CHECK6_TX:
		WRITE_ONCE(up->no_check6_tx, value);
		return 0;
	case UDP_NO_CHECK6_RX:
		WRITE_ONCE(up->no_check6_rx, value);
		return 0;
	case UDPLITE_SEND_CSCOV:
		return xudp_set_coverage(sk, &up->send_coverage, value);
	case UDPLITE_RECV_CSCOV:
		WRITE_ONCE(up->recv_coverage_set, true);
		return xudp_set_coverage(sk, &up->recv_coverage, value);
	default:
		return -ENOPROTOOPT;
	}
}

static int xudp_get_option(const struct sock *sk, int name, int *value)
{
	const struct xudp_sock *up = xudp_sk(sk);
	bool lite = xudp_is_lite(xl4_sk(sk)->space);

	switch (name) {
	case UDP_CORK:
		*value = READ_ONCE(up->corking);
		return 0;
	case UDP_SEGMENT:
		*value = READ_ONCE(up->gso_size);
		return 0;
	case UDP_GRO:
		*value = READ_ONCE(up->gro);
		return 0;
	case UDP_NO_CHECK6_TX:
		*value = READ_ONCE(up->no_check6_tx);
		return 0;
	case UDP_NO_CHECK6_RX:
		*value = READ_ONCE(up->no_check6_rx);
		return 0;
	case UDPLITE_SEND_CSCOV:
		*value = READ_ONCE(up->send_coverage);
		return lite ? 0 : -ENOPROTOOPT;
	case UDPLITE_RECV_CSCOV:
		*value = READ_ONCE(up->recv_coverage);
		return lite ? 0 : -ENOPROTOOPT;
	default:
		return -ENOPROTOOPT;
	}
}

static int xudp_copy_in_option(struct sock *sk, int name, sockptr_t from, unsigned int len)
{
	int value;

	if (len < sizeof(value))
		return -EINVAL;
	if (copy_from_sockptr(&value, from, sizeof(value)))
		return -EFAULT;
	return xudp_set_option(sk, name, value);
}

static int xudp_copy_out_option(struct sock *sk, int name, char __user *to, int __user *to_len)
{
	int value, len, err;

	if (get_user(len, to_len))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	err = xudp_get_option(sk, name, &value);
	if (err)
		return err;
	len = min_t(unsigned int, len, sizeof(value));
	if (put_user(len, to_len) || copy_to_user(to, &value, len))
		return -EFAULT;
	return 0;
}

/**
 * xudp_setsockopt() - set an option of an AF_INET socket
 * @sk: not locked
 * @level: SOL_UDP, SOL_UDPLITE, or an IP level
 * @name: of the option
 * @value: from the program
 * @len: of @value
 *
 * Return: 0 or an error of setsockopt(2).
 */
int xudp_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	if (xudp_owns_level(level))
		return xudp_copy_in_option(sk, name, value, len);
	return ip_setsockopt(sk, level, name, value, len);
}

/**
 * xudp_getsockopt() - read an option of an AF_INET socket
 * @sk: not locked
 * @level: SOL_UDP, SOL_UDPLITE, or an IP level
 * @name: of the option
 * @value: to the program
 * @len: of @value; what was written
 *
 * Return: 0 or an error of getsockopt(2).
 */
int xudp_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len)
{
	if (xudp_owns_level(level))
		return xudp_copy_out_option(sk, name, value, len);
	return ip_getsockopt(sk, level, name, value, len);
}

/**
 * xudpv6_setsockopt() - set an option of an AF_INET6 socket
 * @sk: not locked
 * @level: SOL_UDP, SOL_UDPLITE, or an IP level
 * @name: of the option
 * @value: from the program
 * @len: of @value
 *
 * Return: 0 or an error of setsockopt(2).
 */
int xudpv6_setsockopt(struct sock *sk, int level, int name, sockptr_t value, unsigned int len)
{
	if (xudp_owns_level(level))
		return xudp_copy_in_option(sk, name, value, len);
	return ipv6_setsockopt(sk, level, name, value, len);
}

/**
 * xudpv6_getsockopt() - read an option of an AF_INET6 socket
 * @sk: not locked
 * @level: SOL_UDP, SOL_UDPLITE, or an IP level
 * @name: of the option
 * @value: to the program
 * @len: of @value; what was written
 *
 * Return: 0 or an error of getsockopt(2).
 */
int xudpv6_getsockopt(struct sock *sk, int level, int name, char __user *value, int __user *len)
{
	if (xudp_owns_level(level))
		return xudp_copy_out_option(sk, name, value, len);
	return ipv6_getsockopt(sk, level, name, value, len);
}
