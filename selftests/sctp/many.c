// SPDX-License-Identifier: GPL-2.0
/* One-to-many sockets: RFC 6458 section 3. */
#include "xl4test.h"
#include "sctp.h"

FIXTURE(many)
{
	const struct flavour *f;
	int fd;
	int server;
};

FIXTURE_VARIANT(many)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(many);

FIXTURE_SETUP(many)
{
	netns_enter();
	self->f = &variant->flavour;
	self->fd = many_open(self->f);
	self->server = listening(self->f, many_open(self->f), 8);
}

FIXTURE_TEARDOWN(many)
{
}

static ssize_t say(int fd, const char *text, union address to)
{
	return sendto(fd, text, strlen(text), MSG_NOSIGNAL, &to.sa, address_len(&to));
}

static ssize_t say_by_id(int fd, const char *text, sctp_assoc_t id, int flags)
{
	struct sending s = { .info = { .snd_assoc_id = id, .snd_flags = flags } };

	return send_message(fd, &s, text, strlen(text));
}

/* --------------------------------------------------------------- associations */

TEST_F(many, the_first_message_makes_an_association)
{
	struct message *m = calloc(1, sizeof(*m));
	union address here;

	ASSERT_EQ(2, say(self->fd, "hi", name_of(self->server)));
	ASSERT_EQ(2, receive(self->server, m, 0));
	EXPECT_EQ(0, memcmp(m->data, "hi", 2));
	EXPECT_TRUE(m->flags & MSG_EOR);
	here = name_of(self->fd);
	EXPECT_EQ(port_of(&here), port_of(&m->name));
	EXPECT_EQ(1, associations_of(self->fd));
	EXPECT_EQ(1, associations_of(self->server));
}

TEST_F(many, the_name_is_where_to_answer)
{
	struct message *m = calloc(1, sizeof(*m));

	ASSERT_EQ(4, say(self->fd, "ping", name_of(self->server)));
	ASSERT_EQ(4, receive(self->server, m, 0));
	EXPECT_EQ(4, say(self->server, "pong", m->name));
	EXPECT_TRUE(receives(self->fd, "pong"));
	EXPECT_EQ(1, associations_of(self->server));
}

TEST_F(many, the_id_is_whom_to_answer)
{
	struct message *m = calloc(1, sizeof(*m));

	want_rcvinfo(self->server);
	ASSERT_EQ(4, say(self->fd, "ping", name_of(self->server)));
	ASSERT_EQ(4, receive(self->server, m, 0));
	ASSERT_GT(rcvinfo_of(m).rcv_assoc_id, SCTP_ALL_ASSOC);
	EXPECT_EQ(4, say_by_id(self->server, "pong", rcvinfo_of(m).rcv_assoc_id, 0));
	EXPECT_TRUE(receives(self->fd, "pong"));
}

TEST_F(many, connect_makes_an_association)
{
	ASSERT_ERRNO(0, connect_to(self->fd, name_of(self->server)));
	EXPECT_EQ(1, associations_of(self->fd));
	EXPECT_ERRNO(EISCONN, connect_to(self->fd, name_of(self->server)));
	EXPECT_EQ(2, say(self->fd, "hi", name_of(self->server)));
	EXPECT_TRUE(receives(self->server, "hi"));
}

TEST_F(many, connect_to_several)
{
	for (int i = 0; i < 4; i++)
		ASSERT_ERRNO(0, connect_to(self->fd,
					   name_of(listening(self->f, many_open(self->f), 1))));
	EXPECT_EQ(4, associations_of(self->fd));
}

TEST_F(many, connect_to_nobody_is_refused)
{
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, loopback(self->f, 4999)));
	EXPECT_EQ(0, associations_of(self->fd));
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(self->server)));
}

TEST_F(many, connect_does_not_wait_if_it_shall_not)
{
	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS, connect_to(self->fd, name_of(self->server)));
	EXPECT_TRUE(comes_to_associations(self->server, 1));
}

TEST_F(many, disconnect_there_is_none)
{
	EXPECT_ERRNO(EOPNOTSUPP, disconnect(self->fd));
}

TEST_F(many, who_does_not_listen_refuses)
{
	int deaf = many_open(self->f);

	ASSERT_ERRNO(0, bind_to(deaf, loopback(self->f, 0)));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(self->fd, name_of(deaf)));
	ASSERT_ERRNO(0, listen(deaf, 1));
	EXPECT_ERRNO(0, connect_to(self->fd, name_of(deaf)));
	ASSERT_ERRNO(0, listen(deaf, 0));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(many_open(self->f), name_of(deaf)));
	EXPECT_EQ(1, associations_of(deaf));
}

TEST_F(many, one_server_has_many_clients)
{
	struct message *m = calloc(1, sizeof(*m));
	int client[8];

	for (int i = 0; i < 8; i++) {
		client[i] = many_open(self->f);
		ASSERT_EQ(1, say(client[i], "x", name_of(self->server)));
	}
	for (int i = 0; i < 8; i++) {
		ASSERT_EQ(1, receive(self->server, m, 0));
		ASSERT_EQ(1, say(self->server, "y", m->name));
	}
	for (int i = 0; i < 8; i++)
		EXPECT_TRUE(receives(client[i], "y"));
	EXPECT_EQ(8, associations_of(self->server));
}

TEST_F(many, a_one_to_one_client_is_as_good)
{
	int fd = one_open(self->f);

	ASSERT_ERRNO(0, connect_to(fd, name_of(self->server)));
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	EXPECT_TRUE(receives(self->server, "hi"));
}

TEST_F(many, two_that_call_each_other_have_one_association)
{
	union address a, b;

	listening(self->f, self->fd, 1);
	a = name_of(self->fd);
	b = name_of(self->server);
	ASSERT_EQ(1, say(self->fd, "1", b));
	ASSERT_EQ(1, say(self->server, "2", a));
	EXPECT_TRUE(receives(self->fd, "2"));
	EXPECT_TRUE(receives(self->server, "1"));
	EXPECT_EQ(1, associations_of(self->fd));
	EXPECT_EQ(1, associations_of(self->server));
}

/* ------------------------------------------------------------------------ ids */

TEST_F(many, ids_are_listed)
{
	struct {
		uint32_t n;
		sctp_assoc_t id[8];
	} ids = { 0 };
	socklen_t len = sizeof(ids);
	struct many m = many_pair(self->f);

	ASSERT_EQ(0, getsockopt(m.here, SOL_SCTP, SCTP_GET_ASSOC_ID_LIST, &ids, &len));
	EXPECT_EQ(1, ids.n);
	EXPECT_EQ(m.here_id, ids.id[0]);
	EXPECT_EQ(8, len);
	len = 4;
	EXPECT_ERRNO(EINVAL, getsockopt(m.here, SOL_SCTP, SCTP_GET_ASSOC_ID_LIST, &ids, &len));
}

TEST_F(many, a_wrong_id_is_refused)
{
	struct many m = many_pair(self->f);

	EXPECT_LT(say_by_id(m.here, "x", m.here_id + 1, 0), 0);
	EXPECT_EQ(-1, state_of(m.here, m.here_id + 1));
	EXPECT_EQ(-1, state_of(m.here, -1));
	EXPECT_EQ(-1, state_of(m.here, SCTP_FUTURE_ASSOC));
	EXPECT_EQ(SCTP_ESTABLISHED, state_of(m.here, m.here_id));
}

TEST_F(many, lists_are_of_one_to_many_sockets)
{
	struct one o = one_pair(self->f);
	uint32_t n;

	EXPECT_ERRNO(EOPNOTSUPP, get_option(o.here, SCTP_GET_ASSOC_NUMBER, &n, sizeof(n)));
}

/* ------------------------------------------------------------------------ ends */

TEST_F(many, eof_shuts_one_association_down)
{
	struct many m = many_pair(self->f);

	ASSERT_EQ(0, say_by_id(m.here, "", m.here_id, SCTP_EOF));
	EXPECT_EQ(m.here_id, association_comes(m.here, SCTP_SHUTDOWN_COMP));
	EXPECT_EQ(m.there_id, association_comes(m.there, SCTP_SHUTDOWN_COMP));
	EXPECT_EQ(0, associations_of(m.here));
	EXPECT_EQ(0, associations_of(m.there));
}

TEST_F(many, eof_comes_after_the_data)
{
	struct many m = many_pair(self->f);

	ASSERT_EQ(3, say_by_id(m.here, "end", m.here_id, 0));
	ASSERT_EQ(0, say_by_id(m.here, "", m.here_id, SCTP_EOF));
	EXPECT_TRUE(receives(m.there, "end"));
	EXPECT_EQ(m.there_id, association_comes(m.there, SCTP_SHUTDOWN_COMP));
}

TEST_F(many, eof_has_no_data)
{
	struct many m = many_pair(self->f);

	EXPECT_ERRNO(EINVAL, say_by_id(m.here, "x", m.here_id, SCTP_EOF));
}

TEST_F(many, abort_ends_at_once)
{
	struct many m = many_pair(self->f);

	ASSERT_GE(say_by_id(m.here, "why", m.here_id, SCTP_ABORT), 0);
	EXPECT_EQ(m.there_id, association_comes(m.there, SCTP_COMM_LOST));
	EXPECT_EQ(0, associations_of(m.here));
}

TEST_F(many, close_ends_all)
{
	struct many m = many_pair(self->f);

	ASSERT_ERRNO(0, connect_to(m.here, name_of(self->server)));
	close(m.here);
	EXPECT_EQ(m.there_id, association_comes(m.there, SCTP_SHUTDOWN_COMP));
	EXPECT_TRUE(comes_to_associations(self->server, 0));
}

TEST_F(many, autoclose_closes_the_idle)
{
	int seconds = 1;

	ASSERT_EQ(0, setsockopt(self->server, SOL_SCTP, SCTP_AUTOCLOSE, &seconds,
				sizeof(seconds)));
	ASSERT_ERRNO(0, connect_to(self->fd, name_of(self->server)));
	EXPECT_TRUE(comes_to_associations(self->server, 1));
	EXPECT_TRUE(comes_to_associations(self->server, 0));
	EXPECT_TRUE(comes_to_associations(self->fd, 0));
}

TEST_F(many, autoclose_is_of_one_to_many_sockets)
{
	EXPECT_ERRNO(EOPNOTSUPP, set_int(one_open(self->f), SOL_SCTP, SCTP_AUTOCLOSE, 1));
}

/* ------------------------------------------------------------------ connectx */

TEST_F(many, connectx_tells_the_id)
{
	union address to = name_of(self->server);
	int id = setsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX, &to, address_len(&to));

	ASSERT_GT(id, SCTP_ALL_ASSOC);
	EXPECT_EQ(SCTP_ESTABLISHED, state_of(self->fd, id));
}

TEST_F(many, connectx_as_getsockopt_tells_it_earlier)
{
	union address to = name_of(self->server);
	struct sctp_getaddrs_old param = {
		.addr_num = address_len(&to),
		.addrs = &to.sa,
	};
	socklen_t len = sizeof(param);

	nonblocking(self->fd);
	EXPECT_ERRNO(EINPROGRESS,
		     getsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX3, &param, &len));
	ASSERT_GT(param.assoc_id, SCTP_ALL_ASSOC);
	EXPECT_TRUE(comes_to_state(self->fd, param.assoc_id, SCTP_ESTABLISHED));
}

TEST_F(many, connectx_checks_its_addresses)
{
	union address to = name_of(self->server);
	char bytes[1000] = { AF_INET };

	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX, &to, 0));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX, &to, 7));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX, bytes,
					sizeof(bytes)));
	EXPECT_ERRNO(EFAULT, setsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX, NULL, 16));
}

/* ----------------------------------------------------------------- addresses */

TEST_F(many, addresses_of_both_ends_are_told)
{
	struct many m = many_pair(self->f);
	char buffer[1024];
	struct sctp_getaddrs *get = (void *)buffer;
	socklen_t len = sizeof(buffer);
	union address want = name_of(m.there), got = { 0 };

	get->assoc_id = m.here_id;
	ASSERT_ERRNO(0, getsockopt(m.here, SOL_SCTP, SCTP_GET_PEER_ADDRS, get, &len));
	ASSERT_EQ(1, get->addr_num);
	memcpy(&got, get->addrs, address_len(&want));
	EXPECT_TRUE(same_host(&want, &got));
	EXPECT_EQ(port_of(&want), port_of(&got));
	len = sizeof(buffer);
	get->assoc_id = m.there_id;
	ASSERT_ERRNO(0, getsockopt(m.there, SOL_SCTP, SCTP_GET_LOCAL_ADDRS, get, &len));
	ASSERT_EQ(1, get->addr_num);
	memcpy(&got, get->addrs, address_len(&want));
	EXPECT_TRUE(same_address(&want, &got));
	len = 8;
	get->assoc_id = m.here_id;
	EXPECT_ERRNO(ENOMEM, getsockopt(m.here, SOL_SCTP, SCTP_GET_PEER_ADDRS, get, &len));
}

TEST_HARNESS_MAIN
