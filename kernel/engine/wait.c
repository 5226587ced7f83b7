/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Readiness, waiting and waking (spec 2.11 to 2.14), and read(2), which does
 * all three.
 */
#include "internal.h"

/* After settling, hold is there only if its user has yet to return it: so zbuf
   is ready as long as a loan is unread, and never spins (spec 5.9 M4). */
bool
zb_ready(struct zb_descriptor *d)
{
	bool eager = d->immediate || d->wait_state == ZB_TIMED_OUT;

	zb_settle(d, ZB_BY_POLL);
	if (!zb_can_free(d) && d->hold_length != 0)
		return (true);
	return (eager && d->store_length != 0);
}

bool
zb_cancel_timer(struct zb_descriptor *d)
{
	bool timed_out = d->wait_state == ZB_TIMED_OUT;

	if (d->wait_state == ZB_WAITING)
		d->host->timer_cancel(d->host_context);
	if (d->wait_state != ZB_IDLE)
		zb_emit(d, ZB_EV_TIMER_CANCELLED, NULL, 0, 0, 0, 0);
	d->wait_state = ZB_IDLE;
	return (timed_out);
}

void
zb_wakeup(struct zb_descriptor *d, enum zb_cause cause)
{
	if (d->wait_state == ZB_WAITING)
		(void)zb_cancel_timer(d);
	zb_emit(d, ZB_EV_WOKEN, NULL, 0, 0, (uint32_t)cause, 0);
	d->host->wake(d->host_context, ZB_FOR_DATA);
	d->host->notify(d->host_context, d->async != 0 ? d->signal : 0);
}

void
zb_timer(struct zb_descriptor *d)
{
	zb_lock(d);
	if (d->wait_state == ZB_WAITING) {
		d->wait_state = ZB_TIMED_OUT;
		zb_emit(d, ZB_EV_TIMED_OUT, NULL, 0, 0, 0, 0);
		if (d->store_length != 0)
			zb_wakeup(d, ZB_BY_TIMER);
	}
	zb_unlock(d);
}

int
zb_poll(struct zb_descriptor *d, int events)
{
	const int in = ZB_POLLIN | ZB_POLLRDNORM;
	const int out = ZB_POLLOUT | ZB_POLLWRNORM;
	int ready;

	zb_lock(d);
	if (!d->attached) {
		if (d->revision->poll_detached_returns_errno)
			ready = ZB_ENXIO;
		else {
			ready = events & (ZB_POLLHUP | in | out);
			/* What hung up is not writable (spec 9.12). */
			if ((ready & ZB_POLLHUP) != 0)
				ready &= ~out;
		}
		zb_unlock(d);
		return (ready);
	}
	ready = events & out;
	if ((events & in) != 0) {
		if (zb_ready(d))
			ready |= events & in;
		else if (d->timeout_ticks > 0 && d->wait_state == ZB_IDLE) {
			d->wait_state = ZB_WAITING;
			zb_emit(d, ZB_EV_TIMER_ARMED, NULL, d->timeout_ticks,
			    0, 0, 0);
			d->host->timer_arm(d->host_context, d->timeout_ticks);
		}
	}
	zb_unlock(d);
	return (ready);
}

void
zb_wait_hold_in_use(struct zb_descriptor *d)
{
	while (d->hold_in_use)
		(void)d->host->sleep(d->host_context, ZB_FOR_HOLD, 0, false);
}

/* For read(2), which a signal ends. */
static int
wait_hold_in_use(struct zb_descriptor *d)
{
	int error = 0;

	while (d->hold_in_use && error == 0)
		error = d->host->sleep(d->host_context, ZB_FOR_HOLD, 0, true);
	return (error);
}

/*
 * Sleeps until there is a hold buffer to read.  *empty is set where the time
 * is up and there is nothing at all: read(2) then returns 0 bytes.
 */
static int
wait_for_hold(struct zb_descriptor *d, bool timed_out, bool *empty)
{
	bool eager_nonblocking = d->nonblocking &&
	    d->revision->nonblocking_read_rotates;
	int error;

	while (d->hold == NULL) {
		if (d->store_length != 0 &&
		    (d->immediate || timed_out || eager_nonblocking)) {
			zb_rotate(d, ZB_BY_READ);
			return (0);
		}
		if (!d->attached)
			return (ZB_ENXIO);
		if (d->nonblocking)
			return (ZB_EWOULDBLOCK);
		error = d->host->sleep(d->host_context, ZB_FOR_DATA,
		    d->timeout_ticks, true);
		if (error == ZB_EWOULDBLOCK) {
			if (d->hold != NULL)
				return (0);
			if (d->store_length == 0) {
				*empty = true;
				return (0);
			}
			zb_rotate(d, ZB_BY_READ);
			return (0);
		}
		if (error != 0)
			return (error);
	}
	return (0);
}

/* Copies the hold buffer out with the lock given up; the data are gone then,
   even if the copy failed. */
static int
copy_hold_out(struct zb_descriptor *d, uint64_t user, size_t *done)
{
	struct zb_buffer *b = d->hold;
	uint32_t length = d->hold_length;
	int error;

	d->hold_in_use = true;
	zb_unlock(d);
	error = d->host->copy_out(d->host_context,
	    b->memory.contiguous + b->header, user, length);
	zb_lock(d);
	if (error == 0)
		*done = length;
	zb_emit(d, ZB_EV_COPIED_OUT, b, (uint32_t)*done, 0, 0, 0);
	zb_reclaim(d, ZB_BY_READ);
	d->hold_in_use = false;
	d->host->wake(d->host_context, ZB_FOR_HOLD);
	return (error);
}

static int
read_locked(struct zb_descriptor *d, uint64_t user, size_t length, size_t *done)
{
	bool timed_out, empty = false;
	int error;

	if (length != d->buffer_size)
		return (ZB_EINVAL);
	if (zb_is_zbuf(d))
		return (ZB_EOPNOTSUPP);
	timed_out = zb_cancel_timer(d);
	do {
		/* Another reader may take the hold buffer while we sleep. */
		error = wait_hold_in_use(d);
		if (error == 0)
			error = wait_for_hold(d, timed_out, &empty);
		if (error != 0 || empty)
			return (error);
	} while (d->hold_in_use);
	return (copy_hold_out(d, user, done));
}

int
zb_read(struct zb_descriptor *d, uint64_t user, size_t length, size_t *done)
{
	int error;

	*done = 0;
	if (length == 0)
		return (0);
	zb_lock(d);
	error = read_locked(d, user, length, done);
	zb_unlock(d);
	return (error);
}
