/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the two buffers come from: the kernel's own memory for read(2), or a
 * loan (SETZBUF).  And ROTZBUF, the loan's other ioctl.
 */
#include "internal.h"

bool
zb_has_buffers(const struct zb_descriptor *d)
{
	return (d->store != NULL || d->hold != NULL || d->free != NULL);
}

static void
describe_buffer(struct zb_buffer *b, uint8_t which, uint32_t size,
    uint32_t header, uint64_t user)
{
	b->which = which;
	b->size = size;
	b->header = header;
	b->user = user;
	b->generation = 0;
	b->lent = false;
}

/* Store = A, free = B, hold empty (spec 2.1).  Locked. */
static void
install_buffers(struct zb_descriptor *d, const struct zb_buffer pair[2])
{
	d->buffers[ZB_A] = pair[ZB_A];
	d->buffers[ZB_B] = pair[ZB_B];
	d->store = &d->buffers[ZB_A];
	d->free = &d->buffers[ZB_B];
	d->hold = NULL;
	d->store_length = d->hold_length = 0;
	d->buffer_size = pair[ZB_A].size;
}

/* One buffer back to where it came from.  Not locked. */
static void
return_buffer(struct zb_descriptor *d, struct zb_buffer *b)
{
	if (b->header != 0)
		d->host->unwire(d->host_context, &b->memory,
		    b->size + b->header);
	else
		d->host->free(d->host_context, b->memory.contiguous, b->size);
}

void
zb_return_buffers(struct zb_descriptor *d, struct zb_buffer pair[2])
{
	return_buffer(d, &pair[ZB_A]);
	return_buffer(d, &pair[ZB_B]);
}

bool
zb_take_buffers_out(struct zb_descriptor *d, struct zb_buffer pair[2])
{
	if (!zb_has_buffers(d))
		return (false);
	for (unsigned i = 0; i < 2; i++) {
		pair[i] = d->buffers[i];
		zb_emit(d, ZB_EV_UNLOADED, &pair[i], 0, 0, 0, 0);
	}
	d->store = d->hold = d->free = NULL;
	d->store_length = d->hold_length = 0;
	return (true);
}

/* ---- Kernel buffers, for read(2) ---- */

static int
allocate_pair(struct zb_descriptor *d, uint32_t size, struct zb_buffer pair[2])
{
	for (uint8_t i = 0; i < 2; i++) {
		uint8_t *memory = d->host->alloc(d->host_context, size);

		if (memory == NULL) {
			if (i > 0)
				return_buffer(d, &pair[0]);
			return (ZB_ENOMEM);
		}
		pair[i].memory = (struct zb_memory){ .contiguous = memory };
		describe_buffer(&pair[i], i, size, 0, 0);
	}
	return (0);
}

int
zb_allocate_buffers(struct zb_descriptor *d, uint32_t size)
{
	struct zb_buffer pair[2], old[2];
	bool had_buffers = false;
	int error;

	error = allocate_pair(d, size, pair);
	if (error != 0)
		return (error);
	zb_lock(d);
	zb_wait_hold_in_use(d);
	/* Another thread may have got here first. */
	if (d->attached || zb_is_zbuf(d))
		error = ZB_EINVAL;
	if (error == 0) {
		had_buffers = zb_take_buffers_out(d, old);
		install_buffers(d, pair);
		zb_emit(d, ZB_EV_ALLOCATED, &pair[ZB_A], size, 0, 0, 0);
		zb_emit(d, ZB_EV_ALLOCATED, &pair[ZB_B], size, 0, 0, 0);
	}
	zb_unlock(d);
	if (error != 0)
		zb_return_buffers(d, pair);
	else if (had_buffers)
		zb_return_buffers(d, old);
	return (error);
}

/* ---- SETZBUF (spec 4.5, 5.9 M2) ---- */

static int
check_range(uint64_t address, uint64_t length)
{
	if (address % ZB_PAGE_SIZE != 0 || length % ZB_PAGE_SIZE != 0 ||
	    length > ZB_ZMAX)
		return (ZB_EINVAL);
	return (0);
}

/* May a loan be taken?  Locked. */
static int
check_vacant(const struct zb_descriptor *d)
{
	if (!zb_is_zbuf(d))
		return (ZB_EOPNOTSUPP);
	if (zb_has_buffers(d) || d->attached)
		return (ZB_EINVAL);
	return (0);
}

/* All that can be said before memory is touched.  Before zbuf, only the mode.
   Not locked. */
static int
check_loan(struct zb_descriptor *d, const struct zb_bpf_zbuf *z)
{
	const bool all = d->revision->checks_loan_first;
	int error;

	zb_lock(d);
	error = check_vacant(d);
	zb_unlock(d);
	if (error != 0 && (all || error == ZB_EOPNOTSUPP))
		return (error);
	if (z->bufa == 0 || z->bufb == 0 || z->buflen == 0)
		return (ZB_EINVAL);
	if (all && (check_range(z->bufa, z->buflen) != 0 ||
	    check_range(z->bufb, z->buflen) != 0 ||
	    zb_ranges_overlap(z->bufa, z->bufb, z->buflen)))
		return (ZB_EINVAL);
	return (0);
}

static void
wipe(struct zb_descriptor *d, struct zb_buffer *b)
{
	struct zb_shared_header *h = zb_buffer_header(b);

	zb_emit(d, ZB_EV_WIPED, b, zb_header_kernel_gen(h),
	    zb_header_user_gen(h), zb_header_kernel_len(h), 0);
	zb_header_zero(h);
}

/* One buffer: checks, wiring, and the header zeroed unless that must wait. */
static int
take_loan(struct zb_descriptor *d, struct zb_buffer *b, uint8_t which,
    uint64_t address, uint64_t length, bool zero_now)
{
	int error;

	error = check_range(address, length);
	if (error != 0)
		return (error);
	error = d->host->wire(d->host_context, address, (size_t)length,
	    &b->memory);
	if (error != 0)
		return (error);
	describe_buffer(b, which, (uint32_t)length - ZB_HEADER_SIZE,
	    ZB_HEADER_SIZE, address);
	if (zero_now) {
		zb_lock(d);
		wipe(d, b);
		zb_unlock(d);
	}
	return (0);
}

int
zb_set_zbuf(struct zb_descriptor *d, void *data)
{
	const bool first = d->revision->checks_loan_first;
	const struct zb_bpf_zbuf *z = data;
	struct zb_buffer pair[2];
	uint64_t apart;
	int error;

	error = check_loan(d, z);
	if (error != 0)
		return (error);
	error = take_loan(d, &pair[ZB_A], ZB_A, z->bufa, z->buflen, !first);
	if (error != 0)
		return (error);
	error = take_loan(d, &pair[ZB_B], ZB_B, z->bufb, z->buflen, !first);
	if (error != 0) {
		return_buffer(d, &pair[ZB_A]);
		return (error);
	}

	zb_lock(d);
	error = check_vacant(d);
	if (error != 0) {
		/* Before zbuf the headers are wiped by now (spec 4.5b). */
		zb_unlock(d);
		zb_return_buffers(d, pair);
		return (error);
	}
	install_buffers(d, pair);
	for (unsigned i = 0; i < 2; i++) {
		if (first)
			wipe(d, &pair[i]);
		apart = pair[i].user - pair[ZB_A].user;
		zb_emit(d, ZB_EV_LOANED, &pair[i], pair[i].size,
		    (uint32_t)apart, (uint32_t)(apart >> 32), 0);
	}
	zb_unlock(d);
	return (0);
}

/*
 * Hands out a store that is not full.  Before zbuf it looks at nothing else,
 * so an acknowledged hold keeps a tail stuck behind it, and a store that was
 * read already can be handed out again (spec 2.16).  Locked.
 */
int
zb_rotate_zbuf(struct zb_descriptor *d, void *data)
{
	struct zb_bpf_zbuf *z = data;

	if (!zb_is_zbuf(d))
		return (ZB_EOPNOTSUPP);
	*z = (struct zb_bpf_zbuf){ 0 };
	zb_settle(d, ZB_BY_ROTZBUF);
	if (d->hold != NULL || d->store_length == 0)
		return (0);
	zb_rotate(d, ZB_BY_ROTZBUF);
	z->bufa = d->hold->user;
	z->buflen = d->hold_length;
	return (0);
}
