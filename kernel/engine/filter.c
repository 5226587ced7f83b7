/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * BIOCSETF, BIOCSETFNR and BIOCSETWF (spec 4.12).  How a program is checked
 * and run is the host's affair.
 */
#include "internal.h"

#define	BPF_RET_K	0x06

/* Copies the program in and has it prepared.  *filter is NULL for none. */
static int
load_program(struct zb_descriptor *d, const struct zb_bpf_program *p,
    bool for_write, void **filter, bool *single_return)
{
	struct zb_bpf_insn *insns;
	size_t bytes;
	int error = 0;

	*filter = NULL;
	*single_return = false;
	if (p->len > d->tunables->maxinsns || (p->insns == 0 && p->len != 0))
		return (ZB_EINVAL);
	if (p->len == 0)
		return (0);
	bytes = (size_t)p->len * sizeof(*insns);
	insns = d->host->alloc(d->host_context, bytes);
	if (insns == NULL)
		return (ZB_ENOMEM);
	if (d->host->copy_in(d->host_context, p->insns, insns, bytes) != 0)
		error = ZB_EINVAL;
	else {
		*single_return = p->len == 1 && insns[0].code == BPF_RET_K;
		*filter = d->host->filter_new(d->host_context, insns, p->len,
		    for_write);
		if (*filter == NULL)
			error = ZB_EINVAL;
	}
	d->host->free(d->host_context, insns, bytes);
	return (error);
}

/* A descriptor opened for writing gets packets once it has a read filter; a
   first BIOCSETF of one instruction is libpcap's placeholder (spec 2.18). */
static void
leave_writer_list(struct zb_descriptor *d, bool placeholder)
{
	if (d->writer > 1 && placeholder)
		d->writer = 1;
	else
		d->writer = 0;
}

int
zb_set_filter(struct zb_descriptor *d, uint32_t request,
    const struct zb_bpf_program *p)
{
	const bool write = request == ZB_BIOCSETWF;
	const bool resets = request == ZB_BIOCSETF ||
	    (write && d->revision->setwf_resets);
	void *filter, *old;
	bool single_return;
	int error;

	error = load_program(d, p, write, &filter, &single_return);
	if (error != 0)
		return (error);

	zb_lock(d);
	if (resets)
		zb_wait_hold_in_use(d);
	if (write) {
		old = d->write_filter;
		d->write_filter = filter;
	} else {
		old = d->read_filter;
		d->read_filter = filter;
		if (filter != NULL)
			leave_writer_list(d, single_return &&
			    request == ZB_BIOCSETF);
	}
	zb_emit(d, ZB_EV_FILTER_SET, NULL, p->len, write,
	    request == ZB_BIOCSETFNR, 0);
	if (resets)
		zb_reset(d, ZB_BY_SETF);
	zb_unlock(d);
	if (old != NULL)
		d->host->filter_free(d->host_context, old);
	return (0);
}
