/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the Linux host share.  The protocol is in ../engine; here
 * is only what it cannot know: pages, packets, interfaces, processes.
 *
 * Locks, outermost first:
 *   descriptor->config   mutex: SETIF, SDLT and PROMISC, one at a time
 *   RTNL                 interfaces come and go
 *   descriptor->lock     spinlock, softirq off: everything in the engine
 *   zbl_list_lock        spinlock, softirq off: the lists, held for an insert
 * The engine calls attach, detach and promiscuous with the descriptor's lock
 * held, where RTNL cannot be taken.  So they only note what is wanted, and
 * zbl_settle() does it afterwards, without the lock.
 */
#ifndef ZBL_H
#define ZBL_H

#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "../engine/descriptor.h"

/* An interface that descriptors are attached to, while there are any. */
struct zbl_interface {
	struct packet_type	hook;
	struct list_head	node;		/* of all; RTNL */
	struct list_head	taps;		/* RCU; zbl_list_lock */
	struct net_device	*dev;		/* NULL: gone.  RTNL and zbl_list_lock */
	netdevice_tracker	tracker;
	refcount_t		users;		/* reaches 0 under RTNL only */
	struct zb_link		link;
	int			promisc_wanted;	/* zbl_list_lock */
	int			promisc_applied; /* RTNL */
	struct rcu_head		rcu;
};

/* A descriptor on an interface's list; a new one for each attachment, because
 * a packet under way may still stand on the old one. */
struct zbl_tap {
	struct list_head	node;
	struct zbl_descriptor	*descriptor;
	struct zbl_interface	*interface;
	struct rcu_head		rcu;
};

struct zbl_descriptor {
	/* First.  It counts what write(2) has under way, keeps the network
	 * namespace and the module, and frees all of this after a grace
	 * period. */
	struct sock		sk;
	struct zb_descriptor	engine;
	spinlock_t		lock;
	struct list_head	node;		/* of all; RCU; zbl_list_lock */
	struct file		*file;

	struct mutex		config;
	struct zbl_interface	*found;		/* config */
	struct zbl_tap		*spare;		/* config */
	struct zbl_tap		*tap;		/* attached; lock */
	struct zbl_interface	*left;		/* by detach; lock */
	bool			untapped;	/* what it sends now is not seen */

	wait_queue_head_t	wait;
	wait_queue_head_t	copied;		/* read(2) has copied */
	u32			wakes[2];	/* lock: none is missed */
	struct hrtimer		timer;
	ktime_t			timer_due;	/* lock */
	struct fasync_struct	*fasync;
	bool			closed;		/* lock */
};

static inline struct zbl_descriptor *zbl_of_sock(struct sock *sk)
{
	return container_of(sk, struct zbl_descriptor, sk);
}

/* main.c */
extern struct zb_tunables zbl_tunables;
extern u8 zbl_strict;			/* 1: exactly as FreeBSD */

/* file.c */
extern const struct file_operations zbl_fops;
extern struct proto zbl_proto;
extern struct list_head zbl_descriptors;	/* RCU; zbl_list_lock */
extern spinlock_t zbl_list_lock;

int zbl_set_owner(void *context, s32 who);
s32 zbl_get_owner(void *context);

/* host.c */
extern const struct zb_host zbl_host;
void zbl_lock(void *context) __acquires(context);
void zbl_unlock(void *context) __releases(context);
enum hrtimer_restart zbl_timer_fired(struct hrtimer *timer);
u64 zbl_ticks_to_ns(u32 ticks);

/* pages.c */
int zbl_wire(void *context, u64 user, size_t length, struct zb_memory *memory);
void zbl_unwire(void *context, struct zb_memory *memory, size_t length);

/* program.c */
void *zbl_filter_new(void *context, const struct zb_bpf_insn *program, u32 n,
		     bool for_write);
void zbl_filter_free(void *context, void *filter);
u32 zbl_filter_run(const void *filter, const struct zb_packet *packet);

/* interface.c */
int zbl_find(void *context, const char *name, struct zb_link *link);
int zbl_find_type(void *context, u32 interface, u32 type, struct zb_link *link);
u32 zbl_types(void *context, u32 interface, u32 *list, u32 room);
int zbl_attach(void *context, const struct zb_link *link);
void zbl_detach(void *context, u32 interface);
int zbl_promiscuous(void *context, u32 interface, bool on);
u32 zbl_mtu(void *context, u32 interface);
int zbl_settle(struct zbl_descriptor *d);
void zbl_stamp(const struct zb_packet *packet);
int zbl_interfaces_init(void);
void zbl_interfaces_exit(void);

/* sending.c */
int zbl_frame_in(void *context, u64 user, u32 length, struct zb_packet *packet);
void zbl_frame_drop(void *context, struct zb_packet *packet);
int zbl_frame_send(void *context, u32 interface, struct zb_packet *packet,
		   const struct zb_sending *how);

/* statistics.c */
void zbl_show_fdinfo(struct seq_file *to, struct file *file);
int zbl_statistics_init(void);
void zbl_statistics_exit(void);

/* ring.c */
int zbl_ring_init(void);
void zbl_ring_exit(void);
void zbl_ring_packet(struct zbl_descriptor *d, const struct zb_packet *packet);
void zbl_ring_interface(struct zbl_descriptor *d, enum zb_event_kind kind,
			u32 interface);
void zbl_ring_leave(struct zbl_descriptor *d);

#endif /* ZBL_H */
