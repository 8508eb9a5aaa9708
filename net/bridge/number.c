// SPDX-License-Identifier: GPL-2.0
/* Which number is which: the standard ones and xl4's. */

#include <linux/in.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <xl4/xl4.h>

#include "bridge.h"

const struct xbridge_header xbridge_headers[XBRIDGE_PROTOCOLS] = {
	[XBRIDGE_TCP]	  = { .standard = 6,   .length = 20, .check_at = 16 },
	[XBRIDGE_UDP]	  = { .standard = 17,  .length = 8,  .check_at = 6, .zero_is_none = true },
	/* CRC32c, which knows of no number (RFC 9260 section 6.8) */
	[XBRIDGE_SCTP]	  = { .standard = 132, .length = 12, .check_at = -1 },
	[XBRIDGE_DCCP]	  = { .standard = 33,  .length = 12, .check_at = 6 },
	[XBRIDGE_UDPLITE] = { .standard = 136, .length = 8,  .check_at = 6, .zero_is_none = true },
};

/* As the protocols' own modules have them. */
static unsigned int xbridge_ours[XBRIDGE_PROTOCOLS] = {
	[XBRIDGE_TCP]	  = IPPROTO_XTCP,
	[XBRIDGE_UDP]	  = IPPROTO_XUDP,
	[XBRIDGE_SCTP]	  = IPPROTO_XSCTP,
	[XBRIDGE_DCCP]	  = IPPROTO_XDCCP,
	[XBRIDGE_UDPLITE] = IPPROTO_XUDPLITE,
};

module_param_named(tcp, xbridge_ours[XBRIDGE_TCP], uint, 0444);
MODULE_PARM_DESC(tcp, "xl4's IP protocol number of TCP (254)");
module_param_named(udp, xbridge_ours[XBRIDGE_UDP], uint, 0444);
MODULE_PARM_DESC(udp, "xl4's IP protocol number of UDP (253)");
module_param_named(sctp, xbridge_ours[XBRIDGE_SCTP], uint, 0444);
MODULE_PARM_DESC(sctp, "xl4's IP protocol number of SCTP (251)");
module_param_named(dccp, xbridge_ours[XBRIDGE_DCCP], uint, 0444);
MODULE_PARM_DESC(dccp, "xl4's IP protocol number of DCCP (250)");
module_param_named(udplite, xbridge_ours[XBRIDGE_UDPLITE], uint, 0444);
MODULE_PARM_DESC(udplite, "xl4's IP protocol number of UDP-Lite (252)");

/* By the number that a packet comes with: its protocol, plus 1; 0: not ours to change. */
static u8 xbridge_protocols[2][U8_MAX + 1] __read_mostly;

/* Numbers that mean something to IP itself. */
static bool xbridge_taken(unsigned int number)
{
	switch (number) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ICMP:
	case IPPROTO_IGMP:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_ESP:
	case IPPROTO_AH:
	case IPPROTO_ICMPV6:
	case IPPROTO_NONE:
	case IPPROTO_DSTOPTS:
		return true;
	}
	return number > U8_MAX || xbridge_protocols[XBRIDGE_IN][number] ||
	       xbridge_protocols[XBRIDGE_OUT][number];
}

/**
 * xbridge_numbers_init() - take in the module's parameters
 *
 * Return: 0, or -EINVAL and a line in the log.
 */
int xbridge_numbers_init(void)
{
	enum xbridge_protocol i;

	for (i = 0; i < XBRIDGE_PROTOCOLS; i++)
		xbridge_protocols[XBRIDGE_IN][xbridge_headers[i].standard] = i + 1;
	for (i = 0; i < XBRIDGE_PROTOCOLS; i++) {
		if (xbridge_taken(xbridge_ours[i])) {
			pr_err("xl4_bridge: %s cannot have protocol number %u\n",
			       xbridge_names[i], xbridge_ours[i]);
			return -EINVAL;
		}
		xbridge_protocols[XBRIDGE_OUT][xbridge_ours[i]] = i + 1;
	}
	return 0;
}

/**
 * xbridge_protocol_of() - may a packet with this number be renumbered?
 * @way: that it takes
 * @number: of the packet
 * @protocol: set, if so
 */
bool xbridge_protocol_of(enum xbridge_way way, u8 number, enum xbridge_protocol *protocol)
{
	u8 found = xbridge_protocols[way][number];

	if (found)
		*protocol = found - 1;
	return found;
}

/**
 * xbridge_number_after() - the number that a packet gets
 * @way: that it takes
 * @protocol: whose it is
 */
u8 xbridge_number_after(enum xbridge_way way, enum xbridge_protocol protocol)
{
	return way == XBRIDGE_IN ? xbridge_ours[protocol] : xbridge_headers[protocol].standard;
}
