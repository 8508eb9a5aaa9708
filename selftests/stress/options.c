// SPDX-License-Identifier: GPL-2.0
/*
 * Options change while datagrams come and go. None of those that are changed
 * here may lose a datagram or harm its data.
 */
#include "stress.h"

#include <linux/filter.h>

FIXTURE(options)
{
	struct stress stress;
};

FIXTURE_VARIANT(options)
{
	struct flavour flavour;
};

ALL_FLAVOURS(options);

static struct flavour flavour;
static struct pair line;

FIXTURE_SETUP(options)
{
	flavour = variant->flavour;
	ENTER_NETNS(&flavour);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
	line = pair_open(&flavour);
	MUST(connect_to(line.tx, line.to));
}

FIXTURE_TEARDOWN(options)
{
	close(line.tx);
	close(line.rx);
	EXPECT_TRUE(all_given_back());
}

static void say_and_hear(struct worker *w)
{
	static __thread struct message m;
	char data[3000];
	size_t len = pick(w, sizeof(data));

	fill_pattern(data, len, w->done);
	if (send(line.tx, data, len, 0) < 0)
		fail(w, "send %lu: %s", w->done, strerror(errno));
	else if (receive(line.rx, &m, 0) < 0)
		fail(w, "datagram %lu was lost: %s", w->done, strerror(errno));
	else if (m.len != len || !is_pattern(m.data, len, w->done))
		fail(w, "datagram %lu was harmed", w->done);
}

static void set_number(struct worker *w)
{
	static const struct {
		int level, name, range;
	} list[] = {
		{ SOL_SOCKET, SO_TIMESTAMP, 2 }, { SOL_SOCKET, SO_RXQ_OVFL, 2 },
		{ SOL_SOCKET, SO_PRIORITY, 6 }, { SOL_SOCKET, SO_MARK, 9 },
		{ SOL_SOCKET, SO_BINDTOIFINDEX, 2 },
		{ SOL_SOCKET, SO_PEEK_OFF, 1 }, { SOL_SOCKET, SO_NO_CHECK, 2 },
		{ SOL_SOCKET, SO_INCOMING_CPU, 2 },
		{ SOL_SOCKET, SO_BROADCAST, 2 }, { SOL_SOCKET, SO_REUSEADDR, 2 },
		{ SOL_UDP, UDP_GRO, 2 }, { SOL_UDP, UDP_SEGMENT, 1 },
		{ SOL_UDP, UDP_NO_CHECK6_RX, 2 },
		{ SOL_IP, IP_PKTINFO, 2 }, { SOL_IP, IP_RECVTTL, 2 },
		{ SOL_IP, IP_RECVTOS, 2 }, { SOL_IP, IP_RECVOPTS, 2 },
		{ SOL_IP, IP_RECVERR, 2 }, { SOL_IP, IP_TOS, 255 },
		{ SOL_IP, IP_MTU_DISCOVER, 4 }, { SOL_IP, IP_MULTICAST_ALL, 2 },
		{ SOL_IPV6, IPV6_RECVPKTINFO, 2 }, { SOL_IPV6, IPV6_RECVERR, 2 },
		{ SOL_IPV6, IPV6_RECVHOPLIMIT, 2 }, { SOL_IPV6, IPV6_TCLASS, 255 },
		{ SOL_IPV6, IPV6_RECVDSTOPTS, 2 }, { SOL_IPV6, IPV6_RECVPATHMTU, 2 },
		{ SOL_UDPLITE, UDPLITE_SEND_CSCOV, 100 },
	};
	uint32_t n = pick(w, ARRAY_SIZE(list));

	/* Not every flavour has every option. */
	set_int(pick(w, 2) ? line.rx : line.tx, list[n].level, list[n].name,
		pick(w, list[n].range));
}

/* One that takes all. */
static void set_filter(struct worker *w)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog program = { .len = 1, .filter = &all };
	int fd = pick(w, 2) ? line.rx : line.tx;

	if (pick(w, 2))
		set_int(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
	else if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			    sizeof(program)))
		fail(w, "SO_ATTACH_FILTER: %s", strerror(errno));
}

/* Padding, of this length, that goes with each datagram: a header or options. */
static void set_header(struct worker *w)
{
	static const unsigned char nops[40] = { [0 ... 39] = 1 };
	static const unsigned char padding[8] = { 0, 0, 1, 4 };

	if (wire_family(&flavour) == AF_INET)
		setsockopt(line.tx, SOL_IP, IP_OPTIONS, nops, 4 * pick(w, 11));
	else
		setsockopt(line.tx, SOL_IPV6,
			   pick(w, 2) ? IPV6_HOPOPTS : IPV6_DSTOPTS, padding,
			   pick(w, 2) * sizeof(padding));
}

static void change(struct worker *w)
{
	static work_t * const things[] = {
		set_number, set_number, set_number, set_filter, set_header,
	};

	things[pick(w, ARRAY_SIZE(things))](w);
}

TEST_F_TIMEOUT(options, may_change_at_any_time, 300)
{
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, change);
	add_worker(&self->stress, change);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.15));
}

TEST_HARNESS_MAIN
