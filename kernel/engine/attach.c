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

/* It has left the interface, or the interface left it. */
static void
left(struct zb_descriptor *d, enum zb_cause cause)
{
	d->attached = false;
	if (d->promiscuous) {
		d->promiscuous = false;
		(void)d->host->promiscuous(d->host_context, d->link.number,
		    false);
	}
	zb_emit(d, ZB_EV_DETACHED, NULL, d->link.number, 0, (uint32_t)cause, 0);
}

/* From the old interface, if there is one, to the new; or nothing changes. */
static int
attach(struct zb_descriptor *d, const struct zb_link *link,
    enum zb_cause cause)
{
	int error;

	error = d->host->attach(d->host_context, link);
	if (error != 0)
		return (error);
	if (d->attached)
		left(d, cause);
	d->link = *link;
	d->record_header = record_header_length(d);
	d->attached = true;
	/* Who writes only stays so, wherever it goes (spec 9.17, 9.18). */
	if (d->revision->has_writer_list &&
	    (d->tunables->optimize_writers != 0 || d->writer > 0))
		d->writer = 2;
	zb_emit(d, ZB_EV_ATTACHED, NULL, link->number, link->type,
	    link->header_length, 0);
	return (0);
}

void
zb_detach(struct zb_descriptor *d, enum zb_cause cause)
{
	if (!d->attached)
		return;
	d->host->detach(d->host_context, d->link.number);
	left(d, cause);
}

/* Moves to the link, or stays, and starts afresh.  Locked. */
static int
move_to(struct zb_descriptor *d, const struct zb_link *link,
    enum zb_cause cause)
{
	bool same = d->attached && d->link.number == link->number &&
	    d->link.type == link->type;
	int error;

	zb_wait_hold_in_use(d);
	if (!same) {
		error = attach(d, link, cause);
		if (error != 0)
			return (error);
	}
	zb_reset(d, cause);
	return (0);
}

/* read(2) mode, the first time: buffers of the size that SBLEN asked for. */
static int
provide_buffers(struct zb_descriptor *d)
{
	uint32_t size;
	bool wanting;

	zb_lock(d);
	wanting = !zb_is_zbuf(d) && !zb_has_buffers(d);
	size = d->buffer_size;
	zb_unlock(d);
	return (wanting ? zb_allocate_buffers(d, size) : 0);
}

int
zb_set_interface(struct zb_descriptor *d, void *data)
{
	const struct zb_ifreq *request = data;
	struct zb_link link;
	int error = 0;

	/* Where a mistyped name still leaves buffers behind (spec 4.6). */
	if (d->revision->setblen_allocates)
		error = provide_buffers(d);
	if (error == 0)
		error = d->host->find(d->host_context, request->name, &link);
	if (error == 0)
		error = provide_buffers(d);
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
zb_set_link_type(struct zb_descriptor *d, void *data)
{
	const uint32_t type = *(uint32_t *)data;
	struct zb_link link;
	bool attached;
	int error;

	zb_lock(d);
	attached = d->attached;		/* the interface may just have gone */
	link = d->link;
	zb_unlock(d);
	if (!attached)
		return (ZB_EINVAL);
	if (link.type == type)
		return (0);
	error = d->host->find_type(d->host_context, link.number, type, &link);
	if (error != 0)
		return (ZB_EINVAL);
	zb_lock(d);
	error = move_to(d, &link, ZB_BY_SETDLT);
	zb_unlock(d);
	return (error);
}

void
zb_departed(struct zb_descriptor *d, uint32_t interface)
{
	zb_lock(d);
	if (d->attached && d->link.number == interface) {
		/* Promiscuous mode goes with it: there is nobody to ask. */
		d->attached = d->promiscuous = false;
		zb_emit(d, ZB_EV_DETACHED, NULL, d->link.number, 0,
		    ZB_BY_DEPARTURE, 0);
		zb_wakeup(d, ZB_BY_DEPARTURE);
	}
	zb_unlock(d);
}
