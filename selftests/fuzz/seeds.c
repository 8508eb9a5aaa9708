// SPDX-License-Identifier: GPL-2.0
/* The valid packets that seeds.py made: it tells what a line may say. */
#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"

static const char *word(void)
{
	const char *w = strtok(NULL, " \n");

	MUST(w ? 0 : -1);
	return w;
}

static int number(void)
{
	return atoi(word());
}

static bool next_packet(struct seed *s)
{
	const char *hex = strtok(NULL, " \n");

	if (!hex)
		return false;
	s->len = strlen(hex) / 2;
	s->bytes = malloc(s->len);
	MUST(s->bytes && s->len <= MAX_PACKET ? 0 : -1);
	for (unsigned int i = 0; i < s->len; i++)
		MUST(sscanf(hex + 2 * i, "%2hhx", &s->bytes[i]) - 1);
	return true;
}

static void read_protocol(struct seeds *s)
{
	struct sums *sums = &s->sums[s->protocols++];
	const char *kind;

	MUST(s->protocols > MAX_PROTOCOLS ? -1 : 0);
	sums->number = number();
	kind = word();
	sums->kind = !strcmp(kind, "crc32c") ? SUM_CRC32C : !strcmp(kind, "dccp") ? SUM_DCCP :
		     SUM_INTERNET;
	sums->checksum_at = number();
	sums->length_at = number();
	sums->coverage_at = number();
	sums->answers = number();
}

/* Of the protocol that was named last. */
static void read_alive(struct seeds *s)
{
	struct alive *a = &s->alive[s->alives++];

	a->number = s->sums[s->protocols - 1].number;
	MUST(next_packet(&a->packet) ? 0 : -1);
}

static void read_conversation(struct seeds *s)
{
	struct conversation *c = &s->conversation[s->conversations++];

	MUST(s->conversations > MAX_CONVERSATIONS ? -1 : 0);
	while (c->count < MAX_CONVERSATION && next_packet(&c->packet[c->count]))
		c->count++;
	MUST(c->count ? 0 : -1);
}

void seeds_read(struct seeds *s, const char *path)
{
	const char *only = getenv("XL4_FUZZ_PROTOCOL"), *name;
	FILE *file = fopen(path, "re");
	char *line = NULL, *kind;
	size_t room = 0;

	MUST(file ? 0 : -1);
	while (getline(&line, &room, file) > 0) {
		kind = strtok(line, " ");
		name = word();		/* the protocol's */
		if (!strcmp(kind, "protocol"))
			read_protocol(s);
		else if (!strcmp(kind, "alive"))
			read_alive(s);
		else if (!only || !strncasecmp(name, only, strlen(only)))
			read_conversation(s);
	}
	free(line);
	fclose(file);
	MUST(s->conversations ? 0 : -1);
}
