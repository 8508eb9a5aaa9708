// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/xl4: counters and socket tables, in the formats of the kernel's
 * own, so that the tools which read those read these.
 *
 *   snmp                as /proc/net/snmp: a line of names, a line of values
 *   NAME, NAME6         as /proc/net/udp and udp6, for each protocol
 *
 * Removing a file waits for its readers, so they need no other protection
 * from a space that goes away.
 */

#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <xl4/compat.h>
#include <xl4/listen.h>
#include <xl4/proc.h>
#include <xl4/protocol.h>
#include <xl4/space.h>
#include <xl4/timewait.h>

/* ------------------------------------------------------------- counters */

static const char *const xl4_family_suffix[XL4_FAMILIES] = { "", "6" };

static bool xl4_same_prefix(const struct xl4_space *a, const struct xl4_space *b)
{
	return !strcmp(a->protocol->mib_prefix, b->protocol->mib_prefix);
}

/* One protocol at two numbers has one pair of lines: that of its first space. */
static bool xl4_first_of_prefix(const struct xl4_net *xn, const struct xl4_space *space)
{
	const struct xl4_space *other;

	list_for_each_entry(other, &xn->spaces, link)
		if (xl4_same_prefix(other, space))
			return other == space;
	return false;
}

static unsigned long xl4_sum_of_prefix(const struct xl4_net *xn, const struct xl4_space *space,
				       enum xl4_family family, unsigned int counter)
{
	const struct xl4_space *other;
	unsigned long sum = 0;

	list_for_each_entry(other, &xn->spaces, link)
		if (xl4_same_prefix(other, space) && counter < other->protocol->nr_counters)
			sum += xl4_mib_read(&other->mib[family], counter);
	return sum;
}

static void xl4_snmp_show_space(struct seq_file *seq, const struct xl4_net *xn,
				const struct xl4_space *space, enum xl4_family family)
{
	const struct xl4_protocol *protocol = space->protocol;
	unsigned int i;

	seq_printf(seq, "%s%s:", protocol->mib_prefix, xl4_family_suffix[family]);
	for (i = 0; i < protocol->nr_counters; i++)
		seq_printf(seq, " %s", protocol->counters[i]);
	seq_printf(seq, "\n%s%s:", protocol->mib_prefix, xl4_family_suffix[family]);
	for (i = 0; i < protocol->nr_counters; i++)
		seq_printf(seq, " %lu", xl4_sum_of_prefix(xn, space, family, i));
	seq_putc(seq, '\n');
}

static int xl4_snmp_show(struct seq_file *seq, void *v)
{
	struct xl4_net *xn = xl4_net(seq_file_single_net(seq));
	const struct xl4_space *space;
	enum xl4_family family;

	mutex_lock(&xn->lock);
	for (family = 0; family < XL4_FAMILIES; family++)
		list_for_each_entry(space, &xn->spaces, link)
			if (xl4_first_of_prefix(xn, space))
				xl4_snmp_show_space(seq, xn, space, family);
	mutex_unlock(&xn->lock);
	return 0;
}

/* -------------------------------------------------------------- sockets */

/* The file position is the port to come next; 0 is the line of names. */
#define XL4_PORT_END (U16_MAX + 1)

#define XL4_TABLE_NAMES "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"

/* The v4 table's lines are all of one length, as in /proc/net/udp. */
#define XL4_V4_LINE 127

/* What is printed, handed through xl4_each_on_port(). */
struct xl4_table {
	struct seq_file	*seq;
	int		family;		/* AF_INET or AF_INET6 */
};

static struct xl4_space *xl4_seq_space(const struct seq_file *seq)
{
	return pde_data(file_inode(seq->file));
}

/* Move on to the first port in use from *@pos on. */
static void *xl4_seq_seek(struct seq_file *seq, loff_t *pos)
{
	unsigned long number = *pos;
	struct xl4_port *port;

	port = xa_find(&xl4_seq_space(seq)->ports, &number, U16_MAX, XA_PRESENT);
	*pos = port ? number : XL4_PORT_END;
	return port;
}

static void *xl4_seq_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	rcu_read_lock();
	return *pos ? xl4_seq_seek(seq, pos) : SEQ_START_TOKEN;
}

static void *xl4_seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return xl4_seq_seek(seq, pos);
}

static void xl4_seq_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

/* An address as the tools expect it: words in the machine's order, and a port. */
static void xl4_show_addr(const struct xl4_table *table, const struct xl4_addr *addr, __be16 port)
{
	int i;

	seq_putc(table->seq, ' ');
	for (i = table->family == AF_INET ? 3 : 0; i < 4; i++)
		seq_printf(table->seq, "%08X", (__force u32)addr->quad[i]);
	seq_printf(table->seq, ":%04X", ntohs(port));
}

/* A line but for what it is of: its owner, and the debugging columns. */
struct xl4_line {
	const struct xl4_tuple	*tuple;
	int			state;
	kuid_t			uid;
	u64			inode;		/* 0: no program has it */
	unsigned int		refs;
	const void		*pointer;
	int			drops;
	struct xl4_row		row;
};

static void xl4_show_line(const struct xl4_table *table, const struct xl4_line *line)
{
	const struct xl4_row *row = &line->row;
	struct seq_file *seq = table->seq;
	long left = row->timer ? max_t(long, row->expires - jiffies, 0) : 0;

	if (table->family == AF_INET)
		seq_setwidth(seq, XL4_V4_LINE);
	seq_printf(seq, "%5u:", ntohs(line->tuple->local_port));
	xl4_show_addr(table, &line->tuple->local, line->tuple->local_port);
	xl4_show_addr(table, &line->tuple->remote, line->tuple->remote_port);
	seq_printf(seq, " %02X %08X:%08X %02X:%08lX %08X %5u %8u %llu", line->state,
		   row->tx_queue, row->rx_queue, row->timer, (long)jiffies_to_clock_t(left),
		   row->retransmits, from_kuid_munged(seq_user_ns(seq), line->uid), row->probes,
		   line->inode);
	seq_printf(seq, " %u %pK %u", line->refs, line->pointer, line->drops);
	if (table->family == AF_INET)
		seq_pad(seq, '\n');
	else
		seq_putc(seq, '\n');
}

static void xl4_show_request(const struct xl4_table *table, const struct sock *listener,
			     const struct xl4_request *request)
{
	struct xl4_line line = {
		.tuple = &request->entry.tuple,
		.state = TCP_SYN_RECV,
		.uid = xl4_sock_uid(listener),
		.refs = refcount_read(&request->entry.ref),
		.pointer = request,
		.row = {
			.timer = XL4_ROW_RETRANSMIT,
			.expires = READ_ONCE(request->timer.expires),
			.retransmits = READ_ONCE(request->retries),
		},
	};

	xl4_show_line(table, &line);
}

static void xl4_show_requests(const struct xl4_table *table, const struct sock *sk)
{
	const struct xl4_listener *listener = READ_ONCE(xl4_sk(sk)->listener);
	const struct xl4_request *request;

	if (!listener)
		return;
	list_for_each_entry_rcu(request, &listener->requests, link)
		xl4_show_request(table, sk, request);
}

static void xl4_show_timewait(const struct xl4_table *table, const struct xl4_timewait *tw)
{
	const struct xl4_entry *entry = &tw->binding.entry;
	struct xl4_line line = {
		.tuple = &entry->tuple,
		.state = TCP_TIME_WAIT,
		.uid = GLOBAL_ROOT_UID,
		.refs = refcount_read(&entry->ref),
		.pointer = tw,
		.row = {
			.timer = XL4_ROW_TIMEWAIT,
			.expires = READ_ONCE(tw->timer.expires),
		},
	};

	if (tw->family == table->family && !READ_ONCE(entry->dead))
		xl4_show_line(table, &line);
}

static void xl4_describe(const struct sock *sk, struct xl4_row *row)
{
	const struct xl4_protocol *protocol = xl4_sk(sk)->space->protocol;

	if (protocol->describe) {
		protocol->describe(sk, row);
	} else {
		row->tx_queue = sk_wmem_alloc_get(sk);
		row->rx_queue = sk_rmem_alloc_get(sk);
	}
}

static void xl4_show_sock(struct sock *sk, const struct xl4_binding *binding, void *arg)
{
	const struct xl4_table *table = arg;
	struct xl4_line line = {
		.tuple = &binding->entry.tuple,
		.state = READ_ONCE(sk->sk_state),
		.uid = xl4_sock_uid(sk),
		.inode = sock_i_ino(sk),
		/* One of the references is ours. */
		.refs = refcount_read(&sk->sk_refcnt) - 1,
		.pointer = sk,
		.drops = sk_drops_read(sk),
	};

	if (sk->sk_family != table->family || seq_has_overflowed(table->seq))
		return;
	/* Of a protocol with connections, what is only bound is none yet. */
	if (line.state == TCP_CLOSE && xl4_sk(sk)->space->protocol->connections)
		return;
	xl4_describe(sk, &line.row);
	xl4_show_line(table, &line);
	if (line.state == TCP_LISTEN)
		xl4_show_requests(table, sk);
}

static void xl4_show_port(struct seq_file *seq, const struct xl4_port *port, int family)
{
	struct xl4_table table = { .seq = seq, .family = family };
	const struct xl4_binding *binding;

	xl4_each_on_port(xl4_seq_space(seq), htons(port->number), xl4_show_sock, &table);
	hlist_for_each_entry_rcu(binding, &port->owners, owner)
		if (!binding->sk)
			xl4_show_timewait(&table, container_of(binding, struct xl4_timewait,
							       binding));
}

static int xl4_v4_seq_show(struct seq_file *seq, void *v)
{
	if (v != SEQ_START_TOKEN) {
		xl4_show_port(seq, v, AF_INET);
		return 0;
	}
	seq_setwidth(seq, XL4_V4_LINE);
	seq_printf(seq, "   sl  local_address rem_address   %s", XL4_TABLE_NAMES);
	seq_pad(seq, '\n');
	return 0;
}

static int xl4_v6_seq_show(struct seq_file *seq, void *v)
{
	if (v != SEQ_START_TOKEN) {
		xl4_show_port(seq, v, AF_INET6);
		return 0;
	}
	seq_printf(seq, "  sl  %-38s%-38s%s\n", "local_address", "remote_address", XL4_TABLE_NAMES);
	return 0;
}

static const struct seq_operations xl4_table_ops[XL4_FAMILIES] = {
	[XL4_V4] = {
		.start	= xl4_seq_start,
		.next	= xl4_seq_next,
		.stop	= xl4_seq_stop,
		.show	= xl4_v4_seq_show,
	},
	[XL4_V6] = {
		.start	= xl4_seq_start,
		.next	= xl4_seq_next,
		.stop	= xl4_seq_stop,
		.show	= xl4_v6_seq_show,
	},
};

/* ---------------------------------------------------------------- files */

#define XL4_FILE_NAME 32

static void xl4_file_name(char *name, const struct xl4_space *space, enum xl4_family family)
{
	snprintf(name, XL4_FILE_NAME, "%s%s", space->protocol->name, xl4_family_suffix[family]);
}

static void xl4_table_remove(struct xl4_space *space, enum xl4_family family)
{
	char name[XL4_FILE_NAME];

	xl4_file_name(name, space, family);
	remove_proc_entry(name, xl4_net(space->net)->dir);
}

static int xl4_table_add(struct xl4_space *space, enum xl4_family family)
{
	struct proc_dir_entry *dir = xl4_net(space->net)->dir;
	char name[XL4_FILE_NAME];

	xl4_file_name(name, space, family);
	if (!proc_create_net_data(name, 0444, dir, &xl4_table_ops[family],
				  sizeof(struct seq_net_private), space))
		return -ENOMEM;
	return 0;
}

/**
 * xl4_proc_init() - make /proc/net/xl4 and its snmp
 * @net: the namespace; its struct xl4_net is set up but for the directory
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xl4_proc_init(struct net *net)
{
	struct xl4_net *xn = xl4_net(net);

	xn->dir = proc_net_mkdir(net, "xl4", net->proc_net);
	if (!xn->dir)
		return -ENOMEM;
	if (!proc_create_net_single("snmp", 0444, xn->dir, xl4_snmp_show, NULL)) {
		proc_remove(xn->dir);
		return -ENOMEM;
	}
	return 0;
}

/**
 * xl4_proc_exit() - remove /proc/net/xl4
 * @net: the namespace, in which no space is left
 *
 * Process context, sleeps.
 */
void xl4_proc_exit(struct net *net)
{
	proc_remove(xl4_net(net)->dir);
}

/**
 * xl4_proc_add() - show a space: its socket tables, its lines in snmp
 * @space: all set up; it joins its namespace's list here
 *
 * Process context, may sleep.
 *
 * Return: 0, or -ENOMEM: then nothing is shown.
 */
int xl4_proc_add(struct xl4_space *space)
{
	struct xl4_net *xn = xl4_net(space->net);
	int err;

	err = xl4_table_add(space, XL4_V4);
	if (err)
		return err;
	err = xl4_table_add(space, XL4_V6);
	if (err) {
		xl4_table_remove(space, XL4_V4);
		return err;
	}
	mutex_lock(&xn->lock);
	list_add_tail(&space->link, &xn->spaces);
	mutex_unlock(&xn->lock);
	return 0;
}

/**
 * xl4_proc_remove() - undo xl4_proc_add()
 * @space: nobody reads it here any more when this returns
 *
 * Process context, sleeps.
 */
void xl4_proc_remove(struct xl4_space *space)
{
	struct xl4_net *xn = xl4_net(space->net);

	mutex_lock(&xn->lock);
	list_del(&space->link);
	mutex_unlock(&xn->lock);
	xl4_table_remove(space, XL4_V6);
	xl4_table_remove(space, XL4_V4);
}
