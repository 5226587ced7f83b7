/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bpf.c in small: see stand_in.h.  Numbers are those of the specification.
 */
#include "shim.h"

#include <net/bpf_buffer.h>
#include <net/bpf_zerocopy.h>

#include "stand_in.h"

#define	HZ		100u
#define	TICK_NS		(1000000000u / HZ)
#define	HDRLEN		26u		/* spec 1.6, Ethernet */
#define	MTU		1500u
#define	LINK_HEADER	14u
#define	DLT_ETHERNET	1u
#define	SNAP_ALL	0xffffffffu
#define	FILTER_MAX	16u

enum state { IDLE, WAITING, TIMED_OUT };

struct stand_in {
	struct bpf_d	d;
	enum state	state;
	uint64_t	timer_ns;	/* left, while WAITING */
	uint32_t	timeout_ticks;
	uint32_t	direction;
	uint32_t	timestamp;
	bool		immediate;
	bool		locked;
	bool		nonblocking;
	bool		filtered;
	struct zb_bpf_insn filter[FILTER_MAX];
	uint32_t	filter_length;
	uint64_t	received, dropped, matched, appends;
};

static bool zerocopy_enable;
static int interface;			/* its address stands for it */
static struct vmspace space;
static struct proc process = { &space };
static struct thread thread = { &process };

/* ---- Which model (spec 7.1) ---- */

static bool
is_zbuf(const struct bpf_d *d)
{
	return (d->bd_bufmode == BPF_BUFMODE_ZBUF);
}

static bool
can_free(struct bpf_d *d)
{
	return (is_zbuf(d) && bpf_zerocopy_canfreebuf(d));
}

static bool
can_write(struct bpf_d *d)
{
	return (!is_zbuf(d) || bpf_zerocopy_canwritebuf(d));
}

void
bpf_bufheld(struct bpf_d *d)
{
	if (is_zbuf(d))
		bpf_zerocopy_bufheld(d);
}

/* Spec 2.5. */
static void
reclaim(struct bpf_d *d)
{
	d->bd_fbuf = d->bd_hbuf;
	d->bd_hbuf = NULL;
	d->bd_hlen = 0;
	if (is_zbuf(d))
		bpf_zerocopy_buf_reclaimed(d);
}

static void
append_bytes(struct stand_in *s, u_int offset, void *from, u_int length)
{
	struct bpf_d *d = &s->d;

	if (is_zbuf(d)) {
		s->appends++;
		bpf_zerocopy_append_bytes(d, d->bd_sbuf, offset, from, length);
	} else
		bpf_buffer_append_bytes(d, d->bd_sbuf, offset, from, length);
}

static void
append_chain(struct stand_in *s, u_int offset, struct mbuf *m, u_int length)
{
	struct bpf_d *d = &s->d;

	if (is_zbuf(d)) {
		s->appends++;
		bpf_zerocopy_append_mbuf(d, d->bd_sbuf, offset, m, length);
	} else
		bpf_buffer_append_mbuf(d, d->bd_sbuf, offset, m, length);
}

/* ---- Packets ---- */

/* Spec 2.8, step 5: where the record goes, or -1. */
static int
make_room(struct stand_in *s, int total)
{
	static char zeros[8];
	struct bpf_d *d = &s->d;
	int at, slen;

	if (d->bd_fbuf == NULL && can_free(d))
		reclaim(d);
	slen = d->bd_slen;
	at = (int)ZB_WORDALIGN((uint32_t)slen);
	if (at + total <= d->bd_bufsize && can_write(d)) {
		if (at > slen)
			append_bytes(s, (u_int)slen, zeros, (u_int)(at - slen));
		return (at);
	}
	if (d->bd_fbuf == NULL) {
		if (is_zbuf(d))
			bpf_zerocopy_buffull(d);
		s->dropped++;
		return (-1);
	}
	ROTATE_BUFFERS(d);
	return (0);
}

static void
catch_packet(struct stand_in *s, struct mbuf *m, uint32_t length, uint32_t snap)
{
	struct bpf_d *d = &s->d;
	struct zb_bpf_hdr header = { .datalen = length, .hdrlen = HDRLEN };
	int at, total;

	total = (int)(HDRLEN + MIN(snap, length));
	if (total > d->bd_bufsize)
		total = d->bd_bufsize;
	at = make_room(s, total);
	if (at < 0)
		return;
	header.caplen = (uint32_t)total - HDRLEN;
	append_bytes(s, (u_int)at, &header, sizeof(header));
	append_chain(s, (u_int)at + HDRLEN, m, header.caplen);
	d->bd_slen = at + total;
}

void
stand_in_tap(struct stand_in *s, const uint8_t *packet, uint32_t length)
{
	/* In three pieces, so that a copy crosses them. */
	uint32_t first = length / 3, second = length / 2;
	struct mbuf c = { NULL, packet + second, (int)(length - second) };
	struct mbuf b = { &c, packet + first, (int)(second - first) };
	struct mbuf a = { &b, packet, (int)first };
	uint32_t snap;

	if (s->d.bd_bif == NULL || s->direction == ZB_D_OUT)
		return;
	s->received++;
	snap = s->filtered ? stand_in_run_filter(s->filter, s->filter_length,
	    packet, length) : SNAP_ALL;
	if (snap == 0)
		return;
	s->matched++;
	BPFD_LOCK(&s->d);
	catch_packet(s, &a, length, snap);
	BPFD_UNLOCK(&s->d);
}

/* ---- Waiting (spec 2.11 to 2.14) ---- */

static bool
is_ready(struct stand_in *s)
{
	struct bpf_d *d = &s->d;

	return ((!can_free(d) && d->bd_hlen != 0) ||
	    ((s->immediate || s->state == TIMED_OUT) && d->bd_slen != 0));
}

int
stand_in_poll(struct stand_in *s, uint64_t timeout_ns)
{
	bool ready;

	if (s->d.bd_bif == NULL)
		return (1);
	BPFD_LOCK(&s->d);
	ready = is_ready(s);
	if (!ready && s->timeout_ticks > 0 && s->state == IDLE) {
		s->state = WAITING;
		s->timer_ns = (uint64_t)s->timeout_ticks * TICK_NS;
	}
	/* No packet comes meanwhile, so only the timer can change anything. */
	if (!ready && s->state == WAITING) {
		if (s->timer_ns <= timeout_ns) {
			s->state = TIMED_OUT;
			ready = is_ready(s);
		} else
			s->timer_ns -= timeout_ns;
	}
	BPFD_UNLOCK(&s->d);
	return (ready);
}

/* Spec 2.10, for one thread: a wait ends with the time. */
static int
wait_for_hold(struct stand_in *s, bool timed_out, bool *empty)
{
	struct bpf_d *d = &s->d;

	if (d->bd_hbuf != NULL)
		return (0);
	if (d->bd_slen == 0 ||
	    !(s->immediate || timed_out || s->nonblocking)) {
		if (d->bd_bif == NULL)
			return (ZB_ENXIO);
		if (s->nonblocking)
			return (ZB_EWOULDBLOCK);
		if (s->timeout_ticks == 0)
			return (ZB_EINTR);	/* for ever */
		if (d->bd_slen == 0) {
			*empty = true;
			return (0);
		}
	}
	ROTATE_BUFFERS(d);
	return (0);
}

int
stand_in_read(struct stand_in *s, void *to, size_t length, size_t *done)
{
	struct bpf_d *d = &s->d;
	struct uio uio = { to, (int)length };
	bool empty = false, timed_out;
	int error;

	*done = 0;
	if (length == 0)
		return (0);
	if (length != (size_t)d->bd_bufsize)
		return (ZB_EINVAL);
	if (is_zbuf(d))
		return (ZB_EOPNOTSUPP);
	BPFD_LOCK(d);
	timed_out = s->state == TIMED_OUT;
	s->state = IDLE;
	error = wait_for_hold(s, timed_out, &empty);
	if (error == 0 && !empty) {
		d->bd_hbuf_in_use = 1;
		BPFD_UNLOCK(d);
		error = bpf_buffer_uiomove(d, d->bd_hbuf, (u_int)d->bd_hlen,
		    &uio);
		*done = length - (size_t)uio.resid;
		BPFD_LOCK(d);
		reclaim(d);
		d->bd_hbuf_in_use = 0;
	}
	BPFD_UNLOCK(d);
	return (error);
}

/* Spec 4.16; the frame itself goes nowhere. */
int
stand_in_write(struct stand_in *s, size_t length)
{
	if (s->d.bd_bif == NULL)
		return (ZB_ENXIO);
	if (length != 0 && (length < LINK_HEADER || length > LINK_HEADER + MTU))
		return (ZB_EMSGSIZE);
	return (0);
}

/* ---- ioctl (spec 4) ---- */

/* Spec 2.17. */
static void
reset(struct stand_in *s)
{
	struct bpf_d *d = &s->d;

	BPFD_LOCK(d);
	if (d->bd_hbuf != NULL && (!is_zbuf(d) || can_free(d)))
		reclaim(d);
	if (can_write(d))
		d->bd_slen = 0;
	s->received = s->dropped = s->matched = s->appends = 0;
	BPFD_UNLOCK(d);
}

static int
set_mode(struct stand_in *s, uint32_t mode)
{
	struct bpf_d *d = &s->d;

	if (mode != BPF_BUFMODE_BUFFER &&
	    (mode != BPF_BUFMODE_ZBUF || !zerocopy_enable))
		return (ZB_EINVAL);
	if (d->bd_sbuf != NULL || d->bd_hbuf != NULL || d->bd_fbuf != NULL ||
	    d->bd_bif != NULL)
		return (ZB_EBUSY);
	d->bd_bufmode = mode;
	return (0);
}

static int
set_interface(struct stand_in *s, const struct zb_ifreq *ifr)
{
	struct bpf_d *d = &s->d;
	u_int size = (u_int)d->bd_bufsize;
	int error = 0;

	if (!is_zbuf(d) && d->bd_sbuf == NULL)
		error = bpf_buffer_ioctl_sblen(d, &size);
	if (error != 0)
		return (error);
	if (strcmp(ifr->name, "em0") != 0)
		return (ZB_ENXIO);
	if (d->bd_sbuf == NULL)
		return (ZB_EINVAL);
	d->bd_bif = &interface;
	reset(s);
	return (0);
}

static int
set_filter(struct stand_in *s, const struct zb_bpf_program *program,
    bool with_reset)
{
	if (program->len > FILTER_MAX)
		return (ZB_EINVAL);
	memcpy(s->filter, (const void *)(uintptr_t)program->insns,
	    program->len * sizeof(s->filter[0]));
	s->filter_length = program->len;
	s->filtered = program->len != 0;
	if (with_reset)
		reset(s);
	return (0);
}

/* Spec 2.15. */
static int
set_timeout(struct stand_in *s, const struct zb_timeval *tv)
{
	s->timeout_ticks = (uint32_t)((uint64_t)tv->sec * HZ +
	    (uint64_t)tv->usec * HZ / 1000000);
	return (0);
}

static void
get_timeout(const struct stand_in *s, struct zb_timeval *tv)
{
	tv->sec = s->timeout_ticks / HZ;
	tv->usec = (int64_t)(s->timeout_ticks % HZ) * (1000000 / HZ);
}

static int
set_timestamp(struct stand_in *s, uint32_t t)
{
	if (t != ZB_T_NONE && ((t & ZB_T_FORMAT_MASK) == ZB_T_NONE ||
	    (t & ~(ZB_T_FORMAT_MASK | ZB_T_FLAG_MASK)) != 0))
		return (ZB_EINVAL);
	s->timestamp = t;
	return (0);
}

static int
set_direction(struct stand_in *s, uint32_t direction)
{
	if (direction > ZB_D_OUT)
		return (ZB_EINVAL);
	s->direction = direction;
	return (0);
}

static int
zbuf_ioctl(struct bpf_d *d, uint32_t request, void *data)
{
	struct bpf_zbuf bz;
	struct zb_bpf_zbuf *z = data;
	size_t most;
	int error;

	if (!is_zbuf(d))
		return (ZB_EOPNOTSUPP);
	switch (request) {
	case ZB_BIOCGETZMAX:
		error = bpf_zerocopy_ioctl_getzmax(&thread, d, &most);
		*(uint64_t *)data = most;
		return (error);
	case ZB_BIOCSETZBUF:
		bz = (struct bpf_zbuf){ (void *)(uintptr_t)z->bufa,
		    (void *)(uintptr_t)z->bufb, (size_t)z->buflen };
		return (bpf_zerocopy_ioctl_setzbuf(&thread, d, &bz));
	default:
		error = bpf_zerocopy_ioctl_rotzbuf(&thread, d, &bz);
		*z = (struct zb_bpf_zbuf){ (uintptr_t)bz.bz_bufa,
		    (uintptr_t)bz.bz_bufb, bz.bz_buflen };
		return (error);
	}
}

static bool
allowed_when_locked(uint32_t request)
{
	switch (request) {
#define	RULE(name, number, handler, rules)				\
	case ZB_##name:							\
		return (((rules) & ZB_WHEN_LOCKED) != 0);
	ZB_REQUESTS(RULE)
#undef RULE
	default:
		return (false);
	}
}

int
stand_in_ioctl(struct stand_in *s, uint32_t request, void *data)
{
	struct bpf_d *d = &s->d;
	uint32_t *value = data;

	s->state = IDLE;
	if (s->locked && !allowed_when_locked(request))
		return (ZB_EPERM);
	switch (request) {
	case ZB_BIOCSETBUFMODE:
		return (set_mode(s, *value));
	case ZB_BIOCGETBUFMODE:
		*value = d->bd_bufmode;
		return (0);
	case ZB_BIOCGETZMAX:
	case ZB_BIOCSETZBUF:
	case ZB_BIOCROTZBUF:
		return (zbuf_ioctl(d, request, data));
	case ZB_BIOCGBLEN:
		*value = (uint32_t)d->bd_bufsize;
		return (0);
	case ZB_BIOCSBLEN:
		return (is_zbuf(d) ? ZB_EOPNOTSUPP :
		    bpf_buffer_ioctl_sblen(d, value));
	case ZB_BIOCSETIF:
		return (set_interface(s, data));
	case ZB_BIOCSETF:
	case ZB_BIOCSETFNR:
		return (set_filter(s, data, request == ZB_BIOCSETF));
	case ZB_BIOCIMMEDIATE:
		s->immediate = *value != 0;
		return (0);
	case ZB_BIOCSRTIMEOUT:
		return (set_timeout(s, data));
	case ZB_BIOCGRTIMEOUT:
		get_timeout(s, data);
		return (0);
	case ZB_BIOCFLUSH:
		reset(s);
		return (0);
	case ZB_BIOCLOCK:
		s->locked = true;
		return (0);
	case ZB_FIONREAD:
		*value = (uint32_t)(d->bd_slen +
		    (d->bd_hbuf != NULL ? d->bd_hlen : 0));
		return (0);
	case ZB_BIOCGSTATS:
		*(struct zb_bpf_stat *)data = (struct zb_bpf_stat){
		    (uint32_t)s->received, (uint32_t)s->dropped };
		return (0);
	case ZB_BIOCSDIRECTION:
		return (set_direction(s, *value));
	case ZB_BIOCSTSTAMP:
		return (set_timestamp(s, *value));
	case ZB_BIOCGDLT:
		if (d->bd_bif == NULL)
			return (ZB_EINVAL);
		*value = DLT_ETHERNET;
		return (0);
	default:
		return (ZB_EINVAL);
	}
}

/* ---- A descriptor's life ---- */

struct stand_in *
stand_in_open(bool nonblocking)
{
	struct stand_in *s = shim_malloc(sizeof(*s), M_WAITOK | M_ZERO);

	bpf_buffer_init(&s->d);
	s->d.bd_bufmode = BPF_BUFMODE_BUFFER;
	s->direction = ZB_D_INOUT;
	s->nonblocking = nonblocking;
	return (s);
}

void
stand_in_close(struct stand_in *s)
{
	if (is_zbuf(&s->d))
		bpf_zerocopy_free(&s->d);
	else
		bpf_buffer_free(&s->d);
	shim_free(s);
}

void
stand_in_departed(struct stand_in *s)
{
	s->d.bd_bif = NULL;
}

bool
stand_in_stats(struct stand_in *s, struct zb_xbpf_d *x)
{
	if (s->d.bd_bif == NULL)
		return (false);
	*x = (struct zb_xbpf_d){
		.structsize = sizeof(*x),
		.immediate = s->immediate,
		.rcount = s->received,
		.dcount = s->dropped,
		.fcount = s->matched,
		.zcopy = s->appends,
		.slen = s->d.bd_slen,
		.hlen = s->d.bd_hlen,
		.bufsize = s->d.bd_bufsize,
		.bufmode = s->d.bd_bufmode,
	};
	return (true);
}

void
stand_in_set_enable(bool on)
{
	zerocopy_enable = on;
}

void
stand_in_set_strict(bool on)
{
	*shim_sysctl_zerocopy_strict = on;
}
