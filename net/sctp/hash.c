// SPDX-License-Identifier: GPL-2.0
/*
 * HMACs of packets, by the kernel's crypto (RFC 4895 section 3.3).
 *
 * A key is one packet's, so it is set each time: each CPU has transforms of its own, made when
 * the module is loaded. Where the kernel has none of an algorithm, that cannot be used.
 */

#include <crypto/hash.h>
#include <linux/scatterlist.h>

#include "auth.h"

enum {
	XSCTP_SHA1,
	XSCTP_SHA256,
	XSCTP_ALGORITHMS
};

static const struct {
	const char	*name;
	u16		id;
	u16		len;
} xsctp_algorithms[XSCTP_ALGORITHMS] = {
	[XSCTP_SHA1]	= { "hmac(sha1)", XSCTP_HMAC_SHA1, 20 },
	[XSCTP_SHA256]	= { "hmac(sha256)", XSCTP_HMAC_SHA256, 32 },
};

struct xsctp_hasher {
	spinlock_t		lock;	/* process context, and softirq that interrupts it */
	struct ahash_request	*request[XSCTP_ALGORITHMS];
	struct scatterlist	sg[MAX_SKB_FRAGS + 4];
	u8			head[XSCTP_AUTH_LEN + XSCTP_MAX_MAC];
	u8			mac[XSCTP_MAX_MAC];
};

static struct xsctp_hasher **xsctp_hashers;	/* by CPU; NULL: there are none */
static bool xsctp_has_algorithm[XSCTP_ALGORITHMS];

static int xsctp_algorithm(u16 id)
{
	int which;

	for (which = 0; which < XSCTP_ALGORITHMS; which++)
		if (xsctp_algorithms[which].id == id && xsctp_has_algorithm[which])
			return which;
	return -ENOENT;
}

/**
 * xsctp_mac_len() - octets of a MAC
 * @hmac: HMAC identifier, as in a packet
 *
 * Return: 20 or 32; 0 if this machine has no such algorithm.
 */
u16 xsctp_mac_len(u16 hmac)
{
	int which = xsctp_algorithm(hmac);

	return which < 0 ? 0 : xsctp_algorithms[which].len;
}

static void xsctp_request_free(struct ahash_request *request)
{
	struct crypto_ahash *tfm;

	if (!request)
		return;
	tfm = crypto_ahash_reqtfm(request);
	ahash_request_free(request);
	crypto_free_ahash(tfm);
}

static struct ahash_request *xsctp_request_new(int which)
{
	struct ahash_request *request;
	struct crypto_ahash *tfm;

	/* One that does its work at once. */
	tfm = crypto_alloc_ahash(xsctp_algorithms[which].name, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm))
		return NULL;
	request = ahash_request_alloc(tfm, GFP_KERNEL);
	if (!request) {
		crypto_free_ahash(tfm);
		return NULL;
	}
	ahash_request_set_callback(request, 0, NULL, NULL);
	return request;
}

static struct xsctp_hasher *xsctp_hasher_new(void)
{
	struct xsctp_hasher *hasher = kzalloc(sizeof(*hasher), GFP_KERNEL);
	int which;

	if (!hasher)
		return NULL;
	spin_lock_init(&hasher->lock);
	for (which = 0; which < XSCTP_ALGORITHMS; which++) {
		hasher->request[which] = xsctp_request_new(which);
		if (!hasher->request[which])
			xsctp_has_algorithm[which] = false;
	}
	return hasher;
}

/**
 * xsctp_hash_init() - make the transforms; process context, once
 *
 * That there are none is no error: there is no AUTH then.
 *
 * Return: 0 or -ENOMEM.
 */
int xsctp_hash_init(void)
{
	int cpu, which;

	xsctp_hashers = kcalloc(nr_cpu_ids, sizeof(*xsctp_hashers), GFP_KERNEL);
	if (!xsctp_hashers)
		return -ENOMEM;
	for (which = 0; which < XSCTP_ALGORITHMS; which++)
		xsctp_has_algorithm[which] = true;
	for_each_possible_cpu(cpu) {
		xsctp_hashers[cpu] = xsctp_hasher_new();
		if (!xsctp_hashers[cpu]) {
			xsctp_hash_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * xsctp_hash_exit() - undo xsctp_hash_init(); nobody hashes any more
 */
void xsctp_hash_exit(void)
{
	int cpu, which;

	for_each_possible_cpu(cpu) {
		if (!xsctp_hashers[cpu])
			continue;
		for (which = 0; which < XSCTP_ALGORITHMS; which++)
			xsctp_request_free(xsctp_hashers[cpu]->request[which]);
		kfree_sensitive(xsctp_hashers[cpu]);
	}
	kfree(xsctp_hashers);
	xsctp_hashers = NULL;
}

/* Where the octets lie. What lies in more pieces than are expected comes as a copy, @flat. */
static int xsctp_hash_pieces(struct xsctp_hasher *hasher, u32 head_len, struct sk_buff *skb,
			     u32 offset, u8 **flat)
{
	u32 len = skb->len - offset;
	int n;

	*flat = NULL;
	sg_init_table(hasher->sg, ARRAY_SIZE(hasher->sg));
	sg_set_buf(&hasher->sg[0], hasher->head, head_len);
	if (!len) {
		sg_mark_end(&hasher->sg[0]);
		return 0;
	}
	n = skb_has_frag_list(skb) ? -EMSGSIZE : skb_to_sgvec(skb, &hasher->sg[1], offset, len);
	if (n >= 0)
		return 0;
	*flat = kmalloc(len, GFP_ATOMIC | __GFP_NOWARN);
	if (!*flat)
		return -ENOMEM;
	sg_init_table(hasher->sg, 2);
	sg_set_buf(&hasher->sg[0], hasher->head, head_len);
	sg_set_buf(&hasher->sg[1], *flat, len);
	return skb_copy_bits(skb, offset, *flat, len);
}

static int xsctp_hash_digest(struct xsctp_hasher *hasher, int which, const u8 *key, u32 key_len,
			     u32 len)
{
	struct ahash_request *request = hasher->request[which];
	int err;

	err = crypto_ahash_setkey(crypto_ahash_reqtfm(request), key, key_len);
	if (err)
		return err;
	ahash_request_set_crypt(request, hasher->sg, hasher->mac, len);
	return crypto_ahash_digest(request);
}

/**
 * xsctp_hash() - the MAC of a packet's chunks
 * @hmac: HMAC identifier
 * @key: the association shared key
 * @key_len: octets of @key
 * @head: an AUTH chunk whose MAC is zero
 * @head_len: of it, XSCTP_AUTH_LEN + XSCTP_MAX_MAC at most
 * @skb: the packet; only read
 * @offset: in @skb, of what follows the AUTH chunk
 * @mac: room for XSCTP_MAX_MAC
 *
 * Any context but hard interrupts. RFC 4895 section 6.2.
 *
 * Return: 0 or an errno; then there is no MAC.
 */
int xsctp_hash(u16 hmac, const u8 *key, u32 key_len, const u8 *head, u32 head_len,
	       const struct sk_buff *skb, u32 offset, u8 *mac)
{
	int which = xsctp_algorithm(hmac), err;
	struct xsctp_hasher *hasher;
	u8 *flat;

	if (which < 0 || head_len > sizeof(hasher->head) || offset > skb->len)
		return -EINVAL;
	hasher = xsctp_hashers[raw_smp_processor_id()];
	spin_lock_bh(&hasher->lock);
	memcpy(hasher->head, head, head_len);
	err = xsctp_hash_pieces(hasher, head_len, (struct sk_buff *)skb, offset, &flat);
	if (!err)
		err = xsctp_hash_digest(hasher, which, key, key_len, head_len + skb->len - offset);
	if (!err)
		memcpy(mac, hasher->mac, xsctp_algorithms[which].len);
	spin_unlock_bh(&hasher->lock);
	kfree(flat);
	return err;
}
