/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The buffer model of read(2).  The kernel fills memory of its own, and a
 * reader copies the whole hold buffer out.  No ownership to watch: a buffer is
 * the kernel's, always.
 */
#include "opt_bpf.h"

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/lock.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/mutex.h>
#include <sys/sdt.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/uio.h>

#include <net/if.h>
#include <net/bpf.h>
#include <net/bpf_buffer.h>
#include <net/bpfdesc.h>
#include <net/bpf_zbuf_compat.h>

static u_int bpf_bufsize = 4096;
SYSCTL_UINT(_net_bpf, OID_AUTO, bufsize, CTLFLAG_RW, &bpf_bufsize, 0,
    "Bytes of each buffer, where BIOCSBLEN does not ask for another size");
static u_int bpf_maxbufsize = BPF_MAXBUFSIZE;
SYSCTL_UINT(_net_bpf, OID_AUTO, maxbufsize, CTLFLAG_RW, &bpf_maxbufsize, 0,
    "The most bytes that BIOCSBLEN gives to a buffer");

SDT_PROVIDER_DECLARE(zbuf);
SDT_PROBE_DEFINE2(zbuf, bpf, buffer, allocated,
    "struct bpf_d *",		/* descriptor */
    "uint32_t");		/* bytes of each buffer */
SDT_PROBE_DEFINE3(zbuf, bpf, buffer, appended,
    "struct bpf_d *",		/* descriptor */
    "uint32_t",			/* offset in the store buffer */
    "uint32_t");		/* bytes */
SDT_PROBE_DEFINE3(zbuf, bpf, buffer, copied_out,
    "struct bpf_d *",		/* descriptor */
    "uint32_t",			/* bytes */
    "int");			/* errno */
SDT_PROBE_DEFINE1(zbuf, bpf, buffer, freed,
    "struct bpf_d *");		/* descriptor */

/* The three slots of a descriptor, taken out of it. */
struct slots {
	caddr_t	store;
	caddr_t	hold;
	caddr_t	free;
};

static void
take_slots(struct bpf_d *d, struct slots *old)
{
	old->store = d->bd_sbuf;
	old->hold = d->bd_hbuf;
	old->free = d->bd_fbuf;
	d->bd_sbuf = d->bd_hbuf = d->bd_fbuf = NULL;
	d->bd_slen = d->bd_hlen = 0;
}

/* An empty slot is NULL, and free(9) does not mind. */
static void
free_slots(const struct slots *old)
{
	free(old->store, M_BPF);
	free(old->hold, M_BPF);
	free(old->free, M_BPF);
}

void
bpf_buffer_init(struct bpf_d *d)
{
	d->bd_bufsize = (int)bpf_bufsize;
}

void
bpf_buffer_free(struct bpf_d *d)
{
	struct slots old;

	take_slots(d, &old);
	free_slots(&old);
	SDT_PROBE1(zbuf, bpf, buffer, freed, d);
}

/* Store = one, free = the other, hold empty (spec 2.1).  Locked.  EINVAL:
   between the caller's look and ours another thread attached, or lent. */
static int
install(struct bpf_d *d, const struct slots *fresh, u_int size,
    struct slots *old)
{
	BPFD_LOCK_ASSERT(d);
	bpf_zbuf_wait_hold_in_use(d);
	if (d->bd_bif != NULL || d->bd_bufmode != BPF_BUFMODE_BUFFER)
		return (EINVAL);
	take_slots(d, old);
	d->bd_sbuf = fresh->store;
	d->bd_fbuf = fresh->free;
	d->bd_bufsize = (int)size;
	return (0);
}

int
bpf_buffer_ioctl_sblen(struct bpf_d *d, u_int *i)
{
	struct slots fresh, old;
	u_int size;
	int error;

	size = MAX(MIN(*i, bpf_maxbufsize), BPF_MINBUFSIZE);
	*i = size;

	/*
	 * Zeroed, because what no packet has written is copied out all the
	 * same: the bytes between two records.
	 */
	fresh.store = malloc(size, M_BPF, M_WAITOK | M_ZERO);
	fresh.free = malloc(size, M_BPF, M_WAITOK | M_ZERO);
	fresh.hold = NULL;

	BPFD_LOCK(d);
	error = install(d, &fresh, size, &old);
	BPFD_UNLOCK(d);
	if (error != 0) {
		free_slots(&fresh);
		return (error);
	}
	free_slots(&old);
	SDT_PROBE2(zbuf, bpf, buffer, allocated, d, size);
	return (0);
}

void
bpf_buffer_append_bytes(struct bpf_d *d, caddr_t buf, u_int offset, void *src,
    u_int len)
{
	BPFD_LOCK_ASSERT(d);
	memcpy(buf + offset, src, len);
	SDT_PROBE3(zbuf, bpf, buffer, appended, d, offset, len);
}

void
bpf_buffer_append_mbuf(struct bpf_d *d, caddr_t buf, u_int offset, void *src,
    u_int len)
{
	BPFD_LOCK_ASSERT(d);
	m_copydata(src, 0, (int)len, buf + offset);
	SDT_PROBE3(zbuf, bpf, buffer, appended, d, offset, len);
}

int
bpf_buffer_uiomove(struct bpf_d *d __unused, caddr_t buf, u_int len,
    struct uio *uio)
{
	int error;

	error = uiomove(buf, (int)len, uio);
	SDT_PROBE3(zbuf, bpf, buffer, copied_out, d, len, error);
	return (error);
}
