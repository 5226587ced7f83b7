/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The event stream: one fixed-size record per protocol step, from the kernel
 * and from the user side.  State at any instant is a fold over these records
 * (core/trace), so whatever a step changes must be in its event.
 *
 * The numbers are part of the trace format: they are never reused, and new
 * kinds go at the end of their group.
 */
#ifndef ZB_EVENT_H
#define ZB_EVENT_H

#include "types.h"

/* Which buffer an event is about. */
enum zb_which {
	ZB_A = 0,		/* the first of the pair (bz_bufa) */
	ZB_B = 1,		/* the second (bz_bufb) */
	ZB_USER_COPY = 2,	/* what read(2) copied out: the reader's own */
	ZB_NO_BUFFER = 3
};

#define	ZB_NO_PACKET		0xffffffffu
#define	ZB_NO_DESCRIPTOR	0xffffu

enum zb_event_kind {
	ZB_EV_NONE = 0,

	/* Packets, kernel side. */
	ZB_EV_ARRIVED = 1,	/* at an interface.  a wire length, b captured
				   bytes at hand, c interface number, d 1 if
				   outgoing.  descriptor: none */
	ZB_EV_MISSED = 2,	/* the interface's own queue was full; BPF never
				   saw it.  a wire length, c interface number */
	ZB_EV_REJECTED = 3,	/* counted as received, filter said 0 */
	ZB_EV_ACCEPTED = 4,	/* received and matched.  a snap length that the
				   filter allows */
	ZB_EV_STORED = 5,	/* record appended to the store buffer.
				   a offset of its header from record 0,
				   b caplen, c hdrlen | pad bytes << 16,
				   d datalen (wire length) */
	ZB_EV_DROPPED = 6,	/* matched but not stored.  a enum zb_drop,
				   b bytes it needed, c store length.
				   buffer: the store */

	/* Buffers, kernel side. */
	ZB_EV_LOANED = 8,	/* SETZBUF took this buffer.  a usable bytes
				   (buflen - 32), b/c low/high half of its
				   address less that of A (so that a trace does
				   not depend on where memory lies).  A starts
				   in store, B in free */
	ZB_EV_ALLOCATED = 9,	/* a kernel buffer of read(2) mode.  a bytes */
	ZB_EV_ROTATED = 10,	/* buffer: from store to hold.  a hold length,
				   b the new store (from free), c enum zb_cause */
	ZB_EV_PUBLISHED = 11,	/* handed to the user.  a kernel_len, b the new
				   kernel_gen, c 1 if still in store (full hook)
				   or 0 if in hold.  packet: none */
	ZB_EV_RECLAIMED = 12,	/* from hold to free.  c enum zb_cause */
	ZB_EV_EMPTIED = 13,	/* store length set to 0 with the buffer staying
				   in store.  a length before, c enum zb_cause */
	ZB_EV_WIPED = 14,	/* header zeroed by SETZBUF.  a kernel_gen and
				   b user_gen before, c kernel_len before */
	ZB_EV_COPIED_OUT = 15,	/* read(2) copied hold to the user.  a bytes */
	ZB_EV_RESET = 16,	/* counters zeroed, buffers as spec 2.17.
				   c enum zb_cause */
	ZB_EV_UNLOADED = 17,	/* buffer freed: at close, or SBLEN made others */

	/* Descriptor, kernel side. */
	ZB_EV_WOKEN = 20,	/* sleepers and pollers woken.  c enum zb_cause */
	ZB_EV_TIMER_ARMED = 21,	/* a ticks */
	ZB_EV_TIMER_CANCELLED = 22, /* or, having run out, forgotten */
	ZB_EV_TIMED_OUT = 23,
	ZB_EV_OPENED = 24,	/* a revision, b hz */
	ZB_EV_CLOSED = 25,
	ZB_EV_MODE = 26,	/* a enum of BIOCSETBUFMODE: 1 read(2), 2 zbuf */
	ZB_EV_ATTACHED = 27,	/* a interface number, b link type, c link header
				   bytes */
	ZB_EV_DETACHED = 28,	/* a interface number, c enum zb_cause */
	ZB_EV_IMMEDIATE = 29,	/* a 0 or 1 */
	ZB_EV_TIMEOUT_SET = 30,	/* a ticks */
	ZB_EV_FILTER_SET = 31,	/* a instructions (0: none), b 1 if write filter,
				   c 1 if without reset (SETFNR) */
	ZB_EV_WROTE = 32,	/* packet injected.  a bytes, c errno */

	/* System calls, both edges seen from the kernel. */
	ZB_EV_CALL = 34,	/* enters.  a enum zb_call, b request (ioctl),
				   c argument: read length, poll time-out ms */
	ZB_EV_RETURN = 35,	/* leaves.  a enum zb_call, b request (ioctl),
				   c errno, d value (bytes read, ready, result) */

	/* Interfaces. */
	ZB_EV_IF_UP = 40,	/* c interface number */
	ZB_EV_IF_DOWN = 41,
	ZB_EV_IF_GONE = 42,

	/* User side. */
	ZB_EV_LOOKED = 48,	/* read a header with acquire.  a kernel_gen,
				   b user_gen (equal: nothing there), c how many
				   looks this event stands for (a spin) */
	ZB_EV_TOOK = 49,	/* begins a fill.  a length, b generation; buffer
				   A, B, or ZB_USER_COPY after a read(2) */
	ZB_EV_HANDLED = 50,	/* one record.  a offset from record 0, b caplen,
				   d datalen.  packet: filled in by the trace */
	ZB_EV_ACKNOWLEDGED = 51,/* stored user_gen with release.  a its new value,
				   b kernel_gen read for it */
	ZB_EV_BAD_RECORD = 52,	/* a record that cannot be.  a its offset,
				   b enum of what is wrong (reader.h) */
	ZB_EV_SCRIBBLED = 53,	/* wrote a header field it should not, or early.
				   a 0 kernel_gen, 1 kernel_len, 2 user_gen,
				   b value, c value before */
	ZB_EV_READER = 54,	/* a enum zb_reader_state: what the process does */
	ZB_EV_SLEPT = 55,	/* gives up the processor inside a call.  a call */
	ZB_EV_RESUMED = 56,	/* runs again.  a call, b nanoseconds blocked
				   (saturated) */

	/* The run itself. */
	ZB_EV_MARK = 60,	/* a chapter or fault number of the scenario, b 0
				   chapter, 1 fault; c/d low/high half of the
				   index of the event that it belongs to */
	ZB_EV_LOST_EVENTS = 61,	/* the source could not keep up; a how many */
	ZB_EV_END = 62		/* last event of a complete run */
};

/* Why a packet was dropped (spec 2.8). */
enum zb_drop {
	ZB_DROP_FULL = 1,	/* no room in store, and no free buffer */
	ZB_DROP_LENT = 2,	/* store already lent out, and no free buffer */
	ZB_DROP_GONE = 3,	/* interface gone */
	ZB_DROP_NO_BUFFER = 4	/* attached without buffers (cannot be) */
};

/* What made a buffer move or a process wake. */
enum zb_cause {
	ZB_BY_PACKET = 1,
	ZB_BY_READ = 2,
	ZB_BY_ROTZBUF = 3,
	ZB_BY_FLUSH = 4,	/* BIOCFLUSH */
	ZB_BY_SETF = 5,		/* BIOCSETF, BIOCSETWF on old revisions */
	ZB_BY_SETIF = 6,
	ZB_BY_SETDLT = 7,
	ZB_BY_TIMER = 8,
	ZB_BY_DEPARTURE = 9,	/* the interface went away */
	ZB_BY_CLOSE = 10,
	ZB_BY_IMMEDIATE = 11,	/* a packet, in immediate mode or timed out */
	ZB_BY_POLL = 12		/* readiness was asked (2008-04, zbuf) */
};

enum zb_call {
	ZB_CALL_OPEN = 1,
	ZB_CALL_CLOSE = 2,
	ZB_CALL_IOCTL = 3,
	ZB_CALL_READ = 4,
	ZB_CALL_WRITE = 5,
	ZB_CALL_POLL = 6	/* poll, select, kqueue: they ask the same */
};

enum zb_reader_state {
	ZB_READER_STARTED = 1,
	ZB_READER_STALLED = 2,	/* holds what it has and does nothing */
	ZB_READER_CONTINUES = 3,
	ZB_READER_DIED = 4,	/* killed: the kernel closes its descriptor */
	ZB_READER_STOPPED = 5	/* ended by itself */
};

struct zb_event {
	uint64_t	time_ns;	/* since the start of the run */
	uint32_t	packet;		/* from 0 over the whole kernel, or
					   ZB_NO_PACKET */
	uint32_t	a, b, c, d;	/* by kind, above; else 0 */
	uint16_t	descriptor;	/* from 0, in order of open, or
					   ZB_NO_DESCRIPTOR */
	uint8_t		kind;		/* enum zb_event_kind */
	uint8_t		buffer;		/* enum zb_which */
};

_Static_assert(sizeof(struct zb_event) == 32, "an event is 32 bytes");

/*
 * Where events go.  The engine writes at next; when next reaches end it calls
 * full, which must make room (and may swap the memory).  time_ns and packet
 * are set by the host before it enters the engine: one clock read per entry.
 * One trace belongs to one thread at a time (the host's lock, or one trace per
 * thread).  A null trace pointer in the descriptor means: do not record.
 */
struct zb_trace {
	struct zb_event	*next;
	struct zb_event	*end;
	uint64_t	time_ns;
	uint32_t	packet;
	void		(*full)(struct zb_trace *);
};

static inline struct zb_event *
zb_trace_claim(struct zb_trace *t)
{
	if (t->next == t->end)
		t->full(t);
	return (t->next++);
}

#endif /* ZB_EVENT_H */
