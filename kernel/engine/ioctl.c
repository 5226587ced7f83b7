/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The ioctl requests and their rules (spec sections 2 and 4).
 */
#include "internal.h"

#define	BPF_MAJOR_VERSION	1
#define	BPF_MINOR_VERSION	1

/* What a locked descriptor still allows (spec 4.1). */
static bool
allowed_when_locked(uint32_t request)
{
	switch (request) {
	case ZB_BIOCGBLEN:
	case ZB_BIOCFLUSH:
	case ZB_BIOCGDLT:
	case ZB_BIOCGDLTLIST:
	case ZB_BIOCGETIF:
	case ZB_BIOCGRTIMEOUT:
	case ZB_BIOCGSTATS:
	case ZB_BIOCVERSION:
	case ZB_BIOCGRSIG:
	case ZB_BIOCGHDRCMPLT:
	case ZB_BIOCSTSTAMP:
	case ZB_BIOCFEEDBACK:
	case ZB_FIONREAD:
	case ZB_BIOCLOCK:
	case ZB_BIOCSRTIMEOUT:
	case ZB_BIOCIMMEDIATE:
	case ZB_TIOCGPGRP:
	case ZB_BIOCROTZBUF:
		return (true);
	default:
		return (false);
	}
}

/* ---- Time-outs (spec 2.15) ---- */

static int
set_timeout(struct zb_descriptor *d, const struct zb_timeval *tv)
{
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

static void
get_timeout(const struct zb_descriptor *d, struct zb_timeval *tv)
{
	const uint32_t hz = d->tunables->hz;

	tv->sec = d->timeout_ticks / hz;
	tv->usec = (int64_t)((uint64_t)(d->timeout_ticks % hz) * 1000000 / hz);
}

/* ---- Buffers ---- */

/* Not locked. */
static int
set_buffer_length(struct zb_descriptor *d, uint32_t *size)
{
	const uint32_t max = d->tunables->maxbufsize;
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
set_mode(struct zb_descriptor *d, uint32_t mode)
{
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
flush(struct zb_descriptor *d)
{
	int error;

	error = zb_wait_hold_in_use(d);
	if (error == 0)
		zb_reset(d, ZB_BY_FLUSH);
	return (error);
}

static uint32_t
unread_bytes(struct zb_descriptor *d)
{
	zb_settle(d, ZB_BY_POLL);
	return (d->store_length + (d->hold != NULL ? d->hold_length : 0));
}

static int
buffer_ioctl(struct zb_descriptor *d, uint32_t request, void *data)
{
	switch (request) {
	case ZB_BIOCGBLEN:
		*(uint32_t *)data = d->buffer_size;
		return (0);
	case ZB_BIOCGETBUFMODE:
		*(uint32_t *)data = d->mode;
		return (0);
	case ZB_BIOCSETBUFMODE:
		return (set_mode(d, *(uint32_t *)data));
	case ZB_BIOCGETZMAX:
		if (!zb_is_zbuf(d))
			return (ZB_EOPNOTSUPP);
		*(uint64_t *)data = ZB_ZMAX;
		return (0);
	case ZB_BIOCROTZBUF:
		if (!zb_is_zbuf(d))
			return (ZB_EOPNOTSUPP);
		zb_rotate_zbuf(d, data);
		return (0);
	case ZB_BIOCFLUSH:
		return (flush(d));
	case ZB_FIONREAD:
		*(uint32_t *)data = unread_bytes(d);
		return (0);
	default:
		return (ZB_EINVAL);
	}
}

/* ---- The interface ---- */

static int
make_promiscuous(struct zb_descriptor *d)
{
	int error;

	if (!d->attached)
		return (ZB_EINVAL);
	if (d->promiscuous)
		return (0);
	error = d->host->promiscuous(d->host_context, d->link.number, true);
	if (error == 0)
		d->promiscuous = true;
	return (error);
}

/* Not locked. */
static int
list_types(struct zb_descriptor *d, struct zb_bpf_dltlist *l)
{
	uint32_t types[16], n = 0;
	bool attached;

	zb_lock(d);
	attached = d->attached;
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

static int
interface_ioctl(struct zb_descriptor *d, uint32_t request, void *data)
{
	struct zb_ifreq *ifr;

	switch (request) {
	case ZB_BIOCGETIF:
		if (!d->attached)
			return (ZB_EINVAL);
		ifr = data;
		for (unsigned i = 0; i < ZB_IFNAMSIZ; i++)
			ifr->name[i] = d->link.name[i];
		return (0);
	case ZB_BIOCPROMISC:
		return (make_promiscuous(d));
	case ZB_BIOCGDLT:
		if (!d->attached)
			return (ZB_EINVAL);
		*(uint32_t *)data = d->link.type;
		return (0);
	default:
		return (ZB_EINVAL);
	}
}

/* ---- Flags, signals and the like ---- */

static bool
valid_timestamp(uint32_t t)
{
	return (t == ZB_T_NONE || ((t & ZB_T_FORMAT_MASK) != ZB_T_NONE &&
	    (t & ~(ZB_T_FORMAT_MASK | ZB_T_FLAG_MASK)) == 0));
}

static int
get_ioctl(struct zb_descriptor *d, uint32_t request, void *data)
{
	uint32_t *value = data;

	switch (request) {
	case ZB_BIOCGRTIMEOUT:
		get_timeout(d, data);
		return (0);
	case ZB_BIOCGSTATS:
		*(struct zb_bpf_stat *)data = (struct zb_bpf_stat){
			.recv = (uint32_t)d->count.received,
			.drop = (uint32_t)d->count.dropped,
		};
		return (0);
	case ZB_BIOCVERSION:
		*(struct zb_bpf_version *)data = (struct zb_bpf_version){
			BPF_MAJOR_VERSION, BPF_MINOR_VERSION };
		return (0);
	case ZB_BIOCGHDRCMPLT:
		*value = d->header_complete;
		return (0);
	case ZB_BIOCGDIRECTION:
		*value = d->direction;
		return (0);
	case ZB_BIOCGTSTAMP:
		if (!d->revision->has_tstamp)
			return (ZB_EINVAL);
		*value = d->timestamp;
		return (0);
	case ZB_BIOCGRSIG:
		*value = d->signal;
		return (0);
	case ZB_FIOGETOWN:
	case ZB_TIOCGPGRP:
		*(int32_t *)data = d->owner;
		return (0);
	default:
		return (ZB_EINVAL);
	}
}

static int
set_ioctl(struct zb_descriptor *d, uint32_t request, const void *data)
{
	uint32_t value = ZB_IOC_LENGTH(request) == 4 ?
	    *(const uint32_t *)data : 0;

	switch (request) {
	case ZB_BIOCSRTIMEOUT:
		return (set_timeout(d, data));
	case ZB_BIOCIMMEDIATE:
		d->immediate = value != 0;
		zb_emit(d, ZB_EV_IMMEDIATE, NULL, d->immediate, 0, 0, 0);
		return (0);
	case ZB_BIOCSHDRCMPLT:
		d->header_complete = value != 0;
		return (0);
	case ZB_BIOCFEEDBACK:
		d->feedback = value != 0;
		return (0);
	case ZB_BIOCSDIRECTION:
		if (value > ZB_D_OUT)
			return (ZB_EINVAL);
		d->direction = (uint8_t)value;
		return (0);
	case ZB_BIOCSTSTAMP:
		if (!d->revision->has_tstamp || !valid_timestamp(value))
			return (ZB_EINVAL);
		d->timestamp = value;
		return (0);
	case ZB_BIOCSRSIG:
		if (value >= ZB_NSIG)
			return (ZB_EINVAL);
		d->signal = value;
		return (0);
	case ZB_BIOCSETVLANPCP:
		if (!d->revision->has_vlan_pcp || value > 7)
			return (ZB_EINVAL);
		d->vlan_pcp = value;
		return (0);
	case ZB_BIOCLOCK:
		d->locked = true;
		return (0);
	case ZB_FIONBIO:	/* done before the lock was looked at */
		return (0);
	case ZB_FIOASYNC:
		d->async = value != 0;
		return (0);
	case ZB_FIOSETOWN:
		d->owner = (int32_t)value;
		return (0);
	case ZB_TIOCSPGRP:
		d->owner = -(int32_t)value;
		return (0);
	default:
		return (ZB_EINVAL);
	}
}

/* What is done under the lock as a whole. */
static int
locked_ioctl(struct zb_descriptor *d, uint32_t request, void *data)
{
	switch (request) {
	case ZB_BIOCGBLEN:
	case ZB_BIOCGETBUFMODE:
	case ZB_BIOCSETBUFMODE:
	case ZB_BIOCGETZMAX:
	case ZB_BIOCROTZBUF:
	case ZB_BIOCFLUSH:
	case ZB_FIONREAD:
		return (buffer_ioctl(d, request, data));
	case ZB_BIOCGETIF:
	case ZB_BIOCPROMISC:
	case ZB_BIOCGDLT:
		return (interface_ioctl(d, request, data));
	case ZB_BIOCGRTIMEOUT:
	case ZB_BIOCGSTATS:
	case ZB_BIOCVERSION:
	case ZB_BIOCGHDRCMPLT:
	case ZB_BIOCGDIRECTION:
	case ZB_BIOCGTSTAMP:
	case ZB_BIOCGRSIG:
	case ZB_FIOGETOWN:
	case ZB_TIOCGPGRP:
		return (get_ioctl(d, request, data));
	default:
		return (set_ioctl(d, request, data));
	}
}

/* What reaches into the user's memory, allocates, or looks for an interface
   does so without the lock, and takes it for the rest. */
static int
dispatch(struct zb_descriptor *d, uint32_t request, void *data)
{
	int error;

	switch (request) {
	case ZB_BIOCSBLEN:
		return (set_buffer_length(d, data));
	case ZB_BIOCSETZBUF:
		return (zb_set_zbuf(d, data));
	case ZB_BIOCSETIF:
		return (zb_set_interface(d, data));
	case ZB_BIOCSDLT:
		return (zb_set_link_type(d, *(uint32_t *)data));
	case ZB_BIOCGDLTLIST:
		return (list_types(d, data));
	case ZB_BIOCSETF:
	case ZB_BIOCSETWF:
	case ZB_BIOCSETFNR:
		if (request == ZB_BIOCSETFNR && !d->revision->has_setfnr)
			return (ZB_EINVAL);
		return (zb_set_filter(d, request, data));
	default:
		zb_lock(d);
		error = locked_ioctl(d, request, data);
		zb_unlock(d);
		return (error);
	}
}

int
zb_ioctl(struct zb_descriptor *d, uint32_t request, void *data)
{
	bool refused;

	zb_lock(d);
	(void)zb_cancel_timer(d);
	/* The generic layer does this one before the driver hears of it. */
	if (request == ZB_FIONBIO)
		d->nonblocking = *(uint32_t *)data != 0;
	refused = d->locked && !allowed_when_locked(request);
	zb_unlock(d);
	return (refused ? ZB_EPERM : dispatch(d, request, data));
}
