/* SPDX-License-Identifier: GPL-2.0 */
/* What the error queue of a socket tells. */
#ifndef XL4TEST_REPORT_H
#define XL4TEST_REPORT_H

#include <time.h>
#include <linux/errqueue.h>

#include "datagram.h"

struct report {
	struct sock_extended_err error;
	union address offender;
};

/* Errors of IPv4 come to a v4-mapped socket by both names. */
static inline void ask_for_reports(int fd, const struct flavour *f)
{
	if (f->family == AF_INET6)
		MUST(set_int(fd, SOL_IPV6, IPV6_RECVERR, 1));
	if (f->family == AF_INET || f->mapped)
		MUST(set_int(fd, SOL_IP, IP_RECVERR, 1));
}

/* Waits for a report; m is what came with it. */
static inline bool read_report(int fd, const struct flavour *f,
			       struct message *m, struct report *r)
{
	bool v6 = f->family == AF_INET6;
	struct control c;

	memset(r, 0, sizeof(*r));
	if (!wait_for(fd, POLLERR) || receive(fd, m, MSG_ERRQUEUE) < 0)
		return false;
	c = find_control(m, v6 ? SOL_IPV6 : SOL_IP,
			 v6 ? IPV6_RECVERR : IP_RECVERR);
	if (c.len < sizeof(r->error))
		return false;
	memcpy(r, c.data, c.len < sizeof(*r) ? c.len : sizeof(*r));
	return true;
}

#endif
