// SPDX-License-Identifier: GPL-2.0
/* xl4run's rule: which of a program's sockets become which protocol. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "kselftest_harness.h"

#include "../../tools/xl4run/map.c"

static const char all[] = "udp=253,udplite=252,tcp=254,sctp=251,dccp=250";

struct rule {
	int domain, type, protocol, becomes;
};

static const struct rule rules[] = {
	{ AF_INET,  SOCK_DGRAM,     0,		      253 },
	{ AF_INET6, SOCK_DGRAM,     0,		      253 },
	{ AF_INET,  SOCK_DGRAM,     IPPROTO_UDP,      253 },
	{ AF_INET,  SOCK_DGRAM,     136,	      252 },
	{ AF_INET,  SOCK_STREAM,    0,		      254 },
	{ AF_INET6, SOCK_STREAM,    IPPROTO_TCP,      254 },
	{ AF_INET,  SOCK_STREAM,    IPPROTO_SCTP,     251 },
	{ AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP,     251 },
	{ AF_INET,  SOCK_SEQPACKET, 0,		      251 },
	{ AF_INET,  SOCK_DCCP,	    0,		      250 },
	{ AF_INET,  SOCK_DCCP,	    IPPROTO_DCCP,     250 },

	/* flags beside the type */
	{ AF_INET,  SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 253 },
	{ AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0, 254 },

	/* none of ours */
	{ AF_UNIX,  SOCK_DGRAM,     0,		      0 },
	{ AF_UNIX,  SOCK_STREAM,    0,		      0 },
	{ AF_NETLINK, SOCK_DGRAM,   0,		      0 },
	{ AF_PACKET, SOCK_DGRAM,    IPPROTO_UDP,      IPPROTO_UDP },
	{ AF_INET,  SOCK_DGRAM,     IPPROTO_ICMP,     IPPROTO_ICMP },
	{ AF_INET,  SOCK_RAW,	    IPPROTO_UDP,      IPPROTO_UDP },
	{ AF_INET,  SOCK_RAW,	    0,		      0 },
	{ AF_INET,  SOCK_STREAM,    262,	      262 },
	{ AF_INET,  SOCK_DGRAM,     253,	      253 },
	/* wrong, and the kernel shall say so */
	{ AF_INET,  SOCK_STREAM,    IPPROTO_UDP,      IPPROTO_UDP },
	{ AF_INET,  SOCK_DGRAM,     IPPROTO_TCP,      IPPROTO_TCP },
	{ AF_INET,  SOCK_DGRAM,     IPPROTO_SCTP,     IPPROTO_SCTP },
};

TEST(each_rule)
{
	struct xl4map map;
	size_t i;

	ASSERT_EQ(0, xl4map_parse(&map, all));
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];

		EXPECT_EQ(r->becomes, xl4map_to_xl4(&map, r->domain, r->type, r->protocol))
			TH_LOG("socket(%d, %#x, %d)", r->domain, r->type, r->protocol);
	}
}

TEST(what_is_not_in_the_map_stays)
{
	struct xl4map map;

	ASSERT_EQ(0, xl4map_parse(&map, "udplite=252"));
	EXPECT_EQ(0, xl4map_to_xl4(&map, AF_INET, SOCK_DGRAM, 0));
	EXPECT_EQ(IPPROTO_UDP, xl4map_to_xl4(&map, AF_INET, SOCK_DGRAM, IPPROTO_UDP));
	EXPECT_EQ(0, xl4map_to_xl4(&map, AF_INET, SOCK_STREAM, 0));
	EXPECT_EQ(252, xl4map_to_xl4(&map, AF_INET, SOCK_DGRAM, 136));
	EXPECT_EQ(253, xl4map_to_standard(&map, 253));
	EXPECT_EQ(0, xl4map_to_standard(&map, 0));
}

TEST(the_way_back)
{
	struct xl4map map;

	ASSERT_EQ(0, xl4map_parse(&map, all));
	EXPECT_EQ(IPPROTO_UDP, xl4map_to_standard(&map, 253));
	EXPECT_EQ(136, xl4map_to_standard(&map, 252));
	EXPECT_EQ(IPPROTO_TCP, xl4map_to_standard(&map, 254));
	EXPECT_EQ(IPPROTO_SCTP, xl4map_to_standard(&map, 251));
	EXPECT_EQ(IPPROTO_DCCP, xl4map_to_standard(&map, 250));
	EXPECT_EQ(IPPROTO_ICMP, xl4map_to_standard(&map, IPPROTO_ICMP));
}

TEST(texts_that_are_no_map)
{
	static const char *const texts[] = {
		"", "udp", "udp=", "udp=0", "udp=256", "udp=-1", "=253", "upd=253",
		"udp=253,", ",udp=253", "udp=253;tcp=254", "udp=253 ", "udplit=252",
		"udp=99999999999999999999",
	};
	struct xl4map map;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		EXPECT_EQ(-1, xl4map_parse(&map, texts[i]))
			TH_LOG("\"%s\"", texts[i]);
}

TEST_HARNESS_MAIN
