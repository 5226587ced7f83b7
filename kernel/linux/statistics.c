// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * /proc/net/bpf: a line for each descriptor of the network namespace, newest
 * first, in the words of net.bpf.stats (spec 6.1).  An interface of "-": not
 * attached.  Which of them a file is, /proc/PID/fdinfo/N says.
 */
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "zbl.h"

/* As the reader of the file counts processes: 0, one that he does not see.  The
 * engine has what the first namespace counts. */
static int pid_for_reader(int pid)
{
	struct pid_namespace *const reader = task_active_pid_ns(current);

	if (reader == &init_pid_ns)
		return pid;	/* also of one that has ended */
	return pid_nr_ns(find_pid_ns(pid, &init_pid_ns), reader);
}

/* RCU. */
static void show_one(struct seq_file *file, struct zbl_descriptor *d)
{
	struct zb_xbpf_d x;
	bool attached, writer;

	zb_stats(&d->engine, &x);
	zbl_lock(d);
	attached = d->engine.attached;
	writer = d->engine.writer > 0;
	zbl_unlock(d);
	seq_printf(file, "%u %d %.16s %c%c%c%c%c%c%c",
		   d->engine.number, pid_for_reader(x.pid),
		   attached ? x.ifname : "-",
		   x.promisc ? 'p' : '-', x.immediate ? 'i' : '-',
		   x.hdrcmplt ? '-' : 'f',
		   x.direction == ZB_D_IN ? '-' :
		   x.direction == ZB_D_OUT ? 'o' : 's',
		   x.locked ? 'l' : '-', x.async ? 'a' : '-',
		   writer ? 'w' : '-');
	seq_printf(file, " %llu %llu %llu %d %d %d %llu %llu %llu %llu %u\n",
		   x.rcount, x.dcount, x.fcount, x.slen, x.hlen, x.bufsize,
		   x.wcount, x.wfcount, x.wdcount, x.zcopy, x.bufmode);
}

static int show(struct seq_file *file, void *nothing)
{
	struct zbl_descriptor *d;

	seq_puts(file, "number pid interface flags recv drop match store hold bufsize "
		 "written wmatch wdrop zcopy mode\n");
	rcu_read_lock();
	list_for_each_entry_rcu(d, &zbl_descriptors, node)
		if (net_eq(sock_net(&d->sk), seq_file_single_net(file)))
			show_one(file, d);
	rcu_read_unlock();
	return 0;
}

void zbl_show_fdinfo(struct seq_file *to, struct file *file)
{
	const struct zbl_descriptor *d = file->private_data;

	seq_printf(to, "bpf-number:\t%u\nbpf-revision:\t%s\n",
		   d->engine.number, d->engine.revision->name);
}

static int __net_init begin(struct net *net)
{
	return proc_create_net_single("bpf", 0400, net->proc_net, show, NULL) ?
	       0 : -ENOMEM;
}

static void __net_exit end(struct net *net)
{
	remove_proc_entry("bpf", net->proc_net);
}

static struct pernet_operations operations = { .init = begin, .exit = end };

int zbl_statistics_init(void)
{
	return register_pernet_subsys(&operations);
}

void zbl_statistics_exit(void)
{
	unregister_pernet_subsys(&operations);
}
