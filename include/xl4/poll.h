/* SPDX-License-Identifier: GPL-2.0 */
/* Who waits to write on a socket whose send buffer is accounted as a stream's. */
#ifndef XL4_POLL_H
#define XL4_POLL_H

#include <linux/poll.h>
#include <net/sock.h>

void xl4_stream_write_space(struct sock *sk);
void xl4_check_space(struct sock *sk);
__poll_t xl4_poll_write(struct sock *sk);

#endif
