// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interfaces: finding them, the tap on every packet that passes, promiscuous
 * mode, and their departure.
 *
 * One hook per interface, however many descriptors.  A hook is there while
 * anybody uses the interface; it goes, as memory does, after a grace period,
 * which nobody waits for.
 */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "zbl.h"

#define DLT_EN10MB	1
#define DLT_RAW		12

static LIST_HEAD(interfaces);	/* RTNL */
static atomic_t packets = ATOMIC_INIT(-1);

/* ---- Link types ---- */

/* The DLT_ number, and the bytes of header that a packet begins with; false
 * where neither fits what FreeBSD has. */
static bool describe_link(const struct net_device *dev, struct zb_link *link)
{
	*link = (struct zb_link){ .number = (u32)dev->ifindex };
	strscpy(link->name, dev->name, sizeof(link->name));
	switch (dev->type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		link->type = DLT_EN10MB;
		link->header_length = ETH_HLEN;
		return true;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_PPP:
		link->type = DLT_RAW;
		return true;
	default:
		return false;
	}
}

/* ---- Packets ---- */

/* Makes the packet begin where its link header does.  Returns the packet to
 * look at, which is another one if the hardware has its VLAN tag. */
static struct sk_buff *begin_at_link(struct sk_buff *skb, u32 header_length)
{
	if (!header_length) {
		__skb_pull(skb, skb_network_offset(skb));
		return skb;
	}
	if (!skb_mac_header_was_set(skb))
		return skb;	/* a driver that gives none */
	__skb_push(skb, (unsigned int)(skb->data - skb_mac_header(skb)));
	if (skb_vlan_tag_present(skb)) {
		struct sk_buff *tagged = skb_clone(skb, GFP_ATOMIC);

		if (tagged)
			tagged = __vlan_hwaccel_push_inside(tagged);
		if (tagged)
			return tagged;
	}
	return skb;
}

/* A packet gets its time when somebody wants it, and all have the same. */
void zbl_stamp(const struct zb_packet *packet)
{
	/* What receive() gave the engine, which does not change it. */
	if (!packet->time_ns)
		((struct zb_packet *)packet)->time_ns = ktime_get_real_ns();
}

/* It has a number only where somebody records: all processors count together. */
static void give_number(struct zb_packet *packet)
{
	if (packet->number == ZB_NO_PACKET)
		packet->number = (u32)atomic_inc_return(&packets);
}

static void tap_all(struct zbl_interface *interface, struct zb_packet *packet)
{
	struct zbl_descriptor *d;
	struct zbl_tap *tap;

	list_for_each_entry_rcu(tap, &interface->taps, node) {
		d = tap->descriptor;
		zbl_lock(d);
		/* It may have gone elsewhere since the list was read. */
		if (d->tap == tap) {
			if (d->engine.trace)
				give_number(packet);
			if (!d->engine.read_filter)	/* else it does */
				zbl_stamp(packet);
			zbl_ring_packet(d, packet);
			zb_tap_locked(&d->engine, packet);
		}
		zbl_unlock(d);
	}
}

static int receive(struct sk_buff *skb, struct net_device *dev,
		   struct packet_type *hook, struct net_device *original)
{
	struct zbl_interface *interface =
		container_of(hook, struct zbl_interface, hook);
	unsigned char *const data = skb->data;
	const unsigned int length = skb->len;
	struct sk_buff *whole;

	/* What comes back from multicast has been seen going out. */
	if (skb->pkt_type == PACKET_LOOPBACK)
		goto done;
	whole = begin_at_link(skb, interface->link.header_length);
	tap_all(interface, &(struct zb_packet){
		.bytes = skb_is_nonlinear(whole) ? NULL : whole->data,
		.chain = whole,
		.length = whole->len,
		.wire_length = whole->len,
		.number = ZB_NO_PACKET,
		.outgoing = skb->pkt_type == PACKET_OUTGOING,
	});
	if (whole != skb)
		consume_skb(whole);
	/* The others on this packet's way expect it as it was. */
	skb->data = data;
	skb->len = length;
done:
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

/* Does this sender want its packet not to be seen going out? */
static bool sent_untapped(struct packet_type *hook, struct sock *sk)
{
	return sk->sk_prot == &zbl_proto && READ_ONCE(zbl_of_sock(sk)->untapped);
}

/* ---- Interfaces in use; RTNL ---- */

static struct zbl_interface *use(struct net_device *dev)
{
	struct zbl_interface *interface;
	struct zb_link link;

	list_for_each_entry(interface, &interfaces, node)
		if (interface->dev == dev) {
			refcount_inc(&interface->users);
			return interface;
		}
	if (!describe_link(dev, &link))
		return NULL;
	interface = kzalloc(sizeof(*interface), GFP_KERNEL);
	if (!interface)
		return NULL;
	interface->dev = dev;
	netdev_hold(dev, &interface->tracker, GFP_KERNEL);
	interface->link = link;
	refcount_set(&interface->users, 1);
	INIT_LIST_HEAD(&interface->taps);
	list_add(&interface->node, &interfaces);
	interface->hook.type = htons(ETH_P_ALL);
	interface->hook.dev = dev;
	interface->hook.func = receive;
	interface->hook.id_match = sent_untapped;
	interface->hook.af_packet_net = dev_net(dev);
	interface->hook.af_packet_priv = interface;
	dev_add_pack(&interface->hook);
	return interface;
}

/* Returns what the device said, as the engine has errors. */
static int settle_promiscuous(struct zbl_interface *interface)
{
	int wanted, error;

	if (!interface->dev)
		return 0;
	spin_lock_bh(&zbl_list_lock);
	wanted = interface->promisc_wanted;
	spin_unlock_bh(&zbl_list_lock);
	if (wanted == interface->promisc_applied)
		return 0;
	error = dev_set_promiscuity(interface->dev,
				    wanted - interface->promisc_applied);
	if (error) {
		netdev_warn(interface->dev,
			    "zbuf: promiscuous mode cannot be changed: %d\n",
			    error);
		return error == -ENOMEM ? ZB_ENOMEM : ZB_ENOBUFS;
	}
	interface->promisc_applied = wanted;
	return 0;
}

/* No packet finds it any more. */
static void unhook(struct zbl_interface *interface)
{
	struct net_device *dev = interface->dev;

	if (!dev)
		return;
	if (interface->promisc_applied)
		dev_set_promiscuity(dev, -interface->promisc_applied);
	interface->promisc_applied = 0;
	list_del(&interface->node);
	__dev_remove_pack(&interface->hook);
	spin_lock_bh(&zbl_list_lock);
	interface->dev = NULL;
	spin_unlock_bh(&zbl_list_lock);
	netdev_put(dev, &interface->tracker);
}

static void unuse(struct zbl_interface *interface)
{
	if (!refcount_dec_and_test(&interface->users))
		return;
	unhook(interface);
	kfree_rcu(interface, rcu);
}

/* ---- For the engine ---- */

/* Where the interface goes away, the list is left first and the engine hears of
 * it right after.  In between d->tap is NULL, and there is nothing to do. */

/* config is held, so what is found stays found until zbl_settle(). */
int zbl_find(void *context, const char *name, struct zb_link *link)
{
	struct zbl_descriptor *d = context;
	char text[IFNAMSIZ];
	struct net_device *dev;

	strscpy(text, name, sizeof(text));
	if (!d->spare)
		d->spare = kzalloc(sizeof(*d->spare), GFP_KERNEL_ACCOUNT);
	if (!d->spare)
		return ZB_ENOMEM;
	rtnl_lock();
	dev = __dev_get_by_name(sock_net(&d->sk), text);
	d->found = dev ? use(dev) : NULL;
	if (d->found)
		*link = d->found->link;
	rtnl_unlock();
	return d->found ? 0 : ZB_ENXIO;
}

/* An interface has one type here, and the engine asks for another. */
int zbl_find_type(void *context, u32 interface, u32 type, struct zb_link *link)
{
	return ZB_EINVAL;
}

u32 zbl_types(void *context, u32 interface, u32 *list, u32 room)
{
	struct zbl_descriptor *d = context;

	list[0] = d->engine.link.type;
	return 1;
}

/* zbl_list_lock. */
static struct zbl_interface *take_off(struct zbl_descriptor *d)
{
	struct zbl_tap *tap = d->tap;
	struct zbl_interface *interface = tap->interface;

	d->tap = NULL;
	list_del_rcu(&tap->node);
	kfree_rcu(tap, rcu);
	return interface;
}

int zbl_attach(void *context, const struct zb_link *link)
{
	struct zbl_descriptor *d = context;
	struct zbl_interface *interface = d->found;
	struct zbl_tap *tap = d->spare;
	int error = ZB_ENXIO;

	spin_lock_bh(&zbl_list_lock);
	if (interface->dev) {
		if (d->tap)
			d->left = take_off(d);
		tap->descriptor = d;
		tap->interface = interface;
		refcount_inc(&interface->users);
		list_add_rcu(&tap->node, &interface->taps);
		d->tap = tap;
		d->spare = NULL;
		error = 0;
	}
	spin_unlock_bh(&zbl_list_lock);
	return error;
}

void zbl_detach(void *context, u32 number)
{
	struct zbl_descriptor *d = context;

	spin_lock_bh(&zbl_list_lock);
	if (d->tap)
		d->left = take_off(d);
	spin_unlock_bh(&zbl_list_lock);
}

/* Of the interface that it is attached to, or of the one that it has just
 * left. */
int zbl_promiscuous(void *context, u32 number, bool on)
{
	struct zbl_descriptor *d = context;
	struct zbl_interface *interface;

	spin_lock_bh(&zbl_list_lock);
	interface = d->tap ? d->tap->interface : NULL;
	if (!interface || interface->link.number != number)
		interface = d->left;
	if (interface)
		interface->promisc_wanted += on ? 1 : -1;
	spin_unlock_bh(&zbl_list_lock);
	return 0;
}

u32 zbl_mtu(void *context, u32 number)
{
	struct zbl_descriptor *d = context;
	const struct net_device *dev;
	u32 mtu = 0;

	spin_lock_bh(&zbl_list_lock);
	dev = d->tap ? d->tap->interface->dev : NULL;
	if (dev && (READ_ONCE(dev->flags) & IFF_UP))
		mtu = READ_ONCE(dev->mtu);
	spin_unlock_bh(&zbl_list_lock);
	return mtu;
}

/* What was refused is not wanted any more, and the engine knows. */
static void give_up_promiscuous(struct zbl_descriptor *d)
{
	spin_lock_bh(&d->lock);
	if (d->tap && d->engine.promiscuous) {
		d->engine.promiscuous = false;
		zbl_promiscuous(d, d->engine.link.number, false);
	}
	spin_unlock_bh(&d->lock);
}

/* Does what find, attach, detach and promiscuous left to be done.  Config is
 * held, or nobody else has the descriptor.  An error: promiscuous mode, which
 * the interface that it is attached to refused. */
int zbl_settle(struct zbl_descriptor *d)
{
	struct zbl_interface *left, *now;
	int error = 0;

	rtnl_lock();
	spin_lock_bh(&d->lock);
	left = d->left;
	d->left = NULL;
	now = d->tap ? d->tap->interface : NULL;
	spin_unlock_bh(&d->lock);
	if (now)
		error = settle_promiscuous(now);
	if (error)
		give_up_promiscuous(d);
	if (left) {
		settle_promiscuous(left);
		unuse(left);
	}
	if (d->found)
		unuse(d->found);
	d->found = NULL;
	rtnl_unlock();
	return error;
}

/* ---- What happens to interfaces ---- */

static struct zbl_interface *find_interface(const struct net_device *dev)
{
	struct zbl_interface *interface;

	list_for_each_entry(interface, &interfaces, node)
		if (interface->dev == dev)
			return interface;
	return NULL;
}

/* With a reference to its sock.  The tap may be taken off, and freed, at any time
 * (zbl_detach() has no RTNL), and is looked at within the grace period only; one
 * whose descriptor is being freed is as good as gone. */
static struct zbl_descriptor *first_of(struct zbl_interface *interface)
{
	struct zbl_descriptor *d = NULL;
	struct zbl_tap *tap;

	rcu_read_lock();
	list_for_each_entry_rcu(tap, &interface->taps, node)
		if (refcount_inc_not_zero(&tap->descriptor->sk.sk_refcnt)) {
			d = tap->descriptor;
			break;
		}
	rcu_read_unlock();
	return d;
}

static void depart(struct zbl_interface *interface)
{
	const u32 number = interface->link.number;
	struct zbl_descriptor *d;
	bool mine;

	refcount_inc(&interface->users);
	unhook(interface);
	while ((d = first_of(interface))) {
		zbl_lock(d);
		mine = d->tap && d->tap->interface == interface;
		if (mine) {
			spin_lock_bh(&zbl_list_lock);
			take_off(d);
			spin_unlock_bh(&zbl_list_lock);
			zbl_ring_interface(d, ZB_EV_IF_GONE, number);
		}
		zbl_unlock(d);
		if (mine) {
			zb_departed(&d->engine, number);
			unuse(interface);
		}
		sock_put(&d->sk);
	}
	unuse(interface);
}

static void tell(struct zbl_interface *interface, enum zb_event_kind kind)
{
	struct zbl_descriptor *d;
	struct zbl_tap *tap;

	rcu_read_lock();
	list_for_each_entry_rcu(tap, &interface->taps, node) {
		d = tap->descriptor;
		zbl_lock(d);
		if (d->tap == tap)
			zbl_ring_interface(d, kind, interface->link.number);
		zbl_unlock(d);
	}
	rcu_read_unlock();
}

/* RTNL. */
static void rename_link(struct zbl_interface *interface)
{
	struct zbl_tap *tap;

	strscpy(interface->link.name, interface->dev->name, IFNAMSIZ);
	rcu_read_lock();
	list_for_each_entry_rcu(tap, &interface->taps, node) {
		zbl_lock(tap->descriptor);
		if (tap->descriptor->tap == tap)
			tap->descriptor->engine.link = interface->link;
		zbl_unlock(tap->descriptor);
	}
	rcu_read_unlock();
}

static int zbl_event(struct notifier_block *block, unsigned long event,
		     void *info)
{
	struct zbl_interface *interface;

	interface = find_interface(netdev_notifier_info_to_dev(info));
	if (!interface)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UNREGISTER:
	case NETDEV_PRE_TYPE_CHANGE:	/* records would change their form */
		depart(interface);
		break;
	case NETDEV_CHANGENAME:
		rename_link(interface);
		break;
	case NETDEV_UP:
		tell(interface, ZB_EV_IF_UP);
		break;
	case NETDEV_DOWN:
		tell(interface, ZB_EV_IF_DOWN);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block zbl_notifier = { .notifier_call = zbl_event };

int zbl_interfaces_init(void)
{
	return register_netdevice_notifier(&zbl_notifier);
}

void zbl_interfaces_exit(void)
{
	unregister_netdevice_notifier(&zbl_notifier);
	/* A packet may still be in receive(). */
	synchronize_net();
}
