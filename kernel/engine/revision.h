/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * FreeBSD's BPF changed between 2008 and today.  What changed in the protocol
 * is one table of switches (spec 5.8, 5.9); the engine asks the table and
 * never compares revisions.
 */
#ifndef ZB_REVISION_H
#define ZB_REVISION_H

#include "types.h"

enum zb_revision_number {
	ZB_R177548 = 0,		/* 2008-03-24: zero-copy arrives */
	ZB_2008_04 = 1,		/* April 2008: both buffers may be lent
				   (reconstructed, spec 5.2 b1) */
	ZB_R180310 = 2,		/* 2008-07-05: the reclaim hook */
	ZB_FREEBSD = 3,		/* 8.3 to 16; details as in 13.2 */
	ZB_ZBUF = 4,		/* ours, mended (spec 5.9) */
	ZB_REVISIONS = 5
};

enum zb_timeout_rounding {
	ZB_ROUND_UP,		/* any time-out is at least one tick */
	ZB_ROUND_DOWN,		/* below one tick becomes 0: wait for ever */
	ZB_ROUND_AT_LEAST_ONE	/* down, but never to 0 */
};

struct zb_revision {
	const char	*name;
	const char	*when;
	uint8_t		number;			/* enum zb_revision_number */

	bool	units_open_once;	/* no /dev/bpf that open(2) clones
					   (spec 4.17) */
	bool	publish_once;		/* a private flag per buffer; a full
					   store is lent too, and not written */
	bool	free_test_clears_flag;	/* asking "can free" clears it, and
					   only that does (2008-04) */
	bool	reset_takes_hold_back;	/* even if the user owns it */
	bool	reset_empties_published_store;
	bool	setwf_resets;
	bool	has_setfnr;
	bool	has_tstamp;
	bool	has_vlan_pcp;
	bool	has_writer_list;	/* spec 2.18 */
	bool	nonblocking_read_rotates;
	bool	zeroes_padding;
	bool	drops_when_gone;
	bool	setblen_allocates;	/* and SETIF before it looks */
	bool	poll_detached_returns_errno;	/* as event bits: a fault */
	uint8_t	record_header_constant;		/* spec 1.6: 26, or 32 */
	uint8_t	timeout_rounding;		/* enum zb_timeout_rounding */

	/* Mended in zbuf only. */
	bool	private_generation;	/* M1: kernel_gen never read back */
	bool	checks_loan_first;	/* M2: SETZBUF checks, then touches;
					   A and B may not overlap */
	bool	settles;		/* M3, M4, M5 */
};

extern const struct zb_revision zb_revisions[ZB_REVISIONS];

/* By name, as the table has it; NULL if there is none. */
const struct zb_revision *zb_revision_find(const char *name);

#endif /* ZB_REVISION_H */
