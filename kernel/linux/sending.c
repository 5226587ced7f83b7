// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * write(2): a frame from the user to the interface.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/uaccess.h>

#include "zbl.h"

/* Whatever the MTU says, which may be anything: no frame that a network has is
 * longer, and none is made here that nobody could send. */
#define MAX_FRAME	(ETH_MAX_MTU + VLAN_ETH_HLEN)

static struct sk_buff *frame_of(const struct zb_packet *packet)
{
	return (struct sk_buff *)packet->chain;
}

/* What is under way counts against the descriptor, so that one process cannot
 * fill the memory with frames that nobody sends. */
int zbl_frame_in(void *context, u64 user, u32 length, struct zb_packet *packet)
{
	struct zbl_descriptor *d = context;
	struct sk_buff *skb;

	if (length > MAX_FRAME)
		return ZB_EMSGSIZE;
	/* Refuses where sk_sndbuf is reached; whatever waits for room there
	 * belongs to a struct socket, and this sock has none. */
	skb = sock_wmalloc(&d->sk, LL_MAX_HEADER + (unsigned long)length, 0,
			   GFP_KERNEL);
	if (!skb)
		return ZB_ENOBUFS;
	skb_reserve(skb, LL_MAX_HEADER);
	if (copy_from_user(skb_put(skb, length), u64_to_user_ptr(user),
			   length)) {
		kfree_skb(skb);
		return ZB_EFAULT;
	}
	*packet = (struct zb_packet){
		.bytes = skb->data,
		.chain = skb,
		.length = length,
		.wire_length = length,
		.outgoing = true,
	};
	return 0;
}

void zbl_frame_drop(void *context, struct zb_packet *packet)
{
	kfree_skb(frame_of(packet));
}

static __be16 raw_protocol(const struct sk_buff *skb)
{
	switch (skb->len ? skb->data[0] >> 4 : 0) {
	case 4:
		return htons(ETH_P_IP);
	case 6:
		return htons(ETH_P_IPV6);
	default:
		return htons(ETH_P_ALL);
	}
}

/* A copy of what is sent also comes in. */
static void feed_back(const struct sk_buff *sent, bool ethernet)
{
	struct sk_buff *skb = skb_copy(sent, GFP_KERNEL);

	if (!skb)
		return;
	if (ethernet)
		skb->protocol = eth_type_trans(skb, skb->dev);
	netif_rx(skb);
}

int zbl_frame_send(void *context, u32 interface, struct zb_packet *packet,
		   const struct zb_sending *how)
{
	struct zbl_descriptor *d = context;
	struct sk_buff *skb = frame_of(packet);
	struct net_device *dev;
	bool ethernet;
	int error;

	dev = dev_get_by_index(sock_net(&d->sk), (int)interface);
	if (!dev) {
		kfree_skb(skb);
		return ZB_ENXIO;
	}
	ethernet = dev->type == ARPHRD_ETHER || dev->type == ARPHRD_LOOPBACK;
	skb->dev = dev;
	skb_reset_mac_header(skb);
	if (ethernet && skb->len >= ETH_HLEN) {
		if (!how->header_complete)
			ether_addr_copy(eth_hdr(skb)->h_source, dev->dev_addr);
		skb->protocol = dev_parse_header_protocol(skb);
		skb_set_network_header(skb, ETH_HLEN);
	} else {
		skb->protocol = raw_protocol(skb);
		skb_reset_network_header(skb);
	}
	WRITE_ONCE(d->untapped, how->untapped);
	if (how->feedback)
		feed_back(skb, ethernet);
	error = dev_queue_xmit(skb);
	dev_put(dev);
	if (error > 0)
		error = net_xmit_errno(error);
	return error == 0 ? 0 : error == -ENETDOWN ? ZB_ENETDOWN : ZB_ENOBUFS;
}
