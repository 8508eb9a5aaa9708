// SPDX-License-Identifier: GPL-2.0
/* The calls, one function each. What they return matters to nobody. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "datagram.h"

typedef void call_t(struct program *p, int slot);

extern const struct protocol *const __start_protocols[], *const __stop_protocols[];

#define LOG(p, format, ...)	\
	ring_add((p)->ring, "process %d " format, (p)->id, ##__VA_ARGS__)

/* XL4_FUZZ_PROTOCOL is how its name begins, and that of others that are not wanted does not. */
static bool is_wanted(const struct protocol *protocol)
{
	const char *only = getenv("XL4_FUZZ_PROTOCOL");

	return !only || !strncasecmp(protocol->name, only, strlen(only));
}

static const struct protocol *some_protocol(struct program *p)
{
	const struct protocol *protocol;

	do
		protocol = __start_protocols[pick(p->chance, __stop_protocols - __start_protocols)];
	while (!is_wanted(protocol));
	return protocol;
}

/* May this call wait for others? */
static bool blocks(struct program *p)
{
	return p->may_block && one_in(p->chance, 4);
}

/* What programs mostly ask for, and what else would be one option of 200. */
static void some_usual_options(struct program *p, int slot)
{
	static const struct {
		int level, name, value;
	} usual[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1 }, { SOL_SOCKET, SO_REUSEPORT, 1 },
		{ SOL_SOCKET, SO_BROADCAST, 1 }, { SOL_SOCKET, SO_TIMESTAMP, 1 },
		{ SOL_IP, IP_RECVERR, 1 }, { SOL_IP, IP_PKTINFO, 1 }, { SOL_IP, IP_RECVOPTS, 1 },
		{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO },
		{ SOL_IPV6, IPV6_RECVERR, 1 }, { SOL_IPV6, IPV6_RECVPKTINFO, 1 },
		{ SOL_IPV6, IPV6_RECVDSTOPTS, 1 }, { SOL_IPV6, IPV6_RECVPATHMTU, 1 },
		{ SOL_IPV6, IPV6_DONTFRAG, 1 }, { SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO },
	};

	for (unsigned int i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (one_in(p->chance, 3))
			set_int(p->fd[slot], usual[i].level, usual[i].name, usual[i].value);
}

static void call_socket(struct program *p, int slot)
{
	const struct protocol *protocol = some_protocol(p);
	int number = number_from(protocol->variable, protocol->number);
	int family = one_in(p->chance, 2) ? AF_INET : AF_INET6;
	int type = protocol->type;

	if (p->wild && one_in(p->chance, 16))
		type = pick(p->chance, 12);
	LOG(p, "%d = socket(%d, %d, %d)", slot, family, type, number);
	if (p->fd[slot] >= 0)
		close(p->fd[slot]);
	p->protocol[slot] = protocol;
	p->family[slot] = family;
	p->fd[slot] = socket(family, type | (blocks(p) ? 0 : SOCK_NONBLOCK), number);
	if (p->fd[slot] >= 0)
		some_usual_options(p, slot);
}

static void log_address(struct program *p, const char *call, int slot, const union address *a,
			unsigned int len)
{
	char hex[80];

	LOG(p, "%s %d %s len %u", call, slot, ring_hex(hex, sizeof(hex), a, sizeof(a->v6)), len);
}

static void call_bind(struct program *p, int slot)
{
	union address a = some_address(p->chance, p->family[slot]);
	unsigned int len = length_or_wild(p, address_len(&a));

	log_address(p, "bind", slot, &a, len);
	bind(p->fd[slot], sound_or_wild(p, &a), len);
}

static void call_connect(struct program *p, int slot)
{
	union address a = some_address(p->chance, p->family[slot]);
	unsigned int len = length_or_wild(p, address_len(&a));

	log_address(p, "connect", slot, &a, len);
	connect(p->fd[slot], sound_or_wild(p, &a), len);
}

static void call_disconnect(struct program *p, int slot)
{
	LOG(p, "disconnect %d", slot);
	disconnect(p->fd[slot]);
}

static void call_listen(struct program *p, int slot)
{
	int fd;

	LOG(p, "listen %d", slot);
	listen(p->fd[slot], pick(p->chance, 4));
	fd = accept4(p->fd[slot], NULL, NULL, SOCK_NONBLOCK);
	if (fd >= 0) {
		close(p->fd[slot]);
		p->fd[slot] = fd;
	}
}

static void log_message(struct program *p, const char *call, int slot, const struct msghdr *m,
			int flags)
{
	char text[1600];

	describe_message(m, text, sizeof(text));
	LOG(p, "%s %d flags %x %s", call, slot, flags, text);
}

static int send_flags(struct program *p)
{
	enum { MSG_PROBE = 0x10 };	/* which the C library has no name for */
	static const int flags[] = { 0, 0, 0, 0, MSG_MORE, MSG_MORE, MSG_CONFIRM, MSG_DONTROUTE,
				     MSG_OOB, MSG_PROBE, MSG_EOR, MSG_ZEROCOPY };

	return (blocks(p) ? 0 : MSG_DONTWAIT) | MSG_NOSIGNAL |
	       (p->wild && one_in(p->chance, 16) ? edge(p->chance) & ~MSG_BATCH :
						   PICK_FROM(p->chance, flags));
}

static void call_sendmsg(struct program *p, int slot)
{
	struct msghdr *m = some_message(p, slot, true);
	int flags = send_flags(p);

	log_message(p, "sendmsg", slot, m, flags);
	sendmsg(p->fd[slot], sound_or_wild(p, m), flags);
}

static void call_sendmmsg(struct program *p, int slot)
{
	struct mmsghdr many[3] = { { .msg_hdr = *some_message(p, slot, true) } };
	int flags = send_flags(p);

	many[1] = many[2] = many[0];
	log_message(p, "sendmmsg", slot, &many[0].msg_hdr, flags);
	sendmmsg(p->fd[slot], sound_or_wild(p, many), pick(p->chance, 4), flags);
}

static void call_write(struct program *p, int slot)
{
	struct msghdr *m = some_message(p, slot, true);

	log_message(p, "writev", slot, m, 0);
	writev(p->fd[slot], m->msg_iov, m->msg_iovlen);
}

static int receive_flags(struct program *p)
{
	static const int flags[] = { 0, 0, 0, 0, MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE, MSG_ERRQUEUE,
				     MSG_PEEK | MSG_TRUNC, MSG_OOB, MSG_CMSG_CLOEXEC, MSG_WAITALL };

	return (blocks(p) ? 0 : MSG_DONTWAIT) |
	       (p->wild && one_in(p->chance, 16) ? edge(p->chance) | MSG_DONTWAIT :
						   PICK_FROM(p->chance, flags));
}

static void call_recvmsg(struct program *p, int slot)
{
	struct msghdr *m = some_message(p, slot, false);
	int flags = receive_flags(p);

	LOG(p, "recvmsg %d flags %x", slot, flags);
	recvmsg(p->fd[slot], sound_or_wild(p, m), flags);
}

static void call_recvmmsg(struct program *p, int slot)
{
	struct mmsghdr many[3] = { { .msg_hdr = *some_message(p, slot, false) } };
	int flags = receive_flags(p);

	many[1] = many[2] = many[0];
	LOG(p, "recvmmsg %d flags %x", slot, flags);
	recvmmsg(p->fd[slot], sound_or_wild(p, many), pick(p->chance, 4), flags, NULL);
}

static void call_setsockopt(struct program *p, int slot)
{
	static uint8_t value[4096];
	const struct option *o = some_option(p, slot);
	unsigned int len = o->fill(p->chance, o, value);
	char hex[400];

	if (p->wild && one_in(p->chance, 8))
		any_bytes(p->chance, value, sizeof(value));
	len = length_or_wild(p, len);
	LOG(p, "setsockopt %d %d %s %s len %u", slot, o->level, o->name,
	    ring_hex(hex, sizeof(hex), value, len < sizeof(value) ? len : sizeof(value)), len);
	setsockopt(p->fd[slot], o->level, o->number, sound_or_wild(p, value), len);
}

static void call_getsockopt(struct program *p, int slot)
{
	const struct option *o = some_option(p, slot);
	unsigned int room = 1 + pick(p->chance, 4096);
	socklen_t len = length_or_wild(p, room);

	LOG(p, "getsockopt %d %d %s len %u", slot, o->level, o->name, len);
	getsockopt(p->fd[slot], o->level, o->number, sound_or_wild(p, room_for(room)),
		   sound_or_wild(p, &len));
}

/* Of numbers that nobody has a name for. */
static void call_any_option(struct program *p, int slot)
{
	static const int levels[] = { SOL_SOCKET, SOL_IP, SOL_IPV6, IPPROTO_TCP, SOL_UDP,
				      SOL_UDPLITE, 132, 269, 250, 251, 252, 253, 254 };
	int level = PICK_FROM(p->chance, levels), number = pick(p->chance, 256);
	unsigned int room = pick(p->chance, 65);
	uint8_t *value = room_for(room);
	socklen_t len = length_or_wild(p, room);

	any_bytes(p->chance, value, room);
	LOG(p, "option %d %d %d len %u", slot, level, number, len);
	if (one_in(p->chance, 2))
		setsockopt(p->fd[slot], level, number, sound_or_wild(p, value), len);
	else
		getsockopt(p->fd[slot], level, number, sound_or_wild(p, value), &len);
}

static void call_names(struct program *p, int slot)
{
	union address a;
	socklen_t len = length_or_wild(p, sizeof(a));

	LOG(p, "names %d", slot);
	getsockname(p->fd[slot], sound_or_wild(p, &a), sound_or_wild(p, &len));
	len = length_or_wild(p, sizeof(a));
	getpeername(p->fd[slot], sound_or_wild(p, &a), sound_or_wild(p, &len));
}

static void call_ioctl(struct program *p, int slot)
{
	static const unsigned int numbers[] = { SIOCINQ, SIOCOUTQ, SIOCATMARK, SIOCGIFCONF,
		SIOCGIFINDEX, SIOCGIFNAME, 0x8906, 0x8907, FIONBIO, FIOASYNC, SIOCGIFADDR,
		0x89e0, 0x89e1 };
	unsigned int number = PICK_FROM(p->chance, numbers);
	uint8_t *value = memset(room_for(256), 0, 256);

	if (p->wild && one_in(p->chance, 8))
		number = 0x8900 + pick(p->chance, 256);
	/* Not what would take the devices away. */
	if (number == SIOCSIFFLAGS || number == SIOCDELRT || number == SIOCDIFADDR)
		return;
	LOG(p, "ioctl %d %x", slot, number);
	ioctl(p->fd[slot], number, sound_or_wild(p, value));
	fcntl(p->fd[slot], F_SETFL, O_NONBLOCK);
}

static void call_poll(struct program *p, int slot)
{
	struct pollfd fds[SOCKETS];

	LOG(p, "poll %d", slot);
	for (int i = 0; i < SOCKETS; i++)
		fds[i] = (struct pollfd) { .fd = p->fd[i], .events = roll(p->chance) };
	poll(fds, SOCKETS, 0);
}

static void call_shutdown(struct program *p, int slot)
{
	int how = pick(p->chance, 4);

	if (!one_in(p->chance, 4))
		return;
	LOG(p, "shutdown %d %d", slot, how);
	shutdown(p->fd[slot], how);
}

static void call_splice(struct program *p, int slot)
{
	unsigned int len = pick(p->chance, 5000);
	static const char some[5000];

	LOG(p, "splice %d len %u", slot, len);
	if (one_in(p->chance, 3)) {
		splice(p->fd[slot], NULL, p->pipe[1], NULL, len, SPLICE_F_NONBLOCK);
		return;
	}
	if (one_in(p->chance, 2))
		vmsplice(p->pipe[1], &(struct iovec) { (void *)some, len }, 1, SPLICE_F_NONBLOCK);
	else if (write(p->pipe[1], some, len) < 0)
		return;
	splice(p->pipe[0], NULL, p->fd[slot], NULL, len,
	       SPLICE_F_NONBLOCK | (one_in(p->chance, 2) ? SPLICE_F_MORE : 0));
}

static void call_sendfile(struct program *p, int slot)
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	LOG(p, "sendfile %d", slot);
	/* Now and then there is less than was promised. */
	if (one_in(p->chance, 2))
		lseek(file, -(off_t)pick(p->chance, 10000), SEEK_END);
	sendfile(p->fd[slot], file, NULL, pick(p->chance, 20000));
	close(file);
}

static void call_proc(struct program *p, int slot)
{
	static const char *const names[] = { "xl4/snmp", "xl4/udp", "xl4/udp6", "xl4/udplite",
					     "xl4/udplite6", "xl4/tcp", "xl4/tcp6", "xl4/sctp", "xl4/sctp6",
					     "xl4/dccp", "xl4/dccp6", "protocols", "sockstat", "igmp",
					     "mcast6", "ip6_flowlabel" };
	char path[64], text[512];
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%s", PICK_FROM(p->chance, names));
	LOG(p, "read %s", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, 1 + pick(p->chance, sizeof(text) - 1)) > 0)
		;
	close(fd);
}

static void call_close(struct program *p, int slot)
{
	LOG(p, "close %d", slot);
	close(p->fd[slot]);
	p->fd[slot] = -1;
}

static void call_anything(struct program *p, int slot);

static void nothing(int number)
{
}

/* No call waits for longer, in this process. */
void program_interrupt(void)
{
	struct sigaction action = { .sa_handler = nothing };
	struct itimerval often = { .it_interval.tv_usec = 10000, .it_value.tv_usec = 10000 };

	MUST(sigaction(SIGALRM, &action, NULL));
	MUST(setitimer(ITIMER_REAL, &often, NULL));
}

/* A child has the same sockets, uses some, and goes. */
static void call_fork(struct program *p, int slot)
{
	pid_t child;

	if (!p->may_fork || !one_in(p->chance, 16))
		return;
	LOG(p, "fork");
	child = fork();
	if (child == 0) {
		p->may_fork = false;
		/* The sockets may wait, and the interval timer is not inherited. */
		if (p->may_block)
			program_interrupt();
		p->may_block = false;
		p->ring = &(struct ring) { .fd = -1 };
		for (int i = pick(p->chance, 10); i; i--)
			call_anything(p, pick(p->chance, SOCKETS));
		_exit(0);
	}
	/* As the child did: its chance must not be ours. */
	roll(p->chance);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static void call_anything(struct program *p, int slot)
{
	static call_t *const calls[] = {
		call_socket, call_socket, call_close, call_bind, call_bind, call_bind,
		call_connect, call_connect, call_disconnect, call_listen,
		call_sendmsg, call_sendmsg, call_sendmsg, call_sendmsg, call_sendmsg,
		call_sendmsg, call_sendmmsg, call_write,
		call_recvmsg, call_recvmsg, call_recvmsg, call_recvmsg, call_recvmsg,
		call_recvmmsg,
		call_setsockopt, call_setsockopt, call_setsockopt, call_setsockopt,
		call_setsockopt, call_setsockopt,
		call_getsockopt, call_getsockopt, call_any_option,
		call_names, call_ioctl, call_poll, call_shutdown,
		call_splice, call_splice, call_sendfile, call_proc, call_fork,
	};

	PICK_FROM(p->chance, calls)(p, slot);
}

void program_start(struct program *p)
{
	p->calls = 0;
	MUST(pipe2(p->pipe, O_NONBLOCK | O_CLOEXEC));
	for (int slot = 0; slot < SOCKETS; slot++) {
		p->fd[slot] = -1;
		call_socket(p, slot);
	}
}

void program_call(struct program *p)
{
	int slot = pick(p->chance, SOCKETS);

	p->calls++;
	/* A slot is hardly ever empty for long. */
	if (p->fd[slot] < 0 && !one_in(p->chance, 8))
		call_socket(p, slot);
	else
		call_anything(p, slot);
}

void program_end(struct program *p)
{
	for (int slot = 0; slot < SOCKETS; slot++)
		if (p->fd[slot] >= 0)
			close(p->fd[slot]);
	close(p->pipe[0]);
	close(p->pipe[1]);
}
