/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A descriptor's life, and the system calls that touch no buffer.
 */
#include "internal.h"

void
zb_open(struct zb_descriptor *d, const struct zb_open_args *how)
{
	*d = (struct zb_descriptor){
		.host = how->host,
		.host_context = how->host_context,
		.tunables = how->tunables,
		.revision = how->revision,
		.trace = how->trace,
		.number = how->number,
		.pid = how->pid,
		.nonblocking = how->nonblocking,
		.mode = ZB_BUFMODE_BUFFER,
		.direction = ZB_D_INOUT,
		.buffer_size = how->tunables->bufsize,
		.signal = 23,		/* SIGIO */
	};
	if (d->revision->has_writer_list && how->write_only)
		d->writer = 2;
	zb_lock(d);
	zb_emit(d, ZB_EV_CALL, NULL, ZB_CALL_OPEN, 0, 0, 0);
	zb_emit(d, ZB_EV_OPENED, NULL, d->revision->number, d->tunables->hz, 0,
	    0);
	zb_emit(d, ZB_EV_RETURN, NULL, ZB_CALL_OPEN, 0, 0, 0);
	zb_unlock(d);
}

void
zb_close(struct zb_descriptor *d)
{
	struct zb_buffer pair[2];
	void *filters[2];
	bool had_buffers;

	zb_lock(d);
	(void)zb_cancel_timer(d);
	zb_detach(d, ZB_BY_CLOSE);
	had_buffers = zb_take_buffers_out(d, pair);
	filters[0] = d->read_filter;
	filters[1] = d->write_filter;
	d->read_filter = d->write_filter = NULL;
	zb_emit(d, ZB_EV_CLOSED, NULL, 0, 0, 0, 0);
	zb_unlock(d);
	if (had_buffers)
		zb_return_buffers(d, pair);
	for (unsigned i = 0; i < 2; i++)
		if (filters[i] != NULL)
			d->host->filter_free(d->host_context, filters[i]);
}

/* The checks of spec 4.16, before anything is copied. */
static int
check_write(struct zb_descriptor *d, size_t length, struct zb_link *link)
{
	uint32_t mtu;

	if (!d->attached)
		return (ZB_ENXIO);
	*link = d->link;
	mtu = d->host->mtu(d->host_context, link->number);
	if (mtu == 0)
		return (ZB_ENETDOWN);
	if (length != 0 && (length < link->header_length ||
	    length - link->header_length > mtu))
		return (ZB_EMSGSIZE);
	return (0);
}

/* 0 refuses; with any other value the frame goes out whole (spec 9.1). */
static int
filter_write(struct zb_descriptor *d, const struct zb_packet *frame)
{
	if (d->write_filter != NULL &&
	    d->host->filter_run(d->write_filter, frame) == 0)
		return (ZB_EPERM);
	/* Its interface may have left while the frame was copied. */
	if (!d->attached)
		return (ZB_ENXIO);
	d->count.write_matched++;
	return (0);
}

/* Takes the frame from the user, has it filtered and sends it.  Not locked. */
static int
send_frame(struct zb_descriptor *d, uint32_t interface, uint64_t user,
    uint32_t length)
{
	struct zb_packet frame;
	struct zb_sending how;
	int error;

	error = d->host->frame_in(d->host_context, user, length, &frame);
	if (error != 0)
		return (error);
	zb_lock(d);
	error = filter_write(d, &frame);
	how.header_complete = d->header_complete;
	how.feedback = d->feedback != 0;
	/* It would be seen twice: going out, and coming in (bpf(4)). */
	how.untapped = how.feedback && d->direction == ZB_D_INOUT;
	zb_unlock(d);
	if (error != 0) {
		d->host->frame_drop(d->host_context, &frame);
		return (error);
	}
	return (d->host->frame_send(d->host_context, interface, &frame, &how));
}

int
zb_write(struct zb_descriptor *d, uint64_t user, size_t length, size_t *done)
{
	struct zb_link link = { 0 };
	int error;

	*done = 0;
	zb_lock(d);
	d->count.written++;
	error = check_write(d, length, &link);
	zb_unlock(d);
	if (error == 0 && length != 0)
		error = send_frame(d, link.number, user, (uint32_t)length);
	if (error == 0)
		*done = length;
	zb_lock(d);
	/* Nothing was written: that counts as lost (spec 9.2). */
	if (error != 0 || length == 0)
		d->count.write_dropped++;
	zb_emit(d, ZB_EV_WROTE, NULL, (uint32_t)length, 0, (uint32_t)error, 0);
	zb_unlock(d);
	return (error);
}

void
zb_used_by(struct zb_descriptor *d, int32_t pid)
{
	zb_lock(d);
	d->pid = pid;
	zb_unlock(d);
}

void
zb_stats(struct zb_descriptor *d, struct zb_xbpf_d *x)
{
	zb_lock(d);
	*x = (struct zb_xbpf_d){
		.structsize = sizeof(*x),
		.promisc = d->promiscuous,
		.immediate = d->immediate,
		.hdrcmplt = d->header_complete,
		.direction = d->direction,
		.feedback = d->feedback,
		.async = d->async,
		.rcount = d->count.received,
		.dcount = d->count.dropped,
		.fcount = d->count.matched,
		.sig = (int32_t)d->signal,
		.slen = (int32_t)d->store_length,
		.hlen = (int32_t)d->hold_length,
		.bufsize = (int32_t)d->buffer_size,
		.pid = d->pid,
		.locked = d->locked,
		.wcount = d->count.written,
		.wfcount = d->count.write_matched,
		.wdcount = d->count.write_dropped,
		.zcopy = d->count.appends,
		.bufmode = d->mode,
	};
	for (unsigned i = 0; i < ZB_IFNAMSIZ; i++)
		x->ifname[i] = d->link.name[i];
	zb_unlock(d);
}

void
zb_trace_call(struct zb_descriptor *d, enum zb_call call, uint32_t request,
    uint32_t argument)
{
	zb_lock(d);
	zb_emit(d, ZB_EV_CALL, NULL, (uint32_t)call, request, argument, 0);
	zb_unlock(d);
}

void
zb_trace_return(struct zb_descriptor *d, enum zb_call call, uint32_t request,
    int error, uint32_t value)
{
	zb_lock(d);
	zb_emit(d, ZB_EV_RETURN, NULL, (uint32_t)call, request, (uint32_t)error,
	    value);
	zb_unlock(d);
}

void
zb_trace_sleep(struct zb_descriptor *d, enum zb_call call)
{
	zb_emit(d, ZB_EV_SLEPT, NULL, (uint32_t)call, 0, 0, 0);
}

void
zb_trace_resume(struct zb_descriptor *d, enum zb_call call, uint64_t blocked_ns)
{
	zb_emit(d, ZB_EV_RESUMED, NULL, (uint32_t)call,
	    blocked_ns > 0xffffffffu ? 0xffffffffu :
	    (uint32_t)blocked_ns, 0, 0);
}
