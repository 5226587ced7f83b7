/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The buffer model of read(2): two pieces of the kernel's own memory.  bpf.c
 * calls these where a descriptor's bd_bufmode is BPF_BUFMODE_BUFFER.
 */
#ifndef _NET_BPF_BUFFER_H_
#define	_NET_BPF_BUFFER_H_

#ifndef _KERNEL
#error "for the kernel only"
#endif

/* At open: the size that buffers will have.  Not locked. */
void	bpf_buffer_init(struct bpf_d *d);

/* At the end of a descriptor's life: all three slots.  Not locked. */
void	bpf_buffer_free(struct bpf_d *d);

/*
 * BIOCSBLEN, and BIOCSETIF where there are no buffers yet: allocates two.  *i:
 * bytes wanted in, bytes given out.  Not locked; may sleep.
 */
int	bpf_buffer_ioctl_sblen(struct bpf_d *d, u_int *i);

/* Puts len bytes of src at offset of buf; src is memory, or an mbuf chain.
   The caller has checked that they fit.  Locked. */
void	bpf_buffer_append_bytes(struct bpf_d *d, caddr_t buf, u_int offset,
	    void *src, u_int len);
void	bpf_buffer_append_mbuf(struct bpf_d *d, caddr_t buf, u_int offset,
	    void *src, u_int len);

/* read(2): buf is the hold buffer, marked as in use.  Not locked. */
int	bpf_buffer_uiomove(struct bpf_d *d, caddr_t buf, u_int len,
	    struct uio *uio);

#endif /* !_NET_BPF_BUFFER_H_ */
