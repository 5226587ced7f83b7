/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * All that differs from one release of FreeBSD to the next, and from one
 * machine to another, for the two buffer models.
 */
#ifndef _NET_BPF_ZBUF_COMPAT_H_
#define	_NET_BPF_ZBUF_COMPAT_H_

/*
 * 13.2 is the first release whose bpf.c zeroes the padding between records and
 * looks for a departed interface; what comes after 16 nobody has looked at.
 */
#if __FreeBSD_version < 1302000 || __FreeBSD_version >= 1700000
#error "these files are for FreeBSD 13.2 to 16: kernel/freebsd/README.md"
#endif

/*
 * Waits until read(2) no longer copies the hold buffer.  Locked; gives the lock
 * up while asleep.  Until 15 that is a word of its own, in 16 one flag of many,
 * and the reader wakes another address.
 */
static inline void
bpf_zbuf_wait_hold_in_use(struct bpf_d *d)
{
#if __FreeBSD_version >= 1600000
	while ((d->bd_flags & BPFD_HBUF_INUSE) != 0)
		(void)mtx_sleep(&d->bd_hbuf, &d->bd_lock, 0, "bd_hbuf", 0);
#else
	while (d->bd_hbuf_in_use != 0)
		(void)mtx_sleep(&d->bd_hbuf_in_use, &d->bd_lock, 0, "bd_hbuf",
		    0);
#endif
}

/* ---- Pages, where <vm/vm_page.h> was included before ---- */

#ifdef _VM_PAGE_

/*
 * Where the kernel sees a page all the time: the direct map.  Machines without
 * one have PMAP_HAS_DMAP 0, and no zero-copy here.  The cast takes an integer,
 * which is what all releases give, and would take a pointer.
 */
static inline uint8_t *
bpf_zbuf_page_address(vm_page_t page)
{
	return ((uint8_t *)PHYS_TO_DMAP(VM_PAGE_TO_PHYS(page)));
}

/*
 * Holds the pages of [address, address + length) of this process: present,
 * writable, and wired until they are let go.  False: some are not there.
 * Sleeps.
 */
static inline bool
bpf_zbuf_hold_pages(struct thread *td, vm_offset_t address, vm_size_t length,
    vm_page_t *pages, int count)
{
	int held;

	held = vm_fault_quick_hold_pages(&td->td_proc->p_vmspace->vm_map,
	    address, length, VM_PROT_READ | VM_PROT_WRITE, pages, count);
	if (held == count)
		return (true);
	if (held > 0)
		vm_page_unhold_pages(pages, held);
	return (false);
}

#endif /* _VM_PAGE_ */

#endif /* !_NET_BPF_ZBUF_COMPAT_H_ */
