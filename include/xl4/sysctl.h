/* SPDX-License-Identifier: GPL-2.0 */
/* Settings under net.xl4, per namespace. */
#ifndef XL4_SYSCTL_H
#define XL4_SYSCTL_H

#include <linux/sysctl.h>

struct net;

/*
 * The settings of a protocol, described once. A protocol keeps the settings
 * of a namespace in a struct of its own; @table describes them as fields of
 * one such struct, the template at @base, which may also serve as the
 * defaults. What an entry has outside of that struct, all namespaces share.
 */
struct xl4_sysctl {
	const char		*path;		/* NULL: net/xl4 */
	const struct ctl_table	*table;
	unsigned int		entries;
	const void		*base;
	size_t			size;		/* of the struct */
};

struct ctl_table_header *xl4_sysctl_register(struct net *net, const struct xl4_sysctl *sysctl,
					     void *settings);
void xl4_sysctl_unregister(struct ctl_table_header *header);

#endif
