/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The IP protocol numbers of xl4, for socket(2). */
#ifndef _UAPI_XL4_H
#define _UAPI_XL4_H

#define IPPROTO_XSCTP		251	/* SCTP; IANA: unassigned */
#define IPPROTO_XUDPLITE	252	/* UDP-Lite; IANA: unassigned */
#define IPPROTO_XUDP		253	/* UDP; RFC 3692: for experiments */
#define IPPROTO_XTCP		254	/* TCP; RFC 3692: for experiments */
#define IPPROTO_XDCCP		250	/* DCCP; IANA: unassigned */

/* At SOL_DCCP, beside those of linux/dccp.h. int: the peer's UDP port, 0: no UDP (RFC 6773). */
#define XDCCP_SOCKOPT_ENCAP	0x8000

/*
 * struct sockaddr_in or sockaddr_in6: the only client that a listener is for; it is sent
 * DCCP-Listen (RFC 5596). Read: an int, XDCCP_INVITE_...
 */
#define XDCCP_SOCKOPT_INVITE	0x8001
#define XDCCP_INVITE_NONE	0	/* any client may come */
#define XDCCP_INVITE_INVITED	1	/* it is being sent DCCP-Listen; or will be by listen() */
#define XDCCP_INVITE_LISTEN1	2	/* it is waited for */

/* int: our data have the Data Checksum option, and the peer is asked to look (RFC 4340 9.3). */
#define XDCCP_SOCKOPT_DATA_CHECKSUM	0x8002

/* The options of udplite(7), for where the system's headers have lost them. */
#ifndef SOL_UDPLITE
#define SOL_UDPLITE		136
#endif
#ifndef UDPLITE_SEND_CSCOV
#define UDPLITE_SEND_CSCOV	10	/* int: bytes under the checksum, 0: all */
#define UDPLITE_RECV_CSCOV	11	/* int: the least to accept, 0: all */
#endif

#endif
