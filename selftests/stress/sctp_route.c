// SPDX-License-Identifier: GPL-2.0
/*
 * A route that comes and goes under an association that always has many packets to send: what is
 * lost by it is sent again, and each message arrives in its place.
 */
#include "stress.h"

#include "sctp.h"

#define SIZE	20000

FIXTURE(route)
{
	struct stress stress;
};

FIXTURE_VARIANT(route)
{
	struct flavour flavour;
};

FIXTURE_VARIANT_ADD(route, ipv4) { .flavour = { .family = AF_INET } };
FIXTURE_VARIANT_ADD(route, ipv6) { .flavour = { .family = AF_INET6 } };

struct message_of_size {
	uint64_t number;
	char rest[SIZE - sizeof(uint64_t)];
};

/* What the workers are to use; set before they start. */
static struct flavour flavour;
static struct one ends;
static struct veth veth;

static int stubborn(void)
{
	struct sctp_rtoinfo rto = { .srto_initial = 100, .srto_min = 10, .srto_max = 100 };
	struct sctp_assocparams params = { .sasoc_asocmaxrxt = 1000 };
	int fd = one_open(&flavour);

	MUST(set_option(fd, SCTP_RTOINFO, &rto, sizeof(rto)));
	MUST(set_option(fd, SCTP_ASSOCINFO, &params, sizeof(params)));
	MUST(set_int(fd, SOL_SCTP, SCTP_NODELAY, 1));
	return fd;
}

FIXTURE_SETUP(route)
{
	union address there;

	netns_enter();
	flavour = variant->flavour;
	if (sctp_number() == IPPROTO_SCTP)
		SKIP_ALL("another SCTP");
	/* What goes through IP as one is as long as it may be. */
	sysctl_write("net/xl4/sctp/max_burst", "0");
	veth = veth_create();
	there = address_for(&flavour, VETH_THERE_V4, VETH_THERE_V6, 0);
	netns_switch(veth.there);
	ends.listener = stubborn();
	MUST(bind_to(ends.listener, there));
	MUST(listen(ends.listener, 1));
	netns_switch(veth.here);
	ends.here = stubborn();
	MUST(connect_to(ends.here, name_of(ends.listener)));
	ends.there = MUST(accept4(ends.listener, NULL, NULL, SOCK_CLOEXEC));
	nonblocking(ends.here);
	nonblocking(ends.there);
	MUST(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t) { { ~0UL } }));
}

FIXTURE_TEARDOWN(route)
{
	abort_by_linger(ends.here);
	abort_by_linger(ends.there);
	close(ends.listener);
	EXPECT_TRUE(all_given_back());
}

static void say(struct worker *w)
{
	static struct message_of_size m;

	while (send(ends.here, &m, sizeof(m), MSG_NOSIGNAL) == sizeof(m))
		m.number++;
	if (errno != EAGAIN)
		fail(w, "message %lu: %s", (unsigned long)m.number, strerror(errno));
}

static void hear(struct worker *w)
{
	static struct message_of_size m;
	static uint64_t expected;
	ssize_t n;

	while ((n = recv(ends.there, &m, sizeof(m), 0)) > 0) {
		if (n != sizeof(m) || m.number != expected)
			fail(w, "message %lu instead of %lu, %zd octets", (unsigned long)m.number,
			     (unsigned long)expected, n);
		expected++;
	}
	if (n == 0 || errno != EAGAIN)
		fail(w, "no more after %lu messages: %s", (unsigned long)expected,
		     n ? strerror(errno) : "the end");
}

static void say_and_hear(struct worker *w)
{
	say(w);
	hear(w);
}

/* Back at once, so that the sender seldom finds that it may send no more than a packet. */
static void come_and_go(struct worker *w)
{
	union address to = address_for(&flavour, "192.0.2.0", "2001:db8::", 0);
	int prefix = flavour.family == AF_INET6 ? 64 : 24;

	(void)w;
	route_delete(to, prefix, "veth0");
	route_add(to, prefix, "veth0", NULL, RTN_UNICAST);
	usleep(3000);
}

TEST_F_TIMEOUT(route, comes_and_goes, 300)
{
	add_worker(&self->stress, say_and_hear);
	add_worker(&self->stress, come_and_go);
	EXPECT_ALL_WELL(&self->stress, stress_seconds(0.5));
}

TEST_HARNESS_MAIN
