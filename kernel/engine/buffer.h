/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One buffer of the pair: memory, and whose it is.  A loaned buffer is the
 * user's memory with a shared header in its first 32 bytes; a kernel buffer,
 * of read(2) mode, is the kernel's own and has none.
 *
 * The truth about ownership is `lent`, private to the kernel.  The header only
 * carries the news to the user and the answer back.
 */
#ifndef ZB_BUFFER_H
#define ZB_BUFFER_H

#include "host.h"
#include "revision.h"
#include "shared_header.h"

struct zb_buffer {
	struct zb_memory memory;
	uint64_t	user;		/* address given to SETZBUF */
	uint32_t	size;		/* bytes for records */
	uint32_t	header;		/* ZB_HEADER_SIZE; 0: kernel buffer */
	uint32_t	generation;	/* last published */
	bool		lent;		/* published, not reclaimed since */
	uint8_t		which;		/* enum zb_which */
};

static inline struct zb_shared_header *
zb_buffer_header(const struct zb_buffer *b)
{
	return ((struct zb_shared_header *)(void *)
	    (b->memory.contiguous != NULL ? b->memory.contiguous :
	    b->memory.pages[0]));
}

/*
 * Hands the fill to the user: length first, then the generation (spec 2.3).
 * Pre: not lent.  Post: the user owns it until user_gen == kernel_gen.
 */
void	zb_buffer_publish(struct zb_buffer *, const struct zb_revision *,
	    uint32_t length);

/* Has the user returned the loan?  Changes nothing (spec 2.6). */
bool	zb_buffer_acknowledged(const struct zb_buffer *,
	    const struct zb_revision *);

/* The record area at offset, a multiple of 8, to be written in place; NULL
   where the memory is not in one piece. */
static inline void *
zb_buffer_words(const struct zb_buffer *b, uint32_t offset)
{
	return (b->memory.contiguous == NULL ? NULL :
	    (void *)(b->memory.contiguous + b->header + offset));
}

/* Likewise, wherever the memory is: good up to the next multiple of 8. */
static inline uint8_t *
zb_buffer_byte(const struct zb_buffer *b, uint32_t offset)
{
	uint32_t at = b->header + offset;

	return (b->memory.contiguous != NULL ? b->memory.contiguous + at :
	    b->memory.pages[at / ZB_PAGE_SIZE] + at % ZB_PAGE_SIZE);
}

/* Copies into the record area at offset.  Units: bytes.  The caller has
   checked that offset + length <= size. */
void	zb_buffer_write(struct zb_buffer *, const struct zb_host *,
	    uint32_t offset, const void *from, uint32_t length);
void	zb_buffer_write_packet(struct zb_buffer *, const struct zb_host *,
	    uint32_t offset, const struct zb_packet *, uint32_t length);

/* Two loans that share memory (spec 4.5: only zbuf refuses them). */
bool	zb_ranges_overlap(uint64_t a, uint64_t b, uint64_t length);

#endif /* ZB_BUFFER_H */
