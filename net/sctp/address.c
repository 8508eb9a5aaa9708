// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses: those of the machine, which come and go; those of an endpoint, by bind() and
 * sctp_bindx(); and how programs write them.
 */

#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/route.h>

#include "sctp.h"

/* ----------------------------------------------------------- of the machine */

static struct xsctp_local *xsctp_local_find(struct xsctp_net *xn, const struct xl4_addr *addr,
					    int device)
{
	struct xsctp_local *local;

	list_for_each_entry(local, &xn->addresses, link)
		if (local->device == device && xl4_addr_equal(&local->addr, addr))
			return local;
	return NULL;
}

static void xsctp_local_add(struct net *net, const struct xl4_addr *addr, int device)
{
	struct xsctp_net *xn = xsctp_net(net);
	struct xsctp_local *local = kzalloc(sizeof(*local), GFP_ATOMIC);

	if (!local)
		return;
	local->addr = *addr;
	local->device = device;
	spin_lock_bh(&xn->address_lock);
	if (!xsctp_local_find(xn, addr, device)) {
		list_add_tail_rcu(&local->link, &xn->addresses);
		local = NULL;
	}
	spin_unlock_bh(&xn->address_lock);
	kfree(local);
}

static void xsctp_local_del(struct net *net, const struct xl4_addr *addr, int device)
{
	struct xsctp_net *xn = xsctp_net(net);
	struct xsctp_local *local;

	spin_lock_bh(&xn->address_lock);
	local = xsctp_local_find(xn, addr, device);
	if (local)
		list_del_rcu(&local->link);
	spin_unlock_bh(&xn->address_lock);
	if (local)
		kfree_rcu(local, rcu);
}

/* RFC 9260 section 5.1.2: only what one host has, and only it. */
static void xsctp_addresses_of(struct net *net, const struct net_device *dev)
{
	const struct in_device *v4 = __in_dev_get_rcu(dev);
	const struct inet6_dev *v6 = __in6_dev_get(dev);
	const struct inet6_ifaddr *address6;
	const struct in_ifaddr *address4;
	struct xl4_addr addr;

	if (v4) {
		in_dev_for_each_ifa_rcu(address4, v4) {
			addr = xl4_addr_v4(address4->ifa_local);
			xsctp_local_add(net, &addr, dev->ifindex);
		}
	}
	if (v6) {
		list_for_each_entry_rcu(address6, &v6->addr_list, if_list) {
			addr = xl4_addr_v6(&address6->addr);
			xsctp_local_add(net, &addr, dev->ifindex);
		}
	}
}

/* What there is already. What comes meanwhile, the notifiers tell. */
static void xsctp_addresses_scan(struct net *net)
{
	struct net_device *dev;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev)
		xsctp_addresses_of(net, dev);
	rcu_read_unlock();
}

/**
 * xsctp_addresses_init() - prepare the list of a namespace's addresses
 * @net: the namespace
 *
 * Return: 0.
 */
int xsctp_addresses_init(struct net *net)
{
	struct xsctp_net *xn = xsctp_net(net);

	spin_lock_init(&xn->address_lock);
	INIT_LIST_HEAD(&xn->addresses);
	INIT_LIST_HEAD(&xn->auto_asconf);
	return 0;
}

/**
 * xsctp_addresses_exit() - forget them
 * @net: the namespace; no socket is left in it, and its devices are gone, or the notifiers
 */
void xsctp_addresses_exit(struct net *net)
{
	struct xsctp_net *xn = xsctp_net(net);
	struct xsctp_local *local, *next;

	list_for_each_entry_safe(local, next, &xn->addresses, link) {
		list_del_rcu(&local->link);
		kfree_rcu(local, rcu);
	}
}

static void xsctp_address_event(const struct net_device *dev, const struct xl4_addr *addr,
				unsigned long event)
{
	if (event == NETDEV_UP)
		xsctp_local_add(dev_net(dev), addr, dev->ifindex);
	else if (event == NETDEV_DOWN)
		xsctp_local_del(dev_net(dev), addr, dev->ifindex);
	xsctp_asconf_machine(dev_net(dev));
}

/**
 * xsctp_inetaddr_event() - an IPv4 address of the machine came or went: a notifier
 * @block: ours
 * @event: NETDEV_UP or NETDEV_DOWN
 * @data: a struct in_ifaddr
 *
 * Return: NOTIFY_DONE.
 */
int xsctp_inetaddr_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct in_ifaddr *address = data;
	struct xl4_addr addr = xl4_addr_v4(address->ifa_local);

	xsctp_address_event(address->ifa_dev->dev, &addr, event);
	return NOTIFY_DONE;
}

/**
 * xsctp_inet6addr_event() - likewise an IPv6 address; perhaps in softirq
 * @block: ours
 * @event: NETDEV_UP or NETDEV_DOWN
 * @data: a struct inet6_ifaddr
 *
 * Return: NOTIFY_DONE.
 */
int xsctp_inet6addr_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct inet6_ifaddr *address = data;
	struct xl4_addr addr = xl4_addr_v6(&address->addr);

	xsctp_address_event(address->idev->dev, &addr, event);
	return NOTIFY_DONE;
}

static struct notifier_block xsctp_inetaddr_block = { .notifier_call = xsctp_inetaddr_event };
static struct notifier_block xsctp_inet6addr_block = { .notifier_call = xsctp_inet6addr_event };

/**
 * xsctp_notifiers_register() - follow the addresses of all namespaces from now on
 *
 * Return: 0 or a negative errno.
 */
int xsctp_notifiers_register(void)
{
	struct net *net;
	int err;

	err = register_inetaddr_notifier(&xsctp_inetaddr_block);
	if (err)
		return err;
	err = register_inet6addr_notifier(&xsctp_inet6addr_block);
	if (err) {
		unregister_inetaddr_notifier(&xsctp_inetaddr_block);
		return err;
	}
	/* With the lock of all changes: what is going just now is not taken in. */
	rtnl_lock();
	down_read(&net_rwsem);
	for_each_net(net)
		xsctp_addresses_scan(net);
	up_read(&net_rwsem);
	rtnl_unlock();
	return 0;
}

/**
 * xsctp_notifiers_unregister() - and no more
 */
void xsctp_notifiers_unregister(void)
{
	unregister_inet6addr_notifier(&xsctp_inet6addr_block);
	unregister_inetaddr_notifier(&xsctp_inetaddr_block);
}

/* --------------------------------------------------------------------- scopes */

static bool xsctp_is_loopback(const struct xl4_addr *addr)
{
	if (xl4_addr_is_v4(addr))
		return ipv4_is_loopback(addr->quad[3]);
	return ipv6_addr_loopback(&addr->in6);
}

static bool xsctp_is_linklocal(const struct xl4_addr *addr)
{
	if (xl4_addr_is_v4(addr))
		return ipv4_is_linklocal_169(addr->quad[3]);
	return ipv6_addr_type(&addr->in6) & IPV6_ADDR_LINKLOCAL;
}

/**
 * xsctp_in_scope() - could a peer reach us at an address?
 * @local: ours
 * @peer: how we know the peer
 *
 * Loopback addresses are for this machine, link-local ones for whom we reach by such. Of
 * all others the peer can find out by itself (RFC 9260 section 5.4): a private address may
 * well be in its network.
 */
bool xsctp_in_scope(const struct xl4_addr *local, const struct xl4_addr *peer)
{
	if (xsctp_is_loopback(local))
		return xsctp_is_loopback(peer);
	if (xsctp_is_linklocal(local))
		return xsctp_is_linklocal(peer) && xl4_addr_is_v4(local) == xl4_addr_is_v4(peer);
	return true;
}

/* May an endpoint use an address of this family? */
static bool xsctp_has_family(const struct sock *sk, const struct xl4_addr *addr)
{
	if (xl4_addr_is_v4(addr))
		return sk->sk_family == AF_INET || !ipv6_only_sock(sk);
	return sk->sk_family == AF_INET6;
}

/* One of the machine's, for an endpoint that has all of them. */
static bool xsctp_usable_by(const struct sock *sk, const struct xsctp_local *local,
			    const struct xl4_addr *peer)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if);

	if (bound && bound != local->device)
		return false;
	if (!xsctp_has_family(sk, &local->addr) || (peer && !xsctp_in_scope(&local->addr, peer)))
		return false;
	/* Not while it is perhaps somebody else's (RFC 4862). */
	return xl4_addr_is_v4(&local->addr) ||
	       ipv6_chk_addr(sock_net(sk), &local->addr.in6, NULL, 0);
}

static bool xsctp_listed(const struct xl4_addr *list, unsigned int n, const struct xl4_addr *addr)
{
	while (n--)
		if (xl4_addr_equal(&list[n], addr))
			return true;
	return false;
}

static unsigned int xsctp_announced_all(const struct sock *sk, const struct xl4_addr *peer,
					struct xl4_addr *to, unsigned int most)
{
	const struct xsctp_local *local;
	unsigned int n = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(local, &xsctp_net(sock_net(sk))->addresses, link) {
		if (n == most)
			break;
		/* Two devices may have the same. */
		if (xsctp_usable_by(sk, local, peer) && !xsctp_listed(to, n, &local->addr))
			to[n++] = local->addr;
	}
	rcu_read_unlock();
	return n;
}

/**
 * xsctp_announced() - the addresses that an endpoint tells a peer of
 * @sk: the endpoint, locked
 * @peer: how the peer is known; NULL: nobody in particular
 * @to: filled in
 * @most: how many have room there
 *
 * RFC 9260 section 5.1.2: those it is bound to, or all of the machine.
 *
 * Return: how many.
 */
unsigned int xsctp_announced(const struct sock *sk, const struct xl4_addr *peer,
			     struct xl4_addr *to, unsigned int most)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	unsigned int i, n = 0;

	if (!sp->nr_addresses)
		return xsctp_announced_all(sk, peer, to, most);
	for (i = 0; i < sp->nr_addresses && n < most; i++)
		if (!peer || xsctp_in_scope(&sp->address[i], peer))
			to[n++] = sp->address[i];
	return n;
}

/**
 * xsctp_is_local() - does an endpoint have an address?
 * @sk: the endpoint, locked or not
 * @addr: one of the machine's
 *
 * An address that stays is found all the while others come and go.
 */
bool xsctp_is_local(const struct sock *sk, const struct xl4_addr *addr)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	/* Pairs with the stores of who adds and drops. */
	unsigned int n = smp_load_acquire(&sp->nr_addresses);

	return !n || xsctp_listed(sp->address, n, addr);
}

/* ----------------------------------------------------- as programs write them */

static int xsctp_sockaddr_len(const void *sockaddr, int len)
{
	const struct sockaddr *sa = sockaddr;

	if (len < (int)sizeof(sa->sa_family))
		return -EINVAL;
	switch (sa->sa_family) {
	case AF_INET:
		return len < (int)sizeof(struct sockaddr_in) ? -EINVAL : sizeof(struct sockaddr_in);
	case AF_INET6:
		return len < SIN6_LEN_RFC2133 ? -EINVAL :
		       min_t(int, len, sizeof(struct sockaddr_in6));
	default:
		return -EAFNOSUPPORT;
	}
}

/**
 * xsctp_unspecified() - does an address name no host? 0.0.0.0 or ::
 * @addr: any
 */
bool xsctp_unspecified(const struct xl4_addr *addr)
{
	return xl4_addr_is_any(addr) || (xl4_addr_is_v4(addr) && !addr->quad[3]);
}

/**
 * xsctp_unicast() - is an address that of one host?
 * @sk: any socket of the namespace
 * @addr: any
 */
bool xsctp_unicast(const struct sock *sk, const struct xl4_addr *addr)
{
	if (xsctp_unspecified(addr))
		return false;
	if (!xl4_addr_is_v4(addr))
		return !ipv6_addr_is_multicast(&addr->in6);
	return !ipv4_is_multicast(addr->quad[3]) && !ipv4_is_lbcast(addr->quad[3]) &&
	       inet_addr_type(sock_net(sk), addr->quad[3]) != RTN_BROADCAST;
}

/**
 * xsctp_addr_from() - an address that a program has written
 * @sk: the socket
 * @sockaddr: a struct sockaddr_in or sockaddr_in6, in kernel memory
 * @len: what there is of it
 * @addr: filled in; any of either family is ::
 * @port: filled in
 *
 * An IPv6 socket takes IPv4 addresses as they are, too (RFC 6458 section 3.1.3).
 *
 * Return: 0; -EINVAL if it is too short; -EAFNOSUPPORT if the socket has no such addresses.
 */
int xsctp_addr_from(const struct sock *sk, const void *sockaddr, int len, struct xl4_addr *addr,
		    __be16 *port)
{
	const struct sockaddr_in6 *sin6 = sockaddr;
	const struct sockaddr_in *sin = sockaddr;
	int used = xsctp_sockaddr_len(sockaddr, len);

	if (used < 0)
		return used;
	if (sin->sin_family == AF_INET) {
		*addr = xl4_addr_v4(sin->sin_addr.s_addr);
		*port = sin->sin_port;
	} else {
		*addr = xl4_addr_v6(&sin6->sin6_addr);
		*port = sin6->sin6_port;
	}
	if (sin->sin_family == AF_INET6 && sk->sk_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (!xsctp_has_family(sk, addr) && !xl4_addr_is_any(addr))
		return -EAFNOSUPPORT;
	if (xl4_addr_is_v4(addr) && !addr->quad[3])
		*addr = xl4_addr_any();
	return 0;
}

static int xsctp_addr_to_v4(const struct xl4_addr *addr, __be16 port, void *sockaddr)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr.s_addr = addr->quad[3],
	};

	memcpy(sockaddr, &sin, sizeof(sin));
	return sizeof(sin);
}

/**
 * xsctp_addr_to() - write an address for a program
 * @sk: its socket
 * @addr: the address
 * @port: the port
 * @sockaddr: room for a struct sockaddr_in6
 *
 * An IPv6 socket gets IPv4 addresses mapped if it wants (SCTP_I_WANT_MAPPED_V4_ADDR, RFC
 * 6458 section 8.1.15), else as they are.
 *
 * Return: octets written.
 */
int xsctp_addr_to(const struct sock *sk, const struct xl4_addr *addr, __be16 port, void *sockaddr)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = port,
		.sin6_addr = addr->in6,
	};

	if (sk->sk_family == AF_INET ||
	    (xl4_addr_is_v4(addr) && !xsctp_sk(sk)->v4mapped))
		return xsctp_addr_to_v4(addr, port, sockaddr);
	sin6.sin6_scope_id = ipv6_iface_scope_id(&addr->in6, READ_ONCE(sk->sk_bound_dev_if));
	memcpy(sockaddr, &sin6, sizeof(sin6));
	return sizeof(sin6);
}

/* ---------------------------------------------------------------- sctp_bindx() */

static bool xsctp_machine_has(const struct sock *sk, const struct xl4_addr *addr)
{
	struct net *net = sock_net(sk);

	return xl4_addr_is_v4(addr) ? inet_addr_type(net, addr->quad[3]) == RTN_LOCAL :
				      ipv6_chk_addr(net, &addr->in6, NULL, 0);
}

/* Also one that the machine is to have some day, if the program or the administrator says so. */
static bool xsctp_may_claim(const struct sock *sk, const struct xl4_addr *addr)
{
	struct inet_sock *inet = (struct inet_sock *)inet_sk(sk);

	return xsctp_machine_has(sk, addr) ||
	       (xl4_addr_is_v4(addr) ? inet_can_nonlocal_bind(sock_net(sk), inet) :
				       ipv6_can_nonlocal_bind(sock_net(sk), inet));
}

/**
 * xsctp_may_answer_as_called() - is the peer to hear us from where it called?
 * @t: where it called from, its association locked
 *
 * It, or a translator of addresses on the way, may know of no other address of ours. But what was
 * called may be the machine's, the endpoint's or the association's no more.
 */
bool xsctp_may_answer_as_called(const struct xsctp_transport *t)
{
	return !xl4_addr_is_any(&t->called) && xsctp_may_source(t, &t->called) &&
	       xsctp_machine_has(t->association->sk, &t->called);
}

/* An address goes; who looks the list up meanwhile finds all others. */
static void xsctp_local_drop(struct sock *sk, const struct xl4_addr *addr)
{
	struct xsctp_sock *sp = xsctp_sk(sk);
	unsigned int i, last = sp->nr_addresses - 1;

	for (i = 0; i <= last; i++) {
		if (!xl4_addr_equal(&sp->address[i], addr))
			continue;
		sp->address[i] = sp->address[last];
		/* What moved is at its new place before its old one is out of sight. */
		smp_store_release(&sp->nr_addresses, last);
		break;
	}
	xl4_bind_less(sk, addr);
}

/* Paths that began there begin elsewhere now. */
static void xsctp_reroute_from(struct sock *sk, const struct xl4_addr *addr)
{
	struct xsctp_association *a;
	struct xsctp_transport *t;

	list_for_each_entry(a, &xsctp_sk(sk)->associations, link)
		list_for_each_entry(t, &a->transports, link)
			if (xl4_addr_equal(&t->local, addr))
				xsctp_transport_route(t);
}

/* Which port a socket has or is to have: all of one call say the same, or 0. */
static int xsctp_bindx_port(const struct sock *sk, __be16 port)
{
	return port && inet_sk(sk)->inet_num && port != inet_sk(sk)->inet_sport ? -EINVAL : 0;
}

static int xsctp_bindx_add_one(struct sock *sk, const struct xl4_addr *addr, __be16 port)
{
	struct xsctp_sock *sp = xsctp_sk(sk);
	int err;

	if (xsctp_bindx_port(sk, port))
		return -EINVAL;
	if (!inet_sk(sk)->inet_num)
		return xsctp_bind_to(sk, addr, port);
	/* Whoever is bound to all has it already, and cannot have it in particular. */
	if (!sp->nr_addresses || xl4_addr_is_any(addr))
		return -EINVAL;
	if (xsctp_listed(sp->address, sp->nr_addresses, addr))
		return -EINVAL;
	if (sp->nr_addresses == XSCTP_MAX_ADDRESSES)
		return -ENOBUFS;
	if (!xsctp_may_claim(sk, addr))
		return -EADDRNOTAVAIL;
	err = xl4_bind_more(sk, addr);
	if (err)
		return err;
	sp->address[sp->nr_addresses] = *addr;
	/* Written before it is in sight. */
	smp_store_release(&sp->nr_addresses, sp->nr_addresses + 1);
	return 0;
}

/* Call @each for every address of a packed list; @done: for how many it went well. */
static int xsctp_each_packed(struct sock *sk, const void *packed, int len,
			     int (*each)(struct sock *sk, const struct xl4_addr *addr, __be16 port),
			     int *done)
{
	struct xl4_addr addr;
	__be16 port;
	int used, err;

	for (*done = 0; len > 0; (*done)++) {
		used = xsctp_sockaddr_len(packed, len);
		if (used < 0)
			return -EINVAL;
		err = xsctp_addr_from(sk, packed, used, &addr, &port) ? : each(sk, &addr, port);
		if (err)
			return err;
		packed += used;
		len -= used;
	}
	return 0;
}

/**
 * xsctp_bindx_add() - sctp_bindx() with SCTP_BINDX_ADD_ADDR
 * @sk: bound or not; locked
 * @packed: struct sockaddr_in and sockaddr_in6 one behind the other
 * @len: of all
 *
 * RFC 6458 section 9.1. All are added or none, but that a socket without a port stays bound
 * to the first.
 *
 * Return: 0; -EINVAL, -EADDRNOTAVAIL, -EADDRINUSE, -EACCES, -ENOMEM; -ENOBUFS if there are
 * too many.
 */
int xsctp_bindx_add(struct sock *sk, const void *packed, int len)
{
	unsigned int before = xsctp_sk(sk)->nr_addresses;
	struct xl4_addr addr;
	int done, err;

	err = xsctp_each_packed(sk, packed, len, xsctp_bindx_add_one, &done);
	while (err && xsctp_sk(sk)->nr_addresses > max(before, 1U)) {
		addr = xsctp_sk(sk)->address[xsctp_sk(sk)->nr_addresses - 1];
		xsctp_local_drop(sk, &addr);
	}
	if (!err)
		xsctp_asconf_sync_all(sk);
	return err;
}

static int xsctp_bindx_rem_one(struct sock *sk, const struct xl4_addr *addr, __be16 port)
{
	struct xsctp_sock *sp = xsctp_sk(sk);

	if (xsctp_bindx_port(sk, port) || !inet_sk(sk)->inet_num)
		return -EINVAL;
	if (!sp->nr_addresses || !xsctp_listed(sp->address, sp->nr_addresses, addr))
		return -EINVAL;
	if (sp->nr_addresses == 1)
		return -EBUSY;
	xsctp_local_drop(sk, addr);
	xsctp_reroute_from(sk, addr);
	return 0;
}

/**
 * xsctp_bindx_rem() - sctp_bindx() with SCTP_BINDX_REM_ADDR
 * @sk: bound; locked
 * @packed: as for xsctp_bindx_add()
 * @len: of all
 *
 * Return: 0; -EINVAL if it has no such address; -EBUSY if it is the last one. Those before
 * are gone then.
 */
int xsctp_bindx_rem(struct sock *sk, const void *packed, int len)
{
	int done, err;

	err = xsctp_each_packed(sk, packed, len, xsctp_bindx_rem_one, &done);
	xsctp_asconf_sync_all(sk);
	return err;
}
