/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The IP protocol numbers of xl4, for socket(2). */
#ifndef _UAPI_XL4_H
#define _UAPI_XL4_H

#define IPPROTO_XSCTP		251	/* SCTP; IANA: unassigned */
#define IPPROTO_XUDPLITE	252	/* UDP-Lite; IANA: unassigned */
#define IPPROTO_XUDP		253	/* UDP; RFC 3692: for experiments */
#define IPPROTO_XTCP		254	/* TCP; RFC 3692: for experiments */
#define IPPROTO_XDCCP		250	/* DCCP; IANA: unassigned */

#endif
