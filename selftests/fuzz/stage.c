// SPDX-License-Identifier: GPL-2.0
/* A namespace with a TUN and a TAP device: addresses are those of seed.py. */
#include "stage.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/uio.h>

#include "netns.h"
#include "rounds.h"

#define ETHERNET	14
#define PIECES		4
#define GSO_UDP		5	/* VIRTIO_NET_HDR_GSO_UDP_L4, which old headers lack */

static const unsigned char mac_here[6] = { 2, 0, 0, 0, 0, 1 };
static const unsigned char mac_there[6] = { 2, 0, 0, 0, 0, 2 };

static int device_open(const char *name, int flags)
{
	struct ifreq request = { .ifr_flags = flags | IFF_NO_PI | IFF_VNET_HDR };
	int fd = MUST(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));

	strcpy(request.ifr_name, name);
	MUST(ioctl(fd, TUNSETIFF, &request));
	return fd;
}

static void device_set_mac(const char *name)
{
	struct ifreq request = { .ifr_hwaddr.sa_family = 1 };
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	strcpy(request.ifr_name, name);
	memcpy(request.ifr_hwaddr.sa_data, mac_here, sizeof(mac_here));
	MUST(ioctl(fd, SIOCSIFHWADDR, &request));
	close(fd);
}

static void settings(void)
{
	sysctl_write("net/ipv4/conf/all/rp_filter", "0");
	sysctl_write("net/ipv4/conf/default/rp_filter", "0");
	sysctl_write("net/ipv4/conf/default/accept_source_route", "1");
	sysctl_write("net/ipv4/conf/all/accept_source_route", "1");
	sysctl_write("net/ipv4/icmp_ratelimit", "0");
	sysctl_write("net/ipv6/icmp/ratelimit", "0");
	sysctl_write("net/ipv6/conf/default/router_solicitations", "0");
	sysctl_write("net/ipv6/conf/default/accept_ra", "0");
	peers_do_not_stay();
	if (!access("/proc/sys/net/xl4/sctp/rto_min", W_OK)) {
		sysctl_write("net/xl4/sctp/rto_initial", "100");
		sysctl_write("net/xl4/sctp/rto_min", "50");
		sysctl_write("net/xl4/sctp/rto_max", "200");
	}
	if (!access("/proc/sys/net/xl4/dccp/encap_port", W_OK))
		sysctl_write("net/xl4/dccp/encap_port", "6511");
}

void stage_enter(struct stage *s)
{
	union address far4 = ipv4("0.0.0.0", 0), far6 = ipv6("::", 0);

	netns_enter();
	settings();
	s->tun = device_open("tun", IFF_TUN);
	s->tap = device_open("tap", IFF_TAP | IFF_NAPI | IFF_NAPI_FRAGS);
	device_set_mac("tap");
	device_up("tun");
	device_up("tap");
	link_add_address("tap", ipv4("192.0.2.1", 0), 24);
	link_add_address("tap", ipv6("2001:db8::1", 0), 64);
	link_add_neighbour("tap", ipv4("192.0.2.2", 0), mac_there);
	link_add_neighbour("tap", ipv6("2001:db8::2", 0), mac_there);
	route_add(far4, 0, "tun", NULL, RTN_UNICAST);
	route_add(far6, 0, "tun", NULL, RTN_UNICAST);
	device_wait_for_address("tap", "2001:db8::1");
}

/* Nothing to say of most packets; of some, that a sum or segments are left to do. */
static void offload(struct chance *c, const struct packet *p, unsigned int before,
		    struct virtio_net_hdr *v, struct packet *copy)
{
	struct layout l;

	memset(v, 0, sizeof(*v));
	v->hdr_len = one_in(c, 4) ? pick(c, 256) : 0;
	if (!one_in(c, 8) || !packet_layout(p, &l) || l.fragment || l.transport + 8 > p->len)
		return;
	v->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	v->csum_start = before + l.transport;
	v->csum_offset = one_in(c, 8) ? 2 * pick(c, 9) : 6;
	memcpy(copy->bytes, p->bytes, copy->len = p->len);
	put16(copy->bytes + l.transport + 6, packet_pseudo_sum(p, &l, p->len - l.transport));
	if (one_in(c, 2))
		return;
	v->gso_type = one_in(c, 8) ? pick(c, 8) : GSO_UDP;
	v->gso_size = one_in(c, 8) ? edge(c) : (int)between(c, 1, p->len);
	v->hdr_len = before + l.transport + 8;
}

static bool send_tun(struct stage *s, const struct virtio_net_hdr *v, const struct packet *p)
{
	struct iovec io[] = { { (void *)v, sizeof(*v) }, { (void *)p->bytes, p->len } };

	return writev(s->tun, io, 2) > 0;
}

/* Each piece becomes a fragment of the kernel's buffer: of a page at most. */
static unsigned int cut_up(struct chance *c, struct iovec *io, const struct packet *p)
{
	unsigned int at = 0, n = 0, len;

	while (at < p->len && n < PIECES) {
		len = one_in(c, 2) ? between(c, 1, 64) : between(c, 1, 4096);
		if (len > p->len - at)
			len = p->len - at;
		io[n++] = (struct iovec) { (void *)(p->bytes + at), len };
		at += len;
	}
	return n;
}

static bool send_tap(struct stage *s, struct chance *c, const struct virtio_net_hdr *v,
		     const struct packet *p)
{
	uint8_t frame[ETHERNET];
	struct iovec io[2 + PIECES] = { { (void *)v, sizeof(*v) }, { frame, ETHERNET } };

	memcpy(frame, mac_here, 6);
	memcpy(frame + 6, mac_there, 6);
	put16(frame + 12, p->len && p->bytes[0] >> 4 == 6 ? 0x86dd : 0x0800);
	return writev(s->tap, io, 2 + cut_up(c, io + 2, p)) > 0;
}

/* False if the device does not take such a packet. */
bool stage_send(struct stage *s, struct chance *c, struct ring *ring, const struct packet *p)
{
	static struct packet copy;
	struct virtio_net_hdr v;
	bool tap = one_in(c, 3);
	char hex[1900];

	copy.len = 0;
	offload(c, p, tap ? ETHERNET : 0, &v, &copy);
	if (copy.len)
		p = &copy;
	ring_add(ring, "packet %s flags %d gso %d:%d header %d sum %d+%d len %u %s",
		 tap ? "tap" : "tun", v.flags, v.gso_type, v.gso_size, v.hdr_len, v.csum_start,
		 v.csum_offset, p->len, ring_hex(hex, sizeof(hex), p->bytes, p->len));
	return tap ? send_tap(s, c, &v, p) : send_tun(s, &v, p);
}

bool stage_send_plain(struct stage *s, const uint8_t *bytes, unsigned int len)
{
	struct virtio_net_hdr v = { 0 };
	struct iovec io[] = { { &v, sizeof(v) }, { (void *)bytes, len } };

	return writev(s->tun, io, 2) == (ssize_t)(sizeof(v) + len);
}

/* An IP packet that the machine sent, if there is one. */
bool stage_hear(struct stage *s, struct packet *p)
{
	struct virtio_net_hdr v;
	uint8_t frame[ETHERNET];
	struct iovec io[] = { { &v, sizeof(v) }, { frame, ETHERNET },
			      { p->bytes, sizeof(p->bytes) } };
	struct iovec bare[] = { io[0], io[2] };
	ssize_t len;

	len = readv(s->tun, bare, 2);
	if (len > 0) {
		p->len = len - sizeof(v);
		return true;
	}
	len = readv(s->tap, io, 3);
	if (len < (ssize_t)(sizeof(v) + ETHERNET))
		return false;
	p->len = len - sizeof(v) - ETHERNET;
	return true;
}
