/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCTP's parsers with their input at the very end of a page that nothing follows, so that reading
 * one octet too many is the last thing a test does.
 */
#ifndef UNIT_SCTP_PAGE_H
#define UNIT_SCTP_PAGE_H

#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "../../net/sctp/wire.c"
#include "../../net/sctp/extension.c"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED	0xa5

FIXTURE(sctp_wire) {
	size_t page;
	u8 *pages, *end;
};

FIXTURE_SETUP(sctp_wire)
{
	self->page = 65536;
	self->pages = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	self->end = self->pages + self->page;
	ASSERT_EQ(0, mprotect(self->end, self->page, PROT_NONE));
}

FIXTURE_TEARDOWN(sctp_wire)
{
	munmap(self->pages, 2 * self->page);
}

/* A walk over these bytes with nothing behind them. */
static struct xsctp_walk at_the_end(const FIXTURE_DATA(sctp_wire) *self, const void *bytes,
				    u32 len)
{
	struct xsctp_walk walk = { .bytes = self->end - len, .left = len };

	memmove(self->end - len, bytes, len);
	return walk;
}

/* The one chunk that these bytes are, for the parsers that take one. */
static struct xsctp_tlv one_chunk(const FIXTURE_DATA(sctp_wire) *self, const u8 *bytes, u32 len)
{
	struct xsctp_walk walk = at_the_end(self, bytes, len);
	struct xsctp_tlv chunk = { .type = bytes[0], .flags = bytes[1], .length = len,
				   .bytes = walk.bytes };

	return chunk;
}

/* An INIT with these parameters, read. */
static int read_init(const FIXTURE_DATA(sctp_wire) *self, const u8 *params, u32 len,
		     struct xsctp_init *init)
{
	u8 bytes[2048] = { XSCTP_INIT };
	struct xsctp_tlv chunk;

	memcpy(bytes + XSCTP_INIT_LEN, params, len);
	chunk = one_chunk(self, bytes, XSCTP_INIT_LEN + len);
	memset(init, UNTOUCHED, sizeof(*init));
	return xsctp_parse_init(&chunk, init);
}

#endif
