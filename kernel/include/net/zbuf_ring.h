/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /dev/bpf_trace of this project's Linux module: the exact steps of one
 * descriptor of /dev/bpf, as the kernel makes them.
 *
 *	int ring = open("/dev/bpf_trace", O_RDONLY | O_NONBLOCK);
 *	struct zbuf_ring_attach to = { .descriptor = number, .events = 65536 };
 *	ioctl(ring, ZBUF_RING_ATTACH, &to);
 *	struct zb_event events[512];
 *	ssize_t bytes = read(ring, events, sizeof(events));
 *
 * Which descriptor: `number` is its number in /proc/net/bpf, and what stands
 * behind "bpf-number:" in /proc/PID/fdinfo/FD.  Numbers are given again after
 * close(2).
 *
 * What comes: whole struct zb_event (kernel/engine/event.h, which says what
 * each kind means), at most as many as fit.  All are of the kernel's side and
 * in the order in which they happened; time_ns is of CLOCK_MONOTONIC; packet
 * counts the packets of all interfaces in use.  The first ones say how the
 * descriptor was found: ZB_EV_OPENED, MODE, IMMEDIATE, TIMEOUT_SET, LOANED or
 * ALLOCATED, ATTACHED, ROTATED, PUBLISHED, RECLAIMED, as far as they apply, all
 * at the time of the ioctl.  Records that were in its store buffer then are not
 * among them.
 *
 * Loss: the kernel never waits for the reader.  Where the ring is full events
 * are lost, and ZB_EV_LOST_EVENTS with their number stands in their place.
 *
 * read(2): with O_NONBLOCK, EAGAIN if there is nothing; without, it waits, and
 * looks every 20 ms (nothing wakes it, so that packets are not slowed down;
 * poll(2) always says ready).  0: the descriptor is closed and everything has
 * been read; the last event is ZB_EV_CLOSED.  EINVAL: no room for one event.
 * ENOTCONN: not attached.  EFAULT: nothing is taken out of the ring.
 *
 * ioctl(2): EPERM without CAP_NET_RAW over the descriptor's network namespace
 * (open(2) too).  ENOENT: no such descriptor in the caller's namespace.  EBUSY:
 * somebody records it already, or this file records another.  EINVAL: `events`
 * is out of range.  ENOMEM.
 *
 * Closing the file ends the recording and frees the ring.  Any thread may use
 * it; one reads at a time.
 */
#ifndef _NET_ZBUF_RING_H_
#define _NET_ZBUF_RING_H_

#include <linux/ioctl.h>
#include <linux/types.h>

struct zbuf_ring_attach {
	__u32	descriptor;
	__u32	events;		/* room for so many, of 32 bytes each: 64 to
				   1048576, rounded up to a power of two */
};

#define ZBUF_RING_ATTACH	_IOW('B', 1, struct zbuf_ring_attach)

#endif /* _NET_ZBUF_RING_H_ */
