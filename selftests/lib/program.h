/* SPDX-License-Identifier: GPL-2.0 */
/* Classic BPF programs on sockets. */
#ifndef XL4TEST_PROGRAM_H
#define XL4TEST_PROGRAM_H

#include <linux/filter.h>
#include <sys/socket.h>

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif

static inline int program_attach(int fd, int option, struct sock_filter *code,
				 size_t len)
{
	struct sock_fprog program = { .len = len, .filter = code };

	return setsockopt(fd, SOL_SOCKET, option, &program, sizeof(program));
}

#endif
