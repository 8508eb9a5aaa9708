// SPDX-License-Identifier: GPL-2.0
/*
 * Sums that stay right when a number changes, without adding up the packet
 * again (RFC 1624). What was wrong stays wrong.
 *
 * A difference is what the ones' complement sum over a range of octets has
 * grown by. Ranges begin at even offsets from skb->data, as all headers do.
 *
 * What a packet's ip_summed means here:
 *   CHECKSUM_NONE, _UNNECESSARY	the sum is in its place, and whole
 *   CHECKSUM_COMPLETE	likewise; and skb->csum is that over all from the IP header on
 *   CHECKSUM_PARTIAL	in its place is the sum over the pseudo-header, to which
 *			somebody will add the rest: a device, or the stack for it
 */

#include <linux/bitops.h>
#include <net/checksum.h>

#include "bridge.h"

static __wsum xbridge_octet_sum(unsigned int at, u8 value)
{
	return (__force __wsum)(at % 2 ? htons(value) : htons(value << 8));
}

/**
 * xbridge_set_octet() - write an octet
 * @skb: writable there
 * @at: where, from skb->data
 * @value: the octet
 *
 * Return: the difference.
 */
__wsum xbridge_set_octet(struct sk_buff *skb, unsigned int at, u8 value)
{
	__wsum before = xbridge_octet_sum(at, skb->data[at]);

	skb->data[at] = value;
	return csum_sub(xbridge_octet_sum(at, value), before);
}

/**
 * xbridge_set_sum() - write a sum
 * @skb: writable there
 * @at: where, from skb->data; even
 * @value: the sum
 *
 * Return: the difference.
 */
__wsum xbridge_set_sum(struct sk_buff *skb, unsigned int at, __sum16 value)
{
	__sum16 *place = (__sum16 *)(skb->data + at);
	__wsum before = csum_unfold(*place);

	*place = value;
	return csum_sub(csum_unfold(value), before);
}

/**
 * xbridge_sum_changed() - a sum after what it covers has changed
 * @sum: as it stands in a header: inverted
 * @diff: the difference
 */
__sum16 xbridge_sum_changed(__sum16 sum, __wsum diff)
{
	return csum_fold(csum_add(~csum_unfold(sum), diff));
}

/**
 * xbridge_complete_changed() - what a device has summed has changed
 * @skb: the packet
 * @diff: the difference
 */
void xbridge_complete_changed(struct sk_buff *skb, __wsum diff)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_add(skb->csum, diff);
}

/**
 * xbridge_sum_is_unfinished() - is only the pseudo-header in a packet's sum?
 * @skb: data at the IP header
 * @packet: its headers
 *
 * A device may have been asked for another sum, of a packet within this one.
 */
bool xbridge_sum_is_unfinished(const struct sk_buff *skb, const struct xbridge_packet *packet)
{
	return skb->ip_summed == CHECKSUM_PARTIAL &&
	       skb_checksum_start_offset(skb) == (int)packet->transport &&
	       skb->csum_offset == xbridge_headers[packet->protocol].check_at;
}

/**
 * xbridge_transport_changed() - keep a transport's sum right
 * @skb: writable up to the end of the sum
 * @packet: its headers
 * @diff: by how much the sum over its pseudo-header has grown
 * @unfinished: the sum in its place is that of the pseudo-header only
 *
 * Return: the difference that the sum itself makes.
 */
__wsum xbridge_transport_changed(struct sk_buff *skb, const struct xbridge_packet *packet,
				 __wsum diff, bool unfinished)
{
	const struct xbridge_header *header = &xbridge_headers[packet->protocol];
	unsigned int at;
	__sum16 sum;

	if (header->check_at < 0)
		return 0;
	at = packet->transport + header->check_at;
	sum = *(__sum16 *)(skb->data + at);
	if (unfinished) {
		sum = ~csum_fold(csum_add(csum_unfold(sum), diff));
	} else if (sum || !header->zero_is_none) {
		sum = xbridge_sum_changed(sum, diff);
		if (!sum && header->zero_is_none)
			sum = CSUM_MANGLED_0;
	}
	return xbridge_set_sum(skb, at, sum);
}
