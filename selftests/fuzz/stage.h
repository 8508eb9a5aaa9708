/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine under test: a namespace with two wires, whose far ends we hold.
 * Packets come in by a TUN device, whole, or by a TAP device in NAPI mode, in
 * pieces of memory of our choice, and go out by both.
 */
#ifndef FUZZ_STAGE_H
#define FUZZ_STAGE_H

#include "chance.h"
#include "packet.h"
#include "ring.h"

struct stage {
	int tun, tap;
};

void stage_enter(struct stage *s);
bool stage_send(struct stage *s, struct chance *c, struct ring *ring, const struct packet *p);
bool stage_send_plain(struct stage *s, const uint8_t *bytes, unsigned int len);
bool stage_hear(struct stage *s, struct packet *p);

#endif
