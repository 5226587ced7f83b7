/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ioctl(2): a handler for each request of requests.h, and how it is found
 * (spec sections 2 and 4).
 *
 * data is the argument.  A handler is called with the descriptor's lock held,
 * and with an interface if its row says ZB_ATTACHED.  One whose row says
 * ZB_TAKES_LOCK is called without the lock, so it looks at the interface again.
 */
#include "internal.h"

#define	BPF_MAJOR_VERSION	1
#define	BPF_MINOR_VERSION	1

/* ---- Buffers ---- */

static int
get_buffer_length(struct zb_descriptor *d, void *data)
{
	*(uint32_t *)data = d->buffer_size;
	return (0);
}

/* Not locked. */
static int
set_buffer_length(struct zb_descriptor *d, void *data)
{
	const uint32_t max = d->tunables->maxbufsize;
	uint32_t *size = data;
	bool allocate = false;
	int error = 0;

	if (*size > max)
		*size = max;
	if (*size < ZB_MIN_BUFSIZE)
		*size = ZB_MIN_BUFSIZE;
	zb_lock(d);
	if (zb_is_zbuf(d))
		error = ZB_EOPNOTSUPP;
	else if (d->attached)
		error = ZB_EINVAL;
	else if (d->revision->setblen_allocates || zb_has_buffers(d))
		allocate = true;
	else
		d->buffer_size = *size;	/* SETIF will allocate */
	zb_unlock(d);
	return (allocate ? zb_allocate_buffers(d, *size) : error);
}

static int
get_mode(struct zb_descriptor *d, void *data)
{
	*(uint32_t *)data = d->mode;
	return (0);
}

static int
set_mode(struct zb_descriptor *d, void *data)
{
	const uint32_t mode = *(uint32_t *)data;

	if (mode != ZB_BUFMODE_BUFFER && mode != ZB_BUFMODE_ZBUF)
		return (ZB_EINVAL);
	if (mode == ZB_BUFMODE_ZBUF && !d->tunables->zerocopy_enable)
		return (ZB_EINVAL);
	if (zb_has_buffers(d) || d->attached)
		return (ZB_EBUSY);
	d->mode = (uint8_t)mode;
	zb_emit(d, ZB_EV_MODE, NULL, mode, 0, 0, 0);
	return (0);
}

static int
get_zbuf_max(struct zb_descriptor *d, void *data)
{
	if (!zb_is_zbuf(d))
		return (ZB_EOPNOTSUPP);
	*(uint64_t *)data = ZB_ZMAX;
	return (0);
}

static int
flush(struct zb_descriptor *d, void *data)
{
	(void)data;
	zb_wait_hold_in_use(d);
	zb_reset(d, ZB_BY_FLUSH);
	return (0);
}

static int
get_unread_length(struct zb_descriptor *d, void *data)
{
	uint32_t stored;

	zb_settle(d, ZB_BY_POLL);
	/* As it was asked; what arrives during the wait is not counted. */
	stored = d->store_length;
	zb_wait_hold_in_use(d);
	*(uint32_t *)data = stored + (d->hold != NULL ? d->hold_length : 0);
	return (0);
}

/* ---- The interface ---- */

static int
get_interface(struct zb_descriptor *d, void *data)
{
	struct zb_ifreq *ifr = data;

	for (unsigned i = 0; i < ZB_IFNAMSIZ; i++)
		ifr->name[i] = d->link.name[i];
	return (0);
}

static int
make_promiscuous(struct zb_descriptor *d, void *data)
{
	int error;

	(void)data;
	if (d->promiscuous)
		return (0);
	error = d->host->promiscuous(d->host_context, d->link.number, true);
	if (error == 0)
		d->promiscuous = true;
	return (error);
}

static int
get_link_type(struct zb_descriptor *d, void *data)
{
	*(uint32_t *)data = d->link.type;
	return (0);
}

/* Not locked. */
static int
list_link_types(struct zb_descriptor *d, void *data)
{
	struct zb_bpf_dltlist *l = data;
	uint32_t types[16], n = 0;
	bool attached;

	zb_lock(d);
	attached = d->attached;		/* the interface may just have gone */
	if (attached)
		n = d->host->types(d->host_context, d->link.number, types, 16);
	zb_unlock(d);
	if (!attached)
		return (ZB_EINVAL);
	if (l->list == 0) {
		l->len = n;
		return (0);
	}
	if (l->len < n)
		return (ZB_ENOMEM);
	l->len = n;
	return (d->host->copy_out(d->host_context, types, l->list,
	    n * sizeof(types[0])));
}

/* ---- Filters ---- */

/* Not locked. */
static int
set_read_filter(struct zb_descriptor *d, void *data)
{
	return (zb_set_filter(d, ZB_BIOCSETF, data));
}

/* Not locked. */
static int
set_write_filter(struct zb_descriptor *d, void *data)
{
	return (zb_set_filter(d, ZB_BIOCSETWF, data));
}

/* Not locked. */
static int
set_read_filter_without_reset(struct zb_descriptor *d, void *data)
{
	if (!d->revision->has_setfnr)
		return (ZB_EINVAL);
	return (zb_set_filter(d, ZB_BIOCSETFNR, data));
}

/* ---- Time-outs (spec 2.15) ---- */

static int
set_timeout(struct zb_descriptor *d, void *data)
{
	const struct zb_timeval *tv = data;
	const uint64_t hz = d->tunables->hz;
	uint64_t usec, ticks;

	if (tv->sec < 0 || tv->usec < 0 || tv->usec > 999999)
		return (ZB_EINVAL);
	usec = (uint64_t)tv->usec;
	if ((uint64_t)tv->sec > 0x7fffffffu / hz - 1)
		ticks = 0x7fffffff;
	else {
		ticks = usec * hz;
		if (d->revision->timeout_rounding == ZB_ROUND_UP)
			ticks += 999999;
		ticks = (uint64_t)tv->sec * hz + ticks / 1000000;
		if (d->revision->timeout_rounding == ZB_ROUND_AT_LEAST_ONE &&
		    ticks == 0 && usec > 0)
			ticks = 1;
	}
	d->timeout_ticks = (uint32_t)ticks;
	zb_emit(d, ZB_EV_TIMEOUT_SET, NULL, d->timeout_ticks, 0, 0, 0);
	return (0);
}

static int
get_timeout(struct zb_descriptor *d, void *data)
{
	const uint32_t hz = d->tunables->hz;
	struct zb_timeval *tv = data;

	tv->sec = d->timeout_ticks / hz;
	tv->usec = (int64_t)((uint64_t)(d->timeout_ticks % hz) * 1000000 / hz);
	return (0);
}

/* ---- Flags and figures ---- */

static int
get_statistics(struct zb_descriptor *d, void *data)
{
	*(struct zb_bpf_stat *)data = (struct zb_bpf_stat){
		.recv = (uint32_t)d->count.received,
		.drop = (uint32_t)d->count.dropped,
	};
	return (0);
}

static int
get_version(struct zb_descriptor *d, void *data)
{
	(void)d;
	*(struct zb_bpf_version *)data = (struct zb_bpf_version){
		BPF_MAJOR_VERSION, BPF_MINOR_VERSION };
	return (0);
}

static int
set_immediate(struct zb_descriptor *d, void *data)
{
	d->immediate = (uint8_t)*(uint32_t *)data;
	zb_emit(d, ZB_EV_IMMEDIATE, NULL, d->immediate != 0, 0, 0, 0);
	return (0);
}

static int
get_header_complete(struct zb_descriptor *d, void *data)
{
	*(uint32_t *)data = d->header_complete;
	return (0);
}

static int
set_header_complete(struct zb_descriptor *d, void *data)
{
	d->header_complete = *(uint32_t *)data != 0;
	return (0);
}

static int
set_feedback(struct zb_descriptor *d, void *data)
{
	d->feedback = *(int32_t *)data;
	return (0);
}

static int
get_direction(struct zb_descriptor *d, void *data)
{
	*(uint32_t *)data = d->direction;
	return (0);
}

static int
set_direction(struct zb_descriptor *d, void *data)
{
	const uint32_t direction = *(uint32_t *)data;

	if (direction > ZB_D_OUT)
		return (ZB_EINVAL);
	d->direction = (uint8_t)direction;
	return (0);
}

static bool
valid_timestamp(uint32_t t)
{
	return (t == ZB_T_NONE || ((t & ZB_T_FORMAT_MASK) != ZB_T_NONE &&
	    (t & ~(ZB_T_FORMAT_MASK | ZB_T_FLAG_MASK)) == 0));
}

static int
get_timestamp(struct zb_descriptor *d, void *data)
{
	if (!d->revision->has_tstamp)
		return (ZB_EINVAL);
	*(uint32_t *)data = d->timestamp;
	return (0);
}

static int
set_timestamp(struct zb_descriptor *d, void *data)
{
	const uint32_t timestamp = *(uint32_t *)data;

	if (!d->revision->has_tstamp || !valid_timestamp(timestamp))
		return (ZB_EINVAL);
	d->timestamp = timestamp;
	return (0);
}

static int
set_vlan_priority(struct zb_descriptor *d, void *data)
{
	const uint32_t priority = *(uint32_t *)data;

	if (!d->revision->has_vlan_pcp || priority > 7)
		return (ZB_EINVAL);
	d->vlan_pcp = priority;
	return (0);
}

static int
lock_for_good(struct zb_descriptor *d, void *data)
{
	(void)data;
	d->locked = true;
	return (0);
}

/* ---- Signals, and how to wait ---- */

static int
get_signal(struct zb_descriptor *d, void *data)
{
	*(uint32_t *)data = d->signal;
	return (0);
}

static int
set_signal(struct zb_descriptor *d, void *data)
{
	const uint32_t signal = *(uint32_t *)data;

	if (signal >= ZB_NSIG)
		return (ZB_EINVAL);
	d->signal = signal;
	return (0);
}

/* Not locked.  Whoever asks is told the group below 0 (spec 9.10). */
static int
get_owner(struct zb_descriptor *d, void *data)
{
	*(int32_t *)data = d->host->get_owner(d->host_context);
	return (0);
}

/* Not locked. */
static int
set_owner(struct zb_descriptor *d, void *data)
{
	return (d->host->set_owner(d->host_context, *(int32_t *)data));
}

/* Not locked.  The same, with the sign turned. */
static int
get_process_group(struct zb_descriptor *d, void *data)
{
	*(int32_t *)data = -d->host->get_owner(d->host_context);
	return (0);
}

/* Not locked. */
static int
set_process_group(struct zb_descriptor *d, void *data)
{
	const int32_t group = *(int32_t *)data;

	/* The smallest number has no opposite, and names nobody. */
	return (d->host->set_owner(d->host_context,
	    group == (-0x7fffffff - 1) ? group : -group));
}

static int
set_async(struct zb_descriptor *d, void *data)
{
	d->async = *(int32_t *)data;
	return (0);
}

static int
set_nonblocking(struct zb_descriptor *d, void *data)
{
	d->nonblocking = *(uint32_t *)data != 0;
	return (0);
}

/* ---- Dispatch ---- */

static int
refuse(struct zb_descriptor *d, void *data)
{
	(void)d;
	(void)data;
	return (ZB_EINVAL);
}

struct row {
	uint32_t	rules;
	int		(*handler)(struct zb_descriptor *, void *data);
};

/* The compiler finds the shortest way to a row, and that no number is twice. */
static const struct row *
find_row(uint32_t request)
{
	static const struct row unknown = { 0, refuse };

	switch (request) {
#define	ROW(name, number, handler, rules)				\
	case ZB_##name: {						\
		static const struct row row = { rules, handler };	\
									\
		return (&row);						\
	}
	ZB_REQUESTS(ROW)
#undef ROW
	default:
		return (&unknown);
	}
}

int
zb_ioctl(struct zb_descriptor *d, uint32_t request, void *data)
{
	const struct row *row = find_row(request);
	const bool takes_lock = (row->rules & ZB_TAKES_LOCK) != 0;
	int error = 0;

	zb_lock(d);
	(void)zb_cancel_timer(d);
	/* The generic layer does this one before the driver hears of it. */
	if (request == ZB_FIONBIO)
		(void)set_nonblocking(d, data);
	if (d->locked && (row->rules & ZB_WHEN_LOCKED) == 0)
		error = ZB_EPERM;
	else if (!d->attached && (row->rules & ZB_ATTACHED) != 0)
		error = ZB_EINVAL;
	else if (!takes_lock)
		error = row->handler(d, data);
	zb_unlock(d);
	return (error == 0 && takes_lock ? row->handler(d, data) : error);
}
