/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The few types that the engine takes from outside itself.  Each kernel has
 * its own names for the header that declares them.
 */
#ifndef ZB_TYPES_H
#define ZB_TYPES_H

#if defined(__FreeBSD__) && defined(_KERNEL)
#include <sys/types.h>
#elif defined(__linux__) && defined(__KERNEL__)
#include <linux/types.h>
#include <linux/stddef.h>
#include <asm/barrier.h>
/* Linux has a memory model, and names, of its own (shared_header.h). */
#define	ZB_LOAD_ACQUIRE(p)	smp_load_acquire(p)
#define	ZB_LOAD_RELAXED(p)	READ_ONCE(*(p))
#define	ZB_STORE_RELEASE(p, v)	smp_store_release(p, v)
#define	ZB_STORE_RELAXED(p, v)	WRITE_ONCE(*(p), v)
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#if defined(__cplusplus) && !defined(_Static_assert)
#define	_Static_assert	static_assert
#endif

/* A constant that is made from a row of a table: a macro cannot define one.
   Some are more than an int holds, which ISO C does not let an enum be. */
#if defined(__cplusplus)
#define	ZB_CONSTANT(type, name, value)	constexpr type name = value;
#else
#define	ZB_CONSTANT(type, name, value)	__extension__ enum { name = value };
#endif

#endif /* ZB_TYPES_H */
