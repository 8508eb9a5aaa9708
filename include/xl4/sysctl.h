/* SPDX-License-Identifier: GPL-2.0 */
/* Settings under net.xl4, per namespace. */
#ifndef XL4_SYSCTL_H
#define XL4_SYSCTL_H

#include <linux/sysctl.h>

struct net;

struct ctl_table_header *xl4_sysctl_register(struct net *net, const struct ctl_table *template,
					     unsigned int entries, const void *template_base,
					     void *base);
void xl4_sysctl_unregister(struct ctl_table_header *header);

#endif
