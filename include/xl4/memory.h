/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sockets of one protocol have of the machine's memory, all together: the account that
 * struct proto points at.
 */
#ifndef XL4_MEMORY_H
#define XL4_MEMORY_H

#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <net/sock.h>

/*
 * XL4_MEMORY() - define the account of a protocol
 * @prefix: of all names in it; @prefix_mem is a setting, in pages; @prefix_mem_init() is for
 *	the module's init
 */
#define XL4_MEMORY(prefix)								\
static atomic_long_t prefix##_memory_allocated ____cacheline_aligned_in_smp;		\
static DEFINE_PER_CPU(int, prefix##_memory_per_cpu_fw_alloc);				\
static struct percpu_counter prefix##_sockets_allocated;				\
static unsigned long prefix##_memory_pressure __read_mostly;				\
static long prefix##_mem[3] __read_mostly;						\
static int prefix##_rmem_min = SOCK_MIN_RCVBUF;						\
static int prefix##_wmem_min = SOCK_MIN_SNDBUF;						\
											\
static void prefix##_enter_memory_pressure(struct sock *sk)				\
{											\
	if (!READ_ONCE(prefix##_memory_pressure))					\
		WRITE_ONCE(prefix##_memory_pressure, 1);				\
}											\
											\
static void prefix##_leave_memory_pressure(struct sock *sk)				\
{											\
	if (READ_ONCE(prefix##_memory_pressure))					\
		WRITE_ONCE(prefix##_memory_pressure, 0);				\
}											\
											\
static void __init prefix##_mem_init(void)						\
{											\
	xl4_mem_limits(prefix##_mem);							\
}

/* XL4_PROT_MEMORY() - its part of struct proto */
#define XL4_PROT_MEMORY(prefix)								\
	.enter_memory_pressure	= prefix##_enter_memory_pressure,			\
	.leave_memory_pressure	= prefix##_leave_memory_pressure,			\
	.memory_pressure	= &prefix##_memory_pressure,				\
	.sockets_allocated	= &prefix##_sockets_allocated,				\
	.memory_allocated	= &prefix##_memory_allocated,				\
	.per_cpu_fw_alloc	= &prefix##_memory_per_cpu_fw_alloc,			\
	.sysctl_mem		= prefix##_mem,						\
	.sysctl_rmem		= &prefix##_rmem_min,					\
	.sysctl_wmem		= &prefix##_wmem_min

/* xl4_mem_limits() - an eighth of memory at most: the three limits in pages, as in tcp(7) */
static inline void xl4_mem_limits(long mem[3])
{
	unsigned long limit = max(totalram_pages() / 8, 128UL);

	mem[0] = limit / 2;
	mem[1] = limit / 4 * 3;
	mem[2] = limit;
}

/*
 * xl4_count_socket() - a socket more or less of its protocol
 * @sk: with its struct proto
 * @n: 1 or -1
 *
 * For /proc/net/protocols, and for what its fair share of the memory is.
 */
static inline void xl4_count_socket(struct sock *sk, int n)
{
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, n);
	if (sk->sk_prot->sockets_allocated)
		percpu_counter_add(sk->sk_prot->sockets_allocated, n);
}

#endif
