/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of the engine share and its hosts do not see.  All of it is
 * called with the descriptor's lock held, unless it says otherwise.
 */
#ifndef ZB_INTERNAL_H
#define ZB_INTERNAL_H

#include "descriptor.h"

static inline void
zb_lock(struct zb_descriptor *d)
{
	if (d->host->lock != NULL)
		d->host->lock(d->host_context);
}

static inline void
zb_unlock(struct zb_descriptor *d)
{
	if (d->host->unlock != NULL)
		d->host->unlock(d->host_context);
}

static inline bool
zb_is_zbuf(const struct zb_descriptor *d)
{
	return (d->mode == ZB_BUFMODE_ZBUF);
}

static inline uint8_t
zb_which(const struct zb_buffer *b)
{
	return (b != NULL ? b->which : (uint8_t)ZB_NO_BUFFER);
}

/* A kernel with trace points of its own has each step pass one, too. */
#ifndef ZB_STEP
#define	ZB_STEP(d, kind, which, a, b, c, dd)	((void)0)
#endif

/* Writes one event; costs a branch where nobody records. */
static inline void
zb_emit(struct zb_descriptor *d, enum zb_event_kind kind,
    const struct zb_buffer *b, uint32_t a, uint32_t bb, uint32_t c, uint32_t dd)
{
	struct zb_trace *t = d->trace;
	struct zb_event *e;

	ZB_STEP(d, kind, zb_which(b), a, bb, c, dd);
	if (t == NULL)
		return;
	e = zb_trace_claim(t);
	e->time_ns = t->time_ns;
	e->packet = t->packet;
	e->a = a;
	e->b = bb;
	e->c = c;
	e->d = dd;
	e->descriptor = d->number;
	e->kind = (uint8_t)kind;
	e->buffer = zb_which(b);
}

/* ---- slots.c: the moves of spec 2.2 to 2.6 and 2.17 ---- */

/* The hold buffer may be taken back.  On 2008-04 asking changes the answer to
   can_write (spec 5.2). */
bool	zb_can_free(struct zb_descriptor *);
/* The store buffer may be written. */
bool	zb_can_write(const struct zb_descriptor *);
/* hold := store, store := free; the new hold is published. */
void	zb_rotate(struct zb_descriptor *, enum zb_cause);
/* free := hold. */
void	zb_reclaim(struct zb_descriptor *, enum zb_cause);
/* The store is full and nothing is free: it is lent as well. */
void	zb_publish_store(struct zb_descriptor *);
/* zbuf: takes back what was acknowledged, in order (spec 5.9 M3). */
void	zb_settle(struct zb_descriptor *, enum zb_cause);
/* Counters and, as far as they may be touched, buffers. */
void	zb_reset(struct zb_descriptor *, enum zb_cause);

/* ---- wait.c: readiness, sleep and wake-up (spec 2.11 to 2.14) ---- */

bool	zb_ready(struct zb_descriptor *);
void	zb_wakeup(struct zb_descriptor *, enum zb_cause);
/* The timer is stopped and the state is idle again; was it timed out? */
bool	zb_cancel_timer(struct zb_descriptor *);
/* Waits until read(2) no longer copies the hold buffer.  A signal waits, too:
   a request that has begun is carried out. */
void	zb_wait_hold_in_use(struct zb_descriptor *);

/* ---- memory.c: where the two buffers come from ---- */

bool	zb_has_buffers(const struct zb_descriptor *);
/* Not locked.  In place of those that it has, if any. */
int	zb_allocate_buffers(struct zb_descriptor *, uint32_t size);
/* Handlers of requests (ioctl.c); the first is not locked. */
int	zb_set_zbuf(struct zb_descriptor *, void *data);
int	zb_rotate_zbuf(struct zb_descriptor *, void *data);
/* The buffers leave their slots, and then, without the lock, the descriptor.
   False: it has none. */
bool	zb_take_buffers_out(struct zb_descriptor *, struct zb_buffer pair[2]);
void	zb_return_buffers(struct zb_descriptor *, struct zb_buffer pair[2]);

/* ---- attach.c ---- */

/* Handlers of requests (ioctl.c), not locked. */
int	zb_set_interface(struct zb_descriptor *, void *data);
int	zb_set_link_type(struct zb_descriptor *, void *data);
void	zb_detach(struct zb_descriptor *, enum zb_cause);

/* ---- filter.c ---- */

/* Not locked. */
int	zb_set_filter(struct zb_descriptor *, uint32_t request,
	    const struct zb_bpf_program *);

#endif /* ZB_INTERNAL_H */
