// SPDX-License-Identifier: GPL-2.0
// time: virtual or real
/* No memory for what comes in: a datagram arrives, or is lost and counted. */
#include "xl4test.h"

#include "fault.h"
#include "kmemleak.h"
#include "memory.h"
#include "program.h"
#include "tunnel.h"

#define PORT		4000
#define GROUP_V4	"239.1.2.3"
#define GROUP_V6	"ff0e::1:2:3"
#define MEMBERS		3
#define PIECES		8

static struct message got;
static struct packet pieces[PIECES];

/* tx is here, and what is under test is there, where the test runs. */
FIXTURE(udp_receive)
{
	struct tunnel wire;
	union address to;
	int tx, rx;
};

FIXTURE_VARIANT(udp_receive)
{
	struct flavour flavour;
};

FAULT_FLAVOURS(udp_receive);

FIXTURE_SETUP(udp_receive)
{
	const struct flavour *f = &variant->flavour;

	FAULTS_ONLY();
	ENTER_NETNS(f);
	self->wire = tunnel_create();
	self->tx = dgram_bound(f, address_for(f, VETH_HERE_V4, VETH_HERE_V6,
					      PORT));
	netns_switch(self->wire.there);
	self->to = address_for(f, VETH_THERE_V4, VETH_THERE_V6, PORT);
	self->rx = dgram_bound(f, self->to);
}

FIXTURE_TEARDOWN(udp_receive)
{
	close(self->tx);
	close(self->rx);
	EXPECT_TRUE(all_given_back());
}

static long ip_counter(const struct flavour *f, const char *name)
{
	char in_ipv6[64];

	snprintf(in_ipv6, sizeof(in_ipv6), "Ip6%s", name);
	if (wire_family(f) == AF_INET)
		return counter_in_columns("/proc/self/net/snmp", "Ip:", name);
	return counter_in_lines("/proc/self/net/snmp6", in_ipv6);
}

/* By the protocol, or by IP on the way there. */
static long lost(const struct flavour *f)
{
	return counter(f, "InErrors") + ip_counter(f, "InDiscards") +
	       ip_counter(f, "ReasmFails");
}

/* Sends a datagram of 5 bytes and takes it off the wire. */
static int take_datagram(int tx, int end, const struct flavour *f,
			 union address to)
{
	MUST(send_text(tx, "hello", to));
	tunnel_take(end, protocol_of(f), &pieces[0]);
	return 1;
}

/* The pieces are written in order; an error is that of the wire. */
static int give_all(int end, int n)
{
	int error = 0;

	for (int i = 0; i < n; i++)
		if (tunnel_give(end, &pieces[i]) < 0)
			error = errno;
	return error;
}

/* What is given to the wire, and who is to get it. */
struct arrival {
	int packets;
	const int *rx;
	int receivers;
	ssize_t len;
	bool routed;	/* IP needs memory for its route, and loses without a word */
};

static int count_arrived(const struct arrival *a)
{
	int n = 0;

	for (int i = 0; i < a->receivers; i++)
		n += receive_now(a->rx[i], &got, 0) == a->len;
	return n;
}

/* Each of the receivers got it, or something has been counted as lost. */
static void sweep_give(struct __test_metadata *_metadata,
		       const struct flavour *f, const char *what, int end,
		       const struct arrival *a)
{
	struct faults faults = faults_in(what);

	while (faults_next(&faults)) {
		long before = lost(f);
		int error, arrived;

		faults_arm(&faults);
		error = give_all(end, a->packets);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		arrived = count_arrived(a);
		EXPECT_TRUE(faults.failed || arrived == a->receivers);
		EXPECT_TRUE(error || arrived == a->receivers ||
			    lost(f) > before || (a->routed && !arrived)) {
			TH_LOG("way %d, point %d: lost without a trace",
			       faults.way, faults.point);
		}
		/* The same sockets go on. */
		EXPECT_EQ(0, give_all(end, a->packets));
		EXPECT_EQ(a->receivers, count_arrived(a));
	}
}

static void sweep_datagram(struct __test_metadata *_metadata,
			   FIXTURE_DATA(udp_receive) *self,
			   const struct flavour *f, const char *what)
{
	struct arrival a = { .rx = &self->rx, .receivers = 1, .len = 5 };

	a.packets = take_datagram(self->tx, self->wire.here_end, f, self->to);
	sweep_give(_metadata, f, what, self->wire.there_end, &a);
}

TEST_F_TIMEOUT(udp_receive, datagram, 120)
{
	sweep_datagram(_metadata, self, &variant->flavour, "a datagram comes");
}

TEST_F_TIMEOUT(udp_receive, datagram_with_details, 120)
{
	const struct flavour *f = &variant->flavour;

	MUST(set_int(self->rx, SOL_SOCKET, SO_TIMESTAMP, 1));
	MUST(set_int(self->rx, SOL_IP, IP_PKTINFO, 1));
	if (f->family == AF_INET6)
		MUST(set_int(self->rx, SOL_IPV6, IPV6_RECVPKTINFO, 1));
	sweep_datagram(_metadata, self, f, "one with details comes");
}

TEST_F_TIMEOUT(udp_receive, datagram_through_a_filter, 120)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, ~0U) };

	MUST(program_attach(self->rx, SO_ATTACH_FILTER, all, ARRAY_SIZE(all)));
	sweep_datagram(_metadata, self, &variant->flavour,
		       "one through a filter comes");
}

/* A wire of 1500 bytes: 8000 are six packets, which IP puts together. */
TEST_F_TIMEOUT(udp_receive, fragments, 240)
{
	const struct flavour *f = &variant->flavour;
	static char data[8000];
	struct arrival a = { .packets = 6, .rx = &self->rx, .receivers = 1,
			     .len = sizeof(data) };

	MUST(send_to(self->tx, data, sizeof(data), self->to));
	for (int i = 0; i < a.packets; i++)
		tunnel_take(self->wire.here_end,
			    wire_family(f) == AF_INET6 ? IPPROTO_FRAGMENT
						       : protocol_of(f),
			    &pieces[i]);
	sweep_give(_metadata, f, "fragments come", self->wire.there_end, &a);
}

static int level_of(const struct flavour *f)
{
	return f->family == AF_INET6 ? SOL_IPV6 : SOL_IP;
}

static int member(const struct flavour *f, union address group)
{
	struct group_req request = { .gr_interface = if_nametoindex(TUN),
				     .gr_group = group.storage };
	int fd = dgram_open(f);

	MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(bind_to(fd, any(f, port_of(&group))));
	MUST(setsockopt(fd, level_of(f), MCAST_JOIN_GROUP, &request,
			sizeof(request)));
	return fd;
}

/* Groups leave by the wire. */
static void send_groups_out(int fd, const struct flavour *f)
{
	struct ip_mreqn out = { .imr_ifindex = if_nametoindex(TUN) };

	if (f->family == AF_INET6)
		MUST(set_int(fd, SOL_IPV6, IPV6_MULTICAST_IF, out.imr_ifindex));
	else
		MUST(setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &out,
				sizeof(out)));
}

/* Each member gets a clone, but the last. */
TEST_F_TIMEOUT(udp_receive, multicast, 120)
{
	const struct flavour *f = &variant->flavour;
	union address group = address_for(f, GROUP_V4, GROUP_V6, PORT + 1);
	int members[MEMBERS];
	struct arrival a = { .rx = members, .receivers = MEMBERS, .len = 5,
			     .routed = true };

	netns_switch(self->wire.here);
	send_groups_out(self->tx, f);
	netns_switch(self->wire.there);
	a.packets = take_datagram(self->tx, self->wire.here_end, f, group);
	for (int i = 0; i < MEMBERS; i++)
		members[i] = member(f, group);
	sweep_give(_metadata, f, "a datagram for a group comes",
		   self->wire.there_end, &a);
	for (int i = 0; i < MEMBERS; i++)
		close(members[i]);
}

/* Nobody is there: it is counted, and answered where there is memory for it. */
TEST_F_TIMEOUT(udp_receive, no_socket, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("a datagram for nobody comes");
	int n;

	n = take_datagram(self->tx, self->wire.here_end, f,
			  with_port(self->to, 9));
	while (faults_next(&faults)) {
		long before = counter(f, "NoPorts") + lost(f);
		int error;

		faults_arm(&faults);
		error = give_all(self->wire.there_end, n);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		EXPECT_EQ(before + !error, counter(f, "NoPorts") + lost(f));
	}
}

/* The answer to a datagram of rx for a port that nobody has. */
static void provoke_error(FIXTURE_DATA(udp_receive) *self,
			  const struct flavour *f)
{
	bool v6 = wire_family(f) == AF_INET6;

	MUST(send_text(self->rx, "hello",
		       address_for(f, VETH_HERE_V4, VETH_HERE_V6, 9)));
	tunnel_take(self->wire.there_end, protocol_of(f), &pieces[0]);
	MUST(give_all(self->wire.here_end, 1) ? -1 : 0);
	tunnel_take(self->wire.here_end, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		    &pieces[0]);
}

/* The report may be lost, but then the error itself is told. */
TEST_F_TIMEOUT(udp_receive, icmp_error, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("an ICMP error comes");
	struct report report;

	ask_for_reports(self->rx, f);
	provoke_error(self, f);
	while (faults_next(&faults)) {
		int error;

		faults_arm(&faults);
		error = give_all(self->wire.there_end, 1);
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		receive(self->rx, &got, MSG_ERRQUEUE | MSG_DONTWAIT);
		receive(self->rx, &got, MSG_DONTWAIT);

		EXPECT_EQ(0, give_all(self->wire.there_end, 1));
		EXPECT_TRUE(read_report(self->rx, f, &got, &report));
		EXPECT_EQ((unsigned int)ECONNREFUSED, report.error.ee_errno);
		EXPECT_ERRNO(EAGAIN, receive(self->rx, &got, MSG_DONTWAIT));
	}
}

/*
 * Over loopback a softirq delivers. One send is ten datagrams for a reader
 * that did not ask for UDP_GRO.
 */
TEST_F_TIMEOUT(udp_receive, segments, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_elsewhere("segments come over loopback");
	static char data[10000];
	struct pair p;

	if (f->lite)
		SKIP(return, "UDP-Lite has no segments");
	p = pair_open(f);
	MUST(set_int(p.tx, SOL_UDP, UDP_SEGMENT, 1000));
	while (faults_next(&faults)) {
		long before = lost(f);
		int error, arrived = 0;

		faults_arm(&faults);
		error = errno_of(send_to(p.tx, data, sizeof(data), p.to));
		faults_disarm(&faults);
		EXPECT_TOLD(&faults, error);
		while (receive_now(p.rx, &got, 0) == 1000)
			arrived++;
		if (!faults.failed) {
			EXPECT_EQ(10, arrived);
		}
		EXPECT_TRUE(error || arrived == 10 || lost(f) > before) {
			TH_LOG("point %d: %d arrived", faults.point, arrived);
		}
	}
	close(p.tx);
	close(p.rx);
}

/* A reader that the kernel cannot write to loses the datagram, which counts. */
TEST_F_TIMEOUT(udp_receive, recvmsg, 120)
{
	const struct flavour *f = &variant->flavour;
	struct faults faults = faults_in("recvmsg()");
	struct pair p = pair_open(f);

	MUST(set_int(p.rx, SOL_SOCKET, SO_TIMESTAMP, 1));
	MUST(set_int(p.rx, SOL_IP, IP_RECVTTL, 1));
	while (faults_next(&faults)) {
		long before = counter(f, "InDatagrams") + lost(f);
		ssize_t len;
		int error;

		MUST(send_text(p.tx, "hello", p.to));
		settle();
		faults_arm(&faults);
		len = receive(p.rx, &got, MSG_DONTWAIT);
		faults_disarm(&faults);
		error = errno_of(len);
		EXPECT_TOLD(&faults, error);
		EXPECT_TRUE(len == 5 || error);
		if (counter(f, "InDatagrams") + lost(f) == before) {
			EXPECT_EQ(5, receive_now(p.rx, &got, 0));
		}
	}
	close(p.tx);
	close(p.rx);
}

TEST_THAT_NOTHING_LEAKED

TEST_HARNESS_MAIN
