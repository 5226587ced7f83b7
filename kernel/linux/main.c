// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The module: /dev/bpf, and net.bpf.* of sysctl(8).
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sysctl.h>
#include <linux/version.h>

#include "zbl.h"

#if !defined(CONFIG_64BIT) || !defined(__LITTLE_ENDIAN)
#error "The layouts of /dev/bpf are those of a 64-bit little-endian machine."
#endif

struct zb_tunables zbl_tunables = {
	.bufsize = 4096,
	.maxbufsize = 524288,
	.maxinsns = 512,
	.hz = 1000,
};
u8 zbl_strict;

static unsigned int min_bufsize = ZB_MIN_BUFSIZE;
static unsigned int max_bufsize = 1u << 30;
static unsigned int max_insns = 1024;
static unsigned int min_hz = 10, max_hz = 10000;
static unsigned int zmax = ZB_ZMAX;

#define ZBL_UINT(name, variable, low, high) {				\
	.procname = name, .data = &(variable),				\
	.maxlen = sizeof(unsigned int), .mode = 0644,			\
	.proc_handler = proc_douintvec_minmax,				\
	.extra1 = low, .extra2 = high }

#define ZBL_SWITCH(name, variable) {					\
	.procname = name, .data = &(variable), .maxlen = sizeof(u8),	\
	.mode = 0644, .proc_handler = proc_dou8vec_minmax,		\
	.extra1 = SYSCTL_ZERO, .extra2 = SYSCTL_ONE }

/* Of the machine, so only the first network namespace has them. */
static struct ctl_table zbl_sysctls[] = {
	ZBL_UINT("bufsize", zbl_tunables.bufsize, &min_bufsize, &max_bufsize),
	ZBL_UINT("maxbufsize", zbl_tunables.maxbufsize, &min_bufsize,
		 &max_bufsize),
	ZBL_UINT("maxinsns", zbl_tunables.maxinsns, SYSCTL_ONE, &max_insns),
	ZBL_UINT("hz", zbl_tunables.hz, &min_hz, &max_hz),
	ZBL_SWITCH("zerocopy_enable", zbl_tunables.zerocopy_enable),
	/* Any value but 0 counts. */
	ZBL_UINT("optimize_writers", zbl_tunables.optimize_writers, NULL,
		 NULL),
	ZBL_SWITCH("strict", zbl_strict),
	{
		.procname = "zerocopy_maxsize", .data = &zmax,
		.maxlen = sizeof(zmax), .mode = 0444,
		.proc_handler = proc_douintvec,
	},
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	{ }
#endif
};

static struct ctl_table_header *sysctls;

static struct miscdevice zbl_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bpf",
	.fops = &zbl_fops,
	.mode = 0600,
};

static int __init zbl_init(void)
{
	int error;

	BUILD_BUG_ON(sizeof(bool) != sizeof(u8));
	BUILD_BUG_ON(ZB_PAGE_SIZE != PAGE_SIZE);
	sysctls = register_net_sysctl(&init_net, "net/bpf", zbl_sysctls);
	if (!sysctls)
		return -ENOMEM;
	error = zbl_interfaces_init();
	if (error)
		goto no_interfaces;
	error = zbl_statistics_init();
	if (error)
		goto no_statistics;
	error = zbl_ring_init();
	if (error)
		goto no_ring;
	error = misc_register(&zbl_device);
	if (!error)
		return 0;
	zbl_ring_exit();
no_ring:
	zbl_statistics_exit();
no_statistics:
	zbl_interfaces_exit();
no_interfaces:
	unregister_net_sysctl_table(sysctls);
	return error;
}

/* Nothing is open: an open descriptor, and a packet that one has sent, hold
 * the module. */
static void __exit zbl_exit(void)
{
	misc_deregister(&zbl_device);
	zbl_ring_exit();
	zbl_statistics_exit();
	zbl_interfaces_exit();
	unregister_net_sysctl_table(sysctls);
}

module_init(zbl_init);
module_exit(zbl_exit);
MODULE_DESCRIPTION("bpf(4) of FreeBSD, with zero-copy buffers");
MODULE_AUTHOR("zbuf lab");
/* GPL-2.0-only OR BSD-2-Clause */
MODULE_LICENSE("Dual BSD/GPL");
