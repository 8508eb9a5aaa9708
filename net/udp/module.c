// SPDX-License-Identifier: GPL-2.0
/* xudp.ko: UDP (RFC 768) and UDP-Lite (RFC 3828). */

#include <linux/module.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>
#include <net/transp_v6.h>
#include <uapi/xl4/xl4.h>
#include <xl4/memory.h>
#include <xl4/sysctl.h>

#include "udp.h"

static unsigned int udp = IPPROTO_XUDP;
module_param(udp, uint, 0444);
MODULE_PARM_DESC(udp, "IP protocol number of UDP (253; 0: none)");

static unsigned int udplite = IPPROTO_XUDPLITE;
module_param(udplite, uint, 0444);
MODULE_PARM_DESC(udplite, "IP protocol number of UDP-Lite (252; 0: none)");

static bool udplite_iana = true;
module_param(udplite_iana, bool, 0444);
MODULE_PARM_DESC(udplite_iana, "UDP-Lite also at 136, where the kernel has none (Y)");

static unsigned int xudp_net_id __read_mostly;

/**
 * xudp_net() - what xudp keeps for a namespace
 * @net: the namespace
 */
struct xudp_net *xudp_net(const struct net *net)
{
	return net_generic(net, xudp_net_id);
}

/**
 * xudp_space() - the space of an IP protocol number in a namespace
 * @net: the namespace
 * @number: as the IP header has it
 *
 * Return: %NULL if the number is not ours, as in a packet that was unwrapped
 * (GUE, FOU) and handed on without an IP header of its own.
 */
struct xl4_space *xudp_space(const struct net *net, u8 number)
{
	struct xudp_net *xn = xudp_net(net);
	int service;

	for (service = 0; service < XUDP_SERVICES; service++)
		if (number && number == xudp_protocols[service].number)
			return &xn->space[service];
	return NULL;
}

/*
 * Memory of all sockets together: net.xl4.udp_mem, in pages. Both protocols and
 * families draw on one account, as one machine pays for it.
 */
static atomic_long_t xudp_memory_allocated ____cacheline_aligned_in_smp;
static DEFINE_PER_CPU(int, xudp_memory_per_cpu_fw_alloc);
static long xudp_mem[3] __read_mostly;
/*
 * The same as the kernel reads it. Its second number is below all that there
 * may be: above it nobody gets SO_RESERVE_MEM, which would change
 * sk_forward_alloc under the socket lock, while softirq charges datagrams to it
 * under the queue's.
 */
static long xudp_mem_limits[3] __read_mostly = { 0, LONG_MIN, 0 };
static int xudp_rmem_min = PAGE_SIZE;
static int xudp_wmem_min = PAGE_SIZE;

XL4_PROTO_RECVMSG(xudp_recvmsg)
XL4_PROTO_IOCTL(xudp_ioctl)

#define XUDP_PROT_COMMON						\
	.owner			= THIS_MODULE,				\
	.close			= xudp_close,				\
	.disconnect		= xudp_disconnect,			\
	.ioctl			= xudp_ioctl_entry,			\
	.destroy		= xudp_destroy_sock,			\
	.recvmsg		= xudp_recvmsg_entry,			\
	.unhash			= xl4_unhash,				\
	.get_port		= xl4_get_port,				\
	.put_port		= xl4_unhash,				\
	.memory_allocated	= &xudp_memory_allocated,		\
	.per_cpu_fw_alloc	= &xudp_memory_per_cpu_fw_alloc,	\
	.sysctl_mem		= xudp_mem_limits,			\
	.sysctl_rmem		= &xudp_rmem_min,			\
	.sysctl_wmem		= &xudp_wmem_min,			\
	.slab_flags		= SLAB_TYPESAFE_BY_RCU

#define XUDP_PROT_V4							\
	.init			= xudp_init_sock,			\
	.connect		= xudp_v4_connect,			\
	.sendmsg		= xudp_sendmsg,				\
	.setsockopt		= xudp_setsockopt,			\
	.getsockopt		= xudp_getsockopt,			\
	.release_cb		= ip4_datagram_release_cb,		\
	.obj_size		= sizeof(struct xudp_sock)

#define XUDP_PROT_V6							\
	.init			= xudpv6_init_sock,			\
	.connect		= xudp_v6_connect,			\
	.sendmsg		= xudpv6_sendmsg,			\
	.setsockopt		= xudpv6_setsockopt,			\
	.getsockopt		= xudpv6_getsockopt,			\
	.release_cb		= xudpv6_release_cb,			\
	.obj_size		= sizeof(struct xudp6_sock),		\
	XL4_IPV6_PINFO_OFFSET(struct xudp6_sock, inet6)

struct proto xudp_prot = { .name = "xUDP", XUDP_PROT_COMMON, XUDP_PROT_V4 };
struct proto xudpv6_prot = { .name = "xUDPv6", XUDP_PROT_COMMON, XUDP_PROT_V6 };
struct proto xudplite_prot = { .name = "xUDP-Lite", XUDP_PROT_COMMON, XUDP_PROT_V4 };
struct proto xudplitev6_prot = { .name = "xUDPLITEv6", XUDP_PROT_COMMON, XUDP_PROT_V6 };

static struct proto *const xudp_prots[] = {
	&xudp_prot, &xudpv6_prot, &xudplite_prot, &xudplitev6_prot
};

/*
 * A socket gets its port with its first send, if it was not bound. send(2): it
 * may try again when somebody has left one.
 */
static int xudp_autobind(struct sock *sk)
{
	int err = 0;

	lock_sock(sk);
	if (!inet_sk(sk)->inet_num)
		err = xl4_get_port(sk, 0);
	release_sock(sk);
	return err == -EADDRINUSE ? -EAGAIN : err;
}

static __always_inline int xudp_need_port(struct sock *sk)
{
	/* Whoever binds meanwhile has the socket locked, where xudp_autobind() looks again. */
	return likely(data_race(inet_sk(sk)->inet_num)) ? 0 : xudp_autobind(sk);
}

/* As inet_sendmsg() does it, but with no call by pointer. */
static int xudp_ops_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	int err;

	sock_rps_record_flow(sk);
	err = xudp_need_port(sk);
	return err ? : xudp_sendmsg(sk, msg, len);
}

static int xudpv6_ops_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	int err;

	sock_rps_record_flow(sk);
	err = xudp_need_port(sk);
	return err ? : xudpv6_sendmsg(sk, msg, len);
}

static int xudp_ops_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	if (likely(!(flags & MSG_ERRQUEUE)))
		sock_rps_record_flow(sock->sk);
	return xudp_recvmsg(sock->sk, msg, len, flags);
}

#define XUDP_OPS_COMMON							\
	XL4_OPS_COMMON,							\
	.connect		= inet_dgram_connect,			\
	.accept			= sock_no_accept,			\
	.poll			= xudp_poll,				\
	.listen			= sock_no_listen,			\
	.recvmsg		= xudp_ops_recvmsg,			\
	XL4_OPS_SENDPAGE						\
	XL4_OPS_SPLICE_EOF(xudp_splice_eof)				\
	.set_peek_off		= sk_set_peek_off

static const struct proto_ops xudp_ops = {
	XL4_OPS_V4,
	.sendmsg		= xudp_ops_sendmsg,
	XUDP_OPS_COMMON
};

static const struct proto_ops xudpv6_ops = {
	XL4_OPS_V6,
	.sendmsg		= xudpv6_ops_sendmsg,
	XUDP_OPS_COMMON
};

static const char *const xudp_counters[XUDP_COUNTERS] = {
	[XUDP_IN_DATAGRAMS]	= "InDatagrams",
	[XUDP_NO_PORTS]		= "NoPorts",
	[XUDP_IN_ERRORS]	= "InErrors",
	[XUDP_OUT_DATAGRAMS]	= "OutDatagrams",
	[XUDP_RCVBUF_ERRORS]	= "RcvbufErrors",
	[XUDP_SNDBUF_ERRORS]	= "SndbufErrors",
	[XUDP_IN_CSUM_ERRORS]	= "InCsumErrors",
	[XUDP_IGNORED_MULTI]	= "IgnoredMulti",
	[XUDP_MEM_ERRORS]	= "MemErrors",
};

#define XUDP_PROTOCOL(file, prefix, prot4, prot6)				\
	{									\
		.name		= file,						\
		.mib_prefix	= prefix,					\
		.counters	= xudp_counters,				\
		.nr_counters	= XUDP_COUNTERS,				\
		.sw[XL4_V4]	= { .type = SOCK_DGRAM, .prot = prot4,		\
				    .ops = &xudp_ops },				\
		.sw[XL4_V6]	= { .type = SOCK_DGRAM, .prot = prot6,		\
				    .ops = &xudpv6_ops },			\
		.v4		= { .handler = xudp_rcv, .err_handler = xudp_err,	\
				    .no_policy = 1 },				\
		.v6		= { .handler = xudpv6_rcv, .err_handler = xudpv6_err,	\
				    .flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL }, \
		.offload[XL4_V4] = { .callbacks.gso_segment = xudp_gso_segment }, \
		.offload[XL4_V6] = { .callbacks.gso_segment = xudp_gso_segment }, \
	}

struct xl4_protocol xudp_protocols[XUDP_SERVICES] = {
	[XUDP_UDP] = XUDP_PROTOCOL("udp", "Udp", &xudp_prot, &xudpv6_prot),
	[XUDP_LITE] = XUDP_PROTOCOL("udplite", "UdpLite", &xudplite_prot, &xudplitev6_prot),
	[XUDP_LITE_IANA] = XUDP_PROTOCOL("udplite_iana", "UdpLite", &xudplite_prot,
					 &xudplitev6_prot),
};

static void xudp_mem_apply(void)
{
	WRITE_ONCE(xudp_mem_limits[0], xudp_mem[0]);
	WRITE_ONCE(xudp_mem_limits[2], xudp_mem[2]);
}

static int xudp_proc_mem(xl4_ctl_table_t *table, int write, void *buffer, size_t *len,
			 loff_t *pos)
{
	int err = proc_doulongvec_minmax(table, write, buffer, len, pos);

	if (write)
		xudp_mem_apply();
	return err;
}

static int xudp_buffer_min = SOCK_MIN_RCVBUF;
static struct xudp_net xudp_template;

/* As for the kernel's own: room for 256 small datagrams. */
#define XUDP_BUFFER_DEFAULT (256 * SKB_TRUESIZE(256))

static const struct ctl_table xudp_ctl_table[] = {
	{
		.procname	= "udp_rmem_default",
		.data		= &xudp_template.rmem_default,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= &xudp_buffer_min,
		.extra2		= &sysctl_rmem_max,
	}, {
		.procname	= "udp_wmem_default",
		.data		= &xudp_template.wmem_default,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= &xudp_buffer_min,
		.extra2		= &sysctl_wmem_max,
	}, {
		.procname	= "udp_mem",
		.data		= xudp_mem,
		.maxlen		= sizeof(xudp_mem),
		.mode		= 0644,
		.proc_handler	= xudp_proc_mem,
	}, {
		.procname	= "udp_rmem_min",
		.data		= &xudp_rmem_min,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= &xudp_buffer_min,
	}, {
		.procname	= "udp_wmem_min",
		.data		= &xudp_wmem_min,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= &xudp_buffer_min,
	},
};

static const struct xl4_sysctl xudp_sysctl = {
	.table = xudp_ctl_table,
	.entries = ARRAY_SIZE(xudp_ctl_table),
	.base = &xudp_template,
	.size = sizeof(xudp_template),
};

static int __net_init xudp_net_init(struct net *net)
{
	struct xudp_net *xn = xudp_net(net);
	int err;

	xn->rmem_default = XUDP_BUFFER_DEFAULT;
	xn->wmem_default = XUDP_BUFFER_DEFAULT;
	err = xl4_spaces_init(xn->space, net, xudp_protocols, XUDP_SERVICES);
	if (err)
		return err;
	xn->sysctl = xl4_sysctl_register(net, &xudp_sysctl, xn);
	if (!xn->sysctl) {
		xl4_spaces_exit(xn->space, XUDP_SERVICES);
		return -ENOMEM;
	}
	return 0;
}

static void __net_exit xudp_net_exit(struct net *net)
{
	struct xudp_net *xn = xudp_net(net);

	xl4_sysctl_unregister(xn->sysctl);
	xl4_spaces_exit(xn->space, XUDP_SERVICES);
}

static struct pernet_operations xudp_net_ops = {
	.init = xudp_net_init,
	.exit = xudp_net_exit,
	.id = &xudp_net_id,
	.size = sizeof(struct xudp_net),
};

/* An eighth of memory at most; above half of that a socket is sure of udp_rmem_min only. */
static void __init xudp_mem_init(void)
{
	xl4_mem_limits(xudp_mem);
	xudp_mem_apply();
}

static int __init xudp_choose_numbers(void)
{
	if (udp > U8_MAX || udplite > U8_MAX || (udp && udp == udplite)) {
		pr_err("xudp: udp=%u udplite=%u: not two IP protocol numbers\n", udp, udplite);
		return -EINVAL;
	}
	xudp_protocols[XUDP_UDP].number = udp;
	xudp_protocols[XUDP_LITE].number = udplite;
	if (udplite_iana && udp != IPPROTO_UDPLITE && udplite != IPPROTO_UDPLITE &&
	    xl4_number_is_free(IPPROTO_UDPLITE))
		xudp_protocols[XUDP_LITE_IANA].number = IPPROTO_UDPLITE;
	return 0;
}

static const struct xl4_registration xudp_registration = {
	.prots = xudp_prots,
	.nr_prots = ARRAY_SIZE(xudp_prots),
	.net_ops = &xudp_net_ops,
	.protocols = xudp_protocols,
	.nr_protocols = XUDP_SERVICES,
};

static int __init xudp_init(void)
{
	int err;

	xudp_mem_init();
	err = xudp_choose_numbers();
	if (err)
		return err;
	return xl4_register(&xudp_registration);
}

static void __exit xudp_exit(void)
{
	xl4_unregister(&xudp_registration);
}

module_init(xudp_init);
module_exit(xudp_exit);

MODULE_DESCRIPTION("UDP and UDP-Lite under IP protocol numbers of their own");
MODULE_LICENSE("GPL");
/* socket() asks for these by PF_INET, PF_INET6, number and SOCK_DGRAM. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 253, 2);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 253, 2);
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 252, 2);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 252, 2);
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 136, 2);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 136, 2);
