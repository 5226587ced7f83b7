/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The buffer model of zero-copy: two pieces of a process's memory, on loan.
 * bpf.c calls these where a descriptor's bd_bufmode is BPF_BUFMODE_ZBUF; what
 * it keeps in bd_sbuf, bd_hbuf and bd_fbuf are then not bytes but loans.
 * "Locked" means BPFD_LOCK; nothing here sleeps with it held.
 */
#ifndef _NET_BPF_ZEROCOPY_H_
#define	_NET_BPF_ZEROCOPY_H_

#ifndef _KERNEL
#error "for the kernel only"
#endif

/* ---- Packets.  Locked. ---- */

/* May the hold buffer be taken back?  May the store buffer be written? */
int	bpf_zerocopy_canfreebuf(struct bpf_d *d);
int	bpf_zerocopy_canwritebuf(struct bpf_d *d);

/* Puts len bytes of src at offset of the loan buf; src is memory, or an mbuf
   chain.  The caller has checked that they fit. */
void	bpf_zerocopy_append_bytes(struct bpf_d *d, caddr_t buf, u_int offset,
	    void *src, u_int len);
void	bpf_zerocopy_append_mbuf(struct bpf_d *d, caddr_t buf, u_int offset,
	    void *src, u_int len);

/* ---- Moves that bpf.c has just made.  Locked. ---- */

/* A packet was dropped: the store buffer is as full as it gets. */
void	bpf_zerocopy_buffull(struct bpf_d *d);
/* A buffer has come to the hold slot. */
void	bpf_zerocopy_bufheld(struct bpf_d *d);
/* A buffer has gone from the hold slot to the free one. */
void	bpf_zerocopy_buf_reclaimed(struct bpf_d *d);

/* ---- Requests of the process.  Not locked; may sleep. ---- */

int	bpf_zerocopy_ioctl_getzmax(struct thread *td, struct bpf_d *d,
	    size_t *i);
int	bpf_zerocopy_ioctl_rotzbuf(struct thread *td, struct bpf_d *d,
	    struct bpf_zbuf *bz);
int	bpf_zerocopy_ioctl_setzbuf(struct thread *td, struct bpf_d *d,
	    struct bpf_zbuf *bz);

/* At the end of a descriptor's life: all three slots, whoever owns the
   buffers.  Not locked; does not sleep. */
void	bpf_zerocopy_free(struct bpf_d *d);

#endif /* !_NET_BPF_ZEROCOPY_H_ */
