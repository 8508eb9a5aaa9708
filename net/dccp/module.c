// SPDX-License-Identifier: GPL-2.0
/* xdccp.ko: DCCP (RFC 4340). */

#include <linux/module.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>
#include <net/protocol.h>
#include <net/transp_v6.h>
#include <uapi/xl4/xl4.h>
#include <xl4/memory.h>
#include <xl4/sysctl.h>

#include "dccp.h"

static unsigned int dccp = IPPROTO_XDCCP;
module_param(dccp, uint, 0444);
MODULE_PARM_DESC(dccp, "IP protocol number of DCCP (250)");

static bool dccp_iana = true;
module_param(dccp_iana, bool, 0444);
MODULE_PARM_DESC(dccp_iana, "DCCP also at 33, where the kernel's own is not loaded (Y)");

static unsigned int xdccp_net_id __read_mostly;

/**
 * xdccp_net() - what xdccp keeps for a namespace
 * @net: the namespace
 */
struct xdccp_net *xdccp_net(const struct net *net)
{
	return net_generic(net, xdccp_net_id);
}

/* Memory of all sockets together: net.xl4.dccp.dccp_mem, in pages. */
XL4_MEMORY(xdccp)

XL4_PROTO_RECVMSG(xdccp_recvmsg)
XL4_PROTO_IOCTL(xdccp_ioctl)
XL4_PROTO_ACCEPT(xl4_accept)

#define XDCCP_PROT_COMMON						\
	.owner			= THIS_MODULE,				\
	.close			= xdccp_close,				\
	.disconnect		= xdccp_disconnect,			\
	.accept			= xl4_accept_entry,			\
	.ioctl			= xdccp_ioctl_entry,			\
	.destroy		= xdccp_v4_destroy_sock,		\
	.shutdown		= xdccp_shutdown,			\
	.setsockopt		= xdccp_setsockopt,			\
	.getsockopt		= xdccp_getsockopt,			\
	.sendmsg		= xdccp_sendmsg,			\
	.recvmsg		= xdccp_recvmsg_entry,			\
	.release_cb		= xdccp_release_cb,			\
	.unhash			= xl4_unhash,				\
	.get_port		= xl4_get_port,				\
	.put_port		= xl4_unhash,				\
	XL4_PROT_MEMORY(xdccp),						\
	.max_header		= XDCCP_HEADROOM,			\
	.slab_flags		= SLAB_TYPESAFE_BY_RCU

struct proto xdccp_prot = {
	.name			= "xDCCP",
	.init			= xdccp_v4_init_sock,
	.connect		= xdccp_v4_connect,
	.backlog_rcv		= xdccp_v4_do_rcv,
	.obj_size		= sizeof(struct xdccp_sock),
	XDCCP_PROT_COMMON
};

struct proto xdccpv6_prot = {
	.name			= "xDCCPv6",
	.init			= xdccp_v6_init_sock,
	.connect		= xdccp_v6_connect,
	.backlog_rcv		= xdccp_v6_do_rcv,
	.obj_size		= sizeof(struct xdccp6_sock),
	XDCCP_PROT_COMMON,
	XL4_IPV6_PINFO_OFFSET(struct xdccp6_sock, inet6)
};

static struct proto *const xdccp_prots[] = { &xdccp_prot, &xdccpv6_prot };

#define XDCCP_OPS_COMMON						\
	XL4_OPS_COMMON,							\
	.connect		= inet_stream_connect,			\
	.accept			= inet_accept,				\
	.poll			= xdccp_poll,				\
	.listen			= xdccp_listen,				\
	.sendmsg		= inet_sendmsg,				\
	.recvmsg		= inet_recvmsg

static const struct proto_ops xdccp_ops = {
	XL4_OPS_V4,
	XDCCP_OPS_COMMON
};

static const struct proto_ops xdccpv6_ops = {
	XL4_OPS_V6,
	XDCCP_OPS_COMMON
};

#define XDCCP_COUNTER_NAME(name, text) \
	[XDCCP_MIB_##name] = text,
static const char *const xdccp_counters[XDCCP_COUNTERS] = {
	XDCCP_COUNTERS_LIST(XDCCP_COUNTER_NAME)
};

#define XDCCP_PROTOCOL(file)							\
	{									\
		.name		= file,						\
		.mib_prefix	= "Dccp",					\
		.counters	= xdccp_counters,				\
		.nr_counters	= XDCCP_COUNTERS,				\
		.connections	= true,						\
		.describe	= xdccp_describe,				\
		.sw[XL4_V4]	= { .type = SOCK_DCCP, .prot = &xdccp_prot,	\
				    .ops = &xdccp_ops },			\
		.sw[XL4_V6]	= { .type = SOCK_DCCP, .prot = &xdccpv6_prot,	\
				    .ops = &xdccpv6_ops },			\
		.v4		= { .handler = xdccp_v4_rcv, .err_handler = xdccp_v4_err, \
				    .no_policy = 1, .icmp_strict_tag_validation = 1 }, \
		.v6		= { .handler = xdccp_v6_rcv, .err_handler = xdccp_v6_err, \
				    .flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL }, \
	}

struct xl4_protocol xdccp_protocols[XDCCP_SERVICES] = {
	[XDCCP_OWN] = XDCCP_PROTOCOL("dccp"),
	[XDCCP_IANA] = XDCCP_PROTOCOL("dccp_iana"),
};

/**
 * xdccp_space() - the space of an IP protocol number in a namespace
 * @net: the namespace
 * @number: as the IP header has it
 *
 * Return: %NULL if the number is not ours, as in a packet that was unwrapped
 * (FOU) and handed on without an IP header of its own.
 */
struct xl4_space *xdccp_space(const struct net *net, u8 number)
{
	struct xdccp_net *xn = xdccp_net(net);
	int service;

	for (service = 0; service < XDCCP_SERVICES; service++)
		if (number && number == xdccp_protocols[service].number)
			return &xn->space[service];
	return NULL;
}

/* ----------------------------------------------------------------- settings */

static int xdccp_one = 1, xdccp_two = 2, xdccp_four = 4, xdccp_255 = 255, xdccp_65535 = 65535;
static int xdccp_minute_ms = 60 * MSEC_PER_SEC, xdccp_buffer_min = SOCK_MIN_RCVBUF;
/* RFC 4340 section 7.5.2 */
static unsigned long xdccp_window_min = 32, xdccp_window_max = (1UL << 46) - 1;

static const struct xdccp_settings xdccp_defaults = {
	.seq_window		= 100,
	.rx_ccid		= 2,
	.tx_ccid		= 2,
	.request_retries	= 6,
	.retries1		= 3,
	.retries2		= 15,
	.orphan_retries		= 5,
	.tx_qlen		= 5,
	.sync_ratelimit		= 125,
	.init_cookies		= 1,
	.max_requests		= 1024,
	.max_tw_buckets		= 65536,
	.rmem_default		= 256 * SKB_TRUESIZE(256),
	.wmem_default		= 256 * SKB_TRUESIZE(256),
	.oscillation_prevention	= 1,
	.encap_port		= 0,
};

static struct xdccp_net xdccp_template;

/* Who opens and closes the ports of RFC 6773. */
static DEFINE_MUTEX(xdccp_encap_mutex);

static int xdccp_set_encap(struct xdccp_net *xn, int port)
{
	int err = 0;

	mutex_lock(&xdccp_encap_mutex);
	if (port != xn->set.encap_port)
		err = xdccp_encap_open(xn->space[XDCCP_OWN].net, htons(port));
	if (!err)
		WRITE_ONCE(xn->set.encap_port, port);
	mutex_unlock(&xdccp_encap_mutex);
	return err;
}

/* RFC 6773: the port is opened, or closed, at once; or the setting stays as it was. */
static int xdccp_proc_encap(xl4_ctl_table_t *table, int write, void *buffer, size_t *len,
			    loff_t *pos)
{
	struct xdccp_net *xn = container_of(table->data, struct xdccp_net, set.encap_port);
	int port = READ_ONCE(xn->set.encap_port), err;
	struct ctl_table copy = {
		.data = &port,
		.maxlen = sizeof(port),
		.extra1 = SYSCTL_ZERO,
		.extra2 = &xdccp_65535,
	};

	err = proc_dointvec_minmax(&copy, write, buffer, len, pos);
	return err || !write ? err : xdccp_set_encap(xn, port);
}

#define XDCCP_SETTING(field, low, high)				\
	{							\
		.procname	= #field,			\
		.data		= &xdccp_template.set.field,	\
		.maxlen		= sizeof(int),			\
		.mode		= 0644,				\
		.proc_handler	= proc_dointvec_minmax,		\
		.extra1		= low,				\
		.extra2		= high,				\
	}

static const struct ctl_table xdccp_ctl_table[] = {
	{
		.procname	= "seq_window",
		.data		= &xdccp_template.set.seq_window,
		.maxlen		= sizeof(unsigned long),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
		.extra1		= &xdccp_window_min,
		.extra2		= &xdccp_window_max,
	},
	XDCCP_SETTING(rx_ccid, &xdccp_two, &xdccp_four),
	XDCCP_SETTING(tx_ccid, &xdccp_two, &xdccp_four),
	XDCCP_SETTING(request_retries, SYSCTL_ZERO, &xdccp_255),
	XDCCP_SETTING(retries1, SYSCTL_ZERO, &xdccp_255),
	XDCCP_SETTING(retries2, SYSCTL_ZERO, &xdccp_255),
	XDCCP_SETTING(orphan_retries, SYSCTL_ZERO, &xdccp_255),
	XDCCP_SETTING(tx_qlen, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XDCCP_SETTING(sync_ratelimit, SYSCTL_ZERO, &xdccp_minute_ms),
	XDCCP_SETTING(init_cookies, SYSCTL_ZERO, &xdccp_two),
	XDCCP_SETTING(max_requests, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XDCCP_SETTING(max_tw_buckets, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XDCCP_SETTING(rmem_default, &xdccp_buffer_min, SYSCTL_INT_MAX),
	XDCCP_SETTING(wmem_default, &xdccp_buffer_min, SYSCTL_INT_MAX),
	XDCCP_SETTING(oscillation_prevention, SYSCTL_ZERO, &xdccp_one),
	{
		.procname	= "encap_port",
		.data		= &xdccp_template.set.encap_port,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= xdccp_proc_encap,
	}, {
		.procname	= "dccp_mem",
		.data		= xdccp_mem,
		.maxlen		= sizeof(xdccp_mem),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
	},
};

static const struct xl4_sysctl xdccp_sysctl = {
	.path = "net/xl4/dccp",
	.table = xdccp_ctl_table,
	.entries = ARRAY_SIZE(xdccp_ctl_table),
	.base = &xdccp_template,
	.size = sizeof(xdccp_template),
};

/* --------------------------------------------------------------- namespaces */

static int __net_init xdccp_net_init(struct net *net)
{
	struct xdccp_net *xn = xdccp_net(net);
	int err;

	xn->set = xdccp_defaults;
	err = xl4_spaces_init(xn->space, net, xdccp_protocols, XDCCP_SERVICES);
	if (err)
		return err;
	xn->sysctl = xl4_sysctl_register(net, &xdccp_sysctl, xn);
	if (!xn->sysctl) {
		xl4_spaces_exit(xn->space, XDCCP_SERVICES);
		return -ENOMEM;
	}
	return 0;
}

/*
 * A socket of UDP keeps the route of what it heard, and so a device. Devices wait for that when
 * they go, which is before our exit; nobody must be able to open another one by then.
 */
static void __net_exit xdccp_net_pre_exit(struct net *net)
{
	xl4_sysctl_unregister(xdccp_net(net)->sysctl);
	xdccp_encap_close(net);
}

static void __net_exit xdccp_net_exit(struct net *net)
{
	xl4_spaces_exit(xdccp_net(net)->space, XDCCP_SERVICES);
}

static struct pernet_operations xdccp_net_ops = {
	.init = xdccp_net_init,
	.pre_exit = xdccp_net_pre_exit,
	.exit = xdccp_net_exit,
	.id = &xdccp_net_id,
	.size = sizeof(struct xdccp_net),
};

/* ------------------------------------------------------------------- module */

static int __init xdccp_choose_numbers(void)
{
	if (!dccp || dccp > U8_MAX) {
		pr_err("xdccp: dccp=%u: no IP protocol number\n", dccp);
		return -EINVAL;
	}
	xdccp_protocols[XDCCP_OWN].number = dccp;
	if (dccp_iana && dccp != IPPROTO_DCCP && xl4_number_is_free(IPPROTO_DCCP))
		xdccp_protocols[XDCCP_IANA].number = IPPROTO_DCCP;
	return 0;
}

static const struct xl4_registration xdccp_registration = {
	.prots = xdccp_prots,
	.nr_prots = ARRAY_SIZE(xdccp_prots),
	.net_ops = &xdccp_net_ops,
	.protocols = xdccp_protocols,
	.nr_protocols = XDCCP_SERVICES,
};

static int __init xdccp_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct xdccp_skb_cb) > sizeof_field(struct sk_buff, cb));
	err = xdccp_choose_numbers();
	if (err)
		return err;
	xdccp_mem_init();
	xdccp_secret_init();
	return xl4_register(&xdccp_registration);
}

static void __exit xdccp_exit(void)
{
	xl4_unregister(&xdccp_registration);
}

module_init(xdccp_init);
module_exit(xdccp_exit);

MODULE_DESCRIPTION("DCCP under an IP protocol number of its own");
MODULE_LICENSE("GPL");
/* socket() asks for these by PF_INET, PF_INET6, number and SOCK_DCCP. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 250, 6);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 250, 6);
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 33, 6);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 33, 6);
