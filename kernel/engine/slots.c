/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The moves of the two buffers between store, hold and free.  This file is
 * the protocol; the rest of the engine decides when to call it.
 */
#include "internal.h"

bool
zb_can_free(struct zb_descriptor *d)
{
	if (!zb_is_zbuf(d) || d->hold == NULL)
		return (false);
	if (!zb_buffer_acknowledged(d->hold, d->revision))
		return (false);
	if (d->revision->free_test_clears_flag)
		d->hold->lent = false;
	return (true);
}

bool
zb_can_write(const struct zb_descriptor *d)
{
	return (!d->revision->publish_once || !zb_is_zbuf(d) ||
	    !d->store->lent);
}

/* Lends a buffer, but a fill only once (spec 2.3, 2.4). */
static void
publish(struct zb_descriptor *d, struct zb_buffer *b, uint32_t length)
{
	if (d->revision->publish_once && b->lent)
		return;
	zb_buffer_publish(b, d->revision, length);
	zb_emit(d, ZB_EV_PUBLISHED, b, length, b->generation, b == d->store, 0);
}

void
zb_rotate(struct zb_descriptor *d, enum zb_cause cause)
{
	d->hold = d->store;
	d->hold_length = d->store_length;
	d->store = d->free;
	d->store_length = 0;
	d->free = NULL;
	zb_emit(d, ZB_EV_ROTATED, d->hold, d->hold_length,
	    zb_which(d->store), (uint32_t)cause, 0);
	if (zb_is_zbuf(d))
		publish(d, d->hold, d->hold_length);
}

void
zb_publish_store(struct zb_descriptor *d)
{
	if (zb_is_zbuf(d) && d->revision->publish_once)
		publish(d, d->store, d->store_length);
}

void
zb_reclaim(struct zb_descriptor *d, enum zb_cause cause)
{
	d->free = d->hold;
	d->hold = NULL;
	d->hold_length = 0;
	if (!d->revision->free_test_clears_flag)
		d->free->lent = false;
	zb_emit(d, ZB_EV_RECLAIMED, d->free, 0, 0, (uint32_t)cause, 0);
}

static void
empty_store(struct zb_descriptor *d, enum zb_cause cause)
{
	if (d->store_length != 0)
		zb_emit(d, ZB_EV_EMPTIED, d->store, d->store_length, 0,
		    (uint32_t)cause, 0);
	d->store_length = 0;
}

/*
 * Takes back all that the user has returned, in order (spec 5.9 M3).  A store
 * that was published is as good as held: it moves up as soon as hold is empty,
 * and so the two buffers keep their turns (spec 3.6).
 */
void
zb_settle(struct zb_descriptor *d, enum zb_cause cause)
{
	if (!d->revision->settles)
		return;
	while (zb_can_free(d)) {
		zb_reclaim(d, cause);
		if (d->store->lent)
			zb_rotate(d, cause);
	}
}

void
zb_reset(struct zb_descriptor *d, enum zb_cause cause)
{
	const struct zb_revision *rev = d->revision;

	zb_settle(d, cause);
	if (d->hold != NULL &&
	    (!zb_is_zbuf(d) || rev->reset_takes_hold_back || zb_can_free(d)))
		zb_reclaim(d, cause);
	if (d->store != NULL &&
	    (rev->reset_empties_published_store || zb_can_write(d)))
		empty_store(d, cause);
	d->count = (struct zb_counters){ 0 };
	zb_emit(d, ZB_EV_RESET, NULL, 0, 0, (uint32_t)cause, 0);
}
