// SPDX-License-Identifier: GPL-2.0
/* xtcp.ko: TCP (RFC 9293). */

#include <linux/module.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>
#include <net/transp_v6.h>
#include <uapi/xl4/xl4.h>
#include <xl4/memory.h>
#include <xl4/sysctl.h>

#include "tcp.h"

static unsigned int tcp = IPPROTO_XTCP;
module_param(tcp, uint, 0444);
MODULE_PARM_DESC(tcp, "IP protocol number of TCP (254)");

static unsigned int xtcp_net_id __read_mostly;

/**
 * xtcp_net() - what xtcp keeps for a namespace
 * @net: the namespace
 */
struct xtcp_net *xtcp_net(const struct net *net)
{
	return net_generic(net, xtcp_net_id);
}

/* Memory of all sockets together: net.xl4.tcp_mem, in pages. */
XL4_MEMORY(xtcp)

XL4_PROTO_RECVMSG(xtcp_recvmsg)
XL4_PROTO_IOCTL(xtcp_ioctl)
XL4_PROTO_ACCEPT(xl4_accept)

#define XTCP_PROT_COMMON						\
	.owner			= THIS_MODULE,				\
	.close			= xtcp_close,				\
	.disconnect		= xtcp_disconnect,			\
	.accept			= xl4_accept_entry,			\
	.ioctl			= xtcp_ioctl_entry,			\
	.destroy		= xtcp_v4_destroy_sock,			\
	.shutdown		= xtcp_shutdown,			\
	.setsockopt		= xtcp_setsockopt,			\
	.getsockopt		= xtcp_getsockopt,			\
	.keepalive		= xtcp_set_keepalive,			\
	.sendmsg		= xtcp_sendmsg,				\
	.recvmsg		= xtcp_recvmsg_entry,			\
	.release_cb		= xtcp_release_cb,			\
	.unhash			= xl4_unhash,				\
	.get_port		= xl4_get_port,				\
	.put_port		= xl4_unhash,				\
	.stream_memory_free	= xtcp_stream_memory_free,		\
	XL4_PROT_MEMORY(xtcp),						\
	.max_header		= XTCP_HEADROOM,			\
	.slab_flags		= SLAB_TYPESAFE_BY_RCU

struct proto xtcp_prot = {
	.name			= "xTCP",
	.init			= xtcp_v4_init_sock,
	.connect		= xtcp_v4_connect,
	.backlog_rcv		= xtcp_v4_do_rcv,
	.obj_size		= sizeof(struct xtcp_sock),
	XTCP_PROT_COMMON
};

struct proto xtcpv6_prot = {
	.name			= "xTCPv6",
	.init			= xtcp_v6_init_sock,
	.connect		= xtcp_v6_connect,
	.backlog_rcv		= xtcp_v6_do_rcv,
	.obj_size		= sizeof(struct xtcp6_sock),
	XTCP_PROT_COMMON,
	XL4_IPV6_PINFO_OFFSET(struct xtcp6_sock, inet6)
};

static struct proto *const xtcp_prots[] = { &xtcp_prot, &xtcpv6_prot };

#define XTCP_OPS_COMMON							\
	XL4_OPS_COMMON,							\
	.connect		= inet_stream_connect,			\
	.accept			= inet_accept,				\
	.poll			= xtcp_poll,				\
	.listen			= xtcp_listen,				\
	.sendmsg		= inet_sendmsg,				\
	.recvmsg		= inet_recvmsg,				\
	.splice_read		= xtcp_splice_read,			\
	XL4_OPS_SENDPAGE						\
	XL4_OPS_SPLICE_EOF(xtcp_splice_eof)				\
	.set_peek_off		= sk_set_peek_off,			\
	.set_rcvlowat		= xtcp_set_rcvlowat

static const struct proto_ops xtcp_ops = {
	XL4_OPS_V4,
	XTCP_OPS_COMMON
};

static const struct proto_ops xtcpv6_ops = {
	XL4_OPS_V6,
	XTCP_OPS_COMMON
};

#define XTCP_COUNTER_NAME(name, text) \
	[XTCP_##name] = text,
static const char *const xtcp_counters[XTCP_COUNTERS] = {
	XTCP_COUNTERS_LIST(XTCP_COUNTER_NAME)
};

static struct xl4_protocol xtcp_protocol = {
	.name		= "tcp",
	.mib_prefix	= "Tcp",
	.counters	= xtcp_counters,
	.nr_counters	= XTCP_COUNTERS,
	.connections	= true,
	.describe	= xtcp_describe,
	.sw[XL4_V4]	= { .type = SOCK_STREAM, .prot = &xtcp_prot, .ops = &xtcp_ops },
	.sw[XL4_V6]	= { .type = SOCK_STREAM, .prot = &xtcpv6_prot, .ops = &xtcpv6_ops },
	.v4		= { .handler = xtcp_v4_rcv, .err_handler = xtcp_v4_err, .no_policy = 1,
			    .icmp_strict_tag_validation = 1 },
	.v6		= { .handler = xtcp_v6_rcv, .err_handler = xtcp_v6_err,
			    .flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL },
	.offload[XL4_V4] = { .callbacks.gso_segment = xtcp_gso_segment },
	.offload[XL4_V6] = { .callbacks.gso_segment = xtcp_gso_segment },
};

/* ----------------------------------------------------------------- settings */

static int xtcp_one = 1, xtcp_two = 2, xtcp_127 = 127, xtcp_255 = 255, xtcp_65535 = 65535;
static int xtcp_48 = 48;

static const struct xtcp_settings xtcp_defaults = {
	.rmem			= { PAGE_SIZE, 131072, 6 << 20 },
	.wmem			= { PAGE_SIZE, 16384, 4 << 20 },
	.syn_retries		= 6,
	.synack_retries		= 5,
	.syncookies		= 1,
	.max_syn_backlog	= 1024,
	.retries1		= 3,
	.retries2		= 15,
	.orphan_retries		= 0,
	.max_orphans		= 8192,
	.max_tw_buckets		= 65536,
	.fin_timeout		= 60,
	.keepalive_time		= 7200,
	.keepalive_intvl	= 75,
	.keepalive_probes	= 9,
	.timestamps		= 1,
	.sack			= 1,
	.window_scaling		= 1,
	.ecn			= 2,
	.slow_start_after_idle	= 1,
	.moderate_rcvbuf	= 1,
	.challenge_ack_limit	= 1000,
	.base_mss		= 1024,
	.mtu_probing		= 1,
	.rfc1337		= 0,
	.stdurg			= 0,
	.abort_on_overflow	= 0,
	.notsent_lowat		= INT_MAX,
	.congestion		= XL4_CONG_DEFAULT,
};

static struct xtcp_net xtcp_template;

/* A setting must name an algorithm that there is. */
static int xtcp_proc_congestion(xl4_ctl_table_t *table, int write, void *buffer, size_t *len,
				loff_t *pos)
{
	char name[XL4_CONG_NAME_MAX];
	struct ctl_table copy = { .data = name, .maxlen = sizeof(name) };
	const struct xl4_cong_ops *ops;
	int err;

	strscpy(name, table->data, sizeof(name));
	err = proc_dostring(&copy, write, buffer, len, pos);
	if (err || !write)
		return err;
	ops = xl4_cong_get(name);
	if (!ops)
		return -ENOENT;
	strscpy(table->data, ops->name, XL4_CONG_NAME_MAX);
	xl4_cong_put(ops);
	return 0;
}

static int xtcp_proc_available(xl4_ctl_table_t *table, int write, void *buffer, size_t *len,
			       loff_t *pos)
{
	char names[XL4_CONG_NAMES_MAX];
	struct ctl_table copy = { .data = names, .maxlen = sizeof(names) };

	xl4_cong_names(names, sizeof(names));
	return proc_dostring(&copy, write, buffer, len, pos);
}

#define XTCP_SETTING(field, low, high)				\
	{							\
		.procname	= "tcp_" #field,		\
		.data		= &xtcp_template.set.field,	\
		.maxlen		= sizeof(int),			\
		.mode		= 0644,				\
		.proc_handler	= proc_dointvec_minmax,		\
		.extra1		= low,				\
		.extra2		= high,				\
	}

static const struct ctl_table xtcp_ctl_table[] = {
	{
		.procname	= "tcp_rmem",
		.data		= &xtcp_template.set.rmem,
		.maxlen		= sizeof(xtcp_template.set.rmem),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= &xtcp_one,
	}, {
		.procname	= "tcp_wmem",
		.data		= &xtcp_template.set.wmem,
		.maxlen		= sizeof(xtcp_template.set.wmem),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= &xtcp_one,
	}, {
		.procname	= "tcp_mem",
		.data		= xtcp_mem,
		.maxlen		= sizeof(xtcp_mem),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
	}, {
		.procname	= "tcp_congestion_control",
		.data		= &xtcp_template.set.congestion,
		.maxlen		= XL4_CONG_NAME_MAX,
		.mode		= 0644,
		.proc_handler	= xtcp_proc_congestion,
	}, {
		.procname	= "tcp_available_congestion_control",
		.mode		= 0444,
		.proc_handler	= xtcp_proc_available,
	},
	XTCP_SETTING(syn_retries, &xtcp_one, &xtcp_127),
	XTCP_SETTING(synack_retries, SYSCTL_ZERO, &xtcp_255),
	XTCP_SETTING(syncookies, SYSCTL_ZERO, &xtcp_two),
	XTCP_SETTING(max_syn_backlog, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XTCP_SETTING(retries1, SYSCTL_ZERO, &xtcp_255),
	XTCP_SETTING(retries2, &xtcp_one, &xtcp_255),
	XTCP_SETTING(orphan_retries, SYSCTL_ZERO, &xtcp_255),
	XTCP_SETTING(max_orphans, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XTCP_SETTING(max_tw_buckets, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XTCP_SETTING(fin_timeout, &xtcp_one, &xtcp_65535),
	XTCP_SETTING(keepalive_time, &xtcp_one, &xtcp_65535),
	XTCP_SETTING(keepalive_intvl, &xtcp_one, &xtcp_65535),
	XTCP_SETTING(keepalive_probes, &xtcp_one, &xtcp_255),
	XTCP_SETTING(timestamps, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(sack, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(window_scaling, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(ecn, SYSCTL_ZERO, &xtcp_two),
	XTCP_SETTING(slow_start_after_idle, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(moderate_rcvbuf, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(challenge_ack_limit, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XTCP_SETTING(base_mss, &xtcp_48, &xtcp_65535),
	XTCP_SETTING(mtu_probing, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(rfc1337, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(stdurg, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(abort_on_overflow, SYSCTL_ZERO, &xtcp_one),
	XTCP_SETTING(notsent_lowat, SYSCTL_ZERO, SYSCTL_INT_MAX),
};

static const struct xl4_sysctl xtcp_sysctl = {
	.table = xtcp_ctl_table,
	.entries = ARRAY_SIZE(xtcp_ctl_table),
	.base = &xtcp_template,
	.size = sizeof(xtcp_template),
};

/* --------------------------------------------------------------- namespaces */

static int __net_init xtcp_net_init(struct net *net)
{
	struct xtcp_net *xn = xtcp_net(net);
	int err;

	xn->set = xtcp_defaults;
	err = xl4_space_init(&xn->space, net, &xtcp_protocol);
	if (err)
		return err;
	xn->sysctl = xl4_sysctl_register(net, &xtcp_sysctl, xn);
	if (!xn->sysctl) {
		xl4_space_exit(&xn->space);
		return -ENOMEM;
	}
	return 0;
}

static void __net_exit xtcp_net_exit(struct net *net)
{
	struct xtcp_net *xn = xtcp_net(net);

	xl4_sysctl_unregister(xn->sysctl);
	xl4_space_exit(&xn->space);
}

static struct pernet_operations xtcp_net_ops = {
	.init = xtcp_net_init,
	.exit = xtcp_net_exit,
	.id = &xtcp_net_id,
	.size = sizeof(struct xtcp_net),
};

/* ------------------------------------------------------------------- module */

static const struct xl4_registration xtcp_registration = {
	.prots = xtcp_prots,
	.nr_prots = ARRAY_SIZE(xtcp_prots),
	.net_ops = &xtcp_net_ops,
	.protocols = &xtcp_protocol,
	.nr_protocols = 1,
};

static int __init xtcp_init(void)
{
	BUILD_BUG_ON(sizeof(struct xtcp_skb_cb) > sizeof_field(struct sk_buff, cb));
	if (!tcp || tcp > U8_MAX) {
		pr_err("xtcp: tcp=%u: no IP protocol number\n", tcp);
		return -EINVAL;
	}
	xtcp_protocol.number = tcp;
	xtcp_mem_init();
	xtcp_secret_init();
	return xl4_register(&xtcp_registration);
}

static void __exit xtcp_exit(void)
{
	xl4_unregister(&xtcp_registration);
}

module_init(xtcp_init);
module_exit(xtcp_exit);

MODULE_DESCRIPTION("TCP under an IP protocol number of its own");
MODULE_LICENSE("GPL");
/* socket() asks for these by PF_INET, PF_INET6, number and SOCK_STREAM. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 254, 1);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 254, 1);
