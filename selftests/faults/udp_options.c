// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory for an option: it is not set, and the socket goes without it. */
#include "xl4test.h"

#include <linux/in6.h>
#include <netinet/ip.h>

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"
#include "program.h"

#define GROUP_V4	"239.1.2.3"
#define GROUP_V6	"ff0e::1:2:3"

static struct message got;

/* A value of each option that has to be kept somewhere. */
struct option {
	const char *name;
	int family;	/* of the sockets that have it; 0: all */
	int level;
	int option;
	const void *value;
	socklen_t len;
};

static struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, ~0U) };
static struct sock_fprog filter = { .len = ARRAY_SIZE(all), .filter = all };

static const unsigned char record_route[16] = { IPOPT_RR, 15, 4 };
static const unsigned char padding[8] = { 0, 0, 1, 4 };

static struct ip_mreqn membership;
static struct ip_mreq_source source_membership;
static struct ipv6_mreq membership6;
static struct group_req group4, group6;
static struct group_source_req source4, source6;
static struct ip_msfilter ip_filter;
static struct group_filter filter4, filter6;
static struct in6_flowlabel_req label = {
	.flr_action = IPV6_FL_A_GET,
	.flr_share = IPV6_FL_S_EXCL,
	.flr_flags = IPV6_FL_F_CREATE,
	.flr_dst = IN6ADDR_LOOPBACK_INIT,
};

#define OPTION(family, level, option, value) \
	{ #option, family, level, option, &(value), sizeof(value) }

static const struct option options[] = {
	OPTION(0, SOL_SOCKET, SO_ATTACH_FILTER, filter),
	OPTION(0, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, filter),
	OPTION(AF_INET, SOL_IP, IP_OPTIONS, record_route),
	OPTION(AF_INET, SOL_IP, IP_ADD_MEMBERSHIP, membership),
	OPTION(AF_INET, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, source_membership),
	OPTION(AF_INET, SOL_IP, IP_MSFILTER, ip_filter),
	OPTION(AF_INET, SOL_IP, MCAST_JOIN_GROUP, group4),
	OPTION(AF_INET, SOL_IP, MCAST_JOIN_SOURCE_GROUP, source4),
	OPTION(AF_INET, SOL_IP, MCAST_MSFILTER, filter4),
	OPTION(AF_INET6, SOL_IPV6, IPV6_HOPOPTS, padding),
	OPTION(AF_INET6, SOL_IPV6, IPV6_DSTOPTS, padding),
	OPTION(AF_INET6, SOL_IPV6, IPV6_ADD_MEMBERSHIP, membership6),
	OPTION(AF_INET6, SOL_IPV6, MCAST_JOIN_GROUP, group6),
	OPTION(AF_INET6, SOL_IPV6, MCAST_JOIN_SOURCE_GROUP, source6),
	OPTION(AF_INET6, SOL_IPV6, MCAST_MSFILTER, filter6),
	OPTION(AF_INET6, SOL_IPV6, IPV6_FLOWLABEL_MGR, label),
};

FIXTURE(udp_options)
{
	struct pair p;
};

FIXTURE_VARIANT(udp_options)
{
	struct flavour flavour;
};

ADD_FLAVOUR(udp_options, udp_ipv4, .family = AF_INET);
ADD_FLAVOUR(udp_options, udp_ipv6, .family = AF_INET6);

/* The groups are those of lo. */
static void fill_values(void)
{
	union address v4 = ipv4(GROUP_V4, 0), v6 = ipv6(GROUP_V6, 0);
	union address from4 = ipv4("192.0.2.9", 0), from6 = ipv6("2001:db8::9", 0);

	membership = (struct ip_mreqn) { .imr_multiaddr = v4.v4.sin_addr,
					 .imr_ifindex = 1 };
	source_membership = (struct ip_mreq_source) {
		.imr_multiaddr = v4.v4.sin_addr,
		.imr_interface.s_addr = htonl(INADDR_LOOPBACK),
		.imr_sourceaddr = from4.v4.sin_addr,
	};
	ip_filter = (struct ip_msfilter) {
		.imsf_multiaddr = v4.v4.sin_addr,
		.imsf_interface.s_addr = htonl(INADDR_LOOPBACK),
		.imsf_fmode = MCAST_EXCLUDE,
		.imsf_numsrc = 1,
		.imsf_slist[0] = from4.v4.sin_addr,
	};
	membership6 = (struct ipv6_mreq) { .ipv6mr_multiaddr = v6.v6.sin6_addr,
					   .ipv6mr_interface = 1 };
	group4 = (struct group_req) { 1, v4.storage };
	group6 = (struct group_req) { 1, v6.storage };
	source4 = (struct group_source_req) { 1, v4.storage, from4.storage };
	source6 = (struct group_source_req) { 1, v6.storage, from6.storage };
	filter4 = (struct group_filter) { .gf_interface = 1,
					  .gf_group = v4.storage,
					  .gf_fmode = MCAST_EXCLUDE,
					  .gf_numsrc = 1,
					  .gf_slist[0] = from4.storage };
	filter6 = (struct group_filter) { .gf_interface = 1,
					  .gf_group = v6.storage,
					  .gf_fmode = MCAST_EXCLUDE,
					  .gf_numsrc = 1,
					  .gf_slist[0] = from6.storage };
}

FIXTURE_SETUP(udp_options)
{
	FAULTS_ONLY();
	ENTER_NETNS(&variant->flavour);
	fill_values();
	self->p = pair_open(&variant->flavour);
}

FIXTURE_TEARDOWN(udp_options)
{
	close(self->p.tx);
	close(self->p.rx);
	EXPECT_TRUE(all_given_back());
}

/* Some options only a member of the group may set. */
static void join_if_need_be(int fd, const struct option *o)
{
	if (o->option == IP_MSFILTER && o->level == SOL_IP)
		MUST(setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &membership,
				sizeof(membership)));
	if (o->option != MCAST_MSFILTER)
		return;
	MUST(setsockopt(fd, o->level, MCAST_JOIN_GROUP,
			o->level == SOL_IP ? &group4 : &group6,
			sizeof(group4)));
}

static int new_socket(const struct flavour *f, const struct option *o)
{
	int fd = dgram_open(f);

	if (o->option == SO_ATTACH_REUSEPORT_CBPF) {
		MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
		MUST(bind_to(fd, loopback(f, 4000)));
	}
	join_if_need_be(fd, o);
	return fd;
}

/* The kernel writes into some, so it gets a copy. */
static int set_option(int fd, const struct option *o)
{
	char copy[sizeof(struct group_filter)];

	memcpy(copy, o->value, o->len);
	return setsockopt(fd, o->level, o->option, copy, o->len);
}

static void sweep_option(struct __test_metadata *_metadata,
			 const struct flavour *f, const struct option *o,
			 const struct pair *p)
{
	struct faults faults = faults_in(o->name);

	while (faults_next(&faults)) {
		int fd = new_socket(f, o), error;

		faults_arm(&faults);
		error = errno_of(set_option(fd, o));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		if (error) {
			EXPECT_ERRNO(0, set_option(fd, o)) {
				TH_LOG("%s, again", o->name);
			}
		}
		EXPECT_EQ(5, send_text(fd, "hello", p->to));
		EXPECT_EQ(5, receive_now(p->rx, &got, 0));
		close(fd);
	}
}

TEST_F_TIMEOUT(udp_options, setsockopt, 240)
{
	const struct flavour *f = &variant->flavour;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!options[i].family || options[i].family == f->family)
			sweep_option(_metadata, f, &options[i], &self->p);
}

static void sweep_reading(struct __test_metadata *_metadata,
			  const struct flavour *f, const struct option *o)
{
	struct faults faults = faults_in(o->name);
	int fd = new_socket(f, o);
	char value[2048];

	MUST(set_option(fd, o));
	while (faults_next(&faults)) {
		socklen_t len = o->option == MCAST_MSFILTER ? o->len
							    : sizeof(value);
		int error;

		/* Of these it wants to know what is asked for. */
		memcpy(value, o->value, o->len);
		faults_arm(&faults);
		error = errno_of(getsockopt(fd, o->level, o->option, value,
					    &len));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
	}
	close(fd);
}

static bool can_be_read(const struct option *o)
{
	return o->option == IP_OPTIONS || o->option == MCAST_MSFILTER ||
	       o->option == IPV6_HOPOPTS || o->option == IPV6_DSTOPTS;
}

TEST_F_TIMEOUT(udp_options, getsockopt, 120)
{
	const struct flavour *f = &variant->flavour;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].family == f->family && can_be_read(&options[i]))
			sweep_reading(_metadata, f, &options[i]);
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
