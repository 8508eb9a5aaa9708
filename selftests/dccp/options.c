// SPDX-License-Identifier: GPL-2.0
/* Socket options at SOL_DCCP: what they take, what they tell, and when they may be set. */
#include "xl4test.h"
#include "dccp.h"

#include <netinet/ip.h>

FIXTURE(options)
{
	const struct flavour *f;
	int fd;
};

FIXTURE_VARIANT(options)
{
	struct flavour flavour;
};

DCCP_FLAVOURS(options);

FIXTURE_SETUP(options)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = dccp_open(self->f);
}

FIXTURE_TEARDOWN(options)
{
}

static int get(int fd, int name)
{
	return get_int(fd, SOL_DCCP, name);
}

static int set(int fd, int name, int value)
{
	return set_int(fd, SOL_DCCP, name, value);
}

TEST_F(options, defaults)
{
	int fd = MUST(socket(self->f->family, SOCK_DCCP, dccp_number()));
	uint32_t service = 1;

	ASSERT_EQ(4, get_dccp(fd, DCCP_SOCKOPT_SERVICE, &service, sizeof(service)));
	EXPECT_EQ(0U, service);
	EXPECT_EQ(0, get(fd, DCCP_SOCKOPT_SEND_CSCOV));
	EXPECT_EQ(0, get(fd, DCCP_SOCKOPT_RECV_CSCOV));
	EXPECT_EQ(0, get(fd, DCCP_SOCKOPT_SERVER_TIMEWAIT));
	EXPECT_EQ(2, get(fd, DCCP_SOCKOPT_TX_CCID));
	EXPECT_EQ(2, get(fd, DCCP_SOCKOPT_RX_CCID));
	EXPECT_EQ(DCCPQ_POLICY_SIMPLE, get(fd, DCCP_SOCKOPT_QPOLICY_ID));
	EXPECT_EQ(5, get(fd, DCCP_SOCKOPT_QPOLICY_TXQLEN));
}

TEST_F(options, there_is_none_of_the_number)
{
	int value = 0;

	EXPECT_ERRNO(ENOPROTOOPT, set(self->fd, 99, 1));
	EXPECT_ERRNO(ENOPROTOOPT, get_dccp(self->fd, 99, &value, sizeof(value)));
	EXPECT_ERRNO(ENOPROTOOPT, set(self->fd, DCCP_SOCKOPT_GET_CUR_MPS, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set(self->fd, DCCP_SOCKOPT_AVAILABLE_CCIDS, 1));
}

TEST_F(options, need_room_and_memory)
{
	int value = 0;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_SEND_CSCOV, &value, 3));
	EXPECT_ERRNO(EFAULT, set_dccp(self->fd, DCCP_SOCKOPT_SEND_CSCOV, NULL, sizeof(value)));
	EXPECT_ERRNO(EINVAL, get_dccp(self->fd, DCCP_SOCKOPT_SEND_CSCOV, &value, 3));
	EXPECT_ERRNO(EFAULT, getsockopt(self->fd, SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV, NULL, &len));
}

/* What programs still set and has no effect. */
TEST_F(options, packet_size_is_of_no_effect)
{
	EXPECT_ERRNO(0, set(self->fd, DCCP_SOCKOPT_PACKET_SIZE, 256));
}

TEST_F(options, service)
{
	uint32_t codes[33] = { htonl(7) }, got = 0;

	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, 3));
	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, 0));
	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, sizeof(codes)));
	EXPECT_ERRNO(0, set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, 32 * 4));
	EXPECT_ERRNO(EINVAL, get_dccp(self->fd, DCCP_SOCKOPT_SERVICE, &got, sizeof(got)));
	EXPECT_ERRNO(0, set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, 4));
	EXPECT_EQ(4, get_dccp(self->fd, DCCP_SOCKOPT_SERVICE, &got, sizeof(got)));
	EXPECT_EQ(7U, ntohl(got));
	/* RFC 4340 section 8.1.2: no service code */
	codes[0] = UINT32_MAX;
	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_SERVICE, codes, 4));
	listening(self->f, self->fd, 1);
	EXPECT_ERRNO(EISCONN, set_service(self->fd, 8));
}

TEST_F(options, current_mps)
{
	struct dccp d = dccp_pair(self->f);

	EXPECT_GT(get(self->fd, DCCP_SOCKOPT_GET_CUR_MPS), 0);
	/* Of the loopback's 65536 octets, less headers. */
	EXPECT_GT(mps_of(d.here), 65400);
	EXPECT_EQ(mps_of(d.here), mps_of(d.there));
}

TEST_F(options, mps_of_an_ethernet)
{
	struct dccp d;

	run("ip link set lo mtu 1500");
	d = dccp_pair(self->f);
	EXPECT_GE(mps_of(d.here), 1400);
	EXPECT_LE(mps_of(d.here), 1500 - 40 - 16);
}

/* What IP puts into each packet takes its room; and gives it back. */
TEST_F(options, mps_is_less_by_what_ip_is_to_put_in)
{
	static const unsigned char route[16] = { IPOPT_RR, 15, 4 }, pad[8] = { 0, 0, 1, 4 };
	bool v6 = wire_family(self->f) == AF_INET6;
	const void *option = v6 ? pad : route;
	socklen_t len = v6 ? sizeof(pad) : sizeof(route);
	int level = v6 ? SOL_IPV6 : SOL_IP, name = v6 ? IPV6_DSTOPTS : IP_OPTIONS, before;
	char data[1500] = "";
	struct dccp d;

	run("ip link set lo mtu 1500");
	d = dccp_pair(self->f);
	before = mps_of(d.here);
	ASSERT_ERRNO(0, setsockopt(d.here, level, name, option, len));
	EXPECT_EQ(before - (int)len, mps_of(d.here));
	EXPECT_ERRNO(EMSGSIZE, send(d.here, data, before - len + 1, 0));
	EXPECT_EQ(before - (int)len, send(d.here, data, before - len, 0));
	settle();
	EXPECT_EQ(before - (int)len, recv(d.there, data, sizeof(data), MSG_DONTWAIT));
	ASSERT_ERRNO(0, setsockopt(d.here, level, name, NULL, 0));
	EXPECT_EQ(before, mps_of(d.here));
}

/* IP's own answer; and what is refused changes nothing. */
TEST_F(options, of_ip_are_kept_and_refused_as_by_others)
{
	static const unsigned char lying[4] = { IPOPT_RR, 40, 4 };
	bool v6 = wire_family(self->f) == AF_INET6;
	int level = v6 ? SOL_IPV6 : SOL_IP, name = v6 ? IPV6_DSTOPTS : IP_OPTIONS;
	int hops = v6 ? IPV6_UNICAST_HOPS : IP_TTL;
	struct dccp d = dccp_pair(self->f);
	int before = mps_of(d.here);

	EXPECT_ERRNO(EINVAL, setsockopt(d.here, level, name, lying, sizeof(lying)));
	EXPECT_EQ(before, mps_of(d.here));
	EXPECT_ERRNO(0, set_int(d.here, level, hops, 7));
	EXPECT_EQ(7, get_int(d.here, level, hops));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(d.here, level, 9999, 1));
	EXPECT_TRUE(passes(d.here, d.there, "hello"));
}

TEST_F(options, coverage)
{
	for (int value = 0; value <= 15; value++) {
		ASSERT_ERRNO(0, set(self->fd, DCCP_SOCKOPT_SEND_CSCOV, value));
		EXPECT_EQ(value, get(self->fd, DCCP_SOCKOPT_SEND_CSCOV));
		ASSERT_ERRNO(0, set(self->fd, DCCP_SOCKOPT_RECV_CSCOV, value));
		EXPECT_EQ(value, get(self->fd, DCCP_SOCKOPT_RECV_CSCOV));
	}
	EXPECT_ERRNO(EINVAL, set(self->fd, DCCP_SOCKOPT_SEND_CSCOV, 16));
	EXPECT_ERRNO(EINVAL, set(self->fd, DCCP_SOCKOPT_RECV_CSCOV, -1));
}

/* Who does not ask for it gets nothing that is covered in part. */
/* What the peer does not take with less is covered as far as it wants. */
TEST_F(options, coverage_has_to_be_enough)
{
	int client = dccp_open(self->f), server = dccp_open(self->f);
	char data[64] = "", got[64];
	struct dccp d;

	MUST(set(server, DCCP_SOCKOPT_RECV_CSCOV, 4));
	d = dccp_join(self->f, client, server);
	for (int value = 0; value <= 15; value++) {
		MUST(set(client, DCCP_SOCKOPT_SEND_CSCOV, value));
		ASSERT_EQ((ssize_t)sizeof(data), send(d.here, data, sizeof(data), 0));
		settle();
		EXPECT_ERRNO(0, recv(d.there, got, sizeof(got), MSG_DONTWAIT));
	}
	EXPECT_EQ(0, dccp_counter("InCsCovDrops"));
}

/* --------------------------------------------------------------------- CCIDs */

TEST_F(options, available_ccids)
{
	uint8_t ids[8] = { 0 };

	ASSERT_EQ(3, get_dccp(self->fd, DCCP_SOCKOPT_AVAILABLE_CCIDS, ids, sizeof(ids)));
	EXPECT_EQ(2, ids[0]);
	EXPECT_EQ(3, ids[1]);
	EXPECT_EQ(4, ids[2]);
	EXPECT_ERRNO(EINVAL, get_dccp(self->fd, DCCP_SOCKOPT_AVAILABLE_CCIDS, ids, 2));
}

TEST_F(options, ccids_that_there_are_not)
{
	uint8_t ids[] = { 2, 77 }, many[17];

	memset(many, 2, sizeof(many));
	EXPECT_ERRNO(ENOPROTOOPT, set_dccp(self->fd, DCCP_SOCKOPT_TX_CCID, ids, sizeof(ids)));
	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_TX_CCID, ids, 0));
	EXPECT_ERRNO(EINVAL, set_dccp(self->fd, DCCP_SOCKOPT_TX_CCID, many, sizeof(many)));
	EXPECT_ERRNO(0, set_dccp(self->fd, DCCP_SOCKOPT_TX_CCID, ids, 1));
}

TEST_F(options, one_ccid_for_each_direction)
{
	int client = dccp_open(self->f);
	uint8_t two = 2, three = 3;
	struct dccp d;

	MUST(set_dccp(client, DCCP_SOCKOPT_TX_CCID, &three, 1));
	MUST(set_dccp(client, DCCP_SOCKOPT_RX_CCID, &two, 1));
	d = dccp_join(self->f, client, dccp_open(self->f));
	EXPECT_TRUE(passes(d.here, d.there, "there"));
	EXPECT_TRUE(passes(d.there, d.here, "and back"));
	EXPECT_EQ(3, get(d.here, DCCP_SOCKOPT_TX_CCID));
	EXPECT_EQ(2, get(d.here, DCCP_SOCKOPT_RX_CCID));
	EXPECT_EQ(2, get(d.there, DCCP_SOCKOPT_TX_CCID));
	EXPECT_EQ(3, get(d.there, DCCP_SOCKOPT_RX_CCID));
	EXPECT_ERRNO(EISCONN, set_dccp(d.here, DCCP_SOCKOPT_TX_CCID, &two, 1));
}

/* As linux/tfrc.h had it. */
struct tfrc_tx_info {
	uint64_t x, x_recv;
	uint32_t x_calc, rtt, p, rto, ipi;
};

struct tfrc_rx_info {
	uint32_t x_recv, rtt, p;
};

TEST_F(options, what_ccid_3_knows)
{
	struct dccp d = dccp_pair_with(self->f, 3);
	struct tfrc_tx_info tx = { 0 };
	struct tfrc_rx_info rx = { 0 };

	EXPECT_ERRNO(ENOTCONN, get_dccp(self->fd, DCCP_SOCKOPT_CCID_TX_INFO, &tx, sizeof(tx)));
	for (int i = 0; i < 50; i++)
		ASSERT_TRUE(passes(d.here, d.there, "hello"));
	ASSERT_EQ((int)sizeof(tx), get_dccp(d.here, DCCP_SOCKOPT_CCID_TX_INFO, &tx, sizeof(tx)));
	EXPECT_GT(tx.x, 0U);
	EXPECT_GT(tx.rtt, 0U);
	EXPECT_EQ(0U, tx.p);
	ASSERT_EQ((int)sizeof(rx), get_dccp(d.there, DCCP_SOCKOPT_CCID_RX_INFO, &rx, sizeof(rx)));
	EXPECT_EQ(0U, rx.p);
	EXPECT_ERRNO(EINVAL, get_dccp(d.here, DCCP_SOCKOPT_CCID_TX_INFO, &tx, 8));
}

TEST_F(options, ccid_2_has_nothing_to_tell)
{
	struct dccp d = dccp_pair(self->f);
	struct tfrc_tx_info tx;

	EXPECT_ERRNO(ENOPROTOOPT, get_dccp(d.here, DCCP_SOCKOPT_CCID_TX_INFO, &tx, sizeof(tx)));
}

/* ------------------------------------------------------------------ features */

/* A feature's number, and what we would have of it. */
TEST_F(options, any_feature)
{
	static const uint8_t window[] = { DCCPF_SEQUENCE_WINDOW, 0, 0, 0, 0, 3, 232 };
	static const uint8_t data_checksum[] = { DCCPF_DATA_CHECKSUM, 1, 0 };
	static const uint8_t unknown[] = { 77, 1 }, bad[] = { DCCPF_SHORT_SEQNOS, 2 };
	int client = dccp_open(self->f);
	struct dccp d;

	EXPECT_ERRNO(EINVAL, set_dccp(client, DCCP_SOCKOPT_CHANGE_L, unknown, sizeof(unknown)));
	EXPECT_ERRNO(EINVAL, set_dccp(client, DCCP_SOCKOPT_CHANGE_R, bad, sizeof(bad)));
	EXPECT_ERRNO(EINVAL, set_dccp(client, DCCP_SOCKOPT_CHANGE_R, window, sizeof(window)));
	EXPECT_ERRNO(0, set_dccp(client, DCCP_SOCKOPT_CHANGE_L, window, sizeof(window)));
	EXPECT_ERRNO(0, set_dccp(client, DCCP_SOCKOPT_CHANGE_R, data_checksum,
				 sizeof(data_checksum)));
	d = dccp_join(self->f, client, dccp_open(self->f));
	EXPECT_TRUE(passes(d.here, d.there, "there"));
	EXPECT_TRUE(passes(d.there, d.here, "and back"));
}

/* RFC 4340 section 7.6.1 */
TEST_F(options, short_sequence_numbers)
{
	static const uint8_t both[] = { DCCPF_SHORT_SEQNOS, 1, 0 };
	int client = dccp_open(self->f), server = dccp_open(self->f);
	struct dccp d;

	MUST(set_dccp(client, DCCP_SOCKOPT_CHANGE_L, both, sizeof(both)));
	MUST(set_dccp(client, DCCP_SOCKOPT_CHANGE_R, both, sizeof(both)));
	MUST(set_dccp(server, DCCP_SOCKOPT_CHANGE_L, both, sizeof(both)));
	MUST(set_dccp(server, DCCP_SOCKOPT_CHANGE_R, both, sizeof(both)));
	d = dccp_join(self->f, client, server);
	for (int i = 0; i < 200; i++) {
		ASSERT_TRUE(passes(d.here, d.there, "there"));
		ASSERT_TRUE(passes(d.there, d.here, "and back"));
	}
	EXPECT_EQ(0, dccp_counter("OutOfWindow"));
}

/* In a connection: the peer is asked at once. */
TEST_F(options, a_feature_in_a_connection)
{
	static const uint8_t window[] = { DCCPF_SEQUENCE_WINDOW, 0, 0, 0, 0, 3, 232 };
	struct dccp d = dccp_pair(self->f);

	EXPECT_ERRNO(0, set_dccp(d.here, DCCP_SOCKOPT_CHANGE_L, window, sizeof(window)));
	EXPECT_ERRNO(0, set_dccp(d.there, DCCP_SOCKOPT_CHANGE_L, window, sizeof(window)));
	for (int i = 0; i < 20; i++) {
		ASSERT_TRUE(passes(d.here, d.there, "there"));
		ASSERT_TRUE(passes(d.there, d.here, "and back"));
	}
}

/* --------------------------------------------------------------------- queue */

TEST_F(options, queueing_policy)
{
	struct dccp d = dccp_pair(self->f);

	EXPECT_ERRNO(0, set(self->fd, DCCP_SOCKOPT_QPOLICY_ID, DCCPQ_POLICY_PRIO));
	EXPECT_EQ(DCCPQ_POLICY_PRIO, get(self->fd, DCCP_SOCKOPT_QPOLICY_ID));
	EXPECT_ERRNO(EINVAL, set(self->fd, DCCP_SOCKOPT_QPOLICY_ID, DCCPQ_POLICY_MAX));
	EXPECT_ERRNO(EINVAL, set(self->fd, DCCP_SOCKOPT_QPOLICY_ID, -1));
	EXPECT_ERRNO(EISCONN, set(d.here, DCCP_SOCKOPT_QPOLICY_ID, DCCPQ_POLICY_PRIO));
	EXPECT_ERRNO(0, set(d.here, DCCP_SOCKOPT_QPOLICY_TXQLEN, 100));
	EXPECT_EQ(100, get(d.here, DCCP_SOCKOPT_QPOLICY_TXQLEN));
	EXPECT_ERRNO(EINVAL, set(d.here, DCCP_SOCKOPT_QPOLICY_TXQLEN, -1));
}

/* ------------------------------------------------------------------- sysctls */

TEST_F(options, settings_are_what_sockets_begin_with)
{
	int fd;

	sysctl_write("net/xl4/dccp/tx_ccid", "3");
	sysctl_write("net/xl4/dccp/rx_ccid", "4");
	sysctl_write("net/xl4/dccp/tx_qlen", "17");
	fd = dccp_open(self->f);
	EXPECT_EQ(17, get(fd, DCCP_SOCKOPT_QPOLICY_TXQLEN));
	MUST(connect_to(fd, name_of(listening(self->f, self->fd, 5))));
	dccp_accept(self->fd);
	/* The listener, which came before, has preferences of its own. */
	EXPECT_EQ(2, get(fd, DCCP_SOCKOPT_TX_CCID));
}

/* RFC 6773: a namespace has to have its port first. */
TEST_F(options, encapsulation_needs_a_port)
{
	EXPECT_ERRNO(EADDRNOTAVAIL, set(self->fd, XDCCP_SOCKOPT_ENCAP, 6511));
	sysctl_write("net/xl4/dccp/encap_port", "6511");
	EXPECT_ERRNO(0, set(self->fd, XDCCP_SOCKOPT_ENCAP, 6511));
	EXPECT_EQ(6511, get(self->fd, XDCCP_SOCKOPT_ENCAP));
	EXPECT_ERRNO(EINVAL, set(self->fd, XDCCP_SOCKOPT_ENCAP, 65536));
	EXPECT_ERRNO(EINVAL, set(self->fd, XDCCP_SOCKOPT_ENCAP, -1));
}

TEST_F(options, in_udp)
{
	struct dccp d;

	sysctl_write("net/xl4/dccp/encap_port", "6511");
	MUST(set(self->fd, XDCCP_SOCKOPT_ENCAP, 6511));
	d = dccp_join(self->f, self->fd, dccp_open(self->f));
	EXPECT_TRUE(passes(d.here, d.there, "there"));
	EXPECT_TRUE(passes(d.there, d.here, "and back"));
	EXPECT_EQ(6511, get(d.there, XDCCP_SOCKOPT_ENCAP));
	EXPECT_GT(dccp_counter("InEncapsulated"), 4);
	EXPECT_EQ(dccp_counter("OutEncapsulated"), dccp_counter("InEncapsulated"));
}

TEST_HARNESS_MAIN
