// SPDX-License-Identifier: GPL-2.0
/* Socket options of SOL_SCTP: RFC 6458 section 8. */
#include "xl4test.h"
#include "program.h"
#include "sctp.h"

#include <stddef.h>

FIXTURE(options)
{
	const struct flavour *f;
	int one;
	int many;
};

FIXTURE_VARIANT(options)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(options);

FIXTURE_SETUP(options)
{
	netns_enter();
	self->f = &variant->flavour;
	self->one = one_open(self->f);
	self->many = many_open(self->f);
}

FIXTURE_TEARDOWN(options)
{
}

#define GET(fd, name, value) ASSERT_EQ(0, get_option(fd, name, &(value), sizeof(value)))
#define SET(fd, name, value) ASSERT_EQ(0, set_option(fd, name, &(value), sizeof(value)))
#define EXPECT_SET(error, fd, name, value) \
	EXPECT_ERRNO(error, set_option(fd, name, &(value), sizeof(value)))
#define EXPECT_GET(error, fd, name, value) \
	EXPECT_ERRNO(error, get_option(fd, name, &(value), sizeof(value)))

/* -------------------------------------------------------------------- general */

TEST_F(options, there_are_no_others)
{
	char value[64] = { 0 };

	for (int name = 134; name < 200; name++) {
		ASSERT_ERRNO(ENOPROTOOPT, set_option(self->one, name, value, sizeof(value)));
		ASSERT_ERRNO(ENOPROTOOPT, get_option(self->one, name, value, sizeof(value)));
	}
	EXPECT_ERRNO(ENOPROTOOPT, set_option(self->one, -1, value, sizeof(value)));
	EXPECT_ERRNO(ENOPROTOOPT, get_option(self->one, 103, value, sizeof(value)));
}

/* Whatever it is, nothing but an errno may come of a length or an address that is wrong. */
TEST_F(options, bear_all_lengths_and_addresses)
{
	struct many m = many_pair(self->f);
	static char value[1024];
	int fds[] = { self->one, self->many, m.here };
	socklen_t len;

	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++)
		for (int name = -1; name < 140; name++) {
			if (name == SCTP_SOCKOPT_CONNECTX || name == SCTP_SOCKOPT_CONNECTX_OLD)
				continue;
			for (len = 0; len <= 400; len++) {
				memset(value, 0, sizeof(value));
				set_option(fds[i], name, value, len);
				socklen_t room = len;
				getsockopt(fds[i], SOL_SCTP, name, value, &room);
				ASSERT_LE(room, len > 4 ? len : 4) TH_LOG("%d: %d", name, len);
			}
			set_option(fds[i], name, NULL, 16);
			len = 16;
			getsockopt(fds[i], SOL_SCTP, name, NULL, &len);
			len = -1;
			EXPECT_NE(0, getsockopt(fds[i], SOL_SCTP, name, value, &len));
		}
}

TEST_F(options, bear_random_values)
{
	struct many m = many_pair(self->f);
	static unsigned char value[400];

	srandom(4711);
	for (int i = 0; i < 20000; i++) {
		int name = random() % 134;
		socklen_t len = random() % 320, room = len;

		if (name >= 100 && name <= 111)
			continue;
		for (unsigned int j = 0; j < len; j++)
			value[j] = random() % 3 ? 0 : random();
		if (random() % 2)
			memcpy(value, &m.here_id, sizeof(m.here_id));
		set_option(m.here, name, value, len);
		getsockopt(m.here, SOL_SCTP, name, value, &room);
	}
	close(m.here);
}

TEST_F(options, of_ip_are_there_too)
{
	ASSERT_EQ(0, set_int(self->one, IPPROTO_IP, IP_TOS, 0x10));
	EXPECT_EQ(0x10, get_int(self->one, IPPROTO_IP, IP_TOS));
	if (self->f->family == AF_INET6)
		EXPECT_EQ(0, set_int(self->one, IPPROTO_IPV6, IPV6_TCLASS, 0x10));
}

/* The program that a socket has decides what of the peer's it hears. */
TEST_F(options, a_filter_keeps_packets_out)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct one o = one_pair(self->f);
	char octet;

	ASSERT_EQ(0, program_attach(o.there, SO_ATTACH_FILTER, none, 1));
	ASSERT_EQ(1, send(o.here, "x", 1, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(o.there, &octet, 1, 0));
	ASSERT_EQ(0, set_int(o.there, SOL_SOCKET, SO_DETACH_FILTER, 0));
	/* The one that was lost comes again. */
	EXPECT_EQ(1, recv(o.there, &octet, 1, 0));
}

/* ------------------------------------------------------------------- timeouts */

TEST_F(options, rtoinfo)
{
	struct sctp_rtoinfo rto = { 0 }, zero = { 0 };

	GET(self->many, SCTP_RTOINFO, rto);
	EXPECT_EQ(3000, rto.srto_initial);
	EXPECT_EQ(1000, rto.srto_min);
	EXPECT_EQ(60000, rto.srto_max);
	rto.srto_min = 200;
	rto.srto_initial = 500;
	SET(self->many, SCTP_RTOINFO, rto);
	SET(self->many, SCTP_RTOINFO, zero);
	memset(&rto, 0, sizeof(rto));
	GET(self->many, SCTP_RTOINFO, rto);
	EXPECT_EQ(500, rto.srto_initial);
	EXPECT_EQ(200, rto.srto_min);
	EXPECT_EQ(60000, rto.srto_max);
	rto.srto_min = 2000;
	rto.srto_max = 1000;
	EXPECT_SET(EINVAL, self->many, SCTP_RTOINFO, rto);
	EXPECT_ERRNO(EINVAL, set_option(self->many, SCTP_RTOINFO, &rto, sizeof(rto) - 1));
}

TEST_F(options, rtoinfo_of_an_association)
{
	struct many m = many_pair(self->f);
	struct sctp_rtoinfo rto = { .srto_assoc_id = m.here_id, .srto_max = 5000 };

	SET(m.here, SCTP_RTOINFO, rto);
	GET(m.here, SCTP_RTOINFO, rto);
	EXPECT_EQ(5000, rto.srto_max);
	rto.srto_assoc_id = SCTP_FUTURE_ASSOC;
	GET(m.here, SCTP_RTOINFO, rto);
	EXPECT_EQ(60000, rto.srto_max);
	rto.srto_assoc_id = SCTP_ALL_ASSOC;
	EXPECT_SET(EINVAL, m.here, SCTP_RTOINFO, rto);
	rto.srto_assoc_id = m.here_id + 1;
	EXPECT_SET(EINVAL, m.here, SCTP_RTOINFO, rto);
	EXPECT_GET(EINVAL, m.here, SCTP_RTOINFO, rto);
}

TEST_F(options, associnfo)
{
	struct many m = many_pair(self->f);
	struct sctp_assocparams p = { 0 };

	GET(m.here, SCTP_ASSOCINFO, p);
	EXPECT_EQ(10, p.sasoc_asocmaxrxt);
	EXPECT_EQ(60000, p.sasoc_cookie_life);
	p.sasoc_assoc_id = m.here_id;
	GET(m.here, SCTP_ASSOCINFO, p);
	EXPECT_EQ(1, p.sasoc_number_peer_destinations);
	EXPECT_GT(p.sasoc_peer_rwnd, 0);
	EXPECT_GT(p.sasoc_local_rwnd, 0);
	p.sasoc_asocmaxrxt = 4;
	p.sasoc_cookie_life = 0;
	SET(m.here, SCTP_ASSOCINFO, p);
	GET(m.here, SCTP_ASSOCINFO, p);
	EXPECT_EQ(4, p.sasoc_asocmaxrxt);
	EXPECT_EQ(60000, p.sasoc_cookie_life);
}

TEST_F(options, initmsg)
{
	struct sctp_initmsg init = { 0 }, some = { .sinit_num_ostreams = 7 };

	GET(self->one, SCTP_INITMSG, init);
	EXPECT_EQ(10, init.sinit_num_ostreams);
	EXPECT_EQ(8, init.sinit_max_attempts);
	SET(self->one, SCTP_INITMSG, some);
	GET(self->one, SCTP_INITMSG, init);
	EXPECT_EQ(7, init.sinit_num_ostreams);
	EXPECT_EQ(8, init.sinit_max_attempts);
}

TEST_F(options, initmsg_negotiates_streams)
{
	struct sctp_initmsg client = { .sinit_num_ostreams = 20, .sinit_max_instreams = 30 };
	struct sctp_initmsg server = { .sinit_num_ostreams = 40, .sinit_max_instreams = 10 };
	int listener = listening(self->f, one_open(self->f), 1);
	struct sctp_status status;

	SET(self->one, SCTP_INITMSG, client);
	SET(listener, SCTP_INITMSG, server);
	ASSERT_ERRNO(0, connect_to(self->one, name_of(listener)));
	status = status_of(self->one, 0);
	EXPECT_EQ(10, status.sstat_outstrms);
	EXPECT_EQ(30, status.sstat_instrms);
	status = status_of(MUST(accept(listener, NULL, NULL)), 0);
	EXPECT_EQ(30, status.sstat_outstrms);
	EXPECT_EQ(10, status.sstat_instrms);
}

TEST_F(options, delayed_sack)
{
	struct sctp_sack_info info = { 0 };
	struct sctp_assoc_value old = { 0 };

	GET(self->many, SCTP_DELAYED_SACK, info);
	EXPECT_EQ(200, info.sack_delay);
	EXPECT_EQ(2, info.sack_freq);
	info.sack_delay = 501;
	EXPECT_SET(EINVAL, self->many, SCTP_DELAYED_SACK, info);
	info.sack_delay = 100;
	info.sack_freq = 0;
	SET(self->many, SCTP_DELAYED_SACK, info);
	info.sack_delay = 0;
	info.sack_freq = 5;
	SET(self->many, SCTP_DELAYED_SACK, info);
	GET(self->many, SCTP_DELAYED_SACK, info);
	EXPECT_EQ(100, info.sack_delay);
	EXPECT_EQ(5, info.sack_freq);
	/* Of old: a delay, and 0 is none. */
	SET(self->many, SCTP_DELAYED_SACK, old);
	GET(self->many, SCTP_DELAYED_SACK, info);
	EXPECT_EQ(1, info.sack_freq);
	EXPECT_EQ(0, info.sack_delay);
}

/* ------------------------------------------------------------------- switches */

TEST_F(options, switches_are_off_but_mapping)
{
	EXPECT_EQ(0, get_int(self->one, SOL_SCTP, SCTP_NODELAY));
	EXPECT_EQ(0, get_int(self->one, SOL_SCTP, SCTP_DISABLE_FRAGMENTS));
	EXPECT_EQ(0, get_int(self->one, SOL_SCTP, SCTP_RECVRCVINFO));
	EXPECT_EQ(0, get_int(self->one, SOL_SCTP, SCTP_RECVNXTINFO));
	EXPECT_EQ(0, get_int(self->one, SOL_SCTP, SCTP_FRAGMENT_INTERLEAVE));
	EXPECT_EQ(1, get_int(self->one, SOL_SCTP, SCTP_I_WANT_MAPPED_V4_ADDR));
}

TEST_F(options, switches_switch)
{
	const int names[] = { SCTP_NODELAY, SCTP_DISABLE_FRAGMENTS, SCTP_RECVRCVINFO,
			      SCTP_RECVNXTINFO, SCTP_FRAGMENT_INTERLEAVE,
			      SCTP_I_WANT_MAPPED_V4_ADDR };
	char byte = 1;

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(0, set_int(self->one, SOL_SCTP, names[i], 1));
		EXPECT_EQ(1, get_int(self->one, SOL_SCTP, names[i]));
		ASSERT_EQ(0, set_int(self->one, SOL_SCTP, names[i], 0));
		EXPECT_EQ(0, get_int(self->one, SOL_SCTP, names[i]));
		EXPECT_ERRNO(EINVAL, set_option(self->one, names[i], &byte, 1));
	}
}

TEST_F(options, unfragmented_is_too_large)
{
	struct one o = one_pair(self->f);
	static char data[70000];

	ASSERT_EQ(0, set_int(o.here, SOL_SCTP, SCTP_DISABLE_FRAGMENTS, 1));
	EXPECT_ERRNO(EMSGSIZE, send(o.here, data, sizeof(data), MSG_NOSIGNAL));
	EXPECT_EQ(100, send(o.here, data, 100, 0));
}

TEST_F(options, mapping_is_of_what_is_told)
{
	struct message *m = calloc(1, sizeof(*m));
	struct many pair = many_pair(self->f);
	struct sending s = { .info.snd_assoc_id = pair.here_id };

	if (!self->f->mapped)
		SKIP(return, "of mapped addresses");
	ASSERT_EQ(0, set_int(pair.there, SOL_SCTP, SCTP_I_WANT_MAPPED_V4_ADDR, 0));
	ASSERT_EQ(1, send_message(pair.here, &s, "x", 1));
	ASSERT_EQ(1, receive(pair.there, m, 0));
	EXPECT_EQ(AF_INET, m->name.sa.sa_family);
	ASSERT_EQ(0, set_int(pair.there, SOL_SCTP, SCTP_I_WANT_MAPPED_V4_ADDR, 1));
	ASSERT_EQ(1, send_message(pair.here, &s, "x", 1));
	ASSERT_EQ(1, receive(pair.there, m, 0));
	EXPECT_EQ(AF_INET6, m->name.sa.sa_family);
}

/* ---------------------------------------------------------- numbers with an id */

TEST_F(options, maxseg)
{
	int value = 500;

	EXPECT_EQ(0, get_assoc_value(self->many, SCTP_MAXSEG, 0));
	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_MAXSEG, 0, 1000));
	EXPECT_EQ(1000, get_assoc_value(self->many, SCTP_MAXSEG, 0));
	SET(self->many, SCTP_MAXSEG, value);
	EXPECT_EQ(500, get_int(self->many, SOL_SCTP, SCTP_MAXSEG));
	EXPECT_ERRNO(EINVAL, set_assoc_value(self->many, SCTP_MAXSEG, 0, 65536));
	EXPECT_ERRNO(EINVAL, set_assoc_value(self->many, SCTP_MAXSEG, 0, 1));
	EXPECT_ERRNO(EINVAL, set_assoc_value(self->many, SCTP_MAXSEG, 55, 1000));
}

TEST_F(options, maxseg_of_an_association_is_where_messages_are_cut)
{
	struct many m = many_pair(self->f);

	ASSERT_EQ(0, set_assoc_value(m.here, SCTP_MAXSEG, m.here_id, 600));
	EXPECT_EQ(600, get_assoc_value(m.here, SCTP_MAXSEG, m.here_id));
	EXPECT_EQ(600, status_of(m.here, m.here_id).sstat_fragmentation_point);
}

static void future_current_all(struct __test_metadata *_metadata, const struct flavour *f,
			       int name, unsigned int other)
{
	struct many m = many_pair(f);
	long before = get_assoc_value(m.here, name, SCTP_FUTURE_ASSOC);

	ASSERT_EQ(0, set_assoc_value(m.here, name, SCTP_CURRENT_ASSOC, other));
	EXPECT_EQ(other, get_assoc_value(m.here, name, m.here_id));
	EXPECT_EQ(before, get_assoc_value(m.here, name, SCTP_FUTURE_ASSOC));
	ASSERT_EQ(0, set_assoc_value(m.here, name, SCTP_FUTURE_ASSOC, other + 1));
	EXPECT_EQ(other, get_assoc_value(m.here, name, m.here_id));
	EXPECT_EQ(other + 1, get_assoc_value(m.here, name, SCTP_FUTURE_ASSOC));
	ASSERT_EQ(0, set_assoc_value(m.here, name, SCTP_ALL_ASSOC, other + 2));
	EXPECT_EQ(other + 2, get_assoc_value(m.here, name, m.here_id));
	EXPECT_EQ(other + 2, get_assoc_value(m.here, name, SCTP_FUTURE_ASSOC));
	ASSERT_EQ(0, set_assoc_value(m.here, name, m.here_id, other + 3));
	EXPECT_EQ(other + 3, get_assoc_value(m.here, name, m.here_id));
	EXPECT_ERRNO(EINVAL, set_assoc_value(m.here, name, m.here_id + 9, other));
	EXPECT_EQ(-1, get_assoc_value(m.here, name, SCTP_ALL_ASSOC));
}

TEST_F(options, context)
{
	future_current_all(_metadata, self->f, SCTP_CONTEXT, 100);
}

TEST_F(options, max_burst)
{
	int old = 9;

	EXPECT_EQ(4, get_assoc_value(self->many, SCTP_MAX_BURST, 0));
	SET(self->many, SCTP_MAX_BURST, old);
	EXPECT_EQ(9, get_int(self->many, SOL_SCTP, SCTP_MAX_BURST));
	future_current_all(_metadata, self->f, SCTP_MAX_BURST, 10);
}

TEST_F(options, partial_delivery_point)
{
	int rcvbuf = get_int(self->one, SOL_SOCKET, SO_RCVBUF);

	ASSERT_EQ(0, set_int(self->one, SOL_SCTP, SCTP_PARTIAL_DELIVERY_POINT, 1000));
	EXPECT_EQ(1000, get_int(self->one, SOL_SCTP, SCTP_PARTIAL_DELIVERY_POINT));
	EXPECT_ERRNO(EINVAL, set_int(self->one, SOL_SCTP, SCTP_PARTIAL_DELIVERY_POINT,
				     rcvbuf + 1));
}

/* ------------------------------------------------------------------- messages */

TEST_F(options, default_send_param_and_sndinfo_are_one)
{
	struct sctp_sndrcvinfo old = { .sinfo_stream = 3, .sinfo_ppid = htonl(77),
				       .sinfo_context = 5, .sinfo_flags = SCTP_UNORDERED };
	struct sctp_sndinfo info = { 0 };

	SET(self->many, SCTP_DEFAULT_SEND_PARAM, old);
	GET(self->many, SCTP_DEFAULT_SNDINFO, info);
	EXPECT_EQ(3, info.snd_sid);
	EXPECT_EQ(htonl(77), info.snd_ppid);
	EXPECT_EQ(5, info.snd_context);
	EXPECT_EQ(SCTP_UNORDERED, info.snd_flags);
	info.snd_flags = 0x8000;
	EXPECT_SET(EINVAL, self->many, SCTP_DEFAULT_SNDINFO, info);
}

TEST_F(options, defaults_are_what_is_sent)
{
	struct message *m = calloc(1, sizeof(*m));
	struct one o = one_pair(self->f);
	struct sctp_sndinfo info = { .snd_sid = 2, .snd_ppid = htonl(1234) };

	want_rcvinfo(o.there);
	SET(o.here, SCTP_DEFAULT_SNDINFO, info);
	ASSERT_EQ(1, send(o.here, "x", 1, 0));
	ASSERT_EQ(1, receive(o.there, m, 0));
	EXPECT_EQ(2, rcvinfo_of(m).rcv_sid);
	EXPECT_EQ(htonl(1234), rcvinfo_of(m).rcv_ppid);
}

TEST_F(options, context_comes_with_messages)
{
	struct message *m = calloc(1, sizeof(*m));
	struct one o = one_pair(self->f);

	want_rcvinfo(o.there);
	ASSERT_EQ(0, set_assoc_value(o.there, SCTP_CONTEXT, 0, 42));
	ASSERT_EQ(1, send(o.here, "x", 1, 0));
	ASSERT_EQ(1, receive(o.there, m, 0));
	EXPECT_EQ(42, rcvinfo_of(m).rcv_context);
}

static struct sctp_nxtinfo nxtinfo_of(const struct message *m)
{
	struct control c = find_control(m, SOL_SCTP, SCTP_NXTINFO);
	struct sctp_nxtinfo info = { .nxt_assoc_id = -1 };

	if (c.data && c.len >= sizeof(info))
		memcpy(&info, c.data, sizeof(info));
	return info;
}

static bool has_nxtinfo(const struct message *m)
{
	return find_control(m, SOL_SCTP, SCTP_NXTINFO).data;
}

/* RFC 6458 section 5.3.6 */
TEST_F(options, recvnxtinfo_tells_of_the_next_message)
{
	struct sending s = { .info = { .snd_sid = 2, .snd_ppid = htonl(1234) } };
	struct message *m = calloc(1, sizeof(*m));
	struct many pair = many_pair(self->f);

	ASSERT_EQ(0, set_int(pair.there, SOL_SCTP, SCTP_RECVNXTINFO, 1));
	want_rcvinfo(pair.there);
	s.info.snd_assoc_id = pair.here_id;
	ASSERT_EQ(5, send_message(pair.here, &s, "first", 5));
	s.info.snd_sid = 3;
	s.info.snd_ppid = htonl(5678);
	s.info.snd_flags = SCTP_UNORDERED;
	ASSERT_EQ(10, send_message(pair.here, &s, "the second", 10));
	settle();
	ASSERT_EQ(5, receive(pair.there, m, 0));
	EXPECT_EQ(2, rcvinfo_of(m).rcv_sid);
	EXPECT_EQ(3, nxtinfo_of(m).nxt_sid);
	EXPECT_EQ(SCTP_UNORDERED, nxtinfo_of(m).nxt_flags);
	EXPECT_EQ(htonl(5678), nxtinfo_of(m).nxt_ppid);
	EXPECT_EQ(10, nxtinfo_of(m).nxt_length);
	EXPECT_EQ(pair.there_id, nxtinfo_of(m).nxt_assoc_id);
	ASSERT_EQ(10, receive(pair.there, m, 0));
	EXPECT_EQ(3, rcvinfo_of(m).rcv_sid);
	EXPECT_FALSE(has_nxtinfo(m));
}

TEST_F(options, recvnxtinfo_tells_of_notifications)
{
	struct message *m = calloc(1, sizeof(*m));
	struct many pair = many_pair(self->f);
	struct sending s = { .info.snd_assoc_id = pair.here_id };

	ASSERT_EQ(0, set_int(pair.there, SOL_SCTP, SCTP_RECVNXTINFO, 1));
	ASSERT_EQ(0, subscribe(pair.there, SCTP_SHUTDOWN_EVENT, true));
	ASSERT_EQ(4, send_message(pair.here, &s, "last", 4));
	close(pair.here);
	settle();
	ASSERT_EQ(4, receive(pair.there, m, 0));
	EXPECT_EQ(SCTP_NOTIFICATION, nxtinfo_of(m).nxt_flags);
	EXPECT_EQ(sizeof(struct sctp_shutdown_event), nxtinfo_of(m).nxt_length);
	EXPECT_EQ(pair.there_id, nxtinfo_of(m).nxt_assoc_id);
}

TEST_F(options, recvnxtinfo_is_for_who_wants_it)
{
	struct message *m = calloc(1, sizeof(*m));
	struct one o = one_pair(self->f);

	for (int wanted = 0; wanted < 2; wanted++) {
		ASSERT_EQ(0, set_int(o.there, SOL_SCTP, SCTP_RECVNXTINFO, wanted));
		ASSERT_EQ(1, send(o.here, "x", 1, 0));
		ASSERT_EQ(1, send(o.here, "y", 1, 0));
		settle();
		ASSERT_EQ(1, receive(o.there, m, 0));
		EXPECT_EQ(wanted, has_nxtinfo(m));
		ASSERT_EQ(1, receive(o.there, m, 0));
	}
}

TEST_F(options, default_prinfo)
{
	struct sctp_default_prinfo info = { .pr_policy = SCTP_PR_SCTP_RTX, .pr_value = 3 };

	SET(self->many, SCTP_DEFAULT_PRINFO, info);
	memset(&info, 0, sizeof(info));
	GET(self->many, SCTP_DEFAULT_PRINFO, info);
	EXPECT_EQ(SCTP_PR_SCTP_RTX, info.pr_policy);
	EXPECT_EQ(3, info.pr_value);
	info.pr_policy = 0x50;
	EXPECT_SET(EINVAL, self->many, SCTP_DEFAULT_PRINFO, info);
}

TEST_F(options, ecn_is_agreed_upon)
{
	struct many m = many_pair(self->f);

	EXPECT_EQ(1, get_assoc_value(m.here, SCTP_ECN_SUPPORTED, 0));
	EXPECT_EQ(1, get_assoc_value(m.here, SCTP_ECN_SUPPORTED, m.here_id));
	EXPECT_EQ(0, set_assoc_value(m.here, SCTP_ECN_SUPPORTED, 0, 0));
	EXPECT_EQ(0, get_assoc_value(m.here, SCTP_ECN_SUPPORTED, 0));
	EXPECT_EQ(1, get_assoc_value(m.here, SCTP_ECN_SUPPORTED, m.here_id));
	EXPECT_ERRNO(EINVAL, set_assoc_value(m.here, SCTP_ECN_SUPPORTED, m.here_id, 0));
}

TEST_F(options, partial_reliability_is_agreed_upon)
{
	struct many m = many_pair(self->f);
	struct sctp_prstatus status = { .sprstat_assoc_id = m.here_id,
					.sprstat_policy = SCTP_PR_SCTP_ALL };

	EXPECT_EQ(1, get_assoc_value(m.here, SCTP_PR_SUPPORTED, 0));
	EXPECT_EQ(1, get_assoc_value(m.here, SCTP_PR_SUPPORTED, m.here_id));
	EXPECT_EQ(0, set_assoc_value(m.here, SCTP_PR_SUPPORTED, 0, 0));
	EXPECT_EQ(0, get_assoc_value(m.here, SCTP_PR_SUPPORTED, 0));
	GET(m.here, SCTP_PR_ASSOC_STATUS, status);
	EXPECT_EQ(0, status.sprstat_abandoned_unsent);
	GET(m.here, SCTP_PR_STREAM_STATUS, status);
	status.sprstat_sid = 60000;
	EXPECT_GET(EINVAL, m.here, SCTP_PR_STREAM_STATUS, status);
}

/* ------------------------------------------------------------------------ paths */

static union address peer_address(const struct many *m)
{
	return name_of(m->there);
}

TEST_F(options, paddrparams)
{
	struct sctp_paddrparams p = { 0 };

	GET(self->many, SCTP_PEER_ADDR_PARAMS, p);
	EXPECT_EQ(30000, p.spp_hbinterval);
	EXPECT_EQ(5, p.spp_pathmaxrxt);
	EXPECT_EQ(200, p.spp_sackdelay);
	EXPECT_EQ(SPP_HB_ENABLE | SPP_PMTUD_ENABLE | SPP_SACKDELAY_ENABLE, p.spp_flags);
	p.spp_flags = SPP_HB_ENABLE | SPP_HB_DISABLE;
	EXPECT_SET(EINVAL, self->many, SCTP_PEER_ADDR_PARAMS, p);
	p.spp_flags = SPP_PMTUD_DISABLE;
	p.spp_pathmtu = 100;
	EXPECT_SET(EINVAL, self->many, SCTP_PEER_ADDR_PARAMS, p);
	p.spp_pathmtu = 1000;
	SET(self->many, SCTP_PEER_ADDR_PARAMS, p);
	GET(self->many, SCTP_PEER_ADDR_PARAMS, p);
	EXPECT_EQ(1000, p.spp_pathmtu);
	EXPECT_TRUE(p.spp_flags & SPP_PMTUD_DISABLE);
}

TEST_F(options, paddrparams_of_old_programs_are_shorter)
{
	struct sctp_paddrparams p = { .spp_pathmaxrxt = 7 };
	socklen_t len = (offsetof(struct sctp_paddrparams, spp_ipv6_flowlabel) + 3) & ~3, room = len;

	ASSERT_ERRNO(0, set_option(self->many, SCTP_PEER_ADDR_PARAMS, &p, len));
	p.spp_pathmaxrxt = 0;
	ASSERT_ERRNO(0, getsockopt(self->many, SOL_SCTP, SCTP_PEER_ADDR_PARAMS, &p, &room));
	EXPECT_EQ(len, room);
	EXPECT_EQ(7, p.spp_pathmaxrxt);
	EXPECT_ERRNO(EINVAL, set_option(self->many, SCTP_PEER_ADDR_PARAMS, &p, len - 4));
}

TEST_F(options, paddrparams_of_a_path)
{
	struct many m = many_pair(self->f);
	struct sctp_paddrparams p = { .spp_assoc_id = m.here_id, .spp_flags = SPP_HB_DISABLE,
				      .spp_pathmaxrxt = 2 };
	union address peer = peer_address(&m);

	memcpy(&p.spp_address, &peer, sizeof(peer));
	SET(m.here, SCTP_PEER_ADDR_PARAMS, p);
	GET(m.here, SCTP_PEER_ADDR_PARAMS, p);
	EXPECT_EQ(2, p.spp_pathmaxrxt);
	EXPECT_TRUE(p.spp_flags & SPP_HB_DISABLE);
	EXPECT_GT(p.spp_pathmtu, 1000);
	p.spp_flags = SPP_HB_DEMAND;
	SET(m.here, SCTP_PEER_ADDR_PARAMS, p);
	peer = address_for(self->f, "127.0.0.9", "::9", port_of(&peer));
	memcpy(&p.spp_address, &peer, sizeof(peer));
	EXPECT_SET(EINVAL, m.here, SCTP_PEER_ADDR_PARAMS, p);
}

TEST_F(options, paddrparams_fix_the_mtu)
{
	struct many m = many_pair(self->f);
	struct sctp_paddrparams p = { .spp_assoc_id = m.here_id, .spp_flags = SPP_PMTUD_DISABLE,
				      .spp_pathmtu = 1000 };

	SET(m.here, SCTP_PEER_ADDR_PARAMS, p);
	EXPECT_LT(status_of(m.here, m.here_id).sstat_fragmentation_point, 1000);
	EXPECT_GT(status_of(m.here, m.here_id).sstat_fragmentation_point, 900);
	EXPECT_EQ(1000, status_of(m.here, m.here_id).sstat_primary.spinfo_mtu);
}

/* Destination options that whoever does not know them passes over, so many octets. */
#define UNKNOWN_OPTION	0x1e
#define OPTIONS_LEN	480

static void want_destination_options(int fd)
{
	uint8_t header[OPTIONS_LEN] = { 0, OPTIONS_LEN / 8 - 1, UNKNOWN_OPTION, 238 };

	header[4 + 238] = UNKNOWN_OPTION;
	header[4 + 238 + 1] = OPTIONS_LEN - (4 + 238 + 2);
	MUST(setsockopt(fd, SOL_IPV6, IPV6_DSTOPTS, header, sizeof(header)));
}

/* What the program says of the path leaves no room: it is little, and not four billion octets. */
TEST_F(options, paddrparams_of_a_path_too_narrow_for_ipv6_options)
{
	struct sctp_paddrparams p = { .spp_flags = SPP_PMTUD_DISABLE, .spp_pathmtu = 512 };
	struct one o = { .listener = listening(self->f, one_open(self->f), 1) };
	struct sctp_status status;

	if (self->f->family != AF_INET6 || self->f->mapped)
		SKIP(return, "IPv6 only");
	o.here = one_open(self->f);
	SET(o.here, SCTP_PEER_ADDR_PARAMS, p);
	want_destination_options(o.here);
	ASSERT_ERRNO(0, connect_to(o.here, name_of(o.listener)));
	o.there = MUST(accept(o.listener, NULL, NULL));
	status = status_of(o.here, 0);
	EXPECT_LT(status.sstat_fragmentation_point, 512);
	EXPECT_LT(status.sstat_primary.spinfo_cwnd, 4405);
	ASSERT_EQ(5, send(o.here, "still", 5, 0));
	EXPECT_TRUE(receives(o.there, "still"));
	one_close(&o);
}

TEST_F(options, paddrparams_label_packets)
{
	struct many m = many_pair(self->f);
	struct sctp_paddrparams p = { .spp_assoc_id = m.here_id, .spp_flags = SPP_DSCP,
				      .spp_dscp = 0xb8 };

	SET(m.here, SCTP_PEER_ADDR_PARAMS, p);
	p.spp_dscp = 0;
	GET(m.here, SCTP_PEER_ADDR_PARAMS, p);
	EXPECT_EQ(0xb8, p.spp_dscp);
	EXPECT_TRUE(p.spp_flags & SPP_DSCP);
	p.spp_ipv6_flowlabel = 0x100000;
	EXPECT_SET(EINVAL, m.here, SCTP_PEER_ADDR_PARAMS, p);
}

TEST_F(options, thresholds)
{
	struct sctp_paddrthlds th = { .spt_pathmaxrxt = 9, .spt_pathpfthld = 2 };
	struct sctp_paddrthlds_v2 v2 = { 0 };

	SET(self->many, SCTP_PEER_ADDR_THLDS, th);
	GET(self->many, SCTP_PEER_ADDR_THLDS_V2, v2);
	EXPECT_EQ(9, v2.spt_pathmaxrxt);
	EXPECT_EQ(2, v2.spt_pathpfthld);
	EXPECT_EQ(0xffff, v2.spt_pathcpthld);
	v2.spt_pathcpthld = 1;
	EXPECT_SET(EINVAL, self->many, SCTP_PEER_ADDR_THLDS_V2, v2);
}

TEST_F(options, primary_address)
{
	struct many m = many_pair(self->f);
	struct sctp_prim prim = { .ssp_assoc_id = m.here_id };
	union address peer = peer_address(&m), got = { 0 };

	GET(m.here, SCTP_PRIMARY_ADDR, prim);
	memcpy(&got, &prim.ssp_addr, sizeof(got));
	EXPECT_TRUE(same_address(&peer, &got));
	SET(m.here, SCTP_PRIMARY_ADDR, prim);
	peer = address_for(self->f, "127.0.0.9", "::9", port_of(&peer));
	memcpy(&prim.ssp_addr, &peer, sizeof(peer));
	EXPECT_SET(EINVAL, m.here, SCTP_PRIMARY_ADDR, prim);
}

TEST_F(options, peer_address_info)
{
	struct many m = many_pair(self->f);
	struct sctp_paddrinfo info = { .spinfo_assoc_id = m.here_id };
	union address peer = peer_address(&m);

	memcpy(&info.spinfo_address, &peer, sizeof(peer));
	GET(m.here, SCTP_GET_PEER_ADDR_INFO, info);
	EXPECT_EQ(SCTP_ACTIVE, info.spinfo_state);
	EXPECT_GT(info.spinfo_cwnd, 4000);
	EXPECT_GT(info.spinfo_mtu, 1000);
	EXPECT_GT(info.spinfo_rto, 0);
	/* The address alone will do. */
	info.spinfo_assoc_id = 0;
	GET(m.here, SCTP_GET_PEER_ADDR_INFO, info);
	EXPECT_EQ(m.here_id, info.spinfo_assoc_id);
}

/* ----------------------------------------------------------------------- status */

TEST_F(options, status)
{
	struct one o = one_pair(self->f);
	struct sctp_status status = status_of(o.here, 0);

	EXPECT_EQ(SCTP_ESTABLISHED, status.sstat_state);
	EXPECT_EQ(10, status.sstat_instrms);
	EXPECT_EQ(10, status.sstat_outstrms);
	EXPECT_GT(status.sstat_rwnd, 1500);
	EXPECT_GT(status.sstat_fragmentation_point, 500);
	EXPECT_EQ(0, status.sstat_unackdata);
	EXPECT_EQ(0, status.sstat_penddata);
	ASSERT_EQ(1, send(o.there, "x", 1, 0));
	EXPECT_EQ(1, status_of(o.here, 0).sstat_penddata);
}

TEST_F(options, statistics)
{
	struct one o = one_pair(self->f);
	struct sctp_assoc_stats stats = { 0 };

	ASSERT_EQ(1, send(o.here, "x", 1, 0));
	EXPECT_TRUE(receives(o.there, "x"));
	settle();
	GET(o.here, SCTP_GET_ASSOC_STATS, stats);
	EXPECT_EQ(1, stats.sas_oodchunks);
	/* The first data are acknowledged at once. */
	EXPECT_EQ(1, stats.sas_isacks);
	EXPECT_GE(stats.sas_opackets, 3);
	memset(&stats, 0, sizeof(stats));
	GET(o.there, SCTP_GET_ASSOC_STATS, stats);
	EXPECT_EQ(1, stats.sas_iodchunks);
}

/* ---------------------------------------------------------- AUTH: section 8.3 */

static int set_key(int fd, sctp_assoc_t id, int number, const char *key)
{
	struct { struct sctp_authkey head; char key[64]; } value = {
		.head = { .sca_assoc_id = id, .sca_keynumber = number,
			  .sca_keylength = strlen(key) },
	};

	memcpy(value.head.sca_key, key, strlen(key));
	return set_option(fd, SCTP_AUTH_KEY, &value, sizeof(value.head) + strlen(key));
}

static int set_key_number(int fd, int name, sctp_assoc_t id, int number)
{
	struct sctp_authkeyid value = { .scact_assoc_id = id, .scact_keynumber = number };

	return set_option(fd, name, &value, sizeof(value));
}

static int active_key(int fd, sctp_assoc_t id)
{
	struct sctp_authkeyid value = { .scact_assoc_id = id };
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SCTP, SCTP_AUTH_ACTIVE_KEY, &value, &len) ? -errno :
	       value.scact_keynumber;
}

TEST_F(options, auth_is_off_at_first)
{
	struct sctp_authchunk chunk = { .sauth_chunk = 0 };

	EXPECT_EQ(0, get_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0));
	EXPECT_EQ(0, get_assoc_value(self->many, SCTP_ASCONF_SUPPORTED, 0));
	EXPECT_EQ(0, get_int(self->many, SOL_SCTP, SCTP_AUTO_ASCONF));
	EXPECT_SET(EACCES, self->many, SCTP_AUTH_CHUNK, chunk);
	EXPECT_ERRNO(EACCES, set_key(self->many, 0, 1, "key"));
	EXPECT_ERRNO(EACCES, set_key_number(self->many, SCTP_AUTH_ACTIVE_KEY, 0, 0));
	EXPECT_EQ(-EACCES, active_key(self->many, 0));
	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	EXPECT_EQ(1, get_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0));
}

TEST_F(options, auth_chunks)
{
	static const u_char never[] = { 1, 2, 14, 15 };
	struct { struct sctp_authchunks head; u_char types[256]; } list = { 0 };
	struct sctp_authchunk chunk = { .sauth_chunk = 0xc1 };
	socklen_t len = sizeof(list);

	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	SET(self->many, SCTP_AUTH_CHUNK, chunk);
	SET(self->many, SCTP_AUTH_CHUNK, chunk);
	chunk.sauth_chunk = 0;
	SET(self->many, SCTP_AUTH_CHUNK, chunk);
	for (unsigned int i = 0; i < ARRAY_SIZE(never); i++) {
		chunk.sauth_chunk = never[i];
		EXPECT_SET(EINVAL, self->many, SCTP_AUTH_CHUNK, chunk);
	}
	ASSERT_EQ(0, getsockopt(self->many, SOL_SCTP, SCTP_LOCAL_AUTH_CHUNKS, &list, &len));
	EXPECT_EQ(2, list.head.gauth_number_of_chunks);
	EXPECT_EQ(sizeof(list.head) + 2, len);
	EXPECT_EQ(0, list.head.gauth_chunks[0]);
	EXPECT_EQ(0xc1, list.head.gauth_chunks[1]);
	len = sizeof(list.head) + 1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->many, SOL_SCTP, SCTP_LOCAL_AUTH_CHUNKS, &list, &len));
}

TEST_F(options, hmac_ident)
{
	struct { struct sctp_hmacalgo head; __u16 ids[3]; } value = { .head.shmac_num_idents = 1 };
	__u16 *ids = value.head.shmac_idents;
	socklen_t len = sizeof(value);

	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	ids[0] = SCTP_AUTH_HMAC_ID_SHA256;
	EXPECT_ERRNO(EINVAL, set_option(self->many, SCTP_HMAC_IDENT, &value, 6));
	ids[0] = 2;
	EXPECT_ERRNO(EOPNOTSUPP, set_option(self->many, SCTP_HMAC_IDENT, &value, 6));
	ids[0] = SCTP_AUTH_HMAC_ID_SHA1;
	EXPECT_EQ(0, set_option(self->many, SCTP_HMAC_IDENT, &value, 6));
	value.head.shmac_num_idents = 2;
	EXPECT_ERRNO(EINVAL, set_option(self->many, SCTP_HMAC_IDENT, &value, 6));
	value.head.shmac_num_idents = 0x80000001;
	EXPECT_ERRNO(EINVAL, set_option(self->many, SCTP_HMAC_IDENT, &value, 6));
	ASSERT_EQ(0, getsockopt(self->many, SOL_SCTP, SCTP_HMAC_IDENT, &value, &len));
	EXPECT_EQ(6, len);
	EXPECT_EQ(1, value.head.shmac_num_idents);
	EXPECT_EQ(SCTP_AUTH_HMAC_ID_SHA1, ids[0]);
}

TEST_F(options, auth_keys)
{
	struct sctp_authkey longer = { .sca_keylength = 1 };

	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	EXPECT_EQ(0, active_key(self->many, 0));
	EXPECT_ERRNO(EINVAL, set_key_number(self->many, SCTP_AUTH_ACTIVE_KEY, 0, 5));
	ASSERT_EQ(0, set_key(self->many, 0, 5, "a key"));
	ASSERT_EQ(0, set_key(self->many, 0, 5, "another one of the same number"));
	ASSERT_EQ(0, set_key_number(self->many, SCTP_AUTH_ACTIVE_KEY, 0, 5));
	EXPECT_EQ(5, active_key(self->many, 0));
	EXPECT_ERRNO(EINVAL, set_key_number(self->many, SCTP_AUTH_DELETE_KEY, 0, 5));
	EXPECT_ERRNO(EINVAL, set_key_number(self->many, SCTP_AUTH_DEACTIVATE_KEY, 0, 5));
	EXPECT_EQ(0, set_key_number(self->many, SCTP_AUTH_DELETE_KEY, 0, 0));
	EXPECT_ERRNO(EINVAL, set_key_number(self->many, SCTP_AUTH_ACTIVE_KEY, 0, 0));
	EXPECT_ERRNO(EINVAL, set_option(self->many, SCTP_AUTH_KEY, &longer, sizeof(longer)));
	EXPECT_ERRNO(EINVAL, set_key(self->many, 4711, 5, "nobody's"));
	ASSERT_EQ(0, set_key(self->many, 0, 6, ""));
	EXPECT_EQ(0, set_key_number(self->many, SCTP_AUTH_DEACTIVATE_KEY, 0, 6));
	EXPECT_ERRNO(EINVAL, set_key_number(self->many, SCTP_AUTH_ACTIVE_KEY, 0, 6));
}

TEST_F(options, keys_are_not_without_number)
{
	int made = 0;

	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	while (made < 1000 && !set_key(self->many, 0, made + 1, "key"))
		made++;
	EXPECT_LT(made, 1000);
	EXPECT_GE(made, 16);
}

TEST_F(options, an_association_has_auth_if_both_ends_want_it)
{
	struct sctp_authchunk data = { .sauth_chunk = 0 };
	int listener = one_open(self->f), there;
	char text[8];

	ASSERT_EQ(0, set_assoc_value(listener, SCTP_AUTH_SUPPORTED, 0, 1));
	ASSERT_EQ(0, set_assoc_value(self->one, SCTP_AUTH_SUPPORTED, 0, 1));
	SET(listener, SCTP_AUTH_CHUNK, data);
	SET(self->one, SCTP_AUTH_CHUNK, data);
	ASSERT_EQ(0, set_key(listener, 0, 1, "secret"));
	ASSERT_EQ(0, set_key(self->one, 0, 1, "secret"));
	ASSERT_EQ(0, set_key_number(self->one, SCTP_AUTH_ACTIVE_KEY, 0, 1));
	listening(self->f, listener, 1);
	ASSERT_EQ(0, connect_to(self->one, name_of(listener)));
	there = MUST(accept(listener, NULL, NULL));
	EXPECT_EQ(1, get_assoc_value(there, SCTP_AUTH_SUPPORTED, 0));
	EXPECT_EQ(1, active_key(self->one, 0));
	ASSERT_EQ(6, send(self->one, "signed", 6, 0));
	ASSERT_EQ(6, recv(there, text, sizeof(text), 0));
	ASSERT_EQ(6, send(there, "empty!", 6, 0));
	ASSERT_EQ(6, recv(self->one, text, sizeof(text), 0));
}

struct auth_chunks {
	struct sctp_authchunks head;
	u_char types[256];
};

/* SCTP_PEER_AUTH_CHUNKS or SCTP_LOCAL_AUTH_CHUNKS: how many they are, or -errno. */
static int auth_chunks_of(int fd, int name, sctp_assoc_t id, struct auth_chunks *list)
{
	socklen_t len = sizeof(*list);

	memset(list, 0, sizeof(*list));
	list->head.gauth_assoc_id = id;
	if (getsockopt(fd, SOL_SCTP, name, list, &len))
		return -errno;
	return len == sizeof(list->head) + list->head.gauth_number_of_chunks ?
	       (int)list->head.gauth_number_of_chunks : -1;
}

/* RFC 6458 sections 8.2.3 and 8.2.4: what one end wants signed the other one is told. */
TEST_F(options, auth_chunks_of_an_association)
{
	struct sctp_authchunk data = { .sauth_chunk = 0 }, heartbeat = { .sauth_chunk = 4 };
	int listener = many_open(self->f), names[] = { SCTP_PEER_AUTH_CHUNKS,
						       SCTP_LOCAL_AUTH_CHUNKS };
	struct auth_chunks list;
	sctp_assoc_t here, there;
	socklen_t len;

	ASSERT_EQ(0, set_assoc_value(listener, SCTP_AUTH_SUPPORTED, 0, 1));
	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	SET(listener, SCTP_AUTH_CHUNK, data);
	SET(listener, SCTP_AUTH_CHUNK, heartbeat);
	ASSERT_EQ(0, subscribe(self->many, SCTP_ASSOC_CHANGE, true));
	ASSERT_EQ(0, subscribe(listener, SCTP_ASSOC_CHANGE, true));
	listening(self->f, listener, 1);
	ASSERT_ERRNO(0, connect_to(self->many, name_of(listener)));
	here = association_comes(self->many, SCTP_COMM_UP);
	there = association_comes(listener, SCTP_COMM_UP);
	ASSERT_GT(here, 0);
	ASSERT_GT(there, 0);
	for (int i = 0; i < 2; i++) {
		int fd = i ? listener : self->many;
		sctp_assoc_t id = i ? there : here;

		ASSERT_EQ(2, auth_chunks_of(fd, names[i], id, &list));
		EXPECT_EQ(id, list.head.gauth_assoc_id);
		EXPECT_EQ(0, list.head.gauth_chunks[0]);
		EXPECT_EQ(4, list.head.gauth_chunks[1]);
		len = sizeof(list.head) + 1;
		EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_SCTP, names[i], &list, &len));
		/* The client wants none. */
		EXPECT_EQ(0, auth_chunks_of(fd, names[!i], id, &list));
	}
	/* An association keeps what was agreed upon. */
	data.sauth_chunk = 0xc1;
	SET(listener, SCTP_AUTH_CHUNK, data);
	EXPECT_EQ(3, auth_chunks_of(listener, SCTP_LOCAL_AUTH_CHUNKS, 0, &list));
	EXPECT_EQ(2, auth_chunks_of(listener, SCTP_LOCAL_AUTH_CHUNKS, there, &list));
}

TEST_F(options, auth_chunks_take_auth_and_a_peer)
{
	struct many m = many_pair(self->f);
	struct auth_chunks list;

	EXPECT_EQ(-EACCES, auth_chunks_of(m.here, SCTP_PEER_AUTH_CHUNKS, m.here_id, &list));
	EXPECT_EQ(-EACCES, auth_chunks_of(m.here, SCTP_LOCAL_AUTH_CHUNKS, m.here_id, &list));
	EXPECT_EQ(-EINVAL, auth_chunks_of(m.here, SCTP_PEER_AUTH_CHUNKS, m.here_id + 1, &list));
	EXPECT_EQ(-EINVAL, auth_chunks_of(m.here, SCTP_LOCAL_AUTH_CHUNKS, m.here_id + 1, &list));
	ASSERT_EQ(0, set_assoc_value(self->many, SCTP_AUTH_SUPPORTED, 0, 1));
	EXPECT_EQ(-EINVAL, auth_chunks_of(self->many, SCTP_PEER_AUTH_CHUNKS, 0, &list));
}

TEST_F(options, auto_asconf_is_for_who_has_all_addresses)
{
	int bound = one_open(self->f);

	EXPECT_EQ(0, set_int(self->one, SOL_SCTP, SCTP_AUTO_ASCONF, 1));
	EXPECT_EQ(1, get_int(self->one, SOL_SCTP, SCTP_AUTO_ASCONF));
	EXPECT_EQ(0, set_int(self->one, SOL_SCTP, SCTP_AUTO_ASCONF, 0));
	EXPECT_EQ(0, get_int(self->one, SOL_SCTP, SCTP_AUTO_ASCONF));
	MUST(bind_to(bound, loopback(self->f, 0)));
	EXPECT_ERRNO(EINVAL, set_int(bound, SOL_SCTP, SCTP_AUTO_ASCONF, 1));
}

TEST_F(options, set_peer_primary_takes_asconf)
{
	struct one o = one_pair(self->f);
	struct sctp_setpeerprim prim = { 0 };

	EXPECT_SET(EPERM, o.here, SCTP_SET_PEER_PRIMARY_ADDR, prim);
	EXPECT_SET(EINVAL, self->one, SCTP_SET_PEER_PRIMARY_ADDR, prim);
}

/* ------------------------------------------------------------------ not here yet */

TEST_F(options, extensions_say_that_they_are_not_here)
{
	const int supported[] = { SCTP_RECONFIG_SUPPORTED, SCTP_INTERLEAVING_SUPPORTED,
				  SCTP_ENABLE_STREAM_RESET };
	char key[64] = { 0 };

	for (unsigned int i = 0; i < ARRAY_SIZE(supported); i++) {
		EXPECT_EQ(0, get_assoc_value(self->many, supported[i], 0));
		EXPECT_EQ(0, set_assoc_value(self->many, supported[i], 0, 0));
		EXPECT_ERRNO(EOPNOTSUPP, set_assoc_value(self->many, supported[i], 0, 1));
	}
	EXPECT_ERRNO(EOPNOTSUPP, set_option(self->many, SCTP_RESET_STREAMS, key, 8));
}

TEST_HARNESS_MAIN
