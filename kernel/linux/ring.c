// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * /dev/bpf_trace: a ring of events between one descriptor and one reader; what
 * the reader sees is in ../include/net/zbuf_ring.h.  The engine writes with the
 * descriptor's lock held; the reader takes that lock to learn how far it has
 * come, and to say how far it has read.
 *
 * The engine is given a window of the ring at a time.  Where the ring is full
 * it gets a window of one event that nobody reads, and the loss is counted.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

#include "../include/net/zbuf_ring.h"
#include "zbl.h"

#define MIN_EVENTS	64u
#define MAX_EVENTS	(1u << 20)
/* The engine does not stop to wake a reader: it looks by itself. */
#define LOOK_AGAIN	(HZ / 50 + 1)

struct zbl_ring {
	struct zb_trace		trace;
	u64			window;		/* position of window_start */
	struct zb_event		*window_start;	/* NULL: the window is spill */
	u64			read;		/* position of the reader */
	u32			lost;
	u32			size;		/* a power of two */
	struct zb_event		*events;
	struct zb_event		spill;
};

/* What one open file has.  The ring is its own; the descriptor only writes to
 * it, while d->engine.trace says so. */
struct zbl_recording {
	struct mutex		mutex;		/* one reader at a time */
	struct zbl_descriptor	*descriptor;	/* its sock is held */
	struct zbl_ring		*ring;
};

static void free_ring(struct zbl_ring *ring)
{
	kvfree(ring->events);
	kfree(ring);
}

/* ---- The engine's side; locked ---- */

static u64 written(const struct zbl_ring *ring)
{
	return ring->window_start ?
	       ring->window + (u64)(ring->trace.next - ring->window_start) :
	       ring->window;
}

/* As much of the ring as is free and in one piece, from `at`. */
static u32 open_window(struct zbl_ring *ring, u64 at)
{
	const u32 index = (u32)at & (ring->size - 1);
	const u32 room = ring->size - (u32)(at - ring->read);
	const u32 length = min(room, ring->size - index);

	ring->window = at;
	ring->window_start = ring->events + index;
	ring->trace.next = ring->window_start;
	ring->trace.end = ring->window_start + length;
	return length;
}

static void open_spill(struct zbl_ring *ring, u64 at)
{
	ring->window = at;
	ring->window_start = NULL;
	ring->trace.next = &ring->spill;
	ring->trace.end = &ring->spill + 1;
	ring->lost++;
}

static void report_loss(struct zbl_ring *ring)
{
	*ring->trace.next++ = (struct zb_event){
		.time_ns = ring->trace.time_ns,
		.packet = ZB_NO_PACKET,
		.a = ring->lost,
		.descriptor = ZB_NO_DESCRIPTOR,
		.kind = ZB_EV_LOST_EVENTS,
		.buffer = ZB_NO_BUFFER,
	};
	ring->lost = 0;
}

static void full(struct zb_trace *trace)
{
	struct zbl_ring *ring = container_of(trace, struct zbl_ring, trace);
	const u64 at = written(ring);
	const u32 room = ring->size - (u32)(at - ring->read);

	if (room < (ring->lost ? 2 : 1)) {
		open_spill(ring, at);
		return;
	}
	open_window(ring, at);
	if (ring->lost)
		report_loss(ring);
	if (ring->trace.next == ring->trace.end)
		open_window(ring, written(ring));
}

/* The descriptor is closed, and all is read: what found the ring full at the end
 * is said now, and its last event is there whatever was lost. */
static void tell_end(struct zbl_ring *ring)
{
	const bool closed = ring->spill.kind == ZB_EV_CLOSED;

	if (!ring->lost)
		return;
	ring->lost -= closed;
	open_window(ring, ring->read);
	if (ring->lost)
		report_loss(ring);
	if (closed)
		*ring->trace.next++ = ring->spill;
	ring->lost = 0;
}

static void record(struct zbl_descriptor *d, enum zb_event_kind kind,
		   u16 descriptor, u8 buffer, const u32 values[4])
{
	struct zb_trace *trace = d->engine.trace;

	*zb_trace_claim(trace) = (struct zb_event){
		.time_ns = trace->time_ns,
		.packet = trace->packet,
		.a = values[0], .b = values[1], .c = values[2], .d = values[3],
		.descriptor = descriptor,
		.kind = (u8)kind,
		.buffer = buffer,
	};
}

/* A packet has come to the descriptor. */
void zbl_ring_packet(struct zbl_descriptor *d, const struct zb_packet *packet)
{
	if (!d->engine.trace)
		return;
	d->engine.trace->packet = packet->number;
	record(d, ZB_EV_ARRIVED, ZB_NO_DESCRIPTOR, ZB_NO_BUFFER, (u32[4]){
		packet->wire_length, packet->length, d->engine.link.number,
		packet->outgoing });
}

/* Something happened to its interface. */
void zbl_ring_interface(struct zbl_descriptor *d, enum zb_event_kind kind,
			u32 interface)
{
	if (d->engine.trace)
		record(d, kind, ZB_NO_DESCRIPTOR, ZB_NO_BUFFER,
		       (u32[4]){ 0, 0, interface, 0 });
}

/* The descriptor is closed: nothing more comes. */
void zbl_ring_leave(struct zbl_descriptor *d)
{
	zbl_lock(d);
	d->closed = true;
	d->engine.trace = NULL;
	zbl_unlock(d);
}

/* ---- The descriptor as it is found; locked ---- */

static void tell(struct zbl_descriptor *d, enum zb_event_kind kind, u8 buffer,
		 u32 a, u32 b, u32 c, u32 e)
{
	record(d, kind, d->engine.number, buffer, (u32[4]){ a, b, c, e });
}

static void tell_buffers(struct zbl_descriptor *d)
{
	const struct zb_descriptor *e = &d->engine;
	u32 i;

	for (i = 0; i < 2; i++) {
		const struct zb_buffer *b = &e->buffers[i];
		const u64 apart = b->user - e->buffers[ZB_A].user;

		if (b->header)
			tell(d, ZB_EV_LOANED, b->which, b->size, (u32)apart,
			     (u32)(apart >> 32), 0);
		else
			tell(d, ZB_EV_ALLOCATED, b->which, b->size, 0, 0, 0);
	}
}

static void tell_rotation(struct zbl_descriptor *d, u8 from, u8 to, u32 length)
{
	const struct zb_buffer *b = &d->engine.buffers[from];

	tell(d, ZB_EV_ROTATED, from, length, to, ZB_BY_PACKET, 0);
	if (b->lent)
		tell(d, ZB_EV_PUBLISHED, from, length, b->generation, 0, 0);
}

/* The moves that lead from A in store and B in free to what is. */
static void tell_slots(struct zbl_descriptor *d)
{
	const struct zb_descriptor *e = &d->engine;
	const u8 store = e->store->which;

	if (store == ZB_B && e->hold) {
		tell_rotation(d, ZB_A, ZB_B, e->hold_length);
	} else if (store == ZB_B || e->hold) {
		tell(d, ZB_EV_ROTATED, ZB_A, 0, ZB_B, ZB_BY_PACKET, 0);
		tell(d, ZB_EV_RECLAIMED, ZB_A, 0, 0, ZB_BY_PACKET, 0);
		if (e->hold)
			tell_rotation(d, ZB_B, ZB_A, e->hold_length);
	}
	if (e->store->lent)
		tell(d, ZB_EV_PUBLISHED, store, e->store_length,
		     e->store->generation, 1, 0);
}

static void tell_everything(struct zbl_descriptor *d)
{
	const struct zb_descriptor *e = &d->engine;

	tell(d, ZB_EV_OPENED, ZB_NO_BUFFER, e->revision->number,
	     e->tunables->hz, 0, 0);
	tell(d, ZB_EV_MODE, ZB_NO_BUFFER, e->mode, 0, 0, 0);
	if (e->immediate)
		tell(d, ZB_EV_IMMEDIATE, ZB_NO_BUFFER, 1, 0, 0, 0);
	if (e->timeout_ticks)
		tell(d, ZB_EV_TIMEOUT_SET, ZB_NO_BUFFER, e->timeout_ticks, 0, 0,
		     0);
	if (e->store)
		tell_buffers(d);
	if (e->attached)
		tell(d, ZB_EV_ATTACHED, ZB_NO_BUFFER, e->link.number,
		     e->link.type, e->link.header_length, 0);
	if (e->store)
		tell_slots(d);
}

/* ---- The reader's side ---- */

/* With a reference to its sock. */
static struct zbl_descriptor *find_descriptor(u32 number)
{
	struct zbl_descriptor *d, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(d, &zbl_descriptors, node)
		if (d->engine.number == number &&
		    net_eq(sock_net(&d->sk), current->nsproxy->net_ns) &&
		    refcount_inc_not_zero(&d->sk.sk_refcnt)) {
			found = d;
			break;
		}
	rcu_read_unlock();
	return found;
}

static struct zbl_ring *new_ring(u32 events)
{
	struct zbl_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);

	if (!ring)
		return NULL;
	ring->size = roundup_pow_of_two(events);
	ring->events = kvcalloc(ring->size, sizeof(*ring->events),
				GFP_KERNEL_ACCOUNT);
	if (!ring->events) {
		kfree(ring);
		return NULL;
	}
	ring->trace.full = full;
	ring->trace.packet = ZB_NO_PACKET;
	open_window(ring, 0);
	return ring;
}

static int begin_recording(struct zbl_descriptor *d, struct zbl_ring *ring)
{
	int error = 0;

	zbl_lock(d);
	if (d->engine.trace) {
		error = -EBUSY;
	} else if (d->closed) {
		error = -ENOENT;
	} else {
		ring->trace.time_ns = ktime_get_ns();
		d->engine.trace = &ring->trace;
		tell_everything(d);
	}
	zbl_unlock(d);
	return error;
}

static int attach(struct zbl_recording *recording, const struct zbuf_ring_attach *to)
{
	struct zbl_descriptor *d;
	struct zbl_ring *ring;
	int error = -EPERM;

	if (to->events < MIN_EVENTS || to->events > MAX_EVENTS)
		return -EINVAL;
	if (recording->ring)
		return -EBUSY;
	d = find_descriptor(to->descriptor);
	if (!d)
		return -ENOENT;
	if (!ns_capable(sock_net(&d->sk)->user_ns, CAP_NET_RAW))
		goto out;
	error = -ENOMEM;
	ring = new_ring(to->events);
	if (!ring)
		goto out;
	error = begin_recording(d, ring);
	if (!error) {
		recording->ring = ring;
		recording->descriptor = d;
		return 0;
	}
	free_ring(ring);
out:
	sock_put(&d->sk);
	return error;
}

static long trace_ioctl(struct file *file, unsigned int request,
			unsigned long user)
{
	struct zbl_recording *recording = file->private_data;
	struct zbuf_ring_attach to;
	int error;

	if (request != ZBUF_RING_ATTACH)
		return -ENOTTY;
	if (copy_from_user(&to, (const void __user *)user, sizeof(to)))
		return -EFAULT;
	if (mutex_lock_interruptible(&recording->mutex))
		return -ERESTARTSYS;
	error = attach(recording, &to);
	mutex_unlock(&recording->mutex);
	return error;
}

/* How many events there are to read, in one piece; *closed: nothing more. */
static u32 available(struct zbl_recording *recording, bool *closed)
{
	struct zbl_descriptor *d = recording->descriptor;
	struct zbl_ring *ring = recording->ring;
	u64 count, in_piece;

	spin_lock_bh(&d->lock);
	if (d->closed && written(ring) == ring->read)
		tell_end(ring);
	count = written(ring) - ring->read;
	in_piece = ring->size - (ring->read & (ring->size - 1));
	*closed = d->closed;
	spin_unlock_bh(&d->lock);
	return (u32)min(count, in_piece);
}

/* One piece to the user.  Returns its bytes. */
static ssize_t take(struct zbl_recording *recording, char __user *to,
		    u32 events)
{
	struct zbl_descriptor *d = recording->descriptor;
	struct zbl_ring *ring = recording->ring;
	const size_t bytes = events * sizeof(struct zb_event);

	if (copy_to_user(to, ring->events + (ring->read & (ring->size - 1)),
			 bytes))
		return -EFAULT;
	spin_lock_bh(&d->lock);
	ring->read += events;
	spin_unlock_bh(&d->lock);
	return (ssize_t)bytes;
}

static int look_later(void)
{
	schedule_timeout_interruptible(LOOK_AGAIN);
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

static ssize_t trace_read(struct file *file, char __user *to, size_t length,
			  loff_t *at)
{
	struct zbl_recording *recording = file->private_data;
	const size_t most = min_t(size_t, length / sizeof(struct zb_event),
				  MAX_EVENTS);
	ssize_t result = 0;
	bool closed;
	u32 events;

	if (!most)
		return -EINVAL;
	if (mutex_lock_interruptible(&recording->mutex))
		return -ERESTARTSYS;
	if (!recording->ring) {
		mutex_unlock(&recording->mutex);
		return -ENOTCONN;
	}
	for (;;) {
		events = available(recording, &closed);
		if (events || closed)
			break;
		result = file->f_flags & O_NONBLOCK ? -EAGAIN : look_later();
		if (result)
			break;
	}
	if (events)
		result = take(recording, to, min_t(u32, events, (u32)most));
	mutex_unlock(&recording->mutex);
	return result;
}

static int trace_open(struct inode *inode, struct file *file)
{
	struct zbl_recording *recording;

	if (!ns_capable(current->nsproxy->net_ns->user_ns, CAP_NET_RAW))
		return -EPERM;
	recording = kzalloc(sizeof(*recording), GFP_KERNEL_ACCOUNT);
	if (!recording)
		return -ENOMEM;
	mutex_init(&recording->mutex);
	file->private_data = recording;
	return stream_open(inode, file);
}

static int trace_release(struct inode *inode, struct file *file)
{
	struct zbl_recording *recording = file->private_data;
	struct zbl_descriptor *d = recording->descriptor;

	if (d) {
		zbl_lock(d);
		if (d->engine.trace == &recording->ring->trace)
			d->engine.trace = NULL;
		zbl_unlock(d);
		free_ring(recording->ring);
		sock_put(&d->sk);
	}
	kfree(recording);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = trace_open,
	.release = trace_release,
	.read = trace_read,
	.unlocked_ioctl = trace_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bpf_trace",
	.fops = &operations,
	.mode = 0600,
};

int zbl_ring_init(void)
{
	return misc_register(&device);
}

void zbl_ring_exit(void)
{
	misc_deregister(&device);
}
