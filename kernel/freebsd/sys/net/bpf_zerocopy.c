/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The buffer model of zero-copy, on the protocol engine.  bpf.c decides when a
 * buffer moves between its three slots; this file says whether it may, tells
 * the process, and keeps the memory.
 *
 *           packet              full             acknowledged
 *   bd_fbuf --------> bd_sbuf ---------> bd_hbuf -------------> bd_fbuf
 *                     (filled)           (read)
 *
 * Two revisions of the protocol (engine/revision.h) are offered: "zbuf", the
 * mended one, and, where net.bpf.zerocopy_strict is set when BIOCSETZBUF is
 * called, "freebsd", which does what the stock files do, faults and all.
 */
#include "opt_bpf.h"

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/lock.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/mutex.h>
#include <sys/proc.h>
#include <sys/sdt.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/bpf.h>
#include <net/bpf_zerocopy.h>
#include <net/bpfdesc.h>

#include <vm/vm.h>
#include <vm/vm_param.h>
#include <vm/pmap.h>
#include <vm/vm_extern.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

/* Compiled here, so that sys/conf/files need not know of the engine. */
#include <net/zbuf_engine/buffer.c>
#include <net/zbuf_engine/event.h>
#include <net/zbuf_engine/revision.c>

#include <net/bpf_zbuf_compat.h>

_Static_assert(PAGE_SIZE == ZB_PAGE_SIZE,
    "the protocol's page is 4096 bytes, and so must the kernel's be");

static int bpf_zerocopy_strict = 0;
SYSCTL_INT(_net_bpf, OID_AUTO, zerocopy_strict, CTLFLAG_RWTUN,
    &bpf_zerocopy_strict, 0,
    "New zero-copy sessions behave as FreeBSD's own, faults included");

SDT_PROVIDER_DEFINE(zbuf);
/* A buffer's life.  "int" after the descriptor: 0 buffer A, 1 buffer B. */
SDT_PROBE_DEFINE4(zbuf, bpf, loan, loaned, "struct bpf_d *", "int",
    "uint64_t",			/* its address in the process */
    "uint32_t");		/* bytes for records */
SDT_PROBE_DEFINE3(zbuf, bpf, loan, wiped, "struct bpf_d *", "int",
    "uint32_t");		/* kernel_gen before */
SDT_PROBE_DEFINE2(zbuf, bpf, loan, refused, "struct bpf_d *",
    "int");			/* errno */
SDT_PROBE_DEFINE2(zbuf, bpf, loan, unloaded, "struct bpf_d *", "int");
/* The moves of spec 2.2 to 2.5, and what they tell the process. */
SDT_PROBE_DEFINE5(zbuf, bpf, slot, published, "struct bpf_d *", "int",
    "uint32_t",			/* kernel_len */
    "uint32_t",			/* kernel_gen */
    "int");			/* 1: still in store, 0: in hold */
SDT_PROBE_DEFINE3(zbuf, bpf, slot, held, "struct bpf_d *", "int",
    "uint32_t");		/* hold length */
SDT_PROBE_DEFINE2(zbuf, bpf, slot, reclaimed, "struct bpf_d *", "int");
SDT_PROBE_DEFINE3(zbuf, bpf, slot, rotzbuf, "struct bpf_d *",
    "uint64_t",			/* address handed out, or 0 */
    "uint32_t");		/* bytes */
/* A packet on its way. */
SDT_PROBE_DEFINE2(zbuf, bpf, packet, can_free, "struct bpf_d *",
    "int");			/* the answer */
SDT_PROBE_DEFINE2(zbuf, bpf, packet, can_write, "struct bpf_d *",
    "int");			/* the answer */
SDT_PROBE_DEFINE4(zbuf, bpf, packet, appended, "struct bpf_d *", "int",
    "uint32_t",			/* offset from record 0 */
    "uint32_t");		/* bytes */
SDT_PROBE_DEFINE3(zbuf, bpf, packet, dropped, "struct bpf_d *", "int",
    "uint32_t");		/* store length */

/* One buffer of a process, for as long as the descriptor lives. */
struct bpf_loan {
	struct zb_buffer	 buffer;
	const struct zb_revision *revision;
	int			 page_count;
	vm_page_t		*pages;		/* wired */
	uint8_t			*address[];	/* of each, in the kernel */
};

/* A slot is one of bd_sbuf, bd_hbuf and bd_fbuf. */
static inline struct bpf_loan *
loan_in(caddr_t slot)
{
	return ((struct bpf_loan *)(void *)slot);
}

static inline bool
has_buffers(const struct bpf_d *d)
{
	return (d->bd_sbuf != NULL || d->bd_hbuf != NULL || d->bd_fbuf != NULL);
}

static inline bool
is_zbuf(const struct bpf_d *d)
{
	return (d->bd_bufmode == BPF_BUFMODE_ZBUF);
}

static inline void
assert_zbuf(struct bpf_d *d)
{
	BPFD_LOCK_ASSERT(d);
	KASSERT(is_zbuf(d), ("bpf: buffer mode %u", d->bd_bufmode));
}

/* ---- What the engine asks of its host ---- */

static void
copy(void *to, const void *from, size_t length)
{
	memcpy(to, from, length);
}

static void
copy_packet(const struct zb_packet *packet, uint32_t offset, void *to,
    size_t length)
{
	m_copydata(packet->chain, (int)offset, (int)length, to);
}

static const struct zb_host host = {
	.copy = copy,
	.copy_packet = copy_packet,
};

/* ---- Packets ---- */

static bool
acknowledged(const struct bpf_loan *l)
{
	return (zb_buffer_acknowledged(&l->buffer, l->revision));
}

/* free := hold, where it is the models that move the buffer. */
static void
reclaim(struct bpf_d *d)
{
	d->bd_fbuf = d->bd_hbuf;
	d->bd_hbuf = NULL;
	d->bd_hlen = 0;
	bpf_zerocopy_buf_reclaimed(d);
}

/*
 * Takes back all that the process has acknowledged, in order (spec 5.9, M3).  A
 * store that was published is as good as held: it moves up when hold is empty,
 * and so the two buffers keep their turns (spec 3.6), poll(2) sees it, and it
 * is reclaimed in its turn.
 */
static void
settle(struct bpf_d *d)
{
	while (d->bd_hbuf != NULL && acknowledged(loan_in(d->bd_hbuf))) {
		reclaim(d);
		if (loan_in(d->bd_sbuf)->buffer.lent)
			ROTATE_BUFFERS(d);
	}
}

/*
 * bpf.c asks on each packet that finds no free buffer, on each poll(2), and in
 * a reset; and after the answer it looks at all slots and lengths anew.  So the
 * mended revision does not only say that the hold buffer may go: it settles,
 * and then there is nothing left that bpf.c could free.
 */
int
bpf_zerocopy_canfreebuf(struct bpf_d *d)
{
	int answer;

	assert_zbuf(d);
	answer = d->bd_hbuf != NULL && acknowledged(loan_in(d->bd_hbuf));
	SDT_PROBE2(zbuf, bpf, packet, can_free, d, answer);
	if (answer && loan_in(d->bd_hbuf)->revision->settles) {
		settle(d);
		return (0);
	}
	return (answer);
}

int
bpf_zerocopy_canwritebuf(struct bpf_d *d)
{
	int answer;

	assert_zbuf(d);
	/* FLUSH asks this of a descriptor without buffers, too. */
	answer = d->bd_sbuf == NULL || !loan_in(d->bd_sbuf)->buffer.lent;
	SDT_PROBE2(zbuf, bpf, packet, can_write, d, answer);
	return (answer);
}

static struct zb_buffer *
writable(struct bpf_d *d, caddr_t slot, u_int offset, u_int length)
{
	struct zb_buffer *b = &loan_in(slot)->buffer;

	assert_zbuf(d);
	KASSERT(!b->lent, ("bpf: write to a buffer that the process owns"));
	KASSERT(offset <= b->size && length <= b->size - offset,
	    ("bpf: %u bytes at %u of %u", length, offset, b->size));
	SDT_PROBE4(zbuf, bpf, packet, appended, d, b->which, offset, length);
	return (b);
}

void
bpf_zerocopy_append_bytes(struct bpf_d *d, caddr_t buf, u_int offset,
    void *src, u_int len)
{
	zb_buffer_write(writable(d, buf, offset, len), &host, offset, src, len);
}

void
bpf_zerocopy_append_mbuf(struct bpf_d *d, caddr_t buf, u_int offset, void *src,
    u_int len)
{
	const struct zb_packet packet = { .chain = src };

	zb_buffer_write_packet(writable(d, buf, offset, len), &host, offset,
	    &packet, len);
}

/* ---- Moves ---- */

/* Lends a buffer to the process, but each fill only once (spec 2.3, 2.4). */
static void
publish(struct bpf_d *d __unused, caddr_t slot, int length)
{
	struct bpf_loan *l = loan_in(slot);

	if (l->buffer.lent)
		return;
	zb_buffer_publish(&l->buffer, l->revision, (uint32_t)length);
	SDT_PROBE5(zbuf, bpf, slot, published, d, l->buffer.which, length,
	    l->buffer.generation, (slot == d->bd_sbuf));
}

void
bpf_zerocopy_buffull(struct bpf_d *d)
{
	assert_zbuf(d);
	publish(d, d->bd_sbuf, d->bd_slen);
	SDT_PROBE3(zbuf, bpf, packet, dropped, d,
	    loan_in(d->bd_sbuf)->buffer.which, d->bd_slen);
}

void
bpf_zerocopy_bufheld(struct bpf_d *d)
{
	assert_zbuf(d);
	SDT_PROBE3(zbuf, bpf, slot, held, d, loan_in(d->bd_hbuf)->buffer.which,
	    d->bd_hlen);
	publish(d, d->bd_hbuf, d->bd_hlen);
}

void
bpf_zerocopy_buf_reclaimed(struct bpf_d *d)
{
	struct bpf_loan *l = loan_in(d->bd_fbuf);

	assert_zbuf(d);
	l->buffer.lent = false;
	SDT_PROBE2(zbuf, bpf, slot, reclaimed, d, l->buffer.which);
}

/* ---- BIOCROTZBUF and BIOCGETZMAX ---- */

/*
 * Hands over a store that is not full.  Stock, an acknowledged hold is in the
 * way, and a store that was published before is handed out once more (spec
 * 2.16); mended, there is neither after settling.  Locked.
 */
static void
hand_over(struct bpf_d *d, struct bpf_zbuf *bz)
{
	if (loan_in(d->bd_sbuf)->revision->settles) {
		settle(d);
		KASSERT(d->bd_hbuf != NULL || !loan_in(d->bd_sbuf)->buffer.lent,
		    ("bpf: published, but not held"));
	}
	if (d->bd_hbuf != NULL || d->bd_slen == 0)
		return;
	ROTATE_BUFFERS(d);
	bz->bz_bufa = (void *)(uintptr_t)loan_in(d->bd_hbuf)->buffer.user;
	bz->bz_buflen = (size_t)d->bd_hlen;
}

int
bpf_zerocopy_ioctl_rotzbuf(struct thread *td __unused, struct bpf_d *d,
    struct bpf_zbuf *bz)
{
	bzero(bz, sizeof(*bz));
	BPFD_LOCK(d);
	/* bpf.c looked at the mode without the lock. */
	if (!is_zbuf(d)) {
		BPFD_UNLOCK(d);
		return (EOPNOTSUPP);
	}
	if (d->bd_sbuf != NULL)
		hand_over(d, bz);
	SDT_PROBE3(zbuf, bpf, slot, rotzbuf, d, (uintptr_t)bz->bz_bufa,
	    bz->bz_buflen);
	BPFD_UNLOCK(d);
	return (0);
}

int
bpf_zerocopy_ioctl_getzmax(struct thread *td __unused,
    struct bpf_d *d __unused, size_t *i)
{
	*i = ZB_ZMAX;
	return (0);
}

/* ---- The loan: BIOCSETZBUF (spec 4.5, 5.9 M2) ---- */

static void
wipe(struct bpf_d *d __unused, struct bpf_loan *l)
{
	struct zb_shared_header *h = zb_buffer_header(&l->buffer);

	SDT_PROBE3(zbuf, bpf, loan, wiped, d, l->buffer.which,
	    zb_header_kernel_gen(h));
	zb_header_zero(h);
}

static int
check_range(const void *address, size_t length)
{
	if ((uintptr_t)address % PAGE_SIZE != 0 || length % PAGE_SIZE != 0 ||
	    length > ZB_ZMAX)
		return (EINVAL);
	return (0);
}

/* Both, before memory is touched: mended only. */
static int
check_pair(const struct bpf_zbuf *bz)
{
	if (check_range(bz->bz_bufa, bz->bz_buflen) != 0 ||
	    check_range(bz->bz_bufb, bz->bz_buflen) != 0 ||
	    zb_ranges_overlap((uintptr_t)bz->bz_bufa, (uintptr_t)bz->bz_bufb,
	    bz->bz_buflen))
		return (EINVAL);
	return (0);
}

/* May this descriptor be given buffers?  Locked. */
static int
check_vacant(struct bpf_d *d)
{
	BPFD_LOCK_ASSERT(d);
	return (!is_zbuf(d) || has_buffers(d) || d->bd_bif != NULL ?
	    EINVAL : 0);
}

static void
release_loan(struct bpf_d *d __unused, struct bpf_loan *l)
{
	if (l == NULL)
		return;
	SDT_PROBE2(zbuf, bpf, loan, unloaded, d, l->buffer.which);
	vm_page_unhold_pages(l->pages, l->page_count);
	free(l, M_BPF);
}

/* Wires one buffer.  Sleeps.  Pre: the range is as check_range() wants it. */
static int
take_loan(struct thread *td, enum zb_which which, void *address, size_t length,
    const struct zb_revision *rev, struct bpf_loan **result)
{
	const int count = (int)(length / PAGE_SIZE);
	struct bpf_loan *l;

	l = malloc(sizeof(*l) + (size_t)count * (sizeof(l->address[0]) +
	    sizeof(l->pages[0])), M_BPF, M_WAITOK | M_ZERO);
	l->revision = rev;
	l->page_count = count;
	l->pages = (vm_page_t *)(void *)&l->address[count];
	if (!bpf_zbuf_hold_pages(td, (vm_offset_t)address, length, l->pages,
	    count)) {
		free(l, M_BPF);
		return (EFAULT);
	}
	for (int i = 0; i < count; i++)
		l->address[i] = bpf_zbuf_page_address(l->pages[i]);
	l->buffer.memory.pages = l->address;
	l->buffer.user = (uintptr_t)address;
	l->buffer.size = (uint32_t)length - ZB_HEADER_SIZE;
	l->buffer.header = ZB_HEADER_SIZE;
	l->buffer.which = (uint8_t)which;
	*result = l;
	return (0);
}

/* Two addresses can lead to one page, as with memory that is mapped twice. */
static bool
loans_share_a_page(const struct bpf_loan *a, const struct bpf_loan *b)
{
	for (int i = 0; i < a->page_count; i++)
		for (int k = 0; k < b->page_count; k++)
			if (a->pages[i] == b->pages[k])
				return (true);
	return (false);
}

/* The stock order: each buffer is wiped as it passes, whatever comes after. */
static int
take_pair_strict(struct thread *td, struct bpf_d *d, const struct bpf_zbuf *bz,
    const struct zb_revision *rev, struct bpf_loan *pair[2])
{
	void *const address[2] = { bz->bz_bufa, bz->bz_bufb };
	int error;

	for (int i = ZB_A; i <= ZB_B; i++) {
		error = check_range(address[i], bz->bz_buflen);
		if (error == 0)
			error = take_loan(td, (enum zb_which)i, address[i],
			    bz->bz_buflen, rev, &pair[i]);
		if (error != 0)
			return (error);
		wipe(d, pair[i]);
	}
	return (0);
}

static int
take_pair(struct thread *td, struct bpf_d *d, const struct bpf_zbuf *bz,
    const struct zb_revision *rev, struct bpf_loan *pair[2])
{
	int error;

	BPFD_LOCK(d);
	error = check_vacant(d);
	BPFD_UNLOCK(d);
	if (error == 0)
		error = check_pair(bz);
	if (error == 0)
		error = take_loan(td, ZB_A, bz->bz_bufa, bz->bz_buflen, rev,
		    &pair[ZB_A]);
	if (error == 0)
		error = take_loan(td, ZB_B, bz->bz_bufb, bz->bz_buflen, rev,
		    &pair[ZB_B]);
	if (error == 0 && loans_share_a_page(pair[ZB_A], pair[ZB_B]))
		error = EINVAL;
	return (error);
}

/* Store = A, free = B, hold empty (spec 2.1). */
static int
install_pair(struct bpf_d *d, const struct zb_revision *rev,
    struct bpf_loan *pair[2])
{
	int error;

	BPFD_LOCK(d);
	error = check_vacant(d);
	if (error == 0) {
		for (int i = ZB_A; i <= ZB_B; i++) {
			if (rev->checks_loan_first)
				wipe(d, pair[i]);
			SDT_PROBE4(zbuf, bpf, loan, loaned, d, i,
			    pair[i]->buffer.user, pair[i]->buffer.size);
		}
		d->bd_sbuf = (caddr_t)pair[ZB_A];
		d->bd_fbuf = (caddr_t)pair[ZB_B];
		d->bd_hbuf = NULL;
		d->bd_slen = d->bd_hlen = 0;
		d->bd_bufsize = (int)pair[ZB_A]->buffer.size;
	}
	BPFD_UNLOCK(d);
	return (error);
}

int
bpf_zerocopy_ioctl_setzbuf(struct thread *td, struct bpf_d *d,
    struct bpf_zbuf *bz)
{
	const struct zb_revision *rev =
	    &zb_revisions[bpf_zerocopy_strict != 0 ? ZB_FREEBSD : ZB_ZBUF];
	struct bpf_loan *pair[2] = { NULL, NULL };
	int error;

	if (!PMAP_HAS_DMAP)
		error = EOPNOTSUPP;
	else if (bz->bz_bufa == NULL || bz->bz_bufb == NULL ||
	    bz->bz_buflen == 0)
		error = EINVAL;
	else if (rev->checks_loan_first)
		error = take_pair(td, d, bz, rev, pair);
	else
		error = take_pair_strict(td, d, bz, rev, pair);
	if (error == 0)
		error = install_pair(d, rev, pair);
	if (error != 0) {
		SDT_PROBE2(zbuf, bpf, loan, refused, d, error);
		release_loan(d, pair[ZB_A]);
		release_loan(d, pair[ZB_B]);
	}
	return (error);
}

void
bpf_zerocopy_free(struct bpf_d *d)
{
	release_loan(d, loan_in(d->bd_sbuf));
	release_loan(d, loan_in(d->bd_hbuf));
	release_loan(d, loan_in(d->bd_fbuf));
	d->bd_sbuf = d->bd_hbuf = d->bd_fbuf = NULL;
}
