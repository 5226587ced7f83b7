// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The table that the engine is given (../engine/host.h), and its simple half:
 * the lock, sleep and wake, the timer, memory.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "zbl.h"

/* Every entry into the engine reads the clock once, if anybody records. */
void zbl_lock(void *context) __acquires(context)
{
	struct zbl_descriptor *d = context;

	spin_lock_bh(&d->lock);
	if (d->engine.trace) {
		d->engine.trace->time_ns = ktime_get_ns();
		d->engine.trace->packet = ZB_NO_PACKET;
	}
}

void zbl_unlock(void *context) __releases(context)
{
	struct zbl_descriptor *d = context;

	spin_unlock_bh(&d->lock);
}

u64 zbl_ticks_to_ns(u32 ticks)
{
	return div_u64((u64)ticks * NSEC_PER_SEC, READ_ONCE(zbl_tunables.hz));
}

static int zbl_sleep(void *context, enum zb_channel channel, u32 ticks,
		     bool interruptible)
{
	struct zbl_descriptor *d = context;
	const u64 start = ktime_get_ns();
	ktime_t until = ns_to_ktime(start + zbl_ticks_to_ns(ticks));
	const int state = interruptible ? TASK_INTERRUPTIBLE :
					  TASK_UNINTERRUPTIBLE;
	struct wait_queue_head *queue = channel == ZB_FOR_DATA ? &d->wait :
								 &d->copied;
	const u32 *wakes = &d->wakes[channel], before = *wakes;
	int error = 0;
	DEFINE_WAIT(wait);

	zb_trace_sleep(&d->engine, ZB_CALL_READ);
	while (*wakes == before && !error) {
		prepare_to_wait(queue, &wait, state);
		if (interruptible && signal_pending(current)) {
			error = ZB_EINTR;
			break;
		}
		zbl_unlock(d);
		if (!schedule_hrtimeout(ticks ? &until : NULL,
					HRTIMER_MODE_ABS))
			error = ZB_EWOULDBLOCK;
		zbl_lock(d);
	}
	finish_wait(queue, &wait);
	zb_trace_resume(&d->engine, ZB_CALL_READ, ktime_get_ns() - start);
	return *wakes != before ? 0 : error;
}

/* Those who read and those who poll wait at one queue, which zbl_notify() wakes
 * right after. */
static void zbl_wake(void *context, enum zb_channel channel)
{
	struct zbl_descriptor *d = context;

	d->wakes[channel]++;
	if (channel == ZB_FOR_HOLD)
		wake_up(&d->copied);
}

/* Also from softirq. */
static void zbl_notify(void *context, u32 signal)
{
	struct zbl_descriptor *d = context;

	wake_up_interruptible_poll(&d->wait, EPOLLIN | EPOLLRDNORM |
				   (d->engine.attached ? 0 : EPOLLHUP));
	if (signal)
		kill_fasync(&d->fasync, SIGIO, POLL_IN);
}

static void zbl_timer_arm(void *context, u32 ticks)
{
	struct zbl_descriptor *d = context;

	d->timer_due = ktime_add_ns(ktime_get(), zbl_ticks_to_ns(ticks));
	hrtimer_start(&d->timer, d->timer_due, HRTIMER_MODE_ABS_SOFT);
}

static void zbl_timer_cancel(void *context)
{
	struct zbl_descriptor *d = context;

	hrtimer_try_to_cancel(&d->timer);
}

/* One that was cancelled too late, and armed again since, does nothing. */
enum hrtimer_restart zbl_timer_fired(struct hrtimer *timer)
{
	struct zbl_descriptor *d = container_of(timer, struct zbl_descriptor,
						timer);
	bool due;

	zbl_lock(d);
	due = ktime_compare(ktime_get(), d->timer_due) >= 0;
	zbl_unlock(d);
	if (due)
		zb_timer(&d->engine);
	return HRTIMER_NORESTART;
}

static void *zbl_alloc(void *context, size_t size)
{
	return kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

static void zbl_free(void *context, void *memory, size_t size)
{
	kvfree(memory);
}

static int zbl_copy_in(void *context, u64 user, void *to, size_t length)
{
	return copy_from_user(to, u64_to_user_ptr(user), length) ? ZB_EFAULT : 0;
}

static int zbl_copy_out(void *context, const void *from, u64 user,
			size_t length)
{
	return copy_to_user(u64_to_user_ptr(user), from, length) ? ZB_EFAULT : 0;
}

static void zbl_copy(void *to, const void *from, size_t length)
{
	memcpy(to, from, length);
}

/* The engine asks for no more than the packet has. */
static void zbl_copy_packet(const struct zb_packet *packet, u32 offset,
			    void *to, size_t length)
{
	if (skb_copy_bits(packet->chain, (int)offset, to, (int)length))
		memset(to, 0, length);
}

const struct zb_host zbl_host = {
	.lock = zbl_lock,
	.unlock = zbl_unlock,
	.sleep = zbl_sleep,
	.wake = zbl_wake,
	.notify = zbl_notify,
	.set_owner = zbl_set_owner,
	.get_owner = zbl_get_owner,
	.timer_arm = zbl_timer_arm,
	.timer_cancel = zbl_timer_cancel,
	.alloc = zbl_alloc,
	.free = zbl_free,
	.copy_in = zbl_copy_in,
	.copy_out = zbl_copy_out,
	.wire = zbl_wire,
	.unwire = zbl_unwire,
	.copy = zbl_copy,
	.copy_packet = zbl_copy_packet,
	.filter_new = zbl_filter_new,
	.filter_free = zbl_filter_free,
	.filter_run = zbl_filter_run,
	.find = zbl_find,
	.find_type = zbl_find_type,
	.types = zbl_types,
	.attach = zbl_attach,
	.detach = zbl_detach,
	.promiscuous = zbl_promiscuous,
	.mtu = zbl_mtu,
	.frame_in = zbl_frame_in,
	.frame_drop = zbl_frame_drop,
	.frame_send = zbl_frame_send,
};
