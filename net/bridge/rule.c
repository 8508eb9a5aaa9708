// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of a namespace. Packets read them under RCU; writers have a mutex.
 * While there is none, there is no hook either, and no packet is looked at.
 */

#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bridge.h"

static struct xbridge_rule *xbridge_rule_new(const struct xbridge_selector *selector)
{
	struct xbridge_rule *rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);

	if (!rule)
		return NULL;
	rule->counts = alloc_percpu_gfp(struct xbridge_counts, GFP_KERNEL_ACCOUNT);
	if (!rule->counts) {
		kfree(rule);
		return NULL;
	}
	rule->selector = *selector;
	return rule;
}

static void xbridge_rule_free(struct rcu_head *rcu)
{
	struct xbridge_rule *rule = container_of(rcu, struct xbridge_rule, rcu);

	free_percpu(rule->counts);
	kfree(rule);
}

static bool xbridge_same_side(const struct xbridge_side *a, const struct xbridge_side *b)
{
	return a->length == b->length && a->first_port == b->first_port &&
	       a->last_port == b->last_port && xl4_addr_equal(&a->addr, &b->addr);
}

static struct xbridge_rule *xbridge_rule_lookup(struct xbridge_net *xn,
						const struct xbridge_selector *selector)
{
	struct xbridge_rule *rule;

	list_for_each_entry(rule, &xn->rules, link) {
		const struct xbridge_selector *s = &rule->selector;

		if (s->protocol == selector->protocol && s->family == selector->family &&
		    !strcmp(s->device, selector->device) &&
		    xbridge_same_side(&s->local, &selector->local) &&
		    xbridge_same_side(&s->remote, &selector->remote))
			return rule;
	}
	return NULL;
}

static int xbridge_rule_insert(struct net *net, const struct xbridge_selector *selector)
{
	struct xbridge_net *xn = xbridge_net(net);
	struct xbridge_rule *rule;
	int err;

	if (xbridge_rule_lookup(xn, selector))
		return -EEXIST;
	if (xn->nr_rules >= XBRIDGE_MAX_RULES)
		return -ENOSPC;
	rule = xbridge_rule_new(selector);
	if (!rule)
		return -ENOMEM;
	err = xn->nr_rules ? 0 : xbridge_hooks_register(net);
	if (err) {
		xbridge_rule_free(&rule->rcu);
		return err;
	}
	list_add_tail_rcu(&rule->link, &xn->rules);
	xn->nr_rules++;
	return 0;
}

/**
 * xbridge_rule_add() - add a rule behind the others
 * @net: the namespace
 * @selector: which packets
 *
 * Process context, sleeps.
 *
 * Return: 0, -EEXIST, -ENOSPC if there are as many as may be, -ENOMEM, or what
 * netfilter says.
 */
int xbridge_rule_add(struct net *net, const struct xbridge_selector *selector)
{
	struct xbridge_net *xn = xbridge_net(net);
	int err;

	mutex_lock(&xn->lock);
	err = xbridge_rule_insert(net, selector);
	mutex_unlock(&xn->lock);
	return err;
}

static void xbridge_rule_unlink(struct net *net, struct xbridge_rule *rule)
{
	struct xbridge_net *xn = xbridge_net(net);

	list_del_rcu(&rule->link);
	if (!--xn->nr_rules)
		xbridge_hooks_unregister(net);
	call_rcu(&rule->rcu, xbridge_rule_free);
}

/**
 * xbridge_rule_remove() - remove a rule
 * @net: the namespace
 * @selector: as it was added
 *
 * Process context, sleeps.
 *
 * Return: 0, or -ENOENT if there is no such rule.
 */
int xbridge_rule_remove(struct net *net, const struct xbridge_selector *selector)
{
	struct xbridge_net *xn = xbridge_net(net);
	struct xbridge_rule *rule;

	mutex_lock(&xn->lock);
	rule = xbridge_rule_lookup(xn, selector);
	if (rule)
		xbridge_rule_unlink(net, rule);
	mutex_unlock(&xn->lock);
	return rule ? 0 : -ENOENT;
}

/**
 * xbridge_rules_flush() - remove all rules
 * @net: the namespace
 *
 * Process context, sleeps.
 */
void xbridge_rules_flush(struct net *net)
{
	struct xbridge_net *xn = xbridge_net(net);
	struct xbridge_rule *rule, *next;

	mutex_lock(&xn->lock);
	list_for_each_entry_safe(rule, next, &xn->rules, link)
		xbridge_rule_unlink(net, rule);
	mutex_unlock(&xn->lock);
}

static bool xbridge_selects(const struct xbridge_selector *s, const struct xbridge_packet *packet,
			    const char *device, bool sent_by_us)
{
	const struct xl4_addr *local = sent_by_us ? &packet->source : &packet->destination;
	const struct xl4_addr *remote = sent_by_us ? &packet->destination : &packet->source;

	return s->protocol == packet->protocol &&
	       (s->family == XBRIDGE_ANY || packet->v6 == (s->family == XBRIDGE_V6)) &&
	       xbridge_side_has(&s->local, local, packet->ports[!sent_by_us]) &&
	       xbridge_side_has(&s->remote, remote, packet->ports[sent_by_us]) &&
	       (!*s->device || !device || !strcmp(s->device, device));
}

/**
 * xbridge_rule_find() - the rule that a packet falls under
 * @net: the namespace
 * @packet: it, or what an ICMP error quotes
 * @device: that it comes from or goes to; NULL: whichever a rule wants
 * @sent_by_us: its source is the rules' local side
 *
 * Under rcu_read_lock().
 *
 * Return: the first one, NULL if there is none.
 */
struct xbridge_rule *xbridge_rule_find(const struct net *net, const struct xbridge_packet *packet,
				       const char *device, bool sent_by_us)
{
	struct xbridge_rule *rule;

	list_for_each_entry_rcu(rule, &xbridge_net(net)->rules, link)
		if (xbridge_selects(&rule->selector, packet, device, sent_by_us))
			return rule;
	return NULL;
}

/**
 * xbridge_rule_count() - what a rule has done so far
 * @rule: it
 * @counter: which of its counters
 */
unsigned long xbridge_rule_count(const struct xbridge_rule *rule, enum xbridge_counter counter)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(rule->counts, cpu)->count[counter];
	return sum;
}
