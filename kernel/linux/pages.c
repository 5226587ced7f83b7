// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loaned memory: the user's pages, pinned for writing, and mapped into the
 * kernel in one piece.  They stay whatever the user does to his mapping: unmap
 * it, map something else there, fork, truncate.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "zbl.h"

struct zbl_pages {
	struct mm_struct	*mm;	/* whose locked memory it counts as */
	unsigned long		count;
	struct page		*page[];
};

/* Anonymous and shared memory, and huge pages of either.  A file system would
 * not learn that its page changes, so its files cannot be lent. */
static bool may_be_lent(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_test_swapbacked(folio) || folio_test_hugetlb(folio);
}

static int pin(struct zbl_pages *pages, u64 user)
{
	int got = pin_user_pages_fast(user, (int)pages->count,
				      FOLL_WRITE | FOLL_LONGTERM, pages->page);
	unsigned long i, count = got > 0 ? got : 0;

	for (i = 0; i < count && may_be_lent(pages->page[i]); i++)
		;
	if (i == pages->count)
		return 0;
	unpin_user_pages(pages->page, count);
	return got == -ENOMEM ? ZB_ENOMEM : ZB_EFAULT;
}

int zbl_wire(void *context, u64 user, size_t length, struct zb_memory *memory)
{
	const unsigned long count = length / PAGE_SIZE;
	struct zbl_pages *pages;
	int error = ZB_ENOMEM;

	pages = kvmalloc(struct_size(pages, page, count), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return ZB_ENOMEM;
	pages->count = count;
	pages->mm = current->mm;
	if (account_locked_vm(pages->mm, count, true))
		goto over_limit;
	error = pin(pages, user);
	if (error)
		goto not_pinned;
	*memory = (struct zb_memory){
		.contiguous = vmap(pages->page, (unsigned int)count, VM_MAP,
				   PAGE_KERNEL),
		.handle = pages,
	};
	if (memory->contiguous) {
		mmgrab(pages->mm);
		return 0;
	}
	error = ZB_ENOMEM;
	unpin_user_pages(pages->page, count);
not_pinned:
	account_locked_vm(pages->mm, count, false);
over_limit:
	kvfree(pages);
	return error;
}

void zbl_unwire(void *context, struct zb_memory *memory, size_t length)
{
	struct zbl_pages *pages = memory->handle;

	vunmap(memory->contiguous);
	unpin_user_pages_dirty_lock(pages->page, pages->count, true);
	account_locked_vm(pages->mm, pages->count, false);
	mmdrop(pages->mm);
	kvfree(pages);
}
