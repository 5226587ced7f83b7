/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What bpf(4)'s example uses of FreeBSD's atomic(9): a reader of shared
 * buffers loads bzh_kernel_gen with acquire, and stores bzh_user_gen with
 * release.  For programs where the system has no header of that name.
 */
#ifndef _MACHINE_ATOMIC_H_
#define	_MACHINE_ATOMIC_H_

#include <stdint.h>

static __inline unsigned int
atomic_load_acq_int(const volatile unsigned int *at)
{

	return (__atomic_load_n(at, __ATOMIC_ACQUIRE));
}

static __inline void
atomic_store_rel_int(volatile unsigned int *at, unsigned int value)
{

	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static __inline unsigned long
atomic_load_acq_long(const volatile unsigned long *at)
{

	return (__atomic_load_n(at, __ATOMIC_ACQUIRE));
}

static __inline void
atomic_store_rel_long(volatile unsigned long *at, unsigned long value)
{

	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static __inline uint32_t
atomic_load_acq_32(const volatile uint32_t *at)
{

	return (__atomic_load_n(at, __ATOMIC_ACQUIRE));
}

static __inline void
atomic_store_rel_32(volatile uint32_t *at, uint32_t value)
{

	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static __inline uint64_t
atomic_load_acq_64(const volatile uint64_t *at)
{

	return (__atomic_load_n(at, __ATOMIC_ACQUIRE));
}

static __inline void
atomic_store_rel_64(volatile uint64_t *at, uint64_t value)
{

	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

#endif /* _MACHINE_ATOMIC_H_ */
