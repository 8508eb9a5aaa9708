/* SPDX-License-Identifier: GPL-2.0 */
/* What poll(2) tells of a connection, and waking who waits to write. */
#ifndef XL4_POLL_H
#define XL4_POLL_H

#include <linux/poll.h>
#include <net/sock.h>

void xl4_wake_writer(struct sock *sk);
void xl4_stream_write_space(struct sock *sk);
void xl4_check_space(struct sock *sk);
__poll_t xl4_poll_write(struct sock *sk, bool (*writeable)(const struct sock *sk));
__poll_t xl4_poll_end(const struct sock *sk, bool closed);
__poll_t xl4_poll_error(const struct sock *sk);

#endif
