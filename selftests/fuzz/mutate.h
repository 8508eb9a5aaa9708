/* SPDX-License-Identifier: GPL-2.0 */
/* From valid packets to what a hostile or broken peer sends. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "chance.h"
#include "packet.h"
#include "seeds.h"

#define MAX_PLAN	64
#define HEARD		16

/* What is to be sent next. */
struct plan {
	unsigned int count, next;
	struct packet packet[MAX_PLAN];
};

struct mutator {
	struct chance *chance;
	const struct seeds *seeds;
	struct plan plan;
	unsigned int heard_count;
	struct packet heard[HEARD];	/* of what the machine sent, to answer or quote */
};

/* mutate.c */
void mutate_packet(struct mutator *m, struct packet *p);

/* answer.c */
void answer_segment(struct mutator *m, struct packet *p);

/* answer_sctp.c */
void answer_packet(struct mutator *m, struct packet *p);

/* answer_dccp.c */
void answer_dccp(struct mutator *m, struct packet *p);

/* plan.c */
void plan_make(struct mutator *m);
const struct packet *plan_next(struct mutator *m);
struct packet *plan_ear(struct mutator *m);
void plan_hear(struct mutator *m);

#endif
