/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The header at the start of each loaned buffer: the only memory that a
 * process and the kernel both write, and this file is the only one that
 * touches it, on either side.  Every function names its order and its
 * partner.  Nothing read here may be trusted: read once, then check.
 *
 *   byte  0      4      8      12                     32
 *         +------+------+------+----------------------+-- records --
 *         | kgen | klen | ugen | zero                 |
 *         +------+------+------+----------------------+--
 *           (k)    (k)    (u)     who writes it
 *
 * Generations equal: the kernel owns the buffer.  Different: the user does
 * (spec 3.1, 3.2; bpf(4), ZERO-COPY BUFFER MODE).
 */
#ifndef ZB_SHARED_HEADER_H
#define ZB_SHARED_HEADER_H

#include "types.h"

/* A model checker or another compiler brings its own four operations. */
#ifndef ZB_LOAD_ACQUIRE
#define	ZB_LOAD_ACQUIRE(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define	ZB_LOAD_RELAXED(p)	__atomic_load_n((p), __ATOMIC_RELAXED)
#define	ZB_STORE_RELEASE(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define	ZB_STORE_RELAXED(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELAXED)
#endif

struct zb_shared_header {
	uint32_t	kernel_gen;	/* (k) raised by 1 for each fill */
	uint32_t	kernel_len;	/* (k) bytes of records, no header */
	uint32_t	user_gen;	/* (u) set to kernel_gen to return it */
	uint32_t	zero[5];
};

#define	ZB_HEADER_SIZE	32u

_Static_assert(sizeof(struct zb_shared_header) == ZB_HEADER_SIZE,
    "the shared header is 32 bytes");

/* ---- Kernel side ---- */

/*
 * Lends the buffer to the user.
 * Pre:   the kernel owns it and its records are written.
 * Order: release on kernel_gen, so that records and length come first.
 *        Pairs with zb_user_kernel_gen().
 */
static inline void
zb_header_publish(struct zb_shared_header *h, uint32_t length, uint32_t gen)
{
	ZB_STORE_RELAXED(&h->kernel_len, length);
	ZB_STORE_RELEASE(&h->kernel_gen, gen);
}

/*
 * The generation that the user has returned.
 * Order: acquire, so that the kernel's next write into the buffer comes after
 *        the user's last read of it.  Pairs with zb_user_acknowledge().
 */
static inline uint32_t
zb_header_user_gen(const struct zb_shared_header *h)
{
	return (ZB_LOAD_ACQUIRE(&h->user_gen));
}

/*
 * What the header says the kernel wrote.  The user can change it: a revision
 * that believes it (all but zbuf) can be lied to.
 * Order: none needed, the kernel reads what it wrote itself.
 */
static inline uint32_t
zb_header_kernel_gen(const struct zb_shared_header *h)
{
	return (ZB_LOAD_RELAXED(&h->kernel_gen));
}

static inline uint32_t
zb_header_kernel_len(const struct zb_shared_header *h)
{
	return (ZB_LOAD_RELAXED(&h->kernel_len));
}

/* Both generations equal: the kernel owns the buffer.  Only at SETZBUF. */
static inline void
zb_header_zero(struct zb_shared_header *h)
{
	uint32_t *word = (uint32_t *)h;

	for (unsigned i = 0; i < ZB_HEADER_SIZE / 4; i++)
		ZB_STORE_RELAXED(&word[i], 0);
}

/* ---- User side ---- */

/*
 * Order: acquire, so that length and records are read after it.
 *        Pairs with zb_header_publish().
 */
static inline uint32_t
zb_user_kernel_gen(const struct zb_shared_header *h)
{
	return (ZB_LOAD_ACQUIRE(&h->kernel_gen));
}

/* The user's own word: nobody else writes it.  Order: none needed. */
static inline uint32_t
zb_user_user_gen(const struct zb_shared_header *h)
{
	return (ZB_LOAD_RELAXED(&h->user_gen));
}

/* Only after zb_user_kernel_gen() showed a new generation. */
static inline uint32_t
zb_user_kernel_len(const struct zb_shared_header *h)
{
	return (ZB_LOAD_RELAXED(&h->kernel_len));
}

/*
 * Returns the buffer to the kernel.
 * Order: release, so that the user's reads of the records come before it.
 *        Pairs with zb_header_user_gen().
 */
static inline void
zb_user_acknowledge(struct zb_shared_header *h, uint32_t gen)
{
	ZB_STORE_RELEASE(&h->user_gen, gen);
}

/* What a hostile or broken process does: writes a word that is not its own. */
static inline void
zb_user_scribble(struct zb_shared_header *h, unsigned word, uint32_t value)
{
	ZB_STORE_RELAXED((uint32_t *)h + word, value);
}

#endif /* ZB_SHARED_HEADER_H */
