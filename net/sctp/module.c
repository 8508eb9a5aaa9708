// SPDX-License-Identifier: GPL-2.0
/* xsctp.ko: SCTP (RFC 9260). */

#include <linux/module.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>
#include <net/protocol.h>
#include <net/transp_v6.h>
#include <uapi/xl4/xl4.h>
#include <xl4/memory.h>
#include <xl4/sysctl.h>

#include "sctp.h"

static unsigned int sctp = IPPROTO_XSCTP;
module_param(sctp, uint, 0444);
MODULE_PARM_DESC(sctp, "IP protocol number of SCTP (251)");

static bool sctp_iana = true;
module_param(sctp_iana, bool, 0444);
MODULE_PARM_DESC(sctp_iana, "SCTP also at 132, where the kernel's own is not loaded (Y)");

static unsigned int xsctp_net_id __read_mostly;

/**
 * xsctp_net() - what xsctp keeps for a namespace
 * @net: the namespace
 */
struct xsctp_net *xsctp_net(const struct net *net)
{
	return net_generic(net, xsctp_net_id);
}

/* Memory of all sockets together: net.xl4.sctp.sctp_mem, in pages. */
XL4_MEMORY(xsctp)

XL4_PROTO_RECVMSG(xsctp_recvmsg)
XL4_PROTO_IOCTL(xsctp_ioctl)
XL4_PROTO_ACCEPT(xl4_accept)

#define XSCTP_PROT_COMMON						\
	.owner			= THIS_MODULE,				\
	.close			= xsctp_close,				\
	.bind			= xsctp_bind,				\
	.connect		= xsctp_connect,			\
	.disconnect		= xsctp_disconnect,			\
	.accept			= xl4_accept_entry,			\
	.ioctl			= xsctp_ioctl_entry,			\
	.init			= xsctp_init_sock,			\
	.destroy		= xsctp_destroy_sock,			\
	.shutdown		= xsctp_shutdown,			\
	.setsockopt		= xsctp_setsockopt,			\
	.getsockopt		= xsctp_getsockopt,			\
	.sendmsg		= xsctp_sendmsg,			\
	.recvmsg		= xsctp_recvmsg_entry,			\
	.backlog_rcv		= xsctp_backlog_rcv,			\
	.release_cb		= xsctp_release_cb,			\
	.unhash			= xl4_unhash,				\
	.get_port		= xl4_get_port,				\
	.put_port		= xl4_unhash,				\
	XL4_PROT_MEMORY(xsctp),						\
	.slab_flags		= SLAB_TYPESAFE_BY_RCU

struct proto xsctp_prot = {
	.name			= "xSCTP",
	.obj_size		= sizeof(struct xsctp_sock),
	XSCTP_PROT_COMMON
};

struct proto xsctpv6_prot = {
	.name			= "xSCTPv6",
	.obj_size		= sizeof(struct xsctp6_sock),
	XSCTP_PROT_COMMON,
	XL4_IPV6_PINFO_OFFSET(struct xsctp6_sock, inet6)
};

static struct proto *const xsctp_prots[] = { &xsctp_prot, &xsctpv6_prot };

#define XSCTP_OPS_COMMON						\
	.owner			= THIS_MODULE,				\
	.connect		= xsctp_inet_connect,			\
	.socketpair		= sock_no_socketpair,			\
	.poll			= xsctp_poll,				\
	.gettstamp		= sock_gettstamp,			\
	.listen			= xsctp_listen,				\
	.setsockopt		= sock_common_setsockopt,		\
	.getsockopt		= sock_common_getsockopt,		\
	.sendmsg		= inet_sendmsg,				\
	.recvmsg		= inet_recvmsg,				\
	.mmap			= sock_no_mmap

/* RFC 6458 section 4: one-to-one */
#define XSCTP_OPS_STREAM						\
	XSCTP_OPS_COMMON,						\
	.accept			= inet_accept,				\
	.shutdown		= inet_shutdown

/* RFC 6458 section 3: one-to-many; whoever wants one association closed says so by sendmsg() */
#define XSCTP_OPS_SEQPACKET						\
	XSCTP_OPS_COMMON,						\
	.accept			= sock_no_accept,			\
	.shutdown		= sock_no_shutdown

static const struct proto_ops xsctp_stream_ops = { XL4_OPS_V4, XSCTP_OPS_STREAM };
static const struct proto_ops xsctp_seqpacket_ops = { XL4_OPS_V4, XSCTP_OPS_SEQPACKET };
static const struct proto_ops xsctpv6_stream_ops = { XL4_OPS_V6, XSCTP_OPS_STREAM };
static const struct proto_ops xsctpv6_seqpacket_ops = { XL4_OPS_V6, XSCTP_OPS_SEQPACKET };

#define XSCTP_COUNTER_NAME(name, text) \
	[XSCTP_MIB_##name] = text,
static const char *const xsctp_counters[XSCTP_COUNTERS] = {
	XSCTP_COUNTERS_LIST(XSCTP_COUNTER_NAME)
};

#define XSCTP_PROTOCOL(file)							\
	{									\
		.name		= file,						\
		.mib_prefix	= "Sctp",					\
		.counters	= xsctp_counters,				\
		.nr_counters	= XSCTP_COUNTERS,				\
		.connections	= true,						\
		.describe	= xsctp_describe,				\
		.sw[XL4_V4]	= { .type = SOCK_STREAM, .prot = &xsctp_prot,	\
				    .ops = &xsctp_stream_ops },			\
		.sw[XL4_V6]	= { .type = SOCK_STREAM, .prot = &xsctpv6_prot,	\
				    .ops = &xsctpv6_stream_ops },		\
		.sw2[XL4_V4]	= { .type = SOCK_SEQPACKET, .prot = &xsctp_prot, \
				    .ops = &xsctp_seqpacket_ops },		\
		.sw2[XL4_V6]	= { .type = SOCK_SEQPACKET, .prot = &xsctpv6_prot, \
				    .ops = &xsctpv6_seqpacket_ops },		\
		.v4		= { .handler = xsctp_v4_rcv, .err_handler = xsctp_v4_err, \
				    .no_policy = 1, .icmp_strict_tag_validation = 1 }, \
		.v6		= { .handler = xsctp_v6_rcv, .err_handler = xsctp_v6_err, \
				    .flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL }, \
		.offload[XL4_V4] = { .callbacks.gso_segment = xsctp_gso_segment }, \
		.offload[XL4_V6] = { .callbacks.gso_segment = xsctp_gso_segment }, \
	}

static struct xl4_protocol xsctp_protocols[XSCTP_SERVICES] = {
	[XSCTP_OWN] = XSCTP_PROTOCOL("sctp"),
	[XSCTP_IANA] = XSCTP_PROTOCOL("sctp_iana"),
};

/* Does xsctp have this service's number: registered, or about to be? */
static bool xsctp_has(enum xsctp_service service)
{
	return xsctp_protocols[service].number;
}

/**
 * xsctp_space() - the space of an IP protocol number in a namespace
 * @net: the namespace
 * @number: as the IP header has it
 *
 * Return: %NULL if the number is not ours, as in a packet that was unwrapped
 * (FOU) and handed on without an IP header of its own.
 */
struct xl4_space *xsctp_space(const struct net *net, u8 number)
{
	struct xsctp_net *xn = xsctp_net(net);
	int service;

	for (service = 0; service < XSCTP_SERVICES; service++)
		if (number && number == xsctp_protocols[service].number)
			return &xn->space[service];
	return NULL;
}

/* ----------------------------------------------------------------- settings */

static int xsctp_one = 1, xsctp_255 = 255, xsctp_500 = 500, xsctp_65535 = 65535;
static int xsctp_day_ms = 24 * 60 * 60 * MSEC_PER_SEC, xsctp_max_seconds = INT_MAX / HZ;

/* RFC 9260 section 16 */
static const struct xsctp_settings xsctp_defaults = {
	.rto_initial		= 3000,
	.rto_min		= 1000,
	.rto_max		= 60000,
	.max_burst		= 4,
	.valid_cookie_life	= 60000,
	.cookie_preserve_enable	= 1,
	.sack_timeout		= 200,
	.hb_interval		= 30000,
	.association_max_retrans = 10,
	.path_max_retrans	= 5,
	.pf_enable		= 1,
	.pf_retrans		= 0,
	.max_init_retransmits	= 8,
	.max_autoclose		= INT_MAX / HZ,
	.prsctp_enable		= 1,
	.ecn_enable		= 1,
	.auth_enable		= 0,
	.addip_enable		= 0,
	.addip_noauth_enable	= 0,
	.default_auto_asconf	= 0,
	.gso			= 1,
	.reply_limit		= 1000,
	.rmem			= { PAGE_SIZE, 212992, 6 << 20 },
	.wmem			= { PAGE_SIZE, 212992, 4 << 20 },
};

static struct xsctp_net xsctp_template;

#define XSCTP_SETTING(field, low, high)				\
	{							\
		.procname	= #field,			\
		.data		= &xsctp_template.set.field,	\
		.maxlen		= sizeof(int),			\
		.mode		= 0644,				\
		.proc_handler	= proc_dointvec_minmax,		\
		.extra1		= low,				\
		.extra2		= high,				\
	}

#define XSCTP_BUFFERS(field)					\
	{							\
		.procname	= "sctp_" #field,		\
		.data		= &xsctp_template.set.field,	\
		.maxlen		= sizeof(int[3]),		\
		.mode		= 0644,				\
		.proc_handler	= proc_dointvec_minmax,		\
		.extra1		= &xsctp_one,			\
	}

static const struct ctl_table xsctp_ctl_table[] = {
	XSCTP_SETTING(rto_initial, &xsctp_one, &xsctp_day_ms),
	XSCTP_SETTING(rto_min, &xsctp_one, &xsctp_day_ms),
	XSCTP_SETTING(rto_max, &xsctp_one, &xsctp_day_ms),
	XSCTP_SETTING(max_burst, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XSCTP_SETTING(valid_cookie_life, &xsctp_one, &xsctp_day_ms),
	XSCTP_SETTING(cookie_preserve_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(sack_timeout, &xsctp_one, &xsctp_500),
	XSCTP_SETTING(hb_interval, &xsctp_one, &xsctp_day_ms),
	XSCTP_SETTING(association_max_retrans, &xsctp_one, &xsctp_65535),
	XSCTP_SETTING(path_max_retrans, &xsctp_one, &xsctp_65535),
	XSCTP_SETTING(pf_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(pf_retrans, SYSCTL_ZERO, &xsctp_65535),
	XSCTP_SETTING(max_init_retransmits, &xsctp_one, &xsctp_255),
	XSCTP_SETTING(max_autoclose, SYSCTL_ZERO, &xsctp_max_seconds),
	XSCTP_SETTING(prsctp_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(ecn_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(auth_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(addip_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(addip_noauth_enable, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(default_auto_asconf, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(gso, SYSCTL_ZERO, &xsctp_one),
	XSCTP_SETTING(max_associations, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XSCTP_SETTING(reply_limit, SYSCTL_ZERO, SYSCTL_INT_MAX),
	XSCTP_BUFFERS(rmem),
	XSCTP_BUFFERS(wmem),
	{
		.procname	= "sctp_mem",
		.data		= xsctp_mem,
		.maxlen		= sizeof(xsctp_mem),
		.mode		= 0644,
		.proc_handler	= proc_doulongvec_minmax,
	},
};

static const struct xl4_sysctl xsctp_sysctl = {
	.path = "net/xl4/sctp",
	.table = xsctp_ctl_table,
	.entries = ARRAY_SIZE(xsctp_ctl_table),
	.base = &xsctp_template,
	.size = sizeof(xsctp_template),
};

/* --------------------------------------------------------------- namespaces */

/* An association of few streams takes nearly a page: a 64th of memory, for one endpoint. */
static int xsctp_most_associations(void)
{
	return clamp_t(unsigned long, totalram_pages() / 64, 1024, 65536);
}

static int __net_init xsctp_net_init(struct net *net)
{
	struct xsctp_net *xn = xsctp_net(net);
	int err;

	xn->set = xsctp_defaults;
	xn->set.max_associations = xsctp_most_associations();
	err = xl4_spaces_init(xn->space, net, xsctp_protocols, XSCTP_SERVICES);
	if (err)
		return err;
	err = xsctp_table_init(xn);
	if (err)
		goto err_spaces;
	err = xsctp_addresses_init(net);
	if (err)
		goto err_table;
	err = -ENOMEM;
	xn->sysctl = xl4_sysctl_register(net, &xsctp_sysctl, xn);
	if (!xn->sysctl)
		goto err_addresses;
	return 0;

err_addresses:
	xsctp_addresses_exit(net);
err_table:
	xsctp_table_exit(xn);
err_spaces:
	xl4_spaces_exit(xn->space, XSCTP_SERVICES);
	return err;
}

static void __net_exit xsctp_net_exit(struct net *net)
{
	struct xsctp_net *xn = xsctp_net(net);

	xl4_sysctl_unregister(xn->sysctl);
	xsctp_addresses_exit(net);
	xsctp_table_exit(xn);
	xl4_spaces_exit(xn->space, XSCTP_SERVICES);
}

static struct pernet_operations xsctp_net_ops = {
	.init = xsctp_net_init,
	.exit = xsctp_net_exit,
	.id = &xsctp_net_id,
	.size = sizeof(struct xsctp_net),
};

/* ------------------------------------------------------------------- module */

static int __init xsctp_choose_numbers(void)
{
	if (!sctp || sctp > U8_MAX) {
		pr_err("xsctp: sctp=%u: no IP protocol number\n", sctp);
		return -EINVAL;
	}
	xsctp_protocols[XSCTP_OWN].number = sctp;
	if (sctp_iana && sctp != IPPROTO_SCTP && xl4_number_is_free(IPPROTO_SCTP))
		xsctp_protocols[XSCTP_IANA].number = IPPROTO_SCTP;
	return 0;
}

static void xsctp_unregister_services(void)
{
	int service = XSCTP_SERVICES;

	while (service--)
		xl4_protocol_unregister(&xsctp_protocols[service]);
}

static int __init xsctp_register_services(void)
{
	int service, err = 0;

	for (service = 0; !err && service < XSCTP_SERVICES; service++)
		if (xsctp_has(service))
			err = xl4_protocol_register(&xsctp_protocols[service]);
	/* Now none can fail any more for a number that is taken. */
	for (service = 0; !err && service < XSCTP_SERVICES; service++)
		if (xsctp_has(service))
			err = xl4_protocol_open(&xsctp_protocols[service]);
	if (err)
		xsctp_unregister_services();
	return err;
}

static int __init xsctp_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct xsctp_skb_cb) > sizeof_field(struct sk_buff, cb));
	err = xsctp_choose_numbers();
	if (err)
		return err;
	xsctp_mem_init();
	xsctp_cookie_secret_init();
	err = xsctp_hash_init();
	if (err)
		return err;
	err = percpu_counter_init(&xsctp_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		goto err_hash;
	err = xl4_prots_register(xsctp_prots, ARRAY_SIZE(xsctp_prots));
	if (err)
		goto err_counter;
	err = register_pernet_subsys(&xsctp_net_ops);
	if (err)
		goto err_prots;
	err = xsctp_notifiers_register();
	if (err)
		goto err_net;
	err = xsctp_register_services();
	if (err)
		goto err_notifiers;
	return 0;

err_notifiers:
	xsctp_notifiers_unregister();
err_net:
	unregister_pernet_subsys(&xsctp_net_ops);
err_prots:
	/* What was freed by RCU refers to the module's code and slabs. */
	rcu_barrier();
	xl4_prots_unregister(xsctp_prots, ARRAY_SIZE(xsctp_prots));
err_counter:
	percpu_counter_destroy(&xsctp_sockets_allocated);
err_hash:
	xsctp_hash_exit();
	return err;
}

static void __exit xsctp_exit(void)
{
	xsctp_unregister_services();
	xsctp_notifiers_unregister();
	unregister_pernet_subsys(&xsctp_net_ops);
	/* What was freed by RCU refers to the module's code and slabs. */
	rcu_barrier();
	xl4_prots_unregister(xsctp_prots, ARRAY_SIZE(xsctp_prots));
	xsctp_pages_exit();
	percpu_counter_destroy(&xsctp_sockets_allocated);
	xsctp_hash_exit();
}

module_init(xsctp_init);
module_exit(xsctp_exit);

MODULE_DESCRIPTION("SCTP under an IP protocol number of its own");
MODULE_LICENSE("GPL");
/* socket() asks for these by PF_INET, PF_INET6, number and SOCK_STREAM or SOCK_SEQPACKET. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 251, 1);
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 251, 5);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 251, 1);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 251, 5);
