// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: DCCP's packets. An input is a packet; each of its options is read as all that it
 * might be.
 */
#include "wire.h"

#include "../../net/dccp/wire.c"

/* The header with its bits as a sender leaves them. */
static void header_again(const u8 *bytes, const struct xdccp_header *h)
{
	u8 *copy = only(bytes, h->fixed);
	struct xdccp_header again;

	xdccp_write_header(copy, h);
	ALWAYS(!xdccp_parse_header(copy, h->fixed, &again));
	ALWAYS(!memcmp(h, &again, sizeof(again)));
	ALWAYS(!memcmp(bytes, copy, XDCCP_CHECKSUM_OFFSET));
	free(copy);
}

static void check_coverage(const struct xdccp_header *h, u32 len)
{
	u32 covered;

	if (xdccp_coverage(h, len, &covered))
		return;
	ALWAYS(h->length <= len);
	ALWAYS(covered >= h->length && covered <= len);
}

/* What the kernel's input path relies on. */
static void check_option(const struct xdccp_walk *before, const struct xdccp_walk *after,
			 const struct xdccp_option *option)
{
	ALWAYS(option->type != XDCCP_OPT_PADDING && option->type != XDCCP_OPT_MANDATORY);
	ALWAYS(after->left < before->left);
	ALWAYS(after->bytes + after->left == before->bytes + before->left);
	ALWAYS(option->value > before->bytes);
	ALWAYS(option->value + option->len == after->bytes);
	ALWAYS(option->type >= XDCCP_OPT_FIRST_LONG || !option->len);
}

static void option_again(const struct xdccp_option *option)
{
	u8 head = option->type < XDCCP_OPT_FIRST_LONG ? 1 : 2;
	u8 copy[XDCCP_MAX_OPTION_LEN];
	u8 *end = xdccp_put_option(copy, option->type, option->value, option->len);

	ALWAYS(end == copy + head + option->len);
	ALWAYS(!memcmp(copy, option->value - head, head + option->len));
}

static void read_loss_intervals(const struct xdccp_option *option)
{
	u8 copy[XDCCP_LOSS_INTERVAL_LEN], skip;
	struct xdccp_loss_interval interval;
	unsigned int n, i;

	if (xdccp_parse_loss_intervals(option, &skip, &n))
		return;
	ALWAYS(n <= XDCCP_MAX_LOSS_INTERVALS);
	for (i = 0; i < n; i++) {
		xdccp_loss_interval(option, i, &interval);
		xdccp_put_loss_interval(copy, &interval);
		ALWAYS(!memcmp(copy, option->value + 1 + i * XDCCP_LOSS_INTERVAL_LEN, sizeof(copy)));
	}
}

/* Each option as all that it might be. */
static void read_option(const struct xdccp_option *option)
{
	struct xdccp_negotiation n;
	struct xdccp_dropped dropped;
	u32 timestamp, elapsed;
	struct xdccp_run run;
	unsigned int i;
	u64 number;

	option_again(option);
	if (!xdccp_parse_negotiation(option, &n))
		ALWAYS(n.values + n.len == option->value + option->len);
	if (!xdccp_parse_number(option, &number))
		ALWAYS(number <= XDCCP_SEQ_MASK);
	xdccp_parse_elapsed(option, &elapsed);
	xdccp_parse_echo(option, &timestamp, &elapsed);
	read_loss_intervals(option);
	for (i = 0; i < option->len; i++) {
		xdccp_run(option->value[i], &run);
		ALWAYS(xdccp_cell(&run) == option->value[i]);
		xdccp_dropped(option->value[i], &dropped);
		ALWAYS(dropped.len);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct xdccp_walk walk, before;
	struct xdccp_option option;
	u8 *bytes = only(data, size);
	struct xdccp_header h;
	int more = 0;

	if (xdccp_parse_header(bytes, size, &h))
		goto out;
	header_again(bytes, &h);
	check_coverage(&h, size);
	if (h.length > size)
		goto out;
	xdccp_walk_options(bytes, &h, &walk);
	for (before = walk; (more = xdccp_next_option(&walk, &option)) == 1; before = walk) {
		check_option(&before, &walk, &option);
		ALWAYS(!option.mandatory || h.type != XDCCP_DATA);
		read_option(&option);
	}
	ALWAYS(more == -EBADMSG || !walk.left);
out:
	free(bytes);
	return 0;
}
