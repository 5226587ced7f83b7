/*-
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "buffer.h"

void
zb_buffer_publish(struct zb_buffer *b, const struct zb_revision *rev,
    uint32_t length)
{
	struct zb_shared_header *h = zb_buffer_header(b);
	uint32_t last;

	last = rev->private_generation ? b->generation :
	    zb_header_kernel_gen(h);
	b->lent = true;
	b->generation = last + 1;
	zb_header_publish(h, length, b->generation);
}

bool
zb_buffer_acknowledged(const struct zb_buffer *b, const struct zb_revision *rev)
{
	const struct zb_shared_header *h = zb_buffer_header(b);

	if (rev->private_generation)
		return (zb_header_user_gen(h) == b->generation);
	return (zb_header_user_gen(h) == zb_header_kernel_gen(h));
}

/* A page at a time, where the memory is not in one piece. */
static uint32_t
span_in_page(uint32_t at, uint32_t length)
{
	uint32_t room = ZB_PAGE_SIZE - at % ZB_PAGE_SIZE;

	return (length < room ? length : room);
}

void
zb_buffer_write(struct zb_buffer *b, const struct zb_host *host,
    uint32_t offset, const void *from, uint32_t length)
{
	uint32_t at = b->header + offset;
	const uint8_t *source = from;

	if (b->memory.contiguous != NULL) {
		host->copy(b->memory.contiguous + at, source, length);
		return;
	}
	while (length > 0) {
		uint32_t n = span_in_page(at, length);

		host->copy(b->memory.pages[at / ZB_PAGE_SIZE] +
		    at % ZB_PAGE_SIZE, source, n);
		source += n;
		at += n;
		length -= n;
	}
}

void
zb_buffer_write_packet(struct zb_buffer *b, const struct zb_host *host,
    uint32_t offset, const struct zb_packet *packet, uint32_t length)
{
	uint32_t at, done;

	/* A packet of no bytes is in no pieces: it may have no address. */
	if (length == 0)
		return;
	if (packet->bytes != NULL) {
		zb_buffer_write(b, host, offset, packet->bytes, length);
		return;
	}
	at = b->header + offset;
	if (b->memory.contiguous != NULL) {
		host->copy_packet(packet, 0, b->memory.contiguous + at, length);
		return;
	}
	for (done = 0; done < length; ) {
		uint32_t n = span_in_page(at, length - done);

		host->copy_packet(packet, done,
		    b->memory.pages[at / ZB_PAGE_SIZE] + at % ZB_PAGE_SIZE, n);
		done += n;
		at += n;
	}
}

bool
zb_ranges_overlap(uint64_t a, uint64_t b, uint64_t length)
{
	return (a < b ? b - a < length : a - b < length);
}
