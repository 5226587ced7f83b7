/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interfaces come and go (spec 2.18, 4.6, 4.7).
 */
#include "internal.h"

/* bh_hdrlen for a link (spec 1.6): the payload after it is aligned. */
static uint32_t
record_header_length(const struct zb_descriptor *d)
{
	uint32_t link = d->link.header_length;

	return (ZB_WORDALIGN(link + d->revision->record_header_constant) -
	    link);
}

static void
attach(struct zb_descriptor *d, const struct zb_link *link)
{
	d->link = *link;
	d->record_header = record_header_length(d);
	d->host->attach(d->host_context, link);
	d->attached = true;
	zb_emit(d, ZB_EV_ATTACHED, NULL, link->number, link->type,
	    link->header_length, 0);
}

void
zb_detach(struct zb_descriptor *d, enum zb_cause cause)
{
	if (!d->attached)
		return;
	d->attached = false;
	if (d->promiscuous) {
		d->promiscuous = false;
		(void)d->host->promiscuous(d->host_context, d->link.number,
		    false);
	}
	d->host->detach(d->host_context, d->link.number);
	zb_emit(d, ZB_EV_DETACHED, NULL, d->link.number, 0, (uint32_t)cause, 0);
}

/* Moves to the link, or stays, and starts afresh.  Locked. */
static int
move_to(struct zb_descriptor *d, const struct zb_link *link,
    enum zb_cause cause)
{
	bool same = d->attached && d->link.number == link->number &&
	    d->link.type == link->type;
	int error;

	error = zb_wait_hold_in_use(d);
	if (error != 0)
		return (error);
	if (!same) {
		zb_detach(d, cause);
		attach(d, link);
	}
	zb_reset(d, cause);
	return (0);
}

int
zb_set_interface(struct zb_descriptor *d, const struct zb_ifreq *request)
{
	struct zb_link link;
	int error;

	if (!zb_is_zbuf(d) && !zb_has_buffers(d)) {
		error = zb_allocate_buffers(d, d->buffer_size);
		if (error != 0)
			return (error);
	}
	error = d->host->find(d->host_context, request->name, &link);
	if (error != 0)
		return (error);
	zb_lock(d);
	if (d->store == NULL)
		error = ZB_EINVAL;
	else
		error = move_to(d, &link, ZB_BY_SETIF);
	zb_unlock(d);
	return (error);
}

int
zb_set_link_type(struct zb_descriptor *d, uint32_t type)
{
	struct zb_link link;
	int error;

	if (!d->attached)
		return (ZB_EINVAL);
	if (d->link.type == type)
		return (0);
	error = d->host->find_type(d->host_context, d->link.number, type,
	    &link);
	if (error != 0)
		return (ZB_EINVAL);
	zb_lock(d);
	error = move_to(d, &link, ZB_BY_SETDLT);
	zb_unlock(d);
	return (error);
}

void
zb_departed(struct zb_descriptor *d)
{
	zb_lock(d);
	if (d->attached) {
		/* Promiscuous mode is not undone: there is nobody to ask. */
		d->attached = false;
		zb_emit(d, ZB_EV_DETACHED, NULL, d->link.number, 0,
		    ZB_BY_DEPARTURE, 0);
		zb_wakeup(d, ZB_BY_DEPARTURE);
	}
	zb_unlock(d);
}
