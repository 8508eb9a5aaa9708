/* SPDX-License-Identifier: GPL-2.0 */
/* AUTH (RFC 4895) and ASCONF (RFC 5061). Of sctp.h. */
#ifndef XSCTP_EXTENSION_H
#define XSCTP_EXTENSION_H

/* hash.c, auth.c: RFC 4895 */
int xsctp_hash_init(void);
void xsctp_hash_exit(void);
bool xsctp_auth_possible(void);
void xsctp_auth_init_sock(struct sock *sk);
int xsctp_auth_inherit(struct sock *to, const struct sock *from);
void xsctp_auth_destroy_sock(struct sock *sk);
u16 xsctp_auth_demands_of(const struct sock *sk, u8 *list);
void xsctp_auth_offer(const struct sock *sk, struct xsctp_vector *vector);
void xsctp_auth_answer(const struct sock *sk, const struct xsctp_association *asking,
		       struct xsctp_cookie *c);
const struct xsctp_vector *xsctp_auth_vector(const struct xsctp_association *a);
int xsctp_auth_begin(struct xsctp_association *a, gfp_t gfp);
int xsctp_auth_adopt(struct xsctp_association *a, const struct xsctp_cookie *c);
void xsctp_auth_up(struct xsctp_association *a);
void xsctp_auth_free(struct xsctp_association *a);
bool xsctp_auth_signs(const struct xsctp_association *a, u8 type);
struct xsctp_auth_key *xsctp_auth_key_of(const struct xsctp_association *a,
					 const struct xsctp_data *d);
u32 xsctp_auth_put(const struct xsctp_association *a, struct sk_buff *skb,
		   const struct xsctp_auth_key *key);
int xsctp_auth_sign(const struct xsctp_association *a, struct sk_buff *skb, u32 at,
		    const struct xsctp_auth_key *key);
bool xsctp_auth_may_send(const struct xsctp_association *a, u16 id);
void xsctp_auth_use(const struct xsctp_association *a, struct xsctp_message *m, int id);
void xsctp_auth_unuse(struct xsctp_message *m);
void xsctp_auth_deactivate(struct xsctp_auth_key *k);
bool xsctp_auth_is_on(const struct xsctp_association *a);
enum xsctp_verdict xsctp_do_auth(struct xsctp_event *event, bool cookie);
bool xsctp_auth_missing(const struct xsctp_event *event);
bool xsctp_auth_cookie_ok(const struct sock *sk, struct xsctp_event *event,
			  const struct xsctp_cookie *c);

/* asconf.c, told.c: RFC 5061 */
enum xsctp_verdict xsctp_do_asconf(struct xsctp_event *event);
enum xsctp_verdict xsctp_do_asconf_ack(struct xsctp_event *event);
void xsctp_asconf_up(struct xsctp_association *a);
void xsctp_asconf_down(struct xsctp_association *a);
void xsctp_asconf_sync(struct xsctp_association *a);
void xsctp_asconf_sync_all(struct sock *sk);
void xsctp_asconf_forget(const struct xsctp_transport *t);
void xsctp_asconf_auto(struct sock *sk, bool on);
void xsctp_asconf_machine(struct net *net);
void xsctp_asconf_release(struct sock *sk);
void xsctp_t4_expired(struct xsctp_association *a);
bool xsctp_told_leaving(const struct xsctp_association *a, const struct xl4_addr *addr);
bool xsctp_may_source(const struct xsctp_transport *t, const struct xl4_addr *addr);

#endif
