// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/xl4/bridge: what is read are the rules and what they have done; a
 * line that is written is a command:
 *
 *   add RULE	behind the others
 *   del RULE	said as it was added
 *   flush
 */

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/string.h>
#include <xl4/proc.h>

#include "bridge.h"

#define XBRIDGE_FILE	"bridge"

static void xbridge_show_addr(struct seq_file *seq, const struct xbridge_side *side)
{
	if (xl4_addr_is_v4(&side->addr) && side->length >= 96)
		seq_printf(seq, " %pI4/%u", &side->addr.quad[3], side->length - 96);
	else
		seq_printf(seq, " %pI6c/%u", &side->addr.in6, side->length);
}

static void xbridge_show_side(struct seq_file *seq, const char *name,
			      const struct xbridge_side *side, bool prefix)
{
	bool ports = side->first_port;

	if (!prefix && !ports)
		return;
	seq_printf(seq, " %s", name);
	if (prefix)
		xbridge_show_addr(seq, side);
	if (ports)
		seq_printf(seq, " port %u", side->first_port);
	if (side->last_port != side->first_port && ports)
		seq_printf(seq, "-%u", side->last_port);
}

static void xbridge_show_rule(struct seq_file *seq, const struct xbridge_rule *rule)
{
	const struct xbridge_selector *s = &rule->selector;
	enum xbridge_counter i;

	for (i = 0; i < XBRIDGE_COUNTERS; i++)
		seq_printf(seq, "%10lu ", xbridge_rule_count(rule, i));
	seq_printf(seq, " %s", xbridge_names[s->protocol]);
	if (*s->device)
		seq_printf(seq, " dev %s", s->device);
	xbridge_show_side(seq, "local", &s->local, s->local.prefix);
	xbridge_show_side(seq, "remote", &s->remote, s->remote.prefix);
	seq_putc(seq, '\n');
}

static int xbridge_show(struct seq_file *seq, void *v)
{
	struct xbridge_net *xn = xbridge_net(seq_file_single_net(seq));
	const struct xbridge_rule *rule;

	seq_puts(seq, "        in        out     errors      drops  rule\n");
	mutex_lock(&xn->lock);
	list_for_each_entry(rule, &xn->rules, link)
		xbridge_show_rule(seq, rule);
	mutex_unlock(&xn->lock);
	return 0;
}

static int xbridge_command(struct net *net, char *line)
{
	struct xbridge_selector selector;

	if (!strcmp(line, "flush")) {
		xbridge_rules_flush(net);
		return 0;
	}
	if (strncmp(line, "add ", 4) && strncmp(line, "del ", 4))
		return -EINVAL;
	if (xbridge_selector_parse(line + 4, &selector))
		return -EINVAL;
	return *line == 'a' ? xbridge_rule_add(net, &selector) :
			      xbridge_rule_remove(net, &selector);
}

/* Who opened the file has to be privileged: it may be the output of somebody who is. */
static int xbridge_write(struct file *file, char *line, size_t size)
{
	struct net *net = seq_file_single_net(file->private_data);

	if (!file_ns_capable(file, net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (line[size - 1] == '\n')
		line[--size] = '\0';
	/* One line, and no zero octet in it. */
	if (strlen(line) != size || strchr(line, '\n'))
		return -EINVAL;
	return xbridge_command(net, line);
}

/**
 * xbridge_proc_init() - make the file
 * @net: the namespace; its rules are set up
 *
 * Return: 0 or -ENOMEM.
 */
int xbridge_proc_init(struct net *net)
{
	return proc_create_net_single_write(XBRIDGE_FILE, 0644, xl4_net(net)->dir, xbridge_show,
					    xbridge_write, NULL) ? 0 : -ENOMEM;
}

/**
 * xbridge_proc_exit() - remove the file
 * @net: the namespace; nobody reads or writes its rules any more on return
 */
void xbridge_proc_exit(struct net *net)
{
	remove_proc_entry(XBRIDGE_FILE, xl4_net(net)->dir);
}
