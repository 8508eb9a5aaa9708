// SPDX-License-Identifier: GPL-2.0
/* What SCTP tells programs: RFC 6458 section 6. */
#include "xl4test.h"
#include "sctp.h"

FIXTURE(notification)
{
	const struct flavour *f;
	struct many m;
	union notification n;
};

FIXTURE_VARIANT(notification)
{
	struct flavour flavour;
};

SCTP_FLAVOURS(notification);

FIXTURE_SETUP(notification)
{
	netns_enter();
	self->f = &variant->flavour;
	self->m = many_pair(self->f);
}

FIXTURE_TEARDOWN(notification)
{
}

static ssize_t say(int fd, sctp_assoc_t id, const char *text, int flags)
{
	struct sending s = { .info = { .snd_assoc_id = id, .snd_flags = flags } };

	return send_message(fd, &s, text, strlen(text));
}

TEST_F(notification, association_up_tells_the_streams)
{
	struct sctp_initmsg init = { .sinit_num_ostreams = 3, .sinit_max_instreams = 5 };
	int client = many_open(self->f), server = listening(self->f, many_open(self->f), 1);

	ASSERT_EQ(0, subscribe(client, SCTP_ASSOC_CHANGE, true));
	ASSERT_EQ(0, set_option(client, SCTP_INITMSG, &init, sizeof(init)));
	ASSERT_ERRNO(0, connect_to(client, name_of(server)));
	ASSERT_EQ(SCTP_ASSOC_CHANGE, notified(client, &self->n));
	EXPECT_EQ(SCTP_COMM_UP, self->n.n.sn_assoc_change.sac_state);
	EXPECT_EQ(0, self->n.n.sn_assoc_change.sac_error);
	EXPECT_EQ(3, self->n.n.sn_assoc_change.sac_outbound_streams);
	EXPECT_EQ(5, self->n.n.sn_assoc_change.sac_inbound_streams);
}

TEST_F(notification, is_not_sent_unasked)
{
	int client = many_open(self->f), server = listening(self->f, many_open(self->f), 1);

	ASSERT_ERRNO(0, connect_to(client, name_of(server)));
	EXPECT_ERRNO(EAGAIN, recv_now(client, &self->n, sizeof(self->n), 0));
	EXPECT_ERRNO(EAGAIN, recv_now(server, &self->n, sizeof(self->n), 0));
}

TEST_F(notification, can_be_asked_for_no_more)
{
	ASSERT_EQ(0, subscribe(self->m.there, SCTP_ASSOC_CHANGE, false));
	close(self->m.here);
	EXPECT_TRUE(comes_to_associations(self->m.there, 0));
	EXPECT_ERRNO(EAGAIN, recv_now(self->m.there, &self->n, sizeof(self->n), 0));
}

TEST_F(notification, is_a_message_with_a_mark)
{
	struct message *m = calloc(1, sizeof(*m));

	ASSERT_EQ(4, say(self->m.here, self->m.here_id, "data", 0));
	settle();
	close(self->m.here);
	ASSERT_EQ(4, receive(self->m.there, m, 0));
	EXPECT_FALSE(m->flags & MSG_NOTIFICATION);
	EXPECT_TRUE(m->flags & MSG_EOR);
	ASSERT_EQ(sizeof(struct sctp_assoc_change), receive(self->m.there, m, 0));
	EXPECT_TRUE(m->flags & MSG_NOTIFICATION);
	EXPECT_TRUE(m->flags & MSG_EOR);
}

TEST_F(notification, may_be_read_in_parts)
{
	struct sctp_assoc_change change;
	struct iovec iov = { .iov_base = &change, .iov_len = 8 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	close(self->m.here);
	ASSERT_EQ(8, recvmsg(self->m.there, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_NOTIFICATION);
	EXPECT_FALSE(msg.msg_flags & MSG_EOR);
	iov.iov_base = (char *)&change + 8;
	iov.iov_len = sizeof(change) - 8;
	ASSERT_EQ(sizeof(change) - 8, recvmsg(self->m.there, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_EOR);
	EXPECT_EQ(SCTP_ASSOC_CHANGE, change.sac_type);
	EXPECT_EQ(SCTP_SHUTDOWN_COMP, change.sac_state);
}

TEST_F(notification, shutdown_comes_before_the_end)
{
	ASSERT_EQ(0, subscribe(self->m.there, SCTP_SHUTDOWN_EVENT, true));
	ASSERT_EQ(4, say(self->m.here, self->m.here_id, "last", 0));
	ASSERT_EQ(0, say(self->m.here, self->m.here_id, "", SCTP_EOF));
	EXPECT_TRUE(receives(self->m.there, "last"));
	EXPECT_EQ(SCTP_SHUTDOWN_EVENT, notified(self->m.there, &self->n));
	EXPECT_EQ(sizeof(struct sctp_shutdown_event), self->n.n.sn_header.sn_length);
	EXPECT_EQ(self->m.there_id, self->n.n.sn_shutdown_event.sse_assoc_id);
	EXPECT_EQ(self->m.there_id, association_comes(self->m.there, SCTP_SHUTDOWN_COMP));
}

TEST_F(notification, abort_tells_the_reason)
{
	const unsigned char *chunk = self->n.n.sn_assoc_change.sac_info;

	ASSERT_GE(say(self->m.here, self->m.here_id, "reason", SCTP_ABORT), 0);
	ASSERT_EQ(SCTP_ASSOC_CHANGE, notified(self->m.there, &self->n));
	EXPECT_EQ(SCTP_COMM_LOST, self->n.n.sn_assoc_change.sac_state);
	ASSERT_EQ(sizeof(struct sctp_assoc_change) + 4 + 4 + 6, self->n.n.sn_header.sn_length);
	EXPECT_EQ(6, chunk[0]);
	EXPECT_EQ(12, chunk[5]);
	EXPECT_EQ(0, memcmp(chunk + 8, "reason", 6));
}

TEST_F(notification, own_abort_is_told_too)
{
	ASSERT_GE(say(self->m.here, self->m.here_id, "", SCTP_ABORT), 0);
	EXPECT_EQ(self->m.here_id, association_comes(self->m.here, SCTP_COMM_LOST));
}

TEST_F(notification, refused_is_told)
{
	union address nobody = loopback(self->f, 4999);

	ASSERT_EQ(1, sendto(self->m.here, "x", 1, 0, &nobody.sa, address_len(&nobody)));
	EXPECT_GT(association_comes(self->m.here, SCTP_CANT_STR_ASSOC), SCTP_ALL_ASSOC);
}

TEST_F(notification, sender_dry_comes_at_once_and_when_it_is)
{
	ASSERT_EQ(0, subscribe(self->m.here, SCTP_SENDER_DRY_EVENT, true));
	EXPECT_EQ(SCTP_SENDER_DRY_EVENT, notified(self->m.here, &self->n));
	EXPECT_EQ(self->m.here_id, self->n.n.sn_sender_dry_event.sender_dry_assoc_id);
	ASSERT_EQ(4, say(self->m.here, self->m.here_id, "data", 0));
	EXPECT_EQ(SCTP_SENDER_DRY_EVENT, notified(self->m.here, &self->n));
	EXPECT_ERRNO(EAGAIN, recv_now(self->m.here, &self->n, sizeof(self->n), 0));
}

/* The peer reads nothing, its window is shut; then all is given up. */
static int fill_up(int fd, sctp_assoc_t id)
{
	struct sending s = { .info = { .snd_assoc_id = id, .snd_context = 99 },
			     .flags = MSG_DONTWAIT };
	static char data[20000];
	int n = 0;

	memset(data, 'u', sizeof(data));
	for (; n < 10000 && send_message(fd, &s, data, sizeof(data)) > 0; n++)
		settle();
	return n;
}

TEST_F(notification, failed_messages_are_told)
{
	struct sctp_send_failed_event *failed = &self->n.n.sn_send_failed_event;
	int type;

	ASSERT_EQ(0, set_assoc_value(self->m.here, SCTP_MAXSEG, self->m.here_id, 1000));
	ASSERT_EQ(0, subscribe(self->m.here, SCTP_SEND_FAILED_EVENT, true));
	ASSERT_GT(fill_up(self->m.here, self->m.here_id), 0);
	ASSERT_GE(say(self->m.there, self->m.there_id, "", SCTP_ABORT), 0);
	do
		type = notified(self->m.here, &self->n);
	while (type == SCTP_ASSOC_CHANGE);
	ASSERT_EQ(SCTP_SEND_FAILED_EVENT, type);
	EXPECT_EQ(self->m.here_id, failed->ssf_assoc_id);
	EXPECT_EQ(99, failed->ssfe_info.snd_context);
	EXPECT_EQ('u', failed->ssf_data[0]);
	EXPECT_EQ('u', self->n.bytes[failed->ssf_length - 1]);
	EXPECT_EQ(sizeof(*failed) + 1000, failed->ssf_length);
}

TEST_F(notification, adaptation_is_told)
{
	struct sctp_setadaptation layer = { .ssb_adaptation_ind = 0x12345678 };
	int client = many_open(self->f), server = listening(self->f, many_open(self->f), 1);

	ASSERT_EQ(0, set_option(client, SCTP_ADAPTATION_LAYER, &layer, sizeof(layer)));
	ASSERT_EQ(0, subscribe(server, SCTP_ADAPTATION_INDICATION, true));
	ASSERT_ERRNO(0, connect_to(client, name_of(server)));
	ASSERT_EQ(SCTP_ADAPTATION_INDICATION, notified(server, &self->n));
	EXPECT_EQ(0x12345678, self->n.n.sn_adaptation_event.sai_adaptation_ind);
}

TEST_F(notification, what_nobody_reads_is_bounded)
{
	int client, read = 0;

	ASSERT_EQ(0, set_int(self->m.there, SOL_SOCKET, SO_RCVBUF, 8192));
	for (int i = 0; i < 200; i++) {
		client = many_open(self->f);
		ASSERT_ERRNO(0, connect_to(client, name_of(self->m.there)));
		abort_by_linger(client);
	}
	EXPECT_EQ(1, associations_of(self->m.there));
	/* What came first is still there, what came last is not. */
	EXPECT_GT(association_comes(self->m.there, SCTP_COMM_UP), SCTP_ALL_ASSOC);
	while (recv_now(self->m.there, &self->n, sizeof(self->n), 0) > 0)
		read++;
	EXPECT_LT(read, 200);
}

/* -------------------------------------------------------------- the old option */

TEST_F(notification, the_old_option_subscribes_too)
{
	struct sctp_event_subscribe events = { .sctp_association_event = 1,
					       .sctp_shutdown_event = 1 };
	struct sctp_event event = { .se_type = SCTP_SHUTDOWN_EVENT };

	ASSERT_EQ(0, set_option(self->m.there, SCTP_EVENTS, &events, sizeof(events)));
	ASSERT_EQ(0, get_option(self->m.there, SCTP_EVENT, &event, sizeof(event)));
	EXPECT_EQ(1, event.se_on);
	close(self->m.here);
	EXPECT_EQ(SCTP_SHUTDOWN_EVENT, notified(self->m.there, &self->n));
}

TEST_F(notification, the_old_option_of_old_programs_is_shorter)
{
	struct sctp_event_subscribe events = { .sctp_association_event = 1 };
	unsigned char got[32];
	socklen_t len;

	for (len = 8; len <= sizeof(events); len++)
		EXPECT_EQ(0, set_option(self->m.there, SCTP_EVENTS, &events, len));
	EXPECT_ERRNO(EINVAL, set_option(self->m.there, SCTP_EVENTS, got, sizeof(events) + 1));
	len = 8;
	ASSERT_EQ(0, getsockopt(self->m.there, SOL_SCTP, SCTP_EVENTS, got, &len));
	EXPECT_EQ(8, len);
	EXPECT_EQ(1, got[1]);
	len = sizeof(got);
	ASSERT_EQ(0, getsockopt(self->m.there, SOL_SCTP, SCTP_EVENTS, got, &len));
	EXPECT_EQ(sizeof(events), len);
}

TEST_F(notification, there_are_no_others)
{
	struct sctp_event event = { .se_type = SCTP_SN_TYPE_MAX + 1, .se_on = 1 };

	EXPECT_ERRNO(EINVAL, set_option(self->m.here, SCTP_EVENT, &event, sizeof(event)));
	event.se_type = 0;
	EXPECT_ERRNO(EINVAL, set_option(self->m.here, SCTP_EVENT, &event, sizeof(event)));
}

TEST_HARNESS_MAIN
