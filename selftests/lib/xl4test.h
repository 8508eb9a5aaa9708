/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every C test of xl4 includes: the harness, then one header a noun.
 *
 * A test says what it wants in terms of a flavour (family, UDP or UDP-Lite)
 * and never names a protocol number: XL4_UDP and XL4_UDPLITE in the
 * environment choose between xl4 and the kernel's own UDP.
 */
#ifndef XL4TEST_H
#define XL4TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "kselftest_harness.h"

#include "must.h"
#include "flavour.h"
#include "address.h"
#include "netns.h"
#include "counter.h"
#include "datagram.h"
#include "report.h"

/* Ends a test from its fixture: a plain return would go on to the test. */
#define SKIP_ALL(fmt, ...) \
	SKIP(_exit(KSFT_SKIP), fmt, ##__VA_ARGS__)

/* 0 when a call succeeded, else why it did not. */
static inline int errno_of(long ret)
{
	return ret < 0 ? errno : 0;
}

#define EXPECT_ERRNO(error, call)	EXPECT_EQ(error, errno_of(call))
#define ASSERT_ERRNO(error, call)	ASSERT_EQ(error, errno_of(call))

/* The usual beginning of a fixture: a namespace of one's own with lo up. */
#define ENTER_NETNS(flavour) do {					\
	netns_enter();							\
	if (!flavour_available(flavour))				\
		SKIP_ALL("this kernel has no UDP-Lite");		\
} while (0)

#define ADD_FLAVOUR(fixture, variant, ...)				\
FIXTURE_VARIANT_ADD(fixture, variant) { .flavour = { __VA_ARGS__ } }

#define UDP_FLAVOURS(fixture)						\
ADD_FLAVOUR(fixture, udp_ipv4, .family = AF_INET);			\
ADD_FLAVOUR(fixture, udp_ipv6, .family = AF_INET6);			\
ADD_FLAVOUR(fixture, udp_mapped, .family = AF_INET6, .mapped = true)

#define LITE_FLAVOURS(fixture)						\
ADD_FLAVOUR(fixture, lite_ipv4, .family = AF_INET, .lite = true);	\
ADD_FLAVOUR(fixture, lite_ipv6, .family = AF_INET6, .lite = true);	\
ADD_FLAVOUR(fixture, lite_mapped, .family = AF_INET6, .lite = true,	\
	    .mapped = true)

#define ALL_FLAVOURS(fixture)						\
UDP_FLAVOURS(fixture);							\
LITE_FLAVOURS(fixture)

#endif
