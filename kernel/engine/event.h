/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The event stream: one fixed-size record per protocol step, from the kernel
 * and from the user side.  State at any instant is a fold over these records
 * (core/trace), so whatever a step changes must be in its event.
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

/*
 * The table of events: all that is true of a kind wherever it is met.  Names,
 * descriptions, the coding of traces, the words of scenarios, counts, exports
 * and the trace points of the kernel module are made from it.  The numbers and
 * the column "packet" are part of the trace format: they never change, and no
 * number is used again.
 *
 * X(number, NAME, word, meaning, category, packet, series, flags, a, b, c, d,
 *     sentence)
 *
 * number	1 to 63.  NAME: ZB_EV_NAME is its constant
 * word		in checks of scenarios, exports and trace points
 * meaning	for the documents
 * category	whose step it is (enum class Category)
 * packet	which packet a reader of a trace expects it to be about: the one
 *		after that of the last such event (next), that of the event
 *		before (same), or none
 * series	what it counts as on a timeline (enum class Series), or none
 * flags	what it moves, and what it is: ZB_MOVES_..., below
 * a to d	a field each: its name, how to write it (enum class FieldType),
 *		what it means
 * sentence	what happened, in plain English: {which} is the buffer,
 *		{packet} the packet, {length} a field.  "": it needs more than
 *		that (core/trace/event_sentence.cpp)
 */

/*
 * Whose account an event moves: whoever shows or tests one of these looks again
 * after events that have its flag.
 */
#define	ZB_MOVES_HEADER		0x001	/* generations, length: who owns it */
#define	ZB_MOVES_SLOTS		0x002	/* which buffer is store, hold, free */
#define	ZB_MOVES_LENGTH		0x004	/* how much the store holds */
#define	ZB_MOVES_RECORDS	0x008	/* what a fill has, and is read of it */
#define	ZB_MOVES_READER		0x010	/* what the process does */
#define	ZB_MOVES_SETTINGS	0x020	/* of the descriptor */
#define	ZB_MOVES_INTERFACE	0x040	/* of an interface, not a descriptor */
#define	ZB_MOVES_RUN		0x080	/* of the whole run, likewise */
/* ... it tells what a header is, where the kernel's side is not seen. */
#define	ZB_SHOWS_HEADER		0x100
/* ... and what it is. */
#define	ZB_IS_MOMENT		0x200	/* worth a mark in exports */
#define	ZB_IS_FAULT		0x400	/* something went wrong */

#define	ZB_UNUSED	("", unused, "")	/* a field that is always 0 */

/* Packets, on the kernel's side. */
#define	ZB_PACKET_EVENTS(X)						\
	X(1, ARRIVED, "arrived",					\
	    "a packet at an interface; no descriptor yet",		\
	    packet, next, arrived, ZB_MOVES_INTERFACE,			\
	    ("length", number, "bytes on the wire"),			\
	    ("captured", number, "bytes at hand"),			\
	    ("interface", number, "its number"),			\
	    ("outgoing", flag, "this host sends it"), "")		\
	X(2, MISSED, "missed",						\
	    "the interface's own queue was full: BPF never saw the "	\
	    "packet",							\
	    packet, next, missed, ZB_MOVES_INTERFACE,			\
	    ("length", number, "bytes on the wire"), ZB_UNUSED,		\
	    ("interface", number, "its number"), ZB_UNUSED,		\
	    "{packet} of {length} bytes was missed: the queue of "	\
	    "interface {interface} was full")				\
	X(3, REJECTED, "rejected",					\
	    "counted as received; the filter said 0",			\
	    packet, same, rejected, 0,					\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "{packet} was rejected by the filter")			\
	X(4, ACCEPTED, "accepted", "received and matched",		\
	    packet, same, none, 0,					\
	    ("snaplen", number, "bytes that the filter allows"),	\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, "")			\
	X(5, STORED, "stored", "a record was appended to the store",	\
	    packet, same, stored, ZB_MOVES_LENGTH | ZB_MOVES_RECORDS,	\
	    ("offset", number, "of its header from record 0"),		\
	    ("caplen", number, "bytes captured"),			\
	    ("layout", layout, "hdrlen, and padding before it << 16"),	\
	    ("datalen", number, "bytes on the wire"),			\
	    "{packet} was stored in {which} at offset {offset}: "	\
	    "{caplen} of {datalen} bytes after a header of {layout}")	\
	X(6, DROPPED, "dropped",					\
	    "matched, but not stored; the buffer is the store",		\
	    packet, same, dropped, ZB_IS_MOMENT,			\
	    ("reason", drop, "why"),					\
	    ("needed", number, "bytes of its record"),			\
	    ("store_length", number, "bytes in the store"), ZB_UNUSED,	\
	    "")

/* Buffers, on the kernel's side. */
#define	ZB_BUFFER_EVENTS(X)						\
	X(8, LOANED, "loaned",						\
	    "BIOCSETZBUF took the buffer: A starts in store, B in "	\
	    "free",							\
	    buffer, none, none, ZB_MOVES_HEADER | ZB_MOVES_SLOTS,	\
	    ("size", number, "bytes for records (buflen - 32)"),	\
	    ("distance", low, "of its address from that of A"),		\
	    ("", high, ""), ZB_UNUSED, "")				\
	X(9, ALLOCATED, "allocated", "a kernel buffer of read(2) mode",	\
	    buffer, none, none, ZB_MOVES_HEADER | ZB_MOVES_SLOTS,	\
	    ("size", number, "bytes for records"), ZB_UNUSED,		\
	    ZB_UNUSED, ZB_UNUSED, "")					\
	X(10, ROTATED, "rotated", "from store to hold",			\
	    buffer, same, rotated, ZB_MOVES_SLOTS | ZB_MOVES_LENGTH,	\
	    ("length", number, "bytes in hold"),			\
	    ("store", which, "the new store, from free"),		\
	    ("cause", cause, "why"), ZB_UNUSED, "")			\
	X(11, PUBLISHED, "published", "handed to the user",		\
	    buffer, same, published, ZB_MOVES_HEADER,			\
	    ("kernel_len", number, "bytes of records"),			\
	    ("kernel_gen", number, "the new generation"),		\
	    ("in_store", flag, "still in store (full hook), not in hold"), \
	    ZB_UNUSED, "")						\
	X(12, RECLAIMED, "reclaimed", "from hold to free",		\
	    buffer, same, reclaimed, ZB_MOVES_SLOTS,			\
	    ZB_UNUSED, ZB_UNUSED, ("cause", cause, "why"), ZB_UNUSED,	\
	    "{which} was reclaimed: from hold to free ({cause})")	\
	X(13, EMPTIED, "emptied",					\
	    "the store holds nothing any more, and stays the store",	\
	    buffer, same, none, ZB_MOVES_LENGTH,			\
	    ("length", number, "bytes before"), ZB_UNUSED,		\
	    ("cause", cause, "why"), ZB_UNUSED,				\
	    "{which} was emptied: its {length} bytes are gone, and "	\
	    "it stays in store ({cause})")				\
	X(14, WIPED, "wiped", "BIOCSETZBUF zeroed the header",		\
	    buffer, none, oddities,					\
	    ZB_MOVES_HEADER | ZB_IS_MOMENT | ZB_IS_FAULT,		\
	    ("kernel_gen", number, "before"),				\
	    ("user_gen", number, "before"),				\
	    ("kernel_len", number, "before"), ZB_UNUSED,		\
	    "The header of {which} was zeroed by BIOCSETZBUF: it had "	\
	    "generations {kernel_gen} and {user_gen} and length "	\
	    "{kernel_len}")						\
	X(15, COPIED_OUT, "copied_out",					\
	    "read(2) copied the hold to the user",			\
	    buffer, none, none, ZB_MOVES_RECORDS,			\
	    ("length", number, "bytes copied"), ZB_UNUSED, ZB_UNUSED,	\
	    ZB_UNUSED,							\
	    "read(2) copied {length} bytes of {which} to the reader")	\
	X(16, RESET, "reset",						\
	    "counters zeroed, buffers as in spec 2.17",			\
	    buffer, none, oddities, ZB_IS_MOMENT,			\
	    ZB_UNUSED, ZB_UNUSED, ("cause", cause, "why"), ZB_UNUSED,	\
	    "The descriptor was reset: counters are zero ({cause})")	\
	X(17, UNLOADED, "unloaded",					\
	    "the buffer was freed: at close, or BIOCSBLEN made others",	\
	    buffer, none, none, ZB_MOVES_SLOTS,				\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "{which} was let go")

/* The descriptor, on the kernel's side. */
#define	ZB_DESCRIPTOR_EVENTS(X)						\
	X(20, WOKEN, "woken", "sleepers and pollers were woken",	\
	    descriptor, same, wakeups, ZB_IS_MOMENT,			\
	    ZB_UNUSED, ZB_UNUSED, ("cause", cause, "why"), ZB_UNUSED,	\
	    "Whoever waits was woken ({cause})")			\
	X(21, TIMER_ARMED, "timer_armed", "the read timer runs",	\
	    descriptor, none, none, 0,					\
	    ("ticks", number, "until it runs out"), ZB_UNUSED,		\
	    ZB_UNUSED, ZB_UNUSED,					\
	    "The read timer was armed: {ticks} ticks")			\
	X(22, TIMER_CANCELLED, "timer_cancelled",			\
	    "stopped or, having run out, forgotten",			\
	    descriptor, none, none, 0,					\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "The read timer was cancelled")				\
	X(23, TIMED_OUT, "timed_out", "the read timer ran out",		\
	    descriptor, none, none, ZB_IS_MOMENT,			\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "The read time-out ran out")				\
	X(24, OPENED, "opened", "open(2) of /dev/bpf",			\
	    descriptor, none, none,					\
	    ZB_MOVES_SETTINGS | ZB_MOVES_READER,			\
	    ("revision", number, "enum zb_revision_number"),		\
	    ("hz", number, "ticks a second"), ZB_UNUSED, ZB_UNUSED,	\
	    "The descriptor was opened (revision {revision}, {hz} "	\
	    "ticks a second)")						\
	X(25, CLOSED, "closed", "the last close(2)",			\
	    descriptor, none, none,					\
	    ZB_MOVES_SETTINGS | ZB_MOVES_SLOTS | ZB_MOVES_LENGTH,	\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "The descriptor was closed")				\
	X(26, MODE, "mode", "BIOCSETBUFMODE",				\
	    descriptor, none, none, ZB_MOVES_SETTINGS,			\
	    ("mode", number, "1 read(2), 2 zero-copy"), ZB_UNUSED,	\
	    ZB_UNUSED, ZB_UNUSED, "")					\
	X(27, ATTACHED, "attached", "to an interface",			\
	    descriptor, none, none, ZB_MOVES_SETTINGS | ZB_IS_MOMENT,	\
	    ("interface", number, "its number"),			\
	    ("link_type", number, "DLT_ number"),			\
	    ("link_header", number, "bytes of a link header"),		\
	    ZB_UNUSED,							\
	    "Attached to interface {interface}, link type "		\
	    "{link_type} with {link_header} header bytes")		\
	X(28, DETACHED, "detached", "from its interface",		\
	    descriptor, none, none, ZB_MOVES_SETTINGS | ZB_IS_MOMENT,	\
	    ("interface", number, "its number"), ZB_UNUSED,		\
	    ("cause", cause, "why"), ZB_UNUSED,				\
	    "Detached from interface {interface} ({cause})")		\
	X(29, IMMEDIATE, "immediate", "BIOCIMMEDIATE",			\
	    descriptor, none, none, ZB_MOVES_SETTINGS,			\
	    ("on", flag, "or off"), ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,	\
	    "")								\
	X(30, TIMEOUT_SET, "timeout_set", "BIOCSRTIMEOUT",		\
	    descriptor, none, none, ZB_MOVES_SETTINGS,			\
	    ("ticks", number, "0: wait for ever"), ZB_UNUSED,		\
	    ZB_UNUSED, ZB_UNUSED, "")					\
	X(31, FILTER_SET, "filter_set",					\
	    "a filter program was set or removed",			\
	    descriptor, none, none, ZB_MOVES_SETTINGS,			\
	    ("instructions", number, "0: no filter"),			\
	    ("write_filter", flag, "not the read filter"),		\
	    ("without_reset", flag, "BIOCSETFNR"), ZB_UNUSED, "")	\
	X(32, WROTE, "wrote", "write(2) of a packet",			\
	    descriptor, none, none, 0,					\
	    ("length", number, "bytes"), ZB_UNUSED,			\
	    ("errno", number, "0: sent"), ZB_UNUSED, "")

/* System calls: both edges, seen from the kernel. */
#define	ZB_CALL_EVENTS(X)						\
	X(34, CALL, "call", "a system call enters",			\
	    call, none, calls, 0,					\
	    ("call", call, "which one"),				\
	    ("request", request, "of an ioctl"),			\
	    ("argument", number, "read length, poll time-out in ms"),	\
	    ZB_UNUSED, "")						\
	X(35, RETURN, "return", "it leaves",				\
	    call, none, none, ZB_MOVES_READER,				\
	    ("call", call, "which one"),				\
	    ("request", request, "of an ioctl"),			\
	    ("errno", number, "0: success"),				\
	    ("value", number, "bytes read, ready, result"), "")

/* Interfaces. */
#define	ZB_INTERFACE_EVENTS(X)						\
	X(40, IF_UP, "interface_up", "the interface is up",		\
	    interface, none, none, ZB_MOVES_INTERFACE,			\
	    ZB_UNUSED, ZB_UNUSED, ("interface", number, "its number"),	\
	    ZB_UNUSED,							\
	    "Interface {interface} is up")				\
	X(41, IF_DOWN, "interface_down", "the interface is down",	\
	    interface, none, none, ZB_MOVES_INTERFACE,			\
	    ZB_UNUSED, ZB_UNUSED, ("interface", number, "its number"),	\
	    ZB_UNUSED,							\
	    "Interface {interface} is down")				\
	X(42, IF_GONE, "interface_gone", "the interface was destroyed",	\
	    interface, none, none, ZB_MOVES_INTERFACE,			\
	    ZB_UNUSED, ZB_UNUSED, ("interface", number, "its number"),	\
	    ZB_UNUSED,							\
	    "Interface {interface} is gone")

/* The user's side. */
#define	ZB_USER_EVENTS(X)						\
	X(48, LOOKED, "looked", "read a header",			\
	    user, none, empty_looks, ZB_SHOWS_HEADER,			\
	    ("kernel_gen", number, "as read, with acquire"),		\
	    ("user_gen", number, "equal: nothing is there"),		\
	    ("times", low, "looks that the event stands for (a spin)"),	\
	    ("", high, ""), "")						\
	X(49, TOOK, "took",						\
	    "begins a fill: A, B, or its copy after a read(2)",		\
	    user, none, none, ZB_MOVES_RECORDS,				\
	    ("length", number, "bytes"),				\
	    ("kernel_gen", number, "of the fill"), ZB_UNUSED,		\
	    ZB_UNUSED, "")						\
	X(50, HANDLED, "handled",					\
	    "is through with a record; the trace fills in the packet",	\
	    user, next, handled, ZB_MOVES_RECORDS,			\
	    ("offset", number, "from record 0"),			\
	    ("caplen", number, "bytes captured"), ZB_UNUSED,		\
	    ("datalen", number, "bytes on the wire"), "")		\
	X(51, ACKNOWLEDGED, "acknowledged",				\
	    "stored user_gen, with release",				\
	    user, none, acknowledged, ZB_MOVES_HEADER,			\
	    ("user_gen", number, "its new value"),			\
	    ("kernel_gen", number, "as read for it"), ZB_UNUSED,	\
	    ZB_UNUSED,							\
	    "The reader acknowledged {which}: user_gen is {user_gen}")	\
	X(52, BAD_RECORD, "bad_record", "a record that cannot be",	\
	    user, none, oddities, ZB_IS_MOMENT | ZB_IS_FAULT,		\
	    ("offset", number, "from record 0"),			\
	    ("fault", number, "enum RecordFault"), ZB_UNUSED,		\
	    ZB_UNUSED,							\
	    "The reader refused the record at offset {offset} of "	\
	    "{which}: fault {fault}")					\
	X(53, SCRIBBLED, "scribbled",					\
	    "wrote a header field that it should not, or early",	\
	    user, none, oddities,					\
	    ZB_MOVES_HEADER | ZB_IS_MOMENT | ZB_IS_FAULT,		\
	    ("field", number, "0 kernel_gen, 1 kernel_len, 2 user_gen"), \
	    ("value", number, "written"),				\
	    ("before", number, "overwritten"), ZB_UNUSED, "")		\
	X(54, READER, "reader",						\
	    "the process starts, stalls, goes on or ends",		\
	    user, none, none, ZB_MOVES_READER | ZB_IS_MOMENT,		\
	    ("state", reader, "what it does now"), ZB_UNUSED,		\
	    ZB_UNUSED, ZB_UNUSED, "")					\
	X(55, SLEPT, "slept", "gives up the processor inside a call",	\
	    user, none, sleeps, ZB_MOVES_READER,			\
	    ("call", call, "in which"), ZB_UNUSED, ZB_UNUSED,		\
	    ZB_UNUSED,							\
	    "The reader sleeps in {call}")				\
	X(56, RESUMED, "resumed", "runs again",				\
	    user, none, none, ZB_MOVES_READER,				\
	    ("call", call, "in which"),					\
	    ("blocked_ns", low, "how long"), ("", high, ""), ZB_UNUSED,	\
	    "The reader runs again: it slept {blocked_ns} ns in "	\
	    "{call}")							\
	X(57, ROUND, "round",						\
	    "begins what it will repeat as long as nothing happens",	\
	    user, none, none, ZB_MOVES_READER,				\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "The reader begins a round: it will do the same again and "	\
	    "again as long as nothing happens")				\
	X(58, IDLE, "idle",						\
	    "has repeated the round since the innermost \"round\"; "	\
	    "whatever it counted, it counted as often more",		\
	    user, none, none, ZB_MOVES_READER | ZB_IS_MOMENT,		\
	    ("rounds", low, "besides the one that the trace shows"),	\
	    ("", high, ""),						\
	    ("span_ns", low, "how long that took, up to this event"),	\
	    ("", high, ""),						\
	    "Nothing happened for {span_ns} ns: the reader repeated "	\
	    "its last round {rounds} times")

/* The run itself. */
#define	ZB_RUN_EVENTS(X)						\
	X(60, MARK, "mark", "a chapter or a fault of the scenario",	\
	    run, none, oddities, ZB_MOVES_RUN,				\
	    ("number", number, "of the chapter or fault"),		\
	    ("fault", flag, "not a chapter"),				\
	    ("of_event", low, "index of the event that it belongs to"),	\
	    ("", high, ""), "")						\
	X(61, LOST_EVENTS, "lost_events",				\
	    "the source could not keep up",				\
	    run, none, oddities, ZB_MOVES_RUN | ZB_IS_FAULT,		\
	    ("events", number, "how many"), ZB_UNUSED, ZB_UNUSED,	\
	    ZB_UNUSED,							\
	    "{events} events were lost: the source could not keep up")	\
	X(62, END, "end", "the last event of a complete run",		\
	    run, none, none, ZB_MOVES_RUN,				\
	    ZB_UNUSED, ZB_UNUSED, ZB_UNUSED, ZB_UNUSED,			\
	    "The run ended")

#define	ZB_EVENTS(X)							\
	ZB_PACKET_EVENTS(X)						\
	ZB_BUFFER_EVENTS(X)						\
	ZB_DESCRIPTOR_EVENTS(X)						\
	ZB_CALL_EVENTS(X)						\
	ZB_INTERFACE_EVENTS(X)						\
	ZB_USER_EVENTS(X)						\
	ZB_RUN_EVENTS(X)

enum zb_event_kind {
	ZB_EV_NONE = 0,
#define	ZB_EVENT_KIND(number, NAME, ...)	ZB_EV_##NAME = number,
	ZB_EVENTS(ZB_EVENT_KIND)
#undef	ZB_EVENT_KIND
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
