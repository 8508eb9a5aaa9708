// SPDX-License-Identifier: GPL-2.0
/* Registration of a protocol: entered everywhere, or nowhere. */

#include <linux/module.h>
#include <net/protocol.h>
#include <net/sock.h>
#include <xl4/protocol.h>

/* The places where an IP protocol number is known, in the order of entry. */
enum xl4_stage {
	XL4_STAGE_NONE,
	XL4_STAGE_V4,
	XL4_STAGE_V6,
	XL4_STAGE_OFFLOAD_V4,
	XL4_STAGE_OFFLOAD_V6,
	XL4_STAGE_SOCKETS2_V6,
	XL4_STAGE_SOCKETS2_V4,
	XL4_STAGE_SOCKETS_V6,
	XL4_STAGE_SOCKETS_V4,
};

/* A protocol may have one type of sockets only: then its second's is no stage to fail at. */
static int xl4_protocol_enter_sockets(struct inet_protosw *sw, enum xl4_family family)
{
	if (!sw->ops)
		return 0;
	if (family == XL4_V6)
		return inet6_register_protosw(sw);
	inet_register_protosw(sw);
	return 0;
}

static void xl4_protocol_leave_sockets(struct inet_protosw *sw, enum xl4_family family)
{
	if (!sw->ops)
		return;
	if (family == XL4_V6)
		inet6_unregister_protosw(sw);
	else
		inet_unregister_protosw(sw);
}

static int xl4_protocol_enter(struct xl4_protocol *p, enum xl4_stage stage)
{
	switch (stage) {
	case XL4_STAGE_V4:
		return inet_add_protocol(&p->v4, p->number);
	case XL4_STAGE_V6:
		return inet6_add_protocol(&p->v6, p->number);
	case XL4_STAGE_OFFLOAD_V4:
		return inet_add_offload(&p->offload[XL4_V4], p->number);
	case XL4_STAGE_OFFLOAD_V6:
		return inet6_add_offload(&p->offload[XL4_V6], p->number);
	case XL4_STAGE_SOCKETS2_V6:
		return xl4_protocol_enter_sockets(&p->sw2[XL4_V6], XL4_V6);
	case XL4_STAGE_SOCKETS2_V4:
		return xl4_protocol_enter_sockets(&p->sw2[XL4_V4], XL4_V4);
	case XL4_STAGE_SOCKETS_V6:
		return xl4_protocol_enter_sockets(&p->sw[XL4_V6], XL4_V6);
	case XL4_STAGE_SOCKETS_V4:
		return xl4_protocol_enter_sockets(&p->sw[XL4_V4], XL4_V4);
	default:
		return -EINVAL;
	}
}

static void xl4_protocol_leave(struct xl4_protocol *p, enum xl4_stage stage)
{
	switch (stage) {
	case XL4_STAGE_SOCKETS_V4:
		xl4_protocol_leave_sockets(&p->sw[XL4_V4], XL4_V4);
		break;
	case XL4_STAGE_SOCKETS_V6:
		xl4_protocol_leave_sockets(&p->sw[XL4_V6], XL4_V6);
		break;
	case XL4_STAGE_SOCKETS2_V4:
		xl4_protocol_leave_sockets(&p->sw2[XL4_V4], XL4_V4);
		break;
	case XL4_STAGE_SOCKETS2_V6:
		xl4_protocol_leave_sockets(&p->sw2[XL4_V6], XL4_V6);
		break;
	case XL4_STAGE_OFFLOAD_V6:
		inet6_del_offload(&p->offload[XL4_V6], p->number);
		break;
	case XL4_STAGE_OFFLOAD_V4:
		inet_del_offload(&p->offload[XL4_V4], p->number);
		break;
	case XL4_STAGE_V6:
		inet6_del_protocol(&p->v6, p->number);
		break;
	case XL4_STAGE_V4:
		inet_del_protocol(&p->v4, p->number);
		break;
	default:
		break;
	}
}

/* Say whose handler stands where ours should, by its symbol and module. */
static void xl4_protocol_log_holder(const struct xl4_protocol *p)
{
	const struct net_protocol *v4;
	const struct inet6_protocol *v6;
	const void *holder = NULL;

	rcu_read_lock();
	v4 = rcu_dereference(inet_protos[p->number]);
	v6 = rcu_dereference(inet6_protos[p->number]);
	if (v4 && v4 != &p->v4)
		holder = v4->handler;
	else if (v6 && v6 != &p->v6)
		holder = v6->handler;
	if (holder)
		pr_err("xl4: %s: IP protocol %u is taken by %ps\n", p->name, p->number, holder);
	else
		pr_err("xl4: %s: IP protocol %u cannot be registered\n", p->name, p->number);
	rcu_read_unlock();
}

static int xl4_protocol_advance(struct xl4_protocol *protocol, enum xl4_stage last)
{
	while (protocol->stage < last) {
		if (xl4_protocol_enter(protocol, protocol->stage + 1)) {
			xl4_protocol_log_holder(protocol);
			xl4_protocol_unregister(protocol);
			return -EBUSY;
		}
		protocol->stage++;
	}
	return 0;
}

/**
 * xl4_protocol_register() - make an IP protocol number ours
 * @protocol: number, handlers, offloads and socket types; must stay in place
 *	until xl4_protocol_unregister()
 *
 * Packets of both families may come in before this returns; sockets cannot be
 * made until xl4_protocol_open(). Process context, may sleep.
 *
 * Return: 0, or -EBUSY if the number is taken; then nothing was registered and
 * the log says who has it.
 */
int xl4_protocol_register(struct xl4_protocol *protocol)
{
	protocol->sw[XL4_V4].protocol = protocol->number;
	protocol->sw[XL4_V6].protocol = protocol->number;
	protocol->sw2[XL4_V4].protocol = protocol->number;
	protocol->sw2[XL4_V6].protocol = protocol->number;
	return xl4_protocol_advance(protocol, XL4_STAGE_OFFLOAD_V6);
}
EXPORT_SYMBOL_GPL(xl4_protocol_register);

/**
 * xl4_protocol_open() - let programs make sockets
 * @protocol: registered
 *
 * A module opens its protocols last, when nothing else can fail any more: from
 * here on there may be sockets. Process context, may sleep.
 *
 * Return: 0, or -EBUSY, and then @protocol is not registered any more.
 */
int xl4_protocol_open(struct xl4_protocol *protocol)
{
	return xl4_protocol_advance(protocol, XL4_STAGE_SOCKETS_V4);
}
EXPORT_SYMBOL_GPL(xl4_protocol_open);

/**
 * xl4_protocol_unregister() - give an IP protocol number back
 * @protocol: as given to xl4_protocol_register(), registered or not
 *
 * Leaves every place in the reverse order of entry. When it returns no handler
 * of @protocol runs any more. Process context, sleeps.
 */
void xl4_protocol_unregister(struct xl4_protocol *protocol)
{
	for (; protocol->stage; protocol->stage--)
		xl4_protocol_leave(protocol, protocol->stage);
}
EXPORT_SYMBOL_GPL(xl4_protocol_unregister);

/**
 * xl4_prots_register() - register the socket types of a module, each with a slab
 * @prots: the types; they show up in /proc/net/protocols
 * @n: how many
 *
 * Process context, may sleep.
 *
 * Return: 0, or the error of the first that failed; then none is registered.
 */
int xl4_prots_register(struct proto *const *prots, unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		err = proto_register(prots[i], 1);
		if (err) {
			xl4_prots_unregister(prots, i);
			return err;
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xl4_prots_register);

/**
 * xl4_prots_unregister() - undo xl4_prots_register()
 * @prots: the types, no socket of which exists any more
 * @n: how many
 *
 * Process context, sleeps.
 */
void xl4_prots_unregister(struct proto *const *prots, unsigned int n)
{
	while (n--)
		proto_unregister(prots[n]);
}
EXPORT_SYMBOL_GPL(xl4_prots_unregister);

static int xl4_protocols_register(struct xl4_protocol *protocols, unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		if (protocols[i].number)
			err = xl4_protocol_register(&protocols[i]);
	/* Now none can fail any more for a number that is taken. */
	for (i = 0; !err && i < n; i++)
		if (protocols[i].number)
			err = xl4_protocol_open(&protocols[i]);
	return err;
}

static void xl4_protocols_unregister(struct xl4_protocol *protocols, unsigned int n)
{
	while (n--)
		xl4_protocol_unregister(&protocols[n]);
}

/**
 * xl4_register() - register all that a protocol module has
 * @r: its parts; must stay in place until xl4_unregister()
 *
 * The last thing that a module's init does: from here on there are packets and sockets. Process
 * context, may sleep.
 *
 * Return: 0 or a negative errno; then nothing is registered.
 */
int xl4_register(const struct xl4_registration *r)
{
	struct percpu_counter *sockets = r->prots[0]->sockets_allocated;
	int err;

	err = sockets ? percpu_counter_init(sockets, 0, GFP_KERNEL) : 0;
	if (err)
		return err;
	err = xl4_prots_register(r->prots, r->nr_prots);
	if (err)
		goto err_counter;
	err = register_pernet_subsys(r->net_ops);
	if (err)
		goto err_prots;
	err = xl4_protocols_register(r->protocols, r->nr_protocols);
	if (err)
		goto err_protocols;
	return 0;

err_protocols:
	xl4_protocols_unregister(r->protocols, r->nr_protocols);
	unregister_pernet_subsys(r->net_ops);
err_prots:
	/* What was freed by RCU refers to the module's code and slabs. */
	rcu_barrier();
	xl4_prots_unregister(r->prots, r->nr_prots);
err_counter:
	if (sockets)
		percpu_counter_destroy(sockets);
	return err;
}
EXPORT_SYMBOL_GPL(xl4_register);

/**
 * xl4_unregister() - undo xl4_register(), in the reverse order
 * @r: its parts, no socket of which exists any more
 *
 * Process context, sleeps.
 */
void xl4_unregister(const struct xl4_registration *r)
{
	xl4_protocols_unregister(r->protocols, r->nr_protocols);
	unregister_pernet_subsys(r->net_ops);
	/* What was freed by RCU refers to the module's code and slabs. */
	rcu_barrier();
	xl4_prots_unregister(r->prots, r->nr_prots);
	if (r->prots[0]->sockets_allocated)
		percpu_counter_destroy(r->prots[0]->sockets_allocated);
}
EXPORT_SYMBOL_GPL(xl4_unregister);

/**
 * xl4_number_is_free() - has nobody an IP protocol number?
 * @number: up to 255
 *
 * A hint: somebody may take it at once. Process context.
 */
bool xl4_number_is_free(unsigned int number)
{
	return !rcu_access_pointer(inet_protos[number]) &&
	       !rcu_access_pointer(inet6_protos[number]);
}
EXPORT_SYMBOL_GPL(xl4_number_is_free);
