/* SPDX-License-Identifier: GPL-2.0 */
/* The congestion control that xl4.ko itself has. */
#ifndef XL4_ALGORITHMS_H
#define XL4_ALGORITHMS_H

#include <xl4/cong.h>

extern const struct xl4_cong_ops xl4_newreno;
extern const struct xl4_cong_ops xl4_cubic;

/* By name, as a call by pointer for each ACK is dear. */
void xl4_newreno_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack);
void xl4_cubic_acked(struct xl4_cong *c, const struct xl4_cong_ack *ack);

#endif
