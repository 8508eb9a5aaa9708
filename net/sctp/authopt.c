// SPDX-License-Identifier: GPL-2.0
/*
 * Options of AUTH (RFC 6458 section 8.3). What chunks and algorithms there are is the endpoint's;
 * keys are an endpoint's, for associations to come, or an association's.
 */

#include "auth.h"
#include "options.h"

static int xsctp_auth_usable(const struct sock *sk)
{
	return xsctp_sk(sk)->auth_enable ? 0 : -EACCES;
}

/* SCTP_AUTH_SUPPORTED, RFC 6458 as the kernel's header has it: what is to be offered */
XSCTP_SETTER(auth_supported)
{
	const struct sctp_assoc_value *av = value;
	int err = xsctp_may_offer(sk, av->assoc_id);

	if (!err && av->assoc_value && !xsctp_auth_possible())
		err = -EOPNOTSUPP;
	if (!err)
		xsctp_sk(sk)->auth_enable = av->assoc_value;
	return err;
}

XSCTP_GETTER(auth_supported)
{
	struct sctp_assoc_value *av = value;
	struct xsctp_association *a;
	int err = xsctp_whom_one(sk, av->assoc_id, &a);

	if (!err)
		av->assoc_value = a ? xsctp_auth_is_on(a) : xsctp_sk(sk)->auth_enable;
	*len = sizeof(*av);
	return err;
}

/* SCTP_AUTH_CHUNK, section 8.3.2 */
XSCTP_SETTER(auth_chunk)
{
	u8 type = ((const struct sctp_authchunk *)value)->sauth_chunk;
	int err = xsctp_auth_usable(sk);

	if (err)
		return err;
	if (!xsctp_auth_may_list(type))
		return -EINVAL;
	__set_bit(type, xsctp_sk(sk)->auth_chunks);
	return 0;
}

/* SCTP_HMAC_IDENT, section 8.3.1: the best first; SHA-1 has to be among them */
XSCTP_SETTER(hmac_ident)
{
	const struct sctp_hmacalgo *hmacs = value;
	struct xsctp_sock *sp = xsctp_sk(sk);
	u32 n = hmacs->shmac_num_idents, i;
	int err = xsctp_auth_usable(sk);
	bool sha1 = false;

	if (err)
		return err;
	if (!n || n > ARRAY_SIZE(sp->hmacs) || len < struct_size(hmacs, shmac_idents, n))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (!xsctp_mac_len(hmacs->shmac_idents[i]))
			return -EOPNOTSUPP;
		if (i && hmacs->shmac_idents[i] == hmacs->shmac_idents[0])
			return -EINVAL;
		sha1 |= hmacs->shmac_idents[i] == XSCTP_HMAC_SHA1;
	}
	if (!sha1)
		return -EINVAL;
	memcpy(sp->hmacs, hmacs->shmac_idents, n * sizeof(sp->hmacs[0]));
	sp->nr_hmacs = n;
	return 0;
}

XSCTP_GETTER(hmac_ident)
{
	const struct xsctp_sock *sp = xsctp_sk(sk);
	struct sctp_hmacalgo *hmacs = value;
	u32 need = struct_size(hmacs, shmac_idents, sp->nr_hmacs);
	int err = xsctp_auth_usable(sk);

	if (err)
		return err;
	if (*len < need)
		return -EINVAL;
	hmacs->shmac_num_idents = sp->nr_hmacs;
	memcpy(hmacs->shmac_idents, sp->hmacs, sp->nr_hmacs * sizeof(sp->hmacs[0]));
	*len = need;
	return 0;
}

/* --------------------------------------------------------------------- chunk lists */

static int xsctp_answer_chunks(struct sctp_authchunks *answer, const u8 *list, u16 n, u32 *len)
{
	u32 need = struct_size(answer, gauth_chunks, n);

	if (*len < need)
		return -EINVAL;
	answer->gauth_number_of_chunks = n;
	memcpy(answer->gauth_chunks, list, n);
	*len = need;
	return 0;
}

static int xsctp_answer_listed(struct sctp_authchunks *answer, const struct xsctp_vector *vector,
			       u32 *len)
{
	struct xsctp_tlv part;

	if (xsctp_vector_part(vector, XSCTP_PARAM_CHUNKS, &part))
		return xsctp_answer_chunks(answer, NULL, 0, len);
	return xsctp_answer_chunks(answer, part.bytes + XSCTP_TLV_LEN,
				   part.length - XSCTP_TLV_LEN, len);
}

/* SCTP_PEER_AUTH_CHUNKS, section 8.3.4: what the peer wants signed */
XSCTP_GETTER(peer_auth_chunks)
{
	struct sctp_authchunks *answer = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_there(sk, answer->gauth_assoc_id, &a);
	if (err)
		return err;
	if (!xsctp_auth_is_on(a))
		return -EACCES;
	return xsctp_answer_listed(answer, &a->auth->peer, len);
}

/* SCTP_LOCAL_AUTH_CHUNKS, section 8.3.5: what we want signed */
XSCTP_GETTER(local_auth_chunks)
{
	struct sctp_authchunks *answer = value;
	struct xsctp_association *a;
	u8 list[256];
	int err;

	err = xsctp_whom_one(sk, answer->gauth_assoc_id, &a);
	if (err)
		return err;
	if (a && !a->auth)
		return -EACCES;
	if (a)
		return xsctp_answer_listed(answer, &a->auth->mine, len);
	err = xsctp_auth_usable(sk);
	return err ? : xsctp_answer_chunks(answer, list, xsctp_auth_demands_of(sk, list), len);
}

/* ---------------------------------------------------------------------------- keys */

/* Do something to the keys of all whom it concerns. */
static int xsctp_each_keys(struct sock *sk, sctp_assoc_t id, u16 number, const void *arg,
			   int (*each)(struct xsctp_keys *keys, struct xsctp_association *a,
				       u16 number, const void *arg))
{
	struct xsctp_association *a;
	struct xsctp_whom whom;
	int err;

	err = xsctp_whom_many(sk, id, &whom);
	if (err)
		return err;
	if (whom.one && !whom.one->auth)
		return -EACCES;
	if (whom.endpoint) {
		err = xsctp_auth_usable(sk) ? : each(&xsctp_sk(sk)->keys, NULL, number, arg);
		if (err)
			return err;
	}
	xsctp_for_each_whom(a, sk, &whom) {
		err = a->auth ? each(&a->auth->keys, a, number, arg) : 0;
		if (err)
			return err;
	}
	return 0;
}

static int xsctp_keys_add(struct xsctp_keys *keys, struct xsctp_association *a, u16 number,
			  const void *arg)
{
	const struct sctp_authkey *key = arg;
	int err;

	err = xsctp_key_set(keys, a, number, key->sca_key, key->sca_keylength, GFP_KERNEL);
	if (err || !a || !a->auth->on)
		return err;
	return xsctp_key_derive(a->auth, xsctp_key_find(keys, number), GFP_KERNEL);
}

/**
 * xsctp_set_auth_key() - SCTP_AUTH_KEY (RFC 6458 section 8.3.3)
 * @sk: locked
 * @key: from a program
 * @len: octets of it
 *
 * A key of a number that is there takes its place. Length 0 is the empty key.
 *
 * Return: 0; -EINVAL; -EACCES without AUTH; -ENOBUFS if there are too many; -ENOMEM.
 */
int xsctp_set_auth_key(struct sock *sk, const struct sctp_authkey *key, u32 len)
{
	if (len < sizeof(*key) || key->sca_keylength > len - sizeof(*key) ||
	    key->sca_keylength > XSCTP_MAX_KEY_LEN)
		return -EINVAL;
	return xsctp_each_keys(sk, key->sca_assoc_id, key->sca_keynumber, key, xsctp_keys_add);
}

static int xsctp_keys_activate(struct xsctp_keys *keys, struct xsctp_association *a, u16 number,
			       const void *arg)
{
	const struct xsctp_auth_key *k = xsctp_key_find(keys, number);

	if (!xsctp_keys_have(keys, number) || (k && k->deactivated))
		return -EINVAL;
	keys->active = number;
	return 0;
}

static int xsctp_keys_delete(struct xsctp_keys *keys, struct xsctp_association *a, u16 number,
			     const void *arg)
{
	struct xsctp_auth_key *k = xsctp_key_find(keys, number);

	if (!xsctp_keys_have(keys, number) || keys->active == number || (k && k->users))
		return -EINVAL;
	if (!number)
		keys->no_null = true;
	if (k) {
		xsctp_key_remove(keys, k);
		keys->nr--;
	}
	return 0;
}

static int xsctp_keys_deactivate(struct xsctp_keys *keys, struct xsctp_association *a, u16 number,
				 const void *arg)
{
	struct xsctp_auth_key *k = xsctp_key_find(keys, number);

	if (!k || keys->active == number)
		return -EINVAL;
	xsctp_auth_deactivate(k);
	return 0;
}

/* SCTP_AUTH_ACTIVE_KEY, section 8.1.17 */
XSCTP_SETTER(auth_active_key)
{
	const struct sctp_authkeyid *id = value;

	return xsctp_each_keys(sk, id->scact_assoc_id, id->scact_keynumber, NULL,
			       xsctp_keys_activate);
}

XSCTP_GETTER(auth_active_key)
{
	struct sctp_authkeyid *id = value;
	struct xsctp_association *a;
	int err;

	err = xsctp_whom_one(sk, id->scact_assoc_id, &a);
	if (err)
		return err;
	if (a ? !a->auth : !!xsctp_auth_usable(sk))
		return -EACCES;
	id->scact_keynumber = a ? a->auth->keys.active : xsctp_sk(sk)->keys.active;
	*len = sizeof(*id);
	return 0;
}

/* SCTP_AUTH_DELETE_KEY, section 8.3.5: neither the active one nor one that is in use */
XSCTP_SETTER(auth_delete_key)
{
	const struct sctp_authkeyid *id = value;

	return xsctp_each_keys(sk, id->scact_assoc_id, id->scact_keynumber, NULL,
			       xsctp_keys_delete);
}

/* SCTP_AUTH_DEACTIVATE_KEY, section 8.3.4: signs what waits, and nothing new */
XSCTP_SETTER(auth_deactivate_key)
{
	const struct sctp_authkeyid *id = value;

	return xsctp_each_keys(sk, id->scact_assoc_id, id->scact_keynumber, NULL,
			       xsctp_keys_deactivate);
}
