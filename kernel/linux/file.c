// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * /dev/bpf: each open is a descriptor, and each system call goes to the engine.
 */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <net/net_namespace.h>

#include "zbl.h"

LIST_HEAD(zbl_descriptors);
DEFINE_SPINLOCK(zbl_list_lock);

static DEFINE_IDA(numbers);	/* each descriptor's, while it is open */

struct proto zbl_proto = {
	.name = "zbuf",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct zbl_descriptor),
};

static int linux_errno(int error)
{
	if (error == ZB_EINTR)
		return -ERESTARTSYS;
	switch (error) {
#define ZBL_ERRNO(name, number)						\
	case number:							\
		return -name;
	ZB_ERRORS(ZBL_ERRNO)
#undef ZBL_ERRNO
	default:	/* the numbers are alike up to 34 */
		return error < ZB_EWOULDBLOCK ? -error : -EIO;
	}
}

static void enter(struct zbl_descriptor *d, enum zb_call call, u32 request,
		  u32 argument)
{
	if (READ_ONCE(d->engine.trace))
		zb_trace_call(&d->engine, call, request, argument);
}

static void leave(struct zbl_descriptor *d, enum zb_call call, u32 request,
		  int error, size_t value)
{
	if (READ_ONCE(d->engine.trace))
		zb_trace_return(&d->engine, call, request, error, (u32)value);
}

/* ---- open and close ---- */

static void begin_timer(struct zbl_descriptor *d)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	hrtimer_init(&d->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	d->timer.function = zbl_timer_fired;
#else
	hrtimer_setup(&d->timer, zbl_timer_fired, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
#endif
}

static void begin(struct zbl_descriptor *d, struct file *file, u16 number)
{
	const struct zb_open_args how = {
		.host = &zbl_host,
		.host_context = d,
		.tunables = &zbl_tunables,
		.revision = &zb_revisions[READ_ONCE(zbl_strict) ? ZB_FREEBSD :
					  ZB_ZBUF],
		.number = number,
		.pid = task_tgid_nr(current),
		.nonblocking = file->f_flags & O_NONBLOCK,
		.write_only = (file->f_flags & O_ACCMODE) == O_WRONLY,
	};

	spin_lock_init(&d->lock);
	mutex_init(&d->config);
	init_waitqueue_head(&d->wait);
	init_waitqueue_head(&d->copied);
	begin_timer(d);
	d->file = file;
	zb_open(&d->engine, &how);
	/* The engine begins with FreeBSD's number of it. */
	d->engine.signal = SIGIO;
}

static int zbl_open(struct inode *inode, struct file *file)
{
	struct net *net = current->nsproxy->net_ns;
	struct zbl_descriptor *d;
	struct sock *sk;
	int number;

	if (!ns_capable(net->user_ns, CAP_NET_RAW))
		return -EPERM;
	number = ida_alloc_max(&numbers, ZB_NO_DESCRIPTOR - 1, GFP_KERNEL);
	if (number < 0)
		return number == -ENOSPC ? -ENFILE : number;
	sk = sk_alloc(net, AF_UNSPEC, GFP_KERNEL_ACCOUNT, &zbl_proto, 0);
	if (!sk) {
		ida_free(&numbers, (unsigned int)number);
		return -ENOMEM;
	}
	sock_init_data(NULL, sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	d = zbl_of_sock(sk);
	begin(d, file, (u16)number);
	spin_lock_bh(&zbl_list_lock);
	list_add_rcu(&d->node, &zbl_descriptors);
	spin_unlock_bh(&zbl_list_lock);
	file->private_data = d;
	return stream_open(inode, file);
}

static int zbl_release(struct inode *inode, struct file *file)
{
	struct zbl_descriptor *d = file->private_data;

	zb_close(&d->engine);
	hrtimer_cancel(&d->timer);
	zbl_settle(d);
	kfree(d->spare);
	zbl_ring_leave(d);
	spin_lock_bh(&zbl_list_lock);
	list_del_rcu(&d->node);
	spin_unlock_bh(&zbl_list_lock);
	ida_free(&numbers, d->engine.number);
	sock_put(&d->sk);
	return 0;
}

/* ---- read and write ---- */

/* O_NONBLOCK is the file's, and fcntl(2) changes it there. */
static void follow_flags(struct zbl_descriptor *d, const struct file *file)
{
	zbl_lock(d);
	d->engine.nonblocking = file->f_flags & O_NONBLOCK;
	zbl_unlock(d);
}

static ssize_t zbl_read(struct file *file, char __user *to, size_t length,
			loff_t *at)
{
	struct zbl_descriptor *d = file->private_data;
	size_t done;
	int error;

	zb_used_by(&d->engine, task_tgid_nr(current));
	follow_flags(d, file);
	enter(d, ZB_CALL_READ, 0, (u32)length);
	error = zb_read(&d->engine, (uintptr_t)to, length, &done);
	leave(d, ZB_CALL_READ, 0, error, done);
	return error ? linux_errno(error) : (ssize_t)done;
}

static ssize_t zbl_write(struct file *file, const char __user *from,
			 size_t length, loff_t *at)
{
	struct zbl_descriptor *d = file->private_data;
	size_t done;
	int error;

	zb_used_by(&d->engine, task_tgid_nr(current));
	enter(d, ZB_CALL_WRITE, 0, (u32)length);
	error = zb_write(&d->engine, (uintptr_t)from, length, &done);
	leave(d, ZB_CALL_WRITE, 0, error, done);
	return error ? linux_errno(error) : (ssize_t)done;
}

/* ---- poll, select, epoll ---- */

static __poll_t zbl_poll(struct file *file, poll_table *table)
{
	struct zbl_descriptor *d = file->private_data;
	const __poll_t asked = poll_requested_events(table);
	int events = 0, ready;

	/* FreeBSD tells those who ask that the interface is gone. */
	if (asked & EPOLLHUP)
		events |= ZB_POLLHUP;
	if (asked & (EPOLLIN | EPOLLRDNORM))
		events |= ZB_POLLIN | ZB_POLLRDNORM;
	if (asked & (EPOLLOUT | EPOLLWRNORM))
		events |= ZB_POLLOUT;
	poll_wait(file, &d->wait, table);
	zb_used_by(&d->engine, task_tgid_nr(current));
	enter(d, ZB_CALL_POLL, 0, 0);
	ready = zb_poll(&d->engine, events);
	leave(d, ZB_CALL_POLL, 0, 0, (size_t)ready);
	return (ready & ZB_POLLHUP ? EPOLLHUP : 0) |
	       (ready & ZB_POLLIN ? EPOLLIN | EPOLLRDNORM : 0) |
	       (ready & ZB_POLLOUT ? EPOLLOUT | EPOLLWRNORM : 0);
}

static int zbl_fasync(int fd, struct file *file, int on)
{
	struct zbl_descriptor *d = file->private_data;
	int error = fasync_helper(fd, file, on, &d->fasync);

	if (error < 0)
		return error;
	/* The file has the flag by now, as on FreeBSD (spec 9.11). */
	zbl_lock(d);
	error = d->engine.locked ? -EPERM : 0;
	if (!error)
		d->engine.async = on;
	zbl_unlock(d);
	return error;
}

/* ---- ioctl ---- */

/* Which signal it is, the file knows. */
static void set_signal(struct file *file, u32 signal)
{
	const int number = signal == SIGIO ? 0 : (int)signal;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	file->f_owner.signum = number;
#else
	struct fown_struct *owner = file_f_owner(file);

	if (owner)
		owner->signum = number;
#endif
}

/* One that cannot be found leaves nobody (spec 9.10). */
int zbl_set_owner(void *context, s32 who)
{
	struct zbl_descriptor *d = context;

	if (who == INT_MIN || f_setown(d->file, who, 1)) {
		f_setown(d->file, 0, 1);
		return ZB_ESRCH;
	}
	set_signal(d->file, d->engine.signal);
	return 0;
}

s32 zbl_get_owner(void *context)
{
	struct zbl_descriptor *d = context;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	struct fown_struct *owner = &d->file->f_owner;
#else
	struct fown_struct *owner = file_f_owner(d->file);
#endif
	s32 who = 0;

	if (!owner)
		return 0;
	/* As f_getown(), which modules do not have. */
	read_lock_irq(&owner->lock);
	rcu_read_lock();
	if (pid_task(owner->pid, owner->pid_type))
		who = pid_vnr(owner->pid);
	if (owner->pid_type == PIDTYPE_PGID)
		who = -who;
	rcu_read_unlock();
	read_unlock_irq(&owner->lock);
	return who;
}

/* What FreeBSD's generic layer does before the driver is asked, so that it is
 * done even if the driver then refuses. */
static int generic_part(struct zbl_descriptor *d, struct file *file,
			u32 request, s32 value)
{
	switch (request) {
	case ZB_FIONBIO:
		spin_lock(&file->f_lock);
		if (value)
			file->f_flags |= O_NONBLOCK;
		else
			file->f_flags &= ~O_NONBLOCK;
		spin_unlock(&file->f_lock);
		return 0;
	case ZB_FIOASYNC:
		/* The engine says whether that was allowed. */
		value = zbl_fasync(-1, file, value != 0);
		return value == -EPERM ? 0 : value;
	default:
		return 0;
	}
}

/* What the engine has noted, and Linux has to know. */
static int specific_part(struct zbl_descriptor *d, struct file *file,
			 u32 request, s32 value)
{
	switch (request) {
	case ZB_BIOCSRSIG:
		set_signal(file, (u32)value);
		return 0;
	default:
		return 0;
	}
}

/* Those that change what it is attached to, one at a time. */
static int configure(struct zbl_descriptor *d, u32 request, void *argument)
{
	int error, refused;

	if (mutex_lock_interruptible(&d->config))
		return ZB_EINTR;
	error = zb_ioctl(&d->engine, request, argument);
	refused = zbl_settle(d);
	mutex_unlock(&d->config);
	return error ? error : request == ZB_BIOCPROMISC ? refused : 0;
}

static int carry_out(struct zbl_descriptor *d, u32 request, void *argument)
{
	int error;

	enter(d, ZB_CALL_IOCTL, request, 0);
	switch (request) {
	case ZB_BIOCSETIF:
	case ZB_BIOCSDLT:
	case ZB_BIOCPROMISC:
		error = configure(d, request, argument);
		break;
	default:
		error = zb_ioctl(&d->engine, request, argument);
	}
	leave(d, ZB_CALL_IOCTL, request, error, 0);
	return error;
}

static long zbl_ioctl(struct file *file, unsigned int request,
		      unsigned long user)
{
	struct zbl_descriptor *d = file->private_data;
	void __user *const outside = (void __user *)user;
	u64 argument[ZB_ARGUMENT_BYTES / sizeof(u64)] = { 0 };
	u32 length;
	int error;

	/* Linux's own number for it; its other generic ones end earlier. */
	if (request == FIONREAD)
		request = ZB_FIONREAD;
	length = ZB_IOC_LENGTH(request);
	if (!strchr("Bft", (request >> 8) & 0xff) || !((request >> 8) & 0xff))
		return -ENOTTY;
	if (length > sizeof(argument))
		return -EINVAL;
	if ((request & ZB_IOC_IN) && copy_from_user(argument, outside, length))
		return -EFAULT;

	zb_used_by(&d->engine, task_tgid_nr(current));
	error = generic_part(d, file, request, *(s32 *)argument);
	if (error)
		return error;
	error = carry_out(d, request, argument);
	if (error)
		return linux_errno(error);
	error = specific_part(d, file, request, *(s32 *)argument);
	if (error)
		return error;
	if ((request & ZB_IOC_OUT) && copy_to_user(outside, argument, length))
		return -EFAULT;
	return 0;
}

const struct file_operations zbl_fops = {
	.owner = THIS_MODULE,
	.open = zbl_open,
	.release = zbl_release,
	.read = zbl_read,
	.write = zbl_write,
	.poll = zbl_poll,
	.fasync = zbl_fasync,
	.unlocked_ioctl = zbl_ioctl,
	.show_fdinfo = zbl_show_fdinfo,
};
