/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/xl4: counters and socket tables. */
#ifndef XL4_PROC_H
#define XL4_PROC_H

#include <linux/list.h>
#include <linux/mutex.h>

struct net;
struct proc_dir_entry;
struct xl4_space;

/* What xl4 keeps for each namespace. */
struct xl4_net {
	struct proc_dir_entry	*dir;		/* /proc/net/xl4 */
	struct mutex		lock;		/* of the list */
	struct list_head	spaces;		/* in order of registration */
};

struct xl4_net *xl4_net(const struct net *net);

int xl4_proc_init(struct net *net);
void xl4_proc_exit(struct net *net);
int xl4_proc_add(struct xl4_space *space);
void xl4_proc_remove(struct xl4_space *space);

#endif
