/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * zbuf:step, for ftrace and perf: one step of the protocol.  What a to d mean
 * is said at each kind in ../engine/event.h.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM zbuf

#if !defined(ZBL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ZBL_TRACE_H

#include <linux/tracepoint.h>

#include "../engine/event.h"

#define ZBL_KIND(number, NAME, word, ...) , { number, word }
#define ZBL_KINDS { 0, "none" } ZB_EVENTS(ZBL_KIND)

TRACE_EVENT(step,
	TP_PROTO(u16 descriptor, int kind, u8 buffer, u32 a, u32 b, u32 c,
		 u32 d),
	TP_ARGS(descriptor, kind, buffer, a, b, c, d),
	TP_STRUCT__entry(
		__field(u16, descriptor)
		__field(u8, kind)
		__field(u8, buffer)
		__field(u32, a)
		__field(u32, b)
		__field(u32, c)
		__field(u32, d)
	),
	TP_fast_assign(
		__entry->descriptor = descriptor;
		__entry->kind = (u8)kind;
		__entry->buffer = buffer;
		__entry->a = a;
		__entry->b = b;
		__entry->c = c;
		__entry->d = d;
	),
	TP_printk("%u %s %c a=%u b=%u c=%u d=%u", __entry->descriptor,
		  __print_symbolic(__entry->kind, ZBL_KINDS),
		  __entry->buffer == ZB_A ? 'A' :
		  __entry->buffer == ZB_B ? 'B' : '-',
		  __entry->a, __entry->b, __entry->c, __entry->d)
);

#endif /* ZBL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
