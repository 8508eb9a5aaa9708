// SPDX-License-Identifier: GPL-2.0
/* The send buffer and the device's queue: full, waiting, empty again. */
#include "xl4test.h"

#include <linux/io_uring.h>
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char data[1000];

FIXTURE(queue)
{
	struct veth veth;
	union address peer;
	int fd;
	int rx;
};

FIXTURE_VARIANT(queue)
{
	struct flavour flavour;
};

ALL_FLAVOURS(queue);

FIXTURE_SETUP(queue)
{
	ENTER_NETNS(&variant->flavour);
	self->veth = veth_create();
	self->peer = address_for(&variant->flavour, VETH_THERE_V4,
				 VETH_THERE_V6, 9);
	self->fd = dgram_open(&variant->flavour);
	netns_switch(self->veth.there);
	self->rx = dgram_bound(&variant->flavour, self->peer);
	netns_switch(self->veth.here);
}

FIXTURE_TEARDOWN(queue)
{
}

/* A device that takes one packet in a year and keeps so many bytes waiting. */
static void stop_device(int limit)
{
	run("tc qdisc add dev veth0 root tbf rate 8bit burst 1600 limit %d",
	    limit);
}

static void empty_device(void)
{
	run("tc qdisc del dev veth0 root");
}

static int fill_once(int fd, union address to)
{
	int sent = 0;

	while (sendto(fd, data, sizeof(data), MSG_DONTWAIT, &to.sa,
		      address_len(&to)) == sizeof(data))
		sent++;
	return sent;
}

/* What has left the device makes room only when it arrives. */
static int fill_buffer(int fd, union address to)
{
	int sent = 0, more;

	while ((more = fill_once(fd, to)) > 0) {
		sent += more;
		usleep(20000);
	}
	return sent;
}

static int queued(int fd)
{
	int bytes = -1;

	MUST(ioctl(fd, SIOCOUTQ, &bytes));
	return bytes;
}

TEST_F(queue, send_buffer_is_bounded)
{
	stop_device(10000000);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SNDBUF, 10000));
	EXPECT_LE(2, fill_buffer(self->fd, self->peer));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_FALSE(events_of(self->fd) & POLLOUT);
	empty_device();
	EXPECT_TRUE(events_of(self->fd) & POLLOUT);
	EXPECT_EQ((ssize_t)sizeof(data), send_to(self->fd, data, sizeof(data),
						 self->peer));
}

TEST_F(queue, outq_tells_what_has_not_left)
{
	EXPECT_EQ(0, queued(self->fd));
	stop_device(10000000);
	for (int i = 0; i < 4; i++)
		ASSERT_LT(0, send_to(self->fd, data, sizeof(data), self->peer));
	EXPECT_LE((int)sizeof(data), queued(self->fd));
	empty_device();
	EXPECT_EQ(0, queued(self->fd));
}

TEST_F(queue, send_timeout_ends_the_wait)
{
	struct timeval limit = { .tv_usec = 1000 }, got;
	socklen_t len = sizeof(got);

	stop_device(10000000);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SNDBUF, 10000));
	fill_buffer(self->fd, self->peer);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				sizeof(limit)));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_SNDTIMEO, &got, &len));
	EXPECT_LT(0, got.tv_usec);
	EXPECT_ERRNO(EAGAIN, send_to(self->fd, data, sizeof(data), self->peer));
}

TEST_F(queue, blocked_sender_goes_on_when_there_is_room)
{
	pid_t sender;
	int status;

	stop_device(10000000);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SNDBUF, 10000));
	fill_buffer(self->fd, self->peer);
	sender = fork();
	if (!sender)
		_exit(send_to(self->fd, data, sizeof(data), self->peer) !=
		      sizeof(data));
	empty_device();
	ASSERT_EQ(sender, waitpid(sender, &status, 0));
	EXPECT_EQ(0, status);
}

/* An io_uring for one request at a time. */
struct ring {
	int fd;
	struct io_uring_params params;
	char *submissions, *completions;
	struct io_uring_sqe *sqe;
};

static void *ring_map(const struct ring *r, size_t len, long offset)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
			offset);

	MUST(at == MAP_FAILED ? -1 : 0);
	return at;
}

/* False if this machine lets nobody have one. */
static bool ring_open(struct ring *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, 1, &r->params);
	if (r->fd < 0)
		return false;
	r->submissions = ring_map(r, r->params.sq_off.array + sizeof(__u32),
				  IORING_OFF_SQ_RING);
	r->completions = ring_map(r, r->params.cq_off.cqes +
				  r->params.cq_entries * sizeof(struct io_uring_cqe),
				  IORING_OFF_CQ_RING);
	r->sqe = ring_map(r, sizeof(*r->sqe), IORING_OFF_SQES);
	return true;
}

static int ring_enter(struct ring *r, int submit, int wait)
{
	return syscall(SYS_io_uring_enter, r->fd, submit, wait,
		       wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
}

static int ring_begin_send(struct ring *r, int fd, const struct msghdr *msg)
{
	__u32 *tail = (__u32 *)(r->submissions + r->params.sq_off.tail);

	*r->sqe = (struct io_uring_sqe) { .opcode = IORING_OP_SENDMSG, .fd = fd,
					  .addr = (uintptr_t)msg, .len = 1 };
	*(__u32 *)(r->submissions + r->params.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return ring_enter(r, 1, 0);
}

static unsigned int ring_completed(const struct ring *r)
{
	return __atomic_load_n((__u32 *)(r->completions + r->params.cq_off.tail),
			       __ATOMIC_ACQUIRE);
}

/* What sendmsg() would have returned, or minus an errno. */
static int ring_finish(struct ring *r)
{
	const struct io_uring_cqe *cqe;

	cqe = (const struct io_uring_cqe *)(r->completions + r->params.cq_off.cqes);
	if (!ring_completed(r))
		MUST(ring_enter(r, 0, 1));
	return cqe->res;
}

TEST_F(queue, io_uring_sends_to_the_same_address_when_there_is_room)
{
	struct iovec iov = { .iov_base = "later", .iov_len = 5 };
	struct msghdr msg = { .msg_name = &self->peer,
			      .msg_namelen = address_len(&self->peer),
			      .msg_iov = &iov, .msg_iovlen = 1 };
	struct ring ring;
	int sent;

	if (!ring_open(&ring))
		SKIP(return, "no io_uring here");
	stop_device(10000000);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SNDBUF, 10000));
	sent = fill_buffer(self->fd, self->peer);
	ASSERT_EQ(1, ring_begin_send(&ring, self->fd, &msg));
	ASSERT_EQ(0U, ring_completed(&ring));
	empty_device();
	EXPECT_EQ(5, ring_finish(&ring));
	/* those before it went with the device's queue, or arrived */
	for (int i = 0; i <= sent; i++)
		if (recv(self->rx, data, sizeof(data), 0) == 5)
			break;
	EXPECT_EQ(0, memcmp("later", data, 5));
	close(ring.fd);
}

TEST_F(queue, shutdown_ends_a_blocked_send)
{
	pid_t sender;
	int status;

	stop_device(10000000);
	ASSERT_EQ(0, set_int(self->fd, SOL_SOCKET, SO_SNDBUF, 10000));
	fill_buffer(self->fd, self->peer);
	ASSERT_ERRNO(0, connect_to(self->fd, self->peer));
	sender = fork();
	if (!sender)
		_exit(send(self->fd, data, sizeof(data), 0) < 0 ? errno : 0);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(sender, waitpid(sender, &status, 0));
	EXPECT_EQ(EPIPE, WEXITSTATUS(status));
}

/* The first error of a few datagrams, or 0. */
static int send_to_full_queue(int fd, union address to)
{
	stop_device(2000);
	for (int i = 0; i < 10; i++)
		if (sendto(fd, data, sizeof(data), 0, &to.sa,
			   address_len(&to)) < 0)
			return errno;
	return 0;
}

/* The kernel's UDP tells of it only who asked for IP_RECVERR. */
TEST_F(queue, full_device_is_reported)
{
	EXPECT_EQ(is_kernel_udp() ? 0 : ENOBUFS,
		  send_to_full_queue(self->fd, self->peer));
}

TEST_F(queue, full_device_is_reported_with_recverr)
{
	ASSERT_EQ(0, set_int(self->fd, SOL_IP, IP_RECVERR, 1));
	if (variant->flavour.family == AF_INET6)
		ASSERT_EQ(0, set_int(self->fd, SOL_IPV6, IPV6_RECVERR, 1));
	EXPECT_EQ(ENOBUFS,
		  send_to_full_queue(self->fd, self->peer));
}

TEST_F(queue, full_device_is_counted)
{
	long before = counter(&variant->flavour, "SndbufErrors");

	ASSERT_LE(0, before);
	send_to_full_queue(self->fd, self->peer);
	EXPECT_LT(before, counter(&variant->flavour, "SndbufErrors"));
}

TEST_F(queue, close_does_not_take_back_what_was_sent)
{
	ASSERT_LT(0, send_to(self->fd, data, sizeof(data), self->peer));
	close(self->fd);
	EXPECT_EQ((ssize_t)sizeof(data), recv(self->rx, data, sizeof(data), 0));
}

TEST_HARNESS_MAIN
