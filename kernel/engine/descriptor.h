/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A bpf descriptor: two buffers in three slots, and everything that a process
 * or a packet can do to it.
 *
 *           packet                    full               acknowledged
 *   free ----------> store (filled) --------> hold (read) ----------> free
 *             rotate                 rotate              reclaim
 *
 * Store is always occupied once buffers exist; of hold and free exactly one is
 * (spec 2.1).  A buffer that is lent out still occupies its slot.
 *
 * Locking: the entry points below take the descriptor's lock themselves,
 * unless they say otherwise.  They may be called from any thread.
 * Trace events are written with the lock held.
 */
#ifndef ZB_DESCRIPTOR_H
#define ZB_DESCRIPTOR_H

#include "buffer.h"
#include "event.h"

enum zb_wait_state {
	ZB_IDLE,
	ZB_WAITING,		/* somebody polls; the timer runs */
	ZB_TIMED_OUT		/* it ran out; any ioctl or read ends this */
};

/* The seven counters that a reset zeroes (spec 2.17). */
struct zb_counters {
	uint64_t	received;	/* bd_rcount: before the filter */
	uint64_t	dropped;	/* bd_dcount */
	uint64_t	matched;	/* bd_fcount: after the filter */
	uint64_t	written;	/* bd_wcount */
	uint64_t	write_matched;	/* bd_wfcount */
	uint64_t	write_dropped;	/* bd_wdcount */
	uint64_t	appends;	/* bd_zcopy: pieces put in a loan */
};

struct zb_descriptor {
	const struct zb_host	*host;
	void			*host_context;
	const struct zb_tunables *tunables;
	const struct zb_revision *revision;
	struct zb_trace		*trace;		/* or NULL */

	/* Slots.  NULL: empty. */
	struct zb_buffer	*store;
	struct zb_buffer	*hold;
	struct zb_buffer	*free;
	uint32_t		store_length;
	uint32_t		hold_length;
	uint32_t		buffer_size;	/* BIOCGBLEN */
	bool			hold_in_use;	/* read(2) is copying it out */

	bool			attached;
	bool			promiscuous;
	bool			locked;
	bool			nonblocking;
	bool			header_complete;
	uint8_t			wait_state;	/* enum zb_wait_state */
	uint8_t			mode;		/* ZB_BUFMODE_ */
	uint8_t			direction;	/* ZB_D_ */
	uint8_t			writer;		/* >0: gets no packets (2.18) */
	uint8_t			immediate;	/* the low byte (spec 9.31) */
	int32_t			feedback;	/* 0: off */
	int32_t			async;		/* 0: off */
	uint16_t		number;		/* for the trace */
	uint32_t		timestamp;	/* ZB_T_ */
	uint32_t		timeout_ticks;	/* 0: none */
	uint32_t		signal;
	int32_t			pid;		/* last process that used it */
	uint32_t		vlan_pcp;

	struct zb_link		link;		/* valid while attached */
	uint32_t		record_header;	/* bh_hdrlen on that link */
	void			*read_filter;	/* or NULL: accept all */
	void			*write_filter;

	struct zb_counters	count;
	struct zb_buffer	buffers[2];
};

/* What the host decides at open. */
struct zb_open_args {
	const struct zb_host	*host;
	void			*host_context;
	const struct zb_tunables *tunables;	/* outlives the descriptor */
	const struct zb_revision *revision;
	struct zb_trace		*trace;
	uint16_t		number;
	int32_t			pid;
	bool			nonblocking;
	bool			write_only;
};

/* ---- For the process ---- */

void	zb_open(struct zb_descriptor *, const struct zb_open_args *);

/*
 * Detaches, and frees all three slots whoever owns the buffers; their headers
 * are left as they are (spec 2.19).  Not to be used afterwards.
 */
void	zb_close(struct zb_descriptor *);

/*
 * ioctl(2).  data: the argument in kernel memory, ZB_IOC_LENGTH(request)
 * bytes, aligned to 8.  The caller copies it in before and, where 0 is
 * returned, out after; an OUT-only argument it zeroes first (spec 1.2).
 */
int	zb_ioctl(struct zb_descriptor *, uint32_t request, void *data);

/*
 * read(2) of length bytes to user.  May sleep.  *done: bytes copied.
 */
int	zb_read(struct zb_descriptor *, uint64_t user, size_t length,
	    size_t *done);

/* write(2): sends one packet (spec 4.16). */
int	zb_write(struct zb_descriptor *, uint64_t user, size_t length,
	    size_t *done);

/*
 * Which of the events (ZB_POLL*) are ready now.  Where IN is asked for and is
 * not ready, the read time-out starts to run (spec 2.13).  Never sleeps.
 */
int	zb_poll(struct zb_descriptor *, int events);

/* A process makes a call: bd_pid from here on (spec 9.25).  Takes the lock. */
void	zb_used_by(struct zb_descriptor *, int32_t pid);

/* One element of net.bpf.stats (spec 6.1). */
void	zb_stats(struct zb_descriptor *, struct zb_xbpf_d *);

/* ---- For the kernel around it ---- */

/*
 * A packet passes this descriptor: direction, count, filter, store (spec 2.7,
 * 2.8).  Never sleeps.  Returns the bytes of the record that was stored, or 0.
 * The second form is for a host that holds the lock.
 */
uint32_t zb_tap(struct zb_descriptor *, const struct zb_packet *);
uint32_t zb_tap_locked(struct zb_descriptor *, const struct zb_packet *);

/* The timer that the host armed has run out. */
void	zb_timer(struct zb_descriptor *);

/* The interface was destroyed (spec 2.18).  The host has already taken the
   descriptor off its list.  Does nothing if it has moved to another since. */
void	zb_departed(struct zb_descriptor *, uint32_t interface);

/*
 * The two edges of a system call, for the trace.  The host writes them, because
 * it is the host that knows how long a poll lasted.
 */
void	zb_trace_call(struct zb_descriptor *, enum zb_call, uint32_t request,
	    uint32_t argument);
void	zb_trace_return(struct zb_descriptor *, enum zb_call, uint32_t request,
	    int error, uint32_t value);
/* Around a sleep.  Locked.  blocked_ns is saturated to 32 bits. */
void	zb_trace_sleep(struct zb_descriptor *, enum zb_call);
void	zb_trace_resume(struct zb_descriptor *, enum zb_call,
	    uint64_t blocked_ns);

#endif /* ZB_DESCRIPTOR_H */
