/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings under net.xl4, per namespace.
 *
 * A protocol keeps what it has for a namespace in a struct of its own, and
 * describes its settings once, as fields of one such struct: the template.
 * What an entry of the description has outside of the template, all
 * namespaces share.
 */
#ifndef XL4_SYSCTL_H
#define XL4_SYSCTL_H

#include <linux/sysctl.h>

struct net;

struct ctl_table_header *xl4_sysctl_register(struct net *net, const struct ctl_table *table,
					     unsigned int entries, const void *template,
					     void *settings, size_t size);
void xl4_sysctl_unregister(struct ctl_table_header *header);

#endif
