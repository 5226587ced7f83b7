/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /dev/bpf_trace: the exact steps of one descriptor, as they happen.
 *
 * Open it, say which descriptor with ZBT_ATTACH, and read(2): as many whole
 * struct zb_event (../engine/event.h) as are there and fit.  Without O_NONBLOCK
 * a read waits for at least one; it returns 0 once the descriptor is closed and
 * everything has been read.  Times are of CLOCK_MONOTONIC.
 *
 * The first events describe the descriptor as it was found; bytes that lay in
 * its store buffer then are not among them.  A reader that is too slow loses
 * events, and finds ZB_EV_LOST_EVENTS, with their number, in their place.
 *
 * It needs CAP_NET_RAW over the network namespace of the descriptor, and to be
 * in it.  ENOENT: no such descriptor.  EBUSY: somebody records it already, or
 * this file records another.
 */
#ifndef ZBL_BPF_TRACE_H
#define ZBL_BPF_TRACE_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct zbt_attach {
	__u32	descriptor;	/* its number in /proc/net/bpf */
	__u32	events;		/* room for so many: 64 to 1048576, rounded up to
				   a power of two */
};

#define ZBT_ATTACH	_IOW('B', 1, struct zbt_attach)

#endif /* ZBL_BPF_TRACE_H */
